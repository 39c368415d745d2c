//! Worksheet lines into quantities and cents.

use super::{
    BuildUpError,
    expand::{Expansion, expand_recipe},
    scope::Scope,
};
use crate::estimating::{
    catalogue::Catalogue,
    cost::{CostSums, CostType},
    formula::Formula,
    id::ResourceId,
    limits::COST_CENTS_MAX,
    number::{LineQty, Money, Qty, Rate, line_cost, percent_of},
    units::UnitCode,
    worksheet::{Line, Method, RecipeUse, Source, Worksheet},
};
use rust_decimal::Decimal;

/// What a worksheet is worked out on.
#[derive(Clone, Copy)]
pub struct SheetInputs<'a> {
    /// The quantity cost is built on: take-off where there is one, else the item's quantity.
    pub quantity: Qty,
    /// The lines.
    pub sheet: &'a Worksheet,
    /// Resources and recipe versions.
    pub catalogue: &'a Catalogue,
}

/// The result of one line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LineCost {
    /// Quantity after waste, pack and minimum; for a recipe its output quantity; none for lump
    /// and percent-of lines.
    pub quantity: Option<LineQty>,
    /// Cost by type.
    pub sums: CostSums,
    /// Whether every rate the line needs is there (BR-041).
    pub priced: bool,
}

/// One leaf of a recipe line: the only place where a recipe becomes money (BR-058).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeafCost {
    /// Codes from the outermost recipe to the resource.
    pub path: Vec<Box<str>>,
    /// The resource.
    pub resource: ResourceId,
    /// Its type.
    pub cost_type: CostType,
    /// Its unit.
    pub unit: UnitCode,
    /// Quantity after waste, pack and minimum.
    pub quantity: LineQty,
    /// Snapshot rate, none while unpriced.
    pub rate: Option<Rate>,
    /// round2(quantity × rate), zero while unpriced.
    pub cost: Money,
}

/// The sum of a worksheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SheetCost {
    /// Cost by type.
    pub sums: CostSums,
    /// Whether there is a line and every line is priced.
    pub priced: bool,
}

/// Receives lines and leaves as they are worked out; `()` when only the sum matters.
pub trait Sink {
    /// Whether leaves are wanted; they cost an allocation each.
    const LEAVES: bool;
    /// A line's result.
    fn line(&mut self, line: &Line, cost: &LineCost);
    /// A recipe leaf of the line whose result comes next.
    fn leaf(&mut self, leaf: LeafCost);
}

impl Sink for () {
    const LEAVES: bool = false;
    fn line(&mut self, _: &Line, _: &LineCost) {}
    fn leaf(&mut self, _: LeafCost) {}
}

/// Works out every line of a worksheet in order.
///
/// Line quantity is rounded at R2 (six decimals) after waste and before pack and minimum, line
/// cost at R3 (cents); the sum is exact. Costs O(lines + recipe leaves).
///
/// # Errors
/// The first line that has no value: a formula's error, or BR-034, BR-035, BR-043, BR-055, BR-056.
pub fn evaluate_sheet<S: Sink>(
    inputs: &SheetInputs<'_>,
    scope: &mut Scope<'_>,
    sink: &mut S,
) -> Result<SheetCost, BuildUpError> {
    let mut sums = CostSums::ZERO;
    let mut percent_base = CostSums::ZERO;
    let mut priced = !inputs.sheet.lines.is_empty();
    for line in &inputs.sheet.lines {
        let cost = match &line.method {
            Method::PercentOf { percent, of } => {
                let cost = percent_of(percent_base.total_of(*of), *percent)
                    .ok_or_else(|| out_of_range("percent").on(line.id))?;
                LineCost { quantity: None, sums: CostSums::of(line.cost_type, cost), priced: true }
            }
            _ => {
                let cost = line_result(line, inputs, scope, sink).map_err(|e| e.on(line.id))?;
                percent_base += cost.sums;
                cost
            }
        };
        sums += cost.sums;
        priced &= cost.priced;
        if cost.sums.0.iter().chain(&sums.0).any(|c| c.abs() > COST_CENTS_MAX) {
            return Err(out_of_range("cost").on(line.id));
        }
        sink.line(line, &cost);
    }
    Ok(SheetCost { sums, priced })
}

