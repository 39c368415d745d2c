//! Warnings of checks are dismissed with a reason, listed as such, void when the value moves on,
//! and listed again; and they say what is unlike past tenders.

use crate::harness::Client;
use crate::http_support::{Priced, fresh, id};
use serde_json::{Value, json};

async fn checks(client: &Client, p: &Priced, dismissed: bool) -> Value {
    client.get(&p.at(&format!("/checks?dismissed={dismissed}"))).await.ok()
}

/// The edit that dismisses a check as listed.
fn dismiss(check: &Value, reason: &str) -> Value {
    json!({"edits": [{"op": "dismiss-check", "code": check["code"], "objectId": check["nodeId"],
        "value": check["value"], "reason": reason}]})
}

fn counts(of: &Value) -> (u64, u64) {
    let count = |name: &str| of["counts"][name].as_u64().expect("a count");
    (count("warnings"), count("dismissed"))
}

#[tokio::test]
async fn a_warning_is_dismissed_until_its_value_moves_on_or_somebody_lists_it_again() {
    let p = Priced::start().await;
    let estimator = p.app.sign_in("estimator").await;
    let (item, line) = (fresh(), fresh());
    let set = json!({"code": "1.1", "description": "Pipe", "unit": "m", "quantity": "100"});
    let free = json!({"description": "Pipe", "type": "material", "unit": "m", "rate": "0",
        "freeIssue": true, "method": "usage", "usage": "1"});
    let edits = json!({"edits": [
        {"op": "add-item", "id": item, "parentId": p.heading, "set": set},
        {"op": "add-line", "itemId": item, "id": line, "line": free},
    ]});
    p.lead.post(&p.at("/edits"), &edits).await.ok();
    let open = checks(&estimator, &p, false).await;
    let zero = open["items"].as_array().unwrap().iter().find(|one| one["code"] == "zero-cost");
    let zero = zero.expect("the item costs nothing").clone();
    assert_eq!((counts(&open), &zero["value"]), ((1, 0), &json!("0.00")));

    // An Estimator may: nothing was blocked by it.
    estimator.post(&p.at("/edits"), &dismiss(&zero, "  ")).await.problem(400, "invalid-request");
    estimator.post(&p.at("/edits"), &dismiss(&zero, "Done by the client")).await.ok();
    let left = checks(&estimator, &p, false).await;
    assert_eq!(counts(&left), (0, 1));
    assert!(left["items"].as_array().unwrap().iter().all(|one| one["code"] != "zero-cost"));
    let gone = checks(&estimator, &p, true).await;
    let kept = &gone["items"][0]["dismissed"];
    assert_eq!(
        (&gone["items"][0]["code"], &kept["reason"]),
        (&json!("zero-cost"), &json!("Done by the client"))
    );
    assert!(kept["by"]["name"].is_string() && kept["at"].is_string(), "{kept}");
    let accepted = p.lead.get(&p.at("/acknowledgements")).await.ok();
    assert_eq!(accepted["total"], 0, "no rule was accepted");

    // It is a change like any other: history, undo, redo.
    let path = format!("/history/acknowledgement/{}?estimateId={}", id(&kept["id"]), p.estimate);
    let history = estimator.get(&path).await.ok();
    assert_eq!(history["items"][0]["label"], "Dismiss the zero cost of 1.1");
    estimator.post(&p.at("/undo"), &json!({})).await.ok();
    assert_eq!(counts(&checks(&estimator, &p, false).await), (1, 0));
    estimator.post(&p.at("/redo"), &json!({})).await.ok();
    assert_eq!(counts(&checks(&estimator, &p, false).await), (0, 1));

    // Another value is another warning; the old one back, and the dismissal holds again.
    let priced = |rate: &str| {
        json!({"edits": [{"op": "update-line", "itemId": item, "lineId": line,
            "set": {"rate": rate}}]})
    };
    p.lead.post(&p.at("/edits"), &priced("5")).await.ok();
    assert_eq!(counts(&checks(&estimator, &p, false).await), (0, 0));
    p.lead.post(&p.at("/edits"), &priced("0")).await.ok();
    assert_eq!(counts(&checks(&estimator, &p, false).await), (0, 1));

    let restore = json!({"edits": [{"op": "restore-check", "ids": [kept["id"]]}]});
    estimator.post(&p.at("/edits"), &restore).await.ok();
    assert_eq!(counts(&checks(&estimator, &p, false).await), (1, 0));
    estimator.post(&p.at("/edits"), &restore).await.problem(404, "not-found");
}

