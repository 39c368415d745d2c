//! The ledger of one organisation: opening, committing, reopening.

use std::{path::Path, sync::Arc};

use parking_lot::RwLock;
use redb::{Database, ReadableDatabase, StorageBackend, WriteTransaction};
use tokio::sync::watch;

use super::{
    Draft, Head, LedgerError, Lsn, Record, Schema, Snapshot,
    batch::Batch,
    migrate,
    record::genesis_hash,
    source::{self, FileStorage, Integrity, OneBackend, ReadAlong, Storage},
    tables::{
        LOG, META, META_ANCHOR, META_EPOCH, META_FORMAT, META_ORGANISATION, META_SCHEMA, TOUCHED,
        pack_head,
    },
};

/// Version of the file format (tables and keys) this release writes.
pub const FILE_FORMAT: u32 = 1;

/// The database, when it is open. Shared with readers, so that they follow a reopening; only the
/// ledger itself takes the write lock, and only to open and close.
pub(super) type Slot = Arc<RwLock<Option<Database>>>;

/// The one writer of an organisation's ledger.
///
/// Owned by a single thread; hand [`Reader`]s to the others.
#[derive(Debug)]
pub struct Ledger {
    storage: Arc<dyn Storage>,
    schema: Arc<Schema>,
    slot: Slot,
    head: Head,
    poisoned: bool,
    tail: watch::Sender<Tail>,
}

/// How far the log reaches, as followers are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tail {
    /// The newest commit.
    pub lsn: Lsn,
    /// Bytes of log committed since the ledger was opened.
    pub bytes: u64,
}

/// A handle for taking snapshots on any thread. O(1) to clone; survives a reopening.
#[derive(Debug, Clone)]
pub struct Reader {
    slot: Slot,
    schema: Arc<Schema>,
    tail: watch::Receiver<Tail>,
}

impl Reader {
    /// A consistent view of the newest commit. O(1); does not wait for a commit in progress.
    ///
    /// # Errors
    /// `NeedsReopen` while the ledger is closed after a failure, or a storage error.
    pub fn snapshot(&self) -> Result<Snapshot, LedgerError> {
        let guard = self.slot.read();
        let database = guard.as_ref().ok_or(LedgerError::NeedsReopen)?;
        Ok(Snapshot { transaction: database.begin_read()?, schema: Arc::clone(&self.schema) })
    }

    /// Tells of every commit, for whoever follows the log: what it says is on disk. O(1).
    #[must_use]
    pub fn tail(&self) -> watch::Receiver<Tail> {
        self.tail.clone()
    }
}

impl Ledger {
    /// Opens the ledger in a file, creating it when there is none (its directory must exist), and
    /// brings its rows up to the schema's version. O(log n) for a file that was closed cleanly,
    /// O(file) after a crash; plus its migrations.
    ///
    /// # Errors
    /// `AlreadyOpen`, `Newer`, `WrongOrganisation`, `BadSchema`, `Migration`, `DiskFull`, `Io`,
    /// `Corrupt`.
    pub fn open(path: impl AsRef<Path>, schema: Schema) -> Result<Ledger, LedgerError> {
        Ledger::open_storage(FileStorage(path.as_ref().to_path_buf()), schema)
    }

    /// Opens the ledger in a file to read its rows from the first to the last, in little memory.
    ///
    /// # Errors
    /// As [`Ledger::open`].
    pub fn open_along(path: impl AsRef<Path>, schema: Schema) -> Result<Ledger, LedgerError> {
        let storage = ReadAlong(FileStorage(path.as_ref().to_path_buf()));
        Ledger::open_storage(storage, schema)
    }

    /// Whose ledger a file holds. Nothing is written but what a crash left to be recovered.
    ///
    /// # Errors
    /// As [`Ledger::open`]; `Io` where there is no file.
    pub fn whose(path: impl AsRef<Path>, mut schema: Schema) -> Result<[u8; 16], LedgerError> {
        std::fs::metadata(path.as_ref())?;
        schema.organisation = [0; 16];
        let storage = FileStorage(path.as_ref().to_path_buf());
        match Ledger::open_unmigrated(storage, schema, Integrity::Trusted) {
            Err(LedgerError::WrongOrganisation { found, .. }) => Ok(found),
            Err(error) => Err(error),
            Ok(ledger) => Ok(ledger.schema.organisation),
        }
    }

