//! Price lists out: a version as a spreadsheet that reads back in, at once or as a job.

use super::version_of;
use crate::documents::limits::{Progress, unwatched};
use crate::documents::rate_sheet::{self, RateRow};
use crate::estimating::catalogue::Catalogue;
use crate::estimating::day::Day;
use crate::estimating::price_book::{GstBasis, RateEntry};
use crate::estimating::resource::Resource;
use crate::http::app::App;
use crate::http::audit;
use crate::http::auth::SignedIn;
use crate::http::documents::download;
use crate::http::exports::{ExportFormat, ExportQuery, ExportRequest, file_called};
use crate::http::extract::{Asked, Path, Query};
use crate::http::jobs::{self, Choices, Halt, New};
use crate::http::limits::PRICE_BOOK_RATES_DIRECT_MAX;
use crate::http::off_thread::off_thread;
use crate::http::problem::Problem;
use crate::jobs::{Finished, MadeFile, Run, Unit};
use crate::workspace::jobs::JobKind;
use axum::extract::State;
use axum::response::Response;
use std::sync::Arc;
use uuid::Uuid;

/// A version of a price book as a spreadsheet that reads back in.
#[utoipa::path(
    get,
    path = "/price-books/{id}/versions/{n}/export",
    operation_id = "exportPriceBooks",
    tag = "Library",
    params(("id" = Uuid, Path, description = "Price book"), ("n" = u32, Path, description = "Version"), ExportQuery),
    responses((status = 200, description = "The file")),
)]
pub async fn export(
    me: SignedIn,
    Path((id, n)): Path<(Uuid, u32)>,
    Query(query): Query<ExportQuery>,
) -> Result<Response, Problem> {
    let list = List::of(&me, id, n)?;
    audit::price_book_exported(&me, id, &list.file_name(query.format)).await?;
    direct(list, query.format).await
}

/// A version of a price book as a spreadsheet that reads back in, or the job that writes it where
/// the list is long.
#[utoipa::path(
    post,
    path = "/price-books/{id}/versions/{n}/export",
    operation_id = "makePriceBooks",
    tag = "Library",
    params(("id" = Uuid, Path, description = "Price book"), ("n" = u32, Path, description = "Version")),
    request_body = ExportRequest,
    responses(
        (status = 200, description = "The file"),
        (status = 202, description = "The job that makes it", body = jobs::JobStarted),
    ),
)]
pub async fn make(
    State(app): State<App>,
    me: SignedIn,
    Path((id, n)): Path<(Uuid, u32)>,
    asked: Asked<ExportRequest>,
) -> Result<Response, Problem> {
    let (list, format) = (List::of(&me, id, n)?, asked.body.format);
    audit::price_book_exported(&me, id, &list.file_name(format)).await?;
    if list.rows.len() <= PRICE_BOOK_RATES_DIRECT_MAX {
        return direct(list, format).await;
    }
    let title = list.file_name(format);
    let choices = Choices::PriceBook { price_book_id: id, version: n, format };
    let new = New { kind: JobKind::Export, title, estimate: None, choices, input: None, steps: 0 };
    jobs::start(&app, &me, asked.terms, new).await
}

async fn direct(list: List, format: ExportFormat) -> Result<Response, Problem> {
    let name = list.file_name(format);
    let work = move || list.write(format, &mut unwatched);
    let bytes = off_thread("writing a price list", work).await??;
    Ok(download(bytes, format.media_type(), &name))
}

/// Writes a price list, telling a job how far that is.
pub(in crate::http) async fn carry_out(
    me: &SignedIn,
    id: Uuid,
    n: u32,
    format: ExportFormat,
    run: Arc<Run>,
) -> Result<Finished, Halt> {
    let list = List::of(me, id, n)?;
    let name = list.file_name(format);
    run.tell(Unit::Row, 0, list.rows.len() as u64, "Writing the rates");
    let work = move || list.write(format, &mut |done, _| run.step(done));
    let bytes = off_thread("writing a price list", work).await??;
    let message = format!("Written: {name}");
    let file = Some(MadeFile { name, media_type: format.media_type(), content: bytes.into() });
    Ok(Finished { message, answer: None, file })
}

/// The rates of a version, ready to be written.
struct List {
    /// Name of the price book.
    book: String,
    version: u32,
    rows: Vec<RateRow>,
}

impl List {
    /// O(rates of the book).
    fn of(me: &SignedIn, id: Uuid, n: u32) -> Result<List, Problem> {
        let published = me.published();
        let catalogue = &published.library.catalogue;
        let version = version_of(catalogue, id, n)?;
        let book = catalogue.book(version.book).map(|book| book.name.to_string());
        Ok(List { book: book.unwrap_or_default(), version: n, rows: rows(catalogue, id, n) })
    }

    fn file_name(&self, format: ExportFormat) -> String {
        file_called(&format!("{} v{}", self.book, self.version), format)
    }

    fn write(&self, format: ExportFormat, progress: Progress<'_>) -> Result<Vec<u8>, Problem> {
        let written = match format {
            ExportFormat::Csv => rate_sheet::write_csv(&self.rows, progress),
            ExportFormat::Xlsx => rate_sheet::write_xlsx(&self.book, &self.rows, progress),
        };
        written.map_err(|error| Problem::too_large("export-failed", error.to_string()))
    }
}

fn rows(catalogue: &Catalogue, book: Uuid, n: u32) -> Vec<RateRow> {
    let of_book = catalogue.resources_by_code().filter(|resource| resource.book.0 == book);
    let priced =
        of_book.filter_map(|resource| Some((resource, catalogue.rates_at(resource.id, n)?)));
    let mut rows = Vec::new();
    for (resource, rates) in priced {
        rows.extend(rates.entries.iter().map(|entry| row(resource, entry)));
    }
    rows
}

fn row(resource: &Resource, entry: &RateEntry) -> RateRow {
    let day = |day: Option<Day>| day.map(|day| day.to_string()).unwrap_or_default();
    let quoted = entry.quoted.as_deref();
    let gst = quoted.map(|quoted| match quoted.gst {
        GstBasis::Exclusive => "exclusive",
        GstBasis::Inclusive => "inclusive",
    });
    let exchange = quoted.and_then(|quoted| quoted.exchange);
    RateRow {
        row: 0,
        code: resource.code.to_string(),
        description: resource.description.to_string(),
        cost_type: resource.cost_type.name().to_owned(),
        unit: resource.unit.to_string(),
        rate: entry.rate.to_string(),
        from: day(entry.from),
        to: day(entry.to),
        currency: quoted.map(|quoted| quoted.currency.to_string()).unwrap_or_default(),
        quoted: quoted.map(|quoted| quoted.amount.to_string()).unwrap_or_default(),
        gst: gst.unwrap_or_default().to_owned(),
        exchange: exchange.map(|exchange| exchange.to_string()).unwrap_or_default(),
        exchange_date: day(quoted.and_then(|quoted| quoted.exchange_day)),
    }
}
