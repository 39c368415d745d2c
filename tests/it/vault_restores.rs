//! What goes to the vault comes back: newest, of a moment, of a commit; after a kill and the loss
//! of the disk; and never over what is there, never damaged, never from two writers.

use crate::harness::process::{Server, either, output};
use crate::vault_support::{Vaulted, admin_of, files, numbers, shipped, tender, until};
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
    until(&admin, |state| state["snapshot"].is_object()).await;
    let folder = app.vault().join("default");
    let segments: Vec<PathBuf> = files(&folder.join("wal"));
    let whole = fs::read(&segments[0]).expect("a segment");
    let to = app.folder.path().join("never");
    let to = to.to_str().expect("a plain name");
    let restore = ["restore", "--from", &app.url, "--to", to, "--org", "default"];
    // Without the snapshot, so that the first segment is needed.
    fs::remove_dir_all(folder.join("snap")).expect("it goes");
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
    let (first, last) = span(&segments[0]);
    assert_eq!(first, 1, "{name}");
    assert!(said.contains(&missing(first, last)), "missing: {said}");
    fs::write(&segments[0], &whole).expect("it comes back");
    assert_eq!(tenders_in(&app.restored("mended", &[])).await, ["T-1", "T-2"]);
}

/// The first and the last commit of a segment, by its name.
fn span(segment: &Path) -> (u64, u64) {
    let name = segment.file_stem().and_then(|name| name.to_str()).expect("a name");
    let (first, last) = name.split_once('-').expect("two commits");
    (first.parse().expect("a commit"), last.parse().expect("a commit"))
}

/// How commits are named that are missing.
fn missing(first: u64, last: u64) -> String {
    match first == last {
        true => format!("commit {first} is missing"),
        false => format!("commits {first} to {last} are missing"),
    }
}

