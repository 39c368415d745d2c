//! Quotes of a package side by side: gaps filled visibly, levelled, ranked (BR-066).

use super::{
    beyond,
    normalise::{NormalisedQuote, normalise},
    package::{Member, MemberId},
    quote::{Quote, QuoteId},
};
use crate::estimating::{
    number::{Money, Pct, Rate},
    refusal::Refusal,
    rules::Violation,
};

/// The live quotes of a package, compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// Live quotes, in the order given.
    pub quotes: Vec<ComparedQuote>,
    /// Places in `quotes`: conforming ones first, lowest comparison total first among either;
    /// the earlier received of two equal ones.
    pub ranking: Vec<usize>,
}

/// A quote as it is compared. Money is NZD excluding GST.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComparedQuote {
    /// The quote.
    pub id: QuoteId,
    /// The company's name.
    pub name: Box<str>,
    /// Whether it meets the conditions asked for.
    pub conforming: bool,
    /// One line for each member, in the package's order.
    pub lines: Vec<ComparedLine>,
    /// Sum of the quoted amounts.
    pub quoted_total: Money,
    /// Sum of the plugs in its gaps.
    pub plug_total: Money,
    /// Amount of each adjustment, in the quote's order.
    pub adjustments: Vec<Money>,
    /// Sum of the adjustments.
    pub adjustment_total: Money,
    /// Quoted amounts, plugs and adjustments.
    pub comparison_total: Money,
    /// The sum of its figures as they stand, for the contrast.
    pub naive_total: Money,
    /// BR-068, to be settled by a person.
    pub arithmetic: Option<Violation>,
}

/// A member's line of a compared quote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ComparedLine {
    /// The member.
    pub member: MemberId,
    /// Rate excluding GST; none for a gap.
    pub rate: Option<Rate>,
    /// Quoted amount; none for a gap.
    pub amount: Option<Money>,
    /// What stands in a gap: the highest amount another company quoted, else the estimator's own.
    pub plug: Option<Money>,
}

impl ComparedQuote {
    /// Whether every member is quoted.
    pub fn is_complete(&self) -> bool {
        self.lines.iter().all(|line| line.plug.is_none())
    }

    /// What an award of the quote costs: quoted amounts and adjustments, no plugs.
    pub fn award_total(&self) -> Option<Money> {
        self.quoted_total.checked_add(self.adjustment_total)
    }
}

impl Comparison {
    /// The lowest conforming quote.
    pub fn lowest(&self) -> Option<&ComparedQuote> {
        let first = self.quotes.get(*self.ranking.first()?)?;
        first.conforming.then_some(first)
    }

    /// The quote called `id`.
    pub fn quote(&self, id: QuoteId) -> Option<&ComparedQuote> {
        self.quotes.iter().find(|quote| quote.id == id)
    }
}

/// Normalises and compares the live quotes of a package at `gst` percent.
/// O(quotes x members).
pub fn compare(members: &[Member], quotes: &[Quote], gst: Pct) -> Result<Comparison, Refusal> {
    let live: Vec<&Quote> = quotes.iter().filter(|quote| quote.state.is_live()).collect();
    let normalised = live.iter().map(|quote| normalise(quote, members, gst));
    let normalised: Vec<NormalisedQuote> = normalised.collect::<Result<_, _>>()?;
    let compared = live.iter().zip(&normalised);
    let compared = compared.map(|(quote, own)| level(quote, own, members, &normalised));
    let quotes: Vec<ComparedQuote> = compared.collect::<Result<_, _>>()?;
    let mut ranking: Vec<usize> = (0..quotes.len()).collect();
    ranking.sort_by_key(|at| {
        let quote = &quotes[*at];
        let received = live[*at].received_at_us.unwrap_or(i64::MAX);
        (!quote.conforming, quote.comparison_total, received, *at)
    });
    Ok(Comparison { quotes, ranking })
}

fn level(
    quote: &Quote,
    own: &NormalisedQuote,
    members: &[Member],
    all: &[NormalisedQuote],
) -> Result<ComparedQuote, Refusal> {
    let lines: Vec<ComparedLine> = (own.lines.iter().zip(members).enumerate())
        .map(|(at, (line, member))| {
            let others = all.iter().map(|other| &other.lines[at]).filter(|other| other.priced);
            let highest = || others.filter_map(|other| other.amount).max();
            let plug = line.amount.is_none().then(|| highest().unwrap_or(member.own));
            ComparedLine { member: line.member, rate: line.rate, amount: line.amount, plug }
        })
        .collect();
    let range = || beyond(format_args!("The comparison total of {}", quote.name));
    let plugs = lines.iter().filter_map(|line| line.plug);
    let plug_total = Money::checked_sum(plugs).ok_or_else(range)?;
    let parts = [own.quoted_total, plug_total, own.adjustment_total];
    Ok(ComparedQuote {
        id: own.id,
        name: quote.name.clone(),
        conforming: quote.conforming,
        lines,
        quoted_total: own.quoted_total,
        plug_total,
        adjustments: own.adjustments.clone(),
        adjustment_total: own.adjustment_total,
        comparison_total: Money::checked_sum(parts).ok_or_else(range)?,
        naive_total: own.naive_total,
        arithmetic: own.arithmetic.clone(),
    })
}
