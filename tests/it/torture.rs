//! What was acknowledged survives a kill at any moment.
//!
//! Several clients write to the real binary; it is killed (SIGKILL) at a random moment and
//! started again on its data, over and over. After each start everything that was acknowledged
//! must be there, what was not must be there as a whole or not at all, and the data folder must
//! pass `oxflow check` and `oxflow audit verify`.
//!
//! `OXFLOW_TORTURE_CYCLES` sets the number of kills, `OXFLOW_TORTURE_SEED` repeats the moments
//! of a run that failed.

use std::env;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Client, TestApp};

const CYCLES: u64 = 200;
const CLIENTS: usize = 4;
/// A kill comes this long after the clients start, at most.
const KILL_AFTER_MS_MAX: u64 = 120;
/// `oxflow check` and `oxflow audit verify` run after every so many kills, and after the last.
const CHECK_EVERY: u64 = 10;

/// One client's pair of items. Every edit sets both to the next number in one commit, so that
/// half a commit would show.
struct Pair {
    items: [String; 2],
    /// Greatest number whose commit was acknowledged.
    acknowledged: AtomicU64,
    /// Greatest number sent.
    sent: AtomicU64,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_acknowledged_commit_survives_a_kill_at_a_random_moment() {
    let number = |name: &str| env::var(name).ok().map(|text| text.parse().expect("a number"));
    let cycles: u64 = number("OXFLOW_TORTURE_CYCLES").unwrap_or(CYCLES);
    let mut chance = Chance(number("OXFLOW_TORTURE_SEED").unwrap_or_else(from_clock));
    println!("torture: {cycles} kills, OXFLOW_TORTURE_SEED={}", chance.0);

    let mut app = TestApp::start().await;
    let (estimate, pairs) = lay_out(&app.sign_in("admin").await).await;
    let newest = Arc::new(AtomicU64::new(0));
    let started = Instant::now();
    for cycle in 1..=cycles {
        let writing = write(&app, &estimate, &pairs, &newest).await;
        tokio::time::sleep(Duration::from_millis(chance.below(KILL_AFTER_MS_MAX))).await;
        app.kill();
        for client in writing {
            client.await.expect("a client ends when its server is gone");
        }
        if cycle % CHECK_EVERY == 0 || cycle == cycles {
            for command in [&["check"][..], &["audit", "verify"]] {
                let said = app.command(command);
                assert!(said.contains("default"), "cycle {cycle}: {said}");
            }
        }
        app.restart().await;
        let reader = app.sign_in("admin").await;
        verify(&reader, &estimate, &pairs, newest.load(Ordering::SeqCst), cycle).await;
    }
    let commits = newest.load(Ordering::SeqCst);
    println!("torture: {commits} commits, {cycles} kills in {:.1?}", started.elapsed());
    assert!(commits > cycles, "the clients hardly wrote: {commits} commits");
}

/// An estimate with a pair of items for each client.
async fn lay_out(admin: &Client) -> (String, Vec<Arc<Pair>>) {
    let tender =
        admin.post("/tenders", &json!({ "number": "T-1", "name": "Kill test" })).await.ok();
    let estimate = text(&tender["estimates"][0]["id"]);
    let units = admin.get("/units").await.ok();
    if !units["items"].as_array().is_some_and(|all| all.iter().any(|unit| unit["code"] == "m3")) {
        admin.post("/units", &json!({ "code": "m3", "name": "cubic metre" })).await.ok();
    }
    let mut pairs = Vec::new();
    for client in 0..CLIENTS {
        let add = |code: String| {
            json!({
                "op": "add-item", "place": "last",
                "set": {
                    "type": "schedule", "code": code, "description": "Written and killed",
                    "unit": "m3", "quantity": "1",
                },
            })
        };
        let heading = json!({
            "op": "add-heading", "place": "last", "name": format!("Client {client}"),
        });
        let result = edits(admin, &estimate, vec![heading]).await;
        let parent = text(&result["results"][0]["ids"][0]);
        let items = ["A", "B"].map(|side| {
            let mut item = add(format!("{client}{side}"));
            item["parentId"] = json!(parent);
            item
        });
        let result = edits(admin, &estimate, items.to_vec()).await;
        let items = [0, 1].map(|at| text(&result["results"][at]["ids"][0]));
        let pair = Pair { items, acknowledged: AtomicU64::new(0), sent: AtomicU64::new(0) };
        pairs.push(Arc::new(pair));
    }
    (estimate, pairs)
}

/// Starts the clients; each writes until its server is gone.
async fn write(
    app: &TestApp,
    estimate: &str,
    pairs: &[Arc<Pair>],
    newest: &Arc<AtomicU64>,
) -> Vec<tokio::task::JoinHandle<()>> {
    let mut writing = Vec::new();
    for pair in pairs {
        let client = app.sign_in("admin").await;
        let path = format!("/estimates/{estimate}/edits");
        let (pair, newest) = (Arc::clone(pair), Arc::clone(newest));
        writing.push(tokio::spawn(async move {
            loop {
                let next = pair.sent.fetch_add(1, Ordering::SeqCst) + 1;
                let set = |id: &String| {
                    json!({ "op": "update-item", "id": id, "set": { "quantity": next.to_string() } })
                };
                let body = json!({ "edits": pair.items.iter().map(set).collect::<Vec<_>>() });
                let Ok(answer) = client.try_send(Method::POST, &path, Some(&body)).await else {
                    return; // killed: this commit was never acknowledged
                };
                let lsn = answer.ok()["lsn"].as_u64().expect("a commit has a number");
                pair.acknowledged.store(next, Ordering::SeqCst);
                newest.fetch_max(lsn, Ordering::SeqCst);
            }
        }));
    }
    writing
}

/// Everything acknowledged is there; a commit that was not is there as a whole or not at all.
async fn verify(reader: &Client, estimate: &str, pairs: &[Arc<Pair>], newest: u64, cycle: u64) {
    for pair in pairs {
        let mut found = Vec::new();
        for item in &pair.items {
            let row = reader.get(&format!("/estimates/{estimate}/rows/{item}")).await.ok();
            let quantity = text(&row["quantity"]);
            let whole = quantity.split('.').next().and_then(|whole| whole.parse::<u64>().ok());
            found.push(whole.expect("a whole quantity"));
        }
        let acknowledged = pair.acknowledged.load(Ordering::SeqCst);
        let sent = pair.sent.load(Ordering::SeqCst);
        assert_eq!(found[0], found[1], "cycle {cycle}: half a commit");
        assert!(found[0] >= acknowledged, "cycle {cycle}: {acknowledged} lost, {} there", found[0]);
        assert!(found[0] <= sent, "cycle {cycle}: {} was never sent", found[0]);
    }
    let lsn = reader.get(&format!("/estimates/{estimate}")).await.ok()["lsn"].as_u64();
    assert!(lsn >= Some(newest), "cycle {cycle}: commit {newest} lost, the newest is {lsn:?}");
}

async fn edits(client: &Client, estimate: &str, edits: Vec<Value>) -> Value {
    client.post(&format!("/estimates/{estimate}/edits"), &json!({ "edits": edits })).await.ok()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

fn from_clock() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    since.as_nanos() as u64
}

/// SplitMix64: enough to spread kills, and the same for the same seed everywhere.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }
}
