//! A quote as it travels: as it was given, as it compares, and what speaks against it.

use super::problem::Violation;
use super::schema;
use super::time::Time;
use crate::estimating::company::Company;
use crate::estimating::edit::{AdjustmentInput, CurrencyInput, PriceTag};
use crate::estimating::number::{Money, Rate};
use crate::estimating::quotes::{
    Adjudication, Adjustment, AdjustmentFigure, ComparedQuote, Currency, GstBasis, LinePrice,
    Quote, QuoteLine, QuoteState,
};
use crate::estimating::rules;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A quote of a company, or the invitation to give one.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CompanyQuote {
    /// Identity.
    pub id: Uuid,
    /// Counts changes of this row, from 1.
    pub version: u64,
    /// The company.
    pub company_id: Uuid,
    /// Its name at the time.
    pub name: Box<str>,
    /// E-mail addresses of the people there.
    pub emails: Vec<Box<str>>,
    /// State.
    pub state: QuoteState,
    /// When it came.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Time>)]
    pub received_at: Option<Time>,
    /// Until when it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Time>)]
    pub valid_until: Option<Time>,
    /// Whether its figures hold GST; absent while not stated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gst: Option<GstBasis>,
    /// Currency of its figures; absent while not stated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<CurrencyInput>,
    /// Whether it meets the conditions asked for.
    pub conforming: bool,
    /// What it excludes or makes a condition of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub qualifications: Option<Box<str>>,
    /// The total the company states, on its own basis.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Money>)]
    pub stated_total: Option<Money>,
    /// It came after the deadline (BR-070).
    pub late: bool,
    /// The package has changed since (BR-063).
    pub outdated: bool,
    /// Lines as quoted.
    pub lines: Vec<GivenLine>,
    /// Adjustments as entered.
    pub adjustments: Vec<AdjustmentInput>,
    /// How it compares; absent while it cannot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compared: Option<ComparedFigures>,
    /// Why it cannot be compared.
    pub problems: Vec<Violation>,
    /// What speaks against awarding it.
    pub against: Vec<AwardObjection>,
}

/// What speaks against an award.
#[derive(Debug, Serialize, ToSchema)]
pub struct AwardObjection {
    /// The broken rule.
    #[serde(flatten)]
    pub violation: Violation,
    /// Whether a Lead may accept it with a reason.
    pub acceptable: bool,
}

/// A line of a quote as it was given.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GivenLine {
    /// The member it prices; absent while it is not matched (BR-064).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub member_id: Option<Uuid>,
    /// The company's words.
    pub description: Box<str>,
    /// Set aside by hand.
    pub set_aside: bool,
    /// Rate on the quote's basis.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Rate>)]
    pub rate: Option<Rate>,
    /// Amount on the quote's basis.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Money>)]
    pub amount: Option<Money>,
    /// A word in place of a price.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<PriceTag>,
    /// What the company says about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<Box<str>>,
}

/// A quote in NZD excluding GST.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ComparedFigures {
    /// Place among the quotes that compare, from 1.
    pub rank: u32,
    /// One line for each member, in the package's order.
    pub lines: Vec<ComparedFigure>,
    /// Sum of the quoted amounts.
    #[schema(value_type = schema::Money)]
    pub quoted_total: Money,
    /// Sum of the plugs in its gaps.
    #[schema(value_type = schema::Money)]
    pub plug_total: Money,
    /// What each adjustment comes to.
    #[schema(value_type = Vec<schema::Money>)]
    pub adjustments: Vec<Money>,
    /// Sum of the adjustments.
    #[schema(value_type = schema::Money)]
    pub adjustment_total: Money,
    /// Quoted amounts, plugs and adjustments.
    #[schema(value_type = schema::Money)]
    pub comparison_total: Money,
    /// What an award costs: quoted amounts and adjustments.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Money>)]
    pub award_total: Option<Money>,
    /// The sum of its figures as they stand.
    #[schema(value_type = schema::Money)]
    pub naive_total: Money,
}

