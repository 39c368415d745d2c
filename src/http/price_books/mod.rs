//! Price books: their versions and rates.

pub mod compare;
pub mod lists;
pub mod sheets;

use super::auth::SignedIn;
use super::extract::{Asked, Json, Path, Query, Terms};
use super::history::Person;
use super::library;
use super::page::{Page, Paging};
use super::problem::Problem;
use super::schema;
use super::time::Time;
use super::usage::{self, Usage};
use crate::estimating::catalogue::Catalogue;
use crate::estimating::id::{PriceBookId, ResourceId};
use crate::estimating::library::{LibraryEdit, PriceBookFields, RateEntryInput};
use crate::estimating::number::{Factor, Rate};
use crate::estimating::price_book::{self, GstBasis, PriceBookKind, VersionState};
use crate::estimating::resource::Resource;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;
use uuid::Uuid;

/// A version of a price book.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PriceBookVersion {
    /// Number, from 1.
    pub n: u32,
    /// State.
    pub state: VersionState,
    /// Resources whose rates it changes.
    pub changes: u64,
    /// Why it was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<Box<str>>,
    /// When it was published.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Time>)]
    pub published_at: Option<Time>,
    /// Who published it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published_by: Option<Person>,
    /// Counts changes of this row, from 1.
    pub version: u64,
}

/// A price book.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PriceBook {
    /// Identity.
    pub id: Uuid,
    /// Name.
    pub name: Box<str>,
    /// Kind.
    pub kind: PriceBookKind,
    /// Whose list it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supplier: Option<Box<str>>,
    /// Whether its resources are kept out of new lines.
    pub archived: bool,
    /// The published version new lines take; 0 before the first.
    pub current: u32,
    /// The version being written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub draft: Option<u32>,
    /// Resources in it.
    pub resources: u64,
    /// Its versions, newest first.
    pub versions: Vec<PriceBookVersion>,
    /// Counts changes of this row, from 1.
    pub version: u64,
}

/// The price books.
#[derive(Debug, Serialize, ToSchema)]
pub struct PriceBooks {
    /// Price books by name, archived ones last.
    pub items: Vec<PriceBook>,
}

/// A rate over a period.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RateEntry {
    /// NZD per unit, excluding GST.
    #[schema(value_type = schema::Rate)]
    pub rate: Rate,
    /// First day it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<String>,
    /// Last day it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<String>,
    /// How it was quoted, where that differs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quoted: Option<QuotedRate>,
}

/// A rate as it was quoted.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct QuotedRate {
    /// The figure.
    #[schema(value_type = schema::Rate)]
    pub amount: Rate,
    /// Its currency.
    pub currency: Box<str>,
    /// NZD for one unit of the currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Factor>)]
    pub exchange: Option<Factor>,
    /// The day of the exchange rate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exchange_date: Option<String>,
    /// Whether GST is in it.
    pub gst: GstBasis,
}

/// What a resource costs in one version.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct VersionRates {
    /// The resource.
    pub resource_id: Uuid,
    /// Its code.
    pub code: Box<str>,
    /// Its description.
    pub description: Box<str>,
    /// Its unit.
    pub unit: Box<str>,
    /// Its rates.
    pub entries: Vec<RateEntry>,
    /// Whether this version changed them.
    pub changed: bool,
    /// The resource's version, for writing.
    pub version: u64,
}

/// New values for some fields of a price book; absent ones stay as they are, null clears.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PriceBookPatch {
    /// The version the client read.
    pub version: u64,
    /// The fields.
    pub set: PriceBookFields,
}

/// What to publish.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct PublishRequest {
    /// The version's own version as read.
    pub version: Option<u64>,
    /// Why it was made.
    pub note: Option<String>,
}

/// All rates of a resource from now on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RatesInput {
    /// The resource's version as read.
    #[serde(default)]
    pub version: Option<u64>,
    /// The rates; none takes the rate away.
    pub entries: Vec<RateEntryInput>,
}

/// The price books.
#[utoipa::path(
    get,
    path = "/price-books",
    operation_id = "listPriceBooks",
    tag = "Library",
    responses((status = 200, description = "Price books", body = PriceBooks)),
)]
pub async fn list(me: SignedIn) -> Json<PriceBooks> {
    let published = me.published();
    let catalogue = &published.library.catalogue;
    let mut items: Vec<PriceBook> =
        catalogue.books().map(|book| PriceBook::of(&me, catalogue, book)).collect();
    items.sort_by(|a, b| (a.archived, &a.name).cmp(&(b.archived, &b.name)));
    Json(PriceBooks { items })
}