/// Commits in the middle of the log, and at its end where a signed head tells of them.
#[tokio::test]
async fn commits_that_are_missing_in_the_vault_are_named_and_nothing_is_written() {
    let app = Vaulted::start(QUICK).await;
    let admin = app.admin().await;
    let mut commits = Vec::new();
    for number in ["T-1", "T-2", "T-3", "T-4", "T-5"] {
        tender(&admin, number).await;
        commits.push(shipped(&admin).await["stored"].as_u64().expect("a commit"));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // Until the newest commit is signed, soon after the start.
    let heads = app.vault().join("default/head");
    for _ in 0..1_000 {
        if !files(&heads).is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let signed = span_of_head(&files(&heads)[0]);
    let segments = files(&app.vault().join("default/wal"));
    // The one of T-3, which no snapshot makes needless.
    let gone = segments.iter().find(|file| span(file).1 == commits[2]).expect("its segment");
    let (first, last) = span(gone);
    let whole = fs::read(gone).expect("a segment");
    let snapshots = files(&app.vault().join("default/snap"));
    let later = |file: &&PathBuf| commits[2..].iter().any(|lsn| named(file, *lsn));
    assert_eq!(snapshots.iter().find(later), None, "the snapshot is of the first start");
    fs::remove_file(gone).expect("it goes");

    let to = app.folder.path().join("never");
    let text = to.to_str().expect("a plain name");
    let told = missing(first, last);
    let newest = commits[4].to_string();
    let restore = ["restore", "--from", &app.url, "--to", text];
    let now = jiff::Timestamp::now().to_string();
    for further in [
        &[][..],
        &["--dry-run"],
        &["--at", &now],
        &["--at", &now, "--dry-run"],
        &["--org", "default", "--at-lsn", &newest],
    ] {
        let said = app.refused(&[&restore[..], further].concat());
        assert!(said.contains(&told), "{further:?}: {said}");
        assert!(!to.exists(), "{further:?}: something was written");
    }
    for part in ["verify", "status"] {
        let words = ["vault", part, "--org", "default"];
        let (said, failed) = crate::harness::process::either(&words, app.data());
        assert!(failed && said.contains(&told), "{part}: {said}");
    }
    // What comes before can be had, and is said to be.
    let said = app.refused(&restore);
    let before = (first - 1).to_string();
    assert!(said.contains(&format!("--at-lsn {before}")), "{said}");
    let back = app.restored("before", &["--org", "default", "--at-lsn", &before]);
    assert_eq!(tenders_in(&back).await, ["T-1", "T-2"]);
    fs::write(gone, whole).expect("it comes back");

    // The end of the log, which only the signed head knows of.
    let ends: Vec<_> = segments.iter().filter(|file| span(file).1 >= signed).collect();
    let bytes: Vec<_> = ends.iter().map(|file| fs::read(file).expect("a segment")).collect();
    ends.iter().for_each(|file| fs::remove_file(file).expect("it goes"));
    let said = app.refused(&restore);
    assert!(said.contains(&missing(span(ends[0]).0, signed)), "{said}");
    assert!(said.contains("head/") && !to.exists(), "{said}");
    ends.iter().zip(bytes).for_each(|(file, bytes)| fs::write(file, bytes).expect("it is back"));
    assert_eq!(tenders_in(&app.restored("whole", &[])).await.len(), 5);
}

fn span_of_head(file: &Path) -> u64 {
    let name = file.file_stem().and_then(|name| name.to_str()).expect("a name");
    name.parse().expect("a commit")
}

/// Whether an object of a snapshot is of a commit.
fn named(file: &Path, lsn: u64) -> bool {
    file.parent().and_then(Path::file_name).is_some_and(|name| *name == *format!("{lsn:020}"))
}

#[tokio::test]
async fn at_a_time_what_was_not_made_yet_is_left_out_and_before_everything_it_is_refused() {
    let mut app = Vaulted::start(QUICK).await;
    let admin = app.admin().await;
    tender(&admin, "T-1").await;
    shipped(&admin).await;
    app.server.stop();
    tokio::time::sleep(Duration::from_millis(20)).await;
    let between = jiff::Timestamp::now().to_string();
    tokio::time::sleep(Duration::from_millis(20)).await;
    let data = app.data().to_str().expect("a plain name").to_owned();
    let made = ["organisation", "create", "--data", &data, "second", "--name", "Second"];
    let admin_of_it = ["--admin-name", "Ada", "--admin-email", "ada@example.org"];
    output(&[&made[..], &admin_of_it].concat(), app.folder.path());
    app.restart().await;
    let second = app.vault().join("second/wal");
    for _ in 0..1_000 {
        if !files(&second).is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    app.server.stop();

    let to = app.folder.path().join("m1");
    let text = to.to_str().expect("a plain name");
    let restore = ["restore", "--from", &app.url, "--to", text, "--at", &between];
    let planned = app.output(&[&restore[..], &["--dry-run"]].concat());
    assert!(planned.contains("up to commit"), "{planned}");
    let done = app.output(&restore);
    for said in [&planned, &done] {
        assert!(said.contains("second") && said.contains("left out"), "{said}");
    }
    assert!(!to.join("orgs/second").exists());
    assert_eq!(tenders_in(&to).await, ["T-1"]);
    let said = app.refused(&[&restore[..], &["--dry-run"]].concat());
    assert!(said.contains("there is a ledger already"), "{said}");
    // Asked for by name it is refused, with its first moment.
    let never = app.folder.path().join("r1");
    let text = never.to_str().expect("a plain name");
    let restore = ["restore", "--from", &app.url, "--to", text];
    let said = app.refused(&[&restore[..], &["--at", &between, "--org", "second"]].concat());
    assert!(said.contains("the first moment there is is commit 1 of 20"), "{said}");
    for further in
        [&["--at", "2020-01-01T00:00:00Z"][..], &["--at", "2020-01-01T00:00Z", "--dry-run"]]
    {
        let said = app.refused(&[&restore[..], further].concat());
        assert!(said.contains("the first moment there is is commit 1 of 20"), "{said}");
        assert!(!never.exists(), "{said}");
    }
    // By the name of a zone, and whole again.
    let zoned =
        jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::get("Pacific/Auckland").unwrap());
    let zoned = zoned.to_string();
    app.output(&[&restore[..], &["--at", &zoned]].concat());
    assert!(never.join("orgs/second/ledger.redb").exists());
}

/// `vault verify` of a store that is slow enough to be interrupted: the rows of its snapshot are a pipe
/// that nobody writes to. Told to stop the moment its folder is there, and once a ledger is in it.
#[tokio::test]
async fn a_copy_of_originals_goes_when_its_command_is_interrupted() {
    let mut app = Vaulted::start(QUICK).await;
    let admin = app.admin().await;
    tender(&admin, "T-1").await;
    until(&admin, |state| state["snapshot"].is_object()).await;
    app.server.kill();
    let mut parts = files(&app.vault().join("default/snap"));
    parts.retain(|path| path.to_str().is_some_and(|path| path.contains("/part-")));
    let part = parts.first().expect("rows of a snapshot");
    fs::remove_file(part).expect("it goes");
    assert!(
        std::process::Command::new("mkfifo").arg(part).status().expect("mkfifo runs").success()
    );
    let temporary = app.folder.path().join("tmp");
    fs::create_dir(&temporary).expect("a folder");
    let copies = || fs::read_dir(&temporary).expect("it is there").count();
    let a_ledger = || files(&temporary).iter().any(|file| file.ends_with("drill.restoring"));
    for begun in [&(|| copies() > 0) as &dyn Fn() -> bool, &a_ledger] {
        let words = ["vault", "verify", "--org", "default"];
        let mut child = crate::harness::process::started(&words, app.data(), &temporary);
        let patience = std::time::Instant::now() + Duration::from_secs(60);
        while !begun() {
            let ended = child.try_wait().expect("it can be asked");
            assert_eq!(ended, None, "it did not wait");
            assert!(std::time::Instant::now() < patience, "{:?}", files(&temporary));
            tokio::task::yield_now().await;
        }
        let pid = rustix::process::Pid::from_child(&child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).expect("it is there");
        assert_eq!(child.wait().expect("it ends").code(), Some(130));
        assert_eq!(copies(), 0, "a copy is left behind");
    }
}

/// As when a disk fills up half way.
#[tokio::test]
async fn what_one_ledger_cannot_be_written_of_takes_the_others_with_it() {
    let mut app = Vaulted::start(QUICK).await;
    tender(&app.admin().await, "T-1").await;
    shipped(&app.admin().await).await;
    // With its manifest whole, damage is found once the control ledger is written.
    until(&app.admin().await, |state| state["snapshot"].is_object()).await;
    app.server.kill();
    for object in
        ["wal", "snap"].map(|part| files(&app.vault().join("default").join(part))).concat()
    {
        if !object.ends_with("manifest.json") {
            let whole = fs::read(&object).expect("an object");
            fs::write(&object, flipped(&whole)).expect("damage");
        }
    }
    let to = app.folder.path().join("half");
    let restore = ["restore", "--from", &app.url, "--to", to.to_str().expect("plain")];
    let (said, failed) = either(&restore, app.data());
    assert!(failed && said.contains("damaged"), "{said}");
    assert!(said.contains(", verified"), "the control ledger was never there: {said}");
    assert!(!to.exists(), "the control ledger was left behind");
    fs::create_dir(&to).expect("a folder of somebody's");
    app.refused(&["restore", "--from", &app.url, "--to", to.to_str().expect("plain")]);
    assert!(to.exists() && files(&to).is_empty(), "somebody's folder went, or something is in it");
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
        let name = file.to_str().expect("a plain name");
        if name.ends_with(".seg") || name.contains("/part-") {
            assert_eq!(&bytes[..5], b"oxv1\x01", "{name} is not encrypted");
        }
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
