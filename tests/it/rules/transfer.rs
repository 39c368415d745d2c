//! Import.

use crate::http_support::{Priced, id};
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

const SCHEDULE: &str = "Item,Description,Unit,Qty,Rate\r\n\
    6,Earthworks,,,\r\n\
    6.1,Strip topsoil,m3,850,7.25\r\n\
    6.2,Cut to waste,m3,2400,12.5\r\n";

/// Uploads a file and plans it with the layout the server guesses; gives the address of the
/// import and the plan.
async fn planned(p: &Priced, text: &str, mode: &str) -> (String, Value) {
    let part = Part::bytes(text.as_bytes().to_vec()).file_name("schedule.csv");
    let form = Form::new().part("file", part);
    let sent = p.lead.request(Method::POST, "/imports").multipart(form).send().await.unwrap();
    let upload: Value = sent.json().await.unwrap();
    let at = format!("/imports/{}", id(&upload["id"]));
    let window = p.lead.get(&format!("{at}/sheets/0")).await.ok();
    let body = json!({"estimateId": p.estimate, "mode": mode, "layout": window["guess"],
        "rateAs": "plug", "plugType": "subcontract"});
    let plan = p.lead.post(&format!("{at}/plan"), &body).await.ok();
    (at, plan)
}

async fn import(p: &Priced, text: &str, mode: &str) -> Value {
    let (at, plan) = planned(p, text, mode).await;
    let body = json!({"planId": plan["planId"]});
    p.lead.post(&format!("{at}/commit"), &body).await.ok()
}

fn codes(plan: &Value) -> Vec<&str> {
    let problems = plan["problems"].as_array().map(Vec::as_slice).unwrap_or_default();
    problems.iter().filter_map(|problem| problem["code"].as_str()).collect()
}

#[tokio::test]
async fn br_103_broken() {
    let p = Priced::start().await;
    let (at, plan) = planned(&p, &SCHEDULE.replace("850", "lots"), "append").await;
    assert_eq!(plan["summary"]["errors"], 1, "{plan}");
    let commit = json!({"planId": plan["planId"]});
    let refused = p.lead.post(&format!("{at}/commit"), &commit).await;
    refused.problem(422, "import-has-errors");
    assert_eq!(p.totals().await["items"], 0, "nor is the row without an error imported");
}

#[tokio::test]
async fn br_103_kept() {
    let p = Priced::start().await;
    let before = p.lead.get(&p.at("")).await.ok()["lsn"].as_u64().unwrap();
    let (at, plan) = planned(&p, SCHEDULE, "append").await;
    assert_eq!(p.totals().await["items"], 0, "the preview changes nothing");
    let commit = json!({"planId": plan["planId"]});
    let done = p.lead.post(&format!("{at}/commit"), &commit).await.ok();
    assert_eq!(done["result"]["lsn"], before + 1, "one commit");
    assert_eq!(p.totals().await["items"], 2);
}

#[tokio::test]
async fn br_104_broken() {
    let p = Priced::start().await;
    for bad in ["lots", "#REF!", "n/a"] {
        let (_, plan) = planned(&p, &SCHEDULE.replace("850", bad), "append").await;
        assert!(codes(&plan).contains(&"import-cell-invalid"), "{bad}: {plan}");
        let cell = plan["problems"][0]["cell"].as_str().unwrap();
        assert!(cell.ends_with("!D3"), "named by sheet and cell: {cell}");
    }
    let (_, plan) = planned(&p, &SCHEDULE.replace("m3,850", "furlongs,850"), "append").await;
    assert!(!codes(&plan).is_empty() && plan["unknownUnits"][0]["unit"] == "furlongs", "{plan}");
}

#[tokio::test]
async fn br_104_kept() {
    let p = Priced::start().await;
    let done = import(&p, &SCHEDULE.replace("850", "\"1,850.5\""), "append").await;
    assert_eq!(done["result"]["totals"]["total"], "43416.13");
}

#[tokio::test]
async fn br_105_broken() {
    let p = Priced::start().await;
    import(&p, SCHEDULE, "append").await;
    let twice = format!("{SCHEDULE}6.1,Strip topsoil again,m3,10,7\r\n");
    let (at, plan) = planned(&p, &twice, "reimport").await;
    assert!(codes(&plan).contains(&"reimport-code-ambiguous"), "{plan}");
    let commit = json!({"planId": plan["planId"]});
    p.lead.post(&format!("{at}/commit"), &commit).await.problem(422, "import-has-errors");
}

#[tokio::test]
async fn br_105_kept() {
    let p = Priced::start().await;
    import(&p, SCHEDULE, "append").await;
    let addendum = SCHEDULE.replace("850", "900").replace("6.2,Cut to waste", "6.3,Undercut");
    let (at, plan) = planned(&p, &addendum, "reimport").await;
    let summary = &plan["summary"];
    let counts = ["added", "changed", "dropped"].map(|name| summary[name].clone());
    assert_eq!(counts, [json!(1), json!(1), json!(1)]);
    let commit = json!({"planId": plan["planId"]});
    p.lead.post(&format!("{at}/commit"), &commit).await.ok();
    let hits = p.lead.get(&p.at("/search?q=cut%20to%20waste")).await.ok();
    assert_eq!(hits["items"][0]["row"]["inactive"], true, "dropped, not deleted");
}
