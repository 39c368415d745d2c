//! The cost side of the worked example, built through edits, to the cent.

use super::library::{Bench, id};
use crate::estimating::{cost::CostType, id::ItemId};
use serde_json::{Value, json};
use std::collections::HashMap;
use uuid::Uuid;

fn golden() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/golden/worked_example.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

const EFFICIENCY: &str = "0.83";

fn time(what: &str, production: &str, extra: Value) -> Value {
    let mut line = json!({"method": "time", "production": production, "efficiency": EFFICIENCY});
    let key = if what.starts_with("CREW") { "recipeId" } else { "resourceId" };
    line[key] = json!(id(what));
    line.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    line
}

fn usage(what: &str, usage: &str, extra: Value) -> Value {
    let mut line = json!({"method": "usage", "usage": usage, "resourceId": id(what)});
    line.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    line
}

fn fixed(what: &str, quantity: &str) -> Value {
    json!({"method": "fixed", "quantity": quantity, "resourceId": id(what)})
}

fn package(rate: &str, share: &str) -> Vec<Value> {
    vec![
        json!({"method": "subcontract", "type": "subcontract", "description": "Coastal Bitumen",
               "rate": rate}),
        json!({"method": "lump", "type": "subcontract", "description": "Adjustment",
               "amount": share}),
    ]
}

fn pavement(material: &str, per: &str, waste: &str, production: &str) -> Vec<Value> {
    vec![
        usage(material, per, json!({"waste": waste})),
        time("PLT-GRD", production, json!({})),
        time("PLT-ROL", production, json!({})),
        time("PLT-WC", production, json!({"count": "0.5"})),
        time("LAB-OP", production, json!({"count": "2"})),
        time("LAB-LAB", production, json!({})),
    ]
}

fn worksheets() -> Vec<(&'static str, Vec<Value>)> {
    let none = || json!({});
    vec![
        (
            "1.01",
            vec![
                fixed("PLT-TRN", "12"),
                fixed("LAB-FM", "16"),
                fixed("OTH-FEN", "1"),
                json!({"method": "percent-of", "percent": "2.5", "ofTypes": ["labour"], "type": "other",
                   "description": "Small tools"}),
            ],
        ),
        ("2.01", vec![time("CREW-STRIP", "68", none())]),
        ("2.02a", vec![time("PLT-EX20", "95", none()), time("LAB-OP", "95", none())]),
        ("2.02b", vec![time("PLT-TRK", "9 / (42 / 60)", none()), usage("OTH-TIP", "1", none())]),
        (
            "2.03",
            vec![
                time("PLT-EX20", "32", json!({"minimum": "8"})),
                time("LAB-OP", "32", json!({"minimum": "8"})),
                time("PLT-TRK", "32", json!({"count": "1.5"})),
                usage("OTH-TIP", "bulk", none()),
                usage("MAT-AP65", "2.2", json!({"waste": "5"})),
                usage("MAT-GEO", "2.6", json!({"waste": "10", "pack": "100"})),
            ],
        ),
        ("2.04", pavement("MAT-AP65", "2.15", "3", "75")),
        ("2.05", pavement("MAT-AP40", "2.25", "2.5", "52")),
        ("2.06", package("7.5565", "-481.73")),
        ("2.07", package("280.0000", "-405.30")),
        ("2.08", package("3.2000", "-91.20")),
        (
            "2.09",
            vec![
                time("PLT-EX20", "5.5", none()),
                time("PLT-HAM", "5.5", none()),
                time("LAB-OP", "5.5", none()),
            ],
        ),
        (
            "3.01",
            vec![json!({"method": "usage", "usage": "1", "recipeId": id("PIPE-LAY"),
            "params": {"dia": "0.3", "depth": "1.6", "prod": "4.2"}})],
        ),
        (
            "I.01",
            vec![
                fixed("LAB-FM", "prog_weeks * hours_per_week"),
                fixed("LAB-SE", "prog_weeks * hours_per_week * 0.5"),
            ],
        ),
        ("I.02", vec![fixed("OTH-OFF", "prog_weeks"), fixed("OTH-UTE", "prog_weeks")]),
    ]
}

