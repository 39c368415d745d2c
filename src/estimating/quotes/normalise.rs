//! A quote brought to the common basis: NZD excluding GST (R1, R7).

use super::{
    beyond, broken,
    package::{Member, MemberId},
    quote::{AdjustmentFigure, Currency, GstBasis, LinePrice, Origin, Quote, QuoteId},
};
use crate::estimating::{
    number::{
        Factor, Money, Pct, Qty, Rate, amount, cost_rate, percent_of, rate_from_currency,
        rate_without_gst, round_div,
    },
    refusal::Refusal,
    rules::{Violation, Violations},
};
use std::collections::HashMap;

/// How far a stated total may be from the sum of its lines and adjustments (BR-068).
pub const STATED_TOLERANCE: Money = Money::ONE;

/// A quote on the common basis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NormalisedQuote {
    /// The quote.
    pub id: QuoteId,
    /// One line for each member of the package, in its order.
    pub lines: Vec<NormalisedLine>,
    /// Sum of the quoted amounts; gaps add nothing.
    pub quoted_total: Money,
    /// Amount of each adjustment, in the quote's order.
    pub adjustments: Vec<Money>,
    /// Sum of the adjustments.
    pub adjustment_total: Money,
    /// The sum of its own figures as they stand: GST and currency ignored, a gap as nothing, no
    /// levelling. What a hasty reader would compare.
    pub naive_total: Money,
    /// BR-068, to be settled by a person: the stated total and the lines disagree.
    pub arithmetic: Option<Violation>,
}

/// A member's line of a quote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NormalisedLine {
    /// The member.
    pub member: MemberId,
    /// Rate excluding GST (R1), or the quoted amount over the quantity (R4); none for a gap.
    pub rate: Option<Rate>,
    /// Amount excluding GST (R7); none for a gap.
    pub amount: Option<Money>,
    /// A rate or an amount was quoted, not `included` or `free`.
    pub priced: bool,
}

/// A quote's stated basis.
struct Basis {
    exchange: Option<Factor>,
    /// GST held by the figures, in percent.
    gst: Pct,
}

impl Basis {
    /// From foreign currency first, then from GST, each rounded at R1.
    fn rate(&self, quoted: Rate) -> Option<Rate> {
        let nzd = match self.exchange {
            Some(exchange) => rate_from_currency(quoted, exchange)?,
            None => quoted,
        };
        if self.gst.is_zero() { Some(nzd) } else { rate_without_gst(nzd, self.gst) }
    }

    /// The same for an amount, in one rounding (R7).
    fn amount(&self, quoted: Money) -> Option<Money> {
        let scale = i128::from(Factor::SCALE);
        let exchange = self.exchange.map_or(scale, |exchange| i128::from(exchange.units()));
        let whole = i128::from(100 * Pct::SCALE);
        let product = i128::from(quoted.units()).checked_mul(exchange)?.checked_mul(whole)?;
        Money::from_wide(round_div(product, scale * (whole + i128::from(self.gst.units()))))
    }

    /// The way back: NZD excluding GST on the quote's own basis.
    fn as_quoted(&self, nzd: Money) -> Option<Money> {
        let scale = i128::from(Factor::SCALE);
        let exchange = self.exchange.map_or(scale, |exchange| i128::from(exchange.units()));
        let whole = i128::from(100 * Pct::SCALE);
        let product = i128::from(nzd.units()).checked_mul(scale)?;
        let product = product.checked_mul(whole + i128::from(self.gst.units()))?;
        Money::from_wide(round_div(product, exchange.checked_mul(whole)?))
    }
}

/// Brings a quote to NZD excluding GST at `gst` percent. O(lines + members).
///
/// BR-064, BR-065, BR-067 and BR-069 refuse it; BR-068 is told with the result.
pub fn normalise(quote: &Quote, members: &[Member], gst: Pct) -> Result<NormalisedQuote, Refusal> {
    let (basis, prices) = check(quote, members, gst)?;
    let range = || beyond(format_args!("A figure of the quote of {}", quote.name));
    let mut lines = Vec::with_capacity(members.len());
    let mut naive = Vec::with_capacity(members.len());
    for member in members {
        let price = prices.get(&member.id).copied().unwrap_or(LinePrice::Blank);
        let (line, as_quoted) = line(member, price, &basis).ok_or_else(range)?;
        lines.push(line);
        naive.push(as_quoted);
    }
    let sum = |figures: &[Money]| Money::checked_sum(figures.iter().copied()).ok_or_else(range);
    let quoted: Vec<Money> = lines.iter().filter_map(|line| line.amount).collect();
    let (quoted_total, naive_total) = (sum(&quoted)?, sum(&naive)?);
    let figure = |figure: AdjustmentFigure| match figure {
        AdjustmentFigure::Amount(amount) => Some(amount),
        AdjustmentFigure::Percent(percent) => percent_of(quoted_total, percent),
    };
    let adjustments = quote.adjustments.iter().map(|one| figure(one.figure).ok_or_else(range));
    let adjustments: Vec<Money> = adjustments.collect::<Result<_, _>>()?;
    let adjustment_total = sum(&adjustments)?;
    let arithmetic = check_stated(quote, &basis, naive_total).map_err(|Range| range())?;
    Ok(NormalisedQuote {
        id: quote.id,
        lines,
        quoted_total,
        adjustments,
        adjustment_total,
        naive_total,
        arithmetic,
    })
}

