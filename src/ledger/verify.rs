//! Proof that a ledger is whole: the chain, the rows and the history agree.

use std::{collections::HashMap, fmt, path::Path, rc::Rc};

use data_encoding::HEXLOWER;
use redb::{ReadableTable, ReadableTableMetadata, TableHandle};

use super::{
    Change, Head, Ledger, LedgerError, Lsn, Record, RecordError, Schema, Snapshot, TableId,
    chain_hash,
    record::split_stored,
    source::{FileStorage, Integrity},
    tables::{RESERVED_NAMES, split_touched_key},
};

/// Findings listed in a [`CheckReport`]; the rest are only counted.
pub const FAULTS_LISTED_MAX: usize = 100;
/// Decoded records kept while checking, in bytes of keys and images; one larger is kept alone.
const RECORD_CACHE_BYTES: usize = 64 * 1024 * 1024;

/// A chain that holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChainReport {
    /// What the first record follows: lsn 0, or the last record trimmed.
    pub anchor: Head,
    /// The newest record.
    pub head: Head,
    /// Number of records walked.
    pub records: u64,
    /// Number of row changes in them.
    pub changes: u64,
}

/// The first link of a chain that does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the chain breaks at commit {lsn}: {why}")]
pub struct ChainBreak {
    /// The commit that does not follow from the one before.
    pub lsn: Lsn,
    /// What is wrong with it.
    pub why: ChainFault,
}

/// What is wrong with a link.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChainFault {
    /// There is no such record, but there are later ones.
    #[error("it is missing")]
    Missing,
    /// The record says it is another commit.
    #[error("its record says commit {0}")]
    Lsn(Lsn),
    /// `prev_hash` is not the hash of the commit before.
    #[error("it does not follow the commit before")]
    PrevHash,
    /// The hash does not match the content.
    #[error("its content does not match its hash")]
    Hash,
    /// The bytes are not a record.
    #[error("{0}")]
    Unreadable(RecordError),
    /// The storage failed.
    #[error("{0}")]
    Storage(String),
}

/// Walks the chain from the anchor to the head, recomputing every hash; tells `progress` each
/// commit verified. O(log), flat memory but for the largest record.
///
/// # Errors
/// The first broken link.
pub fn verify_chain(
    snapshot: &Snapshot,
    mut progress: impl FnMut(Lsn),
) -> Result<ChainReport, ChainBreak> {
    let storage = |lsn: Lsn, error: &LedgerError| ChainBreak {
        lsn,
        why: ChainFault::Storage(error.to_string()),
    };
    let anchor = snapshot.anchor().map_err(|error| storage(Lsn::ZERO, &error))?;
    let mut report = ChainReport { anchor, head: anchor, records: 0, changes: 0 };
    let walked = snapshot.stored_records(|lsn, stored| {
        let changes = verify_link(&mut report.head, lsn, stored)?;
        report.records += 1;
        report.changes += changes;
        progress(lsn);
        Ok::<(), WalkError>(())
    });
    match walked {
        Ok(()) => Ok(report),
        Err(WalkError::Break(broken)) => Err(broken),
        Err(WalkError::Ledger(error)) => Err(storage(report.head.lsn.next(), &error)),
    }
}

enum WalkError {
    Break(ChainBreak),
    Ledger(LedgerError),
}

impl From<LedgerError> for WalkError {
    fn from(error: LedgerError) -> Self {
        WalkError::Ledger(error)
    }
}

impl From<ChainBreak> for WalkError {
    fn from(broken: ChainBreak) -> Self {
        WalkError::Break(broken)
    }
}

