//! The jobs of this process: bounded, with progress, results and cancelling.

use crate::estimating::id::UserId;
use parking_lot::Mutex;
use serde::Serialize;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use utoipa::ToSchema;
use uuid::Uuid;

/// Jobs remembered; the oldest finished ones make room.
const JOBS_MAX: usize = 1_000;
/// Jobs of one person that wait or run at once.
const ACTIVE_PER_USER_MAX: usize = 8;

/// Identity of a job.
pub type JobId = Uuid;

/// How far a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum JobState {
    /// Waiting for its turn.
    Queued,
    /// At work.
    Running,
    /// Finished with a result.
    Done,
    /// Given up with an error.
    Failed,
    /// Stopped by a person before it changed anything.
    Cancelled,
}

impl JobState {
    /// Whether nothing more will happen.
    pub const fn is_over(self) -> bool {
        match self {
            JobState::Queued | JobState::Running => false,
            JobState::Done | JobState::Failed | JobState::Cancelled => true,
        }
    }
}

/// What a job came to.
#[derive(Clone, Debug)]
struct Outcome {
    state: JobState,
    message: String,
    result: Option<Arc<serde_json::Value>>,
    error: Option<Arc<serde_json::Value>>,
}

/// A job as its owner sees it.
#[derive(Debug)]
pub struct Job {
    /// Identity.
    pub id: JobId,
    /// Who started it.
    pub owner: UserId,
    /// What it does, such as `import`.
    pub kind: &'static str,
    /// When it was started, microseconds since 1970, UTC.
    pub created_at_us: i64,
    done: AtomicU64,
    total: AtomicU64,
    cancelled: AtomicBool,
    outcome: Mutex<Outcome>,
}

impl Job {
    /// How far it is.
    pub fn state(&self) -> JobState {
        self.outcome.lock().state
    }
    /// Steps done, and steps in all (0 while unknown).
    pub fn progress(&self) -> (u64, u64) {
        (self.done.load(Ordering::Relaxed), self.total.load(Ordering::Relaxed))
    }
    /// What it is doing, in a few words.
    pub fn message(&self) -> String {
        self.outcome.lock().message.clone()
    }
    /// What came of it.
    pub fn result(&self) -> Option<Arc<serde_json::Value>> {
        self.outcome.lock().result.clone()
    }
    /// Why it failed, as a problem document.
    pub fn error(&self) -> Option<Arc<serde_json::Value>> {
        self.outcome.lock().error.clone()
    }

    /// Ends it unless it is over already.
    fn end(
        &self,
        state: JobState,
        message: &str,
        result: Option<serde_json::Value>,
        error: Option<serde_json::Value>,
    ) -> bool {
        let mut outcome = self.outcome.lock();
        if outcome.state.is_over() {
            return false;
        }
        *outcome = Outcome {
            state,
            message: message.to_owned(),
            result: result.map(Arc::new),
            error: error.map(Arc::new),
        };
        true
    }
}

/// A job's own handle: how it tells its progress and hears that it was cancelled. Dropped before
/// an end was told (a panic), it fails the job, so that no job runs for ever.
#[derive(Debug)]
pub struct Progress(Arc<Job>);

impl Progress {
    /// Identity of the job.
    pub fn id(&self) -> JobId {
        self.0.id
    }

    /// Starts the work; false when the job was cancelled while it waited.
    #[must_use]
    pub fn start(&self, total: u64, message: &str) -> bool {
        let mut outcome = self.0.outcome.lock();
        if outcome.state != JobState::Queued {
            return false;
        }
        self.0.total.store(total, Ordering::Relaxed);
        outcome.state = JobState::Running;
        message.clone_into(&mut outcome.message);
        true
    }

    /// Tells how far the work is.
    pub fn step(&self, done: u64) {
        self.0.done.store(done, Ordering::Relaxed);
    }

    /// Whether somebody asked to stop. Work asks between steps, before anything is committed.
    pub fn is_cancelled(&self) -> bool {
        self.0.cancelled.load(Ordering::Acquire)
    }

    /// Ends the job with its result.
    pub fn done(self, message: &str, result: serde_json::Value) {
        let (_, total) = self.0.progress();
        self.0.done.store(total, Ordering::Relaxed);
        self.0.end(JobState::Done, message, Some(result), None);
    }

    /// Ends the job with a problem document.
    pub fn failed(self, message: &str, problem: serde_json::Value) {
        self.0.end(JobState::Failed, message, None, Some(problem));
    }

    /// Ends the job because somebody asked to.
    pub fn stopped(self) {
        self.0.end(JobState::Cancelled, "Cancelled", None, None);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.end(JobState::Failed, "Stopped unexpectedly", None, None);
    }
}

/// Why a job was not started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TooManyJobs {
    /// The person has enough jobs at work.
    #[error("you have {ACTIVE_PER_USER_MAX} jobs at work already; wait for one to finish")]
    OfUser,
    /// Everyone together has.
    #[error("the server has too many jobs at work; try again later")]
    OfAll,
}

