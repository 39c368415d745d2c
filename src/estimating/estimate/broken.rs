//! Broken rules in words.

use crate::estimating::{
    item::Item,
    rules::{RuleId, Violation},
};
use uuid::Uuid;

/// How messages name an item: its code, or the start of its description.
pub(crate) fn label(item: &Item) -> String {
    const WORDS: usize = 40;
    if !item.code.is_empty() {
        return item.code.to_string();
    }
    let text: String = item.description.chars().take(WORDS).collect();
    if text.is_empty() { "An item without code".to_owned() } else { text }
}

/// A broken rule on one row.
pub(crate) fn violation(
    rule: u8,
    object: Uuid,
    field: Option<&'static str>,
    message: impl Into<String>,
) -> Violation {
    let violation = Violation::new(RuleId::br(rule), message).object(object);
    match field {
        Some(field) => violation.field(field),
        None => violation,
    }
}
