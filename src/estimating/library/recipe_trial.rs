//! Trying a recipe before it is kept: every name resolves (BR-038), nothing goes round in a circle
//! (BR-039), and every formula has a value at the defaults and at the bounds of the parameters
//! (BR-040), which nested parameters accept (BR-056).

use std::collections::HashMap;

use rust_decimal::Decimal;
use uuid::Uuid;

use crate::estimating::{
    build_up::{Frame, Scope},
    catalogue::Catalogue,
    formula::{Formula, FormulaError, Steps},
    id::RecipeId,
    recipe::{ExactDecimal, Ingredient, Parameter, RecipeLine, RecipeVersion},
    refusal::Refusal,
    typed,
};

/// Refuses a version one of whose formulas has no value. O(formulas).
pub(super) fn check(catalogue: &Catalogue, version: &RecipeVersion) -> Result<(), Refusal> {
    let definitions: Vec<(&str, &Formula)> = definitions(version).collect();
    let known: Vec<&str> =
        version.params.iter().map(|p| &*p.name).chain(definitions.iter().map(|d| d.0)).collect();
    for (name, formula) in &definitions {
        names_known(formula, &known)
            .map_err(|e| typed::bad_formula("variables", &[], &e.within(name)))?;
    }
    for (at, line) in version.lines.iter().enumerate() {
        for (field, formula) in formulas(line) {
            names_known(formula, &known).map_err(|e| line_fault(&e, field, at, line.id.0))?;
        }
    }
    no_circle(&definitions)?;
    for corner in [Corner::Default, Corner::Least, Corner::Greatest] {
        try_at(catalogue, version, corner)?;
    }
    Ok(())
}

fn definitions(version: &RecipeVersion) -> impl Iterator<Item = (&str, &Formula)> {
    let variables = version.variables.iter().map(|v| (&*v.name, &v.formula));
    variables.chain(version.blocks.iter().map(|b| (&*b.name, &b.formula)))
}

fn formulas(line: &RecipeLine) -> impl Iterator<Item = (&'static str, &Formula)> {
    let params = match &line.ingredient {
        Ingredient::Resource(_) => [].as_slice(),
        Ingredient::Recipe { params, .. } => params.as_slice(),
    };
    std::iter::once(("factor", &line.factor)).chain(params.iter().map(|(_, f)| ("params", f)))
}

/// Every name a formula mentions, in branches not taken too.
fn names_known(formula: &Formula, known: &[&str]) -> Result<(), FormulaError> {
    match formula.names().find(|name| !known.contains(name)) {
        None => Ok(()),
        Some(name) => {
            let at = position(&formula.text(), name);
            Err(FormulaError::unknown_name(at, name, known.iter().copied()))
        }
    }
}

/// Characters before `name` where it stands as a whole name.
fn position(text: &str, name: &str) -> usize {
    let part = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
    let whole = text.match_indices(name).find(|(at, _)| {
        let before = text.get(..*at).and_then(|t| t.chars().next_back());
        let after = text.get(at + name.len()..).and_then(|t| t.chars().next());
        !before.is_some_and(part) && !after.is_some_and(part)
    });
    whole.and_then(|(at, _)| text.get(..at)).map_or(0, |t| t.chars().count())
}

/// Refuses definitions that depend on themselves, whichever branch of an `if` does it.
fn no_circle(definitions: &[(&str, &Formula)]) -> Result<(), Refusal> {
    let by_name: HashMap<&str, &Formula> = definitions.iter().copied().collect();
    let mut done: HashMap<&str, bool> = HashMap::new();
    let mut path = Vec::new();
    for (name, _) in definitions {
        if let Some(circle) = walk(name, &by_name, &mut done, &mut path) {
            let at = circle
                .first()
                .and_then(|first| by_name.get(first.as_str()))
                .map_or(0, |f| circle.get(1).map_or(0, |next| position(&f.text(), next)));
            return Err(typed::bad_formula("variables", &[], &FormulaError::cycle(at, circle)));
        }
    }
    Ok(())
}

