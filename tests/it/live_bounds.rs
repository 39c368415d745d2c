//! What one live connection may send.

use crate::harness::TestApp;
use crate::http_support::Priced;
use crate::live_support::Live;
use serde_json::json;
use tokio_tungstenite::tungstenite::Error;

/// Bytes of one of them.
const MESSAGE_BYTES_MAX: usize = 4 << 10;
/// Connections of one person.
const OF_PERSON_MAX: usize = 256;
/// Estimates one connection follows.
const SUBSCRIPTIONS_MAX: usize = 32;

#[tokio::test]
async fn a_message_that_is_too_long_ends_the_connection() {
    let app = TestApp::start().await;
    let lead = app.sign_in("lead-estimator").await;
    let mut live = Live::open(&app, &lead).await;
    live.say(&json!({"type": "none", "more": "x".repeat(MESSAGE_BYTES_MAX - 200)})).await;
    assert_eq!(live.hear().await["type"], "refused");
    live.say(&json!({"type": "none", "more": "x".repeat(MESSAGE_BYTES_MAX)})).await;
    // It is not even read; others go on.
    live.end().await;
    Live::open(&app, &lead).await;
}

#[tokio::test]
async fn a_connection_follows_so_many_estimates_and_no_more() {
    let p = Priced::start().await;
    let mut live = Live::open(&p.app, &p.lead).await;
    live.follow(&p.estimate, None).await;
    for at in 1..=SUBSCRIPTIONS_MAX {
        let body = json!({"code": format!("E{at}"), "name": "E"});
        let made = p.lead.post(&format!("/tenders/{}/estimates", p.tender), &body).await.ok();
        let estimate = made["id"].as_str().expect("an id").to_owned();
        live.say(&json!({"type": "subscribe", "estimateId": estimate})).await;
        let wanted = if at < SUBSCRIPTIONS_MAX { "subscribed" } else { "refused" };
        let answer = live.hear_of(wanted).await;
        assert_eq!(answer["type"], wanted, "{at}: {answer}");
    }
}

#[tokio::test]
async fn one_person_takes_not_everybodys_places() {
    let app = TestApp::start().await;
    let viewer = app.sign_in("viewer").await;
    let mut open = Vec::with_capacity(OF_PERSON_MAX);
    for _ in 0..OF_PERSON_MAX {
        open.push(Live::open(&app, &viewer).await);
    }
    match Live::try_open(&app, &viewer, &[]).await {
        Err(Error::Http(refused)) => assert_eq!(refused.status(), 503),
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("one more than there may be"),
    }
    let lead = app.sign_in("lead-estimator").await;
    Live::open(&app, &lead).await;
}