/// Verifies one record against the head before it and moves the head; gives its number of changes.
fn verify_link(head: &mut Head, lsn: Lsn, stored: &[u8]) -> Result<u64, ChainBreak> {
    let expected = head.lsn.next();
    let broken = |why| ChainBreak { lsn: expected, why };
    if lsn != expected {
        return Err(broken(ChainFault::Missing));
    }
    let unreadable = |error| broken(ChainFault::Unreadable(error));
    let (canonical, prev_hash, hash) = split_stored(stored).map_err(unreadable)?;
    if prev_hash != head.hash {
        return Err(broken(ChainFault::PrevHash));
    }
    if chain_hash(&prev_hash, canonical) != hash {
        return Err(broken(ChainFault::Hash));
    }
    let record = Record::from_stored(stored).map_err(unreadable)?;
    if record.lsn != lsn {
        return Err(broken(ChainFault::Lsn(record.lsn)));
    }
    *head = Head { lsn, hash };
    Ok(record.changes.len() as u64)
}

/// What redb says of its own file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IntegrityResult {
    /// Every page verified.
    Sound,
    /// Something was wrong with redb's own bookkeeping, and was put right.
    Repaired,
    /// The file cannot be read whole; nothing else was checked.
    Damaged(String),
}

/// One finding of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The chain does not hold; the rows were not compared.
    Chain(ChainBreak),
    /// A redb table that no schema names.
    StrayTable(String),
    /// `touched` does not have one entry for each change in the log.
    TouchedCount {
        /// Entries in `touched`.
        entries: u64,
        /// Changes in the log.
        changes: u64,
    },
    /// `touched` names a commit that did not change the row, or does not read.
    Touched(RowAt),
    /// A commit's before-image is not what the commit before it left.
    Before(RowAt),
    /// A row is not what its newest commit left.
    Row(RowAt),
    /// A row that no commit made.
    Unlogged(RowAt),
}

/// A row, at the commit a fault was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowAt {
    /// Its table.
    pub table: TableId,
    /// Its key.
    pub key: Vec<u8>,
    /// The commit; 0 when there is none.
    pub lsn: Lsn,
}

impl fmt::Display for RowAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "row {} of table {} at commit {}",
            HEXLOWER.encode(&self.key),
            self.table,
            self.lsn
        )
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Chain(broken) => broken.fmt(f),
            Fault::StrayTable(name) => write!(f, "the file has an unknown table {name:?}"),
            Fault::TouchedCount { entries, changes } => {
                write!(f, "the history has {entries} entries for {changes} changes")
            }
            Fault::Touched(at) => write!(f, "the history names a commit that has not: {at}"),
            Fault::Before(at) => write!(f, "before-image differs from the commit before: {at}"),
            Fault::Row(at) => write!(f, "the log ends with another content: {at}"),
            Fault::Unlogged(at) => write!(f, "no commit made the {at}"),
        }
    }
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckReport {
    /// redb's own pages.
    pub integrity: IntegrityResult,
    /// The chain, when it holds.
    pub chain: Option<ChainReport>,
    /// Rows compared.
    pub rows: u64,
    /// The first [`FAULTS_LISTED_MAX`] findings.
    pub faults: Vec<Fault>,
    /// Number of findings.
    pub faults_total: u64,
}

impl CheckReport {
    /// Whether nothing at all was found.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.integrity == IntegrityResult::Sound && self.faults_total == 0
    }

    fn new(integrity: IntegrityResult) -> Self {
        CheckReport { integrity, chain: None, rows: 0, faults: Vec::new(), faults_total: 0 }
    }

    fn add(&mut self, fault: Fault) {
        self.faults_total += 1;
        if self.faults.len() < FAULTS_LISTED_MAX {
            self.faults.push(fault);
        }
    }
}

/// Checks a ledger file that is not open, without migrating it: redb's pages, the chain, and that
/// a replay of the log gives exactly the rows and the history. O(file + changes log n).
///
/// redb may put its own bookkeeping right while opening, as after a crash.
///
/// # Errors
/// As [`Ledger::open`], except that damage is reported, not returned. A missing file is `Io`.
pub fn check(path: impl AsRef<Path>, schema: Schema) -> Result<CheckReport, LedgerError> {
    let path = path.as_ref().to_path_buf();
    std::fs::metadata(&path)?;
    match Ledger::open_unmigrated(FileStorage(path), schema, Integrity::Verified) {
        Ok(ledger) => check_content(&ledger.snapshot()?, IntegrityResult::Sound),
        Err(LedgerError::Corrupt(why)) => Ok(CheckReport::new(IntegrityResult::Damaged(why))),
        Err(error) => Err(error),
    }
}

