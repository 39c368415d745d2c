//! API tokens: what programs come with instead of signing in.

use super::app::App;
use super::auth::{self, SignedIn};
use super::extract::{Asked, Json, Path};
use super::off_thread::off_thread;
use super::problem::Problem;
use super::schema;
use super::time::{Time, now_us};
use crate::estimating::id::UserId;
use crate::identity::NewToken;
use crate::workspace::control::{ApiTokenRow, TokenScope};
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A token, without its text.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApiToken {
    /// Identity.
    pub id: Uuid,
    /// Whom it stands for.
    pub user_id: Uuid,
    /// Name of that person or service account.
    pub user_name: String,
    /// What it is for.
    pub name: Box<str>,
    /// How much it may do, within what its owner may.
    pub scope: TokenScope,
    /// When it was made.
    #[schema(value_type = schema::Time)]
    pub made_at: Time,
    /// When it ends.
    #[schema(value_type = schema::Time)]
    pub ends_at: Time,
    /// When it was last used, to within some minutes after a restart.
    #[schema(value_type = Option<schema::Time>)]
    pub used_at: Option<Time>,
}

/// Tokens.
#[derive(Debug, Serialize, ToSchema)]
pub struct ApiTokens {
    /// Tokens, oldest first.
    pub items: Vec<ApiToken>,
}

/// A token to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewApiToken {
    /// What it is for, at most 100 characters.
    pub name: String,
    /// How much it may do: `read` makes GET requests only, `write` does what a Lead Estimator may,
    /// `admin` all that its owner may.
    pub scope: TokenScope,
    /// How many days it lasts, at most 366.
    pub days: u32,
    /// A service account it is for; without one it is for whoever asks.
    pub user_id: Option<Uuid>,
}

/// A token that was just made.
#[derive(Debug, Serialize, ToSchema)]
pub struct MadeApiToken {
    /// What a program sends as `Authorization: Bearer ...`. It is shown this once.
    pub text: String,
    /// The token.
    pub token: ApiToken,
}

impl ApiToken {
    fn of(me: &SignedIn, row: &ApiTokenRow, used_at_us: Option<i64>) -> ApiToken {
        ApiToken {
            id: row.id,
            user_id: row.user.0,
            user_name: me.person(row.user).name,
            name: row.name.clone(),
            scope: row.scope,
            made_at: Time(row.made_at_us),
            ends_at: Time(row.ends_at_us),
            used_at: used_at_us.map(Time),
        }
    }
}

/// The tokens of the person, and for an Admin those of service accounts.
#[utoipa::path(
    get,
    path = "/tokens",
    operation_id = "listTokens",
    tag = "People",
    responses((status = 200, description = "Tokens", body = ApiTokens)),
)]
pub async fn list(State(app): State<App>, me: SignedIn) -> Json<ApiTokens> {
    let tokens = app.identity.tokens_of(me.asker());
    let items = tokens.iter().map(|token| ApiToken::of(&me, &token.row, token.used_at_us()));
    Json(ApiTokens { items: items.collect() })
}

/// Makes a token. Takes somebody who signed in: no token makes another.
#[utoipa::path(
    post,
    path = "/tokens",
    operation_id = "createTokens",
    tag = "People",
    request_body = NewApiToken,
    responses((status = 201, description = "The token with its text", body = MadeApiToken)),
)]
pub async fn make(
    State(app): State<App>,
    me: SignedIn,
    asked: Asked<NewApiToken>,
) -> Result<Response, Problem> {
    me.session()?;
    let (by, body) = (me.asker(), asked.body);
    let make = move || {
        let user = body.user_id.map_or(by.user, UserId);
        let new = NewToken { user, name: &body.name, scope: body.scope, days: body.days };
        app.identity.make_token(new, by, now_us())
    };
    let made = off_thread("making a token", make).await?;
    let (token, row) = made.map_err(auth::control_refused)?;
    let text = token.text().to_owned();
    let made = MadeApiToken { text, token: ApiToken::of(&me, &row, None) };
    let mut response = (StatusCode::CREATED, Json(made)).into_response();
    let no_store = HeaderValue::from_static("no-store");
    response.headers_mut().insert(header::CACHE_CONTROL, no_store);
    Ok(response)
}

/// Revokes a token: whoever comes with it is refused from now on.
#[utoipa::path(
    delete,
    path = "/tokens/{id}",
    operation_id = "removeTokens",
    tag = "People",
    params(("id" = Uuid, Path, description = "Token")),
    responses((status = 204, description = "Revoked")),
)]
pub async fn end(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<Uuid>,
) -> Result<StatusCode, Problem> {
    let by = me.asker();
    let end = move || app.identity.end_token(id, by);
    off_thread("revoking a token", end).await?.map_err(auth::control_refused)?;
    Ok(StatusCode::NO_CONTENT)
}
