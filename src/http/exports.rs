//! Files made of an estimate.

use super::app::App;
use super::auth::{Opened, SignedIn};
use super::documents::download;
use super::extract::{Asked, Path, Query};
use super::jobs::{self, Choices, Halt, New};
use super::limits::EXPORT_ROWS_DIRECT_MAX;
use super::off_thread::off_thread;
use super::problem::Problem;
use super::time::now_us;
use crate::documents::export::{CostByType, ExportHeader, ExportKind, ExportRow, ResourceRow};
use crate::documents::limits::{Progress, unwatched};
use crate::documents::{export_csv, export_xlsx};
use crate::estimating::cost::{CostSums, CostType};
use crate::estimating::estimate::{NodeView, Status};
use crate::estimating::tender::EstimateState;
use crate::estimating::user::Organisation;
use crate::jobs::{Finished, MadeFile, Run, Unit};
use crate::workspace::jobs::JobKind;
use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// A file format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ExportFormat {
    /// An Excel workbook.
    Xlsx,
    /// Comma-separated text.
    Csv,
}

/// Which file.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExportQuery {
    /// Format.
    #[param(inline)]
    pub format: ExportFormat,
}

/// A file of an estimate.
#[utoipa::path(
    get,
    path = "/estimates/{id}/export",
    operation_id = "exportExports",
    tag = "Estimates",
    params(("id" = Uuid, Path, description = "Estimate"), ExportQuery),
    responses((status = 200, description = "The file")),
)]
pub async fn export(
    me: SignedIn,
    Path(id): Path<Uuid>,
    Query(query): Query<ExportQuery>,
) -> Result<Response, Problem> {
    let opened = me.open(id).await?;
    direct(&me, opened, query.format).await
}

/// Which file is to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExportRequest {
    /// Format.
    pub format: ExportFormat,
}

/// A file of an estimate, or the job that makes it where the estimate is large.
#[utoipa::path(
    post,
    path = "/estimates/{id}/export",
    operation_id = "makeExports",
    tag = "Estimates",
    params(("id" = Uuid, Path, description = "Estimate")),
    request_body = ExportRequest,
    responses(
        (status = 200, description = "The file"),
        (status = 202, description = "The job that makes it", body = jobs::JobStarted),
    ),
)]
pub async fn make(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<Uuid>,
    asked: Asked<ExportRequest>,
) -> Result<Response, Problem> {
    let opened = me.open(id).await?;
    let format = asked.body.format;
    if opened.estimate.len() <= EXPORT_ROWS_DIRECT_MAX {
        return direct(&me, opened, format).await;
    }
    let title = file_name(&head(&opened, &me.office().organisation()), format);
    let choices = Choices::Export { estimate_id: id, format };
    let kind = JobKind::Export;
    let new = New { kind, title, estimate: Some(id), choices, input: None, steps: 0 };
    jobs::start(&app, &me, asked.terms, new).await
}

async fn direct(me: &SignedIn, opened: Opened, format: ExportFormat) -> Result<Response, Problem> {
    let header = head(&opened, &me.office().organisation());
    let name = file_name(&header, format);
    let work = move || write(&opened, &header, format, &mut unwatched);
    let bytes = off_thread("writing an export", work).await??;
    Ok(attached(bytes, &name, format))
}

/// Writes an estimate as a file, telling a job how far that is.
pub(super) async fn carry_out(
    me: &SignedIn,
    id: Uuid,
    format: ExportFormat,
    run: Arc<Run>,
) -> Result<Finished, Halt> {
    let opened = me.open(id).await?;
    let header = head(&opened, &me.office().organisation());
    let name = file_name(&header, format);
    run.tell(Unit::Row, 0, opened.estimate.len() as u64, "Writing the rows");
    let work = move || write(&opened, &header, format, &mut |done, _| run.step(done));
    let bytes = off_thread("writing an export", work).await??;
    let message = format!("Written: {name}");
    let file = Some(MadeFile { name, media_type: format.media_type(), content: bytes.into() });
    Ok(Finished { message, answer: None, file })
}

