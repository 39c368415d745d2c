//! Spreadsheet imports: upload, look, plan, commit (BR-103).

mod convert;
mod job;
mod planned;
mod shapes;
mod uploads;

use crate::documents::layout;
use crate::documents::limits::{Limits, ReadError};
use crate::documents::plan::{PlanOptions, Severity, plan as plan_rows_of};
use crate::documents::sheet::Workbook;
use crate::estimating::id::{EstimateId, OrganisationId, UserId};
use crate::http::app::App;
use crate::http::auth::{Opened, SignedIn};
use crate::http::edits::EditResult;
use crate::http::extract::{Asked, Json, Path, Query, Terms};
use crate::http::jobs::JobStarted;
use crate::http::limits::{
    IMPORT_ROWS_DIRECT_MAX, PAGE_ITEMS_DEFAULT, PAGE_ITEMS_MAX, PLAN_PROBLEMS_MAX, PLAN_ROWS_FIRST,
    PLANS_PER_UPLOAD_MAX, SHEET_ROWS_MAX, UPLOAD_LIFETIME, WINDOW_ROWS_MAX,
};
use crate::http::off_thread::off_thread;
use crate::http::problem::{Problem, Violation};
use crate::http::time::now_us;
use crate::workspace::{Command, Published, Reply};
use axum::body::Bytes;
use axum::extract::multipart::{MultipartError, MultipartRejection};
use axum::extract::{Multipart, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
pub(super) use job::{ImportChoices, carry_out as carry_out_job};
use planned::Planned;
pub(super) use shapes::UploadForm;
use shapes::*;
use std::sync::Arc;
use std::time::Duration;
use uploads::Upload;
pub use uploads::Uploads;
use uuid::Uuid;

/// Uploads a spreadsheet of at most 64 MiB.
#[utoipa::path(
    post,
    path = "/imports",
    operation_id = "uploadImports",
    tag = "Imports",
    request_body(content = UploadForm, content_type = "multipart/form-data"),
    responses((status = 201, description = "The upload and its sheets", body = Import)),
)]
pub async fn upload(
    State(app): State<App>,
    me: SignedIn,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Response, Problem> {
    let mut form = form.map_err(|_| {
        Problem::invalid("file", "Send the spreadsheet as a multipart form with the part `file`.")
    })?;
    let _turn = app.uploads.turns.try_acquire().map_err(|_| Problem::overloaded())?;
    let (file_name, bytes) = file_of(&mut form, app.settings.upload_bytes_max).await?;
    let size = bytes.len() as u64;
    let limits = Limits { file_bytes: app.settings.upload_bytes_max as u64, ..Limits::default() };
    let name = file_name.clone();
    let read = move || Workbook::read(&bytes, &name, &limits);
    let workbook = off_thread("reading an import", read).await?.map_err(unreadable)?;
    let upload = Arc::new(Upload::new(owner(&me), file_name, size, workbook, now_us()));
    app.uploads.keep(upload.clone(), now_us());
    let uploads = app.uploads.clone();
    tokio::spawn(async move {
        // Nobody may ever come back to look; it goes when its time is over all the same.
        tokio::time::sleep(UPLOAD_LIFETIME + UPLOAD_SWEEP_AFTER).await;
        uploads.sweep(now_us());
    });
    Ok((StatusCode::CREATED, Json(Import::of(&upload))).into_response())
}

/// An uploaded spreadsheet.
#[utoipa::path(
    get,
    path = "/imports/{id}",
    operation_id = "showImports",
    tag = "Imports",
    params(("id" = Uuid, Path, description = "Upload")),
    responses((status = 200, description = "The upload", body = Import)),
)]
pub async fn show(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<Uuid>,
) -> Result<Json<Import>, Problem> {
    find(&app, &me, id).map(|upload| Json(Import::of(&upload)))
}

/// Forgets an uploaded spreadsheet.
#[utoipa::path(
    delete,
    path = "/imports/{id}",
    operation_id = "removeImports",
    tag = "Imports",
    params(("id" = Uuid, Path, description = "Upload")),
    responses((status = 204, description = "Forgotten")),
)]
pub async fn remove(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<Uuid>,
) -> Result<StatusCode, Problem> {
    if app.uploads.forget(owner(&me), id) {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Problem::not_found("upload"))
    }
}

