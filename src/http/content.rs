//! Content blocks of an estimate: inclusions, exclusions and the like.

use super::as_of::AsOf;
use super::auth::SignedIn;
use super::extract::{Json, Path, Query};
use super::problem::Problem;
use crate::estimating::content::{self, ContentKind};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A block of text.
#[derive(Debug, Serialize, ToSchema)]
pub struct ContentBlock {
    /// Identity.
    pub id: Uuid,
    /// What it is for.
    pub kind: ContentKind,
    /// The words.
    pub text: Box<str>,
    /// Counts changes of this block, from 1.
    pub version: u64,
}

/// A kind of block.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ContentKindInfo {
    /// The kind.
    pub kind: ContentKind,
    /// Its title, as documents print it.
    pub title: &'static str,
    /// Whether documents for the client show it.
    pub client_facing: bool,
}

/// The content blocks of an estimate.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Content)]
pub struct Content {
    /// Counts changes; 0 while there is none.
    pub version: u64,
    /// The kinds there are, in the order they are shown.
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
    let kinds = ContentKind::ALL.map(|kind| ContentKindInfo {
        kind,
        title: kind.title(),
        client_facing: kind.client_facing(),
    });
    let block = |block: &content::ContentBlock| ContentBlock {
        id: block.id.0,
        kind: block.kind,
        text: block.text.clone(),
        version: block.version,
    };
    let blocks = row.blocks.iter().map(block).collect();
    Ok(Json(Content { version: row.version, kinds: kinds.into(), blocks }))
}