/// Adds a price book with version 1 open to be written.
#[utoipa::path(
    post,
    path = "/price-books",
    operation_id = "createPriceBooks",
    tag = "Library",
    request_body = PriceBookFields,
    responses((status = 201, description = "The price book", body = PriceBook)),
)]
pub async fn create(me: SignedIn, asked: Asked<PriceBookFields>) -> Result<Response, Problem> {
    let edit = LibraryEdit::AddPriceBook { id: None, set: Box::new(asked.body) };
    let reply = library::edit(&me, edit, asked.terms).await?;
    Ok((StatusCode::CREATED, Json(find(&me, library::made(&reply)?)?)).into_response())
}

/// A price book.
#[utoipa::path(
    get,
    path = "/price-books/{id}",
    operation_id = "showPriceBooks",
    tag = "Library",
    params(("id" = Uuid, Path, description = "Price book")),
    responses((status = 200, description = "The price book", body = PriceBook)),
)]
pub async fn show(me: SignedIn, Path(id): Path<Uuid>) -> Result<Json<PriceBook>, Problem> {
    find(&me, id).map(Json)
}

/// Changes or archives a price book.
#[utoipa::path(
    patch,
    path = "/price-books/{id}",
    operation_id = "updatePriceBooks",
    tag = "Library",
    params(("id" = Uuid, Path, description = "Price book")),
    request_body = PriceBookPatch,
    responses((status = 200, description = "The price book", body = PriceBook)),
)]
pub async fn update(
    me: SignedIn,
    Path(id): Path<Uuid>,
    asked: Asked<PriceBookPatch>,
) -> Result<Json<PriceBook>, Problem> {
    let (version, set) = (Some(asked.body.version), Box::new(asked.body.set));
    library::edit(&me, LibraryEdit::UpdatePriceBook { id, version, set }, asked.terms).await?;
    find(&me, id).map(Json)
}

/// Opens the next version of a price book; rates written from then on go there.
#[utoipa::path(
    post,
    path = "/price-books/{id}/versions",
    operation_id = "draftPriceBooks",
    tag = "Library",
    params(("id" = Uuid, Path, description = "Price book")),
    responses((status = 201, description = "The price book", body = PriceBook)),
)]
pub async fn draft(me: SignedIn, Path(id): Path<Uuid>, terms: Terms) -> Result<Response, Problem> {
    library::edit(&me, LibraryEdit::DraftPriceBook { id }, terms).await?;
    Ok((StatusCode::CREATED, Json(find(&me, id)?)).into_response())
}

/// Takes the open version away with all that was written in it.
#[utoipa::path(
    delete,
    path = "/price-books/{id}/versions/{n}",
    operation_id = "discardPriceBooks",
    tag = "Library",
    params(("id" = Uuid, Path, description = "Price book"), ("n" = u32, Path, description = "Version")),
    responses((status = 200, description = "The price book", body = PriceBook)),
)]
pub async fn discard(
    me: SignedIn,
    Path((id, n)): Path<(Uuid, u32)>,
    terms: Terms,
) -> Result<Json<PriceBook>, Problem> {
    library::edit(&me, LibraryEdit::DiscardPriceBookDraft { id, n }, terms).await?;
    find(&me, id).map(Json)
}

/// Publishes the open version (BR-046, BR-048): new lines take its rates, lines there are keep
/// theirs (BR-049).
#[utoipa::path(
    post,
    path = "/price-books/{id}/versions/{n}/publish",
    operation_id = "publishPriceBooks",
    tag = "Library",
    params(("id" = Uuid, Path, description = "Price book"), ("n" = u32, Path, description = "Version")),
    request_body = PublishRequest,
    responses((status = 200, description = "The price book", body = PriceBook)),
)]
pub async fn publish(
    me: SignedIn,
    Path((id, n)): Path<(Uuid, u32)>,
    asked: Asked<PublishRequest>,
) -> Result<Json<PriceBook>, Problem> {
    let PublishRequest { version, note } = asked.body;
    let edit = LibraryEdit::PublishPriceBook { id, n, version, note };
    library::edit(&me, edit, asked.terms).await?;
    find(&me, id).map(Json)
}

