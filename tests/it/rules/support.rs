//! An estimate to break rules on, and how a broken rule looks from outside.

// One area uses one part of it, another the next.
#![allow(dead_code)]

use crate::harness::{Answer, Client};
use crate::http_support::{Priced, fresh, id};
use oxflow::estimating::rules::{Kind, all};
use serde_json::{Value, json};

/// Fails unless the answer refuses for a rule with this code, whichever of the rules broken it
/// is; gives that violation.
#[track_caller]
pub fn broken(answer: Answer, code: &str) -> Value {
    let (status, text) = (answer.status, answer.text);
    // A broken invariant is the program's fault, not the caller's.
    let invariant = all().any(|rule| rule.code == code && rule.kind == Kind::Invariant);
    let told = status.is_client_error() || (invariant && status.as_u16() == 500);
    assert!(told, "{code} was not broken: {status} {text}");
    let problem: Value = serde_json::from_str(&text).unwrap_or_default();
    let violations = problem["violations"].as_array().cloned().unwrap_or_default();
    let found = violations.into_iter().find(|violation| violation["code"] == code);
    found.unwrap_or_else(|| panic!("{code} is not among what was broken: {text}"))
}

/// Puts what `more` has over what `base` has.
pub fn with(mut base: Value, more: &Value) -> Value {
    if let (Some(base), Some(more)) = (base.as_object_mut(), more.as_object()) {
        base.extend(more.clone());
    }
    base
}

impl Priced {
    /// Makes edits of the estimate; gives what the server answered.
    #[track_caller]
    pub fn edit(&self, edits: &Value) -> impl Future<Output = Value> {
        let answer = self.edit_as(&self.lead, edits);
        async { answer.await.ok() }
    }

    /// Asks for edits that break a rule; gives the violation, and proves that nothing changed.
    pub async fn refused(&self, edits: &Value, code: &str) -> Value {
        let before = self.lead.get(&self.at("")).await.ok();
        let violation = broken(self.edit_as(&self.lead, edits).await, code);
        assert_eq!(self.lead.get(&self.at("")).await.ok(), before, "{code} changed something");
        violation
    }

    /// Sends edits as somebody, whatever comes of it.
    pub fn edit_as(&self, who: &Client, edits: &Value) -> impl Future<Output = Answer> {
        let (who, at) = (who.clone(), self.at("/edits"));
        let body = json!({"edits": edits});
        async move { who.post(&at, &body).await }
    }

    /// Adds an item under the heading with `set` over 10 m3 of a schedule item; gives its
    /// identity.
    pub async fn add(&self, set: &Value) -> String {
        let item = fresh();
        self.edit(&json!([self.adding(&item, set)])).await;
        item
    }

    /// The edit that adds such an item.
    pub fn adding(&self, item: &str, set: &Value) -> Value {
        let usual = json!({"code": "1.1", "description": "Dig", "unit": "m3", "quantity": "10"});
        json!({"op": "add-item", "id": item, "parentId": self.heading, "set": with(usual, set)})
    }

    /// Adds a worksheet line; gives its identity.
    pub async fn line(&self, item: &str, line: &Value) -> String {
        let made = fresh();
        let edit = json!({"op": "add-line", "itemId": item, "id": made, "line": line});
        self.edit(&json!([edit])).await;
        made
    }

    /// A resource of the price book; gives its identity.
    pub async fn resource(&self, code: &str, cost_type: &str, unit: &str, rate: &str) -> String {
        let body = json!({
            "code": code, "description": code, "type": cost_type, "unit": unit, "rate": rate,
        });
        id(&self.lead.post("/resources", &body).await.ok()["id"])
    }

    /// A row of the tree as everyone sees it.
    pub async fn row(&self, row: &str) -> Value {
        self.lead.get(&self.at(&format!("/rows/{row}"))).await.ok()
    }

    /// What the estimate costs.
    pub async fn total(&self) -> String {
        id(&self.totals().await["total"])
    }
}

/// The edit that sets fields of an item.
pub fn set(item: &str, set: &Value) -> Value {
    json!([{"op": "update-item", "id": item, "set": set}])
}

/// The edit that adds a worksheet line.
pub fn adding_line(item: &str, line: &Value) -> Value {
    json!([{"op": "add-line", "itemId": item, "line": line}])
}
