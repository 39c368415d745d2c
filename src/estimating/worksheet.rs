//! Worksheets: how the cost of an item is built up.

use super::{
    cost::{CostType, CostTypes},
    formula::Formula,
    id::{EstimateId, ItemId, LineId, RecipeId, ResourceId},
    number::{Factor, LineQty, Money, Pct, Rate},
    units::UnitCode,
};
use serde::{Deserialize, Serialize};

/// A named number or formula on an estimate, item, worksheet or recipe.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variable {
    /// Name as formulas write it.
    pub name: Box<str>,
    /// Its value.
    pub formula: Formula,
    /// What it stands for.
    pub note: Option<Box<str>>,
}

/// A calculation block: an intermediate result inside a worksheet, shown with its value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// Name as formulas write it.
    pub name: Box<str>,
    /// What it works out.
    pub formula: Formula,
    /// Unit it is shown in; text only.
    pub unit: Option<Box<str>>,
    /// What it stands for.
    pub note: Option<Box<str>>,
}

/// How a line's quantity comes about (domain 2.5, BR-032).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Method {
    /// count × Q ÷ (production × efficiency).
    Time {
        /// How many at once.
        count: Formula,
        /// Item units per hour.
        production: Formula,
        /// Share of the hour worked, 0.83 for a 50-minute hour.
        efficiency: Formula,
        /// Least quantity.
        minimum: Option<LineQty>,
    },
    /// count × Q × hours ÷ efficiency.
    Norm {
        /// How many at once.
        count: Formula,
        /// Hours per item unit.
        hours: Formula,
        /// Share of the hour worked.
        efficiency: Formula,
        /// Least quantity.
        minimum: Option<LineQty>,
    },
    /// A quantity of its own, independent of Q unless the formula names it.
    Fixed {
        /// The quantity.
        quantity: Formula,
        /// Waste in percent.
        waste: Option<Pct>,
        /// Pack size.
        pack: Option<LineQty>,
        /// Least quantity.
        minimum: Option<LineQty>,
    },
    /// Q × usage × (1 + waste ÷ 100).
    Usage {
        /// Resource units per item unit.
        usage: Formula,
        /// Waste in percent.
        waste: Option<Pct>,
        /// Pack size.
        pack: Option<LineQty>,
        /// Least quantity.
        minimum: Option<LineQty>,
    },
    /// Q at the awarded rate.
    Subcontract,
    /// An amount in cents.
    Lump {
        /// The amount.
        amount: Money,
    },
    /// Percent of the cost of earlier lines of the chosen types.
    PercentOf {
        /// Percent.
        percent: Pct,
        /// The types of the lines it is worked on.
        of: CostTypes,
    },
}

impl Method {
    /// The method's name as the API and the catalogue write it.
    pub const fn name(&self) -> &'static str {
        match self {
            Method::Time { .. } => "time",
            Method::Norm { .. } => "norm",
            Method::Fixed { .. } => "fixed",
            Method::Usage { .. } => "usage",
            Method::Subcontract => "subcontract",
            Method::Lump { .. } => "lump",
            Method::PercentOf { .. } => "percent-of",
        }
    }

    /// The formulas of the method, each with the name of its field.
    pub fn formulas(&self) -> impl Iterator<Item = (&'static str, &Formula)> {
        let list: [Option<(&'static str, &Formula)>; 3] = match self {
            Method::Time { count, production, efficiency, .. } => [
                Some(("count", count)),
                Some(("production", production)),
                Some(("efficiency", efficiency)),
            ],
            Method::Norm { count, hours, efficiency, .. } => {
                [Some(("count", count)), Some(("hours", hours)), Some(("efficiency", efficiency))]
            }
            Method::Fixed { quantity, .. } => [Some(("quantity", quantity)), None, None],
            Method::Usage { usage, .. } => [Some(("usage", usage)), None, None],
            Method::Subcontract | Method::Lump { .. } | Method::PercentOf { .. } => {
                [None, None, None]
            }
        };
        list.into_iter().flatten()
    }

    /// Waste in percent, where the method has it.
    pub fn waste(&self) -> Option<Pct> {
        match self {
            Method::Fixed { waste, .. } | Method::Usage { waste, .. } => *waste,
            Method::Time { .. }
            | Method::Norm { .. }
            | Method::Subcontract
            | Method::Lump { .. }
            | Method::PercentOf { .. } => None,
        }
    }

    /// Pack size, where the method has it.
    pub fn pack(&self) -> Option<LineQty> {
        match self {
            Method::Fixed { pack, .. } | Method::Usage { pack, .. } => *pack,
            Method::Time { .. }
            | Method::Norm { .. }
            | Method::Subcontract
            | Method::Lump { .. }
            | Method::PercentOf { .. } => None,
        }
    }

    /// Minimum quantity, where the method has it.
    pub fn minimum(&self) -> Option<LineQty> {
        match self {
            Method::Time { minimum, .. }
            | Method::Norm { minimum, .. }
            | Method::Fixed { minimum, .. }
            | Method::Usage { minimum, .. } => *minimum,
            Method::Subcontract | Method::Lump { .. } | Method::PercentOf { .. } => None,
        }
    }
}

