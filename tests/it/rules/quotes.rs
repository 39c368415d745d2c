//! Quotes and adjudication.

use super::support::broken;
use crate::http_support::fresh;
use crate::quotes_support::{Market, company, doing};
use serde_json::{Value, json};

/// Another package over some of the items, as an edit.
fn another(items: &Value) -> Value {
    let set = json!({"code": "PKG-02", "name": "More", "itemIds": items});
    json!([doing(&fresh(), "add", &json!({"set": set}))])
}

#[tokio::test]
async fn br_061_broken() {
    let m = Market::draft().await;
    let code = "package-scope-conflict";
    m.p.refused(&another(&json!([m.items[2]])), code).await;
    m.p.refused(&another(&json!([])), code).await;
    m.p.refused(&another(&json!([m.p.heading])), code).await;
    m.p.refused(&another(&json!([fresh()])), code).await;
    let twice = json!({"set": {"itemIds": [m.items[0], m.items[0]]}});
    broken(m.do_it("update", &twice).await, code);
}

#[tokio::test]
async fn br_061_kept() {
    let m = Market::draft().await;
    m.do_it("update", &json!({"set": {"itemIds": [m.items[0], m.items[1]]}})).await.ok();
    m.p.edit(&another(&json!([m.items[2]]))).await;
    // What a cancelled package held is free.
    m.do_it("cancel", &json!({})).await.ok();
    let set = json!({"code": "PKG-03", "name": "Again", "itemIds": [m.items[0]]});
    m.p.edit(&json!([doing(&fresh(), "add", &json!({"set": set}))])).await;
}

#[tokio::test]
async fn br_062_broken() {
    let m = Market::draft().await;
    let id = company(&m.p.lead, "D Drains").await;
    let at = format!("/companies/{id}");
    let invite = json!({"companyIds": [id]});
    let none = json!({"client": true, "supplier": false, "subcontractor": false});
    let some = json!({"client": false, "supplier": true, "subcontractor": false});
    for (version, set) in [
        json!({"onHold": true}),
        json!({"onHold": false, "roles": none}),
        json!({"roles": some, "state": "archived"}),
    ]
    .into_iter()
    .enumerate()
    {
        m.p.lead.patch(&at, &json!({"version": version + 1, "set": set})).await.ok();
        broken(m.do_it("invite", &invite).await, "supplier-not-eligible");
    }
}

#[tokio::test]
async fn br_062_kept() {
    let m = Market::draft().await;
    let id = company(&m.p.lead, "D Drains").await;
    m.do_it("invite", &json!({"companyIds": [id]})).await.ok();
    assert_eq!(m.detail().await["package"]["invited"], 4);
}

/// Changes the quantity of a member.
async fn change_quantity(m: &Market) {
    let edit = json!([{"op": "update-item", "id": m.items[0], "set": {"quantity": "4300"}}]);
    m.p.edit(&edit).await;
}

#[tokio::test]
async fn br_063_broken() {
    let m = Market::comparing().await;
    assert_eq!(m.seen(2).await["outdated"], false);
    change_quantity(&m).await;
    assert_eq!(m.seen(2).await["outdated"], true);
    broken(m.award(2, None, &[]).await, "package-changed-after-issue");
    // Confirmed for one change, it is not confirmed for the next.
    m.to_quote("confirm", 2, json!({})).await.ok();
    let edit = json!([{"op": "update-item", "id": m.items[1], "set": {"description": "Thicker"}}]);
    m.p.edit(&edit).await;
    broken(m.award(2, None, &[]).await, "package-changed-after-issue");
}

#[tokio::test]
async fn br_063_kept() {
    let m = Market::comparing().await;
    change_quantity(&m).await;
    m.to_quote("confirm", 2, json!({})).await.ok();
    assert_eq!(m.seen(2).await["outdated"], false);
    m.award(2, None, &[]).await.ok();
    let other = Market::comparing().await;
    change_quantity(&other).await;
    other.award(2, None, &["BR-063"]).await.ok();
    other.do_it("transfer", &json!({})).await.ok();
}

#[tokio::test]
async fn br_064_broken() {
    let m = Market::issued().await;
    let lines = json!([{"code": "2.06", "rate": "8"}, {"code": "9.99", "description": "Signs",
        "rate": "5"}]);
    let set = json!({"gst": "exclusive", "currency": {"code": "NZD"}, "lines": lines});
    m.set_quote(0, &set).await.ok();
    assert_eq!(m.seen(0).await["problems"][0]["rule"], "BR-064");
    broken(m.do_it("compare", &json!({})).await, "quote-line-unmatched");
}

#[tokio::test]
async fn br_064_kept() {
    let m = Market::issued().await;
    let lines = json!([{"code": "2.06", "rate": "8"}, {"description": "Signs", "rate": "5",
        "setAside": true}]);
    let set = json!({"gst": "exclusive", "currency": {"code": "NZD"}, "lines": lines});
    m.set_quote(0, &set).await.ok();
    m.do_it("compare", &json!({})).await.ok();
}

