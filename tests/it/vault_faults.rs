//! Faults of what the vault lies in, made to happen: it is away for long, and what lies there is
//! damaged.

use crate::harness::{Client, process::Server, s3::S3};
use crate::http_support::fresh;
use crate::vault_s3::vaulted;
use crate::vault_support::{Vaulted, admin_of, files, numbers, shipped, tender};
use reqwest::Method;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Seconds the store is away in a run of the tests; `OXFLOW_AWAY_SECONDS` sets another number (`make
/// soak` has 60).
const AWAY: u64 = 4;

fn away() -> Duration {
    let set = std::env::var("OXFLOW_AWAY_SECONDS").ok().and_then(|text| text.parse().ok());
    Duration::from_secs(set.unwrap_or(AWAY))
}

/// Makes tenders until told to stop; gives the numbers of those that were acknowledged.
async fn at_work(admin: Client, name: &'static str, stop: Arc<AtomicBool>) -> Vec<String> {
    let mut made = Vec::new();
    while !stop.load(Ordering::Acquire) {
        let number = format!("{name}-{}", made.len());
        tender(&admin, &number).await;
        made.push(number);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    made
}

/// The store is away while three people work, and comes back: nothing acknowledged is missing in
/// what is restored, and nothing is there twice.
async fn away_and_back(settings: &str) {
    let mut s3 = S3::start().await;
    let mut app = vaulted(&s3, settings).await;
    let admin = app.admin().await;
    tender(&admin, "T-1").await;
    shipped(&admin).await;
    let stop = Arc::new(AtomicBool::new(false));
    s3.freeze();
    let workers: Vec<_> = ["A", "B", "C"]
        .into_iter()
        .map(|name| tokio::spawn(at_work(admin.clone(), name, stop.clone())))
        .collect();
    tokio::time::sleep(away()).await;
    let state = admin.get("/vault").await.ok();
    assert!(state["lagCommits"].as_u64() > Some(0), "{state}");
    s3.thaw().await;
    stop.store(true, Ordering::Release);
    let mut made = vec!["T-1".to_owned()];
    for worker in workers {
        made.extend(worker.await.expect("every request was answered"));
    }
    made.sort_unstable();
    shipped(&admin).await;
    assert_eq!(numbers(&admin).await, made);
    app.server.kill();
    let back = app.restored("back", &[]);
    let server = Server::start(&["--auth", "development"], &back).await;
    assert_eq!(numbers(&admin_of(&server).await).await, made);
}

#[tokio::test]
async fn a_store_that_is_away_under_load_keeps_nobody_from_working() {
    away_and_back("flush_ms = 50").await;
}

#[tokio::test]
async fn in_sync_mode_work_waits_for_a_store_that_is_away_and_goes_on() {
    away_and_back("durability = \"sync\"\n[limits]\nrequest_seconds_max = 300").await;
}

#[tokio::test]
async fn a_change_the_vault_does_not_have_in_time_is_said_to_wait_and_made_once() {
    let mut s3 = S3::start().await;
    let settings = "durability = \"sync\"\n[limits]\nrequest_seconds_max = 5";
    let app = vaulted(&s3, settings).await;
    let admin = app.admin().await;
    s3.freeze();
    let key = fresh();
    let ask = || async {
        let request = admin.request(Method::POST, "/tenders").header("Idempotency-Key", &key);
        let answer = request.json(&json!({"number": "T-1", "name": "Kerbs"})).send().await;
        let answer = answer.expect("an answer");
        (answer.status().as_u16(), answer.json::<Value>().await.expect("JSON"))
    };
    let (status, said) = ask().await;
    assert_eq!((status, said["code"].as_str()), (504, Some("vault-awaited")), "{said}");
    s3.thaw().await;
    shipped(&admin).await;
    let (status, said) = ask().await;
    assert!(matches!(status, 200 | 201), "{status}: {said}");
    assert_eq!(numbers(&admin).await, ["T-1"]);
}

/// A way to damage an object, and what it is called.
type Damage = (&'static str, fn(&Path));

/// Ways an object is not what was stored.
fn damages() -> [Damage; 3] {
    let flip = |path: &Path| {
        let mut bytes = fs::read(path).expect("an object");
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(path, bytes).expect("it is written");
    };
    let cut = |path: &Path| {
        let bytes = fs::read(path).expect("an object");
        fs::write(path, &bytes[..bytes.len() / 2]).expect("it is written");
    };
    let empty = |path: &Path| fs::write(path, b"").expect("it is written");
    [("flipped", flip), ("cut", cut), ("emptied", empty)]
}

#[tokio::test]
async fn a_damaged_snapshot_or_lease_is_named_and_nothing_is_restored() {
    let mut app = Vaulted::start("flush_ms = 50").await;
    let admin = app.admin().await;
    tender(&admin, "T-1").await;
    crate::vault_support::until(&admin, |state| state["snapshot"].is_object()).await;
    tender(&admin, "T-2").await;
    shipped(&admin).await;
    assert_eq!(admin.post("/vault/snapshots", &json!({})).await.status, 202);
    crate::vault_support::until(&admin, |state| {
        state["snapshot"]["lsn"] == state["stored"] && state["snapshotAsked"] == false
    })
    .await;
    app.server.kill();
    let root = app.vault().join("default");
    let newest = |part: &str| -> PathBuf {
        let all = files(&root.join(part.split('/').next().unwrap_or_default()));
        let ending = part.rsplit('/').next().unwrap_or_default();
        let found = all.into_iter().rfind(|path| {
            path.file_name().is_some_and(|name| name.to_string_lossy().contains(ending))
        });
        found.unwrap_or_else(|| panic!("no {part}"))
    };
    for part in ["snap/part-", "snap/manifest", "lease/.json"] {
        let path = newest(part);
        let whole = fs::read(&path).expect("an object");
        let name = path.file_name().and_then(|name| name.to_str()).expect("a name").to_owned();
        for (how, damage) in damages() {
            // A bit of JSON that still reads as the same kind of thing is looked for elsewhere.
            if how == "flipped" && name.ends_with(".json") {
                continue;
            }
            damage(&path);
            let to = app.folder.path().join(format!("{name}-{how}"));
            let target = to.to_str().expect("a plain name").to_owned();
            let said = app.refused(&["restore", "--from", &app.url, "--to", &target]);
            assert!(said.contains(&name), "{name} {how}: {said}");
            let left = files(&to);
            let ledgers = left.iter().filter(|path| path.ends_with("ledger.redb"));
            assert_eq!(ledgers.count(), 0, "{name} {how}: {left:?}");
            fs::write(&path, &whole).expect("it is whole again");
        }
    }
    let back = app.restored("back", &[]);
    let server = Server::start(&["--auth", "development"], &back).await;
    assert_eq!(numbers(&admin_of(&server).await).await, ["T-1", "T-2"]);
}

#[tokio::test]
async fn a_clock_that_is_an_hour_off_loses_nothing_and_keeps_the_order() {
    let mut app = Vaulted::start("flush_ms = 50").await;
    let mut at = Vec::new();
    let mut made = Vec::new();
    for (number, off) in [("T-1", 0), ("T-2", 3_600), ("T-3", -3_600), ("T-4", 0)] {
        app.restart_off(off).await;
        let admin = app.admin().await;
        tender(&admin, number).await;
        made.push(number);
        at.push(shipped(&admin).await["stored"].as_u64().expect("a commit"));
        assert_eq!(numbers(&admin).await, made);
        let trail = admin.get("/audit?limit=200").await.ok();
        let times: Vec<&str> =
            trail["items"].as_array().unwrap().iter().filter_map(|e| e["at"].as_str()).collect();
        let mut newest_first: Vec<jiff::Timestamp> =
            times.iter().map(|at| at.parse().expect("a time")).collect();
        newest_first.reverse();
        assert!(newest_first.is_sorted(), "a later commit says an earlier time: {times:?}");
    }
    app.server.kill();
    let said = app.output(&["vault", "verify"]);
    assert!(said.contains("all as they should be"), "{said}");
    for (count, lsn) in at.iter().enumerate() {
        let name = format!("at-{lsn}");
        let to = app.restored(&name, &["--org", "default", "--at-lsn", &lsn.to_string()]);
        let server = Server::start(&["--auth", "development"], &to).await;
        assert_eq!(numbers(&admin_of(&server).await).await, made[..=count], "commit {lsn}");
    }
}
