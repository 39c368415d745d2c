//! Reference rates: what the organisation itself reckoned and asked for the same work in tenders
//! it submitted (domain 2.10).
//!
//! A submitted revision never changes (BR-012), so what it says about rates is read once. Work is
//! the same when the words of its description and its unit are.

use super::{
    estimate::Estimate,
    id::{EstimateId, ItemId, TenderId},
    number::{Rate, SellRate},
    units::UnitCode,
};
use std::{collections::HashMap, sync::Arc};

/// Past rates there must be before a rate can be far from them.
pub const RATES_MIN: usize = 5;
/// A rate is far from the others beyond this many tenths of a modified z-score (Iglewicz and
/// Hoaglin, "How to detect and handle outliers", 1993: 3.5).
const FAR_TENTHS: i128 = 35;
/// The modified z-score is 0.6745 times the distance from the median over the median distance
/// (same source), here in ten-thousandths.
const NORMAL: (i128, i128) = (6_745, 10_000);
/// The median distance counts as at least one part in this many of the median, so that rates that
/// were always the same do not make every other one far.
const LEAST_SHARE: i128 = 20;

/// What one item of a submitted tender came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferenceRate {
    /// The tender.
    pub tender: TenderId,
    /// The submitted revision.
    pub estimate: EstimateId,
    /// The item.
    pub item: ItemId,
    /// Cost for one unit.
    pub cost: Option<Rate>,
    /// The client's rate for one unit.
    pub sell: Option<SellRate>,
    /// When it was submitted, microseconds since 1970, UTC.
    pub at_us: i64,
}

/// The words of a description, in lower case, parted by single spaces, with the unit.
type Work = (Box<str>, Option<UnitCode>);

/// Past rates by work. Cloning costs O(kinds of work).
#[derive(Clone, Debug, Default)]
pub struct References {
    by_work: HashMap<Work, Arc<Vec<ReferenceRate>>>,
}

/// How a list of rates lies, in units of 0.0001.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spread {
    /// How many there are.
    pub count: usize,
    /// The lowest.
    pub lowest: i64,
    /// The middle one; of an even number the mean of the middle two, halves away from zero.
    pub median: i64,
    /// The highest.
    pub highest: i64,
    /// The median distance from the median.
    distance: i64,
}

fn work(description: &str, unit: Option<UnitCode>) -> Work {
    let words = description.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let words: Vec<String> = words.map(str::to_lowercase).collect();
    (words.join(" ").into(), unit)
}

impl References {
    /// Takes in the items of a submitted revision that have a description and a rate. O(items).
    pub fn take_in(&mut self, estimate: &Estimate, at_us: i64) {
        let price = estimate.price().ok();
        let row = estimate.row();
        for node in estimate.rows() {
            let Some(item) = node.item().filter(|item| !item.inactive) else { continue };
            let key = work(&item.description, item.unit);
            let sold = price.as_ref().and_then(|price| price.item(item.id).ok().flatten());
            let (cost, sell) = (node.cost_rate(), sold.and_then(|sold| sold.rate));
            if key.0.is_empty() || (cost.is_none() && sell.is_none()) {
                continue;
            }
            let (tender, estimate, item) = (row.tender, row.id, item.id);
            let rate = ReferenceRate { tender, estimate, item, cost, sell, at_us };
            Arc::make_mut(self.by_work.entry(key).or_default()).push(rate);
        }
    }

    /// Past rates of the same work in other tenders than `but`, newest first. O(rates).
    pub fn of(
        &self,
        description: &str,
        unit: Option<UnitCode>,
        but: TenderId,
    ) -> Vec<ReferenceRate> {
        let mut rates: Vec<ReferenceRate> = self.others(description, unit, but).cloned().collect();
        rates.sort_by_key(|rate| std::cmp::Reverse(rate.at_us));
        rates
    }

    /// Past rates of the same work in other tenders than `but`, in no order.
    fn others(
        &self,
        description: &str,
        unit: Option<UnitCode>,
        but: TenderId,
    ) -> impl Iterator<Item = &ReferenceRate> {
        let found = self.by_work.get(&work(description, unit));
        found.into_iter().flat_map(|rates| rates.iter()).filter(move |rate| rate.tender != but)
    }

