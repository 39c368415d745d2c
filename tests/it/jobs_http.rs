//! Jobs over HTTP: whose they are, stopping, asking again, results that go after their time, and
//! batches over many estimates.

use crate::harness::{TestApp, pdf};
use crate::http_support::{Priced, fresh, id};
use crate::jobs_support::{
    approved, cost, dearer, estimate, import, job_of, listed, over, result, submit, until,
};
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test]
async fn what_a_job_made_is_its_owners_until_its_time_is_over() {
    let app = TestApp::configured("[jobs]\nkept_seconds = 20\n").await;
    let lead = app.sign_in("lead-estimator").await;
    let large = estimate(&lead, "T-1").await;
    import(&lead, &large, 1_100).await;
    let at = format!("/estimates/{large}/documents/client-schedule");
    let key = fresh();
    let ask = || {
        let request = lead.request(reqwest::Method::POST, &at).header("Idempotency-Key", &key);
        request.json(&json!({"format": "pdf"})).send()
    };
    let first: Value = ask().await.expect("an answer").json().await.expect("a job");
    let again: Value = ask().await.expect("an answer").json().await.expect("a job");
    assert_eq!(first, again, "a repeated request starts nothing");
    let job = job_of(&first);
    let done = over(&lead, &job).await;
    assert_eq!(done["state"], "done", "{done}");
    assert_eq!((&done["kind"], &done["done"]), (&json!("document"), &done["total"]));
    let (status, bytes) = result(&lead, &job).await;
    assert_eq!(status, 200);
    assert!(pdf::text(&bytes).contains("3,300.00"));

    // Another person does not see it; an Admin does.
    let other = app.sign_in("estimator").await;
    other.get(&format!("/jobs/{job}")).await.problem(404, "not-found");
    other.get(&format!("/jobs/{job}/result")).await.problem(404, "not-found");
    other.delete(&format!("/jobs/{job}")).await.problem(404, "not-found");
    other.post(&format!("/jobs/{job}/retry"), &json!({})).await.problem(404, "not-found");
    assert_eq!(other.get("/jobs").await.ok()["items"], json!([]));
    other.get("/jobs?all=true").await.problem(403, "permission-denied");
    let admin = app.sign_in("admin").await;
    assert_eq!(admin.get("/jobs").await.ok()["items"], json!([]));
    let all = admin.get("/jobs?all=true").await.ok();
    assert_eq!(
        (&all["items"][0]["id"], &all["items"][0]["owner"]["name"]),
        (&json!(job), &json!("Lead Estimator"))
    );
    assert_eq!(result(&admin, &job).await.0, 200);

    lead.delete(&format!("/jobs/{job}")).await.problem(409, "job-is-over");
    lead.post(&format!("/jobs/{job}/retry"), &json!({})).await.problem(409, "job-state-invalid");
    let deadline = std::time::Instant::now() + Duration::from_secs(90);
    while lead.get(&format!("/jobs/{job}/result")).await.status == 200 {
        assert!(std::time::Instant::now() < deadline, "it is kept for ever");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    lead.get(&format!("/jobs/{job}/result")).await.problem(410, "job-result-gone");
    let shown = lead.get(&format!("/jobs/{job}")).await.ok();
    assert_eq!((&shown["state"], &shown["file"]["available"]), (&json!("done"), &json!(false)));
    // Small estimates are answered at once.
    let small = estimate(&lead, "T-2").await;
    import(&lead, &small, 3).await;
    let at = format!("/estimates/{small}/documents/client-schedule");
    assert!(lead.post(&at, &json!({})).await.text.starts_with("%PDF"));
    let csv = lead.post(&format!("/estimates/{small}/export"), &json!({"format": "csv"})).await;
    assert!(csv.text.contains("Item 3"), "{}", csv.text);
}

#[tokio::test]
async fn a_cancelled_import_changes_nothing() {
    // One worker: the second job waits for its turn behind the first.
    let app = TestApp::configured("[jobs]\nworkers = 1\n").await;
    let lead = app.sign_in("lead-estimator").await;
    let first = estimate(&lead, "T-1").await;
    import(&lead, &first, 3_000).await;
    let at = format!("/estimates/{first}/documents/client-schedule");
    let document = job_of(&lead.post(&at, &json!({})).await.ok());
    let second = estimate(&lead, "T-2").await;
    let job = job_of(&import(&lead, &second, 5_200).await);
    assert_eq!(lead.delete(&format!("/jobs/{job}")).await.status, 204);
    let ahead = lead.get(&format!("/jobs/{document}")).await.ok();
    let cancelled = over(&lead, &job).await;
    assert_eq!(cancelled["state"], "cancelled");
    if ahead["state"] == "running" {
        assert_eq!(cancelled["tries"], 0, "it was begun before its turn: {cancelled}");
    }
    // One at work stops too, and leaves no file. Where it was quicker there is another.
    let mut at_work = document;
    loop {
        until(&lead, &at_work, &["running", "done"]).await;
        if lead.delete(&format!("/jobs/{at_work}")).await.status == 204 {
            break;
        }
        assert_eq!(over(&lead, &at_work).await["state"], "done");
        at_work = job_of(&lead.post(&at, &json!({})).await.ok());
    }
    let stopped = over(&lead, &at_work).await;
    assert_eq!((&stopped["state"], &stopped["file"]), (&json!("cancelled"), &Value::Null));
    assert_eq!(stopped["tries"], 1, "{stopped}");
    assert_eq!(cost(&lead, &second).await, "0.00");
    let jobs = lead.get("/jobs").await.ok();
    let states: Vec<&Value> =
        jobs["items"].as_array().unwrap().iter().map(|one| &one["state"]).collect();
    assert!(states.iter().all(|state| **state != "running"), "{states:?}");
}

#[tokio::test]
async fn a_job_waits_for_a_disk_that_takes_no_files_and_then_ends() {
    let p = Priced::start().await;
    import(&p.lead, &p.estimate, 1_100).await;
    let folder = p.app.data().join("orgs/default/jobs");
    std::fs::write(&folder, "in the way").unwrap();
    let started = p.lead.post(&p.at("/documents/client-schedule"), &json!({})).await;
    let job = job_of(&started.ok());
    let waits = loop {
        let now = p.lead.get(&format!("/jobs/{job}")).await.ok();
        assert!(now["state"] == "queued" || now["state"] == "running", "{now}");
        if now["nextTryAt"].is_string() {
            break now;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    assert!(waits["message"].as_str().unwrap().contains("could not be written"), "{waits}");
    std::fs::remove_file(&folder).unwrap();
    let done = over(&p.lead, &job).await;
    assert_eq!(done["state"], "done", "{done}");
    assert!(done["tries"].as_u64() > Some(1), "{done}");
    assert_eq!(result(&p.lead, &job).await.0, 200);
}

#[tokio::test]
async fn a_job_that_was_refused_says_why_and_can_be_asked_for_again() {
    let p = Priced::start().await;
    import(&p.lead, &p.estimate, 1_100).await;
    // Nothing without the mark of a draft leaves the house before it is submitted (BR-108).
    let ask = json!({"unmarked": true});
    let started = p.lead.post(&p.at("/documents/client-schedule"), &ask).await.ok();
    let job = job_of(&started);
    let failed = over(&p.lead, &job).await;
    assert_eq!((&failed["state"], &failed["tries"]), (&json!("failed"), &json!(1)), "{failed}");
    assert_eq!(failed["error"]["violations"][0]["rule"], "BR-108");
    p.lead.get(&format!("/jobs/{job}/result")).await.problem(404, "not-found");
    let again = p.lead.post(&format!("/jobs/{job}/retry"), &json!({})).await.ok();
    assert_eq!(again["id"], json!(job));
    assert_eq!(over(&p.lead, &job).await["error"]["violations"][0]["rule"], "BR-108");
}

#[tokio::test]
async fn many_estimates_are_repriced_as_listed_and_what_changed_since_is_left() {
    let p = Priced::start().await;
    let estimates = dearer(&p.lead, 3).await;
    let take = listed(&p.lead).await;
    assert_eq!(take["estimates"].as_array().map(Vec::len), Some(3));
    // BR-050: only what was listed is done.
    let unseen = json!({"apply": true, "estimates": [{"id": estimates[0]}]});
    let problem = p.lead.post("/jobs/reprice", &unseen).await;
    assert_eq!(problem.problem(422, "reprice-without-preview")["violations"][0]["rule"], "BR-050");
    // One was repriced by hand since.
    let at = format!("/estimates/{}/reprice", estimates[1]);
    let seen = p.lead.post(&at, &json!({})).await.ok();
    let by_hand = json!({"apply": true, "preview": seen["preview"]});
    p.lead.post(&at, &by_hand).await.ok();
    let job = job_of(&p.lead.post("/jobs/reprice", &take).await.ok());
    let done = over(&p.lead, &job).await;
    let verdicts: Vec<&Value> =
        done["outcomes"].as_array().unwrap().iter().map(|one| &one["verdict"]).collect();
    assert_eq!(verdicts, ["repriced", "refused", "repriced"], "{done}");
    assert_eq!(done["result"]["effect"], "20.00");
    for estimate in &estimates {
        assert_eq!(cost(&p.lead, estimate).await, "60.00");
    }
    // Nothing differs any more.
    let none = listed(&p.lead).await;
    assert_eq!(none["estimates"], json!([]));
    p.lead.post("/jobs/reprice", &none).await.problem(400, "invalid-request");
}

#[tokio::test]
async fn many_estimates_are_worked_out_again_and_agree() {
    let p = Priced::start().await;
    p.item("1.1", "10", "5").await;
    dearer(&p.lead, 2).await;
    let job = job_of(&p.lead.post("/jobs/recalculation", &json!({})).await.ok());
    let done = until(&p.lead, &job, &["done", "failed"]).await;
    assert_eq!(done["state"], "done", "{done}");
    let outcomes = done["outcomes"].as_array().unwrap();
    assert_eq!(outcomes.len(), 3);
    assert!(outcomes.iter().all(|one| one["verdict"] == "agrees"), "{done}");
    assert_eq!(outcomes[0]["newTotal"], "50.00");
    assert_eq!((&done["result"]["agrees"], &done["unit"]), (&json!(3), &json!("estimate")));
    let gone = json!({"estimateIds": [fresh()]});
    p.lead.post("/jobs/recalculation", &gone).await.problem(404, "not-found");
    let twice = json!({"estimateIds": [id(&json!(p.estimate)), p.estimate]});
    p.lead.post("/jobs/recalculation", &twice).await.problem(400, "invalid-request");
}

#[tokio::test]
async fn what_stands_in_the_way_of_a_large_submission_is_told_at_once_and_it_can_be_cancelled() {
    // One worker: the submission waits for its turn behind a document.
    let app = TestApp::configured("[jobs]\nworkers = 1\n").await;
    let lead = app.sign_in("lead-estimator").await;
    let (tender, large) = approved(&lead, "T-1", 1_010).await;
    let at = format!("/estimates/{large}");
    let seen = lead.get(&format!("{at}/submission")).await.ok();
    let other = json!({"contentHash": seen["contentHash"], "totalEx": "1.00"});
    let refused = lead.post(&format!("{at}/submission"), &other).await;
    assert_eq!(refused.problem(422, "approval-is-stale")["violations"][0]["rule"], "BR-095");
    let text = json!({"edits": [{"op": "add-content", "kind": "exclusions",
        "text": "Anything that 1-RES-1 does not do."}]});
    let resource = json!({"code": "1-RES-1", "description": "Gang", "type": "labour",
        "unit": "h", "rate": "50"});
    let resource = lead.post("/resources", &resource).await.ok();
    lead.post(&format!("{at}/edits"), &text).await.ok();
    let item = lead.get(&format!("{at}/rows/root/children")).await.ok()["items"][0]["id"].clone();
    let children = lead.get(&format!("{at}/rows/{}/children", id(&item))).await.ok();
    let item = id(&children["items"][0]["id"]);
    for edit in [
        json!({"op": "add-line", "itemId": item, "line": {"resourceId": resource["id"],
            "method": "fixed", "quantity": "1"}}),
        json!({"op": "update-item", "id": item, "set": {"reviewed": true}}),
    ] {
        lead.post(&format!("{at}/edits"), &json!({"edits": [edit]})).await.ok();
    }
    lead.post(&format!("{at}/approval"), &json!({"minutes": "Again"})).await.ok();
    let refused = submit(&lead, &large).await.problem(422, "export-leaks-internal-data");
    assert_eq!(refused["violations"][0]["rule"], "BR-107");
    let content = lead.get(&format!("{at}/content")).await.ok();
    let block = content["blocks"][0]["id"].clone();
    let gone = json!({"edits": [{"op": "delete-content", "ids": [block]}]});
    lead.post(&format!("{at}/edits"), &gone).await.ok();
    lead.post(&format!("{at}/approval"), &json!({"minutes": "Again"})).await.ok();

    let document = lead.post(&format!("{at}/documents/client-schedule"), &json!({})).await.ok();
    let job = job_of(&submit(&lead, &large).await.ok());
    assert_eq!(lead.delete(&format!("/jobs/{job}")).await.status, 204);
    let stopped = over(&lead, &job).await;
    assert_eq!((&stopped["state"], &stopped["kind"]), (&json!("cancelled"), &json!("submission")));
    lead.delete(&format!("/jobs/{}", job_of(&document))).await;
    let standing = lead.get(&format!("{at}/submission")).await.ok();
    assert_eq!((&standing["state"], &standing["submission"]), (&json!("approved"), &Value::Null));
    // Asked for again, it goes through, and a repeated request is the same job.
    let seen = json!({"contentHash": standing["contentHash"], "totalEx": standing["totalEx"]});
    let key = fresh();
    let ask = || {
        let request = lead.request(reqwest::Method::POST, &format!("{at}/submission"));
        request.header("Idempotency-Key", &key).json(&seen).send()
    };
    let first: Value = ask().await.expect("an answer").json().await.expect("a job");
    assert_eq!(over(&lead, &job_of(&first)).await["state"], "done");
    let again: Value = ask().await.expect("an answer").json().await.expect("a job");
    assert_eq!(first, again);
    assert_eq!(lead.get(&format!("/tenders/{tender}")).await.ok()["state"], "submitted");
}