/// Some rows of a sheet and the layout it seems to have.
#[utoipa::path(
    get,
    path = "/imports/{id}/sheets/{index}",
    operation_id = "sheetImports",
    tag = "Imports",
    params(("id" = Uuid, Path, description = "Upload"), ("index" = usize, Path, description = "Sheet, from 0"), SheetQuery),
    responses((status = 200, description = "Cells", body = SheetWindow)),
)]
pub async fn sheet(
    State(app): State<App>,
    me: SignedIn,
    Path((id, index)): Path<(Uuid, usize)>,
    Query(query): Query<SheetQuery>,
) -> Result<Json<SheetWindow>, Problem> {
    let upload = find(&app, &me, id)?;
    let published = me.published();
    off_thread("reading an import", move || window(&upload, index, &query, &published))
        .await?
        .map(Json)
}

/// The values of a column, for filters.
#[utoipa::path(
    get,
    path = "/imports/{id}/sheets/{index}/values",
    operation_id = "valuesImports",
    tag = "Imports",
    params(("id" = Uuid, Path, description = "Upload"), ("index" = usize, Path, description = "Sheet, from 0"), ValuesQuery),
    responses((status = 200, description = "Values", body = ColumnValues)),
)]
pub async fn values(
    State(app): State<App>,
    me: SignedIn,
    Path((id, index)): Path<(Uuid, usize)>,
    Query(query): Query<ValuesQuery>,
) -> Result<Json<ColumnValues>, Problem> {
    let upload = find(&app, &me, id)?;
    let limit = query.limit.map_or(PAGE_ITEMS_DEFAULT, |l| (l as usize).min(PAGE_ITEMS_MAX));
    let read = move || {
        let sheet = upload.sheet(index).ok_or_else(|| Problem::not_found("sheet"))?;
        let header_row = query.header_row.unwrap_or_else(|| layout::guess(sheet, 0).header_row);
        let values = layout::column_values(sheet, header_row, query.column, limit);
        let value = |v: layout::ValueCount| ColumnValue { value: v.value, count: v.count };
        Ok(ColumnValues { items: values.into_iter().map(value).collect() })
    };
    off_thread("reading an import", read).await?.map(Json)
}

/// Shows what an import would do. An upload keeps its newest four plans, each by its identity.
#[utoipa::path(
    post,
    path = "/imports/{id}/plan",
    operation_id = "planImports",
    tag = "Imports",
    params(("id" = Uuid, Path, description = "Upload")),
    request_body = PlanRequest,
    responses((status = 200, description = "The plan", body = Plan)),
)]
pub async fn plan(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<Uuid>,
    Json(request): Json<PlanRequest>,
) -> Result<Json<Plan>, Problem> {
    let upload = find(&app, &me, id)?;
    let opened = me.open(request.estimate_id).await?;
    let planned = off_thread("planning an import", move || {
        let planned = make(&upload, &opened, request)?;
        upload.keep_plan(planned.clone());
        Ok::<_, Problem>(planned)
    });
    Ok(Json(Plan::of(&*planned.await??)))
}

/// More rows of the plan.
#[utoipa::path(
    get,
    path = "/imports/{id}/plan/rows",
    operation_id = "planRowsImports",
    tag = "Imports",
    params(("id" = Uuid, Path, description = "Upload"), PlanQuery),
    responses((status = 200, description = "Rows", body = PlanRows)),
)]
pub async fn plan_rows(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<Uuid>,
    Query(query): Query<PlanQuery>,
) -> Result<Json<PlanRows>, Problem> {
    let upload = find(&app, &me, id)?;
    let planned = planned(&upload, query.plan_id)?;
    let plan = &planned.plan;
    let offset = query.offset.unwrap_or(0);
    let limit = query.limit.unwrap_or(PLAN_ROWS_FIRST).min(WINDOW_ROWS_MAX);
    let rows = plan.rows.iter().skip(offset).take(limit);
    Ok(Json(PlanRows {
        total: plan.rows.len(),
        offset,
        rows: rows.map(|row| PlanRow::of(plan, row)).collect(),
    }))
}

/// Carries out the plan in one commit.
#[utoipa::path(
    post,
    path = "/imports/{id}/commit",
    operation_id = "commitImports",
    tag = "Imports",
    params(("id" = Uuid, Path, description = "Upload")),
    request_body = CommitRequest,
    responses((status = 200, description = "What changed", body = Imported),
        (status = 202, description = "The job that does it", body = JobStarted)),
)]
pub async fn commit(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<Uuid>,
    asked: Asked<CommitRequest>,
) -> Result<Response, Problem> {
    let upload = find(&app, &me, id)?;
    let planned = planned(&upload, Some(asked.body.plan_id))?;
    if !planned.plan.is_committable() {
        return Err(has_errors(&planned));
    }
    let label = format!("Import {}", upload.file_name);
    if planned.plan.rows.len() > IMPORT_ROWS_DIRECT_MAX {
        return job::start(&app, &me, planned, label, asked.terms).await;
    }
    let reply = carry_out(&me, &planned, label, asked.terms).await?;
    let published = me.published();
    let result = EditResult::of(&reply, &published.library.catalogue)?;
    Ok(Json(Imported { result }).into_response())
}

