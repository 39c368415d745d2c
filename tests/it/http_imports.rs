//! A client's schedule over HTTP: uploaded, looked at, planned, committed whole, imported again.

use crate::harness::Client;
use crate::http_support::{Priced, id};
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::time::Duration;

async fn upload(client: &Client, name: &str, bytes: Vec<u8>) -> reqwest::Response {
    let form = Form::new().part("file", Part::bytes(bytes).file_name(name.to_owned()));
    client.request(Method::POST, "/imports").multipart(form).send().await.unwrap()
}

const SCHEDULE: &str = "Item,Description,Unit,Qty,Rate\r\n\
    5,Preliminaries,,,\r\n\
    5.1,Establishment,LS,1,5000\r\n\
    5.2,Traffic management,LS,1,\r\n\
    6,Earthworks,,,\r\n\
    6.1,Strip topsoil,m3,850,7.25\r\n\
    6.2,Cut to waste,cu.m,2400,12.5\r\n";

/// Plans the import with the layout the server guesses.
async fn plan(p: &Priced, import: &str, mode: &str, change: impl FnOnce(&mut Value)) -> Value {
    let window = p.lead.get(&format!("/imports/{import}/sheets/0")).await.ok();
    let mut layout = window["guess"].clone();
    change(&mut layout);
    let body = json!({"estimateId": p.estimate, "mode": mode, "layout": layout,
        "rateAs": "plug", "plugType": "subcontract"});
    p.lead.post(&format!("/imports/{import}/plan"), &body).await.ok()
}

#[tokio::test]
async fn a_schedule_is_imported_as_previewed_and_matched_again_later() {
    let p = Priced::start().await;
    let answer = upload(&p.lead, "schedule.csv", SCHEDULE.into()).await;
    assert_eq!(answer.status(), 201);
    let import: Value = answer.json().await.unwrap();
    let upload_id = id(&import["id"]);
    assert_eq!(import["sheets"][0]["rows"], 7);
    let window = p.lead.get(&format!("/imports/{upload_id}/sheets/0?limit=3")).await.ok();
    assert_eq!(window["cells"][2][1], json!({"v": "Establishment", "kind": "text"}));
    assert_eq!(window["guess"]["columns"]["quantity"], 3);
    let values = p.lead.get(&format!("/imports/{upload_id}/sheets/0/values?column=2")).await.ok();
    assert_eq!(values["items"][0], json!({"value": "LS", "count": 2}));

    let planned = plan(&p, &upload_id, "append", |_| {}).await;
    let summary = &planned["summary"];
    assert_eq!(
        (&summary["headings"], &summary["items"], &summary["errors"]),
        (&json!(2), &json!(4), &json!(0))
    );
    let lsn = p.lead.get(&p.at("")).await.ok()["lsn"].clone();
    let rows = p.lead.get(&format!("/imports/{upload_id}/plan/rows?offset=4&limit=1")).await.ok();
    assert_eq!(rows["rows"][0]["code"], "6.1");
    let commit = json!({"planId": planned["planId"]});
    let done = p.lead.post(&format!("/imports/{upload_id}/commit"), &commit).await.ok();
    assert_eq!(done["result"]["totals"]["total"], "41162.50");
    assert_eq!(done["result"]["totals"]["byType"]["subcontract"], "41162.50");
    assert_eq!(done["result"]["lsn"].as_u64().unwrap(), lsn.as_u64().unwrap() + 1);
    assert_eq!(done["result"]["label"], "Import schedule.csv");

    // The next file with the same headings is read the same way.
    let second = SCHEDULE
        .replace("850", "900")
        .replace("6.2,Cut to waste,cu.m,2400,12.5\r\n", "6.3,Undercut,m3,180,30\r\n");
    let import: Value = upload(&p.lead, "addendum.csv", second.into()).await.json().await.unwrap();
    let upload_id = id(&import["id"]);
    let window = p.lead.get(&format!("/imports/{upload_id}/sheets/0")).await.ok();
    assert_eq!(window["guess"]["remembered"], true);
    let planned = plan(&p, &upload_id, "reimport", |_| {}).await;
    let summary = &planned["summary"];
    assert_eq!(
        (&summary["added"], &summary["changed"], &summary["dropped"]),
        (&json!(1), &json!(1), &json!(1))
    );
    let commit = json!({"planId": planned["planId"]});
    let done = p.lead.post(&format!("/imports/{upload_id}/commit"), &commit).await.ok();
    // 5000 + 900 × 7.25 + 180 × 30; what was dropped is inactive.
    assert_eq!(done["result"]["totals"]["total"], "16925.00");
    let hits = p.lead.get(&p.at("/search?q=cut%20to%20waste")).await.ok();
    assert_eq!(hits["items"][0]["row"]["inactive"], true);
    // One undo takes the whole import back.
    let undone = p.lead.post(&p.at("/undo"), &json!({})).await.ok();
    assert_eq!(undone["totals"]["total"], "41162.50");
}

