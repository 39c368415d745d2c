//! Rates of past tenders: what was submitted is remembered, held against today's rate, and told
//! with its spread.

use crate::harness::{Client, TestApp};
use crate::http_support::{fresh, id};
use serde_json::{Value, json};

const WORK: &str = "Excavate to waste (OTR)";

/// A tender of one item at `rate` for one of its 10 m3.
struct Bid {
    lead: Client,
    tender: String,
    estimate: String,
    item: String,
}

impl Bid {
    async fn new(lead: &Client, number: &str, description: &str, rate: &str) -> Bid {
        let body = json!({"number": number, "name": format!("Job {number}")});
        let tender = lead.post("/tenders", &body).await.ok();
        let estimate = id(&tender["estimates"][0]["id"]);
        let (heading, item) = (fresh(), fresh());
        let line = json!({"description": "Fill", "type": "material", "unit": "m3", "rate": rate,
            "method": "usage", "usage": "1"});
        let edits = json!({"edits": [
            {"op": "add-heading", "id": heading, "code": "1", "name": "Earthworks"},
            {"op": "add-item", "id": item, "parentId": heading, "set": {"code": "1.1",
                "description": description, "unit": "m3", "quantity": "10"}},
            {"op": "add-line", "itemId": item, "line": line},
        ]});
        let path = format!("/estimates/{estimate}/edits");
        lead.post(&path, &edits).await.ok();
        let reviewed = json!({"edits": [
            {"op": "update-item", "id": item, "set": {"reviewed": true}},
        ]});
        lead.post(&path, &reviewed).await.ok();
        Bid { lead: lead.clone(), tender: id(&tender["id"]), estimate, item }
    }

    async fn change(&self, set: Value) {
        let path = format!("/tenders/{}", self.tender);
        let mut body = set;
        body["version"] = self.lead.get(&path).await.ok()["version"].clone();
        self.lead.patch(&path, &body).await.ok();
    }

    async fn submit(&self) {
        let closing = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(240);
        let closing = closing.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        self.change(json!({"closingAt": closing})).await;
        let go = json!({"go": true, "reason": "A crew is free"});
        self.lead.put(&format!("/tenders/{}/decision", self.tender), &go).await.ok();
        self.change(json!({"state": "active"})).await;
        let at = format!("/estimates/{}", self.estimate);
        self.lead.post(&format!("{at}/approval"), &json!({"minutes": "Settled"})).await.ok();
        let seen = self.lead.get(&format!("{at}/submission")).await.ok();
        let body = json!({"contentHash": seen["contentHash"], "totalEx": seen["totalEx"]});
        self.lead.post(&format!("{at}/submission"), &body).await.ok();
    }

    async fn past(&self) -> Value {
        let path = format!("/estimates/{}/items/{}/references", self.estimate, self.item);
        self.lead.get(&path).await.ok()
    }

    /// Codes of what its checks find.
    async fn found(&self) -> Vec<String> {
        let checks = self.lead.get(&format!("/estimates/{}/checks", self.estimate)).await.ok();
        let items = checks["items"].as_array().expect("a list").iter();
        items.map(|check| check["code"].as_str().expect("a code").to_owned()).collect()
    }
}

#[tokio::test]
async fn what_was_submitted_is_remembered_and_nothing_else() {
    let app = TestApp::start().await;
    let lead = app.sign_in("lead-estimator").await;
    let now = Bid::new(&lead, "T-9", "excavate to waste, otr", "12").await;
    Bid::new(&lead, "T-8", WORK, "99").await;
    let nothing = json!({"far": false, "rates": []});
    assert_eq!(now.past().await, nothing, "nobody has submitted anything");

    for (number, rate) in [("T-1", "11"), ("T-2", "12.5")] {
        Bid::new(&lead, number, WORK, rate).await.submit().await;
    }
    Bid::new(&lead, "T-3", "Excavate to stockpile", "50").await.submit().await;
    let past = now.past().await;
    let spread =
        json!({"count": 2, "lowest": "11.0000", "median": "11.7500", "highest": "12.5000"});
    assert_eq!(past["cost"], spread, "a rate that was not asked, or for other work, is none");
    let newest = &past["rates"][0];
    assert_eq!((&newest["tenderNumber"], &newest["costRate"]), (&json!("T-2"), &json!("12.5000")));
    assert!(newest["sellRate"].is_string() && newest["submittedAt"].is_string(), "{newest}");

    now.submit().await;
    assert_eq!(now.past().await["cost"], spread, "a tender is no reference for itself");
    let gone = format!("/estimates/{}/items/{}/references", now.estimate, fresh());
    lead.get(&gone).await.problem(404, "not-found");
}

#[tokio::test]
async fn a_rate_far_from_five_past_ones_is_among_the_checks() {
    let app = TestApp::start().await;
    let lead = app.sign_in("lead-estimator").await;
    for (n, rate) in ["11", "12", "12.5", "13", "11.8"].into_iter().enumerate() {
        Bid::new(&lead, &format!("T-{n}"), WORK, rate).await.submit().await;
    }
    let slip = Bid::new(&lead, "T-8", WORK, "120").await;
    let fair = Bid::new(&lead, "T-9", WORK, "14").await;
    assert_eq!(slip.past().await["far"], true);
    assert_eq!(fair.past().await["far"], false);
    assert!(slip.found().await.contains(&"rate-far-from-past".to_owned()));
    assert!(!fair.found().await.contains(&"rate-far-from-past".to_owned()));
}
