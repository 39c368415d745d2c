//! Companies: added, found, changed, archived, taken back.

use crate::harness::{Client, TestApp};
use serde_json::{Value, json};

async fn add(lead: &Client, set: Value) -> Value {
    lead.post("/companies", &set).await.ok()
}

fn names(page: &Value) -> Vec<&str> {
    page["items"].as_array().unwrap().iter().filter_map(|one| one["name"].as_str()).collect()
}

#[tokio::test]
async fn a_company_is_added_found_and_changed() {
    let app = TestApp::start().await;
    let lead = app.sign_in("estimator").await;
    let ara = add(
        &lead,
        json!({
            "name": " Ara Surfacing ",
            "roles": {"client": false, "supplier": true, "subcontractor": true},
            "contacts": [{"name": "Mere", "email": "mere@ara.example", "phone": "07 000 0000"}],
            "regions": ["Waikato", "waikato", "Bay of Plenty"],
            "trades": ["Chipseal"],
        }),
    )
    .await;
    assert_eq!(ara["name"], "Ara Surfacing");
    assert_eq!(ara["regions"], json!(["Waikato", "Bay of Plenty"]));
    let roles = json!({"client": true, "supplier": false, "subcontractor": false});
    add(&lead, json!({"name": "bay council", "roles": roles})).await;
    assert_eq!(names(&lead.get("/companies").await.ok()), ["Ara Surfacing", "bay council"]);
    let found = lead.get("/companies?q=mere%20plenty").await.ok();
    assert_eq!(names(&found), ["Ara Surfacing"]);
    let clients = lead.get("/companies?role=client&state=active").await.ok();
    assert_eq!(names(&clients), ["bay council"]);

    let at = format!("/companies/{}", ara["id"].as_str().unwrap());
    let change = json!({"version": 1, "set": {"onHold": true}});
    let held = lead.patch(&at, &change).await.ok();
    assert_eq!((&held["onHold"], &held["version"]), (&json!(true), &json!(2)));
    lead.patch(&at, &change).await.problem(409, "stale-version");
    assert_eq!(
        lead.get("/library/undo").await.ok()["undo"]["label"],
        "Put on hold company Ara Surfacing"
    );
    lead.post("/library/undo", &json!({})).await.ok();
    assert_eq!(lead.get(&at).await.ok()["onHold"], false);
    let history = lead.get(&format!("/history/company/{}", ara["id"].as_str().unwrap())).await.ok();
    let entries = history["items"].as_array().unwrap();
    assert_eq!(entries.len(), 3, "{history}");
    assert_eq!(entries[1]["changes"][0]["field"], "onHold");
}

#[tokio::test]
async fn what_is_no_company_is_refused_and_an_added_one_is_archived_by_undo() {
    let mut app = TestApp::start().await;
    let mut lead = app.sign_in("lead-estimator").await;
    let ara = add(&lead, json!({"name": "Ara"})).await;
    for bad in [
        json!({"name": "  "}),
        json!({"name": "ARA"}),
        json!({"name": "B", "contacts": [{"email": "no address"}]}),
        json!({"name": "B", "contacts": [{}]}),
        json!({"name": "x".repeat(501)}),
    ] {
        let refused = lead.post("/companies", &bad).await;
        assert_eq!(refused.status.as_u16(), 400, "{bad}: {}", refused.text);
    }
    let many = json!({"name": "B", "trades": vec!["t"; 51]});
    assert_eq!(lead.post("/companies", &many).await.status.as_u16(), 413);
    lead.post("/library/undo", &json!({})).await.ok();
    let at = format!("/companies/{}", ara["id"].as_str().unwrap());
    assert_eq!(lead.get(&at).await.ok()["state"], "archived");
    // Its name is free again, and it cannot come back beside the other.
    let other = add(&lead, json!({"name": "ara"})).await;
    let back = json!({"version": 2, "set": {"state": "active"}});
    let refused = lead.patch(&at, &back).await;
    assert_eq!(refused.status.as_u16(), 400, "{}", refused.text);
    app.restart().await;
    lead = app.sign_in("lead-estimator").await;
    let kept = lead.get("/companies?state=active").await.ok();
    assert_eq!(kept["items"], json!([other]));
    app.kill();
    app.command(&["check"]);
}

#[tokio::test]
async fn a_company_says_which_tenders_name_it() {
    let app = TestApp::start().await;
    let lead = app.sign_in("lead-estimator").await;
    let council = add(&lead, json!({"name": "Waihou District Council"})).await;
    let tender = json!({"number": "T-1", "name": "Road", "clientName": "waihou district council"});
    lead.post("/tenders", &tender).await.ok();
    let at = format!("/companies/{}/usage", council["id"].as_str().unwrap());
    let used = lead.get(&at).await.ok();
    assert_eq!(used["total"], 1);
    assert_eq!(
        (&used["items"][0]["role"], &used["items"][0]["tenderNumber"]),
        (&json!("client"), &json!("T-1"))
    );
}
