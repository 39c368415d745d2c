//! Units of measure: the managed list (BR-019), how a client's spelling finds its unit, and
//! conversions between units (BR-042).
//!
//! An alias is another spelling of the same measure and nothing else: `CYS` is cubic yards, so it
//! finds the cubic yard and never the cubic metre. Going from one measure to another takes a
//! [`Conversion`], which somebody chose.

mod code;
mod standard;

use std::sync::LazyLock;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::nearest::nearest;
use super::number::Factor;

pub use code::{UNIT_CODE_BYTES, UnitCode, UnitCodeError};

/// What a unit measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Dimension {
    /// A sum for the whole work, not measured.
    Sum,
    /// Pieces.
    Count,
    /// Length.
    Length,
    /// Area.
    Area,
    /// Volume.
    Volume,
    /// Mass.
    Mass,
    /// Time.
    Time,
    /// Work of carrying: mass or volume times distance.
    Haul,
    /// A percentage of other lines.
    Percent,
    /// Dollars.
    Money,
}

/// A unit of the managed list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Unit {
    /// The code printed in schedules, such as `m3`.
    pub code: UnitCode,
    /// The full name, such as `cubic metre`.
    pub name: String,
    /// Other spellings of the same measure; case, spaces and dots do not matter.
    pub aliases: Vec<String>,
    /// What it measures.
    pub dimension: Dimension,
    /// Hidden: rows that have it keep it, no new one takes it.
    pub retired: bool,
}

/// One `from` is `factor` times `to`: one `km` is 1000 `m`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Conversion {
    /// The unit converted.
    pub from: UnitCode,
    /// The unit it becomes.
    pub to: UnitCode,
    /// How many `to` one `from` is; above zero.
    pub factor: Factor,
}

/// How a quantity in one unit becomes a quantity in another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// Both are the same unit.
    Same,
    /// Multiply by the factor of a conversion.
    Times(Factor),
    /// Divide by the factor of a conversion the other way round.
    Over(Factor),
}

impl Link {
    /// The converted quantity, not rounded beyond 28 digits; `None` on overflow.
    pub fn apply(self, quantity: Decimal) -> Option<Decimal> {
        match self {
            Self::Same => Some(quantity),
            Self::Times(factor) => quantity.checked_mul(factor.to_decimal()),
            Self::Over(factor) => quantity.checked_div(factor.to_decimal()),
        }
    }
}

/// Why units cannot form a list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnitListError {
    /// A spelling would mean two units.
    #[error("{spelling:?} would mean both {first} and {second}")]
    SpellingTaken {
        /// The spelling.
        spelling: String,
        /// The unit that has it.
        first: UnitCode,
        /// The unit that wants it.
        second: UnitCode,
    },
    /// A conversion of a unit to itself, or with a factor of zero or less.
    #[error("a conversion links two units by a factor above zero; {from} to {to} does not")]
    ConversionInvalid {
        /// The unit converted.
        from: UnitCode,
        /// The unit it becomes.
        to: UnitCode,
    },
    /// A conversion names a unit that is not in the list.
    #[error("there is no unit {0} to convert")]
    UnitUnknown(UnitCode),
    /// Two conversions link the same two units, in whichever direction.
    #[error("{from} and {to} are linked twice")]
    ConversionTwice {
        /// The unit converted.
        from: UnitCode,
        /// The unit it becomes.
        to: UnitCode,
    },
}

/// The managed list of an organisation: units, their spellings and conversions.
#[derive(Debug, Clone)]
pub struct UnitList {
    units: Vec<Unit>,
    conversions: Vec<Conversion>,
    /// Every spelling, folded and in order.
    spellings: Vec<(String, UnitCode)>,
}

impl UnitList {
    /// Builds a list; every spelling means one unit and every pair of units has one conversion.
    /// O(n log n).
    pub fn new(units: Vec<Unit>, conversions: Vec<Conversion>) -> Result<Self, UnitListError> {
        let mut spellings: Vec<(String, UnitCode)> = Vec::new();
        for unit in &units {
            let own = [unit.code.as_str(), &unit.name];
            let mut folds: Vec<String> =
                own.into_iter().chain(unit.aliases.iter().map(String::as_str)).map(fold).collect();
            folds.sort();
            folds.dedup();
            spellings.extend(folds.into_iter().map(|spelling| (spelling, unit.code)));
        }
        spellings.sort();
        if let Some([(spelling, first), (_, second)]) =
            spellings.array_windows().find(|[one, other]| one.0 == other.0)
        {
            let spelling = spelling.clone();
            return Err(UnitListError::SpellingTaken { spelling, first: *first, second: *second });
        }
        let list = Self { units, conversions: Vec::new(), spellings };
        conversions.into_iter().try_fold(list, Self::with_conversion)
    }

