//! A tender of 10,000 items submitted over HTTP: recomputed, checked, hashed, frozen, and its three
//! files made and stored.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use uuid::Uuid;

use crate::figures::Figures;
use crate::harness::{Client, TestApp};
use crate::place::Folder;
use crate::process;

const ITEMS: usize = 10_000;
/// Edits in one request while the tender is laid out.
const BATCH: usize = 1_000;
/// Items under one heading.
const UNDER_ONE: usize = 100;
/// Days until the tender closes.
const DAYS: i64 = 30;

pub async fn measure(figures: &mut Figures) {
    let folder = Folder::new("submission");
    let app = TestApp::start_in(folder.path()).await;
    let lead = app.sign_in("lead-estimator").await;
    let estimate = lay_out(&lead).await;
    let at = format!("/estimates/{estimate}");
    lead.post(&format!("{at}/approval"), &json!({ "minutes": "Settled" })).await.ok();
    let seen = lead.get(&format!("{at}/submission")).await.ok();
    let started = Instant::now();
    let body = json!({ "contentHash": seen["contentHash"], "totalEx": seen["totalEx"] });
    let asked = lead.post(&format!("{at}/submission"), &body).await.ok();
    let job = format!("/jobs/{}", asked["jobId"].as_str().expect("a job"));
    loop {
        match lead.get(&job).await.ok()["state"].as_str() {
            Some("queued" | "running") => tokio::time::sleep(Duration::from_millis(5)).await,
            Some("done") => break,
            state => panic!("it was {state:?}"),
        }
    }
    let took = started.elapsed().as_millis();
    figures.size(format!("oxFlow: submission of {ITEMS} items"), format!("{took} ms"));
    let peak = process::peak_bytes(&app) / 1_000_000;
    figures.size("oxFlow: most memory on the way", format!("{peak} MB"));
}

/// An active tender of items each priced on a worksheet and reviewed.
async fn lay_out(lead: &Client) -> String {
    let tender = json!({ "number": "T-10000", "name": "Ten thousand items" });
    let tender = lead.post("/tenders", &tender).await.ok();
    let path = format!("/tenders/{}", tender["id"].as_str().expect("an id"));
    let closing = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24 * DAYS);
    let change = async |set: Value| {
        let mut body = set;
        body["version"] = lead.get(&path).await.ok()["version"].clone();
        lead.patch(&path, &body).await.ok();
    };
    change(json!({ "closingAt": closing.strftime("%Y-%m-%dT%H:%M:%SZ").to_string() })).await;
    let go = json!({ "go": true, "reason": "A crew is free" });
    lead.put(&format!("{path}/decision"), &go).await.ok();
    change(json!({ "state": "active" })).await;
    let estimate = tender["estimates"][0]["id"].as_str().expect("an estimate").to_owned();
    let path = format!("/estimates/{estimate}/edits");
    for edits in rows() {
        for batch in edits.chunks(BATCH) {
            lead.post(&path, &json!({ "edits": batch })).await.ok();
        }
    }
    estimate
}

/// The edits that make the tender, then those that review its items.
fn rows() -> [Vec<Value>; 2] {
    let (mut edits, mut reviews) = (Vec::new(), Vec::new());
    let mut heading = Uuid::nil();
    for n in 0..ITEMS {
        if n % UNDER_ONE == 0 {
            heading = Uuid::now_v7();
            let name = format!("Part {}", n / UNDER_ONE + 1);
            edits.push(json!({
                "op": "add-heading", "id": heading, "place": "last", "name": name,
            }));
        }
        let item = Uuid::now_v7();
        edits.push(json!({
            "op": "add-item", "id": item, "parentId": heading, "place": "last",
            "set": {
                "type": "schedule", "code": format!("{}", n + 1), "unit": "m3",
                "description": format!("Excavate to waste, zone {}, depth not over {} m", n % 97, n % 6 + 1),
                "quantity": format!("{}.5", n % 900 + 1),
            },
        }));
        edits.push(json!({
            "op": "add-line", "itemId": item,
            "line": {
                "description": "Sand", "type": "material", "unit": "t", "rate": "40",
                "method": "usage", "usage": "0.05",
            },
        }));
        reviews.push(json!({ "op": "update-item", "id": item, "set": { "reviewed": true } }));
    }
    [edits, reviews]
}
