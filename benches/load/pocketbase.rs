//! PocketBase, the appliance closest in kind: one binary, SQLite inside, an HTTP API and live
//! updates. It writes with `synchronous=NORMAL`: an answered write may be lost with the power.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use reqwest::{Client, Method};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::figures::{Figures, Measured, load};
use crate::place::{Folder, Peer, free_port};
use crate::process;
use crate::wire::Wire;

const CONNECTIONS: usize = 32;
/// Who hears of a change.
const SUBSCRIBERS: usize = 100;
/// Records to read and write; enough that no two connections meet often.
const RECORDS: usize = 1_000;
/// Changes told to every subscriber, one after the other.
const CHANGES: usize = 200;

pub async fn measure(figures: &mut Figures) {
    let folder = Folder::new("pocketbase");
    figures.add(starts(folder.path()));
    let (_peer, url) = start(folder.path()).await;
    let records = fill(&url).await;

    let paths: Vec<&str> = records.iter().filter_map(|record| record.strip_prefix(&url)).collect();
    let record = |at: usize, count: u64| paths[(at + count as usize * CONNECTIONS) % RECORDS];
    for connections in [1, CONNECTIONS] {
        let mut wires = wires(&url, connections).await;
        let update = load("PocketBase: one record updated", &mut wires, Method::PATCH, |at, n| {
            let body = json!({ "quantity": n % 1_000 }).to_string();
            (record(at, n).to_owned(), body.into_bytes())
        });
        figures.add(update.await);
    }
    let mut wires = wires(&url, CONNECTIONS).await;
    let read = load("PocketBase: one record read", &mut wires, Method::GET, |at, n| {
        (record(at, n).to_owned(), Vec::new())
    });
    figures.add(read.await);
    drop(wires);
    figures.add(live(&url, &records).await);
}

async fn wires(url: &str, connections: usize) -> Vec<Wire> {
    let mut wires = Vec::with_capacity(connections);
    for _ in 0..connections {
        wires.push(Wire::open(url, None).await);
    }
    wires
}

fn program() -> PathBuf {
    let tools =
        Path::new(env!("CARGO_MANIFEST_DIR")).join(".tools/pocketbase-0.40.6/bin/pocketbase");
    assert!(tools.exists(), "run `.ci/tools pocketbase` first");
    tools
}

/// From its start to its first answer, on an empty database.
fn starts(folder: &Path) -> Measured {
    let port = free_port();
    let data = folder.join("empty");
    let start = || serve(&format!("127.0.0.1:{port}"), &data);
    let name = "PocketBase: start to first answer, empty";
    process::starts(name, start, |_| format!("127.0.0.1:{port}"), "/api/health")
}

fn serve(address: &str, data: &Path) -> Child {
    Command::new(program())
        .args(["serve", "--http", address, "--dir"])
        .arg(data)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("PocketBase starts")
}

async fn start(folder: &Path) -> (Peer, String) {
    let data = folder.join("data");
    let made = Command::new(program())
        .args(["superuser", "upsert", "bench@example.test", "bench-password", "--dir"])
        .arg(&data)
        .stdout(Stdio::null())
        .status();
    assert!(made.is_ok_and(|status| status.success()), "PocketBase takes its first user");
    let address = format!("127.0.0.1:{}", free_port());
    let child = serve(&address, &data);
    let url = format!("http://{address}");
    let client = Client::new();
    let deadline = Instant::now() + Duration::from_secs(30);
    while client.get(format!("{url}/api/health")).send().await.is_err() {
        assert!(Instant::now() < deadline, "PocketBase does not answer");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    (Peer(child), url)
}

/// A collection that anyone may read and write, so that no sign-in is measured; the addresses
/// of its records.
async fn fill(url: &str) -> Vec<String> {
    let client = Client::new();
    let sign_in = json!({ "identity": "bench@example.test", "password": "bench-password" });
    let token = ask(client
        .post(format!("{url}/api/collections/_superusers/auth-with-password"))
        .json(&sign_in))
    .await["token"]
        .as_str()
        .expect("a token")
        .to_owned();
    let collection = json!({
        "name": "items", "type": "base",
        "listRule": "", "viewRule": "", "createRule": "", "updateRule": "",
        "fields": [
            { "name": "description", "type": "text" },
            { "name": "quantity", "type": "number" },
            { "name": "rate", "type": "number" },
        ],
    });
    ask(client.post(format!("{url}/api/collections")).bearer_auth(token).json(&collection)).await;
    let records = format!("{url}/api/collections/items/records");
    let mut found = Vec::with_capacity(RECORDS);
    for n in 0..RECORDS {
        let record = json!({ "description": format!("Item {n}"), "quantity": n, "rate": 12.5 });
        let made = ask(client.post(&records).json(&record)).await;
        found.push(format!("{records}/{}", made["id"].as_str().expect("an id")));
    }
    found
}

/// From sending a change to the last subscriber having heard of it.
async fn live(url: &str, records: &[String]) -> Measured {
    let (heard, mut hearing) = mpsc::unbounded_channel();
    for _ in 0..SUBSCRIBERS {
        let heard = heard.clone();
        let (url, client) = (url.to_owned(), Client::new());
        let mut stream = client.get(format!("{url}/api/realtime")).send().await.expect("a stream");
        let mut text = String::new();
        let id = loop {
            let chunk = stream.chunk().await.expect("the stream lasts").expect("it greets");
            text.push_str(&String::from_utf8_lossy(&chunk));
            if let Some(rest) = text.split("\"clientId\":\"").nth(1)
                && let Some((id, _)) = rest.split_once('"')
            {
                break id.to_owned();
            }
        };
        let subscribe = json!({ "clientId": id, "subscriptions": ["items/*"] });
        answered(client.post(format!("{url}/api/realtime")).json(&subscribe)).await;
        tokio::spawn(async move {
            while let Ok(Some(chunk)) = stream.chunk().await {
                let events = String::from_utf8_lossy(&chunk).matches("event:items/*").count();
                for _ in 0..events {
                    let _ = heard.send(Instant::now());
                }
            }
        });
    }
    let client = Client::new();
    let mut latencies = Vec::with_capacity(CHANGES);
    let from = Instant::now();
    for (n, record) in records.iter().take(CHANGES).enumerate() {
        let started = Instant::now();
        answered(client.patch(record).json(&json!({ "quantity": n + 5_000 }))).await;
        let mut last = started;
        for _ in 0..SUBSCRIBERS {
            let wait = tokio::time::timeout(Duration::from_secs(5), hearing.recv());
            last = last.max(wait.await.expect("every subscriber hears").expect("they are there"));
        }
        latencies.push(last - started);
    }
    let name = format!("PocketBase: a change heard by {SUBSCRIBERS} subscribers");
    Measured { name, connections: SUBSCRIBERS, wall: from.elapsed(), latencies }
}

async fn answered(request: reqwest::RequestBuilder) {
    drop(body(request).await);
}

async fn ask(request: reqwest::RequestBuilder) -> Value {
    serde_json::from_slice(&body(request).await).expect("PocketBase answers in JSON")
}

async fn body(request: reqwest::RequestBuilder) -> Vec<u8> {
    let answer = request.send().await.expect("PocketBase answers");
    let (status, url) = (answer.status(), answer.url().clone());
    let body = answer.bytes().await.expect("the answer is whole");
    assert!(status.is_success(), "{url}: {status}: {}", String::from_utf8_lossy(&body));
    body.to_vec()
}
