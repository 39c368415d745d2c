use redb::backends::InMemoryBackend;

use super::{ITEMS, draft, item, schema};
use crate::ledger::{Change, Ledger, LedgerError, Lsn, RecordError, TableId};

fn ledger() -> Ledger {
    Ledger::open_with(InMemoryBackend::new(), schema()).unwrap()
}

fn get(ledger: &Ledger, key: &str) -> Option<String> {
    let row = ledger.snapshot().unwrap().get(ITEMS, key.as_bytes()).unwrap();
    row.map(|row| String::from_utf8(row).unwrap())
}

#[test]
fn commits_are_numbered_from_one_and_chained() {
    let mut ledger = ledger();
    assert_eq!(ledger.head().lsn, Lsn::ZERO);
    let genesis = ledger.head().hash;
    let records = ledger
        .append(vec![
            draft("add-item", vec![item("a", "", "1")]),
            draft("add-item", vec![item("b", "", "2"), item("a", "1", "3")]),
        ])
        .unwrap();
    assert_eq!(records.iter().map(|record| record.lsn.0).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(records[0].prev_hash, genesis);
    assert_eq!(records[1].prev_hash, records[0].hash);
    assert_eq!(ledger.head().hash, records[1].hash);
    assert_eq!(get(&ledger, "a").as_deref(), Some("3"));
    assert_eq!(get(&ledger, "b").as_deref(), Some("2"));
    let snapshot = ledger.snapshot().unwrap();
    assert_eq!(snapshot.head().unwrap(), ledger.head());
    assert_eq!(snapshot.record(Lsn(2)).unwrap().as_ref(), Some(&*records[1]));
}

#[test]
fn a_row_can_be_added_changed_and_removed_within_one_batch() {
    let mut ledger = ledger();
    let step = |before, after| draft("edit", vec![item("a", before, after)]);
    ledger.append(vec![step("", "1"), step("1", "2"), step("2", "")]).unwrap();
    assert_eq!(get(&ledger, "a"), None);
    assert_eq!(ledger.head().lsn, Lsn(3));
    let check = ledger.check().unwrap();
    assert!(check.is_sound(), "{check:?}");
}

#[test]
fn an_inverse_change_takes_a_commit_back() {
    let mut ledger = ledger();
    let records = ledger.append(vec![draft("add", vec![item("a", "", "1")])]).unwrap();
    let undo: Vec<Change> = records[0].changes.iter().map(Change::inverse).collect();
    ledger.append(vec![draft("undo", undo)]).unwrap();
    assert_eq!(get(&ledger, "a"), None);
}

#[test]
fn a_draft_made_from_other_state_is_refused_and_nothing_of_its_batch_is_written() {
    let mut ledger = ledger();
    ledger.append(vec![draft("add", vec![item("a", "", "1")])]).unwrap();
    let head = ledger.head();
    for bad in [item("a", "", "9"), item("a", "0", "9"), item("zz", "0", "9"), item("zz", "0", "")]
    {
        let drafts = vec![draft("good", vec![item("b", "", "2")]), draft("bad", vec![bad])];
        let error = ledger.append(drafts).unwrap_err();
        assert!(matches!(error, LedgerError::RowMismatch { draft: 1, .. }), "{error}");
        assert!(!error.needs_reopen());
    }
    let within = ["1", "2"].map(|before| draft("race", vec![item("a", before, "5")]));
    assert!(matches!(
        ledger.append(within.to_vec()),
        Err(LedgerError::RowMismatch { draft: 1, .. })
    ));
    assert_eq!(ledger.head(), head);
    assert_eq!(get(&ledger, "b"), None);
    assert_eq!(get(&ledger, "a").as_deref(), Some("1"));
    ledger.append(vec![draft("good", vec![item("b", "", "2")])]).unwrap();
    assert_eq!(ledger.head().lsn, Lsn(2));
    assert!(ledger.check().unwrap().is_sound());
}

#[test]
fn meaningless_changes_are_refused() {
    let mut ledger = ledger();
    let twice = draft("twice", vec![item("a", "", "1"), item("a", "1", "2")]);
    assert!(matches!(ledger.append(vec![twice]), Err(LedgerError::BadChange { draft: 0, .. })));
    let nothing = draft("nothing", vec![item("a", "", "")]);
    assert!(matches!(ledger.append(vec![nothing]), Err(LedgerError::BadChange { draft: 0, .. })));
    let stray = Change { table: TableId(99), ..item("a", "", "1") };
    assert!(matches!(
        ledger.append(vec![draft("stray", vec![stray])]),
        Err(LedgerError::UnknownTable(TableId(99)))
    ));
    for key in [String::new(), "k".repeat(256)] {
        let error = ledger.append(vec![draft("key", vec![item(&key, "", "1")])]).unwrap_err();
        assert!(matches!(error, LedgerError::Record(RecordError::Field("key"))), "{error}");
    }
    assert_eq!(ledger.head().lsn, Lsn::ZERO);
    ledger.append(vec![draft("long-key", vec![item(&"k".repeat(255), "", "1")])]).unwrap();
}

#[test]
fn an_empty_batch_commits_nothing_and_an_empty_draft_is_a_commit() {
    let mut ledger = ledger();
    assert!(ledger.append(Vec::new()).unwrap().is_empty());
    assert_eq!(ledger.head().lsn, Lsn::ZERO);
    ledger.append(vec![draft("sign-off", Vec::new())]).unwrap();
    assert_eq!(ledger.head().lsn, Lsn(1));
}
