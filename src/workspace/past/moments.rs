//! The moments of an estimate: the commits that touched it.
//!
//! Which commits those are is read from the log once and then only what came since, a number for
//! each; everything else about a moment is read from its record when it is shown.

use super::NoSuchMoment;
use crate::{
    estimating::id::{EstimateId, UserId},
    ledger::{Change, Lsn, Record, SYSTEM_ACTOR, Snapshot},
    workspace::{
        Workspace, WorkspaceError,
        command::Scope,
        note::{CommitNote, NoteTotals},
        tables,
    },
};
use parking_lot::Mutex;
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};
use uuid::Uuid;

/// Moments in one page at most.
pub const MOMENTS_PAGE_MAX: usize = 500;

/// A commit that touched an estimate.
#[derive(Clone, Debug, PartialEq)]
pub struct Moment {
    /// The commit.
    pub lsn: Lsn,
    /// When, microseconds since 1970, UTC.
    pub at_us: i64,
    /// Who.
    pub actor: UserId,
    /// Their name.
    pub actor_name: Arc<str>,
    /// The command's name, such as `update-item`.
    pub command: String,
    /// What was done, in words.
    pub label: String,
    /// Rows of the estimate it changed.
    pub rows: usize,
    /// The first heading or item among them that it did not delete.
    pub row: Option<Uuid>,
    /// Totals of the estimate after it, where it stored them.
    pub totals: Option<NoteTotals>,
    /// Whether it can be taken back, unless its rows have changed since.
    pub reversible: bool,
}

/// Some moments of an estimate, newest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MomentPage {
    /// The moments.
    pub items: Vec<Moment>,
    /// What to ask for next: moments before this commit.
    pub next: Option<Lsn>,
    /// Moments of all pages together.
    pub total: usize,
}

/// The commits that touched each estimate, as far as the log has been read.
#[derive(Default)]
pub(in crate::workspace) struct Moments(Mutex<Known>);

#[derive(Default)]
struct Known {
    upto: Lsn,
    of: HashMap<EstimateId, Vec<Lsn>>,
}

impl Moments {
    /// The commits that touched an estimate, oldest first, up to the newest of the snapshot.
    /// O(commits since last asked).
    pub(in crate::workspace) fn of(
        &self,
        snapshot: &Snapshot,
        id: EstimateId,
    ) -> Result<Vec<Lsn>, WorkspaceError> {
        let (anchor, head) = (snapshot.anchor()?.lsn, snapshot.head()?.lsn);
        let mut known = self.0.lock();
        if known.upto < head {
            for record in snapshot.records(known.upto.next()..)? {
                let record = record?;
                let touched: HashSet<EstimateId> =
                    record.changes.iter().filter_map(estimate_touched).collect();
                for id in touched {
                    known.of.entry(id).or_default().push(record.lsn);
                }
                known.upto = record.lsn;
            }
        }
        let mut all = known.of.get(&id).cloned().unwrap_or_default();
        // Another reader may have read further than this snapshot sees.
        all.truncate(all.partition_point(|lsn| *lsn <= head));
        // The oldest may have been given up since.
        all.drain(..all.partition_point(|lsn| *lsn <= anchor));
        Ok(all)
    }
}

/// The estimate a change is of: its own row, or one inside it.
pub(super) fn estimate_touched(change: &Change) -> Option<EstimateId> {
    let inside =
        change.table == tables::ESTIMATES || tables::INSIDE_ESTIMATES.contains(&change.table);
    if inside { tables::estimate_of_key(&change.key) } else { None }
}

/// The heading or item a change leaves changed, itself or its worksheet.
fn row_changed(change: &Change) -> Option<Uuid> {
    let is_row = [tables::HEADINGS, tables::ITEMS, tables::WORKSHEETS].contains(&change.table);
    if !is_row || change.after.is_none() {
        return None;
    }
    tables::split_estimate_key(&change.key).map(|(_, row)| row)
}

