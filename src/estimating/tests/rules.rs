//! Each rule of headings, items and worksheets: broken once, and kept just inside.

use super::library::{Bench, id, resource};
use crate::estimating::{
    change::{Delta, LibraryChange},
    estimate::Status,
    resource::Availability,
};
use serde_json::{Value, json};
use uuid::Uuid;

/// An estimate with a heading and one schedule item of 10 m3.
fn start() -> (Bench, Uuid, Uuid) {
    let mut bench = Bench::new();
    let top = bench.edit(json!([{"op": "add-heading", "name": "Top"}]))[0];
    let item = add(&mut bench, top, json!({"unit": "m3", "quantity": "10", "code": "1.01"}));
    (bench, top, item)
}

fn add(bench: &mut Bench, parent: Uuid, set: Value) -> Uuid {
    bench.edit(json!([{"op": "add-item", "parentId": parent, "set": set}]))[0]
}

fn set(item: Uuid, set: Value) -> Value {
    json!([{"op": "update-item", "id": item, "set": set}])
}

fn line(item: Uuid, line: Value) -> Value {
    json!([{"op": "add-line", "itemId": item, "line": line}])
}

fn material(extra: Value) -> Value {
    let mut line = json!({"resourceId": id("MAT-AP65"), "usage": "2"});
    line.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    line
}

fn labour(extra: Value) -> Value {
    let mut line = json!({"resourceId": id("LAB-OP"), "production": "5"});
    line.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    line
}

#[test]
fn br_013_headings_nest_five_deep_and_no_deeper() {
    let mut bench = Bench::new();
    let mut parent = None;
    for _ in 0..5 {
        let made = bench.edit(json!([{"op": "add-heading", "parentId": parent, "name": "H"}]));
        parent = Some(made[0]);
    }
    let deeper = json!([{"op": "add-heading", "parentId": parent, "name": "H"}]);
    assert_eq!(bench.refused(deeper), "BR-013");
    let other = bench.edit(json!([{"op": "add-heading", "name": "X"}]))[0];
    let moved = json!([{"op": "move", "ids": [other], "parentId": parent}]);
    assert_eq!(bench.refused(moved), "BR-013");
}

#[test]
fn br_014_nothing_moves_under_itself() {
    let (mut bench, top, _) = start();
    let below = bench.edit(json!([{"op": "add-heading", "parentId": top, "name": "B"}]))[0];
    assert_eq!(bench.refused(json!([{"op": "move", "ids": [top], "parentId": below}])), "BR-014");
    assert_eq!(bench.refused(json!([{"op": "move", "ids": [top], "parentId": top}])), "BR-014");
}

#[test]
fn br_015_an_item_hangs_under_a_row_of_its_estimate() {
    let (mut bench, _, item) = start();
    let nowhere = json!([{"op": "add-item", "parentId": Uuid::from_u128(4), "set": {}}]);
    assert_eq!(bench.refused(nowhere), "BR-015");
    let heading = json!([{"op": "add-heading", "parentId": item, "name": "H"}]);
    assert_eq!(bench.refused(heading), "BR-015");
    assert_eq!(bench.refused(json!([{"op": "move", "ids": [item], "parentId": null}])), "BR-015");
}

#[test]
fn br_017_a_full_heading_goes_only_when_its_contents_are_confirmed() {
    let (mut bench, top, item) = start();
    bench.edit(set(item, json!({"plugRate": "3.50"})));
    let unseen = json!([{"op": "delete", "ids": [top]}]);
    assert_eq!(bench.refused(unseen), "BR-017");
    let stale = json!([{"op": "delete", "ids": [top], "confirm": {"items": 1, "cost": "34.00"}}]);
    assert_eq!(bench.refused(stale), "BR-017");
    bench.edit(json!([{"op": "delete", "ids": [top], "confirm": {"items": 1, "cost": "35.00"}}]));
    assert!(bench.estimate.is_empty());
}

