//! The hub: follows the workspace and hands every delta to those who follow its estimate.

use super::super::limits::{
    LIVE_CONNECTIONS_MAX, LIVE_CONNECTIONS_OF_PERSON_MAX, LIVE_QUEUE_MAX, LIVE_RING_BYTES_MAX,
    LIVE_SUBSCRIPTIONS_MAX,
};
use super::message::{LibraryRow, Place, Present, ServerMessage, SubscribedMode};
use super::ring::{Missed, Ring};
use crate::estimating::id::{EstimateId, UserId};
use crate::estimating::user::User;
use crate::http::edits::rows_of;
use crate::http::history::Person;
use crate::workspace::{Committed, Scope, Session, Workspace};
use axum::extract::ws::Utf8Bytes;
use parking_lot::Mutex;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{mpsc, watch};

/// Rows of the library one message lists; beyond, it lists none and the client fetches again.
const LIBRARY_ROWS_MAX: usize = 200;
/// Time between two looks at who follows what: people come and go in bursts.
const PRESENCE_INTERVAL: Duration = Duration::from_millis(200);

/// Number of a connection.
pub(super) type SeatId = u64;

/// Why a connection has to end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Its client does not keep up.
    TooSlow,
    /// The server stops, or the organisation closes.
    Closing(&'static str),
}

/// A connection's place at the hub. Dropping it leaves.
pub struct Seat {
    pub(super) hub: Arc<Hub>,
    pub(super) id: SeatId,
    /// What is to be sent.
    pub queue: mpsc::Receiver<Utf8Bytes>,
    /// Set when the connection has to end.
    pub ending: watch::Receiver<Option<Ending>>,
}

/// The hub's end of a connection.
pub(super) struct Outbox {
    pub(super) person: Person,
    user: UserId,
    queue: mpsc::Sender<Utf8Bytes>,
    ending: watch::Sender<Option<Ending>>,
    pub(super) estimates: HashSet<EstimateId>,
    /// What it holds rows as.
    pub(super) session: Session,
    /// Where its person is, in the estimates followed.
    pub(super) places: HashMap<EstimateId, Place>,
}

/// One estimate that is, or lately was, followed.
pub(super) struct Topic {
    ring: Ring,
    pub(super) followers: HashSet<SeatId>,
    /// Whether people came or went since presence was last told.
    people_changed: bool,
    /// Places to be told: of those who moved and of those who left.
    pub(super) moved: HashMap<SeatId, Present>,
}

#[derive(Default)]
pub(super) struct State {
    /// The newest commit heard of.
    lsn: u64,
    next_seat: SeatId,
    pub(super) seats: HashMap<SeatId, Outbox>,
    pub(super) topics: HashMap<EstimateId, Topic>,
    ring_bytes: usize,
    closed: bool,
}

/// The live connections of an organisation.
pub struct Hub {
    pub(super) workspace: Arc<Workspace>,
    pub(super) state: Mutex<State>,
}

/// Why a subscription was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotFollowed {
    /// There is no such estimate.
    #[error("There is no such estimate.")]
    Unknown,
    /// The connection follows enough.
    #[error("One connection follows at most {LIVE_SUBSCRIPTIONS_MAX} estimates.")]
    TooMany,
}

impl Hub {
    /// A hub that follows a workspace from now on. Must be called inside a tokio runtime; its
    /// task ends with the workspace, or when the hub is dropped.
    pub fn follow(workspace: &Arc<Workspace>) -> Arc<Hub> {
        // Subscribed first, so that no commit falls between the two.
        let mut commits = workspace.subscribe();
        let mut leases = workspace.leases().watch();
        let state = State { lsn: workspace.published().lsn.0, ..State::default() };
        let hub = Arc::new(Hub { workspace: workspace.clone(), state: Mutex::new(state) });
        let weak = Arc::downgrade(&hub);
        tokio::spawn(async move {
            let mut presence = tokio::time::interval(PRESENCE_INTERVAL);
            presence.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            loop {
                let heard = tokio::select! {
                    heard = commits.recv() => heard,
                    event = leases.recv() => {
                        let Some(hub) = Weak::upgrade(&weak) else { return };
                        hub.lease_told(event.ok());
                        continue;
                    }
                    _ = presence.tick() => {
                        let Some(hub) = Weak::upgrade(&weak) else { return };
                        hub.workspace.leases().lapse(hub.workspace.now_us());
                        hub.tell_presence();
                        hub.tell_places();
                        continue;
                    }
                };
                let Some(hub) = Weak::upgrade(&weak) else { return };
                match heard {
                    Ok(commit) => hub.tell(&commit),
                    Err(RecvError::Lagged(missed)) => {
                        tracing::warn!(missed, "the live hub fell behind");
                        hub.start_again();
                    }
                    Err(RecvError::Closed) => {
                        hub.close("the organisation is closing");
                        return;
                    }
                }
            }
        });
        hub
    }

