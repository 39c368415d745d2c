//! Roles, versions and the record of every change.

use super::support::set;
use crate::harness::Client;
use crate::http_support::{Priced, fresh, id};
use crate::live_support::Live;
use serde_json::{Value, json};

#[tokio::test]
async fn br_099_broken() {
    let p = Priced::start().await;
    let item = p.item("1.1", "10", "5").await;
    let version = p.row(&item).await["version"].clone();
    p.edit(&set(&item, &json!({"quantity": "11"}))).await;
    let stale = json!([{"op": "update-item", "id": item, "version": version,
        "set": {"quantity": "12"}}]);
    let problem = p.edit_as(&p.lead, &stale).await.problem(409, "stale-version");
    assert_eq!(problem["current"]["quantity"], "11.0000");
    assert_eq!(p.row(&item).await["quantity"], "11.0000");
}

#[tokio::test]
async fn br_099_kept() {
    let p = Priced::start().await;
    let item = p.item("1.1", "10", "5").await;
    let version = p.row(&item).await["version"].clone();
    // A change of another row does not stand in the way.
    p.item("1.2", "10", "5").await;
    p.edit(&json!([{"op": "update-item", "id": item, "version": version,
        "set": {"quantity": "12"}}]))
        .await;
    assert_eq!(p.row(&item).await["quantity"], "12.0000");
}

#[tokio::test]
async fn br_114_broken() {
    let p = Priced::start().await;
    for role in ["estimator", "lead-estimator"] {
        let who = p.app.sign_in(role).await;
        let gone = who.delete(&format!("/tenders/{}", p.tender)).await;
        gone.problem(403, "permission-denied");
    }
    let estimator = p.app.sign_in("estimator").await;
    estimator.delete("/units/m3").await.problem(403, "permission-denied");
    let viewer = p.app.sign_in("viewer").await;
    viewer.get(&p.at("/rows")).await.ok();
    let item = json!([p.add_item(&fresh(), "1.1", "10", "5")]);
    p.edit_as(&viewer, &item).await.problem(403, "permission-denied");
    let tender = json!({"number": "V", "name": "V"});
    viewer.post("/tenders", &tender).await.problem(403, "permission-denied");
    p.app.visitor().get(&p.at("")).await.problem(401, "not-signed-in");
}

#[tokio::test]
async fn br_114_kept() {
    let p = Priced::start().await;
    let estimator = p.app.sign_in("estimator").await;
    let item = p.add_item(&fresh(), "1.1", "10", "5");
    p.edit_as(&estimator, &json!([item])).await.ok();
    let admin = p.app.sign_in("admin").await;
    admin.delete(&format!("/tenders/{}", p.tender)).await.ok();
}

#[tokio::test]
async fn br_115_broken() {
    let p = Priced::start().await;
    let item = p.item("1.1", "10", "5").await;
    p.item("1.2", "10", "5").await;
    let estimator = p.app.sign_in("estimator").await;
    let rule = json!({"op": "add-rule", "id": fresh(), "set": {"name": "Mine",
        "nature": "cost", "kind": {"type": "lump-sum", "amount": "1"}}});
    let lock = json!({"op": "update-item", "id": item, "set": {"lockedSellRate": "9"}});
    let terms = json!({"op": "update-terms", "tiers": [{"from": "0", "decimals": 3}]});
    for edit in [rule, lock, terms] {
        let refused = p.edit_as(&estimator, &json!([edit])).await;
        refused.problem(403, "commercials-role-required");
    }
}

#[tokio::test]
async fn br_115_kept() {
    let p = Priced::start().await;
    p.item("1.1", "10", "5").await;
    for role in ["lead-estimator", "admin"] {
        let who = p.app.sign_in(role).await;
        let rule = json!({"op": "add-rule", "id": fresh(), "set": {"name": role,
            "nature": "cost", "kind": {"type": "lump-sum", "amount": "1"}}});
        p.edit_as(&who, &json!([rule])).await.ok();
    }
    let estimator = p.app.sign_in("estimator").await;
    let read = estimator.get(&p.at("/commercials")).await.ok();
    assert_eq!(read["rules"].as_array().unwrap().len(), 2, "an Estimator reads them");
}

