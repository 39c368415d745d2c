//! Extractors whose refusals are problem documents, and the JSON answer.

use super::layers::PRIVATE;
use super::limits::{JSON_DEPTH_MAX, KEY_CHARS_MAX};
use super::problem::Problem;
use crate::estimating::by_name::ByName;
use crate::workspace::LEASES_NAMED_MAX;
use axum::RequestPartsExt;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, FailedToBufferBody};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;
use serde::{Deserialize as _, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Header that makes a repeated request safe.
const IDEMPOTENCY_KEY: &str = "idempotency-key";
/// Header by which a client recognises its own commits.
const CLIENT_ID: &str = "x-client-id";
/// Header that names the leases a client means to hold, separated by commas.
const LEASES: &str = "x-leases";

/// A JSON body in, a JSON answer out.
#[derive(Clone, Copy, Debug)]
pub struct Json<T>(pub T);

/// Parts of the path.
#[derive(Clone, Copy, Debug)]
pub struct Path<T>(pub T);

/// The query string.
#[derive(Clone, Copy, Debug)]
pub struct Query<T>(pub T);

impl<S, T> FromRequest<S> for Json<T>
where
    T: DeserializeOwned,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request(req: Request, state: &S) -> Result<Self, Problem> {
        parse(&read_json(req, state).await?).map(Json)
    }
}

/// The bytes of a JSON body, within the bounds of its route.
async fn read_json<S: Send + Sync>(req: Request, state: &S) -> Result<Bytes, Problem> {
    if !is_json(req.headers()) {
        return Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported-media-type",
            "Send the body as application/json.",
        ));
    }
    let body = Bytes::from_request(req, state).await.map_err(body_refused)?;
    if !depth_within(&body, JSON_DEPTH_MAX) {
        return Err(Problem::bad_request(format!(
            "The body nests deeper than {JSON_DEPTH_MAX} levels."
        )));
    }
    Ok(body)
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let mut json = serde_json::Deserializer::from_slice(body);
    let read = T::deserialize(ByName(&mut json)).and_then(|read| json.end().map(|()| read));
    read.map_err(|e| Problem::bad_request(sentence(&e)))
}

/// What a request that changes something may say about itself.
#[derive(Clone, Debug, Default)]
pub struct Terms {
    /// The `Idempotency-Key` with a hash of what was asked, so that a repeat does nothing twice.
    pub idempotency: Option<(String, [u8; 32])>,
    /// The `X-Client-Id`: which tab asked; live deltas carry it back.
    pub origin: Option<String>,
    /// The `X-Leases` the client means to hold.
    pub leases: Vec<Uuid>,
}

/// The body of a request that changes something, with its terms.
#[derive(Clone, Debug)]
pub struct Asked<T> {
    /// The body.
    pub body: T,
    /// What the request says about itself.
    pub terms: Terms,
}

impl Terms {
    /// The terms as the headers have them; what was asked is for the caller to hash.
    fn read(headers: &HeaderMap) -> Result<Terms, Problem> {
        let idempotency = short_header(headers, IDEMPOTENCY_KEY)?.map(|key| (key, [0; 32]));
        let origin = short_header(headers, CLIENT_ID)?;
        Ok(Terms { idempotency, origin, leases: leases(headers)? })
    }

    /// The terms of a request that is the same only with the same file.
    #[must_use]
    pub fn over(mut self, file: &[u8]) -> Terms {
        if let Some((_, asked)) = &mut self.idempotency {
            *asked = Sha256::new().chain_update(*asked).chain_update(file).finalize().into();
        }
        self
    }
}

/// SHA-256 of all that makes two requests the same.
fn what_was_asked(method: &Method, uri: &Uri, body: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in [method.as_str(), uri.path(), uri.query().unwrap_or_default()] {
        hash.update(part);
        hash.update([0]);
    }
    hash.update(body);
    hash.finalize().into()
}

fn leases(headers: &HeaderMap) -> Result<Vec<Uuid>, Problem> {
    let Some(value) = headers.get(LEASES) else { return Ok(Vec::new()) };
    let named = value.to_str().unwrap_or("?").split(',').map(str::trim);
    let read = named.filter(|id| !id.is_empty()).map(Uuid::parse_str);
    read.take(LEASES_NAMED_MAX + 1).collect::<Result<_, _>>().map_err(|_| {
        Problem::invalid(LEASES, "x-leases holds identities of leases, separated by commas.")
    })
}

