//! What makes the content of a recipe sound: BR-035, BR-036, BR-038 to BR-040, BR-053 to BR-056.

use std::collections::HashSet;

use rust_decimal::Decimal;
use uuid::Uuid;

use super::{
    ParameterInput, RecipeInput, RecipeLineInput, draft::Draft, recipe_nesting, recipe_trial,
};
use crate::estimating::{
    cost::CostType,
    edit::{BlockInput, VariableInput},
    formula::{Formula, check_name},
    id::{LineId, RecipeId, ResourceId},
    limits::{CODE_CHARS_MAX, LINES_MAX, NOTE_CHARS_MAX, PARAMETERS_MAX, VARIABLES_MAX},
    number::{NUMBER_LENGTH_MAX, Pct},
    price_book::VersionState,
    recipe::{ExactDecimal, Ingredient, Parameter, RecipeLine, RecipeVersion},
    refusal::Refusal,
    resource::{Availability, Resource},
    typed,
    worksheet::{Block, Variable},
};

impl Draft<'_> {
    /// Version `n` of recipe `id` from what was typed, when it is sound. `current` is the version
    /// before it: what is in there already may stay although it was retired since.
    pub(super) fn recipe_content(
        &mut self,
        id: RecipeId,
        n: u32,
        input: &RecipeInput,
        current: Option<&RecipeVersion>,
    ) -> Result<RecipeVersion, Refusal> {
        if input.unit.trim().is_empty() {
            return Err(typed::broken(54, "unit", [id.0], "A recipe has an output unit."));
        }
        if input.lines.is_empty() && !input.draft {
            return Err(typed::broken(54, "lines", [id.0], "A recipe has at least one line."));
        }
        at_most("recipe lines", input.lines.len(), LINES_MAX)?;
        at_most("recipe parameters", input.params.len(), PARAMETERS_MAX)?;
        at_most("variables", input.variables.len(), VARIABLES_MAX)?;
        at_most("calculation blocks", input.blocks.len(), VARIABLES_MAX)?;
        let mut names = HashSet::new();
        let mut version = RecipeVersion {
            recipe: id,
            n,
            unit: self.unit_for("unit", &input.unit)?,
            params: each(&input.params, |p| parameter(p, &mut names))?,
            variables: each(&input.variables, |v| variable(v, &mut names))?,
            blocks: each(&input.blocks, |b| block(b, &mut names))?,
            lines: Vec::with_capacity(input.lines.len()),
            state: if input.draft { VersionState::Draft } else { VersionState::Published },
        };
        let mut ids = HashSet::new();
        for (at, line) in input.lines.iter().enumerate() {
            let line_id = line.id.unwrap_or_else(|| self.next_id());
            let row = self
                .recipe_line(LineId(line_id), line, current)
                .map_err(|refusal| typed::at_line(refusal, at, line_id))?;
            if !ids.insert(line_id) {
                let message = format!("Two lines have the id {line_id}.");
                return Err(Refusal::invalid("lines", message));
            }
            version.lines.push(row);
        }
        recipe_nesting::check(&self.library.catalogue, &version)?;
        recipe_trial::check(&self.library.catalogue, &version)?;
        Ok(version)
    }

    fn recipe_line(
        &self,
        id: LineId,
        input: &RecipeLineInput,
        current: Option<&RecipeVersion>,
    ) -> Result<RecipeLine, Refusal> {
        let at = [id.0];
        let (ingredient, resource) = match (input.resource_id, input.recipe_id) {
            (Some(resource), None) => {
                let row = self.ingredient_resource(ResourceId(resource), current)?;
                if !input.params.is_empty() || input.n.is_some() {
                    let message = "Only a nested recipe has parameters and a version.";
                    return Err(Refusal::invalid("params", message));
                }
                (Ingredient::Resource(row.id), Some(row))
            }
            (None, Some(recipe)) => {
                (self.ingredient_recipe(RecipeId(recipe), input, current)?, None)
            }
            (Some(_), Some(_)) | (None, None) => {
                let message = "A recipe line is made of one resource or one recipe.";
                return Err(Refusal::invalid("lines", message));
            }
        };
        let given = |text: &Option<String>| {
            text.as_deref().map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned)
        };
        let line = RecipeLine {
            id,
            ingredient,
            factor: typed::formula("factor", &at, &input.factor)?,
            waste: given(&input.waste).map(|w| typed::waste("waste", &w)).transpose()?,
            pack: given(&input.pack).map(|p| typed::above_zero("pack", &p)).transpose()?,
            minimum: given(&input.minimum).map(|m| typed::above_zero("minimum", &m)).transpose()?,
            note: typed::optional("note", input.note.as_deref(), NOTE_CHARS_MAX)?,
        };
        modifiers_suit(&line, resource)?;
        Ok(line)
    }

    /// The resource of a line, unless it is retired and new here (BR-053).
    fn ingredient_resource(
        &self,
        id: ResourceId,
        current: Option<&RecipeVersion>,
    ) -> Result<&Resource, Refusal> {
        let row = self
            .library
            .catalogue
            .resource(id)
            .ok_or(Refusal::NotFound { what: "resource", id: id.0 })?;
        let there = |v: &RecipeVersion| {
            v.lines.iter().any(|l| matches!(l.ingredient, Ingredient::Resource(r) if r == id))
        };
        enters(&row.code, row.state, id.0, current.is_some_and(there), "resourceId")?;
        Ok(row)
    }

    /// The nested recipe of a line with its parameters, unless it is retired and new here.
    fn ingredient_recipe(
        &self,
        id: RecipeId,
        input: &RecipeLineInput,
        current: Option<&RecipeVersion>,
    ) -> Result<Ingredient, Refusal> {
        let missing = Refusal::NotFound { what: "recipe", id: id.0 };
        let row = self.library.catalogue.recipe(id).ok_or(missing)?;
        let there = |v: &RecipeVersion| {
            v.lines
                .iter()
                .any(|l| matches!(l.ingredient, Ingredient::Recipe { recipe, .. } if recipe == id))
        };
        enters(&row.code, row.state, id.0, current.is_some_and(there), "recipeId")?;
        let n = input.n.unwrap_or(row.current);
        let published = self.library.catalogue.recipe_version(id, n);
        let nested = published.filter(|v| v.state != VersionState::Draft).ok_or_else(|| {
            Refusal::invalid("n", format!("{} has no published version {n}.", row.code))
        })?;
        let mut params = Vec::with_capacity(input.params.len());
        for (name, formula) in &input.params {
            let name = name.trim();
            if !nested.params.iter().any(|p| &*p.name == name) {
                let message = format!("{} has no parameter {name}.", row.code);
                return Err(typed::broken(56, "params", [id.0], message));
            }
            params.push((Box::from(name), typed::formula("params", &[id.0], formula)?));
        }
        let unfilled = nested.params.iter().find(|p| {
            p.default.is_none() && !params.iter().any(|(name, _): &(Box<str>, _)| *name == p.name)
        });
        if let Some(parameter) = unfilled {
            let message = format!(
                "Parameter {} of {} has no default and needs a value.",
                parameter.name, row.code
            );
            return Err(typed::broken(56, "params", [id.0], message));
        }
        Ok(Ingredient::Recipe { recipe: id, n, params })
    }
}

