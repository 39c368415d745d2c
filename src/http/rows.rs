//! Slices of an estimate's tree: windows, children, one row, search, and the whole as a stream.

use super::as_of::{AsOf, PagingAsOf};
use super::auth::{Opened, SignedIn};
use super::categorisations::options_of;
use super::etag::Tag;
use super::extract::{Json, Path, Query, json_response};
use super::limits::{SEARCH_CHARS_MAX, TOGGLED_MAX, WINDOW_ROWS_DEFAULT, WINDOW_ROWS_MAX};
use super::page::{next_cursor, page_size, page_start};
use super::problem::Problem;
use super::row::{ItemStatus, Row};
use super::schema;
use super::tree;
use crate::estimating::estimate::{NodeView, Search, View};
use crate::estimating::id::OptionId;
use crate::estimating::item::ItemType;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Some rows of a view, in display order.
#[derive(Serialize, ToSchema)]
#[schema(as = RowsWindow)]
struct Window<'a> {
    /// The commit the rows were read at.
    #[schema(value_type = schema::Lsn)]
    lsn: u64,
    /// Rows the view shows in all.
    total: u64,
    /// Place of the first row sent, from 0.
    offset: u64,
    /// The rows.
    #[schema(value_type = Vec<Row<'static>>)]
    rows: RowList<'a>,
}

/// Which rows of which view.
#[derive(Clone, Debug, Default, Hash, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WindowQuery {
    /// Place of the first row wanted, from 0.
    pub offset: Option<u64>,
    /// Rows wanted, at most 1,000.
    pub limit: Option<u32>,
    /// Rows above this level are open; everything where absent.
    pub expand_level: Option<u8>,
    /// Rows whose fold is the other way round, comma-separated.
    pub toggled: Option<String>,
    /// Only items that carry all of these options of categorisations, comma-separated, with what is
    /// below them and the rows above them.
    pub options: Option<String>,
    /// A commit, or a time with its zone: the answer is as the estimate was then.
    pub as_of: Option<String>,
}

/// Which rows of which view, for views with many folds.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct WindowRequest {
    /// Place of the first row wanted, from 0.
    pub offset: u64,
    /// Rows wanted, at most 1,000.
    pub limit: Option<u32>,
    /// Rows above this level are open; everything where absent.
    pub expand_level: Option<u8>,
    /// Rows whose fold is the other way round.
    pub toggled: Vec<Uuid>,
    /// Only items that carry all of these options of categorisations, with what is below them and
    /// the rows above them.
    pub options: Vec<Uuid>,
}

/// Which view.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ViewQuery {
    /// Rows above this level are open; everything where absent.
    pub expand_level: Option<u8>,
    /// Rows whose fold is the other way round, comma-separated.
    pub toggled: Option<String>,
    /// Options of categorisations the items shown carry, comma-separated.
    pub options: Option<String>,
    /// A commit, or a time with its zone: the answer is as the estimate was then.
    pub as_of: Option<String>,
}

/// Where a row is.
#[derive(Debug, Serialize, ToSchema)]
pub struct Located {
    /// The rows above it, from the top.
    pub ancestors: Vec<Uuid>,
    /// Its place in the view; absent while a closed ancestor or the options asked for hide it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index: Option<u64>,
}

/// What to look for.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SearchQuery {
    /// Words in code, description or name; all must match.
    pub q: Option<String>,
    /// Only items in this unit.
    pub unit: Option<String>,
    /// Only items of this type.
    #[serde(rename = "type")]
    #[param(rename = "type", value_type = Option<String>)]
    pub item_type: Option<ItemType>,
    /// Only items with this status.
    #[param(value_type = Option<String>)]
    pub status: Option<ItemStatus>,
    /// Rows above this level are open in the view the places are for.
    pub expand_level: Option<u8>,
    /// Rows whose fold is the other way round in that view, comma-separated.
    pub toggled: Option<String>,
    /// `nextCursor` of the page before.
    pub cursor: Option<String>,
    /// Hits wanted, at most 500.
    pub limit: Option<u32>,
    /// A commit, or a time with its zone: the answer is as the estimate was then.
    pub as_of: Option<String>,
}

