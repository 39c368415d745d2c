//! Items.

use super::support::{adding_line, set};
use crate::http_support::{Priced, fresh};
use serde_json::{Value, json};

/// An estimate with one schedule item of 10 m3, without a price.
async fn start() -> (Priced, String) {
    let p = Priced::start().await;
    let item = p.add(&json!({})).await;
    (p, item)
}

fn adding(p: &Priced, set: &Value) -> Value {
    json!([p.adding(&fresh(), set)])
}

fn below(parent: &str, item: &str) -> Value {
    json!([{"op": "add-item", "id": item, "parentId": parent,
        "set": {"type": "normal", "unit": "m3", "quantity": "1"}}])
}

async fn status(p: &Priced, item: &str) -> Value {
    p.row(item).await["status"].clone()
}

#[tokio::test]
async fn br_019_broken() {
    let (p, item) = start().await;
    p.refused(&set(&item, &json!({"unit": null})), "item-unit-missing").await;
    p.refused(&set(&item, &json!({"unit": "furlong"})), "item-unit-missing").await;
}

#[tokio::test]
async fn br_019_kept() {
    let (p, item) = start().await;
    p.edit(&set(&item, &json!({"unit": "m2"}))).await;
    assert_eq!(p.row(&item).await["unit"], "m2");
}

#[tokio::test]
async fn br_020_broken() {
    let (p, item) = start().await;
    for bad in ["0", "-1", "1.00001", "10 / 3"] {
        p.refused(&set(&item, &json!({"quantity": bad})), "item-quantity-invalid").await;
    }
    p.refused(&set(&item, &json!({"quantity": null})), "item-quantity-invalid").await;
    let rate_only = adding(&p, &json!({"type": "rate-only"}));
    p.refused(&rate_only, "item-quantity-invalid").await;
}

#[tokio::test]
async fn br_020_kept() {
    let (p, item) = start().await;
    p.edit(&set(&item, &json!({"quantity": "0.0001"}))).await;
    assert_eq!(p.row(&item).await["quantity"], "0.0001");
    p.add(&json!({"type": "rate-only", "quantity": null})).await;
}

#[tokio::test]
async fn br_021_broken() {
    let (p, item) = start().await;
    p.refused(&set(&item, &json!({"unit": "LS"})), "lump-sum-quantity-not-one").await;
}

#[tokio::test]
async fn br_021_kept() {
    let (p, item) = start().await;
    p.edit(&set(&item, &json!({"unit": "LS", "quantity": "1"}))).await;
    assert_eq!(p.row(&item).await["unit"], "LS");
}

#[tokio::test]
async fn br_022_broken() {
    let (p, item) = start().await;
    let other = p.add(&json!({"code": "1.2"})).await;
    let moved = json!([{"op": "move", "ids": [other], "parentId": item}]);
    p.refused(&moved, "schedule-item-nesting-invalid").await;
    let mut parent = item;
    for _ in 0..5 {
        let sub = fresh();
        p.edit(&below(&parent, &sub)).await;
        parent = sub;
    }
    p.refused(&below(&parent, &fresh()), "schedule-item-nesting-invalid").await;
}

#[tokio::test]
async fn br_022_kept() {
    let (p, item) = start().await;
    let mut parent = item;
    for _ in 0..5 {
        let sub = fresh();
        p.edit(&below(&parent, &sub)).await;
        assert_eq!(p.row(&sub).await["parentId"], json!(parent));
        parent = sub;
    }
}

#[tokio::test]
async fn br_023_broken() {
    let (p, item) = start().await;
    let free = json!({"type": "other", "description": "Tip fee", "unit": "t", "rate": "8"});
    p.edit(&set(&item, &json!({"plugRate": "5"}))).await;
    p.refused(&adding_line(&item, &free), "plug-conflicts-with-worksheet").await;
    p.refused(&below(&item, &fresh()), "plug-conflicts-with-worksheet").await;
    p.edit(&set(&item, &json!({"plugRate": null}))).await;
    p.line(&item, &free).await;
    p.refused(&set(&item, &json!({"plugRate": "5"})), "plug-conflicts-with-worksheet").await;
}

#[tokio::test]
async fn br_023_kept() {
    let (p, item) = start().await;
    p.edit(&set(&item, &json!({"plugRate": "5"}))).await;
    let free = json!({"type": "other", "description": "Tip fee", "unit": "t", "rate": "8"});
    // One command may clear the plug and add the line.
    let mut both = set(&item, &json!({"plugRate": null}));
    both.as_array_mut().unwrap().extend(adding_line(&item, &free).as_array().unwrap().clone());
    p.edit(&both).await;
    assert_eq!(p.total().await, "8.00");
}

#[tokio::test]
async fn br_024_broken() {
    let (p, item) = start().await;
    for bad in ["priced", "plugged", "reviewed"] {
        p.refused(&set(&item, &json!({"status": bad})), "item-status-is-derived").await;
    }
    p.refused(&set(&item, &json!({"reviewed": true})), "item-status-is-derived").await;
}

#[tokio::test]
async fn br_024_kept() {
    let (p, item) = start().await;
    p.edit(&set(&item, &json!({"plugRate": "5"}))).await;
    assert_eq!(status(&p, &item).await, "plugged");
    p.edit(&set(&item, &json!({"reviewed": true}))).await;
    assert_eq!(status(&p, &item).await, "reviewed");
}

