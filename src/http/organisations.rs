//! The organisations of the person signed in.

use super::app::App;
use super::auth::SignedIn;
use super::extract::{Asked, Json, Path};
use super::off_thread::off_thread;
use super::problem::Problem;
use super::session::Organisation;
use crate::estimating::id::OrganisationId;
use crate::workspace::control::ControlError;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Organisations.
#[derive(Debug, Serialize, ToSchema)]
pub struct Organisations {
    /// The one of the sign-in.
    pub items: Vec<Organisation>,
}

/// New values for an organisation.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrganisationPatch {
    /// Name, at most 200 characters; documents carry it.
    pub name: String,
}

/// The organisations of the person signed in.
#[utoipa::path(
    get,
    path = "/organisations",
    operation_id = "listOrganisations",
    tag = "Session",
    responses((status = 200, description = "Organisations", body = Organisations)),
)]
pub async fn list(me: SignedIn) -> Json<Organisations> {
    Json(Organisations { items: vec![Organisation::of(&me.office().organisation())] })
}

/// Gives the organisation another name. Only an Admin may.
#[utoipa::path(
    patch,
    path = "/organisations/{id}",
    operation_id = "updateOrganisations",
    tag = "Session",
    params(("id" = Uuid, Path, description = "Organisation")),
    request_body = OrganisationPatch,
    responses((status = 200, description = "The organisation", body = Organisation)),
)]
pub async fn update(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<Uuid>,
    asked: Asked<OrganisationPatch>,
) -> Result<Json<Organisation>, Problem> {
    let (by, name) = (me.id(), asked.body.name);
    let rename = move || app.control.rename(OrganisationId(id), &name, by);
    let renamed = off_thread("naming an organisation", rename).await?;
    let organisation = renamed.map_err(|error| match error {
        ControlError::NotAdmin => {
            Problem::permission_denied("permission-denied", error.to_string())
        }
        ControlError::NoOrganisation(_) => Problem::not_found("organisation"),
        ControlError::Invalid(message) => Problem::invalid("name", message),
        error => {
            tracing::error!(%error, "naming an organisation failed");
            Problem::internal()
        }
    })?;
    me.office().changed(organisation.clone());
    Ok(Json(Organisation::of(&organisation)))
}
