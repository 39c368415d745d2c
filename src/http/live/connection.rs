//! One live connection, from its hello to its end.

use super::hub::{Ending, Seat, text};
use super::message::{ClientMessage, ServerMessage};
use crate::estimating::id::EstimateId;
use crate::estimating::user::Role;
use crate::http::app::App;
use crate::http::auth::SignedIn;
use crate::http::limits::{
    LIVE_HEARTBEAT, LIVE_HEARTBEATS_MISSED_MAX, LIVE_MESSAGES_PER_HEARTBEAT_MAX, LIVE_SEND_TIMEOUT,
};
use crate::http::time::now_us;
use crate::identity::SessionEnd;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use futures_util::SinkExt;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval, timeout};

/// Messages written before they are pushed out together.
const BATCH_MAX: usize = 64;
/// Time a dropped client has to take its farewell.
const FAREWELL_TIMEOUT: Duration = Duration::from_secs(1);

/// Close code: the client did not keep up; it may come back and catch up.
const CLOSE_TOO_SLOW: u16 = 4000;
/// Close code: the client left pings unanswered.
const CLOSE_SILENT: u16 = 4001;
/// Close code: the session is over.
const CLOSE_SIGNED_OUT: u16 = 4002;
/// Close code: the client sent more than it may, or what makes no sense.
const CLOSE_POLICY: u16 = 1008;
/// Close code: the server goes away.
const CLOSE_GOING_AWAY: u16 = 1001;

/// Why a connection ends; none when the client ended it.
type End = Option<(u16, &'static str)>;

/// The session a connection lasts as long as.
pub struct Connected {
    /// Its token.
    pub token: String,
    /// Tells when it ends before its time.
    pub ending: watch::Receiver<Option<SessionEnd>>,
}

/// Serves one connection until either side ends it.
pub async fn run(
    app: App,
    me: SignedIn,
    mut who: Connected,
    mut seat: Seat,
    mut socket: WebSocket,
) {
    let heartbeat_seconds = LIVE_HEARTBEAT.as_secs();
    seat.say(&ServerMessage::Hello { heartbeat_seconds, lsn: seat.lsn() });
    let end = serve(&app, &mut who, &mut seat, &mut socket).await;
    if matches!(end, Some((CLOSE_SIGNED_OUT, _))) {
        seat.let_go();
    }
    drop(seat);
    let Some((code, reason)) = end else { return };
    tracing::debug!(code, reason, user = %me.id(), "a live connection ends");
    let farewell = async {
        if let Some(text) = text(&ServerMessage::Bye { reason }) {
            socket.send(Message::Text(text)).await?;
        }
        let reason = Utf8Bytes::from_static(reason);
        socket.send(Message::Close(Some(CloseFrame { code, reason }))).await
    };
    // A client that does not even take its farewell is let go without.
    let _ = timeout(FAREWELL_TIMEOUT, farewell).await;
}

async fn serve(app: &App, who: &mut Connected, seat: &mut Seat, socket: &mut WebSocket) -> End {
    let mut heartbeat = interval(LIVE_HEARTBEAT);
    heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    heartbeat.tick().await;
    let (mut unanswered, mut heard) = (0_u32, 0_u32);
    loop {
        tokio::select! {
            biased;
            end = ended(&mut seat.ending) => return Some(end),
            reason = signed_out(&mut who.ending) => return Some((CLOSE_SIGNED_OUT, reason)),
            queued = seat.queue.recv() => {
                if let Err(end) = send(seat, socket, queued?).await {
                    return end;
                }
            }
            received = socket.recv() => {
                unanswered = 0;
                heard += 1;
                if heard > LIVE_MESSAGES_PER_HEARTBEAT_MAX {
                    return Some((CLOSE_POLICY, "too many messages"));
                }
                match received? {
                    Ok(Message::Text(text)) => take(seat, &text, || may_hold(app, who)),
                    Ok(Message::Close(_)) => {
                        // Left on purpose: a connection that only broke comes back for its rows.
                        seat.let_go();
                        return None;
                    }
                    Err(_) => return None,
                    Ok(Message::Binary(_)) => return Some((CLOSE_POLICY, "send text")),
                    Ok(Message::Ping(_) | Message::Pong(_)) => {}
                }
            }
            _ = heartbeat.tick() => {
                if unanswered >= LIVE_HEARTBEATS_MISSED_MAX {
                    return Some((CLOSE_SILENT, "pings were not answered"));
                }
                // Looking keeps the session alive, and notices a person deactivated since.
                if app.identity.who(&who.token, now_us()).is_err() {
                    return Some((CLOSE_SIGNED_OUT, "signed out"));
                }
                unanswered += 1;
                heard = 0;
                seat.say(&ServerMessage::Ping);
            }
        }
    }
}

/// Waits until the session ends before its time.
async fn signed_out(ending: &mut watch::Receiver<Option<SessionEnd>>) -> &'static str {
    match ending.wait_for(Option::is_some).await.map(|end| *end) {
        Ok(Some(SessionEnd::Deactivated)) => "user-deactivated",
        Ok(Some(SessionEnd::SignedOut) | None) | Err(_) => "signed out",
    }
}

