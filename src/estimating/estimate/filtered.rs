//! Slices of the tree with only what carries something: the rows asked for, what is below them,
//! and the rows above them.

use super::{Estimate, NodeView, ROOT, Slot, View, Window};
use std::collections::HashSet;
use uuid::Uuid;

/// The rows a filter shows: those it holds of, and those above one of them.
struct Shown {
    matches: HashSet<Slot>,
    above: HashSet<Slot>,
}

impl Estimate {
    /// `limit` visible rows of `view` from the `offset`th, among items `wanted` holds of with all
    /// below them, and the rows above them. O(rows).
    pub fn window_of(
        &self,
        view: &View,
        wanted: impl Fn(Uuid) -> bool,
        offset: usize,
        limit: usize,
    ) -> Window<'_> {
        let mut window = Window { total: 0, rows: Vec::new() };
        self.each_shown(view, wanted, |node| {
            if window.total >= offset && window.rows.len() < limit {
                window.rows.push(node);
            }
            window.total += 1;
        });
        window
    }

    /// Where `id` stands among the rows of [`Estimate::window_of`]; none when it is not one of
    /// them. O(rows).
    pub fn locate_of(&self, id: Uuid, view: &View, wanted: impl Fn(Uuid) -> bool) -> Option<usize> {
        let wanted_slot = self.slot(id)?;
        let (mut at, mut found) = (0, None);
        self.each_shown(view, wanted, |node| {
            if node.slot == wanted_slot {
                found = Some(at);
            }
            at += 1;
        });
        found
    }

    fn each_shown<'a>(
        &'a self,
        view: &View,
        wanted: impl Fn(Uuid) -> bool,
        mut take: impl FnMut(NodeView<'a>),
    ) {
        let mut shown = Shown { matches: HashSet::new(), above: HashSet::new() };
        for node in self.rows() {
            if node.item().is_some() && wanted(node.id()) {
                shown.matches.insert(node.slot);
                let mut slot = self.calc(node.slot).parent;
                while slot != ROOT && shown.above.insert(slot) {
                    slot = self.calc(slot).parent;
                }
            }
        }
        // Each with whether it is at or below a row the filter holds of.
        let below = |slot: Slot, inside: bool| {
            let children = self.at(slot).children().iter().rev();
            children.map(move |child| (*child, inside))
        };
        let mut waiting: Vec<(Slot, bool)> = below(ROOT, false).collect();
        while let Some((slot, inside)) = waiting.pop() {
            let inside = inside || shown.matches.contains(&slot);
            if !inside && !shown.above.contains(&slot) {
                continue;
            }
            let open = self.is_open_in(view, slot);
            if open {
                waiting.extend(below(slot, inside));
            }
            take(self.view_of(slot, open));
        }
    }
}