#[tokio::test]
async fn br_065_broken() {
    let m = Market::issued().await;
    for zero in [json!({"rate": "0"}), json!({"amount": "0.00"})] {
        let mut line = zero;
        line["memberId"] = json!(m.items[0]);
        broken(m.to_quote("price", 0, json!({"line": line})).await, "quote-gap-as-zero");
        broken(m.set_quote(0, &json!({"lines": [line]})).await, "quote-gap-as-zero");
    }
}

#[tokio::test]
async fn br_065_kept() {
    let m = Market::issued().await;
    for price in
        [json!({}), json!({"tag": "included"}), json!({"tag": "free"}), json!({"rate": "0.0001"})]
    {
        let mut line = price;
        line["memberId"] = json!(m.items[0]);
        m.to_quote("price", 0, json!({"line": line})).await.ok();
    }
}

#[tokio::test]
async fn br_066_kept() {
    let m = Market::comparing().await;
    m.award(1, Some("Knows the road"), &[]).await.ok();
    m.do_it("transfer", &json!({})).await.ok();
    // What was quoted is a line; what was not is a plug, and no line says it is a quoted rate.
    for (at, lines) in [(0, 2), (2, 0)] {
        let path = m.p.at(&format!("/items/{}/worksheet", m.items[at]));
        let sheet = m.p.lead.get(&path).await.ok();
        assert_eq!(sheet["lines"].as_array().unwrap().len(), lines, "{sheet}");
    }
    let item = m.p.lead.get(&m.p.at(&format!("/items/{}", m.items[2]))).await.ok();
    assert_eq!((&item["plugRate"], &item["plugType"]), (&json!("3.4000"), &json!("subcontract")));
}

#[tokio::test]
async fn br_067_broken() {
    let m = Market::issued().await;
    m.to_quote("price", 0, json!({"line": {"memberId": m.items[0], "rate": "8"}})).await.ok();
    let problems = m.seen(0).await["problems"].clone();
    assert_eq!((&problems[0]["field"], &problems[1]["field"]), (&json!("gst"), &json!("currency")));
    broken(m.do_it("compare", &json!({})).await, "quote-not-normalised");
    let foreign = json!({"currency": {"code": "AUD"}});
    broken(m.set_quote(0, &foreign).await, "quote-not-normalised");
}

#[tokio::test]
async fn br_067_kept() {
    let m = Market::issued().await;
    m.to_quote("price", 0, json!({"line": {"memberId": m.items[0], "rate": "10"}})).await.ok();
    let set = json!({"gst": "inclusive", "currency": {"code": "aud", "exchange": "1.15"}});
    m.set_quote(0, &set).await.ok();
    m.do_it("compare", &json!({})).await.ok();
    assert_eq!(m.seen(0).await["compared"]["lines"][0]["rate"], "10.0000");
}

#[tokio::test]
async fn br_068_broken() {
    let m = Market::comparing().await;
    // On its own basis 74997.50, less 1.5 %.
    m.set_quote(2, &json!({"statedTotal": "73873.56"})).await.ok();
    broken(m.award(2, None, &[]).await, "quote-arithmetic-error");
}

#[tokio::test]
async fn br_068_kept() {
    let m = Market::comparing().await;
    m.set_quote(2, &json!({"statedTotal": "73873.54"})).await.ok();
    m.award(2, None, &[]).await.ok();
    let other = Market::comparing().await;
    other.set_quote(2, &json!({"statedTotal": "70000"})).await.ok();
    other.award(2, None, &["BR-068"]).await.ok();
    let award = other.detail().await["rounds"][0]["award"].clone();
    assert_eq!(award["accepted"][0]["reason"], "Agreed by phone");
}

#[tokio::test]
async fn br_069_broken() {
    let m = Market::issued().await;
    let adjusted = json!([{"reason": "  ", "amount": "-5", "origin": "levelling"}]);
    let answer = m.set_quote(0, &json!({"adjustments": adjusted})).await;
    broken(answer, "quote-adjustment-reason-missing");
}

#[tokio::test]
async fn br_069_kept() {
    let m = Market::issued().await;
    let adjusted = json!([{"reason": "sweeping", "amount": "-5", "origin": "levelling"}]);
    m.set_quote(0, &json!({"adjustments": adjusted})).await.ok();
    assert_eq!(m.seen(0).await["adjustments"][0]["reason"], "sweeping");
}

#[tokio::test]
async fn br_070_broken() {
    let m = Market::comparing().await;
    m.set_quote(2, &json!({"receivedAt": "2026-05-01T12:00:01+12:00"})).await.ok();
    assert_eq!(m.seen(2).await["late"], true);
    broken(m.award(2, None, &[]).await, "quote-is-late");
    // An acceptance says why.
    let accept = json!([{"rule": "BR-070", "reason": " "}]);
    let answer = m.to_quote("award", 2, json!({"accept": accept})).await;
    broken(answer, "quote-is-late");
}

