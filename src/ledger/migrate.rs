//! Bringing an older file's rows up to the schema, as ordinary commits.

use std::time::{SystemTime, UNIX_EPOCH};

use super::{Draft, Ledger, LedgerError, MigrationError, Record};

/// Actor of commits the system makes itself.
pub const SYSTEM_ACTOR: [u8; 16] = [0; 16];

/// What the name of a migration's command starts with; its number follows.
const COMMAND_PREFIX: &str = "migrate-";

/// The schema version a commit of the log raised the rows to, where it is a migration's.
pub(super) fn migration_number(record: &Record) -> Option<u32> {
    let number = record.command.strip_prefix(COMMAND_PREFIX)?;
    (record.actor == SYSTEM_ACTOR).then(|| number.parse().ok()).flatten()
}

/// Runs the migrations the file lacks, oldest first, each in a transaction of its own, so an
/// interrupted run continues where it stopped. O(1) when there are none.
pub(super) fn run(ledger: &mut Ledger) -> Result<(), LedgerError> {
    let version = ledger.snapshot()?.schema_version()?;
    let migrations = ledger.schema().migrations;
    for migration in migrations.iter().filter(|migration| migration.number > version) {
        let number = migration.number;
        let changes = (migration.changes)(&ledger.snapshot()?).map_err(|error| match error {
            MigrationError::Ledger(error) => error,
            MigrationError::Refused(why) => LedgerError::Migration { number, why },
        })?;
        let draft = Draft {
            at_us: now_us(),
            actor: SYSTEM_ACTOR,
            command: format!("{COMMAND_PREFIX}{number}"),
            note: Vec::new(),
            changes,
        };
        ledger.commit(vec![draft], Some(number))?;
    }
    Ok(())
}

/// Microseconds since 1970-01-01 UTC; 0 for a clock set before that.
fn now_us() -> i64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(elapsed.as_micros()).unwrap_or(i64::MAX)
}
