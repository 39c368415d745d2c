//! What a price is formed on, ready for use: the bill with its places by identity, and the terms.

use super::{
    bill::{Bill, BillEntry, FixedSell, HeadingIndex},
    error::PricingError,
    rule::Within,
    terms::Terms,
};
use crate::estimating::{
    cost::CostSums,
    id::{HeadingId, ItemId},
    limits::{COST_CENTS_MAX, ESTIMATE_CENTS_MAX, NODES_MAX},
    number::{Money, amount, percent_of},
};
use std::{collections::HashMap, mem::replace};

/// Where an item stands in the bill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Schedule(usize),
    Indirect(usize),
    Fixed(usize),
    Aside(usize),
}

/// A bill and its terms, with every item's place.
#[derive(Clone, Debug)]
pub(super) struct Ground {
    pub bill: Bill,
    pub terms: Terms,
    /// Direct cost of each schedule item, in cents.
    pub direct: Vec<i64>,
    /// Sell of each fixed-sell item.
    pub fixed: Vec<Money>,
    pub fixed_total: Money,
    pub places: HashMap<ItemId, Place>,
    /// Cost of schedule, indirect and daywork items together, in cents.
    pub cost_total: i64,
    /// A type of cost has come to a schedule item or gone from one.
    pub types_changed: bool,
    /// Top heading of each heading.
    pub tops: Vec<HeadingIndex>,
    headings: HashMap<HeadingId, HeadingIndex>,
}

impl Ground {
    /// Finds every item's place and works out what the rules never touch. O(rows).
    pub fn new(bill: Bill, terms: Terms) -> Result<Ground, PricingError> {
        check_rows(&bill)?;
        let cost_total = total_cost(&bill)?;
        let mut places = HashMap::with_capacity(bill.schedule.len());
        let schedule = bill.schedule.iter().map(|item| item.id);
        places.extend(schedule.enumerate().map(|(at, id)| (id, Place::Schedule(at))));
        let indirect = bill.indirect.iter().map(|item| item.id);
        places.extend(indirect.enumerate().map(|(at, id)| (id, Place::Indirect(at))));
        let fixed = bill.fixed.iter().map(|item| item.id);
        places.extend(fixed.enumerate().map(|(at, id)| (id, Place::Fixed(at))));
        let aside = bill.aside.iter().map(|item| item.id);
        places.extend(aside.enumerate().map(|(at, id)| (id, Place::Aside(at))));
        let rows = bill.schedule.len() + bill.indirect.len() + bill.fixed.len();
        if places.len() != rows + bill.aside.len() {
            return Err(PricingError::beyond("The number of times an item is in the bill"));
        }
        let headings = bill.headings.iter().map(|heading| heading.id).zip(0..).collect();
        let mut tops: Vec<HeadingIndex> = Vec::with_capacity(bill.headings.len());
        for (own, heading) in (0..).zip(&bill.headings) {
            tops.push(heading.parent.map_or(own, |parent| tops[parent as usize]));
        }
        let fixed = fixed_sells(&bill, &places)?;
        let fixed_total = sum_fixed(&fixed)?;
        let direct = bill.schedule.iter().map(|item| item.cost.total().units()).collect();
        let ground = Ground {
            bill,
            terms,
            direct,
            fixed,
            fixed_total,
            places,
            cost_total,
            types_changed: false,
            tops,
            headings,
        };
        ground.check_total()?;
        Ok(ground)
    }

    /// All costs together are within the limit of an estimate.
    pub fn check_total(&self) -> Result<(), PricingError> {
        if self.cost_total.abs() > ESTIMATE_CENTS_MAX {
            return Err(PricingError::beyond("The cost of the estimate"));
        }
        Ok(())
    }

    /// Place of a heading.
    pub fn heading(&self, id: HeadingId) -> Option<HeadingIndex> {
        self.headings.get(&id).copied()
    }

