//! What a recipe comes to, before it is kept or used.

use super::auth::SignedIn;
use super::extract::Json;
use super::lines::Leaf;
use super::problem::Problem;
use super::schema;
use super::time::now_us;
use super::totals::{ByType, ByTypeSchema};
use super::worksheets::{Block, FormulaError, Variable};
use crate::estimating::build_up::{Expansion, Frame, Scope, expand_recipe};
use crate::estimating::catalogue::Catalogue;
use crate::estimating::cost::CostSums;
use crate::estimating::formula::{self, Formula, Steps};
use crate::estimating::id::{RecipeId, ResourceId};
use crate::estimating::library::{Library, LibraryContext, LibraryEdit, RecipeInput};
use crate::estimating::number::{LineQty, Money, Qty, Rate, cost_rate};
use crate::estimating::recipe::RecipeVersion;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::str::FromStr;
use utoipa::ToSchema;
use uuid::Uuid;

/// A recipe to work out: one that exists, or one as typed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RecipeTry {
    /// A recipe that exists; this or `recipe`.
    #[serde(default)]
    pub recipe_id: Option<Uuid>,
    /// A recipe as typed.
    #[serde(default)]
    pub recipe: Option<RecipeInput>,
    /// Output wanted.
    #[schema(value_type = schema::LineQty)]
    pub quantity: String,
    /// Parameters by name.
    #[serde(default)]
    pub params: BTreeMap<String, String>,
}

/// What a recipe comes to.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RecipePreview {
    /// Cost of the output.
    #[schema(value_type = schema::Money)]
    pub cost: Money,
    /// Cost per output unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Rate>)]
    pub unit_cost: Option<Rate>,
    /// The cost by type.
    #[schema(value_type = ByTypeSchema)]
    pub by_type: ByType,
    /// The resources it comes down to.
    pub leaves: Vec<Leaf>,
    /// Variables with their values.
    pub variables: Vec<Variable>,
    /// Calculation blocks with their values.
    pub blocks: Vec<Block>,
    /// Why it cannot be worked out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<FormulaError>,
}

/// What a recipe comes to.
#[utoipa::path(
    post,
    path = "/recipes/preview",
    operation_id = "previewRecipes",
    tag = "Library",
    request_body = RecipeTry,
    responses((status = 200, description = "The lines it comes down to", body = RecipePreview)),
)]
pub async fn preview(
    me: SignedIn,
    Json(asked): Json<RecipeTry>,
) -> Result<Json<RecipePreview>, Problem> {
    let published = me.published();
    let quantity = LineQty::from_str(&asked.quantity)
        .map_err(|error| Problem::invalid("quantity", error.to_string()))?;
    let (catalogue, id) = tried(&me, &published.library, asked.recipe_id, asked.recipe)?;
    let version = catalogue.recipe_current(id).ok_or_else(|| Problem::not_found("recipe"))?;
    let given = values(&asked.params)?;
    Ok(Json(worked_out(&catalogue, version, quantity, &given)))
}

/// The catalogue with the recipe to try in it: as it is, or as typed on a copy nobody keeps.
fn tried(
    me: &SignedIn,
    library: &Library,
    id: Option<Uuid>,
    typed: Option<RecipeInput>,
) -> Result<(Catalogue, RecipeId), Problem> {
    let edit = match (id, typed) {
        (Some(id), None) => return Ok((library.catalogue.clone(), RecipeId(id))),
        (Some(id), Some(recipe)) => {
            LibraryEdit::SaveRecipe { id, version: None, recipe: Box::new(recipe) }
        }
        (None, Some(recipe)) => LibraryEdit::AddRecipe { id: None, recipe: Box::new(recipe) },
        (None, None) => {
            return Err(Problem::bad_request("Send `recipeId`, `recipe`, or both."));
        }
    };
    let mut copy = library.clone();
    let mut fresh = Uuid::now_v7;
    let mut context = LibraryContext::new(me.id(), now_us(), &mut fresh);
    let outcome = copy.edit(&[edit], &mut context)?;
    let made = outcome.ids.first().and_then(|ids| ids.first()).copied();
    made.or(id).map(|id| (copy.catalogue, RecipeId(id))).ok_or_else(Problem::internal)
}

