//! Working an estimate's figures out again from its stored rows (BR-016).

use super::{Alarm, Workspace, WorkspaceError, load};
use crate::estimating::{
    estimate::Totals,
    id::{EstimateId, UserId},
    rules::RuleId,
};

/// Readings of an estimate that others go on changing before the last is taken as it is.
const READINGS_MAX: usize = 4;

/// What working an estimate out again came to.
#[derive(Clone, Debug)]
pub struct Recalculated {
    /// Its rows.
    pub rows: usize,
    /// Its totals as everybody sees them.
    pub totals: Totals,
    /// What differs, in words; none when every figure agrees.
    pub difference: Option<String>,
}

impl Workspace {
    /// Builds an estimate from its stored rows, works every figure out in full, and compares both
    /// with the estimate in memory. A difference raises the alarm in the name of `by`. O(rows).
    ///
    /// # Errors
    /// `NotFound`, or storage errors.
    pub fn recalculate(&self, id: EstimateId, by: UserId) -> Result<Recalculated, WorkspaceError> {
        let mut readings = 0;
        loop {
            readings += 1;
            let live = self.estimate_blocking(id)?;
            let snapshot = self.reader().snapshot()?;
            let published = self.published_at(snapshot.head()?.lsn)?;
            let catalogue = &published.library.catalogue;
            let stored = load::load_estimate(&snapshot, id, catalogue)?;
            let moved = published.changed_at(id) != self.published().changed_at(id)
                || !published.estimate(id).is_some_and(|now| std::sync::Arc::ptr_eq(now, &live));
            if moved && readings < READINGS_MAX {
                continue;
            }
            let totals = live.totals();
            let difference = match (live.recompute(catalogue), stored.recompute(catalogue)) {
                (Err(mismatch), _) | (Ok(()), Err(mismatch)) => Some(mismatch.to_string()),
                (Ok(()), Ok(())) if !moved && stored.totals() != totals => {
                    Some("the stored rows come to other totals than those shown".to_owned())
                }
                (Ok(()), Ok(())) => None,
            };
            if let Some(message) = &difference {
                self.raise_difference(id, by, message);
            }
            return Ok(Recalculated { rows: live.len(), totals, difference });
        }
    }

    /// Tells that the back-up of the organisation could not be restored as it should be (BR-119: what
    /// is kept of its log does not lead to its rows).
    pub fn drill_failed(&self, message: &str) {
        self.shared.work.alarms.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        self.watch.raised(&Alarm {
            rule: RuleId::br(119),
            message: message.to_owned(),
            objects: Vec::new(),
            command: "restore-drill",
            by: UserId(uuid::Uuid::nil()),
            at_us: super::system_clock_us(),
        });
    }

    fn raise_difference(&self, id: EstimateId, by: UserId, message: &str) {
        tracing::error!(estimate = %id, "an estimate does not add up: {message}");
        self.watch.raised(&Alarm {
            rule: RuleId::br(16),
            message: message.to_owned(),
            objects: vec![id.0],
            command: "recalculate",
            by,
            at_us: super::system_clock_us(),
        });
    }
}
