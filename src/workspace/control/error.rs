//! Why the data directory cannot be used, or a change of people was refused.

use super::super::{WorkspaceError, rows::RowError};
use crate::{estimating::user::User, ledger::LedgerError};
use std::{path::PathBuf, sync::Arc};

/// Why the data directory cannot be used, or a change of people was refused.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// Another process has it open.
    #[error("the data directory {0} is in use by another oxflow process")]
    InUse(PathBuf),
    /// The directory or a file in it cannot be made or read.
    #[error("the data directory {path} cannot be used: {cause}")]
    Directory {
        /// Where.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// A ledger failed.
    #[error("{path}: {cause}")]
    Ledger {
        /// Which.
        path: PathBuf,
        /// What it said.
        cause: LedgerError,
    },
    /// An organisation's state could not be read.
    #[error("organisation {slug}: {cause}")]
    Workspace {
        /// Which.
        slug: String,
        /// What is wrong.
        cause: WorkspaceError,
    },
    /// A control row does not read.
    #[error("{0}")]
    Row(#[from] RowError),
    /// Only an Admin may change an organisation and its people (BR-114, BR-116).
    #[error("Only an Admin {0}.")]
    NotAdmin(&'static str),
    /// There is no such organisation.
    #[error("there is no organisation {0}")]
    NoOrganisation(String),
    /// There is no such person in the organisation.
    #[error("there is no such person")]
    NoUser,
    /// There is no such sign-in or token.
    #[error("there is no such {0}")]
    NoAccess(&'static str),
    /// Somebody works in another organisation of this server too.
    #[error(
        "Somebody who works in another organisation too cannot be unlinked by an Admin of one."
    )]
    Shared,
    /// The chain of the control ledger does not hold.
    #[error("The audit trail of people does not hold: {0}.")]
    TrailBroken(String),
    /// The person changed since whoever asks read them.
    #[error("Somebody changed this person in the meantime.")]
    Stale(Arc<User>),
    /// A value is not acceptable.
    #[error("{message}")]
    Invalid {
        /// Which value.
        field: &'static str,
        /// Why, in a sentence.
        message: String,
    },
    /// The back-up takes nothing, so nothing may change.
    #[error("no change is taken: {0}")]
    Archive(Arc<str>),
    /// At least one active Admin must remain (BR-116).
    #[error("At least one active Admin must remain: make another person Admin first.")]
    LastAdmin,
    /// A person who may not sign in any more (BR-117).
    #[error("This person is deactivated.")]
    Deactivated,
}

impl ControlError {
    /// A value that is not acceptable.
    pub(in crate::workspace) fn invalid(
        field: &'static str,
        message: impl Into<String>,
    ) -> ControlError {
        ControlError::Invalid { field, message: message.into() }
    }
}
