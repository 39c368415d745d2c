//! Revisions, approval and submission.

use super::offer::{admin, in_days, margin, not_submitted};
use super::support::{broken, set};
use crate::http_support::Priced;
use serde_json::json;

#[tokio::test]
async fn br_011_broken() {
    let p = Priced::active().await;
    p.worked("1.1").await;
    p.lead.post(&p.at("/revise"), &json!({})).await.ok();
    broken(p.lead.post(&p.at("/revise"), &json!({})).await, "editable-revision-exists");
}

#[tokio::test]
async fn br_011_kept() {
    let p = Priced::active().await;
    let item = p.worked("1.1").await;
    let second = p.lead.post(&p.at("/revise"), &json!({})).await.ok();
    assert_eq!((&second["revision"], &second["code"]), (&json!(2), &json!("BASE")));
    assert_eq!(p.lead.get(&p.at("")).await.ok()["state"], "superseded");
    let at = format!("/estimates/{}", second["id"].as_str().unwrap());
    assert_eq!(p.lead.get(&at).await.ok()["totals"]["total"], "1000.00");
    // The same row in both, so that they can be compared.
    p.lead.get(&format!("{at}/rows/{item}")).await.ok();
}

#[tokio::test]
async fn br_012_broken() {
    let p = Priced::submitted().await;
    let heading = json!([{"op": "add-heading", "name": "Late"}]);
    p.refused(&heading, "estimate-is-frozen").await;
    broken(p.lead.post(&p.at("/undo"), &json!({})).await, "estimate-is-frozen");
}

#[tokio::test]
async fn br_012_kept() {
    let p = Priced::submitted().await;
    let second = p.lead.post(&p.at("/revise"), &json!({})).await.ok();
    assert_eq!(p.lead.get(&p.at("")).await.ok()["state"], "submitted");
    let at = format!("/estimates/{}/edits", second["id"].as_str().unwrap());
    let heading = json!({"edits": [{"op": "add-heading", "name": "Negotiated"}]});
    p.lead.post(&at, &heading).await.ok();
}

/// An approved tender priced with a rate that lapses in three days; it closes in ten.
async fn on_a_lapsing_rate() -> Priced {
    let p = Priced::active().await;
    let resource = p.resource("LAB-OP", "labour", "h", "60").await;
    let last = &in_days(3)[..10];
    let entries = json!({"entries": [{"rate": "65", "validTo": last}]});
    p.lead.put(&format!("/resources/{resource}/rates"), &entries).await.ok();
    let item = p.add(&json!({})).await;
    p.line(&item, &json!({"resourceId": resource, "method": "fixed", "quantity": "2"})).await;
    p.review(&item).await;
    p.approve().await.ok();
    p
}

#[tokio::test]
async fn br_051_broken() {
    let p = on_a_lapsing_rate().await;
    not_submitted(&p, "rate-expired-at-closing").await;
}

#[tokio::test]
async fn br_051_kept() {
    let p = on_a_lapsing_rate().await;
    p.accept("BR-051").await;
    p.submit().await.ok();
}

#[tokio::test]
async fn br_086_broken() {
    let p = Priced::active().await;
    let first = p.worked("1.1").await;
    p.worked("1.2").await;
    p.edit(&set(&first, &json!({"lockedSellRate": "90.00"}))).await;
    p.approve().await.ok();
    not_submitted(&p, "sell-below-cost").await;
}

#[tokio::test]
async fn br_086_kept() {
    let p = Priced::active().await;
    let first = p.worked("1.1").await;
    p.worked("1.2").await;
    p.edit(&set(&first, &json!({"lockedSellRate": "90.00"}))).await;
    p.accept("BR-086").await;
    p.approve().await.ok();
    p.submit().await.ok();
}

#[tokio::test]
async fn br_089_broken() {
    let p = Priced::active().await;
    p.add(&json!({"code": "1.9"})).await;
    broken(p.approve().await, "estimate-has-unpriced-items");
}

#[tokio::test]
async fn br_089_kept() {
    let p = Priced::approved().await;
    assert_eq!(p.standing().await["state"], "approved");
}

