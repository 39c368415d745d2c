//! Writing a ledger whole: the rows of a snapshot, then the commits after it.
//!
//! The file is no ledger before [`Rebuild::finish`]: whoever restores writes it under another name
//! and renames it then. Rows and commits are put in order, so that pages fill one after another.

use std::{path::Path, sync::Arc};

use redb::{Database, Durability, ReadableDatabase};

use super::{
    Head, LedgerError, Lsn, Record, Schema, Snapshot, TableId,
    batch::Batch,
    migrate::migration_number,
    source,
    store::create,
    tables::{META, META_ANCHOR, META_BRANCH, META_SCHEMA, META_TIME, RowsDefinition, pack_head},
};

/// Bytes of records put in one transaction.
const BATCH_BYTES: u64 = 8 * 1024 * 1024;

/// A ledger being written whole.
pub struct Rebuild {
    database: Database,
    schema: Arc<Schema>,
    head: Head,
    waiting: Batch,
    past: Batch,
    waiting_bytes: u64,
    log: Log,
}

/// Whether what is replayed can be looked up afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Log {
    /// Log and history of rows are written too.
    Kept,
    /// Rows only: the log of the ledger begins behind the last commit.
    Left,
}

impl Rebuild {
    /// Begins a ledger in a new file: its rows are in schema `version`, its log follows `anchor`,
    /// and it is the `epoch`th of its organisation.
    ///
    /// # Errors
    /// When the file exists or cannot be made; `Newer` for a version this release does not know.
    pub fn create(
        path: impl AsRef<Path>,
        schema: Schema,
        version: u32,
        anchor: Head,
        epoch: u64,
    ) -> Result<Rebuild, LedgerError> {
        schema.validate()?;
        if version > schema.version {
            let program = schema.version;
            return Err(LedgerError::Newer { what: "schema", file: version, program });
        }
        let database = source::create_new(path.as_ref())?;
        let transaction = database.begin_write()?;
        create(&transaction, &schema, version, anchor, epoch)?;
        transaction.commit()?;
        Ok(Rebuild {
            database,
            schema: Arc::new(schema),
            head: anchor,
            waiting: Batch::default(),
            past: Batch::default(),
            waiting_bytes: 0,
            log: Log::Kept,
        })
    }

    /// Leaves what is replayed out of the log: every commit is verified and its rows are put, and
    /// that is all of it that stays.
    #[must_use]
    pub fn without_log(self) -> Rebuild {
        Rebuild { log: Log::Left, ..self }
    }

    /// Notes when the commit was made that the rows are of, where its record does not come along:
    /// what is committed later says no earlier time.
    ///
    /// # Errors
    /// A storage error.
    pub fn dated(&self, at_us: i64) -> Result<(), LedgerError> {
        let transaction = self.database.begin_write()?;
        transaction.open_table(META)?.insert(META_TIME, at_us.to_be_bytes().as_slice())?;
        Ok(transaction.commit()?)
    }

    /// The newest commit put so far.
    #[must_use]
    pub fn head(&self) -> Head {
        self.head
    }

    /// Puts rows of one table, in ascending order of their keys. O(rows).
    ///
    /// # Errors
    /// `UnknownTable`, a storage error, or what `rows` gives.
    pub fn rows<K: AsRef<[u8]>, E: From<LedgerError>>(
        &mut self,
        table: TableId,
        rows: impl IntoIterator<Item = Result<(K, K), E>>,
    ) -> Result<u64, E> {
        let name = self.schema.table_name(table)?;
        let mut transaction = self.database.begin_write().map_err(LedgerError::from)?;
        let passing = transaction.set_durability(Durability::None);
        passing.map_err(|error| LedgerError::from(redb::Error::from(error)))?;
        let mut put = 0;
        {
            let definition = RowsDefinition::new(name);
            let mut open = transaction.open_table(definition).map_err(LedgerError::from)?;
            for row in rows {
                let (key, value) = row?;
                open.insert(key.as_ref(), value.as_ref()).map_err(LedgerError::from)?;
                put += 1;
            }
        }
        transaction.commit().map_err(LedgerError::from)?;
        Ok(put)
    }

