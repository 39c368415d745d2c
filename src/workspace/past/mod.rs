//! An estimate as it was at an earlier commit.
//!
//! A past state never changes, so those asked for last are kept in memory: a client that scrolls
//! through a moment has it worked out once. What is kept is bounded by number and by bytes.

mod moments;

pub(super) use moments::Moments;
pub use moments::{Moment, MomentPage};

use super::{Workspace, WorkspaceError, note::NoteTotals, rows::Stored, tables};
use crate::{
    estimating::{
        acknowledgement::Acknowledgement,
        commercials::Commercials,
        content::Content,
        estimate::Estimate,
        heading::Heading,
        id::EstimateId,
        item::Item,
        quotes::{Adjudication, Package, Packages, Quote},
        tender::EstimateRow,
        worksheet::Worksheet,
    },
    ledger::{Lsn, Snapshot, TableId},
};
use parking_lot::Mutex;
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    ops::ControlFlow,
    sync::Arc,
};

/// Past states kept in memory; beyond that those longest unused go.
const PAST_STATES_MAX: usize = 64;
/// Memory the past states may take, in bytes; the one asked for last always stays.
const PAST_BYTES_MAX: usize = 512 * 1024 * 1024;

type Rows = BTreeMap<(TableId, Vec<u8>), Vec<u8>>;

/// Why there is no state at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoSuchMoment {
    /// It has not come yet.
    #[error("that moment has not come yet: nothing has been committed there")]
    Future,
    /// The estimate was not there yet, or was deleted before.
    #[error("the estimate was not there at that moment")]
    NotThere,
    /// The log kept here begins later.
    #[error("the log kept here does not reach back to that moment")]
    NotKept,
}

/// An estimate as a commit left it.
#[derive(Clone)]
pub struct Past {
    /// The newest commit up to the moment that touched the estimate.
    pub lsn: Lsn,
    /// The estimate.
    pub estimate: Arc<Estimate>,
    /// The totals stored with that state; none where no commit stored any.
    pub totals: Option<NoteTotals>,
}

impl std::fmt::Debug for Past {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let id = self.estimate.row().id;
        f.debug_struct("Past").field("estimate", &id).field("lsn", &self.lsn).finish()
    }
}

/// Which state: the estimate, and the newest commit in it that touched it.
type Key = (EstimateId, Lsn);

/// Past states by estimate and commit, the one asked for last at the end.
#[derive(Default)]
pub(super) struct Kept {
    states: Mutex<Vec<(Key, Past)>>,
    /// One gate per state being worked out, so that it is worked out once.
    working: Mutex<HashMap<Key, Arc<Mutex<()>>>>,
}

impl Kept {
    fn get(&self, key: Key) -> Option<Past> {
        let mut states = self.states.lock();
        let at = states.iter().position(|(known, _)| *known == key)?;
        let state = states.remove(at);
        let past = state.1.clone();
        states.push(state);
        Some(past)
    }

    fn put(&self, key: Key, past: Past) {
        let mut states = self.states.lock();
        states.retain(|(known, _)| *known != key);
        states.push((key, past));
        let mut bytes: usize = states.iter().map(|(_, past)| past.estimate.bytes()).sum();
        while states.len() > 1 && (states.len() > PAST_STATES_MAX || bytes > PAST_BYTES_MAX) {
            bytes -= states.remove(0).1.estimate.bytes();
        }
    }
}

impl Workspace {
    /// An estimate as commit `at` left it. O(1) for a state asked for lately; else O(rows + the
    /// estimate's own commits since).
    ///
    /// # Errors
    /// `NotFound` for an estimate there never was, `Moment` where it has no state then, storage
    /// errors.
    pub fn estimate_at(&self, id: EstimateId, at: Lsn) -> Result<Past, WorkspaceError> {
        let snapshot = self.reader().snapshot()?;
        if at > snapshot.head()?.lsn {
            return Err(NoSuchMoment::Future.into());
        }
        let anchor = snapshot.anchor()?.lsn;
        if at < anchor {
            return Err(NoSuchMoment::NotKept.into());
        }
        let moments = self.moments.of(&snapshot, id)?;
        if moments.is_empty() && self.published().library.estimate(id).is_none() {
            return Err(WorkspaceError::NotFound { what: "estimate", id: id.0 });
        }
        let since = moments.partition_point(|lsn| *lsn <= at);
        let (before, after) = moments.split_at(since);
        let lsn = before.last().copied().unwrap_or(anchor);
        let key = (id, lsn);
        if let Some(past) = self.past.get(key) {
            return Ok(past);
        }
        let gate = self.past.working.lock().entry(key).or_default().clone();
        let result = {
            let _turn = gate.lock();
            match self.past.get(key) {
                Some(past) => Ok(past),
                None => self.work_out(&snapshot, id, lsn, before, after),
            }
        };
        self.past.working.lock().remove(&key);
        result
    }

