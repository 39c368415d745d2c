//! Commands committed together stay apart.

use super::*;
use std::thread;

#[test]
fn a_refused_command_affects_nobody_else_in_its_group() {
    let bench = Bench::new();
    let items: Vec<Uuid> =
        (0..8).map(|n| bench.plugged_item(&bench.ana, &format!("1.0{n}"), "2")).collect();
    thread::scope(|scope| {
        for (n, item) in items.iter().enumerate() {
            let bench = &bench;
            scope.spawn(move || {
                for round in 1..=20 {
                    let quantity = if n % 2 == 0 { round.to_string() } else { "-1".into() };
                    let result = bench.edit(&bench.ben, vec![set_quantity(*item, &quantity)]);
                    assert_eq!(result.is_ok(), n % 2 == 0, "{result:?}");
                }
            });
        }
    });
    // Four items at 20 × 2 and four left at 10 × 2.
    assert_eq!(bench.direct(), "240.00");
    bench.check();
}

#[test]
fn edits_of_one_command_hold_all_or_none() {
    let bench = Bench::new();
    let before = bench.rows();
    let edits = vec![
        add_item(bench.heading, "1.01", "10", Some("5")),
        add_item(bench.heading, "1.02", "-3", Some("5")),
    ];
    assert!(matches!(bench.edit(&bench.ana, edits), Err(WorkspaceError::Refused(_))));
    assert_eq!(bench.rows(), before);
    bench.check();
}

#[test]
fn followers_see_commits_in_order_with_state_already_published() {
    let bench = Bench::new();
    let mut commits = bench.ws().subscribe();
    for n in 0..5 {
        bench.plugged_item(&bench.ana, &format!("2.0{n}"), "1");
    }
    let mut last = None;
    for _ in 0..5 {
        let committed = commits.blocking_recv().unwrap();
        assert!(bench.ws().published().lsn >= committed.lsn);
        assert!(last.is_none_or(|last| committed.lsn > last));
        assert_eq!(committed.record.as_ref().map(|record| record.lsn), Some(committed.lsn));
        assert_eq!(&*committed.actor_name, "Ana");
        last = Some(committed.lsn);
    }
    bench.check();
}

#[test]
fn first_use_of_a_resource_is_marked_in_the_same_commit() {
    let bench = Bench::new();
    let resource = bench.resource("PLT-X", "100");
    let item = bench.edit(&bench.ben, vec![add_item(bench.heading, "1.01", "10", None)]).unwrap();
    let reply = bench.edit(&bench.ben, vec![fixed_line(item.ids[0][0], resource, "3")]).unwrap();
    let published = bench.ws().published();
    let row = published.library.catalogue.resource(resource.into()).unwrap();
    assert!(row.used);
    let record = bench.ws().reader().snapshot().unwrap().record(reply.lsn).unwrap().unwrap();
    assert!(record.changes.iter().any(|change| change.key == resource.as_bytes()));
    assert_eq!(bench.direct(), "300.00");
    bench.check();
}

#[test]
fn a_full_queue_says_so_instead_of_waiting() {
    let bench = Bench::with(|options| Options { queue_max: 1, ..options });
    let item = bench.plugged_item(&bench.ana, "1.01", "2");
    let overloaded = std::sync::atomic::AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                for n in 1..30 {
                    match bench.edit(&bench.ben, vec![set_quantity(item, &n.to_string())]) {
                        Ok(_) => {}
                        Err(WorkspaceError::Overloaded) => {
                            overloaded.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                        }
                        Err(other) => panic!("{other}"),
                    }
                }
            });
        }
    });
    assert!(overloaded.into_inner() > 0);
    bench.check();
}

#[test]
fn an_import_larger_than_a_command_is_one_commit() {
    let bench = Bench::new();
    let rows = crate::estimating::limits::EDITS_MAX + 5;
    let edits: Vec<_> =
        (0..rows).map(|n| add_item(bench.heading, &format!("1.{n}"), "1", Some("1"))).collect();
    let refused = Command::Estimate { id: bench.estimate, edits: edits.clone(), label: None };
    assert!(bench.ws().submit_blocking(&bench.ana, refused).is_err());
    let before = bench.ws().published().lsn;
    let import = Command::Import { id: bench.estimate, edits, label: Some("Import".into()) };
    let reply = bench.ws().submit_blocking(&bench.ana, import).unwrap();
    assert_eq!(reply.lsn, before.next());
    assert_eq!((reply.ids.len(), reply.touched.reload), (rows, true));
    assert_eq!(bench.direct(), format!("{rows}.00"));
    bench.undo(&bench.ana, bench.scope()).unwrap();
    assert_eq!(bench.direct(), "0.00");
    bench.check();
}
