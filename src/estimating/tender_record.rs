//! What is recorded about a tender on its way: the go decision, notices to tenderers, the outcome.

use super::{
    id::{EstimateId, UserId},
    number::Money,
};
use serde::{Deserialize, Serialize};

/// Notices to tenderers one tender may have.
pub const NOTICES_MAX: usize = 500;

/// Whether to bid (BR-003).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GoDecision {
    /// Go, or no-go.
    pub go: bool,
    /// Who decided.
    pub by: UserId,
    /// When, microseconds since 1970, UTC.
    pub at_us: i64,
    /// Why.
    pub reason: Box<str>,
}

/// How far a notice to tenderers is dealt with (BR-093).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum NoticeState {
    /// Nobody has yet.
    Open,
    /// The estimate takes it into account.
    Incorporated,
    /// It changes nothing here.
    NotApplicable,
}

/// A notice to tenderers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// The client's number, unique in the tender whatever the case.
    pub number: Box<str>,
    /// Its date, `2026-11-22`.
    pub date: Box<str>,
    /// What it says, in short.
    pub title: Box<str>,
    /// How far it is dealt with.
    pub state: NoticeState,
}

/// Why a tender ended as it did (BR-007).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OutcomeReason {
    /// Another price was lower.
    Price,
    /// Another scored higher on attributes other than price.
    NonPriceAttributes,
    /// The programme offered did not suit.
    Programme,
    /// The offer did not conform.
    NonConforming,
    /// The client stopped or changed the project.
    ClientCancelled,
    /// The client's budget did not reach.
    OverBudget,
    /// Our own people or plant are taken.
    Capacity,
    /// The risk or the terms were not acceptable to us.
    RiskOrTerms,
    /// Something else, in the note.
    Other,
}

/// The price the winner was accepted at (BR-007).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum WinningPrice {
    /// Excluding GST.
    Known(Money),
    /// The client does not say.
    Unknown,
}

/// How a tender that was not won ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// Why.
    pub reason: OutcomeReason,
    /// In words.
    pub note: Box<str>,
    /// The winning price.
    pub winning_price: WinningPrice,
    /// Who recorded it.
    pub by: UserId,
    /// When, microseconds since 1970, UTC.
    pub at_us: i64,
}

/// All of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TenderRecord {
    /// Whether to bid; none before somebody decided.
    pub decision: Option<GoDecision>,
    /// Notices to tenderers, as they came.
    pub notices: Vec<Notice>,
    /// The notice that last moved the closing time.
    pub closing_moved_by: Option<Box<str>>,
    /// The accepted revision of a won tender.
    pub accepted: Option<EstimateId>,
    /// The price it was accepted at, excluding GST.
    pub accepted_price: Option<Money>,
    /// How a tender that was not won ended.
    pub outcome: Option<Outcome>,
}

impl TenderRecord {
    /// The notice with a number, whatever the case.
    pub fn notice(&self, number: &str) -> Option<&Notice> {
        self.notices.iter().find(|notice| notice.number.eq_ignore_ascii_case(number.trim()))
    }
}
