//! Commercials.

use super::support::{set, with};
use crate::http_support::{Priced, fresh};
use serde_json::{Value, json};

/// Two lines of 1,000.00 each, and a site cost of 100.00 that is indirect.
struct Bench {
    p: Priced,
    first: String,
    second: String,
    site: String,
}

impl Bench {
    async fn start() -> Bench {
        let p = Priced::start().await;
        let first = p.item("1.1", "100", "10").await;
        let second = p.item("1.2", "50", "20").await;
        let site = p
            .add(&json!({"code": "I.1", "type": "normal", "indirect": true, "quantity": "1",
                "plugRate": "100"}))
            .await;
        Bench { p, first, second, site }
    }

    async fn read(&self) -> Value {
        self.p.lead.get(&self.p.at("/commercials")).await.ok()
    }

    /// What the price breaks as it stands: told while the estimate is priced, and refused when it
    /// is approved or submitted.
    async fn stands(&self, code: &str) -> bool {
        let violations = self.read().await["violations"].as_array().cloned().unwrap_or_default();
        violations.iter().any(|violation| violation["code"] == code)
    }

    async fn lump_sum_item(&self) -> String {
        self.p.add(&json!({"code": "1.3", "unit": "LS", "quantity": "1", "plugRate": "500"})).await
    }
}

/// The edit that adds a rule of this kind, with `more` of its fields.
fn adding(kind: &Value, more: &Value) -> Value {
    let usual = json!({"name": "Rule", "nature": "cost", "kind": kind});
    json!({"op": "add-rule", "id": fresh(), "set": with(usual, more)})
}

fn lump(amount: &str) -> Value {
    json!({"type": "lump-sum", "amount": amount})
}

fn markup(percent: &str) -> Value {
    json!({"type": "percent-markup", "percent": percent})
}

fn margin(percent: &str) -> Value {
    json!({"type": "percent-margin", "percent": percent})
}

fn target(total: &str) -> Value {
    json!({"type": "target-total", "total": total})
}

#[tokio::test]
async fn br_075_broken() {
    let b = Bench::start().await;
    b.p.edit(&json!([adding(&lump("500"), &json!({"sequence": 10}))])).await;
    let twice = adding(&lump("1"), &json!({"sequence": 10}));
    b.p.refused(&json!([twice]), "rule-sequence-duplicate").await;
}

#[tokio::test]
async fn br_075_kept() {
    let b = Bench::start().await;
    let late = adding(&markup("10"), &json!({"sequence": 11, "nature": "margin"}));
    let early = adding(&lump("500"), &json!({"sequence": 10}));
    let asleep = adding(&lump("9000"), &json!({"sequence": 12, "active": false}));
    b.p.edit(&json!([late, early, asleep])).await;
    let read = b.read().await;
    assert_eq!(read["rules"][1]["amount"], "250.00", "the markup comes second: {read}");
    assert_eq!(read["price"]["totalEx"], "2750.00", "an inactive rule is skipped");
}

#[tokio::test]
async fn br_076_broken() {
    let b = Bench::start().await;
    let itself = adding(&markup("1"), &json!({}));
    let itself = with(
        itself.clone(),
        &json!({"set": with(itself["set"].clone(),
            &json!({"base": {"type": "rules", "rules": [itself["id"]]}}))}),
    );
    b.p.refused(&json!([itself]), "rule-base-invalid").await;
    let none = adding(&markup("1"), &json!({"base": {"type": "types", "types": []}}));
    b.p.refused(&json!([none]), "rule-base-invalid").await;
}

#[tokio::test]
async fn br_076_kept() {
    let b = Bench::start().await;
    let first = adding(&lump("500"), &json!({"sequence": 10}));
    let base = json!({"type": "rules", "rules": [first["id"]]});
    let second = adding(&markup("10"), &json!({"sequence": 11, "base": base}));
    b.p.edit(&json!([first, second])).await;
    assert_eq!(b.read().await["rules"][1]["amount"], "50.00");
}

#[tokio::test]
async fn br_077_broken() {
    let b = Bench::start().await;
    for bad in [margin("100"), margin("-0.01"), markup("-100")] {
        b.p.refused(&json!([adding(&bad, &json!({}))]), "rule-percent-invalid").await;
    }
}

