//! A company's quote for a package, as it was given.

use super::package::{Adjudication, Asked, MemberId};
use crate::estimating::{
    commercials::PackageId,
    heading::Stamp,
    id::{CompanyId, EstimateId},
    number::{Factor, Money, Pct, Rate},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A quote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct QuoteId(pub Uuid);

/// A quote row. What it comes to is derived by normalising it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Quote {
    /// Identity.
    pub id: QuoteId,
    /// The estimate revision it belongs to.
    pub estimate: EstimateId,
    /// The package quoted for.
    pub package: PackageId,
    /// Round of the adjudication, from 1.
    pub round: u32,
    /// Who quotes.
    pub company: CompanyId,
    /// The company's name at the time.
    pub name: Box<str>,
    /// When it came, microseconds since 1970, UTC.
    pub received_at_us: Option<i64>,
    /// Until when it holds, microseconds since 1970, UTC.
    pub valid_until_us: Option<i64>,
    /// Whether its figures hold GST; not stated is not comparable (BR-067).
    pub gst: Option<GstBasis>,
    /// Currency of its figures; not stated is not comparable (BR-067).
    pub currency: Option<Currency>,
    /// Lines as quoted.
    pub lines: Vec<QuoteLine>,
    /// What is added or taken off to level it with the others.
    pub adjustments: Vec<Adjustment>,
    /// Whether it meets the conditions asked for.
    pub conforming: bool,
    /// The total the company states, on its own basis.
    pub stated_total: Option<Money>,
    /// What it excludes or makes a condition of.
    pub qualifications: Option<Box<str>>,
    /// Members the company has confirmed as they have become since they were asked for (BR-063).
    pub confirmed: Vec<Asked>,
    /// Members that are gone since, which the company has confirmed as well.
    pub dropped: Vec<MemberId>,
    /// State.
    pub state: QuoteState,
    /// Counts changes of this row, from 1.
    pub version: u64,
    /// Who and when.
    pub stamp: Stamp,
}

impl Quote {
    /// Whether it came after the deadline of its round (BR-070).
    pub fn is_late(&self, round: &Adjudication) -> bool {
        match (self.received_at_us, round.deadline_us) {
            (Some(received), Some(deadline)) => received > deadline,
            (None, _) | (_, None) => false,
        }
    }

    /// Whether the company has confirmed that a member is gone.
    pub fn let_go(&self, member: MemberId) -> bool {
        self.dropped.contains(&member)
    }
}

/// Whether a quote's figures hold GST.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum GstBasis {
    /// Without GST.
    Exclusive,
    /// With GST.
    Inclusive,
}

/// Currency of a quote's figures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Currency {
    /// New Zealand dollars.
    Nzd,
    /// Another.
    Foreign {
        /// Its code, such as AUD.
        code: Box<str>,
        /// New Zealand dollars for one of it.
        exchange: Factor,
    },
}

/// A line of a quote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QuoteLine {
    /// The member it prices; none until it is matched (BR-064).
    pub member: Option<MemberId>,
    /// The company's words.
    pub description: Box<str>,
    /// Set aside by hand: it prices no member and is not compared.
    pub set_aside: bool,
    /// Its price, on the quote's own basis.
    pub price: LinePrice,
    /// What the company says about it.
    pub note: Option<Box<str>>,
}

/// The price of a line, as quoted. A blank is a gap, never a zero (BR-065).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LinePrice {
    /// Nothing was quoted.
    Blank,
    /// A rate per unit.
    Rate(Rate),
    /// An amount for the line.
    Amount(Money),
    /// Priced inside other lines.
    Included,
    /// Free of charge.
    Free,
}

/// What is added to a quote, or taken off it, to compare like with like (BR-069).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Adjustment {
    /// Why.
    pub reason: Box<str>,
    /// How much.
    pub figure: AdjustmentFigure,
    /// Whose figure it is.
    pub origin: Origin,
}

/// The figure of an adjustment, signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AdjustmentFigure {
    /// NZD excluding GST.
    Amount(Money),
    /// Percent of the sum of the quoted lines.
    Percent(Pct),
}

/// Whose figure an adjustment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// The company's own, such as a discount: it is in its stated total (BR-068).
    Company,
    /// Ours, such as an allowance for what it excludes.
    Levelling,
}

/// State of a quote (domain 2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum QuoteState {
    /// The company was asked.
    Invited,
    /// It does not quote.
    Declined,
    /// It has quoted.
    Received,
    /// Its quote is on the common basis.
    Normalised,
    /// It has the award.
    Awarded,
    /// Another has the award.
    NotAwarded,
    /// It took its quote back.
    Withdrawn,
}

impl QuoteState {
    /// Whether the state may follow this one.
    pub const fn may_become(self, next: QuoteState) -> bool {
        use QuoteState::{Awarded, Declined, Invited, Normalised, NotAwarded, Received, Withdrawn};
        match self {
            Invited => matches!(next, Declined | Received),
            Received => matches!(next, Normalised | Withdrawn),
            Normalised => matches!(next, Awarded | NotAwarded | Withdrawn),
            Declined | Awarded | NotAwarded | Withdrawn => false,
        }
    }

    /// Whether the quote is there to be compared.
    pub const fn is_live(self) -> bool {
        match self {
            QuoteState::Received
            | QuoteState::Normalised
            | QuoteState::Awarded
            | QuoteState::NotAwarded => true,
            QuoteState::Invited | QuoteState::Declined | QuoteState::Withdrawn => false,
        }
    }
}