    /// How past cost rates of the same work lie when `cost` is far from them; none otherwise, and
    /// while there are fewer than [`RATES_MIN`].
    pub fn far(
        &self,
        description: &str,
        unit: Option<UnitCode>,
        but: TenderId,
        cost: Rate,
    ) -> Option<Spread> {
        if self.by_work.is_empty() {
            return None;
        }
        let rates = self.others(description, unit, but);
        let spread = Spread::of(rates.filter_map(|rate| rate.cost).map(Rate::units))?;
        spread.is_far(cost.units()).then_some(spread)
    }
}

impl Spread {
    /// How `rates` lie; none where there are none. O(n log n).
    pub fn of(rates: impl Iterator<Item = i64>) -> Option<Spread> {
        let mut rates: Vec<i64> = rates.collect();
        let median = middle(&mut rates)?;
        let mut distances: Vec<i64> = rates.iter().map(|rate| (rate - median).abs()).collect();
        let distance = middle(&mut distances)?;
        Some(Spread {
            count: rates.len(),
            lowest: *rates.first()?,
            median,
            highest: *rates.last()?,
            distance,
        })
    }

    /// Whether a rate lies far outside: beyond 3.5 in its modified z-score.
    pub fn is_far(&self, rate: i64) -> bool {
        let off = i128::from(rate) - i128::from(self.median);
        let least = i128::from(self.median).abs() / LEAST_SHARE;
        let distance = i128::from(self.distance).max(least);
        // 0.6745 x off / distance > 3.5, without a division.
        self.count >= RATES_MIN && NORMAL.0 * off.abs() * 10 > FAR_TENTHS * NORMAL.1 * distance
    }
}

/// Sorts, and gives the middle one.
fn middle(values: &mut [i64]) -> Option<i64> {
    values.sort_unstable();
    let high = *values.get(values.len() / 2)?;
    if values.len() % 2 == 1 {
        return Some(high);
    }
    let sum = i128::from(values[values.len() / 2 - 1]) + i128::from(high);
    i64::try_from((sum + sum.signum()) / 2).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn spread(rates: &[i64]) -> Spread {
        Spread::of(rates.iter().copied()).expect("rates")
    }

    #[test]
    fn the_same_words_and_unit_are_the_same_work() {
        let unit = UnitCode::new("m3").ok();
        let one = work("Excavate  to waste (OTR)", unit);
        assert_eq!(one, work("excavate to waste, otr", unit));
        assert_ne!(one, work("excavate to waste, otr", UnitCode::new("m2").ok()));
        assert_ne!(one, work("excavate to stockpile, otr", unit));
    }

    #[test]
    fn the_median_of_an_even_number_is_halfway_away_from_zero() {
        assert_eq!(spread(&[1, 2]).median, 2);
        assert_eq!(spread(&[-1, -2]).median, -2);
        assert_eq!(spread(&[4, 1, 9]).median, 4);
        assert_eq!(Spread::of(std::iter::empty()), None);
    }

    #[test]
    fn a_rate_far_from_the_others_is_told_and_a_near_one_is_not() {
        let past = spread(&[120_000, 125_000, 131_000, 118_000, 127_000]);
        assert!(!past.is_far(140_000));
        assert!(past.is_far(1_250_000), "a decimal point too far");
        assert!(past.is_far(12_500));
        let always = spread(&[100_000; 6]);
        assert!(!always.is_far(110_000), "a tenth more is no slip");
        assert!(always.is_far(150_000));
        assert!(!spread(&[100_000; 4]).is_far(900_000), "too few to tell");
    }

    proptest! {
        #[test]
        fn a_spread_lies_around_its_median(rates in prop::collection::vec(-1_000_000_000_i64..1_000_000_000, 1..50)) {
            let spread = spread(&rates);
            prop_assert!(spread.lowest <= spread.median && spread.median <= spread.highest);
            prop_assert!(!spread.is_far(spread.median));
            let below = rates.iter().filter(|rate| **rate < spread.median).count();
            prop_assert!(below * 2 <= rates.len());
        }
    }
}
