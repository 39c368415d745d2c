//! Worksheets.

use super::support::{adding_line, set, with};
use crate::http_support::{Priced, fresh};
use serde_json::{Value, json};

/// An estimate with one schedule item of 10 m3, and a price book.
struct Bench {
    p: Priced,
    item: String,
    material: String,
    labour: String,
    other: String,
}

impl Bench {
    async fn start() -> Bench {
        let p = Priced::start().await;
        let item = p.add(&json!({})).await;
        let material = p.resource("MAT-AP65", "material", "t", "29.80").await;
        let labour = p.resource("LAB-OP", "labour", "h", "52").await;
        let other = p.resource("OTH-TIP", "other", "t", "8").await;
        Bench { p, item, material, labour, other }
    }

    fn material(&self, more: &Value) -> Value {
        let line = json!({"resourceId": self.material, "method": "usage", "usage": "2"});
        adding_line(&self.item, &with(line, more))
    }

    fn labour(&self, more: &Value) -> Value {
        let line = json!({"resourceId": self.labour, "method": "time", "production": "5"});
        adding_line(&self.item, &with(line, more))
    }

    fn tip(&self, quantity: &str, credit: bool) -> Value {
        let line = json!({"resourceId": self.other, "method": "fixed", "quantity": quantity,
            "credit": credit});
        adding_line(&self.item, &line)
    }

    async fn status(&self) -> Value {
        self.p.row(&self.item).await["status"].clone()
    }
}

#[tokio::test]
async fn br_031_kept() {
    let b = Bench::start().await;
    b.p.edit(&b.material(&json!({}))).await;
    let copy = b.p.edit(&json!([{"op": "duplicate", "ids": [b.item]}])).await;
    let copy = copy["results"][0]["ids"][0].as_str().unwrap_or_default().to_owned();
    assert!(!copy.is_empty(), "the copy has an id");
    // What happens in the copy's worksheet stays there.
    let quantity = adding_line(&copy, &json!({"resourceId": b.labour, "production": "5"}));
    b.p.edit(&quantity).await;
    let lines = async |item: &str| {
        let sheet = b.p.lead.get(&b.p.at(&format!("/items/{item}/worksheet"))).await.ok();
        sheet["lines"].as_array().unwrap().len()
    };
    assert_eq!((lines(&b.item).await, lines(&copy).await), (1, 2));
}

#[tokio::test]
async fn br_032_broken() {
    let b = Bench::start().await;
    let code = "line-method-not-allowed";
    b.p.refused(&b.material(&json!({"method": "time", "usage": null})), code).await;
    for (method, resource) in [("usage", &b.labour), ("subcontract", &b.other), ("lump", &b.labour)]
    {
        let line = json!({"method": method, "resourceId": resource});
        b.p.refused(&adding_line(&b.item, &line), code).await;
    }
}

#[tokio::test]
async fn br_032_kept() {
    let b = Bench::start().await;
    for (method, resource) in [
        ("time", &b.labour),
        ("norm", &b.labour),
        ("fixed", &b.labour),
        ("usage", &b.material),
        ("lump", &b.other),
    ] {
        b.p.line(&b.item, &json!({"method": method, "resourceId": resource})).await;
    }
}

#[tokio::test]
async fn br_033_kept() {
    let b = Bench::start().await;
    let free = |quantity: &str, rate: &str| {
        json!({"type": "other", "description": "Fee", "unit": "t", "method": "fixed",
            "quantity": quantity, "rate": rate})
    };
    // Each line is rounded, half away from zero; the item is the plain sum of the rounded.
    for (quantity, rate, cost) in
        [("0.333", "10", "3.33"), ("0.5", "0.01", "0.01"), ("3", "0.3333", "1.00")]
    {
        let line = b.p.line(&b.item, &free(quantity, rate)).await;
        let sheet = b.p.lead.get(&b.p.at(&format!("/items/{}/worksheet", b.item))).await.ok();
        let made = sheet["lines"].as_array().unwrap().iter().find(|l| l["id"] == line).unwrap();
        assert_eq!(made["cost"], cost);
    }
    assert_eq!(b.p.total().await, "4.34");
}

#[tokio::test]
async fn br_034_broken() {
    let b = Bench::start().await;
    for bad in [
        json!({"production": "0"}),
        json!({"production": "-1"}),
        json!({"efficiency": "0"}),
        json!({"efficiency": "1 - 1"}),
    ] {
        b.p.refused(&b.labour(&bad), "production-rate-not-positive").await;
    }
}

