//! Undo and redo, per person and estimate, and for the library.

use super::auth::SignedIn;
use super::edits::EditResult;
use super::extract::{Json, Path, Terms};
use super::problem::Problem;
use super::schema;
use crate::estimating::id::EstimateId;
use crate::workspace::{self, Command, Scope};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A commit that can be undone or redone.
#[derive(Debug, Serialize, ToSchema)]
pub struct UndoStep {
    /// The commit.
    #[schema(value_type = schema::Lsn)]
    pub lsn: u64,
    /// What the undo list calls it.
    pub label: String,
}

/// What a person can undo and redo now.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct UndoState {
    /// What undo would take back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undo: Option<UndoStep>,
    /// What redo would do again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redo: Option<UndoStep>,
}

/// What an undo or redo of the library did.
#[derive(Debug, Serialize, ToSchema)]
pub struct LibraryUndone {
    /// The commit.
    #[schema(value_type = schema::Lsn)]
    pub lsn: u64,
    /// What was undone or redone.
    pub label: String,
    /// What the person can undo and redo now.
    pub undo: UndoState,
}

/// What the person signed in can undo and redo.
#[utoipa::path(
    get,
    path = "/estimates/{id}/undo",
    operation_id = "showUndo",
    tag = "Undo",
    params(("id" = Uuid, Path, description = "Estimate")),
    responses((status = 200, description = "Undo and redo", body = UndoState)),
)]
pub async fn show(me: SignedIn, Path(id): Path<Uuid>) -> Result<Json<UndoState>, Problem> {
    let published = me.published();
    let row = published.library.estimate(EstimateId(id));
    let row = row.ok_or_else(|| Problem::not_found("estimate"))?;
    Ok(Json((&published.undo_state(me.id(), Scope::Estimate(row.id))).into()))
}

/// Takes back the newest change of the person signed in.
#[utoipa::path(
    post,
    path = "/estimates/{id}/undo",
    operation_id = "undoUndo",
    tag = "Undo",
    params(("id" = Uuid, Path, description = "Estimate")),
    responses((status = 200, description = "What changed", body = EditResult)),
)]
pub async fn undo(me: SignedIn, Path(id): Path<Uuid>, terms: Terms) -> Result<Response, Problem> {
    in_estimate(&me, Command::Undo { scope: Scope::Estimate(EstimateId(id)) }, terms).await
}

/// Does again what was taken back last.
#[utoipa::path(
    post,
    path = "/estimates/{id}/redo",
    operation_id = "redoUndo",
    tag = "Undo",
    params(("id" = Uuid, Path, description = "Estimate")),
    responses((status = 200, description = "What changed", body = EditResult)),
)]
pub async fn redo(me: SignedIn, Path(id): Path<Uuid>, terms: Terms) -> Result<Response, Problem> {
    in_estimate(&me, Command::Redo { scope: Scope::Estimate(EstimateId(id)) }, terms).await
}

/// What the person signed in can undo and redo in the library.
#[utoipa::path(
    get,
    path = "/library/undo",
    operation_id = "showLibraryUndo",
    tag = "Undo",
    responses((status = 200, description = "Undo and redo", body = UndoState)),
)]
pub async fn show_library(me: SignedIn) -> Json<UndoState> {
    Json((&me.published().undo_state(me.id(), Scope::Library)).into())
}

/// Takes back the newest library change of the person signed in.
#[utoipa::path(
    post,
    path = "/library/undo",
    operation_id = "undoLibraryUndo",
    tag = "Undo",
    responses((status = 200, description = "What was undone", body = LibraryUndone)),
)]
pub async fn undo_library(me: SignedIn, terms: Terms) -> Result<Json<LibraryUndone>, Problem> {
    in_library(&me, Command::Undo { scope: Scope::Library }, terms).await
}

/// Does again the library change taken back last.
#[utoipa::path(
    post,
    path = "/library/redo",
    operation_id = "redoLibraryUndo",
    tag = "Undo",
    responses((status = 200, description = "What was redone", body = LibraryUndone)),
)]
pub async fn redo_library(me: SignedIn, terms: Terms) -> Result<Json<LibraryUndone>, Problem> {
    in_library(&me, Command::Redo { scope: Scope::Library }, terms).await
}

async fn in_estimate(me: &SignedIn, command: Command, terms: Terms) -> Result<Response, Problem> {
    let reply = me.submit(command, terms).await?;
    let published = me.published();
    Ok(Json(EditResult::of(&reply, &published.library.catalogue)?).into_response())
}

async fn in_library(
    me: &SignedIn,
    command: Command,
    terms: Terms,
) -> Result<Json<LibraryUndone>, Problem> {
    let reply = me.submit(command, terms).await?;
    Ok(Json(LibraryUndone {
        lsn: reply.lsn.0,
        label: reply.label.to_string(),
        undo: (&reply.undo).into(),
    }))
}

impl From<&workspace::Step> for UndoStep {
    fn from(step: &workspace::Step) -> UndoStep {
        UndoStep { lsn: step.lsn.0, label: step.label.to_string() }
    }
}

impl From<&workspace::UndoState> for UndoState {
    fn from(state: &workspace::UndoState) -> UndoState {
        UndoState {
            undo: state.undo.as_ref().map(UndoStep::from),
            redo: state.redo.as_ref().map(UndoStep::from),
        }
    }
}
