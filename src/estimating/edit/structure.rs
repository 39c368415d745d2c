//! Rows come, go and move.

use super::{
    DeleteConfirmation, HeadingFields, ItemFields, Place, RowKind,
    run::{Run, broken},
    text,
};
use crate::estimating::{
    cost::bounded,
    estimate::{NodeRow, ROOT, Slot, label},
    heading::{Heading, Stamp},
    id::{HeadingId, ItemId, LineId, UserId},
    item::{Item, ItemType, Parent},
    limits::CHANGES_MAX,
    number::Money,
    position::Position,
    refusal::Refusal,
    worksheet::Worksheet,
};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};
use uuid::Uuid;

/// The stamp of a row not finished yet; finishing the command sets who and when.
pub(super) fn unset() -> Stamp {
    Stamp::new(UserId(Uuid::nil()), 0)
}

impl Run<'_, '_> {
    pub(super) fn add_heading(
        &mut self,
        id: Option<Uuid>,
        parent: Option<Uuid>,
        place: Place,
        code: &str,
        name: &str,
    ) -> Result<Vec<Uuid>, Refusal> {
        let id = self.new_id(id)?;
        let slot = self.parent_slot(parent)?;
        if matches!(self.estimate.at(slot).row, NodeRow::Item(_)) {
            return Err(broken(15, id, Some("parentId"), "A heading cannot hang under an item."));
        }
        let position = self.one_position(slot, place)?;
        let heading = Heading {
            id: HeadingId(id),
            estimate: self.estimate.row().id,
            parent: parent.map(HeadingId),
            position,
            code: text::code(code)?,
            name: text::name(name)?,
            version: 0,
            stamp: unset(),
        };
        let new = self.estimate.add(self.work, NodeRow::Heading(heading.into()));
        self.estimate.hang(self.work, new, slot);
        Ok(vec![id])
    }

    pub(super) fn add_item(
        &mut self,
        id: Option<Uuid>,
        parent: Uuid,
        place: Place,
        set: &ItemFields,
    ) -> Result<Vec<Uuid>, Refusal> {
        let id = self.new_id(id)?;
        let slot = self.parent_slot(Some(parent))?;
        let position = self.one_position(slot, place)?;
        let parent = self.parent_of_items(slot, id)?;
        let item_type = match parent {
            Parent::Heading(_) => ItemType::Schedule,
            Parent::Item(_) => ItemType::Normal,
        };
        let mut item = Item {
            id: ItemId(id),
            estimate: self.estimate.row().id,
            parent,
            position,
            item_type,
            code: "".into(),
            description: "".into(),
            unit: None,
            quantity: None,
            takeoff_quantity: None,
            plug: None,
            indirect: false,
            inactive: false,
            reviewed: false,
            extra: None,
            version: 0,
            stamp: unset(),
        };
        let selects = self.set_fields(&mut item, set)?;
        let new = self.estimate.add(self.work, NodeRow::Item(item.into()));
        self.estimate.hang(self.work, new, slot);
        if selects {
            self.deselect_others(new);
        }
        Ok(vec![id])
    }

    fn one_position(&mut self, parent: Slot, place: Place) -> Result<Position, Refusal> {
        let run = self.positions(parent, place, 1)?;
        run.into_iter().next().ok_or_else(|| Refusal::invalid("place", "There is no such place."))
    }

    /// What items under `slot` name as their parent (BR-015).
    fn parent_of_items(&self, slot: Slot, item: Uuid) -> Result<Parent, Refusal> {
        match &self.estimate.at(slot).row {
            NodeRow::Heading(h) => Ok(Parent::Heading(h.id)),
            NodeRow::Item(i) => Ok(Parent::Item(i.id)),
            NodeRow::None => Err(broken(
                15,
                item,
                Some("parentId"),
                "An item hangs under a heading or another item, not at the top.",
            )),
        }
    }

