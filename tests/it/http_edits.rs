//! Edits over HTTP: all or none, never twice, never over somebody else's change, and undone again.

use crate::http_support::{Priced, fresh, id};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn the_edits_of_one_request_all_happen_or_none_does() {
    let p = Priced::start().await;
    let good = p.add_item(&fresh(), "1.1", "10", "5");
    let mut bad = p.add_item(&fresh(), "1.2", "10", "5");
    bad["set"]["quantity"] = json!("0");
    let body = json!({"edits": [good, bad]});
    let problem = p.lead.post(&p.at("/edits"), &body).await.problem(422, "item-quantity-invalid");
    let violation = &problem["violations"][0];
    assert_eq!((&violation["rule"], &violation["edit"]), (&json!("BR-020"), &json!(1)));
    assert_eq!(violation["field"], "quantity");
    assert_eq!(p.totals().await["items"], 0);

    let good = p.add_item(&fresh(), "1.1", "10", "5");
    let other = p.add_item(&fresh(), "1.2", "2.5", "4");
    let body = json!({"label": "Paste 2 rows", "edits": [good, other]});
    let done = p.lead.post(&p.at("/edits"), &body).await.ok();
    assert_eq!(done["label"], "Paste 2 rows");
    assert_eq!(done["totals"]["total"], "60.00");
    assert_eq!(done["totals"]["byType"]["plant"], "60.00");
    assert_eq!(done["results"].as_array().unwrap().len(), 2);
    assert_eq!(done["structure"], true);
    let rows = done["rows"].as_array().unwrap();
    let heading = rows.iter().find(|row| row["id"] == p.heading).unwrap();
    assert_eq!((&heading["cost"], &heading["items"]), (&json!("60.00"), &json!(2)));
}

#[tokio::test]
async fn a_change_over_somebody_elses_change_is_refused_with_the_row_as_it_is() {
    let p = Priced::start().await;
    let item = p.item("1.1", "10", "5").await;
    let at = p.at(&format!("/items/{item}"));
    let version = p.lead.get(&at).await.ok()["version"].clone();
    let set = |quantity: &str| json!({"version": version, "set": {"quantity": quantity}});
    let other = p.app.sign_in("estimator").await;
    other.patch(&at, &set("20")).await.ok();
    let problem = p.lead.patch(&at, &set("30")).await.problem(409, "stale-version");
    assert_eq!(problem["current"]["id"], json!(item));
    assert_eq!(problem["current"]["quantity"], "20.0000");
    assert_eq!(problem["current"]["cost"], "100.00");
    let now = json!({"version": problem["current"]["version"], "set": {"quantity": "30"}});
    assert_eq!(p.lead.patch(&at, &now).await.ok()["totals"]["total"], "150.00");
}

#[tokio::test]
async fn a_repeated_request_does_nothing_twice() {
    let p = Priced::start().await;
    let body = json!({"edits": [p.add_item(&fresh(), "1.1", "10", "5")]});
    let send = |body: Value| {
        let request = p.lead.request(Method::POST, &p.at("/edits"));
        request.header("idempotency-key", "one").json(&body).send()
    };
    let first: Value = send(body.clone()).await.unwrap().json().await.unwrap();
    let again: Value = send(body).await.unwrap().json().await.unwrap();
    assert_eq!(first["lsn"], again["lsn"]);
    assert_eq!(first["results"], again["results"]);
    assert_eq!(p.totals().await["items"], 1);
    let other = json!({"edits": [p.add_item(&fresh(), "1.2", "10", "5")]});
    let refused = send(other).await.unwrap();
    assert_eq!(refused.status(), 422);
    assert_eq!(refused.json::<Value>().await.unwrap()["code"], "idempotency-mismatch");
}

#[tokio::test]
async fn a_heading_that_holds_items_goes_only_with_what_it_holds_named() {
    let p = Priced::start().await;
    p.item("1.1", "10", "5").await;
    let at = p.at(&format!("/headings/{}", p.heading));
    let problem = p.lead.delete(&at).await.problem(422, "heading-not-empty");
    let facts = &problem["violations"][0]["facts"];
    assert_eq!((&facts["items"], &facts["cost"]), (&json!(1), &json!("50.00")));
    let stale = format!("{at}?items=2&cost=50.00");
    p.lead.delete(&stale).await.problem(422, "heading-not-empty");
    let gone = p.lead.delete(&format!("{at}?items=1&cost=50.00")).await.ok();
    assert!(gone["removed"].as_array().unwrap().contains(&json!(p.heading)));
    assert_eq!(gone["totals"]["total"], "0.00");
}

