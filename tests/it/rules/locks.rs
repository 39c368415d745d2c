//! One person at a time: leases of items, and what happens when somebody else has one.

use super::support::{broken, set};
use crate::harness::{Answer, Client};
use crate::http_support::{Priced, fresh};
use crate::live_support::Live;
use reqwest::Method;
use serde_json::{Value, json};

/// Somebody at a tab of their own.
struct Tab {
    name: &'static str,
    client: Client,
    live: Live,
}

impl Tab {
    async fn open(p: &Priced, name: &'static str, client: &Client) -> Tab {
        let mut live = Live::open_as(&p.app, client, name).await;
        live.follow(&p.estimate, None).await;
        Tab { name, client: client.clone(), live }
    }

    /// Takes a row; gives the lease, or what refuses it.
    async fn take(&mut self, p: &Priced, row: &str) -> Value {
        self.live.say(&json!({"type": "take", "estimateId": p.estimate, "rowId": row})).await;
        loop {
            let heard = self.live.hear().await;
            // What others were given is told to everybody.
            let mine = heard["type"] == "lease-refused" || heard["lease"]["clientId"] == self.name;
            if mine
                && heard["lease"]["rowId"] == row
                && ["lease-held", "lease-refused"].contains(&heard["type"].as_str().unwrap())
            {
                return heard;
            }
        }
    }

    async fn edit(&self, p: &Priced, edits: &Value, leases: &str) -> Answer {
        let path = p.at("/edits");
        let request = self.client.request(Method::POST, &path).json(&json!({"edits": edits}));
        let request = request.header("x-client-id", self.name).header("x-leases", leases);
        Answer::of(path, request.send().await.expect("an answer")).await.expect("a body")
    }

    async fn take_over(&self, p: &Priced, row: &str, reason: &str) -> Answer {
        let path = p.at(&format!("/leases/{row}/take-over"));
        let request = self.client.request(Method::POST, &path).json(&json!({"reason": reason}));
        let request = request.header("x-client-id", self.name);
        Answer::of(path, request.send().await.expect("an answer")).await.expect("a body")
    }
}

fn lease_of(held: &Value) -> String {
    assert_eq!(held["type"], "lease-held", "{held}");
    held["lease"]["id"].as_str().expect("a lease has an identity").to_owned()
}

fn quantity(item: &str, quantity: &str) -> Value {
    set(item, &json!({"quantity": quantity}))
}

async fn both(p: &Priced) -> (Tab, Tab) {
    let estimator = p.app.sign_in("estimator").await;
    (Tab::open(p, "anna", &estimator).await, Tab::open(p, "lead", &p.lead).await)
}

#[tokio::test]
async fn br_097_broken() {
    let p = Priced::start().await;
    let item = p.item("1.1", "10", "5").await;
    let priced = p.add(&json!({"code": "1.2"})).await;
    let (mut anna, mut lead) = both(&p).await;
    lease_of(&anna.take(&p, &item).await);
    lease_of(&anna.take(&p, &priced).await);
    // Neither the item nor its worksheet, neither by a tab nor by a program without one.
    let pump = json!({"description": "Pump", "type": "plant", "unit": "h", "rate": "5",
        "method": "fixed", "quantity": "1"});
    let worksheet = super::support::adding_line(&priced, &pump);
    for edits in [quantity(&item, "11"), worksheet] {
        for answer in [lead.edit(&p, &edits, "").await, p.edit_as(&p.lead, &edits).await] {
            assert_eq!(answer.status, 423);
            let violation = broken(answer, "item-locked-by-other");
            let me = anna.client.get("/session").await.ok()["user"]["name"].clone();
            assert_eq!(violation["facts"]["holder"], me, "{violation}");
        }
    }
    let refused = lead.take(&p, &item).await;
    assert_eq!(refused["type"], "lease-refused");
    assert_eq!(p.row(&item).await["quantity"], "10.0000");
    // The same person at another window is another session.
    let second = Tab::open(&p, "second", &anna.client).await;
    broken(second.edit(&p, &quantity(&item, "11"), "").await, "item-locked-by-other");
}

