//! Estimates and hierarchy.

use super::support::broken;
use crate::harness::TestApp;
use crate::http_support::{Priced, fresh, id};
use serde_json::{Value, json};

/// Five headings, each in the one before; gives them from the top.
async fn five_deep(p: &Priced) -> Vec<String> {
    let mut chain = vec![p.heading.clone()];
    for level in 2..=5 {
        let heading = fresh();
        let parent = chain.last().unwrap();
        let edit = json!({"op": "add-heading", "id": heading, "parentId": parent,
            "name": format!("Level {level}")});
        p.edit(&json!([edit])).await;
        chain.push(heading);
    }
    chain
}

fn moving(row: &str, parent: &Value) -> Value {
    json!([{"op": "move", "ids": [row], "parentId": parent}])
}

#[tokio::test]
async fn br_013_broken() {
    let p = Priced::start().await;
    let chain = five_deep(&p).await;
    let sixth = json!([{"op": "add-heading", "parentId": chain[4], "name": "Level 6"}]);
    p.refused(&sixth, "heading-depth-exceeded").await;
    let other = fresh();
    p.edit(&json!([{"op": "add-heading", "id": other, "name": "Other"},
        {"op": "add-heading", "parentId": other, "name": "Below"}]))
        .await;
    let violation = p.refused(&moving(&other, &json!(chain[3])), "heading-depth-exceeded").await;
    assert_eq!(violation["rule"], "BR-013");
}

#[tokio::test]
async fn br_013_kept() {
    let p = Priced::start().await;
    let chain = five_deep(&p).await;
    let other = fresh();
    p.edit(&json!([{"op": "add-heading", "id": other, "name": "Other"}])).await;
    p.edit(&moving(&other, &json!(chain[3]))).await;
    assert_eq!(p.row(&other).await["parentId"], json!(chain[3]));
}

#[tokio::test]
async fn br_014_broken() {
    let p = Priced::start().await;
    let chain = five_deep(&p).await;
    for below in [&chain[0], &chain[1], &chain[4]] {
        p.refused(&moving(&chain[0], &json!(below)), "hierarchy-cycle").await;
    }
    let item = p.item("1.1", "10", "5").await;
    p.refused(&moving(&item, &json!(item)), "hierarchy-cycle").await;
}

#[tokio::test]
async fn br_014_kept() {
    let p = Priced::start().await;
    let chain = five_deep(&p).await;
    p.edit(&moving(&chain[4], &json!(chain[0]))).await;
    p.edit(&moving(&chain[1], &json!(chain[4]))).await;
    assert_eq!(p.row(&chain[1]).await["parentId"], json!(chain[4]));
}

#[tokio::test]
async fn br_015_broken() {
    let p = Priced::start().await;
    let item = p.item("1.1", "10", "5").await;
    let nowhere = json!([{"op": "add-item", "parentId": fresh(), "set": {}}]);
    p.refused(&nowhere, "item-parent-invalid").await;
    p.refused(&moving(&item, &Value::Null), "item-parent-invalid").await;
    let heading = json!([{"op": "add-heading", "parentId": item, "name": "H"}]);
    p.refused(&heading, "item-parent-invalid").await;
    // A heading of another tender's estimate is no parent here.
    let other = p.lead.post("/tenders", &json!({"number": "T-2", "name": "Other"})).await.ok();
    let (foreign, estimate) = (fresh(), id(&other["estimates"][0]["id"]));
    let body = json!({"id": foreign, "name": "Foreign"});
    p.lead.post(&format!("/estimates/{estimate}/headings"), &body).await.ok();
    p.refused(&moving(&item, &json!(foreign)), "item-parent-invalid").await;
}

#[tokio::test]
async fn br_015_kept() {
    let p = Priced::start().await;
    let item = p.add(&json!({})).await;
    let sub = fresh();
    p.edit(&json!([{"op": "add-item", "id": sub, "parentId": item,
        "set": {"type": "normal", "unit": "m3", "quantity": "1", "plugRate": "5"}}]))
        .await;
    assert_eq!(p.row(&sub).await["parentId"], json!(item));
    assert_eq!(p.row(&item).await["parentId"], json!(p.heading));
}

#[tokio::test]
async fn br_017_broken() {
    let p = Priced::start().await;
    p.item("1.1", "10", "5").await;
    let unseen = json!([{"op": "delete", "ids": [p.heading]}]);
    let violation = p.refused(&unseen, "heading-not-empty").await;
    assert_eq!(violation["facts"], json!({"items": 1, "cost": "50.00"}));
    let stale = json!({"items": 1, "cost": "49.99"});
    let stale = json!([{"op": "delete", "ids": [p.heading], "confirm": stale}]);
    p.refused(&stale, "heading-not-empty").await;
    let at = p.at(&format!("/headings/{}", p.heading));
    broken(p.lead.delete(&at).await, "heading-not-empty");
}

