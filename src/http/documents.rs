//! Documents of an estimate: for the client, and for the organisation alone.

use super::app::App;
use super::audit;
use super::auth::{Opened, SignedIn};
use super::exports::{XLSX, file_stem, head, resources, row};
use super::extract::{Asked, Path, Query};
use super::jobs::{self, Choices, Halt, New};
use super::limits::{DOCUMENT_ROWS_DIRECT_MAX, EXPORT_ROWS_DIRECT_MAX};
use super::off_thread::press;
use super::problem::Problem;
use crate::documents::client_schedule::{ClientSchedule, ScheduleError};
use crate::documents::commercial_summary;
use crate::documents::cost_report;
use crate::documents::export::ExportHeader;
use crate::documents::limits::{Progress, unwatched};
use crate::documents::print::{self, DocumentError, Paper};
use crate::documents::tender_letter::{self, LetterTexts};
use crate::estimating::branding::Branding;
use crate::estimating::content::ContentKind;
use crate::estimating::refusal::Refusal;
use crate::estimating::rules::{RuleId, Violation, Violations};
use crate::estimating::user::Organisation;
use crate::jobs::{Finished, MadeFile, Run, Unit};
use crate::workspace::jobs::JobKind;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// A document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DocumentKind {
    /// The schedule of prices, for the client.
    ClientSchedule,
    /// The schedule without any price, for the non-price envelope.
    UnpricedSchedule,
    /// The letter with the tender sum, inclusions and exclusions, for the client.
    TenderLetter,
    /// The letter without any price, for the non-price envelope.
    UnpricedLetter,
    /// Cost by heading and item, internal.
    CostByHeading,
    /// Cost by resource, internal.
    CostByResource,
    /// Rules, margin and price, internal.
    CommercialSummary,
}

impl DocumentKind {
    /// What a file of it is called.
    const fn name(self) -> &'static str {
        match self {
            DocumentKind::ClientSchedule => "schedule of prices",
            DocumentKind::UnpricedSchedule => "schedule of quantities",
            DocumentKind::TenderLetter => "tender letter",
            DocumentKind::UnpricedLetter => "tender letter non-price",
            DocumentKind::CostByHeading => "cost by heading",
            DocumentKind::CostByResource => "cost by resource",
            DocumentKind::CommercialSummary => "commercial summary",
        }
    }
}

/// A format of documents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DocumentFormat {
    /// Portable Document Format.
    #[default]
    Pdf,
    /// An Excel workbook.
    Xlsx,
}

/// Which document.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct DocumentPath {
    /// Estimate.
    pub id: Uuid,
    /// Document.
    #[param(inline)]
    pub document: DocumentKind,
}

impl DocumentPath {
    /// Notes who has commercials set as a document, as a look at them is noted.
    async fn noted(&self, me: &SignedIn) {
        if self.document == DocumentKind::CommercialSummary {
            audit::commercials_read(me, self.id).await;
        }
    }
}

/// In which form.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DocumentQuery {
    /// Format; PDF where absent.
    #[serde(default)]
    #[param(inline)]
    pub format: DocumentFormat,
    /// Asks for a copy without the mark of a draft: refused unless the revision is submitted.
    #[serde(default)]
    pub unmarked: bool,
}

/// A document of an estimate. What is not submitted says DRAFT with revision, commit and time
/// (BR-108); what is for the client holds no cost, margin, supplier or rule (BR-107).
#[utoipa::path(
    get,
    path = "/estimates/{id}/documents/{document}",
    operation_id = "getDocuments",
    tag = "Documents",
    params(DocumentPath, DocumentQuery),
    responses(
        (status = 200, description = "The file"),
        (status = 422, description = "Broken rules leave the price undefined"),
    ),
)]
pub async fn show(
    me: SignedIn,
    Path(path): Path<DocumentPath>,
    Query(query): Query<DocumentQuery>,
) -> Result<Response, Problem> {
    path.noted(&me).await;
    let opened = me.open(path.id).await?;
    let request = DocumentRequest { format: query.format, unmarked: query.unmarked };
    direct(&me, opened, path.document, request).await
}

/// In which form a document is to be made.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DocumentRequest {
    /// Format; PDF where absent.
    #[serde(default)]
    pub format: DocumentFormat,
    /// Asks for a copy without the mark of a draft: refused unless the revision is submitted.
    #[serde(default)]
    pub unmarked: bool,
}

