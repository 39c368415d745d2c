//! A hundred people in one estimate: all of them hear what ten of them change, fifty times a second.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use parking_lot::Mutex;
use reqwest::Method;
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use uuid::Uuid;

use crate::figures::{Figures, Measured};
use crate::harness::{Client, TestApp};
use crate::place::Folder;
use crate::process;
use crate::wire::Wire;

/// Who hears of a change.
const PEOPLE: usize = 100;
/// Who makes changes.
const EDITORS: usize = 10;
/// Changes in a second, by all of them together.
const EDITS_PER_SECOND: u64 = 50;
/// Items of the estimate.
const ITEMS: usize = 2_000;
/// How long they work, in seconds, where `OXFLOW_TOGETHER_SECONDS` says nothing else.
const SECONDS: u64 = 30;
/// Longest wait for a connection, and for the last change to arrive.
const PATIENCE: Duration = Duration::from_secs(10);

/// When a client heard of each commit.
type Heard = Arc<Mutex<BTreeMap<u64, Instant>>>;

pub async fn measure(figures: &mut Figures) {
    let seconds = std::env::var("OXFLOW_TOGETHER_SECONDS").ok();
    let seconds = seconds.map_or(SECONDS, |text| text.parse().expect("a number of seconds"));
    let folder = Folder::new("together");
    let app = TestApp::start_in(folder.path()).await;
    let admin = app.sign_in("admin").await;
    let (estimate, items) = laid_out(&admin).await;
    let mut people = Vec::with_capacity(PEOPLE);
    for _ in 0..PEOPLE {
        people.push(listening(&app, &admin, &estimate).await);
    }
    let before = process::memory_bytes(&app);

    let edits = EDITS_PER_SECOND * seconds;
    let began = Instant::now();
    let work = (0..EDITORS).map(|editor| {
        let (origin, cookie) = (app.origin(), admin.cookie().to_owned());
        let path = format!("/api/v1/estimates/{estimate}/edits");
        let items = &items;
        async move {
            let mut wire = Wire::open(&origin, Some(&cookie)).await;
            let mut sent = Vec::new();
            for edit in (editor as u64..edits).step_by(EDITORS) {
                let due = began + Duration::from_millis(edit * 1_000 / EDITS_PER_SECOND);
                tokio::time::sleep_until(due.into()).await;
                let item = items[edit as usize * 37 % items.len()];
                let set = json!({ "quantity": (edit % 997 + 1).to_string() });
                let edits = json!([{ "op": "update-item", "id": item, "set": set }]);
                let body = json!({ "edits": edits }).to_string();
                // Counted from when it was due: a server that falls behind is late for all of them.
                wire.ask(&Method::POST, &path, body.as_bytes()).await;
                let lsn = lsn_of(wire.answered()).expect("an edit is a commit");
                sent.push((lsn, due));
            }
            sent
        }
    });
    let sent = futures_util::future::join_all(work).await.concat();
    let wall = began.elapsed();
    let latencies: Vec<Vec<Duration>> = caught_up(&people, &sent).await;
    let grown = process::memory_bytes(&app).saturating_sub(before);

    let of = |client: &Vec<Duration>| {
        let mut sorted = client.clone();
        sorted.sort_unstable();
        sorted[sorted.len() * 99 / 100]
    };
    let slowest = latencies.iter().max_by_key(|client| of(client)).expect("there are people");
    let rate = format!("{EDITORS} editors, {EDITS_PER_SECOND} changes a second");
    let one =
        |name: String, connections, latencies| Measured { name, connections, wall, latencies };
    figures.add(one(format!("oxFlow: {rate}, heard by the slowest of all"), 1, slowest.clone()));
    figures.add(one(format!("oxFlow: {rate}, heard by each"), PEOPLE, latencies.concat()));
    figures.size(
        format!("oxFlow: memory grown by {PEOPLE} people in {} changes", sent.len()),
        format!("{} kB", grown / 1_000),
    );
}

