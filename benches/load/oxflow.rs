//! oxFlow itself, over its HTTP API, on an estimate of 100,000 items under five levels of
//! headings: the same shape that Postgres is given.

use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use uuid::Uuid;

use crate::figures::{Figures, Measured, load};
use crate::harness::{Client, TestApp};
use crate::place::Folder;
use crate::process;
use crate::wire::Wire;

const CONNECTIONS: usize = 32;
const UPDATING: [usize; 3] = [1, CONNECTIONS, 64];
/// Who hears of a change.
const SUBSCRIBERS: usize = 100;
const LEVELS: u32 = 5;
/// Headings in a heading, and items in a heading of the last level.
const WIDTH: usize = 10;
/// Edits in one request while the estimate is laid out.
const BATCH: usize = 1_000;
/// Changes told to every subscriber, one after the other.
const CHANGES: usize = 200;
/// How long a server has had nothing to do when its memory is measured.
const REST: Duration = Duration::from_secs(5);
/// Rows of the window that a screen asks for.
const WINDOW: usize = 100;

pub async fn measure(figures: &mut Figures) {
    let folder = Folder::new("oxflow");
    if let Some(bytes) = process::binary_bytes() {
        figures.size("oxFlow: release binary, stripped", megabytes(bytes));
    }
    process::oxflow_starts(
        figures,
        "oxFlow: start to first answer, empty",
        &folder.path().join("empty"),
    );
    let mut app = TestApp::start_in(folder.path()).await;
    tokio::time::sleep(REST).await;
    figures.size("oxFlow: memory at rest, empty", megabytes(process::memory_bytes(&app)));
    let (estimate, items) = lay_out(&app.sign_in("admin").await).await;
    let rows = format!("/api/v1/estimates/{estimate}/rows");
    let edits = format!("/api/v1/estimates/{estimate}/edits");

    let admin = app.sign_in("admin").await;
    let origin = app.origin();
    for connections in UPDATING {
        let mut wires = wires(&origin, &admin, connections).await;
        let name = "oxFlow: one item updated, totals above live";
        let update = load(name, &mut wires, Method::POST, |at, count| {
            let item = items[(at * 7_919 + count as usize * connections) % items.len()];
            (edits.clone(), quantity(item, count % 1_000 + 1).to_string().into_bytes())
        });
        figures.add(update.await);
    }
    let mut wires = wires(&origin, &admin, CONNECTIONS).await;
    let read = load("oxFlow: one row read", &mut wires, Method::GET, |at, count| {
        let item = items[(at + count as usize * CONNECTIONS) % items.len()];
        (format!("{rows}/{item}"), Vec::new())
    });
    figures.add(read.await);
    let total = items.len();
    let window = load("oxFlow: a window of 100 rows read", &mut wires, Method::GET, |at, count| {
        let offset = (at * 7_919 + count as usize * 997) % (total - WINDOW);
        (format!("{rows}?offset={offset}&limit={WINDOW}"), Vec::new())
    });
    figures.add(window.await);
    drop(wires);
    let mut clients = Vec::new();
    for _ in 0..SUBSCRIBERS {
        clients.push(admin.clone());
    }
    figures.add(live(&app, &clients, &estimate, &items).await);
    figures.add(opened_cold(&mut app, &estimate, items.len()).await);
    memory(figures, &mut app, &estimate, items.len()).await;
    app.kill();
    let name = format!("oxFlow: start to first answer, {} items", items.len());
    process::oxflow_starts(figures, &name, app.data());
}

/// What an estimate takes once it is loaded, by the process's own count.
async fn memory(figures: &mut Figures, app: &mut TestApp, estimate: &str, items: usize) {
    app.restart().await;
    let client = app.sign_in("admin").await;
    let before = process::memory_bytes(app);
    client.get(&format!("/estimates/{estimate}/rows?limit={WINDOW}")).await.ok();
    let bytes = process::memory_bytes(app).saturating_sub(before);
    figures.size(
        format!("oxFlow: memory for each of {items} items loaded"),
        format!("{} B", bytes / items as u64),
    );
}

fn megabytes(bytes: u64) -> String {
    format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000)
}

async fn wires(origin: &str, client: &Client, connections: usize) -> Vec<Wire> {
    let mut wires = Vec::with_capacity(connections);
    for _ in 0..connections {
        wires.push(Wire::open(origin, Some(client.cookie())).await);
    }
    wires
}

fn quantity(item: Uuid, quantity: u64) -> Value {
    json!({ "edits": [{ "op": "update-item", "id": item, "set": { "quantity": quantity.to_string() } }] })
}

