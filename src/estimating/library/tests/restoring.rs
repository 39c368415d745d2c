use super::{super::*, Bench, bench};
use serde_json::{Value, json};

fn commit(bench: &mut Bench, edit: Value) -> LibraryOutcome {
    bench.try_one(serde_json::from_value(edit).expect("well formed")).expect("sound")
}

fn recipe(bench: &mut Bench, op: Value, factor: &str) -> LibraryOutcome {
    let lines = json!([{"resourceId": bench.resource("LAB").id, "factor": factor}]);
    let mut edit = op;
    edit["recipe"] = json!({"code": "CREW", "unit": "h", "lines": lines});
    commit(bench, edit)
}

#[test]
fn an_undo_brings_back_the_row_and_a_redo_takes_it_again() {
    let mut bench = bench();
    let id = bench.add_resource("LAB", "labour", "h", "44.5");
    let edit = json!({"op": "update-resource", "id": id, "set": {"rate": "46"}});
    let change = commit(&mut bench, edit);
    let undo = bench.restore(&change).expect("nothing else happened");
    let rate = |bench: &Bench| bench.resource("LAB").rate.map(|r| r.to_string());
    assert_eq!(rate(&bench).as_deref(), Some("44.5000"));
    assert_eq!(bench.resource("LAB").version, 3, "versions are never given twice");
    bench.restore(&undo).expect("redo");
    assert_eq!(rate(&bench).as_deref(), Some("46.0000"));
    assert_eq!(bench.resource("LAB").version, 4);
}

#[test]
fn the_used_flag_survives_undo() {
    let mut bench = bench();
    let id = bench.add_resource("LAB", "labour", "h", "44.5");
    let edit = json!({"op": "update-resource", "id": id, "set": {"unit": "day"}});
    let unit = commit(&mut bench, edit);
    let mark = LibraryEdit::MarkUsed { resources: vec![id], recipes: vec![] };
    let marked = bench.try_one(mark).expect("known");
    assert_eq!(bench.restore(&marked).expect("nothing to take back").changes, []);
    assert!(bench.resource("LAB").used);
    assert!(bench.restore(&unit).is_err(), "BR-045: a line holds it by the day");
}

#[test]
fn adding_is_taken_back_unless_it_was_used() {
    let mut bench = bench();
    let set = json!({"code": "A", "type": "other", "unit": "h"});
    let added = commit(&mut bench, json!({"op": "add-resource", "set": set}));
    let undo = bench.restore(&added).expect("not used");
    assert_eq!(bench.library.catalogue.resource_count(), 0);
    bench.restore(&undo).expect("redo");
    assert_eq!(bench.resource("A").version, 2);
    let id = bench.resource("A").id.0;
    bench.try_one(LibraryEdit::MarkUsed { resources: vec![id], recipes: vec![] }).expect("known");
    assert!(bench.restore(&added).is_err(), "BR-053");
}

#[test]
fn a_code_taken_since_stays_with_its_new_owner() {
    let mut bench = bench();
    let id = bench.add_resource("A", "other", "h", "1");
    let deleted = commit(&mut bench, json!({"op": "delete-resource", "id": id}));
    bench.add_resource("a", "other", "h", "2");
    assert!(bench.restore(&deleted).is_err(), "BR-044");
}

#[test]
fn an_undone_save_keeps_its_version_and_the_next_has_another_number() {
    let mut bench = bench();
    bench.add_resource("LAB", "labour", "h", "44.5");
    let added = recipe(&mut bench, json!({"op": "add-recipe"}), "1");
    let id = bench.recipe("CREW").id;
    let saved = recipe(&mut bench, json!({"op": "save-recipe", "id": id}), "2");
    let undo = bench.restore(&saved).expect("nothing else happened");
    assert_eq!(bench.recipe("CREW").current, 1);
    assert!(bench.library.catalogue.recipe_version(id, 2).is_some(), "a line may hold it");
    bench.restore(&undo).expect("redo");
    assert_eq!(bench.recipe("CREW").current, 2);
    bench.restore(&saved).expect("undo again");
    recipe(&mut bench, json!({"op": "save-recipe", "id": id}), "3");
    assert_eq!(bench.recipe("CREW").current, 3);
    let gone = bench.restore(&added).expect("never used");
    assert_eq!(bench.library.catalogue.recipe_versions(id).count(), 0);
    bench.restore(&gone).expect("back with its versions");
    assert_eq!(bench.library.catalogue.recipe_versions(id).count(), 3);
}

#[test]
fn a_new_unit_taken_back_is_hidden() {
    let mut bench = bench();
    let edit =
        json!({"op": "add-unit", "code": "bkt", "name": "bucket load", "dimension": "count"});
    let added = commit(&mut bench, edit);
    bench.restore(&added).expect("hidden");
    let code = bench.library.catalogue.match_unit("bkt").expect("it stays readable");
    assert!(bench.library.catalogue.unit(code).is_some_and(|u| u.retired));
}

#[test]
fn a_deleted_tender_comes_back_and_an_added_one_with_an_estimate_stays() {
    let mut bench = bench();
    let edit = json!({"op": "add-tender", "set": {"number": "T-1", "name": "Seal"}});
    let added = commit(&mut bench, edit);
    assert!(bench.restore(&added).is_err());
    let id = added.ids[0][0];
    let deleted = commit(&mut bench, json!({"op": "delete-tender", "id": id}));
    bench.restore(&deleted).expect("both rows");
    assert_eq!(bench.library.estimates_of(TenderId(id)).count(), 1);
    let bare = json!({"op": "add-tender", "bare": true, "set": {"number": "T-2", "name": "Seal"}});
    let added = commit(&mut bench, bare);
    bench.restore(&added).expect("nothing in it");
    assert!(bench.library.tender_by_number("T-2").is_none());
}
