//! What the tests of jobs share: large estimates, batches, and waiting for a job to be over.

use crate::harness::Client;
use crate::http_support::{fresh, id};
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::time::{Duration, Instant};

/// Longest wait for a job in a debug build on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// A tender with an empty estimate; gives the estimate.
pub async fn estimate(client: &Client, number: &str) -> String {
    let body = json!({"number": number, "name": "Jobs"});
    let tender = client.post("/tenders", &body).await.ok();
    id(&tender["estimates"][0]["id"])
}

/// An approved estimate of an active tender with so many items of 1,000.00, which takes a job to
/// submit; gives the tender and the estimate.
pub async fn approved(client: &Client, number: &str, items: usize) -> (String, String) {
    let tender = client.post("/tenders", &json!({"number": number, "name": "Jobs"})).await.ok();
    let (estimate, tender) = (id(&tender["estimates"][0]["id"]), id(&tender["id"]));
    let at = format!("/tenders/{tender}");
    let closes = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(240);
    let closes = closes.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    client.patch(&at, &json!({"version": 1, "closingAt": closes})).await.ok();
    client.put(&format!("{at}/decision"), &json!({"go": true, "reason": "Work"})).await.ok();
    let version = client.get(&at).await.ok()["version"].clone();
    client.patch(&at, &json!({"version": version, "state": "active"})).await.ok();
    let heading = fresh();
    let mut reviews = Vec::new();
    let mut edits = vec![json!({"op": "add-heading", "id": heading, "code": "1", "name": "All"})];
    for n in 1..=items {
        let item = fresh();
        let set = json!({"code": format!("1.{n}"), "description": format!("Item {n}"),
            "unit": "m3", "quantity": "10"});
        let line = json!({"description": "Crew", "type": "labour", "unit": "h", "rate": "50",
            "method": "fixed", "quantity": "20"});
        edits.push(json!({"op": "add-item", "id": item, "parentId": heading, "set": set}));
        edits.push(json!({"op": "add-line", "itemId": item, "line": line}));
        reviews.push(json!({"op": "update-item", "id": item, "set": {"reviewed": true}}));
    }
    let at = format!("/estimates/{estimate}");
    for edits in [edits, reviews] {
        client.post(&format!("{at}/edits"), &json!({"edits": edits})).await.ok();
    }
    client.post(&format!("{at}/approval"), &json!({"minutes": "Settled"})).await.ok();
    (tender, estimate)
}

/// Asks for a submission of what is to be seen.
pub async fn submit(client: &Client, estimate: &str) -> crate::harness::Answer {
    let at = format!("/estimates/{estimate}/submission");
    let seen = client.get(&at).await.ok();
    let body = json!({"contentHash": seen["contentHash"], "totalEx": seen["totalEx"]});
    client.post(&at, &body).await
}

/// Plans the import of a schedule with so many items at 2 × 1.50 and asks for it; gives the answer.
pub async fn import(client: &Client, estimate: &str, items: usize) -> Value {
    let mut schedule = String::from("Item,Description,Unit,Qty,Rate\r\n1,Everything,,,\r\n");
    for n in 1..=items {
        write!(schedule, "1.{n},Item {n},m3,2,1.50\r\n").expect("a String takes it");
    }
    let part = Part::bytes(schedule.into_bytes()).file_name("large.csv");
    let form = Form::new().part("file", part);
    let answer = client.request(Method::POST, "/imports").multipart(form).send().await;
    let import: Value = answer.expect("an answer").json().await.expect("an upload");
    let at = format!("/imports/{}", id(&import["id"]));
    let window = client.get(&format!("{at}/sheets/0")).await.ok();
    let ask = json!({"estimateId": estimate, "mode": "append", "layout": window["guess"],
        "rateAs": "plug", "plugType": "plant"});
    let plan = client.post(&format!("{at}/plan"), &ask).await.ok();
    client.post(&format!("{at}/commit"), &json!({"planId": plan["planId"]})).await.ok()
}

/// The job of an answer that tells of one.
pub fn job_of(answer: &Value) -> String {
    id(&answer["jobId"])
}

/// The job once it is in one of these states.
pub async fn until(client: &Client, job: &str, states: &[&str]) -> Value {
    let started = Instant::now();
    loop {
        let now = client.get(&format!("/jobs/{job}")).await.ok();
        if now["state"].as_str().is_some_and(|state| states.contains(&state)) {
            return now;
        }
        assert!(started.elapsed() < PATIENCE, "it was never {states:?}: {now}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// The job once it is over.
pub async fn over(client: &Client, job: &str) -> Value {
    until(client, job, &["done", "failed", "cancelled"]).await
}

/// The bytes of a job's file.
pub async fn result(client: &Client, job: &str) -> (u16, Vec<u8>) {
    let answer = client.request(Method::GET, &format!("/jobs/{job}/result")).send().await;
    let answer = answer.expect("an answer");
    let status = answer.status().as_u16();
    (status, answer.bytes().await.expect("its bytes").to_vec())
}

/// So many estimates, each with one item of 10 m3 whose line takes a resource at 5.00, which costs
/// 6.00 by the time this ends.
pub async fn dearer(client: &Client, estimates: usize) -> Vec<String> {
    let resource = json!({"code": "MAT-X", "description": "Material", "type": "material",
        "unit": "m3", "rate": "5"});
    let resource = client.post("/resources", &resource).await.ok();
    let mut made = Vec::new();
    for n in 0..estimates {
        let estimate = estimate(client, &format!("B-{n}")).await;
        let at = format!("/estimates/{estimate}");
        let (heading, item) = (fresh(), fresh());
        let body = json!({"id": heading, "code": "1", "name": "All"});
        client.post(&format!("{at}/headings"), &body).await.ok();
        let body = json!({"id": item, "parentId": heading, "set": {
            "code": "1.1", "description": "Fill", "unit": "m3", "quantity": "10"}});
        client.post(&format!("{at}/items"), &body).await.ok();
        let line = json!({"line": {"method": "usage", "resourceId": resource["id"],
            "usage": "1"}});
        let lines = format!("{at}/items/{item}/worksheet/lines");
        client.post(&lines, &line).await.ok();
        made.push(estimate);
    }
    let at = format!("/resources/{}", id(&resource["id"]));
    let version = client.get(&at).await.ok()["version"].clone();
    client.patch(&at, &json!({"version": version, "rate": "6"})).await.ok();
    made
}

/// Lists what repricing would do to every estimate; gives the body that does it.
pub async fn listed(client: &Client) -> Value {
    let job = job_of(&client.post("/jobs/reprice", &json!({})).await.ok());
    let list = over(client, &job).await;
    assert_eq!(list["state"], "done", "{list}");
    let outcomes = list["outcomes"].as_array().expect("outcomes");
    let seen = |one: &Value| json!({"id": one["estimateId"], "preview": one["preview"]});
    let changed = outcomes.iter().filter(|one| one["verdict"] == "listed");
    json!({"apply": true, "estimates": changed.map(seen).collect::<Vec<_>>()})
}

/// Cost of an estimate.
pub async fn cost(client: &Client, estimate: &str) -> Value {
    client.get(&format!("/estimates/{estimate}")).await.ok()["totals"]["total"].clone()
}
