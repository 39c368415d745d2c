//! Who holds which row and who is where: what the hub tells beside commits.
//!
//! Leases are told at once, places a few times a second and only as far as they changed; both go
//! through the bounded queues of the connections like everything else.

use super::hub::{Hub, Outbox, Seat, SeatId, State, text};
use super::message::{Lease, Place, Present, ServerMessage};
use crate::estimating::id::EstimateId;
use crate::http::limits::LIVE_FIELD_CHARS_MAX;
use crate::workspace::LeaseEvent;
use std::sync::Arc;
use uuid::Uuid;

/// Why a row or a place was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotTaken {
    /// The connection does not follow the estimate.
    #[error("Follow the estimate first.")]
    NotFollowed,
    /// The person changes nothing (BR-114).
    #[error("Whoever holds a row may change it: that needs the role Estimator.")]
    NotAllowed,
    /// The name of a column is too long.
    #[error("A field has at most {LIVE_FIELD_CHARS_MAX} characters.")]
    FieldTooLong,
}

impl Hub {
    /// Tells what became of a lease; everything, when something was missed.
    pub(super) fn lease_told(&self, event: Option<LeaseEvent>) {
        let state = self.state.lock();
        let Some(event) = event else {
            for (id, topic) in &state.topics {
                for seat in &topic.followers {
                    self.show_leases(&state, *seat, *id);
                }
            }
            return;
        };
        let (estimate, message) = match &event {
            LeaseEvent::Held(lease) => {
                let told = Lease::of(lease);
                let estimate_id = lease.estimate.0;
                (lease.estimate, text(&ServerMessage::LeaseHeld { estimate_id, lease: &told }))
            }
            LeaseEvent::Freed(lease) => {
                let (estimate_id, row_id) = (lease.estimate.0, lease.row);
                (lease.estimate, text(&ServerMessage::LeaseFreed { estimate_id, row_id }))
            }
            LeaseEvent::Broken { lease, by, reason } => {
                let told = Lease::of(lease);
                let estimate_id = lease.estimate.0;
                let message = ServerMessage::LeaseBroken { estimate_id, lease: &told, by, reason };
                (lease.estimate, text(&message))
            }
        };
        if let Some(text) = message {
            state.tell_followers(estimate, &text);
        }
    }

    /// Tells where people went since places were last told.
    pub(super) fn tell_places(&self) {
        let mut state = self.state.lock();
        let changed: Vec<EstimateId> =
            state.topics.iter().filter(|(_, t)| !t.moved.is_empty()).map(|(id, _)| *id).collect();
        for id in changed {
            let Some(topic) = state.topics.get_mut(&id) else { continue };
            let places: Vec<Present> = topic.moved.drain().map(|(_, present)| present).collect();
            if let Some(text) = text(&ServerMessage::Places { estimate_id: id.0, places: &places })
            {
                state.tell_followers(id, &text);
            }
        }
    }

    /// Shows a newcomer who holds what and who is where.
    pub(super) fn show_together(&self, state: &State, seat: SeatId, id: EstimateId) {
        self.show_leases(state, seat, id);
        let Some(topic) = state.topics.get(&id) else { return };
        let others = topic.followers.iter().filter(|other| **other != seat);
        let places: Vec<Present> = others
            .filter_map(|other| {
                let outbox = state.seats.get(other)?;
                Some(outbox.present(Some(outbox.places.get(&id)?.clone())))
            })
            .collect();
        if places.is_empty() {
            return;
        }
        let text = text(&ServerMessage::Places { estimate_id: id.0, places: &places });
        if let (Some(text), Some(outbox)) = (text, state.seats.get(&seat)) {
            outbox.send(&text);
        }
    }

    fn show_leases(&self, state: &State, seat: SeatId, id: EstimateId) {
        let held = self.workspace.leases().of(id, self.workspace.now_us());
        let leases: Vec<Lease> = held.iter().map(Lease::of).collect();
        let text = text(&ServerMessage::Leases { estimate_id: id.0, leases: &leases });
        if let (Some(text), Some(outbox)) = (text, state.seats.get(&seat)) {
            outbox.send(&text);
        }
    }
}

