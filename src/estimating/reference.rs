//! Reference rates: what the organisation itself reckoned and asked for the same work in tenders
//! it submitted (domain 2.10), with the production rates and the shares of cost it reckoned there.
//!
//! A submitted revision never changes (BR-012), so what it says is read once. Work is the same
//! when the words of its description and its unit are. Production rates are of the same resource
//! or recipe on work in the same unit: a recipe's own range is a rule already (BR-056), so what is
//! usual comes from the organisation's memory alone. Headings are the same when the words of their
//! names are: codes such as 2.1 number another client's schedule.

use super::{
    estimate::Estimate,
    id::{EstimateId, ItemId, OptionId, RecipeId, ResourceId, TenderId},
    number::{LineQty, Rate, SellRate, round_div},
    units::UnitCode,
    worksheet::{Line, Source},
};
use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

/// Past rates there must be before a rate can be far from them.
pub const RATES_MIN: usize = 5;
/// Past rates of the same region there must be before they alone are what is usual.
pub const REGION_RATES_MIN: usize = RATES_MIN;
/// Past items of the same words there must be before their unit is what is usual.
pub const UNITS_MIN: usize = 3;
/// A heading's share of the cost is not worth a look while it lies within this many
/// ten-thousandths of what is usual: one estimate is never cut up quite like another.
const SHARE_OFF_MIN: i64 = 500;
/// Ten-thousandths of the whole.
pub const SHARE_WHOLE: i64 = 10_000;
/// Production rates kept for one resource or recipe, and shares for one name of a heading.
const FIGURES_MAX: usize = 1_000;
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

/// What works: a resource, or a recipe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Worker {
    /// A resource.
    Resource(ResourceId),
    /// A recipe.
    Recipe(RecipeId),
}

/// A figure of a past tender, in its smallest units.
type Figure = (TenderId, i64);

/// The regions of tenders: which option of the categorisation Region each carries.
pub type Regions = HashMap<TenderId, OptionId>;

/// Past rates by work. Cloning costs O(kinds of work).
#[derive(Clone, Debug, Default)]
pub struct References {
    by_work: HashMap<Work, Arc<Vec<ReferenceRate>>>,
    productions: HashMap<(Worker, Option<UnitCode>), Arc<VecDeque<Figure>>>,
    shares: HashMap<Box<str>, Arc<VecDeque<Figure>>>,
    units: HashMap<Box<str>, Arc<VecDeque<(TenderId, UnitCode)>>>,
}

/// The organisation's memory, as a check asks it.
#[derive(Clone, Copy)]
pub struct Past<'a> {
    /// What past tenders say.
    pub references: &'a References,
    /// Where they were.
    pub regions: &'a Regions,
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
    (words(description), unit)
}

fn words(text: &str) -> Box<str> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let words: Vec<String> = words.map(str::to_lowercase).collect();
    words.join(" ").into()
}

