//! The figures that an organisation sets for its rules, and what is archived by hand.

use super::offer::margin;
use super::support::broken;
use crate::http_support::Priced;
use crate::quotes_support::Market;
use serde_json::{Value, json};

/// The figures an Admin sets.
async fn set(app: &crate::harness::TestApp, figures: &Value) -> Value {
    app.sign_in("admin").await.put("/thresholds", figures).await.ok()
}

#[tokio::test]
async fn the_built_in_figures_are_those_of_the_catalogue_of_rules() {
    let p = Priced::start().await;
    let figures = p.lead.get("/thresholds").await.ok();
    let built_in = json!({"award": "20000.00", "approval": "1000000.00", "misclose": "1.00",
        "misclosePercent": "0.0500", "version": 0});
    assert_eq!(figures, built_in);
}

#[tokio::test]
async fn from_which_award_on_three_quotes_are_wanted_is_the_organisations_to_say() {
    let m = Market::comparing().await;
    m.to_quote("withdraw", 0, json!({})).await.ok();
    broken(m.award(2, None, &[]).await, "too-few-quotes");
    let set = set(&m.p.app, &json!({"version": 0, "award": "64236.90"})).await;
    assert_eq!((&set["award"], &set["approval"]), (&json!("64236.90"), &json!("1000000.00")));
    m.award(2, None, &[]).await.ok();
}

#[tokio::test]
async fn above_which_price_another_lead_approves_is_the_organisations_to_say() {
    let p = Priced::active().await;
    let item = p.add(&json!({"code": "1.1", "quantity": "1000", "plugRate": "1"})).await;
    p.edit(&margin("2")).await;
    p.review(&item).await;
    set(&p.app, &json!({"approval": "1000"})).await;
    assert_eq!(p.standing().await["separationLimit"], "1000.00");
    let said = broken(p.approve().await, "approval-separation-required");
    assert!(said["message"].as_str().unwrap().contains("is above 1000.00"), "{said}");
    set(&p.app, &json!({"approval": "2000"})).await;
    p.approve().await.ok();
}

#[tokio::test]
async fn what_rounding_may_leave_is_the_organisations_to_say() {
    let p = Priced::active().await;
    // 3.03 / 202 = 0.015 -> 0.02 x 202 = 4.04: more than a dollar too much.
    let worth = json!({"code": "1.1", "quantity": "202", "plugRate": "0.015"});
    p.add(&worth).await;
    let rules = |shown: &Value| -> Vec<String> {
        let list = shown["violations"].as_array().unwrap();
        list.iter().map(|one| one["rule"].as_str().unwrap().to_owned()).collect()
    };
    let shown = p.lead.get(&p.at("/commercials")).await.ok();
    assert_eq!(shown["price"]["miscloseLimit"], "1.00");
    assert_eq!(rules(&shown), ["BR-085"]);
    set(&p.app, &json!({"misclose": "2", "misclosePercent": "0"})).await;
    let shown = p.lead.get(&p.at("/commercials")).await.ok();
    assert_eq!(shown["price"]["miscloseLimit"], "2.00");
    assert_eq!(rules(&shown), Vec::<String>::new());
}

#[tokio::test]
async fn figures_are_an_admins_kept_and_taken_back() {
    let mut p = Priced::start().await;
    p.lead.put("/thresholds", &json!({"award": "1"})).await.problem(403, "permission-denied");
    let admin = p.app.sign_in("admin").await;
    for (wrong, field) in [
        (json!({"award": "-1"}), "award"),
        (json!({"approval": "much"}), "approval"),
        (json!({"misclose": "0.001"}), "misclose"),
        (json!({"misclosePercent": "100.0001"}), "misclosePercent"),
    ] {
        let refused = admin.put("/thresholds", &wrong).await.problem(400, "invalid-request");
        assert_eq!(refused["field"], field);
    }
    set(&p.app, &json!({"version": 0, "award": "50000"})).await;
    let stale = admin.put("/thresholds", &json!({"version": 0, "award": "1"})).await;
    assert_eq!(stale.status.as_u16(), 409, "{}", stale.text);
    p.app.restart().await;
    let admin = p.app.sign_in("admin").await;
    let kept = admin.get("/thresholds").await.ok();
    assert_eq!((&kept["award"], &kept["version"]), (&json!("50000.00"), &json!(1)));
    admin.post("/library/undo", &json!({})).await.ok();
    assert_eq!(admin.get("/thresholds").await.ok()["award"], "20000.00");
}

#[tokio::test]
async fn an_estimate_that_was_not_submitted_is_archived_by_a_lead() {
    let p = Priced::active().await;
    p.worked("1.1").await;
    let estimator = p.app.sign_in("estimator").await;
    estimator.post(&p.at("/archive"), &json!({})).await.problem(403, "permission-denied");
    let stale = p.lead.post(&p.at("/archive"), &json!({"version": 77})).await;
    assert_eq!(stale.status.as_u16(), 409, "{}", stale.text);
    let archived = p.lead.post(&p.at("/archive"), &json!({})).await.ok();
    assert_eq!(archived["state"], "archived");
    let heading = json!([{"op": "add-heading", "name": "Late"}]);
    p.refused(&heading, "estimate-is-frozen").await;
    let again = p.lead.post(&p.at("/archive"), &json!({})).await;
    broken(again, "estimate-transition-not-allowed");
    // What was sent to the client is kept as sent.
    let p = Priced::submitted().await;
    let sent = p.lead.post(&p.at("/archive"), &json!({})).await;
    broken(sent, "estimate-transition-not-allowed");
}
