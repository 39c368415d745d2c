//! Validators of slices: a client that has a slice already is told so instead of being sent it.

use super::auth::Opened;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::hash::{DefaultHasher, Hash, Hasher};

/// The validator of one slice: which commit it was read at, and which slice.
pub struct Tag(String);

impl Tag {
    /// The tag of the slice `query` of an estimate. It changes with every commit of the
    /// organisation, since a new rate in the price book marks rows of any estimate.
    pub fn of(opened: &Opened, query: &impl Hash) -> Tag {
        let mut hasher = DefaultHasher::new();
        opened.estimate.row().id.hash(&mut hasher);
        query.hash(&mut hasher);
        Tag(format!("\"{:x}-{:x}\"", opened.lsn, hasher.finish()))
    }

    /// Whether the client has this very slice.
    pub fn is_known(&self, headers: &HeaderMap) -> bool {
        headers
            .get_all(header::IF_NONE_MATCH)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|list| list.split(','))
            .any(|tag| {
                let tag = tag.trim();
                tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == self.0
            })
    }

    /// The answer to a client that has it.
    pub fn not_modified(&self) -> Response {
        let mut response = StatusCode::NOT_MODIFIED.into_response();
        self.put_on(&mut response);
        response
    }

    /// Says on an answer which slice it is.
    pub fn put_on(&self, response: &mut Response) {
        if let Ok(value) = HeaderValue::try_from(&self.0) {
            response.headers_mut().insert(header::ETAG, value);
        }
    }
}
