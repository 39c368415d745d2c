//! Typed texts into values, and refusals that name the field.

use std::str::FromStr;

use uuid::Uuid;

use crate::estimating::{
    formula::{Formula, FormulaError},
    number::{LineQty, NumberError, Pct},
    refusal::Refusal,
    rules::{RuleId, Violation, Violations},
};

/// A violation of rule `rule` at `field`.
pub(in crate::estimating) fn violation(
    rule: u8,
    field: &'static str,
    objects: impl Into<Vec<Uuid>>,
    message: impl Into<String>,
) -> Violation {
    Violation::new(RuleId::br(rule), message).objects(objects.into()).field(field)
}

/// The refusal of one violation.
pub(in crate::estimating) fn broken(
    rule: u8,
    field: &'static str,
    objects: impl Into<Vec<Uuid>>,
    message: impl Into<String>,
) -> Refusal {
    violation(rule, field, objects, message).into()
}

/// Says which edit of the command was refused.
pub(in crate::estimating) fn at_edit(refusal: Refusal, at: usize) -> Refusal {
    each_violation(refusal, |v| v.edit = Some(at))
}

/// Says which line of a recipe is at fault: line `at`, counted from 0, with identity `id`.
pub(in crate::estimating) fn at_line(refusal: Refusal, at: usize, id: Uuid) -> Refusal {
    if let Refusal::Invalid { field, message } = refusal {
        return Refusal::Invalid { field, message: format!("Line {}: {message}", at + 1) };
    }
    each_violation(refusal, |v| {
        v.message = format!("Line {}: {}", at + 1, v.message);
        if !v.objects.contains(&id) {
            v.objects.push(id);
        }
    })
}

fn each_violation(mut refusal: Refusal, change: impl FnMut(&mut Violation)) -> Refusal {
    if let Refusal::Violations(Violations(list)) = &mut refusal {
        list.iter_mut().for_each(change);
    }
    refusal
}

/// A text that must not be empty; spaces around it go.
pub(in crate::estimating) fn needed(
    field: &'static str,
    text: Option<&str>,
    chars_max: usize,
) -> Result<Box<str>, Refusal> {
    let text = within(field, text.unwrap_or_default(), chars_max)?;
    if text.is_empty() {
        return Err(Refusal::invalid(field, format!("The {} is missing.", words(field))));
    }
    Ok(text)
}

/// Sets a text that must not be empty, where one is given.
pub(in crate::estimating) fn set_needed(
    row: &mut Box<str>,
    field: &'static str,
    text: Option<&str>,
    chars_max: usize,
) -> Result<(), Refusal> {
    if text.is_some() {
        *row = needed(field, text, chars_max)?;
    }
    Ok(())
}

/// Sets a text that may be empty, where one is given.
pub(in crate::estimating) fn set(
    row: &mut Box<str>,
    field: &'static str,
    text: Option<&str>,
    chars_max: usize,
) -> Result<(), Refusal> {
    if let Some(text) = text {
        *row = within(field, text, chars_max)?;
    }
    Ok(())
}

/// A text that is none when empty.
pub(in crate::estimating) fn optional(
    field: &'static str,
    text: Option<&str>,
    chars_max: usize,
) -> Result<Option<Box<str>>, Refusal> {
    let text = within(field, text.unwrap_or_default(), chars_max)?;
    Ok((!text.is_empty()).then_some(text))
}

/// A text, trimmed, which may be empty.
pub(in crate::estimating) fn within(
    field: &'static str,
    text: &str,
    chars_max: usize,
) -> Result<Box<str>, Refusal> {
    let text = text.trim();
    if text.chars().count() > chars_max {
        let message = format!("The {} has at most {chars_max} characters.", words(field));
        return Err(Refusal::invalid(field, message));
    }
    if let Some(odd) = text.chars().find(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        let message = format!("The {} holds the control character {odd:?}.", words(field));
        return Err(Refusal::invalid(field, message));
    }
    Ok(text.into())
}

/// A field's name in words: "clientName" becomes "client name".
fn words(field: &str) -> String {
    field.chars().fold(String::new(), |mut words, c| {
        if c.is_uppercase() {
            words.push(' ');
        }
        words.extend(c.to_lowercase());
        words
    })
}

/// Where tenders close (BR-004).
pub(in crate::estimating) const CLOSING_ZONE: &str = "Pacific/Auckland";

/// A moment in microseconds since 1970, UTC: RFC 3339, or without an offset the wall clock of
/// Auckland, which must show that time once.
pub(in crate::estimating) fn time_us(field: &'static str, text: &str) -> Result<i64, Refusal> {
    let moment: Result<jiff::Timestamp, _> = text.trim().parse();
    if let Ok(moment) = moment {
        return Ok(moment.as_microsecond());
    }
    let local: Result<jiff::civil::DateTime, _> = text.trim().parse();
    let local = local.map_err(|_| {
        broken(4, field, [], "A time is written like 2026-11-22T16:00:00+13:00, with its offset.")
    })?;
    let zone = jiff::tz::TimeZone::get(CLOSING_ZONE);
    let moment = zone.and_then(|zone| zone.to_ambiguous_timestamp(local).unambiguous());
    moment.map(jiff::Timestamp::as_microsecond).map_err(|_| {
        let message = "The clocks in Auckland change at that time: give it with its offset.";
        broken(4, field, [], message)
    })
}

/// A number of type `T`; a refusal names the rule it would break and the character at fault.
pub(in crate::estimating) fn number<T>(
    rule: u8,
    field: &'static str,
    objects: &[Uuid],
    text: &str,
) -> Result<T, Refusal>
where
    T: FromStr<Err = NumberError>,
{
    text.trim().parse().map_err(|error: NumberError| {
        let position = error.position();
        let fault = violation(rule, field, objects, sentence(&error.to_string()));
        // What does not even read is no figure of the program's, whatever the rule is about.
        Violation { position, ..fault }.entered().into()
    })
}

/// Waste, 0 to 100 percent (BR-035).
pub(in crate::estimating) fn waste(field: &'static str, text: &str) -> Result<Pct, Refusal> {
    let waste: Pct = number(35, field, &[], text)?;
    match Pct::whole(100) {
        Some(whole) if !waste.is_negative() && waste <= whole => Ok(waste),
        Some(_) | None => Err(broken(35, field, [], "Waste is 0 to 100 percent.")),
    }
}

/// A pack size or minimum, above zero (BR-036).
pub(in crate::estimating) fn above_zero(
    field: &'static str,
    text: &str,
) -> Result<LineQty, Refusal> {
    let quantity: LineQty = number(36, field, &[], text)?;
    if !quantity.is_positive() {
        return Err(broken(36, field, [], "Pack size and minimum are above zero."));
    }
    Ok(quantity)
}

/// A formula or number.
pub(in crate::estimating) fn formula(
    field: &'static str,
    objects: &[Uuid],
    text: &str,
) -> Result<Formula, Refusal> {
    Formula::parse(text).map_err(|error| bad_formula(field, objects, &error))
}

/// The refusal of a formula without a value (BR-038 to BR-040).
pub(in crate::estimating) fn bad_formula(
    field: &'static str,
    objects: &[Uuid],
    error: &FormulaError,
) -> Refusal {
    let mut violation = Violation::formula(field, error).objects(objects.iter().copied());
    violation.message = match &error.within {
        Some(name) => format!("In {name}: {}.", error.message),
        None => sentence(&error.message),
    };
    violation.into()
}

/// A message as a sentence of its own.
pub(in crate::estimating) fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", chars.as_str().trim_end_matches('.'))
}
