//! The API's reference: the document itself, and a page that shows it.

use super::extract::json_response;
use super::openapi;
use super::problem::Problem;
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use std::sync::LazyLock;

const PAGE: &str = include_str!("page.html");
const SCRIPT: &str = include_str!("page.js");
const STYLE: &str = include_str!("page.css");

/// The document, written once.
static DOCUMENT: LazyLock<Bytes> = LazyLock::new(|| Bytes::from(openapi::text()));

/// The OpenAPI document.
pub async fn document() -> Response {
    json_response(DOCUMENT.clone())
}

/// The page that shows it.
pub async fn page() -> Response {
    text(PAGE, "text/html; charset=utf-8")
}

/// What the page is made of. Anything else below `/api` is not there.
pub async fn file(Path(name): Path<String>) -> Result<Response, Problem> {
    match name.as_str() {
        "reference.js" => Ok(text(SCRIPT, "text/javascript; charset=utf-8")),
        "reference.css" => Ok(text(STYLE, "text/css; charset=utf-8")),
        _ => Err(Problem::not_found("page")),
    }
}

fn text(body: &'static str, kind: &'static str) -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static(kind))], body).into_response()
}
