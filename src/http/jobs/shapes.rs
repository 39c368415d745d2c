//! What travels about jobs.

use crate::estimating::edit::FromPriceBook;
use crate::estimating::number::Money;
use crate::http::auth::SignedIn;
use crate::http::history::Person;
use crate::http::problem;
use crate::http::schema;
use crate::http::time::Time;
use crate::jobs::{Part, Progress, TRIES_MAX, Unit};
use crate::workspace::jobs::{JobKind, JobRow, JobState, JobStep, KeptJob};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// The file a job made.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct JobFile {
    /// Its name.
    pub name: Box<str>,
    /// Its media type.
    pub media_type: Box<str>,
    /// How many bytes it has.
    pub bytes: u64,
    /// When it goes; it may go earlier to make room for newer ones.
    #[schema(value_type = schema::Time)]
    pub expires_at: Time,
    /// Whether it is still there, at `/jobs/{id}/result`.
    pub available: bool,
}

/// How an estimate of a batch came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = JobVerdict)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Repricing would change it as told.
    Listed,
    /// It was repriced.
    Repriced,
    /// Nothing in it changes.
    Unchanged,
    /// Every figure agrees.
    Agrees,
    /// A figure differs: a fault of the program, and the alarm was raised.
    Differs,
    /// It was refused, and left as it was.
    Refused,
}

/// What came of one estimate of a batch.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = JobOutcome)]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    /// The estimate.
    pub estimate_id: Uuid,
    /// Its tender, code and revision.
    pub name: String,
    /// How it came out.
    pub verdict: Verdict,
    /// Lines that change, or rows worked out again.
    pub count: u64,
    /// Change of its cost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Money>)]
    pub effect: Option<Money>,
    /// Its cost before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Money>)]
    pub old_total: Option<Money>,
    /// Its cost after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Money>)]
    pub new_total: Option<Money>,
    /// To be sent back to do what is listed (BR-050).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preview: Option<String>,
    /// Why it was refused, or what differs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The commit that changed it.
    #[serde(default, skip_deserializing, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Lsn>)]
    pub lsn: Option<u64>,
}

/// A job.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Job {
    /// Identity.
    pub id: Uuid,
    /// What it does.
    pub kind: JobKind,
    /// What it is called, such as the name of a file.
    pub title: Box<str>,
    /// Who asked for it.
    pub owner: Person,
    /// The one estimate it is about, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub estimate_id: Option<Uuid>,
    /// State.
    pub state: JobState,
    /// Steps done.
    pub done: u64,
    /// Steps in all; 0 while unknown.
    pub total: u64,
    /// What the steps are.
    pub unit: Unit,
    /// What it is doing or what came of it, in a few words.
    pub message: String,
    /// How often it was begun.
    pub tries: u32,
    /// How often it is begun at most.
    pub tries_max: u32,
    /// When it is tried again after a fault that may pass.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Time>)]
    pub next_try_at: Option<Time>,
    /// When it was asked for.
    #[schema(value_type = schema::Time)]
    pub created_at: Time,
    /// When it was over.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Time>)]
    pub ended_at: Option<Time>,
    /// The file it made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<JobFile>,
    /// What came of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub result: Option<Value>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<problem::Document>)]
    pub error: Option<Value>,
    /// What came of each estimate of a batch so far; only where one job is asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub outcomes: Vec<Outcome>,
}

/// Jobs.
#[derive(Debug, Serialize, ToSchema)]
pub struct Jobs {
    /// Jobs, newest first.
    pub items: Vec<Job>,
}

/// Whose jobs.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct JobsQuery {
    /// Everybody's, for an Admin; one's own where absent.
    #[serde(default)]
    pub all: bool,
}

/// The job that does it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct JobStarted {
    /// The job.
    pub job_id: Uuid,
}

/// An estimate of a batch.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BatchEstimate {
    /// The estimate.
    pub id: Uuid,
    /// What the list of before called `preview`: needed to do it, and refused when the list has
    /// changed since (BR-050).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preview: Option<String>,
}

