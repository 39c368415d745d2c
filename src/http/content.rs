//! Content blocks of an estimate: inclusions, exclusions and the like.

use super::as_of::AsOf;
use super::auth::SignedIn;
use super::extract::{Asked, Json, Path, Query};
use super::library;
use super::problem::Problem;
use crate::estimating::content::{self, ContentKind, ContentKindFields, KindView};
use crate::estimating::id::ItemId;
use crate::estimating::library::LibraryEdit;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A block of text.
#[derive(Debug, Serialize, ToSchema)]
pub struct ContentBlock {
    /// Identity.
    pub id: Uuid,
    /// What it is for.
    #[schema(value_type = String)]
    pub kind: ContentKind,
    /// The words.
    pub text: Box<str>,
    /// The item whose worksheet it is attached to; absent where it is of the whole estimate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item: Option<ContentItem>,
    /// Counts changes of this block, from 1.
    pub version: u64,
}

/// The item a block is attached to.
#[derive(Debug, Serialize, ToSchema)]
pub struct ContentItem {
    /// The item.
    pub id: Uuid,
    /// Its code.
    pub code: Box<str>,
    /// Its description.
    pub description: Box<str>,
}

/// A kind of block.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ContentKindInfo {
    /// The kind: `inclusions` and so on, or the identity of one of the organisation's own.
    #[schema(value_type = String)]
    pub kind: ContentKind,
    /// Its title, as documents print it.
    pub title: Box<str>,
    /// Whether documents for the client show it.
    pub client_facing: bool,
    /// Not to be written any more.
    pub archived: bool,
}

impl ContentKindInfo {
    fn of(view: KindView<'_>) -> ContentKindInfo {
        ContentKindInfo {
            kind: view.kind,
            title: view.title.into(),
            client_facing: view.client_facing,
            archived: view.archived,
        }
    }
}

/// A kind of content block an Admin defined.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OwnContentKind {
    /// Identity, which blocks of this kind name as theirs.
    pub id: Uuid,
    /// Its title, as documents print it.
    pub title: Box<str>,
    /// Whether documents for the client show it.
    pub client_facing: bool,
    /// Not to be written any more.
    pub archived: bool,
    /// Counts changes, from 1.
    pub version: u64,
}

/// The kinds an Admin defined.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnContentKinds {
    /// Oldest first, archived ones too.
    pub items: Vec<OwnContentKind>,
}

/// New values for a kind of content block.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ContentKindPatch {
    /// The version the client read.
    pub version: u64,
    /// New values.
    pub set: ContentKindFields,
}

/// The content blocks of an estimate.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Content)]
pub struct Content {
    /// Counts changes; 0 while there is none.
    pub version: u64,
    /// The kinds there are, in the order they are shown: archived ones where there are texts of
    /// theirs.
    pub kinds: Vec<ContentKindInfo>,
    /// The blocks; those of a kind in the order they are shown.
    pub blocks: Vec<ContentBlock>,
}

/// The content blocks of an estimate; they are changed by edits.
#[utoipa::path(
    get,
    path = "/estimates/{id}/content",
    operation_id = "showContent",
    tag = "Estimates",
    params(("id" = Uuid, Path, description = "Estimate"), AsOf),
    responses((status = 200, description = "Content blocks", body = Content)),
)]
pub async fn show(
    me: SignedIn,
    Path(id): Path<Uuid>,
    Query(query): Query<AsOf>,
) -> Result<Json<Content>, Problem> {
    let opened = me.open_at(id, query.as_of.as_deref()).await?;
    let row = opened.estimate.content();
    let shown = |view: &KindView<'_>| !view.archived || row.of(view.kind).next().is_some();
    let kinds = opened.published.library.content_kinds().filter(shown);
    let kinds = kinds.map(ContentKindInfo::of).collect();
    let named = |id: ItemId| {
        let node = opened.estimate.node(id.0)?;
        let item = node.item()?;
        let (code, description) = (item.code.as_str().into(), item.description.as_str().into());
        Some(ContentItem { id: id.0, code, description })
    };
    let block = |block: &content::ContentBlock| ContentBlock {
        id: block.id.0,
        kind: block.kind,
        text: block.text.clone(),
        item: block.item.and_then(named),
        version: block.version,
    };
    let blocks = row.blocks.iter().map(block).collect();
    Ok(Json(Content { version: row.version, kinds, blocks }))
}

/// The kinds of content blocks an Admin defined.
#[utoipa::path(
    get,
    path = "/content-kinds",
    operation_id = "listContentKinds",
    tag = "Documents",
    responses((status = 200, description = "Kinds", body = OwnContentKinds)),
)]
pub async fn kinds(me: SignedIn) -> Json<OwnContentKinds> {
    let published = me.published();
    let items = published.library.own_content_kinds().map(|row| OwnContentKind::of(row)).collect();
    Json(OwnContentKinds { items })
}

/// Adds a kind of content block; an Admin's to do.
#[utoipa::path(
    post,
    path = "/content-kinds",
    operation_id = "createContentKind",
    tag = "Documents",
    request_body = ContentKindFields,
    responses((status = 201, description = "The kind", body = OwnContentKind)),
)]
pub async fn create_kind(
    me: SignedIn,
    asked: Asked<ContentKindFields>,
) -> Result<Response, Problem> {
    let edit = LibraryEdit::AddContentKind { id: None, set: asked.body };
    let reply = library::edit(&me, edit, asked.terms).await?;
    Ok((StatusCode::CREATED, Json(find(&me, library::made(&reply)?)?)).into_response())
}

/// Renames, archives or brings back a kind of content block; an Admin's to do.
#[utoipa::path(
    patch,
    path = "/content-kinds/{id}",
    operation_id = "updateContentKind",
    tag = "Documents",
    params(("id" = Uuid, Path, description = "Kind")),
    request_body = ContentKindPatch,
    responses((status = 200, description = "The kind", body = OwnContentKind)),
)]
pub async fn update_kind(
    me: SignedIn,
    Path(id): Path<Uuid>,
    asked: Asked<ContentKindPatch>,
) -> Result<Json<OwnContentKind>, Problem> {
    let ContentKindPatch { version, set } = asked.body;
    let edit = LibraryEdit::UpdateContentKind { id, version: Some(version), set };
    library::edit(&me, edit, asked.terms).await?;
    find(&me, id).map(Json)
}

fn find(me: &SignedIn, id: Uuid) -> Result<OwnContentKind, Problem> {
    let published = me.published();
    let mut all = published.library.own_content_kinds();
    let row = all.find(|row| row.id.0 == id).ok_or_else(|| Problem::not_found("content kind"))?;
    Ok(OwnContentKind::of(row))
}

impl OwnContentKind {
    fn of(row: &content::OwnContentKind) -> OwnContentKind {
        OwnContentKind {
            id: row.id.0,
            title: row.title.clone(),
            client_facing: row.client_facing,
            archived: row.archived,
            version: row.version,
        }
    }
}