    pub(super) fn update_heading(
        &mut self,
        id: Uuid,
        version: Option<u64>,
        set: &HeadingFields,
    ) -> Result<Vec<Uuid>, Refusal> {
        let slot = self.slot(id)?;
        let NodeRow::Heading(heading) = &self.estimate.at(slot).row else {
            return Err(Refusal::NotFound { what: "heading", id });
        };
        self.check_version("heading", id, version, heading.version)?;
        let mut heading = (**heading).clone();
        if let Some(code) = &set.code {
            heading.code = text::code(code)?;
        }
        if let Some(name) = &set.name {
            heading.name = text::name(name)?;
        }
        self.estimate.replace(self.work, slot, NodeRow::Heading(heading.into()));
        Ok(Vec::new())
    }

    /// Hangs `slots`, in order, under `parent` at `place` (BR-013 to BR-015, BR-022).
    fn place_rows(&mut self, slots: &[Slot], parent: Slot, place: Place) -> Result<(), Refusal> {
        for &slot in slots {
            let id = self.estimate.at(slot).row.id().unwrap_or_default();
            if self.is_within(parent, slot) {
                let message = "A row cannot move under itself or a row below it.";
                return Err(broken(14, id, Some("parentId"), message));
            }
        }
        // Leaving first frees the keys the rows take up among their old siblings.
        slots.iter().for_each(|slot| self.estimate.unhang(self.work, *slot));
        let positions = self.positions(parent, place, slots.len())?;
        for (&slot, position) in slots.iter().zip(positions) {
            let row = self.rehung(slot, parent, position)?;
            self.estimate.replace(self.work, slot, row);
            self.estimate.hang(self.work, slot, parent);
        }
        Ok(())
    }

    fn is_within(&self, mut slot: Slot, top: Slot) -> bool {
        loop {
            if slot == top {
                return true;
            }
            if slot == ROOT {
                return false;
            }
            slot = self.estimate.calc(slot).parent;
        }
    }

    fn rehung(&self, slot: Slot, parent: Slot, position: Position) -> Result<NodeRow, Refusal> {
        Ok(match &self.estimate.at(slot).row {
            NodeRow::None => NodeRow::None,
            NodeRow::Heading(h) => {
                let parent = match &self.estimate.at(parent).row {
                    NodeRow::None => None,
                    NodeRow::Heading(p) => Some(p.id),
                    NodeRow::Item(_) => {
                        let message = "A heading cannot hang under an item.";
                        return Err(broken(15, h.id.0, Some("parentId"), message));
                    }
                };
                NodeRow::Heading(Arc::new(Heading { parent, position, ..(**h).clone() }))
            }
            NodeRow::Item(i) => {
                let parent = self.parent_of_items(parent, i.id.0)?;
                NodeRow::Item(Arc::new(Item { parent, position, ..(**i).clone() }))
            }
        })
    }

    /// The slots of `ids` without those below another of them, in display order.
    fn tops(&self, ids: &[Uuid]) -> Result<Vec<Slot>, Refusal> {
        let slots = ids.iter().map(|id| self.slot(*id)).collect::<Result<Vec<_>, _>>()?;
        let chosen: std::collections::HashSet<Slot> = slots.iter().copied().collect();
        let mut tops = Vec::new();
        for &slot in &slots {
            let mut above = self.estimate.calc(slot).parent;
            while above != ROOT && !chosen.contains(&above) {
                above = self.estimate.calc(above).parent;
            }
            if above == ROOT && !tops.contains(&slot) {
                tops.push(slot);
            }
        }
        Ok(tops)
    }

    pub(super) fn move_rows(
        &mut self,
        ids: &[Uuid],
        parent: Option<Uuid>,
        place: Place,
    ) -> Result<Vec<Uuid>, Refusal> {
        let slots = self.tops(ids)?;
        let parent = self.parent_slot(parent)?;
        let place = self.place_without(parent, place, &slots);
        self.place_rows(&slots, parent, place)?;
        Ok(Vec::new())
    }

