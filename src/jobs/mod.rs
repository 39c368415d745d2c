//! The `jobs` layer: work that takes longer than a request, with progress and a result.

#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing))]

mod registry;

pub use registry::{Job, JobId, JobState, Jobs, Progress, TooManyJobs};