#[tokio::test]
async fn br_034_kept() {
    let b = Bench::start().await;
    b.p.edit(&b.labour(&json!({"production": "0.01", "efficiency": "0.01"}))).await;
}

#[tokio::test]
async fn br_035_broken() {
    let b = Bench::start().await;
    b.p.refused(&b.material(&json!({"waste": "100.0001"})), "waste-not-allowed").await;
    b.p.refused(&b.material(&json!({"waste": "-0.0001"})), "waste-not-allowed").await;
    let other = json!({"resourceId": b.other, "method": "usage", "usage": "1", "waste": "5"});
    b.p.refused(&adding_line(&b.item, &other), "waste-not-allowed").await;
}

#[tokio::test]
async fn br_035_kept() {
    let b = Bench::start().await;
    b.p.edit(&b.material(&json!({"waste": "100"}))).await;
    assert_eq!(b.p.total().await, "1192.00");
}

#[tokio::test]
async fn br_036_broken() {
    let b = Bench::start().await;
    let code = "pack-or-minimum-invalid";
    b.p.refused(&b.material(&json!({"pack": "0"})), code).await;
    b.p.refused(&b.material(&json!({"minimum": "8"})), code).await;
    b.p.refused(&b.labour(&json!({"minimum": "0"})), code).await;
    b.p.refused(&b.labour(&json!({"pack": "7"})), code).await;
}

#[tokio::test]
async fn br_036_kept() {
    let b = Bench::start().await;
    // 20 t in packs of 7 is 21 t at 29.80; 2 h at a minimum of 8 h is 8 h at 52.
    b.p.edit(&b.material(&json!({"pack": "7"}))).await;
    b.p.edit(&b.labour(&json!({"minimum": "8"}))).await;
    assert_eq!(b.p.total().await, "1041.80");
}

fn percent_of(item: &str, id: &str) -> Value {
    json!([{"op": "add-line", "itemId": item, "id": id, "line": {"method": "percent-of",
        "type": "other", "description": "Small tools", "percent": "10",
        "ofTypes": ["labour"]}}])
}

#[tokio::test]
async fn br_037_broken() {
    let b = Bench::start().await;
    let code = "percent-line-circular";
    b.p.refused(&percent_of(&b.item, &fresh()), code).await;
    b.p.edit(&b.labour(&json!({}))).await;
    let line = fresh();
    b.p.edit(&percent_of(&b.item, &line)).await;
    let first = json!([{"op": "move-line", "itemId": b.item, "lineId": line, "place": "first"}]);
    b.p.refused(&first, code).await;
}

#[tokio::test]
async fn br_037_kept() {
    let b = Bench::start().await;
    b.p.edit(&b.labour(&json!({}))).await;
    b.p.edit(&percent_of(&b.item, &fresh())).await;
    b.p.edit(&percent_of(&b.item, &fresh())).await;
    // 2 h at 52, and 10 % of the labour twice: never a percentage of a percentage.
    assert_eq!(b.p.total().await, "124.80");
}

#[tokio::test]
async fn br_038_broken() {
    let b = Bench::start().await;
    let code = "formula-name-unknown";
    let violation = b.p.refused(&set(&b.item, &json!({"quantity": "wide * 2"})), code).await;
    assert_eq!((&violation["position"], &violation["field"]), (&json!(0), &json!("quantity")));
    let variables = json!([{"name": "wide", "formula": "4"}]);
    b.p.edit(&json!([{"op": "update-estimate", "variables": variables}])).await;
    b.p.edit(&set(&b.item, &json!({"quantity": "wide * 2"}))).await;
    // A name in use cannot go.
    b.p.refused(&json!([{"op": "update-estimate", "variables": []}]), code).await;
}

#[tokio::test]
async fn br_038_kept() {
    let b = Bench::start().await;
    let edits = json!([
        {"op": "update-estimate", "variables": [{"name": "wide", "formula": "4"}]},
        {"op": "update-item", "id": b.item, "set": {"quantity": "wide * 2"}},
    ]);
    b.p.edit(&edits).await;
    assert_eq!(b.p.row(&b.item).await["quantity"], "8.0000");
}

#[tokio::test]
async fn br_039_broken() {
    let b = Bench::start().await;
    let code = "formula-cycle";
    let own = json!({"quantity": "v + 1", "variables": [{"name": "v", "formula": "Q / 2"}]});
    b.p.refused(&set(&b.item, &own), code).await;
    let circle = json!([{"op": "worksheet", "itemId": b.item, "variables": [
        {"name": "a", "formula": "b + 1"}, {"name": "b", "formula": "a + 1"}]},
        {"op": "add-line", "itemId": b.item, "line": {"resourceId": b.other,
            "method": "fixed", "quantity": "a"}}]);
    let violation = b.p.refused(&circle, code).await;
    assert!(violation["facts"]["path"].as_str().unwrap().contains(" -> "), "{violation}");
}

