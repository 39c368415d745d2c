//! A batch of drafts, numbered, chained and reduced to what one redb transaction must write.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    sync::Arc,
};

use redb::{Database, Durability, WriteTransaction};

use super::{
    Draft, Head, LedgerError, Record, Schema, TableId,
    tables::{LOG, META, META_SCHEMA, RowsDefinition, TOUCHED, touched_key},
};

/// Drafts made into records, not yet written.
#[derive(Default)]
pub(super) struct Batch {
    /// The records, in order.
    pub(super) records: Vec<Arc<Record>>,
    /// Their stored bytes.
    stored: Vec<Vec<u8>>,
}

/// What a batch does to one row: the first `before` and the last `after` of it.
struct NetChange<'a> {
    draft: usize,
    before: Option<&'a [u8]>,
    after: Option<&'a [u8]>,
}

impl Batch {
    /// Numbers and chains drafts after `head`. O(bytes).
    pub(super) fn seal(drafts: Vec<Draft>, head: Head) -> Result<Batch, LedgerError> {
        let mut batch = Batch::default();
        let mut head = head;
        for draft in drafts {
            let (record, stored) = Record::seal(draft, head.lsn.next(), head.hash)?;
            head = Head { lsn: record.lsn, hash: record.hash };
            batch.records.push(Arc::new(record));
            batch.stored.push(stored);
        }
        Ok(batch)
    }

    /// Adds a record that was sealed before.
    pub(super) fn push(&mut self, record: Arc<Record>, stored: Vec<u8>) {
        self.records.push(record);
        self.stored.push(stored);
    }

    /// The position after the batch; `None` when it is empty.
    pub(super) fn head(&self) -> Option<Head> {
        self.records.last().map(|record| Head { lsn: record.lsn, hash: record.hash })
    }

    /// Writes the batch in one durable transaction, or nothing of it; raises the schema version
    /// in the same transaction when given. Keys go in ascending order, so that each dirty page is
    /// visited once.
    pub(super) fn write(
        &self,
        database: &Database,
        schema: &Schema,
        raise_schema_to: Option<u32>,
    ) -> Result<(), LedgerError> {
        let mut transaction = database.begin_write()?;
        // The one place the ledger's promise rests on: commit returns after fsync.
        transaction.set_durability(Durability::Immediate).map_err(redb::Error::from)?;
        self.put(&transaction, schema)?;
        if let Some(version) = raise_schema_to {
            let mut meta = transaction.open_table(META)?;
            meta.insert(META_SCHEMA, version.to_be_bytes().as_slice())?;
        }
        transaction.commit()?;
        Ok(())
    }

    /// Puts rows, history and log of the batch into a transaction.
    pub(super) fn put(
        &self,
        transaction: &WriteTransaction,
        schema: &Schema,
    ) -> Result<(), LedgerError> {
        self.put_rows(transaction, schema)?;
        self.put_past(transaction)
    }

    /// Puts rows of the batch into a transaction.
    pub(super) fn put_rows(
        &self,
        transaction: &WriteTransaction,
        schema: &Schema,
    ) -> Result<(), LedgerError> {
        write_rows(transaction, schema, &self.net_changes()?)
    }

    /// Puts history and log of the batch into a transaction, whose rows are there already.
    pub(super) fn put_past(&self, transaction: &WriteTransaction) -> Result<(), LedgerError> {
        self.write_touched(transaction)?;
        self.write_log(transaction)
    }

    /// Bytes of its records as they are stored.
    pub(super) fn bytes(&self) -> u64 {
        self.stored.iter().map(|stored| stored.len() as u64).sum()
    }

    /// Folds the batch to one change per row, verifying that drafts follow from each other.
    fn net_changes(&self) -> Result<BTreeMap<(TableId, &[u8]), NetChange<'_>>, LedgerError> {
        let mut net: BTreeMap<(TableId, &[u8]), NetChange<'_>> = BTreeMap::new();
        for (draft, record) in self.records.iter().enumerate() {
            for change in &record.changes {
                let (table, key) = (change.table, change.key.as_slice());
                let (before, after) = (change.before.as_deref(), change.after.as_deref());
                let bad_change = || LedgerError::BadChange { draft, table, key: key.to_vec() };
                if before.is_none() && after.is_none() {
                    return Err(bad_change());
                }
                match net.entry((table, key)) {
                    Entry::Vacant(entry) => {
                        entry.insert(NetChange { draft, before, after });
                    }
                    Entry::Occupied(mut entry) => {
                        let known = entry.get_mut();
                        if known.draft == draft {
                            return Err(bad_change());
                        }
                        if known.after != before {
                            return Err(LedgerError::RowMismatch {
                                draft,
                                table,
                                key: key.to_vec(),
                            });
                        }
                        known.draft = draft;
                        known.after = after;
                    }
                }
            }
        }
        Ok(net)
    }

    fn write_touched(&self, transaction: &WriteTransaction) -> Result<(), LedgerError> {
        let mut keys: Vec<Vec<u8>> = self
            .records
            .iter()
            .flat_map(|record| record.changes.iter().map(move |change| (record.lsn, change)))
            .map(|(lsn, change)| touched_key(change.table, &change.key, lsn))
            .collect();
        keys.sort_unstable();
        let mut touched = transaction.open_table(TOUCHED)?;
        for key in &keys {
            touched.insert(key.as_slice(), ())?;
        }
        Ok(())
    }

    fn write_log(&self, transaction: &WriteTransaction) -> Result<(), LedgerError> {
        let mut log = transaction.open_table(LOG)?;
        for (record, stored) in self.records.iter().zip(&self.stored) {
            if log.insert(record.lsn.0, stored.as_slice())?.is_some() {
                return Err(LedgerError::Corrupt(format!("commit {} exists already", record.lsn)));
            }
        }
        Ok(())
    }
}

/// Applies net changes to the entity tables, comparing what each row held with its `before`.
fn write_rows(
    transaction: &WriteTransaction,
    schema: &Schema,
    net: &BTreeMap<(TableId, &[u8]), NetChange<'_>>,
) -> Result<(), LedgerError> {
    let mut changes = net.iter().peekable();
    while let Some(((table, _), _)) = changes.peek() {
        let table = *table;
        let mut rows = transaction.open_table(RowsDefinition::new(schema.table_name(table)?))?;
        while let Some(((_, key), change)) = changes.next_if(|((next, _), _)| *next == table) {
            let stored = match change.after {
                Some(after) => rows.insert(*key, after)?,
                None => rows.remove(*key)?,
            };
            if stored.as_ref().map(|row| row.value()) != change.before {
                let key = key.to_vec();
                return Err(LedgerError::RowMismatch { draft: change.draft, table, key });
            }
        }
    }
    Ok(())
}
