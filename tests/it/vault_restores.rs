//! What goes to the vault comes back: newest, of a moment, of a commit; after a kill and the loss
//! of the disk; and never over what is there, never damaged, never from two writers.

use crate::harness::process::{Server, output};
use crate::vault_support::{Vaulted, admin_of, files, numbers, shipped, tender};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

const QUICK: &str = "flush_ms = 50";

/// Serves a restored folder without a vault, and gives the numbers of its tenders.
async fn tenders_in(folder: &Path) -> Vec<String> {
    let server = Server::start(&["--auth", "development"], folder).await;
    numbers(&admin_of(&server).await).await
}

#[tokio::test]
async fn the_whole_folder_comes_back_after_the_disk_is_gone() {
    let mut app = Vaulted::start(QUICK).await;
    let admin = app.admin().await;
    for number in ["T-1", "T-2", "T-3"] {
        tender(&admin, number).await;
    }
    let state = shipped(&admin).await;
    assert_eq!(state["trouble"], serde_json::Value::Null, "{state}");
    app.server.kill();
    let kept = app.folder.path().join("gone");
    fs::rename(app.data(), &kept).expect("the disk goes");
    fs::create_dir_all(app.data()).expect("an empty one comes");

    let back = app.restored("back", &[]);
    assert_eq!(tenders_in(&back).await, ["T-1", "T-2", "T-3"]);
    let folder = back.to_str().expect("a plain name");
    for command in [&["check", "--data", folder][..], &["audit", "verify", "--data", folder]] {
        let said = output(command, app.folder.path());
        assert!(said.contains("default") && !said.contains("DAMAGED"), "{said}");
    }
}

#[tokio::test]
async fn a_moment_and_a_commit_are_met_exactly() {
    let app = Vaulted::start(QUICK).await;
    let admin = app.admin().await;
    tender(&admin, "T-1").await;
    let one = shipped(&admin).await["stored"].as_u64().expect("a commit");
    tokio::time::sleep(Duration::from_millis(50)).await;
    let between = jiff::Timestamp::now().to_string();
    tokio::time::sleep(Duration::from_millis(50)).await;
    tender(&admin, "T-2").await;
    shipped(&admin).await;

    let at_time = app.restored("time", &["--at", &between]);
    assert_eq!(tenders_in(&at_time).await, ["T-1"]);
    let at_lsn = app.restored("lsn", &["--org", "default", "--at-lsn", &one.to_string()]);
    assert_eq!(tenders_in(&at_lsn).await, ["T-1"]);
    assert_eq!(tenders_in(&app.restored("latest", &[])).await, ["T-1", "T-2"]);

    let to = app.folder.path().join("never");
    let to = to.to_str().expect("a plain name");
    let said = app.refused(&["restore", "--from", &app.url, "--to", to, "--at", "yesterday"]);
    assert!(said.contains("no time with its zone"), "{said}");
    let far = ["restore", "--from", &app.url, "--to", to, "--org", "default", "--at-lsn", "99999"];
    let said = app.refused(&far);
    assert!(said.contains("reaches to commit") && said.contains("99999"), "{said}");
}

#[tokio::test]
async fn a_dry_run_writes_nothing_and_a_ledger_is_never_written_over() {
    let app = Vaulted::start(QUICK).await;
    let admin = app.admin().await;
    tender(&admin, "T-1").await;
    shipped(&admin).await;
    let to = app.folder.path().join("plan");
    let text = to.to_str().expect("a plain name");
    let said = app.output(&["restore", "--from", &app.url, "--to", text, "--dry-run"]);
    assert!(said.contains("default") && said.contains("up to commit"), "{said}");
    assert!(!to.exists(), "a dry run wrote {}", to.display());

    let back = app.restored("back", &[]);
    let before: Vec<_> = files(&back).iter().map(|file| fs::read(file).expect("a file")).collect();
    let text = back.to_str().expect("a plain name");
    let said = app.refused(&["restore", "--from", &app.url, "--to", text]);
    assert!(said.contains("never writes over"), "{said}");
    let after: Vec<_> = files(&back).iter().map(|file| fs::read(file).expect("a file")).collect();
    assert!(before == after, "what was there changed");
}

#[tokio::test]
async fn in_sync_mode_nothing_acknowledged_is_lost_with_process_and_disk() {
    for round in 0..5_u32 {
        let mut app = Vaulted::start("durability = \"sync\"").await;
        let admin = app.admin().await;
        let mut acknowledged = Vec::new();
        for number in 0..=round {
            let number = format!("T-{number}");
            tender(&admin, &number).await;
            acknowledged.push(number);
        }
        // No waiting: what was answered must be there.
        app.server.kill();
        let back = app.restored("back", &[]);
        assert_eq!(tenders_in(&back).await, acknowledged, "round {round}");
    }
}

