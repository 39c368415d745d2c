//! The client's schedule of 10,000 items as PDF, made by a job: how long, and how much memory.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::json;

use crate::figures::Figures;
use crate::harness::TestApp;
use crate::place::Folder;
use crate::process;

const HEADINGS: usize = 100;
/// Items under each heading.
const WIDTH: usize = 100;

pub async fn measure(figures: &mut Figures) {
    let folder = Folder::new("schedule");
    let app = TestApp::start_in(folder.path()).await;
    let admin = app.sign_in("admin").await;
    let tender = json!({ "number": "T-10000", "name": "Ten thousand items" });
    let tender = admin.post("/tenders", &tender).await.ok();
    let estimate = tender["estimates"][0]["id"].as_str().expect("an estimate").to_owned();
    for heading in 1..=HEADINGS {
        let id = uuid::Uuid::now_v7();
        let mut edits = vec![json!({
            "op": "add-heading", "id": id, "place": "last", "code": heading.to_string(),
            "name": format!("Section {heading}"),
        })];
        edits.extend((1..=WIDTH).map(|item| {
            json!({
                "op": "add-item", "parentId": id, "place": "last",
                "set": {
                    "code": format!("{heading}.{item}"), "unit": "m3", "plugRate": "12.5000",
                    "description": format!("Excavate, cart to waste and trim, part {item}"),
                    "quantity": (item * 7 % 97 + 1).to_string(), "plugType": "material",
                },
            })
        }));
        let path = format!("/estimates/{estimate}/edits");
        admin.post(&path, &json!({ "edits": edits })).await.ok();
    }
    let before = process::memory_bytes(&app);
    let started = Instant::now();
    let path = format!("/estimates/{estimate}/documents/client-schedule");
    let job = admin.post(&path, &json!({})).await.ok()["jobId"].clone();
    let job = format!("/jobs/{}", job.as_str().expect("a job"));
    loop {
        let now = admin.get(&job).await.ok();
        match now["state"].as_str() {
            Some("queued" | "running") => tokio::time::sleep(Duration::from_millis(5)).await,
            state => {
                assert_eq!(state, Some("done"), "{now}");
                break;
            }
        }
    }
    let took = started.elapsed();
    let file = admin.request(Method::GET, &format!("{job}/result")).send().await;
    let bytes = file.expect("an answer").bytes().await.expect("the file").len();
    let items = HEADINGS * WIDTH;
    let megabytes = |bytes: u64| format!("{} MB", bytes / 1_000_000);
    let name = format!("oxFlow: schedule of {items} items as PDF");
    figures.size(format!("{name}, from asking to the file"), format!("{} ms", took.as_millis()));
    figures.size(format!("{name}, the file"), format!("{} kB", bytes / 1_000));
    figures.size(format!("{name}, memory before"), megabytes(before));
    figures.size(format!("{name}, memory at its peak"), megabytes(process::peak_bytes(&app)));
}
