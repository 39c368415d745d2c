//! Documents of an estimate: for the client, and for the organisation alone.

use super::auth::{Opened, SignedIn};
use super::exports::{file_stem, head};
use super::extract::{Path, Query};
use super::problem::Problem;
use crate::documents::client_schedule::{ClientSchedule, ScheduleError};
use crate::documents::export::ExportHeader;
use crate::documents::limits::unwatched;
use crate::documents::print::{self, DocumentError, Paper};
use crate::estimating::branding::Branding;
use crate::estimating::refusal::Refusal;
use crate::estimating::rules::{RuleId, Violation, Violations};
use crate::estimating::user::Organisation;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use std::sync::Arc;
use tokio::sync::Semaphore;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Documents set at the same time; each takes about 20 kB a row.
static PRESSES: Semaphore = Semaphore::const_new(2);

/// A document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DocumentKind {
    /// The schedule of prices, for the client.
    ClientSchedule,
    /// The schedule without any price, for the non-price envelope.
    UnpricedSchedule,
}

impl DocumentKind {
    /// What a file of it is called.
    const fn name(self) -> &'static str {
        match self {
            DocumentKind::ClientSchedule => "schedule of prices",
            DocumentKind::UnpricedSchedule => "schedule of quantities",
        }
    }
}

/// A format of documents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DocumentFormat {
    /// Portable Document Format.
    #[default]
    Pdf,
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
    let opened = me.open(path.id).await?;
    let organisation = me.office().organisation.clone();
    let permit = PRESSES.acquire().await.map_err(|_| Problem::internal())?;
    let written = tokio::task::spawn_blocking(move || {
        let _permit = permit;
        make(&opened, &organisation, path.document, &query)
    });
    let (name, bytes) = written.await.map_err(|error| {
        tracing::error!(%error, "making a document failed");
        Problem::internal()
    })??;
    Ok(download(bytes, "application/pdf", &name))
}

fn make(
    opened: &Opened,
    organisation: &Arc<Organisation>,
    document: DocumentKind,
    query: &DocumentQuery,
) -> Result<(String, Vec<u8>), Problem> {
    let branding = Branding::default();
    let paper = paper(opened, organisation, document, &branding)?;
    if query.unmarked {
        unmarked(&paper.header)?;
    }
    let stem = format!("{} {}", file_stem(&paper.header), document.name());
    match query.format {
        DocumentFormat::Pdf => {
            let bytes = print::pdf(&paper, &branding, &mut unwatched).map_err(unmade)?;
            Ok((format!("{stem}.pdf"), bytes))
        }
    }
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
    let schedule = client_schedule(opened, organisation)?;
    Ok(match document {
        DocumentKind::ClientSchedule => schedule.paper(branding.columns),
        DocumentKind::UnpricedSchedule => schedule.without_prices().paper(branding.columns),
    })
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
fn unmade(error: DocumentError) -> Problem {
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
pub(super) fn download(bytes: Vec<u8>, kind: &'static str, name: &str) -> Response {
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(value) = HeaderValue::try_from(format!("attachment; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}