/// Headings ten by ten down to the fifth level, ten items in each of the last; the items.
async fn lay_out(admin: &Client) -> (String, Vec<Uuid>) {
    let tender = json!({ "number": "T-100000", "name": "A hundred thousand items" });
    let tender = admin.post("/tenders", &tender).await.ok();
    let estimate = tender["estimates"][0]["id"].as_str().expect("an estimate").to_owned();
    let path = format!("/estimates/{estimate}/edits");
    let mut edits = Vec::new();
    let mut level = vec![Uuid::now_v7()];
    edits.push(json!({
        "op": "add-heading", "id": level[0], "place": "last", "name": "Works",
    }));
    for depth in 2..=LEVELS {
        let mut below = Vec::with_capacity(level.len() * WIDTH);
        for parent in &level {
            for n in 1..=WIDTH {
                let id = Uuid::now_v7();
                edits.push(json!({
                    "op": "add-heading", "id": id, "parentId": parent,
                    "place": "last", "name": format!("Part {depth}.{n}"),
                }));
                below.push(id);
            }
        }
        level = below;
    }
    let mut items = Vec::with_capacity(level.len() * WIDTH);
    for parent in &level {
        for n in 1..=WIDTH {
            let id = Uuid::now_v7();
            edits.push(json!({
                "op": "add-item", "id": id, "parentId": parent, "place": "last",
                "set": {
                    "type": "schedule", "code": (items.len() + 1).to_string(),
                    "description": format!("Item {n}"), "unit": "m3",
                    "quantity": (n * 7 % 97 + 1).to_string(),
                    "plugRate": "12.5000", "plugType": "material",
                },
            }));
            items.push(id);
        }
    }
    for batch in edits.chunks(BATCH) {
        admin.post(&path, &json!({ "edits": batch })).await.ok();
    }
    (estimate, items)
}

/// From sending a change to the last subscriber having its totals.
async fn live(app: &TestApp, clients: &[Client], estimate: &str, items: &[Uuid]) -> Measured {
    let (heard, mut hearing) = mpsc::unbounded_channel();
    for client in clients {
        let mut request = app.live_url().into_client_request().expect("an address");
        let cookie = client.cookie().parse().expect("a cookie is a header");
        request.headers_mut().insert("cookie", cookie);
        let (mut socket, _) = tokio_tungstenite::connect_async(request).await.expect("it opens");
        let subscribe = json!({ "type": "subscribe", "estimateId": estimate }).to_string();
        socket.send(Message::text(subscribe)).await.expect("it listens");
        let heard = heard.clone();
        tokio::spawn(async move {
            while let Some(Ok(message)) = socket.next().await {
                let Ok(text) = message.to_text() else { continue };
                let now = Instant::now();
                let kind = serde_json::from_str::<Value>(text).unwrap_or_default();
                match kind["type"].as_str() {
                    Some("ping") => {
                        let _ = socket.send(Message::text(r#"{"type":"pong"}"#)).await;
                    }
                    Some(kind @ ("subscribed" | "delta")) => {
                        let _ = heard.send((kind == "delta", now));
                    }
                    Some(_) | None => {}
                }
            }
        });
    }
    let mut told = async |delta: bool| {
        let mut last = None;
        for _ in 0..clients.len() {
            let wait = tokio::time::timeout(Duration::from_secs(5), hearing.recv());
            let (is_delta, at) = wait.await.expect("every subscriber hears").expect("it is there");
            assert_eq!(is_delta, delta, "a subscriber heard something else");
            last = last.max(Some(at));
        }
        last.expect("there are subscribers")
    };
    told(false).await;
    let path = format!("/estimates/{estimate}/edits");
    let mut latencies = Vec::with_capacity(CHANGES);
    let from = Instant::now();
    for n in 0..CHANGES {
        let started = Instant::now();
        clients[0].post(&path, &quantity(items[n * 37], n as u64 + 2_000)).await.ok();
        latencies.push(told(true).await - started);
    }
    let name = format!("oxFlow: a change heard by {SUBSCRIBERS} subscribers");
    Measured { name, connections: SUBSCRIBERS, wall: from.elapsed(), latencies }
}

/// From the first request after a start to its answer: every row read, every figure rolled up.
async fn opened_cold(app: &mut TestApp, estimate: &str, items: usize) -> Measured {
    let mut latencies = Vec::new();
    for _ in 0..5 {
        app.restart().await;
        let client = app.sign_in("admin").await;
        let started = Instant::now();
        client.get(&format!("/estimates/{estimate}/rows?limit={WINDOW}")).await.ok();
        latencies.push(started.elapsed());
    }
    let wall = latencies.iter().sum();
    let name = format!("oxFlow: {items} items opened cold and rolled up");
    Measured { name, connections: 1, wall, latencies }
}
