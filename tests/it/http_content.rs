//! Content blocks of an estimate: written, ordered, copied with the tender, taken back.

use crate::harness::{Client, pdf};
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

async fn blocks(client: &Client, at: &str) -> Vec<Value> {
    client.get(&format!("{at}/content")).await.ok()["blocks"].as_array().unwrap().clone()
}

fn attached(kind: &str, item: &str, text: &str) -> Value {
    json!({"op": "add-content", "kind": kind, "itemId": item, "text": text})
}

async fn letter(world: &Priced) -> String {
    let path = world.at("/documents/tender-letter");
    let answer = world.lead.request(reqwest::Method::GET, &path).send().await.unwrap();
    let status = answer.status();
    let bytes = answer.bytes().await.unwrap();
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&bytes));
    pdf::text(&bytes)
}

#[tokio::test]
async fn text_of_an_item_goes_and_comes_and_is_copied_with_it() {
    let mut world = Priced::start().await;
    let at = world.at("");
    let item = world.item("1.1", "10", "5").await;
    edit(&world, json!({"op": "add-content", "kind": "exclusions", "text": "Consent fees."})).await;
    edit(&world, attached("exclusions", &item, "Rock.")).await;
    edit(&world, attached("task-breakdown", &item, "From the north end.")).await;
    let of_item = |blocks: &[Value], item: &str| {
        blocks.iter().filter(|block| block["item"]["id"] == item).count()
    };
    let all = blocks(&world.lead, &at).await;
    assert_eq!((all.len(), of_item(&all, &item)), (3, 2));
    assert_eq!(all[0].get("item"), None);
    let named = json!({"id": item, "code": "1.1", "description": "Item 1.1"});
    assert_eq!(all[1]["item"], named);

    // Text hangs on items, not on headings or what is not there.
    for wrong in [&world.heading, &fresh()] {
        let edits = json!({"edits": [attached("exclusions", wrong, "x")]});
        world.lead.post(&world.at("/edits"), &edits).await.problem(404, "not-found");
    }

    // A duplicate has its own copy, and loses it with itself.
    let made = edit(&world, json!({"op": "duplicate", "ids": [item]})).await;
    let copy = id(&made["results"][0]["ids"][0]);
    let all = blocks(&world.lead, &at).await;
    assert_eq!((of_item(&all, &item), of_item(&all, &copy)), (2, 2));
    edit(&world, json!({"op": "delete", "ids": [copy]})).await;
    assert_eq!(blocks(&world.lead, &at).await.len(), 3);
    world.lead.post(&world.at("/undo"), &json!({})).await.ok();
    assert_eq!(of_item(&blocks(&world.lead, &at).await, &copy), 2, "it comes back with its item");
    world.lead.post(&world.at("/redo"), &json!({})).await.ok();
    assert_eq!(blocks(&world.lead, &at).await.len(), 3);

    // A heading has no worksheet for it.
    let plain = fresh();
    let set = json!({"code": "1.2", "description": "Bare", "unit": "m3", "quantity": "1"});
    edit(&world, json!({"op": "add-item", "id": plain, "parentId": world.heading, "set": set}))
        .await;
    edit(&world, attached("risk-breakdown", &plain, "Wet ground.")).await;
    let convert = json!({"edits": [{"op": "convert", "id": plain, "to": "heading"}]});
    world.lead.post(&world.at("/edits"), &convert).await.problem(400, "invalid-request");
    // It may be moved to another item, or to the whole estimate.
    let all = blocks(&world.lead, &at).await;
    let risk = all.iter().find(|block| block["kind"] == "risk-breakdown").unwrap()["id"].clone();
    edit(&world, json!({"op": "update-content", "id": risk, "itemId": item})).await;
    assert_eq!(of_item(&blocks(&world.lead, &at).await, &item), 3);
    edit(&world, json!({"op": "update-content", "id": risk, "itemId": null})).await;
    assert_eq!(of_item(&blocks(&world.lead, &at).await, &item), 2);
    edit(&world, json!({"op": "update-content", "id": risk, "text": "Mud."})).await;
    world.lead.post(&world.at("/edits"), &convert).await.ok();

    // A copied tender has its own items, and its text is attached to those.
    let copy = json!({"number": "T-2", "name": "Again"});
    let copy = world.lead.post(&format!("/tenders/{}/duplicate", world.tender), &copy).await.ok();
    let there = format!("/estimates/{}", id(&copy["estimates"][0]["id"]));
    let copied = blocks(&world.lead, &there).await;
    let other = &copied.iter().find(|block| block["text"] == "Rock.").unwrap()["item"];
    assert_eq!((&other["code"], other["id"] == json!(item)), (&json!("1.1"), false));

    // All of it is there after a restart.
    let before = blocks(&world.lead, &at).await;
    world.app.restart().await;
    world.lead = world.app.sign_in("lead-estimator").await;
    assert_eq!(blocks(&world.lead, &at).await, before);
}

