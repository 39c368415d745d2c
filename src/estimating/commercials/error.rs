//! Why a price cannot be formed.

use crate::estimating::{
    refusal::Refusal,
    rules::{RuleId, Violation, Violations},
};

/// Why a price cannot be formed; the figures before it stand.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PricingError {
    /// Business rules are broken. One of kind invariant (BR-078, BR-087) is a fault in the
    /// program: whoever changes state takes the change back.
    #[error(transparent)]
    Broken(#[from] Violations),
    /// A figure would leave the range of money or of its limits.
    #[error("{what} is beyond the range of figures")]
    Beyond {
        /// The figure.
        what: String,
    },
}

impl PricingError {
    pub(super) fn beyond(what: impl Into<String>) -> PricingError {
        PricingError::Beyond { what: what.into() }
    }
}

impl From<Violation> for PricingError {
    fn from(violation: Violation) -> Self {
        PricingError::Broken(violation.into())
    }
}

impl From<PricingError> for Refusal {
    fn from(error: PricingError) -> Self {
        match error {
            PricingError::Broken(violations) => Refusal::Violations(violations),
            PricingError::Beyond { .. } => {
                Refusal::Invalid { field: None, message: error.to_string() }
            }
        }
    }
}

/// Rule BR-`number` is broken.
pub(super) fn broken(number: u8, message: impl Into<String>) -> Violation {
    Violation::new(RuleId::br(number), message)
}