impl State {
    fn tell_followers(&self, id: EstimateId, text: &axum::extract::ws::Utf8Bytes) {
        let Some(topic) = self.topics.get(&id) else { return };
        for outbox in topic.followers.iter().filter_map(|seat| self.seats.get(seat)) {
            outbox.send(text);
        }
    }
}

impl Outbox {
    fn present(&self, place: Option<Place>) -> Present {
        let client_id = self.session.client.to_string();
        Present { client_id, person: self.person.clone(), place }
    }

    /// What the others are told when it leaves an estimate in which it was somewhere.
    pub(super) fn leaves(&mut self, id: EstimateId) -> Option<Present> {
        self.places.remove(&id)?;
        Some(self.present(None))
    }
}

impl Seat {
    /// Takes a row for this connection's session, or tells it who has it.
    ///
    /// # Errors
    /// When it does not follow the estimate, or its person may not hold rows.
    pub fn take(&self, id: EstimateId, row: Uuid, may_hold: bool) -> Result<(), NotTaken> {
        let (session, name) = {
            let state = self.hub.state.lock();
            let outbox = state.seats.get(&self.id).filter(|outbox| outbox.estimates.contains(&id));
            let outbox = outbox.ok_or(NotTaken::NotFollowed)?;
            if !may_hold {
                return Err(NotTaken::NotAllowed);
            }
            (outbox.session.clone(), Arc::from(outbox.person.name.as_str()))
        };
        let workspace = &self.hub.workspace;
        let taken = workspace.leases().take(&session, &name, (id, row), workspace.now_us());
        let told = Lease::of(taken.as_ref().unwrap_or_else(|other| other));
        let (estimate_id, lease) = (id.0, &told);
        self.say(&match taken {
            Ok(_) => ServerMessage::LeaseHeld { estimate_id, lease },
            Err(_) => ServerMessage::LeaseRefused { estimate_id, lease },
        });
        Ok(())
    }

    /// Lets a row go.
    pub fn release(&self, id: EstimateId, row: Uuid) {
        if let Some(session) = self.session() {
            self.hub.workspace.leases().release(&session, (id, row));
        }
    }

    /// The client answered: what it holds it goes on holding (BR-098).
    pub fn is_alive(&self) {
        if let Some(session) = self.session() {
            let workspace = &self.hub.workspace;
            workspace.leases().renew(&session, workspace.now_us());
        }
    }

    /// The client leaves on purpose: it holds nothing any more, unless the same tab is here by
    /// another connection.
    pub fn let_go(&self) {
        let Some(session) = self.session() else { return };
        let state = self.hub.state.lock();
        let mut others = state.seats.iter().filter(|(seat, _)| **seat != self.id);
        let is_here = others.any(|(_, outbox)| outbox.session == session);
        drop(state);
        if !is_here {
            self.hub.workspace.leases().end(&session);
        }
    }

    /// Says where the person is.
    ///
    /// # Errors
    /// When the connection does not follow the estimate, or says too much.
    pub fn at(&self, id: EstimateId, place: Place) -> Result<(), NotTaken> {
        if place.field.as_ref().is_some_and(|field| field.len() > LIVE_FIELD_CHARS_MAX) {
            return Err(NotTaken::FieldTooLong);
        }
        let mut state = self.hub.state.lock();
        let outbox = state.seats.get_mut(&self.id).filter(|outbox| outbox.estimates.contains(&id));
        let outbox = outbox.ok_or(NotTaken::NotFollowed)?;
        if outbox.places.get(&id) == Some(&place) {
            return Ok(());
        }
        outbox.places.insert(id, place.clone());
        let present = outbox.present(Some(place));
        if let Some(topic) = state.topics.get_mut(&id) {
            topic.moved.insert(self.id, present);
        }
        Ok(())
    }

    fn session(&self) -> Option<crate::workspace::Session> {
        let state = self.hub.state.lock();
        state.seats.get(&self.id).map(|outbox| outbox.session.clone())
    }
}