fn short_header(headers: &HeaderMap, name: &'static str) -> Result<Option<String>, Problem> {
    let Some(value) = headers.get(name) else { return Ok(None) };
    match value.to_str() {
        Ok("") => Ok(None),
        Ok(text) if text.len() <= KEY_CHARS_MAX => Ok(Some(text.to_owned())),
        _ => Err(Problem::invalid(
            name,
            format!("{name} is plain text of at most {KEY_CHARS_MAX} characters."),
        )),
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Terms {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let mut terms = Terms::read(&parts.headers)?;
        if let Some((_, hash)) = &mut terms.idempotency {
            *hash = what_was_asked(&parts.method, &parts.uri, &[]);
        }
        Ok(terms)
    }
}

impl<S, T> FromRequest<S> for Asked<T>
where
    T: DeserializeOwned,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request(req: Request, state: &S) -> Result<Self, Problem> {
        let mut terms = Terms::read(req.headers())?;
        let asked = terms.idempotency.is_some().then(|| (req.method().clone(), req.uri().clone()));
        let bytes = read_json(req, state).await?;
        if let (Some((_, hash)), Some((method, uri))) = (&mut terms.idempotency, asked) {
            *hash = what_was_asked(&method, &uri, &bytes);
        }
        Ok(Asked { body: parse(&bytes)?, terms })
    }
}

/// Keeps "absent" (leave as it is) apart from "null" (clear it).
pub fn present<'de, T, D>(d: D) -> Result<Option<Option<T>>, D::Error>
where
    T: serde::Deserialize<'de>,
    D: serde::Deserializer<'de>,
{
    Option::<T>::deserialize(d).map(Some)
}

/// What serde_json says, as a sentence.
fn sentence(error: &serde_json::Error) -> String {
    format!("The body is not what this request takes: {error}.")
}

fn body_refused(rejection: BytesRejection) -> Problem {
    match rejection {
        BytesRejection::FailedToBufferBody(FailedToBufferBody::LengthLimitError(_)) => {
            Problem::too_large("body-too-large", "The body is larger than this request may carry.")
        }
        BytesRejection::FailedToBufferBody(_) => {
            Problem::bad_request("The body ended before it was complete.")
        }
        _ => Problem::bad_request("The body cannot be read."),
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()) else {
        return false;
    };
    let essence = value.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
}

/// Whether brackets nest at most `max` deep. One pass; text inside strings does not count.
pub fn depth_within(json: &[u8], max: usize) -> bool {
    let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
    for byte in json {
        if in_text {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_text = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_text = true,
            b'{' | b'[' => {
                depth += 1;
                if depth > max {
                    return false;
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    true
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(body) => json_response(body),
            Err(error) => {
                tracing::error!(%error, "an answer cannot be written as JSON");
                Problem::internal().into_response()
            }
        }
    }
}

/// A body that is JSON already.
pub fn json_response(body: impl Into<axum::body::Body>) -> Response {
    let mut response = Response::new(body.into());
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, PRIVATE);
    response
}

impl<S, T> FromRequestParts<S> for Path<T>
where
    T: DeserializeOwned + Send + 'static,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        match parts.extract::<axum::extract::Path<T>>().await {
            Ok(axum::extract::Path(value)) => Ok(Path(value)),
            // An identity that is not one names nothing: the same answer as for an unknown one.
            Err(_) => Err(Problem::not_found("resource")),
        }
    }
}

impl<S, T> FromRequestParts<S> for Query<T>
where
    T: DeserializeOwned,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        match axum::extract::Query::<T>::try_from_uri(&parts.uri) {
            Ok(axum::extract::Query(value)) => Ok(Query(value)),
            Err(rejection) => Err(Problem::bad_request(format!(
                "The query is not what this request takes: {}.",
                rejection.body_text()
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::depth_within;

    #[test]
    fn nesting_counts_brackets_outside_of_texts_only() {
        assert!(depth_within(br#"{"a":[1,{"b":"]]]]{{{{\"[["}]}"#, 3));
        assert!(!depth_within(br#"{"a":[1,{"b":2}]}"#, 2));
        assert!(!depth_within(&[b'['; 100_000], 32));
    }
}