#[test]
fn br_018_the_state_follows_from_the_items() {
    let (mut bench, _, item) = start();
    let by_hand = json!([{"op": "update-estimate", "state": "reviewed"}]);
    assert_eq!(bench.refused(by_hand), "BR-018");
    bench.edit(set(item, json!({"plugRate": "1", "reviewed": true})));
    assert!(matches!(
        bench.estimate.row().state,
        crate::estimating::tender::EstimateState::Reviewed
    ));
}

#[test]
fn br_019_an_item_needs_a_unit_of_the_list() {
    let (mut bench, top, item) = start();
    let none = json!([{"op": "add-item", "parentId": top, "set": {"quantity": "1"}}]);
    assert_eq!(bench.refused(none), "BR-019");
    assert_eq!(bench.refused(set(item, json!({"unit": "furlong"}))), "BR-019");
    bench.edit(set(item, json!({"unit": "m2"})));
}

#[test]
fn br_020_quantities_are_above_zero_with_four_decimals() {
    let (mut bench, top, item) = start();
    for bad in ["0", "-1", "1.00001", "10 / 3"] {
        assert_eq!(bench.refused(set(item, json!({"quantity": bad}))), "BR-020", "{bad}");
    }
    assert_eq!(bench.refused(set(item, json!({"quantity": null}))), "BR-020");
    bench.edit(set(item, json!({"quantity": "0.0001"})));
    bench.edit(set(item, json!({"quantity": "round(10 / 3, 4)"})));
    let rate_only = json!({"unit": "m3", "type": "rate-only", "quantity": "5"});
    let with = json!([{"op": "add-item", "parentId": top, "set": rate_only}]);
    assert_eq!(bench.refused(with), "BR-020");
    add(&mut bench, top, json!({"unit": "m3", "type": "rate-only"}));
}

#[test]
fn br_021_a_lump_sum_is_one() {
    let (mut bench, _, item) = start();
    assert_eq!(bench.refused(set(item, json!({"unit": "LS"}))), "BR-021");
    bench.edit(set(item, json!({"unit": "LS", "quantity": "1"})));
}

#[test]
fn br_022_below_an_item_there_are_only_internal_items_five_deep() {
    let (mut bench, top, item) = start();
    let other = add(&mut bench, top, json!({"unit": "m3", "quantity": "1"}));
    assert_eq!(bench.refused(json!([{"op": "move", "ids": [other], "parentId": item}])), "BR-022");
    let mut parent = item;
    for _ in 0..5 {
        parent = add(&mut bench, parent, json!({"unit": "m3", "quantity": "1"}));
    }
    let sixth = json!([{"op": "add-item", "parentId": parent,
        "set": {"unit": "m3", "quantity": "1"}}]);
    assert_eq!(bench.refused(sixth), "BR-022");
}

#[test]
fn br_023_a_plug_and_a_build_up_exclude_each_other() {
    let (mut bench, _, item) = start();
    bench.edit(set(item, json!({"plugRate": "5"})));
    assert_eq!(bench.refused(line(item, material(json!({})))), "BR-023");
    let sub = json!([{"op": "add-item", "parentId": item, "set": {"unit": "m", "quantity": "1"}}]);
    assert_eq!(bench.refused(sub), "BR-023");
    bench.edit(set(item, json!({"plugRate": null})));
    bench.edit(line(item, material(json!({}))));
    assert_eq!(bench.refused(set(item, json!({"plugRate": "5"}))), "BR-023");
}

#[test]
fn br_024_only_reviewed_is_set_by_hand_and_not_on_an_unpriced_item() {
    let (mut bench, _, item) = start();
    assert_eq!(bench.refused(set(item, json!({"status": "priced"}))), "BR-024");
    assert_eq!(bench.refused(set(item, json!({"status": "reviewed"}))), "BR-024");
    bench.edit(set(item, json!({"plugRate": "5"})));
    bench.edit(set(item, json!({"status": "reviewed"})));
    assert_eq!(bench.estimate.node(item).unwrap().status(), Some(Status::Reviewed));
}

