//! Leases of rows: who is at work on which item (BR-097 to BR-102).
//!
//! A lease belongs to a session: a person and the name their tab or program gave itself. It is held
//! as long as the session is heard of, and lapses [`LEASE_LAPSE_US`] after that. Leases are no
//! state of the organisation: they are kept in memory beside the writer, and a restart forgets
//! them.
//!
//! # Invariants
//!
//! - Writes are checked where they are put in order, by the writer, against the rows they really
//!   change; reading never looks at a lease.
//! - A session without a lease has one for the length of its command: nobody runs beside it.
//! - Time comes in as an argument, in microseconds since 1970, UTC.

use super::{
    Actor, Published, Request, Workspace, WorkspaceError,
    changes::{self, RowChange},
    tables,
};
use crate::{
    estimating::{
        change::EstimateChange,
        estimate::NodeView,
        id::{EstimateId, UserId},
        refusal::Refusal,
        rules::{RuleId, Violation},
    },
    ledger::Change,
};
use parking_lot::Mutex;
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};
use tokio::sync::broadcast;
use uuid::Uuid;

/// Time after which a lease lapses whose session is not heard of any more: 120 seconds.
pub const LEASE_LAPSE_US: i64 = 120 * 1_000_000;
/// Leases one session may hold; the one longest held makes room.
pub const LEASES_PER_SESSION_MAX: usize = 32;
/// Leases of an organisation.
pub const LEASES_MAX: usize = 20_000;
/// Leases a write may name.
pub const LEASES_NAMED_MAX: usize = 64;
/// Events a listener may be behind before it has to look at every lease again.
const EVENTS_MAX: usize = 1_024;
/// Holders a message names.
const HOLDERS_TOLD: usize = 3;

/// What holds leases: a person at one tab or program.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Session {
    /// The person.
    pub user: UserId,
    /// How the tab or program calls itself: its `X-Client-Id`.
    pub client: Arc<str>,
}

/// A row somebody is at work on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// Identity, as a write names it.
    pub id: Uuid,
    /// The estimate.
    pub estimate: EstimateId,
    /// The item or heading.
    pub row: Uuid,
    /// Who holds it.
    pub holder: Session,
    /// Their name.
    pub holder_name: Arc<str>,
    /// Since when.
    pub since_us: i64,
    /// When the session was last heard of.
    heard_us: i64,
}

impl Lease {
    fn is_live(&self, now_us: i64) -> bool {
        now_us.saturating_sub(self.heard_us) < LEASE_LAPSE_US
    }
}

/// What became of a lease, for those who watch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LeaseEvent {
    /// A row is held from now on.
    Held(Lease),
    /// A row is free again.
    Freed(Lease),
    /// A Lead took a row over; its holder keeps what was not saved.
    Broken {
        /// The lease that is no more.
        lease: Lease,
        /// Who took it.
        by: Arc<str>,
        /// Why.
        reason: Arc<str>,
    },
}

/// Every lease of an organisation. Each operation costs O(leases) at most, which are few: people
/// hold what they are typing in.
pub struct Leases {
    held: Mutex<HashMap<(EstimateId, Uuid), Lease>>,
    events: broadcast::Sender<LeaseEvent>,
}

impl Default for Leases {
    fn default() -> Self {
        Leases { held: Mutex::default(), events: broadcast::Sender::new(EVENTS_MAX) }
    }
}

impl Leases {
    /// What becomes of leases from now on.
    pub fn watch(&self) -> broadcast::Receiver<LeaseEvent> {
        self.events.subscribe()
    }

    /// Takes a row for a session, or goes on holding it. Gives the lease, or whoever has it.
    ///
    /// # Errors
    /// The lease of somebody else.
    pub fn take(
        &self,
        session: &Session,
        name: &Arc<str>,
        (estimate, row): (EstimateId, Uuid),
        now_us: i64,
    ) -> Result<Lease, Box<Lease>> {
        let mut held = self.held.lock();
        if let Some(lease) = held.get_mut(&(estimate, row))
            && lease.is_live(now_us)
        {
            if lease.holder != *session {
                return Err(Box::new(lease.clone()));
            }
            lease.heard_us = now_us;
            return Ok(lease.clone());
        }
        self.make_room(&mut held, session);
        let lease = Lease {
            id: Uuid::now_v7(),
            estimate,
            row,
            holder: session.clone(),
            holder_name: name.clone(),
            since_us: now_us,
            heard_us: now_us,
        };
        held.insert((estimate, row), lease.clone());
        self.tell(LeaseEvent::Held(lease.clone()));
        Ok(lease)
    }