#[tokio::test]
async fn br_017_kept() {
    let p = Priced::start().await;
    p.item("1.1", "10", "5").await;
    let seen = json!({"items": 1, "cost": "50.00"});
    p.edit(&json!([{"op": "delete", "ids": [p.heading], "confirm": seen}])).await;
    assert_eq!(p.totals().await["items"], 0);
    let empty = fresh();
    p.edit(&json!([{"op": "add-heading", "id": empty, "name": "Empty"}])).await;
    p.edit(&json!([{"op": "delete", "ids": [empty]}])).await;
}

#[tokio::test]
async fn br_018_broken() {
    let p = Priced::start().await;
    p.item("1.1", "10", "5").await;
    let by_hand = json!([{"op": "update-estimate", "state": "reviewed"}]);
    p.refused(&by_hand, "estimate-transition-not-allowed").await;
}

#[tokio::test]
async fn br_018_kept() {
    let p = Priced::start().await;
    let item = p.item("1.1", "10", "5").await;
    let state = async || p.lead.get(&p.at("")).await.ok()["state"].clone();
    assert_eq!(state().await, "in-progress");
    p.edit(&json!([{"op": "update-item", "id": item, "set": {"reviewed": true}}])).await;
    assert_eq!(state().await, "reviewed");
    p.edit(&json!([{"op": "update-item", "id": item, "set": {"quantity": "11"}}])).await;
    assert_eq!(state().await, "in-progress");
}

#[tokio::test]
async fn a_refusal_names_a_rule_that_the_catalogue_explains() {
    let app = TestApp::start().await;
    let rules = app.sign_in("estimator").await.get("/rules").await.ok();
    let rules = rules["items"].as_array().unwrap().clone();
    let cycle = rules.iter().find(|rule| rule["code"] == "hierarchy-cycle").unwrap();
    assert_eq!((&cycle["id"], &cycle["enforced"]), (&json!("BR-014"), &json!(true)));
    assert!(!cycle["explanation"].as_str().unwrap().is_empty());
}

#[tokio::test]
async fn br_016_kept() {
    let p = Priced::start().await;
    let sub = fresh();
    p.edit(&json!([{"op": "add-heading", "id": sub, "parentId": p.heading, "name": "Cut"}])).await;
    let first = p.item("1.1", "3", "0.333").await;
    let second = p.item("1.2", "7", "1.005").await;
    p.edit(&json!([{"op": "move", "ids": [second], "parentId": sub}])).await;
    let cost = async |row: &str| p.row(row).await["cost"].clone();
    assert_eq!((cost(&first).await, cost(&second).await), (json!("1.00"), json!("7.04")));
    assert_eq!((cost(&sub).await, cost(&p.heading).await), (json!("7.04"), json!("8.04")));
    p.edit(&json!([{"op": "move", "ids": [second], "parentId": p.heading}])).await;
    assert_eq!((cost(&sub).await, cost(&p.heading).await), (json!("0.00"), json!("8.04")));
    assert_eq!(p.totals().await["total"], "8.04");
}

/// The people who hold a role.
async fn holding(p: &Priced, role: &str) -> Vec<String> {
    let people = p.lead.get("/people").await.ok()["items"].clone();
    let holding = people.as_array().unwrap().iter().filter(|one| one["role"] == role);
    holding.map(|one| id(&one["id"])).collect()
}

#[tokio::test]
async fn br_009_broken() {
    let p = Priced::start().await;
    let code = "lead-estimator-invalid";
    let estimator = holding(&p, "estimator").await.remove(0);
    let body = json!({"code": "ALT", "name": "Alternative", "leadId": estimator});
    broken(p.lead.post(&format!("/tenders/{}/estimates", p.tender), &body).await, code);
    broken(p.lead.put(&p.at("/lead"), &json!({"leadId": estimator})).await, code);
    // An Estimator, with more than one who could answer for it, says who does.
    let junior = p.app.sign_in("estimator").await;
    let tender = json!({"number": "T-2", "name": "Kopu Bridge"});
    broken(junior.post("/tenders", &tender).await, code);
}

#[tokio::test]
async fn br_009_kept() {
    let p = Priced::start().await;
    let lead = holding(&p, "lead-estimator").await.remove(0);
    let admin = holding(&p, "admin").await.remove(0);
    assert_eq!(p.lead.get(&p.at("")).await.ok()["lead"]["id"], json!(lead), "who made it");
    let changed = p.lead.put(&p.at("/lead"), &json!({"leadId": admin})).await.ok();
    assert_eq!(changed["lead"]["id"], json!(admin));
    let junior = p.app.sign_in("estimator").await;
    let tender = json!({"number": "T-2", "name": "Kopu Bridge", "leadId": lead});
    let tender = junior.post("/tenders", &tender).await.ok();
    assert_eq!(tender["estimates"][0]["lead"]["id"], json!(lead));
}
