//! What an Admin has done from the browser: a snapshot into the vault, a restore drill, and the whole
//! organisation in one file, as it is or masked, now or as it was.

use crate::harness::{Client, TestApp, process::Server};
use crate::jobs_support::{job_of, over, result};
use crate::vault_support::{Vaulted, admin_of, numbers, shipped, tender, until};
use reqwest::Method;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

const QUICK: &str = "flush_ms = 50";
/// Nothing by itself: neither a drill nor, after the first, a snapshot.
const QUIET: &str = "flush_ms = 50\ndrill_interval = \"never\"";

/// Asks for the organisation in one file; gives the job once it is over.
async fn asked(admin: &Client, ask: &Value) -> Value {
    let answer = admin.post("/snapshots", ask).await.ok();
    over(admin, &job_of(&answer)).await
}

/// Saves the file of a job.
async fn saved(admin: &Client, job: &Value, folder: &Path) -> PathBuf {
    let (status, bytes) = result(admin, job["id"].as_str().expect("an identity")).await;
    assert_eq!(status, 200, "{job}");
    assert_eq!(bytes.len() as u64, job["file"]["bytes"].as_u64().expect("a size"));
    let path = folder.join(job["file"]["name"].as_str().expect("a name"));
    std::fs::write(&path, bytes).expect("the file");
    path
}

/// A server that starts from a file, in a folder of its own.
async fn started_from(file: &Path, data: &Path) -> Server {
    std::fs::create_dir_all(data).expect("a data folder");
    let file = file.to_str().expect("a plain name");
    Server::start(&["--from-snapshot", file, "--auth", "development"], data).await
}

#[tokio::test]
async fn the_organisation_is_taken_away_in_one_file_as_it_is_and_masked() {
    let app = TestApp::start().await;
    let admin = app.sign_in("admin").await;
    let company = json!({"name": "Hauraki Quarries Ltd",
        "roles": {"client": true, "supplier": true, "subcontractor": false}});
    admin.post("/companies", &company).await.ok();
    let made = admin.post("/tenders", &json!({"number": "T-77", "name": "Kerbs"})).await.ok();
    assert!(made["id"].is_string());
    let folder = tempfile::TempDir::new().expect("a temporary folder");

    let job = asked(&admin, &json!({"masked": false})).await;
    assert_eq!(job["state"], "done", "{job}");
    let plain = saved(&admin, &job, folder.path()).await;
    let server = started_from(&plain, &folder.path().join("plain")).await;
    let there = admin_of(&server).await;
    assert_eq!(numbers(&there).await, ["T-77"]);
    let companies = there.get("/companies").await.ok().to_string();
    assert!(companies.contains("Hauraki Quarries Ltd"), "{companies}");

    let job = asked(&admin, &json!({"masked": true})).await;
    assert_eq!(job["state"], "done", "{job}");
    assert!(job["message"].as_str().is_some_and(|said| said.contains("nothing of the original")));
    let masked = saved(&admin, &job, folder.path()).await;
    let name = masked.file_name().and_then(|name| name.to_str()).expect("a name");
    assert!(name.starts_with("staging-") && name.ends_with(".oxsnap"), "{name}");
    let inspect = ["snapshot", "inspect", masked.to_str().expect("a plain name")];
    let said = crate::harness::process::output(&inspect, folder.path());
    assert!(said.contains("names and prices are invented"), "{said}");
    let server = started_from(&masked, &folder.path().join("masked")).await;
    let there = admin_of(&server).await;
    let companies = there.get("/companies").await.ok().to_string();
    assert!(!companies.to_lowercase().contains("hauraki"), "{companies}");
    assert!(companies.contains("Company A") || companies.contains("Supplier A"), "{companies}");

    // That each was taken away is in the audit trail, once for each time.
    let trail = admin.get("/audit?command=export-snapshot").await.ok();
    let labels: Vec<&str> =
        trail["items"].as_array().unwrap().iter().filter_map(|e| e["label"].as_str()).collect();
    assert_eq!(labels.len(), 2, "{trail}");
    assert!(labels[0].ends_with(", masked") && labels[1].ends_with(", as it is"), "{labels:?}");

    // Nothing of what they were made of stays behind.
    let left: Vec<PathBuf> = crate::vault_support::files(app.data());
    let work: Vec<&PathBuf> =
        left.iter().filter(|path| path.to_string_lossy().contains(".work")).collect();
    assert!(work.is_empty(), "{work:?}");
}

#[tokio::test]
async fn the_same_server_gives_the_same_invented_names() {
    let app = TestApp::start().await;
    let admin = app.sign_in("admin").await;
    for name in ["Hauraki Quarries Ltd", "Waikato Concrete"] {
        let roles = json!({"client": false, "supplier": true, "subcontractor": false});
        admin.post("/companies", &json!({"name": name, "roles": roles})).await.ok();
    }
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let mut seen = Vec::new();
    for n in 0..2 {
        let job = asked(&admin, &json!({"masked": true})).await;
        let file = saved(&admin, &job, folder.path()).await;
        let server = started_from(&file, &folder.path().join(n.to_string())).await;
        let mut rows = admin_of(&server).await.get("/companies").await.ok()["items"].clone();
        for row in rows.as_array_mut().expect("companies") {
            let row = row.as_object_mut().expect("a company");
            row.retain(|field, _| field == "id" || field == "name");
        }
        seen.push(rows);
        std::fs::remove_file(file).expect("it goes");
    }
    assert_eq!(seen[0], seen[1]);
}

