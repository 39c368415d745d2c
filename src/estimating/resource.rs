//! Resources of price books.

use super::{
    cost::CostType,
    heading::Stamp,
    id::{PriceBookId, ResourceId},
    number::{Factor, Pct, Rate},
    units::UnitCode,
};
use serde::{Deserialize, Serialize};

/// Whether a resource or recipe may enter new lines (BR-053).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Availability {
    /// May be used.
    Active,
    /// Stays on the lines it is on, enters no new one.
    Retired,
}

/// A resource: something bought, hired or paid by the unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource {
    /// Identity.
    pub id: ResourceId,
    /// Its price book.
    pub book: PriceBookId,
    /// Unique in the price book, whatever the case (BR-044).
    pub code: Box<str>,
    /// Description.
    pub description: Box<str>,
    /// One of the five types; fixed once used (BR-045).
    pub cost_type: CostType,
    /// Unit; fixed once used (BR-045).
    pub unit: UnitCode,
    /// NZD per unit, excluding GST, as the current version of the price book said when this row last
    /// changed. What it costs now is [`super::catalogue::Catalogue::rate`].
    pub rate: Option<Rate>,
    /// Whether it may enter new lines.
    pub state: Availability,
    /// A line has used it at least once.
    pub used: bool,
    /// Free note.
    pub note: Option<Box<str>>,
    /// Default waste of a new line, in percent (Material only).
    pub default_waste: Option<Pct>,
    /// Default efficiency of a new line.
    pub default_efficiency: Option<Factor>,
    /// Counts changes of this row, from 1.
    pub version: u64,
    /// Who and when.
    pub stamp: Stamp,
}
