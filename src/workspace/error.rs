//! Why a request was not carried out.

use super::{past::NoSuchMoment, rows::RowError};
use crate::{
    estimating::{id::UserId, refusal::Refusal, rules::Violations, user::Role},
    ledger::{CodecError, LedgerError, Lsn},
};
use std::sync::Arc;
use uuid::Uuid;

/// A request that was refused or failed. Nothing of it has been done, except where
/// [`WorkspaceError::Failed`] says that this is unknown.
#[derive(Clone, Debug, thiserror::Error)]
pub enum WorkspaceError {
    /// The domain refuses it.
    #[error(transparent)]
    Refused(Refusal),
    /// It would have broken an invariant, which is a fault in the program. Nothing of it was done and
    /// the alarm was raised.
    #[error("{0}")]
    Invariant(Violations),
    /// The role of whoever asks does not grant it (BR-114, BR-115).
    #[error("{what} needs the role {}; yours is {}", needs.name(), has.name())]
    PermissionDenied {
        /// What was asked for.
        what: &'static str,
        /// The least role that may.
        needs: Role,
        /// The role of whoever asked.
        has: Role,
        /// The code of the rule that says so.
        code: &'static str,
    },
    /// Somebody else has changed a row since.
    #[error("{0}")]
    UndoConflict(Box<UndoConflict>),
    /// There is nothing to undo, or nothing to redo.
    #[error("there is nothing to {0}")]
    NothingToUndo(&'static str),
    /// The idempotency key was used before, for a request with another body.
    #[error("this idempotency key was used for a different request")]
    IdempotencyMismatch,
    /// The request has a part that makes no sense.
    #[error("{0}")]
    Invalid(String),
    /// There is no such row.
    #[error("there is no {what} {id}")]
    NotFound {
        /// Kind of row.
        what: &'static str,
        /// Its identity.
        id: Uuid,
    },
    /// There is no state at the moment asked for.
    #[error("{0}")]
    Moment(NoSuchMoment),
    /// The organisation takes no changes for now.
    #[error("changes are not accepted: {0}")]
    ReadOnly(Arc<str>),
    /// The audit trail was altered or damaged: nothing is changed any more (BR-119).
    #[error("{0}")]
    AuditBroken(Arc<str>),
    /// The job is over, or about to be: nothing can be stopped any more.
    #[error("the job is over already")]
    JobOver,
    /// The job does not take this as it stands.
    #[error("{0}")]
    JobState(&'static str),
    /// There are as many jobs as there may be.
    #[error("{0}")]
    TooManyJobs(&'static str),
    /// Too many requests are waiting. Try again.
    #[error("too many changes are waiting")]
    Overloaded,
    /// The organisation is being closed.
    #[error("the organisation is being closed")]
    Closing,
    /// The disk or the ledger failed while the change was being written. It was not acknowledged;
    /// an idempotency key makes it safe to send again.
    #[error("the change could not be saved: {0}")]
    Failed(Arc<str>),
    /// The ledger could not be read.
    #[error("the ledger could not be read: {0}")]
    Storage(Arc<str>),
}

/// Which row stands in the way of an undo, and whose change it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UndoConflict {
    /// `undo` or `redo`.
    pub action: &'static str,
    /// Kind of row, such as `item`.
    pub what: &'static str,
    /// Its identity, nil for rows that go by a code.
    pub id: Uuid,
    /// The row's code or name, as people know it.
    pub row_name: String,
    /// Who changed it since; nil when not known.
    pub by: UserId,
    /// Their name.
    pub by_name: Arc<str>,
    /// What they did.
    pub label: String,
    /// When, microseconds since 1970, UTC.
    pub at_us: i64,
    /// Their commit.
    pub lsn: Lsn,
}

impl std::fmt::Display for UndoConflict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "cannot {}: {} changed {} {} since ({})",
            self.action, self.by_name, self.what, self.row_name, self.label
        )
    }
}

impl From<NoSuchMoment> for WorkspaceError {
    fn from(none: NoSuchMoment) -> Self {
        WorkspaceError::Moment(none)
    }
}

impl From<Refusal> for WorkspaceError {
    fn from(refusal: Refusal) -> Self {
        WorkspaceError::Refused(refusal)
    }
}

impl From<LedgerError> for WorkspaceError {
    fn from(error: LedgerError) -> Self {
        WorkspaceError::Storage(error.to_string().into())
    }
}

impl From<RowError> for WorkspaceError {
    fn from(error: RowError) -> Self {
        WorkspaceError::Storage(error.to_string().into())
    }
}

impl From<CodecError> for WorkspaceError {
    fn from(error: CodecError) -> Self {
        WorkspaceError::Storage(error.to_string().into())
    }
}
