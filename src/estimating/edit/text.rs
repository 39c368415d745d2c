//! What the edits of an estimate give as text: names, codes and formulas of its rows.

use super::{BlockInput, VariableInput, run::broken};
use crate::estimating::{
    catalogue::Catalogue,
    formula::{Formula, check_name},
    limits::{
        CODE_CHARS_MAX, DESCRIPTION_CHARS_MAX, NAME_CHARS_MAX, NOTE_CHARS_MAX, VARIABLES_MAX,
    },
    number::NumberError,
    refusal::Refusal,
    typed,
    units::UnitCode,
    worksheet::{Block, Variable},
};
use std::str::FromStr;
use uuid::Uuid;

/// A number of a fixed type. `rule` is the rule a bad one breaks.
pub(crate) fn number<T: FromStr<Err = NumberError>>(
    text: &str,
    field: &'static str,
    object: Uuid,
    rule: u8,
) -> Result<T, Refusal> {
    typed::number(rule, field, &[object], text)
}

/// A formula or plain number.
pub(crate) fn formula(text: &str, field: &'static str, object: Uuid) -> Result<Formula, Refusal> {
    typed::formula(field, &[object], text)
}

/// A code, which may be empty.
pub(crate) fn code(text: &str) -> Result<Box<str>, Refusal> {
    typed::within("code", text, CODE_CHARS_MAX)
}

/// A name, which may not be empty.
pub(crate) fn name(text: &str) -> Result<Box<str>, Refusal> {
    typed::needed("name", Some(text), NAME_CHARS_MAX)
}

/// A description, which may be empty.
pub(crate) fn description(text: &str) -> Result<Box<str>, Refusal> {
    typed::within("description", text, DESCRIPTION_CHARS_MAX)
}

/// A note or reason; an empty one is none.
pub(crate) fn note(text: Option<&str>, field: &'static str) -> Result<Option<Box<str>>, Refusal> {
    typed::optional(field, text, NOTE_CHARS_MAX)
}

/// A unit by its code or an alias (BR-019).
pub(crate) fn unit(text: &str, catalogue: &Catalogue, object: Uuid) -> Result<UnitCode, Refusal> {
    catalogue.match_unit(text).ok_or_else(|| {
        let message = format!("{text} is not in the unit list. Add it there, or pick another.");
        broken(19, object, Some("unit"), message)
    })
}

/// The names of one ring, each valid and used once.
pub(crate) fn variables(input: &[VariableInput], object: Uuid) -> Result<Vec<Variable>, Refusal> {
    let list = input
        .iter()
        .map(|v| {
            Ok(Variable {
                name: defined_name(&v.name, object)?,
                formula: formula(&v.formula, "variables", object)?,
                note: note(v.note.as_deref(), "note")?,
            })
        })
        .collect::<Result<Vec<_>, Refusal>>()?;
    distinct(list.iter().map(|v| &*v.name), object)?;
    Ok(list)
}

/// The calculation blocks of a worksheet; their names are checked against the variables' too.
pub(crate) fn blocks(input: &[BlockInput], object: Uuid) -> Result<Vec<Block>, Refusal> {
    input
        .iter()
        .map(|b| {
            Ok(Block {
                name: defined_name(&b.name, object)?,
                formula: formula(&b.formula, "blocks", object)?,
                unit: note(b.unit.as_deref(), "unit")?,
                note: note(b.note.as_deref(), "note")?,
            })
        })
        .collect()
}

fn defined_name(text: &str, object: Uuid) -> Result<Box<str>, Refusal> {
    let name = text.trim();
    check_name(name).map_err(|e| typed::bad_formula("name", &[object], &e))?;
    if matches!(name, "Q" | "quantity") || name.starts_with("parent.") {
        let message = format!("{name} already means the item's quantity; choose another name.");
        return Err(Refusal::invalid("name", message));
    }
    Ok(name.into())
}

/// Refuses a name given twice, and more than [`VARIABLES_MAX`].
pub(crate) fn distinct<'a>(
    names: impl Iterator<Item = &'a str>,
    object: Uuid,
) -> Result<(), Refusal> {
    let mut names: Vec<&str> = names.collect();
    if names.len() > VARIABLES_MAX {
        return Err(Refusal::TooMany { what: "variables", limit: VARIABLES_MAX });
    }
    names.sort_unstable();
    match names.windows(2).find(|w| w[0] == w[1]) {
        None => Ok(()),
        Some(twice) => {
            let message = format!("The name {} is given twice.", twice[0]);
            Err(broken(39, object, Some("name"), message))
        }
    }
}
