//! Resources of the price book.

use super::auth::SignedIn;
use super::categorisations::options_of;
use super::extract::{Asked, Json, Path, Query, Terms};
use super::library::{self, Words};
use super::page::{Page, Paging, Versioned};
use super::problem::Problem;
use super::schema;
use super::usage::{self, Usage};
use crate::estimating::catalogue::Catalogue;
use crate::estimating::cost::CostType;
use crate::estimating::id::ResourceId;
use crate::estimating::library::{LibraryEdit, ResourceFields};
use crate::estimating::number::{Factor, Pct, Rate};
use crate::estimating::price_book::RateEntry;
use crate::estimating::resource::{self, Availability};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// A resource: what work is built from.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Resource {
    /// Identity.
    pub id: Uuid,
    /// The price book it belongs to.
    pub price_book_id: Uuid,
    /// Unique in its price book.
    pub code: Box<str>,
    /// Description.
    pub description: Box<str>,
    /// Type.
    #[serde(rename = "type")]
    pub cost_type: CostType,
    /// Unit.
    pub unit: Box<str>,
    /// Rate in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Rate>)]
    pub rate: Option<Rate>,
    /// The rate in the open version of its price book, where that differs.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Rate>)]
    pub draft_rate: Option<Rate>,
    /// Rates of other periods, currencies or with GST stand beside the rate in force.
    pub more_rates: bool,
    /// State.
    pub state: Availability,
    /// Whether any line ever used it; type and unit are fixed then (BR-045).
    pub used: bool,
    /// Free note.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<Box<str>>,
    /// Waste new lines start with.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Pct>)]
    pub default_waste: Option<Pct>,
    /// Efficiency new lines start with.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Factor>)]
    pub default_efficiency: Option<Factor>,
    /// Counts changes of this row, from 1.
    pub version: u64,
}

/// A new resource.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ResourceInput {
    /// Its price book; the organisation's internal one where absent.
    #[serde(default)]
    pub price_book_id: Option<Uuid>,
    /// Unique in its price book (BR-044).
    pub code: String,
    /// Description.
    pub description: String,
    /// Type.
    #[serde(rename = "type")]
    pub cost_type: CostType,
    /// Unit from the managed list.
    pub unit: String,
    /// Rate, zero or more.
    #[serde(default)]
    #[schema(value_type = Option<schema::Rate>)]
    pub rate: Option<String>,
    /// Free note.
    #[serde(default)]
    pub note: Option<String>,
    /// Waste new lines start with.
    #[serde(default)]
    #[schema(value_type = Option<schema::Pct>)]
    pub default_waste: Option<String>,
    /// Efficiency new lines start with.
    #[serde(default)]
    #[schema(value_type = Option<schema::Factor>)]
    pub default_efficiency: Option<String>,
}

/// New values for some fields of a resource; absent ones stay as they are, null clears.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ResourcePatch {
    /// The version the client read.
    pub version: u64,
    /// Code.
    #[serde(default)]
    pub code: Option<String>,
    /// Description.
    #[serde(default)]
    pub description: Option<String>,
    /// Type.
    #[serde(default, rename = "type")]
    pub cost_type: Option<CostType>,
    /// Unit.
    #[serde(default)]
    pub unit: Option<String>,
    /// Rate.
    #[serde(default, deserialize_with = "super::extract::present")]
    #[schema(value_type = Option<schema::Rate>)]
    pub rate: Option<Option<String>>,
    /// State (BR-053).
    #[serde(default)]
    pub state: Option<Availability>,
    /// Free note.
    #[serde(default, deserialize_with = "super::extract::present")]
    #[schema(value_type = Option<String>)]
    pub note: Option<Option<String>>,
    /// Waste new lines start with.
    #[serde(default, deserialize_with = "super::extract::present")]
    #[schema(value_type = Option<schema::Pct>)]
    pub default_waste: Option<Option<String>>,
    /// Efficiency new lines start with.
    #[serde(default, deserialize_with = "super::extract::present")]
    #[schema(value_type = Option<schema::Factor>)]
    pub default_efficiency: Option<Option<String>>,
}