/// Takes an earlier published version out of offer.
#[utoipa::path(
    post,
    path = "/price-books/{id}/versions/{n}/archive",
    operation_id = "archivePriceBooks",
    tag = "Library",
    params(("id" = Uuid, Path, description = "Price book"), ("n" = u32, Path, description = "Version")),
    responses((status = 200, description = "The price book", body = PriceBook)),
)]
pub async fn archive(
    me: SignedIn,
    Path((id, n)): Path<(Uuid, u32)>,
    terms: Terms,
) -> Result<Json<PriceBook>, Problem> {
    library::edit(&me, LibraryEdit::ArchivePriceBookVersion { id, n }, terms).await?;
    find(&me, id).map(Json)
}

/// What every resource costs in a version.
#[utoipa::path(
    get,
    path = "/price-books/{id}/versions/{n}/rates",
    operation_id = "ratesPriceBooks",
    tag = "Library",
    params(("id" = Uuid, Path, description = "Price book"), ("n" = u32, Path, description = "Version"), Paging),
    responses((status = 200, description = "Rates by code", body = Page<VersionRates>)),
)]
pub async fn rates(
    me: SignedIn,
    Path((id, n)): Path<(Uuid, u32)>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<VersionRates>>, Problem> {
    let published = me.published();
    let catalogue = &published.library.catalogue;
    version_of(catalogue, id, n)?;
    let resources: Vec<_> =
        catalogue.resources_by_code().filter(|resource| resource.book.0 == id).collect();
    let make = |resource: &&Arc<Resource>| VersionRates::of(catalogue, resource, n);
    Page::slice(&resources, paging.cursor.as_deref(), paging.limit, make).map(Json)
}

/// Writes all rates of a resource in the open version (BR-046, BR-047, BR-052).
#[utoipa::path(
    put,
    path = "/price-books/{id}/versions/{n}/rates/{resource}",
    operation_id = "setRatesPriceBooks",
    tag = "Library",
    params(
        ("id" = Uuid, Path, description = "Price book"),
        ("n" = u32, Path, description = "Version"),
        ("resource" = Uuid, Path, description = "Resource"),
    ),
    request_body = RatesInput,
    responses((status = 200, description = "The rates", body = VersionRates)),
)]
pub async fn set_rates(
    me: SignedIn,
    Path((id, n, resource)): Path<(Uuid, u32, Uuid)>,
    asked: Asked<RatesInput>,
) -> Result<Json<VersionRates>, Problem> {
    in_book(&me.published().library.catalogue, id, resource)?;
    let RatesInput { version, entries } = asked.body;
    let edit = LibraryEdit::SetRates { resource_id: resource, n: Some(n), version, entries };
    library::edit(&me, edit, asked.terms).await?;
    let published = me.published();
    let catalogue = &published.library.catalogue;
    let row = in_book(catalogue, id, resource)?;
    Ok(Json(VersionRates::of(catalogue, row, n)))
}

/// The rates of a resource in the version that is written next: the open one, else the current.
#[utoipa::path(
    get,
    path = "/resources/{id}/rates",
    operation_id = "ratesResources",
    tag = "Library",
    params(("id" = Uuid, Path, description = "Resource")),
    responses((status = 200, description = "Its rates", body = VersionRates)),
)]
pub async fn resource_rates(
    me: SignedIn,
    Path(id): Path<Uuid>,
) -> Result<Json<VersionRates>, Problem> {
    rates_next(&me, id).map(Json)
}

/// Writes all rates of a resource: in the open version of its price book, or in one of their own
/// that is published at once (BR-046, BR-047, BR-052).
#[utoipa::path(
    put,
    path = "/resources/{id}/rates",
    operation_id = "setRatesResources",
    tag = "Library",
    params(("id" = Uuid, Path, description = "Resource")),
    request_body = RatesInput,
    responses((status = 200, description = "Its rates", body = VersionRates)),
)]
pub async fn set_resource_rates(
    me: SignedIn,
    Path(id): Path<Uuid>,
    asked: Asked<RatesInput>,
) -> Result<Json<VersionRates>, Problem> {
    let RatesInput { version, entries } = asked.body;
    let edit = LibraryEdit::SetRates { resource_id: id, n: None, version, entries };
    library::edit(&me, edit, asked.terms).await?;
    rates_next(&me, id).map(Json)
}

