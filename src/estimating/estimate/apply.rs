//! Changes taken as they are: undo and redo.

use super::{Estimate, NodeRow, ROOT, Slot, Work, broken::violation, work::Touched};
use crate::estimating::{
    catalogue::Catalogue,
    change::{Delta, EstimateChange},
    commercials::Commercials,
    content::Content,
    id::UserId,
    item::Parent,
    refusal::Refusal,
};
use std::sync::Arc;
use uuid::Uuid;

impl Estimate {
    /// Takes in changes of an earlier commit, or their inverse, in any order: rows come, go, move
    /// and change as the `after` images say. O(depth) for each row.
    ///
    /// Gives the changes as they really happened: versions and stamps move on, and items whose
    /// cost changed lose their review (BR-025).
    ///
    /// # Errors
    /// Any rule the result breaks, or a row whose parent is not there; the caller drops the
    /// estimate then.
    pub fn apply(
        &mut self,
        changes: &[EstimateChange],
        catalogue: &Catalogue,
        by: UserId,
        at_us: i64,
    ) -> Result<(Vec<EstimateChange>, Touched), Refusal> {
        self.begin();
        let mut work = Work::new(catalogue);
        let (mut loose, mut gone) = (Vec::new(), Vec::new());
        for change in changes {
            let (id, after) = match change {
                EstimateChange::Estimate(d) => {
                    if let Some(row) = &d.after {
                        self.replace_row(&mut work, (**row).clone());
                    }
                    continue;
                }
                EstimateChange::Commercials(d) => {
                    let none = || Commercials::none(self.row.id, self.row.stamp);
                    let row = d.after.as_ref().map_or_else(none, |row| (**row).clone());
                    self.replace_commercials(&mut work, row);
                    continue;
                }
                EstimateChange::Content(d) => {
                    let none = || Content::none(self.row.id, self.row.stamp);
                    let row = d.after.as_ref().map_or_else(none, |row| (**row).clone());
                    self.replace_content(&mut work, row);
                    continue;
                }
                EstimateChange::Package(d) => {
                    if let Some(row) = d.row() {
                        self.replace_package(&mut work, row.id, d.after.clone());
                    }
                    continue;
                }
                EstimateChange::Adjudication(d) => {
                    if let Some(row) = d.row() {
                        let key = (row.package, row.round);
                        self.replace_round(&mut work, key, d.after.clone());
                    }
                    continue;
                }
                EstimateChange::Quote(d) => {
                    if let Some(row) = d.row() {
                        self.replace_quote(&mut work, row.id, d.after.clone());
                    }
                    continue;
                }
                EstimateChange::Acknowledgement(d) => {
                    if let Some(row) = d.row() {
                        let after = d.after.as_deref().cloned();
                        self.replace_acknowledgement(&mut work, row.matter, row.object, after);
                    }
                    continue;
                }
                EstimateChange::Worksheet(_) => continue,
                EstimateChange::Heading(d) => {
                    (change.row_id(), d.after.clone().map(NodeRow::Heading))
                }
                EstimateChange::Item(d) => (change.row_id(), d.after.clone().map(NodeRow::Item)),
            };
            match (id.and_then(|id| self.slot(id)), after) {
                (None, Some(row)) => loose.push(self.add(&mut work, row)),
                (Some(slot), Some(row)) => self.apply_row(&mut work, &mut loose, slot, row),
                (Some(slot), None) => gone.push(slot),
                (None, None) => {
                    return Err(Refusal::NotFound { what: "row", id: id.unwrap_or_default() });
                }
            }
        }
        gone.iter().for_each(|slot| self.unhang(&mut work, *slot));
        for slot in loose {
            let parent = self.parent_of(&self.at(slot).row).ok_or_else(|| {
                let id = self.at(slot).row.id().unwrap_or_default();
                violation(15, id, Some("parentId"), "The row it hung under is not there any more.")
            })?;
            if self.subtree(slot).contains(&parent) {
                let id = self.at(slot).row.id().unwrap_or_default();
                return Err(violation(14, id, None, "A row cannot hang under itself.").into());
            }
            self.hang(&mut work, slot, parent);
        }
        for change in changes {
            if let EstimateChange::Worksheet(d) = change {
                self.apply_sheet(&mut work, d)?;
            }
        }
        for slot in gone {
            if !self.at(slot).children().is_empty() {
                return Err(Refusal::invalid(
                    "parentId",
                    "A row that would go still holds others.",
                ));
            }
            self.remove(&mut work, slot);
        }
        self.check_content()?;
        self.check_packages(&work)?;
        self.settle(&mut work)?;
        self.prove(&mut work)?;
        self.finish(work, by, at_us)
    }

    /// Text is attached to items that are there: an item somebody has written on since does not
    /// go by an undo, and text comes back only to an item that is there. O(blocks log n).
    fn check_content(&self) -> Result<(), Refusal> {
        let mut items = self.content.blocks.iter().filter_map(|block| block.item);
        if items.all(|item| self.item_slot(item).is_some()) {
            return Ok(());
        }
        let message = "Text is attached to an item that would not be there.";
        Err(Refusal::invalid("itemId", message))
    }

    fn apply_row(&mut self, work: &mut Work<'_>, loose: &mut Vec<Slot>, slot: Slot, row: NodeRow) {
        let same = self.parent_of(&row) == Some(self.calc(slot).parent)
            && self.at(slot).row.position() == row.position();
        if !same {
            self.unhang(work, slot);
            loose.push(slot);
        }
        self.replace(work, slot, row);
    }

    /// The slot of the parent a row names.
    fn parent_of(&self, row: &NodeRow) -> Option<Slot> {
        match row {
            NodeRow::None => None,
            NodeRow::Heading(h) => match h.parent {
                None => Some(ROOT),
                Some(parent) => self.heading_slot(parent.0),
            },
            NodeRow::Item(i) => match i.parent {
                Parent::Heading(parent) => self.heading_slot(parent.0),
                Parent::Item(parent) => self.item_slot(parent),
            },
        }
    }

    fn heading_slot(&self, id: Uuid) -> Option<Slot> {
        let slot = self.slot(id)?;
        matches!(self.at(slot).row, NodeRow::Heading(_)).then_some(slot)
    }

    fn apply_sheet(
        &mut self,
        work: &mut Work<'_>,
        d: &Delta<crate::estimating::worksheet::Worksheet>,
    ) -> Result<(), Refusal> {
        let Some(item) = d.row().map(|s| s.item) else { return Ok(()) };
        match self.item_slot(item) {
            Some(slot) => {
                self.replace_sheet(work, slot, d.after.as_ref().map(Arc::clone));
                Ok(())
            }
            None if d.after.is_none() => Ok(()),
            None => Err(Refusal::NotFound { what: "item", id: item.0 }),
        }
    }
}
