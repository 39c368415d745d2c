use std::{error::Error, path::Path};

use redb::{Database, ReadableTable, TableDefinition};

use super::{ITEMS, draft, item, schema};
use crate::ledger::{
    ChainFault, CheckReport, Fault, IntegrityResult, Ledger, Lsn, Record, check, verify_chain,
};

const LOG: TableDefinition<u64, &[u8]> = TableDefinition::new("log");
const TOUCHED: TableDefinition<&[u8], ()> = TableDefinition::new("touched");
const ITEM_ROWS: TableDefinition<&[u8], &[u8]> = TableDefinition::new("items");

/// A ledger of five commits: two rows added together, then edited, one removed, one added.
fn seed(path: &Path) -> Result<(), Box<dyn Error>> {
    let mut ledger = Ledger::open(path, schema())?;
    let edit = |changes| draft("edit", changes);
    ledger.append(vec![
        edit(vec![item("a", "", "1"), item("b", "", "1")]),
        edit(vec![item("a", "1", "2")]),
        edit(vec![item("b", "1", "")]),
    ])?;
    ledger.append(vec![edit(vec![item("c", "", "1")])])?;
    ledger.append(vec![edit(vec![item("a", "2", "3")])])?;
    Ok(())
}

type Transaction<'a> = &'a redb::WriteTransaction;