#[tokio::test]
async fn br_118_kept() {
    let p = Priced::start().await;
    let item = p.item("1.1", "10", "5").await;
    let lsn = p.edit(&set(&item, &json!({"quantity": "11"}))).await["lsn"].clone();
    let history = p.lead.get(&format!("/history/item/{item}?estimateId={}", p.estimate)).await.ok();
    let entry = &history["items"][0];
    assert_eq!(entry["lsn"], lsn);
    assert!(entry["at"].is_string() && entry["actor"]["name"].is_string(), "who and when: {entry}");
    let quantity = entry["changes"]
        .as_array()
        .and_then(|fields| fields.iter().find(|field| field["field"] == "quantity"))
        .unwrap_or_else(|| panic!("what changed: {entry}"));
    assert_eq!((&quantity["before"], &quantity["after"]), (&json!("10"), &json!("11")));
}

/// An Admin, and somebody with their row.
async fn staff(p: &Priced, email: &str) -> (Client, Value) {
    let admin = p.app.sign_in("admin").await;
    let people = admin.get("/users").await.ok();
    let found = people["items"].as_array().expect("people").iter().find(|u| u["email"] == email);
    let found = found.unwrap_or_else(|| panic!("nobody has {email}: {people}")).clone();
    (admin, found)
}

fn address(user: &Value) -> String {
    format!("/users/{}", id(&user["id"]))
}

#[tokio::test]
async fn br_116_broken() {
    let p = Priced::start().await;
    let (admin, own) = staff(&p, "admin@example.org").await;
    for set in
        [json!({"version": 1, "role": "lead-estimator"}), json!({"version": 1, "active": false})]
    {
        admin.patch(&address(&own), &set).await.problem(409, "last-admin-protected");
    }
    // A program lets nobody in: with one, the last person is still the last.
    admin.post("/users", &json!({"name": "Robot", "role": "admin"})).await.ok();
    let leave = json!({"version": 1, "active": false});
    admin.patch(&address(&own), &leave).await.problem(409, "last-admin-protected");
    // Nobody but an Admin manages people at all.
    p.lead.patch(&address(&own), &leave).await.problem(403, "permission-denied");
    admin.get("/users").await.ok();
}

#[tokio::test]
async fn br_116_kept() {
    let p = Priced::start().await;
    let (admin, own) = staff(&p, "admin@example.org").await;
    let (_, lead) = staff(&p, "lead@example.org").await;
    admin.patch(&address(&lead), &json!({"version": 1, "role": "admin"})).await.ok();
    admin.patch(&address(&own), &json!({"version": 1, "role": "estimator"})).await.ok();
    admin.get("/users").await.problem(403, "permission-denied");
    p.lead.get("/users").await.ok();
}

#[tokio::test]
async fn br_117_broken() {
    let p = Priced::start().await;
    let estimator = p.app.sign_in("estimator").await;
    let mut live = Live::open(&p.app, &estimator).await;
    let (admin, row) = staff(&p, "estimator@example.org").await;
    let body = json!({"name": "n", "scope": "read", "days": 1});
    let token = id(&estimator.post("/tokens", &body).await.ok()["text"]);
    admin.patch(&address(&row), &json!({"version": 1, "active": false})).await.ok();
    assert_eq!(live.hear_of("bye").await["reason"], "user-deactivated");
    estimator.get("/session").await.problem(403, "user-deactivated");
    estimator.get("/tenders").await.problem(403, "user-deactivated");
    let ask = p.app.visitor().request(reqwest::Method::GET, "/tenders").bearer_auth(token);
    assert_eq!(ask.send().await.expect("an answer").status(), 401);
    let again = p.app.visitor().post("/session", &json!({"userId": row["id"]})).await;
    again.problem(403, "user-deactivated");
    // Given back, the right to sign in brings no old session back.
    admin.patch(&address(&row), &json!({"version": 2, "active": true})).await.ok();
    let old = estimator.get("/session").await;
    assert!(!old.status.is_success(), "{old:?}");
    p.app.visitor().signed_in_as(&row["id"]).await.get("/session").await.ok();
}

#[tokio::test]
async fn br_117_kept() {
    let p = Priced::start().await;
    let estimator = p.app.sign_in("estimator").await;
    let item = fresh();
    p.edit_as(&estimator, &json!([p.add_item(&item, "1.1", "10", "5")])).await.ok();
    let (admin, row) = staff(&p, "estimator@example.org").await;
    admin.patch(&address(&row), &json!({"version": 1, "active": false})).await.ok();
    let history = p.lead.get(&format!("/history/item/{item}?estimateId={}", p.estimate)).await.ok();
    assert_eq!(history["items"][0]["actor"]["name"], row["name"]);
    // Nobody else is signed out.
    p.lead.get("/session").await.ok();
}