fn rates_next(me: &SignedIn, id: Uuid) -> Result<VersionRates, Problem> {
    let published = me.published();
    let catalogue = &published.library.catalogue;
    let row = catalogue.resource(ResourceId(id)).ok_or_else(|| Problem::not_found("resource"))?;
    let current = catalogue.book(row.book).map_or(0, |book| book.current);
    let n = catalogue.book_draft(row.book).map_or(current, |draft| draft.n);
    Ok(VersionRates::of(catalogue, row, n))
}

/// Items with a line priced by a version of a price book.
#[utoipa::path(
    get,
    path = "/price-books/{id}/versions/{n}/usage",
    operation_id = "usagePriceBooks",
    tag = "Library",
    params(("id" = Uuid, Path, description = "Price book"), ("n" = u32, Path, description = "Version"), Paging),
    responses((status = 200, description = "Items", body = Page<Usage>)),
)]
pub async fn usage(
    me: SignedIn,
    Path((id, n)): Path<(Uuid, u32)>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<Usage>>, Problem> {
    version_of(&me.published().library.catalogue, id, n)?;
    usage::page(&me, usage::Used::BookVersion(PriceBookId(id), n), paging).await.map(Json)
}

fn find(me: &SignedIn, id: Uuid) -> Result<PriceBook, Problem> {
    let published = me.published();
    let catalogue = &published.library.catalogue;
    let book = catalogue.book(PriceBookId(id)).ok_or_else(|| Problem::not_found("price book"))?;
    Ok(PriceBook::of(me, catalogue, book))
}

/// A version of a book that is there.
pub(super) fn version_of(
    catalogue: &Catalogue,
    id: Uuid,
    n: u32,
) -> Result<&Arc<price_book::PriceBookVersion>, Problem> {
    let version = catalogue.book_version(PriceBookId(id), n);
    version.ok_or_else(|| Problem::not_found("price book version"))
}

fn in_book(catalogue: &Catalogue, book: Uuid, resource: Uuid) -> Result<&Arc<Resource>, Problem> {
    let row = catalogue.resource(ResourceId(resource)).filter(|row| row.book.0 == book);
    row.ok_or_else(|| Problem::not_found("resource of the price book"))
}

/// The rates of a resource in version `n`.
pub(super) fn entries_at(catalogue: &Catalogue, resource: ResourceId, n: u32) -> Vec<RateEntry> {
    let rates = catalogue.rates_at(resource, n);
    rates.map(|rates| rates.entries.iter().map(RateEntry::of).collect()).unwrap_or_default()
}

impl PriceBook {
    fn of(me: &SignedIn, catalogue: &Catalogue, book: &price_book::PriceBook) -> PriceBook {
        let people = me.workspace().people();
        let version = |v: &Arc<price_book::PriceBookVersion>| PriceBookVersion {
            n: v.n,
            state: v.state,
            changes: catalogue.resources_in_version(book.id, v.n).count() as u64,
            note: v.note.clone(),
            published_at: v.published_at_us.map(Time),
            published_by: v.published_by.map(|id| Person {
                id: id.0,
                name: people.name(id).map(|name| name.to_string()).unwrap_or_default(),
            }),
            version: v.version,
        };
        PriceBook {
            id: book.id.0,
            name: book.name.clone(),
            kind: book.kind,
            supplier: book.supplier.clone(),
            archived: book.archived,
            current: book.current,
            draft: catalogue.book_draft(book.id).map(|draft| draft.n),
            resources: catalogue.resources().filter(|r| r.book == book.id).count() as u64,
            versions: catalogue.book_versions(book.id).rev().map(version).collect(),
            version: book.version,
        }
    }
}

impl VersionRates {
    fn of(catalogue: &Catalogue, row: &Resource, n: u32) -> VersionRates {
        VersionRates {
            resource_id: row.id.0,
            code: row.code.clone(),
            description: row.description.clone(),
            unit: row.unit.as_str().into(),
            entries: entries_at(catalogue, row.id, n),
            changed: catalogue.own_rates(row.id, n).is_some(),
            version: row.version,
        }
    }
}

impl RateEntry {
    /// A rate.
    pub fn of(entry: &price_book::RateEntry) -> RateEntry {
        RateEntry {
            rate: entry.rate,
            valid_from: entry.from.map(|day| day.to_string()),
            valid_to: entry.to.map(|day| day.to_string()),
            quoted: entry.quoted.as_deref().map(|quoted| QuotedRate {
                amount: quoted.amount,
                currency: quoted.currency.clone(),
                exchange: quoted.exchange,
                exchange_date: quoted.exchange_day.map(|day| day.to_string()),
                gst: quoted.gst,
            }),
        }
    }
}
