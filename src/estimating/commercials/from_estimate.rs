//! Reads a [`Bill`] from an estimate in memory, and follows its edits.

use super::{
    bill::{
        AsideItem, Bill, BillEntry, BillHeading, FixedItem, FixedSell, HeadingIndex, IndirectItem,
        PackageItems, ScheduleItem,
    },
    error::PricingError,
    pricing::Pricing,
};
use crate::estimating::{
    estimate::{Estimate, NodeView},
    id::HeadingId,
    item::{Item, ItemType, Parent},
    number::{Qty, SellRate},
};
use std::collections::HashMap;
use uuid::Uuid;

impl Bill {
    /// What `estimate` asks to be priced, with the items of its packages. O(rows).
    ///
    /// Inactive, excluded and included-elsewhere items are left out, as are items below others:
    /// their cost is in the item above. An internal item right under a heading has no line of its
    /// own to be sold on, so its cost is indirect whether it is marked so or not. The fixed rate
    /// of a daywork item is its locked sell rate.
    pub fn of(estimate: &Estimate, packages: Vec<PackageItems>) -> Bill {
        let mut bill = Bill { packages, ..Bill::default() };
        let mut places: HashMap<HeadingId, HeadingIndex> = HashMap::new();
        for node in estimate.rows() {
            if let Some(heading) = node.heading() {
                places.insert(heading.id, bill.headings.len() as HeadingIndex);
                let parent = heading.parent.and_then(|id| places.get(&id).copied());
                let code = heading.code.clone();
                bill.headings.push(BillHeading { id: heading.id, parent, code });
            } else if let Some(entry) = entry_of(&node, |id| places.get(&id).copied()) {
                bill.push(entry);
            }
        }
        bill
    }
}

impl Pricing {
    /// Takes in what an edit of the estimate changed in these rows, headings and sub-items
    /// included for convenience; what is in no total is passed over.
    ///
    /// False, with nothing changed, when a row has come, gone, moved among kinds or headings, or
    /// is not known: then the bill is read anew. On an error everything stays as it was.
    pub fn follow(&mut self, estimate: &Estimate, rows: &[Uuid]) -> Result<bool, PricingError> {
        let mut entries = Vec::with_capacity(rows.len());
        for row in rows {
            let Some(node) = estimate.node(*row) else { return Ok(false) };
            let Some(item) = node.item() else { continue };
            if matches!(item.parent, Parent::Item(_)) {
                continue;
            }
            match entry_of(&node, |id| self.ground.heading(id)) {
                Some(entry) => entries.push(entry),
                None if self.ground.places.contains_key(&item.id) => return Ok(false),
                None => {}
            }
        }
        self.replace(entries)
    }
}

/// The bill's entry of an item right under a heading, where it has one.
fn entry_of(
    node: &NodeView<'_>,
    place: impl Fn(HeadingId) -> Option<HeadingIndex>,
) -> Option<BillEntry> {
    let item = node.item().filter(|item| !item.inactive)?;
    let Parent::Heading(heading) = item.parent else { return None };
    let heading = place(heading)?;
    let (id, code) = (item.id, item.code.clone());
    let quantity = node.quantity();
    match item.item_type {
        ItemType::Excluded | ItemType::IncludedElsewhere => None,
        ItemType::RateOnly => {
            let cost_rate = node.cost_rate();
            Some(BillEntry::Aside(AsideItem { id, quantity: None, cost_rate }))
        }
        ItemType::Schedule if !item.is_selected() => {
            let cost_rate = node.cost_rate();
            Some(BillEntry::Aside(AsideItem { id, quantity, cost_rate }))
        }
        _ if !item.is_selected() => None,
        ItemType::Schedule if !item.indirect => Some(BillEntry::Schedule(ScheduleItem {
            id,
            heading,
            code,
            quantity: quantity.unwrap_or_default(),
            lump_sum: item.unit.is_some_and(|unit| unit.is_lump_sum()),
            cost: node.calc.cost,
            locked: item.extra().locked_sell_rate,
        })),
        ItemType::Schedule | ItemType::Normal | ItemType::Risk => {
            let cost = node.calc.cost;
            Some(BillEntry::Indirect(IndirectItem { id, heading, code, cost }))
        }
        ItemType::ProvisionalSum
        | ItemType::PrimeCostSum
        | ItemType::Percentage
        | ItemType::Daywork => {
            let sell = fixed_sell(node, item, quantity.unwrap_or_default());
            Some(BillEntry::Fixed(FixedItem { id, heading, code, sell }))
        }
    }
}

fn fixed_sell(node: &NodeView<'_>, item: &Item, quantity: Qty) -> FixedSell {
    let extra = item.extra();
    let sum = extra.client_amount.unwrap_or_default();
    match item.item_type {
        ItemType::ProvisionalSum => FixedSell::ProvisionalSum(sum),
        ItemType::PrimeCostSum => FixedSell::PrimeCostSum(sum),
        ItemType::Percentage => FixedSell::Percentage {
            percent: extra.percent.unwrap_or_default(),
            linked: extra.linked.clone(),
        },
        ItemType::Schedule
        | ItemType::Normal
        | ItemType::RateOnly
        | ItemType::Daywork
        | ItemType::Excluded
        | ItemType::IncludedElsewhere
        | ItemType::Risk => FixedSell::Daywork {
            quantity,
            rate: extra.locked_sell_rate.unwrap_or(SellRate::ZERO),
            cost: node.calc.cost,
        },
    }
}
