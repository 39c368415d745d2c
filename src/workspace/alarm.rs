//! The alarm: what happens when an invariant is broken, which is a fault in the program.
//!
//! The command is dropped before anything of it is seen, whoever asked is told so, the log gets an
//! error, [`WriterFigures::alarms`](super::WriterFigures::alarms) counts it, and the
//! [`Watch`] of the organisation is told.

use super::WorkspaceError;
use crate::estimating::{
    id::UserId,
    refusal::Refusal,
    rules::{RuleId, Violations},
};
use uuid::Uuid;

/// A broken invariant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alarm {
    /// The rule.
    pub rule: RuleId,
    /// What was found, in a sentence.
    pub message: String,
    /// The rows it was found on.
    pub objects: Vec<Uuid>,
    /// What was asked for, such as `edit`.
    pub command: &'static str,
    /// Who asked.
    pub by: UserId,
    /// When, microseconds since 1970, UTC.
    pub at_us: i64,
}

/// Who is told of alarms. Called on the writer's thread: it must not wait.
pub trait Watch: Send + Sync {
    /// An invariant was broken; the change has been taken back.
    fn raised(&self, alarm: &Alarm);
}

/// Nobody: the log and the count are all there is.
pub struct Unwatched;

impl Watch for Unwatched {
    fn raised(&self, _alarm: &Alarm) {}
}

/// A refusal that breaks an invariant is no refusal but a failure: one as that, the rest as it is.
pub(super) fn as_failure(error: WorkspaceError) -> WorkspaceError {
    match error {
        WorkspaceError::Refused(Refusal::Violations(violations)) if is_fault(&violations) => {
            WorkspaceError::Invariant(violations)
        }
        error => error,
    }
}

fn is_fault(violations: &Violations) -> bool {
    violations.0.iter().any(|violation| violation.fault)
}