#[tokio::test]
async fn br_025_kept() {
    let (p, item) = start().await;
    let sub = fresh();
    p.edit(&below(&item, &sub)).await;
    p.edit(&set(&sub, &json!({"plugRate": "5"}))).await;
    p.edit(&set(&item, &json!({"reviewed": true}))).await;
    p.edit(&set(&sub, &json!({"description": "words cost nothing"}))).await;
    assert_eq!(status(&p, &item).await, "reviewed");
    let lsn = p.edit(&set(&sub, &json!({"quantity": "2"}))).await["lsn"].clone();
    assert_eq!(status(&p, &item).await, "plugged");
    let history = p.lead.get(&format!("/history/item/{item}?estimateId={}", p.estimate)).await.ok();
    assert_eq!(history["items"][0]["lsn"], lsn, "taken away in the same commit: {history}");
}

#[tokio::test]
async fn br_026_broken() {
    let (p, _) = start().await;
    let sum = json!({"type": "provisional-sum", "unit": "PS", "quantity": null});
    p.refused(&adding(&p, &sum), "provisional-sum-altered").await;
    let mut costed = sum.clone();
    costed["clientAmount"] = json!("25000.00");
    let made = p.add(&costed).await;
    let free = json!({"type": "other", "description": "Fee", "unit": "t", "rate": "8"});
    p.refused(&adding_line(&made, &free), "provisional-sum-altered").await;
    p.refused(&set(&made, &json!({"plugRate": "1"})), "provisional-sum-altered").await;
}

#[tokio::test]
async fn br_026_kept() {
    let (p, _) = start().await;
    p.add(&json!({"type": "provisional-sum", "unit": "PS", "quantity": null,
        "clientAmount": "25000.00"}))
        .await;
    let markup = json!({"op": "add-rule", "id": fresh(), "set": {"name": "Profit",
        "nature": "margin", "kind": {"type": "percent-markup", "percent": "10"}}});
    p.item("1.2", "1", "100").await;
    p.edit(&json!([markup])).await;
    let price = p.lead.get(&p.at("/commercials")).await.ok()["price"].clone();
    assert_eq!(price["totalEx"], "25110.00", "the client's amount to the cent: {price}");
}

fn percentage(p: &Priced, linked: &[&String]) -> Value {
    adding(
        p,
        &json!({"type": "percentage", "unit": "%", "quantity": null, "percent": "8",
            "linkedItems": linked}),
    )
}

async fn sum(p: &Priced) -> String {
    p.add(&json!({"type": "prime-cost-sum", "unit": "PS", "quantity": null,
        "clientAmount": "100"}))
        .await
}

#[tokio::test]
async fn br_027_broken() {
    let (p, item) = start().await;
    let sum = sum(&p).await;
    let code = "percentage-item-base-invalid";
    p.refused(&percentage(&p, &[]), code).await;
    p.refused(&percentage(&p, &[&item]), code).await;
    let edit = percentage(&p, &[&sum]);
    p.edit(&edit).await;
    let made = edit[0]["id"].as_str().unwrap().to_owned();
    p.refused(&percentage(&p, &[&sum, &made]), code).await;
    p.refused(&json!([{"op": "delete", "ids": [sum]}]), code).await;
}

#[tokio::test]
async fn br_027_kept() {
    let (p, _) = start().await;
    let (first, second) = (sum(&p).await, sum(&p).await);
    p.edit(&percentage(&p, &[&first, &second])).await;
}

#[tokio::test]
async fn br_028_kept() {
    let (p, _) = start().await;
    p.item("1.2", "1", "100").await;
    let resource = p.resource("OTH-TIP", "other", "t", "8").await;
    let item = p.add(&json!({"type": "rate-only", "quantity": null})).await;
    p.line(&item, &json!({"resourceId": resource, "method": "usage", "usage": "2"})).await;
    assert_eq!(p.total().await, "100.00");
    assert_eq!(p.row(&item).await["costRate"], "16.0000");
    let price = p.lead.get(&p.at("/commercials")).await.ok()["price"].clone();
    assert_eq!(price["totalEx"], "100.00");
}

fn option(group: bool, optional: bool) -> Value {
    json!({"group": "Seal", "selected": group, "optional": optional})
}

#[tokio::test]
async fn br_029_broken() {
    let (p, item) = start().await;
    let code = "option-selection-invalid";
    p.refused(&set(&item, &json!({"option": option(false, false)})), code).await;
    p.edit(&set(&item, &json!({"option": option(true, false)}))).await;
    p.refused(&set(&item, &json!({"option": option(false, false)})), code).await;
    p.refused(
        &json!([{"op": "delete", "ids": [item]},
        p.adding(&fresh(), &json!({"option": option(false, false)}))]),
        code,
    )
    .await;
}

#[tokio::test]
async fn br_029_kept() {
    let (p, item) = start().await;
    p.edit(&set(&item, &json!({"plugRate": "10", "option": option(true, false)}))).await;
    let other = p.add(&json!({"plugRate": "7", "option": option(false, false)})).await;
    assert_eq!(p.total().await, "100.00");
    p.edit(&set(&other, &json!({"option": option(true, false)}))).await;
    assert_eq!(p.total().await, "70.00", "selecting one lets go of the other");
    p.edit(&set(&other, &json!({"option": option(false, true)}))).await;
    assert_eq!(p.total().await, "0.00", "an optional group may have none");
}

#[tokio::test]
async fn br_030_broken() {
    let (p, _) = start().await;
    let code = "zero-price-reason-missing";
    p.refused(&adding(&p, &json!({"type": "excluded"})), code).await;
    p.refused(&adding(&p, &json!({"type": "included-elsewhere"})), code).await;
    let priced = json!({"type": "excluded", "reason": "by others", "plugRate": "1"});
    p.refused(&adding(&p, &priced), code).await;
}

#[tokio::test]
async fn br_030_kept() {
    let (p, item) = start().await;
    p.add(&json!({"type": "excluded", "reason": "by others"})).await;
    p.add(&json!({"type": "included-elsewhere", "includedIn": item})).await;
    assert_eq!(p.total().await, "0.00");
}
