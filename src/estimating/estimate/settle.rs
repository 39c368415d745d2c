//! The steps of a command: rows come, go and change, and what they touch is worked out again.

use super::{
    Estimate, NodeRow, Slot,
    broken::{label, violation},
    build::resolve_variables,
    nodes::DETACHED,
    prove::Proof,
    work::{Before, Table, Work},
};
use crate::estimating::{
    acknowledgement::{Acknowledgement, Matter},
    build_up::{BuildUpError, Fault},
    commercials::Commercials,
    content::Content,
    item::Item,
    limits::ESTIMATE_CENTS_MAX,
    refusal::Refusal,
    rules::{Violation, Violations},
    tender::{EstimateRow, EstimateState},
    worksheet::Worksheet,
};
use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashSet},
    sync::Arc,
};
use uuid::Uuid;

/// Rows to be worked out, the highest first, each with the edit that asks for it.
type Queue = BinaryHeap<Reverse<(u8, Slot, usize)>>;

impl Estimate {
    fn mark(&self, work: &mut Work<'_>, slot: Slot) {
        let edit = work.edit;
        let mark = work.mark(slot);
        mark.dirty.get_or_insert(edit);
        mark.changed = true;
    }

    fn keep_node(&self, work: &mut Work<'_>, slot: Slot) {
        match &self.at(slot).row {
            NodeRow::None => {}
            NodeRow::Heading(h) => {
                work.keep(Table::Node, h.id.0, || Before::Heading(h.id.0, Some(h.clone())))
            }
            NodeRow::Item(i) => {
                work.keep(Table::Node, i.id.0, || Before::Item(i.id.0, Some(i.clone())));
            }
        }
    }

    /// Adds a row. It hangs under nothing until [`Estimate::hang`].
    pub(crate) fn add(&mut self, work: &mut Work<'_>, row: NodeRow) -> Slot {
        let id = row.id().unwrap_or_default();
        let heading = matches!(row, NodeRow::Heading(_));
        work.keep(Table::Node, id, || {
            if heading { Before::Heading(id, None) } else { Before::Item(id, None) }
        });
        if let NodeRow::Item(item) = &row {
            work.options |= item.extra().option.is_some();
        }
        let slot = self.allocate(id, row);
        self.note_uses(slot);
        work.structure = true;
        slot
    }

    /// Hangs a row that hangs under nothing under `parent`.
    pub(crate) fn hang(&mut self, work: &mut Work<'_>, slot: Slot, parent: Slot) {
        self.attach(slot, parent);
        work.structure = true;
        for s in self.subtree(slot) {
            self.mark(work, s);
        }
        if matches!(self.at(parent).row, NodeRow::Item(_)) {
            self.mark(work, parent);
        }
        work.mark(parent).changed = true;
    }

    /// Takes a row out from under its parent, to be hung elsewhere or removed.
    pub(crate) fn unhang(&mut self, work: &mut Work<'_>, slot: Slot) {
        let parent = self.calc(slot).parent;
        if parent != DETACHED {
            let edit = work.edit;
            let mark = work.mark(parent);
            mark.changed = true;
            if matches!(self.at(parent).row, NodeRow::Item(_)) {
                mark.dirty.get_or_insert(edit);
            }
        }
        for s in self.subtree(slot) {
            work.unmark_dirty(s);
        }
        self.detach(slot);
        work.structure = true;
    }

    /// Replaces a row in its place; parent and position stay as they are.
    pub(crate) fn replace(&mut self, work: &mut Work<'_>, slot: Slot, row: NodeRow) {
        self.keep_node(work, slot);
        if let (NodeRow::Item(old), NodeRow::Item(new)) = (&self.at(slot).row, &row) {
            work.options |= old.extra().option != new.extra().option;
            work.client_sums |= old.item_type != new.item_type;
            let names = old.quantity != new.quantity || old.extra != new.extra;
            let formulas = |i: &Item| {
                i.quantity.as_ref().is_some_and(|q| q.as_number().is_none()) || i.extra.is_some()
            };
            if names && (formulas(old) || formulas(new)) {
                self.forget_uses(slot);
                self.node_mut(slot).row = row;
                self.note_uses(slot);
                self.mark(work, slot);
                return;
            }
        }
        self.node_mut(slot).row = row;
        self.mark(work, slot);
    }

