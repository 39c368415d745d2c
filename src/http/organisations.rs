//! The organisations of the person signed in.

use super::app::App;
use super::auth::{self, SignedIn};
use super::extract::{Asked, Json, Path};
use super::off_thread::off_thread;
use super::problem::Problem;
use super::session::Organisation;
use crate::estimating::id::OrganisationId;
use crate::identity::Via;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Organisations.
#[derive(Debug, Serialize, ToSchema)]
pub struct Organisations {
    /// Those the person may go on in, by name.
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
pub async fn list(State(app): State<App>, me: SignedIn) -> Json<Organisations> {
    let items = match me.via() {
        Some(Via::Session(session)) => {
            let open = app.identity.organisations_of(session);
            open.iter().map(|organisation| Organisation::of(organisation)).collect()
        }
        // A token is of one organisation.
        Some(Via::Token(_)) | None => vec![Organisation::of(&me.office().organisation())],
    };
    Json(Organisations { items })
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
    let (by, name, control) = (me.asker(), asked.body.name, app.control.clone());
    let rename = move || control.rename(OrganisationId(id), &name, by);
    let renamed = off_thread("naming an organisation", rename).await?;
    let organisation = renamed.map_err(auth::control_refused)?;
    me.office().changed(organisation.clone());
    Ok(Json(Organisation::of(&organisation)))
}
