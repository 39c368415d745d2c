//! Signing in with an OpenID provider: to it, back from it, and out when it says so.

use super::app::App;
use super::auth;
use super::extract::{Json, Path, Query};
use super::guard::Site;
use super::off_thread::off_thread;
use super::problem::Problem;
use super::session::{SignInMethod, visitor};
use super::time::now_us;
use crate::identity::{Callback, SignInRefused, Visitor};
use axum::body::Bytes;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::time::Duration;
use utoipa::{IntoParams, ToSchema};

/// A provider people may sign in with.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignInProvider {
    /// Its id.
    pub id: String,
    /// Name on the button.
    pub name: String,
}

/// How people sign in here.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SignInWays {
    /// The method.
    pub sign_in: SignInMethod,
    /// Whom to sign in with.
    pub providers: Vec<SignInProvider>,
}

/// A sign-in to begin.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SignInBegin {
    /// Id of the provider.
    pub provider: String,
    /// Path of this site to come back to.
    pub return_to: Option<String>,
    /// Secret of the link for the first Admin.
    pub setup: Option<String>,
}

/// Where the browser goes now.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignInStarted {
    /// The provider's address.
    pub location: String,
}

/// How people sign in here.
#[utoipa::path(
    get,
    path = "/session/providers",
    operation_id = "providersSession",
    tag = "Session",
    responses((status = 200, description = "Providers", body = SignInWays)),
)]
pub async fn providers(State(app): State<App>) -> Json<SignInWays> {
    let providers = app.identity.providers().iter().map(|provider| SignInProvider {
        id: provider.settings.id.clone(),
        name: provider.settings.name.clone(),
    });
    let sign_in = app.identity.method().into();
    Json(SignInWays { sign_in, providers: providers.collect() })
}

/// Begins a sign-in with a provider: a cookie is set, and the page goes to `location`.
#[utoipa::path(
    post,
    path = "/session/oidc",
    operation_id = "beginSession",
    tag = "Session",
    request_body = SignInBegin,
    responses((status = 200, description = "Where to go", body = SignInStarted)),
)]
pub async fn begin(
    State(app): State<App>,
    Json(body): Json<SignInBegin>,
) -> Result<Response, Problem> {
    let back = redirect(&app.site, &body.provider);
    let (path, setup) = (body.return_to.as_deref(), body.setup.as_deref());
    let began = app.identity.begin(&body.provider, &back, path, setup, now_us()).await;
    let began = began.map_err(|why| told(&why))?;
    let cookie = app.cookies.keep_sign_in(&began.sealed, began.life);
    let cookie = cookie.ok_or_else(Problem::internal)?;
    let mut response = Json(SignInStarted { location: began.location.into() }).into_response();
    response.headers_mut().insert(header::SET_COOKIE, cookie);
    Ok(response)
}