/// A member's line of a compared quote; with a plug, it is a gap.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ComparedFigure {
    /// Rate; absent for a gap.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Rate>)]
    pub rate: Option<Rate>,
    /// Amount; absent for a gap.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Money>)]
    pub amount: Option<Money>,
    /// What stands in the gap.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Money>)]
    pub plug: Option<Money>,
}

impl CompanyQuote {
    /// A quote with how it compares.
    pub(super) fn of(
        quote: &Quote,
        round: &Adjudication,
        compared: Option<&ComparedQuote>,
        rank: Option<usize>,
        problems: &[rules::Violation],
        against: Vec<rules::Violation>,
        company: Option<&Company>,
    ) -> CompanyQuote {
        let emails = company.map(|row| row.contacts.as_slice()).unwrap_or_default();
        let emails = emails.iter().map(|one| one.email.clone()).filter(|one| !one.is_empty());
        let outdated = against.iter().any(|found| found.rule.number() == 63);
        let objection = |found: rules::Violation| AwardObjection {
            acceptable: found.catalogued().kind == rules::Kind::Acknowledge,
            violation: Violation::from(found),
        };
        CompanyQuote {
            id: quote.id.0,
            version: quote.version,
            company_id: quote.company.0,
            name: quote.name.clone(),
            emails: emails.collect(),
            state: quote.state,
            received_at: quote.received_at_us.map(Time),
            valid_until: quote.valid_until_us.map(Time),
            gst: quote.gst,
            currency: quote.currency.as_ref().map(currency),
            conforming: quote.conforming,
            qualifications: quote.qualifications.clone(),
            stated_total: quote.stated_total,
            late: quote.is_late(round),
            outdated,
            lines: quote.lines.iter().map(GivenLine::of).collect(),
            adjustments: quote.adjustments.iter().map(adjustment).collect(),
            compared: compared.map(|one| ComparedFigures::of(one, rank.unwrap_or_default())),
            problems: problems.iter().cloned().map(Violation::from).collect(),
            against: against.into_iter().map(objection).collect(),
        }
    }
}

impl GivenLine {
    fn of(line: &QuoteLine) -> GivenLine {
        let (rate, amount, tag) = match line.price {
            LinePrice::Blank => (None, None, None),
            LinePrice::Rate(rate) => (Some(rate), None, None),
            LinePrice::Amount(amount) => (None, Some(amount), None),
            LinePrice::Included => (None, None, Some(PriceTag::Included)),
            LinePrice::Free => (None, None, Some(PriceTag::Free)),
        };
        GivenLine {
            member_id: line.member.map(|member| member.0),
            description: line.description.clone(),
            set_aside: line.set_aside,
            rate,
            amount,
            tag,
            note: line.note.clone(),
        }
    }
}

impl ComparedFigures {
    fn of(quote: &ComparedQuote, rank: usize) -> ComparedFigures {
        let lines = quote.lines.iter().map(|line| ComparedFigure {
            rate: line.rate,
            amount: line.amount,
            plug: line.plug,
        });
        ComparedFigures {
            rank: u32::try_from(rank).unwrap_or(u32::MAX).saturating_add(1),
            lines: lines.collect(),
            quoted_total: quote.quoted_total,
            plug_total: quote.plug_total,
            adjustments: quote.adjustments.clone(),
            adjustment_total: quote.adjustment_total,
            comparison_total: quote.comparison_total,
            award_total: quote.award_total(),
            naive_total: quote.naive_total,
        }
    }
}

fn currency(currency: &Currency) -> CurrencyInput {
    match currency {
        Currency::Nzd => CurrencyInput { code: "NZD".to_owned(), exchange: None },
        Currency::Foreign { code, exchange } => {
            CurrencyInput { code: code.to_string(), exchange: Some(exchange.to_string()) }
        }
    }
}

fn adjustment(one: &Adjustment) -> AdjustmentInput {
    let (amount, percent) = match one.figure {
        AdjustmentFigure::Amount(amount) => (Some(amount.to_string()), None),
        AdjustmentFigure::Percent(percent) => (None, Some(percent.to_string())),
    };
    AdjustmentInput { reason: one.reason.to_string(), amount, percent, origin: one.origin }
}