#[tokio::test]
async fn br_070_kept() {
    let m = Market::comparing().await;
    m.set_quote(2, &json!({"receivedAt": "2026-05-01T12:00:00+12:00"})).await.ok();
    m.award(2, None, &[]).await.ok();
    let late = Market::comparing().await;
    late.set_quote(2, &json!({"receivedAt": "2026-05-02T12:00:00+12:00"})).await.ok();
    late.award(2, None, &["BR-070"]).await.ok();
}

#[tokio::test]
async fn br_071_broken() {
    let m = Market::comparing().await;
    broken(m.award(1, None, &[]).await, "award-reason-missing");
    broken(m.award(1, Some("  "), &["BR-071"]).await, "award-reason-missing");
    m.set_quote(2, &json!({"conforming": false})).await.ok();
    broken(m.award(2, None, &["BR-072"]).await, "award-reason-missing");
}

#[tokio::test]
async fn br_071_kept() {
    let m = Market::comparing().await;
    m.award(1, Some("Can start in May"), &[]).await.ok();
    let award = m.detail().await["rounds"][0]["award"].clone();
    assert_eq!(award["reason"], "Can start in May");
    Market::comparing().await.award(2, None, &[]).await.ok();
}

#[tokio::test]
async fn br_072_broken() {
    let m = Market::comparing().await;
    m.to_quote("withdraw", 0, json!({})).await.ok();
    broken(m.award(2, None, &[]).await, "too-few-quotes");
}

#[tokio::test]
async fn br_072_kept() {
    let m = Market::comparing().await;
    m.to_quote("withdraw", 0, json!({})).await.ok();
    m.award(2, None, &["BR-072"]).await.ok();
    Market::comparing().await.award(2, None, &[]).await.ok();
}

#[tokio::test]
async fn br_073_broken() {
    let m = Market::comparing().await;
    m.award(2, None, &[]).await.ok();
    // Cost that the award does not know of comes below a member.
    let edit = json!([{"op": "update-item", "id": m.items[0], "set": {"plugRate": null}},
        {"op": "add-item", "parentId": m.items[0], "set": {"description": "Extra", "unit": "m2",
            "quantity": "10", "plugRate": "5"}}]);
    m.p.edit(&edit).await;
    let before = m.p.totals().await;
    let refused = m.do_it("transfer", &json!({})).await;
    assert_eq!(refused.status.as_u16(), 422, "{}", refused.text);
    let violation = broken(refused, "award-transfer-mismatch");
    assert_eq!(violation["objects"][1], json!(m.items[0]));
    assert_eq!(m.p.totals().await, before);
    // Nor does an award land on a member that bears no cost any more.
    let m = Market::comparing().await;
    m.award(2, None, &[]).await.ok();
    let set = json!({"plugRate": null, "type": "excluded", "reason": "By others"});
    m.p.edit(&json!([{"op": "update-item", "id": m.items[0], "set": set}])).await;
    let refused = m.do_it("transfer", &json!({})).await;
    assert_eq!(refused.status.as_u16(), 422, "{}", refused.text);
    broken(refused, "award-transfer-mismatch");
}

#[tokio::test]
async fn br_073_kept() {
    let m = Market::comparing().await;
    m.award(2, None, &[]).await.ok();
    m.do_it("transfer", &json!({})).await.ok();
    let costs: Vec<Value> = {
        let detail = m.detail().await;
        detail["members"].as_array().unwrap().iter().map(|one| one["own"].clone()).collect()
    };
    assert_eq!(costs, [json!("31633.40"), json!("26614.70"), json!("5988.80")]);
}

#[tokio::test]
async fn br_074_broken() {
    let m = Market::draft().await;
    let code = "adjudication-transition-not-allowed";
    for what in ["compare", "transfer", "reopen"] {
        broken(m.do_it(what, &json!({})).await, code);
    }
    broken(m.set_quote(0, &json!({"gst": "exclusive"})).await, code);
    m.do_it("issue", &json!({})).await.ok();
    broken(m.do_it("delete", &json!({})).await, code);
    m.do_it("cancel", &json!({})).await.ok();
    for what in ["issue", "compare", "reopen", "cancel"] {
        broken(m.do_it(what, &json!({})).await, code);
    }
    let closed = Market::comparing().await;
    closed.award(2, None, &[]).await.ok();
    broken(closed.set_quote(0, &json!({"gst": "inclusive"})).await, code);
    broken(closed.do_it("cancel", &json!({})).await, code);
    closed.do_it("reopen", &json!({})).await.ok();
    // The old round is closed.
    broken(closed.set_quote(0, &json!({"gst": "inclusive"})).await, code);
}

#[tokio::test]
async fn br_074_kept() {
    let m = Market::comparing().await;
    m.award(2, None, &[]).await.ok();
    m.do_it("transfer", &json!({})).await.ok();
    m.do_it("reopen", &json!({})).await.ok();
    let detail = m.detail().await;
    let states: Vec<&Value> =
        detail["rounds"].as_array().unwrap().iter().map(|round| &round["state"]).collect();
    assert_eq!(states, ["transferred", "comparing"]);
    m.do_it("cancel", &json!({})).await.ok();
}
