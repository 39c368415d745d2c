//! What a vault does on a schedule: segments are merged, what is not needed goes, heads are signed,
//! the whole is restored as a drill.

use crate::harness::process::either;
use crate::vault_support::{Vaulted, admin_of, age, files, numbers, shipped, tender, until};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

const QUICK: &str = "flush_ms = 50";
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn named(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = files(folder);
    found.retain(|path| path.to_str().is_some_and(|path| path.ends_with(ending)));
    found
}

#[tokio::test]
async fn small_segments_are_merged_and_go_and_every_moment_stays() {
    let mut app = Vaulted::start(QUICK).await;
    let admin = app.admin().await;
    let all = ["T-1", "T-2", "T-3", "T-4"];
    let mut at = Vec::new();
    for number in all {
        tender(&admin, number).await;
        at.push(shipped(&admin).await["stored"].as_u64().expect("a commit"));
    }
    let wal = app.vault().join("default/wal");
    let small = named(&wal, ".seg");
    assert!(small.len() >= all.len(), "{small:?}");
    app.server.kill();
    age(&app.vault(), 3 * DAY);
    // Something newer seals the day; the server looks after the vault soon after its start.
    app.restart().await;
    let admin = app.admin().await;
    tender(&admin, "T-5").await;
    shipped(&admin).await;
    let merged = loop {
        let merged = named(&wal, ".day.seg");
        if !merged.is_empty() {
            break merged;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    assert_eq!(merged.len(), 1, "{merged:?}");
    assert!(small.iter().all(|path| path.exists()), "nothing goes before its time");

    // Once the merged one has been there for a while, what it replaces goes; by hand here.
    app.server.kill();
    age(&app.vault(), 2 * DAY);
    app.restart().await;
    let admin = app.admin().await;
    tender(&admin, "T-6").await;
    shipped(&admin).await;
    // Its own upkeep would be quicker.
    app.server.kill();
    let dry = app.output(&["vault", "prune", "--dry-run"]);
    let one = small[0].file_name().and_then(|name| name.to_str()).expect("a name");
    assert!(dry.contains(one) && dry.contains("merged into larger ones"), "{dry}");
    assert!(small.iter().all(|path| path.exists()), "a dry run removed something");
    app.output(&["vault", "prune"]);
    assert!(small.iter().all(|path| !path.exists()), "{small:?}");
    assert!(merged[0].exists());

    let said = app.output(&["vault", "verify"]);
    assert!(said.contains("all as they should be"), "{said}");
    for (count, lsn) in at.iter().enumerate() {
        let to =
            app.restored(&format!("at-{lsn}"), &["--org", "default", "--at-lsn", &lsn.to_string()]);
        let server = crate::harness::process::Server::start(&["--auth", "development"], &to).await;
        let found = numbers(&admin_of(&server).await).await;
        assert_eq!(found, &all[..=count], "commit {lsn}");
    }
}

#[tokio::test]
async fn a_merged_segment_that_does_not_hold_replaces_nothing() {
    let mut app = Vaulted::start(QUICK).await;
    let admin = app.admin().await;
    for number in ["T-1", "T-2", "T-3"] {
        tender(&admin, number).await;
        shipped(&admin).await;
    }
    app.server.kill();
    age(&app.vault(), 3 * DAY);
    app.restart().await;
    let admin = app.admin().await;
    tender(&admin, "T-4").await;
    shipped(&admin).await;
    let wal = app.vault().join("default/wal");
    while named(&wal, ".day.seg").is_empty() {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    app.server.kill();
    let merged = named(&wal, ".day.seg").remove(0);
    let mut bytes = fs::read(&merged).expect("an object");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&merged, bytes).expect("damage");
    age(&app.vault(), 2 * DAY);
    app.restart().await;
    let admin = app.admin().await;
    tender(&admin, "T-5").await;
    shipped(&admin).await;
    app.server.kill();
    let before = named(&wal, ".seg");
    let said = app.refused(&["vault", "prune", "--org", "default"]);
    assert!(said.contains("could not be read whole"), "{said}");
    assert_eq!(named(&wal, ".seg"), before, "what a damaged one should replace is gone");
}

#[tokio::test]
async fn a_restore_brings_the_whole_history_along_when_asked() {
    let mut app = Vaulted::start(QUICK).await;
    let admin = app.admin().await;
    tender(&admin, "T-1").await;
    until(&admin, |state| state["snapshot"].is_object()).await;
    // The next one lies in the middle of the log.
    tender(&admin, "T-2").await;
    shipped(&admin).await;
    assert_eq!(admin.post("/vault/snapshots", &serde_json::json!({})).await.status, 202);
    let taken = |state: &serde_json::Value| state["snapshot"]["lsn"] == state["stored"];
    let state = until(&admin, |state| taken(state) && state["snapshotAsked"] == false).await;
    let snapshot = state["snapshot"]["lsn"].as_u64().expect("a snapshot");
    tender(&admin, "T-3").await;
    shipped(&admin).await;
    app.server.kill();
    let plain = app.restored("plain", &[]);
    let whole = app.restored("whole", &["--history"]);
    for (folder, from) in [(&plain, snapshot), (&whole, 0)] {
        let said = crate::harness::process::output(
            &["check", "--data", folder.to_str().expect("plain")],
            folder,
        );
        assert!(said.contains("default"), "{said}");
        let server =
            crate::harness::process::Server::start(&["--auth", "development"], folder).await;
        assert_eq!(numbers(&admin_of(&server).await).await, ["T-1", "T-2", "T-3"], "from {from}");
    }
    let audited = |folder: &Path| {
        let folder = folder.to_str().expect("a plain name").to_owned();
        crate::harness::process::output(&["audit", "verify", "--data", &folder], app.folder.path())
    };
    assert_ne!(audited(&plain), audited(&whole), "the history did not come along");
}

#[tokio::test]
async fn a_drill_runs_by_itself_and_a_vault_that_cannot_be_restored_raises_the_alarm() {
    let app = Vaulted::start(&format!("{QUICK}\ndrill_interval = \"10s\"")).await;
    let admin = app.admin().await;
    tender(&admin, "T-1").await;
    shipped(&admin).await;
    let state = until(&admin, |state| state["drill"].is_object()).await;
    assert_eq!(state["drill"]["failure"], serde_json::Value::Null, "{state}");
    let said = app.output(&["vault", "status"]);
    assert!(said.contains("last drill") && !said.contains("FAILED"), "{said}");
    let public = state["publicKey"].as_str().expect("a key").to_owned();
    let state = until(&admin, |state| state["signed"].is_u64()).await;
    assert!(state["signed"].as_u64() >= Some(1), "{state}");
    let said = app.output(&["vault", "status"]);
    assert!(said.contains(&public), "{said}");

    // Whatever it begins with is not what was stored any more.
    spoil(&app.vault().join("default"));
    let state = until(&admin, |state| state["drill"]["failure"].is_string()).await;
    let why = state["drill"]["failure"].as_str().expect("a reason");
    assert!(why.contains("damaged") && (why.contains("snap/") || why.contains("wal/")), "{why}");
    let (said, failed) = either(&["vault", "status", "--org", "default"], app.data());
    assert!(failed && said.contains("its last drill failed"), "{said}");
    assert!(app.server.said().contains("the restore drill failed"), "{}", app.server.said());
    let page = metrics(&app).await;
    for line in [
        "oxflow_vault_drill_ok{organisation=\"default\"} 0",
        "oxflow_vault_lag_commits{organisation=\"default\"} 0",
        "oxflow_vault_lag_commits{organisation=\"_control\"} 0",
        "# TYPE oxflow_requests_total counter",
        "oxflow_requests_total{status=\"200\"}",
    ] {
        assert!(page.contains(line), "{line} is not in\n{page}");
    }
    // One for each drill there was meanwhile.
    assert!(!page.contains("oxflow_alarms_total{organisation=\"default\"} 0"), "{page}");
    // The list of organisations and people has its own; whoever looks after an organisation sees it.
    assert!(page.contains("oxflow_alarms_total{organisation=\"_control\"} 0"), "{page}");
    assert_eq!(state["directoryTrouble"], serde_json::Value::Null, "{state}");
    spoil(&app.vault().join("_control"));
    let state = until(&admin, |state| state["directoryTrouble"].is_string()).await;
    let why = state["directoryTrouble"].as_str().expect("a reason");
    assert!(why.contains("damaged"), "{why}");
    let page = metrics(&app).await;
    assert!(!page.contains("oxflow_alarms_total{organisation=\"_control\"} 0"), "{page}");
}

/// Flips a bit in each segment and part.
fn spoil(vault: &Path) {
    for object in files(vault) {
        let name = object.to_str().expect("a plain name");
        if name.ends_with(".seg") || name.contains("part-") {
            let mut bytes = fs::read(&object).expect("an object");
            let last = bytes.len() - 1;
            bytes[last] ^= 1;
            fs::write(&object, bytes).expect("damage");
        }
    }
}

async fn metrics(app: &Vaulted) -> String {
    let asked = crate::harness::http_client().get(format!("{}/metrics", app.server.url())).send();
    asked.await.expect("an answer").text().await.expect("text")
}

#[tokio::test]
async fn a_signed_head_that_is_not_what_was_signed_is_named() {
    let app = Vaulted::start(QUICK).await;
    let admin = app.admin().await;
    tender(&admin, "T-1").await;
    shipped(&admin).await;
    until(&admin, |state| state["signed"].is_u64()).await;
    let head = files(&app.vault().join("default/head")).pop().expect("a signed head");
    let text = fs::read_to_string(&head).expect("text");
    let at = text.find("\"hash\": \"").expect("a hash") + 9;
    let other = if &text[at..=at] == "0" { "1" } else { "0" };
    fs::write(&head, format!("{}{other}{}", &text[..at], &text[at + 1..])).expect("a forgery");
    let name = head.file_name().and_then(|name| name.to_str()).expect("a name");
    let to = app.folder.path().join("never");
    let to = to.to_str().expect("a plain name");
    let said = app.refused(&["restore", "--from", &app.url, "--to", to, "--org", "default"]);
    assert!(said.contains(name) && said.contains("signature"), "{said}");
    app.refused(&["vault", "verify", "--org", "default"]);
}

#[tokio::test]
async fn the_demonstration_has_a_vault_of_its_own() {
    let app = crate::harness::TestApp::demo().await;
    let admin = app.sign_in("admin").await;
    let state = until(&admin, |state| state["drill"].is_object()).await;
    assert_eq!(state["enabled"], true, "{state}");
    assert_eq!(state["drill"]["failure"], serde_json::Value::Null, "{state}");
}