impl Ledger {
    /// Checks this ledger, as [`check`] does. No snapshot may be alive; commits wait.
    ///
    /// # Errors
    /// `Busy` with a snapshot alive; `NeedsReopen`; a storage error. Damage is reported.
    pub fn check(&mut self) -> Result<CheckReport, LedgerError> {
        let integrity = {
            let mut slot = self.slot().write();
            let database = slot.as_mut().ok_or(LedgerError::NeedsReopen)?;
            match database.check_integrity().map_err(LedgerError::from) {
                Ok(true) => IntegrityResult::Sound,
                Ok(false) => IntegrityResult::Repaired,
                Err(LedgerError::Corrupt(why)) => {
                    return Ok(CheckReport::new(IntegrityResult::Damaged(why)));
                }
                Err(error) => return Err(error),
            }
        };
        check_content(&self.snapshot()?, integrity)
    }
}

fn check_content(
    snapshot: &Snapshot,
    integrity: IntegrityResult,
) -> Result<CheckReport, LedgerError> {
    let mut report = CheckReport::new(integrity);
    check_tables(snapshot, &mut report)?;
    match verify_chain(snapshot, |_| ()) {
        Ok(chain) => report.chain = Some(chain),
        Err(broken) => {
            report.add(Fault::Chain(broken));
            return Ok(report);
        }
    }
    check_history(snapshot, &mut report)?;
    Ok(report)
}

fn check_tables(snapshot: &Snapshot, report: &mut CheckReport) -> Result<(), LedgerError> {
    for table in snapshot.transaction.list_tables()? {
        let name = table.name();
        let known = snapshot.schema.tables.iter().any(|(_, known)| *known == name);
        if !known && !RESERVED_NAMES.contains(&name) {
            report.add(Fault::StrayTable(name.to_owned()));
        }
    }
    Ok(())
}

/// Replays the log row by row instead of commit by commit: `touched` gives each row's commits in
/// order, so no map of rows is needed. With one entry for each change, no entry without its
/// change, each before-image what the commit before left, and the last after-image in the table,
/// a replay into an empty database gives the same rows.
fn check_history(snapshot: &Snapshot, report: &mut CheckReport) -> Result<(), LedgerError> {
    let Some(chain) = report.chain else { return Ok(()) };
    let touched = snapshot.touched()?;
    let entries = touched.len()?;
    if entries != chain.changes {
        report.add(Fault::TouchedCount { entries, changes: chain.changes });
    }
    let mut records = RecordCache::new(snapshot);
    let mut live: HashMap<TableId, u64> = HashMap::new();
    let mut row: Option<Replayed> = None;
    let is_whole = chain.anchor.lsn == Lsn::ZERO;
    for entry in touched.iter()? {
        let (packed, _) = entry?;
        let Some((table, key, lsn)) = split_touched_key(packed.value()) else {
            let key = packed.value().to_vec();
            report.add(Fault::Touched(RowAt { table: TableId(0), key, lsn: Lsn::ZERO }));
            continue;
        };
        let at = || RowAt { table, key: key.to_vec(), lsn };
        let record = records.get(lsn)?;
        let Some(change) = record.as_deref().and_then(|record| record.change(table, key)) else {
            report.add(Fault::Touched(at()));
            continue;
        };
        match &mut row {
            Some(row) if row.at.table == table && row.at.key == key => {
                if row.content != change.before {
                    report.add(Fault::Before(at()));
                }
                row.at.lsn = lsn;
                row.content.clone_from(&change.after);
            }
            Some(_) | None => {
                if is_whole && change.before.is_some() {
                    report.add(Fault::Before(at()));
                }
                let next = Replayed { at: at(), content: change.after.clone() };
                if let Some(done) = row.replace(next) {
                    check_row(snapshot, report, &mut live, done)?;
                }
            }
        }
    }
    if let Some(done) = row {
        check_row(snapshot, report, &mut live, done)?;
    }
    if is_whole { check_unlogged(snapshot, report, &live) } else { Ok(()) }
}

