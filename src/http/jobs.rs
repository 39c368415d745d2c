//! Work that takes longer than a request: how far it is and what came of it.

use super::app::App;
use super::auth::SignedIn;
use super::extract::{Json, Path};
use super::problem::{self, Problem};
use super::schema;
use super::time::Time;
use crate::jobs::{self, JobState};
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;
use uuid::Uuid;

/// A job.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Job {
    /// Identity.
    pub id: Uuid,
    /// What it does, such as `import`.
    pub kind: &'static str,
    /// State.
    pub state: JobState,
    /// Steps done.
    pub done: u64,
    /// Steps in all; 0 while unknown.
    pub total: u64,
    /// What it is doing, in a few words.
    pub message: String,
    /// When it was started.
    #[schema(value_type = schema::Time)]
    pub created_at: Time,
    /// What came of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub result: Option<Arc<serde_json::Value>>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<problem::Document>)]
    pub error: Option<Arc<serde_json::Value>>,
}

/// The jobs of the person signed in.
#[derive(Debug, Serialize, ToSchema)]
pub struct Jobs {
    /// Jobs, newest first.
    pub items: Vec<Job>,
}

/// The jobs of the person signed in.
#[utoipa::path(
    get,
    path = "/jobs",
    operation_id = "listJobs",
    tag = "Jobs",
    responses((status = 200, description = "Jobs", body = Jobs)),
)]
pub async fn list(State(app): State<App>, me: SignedIn) -> Json<Jobs> {
    Json(Jobs { items: app.jobs.of(me.id()).iter().map(|job| Job::of(job)).collect() })
}

/// A job.
#[utoipa::path(
    get,
    path = "/jobs/{id}",
    operation_id = "showJobs",
    tag = "Jobs",
    params(("id" = Uuid, Path, description = "Job")),
    responses((status = 200, description = "The job", body = Job)),
)]
pub async fn show(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<Uuid>,
) -> Result<Json<Job>, Problem> {
    find(&app, &me, id).map(|job| Json(Job::of(&job)))
}

/// Asks a job to stop.
#[utoipa::path(
    delete,
    path = "/jobs/{id}",
    operation_id = "cancelJobs",
    tag = "Jobs",
    params(("id" = Uuid, Path, description = "Job")),
    responses((status = 204, description = "Asked")),
)]
pub async fn cancel(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<Uuid>,
) -> Result<StatusCode, Problem> {
    let job = find(&app, &me, id)?;
    if app.jobs.cancel(&job) {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Problem::new(StatusCode::CONFLICT, "job-is-over", "The job is over already."))
    }
}

fn find(app: &App, me: &SignedIn, id: Uuid) -> Result<Arc<jobs::Job>, Problem> {
    app.jobs.get(me.id(), id).ok_or_else(|| Problem::not_found("job"))
}

impl Job {
    fn of(job: &jobs::Job) -> Job {
        let (done, total) = job.progress();
        Job {
            id: job.id,
            kind: job.kind,
            state: job.state(),
            done,
            total,
            message: job.message(),
            created_at: Time(job.created_at_us),
            result: job.result(),
            error: job.error(),
        }
    }
}
