//! The web UI inside the binary: files gathered by `build.rs`, served with their validators.

use std::borrow::Cow;
use std::io::Read;

use axum::body::Body;
use axum::http::header::{
    ACCEPT_ENCODING, ALLOW, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH,
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH, REFERRER_POLICY, VARY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, Uri};
use data_encoding::HEXLOWER;
use flate2::read::GzDecoder;
use rust_embed::{EmbeddedFile, RustEmbed};

#[derive(RustEmbed)]
#[folder = "$OUT_DIR/ui"]
struct Ui;

/// The page every address of the application answers with; the UI routes from there.
const INDEX: &str = "index.html";

/// Folder whose file names carry a hash of their content, so that they never change.
const HASHED_FOLDER: &str = "assets/";

/// Scripts come from this server alone and never from the page itself. Styles may be inline:
/// component libraries measure and place with `style` elements, which can run nothing. A frame
/// shows documents the page itself was given (`blob:`), never another address.
pub const CONTENT_SECURITY: &str = "default-src 'none'; script-src 'self'; \
    style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self'; \
    connect-src 'self'; frame-src blob:; manifest-src 'self'; worker-src 'self'; base-uri 'none'; \
    form-action 'self'; frame-ancestors 'none'";

/// Headers that every answer of the server carries, the API's included.
pub const SECURITY_HEADERS: [(HeaderName, &str); 5] = [
    (CONTENT_SECURITY_POLICY, CONTENT_SECURITY),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// Answers a request that no route took: the file of that name, or the application's page for
/// an address inside the application (no file extension). Anything else is 404; other methods
/// than GET and HEAD are 405. Reads no disk: O(size) to copy nothing, the bytes are static.
///
/// Mount it as the router's fallback, after `/api` has its own "not found".
pub async fn ui(method: Method, uri: Uri, headers: HeaderMap) -> Response<Body> {
    let mut response = answer(&method, uri.path(), &headers);
    for (name, value) in SECURITY_HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

fn answer(method: &Method, path: &str, headers: &HeaderMap) -> Response<Body> {
    if method != Method::GET && method != Method::HEAD {
        let mut response = plain(StatusCode::METHOD_NOT_ALLOWED, "only GET and HEAD here\n");
        response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        return response;
    }
    let name = path.trim_start_matches('/');
    let name = if name.is_empty() { INDEX } else { name };
    match Asset::named(name) {
        Some(asset) => file_answer(method, name, &asset, headers),
        None if is_application_address(name) => match Asset::named(INDEX) {
            Some(page) => file_answer(method, INDEX, &page, headers),
            None => plain(StatusCode::NOT_FOUND, "this binary has no UI inside\n"),
        },
        None => plain(StatusCode::NOT_FOUND, "no such file\n"),
    }
}

/// A file of the UI, as the binary holds it.
struct Asset {
    file: EmbeddedFile,
    /// Whether its bytes are packed with gzip.
    packed: bool,
}

impl Asset {
    /// The file of that name; `build.rs` has packed what gets smaller.
    fn named(name: &str) -> Option<Asset> {
        if let Some(file) = Ui::get(&format!("{name}.gz")) {
            return Some(Asset { file, packed: true });
        }
        let file = Ui::get(name).filter(|_| !name.ends_with(".gz"))?;
        Some(Asset { file, packed: false })
    }

    /// Its bytes for a client that takes gzip, or does not. O(1), or O(size) to unpack.
    fn bytes(&self, gzip: bool) -> std::io::Result<Cow<'static, [u8]>> {
        if !self.packed || gzip {
            return Ok(self.file.data.clone());
        }
        let mut bytes = Vec::new();
        GzDecoder::new(&*self.file.data).read_to_end(&mut bytes)?;
        Ok(Cow::Owned(bytes))
    }
}

/// An address of the application has no file extension and is not the API's.
fn is_application_address(name: &str) -> bool {
    let last = name.rsplit('/').next().unwrap_or_default();
    !last.contains('.') && name != "api" && !name.starts_with("api/")
}

fn file_answer(method: &Method, name: &str, asset: &Asset, headers: &HeaderMap) -> Response<Body> {
    let gzip = asset.packed && accepts_gzip(headers);
    let etag = etag(&asset.file, gzip);
    let caching = if name.starts_with(HASHED_FOLDER) {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };

    let mut response = Response::new(Body::empty());
    let out = response.headers_mut();
    out.insert(CACHE_CONTROL, HeaderValue::from_static(caching));
    out.insert(VARY, HeaderValue::from_static("accept-encoding"));
    if let Ok(value) = HeaderValue::from_str(&etag) {
        out.insert(ETAG, value);
    }
    if names_etag(headers, &etag) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return response;
    }

    if let Ok(value) = HeaderValue::from_str(&content_type(name)) {
        out.insert(CONTENT_TYPE, value);
    }
    if gzip {
        out.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    let Ok(bytes) = asset.bytes(gzip) else {
        tracing::error!(name, "a file of the UI does not unpack");
        return plain(StatusCode::INTERNAL_SERVER_ERROR, "the file does not unpack\n");
    };
    out.insert(CONTENT_LENGTH, HeaderValue::from(bytes.len()));
    if method == Method::GET {
        *response.body_mut() = match bytes {
            Cow::Borrowed(fixed) => Body::from(fixed),
            Cow::Owned(owned) => Body::from(owned),
        };
    }
    response
}

/// Text always travels as UTF-8, so its type says so.
fn content_type(name: &str) -> String {
    let kind = mime_guess::from_path(name).first_or_octet_stream();
    let is_text = kind.type_() == "text" || kind.essence_str() == "application/json";
    if is_text { format!("{kind}; charset=utf-8") } else { kind.to_string() }
}

/// Bytes of a file's hash that tell it from others.
const ETAG_BYTES: usize = 16;

/// Strong validator: the two encodings of one file are different representations.
fn etag(file: &EmbeddedFile, gzip: bool) -> String {
    let hash = file.metadata.sha256_hash();
    let short = HEXLOWER.encode(hash.get(..ETAG_BYTES).unwrap_or(&hash));
    if gzip { format!("\"{short}-gz\"") } else { format!("\"{short}\"") }
}

fn names_etag(headers: &HeaderMap, etag: &str) -> bool {
    headers
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|tag| tag.trim().trim_start_matches("W/"))
        .any(|tag| tag == "*" || tag == etag)
}