#[tokio::test]
async fn br_097_kept() {
    let p = Priced::start().await;
    let item = p.item("1.1", "10", "5").await;
    let other = p.item("1.2", "10", "5").await;
    let (mut anna, lead) = both(&p).await;
    let lease = lease_of(&anna.take(&p, &item).await);
    anna.edit(&p, &quantity(&item, "11"), &lease).await.ok();
    // An edit that goes out before the lease is confirmed names none.
    anna.edit(&p, &quantity(&item, "12"), "").await.ok();
    lead.edit(&p, &quantity(&other, "11"), "").await.ok();
    let release = json!({"type": "release", "estimateId": p.estimate, "rowId": item});
    anna.live.say(&release).await;
    let freed = anna.live.hear_of("lease-freed").await;
    assert_eq!(freed["rowId"], json!(item));
    p.edit_as(&p.lead, &quantity(&item, "13")).await.ok();
    assert_eq!(p.row(&item).await["quantity"], "13.0000");
}

#[tokio::test]
async fn br_098_broken() {
    let mut p = Priced::start().await;
    let item = p.item("1.1", "10", "5").await;
    let (mut anna, _) = both(&p).await;
    let lease = lease_of(&anna.take(&p, &item).await);
    // A server that was started again has heard of nobody: what was held is held no more. That two
    // minutes of silence come to the same is a test beside the leases, which takes time as given.
    p.app.restart().await;
    anna.client = p.app.sign_in("estimator").await;
    p.lead = p.app.sign_in("lead-estimator").await;
    broken(anna.edit(&p, &quantity(&item, "11"), &lease).await, "lock-lease-expired");
    broken(anna.edit(&p, &quantity(&item, "11"), &fresh()).await, "lock-lease-expired");
    assert_eq!(p.row(&item).await["quantity"], "10.0000");
}

#[tokio::test]
async fn br_098_kept() {
    let p = Priced::start().await;
    let item = p.item("1.1", "10", "5").await;
    let (mut anna, mut lead) = both(&p).await;
    let lease = lease_of(&anna.take(&p, &item).await);
    // A connection that breaks loses nothing: the same tab comes back and goes on.
    let Tab { client, live, .. } = anna;
    drop(live);
    assert_eq!(lead.take(&p, &item).await["type"], "lease-refused");
    let mut anna = Tab::open(&p, "anna", &client).await;
    assert_eq!(lease_of(&anna.take(&p, &item).await), lease);
    anna.edit(&p, &quantity(&item, "11"), &lease).await.ok();
    // One that says goodbye lets go.
    anna.live.goodbye().await;
    lead.live.hear_of("lease-freed").await;
    lease_of(&lead.take(&p, &item).await);
}

#[tokio::test]
async fn br_100_broken() {
    let p = Priced::start().await;
    let item = p.item("1.1", "10", "5").await;
    let (anna, mut lead) = both(&p).await;
    lease_of(&lead.take(&p, &item).await);
    let refused = anna.take_over(&p, &item, "It is mine").await;
    refused.problem(403, "lock-break-not-allowed");
    let mut second = Tab::open(&p, "second", &p.lead).await;
    for reason in ["", "  "] {
        broken(second.take_over(&p, &item, reason).await, "lock-break-not-allowed");
    }
    assert_eq!(second.take(&p, &item).await["type"], "lease-refused");
    let free = p.item("1.2", "10", "5").await;
    second.take_over(&p, &free, "Nobody has it").await.problem(404, "not-found");
}

