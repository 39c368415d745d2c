//! A repeated request does nothing twice.

use super::*;
use std::sync::atomic::{AtomicI64, Ordering};

fn add(bench: &Bench, code: &str) -> Command {
    let edits = vec![add_item(bench.heading, code, "10", Some("5"))];
    Command::Estimate { id: bench.estimate, edits, label: None }
}

#[test]
fn a_repeat_gives_the_first_answer() {
    let mut bench = Bench::new();
    let request = keyed(add(&bench, "1.01"), "k1", 1);
    let first = bench.ws().submit_blocking(&bench.ben, request.clone()).unwrap();
    let second = bench.ws().submit_blocking(&bench.ben, request.clone()).unwrap();
    assert!(!first.repeated && second.repeated);
    assert_eq!((first.lsn, &first.ids, &first.touched), (second.lsn, &second.ids, &second.touched));
    bench.reopen();
    let third = bench.ws().submit_blocking(&bench.ben, request).unwrap();
    assert_eq!((third.lsn, third.repeated), (first.lsn, true));
    assert_eq!(bench.direct(), "50.00");
    bench.check();
}

#[test]
fn the_same_key_with_another_body_is_refused() {
    let bench = Bench::new();
    bench.ws().submit_blocking(&bench.ben, keyed(add(&bench, "1.01"), "k1", 1)).unwrap();
    let other = bench.ws().submit_blocking(&bench.ben, keyed(add(&bench, "1.02"), "k1", 2));
    assert!(matches!(other, Err(WorkspaceError::IdempotencyMismatch)));
    // Another person's keys are their own.
    bench.ws().submit_blocking(&bench.ana, keyed(add(&bench, "1.02"), "k1", 2)).unwrap();
    bench.check();
}

#[test]
fn a_refused_request_may_come_again_with_its_key() {
    let bench = Bench::new();
    let bad = Command::Estimate {
        id: bench.estimate,
        edits: vec![add_item(bench.heading, "1.01", "-1", None)],
        label: None,
    };
    assert!(bench.ws().submit_blocking(&bench.ben, keyed(bad, "k1", 1)).is_err());
    let good = bench.ws().submit_blocking(&bench.ben, keyed(add(&bench, "1.01"), "k1", 2));
    assert!(good.is_ok_and(|reply| !reply.repeated));
    bench.check();
}

#[test]
fn answers_lapse_after_a_day_and_leave_the_store() {
    let now = Arc::new(AtomicI64::new(super::super::system_clock_us()));
    let clock = now.clone();
    let bench = Bench::with(|options| Options {
        clock: Arc::new(move || clock.load(Ordering::Relaxed)),
        ..options
    });
    let request = keyed(add(&bench, "1.01"), "k1", 1);
    bench.ws().submit_blocking(&bench.ben, request.clone()).unwrap();
    now.fetch_add(25 * 3600 * 1_000_000, Ordering::Relaxed);
    bench.plugged_item(&bench.ana, "1.05", "1");
    let snapshot = bench.ws().reader().snapshot().unwrap();
    assert_eq!(snapshot.count(super::super::tables::IDEMPOTENCY).unwrap(), 0);
    drop(snapshot);
    let again = bench.ws().submit_blocking(&bench.ben, request).unwrap();
    assert!(!again.repeated);
    bench.check();
}