#[tokio::test]
async fn br_077_kept() {
    let b = Bench::start().await;
    for good in [margin("99"), margin("0"), markup("-99")] {
        b.p.edit(&json!([adding(&good, &json!({}))])).await;
    }
}

#[tokio::test]
async fn br_078_kept() {
    let b = Bench::start().await;
    let third = b.p.item("1.3", "100", "10").await;
    b.p.edit(&json!([adding(&lump("100"), &json!({}))])).await;
    let items = b.p.lead.get(&b.p.at("/commercials/items")).await.ok();
    let shares: Vec<&Value> =
        items["items"].as_array().unwrap().iter().map(|item| &item["shares"][0]).collect();
    // A third each; the cent over goes to the first in the schedule.
    assert_eq!(shares, ["33.34", "33.33", "33.33"], "{third}");
}

#[tokio::test]
async fn br_079_broken() {
    let b = Bench::start().await;
    let base = json!({"type": "types", "types": ["labour"]});
    let nothing = adding(&lump("500"), &json!({"base": base}));
    b.p.refused(&json!([nothing]), "rule-base-is-zero").await;
}

#[tokio::test]
async fn br_079_kept() {
    let b = Bench::start().await;
    let base = json!({"type": "types", "types": ["labour"]});
    b.p.edit(&json!([adding(&lump("0"), &json!({"base": base}))])).await;
    let base = json!({"type": "types", "types": ["plant"]});
    b.p.edit(&json!([adding(&lump("500"), &json!({"base": base}))])).await;
    assert_eq!(b.read().await["price"]["totalEx"], "2500.00");
}

fn over(items: &[&String]) -> Value {
    json!({"scope": {"within": {"type": "items", "items": items}}})
}

#[tokio::test]
async fn br_080_broken() {
    let b = Bench::start().await;
    let sum = json!({"type": "provisional-sum", "unit": "PS", "quantity": null,
        "clientAmount": "25000.00"});
    let sum = b.p.add(&sum).await;
    let reaches = adding(&lump("500"), &over(&[&b.first, &sum]));
    b.p.refused(&json!([reaches]), "rule-scope-includes-fixed-sell").await;
}

#[tokio::test]
async fn br_080_kept() {
    let b = Bench::start().await;
    b.p.edit(&json!([adding(&lump("500"), &over(&[&b.first]))])).await;
    assert_eq!(b.read().await["price"]["totalEx"], "2500.00");
}

fn spread(items: &[&String]) -> Value {
    adding(&json!({"type": "spread-indirect", "items": items}), &json!({}))
}

#[tokio::test]
async fn br_081_broken() {
    let b = Bench::start().await;
    assert!(b.stands("indirect-not-spread-once").await, "in no rule");
    b.p.edit(&json!([spread(&[&b.site]), spread(&[&b.site])])).await;
    assert!(b.stands("indirect-not-spread-once").await, "in two rules");
}

#[tokio::test]
async fn br_081_kept() {
    let b = Bench::start().await;
    b.p.edit(&json!([spread(&[&b.site])])).await;
    assert!(!b.stands("indirect-not-spread-once").await);
    assert_eq!(b.read().await["price"]["totalEx"], "2100.00");
}

#[tokio::test]
async fn br_082_broken() {
    let b = Bench::start().await;
    let mut bare = adding(&lump("1"), &json!({}));
    bare["set"].as_object_mut().unwrap().remove("nature");
    b.p.refused(&json!([bare]), "rule-nature-missing").await;
    let mut spread = spread(&[&b.site]);
    spread["set"]["nature"] = json!("margin");
    b.p.refused(&json!([spread]), "rule-nature-missing").await;
}

#[tokio::test]
async fn br_082_kept() {
    let b = Bench::start().await;
    let risk = adding(&lump("1"), &json!({"nature": "cost"}));
    let profit = adding(&lump("1"), &json!({"nature": "margin"}));
    b.p.edit(&json!([spread(&[&b.site]), risk, profit])).await;
}

fn locking(item: &str, rate: &str) -> Value {
    set(item, &json!({"lockedSellRate": rate}))
}

#[tokio::test]
async fn br_083_broken() {
    let b = Bench::start().await;
    b.p.edit(&locking(&b.first, "11")).await;
    b.p.refused(&locking(&b.second, "21"), "no-unlocked-items").await;
}

