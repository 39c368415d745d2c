//! Headings: shorthands for one edit.

use super::auth::SignedIn;
use super::edits::{self, Confirmation, EditResult, HeadingPatch, NewHeading};
use super::extract::{Asked, Path, Query, Terms};
use super::problem::Problem;
use crate::estimating::edit::{DeleteConfirmation, Edit};
use axum::http::StatusCode;
use axum::response::Response;
use uuid::Uuid;

/// Adds a heading.
#[utoipa::path(
    post,
    path = "/estimates/{id}/headings",
    operation_id = "createHeadings",
    tag = "Edits",
    params(("id" = Uuid, Path, description = "Estimate")),
    request_body = NewHeading,
    responses((status = 201, description = "What changed", body = EditResult)),
)]
pub async fn create(
    me: SignedIn,
    Path(id): Path<Uuid>,
    asked: Asked<NewHeading>,
) -> Result<Response, Problem> {
    let NewHeading { id: heading, parent_id, place, code, name } = asked.body;
    let edit = Edit::AddHeading { id: heading, parent_id, place, code, name };
    edits::run(&me, id, vec![edit], None, asked.terms, StatusCode::CREATED).await
}

/// Changes a heading.
#[utoipa::path(
    patch,
    path = "/estimates/{id}/headings/{heading}",
    operation_id = "updateHeadings",
    tag = "Edits",
    params(("id" = Uuid, Path, description = "Estimate"), ("heading" = Uuid, Path, description = "Heading")),
    request_body = HeadingPatch,
    responses((status = 200, description = "What changed", body = EditResult)),
)]
pub async fn update(
    me: SignedIn,
    Path((id, heading)): Path<(Uuid, Uuid)>,
    asked: Asked<HeadingPatch>,
) -> Result<Response, Problem> {
    let HeadingPatch { version, set } = asked.body;
    let edit = Edit::UpdateHeading { id: heading, version, set };
    edits::run(&me, id, vec![edit], None, asked.terms, StatusCode::OK).await
}

/// Deletes a heading with all below it.
#[utoipa::path(
    delete,
    path = "/estimates/{id}/headings/{heading}",
    operation_id = "removeHeadings",
    tag = "Edits",
    params(("id" = Uuid, Path, description = "Estimate"), ("heading" = Uuid, Path, description = "Heading"), Confirmation),
    responses((status = 200, description = "What changed", body = EditResult)),
)]
pub async fn remove(
    me: SignedIn,
    Path((id, heading)): Path<(Uuid, Uuid)>,
    Query(seen): Query<Confirmation>,
    terms: Terms,
) -> Result<Response, Problem> {
    let confirm = match (seen.items, seen.cost) {
        (Some(items), Some(cost)) => Some(DeleteConfirmation { items, cost }),
        _ => None,
    };
    let edit = Edit::Delete { ids: vec![heading], confirm };
    edits::run(&me, id, vec![edit], None, terms, StatusCode::OK).await
}