    fn make_room(&self, held: &mut HashMap<(EstimateId, Uuid), Lease>, session: &Session) {
        let own = held.values().filter(|lease| lease.holder == *session);
        let oldest = if held.len() >= LEASES_MAX {
            held.values().min_by_key(|lease| lease.heard_us)
        } else if own.clone().count() >= LEASES_PER_SESSION_MAX {
            own.min_by_key(|lease| lease.since_us)
        } else {
            None
        };
        if let Some(at) = oldest.map(|lease| (lease.estimate, lease.row))
            && let Some(lease) = held.remove(&at)
        {
            self.tell(LeaseEvent::Freed(lease));
        }
    }

    /// Lets a row go, if the session has it.
    pub fn release(&self, session: &Session, at: (EstimateId, Uuid)) {
        self.free(|lease| lease.holder == *session && (lease.estimate, lease.row) == at);
    }

    /// Lets everything go a session has: it ends on purpose.
    pub fn end(&self, session: &Session) {
        self.free(|lease| lease.holder == *session);
    }

    /// Lets everything go a person has, at whatever tab (BR-117).
    pub fn end_user(&self, user: UserId) {
        self.free(|lease| lease.holder.user == user);
    }

    /// Lets go what has lapsed.
    pub fn lapse(&self, now_us: i64) {
        self.free(|lease| !lease.is_live(now_us));
    }

    /// The session was heard of: what it holds it goes on holding. What has lapsed stays so.
    pub fn renew(&self, session: &Session, now_us: i64) {
        let mut held = self.held.lock();
        let own = held.values_mut().filter(|lease| lease.holder == *session);
        for lease in own.filter(|lease| lease.is_live(now_us)) {
            lease.heard_us = now_us;
        }
    }

    /// The live leases of an estimate.
    pub fn of(&self, estimate: EstimateId, now_us: i64) -> Vec<Lease> {
        self.live(now_us, |lease| lease.estimate == estimate)
    }

    /// The live lease of a row.
    pub(super) fn at(&self, at: (EstimateId, Uuid), now_us: i64) -> Option<Lease> {
        self.held.lock().get(&at).filter(|lease| lease.is_live(now_us)).cloned()
    }

    /// Takes a row from whoever has it, and gives it to `session` where there is one.
    pub(super) fn hand_over(&self, taken: &Taken, now_us: i64) {
        let mut held = self.held.lock();
        let Some(lease) = held.remove(&taken.at) else { return };
        let (by, reason) = (taken.by.clone(), taken.reason.clone());
        self.tell(LeaseEvent::Broken { lease, by, reason });
        drop(held);
        if let Some(session) = &taken.to {
            // Nobody can have come in between but whoever it goes to.
            let _ = self.take(session, &taken.by, taken.at, now_us);
        }
    }

    fn live(&self, now_us: i64, of: impl Fn(&Lease) -> bool) -> Vec<Lease> {
        let held = self.held.lock();
        held.values().filter(|lease| of(lease) && lease.is_live(now_us)).cloned().collect()
    }

    fn free(&self, whose: impl Fn(&Lease) -> bool) {
        let mut held = self.held.lock();
        let freed: Vec<Lease> =
            held.extract_if(|_, lease| whose(lease)).map(|(_, lease)| lease).collect();
        for lease in freed {
            self.tell(LeaseEvent::Freed(lease));
        }
    }

    fn tell(&self, event: LeaseEvent) {
        // Nobody watching is no error.
        let _ = self.events.send(event);
    }

    fn is_empty(&self) -> bool {
        self.held.lock().is_empty()
    }
}

/// A row that is taken over, once the commit that says so is safe.
#[derive(Clone, Debug)]
pub(super) struct Taken {
    /// The estimate and the row.
    pub at: (EstimateId, Uuid),
    /// Who has it from then on; none for whoever cannot hold a lease.
    pub to: Option<Session>,
    /// Their name.
    pub by: Arc<str>,
    /// Why.
    pub reason: Arc<str>,
}

/// The session a request belongs to; none where its client gave itself no name.
pub(super) fn session_of(actor: &Actor, request: &Request) -> Option<Session> {
    let client = request.origin.as_deref()?;
    Some(Session { user: actor.user, client: client.into() })
}

/// How leases stand in the way of a command, found before it runs.
pub(super) struct Guard {
    foreign: Vec<Lease>,
    before: Published,
    now_us: i64,
}

