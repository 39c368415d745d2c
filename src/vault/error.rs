//! What can go wrong with a vault.

use super::{StoreError, moment::Stop};
use crate::ledger::{LedgerError, Lsn};

/// A failed call of the vault.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The address, the key or another setting cannot be used.
    #[error("{0}")]
    Settings(String),
    /// The store did not do what it was asked; asking again may help.
    #[error("the object store failed: {0}")]
    Store(StoreError),
    /// The store lets a second writer overwrite what the first created.
    #[error(
        "the object store does not refuse to create an object twice, so two servers could write \
         one history; use another store, or set vault.unfenced = true to go without"
    )]
    Unfenced,
    /// A newer writer has taken over.
    #[error("another server writes this vault since epoch {0}; this one takes no more changes")]
    Fenced(u64),
    /// The vault holds commits that the ledger does not.
    #[error(
        "the vault holds {slug} up to commit {vault}, this data folder up to {local} of the same \
         history or of another: restore from the vault into a new folder, or empty the prefix"
    )]
    Ahead {
        /// Whose vault.
        slug: String,
        /// The newest commit in the vault.
        vault: Lsn,
        /// The newest commit in the ledger.
        local: Lsn,
    },
    /// An object is not what was stored.
    #[error("{key} is damaged: {why}")]
    Damaged {
        /// Its key.
        key: String,
        /// What is wrong with it.
        why: String,
    },
    /// An object or a file is in a format that this release does not know.
    #[error("{0} was made by a newer release of oxFlow: update oxFlow to read it")]
    Newer(String),
    /// What is needed is not in the vault.
    #[error("{0}")]
    Missing(String),
    /// A moment before the first that can be restored.
    #[error("there is nothing to restore of that time: the first moment there is is {0}")]
    TooEarly(Stop),
    /// The ledger failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// A file or folder cannot be used.
    #[error("{path}: {cause}")]
    File {
        /// Which.
        path: String,
        /// What the system said.
        cause: std::io::Error,
    },
    /// Work in the background ended without an answer.
    #[error("work in the background was given up: {0}")]
    GivenUp(String),
}

impl VaultError {
    /// An object that is not what was stored.
    pub(super) fn damaged(key: &str, why: impl Into<String>) -> VaultError {
        VaultError::Damaged { key: key.to_owned(), why: why.into() }
    }

    /// Whether there was no room on the disk that was written to.
    #[must_use]
    pub fn is_full(&self) -> bool {
        match self {
            VaultError::Ledger(LedgerError::DiskFull) => true,
            VaultError::File { cause, .. } => matches!(
                cause.kind(),
                std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded
            ),
            _ => false,
        }
    }

    /// Whether it may pass by itself.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        matches!(self, VaultError::Store(_) | VaultError::GivenUp(_) | VaultError::Ledger(_))
    }
}

impl From<object_store::Error> for VaultError {
    fn from(error: object_store::Error) -> VaultError {
        VaultError::Store(error.into())
    }
}