    /// Replaces the worksheet of an item; an empty one is no worksheet.
    pub(crate) fn replace_sheet(
        &mut self,
        work: &mut Work<'_>,
        slot: Slot,
        sheet: Option<Arc<Worksheet>>,
    ) {
        let Some(id) = self.at(slot).row.id() else { return };
        let before = self.at(slot).sheet.clone();
        work.keep(Table::Sheet, id, || Before::Sheet(id, before));
        self.forget_uses(slot);
        #[cfg(test)]
        let sheet = sheet.map(misplaced);
        self.node_mut(slot).sheet = sheet.filter(|s| !s.is_empty());
        self.note_uses(slot);
        work.mark(slot).sheet = true;
        self.mark(work, slot);
    }

    /// Removes a row that hangs under nothing and has nothing below, with its worksheet.
    pub(crate) fn remove(&mut self, work: &mut Work<'_>, slot: Slot) {
        let Some(id) = self.at(slot).row.id() else { return };
        self.keep_node(work, slot);
        if let Some(sheet) = self.at(slot).sheet.clone() {
            work.keep(Table::Sheet, id, || Before::Sheet(id, Some(sheet)));
        }
        if let NodeRow::Item(item) = &self.at(slot).row {
            work.options |= item.extra().option.is_some();
            work.client_sums |= item.item_type.is_client_sum();
        }
        self.forget_uses(slot);
        work.marks.remove(&slot);
        work.removed.push(id);
        self.release(slot);
    }

    /// Replaces the estimate's own row.
    pub(crate) fn replace_row(&mut self, work: &mut Work<'_>, row: EstimateRow) {
        let before = self.row.clone();
        work.variables |= before.variables != row.variables;
        work.keep(Table::Estimate, before.id.0, || Before::Estimate(before));
        self.row = Arc::new(row);
    }

    /// Replaces the estimate's commercials.
    pub(crate) fn replace_commercials(&mut self, work: &mut Work<'_>, row: Commercials) {
        let before = self.commercials.clone();
        work.prices = true;
        work.keep(Table::Commercials, before.estimate.0, || Before::Commercials(before));
        self.commercials = Arc::new(row);
    }

    /// Replaces the estimate's content blocks.
    pub(crate) fn replace_content(&mut self, work: &mut Work<'_>, row: Content) {
        let before = self.content.clone();
        work.keep(Table::Content, before.estimate.0, || Before::Content(before));
        self.content = Arc::new(row);
    }

    /// Puts an acknowledgement of `matter` on `object` in the place of the one there, or takes that
    /// away.
    pub(crate) fn replace_acknowledgement(
        &mut self,
        work: &mut Work<'_>,
        matter: Matter,
        object: Uuid,
        row: Option<Acknowledgement>,
    ) {
        let before = self.acknowledgements.get(matter, object).cloned();
        let table = Table::Acknowledgement(matter);
        work.keep(table, object, || Before::Acknowledgement(matter, object, before));
        match row {
            Some(row) => self.acknowledgements.put(Arc::new(row)),
            None => self.acknowledgements.remove(matter, object),
        }
    }

    /// Works out everything the changed rows touch, and checks every rule on them.
    ///
    /// # Errors
    /// All rules broken, at most [`VIOLATIONS_MAX`].
    pub(crate) fn settle(&mut self, work: &mut Work<'_>) -> Result<(), Refusal> {
        if work.variables {
            self.settle_variables(work);
        }
        let dirty = work.dirty().map(|(slot, edit)| Reverse((self.calc(slot).depth, slot, edit)));
        let mut queue: Queue = dirty.collect();
        let mut unreview = Vec::new();
        while let Some(Reverse((depth, slot, edit))) = queue.pop() {
            // Asked for by several.
            while queue.peek().is_some_and(|Reverse(next)| (next.0, next.1) == (depth, slot)) {
                queue.pop();
            }
            self.settle_item(work, &mut queue, &mut unreview, slot, edit);
        }
        for slot in unreview {
            self.take_review_away(work, slot);
        }
        self.validate(work);
        self.derive_state(work);
        if self.totals().total().units().abs() > ESTIMATE_CENTS_MAX {
            let limit = "The estimate would cost more than one trillion dollars.";
            work.violate(violation(40, self.row.id.0, None, limit), work.edit);
        }
        if work.violations.is_empty() {
            return Ok(());
        }
        Err(Violations(std::mem::take(&mut work.violations)).into())
    }