/// Waits until the hub wants the connection to end.
async fn ended(ending: &mut watch::Receiver<Option<Ending>>) -> (u16, &'static str) {
    let why = match ending.wait_for(Option::is_some).await {
        Ok(why) => why.clone(),
        Err(_) => None,
    };
    match why {
        Some(Ending::TooSlow) => (CLOSE_TOO_SLOW, "the client did not keep up"),
        Some(Ending::Closing(reason)) => (CLOSE_GOING_AWAY, reason),
        None => (CLOSE_GOING_AWAY, "the server is stopping"),
    }
}

/// Sends a message and those queued behind it, pushed out together.
async fn send(seat: &mut Seat, socket: &mut WebSocket, first: Utf8Bytes) -> Result<(), End> {
    let Seat { queue, ending, .. } = seat;
    let writing = async {
        socket.feed(Message::Text(first)).await?;
        for _ in 1..BATCH_MAX {
            match queue.try_recv() {
                Ok(next) => socket.feed(Message::Text(next)).await?,
                Err(_) => break,
            }
        }
        socket.flush().await
    };
    tokio::select! {
        biased;
        end = ended(ending) => Err(Some(end)),
        written = timeout(LIVE_SEND_TIMEOUT, writing) => match written {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(None),
            Err(_) => Err(Some((CLOSE_TOO_SLOW, "the client did not keep up"))),
        },
    }
}

/// Whether the person may change anything as of now, and so hold rows (BR-114).
fn may_hold(app: &App, who: &Connected) -> bool {
    let member = app.identity.who(&who.token, now_us());
    member.is_ok_and(|member| member.user.role >= Role::Estimator)
}

/// Does what the client says. A role may have changed since the connection began: `may_hold` tells
/// whether its person holds rows as of now.
fn take(seat: &Seat, said: &str, may_hold: impl Fn() -> bool) {
    let refused = match ClientMessage::read(said) {
        Ok(ClientMessage::Subscribe { estimate_id, from_lsn }) => {
            seat.follow(EstimateId(estimate_id), from_lsn).err().map(|why| why.to_string())
        }
        Ok(ClientMessage::Unsubscribe { estimate_id }) => {
            seat.unfollow(EstimateId(estimate_id));
            None
        }
        Ok(ClientMessage::Take { estimate_id, row_id }) => {
            let taken = seat.take(EstimateId(estimate_id), row_id, may_hold());
            taken.err().map(|why| why.to_string())
        }
        Ok(ClientMessage::Release { estimate_id, row_id }) => {
            seat.release(EstimateId(estimate_id), row_id);
            None
        }
        Ok(ClientMessage::At { estimate_id, place }) => {
            seat.at(EstimateId(estimate_id), place).err().map(|why| why.to_string())
        }
        Ok(ClientMessage::Pong {}) => {
            if may_hold() {
                seat.is_alive();
            }
            None
        }
        Err(reason) => Some(reason),
    };
    if let Some(reason) = refused {
        seat.say(&ServerMessage::Refused { reason: &reason });
    }
}
