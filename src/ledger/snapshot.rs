//! Reading: an unchanging view of the rows, the log and the history at one lsn.

use std::{
    ops::{Bound, ControlFlow, RangeBounds},
    sync::Arc,
};

use redb::{
    AccessGuard, ReadOnlyTable, ReadTransaction, ReadableTable, ReadableTableMetadata,
    StorageError, TableError,
};

use super::{
    Hash, LedgerError, Lsn, Record, Schema, TableId,
    record::split_stored,
    tables::{
        LOG, META, META_ANCHOR, META_BRANCH, META_EPOCH, META_SCHEMA, META_TIME, RowsDefinition,
        TOUCHED, prefix_end, split_touched_key, touched_key,
    },
};

/// A point of the chain: a commit's number and its hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Number of the commit; 0 for an empty ledger.
    pub lsn: Lsn,
    /// Its hash; for an empty ledger, the genesis hash.
    pub hash: Hash,
}

/// Where a restored ledger parted from the history it was restored from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Branch {
    /// The commit it goes on from.
    pub from: Head,
    /// The newest commit that history had then: what is given up lies between the two.
    pub newest: Lsn,
}

/// A consistent view of the whole ledger, taken by [`Ledger::snapshot`](super::Ledger::snapshot).
///
/// It neither waits for the writer nor holds it up. While it lives, the pages it can see are not
/// reused, so do not keep one for long. After the ledger is closed or reopened, its calls fail
/// with `NeedsReopen`.
pub struct Snapshot {
    pub(super) transaction: ReadTransaction,
    pub(super) schema: Arc<Schema>,
}

impl std::fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Snapshot").finish_non_exhaustive()
    }
}

type Rows = ReadOnlyTable<&'static [u8], &'static [u8]>;

impl Snapshot {
    /// The newest commit it sees. O(log n).
    ///
    /// # Errors
    /// A storage error, or `Corrupt`.
    pub fn head(&self) -> Result<Head, LedgerError> {
        match self.log()?.last()? {
            Some((lsn, stored)) => {
                let (_, _, hash) = split_stored(stored.value())?;
                Ok(Head { lsn: Lsn(lsn.value()), hash })
            }
            None => self.anchor(),
        }
    }

    /// What the first record kept in the log follows: lsn 0 and the genesis hash, or, once older
    /// records are trimmed, the last of those. O(log n).
    ///
    /// # Errors
    /// A storage error, or `Corrupt`.
    pub fn anchor(&self) -> Result<Head, LedgerError> {
        unpack_head(META_ANCHOR, self.meta(META_ANCHOR)?)
    }

    /// Where its epoch began, of a ledger that was restored. O(log n).
    ///
    /// # Errors
    /// A storage error, or `Corrupt`.
    pub fn branch(&self) -> Result<Option<Branch>, LedgerError> {
        let meta = self.transaction.open_table(META)?;
        let Some(value) = meta.get(META_BRANCH)? else { return Ok(None) };
        let stored = meta_value::<48>(META_BRANCH, Some(value))?;
        let corrupt = || LedgerError::Corrupt("meta branch is no point of the chain".into());
        let (from, newest) = stored.split_first_chunk::<40>().ok_or_else(corrupt)?;
        let newest = newest.try_into().map_err(|_| corrupt())?;
        let from = unpack_head(META_BRANCH, *from)?;
        Ok(Some(Branch { from, newest: Lsn(u64::from_be_bytes(newest)) }))
    }

    /// When the newest commit was made, microseconds since 1970, UTC; none for an empty ledger, and
    /// for one restored without its record by a release that did not note it. O(log n).
    ///
    /// # Errors
    /// A storage error, or `Corrupt`.
    pub fn newest_at_us(&self) -> Result<Option<i64>, LedgerError> {
        if let Some(record) = self.record(self.head()?.lsn)? {
            return Ok(Some(record.at_us));
        }
        let meta = self.transaction.open_table(META)?;
        let Some(value) = meta.get(META_TIME)? else { return Ok(None) };
        Ok(Some(i64::from_be_bytes(meta_value(META_TIME, Some(value))?)))
    }

    /// How often the ledger was restored from a back-up, plus one. O(log n).
    ///
    /// # Errors
    /// A storage error, or `Corrupt`.
    pub fn epoch(&self) -> Result<u64, LedgerError> {
        Ok(u64::from_be_bytes(self.meta(META_EPOCH)?))
    }

    /// Version of the schema the rows are in. O(log n).
    ///
    /// # Errors
    /// A storage error, or `Corrupt`.
    pub fn schema_version(&self) -> Result<u32, LedgerError> {
        Ok(u32::from_be_bytes(self.meta(META_SCHEMA)?))
    }

