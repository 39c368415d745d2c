//! From cost to price over HTTP: rules, their order, rate locks, what-ifs, undo, and who may.

use crate::http_support::{Priced, fresh};
use serde_json::{Value, json};

/// Two lines of 1,000.00 each and a site cost of 100.00.
async fn costed() -> (Priced, [String; 3]) {
    let p = Priced::start().await;
    let first = p.item("1.1", "100", "10").await;
    let second = p.item("1.2", "50", "20").await;
    let site = fresh();
    let mut body = p.new_item(&site, "I.1", "1", "100");
    body["set"]["type"] = json!("normal");
    body["set"]["indirect"] = json!(true);
    p.lead.post(&p.at("/items"), &body).await.ok();
    (p, [first, second, site])
}

fn rule(name: &str, nature: &str, kind: &Value) -> Value {
    json!({"op": "add-rule", "id": fresh(),
        "set": {"name": name, "nature": nature, "kind": kind}})
}

async fn apply(p: &Priced, edits: &[Value]) -> Value {
    p.lead.post(&p.at("/edits"), &json!({"edits": edits})).await.ok()
}

async fn commercials(p: &Priced) -> Value {
    p.lead.get(&p.at("/commercials")).await.ok()
}

#[tokio::test]
async fn rules_form_a_price_that_follows_every_edit() {
    let (p, [first, _, site]) = costed().await;
    let cost = commercials(&p).await;
    assert_eq!((&cost["version"], &cost["price"]["totalEx"]), (&json!(0), &json!("2000.00")));
    assert_eq!(cost["violations"][0]["rule"], "BR-081", "{cost}");

    let spread = rule("Site", "cost", &json!({"type": "spread-indirect", "items": [site]}));
    let overhead = rule("Overhead", "margin", &json!({"type": "percent-markup", "percent": "10"}));
    apply(&p, &[spread, overhead]).await;
    let priced = commercials(&p).await;
    assert_eq!(priced["violations"], json!([]));
    assert_eq!(priced["rules"][1]["set"]["sequence"], 20);
    assert_eq!(priced["rules"][1]["baseTotal"], "2100.00");
    assert_eq!(priced["rules"][1]["amount"], "210.00");
    let price = &priced["price"];
    assert_eq!(
        (&price["totalEx"], &price["gst"], &price["totalInc"]),
        (&json!("2310.00"), &json!("346.50"), &json!("2656.50"))
    );
    assert_eq!((&price["margin"], &price["costTotal"]), (&json!("210.00"), &json!("2100.00")));

    let set = json!({"op": "update-item", "id": first, "set": {"quantity": "200"}});
    apply(&p, &[set]).await;
    // 2000 + 1000 + 100, and a tenth: 3410.00; the rates rounded to the cent come to 0.50 more.
    let price = commercials(&p).await["price"].clone();
    assert_eq!((&price["totalEx"], &price["misclose"]), (&json!("3410.50"), &json!("-0.50")));
    let items = p.lead.get(&p.at("/commercials/items?limit=1")).await.ok();
    assert_eq!((&items["total"], &items["items"][0]["code"]), (&json!(2), &json!("1.1")));
    assert_eq!(items["items"][0]["shares"], json!(["66.67", "206.67"]));
    assert_eq!(items["items"][0]["rate"], "11.37");
    assert_eq!(items["items"][0]["amount"], "2274.00");
}