/// One line on the common basis, and its amount as quoted.
fn line(member: &Member, price: LinePrice, basis: &Basis) -> Option<(NormalisedLine, Money)> {
    let quantity: Qty = member.quantity;
    let (rate, sum, as_quoted) = match price {
        LinePrice::Blank => (None, None, Money::ZERO),
        LinePrice::Included | LinePrice::Free => (Some(Rate::ZERO), Some(Money::ZERO), Money::ZERO),
        LinePrice::Rate(quoted) => {
            let rate = basis.rate(quoted)?;
            (Some(rate), Some(amount(quantity, rate)?), amount(quantity, quoted)?)
        }
        LinePrice::Amount(quoted) => {
            let sum = basis.amount(quoted)?;
            (Some(cost_rate(sum, quantity)?), Some(sum), quoted)
        }
    };
    let priced = matches!(price, LinePrice::Rate(_) | LinePrice::Amount(_));
    Some((NormalisedLine { member: member.id, rate, amount: sum, priced }, as_quoted))
}

type Prices = HashMap<MemberId, LinePrice>;

/// The quote's basis and its prices by member, where nothing forbids comparing it.
fn check(quote: &Quote, members: &[Member], gst: Pct) -> Result<(Basis, Prices), Refusal> {
    let mut found = Vec::new();
    let mut violate = |number, field, message: String| {
        found.push(broken(number, message).object(quote.id.0).field(field));
    };
    let name = &quote.name;
    let mut prices = Prices::new();
    for line in quote.lines.iter().filter(|line| !line.set_aside) {
        let known = line.member.filter(|id| members.iter().any(|member| member.id == *id));
        match known {
            None => violate(64, "lines", format!("{name}: {:?} is not matched.", line.description)),
            Some(id) if prices.insert(id, line.price).is_some() => {
                violate(64, "lines", format!("{name}: {:?} is a second match.", line.description));
            }
            Some(_) => {}
        }
        if matches!(line.price, LinePrice::Rate(Rate::ZERO) | LinePrice::Amount(Money::ZERO)) {
            let message = format!(
                "{name}: {:?} is priced at zero: leave it blank, or say included or free.",
                line.description
            );
            violate(65, "lines", message);
        }
    }
    for adjustment in quote.adjustments.iter().filter(|one| one.reason.trim().is_empty()) {
        let message = format!("{name}: the adjustment {:?} has no reason.", adjustment.figure);
        violate(69, "adjustments", message);
    }
    let held = match quote.gst {
        Some(GstBasis::Exclusive) => Some(Pct::ZERO),
        Some(GstBasis::Inclusive) => Some(gst),
        None => None,
    };
    if held.is_none() {
        violate(67, "gst", format!("{name} does not say whether its figures hold GST."));
    }
    let exchange = match &quote.currency {
        Some(Currency::Nzd) => Some(None),
        Some(Currency::Foreign { exchange, .. }) if exchange.is_positive() => Some(Some(*exchange)),
        Some(Currency::Foreign { .. }) | None => None,
    };
    if exchange.is_none() {
        violate(67, "currency", format!("{name} has no currency with an exchange rate."));
    }
    Violations::check(found)?;
    match (held, exchange) {
        (Some(gst), Some(exchange)) if gst > -Pct::ONE => Ok((Basis { exchange, gst }, prices)),
        _ => Err(beyond("GST")),
    }
}

/// A figure is out of range.
struct Range;

/// BR-068, on the quote's own basis, so that no rounding of ours comes between.
fn check_stated(quote: &Quote, basis: &Basis, lines: Money) -> Result<Option<Violation>, Range> {
    let Some(stated) = quote.stated_total else { return Ok(None) };
    let own = quote.adjustments.iter().filter(|one| one.origin == Origin::Company);
    let sum = own.map(|one| one.figure).try_fold(lines, |sum, figure| {
        sum.checked_add(match figure {
            AdjustmentFigure::Amount(amount) => basis.as_quoted(amount)?,
            AdjustmentFigure::Percent(percent) => percent_of(lines, percent)?,
        })
    });
    let sum = sum.ok_or(Range)?;
    if stated.checked_sub(sum).ok_or(Range)?.abs() <= STATED_TOLERANCE {
        return Ok(None);
    }
    let message = format!(
        "{} states a total of {stated}, but its lines and adjustments come to {sum}.",
        quote.name
    );
    let violation = broken(68, message).object(quote.id.0).field("statedTotal");
    Ok(Some(violation.fact("stated", stated).fact("sum", sum)))
}