#[tokio::test]
async fn a_second_server_on_the_same_vault_stops_the_first() {
    let app = Vaulted::start(QUICK).await;
    let admin = app.admin().await;
    tender(&admin, "T-1").await;
    shipped(&admin).await;
    let back = app.restored("back", &[]);
    let second = app.beside(&back).await;
    let other = admin_of(&second).await;
    tender(&other, "T-2").await;
    let state = shipped(&other).await;
    assert_eq!(state["epoch"], 2, "{state}");

    // The first learns of it with its next segment, and takes no more changes from then on.
    let mut refused = None;
    for number in 10..200 {
        let body = serde_json::json!({ "number": format!("T-{number}"), "name": "Forked" });
        let answer = admin.post("/tenders", &body).await;
        if answer.status != 201 {
            refused = Some(answer);
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let refused = refused.expect("the first server went on");
    assert_eq!(refused.status, 503, "{}", refused.text);
    assert!(refused.text.contains("another server"), "{}", refused.text);
    let ready = admin.page("/readyz").send().await.unwrap();
    assert_eq!(ready.status(), 503);
    let said: serde_json::Value = ready.json().await.unwrap();
    assert_eq!(said["code"], "read-only", "{said}");
    assert!(said["detail"].as_str().unwrap().contains("another server"), "{said}");
    let state = admin.get("/vault").await.ok();
    assert!(state["refusal"].as_str().is_some_and(|why| why.contains("epoch 2")), "{state}");
    assert_eq!(tenders_in(&app.restored("last", &[])).await, ["T-1", "T-2"], "no fork");
}

#[tokio::test]
async fn an_older_copy_of_the_data_is_refused_and_a_restore_goes_on() {
    let mut app = Vaulted::start(QUICK).await;
    let admin = app.admin().await;
    tender(&admin, "T-1").await;
    let one = shipped(&admin).await["stored"].as_u64().expect("a commit");
    app.server.stop();
    let old = app.folder.path().join("old");
    copy(app.data(), &old);
    app.restart().await;
    let admin = app.admin().await;
    tender(&admin, "T-2").await;
    shipped(&admin).await;
    app.server.stop();

    let stale = app.beside(&old).await;
    let state = refusal(&admin_of(&stale).await).await;
    assert!(state.contains("the vault holds default up to commit"), "{state}");
    drop(stale);

    // An earlier moment brought back on purpose: history goes on from there.
    let back = app.restored("earlier", &["--org", "default", "--at-lsn", &one.to_string()]);
    let branch = app.beside(&back).await;
    let admin = admin_of(&branch).await;
    tender(&admin, "T-3").await;
    shipped(&admin).await;
    drop(branch);
    assert_eq!(tenders_in(&app.restored("last", &[])).await, ["T-1", "T-3"]);
    // Restored once, it is no earlier moment any more.
    let again = app.output(&["vault", "verify", "--from", &app.url]);
    assert!(again.contains("all as they should be"), "{again}");
}

async fn refusal(admin: &crate::harness::Client) -> String {
    for _ in 0..500 {
        let state = admin.get("/vault").await.ok();
        if let Some(why) = state["refusal"].as_str() {
            return why.to_owned();
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("it was never refused");
}

fn copy(from: &Path, to: &Path) {
    for file in files(from) {
        let target = to.join(file.strip_prefix(from).expect("below it"));
        fs::create_dir_all(target.parent().expect("a folder")).expect("a folder");
        fs::copy(&file, &target).expect("a copy");
    }
}

#[tokio::test]
async fn damage_in_the_vault_is_found_and_named() {
    let app = Vaulted::start(QUICK).await;
    let admin = app.admin().await;
    for number in ["T-1", "T-2"] {
        tender(&admin, number).await;
        shipped(&admin).await;
    }
    let folder = app.vault().join("default");
    let segments: Vec<PathBuf> = files(&folder.join("wal"));
    let whole = fs::read(&segments[0]).expect("a segment");
    let to = app.folder.path().join("never");
    let to = to.to_str().expect("a plain name");
    let restore = ["restore", "--from", &app.url, "--to", to, "--org", "default"];
    // Without the snapshot, so that the first segment is needed.
    fs::remove_dir_all(folder.join("snap")).ok();
    let name = segments[0].file_name().and_then(|name| name.to_str()).expect("a name").to_owned();
    for (what, bytes) in [
        ("flipped", flipped(&whole)),
        ("cut", whole[..whole.len() / 2].to_vec()),
        ("empty", Vec::new()),
    ] {
        fs::write(&segments[0], bytes).expect("damage");
        let said = app.refused(&restore);
        assert!(said.contains(&name) && said.contains("damaged"), "{what}: {said}");
        let said = app.refused(&["vault", "verify", "--from", &app.url]);
        assert!(said.contains("could not be read whole"), "{what}: {said}");
        assert!(!Path::new(to).join("orgs/default/ledger.redb").exists(), "{what}");
    }
    fs::remove_file(&segments[0]).expect("it goes");
    let said = app.refused(&restore);
    assert!(said.contains("default"), "missing: {said}");
    fs::write(&segments[0], &whole).expect("it comes back");
    assert_eq!(tenders_in(&app.restored("mended", &[])).await, ["T-1", "T-2"]);
}

fn flipped(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x10;
    bytes
}

#[tokio::test]
async fn nothing_can_be_read_without_the_key() {
    let key = "5".repeat(64);
    let app = {
        let folder = tempfile::TempDir::new().expect("a temporary folder");
        let file = folder.path().join("vault.key");
        fs::write(&file, &key).expect("a key");
        let url = format!("file://{}", folder.path().join("vault").display());
        let settings = format!("{QUICK}\nkey_file = {:?}", file.display().to_string());
        Vaulted::start_at(folder, url, &settings).await
    };
    let admin = app.admin().await;
    tender(&admin, "SECRET-9").await;
    shipped(&admin).await;
    for file in files(&app.vault()) {
        let bytes = fs::read(&file).expect("an object");
        let found = bytes.windows(8).any(|window| window == b"SECRET-9");
        assert!(!found, "{} can be read", file.display());
    }
    assert_eq!(tenders_in(&app.restored("back", &[])).await, ["SECRET-9"]);
    // From a folder whose settings name no key.
    let to = app.folder.path().join("never");
    let arguments = ["restore", "--from", &app.url, "--to", to.to_str().expect("plain")];
    let said = crate::harness::process::refused(&arguments, app.folder.path());
    assert!(said.contains("no key was given"), "{said}");
}

#[tokio::test]
async fn an_organisation_comes_back_where_the_vault_has_no_list_of_organisations() {
    let mut app = Vaulted::start(QUICK).await;
    let admin = app.admin().await;
    tender(&admin, "T-1").await;
    shipped(&admin).await;
    app.server.kill();
    fs::remove_dir_all(app.vault().join("_control")).expect("the list goes");
    let to = app.folder.path().join("back");
    let folder = to.to_str().expect("a plain name");
    let said = output(&["restore", "--from", &app.url, "--to", folder], app.data());
    assert!(said.contains("people must be entered anew"), "{said}");
    // Served twice: taken in once.
    assert_eq!(tenders_in(&to).await, ["T-1"]);
    assert_eq!(tenders_in(&to).await, ["T-1"]);
    let said = output(&["check", "--data", folder], app.folder.path());
    assert!(said.contains("default") && !said.contains("DAMAGED"), "{said}");
}

/// As when the machine burns before the control ledger reached the store for the first time.
#[tokio::test]
async fn a_folder_of_the_vault_without_any_commit_is_passed_over() {
    let mut app = Vaulted::start(QUICK).await;
    let admin = app.admin().await;
    tender(&admin, "T-1").await;
    shipped(&admin).await;
    app.server.kill();
    for name in ["wal", "snap"] {
        let folder = app.vault().join("_control").join(name);
        if folder.exists() {
            fs::remove_dir_all(folder).expect("what was stored goes");
        }
    }
    assert!(!files(&app.vault().join("_control")).is_empty(), "a lease is left");
    // A snapshot that was cut off is none: its parts are there, its manifest is not.
    let cut_off = app.vault().join("_control/snap/0000000001/00000000000000000003");
    fs::create_dir_all(&cut_off).expect("a folder");
    fs::write(cut_off.join("part-0000"), b"a part").expect("a part");
    for part in ["status", "verify", "prune"] {
        let said = app.output(&["vault", part]);
        assert!(said.contains("default") && !said.contains("_control"), "{part}: {said}");
    }
    assert_eq!(tenders_in(&app.restored("back", &[])).await, ["T-1"]);
}

#[tokio::test]
async fn a_ledger_that_lies_there_twice_is_named() {
    let mut app = Vaulted::start(QUICK).await;
    tender(&app.admin().await, "T-1").await;
    app.server.kill();
    let copy = app.data().join("orgs/copy");
    fs::create_dir_all(&copy).expect("a folder");
    for file in files(&app.data().join("orgs/default")) {
        let name = file.file_name().expect("a name");
        fs::copy(&file, copy.join(name)).expect("a copy");
    }
    let data = app.data().to_str().expect("a plain name").to_owned();
    let arguments = ["serve", "--auth", "development", "--listen", "127.0.0.1:0", "--data", &data];
    let said = crate::harness::process::refused(&arguments, app.data());
    assert!(said.contains("copy") && said.contains("move it out of the way"), "{said}");
}
