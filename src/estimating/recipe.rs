//! Recipes: reusable build-ups per one output unit.

use super::{
    formula::Formula,
    heading::Stamp,
    id::{LineId, RecipeId, ResourceId},
    number::{LineQty, Pct},
    price_book::VersionState,
    resource::Availability,
    units::UnitCode,
    worksheet::{Block, Variable},
};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// A typed parameter of a recipe (BR-056).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parameter {
    /// Name as formulas write it.
    pub name: Box<str>,
    /// Unit it is given in; text only.
    pub unit: Option<Box<str>>,
    /// Least value.
    pub min: Option<ExactDecimal>,
    /// Greatest value.
    pub max: Option<ExactDecimal>,
    /// Value where a line gives none.
    pub default: Option<ExactDecimal>,
    /// What it stands for.
    pub note: Option<Box<str>>,
}

/// A decimal that keeps its digits exactly as typed, in rows and on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ExactDecimal(pub Decimal);

impl Serialize for ExactDecimal {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for ExactDecimal {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = <Box<str>>::deserialize(d)?;
        text.parse().map(ExactDecimal).map_err(serde::de::Error::custom)
    }
}

/// What a recipe line is made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ingredient {
    /// A resource: a leaf, the only place where a recipe becomes money.
    Resource(ResourceId),
    /// Another recipe at an immutable version, with values for its parameters.
    Recipe {
        /// The recipe.
        recipe: RecipeId,
        /// Its version.
        n: u32,
        /// Values for its parameters.
        params: Vec<(Box<str>, Formula)>,
    },
}

/// A line of a recipe: quantity per one output unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecipeLine {
    /// Identity within the recipe.
    pub id: LineId,
    /// What the line is made of.
    pub ingredient: Ingredient,
    /// Ingredient units per output unit.
    pub factor: Formula,
    /// Waste in percent; Material leaves only (BR-035).
    pub waste: Option<Pct>,
    /// Pack size; Material leaves only (BR-036).
    pub pack: Option<LineQty>,
    /// Least quantity; never on Material (BR-036).
    pub minimum: Option<LineQty>,
    /// Free note.
    pub note: Option<Box<str>>,
}

/// A recipe: its identity and which version is current.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipe {
    /// Identity.
    pub id: RecipeId,
    /// Unique among recipes, whatever the case.
    pub code: Box<str>,
    /// Name.
    pub name: Box<str>,
    /// Number of the published version that new lines take; 0 before the first.
    pub current: u32,
    /// Whether it may enter new lines.
    pub state: Availability,
    /// A line has used it at least once.
    pub used: bool,
    /// Counts changes of this row, from 1.
    pub version: u64,
    /// Who and when.
    pub stamp: Stamp,
}

/// One version of a recipe; it never changes once published (BR-057).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecipeVersion {
    /// The recipe.
    pub recipe: RecipeId,
    /// Number, from 1 without gaps.
    pub n: u32,
    /// Output unit (BR-054).
    pub unit: UnitCode,
    /// Parameters.
    pub params: Vec<Parameter>,
    /// Variables over the parameters.
    pub variables: Vec<Variable>,
    /// Calculation blocks.
    pub blocks: Vec<Block>,
    /// Lines in order.
    pub lines: Vec<RecipeLine>,
    /// State.
    pub state: VersionState,
}
