//! The organisation in one file, as it is or masked, now or at a past moment.

use super::app::App;
use super::auth::SignedIn;
use super::extract::{Json, Terms};
use super::jobs::{self, Choices, Halt, New};
use super::off_thread::off_thread;
use super::problem::Problem;
use super::time::{Time, now_us};
use super::{schema, vault};
use crate::estimating::user::{Organisation, Role};
use crate::jobs::{Content, Finished, MadeFile, Run, Unit, Workplace, sentence};
use crate::ledger::LedgerError;
use crate::vault::masking::{self, Audit, MaskError, Policy, Salt, Source};
use crate::vault::{Restored, Target, pack};
use crate::workspace::jobs::{JobKind, JobRow, KeptJob};
use crate::workspace::{MarkAsk, MarkKind};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::path::PathBuf;
use std::sync::Arc;
use utoipa::ToSchema;
use uuid::Uuid;

/// Name of the file in the data folder with the secret masked copies are made with.
const SALT_FILE: &str = "mask.salt";
/// The media type of the file.
const OXSNAP: &str = "application/octet-stream";

/// A snapshot of the organisation that is wanted.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SnapshotRequest {
    /// Whether names, contacts, texts and prices are replaced by invented ones.
    pub masked: bool,
    /// As it was at this moment, from the vault; as it is now where absent.
    #[serde(default)]
    #[schema(value_type = Option<schema::Time>)]
    pub at: Option<Time>,
}

/// Writes the organisation with its people into one file (`.oxsnap`), as a job. Masked, it can go to
/// a staging server: a search of it finds nothing of the original (BR-123).
#[utoipa::path(
    post,
    path = "/snapshots",
    operation_id = "createSnapshot",
    tag = "Vault",
    request_body = SnapshotRequest,
    responses((status = 202, description = "The job that writes it", body = jobs::JobStarted)),
)]
pub async fn create(
    State(app): State<App>,
    me: SignedIn,
    terms: Terms,
    Json(request): Json<SnapshotRequest>,
) -> Result<Response, Problem> {
    if let Some(at) = request.at {
        vault::there(&app)?;
        if at.0 > now_us() {
            return Err(Problem::invalid("at", "this moment is still to come"));
        }
    }
    let new = New {
        kind: JobKind::Snapshot,
        title: title(&me.office().organisation(), &request),
        estimate: None,
        choices: Choices::Snapshot(request),
        input: None,
        steps: 0,
    };
    jobs::start(&app, &me, terms, new).await
}

/// "Snapshot of Oxcon as of 20 Apr 2026, 14:05, masked".
fn title(organisation: &Organisation, request: &SnapshotRequest) -> String {
    let moment = request.at.and_then(|at| {
        let at = jiff::Timestamp::from_microsecond(at.0).ok()?;
        let local = at.in_tz(&organisation.time_zone).ok()?;
        Some(format!(" as of {}", local.strftime("%-d %b %Y, %H:%M:%S")))
    });
    let masked = if request.masked { ", masked" } else { ", as it is" };
    format!("Snapshot of {}{}{masked}", organisation.name, moment.unwrap_or_default())
}

/// The file's name: that of a masked one tells nothing of the organisation.
fn file_name(organisation: &Organisation, request: &SnapshotRequest) -> String {
    let at = request.at.map_or_else(now_us, |at| at.0);
    let at = jiff::Timestamp::from_microsecond(at).unwrap_or_default();
    let slug = if request.masked { "staging" } else { &organisation.slug };
    format!("{slug}-{}.oxsnap", at.strftime("%Y%m%dT%H%M%SZ"))
}

/// Notes that the file of a job is taken away, before it is given.
///
/// # Errors
/// `PermissionDenied` for anybody but an Admin; any refusal of the workspace.
pub(super) async fn note(me: &SignedIn, job: &JobRow) -> Result<(), Problem> {
    let kind = MarkKind::SnapshotExport;
    let words = format!("Take away: {}", job.ask.title);
    let ask = MarkAsk::Read { kind, object: Uuid::nil(), estimate: None, words };
    Ok(me.workspace().note_read(me.actor(), ask).await?)
}

