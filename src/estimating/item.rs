//! Items: priced lines of the client's schedule, and the internal items below them.

use super::{
    cost::CostType,
    formula::Formula,
    heading::Stamp,
    id::{EstimateId, HeadingId, ItemId},
    number::{Money, Pct, Qty, Rate, SellRate},
    position::Position,
    units::UnitCode,
    worksheet::Variable,
};
use ecow::EcoString;
use serde::{Deserialize, Serialize};

/// What an item is to the client and to the totals (domain 2.2).
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum ItemType {
    /// A line of the client's schedule.
    Schedule,
    /// An internal item: a sub-item, or an indirect cost under a heading.
    Normal,
    /// Priced per unit, entered in no total (BR-028).
    RateOnly,
    /// A sum the client set, sold unchanged (BR-026).
    ProvisionalSum,
    /// A sum the client set for a purchase, sold unchanged (BR-026).
    PrimeCostSum,
    /// The contractor's percentage on provisional or prime-cost sums (BR-027).
    Percentage,
    /// Work paid at fixed daywork rates.
    Daywork,
    /// Not priced, with a reason (BR-030).
    Excluded,
    /// Priced inside another item (BR-030).
    IncludedElsewhere,
    /// A priced risk, carried as indirect cost.
    Risk,
}

impl ItemType {
    /// Every type, in the order pick lists show them.
    pub const ALL: [ItemType; 10] = [
        ItemType::Schedule,
        ItemType::Normal,
        ItemType::RateOnly,
        ItemType::ProvisionalSum,
        ItemType::PrimeCostSum,
        ItemType::Percentage,
        ItemType::Daywork,
        ItemType::Excluded,
        ItemType::IncludedElsewhere,
        ItemType::Risk,
    ];

    /// The type's English name.
    pub const fn name(self) -> &'static str {
        match self {
            ItemType::Schedule => "schedule",
            ItemType::Normal => "normal",
            ItemType::RateOnly => "rate only",
            ItemType::ProvisionalSum => "provisional sum",
            ItemType::PrimeCostSum => "prime-cost sum",
            ItemType::Percentage => "percentage",
            ItemType::Daywork => "daywork",
            ItemType::Excluded => "excluded",
            ItemType::IncludedElsewhere => "included elsewhere",
            ItemType::Risk => "risk",
        }
    }

    /// Whether cost is built on the item by a plug, a worksheet or sub-items.
    pub const fn bears_cost(self) -> bool {
        match self {
            ItemType::Schedule
            | ItemType::Normal
            | ItemType::RateOnly
            | ItemType::Daywork
            | ItemType::Risk => true,
            ItemType::ProvisionalSum
            | ItemType::PrimeCostSum
            | ItemType::Percentage
            | ItemType::Excluded
            | ItemType::IncludedElsewhere => false,
        }
    }

    /// Whether BR-020 asks for a quantity above zero.
    pub const fn needs_quantity(self) -> bool {
        matches!(self, ItemType::Schedule | ItemType::Normal | ItemType::Daywork)
    }

    /// Whether the client set the amount (BR-026).
    pub const fn is_client_sum(self) -> bool {
        matches!(self, ItemType::ProvisionalSum | ItemType::PrimeCostSum)
    }
}

/// What an item hangs under (BR-015).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Parent {
    /// A heading: the item is at client level, or an indirect item.
    Heading(HeadingId),
    /// Another item: this one is a sub-item.
    Item(ItemId),
}

impl Parent {
    /// The parent row's identity, whichever table it is in.
    pub fn uuid(self) -> uuid::Uuid {
        match self {
            Parent::Heading(id) => id.0,
            Parent::Item(id) => id.0,
        }
    }
}

/// A cost entered by judgement instead of being built up (BR-023).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plug {
    /// NZD per item unit, excluding GST, zero or more.
    pub rate: Rate,
    /// The type the cost is booked as.
    pub cost_type: CostType,
}

/// Membership of an option group (BR-029).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OptionChoice {
    /// The group's name within the estimate.
    pub group: Box<str>,
    /// Whether this member counts; the others are priced outside all totals.
    pub selected: bool,
    /// Whether the group may have no selected member at all.
    pub optional: bool,
}

