//! The end of a command: its changes row by row, and what followers are told.

use super::{
    Estimate, NodeRow,
    work::{Before, TOUCHED_ROWS_MAX, Touched, Work},
};
use crate::estimating::{
    acknowledgement::Acknowledgement,
    change::{Delta, EstimateChange},
    heading::Stamp,
    id::{ItemId, UserId},
    limits::CHANGES_MAX,
    refusal::Refusal,
};
use std::sync::Arc;

/// The version and stamp of a row after the command, from what it was before it.
pub(super) fn moved_on(
    version: u64,
    old: Option<(u64, Stamp)>,
    by: UserId,
    at: i64,
) -> (u64, Stamp) {
    match old {
        Some((v, stamp)) => (v + 1, stamp.touched(by, at)),
        None => (version + 1, Stamp::new(by, at)),
    }
}

impl Estimate {
    /// The command's changes, one per row, and what followers need to know. Versions and stamps
    /// move on; rows that ended as they began are no change.
    pub(crate) fn finish(
        &mut self,
        work: Work<'_>,
        by: UserId,
        at_us: i64,
    ) -> Result<(Vec<EstimateChange>, Touched), Refusal> {
        if work.before.len() > CHANGES_MAX {
            return Err(Refusal::TooMany { what: "changed rows", limit: CHANGES_MAX });
        }
        let touched = self.touched(&work);
        let plain =
            !touched.reload && !touched.structure && work.before.iter().all(Before::is_item);
        self.price.moved_on(plain.then_some(&touched.rows));
        let mut changes = Vec::with_capacity(work.before.len());
        for before in work.before {
            if let Some(change) = self.close(before, by, at_us) {
                changes.push(change);
            }
        }
        Ok((changes, touched))
    }

    fn close(&mut self, before: Before, by: UserId, at_us: i64) -> Option<EstimateChange> {
        match before {
            Before::Estimate(old) => {
                if *old == *self.row {
                    return None;
                }
                let row = Arc::make_mut(&mut self.row);
                (row.version, row.stamp) =
                    moved_on(row.version, Some((old.version, old.stamp)), by, at_us);
                let after = Some(self.row.clone());
                Some(EstimateChange::Estimate(Delta { before: Some(old), after }))
            }
            Before::Commercials(old) => {
                if *old == *self.commercials {
                    return None;
                }
                let row = Arc::make_mut(&mut self.commercials);
                let known = (old.version > 0).then_some((old.version, old.stamp));
                (row.version, row.stamp) = moved_on(0, known, by, at_us);
                for rule in row.rules.iter_mut() {
                    let was = old.rules.iter().find(|was| was.id == rule.id);
                    if was != Some(&*rule) {
                        let known = was.map(|was| (was.version, was.stamp));
                        (rule.version, rule.stamp) = moved_on(0, known, by, at_us);
                    }
                }
                let before = known.map(|_| old);
                Some(EstimateChange::Commercials(Delta {
                    before,
                    after: Some(self.commercials.clone()),
                }))
            }
            Before::Content(old) => {
                if *old == *self.content {
                    return None;
                }
                let row = Arc::make_mut(&mut self.content);
                let known = (old.version > 0).then_some((old.version, old.stamp));
                (row.version, row.stamp) = moved_on(0, known, by, at_us);
                let before = known.map(|_| old);
                let after = Some(self.content.clone());
                Some(EstimateChange::Content(Delta { before, after }))
            }
            Before::Package(id, old) => self.close_package(id, old, by, at_us),
            Before::Round(key, old) => self.close_round(key, old, by, at_us),
            Before::Quote(id, old) => self.close_quote(id, old, by, at_us),
            Before::Acknowledgement(matter, object, old) => {
                let after = self.acknowledgements.get(matter, object).cloned();
                if old == after {
                    return None;
                }
                let after = after.map(|row| {
                    let mut row = Acknowledgement::clone(&row);
                    let was = old.as_ref().map(|old| (old.version, old.stamp));
                    (row.version, row.stamp) = moved_on(0, was, by, at_us);
                    Arc::new(row)
                });
                if let Some(row) = &after {
                    self.acknowledgements.put(row.clone());
                }
                Some(EstimateChange::Acknowledgement(Delta { before: old, after }))
            }
            Before::Heading(id, old) => {
                let after = match self.slot(id).map(|s| &mut self.node_mut(s).row) {
                    Some(NodeRow::Heading(h)) if old.as_deref() != Some(&**h) => {
                        let row = Arc::make_mut(h);
                        let was = old.as_ref().map(|o| (o.version, o.stamp));
                        (row.version, row.stamp) = moved_on(row.version, was, by, at_us);
                        Some(h.clone())
                    }
                    Some(NodeRow::Heading(_)) => return None,
                    Some(NodeRow::Item(_) | NodeRow::None) | None => None,
                };
                (old.is_some() || after.is_some())
                    .then_some(EstimateChange::Heading(Delta { before: old, after }))
            }
            Before::Item(id, old) => {
                let after = match self.slot(id).map(|s| &mut self.node_mut(s).row) {
                    Some(NodeRow::Item(i)) if old.as_deref() != Some(&**i) => {
                        let row = Arc::make_mut(i);
                        let was = old.as_ref().map(|o| (o.version, o.stamp));
                        (row.version, row.stamp) = moved_on(row.version, was, by, at_us);
                        Some(i.clone())
                    }
                    Some(NodeRow::Item(_)) => return None,
                    Some(NodeRow::Heading(_) | NodeRow::None) | None => None,
                };
                (old.is_some() || after.is_some())
                    .then_some(EstimateChange::Item(Delta { before: old, after }))
            }
            Before::Sheet(id, old) => {
                let slot = self.slot(id);
                let sheet = slot.and_then(|s| self.node_mut(s).sheet.as_mut());
                let after = match sheet {
                    Some(sheet) if old.as_deref() != Some(&**sheet) => {
                        let row = Arc::make_mut(sheet);
                        row.version = old.as_ref().map_or(row.version, |o| o.version) + 1;
                        Some(sheet.clone())
                    }
                    Some(_) => return None,
                    None => None,
                };
                (old.is_some() || after.is_some())
                    .then_some(EstimateChange::Worksheet(Delta { before: old, after }))
            }
        }
    }

    /// What followers need to know of the work so far.
    pub(super) fn touched(&self, work: &Work<'_>) -> Touched {
        let mut touched = Touched {
            removed: work.removed.clone(),
            structure: work.structure,
            reload: work.changed().count() > TOUCHED_ROWS_MAX
                || work.removed.len() > TOUCHED_ROWS_MAX,
            ..Touched::default()
        };
        if touched.reload {
            touched.removed.clear();
            return touched;
        }
        touched.rows = work.above.iter().filter_map(|s| self.at(*s).row.id()).collect();
        touched.reload = touched.rows.len() > TOUCHED_ROWS_MAX;
        touched.rows.truncate(TOUCHED_ROWS_MAX);
        touched.worksheets = work
            .sheets()
            .filter_map(|s| self.at(s).row.id().map(ItemId))
            .take(TOUCHED_ROWS_MAX)
            .collect();
        touched.worksheets.sort_unstable();
        touched
    }
}