impl References {
    /// Takes in a submitted revision: its items that have a description and a rate, the production
    /// rates of its lines, and the shares of its headings. O(rows + lines).
    pub fn take_in(&mut self, estimate: &Estimate, at_us: i64) {
        let price = estimate.price().ok();
        let row = estimate.row();
        for node in estimate.rows() {
            for (line, production) in estimate.productions(&node) {
                let unit = node.item().and_then(|item| item.unit);
                let Some(worker) = Worker::of(line) else { continue };
                let known = self.productions.entry((worker, unit)).or_default();
                remember(known, (row.tender, production.units()));
            }
            if let Some((heading, share)) = node.heading().zip(estimate.share(&node)) {
                let known = self.shares.entry(words(&heading.name)).or_default();
                remember(known, (row.tender, share));
            }
            let Some(item) = node.item().filter(|item| !item.inactive) else { continue };
            let key = work(&item.description, item.unit);
            if let Some(unit) = item.unit.filter(|_| !key.0.is_empty()) {
                remember(self.units.entry(key.0.clone()).or_default(), (row.tender, unit));
            }
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

    /// Whether nothing is known of the past.
    pub fn is_empty(&self) -> bool {
        self.by_work.is_empty()
    }
}

impl Past<'_> {
    /// How past cost rates of the same work lie when `cost` is far from them, and whether they are
    /// those of the region of `but` alone; none otherwise, and while there are fewer than
    /// [`RATES_MIN`]. Rates of the same region are preferred once there are
    /// [`REGION_RATES_MIN`] of them.
    pub fn far(
        &self,
        description: &str,
        unit: Option<UnitCode>,
        but: TenderId,
        cost: Rate,
    ) -> Option<(Spread, bool)> {
        if self.references.is_empty() {
            return None;
        }
        let rates = self.references.others(description, unit, but);
        let figures: Vec<Figure> =
            rates.filter_map(|rate| rate.cost.map(|cost| (rate.tender, cost.units()))).collect();
        let (spread, regional) = self.usual(&figures, but)?;
        spread.is_far(cost.units()).then_some((spread, regional))
    }

    /// How past production rates of the same worker on work in the same unit lie, when
    /// `production` is far from them.
    pub fn production_far(
        &self,
        worker: Worker,
        unit: Option<UnitCode>,
        but: TenderId,
        production: LineQty,
    ) -> Option<Spread> {
        let known = self.references.productions.get(&(worker, unit))?;
        let spread = Spread::of(others(known, but).map(|(_, units)| units))?;
        spread.is_far(production.units()).then_some(spread)
    }

    /// The unit that other tenders than `but` measured work of the same words in, and how many
    /// items did; none where one of them was in `unit`, where they differ among themselves, and
    /// while there are fewer than [`UNITS_MIN`]. O(items).
    pub fn other_unit(
        &self,
        description: &str,
        unit: UnitCode,
        but: TenderId,
    ) -> Option<(UnitCode, usize)> {
        let known = self.references.units.get(&words(description))?;
        let mut units = known.iter().filter(|(tender, _)| *tender != but).map(|(_, unit)| *unit);
        let usual = units.next().filter(|usual| *usual != unit)?;
        let mut count = 1;
        for other in units {
            if other != usual {
                return None;
            }
            count += 1;
        }
        (count >= UNITS_MIN).then_some((usual, count))
    }

    /// How the shares of headings of the same name lie in past tenders; none while there are fewer
    /// than [`RATES_MIN`].
    pub fn shares(&self, name: &str, but: TenderId) -> Option<Spread> {
        let known = self.references.shares.get(&words(name))?;
        Spread::of(others(known, but).map(|(_, share)| share))
            .filter(|spread| spread.count >= RATES_MIN)
    }

    /// How figures lie: those of the region of `but` where there are enough, else all.
    fn usual(&self, figures: &[Figure], but: TenderId) -> Option<(Spread, bool)> {
        if let Some(region) = self.regions.get(&but) {
            let here =
                figures.iter().filter(|(tender, _)| self.regions.get(tender) == Some(region));
            let spread = Spread::of(here.map(|(_, units)| *units));
            if let Some(spread) = spread.filter(|spread| spread.count >= REGION_RATES_MIN) {
                return Some((spread, true));
            }
        }
        Spread::of(figures.iter().map(|(_, units)| *units)).map(|spread| (spread, false))
    }
}

fn others(figures: &VecDeque<Figure>, but: TenderId) -> impl Iterator<Item = Figure> {
    figures.iter().copied().filter(move |(tender, _)| *tender != but)
}

/// Keeps a figure or unit, and no more than the newest [`FIGURES_MAX`]: tenders are taken in oldest first.
fn remember<T: Clone>(known: &mut Arc<VecDeque<T>>, figure: T) {
    let known = Arc::make_mut(known);
    if known.len() >= FIGURES_MAX {
        known.pop_front();
    }
    known.push_back(figure);
}

impl Worker {
    /// What a line works with; none of a line with words of its own.
    pub fn of(line: &Line) -> Option<Worker> {
        match &line.source {
            Source::Resource { resource, .. } => Some(Worker::Resource(*resource)),
            Source::Recipe(recipe) => Some(Worker::Recipe(recipe.recipe)),
            Source::Free { .. } => None,
        }
    }
}

/// Ten-thousandths of `whole` that `part` is, half away from zero; none where the whole is nothing
/// or less. Both in cents.
pub fn share_of(part: i64, whole: i64) -> Option<i64> {
    if whole <= 0 {
        return None;
    }
    let share = round_div(i128::from(part) * i128::from(SHARE_WHOLE), i128::from(whole));
    i64::try_from(share).ok()
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

    /// Whether a share of the cost lies far outside, and by enough to matter.
    pub fn is_share_far(&self, share: i64) -> bool {
        (share - self.median).abs() >= SHARE_OFF_MIN && self.is_far(share)
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

    #[test]
    fn a_share_is_rounded_and_a_little_more_of_it_is_no_news() {
        assert_eq!(share_of(1, 3), Some(3_333));
        assert_eq!(share_of(2, 3), Some(6_667));
        assert_eq!((share_of(1, 0), share_of(1, -5)), (None, None));
        let always = spread(&[200; 6]);
        assert!(always.is_far(260) && !always.is_share_far(260));
        assert!(always.is_share_far(1_200));
    }

    #[test]
    fn rates_of_the_same_region_are_what_is_usual_once_there_are_enough() {
        let tender = |n: u128| TenderId(uuid::Uuid::from_u128(n));
        let region = |n: u128| OptionId(uuid::Uuid::from_u128(n));
        let mut figures: Vec<Figure> = (1..=4).map(|n| (tender(n), 100_000)).collect();
        figures.extend((11..=16).map(|n| (tender(n), 200_000)));
        let regions: Regions = (0..=5)
            .map(|n| (tender(n), region(1)))
            .chain((11..=16).map(|n| (tender(n), region(2))))
            .collect();
        let references = References::default();
        let past = Past { references: &references, regions: &regions };
        let (all, regional) = past.usual(&figures, tender(0)).expect("rates");
        assert_eq!((all.count, regional), (10, false), "four in the region are too few");
        figures.push((tender(5), 100_000));
        let (here, regional) = past.usual(&figures, tender(0)).expect("rates");
        assert_eq!((here.count, here.median, regional), (5, 100_000, true));
        let (all, regional) = past.usual(&figures, tender(99)).expect("rates");
        assert_eq!((all.count, regional), (11, false), "a tender without a region");
    }

    #[test]
    fn a_unit_is_another_only_where_enough_items_agree_and_none_had_it() {
        let tender = |n: u128| TenderId(uuid::Uuid::from_u128(n));
        let unit = |code: &str| UnitCode::new(code).expect("a unit");
        let mut references = References::default();
        let regions = Regions::default();
        let mut take = |n: u128, code: &str| {
            let known = references.units.entry(words("Strip topsoil")).or_default();
            remember(known, (tender(n), unit(code)));
            let past = Past { references: &references, regions: &regions };
            past.other_unit("strip  TOPSOIL", unit("m3"), tender(9))
        };
        assert_eq!(take(1, "m2"), None);
        assert_eq!(take(9, "m2"), None, "its own tender is no past");
        assert_eq!(take(2, "m2"), None, "two are too few");
        assert_eq!(take(3, "m2"), Some((unit("m2"), 3)));
        assert_eq!(take(4, "ha"), None, "they differ among themselves");
        let mut one_had_it = References::default();
        for (n, code) in [(1, "m2"), (2, "m2"), (3, "m2"), (4, "m3")] {
            let known = one_had_it.units.entry(words("Strip topsoil")).or_default();
            remember(known, (tender(n), unit(code)));
        }
        let past = Past { references: &one_had_it, regions: &regions };
        assert_eq!(past.other_unit("Strip topsoil", unit("m3"), tender(9)), None);
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