/// A line of a recipe that an item keeps from another version than the one it uses (BR-059).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct KeptLine {
    /// The line of the recipe.
    pub line: LineId,
    /// The version it is kept from; one without the line leaves it out.
    pub n: u32,
}

/// A recipe as one line uses it: an immutable version, its parameters, and the rates its leaves
/// had when the line was built (BR-049, BR-057).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecipeUse {
    /// The recipe.
    pub recipe: RecipeId,
    /// Its version.
    pub n: u32,
    /// Values given to its parameters.
    pub params: Vec<(Box<str>, Formula)>,
    /// Snapshot rate of each leaf resource, by resource; none while the price book has none.
    pub rates: Vec<(ResourceId, Option<Rate>)>,
    /// Lines kept from other versions, by choice.
    pub kept: Vec<KeptLine>,
}

/// What a line is made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Source {
    /// A resource of the price book, at the version of the book it was priced from.
    Resource {
        /// The resource.
        resource: ResourceId,
        /// Version of the price book the rate is from.
        book_version: u32,
    },
    /// A recipe.
    Recipe(Box<RecipeUse>),
    /// A line with its own words, type, unit and rate.
    Free {
        /// The words.
        description: Box<str>,
    },
}

/// What few lines have.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineExtra {
    /// Free note.
    pub note: Option<Box<str>>,
    /// Resource units per line unit, where the two differ (BR-042).
    pub conversion: Option<Factor>,
}

/// A worksheet line. Type, unit and rate are snapshots of the resource (BR-049).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Identity within the worksheet.
    pub id: LineId,
    /// How the quantity comes about.
    pub method: Method,
    /// What the line is made of.
    pub source: Source,
    /// The type the cost is booked as; a recipe's leaves have their own.
    pub cost_type: CostType,
    /// Unit the inputs are in.
    pub unit: Option<UnitCode>,
    /// NZD per resource unit, excluding GST; none while unpriced (BR-041).
    pub rate: Option<Rate>,
    /// The quantity may be negative (BR-043).
    pub credit: bool,
    /// Rate 0 counts as priced: the client supplies it (BR-041).
    pub free_issue: bool,
    /// What few lines have.
    pub extra: Option<Box<LineExtra>>,
}

impl Line {
    /// Free note.
    pub fn note(&self) -> Option<&str> {
        self.extra.as_ref()?.note.as_deref()
    }
    /// Resource units per line unit; none where they are the same.
    pub fn conversion(&self) -> Option<Factor> {
        self.extra.as_ref()?.conversion
    }
    /// Changes the rarely used fields, dropping the box when nothing is left in it.
    pub fn with_extra(&mut self, change: impl FnOnce(&mut LineExtra)) {
        let mut extra = self.extra.take().unwrap_or_default();
        change(&mut extra);
        self.extra = (*extra != LineExtra::default()).then_some(extra);
    }
    /// The resource, where the line is made of one.
    pub fn resource(&self) -> Option<ResourceId> {
        match &self.source {
            Source::Resource { resource, .. } => Some(*resource),
            Source::Recipe(_) | Source::Free { .. } => None,
        }
    }
    /// The recipe use, where the line is made of one.
    pub fn recipe(&self) -> Option<&RecipeUse> {
        match &self.source {
            Source::Recipe(r) => Some(r),
            Source::Resource { .. } | Source::Free { .. } => None,
        }
    }
}

/// The one worksheet of an item (BR-031). An item without lines, variables and blocks has no row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Worksheet {
    /// The item it belongs to; also its identity.
    pub item: ItemId,
    /// The estimate revision it belongs to.
    pub estimate: EstimateId,
    /// Counts changes of this row, from 1.
    pub version: u64,
    /// Variables of this worksheet.
    pub variables: Vec<Variable>,
    /// Calculation blocks.
    pub blocks: Vec<Block>,
    /// Lines in order.
    pub lines: Vec<Line>,
}

impl Worksheet {
    /// Whether nothing is in it, so that no row is kept.
    pub fn is_empty(&self) -> bool {
        self.variables.is_empty() && self.blocks.is_empty() && self.lines.is_empty()
    }
}