    /// A place for a connection of `user`, which calls itself `client`; none when there are as
    /// many as there may be, or as many of that person.
    pub fn join(self: &Arc<Self>, user: &User, client: Option<&str>) -> Option<Seat> {
        let (queue, queued) = mpsc::channel(LIVE_QUEUE_MAX);
        let (ending, ended) = watch::channel(None);
        let mut state = self.state.lock();
        let of_person = state.seats.values().filter(|seat| seat.user == user.id).count();
        let full = state.seats.len() >= LIVE_CONNECTIONS_MAX;
        if state.closed || full || of_person >= LIVE_CONNECTIONS_OF_PERSON_MAX {
            return None;
        }
        let id = state.next_seat;
        state.next_seat += 1;
        let person = Person { id: user.id.0, name: user.name.to_string() };
        let client = client.map_or_else(|| format!("connection-{id}"), str::to_owned);
        let session = Session { user: user.id, client: client.into() };
        let outbox = Outbox {
            person,
            user: user.id,
            queue,
            ending,
            estimates: HashSet::new(),
            session,
            places: HashMap::new(),
        };
        state.seats.insert(id, outbox);
        Some(Seat { hub: self.clone(), id, queue: queued, ending: ended })
    }

    /// The newest commit heard of.
    pub fn lsn(&self) -> u64 {
        self.state.lock().lsn
    }

    /// Connections there are.
    pub fn connected(&self) -> usize {
        self.state.lock().seats.len()
    }

    /// Ends every connection.
    pub fn close(&self, reason: &'static str) {
        let mut state = self.state.lock();
        state.closed = true;
        for outbox in state.seats.values() {
            outbox.ending.send_replace(Some(Ending::Closing(reason)));
        }
    }

    /// Tells a commit to everybody it concerns. O(rows touched + followers).
    fn tell(&self, commit: &Committed) {
        let mut state = self.state.lock();
        state.lsn = commit.lsn.0;
        if let (Some(Scope::Estimate(id)), Some(_)) = (commit.scope, &commit.estimate)
            && state.topics.contains_key(&id)
        {
            match self.delta(id, commit) {
                Some(delta) => state.publish(id, commit.lsn.0, &delta),
                None => state.forget(id, commit.lsn.0),
            }
        }
        if !commit.library.is_empty() && !state.seats.is_empty() {
            let listed = commit.library.len() <= LIBRARY_ROWS_MAX;
            let rows = commit.library.iter().filter(|_| listed);
            let changed: Vec<LibraryRow> =
                rows.map(|(entity, id)| LibraryRow { entity, id: id.clone() }).collect();
            let message = ServerMessage::Library { lsn: commit.lsn.0, changed: &changed };
            if let Some(text) = text(&message) {
                state.seats.values().for_each(|outbox| outbox.send(&text));
            }
        }
        state.bound_rings();
    }

    fn delta(&self, id: EstimateId, commit: &Committed) -> Option<Utf8Bytes> {
        let estimate = commit.estimate.as_deref()?;
        let published = self.workspace.published();
        let touched = &commit.touched;
        text(&ServerMessage::Delta {
            estimate_id: id.0,
            lsn: commit.lsn.0,
            actor: Person { id: commit.actor.0, name: commit.actor_name.to_string() },
            origin: commit.origin.as_deref(),
            label: &commit.label,
            rows: rows_of(touched, estimate, &published.library.catalogue),
            removed: &touched.removed,
            structure: touched.structure,
            reload: touched.reload,
            totals: Box::new(estimate.totals().into()),
            worksheets: &touched.worksheets,
        })
    }

    /// Commits were missed: everybody fetches everything again.
    fn start_again(&self) {
        let mut state = self.state.lock();
        state.lsn = state.lsn.max(self.workspace.published().lsn.0);
        let ids: Vec<EstimateId> = state.topics.keys().copied().collect();
        for id in ids {
            let lsn = state.lsn;
            state.forget(id, lsn);
        }
    }