#[tokio::test]
async fn br_039_kept() {
    let b = Bench::start().await;
    let chain = json!([{"op": "worksheet", "itemId": b.item, "variables": [
        {"name": "a", "formula": "b + 1"}, {"name": "b", "formula": "1"}]},
        {"op": "add-line", "itemId": b.item, "line": {"resourceId": b.other,
            "method": "fixed", "quantity": "a"}}]);
    b.p.edit(&chain).await;
    assert_eq!(b.p.total().await, "16.00");
}

#[tokio::test]
async fn br_040_broken() {
    let b = Bench::start().await;
    let code = "formula-evaluation-failed";
    b.p.refused(&set(&b.item, &json!({"quantity": "1 / 0"})), code).await;
    b.p.refused(&b.labour(&json!({"production": "10 / (Q - 10)"})), code).await;
    // Twenty names, each twice the one before: a million steps.
    let mut variables = vec![json!({"name": "v0", "formula": "1"})];
    for n in 1..=20 {
        let before = format!("v{}", n - 1);
        let formula = format!("({before} / 0)");
        variables.push(json!({"name": format!("v{n}"), "formula": formula}));
    }
    b.p.refused(&json!([{"op": "update-estimate", "variables": variables}]), code).await;
}

#[tokio::test]
async fn br_040_kept() {
    let b = Bench::start().await;
    b.p.edit(&set(
        &b.item,
        &json!({"quantity": "if(Q0 = 0, 1, 10 / Q0)",
        "variables": [{"name": "Q0", "formula": "0"}]}),
    ))
    .await;
    assert_eq!(b.p.row(&b.item).await["quantity"], "1.0000");
}

#[tokio::test]
async fn br_041_broken() {
    let b = Bench::start().await;
    let free = json!({"type": "other", "description": "Client's pipe", "unit": "m"});
    let line = b.p.line(&b.item, &free).await;
    let found = async || {
        let checks = b.p.lead.get(&b.p.at("/checks")).await.ok();
        checks["items"].as_array().unwrap().iter().any(|c| c["code"] == "line-rate-missing")
    };
    assert_eq!((b.status().await, found().await), (json!("unpriced"), true));
    // Rate 0 is no price either.
    let zero = json!([{"op": "update-line", "itemId": b.item, "lineId": line,
        "set": {"rate": "0"}}]);
    b.p.edit(&zero).await;
    assert_eq!(b.status().await, "unpriced");
    b.p.refused(&set(&b.item, &json!({"reviewed": true})), "item-status-is-derived").await;
}

#[tokio::test]
async fn br_041_kept() {
    let b = Bench::start().await;
    let free = json!({"type": "other", "description": "Client's pipe", "unit": "m",
        "rate": "0", "freeIssue": true});
    b.p.line(&b.item, &free).await;
    assert_eq!(b.status().await, "priced");
    let checks = b.p.lead.get(&b.p.at("/checks")).await.ok();
    assert_eq!(checks["counts"]["rules"], 0, "{checks}");
}

#[tokio::test]
async fn br_042_broken() {
    let b = Bench::start().await;
    b.p.refused(&b.material(&json!({"unit": "m3"})), "unit-conversion-missing").await;
}

#[tokio::test]
async fn br_042_kept() {
    let b = Bench::start().await;
    let conversion = json!({"from": "m3", "to": "t", "factor": "2.2"});
    b.p.app.sign_in("admin").await.put("/units/conversions", &conversion).await.ok();
    // 10 m3 of 2.2 t at 29.80.
    b.p.edit(&b.material(&json!({"unit": "m3", "usage": "1"}))).await;
    assert_eq!(b.p.total().await, "655.60");
}

#[tokio::test]
async fn br_043_broken() {
    let b = Bench::start().await;
    let code = "negative-cost-not-allowed";
    b.p.refused(&b.tip("-1", false), code).await;
    b.p.refused(&b.tip("-1", true), code).await;
    b.p.refused(&set(&b.item, &json!({"plugRate": "-1"})), code).await;
}

#[tokio::test]
async fn br_043_kept() {
    let b = Bench::start().await;
    b.p.edit(&b.tip("10", false)).await;
    b.p.edit(&b.tip("-10", true)).await;
    assert_eq!(b.p.total().await, "0.00");
    b.p.refused(&b.tip("-0.01", true), "negative-cost-not-allowed").await;
}
