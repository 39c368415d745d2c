//! The organisations of the person signed in.

use super::auth::SignedIn;
use super::extract::Json;
use super::session::Organisation;
use serde::Serialize;
use utoipa::ToSchema;

/// Organisations.
#[derive(Debug, Serialize, ToSchema)]
pub struct Organisations {
    /// The one of the sign-in.
    pub items: Vec<Organisation>,
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
    Json(Organisations { items: vec![Organisation::of(&me.office().organisation)] })
}