/// The name of a file called `stem` with the extension of its format.
pub(super) fn file_called(stem: &str, format: ExportFormat) -> String {
    format!("{}.{}", safe(stem), format.extension())
}

/// An answer that is kept as a file.
pub(super) fn attached(bytes: Vec<u8>, name: &str, format: ExportFormat) -> Response {
    download(bytes, format.media_type(), name)
}

impl ExportFormat {
    /// Its media type.
    pub(super) fn media_type(self) -> &'static str {
        match self {
            ExportFormat::Xlsx => XLSX,
            ExportFormat::Csv => "text/csv; charset=utf-8",
        }
    }

    fn extension(self) -> &'static str {
        match self {
            ExportFormat::Xlsx => "xlsx",
            ExportFormat::Csv => "csv",
        }
    }
}

/// Media type of a workbook.
pub(super) const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

fn write(
    opened: &Opened,
    header: &ExportHeader,
    format: ExportFormat,
    progress: Progress<'_>,
) -> Result<Vec<u8>, Problem> {
    let estimate = &opened.estimate;
    let order: Vec<Uuid> = estimate.rows().map(|node| node.id()).collect();
    let rows = order.iter().filter_map(|id| estimate.node(*id)).map(|node| row(&node));
    let written = match format {
        ExportFormat::Csv => export_csv::write(header, rows, progress),
        ExportFormat::Xlsx => export_xlsx::write(header, rows, &resources(opened), progress),
    };
    written.map_err(|error| Problem::too_large("export-failed", error.to_string()))
}

/// What stands above the rows; a revision not submitted is a draft (BR-108).
pub(super) fn head(opened: &Opened, organisation: &Organisation) -> ExportHeader {
    let row = opened.estimate.row();
    let tender = opened.published.library.tender(row.tender);
    let is_draft = match row.state {
        EstimateState::Submitted => false,
        EstimateState::InProgress
        | EstimateState::Reviewed
        | EstimateState::Approved
        | EstimateState::Superseded
        | EstimateState::Archived => true,
    };
    ExportHeader {
        organisation: organisation.name.to_string(),
        tender_number: tender.map(|t| t.number.to_string()).unwrap_or_default(),
        tender_name: tender.map(|t| t.name.to_string()).unwrap_or_default(),
        estimate: format!("{} {}", row.code, row.name),
        revision: row.revision,
        commit: opened.lsn,
        printed_at: printed_at(&organisation.time_zone),
        currency: organisation.currency.to_string(),
        gst_pct: row.gst_pct,
        is_draft,
    }
}

/// What stands above a sample document, which is of no tender.
pub(super) fn sample_head(organisation: &Organisation) -> ExportHeader {
    ExportHeader {
        organisation: organisation.name.to_string(),
        tender_number: "T-0000".to_owned(),
        tender_name: "A sample, not a tender".to_owned(),
        estimate: "BASE Sample".to_owned(),
        revision: 1,
        commit: 0,
        printed_at: printed_at(&organisation.time_zone),
        currency: organisation.currency.to_string(),
        gst_pct: organisation.gst_pct,
        is_draft: false,
    }
}

/// Now, as people of the organisation read it.
fn printed_at(zone: &str) -> String {
    local_time(now_us(), zone)
}

/// A moment, microseconds since 1970, UTC, as people in a zone read it: `20 Apr 2026 12:00 NZST`.
pub(super) fn local_time(at_us: i64, zone: &str) -> String {
    shown(at_us, zone, "%-d %b %Y %H:%M %Z")
}

/// The day of a moment in a zone: `20 Apr 2026`.
pub(super) fn local_day(at_us: i64, zone: &str) -> String {
    shown(at_us, zone, "%-d %b %Y")
}

