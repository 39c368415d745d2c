//! Tenders.

use super::offer::in_days;
use super::support::broken;
use crate::http_support::{Priced, id};
use serde_json::json;

async fn company(p: &Priced, client: bool) -> String {
    let roles = json!({"client": client, "supplier": !client, "subcontractor": false});
    let body = json!({"name": "Waikato Roads", "roles": roles});
    id(&p.lead.post("/companies", &body).await.ok()["id"])
}

#[tokio::test]
async fn br_002_broken() {
    let p = Priced::start().await;
    let supplier = company(&p, false).await;
    broken(p.change(&json!({"clientId": supplier})).await, "tender-client-invalid");
}

#[tokio::test]
async fn br_002_kept() {
    let p = Priced::start().await;
    let client = company(&p, true).await;
    let tender = p.change(&json!({"clientId": client})).await.ok();
    assert_eq!(
        (&tender["clientId"], &tender["clientName"]),
        (&json!(client), &json!("Waikato Roads"))
    );
}

#[tokio::test]
async fn br_003_broken() {
    let p = Priced::start().await;
    p.change(&json!({"closingAt": in_days(3)})).await.ok();
    broken(p.change(&json!({"state": "active"})).await, "go-decision-missing");
    broken(p.change(&json!({"state": "declined"})).await, "go-decision-missing");
    p.decide(false).await;
    broken(p.change(&json!({"state": "active"})).await, "go-decision-missing");
    let path = format!("/tenders/{}/decision", p.tender);
    broken(p.lead.put(&path, &json!({"go": true, "reason": " "})).await, "go-decision-missing");
}

#[tokio::test]
async fn br_003_kept() {
    let p = Priced::start().await;
    p.decide(false).await;
    let tender = p.change(&json!({"state": "declined"})).await.ok();
    assert_eq!(
        (&tender["state"], &tender["course"]["decision"]["go"]),
        (&json!("declined"), &json!(false))
    );
    assert!(tender["course"]["decision"]["by"]["name"].is_string());
}

#[tokio::test]
async fn br_004_broken() {
    let p = Priced::start().await;
    p.decide(true).await;
    broken(p.change(&json!({"state": "active"})).await, "closing-time-invalid");
    p.change(&json!({"closingAt": in_days(-1)})).await.ok();
    broken(p.change(&json!({"state": "active"})).await, "closing-time-invalid");
    p.change(&json!({"closingAt": in_days(2)})).await.ok();
    p.change(&json!({"state": "active"})).await.ok();
    let later = json!({"closingAt": in_days(9)});
    broken(p.change(&later).await, "closing-time-invalid");
    let unknown = json!({"closingAt": in_days(9), "closingNotice": "NTT 1"});
    broken(p.change(&unknown).await, "closing-time-invalid");
}

#[tokio::test]
async fn br_004_kept() {
    let p = Priced::active().await;
    p.notice("1", "incorporated").await;
    let later = json!({"closingAt": "2030-07-05T16:00", "closingNotice": "1"});
    let tender = p.change(&later).await.ok();
    // Four in the afternoon in Auckland, in winter.
    assert_eq!(tender["closingAt"], "2030-07-05T04:00:00Z");
    assert_eq!(tender["course"]["notices"][0]["movedClosing"], true);
}

#[tokio::test]
async fn br_006_broken() {
    let p = Priced::submitted().await;
    broken(p.win("999.99").await, "accepted-price-mismatch");
    broken(p.change(&json!({"state": "won"})).await, "accepted-price-mismatch");
    assert_eq!(p.tender_row().await["state"], "submitted");
}

#[tokio::test]
async fn br_006_kept() {
    let p = Priced::submitted().await;
    let tender = p.win("1000.00").await.ok();
    assert_eq!(tender["state"], "won");
    assert_eq!(tender["course"]["acceptedEstimateId"], json!(p.estimate));
}

#[tokio::test]
async fn br_007_broken() {
    let p = Priced::submitted().await;
    broken(p.change(&json!({"state": "lost"})).await, "outcome-reason-missing");
    let silent = json!({"state": "lost", "outcome": {"reason": "price"}});
    broken(p.change(&silent).await, "outcome-reason-missing");
    assert_eq!(p.tender_row().await["state"], "submitted");
}

#[tokio::test]
async fn br_007_kept() {
    let p = Priced::submitted().await;
    let lost = json!({"state": "lost", "outcome": {"reason": "price", "winningPrice": "unknown"}});
    let tender = p.change(&lost).await.ok();
    assert_eq!(tender["course"]["outcome"]["reason"], "price");
    assert_eq!(tender["estimates"][0]["state"], "archived");
}

#[tokio::test]
async fn br_001_broken() {
    let p = Priced::start().await;
    let at = format!("/tenders/{}", p.tender);
    let number = p.lead.get(&at).await.ok()["number"].as_str().unwrap().to_lowercase();
    let again = json!({"number": number, "name": "Again"});
    broken(p.lead.post("/tenders", &again).await, "tender-number-not-unique");
}

#[tokio::test]
async fn br_001_kept() {
    let p = Priced::start().await;
    let other = json!({"number": "T-001-KEPT", "name": "Another"});
    p.lead.post("/tenders", &other).await.ok();
}

#[tokio::test]
async fn br_005_broken() {
    let p = Priced::start().await;
    p.decide(true).await;
    broken(p.change(&json!({"state": "won"})).await, "tender-transition-not-allowed");
}

#[tokio::test]
async fn br_005_kept() {
    let p = Priced::start().await;
    p.decide(true).await;
    p.change(&json!({"closingAt": in_days(3)})).await.ok();
    assert_eq!(p.change(&json!({"state": "active"})).await.ok()["state"], "active");
}

#[tokio::test]
async fn br_008_broken() {
    let p = Priced::submitted().await;
    let admin = p.app.sign_in("admin").await;
    let at = format!("/tenders/{}", p.tender);
    broken(admin.delete(&at).await, "tender-delete-not-allowed");
    admin.get(&at).await.ok();
}

#[tokio::test]
async fn br_008_kept() {
    let p = Priced::approved().await;
    let admin = p.app.sign_in("admin").await;
    let at = format!("/tenders/{}", p.tender);
    assert_eq!(admin.delete(&at).await.status, 204);
}

#[tokio::test]
async fn br_010_broken() {
    let p = Priced::start().await;
    let code = p.lead.get(&p.at("")).await.ok()["code"].as_str().unwrap().to_lowercase();
    let path = format!("/tenders/{}/estimates", p.tender);
    let body = json!({"code": code, "name": "Again"});
    broken(p.lead.post(&path, &body).await, "revision-number-invalid");
}

#[tokio::test]
async fn br_010_kept() {
    let p = Priced::start().await;
    let path = format!("/tenders/{}/estimates", p.tender);
    let made = p.lead.post(&path, &json!({"code": "B", "name": "Other"})).await.ok();
    assert_eq!(made["revision"], 1);
}
