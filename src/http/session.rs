//! Signing in and out, and who is signed in.

use super::app::App;
use super::auth::{self, NO_COOKIE, SignedIn};
use super::extract::Json;
use super::problem::Problem;
use super::schema;
use super::time::now_us;
use crate::estimating::id::UserId;
use crate::estimating::number::Pct;
use crate::estimating::user::{self, Role};
use crate::identity::{self, SignInRefused};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A person who can sign in.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// Identity.
    pub id: Uuid,
    /// Name as records show it.
    pub name: Box<str>,
    /// E-mail address.
    pub email: Box<str>,
    /// What the person may do.
    pub role: Role,
}

/// A contractor.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Organisation {
    /// Identity.
    pub id: Uuid,
    /// Short name.
    pub slug: Box<str>,
    /// Name.
    pub name: Box<str>,
    /// ISO 4217 code of the currency all money is in.
    pub currency: Box<str>,
    /// GST in percent.
    #[schema(value_type = schema::Pct)]
    pub gst_pct: Pct,
    /// IANA time zone.
    pub time_zone: Box<str>,
    /// BCP 47 locale.
    pub locale: Box<str>,
}

/// How people sign in here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SignInMethod {
    /// Pick a name from a list: on loopback only.
    Development,
}

/// A copy with invented names and prices.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Staging {
    /// Whether original names and prices are in its audit trail all the same.
    pub contains_originals: bool,
}

/// Who is signed in, and where.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Session {
    /// The person.
    pub user: User,
    /// The contractor the person works for.
    pub organisation: Organisation,
    /// Whether this is the demonstration data set.
    pub demo: bool,
    /// What makes this a staging copy, where it is one.
    pub staging: Option<Staging>,
    /// How people sign in here.
    pub sign_in: SignInMethod,
    /// Version of the server.
    pub version: &'static str,
}

/// Whom to sign in as.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SignIn {
    /// The person, from the list.
    pub user_id: Uuid,
}

/// The people who can sign in.
#[derive(Debug, Serialize, ToSchema)]
pub struct Users {
    /// People, by name.
    pub items: Vec<User>,
}

/// Who is signed in.
#[utoipa::path(
    get,
    path = "/session",
    operation_id = "showSession",
    tag = "Session",
    responses((status = 200, description = "The session", body = Session)),
)]
pub async fn show(State(app): State<App>, me: SignedIn) -> Json<Session> {
    Json(Session::of(&app, &me))
}

/// The people who can sign in by picking their name.
#[utoipa::path(
    get,
    path = "/session/users",
    operation_id = "usersSession",
    tag = "Session",
    responses((status = 200, description = "People", body = Users)),
)]
pub async fn users(State(app): State<App>) -> Json<Users> {
    Json(Users { items: app.identity.people().iter().map(|user| User::of(user)).collect() })
}

/// The people of the organisation, by name.
#[utoipa::path(
    get,
    path = "/people",
    operation_id = "listPeople",
    tag = "Session",
    responses((status = 200, description = "People who may sign in", body = Users)),
)]
pub async fn people(State(app): State<App>, me: SignedIn) -> Json<Users> {
    let people = app.identity.colleagues(me.office().organisation().id);
    Json(Users { items: people.iter().map(|user| User::of(user)).collect() })
}

/// Signs in.
#[utoipa::path(
    post,
    path = "/session",
    operation_id = "startSession",
    tag = "Session",
    request_body = SignIn,
    responses((status = 200, description = "The session; the cookie is set", body = Session)),
)]
pub async fn start(State(app): State<App>, Json(body): Json<SignIn>) -> Result<Response, Problem> {
    let (token, member) = app.identity.sign_in(UserId(body.user_id), now_us()).map_err(refused)?;
    let me = auth::at_work(&app, member).await?;
    let cookie = auth::cookie(&token).ok_or_else(Problem::internal)?;
    let mut response = Json(Session::of(&app, &me)).into_response();
    response.headers_mut().insert(header::SET_COOKIE, cookie);
    Ok(response)
}

/// Signs out.
#[utoipa::path(
    delete,
    path = "/session",
    operation_id = "endSession",
    tag = "Session",
    responses((status = 204, description = "Signed out")),
)]
pub async fn end(State(app): State<App>, headers: HeaderMap) -> Response {
    if let Some(token) = auth::token_of(&headers) {
        app.identity.sign_out(token);
    }
    (StatusCode::NO_CONTENT, [(header::SET_COOKIE, NO_COOKIE)]).into_response()
}

fn refused(why: SignInRefused) -> Problem {
    match why {
        SignInRefused::Unknown => Problem::not_found("person"),
        SignInRefused::Deactivated => {
            Problem::new(StatusCode::FORBIDDEN, "user-deactivated", why.to_string())
        }
        SignInRefused::NoRandomness => {
            tracing::error!("the operating system gives no randomness");
            Problem::internal()
        }
    }
}

impl User {
    /// A person as others see them.
    pub fn of(user: &user::User) -> User {
        User { id: user.id.0, name: user.name.clone(), email: user.email.clone(), role: user.role }
    }
}

impl Organisation {
    /// An organisation as its people see it.
    pub fn of(o: &user::Organisation) -> Organisation {
        Organisation {
            id: o.id.0,
            slug: o.slug.clone(),
            name: o.name.clone(),
            currency: o.currency.clone(),
            gst_pct: o.gst_pct,
            time_zone: o.time_zone.clone(),
            locale: o.locale.clone(),
        }
    }
}

impl Session {
    fn of(app: &App, me: &SignedIn) -> Session {
        Session {
            user: User::of(me.user()),
            organisation: Organisation::of(&me.office().organisation()),
            demo: app.settings.demo,
            staging: app
                .control
                .directory()
                .staging
                .as_ref()
                .map(|staging| Staging { contains_originals: staging.contains_originals }),
            sign_in: match app.identity.method() {
                identity::SignInMethod::Development => SignInMethod::Development,
            },
            version: env!("CARGO_PKG_VERSION"),
        }
    }
}
