//! The state of an organisation as readers see it.

use super::{
    answers::Answers,
    command::Scope,
    jobs::{JobId, KeptJob},
    undo::{self, Motion, Stacks, UndoState},
};
use crate::{
    estimating::{
        estimate::Estimate,
        id::{EstimateId, UserId},
        library::Library,
    },
    ledger::Lsn,
};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// State as of one commit, safe on the device. It never changes; a clone costs O(1) and shares
/// everything.
#[derive(Clone)]
pub struct Published {
    /// The newest commit in it.
    pub lsn: Lsn,
    /// When that was, microseconds since 1970, UTC.
    pub at_us: i64,
    /// Tenders, the rows of estimates, units, price books, resources, recipes.
    pub library: Library,
    /// Import layouts by what tells their kind of spreadsheet from others.
    pub(super) layouts: imbl::OrdMap<Box<str>, Arc<str>>,
    /// Jobs, oldest first.
    pub(super) jobs: imbl::OrdMap<JobId, KeptJob>,
    pub(super) loaded: imbl::HashMap<EstimateId, Loaded>,
    /// The newest commit of each estimate changed since the organisation was opened.
    pub(super) changed: imbl::HashMap<EstimateId, Lsn>,
    pub(super) stacks: Stacks,
    pub(super) answers: Answers,
}

/// An estimate in memory.
#[derive(Clone)]
pub(super) struct Loaded {
    pub estimate: Arc<Estimate>,
    /// When it was last asked for, in ticks of the workspace's use counter.
    pub used: Arc<AtomicU64>,
}

impl Published {
    /// State without a single row.
    pub(super) fn empty(lsn: Lsn) -> Published {
        Published {
            lsn,
            at_us: 0,
            library: Library::default(),
            layouts: imbl::OrdMap::new(),
            jobs: imbl::OrdMap::new(),
            loaded: imbl::HashMap::new(),
            changed: imbl::HashMap::new(),
            stacks: Stacks::default(),
            answers: Answers::default(),
        }
    }

    /// An estimate, if it is in memory. O(1). To have it loaded, ask
    /// [`Workspace::estimate`](super::Workspace::estimate).
    pub fn estimate(&self, id: EstimateId) -> Option<&Arc<Estimate>> {
        self.loaded.get(&id).map(|loaded| &loaded.estimate)
    }

    /// The newest commit that changed an estimate; none when nothing has since the organisation was
    /// opened. O(1).
    pub fn changed_at(&self, id: EstimateId) -> Option<Lsn> {
        self.changed.get(&id).copied()
    }

    /// How many estimates are in memory, and roughly how many bytes they take.
    pub fn memory(&self) -> (usize, usize) {
        let bytes = self.loaded.values().map(|loaded| loaded.estimate.bytes()).sum();
        (self.loaded.len(), bytes)
    }

    /// What `user` can undo and redo in `scope`. O(1).
    pub fn undo_state(&self, user: UserId, scope: Scope) -> UndoState {
        self.stacks.get(&(user, scope)).map(|stack| stack.state()).unwrap_or_default()
    }

    /// The import layout remembered under `key`. O(log n).
    pub fn layout(&self, key: &str) -> Option<&Arc<str>> {
        self.layouts.get(key)
    }

    /// Every import layout remembered, by key.
    pub fn layouts(&self) -> impl Iterator<Item = (&str, &Arc<str>)> {
        self.layouts.iter().map(|(key, layout)| (&**key, layout))
    }

    /// A job with the steps it has taken. O(log n).
    pub fn job(&self, id: JobId) -> Option<&KeptJob> {
        self.jobs.get(&id)
    }

    /// Every job kept, oldest first.
    pub fn jobs(&self) -> impl DoubleEndedIterator<Item = &KeptJob> {
        self.jobs.values()
    }

    /// Puts an estimate into memory, or its newer state in place of the one there.
    pub(super) fn put(&mut self, id: EstimateId, estimate: Arc<Estimate>, tick: u64) {
        let used = match self.loaded.get(&id) {
            Some(loaded) => loaded.used.clone(),
            None => Arc::default(),
        };
        used.fetch_max(tick, Ordering::Relaxed);
        self.loaded.insert(id, Loaded { estimate, used });
    }

    /// Notes a commit of `user` on the undo stacks of `scope`.
    pub(super) fn step(&mut self, user: UserId, scope: Scope, motion: Motion, label: &Arc<str>) {
        undo::record(&mut self.stacks, user, scope, motion, self.lsn, label);
    }

    /// Drops the estimates longest unused until the rest takes at most `bytes_max`; the one used
    /// last always stays. Gives what was dropped, so that the caller can free it elsewhere.
    pub(super) fn evict(&mut self, bytes_max: usize) -> Vec<Arc<Estimate>> {
        let (_, mut bytes) = self.memory();
        if bytes <= bytes_max {
            return Vec::new();
        }
        let mut by_use: Vec<(u64, EstimateId, usize)> = self
            .loaded
            .iter()
            .map(|(id, l)| (l.used.load(Ordering::Relaxed), *id, l.estimate.bytes()))
            .collect();
        by_use.sort_unstable();
        by_use.pop();
        let mut dropped = Vec::new();
        for (_, id, size) in by_use {
            if bytes <= bytes_max {
                break;
            }
            bytes = bytes.saturating_sub(size);
            dropped.extend(self.loaded.remove(&id).map(|loaded| loaded.estimate));
        }
        dropped
    }
}
