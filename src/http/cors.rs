//! Pages of other sites that may read the API, with an API token and never with a cookie.
//!
//! None may unless `server.cors_origins` names its origin. What such a page asks is looked at as if
//! it had sent no cookie, so that it has what its token gives and nothing else.

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use std::time::Duration;
use tower_http::cors::{AllowOrigin, CorsLayer};

/// How long a browser keeps what it was told about a page's requests.
const PREFLIGHT_LIFE: Duration = Duration::from_secs(600);

/// Methods of the API.
const METHODS: [Method; 5] =
    [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
/// Headers a request may have.
const ASKED: [HeaderName; 6] = [
    header::AUTHORIZATION,
    header::CONTENT_TYPE,
    header::IF_NONE_MATCH,
    HeaderName::from_static("idempotency-key"),
    HeaderName::from_static("x-client-id"),
    HeaderName::from_static("x-leases"),
];
/// Headers of an answer that a page may read.
const ANSWERED: [HeaderName; 4] = [
    header::ETAG,
    header::RETRY_AFTER,
    header::CONTENT_DISPOSITION,
    HeaderName::from_static("x-request-id"),
];

/// Origins of pages that may ask.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origins(Vec<HeaderValue>);

impl Origins {
    /// Those of a list parted by commas, each a scheme, a host and a port where it is not the usual.
    ///
    /// # Errors
    /// What is wrong with which, in words.
    pub fn of(text: &str) -> Result<Origins, String> {
        let named = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        named.map(origin).collect::<Result<_, _>>().map(Origins)
    }

    /// Whether none may.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a request comes from a page of one of them.
    pub fn hold(&self, headers: &HeaderMap) -> bool {
        headers.get(header::ORIGIN).is_some_and(|origin| self.0.contains(origin))
    }

    /// What answers their browsers.
    pub fn layer(&self) -> CorsLayer {
        CorsLayer::new()
            .allow_origin(AllowOrigin::list(self.0.iter().cloned()))
            .allow_methods(METHODS)
            .allow_headers(ASKED)
            .expose_headers(ANSWERED)
            .max_age(PREFLIGHT_LIFE)
    }
}

fn origin(text: &str) -> Result<HeaderValue, String> {
    let wrong = |why: &str| Err(format!("{text:?}: {why}"));
    match text {
        "*" => return wrong("every page of the world is no list; name each origin"),
        "null" => return wrong("files and sandboxes of anybody are called null"),
        _ => {}
    }
    let Ok(url) = url::Url::parse(text) else {
        return wrong("an origin is a scheme and a host, such as https://reports.example.org");
    };
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return wrong("an origin starts with https:// or http://");
    }
    let whole = url.origin().ascii_serialization();
    if whole != text {
        return wrong(&format!("a browser writes this origin as {whole:?}"));
    }
    HeaderValue::try_from(whole).or_else(|_| wrong("an origin is plain text"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_named_exactly_as_browsers_write_it() {
        let origins = Origins::of(" https://a.example , http://localhost:5173,").unwrap();
        assert_eq!(origins.0, ["https://a.example", "http://localhost:5173"]);
        assert!(Origins::of("").unwrap().is_empty());
        for wrong in [
            "*",
            "null",
            "a.example",
            "https://*.a.example/",
            "https://a.example/",
            "https://a.example:443",
            "https://a.example/x",
            "https://A.example",
            "https://u@a.example",
            "file:///x",
            "https://",
        ] {
            let said = Origins::of(&format!("https://fine.example,{wrong}")).unwrap_err();
            assert!(said.contains(wrong), "{said}");
        }
    }

    #[test]
    fn a_page_is_of_an_origin_or_of_none() {
        let origins = Origins::of("https://a.example").unwrap();
        let from = |origin: &'static str| -> HeaderMap {
            [(header::ORIGIN, HeaderValue::from_static(origin))].into_iter().collect()
        };
        assert!(origins.hold(&from("https://a.example")));
        for other in ["https://a.example:444", "http://a.example", "https://a.example.evil", "null"]
        {
            assert!(!origins.hold(&from(other)), "{other}");
        }
        assert!(!origins.hold(&HeaderMap::new()));
    }
}
