//! What a recipe would cost: tried on a quantity before any line has it.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Library, LibraryContext, RecipeInput, draft::Draft};
use crate::estimating::{
    build_up::{Expansion, Fault, Frame, LeafCost, Scope, expand_recipe},
    cost::CostSums,
    formula::{FormulaError, Steps},
    heading::Stamp,
    id::{RecipeId, ResourceId},
    limits::COST_CENTS_MAX,
    number::{LineQty, Money, Qty, Rate, cost_rate},
    recipe::{Recipe, RecipeVersion},
    refusal::Refusal,
    resource::Availability,
    rules::Violation,
    typed,
};

/// A recipe to try: a stored one at its current version, or one being written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PreviewInput {
    /// A stored recipe; with `recipe`, the one being rewritten.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipe_id: Option<Uuid>,
    /// What is being written, not stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipe: Option<RecipeInput>,
    /// Output units, above zero, at most four decimals.
    pub quantity: String,
    /// Values of its parameters, numbers or formulas without names.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub params: BTreeMap<String, String>,
}

/// What a recipe costs at today's rates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    /// Cost by type; a leaf without a rate adds nothing.
    pub sums: CostSums,
    /// The sum of `sums`.
    pub cost: Money,
    /// Cost per output unit, rounded at R4.
    pub unit_cost: Option<Rate>,
    /// Whether every leaf has a rate (BR-041).
    pub priced: bool,
    /// Leaves in order, with the codes on the way to them.
    pub leaves: Vec<LeafCost>,
    /// Variables, then calculation blocks, by name.
    pub values: Vec<(Box<str>, Result<Decimal, FormulaError>)>,
}

impl Library {
    /// Works out a recipe at today's rates through the same expansion as a worksheet line's. The
    /// library stays as it is. O(lines reached).
    ///
    /// # Errors
    /// What saving the recipe would be refused for, and BR-056 for a parameter without a value or
    /// outside its bounds.
    pub fn preview(
        &self,
        input: &PreviewInput,
        cx: &mut LibraryContext<'_>,
    ) -> Result<Preview, Refusal> {
        let mut library = self.clone();
        let mut draft = Draft::new(&mut library, cx);
        let (id, n) = draft.put_for_preview(input)?;
        let quantity: Qty = typed::number(20, "quantity", &[], &input.quantity)?;
        let output = LineQty::from_decimal_rounded(quantity.to_decimal())
            .filter(|q| q.is_positive())
            .ok_or_else(|| typed::broken(20, "quantity", [], "The quantity is above zero."))?;
        let given = given(&input.params)?;
        let params: Vec<(&str, Decimal)> = given.iter().map(|(n, v)| (n.as_str(), *v)).collect();
        let rates: Vec<(ResourceId, Option<Rate>)> = library
            .catalogue
            .recipe_leaves(id, n)
            .into_iter()
            .map(|leaf| (leaf, library.catalogue.rate(leaf)))
            .collect();
        let expansion = Expansion {
            catalogue: &library.catalogue,
            rates: &rates,
            kept: &[],
            collect_paths: true,
        };
        let mut leaves = Vec::new();
        let mut sums = CostSums::ZERO;
        expand_recipe(&expansion, id, n, output, &params, &mut |leaf| {
            sums += CostSums::of(leaf.cost_type, leaf.cost);
            leaves.push(leaf);
            Ok(())
        })
        .map_err(|error| match error.fault {
            Fault::Formula(e) => typed::bad_formula(error.field, &[id.0], &e),
            Fault::Rule(rule, message) => {
                Violation::new(rule, message).object(id.0).field(error.field).into()
            }
        })?;
        let cost = sums.total();
        if cost.units().abs() > COST_CENTS_MAX {
            let message = "The cost is beyond what an estimate can hold.";
            return Err(typed::broken(40, "quantity", [id.0], message));
        }
        let version = library.catalogue.recipe_version(id, n);
        Ok(Preview {
            sums,
            cost,
            unit_cost: cost_rate(cost, quantity),
            priced: !leaves.is_empty() && leaves.iter().all(|leaf| leaf.rate.is_some()),
            leaves,
            values: version.map(|v| values(v, &params)).unwrap_or_default(),
        })
    }
}

impl Draft<'_> {
    /// Puts what is being written in the library, a throw-away clone, under a code that may be
    /// unfinished; gives the version to try.
    fn put_for_preview(&mut self, input: &PreviewInput) -> Result<(RecipeId, u32), Refusal> {
        let stored = match input.recipe_id {
            Some(id) => Some(self.current::<Recipe>("recipe", id, None)?),
            None => None,
        };
        let Some(written) = &input.recipe else {
            return stored
                .map(|row| (row.id, row.current))
                .ok_or_else(|| Refusal::invalid("recipeId", "Name a recipe or give one to try."));
        };
        let id = match &stored {
            Some(row) => row.id,
            None => self.fresh::<Recipe>(None)?,
        };
        let current = self.library.catalogue.recipe_current(id).cloned();
        let last = self.library.catalogue.recipe_versions(id).map(|v| v.n).max();
        let n = last.unwrap_or(0) + 1;
        let version = self.recipe_content(id, n, written, current.as_deref())?;
        self.put(Recipe {
            id,
            code: written.code.trim().into(),
            name: written.name.trim().into(),
            current: n,
            state: Availability::Active,
            used: false,
            version: 1,
            stamp: Stamp::new(self.by, self.at_us),
        });
        self.put(version);
        Ok((id, n))
    }
}

/// Parameter values as typed; they name nothing, for there is no worksheet around them.
fn given(params: &BTreeMap<String, String>) -> Result<Vec<(String, Decimal)>, Refusal> {
    params
        .iter()
        .filter(|(_, typed)| !typed.trim().is_empty())
        .map(|(name, typed)| {
            let formula = typed::formula("params", &[], typed)?;
            let steps = Steps::new();
            let value = formula
                .eval(&mut |name, at| Err(FormulaError::unknown_name(at, name, [])), &steps)
                .map_err(|error| typed::bad_formula("params", &[], &error))?;
            Ok((name.trim().to_owned(), value))
        })
        .collect()
}

/// The values of variables and calculation blocks.
fn values(
    version: &RecipeVersion,
    given: &[(&str, Decimal)],
) -> Vec<(Box<str>, Result<Decimal, FormulaError>)> {
    let params: Vec<(&str, Decimal)> = version
        .params
        .iter()
        .filter_map(|p| {
            let typed = given.iter().find(|(name, _)| *name == &*p.name).map(|(_, value)| *value);
            typed.or(p.default.map(|d| d.0)).map(|value| (&*p.name, value))
        })
        .collect();
    let frames = [Frame {
        params: &params,
        variables: &version.variables,
        blocks: &version.blocks,
        ..Frame::default()
    }];
    let steps = Steps::new();
    let mut scope = Scope::new(&frames, &steps);
    let variables = version.variables.iter().map(|v| &v.name);
    let names = variables.chain(version.blocks.iter().map(|b| &b.name));
    names.map(|name| (name.clone(), scope.resolve(name, 0, 0))).collect()
}
