//! Price books: numbered versions, and the rates each of them gives to resources.
//!
//! A version holds only the rates that differ from those of the version before it, so that a
//! correction costs what it changes. What a published version says never changes (BR-046), hence
//! what a resource costs in version `n` is the newest of its rates up to `n`.

use super::{
    day::Day,
    heading::Stamp,
    id::{PriceBookId, ResourceId, UserId},
    number::{Factor, Rate},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Currency in which all rates are stored.
pub const HOME_CURRENCY: &str = "NZD";

/// What a price book is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PriceBookKind {
    /// The organisation's own rates.
    Internal,
    /// A supplier's list.
    Supplier,
    /// Rates of one project.
    Project,
    /// Awarded rates.
    Award,
}

/// State of a version of a price book or of a recipe: draft, published, archived, in that order
/// and never back (domain 2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum VersionState {
    /// Being written; nothing is priced with it.
    Draft,
    /// Stands still for good (BR-046, BR-057).
    Published,
    /// Stands still and is offered no more.
    Archived,
}

/// A price book and its current version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceBook {
    /// Identity.
    pub id: PriceBookId,
    /// Name.
    pub name: Box<str>,
    /// Kind.
    pub kind: PriceBookKind,
    /// Whose list it is, for a supplier's book and for awards.
    pub supplier: Option<Box<str>>,
    /// Number of the published version that new lines take; 0 before the first. Lines remember it
    /// beside their rate.
    pub current: u32,
    /// Its resources enter no new line.
    pub archived: bool,
    /// Counts changes of this row, from 1.
    pub version: u64,
    /// Who and when.
    pub stamp: Stamp,
}

/// A version of a price book.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceBookVersion {
    /// The price book.
    pub book: PriceBookId,
    /// Number, from 1 without gaps.
    pub n: u32,
    /// State.
    pub state: VersionState,
    /// Why it was made.
    pub note: Option<Box<str>>,
    /// When it was published, microseconds since 1970, UTC.
    pub published_at_us: Option<i64>,
    /// Who published it.
    pub published_by: Option<UserId>,
    /// Counts changes of this row, from 1.
    pub version: u64,
    /// Who and when.
    pub stamp: Stamp,
}

/// Whether a figure was quoted with GST in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum GstBasis {
    /// Without GST.
    Exclusive,
    /// With GST.
    Inclusive,
}

/// A rate as it was quoted, kept beside the net rate that was worked out from it (BR-047, BR-052).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quoted {
    /// The figure.
    pub amount: Rate,
    /// Its currency, three letters.
    pub currency: Box<str>,
    /// NZD for one unit of the currency; none for NZD.
    pub exchange: Option<Factor>,
    /// The day of the exchange rate; none for NZD.
    pub exchange_day: Option<Day>,
    /// Whether GST is in it.
    pub gst: GstBasis,
}

/// A rate over a period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RateEntry {
    /// NZD per unit, excluding GST, zero or more, fixed at entry (BR-047).
    pub rate: Rate,
    /// First day it holds; open where absent.
    pub from: Option<Day>,
    /// Last day it holds; open where absent.
    pub to: Option<Day>,
    /// How it was quoted, where that differs from the rate.
    pub quoted: Option<Box<Quoted>>,
}

impl RateEntry {
    /// A rate without end, quoted in NZD without GST.
    pub fn plain(rate: Rate) -> RateEntry {
        RateEntry { rate, from: None, to: None, quoted: None }
    }

    /// Whether it holds on a day.
    pub fn holds_on(&self, day: Day) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to)
    }

    /// Whether some day is in both periods (BR-048).
    pub fn overlaps(&self, other: &RateEntry) -> bool {
        let starts = |a: &RateEntry, b: &RateEntry| match (a.from, b.to) {
            (Some(from), Some(to)) => from <= to,
            (None, _) | (_, None) => true,
        };
        starts(self, other) && starts(other, self)
    }
}

/// The rate in force on a day; none where no period holds it.
pub fn in_force(entries: &[RateEntry], day: Day) -> Option<&RateEntry> {
    entries.iter().find(|entry| entry.holds_on(day))
}

/// All rates of one resource from version `n` of its price book on. None of them takes the
/// resource's rate away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourceRates {
    /// The price book.
    pub book: PriceBookId,
    /// The version that brought them.
    pub n: u32,
    /// The resource.
    pub resource: ResourceId,
    /// The rates by first day.
    pub entries: Vec<RateEntry>,
    /// Counts changes of this row, from 1; it stays once the version is published.
    pub version: u64,
}
