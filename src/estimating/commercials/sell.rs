//! From running values to the client's rates and amounts (domain 2.7, sell formation).

use super::{
    chain::Chain,
    error::{PricingError, broken},
    ground::Ground,
    terms::Terms,
};
use crate::estimating::{
    number::{Money, Pct, Qty, SellRate, Uplift, amount, percent_of, ratio_uplift, sell_rate},
    rules::Violations,
    share::{ShareError, Sharing},
    thresholds::Thresholds,
};

/// Cents in units of a sell rate.
const RATE_PER_CENT: i64 = SellRate::SCALE / Money::SCALE;
/// Units of quantity times units of rate in a cent.
const PRODUCT_PER_CENT: u64 = 10_u64.pow(Qty::DECIMALS + SellRate::DECIMALS - Money::DECIMALS);

/// The price ex GST, GST, and the price with GST (R8, BR-087).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TenderSum {
    /// Excluding GST.
    pub total_ex: Money,
    /// GST on the total.
    pub gst: Money,
    /// Including GST.
    pub total_inc: Money,
}

impl TenderSum {
    /// Works GST out once, on the total. `None` out of the range of money.
    pub fn of(total_ex: Money, gst: Pct) -> Option<TenderSum> {
        let tax = percent_of(total_ex, gst)?;
        Some(TenderSum { total_ex, gst: tax, total_inc: total_ex.checked_add(tax)? })
    }

    /// BR-087: these figures, wherever they come from, follow from the total at `gst` percent.
    pub fn check(&self, gst: Pct) -> Result<(), Violations> {
        if TenderSum::of(self.total_ex, gst) == Some(*self) {
            return Ok(());
        }
        let message = format!(
            "GST {} and total {} do not follow from {} at {gst} %.",
            self.gst, self.total_inc, self.total_ex
        );
        Err(broken(87, message).into())
    }
}

/// The difference that rounding rates leaves, and where it goes (BR-085).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Misclose {
    /// Sum of targets less sum of amounts before balancing.
    pub amount: Money,
    /// Sum of targets.
    pub target: Money,
    /// Place of the balancing item in the schedule, where there is one; it took the amount.
    pub balancing: Option<usize>,
}

impl Misclose {
    /// Whether no item takes it and it is beyond its limit, [`Thresholds::misclose_of`].
    pub fn exceeds(&self, thresholds: &Thresholds) -> bool {
        self.balancing.is_none() && self.amount.abs() > thresholds.misclose_of(self.target)
    }
}

/// Rates and amounts of the schedule and what they add up to.
#[derive(Clone, Debug, Default)]
pub(super) struct Sell {
    /// What rate locks give to or take from each item, in cents.
    pub lock: Vec<i64>,
    /// Rate of each item, in units of [`SellRate`].
    pub rates: Vec<i64>,
    /// Amount of each item, in cents.
    pub amounts: Vec<i64>,
    pub misclose: Misclose,
    pub uplift: Uplift,
    pub sum: TenderSum,
    /// Decimals of each item's rate and, with its quantity, what its target is divided by.
    divisors: Vec<Divisor>,
    sharing: Sharing,
    unlocked: Vec<usize>,
    weights: Vec<i64>,
    parts: Vec<i64>,
}

/// How an item's target becomes its rate.
#[derive(Clone, Copy, Debug)]
struct Divisor {
    /// Quantity in its units.
    quantity: u64,
    /// Units of rate in one of the tier's last decimal.
    tick: u64,
    decimals: u8,
}

impl Divisor {
    fn new(terms: &Terms, quantity: Qty) -> Divisor {
        let decimals = terms.decimals(quantity);
        let dropped = SellRate::DECIMALS.saturating_sub(u32::from(decimals));
        let quantity = quantity.units().max(0).unsigned_abs();
        Divisor { quantity, tick: 10_u64.pow(dropped), decimals }
    }
}