    /// Tells who follows an estimate, where that changed.
    fn tell_presence(&self) {
        let mut state = self.state.lock();
        let changed: Vec<EstimateId> =
            state.topics.iter().filter(|(_, t)| t.people_changed).map(|(id, _)| *id).collect();
        for id in changed {
            state.tell_presence_of(id);
        }
    }
}

impl Outbox {
    /// Queues a message; a connection whose queue is full has to end.
    pub(super) fn send(&self, text: &Utf8Bytes) {
        if let Err(mpsc::error::TrySendError::Full(_)) = self.queue.try_send(text.clone()) {
            self.end(Ending::TooSlow);
        }
    }

    fn end(&self, why: Ending) {
        self.ending.send_if_modified(|ending| {
            let first = ending.is_none();
            if first {
                *ending = Some(why);
            }
            first
        });
    }
}

impl State {
    /// Keeps a delta and hands it to the followers of its estimate.
    fn publish(&mut self, id: EstimateId, lsn: u64, delta: &Utf8Bytes) {
        let State { topics, seats, ring_bytes, .. } = self;
        let Some(topic) = topics.get_mut(&id) else { return };
        *ring_bytes = ring_bytes.saturating_add_signed(topic.ring.push(lsn, delta.clone()));
        for seat in &topic.followers {
            if let Some(outbox) = seats.get(seat) {
                outbox.send(delta);
            }
        }
    }

    /// Has the followers of an estimate fetch it again as of `lsn`.
    fn forget(&mut self, id: EstimateId, lsn: u64) {
        let State { topics, seats, ring_bytes, .. } = self;
        let Some(topic) = topics.get_mut(&id) else { return };
        *ring_bytes = ring_bytes.saturating_sub(topic.ring.restart(lsn));
        let mode = SubscribedMode::Reload;
        let Some(text) = text(&ServerMessage::Subscribed { estimate_id: id.0, lsn, mode }) else {
            return;
        };
        for seat in &topic.followers {
            if let Some(outbox) = seats.get(seat) {
                outbox.send(&text);
            }
        }
    }

    /// Lets the oldest deltas go until all rings together keep within their bound, and topics
    /// nobody follows with them.
    fn bound_rings(&mut self) {
        while self.ring_bytes > LIVE_RING_BYTES_MAX {
            let oldest = self
                .topics
                .iter()
                .filter_map(|(id, topic)| Some((topic.ring.oldest()?, *id)))
                .min();
            let Some((_, id)) = oldest else { return };
            let Some(topic) = self.topics.get_mut(&id) else { return };
            self.ring_bytes = self.ring_bytes.saturating_sub(topic.ring.drop_oldest());
            if topic.followers.is_empty() && topic.ring.oldest().is_none() {
                self.topics.remove(&id);
            }
        }
    }

    /// Who follows an estimate, as it is told.
    fn presence_of(&self, id: EstimateId) -> Option<Utf8Bytes> {
        let here: BTreeMap<(&str, uuid::Uuid), &Person> = self
            .topics
            .get(&id)?
            .followers
            .iter()
            .filter_map(|seat| self.seats.get(seat))
            .map(|outbox| ((outbox.person.name.as_str(), outbox.person.id), &outbox.person))
            .collect();
        let users: Vec<Person> = here.into_values().cloned().collect();
        text(&ServerMessage::Presence { estimate_id: id.0, users: &users })
    }

    fn tell_presence_of(&mut self, id: EstimateId) {
        let text = self.presence_of(id);
        let Some(topic) = self.topics.get_mut(&id) else { return };
        topic.people_changed = false;
        let Some(text) = text else { return };
        for seat in &topic.followers {
            if let Some(outbox) = self.seats.get(seat) {
                outbox.send(&text);
            }
        }
    }

    /// Whether a person follows an estimate by a connection other than `but`.
    fn is_here(&self, topic: &Topic, user: UserId, but: SeatId) -> bool {
        let others = topic.followers.iter().filter(|seat| **seat != but);
        others.filter_map(|seat| self.seats.get(seat)).any(|outbox| outbox.user == user)
    }

