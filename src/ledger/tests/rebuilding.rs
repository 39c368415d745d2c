use std::error::Error;

use super::{ITEMS, draft, item, schema};
use crate::ledger::{Draft, Head, Ledger, LedgerError, Lsn, Rebuild, check, verify_chain};

/// The canonical bytes of commits, in order.
type Commits = Vec<Vec<u8>>;

/// Three commits of two rows.
fn three() -> Result<(Ledger, Commits), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let mut ledger = Ledger::open(folder.path().join("ledger.redb"), schema())?;
    let edits = [
        vec![item("a", "", "1"), item("b", "", "1")],
        vec![item("a", "1", "2")],
        vec![item("b", "1", "")],
    ];
    for (n, changes) in edits.into_iter().enumerate() {
        let at_us = 10 * (n as i64 + 1);
        ledger.append(vec![Draft { at_us, ..draft("edit", changes) }])?;
    }
    let mut commits = Vec::new();
    ledger.snapshot()?.stored_after::<LedgerError>(Lsn::ZERO, |_, stored| {
        commits.push(crate::ledger::split_stored(stored)?.0.to_vec());
        Ok(std::ops::ControlFlow::Continue(()))
    })?;
    Ok((ledger, commits))
}

fn rebuild(path: &std::path::Path) -> Result<Rebuild, LedgerError> {
    let genesis = Head { lsn: Lsn::ZERO, hash: crate::ledger::genesis_hash(&super::ORGANISATION) };
    Rebuild::create(path, schema(), 0, genesis, 2)
}

#[test]
fn rows_without_their_log_are_those_of_the_whole_ledger_and_it_goes_on_from_there()
-> Result<(), Box<dyn Error>> {
    let (whole, commits) = three()?;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("rows.redb");
    let mut rows = rebuild(&path)?.without_log();
    for commit in commits {
        rows.replay(commit)?;
    }
    assert_eq!(rows.finish(Lsn(3))?, whole.head());
    let mut ledger = Ledger::open(&path, schema())?;
    let snapshot = ledger.snapshot()?;
    assert_eq!((snapshot.head()?, snapshot.anchor()?), (whole.head(), whole.head()));
    assert_eq!(snapshot.get(ITEMS, b"a")?.as_deref(), Some(&b"2"[..]));
    assert_eq!(snapshot.get(ITEMS, b"b")?, None);
    assert_eq!(snapshot.newest_at_us()?, Some(30));
    assert!(snapshot.record(Lsn(3))?.is_none(), "nothing of the log came along");
    assert_eq!(snapshot.history(ITEMS, b"a", None, 10)?, []);
    assert_eq!(verify_chain(&snapshot, |_| ())?.records, 0);
    drop(snapshot);
    ledger.append(vec![Draft { at_us: 40, ..draft("edit", vec![item("a", "2", "3")]) }])?;
    drop(ledger);
    let report = check(&path, schema())?;
    assert!(report.is_sound(), "{report:?}");
    Ok(())
}

#[test]
fn rows_without_their_log_are_verified_all_the_same() -> Result<(), Box<dyn Error>> {
    let (_, commits) = three()?;
    let folder = tempfile::tempdir()?;
    let mut gap = rebuild(&folder.path().join("gap.redb"))?.without_log();
    gap.replay(commits[0].clone())?;
    let refused = gap.replay(commits[2].clone());
    assert!(matches!(refused, Err(LedgerError::Corrupt(_))), "{refused:?}");
    // The first commit goes another way than the one the second was made after.
    let mut other = rebuild(&folder.path().join("other.redb"))?.without_log();
    other.rows::<_, LedgerError>(ITEMS, [Ok((&b"a"[..], &b"9"[..]))])?;
    for commit in commits {
        other.replay(commit)?;
    }
    let refused = other.finish(Lsn(3));
    assert!(matches!(refused, Err(LedgerError::RowMismatch { .. })), "{refused:?}");
    Ok(())
}