fn enters(
    code: &str,
    state: Availability,
    id: Uuid,
    there_before: bool,
    field: &'static str,
) -> Result<(), Refusal> {
    match state {
        Availability::Retired if !there_before => {
            let message = format!("{code} is retired and enters no new line.");
            Err(typed::broken(53, field, [id], message))
        }
        Availability::Retired | Availability::Active => Ok(()),
    }
}

/// Waste and pack are Material's, a minimum is every other resource's; a nested recipe has none of
/// them, for they act on extended leaves (BR-035, BR-036, domain 2.5).
fn modifiers_suit(line: &RecipeLine, resource: Option<&Resource>) -> Result<(), Refusal> {
    let material = resource.is_some_and(|r| r.cost_type == CostType::Material);
    let at = [line.id.0];
    if line.waste.is_some_and(Pct::is_positive) && !material {
        return Err(typed::broken(35, "waste", at, "Only Material has waste."));
    }
    if line.pack.is_some() && !material {
        return Err(typed::broken(36, "pack", at, "Only Material comes in packs."));
    }
    if line.minimum.is_some() && (material || resource.is_none()) {
        let message = "A minimum is for resources other than Material.";
        return Err(typed::broken(36, "minimum", at, message));
    }
    Ok(())
}

fn parameter(input: &ParameterInput, names: &mut HashSet<String>) -> Result<Parameter, Refusal> {
    let name = unique_name(56, "params", &input.name, names)?;
    let min = bound(&name, "least value", input.min.as_deref())?;
    let max = bound(&name, "greatest value", input.max.as_deref())?;
    let default = bound(&name, "default", input.default.as_deref())?;
    if let (Some(min), Some(max)) = (min, max)
        && min > max
    {
        let message = format!("The least value of {name} is above its greatest.");
        return Err(typed::broken(56, "params", [], message));
    }
    if let Some(default) = default
        && (min.is_some_and(|m| default < m) || max.is_some_and(|m| default > m))
    {
        let message = format!("The default of {name} lies outside its bounds.");
        return Err(typed::broken(56, "params", [], message));
    }
    Ok(Parameter {
        name,
        unit: typed::optional("unit", input.unit.as_deref(), CODE_CHARS_MAX)?,
        min,
        max,
        default,
        note: typed::optional("note", input.note.as_deref(), NOTE_CHARS_MAX)?,
    })
}

