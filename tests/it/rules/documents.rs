//! Documents: BR-106 to BR-108, proved on the files.

use super::support::broken;
use crate::documents_client::Worked;
use crate::documents_workbook::{client_workbook, upload};
use crate::harness::pdf;
use serde_json::{Value, json};

/// Writes an exclusion into the worked example.
async fn exclude(worked: &Worked, text: &str) {
    let edits = json!({"edits": [{"op": "add-content", "kind": "exclusions", "text": text}]});
    worked.lead.post(&format!("/estimates/{}/edits", worked.estimate), &edits).await.ok();
}

#[tokio::test]
async fn br_106_broken() {
    let worked = Worked::start().await;
    let answer = upload(&worked, client_workbook(&["3.01"])).await;
    assert_eq!(answer.status(), 422);
    let problem: Value = answer.json().await.unwrap();
    let violation = &problem["violations"][0];
    assert_eq!(violation["code"], "export-total-mismatch", "{problem}");
    assert!(violation["message"].as_str().unwrap().contains("3.01"), "{problem}");
}

#[tokio::test]
async fn br_106_kept() {
    let worked = Worked::start().await;
    assert_eq!(upload(&worked, client_workbook(&[])).await.status(), 200);
}

#[tokio::test]
async fn br_107_broken() {
    let worked = Worked::start().await;
    exclude(&worked, "Work by PLT-EX20 beyond the hours allowed.").await;
    let at = format!("/estimates/{}/documents/tender-letter", worked.estimate);
    broken(worked.lead.get(&at).await, "export-leaks-internal-data");

    let worked = Worked::start().await;
    exclude(&worked, "Anything beyond 491469.78 dollars.").await;
    let at = format!("/estimates/{}/documents/unpriced-letter", worked.estimate);
    broken(worked.lead.get(&at).await, "export-leaks-internal-data");
}

#[tokio::test]
async fn br_107_kept() {
    let worked = Worked::start().await;
    exclude(&worked, "Rock beyond the rate of item 2.09.").await;
    let priced = pdf::text(&worked.file("/documents/tender-letter").await);
    assert!(priced.contains("Rock beyond the rate of item 2.09."), "{priced}");
    assert!(priced.contains("491,469.78"), "{priced}");
    let unpriced = pdf::text(&worked.file("/documents/unpriced-letter").await);
    assert!(unpriced.contains("Rock beyond the rate of item 2.09."), "{unpriced}");
    assert!(!unpriced.contains("491,469.78") && !unpriced.contains("565,190.25"), "{unpriced}");
}

#[tokio::test]
async fn br_108_broken() {
    let worked = Worked::start().await;
    let at = format!("/estimates/{}/documents/client-schedule?unmarked=true", worked.estimate);
    broken(worked.lead.get(&at).await, "draft-not-watermarked");
}

#[tokio::test]
async fn br_108_kept() {
    let worked = Worked::start().await;
    let text = pdf::text(&worked.file("/documents/client-schedule").await);
    let mark = text.lines().find(|line| line.contains("DRAFT: revision 1, commit ")).unwrap();
    assert!(mark.contains("NZ") && mark.contains(':'), "revision, commit and time: {mark}");
}
