//! Work that takes longer than a request: how far it is and what came of it.

mod batch;
mod clerk;
mod shapes;

pub use batch::*;
pub(super) use clerk::{Choices, Clerk, Halt, New, input, start};
pub use shapes::*;

use super::auth::SignedIn;
use super::documents::download;
use super::extract::{Json, Path, Query};
use super::limits::JOBS_LISTED_MAX;
use super::problem::Problem;
use super::time::now_us;
use crate::estimating::user::Role;
use crate::http::off_thread::off_thread;
use crate::http::snapshots;
use crate::workspace::jobs::{JobId, JobKind, KeptJob};
use axum::body::Body;
use axum::http::header::CONTENT_LENGTH;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use bytes::BytesMut;
use futures_util::stream;
use tokio::io::AsyncReadExt;
use uuid::Uuid;

/// Bytes of a job's file that are read and sent at a time.
const RESULT_PIECE_BYTES: usize = 64 * 1024;

/// The newest 200 jobs of the person signed in, or everybody's for an Admin.
#[utoipa::path(
    get,
    path = "/jobs",
    operation_id = "listJobs",
    tag = "Jobs",
    params(JobsQuery),
    responses((status = 200, description = "Jobs", body = Jobs)),
)]
pub async fn list(me: SignedIn, Query(query): Query<JobsQuery>) -> Result<Json<Jobs>, Problem> {
    if query.all && me.user().role < Role::Admin {
        let said = "Only an Admin sees everybody's jobs.".to_owned();
        return Err(Problem::permission_denied("permission-denied", said));
    }
    let published = me.published();
    let mine = |job: &&KeptJob| query.all || job.row.owner == me.id();
    let newest = published.jobs().rev().filter(mine).take(JOBS_LISTED_MAX);
    let items = newest.map(|job| Job::of(&me, job)).collect();
    Ok(Json(Jobs { items }))
}

/// A job, with what came of each estimate of a batch.
#[utoipa::path(
    get,
    path = "/jobs/{id}",
    operation_id = "showJobs",
    tag = "Jobs",
    params(("id" = Uuid, Path, description = "Job")),
    responses((status = 200, description = "The job", body = Job)),
)]
pub async fn show(me: SignedIn, Path(id): Path<Uuid>) -> Result<Json<Job>, Problem> {
    let job = find(&me, id)?;
    Ok(Json(Job::of(&me, &job).with_outcomes(&job)))
}

/// Stops a job before its next step; steps taken before stay.
#[utoipa::path(
    delete,
    path = "/jobs/{id}",
    operation_id = "cancelJobs",
    tag = "Jobs",
    params(("id" = Uuid, Path, description = "Job")),
    responses((status = 204, description = "Stopped")),
)]
pub async fn cancel(me: SignedIn, Path(id): Path<Uuid>) -> Result<StatusCode, Problem> {
    find(&me, id)?;
    me.office().queue.cancel(me.actor(), JobId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Has a job that failed done again, from the step it failed at.
#[utoipa::path(
    post,
    path = "/jobs/{id}/retry",
    operation_id = "retryJobs",
    tag = "Jobs",
    params(("id" = Uuid, Path, description = "Job")),
    responses((status = 200, description = "The job, waiting for its turn", body = Job)),
)]
pub async fn retry(
    axum::extract::State(app): axum::extract::State<super::app::App>,
    me: SignedIn,
    Path(id): Path<Uuid>,
) -> Result<Json<Job>, Problem> {
    find(&me, id)?;
    let work = Clerk::of(&app, me.office());
    me.office().queue.retry(me.actor(), JobId(id), work).await?;
    find(&me, id).map(|job| Json(Job::of(&me, &job)))
}

/// The file a job made, while it is kept.
#[utoipa::path(
    get,
    path = "/jobs/{id}/result",
    operation_id = "resultJobs",
    tag = "Jobs",
    params(("id" = Uuid, Path, description = "Job")),
    responses(
        (status = 200, description = "The file"),
        (status = 410, description = "The file is kept no longer"),
    ),
)]
pub async fn result(me: SignedIn, Path(id): Path<Uuid>) -> Result<Response, Problem> {
    let row = find(&me, id)?.row;
    let file = row.file.as_ref().ok_or_else(|| Problem::not_found("result of the job"))?;
    let gone = || {
        let said = "The file of this job is kept no longer. Start the job again for a new one.";
        Problem::new(StatusCode::GONE, "job-result-gone", said)
    };
    if !is_kept(&me, &row) {
        return Err(gone());
    }
    if row.ask.kind == JobKind::Snapshot {
        // Whoever asked may be an Admin no more; and that it was taken away is told (BR-121).
        snapshots::note(&me, &row).await?;
    }
    let (queue, hash) = (me.office().queue.clone(), file.hash.clone());
    let read = move || queue.files().open_result(JobId(id), &hash);
    let read = off_thread("reading the file of a job", read).await?;
    let opened = read.map_err(|error| {
        tracing::error!(%error, job = %id, "the file of a job cannot be read");
        Problem::internal()
    })?;
    let (opened, bytes) = opened.ok_or_else(gone)?;
    Ok(streamed(opened, bytes, &file.media_type, &file.name))
}

/// A file to save, read piece by piece as it is sent.
fn streamed(file: std::fs::File, bytes: u64, kind: &str, name: &str) -> Response {
    let pieces = stream::try_unfold(tokio::fs::File::from_std(file), |mut file| async move {
        let mut piece = BytesMut::with_capacity(RESULT_PIECE_BYTES);
        let read = file.read_buf(&mut piece).await?;
        Ok::<_, std::io::Error>((read > 0).then(|| (piece.freeze(), file)))
    });
    let mut response = download(Body::from_stream(pieces), kind, name);
    response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(bytes));
    response
}

/// A job of whoever asks, or anybody's for an Admin; another person's is not there.
fn find(me: &SignedIn, id: Uuid) -> Result<KeptJob, Problem> {
    let published = me.published();
    let job = published.job(JobId(id));
    let mine = |job: &&KeptJob| job.row.owner == me.id() || me.user().role >= Role::Admin;
    job.filter(mine).cloned().ok_or_else(|| Problem::not_found("job"))
}
