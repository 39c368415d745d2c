//! Finding rows by words and properties.

use super::{Estimate, NodeRow, NodeView, Status};
use crate::estimating::{item::ItemType, units::UnitCode};

/// What to look for; every part given must hold.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// Words that must all stand in the code or description, whatever the case.
    pub words: Vec<String>,
    /// Unit.
    pub unit: Option<UnitCode>,
    /// Type.
    pub item_type: Option<ItemType>,
    /// Price state.
    pub status: Option<Status>,
}

impl Search {
    /// A search for the words of `text`.
    pub fn text(text: &str) -> Search {
        let words = text.split_whitespace().map(str::to_lowercase).collect();
        Search { words, ..Search::default() }
    }

    fn matches(&self, node: &NodeView<'_>, buffer: &mut String) -> bool {
        let item = node.item();
        let by_item = self.unit.is_none() && self.item_type.is_none() && self.status.is_none();
        let fits = by_item
            || item.is_some_and(|i| {
                self.unit.is_none_or(|u| i.unit == Some(u))
                    && self.item_type.is_none_or(|t| i.item_type == t)
                    && self.status.is_none_or(|s| node.status() == Some(s))
            });
        if !fits || self.words.is_empty() {
            return fits;
        }
        let (code, text) = match node.row {
            NodeRow::Heading(h) => (&*h.code, &*h.name),
            NodeRow::Item(i) => (&*i.code, &*i.description),
            NodeRow::None => return false,
        };
        buffer.clear();
        for c in code.chars().chain([' ']).chain(text.chars()) {
            buffer.extend(c.to_lowercase());
        }
        self.words.iter().all(|w| buffer.contains(w.as_str()))
    }
}

/// Rows found.
pub struct Found<'a> {
    /// How many rows match in all.
    pub total: usize,
    /// The matches asked for, in display order.
    pub rows: Vec<NodeView<'a>>,
}

impl Estimate {
    /// Matches from the `offset`th on, at most `limit`. O(rows).
    pub fn search(&self, search: &Search, offset: usize, limit: usize) -> Found<'_> {
        let mut buffer = String::new();
        let mut found = Found { total: 0, rows: Vec::new() };
        for node in self.rows() {
            if search.matches(&node, &mut buffer) {
                if found.total >= offset && found.rows.len() < limit {
                    found.rows.push(node);
                }
                found.total += 1;
            }
        }
        found
    }
}
