use std::time::Duration;

use crate::jobs::{FILES_BYTES_MAX, FILES_KEPT, FILES_MAX, Policy, WORKERS};

super::concern! {
    /// Work in the background: imports, exports, documents, batches.
    Jobs, "jobs" {
        /// Jobs at work at once; the rest wait for their turn.
        workers: usize = WORKERS,
        /// How long the file of a finished job is kept, in seconds.
        kept_seconds: u64 = FILES_KEPT.as_secs(),
        /// Files of finished jobs kept of one organisation; the oldest go first.
        files_max: usize = FILES_MAX,
        /// Bytes of all files of finished jobs kept of one organisation.
        files_bytes_max: u64 = FILES_BYTES_MAX,
    }
}

impl Jobs {
    /// The settings as the queue takes them.
    pub fn policy(&self) -> Policy {
        Policy {
            workers: self.workers,
            kept: Duration::from_secs(self.kept_seconds),
            files_max: self.files_max,
            files_bytes_max: self.files_bytes_max,
            ..Policy::default()
        }
    }
}
