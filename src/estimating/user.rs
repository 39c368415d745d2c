//! People and what they may do.

use super::{
    heading::Stamp,
    id::{OrganisationId, UserId},
    number::Pct,
};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;

/// A user's one role (BR-114). They are ordered by what they may: each may do all that a lesser one
/// may. Their places here are those of stored rows, and stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Prices estimates.
    Estimator,
    /// Adjudicates, sets margins, approves, submits.
    LeadEstimator,
    /// Manages users, price books, integrations and retention.
    Admin,
    /// Reads everything and changes nothing.
    Viewer,
}

impl Role {
    /// How much it may do, least first.
    const fn rank(self) -> u8 {
        match self {
            Role::Viewer => 0,
            Role::Estimator => 1,
            Role::LeadEstimator => 2,
            Role::Admin => 3,
        }
    }

    /// The role's English name.
    pub const fn name(self) -> &'static str {
        match self {
            Role::Estimator => "Estimator",
            Role::LeadEstimator => "Lead Estimator",
            Role::Admin => "Admin",
            Role::Viewer => "Viewer",
        }
    }
}

impl Ord for Role {
    fn cmp(&self, other: &Role) -> Ordering {
        self.rank().cmp(&other.rank())
    }
}

impl PartialOrd for Role {
    fn partial_cmp(&self, other: &Role) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A person who signs in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Identity.
    pub id: UserId,
    /// Name as records show it; past records keep it (BR-117).
    pub name: Box<str>,
    /// E-mail address; empty for a service account.
    pub email: Box<str>,
    /// Role.
    pub role: Role,
    /// Whether the person may sign in.
    pub active: bool,
    /// Counts changes of this row, from 1.
    pub version: u64,
    /// Who and when.
    pub stamp: Stamp,
}

impl User {
    /// Whether this is a program, which has tokens and cannot sign in.
    pub fn is_service(&self) -> bool {
        self.email.is_empty()
    }
}

/// An organisation: one contractor, one ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organisation {
    /// Identity.
    pub id: OrganisationId,
    /// Short name in paths and keys: lower-case letters, digits and hyphens.
    pub slug: Box<str>,
    /// Name.
    pub name: Box<str>,
    /// ISO 4217 code of the currency all money is in.
    pub currency: Box<str>,
    /// GST in percent.
    pub gst_pct: Pct,
    /// IANA time zone.
    pub time_zone: Box<str>,
    /// BCP 47 locale.
    pub locale: Box<str>,
    /// Counts changes of this row, from 1.
    pub version: u64,
    /// Who and when.
    pub stamp: Stamp,
}