/// Builds the worked example through edits; gives every heading and item by code.
pub fn build(bench: &mut Bench, golden: &Value) -> HashMap<String, Uuid> {
    let variables: Vec<Value> = golden["variables"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| json!({"name": name, "formula": value}))
        .collect();
    bench.edit(json!([{"op": "update-estimate", "variables": variables}]));
    let mut by_code = HashMap::new();
    for heading in golden["headings"].as_array().unwrap() {
        let code = heading["code"].as_str().unwrap();
        let parent = code.rsplit_once('.').map(|(parent, _)| by_code[parent]);
        let made = bench.edit(json!([{
            "op": "add-heading", "parentId": parent, "code": code, "name": heading["name"]
        }]));
        by_code.insert(code.to_owned(), made[0]);
    }
    for item in golden["items"].as_array().unwrap() {
        add_item(bench, &mut by_code, item);
    }
    for row in golden["client_schedule"]["rows"].as_array().unwrap() {
        let (code, heading) = (row["code"].as_str().unwrap(), row["heading"].as_str().unwrap());
        if by_code.contains_key(code) {
            continue;
        }
        let mut set = json!({"code": code, "description": row["description"], "unit": row["unit"]});
        if row["unit"] == "PS" {
            set["type"] = json!("provisional-sum");
            set["clientAmount"] = row["amount"].clone();
        } else {
            set["type"] = json!("percentage");
            set["percent"] = json!("8.00");
            set["linkedItems"] = json!([by_code["4.01"]]);
        }
        let made =
            bench.edit(json!([{"op": "add-item", "parentId": by_code[heading], "set": set}]));
        by_code.insert(code.to_owned(), made[0]);
    }
    for (code, lines) in worksheets() {
        for line in lines {
            bench.edit(json!([{"op": "add-line", "itemId": by_code[code], "line": line}]));
        }
    }
    by_code
}

fn add_item(bench: &mut Bench, by_code: &mut HashMap<String, Uuid>, item: &Value) {
    let code = item["code"].as_str().unwrap();
    let mut set = json!({"code": code, "description": item["description"]});
    set["unit"] = item["unit"].clone();
    match item["type"].as_str().unwrap() {
        "indirect" => {
            set["type"] = json!("normal");
            set["indirect"] = json!(true);
            set["quantity"] = item["quantity"].clone();
        }
        "rate-only" => set["type"] = json!("rate-only"),
        _ => set["quantity"] = item["quantity"].clone(),
    }
    if item["status"] == "plugged" {
        set["plugRate"] = item["cost_rate"].clone();
        set["plugType"] = json!("other");
    }
    let heading = by_code[item["heading"].as_str().unwrap()];
    let made = bench.edit(json!([{"op": "add-item", "parentId": heading, "set": set}]));
    by_code.insert(code.to_owned(), made[0]);
    for sub in item["sub_items"].as_array().into_iter().flatten() {
        let code = sub["code"].as_str().unwrap();
        let quantity =
            if code == "2.02b" { json!("parent.quantity * bulk") } else { sub["quantity"].clone() };
        let set = json!({"code": code, "description": sub["description"], "unit": sub["unit"],
                         "quantity": quantity});
        let made = bench.edit(json!([{"op": "add-item", "parentId": made[0], "set": set}]));
        by_code.insert(code.to_owned(), made[0]);
    }
}

fn check_lines(bench: &Bench, id: Uuid, want: &Value) {
    let view = bench.estimate.worksheet(ItemId(id), &bench.catalogue).unwrap();
    assert_eq!(view.fault, None);
    let got: Vec<(Option<String>, String)> = view
        .lines
        .iter()
        .flat_map(|l| {
            let cost = l.cost.unwrap();
            if l.leaves.is_empty() {
                vec![(cost.quantity.map(|q| q.to_string()), cost.sums.total().to_string())]
            } else {
                l.leaves
                    .iter()
                    .map(|leaf| (Some(leaf.quantity.to_string()), leaf.cost.to_string()))
                    .collect()
            }
        })
        .collect();
    let want: Vec<(Option<String>, String)> = want
        .as_array()
        .unwrap()
        .iter()
        .map(|l| {
            let quantity = l["quantity"].as_str().map(str::to_owned);
            (quantity, l["cost"].as_str().unwrap().to_owned())
        })
        .collect();
    assert_eq!(got, want);
}

