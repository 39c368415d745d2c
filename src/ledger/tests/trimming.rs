use std::error::Error;

use super::{ITEMS, draft, item, schema};
use crate::ledger::{Draft, Ledger, LedgerError, Lsn, check, faults::FaultDisk, verify_chain};

/// A ledger of six commits to one row, at 10, 20, ... 60 microseconds.
fn six(mut ledger: Ledger) -> Result<Ledger, LedgerError> {
    for n in 1..=6_i64 {
        let before = if n == 1 { String::new() } else { (n - 1).to_string() };
        let edit = draft("edit", vec![item("a", &before, &n.to_string())]);
        ledger.append(vec![Draft { at_us: n * 10, ..edit }])?;
    }
    Ok(ledger)
}

fn lsns(ledger: &Ledger) -> Result<Vec<u64>, LedgerError> {
    ledger.snapshot()?.records(..)?.map(|record| Ok(record?.lsn.0)).collect()
}

#[test]
fn old_records_go_and_the_rest_holds() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("ledger.redb");
    let mut ledger = six(Ledger::open(&path, schema())?)?;
    let head = ledger.head();
    assert_eq!(ledger.trim(Lsn(5), 40)?, 3, "those before the time");
    assert_eq!(lsns(&ledger)?, [4, 5, 6]);
    assert_eq!(ledger.trim(Lsn(4), 1_000)?, 1, "those that are kept elsewhere");
    assert_eq!(ledger.trim(Lsn(4), 1_000)?, 0);
    assert_eq!(ledger.trim(Lsn(60), 1_000)?, 1, "but never the newest");
    assert_eq!(ledger.trim(Lsn(60), 1_000)?, 0);
    let snapshot = ledger.snapshot()?;
    assert_eq!(snapshot.anchor()?.lsn, Lsn(5));
    assert_eq!(snapshot.head()?, head);
    assert!(snapshot.record(Lsn(5))?.is_none());
    assert_eq!(snapshot.history(ITEMS, b"a", None, 10)?, [Lsn(6)]);
    assert_eq!(snapshot.head_at(Lsn(5))?.map(|head| head.lsn), Some(Lsn(5)));
    assert_eq!(verify_chain(&snapshot, |_| ())?.records, 1);
    drop(snapshot);
    ledger.append(vec![draft("edit", vec![item("a", "6", "7")])])?;
    drop(ledger);
    let report = check(&path, schema())?;
    assert!(report.is_sound(), "{report:?}");
    assert_eq!(lsns(&Ledger::open(&path, schema())?)?, [6, 7]);
    Ok(())
}

#[test]
fn a_power_cut_while_trimming_leaves_all_of_them_or_none() -> Result<(), Box<dyn Error>> {
    let mut outcomes = [0, 0];
    for operations in 0..60 {
        let disk = FaultDisk::new(operations, 1);
        let mut ledger = six(Ledger::open_storage(disk.clone(), schema())?)?;
        disk.cut_power_after(operations);
        let trimmed = ledger.trim(Lsn(6), 1_000);
        if trimmed.is_err() {
            let again = ledger.trim(Lsn(6), 1_000);
            assert!(matches!(again, Err(LedgerError::NeedsReopen)), "{operations}");
        }
        disk.crash();
        assert_eq!(ledger.reopen()?.lsn, Lsn(6));
        assert!(ledger.check()?.is_sound(), "after {operations}");
        let left = lsns(&ledger)?;
        let gone = left == [6];
        assert!(gone || (left == [1, 2, 3, 4, 5, 6] && trimmed.is_err()), "{operations}: {left:?}");
        outcomes[usize::from(gone)] += 1;
    }
    assert!(outcomes.iter().all(|count| *count > 0), "{outcomes:?}");
    Ok(())
}