/// A row as the log leaves it.
struct Replayed {
    at: RowAt,
    content: Option<Vec<u8>>,
}

fn check_row(
    snapshot: &Snapshot,
    report: &mut CheckReport,
    live: &mut HashMap<TableId, u64>,
    row: Replayed,
) -> Result<(), LedgerError> {
    report.rows += 1;
    if row.content.is_some() {
        *live.entry(row.at.table).or_default() += 1;
    }
    if snapshot.get(row.at.table, &row.at.key)? != row.content {
        report.add(Fault::Row(row.at));
    }
    Ok(())
}

/// Names the rows without history, in tables that hold another number of rows than the log says.
fn check_unlogged(
    snapshot: &Snapshot,
    report: &mut CheckReport,
    live: &HashMap<TableId, u64>,
) -> Result<(), LedgerError> {
    for (table, _) in snapshot.schema.tables {
        let table = *table;
        if snapshot.count(table)? == live.get(&table).copied().unwrap_or_default() {
            continue;
        }
        snapshot.scan_prefix(table, &[], |key, _| {
            if snapshot.history(table, key, None, 1)?.is_empty() {
                report.add(Fault::Unlogged(RowAt { table, key: key.to_vec(), lsn: Lsn::ZERO }));
            }
            Ok::<_, LedgerError>(std::ops::ControlFlow::Continue(()))
        })?;
    }
    Ok(())
}

/// Decoded records, as many as fit [`RECORD_CACHE_BYTES`].
struct RecordCache<'a> {
    snapshot: &'a Snapshot,
    records: HashMap<Lsn, Rc<IndexedRecord>>,
    bytes: usize,
}

/// A record whose changes are in order of table and key.
struct IndexedRecord(Vec<Change>);

impl IndexedRecord {
    fn change(&self, table: TableId, key: &[u8]) -> Option<&Change> {
        let found = self
            .0
            .binary_search_by(|change| (change.table, change.key.as_slice()).cmp(&(table, key)));
        found.ok().and_then(|index| self.0.get(index))
    }

    fn bytes(&self) -> usize {
        let image = |image: &Option<Vec<u8>>| image.as_ref().map_or(0, Vec::len);
        self.0
            .iter()
            .map(|change| {
                size_of::<Change>()
                    + change.key.len()
                    + image(&change.before)
                    + image(&change.after)
            })
            .sum()
    }
}

impl<'a> RecordCache<'a> {
    fn new(snapshot: &'a Snapshot) -> Self {
        RecordCache { snapshot, records: HashMap::new(), bytes: 0 }
    }

    fn get(&mut self, lsn: Lsn) -> Result<Option<Rc<IndexedRecord>>, LedgerError> {
        if let Some(record) = self.records.get(&lsn) {
            return Ok(Some(Rc::clone(record)));
        }
        let Some(mut record) = self.snapshot.record(lsn)? else { return Ok(None) };
        record.changes.sort_by(|a, b| (a.table, &a.key).cmp(&(b.table, &b.key)));
        let record = Rc::new(IndexedRecord(record.changes));
        let bytes = record.bytes();
        if self.bytes.saturating_add(bytes) > RECORD_CACHE_BYTES {
            self.records.clear();
            self.bytes = 0;
        }
        self.bytes += bytes;
        self.records.insert(lsn, Rc::clone(&record));
        Ok(Some(record))
    }
}