/// A row that matches.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SearchHit)]
pub struct Hit<'a> {
    /// The row.
    pub row: Row<'a>,
    /// Names of the rows above it, from the top.
    pub path: Vec<&'a str>,
    /// Its place in the view; absent while a closed ancestor hides it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index: Option<u64>,
}

/// Rows that match.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SearchHits)]
#[serde(rename_all = "camelCase")]
pub struct Hits<'a> {
    /// Hits in display order.
    pub items: Vec<Hit<'a>>,
    /// Hits of all pages together.
    pub total: u64,
    /// Where the next page starts; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// Children of a row.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Children)]
#[serde(rename_all = "camelCase")]
pub struct Children<'a> {
    /// The commit the rows were read at.
    #[schema(value_type = schema::Lsn)]
    pub lsn: u64,
    /// Children in order.
    pub items: Vec<Row<'a>>,
    /// Children in all.
    pub total: u64,
    /// Where the next page starts; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// A window of rows as a view shows them.
#[utoipa::path(
    get,
    path = "/estimates/{id}/rows",
    operation_id = "windowRows",
    tag = "Rows",
    params(("id" = Uuid, Path, description = "Estimate"), WindowQuery),
    responses((status = 200, description = "The rows", body = Window<'static>),
        (status = 304, description = "Nothing changed since the ETag in If-None-Match")),
)]
pub async fn window(
    me: SignedIn,
    Path(id): Path<Uuid>,
    Query(query): Query<WindowQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let opened = me.open_at(id, query.as_of.as_deref()).await?;
    let tag = Tag::of(&opened, &query);
    if tag.is_known(&headers) {
        return Ok(tag.not_modified());
    }
    let toggled = toggled_of(query.toggled.as_deref())?;
    let request = WindowRequest {
        offset: query.offset.unwrap_or(0),
        limit: query.limit,
        expand_level: query.expand_level,
        toggled: Vec::new(),
        options: Vec::new(),
    };
    let options = options_of(query.options.as_deref())?;
    let mut response = answer(&opened, &request, toggled, &options)?;
    tag.put_on(&mut response);
    Ok(response)
}

/// A window of rows, for views with many folds.
#[utoipa::path(
    post,
    path = "/estimates/{id}/rows/query",
    operation_id = "queryRows",
    tag = "Rows",
    params(("id" = Uuid, Path, description = "Estimate"), AsOf),
    request_body = WindowRequest,
    responses((status = 200, description = "The rows", body = Window<'static>)),
)]
pub async fn query(
    me: SignedIn,
    Path(id): Path<Uuid>,
    Query(query): Query<AsOf>,
    Json(mut request): Json<WindowRequest>,
) -> Result<Response, Problem> {
    if request.toggled.len() > TOGGLED_MAX {
        return Err(too_many_toggled());
    }
    let toggled = std::mem::take(&mut request.toggled).into_iter().collect();
    let options: Vec<OptionId> = request.options.iter().copied().map(OptionId).collect();
    answer(&me.open_at(id, query.as_of.as_deref()).await?, &request, toggled, &options)
}

/// One row.
#[utoipa::path(
    get,
    path = "/estimates/{id}/rows/{node}",
    operation_id = "showRows",
    tag = "Rows",
    params(("id" = Uuid, Path, description = "Estimate"), ("node" = Uuid, Path, description = "Heading or item"), AsOf),
    responses((status = 200, description = "The row", body = Row)),
)]
pub async fn show(
    me: SignedIn,
    Path((id, node)): Path<(Uuid, Uuid)>,
    Query(query): Query<AsOf>,
) -> Result<Response, Problem> {
    let opened = me.open_at(id, query.as_of.as_deref()).await?;
    let node = opened.estimate.node(node).ok_or_else(|| Problem::not_found("row"))?;
    Ok(Json(opened.row(&node)).into_response())
}

