//! A Lead accepts what a rule of kind A refuses: recorded, taken back, undone, kept over a restart.

use crate::http_support::{Priced, fresh};
use serde_json::{Value, json};

fn accept(object: &str, reason: &str) -> Value {
    json!({"edits": [{"op": "acknowledge", "rule": "BR-090", "objectId": object,
        "value": "1000.00", "reason": reason}]})
}

async fn accepted(p: &Priced) -> Value {
    p.lead.get(&p.at("/acknowledgements")).await.ok()
}

#[tokio::test]
async fn a_lead_accepts_with_a_reason_and_may_take_it_back() {
    let p = Priced::start().await;
    let item = p.item("1.1", "100", "10").await;
    p.lead.post(&p.at("/edits"), &accept(&item, "Quote is on its way")).await.ok();
    let all = accepted(&p).await;
    let one = &all["items"][0];
    assert_eq!((&all["total"], &one["rule"]), (&json!(1), &json!("BR-090")));
    assert_eq!((&one["objectId"], &one["value"]), (&json!(item), &json!("1000.00")));
    assert_eq!(one["reason"], "Quote is on its way");
    assert!(one["by"]["name"].as_str().is_some_and(|name| !name.is_empty()));

    // Once more is another reason for the same, not a second row.
    p.lead.post(&p.at("/edits"), &accept(&item, "Checked by phone")).await.ok();
    let again = accepted(&p).await;
    assert_eq!((&again["total"], &again["items"][0]["id"]), (&json!(1), &one["id"]));
    p.lead.post(&p.at("/undo"), &json!({})).await.ok();
    assert_eq!(accepted(&p).await["items"][0]["reason"], "Quote is on its way");

    let withdraw = json!({"edits": [{"op": "withdraw-acknowledgement", "ids": [one["id"]]}]});
    p.lead.post(&p.at("/edits"), &withdraw).await.ok();
    assert_eq!(accepted(&p).await["total"], 0);
    p.lead.post(&p.at("/undo"), &json!({})).await.ok();
    assert_eq!(accepted(&p).await["total"], 1);
    let path = format!(
        "/history/acknowledgement/{}?estimateId={}",
        one["id"].as_str().unwrap(),
        p.estimate
    );
    let history = p.lead.get(&path).await.ok();
    assert_eq!(history["items"].as_array().map(Vec::len), Some(5), "{history}");
}

#[tokio::test]
async fn accepting_needs_a_lead_a_reason_and_a_rule_that_can_be_accepted() {
    let p = Priced::start().await;
    let item = p.item("1.1", "100", "10").await;
    let estimator = p.app.sign_in("estimator").await;
    let refused = estimator.post(&p.at("/edits"), &accept(&item, "Fine")).await;
    refused.problem(403, "commercials-role-required");
    p.lead.post(&p.at("/edits"), &accept(&item, "  ")).await.problem(400, "invalid-request");
    let mut other = accept(&item, "Fine");
    other["edits"][0]["rule"] = json!("BR-089");
    p.lead.post(&p.at("/edits"), &other).await.problem(400, "invalid-request");
    let unknown = json!({"edits": [{"op": "withdraw-acknowledgement", "ids": [fresh()]}]});
    p.lead.post(&p.at("/edits"), &unknown).await.problem(404, "not-found");
    assert_eq!(accepted(&p).await["total"], 0);
}
