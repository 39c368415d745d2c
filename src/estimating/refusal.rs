//! Why an edit was refused.

use super::rules::{Violation, Violations};
use uuid::Uuid;

/// A refused edit. Nothing of the command has been done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// One or more business rules would be broken.
    #[error(transparent)]
    Violations(#[from] Violations),
    /// A row the edit names is not there.
    #[error("there is no {what} {id}")]
    NotFound {
        /// Kind of row.
        what: &'static str,
        /// Its identity.
        id: Uuid,
    },
    /// The row has changed since it was read (BR-099).
    #[error("{what} has changed since you read it: it is now at version {current}")]
    StaleVersion {
        /// Kind of row.
        what: &'static str,
        /// Its identity.
        id: Uuid,
        /// Its version now.
        current: u64,
    },
    /// A bound would be exceeded.
    #[error("too many {what}: the limit is {limit}")]
    TooMany {
        /// What there are too many of.
        what: &'static str,
        /// How many there may be.
        limit: usize,
    },
    /// The edit makes no sense as it stands.
    #[error("{message}")]
    Invalid {
        /// The field at fault.
        field: Option<&'static str>,
        /// What is wrong, in a sentence.
        message: String,
    },
}

impl From<Violation> for Refusal {
    fn from(v: Violation) -> Self {
        Refusal::Violations(Violations(vec![v]))
    }
}

impl Refusal {
    /// A refusal that names no rule.
    pub fn invalid(field: &'static str, message: impl Into<String>) -> Refusal {
        Refusal::Invalid { field: Some(field), message: message.into() }
    }
}