    /// Opens the ledger in any backend. The backend is kept, and used again by
    /// [`Ledger::reopen`]: its `close` must leave it usable.
    ///
    /// # Errors
    /// As [`Ledger::open`].
    pub fn open_with(backend: impl StorageBackend, schema: Schema) -> Result<Ledger, LedgerError> {
        Ledger::open_storage(OneBackend(Arc::new(backend)), schema)
    }

    /// Opens the ledger in any storage.
    ///
    /// # Errors
    /// As [`Ledger::open`].
    pub fn open_storage(storage: impl Storage, schema: Schema) -> Result<Ledger, LedgerError> {
        let mut ledger = Ledger::open_unmigrated(storage, schema, Integrity::Trusted)?;
        migrate::run(&mut ledger)?;
        Ok(ledger)
    }

    /// Opens without running migrations.
    pub(super) fn open_unmigrated(
        storage: impl Storage,
        schema: Schema,
        integrity: Integrity,
    ) -> Result<Ledger, LedgerError> {
        schema.validate()?;
        let mut ledger = Ledger {
            storage: Arc::new(storage),
            head: Head { lsn: Lsn::ZERO, hash: genesis_hash(&schema.organisation) },
            schema: Arc::new(schema),
            slot: Slot::default(),
            poisoned: true,
            tail: watch::Sender::new(Tail::default()),
        };
        ledger.open_slot(integrity)?;
        Ok(ledger)
    }

    /// Commits drafts, in order, in one durable transaction: all of them or none. Returns the
    /// records once they are safe on the device. O(bytes + changes * log n) and one fsync.
    ///
    /// Drafts may build on each other's rows within the batch.
    ///
    /// # Errors
    /// `RowMismatch`, `BadChange`, `UnknownTable` or `Record`: nothing is written, the handle is
    /// good. `DiskFull`, `Io` or `Corrupt`: nothing is acknowledged, but the batch may already be
    /// on disk as a whole; [`Ledger::reopen`] tells. `NeedsReopen` until then.
    pub fn append(&mut self, drafts: Vec<Draft>) -> Result<Vec<Arc<Record>>, LedgerError> {
        self.commit(drafts, None)
    }

    /// `append`, raising the schema version in the same transaction when given.
    pub(super) fn commit(
        &mut self,
        drafts: Vec<Draft>,
        raise_schema_to: Option<u32>,
    ) -> Result<Vec<Arc<Record>>, LedgerError> {
        if self.poisoned {
            return Err(LedgerError::NeedsReopen);
        }
        let batch = Batch::seal(drafts, self.head)?;
        let Some(head) = batch.head() else { return Ok(Vec::new()) };
        let written = {
            let guard = self.slot.read();
            let database = guard.as_ref().ok_or(LedgerError::NeedsReopen)?;
            batch.write(database, &self.schema, raise_schema_to)
        };
        match written {
            Ok(()) => {
                self.head = head;
                self.tell(batch.bytes());
                Ok(batch.records)
            }
            Err(error) => {
                self.poisoned = error.needs_reopen();
                Err(error)
            }
        }
    }

    /// The newest commit. O(1). Meaningless while [`Ledger::is_poisoned`].
    #[must_use]
    pub fn head(&self) -> Head {
        self.head
    }

    /// The tables and the organisation.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Whether a failure left this handle unusable until [`Ledger::reopen`].
    #[must_use]
    pub fn is_poisoned(&self) -> bool {
        self.poisoned
    }

    /// Lets nothing be written until [`Ledger::reopen`].
    pub(super) fn poison(&mut self) {
        self.poisoned = true;
    }

    /// A handle for taking snapshots on other threads. O(1).
    #[must_use]
    pub fn reader(&self) -> Reader {
        let tail = self.tail.subscribe();
        Reader { slot: Arc::clone(&self.slot), schema: Arc::clone(&self.schema), tail }
    }

    /// Tells followers how far the log reaches, `bytes` further than before.
    fn tell(&self, bytes: u64) {
        self.tail.send_modify(|tail| {
            tail.lsn = self.head.lsn;
            tail.bytes = tail.bytes.saturating_add(bytes);
        });
    }

