//! A client that does not keep up is dropped and told why; nobody else waits for it.

use crate::http_support::{Priced, fresh};
use crate::live_support::Live;
use serde_json::{Value, json};

/// Edits that change enough rows for each delta to weigh something.
const ITEMS: usize = 100;
/// Commits until even large socket buffers and the queue behind them are full.
const COMMITS: usize = 400;

#[tokio::test]
async fn a_slow_client_is_dropped_and_the_others_hear_everything() {
    let p = Priced::start().await;
    let items: Vec<String> = (0..ITEMS).map(|_| fresh()).collect();
    let edits: Vec<Value> = items
        .iter()
        .enumerate()
        .map(|(n, item)| p.add_item(item, &format!("1.{n}"), "1", "1"))
        .collect();
    p.lead.post(&p.at("/edits"), &json!({"edits": edits})).await.ok();

    let mut slow = Live::open(&p.app, &p.lead).await;
    let mut quick = Live::open(&p.app, &p.lead).await;
    slow.follow(&p.estimate, None).await;
    quick.follow(&p.estimate, None).await;

    let listening = tokio::spawn(async move {
        let mut heard = 0;
        while heard < COMMITS {
            quick.hear_of("delta").await;
            heard += 1;
        }
        quick
    });
    let mut newest = None;
    for n in 0..COMMITS {
        let quantity = format!("{}", n + 2);
        let edits: Vec<Value> = items
            .iter()
            .map(|item| json!({"op": "update-item", "id": item, "set": {"quantity": quantity}}))
            .collect();
        newest = p.lead.post(&p.at("/edits"), &json!({"edits": edits})).await.ok()["lsn"].as_u64();
    }
    listening.await.expect("the quick client heard every commit");

    let (heard, frame) = slow.all().await;
    let last = heard.iter().rfind(|said| said["type"] == "delta");
    let last = last.expect("it heard some")["lsn"].as_u64();
    assert!(last.is_some() && last < newest, "it was not dropped: {last:?} of {newest:?}");
    // Where there was room left to tell it why.
    if let Some(frame) = frame {
        assert_eq!(u16::from(frame.code), 4000);
        assert_eq!(frame.reason.as_str(), "the client did not keep up");
    }
}