fn bound(name: &str, what: &str, typed: Option<&str>) -> Result<Option<ExactDecimal>, Refusal> {
    let Some(typed) = typed.map(str::trim).filter(|t| !t.is_empty()) else { return Ok(None) };
    let plain = typed.len() <= NUMBER_LENGTH_MAX
        && typed.bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b'-');
    let value: Option<Decimal> = plain.then(|| typed.parse().ok()).flatten();
    match value {
        Some(value) => Ok(Some(ExactDecimal(value))),
        None => {
            let message = format!("The {what} of {name} is not a number: {typed:?}.");
            Err(typed::broken(56, "params", [], message))
        }
    }
}

fn variable(input: &VariableInput, names: &mut HashSet<String>) -> Result<Variable, Refusal> {
    Ok(Variable {
        name: unique_name(38, "variables", &input.name, names)?,
        formula: named_formula("variables", &input.name, &input.formula)?,
        note: typed::optional("note", input.note.as_deref(), NOTE_CHARS_MAX)?,
    })
}

fn block(input: &BlockInput, names: &mut HashSet<String>) -> Result<Block, Refusal> {
    Ok(Block {
        name: unique_name(38, "blocks", &input.name, names)?,
        formula: named_formula("blocks", &input.name, &input.formula)?,
        unit: typed::optional("unit", input.unit.as_deref(), CODE_CHARS_MAX)?,
        note: typed::optional("note", input.note.as_deref(), NOTE_CHARS_MAX)?,
    })
}

fn named_formula(field: &'static str, name: &str, typed: &str) -> Result<Formula, Refusal> {
    Formula::parse(typed).map_err(|e| typed::bad_formula(field, &[], &e.within(name.trim())))
}

/// A name formulas can write, and the only one of its recipe: which of two is meant would be a
/// guess.
fn unique_name(
    rule: u8,
    field: &'static str,
    typed: &str,
    names: &mut HashSet<String>,
) -> Result<Box<str>, Refusal> {
    let name = typed.trim();
    if let Err(error) = check_name(name) {
        let message = format!("{name:?} is not a name: {}.", error.message);
        return Err(typed::broken(rule, field, [], message));
    }
    if !names.insert(name.to_owned()) {
        let message = format!("The name {name} is there twice.");
        return Err(typed::broken(rule, field, [], message));
    }
    Ok(name.into())
}

fn at_most(what: &'static str, count: usize, limit: usize) -> Result<(), Refusal> {
    if count > limit { Err(Refusal::TooMany { what, limit }) } else { Ok(()) }
}

fn each<I, O>(
    inputs: &[I],
    convert: impl FnMut(&I) -> Result<O, Refusal>,
) -> Result<Vec<O>, Refusal> {
    inputs.iter().map(convert).collect()
}