#[tokio::test]
async fn the_letter_says_whose_text_it_is_and_never_names_what_is_not_the_clients() {
    let world = Priced::start().await;
    let item = world.item("1.1", "10", "5").await;
    let (below, ours) = (fresh(), fresh());
    let set = json!({"code": "a", "description": "Secret haul", "unit": "m3", "quantity": "1",
        "plugRate": "5", "plugType": "plant"});
    let before = edit(&world, json!({"op": "update-item", "id": item, "set": {"plugRate": null}}))
        .await["lsn"]
        .clone();
    edit(&world, json!({"op": "add-item", "id": below, "parentId": item, "set": set})).await;
    let mut set = set;
    set["indirect"] = json!(true);
    set["type"] = json!("normal");
    set["description"] = json!("Secret foreman");
    edit(&world, json!({"op": "add-item", "id": ours, "parentId": world.heading, "set": set}))
        .await;
    for (of, text) in [(&item, "Rock."), (&below, "Tip fees."), (&ours, "Nights.")] {
        edit(&world, attached("exclusions", of, text)).await;
    }
    edit(&world, attached("risk-breakdown", &item, "Slips.")).await;
    let printed = letter(&world).await;
    for there in ["1.1 Item 1.1: Rock.", "1.1 Item 1.1: Tip fees.", "Nights."] {
        assert!(printed.contains(there), "{there}: {printed}");
    }
    for secret in ["Secret", "Slips"] {
        assert!(!printed.contains(secret), "{secret}: {printed}");
    }

    // A comparison tells that the words of an item changed.
    let path = format!("/compare?with={}&withAt={before}", world.estimate);
    let compared = world.lead.get(&world.at(&path)).await.ok();
    let changed = compared["items"].as_array().unwrap().iter().find(|one| one["id"] == item);
    let fields = changed.unwrap()["fields"].as_array().unwrap();
    let texts = fields.iter().find(|field| field["field"] == "texts").unwrap();
    assert_eq!((&texts["before"], &texts["after"]), (&json!(""), &json!("Rock. / Slips.")));

    // What is switched off says nothing to the client.
    edit(&world, json!({"op": "update-item", "id": item, "set": {"inactive": true}})).await;
    world.item("1.2", "10", "5").await;
    assert!(!letter(&world).await.contains("Tip fees"));
}

#[tokio::test]
async fn an_item_somebody_has_written_on_since_stays_when_it_is_taken_back() {
    let world = Priced::start().await;
    let item = world.item("1.1", "10", "5").await;
    let other = world.app.sign_in("estimator").await;
    let text = json!({"edits": [attached("task-breakdown", &item, "By hand.")]});
    other.post(&world.at("/edits"), &text).await.ok();
    let status = world.lead.post(&world.at("/undo"), &json!({})).await.status;
    assert!(status == 409 || status == 400 || status == 422, "{status}");
    assert_eq!(blocks(&other, &world.at("")).await.len(), 1);
    other.post(&world.at("/undo"), &json!({})).await.ok();
    world.lead.post(&world.at("/undo"), &json!({})).await.ok();
    assert_eq!(blocks(&other, &world.at("")).await.len(), 0);
}