/// What few items have; boxed so that a plain item stays small.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemExtra {
    /// Option group.
    pub option: Option<OptionChoice>,
    /// Sell rate fixed by hand ("rate-locked").
    pub locked_sell_rate: Option<SellRate>,
    /// The client's amount of a provisional or prime-cost sum.
    pub client_amount: Option<Money>,
    /// Percent of a percentage item.
    pub percent: Option<Pct>,
    /// The sums a percentage item is worked on (BR-027).
    pub linked: Vec<ItemId>,
    /// Why the item is excluded (BR-030).
    pub reason: Option<Box<str>>,
    /// The item that includes this one (BR-030).
    pub included_in: Option<ItemId>,
    /// Payment clause of the specification.
    pub payment_clause: Option<Box<str>>,
    /// Workbench cost code.
    pub workbench_code: Option<Box<str>>,
    /// Free note, internal.
    pub note: Option<Box<str>>,
    /// Variables seen by this item's worksheet and its sub-items.
    pub variables: Vec<Variable>,
}

/// An item row. Quantity may be a formula; cost, status and totals are derived.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Identity.
    pub id: ItemId,
    /// The estimate revision it belongs to.
    pub estimate: EstimateId,
    /// What it hangs under.
    pub parent: Parent,
    /// Place among the children of its parent.
    pub position: Position,
    /// Type.
    pub item_type: ItemType,
    /// Client's code, or an own one on internal items; may be empty.
    pub code: EcoString,
    /// Description as the client's schedule has it.
    pub description: EcoString,
    /// Unit of measure from the managed list (BR-019).
    pub unit: Option<UnitCode>,
    /// Quantity or the formula that gives it; at most four decimals (BR-020).
    pub quantity: Option<Formula>,
    /// Own measured quantity: cost is built on it when present, price never.
    pub takeoff_quantity: Option<Qty>,
    /// Cost by judgement.
    pub plug: Option<Plug>,
    /// Cost is spread over the schedule instead of being sold (BR-081).
    pub indirect: bool,
    /// Left out of every total.
    pub inactive: bool,
    /// A person has checked the price; any change of cost or quantity takes it away (BR-025).
    pub reviewed: bool,
    /// What few items have.
    pub extra: Option<Box<ItemExtra>>,
    /// Counts changes of this row, from 1.
    pub version: u64,
    /// Who and when.
    pub stamp: Stamp,
}

impl Item {
    /// The rarely used fields, or their defaults.
    pub fn extra(&self) -> &ItemExtra {
        static NONE: ItemExtra = ItemExtra {
            option: None,
            locked_sell_rate: None,
            client_amount: None,
            percent: None,
            linked: Vec::new(),
            reason: None,
            included_in: None,
            payment_clause: None,
            workbench_code: None,
            note: None,
            variables: Vec::new(),
        };
        self.extra.as_deref().unwrap_or(&NONE)
    }

    /// Changes the rarely used fields, dropping the box when nothing is left in it.
    pub fn with_extra(&mut self, change: impl FnOnce(&mut ItemExtra)) {
        let mut extra = self.extra.take().unwrap_or_default();
        change(&mut extra);
        self.extra = (*extra != ItemExtra::default()).then_some(extra);
    }

    /// Whether the item belongs to a selected option, or to none.
    pub fn is_selected(&self) -> bool {
        self.extra().option.as_ref().is_none_or(|o| o.selected)
    }

    /// Whether the item's cost enters the totals of its heading or parent item (domain 2.6).
    pub fn is_counted(&self) -> bool {
        !self.inactive && self.is_selected() && self.item_type != ItemType::RateOnly
    }

    /// Whether the client has it in the schedule: not sub-items, indirect costs and risks.
    pub fn is_for_client(&self) -> bool {
        if self.inactive || self.is_indirect() || !matches!(self.parent, Parent::Heading(_)) {
            return false;
        }
        match self.item_type {
            ItemType::Schedule
            | ItemType::RateOnly
            | ItemType::ProvisionalSum
            | ItemType::PrimeCostSum
            | ItemType::Percentage
            | ItemType::Daywork
            | ItemType::Excluded
            | ItemType::IncludedElsewhere => true,
            ItemType::Normal | ItemType::Risk => false,
        }
    }

    /// Whether the cost is indirect: spread over the schedule, never sold by itself.
    pub fn is_indirect(&self) -> bool {
        self.indirect || self.item_type == ItemType::Risk
    }
}
