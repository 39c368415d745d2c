//! What every request passes through: its number, its time, its share of the server, and the
//! headers of its answer.

use super::app::App;
use super::assets::SECURITY_HEADERS;
use super::limits::{COMPRESS_BYTES_MIN, REQUESTS_MAX, UPLOAD_TIMEOUT};
use super::problem::Problem;
use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::{HeaderValue, Method, Response as HttpResponse, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;
use tokio::sync::Semaphore;
use tower_http::CompressionLevel;
use tower_http::compression::predicate::{NotForContentType, SizeAbove};
use tower_http::compression::{CompressionLayer, Predicate};

/// Header that numbers requests, so that an answer can be found in the log.
const REQUEST_ID: &str = "x-request-id";

/// Has browsers come back over TLS only, for a year.
const ALWAYS_TLS: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Kept by nobody but who asked, and asked for anew each time.
pub const PRIVATE: HeaderValue = HeaderValue::from_static("private, no-cache");

/// Marks the answer of a window of rows: it is not compressed for a client on this machine.
#[derive(Clone, Copy, Debug)]
pub struct Window;

/// Requests being worked on.
static AT_WORK: Semaphore = Semaphore::const_new(REQUESTS_MAX);
/// Requests so far.
static REQUESTS: AtomicU64 = AtomicU64::new(0);

/// Numbers a request, refuses it when there are too many, gives it up when it takes too long,
/// and keeps a panic from taking anything else down with it.
pub async fn outermost(State(app): State<App>, request: Request, next: Next) -> Response {
    let number = REQUESTS.fetch_add(1, Ordering::Relaxed);
    let started = Instant::now();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let on_this_machine = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .is_some_and(|ConnectInfo(peer)| peer.ip().is_loopback());
    let mut response = bounded(&app, request, next).await;
    if !on_this_machine {
        response.extensions_mut().remove::<Window>();
    }
    dress(&mut response, number);
    if app.site.is_secure() {
        response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, ALWAYS_TLS);
    }
    super::metrics::count(response.status());
    tracing::debug!(
        request = number,
        %method,
        route = route.as_ref().map_or("-", |r| r.as_str()),
        status = response.status().as_u16(),
        micros = started.elapsed().as_micros() as u64,
        "answered"
    );
    response
}

async fn bounded(app: &App, request: Request, next: Next) -> Response {
    let Ok(_turn) = AT_WORK.try_acquire() else {
        return Problem::overloaded().into_response();
    };
    let path = request.uri().path();
    let takes_files = path.ends_with("/imports") || path.ends_with("/attachments");
    let upload = request.method() == Method::POST && takes_files;
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let time = if upload { UPLOAD_TIMEOUT } else { app.settings.request_timeout };
    let work = AssertUnwindSafe(next.run(request)).catch_unwind();
    match tokio::time::timeout(time, work).await {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => {
            tracing::error!("a request handler panicked");
            Problem::internal().into_response()
        }
        // In `sync` mode the writer waits for the vault, however long that is away.
        Err(_) if changes && app.settings.vaults.as_ref().is_some_and(|all| all.has_waiting()) => {
            Problem::vault_awaited().into_response()
        }
        Err(_) => Problem::timeout().into_response(),
    }
}

/// Puts on an answer what all answers carry.
fn dress(response: &mut Response, number: u64) {
    let headers = response.headers_mut();
    for (name, value) in &SECURITY_HEADERS {
        if !headers.contains_key(name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    headers.insert(REQUEST_ID, HeaderValue::from(number));
    if response.status().is_success() && !response.headers().contains_key(header::CACHE_CONTROL) {
        response.headers_mut().insert(header::CACHE_CONTROL, PRIVATE);
    }
}

/// Refuses requests that are not for this server, and changes that no page of it asked for.
pub async fn guarded(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let welcome = app.settings.cors.hold(request.headers());
    if welcome {
        // Such a page has what its token gives, and nothing of whoever sits before it.
        request.headers_mut().remove(header::COOKIE);
    }
    let headers = request.headers();
    if !app.hosts.answer_to(request.uri().authority(), headers) {
        return Problem::foreign_host().into_response();
    }
    let reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let with_token = welcome && headers.contains_key(header::AUTHORIZATION);
    if !reads && !with_token && !app.hosts.trust(headers) {
        return Problem::foreign_origin().into_response();
    }
    // Nothing is unpacked: a few bytes must not become a great many.
    let encoded = headers.get(header::CONTENT_ENCODING);
    if encoded.is_some_and(|encoding| encoding != "identity") {
        return Problem::encoded().into_response();
    }
    next.run(request).await
}

/// Says which answers are compressed.
#[derive(Clone, Copy, Debug)]
pub struct Worthwhile;

impl Predicate for Worthwhile {
    fn should_compress<B: axum::body::HttpBody>(&self, response: &HttpResponse<B>) -> bool {
        response.extensions().get::<Window>().is_none()
            && SizeAbove::new(COMPRESS_BYTES_MIN).should_compress(response)
            && NotForContentType::new("application/vnd.openxmlformats").should_compress(response)
    }
}

/// Compresses answers for clients that ask for it, quickly rather than well.
pub fn compression() -> CompressionLayer<Worthwhile> {
    CompressionLayer::new().gzip(true).quality(CompressionLevel::Fastest).compress_when(Worthwhile)
}