/// Which resources, in which order.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ResourceQuery {
    /// Words in code or description; all must match.
    pub q: Option<String>,
    /// Only those that carry all of these options of categorisations, parted by commas.
    pub options: Option<String>,
    /// Only resources of this type.
    #[serde(rename = "type")]
    #[param(rename = "type", value_type = Option<String>)]
    pub cost_type: Option<CostType>,
    /// Only resources of this price book.
    pub price_book_id: Option<Uuid>,
    /// Only resources in this state.
    #[param(value_type = Option<String>)]
    pub state: Option<Availability>,
    /// Only those a line or recipe ever used, or only those none did since they were imported or
    /// added.
    pub used: Option<bool>,
    /// `code` (default), `description`, `type`, `unit` or `rate`; a minus in front turns it round.
    pub sort: Option<String>,
    /// `nextCursor` of the page before.
    pub cursor: Option<String>,
    /// Entries wanted, at most 500.
    pub limit: Option<u32>,
}

/// Resources of the price book.
#[utoipa::path(
    get,
    path = "/resources",
    operation_id = "listResources",
    tag = "Library",
    params(ResourceQuery),
    responses((status = 200, description = "Resources", body = Page<Resource>)),
)]
pub async fn list(
    me: SignedIn,
    Query(query): Query<ResourceQuery>,
) -> Result<Json<Page<Resource>>, Problem> {
    let published = me.published();
    let words = Words::of(query.q.as_deref());
    let options = options_of(query.options.as_deref())?;
    let mut found: Vec<&Arc<resource::Resource>> = published
        .library
        .catalogue
        .resources_by_code()
        .filter(|r| query.cost_type.is_none_or(|t| r.cost_type == t))
        .filter(|r| query.price_book_id.is_none_or(|book| r.book.0 == book))
        .filter(|r| query.state.is_none_or(|state| r.state == state))
        .filter(|r| query.used.is_none_or(|used| r.used == used))
        .filter(|r| published.library.carries(r.id.0, &options))
        .filter(|r| words.are_in(&[&r.code, &r.description]))
        .collect();
    let (field, turned) = library::order(query.sort.as_deref());
    let by = comparison(field)?;
    found.sort_by(|a, b| if turned { by(b, a) } else { by(a, b) });
    let catalogue = &published.library.catalogue;
    let make = |resource: &&Arc<resource::Resource>| Resource::of(resource, catalogue);
    Page::slice(&found, query.cursor.as_deref(), query.limit, make).map(Json)
}

/// Adds a resource.
#[utoipa::path(
    post,
    path = "/resources",
    operation_id = "createResources",
    tag = "Library",
    request_body = ResourceInput,
    responses((status = 201, description = "The resource", body = Resource)),
)]
pub async fn create(me: SignedIn, asked: Asked<ResourceInput>) -> Result<Response, Problem> {
    let book_id = asked.body.price_book_id;
    let set = Box::new(asked.body.into());
    let edit = LibraryEdit::AddResource { id: None, book_id, set };
    let reply = library::edit(&me, edit, asked.terms).await?;
    Ok((StatusCode::CREATED, Json(find(&me, library::made(&reply)?)?)).into_response())
}

/// A resource.
#[utoipa::path(
    get,
    path = "/resources/{id}",
    operation_id = "showResources",
    tag = "Library",
    params(("id" = Uuid, Path, description = "Resource")),
    responses((status = 200, description = "The resource", body = Resource)),
)]
pub async fn show(me: SignedIn, Path(id): Path<Uuid>) -> Result<Json<Resource>, Problem> {
    find(&me, id).map(Json)
}

/// Changes a resource.
#[utoipa::path(
    patch,
    path = "/resources/{id}",
    operation_id = "updateResources",
    tag = "Library",
    params(("id" = Uuid, Path, description = "Resource")),
    request_body = ResourcePatch,
    responses((status = 200, description = "The resource", body = Resource)),
)]
pub async fn update(
    me: SignedIn,
    Path(id): Path<Uuid>,
    asked: Asked<ResourcePatch>,
) -> Result<Json<Resource>, Problem> {
    let version = Some(asked.body.version);
    let set = Box::new(asked.body.into());
    library::edit(&me, LibraryEdit::UpdateResource { id, version, set }, asked.terms).await?;
    find(&me, id).map(Json)
}