    /// `place` named by a row that itself moves: the nearest sibling that stays.
    fn place_without(&self, parent: Slot, place: Place, moving: &[Slot]) -> Place {
        let (id, after) = match place {
            Place::First | Place::Last => return place,
            Place::Before(id) => (id, false),
            Place::After(id) => (id, true),
        };
        let Some(slot) = self.estimate.slot(id).filter(|s| moving.contains(s)) else {
            return place;
        };
        let children = self.estimate.at(parent).children();
        let at = children.iter().position(|c| *c == slot).unwrap_or(0) + usize::from(after);
        let stays = |s: &&Slot| !moving.contains(*s);
        let row = |s: &Slot| self.estimate.at(*s).row.id().unwrap_or_default();
        match children.iter().take(at).rev().find(stays) {
            Some(before) => Place::After(row(before)),
            None => Place::First,
        }
    }

    pub(super) fn indent(&mut self, ids: &[Uuid]) -> Result<Vec<Uuid>, Refusal> {
        let slots = self.tops(ids)?;
        for &slot in &slots {
            let siblings = self.siblings(slot);
            let at = siblings.iter().position(|s| *s == slot).unwrap_or(0);
            let above = siblings.iter().take(at).rev().find(|s| !slots.contains(s)).copied();
            let Some(above) = above else {
                let message = "There is no row above on the same level to move it under.";
                return Err(Refusal::invalid("ids", message));
            };
            self.place_rows(&[slot], above, Place::Last)?;
        }
        Ok(Vec::new())
    }

    pub(super) fn outdent(&mut self, ids: &[Uuid]) -> Result<Vec<Uuid>, Refusal> {
        for slot in self.tops(ids)?.into_iter().rev() {
            let parent = self.estimate.calc(slot).parent;
            let Some(id) = self.estimate.at(parent).row.id() else {
                return Err(Refusal::invalid("ids", "The row is already at the top."));
            };
            let above = self.estimate.calc(parent).parent;
            self.place_rows(&[slot], above, Place::After(id))?;
        }
        Ok(Vec::new())
    }

    /// Moves each run of rows past the sibling above or below it.
    pub(super) fn shift(&mut self, ids: &[Uuid], up: bool) -> Result<Vec<Uuid>, Refusal> {
        let mut slots = self.tops(ids)?;
        if !up {
            slots.reverse();
        }
        for (n, &slot) in slots.iter().enumerate() {
            let parent = self.estimate.calc(slot).parent;
            let siblings = self.siblings(slot);
            let at = siblings.iter().position(|s| *s == slot).unwrap_or(0);
            let other = if up { at.checked_sub(1) } else { Some(at + 1) };
            let Some(&other) = other.and_then(|i| siblings.get(i)) else { continue };
            if slots.iter().take(n).any(|s| *s == other) {
                continue;
            }
            let id = self.estimate.at(other).row.id().unwrap_or_default();
            let place = if up { Place::Before(id) } else { Place::After(id) };
            self.place_rows(&[slot], parent, place)?;
        }
        Ok(Vec::new())
    }

    fn siblings(&self, slot: Slot) -> Vec<Slot> {
        self.estimate.at(self.estimate.calc(slot).parent).children().to_vec()
    }

    pub(super) fn delete(
        &mut self,
        ids: &[Uuid],
        confirm: Option<&DeleteConfirmation>,
    ) -> Result<Vec<Uuid>, Refusal> {
        let tops = self.tops(ids)?;
        self.check_confirmation(&tops, confirm)?;
        let mut gone = HashSet::new();
        for top in tops {
            let rows = self.estimate.subtree(top);
            if self.work.changes() + rows.len() > CHANGES_MAX {
                return Err(Refusal::TooMany { what: "deleted rows", limit: CHANGES_MAX });
            }
            for slot in rows.into_iter().rev() {
                gone.extend(self.estimate.at(slot).row.id());
                self.estimate.unhang(self.work, slot);
                self.estimate.remove(self.work, slot);
            }
        }
        self.delete_content_of(&gone);
        Ok(Vec::new())
    }