    /// Whether an entry of the same kind and heading is there to be replaced.
    pub fn has(&self, entry: &BillEntry) -> bool {
        match (entry, self.places.get(&entry.id())) {
            (BillEntry::Schedule(new), Some(Place::Schedule(at))) => {
                new.heading == self.bill.schedule[*at].heading
            }
            (BillEntry::Indirect(new), Some(Place::Indirect(at))) => {
                new.heading == self.bill.indirect[*at].heading
            }
            (BillEntry::Fixed(new), Some(Place::Fixed(at))) => {
                new.heading == self.bill.fixed[*at].heading
            }
            (BillEntry::Aside(_), Some(Place::Aside(_))) => true,
            _ => false,
        }
    }

    /// The entry of an item as it stands.
    pub fn entry(&self, id: ItemId) -> Option<BillEntry> {
        Some(match *self.places.get(&id)? {
            Place::Schedule(at) => BillEntry::Schedule(self.bill.schedule[at].clone()),
            Place::Indirect(at) => BillEntry::Indirect(self.bill.indirect[at].clone()),
            Place::Fixed(at) => BillEntry::Fixed(self.bill.fixed[at].clone()),
            Place::Aside(at) => BillEntry::Aside(self.bill.aside[at].clone()),
        })
    }

    /// Puts an entry in the place of the one that [`Ground::has`] found, and gives that back.
    pub fn swap(&mut self, entry: BillEntry) -> BillEntry {
        let place = self.places.get(&entry.id()).copied();
        let cost = entry.cost();
        let before = match (entry, place) {
            (BillEntry::Schedule(new), Some(Place::Schedule(at))) => {
                self.direct[at] = cost.total().units();
                BillEntry::Schedule(replace(&mut self.bill.schedule[at], new))
            }
            (BillEntry::Indirect(new), Some(Place::Indirect(at))) => {
                BillEntry::Indirect(replace(&mut self.bill.indirect[at], new))
            }
            (BillEntry::Fixed(new), Some(Place::Fixed(at))) => {
                BillEntry::Fixed(replace(&mut self.bill.fixed[at], new))
            }
            (BillEntry::Aside(new), Some(Place::Aside(at))) => {
                BillEntry::Aside(replace(&mut self.bill.aside[at], new))
            }
            (entry, _) => entry,
        };
        let old = before.cost();
        self.cost_total += cost.total().units() - old.total().units();
        let present = |sums: CostSums| sums.0.map(|cents| cents != 0);
        self.types_changed |= present(old) != present(cost);
        before
    }

    /// Works the fixed-sell items out again.
    pub fn sell_fixed(&mut self) -> Result<(), PricingError> {
        self.fixed = fixed_sells(&self.bill, &self.places)?;
        self.fixed_total = sum_fixed(&self.fixed)?;
        Ok(())
    }

    /// Whether heading `inner` is `outer` or below it. O(depth).
    fn is_under(&self, inner: HeadingIndex, outer: HeadingIndex) -> bool {
        let mut at = Some(inner);
        while let Some(heading) = at {
            if heading == outer {
                return true;
            }
            at = self.bill.headings[heading as usize].parent;
        }
        false
    }

    /// Marks the schedule items within `part`. O(items).
    pub fn mark(&self, part: &Within, marks: &mut [bool], on: bool) {
        let schedule = &self.bill.schedule;
        match part {
            Within::All => marks.fill(on),
            Within::Heading(id) => {
                let Some(outer) = self.headings.get(id) else { return };
                let inside: Vec<bool> =
                    (0..).zip(&self.tops).map(|(own, _)| self.is_under(own, *outer)).collect();
                for (mark, item) in marks.iter_mut().zip(schedule) {
                    if inside[item.heading as usize] {
                        *mark = on;
                    }
                }
            }
            Within::Type(cost_type) => {
                for (mark, item) in marks.iter_mut().zip(schedule) {
                    if !item.cost.get(*cost_type).is_zero() {
                        *mark = on;
                    }
                }
            }
            Within::Package(id) => {
                for package in self.bill.packages.iter().filter(|package| package.id == *id) {
                    self.mark_items(&package.items, marks, on);
                }
            }
            Within::Items(ids) => self.mark_items(ids, marks, on),
        }
    }