#[tokio::test]
async fn br_100_kept() {
    let p = Priced::start().await;
    let item = p.item("1.1", "10", "5").await;
    let (mut anna, lead) = both(&p).await;
    let lease = lease_of(&anna.take(&p, &item).await);
    assert_eq!(lead.take_over(&p, &item, "Tender closes at four").await.status, 204);
    // The holder is told by whom and why, and no longer writes under the lease that was broken.
    let told = anna.live.hear_of("lease-broken").await;
    assert_eq!(told["reason"], "Tender closes at four");
    assert_eq!(told["lease"]["id"], json!(lease));
    let late = anna.edit(&p, &quantity(&item, "11"), &lease).await;
    broken(late, "item-locked-by-other");
    lead.edit(&p, &quantity(&item, "12"), "").await.ok();
    // It stands in the audit trail with its reason.
    let trail = p.lead.get("/audit?command=take-over-item").await.ok();
    let entry = &trail["items"][0];
    let fields = &entry["rows"][0]["fields"];
    let reason = fields.as_array().unwrap().iter().find(|field| field["field"] == "reason");
    assert_eq!(reason.unwrap()["after"], "Tender closes at four", "{entry}");
}

#[tokio::test]
async fn br_101_broken() {
    let p = Priced::start().await;
    let items = [p.item("1.1", "10", "5").await, p.item("1.2", "10", "5").await];
    let (mut anna, lead) = both(&p).await;
    lease_of(&anna.take(&p, &items[1]).await);
    let pasted: Vec<Value> = items
        .iter()
        .map(|item| json!({"op": "update-item", "id": item, "set": {"quantity": "11"}}))
        .collect();
    let violation = broken(lead.edit(&p, &json!(pasted), "").await, "bulk-lock-failed");
    assert_eq!(violation["objects"], json!([items[1]]), "what stands in the way: {violation}");
    assert_eq!(p.row(&items[0]).await["quantity"], "10.0000", "nothing was changed");
}

#[tokio::test]
async fn br_101_kept() {
    let p = Priced::start().await;
    let items = [p.item("1.1", "10", "5").await, p.item("1.2", "10", "5").await];
    let third = p.item("1.3", "10", "5").await;
    let (mut anna, lead) = both(&p).await;
    lease_of(&anna.take(&p, &third).await);
    let pasted: Vec<Value> = items
        .iter()
        .map(|item| json!({"op": "update-item", "id": item, "set": {"quantity": "11"}}))
        .collect();
    lead.edit(&p, &json!(pasted), "").await.ok();
    for item in &items {
        assert_eq!(p.row(item).await["quantity"], "11.0000");
    }
}

#[tokio::test]
async fn br_102_broken() {
    let p = Priced::start().await;
    let item = p.item("1.1", "10", "5").await;
    let other = fresh();
    p.edit(&json!([{"op": "add-heading", "id": other, "code": "2", "name": "Drains"}])).await;
    let (mut anna, lead) = both(&p).await;
    lease_of(&anna.take(&p, &item).await);
    let moved = json!([{"op": "move", "ids": [p.heading], "parentId": other}]);
    broken(lead.edit(&p, &moved, "").await, "subtree-in-use");
    let deleted =
        json!([{"op": "delete", "ids": [p.heading], "confirm": {"items": 1, "cost": "50.00"}}]);
    broken(lead.edit(&p, &deleted, "").await, "subtree-in-use");
    // The item itself goes nowhere either.
    let moved = json!([{"op": "move", "ids": [item], "parentId": other}]);
    broken(lead.edit(&p, &moved, "").await, "subtree-in-use");
    // Reading neither takes nor waits.
    assert_eq!(p.lead.get(&p.at(&format!("/rows/{item}"))).await.ok()["quantity"], "10.0000");
}

#[tokio::test]
async fn br_102_kept() {
    let p = Priced::start().await;
    let item = p.item("1.1", "10", "5").await;
    let other = fresh();
    p.edit(&json!([{"op": "add-heading", "id": other, "code": "2", "name": "Drains"}])).await;
    let (mut anna, lead) = both(&p).await;
    // Neither one's own lease nor one outside of the subtree stands in the way.
    lease_of(&anna.take(&p, &item).await);
    lead.edit(&p, &json!([{"op": "delete", "ids": [other]}]), "").await.ok();
    let moved =
        json!([{"op": "delete", "ids": [p.heading], "confirm": {"items": 1, "cost": "50.00"}}]);
    anna.edit(&p, &moved, "").await.ok();
}
