//! What can go wrong in a ledger, and what a caller can do about it.

use std::io;

use data_encoding::HEXLOWER;

use super::{CodecError, RecordError, TableId};

/// A failed ledger call. [`LedgerError::needs_reopen`] tells whether the handle is still good.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// No space on the device (or over the quota). Nothing of the call is acknowledged; free some
    /// space, then reopen.
    #[error("the disk is full")]
    DiskFull,
    /// The device failed.
    #[error("reading or writing the ledger failed: {0}")]
    Io(io::Error),
    /// The file contradicts itself; see `oxflow check`.
    #[error("the ledger is damaged: {0}")]
    Corrupt(String),
    /// An earlier failure left this handle unusable; call `reopen`.
    #[error("the ledger must be reopened after a failed commit")]
    NeedsReopen,
    /// Another process, or another handle of this one, has the file open.
    #[error("the ledger is already open elsewhere")]
    AlreadyOpen,
    /// A snapshot is alive, and the call needs the ledger to itself.
    #[error("the ledger is in use")]
    Busy,
    /// The file was written by a newer release.
    #[error(
        "the ledger has {what} version {file}, this release knows up to {program}: \
         start the release that wrote it, or a newer one"
    )]
    Newer {
        /// Which of the file's versions.
        what: &'static str,
        /// The file's version.
        file: u32,
        /// The newest version this release reads.
        program: u32,
    },
    /// The file belongs to another organisation.
    #[error("the ledger belongs to organisation {}, not {}", HEXLOWER.encode(found), HEXLOWER.encode(expected))]
    WrongOrganisation {
        /// The organisation asked for.
        expected: [u8; 16],
        /// The organisation of the file.
        found: [u8; 16],
    },
    /// The schema given is not usable (a programming error).
    #[error("bad schema: {0}")]
    BadSchema(String),
    /// A table the schema does not name.
    #[error("the schema has no table {0}")]
    UnknownTable(TableId),
    /// A draft's `before` is not what is stored: it was made from other state. Nothing of the
    /// batch is written.
    #[error("draft {draft}: row {} of table {table} is not as the draft saw it", HEXLOWER.encode(key))]
    RowMismatch {
        /// Index of the draft in the batch.
        draft: usize,
        /// Table of the row.
        table: TableId,
        /// Key of the row.
        key: Vec<u8>,
    },
    /// A draft changes a row twice, or changes nothing into nothing.
    #[error("draft {draft}: the change of row {} of table {table} has no meaning", HEXLOWER.encode(key))]
    BadChange {
        /// Index of the draft in the batch.
        draft: usize,
        /// Table of the row.
        table: TableId,
        /// Key of the row.
        key: Vec<u8>,
    },
    /// A draft is over a limit, or a stored record does not read.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// A row does not encode or decode.
    #[error(transparent)]
    Codec(#[from] CodecError),
    /// A migration refused the rows it found.
    #[error("migration {number} failed: {why}")]
    Migration {
        /// Its number.
        number: u32,
        /// What it said.
        why: String,
    },
}

impl LedgerError {
    /// Whether the handle that returned this must be reopened before its next commit. Errors that
    /// only refuse a call (a mismatch, an unknown table) leave it good.
    #[must_use]
    pub fn needs_reopen(&self) -> bool {
        match self {
            LedgerError::DiskFull
            | LedgerError::Io(_)
            | LedgerError::Corrupt(_)
            | LedgerError::NeedsReopen => true,
            LedgerError::AlreadyOpen
            | LedgerError::Busy
            | LedgerError::Newer { .. }
            | LedgerError::WrongOrganisation { .. }
            | LedgerError::BadSchema(_)
            | LedgerError::UnknownTable(_)
            | LedgerError::RowMismatch { .. }
            | LedgerError::BadChange { .. }
            | LedgerError::Record(_)
            | LedgerError::Codec(_)
            | LedgerError::Migration { .. } => false,
        }
    }
}

impl From<io::Error> for LedgerError {
    fn from(error: io::Error) -> Self {
        let kind = error.kind();
        if matches!(kind, io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) {
            LedgerError::DiskFull
        } else if kind == io::ErrorKind::WouldBlock {
            LedgerError::AlreadyOpen
        } else if kind == io::ErrorKind::InvalidData {
            LedgerError::Corrupt(error.to_string())
        } else {
            LedgerError::Io(error)
        }
    }
}

impl From<redb::Error> for LedgerError {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "redb may add errors; what is not named here means its file or its use is wrong"
    )]
    fn from(error: redb::Error) -> Self {
        match error {
            redb::Error::Io(error) => error.into(),
            redb::Error::PreviousIo | redb::Error::DatabaseClosed => LedgerError::NeedsReopen,
            redb::Error::TransactionInProgress => LedgerError::Busy,
            redb::Error::DatabaseAlreadyOpen => LedgerError::AlreadyOpen,
            redb::Error::UpgradeRequired(version) => {
                LedgerError::Corrupt(format!("redb file format {version} is not readable"))
            }
            other => LedgerError::Corrupt(other.to_string()),
        }
    }
}

macro_rules! from_redb {
    ($($error:ident),+) => {$(
        impl From<redb::$error> for LedgerError {
            fn from(error: redb::$error) -> Self {
                redb::Error::from(error).into()
            }
        }
    )+};
}

from_redb!(StorageError, TableError, TransactionError, CommitError, DatabaseError);
