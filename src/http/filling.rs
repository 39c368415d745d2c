//! The client's own workbook with rates and amounts written in (BR-106), at once or as a job.

use super::app::App;
use super::auth::{Opened, SignedIn};
use super::documents::{client_schedule, download};
use super::exports::XLSX;
use super::extract::{Path, Terms};
use super::imports::{UploadForm, file_of, remembered, unreadable};
use super::jobs::{self, Choices, Halt, New};
use super::limits::{EXPORT_ROWS_DIRECT_MAX, WRITE_BACK_BYTES_DIRECT_MAX};
use super::off_thread::off_thread;
use super::problem::Problem;
use crate::documents::client_schedule::ClientSchedule;
use crate::documents::sheet::Sheet;
use crate::documents::write_back::{self, WriteBackError};
use crate::estimating::refusal::Refusal;
use crate::estimating::rules::Violations;
use crate::jobs::{Finished, MadeFile, Run, Unit};
use crate::workspace::jobs::{JobKind, KeptJob};
use axum::extract::multipart::MultipartRejection;
use axum::extract::{Multipart, State};
use axum::http::StatusCode;
use axum::response::Response;
use uuid::Uuid;

/// The client's own workbook with rates and amounts written in (BR-106), or the job that writes
/// them where workbook or estimate are large. Columns are those remembered from the import of a
/// sheet like it, or found by their names.
#[utoipa::path(
    post,
    path = "/estimates/{id}/write-back",
    operation_id = "writeBackDocuments",
    tag = "Documents",
    params(("id" = Uuid, Path, description = "Estimate")),
    request_body(content = UploadForm, content_type = "multipart/form-data"),
    responses(
        (status = 200, description = "The workbook"),
        (status = 202, description = "The job that fills it", body = jobs::JobStarted),
        (status = 422, description = "The workbook cannot take the schedule"),
    ),
)]
pub async fn write_rates(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<Uuid>,
    terms: Terms,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Response, Problem> {
    let opened = me.open(id).await?;
    let mut form = form.map_err(|_| {
        Problem::invalid("file", "Send the workbook as a multipart form with the part `file`.")
    })?;
    let (name, bytes) = file_of(&mut form, app.settings.upload_bytes_max).await?;
    let is_large =
        opened.estimate.len() > EXPORT_ROWS_DIRECT_MAX || bytes.len() > WRITE_BACK_BYTES_DIRECT_MAX;
    // A price that is undefined is told before anything is read.
    let organisation = me.office().organisation();
    let priced = off_thread("pricing a schedule", move || {
        let schedule = client_schedule(&opened, &organisation)?;
        Ok::<_, Problem>((opened, schedule))
    });
    let (opened, schedule) = priced.await??;
    if !is_large {
        let filled = fill(&app, opened, schedule, bytes.to_vec(), name.clone()).await?;
        return Ok(download(filled, XLSX, &safe(&name)));
    }
    let terms = terms.over(&bytes);
    let title = safe(&name);
    let choices = Choices::WriteBack { estimate_id: id, file_name: name };
    let (kind, input) = (JobKind::Document, Some(bytes.to_vec()));
    let new = New { kind, title, estimate: Some(id), choices, input, steps: 0 };
    jobs::start(&app, &me, terms, new).await
}

/// Fills the workbook a job was given.
pub(super) async fn carry_out(
    app: &App,
    me: &SignedIn,
    job: &KeptJob,
    run: &Run,
    id: Uuid,
    file_name: String,
) -> Result<Finished, Halt> {
    let stage = |at: usize| {
        let message = STAGES.get(at).copied().unwrap_or_default();
        run.tell(Unit::Stage, at as u64, STAGES.len() as u64, message);
        if run.is_stopped() { Err(Halt::Cancelled) } else { Ok(()) }
    };
    stage(0)?;
    let bytes = jobs::input(me, job).await?;
    stage(1)?;
    let (opened, organisation) = (me.open(id).await?, me.office().organisation());
    let priced = off_thread("pricing a schedule", move || {
        let schedule = client_schedule(&opened, &organisation)?;
        Ok::<_, Problem>((opened, schedule))
    });
    let (opened, schedule) = priced.await??;
    stage(2)?;
    let bytes = fill(app, opened, schedule, bytes, file_name.clone()).await?;
    stage(STAGES.len())?;
    let name = safe(&file_name);
    let message = format!("Written: {name}");
    let file = Some(MadeFile { name, media_type: XLSX, content: bytes.into() });
    Ok(Finished { message, answer: None, file })
}

/// Stages that a job tells of: writing is one piece.
const STAGES: [&str; 3] = ["Reading the workbook", "Pricing the schedule", "Writing the rates"];

async fn fill(
    app: &App,
    opened: Opened,
    schedule: ClientSchedule,
    bytes: Vec<u8>,
    file_name: String,
) -> Result<Vec<u8>, Problem> {
    let turn = app.uploads.turns.acquire().await.map_err(|_| Problem::internal())?;
    let written = off_thread("filling a workbook", move || {
        let known = |sheet: &Sheet, place: u32| remembered(&opened.published, sheet, place);
        write_back::write_back(&bytes, &file_name, &schedule, known).map_err(not_written)
    });
    let written = written.await??;
    drop(turn);
    Ok(written.bytes)
}

/// The name of the client's file as any system takes it.
fn safe(name: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || ".-_ ".contains(c) { c } else { '-' };
    name.chars().map(safe).collect()
}

/// The answer for a workbook that nothing was written into.
fn not_written(error: WriteBackError) -> Problem {
    match error {
        WriteBackError::Read(error) => unreadable(error),
        WriteBackError::Broken(broken) => Refusal::from(Violations::from(*broken)).into(),
        WriteBackError::NotXlsx | WriteBackError::NoSchedule | WriteBackError::Package(_) => {
            Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "write-back-refused", error.to_string())
        }
    }
}