    /// The tables and the organisation.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// One row. O(log n) and a copy.
    ///
    /// # Errors
    /// `UnknownTable`, or a storage error.
    pub fn get(&self, table: TableId, key: &[u8]) -> Result<Option<Vec<u8>>, LedgerError> {
        let Some(rows) = self.rows(table)? else { return Ok(None) };
        Ok(rows.get(key)?.map(|row| row.value().to_vec()))
    }

    /// Visits the rows whose key starts with `prefix`, in key order, until `visit` breaks or
    /// fails. An empty prefix visits all. O(log n + rows visited), without copies.
    ///
    /// # Errors
    /// `UnknownTable`, a storage error, or what `visit` returns.
    pub fn scan_prefix<E: From<LedgerError>>(
        &self,
        table: TableId,
        prefix: &[u8],
        visit: impl FnMut(&[u8], &[u8]) -> Result<ControlFlow<()>, E>,
    ) -> Result<(), E> {
        let end = prefix_end(prefix);
        let upper = end.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
        self.scan_range(table, (Bound::Included(prefix), upper), visit)
    }

    /// Visits the rows whose keys lie within bounds, in key order, until `visit` breaks or fails.
    /// O(log n + rows visited), without copies.
    ///
    /// # Errors
    /// `UnknownTable`, a storage error, or what `visit` returns.
    pub fn scan_range<E: From<LedgerError>>(
        &self,
        table: TableId,
        bounds: (Bound<&[u8]>, Bound<&[u8]>),
        mut visit: impl FnMut(&[u8], &[u8]) -> Result<ControlFlow<()>, E>,
    ) -> Result<(), E> {
        let Some(rows) = self.rows(table)? else { return Ok(()) };
        for entry in rows.range::<&[u8]>(bounds).map_err(LedgerError::from)? {
            let (key, row) = entry.map_err(LedgerError::from)?;
            if visit(key.value(), row.value())?.is_break() {
                break;
            }
        }
        Ok(())
    }

    /// Number of rows in a table. O(log n).
    ///
    /// # Errors
    /// `UnknownTable`, or a storage error.
    pub fn count(&self, table: TableId) -> Result<u64, LedgerError> {
        Ok(match self.rows(table)? {
            Some(rows) => rows.len()?,
            None => 0,
        })
    }

    /// Number of rows in all tables. O(tables log n).
    ///
    /// # Errors
    /// A storage error.
    pub fn count_all(&self) -> Result<u64, LedgerError> {
        self.schema.tables.iter().map(|(table, _)| self.count(*table)).sum()
    }

    /// One commit; `None` when it is not (or no longer) in the log. O(log n + size).
    ///
    /// # Errors
    /// A storage error, or `Record` when its bytes do not read.
    pub fn record(&self, lsn: Lsn) -> Result<Option<Record>, LedgerError> {
        match self.log()?.get(lsn.0)? {
            Some(stored) => Ok(Some(Record::from_stored(stored.value())?)),
            None => Ok(None),
        }
    }

    /// The commits of a range, oldest first; `.rev()` for newest first. O(log n), then O(size) for
    /// each record.
    ///
    /// # Errors
    /// A storage error now, or within the iterator; `Record` when bytes do not read.
    pub fn records(&self, range: impl RangeBounds<Lsn>) -> Result<Records, LedgerError> {
        let bounds = (range.start_bound().map(|lsn| lsn.0), range.end_bound().map(|lsn| lsn.0));
        let stored = if is_empty(bounds) { None } else { Some(self.log()?.range::<u64>(bounds)?) };
        Ok(Records(stored))
    }