/// The rows right below one.
#[utoipa::path(
    get,
    path = "/estimates/{id}/rows/{node}/children",
    operation_id = "childrenRows",
    tag = "Rows",
    params(("id" = Uuid, Path, description = "Estimate"), ("node" = String, Path, description = "Heading, item, or `root` for the top"), PagingAsOf),
    responses((status = 200, description = "Children", body = Children)),
)]
pub async fn children(
    me: SignedIn,
    Path((id, node)): Path<(Uuid, String)>,
    Query(paging): Query<PagingAsOf>,
) -> Result<Response, Problem> {
    let opened = me.open_at(id, paging.as_of.as_deref()).await?;
    let parent = match node.as_str() {
        "root" => None,
        text => Some(Uuid::parse_str(text).map_err(|_| Problem::not_found("row"))?),
    };
    let all = opened.estimate.children(parent).ok_or_else(|| Problem::not_found("row"))?;
    let (start, size) = (page_start(paging.cursor.as_deref())?, page_size(paging.limit));
    let items: Vec<Row> = all.iter().skip(start).take(size).map(|node| opened.row(node)).collect();
    let next_cursor = next_cursor(start, items.len(), all.len());
    let children = Children { lsn: opened.lsn, items, total: all.len() as u64, next_cursor };
    Ok(Json(children).into_response())
}

/// Where a row stands in a view.
#[utoipa::path(
    get,
    path = "/estimates/{id}/rows/{node}/locate",
    operation_id = "locateRows",
    tag = "Rows",
    params(("id" = Uuid, Path, description = "Estimate"), ("node" = Uuid, Path, description = "Heading or item"), ViewQuery),
    responses((status = 200, description = "Its place", body = Located)),
)]
pub async fn locate(
    me: SignedIn,
    Path((id, node)): Path<(Uuid, Uuid)>,
    Query(query): Query<ViewQuery>,
) -> Result<Json<Located>, Problem> {
    let opened = me.open_at(id, query.as_of.as_deref()).await?;
    opened.estimate.node(node).ok_or_else(|| Problem::not_found("row"))?;
    let view = view(query.expand_level, toggled_of(query.toggled.as_deref())?);
    let options = options_of(query.options.as_deref())?;
    let index = if options.is_empty() {
        opened.estimate.locate(node, &view)
    } else {
        let library = &opened.published.library;
        opened.estimate.locate_of(node, &view, |id| library.carries(id, &options))
    };
    let index = index.map(|index| index as u64);
    Ok(Json(Located { ancestors: opened.estimate.ancestors(node), index }))
}

/// Finds rows by words and properties.
#[utoipa::path(
    get,
    path = "/estimates/{id}/search",
    operation_id = "searchRows",
    tag = "Rows",
    params(("id" = Uuid, Path, description = "Estimate"), SearchQuery),
    responses((status = 200, description = "Hits", body = Hits)),
)]
pub async fn search(
    me: SignedIn,
    Path(id): Path<Uuid>,
    Query(query): Query<SearchQuery>,
) -> Result<Response, Problem> {
    let opened = me.open_at(id, query.as_of.as_deref()).await?;
    let text = query.q.as_deref().unwrap_or_default();
    if text.chars().count() > SEARCH_CHARS_MAX {
        return Err(Problem::invalid(
            "q",
            format!("Search for at most {SEARCH_CHARS_MAX} characters."),
        ));
    }
    let mut search = Search::text(text);
    search.item_type = query.item_type;
    search.status = query.status.map(Into::into);
    if let Some(unit) = &query.unit {
        let unit = opened.catalogue().match_unit(unit);
        search.unit = Some(unit.ok_or_else(|| Problem::invalid("unit", "There is no such unit."))?);
    }
    let (start, size) = (page_start(query.cursor.as_deref())?, page_size(query.limit));
    let view = view(query.expand_level, toggled_of(query.toggled.as_deref())?);
    let found = opened.estimate.search(&search, start, size);
    let items: Vec<Hit> = found.rows.iter().map(|node| hit(&opened, node, &view)).collect();
    let next_cursor = next_cursor(start, items.len(), found.total);
    let hits = Hits { items, total: found.total as u64, next_cursor };
    Ok(Json(hits).into_response())
}

