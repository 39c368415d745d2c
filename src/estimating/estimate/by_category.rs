//! What an estimate costs and sells for by the options of a categorisation.

use super::{Estimate, ROOT, Slot};
use crate::estimating::{commercials::PricingError, id::OptionId, number::Money};
use std::collections::BTreeMap;
use uuid::Uuid;

/// What carries one option of a categorisation, or none of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CategorySum {
    /// Counted items and sub-items.
    pub items: usize,
    /// Their cost, direct and indirect.
    pub cost: Money,
    /// What they sell for, excluding GST; none while the estimate has no price.
    pub price: Option<Money>,
}

/// Sums by option, in cents while they grow.
#[derive(Default)]
struct Growing {
    items: usize,
    cost: i128,
    price: i128,
}

impl Estimate {
    /// Cost and price by what `carried` says an item carries; an item that carries nothing goes
    /// with the one it is under. Every counted item is in exactly one sum, so that they add up to
    /// the estimate's cost and price to the cent. O(rows).
    ///
    /// # Errors
    /// When a figure is beyond its range.
    pub fn by_category(
        &self,
        carried: impl Fn(Uuid) -> Option<OptionId>,
    ) -> Result<BTreeMap<Option<OptionId>, CategorySum>, PricingError> {
        let price = match self.price() {
            Ok(price) => Some(price),
            Err(PricingError::Broken(_)) => None,
            Err(error @ PricingError::Beyond { .. }) => return Err(error),
        };
        let mut sums: BTreeMap<Option<OptionId>, Growing> = BTreeMap::new();
        let below = |slot: Slot, option, counted| {
            self.at(slot).children().iter().map(move |child| (*child, option, counted))
        };
        let mut waiting: Vec<(Slot, Option<OptionId>, bool)> = below(ROOT, None, true).collect();
        while let Some((slot, above, counted_above)) = waiting.pop() {
            let node = self.view_of(slot, true);
            let Some(item) = node.item() else {
                waiting.extend(below(slot, None, true));
                continue;
            };
            let option = carried(item.id.0).or(above);
            let counted = counted_above && node.is_counted();
            waiting.extend(below(slot, option, counted));
            let sold = match &price {
                Some(price) => price.item(item.id)?.filter(|sold| sold.counted),
                None => None,
            };
            let sold = sold.and_then(|sold| sold.amount);
            if !counted && sold.is_none() {
                continue;
            }
            let sum = sums.entry(option).or_default();
            sum.items += usize::from(counted);
            if counted {
                sum.cost += i128::from(node.calc.other.total().units());
            }
            sum.price += i128::from(sold.unwrap_or_default().units());
        }
        let money = |cents: i128| {
            let found = i64::try_from(cents).ok().and_then(Money::from_units);
            found.ok_or_else(|| PricingError::Beyond { what: "A sum of a category".into() })
        };
        let finished = sums.into_iter().map(|(option, sum)| {
            let price = price.as_ref().map(|_| money(sum.price)).transpose()?;
            Ok((option, CategorySum { items: sum.items, cost: money(sum.cost)?, price }))
        });
        finished.collect()
    }
}
