//! Categorisations, codes and flags: defined once, given to rows, archived but readable.

use crate::http_support::{Priced, fresh, id};
use serde_json::{Value, json};

impl Priced {
    /// A categorisation; gives it as the server does.
    async fn categorise(&self, set: Value) -> Value {
        self.lead.post("/categorisations", &set).await.ok()
    }

    /// What a register shows of those that carry options.
    async fn found(&self, register: &str, options: &str) -> Vec<String> {
        let found = self.lead.get(&format!("/{register}?options={options}")).await.ok();
        found["items"].as_array().unwrap().iter().map(|row| id(&row["id"])).collect()
    }

    /// Has a row carry options.
    async fn label(&self, kind: &str, row: &str, options: &[&Value]) -> crate::harness::Answer {
        let body = json!({"kind": kind, "estimateId": self.estimate, "options": options});
        self.lead.put(&format!("/labels/{row}"), &body).await
    }
}

fn regions() -> Value {
    json!({"name": "Region", "appliesTo":
        {"tenders": true, "resources": true, "items": true, "companies": false},
        "options": [{"name": "Waikato"}, {"name": "Bay of Plenty"}]})
}

#[tokio::test]
async fn what_rows_carry_filters_the_registers() {
    let p = Priced::start().await;
    let region = p.categorise(regions()).await;
    let (waikato, plenty) = (&region["options"][0]["id"], &region["options"][1]["id"]);
    let code = json!({"name": "Cost code", "kind": "code", "options":
        [{"code": "E100", "name": "Earthworks"}], "appliesTo":
        {"tenders": false, "resources": true, "items": true, "companies": false}});
    let code = p.categorise(code).await["options"][0]["id"].clone();
    let flag = json!({"name": "Local", "kind": "flag", "appliesTo":
        {"tenders": true, "resources": false, "items": false, "companies": true}});
    let flag = p.categorise(flag).await["options"][0]["id"].clone();

    p.label("tender", &p.tender, &[waikato, &flag]).await.ok();
    let other = json!({"number": "T-2", "name": "Kopu"});
    let other = id(&p.lead.post("/tenders", &other).await.ok()["id"]);
    p.label("tender", &other, &[plenty]).await.ok();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let tender = p.tender.clone();
    assert_eq!(p.found("tenders", &text(waikato)).await, std::slice::from_ref(&tender));
    let both = format!("{},{}", text(waikato), text(&flag));
    assert_eq!(p.found("tenders", &both).await, [tender]);
    let neither = format!("{},{}", text(plenty), text(&flag));
    assert!(p.found("tenders", &neither).await.is_empty());
    assert_eq!(p.found("tenders", "").await.len(), 2);
    let resource = p.resource("PLT-EX20", "plant", "h", "180").await;
    p.resource("PLT-RL12", "plant", "h", "120").await;
    p.label("resource", &resource, &[&code]).await.ok();
    assert_eq!(p.found("resources", &text(&code)).await, [resource]);
    assert!(p.found("companies", &text(&flag)).await.is_empty());
    p.lead.get("/tenders?options=here").await.problem(400, "invalid-request");
}

#[tokio::test]
async fn a_row_carries_one_option_of_each_and_only_what_is_given_to_it() {
    let p = Priced::start().await;
    let region = p.categorise(regions()).await;
    let (waikato, plenty) = (&region["options"][0]["id"], &region["options"][1]["id"]);
    p.label("tender", &p.tender, &[waikato, plenty]).await.problem(400, "invalid-request");
    let company = json!({"name": "Kerb Co", "roles":
        {"client": false, "supplier": true, "subcontractor": false}});
    let company = id(&p.lead.post("/companies", &company).await.ok()["id"]);
    p.label("company", &company, &[waikato]).await.problem(400, "invalid-request");
    p.label("tender", &fresh(), &[waikato]).await.problem(404, "not-found");
    p.label("item", &fresh(), &[waikato]).await.problem(404, "not-found");
    p.label("item", &p.heading, &[waikato]).await.problem(404, "not-found");
    for (estimate, status, code) in
        [(Value::Null, 400, "invalid-request"), (json!(fresh()), 404, "not-found")]
    {
        let body = json!({"kind": "item", "estimateId": estimate, "options": [waikato]});
        let at = format!("/labels/{}", fresh());
        p.lead.put(&at, &body).await.problem(status, code);
    }
    p.label("tender", &p.tender, &[&json!(fresh())]).await.problem(404, "not-found");

    let item = p.item("1.1", "10", "5").await;
    let carried = p.label("item", &item, &[plenty]).await.ok();
    assert_eq!(carried["options"], json!([plenty]));
    let read = p.lead.get(&format!("/labels?ids={item},{}", p.tender)).await.ok();
    assert_eq!(read["items"][0]["options"], json!([plenty]));
    assert_eq!(read["items"][1]["options"], json!([]));
    // What is beyond one question is refused, not left out.
    let many = |n: usize| (0..n).map(|_| fresh()).collect::<Vec<_>>().join(",");
    let read = p.lead.get(&format!("/labels?ids={}", many(500))).await.ok();
    assert_eq!(read["items"].as_array().unwrap().len(), 500);
    let refused = p.lead.get(&format!("/labels?ids={}", many(501))).await;
    let refused = refused.problem(400, "invalid-request");
    assert!(refused["detail"].as_str().unwrap().contains("at most 500"), "{refused}");
    // It is no content: nothing of the estimate has changed.
    assert_eq!(p.totals().await["total"], "50.00");
}