#[tokio::test]
async fn only_a_warning_of_a_row_that_is_there_is_dismissed() {
    let p = Priced::start().await;
    let item = p.item("1.1", "100", "10").await;
    let mut check = json!({"code": "zero-cost", "nodeId": fresh(), "value": "0.00"});
    p.lead.post(&p.at("/edits"), &dismiss(&check, "Fine")).await.problem(404, "not-found");
    check["nodeId"] = json!(item);
    check["code"] = json!("plugs-not-acknowledged");
    p.lead.post(&p.at("/edits"), &dismiss(&check, "Fine")).await.problem(400, "invalid-request");

    // What a Lead accepted of a rule is not an Estimator's to take back.
    let accept = json!({"edits": [{"op": "acknowledge", "rule": "BR-090", "objectId": item,
        "value": "1000.00 at 10.0000", "reason": "Checked"}]});
    p.lead.post(&p.at("/edits"), &accept).await.ok();
    let accepted = p.lead.get(&p.at("/acknowledgements")).await.ok();
    let restore = json!({"edits": [{"op": "restore-check", "ids": [accepted["items"][0]["id"]]}]});
    let estimator = p.app.sign_in("estimator").await;
    estimator.post(&p.at("/edits"), &restore).await.problem(404, "not-found");
}

#[tokio::test]
async fn a_heading_with_nearly_the_whole_cost_stands_out_among_three() {
    let p = Priced::start().await;
    let mut headings = vec![p.heading.clone()];
    for code in ["2", "3"] {
        let heading = fresh();
        let body = json!({"id": heading, "code": code, "name": format!("Part {code}")});
        p.lead.post(&p.at("/headings"), &body).await.ok();
        headings.push(heading);
    }
    let items: Vec<String> = (0..3).map(|_| fresh()).collect();
    for ((heading, item), rate) in headings.iter().zip(&items).zip(["95", "3", "2"]) {
        let set = json!({"code": "i", "description": "Work", "unit": "m3", "quantity": "1",
            "plugRate": rate, "plugType": "plant"});
        let body = json!({"id": item, "parentId": heading, "set": set});
        p.lead.post(&p.at("/items"), &body).await.ok();
    }
    let found = checks(&p.lead, &p, false).await;
    let share = found["items"].as_array().unwrap().iter();
    let share: Vec<&Value> = share.filter(|one| one["code"] == "heading-share-unusual").collect();
    assert_eq!(share.len(), 1, "{found}");
    assert_eq!((&share[0]["value"], &share[0]["kind"]), (&json!("95 %"), &json!("heading")));
    p.lead.post(&p.at("/edits"), &dismiss(share[0], "It is a bridge")).await.ok();
    assert_eq!(counts(&checks(&p.lead, &p, false).await), (0, 1));
    // A few dollars more leave it dismissed; a whole percent less asks again.
    let rate = |at: usize, rate: &str| json!({"edits": [{"op": "update-item", "id": items[at], "set": {"plugRate": rate}}]});
    p.lead.post(&p.at("/edits"), &rate(0, "95.2")).await.ok();
    assert_eq!(counts(&checks(&p.lead, &p, false).await), (0, 1));
    p.lead.post(&p.at("/edits"), &rate(1, "4")).await.ok();
    assert_eq!(counts(&checks(&p.lead, &p, false).await), (1, 0));
    p.lead.post(&p.at("/edits"), &rate(1, "40")).await.ok();
    assert_eq!(counts(&checks(&p.lead, &p, false).await), (0, 0), "two thirds are no news");
}

