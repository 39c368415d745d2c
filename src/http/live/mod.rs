//! The live connection: what others change, as it is committed.
//!
//! One hub for an organisation follows the workspace, writes each delta once and hands the same
//! bytes to everybody who follows that estimate. A connection has a bounded queue: a client that
//! does not keep up is dropped, and catches up when it comes back; the hub never waits.

mod connection;
mod hub;
pub mod message;
mod ring;
mod together;

use connection::Connected;

pub use hub::Hub;

use super::app::App;
use super::auth::SignedIn;
use super::extract::Query;
use super::limits::{KEY_CHARS_MAX, LIVE_MESSAGE_BYTES_MAX};
use super::problem::Problem;
use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Deserialize;

/// Bytes read from a connection at a time: messages from clients are small.
const READ_BUFFER_BYTES: usize = 4 << 10;
/// Bytes gathered before they are written to a connection.
const WRITE_BUFFER_BYTES: usize = 16 << 10;
/// Bytes a connection may hold back; reached only when one message is larger than this.
const WRITE_BUFFER_BYTES_MAX: usize = 64 << 20;

/// Whose connection it is.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LiveQuery {
    /// What the tab calls itself in `X-Client-Id`: it may hold rows under that name.
    #[serde(default)]
    client: Option<String>,
}

/// Opens a live connection. It is for pages of this server only: `Origin` is checked like that
/// of a change.
pub async fn live(
    State(app): State<App>,
    me: SignedIn,
    headers: HeaderMap,
    Query(query): Query<LiveQuery>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Problem> {
    let upgrade = upgrade.map_err(|_| {
        Problem::new(
            StatusCode::UPGRADE_REQUIRED,
            "not-a-websocket",
            "Open this address as a WebSocket.",
        )
    })?;
    if !app.hosts.trust(&headers) {
        return Err(Problem::foreign_origin());
    }
    let session = me.session()?.clone();
    let token = app.cookies.session_of(&headers).ok_or_else(Problem::not_signed_in)?.to_owned();
    let who = Connected { token, ending: session.ending() };
    let client = query.client.filter(|client| !client.is_empty());
    if client.as_ref().is_some_and(|client| client.len() > KEY_CHARS_MAX) {
        let detail = format!("A client's name for itself has at most {KEY_CHARS_MAX} characters.");
        return Err(Problem::invalid("client", detail));
    }
    let seat = me.office().hub.join(me.user(), client.as_deref());
    let seat = seat.ok_or_else(Problem::overloaded)?;
    let upgrade = upgrade
        .max_message_size(LIVE_MESSAGE_BYTES_MAX)
        .max_frame_size(LIVE_MESSAGE_BYTES_MAX)
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(WRITE_BUFFER_BYTES)
        .max_write_buffer_size(WRITE_BUFFER_BYTES_MAX);
    Ok(upgrade.on_upgrade(move |socket| connection::run(app, me, who, seat, socket)))
}