#[test]
fn br_025_a_change_of_cost_takes_the_review_away_in_the_same_commit() {
    let (mut bench, _, item) = start();
    let sub = add(&mut bench, item, json!({"unit": "m3", "quantity": "1", "plugRate": "5"}));
    bench.edit(set(item, json!({"reviewed": true})));
    bench.edit(set(sub, json!({"description": "words cost nothing"})));
    assert_eq!(bench.estimate.node(item).unwrap().status(), Some(Status::Reviewed));
    bench.edit(set(sub, json!({"quantity": "2"})));
    assert_eq!(bench.estimate.node(item).unwrap().status(), Some(Status::Plugged));
    assert!(!bench.estimate.node(item).unwrap().item().unwrap().reviewed);
}

#[test]
fn br_026_a_provisional_sum_holds_the_clients_amount_and_nothing_else() {
    let (mut bench, top, _) = start();
    let bare = json!([{"op": "add-item", "parentId": top,
        "set": {"unit": "PS", "type": "provisional-sum"}}]);
    assert_eq!(bench.refused(bare), "BR-026");
    let sum = add(
        &mut bench,
        top,
        json!({"unit": "PS", "type": "provisional-sum", "clientAmount": "25000.00"}),
    );
    assert_eq!(bench.refused(line(sum, material(json!({})))), "BR-026");
    assert_eq!(bench.estimate.totals().provisional.to_string(), "25000.00");
}

#[test]
fn br_027_a_percentage_links_sums_and_no_other_item() {
    let (mut bench, top, item) = start();
    let sum = add(
        &mut bench,
        top,
        json!({"unit": "PS", "type": "provisional-sum", "clientAmount": "100"}),
    );
    let percentage = |linked: Value| {
        json!([{"op": "add-item", "parentId": top,
        "set": {"unit": "%", "type": "percentage", "percent": "8", "linkedItems": linked}}])
    };
    assert_eq!(bench.refused(percentage(json!([]))), "BR-027");
    assert_eq!(bench.refused(percentage(json!([item]))), "BR-027");
    let made = bench.edit(percentage(json!([sum])))[0];
    assert_eq!(bench.refused(percentage(json!([sum, made]))), "BR-027");
    assert_eq!(bench.refused(json!([{"op": "delete", "ids": [sum]}])), "BR-027");
}

#[test]
fn br_028_rate_only_items_enter_no_total() {
    let (mut bench, top, _) = start();
    let before = bench.estimate.totals().total();
    let item = add(&mut bench, top, json!({"unit": "m3", "type": "rate-only"}));
    bench.edit(line(item, material(json!({}))));
    assert_eq!(bench.estimate.totals().total(), before);
    let node = bench.estimate.node(item).unwrap();
    assert_eq!(node.cost_rate().unwrap().to_string(), "59.6000");
    assert!(bench.estimate.resource_usage(&bench.catalogue).is_empty());
}

#[test]
fn br_029_one_member_of_an_option_group_is_selected() {
    let (mut bench, top, item) = start();
    let group = |selected| json!({"group": "Seal", "selected": selected});
    bench.edit(set(item, json!({"plugRate": "10", "option": group(true)})));
    let other = add(
        &mut bench,
        top,
        json!({"unit": "m3", "quantity": "10", "plugRate": "7", "option": group(false)}),
    );
    assert_eq!(bench.estimate.totals().total().to_string(), "100.00");
    bench.edit(set(other, json!({"option": group(true)})));
    assert_eq!(bench.estimate.totals().total().to_string(), "70.00");
    assert_eq!(bench.refused(set(other, json!({"option": group(false)}))), "BR-029");
    assert_eq!(bench.refused(json!([{"op": "delete", "ids": [other]}])), "BR-029");
}

