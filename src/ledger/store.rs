//! The ledger of one organisation: opening, committing, reopening.

use std::{path::Path, sync::Arc};

use parking_lot::RwLock;
use redb::{Database, ReadableDatabase, StorageBackend};

use super::{
    Draft, Head, LedgerError, Lsn, Record, Schema, Snapshot,
    batch::Batch,
    migrate,
    record::genesis_hash,
    source::{self, FileStorage, Integrity, OneBackend, Storage},
    tables::{
        LOG, META, META_ANCHOR, META_EPOCH, META_FORMAT, META_ORGANISATION, META_SCHEMA, TOUCHED,
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
}

/// A handle for taking snapshots on any thread. O(1) to clone; survives a reopening.
#[derive(Debug, Clone)]
pub struct Reader {
    slot: Slot,
    schema: Arc<Schema>,
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

    /// A handle for taking snapshots on other threads. O(1).
    #[must_use]
    pub fn reader(&self) -> Reader {
        Reader { slot: Arc::clone(&self.slot), schema: Arc::clone(&self.schema) }
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
    if is_new { create(database, schema) } else { accept(database, schema) }
}

fn create(database: &Database, schema: &Schema) -> Result<(), LedgerError> {
    let mut anchor = Lsn::ZERO.0.to_be_bytes().to_vec();
    anchor.extend_from_slice(&genesis_hash(&schema.organisation));
    let transaction = database.begin_write()?;
    {
        let mut meta = transaction.open_table(META)?;
        meta.insert(META_FORMAT, FILE_FORMAT.to_be_bytes().as_slice())?;
        meta.insert(META_SCHEMA, schema.version.to_be_bytes().as_slice())?;
        meta.insert(META_ORGANISATION, schema.organisation.as_slice())?;
        meta.insert(META_EPOCH, 1u64.to_be_bytes().as_slice())?;
        meta.insert(META_ANCHOR, anchor.as_slice())?;
        transaction.open_table(LOG)?;
        transaction.open_table(TOUCHED)?;
    }
    transaction.commit()?;
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