    /// Visits stored records with their key, oldest first, without decoding them.
    pub(super) fn stored_records<E: From<LedgerError>>(
        &self,
        mut visit: impl FnMut(Lsn, &[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        for entry in self.log()?.iter().map_err(LedgerError::from)? {
            let (lsn, stored) = entry.map_err(LedgerError::from)?;
            visit(Lsn(lsn.value()), stored.value())?;
        }
        Ok(())
    }

    /// Visits the stored bytes of the commits after `after`, oldest first, until `visit` breaks or
    /// fails: [`split_stored`](super::split_stored) takes them apart. O(log n + bytes visited),
    /// without copies.
    ///
    /// # Errors
    /// A storage error, or what `visit` returns.
    pub fn stored_after<E: From<LedgerError>>(
        &self,
        after: Lsn,
        mut visit: impl FnMut(Lsn, &[u8]) -> Result<ControlFlow<()>, E>,
    ) -> Result<(), E> {
        for entry in self.log()?.range(after.next().0..).map_err(LedgerError::from)? {
            let (lsn, stored) = entry.map_err(LedgerError::from)?;
            if visit(Lsn(lsn.value()), stored.value())?.is_break() {
                break;
            }
        }
        Ok(())
    }

    /// The point of the chain at `lsn`; none where the log does not reach it. O(log n).
    ///
    /// # Errors
    /// A storage error, or `Corrupt`.
    pub fn head_at(&self, lsn: Lsn) -> Result<Option<Head>, LedgerError> {
        if let Some(stored) = self.log()?.get(lsn.0)? {
            let (_, _, hash) = split_stored(stored.value())?;
            return Ok(Some(Head { lsn, hash }));
        }
        let anchor = self.anchor()?;
        Ok((anchor.lsn == lsn).then_some(anchor))
    }

    /// The commits that touched a row, newest first, at most `limit`, all before `before` when
    /// given. Works for a removed row too. O(log n + limit).
    ///
    /// # Errors
    /// `UnknownTable`, a storage error, or `Corrupt`.
    pub fn history(
        &self,
        table: TableId,
        key: &[u8],
        before: Option<Lsn>,
        limit: usize,
    ) -> Result<Vec<Lsn>, LedgerError> {
        self.schema.table_name(table)?;
        if key.len() > super::KEY_BYTES_MAX {
            return Ok(Vec::new());
        }
        let first = touched_key(table, key, Lsn::ZERO);
        let upper = touched_key(table, key, before.unwrap_or(Lsn(u64::MAX)));
        let touched = self.touched()?;
        let range = touched.range::<&[u8]>(first.as_slice()..upper.as_slice())?;
        range
            .rev()
            .take(limit)
            .map(|entry| {
                let (packed, _) = entry?;
                split_touched_key(packed.value())
                    .map(|(_, _, lsn)| lsn)
                    .ok_or_else(|| LedgerError::Corrupt("an entry of touched does not read".into()))
            })
            .collect()
    }

    pub(super) fn log(&self) -> Result<ReadOnlyTable<u64, &'static [u8]>, LedgerError> {
        Ok(self.transaction.open_table(LOG)?)
    }

    pub(super) fn touched(&self) -> Result<ReadOnlyTable<&'static [u8], ()>, LedgerError> {
        Ok(self.transaction.open_table(TOUCHED)?)
    }

    /// An entity table; `None` when it was never written to.
    pub(super) fn rows(&self, table: TableId) -> Result<Option<Rows>, LedgerError> {
        let name = self.schema.table_name(table)?;
        match self.transaction.open_table(RowsDefinition::new(name)) {
            Ok(rows) => Ok(Some(rows)),
            Err(TableError::TableDoesNotExist(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn meta<const N: usize>(&self, name: &str) -> Result<[u8; N], LedgerError> {
        let value = self.transaction.open_table(META)?.get(name)?;
        meta_value(name, value)
    }
}

/// The commits of a range; made by [`Snapshot::records`]. Keeps the snapshot's pages alive.
pub struct Records(Option<redb::Range<'static, u64, &'static [u8]>>);

impl Records {
    fn decode(
        entry: Result<
            (AccessGuard<'static, u64>, AccessGuard<'static, &'static [u8]>),
            StorageError,
        >,
    ) -> Result<Record, LedgerError> {
        let (_, stored) = entry?;
        Ok(Record::from_stored(stored.value())?)
    }
}

impl Iterator for Records {
    type Item = Result<Record, LedgerError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.as_mut()?.next().map(Records::decode)
    }
}

impl DoubleEndedIterator for Records {
    fn next_back(&mut self) -> Option<Self::Item> {
        self.0.as_mut()?.next_back().map(Records::decode)
    }
}

/// A point of the chain as `meta` keeps it.
fn unpack_head(name: &str, stored: [u8; 40]) -> Result<Head, LedgerError> {
    let corrupt = || LedgerError::Corrupt(format!("meta {name} is not a chain head"));
    let (lsn, hash) = stored.split_first_chunk::<8>().ok_or_else(corrupt)?;
    let hash = hash.try_into().map_err(|_| corrupt())?;
    Ok(Head { lsn: Lsn(u64::from_be_bytes(*lsn)), hash })
}

/// A `meta` value of a fixed length.
pub(super) fn meta_value<const N: usize>(
    name: &str,
    value: Option<AccessGuard<'_, &'static [u8]>>,
) -> Result<[u8; N], LedgerError> {
    value
        .and_then(|value| value.value().try_into().ok())
        .ok_or_else(|| LedgerError::Corrupt(format!("meta {name} is missing or malformed")))
}

/// Whether a range is empty or reversed; redb takes neither.
fn is_empty((start, end): (Bound<u64>, Bound<u64>)) -> bool {
    let first = match start {
        Bound::Included(first) => Some(first),
        Bound::Excluded(before) => before.checked_add(1),
        Bound::Unbounded => Some(0),
    };
    let last = match end {
        Bound::Included(last) => Some(last),
        Bound::Excluded(after) => after.checked_sub(1),
        Bound::Unbounded => Some(u64::MAX),
    };
    !matches!((first, last), (Some(first), Some(last)) if first <= last)
}