/// Which lines of which estimates to reprice.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct BatchReprice {
    /// The estimates, at most 500; all that are in progress where absent.
    pub estimates: Option<Vec<BatchEstimate>>,
    /// Lines of these resources.
    pub resource_ids: Option<Vec<Uuid>>,
    /// Lines of these recipes.
    pub recipe_ids: Option<Vec<Uuid>>,
    /// Rates of this price book in the place of each resource's own.
    pub price_book: Option<FromPriceBook>,
    /// False lists what would change, true does it.
    pub apply: bool,
}

/// Which estimates to work out again.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct BatchRecalculation {
    /// The estimates, at most 500; all where absent.
    pub estimate_ids: Option<Vec<Uuid>>,
}

impl Job {
    /// A job as it is told to `me`.
    pub(super) fn of(me: &SignedIn, job: &KeptJob) -> Job {
        let row = &*job.row;
        let queue = &me.office().queue;
        let progress = match queue.run(row.id).filter(|_| !row.state.is_over()) {
            Some(run) => run.progress(),
            None => at_rest(job),
        };
        let file = row.file.as_ref().map(|file| JobFile {
            name: file.name.clone(),
            media_type: file.media_type.clone(),
            bytes: file.bytes,
            expires_at: Time(file.expires_at_us),
            available: is_kept(me, row),
        });
        let parsed = |text: &Option<Box<str>>| serde_json::from_str(text.as_deref()?).ok();
        Job {
            id: row.id.0,
            kind: row.ask.kind,
            title: row.ask.title.clone(),
            owner: me.person(row.owner),
            estimate_id: row.ask.estimate.map(|id| id.0),
            state: row.state,
            done: progress.done,
            total: progress.total,
            unit: progress.unit,
            message: progress.message,
            tries: row.tries,
            tries_max: TRIES_MAX,
            next_try_at: progress.next_try_at_us.map(Time),
            created_at: Time(row.created_at_us),
            ended_at: row.ended_at_us.map(Time),
            file,
            result: parsed(&row.answer),
            error: parsed(&row.problem),
            outcomes: Vec::new(),
        }
    }

    /// With what came of each estimate of a batch.
    #[must_use]
    pub(super) fn with_outcomes(self, job: &KeptJob) -> Job {
        let outcomes = match job.row.ask.kind {
            JobKind::RepriceList | JobKind::Reprice | JobKind::Recalculation => outcomes(job),
            JobKind::Import
            | JobKind::Export
            | JobKind::Document
            | JobKind::Submission
            | JobKind::AuditVerification
            | JobKind::Snapshot => Vec::new(),
        };
        Job { outcomes, ..self }
    }
}

/// Whether the file of a job can be downloaded.
pub(super) fn is_kept(me: &SignedIn, row: &JobRow) -> bool {
    let is_in_time = row.file.as_ref().is_some_and(|file| file.expires_at_us > super::now_us());
    is_in_time && me.office().queue.files().has(row.id, Part::Result)
}

/// What the steps of a batch came to.
pub(super) fn outcomes(job: &KeptJob) -> Vec<Outcome> {
    job.steps.iter().filter_map(|step| outcome(step)).collect()
}

fn outcome(step: &JobStep) -> Option<Outcome> {
    let outcome: Outcome = serde_json::from_str(&step.outcome).ok()?;
    Some(Outcome { lsn: step.cost.map(|_| step.lsn.0), ..outcome })
}

/// How far a job is that nobody works on.
fn at_rest(job: &KeptJob) -> Progress {
    let row = &job.row;
    let (taken, steps) = (u64::from(job.taken()), u64::from(row.ask.steps));
    let is_done = row.state == JobState::Done;
    let total = steps.max(1);
    let unit = match row.ask.kind {
        JobKind::RepriceList | JobKind::Reprice | JobKind::Recalculation => Unit::Estimate,
        JobKind::Import
        | JobKind::Export
        | JobKind::Document
        | JobKind::Submission
        | JobKind::Snapshot => Unit::Stage,
        JobKind::AuditVerification => Unit::Commit,
    };
    let message = match row.message.as_ref() {
        "" => "Waiting".to_owned(),
        said => said.to_owned(),
    };
    let done = if is_done { total } else { taken };
    Progress { done, total, unit, message, next_try_at_us: None }
}
