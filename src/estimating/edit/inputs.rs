//! The inputs of a line's method.

use super::{LineFields, MethodName, run::broken, text};
use crate::estimating::{
    cost::{CostType, CostTypes},
    formula::Formula,
    number::{LineQty, Money, NumberError, Pct},
    refusal::Refusal,
    resource::Resource,
    worksheet::Method,
};
use rust_decimal::Decimal;
use std::str::FromStr;
use uuid::Uuid;

fn one() -> Formula {
    Formula::number(Decimal::ONE)
}

/// A method with the inputs a new line starts from.
pub(super) fn default_method(name: MethodName, resource: Option<&Resource>) -> Method {
    let efficiency = resource
        .and_then(|r| r.default_efficiency)
        .map_or_else(one, |e| Formula::number(e.to_decimal().normalize()));
    let waste =
        resource.filter(|r| r.cost_type == CostType::Material).and_then(|r| r.default_waste);
    match name {
        MethodName::Time => {
            Method::Time { count: one(), production: one(), efficiency, minimum: None }
        }
        MethodName::Norm => Method::Norm { count: one(), hours: one(), efficiency, minimum: None },
        MethodName::Fixed => Method::Fixed { quantity: one(), waste, pack: None, minimum: None },
        MethodName::Usage => Method::Usage { usage: one(), waste, pack: None, minimum: None },
        MethodName::Subcontract => Method::Subcontract,
        MethodName::Lump => Method::Lump { amount: Money::ZERO },
        MethodName::PercentOf => Method::PercentOf { percent: Pct::ZERO, of: CostTypes::ALL },
    }
}

/// The new method with what the old one shares with it.
pub(super) fn carried(old: &Method, name: MethodName) -> Method {
    let mut method = default_method(name, None);
    let (old_waste, old_pack, old_minimum) = (old.waste(), old.pack(), old.minimum());
    let old_formula =
        |field: &str| old.formulas().find(|(n, _)| *n == field).map(|(_, f)| f.clone());
    match &mut method {
        Method::Time { count, efficiency, minimum, .. }
        | Method::Norm { count, efficiency, minimum, .. } => {
            *count = old_formula("count").unwrap_or_else(one);
            *efficiency = old_formula("efficiency").unwrap_or_else(one);
            *minimum = old_minimum;
        }
        Method::Fixed { waste, pack, minimum, .. } | Method::Usage { waste, pack, minimum, .. } => {
            (*waste, *pack, *minimum) = (old_waste, old_pack, old_minimum);
        }
        Method::Subcontract | Method::Lump { .. } | Method::PercentOf { .. } => {}
    }
    method
}

/// Sets the inputs given; one the method does not have is refused.
pub(super) fn set_inputs(method: &mut Method, item: Uuid, f: &LineFields) -> Result<(), Refusal> {
    let name = method.name();
    let unfit =
        |field: &'static str| Refusal::invalid(field, format!("The method {name} has no {field}."));
    let formulas = [
        ("count", &f.count),
        ("production", &f.production),
        ("efficiency", &f.efficiency),
        ("hours", &f.hours),
        ("usage", &f.usage),
        ("quantity", &f.quantity),
    ];
    for (field, text) in formulas {
        if let Some(text) = text {
            let slot = formula_slot(method, field).ok_or_else(|| unfit(field))?;
            *slot = text::formula(text, field, item)?;
        }
    }
    set_optional(waste_slot(method), &f.waste, "waste", item, 35)?;
    set_optional(pack_slot(method), &f.pack, "pack", item, 36)?;
    set_optional(minimum_slot(method), &f.minimum, "minimum", item, 36)?;
    if let Some(text) = &f.amount {
        let Method::Lump { amount } = method else { return Err(unfit("amount")) };
        *amount = text::number(text, "amount", item, 32)?;
    }
    if f.percent.is_some() || f.of_types.is_some() {
        let Method::PercentOf { percent, of } = method else { return Err(unfit("percent")) };
        if let Some(text) = &f.percent {
            *percent = text::number(text, "percent", item, 37)?;
        }
        if let Some(types) = &f.of_types {
            *of = types.iter().copied().collect();
        }
    }
    Ok(())
}

/// Sets or clears an input; one the method does not have breaks `rule` unless it is cleared.
fn set_optional<T: FromStr<Err = NumberError>>(
    slot: Option<&mut Option<T>>,
    text: &Option<Option<String>>,
    field: &'static str,
    item: Uuid,
    rule: u8,
) -> Result<(), Refusal> {
    let Some(text) = text else { return Ok(()) };
    let text = text.as_deref().filter(|t| !t.trim().is_empty());
    match (text, slot) {
        (None, None) => {}
        (None, Some(slot)) => *slot = None,
        (Some(text), Some(slot)) => *slot = Some(text::number(text, field, item, rule)?),
        (Some(_), None) => {
            return Err(broken(rule, item, Some(field), format!("The method takes no {field}.")));
        }
    }
    Ok(())
}

fn formula_slot<'m>(method: &'m mut Method, field: &str) -> Option<&'m mut Formula> {
    match (method, field) {
        (Method::Time { count, .. } | Method::Norm { count, .. }, "count") => Some(count),
        (Method::Time { production, .. }, "production") => Some(production),
        (Method::Time { efficiency, .. } | Method::Norm { efficiency, .. }, "efficiency") => {
            Some(efficiency)
        }
        (Method::Norm { hours, .. }, "hours") => Some(hours),
        (Method::Fixed { quantity, .. }, "quantity") => Some(quantity),
        (Method::Usage { usage, .. }, "usage") => Some(usage),
        _ => None,
    }
}

fn waste_slot(method: &mut Method) -> Option<&mut Option<Pct>> {
    match method {
        Method::Fixed { waste, .. } | Method::Usage { waste, .. } => Some(waste),
        Method::Time { .. }
        | Method::Norm { .. }
        | Method::Subcontract
        | Method::Lump { .. }
        | Method::PercentOf { .. } => None,
    }
}

fn pack_slot(method: &mut Method) -> Option<&mut Option<LineQty>> {
    match method {
        Method::Fixed { pack, .. } | Method::Usage { pack, .. } => Some(pack),
        Method::Time { .. }
        | Method::Norm { .. }
        | Method::Subcontract
        | Method::Lump { .. }
        | Method::PercentOf { .. } => None,
    }
}

fn minimum_slot(method: &mut Method) -> Option<&mut Option<LineQty>> {
    match method {
        Method::Time { minimum, .. }
        | Method::Norm { minimum, .. }
        | Method::Fixed { minimum, .. }
        | Method::Usage { minimum, .. } => Some(minimum),
        Method::Subcontract | Method::Lump { .. } | Method::PercentOf { .. } => None,
    }
}
