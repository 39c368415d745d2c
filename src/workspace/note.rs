//! What the workspace keeps with every commit beside its rows.

use super::command::Scope;
use crate::{
    estimating::number::Money,
    ledger::{CodecError, Lsn, Record, Row, decode, encode},
};
use serde::{Deserialize, Serialize};

/// Totals of the estimate after a commit, so that a restore can be proven to the cent
/// (domain 2.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoteTotals {
    /// Direct cost.
    pub direct: Money,
    /// Indirect cost.
    pub indirect: Money,
    /// Sell excluding GST; none until the estimate has commercials.
    pub sell: Option<Money>,
}

/// The note of a commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommitNote {
    /// What it belongs to; none for what nobody can undo (layouts, the system's own commits).
    pub scope: Option<Scope>,
    /// What it did, in words for a person.
    pub label: Box<str>,
    /// Which client asked, as that client named itself.
    pub origin: Option<Box<str>>,
    /// The commit it takes back, when it is an undo or a redo.
    pub reverses: Option<Lsn>,
    /// Whether it is a redo: it takes back an undo.
    pub redo: bool,
    /// Totals of the estimate after it.
    pub totals: Option<NoteTotals>,
}

impl Row for CommitNote {
    const FORMAT: u8 = 1;
}

impl CommitNote {
    /// The note as the ledger keeps it.
    ///
    /// # Errors
    /// When it is too long.
    pub fn to_bytes(&self) -> Result<Vec<u8>, CodecError> {
        encode(self)
    }

    /// What the commit did, in words for a history.
    pub fn in_words(self) -> String {
        match (self.reverses, self.redo) {
            (None, _) => self.label.into_string(),
            (Some(_), false) => format!("Undo: {}", self.label),
            (Some(_), true) => format!("Redo: {}", self.label),
        }
    }

    /// The note of a commit; a plain one for commits of the ledger itself, which have none.
    ///
    /// # Errors
    /// When the note does not read.
    pub fn of(record: &Record) -> Result<CommitNote, CodecError> {
        if record.note.is_empty() {
            return Ok(CommitNote {
                scope: None,
                label: record.command.as_str().into(),
                origin: None,
                reverses: None,
                redo: false,
                totals: None,
            });
        }
        decode(&record.note)
    }
}
