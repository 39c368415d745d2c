//! Packages on the way to submission.

use super::offer::{in_days, margin, not_submitted};
use super::support::broken;
use crate::quotes_support::Market;
use serde_json::{Value, json};

impl Market {
    /// The package of an active tender, its quotes compared, the lowest awarded and transferred;
    /// all of it reviewed and approved. The tender closes in ten days and holds for `validity`.
    async fn bought(at: usize, reason: Option<&str>, validity: u32) -> Market {
        let m = Market::issued().await;
        m.p.activate().await;
        m.p.change(&json!({"validityDays": validity})).await.ok();
        m.worked_example().await;
        m.set_quote(at, &json!({"validUntil": in_days(40)})).await.ok();
        m.do_it("compare", &json!({})).await.ok();
        m.award(at, reason, &[]).await.ok();
        m.do_it("transfer", &json!({})).await.ok();
        m.p.edit(&margin("2")).await;
        m.approved().await;
        m
    }

    /// Reviews every member and approves.
    async fn approved(&self) {
        for item in &self.items {
            self.p.review(item).await;
        }
        self.p.approve().await.ok();
    }

    /// What a check of the submission found.
    async fn found(&self, rule: &str) -> Vec<Value> {
        let standing = self.p.standing().await;
        let checks = standing["checks"].as_array().unwrap();
        let check = checks.iter().find(|check| check["rule"] == rule).unwrap();
        check["findings"].as_array().unwrap().clone()
    }
}

#[tokio::test]
async fn br_091_broken() {
    let m = Market::comparing().await;
    m.p.activate().await;
    m.approved().await;
    m.p.accept("BR-090").await;
    let violation = not_submitted(&m.p, "package-not-settled").await;
    assert_eq!(violation["objects"], json!([m.package]));
    assert_eq!(m.found("BR-091").await[0]["packageId"], json!(m.package));
    // Awarded is not yet in the estimate.
    m.award(2, None, &[]).await.ok();
    not_submitted(&m.p, "package-not-settled").await;
}

#[tokio::test]
async fn br_091_kept() {
    let m = Market::bought(2, None, 30).await;
    m.p.submit().await.ok();
    let m = Market::comparing().await;
    m.p.activate().await;
    m.do_it("cancel", &json!({})).await.ok();
    assert_eq!(m.found("BR-091").await, [Value::Null; 0]);
}

#[tokio::test]
async fn br_092_broken() {
    // The offer holds until day 41, the quote until day 40.
    let m = Market::bought(2, None, 31).await;
    let violation = not_submitted(&m.p, "quote-expires-before-validity").await;
    assert_eq!(violation["objects"], json!([m.quotes[2]]));
    assert_eq!(m.found("BR-092").await[0]["packageId"], json!(m.package));
    // Accepted against this validity, not against a longer one.
    m.p.accept("BR-092").await;
    m.p.change(&json!({"validityDays": 60})).await.ok();
    not_submitted(&m.p, "quote-expires-before-validity").await;
    m.set_quote(2, &json!({"validUntil": null})).await.ok();
    assert!(m.found("BR-092").await[0]["message"].as_str().unwrap().contains("does not say"));
}

#[tokio::test]
async fn br_092_kept() {
    // Both hold until day 40.
    let m = Market::bought(2, None, 30).await;
    assert_eq!(m.found("BR-092").await, [Value::Null; 0]);
    m.p.submit().await.ok();
    // A quote that ends first is accepted with a reason, or the company lets it hold longer.
    let m = Market::bought(2, None, 31).await;
    m.p.accept("BR-092").await;
    m.set_quote(2, &json!({"validUntil": in_days(41)})).await.ok();
    assert_eq!(m.found("BR-092").await, [Value::Null; 0]);
    m.set_quote(2, &json!({"validUntil": in_days(40)})).await.ok();
    assert_eq!(m.p.standing().await["state"], "approved", "a validity is no content");
    m.p.submit().await.ok();
}

#[tokio::test]
async fn an_awarded_quote_changes_in_nothing_but_its_validity() {
    let m = Market::bought(2, None, 30).await;
    let more = json!({"validUntil": in_days(50), "gst": "exclusive"});
    broken(m.set_quote(2, &more).await, "adjudication-transition-not-allowed");
    broken(
        m.set_quote(0, &json!({"validUntil": in_days(50)})).await,
        "adjudication-transition-not-allowed",
    );
}

#[tokio::test]
async fn the_plug_in_the_gap_of_a_quote_is_accepted_by_name() {
    let m = Market::bought(1, Some("Knows the road"), 30).await;
    let violation = not_submitted(&m.p, "plugs-not-acknowledged").await;
    assert_eq!(violation["objects"], json!([m.items[2]]));
    let found = m.found("BR-090").await;
    assert_eq!((found.len(), &found[0]["packageId"]), (1, &json!(m.package)));
    let message = found[0]["message"].as_str().unwrap();
    assert!(message.contains("B Bright Roads for PKG-01 has a gap"), "{message}");
    m.p.accept("BR-090").await;
    m.p.submit().await.ok();
}