/// Every row in display order, one JSON object on each line.
#[utoipa::path(
    get,
    path = "/estimates/{id}/tree",
    operation_id = "treeRows",
    tag = "Rows",
    params(("id" = Uuid, Path, description = "Estimate"), AsOf),
    responses((status = 200, description = "The rows, streamed", body = Row, content_type = "application/x-ndjson")),
)]
pub async fn tree(
    me: SignedIn,
    Path(id): Path<Uuid>,
    Query(query): Query<AsOf>,
) -> Result<Response, Problem> {
    let opened = me.open_at(id, query.as_of.as_deref()).await?;
    let mut response = Response::new(Body::from_stream(tree::lines(opened)));
    let kind = HeaderValue::from_static("application/x-ndjson");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// The rows of a request, written straight from the tree. O(rows sent); O(rows) with options.
fn answer(
    opened: &Opened,
    request: &WindowRequest,
    toggled: HashSet<Uuid>,
    options: &[OptionId],
) -> Result<Response, Problem> {
    let limit = request.limit.map_or(WINDOW_ROWS_DEFAULT, |l| (l as usize).min(WINDOW_ROWS_MAX));
    let offset = usize::try_from(request.offset).unwrap_or(usize::MAX);
    let view = view(request.expand_level, toggled);
    let found = if options.is_empty() {
        opened.estimate.window(&view, offset, limit)
    } else {
        let library = &opened.published.library;
        let wanted = |id| library.carries(id, options);
        opened.estimate.window_of(&view, wanted, offset, limit)
    };
    let rows = RowList { opened, nodes: &found.rows };
    let window =
        Window { lsn: opened.lsn, total: found.total as u64, offset: request.offset, rows };
    let mut body = Vec::with_capacity(WINDOW_BYTES_AROUND + found.rows.len() * ROW_BYTES_AROUND);
    if let Err(error) = serde_json::to_writer(&mut body, &window) {
        tracing::error!(%error, "a window cannot be written as JSON");
        return Err(Problem::internal());
    }
    let mut response = json_response(body);
    response.extensions_mut().insert(super::layers::Window);
    Ok(response)
}

/// Bytes a row takes, roughly, so that a window is written without growing its buffer.
const ROW_BYTES_AROUND: usize = 768;
/// Bytes around the rows of a window.
const WINDOW_BYTES_AROUND: usize = 128;

/// Rows made one at a time while they are written.
#[derive(Clone, Copy)]
struct RowList<'a> {
    opened: &'a Opened,
    nodes: &'a [NodeView<'a>],
}

impl Serialize for RowList<'_> {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_seq(self.nodes.iter().map(|node| self.opened.row(node)))
    }
}

impl Opened {
    /// The row of a node of this estimate.
    pub fn row<'a>(&self, node: &NodeView<'a>) -> Row<'a> {
        Row::of(node, &self.estimate, self.catalogue())
    }
}

fn hit<'a>(opened: &'a Opened, node: &NodeView<'a>, view: &View) -> Hit<'a> {
    let estimate = &opened.estimate;
    let name = |id: Uuid| {
        let node = estimate.node(id)?;
        node.heading().map(|h| &*h.name).or_else(|| node.item().map(|i| &*i.description))
    };
    Hit {
        row: opened.row(node),
        path: estimate.ancestors(node.id()).into_iter().filter_map(name).collect(),
        index: estimate.locate(node.id(), view).map(|index| index as u64),
    }
}

fn view(expand_level: Option<u8>, toggled: HashSet<Uuid>) -> View {
    View { expand_level: expand_level.unwrap_or(u8::MAX), toggled }
}

/// Rows as a query lists them: identities separated by commas.
fn toggled_of(list: Option<&str>) -> Result<HashSet<Uuid>, Problem> {
    let list = list.unwrap_or_default();
    if list.is_empty() {
        return Ok(HashSet::new());
    }
    if list.split(',').count() > TOGGLED_MAX {
        return Err(too_many_toggled());
    }
    let parse = |text: &str| {
        Uuid::parse_str(text)
            .map_err(|_| Problem::invalid("toggled", "Separate ids of rows by commas."))
    };
    list.split(',').map(parse).collect()
}

fn too_many_toggled() -> Problem {
    Problem::invalid("toggled", format!("At most {TOGGLED_MAX} rows can be toggled."))
}