/// Deletes a resource no line ever used (BR-053).
#[utoipa::path(
    delete,
    path = "/resources/{id}",
    operation_id = "removeResources",
    tag = "Library",
    params(("id" = Uuid, Path, description = "Resource"), Versioned),
    responses((status = 204, description = "Deleted")),
)]
pub async fn remove(
    me: SignedIn,
    Path(id): Path<Uuid>,
    Query(seen): Query<Versioned>,
    terms: Terms,
) -> Result<StatusCode, Problem> {
    library::edit(&me, LibraryEdit::DeleteResource { id, version: seen.version }, terms).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Items that use a resource.
#[utoipa::path(
    get,
    path = "/resources/{id}/usage",
    operation_id = "usageResources",
    tag = "Library",
    params(("id" = Uuid, Path, description = "Resource"), Paging),
    responses((status = 200, description = "Items", body = Page<Usage>)),
)]
pub async fn usage(
    me: SignedIn,
    Path(id): Path<Uuid>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<Usage>>, Problem> {
    find(&me, id)?;
    usage::page(&me, usage::Used::Resource(ResourceId(id)), paging).await.map(Json)
}

fn find(me: &SignedIn, id: Uuid) -> Result<Resource, Problem> {
    let published = me.published();
    let catalogue = &published.library.catalogue;
    let resource = catalogue.resource(ResourceId(id));
    resource.map(|r| Resource::of(r, catalogue)).ok_or_else(|| Problem::not_found("resource"))
}

type Comparison = fn(&resource::Resource, &resource::Resource) -> Ordering;

/// How resources compare by a field; ties stay in the order of their codes.
fn comparison(field: &str) -> Result<Comparison, Problem> {
    Ok(match field {
        "" | "code" => |a, b| a.code.cmp(&b.code),
        "description" => |a, b| a.description.to_lowercase().cmp(&b.description.to_lowercase()),
        "type" => |a, b| a.cost_type.cmp(&b.cost_type),
        "unit" => |a, b| a.unit.as_str().cmp(b.unit.as_str()),
        "rate" => |a, b| a.rate.cmp(&b.rate),
        other => {
            let detail =
                format!("Resources sort by code, description, type, unit or rate, not {other}.");
            return Err(Problem::invalid("sort", detail));
        }
    })
}

impl Resource {
    /// A resource.
    pub fn of(r: &resource::Resource, catalogue: &Catalogue) -> Resource {
        let rate = catalogue.rate(r.id);
        let draft = catalogue.book_draft(r.book);
        let latest = draft
            .map_or_else(|| catalogue.book(r.book).map_or(0, |book| book.current), |draft| draft.n);
        let entries = catalogue.rates_at(r.id, latest).map(|rates| &*rates.entries);
        let plain = |entry: &RateEntry| *entry == RateEntry::plain(entry.rate);
        let more = entries.is_some_and(|e| e.len() > 1 || !e.iter().all(plain));
        Resource {
            id: r.id.0,
            price_book_id: r.book.0,
            code: r.code.clone(),
            description: r.description.clone(),
            cost_type: r.cost_type,
            unit: r.unit.as_str().into(),
            rate,
            draft_rate: draft
                .and_then(|_| catalogue.rate_at(r.id, latest))
                .filter(|d| Some(*d) != rate),
            more_rates: more,
            state: r.state,
            used: r.used,
            note: r.note.clone(),
            default_waste: r.default_waste,
            default_efficiency: r.default_efficiency,
            version: r.version,
        }
    }
}

impl From<ResourceInput> for ResourceFields {
    fn from(r: ResourceInput) -> ResourceFields {
        ResourceFields {
            code: Some(r.code),
            description: Some(r.description),
            cost_type: Some(r.cost_type),
            unit: Some(r.unit),
            rate: r.rate.map(Some),
            state: None,
            note: r.note.map(Some),
            default_waste: r.default_waste.map(Some),
            default_efficiency: r.default_efficiency.map(Some),
        }
    }
}

impl From<ResourcePatch> for ResourceFields {
    fn from(r: ResourcePatch) -> ResourceFields {
        ResourceFields {
            code: r.code,
            description: r.description,
            cost_type: r.cost_type,
            unit: r.unit,
            rate: r.rate,
            state: r.state,
            note: r.note,
            default_waste: r.default_waste,
            default_efficiency: r.default_efficiency,
        }
    }
}
