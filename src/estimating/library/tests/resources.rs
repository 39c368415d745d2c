use super::{super::*, bench, breaks};
use serde_json::json;

fn update(id: Uuid, set: serde_json::Value) -> serde_json::Value {
    json!({"op": "update-resource", "id": id, "set": set})
}

#[test]
fn br_044_a_code_is_unique_in_its_price_book_whatever_the_case() {
    let mut bench = bench();
    bench.add_resource("LAB-OP", "labour", "h", "52");
    let other = bench.add_resource("LAB-FM", "labour", "h", "68");
    let set = json!({"code": " lab-op ", "type": "labour", "unit": "h"});
    breaks(bench.json(json!({"op": "add-resource", "set": set})), 44, "code");
    breaks(bench.json(update(other, json!({"code": "Lab-Op"}))), 44, "code");
    bench.json(update(other, json!({"code": "lab-fm"}))).expect("its own code in another case");
    breaks(
        bench.json(json!({"op": "add-resource", "set": {"code": "X", "unit": "h"}})),
        44,
        "type",
    );
}

#[test]
fn br_045_type_and_unit_stay_once_used() {
    let mut bench = bench();
    let id = bench.add_resource("TIP", "other", "m3", "11.5");
    bench.json(update(id, json!({"unit": "t", "type": "plant"}))).expect("not used yet");
    bench.try_one(LibraryEdit::MarkUsed { resources: vec![id], recipes: vec![] }).expect("known");
    breaks(bench.json(update(id, json!({"unit": "m3"}))), 45, "unit");
    breaks(bench.json(update(id, json!({"type": "other"}))), 45, "type");
    bench.json(update(id, json!({"unit": "t", "rate": "12"}))).expect("the same unit");
}

#[test]
fn br_047_a_rate_is_zero_or_more_with_four_decimals() {
    let mut bench = bench();
    let id = bench.add_resource("TIP", "other", "m3", "0");
    for bad in ["-0.0001", "1.23456", "1,000", "", "x"] {
        breaks(bench.json(update(id, json!({"rate": bad}))), 47, "rate");
    }
    bench.json(update(id, json!({"rate": "7.5565"}))).expect("four decimals");
    assert_eq!(bench.resource("TIP").rate.map(|r| r.to_string()).as_deref(), Some("7.5565"));
    bench.json(update(id, json!({"rate": null}))).expect("unknown again");
    assert_eq!(bench.resource("TIP").rate, None);
}

#[test]
fn br_053_a_used_resource_is_retired_not_deleted() {
    let mut bench = bench();
    let used = bench.add_resource("A", "plant", "h", "1");
    let unused = bench.add_resource("B", "plant", "h", "1");
    bench.try_one(LibraryEdit::MarkUsed { resources: vec![used], recipes: vec![] }).expect("known");
    breaks(bench.json(json!({"op": "delete-resource", "id": used})), 53, "used");
    bench.json(json!({"op": "delete-resource", "id": unused})).expect("never used");
    bench.json(update(used, json!({"state": "retired"}))).expect("retiring");
    let recipe = json!({"code": "R", "unit": "m", "lines": [{"resourceId": used, "factor": "1"}]});
    breaks(bench.json(json!({"op": "add-recipe", "recipe": recipe})), 53, "resourceId");
}

#[test]
fn br_035_default_waste_is_materials_and_at_most_the_whole() {
    let mut bench = bench();
    let plant = bench.add_resource("A", "plant", "h", "1");
    let material = bench.add_resource("B", "material", "t", "1");
    breaks(bench.json(update(plant, json!({"defaultWaste": "5"}))), 35, "defaultWaste");
    breaks(bench.json(update(material, json!({"defaultWaste": "100.0001"}))), 35, "defaultWaste");
    bench.json(update(material, json!({"defaultWaste": "100"}))).expect("all of it");
    breaks(bench.json(update(plant, json!({"defaultEfficiency": "0"}))), 34, "defaultEfficiency");
    bench.json(update(plant, json!({"defaultEfficiency": "0.83"}))).expect("50-minute hour");
}

#[test]
fn marking_use_twice_changes_nothing() {
    let mut bench = bench();
    let id = bench.add_resource("A", "plant", "h", "1");
    let mark = LibraryEdit::MarkUsed { resources: vec![id, id], recipes: vec![] };
    let first = bench.try_one(mark.clone()).expect("known");
    assert!(first.changes.iter().all(only_marks_use));
    assert_eq!(first.changes.len(), 1);
    assert_eq!(bench.try_one(mark).expect("known").changes, []);
}

#[test]
fn type_ahead_follows_every_edit() {
    let mut bench = bench();
    let id = bench.add_resource("PLT-EX20", "plant", "h", "98");
    let found = |bench: &super::Bench, q: &str| bench.library.catalogue.find(q, false, 5).len();
    assert_eq!(found(&bench, "ex20"), 1);
    bench
        .json(update(id, json!({"code": "PLT-EX21", "description": "Digger"})))
        .expect("a new code");
    assert_eq!((found(&bench, "ex20"), found(&bench, "ex21")), (0, 1));
    bench.json(update(id, json!({"state": "retired"}))).expect("retiring");
    assert_eq!(found(&bench, "ex21"), 0);
    assert_eq!(bench.library.catalogue.find("ex21", true, 5).len(), 1);
}