/// The parameters' values; each is a number or a formula of numbers.
fn values(params: &BTreeMap<String, String>) -> Result<Vec<(&str, Decimal)>, Problem> {
    let value = |(name, text): (&'_ String, &String)| {
        let formula = Formula::parse(text).map_err(|e| bad_param(name, &e))?;
        let steps = Steps::new();
        let mut unknown = |name: &str, at: usize| {
            Err(formula::FormulaError::unknown_name(at, name, std::iter::empty()))
        };
        formula.eval(&mut unknown, &steps).map_err(|e| bad_param(name, &e))
    };
    params.iter().map(|param| Ok((param.0.as_str(), value(param)?))).collect()
}

fn bad_param(name: &str, error: &formula::FormulaError) -> Problem {
    Problem::invalid(format!("params.{name}"), error.to_string())
}

/// What `quantity` of a recipe version costs at current rates. O(leaves).
fn worked_out(
    catalogue: &Catalogue,
    version: &RecipeVersion,
    quantity: LineQty,
    given: &[(&str, Decimal)],
) -> RecipePreview {
    let rates: Vec<(ResourceId, Option<Rate>)> = catalogue
        .recipe_leaves(version.recipe, version.n)
        .into_iter()
        .map(|id| (id, catalogue.rate(id)))
        .collect();
    let expansion = Expansion { catalogue, rates: &rates, kept: &[], collect_paths: true };
    let mut leaves = Vec::new();
    let (recipe, n) = (version.recipe, version.n);
    let done = expand_recipe(&expansion, recipe, n, quantity, given, &mut |leaf| {
        leaves.push(leaf);
        Ok(())
    });
    let mut sums = CostSums::ZERO;
    for leaf in &leaves {
        // Beyond the range of money the sum stays where it is; such a recipe has an error.
        let _ = sums.checked_add(leaf.cost_type, leaf.cost);
    }
    let (variables, blocks) = named_values(version, given);
    RecipePreview {
        cost: sums.total(),
        unit_cost: unit_cost(sums.total(), quantity),
        by_type: ByType(sums),
        leaves: leaves.iter().map(|leaf| Leaf::of(catalogue, leaf)).collect(),
        variables,
        blocks,
        error: done.err().as_ref().map(FormulaError::from),
    }
}

/// Cost per output unit at R4.
fn unit_cost(cost: Money, quantity: LineQty) -> Option<Rate> {
    let quantity = Qty::from_decimal_rounded(quantity.to_decimal())?;
    if quantity.is_zero() { None } else { cost_rate(cost, quantity) }
}

/// Variables and blocks of a version with their values at these parameters.
fn named_values(version: &RecipeVersion, given: &[(&str, Decimal)]) -> (Vec<Variable>, Vec<Block>) {
    let defaults = version.params.iter().filter_map(|p| Some((&*p.name, p.default?.0)));
    let known: Vec<(&str, Decimal)> = given.iter().copied().chain(defaults).collect();
    let frames = [Frame {
        params: &known,
        variables: &version.variables,
        blocks: &version.blocks,
        ..Frame::default()
    }];
    let steps = Steps::new();
    let mut scope = Scope::new(&frames, &steps);
    let mut of = |name: &str| match scope.resolve(name, 0, 0) {
        Ok(value) => (Some(value.normalize().to_string()), None),
        Err(error) => (None, Some(FormulaError::from(&error))),
    };
    let variables = version.variables.iter().map(|v| {
        let (value, error) = of(&v.name);
        let (name, formula) = (v.name.to_string(), v.formula.text().into_owned());
        Variable { name, formula, value, note: v.note.as_deref().map(str::to_owned), error }
    });
    let variables = variables.collect();
    let blocks = version.blocks.iter().map(|b| {
        let (value, error) = of(&b.name);
        Block {
            name: b.name.to_string(),
            formula: b.formula.text().into_owned(),
            unit: b.unit.as_deref().map(str::to_owned),
            note: b.note.as_deref().map(str::to_owned),
            value,
            error,
        }
    });
    let blocks = blocks.collect();
    (variables, blocks)
}
