//! Jobs: work that takes longer than a request, kept so that it survives a restart.
//!
//! A job's row is made, begun and ended by commands; each of its steps that changes something is
//! the very commit that notes the step as taken. So a job that is run again after a crash goes on
//! after the last step there is, and no change is ever made twice. How far a step is while it
//! runs, what a job was given and the files it makes are no state of the organisation: the layer
//! above keeps those.

use super::{
    rows::{RowError, Stored},
    tables,
};
use crate::{
    estimating::{id::EstimateId, id::UserId, number::Money},
    ledger::{CodecError, Lsn, Row, TableId, decode, encode},
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;
use uuid::Uuid;

/// Jobs kept; the oldest that are over make room.
pub const JOBS_MAX: usize = 1_000;
/// How long a job that is over stays listed, in microseconds: 30 days.
pub const JOB_KEPT_US: i64 = 30 * 24 * 3_600 * 1_000_000;
/// Jobs of one person that wait or run at once.
pub const JOBS_ACTIVE_PER_USER_MAX: usize = 8;
/// Steps of one job: the estimates of one batch.
pub const JOB_STEPS_MAX: u32 = 500;
/// Bytes of each text of a job's row.
pub const JOB_TEXT_BYTES_MAX: usize = 128 * 1024;

/// Identity of a job.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(transparent)]
pub struct JobId(pub Uuid);

impl std::fmt::Display for JobId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// What a job does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum JobKind {
    /// Brings a schedule into an estimate.
    Import,
    /// Writes an estimate or a price book as a workbook or as text.
    Export,
    /// Sets a document of an estimate, or fills the client's workbook.
    Document,
    /// Lists what repricing would do to many estimates (BR-050).
    RepriceList,
    /// Reprices many estimates as listed.
    Reprice,
    /// Works the totals of many estimates out again and compares (BR-016).
    Recalculation,
    /// Submits an estimate with its files (BR-089 to BR-096).
    Submission,
    /// Walks the chain of commits (BR-119).
    AuditVerification,
    /// Writes the whole organisation into one file, as it is or masked (BR-123).
    Snapshot,
}

/// How far a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum JobState {
    /// Waiting for its turn.
    Queued,
    /// At work.
    Running,
    /// Finished with a result.
    Done,
    /// Given up with a problem.
    Failed,
    /// Stopped by a person; steps taken before stay.
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

/// A file a job made, as its row tells of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobFile {
    /// Its name.
    pub name: Box<str>,
    /// Its media type.
    pub media_type: Box<str>,
    /// How many bytes it has.
    pub bytes: u64,
    /// SHA-256 of them, hexadecimal.
    pub hash: Box<str>,
    /// When it goes, microseconds since 1970, UTC.
    pub expires_at_us: i64,
}

/// What a job is asked to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobAsk {
    /// What it does.
    pub kind: JobKind,
    /// What it is called, such as the name of a file.
    pub title: Box<str>,
    /// The one estimate it is about, where it is one.
    pub estimate: Option<EstimateId>,
    /// The choices made, as the layer above reads them.
    pub choices: Box<str>,
    /// SHA-256 of what it was given beside the choices, hexadecimal; none when that is nothing.
    pub input_hash: Option<Box<str>>,
    /// Steps that are each one commit; 0 for work that changes nothing.
    pub steps: u32,
}

/// A job, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobRow {
    /// Identity.
    pub id: JobId,
    /// Who asked for it.
    pub owner: UserId,
    /// What for.
    pub ask: JobAsk,
    /// How far it is.
    pub state: JobState,
    /// How often it was begun since it was asked for, or asked for again.
    pub tries: u32,
    /// What came of it, in a few words.
    pub message: Box<str>,
    /// What came of it, as the layer above writes it.
    pub answer: Option<Box<str>>,
    /// Why it failed, as the layer above writes it.
    pub problem: Option<Box<str>>,
    /// The file it made.
    pub file: Option<JobFile>,
    /// When it was asked for, microseconds since 1970, UTC.
    pub created_at_us: i64,
    /// When it was over.
    pub ended_at_us: Option<i64>,
}

