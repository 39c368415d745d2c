//! Items: shorthands for one edit.

use super::auth::SignedIn;
use super::edits::{self, EditResult, ItemPatch, NewItem};
use super::extract::{Asked, Json, Path, Terms};
use super::problem::Problem;
use super::row::Row;
use crate::estimating::edit::Edit;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use uuid::Uuid;

/// Adds an item or sub-item.
#[utoipa::path(
    post,
    path = "/estimates/{id}/items",
    operation_id = "createItems",
    tag = "Edits",
    params(("id" = Uuid, Path, description = "Estimate")),
    request_body = NewItem,
    responses((status = 201, description = "What changed", body = EditResult)),
)]
pub async fn create(
    me: SignedIn,
    Path(id): Path<Uuid>,
    asked: Asked<NewItem>,
) -> Result<Response, Problem> {
    let NewItem { id: item, parent_id, place, set } = asked.body;
    let edit = Edit::AddItem { id: item, parent_id, place, set: Box::new(set) };
    edits::run(&me, id, vec![edit], None, asked.terms, StatusCode::CREATED).await
}

/// One item.
#[utoipa::path(
    get,
    path = "/estimates/{id}/items/{item}",
    operation_id = "showItems",
    tag = "Edits",
    params(("id" = Uuid, Path, description = "Estimate"), ("item" = Uuid, Path, description = "Item")),
    responses((status = 200, description = "The row", body = Row)),
)]
pub async fn show(me: SignedIn, Path((id, item)): Path<(Uuid, Uuid)>) -> Result<Response, Problem> {
    let opened = me.open(id).await?;
    let node = opened.estimate.node(item).filter(|node| node.item().is_some());
    let node = node.ok_or_else(|| Problem::not_found("item"))?;
    Ok(Json(Row::of(&node, &opened.estimate, opened.catalogue())).into_response())
}

/// Changes an item.
#[utoipa::path(
    patch,
    path = "/estimates/{id}/items/{item}",
    operation_id = "updateItems",
    tag = "Edits",
    params(("id" = Uuid, Path, description = "Estimate"), ("item" = Uuid, Path, description = "Item")),
    request_body = ItemPatch,
    responses((status = 200, description = "What changed", body = EditResult)),
)]
pub async fn update(
    me: SignedIn,
    Path((id, item)): Path<(Uuid, Uuid)>,
    asked: Asked<ItemPatch>,
) -> Result<Response, Problem> {
    let ItemPatch { version, set } = asked.body;
    let edit = Edit::UpdateItem { id: item, version, set: Box::new(set) };
    edits::run(&me, id, vec![edit], None, asked.terms, StatusCode::OK).await
}

/// Deletes an item with all below it.
#[utoipa::path(
    delete,
    path = "/estimates/{id}/items/{item}",
    operation_id = "removeItems",
    tag = "Edits",
    params(("id" = Uuid, Path, description = "Estimate"), ("item" = Uuid, Path, description = "Item")),
    responses((status = 200, description = "What changed", body = EditResult)),
)]
pub async fn remove(
    me: SignedIn,
    Path((id, item)): Path<(Uuid, Uuid)>,
    terms: Terms,
) -> Result<Response, Problem> {
    let edit = Edit::Delete { ids: vec![item], confirm: None };
    edits::run(&me, id, vec![edit], None, terms, StatusCode::OK).await
}