#[tokio::test]
async fn what_was_done_is_undone_and_done_again() {
    let p = Priced::start().await;
    let item = p.item("1.1", "10", "5").await;
    let at = p.at(&format!("/items/{item}"));
    p.lead.patch(&at, &json!({"set": {"quantity": "20"}})).await.ok();
    assert_eq!(p.totals().await["total"], "100.00");
    let state = p.lead.get(&p.at("/undo")).await.ok();
    assert!(state["undo"]["label"].is_string(), "{state}");
    let undone = p.lead.post(&p.at("/undo"), &json!({})).await.ok();
    assert_eq!(undone["totals"]["total"], "50.00");
    assert!(undone["undo"]["redo"]["lsn"].is_u64(), "{undone}");
    let redone = p.lead.post(&p.at("/redo"), &json!({})).await.ok();
    assert_eq!(redone["totals"]["total"], "100.00");
    p.lead.post(&p.at("/redo"), &json!({})).await.problem(409, "nothing-to-undo");

    // Another person's change of the same row stands in the way.
    let other = p.app.sign_in("estimator").await;
    other.patch(&at, &json!({"set": {"quantity": "30"}})).await.ok();
    let problem = p.lead.post(&p.at("/undo"), &json!({})).await.problem(409, "undo-conflict");
    assert_eq!(problem["object"], json!(item));
    assert_eq!(p.totals().await["total"], "150.00");
}

#[tokio::test]
async fn a_worksheet_is_built_line_by_line() {
    let p = Priced::start().await;
    let resource = json!({
        "code": "PLT-EX20", "description": "20 t excavator", "type": "plant", "unit": "h",
        "rate": "98",
    });
    let resource = id(&p.lead.post("/resources", &resource).await.ok()["id"]);
    let item = fresh();
    let body = json!({"id": item, "parentId": p.heading, "set": {
        "code": "2.01", "description": "Strip topsoil", "unit": "m3", "quantity": "850",
    }});
    p.lead.post(&p.at("/items"), &body).await.ok();
    let sheet = p.at(&format!("/items/{item}/worksheet"));
    let line = json!({"line": {
        "method": "time", "resourceId": resource, "production": "68", "efficiency": "0.83",
    }});
    let made = p.lead.post(&format!("{sheet}/lines"), &line).await.ok();
    assert_eq!(made["totals"]["total"], "1475.90");
    assert_eq!(made["worksheets"], json!([item]));
    let worksheet = p.lead.get(&sheet).await.ok();
    let line = &worksheet["lines"][0];
    assert_eq!((&line["lineQuantity"], &line["cost"]), (&json!("15.060241"), &json!("1475.90")));
    assert_eq!(line["resource"]["code"], "PLT-EX20");
    assert_eq!(line["working"], "1 × 850 ÷ (68 × 0.83)");
    assert_eq!(worksheet["costRate"], "1.7364");

    let at = format!("{sheet}/lines/{}", id(&line["id"]));
    p.lead.patch(&at, &json!({"set": {"production": "60 +"}})).await.problem(422, "formula-syntax");
    let problem = p.lead.patch(&at, &json!({"set": {"production": "banana * 2"}})).await;
    let problem = problem.problem(422, "formula-name-unknown");
    assert_eq!(problem["violations"][0]["position"], 0);
    p.lead.patch(&at, &json!({"set": {"production": "34"}})).await.ok();
    assert_eq!(p.lead.get(&sheet).await.ok()["lines"][0]["cost"], "2951.81");

    // A new rate in the price book leaves the line as it is, and marks it.
    let at_resource = format!("/resources/{resource}");
    let version = p.lead.get(&at_resource).await.ok()["version"].clone();
    p.lead.patch(&at_resource, &json!({"version": version, "rate": "100"})).await.ok();
    let worksheet = p.lead.get(&sheet).await.ok();
    let line = &worksheet["lines"][0];
    assert_eq!((&line["rate"], &line["currentRate"]), (&json!("98.0000"), &json!("100.0000")));
    assert_eq!(line["diverged"], true);
    assert_eq!(p.lead.get(&p.at(&format!("/rows/{item}"))).await.ok()["diverged"], true);
    let preview = p.lead.post(&p.at("/reprice"), &json!({})).await.ok();
    assert_eq!((&preview["effect"], &preview["result"]), (&json!("60.24"), &Value::Null));
    let done = p
        .lead
        .post(&p.at("/reprice"), &json!({"apply": true, "preview": preview["preview"]}))
        .await
        .ok();
    assert_eq!(done["result"]["totals"]["total"], "3012.05");
    assert_eq!(p.lead.post(&p.at("/reprice"), &json!({})).await.ok()["lines"], json!([]));

    let usage = p.lead.get(&format!("{at_resource}/usage")).await.ok();
    assert_eq!((&usage["total"], &usage["items"][0]["itemCode"]), (&json!(1), &json!("2.01")));
    p.lead.delete(&at_resource).await.problem(422, "resource-retired-or-in-use");
    p.lead.delete(&at).await.ok();
    assert_eq!(p.totals().await["total"], "0.00");
}

