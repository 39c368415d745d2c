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
    let nothing = json!({"far": false, "rates": [], "inRegion": 0, "stillReading": false});
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
    assert!(!fair.found().await.contains(&"unit-mismatch".to_owned()));
    // Five times it was measured in m3.
    let edit = json!({"edits": [{"op": "update-item", "id": fair.item, "set": {"unit": "m2"}}]});
    lead.post(&format!("/estimates/{}/edits", fair.estimate), &edit).await.ok();
    assert!(fair.found().await.contains(&"unit-mismatch".to_owned()));
}

impl Bid {
    /// Gives its tender an option of a categorisation.
    async fn carry(&self, option: &Value) {
        let body = json!({"kind": "tender", "options": [option]});
        self.lead.put(&format!("/labels/{}", self.tender), &body).await.ok();
    }

    /// Adds a second item, built on an excavator that makes so much an hour.
    async fn works_at(&self, resource: &str, production: &str) -> String {
        let (heading, item) = (fresh(), fresh());
        let line = json!({"resourceId": resource, "method": "time", "production": production});
        let edits = json!({"edits": [
            {"op": "add-heading", "id": heading, "code": "2", "name": "Trenches"},
            {"op": "add-item", "id": item, "parentId": heading, "set": {"code": "2.1",
                "description": "Trench", "unit": "m3", "quantity": "100"}},
            {"op": "add-line", "itemId": item, "line": line},
        ]});
        let path = format!("/estimates/{}/edits", self.estimate);
        self.lead.post(&path, &edits).await.ok();
        let reviewed =
            json!({"edits": [{"op": "update-item", "id": item, "set": {"reviewed": true}}]});
        self.lead.post(&path, &reviewed).await.ok();
        item
    }

    /// What its checks find with a code.
    async fn warned(&self, code: &str) -> Vec<Value> {
        let checks = self.lead.get(&format!("/estimates/{}/checks", self.estimate)).await.ok();
        let items = checks["items"].as_array().expect("a list").iter();
        items.filter(|check| check["code"] == code).cloned().collect()
    }
}

#[tokio::test]
async fn rates_of_the_same_region_are_shown_apart_and_preferred_once_there_are_five() {
    let app = TestApp::start().await;
    let lead = app.sign_in("lead-estimator").await;
    let region = json!({"name": "Region", "appliesTo":
        {"tenders": true, "resources": false, "items": false, "companies": false},
        "options": [{"name": "Waikato"}, {"name": "Northland"}]});
    let region = lead.post("/categorisations", &region).await.ok();
    let (waikato, northland) = (&region["options"][0]["id"], &region["options"][1]["id"]);
    // Six tenders in Northland at 40, four in Waikato at 12.
    for n in 0..10 {
        let (rate, place) = if n < 6 { ("40", northland) } else { ("12", waikato) };
        let bid = Bid::new(&lead, &format!("T-{n}"), WORK, rate).await;
        bid.carry(place).await;
        bid.submit().await;
    }
    let now = Bid::new(&lead, "T-20", WORK, "40").await;
    now.carry(waikato).await;
    let past = now.past().await;
    assert_eq!((&past["region"], &past["inRegion"]), (&json!("Waikato"), &json!(4)));
    assert_eq!((&past["cost"]["count"], &past["far"]), (&json!(10), &json!(false)));
    assert_eq!(past["rates"][9]["region"], "Northland");
    let path = format!("/estimates/{}/items/{}/references?sameRegion=true", now.estimate, now.item);
    let here = lead.get(&path).await.ok();
    assert_eq!((&here["cost"]["count"], &here["cost"]["median"]), (&json!(4), &json!("12.0000")));
    assert!(now.warned("rate-far-from-past").await.is_empty(), "four in the region are too few");

    let fifth = Bid::new(&lead, "T-10", WORK, "12").await;
    fifth.carry(waikato).await;
    fifth.submit().await;
    let found = now.warned("rate-far-from-past").await;
    let message = found[0]["message"].as_str().expect("a sentence");
    assert!(message.ends_with("in 5 past tenders of the same region."), "{message}");
    assert_eq!(now.past().await["far"], true);
    now.carry(northland).await;
    assert!(now.warned("rate-far-from-past").await.is_empty(), "in Northland it is usual");
}

#[tokio::test]
async fn production_rates_and_shares_unlike_past_ones_are_warned_of() {
    let app = TestApp::start().await;
    let lead = app.sign_in("lead-estimator").await;
    let resource = json!({"code": "PLT-EX20", "description": "Excavator", "type": "plant",
        "unit": "h", "rate": "100"});
    let resource = id(&lead.post("/resources", &resource).await.ok()["id"]);
    // 100 m3 at about 20 m3 an hour cost about 500, half of the whole.
    for (n, production) in ["20", "25", "16", "20", "25"].into_iter().enumerate() {
        let bid = Bid::new(&lead, &format!("T-{n}"), WORK, "50").await;
        bid.works_at(&resource, production).await;
        bid.submit().await;
    }
    let usual = Bid::new(&lead, "T-8", WORK, "50").await;
    usual.works_at(&resource, "18").await;
    assert!(usual.warned("production-unusual").await.is_empty());
    assert!(usual.warned("heading-share-unusual").await.is_empty());

    let slip = Bid::new(&lead, "T-9", WORK, "50").await;
    let item = slip.works_at(&resource, "2 * 100").await;
    let found = slip.warned("production-unusual").await;
    assert_eq!((found.len(), &found[0]["nodeId"]), (1, &json!(item)));
    assert_eq!(found[0]["value"], "200");
    let message = found[0]["message"].as_str().expect("a sentence");
    assert_eq!(message, "2.1 is built on 200 m3 an hour; 5 lines of past tenders made 16 to 25.");
    // The trenches now hold a tenth of the cost, and the earthworks nearly all of it.
    let shares = slip.warned("heading-share-unusual").await;
    assert_eq!(shares.len(), 2, "{shares:?}");
    assert_eq!(shares[1]["value"], "9 %");
}
