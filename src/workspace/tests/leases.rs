//! Leases by the clock of the organisation: what two minutes of silence come to.

use super::*;
use crate::estimating::{refusal::Refusal, rules::RuleId};
use crate::workspace::Session;
use std::sync::atomic::{AtomicI64, Ordering};

const SECOND: i64 = 1_000_000;

/// A bench whose clock stands still until it is moved.
fn bench() -> (Bench, Arc<AtomicI64>) {
    let now = Arc::new(AtomicI64::new(1_800_000_000 * SECOND));
    let clock = now.clone();
    let bench = Bench::with(move |mut options| {
        options.clock = Arc::new(move || clock.load(Ordering::Relaxed));
        options
    });
    (bench, now)
}

fn session(actor: &Actor, client: &str) -> Session {
    Session { user: actor.user, client: client.into() }
}

fn set_quantity(
    bench: &Bench,
    actor: &Actor,
    (item, quantity): (Uuid, &str),
    (client, leases): (&str, Vec<Uuid>),
) -> Result<Reply, WorkspaceError> {
    let set = ItemFields { quantity: Some(Some(quantity.into())), ..ItemFields::default() };
    let edits = vec![Edit::UpdateItem { id: item, version: None, set: Box::new(set) }];
    let command = Command::Estimate { id: bench.estimate, edits, label: None };
    let request = Request { origin: Some(client.into()), leases, ..Request::new(command) };
    bench.ws().submit_blocking(actor, request)
}

fn breaks(result: Result<Reply, WorkspaceError>, rule: u8) {
    match result {
        Err(WorkspaceError::Refused(Refusal::Violations(broken))) => {
            assert!(broken.breaks(RuleId::br(rule)), "{broken}");
        }
        other => panic!("BR-{rule:03} was not broken: {other:?}"),
    }
}

#[test]
fn a_lease_lapses_after_two_minutes_of_silence_and_heartbeats_keep_it() {
    let (bench, now) = bench();
    let item = bench.plugged_item(&bench.ana, "1.01", "5");
    let ben = session(&bench.ben, "ben");
    let at = (bench.estimate, item);
    let leases = bench.ws().leases();
    let lease = leases.take(&ben, &bench.ben.name, at, bench.ws().now_us()).unwrap();
    let named = || ("ben", vec![lease.id]);
    // A heartbeat every half minute keeps it, for however long.
    for _ in 0..10 {
        now.fetch_add(30 * SECOND, Ordering::Relaxed);
        leases.renew(&ben, bench.ws().now_us());
    }
    set_quantity(&bench, &bench.ben, (item, "11"), named()).unwrap();
    breaks(set_quantity(&bench, &bench.ana, (item, "12"), ("ana", Vec::new())), 97);
    now.fetch_add(119 * SECOND, Ordering::Relaxed);
    breaks(set_quantity(&bench, &bench.ana, (item, "12"), ("ana", Vec::new())), 97);
    set_quantity(&bench, &bench.ben, (item, "13"), named()).unwrap();
    now.fetch_add(SECOND, Ordering::Relaxed);
    // Writing is no heartbeat: a write under what has lapsed is refused, even of a row that is free.
    breaks(set_quantity(&bench, &bench.ben, (item, "14"), named()), 98);
    set_quantity(&bench, &bench.ana, (item, "15"), ("ana", Vec::new())).unwrap();
    bench.check();
}

#[test]
fn undo_is_a_write_and_respects_who_is_at_work() {
    let (bench, _) = bench();
    let item = bench.plugged_item(&bench.ana, "1.01", "5");
    set_quantity(&bench, &bench.ana, (item, "11"), ("ana", Vec::new())).unwrap();
    let ben = session(&bench.ben, "ben");
    let at = (bench.estimate, item);
    bench.ws().leases().take(&ben, &bench.ben.name, at, bench.ws().now_us()).unwrap();
    breaks(bench.undo(&bench.ana, bench.scope()), 97);
    bench.ws().leases().end(&ben);
    bench.undo(&bench.ana, bench.scope()).unwrap();
    bench.check();
}
