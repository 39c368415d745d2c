//! Tenders, units, price book and recipes over HTTP, with their history.

use crate::harness::TestApp;
use crate::http_support::{Priced, id};
use serde_json::json;

#[tokio::test]
async fn a_tender_is_kept_found_changed_copied_and_deleted() {
    let app = TestApp::start().await;
    let lead = app.sign_in("lead-estimator").await;
    let tender = json!({"number": "T-10", "name": "Bridge", "clientName": "Ōtaki Council",
        "closingAt": "2027-02-01T14:00:00+13:00", "formOfContract": "nzs3910"});
    let made = lead.post("/tenders", &tender).await.ok();
    assert_eq!(made["closingAt"], "2027-02-01T01:00:00Z");
    assert_eq!(
        (&made["state"], &made["estimates"][0]["code"]),
        (&json!("enquiry"), &json!("BASE"))
    );
    lead.post("/tenders", &tender).await.problem(422, "tender-number-not-unique");
    for n in 1..=5 {
        let body = json!({"number": format!("S-{n}"), "name": "Drain"});
        lead.post("/tenders", &body).await.ok();
    }
    let page = lead.get("/tenders?sort=number&limit=4").await.ok();
    let numbers = |page: &serde_json::Value| -> Vec<String> {
        page["items"].as_array().unwrap().iter().map(|t| id(&t["number"])).collect()
    };
    assert_eq!(
        (numbers(&page), &page["total"]),
        (vec!["S-1".into(), "S-2".into(), "S-3".into(), "S-4".into()], &json!(6))
    );
    let next = format!("/tenders?sort=number&limit=4&cursor={}", id(&page["nextCursor"]));
    assert_eq!(numbers(&lead.get(&next).await.ok()), ["S-5", "T-10"]);
    assert_eq!(numbers(&lead.get("/tenders?sort=-closing&q=%C5%8Dtaki").await.ok()), ["T-10"]);
    assert_eq!(lead.get("/tenders?state=won").await.ok()["total"], 0);

    let at = format!("/tenders/{}", id(&made["id"]));
    let change = json!({"version": made["version"], "name": "Long bridge", "closingAt": null});
    let changed = lead.patch(&at, &change).await.ok();
    assert_eq!(changed["name"], "Long bridge");
    assert!(changed.get("closingAt").is_none());
    let problem = lead.patch(&at, &change).await.problem(409, "stale-version");
    assert_eq!(problem["current"]["name"], "Long bridge");
    let history = lead.get(&format!("/history/tender/{}", id(&made["id"]))).await.ok();
    let entry = &history["items"][0];
    assert_eq!(entry["actor"]["name"], "Lead Estimator");
    let name = entry["changes"].as_array().unwrap().iter().find(|c| c["field"] == "name").unwrap();
    assert_eq!((&name["before"], &name["after"]), (&json!("Bridge"), &json!("Long bridge")));

    let copy = json!({"number": "T-11", "name": "Again"});
    let copy = lead.post(&format!("{at}/duplicate"), &copy).await.ok();
    assert_eq!(copy["number"], "T-11");
    lead.delete(&at).await.problem(403, "permission-denied");
    let admin = app.sign_in("admin").await;
    assert_eq!(admin.delete(&at).await.status, 204);
    lead.get(&at).await.problem(404, "not-found");
}

#[tokio::test]
async fn units_and_conversions_are_managed() {
    let app = TestApp::start().await;
    let lead = app.sign_in("lead-estimator").await;
    let unit =
        json!({"code": "pile", "name": "driven pile", "aliases": ["piles"], "dimension": "count"});
    assert_eq!(lead.post("/units", &unit).await.ok()["aliases"], json!(["piles"]));
    let changed = lead.patch("/units/pile", &json!({"name": "bored pile"})).await.ok();
    assert_eq!(changed["name"], "bored pile");
    let conversion = json!({"from": "pile", "to": "m", "factor": "12.5"});
    assert_eq!(lead.put("/units/conversions", &conversion).await.ok()["factor"], "12.500000");
    let units = lead.get("/units").await.ok();
    assert!(units["items"].as_array().unwrap().iter().any(|u| u["code"] == "pile"));
    assert!(units["conversions"].as_array().unwrap().iter().any(|c| c["from"] == "pile"));
    assert_eq!(lead.delete("/units/pile").await.status, 204);
    let units = lead.get("/units").await.ok();
    assert!(!units["items"].as_array().unwrap().iter().any(|u| u["code"] == "pile"));
    let undone = lead.post("/library/undo", &json!({})).await.ok();
    assert!(undone["undo"]["redo"].is_object(), "{undone}");
    lead.post("/library/redo", &json!({})).await.ok();
}