impl Guard {
    /// The leases `request` has to respect; none when there is none at all.
    pub(super) fn over(
        leases: &Leases,
        state: &Published,
        (actor, request): (&Actor, &Request),
        now_us: i64,
    ) -> Option<Guard> {
        if leases.is_empty() {
            return None;
        }
        let session = session_of(actor, request);
        // A job is its owner's own doing, whichever tab asked for it.
        let own = |lease: &Lease| {
            session.as_ref() == Some(&lease.holder)
                || (request.step.is_some() && lease.holder.user == actor.user)
        };
        let foreign = leases.live(now_us, |lease| !own(lease));
        (!foreign.is_empty()).then(|| Guard { foreign, before: state.clone(), now_us })
    }

    /// Refuses changes of rows that somebody else has. O(changes + leases).
    ///
    /// # Errors
    /// BR-097, BR-101 or BR-102.
    pub(super) fn check(&self, actor: &Actor, changes: &[Change]) -> Result<(), WorkspaceError> {
        let mut rows: HashMap<(EstimateId, Uuid), Option<&Change>> = HashMap::new();
        for change in changes {
            let is_row = change.table == tables::ITEMS || change.table == tables::HEADINGS;
            if (is_row || change.table == tables::WORKSHEETS)
                && let Some(at) = tables::split_estimate_key(&change.key)
            {
                let row = rows.entry(at).or_default();
                *row = row.or(is_row.then_some(change));
            }
        }
        let (mut moved, mut written) = (Vec::new(), Vec::new());
        if rows.is_empty() {
            return Ok(());
        }
        for lease in &self.foreign {
            let shifts = |row: Uuid| {
                let change = rows.get(&(lease.estimate, row)).copied().flatten();
                change.map_or(Ok(false), shifts)
            };
            let own = rows.contains_key(&(lease.estimate, lease.row));
            let above = self.before.estimate(lease.estimate).map(|e| e.ancestors(lease.row));
            let mut shifted = own && shifts(lease.row)?;
            for row in above.unwrap_or_default() {
                shifted = shifted || shifts(row)?;
            }
            if shifted {
                moved.push(lease);
            } else if own {
                written.push(lease);
            }
        }
        if !moved.is_empty() {
            return Err(self.refusal(102, actor, &moved));
        }
        match (written.is_empty(), rows.len()) {
            (true, _) => Ok(()),
            (false, 1) => Err(self.refusal(97, actor, &written)),
            (false, _) => Err(self.refusal(101, actor, &written)),
        }
    }

    fn refusal(&self, rule: u8, actor: &Actor, held: &[&Lease]) -> WorkspaceError {
        let mut by_holder: BTreeMap<&str, (bool, Vec<String>)> = BTreeMap::new();
        for lease in held {
            let entry = by_holder.entry(&lease.holder_name).or_default();
            entry.0 = lease.holder.user == actor.user;
            entry.1.push(self.code(lease));
        }
        let told = by_holder.iter().take(HOLDERS_TOLD).map(|(name, (self_too, codes))| {
            let rows = codes.iter().take(HOLDERS_TOLD).cloned().collect::<Vec<_>>().join(", ");
            let more = if codes.len() > HOLDERS_TOLD { " and more" } else { "" };
            let elsewhere = if *self_too { ", which is you in another window," } else { "" };
            format!("{name}{elsewhere} is at work on {rows}{more}")
        });
        let told = told.collect::<Vec<_>>().join("; ");
        let message = match rule {
            97 => format!("{told}. Wait, or work on another item."),
            101 => format!("Nothing was changed: {told}. Wait until those are free."),
            _ => format!("Nothing was moved or deleted: {told}."),
        };
        let minutes = |lease: &Lease| (self.now_us - lease.since_us) / 60_000_000;
        let mut violation =
            Violation::new(RuleId::br(rule), message).objects(held.iter().map(|lease| lease.row));
        if let Some(lease) = held.first() {
            violation = violation
                .fact("holder", &lease.holder_name)
                .fact("holderId", lease.holder.user)
                .fact("minutes", minutes(lease));
        }
        Refusal::from(violation).into()
    }

    /// A row by the code people know it by.
    fn code(&self, lease: &Lease) -> String {
        let node = self.before.estimate(lease.estimate).and_then(|e| e.node(lease.row));
        match node.map_or("", code_of) {
            "" => "a row without a code".to_owned(),
            code => code.to_owned(),
        }
    }
}

/// The code of a row.
pub(super) fn code_of(node: NodeView<'_>) -> &str {
    let heading = node.heading().map(|heading| &*heading.code);
    heading.or_else(|| node.item().map(|item| &*item.code)).unwrap_or_default()
}