#[tokio::test]
async fn br_090_broken() {
    let p = Priced::active().await;
    let item = p.item("1.1", "10", "5").await;
    p.review(&item).await;
    p.approve().await.ok();
    not_submitted(&p, "plugs-not-acknowledged").await;
    // Accepted, and then the plug is another: the acceptance is void.
    p.accept("BR-090").await;
    p.edit(&set(&item, &json!({"plugRate": "6"}))).await;
    p.review(&item).await;
    p.approve().await.ok();
    not_submitted(&p, "plugs-not-acknowledged").await;
}

#[tokio::test]
async fn br_090_kept() {
    let p = Priced::active().await;
    let item = p.item("1.1", "10", "5").await;
    p.review(&item).await;
    p.approve().await.ok();
    p.accept("BR-090").await;
    assert_eq!(p.standing().await["state"], "approved", "accepting is no change of content");
    p.submit().await.ok();
}

#[tokio::test]
async fn br_093_broken() {
    let p = Priced::approved().await;
    p.notice("2", "open").await;
    not_submitted(&p, "notice-not-incorporated").await;
}

#[tokio::test]
async fn br_093_kept() {
    let p = Priced::approved().await;
    p.notice("2", "not-applicable").await;
    p.submit().await.ok();
}

#[tokio::test]
async fn br_094_broken() {
    let p = Priced::active().await;
    let item = p.add(&json!({"code": "1.1", "quantity": "1000", "plugRate": "990"})).await;
    p.edit(&margin("2")).await;
    p.review(&item).await;
    broken(p.approve().await, "approval-separation-required");
}

#[tokio::test]
async fn br_094_kept() {
    let p = Priced::active().await;
    let item = p.add(&json!({"code": "1.1", "quantity": "1000", "plugRate": "990"})).await;
    p.edit(&margin("2")).await;
    p.review(&item).await;
    let other = admin(&p).await;
    other.post(&p.at("/approval"), &json!({"minutes": "Second pair of eyes"})).await.ok();
}

#[tokio::test]
async fn br_095_broken() {
    let p = Priced::approved().await;
    p.change(&json!({"validityDays": 60})).await.ok();
    not_submitted(&p, "approval-is-stale").await;
    // Nor is another price than the one on the screen.
    let p = Priced::approved().await;
    let seen = p.standing().await;
    let body = json!({"contentHash": seen["contentHash"], "totalEx": "1000.01"});
    let refused = p.lead.post(&p.at("/submission"), &body).await;
    assert_eq!(refused.status.as_u16(), 422, "{}", refused.text);
    broken(refused, "approval-is-stale");
    assert!(p.standing().await["submission"].is_null());
}

#[tokio::test]
async fn br_095_kept() {
    let p = Priced::approved().await;
    let sent = p.submit().await.ok();
    assert_eq!(sent["submission"]["contentHash"], sent["approvals"][0]["contentHash"]);
    assert_eq!(p.tender_row().await["state"], "submitted");
}

#[tokio::test]
async fn br_096_kept() {
    let p = Priced::submitted().await;
    let sent = p.standing().await["submission"].clone();
    assert_eq!((&sent["totalEx"], &sent["totalInc"]), (&json!("1000.00"), &json!("1150.00")));
    for file in sent["files"].as_array().unwrap() {
        let path = format!("/files/{}", file["hash"].as_str().unwrap());
        let answer = p.lead.request(reqwest::Method::GET, &path).send().await.unwrap();
        let bytes = answer.bytes().await.unwrap();
        assert_eq!(bytes.len() as u64, file["bytes"].as_u64().unwrap());
        if file["mediaType"] == "application/json" {
            let json: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
            assert_eq!(json["contentHash"], sent["contentHash"]);
        }
    }
    assert!(sent["files"].as_array().unwrap().len() >= 2);
}

#[tokio::test]
async fn a_gst_rate_that_is_not_in_force_is_refused_and_is_no_fault_of_the_program() {
    let p = Priced::active().await;
    p.lead.patch(&p.at(""), &json!({"gstPct": "12.5"})).await.ok();
    p.worked("1.1").await;
    p.approve().await.ok();
    let refused = p.submit().await;
    assert_eq!(refused.status.as_u16(), 422, "{}", refused.text);
    broken(refused, "gst-mismatch");
    p.lead.patch(&p.at(""), &json!({"gstPct": "15"})).await.ok();
    p.approve().await.ok();
    p.submit().await.ok();
}
