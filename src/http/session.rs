//! Signing in and out, and who is signed in.

use super::app::App;
use super::auth::{self, SignedIn};
use super::extract::Json;
use super::off_thread::off_thread;
use super::problem::Problem;
use super::schema;
use super::time::now_us;
use crate::estimating::id::{OrganisationId, UserId};
use crate::estimating::number::Pct;
use crate::estimating::user::{self, Role};
use crate::identity::{self, Member, SignInRefused, Token, Via, Visitor};
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
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
    /// With an OpenID provider.
    Oidc,
}

impl From<identity::SignInMethod> for SignInMethod {
    fn from(method: identity::SignInMethod) -> SignInMethod {
        match method {
            identity::SignInMethod::Development => SignInMethod::Development,
            identity::SignInMethod::Oidc => SignInMethod::Oidc,
        }
    }
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
    /// Where to go after signing out, to end the session at the provider too.
    pub sign_out_url: Option<String>,
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
pub async fn start(
    State(app): State<App>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Json(body): Json<SignIn>,
) -> Result<Response, Problem> {
    let old = app.cookies.session_of(&headers).map(str::to_owned);
    let (address, agent) = visitor(peer, &headers);
    let signing = app.clone();
    let signed_in = off_thread("signing in", move || {
        let (from, now_us) = (Visitor { address: &address, agent: &agent }, now_us());
        let started = signing.identity.sign_in(UserId(body.user_id), from, now_us)?;
        // The session the browser had is over: a new one never goes by an old token.
        if let Some(old) = old {
            signing.identity.sign_out(&old, now_us)?;
        }
        Ok(started)
    });
    let (token, member) = signed_in.await?.map_err(|why| refused(&why, "person"))?;
    answer(&app, &token, member).await
}

/// The session with its cookie.
async fn answer(app: &App, token: &Token, member: Member) -> Result<Response, Problem> {
    let me = auth::at_work(app, member).await?;
    let cookie = app.cookies.keep(token).ok_or_else(Problem::internal)?;
    let mut response = Json(Session::of(app, &me)).into_response();
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
pub async fn end(State(app): State<App>, headers: HeaderMap) -> Result<Response, Problem> {
    let forget = app.cookies.forget().ok_or_else(Problem::internal)?;
    if let Some(token) = app.cookies.session_of(&headers).map(str::to_owned) {
        let end = move || app.identity.sign_out(&token, now_us());
        off_thread("signing out", end).await?.map_err(auth::control_refused)?;
    }
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, forget)]).into_response())
}

/// Another organisation to work in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Switch {
    /// One of the person's organisations.
    pub organisation_id: Uuid,
}

/// Goes on in another of the person's organisations, with a session of its own.
#[utoipa::path(
    post,
    path = "/session/organisation",
    operation_id = "switchSession",
    tag = "Session",
    request_body = Switch,
    responses((status = 200, description = "The session; the cookie is set", body = Session)),
)]
pub async fn switch(
    State(app): State<App>,
    me: SignedIn,
    Json(body): Json<Switch>,
) -> Result<Response, Problem> {
    let (session, switching) = (me.session()?.clone(), app.clone());
    let to = OrganisationId(body.organisation_id);
    let switched = off_thread("going to another organisation", move || {
        switching.identity.switch(&session, to, now_us())
    });
    let (token, member) = switched.await?.map_err(|why| refused(&why, "organisation"))?;
    answer(&app, &token, member).await
}

/// Address and browser of a request, as people recognise them.
pub fn visitor(peer: SocketAddr, headers: &HeaderMap) -> (String, String) {
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    (peer.ip().to_string(), agent.unwrap_or_default().to_owned())
}

fn refused(why: &SignInRefused, what: &str) -> Problem {
    match why {
        SignInRefused::Unknown => Problem::not_found(what),
        SignInRefused::Storage(_) | SignInRefused::NoRandomness => auth::sign_in_failed(why),
        why => Problem::new(StatusCode::FORBIDDEN, why.code(), why.to_string()),
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
            sign_in: app.identity.method().into(),
            sign_out_url: match me.via() {
                Some(Via::Session(session)) => session.row.provider.as_deref().and_then(|id| {
                    let back_to = format!("{}/sign-in", app.site.origin());
                    app.identity.sign_out_address(id, &back_to).map(String::from)
                }),
                Some(Via::Token(_)) | None => None,
            },
            version: env!("CARGO_PKG_VERSION"),
        }
    }
}
