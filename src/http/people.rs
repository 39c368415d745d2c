//! The people of the organisation: who works here, with which role, and who does not any more.

use super::app::App;
use super::auth::{self, SignedIn};
use super::extract::{Asked, Json, Path};
use super::off_thread::off_thread;
use super::problem::Problem;
use super::schema;
use super::time::{Time, now_us};
use crate::estimating::id::UserId;
use crate::estimating::user::{self, Role};
use crate::workspace::control::{NewPerson, PersonPatch};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A person, or a service account, as an Admin sees them.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StaffMember {
    /// Identity.
    pub id: Uuid,
    /// Name as records show it.
    pub name: Box<str>,
    /// E-mail address; none for a service account, which has tokens and cannot sign in.
    pub email: Option<Box<str>>,
    /// What the person may do.
    pub role: Role,
    /// Whether the person may sign in.
    pub active: bool,
    /// Counts changes of the person, from 1.
    pub version: u64,
    /// When the person was added.
    #[schema(value_type = schema::Time)]
    pub added_at: Time,
    /// In how many places the person is signed in.
    pub sessions: usize,
    /// How many subjects of providers the person signs in as.
    pub links: usize,
    /// When the person was last seen in a session that still lasts.
    #[schema(value_type = Option<schema::Time>)]
    pub seen_at: Option<Time>,
}

/// The people of the organisation.
#[derive(Debug, Serialize, ToSchema)]
pub struct Staff {
    /// People by name, deactivated ones too.
    pub items: Vec<StaffMember>,
}

/// A person to be added.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewStaffMember {
    /// Name, at most 200 characters.
    pub name: String,
    /// E-mail address they will sign in with; none for a service account.
    pub email: Option<String>,
    /// What they may do.
    pub role: Role,
}

/// New values for a person; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StaffPatch {
    /// The version that was read.
    pub version: u64,
    /// Name.
    pub name: Option<String>,
    /// What they may do.
    pub role: Option<Role>,
    /// Whether they may sign in. Who may not any more is signed out at once.
    pub active: Option<bool>,
}

impl StaffMember {
    fn of(app: &App, me: &SignedIn, user: &user::User) -> StaffMember {
        let sessions = app.identity.sessions_of(me.asker().organisation, user.id, now_us());
        StaffMember {
            seen_at: sessions.first().map(|session| Time(session.used_at_us())),
            sessions: sessions.len(),
            links: app.identity.links_of(user.id),
            ..StaffMember::plain(user)
        }
    }

    /// A person without their sessions.
    pub fn plain(user: &user::User) -> StaffMember {
        StaffMember {
            id: user.id.0,
            name: user.name.clone(),
            email: Some(user.email.clone()).filter(|_| !user.is_service()),
            role: user.role,
            active: user.active,
            version: user.version,
            added_at: Time(user.stamp.created_at_us),
            sessions: 0,
            links: 0,
            seen_at: None,
        }
    }
}

/// The people of the organisation, deactivated ones and service accounts too. Only for an Admin.
#[utoipa::path(
    get,
    path = "/users",
    operation_id = "listUsers",
    tag = "People",
    responses((status = 200, description = "People", body = Staff)),
)]
pub async fn list(State(app): State<App>, me: SignedIn) -> Result<Json<Staff>, Problem> {
    me.asker().admin("sees everybody").map_err(auth::control_refused)?;
    let directory = app.control.directory();
    let mut items: Vec<StaffMember> = directory
        .users_of(me.asker().organisation)
        .map(|user| StaffMember::of(&app, &me, user))
        .collect();
    items.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
    Ok(Json(Staff { items }))
}

/// Adds a person, who signs in with that e-mail address, or a service account. Only an Admin may.
#[utoipa::path(
    post,
    path = "/users",
    operation_id = "createUsers",
    tag = "People",
    request_body = NewStaffMember,
    responses((status = 201, description = "The person", body = StaffMember)),
)]
pub async fn add(
    State(app): State<App>,
    me: SignedIn,
    asked: Asked<NewStaffMember>,
) -> Result<Response, Problem> {
    let (by, body, control) = (me.asker(), asked.body, app.control.clone());
    let invite = move || {
        let email = body.email.as_deref();
        control.invite(NewPerson { name: &body.name, email, role: body.role }, by)
    };
    let user = off_thread("adding a person", invite).await?.map_err(auth::control_refused)?;
    Ok((StatusCode::CREATED, Json(StaffMember::of(&app, &me, &user))).into_response())
}

/// Gives a person another name or role, takes away the right to sign in, or gives it back. Only an
/// Admin may, and one always remains.
#[utoipa::path(
    patch,
    path = "/users/{id}",
    operation_id = "updateUsers",
    tag = "People",
    params(("id" = Uuid, Path, description = "Person")),
    request_body = StaffPatch,
    responses((status = 200, description = "The person", body = StaffMember)),
)]
pub async fn update(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<Uuid>,
    asked: Asked<StaffPatch>,
) -> Result<Json<StaffMember>, Problem> {
    let (by, body, changing) = (me.asker(), asked.body, app.clone());
    let change = move || {
        let (role, active) = (body.role, body.active);
        let patch = PersonPatch { version: body.version, name: body.name.as_deref(), role, active };
        changing.identity.change_user(UserId(id), patch, by)
    };
    let user = off_thread("changing a person", change).await?.map_err(auth::control_refused)?;
    // Who may change nothing holds nothing any more.
    if !user.active || user.role < Role::Estimator {
        me.workspace().leases().end_user(user.id);
    }
    Ok(Json(StaffMember::of(&app, &me, &user)))
}

/// Signs a person out wherever they are signed in to this organisation. Only an Admin may.
#[utoipa::path(
    delete,
    path = "/users/{id}/sessions",
    operation_id = "removeSessionsUsers",
    tag = "People",
    params(("id" = Uuid, Path, description = "Person")),
    responses((status = 204, description = "Signed out")),
)]
pub async fn end_sessions(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<Uuid>,
) -> Result<StatusCode, Problem> {
    let by = me.asker();
    let end = move || app.identity.end_sessions_of(UserId(id), by, now_us());
    off_thread("ending sessions", end).await?.map_err(auth::control_refused)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Unlinks a person from the providers they signed in with, and signs them out: the next sign-in
/// with their verified e-mail address links them anew. Only an Admin may, and nobody who works in
/// another organisation too can be.
#[utoipa::path(
    delete,
    path = "/users/{id}/links",
    operation_id = "unlinkUsers",
    tag = "People",
    params(("id" = Uuid, Path, description = "Person")),
    responses((status = 204, description = "They are linked to no provider")),
)]
pub async fn unlink(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<Uuid>,
) -> Result<StatusCode, Problem> {
    let by = me.asker();
    let unlink = move || app.identity.unlink(UserId(id), by, now_us());
    off_thread("unlinking a person", unlink).await?.map_err(auth::control_refused)?;
    Ok(StatusCode::NO_CONTENT)
}