impl Sell {
    /// Looks up the tier of every item. O(items x tiers).
    pub fn new(ground: &Ground) -> Sell {
        let schedule = ground.bill.schedule.iter();
        let divisors = schedule.map(|item| Divisor::new(&ground.terms, item.quantity)).collect();
        Sell { divisors, ..Sell::default() }
    }

    /// Looks up the tier of the item at `at` again, after its quantity changed.
    pub fn look_up(&mut self, ground: &Ground, at: usize) {
        let quantity = ground.bill.schedule[at].quantity;
        self.divisors[at] = Divisor::new(&ground.terms, quantity);
    }

    /// Forms rates, amounts and totals from the end of the chain. O(items).
    pub fn run(&mut self, ground: &Ground, chain: &Chain) -> Result<(), PricingError> {
        self.amounts.clear();
        self.amounts.resize(ground.direct.len(), 0);
        self.rates.clear();
        self.rates.resize(ground.direct.len(), 0);
        self.lock(ground, chain)?;
        let mut sum: i128 = 0;
        for (at, item) in ground.bill.schedule.iter().enumerate() {
            if item.locked.is_none() {
                let target = chain.running[at] + self.lock[at];
                let formed = form(target, self.divisors[at]);
                let beyond = || PricingError::beyond(format!("The sell rate of {}", item.code));
                (self.rates[at], self.amounts[at]) = formed.ok_or_else(beyond)?;
            }
            sum += i128::from(self.amounts[at]);
        }
        self.balance(ground, chain, sum)?;
        let sum: i128 = self.amounts.iter().map(|cents| i128::from(*cents)).sum();
        let direct = Money::from_units(ground.direct.iter().sum());
        let ex = Money::from_wide(sum).and_then(|sum| sum.checked_add(ground.fixed_total));
        let beyond = || PricingError::beyond("The total");
        self.sum = ex.and_then(|ex| TenderSum::of(ex, ground.terms.gst)).ok_or_else(beyond)?;
        #[cfg(test)]
        if crate::estimating::fault::planted(87) {
            self.sum.gst = Money::ONE;
        }
        self.sum.check(ground.terms.gst)?;
        let uplift = direct.and_then(|direct| uplift(chain.total, direct));
        self.uplift = uplift.ok_or_else(|| PricingError::beyond("The uplift"))?;
        Ok(())
    }

    /// Fixed rates move money to the other items and never change the price (BR-083).
    fn lock(&mut self, ground: &Ground, chain: &Chain) -> Result<(), PricingError> {
        self.lock.clear();
        self.lock.resize(ground.direct.len(), 0);
        self.unlocked.clear();
        let mut difference: i128 = 0;
        for (at, item) in ground.bill.schedule.iter().enumerate() {
            let Some(rate) = item.locked else {
                self.unlocked.push(at);
                continue;
            };
            let beyond = || PricingError::beyond(format!("The amount of {}", item.code));
            let sell = amount(item.quantity, rate).ok_or_else(beyond)?.units();
            (self.rates[at], self.amounts[at]) = (rate.units(), sell);
            self.lock[at] = sell - chain.running[at];
            difference -= i128::from(self.lock[at]);
        }
        if self.unlocked.len() == ground.direct.len() {
            return Ok(());
        }
        let beyond = || PricingError::beyond("The difference that locked rates leave");
        let difference = Money::from_wide(difference).ok_or_else(beyond)?;
        if self.unlocked.is_empty() {
            return Err(broken(83, "Every item has a locked rate: leave at least one free.").into());
        }
        self.weights.clear();
        self.weights.extend(self.unlocked.iter().map(|at| chain.running[*at]));
        self.parts.resize(self.weights.len(), 0);
        let shared = self.sharing.share(difference.units(), &self.weights, &mut self.parts);
        shared.map_err(|error| unshared(error, difference))?;
        for (at, part) in self.unlocked.iter().zip(&self.parts) {
            self.lock[*at] = *part;
        }
        Ok(())
    }

