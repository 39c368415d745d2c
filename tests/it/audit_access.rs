//! The audit trail of people and access: whole for an Admin of the organisation, of no other.

use crate::harness::TestApp;
use crate::http_support::id;
use reqwest::Method;
use serde_json::{Value, json};

fn labels(trail: &Value) -> Vec<String> {
    trail["items"].as_array().unwrap().iter().map(|entry| id(&entry["label"])).collect()
}

#[tokio::test]
async fn every_change_of_people_and_access_is_there_in_words() {
    let app = TestApp::start().await;
    let admin = app.sign_in("admin").await;
    let body = json!({"name": "Mere Tau", "email": "mere@example.org", "role": "estimator"});
    let mere = admin.post("/users", &body).await.ok();
    let at = format!("/users/{}", id(&mere["id"]));
    admin.patch(&at, &json!({"version": 1, "role": "lead-estimator"})).await.ok();
    app.visitor().signed_in_as(&mere["id"]).await;
    let wanted = json!({"name": "reports", "scope": "read", "days": 3});
    let token = admin.post("/tokens", &wanted).await.ok();
    admin.delete(&format!("/tokens/{}", id(&token["token"]["id"]))).await.ok();
    admin.delete(&format!("{at}/sessions")).await.ok();

    let trail = admin.get("/audit/access?limit=7").await.ok();
    let expected = [
        "Sign a person out everywhere",
        "Revoke an API token",
        "Make an API token",
        "Sign in",
        "Change a person",
        "Add a person",
        "Sign in",
    ];
    assert_eq!(labels(&trail), expected, "{trail}");
    let changed = &trail["items"][4]["rows"][0];
    assert_eq!((&changed["kind"], &changed["name"]), (&json!("person"), &json!("Mere Tau")));
    let role = json!([{"field": "role", "before": "estimator", "after": "lead-estimator"}]);
    assert_eq!(changed["fields"], role, "{changed}");
    assert_eq!(trail["items"][2]["rows"][0]["name"], "reports of Administrator");
    // Secrets are no part of it, not even their hashes.
    let text = trail.to_string();
    assert!(!text.contains("oxf_") && !text.contains("\"hash\":["), "{text}");

    let next = trail["nextCursor"].as_str().expect("there is more");
    let older = admin.get(&format!("/audit/access?cursor={next}")).await.ok();
    assert_eq!(labels(&older).last().unwrap(), "Make the organisation");
    let found = admin.get("/audit/access?kind=token&text=reports").await.ok();
    assert_eq!(labels(&found), ["Revoke an API token", "Make an API token"]);
    let hers = admin.get(&format!("/audit/access?object={}", id(&mere["id"]))).await.ok();
    assert_eq!(labels(&hers), ["Change a person", "Add a person"]);

    let seal = admin.post("/audit/access/verify", &json!({})).await.ok();
    assert_eq!((&seal["holds"], &seal["hash"]), (&json!(true), &trail["items"][0]["hash"]));
    let file = admin.request(Method::GET, "/audit/access/export").send().await.unwrap();
    let csv = file.text().await.unwrap();
    assert!(csv.contains("Change a person,changed,person,") && csv.contains("lead-estimator"));
    let trail = admin.get("/audit?kind=reading").await.ok();
    let label = trail["items"][0]["label"].as_str().unwrap();
    assert!(label.starts_with("Export the audit trail of people: "), "{label}");
}

#[tokio::test]
async fn nothing_of_another_organisation_shows() {
    let mut app = TestApp::start().await;
    app.kill();
    let make =
        ["organisation", "create", "second", "--name", "Second", "--admin-email", "kiri@x.example"];
    app.command(&make);
    app.restart().await;
    let admin = app.sign_in("admin").await;
    let people = app.visitor().get("/session/users").await.ok();
    let all = people["items"].as_array().unwrap().clone();
    let kiri =
        all.iter().find(|one| one["name"] == "kiri@x.example" || one["email"] == "kiri@x.example");
    let kiri = kiri.unwrap_or_else(|| panic!("no Kiri among {people}"));
    let other = app.visitor().signed_in_as(&kiri["id"]).await;
    let hidden = json!({"name": "Hidden Person", "email": "hidden@x.example", "role": "viewer"});
    other.post("/users", &hidden).await.ok();
    other.post("/tokens", &json!({"name": "hidden", "scope": "read", "days": 1})).await.ok();

    let own = admin.get("/audit/access?limit=200").await.ok().to_string();
    for secret in ["Second", "kiri@x.example", "Hidden Person", "hidden"] {
        assert!(!own.contains(secret), "{secret} shows: {own}");
    }
    let theirs = other.get("/audit/access").await.ok();
    assert_eq!(labels(&theirs)[..2], ["Make an API token", "Add a person"], "{theirs}");
    assert!(!theirs.to_string().contains("admin@example.org"), "{theirs}");
    for (path, method) in [("", Method::GET), ("/export", Method::GET), ("/verify", Method::POST)] {
        let lead = app.sign_in("lead-estimator").await;
        let answer = lead.request(method, &format!("/audit/access{path}")).send().await.unwrap();
        assert_eq!(answer.status(), 403, "{path}");
    }
}