    fn with_conversion(mut self, conversion: Conversion) -> Result<Self, UnitListError> {
        let Conversion { from, to, factor } = conversion;
        if let Some(unknown) = [from, to].into_iter().find(|code| self.get(*code).is_none()) {
            return Err(UnitListError::UnitUnknown(unknown));
        }
        if from == to || !factor.is_positive() {
            return Err(UnitListError::ConversionInvalid { from, to });
        }
        if self.link(from, to).is_some() {
            return Err(UnitListError::ConversionTwice { from, to });
        }
        self.conversions.push(conversion);
        Ok(self)
    }

    /// The list a new organisation starts with: the units of New Zealand civil schedules, and US
    /// customary units as measures of their own.
    pub fn standard() -> &'static Self {
        static STANDARD: LazyLock<UnitList> = LazyLock::new(|| {
            UnitList::new(standard::units(), standard::conversions())
                .expect("the standard list is consistent: a test builds it")
        });
        &STANDARD
    }

    /// All units in the order given.
    pub fn units(&self) -> &[Unit] {
        &self.units
    }

    /// All conversions in the order given.
    pub fn conversions(&self) -> &[Conversion] {
        &self.conversions
    }

    /// The unit with exactly this code. O(n).
    pub fn get(&self, code: UnitCode) -> Option<&Unit> {
        self.units.iter().find(|unit| unit.code == code)
    }

    /// The unit a text spells, by code, name or alias, whatever its case, spaces and dots; `None`
    /// when it spells none, which an import reports by cell (BR-104). O(log n).
    pub fn match_unit(&self, text: &str) -> Option<UnitCode> {
        let folded = fold(text);
        let at = self.spellings.binary_search_by(|(spelling, _)| spelling.cmp(&folded)).ok()?;
        self.spellings.get(at).map(|(_, code)| *code)
    }

    /// The unit a text comes close to spelling, to be offered and never taken unasked. O(n).
    pub fn suggest(&self, text: &str) -> Option<UnitCode> {
        let folded = fold(text);
        let near = nearest(&folded, self.spellings.iter().map(|(spelling, _)| spelling.as_str()))?;
        self.match_unit(near)
    }

    /// How a quantity in `from` becomes one in `to`: the same unit, a conversion, or one the other
    /// way round; `None` when nothing links them (BR-042). O(n).
    pub fn link(&self, from: UnitCode, to: UnitCode) -> Option<Link> {
        if from == to {
            return Some(Link::Same);
        }
        self.conversions.iter().find_map(|conversion| {
            if (conversion.from, conversion.to) == (from, to) {
                Some(Link::Times(conversion.factor))
            } else if (conversion.to, conversion.from) == (from, to) {
                Some(Link::Over(conversion.factor))
            } else {
                None
            }
        })
    }
}

/// [`UnitList::match_unit`] on the standard list.
pub fn match_unit(text: &str) -> Option<UnitCode> {
    UnitList::standard().match_unit(text)
}

/// [`UnitList::suggest`] on the standard list.
pub fn suggest(text: &str) -> Option<UnitCode> {
    UnitList::standard().suggest(text)
}

/// A code as documents print it: `m2` is `m²`, `m3.km` is `m³.km`. What is printed reads back as the
/// same unit, see [`fold`].
pub fn printed(code: &str) -> String {
    let parts = code.split('.').map(|part| {
        let (length, power) = match part.char_indices().next_back() {
            Some((at, '2')) => (part.get(..at).unwrap_or_default(), '²'),
            Some((at, '3')) => (part.get(..at).unwrap_or_default(), '³'),
            Some(_) | None => return part.to_owned(),
        };
        match length {
            "mm" | "cm" | "m" | "km" => format!("{length}{power}"),
            _ => part.to_owned(),
        }
    });
    parts.collect::<Vec<_>>().join(".")
}

/// A spelling without what does not matter: lower case, no space, dot, caret or hyphen,
/// superscripts as digits.
pub fn fold(text: &str) -> String {
    text.chars()
        .filter(|character| !character.is_whitespace() && !matches!(character, '.' | '^' | '-'))
        .flat_map(char::to_lowercase)
        .flat_map(|character| match character {
            '²' => ['2', '\0'],
            '³' => ['3', '\0'],
            '㎡' => ['m', '2'],
            '㎥' => ['m', '3'],
            '㎜' => ['m', 'm'],
            '㎞' => ['k', 'm'],
            '㎏' => ['k', 'g'],
            '％' => ['%', '\0'],
            other => [other, '\0'],
        })
        .filter(|character| *character != '\0')
        .collect()
}

#[cfg(test)]
mod tests;