#[tokio::test]
async fn units_that_do_not_go_together_are_told_and_may_be_dismissed() {
    let p = Priced::start().await;
    let gravel = json!({"code": "GAP", "description": "Gravel", "type": "material", "unit": "t",
        "rate": "40"});
    let gravel = id(&p.lead.post("/resources", &gravel).await.ok()["id"]);
    let spare = json!({"code": "SPARE", "description": "Spare", "type": "other", "unit": "ea",
        "rate": "1"});
    p.lead.post("/resources", &spare).await.ok();
    let factor = |factor: &str| json!({"from": "m3", "to": "t", "factor": factor});
    p.lead.put("/units/conversions", &factor("1.9")).await.ok();
    let recipe = json!({"code": "BED", "name": "Bedding", "unit": "m3",
        "lines": [{"resourceId": gravel, "factor": "1.9"}]});
    let recipe = id(&p.lead.post("/recipes", &recipe).await.ok()["id"]);
    let (one, two, three) = (fresh(), fresh(), fresh());
    let item = |id: &str, code: &str, unit: &str| {
        json!({"op": "add-item", "id": id, "parentId": p.heading, "set": {"code": code,
            "description": format!("Work {code}"), "unit": unit, "quantity": "10"}})
    };
    let bedding = |item: &str, usage: &str| {
        json!({"op": "add-line", "itemId": item,
            "line": {"recipeId": recipe, "method": "usage", "usage": usage}})
    };
    let converted = json!({"op": "add-line", "itemId": three, "line": {"resourceId": gravel,
        "method": "usage", "usage": "1", "unit": "m3"}});
    let edits = json!({"edits": [
        item(&one, "1.1", "m2"), bedding(&one, "1"),
        item(&two, "1.2", "m2"), bedding(&two, "0.15"),
        item(&three, "1.3", "m3"), bedding(&three, "1"), converted,
    ]});
    p.lead.post(&p.at("/edits"), &edits).await.ok();
    let mismatches = async || {
        let found = checks(&p.lead, &p, false).await;
        let found = found["items"].as_array().unwrap().iter();
        let found: Vec<Value> = found.filter(|c| c["code"] == "unit-mismatch").cloned().collect();
        found
    };
    let found = mismatches().await;
    assert_eq!(found.len(), 1, "only a recipe used one for one is: {found:?}");
    assert_eq!(found[0]["message"], "1.1 is in m2: BED gives one m3 for each m2.");
    p.lead.post(&p.at("/edits"), &dismiss(&found[0], "A metre deep")).await.ok();
    assert_eq!(mismatches().await.len(), 0);

    // The list of units says another factor than the line keeps.
    p.lead.put("/units/conversions", &factor("1.8")).await.ok();
    let found = mismatches().await;
    assert_eq!(found.len(), 1, "{found:?}");
    let message = found[0]["message"].as_str().unwrap();
    assert!(message.starts_with("1.3 is in m3: GAP is converted from m3 to t by 1.9"), "{message}");

    // What no line ever used is found among the resources.
    let unused = p.lead.get("/resources?used=false&limit=500").await.ok();
    let codes: Vec<&Value> =
        unused["items"].as_array().unwrap().iter().map(|row| &row["code"]).collect();
    assert!(codes.contains(&&json!("SPARE")) && !codes.contains(&&json!("GAP")), "{codes:?}");
}

#[tokio::test]
async fn what_a_project_price_book_brought_and_nothing_used_is_told_until_it_is_settled() {
    let p = Priced::start().await;
    let book = json!({"name": "Waihou rates", "kind": "project"});
    let book = id(&p.lead.post("/price-books", &book).await.ok()["id"]);
    let mut resources = Vec::new();
    for code in ["A-1", "B-2", "C-3"] {
        let body = json!({"priceBookId": book, "code": code, "description": code,
            "type": "material", "unit": "m3", "rate": "10"});
        resources.push(p.lead.post("/resources", &body).await.ok());
    }
    p.lead.post(&format!("/price-books/{book}/versions/1/publish"), &json!({})).await.ok();
    let unused = async || {
        let found = checks(&p.lead, &p, false).await;
        let found = found["items"].as_array().unwrap().iter();
        found.filter(|one| one["code"] == "resources-unused").cloned().collect::<Vec<Value>>()
    };
    let item = p.item("1.1", "100", "10").await;
    assert!(unused().await.is_empty(), "the estimate takes nothing from that price book");

    let line = json!({"resourceId": resources[0]["id"], "method": "usage", "usage": "1"});
    let edit = json!({"op": "add-line", "itemId": item, "line": line});
    let plug = json!({"op": "update-item", "id": item, "set": {"plugRate": null}});
    p.lead.post(&p.at("/edits"), &json!({"edits": [plug, edit]})).await.ok();
    let found = unused().await;
    let said = "2 resources of the price book Waihou rates were never used since the import: \
                B-2, C-3.";
    assert_eq!((found.len(), &found[0]["message"]), (1, &json!(said)));
    assert_eq!((&found[0]["priceBookId"], found[0].get("nodeId")), (&json!(book), None));

    let dismissal = |object: &str| {
        json!({"edits": [{"op": "dismiss-check", "code": "resources-unused", "objectId": object,
            "value": found[0]["value"], "reason": "For the separable portion"}]})
    };
    p.lead.post(&p.at("/edits"), &dismissal(&item)).await.problem(404, "not-found");
    p.lead.post(&p.at("/edits"), &dismissal(&book)).await.ok();
    assert!(unused().await.is_empty());

    // Settled in the price book is another value; all settled says nothing.
    let retire = async |at: usize| {
        let path = format!("/resources/{}", id(&resources[at]["id"]));
        let version = p.lead.get(&path).await.ok()["version"].clone();
        p.lead.patch(&path, &json!({"version": version, "state": "retired"})).await.ok();
    };
    retire(1).await;
    let left = unused().await;
    assert_eq!((left.len(), &left[0]["value"]), (1, &json!("1: C-3")));
    retire(2).await;
    assert!(unused().await.is_empty());
}