#[tokio::test]
async fn br_083_kept() {
    let b = Bench::start().await;
    let before = b.read().await["price"]["totalEx"].clone();
    b.p.edit(&locking(&b.first, "11")).await;
    assert_eq!(b.read().await["price"]["totalEx"], before);
    let items = b.p.lead.get(&b.p.at("/commercials/items")).await.ok();
    assert_eq!(items["items"][1]["amount"], "900.00", "the other gave what the first took");
}

#[tokio::test]
async fn br_084_broken() {
    let b = Bench::start().await;
    b.p.refused(&locking(&b.first, "11.005"), "sell-rate-precision-invalid").await;
    let tier = json!([{"op": "update-terms", "tiers": [{"from": "0", "decimals": 5}]}]);
    b.p.refused(&tier, "sell-rate-precision-invalid").await;
}

#[tokio::test]
async fn br_084_kept() {
    let b = Bench::start().await;
    let tiers = json!([{"from": "0", "decimals": 2}, {"from": "100", "decimals": 4}]);
    b.p.edit(&json!([{"op": "update-terms", "tiers": tiers}])).await;
    b.p.edit(&locking(&b.first, "11.0051")).await;
    let items = b.p.lead.get(&b.p.at("/commercials/items")).await.ok();
    assert_eq!(items["items"][0]["amount"], "1100.51");
    b.p.refused(&locking(&b.second, "21.005"), "sell-rate-precision-invalid").await;
}

#[tokio::test]
async fn br_085_broken() {
    let b = Bench::start().await;
    p_large(&b).await;
    assert!(b.stands("misclose-exceeds-threshold").await, "{}", b.read().await);
    // An item that is no lump sum takes nothing.
    b.p.edit(&json!([{"op": "update-terms", "balancingItemId": b.first}])).await;
    assert!(b.stands("misclose-exceeds-threshold").await);
}

/// An item whose rate, rounded to the cent, misses its value by more than is allowed.
async fn p_large(b: &Bench) {
    b.p.item("1.9", "10000", "0.10").await;
    b.p.edit(&json!([adding(&markup("2.5"), &json!({}))])).await;
}

#[tokio::test]
async fn br_085_kept() {
    let b = Bench::start().await;
    let lump = b.lump_sum_item().await;
    p_large(&b).await;
    b.p.edit(&json!([{"op": "update-terms", "balancingItemId": lump}])).await;
    assert!(!b.stands("misclose-exceeds-threshold").await, "{}", b.read().await);
}

#[tokio::test]
async fn br_087_kept() {
    let b = Bench::start().await;
    b.p.edit(&json!([adding(&lump("0.11"), &json!({}))])).await;
    let lump = b.lump_sum_item().await;
    b.p.edit(&json!([{"op": "update-terms", "balancingItemId": lump}])).await;
    let price = b.read().await["price"].clone();
    // 15 % of 2,500.11 is 375.0165: rounded once, on the total.
    assert_eq!((&price["totalEx"], &price["gst"]), (&json!("2500.11"), &json!("375.02")));
    assert_eq!(price["totalInc"], "2875.13");
}

#[tokio::test]
async fn br_088_broken() {
    let b = Bench::start().await;
    b.p.edit(&json!([adding(&lump("500"), &json!({"sequence": 10}))])).await;
    let early = adding(&target("9000"), &json!({"sequence": 1, "nature": "margin"}));
    b.p.refused(&json!([early]), "target-rule-not-last").await;
    let last = adding(&target("9000"), &json!({"sequence": 20, "nature": "margin"}));
    b.p.edit(&json!([last])).await;
    let second = adding(&json!({"type": "round-total", "multiple": "100"}), &json!({}));
    b.p.refused(&json!([second]), "target-rule-not-last").await;
}

#[tokio::test]
async fn br_088_kept() {
    let b = Bench::start().await;
    b.p.edit(&json!([adding(&lump("500"), &json!({"sequence": 10}))])).await;
    let asleep = adding(&target("1"), &json!({"sequence": 11, "active": false}));
    let last = adding(&target("9000"), &json!({"sequence": 20, "nature": "margin"}));
    b.p.edit(&json!([asleep, last])).await;
    assert_eq!(b.read().await["price"]["totalEx"], "9000.00");
}
