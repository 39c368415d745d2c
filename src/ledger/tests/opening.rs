use std::{error::Error, ops::ControlFlow, path::Path};

use super::{ITEMS, TABLES, draft, item, schema};
use crate::ledger::{
    Change, Ledger, LedgerError, Lsn, Migration, MigrationError, SYSTEM_ACTOR, Schema, Snapshot,
    TableId, check,
};

fn upper_case(snapshot: &Snapshot) -> Result<Vec<Change>, MigrationError> {
    let mut changes = Vec::new();
    snapshot.scan_prefix(ITEMS, &[], |key, row| {
        let (key, before) = (key.to_vec(), Some(row.to_vec()));
        changes.push(Change { table: ITEMS, key, before, after: Some(row.to_ascii_uppercase()) });
        Ok::<_, LedgerError>(ControlFlow::Continue(()))
    })?;
    Ok(changes)
}

fn refuse_unless_upper_case(snapshot: &Snapshot) -> Result<Vec<Change>, MigrationError> {
    match snapshot.get(ITEMS, b"a")?.as_deref() {
        Some(b"ONE") => Ok(Vec::new()),
        other => Err(MigrationError::Refused(format!("found {other:?}"))),
    }
}

const MIGRATIONS: &[Migration] = &[
    Migration { number: 1, changes: upper_case },
    Migration { number: 2, changes: refuse_unless_upper_case },
];

fn newer_schema() -> Schema {
    Schema { version: 2, migrations: MIGRATIONS, ..schema() }
}

fn seeded(path: &Path) -> Result<(), LedgerError> {
    let mut ledger = Ledger::open(path, schema())?;
    ledger.append(vec![draft("add", vec![item("a", "", "one"), item("b", "", "two")])])?;
    Ok(())
}

#[test]
fn a_ledger_is_there_again_when_reopened_from_its_file() -> Result<(), Box<dyn Error>> {
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("ledger.redb");
    seeded(&path)?;
    let mut ledger = Ledger::open(&path, schema())?;
    assert_eq!(ledger.head().lsn, Lsn(1));
    assert_eq!(ledger.snapshot()?.get(ITEMS, b"b")?.as_deref(), Some(b"two".as_slice()));
    let reader = ledger.reader();
    let old = reader.snapshot()?;
    assert_eq!(ledger.reopen()?.lsn, Lsn(1));
    assert_eq!(reader.snapshot()?.head()?, ledger.head());
    drop(old);
    ledger.append(vec![draft("more", vec![item("a", "one", "")])])?;
    Ok(())
}

#[test]
fn a_file_open_elsewhere_is_refused() -> Result<(), Box<dyn Error>> {
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("ledger.redb");
    let _open = Ledger::open(&path, schema())?;
    assert!(matches!(Ledger::open(&path, schema()), Err(LedgerError::AlreadyOpen)));
    Ok(())
}

#[test]
fn migrations_run_once_in_order_as_commits_of_the_system() -> Result<(), Box<dyn Error>> {
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("ledger.redb");
    seeded(&path)?;
    for _ in 0..2 {
        let mut ledger = Ledger::open(&path, newer_schema())?;
        assert_eq!(ledger.head().lsn, Lsn(3));
        let snapshot = ledger.snapshot()?;
        assert_eq!(snapshot.schema_version()?, 2);
        assert_eq!(snapshot.get(ITEMS, b"b")?.as_deref(), Some(b"TWO".as_slice()));
        let records = snapshot.records(Lsn(2)..)?.collect::<Result<Vec<_>, _>>()?;
        let commands: Vec<_> = records.iter().map(|record| record.command.as_str()).collect();
        assert_eq!(commands, ["migrate-1", "migrate-2"]);
        assert!(records.iter().all(|record| record.actor == SYSTEM_ACTOR));
        drop(snapshot);
        assert!(ledger.check()?.is_sound());
    }
    Ok(())
}

#[test]
fn a_new_file_starts_at_the_newest_schema_without_migrations() -> Result<(), Box<dyn Error>> {
    let directory = tempfile::tempdir()?;
    let ledger = Ledger::open(directory.path().join("ledger.redb"), newer_schema())?;
    assert_eq!(ledger.head().lsn, Lsn::ZERO);
    assert_eq!(ledger.snapshot()?.schema_version()?, 2);
    assert_eq!(ledger.snapshot()?.epoch()?, 1);
    Ok(())
}

#[test]
fn a_migration_that_refuses_leaves_the_file_at_the_version_before() -> Result<(), Box<dyn Error>> {
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("ledger.redb");
    drop(Ledger::open(&path, schema())?);
    let error = Ledger::open(&path, newer_schema()).unwrap_err();
    assert!(matches!(error, LedgerError::Migration { number: 2, .. }), "{error}");
    let first = Schema { version: 1, migrations: &MIGRATIONS[..1], ..schema() };
    assert_eq!(Ledger::open(&path, first)?.snapshot()?.schema_version()?, 1);
    Ok(())
}

#[test]
fn a_file_of_a_newer_schema_is_refused_naming_both_versions() -> Result<(), Box<dyn Error>> {
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("ledger.redb");
    drop(Ledger::open(&path, newer_schema())?);
    let message = Ledger::open(&path, schema()).unwrap_err().to_string();
    assert!(message.contains("schema version 2") && message.contains("up to 0"), "{message}");
    assert!(matches!(check(&path, schema()), Err(LedgerError::Newer { .. })));
    Ok(())
}

#[test]
fn a_file_of_another_organisation_is_refused() -> Result<(), Box<dyn Error>> {
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("ledger.redb");
    seeded(&path)?;
    let other = Schema { organisation: [1; 16], ..schema() };
    assert!(matches!(Ledger::open(&path, other), Err(LedgerError::WrongOrganisation { .. })));
    Ok(())
}

#[test]
fn a_file_that_is_not_a_ledger_is_refused() -> Result<(), Box<dyn Error>> {
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("ledger.redb");
    std::fs::write(&path, b"a spreadsheet, perhaps".repeat(1000))?;
    assert!(Ledger::open(&path, schema()).is_err());
    assert!(check(directory.path().join("absent.redb"), schema()).is_err());
    assert!(!directory.path().join("absent.redb").exists());
    Ok(())
}

#[test]
fn a_schema_that_contradicts_itself_is_refused() {
    let open = |schema| {
        Ledger::open_with(redb::backends::InMemoryBackend::new(), schema).map(|_| ()).unwrap_err()
    };
    let twice: &[(TableId, &str)] = &[(ITEMS, "items"), (ITEMS, "rates")];
    let reserved: &[(TableId, &str)] = &[(ITEMS, "log")];
    for bad in [
        Schema { tables: twice, ..schema() },
        Schema { tables: reserved, ..schema() },
        Schema { tables: TABLES, version: 1, ..schema() },
        Schema { version: 2, migrations: &MIGRATIONS[1..], ..schema() },
    ] {
        assert!(matches!(open(bad), LedgerError::BadSchema(_)));
    }
}
