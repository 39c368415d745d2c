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
    let ask = json!({"asOf": stored["lsn"].to_string(), "reason": "The quantity was right"});
    let made = p.lead.post(&p.at("/restore"), &ask).await.ok();
    let at = format!("/estimates/{}", made["id"].as_str().unwrap());
    let totals = p.lead.get(&at).await.ok()["totals"].clone();
    assert_eq!((&totals["direct"], &totals["indirect"]), (&stored["direct"], &stored["indirect"]));
    let price = p.lead.get(&format!("{at}/commercials")).await.ok()["price"].clone();
    assert_eq!(price, commercials["price"], "rules came along");
}
