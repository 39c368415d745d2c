//! A job survives the end of the process at any moment, and what it does is done exactly once.
//!
//! The real binary is killed (SIGKILL) while an import, an export, a document, a batch of repricing, a
//! submission, the filling of a workbook and a price list are under way, and started again on its
//! data.

use crate::documents_workbook::parts;
use crate::harness::{Client, TestApp, pdf};
use crate::jobs_support::{
    approved, cost, dearer, estimate, import, job_of, listed, over, result, submit, until,
};
use reqwest::Method;
use reqwest::multipart::{Form, Part};
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
    let mut begun_again = 0;
    for (n, wait) in KILLS_MS.into_iter().enumerate() {
        let lead = app.sign_in("lead-estimator").await;
        let estimate = estimate(&lead, &format!("I-{n}")).await;
        let job = job_of(&import(&lead, &estimate, ITEMS).await);
        tokio::time::sleep(Duration::from_millis(wait)).await;
        let lead = again(&mut app).await;
        let done = over(&lead, &job).await;
        assert_eq!(done["state"], "done", "killed after {wait} ms: {done}");
        assert_eq!(done["result"]["total"], "15600.00");
        begun_again += usize::from(done["tries"].as_u64() > Some(1));
        let estimate = lead.get(&format!("/estimates/{estimate}")).await.ok();
        assert_eq!(estimate["totals"]["items"], ITEMS, "killed after {wait} ms");
        assert_eq!(estimate["totals"]["total"], "15600.00");
    }
    assert!(begun_again > 0, "no kill met one at work");
    // Nothing of what was imported is left lying about.
    let folder = app.data().join("orgs/default/jobs");
    let deadline = std::time::Instant::now() + Duration::from_secs(60);
    while std::fs::read_dir(&folder).expect("the folder of jobs").count() > 0 {
        assert!(std::time::Instant::now() < deadline, "something is left in {}", folder.display());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
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

#[tokio::test]
async fn a_submission_that_was_killed_is_submitted_once() {
    const ITEMS: usize = 1_010;
    let mut app = TestApp::start().await;
    for (n, wait) in [0, 400, 2_000].into_iter().enumerate() {
        let lead = app.sign_in("lead-estimator").await;
        let (tender, estimate) = approved(&lead, &format!("S-{n}"), ITEMS).await;
        let started = submit(&lead, &estimate).await;
        assert_eq!(started.status, 202, "{}", started.text);
        let job = job_of(&started.ok());
        tokio::time::sleep(Duration::from_millis(wait)).await;
        let lead = again(&mut app).await;
        let done = over(&lead, &job).await;
        assert_eq!(done["state"], "done", "killed after {wait} ms: {done}");
        assert_eq!(done["message"], "Submitted at 1,010,000.00");
        let standing = lead.get(&format!("/estimates/{estimate}/submission")).await.ok();
        assert_eq!(standing["state"], "submitted");
        assert_eq!(lead.get(&format!("/tenders/{tender}")).await.ok()["state"], "submitted");
        let sent = &standing["submission"];
        assert_eq!(
            (&sent["totalEx"], &done["result"]["totalEx"]),
            (&json!("1010000.00"), &json!("1010000.00"),)
        );
        let history = lead.get(&format!("/history/estimate/{estimate}")).await.ok();
        let labels: Vec<&str> = history["items"]
            .as_array()
            .expect("entries")
            .iter()
            .filter_map(|entry| entry["label"].as_str())
            .filter(|label| label.starts_with("Submit"))
            .collect();
        assert_eq!(labels.len(), 1, "killed after {wait} ms: {history}");
        for file in sent["files"].as_array().expect("files") {
            let at = format!("/files/{}", file["hash"].as_str().expect("a hash"));
            let answer = lead.request(Method::GET, &at).send().await.expect("an answer");
            assert_eq!(answer.bytes().await.expect("bytes").len() as u64, file["bytes"]);
        }
    }
}

/// The client's workbook for so many items, with a photograph that makes it large.
fn large_workbook(items: usize) -> Vec<u8> {
    use std::io::Write;
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    for (column, name) in (0_u16..).zip(["Item", "Description", "Unit", "Qty", "Rate", "Amount"]) {
        sheet.write(0, column, name).expect("a cell");
    }
    for n in 1..=u32::try_from(items).expect("few") {
        sheet.write(n, 0, format!("1.{n}")).expect("a cell");
        sheet.write(n, 1, format!("Item {n}")).expect("a cell");
        sheet.write(n, 2, "m³").expect("a cell");
        sheet.write(n, 3, 2).expect("a cell");
    }
    let plain = workbook.save_to_buffer().expect("a workbook");
    let stored =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let mut large = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in parts(&plain) {
        large.start_file(name, stored).expect("a part");
        large.write_all(&bytes).expect("its bytes");
    }
    large.start_file("xl/media/site.jpg", stored).expect("a part");
    large.write_all(&vec![7; 5 << 20]).expect("its bytes");
    large.finish().expect("a package").into_inner()
}

#[tokio::test]
async fn a_filled_workbook_and_a_price_list_that_were_killed_have_one_file() {
    const RATES: usize = 2_010;
    let mut app = TestApp::start().await;
    let lead = app.sign_in("lead-estimator").await;
    let priced = estimate(&lead, "W-1").await;
    import(&lead, &priced, 20).await;
    let part = Part::bytes(large_workbook(20)).file_name("client's.xlsx");
    let at = format!("/estimates/{priced}/write-back");
    let asked = lead.request(Method::POST, &at).multipart(Form::new().part("file", part));
    let started: Value = asked.send().await.expect("an answer").json().await.expect("a job");
    let filled = job_of(&started);

    let book = json!({"name": "Quarry", "kind": "supplier", "supplier": "Quarry Ltd"});
    let book = lead.post("/price-books", &book).await.ok();
    let book = format!("/price-books/{}", book["id"].as_str().expect("an id"));
    let mut list = String::from("Code,Description,Unit,Price\r\n");
    for n in 0..RATES {
        list.push_str(&format!("AP-{n:04},Aggregate {n},m2,{n}.25\r\n"));
    }
    let part = Part::bytes(list.into_bytes()).file_name("list.csv");
    let sent = lead.request(Method::POST, "/imports").multipart(Form::new().part("file", part));
    let upload: Value = sent.send().await.expect("an answer").json().await.expect("an upload");
    let ask = json!({"uploadId": upload["id"], "defaultType": "material", "apply": true});
    lead.post(&format!("{book}/import"), &ask).await.ok();
    let mut lists = Vec::new();
    for format in ["xlsx", "csv"] {
        let at = format!("{book}/versions/1/export");
        let started = lead.post(&at, &json!({"format": format})).await;
        assert_eq!(started.status, 202, "{}", started.text);
        lists.push(job_of(&started.ok()));
    }
    let lead = again(&mut app).await;
    for job in [&filled, &lists[0], &lists[1]] {
        let done = over(&lead, job).await;
        assert_eq!(done["state"], "done", "{done}");
        let (status, bytes) = result(&lead, job).await;
        assert_eq!((status, &done["file"]["bytes"]), (200, &json!(bytes.len())));
    }
    let sheet = parts(&result(&lead, &filled).await.1).remove("xl/worksheets/sheet1.xml");
    let sheet = String::from_utf8(sheet.expect("the sheet")).expect("text");
    assert_eq!(sheet.matches("<v>1.5</v>").count(), 20, "each has its rate");
    let text = String::from_utf8(result(&lead, &lists[1]).await.1).expect("text");
    assert_eq!(text.lines().filter(|line| line.starts_with("AP-")).count(), RATES);
}
