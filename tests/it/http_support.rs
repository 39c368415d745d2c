//! A tender with an estimate, made over HTTP, for the tests of the API.

use crate::harness::{Client, TestApp};
use serde_json::{Value, json};

/// An identity as text.
pub fn id(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no id")).to_owned()
}

/// A fresh UUIDv7 as a client chooses one.
pub fn fresh() -> String {
    uuid::Uuid::now_v7().to_string()
}

/// An estimate in progress.
pub struct Priced {
    /// The server.
    pub app: TestApp,
    /// A lead estimator.
    pub lead: Client,
    /// The tender.
    pub tender: String,
    /// The estimate.
    pub estimate: String,
    /// The heading everything is under.
    pub heading: String,
}

impl Priced {
    /// A tender with an empty estimate but for one heading.
    pub async fn start() -> Priced {
        let app = TestApp::start().await;
        let lead = app.sign_in("lead-estimator").await;
        let tender =
            lead.post("/tenders", &json!({"number": "T-1", "name": "Waihou Road"})).await.ok();
        let estimate = id(&tender["estimates"][0]["id"]);
        let heading = fresh();
        let body = json!({"id": heading, "code": "1", "name": "Earthworks"});
        lead.post(&format!("/estimates/{estimate}/headings"), &body).await.ok();
        Priced { app, lead, tender: id(&tender["id"]), estimate, heading }
    }

    /// An address below the estimate.
    pub fn at(&self, path: &str) -> String {
        format!("/estimates/{}{path}", self.estimate)
    }

    /// Adds an item on a plug; gives its identity.
    pub async fn item(&self, code: &str, quantity: &str, plug: &str) -> String {
        let item = fresh();
        self.lead.post(&self.at("/items"), &self.new_item(&item, code, quantity, plug)).await.ok();
        item
    }

    /// The body that adds an item on a plug.
    pub fn new_item(&self, item: &str, code: &str, quantity: &str, plug: &str) -> Value {
        json!({"id": item, "parentId": self.heading, "set": {
            "code": code, "description": format!("Item {code}"), "unit": "m3",
            "quantity": quantity, "plugRate": plug, "plugType": "plant",
        }})
    }

    /// The edit that adds an item on a plug.
    pub fn add_item(&self, item: &str, code: &str, quantity: &str, plug: &str) -> Value {
        let mut edit = self.new_item(item, code, quantity, plug);
        edit["op"] = json!("add-item");
        edit
    }

    /// The totals.
    pub async fn totals(&self) -> Value {
        self.lead.get(&self.at("")).await.ok()["totals"].clone()
    }
}