/// Whose upload it is.
fn owner(me: &SignedIn) -> (OrganisationId, UserId) {
    (me.office().organisation().id, me.id())
}

/// An upload of whoever asks.
pub(super) fn find(app: &App, me: &SignedIn, id: Uuid) -> Result<Arc<Upload>, Problem> {
    app.uploads.get(owner(me), id, now_us()).ok_or_else(|| Problem::not_found("upload"))
}

/// A plan of an upload.
fn planned(upload: &Upload, id: Option<Uuid>) -> Result<Arc<Planned>, Problem> {
    upload.plan(id).ok_or_else(|| {
        let said = format!(
            "There is no such plan any more: an upload keeps its newest {PLANS_PER_UPLOAD_MAX}. Plan \
             the import again."
        );
        Problem::new(StatusCode::NOT_FOUND, "not-found", said)
    })
}

/// The file of an upload form, with its name.
pub(super) async fn file_of(
    form: &mut Multipart,
    bytes_max: usize,
) -> Result<(String, Bytes), Problem> {
    let broken = |error: MultipartError| {
        if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
            let mib = bytes_max >> 20;
            Problem::too_large("body-too-large", format!("Upload at most {mib} MiB."))
        } else {
            Problem::bad_request("The upload ended before it was complete.")
        }
    };
    while let Some(part) = form.next_field().await.map_err(broken)? {
        if part.name() == Some("file") {
            let name = part.file_name().unwrap_or("upload").chars().take(FILE_NAME_CHARS_MAX);
            let name: String = name.filter(|c| !c.is_control()).collect();
            return Ok((name, part.bytes().await.map_err(broken)?));
        }
    }
    Err(Problem::invalid("file", "Send the spreadsheet as the part `file`."))
}

/// Time after the end of an upload's life at which it is swept out at the latest.
const UPLOAD_SWEEP_AFTER: Duration = Duration::from_secs(1);
/// Characters kept of a file's name.
const FILE_NAME_CHARS_MAX: usize = 200;

pub(super) fn unreadable(error: ReadError) -> Problem {
    let status = match error {
        ReadError::Limit { .. } | ReadError::TooSlow { .. } => StatusCode::PAYLOAD_TOO_LARGE,
        ReadError::NameMismatch { .. }
        | ReadError::Unsupported { .. }
        | ReadError::Encrypted
        | ReadError::Broken { .. }
        | ReadError::Empty
        | ReadError::Cancelled
        | ReadError::ReaderFailed => StatusCode::UNPROCESSABLE_ENTITY,
    };
    Problem::new(status, error.code(), error.to_string())
}

impl Import {
    fn of(upload: &Upload) -> Import {
        let sheets = upload.workbook.sheets.iter().enumerate();
        Import {
            id: upload.id,
            file_name: upload.file_name.clone(),
            size: upload.size,
            sheets: sheets.map(|(index, sheet)| ImportSheet::of(index, sheet)).collect(),
        }
    }
}

/// Some rows of a sheet, with its layout as remembered or guessed.
fn window(
    upload: &Upload,
    index: usize,
    query: &SheetQuery,
    published: &Published,
) -> Result<SheetWindow, Problem> {
    let sheet = upload.sheet(index).ok_or_else(|| Problem::not_found("sheet"))?;
    let place = u32::try_from(index).unwrap_or(u32::MAX);
    let mut guess: Layout = match query.header_row {
        Some(row) => layout::guess_below(sheet, place, row),
        None => layout::guess(sheet, place),
    }
    .into();
    let key = layout::fingerprint(&layout::headings(sheet, guess.header_row));
    let remembered = published.layout(&key).and_then(|text| serde_json::from_str(text).ok());
    if let Some(Layout { columns, hierarchy, filters, unit_map, .. }) = remembered {
        guess = Layout { columns, hierarchy, filters, unit_map, remembered: true, ..guess };
    }
    let first = query.offset.unwrap_or(0);
    let limit = query.limit.unwrap_or(SHEET_ROWS_DEFAULT).min(SHEET_ROWS_MAX);
    let rows = first..sheet.row_count().min(first.saturating_add(limit));
    let cells = |row| (0..sheet.column_count()).map(|c| SheetCell::at(sheet, row, c)).collect();
    Ok(SheetWindow {
        cells: rows.map(cells).collect(),
        rows: sheet.row_count(),
        columns: sheet.column_count(),
        guess,
    })
}