#[test]
fn br_030_an_unpriced_type_says_why_and_costs_nothing() {
    let (mut bench, top, item) = start();
    let excluded = |extra: Value| {
        let mut set = json!({"unit": "m3", "type": "excluded"});
        set.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        json!([{"op": "add-item", "parentId": top, "set": set}])
    };
    assert_eq!(bench.refused(excluded(json!({}))), "BR-030");
    assert_eq!(bench.refused(excluded(json!({"reason": "by others", "plugRate": "1"}))), "BR-030");
    bench.edit(excluded(json!({"reason": "by others"})));
    let included = json!({"unit": "m3", "type": "included-elsewhere"});
    let bare = json!([{"op": "add-item", "parentId": top, "set": included}]);
    assert_eq!(bench.refused(bare), "BR-030");
    add(&mut bench, top, json!({"unit": "m3", "type": "included-elsewhere", "includedIn": item}));
}

#[test]
fn br_032_methods_go_with_their_types() {
    let (mut bench, _, item) = start();
    let with =
        |method: &str, code: &str| line(item, json!({"method": method, "resourceId": id(code)}));
    assert_eq!(bench.refused(with("time", "MAT-AP65")), "BR-032");
    assert_eq!(bench.refused(with("usage", "LAB-OP")), "BR-032");
    assert_eq!(bench.refused(with("subcontract", "PLT-TRK")), "BR-032");
    assert_eq!(bench.refused(with("lump", "LAB-OP")), "BR-032");
    for (method, code) in
        [("time", "PLT-TRK"), ("norm", "LAB-OP"), ("usage", "OTH-TIP"), ("subcontract", "SUB-SEAL")]
    {
        bench.edit(with(method, code));
    }
}

#[test]
fn br_034_production_and_efficiency_are_above_zero() {
    let (mut bench, _, item) = start();
    assert_eq!(bench.refused(line(item, labour(json!({"production": "0"})))), "BR-034");
    assert_eq!(bench.refused(line(item, labour(json!({"efficiency": "1 - 1"})))), "BR-034");
    bench.edit(line(item, labour(json!({"production": "0.01", "efficiency": "0.83"}))));
}

#[test]
fn br_035_waste_is_for_material_up_to_a_hundred_percent() {
    let (mut bench, _, item) = start();
    assert_eq!(bench.refused(line(item, material(json!({"waste": "100.0001"})))), "BR-035");
    assert_eq!(bench.refused(line(item, material(json!({"waste": "-1"})))), "BR-035");
    let other = json!({"resourceId": id("OTH-TIP"), "method": "usage", "usage": "1", "waste": "5"});
    assert_eq!(bench.refused(line(item, other)), "BR-035");
    bench.edit(line(item, material(json!({"waste": "100"}))));
}

#[test]
fn br_036_packs_are_for_material_and_minima_for_the_rest() {
    let (mut bench, _, item) = start();
    assert_eq!(bench.refused(line(item, material(json!({"pack": "0"})))), "BR-036");
    assert_eq!(bench.refused(line(item, material(json!({"minimum": "8"})))), "BR-036");
    assert_eq!(bench.refused(line(item, labour(json!({"minimum": "0"})))), "BR-036");
    bench.edit(line(item, material(json!({"pack": "7"}))));
    bench.edit(line(item, labour(json!({"minimum": "8"}))));
    // 20 t in packs of 7 is 21 t at 29.80; 2 h at a minimum of 8 h is 8 h at 52.
    assert_eq!(bench.estimate.totals().total().to_string(), "1041.80");
}

#[test]
fn br_037_a_percentage_reads_lines_before_it() {
    let (mut bench, _, item) = start();
    let percent = json!({"method": "percent-of", "percent": "10", "ofTypes": ["labour"]});
    assert_eq!(bench.refused(line(item, percent.clone())), "BR-037");
    bench.edit(line(item, labour(json!({}))));
    let made = bench.edit(line(item, percent.clone()))[0];
    bench.edit(line(item, percent));
    let first = json!([{"op": "move-line", "itemId": item, "lineId": made, "place": "first"}]);
    assert_eq!(bench.refused(first), "BR-037");
    // 2 h at 52, and 10 % of the labour twice: never a percentage of a percentage.
    assert_eq!(bench.estimate.totals().total().to_string(), "124.80");
}

