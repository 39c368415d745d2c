//! What people say to each other about items, and who hears of it.

use crate::http_support::{Priced, fresh, id};
use crate::live_support::Live;
use serde_json::json;

#[tokio::test]
async fn whoever_is_mentioned_finds_the_comment_until_they_have_read_it() {
    let p = Priced::start().await;
    let item = p.item("1.1", "10", "5").await;
    let estimator = p.app.sign_in("estimator").await;
    let tama = id(&estimator.get("/session").await.ok()["user"]["id"]);
    let mut live = Live::open_as(&p.app, &estimator, "tama").await;
    let comment = fresh();
    let said = json!({"id": comment, "itemId": item, "text": "  Is this rate still good? ",
        "mentions": [tama]});
    let listed = p.lead.post(&p.at("/comments"), &said).await.ok();
    assert_eq!(listed["items"][0]["text"], "Is this rate still good?");
    assert_eq!(listed["items"][0]["mentions"][0]["id"], json!(tama));
    let told = live.hear_of("library").await;
    let changed = told["changed"].as_array().unwrap();
    assert!(changed.contains(&json!({"entity": "mention", "id": tama})), "{told}");

    let inbox = estimator.get("/notifications").await.ok();
    assert_eq!(inbox["unread"], 1);
    assert_eq!(inbox["items"][0]["comment"]["id"], json!(comment));
    assert_eq!(inbox["items"][0]["estimateId"], json!(p.estimate));
    estimator.post("/notifications/read", &json!({"commentIds": [comment]})).await.ok();
    let inbox = estimator.get("/notifications").await.ok();
    assert!(inbox["unread"] == 0 && inbox["items"][0]["readAt"].is_string(), "{inbox}");
    // Nobody else is bothered, and the estimate itself has not changed.
    assert_eq!(p.lead.get("/notifications").await.ok()["items"], json!([]));
    let moments = p.lead.get(&p.at("/moments")).await.ok();
    assert!(!moments["items"].to_string().contains("omment"), "{moments}");
    // It is in the audit trail.
    let trail = p.lead.get("/audit?kind=comment").await.ok();
    assert_eq!(trail["items"][0]["rows"][0]["fields"][0]["after"], "Is this rate still good?");
}

#[tokio::test]
async fn a_comment_goes_with_its_mentions_when_its_author_or_a_lead_takes_it_back() {
    let p = Priced::start().await;
    let item = p.item("1.1", "10", "5").await;
    let estimator = p.app.sign_in("estimator").await;
    let tama = id(&estimator.get("/session").await.ok()["user"]["id"]);
    let (theirs, mine) = (fresh(), fresh());
    let say = |comment: &str, mentions: &[&str]| {
        json!({"id": comment, "itemId": item,
        "text": "Look", "mentions": mentions})
    };
    p.lead.post(&p.at("/comments"), &say(&theirs, &[&tama])).await.ok();
    estimator.post(&p.at("/comments"), &say(&mine, &[])).await.ok();
    let refused = estimator.delete(&p.at(&format!("/comments/{theirs}"))).await;
    refused.problem(403, "permission-denied");
    for (who, comment) in [(&p.lead, &mine), (&p.lead, &theirs)] {
        assert_eq!(who.delete(&p.at(&format!("/comments/{comment}"))).await.status, 204);
    }
    assert_eq!(p.lead.get(&p.at("/comments")).await.ok()["items"], json!([]));
    assert_eq!(estimator.get("/notifications").await.ok()["unread"], 0);
    p.lead.delete(&p.at(&format!("/comments/{mine}"))).await.problem(404, "not-found");
}

#[tokio::test]
async fn a_comment_says_something_about_a_row_to_people_who_are_there() {
    let p = Priced::start().await;
    let item = p.item("1.1", "10", "5").await;
    let at = p.at("/comments");
    let long = "x".repeat(4_001);
    for text in ["", "   ", &long] {
        let said = json!({"itemId": item, "text": text});
        assert_eq!(p.lead.post(&at, &said).await.problem(400, "invalid-request")["field"], "text");
    }
    let said = json!({"itemId": item, "text": "Look", "mentions": [fresh()]});
    let refused = p.lead.post(&at, &said).await.problem(400, "invalid-request");
    assert_eq!(refused["field"], "mentions");
    let said = json!({"itemId": fresh(), "text": "Look"});
    p.lead.post(&at, &said).await.problem(404, "not-found");
    let nowhere = format!("/estimates/{}/comments", fresh());
    p.lead.get(&nowhere).await.problem(404, "not-found");
}