#[tokio::test]
async fn a_plan_with_errors_imports_nothing() {
    let p = Priced::start().await;
    let bad = SCHEDULE.replace("850", "lots").replace("cu.m", "furlongs");
    let import: Value = upload(&p.lead, "bad.csv", bad.into()).await.json().await.unwrap();
    let upload_id = id(&import["id"]);
    let planned = plan(&p, &upload_id, "append", |_| {}).await;
    assert_eq!(planned["unknownUnits"][0]["unit"], "furlongs");
    assert!(planned["problems"][0]["cell"].as_str().unwrap().contains('!'), "{planned}");
    let commit = json!({"planId": planned["planId"]});
    let problem = p.lead.post(&format!("/imports/{upload_id}/commit"), &commit).await;
    let problem = problem.problem(422, "import-has-errors");
    assert_eq!(problem["violations"].as_array().unwrap().len(), 2);
    assert_eq!(p.totals().await["items"], 0);
    let other = json!({"planId": crate::http_support::fresh()});
    let at = format!("/imports/{upload_id}/commit");
    p.lead.post(&at, &other).await.problem(404, "not-found");
    p.item("1.1", "1", "1").await;
    let window = p.lead.get(&format!("/imports/{upload_id}/sheets/0")).await.ok();
    let body = json!({"estimateId": p.estimate, "mode": "replace-empty", "layout": window["guess"],
        "rateAs": "ignore"});
    let at = format!("/imports/{upload_id}/plan");
    p.lead.post(&at, &body).await.problem(409, "estimate-not-empty");
}

#[tokio::test]
async fn an_upload_is_its_owners_and_must_be_a_spreadsheet() {
    let p = Priced::start().await;
    let import: Value = upload(&p.lead, "a.csv", SCHEDULE.into()).await.json().await.unwrap();
    let at = format!("/imports/{}", id(&import["id"]));
    let other = p.app.sign_in("estimator").await;
    other.get(&at).await.problem(404, "not-found");
    other.delete(&at).await.problem(404, "not-found");
    assert_eq!(p.lead.delete(&at).await.status, 204);
    p.lead.get(&at).await.problem(404, "not-found");
    for (name, bytes) in [("a.xlsx", b"not a workbook".to_vec()), ("a.csv", Vec::new())] {
        let answer = upload(&p.lead, name, bytes).await;
        assert_eq!(answer.status(), 422, "{name}");
        let problem: Value = answer.json().await.unwrap();
        assert!(problem["code"].as_str().unwrap().starts_with("import-"), "{problem}");
    }
    let form = Form::new().text("other", "x");
    let answer = p.lead.request(Method::POST, "/imports").multipart(form).send().await.unwrap();
    assert_eq!(answer.status(), 400);
    let plain = p.lead.request(Method::POST, "/imports").body("x").send().await.unwrap();
    assert_eq!(plain.json::<Value>().await.unwrap()["code"], "invalid-request");
}

#[tokio::test]
async fn a_large_import_is_a_job_with_progress() {
    const ITEMS: usize = 6_000;
    let p = Priced::start().await;
    let mut schedule = String::from("Item,Description,Unit,Qty,Rate\r\n1,Everything,,,\r\n");
    for n in 1..=ITEMS {
        write!(schedule, "1.{n},Item {n},m3,2,1.50\r\n").unwrap();
    }
    let import: Value = upload(&p.lead, "large.csv", schedule.into()).await.json().await.unwrap();
    let upload_id = id(&import["id"]);
    let planned = plan(&p, &upload_id, "append", |_| {}).await;
    assert_eq!(planned["rows"].as_array().unwrap().len(), 200);
    let commit = json!({"planId": planned["planId"]});
    let started = p.lead.post(&format!("/imports/{upload_id}/commit"), &commit).await;
    assert_eq!(started.status, 202);
    let job = id(&started.ok()["jobId"]);
    let done = loop {
        let job = p.lead.get(&format!("/jobs/{job}")).await.ok();
        match job["state"].as_str().unwrap() {
            "queued" | "running" => tokio::time::sleep(Duration::from_millis(20)).await,
            _ => break job,
        }
    };
    assert_eq!(done["state"], "done", "{done}");
    assert_eq!(done["done"], done["total"]);
    assert_eq!(done["result"]["total"], "18000.00");
    assert_eq!(done["result"]["rows"], ITEMS + 1);
    assert_eq!(p.totals().await["total"], "18000.00");
    assert_eq!(p.lead.get("/jobs").await.ok()["items"][0]["id"], json!(job));
    let other = p.app.sign_in("estimator").await;
    other.get(&format!("/jobs/{job}")).await.problem(404, "not-found");
    p.lead.delete(&format!("/jobs/{job}")).await.problem(409, "job-is-over");
}

