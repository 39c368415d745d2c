//! What one person commits, everybody who follows the estimate hears at once, and nobody else.

use crate::http_support::{Priced, fresh};
use crate::live_support::Live;
use reqwest::Method;
use serde_json::json;
use tokio_tungstenite::tungstenite::Error;

#[tokio::test]
async fn a_commit_reaches_everybody_who_follows_the_estimate() {
    let p = Priced::start().await;
    let item = p.item("1.1", "10", "5").await;
    let other = p.app.sign_in("estimator").await;
    let mut follower = Live::open(&p.app, &other).await;
    let mut bystander = Live::open(&p.app, &other).await;
    assert_eq!(follower.follow(&p.estimate, None).await["mode"], "current");

    let request = p.lead.request(Method::PATCH, &p.at(&format!("/items/{item}")));
    let request = request.header("x-client-id", "tab-7").json(&json!({"set": {"quantity": "20"}}));
    let done: serde_json::Value = request.send().await.unwrap().json().await.unwrap();
    let delta = follower.hear_of("delta").await;
    for part in ["lsn", "label", "rows", "removed", "structure", "reload", "totals", "worksheets"] {
        assert_eq!(delta[part], done[part], "{part}");
    }
    assert_eq!((&delta["origin"], &delta["estimateId"]), (&json!("tab-7"), &json!(p.estimate)));
    assert_eq!(delta["actor"]["name"], "Lead Estimator");
    assert!(bystander.hears_nothing_of("delta").await);

    follower.say(&json!({"type": "unsubscribe", "estimateId": p.estimate})).await;
    // What is said is taken in its order: once this is answered, that was done.
    let another = p.lead.post("/tenders", &json!({"number": "T-2", "name": "Another"})).await.ok();
    follower.follow(another["estimates"][0]["id"].as_str().expect("an estimate"), None).await;
    p.item("1.2", "1", "1").await;
    assert!(follower.hears_nothing_of("delta").await);
}

#[tokio::test]
async fn everybody_hears_what_changes_in_the_library() {
    let p = Priced::start().await;
    let mut live = Live::open(&p.app, &p.lead).await;
    let resource = json!({"code": "LAB", "description": "Labourer", "type": "labour", "unit": "h"});
    let made = p.lead.post("/resources", &resource).await.ok();
    let heard = live.hear_of("library").await;
    assert_eq!(heard["changed"], json!([{"entity": "resource", "id": made["id"]}]));
}

#[tokio::test]
async fn people_see_who_else_is_there() {
    let p = Priced::start().await;
    let mut lead = Live::open(&p.app, &p.lead).await;
    lead.follow(&p.estimate, None).await;
    let names = |presence: &serde_json::Value| -> Vec<String> {
        let users = presence["users"].as_array().unwrap();
        users.iter().map(|user| user["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&lead.hear_of("presence").await), ["Lead Estimator"]);
    let estimator = p.app.sign_in("estimator").await;
    let mut second = Live::open(&p.app, &estimator).await;
    second.follow(&p.estimate, None).await;
    assert_eq!(names(&lead.hear_of("presence").await), ["Estimator", "Lead Estimator"]);
    drop(second);
    assert_eq!(names(&lead.hear_of("presence").await), ["Lead Estimator"]);
}

#[tokio::test]
async fn a_client_that_comes_back_gets_what_it_missed() {
    let p = Priced::start().await;
    let item = p.item("1.1", "10", "5").await;
    let mut live = Live::open(&p.app, &p.lead).await;
    let since = live.follow(&p.estimate, None).await["lsn"].as_u64().unwrap();
    drop(live);

    let at = p.at(&format!("/items/{item}"));
    for quantity in ["11", "12", "13"] {
        p.lead.patch(&at, &json!({"set": {"quantity": quantity}})).await.ok();
    }
    let mut back = Live::open(&p.app, &p.lead).await;
    let subscribed = back.follow(&p.estimate, Some(since)).await;
    assert_eq!(subscribed["mode"], "catch-up");
    let mut last = since;
    for total in ["55.00", "60.00", "65.00"] {
        let delta = back.hear_of("delta").await;
        assert_eq!(delta["totals"]["total"], total);
        assert!(delta["lsn"].as_u64().unwrap() > last);
        last = delta["lsn"].as_u64().unwrap();
    }
    assert_eq!(subscribed["lsn"], json!(last));
    assert_eq!(back.follow(&p.estimate, Some(last)).await["mode"], "current");
    // Further back than anybody followed there is nothing but everything.
    assert_eq!(back.follow(&p.estimate, Some(1)).await["mode"], "reload");
}

#[tokio::test]
async fn after_a_restart_a_client_is_told_to_fetch_everything() {
    let mut p = Priced::start().await;
    let before = Live::open(&p.app, &p.lead).await.follow(&p.estimate, None).await;
    p.app.restart().await;
    let lead = p.app.sign_in("lead-estimator").await;
    let mut live = Live::open(&p.app, &lead).await;
    let lsn = before["lsn"].as_u64().unwrap();
    assert_eq!(live.follow(&p.estimate, Some(lsn)).await["mode"], "current");
    assert_eq!(live.follow(&p.estimate, Some(lsn - 1)).await["mode"], "reload");
}

#[tokio::test]
async fn only_pages_of_this_server_get_a_live_connection() {
    let p = Priced::start().await;
    let visitor = p.app.visitor();
    let refused = |result: Result<Live, Error>| match result {
        Err(Error::Http(response)) => response.status().as_u16(),
        Err(error) => panic!("{error}"),
        Ok(_) => 101,
    };
    assert_eq!(refused(Live::try_open(&p.app, &visitor, &[]).await), 401);
    let evil = [("origin", "http://evil.example")];
    assert_eq!(refused(Live::try_open(&p.app, &p.lead, &evil).await), 403);
    let own = p.app.live_url().replace("ws://", "http://").replace("/api/v1/live", "");
    assert_eq!(refused(Live::try_open(&p.app, &p.lead, &[("origin", &own)]).await), 101);
    let other_name = [("host", "evil.example:80")];
    assert_eq!(refused(Live::try_open(&p.app, &p.lead, &other_name).await), 421);
}

#[tokio::test]
async fn a_message_that_makes_no_sense_is_answered_and_a_flood_ends_the_connection() {
    let p = Priced::start().await;
    let mut live = Live::open(&p.app, &p.lead).await;
    for nonsense in [
        json!({"type": "explode"}),
        json!({"type": "subscribe"}),
        json!({"type": "subscribe", "estimateId": fresh()}),
        json!([]),
        json!({"type": "pong", "junk": 1}),
    ] {
        live.say(&nonsense).await;
        assert!(live.hear_of("refused").await["reason"].is_string());
    }
    assert_eq!(live.follow(&p.estimate, None).await["mode"], "current");
    // It is closed before all are sent.
    for _ in 0..700 {
        if !live.try_say(&json!({"type": "pong"})).await {
            break;
        }
    }
    let (last, frame) = live.end().await;
    assert_eq!(u16::from(frame.unwrap().code), 1008);
    assert_eq!(last.unwrap()["reason"], "too many messages");
}