#[test]
fn the_worked_example_costs_what_the_golden_file_says_to_the_cent() {
    let golden = golden();
    let mut bench = Bench::new();
    let by_code = build(&mut bench, &golden);
    for item in golden["items"].as_array().unwrap() {
        let code = item["code"].as_str().unwrap();
        let node = bench.estimate.node(by_code[code]).unwrap();
        let Some(cost) = item["cost"].as_str() else { continue };
        assert_eq!(node.cost().to_string(), cost, "cost of {code}");
        if let Some(rate) = item["cost_rate"].as_str() {
            assert_eq!(node.cost_rate().unwrap().to_string(), rate, "rate of {code}");
        }
        if let Some(status) = item["status"].as_str() {
            let got = serde_json::to_value(node.status()).unwrap();
            assert_eq!(got, status, "status of {code}");
        }
        for t in CostType::ALL {
            if let Some(want) = item["by_type"][t.name()].as_str() {
                assert_eq!(node.calc.cost.get(t).to_string(), want, "{} of {code}", t.name());
            }
        }
        if item["lines"].is_array() && item["status"] != "plugged" {
            check_lines(&bench, by_code[code], &item["lines"]);
        }
        for sub in item["sub_items"].as_array().into_iter().flatten() {
            check_lines(&bench, by_code[sub["code"].as_str().unwrap()], &sub["lines"]);
        }
    }
    for heading in golden["headings"].as_array().unwrap() {
        let code = heading["code"].as_str().unwrap();
        let calc = bench.estimate.node(by_code[code]).unwrap().calc;
        assert_eq!(calc.cost.total().to_string(), heading["direct"], "direct of {code}");
        assert_eq!(calc.other.total().to_string(), heading["indirect"], "indirect of {code}");
    }
    let totals = bench.estimate.totals();
    assert_eq!(totals.direct.to_string(), golden["margin_report"]["direct_cost"]);
    assert_eq!(totals.indirect.to_string(), golden["margin_report"]["indirect_cost"]);
    assert_eq!(totals.provisional.to_string(), golden["margin_report"]["provisional_sums"]);
    bench.estimate.recompute(&bench.catalogue).unwrap();
}

#[test]
fn resource_usage_of_the_worked_example_matches_the_golden_file() {
    let golden = golden();
    let mut bench = Bench::new();
    build(&mut bench, &golden);
    let usage = bench.estimate.resource_usage(&bench.catalogue);
    let mut seen = 0;
    for (code, want) in golden["resource_usage"].as_object().unwrap() {
        let got = usage.iter().find(|u| u.resource.is_some_and(|r| r.0 == id(code)));
        // Awarded subcontract work has no resource in the price book yet: free lines.
        let Some(got) = got else {
            assert!(code.starts_with("SUB-"), "{code}");
            continue;
        };
        seen += 1;
        assert_eq!(got.quantity.to_string(), want["quantity"], "quantity of {code}");
        assert_eq!(got.cost.to_string(), want["cost"], "cost of {code}");
    }
    assert_eq!(seen, 22);
}

#[test]
fn variant_1_one_quantity_edit_gives_exactly_the_golden_totals() {
    let golden = golden();
    let want = &golden["variants"]["V1 quantity of 2.01 from 850 to 900"];
    let mut bench = Bench::new();
    let by_code = build(&mut bench, &golden);
    bench.edit(json!([{"op": "update-item", "id": by_code["2.01"], "set": {"quantity": "900"}}]));
    for (code, cost) in want["item_costs_changed"].as_object().unwrap() {
        assert_eq!(&bench.estimate.node(by_code[code]).unwrap().cost().to_string(), cost);
    }
    assert_eq!(bench.estimate.totals().direct.to_string(), want["direct_cost"]);
    bench.estimate.recompute(&bench.catalogue).unwrap();
}