    /// BR-017: a heading that holds anything goes only when the person has seen what goes with it.
    fn check_confirmation(
        &self,
        tops: &[Slot],
        confirm: Option<&DeleteConfirmation>,
    ) -> Result<(), Refusal> {
        let full = |s: &Slot| {
            matches!(self.estimate.at(*s).row, NodeRow::Heading(_))
                && self.estimate.calc(*s).rows > 0
        };
        let Some(heading) = tops.iter().find(|s| full(s)) else { return Ok(()) };
        let mut items = 0_u64;
        let mut cents = 0_i64;
        for &top in tops {
            let heading = matches!(self.estimate.at(top).row, NodeRow::Heading(_));
            let calc = self.estimate.calc(top);
            cents += calc.cost.total().units();
            cents += if heading { calc.other.total().units() } else { 0 };
            let rows = self.estimate.subtree(top);
            items += rows
                .iter()
                .filter(|s| matches!(self.estimate.at(**s).row, NodeRow::Item(_)))
                .count() as u64;
        }
        let cost: Money = bounded(cents);
        let seen = confirm.is_some_and(|c| c.items == items && c.cost == cost.to_string());
        if seen {
            return Ok(());
        }
        let id = self.estimate.at(*heading).row.id().unwrap_or_default();
        let message = format!(
            "This would delete {items} {} costing {cost}. Confirm the number and the cost to do it.",
            if items == 1 { "item" } else { "items" }
        );
        let mut refusal = broken(17, id, Some("confirm"), message);
        if let Refusal::Violations(list) = &mut refusal {
            for v in &mut list.0 {
                v.facts = vec![("items", items.to_string()), ("cost", cost.to_string())];
            }
        }
        Err(refusal)
    }

    pub(super) fn duplicate(
        &mut self,
        ids: &[Uuid],
        parent: Option<Uuid>,
        place: Option<Place>,
    ) -> Result<Vec<Uuid>, Refusal> {
        let tops = self.tops(ids)?;
        let Some(&last) = tops.last() else { return Ok(Vec::new()) };
        let (parent, place) = match place {
            Some(place) => (self.parent_slot(parent)?, place),
            None => {
                let id = self.estimate.at(last).row.id().unwrap_or_default();
                (self.estimate.calc(last).parent, Place::After(id))
            }
        };
        let positions = self.positions(parent, place, tops.len())?;
        let mut made = Vec::new();
        for (&top, position) in tops.iter().zip(positions) {
            made.push(self.copy_tree(top, parent, position)?);
        }
        Ok(made)
    }

    /// Copies a row and all below it under new identities; gives the new row's identity.
    fn copy_tree(&mut self, top: Slot, parent: Slot, at: Position) -> Result<Uuid, Refusal> {
        let rows = self.estimate.subtree(top);
        if self.work.changes() + rows.len() > CHANGES_MAX {
            return Err(Refusal::TooMany { what: "copied rows", limit: CHANGES_MAX });
        }
        let mut copies: HashMap<Slot, Slot> = HashMap::new();
        for slot in rows {
            let above = self.estimate.calc(slot).parent;
            let under = if slot == top { parent } else { *copies.get(&above).unwrap_or(&parent) };
            let position = if slot == top {
                at
            } else {
                self.estimate.at(slot).row.position().cloned().unwrap_or(at)
            };
            let copy = self.copy_row(slot, under, position)?;
            copies.insert(slot, copy);
        }
        let id = |slot: Slot| self.estimate.at(slot).row.id().unwrap_or_default();
        let ids = copies.iter().map(|(from, to)| (id(*from), id(*to))).collect();
        self.copy_content(&ids)?;
        let copy = copies.get(&top).copied().unwrap_or(ROOT);
        Ok(self.estimate.at(copy).row.id().unwrap_or_default())
    }

