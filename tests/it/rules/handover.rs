//! Hand-over of a won tender's budget.

use super::support::broken;
use crate::http_support::Priced;
use serde_json::json;

#[tokio::test]
async fn br_109_broken() {
    let p = Priced::submitted().await;
    broken(p.hand_over("once", "J-1").await, "handover-not-allowed");
}

#[tokio::test]
async fn br_109_kept() {
    let p = Priced::won().await;
    let first = p.hand_over("once", "J-1").await.ok();
    assert_eq!(p.hand_over("once", "J-1").await.ok()["id"], first["id"]);
    let all = p.lead.get(&format!("/tenders/{}/handovers", p.tender)).await.ok();
    assert_eq!(all["items"].as_array().map(Vec::len), Some(1));
    let path = format!("/files/{}", first["files"][0]["hash"].as_str().unwrap());
    let csv = p.lead.get(&path).await;
    assert_eq!(csv.text.lines().nth(1), Some("J-1,1,1,L,Labour,1000.00"));
}

#[tokio::test]
async fn br_110_broken() {
    let p = Priced::won().await;
    broken(p.hand_over("a", " ").await, "handover-code-unmapped");
    let deep = json!({"target": "workbench", "key": "b", "codes": {"job": "J-1", "sections":
        [{"section": "1", "subJob": "1.2.3.4.5.6", "activity": "EARTH"}]}});
    let answer = p.lead.post(&format!("/tenders/{}/handovers", p.tender), &deep).await;
    broken(answer, "handover-code-unmapped");
}

#[tokio::test]
async fn br_110_kept() {
    let p = Priced::won().await;
    let coded = json!({"target": "workbench", "key": "b", "codes": {"job": "J-1", "sections":
        [{"section": "1", "subJob": "1.2.3.4.5", "activity": "EARTH"}]}});
    let made = p.lead.post(&format!("/tenders/{}/handovers", p.tender), &coded).await.ok();
    assert_eq!((&made["costTotal"], &made["state"]), (&json!("1000.00"), &json!("prepared")));
}

#[tokio::test]
async fn br_111_kept() {
    let p = Priced::won().await;
    let made = p.hand_over("once", "J-1").await.ok();
    let sent = p.standing().await["submission"].clone();
    assert_eq!(made["totalEx"], sent["totalEx"]);
    let path = format!("/files/{}", made["files"][0]["hash"].as_str().unwrap());
    let csv = p.lead.get(&path).await.text;
    let budget = csv.lines().skip(1).map(|line| line.rsplit(',').next().unwrap().to_owned());
    assert_eq!(budget.collect::<Vec<_>>(), ["1000.00"], "{csv}");
    assert_eq!(made["costTotal"], "1000.00");
}
