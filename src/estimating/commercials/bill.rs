//! What is priced: an estimate's schedule and the costs behind it, as plain rows.
//!
//! Nothing here knows how the estimate keeps them; [`Bill::of`] reads them from one.

use super::rule::PackageId;
use crate::estimating::{
    cost::CostSums,
    id::{HeadingId, ItemId},
    number::{Money, Pct, Qty, Rate, SellRate},
};
use ecow::EcoString;

/// Place of a heading in [`Bill::headings`].
pub type HeadingIndex = u32;

/// A heading of the bill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BillHeading {
    /// Identity.
    pub id: HeadingId,
    /// The heading above, which comes earlier in the list; none at the top.
    pub parent: Option<HeadingIndex>,
    /// Code, may be empty.
    pub code: Box<str>,
}

/// An item that rules act on: an active, counted schedule item at client level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScheduleItem {
    /// Identity.
    pub id: ItemId,
    /// The heading it is under.
    pub heading: HeadingIndex,
    /// The client's code.
    pub code: EcoString,
    /// Quantity the price is on, above zero.
    pub quantity: Qty,
    /// Whether its unit is the lump sum.
    pub lump_sum: bool,
    /// Direct cost by type.
    pub cost: CostSums,
    /// Sell rate fixed by hand ("rate-locked").
    pub locked: Option<SellRate>,
}

/// A cost without a line of its own: an active indirect or risk item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndirectItem {
    /// Identity.
    pub id: ItemId,
    /// The heading it is under.
    pub heading: HeadingIndex,
    /// Code.
    pub code: EcoString,
    /// Cost by type.
    pub cost: CostSums,
}

/// An item whose sell the rules never touch (BR-080).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FixedItem {
    /// Identity.
    pub id: ItemId,
    /// The heading it is under.
    pub heading: HeadingIndex,
    /// The client's code.
    pub code: EcoString,
    /// Where its amount comes from.
    pub sell: FixedSell,
}

/// Where the amount of a fixed-sell item comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FixedSell {
    /// The client's provisional sum (BR-026).
    ProvisionalSum(Money),
    /// The client's prime-cost sum (BR-026).
    PrimeCostSum(Money),
    /// round2(percent of the sum of these sums) (BR-027).
    Percentage {
        /// Percent of the linked sums.
        percent: Pct,
        /// Provisional and prime-cost sums; one that is not in the bill adds nothing.
        linked: Vec<ItemId>,
    },
    /// round2(quantity x fixed rate).
    Daywork {
        /// Quantity.
        quantity: Qty,
        /// The fixed rate; zero where none is set yet.
        rate: SellRate,
        /// Cost by type.
        cost: CostSums,
    },
}

impl FixedSell {
    /// What the contractor's own cost of the item is: daywork has one, the others are the client's
    /// figures.
    pub fn cost(&self) -> CostSums {
        match self {
            FixedSell::Daywork { cost, .. } => *cost,
            FixedSell::ProvisionalSum(_)
            | FixedSell::PrimeCostSum(_)
            | FixedSell::Percentage { .. } => CostSums::ZERO,
        }
    }

    /// The fixed rate, where there is one.
    pub fn rate(&self) -> Option<SellRate> {
        match self {
            FixedSell::Daywork { rate, .. } => Some(*rate),
            FixedSell::ProvisionalSum(_)
            | FixedSell::PrimeCostSum(_)
            | FixedSell::Percentage { .. } => None,
        }
    }

    /// The client's sum, where it is one.
    pub fn client_sum(&self) -> Option<Money> {
        match self {
            FixedSell::ProvisionalSum(sum) | FixedSell::PrimeCostSum(sum) => Some(*sum),
            FixedSell::Percentage { .. } | FixedSell::Daywork { .. } => None,
        }
    }
}

/// An item priced outside all totals: rate-only, or an option that is not selected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AsideItem {
    /// Identity.
    pub id: ItemId,
    /// Quantity of an option; none for a rate-only item.
    pub quantity: Option<Qty>,
    /// Cost per unit (R4); none while it has no cost.
    pub cost_rate: Option<Rate>,
}

/// One item of the bill, of whichever kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BillEntry {
    /// An item rules act on.
    Schedule(ScheduleItem),
    /// An indirect or risk item.
    Indirect(IndirectItem),
    /// A fixed-sell item.
    Fixed(FixedItem),
    /// An item priced outside the total.
    Aside(AsideItem),
}

impl BillEntry {
    /// Identity.
    pub fn id(&self) -> ItemId {
        match self {
            BillEntry::Schedule(item) => item.id,
            BillEntry::Indirect(item) => item.id,
            BillEntry::Fixed(item) => item.id,
            BillEntry::Aside(item) => item.id,
        }
    }

    /// The contractor's own cost that enters totals.
    pub fn cost(&self) -> CostSums {
        match self {
            BillEntry::Schedule(item) => item.cost,
            BillEntry::Indirect(item) => item.cost,
            BillEntry::Fixed(item) => item.sell.cost(),
            BillEntry::Aside(_) => CostSums::ZERO,
        }
    }

    /// The same item at another cost; none where it bears no cost in totals.
    pub(super) fn at_cost(mut self, new: CostSums) -> Option<BillEntry> {
        match &mut self {
            BillEntry::Schedule(item) => item.cost = new,
            BillEntry::Indirect(item) => item.cost = new,
            BillEntry::Fixed(FixedItem { sell: FixedSell::Daywork { cost, .. }, .. }) => {
                *cost = new;
            }
            BillEntry::Fixed(_) | BillEntry::Aside(_) => return None,
        }
        Some(self)
    }
}

/// The items of a package, for rules that act on one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackageItems {
    /// Identity.
    pub id: PackageId,
    /// Its items.
    pub items: Vec<ItemId>,
}

/// Everything a price is formed from except rules and terms.
///
/// Schedule items stand in display order, which settles ties of a cent; headings stand after the
/// heading above them; the order of the others says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bill {
    /// Headings.
    pub headings: Vec<BillHeading>,
    /// Items the rules act on.
    pub schedule: Vec<ScheduleItem>,
    /// Indirect and risk items.
    pub indirect: Vec<IndirectItem>,
    /// Fixed-sell items.
    pub fixed: Vec<FixedItem>,
    /// Items priced outside the total.
    pub aside: Vec<AsideItem>,
    /// Packages.
    pub packages: Vec<PackageItems>,
}

impl Bill {
    /// Adds an item to the list of its kind.
    pub fn push(&mut self, entry: BillEntry) {
        match entry {
            BillEntry::Schedule(item) => self.schedule.push(item),
            BillEntry::Indirect(item) => self.indirect.push(item),
            BillEntry::Fixed(item) => self.fixed.push(item),
            BillEntry::Aside(item) => self.aside.push(item),
        }
    }
}
