//! The sheet of resources behind a schedule, with totals by type.

use rust_decimal::{Decimal, RoundingStrategy};
use rust_xlsxwriter::Worksheet;

use crate::estimating::number::{Money, line_cost};
use crate::estimating::units;

use super::export::{ExportError, ResourceRow};
use super::export_xlsx::{Formats, cell_text, formula, stored};

const NAMES: [&str; 7] = ["Code", "Description", "Type", "Unit", "Quantity", "Rate", "Cost"];
const WIDTHS: [f64; 7] = [14.0, 44.0, 14.0, 8.0, 16.0, 13.0, 16.0];
const COST_COLUMN: u16 = 6;

/// Writes the resources below `names_row`, a total, and a total of each type.
pub(super) fn write(
    sheet: &mut Worksheet,
    names_row: u32,
    resources: &[ResourceRow],
    formats: &Formats,
) -> Result<(), ExportError> {
    for (column, width) in (0_u16..).zip(WIDTHS) {
        sheet.set_column_width(column, width)?;
    }
    sheet.set_freeze_panes(names_row + 1, 0)?;
    sheet.set_repeat_rows(names_row, names_row)?;
    for (column, name) in (0_u16..).zip(NAMES) {
        sheet.write_string_with_format(names_row, column, name, &formats.names)?;
    }
    let mut at = names_row + 1;
    let mut total = Money::ZERO;
    let mut by_type: Vec<(&str, Money)> = Vec::new();
    for resource in resources {
        write_row(sheet, at, resource, formats)?;
        at += 1;
        let sum = |a: Money, b: Money| a.checked_add(b).ok_or(ExportError::TotalTooLarge);
        total = sum(total, resource.cost)?;
        match by_type.iter_mut().find(|(name, _)| *name == resource.resource_type) {
            Some((_, of_type)) => *of_type = sum(*of_type, resource.cost)?,
            None => by_type.push((&resource.resource_type, resource.cost)),
        }
    }
    let (first, last) = (names_row + 2, at);
    sheet.write_string_with_format(at + 1, 1, "Total", &formats.total_text)?;
    let text = format!("=SUM(G{first}:G{last})");
    sheet.write_formula_with_format(
        at + 1,
        COST_COLUMN,
        formula(text, total.to_decimal()),
        &formats.total,
    )?;
    for (line, (name, of_type)) in (at + 2..).zip(by_type) {
        sheet.write_string_with_format(line, 1, "of which", &formats.text)?;
        sheet.write_string_with_format(line, 2, cell_text(name), &formats.text)?;
        let text = format!("=SUMIF(C{first}:C{last},C{},G{first}:G{last})", line + 1);
        let formula = formula(text, of_type.to_decimal());
        sheet.write_formula_with_format(line, COST_COLUMN, formula, &formats.money)?;
    }
    Ok(())
}

fn write_row(
    sheet: &mut Worksheet,
    at: u32,
    resource: &ResourceRow,
    formats: &Formats,
) -> Result<(), ExportError> {
    let unit = units::printed(&resource.unit);
    let texts = [&resource.code, &resource.description, &resource.resource_type, &unit];
    for (column, text) in (0_u16..).zip(texts) {
        sheet.write_string_with_format(at, column, cell_text(text), &formats.text)?;
    }
    sheet.write_number_with_format(at, 4, stored(resource.quantity.to_decimal()), &formats.rate)?;
    if let Some(rate) = resource.rate {
        sheet.write_number_with_format(at, 5, stored(rate.to_decimal()), &formats.rate)?;
    }
    let cost = resource.cost.to_decimal();
    match product_formula(at, resource) {
        Some(text) => {
            sheet.write_formula_with_format(
                at,
                COST_COLUMN,
                formula(text, cost),
                &formats.money,
            )?;
        }
        None => {
            sheet.write_number_with_format(at, COST_COLUMN, stored(cost), &formats.money)?;
        }
    }
    Ok(())
}

/// Quantity times rate, when that is the cost to the cent and no half cent is near: the cost of a
/// resource is the sum of its lines, each rounded, so often it is not.
fn product_formula(at: u32, resource: &ResourceRow) -> Option<String> {
    let rate = resource.rate?;
    if line_cost(resource.quantity, rate)? != resource.cost {
        return None;
    }
    let product = resource.quantity.to_decimal().checked_mul(rate.to_decimal())?;
    let down = product.round_dp_with_strategy(2, RoundingStrategy::MidpointTowardZero);
    let up = product.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
    let line = at + 1;
    (down == up && product != Decimal::ZERO).then(|| format!("=ROUND(E{line}*F{line},2)"))
}