    /// Puts the commit that comes next: its canonical bytes, whose hash is worked out here.
    /// Gives the record. O(size), and now and then a transaction.
    ///
    /// # Errors
    /// `Corrupt` when it is not the next one, `RowMismatch` when it was made from other rows, a
    /// record that does not read, or a storage error.
    pub fn replay(&mut self, canonical: Vec<u8>) -> Result<Arc<Record>, LedgerError> {
        let (record, stored) = self.next(canonical)?;
        self.waiting.push(record.clone(), stored);
        let migration = migration_number(&record);
        if migration.is_some() || self.waiting_bytes >= BATCH_BYTES {
            self.put_waiting(migration)?;
        }
        Ok(record)
    }

    /// Reads the commit that must come next, and counts it as put.
    fn next(&mut self, canonical: Vec<u8>) -> Result<(Arc<Record>, Vec<u8>), LedgerError> {
        let (record, stored) = Record::from_canonical(canonical, &self.head.hash)?;
        if record.lsn != self.head.lsn.next() {
            let (found, wanted) = (record.lsn, self.head.lsn.next());
            return Err(LedgerError::Corrupt(format!(
                "commit {found} comes where {wanted} should"
            )));
        }
        let record = Arc::new(record);
        self.head = Head { lsn: record.lsn, hash: record.hash };
        self.waiting_bytes += stored.len() as u64;
        Ok((record, stored))
    }

    /// Puts the commit that comes next into the log only: the rows put before are already those
    /// after the last of them. O(size), and now and then a transaction.
    ///
    /// # Errors
    /// As [`Rebuild::replay`].
    pub fn past(&mut self, canonical: Vec<u8>) -> Result<Arc<Record>, LedgerError> {
        let (record, stored) = self.next(canonical)?;
        self.past.push(record.clone(), stored);
        if self.waiting_bytes >= BATCH_BYTES {
            self.put_past()?;
        }
        Ok(record)
    }

    fn put_past(&mut self) -> Result<(), LedgerError> {
        let batch = std::mem::take(&mut self.past);
        self.waiting_bytes = 0;
        let mut transaction = self.database.begin_write()?;
        transaction.set_durability(Durability::None).map_err(redb::Error::from)?;
        batch.put_past(&transaction)?;
        transaction.commit()?;
        Ok(())
    }

    fn put_waiting(&mut self, raise_schema_to: Option<u32>) -> Result<(), LedgerError> {
        let batch = std::mem::take(&mut self.waiting);
        self.waiting_bytes = 0;
        let mut transaction = self.database.begin_write()?;
        transaction.set_durability(Durability::None).map_err(redb::Error::from)?;
        match self.log {
            Log::Kept => batch.put(&transaction, &self.schema)?,
            Log::Left => batch.put_rows(&transaction, &self.schema)?,
        }
        if let (Log::Left, Some(newest)) = (self.log, batch.records.last()) {
            let mut meta = transaction.open_table(META)?;
            let head = Head { lsn: newest.lsn, hash: newest.hash };
            meta.insert(META_ANCHOR, pack_head(head).as_slice())?;
            meta.insert(META_TIME, newest.at_us.to_be_bytes().as_slice())?;
        }
        if let Some(version) = raise_schema_to {
            if version > self.schema.version {
                let program = self.schema.version;
                return Err(LedgerError::Newer { what: "schema", file: version, program });
            }
            let mut meta = transaction.open_table(META)?;
            meta.insert(META_SCHEMA, version.to_be_bytes().as_slice())?;
        }
        transaction.commit()?;
        Ok(())
    }

    /// What was put so far, to be compared with what it should be.
    ///
    /// # Errors
    /// A storage error.
    pub fn snapshot(&mut self) -> Result<Snapshot, LedgerError> {
        self.put_waiting(None)?;
        let transaction = self.database.begin_read()?;
        Ok(Snapshot { transaction, schema: Arc::clone(&self.schema) })
    }

    /// Makes everything durable and closes the file, which is a ledger from now on. `newest` is the
    /// newest commit of the history it was taken from.
    ///
    /// # Errors
    /// A storage error.
    pub fn finish(mut self, newest: Lsn) -> Result<Head, LedgerError> {
        self.put_past()?;
        self.put_waiting(None)?;
        let mut transaction = self.database.begin_write()?;
        transaction.set_durability(Durability::Immediate).map_err(redb::Error::from)?;
        let mut branch = pack_head(self.head);
        branch.extend_from_slice(&newest.0.to_be_bytes());
        transaction.open_table(META)?.insert(META_BRANCH, branch.as_slice())?;
        transaction.commit()?;
        Ok(self.head)
    }
}