#[tokio::test]
async fn a_past_moment_comes_from_the_vault() {
    let app = Vaulted::start(QUICK).await;
    let admin = app.admin().await;
    tender(&admin, "T-1").await;
    shipped(&admin).await;
    let between = jiff::Timestamp::now().to_string();
    tender(&admin, "T-2").await;
    shipped(&admin).await;

    let job = asked(&admin, &json!({"masked": false, "at": between})).await;
    assert_eq!(job["state"], "done", "{job}");
    let file = saved(&admin, &job, app.folder.path()).await;
    let server = started_from(&file, &app.folder.path().join("then")).await;
    assert_eq!(numbers(&admin_of(&server).await).await, ["T-1"]);

    // Nothing had been committed yet.
    let long_ago = "2001-01-01T00:00:00Z";
    let job = asked(&admin, &json!({"masked": true, "at": long_ago})).await;
    assert_eq!(job["state"], "failed", "{job}");
    assert_eq!(job["error"]["code"], "moment-not-in-vault", "{job}");
    let later = (jiff::Timestamp::now() + jiff::SignedDuration::from_hours(1)).to_string();
    let ask = json!({"masked": true, "at": later});
    admin.post("/snapshots", &ask).await.problem(400, "invalid-request");
}

#[tokio::test]
async fn a_snapshot_and_a_drill_are_had_when_they_are_asked_for() {
    let app = Vaulted::start(QUIET).await;
    let admin = app.admin().await;
    tender(&admin, "T-1").await;
    until(&admin, |state| state["snapshot"].is_object()).await;
    tender(&admin, "T-2").await;
    let state = shipped(&admin).await;
    assert_ne!(state["snapshot"]["lsn"], state["stored"], "one was taken that nobody asked for");
    assert_eq!(admin.post("/vault/snapshots", &json!({})).await.status, 202);
    let state = until(&admin, |state| {
        state["snapshot"]["lsn"] == state["stored"] && state["snapshotAsked"] == false
    })
    .await;
    let listed = admin.get("/vault/snapshots").await.ok();
    assert_eq!(listed["place"], app.url, "{listed}");
    assert_eq!(listed["slug"], "default");
    assert_eq!(listed["items"][0]["lsn"], state["snapshot"]["lsn"], "{listed}");
    assert!(listed["items"][0]["rows"].as_u64().is_some_and(|rows| rows > 0), "{listed}");

    tender(&admin, "T-3").await;
    shipped(&admin).await;
    assert!(state["drill"].is_null(), "{state}");
    assert_eq!(admin.post("/vault/drills", &json!({})).await.status, 202);
    let state = until(&admin, |state| state["drill"].is_object()).await;
    assert!(state["drill"]["failure"].is_null(), "{state}");
    assert_eq!(state["drill"]["lsn"], state["head"]);
    assert_eq!(state["drillAsked"], false);
}

#[tokio::test]
async fn nobody_but_an_admin_has_any_of_it_and_without_a_vault_there_is_only_now() {
    let app = TestApp::start().await;
    let admin = app.sign_in("admin").await;
    admin.get("/vault/snapshots").await.problem(409, "no-vault");
    admin.post("/vault/snapshots", &json!({})).await.problem(409, "no-vault");
    admin.post("/vault/drills", &json!({})).await.problem(409, "no-vault");
    let ask = json!({"masked": true, "at": "2026-01-01T00:00:00Z"});
    admin.post("/snapshots", &ask).await.problem(409, "no-vault");

    // A file an Admin made is nobody else's, and not the maker's either once that role is gone.
    let second = json!({"name": "Second", "email": "second@oxcon.example", "role": "admin"});
    let second = admin.post("/users", &second).await.ok();
    let other = Client::new(&app.origin()).signed_in_as(&second["id"]).await;
    let job = asked(&other, &json!({"masked": false})).await;
    assert_eq!(job["state"], "done", "{job}");
    let id = job["id"].as_str().expect("an identity");
    let lead = app.sign_in("lead-estimator").await;
    assert_eq!(result(&lead, id).await.0, 404);
    let at = format!("/users/{}", second["id"].as_str().expect("an identity"));
    let change = json!({"version": second["version"], "role": "lead-estimator"});
    admin.patch(&at, &change).await.ok();
    let (status, said) = result(&other, id).await;
    assert_eq!(status, 403, "{}", String::from_utf8_lossy(&said));
    assert_eq!(result(&admin, id).await.0, 200);
    let path = format!("/jobs/{id}/retry");
    assert_ne!(other.request(Method::POST, &path).send().await.unwrap().status(), 200);
}