/// The layout remembered for a sheet like this one.
pub(super) fn remembered(
    published: &Published,
    sheet: &crate::documents::sheet::Sheet,
    place: u32,
) -> Option<layout::Layout> {
    let guess = layout::guess(sheet, place);
    let key = layout::fingerprint(&layout::headings(sheet, guess.header_row));
    let kept: Layout = serde_json::from_str(published.layout(&key)?).ok()?;
    let kept = Layout { sheet: place, header_row: guess.header_row, ..kept };
    Some(kept.into())
}

/// Rows of a sheet where the request does not say how many.
const SHEET_ROWS_DEFAULT: u32 = 50;

/// Plans an import of a sheet into an estimate. O(rows of both).
fn make(upload: &Upload, opened: &Opened, request: PlanRequest) -> Result<Arc<Planned>, Problem> {
    let index = request.layout.sheet as usize;
    let sheet = upload.sheet(index).ok_or_else(|| Problem::not_found("sheet"))?;
    let estimate = &opened.estimate;
    let under_depth = match request.parent_id {
        None => 0,
        Some(id) => {
            let node = estimate.node(id).filter(|node| node.heading().is_some());
            u32::from(node.ok_or_else(|| Problem::not_found("heading"))?.calc.depth)
        }
    };
    let existing = match request.mode {
        ImportMode::Append => Vec::new(),
        ImportMode::ReplaceEmpty if estimate.is_empty() => Vec::new(),
        ImportMode::ReplaceEmpty => {
            return Err(Problem::new(
                StatusCode::CONFLICT,
                "estimate-not-empty",
                "The estimate has rows already: append to it, or import again by code.",
            ));
        }
        ImportMode::Reimport => planned::existing(estimate),
    };
    let units = planned::unit_map(opened.catalogue(), &request.layout.unit_map);
    let options =
        PlanOptions { mode: request.mode.into(), rate_as: request.rate_as.into(), under_depth };
    let layout = request.layout.clone().into();
    let plan = plan_rows_of(sheet, &layout, &units, &existing, options);
    let key = layout::fingerprint(&layout::headings(sheet, layout.header_row));
    Ok(Arc::new(Planned::new(request, plan, estimate, key)))
}

impl Plan {
    fn of(planned: &Planned) -> Plan {
        let plan = &planned.plan;
        let unknown = |u: &crate::documents::plan::UnknownUnit| UnknownUnit {
            unit: u.unit.clone(),
            count: u.count,
            suggest: u.suggest.clone(),
        };
        let rows = plan.rows.iter().take(PLAN_ROWS_FIRST);
        Plan {
            plan_id: planned.id,
            summary: (&plan.summary).into(),
            unknown_units: plan.unknown_units.iter().map(unknown).collect(),
            rows: rows.map(|row| PlanRow::of(plan, row)).collect(),
            problems: plan.problems.iter().take(PLAN_PROBLEMS_MAX).map(Into::into).collect(),
        }
    }
}

/// Why a plan with errors is not committed (BR-103), naming the first of them.
fn has_errors(planned: &Planned) -> Problem {
    let rule = crate::estimating::rules::RuleId::br(103);
    let errors = planned.plan.problems.iter().filter(|p| p.severity == Severity::Error);
    let violations: Vec<Violation> = errors
        .take(ERRORS_LISTED_MAX)
        .map(|p| Violation {
            rule: p.rule.map_or_else(|| rule.to_string(), str::to_owned),
            code: p.code,
            message: format!("{}: {}", p.cell, p.message),
            objects: Vec::new(),
            field: Some(p.cell.clone()),
            position: None,
            edit: None,
            facts: None,
        })
        .collect();
    let detail =
        format!("{} cells have errors; nothing was imported.", planned.plan.summary.errors);
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, rule.code(), detail).with_violations(violations)
}

/// Errors a refused commit lists.
const ERRORS_LISTED_MAX: usize = 100;

/// Carries out a plan in one commit, and remembers its layout.
async fn carry_out(
    me: &SignedIn,
    planned: &Planned,
    label: String,
    terms: Terms,
) -> Result<Reply, Problem> {
    let command = Command::Import {
        id: EstimateId(planned.request.estimate_id),
        edits: planned.edits(),
        label: Some(label),
    };
    let reply = me.submit(command, terms).await?;
    if let Ok(layout) = serde_json::to_string(&planned.request.layout) {
        remember(me, planned.layout_key.clone(), layout).await;
    }
    Ok(reply)
}

/// Remembers how a kind of spreadsheet is laid out; an import is no worse without.
async fn remember(me: &SignedIn, key: String, layout: String) {
    let command = Command::RememberLayout { key, layout };
    if let Err(problem) = me.submit(command, Terms::default()).await {
        tracing::warn!(?problem, "the layout of an import is not remembered");
    }
}
