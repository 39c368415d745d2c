//! Content blocks of an estimate: written, ordered, copied with the tender, taken back.

use crate::http_support::{Priced, fresh, id};
use serde_json::{Value, json};

async fn texts(world: &Priced, kind: &str) -> Vec<String> {
    let content = world.lead.get(&world.at("/content")).await.ok();
    let blocks = content["blocks"].as_array().unwrap().iter();
    blocks.filter(|block| block["kind"] == kind).map(|block| id(&block["text"])).collect()
}

async fn edit(world: &Priced, edit: Value) -> Value {
    world.lead.post(&world.at("/edits"), &json!({"edits": [edit]})).await.ok()
}

#[tokio::test]
async fn inclusions_and_exclusions_are_written_ordered_and_taken_back() {
    let world = Priced::start().await;
    let empty = world.lead.get(&world.at("/content")).await.ok();
    assert_eq!((&empty["version"], &empty["blocks"]), (&json!(0), &json!([])));
    let facing: Vec<(&str, bool)> = empty["kinds"]
        .as_array()
        .unwrap()
        .iter()
        .map(|kind| (kind["kind"].as_str().unwrap(), kind["clientFacing"].as_bool().unwrap()))
        .collect();
    assert_eq!(
        facing,
        [
            ("inclusions", true),
            ("exclusions", true),
            ("assumptions", true),
            ("task-breakdown", false),
            ("risk-breakdown", false)
        ]
    );
    let (first, second) = (fresh(), fresh());
    edit(&world, json!({"op": "add-content", "id": first, "kind": "exclusions", "text": "Rock.\nConsent fees."})).await;
    edit(&world, json!({"op": "add-content", "id": second, "kind": "exclusions", "place": "first", "text": " Contaminated soil. "})).await;
    edit(&world, json!({"op": "add-content", "kind": "inclusions", "text": "Traffic management."}))
        .await;
    assert_eq!(texts(&world, "exclusions").await, ["Contaminated soil.", "Rock.\nConsent fees."]);
    edit(&world, json!({"op": "move-content", "id": first, "place": {"before": second}})).await;
    edit(&world, json!({"op": "update-content", "id": first, "version": 1, "text": "Rock."})).await;
    assert_eq!(texts(&world, "exclusions").await, ["Rock.", "Contaminated soil."]);

    let stale =
        json!({"edits": [{"op": "update-content", "id": first, "version": 1, "text": "x"}]});
    world.lead.post(&world.at("/edits"), &stale).await.problem(409, "stale-version");
    let blank = json!({"edits": [{"op": "update-content", "id": first, "text": "  "}]});
    world.lead.post(&world.at("/edits"), &blank).await.problem(400, "invalid-request");

    edit(&world, json!({"op": "delete-content", "ids": [second]})).await;
    assert_eq!(texts(&world, "exclusions").await, ["Rock."]);
    world.lead.post(&world.at("/undo"), &json!({})).await.ok();
    assert_eq!(texts(&world, "exclusions").await, ["Rock.", "Contaminated soil."]);

    let copy = json!({"number": "T-2", "name": "Again"});
    let copy = world.lead.post(&format!("/tenders/{}/duplicate", world.tender), &copy).await.ok();
    let at = format!("/estimates/{}/content", id(&copy["estimates"][0]["id"]));
    assert_eq!(world.lead.get(&at).await.ok()["blocks"].as_array().unwrap().len(), 3);
}