/// A step of a job, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobStep {
    /// The job.
    pub job: JobId,
    /// Its place, from 0.
    pub n: u32,
    /// The commit that took it.
    pub lsn: Lsn,
    /// When, microseconds since 1970, UTC.
    pub at_us: i64,
    /// Cost of the estimate after it, where it changed one.
    pub cost: Option<Money>,
    /// What came of it, as the layer above writes it.
    pub outcome: Box<str>,
}

/// A job with the steps it has taken. O(1) to clone.
#[derive(Clone, Debug)]
pub struct KeptJob {
    /// The job.
    pub row: Arc<JobRow>,
    /// Its steps, in order.
    pub steps: imbl::Vector<Arc<JobStep>>,
}

impl KeptJob {
    /// Steps taken.
    pub fn taken(&self) -> u32 {
        u32::try_from(self.steps.len()).unwrap_or(u32::MAX)
    }
}

/// A step to be noted in the commit of the command it comes with.
#[derive(Clone, Debug)]
pub struct StepTaken {
    /// The job.
    pub job: JobId,
    /// Its place, from 0.
    pub n: u32,
    /// What came of it.
    pub outcome: Box<str>,
}

/// How a job ends.
#[derive(Clone, Debug, Default)]
pub struct JobEnd {
    /// Why it failed; none when it did not.
    pub problem: Option<Box<str>>,
    /// What came of it, in a few words.
    pub message: Box<str>,
    /// What came of it, as the layer above writes it.
    pub answer: Option<Box<str>>,
    /// The file it made.
    pub file: Option<JobFile>,
}

/// A change of a job.
#[derive(Clone, Debug)]
pub enum JobEdit {
    /// Asks for it.
    Start {
        /// Its identity.
        id: JobId,
        /// What for.
        ask: Box<JobAsk>,
    },
    /// Begins it, or begins it again.
    Begin {
        /// The job.
        id: JobId,
    },
    /// Notes a step that changed nothing.
    Step(StepTaken),
    /// Ends it.
    End {
        /// The job.
        id: JobId,
        /// How.
        end: Box<JobEnd>,
    },
    /// Stops it before its next step.
    Cancel {
        /// The job.
        id: JobId,
    },
    /// Has one that failed done again.
    Retry {
        /// The job.
        id: JobId,
    },
}

impl JobEdit {
    /// Name of the command in the log.
    pub(super) const fn name(&self) -> &'static str {
        match self {
            JobEdit::Start { .. } => "start-job",
            JobEdit::Begin { .. } => "begin-job",
            JobEdit::Step(_) => "step-of-job",
            JobEdit::End { .. } => "end-job",
            JobEdit::Cancel { .. } => "cancel-job",
            JobEdit::Retry { .. } => "retry-job",
        }
    }
}

impl Row for JobRow {
    const FORMAT: u8 = 1;
}

impl Row for JobStep {
    const FORMAT: u8 = 1;
}

fn codec(table: &'static str) -> impl Fn(CodecError) -> RowError {
    move |cause| RowError::Codec { table, cause }
}

impl Stored for JobRow {
    const TABLE: TableId = tables::JOBS;

    fn key(&self) -> Vec<u8> {
        self.id.0.as_bytes().to_vec()
    }
    fn to_row(&self) -> Result<Vec<u8>, RowError> {
        encode(self).map_err(codec("jobs"))
    }
    fn from_row(key: &[u8], row: &[u8]) -> Result<Self, RowError> {
        let job: JobRow = decode(row).map_err(codec("jobs"))?;
        if job.key() == key { Ok(job) } else { Err(RowError::Key("jobs")) }
    }
}

impl Stored for JobStep {
    const TABLE: TableId = tables::JOB_STEPS;

    fn key(&self) -> Vec<u8> {
        tables::job_step_key(self.job.0, self.n)
    }
    fn to_row(&self) -> Result<Vec<u8>, RowError> {
        encode(self).map_err(codec("job_steps"))
    }
    fn from_row(key: &[u8], row: &[u8]) -> Result<Self, RowError> {
        let step: JobStep = decode(row).map_err(codec("job_steps"))?;
        if step.key() == key { Ok(step) } else { Err(RowError::Key("job_steps")) }
    }
}
