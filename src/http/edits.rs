//! Edits of an estimate: many at once, and the shorthands for one.

use super::auth::SignedIn;
use super::extract::{Asked, Json, Path, Terms};
use super::limits::CHANGED_ROWS_MAX;
use super::problem::Problem;
use super::row::Row;
use super::schema;
use super::totals::Totals;
use super::undo::UndoState;
use crate::estimating::catalogue::Catalogue;
use crate::estimating::edit::{Edit, HeadingFields, ItemFields, LineFields, Place};
use crate::estimating::estimate::{Estimate, Touched};
use crate::estimating::id::{EstimateId, ItemId};
use crate::workspace::{Command, Reply};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Edits that all happen in one commit, or none of them.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Edits {
    /// What the undo list calls them; worked out from the edits where absent.
    #[serde(default)]
    pub label: Option<String>,
    /// The edits, each seeing the effect of those before it; at most 10,000.
    pub edits: Vec<Edit>,
}

/// What one edit made.
#[derive(Debug, Serialize, ToSchema)]
pub struct Made<'a> {
    /// Rows or lines it made or, where it made none, changed.
    pub ids: &'a [Uuid],
}

/// What a commit changed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EditResult)]
#[serde(rename_all = "camelCase")]
pub struct EditResult<'a> {
    /// The commit; where none was made the newest there is, which may be somebody else's.
    #[schema(value_type = schema::Lsn)]
    pub lsn: u64,
    /// Whether a commit was made: none is where everything was so already.
    pub made: bool,
    /// What the undo list calls it.
    pub label: &'a str,
    /// One entry for each edit.
    pub results: Vec<Made<'a>>,
    /// Rows changed, with every row above them; at most 500.
    pub rows: Vec<Row<'a>>,
    /// Rows that went.
    pub removed: &'a [Uuid],
    /// Whether rows came, went or moved: windows must be fetched again.
    pub structure: bool,
    /// Whether more changed than is listed: everything must be fetched again.
    pub reload: bool,
    /// Totals after the commit.
    pub totals: Totals,
    /// Items whose worksheet changed.
    #[schema(value_type = Vec<Uuid>)]
    pub worksheets: &'a [ItemId],
    /// What the person can undo and redo now.
    pub undo: UndoState,
}

/// A new heading.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewHeading {
    /// Its identity, a UUIDv7 the client chose; the server chooses where absent.
    #[serde(default)]
    pub id: Option<Uuid>,
    /// The heading above it; at the top where absent.
    #[serde(default)]
    pub parent_id: Option<Uuid>,
    /// Place among its siblings.
    #[serde(default)]
    pub place: Place,
    /// Code.
    #[serde(default)]
    pub code: String,
    /// Name.
    pub name: String,
}

/// A new item or sub-item.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewItem {
    /// Its identity, a UUIDv7 the client chose; the server chooses where absent.
    #[serde(default)]
    pub id: Option<Uuid>,
    /// The heading or item above it.
    pub parent_id: Uuid,
    /// Place among its siblings.
    #[serde(default)]
    pub place: Place,
    /// Its fields.
    #[serde(default)]
    pub set: ItemFields,
}

/// New values for some fields of a heading.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HeadingPatch {
    /// The version the client read.
    #[serde(default)]
    pub version: Option<u64>,
    /// The fields; absent ones stay as they are.
    pub set: HeadingFields,
}

/// New values for some fields of an item.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ItemPatch {
    /// The version the client read.
    #[serde(default)]
    pub version: Option<u64>,
    /// The fields; absent ones stay as they are.
    pub set: ItemFields,
}

/// A new worksheet line.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewLine {
    /// Its identity, a UUIDv7 the client chose; the server chooses where absent.
    #[serde(default)]
    pub id: Option<Uuid>,
    /// The worksheet version the client read.
    #[serde(default)]
    pub version: Option<u64>,
    /// Place among the lines.
    #[serde(default)]
    pub place: Place,
    /// The line.
    pub line: LineFields,
}

/// New values for some fields of a line.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LinePatch {
    /// The worksheet version the client read.
    #[serde(default)]
    pub version: Option<u64>,
    /// The fields; absent ones stay as they are.
    pub set: LineFields,
}

/// What the person saw when confirming a delete (BR-017).
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Confirmation {
    /// Items that go.
    pub items: Option<u64>,
    /// Their cost.
    #[param(value_type = Option<String>)]
    pub cost: Option<String>,
}

/// Carries out edits in one commit, or none of them.
#[utoipa::path(
    post,
    path = "/estimates/{id}/edits",
    operation_id = "applyEdits",
    tag = "Edits",
    params(("id" = Uuid, Path, description = "Estimate")),
    request_body = Edits,
    responses((status = 200, description = "What changed", body = EditResult)),
)]
pub async fn apply(
    me: SignedIn,
    Path(id): Path<Uuid>,
    asked: Asked<Edits>,
) -> Result<Response, Problem> {
    let Edits { label, edits } = asked.body;
    run(&me, id, edits, label, asked.terms, StatusCode::OK).await
}

/// Carries out edits of an estimate in one commit and answers what changed.
pub async fn run(
    me: &SignedIn,
    id: Uuid,
    edits: Vec<Edit>,
    label: Option<String>,
    terms: Terms,
    status: StatusCode,
) -> Result<Response, Problem> {
    let command = Command::Estimate { id: EstimateId(id), edits, label };
    let reply = me.submit(command, terms).await?;
    let published = me.published();
    let result = EditResult::of(&reply, &published.library.catalogue)?;
    Ok((status, Json(result)).into_response())
}

/// The rows a change touched, at most [`CHANGED_ROWS_MAX`]. O(rows touched).
pub fn rows_of<'a>(
    touched: &Touched,
    estimate: &'a Estimate,
    catalogue: &Catalogue,
) -> Vec<Row<'a>> {
    let nodes = touched.rows.iter().take(CHANGED_ROWS_MAX).filter_map(|id| estimate.node(*id));
    nodes.map(|node| Row::of(&node, estimate, catalogue)).collect()
}

impl<'a> EditResult<'a> {
    /// What the reply to a command on an estimate says.
    ///
    /// # Errors
    /// When the reply carries no estimate, which no such command's does.
    pub fn of(reply: &'a Reply, catalogue: &Catalogue) -> Result<EditResult<'a>, Problem> {
        let estimate = reply.estimate.as_deref().ok_or_else(Problem::internal)?;
        let touched = &reply.touched;
        Ok(EditResult {
            lsn: reply.lsn.0,
            made: reply.made,
            label: &reply.label,
            results: reply.ids.iter().map(|ids| Made { ids }).collect(),
            rows: rows_of(touched, estimate, catalogue),
            removed: &touched.removed,
            structure: touched.structure,
            reload: touched.reload,
            totals: estimate.totals().into(),
            worksheets: &touched.worksheets,
            undo: UndoState::from(&reply.undo),
        })
    }
}