/// What a check says after someone edited the file behind the ledger's back.
fn check_after(
    tamper: impl FnOnce(Transaction<'_>) -> Result<(), Box<dyn Error>>,
) -> Result<CheckReport, Box<dyn Error>> {
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("ledger.redb");
    seed(&path)?;
    let database = Database::open(&path)?;
    let transaction = database.begin_write()?;
    tamper(&transaction)?;
    transaction.commit()?;
    drop(database);
    Ok(check(&path, schema())?)
}

fn rewrite(
    transaction: Transaction<'_>,
    lsn: u64,
    edit: impl FnOnce(&mut Vec<u8>),
) -> Result<(), Box<dyn Error>> {
    let mut log = transaction.open_table(LOG)?;
    let mut stored = log.get(lsn)?.ok_or("no such record")?.value().to_vec();
    edit(&mut stored);
    log.insert(lsn, stored.as_slice())?;
    Ok(())
}

fn chain_fault(report: &CheckReport) -> Option<(u64, &ChainFault)> {
    match report.faults.as_slice() {
        [Fault::Chain(broken)] => Some((broken.lsn.0, &broken.why)),
        _ => None,
    }
}

#[test]
fn a_sound_ledger_checks_out() -> Result<(), Box<dyn Error>> {
    let report = check_after(|_| Ok(()))?;
    assert!(report.is_sound(), "{report:?}");
    let chain = report.chain.ok_or("no chain")?;
    assert_eq!((chain.records, chain.changes, chain.head.lsn, report.rows), (5, 6, Lsn(5), 3));
    Ok(())
}

#[test]
fn progress_is_told_for_each_commit() -> Result<(), Box<dyn Error>> {
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("ledger.redb");
    seed(&path)?;
    let ledger = Ledger::open(&path, schema())?;
    let mut seen = Vec::new();
    let report = verify_chain(&ledger.snapshot()?, |lsn| seen.push(lsn.0))?;
    assert_eq!(seen, [1, 2, 3, 4, 5]);
    assert_eq!(report.head, ledger.head());
    Ok(())
}

#[test]
fn an_edited_record_is_named() -> Result<(), Box<dyn Error>> {
    let report = check_after(|transaction| rewrite(transaction, 3, |stored| stored[9] ^= 1))?;
    assert_eq!(chain_fault(&report), Some((3, &ChainFault::Hash)), "{report:?}");
    Ok(())
}

#[test]
fn a_record_edited_with_its_hash_breaks_the_link_after_it() -> Result<(), Box<dyn Error>> {
    let report = check_after(|transaction| {
        rewrite(transaction, 3, |stored| {
            let mut record = Record::from_stored(stored).unwrap();
            record.at_us += 1;
            let canonical = record.canonical_bytes().unwrap();
            let hash = crate::ledger::chain_hash(&record.prev_hash, &canonical);
            *stored = [canonical.as_slice(), &record.prev_hash, &hash].concat();
        })
    })?;
    assert_eq!(chain_fault(&report), Some((4, &ChainFault::PrevHash)), "{report:?}");
    Ok(())
}

#[test]
fn a_removed_record_is_missed() -> Result<(), Box<dyn Error>> {
    let report = check_after(|transaction| {
        transaction.open_table(LOG)?.remove(2)?;
        Ok(())
    })?;
    assert_eq!(chain_fault(&report), Some((2, &ChainFault::Missing)), "{report:?}");
    Ok(())
}

#[test]
fn a_record_cut_short_is_named() -> Result<(), Box<dyn Error>> {
    let report = check_after(|transaction| rewrite(transaction, 1, |stored| stored.truncate(40)))?;
    assert!(matches!(chain_fault(&report), Some((1, ChainFault::Unreadable(_)))), "{report:?}");
    Ok(())
}

#[test]
fn rows_edited_added_or_removed_without_a_commit_are_named() -> Result<(), Box<dyn Error>> {
    let edited = check_after(|transaction| {
        transaction.open_table(ITEM_ROWS)?.insert(b"a".as_slice(), b"9".as_slice())?;
        Ok(())
    })?;
    assert!(matches!(&edited.faults[..], [Fault::Row(at)] if at.key == b"a" && at.lsn == Lsn(5)));
    let removed = check_after(|transaction| {
        transaction.open_table(ITEM_ROWS)?.remove(b"c".as_slice())?;
        Ok(())
    })?;
    assert!(matches!(&removed.faults[..], [Fault::Row(at)] if at.key == b"c"), "{removed:?}");
    let added = check_after(|transaction| {
        transaction.open_table(ITEM_ROWS)?.insert(b"z".as_slice(), b"1".as_slice())?;
        Ok(())
    })?;
    assert!(matches!(&added.faults[..], [Fault::Unlogged(at)] if at.key == b"z"), "{added:?}");
    assert!(!added.is_sound());
    Ok(())
}

#[test]
fn a_history_with_too_few_or_too_many_entries_is_named() -> Result<(), Box<dyn Error>> {
    let entry = |key: &[u8], lsn: u64| [&[ITEMS.0, 1], key, &lsn.to_be_bytes()].concat();
    let fewer = check_after(|transaction| {
        transaction.open_table(TOUCHED)?.remove(entry(b"a", 2).as_slice())?.ok_or("absent")?;
        Ok(())
    })?;
    assert!(fewer.faults.contains(&Fault::TouchedCount { entries: 5, changes: 6 }), "{fewer:?}");
    let more = check_after(|transaction| {
        transaction.open_table(TOUCHED)?.insert(entry(b"a", 4).as_slice(), ())?;
        Ok(())
    })?;
    assert!(more.faults.iter().any(|fault| matches!(fault, Fault::Touched(_))), "{more:?}");
    assert!(more.faults.iter().all(|fault| !fault.to_string().is_empty()));
    Ok(())
}

#[test]
fn a_table_no_schema_names_is_found() -> Result<(), Box<dyn Error>> {
    let report = check_after(|transaction| {
        transaction.open_table(TableDefinition::<u64, u64>::new("sideline"))?.insert(1, 1)?;
        Ok(())
    })?;
    assert_eq!(report.faults, [Fault::StrayTable("sideline".into())]);
    Ok(())
}

#[test]
fn bytes_damaged_on_the_device_never_pass_as_sound() -> Result<(), Box<dyn Error>> {
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("ledger.redb");
    seed(&path)?;
    let whole = std::fs::read(&path)?;
    // Damage the live content of each page that holds any of the rows or records.
    let needle = b"edit";
    let places: Vec<usize> = whole
        .windows(needle.len())
        .enumerate()
        .filter(|(_, window)| window == needle)
        .map(|(at, _)| at)
        .collect();
    assert!(!places.is_empty());
    let mut damaged = whole.clone();
    places.iter().for_each(|at| damaged[*at] ^= 0xff);
    std::fs::write(&path, damaged)?;
    let report = check(&path, schema())?;
    assert!(!report.is_sound(), "{report:?}");
    assert!(matches!(report.integrity, IntegrityResult::Damaged(_)), "{report:?}");
    Ok(())
}