/// The totals an estimate had after the newest of `moments`, as commits stored them: those of its
/// own edits, and of the one that made it.
pub(super) fn stored_totals(
    snapshot: &Snapshot,
    id: EstimateId,
    moments: &[Lsn],
) -> Result<Option<NoteTotals>, WorkspaceError> {
    for lsn in moments.iter().rev() {
        let Some(record) = snapshot.record(*lsn)? else { continue };
        if let Some(totals) = totals_of(&record, &CommitNote::of(&record)?, id) {
            return Ok(Some(totals));
        }
        let inside = |change: &Change| {
            change.table != tables::ESTIMATES && estimate_touched(change) == Some(id)
        };
        if record.changes.iter().any(inside) {
            // It changed figures and stored none: older ones say nothing about them.
            return Ok(None);
        }
    }
    Ok(None)
}

/// The totals in a note, where they are those of `id`.
fn totals_of(record: &Record, note: &CommitNote, id: EstimateId) -> Option<NoteTotals> {
    let made = |change: &Change| {
        change.table == tables::ESTIMATES
            && change.before.is_none()
            && estimate_touched(change) == Some(id)
    };
    let own = note.scope == Some(Scope::Estimate(id)) || record.changes.iter().any(made);
    note.totals.filter(|_| own)
}

impl Workspace {
    /// The commits that touched an estimate, newest first: at most `limit` before commit `before`.
    /// O(size of those commits), and of what was committed since moments were last asked for.
    ///
    /// # Errors
    /// `NotFound` for an estimate there never was; storage errors.
    pub fn moments(
        &self,
        id: EstimateId,
        before: Option<Lsn>,
        limit: usize,
    ) -> Result<MomentPage, WorkspaceError> {
        let snapshot = self.reader().snapshot()?;
        let all = self.moments.of(&snapshot, id)?;
        if all.is_empty() && self.published().library.estimate(id).is_none() {
            return Err(WorkspaceError::NotFound { what: "estimate", id: id.0 });
        }
        let end = before.map_or(all.len(), |before| all.partition_point(|lsn| *lsn < before));
        let start = end.saturating_sub(limit.clamp(1, MOMENTS_PAGE_MAX));
        let page = all.get(start..end).unwrap_or_default();
        let mut items = Vec::with_capacity(page.len());
        for lsn in page.iter().rev() {
            if let Some(record) = snapshot.record(*lsn)? {
                items.push(self.moment(id, &record)?);
            }
        }
        let next = page.first().copied().filter(|_| start > 0);
        Ok(MomentPage { items, next, total: all.len() })
    }

    fn moment(&self, id: EstimateId, record: &Record) -> Result<Moment, WorkspaceError> {
        let note = CommitNote::of(record)?;
        let own = record.changes.iter().filter(|change| estimate_touched(change) == Some(id));
        Ok(Moment {
            lsn: record.lsn,
            at_us: record.at_us,
            actor: UserId(Uuid::from_bytes(record.actor)),
            actor_name: self.name_in_history(record),
            command: record.command.clone(),
            rows: own.clone().count(),
            row: own.clone().find_map(row_changed),
            totals: totals_of(record, &note, id),
            reversible: note.scope == Some(Scope::Estimate(id)),
            label: note.in_words(),
        })
    }

    /// Who made a commit, by name.
    pub(in crate::workspace) fn name_in_history(&self, record: &Record) -> Arc<str> {
        if record.actor == SYSTEM_ACTOR {
            return "oxFlow".into();
        }
        let actor = UserId(Uuid::from_bytes(record.actor));
        self.people.name(actor).unwrap_or_else(|| "somebody".into())
    }

    /// The newest commit made at or before a time, in microseconds since 1970, UTC. O(log n
    /// records read).
    ///
    /// # Errors
    /// `Moment` for a time before the first commit or beyond now; storage errors.
    pub fn commit_at(&self, at_us: i64) -> Result<Lsn, WorkspaceError> {
        if at_us > super::super::system_clock_us() {
            return Err(NoSuchMoment::Future.into());
        }
        let snapshot = self.reader().snapshot()?;
        let anchor = snapshot.anchor()?.lsn;
        // Commits are in order of time: `low` is at or before it, `high` after it.
        let (mut low, mut high) = (anchor.0, snapshot.head()?.lsn.0.saturating_add(1));
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            match snapshot.record(Lsn(middle))? {
                Some(record) if record.at_us > at_us => high = middle,
                Some(_) | None => low = middle,
            }
        }
        if low > anchor.0 {
            return Ok(Lsn(low));
        }
        Err(if anchor == Lsn::ZERO { NoSuchMoment::NotThere } else { NoSuchMoment::NotKept }.into())
    }
}
