use super::{bench, breaks};
use serde_json::json;

#[test]
fn br_019_a_hidden_unit_enters_no_new_row_and_stays_on_old_ones() {
    let mut bench = bench();
    bench
        .json(json!({"op": "add-unit", "code": "bkt", "name": "bucket load", "dimension": "count"}))
        .expect("new");
    let id = bench.add_resource("A", "material", "bkt", "1");
    bench.json(json!({"op": "delete-unit", "code": "bkt"})).expect("hidden");
    let set = json!({"code": "B", "type": "material", "unit": "bkt"});
    breaks(bench.json(json!({"op": "add-resource", "set": set.clone()})), 19, "unit");
    let rate = json!({"op": "update-resource", "id": id, "set": {"rate": "2"}});
    bench.json(rate).expect("the unit it has stays");
    bench
        .json(json!({"op": "add-unit", "code": "bkt", "name": "bucket load", "dimension": "count"}))
        .expect("back again");
    bench.json(json!({"op": "add-resource", "set": set})).expect("not hidden");
}

#[test]
fn br_019_a_unit_is_of_the_list() {
    let mut bench = bench();
    let with = |unit: &str| json!({"op": "add-resource", "set": {"code": unit, "type": "other", "unit": unit}});
    breaks(bench.json(with("furlong")), 19, "unit");
    breaks(
        bench.json(json!({"op": "add-resource", "set": {"code": "X", "type": "other"}})),
        19,
        "unit",
    );
    bench.json(with("m3")).expect("a standard unit");
}

#[test]
fn a_code_or_alias_means_one_unit() {
    let mut bench = bench();
    bench.json(json!({"op": "add-unit", "code": "bkt", "name": "bucket load", "dimension": "count", "aliases": ["bucket"]}))
        .expect("new");
    let twice = json!({"op": "add-unit", "code": "bu", "name": "bushel", "dimension": "count", "aliases": ["Bucket"]});
    assert!(bench.json(twice).is_err());
    assert!(
        bench
            .json(json!({"op": "add-unit", "code": "bkt", "name": "again", "dimension": "count"}))
            .is_err()
    );
    let alias = json!({"op": "update-unit", "code": "bkt", "aliases": ["h"]});
    assert!(bench.json(alias).is_err(), "h is hours");
    bench
        .json(json!({"op": "update-unit", "code": "BUCKET", "name": "Big bucket"}))
        .expect("by alias");
}

#[test]
fn br_042_a_conversion_links_two_units_by_a_factor_above_zero() {
    let mut bench = bench();
    let set = |from: &str, to: &str, factor: &str| json!({"op": "set-conversion", "from": from, "to": to, "factor": factor});
    breaks(bench.json(set("m3", "m3", "1")), 42, "to");
    breaks(bench.json(set("m3", "t", "0")), 42, "factor");
    breaks(bench.json(set("m3", "t", "1.0000001")), 42, "factor");
    bench.json(set("m3", "t", "1.9")).expect("GAP20");
    let catalogue = &bench.library.catalogue;
    let unit = |text| catalogue.match_unit(text).expect("standard");
    let factor = catalogue.conversion(unit("m3"), unit("t")).map(|f| f.to_string());
    assert_eq!(factor.as_deref(), Some("1.900000"));
    let delete = json!({"op": "delete-conversion", "from": "m3", "to": "t"});
    bench.json(delete.clone()).expect("there");
    assert!(bench.json(delete).is_err());
}