    /// Takes a seat off an estimate.
    fn leave(&mut self, seat: SeatId, id: EstimateId) {
        let user = self.seats.get(&seat).map(|outbox| outbox.user);
        let gone = match (self.topics.get(&id), user) {
            (Some(topic), Some(user)) => !self.is_here(topic, user, seat),
            _ => false,
        };
        let left = self.seats.get_mut(&seat).and_then(|outbox| outbox.leaves(id));
        if let Some(topic) = self.topics.get_mut(&id) {
            topic.followers.remove(&seat);
            topic.people_changed |= gone;
            if let Some(left) = left {
                topic.moved.insert(seat, left);
            }
        }
    }
}

impl Seat {
    /// Follows an estimate, from commit `from` where the client has that much; what it missed is
    /// queued first. O(deltas missed).
    ///
    /// # Errors
    /// When there is no such estimate, or the connection follows enough.
    pub fn follow(&self, id: EstimateId, from: Option<u64>) -> Result<(), NotFollowed> {
        let published = self.hub.workspace.published();
        if published.library.estimate(id).is_none() {
            return Err(NotFollowed::Unknown);
        }
        let mut state = self.hub.state.lock();
        let lsn = state.lsn;
        let Some(outbox) = state.seats.get_mut(&self.id) else { return Ok(()) };
        if !outbox.estimates.contains(&id) && outbox.estimates.len() >= LIVE_SUBSCRIPTIONS_MAX {
            return Err(NotFollowed::TooMany);
        }
        outbox.estimates.insert(id);
        let user = outbox.user;
        let new = || Topic {
            ring: Ring::new(lsn),
            followers: HashSet::new(),
            people_changed: true,
            moved: HashMap::new(),
        };
        state.topics.entry(id).or_insert_with(new);
        let State { topics, .. } = &*state;
        let newcomer = topics.get(&id).is_some_and(|topic| !state.is_here(topic, user, self.id));
        let State { topics, seats, .. } = &mut *state;
        let (Some(topic), Some(outbox)) = (topics.get_mut(&id), seats.get(&self.id)) else {
            return Ok(());
        };
        topic.followers.insert(self.id);
        topic.people_changed |= newcomer;
        let missed = match from {
            None => Missed::Nothing,
            Some(from) if published.changed_at(id).is_some_and(|at| at.0 <= from) => {
                Missed::Nothing
            }
            Some(from) => topic.ring.after(from),
        };
        let (mode, deltas) = match missed {
            Missed::Nothing => (SubscribedMode::Current, Vec::new()),
            Missed::Deltas(deltas) => (SubscribedMode::CatchUp, deltas),
            Missed::TooMuch => (SubscribedMode::Reload, Vec::new()),
        };
        let lsn = topic.ring.newest().max(lsn);
        if let Some(text) = text(&ServerMessage::Subscribed { estimate_id: id.0, lsn, mode }) {
            outbox.send(&text);
        }
        deltas.iter().for_each(|delta| outbox.send(delta));
        // Everybody hears of a newcomer before long; one who was here already by another
        // connection is news to nobody, but this connection does not know yet who is here.
        if !newcomer
            && let (Some(text), Some(outbox)) = (state.presence_of(id), state.seats.get(&self.id))
        {
            outbox.send(&text);
        }
        self.hub.show_together(&state, self.id, id);
        Ok(())
    }

    /// Follows an estimate no more.
    pub fn unfollow(&self, id: EstimateId) {
        let mut state = self.hub.state.lock();
        if state.seats.get_mut(&self.id).is_some_and(|outbox| outbox.estimates.remove(&id)) {
            state.leave(self.id, id);
        }
    }

    /// Queues a message for this connection alone.
    pub fn say(&self, message: &ServerMessage<'_>) {
        let state = self.hub.state.lock();
        if let (Some(outbox), Some(text)) = (state.seats.get(&self.id), text(message)) {
            outbox.send(&text);
        }
    }

    /// The newest commit the hub has heard of.
    pub fn lsn(&self) -> u64 {
        self.hub.lsn()
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut state = self.hub.state.lock();
        let followed: Vec<EstimateId> = match state.seats.get(&self.id) {
            Some(outbox) => outbox.estimates.iter().copied().collect(),
            None => return,
        };
        followed.into_iter().for_each(|id| state.leave(self.id, id));
        state.seats.remove(&self.id);
    }
}

/// A message as it is sent; none when it cannot be written, which is a fault of ours.
pub fn text(message: &ServerMessage<'_>) -> Option<Utf8Bytes> {
    match serde_json::to_string(message) {
        Ok(text) => Some(text.into()),
        Err(error) => {
            tracing::error!(%error, "a live message cannot be written as JSON");
            None
        }
    }
}