/// The jobs of this process. They do not outlive it: each either commits whole or not at all, so
/// nothing is half done after a restart.
#[derive(Debug, Default)]
pub struct Jobs {
    jobs: Mutex<VecDeque<Arc<Job>>>,
}

impl Jobs {
    /// Registers a job that waits for its turn. O(jobs).
    pub fn register(
        &self,
        owner: UserId,
        kind: &'static str,
        now_us: i64,
    ) -> Result<Progress, TooManyJobs> {
        let mut jobs = self.jobs.lock();
        let active = jobs.iter().filter(|j| j.owner == owner && !j.state().is_over()).count();
        if active >= ACTIVE_PER_USER_MAX {
            return Err(TooManyJobs::OfUser);
        }
        if jobs.len() >= JOBS_MAX {
            match jobs.iter().position(|j| j.state().is_over()) {
                Some(oldest) => drop(jobs.remove(oldest)),
                None => return Err(TooManyJobs::OfAll),
            }
        }
        let job = Arc::new(Job {
            id: Uuid::now_v7(),
            owner,
            kind,
            created_at_us: now_us,
            done: AtomicU64::new(0),
            total: AtomicU64::new(0),
            cancelled: AtomicBool::new(false),
            outcome: Mutex::new(Outcome {
                state: JobState::Queued,
                message: "Waiting".to_owned(),
                result: None,
                error: None,
            }),
        });
        jobs.push_back(job.clone());
        Ok(Progress(job))
    }

    /// The jobs of `owner`, newest first. O(jobs).
    pub fn of(&self, owner: UserId) -> Vec<Arc<Job>> {
        self.jobs.lock().iter().rev().filter(|j| j.owner == owner).cloned().collect()
    }

    /// The job `id` of `owner`; another person's is not there. O(jobs).
    pub fn get(&self, owner: UserId, id: JobId) -> Option<Arc<Job>> {
        self.jobs.lock().iter().find(|j| j.id == id && j.owner == owner).cloned()
    }

    /// Asks the job to stop: one that waits stops at once, one at work at its next step. False
    /// when it is over already.
    pub fn cancel(&self, job: &Job) -> bool {
        job.cancelled.store(true, Ordering::Release);
        let mut outcome = job.outcome.lock();
        match outcome.state {
            JobState::Queued => {
                outcome.state = JobState::Cancelled;
                "Cancelled".clone_into(&mut outcome.message);
                true
            }
            JobState::Running => true,
            JobState::Done | JobState::Failed | JobState::Cancelled => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn user(n: u128) -> UserId {
        UserId(Uuid::from_u128(n))
    }

    #[test]
    fn a_job_tells_its_progress_and_its_result_to_its_owner_alone() {
        let jobs = Jobs::default();
        let work = jobs.register(user(1), "import", 7).unwrap();
        let id = work.id();
        assert!(work.start(10, "Reading"));
        work.step(4);
        let job = jobs.get(user(1), id).unwrap();
        assert_eq!((job.state(), job.progress()), (JobState::Running, (4, 10)));
        assert!(jobs.get(user(2), id).is_none());
        assert!(jobs.of(user(2)).is_empty());
        work.done("Imported", json!({"lsn": 3}));
        assert_eq!((job.state(), job.progress()), (JobState::Done, (10, 10)));
        assert_eq!(*job.result().unwrap(), json!({"lsn": 3}));
    }

    #[test]
    fn a_job_whose_work_vanishes_has_failed() {
        let jobs = Jobs::default();
        let work = jobs.register(user(1), "import", 0).unwrap();
        let job = jobs.get(user(1), work.id()).unwrap();
        assert!(work.start(1, "Reading"));
        drop(work);
        assert_eq!(job.state(), JobState::Failed);
    }

    #[test]
    fn a_waiting_job_cancels_at_once_and_never_starts() {
        let jobs = Jobs::default();
        let work = jobs.register(user(1), "import", 0).unwrap();
        let job = jobs.get(user(1), work.id()).unwrap();
        assert!(jobs.cancel(&job));
        assert!(!work.start(1, "Reading"));
        assert_eq!(job.state(), JobState::Cancelled);
        assert!(!jobs.cancel(&job));
    }

    #[test]
    fn one_person_cannot_start_jobs_without_end() {
        let jobs = Jobs::default();
        let mut works: Vec<Progress> =
            (0..ACTIVE_PER_USER_MAX).map(|_| jobs.register(user(1), "x", 0).unwrap()).collect();
        assert_eq!(jobs.register(user(1), "x", 0).unwrap_err(), TooManyJobs::OfUser);
        assert!(jobs.register(user(2), "x", 0).is_ok());
        works.pop();
        assert!(jobs.register(user(1), "x", 0).is_ok());
    }
}