/// Every client's latency of every change; fails where one was dropped or did not hear of one.
async fn caught_up(people: &[Heard], sent: &[(u64, Instant)]) -> Vec<Vec<Duration>> {
    let deadline = Instant::now() + PATIENCE;
    let missing = |heard: &Heard| {
        let heard = heard.lock();
        sent.iter().filter(|(lsn, _)| !heard.contains_key(lsn)).count()
    };
    while people.iter().any(|heard| missing(heard) > 0) {
        let worst = people.iter().map(missing).max().unwrap_or_default();
        assert!(Instant::now() < deadline, "somebody never heard of {worst} changes");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let of = |heard: &Heard| {
        let heard = heard.lock();
        sent.iter().map(|(lsn, due)| heard[lsn].saturating_duration_since(*due)).collect()
    };
    people.iter().map(of).collect()
}

/// Somebody who follows the estimate and answers pings.
async fn listening(app: &TestApp, client: &Client, estimate: &str) -> Heard {
    let mut request = app.live_url().into_client_request().expect("an address");
    let cookie = client.cookie().parse().expect("a cookie is a header");
    request.headers_mut().insert("cookie", cookie);
    let (mut socket, _) = tokio_tungstenite::connect_async(request).await.expect("it opens");
    let subscribe = json!({ "type": "subscribe", "estimateId": estimate }).to_string();
    socket.send(Message::text(subscribe)).await.expect("it listens");
    let heard = Heard::default();
    let (keeps, (ready, is_ready)) = (heard.clone(), tokio::sync::oneshot::channel());
    let mut ready = Some(ready);
    tokio::spawn(async move {
        while let Some(Ok(message)) = socket.next().await {
            let Ok(text) = message.to_text() else { continue };
            if text.starts_with(r#"{"type":"delta""#) {
                let lsn = lsn_of(text.as_bytes()).expect("a delta is of a commit");
                keeps.lock().insert(lsn, Instant::now());
            } else if text.starts_with(r#"{"type":"ping""#) {
                let _ = socket.send(Message::text(r#"{"type":"pong"}"#)).await;
            } else if text.starts_with(r#"{"type":"subscribed""#) {
                ready.take().map(|ready| ready.send(()));
            }
        }
    });
    tokio::time::timeout(PATIENCE, is_ready).await.expect("an answer").expect("it follows");
    heard
}

/// The number after the first `"lsn":`, without reading the rest: the client shares the processors.
fn lsn_of(text: &[u8]) -> Option<u64> {
    const NAME: &[u8] = br#""lsn":"#;
    let at = text.windows(NAME.len()).position(|window| window == NAME)?;
    let digits = text[at + NAME.len()..].iter().take_while(|byte| byte.is_ascii_digit());
    digits.fold(None, |number: Option<u64>, digit| {
        Some(number.unwrap_or_default() * 10 + u64::from(digit - b'0'))
    })
}

/// An estimate of [`ITEMS`] items under one heading.
async fn laid_out(admin: &Client) -> (String, Vec<Uuid>) {
    let tender = json!({ "number": "T-TOGETHER", "name": "A hundred people" });
    let tender = admin.post("/tenders", &tender).await.ok();
    let estimate = tender["estimates"][0]["id"].as_str().expect("an estimate").to_owned();
    let path = format!("/estimates/{estimate}/edits");
    let heading = Uuid::now_v7();
    let first = json!([{ "op": "add-heading", "id": heading, "place": "last", "name": "Works" }]);
    admin.post(&path, &json!({ "edits": first })).await.ok();
    let items: Vec<Uuid> = (0..ITEMS).map(|_| Uuid::now_v7()).collect();
    let adding = |(at, id): (usize, &Uuid)| {
        let set = json!({
            "type": "schedule", "code": (at + 1).to_string(), "description": format!("Item {at}"),
            "unit": "m3", "quantity": "10", "plugRate": "12.5000", "plugType": "material",
        });
        json!({ "op": "add-item", "id": id, "parentId": heading, "place": "last", "set": set })
    };
    let all: Vec<_> = items.iter().enumerate().map(adding).collect();
    for batch in all.chunks(1_000) {
        admin.post(&path, &json!({ "edits": batch })).await.ok();
    }
    (estimate, items)
}
