//! Who is at work on which row, and taking one over. Leases are taken over the live connection.

use super::auth::SignedIn;
use super::extract::{Asked, Json, Path};
use super::live::message::Lease;
use super::problem::Problem;
use crate::estimating::id::EstimateId;
use crate::workspace::{Command, MarkAsk};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// The rows of an estimate that are held.
#[derive(Debug, Serialize, ToSchema)]
pub struct Leases {
    /// Leases, oldest first.
    pub items: Vec<Lease>,
}

/// Why a row is taken over.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TakeOver {
    /// The reason: it stands in the audit trail, and whoever had the row is told.
    pub reason: String,
}

/// The rows of an estimate somebody is at work on.
#[utoipa::path(
    get,
    path = "/estimates/{id}/leases",
    operation_id = "listLeases",
    tag = "Together",
    params(("id" = Uuid, Path, description = "Estimate")),
    responses((status = 200, description = "Leases, oldest first", body = Leases)),
)]
pub async fn list(me: SignedIn, Path(id): Path<Uuid>) -> Result<Json<Leases>, Problem> {
    let published = me.published();
    if published.library.estimate(EstimateId(id)).is_none() {
        return Err(Problem::not_found("estimate"));
    }
    let workspace = me.workspace();
    let mut held = workspace.leases().of(EstimateId(id), workspace.now_us());
    held.sort_by_key(|lease| (lease.since_us, lease.id));
    Ok(Json(Leases { items: held.iter().map(Lease::of).collect() }))
}

/// Takes a row over from whoever is at work on it (BR-100); the client named by `X-Client-Id` has
/// it from then on.
#[utoipa::path(
    post,
    path = "/estimates/{id}/leases/{row}/take-over",
    operation_id = "takeOverLease",
    tag = "Together",
    params(
        ("id" = Uuid, Path, description = "Estimate"),
        ("row" = Uuid, Path, description = "Item or heading"),
    ),
    request_body = TakeOver,
    responses((status = 204, description = "Taken over")),
)]
pub async fn take_over(
    me: SignedIn,
    Path((id, row)): Path<(Uuid, Uuid)>,
    asked: Asked<TakeOver>,
) -> Result<StatusCode, Problem> {
    let (estimate, reason) = (EstimateId(id), asked.body.reason);
    let command = Command::Mark { ask: MarkAsk::TakeOver { estimate, row, reason } };
    me.submit(command, asked.terms).await?;
    Ok(StatusCode::NO_CONTENT)
}