fn out_of_range(field: &'static str) -> BuildUpError {
    BuildUpError::rule(field, 40, "The result is beyond what an estimate can hold.")
}

fn line_result<S: Sink>(
    line: &Line,
    inputs: &SheetInputs<'_>,
    scope: &mut Scope<'_>,
    sink: &mut S,
) -> Result<LineCost, BuildUpError> {
    if let Method::Lump { amount } = line.method {
        return Ok(LineCost {
            quantity: None,
            sums: CostSums::of(line.cost_type, amount),
            priced: true,
        });
    }
    let raw = raw_quantity(line, inputs.quantity, scope)?;
    match &line.source {
        Source::Recipe(recipe) => recipe_result(line, raw, recipe, inputs, scope, sink),
        Source::Resource { .. } | Source::Free { .. } => {
            let quantity = finish(raw, line.method.pack(), line.method.minimum())?;
            if quantity.is_negative() && !line.credit {
                return Err(negative("quantity"));
            }
            let rate = line.rate.unwrap_or_default();
            #[cfg(test)]
            let rate = rate_gone_wrong(line, inputs).unwrap_or(rate);
            let cost = line_cost(quantity, rate).ok_or_else(|| out_of_range("rate"))?;
            Ok(LineCost {
                quantity: Some(quantity),
                sums: CostSums::of(line.cost_type, cost),
                priced: is_priced(line.rate, line.free_issue),
            })
        }
    }
}

/// The fault BR-049 watches for: the price book's rate in place of the line's own.
#[cfg(test)]
fn rate_gone_wrong(line: &Line, inputs: &SheetInputs<'_>) -> Option<Rate> {
    let planted = crate::estimating::fault::planted(49);
    line.resource().filter(|_| planted).and_then(|resource| inputs.catalogue.rate(resource))
}

fn negative(field: &'static str) -> BuildUpError {
    BuildUpError::rule(
        field,
        43,
        "The quantity comes out negative. Only a line marked as a credit may be negative.",
    )
}

fn is_priced(rate: Option<Rate>, free_issue: bool) -> bool {
    rate.is_some_and(|r| !r.is_zero() || free_issue)
}

fn recipe_result<S: Sink>(
    line: &Line,
    raw: Decimal,
    recipe: &RecipeUse,
    inputs: &SheetInputs<'_>,
    scope: &mut Scope<'_>,
    sink: &mut S,
) -> Result<LineCost, BuildUpError> {
    let output = finish(raw, None, line.method.minimum())?;
    if output.is_negative() && !line.credit {
        return Err(negative("quantity"));
    }
    let mut params: smallvec::SmallVec<[(&str, Decimal); 4]> = smallvec::SmallVec::new();
    for (name, formula) in &recipe.params {
        let value = scope.value(formula).map_err(|e| BuildUpError::formula("params", e))?;
        params.push((name, value));
    }
    let mut sums = CostSums::ZERO;
    let mut priced = true;
    let mut leaves = 0_usize;
    let expansion = Expansion {
        catalogue: inputs.catalogue,
        rates: &recipe.rates,
        kept: &recipe.kept,
        collect_paths: S::LEAVES,
    };
    expand_recipe(&expansion, recipe.recipe, recipe.n, output, &params, &mut |leaf| {
        leaves += 1;
        priced &= is_priced(leaf.rate, line.free_issue);
        sums.checked_add(leaf.cost_type, leaf.cost).ok_or_else(|| out_of_range("cost"))?;
        if S::LEAVES {
            sink.leaf(leaf);
        }
        Ok(())
    })?;
    #[cfg(test)]
    if crate::estimating::fault::planted(58) {
        sums.0[0] += 1;
    }
    Ok(LineCost { quantity: Some(output), sums, priced: priced && leaves > 0 })
}