    fn copy_row(&mut self, slot: Slot, under: Slot, at: Position) -> Result<Slot, Refusal> {
        let id = self.ids.next_id();
        let row = match self.rehung(slot, under, at)? {
            NodeRow::None => NodeRow::None,
            NodeRow::Heading(h) => NodeRow::Heading(Arc::new(Heading {
                id: HeadingId(id),
                version: 0,
                ..(*h).clone()
            })),
            NodeRow::Item(i) => {
                let mut copy = Item { id: ItemId(id), version: 0, reviewed: false, ..(*i).clone() };
                copy.with_extra(|e| e.option = None);
                NodeRow::Item(Arc::new(copy))
            }
        };
        let sheet = self.estimate.at(slot).sheet.clone();
        let new = self.estimate.add(self.work, row);
        self.estimate.hang(self.work, new, under);
        if let Some(sheet) = sheet {
            let mut sheet = Worksheet { item: ItemId(id), version: 0, ..(*sheet).clone() };
            sheet.lines.iter_mut().for_each(|l| l.id = LineId(self.ids.next_id()));
            self.estimate.replace_sheet(self.work, new, Some(sheet.into()));
        }
        Ok(new)
    }

    pub(super) fn convert(&mut self, id: Uuid, to: RowKind) -> Result<Vec<Uuid>, Refusal> {
        let slot = self.slot(id)?;
        let node = self.estimate.at(slot).clone();
        let parent = self.estimate.calc(slot).parent;
        let row = match (&node.row, to) {
            (NodeRow::Item(i), RowKind::Heading) => self.as_heading(i, &node, parent)?,
            (NodeRow::Heading(h), RowKind::Item) => self.as_item(h, &node, parent)?,
            (NodeRow::Item(_), RowKind::Item) | (NodeRow::Heading(_), RowKind::Heading) => {
                return Ok(vec![id]);
            }
            (NodeRow::None, _) => return Err(Refusal::NotFound { what: "row", id }),
        };
        self.estimate.unhang(self.work, slot);
        self.estimate.remove(self.work, slot);
        let made = row.id().unwrap_or_default();
        let new = self.estimate.add(self.work, row);
        self.estimate.hang(self.work, new, parent);
        Ok(vec![made])
    }

    fn as_heading(
        &mut self,
        item: &Item,
        node: &crate::estimating::estimate::Node,
        parent: Slot,
    ) -> Result<NodeRow, Refusal> {
        let above = match &self.estimate.at(parent).row {
            NodeRow::Heading(h) => Some(h.id),
            NodeRow::None => None,
            NodeRow::Item(_) => {
                let message = "A sub-item cannot become a heading.";
                return Err(broken(15, item.id.0, None, message));
            }
        };
        if item.plug.is_some() || node.sheet.is_some() || !node.children().is_empty() {
            let message = format!("{} has cost of its own: clear it first.", label(item));
            return Err(Refusal::invalid("to", message));
        }
        if self.estimate.content().by_item().contains_key(&item.id) {
            let message = format!("{} has text of its own: move or delete it first.", label(item));
            return Err(Refusal::invalid("to", message));
        }
        let name = if item.description.is_empty() { "Heading" } else { &item.description };
        Ok(NodeRow::Heading(Arc::new(Heading {
            id: HeadingId(self.ids.next_id()),
            estimate: item.estimate,
            parent: above,
            position: item.position,
            code: item.code.as_str().into(),
            name: text::name(&name.chars().take(500).collect::<String>())?,
            version: 0,
            stamp: unset(),
        })))
    }

    fn as_item(
        &mut self,
        heading: &Heading,
        node: &crate::estimating::estimate::Node,
        parent: Slot,
    ) -> Result<NodeRow, Refusal> {
        if !node.children().is_empty() {
            let message = "A heading that holds rows cannot become an item.";
            return Err(Refusal::invalid("to", message));
        }
        let id = self.ids.next_id();
        let parent = self.parent_of_items(parent, id)?;
        Ok(NodeRow::Item(Arc::new(Item {
            id: ItemId(id),
            estimate: heading.estimate,
            parent,
            position: heading.position,
            item_type: ItemType::Schedule,
            code: (&*heading.code).into(),
            description: (&*heading.name).into(),
            unit: self.catalogue.match_unit("LS"),
            quantity: Some(crate::estimating::formula::Formula::number(1.into())),
            takeoff_quantity: None,
            plug: None,
            indirect: false,
            inactive: false,
            reviewed: false,
            extra: None,
            version: 0,
            stamp: unset(),
        })))
    }
}
