//! The sessions of the person signed in: where they are signed in, and how to end that.

use super::app::App;
use super::auth::{self, SignedIn};
use super::extract::{Json, Path};
use super::off_thread::off_thread;
use super::problem::Problem;
use super::schema;
use super::time::{Time, now_us};
use crate::identity::{self, Via};
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// One place where somebody is signed in.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SignInSession {
    /// Identity.
    pub id: Uuid,
    /// When they signed in.
    #[schema(value_type = schema::Time)]
    pub started_at: Time,
    /// When it was last used.
    #[schema(value_type = schema::Time)]
    pub used_at: Time,
    /// Address they signed in from.
    pub address: Box<str>,
    /// What their browser calls itself.
    pub agent: Box<str>,
    /// Id of the provider they signed in with; none for development sign-in.
    pub provider: Option<Box<str>>,
    /// Whether it is the session of this request.
    pub current: bool,
}

/// Where somebody is signed in.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignInSessions {
    /// Sessions, the one used last first.
    pub items: Vec<SignInSession>,
}

impl SignInSession {
    fn of(session: &identity::Session, current: Option<Uuid>) -> SignInSession {
        let row = &session.row;
        SignInSession {
            id: row.id,
            started_at: Time(row.started_at_us),
            used_at: Time(session.used_at_us()),
            address: row.address.clone(),
            agent: row.agent.clone(),
            provider: row.provider.clone(),
            current: current == Some(row.id),
        }
    }
}

/// Where the person is signed in to this organisation.
#[utoipa::path(
    get,
    path = "/sessions",
    operation_id = "listSessions",
    tag = "Session",
    responses((status = 200, description = "Sessions", body = SignInSessions)),
)]
pub async fn list(State(app): State<App>, me: SignedIn) -> Json<SignInSessions> {
    let current = match me.via() {
        Some(Via::Session(session)) => Some(session.row.id),
        Some(Via::Token(_)) | None => None,
    };
    let sessions = app.identity.sessions_of(me.asker().organisation, me.id(), now_us());
    let items = sessions.iter().map(|session| SignInSession::of(session, current));
    Json(SignInSessions { items: items.collect() })
}

/// Ends one of the person's sessions, wherever that is; its live connections end with it.
#[utoipa::path(
    delete,
    path = "/sessions/{id}",
    operation_id = "removeSessions",
    tag = "Session",
    params(("id" = Uuid, Path, description = "Session")),
    responses((status = 204, description = "Ended")),
)]
pub async fn end(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<Uuid>,
) -> Result<StatusCode, Problem> {
    me.session()?;
    let (organisation, user) = (me.asker().organisation, me.id());
    let end = move || app.identity.end_session(organisation, user, id, now_us());
    off_thread("ending a session", end).await?.map_err(auth::control_refused)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Signs the person out everywhere, here too.
#[utoipa::path(
    delete,
    path = "/sessions",
    operation_id = "removeEverySessions",
    tag = "Session",
    responses((status = 204, description = "Signed out everywhere")),
)]
pub async fn end_all(State(app): State<App>, me: SignedIn) -> Result<Response, Problem> {
    let session = me.session()?.clone();
    let forget = app.cookies.forget().ok_or_else(Problem::internal)?;
    let end = move || app.identity.sign_out_everywhere(&session, now_us());
    off_thread("signing out everywhere", end).await?.map_err(auth::control_refused)?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, forget)]).into_response())
}
