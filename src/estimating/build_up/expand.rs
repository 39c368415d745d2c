//! Recipes exploded to their leaves (BR-055, BR-056, BR-058).

use super::{
    BuildUpError, LeafCost,
    line::{finish, times, waste_factor},
    scope::{Frame, Scope},
};
use crate::estimating::{
    catalogue::Catalogue,
    formula::Steps,
    id::{RecipeId, ResourceId},
    limits::{RECIPE_DEPTH_MAX, RECIPE_LEAVES_MAX},
    number::{LineQty, Money, Rate, line_cost},
    recipe::{Ingredient, Parameter, RecipeLine, RecipeVersion},
    worksheet::KeptLine,
};
use rust_decimal::Decimal;

/// What an expansion works with.
#[derive(Clone, Copy)]
pub struct Expansion<'a> {
    /// Recipe versions and resources.
    pub catalogue: &'a Catalogue,
    /// Snapshot rates of the leaves.
    pub rates: &'a [(ResourceId, Option<Rate>)],
    /// Lines of the recipe itself that are taken from another version of it.
    pub kept: &'a [KeptLine],
    /// Whether leaves carry the codes on the way to them.
    pub collect_paths: bool,
}

/// Receives leaves; an error stops the expansion.
type OnLeaf<'a> = dyn FnMut(LeafCost) -> Result<(), BuildUpError> + 'a;

/// Explodes version `n` of `recipe` for `output` units, handing each leaf to `on_leaf`.
///
/// Only leaves are rounded to cents (R3); a nested recipe's output is rounded at R2. Pack and
/// minimum act on the extended leaf. Costs O(leaves), at most [`RECIPE_LEAVES_MAX`].
///
/// # Errors
/// BR-055 beyond five levels, BR-056 for a parameter without a value or outside its bounds,
/// BR-034 to BR-043 as for worksheet lines, and formula errors.
pub fn expand_recipe(
    expansion: &Expansion<'_>,
    recipe: RecipeId,
    n: u32,
    output: LineQty,
    params: &[(&str, Decimal)],
    on_leaf: &mut OnLeaf<'_>,
) -> Result<(), BuildUpError> {
    let steps = Steps::new();
    let mut walk = Walk { expansion, on_leaf, leaves: 0, steps: &steps, path: Vec::new() };
    walk.recipe(recipe, n, output, params, 1)
}

struct Walk<'a, 'f> {
    expansion: &'a Expansion<'a>,
    on_leaf: &'a mut OnLeaf<'f>,
    leaves: usize,
    steps: &'a Steps,
    path: Vec<Box<str>>,
}

impl Walk<'_, '_> {
    fn recipe(
        &mut self,
        recipe: RecipeId,
        n: u32,
        output: LineQty,
        given: &[(&str, Decimal)],
        depth: u8,
    ) -> Result<(), BuildUpError> {
        if depth > RECIPE_DEPTH_MAX {
            return Err(BuildUpError::rule(
                "recipe",
                55,
                format!("Recipes nest at most {RECIPE_DEPTH_MAX} deep."),
            ));
        }
        let catalogue = self.expansion.catalogue;
        let version = catalogue.recipe_version(recipe, n).ok_or_else(|| {
            BuildUpError::rule("recipe", 55, "The recipe version is not in the library.")
        })?;
        let numbers = bind(version, given)?;
        let frames = [Frame {
            params: &numbers,
            variables: &version.variables,
            blocks: &version.blocks,
            ..Frame::default()
        }];
        let mut scope = Scope::new(&frames, self.steps);
        if self.expansion.collect_paths {
            let code = catalogue.recipe(recipe).map(|r| r.code.clone()).unwrap_or_default();
            self.path.push(code);
        }
        let kept = if depth == 1 { self.expansion.kept } else { &[] };
        let mixed: Option<Vec<&RecipeLine>> =
            (!kept.is_empty()).then(|| catalogue.lines_with(version, kept).collect());
        let count = mixed.as_ref().map_or(version.lines.len(), Vec::len);
        for at in 0..count {
            let line = match &mixed {
                Some(lines) => lines.get(at).copied(),
                None => version.lines.get(at),
            };
            let Some(line) = line else { break };
            let factor =
                scope.value(&line.factor).map_err(|e| BuildUpError::formula("factor", e))?;
            let raw = times(output.to_decimal(), factor)
                .and_then(|q| line.waste.map_or(Some(q), |w| times(q, waste_factor(w))))
                .ok_or_else(|| BuildUpError::rule("factor", 40, "The quantity is too large."))?;
            match &line.ingredient {
                Ingredient::Resource(resource) => {
                    let quantity = finish(raw, line.pack, line.minimum)?;
                    self.leaf(*resource, quantity)?;
                }
                Ingredient::Recipe { recipe, n, params } => {
                    let quantity = finish(raw, None, line.minimum)?;
                    let mut given: Vec<(&str, Decimal)> = Vec::with_capacity(params.len());
                    for (name, formula) in params {
                        let value =
                            scope.value(formula).map_err(|e| BuildUpError::formula("params", e))?;
                        given.push((name, value));
                    }
                    self.recipe(*recipe, *n, quantity, &given, depth + 1)?;
                }
            }
        }
        if self.expansion.collect_paths {
            self.path.pop();
        }
        Ok(())
    }