/// The line quantity before rounding: the formulas of 2.5, with one division at most.
fn raw_quantity(line: &Line, q: Qty, scope: &mut Scope<'_>) -> Result<Decimal, BuildUpError> {
    let mut input = |field: &'static str, formula: &Formula| {
        scope.value(formula).map_err(|e| BuildUpError::formula(field, e))
    };
    let q = q.to_decimal();
    let raw = match &line.method {
        Method::Time { count, production, efficiency, .. } => {
            let count = input("count", count)?;
            let production = positive("production", input("production", production)?)?;
            let efficiency = positive("efficiency", input("efficiency", efficiency)?)?;
            times(count, q).and_then(|n| n.checked_div(times(production, efficiency)?))
        }
        Method::Norm { count, hours, efficiency, .. } => {
            let count = input("count", count)?;
            let hours = input("hours", hours)?;
            let efficiency = positive("efficiency", input("efficiency", efficiency)?)?;
            times(count, q).and_then(|n| times(n, hours)).and_then(|n| n.checked_div(efficiency))
        }
        Method::Fixed { quantity, .. } => wasted(input("quantity", quantity)?, line),
        Method::Usage { usage, .. } => {
            times(q, input("usage", usage)?).and_then(|n| wasted(n, line))
        }
        Method::Subcontract => Some(q),
        Method::Lump { .. } | Method::PercentOf { .. } => Some(Decimal::ZERO),
    };
    let converted = match line.conversion() {
        None => raw,
        Some(factor) => raw.and_then(|n| times(n, factor.to_decimal())),
    };
    converted.ok_or_else(|| out_of_range("quantity"))
}

fn wasted(quantity: Decimal, line: &Line) -> Option<Decimal> {
    match line.method.waste() {
        None => Some(quantity),
        Some(waste) => times(quantity, waste_factor(waste)),
    }
}

/// 1 + w ÷ 100, exact.
pub(super) fn waste_factor(waste: crate::estimating::number::Pct) -> Decimal {
    let mut w = waste.to_decimal();
    w.set_scale(w.scale() + 2).map(|()| Decimal::ONE + w).unwrap_or(Decimal::ONE)
}

pub(super) fn times(a: Decimal, b: Decimal) -> Option<Decimal> {
    a.checked_mul(b)
}

fn positive(field: &'static str, value: Decimal) -> Result<Decimal, BuildUpError> {
    if value > Decimal::ZERO {
        return Ok(value);
    }
    let what = if field == "production" { "Production" } else { "Efficiency" };
    Err(BuildUpError::rule(field, 34, format!("{what} must be above zero; it comes to {value}.")))
}

/// R2, then whole packs, then the minimum.
pub(super) fn finish(
    raw: Decimal,
    pack: Option<LineQty>,
    minimum: Option<LineQty>,
) -> Result<LineQty, BuildUpError> {
    let rounded = LineQty::from_decimal_rounded(raw).ok_or_else(|| out_of_range("quantity"))?;
    let packed = match pack {
        Some(pack) if pack.is_positive() => {
            whole_packs(rounded, pack).ok_or_else(|| out_of_range("pack"))?
        }
        Some(_) | None => rounded,
    };
    Ok(match minimum {
        Some(minimum) if minimum > packed => minimum,
        Some(_) | None => packed,
    })
}

/// ceil(quantity ÷ pack) × pack, in exact integers; a negative quantity rounds towards zero.
fn whole_packs(quantity: LineQty, pack: LineQty) -> Option<LineQty> {
    let (q, p) = (quantity.units(), pack.units());
    let packs = q.div_euclid(p) + i64::from(q.rem_euclid(p) != 0);
    LineQty::from_units(packs.checked_mul(p)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn qty(text: &str) -> LineQty {
        text.parse().unwrap()
    }

    #[test]
    fn packs_round_up_and_never_down() {
        assert_eq!(whole_packs(qty("514.8"), qty("100")), Some(qty("600")));
        assert_eq!(whole_packs(qty("600"), qty("100")), Some(qty("600")));
        assert_eq!(whole_packs(qty("600.000001"), qty("100")), Some(qty("700")));
        assert_eq!(whole_packs(qty("-514.8"), qty("100")), Some(qty("-500")));
        assert_eq!(whole_packs(qty("0"), qty("100")), Some(qty("0")));
    }

    #[test]
    fn the_minimum_acts_after_rounding() {
        let raw = Decimal::from_str_exact("6.77710843373").unwrap();
        assert_eq!(finish(raw, None, Some(qty("8"))).unwrap(), qty("8"));
        assert_eq!(finish(raw, None, None).unwrap(), qty("6.777108"));
    }

    #[test]
    fn waste_is_exact() {
        assert_eq!(waste_factor("2.5".parse().unwrap()).to_string(), "1.025000");
        assert_eq!(waste_factor("0".parse().unwrap()), Decimal::ONE);
    }
}