#[tokio::test]
async fn a_recipe_is_tried_kept_in_versions_and_used() {
    let p = Priced::start().await;
    let resource = |code: &str, kind: &str, unit: &str, rate: &str| json!({"code": code, "description": code, "type": kind, "unit": unit, "rate": rate});
    let gap = resource("MAT-GAP20", "material", "t", "41.25");
    let gap = id(&p.lead.post("/resources", &gap).await.ok()["id"]);
    let lab = resource("LAB-LAB", "labour", "h", "44.50");
    let lab = id(&p.lead.post("/resources", &lab).await.ok()["id"]);
    let recipe = json!({
        "code": "BEDDING", "name": "Pipe bedding", "unit": "m3",
        "params": [{"name": "density", "default": "1.9", "min": "1", "max": "3"}],
        "variables": [{"name": "hours", "formula": "0.15"}],
        "lines": [
            {"resourceId": gap, "factor": "density", "waste": "5"},
            {"resourceId": lab, "factor": "hours"},
        ],
    });
    let tried = json!({"recipe": recipe, "quantity": "10", "params": {"density": "2"}});
    let preview = p.lead.post("/recipes/preview", &tried).await.ok();
    assert_eq!((&preview["cost"], &preview["unitCost"]), (&json!("933.00"), &json!("93.3000")));
    assert_eq!(preview["leaves"][0]["quantity"], "21.000000");
    assert_eq!(preview["byType"]["labour"], "66.75");
    let outside = json!({"recipe": recipe, "quantity": "10", "params": {"density": "9"}});
    let outside = p.lead.post("/recipes/preview", &outside).await.ok();
    assert_eq!(outside["error"]["code"], "recipe-parameter-invalid");

    let made = p.lead.post("/recipes", &recipe).await.ok();
    let at = format!("/recipes/{}", id(&made["id"]));
    let mut next = recipe.clone();
    next["version"] = made["version"].clone();
    next["variables"][0]["formula"] = json!("0.2");
    let saved = p.lead.put(&at, &next).await.ok();
    assert_eq!(
        (&saved["n"], &saved["lines"][1]["resource"]["code"]),
        (&json!(2), &json!("LAB-LAB"))
    );
    p.lead.put(&at, &next).await.problem(409, "stale-version");

    let item = p.item("3.01", "10", "1").await;
    let clear = json!({"set": {"plugRate": null}});
    p.lead.patch(&p.at(&format!("/items/{item}")), &clear).await.ok();
    let line = json!({"line": {"method": "usage", "recipeId": made["id"], "usage": "1"}});
    let lines = p.at(&format!("/items/{item}/worksheet/lines"));
    p.lead.post(&lines, &line).await.ok();
    let sheet = p.lead.get(&p.at(&format!("/items/{item}/worksheet"))).await.ok();
    let line = &sheet["lines"][0];
    assert_eq!((&line["recipe"]["n"], line["leaves"].as_array().unwrap().len()), (&json!(2), 2));
    assert_eq!(line["leaves"][0]["path"], "BEDDING > MAT-GAP20");
    let usage = p.lead.get(&format!("{at}/usage")).await.ok();
    assert_eq!(usage["items"][0]["itemCode"], "3.01");
    p.lead.delete(&at).await.problem(422, "resource-retired-or-in-use");
    let retired = json!({"version": p.lead.get(&at).await.ok()["version"], "state": "retired"});
    assert_eq!(p.lead.patch(&at, &retired).await.ok()["state"], "retired");
    let found = p.lead.get("/catalogue?q=mat").await.ok();
    assert_eq!(found["items"][0]["code"], "MAT-GAP20");
}
