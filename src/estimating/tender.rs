//! Tenders and estimates.

use super::{
    heading::Stamp,
    id::{CompanyId, EstimateId, TenderId, UserId},
    number::Pct,
    tender_record::TenderRecord,
    worksheet::Variable,
};
use serde::{Deserialize, Serialize};

/// Form of contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FormOfContract {
    /// NZS 3910, construct only.
    Nzs3910,
    /// NZS 3916, design and construct.
    Nzs3916,
    /// NZS 3917, term maintenance.
    Nzs3917,
    /// Any other.
    Other,
}

/// Whether price and non-price attributes travel in one envelope or two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Envelopes {
    /// One envelope.
    One,
    /// Two envelopes: the non-price file holds no price.
    Two,
}

/// State of a tender (domain 2.3).
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum TenderState {
    /// Received, not decided on.
    Enquiry,
    /// Being priced.
    Active,
    /// Sent in.
    Submitted,
    /// Won.
    Won,
    /// Lost to another.
    Lost,
    /// The client let nothing.
    NoAward,
    /// Not bid.
    Declined,
    /// Withdrawn before or after submission.
    Withdrawn,
    /// Kept for the record.
    Archived,
}

/// A tender: one request for a price by a client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tender {
    /// Identity.
    pub id: TenderId,
    /// Unique for all time (BR-001).
    pub number: Box<str>,
    /// Name.
    pub name: Box<str>,
    /// The company that asks for the price, where it is one we know (BR-002).
    pub client: Option<CompanyId>,
    /// Who asks for the price, in words.
    pub client_name: Box<str>,
    /// The client's reference.
    pub client_ref: Box<str>,
    /// Where the work is.
    pub location: Box<str>,
    /// Closing time, microseconds since 1970, UTC.
    pub closing_at_us: Option<i64>,
    /// Days the price must hold after closing.
    pub validity_days: u32,
    /// Form of contract.
    pub form_of_contract: FormOfContract,
    /// Envelopes.
    pub envelopes: Envelopes,
    /// How likely it is to be won, in whole percent.
    pub probability_pct: Option<u8>,
    /// State.
    pub state: TenderState,
    /// Decision, notices and outcome.
    pub record: TenderRecord,
    /// Counts changes of this row, from 1.
    pub version: u64,
    /// Who and when.
    pub stamp: Stamp,
}

/// State of an estimate revision (domain 2.3).
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum EstimateState {
    /// Being priced.
    InProgress,
    /// Every cost-bearing item is reviewed.
    Reviewed,
    /// Approved for submission.
    Approved,
    /// Sent in; frozen.
    Submitted,
    /// A newer revision took over; frozen.
    Superseded,
    /// Kept for the record; frozen.
    Archived,
}

impl EstimateState {
    /// Whether anything inside may change (BR-012).
    pub const fn is_editable(self) -> bool {
        match self {
            EstimateState::InProgress | EstimateState::Reviewed | EstimateState::Approved => true,
            EstimateState::Submitted | EstimateState::Superseded | EstimateState::Archived => false,
        }
    }
}

/// One revision of an estimate: the row above its headings and items.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EstimateRow {
    /// Identity.
    pub id: EstimateId,
    /// The tender priced.
    pub tender: TenderId,
    /// Unique in its tender.
    pub code: Box<str>,
    /// Name.
    pub name: Box<str>,
    /// Revision, from 1.
    pub revision: u32,
    /// Who answers for it.
    pub lead: Option<UserId>,
    /// State.
    pub state: EstimateState,
    /// GST in percent, 15 by default.
    pub gst_pct: Pct,
    /// Variables seen by every formula of the estimate.
    pub variables: Vec<Variable>,
    /// Counts changes of this row, from 1.
    pub version: u64,
    /// Who and when.
    pub stamp: Stamp,
}