    fn mark_items(&self, ids: &[ItemId], marks: &mut [bool], on: bool) {
        for id in ids {
            if let Some(Place::Schedule(at)) = self.places.get(id) {
                marks[*at] = on;
            }
        }
    }

    /// Place of the balancing item, where the terms name an unlocked lump sum of quantity one.
    pub fn balancing(&self) -> Option<usize> {
        let Place::Schedule(at) = *self.places.get(&self.terms.balancing?)? else { return None };
        let item = &self.bill.schedule[at];
        let one = item.quantity == crate::estimating::number::Qty::ONE;
        (item.lump_sum && one && item.locked.is_none()).then_some(at)
    }

    /// Costs of all indirect items.
    pub fn indirect_total(&self) -> Option<Money> {
        Money::checked_sum(self.bill.indirect.iter().map(|item| item.cost.total()))
    }
}

/// Every cost is within its limit, and so is their number: all sums of cents along the chain then
/// stay inside an `i64`.
fn total_cost(bill: &Bill) -> Result<i64, PricingError> {
    let daywork = bill.fixed.iter().map(|item| item.sell.cost());
    let costs = bill.schedule.iter().map(|item| item.cost);
    let costs = costs.chain(bill.indirect.iter().map(|item| item.cost)).chain(daywork);
    let mut total = 0;
    for cost in costs {
        check_cost(cost)?;
        total += cost.total().units();
    }
    Ok(total)
}

/// Rows are few enough, headings come after those above them, and no item is there twice.
fn check_rows(bill: &Bill) -> Result<(), PricingError> {
    let rows = bill.schedule.len() + bill.indirect.len() + bill.fixed.len() + bill.aside.len();
    if rows > NODES_MAX || bill.headings.len() > NODES_MAX {
        return Err(PricingError::beyond("The number of rows of the bill"));
    }
    let place = |heading: HeadingIndex| (heading as usize) < bill.headings.len();
    let headed = bill.schedule.iter().map(|item| item.heading);
    let headed = headed.chain(bill.indirect.iter().map(|item| item.heading));
    let headed = headed.chain(bill.fixed.iter().map(|item| item.heading));
    let above = (0..).zip(&bill.headings).all(|(own, h)| h.parent.is_none_or(|above| above < own));
    if !above || !headed.into_iter().all(place) {
        return Err(PricingError::beyond("The place of a heading"));
    }
    Ok(())
}

/// One item's cost, each type and all together, is within its limit.
pub(super) fn check_cost(cost: CostSums) -> Result<(), PricingError> {
    let within = |cents: &i64| (-COST_CENTS_MAX..=COST_CENTS_MAX).contains(cents);
    if cost.0.iter().all(within) && within(&cost.0.iter().sum()) {
        return Ok(());
    }
    Err(PricingError::beyond("The cost of an item"))
}

fn sum_fixed(fixed: &[Money]) -> Result<Money, PricingError> {
    Money::checked_sum(fixed.iter().copied())
        .ok_or_else(|| PricingError::beyond("The total of fixed-sell items"))
}

/// Amounts of the fixed-sell items (R7): client's sums, daywork, and percentages on client's sums.
fn fixed_sells(bill: &Bill, places: &HashMap<ItemId, Place>) -> Result<Vec<Money>, PricingError> {
    let client_sum = |id: &ItemId| match places.get(id) {
        Some(Place::Fixed(at)) => bill.fixed[*at].sell.client_sum(),
        Some(Place::Schedule(_) | Place::Indirect(_) | Place::Aside(_)) | None => None,
    };
    let sell = |sell: &FixedSell| match sell {
        FixedSell::ProvisionalSum(sum) | FixedSell::PrimeCostSum(sum) => Some(*sum),
        FixedSell::Daywork { quantity, rate, .. } => amount(*quantity, *rate),
        FixedSell::Percentage { percent, linked } => {
            Money::checked_sum(linked.iter().filter_map(client_sum))
                .and_then(|sum| percent_of(sum, *percent))
        }
    };
    let beyond = |code: &str| PricingError::beyond(format!("The amount of {code}"));
    bill.fixed.iter().map(|item| sell(&item.sell).ok_or_else(|| beyond(&item.code))).collect()
}
