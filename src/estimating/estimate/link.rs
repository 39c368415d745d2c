//! Rows into a tree in bulk: who hangs under whom, in which order, and what everything costs.

use super::{
    Calc, Estimate, Node, NodeRow, ROOT, Slot, arena::Flags, build::BuildError, identities::Table,
    pages::Pages,
};
use crate::estimating::{catalogue::Catalogue, item::Parent};
use rayon::prelude::*;
use std::sync::Arc;

/// Rows that one processor works on at a time.
const ROWS_AT_ONCE: usize = 1_024;
/// Items worked out before their figures are put down.
const BATCH: usize = 65_536;

/// Hangs every node under its parent, children sorted; returns the slots in display order.
pub(super) fn link(
    nodes: &mut [Node],
    calc: &mut [Calc],
    index: &Table,
) -> Result<Vec<Slot>, BuildError> {
    let all = &*nodes;
    let each = all.par_iter().with_min_len(ROWS_AT_ONCE);
    let parents: Vec<_> = each.map(|node| parent(all, node, index)).collect();
    // Where the children of each slot begin in the list of all children.
    let mut starts = vec![0_u32; nodes.len() + 1];
    for (slot, above) in parents.into_iter().enumerate().skip(1) {
        let above = above?;
        calc[slot].parent = above;
        let item = matches!(nodes[slot].row, NodeRow::Item(_));
        calc[slot].flags = Flags::default().with(Flags::ITEM, item);
        starts[above as usize + 1] += 1;
    }
    for slot in 1..starts.len() {
        starts[slot] += starts[slot - 1];
    }
    let mut next = starts.clone();
    let mut children = vec![ROOT; nodes.len() - 1];
    for slot in 1..nodes.len() {
        let place = &mut next[calc[slot].parent as usize];
        children[*place as usize] = slot as Slot;
        *place += 1;
    }
    for parent in 0..nodes.len() {
        let own = &mut children[starts[parent] as usize..starts[parent + 1] as usize];
        if !own.is_empty() {
            let key = |s: &Slot| (nodes[*s as usize].row.position(), nodes[*s as usize].row.id());
            if !own.is_sorted_by_key(key) {
                own.sort_unstable_by(|a, b| key(a).cmp(&key(b)));
            }
            nodes[parent].children = Some(Arc::new(own.to_vec()));
        }
    }
    in_order(nodes, calc)
}

/// The slot of the parent a node names.
fn parent(nodes: &[Node], node: &Node, index: &Table) -> Result<Slot, BuildError> {
    let id = match &node.row {
        NodeRow::None => None,
        NodeRow::Heading(h) => h.parent.map(|p| p.0),
        NodeRow::Item(i) => Some(i.parent.uuid()),
    };
    let Some(id) = id else { return Ok(ROOT) };
    match index.get(&id) {
        Some(above) if may_hold(&nodes[*above as usize].row, &node.row) => Ok(*above),
        Some(_) | None => {
            Err(BuildError::NoParent { row: node.row.id().unwrap_or_default(), parent: id })
        }
    }
}

/// Whether a row of the kind of `above` may hold one of the kind of `below` (BR-015).
fn may_hold(above: &NodeRow, below: &NodeRow) -> bool {
    match (above, below) {
        (NodeRow::Heading(_), NodeRow::Heading(_)) => true,
        (NodeRow::Heading(h), NodeRow::Item(i)) => i.parent == Parent::Heading(h.id),
        (NodeRow::Item(_), NodeRow::Item(i)) => matches!(i.parent, Parent::Item(_)),
        (NodeRow::None, _) | (_, NodeRow::None) | (NodeRow::Item(_), NodeRow::Heading(_)) => false,
    }
}

/// The slots in display order; sets how deep each is.
fn in_order(nodes: &[Node], calc: &mut [Calc]) -> Result<Vec<Slot>, BuildError> {
    let mut order = Vec::with_capacity(nodes.len());
    let mut open: Vec<Slot> = nodes[0].children().iter().rev().copied().collect();
    while let Some(slot) = open.pop() {
        let parent = calc[slot as usize].parent as usize;
        let (depth, above_is_item) = (calc[parent].depth, calc[parent].flags.has(Flags::ITEM));
        let own = &mut calc[slot as usize];
        own.depth = depth.saturating_add(1);
        own.flags = own.flags.with(Flags::SUB_ITEM, above_is_item);
        order.push(slot);
        open.extend(nodes[slot as usize].children().iter().rev());
    }
    match nodes.len() - 1 - order.len() {
        0 => Ok(order),
        rows => Err(BuildError::Circle { rows }),
    }
}

impl Estimate {
    /// Works every item out and adds everything up. `calc` has the tree in it, `order` every slot
    /// in display order.
    pub(super) fn evaluate_all(
        &mut self,
        mut calc: Vec<Calc>,
        order: &[Slot],
        catalogue: &Catalogue,
    ) {
        for level in levels(&calc, order) {
            for batch in level.chunks(BATCH) {
                let each = batch.par_iter().with_min_len(ROWS_AT_ONCE);
                let fresh: Vec<Calc> = each.map(|slot| self.fresh(*slot, catalogue)).collect();
                for (&slot, fresh) in batch.iter().zip(fresh) {
                    calc[slot as usize] = fresh;
                    if self.at(slot).children.is_some() {
                        // Sub-items ask for the quantity above them.
                        *self.calc_mut(slot) = fresh;
                    }
                }
            }
        }
        for &slot in order.iter().rev() {
            let own = &calc[slot as usize];
            let (parent, contribution) = (own.parent, own.contribution());
            calc[parent as usize].absorb(&contribution);
        }
        self.calc = Pages::from(calc);
    }

    /// The figures of a row by itself: an item worked out, a heading as it is.
    fn fresh(&self, slot: Slot, catalogue: &Catalogue) -> Calc {
        let calc = *self.calc(slot);
        let NodeRow::Item(item) = &self.at(slot).row else { return calc };
        match self.evaluate(slot, item, catalogue, &mut ()) {
            Ok(value) => calc.with_item(item, &value),
            Err(_) => calc.with_fault(item),
        }
    }
}

/// The items, those under headings first, then their sub-items level by level.
fn levels(calc: &[Calc], order: &[Slot]) -> Vec<Vec<Slot>> {
    let mut nesting = vec![0_u8; calc.len()];
    let mut levels: Vec<Vec<Slot>> = Vec::new();
    for &slot in order {
        let own = &calc[slot as usize];
        if !own.flags.has(Flags::ITEM) {
            continue;
        }
        let level = match own.flags.has(Flags::SUB_ITEM) {
            true => nesting[own.parent as usize].saturating_add(1),
            false => 0,
        };
        nesting[slot as usize] = level;
        if levels.len() <= usize::from(level) {
            levels.resize_with(usize::from(level) + 1, Vec::new);
        }
        levels[usize::from(level)].push(slot);
    }
    levels
}