#[tokio::test]
async fn locking_a_rate_moves_money_and_keeps_the_price() {
    let (p, [first, ..]) = costed().await;
    let lump = fresh();
    let mut body = p.new_item(&lump, "1.3", "1", "500");
    body["set"]["unit"] = json!("LS");
    p.lead.post(&p.at("/items"), &body).await.ok();
    let profit = rule("Profit", "margin", &json!({"type": "percent-margin", "percent": "20"}));
    let terms = json!({"op": "update-terms", "balancingItemId": lump});
    apply(&p, &[profit, terms]).await;
    assert_eq!(commercials(&p).await["price"]["totalEx"], "3125.00");
    let lock = json!({"op": "update-item", "id": first, "set": {"lockedSellRate": "9.00"}});
    apply(&p, &[lock]).await;
    let locked = commercials(&p).await;
    assert_eq!(locked["price"]["totalEx"], "3125.00");
    assert_eq!(locked["belowCostCount"], 1);
    assert_eq!(locked["belowCost"][0]["sell"], "900.00");
    // All lines locked: nowhere for the difference to go (BR-083).
    let items = p.lead.get(&p.at("/commercials/items")).await.ok();
    let edits: Vec<Value> = items["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| json!({"op": "update-item", "id": item["id"], "set": {"lockedSellRate": "9"}}))
        .collect();
    let refused = p.lead.post(&p.at("/edits"), &json!({"edits": edits})).await;
    refused.problem(422, "no-unlocked-items");
    assert_eq!(commercials(&p).await["belowCostCount"], 1, "nothing was changed");
}

#[tokio::test]
async fn the_chain_is_reordered_undone_and_kept_through_a_restart() {
    let (mut p, _) = costed().await;
    let lump = rule("Bond", "cost", &json!({"type": "lump-sum", "amount": "500"}));
    let markup = rule("Risk", "cost", &json!({"type": "percent-markup", "percent": "10"}));
    apply(&p, &[lump.clone(), markup.clone()]).await;
    assert_eq!(commercials(&p).await["rules"][1]["amount"], "250.00");
    let before = json!({"before": lump["id"]});
    let done = apply(&p, &[json!({"op": "move-rule", "id": markup["id"], "place": before})]).await;
    assert_eq!(done["label"], "Move a rule");
    let moved = commercials(&p).await;
    assert_eq!(moved["rules"][0]["set"]["name"], "Risk");
    assert_eq!(moved["rules"][0]["amount"], "200.00");
    p.lead.post(&p.at("/undo"), &json!({})).await.ok();
    assert_eq!(commercials(&p).await["rules"][1]["amount"], "250.00");
    p.lead.post(&p.at("/redo"), &json!({})).await.ok();
    // Several changes of one chain are taken back one by one.
    for amount in ["600", "700"] {
        let kind = json!({"type": "lump-sum", "amount": amount});
        apply(&p, &[json!({"op": "update-rule", "id": lump["id"], "set": {"kind": kind}})]).await;
    }
    for amount in ["600.00", "500.00"] {
        p.lead.post(&p.at("/undo"), &json!({})).await.ok();
        assert_eq!(commercials(&p).await["rules"][1]["amount"], amount);
    }
    let moved = commercials(&p).await;
    p.app.restart().await;
    p.lead = p.app.sign_in("lead-estimator").await;
    let kept = commercials(&p).await;
    assert_eq!(kept["rules"], moved["rules"]);
    let history = p.lead.get(&format!("/history/commercials/{}", p.estimate)).await.ok();
    assert_eq!(history["items"].as_array().unwrap().len(), 8, "{history}");
    p.app.kill();
    p.app.command(&["check"]);
}

#[tokio::test]
async fn broken_rules_are_refused_with_their_codes_and_change_nothing() {
    let (p, [first, ..]) = costed().await;
    apply(&p, &[rule("Bond", "cost", &json!({"type": "lump-sum", "amount": "500"}))]).await;
    let before = commercials(&p).await;
    let mut twice = rule("Again", "cost", &json!({"type": "lump-sum", "amount": "1"}));
    twice["set"]["sequence"] = json!(10);
    let mut bare = rule("Bare", "cost", &json!({"type": "lump-sum", "amount": "1"}));
    bare["set"].as_object_mut().unwrap().remove("nature");
    let mut early = rule("Target", "margin", &json!({"type": "target-total", "total": "9000"}));
    early["set"]["sequence"] = json!(1);
    let margin = json!({"type": "percent-margin", "percent": "100"});
    let mut forward = rule("Forward", "cost", &json!({"type": "percent-markup", "percent": "1"}));
    forward["set"]["base"] = json!({"type": "rules", "rules": [forward["id"]]});
    let tier = json!({"op": "update-terms", "tiers": [{"from": "0", "decimals": 5}]});
    for (edit, code) in [
        (twice, "rule-sequence-duplicate"),
        (bare, "rule-nature-missing"),
        (early, "target-rule-not-last"),
        (rule("All", "margin", &margin), "rule-percent-invalid"),
        (forward, "rule-base-invalid"),
        (tier, "sell-rate-precision-invalid"),
    ] {
        p.lead.post(&p.at("/edits"), &json!({"edits": [edit]})).await.problem(422, code);
    }
    assert_eq!(commercials(&p).await, before);
    let word = rule("Word", "cost", &json!({"type": "lump-sum", "amount": "much"}));
    p.lead
        .post(&p.at("/edits"), &json!({"edits": [word]}))
        .await
        .problem(422, "rule-percent-invalid");
    // Only a Lead changes the price (BR-115); everybody reads it.
    let estimator = p.app.sign_in("estimator").await;
    let edit = rule("Mine", "cost", &json!({"type": "lump-sum", "amount": "1"}));
    let lock = json!({"op": "update-item", "id": first, "set": {"lockedSellRate": "9"}});
    for edit in [edit, lock] {
        estimator
            .post(&p.at("/edits"), &json!({"edits": [edit]}))
            .await
            .problem(403, "commercials-role-required");
    }
    assert_eq!(estimator.get(&p.at("/commercials")).await.ok()["price"], before["price"]);
}

#[tokio::test]
async fn a_scenario_is_priced_and_not_kept() {
    let (p, _) = costed().await;
    let set = json!({"name": "Profit", "nature": "margin",
        "kind": {"type": "percent-markup", "percent": "25"}});
    let scenario = json!({"rules": [{"id": fresh(), "set": set}]});
    let tried = p.lead.post(&p.at("/commercials/preview"), &scenario).await.ok();
    assert_eq!(tried["price"]["totalEx"], "2500.00");
    let mut lump = p.new_item(&fresh(), "1.3", "1", "500");
    lump["set"]["unit"] = json!("LS");
    p.lead.post(&p.at("/items"), &lump).await.ok();
    apply(&p, &[json!({"op": "update-terms", "balancingItemId": lump["id"]})]).await;
    let before = commercials(&p).await;
    let mut tiered = scenario.clone();
    tiered["tiers"] = json!(vec![json!({"from": "0", "decimals": 2}); 1_000]);
    let tiers = tiered["tiers"].clone();
    let refused = p.lead.post(&p.at("/commercials/preview"), &tiered).await;
    let edit = json!({"edits": [{"op": "update-terms", "tiers": tiers}]});
    let saved = p.lead.post(&p.at("/edits"), &edit).await;
    assert_eq!((refused.status.as_u16(), saved.status.as_u16()), (413, 413), "{}", refused.text);
    let mut bare = scenario.clone();
    bare["balancingItemId"] = Value::Null;
    let at = p.at("/commercials/preview");
    assert_eq!(p.lead.post(&at, &scenario).await.ok()["balancingItemId"], lump["id"]);
    assert_eq!(p.lead.post(&at, &bare).await.ok()["balancingItemId"], Value::Null);
    assert_eq!(commercials(&p).await, before);
}

#[tokio::test]
async fn rows_tell_what_they_sell_for() {
    let (p, [first, second, site]) = costed().await;
    let spread = rule("Site", "cost", &json!({"type": "spread-indirect", "items": [site]}));
    apply(&p, &[spread]).await;
    let ids = json!({"ids": [p.heading, first, second, site, fresh()]});
    let told = p.lead.post(&p.at("/prices"), &ids).await.ok();
    let row = |id: &str, rate: &str, amount: &str| {
        let rate = if rate.is_empty() { Value::Null } else { json!(rate) };
        json!({"id": id, "rate": rate, "amount": amount, "counted": true})
    };
    let full = told["rows"].as_array().unwrap().iter().map(|told| {
        json!({"id": told["id"], "rate": told["rate"], "amount": told["amount"],
            "counted": told["counted"]})
    });
    assert_eq!(
        full.collect::<Vec<_>>(),
        [
            row(&p.heading, "", "2100.00"),
            row(&first, "10.50", "1050.00"),
            row(&second, "21.00", "1050.00"),
        ],
        "the site cost has no line of its own, and an unknown row no price"
    );
    assert_eq!(told["sum"]["totalEx"], "2100.00");
    assert_eq!(told["sum"]["marginPercent"], "0.0000");
    // An edit of one cost moves the others' prices.
    let set = json!({"op": "update-item", "id": site, "set": {"plugRate": "200"}});
    apply(&p, &[set]).await;
    let told = p.lead.post(&p.at("/prices"), &ids).await.ok();
    assert_eq!(told["rows"][1]["rate"], "11.00");
    assert_eq!(told["sum"]["totalEx"], "2200.00");
    let many: Vec<String> = (0..1_001).map(|_| fresh()).collect();
    p.lead.post(&p.at("/prices"), &json!({"ids": many})).await.problem(400, "invalid-request");
}
