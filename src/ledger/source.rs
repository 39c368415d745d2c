//! Where a ledger's bytes are, and how to open them again after a failure.

use std::{
    fmt,
    fs::{File, OpenOptions},
    io,
    ops::Bound,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use redb::{BackendError, Builder, Database, StorageBackend, backends::FileBackend};

use super::{
    LedgerError,
    journal::{Checkpoint, Journaled, REGION_BYTES},
};

/// Memory redb may use to cache pages of one ledger, in bytes.
const CACHE_BYTES: usize = 64 * 1024 * 1024;

/// The same for a ledger that is read from its first row to its last: no page comes twice.
const ALONG_CACHE_BYTES: usize = 8 * 1024 * 1024;

/// The same while a ledger is written whole.
const REBUILD_CACHE_BYTES: usize = 64 * 1024 * 1024;

/// What is in a ledger or its journal is for whoever runs the server.
const OWNER_ONLY: u32 = 0o600;

/// Whether opening verifies every page, or trusts a file that was closed cleanly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Integrity {
    /// Trust a clean file; a crashed one is still verified by redb. O(1), or O(file) after a crash.
    Trusted,
    /// Read and verify every page. O(file).
    Verified,
}

/// The place a ledger lives in, opened once for each opening of the ledger.
pub trait Storage: fmt::Debug + Send + Sync + 'static {
    /// Gives the bytes as they are on the device: what was written but not synced by an earlier
    /// opening must be synced, or forgotten when that failed. A ledger opened over pages that are
    /// only in memory takes their commits for durable and builds on them.
    ///
    /// # Errors
    /// When the bytes cannot be had; the call may be repeated.
    fn open(&self) -> io::Result<Arc<dyn StorageBackend>>;

    /// Memory for pages that may be read again, in bytes.
    fn cache_bytes(&self) -> usize {
        CACHE_BYTES
    }
}

/// Opens the database in a storage, creating an empty one when there is none.
pub(super) fn open(storage: &dyn Storage, integrity: Integrity) -> Result<Database, LedgerError> {
    let mut builder = Builder::new();
    builder.set_cache_size(storage.cache_bytes());
    builder.set_check_integrity_on_open(integrity == Integrity::Verified);
    Ok(builder.create_with_backend(Shared(storage.open()?))?)
}

/// Creates a database in a new file without a journal, for a ledger that is written whole.
pub(super) fn create_new(path: &Path) -> Result<Database, LedgerError> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true).mode(OWNER_ONLY);
    let file = options.open(path)?;
    sync_directory_of(path)?;
    let mut builder = Builder::new();
    builder.set_cache_size(REBUILD_CACHE_BYTES);
    Ok(builder.create_with_backend(FileBackend::new(file)?)?)
}

/// A storage that is there once: the same backend at every opening.
#[derive(Debug)]
pub(super) struct OneBackend(pub(super) Arc<dyn StorageBackend>);

impl Storage for OneBackend {
    fn open(&self) -> io::Result<Arc<dyn StorageBackend>> {
        self.0.sync_data()?;
        Ok(Arc::clone(&self.0))
    }
}

/// A file that is read from end to end.
#[derive(Debug)]
pub(super) struct ReadAlong(pub(super) FileStorage);

impl Storage for ReadAlong {
    fn open(&self) -> io::Result<Arc<dyn StorageBackend>> {
        self.0.open()
    }

    fn cache_bytes(&self) -> usize {
        ALONG_CACHE_BYTES
    }
}

/// A file and the journal beside it, created when there are none.
#[derive(Debug)]
pub(super) struct FileStorage(pub(super) PathBuf);

impl Storage for FileStorage {
    fn open(&self) -> io::Result<Arc<dyn StorageBackend>> {
        let journal = open_file(&journal_path(&self.0))?;
        // Before anything is read: a replay under a running process would destroy its file.
        if !journal.try_lock_range(Bound::Unbounded, Bound::Unbounded).map_err(io::Error::from)? {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let data = open_file(&self.0)?;
        let storage = Journaled::open(data, journal, REGION_BYTES, Checkpoint::Background)?;
        Ok(Arc::new(storage))
    }
}

/// Path of the journal of a ledger: its own, with `-journal` appended.
fn journal_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-journal");
    PathBuf::from(name)
}

/// Opens a file as it is on the device, creating it when there is none.
fn open_file(path: &Path) -> io::Result<Arc<FileBackend>> {
    let exists = path.try_exists()?;
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(OWNER_ONLY);
    let file = options.open(path)?;
    if exists {
        file.sync_data()?;
        forget_cached_pages(&file);
    } else {
        sync_directory_of(path)?;
    }
    FileBackend::new(file).map(Arc::new).map_err(io::Error::other)
}

/// Asks the kernel to forget the clean pages of the file. After a failed fsync it keeps pages that
/// never reached the device, marked clean; a ledger reopened over those would take them for saved.
fn forget_cached_pages(file: &File) {
    // Advice only: a file system that cannot do it has no such pages to offer.
    let _ = rustix::fs::fadvise(file, 0, None, rustix::fs::Advice::DontNeed);
}

/// Makes the directory entry of a new file durable.
fn sync_directory_of(path: &Path) -> io::Result<()> {
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        Some(_) | None => Path::new("."),
    };
    File::open(directory)?.sync_all()
}

/// A handle on a backend that stays usable when the database over it is dropped.
#[derive(Debug)]
struct Shared(Arc<dyn StorageBackend>);

impl StorageBackend for Shared {
    fn len(&self) -> io::Result<u64> {
        self.0.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.0.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.0.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.0.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.0.write(offset, data)
    }

    fn close(&self) -> io::Result<()> {
        self.0.close()
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.0.try_lock_range(start, end)
    }

    fn try_lock_shared_range(
        &self,
        start: Bound<u64>,
        end: Bound<u64>,
    ) -> Result<bool, BackendError> {
        self.0.try_lock_shared_range(start, end)
    }

    fn lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.0.lock_range(start, end)
    }

    fn lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.0.lock_shared_range(start, end)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.0.unlock_range(start, end)
    }

    fn query_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.0.query_lock_range(start, end)
    }
}
