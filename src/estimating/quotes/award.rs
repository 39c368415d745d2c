//! The award: what speaks against it, and what it costs each member.

use super::{
    beyond, broken,
    compare::{ComparedQuote, Comparison},
    package::{Adjudication, Member, MemberId},
    quote::{Quote, QuoteId},
};
use crate::estimating::{
    number::{Money, Rate, amount, cost_rate},
    refusal::Refusal,
    rules::{RuleId, Violation},
    share::largest_remainder,
};

/// The rules a person may accept with an award; each is asked about on the quote.
pub const AWARD_RULES: [RuleId; 4] =
    [RuleId::br(63), RuleId::br(68), RuleId::br(70), RuleId::br(72)];
/// How many conforming quotes a larger package has (BR-072).
pub const QUOTES_WANTED: usize = 3;

/// A decision to award.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Award<'a> {
    /// The quote chosen.
    pub quote: QuoteId,
    /// Why, where it is not the lowest (BR-071).
    pub reason: Option<&'a str>,
    /// Above this [`QUOTES_WANTED`] are wanted: `Thresholds::award`.
    pub threshold: Money,
}

/// What an award costs one member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transferred {
    /// The member.
    pub member: MemberId,
    /// The quoted rate, for the subcontract line; none for a gap (BR-066).
    pub rate: Option<Rate>,
    /// Quantity x rate (R3): the cost of that line.
    pub cost: Money,
    /// The lump line: its share of the adjustments, and the cents by which a quoted amount
    /// differs from quantity x rate.
    pub lump: Money,
    /// The plug rate of a gap, to be set as a plug on the item.
    pub plug: Option<Rate>,
}

/// BR-070, BR-071 and BR-072 on a decision; what a person may accept is of kind acknowledge.
pub fn check_award(
    comparison: &Comparison,
    quotes: &[Quote],
    adjudication: &Adjudication,
    award: &Award<'_>,
) -> Result<Vec<Violation>, Refusal> {
    let missing = || Refusal::NotFound { what: "quote to award", id: award.quote.0 };
    let chosen = comparison.quote(award.quote).ok_or_else(missing)?;
    let row = quotes.iter().find(|quote| quote.id == award.quote).ok_or_else(missing)?;
    let mut found = Vec::new();
    let mut violate = |number, message: String| {
        found.push(broken(number, message).object(award.quote.0));
    };
    if row.is_late(adjudication) {
        violate(70, format!("{} quoted after the deadline.", chosen.name));
    }
    let lowest = comparison.lowest();
    let is_lowest = chosen.conforming
        && lowest.is_none_or(|lowest| chosen.comparison_total <= lowest.comparison_total);
    if !is_lowest && award.reason.is_none_or(|reason| reason.trim().is_empty()) {
        let message = match lowest {
            Some(lowest) => format!(
                "{} at {} is not the lowest conforming quote, which is {} at {}: say why.",
                chosen.name, chosen.comparison_total, lowest.name, lowest.comparison_total
            ),
            None => format!("The quote of {} does not conform: say why it is taken.", chosen.name),
        };
        violate(71, message);
    }
    let conforming = comparison.quotes.iter().filter(|quote| quote.conforming).count();
    if chosen.comparison_total > award.threshold && conforming < QUOTES_WANTED {
        let message = format!(
            "A package of {} has {conforming} conforming quotes, fewer than {QUOTES_WANTED}.",
            chosen.comparison_total
        );
        violate(72, message);
    }
    Ok(found)
}

/// What the award of `quote` costs each member; together exactly its award total (BR-073).
///
/// Adjustments are shared by largest remainder on the quoted amounts; a gap takes no share and
/// becomes a plug.
pub fn transfer(quote: &ComparedQuote, members: &[Member]) -> Result<Vec<Transferred>, Refusal> {
    let range = || beyond(format_args!("The award to {}", quote.name));
    let quoted = |at: usize| quote.lines.get(at).and_then(|line| line.amount).unwrap_or_default();
    let weights: Vec<Money> = (0..members.len()).map(quoted).collect();
    let unshared = |_| {
        let message = format!(
            "The adjustments of {} come to {}, but no quoted amount is there to carry them.",
            quote.name, quote.adjustment_total
        );
        Refusal::from(broken(73, message).object(quote.id.0).entered())
    };
    let shares = largest_remainder(quote.adjustment_total, &weights).map_err(unshared)?;
    let mut list = Vec::with_capacity(members.len());
    for ((member, line), share) in members.iter().zip(&quote.lines).zip(shares) {
        let cost = match line.rate {
            Some(rate) => amount(member.quantity, rate).ok_or_else(range)?,
            None => Money::ZERO,
        };
        let cents = line.amount.unwrap_or_default().checked_sub(cost).ok_or_else(range)?;
        let lump = share.checked_add(cents).ok_or_else(range)?;
        let plug = match line.plug {
            Some(plug) => Some(cost_rate(plug, member.quantity).ok_or_else(range)?),
            None => None,
        };
        #[cfg(test)]
        if let (true, Some(plug)) = (crate::estimating::fault::planted(66), plug) {
            let cost = line.plug.unwrap_or_default();
            let rate = Some(plug);
            list.push(Transferred { member: line.member, rate, cost, lump, plug: None });
            continue;
        }
        list.push(Transferred { member: line.member, rate: line.rate, cost, lump, plug });
    }
    match check_transfer(quote, &list) {
        Some(violation) => Err(violation.into()),
        None => Ok(list),
    }
}

/// BR-066 and BR-073, invariants of a transfer: a gap carries no rate and no cost, and the costs
/// add up to the award.
pub fn check_transfer(quote: &ComparedQuote, list: &[Transferred]) -> Option<Violation> {
    for line in quote.lines.iter().filter(|line| line.amount.is_none()) {
        let as_rate = |one: &&Transferred| one.rate.is_some() || !one.cost.is_zero();
        if list.iter().filter(|one| one.member == line.member).any(|one| as_rate(&one)) {
            let message = format!("A gap of {} would become a quoted rate.", quote.name);
            return Some(broken(66, message).objects([quote.id.0, line.member.0]));
        }
    }
    let costs = Money::checked_sum(list.iter().flat_map(|one| [one.cost, one.lump]));
    let award = quote.award_total();
    if costs.is_some() && costs == award {
        return None;
    }
    let message = format!("The costs of the award to {} do not add up to it.", quote.name);
    Some(broken(73, message).object(quote.id.0))
}
