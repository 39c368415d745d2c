//! Units that do not go together, where no rule refuses them (domain 2.10).

use super::{Check, Estimate, NodeView, broken::label};
use crate::estimating::{
    catalogue::Catalogue,
    number::Factor,
    reference::Past,
    units::UnitCode,
    warning::Warning,
    worksheet::{Line, Method, Source},
};
use rust_decimal::Decimal;

impl Estimate {
    /// The units of an item and its lines. BR-042 refuses a line in a unit that nothing links to
    /// its resource's when it is saved; what is left for a check is
    ///
    /// - a line that takes one of its own units for each unit of the item, where the two differ: a
    ///   subcontract line (the item's unit changed after the award), or a recipe used once for
    ///   each unit, with another output unit. Two units linked one to one are the same;
    /// - a line that keeps a conversion which the list of units has since changed or lost;
    /// - an item in another unit than all work of the same words in past tenders.
    pub(super) fn check_units(
        &self,
        node: &NodeView<'_>,
        catalogue: &Catalogue,
        past: &Past<'_>,
        take: &mut impl FnMut(Check),
    ) {
        let Some(item) = node.item().filter(|item| !item.inactive) else { return };
        let Some(unit) = item.unit else { return };
        let (mut facts, mut values) = (Vec::new(), Vec::new());
        for line in node.sheet.map_or(&[][..], |sheet| &sheet.lines) {
            if let Some(other) = one_for_each(line, unit, catalogue) {
                let name = name_of(line, catalogue);
                facts.push(format!("{name} gives one {other} for each {unit}"));
                values.push(format!("{name} {other}/{unit}"));
            }
            if let Some((from, to, now)) = converted_otherwise(line, catalogue) {
                let name = name_of(line, catalogue);
                let (kept, now) = (shown(line.conversion()), shown(now));
                facts.push(format!(
                    "{name} is converted from {from} to {to} by {kept}, and the list of units now \
                     says {now}"
                ));
                values.push(format!("{name} {from}>{to} {kept}:{now}"));
            }
        }
        if let Some((usual, count)) = past.other_unit(&item.description, unit, self.row().tender) {
            facts.push(format!("all {count} items of these words in past tenders were in {usual}"));
            values.push(format!("past {usual}"));
        }
        if facts.is_empty() {
            return;
        }
        let message = format!("{} is in {unit}: {}.", label(item), facts.join("; "));
        let value = format!("{unit}: {}", values.join(", "));
        take(Check::warning(Warning::UnitMismatch, item.id.0, value, message));
    }
}

/// The unit of a line that takes one of it for each `unit` of the item, where they differ.
fn one_for_each(line: &Line, unit: UnitCode, catalogue: &Catalogue) -> Option<UnitCode> {
    let one_each = match &line.method {
        Method::Subcontract => true,
        Method::Usage { usage, .. } => {
            line.recipe().is_some() && usage.as_number() == Some(Decimal::ONE)
        }
        Method::Time { .. }
        | Method::Norm { .. }
        | Method::Fixed { .. }
        | Method::Lump { .. }
        | Method::PercentOf { .. } => false,
    };
    let own = line.unit.filter(|own| one_each && *own != unit)?;
    (catalogue.conversion(unit, own) != Some(Factor::ONE)).then_some(own)
}

/// The units of a converted line and what the list now says of them, where that is another factor.
fn converted_otherwise(
    line: &Line,
    catalogue: &Catalogue,
) -> Option<(UnitCode, UnitCode, Option<Factor>)> {
    let own = catalogue.resource(line.resource()?)?.unit;
    let unit = line.unit.filter(|unit| *unit != own)?;
    let now = catalogue.conversion(unit, own);
    (now != line.conversion()).then_some((unit, own, now))
}

fn shown(factor: Option<Factor>) -> String {
    factor.map_or_else(|| "nothing".to_owned(), |factor| factor.to_string())
}

/// What a line is called.
fn name_of<'a>(line: &'a Line, catalogue: &'a Catalogue) -> &'a str {
    let known = match &line.source {
        Source::Resource { resource, .. } => catalogue.resource(*resource).map(|row| &*row.code),
        Source::Recipe(recipe) => catalogue.recipe(recipe.recipe).map(|row| &*row.code),
        Source::Free { description } => Some(&**description),
    };
    known.unwrap_or("a line")
}