    fn settle_variables(&mut self, work: &mut Work<'_>) {
        let values = match resolve_variables(&self.row.variables) {
            Ok(values) => values,
            Err((name, error)) => {
                let mut v = Violation::formula("variables", &error).object(self.row.id.0);
                v.message = format!("Variable {name}: {}", v.message);
                work.violate(v, work.edit);
                return;
            }
        };
        let before = std::mem::replace(&mut self.variables, values.into());
        let after = self.variables.clone();
        let lacks = |list: &[(Box<str>, _)], entry: &(Box<str>, _)| !list.contains(entry);
        let changed: HashSet<Box<str>> = before
            .iter()
            .filter(|e| lacks(&after, e))
            .chain(after.iter().filter(|e| lacks(&before, e)))
            .map(|(name, _)| name.clone())
            .collect();
        for name in changed {
            for slot in self.users_of_name(&name) {
                self.mark(work, slot);
                work.mark(slot).sheet = true;
            }
        }
    }

    fn settle_item(
        &mut self,
        work: &mut Work<'_>,
        queue: &mut Queue,
        unreview: &mut Vec<Slot>,
        slot: Slot,
        edit: usize,
    ) {
        let NodeRow::Item(item) = self.at(slot).row.clone() else { return };
        let mut proof = Proof::default();
        let value = match self.evaluate(slot, &item, work.catalogue, &mut proof) {
            #[cfg(test)]
            Ok(value) if crate::estimating::fault::planted(33) => value.one_cent_more(),
            Ok(value) => value,
            Err(error) => {
                let v = self.build_up_violation(slot, &item, &error);
                work.violate(v, edit);
                return;
            }
        };
        let mark = work.mark(slot);
        mark.proof = Some(proof);
        let own_changed = mark.changed;
        let before = *self.calc(slot);
        let after = before.with_item(&item, &value);
        *self.calc_mut(slot) = after;
        let difference = after.contribution() - before.contribution();
        #[cfg(test)]
        let difference = faulty(difference);
        if !difference.is_none() {
            self.carry_up(before.parent, difference);
        }
        let quantity = before.quantity != after.quantity;
        if quantity || before.other != after.other {
            work.mark(slot).sheet = true;
            #[cfg(test)]
            if crate::estimating::fault::planted(25) {
                return;
            }
            self.reviewed_above(slot, unreview);
        }
        self.negative_above(work, slot, edit);
        // Sub-items see the quantity and the variables of the items above them.
        if quantity || own_changed {
            for &child in self.at(slot).children() {
                let NodeRow::Item(below) = &self.at(child).row else { continue };
                let names = super::index::names_of(below, self.at(child).sheet.as_deref());
                if !names.is_empty() {
                    queue.push(Reverse((self.calc(child).depth, child, edit)));
                    let mark = work.mark(child);
                    (mark.changed, mark.sheet) = (true, true);
                }
            }
        }
    }

    /// Reviewed follows from the items (BR-018); any open item falls back to in progress. What was
    /// approved and then changed is approved no more.
    fn derive_state(&mut self, work: &mut Work<'_>) {
        let totals = self.totals();
        let all = totals.items > 0 && totals.reviewed == totals.items;
        let content = work.before.iter().any(|before| match before {
            Before::Acknowledgement(..) | Before::Quote(..) => false,
            // Only what a rule acts on forms the price; see below.
            Before::Package(..) | Before::Round(..) => false,
            Before::Estimate(_)
            | Before::Heading(..)
            | Before::Item(..)
            | Before::Sheet(..)
            | Before::Commercials(_)
            | Before::Content(_) => true,
        });
        let content = content || self.rules_act_on_others(work);
        let state = match (self.row.state, all) {
            (EstimateState::InProgress, true) => EstimateState::Reviewed,
            (EstimateState::Approved, true) if content => EstimateState::Reviewed,
            (EstimateState::Reviewed | EstimateState::Approved, false) => EstimateState::InProgress,
            (state, _) => state,
        };
        if state != self.row.state {
            let row = EstimateRow { state, ..(*self.row).clone() };
            self.replace_row(work, row);
        }
    }

