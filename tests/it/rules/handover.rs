//! Hand-over of a won tender's budget.

use super::support::broken;
use crate::http_support::{Priced, fresh};
use serde_json::json;

#[tokio::test]
async fn br_109_broken() {
    let p = Priced::submitted().await;
    broken(p.hand_over("once", "J-1").await, "handover-not-allowed");
}

#[tokio::test]
async fn br_109_kept() {
    let p = Priced::won().await;
    let first = p.hand_over("once", "J-1").await.ok();
    assert_eq!(p.hand_over("once", "J-1").await.ok()["id"], first["id"]);
    let all = p.lead.get(&format!("/tenders/{}/handovers", p.tender)).await.ok();
    assert_eq!(all["items"].as_array().map(Vec::len), Some(1));
    let path = format!("/files/{}", first["files"][0]["hash"].as_str().unwrap());
    let csv = p.lead.get(&path).await;
    assert_eq!(csv.text.lines().nth(1), Some("J-1,1,1,L,Labour,1000.00"));
}

#[tokio::test]
async fn br_110_broken() {
    let p = Priced::won().await;
    broken(p.hand_over("a", " ").await, "handover-code-unmapped");
    let deep = json!({"target": "workbench", "key": "b", "codes": {"job": "J-1", "sections":
        [{"section": "1", "subJob": "1.2.3.4.5.6", "activity": "EARTH"}]}});
    let answer = p.lead.post(&format!("/tenders/{}/handovers", p.tender), &deep).await;
    broken(answer, "handover-code-unmapped");
}

#[tokio::test]
async fn br_110_kept() {
    let p = Priced::won().await;
    let coded = json!({"target": "workbench", "key": "b", "codes": {"job": "J-1", "sections":
        [{"section": "1", "subJob": "1.2.3.4.5", "activity": "EARTH"}]}});
    let made = p.lead.post(&format!("/tenders/{}/handovers", p.tender), &coded).await.ok();
    assert_eq!((&made["costTotal"], &made["state"]), (&json!("1000.00"), &json!("prepared")));
}

#[tokio::test]
async fn a_section_without_a_code_is_given_one_at_the_hand_over() {
    let p = Priced::active().await;
    let set = json!([{"op": "update-heading", "id": p.heading, "set": {"code": ""}}]);
    p.edit(&set).await;
    p.worked("1.1").await;
    p.approve().await.ok();
    p.submit().await.ok();
    p.win("1000.00").await.ok();
    let at = format!("/tenders/{}/handovers", p.tender);
    let shown = p.lead.get(&at).await.ok();
    assert!(shown["plan"].is_null(), "{shown}");
    let section = json!({"section": "", "name": "Earthworks", "amount": "1000.00"});
    assert_eq!(shown["sections"], json!([section]));
    broken(p.hand_over("a", "J-1").await, "handover-code-unmapped");
    let coded = json!({"target": "workbench", "key": "b", "codes": {"job": "J-1", "sections":
        [{"section": "", "subJob": "10", "activity": "EARTH"}]}});
    let made = p.lead.post(&at, &coded).await.ok();
    assert_eq!(made["costTotal"], "1000.00");
}

#[tokio::test]
async fn br_111_kept() {
    let p = Priced::won().await;
    let made = p.hand_over("once", "J-1").await.ok();
    let sent = p.standing().await["submission"].clone();
    assert_eq!(made["totalEx"], sent["totalEx"]);
    let path = format!("/files/{}", made["files"][0]["hash"].as_str().unwrap());
    let csv = p.lead.get(&path).await.text;
    let budget = csv.lines().skip(1).map(|line| line.rsplit(',').next().unwrap().to_owned());
    assert_eq!(budget.collect::<Vec<_>>(), ["1000.00"], "{csv}");
    assert_eq!(made["costTotal"], "1000.00");
}

/// What Xero says of a contact.
fn contact(name: &str, state: &str) -> serde_json::Value {
    json!({"set": {"name": name, "state": state, "roles": {"client": false, "supplier": true,
        "subcontractor": false},
        "contacts": [{"name": "Aroha", "email": "aroha@quarry.example", "phone": ""}]}})
}

#[tokio::test]
async fn br_112_broken() {
    let p = Priced::start().await;
    let at = format!("/companies/xero/{}", fresh());
    let admin = p.app.sign_in("admin").await;
    let company = admin.put(&at, &contact("Waihou Quarry", "active")).await.ok();
    let path = format!("/companies/{}", company["id"].as_str().unwrap());
    for set in [json!({"name": "Quarry"}), json!({"state": "archived"}), json!({"contacts": []})] {
        let body = json!({"version": company["version"], "set": set});
        broken(admin.patch(&path, &body).await, "company-owned-by-xero");
    }
    assert_eq!(admin.get(&path).await.ok(), company);
    // The sync is the Admin's, and a contact has one company.
    let refused = p.lead.put(&at, &contact("Mine", "active")).await;
    assert_eq!(refused.status, 403, "{}", refused.text);
    let mut other = contact("Waihou Quarry", "active");
    other["companyId"] = json!(fresh());
    assert_eq!(admin.put(&at, &other).await.status, 400);
}

#[tokio::test]
async fn br_112_kept() {
    let p = Priced::start().await;
    let (contact_id, admin) = (fresh(), p.app.sign_in("admin").await);
    let at = format!("/companies/xero/{contact_id}");
    let made = admin.put(&at, &contact("Waihou Quarry", "active")).await.ok();
    let path = format!("/companies/{}", made["id"].as_str().unwrap());
    // Matched by the contact, whatever it is called now; again changes nothing.
    let renamed = admin.put(&at, &contact("Waihou Aggregates", "active")).await.ok();
    assert_eq!((&renamed["id"], &renamed["name"]), (&made["id"], &json!("Waihou Aggregates")));
    assert_eq!(admin.put(&at, &contact("Waihou Aggregates", "active")).await.ok(), renamed);
    // What Xero does not know stays the estimators'.
    let own = json!({"version": renamed["version"], "set": {"onHold": true, "note": "Slow payer"}});
    let held = p.lead.patch(&path, &own).await.ok();
    assert_eq!((&held["onHold"], &held["xeroContactId"]), (&json!(true), &json!(contact_id)));
    // Archived there is archived here, with its history.
    let gone = admin.put(&at, &contact("Waihou Aggregates", "archived")).await.ok();
    assert_eq!((&gone["state"], &gone["note"]), (&json!("archived"), &json!("Slow payer")));
    let history = p.lead.get(&format!("/history/company/{}", made["id"].as_str().unwrap())).await;
    assert_eq!(history.ok()["items"].as_array().map(Vec::len), Some(4));
    // One that is here already is linked by hand, and may be let go.
    let own = json!({"name": "Kaimai Pipes", "roles": {"client": false, "supplier": true, "subcontractor": false}});
    let pipes = p.lead.post("/companies", &own).await.ok();
    let mut link = contact("Kaimai Pipes Ltd", "active");
    link["companyId"] = pipes["id"].clone();
    let second = format!("/companies/xero/{}", fresh());
    assert_eq!(admin.put(&second, &link).await.ok()["id"], pipes["id"]);
    assert_eq!(admin.delete(&second).await.status, 204);
    let path = format!("/companies/{}", pipes["id"].as_str().unwrap());
    let now = admin.get(&path).await.ok();
    let free = json!({"version": now["version"], "set": {"name": "Kaimai"}});
    assert_eq!(admin.patch(&path, &free).await.ok()["name"], "Kaimai");
}
