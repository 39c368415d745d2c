//! Documents: BR-106 to BR-108, proved on the files.

use super::offer::not_submitted;
use super::support::broken;
use crate::documents_client::Worked;
use crate::documents_workbook::{client_workbook, upload};
use crate::harness::pdf;
use crate::http_support::Priced;
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

/// Reads the files of a submission by the end of their names.
async fn sent(p: &Priced) -> Vec<(String, Vec<u8>)> {
    let files = p.standing().await["submission"]["files"].clone();
    let mut read = Vec::new();
    for file in files.as_array().unwrap() {
        let at = format!("/files/{}", file["hash"].as_str().unwrap());
        let answer = p.lead.request(reqwest::Method::GET, &at).send().await.unwrap();
        let name = file["name"].as_str().unwrap().to_owned();
        read.push((name, answer.bytes().await.unwrap().to_vec()));
    }
    read
}

#[tokio::test]
async fn the_letter_with_a_place_to_sign_is_among_what_is_submitted() {
    let p = Priced::submitted().await;
    let files = sent(&p).await;
    let names: Vec<&str> = files.iter().map(|(name, _)| &**name).collect();
    assert_eq!(
        names,
        [
            "T-1 BASE r1 schedule of prices.pdf",
            "T-1 BASE r1 schedule of prices.xlsx",
            "T-1 BASE r1 tender letter.pdf",
            "T-1 BASE r1.json",
        ]
    );
    let letter = pdf::text(&files[2].1);
    for words in ["1,000.00", "Signed for", "Signature", "Name", "Position", "Date"] {
        assert!(letter.contains(words), "{words}\n{letter}");
    }
    assert!(!letter.contains("DRAFT") && !letter.contains("Holds for"), "{letter}");
    let schedule = pdf::text(&files[0].1);
    assert!(
        schedule.contains("Holds for") && schedule.contains("days after closing"),
        "{schedule}"
    );
    // Before it is submitted the letter is a draft like any document (BR-108).
    let p = Priced::approved().await;
    let request = p.lead.request(reqwest::Method::GET, &p.at("/documents/tender-letter"));
    let draft = pdf::text(&request.send().await.unwrap().bytes().await.unwrap());
    assert!(draft.contains("DRAFT: revision 1, commit "), "{draft}");
}

#[tokio::test]
async fn in_two_envelopes_each_file_is_in_its_own() {
    let p = Priced::active().await;
    p.change(&json!({"envelopes": "two"})).await.ok();
    p.worked("1.1").await;
    p.approve().await.ok();
    p.submit().await.ok();
    let files = sent(&p).await;
    let names: Vec<&str> = files.iter().map(|(name, _)| &name[12..]).collect();
    assert_eq!(
        names,
        [
            "price envelope - schedule of prices.pdf",
            "price envelope - schedule of prices.xlsx",
            "price envelope - tender letter.pdf",
            "non-price envelope - schedule of quantities.pdf",
            "non-price envelope - tender letter.pdf",
            "json",
        ]
    );
    for (name, bytes) in &files {
        if !name.ends_with(".pdf") {
            continue;
        }
        let text = pdf::text(bytes);
        assert!(!text.contains("DRAFT"), "{name}\n{text}");
        let prices = ["1,000.00", "100.00", "1,150.00", "150.00"];
        let priced = prices.iter().any(|price| text.contains(price));
        assert_eq!(priced, !name.contains("non-price"), "{name}\n{text}");
        assert!(text.contains("m³") || name.contains("letter"), "{name}\n{text}");
    }
}

#[tokio::test]
async fn a_letter_that_tells_the_price_in_the_non_price_envelope_is_not_submitted() {
    let p = Priced::active().await;
    p.change(&json!({"envelopes": "two"})).await.ok();
    p.worked("1.1").await;
    p.edit(
        &json!([{"op": "add-content", "kind": "exclusions", "text": "Beyond 1,000.00 in all."}]),
    )
    .await;
    p.approve().await.ok();
    not_submitted(&p, "export-leaks-internal-data").await;
}