/// Whether the client takes gzip; a `q=0` refuses it.
fn accepts_gzip(headers: &HeaderMap) -> bool {
    headers
        .get_all(ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|coding| {
            let mut parts = coding.split(';').map(str::trim);
            let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("gzip"));
            let refused = parts.any(|q| matches!(q, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"));
            named && !refused
        })
}

fn plain(status: StatusCode, text: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(path: &str, headers: &[(HeaderName, &'static str)]) -> Response<Body> {
        let headers =
            headers.iter().map(|(n, v)| (n.clone(), HeaderValue::from_static(v))).collect();
        answer(&Method::GET, path, &headers)
    }

    #[test]
    fn every_address_of_the_application_answers_with_its_page() {
        for path in ["/", "/tenders", "/estimates/0198a/worksheet", "/index.html"] {
            let response = get(path, &[]);
            assert_eq!(response.status(), StatusCode::OK, "{path}");
            assert_eq!(response.headers()[CONTENT_TYPE], "text/html; charset=utf-8");
            assert_eq!(response.headers()[CACHE_CONTROL], "no-cache");
        }
    }

    #[test]
    fn a_missing_file_and_the_api_are_not_the_application() {
        for path in ["/assets/gone-1a2b.js", "/favicon.missing", "/api", "/api/v1/nothing"] {
            assert_eq!(get(path, &[]).status(), StatusCode::NOT_FOUND, "{path}");
        }
    }

    #[test]
    fn a_known_etag_is_answered_without_the_body() {
        let first = get("/", &[]);
        let etag = first.headers()[ETAG].to_str().unwrap().to_owned();
        let etag: &'static str = Box::leak(etag.into_boxed_str());
        assert_eq!(get("/", &[(IF_NONE_MATCH, etag)]).status(), StatusCode::NOT_MODIFIED);
        assert_eq!(get("/", &[(IF_NONE_MATCH, "\"other\"")]).status(), StatusCode::OK);
    }

    #[test]
    fn gzip_is_taken_only_when_offered() {
        let offered = |text| accepts_gzip(&HeaderMap::from_iter([(ACCEPT_ENCODING, text)]));
        assert!(offered(HeaderValue::from_static("br, gzip;q=0.8")));
        assert!(!offered(HeaderValue::from_static("br, gzip;q=0")));
        assert!(!accepts_gzip(&HeaderMap::new()));
        let response = get("/", &[(ACCEPT_ENCODING, "gzip")]);
        assert_eq!(response.headers()[CONTENT_ENCODING], "gzip");
        assert_ne!(response.headers()[ETAG], get("/", &[]).headers()[ETAG]);
    }

    #[tokio::test]
    async fn a_client_that_takes_no_gzip_gets_the_same_page_unpacked() {
        let body = async |response: Response<Body>| {
            axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap().to_vec()
        };
        let plain = get("/", &[]);
        assert!(!plain.headers().contains_key(CONTENT_ENCODING));
        let plain = body(plain).await;
        assert!(plain.starts_with(b"<!doctype html>"));
        let packed = body(get("/", &[(ACCEPT_ENCODING, "gzip")])).await;
        let mut unpacked = Vec::new();
        GzDecoder::new(&*packed).read_to_end(&mut unpacked).unwrap();
        assert_eq!(unpacked, plain);
        assert_eq!(get("/index.html.gz", &[]).status(), StatusCode::NOT_FOUND);
    }

    #[test]
    fn writing_to_a_page_is_refused() {
        let response = answer(&Method::POST, "/", &HeaderMap::new());
        assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
    }
}
