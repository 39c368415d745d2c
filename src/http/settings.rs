//! The settings of the server that concern the people of an organisation: how they sign in, and how
//! much they and their programs may ask for. They are read here and changed where the server runs.

use super::app::App;
use super::auth::{self, SignedIn};
use super::extract::Json;
use super::oidc;
use crate::estimating::user::Role;
use crate::http::problem::Problem;
use crate::identity::ProviderSettings;
use axum::extract::State;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A setting as it is in force.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Setting {
    /// Its name in `oxflow.toml`: section, dot, key.
    pub key: String,
    /// The variable that sets it too.
    pub variable: String,
    /// What is in force, as the file would write it.
    pub value: String,
    /// What is in force where nothing is set; empty for nothing.
    pub default: String,
    /// What it does, in a sentence.
    pub about: String,
}

/// A provider people sign in with, an `[[auth.providers]]` of the file. Its secret is not told.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProviderInForce {
    /// Its id.
    pub id: String,
    /// Name on the button.
    pub name: String,
    /// Its address.
    pub issuer: String,
    /// What it calls oxFlow.
    pub client_id: String,
    /// The redirect URI to be registered there.
    pub redirect_uri: String,
    /// Whether its e-mail addresses count as verified where it does not say.
    pub trust_email: bool,
    /// The claim with groups or app roles.
    pub role_claim: String,
    /// Which role each value of the claim gives; none: an Admin gives roles here.
    pub roles: BTreeMap<String, Role>,
    /// The role of somebody nobody added and whom no value gives one; absent: they are refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_role: Option<Role>,
    /// Whether it lets into this organisation only.
    pub only_here: bool,
}

/// The settings in force.
#[derive(Debug, Serialize, ToSchema)]
pub struct SettingsInForce {
    /// Settings of sign-in and of limits, in the order of the documentation.
    pub items: Vec<Setting>,
    /// Providers that let into this organisation.
    pub providers: Vec<ProviderInForce>,
}

impl ProviderInForce {
    fn of(app: &App, settings: &ProviderSettings) -> ProviderInForce {
        ProviderInForce {
            id: settings.id.clone(),
            name: settings.name.clone(),
            issuer: settings.issuer.clone(),
            client_id: settings.client_id.clone(),
            redirect_uri: oidc::redirect(&app.site, &settings.id),
            trust_email: settings.trust_email,
            role_claim: settings.role_claim.clone(),
            roles: settings.roles.clone(),
            first_role: settings.first_role,
            only_here: settings.organisation.is_some(),
        }
    }
}

/// How people sign in and how much may be asked for, as the server was told. Only for an Admin;
/// nothing of it is changed here.
#[utoipa::path(
    get,
    path = "/settings",
    operation_id = "showSettings",
    tag = "People",
    responses((status = 200, description = "Settings in force", body = SettingsInForce)),
)]
pub async fn show(State(app): State<App>, me: SignedIn) -> Result<Json<SettingsInForce>, Problem> {
    me.asker().admin("sees the settings of the server").map_err(auth::control_refused)?;
    let own = me.office().organisation().slug.clone();
    let providers = app.identity.providers().iter().map(|provider| &provider.settings);
    // Whom another organisation signs in with is none of this one's.
    let here = providers.filter(|p| p.organisation.as_deref().is_none_or(|slug| slug == &*own));
    Ok(Json(SettingsInForce {
        items: app.settings.in_force.clone(),
        providers: here.map(|settings| ProviderInForce::of(&app, settings)).collect(),
    }))
}