    /// Whether packages have changed in what a commercial rule acts on. O(1) where none has changed.
    fn rules_act_on_others(&self, work: &Work<'_>) -> bool {
        let mut packages = self.packages.clone();
        let mut changed = false;
        for before in &work.before {
            if let Before::Package(id, row) = before {
                packages.put_package(*id, row.clone());
                changed = true;
            } else if let Before::Round(key, row) = before {
                packages.put_round(*key, row.clone());
                changed = true;
            }
        }
        // Rules that have changed themselves are content anyway.
        changed && packages.acted_on(&self.commercials) != self.packages.acted_on(&self.commercials)
    }

    /// Items from `slot` up that a person had reviewed (BR-025).
    fn reviewed_above(&self, slot: Slot, out: &mut Vec<Slot>) {
        let mut slot = slot;
        while let NodeRow::Item(item) = &self.at(slot).row {
            if item.reviewed && !out.contains(&slot) {
                out.push(slot);
            }
            slot = self.calc(slot).parent;
            if slot == DETACHED {
                return;
            }
        }
    }

    fn take_review_away(&mut self, work: &mut Work<'_>, slot: Slot) {
        let NodeRow::Item(item) = &self.at(slot).row else { return };
        let reviewed_now = work
            .before
            .iter()
            .any(|b| matches!(b, Before::Item(id, Some(old)) if *id == item.id.0 && !old.reviewed));
        if reviewed_now {
            return;
        }
        let item = Item { reviewed: false, ..(**item).clone() };
        let before = *self.calc(slot);
        self.keep_node(work, slot);
        let mut after = before;
        after.flags = after.flags.with(super::arena::Flags::REVIEWED, false);
        self.node_mut(slot).row = NodeRow::Item(Arc::new(item));
        *self.calc_mut(slot) = after;
        work.mark(slot).changed = true;
        self.carry_up(before.parent, after.contribution() - before.contribution());
    }

    /// No item's cost ends below zero (BR-043).
    fn negative_above(&self, work: &mut Work<'_>, slot: Slot, edit: usize) {
        let mut slot = slot;
        while let NodeRow::Item(item) = &self.at(slot).row {
            if self.calc(slot).cost.total().is_negative() {
                let message = format!(
                    "{} would cost {}: credits may not outweigh the rest of an item.",
                    label(item),
                    self.calc(slot).cost.total()
                );
                work.violate(violation(43, item.id.0, Some("cost"), message), edit);
                return;
            }
            slot = self.calc(slot).parent;
            if slot == DETACHED {
                return;
            }
        }
    }

    fn build_up_violation(&self, slot: Slot, item: &Item, error: &BuildUpError) -> Violation {
        let mut v = match &error.fault {
            Fault::Formula(e) => Violation::formula(error.field, e).object(item.id.0),
            Fault::Rule(rule, message) => {
                Violation::new(*rule, message).object(item.id.0).field(error.field)
            }
        };
        v.objects.extend(error.line.map(|l| l.0));
        let line = error.line.and_then(|id| {
            let sheet = self.at(slot).sheet.as_ref()?;
            sheet.lines.iter().position(|l| l.id == id)
        });
        v.message = match line {
            Some(n) => format!("{}, line {}: {}", label(item), n + 1, v.message),
            None => format!("{}: {}", label(item), v.message),
        };
        v
    }
}

/// What is carried up, as it is while a fault of BR-016 is planted.
#[cfg(test)]
fn faulty(difference: super::arena::Contribution) -> super::arena::Contribution {
    let lost = crate::estimating::fault::planted(16);
    if lost { Default::default() } else { difference }
}

/// A worksheet, as it is while a fault of BR-031 is planted.
#[cfg(test)]
fn misplaced(sheet: Arc<Worksheet>) -> Arc<Worksheet> {
    if !crate::estimating::fault::planted(31) {
        return sheet;
    }
    Arc::new(Worksheet { item: crate::estimating::id::ItemId(Uuid::nil()), ..(*sheet).clone() })
}
