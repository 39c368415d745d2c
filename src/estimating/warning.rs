//! What checks warn of (domain 2.10). A warning blocks nothing, and can be dismissed with a reason.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What is unusual about a row. Their places in [`Warning::ALL`] are stored: new ones go last.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Warning {
    /// A cost rate far from those of the same work in past tenders.
    RateFarFromPast,
    /// A priced item that costs nothing.
    ZeroCost,
    /// An internal item that neither is indirect nor belongs to one the client pays for.
    InternalItemUnsold,
    /// A line whose price book or recipe has since changed.
    SnapshotDiverged,
    /// A production rate outside the band of past lines of the same resource or recipe.
    ProductionUnusual,
    /// A heading with another share of the cost than it has elsewhere.
    HeadingShareUnusual,
    /// A unit that does not go with another.
    UnitMismatch,
    /// Resources of a project's price book that nothing used since they were imported; it is
    /// about the price book.
    ResourcesUnused,
}

impl Warning {
    /// Every warning, by its stored number.
    pub const ALL: [Warning; 8] = [
        Warning::RateFarFromPast,
        Warning::ZeroCost,
        Warning::InternalItemUnsold,
        Warning::SnapshotDiverged,
        Warning::ProductionUnusual,
        Warning::HeadingShareUnusual,
        Warning::UnitMismatch,
        Warning::ResourcesUnused,
    ];

    /// Its stable kebab-case code.
    pub const fn code(self) -> &'static str {
        match self {
            Warning::RateFarFromPast => "rate-far-from-past",
            Warning::ZeroCost => "zero-cost",
            Warning::InternalItemUnsold => "internal-item-unsold",
            Warning::SnapshotDiverged => "snapshot-diverged",
            Warning::ProductionUnusual => "production-unusual",
            Warning::HeadingShareUnusual => "heading-share-unusual",
            Warning::UnitMismatch => "unit-mismatch",
            Warning::ResourcesUnused => "resources-unused",
        }
    }

    /// What it is, in the words of the trade.
    pub const fn words(self) -> &'static str {
        match self {
            Warning::RateFarFromPast => "the unusual rate",
            Warning::ZeroCost => "the zero cost",
            Warning::InternalItemUnsold => "the unsold item",
            Warning::SnapshotDiverged => "the outdated rates",
            Warning::ProductionUnusual => "the unusual production rate",
            Warning::HeadingShareUnusual => "the unusual share of cost",
            Warning::UnitMismatch => "the units that differ",
            Warning::ResourcesUnused => "the resources never used",
        }
    }

    /// The number rows hold it by.
    pub(super) const fn number(self) -> u8 {
        self as u8
    }

    /// The warning with a stored number.
    pub(super) fn from_number(number: u8) -> Option<Warning> {
        Warning::ALL.get(usize::from(number)).copied()
    }

    /// The warning with a code.
    pub(super) fn from_code(code: &str) -> Option<Warning> {
        Warning::ALL.into_iter().find(|warning| warning.code() == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estimating::acknowledgement::Matter;

    #[test]
    fn each_has_the_number_and_the_code_it_is_read_back_by() {
        for warning in Warning::ALL {
            assert_eq!(Warning::from_number(warning.number()), Some(warning));
            let json = serde_json::to_value(warning).expect("json");
            assert_eq!(json, warning.code());
            let matter: Matter = serde_json::from_value(json).expect("a matter");
            assert_eq!(matter, Matter::Warning(warning));
        }
        let rule: Matter = serde_json::from_str("\"BR-090\"").expect("a rule");
        assert_eq!(rule.to_string(), "BR-090");
        assert!(serde_json::from_str::<Matter>("\"nothing\"").is_err());
    }
}
