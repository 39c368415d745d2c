//! Broken rules in words.

use crate::estimating::{
    item::Item,
    rules::{RuleId, Violation},
};
use std::fmt;
use uuid::Uuid;

/// How messages name an item: its code, or the start of its description. It costs nothing until
/// it is written.
pub(crate) fn label(item: &Item) -> Label<'_> {
    Label(item)
}

/// An item's name in a message.
#[derive(Clone, Copy)]
pub(crate) struct Label<'a>(&'a Item);

impl fmt::Display for Label<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const WORDS: usize = 40;
        let Item { code, description, .. } = self.0;
        if !code.is_empty() {
            return f.write_str(code);
        }
        let end = description.char_indices().nth(WORDS).map_or(description.len(), |(at, _)| at);
        f.write_str(if end == 0 { "An item without code" } else { &description[..end] })
    }
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
