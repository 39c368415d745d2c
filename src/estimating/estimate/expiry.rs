//! Rates that lapse before a tender closes (BR-051).

use super::{Estimate, NodeRow};
use crate::estimating::{
    catalogue::Catalogue,
    day::Day,
    id::{ItemId, LineId, ResourceId},
    number::Rate,
    price_book::RateEntry,
    worksheet::Source,
};

/// A line priced with a rate that lapses before a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExpiringRate {
    /// The item.
    pub item: ItemId,
    /// The line.
    pub line: LineId,
    /// The resource, on a recipe line one of its leaves.
    pub resource: ResourceId,
    /// The rate the line holds.
    pub rate: Rate,
    /// The last day it holds.
    pub valid_to: Day,
}

impl Estimate {
    /// Lines whose rate lapses before `closing`: they are repriced or accepted before the estimate
    /// is submitted (BR-051). A rate typed over by hand has no end. O(lines log n).
    pub fn rates_expiring_before(&self, closing: Day, catalogue: &Catalogue) -> Vec<ExpiringRate> {
        let mut found = Vec::new();
        for node in self.rows() {
            let (NodeRow::Item(item), Some(sheet)) = (&self.at(node.slot).row, node.sheet) else {
                continue;
            };
            for line in &sheet.lines {
                let mut take = |resource: ResourceId, rate: Rate, entries: &[RateEntry]| {
                    if let Some(valid_to) = end(entries, rate).filter(|to| *to < closing) {
                        let (item, line) = (item.id, line.id);
                        found.push(ExpiringRate { item, line, resource, rate, valid_to });
                    }
                };
                match &line.source {
                    Source::Free { .. } => {}
                    Source::Resource { resource, book_version } => {
                        let rates = catalogue.rates_at(*resource, *book_version);
                        if let (Some(rate), Some(rates)) = (line.rate, rates) {
                            take(*resource, rate, &rates.entries);
                        }
                    }
                    Source::Recipe(recipe) => {
                        for (resource, rate) in &recipe.rates {
                            // A leaf does not say which version its rate is from: the newest one
                            // that has the rate.
                            let Some(rate) = *rate else { continue };
                            let mut newest = catalogue.rates_of(*resource).rev();
                            let rates = newest.find(|r| r.entries.iter().any(|e| e.rate == rate));
                            if let Some(rates) = rates {
                                take(*resource, rate, &rates.entries);
                            }
                        }
                    }
                }
            }
        }
        found
    }
}

/// The last day of a rate among the periods of a resource; none where it has no end.
fn end(entries: &[RateEntry], rate: Rate) -> Option<Day> {
    let same = || entries.iter().filter(|entry| entry.rate == rate);
    if same().any(|entry| entry.to.is_none()) {
        return None;
    }
    same().filter_map(|entry| entry.to).max()
}
