//! Roles, versions and the record of every change.

use super::support::set;
use crate::http_support::{Priced, fresh};
use serde_json::json;

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