#[tokio::test]
async fn an_estimate_goes_out_as_a_file() {
    let p = Priced::start().await;
    p.item("1.1", "10", "5").await;
    let get = |format: &str| {
        let path = p.at(&format!("/export?format={format}"));
        p.lead.request(Method::GET, &path).send()
    };
    let csv = get("csv").await.unwrap();
    let name = csv.headers()["content-disposition"].to_str().unwrap().to_owned();
    assert!(name.contains("T-1 BASE") && name.contains("r1.csv"), "{name}");
    let text = csv.text().await.unwrap();
    assert!(text.contains("DRAFT") && text.contains("50.00"), "{text}");
    let xlsx = get("xlsx").await.unwrap();
    assert!(xlsx.headers()["content-type"].to_str().unwrap().contains("spreadsheetml"));
    assert!(xlsx.bytes().await.unwrap().starts_with(b"PK"));
    assert_eq!(get("pdf").await.unwrap().status(), 400);
}

#[tokio::test]
async fn a_percentage_item_is_linked_to_the_sums_of_its_file() {
    let p = Priced::start().await;
    let file = "Item,Description,Unit,Qty,Rate,Amount\r\n\
        4,Provisional sums,,,,\r\n\
        4.01,Provisional sum: services,PS,,,25000\r\n\
        4.02,Contractor's percentage on 4.01,%,,8,\r\n";
    let import: Value = upload(&p.lead, "sums.csv", file.into()).await.json().await.unwrap();
    let import = id(&import["id"]);
    let planned = plan(&p, &import, "append", |_| {}).await;
    assert_eq!(planned["summary"]["errors"], 0, "{planned}");
    let commit = json!({"planId": planned["planId"]});
    p.lead.post(&format!("/imports/{import}/commit"), &commit).await.ok();
    let rows = p.lead.get(&p.at("/rows?limit=10")).await.ok();
    let row = |code: &str| {
        let rows = rows["rows"].as_array().expect("rows");
        rows.iter().find(|row| row["code"] == code).expect("a row").clone()
    };
    assert_eq!(row("4.02")["linkedItems"], json!([row("4.01")["id"]]));

    let alone = "Item,Description,Unit,Qty,Rate\r\n4,Sums,,,\r\n4.02,Percentage,%,,8\r\n";
    let import: Value = upload(&p.lead, "alone.csv", alone.into()).await.json().await.unwrap();
    let planned = plan(&p, &id(&import["id"]), "append", |_| {}).await;
    assert_eq!(planned["summary"]["errors"], 1, "{planned}");
    assert_eq!(planned["problems"][0]["rule"], "BR-027");
}

#[tokio::test]
async fn each_tab_keeps_the_plan_it_made() {
    let p = Priced::start().await;
    let answer = upload(&p.lead, "schedule.csv", SCHEDULE.into()).await;
    let import = id(&answer.json::<Value>().await.unwrap()["id"]);
    let all = plan(&p, &import, "append", |_| {}).await;
    // Another client of the same person maps other columns: it sees no quantities.
    let other = p.app.sign_in("lead-estimator").await;
    let window = other.get(&format!("/imports/{import}/sheets/0")).await.ok();
    let mut layout = window["guess"].clone();
    layout["filters"] = json!([{"column": 0, "equals": "6.1"}]);
    let body = json!({"estimateId": p.estimate, "mode": "append", "layout": layout,
        "rateAs": "plug", "plugType": "subcontract"});
    let one = other.post(&format!("/imports/{import}/plan"), &body).await.ok();
    assert_ne!(all["planId"], one["planId"]);
    assert_eq!((&all["summary"]["items"], &one["summary"]["items"]), (&json!(4), &json!(1)));
    let rows = |client: &crate::harness::Client, plan: &Value| {
        let at = format!("/imports/{import}/plan/rows?planId={}", id(&plan["planId"]));
        let client = client.clone();
        async move { client.get(&at).await.ok()["total"].clone() }
    };
    assert_eq!(rows(&p.lead, &all).await, all["rows"].as_array().unwrap().len());
    assert_eq!(rows(&other, &one).await, one["rows"].as_array().unwrap().len());
    // The first is carried out as it was seen there.
    let commit = json!({"planId": all["planId"]});
    let done = p.lead.post(&format!("/imports/{import}/commit"), &commit).await.ok();
    assert_eq!(done["result"]["totals"]["items"], 4);
    // Only so many are kept: the oldest goes, and whoever had it is told so.
    for _ in 0..3 {
        plan(&p, &import, "append", |_| {}).await;
    }
    let at = format!("/imports/{import}/commit");
    p.lead.post(&at, &commit).await.problem(404, "not-found");
    other.post(&at, &json!({"planId": one["planId"]})).await.ok();
}
