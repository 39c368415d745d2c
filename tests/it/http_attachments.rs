//! Files attached to tenders and to what is in them.

use crate::harness::{Answer, Client};
use crate::http_support::{Priced, fresh, id};
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

const PDF: &[u8] = b"%PDF-1.7 a drawing";

async fn attach(client: &Client, at: &str, name: &str, bytes: &[u8]) -> Answer {
    let form = Form::new().part("file", Part::bytes(bytes.to_vec()).file_name(name.to_owned()));
    let sent = client.request(Method::POST, at).multipart(form).send().await.unwrap();
    Answer::of(format!("attach {name}"), sent).await.unwrap()
}

fn names(listed: &Value) -> Vec<&str> {
    listed["items"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn files_are_attached_to_a_tender_and_its_items_and_read_back_byte_for_byte() {
    let p = Priced::start().await;
    let item = p.item("1.1", "10", "5").await;
    let at = format!("/tenders/{}/attachments", p.tender);
    attach(&p.lead, &at, "Plan “A”.pdf", PDF).await.ok();
    let on_item = format!("{at}?kind=item&holderId={item}&estimateId={}", p.estimate);
    let listed = attach(&p.lead, &on_item, "trench.csv", b"depth,1.6\n").await.ok();
    assert_eq!(names(&listed), ["Plan “A”.pdf", "trench.csv"]);
    assert_eq!(listed["items"][0]["kind"], "tender");
    assert_eq!(listed["items"][0]["bytes"], PDF.len());
    assert_eq!(listed["items"][1]["holderId"], json!(item));
    assert_eq!(listed["items"][1]["mediaType"], "text/csv");

    let one = format!("{at}/{}", id(&listed["items"][0]["id"]));
    let estimator = p.app.sign_in("estimator").await;
    let sent = estimator.request(Method::GET, &one).send().await.unwrap();
    assert_eq!(sent.headers()["content-type"], "application/pdf");
    assert_eq!(sent.headers()["x-content-type-options"], "nosniff");
    assert_eq!(sent.headers()["content-disposition"], "attachment; filename=\"Plan -A-.pdf\"");
    assert_eq!(sent.bytes().await.unwrap(), PDF);

    // They are no content of the estimate, belong to its next revision too, and stand in the trail.
    let before = p.lead.get(&p.at("")).await.ok();
    attach(&p.lead, &on_item, "again.csv", b"depth,1.6\n").await.ok();
    assert_eq!(p.lead.get(&p.at("")).await.ok()["contentHash"], before["contentHash"]);
    let admin = p.app.sign_in("admin").await;
    let trail = admin.get("/audit?kind=attachment").await.ok();
    assert_eq!(trail["items"][0]["label"], "Attach again.csv to 1.1");
    assert_eq!(trail["items"][0]["rows"][0]["name"], "again.csv");
}

#[tokio::test]
async fn a_file_goes_with_whoever_attached_it_or_a_lead() {
    let p = Priced::start().await;
    let at = format!("/tenders/{}/attachments", p.tender);
    let estimator = p.app.sign_in("estimator").await;
    let theirs = attach(&p.lead, &at, "lead.pdf", PDF).await.ok();
    let mine = attach(&estimator, &at, "mine.pdf", PDF).await.ok();
    let theirs = format!("{at}/{}", id(&theirs["items"][0]["id"]));
    let mine = format!("{at}/{}", id(&mine["items"][1]["id"]));
    estimator.delete(&theirs).await.problem(403, "permission-denied");
    assert_eq!(estimator.delete(&mine).await.status, 204);
    assert_eq!(p.lead.get(&theirs).await.status, 200);
    assert_eq!(p.lead.delete(&theirs).await.status, 204);
    p.lead.get(&theirs).await.problem(404, "not-found");
    assert_eq!(p.lead.get(&at).await.ok()["items"], json!([]));
    p.lead.delete(&theirs).await.problem(404, "not-found");
}

#[tokio::test]
async fn what_is_no_file_of_a_kind_that_can_be_attached_or_belongs_nowhere_is_refused() {
    let p = Priced::start().await;
    let at = format!("/tenders/{}/attachments", p.tender);
    for (name, bytes) in [
        ("setup.exe", &b"MZ"[..]),
        ("plan.pdf", b"MZ\x90\0"),
        ("page.html", b"<script>alert(1)</script>"),
        ("plan.pdf", b""),
    ] {
        attach(&p.lead, &at, name, bytes).await.problem(422, "attachment-kind");
    }
    let mut large = b"%PDF-".to_vec();
    large.resize((15 << 20) + 1, b' ');
    attach(&p.lead, &at, "large.pdf", &large).await.problem(413, "body-too-large");
    let estimate = &p.estimate;
    for kind in ["item", "package", "quote"] {
        let nobody = format!("{at}?kind={kind}&estimateId={estimate}&holderId={}", fresh());
        attach(&p.lead, &nobody, "plan.pdf", PDF).await.problem(404, "not-found");
        let nowhere = format!("{at}?kind={kind}&holderId={}", fresh());
        attach(&p.lead, &nowhere, "plan.pdf", PDF).await.problem(400, "invalid-request");
        let unnamed = format!("{at}?kind={kind}&estimateId={estimate}");
        attach(&p.lead, &unnamed, "plan.pdf", PDF).await.problem(400, "invalid-request");
    }
    let other = json!({"number": "T-2", "name": "Another"});
    let other = p.lead.post("/tenders", &other).await.ok();
    let item = p.item("1.1", "10", "5").await;
    let elsewhere = format!("/tenders/{}/attachments", id(&other["id"]));
    let elsewhere = format!("{elsewhere}?kind=item&estimateId={estimate}&holderId={item}");
    attach(&p.lead, &elsewhere, "plan.pdf", PDF).await.problem(404, "not-found");
    p.lead.get(&format!("/tenders/{}/attachments", fresh())).await.problem(404, "not-found");
    assert_eq!(p.lead.get(&at).await.ok()["items"], json!([]));
}
