//! Nodes come, go and move; what they add to their ancestors goes with them.

use super::{
    Calc, Estimate, Node, NodeRow, Slot,
    arena::{Contribution, Flags},
};
use std::sync::Arc;
use uuid::Uuid;

/// Parent of a node that hangs under nothing yet.
pub(super) const DETACHED: Slot = Slot::MAX;

impl Estimate {
    /// Gives a new row a slot; it hangs under nothing yet.
    pub(super) fn allocate(&mut self, id: Uuid, row: NodeRow) -> Slot {
        let node = Node { row, sheet: None, children: None };
        let item = matches!(node.row, NodeRow::Item(_));
        let calc = Calc {
            parent: DETACHED,
            flags: Flags::default().with(Flags::ITEM, item),
            ..Calc::default()
        };
        let slot = match self.free.pop_back() {
            Some(slot) => {
                *self.node_mut(slot) = node;
                *self.calc_mut(slot) = calc;
                slot
            }
            None => {
                self.nodes.push(node);
                self.calc.push(calc);
                (self.nodes.len() - 1) as Slot
            }
        };
        self.index.insert(id, slot);
        if let Some(was) = &mut self.was {
            was.note_came(slot);
        }
        slot
    }

    /// Frees the slot of a row that hangs under nothing and has nothing below.
    pub(super) fn release(&mut self, slot: Slot) {
        if let Some(id) = self.at(slot).row.id() {
            self.index.remove(id);
            if let Some(was) = &mut self.was {
                was.note_released(slot, id);
            }
        }
        *self.node_mut(slot) = Node::FREE;
        *self.calc_mut(slot) = Calc { parent: DETACHED, ..Calc::default() };
        self.free.push_back(slot);
    }

    /// Takes a node out from under its parent, with all below it.
    pub(super) fn detach(&mut self, slot: Slot) {
        let parent = self.calc(slot).parent;
        if parent == DETACHED {
            return;
        }
        let gone = Contribution::default() - self.calc(slot).contribution();
        self.carry_up(parent, gone);
        let node = self.node_mut(parent);
        if let Some(children) = &mut node.children {
            if children.len() == 1 {
                node.children = None;
            } else {
                let children = Arc::make_mut(children);
                children.retain(|c| *c != slot);
            }
        }
        self.calc_mut(slot).parent = DETACHED;
    }

    /// Hangs a node under `parent`, at the place its position gives it.
    pub(super) fn attach(&mut self, slot: Slot, parent: Slot) {
        let place = self.place_among(parent, slot);
        let children = self.node_mut(parent).children.get_or_insert_with(Default::default);
        Arc::make_mut(children).insert(place, slot);
        let depth = self.calc(parent).depth + 1;
        let sub_item = self.calc(parent).flags.has(Flags::ITEM);
        let calc = self.calc_mut(slot);
        calc.parent = parent;
        calc.flags = calc.flags.with(Flags::SUB_ITEM, sub_item);
        if calc.depth != depth {
            self.set_depth(slot, depth);
        }
        let come = self.calc(slot).contribution();
        self.carry_up(parent, come);
    }

    /// Where `slot` belongs among the children of `parent`.
    fn place_among(&self, parent: Slot, slot: Slot) -> usize {
        let key = |s: Slot| {
            let row = &self.at(s).row;
            (row.position(), row.id())
        };
        let own = key(slot);
        let children = self.at(parent).children();
        if children.last().is_some_and(|last| key(*last) < own) {
            return children.len();
        }
        children.partition_point(|c| key(*c) < own)
    }

    fn set_depth(&mut self, slot: Slot, depth: u8) {
        let base = self.calc(slot).depth;
        for s in self.subtree(slot) {
            let calc = self.calc_mut(s);
            calc.depth = calc.depth.wrapping_sub(base).wrapping_add(depth);
        }
    }

    /// Adds a difference to `slot` and its ancestors: O(depth), and shorter where it dies out.
    pub(super) fn carry_up(&mut self, mut slot: Slot, mut difference: Contribution) {
        while !difference.is_none() && slot != DETACHED {
            let calc = self.calc_mut(slot);
            let before = calc.contribution();
            calc.absorb(&difference);
            difference = calc.contribution() - before;
            slot = if slot == super::ROOT { DETACHED } else { calc.parent };
        }
    }
}
