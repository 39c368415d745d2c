//! A small tender on its way to the client, for the rules of tenders, submission and hand-over.

use super::support::{broken, with};
use crate::harness::{Answer, Client};
use crate::http_support::{Priced, fresh};
use serde_json::{Value, json};

/// Days until the tender closes.
const DAYS: i64 = 10;

/// A time in `days` days.
pub fn in_days(days: i64) -> String {
    let at = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24 * days);
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

impl Priced {
    /// The tender.
    pub async fn tender_row(&self) -> Value {
        self.lead.get(&format!("/tenders/{}", self.tender)).await.ok()
    }

    /// Changes the tender, at the version it has.
    pub async fn change(&self, set: &Value) -> Answer {
        let version = self.tender_row().await["version"].clone();
        let body = with(json!({"version": version}), set);
        self.lead.patch(&format!("/tenders/{}", self.tender), &body).await
    }

    /// Records go or no-go.
    pub async fn decide(&self, go: bool) {
        let body = json!({"go": go, "reason": "A crew is free"});
        self.lead.put(&format!("/tenders/{}/decision", self.tender), &body).await.ok();
    }

    /// A notice to tenderers.
    pub async fn notice(&self, number: &str, state: &str) {
        let path = format!("/tenders/{}/notices/{number}", self.tender);
        let body = json!({"date": "2026-11-20", "title": "Drawings", "state": state});
        self.lead.put(&path, &body).await.ok();
    }

    /// An active tender that closes in ten days.
    pub async fn active() -> Priced {
        let p = Priced::start().await;
        p.activate().await;
        p
    }

    /// Puts the tender out, to close in ten days.
    pub async fn activate(&self) {
        self.change(&json!({"closingAt": in_days(DAYS)})).await.ok();
        self.decide(true).await;
        self.change(&json!({"state": "active"})).await.ok();
    }

    /// Adds an item of 1,000.00 on a worksheet, reviewed; gives its identity.
    pub async fn worked(&self, code: &str) -> String {
        let item = self.add(&json!({"code": code})).await;
        let line = json!({"description": "Crew", "type": "labour", "unit": "h", "rate": "50",
            "method": "fixed", "quantity": "20"});
        self.line(&item, &line).await;
        self.review(&item).await;
        item
    }

    /// Reviews an item.
    pub async fn review(&self, item: &str) {
        self.edit(&super::support::set(item, &json!({"reviewed": true}))).await;
    }

    /// Approves.
    pub async fn approve(&self) -> Answer {
        self.lead.post(&self.at("/approval"), &json!({"minutes": "Settled at noon"})).await
    }

    /// Where the estimate stands.
    pub async fn standing(&self) -> Value {
        self.lead.get(&self.at("/submission")).await.ok()
    }

    /// Submits what is to be seen.
    pub async fn submit(&self) -> Answer {
        let seen = self.standing().await;
        let body = json!({"contentHash": seen["contentHash"], "totalEx": seen["totalEx"]});
        self.lead.post(&self.at("/submission"), &body).await
    }

    /// A tender whose one item of 1,000.00 is approved.
    pub async fn approved() -> Priced {
        let p = Priced::active().await;
        p.worked("1.1").await;
        p.approve().await.ok();
        p
    }

    /// A tender submitted at 1,000.00.
    pub async fn submitted() -> Priced {
        let p = Priced::approved().await;
        p.submit().await.ok();
        p
    }

    /// A tender won at 1,000.00.
    pub async fn won() -> Priced {
        let p = Priced::submitted().await;
        p.win("1000.00").await.ok();
        p
    }

    /// Marks the tender won at a price.
    pub async fn win(&self, price: &str) -> Answer {
        let won = json!({"state": "won", "acceptedEstimateId": self.estimate,
            "acceptedPrice": price});
        self.change(&won).await
    }

    /// Accepts what a check of the submission found first.
    pub async fn accept(&self, rule: &str) {
        let standing = self.standing().await;
        let checks = standing["checks"].as_array().unwrap();
        let check = checks.iter().find(|check| check["rule"] == rule).unwrap();
        let finding = &check["findings"][0];
        self.edit(&json!([{"op": "acknowledge", "rule": rule, "objectId": finding["objectId"],
            "value": finding["value"], "reason": "Agreed at settlement"}]))
            .await;
    }

    /// Hands the budget over.
    pub async fn hand_over(&self, key: &str, job: &str) -> Answer {
        let body = json!({"target": "workbench", "key": key, "codes": {"job": job}});
        self.lead.post(&format!("/tenders/{}/handovers", self.tender), &body).await
    }
}

/// Fails unless submitting is refused for a rule with this code, and nothing was sent.
pub async fn not_submitted(p: &Priced, code: &str) -> Value {
    let violation = broken(p.submit().await, code);
    assert!(p.standing().await["submission"].is_null(), "{code} was sent all the same");
    violation
}

/// A second Lead: the admin.
pub async fn admin(p: &Priced) -> Client {
    p.app.sign_in("admin").await
}

/// An edit that adds a rule of the commercials.
pub fn margin(percent: &str) -> Value {
    json!([{"op": "add-rule", "id": fresh(), "set": {"name": "Profit", "nature": "margin",
        "kind": {"type": "percent-markup", "percent": percent}}}])
}