    /// The balancing item takes what rounding has left; without one it stays in the margin.
    fn balance(&mut self, ground: &Ground, chain: &Chain, sum: i128) -> Result<(), PricingError> {
        let beyond = || PricingError::beyond("The misclose");
        let left = Money::from_wide(i128::from(chain.total.units()) - sum).ok_or_else(beyond)?;
        let balancing = ground.balancing();
        self.misclose = Misclose { amount: left, target: chain.total, balancing };
        let Some(at) = balancing else { return Ok(()) };
        let rate = left.units().checked_mul(RATE_PER_CENT);
        let rate = rate.and_then(|rate| self.rates[at].checked_add(rate));
        let rate = rate.and_then(SellRate::from_units).ok_or_else(beyond)?;
        let amount = Money::from_units(self.amounts[at] + left.units()).ok_or_else(beyond)?;
        (self.rates[at], self.amounts[at]) = (rate.units(), amount.units());
        Ok(())
    }
}

/// Sell over direct cost of the schedule (R9); 1 where there is no cost above zero to compare with.
fn uplift(sell: Money, direct: Money) -> Option<Uplift> {
    if direct.is_negative() { Some(Uplift::ONE) } else { ratio_uplift(sell, direct) }
}

fn unshared(error: ShareError, difference: Money) -> PricingError {
    match error {
        ShareError::NoWeight => {
            let message = format!(
                "Locked rates leave {difference} to share, but no unlocked item has a value above \
                 zero to take it."
            );
            broken(83, message).into()
        }
        ShareError::TooLarge => PricingError::beyond("The value of unlocked items"),
    }
}

/// Rate (R6) and amount (R7) of a target, in units and cents.
///
/// Figures whose products fit 64 bits, which is all honest ones, are worked out there; the others
/// the long way. Both give the same.
fn form(target: i64, divisor: Divisor) -> Option<(i64, i64)> {
    form_quickly(target, divisor).or_else(|| form_widely(target, divisor))
}

fn form_quickly(target: i64, divisor: Divisor) -> Option<(i64, i64)> {
    // The bounds leave room for the half that rounding adds.
    const ROOM: u64 = u64::MAX / 4;
    let scaled = target.unsigned_abs().checked_mul(PRODUCT_PER_CENT).filter(|n| *n < ROOM)?;
    let per_tick = divisor.quantity.checked_mul(divisor.tick).filter(|n| *n < ROOM && *n > 0)?;
    let rate = (scaled + per_tick / 2) / per_tick * divisor.tick;
    let product = rate.checked_mul(divisor.quantity).filter(|n| *n < ROOM)?;
    let amount = (product + PRODUCT_PER_CENT / 2) / PRODUCT_PER_CENT;
    let sign = target.signum();
    let (rate, amount) = (rate.cast_signed() * sign, amount.cast_signed() * sign);
    SellRate::from_units(rate)?;
    Money::from_units(amount)?;
    Some((rate, amount))
}

fn form_widely(target: i64, divisor: Divisor) -> Option<(i64, i64)> {
    let quantity = Qty::from_units(divisor.quantity.cast_signed())?;
    let rate = sell_rate(Money::from_units(target)?, quantity, divisor.decimals.into())?;
    Some((rate.units(), amount(quantity, rate)?.units()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_quick_way_to_a_rate_gives_what_the_long_way_gives(
            target in prop_oneof![
                -1_000_000_i64..1_000_000,
                -999_999_999_999_999_i64..999_999_999_999_999
            ],
            quantity in prop_oneof![1_u64..200_000, 1_u64..999_999_999_999_999],
            decimals in 0_u8..=4,
        ) {
            let tick = 10_u64.pow(4 - u32::from(decimals));
            let divisor = Divisor { quantity, tick, decimals };
            if let Some(quick) = form_quickly(target, divisor) {
                prop_assert_eq!(Some(quick), form_widely(target, divisor));
            }
        }
    }
}