#[tokio::test]
async fn an_archived_option_stays_readable_and_is_not_given_again() {
    let p = Priced::start().await;
    let region = p.categorise(regions()).await;
    let waikato = region["options"][0]["id"].clone();
    p.label("tender", &p.tender, &[&waikato]).await.ok();
    let at = format!("/categorisations/{}", id(&region["id"]));
    let left_out = json!({"version": 1, "set": {"options": [{"name": "Otago"}]}});
    p.lead.patch(&at, &left_out).await.problem(400, "invalid-request");
    let mut options = region["options"].as_array().unwrap().clone();
    for option in &mut options {
        option.as_object_mut().unwrap().remove("carriers");
    }
    options[0]["archived"] = json!(true);
    options.push(json!({"name": "Otago"}));
    let changed = json!({"version": 1, "set": {"options": options}});
    let changed = p.lead.patch(&at, &changed).await.ok();
    assert_eq!(
        (&changed["options"][0]["archived"], &changed["version"]),
        (&json!(true), &json!(2))
    );
    assert_eq!(changed["options"][0]["carriers"], 1);
    let read = p.lead.get(&format!("/labels?ids={}", p.tender)).await.ok();
    assert_eq!(read["items"][0]["options"], json!([waikato]), "old records keep it");
    p.label("tender", &p.tender, &[&waikato]).await.ok();
    let item = p.item("1.1", "10", "5").await;
    p.label("item", &item, &[&waikato]).await.problem(400, "invalid-request");
    let twice = json!({"name": "REGION", "appliesTo":
        {"tenders": true, "resources": false, "items": false, "companies": false}});
    p.lead.post("/categorisations", &twice).await.problem(400, "invalid-request");
    let stale = json!({"version": 1, "set": {"name": "Area"}});
    p.lead.patch(&at, &stale).await.problem(409, "stale-version");
}

#[tokio::test]
async fn labels_are_undone_and_outlive_a_restart() {
    let mut p = Priced::start().await;
    let region = p.categorise(regions()).await;
    let (waikato, plenty) = (region["options"][0]["id"].clone(), &region["options"][1]["id"]);
    p.label("tender", &p.tender, &[&waikato]).await.ok();
    p.label("tender", &p.tender, &[plenty]).await.ok();
    p.lead.post("/library/undo", &json!({})).await.ok();
    p.app.restart().await;
    p.lead = p.app.sign_in("lead-estimator").await;
    let read = p.lead.get(&format!("/labels?ids={}", p.tender)).await.ok();
    assert_eq!(read["items"][0]["options"], json!([waikato]));
    p.lead.post("/library/undo", &json!({})).await.ok();
    p.lead.post("/library/undo", &json!({})).await.ok();
    let all = p.lead.get("/categorisations").await.ok();
    assert_eq!(all["items"][0]["archived"], true, "rows might carry it: it is archived");
    p.lead.post("/library/redo", &json!({})).await.ok();
    let all = p.lead.get("/categorisations").await.ok();
    assert_eq!(all["items"][0]["archived"], false);
    p.app.kill();
    p.app.command(&["check"]);
}

#[tokio::test]
async fn many_rows_get_an_option_in_one_commit_and_keep_what_they_carry_of_others() {
    let p = Priced::start().await;
    let region = p.categorise(regions()).await;
    let (waikato, plenty) = (&region["options"][0]["id"], &region["options"][1]["id"]);
    let flag = json!({"name": "Risky", "kind": "flag", "appliesTo":
        {"tenders": false, "resources": false, "items": true, "companies": false}});
    let flag = p.categorise(flag).await["options"][0]["id"].clone();
    let (one, two) = (p.item("1.1", "10", "5").await, p.item("1.2", "10", "5").await);
    p.label("item", &one, &[&flag, plenty]).await.ok();
    let give = |ids: Value, option: &Value| {
        json!({"kind": "item", "estimateId": p.estimate, "ids": ids,
            "categorisationId": region["id"], "optionId": option})
    };
    let set = p.lead.put("/labels", &give(json!([one, two]), waikato)).await.ok();
    let carried = |at: usize| {
        let options = set["items"][at]["options"].as_array().unwrap().clone();
        options.into_iter().map(|id| id.as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    assert!(carried(0).contains(&text(&flag)) && carried(0).contains(&text(waikato)));
    assert_eq!(carried(1), [text(waikato)]);
    let undone = p.lead.post("/library/undo", &json!({})).await.ok();
    assert_eq!(undone["label"], "Set Region of 2 rows");
    let read = p.lead.get(&format!("/labels?ids={two}")).await.ok();
    assert_eq!(read["items"][0]["options"], json!([]));

    p.lead.put("/labels", &give(json!([one]), &Value::Null)).await.ok();
    let read = p.lead.get(&format!("/labels?ids={one}")).await.ok();
    assert_eq!(read["items"][0]["options"], json!([flag]));
    p.lead.put("/labels", &give(json!([one]), &flag)).await.problem(400, "invalid-request");
    p.lead.put("/labels", &give(json!([]), waikato)).await.problem(400, "invalid-request");
    // One that is not there, and none is changed.
    p.lead.put("/labels", &give(json!([two, fresh()]), waikato)).await.problem(404, "not-found");
    let read = p.lead.get(&format!("/labels?ids={two}")).await.ok();
    assert_eq!(read["items"][0]["options"], json!([]));
}