#[test]
fn br_038_to_040_formulas_have_a_value_or_are_refused() {
    let (mut bench, top, item) = start();
    assert_eq!(bench.refused(set(item, json!({"quantity": "wide * 2"}))), "BR-038");
    let circle = json!([{"op": "worksheet", "itemId": item, "variables": [
        {"name": "a", "formula": "b + 1"}, {"name": "b", "formula": "a + 1"}]},
        {"op": "add-line", "itemId": item, "line": {"resourceId": id("OTH-TIP"), "quantity": "a"}}]);
    assert_eq!(bench.refused(circle), "BR-039");
    let own = set(
        item,
        json!({"quantity": "v + 1", "variables": [
        {"name": "v", "formula": "Q / 2"}]}),
    );
    assert_eq!(bench.refused(own), "BR-039");
    assert_eq!(bench.refused(set(item, json!({"quantity": "1 / 0"}))), "BR-040");
    bench.edit(json!([{"op": "update-estimate", "variables": [{"name": "wide", "formula": "4"}]}]));
    bench.edit(set(item, json!({"quantity": "wide * 2"})));
    let gone = json!([{"op": "update-estimate", "variables": []}]);
    assert_eq!(bench.refused(gone), "BR-038");
    let renamed = json!([
        {"op": "update-estimate", "variables": [{"name": "width", "formula": "4"}]},
        {"op": "update-item", "id": item, "set": {"quantity": "width * 2"}}
    ]);
    bench.edit(renamed);
    let sub = add(&mut bench, item, json!({"unit": "m3", "quantity": "parent.quantity * 1.25"}));
    assert_eq!(bench.estimate.node(sub).unwrap().quantity().unwrap().to_string(), "10.0000");
    bench.edit(set(item, json!({"quantity": "20"})));
    assert_eq!(bench.estimate.node(sub).unwrap().quantity().unwrap().to_string(), "25.0000");
    let out = json!([{"op": "move", "ids": [sub], "parentId": top}]);
    assert_eq!(bench.refused(out), "BR-038");
}

#[test]
fn br_041_a_missing_rate_leaves_the_item_unpriced_and_a_free_issue_does_not() {
    let (mut bench, _, item) = start();
    let free = json!({"type": "other", "description": "Client's pipe", "unit": "m"});
    let made = bench.edit(line(item, free))[0];
    let status = |b: &Bench| b.estimate.node(item).unwrap().status();
    assert_eq!(status(&bench), Some(Status::Unpriced));
    let rate =
        |set: Value| json!([{"op": "update-line", "itemId": item, "lineId": made, "set": set}]);
    bench.edit(rate(json!({"rate": "0"})));
    assert_eq!(status(&bench), Some(Status::Unpriced));
    bench.edit(rate(json!({"freeIssue": true})));
    assert_eq!(status(&bench), Some(Status::Priced));
}

#[test]
fn br_042_another_unit_needs_a_conversion() {
    let (mut bench, _, item) = start();
    assert_eq!(bench.refused(line(item, material(json!({"unit": "m3"})))), "BR-042");
    bench.catalogue.apply(&LibraryChange::Conversion(Delta::insert(
        crate::estimating::units::Conversion {
            from: crate::estimating::units::UnitCode::new("m3").unwrap(),
            to: crate::estimating::units::UnitCode::new("t").unwrap(),
            factor: "2.2".parse().unwrap(),
        },
    )));
    bench.edit(line(item, material(json!({"unit": "m3", "usage": "1"}))));
    // 10 m3 of 2.2 t at 29.80.
    assert_eq!(bench.estimate.totals().total().to_string(), "655.60");
}