/// Whether a change deletes a row or puts it elsewhere.
fn shifts(change: &Change) -> Result<bool, WorkspaceError> {
    if change.after.is_none() {
        return Ok(true);
    }
    Ok(match changes::decode(change)? {
        RowChange::Estimate(EstimateChange::Heading(delta)) => match (delta.before, delta.after) {
            (Some(a), Some(b)) => (&a.parent, &a.position) != (&b.parent, &b.position),
            _ => false,
        },
        RowChange::Estimate(EstimateChange::Item(delta)) => match (delta.before, delta.after) {
            (Some(a), Some(b)) => (&a.parent, &a.position) != (&b.parent, &b.position),
            _ => false,
        },
        _ => false,
    })
}

/// Refuses a write that names a lease its session has no more (BR-098).
///
/// # Errors
/// `lock-lease-expired`.
pub(super) fn check_named(
    leases: &Leases,
    (actor, request): (&Actor, &Request),
    now_us: i64,
) -> Result<(), WorkspaceError> {
    if request.leases.is_empty() {
        return Ok(());
    }
    if request.leases.len() > LEASES_NAMED_MAX {
        let what = "leases named by one write";
        return Err(Refusal::TooMany { what, limit: LEASES_NAMED_MAX }.into());
    }
    let session = session_of(actor, request);
    let own = leases.live(now_us, |lease| Some(&lease.holder) == session.as_ref());
    let own: HashSet<Uuid> = own.into_iter().map(|lease| lease.id).collect();
    if request.leases.iter().all(|id| own.contains(id)) {
        return Ok(());
    }
    let message = "The item was let go because nothing was heard of this window for two minutes, \
        or somebody took it over. Look at it again, then repeat the change if it still applies.";
    Err(Refusal::from(Violation::new(RuleId::br(98), message)).into())
}

impl Workspace {
    /// Who is at work on what.
    pub fn leases(&self) -> &Leases {
        &self.shared.leases
    }

    /// Now, by the clock the organisation goes by; microseconds since 1970, UTC.
    pub fn now_us(&self) -> i64 {
        (self.clock)()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000;

    fn session(n: u128, client: &str) -> Session {
        Session { user: UserId(Uuid::from_u128(n)), client: client.into() }
    }

    fn row(n: u128) -> (EstimateId, Uuid) {
        (EstimateId(Uuid::from_u128(1)), Uuid::from_u128(n))
    }

    #[test]
    fn a_lease_is_kept_by_heartbeats_and_lapses_without() {
        let (leases, anna, ben) = (Leases::default(), session(1, "a"), session(2, "b"));
        let name: Arc<str> = "Anna".into();
        let lease = leases.take(&anna, &name, row(7), 0).expect("it is free");
        assert_eq!(leases.take(&ben, &name, row(7), 119 * SECOND), Err(Box::new(lease.clone())));
        leases.renew(&anna, 30 * SECOND);
        assert!(leases.take(&ben, &name, row(7), 149 * SECOND).is_err());
        // What has lapsed is not brought back by a heartbeat that comes too late.
        leases.renew(&anna, 150 * SECOND);
        assert!(leases.of(row(7).0, 150 * SECOND).is_empty());
        let taken = leases.take(&ben, &name, row(7), 150 * SECOND).expect("it has lapsed");
        assert_ne!(taken.id, lease.id);
    }

    #[test]
    fn a_session_is_a_person_at_one_tab() {
        let (leases, name) = (Leases::default(), Arc::from("Anna"));
        let (one, two) = (session(1, "one"), session(1, "two"));
        let lease = leases.take(&one, &name, row(7), 0).expect("it is free");
        assert_eq!(leases.take(&one, &name, row(7), 5), Ok(Lease { heard_us: 5, ..lease }));
        assert!(leases.take(&two, &name, row(7), 5).is_err());
        leases.end(&two);
        assert_eq!(leases.of(row(7).0, 5).len(), 1);
        leases.end_user(one.user);
        assert!(leases.is_empty());
    }

    #[test]
    fn a_session_holds_a_bounded_number() {
        let (leases, name, anna) = (Leases::default(), Arc::from("Anna"), session(1, "one"));
        for n in 0..(LEASES_PER_SESSION_MAX as u128 + 3) {
            leases.take(&anna, &name, row(n), n as i64).expect("it is free");
        }
        let kept = leases.of(row(0).0, 100);
        assert_eq!(kept.len(), LEASES_PER_SESSION_MAX);
        assert!(kept.iter().all(|lease| lease.row.as_u128() >= 3), "the oldest went");
    }
}
