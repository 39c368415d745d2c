//! The named products and quotients of the model, each with its rounding point.
//!
//! All take stored (already rounded) numbers, compute in `i128` and round once, half away from
//! zero. All are O(1) and answer `None` when the result is out of bounds or a divisor is not
//! usable.

use super::fixed::{Factor, Fixed, LineQty, Money, Pct, Qty, Rate, SellRate, Uplift};
use super::rounding::{pow10, round_div};

/// Percent points in one whole, in units of [`Pct`].
const PCT_WHOLE: i128 = 100 * Pct::SCALE as i128;

/// A rate per unit of quantity: [`Rate`] or [`SellRate`].
pub trait UnitRate: Fixed {}
impl UnitRate for Rate {}
impl UnitRate for SellRate {}

/// Worksheet line cost = round2(line quantity x rate) (R3, BR-033).
pub fn line_cost(quantity: LineQty, rate: Rate) -> Option<Money> {
    product(quantity, rate)
}

/// Amount = round2(quantity x rate): sell amounts, plugs and quote lines (R7, BR-084).
pub fn amount<R: UnitRate>(quantity: Qty, rate: R) -> Option<Money> {
    product(quantity, rate)
}

/// round2(amount x percent / 100): percentage items, percent-of lines, markups and GST
/// (R3, R5, R7, R8).
pub fn percent_of(amount: Money, percent: Pct) -> Option<Money> {
    Money::from_wide(round_div(wide(amount) * wide(percent), PCT_WHOLE))
}

/// round2(amount x p / (100 - p)): what to add so that `p` percent of the result is margin (R5).
/// `None` at 100 percent or more (BR-077).
pub fn percent_margin(amount: Money, percent: Pct) -> Option<Money> {
    let rest = PCT_WHOLE - wide(percent);
    (rest > 0).then(|| round_div(wide(amount) * wide(percent), rest)).and_then(Money::from_wide)
}

/// Item cost rate = round4(cost / quantity), for display and rate-only prices (R4).
/// `None` unless the quantity is above zero.
pub fn cost_rate(cost: Money, quantity: Qty) -> Option<Rate> {
    Rate::from_wide(quotient(wide(cost), wide(quantity))?)
}

/// Sell rate = target / quantity, rounded to the tier's `decimals`, 0 to 4 (R6, BR-084).
/// `None` unless the quantity is above zero and the decimals are in range.
pub fn sell_rate(target: Money, quantity: Qty, decimals: u32) -> Option<SellRate> {
    let dropped = SellRate::DECIMALS.checked_sub(decimals)?;
    if !quantity.is_positive() {
        return None;
    }
    // One rounding, straight to the tier's decimals.
    let tick = pow10(dropped);
    let ticks = round_div(wide(target) * RATE_PER_MONEY, wide(quantity) * tick);
    SellRate::from_wide(ticks * tick)
}

/// Uplift = round8(sell over cost); 1 when there is no cost (R9). `None` when cost is negative.
pub fn ratio_uplift(sell: Money, cost: Money) -> Option<Uplift> {
    if cost.is_zero() {
        return Some(Uplift::ONE);
    }
    if cost.is_negative() {
        return None;
    }
    Uplift::from_wide(round_div(wide(sell) * i128::from(Uplift::SCALE), wide(cost)))
}

/// Sell rate of a rate-only item or an unselected option = cost rate x uplift, rounded to the
/// tier's `decimals`, 0 to 4 (R6).
pub fn uplifted_rate(rate: Rate, uplift: Uplift, decimals: u32) -> Option<SellRate> {
    let tick = pow10(SellRate::DECIMALS.checked_sub(decimals)?);
    let ticks = round_div(wide(rate) * wide(uplift), i128::from(Uplift::SCALE) * tick);
    SellRate::from_wide(ticks * tick)
}

/// A GST-inclusive rate without its GST = round4(rate / (1 + percent / 100)) (R1, BR-047).
/// `None` at -100 percent or less.
pub fn rate_without_gst(rate_inc: Rate, gst: Pct) -> Option<Rate> {
    let whole = PCT_WHOLE + wide(gst);
    (whole > 0).then(|| round_div(wide(rate_inc) * PCT_WHOLE, whole)).and_then(Rate::from_wide)
}

/// A foreign rate in New Zealand dollars = round4(rate x exchange) (R1, BR-052).
pub fn rate_from_currency(rate: Rate, exchange: Factor) -> Option<Rate> {
    Rate::from_wide(round_div(wide(rate) * wide(exchange), i128::from(Factor::SCALE)))
}

/// Rate units in money over quantity: 10^(4 + 4 - 2).
const RATE_PER_MONEY: i128 = pow10(Rate::DECIMALS + Qty::DECIMALS - Money::DECIMALS);

fn quotient(money: i128, quantity: i128) -> Option<i128> {
    (quantity > 0).then(|| round_div(money * RATE_PER_MONEY, quantity))
}

fn product<Q: Fixed, R: Fixed>(quantity: Q, rate: R) -> Option<Money> {
    let surplus = Q::DECIMALS + R::DECIMALS - Money::DECIMALS;
    Money::from_wide(round_div(wide(quantity) * wide(rate), pow10(surplus)))
}

fn wide<T: Fixed>(value: T) -> i128 {
    i128::from(value.units())
}