/// Where a provider sends the browser back to. Signed in or not, it goes on to a page of this
/// site; one that is refused says why by a code.
#[utoipa::path(
    get,
    path = "/session/oidc/{provider}/callback",
    operation_id = "callbackSession",
    tag = "Session",
    params(("provider" = String, Path, description = "Provider")),
    responses((status = 303, description = "To a page; the cookie is set when signed in")),
)]
pub async fn callback(
    State(app): State<App>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Path(provider): Path<String>,
    headers: HeaderMap,
    came: Result<Query<Callback>, Problem>,
) -> Response {
    let came = came.map_or_else(|_| Callback::default(), |Query(came)| came);
    let signed_in = finish(&app, peer, &provider, &headers, came).await;
    let (to, session) = match signed_in {
        Ok((to, session)) => (to, Some(session)),
        Err(why) => {
            if let SignInRefused::Storage(error) = &why {
                tracing::error!(%error, "a sign-in cannot be stored");
            }
            (format!("/sign-in?error={}", why.code()), None)
        }
    };
    let to = HeaderValue::try_from(to).unwrap_or(HeaderValue::from_static("/"));
    let mut response = (StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response();
    let done = app.cookies.keep_sign_in("", Duration::ZERO);
    for cookie in [done, session].into_iter().flatten() {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    let no_store = HeaderValue::from_static("no-store");
    response.headers_mut().insert(header::CACHE_CONTROL, no_store);
    response
}

async fn finish(
    app: &App,
    peer: SocketAddr,
    provider: &str,
    headers: &HeaderMap,
    came: Callback,
) -> Result<(String, HeaderValue), SignInRefused> {
    let back = redirect(&app.site, provider);
    let sealed = app.cookies.sign_in_of(headers);
    let finished = app.identity.finish(provider, &back, sealed, came, now_us()).await?;
    let old = app.cookies.session_of(headers).map(str::to_owned);
    let (address, agent) = visitor(app, peer, headers);
    let (admitting, to) = (app.clone(), finished.return_to);
    let (proved, setup) = (finished.proved, finished.setup);
    let admitted = off_thread("signing in", move || {
        let from = Visitor { address: &address, agent: &agent };
        admitting.identity.admit(&proved, setup.as_deref(), old.as_deref(), from, now_us())
    });
    let (token, _) = admitted.await.map_err(|_| SignInRefused::NoRandomness)??;
    let cookie = app.cookies.keep(&token).ok_or(SignInRefused::NoRandomness)?;
    Ok((to, cookie))
}

/// A provider says that somebody signed out there: their sessions here end.
#[utoipa::path(
    post,
    path = "/session/oidc/{provider}/logout",
    operation_id = "logoutSession",
    tag = "Session",
    params(("provider" = String, Path, description = "Provider")),
    request_body(
        content = String,
        content_type = "application/x-www-form-urlencoded",
        description = "A form with `logout_token`",
    ),
    responses((status = 200, description = "The sessions are over")),
)]
pub async fn logout(
    State(app): State<App>,
    Path(provider): Path<String>,
    form: Bytes,
) -> Result<StatusCode, Problem> {
    let mut fields = url::form_urlencoded::parse(&form);
    let token = fields.find_map(|(name, value)| (name == "logout_token").then_some(value));
    let missing = || Problem::invalid("logout_token", "A form with a logout_token.");
    let named = app.identity.logout_of(&provider, &token.ok_or_else(missing)?).await;
    let named = named.map_err(|why| told(&why))?;
    let ended = off_thread("signing out", move || app.identity.end_named(&named, now_us())).await?;
    ended.map_err(|error| {
        tracing::error!(%error, "sessions that a provider ended are not ended");
        Problem::internal()
    })?;
    Ok(StatusCode::OK)
}

/// What a provider's page for signing out says in a frame.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FramedLogout {
    /// The provider's address.
    pub iss: Option<String>,
    /// The provider's name of its session.
    pub sid: Option<String>,
}

/// The page in a provider's frame.
const SIGNED_OUT: &str =
    "<!doctype html><html lang=\"en\"><title>oxFlow</title><p>Signed out of oxFlow.</p></html>\n";

/// A provider's page for signing out shows this in a frame (OpenID Connect Front-Channel Logout):
/// the sessions that began in that session of the provider end. No cookie is looked at, since
/// browsers keep them from frames; only pages of the provider may frame it.
#[utoipa::path(
    get,
    path = "/session/oidc/{provider}/logout",
    operation_id = "framedLogoutSession",
    tag = "Session",
    params(("provider" = String, Path, description = "Provider"), FramedLogout),
    responses((
        status = 200,
        description = "The sessions are over, where there were any",
        content_type = "text/html",
        body = String,
    )),
)]
pub async fn framed_logout(
    State(app): State<App>,
    Path(provider): Path<String>,
    Query(asked): Query<FramedLogout>,
) -> Result<Response, Problem> {
    let missing = || Problem::invalid("sid", "The provider's name of its session.");
    let session = asked.sid.filter(|sid| !sid.is_empty()).ok_or_else(missing)?;
    let pages = app.identity.pages_of(&provider).join(" ");
    let end = move || {
        let issuer = asked.iss.as_deref();
        app.identity.end_provider_session(&provider, issuer, &session, now_us())
    };
    off_thread("signing out", end).await?.map_err(|why| told(&why))?;
    let policy = format!("default-src 'none'; base-uri 'none'; frame-ancestors {pages}");
    let policy = HeaderValue::try_from(policy).map_err(|_| Problem::internal())?;
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    let no_store = HeaderValue::from_static("no-cache, no-store");
    let headers = [
        (header::CONTENT_TYPE, html),
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::CACHE_CONTROL, no_store),
    ];
    Ok((headers, SIGNED_OUT).into_response())
}

/// Where a provider sends the browser back to.
pub(super) fn redirect(site: &Site, provider: &str) -> String {
    format!("{}{}/session/oidc/{provider}/callback", site.origin(), super::openapi::BASE)
}

/// A refusal as a problem.
fn told(why: &SignInRefused) -> Problem {
    let status = match why {
        SignInRefused::Unreachable => StatusCode::BAD_GATEWAY,
        SignInRefused::NotOffered => StatusCode::NOT_FOUND,
        SignInRefused::Storage(_) | SignInRefused::NoRandomness => {
            return auth::sign_in_failed(why);
        }
        _ => StatusCode::FORBIDDEN,
    };
    Problem::new(status, why.code(), why.to_string())
}
