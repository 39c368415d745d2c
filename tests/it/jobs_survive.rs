//! A job survives the end of the process at any moment, and what it does is done exactly once.
//!
//! The real binary is killed (SIGKILL) while an import, an export, a document and a batch of
//! repricing are under way, and started again on its data.

use crate::harness::{Client, TestApp, pdf};
use crate::jobs_support::{cost, dearer, estimate, import, job_of, listed, over, result, until};
use serde_json::{Value, json};
use std::time::Duration;

/// When the process is killed after a job was asked for, in milliseconds.
const KILLS_MS: [u64; 4] = [0, 40, 200, 700];

/// Starts the server again and proves its data whole.
async fn again(app: &mut TestApp) -> Client {
    app.kill();
    for command in [&["check"][..], &["audit", "verify"]] {
        let said = app.command(command);
        assert!(said.contains("default"), "{said}");
    }
    app.restart().await;
    app.sign_in("lead-estimator").await
}

#[tokio::test]
async fn an_import_that_was_killed_is_there_once() {
    const ITEMS: usize = 5_200;
    let mut app = TestApp::start().await;
    for (n, wait) in KILLS_MS.into_iter().enumerate() {
        let lead = app.sign_in("lead-estimator").await;
        let estimate = estimate(&lead, &format!("I-{n}")).await;
        let job = job_of(&import(&lead, &estimate, ITEMS).await);
        tokio::time::sleep(Duration::from_millis(wait)).await;
        let lead = again(&mut app).await;
        let done = over(&lead, &job).await;
        assert_eq!(done["state"], "done", "killed after {wait} ms: {done}");
        assert_eq!(done["result"]["total"], "15600.00");
        let estimate = lead.get(&format!("/estimates/{estimate}")).await.ok();
        assert_eq!(estimate["totals"]["items"], ITEMS, "killed after {wait} ms");
        assert_eq!(estimate["totals"]["total"], "15600.00");
    }
    // Nothing of what was imported is left lying about.
    let files = std::fs::read_dir(app.data().join("orgs/default/jobs"));
    assert_eq!(files.map_or(0, Iterator::count), 0);
}

#[tokio::test]
async fn an_export_and_a_document_that_were_killed_have_one_file() {
    const ITEMS: usize = 10_100;
    let mut app = TestApp::start().await;
    let lead = app.sign_in("lead-estimator").await;
    let large = estimate(&lead, "E-1").await;
    let job = job_of(&import(&lead, &large, ITEMS).await);
    assert_eq!(over(&lead, &job).await["state"], "done");
    let ask = json!({"format": "csv"});
    let started = lead.post(&format!("/estimates/{large}/export"), &ask).await;
    assert_eq!(started.status, 202);
    let csv = job_of(&started.ok());
    let ask = json!({"format": "xlsx"});
    let xlsx = job_of(&lead.post(&format!("/estimates/{large}/export"), &ask).await.ok());
    until(&lead, &xlsx, &["running", "done"]).await;
    let lead = again(&mut app).await;
    for job in [&csv, &xlsx] {
        let done = over(&lead, job).await;
        assert_eq!((&done["state"], &done["file"]["available"]), (&json!("done"), &json!(true)));
        let (status, bytes) = result(&lead, job).await;
        assert_eq!(status, 200);
        assert_eq!(done["file"]["bytes"], bytes.len());
    }
    let (_, text) = result(&lead, &csv).await;
    let text = String::from_utf8(text).expect("text");
    assert_eq!(text.lines().filter(|line| line.contains("Item ")).count(), ITEMS);

    let small = estimate(&lead, "E-2").await;
    import(&lead, &small, 1_100).await;
    let at = format!("/estimates/{small}/documents/client-schedule");
    let started = lead.post(&at, &json!({})).await;
    assert_eq!(started.status, 202);
    let job = job_of(&started.ok());
    until(&lead, &job, &["running", "done"]).await;
    let lead = again(&mut app).await;
    let done = over(&lead, &job).await;
    assert_eq!(done["state"], "done", "{done}");
    let name = done["file"]["name"].as_str().expect("a name");
    assert!(name.ends_with("schedule of prices.pdf"), "{name}");
    let text = pdf::text(&result(&lead, &job).await.1);
    assert!(text.contains("1.1100") && text.contains("DRAFT"), "the last item is printed");
}

#[tokio::test]
async fn a_batch_of_repricing_that_was_killed_reprices_each_estimate_once() {
    const ESTIMATES: usize = 25;
    let mut app = TestApp::start().await;
    let lead = app.sign_in("lead-estimator").await;
    let estimates = dearer(&lead, ESTIMATES).await;
    let take = listed(&lead).await;
    assert_eq!(take["estimates"].as_array().map(Vec::len), Some(ESTIMATES));
    let job = job_of(&lead.post("/jobs/reprice", &take).await.ok());
    let mut lead = lead;
    for wait in [5, 15, 30] {
        tokio::time::sleep(Duration::from_millis(wait)).await;
        lead = again(&mut app).await;
    }
    let done = over(&lead, &job).await;
    assert_eq!(done["state"], "done", "{done}");
    // A second repricing of an estimate would find another list than the one seen, and say so.
    let outcomes = done["outcomes"].as_array().expect("outcomes");
    assert_eq!(outcomes.len(), ESTIMATES);
    for outcome in outcomes {
        assert_eq!(outcome["verdict"], "repriced", "{outcome}");
        assert_eq!(
            (&outcome["oldTotal"], &outcome["newTotal"]),
            (&json!("50.00"), &json!("60.00"))
        );
    }
    let mut commits: Vec<&Value> = outcomes.iter().map(|outcome| &outcome["lsn"]).collect();
    commits.dedup();
    assert_eq!(commits.len(), ESTIMATES, "each has a commit of its own");
    assert_eq!(done["result"]["effect"], "250.00");
    for estimate in &estimates {
        assert_eq!(cost(&lead, estimate).await, "60.00");
    }
    // It is the person's own change, and can be taken back like one.
    lead.post(&format!("/estimates/{}/undo", estimates[0]), &json!({})).await.ok();
    assert_eq!(cost(&lead, &estimates[0]).await, "50.00");
}