    /// A consistent view of the newest commit. O(1).
    ///
    /// # Errors
    /// As [`Reader::snapshot`].
    pub fn snapshot(&self) -> Result<Snapshot, LedgerError> {
        self.reader().snapshot()
    }

    /// Drops everything held in memory and opens the ledger again from what is on disk, after an
    /// error with [`LedgerError::needs_reopen`]. Commits that were not acknowledged may turn up:
    /// compare [`Ledger::head`] before and after. Snapshots taken before fail from now on.
    /// O(file) after a failed commit, as after a crash.
    ///
    /// # Errors
    /// As [`Ledger::open`]; the handle stays unusable, and this may be called again.
    pub fn reopen(&mut self) -> Result<Head, LedgerError> {
        self.poisoned = true;
        self.open_slot(Integrity::Trusted)?;
        migrate::run(self)?;
        Ok(self.head)
    }

    /// Closes the database, then opens it and reads the head.
    pub(super) fn open_slot(&mut self, integrity: Integrity) -> Result<(), LedgerError> {
        // Dropped before opening: the file is locked while it is open. The slot is not, so that
        // readers are refused meanwhile and do not wait.
        drop(self.slot.write().take());
        let database = source::open(&*self.storage, integrity)?;
        prepare(&database, &self.schema)?;
        let transaction = database.begin_read()?;
        let snapshot = Snapshot { transaction, schema: Arc::clone(&self.schema) };
        self.head = snapshot.head()?;
        drop(snapshot);
        *self.slot.write() = Some(database);
        self.poisoned = false;
        self.tell(0);
        Ok(())
    }

    pub(super) fn slot(&self) -> &Slot {
        &self.slot
    }
}

/// Creates the fixed tables in an empty database; otherwise verifies that the file is one this
/// release reads, of this organisation.
fn prepare(database: &Database, schema: &Schema) -> Result<(), LedgerError> {
    let is_new = database.begin_read()?.list_tables()?.next().is_none();
    if !is_new {
        return accept(database, schema);
    }
    let transaction = database.begin_write()?;
    let anchor = Head { lsn: Lsn::ZERO, hash: genesis_hash(&schema.organisation) };
    create(&transaction, schema, schema.version, anchor, 1)?;
    transaction.commit()?;
    Ok(())
}

/// Creates the fixed tables of a ledger whose log follows `anchor`.
pub(super) fn create(
    transaction: &WriteTransaction,
    schema: &Schema,
    version: u32,
    anchor: Head,
    epoch: u64,
) -> Result<(), LedgerError> {
    let mut meta = transaction.open_table(META)?;
    meta.insert(META_FORMAT, FILE_FORMAT.to_be_bytes().as_slice())?;
    meta.insert(META_SCHEMA, version.to_be_bytes().as_slice())?;
    meta.insert(META_ORGANISATION, schema.organisation.as_slice())?;
    meta.insert(META_EPOCH, epoch.to_be_bytes().as_slice())?;
    meta.insert(META_ANCHOR, pack_head(anchor).as_slice())?;
    transaction.open_table(LOG)?;
    transaction.open_table(TOUCHED)?;
    Ok(())
}

fn accept(database: &Database, schema: &Schema) -> Result<(), LedgerError> {
    use super::snapshot::meta_value;
    let meta = database.begin_read()?.open_table(META)?;
    let format = u32::from_be_bytes(meta_value(META_FORMAT, meta.get(META_FORMAT)?)?);
    if format > FILE_FORMAT {
        return Err(LedgerError::Newer { what: "format", file: format, program: FILE_FORMAT });
    }
    let version = u32::from_be_bytes(meta_value(META_SCHEMA, meta.get(META_SCHEMA)?)?);
    if version > schema.version {
        return Err(LedgerError::Newer { what: "schema", file: version, program: schema.version });
    }
    let found = meta_value(META_ORGANISATION, meta.get(META_ORGANISATION)?)?;
    if found != schema.organisation {
        return Err(LedgerError::WrongOrganisation { expected: schema.organisation, found });
    }
    Ok(())
}
