//! What is stored of approvals, submissions and hand-overs.

use crate::estimating::{
    id::{ApprovalId, EstimateId, HandoverId, SubmissionId, TenderId, UserId},
    number::Money,
};
use serde::{Deserialize, Serialize};

/// A Lead's approval of one content of an estimate (BR-094, BR-095).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// Identity.
    pub id: ApprovalId,
    /// The estimate revision.
    pub estimate: EstimateId,
    /// Who approved.
    pub by: UserId,
    /// When, microseconds since 1970, UTC.
    pub at_us: i64,
    /// Hash of the content approved, as hexadecimal text.
    pub content_hash: Box<str>,
    /// The price approved, excluding GST.
    pub total_ex: Money,
    /// Minutes of the settlement meeting.
    pub minutes: Box<str>,
    /// Who took it back, where somebody did.
    pub revoked: Option<Revocation>,
}

/// An approval taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revocation {
    /// Who.
    pub by: UserId,
    /// When, microseconds since 1970, UTC.
    pub at_us: i64,
    /// Why.
    pub reason: Box<str>,
}

/// A file kept under the hash of its bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRef {
    /// Its name.
    pub name: Box<str>,
    /// Its media type.
    pub media_type: Box<str>,
    /// SHA-256 of its bytes, as hexadecimal text.
    pub hash: Box<str>,
    /// How many bytes it has.
    pub bytes: u64,
}

/// What was sent to the client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Submission {
    /// Identity.
    pub id: SubmissionId,
    /// The estimate revision, frozen since.
    pub estimate: EstimateId,
    /// Who submitted.
    pub by: UserId,
    /// When, microseconds since 1970, UTC.
    pub at_us: i64,
    /// The approval it rests on.
    pub approval: ApprovalId,
    /// Hash of the content, as hexadecimal text; every file carries it.
    pub content_hash: Box<str>,
    /// The price, excluding GST.
    pub total_ex: Money,
    /// GST on it.
    pub gst: Money,
    /// The price, including GST.
    pub total_inc: Money,
    /// The cost behind it.
    pub cost_total: Money,
    /// The files.
    pub files: Vec<FileRef>,
}

/// Where a budget goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum HandoverTarget {
    /// Workbench: CSV and JSON with job, sub-job, activity and cost type.
    Workbench,
    /// Any other system: CSV.
    Csv,
}

/// How far a hand-over is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum HandoverState {
    /// The files are made.
    Prepared,
    /// The other side has taken them.
    Confirmed,
}

/// The budget of a won tender, handed to the job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handover {
    /// Identity.
    pub id: HandoverId,
    /// The won tender.
    pub tender: TenderId,
    /// Its accepted revision.
    pub estimate: EstimateId,
    /// Where to.
    pub target: HandoverTarget,
    /// Repeating it with the same key changes nothing (BR-109).
    pub key: Box<str>,
    /// How far it is.
    pub state: HandoverState,
    /// Who.
    pub by: UserId,
    /// When, microseconds since 1970, UTC.
    pub at_us: i64,
    /// Sum of the budget.
    pub cost_total: Money,
    /// Sum of the revenue.
    pub total_ex: Money,
    /// The files.
    pub files: Vec<FileRef>,
}