    fn leaf(&mut self, resource: ResourceId, quantity: LineQty) -> Result<(), BuildUpError> {
        self.leaves += 1;
        if self.leaves > RECIPE_LEAVES_MAX {
            return Err(BuildUpError::rule(
                "recipe",
                55,
                format!("The recipe expands to more than {RECIPE_LEAVES_MAX} lines."),
            ));
        }
        let row = self.expansion.catalogue.resource(resource).ok_or_else(|| {
            BuildUpError::rule("recipe", 53, "A resource of the recipe is not in the price book.")
        })?;
        let rate =
            self.expansion.rates.iter().find(|(r, _)| *r == resource).and_then(|(_, rate)| *rate);
        let cost = match rate {
            None => Money::ZERO,
            Some(rate) => line_cost(quantity, rate)
                .ok_or_else(|| BuildUpError::rule("rate", 40, "The cost is too large."))?,
        };
        let mut path = Vec::new();
        if self.expansion.collect_paths {
            path = self.path.clone();
            path.push(row.code.clone());
        }
        (self.on_leaf)(LeafCost {
            path,
            resource,
            cost_type: row.cost_type,
            unit: row.unit,
            quantity,
            rate,
            cost,
        })
    }
}

/// Gives every parameter its value: the one given, else its default (BR-056).
fn bind<'v>(
    version: &'v RecipeVersion,
    given: &[(&str, Decimal)],
) -> Result<Vec<(&'v str, Decimal)>, BuildUpError> {
    if let Some((name, _)) =
        given.iter().find(|(n, _)| !version.params.iter().any(|p| &*p.name == *n))
    {
        return Err(BuildUpError::rule(
            "params",
            56,
            format!("The recipe has no parameter called {name}."),
        ));
    }
    version
        .params
        .iter()
        .map(|p| {
            let value = given.iter().find(|(n, _)| *n == &*p.name).map(|(_, v)| *v);
            let value = value.or(p.default.map(|d| d.0)).ok_or_else(|| {
                BuildUpError::rule("params", 56, format!("Parameter {} needs a value.", p.name))
            })?;
            within_bounds(p, value)?;
            Ok((&*p.name, value))
        })
        .collect()
}

/// Whether `value` lies within the parameter's bounds, both included (BR-056).
fn within_bounds(p: &Parameter, value: Decimal) -> Result<(), BuildUpError> {
    let low = p.min.is_some_and(|min| value < min.0);
    let high = p.max.is_some_and(|max| value > max.0);
    if !low && !high {
        return Ok(());
    }
    let bound = |d: Option<crate::estimating::recipe::ExactDecimal>, none: &str| {
        d.map_or_else(|| none.to_owned(), |d| d.0.to_string())
    };
    Err(BuildUpError::rule(
        "params",
        56,
        format!(
            "Parameter {} is {value}; it must be from {} to {}.",
            p.name,
            bound(p.min, "anything"),
            bound(p.max, "anything")
        ),
    ))
}