/// The circle through `name`, where there is one. `done` is false while a name is being walked.
fn walk<'a>(
    name: &'a str,
    by_name: &HashMap<&'a str, &'a Formula>,
    done: &mut HashMap<&'a str, bool>,
    path: &mut Vec<&'a str>,
) -> Option<Vec<String>> {
    let formula = by_name.get(name)?;
    match done.get(name) {
        Some(true) => return None,
        Some(false) => {
            let start = path.iter().position(|n| *n == name).unwrap_or(0);
            let round = path.iter().skip(start).chain(std::iter::once(&name));
            return Some(round.map(|n| (*n).to_owned()).collect());
        }
        None => {}
    }
    done.insert(name, false);
    path.push(name);
    let circle = formula.names().find_map(|next| walk(next, by_name, done, path));
    path.pop();
    done.insert(name, true);
    circle
}

/// A choice of parameter values.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Corner {
    Default,
    Least,
    Greatest,
}

impl Corner {
    /// The value of a parameter here; where it has no default or bound, the nearest it has, or 1.
    fn value(self, p: &Parameter) -> Decimal {
        let order: [Option<ExactDecimal>; 3] = match self {
            Corner::Default => [p.default, p.min, p.max],
            Corner::Least => [p.min, p.default, p.max],
            Corner::Greatest => [p.max, p.default, p.min],
        };
        order.into_iter().flatten().next().map_or(Decimal::ONE, |value| value.0)
    }
}

fn try_at(catalogue: &Catalogue, version: &RecipeVersion, corner: Corner) -> Result<(), Refusal> {
    let values: Vec<(&str, Decimal)> =
        version.params.iter().map(|p| (&*p.name, corner.value(p))).collect();
    let frames = [Frame {
        params: &values,
        variables: &version.variables,
        blocks: &version.blocks,
        ..Frame::default()
    }];
    let steps = Steps::new();
    let mut scope = Scope::new(&frames, &steps);
    for (name, _) in definitions(version) {
        scope
            .resolve(name, 0, 0)
            .map_err(|e| typed::bad_formula("variables", &[], &located(e, &values)))?;
    }
    for (at, line) in version.lines.iter().enumerate() {
        let steps = Steps::new();
        let mut scope = Scope::new(&frames, &steps);
        let mut value = |formula: &Formula| scope.value(formula);
        let fault = |field, e| line_fault(&located(e, &values), field, at, line.id.0);
        value(&line.factor).map_err(|e| fault("factor", e))?;
        let Ingredient::Recipe { recipe, n, params } = &line.ingredient else { continue };
        for (name, formula) in params {
            let given = value(formula).map_err(|e| fault("params", e))?;
            if corner == Corner::Default {
                within_bounds(catalogue, (*recipe, *n), name, given)
                    .map_err(|refusal| typed::at_line(refusal, at, line.id.0))?;
            }
        }
    }
    Ok(())
}

/// Whether a nested parameter takes the value it gets at the defaults (BR-056).
fn within_bounds(
    catalogue: &Catalogue,
    (recipe, n): (RecipeId, u32),
    name: &str,
    given: Decimal,
) -> Result<(), Refusal> {
    let version = catalogue.recipe_version(recipe, n);
    let parameter = version.and_then(|v| v.params.iter().find(|p| &*p.name == name));
    let Some(p) = parameter else { return Ok(()) };
    let low = p.min.is_some_and(|min| given < min.0);
    let high = p.max.is_some_and(|max| given > max.0);
    if !low && !high {
        return Ok(());
    }
    let code = catalogue.recipe(recipe).map_or("the nested recipe", |r| &r.code);
    let message =
        format!("Parameter {name} of {code} would be {}, outside its bounds.", given.normalize());
    Err(typed::broken(56, "params", [recipe.0], message))
}

/// The error with the parameter values it came about with.
fn located(mut error: FormulaError, values: &[(&str, Decimal)]) -> FormulaError {
    if !values.is_empty() {
        let list: Vec<String> =
            values.iter().map(|(name, value)| format!("{name} = {}", value.normalize())).collect();
        error.message = format!("{} at {}", error.message, list.join(", "));
    }
    error
}

fn line_fault(error: &FormulaError, field: &'static str, at: usize, line: Uuid) -> Refusal {
    typed::at_line(typed::bad_formula(field, &[], error), at, line)
}
