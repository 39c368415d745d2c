//! The journal beside a ledger's file, on real files.

use std::{error::Error, fs, path::Path};

use super::{ITEMS, draft, item, schema};
use crate::ledger::{Ledger, LedgerError, Lsn};

type Outcome = Result<(), Box<dyn Error>>;

/// Appends commits one by one, each replacing the content of one row.
fn work(ledger: &mut Ledger, commits: u32) -> Result<(), LedgerError> {
    for _ in 0..commits {
        let lsn = ledger.head().lsn;
        let before = if lsn == Lsn::ZERO { String::new() } else { lsn.to_string() };
        ledger.append(vec![draft("edit", vec![item("a", &before, &lsn.next().to_string())])])?;
    }
    Ok(())
}

/// What a process that is killed leaves: the files as the system shows them, mid-flight.
fn copy_of_running(from: &Path, to: &Path) -> Outcome {
    for name in ["ledger.redb", "ledger.redb-journal"] {
        fs::copy(from.join(name), to.join(name))?;
    }
    Ok(())
}

/// The same after a power cut that no write to the data file survived.
fn copy_of_powerless(from: &Path, to: &Path, data_at_last_sync: &[u8]) -> Outcome {
    copy_of_running(from, to)?;
    fs::write(to.join("ledger.redb"), data_at_last_sync)?;
    Ok(())
}

fn expect(directory: &Path, lsn: u64) -> Outcome {
    let mut ledger = Ledger::open(directory.join("ledger.redb"), schema())?;
    assert_eq!(ledger.head().lsn, Lsn(lsn));
    let row = ledger.snapshot()?.get(ITEMS, b"a")?;
    assert_eq!(row.as_deref(), Some(lsn.to_string().as_bytes()));
    let report = ledger.check()?;
    assert!(report.is_sound(), "{report:?}");
    Ok(())
}

#[test]
fn commits_survive_a_killed_process_and_a_power_cut() -> Outcome {
    let (live, killed, powerless) =
        (tempfile::tempdir()?, tempfile::tempdir()?, tempfile::tempdir()?);
    let path = live.path().join("ledger.redb");
    work(&mut Ledger::open(&path, schema())?, 3)?;
    let data = fs::read(&path)?;
    let mut ledger = Ledger::open(&path, schema())?;
    work(&mut ledger, 20)?;
    copy_of_running(live.path(), killed.path())?;
    copy_of_powerless(live.path(), powerless.path(), &data)?;
    work(&mut ledger, 1)?;
    expect(killed.path(), 23)?;
    expect(powerless.path(), 23)?;
    // What the recovery left is whole too.
    expect(powerless.path(), 23)
}

#[test]
fn a_ledger_closed_cleanly_needs_no_journal() -> Outcome {
    let (live, moved) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let path = live.path().join("ledger.redb");
    work(&mut Ledger::open(&path, schema())?, 5)?;
    fs::copy(&path, moved.path().join("ledger.redb"))?;
    expect(moved.path(), 5)?;
    expect(live.path(), 5)
}

#[test]
fn a_torn_last_frame_is_the_commit_that_was_never_acknowledged() -> Outcome {
    let (live, torn) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let path = live.path().join("ledger.redb");
    work(&mut Ledger::open(&path, schema())?, 3)?;
    let data = fs::read(&path)?;
    let mut ledger = Ledger::open(&path, schema())?;
    work(&mut ledger, 20)?;
    copy_of_powerless(live.path(), torn.path(), &data)?;
    let journal = torn.path().join("ledger.redb-journal");
    let mut bytes = fs::read(&journal)?;
    let frames = frame_starts(&bytes);
    let last = frames.last().copied().ok_or("no frame")?;
    bytes[last + 4096..last + 4608].fill(0);
    fs::write(&journal, bytes)?;
    expect(torn.path(), 22)
}

#[test]
fn a_journal_damaged_before_its_end_is_refused_not_cut_short() -> Outcome {
    let (live, damaged) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let path = live.path().join("ledger.redb");
    work(&mut Ledger::open(&path, schema())?, 3)?;
    let data = fs::read(&path)?;
    let mut ledger = Ledger::open(&path, schema())?;
    work(&mut ledger, 20)?;
    copy_of_powerless(live.path(), damaged.path(), &data)?;
    let journal = damaged.path().join("ledger.redb-journal");
    let sound = fs::read(&journal)?;
    let frames = frame_starts(&sound);
    assert!(frames.len() >= 20);
    for frame in [frames[0], frames[5], frames[frames.len() - 2]] {
        let mut bytes = sound.clone();
        bytes[frame + 300] ^= 1;
        fs::write(&journal, bytes)?;
        let refused = Ledger::open(damaged.path().join("ledger.redb"), schema());
        assert!(matches!(&refused, Err(LedgerError::Corrupt(_))), "{refused:?}");
    }
    Ok(())
}

/// Starts of the frames of the newest generation, in order.
fn frame_starts(journal: &[u8]) -> Vec<usize> {
    let generation_at = |at: usize| &journal[at + 16..at + 24];
    let starts: Vec<usize> = (0..journal.len())
        .step_by(4096)
        .filter(|at| journal[*at..].starts_with(b"oxfjrnl1"))
        .collect();
    let newest = starts.iter().map(|at| generation_at(*at)).max().unwrap_or_default();
    starts.iter().copied().filter(|at| generation_at(*at) == newest).collect()
}

#[test]
fn a_commit_larger_than_the_journal_is_kept_and_what_follows_it() -> Outcome {
    let (live, killed) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let mut ledger = Ledger::open(live.path().join("ledger.redb"), schema())?;
    work(&mut ledger, 3)?;
    let bulk = (0..40).map(|row| item(&format!("bulk/{row}"), "", &"x".repeat(300_000))).collect();
    ledger.append(vec![draft("import", bulk)])?;
    copy_of_running(live.path(), killed.path())?;
    let mut copy = Ledger::open(killed.path().join("ledger.redb"), schema())?;
    assert_eq!(copy.head().lsn, Lsn(4));
    assert_eq!(copy.snapshot()?.count(ITEMS)?, 41);
    assert!(copy.check()?.is_sound());
    ledger.append(vec![draft("more", vec![item("b", "", "1")])])?;
    drop(ledger);
    let mut ledger = Ledger::open(live.path().join("ledger.redb"), schema())?;
    assert_eq!(ledger.head().lsn, Lsn(5));
    assert!(ledger.check()?.is_sound());
    Ok(())
}