fn shown(at_us: i64, zone: &str, format: &str) -> String {
    let at = jiff::Timestamp::from_microsecond(at_us).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    match at.in_tz(zone) {
        Ok(local) => local.strftime(format).to_string(),
        Err(_) => at.to_string(),
    }
}

fn by_type(sums: &CostSums) -> CostByType {
    CostByType {
        labour: sums.get(CostType::Labour),
        plant: sums.get(CostType::Plant),
        material: sums.get(CostType::Material),
        subcontract: sums.get(CostType::Subcontract),
        other: sums.get(CostType::Other),
    }
}

pub(super) fn row(node: &NodeView<'_>) -> ExportRow {
    let depth = u32::from(node.calc.depth);
    let mut cost = node.calc.cost;
    if let Some(heading) = node.heading() {
        cost += node.calc.other;
        return ExportRow {
            kind: ExportKind::Heading,
            depth,
            code: heading.code.to_string(),
            description: heading.name.to_string(),
            unit: None,
            quantity: None,
            cost_rate: None,
            cost: cost.total(),
            by_type: by_type(&cost),
            counted: true,
            status: String::new(),
            note: String::new(),
        };
    }
    let item = node.item();
    let below_item =
        item.is_some_and(|i| matches!(i.parent, crate::estimating::item::Parent::Item(_)));
    ExportRow {
        kind: if below_item { ExportKind::SubItem } else { ExportKind::Item },
        depth,
        code: item.map(|i| i.code.to_string()).unwrap_or_default(),
        description: item.map(|i| i.description.to_string()).unwrap_or_default(),
        unit: item.and_then(|i| i.unit).map(|unit| unit.to_string()),
        quantity: node.quantity(),
        cost_rate: node.cost_rate(),
        cost: cost.total(),
        by_type: by_type(&cost),
        counted: node.is_counted(),
        status: node.status().map_or("", status_words).to_owned(),
        note: item.and_then(|i| i.extra().note.as_deref()).unwrap_or_default().to_owned(),
    }
}

fn status_words(status: Status) -> &'static str {
    match status {
        Status::Unpriced => "Unpriced",
        Status::Plugged => "Plugged",
        Status::Priced => "Priced",
        Status::Reviewed => "Reviewed",
    }
}

/// The resources the estimate takes, by type and code; plugs and free lines together by type.
pub(super) fn resources(opened: &Opened) -> Vec<ResourceRow> {
    let catalogue = opened.catalogue();
    let mut rows: Vec<ResourceRow> = opened
        .estimate
        .resource_usage(catalogue)
        .into_iter()
        .map(|used| {
            let resource = used.resource.and_then(|id| catalogue.resource(id));
            ResourceRow {
                code: resource.map(|r| r.code.to_string()).unwrap_or_default(),
                description: resource.map_or_else(
                    || "Plugs and lines of their own".to_owned(),
                    |r| r.description.to_string(),
                ),
                resource_type: used.cost_type.name().to_owned(),
                unit: resource.map(|r| r.unit.to_string()).unwrap_or_default(),
                quantity: used.quantity,
                rate: None,
                cost: used.cost,
            }
        })
        .collect();
    rows.sort_by(|a, b| (&a.resource_type, &a.code).cmp(&(&b.resource_type, &b.code)));
    rows
}

fn file_name(header: &ExportHeader, format: ExportFormat) -> String {
    format!("{}.{}", file_stem(header), format.extension())
}

/// The start of a name every file system takes.
pub(super) fn file_stem(header: &ExportHeader) -> String {
    safe(&format!("{} {} r{}", header.tender_number, header.estimate, header.revision))
}

fn safe(stem: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || ".-_ ".contains(c) { c } else { '-' };
    let stem: String = stem.chars().map(safe).take(FILE_NAME_CHARS_MAX).collect();
    stem.trim().to_owned()
}

/// Characters of a file's name before its extension.
const FILE_NAME_CHARS_MAX: usize = 100;
