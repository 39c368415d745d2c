//! Identities: UUIDv7 newtypes, one per entity, so that one can never stand in for another.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// The identity's sixteen bytes, as they stand in keys.
            pub fn bytes(self) -> [u8; 16] {
                self.0.into_bytes()
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }
        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(s: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(s).map($name)
            }
        }
        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                $name(id)
            }
        }
        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    )+};
}

ids! {
    /// An organisation: one contractor, one ledger.
    OrganisationId;
    /// A person who signs in.
    UserId;
    /// A tender: one request for a price by a client.
    TenderId;
    /// One revision of an estimate of a tender.
    EstimateId;
    /// A heading of an estimate.
    HeadingId;
    /// An item or sub-item of an estimate.
    ItemId;
    /// A line of a worksheet or of a recipe.
    LineId;
    /// A Lead's approval of an estimate.
    ApprovalId;
    /// What was sent to a client.
    SubmissionId;
    /// A budget handed to a job.
    HandoverId;
    /// An acceptance of what a rule of kind A refuses.
    AcknowledgementId;
    /// A price book.
    PriceBookId;
    /// A resource of a price book.
    ResourceId;
    /// A recipe.
    RecipeId;
    /// A company: client, supplier or subcontractor.
    CompanyId;
    /// A content block of an estimate.
    ContentBlockId;
    /// A kind of content block an Admin defined.
    ContentKindId;
    /// A categorisation.
    CategorisationId;
    /// An option of a categorisation.
    OptionId;
    /// A row that carries options: a tender, resource, item or company.
    LabelledId;
}

/// A source of fresh identities. The pure layer never makes its own: the workspace passes
/// UUIDv7s, a test passes a counter.
pub trait IdSource {
    /// A fresh identity, never given before.
    fn next_id(&mut self) -> Uuid;
}

impl<F: FnMut() -> Uuid> IdSource for F {
    fn next_id(&mut self) -> Uuid {
        self()
    }
}