#[tokio::test]
async fn formulas_are_tried_before_they_are_kept() {
    let p = Priced::start().await;
    let variables = json!({"variables": [{"name": "bulking", "formula": "1.25"}]});
    p.lead.patch(&p.at(""), &variables).await.ok();
    let item = p.item("1.1", "100", "1").await;
    let tried = |text: &str| json!({"estimateId": p.estimate, "itemId": item, "text": text});
    let value = p.lead.post("/formulas/check", &tried("Q * bulking")).await.ok();
    assert_eq!(value["value"], "125");
    let wrong = p.lead.post("/formulas/check", &tried("Q * bulk")).await.ok();
    assert_eq!(wrong["error"]["code"], "formula-name-unknown");
    assert_eq!(wrong["error"]["position"], 4);
    let names = p.lead.get(&p.at(&format!("/items/{item}/names"))).await.ok();
    let names = names["items"].as_array().unwrap();
    let from = |name: &str| names.iter().find(|n| n["name"] == name).unwrap()["from"].clone();
    assert_eq!((from("bulking"), from("Q")), (json!("estimate"), json!("built-in")));
}

/// The modifiers of a resource, its default waste and efficiency, are those of a new line wherever
/// nothing else is said.
#[tokio::test]
async fn the_defaults_of_a_resource_are_those_of_a_new_line() {
    let p = Priced::start().await;
    let make = async |code: &str, kind: &str, unit: &str, more: Value| {
        let mut body = json!({"code": code, "description": code, "type": kind, "unit": unit,
            "rate": "10"});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        p.lead.post("/resources", &body).await.ok()["id"].clone()
    };
    let pipe = make("MAT-1", "material", "m", json!({"defaultWaste": "7.5"})).await;
    let digger = make("PLT-1", "plant", "h", json!({"defaultEfficiency": "0.75"})).await;
    let item = fresh();
    let set = json!({"code": "1.1", "description": "Pipe", "unit": "m", "quantity": "100"});
    let add = |line: Value| json!({"op": "add-line", "itemId": item, "line": line});
    let edits = json!({"edits": [
        {"op": "add-item", "id": item, "parentId": p.heading, "set": set},
        add(json!({"resourceId": pipe})),
        add(json!({"resourceId": pipe, "method": "fixed", "quantity": "3"})),
        add(json!({"resourceId": pipe, "waste": "2"})),
        add(json!({"resourceId": digger, "production": "20"})),
        add(json!({"resourceId": digger, "method": "norm", "hours": "0.5"})),
        add(json!({"resourceId": digger, "production": "20", "efficiency": "0.9"})),
    ]});
    p.lead.post(&p.at("/edits"), &edits).await.ok();
    // The route of a worksheet is the same door.
    let line = json!({"resourceId": pipe, "usage": "1"});
    let lines = format!("/items/{item}/worksheet/lines");
    p.lead.post(&p.at(&lines), &json!({"line": line})).await.ok();
    let sheet = p.lead.get(&p.at(&format!("/items/{item}/worksheet"))).await.ok();
    let said = |at: usize, field: &str| sheet["lines"][at][field].as_str().unwrap().to_owned();
    assert_eq!([said(0, "waste"), said(1, "waste")], ["7.5000", "7.5000"]);
    assert_eq!([said(2, "waste"), said(6, "waste")], ["2.0000", "7.5000"]);
    assert_eq!([said(3, "efficiency"), said(4, "efficiency")], ["0.75", "0.75"]);
    assert_eq!(said(5, "efficiency"), "0.9");
}
