use std::ops::ControlFlow;

use redb::backends::InMemoryBackend;

use super::{ITEMS, RATES, draft, item, schema};
use crate::ledger::{Ledger, LedgerError, Lsn, Snapshot, TableId};

fn ledger(keys: &[&str]) -> Ledger {
    let mut ledger = Ledger::open_with(InMemoryBackend::new(), schema()).unwrap();
    let drafts = keys.iter().map(|key| draft("add", vec![item(key, "", "x")])).collect();
    ledger.append(drafts).unwrap();
    ledger
}

fn keys(snapshot: &Snapshot, prefix: &[u8]) -> Vec<String> {
    let mut keys = Vec::new();
    snapshot
        .scan_prefix(ITEMS, prefix, |key, _| {
            keys.push(String::from_utf8_lossy(key).into_owned());
            Ok::<_, LedgerError>(ControlFlow::Continue(()))
        })
        .unwrap();
    keys
}

#[test]
fn a_prefix_scan_gives_its_rows_in_key_order_and_no_others() {
    let ledger = ledger(&["e1/b", "e1/a", "e0/z", "e2/a", "e1", "e1/"]);
    let snapshot = ledger.snapshot().unwrap();
    assert_eq!(keys(&snapshot, b"e1/"), ["e1/", "e1/a", "e1/b"]);
    assert_eq!(keys(&snapshot, b"").len(), 6);
    assert!(keys(&snapshot, b"e3").is_empty());
    assert!(keys(&snapshot, &[0xff, 0xff]).is_empty());
    assert_eq!(snapshot.count(ITEMS).unwrap(), 6);
    assert_eq!(snapshot.count(RATES).unwrap(), 0);
    assert_eq!(snapshot.get(RATES, b"e1").unwrap(), None);
    assert!(matches!(snapshot.count(TableId(9)), Err(LedgerError::UnknownTable(TableId(9)))));
}

#[test]
fn a_scan_stops_when_told_and_passes_errors_on() {
    let ledger = ledger(&["a", "b", "c"]);
    let snapshot = ledger.snapshot().unwrap();
    let mut seen = 0;
    let stop = snapshot.scan_prefix(ITEMS, b"", |key, _| {
        seen += 1;
        Ok::<_, LedgerError>(if key == b"b" {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        })
    });
    assert!(stop.is_ok());
    assert_eq!(seen, 2);
    let failed = snapshot.scan_prefix(ITEMS, b"", |_, _| Err(LedgerError::Busy));
    assert!(matches!(failed, Err(LedgerError::Busy)));
}

#[test]
fn a_snapshot_stays_as_it_was_while_the_ledger_moves_on() {
    let mut ledger = ledger(&["a"]);
    let before = ledger.snapshot().unwrap();
    ledger.append(vec![draft("edit", vec![item("a", "x", "y"), item("b", "", "z")])]).unwrap();
    assert_eq!(before.get(ITEMS, b"a").unwrap().as_deref(), Some(b"x".as_slice()));
    assert_eq!(before.head().unwrap().lsn, Lsn(1));
    assert_eq!(before.record(Lsn(2)).unwrap(), None);
    let reader = ledger.reader();
    let rows = std::thread::spawn(move || reader.snapshot().unwrap().count(ITEMS).unwrap());
    assert_eq!(rows.join().unwrap(), 2);
}

#[test]
fn records_come_in_either_direction_over_any_range() {
    let ledger = ledger(&["a", "b", "c", "d"]);
    let snapshot = ledger.snapshot().unwrap();
    let lsns = |records: crate::ledger::Records| {
        records.map(|record| record.unwrap().lsn.0).collect::<Vec<_>>()
    };
    assert_eq!(lsns(snapshot.records(..).unwrap()), [1, 2, 3, 4]);
    assert_eq!(lsns(snapshot.records(Lsn(2)..=Lsn(3)).unwrap()), [2, 3]);
    let newest = snapshot.records(..Lsn(4)).unwrap().rev().take(2);
    assert_eq!(newest.map(|record| record.unwrap().lsn.0).collect::<Vec<_>>(), [3, 2]);
    assert!(lsns(snapshot.records(Lsn(5)..).unwrap()).is_empty());
    let reversed = (std::ops::Bound::Included(Lsn(4)), std::ops::Bound::Excluded(Lsn(2)));
    assert!(lsns(snapshot.records(reversed).unwrap()).is_empty());
}

#[test]
fn history_names_the_commits_of_one_row_newest_first() {
    let mut ledger = ledger(&["a", "ab"]);
    let edit = |key, before, after| draft("edit", vec![item(key, before, after)]);
    ledger
        .append(vec![
            edit("a", "x", "y"),
            edit("ab", "x", "y"),
            edit("a", "y", ""),
            edit("a", "", "n"),
        ])
        .unwrap();
    let snapshot = ledger.snapshot().unwrap();
    let history = |key: &[u8], before, limit| {
        let lsns = snapshot.history(ITEMS, key, before, limit).unwrap();
        lsns.into_iter().map(|lsn| lsn.0).collect::<Vec<_>>()
    };
    assert_eq!(history(b"a", None, 10), [6, 5, 3, 1]);
    assert_eq!(history(b"a", Some(Lsn(5)), 10), [3, 1]);
    assert_eq!(history(b"a", Some(Lsn(6)), 1), [5]);
    assert_eq!(history(b"ab", None, 10), [4, 2]);
    assert!(history(b"abc", None, 10).is_empty());
    assert!(history(&[0; 300], None, 10).is_empty());
}