#[tokio::test]
async fn a_revision_has_the_packages_of_the_one_before() {
    let m = Market::bought(1, Some("Knows the road"), 30).await;
    m.p.accept("BR-090").await;
    m.p.submit().await.ok();
    let next = m.p.lead.post(&m.p.at("/revise"), &json!({})).await.ok();
    let at = format!("/estimates/{}", next["id"].as_str().unwrap());
    let detail = m.p.lead.get(&format!("{at}/packages/{}", m.package)).await.ok();
    assert_eq!(detail["quotes"].as_array().unwrap().len(), 3);
    let standing = m.p.lead.get(&format!("{at}/submission")).await.ok();
    let checks = standing["checks"].as_array().unwrap();
    let plugs = checks.iter().find(|check| check["rule"] == "BR-090").unwrap();
    assert_eq!(plugs["findings"][0]["packageId"], json!(m.package));
    assert_eq!(plugs["verdict"], "accepted");
    // The packages of the revision are its own.
    let reopen = json!({"edits": [{"op": "package", "edit": {"do": "reopen", "id": m.package}}]});
    m.p.lead.post(&format!("{at}/edits"), &reopen).await.ok();
    let sent = m.detail().await;
    assert_eq!(sent["rounds"].as_array().unwrap().len(), 1);
}

/// An approved estimate of which one package is draft, and whose margin is on `within`.
async fn on(within: Value, m: &Market) {
    m.p.activate().await;
    let rule = json!([{"op": "add-rule", "set": {"name": "Risk", "nature": "margin",
        "kind": {"type": "percent-markup", "percent": "10"}, "scope": {"within": within}}}]);
    m.p.edit(&rule).await;
    m.approved().await;
}

#[tokio::test]
async fn a_package_edit_takes_the_approval_away_where_a_rule_acts_on_it() {
    let m = Market::draft().await;
    on(json!({"type": "package", "id": m.package}), &m).await;
    let before = m.p.standing().await;
    assert_eq!(before["state"], "approved");
    let fewer = json!({"set": {"itemIds": m.items[..2]}});
    m.do_it("update", &fewer).await.ok();
    let after = m.p.standing().await;
    assert_ne!(before["totalEx"], after["totalEx"], "the rule acts on fewer items");
    assert_eq!(
        (&after["state"], &after["approvals"][0]["current"]),
        (&json!("reviewed"), &json!(false),)
    );
    // Undone, it is what was approved, but nobody has approved it again.
    m.p.lead.post(&m.p.at("/undo"), &json!({})).await.ok();
    assert_eq!(m.p.standing().await["state"], "reviewed");
    m.p.approve().await.ok();
    m.do_it("cancel", &json!({})).await.ok();
    assert_eq!(m.p.standing().await["state"], "reviewed", "a rule acts on nothing of it any more");
}

#[tokio::test]
async fn a_package_edit_leaves_the_approval_where_no_rule_acts_on_what_changes() {
    let m = Market::draft().await;
    on(json!({"type": "package", "id": m.package}), &m).await;
    // Its name and deadline form no price.
    m.do_it("update", &json!({"set": {"name": "Surfacing works"}})).await.ok();
    m.do_it("issue", &json!({})).await.ok();
    assert_eq!(m.p.standing().await["state"], "approved");
    let m = Market::draft().await;
    on(json!({"type": "all"}), &m).await;
    m.do_it("update", &json!({"set": {"itemIds": m.items[..2]}})).await.ok();
    m.do_it("cancel", &json!({})).await.ok();
    let standing = m.p.standing().await;
    assert_eq!(
        (&standing["state"], &standing["approvals"][0]["current"]),
        (&json!("approved"), &json!(true),)
    );
}

#[tokio::test]
async fn a_copied_tender_has_the_packages_as_drafts_and_none_of_the_quotes() {
    let mut m = Market::comparing().await;
    m.p.edit(&json!([{"op": "add-rule", "set": {"name": "Risk", "nature": "margin",
        "kind": {"type": "percent-markup", "percent": "10"},
        "scope": {"within": {"type": "package", "id": m.package}}}}]))
        .await;
    let price = m.p.standing().await["totalEx"].clone();
    let copy = json!({"number": "T-2", "name": "Copy"});
    let at = format!("/tenders/{}/duplicate", m.p.tender);
    let copy = m.p.lead.post(&at, &copy).await.ok();
    let estimate = format!("/estimates/{}", copy["estimates"][0]["id"].as_str().unwrap());
    let packages = m.p.lead.get(&format!("{estimate}/packages")).await.ok();
    let package = &packages["items"][0];
    assert_ne!(package["id"], json!(m.package));
    assert_eq!(
        (&package["code"], &package["state"], &package["invited"]),
        (&json!("PKG-01"), &json!("draft"), &json!(0)),
        "{packages}"
    );
    let at = format!("{estimate}/packages/{}", package["id"].as_str().unwrap());
    let detail = m.p.lead.get(&at).await.ok();
    assert_eq!(detail["quotes"], json!([]));
    assert_eq!(detail["members"].as_array().unwrap().len(), 3);
    let members = detail["members"].to_string();
    assert!(m.items.iter().all(|item| !members.contains(&**item)), "they are the copy's own items");
    // The rule acts on the copy's own package.
    assert_eq!(m.p.lead.get(&format!("{estimate}/submission")).await.ok()["totalEx"], price);
    m.p.app.kill();
    m.p.app.command(&["check"]);
}
