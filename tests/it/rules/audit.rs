//! The audit trail: kept, proved, read by those accountable.

use super::support::{broken, set};
use crate::http_support::{Priced, fresh, id};
use serde_json::{Value, json};
use std::time::Duration;

/// What is known of the chain, once it was walked.
async fn seal(p: &Priced) -> Value {
    for _ in 0..200 {
        let seal = p.lead.get("/audit/seal").await.ok();
        if seal["verifiedAt"].is_string() || seal["holds"] == false {
            return seal;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the chain was not walked");
}

#[tokio::test]
async fn br_119_broken() {
    let mut p = Priced::start().await;
    let item = p.item("1.1", "10", "5").await;
    p.app.pause();
    crate::checks_find_damage::alter_a_record(p.app.data());
    p.app.restart().await;
    p.lead = p.app.sign_in("lead-estimator").await;
    let seal = seal(&p).await;
    assert_eq!(seal["holds"], false, "{seal}");
    // Reading goes on, nothing is changed any more.
    assert_eq!(p.row(&item).await["quantity"], "10.0000");
    let refused = p.edit_as(&p.lead, &set(&item, &json!({"quantity": "11"}))).await;
    refused.problem(503, "audit-chain-broken");
    p.lead.post("/audit/verify", &json!({})).await.problem(503, "audit-chain-broken");
    // Whoever asks whether the server can work is told, and told no more than that from elsewhere.
    let ready = async |forwarded: Option<&str>| {
        let ask = p.app.visitor().page("/readyz");
        let ask =
            forwarded.map_or(ask.try_clone().unwrap(), |of| ask.header("x-forwarded-for", of));
        let answer = ask.send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    let (status, said) = ready(None).await;
    assert_eq!((status, &said["code"]), (503, &json!("audit-chain-broken")));
    assert!(said["detail"].as_str().unwrap().contains("default: "), "{said}");
    let (status, said) = ready(Some("192.0.2.7")).await;
    assert_eq!((status, &said["code"]), (503, &json!("audit-chain-broken")));
    assert!(!said["detail"].as_str().unwrap().contains("default"), "{said}");
}

#[tokio::test]
async fn br_119_kept() {
    let mut p = Priced::start().await;
    let item = p.item("1.1", "10", "5").await;
    p.app.restart().await;
    p.lead = p.app.sign_in("lead-estimator").await;
    let first = seal(&p).await;
    assert_eq!(first["holds"], true, "{first}");
    p.edit(&set(&item, &json!({"quantity": "11"}))).await;
    let job = p.lead.post("/audit/verify", &json!({})).await.ok()["jobId"].clone();
    let at = format!("/jobs/{}", job.as_str().unwrap());
    let mut done = p.lead.get(&at).await.ok();
    for _ in 0..200 {
        if done["state"] == "done" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        done = p.lead.get(&at).await.ok();
    }
    assert_eq!(done["state"], "done", "{done}");
    let walked = done["result"]["commits"].as_u64().unwrap();
    assert!(walked > first["commits"].as_u64().unwrap(), "{done}");
    assert_eq!(seal(&p).await["hash"], done["result"]["hash"]);
}

#[tokio::test]
async fn br_120_broken() {
    let p = Priced::submitted().await;
    let admin = p.app.sign_in("admin").await;
    let refused = admin.delete(&format!("/tenders/{}", p.tender)).await;
    let violation = broken(refused, "retention-period-active");
    let until = violation["facts"]["until"].as_str().unwrap();
    assert!(until.ends_with("-03-31"), "{violation}");
}

#[tokio::test]
async fn br_120_kept() {
    let p = Priced::approved().await;
    let admin = p.app.sign_in("admin").await;
    // What was never submitted is no record that has to stay.
    assert_eq!(admin.delete(&format!("/tenders/{}", p.tender)).await.status, 204);
    let trail = admin.get("/audit?kind=tender").await.ok();
    assert_eq!(trail["items"][0]["command"], "delete-tender", "the audit stays: {trail}");
}

#[tokio::test]
async fn br_121_broken() {
    let p = Priced::start().await;
    let estimator = p.app.sign_in("estimator").await;
    for path in ["/audit", "/audit/entries/1", "/audit/seal", "/audit/export"] {
        estimator.get(path).await.problem(403, "audit-access-denied");
    }
    estimator.post("/audit/verify", &json!({})).await.problem(403, "audit-access-denied");
    // A Lead reads what touches estimates and nothing else.
    let unit = json!({"code": "bay", "name": "Bay", "dimension": "count"});
    let made = p.lead.post("/units", &unit).await;
    assert!(made.status.is_success(), "{made:?}");
    let admin = p.app.sign_in("admin").await;
    let of_units = admin.get("/audit?kind=unit&limit=1").await.ok();
    let lsn = of_units["items"][0]["lsn"].as_u64().unwrap();
    p.lead.get("/audit?kind=unit").await.problem(403, "audit-access-denied");
    let entry = p.lead.get(&format!("/audit/entries/{lsn}")).await;
    entry.problem(403, "audit-access-denied");
}

#[tokio::test]
async fn br_121_kept() {
    let p = Priced::start().await;
    let item = p.item("1.1", "10", "5").await;
    p.edit(&set(&item, &json!({"quantity": "11"}))).await;
    let at = format!("/audit?object={item}&command=update-item");
    let trail = p.lead.get(&at).await.ok();
    let row = &trail["items"][0]["rows"][0];
    assert_eq!((&row["kind"], &row["change"]), (&json!("item"), &json!("changed")));
    assert_eq!(row["name"], "1.1 Item 1.1");
    let quantity = row["fields"].as_array().unwrap().iter().find(|f| f["field"] == "quantity");
    let quantity = quantity.unwrap_or_else(|| panic!("before and after: {row}"));
    assert_eq!((&quantity["before"], &quantity["after"]), (&json!("10"), &json!("11")));
    // An Admin reads all; an export is itself recorded, with what was asked for.
    let admin = p.app.sign_in("admin").await;
    let export = admin.get(&format!("/audit/export?object={item}")).await;
    assert!(export.status.is_success() && export.text.contains("update-item"), "{export:?}");
    let exports = admin.get("/audit?command=export-audit").await.ok();
    let label = exports["items"][0]["label"].as_str().unwrap().to_owned();
    assert!(label.contains("2 commits") && label.contains(&item), "{label}");
}

#[tokio::test]
async fn looks_at_what_is_sensitive_are_in_the_trail_once_an_hour() {
    let p = Priced::start().await;
    for _ in 0..3 {
        p.lead.get(&p.at("/commercials")).await.ok();
    }
    let admin = p.app.sign_in("admin").await;
    let mut readings = json!([]);
    for _ in 0..100 {
        readings = admin.get("/audit?command=read-commercials").await.ok()["items"].clone();
        if readings.as_array().is_some_and(|all| !all.is_empty()) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(readings.as_array().unwrap().len(), 1, "{readings}");
    assert_eq!(readings[0]["rows"][0]["estimateId"], json!(p.estimate));
}

/// Whichever way commercials are looked at, and wherever price books go.
#[tokio::test]
async fn every_way_to_what_is_sensitive_is_in_the_trail() {
    let p = Priced::start().await;
    p.item("1.1", "10", "5").await;
    let admin = p.app.sign_in("admin").await;
    let noted = async |command: &str, by: &Value| {
        let found = admin.get(&format!("/audit?command={command}&person={}", id(by))).await.ok();
        found["items"].as_array().unwrap().iter().map(|e| id(&e["label"])).collect::<Vec<_>>()
    };
    let ways = ["viewer", "estimator", "lead-estimator"].into_iter().zip([
        ("GET", "/commercials/items", Value::Null),
        ("POST", "/commercials/preview", json!({"rules": []})),
        ("GET", "/documents/commercial-summary", Value::Null),
    ]);
    for (role, (method, path, body)) in ways {
        let who = p.app.sign_in(role).await;
        let person = who.get("/session").await.ok()["user"]["id"].clone();
        // Other documents hold nothing of it.
        who.get(&p.at("/documents/cost-by-heading")).await;
        assert_eq!(noted("read-commercials", &person).await, [""; 0], "{role}");
        let request = who.request(method.parse().unwrap(), &p.at(path));
        let request = if body.is_null() { request } else { request.json(&body) };
        assert_eq!(request.send().await.unwrap().status(), 200, "{path}");
        assert_eq!(noted("read-commercials", &person).await, ["Read the commercials"], "{path}");
    }
    let books = p.lead.get("/price-books").await.ok();
    let at = format!("/price-books/{}/versions/1", id(&books["items"][0]["id"]));
    let lead = p.lead.get("/session").await.ok()["user"]["id"].clone();
    assert!(p.lead.get(&format!("{at}/export?format=csv")).await.status.is_success());
    p.lead.post(&format!("{at}/export"), &json!({"format": "xlsx"})).await;
    let exported = noted("export-price-book", &lead).await;
    assert_eq!(exported.len(), 2, "each time: {exported:?}");
    assert!(exported[0].starts_with("Export ") && exported[0].ends_with(".xlsx"), "{exported:?}");
}

#[tokio::test]
async fn the_trail_is_searched_and_paged_without_gaps() {
    let p = Priced::start().await;
    let mut items = Vec::new();
    for n in 1..=7 {
        let item = fresh();
        p.edit(&json!([p.add_item(&item, &format!("1.{n}"), "10", "5")])).await;
        items.push(item);
    }
    let admin = p.app.sign_in("admin").await;
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = admin.get(&format!("/audit?command=add-item&limit=3{cursor}")).await.ok();
        let of_page = page["items"].as_array().unwrap();
        assert!(of_page.len() <= 3);
        seen.extend(of_page.iter().map(|entry| entry["rows"][0]["id"].clone()));
        match page["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    items.reverse();
    assert_eq!(json!(seen), json!(items), "newest first, each once");
    let found = admin.get("/audit?text=item%201.4").await.ok();
    assert_eq!(found["items"].as_array().unwrap().len(), 1, "{found}");
    let estimate = admin.get(&format!("/audit?estimateId={}&kind=item", p.estimate)).await.ok();
    assert_eq!(estimate["items"].as_array().unwrap().len(), 7);
    let later = admin.get("/audit?from=2100-01-01T00:00:00Z").await.ok();
    assert_eq!(later["items"], json!([]));
    // By whom, and between which times: from one, and before the other.
    let all = async |filters: &str| {
        let found = admin.get(&format!("/audit?command=add-item&{filters}")).await.ok();
        found["items"].as_array().unwrap().iter().map(|e| e["lsn"].clone()).collect::<Vec<_>>()
    };
    let own = p.lead.get("/session").await.ok()["user"]["id"].clone();
    let other = admin.get("/session").await.ok()["user"]["id"].clone();
    let hers = all(&format!("person={}", id(&own))).await;
    assert_eq!(hers.len(), 7);
    assert_eq!(all(&format!("person={}", id(&other))).await, json!([]).as_array().unwrap()[..]);
    let at = admin.get(&format!("/audit/entries/{}", hers[3])).await.ok()["at"].clone();
    assert_eq!(all(&format!("from={}", id(&at))).await, hers[..=3]);
    assert_eq!(all(&format!("to={}", id(&at))).await, hers[4..]);
}
