//! The `jobs` layer: work that takes longer than a request, with progress and a result.
//!
//! A job is a row of its organisation's ledger (`workspace::jobs`), so it survives a restart and
//! its end is one commit. Beside the ledger lie, as files, what jobs were given and what they
//! made: large, short-lived, and of no part in the audit trail ([`Files`]). How far a job is while
//! it runs is kept in memory alone ([`Run`]). A [`Queue`] has what waits carried out, a bounded
//! number at once, and does again what failed for a fault that may pass.

#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing))]

mod files;
mod queue;
mod run;

#[cfg(test)]
mod tests;

pub use files::{Content, Files, Part, Workplace};
pub use queue::{
    Finished, MadeFile, NewJob, Pool, Queue, Refused, Stopped, TRIES_MAX, Wanted, Work, sentence,
};
pub use run::{Progress, Run, Unit};

use std::time::Duration;

/// How long the file of a job is kept where nothing else is set: 7 days.
pub const FILES_KEPT: Duration = Duration::from_secs(7 * 24 * 3_600);
/// Files of jobs of one organisation where nothing else is set.
pub const FILES_MAX: usize = 200;
/// Bytes of all files of jobs of one organisation where nothing else is set.
pub const FILES_BYTES_MAX: u64 = 2 << 30;
/// The wait before the second try of a job.
const BACK_OFF_FIRST: Duration = Duration::from_millis(500);
/// Jobs at work at once where nothing else is set.
pub const WORKERS: usize = 2;

/// What can be set about jobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Jobs of all organisations at work at once.
    pub workers: usize,
    /// How long the file of a job is kept.
    pub kept: Duration,
    /// Files kept of one organisation; the oldest go first.
    pub files_max: usize,
    /// Bytes kept of one organisation.
    pub files_bytes_max: u64,
    /// The wait before the second try of a job; it doubles with every further one.
    pub back_off: Duration,
}

impl Default for Policy {
    fn default() -> Self {
        Policy {
            workers: WORKERS,
            kept: FILES_KEPT,
            files_max: FILES_MAX,
            files_bytes_max: FILES_BYTES_MAX,
            back_off: BACK_OFF_FIRST,
        }
    }
}