/// A document of an estimate as `GET` gives it, or the job that makes it where the estimate is
/// large.
#[utoipa::path(
    post,
    path = "/estimates/{id}/documents/{document}",
    operation_id = "makeDocuments",
    tag = "Documents",
    params(DocumentPath),
    request_body = DocumentRequest,
    responses(
        (status = 200, description = "The file"),
        (status = 202, description = "The job that makes it", body = jobs::JobStarted),
        (status = 422, description = "Broken rules leave the price undefined"),
    ),
)]
pub async fn make(
    State(app): State<App>,
    me: SignedIn,
    Path(path): Path<DocumentPath>,
    asked: Asked<DocumentRequest>,
) -> Result<Response, Problem> {
    path.noted(&me).await;
    let opened = me.open(path.id).await?;
    let request = asked.body;
    let rows_max = match request.format {
        DocumentFormat::Pdf => DOCUMENT_ROWS_DIRECT_MAX,
        DocumentFormat::Xlsx => EXPORT_ROWS_DIRECT_MAX,
    };
    if opened.estimate.len() <= rows_max {
        return direct(&me, opened, path.document, request).await;
    }
    let header = head(&opened, &me.office().organisation());
    let title = file_name(&header, path.document, request.format);
    let choices = Choices::Document { estimate_id: path.id, document: path.document, request };
    let kind = JobKind::Document;
    let new = New { kind, title, estimate: Some(path.id), choices, input: None, steps: 0 };
    jobs::start(&app, &me, asked.terms, new).await
}

async fn direct(
    me: &SignedIn,
    opened: Opened,
    document: DocumentKind,
    request: DocumentRequest,
) -> Result<Response, Problem> {
    let organisation = me.office().organisation();
    let work = move || write(&opened, &organisation, document, request, &mut unwatched);
    let (name, bytes) = press(work).await??;
    Ok(download(bytes, request.format.media_type(), &name))
}

/// Stages of a document that a job tells of; a long one is set in parts, which are told too.
const STAGES: [&str; 4] =
    ["Pricing the schedule", "Setting it out", "Typesetting the pages", "Writing the file"];

/// Sets a document, telling a job which stage it is at.
pub(super) async fn carry_out(
    me: &SignedIn,
    id: Uuid,
    document: DocumentKind,
    request: DocumentRequest,
    run: Arc<Run>,
) -> Result<Finished, Halt> {
    let stage = |run: &Run, at: usize, share: Option<u64>| {
        let stage = STAGES.get(at).copied().unwrap_or_default();
        let message = match share {
            None => stage.to_owned(),
            Some(percent) => format!("{stage}: {percent} %"),
        };
        run.tell(Unit::Stage, at as u64, STAGES.len() as u64, &message);
        if run.is_stopped() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let opened = me.open(id).await?;
    let organisation = me.office().organisation();
    let written = press(move || {
        if stage(&run, 0, None).is_break() {
            return Err(Halt::Cancelled);
        }
        // The press asks when it sets out, between parts of the pages and before the file.
        let mut watch = |done: u64, total: u64| match done {
            0 => stage(&run, 1, None),
            1 => stage(&run, 2, None),
            done if done + 1 < total => stage(&run, 2, Some((done - 1) * 100 / (total - 2))),
            _ => stage(&run, 3, None),
        };
        Ok(write(&opened, &organisation, document, request, &mut watch)?)
    });
    let (name, bytes) = written.await??;
    let message = format!("Written: {name}");
    let file =
        Some(MadeFile { name, media_type: request.format.media_type(), content: bytes.into() });
    Ok(Finished { message, answer: None, file })
}

impl DocumentFormat {
    fn media_type(self) -> &'static str {
        match self {
            DocumentFormat::Pdf => "application/pdf",
            DocumentFormat::Xlsx => XLSX,
        }
    }

    fn extension(self) -> &'static str {
        match self {
            DocumentFormat::Pdf => "pdf",
            DocumentFormat::Xlsx => "xlsx",
        }
    }
}

fn file_name(header: &ExportHeader, document: DocumentKind, format: DocumentFormat) -> String {
    format!("{} {}.{}", file_stem(header), document.name(), format.extension())
}

fn write(
    opened: &Opened,
    organisation: &Organisation,
    document: DocumentKind,
    request: DocumentRequest,
    progress: Progress<'_>,
) -> Result<(String, Vec<u8>), Problem> {
    let branding = opened.branding();
    let paper = paper(opened, organisation, document, branding)?;
    if request.unmarked {
        unmarked(&paper.header)?;
    }
    let name = file_name(&paper.header, document, request.format);
    Ok((name, printed(&paper, branding, request.format, progress)?))
}

fn printed(
    paper: &Paper,
    branding: &Branding,
    format: DocumentFormat,
    progress: Progress<'_>,
) -> Result<Vec<u8>, Problem> {
    match format {
        DocumentFormat::Pdf => print::pdf(paper, branding, progress).map_err(unmade),
        DocumentFormat::Xlsx => print::xlsx(paper, branding).map_err(unmade),
    }
}

/// A document as a file to save, called `stem` and what its format adds.
pub(super) fn written(
    paper: &Paper,
    branding: &Branding,
    format: DocumentFormat,
    stem: &str,
) -> Result<Response, Problem> {
    let bytes = printed(paper, branding, format, &mut unwatched)?;
    Ok(download(bytes, format.media_type(), &format!("{stem}.{}", format.extension())))
}

/// BR-108: only what is submitted goes out without the mark of a draft.
fn unmarked(header: &ExportHeader) -> Result<(), Problem> {
    let Some(mark) = header.draft_mark() else { return Ok(()) };
    let message = format!(
        "This revision is not submitted: its documents carry the mark \u{201c}{mark}\u{201d}."
    );
    let broken = Violation::new(RuleId::br(108), message).field("unmarked");
    Err(Refusal::from(Violations::from(broken)).into())
}

