//! How far a job is while it is worked on, and whether somebody wants it to stop.

use parking_lot::Mutex;
use serde::Serialize;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::watch;
use utoipa::ToSchema;

/// What the steps of a job are counted in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = JobUnit)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// Rows of an estimate or a sheet.
    #[default]
    Row,
    /// Stages of one piece of work that does not say more.
    Stage,
    /// Estimates of a batch.
    Estimate,
    /// Commits of the audit trail.
    Commit,
}

/// How far a job is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Steps done.
    pub done: u64,
    /// Steps in all; 0 while unknown.
    pub total: u64,
    /// What is counted.
    pub unit: Unit,
    /// What it is doing, in a few words.
    pub message: String,
    /// When it is tried again, microseconds since 1970, UTC; none while it runs or waits its turn.
    pub next_try_at_us: Option<i64>,
}

#[derive(Default)]
struct Said {
    unit: Unit,
    message: String,
    next_try_at_us: Option<i64>,
}

/// A job in this process, from the moment it waits for its turn until it is over.
pub struct Run {
    done: AtomicU64,
    total: AtomicU64,
    said: Mutex<Said>,
    stop: watch::Sender<bool>,
}

impl Default for Run {
    fn default() -> Self {
        let said = Said { message: "Waiting".to_owned(), ..Said::default() };
        Run {
            done: AtomicU64::new(0),
            total: AtomicU64::new(0),
            said: Mutex::new(said),
            stop: watch::Sender::new(false),
        }
    }
}

impl Run {
    /// How far it is. O(1).
    pub fn progress(&self) -> Progress {
        let said = self.said.lock();
        Progress {
            done: self.done.load(Ordering::Relaxed),
            total: self.total.load(Ordering::Relaxed),
            unit: said.unit,
            message: said.message.clone(),
            next_try_at_us: said.next_try_at_us,
        }
    }

    /// Tells what is done now, and out of how much.
    pub fn tell(&self, unit: Unit, done: u64, total: u64, message: &str) {
        let mut said = self.said.lock();
        said.unit = unit;
        said.next_try_at_us = None;
        message.clone_into(&mut said.message);
        self.total.store(total, Ordering::Relaxed);
        self.done.store(done, Ordering::Relaxed);
    }

    /// Tells how far the work is; breaks when somebody wants it to stop.
    pub fn step(&self, done: u64) -> ControlFlow<()> {
        self.done.store(done, Ordering::Relaxed);
        if self.is_stopped() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    /// Whether somebody wants it to stop. Work asks between steps.
    pub fn is_stopped(&self) -> bool {
        *self.stop.borrow()
    }

    /// Asks it to stop at its next step.
    pub(super) fn stop(&self) {
        self.stop.send_replace(true);
    }

    /// Ends when somebody wants it to stop.
    pub(super) async fn stopped(&self) {
        let mut stop = self.stop.subscribe();
        // The sender is this run's own, so it cannot be gone.
        let _ = stop.wait_for(|stop| *stop).await;
    }

    /// Tells that it waits to be tried again.
    pub(super) fn wait(&self, why: &str, until_us: i64) {
        let mut said = self.said.lock();
        said.next_try_at_us = Some(until_us);
        why.clone_into(&mut said.message);
        self.done.store(0, Ordering::Relaxed);
    }
}
