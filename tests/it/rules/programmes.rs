//! Programmes: BR-113, over files as Microsoft Project writes them.

use super::support::broken;
use crate::harness::Answer;
use crate::http_support::Priced;
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::json;

/// A programme of tasks by UID, name and hours.
fn programme(tasks: &[(u32, &str, u32)]) -> String {
    let tasks: String = tasks
        .iter()
        .map(|(uid, name, hours)| {
            format!(
                "<Task><UID>{uid}</UID><ID>{uid}</ID><Name>{name}</Name><OutlineLevel>1\
                 </OutlineLevel><Duration>PT{hours}H0M0S</Duration><Summary>0</Summary></Task>"
            )
        })
        .collect();
    format!(
        "<?xml version=\"1.0\"?><Project xmlns=\"http://schemas.microsoft.com/project\">\
         <Title>Waihou</Title><MinutesPerDay>480</MinutesPerDay><Tasks>{tasks}</Tasks></Project>"
    )
}

/// Sends a programme; `query` begins with `?` where there is one.
async fn take(p: &Priced, file: String, query: &str) -> Answer {
    let part = Part::bytes(file.into_bytes()).file_name("programme.xml");
    let address = p.at(&format!("/programme{query}"));
    let request = p.lead.request(Method::POST, &address);
    let answer = request.multipart(Form::new().part("file", part)).send().await.unwrap();
    Answer::of(address, answer).await.unwrap()
}

/// An estimate whose traffic management takes as many days as task 7.
async fn linked() -> Priced {
    let p = Priced::start().await;
    let tasks = programme(&[(7, "Earthworks", 40), (8, "Sealing", 12)]);
    let taken = take(&p, tasks, "").await.ok();
    assert_eq!((&taken["added"], &taken["changed"]), (&json!(2), &json!(0)), "{taken}");
    p.item("1.1", "task_7", "100").await;
    assert_eq!(p.totals().await["direct"], "500.00");
    p
}

#[tokio::test]
async fn br_113_broken() {
    let p = linked().await;
    let gone = programme(&[(8, "Sealing", 12), (9, "Something else", 8)]);
    let violation = broken(take(&p, gone.clone(), "").await, "programme-task-orphaned");
    assert_eq!(violation["rule"], "BR-113");
    assert_eq!(p.totals().await["direct"], "500.00");
    // With a reason the duration stays, without its task.
    let taken = take(&p, gone, "?fix=Agreed%20with%20the%20client").await.ok();
    assert_eq!((&taken["fixed"], &taken["added"]), (&json!(1), &json!(1)), "{taken}");
    assert_eq!(p.totals().await["direct"], "500.00");
}

#[tokio::test]
async fn br_113_kept() {
    let p = linked().await;
    // Task 8 goes unused, task 7 is another name and longer: matched by UID.
    let changed = programme(&[(7, "Earthworks, wet", 60)]);
    let taken = take(&p, changed, "").await.ok();
    assert_eq!((&taken["changed"], &taken["removed"]), (&json!(1), &json!(1)), "{taken}");
    assert_eq!(p.totals().await["direct"], "750.00");
}