fn paper(
    opened: &Opened,
    organisation: &Organisation,
    document: DocumentKind,
    branding: &Branding,
) -> Result<Paper, Problem> {
    let schedule = || client_schedule(opened, organisation);
    let header = || head(opened, organisation);
    Ok(match document {
        DocumentKind::ClientSchedule => schedule()?.paper(branding.columns),
        DocumentKind::UnpricedSchedule => schedule()?.without_prices().paper(branding.columns),
        DocumentKind::TenderLetter => letter(opened, &schedule()?, true)?,
        DocumentKind::UnpricedLetter => letter(opened, &schedule()?, false)?,
        DocumentKind::CostByHeading => {
            let rows = opened.estimate.rows().map(|node| row(&node));
            cost_report::by_heading(header(), rows).map_err(unmade)?
        }
        DocumentKind::CostByResource => {
            cost_report::by_resource(header(), &resources(opened)).map_err(unmade)?
        }
        DocumentKind::CommercialSummary => {
            let price = opened.estimate.price().map_err(Refusal::from)?;
            commercial_summary::paper(header(), &price.pricing).map_err(unmade)?
        }
    })
}

/// The tender letter, unless its texts tell the client what is not for the client (BR-107).
pub(super) fn letter(
    opened: &Opened,
    schedule: &ClientSchedule,
    priced: bool,
) -> Result<Paper, Problem> {
    let texts = |kind: ContentKind| opened.estimate.offer_texts(kind);
    let library = &opened.published.library;
    let own = library.own_content_kinds().filter(|row| row.client_facing);
    let more = own
        .map(|row| (row.title.to_string(), texts(ContentKind::Own(row.id))))
        .filter(|(_, texts)| !texts.is_empty())
        .collect();
    let signs = &opened.branding().signatory;
    let validity = opened.published.library.tender(opened.estimate.row().tender);
    let texts = LetterTexts {
        inclusions: texts(ContentKind::Inclusions),
        exclusions: texts(ContentKind::Exclusions),
        assumptions: texts(ContentKind::Assumptions),
        more,
        validity_days: validity.map_or(0, |tender| tender.validity_days),
        signatory: signs.name.to_string(),
        position: signs.position.to_string(),
        ..LetterTexts::default()
    };
    let prices = if priced { Vec::new() } else { schedule.figures() };
    if let Some(broken) = texts.leaks(&inside(opened), &prices) {
        return Err(Refusal::from(Violations::from(broken)).into());
    }
    tender_letter::paper(schedule, &texts, priced).map_err(unmade)
}

/// Codes of the resources in the estimate. One of letters alone may be a word of the trade.
fn inside(opened: &Opened) -> Vec<String> {
    let catalogue = opened.catalogue();
    let used = opened.estimate.resource_usage(catalogue);
    let resources = used.into_iter().filter_map(|used| catalogue.resource(used.resource?));
    let codes = resources.map(|resource| resource.code.to_string());
    codes.filter(|code| !code.chars().all(char::is_alphabetic)).collect()
}

/// The client's schedule of an estimate as it is.
pub(super) fn client_schedule(
    opened: &Opened,
    organisation: &Organisation,
) -> Result<ClientSchedule, Problem> {
    let estimate = &opened.estimate;
    let pricing = estimate.price().map_err(Refusal::from)?;
    let tender = opened.published.library.tender(estimate.row().tender);
    let client = tender.map(|tender| &*tender.client_name).unwrap_or_default();
    let client_ref = tender.map(|tender| &*tender.client_ref).unwrap_or_default();
    let header = head(opened, organisation);
    ClientSchedule::of(estimate, &pricing.pricing, header, client, client_ref).map_err(|error| {
        match error {
            ScheduleError::Price(error) => Refusal::from(error).into(),
            error @ (ScheduleError::Beyond | ScheduleError::Misclose { .. }) => {
                tracing::error!(%error, "a schedule does not add up");
                Problem::internal()
            }
        }
    })
}

/// The answer for a document that was not made.
pub(super) fn unmade(error: DocumentError) -> Problem {
    let refuse = |code| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, code, error.to_string());
    match &error {
        DocumentError::TooManyRows(_) => refuse("document-too-large"),
        DocumentError::Logo(_) => refuse("logo-does-not-print"),
        DocumentError::Figure(_) => refuse("document-incomplete"),
        DocumentError::Cancelled => refuse("document-cancelled"),
        DocumentError::Setting(_) | DocumentError::Workbook(_) => {
            tracing::error!(%error, "a document was not made");
            Problem::internal()
        }
    }
}

/// A file to save.
pub(super) fn download(bytes: impl IntoResponse, kind: &str, name: &str) -> Response {
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    if let Ok(kind) = HeaderValue::try_from(kind) {
        headers.insert(header::CONTENT_TYPE, kind);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(value) = HeaderValue::try_from(format!("attachment; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}
