//! Kinds of offer text an Admin defines: written by everybody, printed for whom they are for, and
//! kept when archived.

use crate::harness::{Client, pdf};
use crate::http_support::{Priced, id};
use serde_json::{Value, json};

async fn kind(admin: &Client, title: &str, client: bool) -> String {
    let body = json!({"title": title, "clientFacing": client});
    id(&admin.post("/content-kinds", &body).await.ok()["id"])
}

fn write(kind: &str, text: &str) -> Value {
    json!({"edits": [{"op": "add-content", "kind": kind, "text": text}]})
}

async fn letter(p: &Priced) -> String {
    let path = p.at("/documents/tender-letter");
    let answer = p.lead.request(reqwest::Method::GET, &path).send().await.unwrap();
    let status = answer.status();
    let bytes = answer.bytes().await.unwrap();
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&bytes));
    pdf::text(&bytes)
}

#[tokio::test]
async fn a_kind_is_printed_for_the_client_only_where_it_is_for_the_client() {
    let mut p = Priced::start().await;
    let admin = p.app.sign_in("admin").await;
    p.item("1.1", "10", "5").await;
    let notes = kind(&admin, "Programme notes", true).await;
    let doubts = kind(&admin, "Doubts", false).await;
    p.lead.post(&p.at("/edits"), &write(&notes, "Nights are assumed.")).await.ok();
    p.lead.post(&p.at("/edits"), &write(&doubts, "The ground is soft.")).await.ok();
    let printed = letter(&p).await;
    assert!(printed.contains("Programme notes") && printed.contains("Nights are assumed."));
    assert!(!printed.contains("Doubts") && !printed.contains("soft"), "{printed}");

    let content = p.lead.get(&p.at("/content")).await.ok();
    let kinds = content["kinds"].as_array().unwrap();
    assert_eq!((kinds.len(), &kinds[5]["title"]), (7, &json!("Programme notes")));
    assert_eq!((&kinds[6]["clientFacing"], &kinds[6]["kind"]), (&json!(false), &json!(doubts)));

    // Stored and read back after a restart.
    p.app.restart().await;
    p.lead = p.app.sign_in("lead-estimator").await;
    let again = p.lead.get(&p.at("/content")).await.ok();
    assert_eq!((&again["kinds"], &again["blocks"]), (&content["kinds"], &content["blocks"]));
}

#[tokio::test]
async fn an_archived_kind_is_read_and_not_written() {
    let p = Priced::start().await;
    let admin = p.app.sign_in("admin").await;
    let notes = kind(&admin, "Programme notes", true).await;
    let unused = kind(&admin, "Unused", true).await;
    p.lead.post(&p.at("/edits"), &write(&notes, "Nights.")).await.ok();
    for kind in [&notes, &unused] {
        let body = json!({"version": 1, "set": {"archived": true}});
        admin.patch(&format!("/content-kinds/{kind}"), &body).await.ok();
    }
    let content = p.lead.get(&p.at("/content")).await.ok();
    let kinds = content["kinds"].as_array().unwrap();
    assert_eq!(kinds.len(), 6, "what nothing is of is not offered");
    assert_eq!((&kinds[5]["kind"], &kinds[5]["archived"]), (&json!(notes), &json!(true)));
    assert_eq!(content["blocks"][0]["text"], "Nights.");
    p.item("1.1", "10", "5").await;
    assert!(letter(&p).await.contains("Nights."), "an old record reads as it did");
    p.lead.post(&p.at("/edits"), &write(&notes, "More")).await.problem(400, "invalid-request");
    let unknown = crate::http_support::fresh();
    p.lead.post(&p.at("/edits"), &write(&unknown, "More")).await.problem(404, "not-found");
    p.lead.post(&p.at("/edits"), &write("poems", "More")).await.problem(400, "invalid-request");
}

#[tokio::test]
async fn an_admin_defines_kinds_and_for_whom_once() {
    let p = Priced::start().await;
    let body = json!({"title": "Programme notes", "clientFacing": true});
    p.lead.post("/content-kinds", &body).await.problem(403, "permission-denied");
    let admin = p.app.sign_in("admin").await;
    let notes = kind(&admin, "Programme notes", true).await;
    admin.post("/content-kinds", &body).await.problem(400, "invalid-request");
    let built_in = json!({"title": "exclusions"});
    admin.post("/content-kinds", &built_in).await.problem(400, "invalid-request");
    let path = format!("/content-kinds/{notes}");
    let flip = json!({"version": 1, "set": {"clientFacing": false}});
    admin.patch(&path, &flip).await.problem(400, "invalid-request");
    let name = json!({"version": 1, "set": {"title": "Programme"}});
    assert_eq!(admin.patch(&path, &name).await.ok()["title"], "Programme");
    admin.patch(&path, &name).await.problem(409, "stale-version");
    // Undone, it has its old title; the kind itself undone is archived, for texts may be of it.
    admin.post("/library/undo", &json!({})).await.ok();
    let kinds = admin.get("/content-kinds").await.ok();
    assert_eq!(kinds["items"][0]["title"], "Programme notes");
    admin.post("/library/undo", &json!({})).await.ok();
    let kinds = admin.get("/content-kinds").await.ok();
    assert_eq!(kinds["items"][0]["archived"], true);
}

#[tokio::test]
async fn texts_of_an_own_kind_are_part_of_what_is_approved() {
    let p = Priced::start().await;
    let admin = p.app.sign_in("admin").await;
    p.item("1.1", "10", "5").await;
    let notes = kind(&admin, "Programme notes", true).await;
    let hash = async || p.lead.get(&p.at("/submission")).await.ok()["contentHash"].clone();
    let before = hash().await;
    p.lead.post(&p.at("/edits"), &write(&notes, "Nights.")).await.ok();
    assert_ne!(hash().await, before);
}
