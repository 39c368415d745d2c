//! Restoring an estimate to an earlier commit; the fault is planted in
//! `src/workspace/tests/invariants.rs`.

use super::offer::margin;
use crate::http_support::Priced;
use serde_json::json;

#[tokio::test]
async fn br_122_kept() {
    let p = Priced::active().await;
    let item = p.worked("1.1").await;
    p.edit(&margin("10")).await;
    let commercials = p.lead.get(&p.at("/commercials")).await.ok();
    let stored = p.lead.get(&p.at("/moments")).await.ok()["items"][0].clone();
    let body = json!({"set": {"quantity": "999"}});
    p.lead.patch(&p.at(&format!("/items/{item}")), &body).await.ok();
    // Rules that were others then come back by a Lead only.
    let other = p.app.sign_in("estimator").await;
    let before = p.lead.get(&p.at("/moments")).await.ok()["items"][2]["lsn"].to_string();
    let ask = json!({"asOf": before, "reason": "Without the margin"});
    other.post(&p.at("/restore"), &ask).await.problem(403, "commercials-role-required");
    let ask = json!({"asOf": stored["lsn"].to_string(), "reason": "The quantity was right"});
    let made = other.post(&p.at("/restore"), &ask).await.ok();
    let at = format!("/estimates/{}", made["id"].as_str().unwrap());
    let totals = p.lead.get(&at).await.ok()["totals"].clone();
    assert_eq!((&totals["direct"], &totals["indirect"]), (&stored["direct"], &stored["indirect"]));
    let price = p.lead.get(&format!("{at}/commercials")).await.ok()["price"].clone();
    assert_eq!(price, commercials["price"], "rules came along");
}
