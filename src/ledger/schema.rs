//! What a ledger's tables are called and how older files are brought up to date.

use super::{Change, LedgerError, Snapshot, TableId, tables::RESERVED_NAMES};

/// The tables and the version of the rows in them, as this release knows them.
#[derive(Debug, Clone)]
pub struct Schema {
    /// Version of the rows: the number of the newest migration, or 0 with none.
    pub version: u32,
    /// The organisation the ledger belongs to.
    pub organisation: [u8; 16],
    /// Every entity table. An id or a name once used stays, even when its rows are gone.
    pub tables: &'static [(TableId, &'static str)],
    /// Numbered 1, 2, 3, ... without a gap, the last numbered `version`.
    pub migrations: &'static [Migration],
}

/// One step that brings the rows from schema `number - 1` to schema `number`.
///
/// It runs when an older file is opened, as one ordinary commit (actor zero, command
/// `migrate-<number>`) in the same transaction that raises the file's schema version, so it is
/// wholly done or not at all. A new file starts at the newest version and runs none.
#[derive(Clone, Copy)]
pub struct Migration {
    /// Schema version it leads to.
    pub number: u32,
    /// Reads the rows as they are and gives the changes to make; an error refuses the file.
    pub changes: fn(&Snapshot) -> Result<Vec<Change>, MigrationError>,
}

impl std::fmt::Debug for Migration {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Migration").field("number", &self.number).finish_non_exhaustive()
    }
}

/// Why a migration cannot run.
#[derive(Debug, thiserror::Error)]
pub enum MigrationError {
    /// The ledger failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The rows are not what the migration expects.
    #[error("{0}")]
    Refused(String),
}

impl Schema {
    /// Checks the schema's own rules: unique ids and names, migrations numbered from 1 to
    /// `version`.
    ///
    /// # Errors
    /// `BadSchema` naming the first rule broken.
    pub(super) fn validate(&self) -> Result<(), LedgerError> {
        let bad = |why: String| Err(LedgerError::BadSchema(why));
        for (index, (id, name)) in self.tables.iter().enumerate() {
            if name.is_empty() || RESERVED_NAMES.contains(name) {
                return bad(format!("table name {name:?} is reserved"));
            }
            if self.tables.iter().skip(index + 1).any(|other| other.0 == *id || other.1 == *name) {
                return bad(format!("table {id} {name:?} is declared twice"));
            }
        }
        let numbers = self.migrations.iter().map(|migration| migration.number);
        if !numbers.eq(1..=self.version) {
            return bad(format!("migrations must be numbered 1 to {}", self.version));
        }
        Ok(())
    }

    /// Name of a table. O(tables).
    ///
    /// # Errors
    /// `UnknownTable`.
    pub(super) fn table_name(&self, table: TableId) -> Result<&'static str, LedgerError> {
        self.tables
            .iter()
            .find(|(id, _)| *id == table)
            .map(|(_, name)| *name)
            .ok_or(LedgerError::UnknownTable(table))
    }
}