/// Makes the file.
pub(super) async fn carry_out(
    app: &App,
    me: &SignedIn,
    job: &KeptJob,
    run: Arc<Run>,
    request: SnapshotRequest,
) -> Result<Finished, Halt> {
    if me.user().role < Role::Admin {
        let said = "Whoever asked for this is not an Admin any more.";
        return Err(Problem::permission_denied("permission-denied", said).into());
    }
    let organisation = me.office().organisation();
    let unwritten = |error: std::io::Error| {
        tracing::error!(%error, "a snapshot of an organisation has no place to be made");
        let said = format!("The file could not be written: {error}");
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, "storage-failed", said)
    };
    let place = me.office().queue.files().workplace(job.row.id).map_err(unwritten)?;
    let source = match request.at {
        None => {
            let (rows, control) = (me.workspace().reader(), app.control.reader());
            let (rows, control) = (rows.snapshot(), control.snapshot());
            let both = rows.and_then(|rows| Ok((rows, control?)));
            let (rows, control) = both.map_err(|error| refused(error.into()))?;
            Source::live(rows, control, &organisation)
        }
        Some(at) => restored(app, &organisation, at, &place, &run).await?,
    };
    if run.is_stopped() {
        return Err(Halt::Cancelled);
    }
    let salt = match (&app.settings.mask_salt, request.masked) {
        (_, false) => None,
        (Some(salt), true) => Some(salt.clone()),
        (None, true) => {
            let path = app.control.folder().join(SALT_FILE);
            Some(Salt::in_file(&path).map_err(refused)?)
        }
    };
    let at_work = run.clone();
    let make = move || make(&source, salt.as_ref(), place, &at_work);
    let made = off_thread("making a snapshot of an organisation", make).await?;
    let Made { path, place, rows, lsn, searched } = made.map_err(refused)?;
    if run.is_stopped() {
        return Err(Halt::Cancelled);
    }
    let message = match searched {
        None => format!("{rows} rows, as they were at change {lsn}"),
        Some(searched) => {
            format!("{rows} rows; {searched} searched, nothing of the original found")
        }
    };
    let file = MadeFile {
        name: file_name(&organisation, &request),
        media_type: OXSNAP,
        content: Content::Made(path, place),
    };
    let answer = json!({"masked": request.masked, "rows": rows, "lsn": lsn, "searched": searched});
    Ok(Finished { message, answer: Some(answer.to_string()), file: Some(file) })
}

/// The organisation as it was at a moment, from the vault.
async fn restored(
    app: &App,
    organisation: &Organisation,
    at: Time,
    place: &Workplace,
    run: &Arc<Run>,
) -> Result<Source, Problem> {
    let vaults = vault::there(app)?;
    let folder = place.path().join("then");
    run.tell(Unit::Row, 0, 0, "Restoring from the vault");
    let told = run.clone();
    let progress = move |done: Restored| {
        // What is restored is thrown away where it is not wanted any more.
        let _ = told.step(done.rows + done.commits);
    };
    let to = vaults.restore(&organisation.slug, Target::At(at.0), &folder, progress);
    to.await.map_err(vault::refused)?;
    let slug = organisation.slug.to_string();
    let open = move || Source::open(&folder, Some(&slug));
    off_thread("opening a restored organisation", open).await?.map_err(refused)
}

/// A file that was made.
struct Made {
    path: PathBuf,
    place: Workplace,
    rows: u64,
    lsn: u64,
    /// Rows searched for what should not be in a masked one.
    searched: Option<u64>,
}

fn make(
    source: &Source,
    salt: Option<&Salt>,
    place: Workplace,
    run: &Run,
) -> Result<Made, MaskError> {
    let path = place.path().join("organisation.oxsnap");
    let (rows, control) = source.snapshots();
    let lsn = rows.head()?.lsn.0;
    let Some(salt) = salt else {
        let all = rows.count_all()?;
        let told = |done: u64| run.tell(Unit::Row, done, all, "Writing the rows");
        let counts = pack(rows, control, source.names(), false, now_us(), &path, told)?;
        return Ok(Made { path, place, rows: counts.rows, lsn, searched: None });
    };
    let policy = Policy::parse(masking::BUILT_IN)?;
    let progress = |step: &str, rows: u64| run.tell(Unit::Row, rows, 0, &sentence(step));
    let (audit, scratch) = (Audit::Truncate, place.path());
    let made = masking::clone(source, &policy, salt, audit, &path, now_us(), scratch, progress)?;
    Ok(Made { path, place, rows: made.counts.rows, lsn, searched: Some(made.searched) })
}

/// Why a file was not made.
fn refused(error: MaskError) -> Problem {
    match error {
        MaskError::Vault(error) => vault::refused(error),
        MaskError::Ledger(LedgerError::NeedsReopen) => Problem::overloaded(),
        MaskError::Leaks { .. } => {
            tracing::error!(%error, "a masked copy would have given something away");
            let code = "anonymisation-leak-detected";
            Problem::new(StatusCode::UNPROCESSABLE_ENTITY, code, error.to_string())
        }
        error => {
            tracing::error!(%error, "a snapshot of an organisation was not made");
            Problem::internal()
        }
    }
}