#[test]
fn br_043_only_credits_are_negative_and_never_outweigh_their_item() {
    let (mut bench, _, item) = start();
    let tip = |quantity: &str, credit: bool| {
        line(item, json!({"resourceId": id("OTH-TIP"), "quantity": quantity, "credit": credit}))
    };
    assert_eq!(bench.refused(tip("-1", false)), "BR-043");
    assert_eq!(bench.refused(tip("-1", true)), "BR-043");
    bench.edit(tip("10", false));
    bench.edit(tip("-10", true));
    assert_eq!(bench.estimate.totals().total().to_string(), "0.00");
    assert_eq!(bench.refused(tip("-0.01", true)), "BR-043");
}

#[test]
fn br_053_a_retired_resource_enters_no_new_line() {
    let (mut bench, _, item) = start();
    let old = bench
        .catalogue
        .resource(crate::estimating::id::ResourceId(id("MAT-AP65")))
        .unwrap()
        .clone();
    let mut retired = resource("MAT-AP65", "t", Some("29.80"));
    retired.state = Availability::Retired;
    bench.edit(line(item, material(json!({}))));
    bench.catalogue.apply(&LibraryChange::Resource(Delta::update(old, retired)));
    assert_eq!(bench.refused(line(item, material(json!({})))), "BR-053");
    bench.edit(set(item, json!({"quantity": "11"})));
}

#[test]
fn br_056_parameters_have_values_within_their_bounds() {
    let (mut bench, _, item) = start();
    let pipe = |params: Value| line(item, json!({"recipeId": id("PIPE-LAY"), "params": params}));
    assert_eq!(bench.refused(pipe(json!({"dia": "0.3", "depth": "1.6"}))), "BR-056");
    let wide = json!({"dia": "2.5", "depth": "1.6", "prod": "4"});
    assert_eq!(bench.refused(pipe(wide)), "BR-056");
    let odd = json!({"dia": "2.4", "depth": "1.6", "prod": "4", "colour": "1"});
    assert_eq!(bench.refused(pipe(odd)), "BR-056");
    bench.edit(pipe(json!({"dia": "2.4", "depth": "1.6", "prod": "4"})));
}

#[test]
fn br_099_a_row_read_at_another_version_is_not_written() {
    let (mut bench, _, item) = start();
    let at = |version: u64| {
        json!([{"op": "update-item", "id": item, "version": version,
        "set": {"quantity": "12"}}])
    };
    bench.edit(at(1));
    assert!(bench.refused(at(1)).contains("version 2"));
    bench.edit(at(2));
}

#[test]
fn a_changed_rate_reprices_just_the_lines_that_use_it() {
    let (mut bench, top, item) = start();
    bench.edit(line(item, material(json!({}))));
    let other = add(&mut bench, top, json!({"unit": "m", "quantity": "1"}));
    bench.edit(line(other, labour(json!({}))));
    let old = bench
        .catalogue
        .resource(crate::estimating::id::ResourceId(id("MAT-AP65")))
        .unwrap()
        .clone();
    let new = resource("MAT-AP65", "t", Some("30.00"));
    bench.catalogue.apply(&LibraryChange::Resource(Delta::update(old, new)));
    assert_eq!(bench.estimate.node(item).unwrap().cost().to_string(), "596.00");
    let resources = [id("MAT-AP65")];
    let scope =
        crate::estimating::edit::RepriceScope { resources: Some(&resources), ..Default::default() };
    let seen = bench.estimate.repricing(&scope, &bench.catalogue).unwrap().seen;
    let reprice = json!([{"op": "reprice", "resourceIds": resources, "preview": seen}]);
    let edits: Vec<crate::estimating::edit::Edit> = serde_json::from_value(reprice).unwrap();
    let outcome = bench.try_edit(&edits).unwrap();
    assert_eq!(outcome.changes.len(), 1);
    assert_eq!(bench.estimate.node(item).unwrap().cost().to_string(), "600.00");
}