    fn work_out(
        &self,
        snapshot: &Snapshot,
        id: EstimateId,
        lsn: Lsn,
        before: &[Lsn],
        after: &[Lsn],
    ) -> Result<Past, WorkspaceError> {
        let totals = moments::stored_totals(snapshot, id, before)?;
        let published = self.published();
        let estimate = match published.estimate(id) {
            // Nothing has touched it since: that is how it is now.
            Some(now) if after.is_empty() && published.lsn >= lsn => now.clone(),
            _ => Arc::new(self.build_at(snapshot, id, after)?),
        };
        let past = Past { lsn, estimate, totals };
        self.past.put((id, lsn), past.clone());
        Ok(past)
    }

    /// The estimate before the commits `after`, all that touched it up to the snapshot's newest.
    fn build_at(
        &self,
        snapshot: &Snapshot,
        id: EstimateId,
        after: &[Lsn],
    ) -> Result<Estimate, WorkspaceError> {
        let mut rows = Rows::new();
        for table in std::iter::once(&tables::ESTIMATES).chain(tables::INSIDE_ESTIMATES) {
            snapshot.scan_prefix::<WorkspaceError>(*table, &id.bytes(), |key, row| {
                rows.insert((*table, key.to_vec()), row.to_vec());
                Ok(ControlFlow::Continue(()))
            })?;
        }
        // The first change of a row after the moment says what the row was at it.
        let mut seen = HashSet::new();
        for lsn in after {
            // Only what the log has can be in the list.
            let Some(record) = snapshot.record(*lsn)? else { continue };
            for change in record.changes {
                if moments::estimate_touched(&change) != Some(id) {
                    continue;
                }
                let key = (change.table, change.key);
                if seen.insert(key.clone()) {
                    match change.before {
                        Some(row) => drop(rows.insert(key, row)),
                        None => drop(rows.remove(&key)),
                    }
                }
            }
        }
        let row = rows.remove(&(tables::ESTIMATES, id.bytes().to_vec()));
        let row = EstimateRow::from_row(&id.bytes(), &row.ok_or(NoSuchMoment::NotThere)?)?;
        let catalogue = &self.published().library.catalogue;
        let estimate = Estimate::build(
            row,
            all::<Heading>(&rows)?,
            all::<Item>(&rows)?,
            all::<Worksheet>(&rows)?,
            catalogue,
        )
        .map_err(|error| WorkspaceError::Storage(format!("estimate {id}: {error}").into()))?;
        let mut packages = Packages::default();
        all::<Package>(&rows)?.into_iter().for_each(|row| packages.restore_package(row));
        all::<Adjudication>(&rows)?.into_iter().for_each(|row| packages.restore_round(row));
        all::<Quote>(&rows)?.into_iter().for_each(|row| packages.restore_quote(row));
        let accepted = all::<Acknowledgement>(&rows)?;
        let estimate =
            estimate.with_packages(packages).with_acknowledgements(accepted.into_iter().collect());
        let estimate = match all::<Content>(&rows)?.pop() {
            Some(row) => estimate.with_content(row),
            None => estimate,
        };
        Ok(match all::<Commercials>(&rows)?.pop() {
            Some(row) => estimate.with_commercials(row),
            None => estimate,
        })
    }
}

fn all<T: Stored>(rows: &Rows) -> Result<Vec<T>, WorkspaceError> {
    let own = rows.iter().filter(|((table, _), _)| *table == T::TABLE);
    own.map(|((_, key), row)| T::from_row(key, row).map_err(WorkspaceError::from)).collect()
}
