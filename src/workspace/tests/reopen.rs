//! What comes back after a restart, and what leaves memory and returns.

use super::*;

#[test]
fn a_restart_restores_rows_figures_and_undo() {
    let mut bench = Bench::new();
    let resource = bench.resource("PLT-X", "98.5");
    let item = bench.edit(&bench.ben, vec![add_item(bench.heading, "1.01", "10", None)]).unwrap();
    bench.edit(&bench.ben, vec![fixed_line(item.ids[0][0], resource, "3")]).unwrap();
    bench.plugged_item(&bench.ana, "1.02", "7.25");
    bench.undo(&bench.ana, bench.scope()).unwrap();
    let (rows, lsn) = (bench.rows(), bench.ws().published().lsn);
    let undo = bench.ws().undo_state(bench.ana.user, bench.scope());
    let bens = bench.ws().undo_state(bench.ben.user, bench.scope());
    assert!(undo.redo.is_some() && bens.undo.is_some());
    bench.reopen();
    assert_eq!(bench.ws().published().lsn, lsn);
    assert_eq!(bench.rows(), rows);
    assert_eq!(bench.ws().undo_state(bench.ana.user, bench.scope()), undo);
    assert_eq!(bench.ws().undo_state(bench.ben.user, bench.scope()), bens);
    bench.redo(&bench.ana, bench.scope()).unwrap();
    assert_eq!(bench.direct(), "368.00");
    bench.check();
}

#[test]
fn an_estimate_that_is_cold_leaves_memory_and_comes_back() {
    let mut bench = Bench::with(|options| Options { memory_bytes_max: 1, ..options });
    bench.plugged_item(&bench.ana, "1.01", "3");
    let first = bench.estimate;
    let rows = bench.rows();
    let second = bench.library(&bench.ana, vec![add_tender("T-2")]).unwrap();
    bench.estimate = EstimateId(second.ids[0][1]);
    bench.edit(&bench.ana, vec![add_heading("1", "Bridge")]).unwrap();
    bench.ws().estimate_blocking(bench.estimate).unwrap();
    assert!(bench.ws().published().estimate(first).is_none());
    assert_eq!(bench.ws().published().memory().0, 1);
    bench.estimate = first;
    assert_eq!(bench.rows(), rows);
    bench.check();
}

#[test]
fn an_edit_of_a_cold_estimate_loads_it_first() {
    let mut bench = Bench::new();
    let item = bench.plugged_item(&bench.ana, "1.01", "3");
    bench.reopen();
    assert!(bench.ws().published().estimate(bench.estimate).is_none());
    let reply = bench.edit(&bench.ana, vec![set_quantity(item, "20")]).unwrap();
    assert_eq!(reply.totals.map(|totals| totals.direct.to_string()).as_deref(), Some("60.00"));
    bench.check();
}

#[test]
fn a_duplicated_tender_has_the_rows_of_the_newest_estimate_under_new_identities() {
    let mut bench = Bench::new();
    let resource = bench.resource("PLT-X", "10");
    let item = bench.edit(&bench.ana, vec![add_item(bench.heading, "1.01", "10", None)]).unwrap();
    bench.edit(&bench.ana, vec![fixed_line(item.ids[0][0], resource, "3")]).unwrap();
    let command =
        Command::DuplicateTender { id: bench.tender, number: "T-9".into(), name: "Again".into() };
    let reply = bench.ws().submit_blocking(&bench.ana, command).unwrap();
    let copy = EstimateId(reply.ids[0][1]);
    let original = bench.ws().estimate_blocking(bench.estimate).unwrap();
    let copied = bench.ws().estimate_blocking(copy).unwrap();
    assert_eq!(copied.totals(), original.totals());
    assert_eq!(copied.slot(bench.heading), None);
    bench.reopen();
    assert_eq!(bench.ws().estimate_blocking(copy).unwrap().totals(), original.totals());
    bench.check();
}

#[test]
fn a_deleted_tender_takes_its_rows_along_and_an_undo_brings_them_back() {
    let mut bench = Bench::new();
    bench.plugged_item(&bench.ana, "1.01", "3");
    let rows = bench.rows().len();
    let admin = Actor { role: Role::Admin, ..bench.ana.clone() };
    let delete = vec![LibraryEdit::DeleteTender { id: bench.tender.0, version: None }];
    assert!(matches!(
        bench.library(&bench.ana, delete.clone()),
        Err(WorkspaceError::PermissionDenied { .. })
    ));
    bench.library(&admin, delete).unwrap();
    assert!(bench.ws().estimate_blocking(bench.estimate).is_err());
    bench.reopen();
    assert!(bench.ws().estimate_blocking(bench.estimate).is_err());
    bench.undo(&admin, Scope::Library).unwrap();
    assert_eq!(bench.rows().len(), rows);
    assert_eq!(bench.direct(), "30.00");
    bench.check();
}
