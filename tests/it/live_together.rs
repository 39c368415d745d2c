//! Who is where and who holds what, as everybody hears it.

use crate::http_support::Priced;
use crate::live_support::Live;
use serde_json::{Value, json};

async fn places(live: &mut Live) -> Value {
    live.hear_of("places").await["places"].clone()
}

#[tokio::test]
async fn everybody_sees_where_the_others_are_and_that_they_left() {
    let p = Priced::start().await;
    let item = p.item("1.1", "10", "5").await;
    let estimator = p.app.sign_in("estimator").await;
    let mut anna = Live::open_as(&p.app, &estimator, "anna").await;
    let mut lead = Live::open_as(&p.app, &p.lead, "lead").await;
    anna.follow(&p.estimate, None).await;
    lead.follow(&p.estimate, None).await;
    let at = json!({"type": "at", "estimateId": p.estimate, "rowId": item,
        "field": "quantity", "typing": true});
    anna.say(&at).await;
    let heard = places(&mut lead).await;
    assert_eq!(heard[0]["clientId"], "anna");
    assert_eq!(heard[0]["place"], json!({"rowId": item, "field": "quantity", "typing": true}));
    // Whoever comes later is shown at once, and hears when somebody goes.
    let mut late = Live::open_as(&p.app, &p.lead, "late").await;
    late.follow(&p.estimate, None).await;
    assert_eq!(places(&mut late).await[0]["clientId"], "anna");
    anna.goodbye().await;
    loop {
        let heard = places(&mut late).await;
        if heard[0]["clientId"] == "anna" && heard[0].get("place").is_none() {
            break;
        }
    }
}

#[tokio::test]
async fn only_what_is_followed_is_held_or_looked_at() {
    let p = Priced::start().await;
    let item = p.item("1.1", "10", "5").await;
    let mut live = Live::open_as(&p.app, &p.lead, "lead").await;
    for kind in ["take", "at"] {
        live.say(&json!({"type": kind, "estimateId": p.estimate, "rowId": item})).await;
        live.hear_of("refused").await;
    }
    live.follow(&p.estimate, None).await;
    let long = "x".repeat(100);
    live.say(&json!({"type": "at", "estimateId": p.estimate, "field": long})).await;
    live.hear_of("refused").await;
}

#[tokio::test]
async fn a_newcomer_is_shown_what_is_held() {
    let p = Priced::start().await;
    let item = p.item("1.1", "10", "5").await;
    let estimator = p.app.sign_in("estimator").await;
    let mut anna = Live::open_as(&p.app, &estimator, "anna").await;
    anna.follow(&p.estimate, None).await;
    anna.say(&json!({"type": "take", "estimateId": p.estimate, "rowId": item})).await;
    anna.hear_of("lease-held").await;
    let mut lead = Live::open_as(&p.app, &p.lead, "lead").await;
    lead.follow(&p.estimate, None).await;
    let held = lead.hear_of("leases").await;
    assert_eq!(held["leases"][0]["rowId"], json!(item));
    assert_eq!(held["leases"][0]["clientId"], "anna");
    let listed = p.lead.get(&p.at("/leases")).await.ok();
    assert_eq!(listed["items"][0], held["leases"][0]);
}

#[tokio::test]
async fn who_may_change_nothing_any_more_holds_nothing() {
    let p = Priced::start().await;
    let item = p.item("1.1", "10", "5").await;
    let estimator = p.app.sign_in("estimator").await;
    let mut anna = Live::open_as(&p.app, &estimator, "anna").await;
    anna.follow(&p.estimate, None).await;
    let take = json!({"type": "take", "estimateId": p.estimate, "rowId": item});
    anna.say(&take).await;
    anna.hear_of("lease-held").await;

    let admin = p.app.sign_in("admin").await;
    let who = estimator.get("/session").await.ok()["user"]["id"].clone();
    let who = format!("/users/{}", who.as_str().expect("an id"));
    admin.patch(&who, &json!({"version": 1, "role": "viewer"})).await.ok();
    anna.hear_of("lease-freed").await;
    // The connection goes on: a Viewer reads. It holds nothing by the role it began with.
    anna.say(&take).await;
    let refused = anna.hear_of("refused").await;
    assert!(refused["reason"].as_str().expect("words").contains("Estimator"), "{refused}");
    assert_eq!(p.lead.get(&p.at("/leases")).await.ok()["items"], json!([]));
    admin.patch(&who, &json!({"version": 2, "role": "estimator"})).await.ok();
    anna.say(&take).await;
    anna.hear_of("lease-held").await;
}
