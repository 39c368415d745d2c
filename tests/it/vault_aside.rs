//! What is only looked at leaves the vault alone: copies, restored folders, the demonstration; and a
//! vault is not begun anew where its disk is not there.

use crate::harness::process::{Server, output, refused};
use crate::vault_support::{Vaulted, admin_of, files, numbers, shipped, tender};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

const QUICK: &str = "flush_ms = 50";
const ANY: &str = "127.0.0.1:0";

/// Who may write the vault in a folder, and what was written; not what production does by itself.
fn objects(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let written = |file: &PathBuf| {
        file.components().any(|part| ["lease", "wal"].map(OsStr::new).contains(&part.as_os_str()))
    };
    let mut all: Vec<_> = files(folder)
        .into_iter()
        .filter(written)
        .map(|file| (file.display().to_string(), fs::read(&file).expect("an object")))
        .collect();
    all.sort();
    all
}

#[tokio::test]
async fn what_comes_from_a_file_is_served_beside_production_and_does_not_touch_its_vault() {
    let app = Vaulted::start(QUICK).await;
    let admin = app.admin().await;
    tender(&admin, "T-1").await;
    shipped(&admin).await;
    let file = app.folder.path().join("head.oxsnap");
    let name = file.to_str().expect("a plain name");
    app.output(&["snapshot", "create", "--from", &app.url, "--to", name]);
    let masked = app.folder.path().join("masked.oxsnap");
    let copy = masked.to_str().expect("a plain name");
    let policy = Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots/masking.toml");
    let salt = app.folder.path().join("salt");
    fs::write(&salt, "0123456789abcdef0123456789abcdef").expect("a salt");
    let [policy, salt] = [&policy, &salt].map(|path| path.to_str().expect("a plain name"));
    app.output(&["clone", "--from", &app.url, "--mask", policy, "--salt-file", salt, "--to", copy]);
    // A masked copy as a data folder, which a later start finds.
    let staging = app.folder.path().join("staging");
    let folder = staging.to_str().expect("a plain name");
    let said = app.output(&["restore", "--from", copy, "--to", folder]);
    assert!(said.contains("masked copy"), "{said}");

    let before = objects(&app.vault());
    for what in [
        &["serve", "--auth", "development", "--listen", ANY, "--from-snapshot", name][..],
        &["serve", "--auth", "development", "--listen", ANY, "--from-snapshot", copy],
        &["serve", "--auth", "development", "--listen", ANY, "--data", folder],
    ] {
        let mut beside = Server::typed(what, app.data()).await;
        let said = beside.printed("goes to the vault").await;
        assert!(said.starts_with("Nothing of it") && said.contains(&app.url), "{said}");
        let other = admin_of(&beside).await;
        tender(&other, "X-1").await;
        assert_eq!(other.get("/vault").await.ok()["enabled"], false);
        beside.stop();
        assert_eq!(objects(&app.vault()), before, "{what:?}");
    }
    // Production goes on under the lease it has.
    tender(&admin, "T-2").await;
    let state = shipped(&admin).await;
    assert_eq!(state["epoch"], 1, "{state}");
    assert_eq!(state["refusal"], serde_json::Value::Null, "{state}");
    let back = app.restored("back", &[]);
    let server = Server::start(&["--auth", "development"], &back).await;
    assert_eq!(numbers(&admin_of(&server).await).await, ["T-1", "T-2"]);
}

#[tokio::test]
async fn a_restored_folder_can_be_looked_at_without_taking_the_vault_over() {
    let app = Vaulted::start(QUICK).await;
    let admin = app.admin().await;
    tender(&admin, "T-1").await;
    shipped(&admin).await;
    let to = app.folder.path().join("look");
    let folder = to.to_str().expect("a plain name");
    let said = app.output(&["restore", "--from", &app.url, "--to", folder]);
    assert!(said.contains("--no-vault") && said.contains("takes no more changes"), "{said}");
    let words = ["serve", "--auth", "development", "--listen", ANY, "--data", folder, "--no-vault"];
    let look = Server::typed(&words, app.data()).await;
    look.printed("--no-vault").await;
    let other = admin_of(&look).await;
    assert_eq!(numbers(&other).await, ["T-1"]);
    tender(&other, "X-1").await;
    drop(look);
    tender(&admin, "T-2").await;
    assert_eq!(shipped(&admin).await["epoch"], 1);
}

#[tokio::test]
async fn the_demonstration_is_made_beside_a_vault_that_is_set() {
    let mut app = Vaulted::start(QUICK).await;
    let admin = app.admin().await;
    tender(&admin, "T-1").await;
    shipped(&admin).await;
    // Nobody else writes it from now on.
    app.server.kill();
    let before = objects(&app.vault());
    let demo = Server::typed(&["serve", "--demo", "--listen", ANY], app.data()).await;
    let state = admin_of(&demo).await.get("/vault").await.ok();
    assert_eq!(state["enabled"], true, "{state}");
    drop(demo);
    assert_eq!(objects(&app.vault()), before);
}

#[tokio::test]
async fn a_vault_whose_disk_is_not_there_is_not_begun_anew() {
    let mut app = Vaulted::start(QUICK).await;
    tender(&app.admin().await, "T-1").await;
    shipped(&app.admin().await).await;
    app.server.stop();
    let (vault, away) = (app.vault(), app.folder.path().join("unplugged"));
    fs::rename(&vault, &away).expect("the disk goes");
    let data = app.data().to_str().expect("a plain name").to_owned();
    let serve = ["serve", "--auth", "development", "--listen", ANY, "--data", &data];
    for mount_point in [false, true] {
        if mount_point {
            fs::create_dir(&vault).expect("an empty folder");
        }
        let said = app.refused(&serve);
        assert!(said.contains("mounted?") && said.contains("vault-place"), "{said}");
        assert_eq!(vault.exists(), mount_point);
        assert!(!mount_point || files(&vault).is_empty());
    }
    fs::remove_dir(&vault).expect("the empty folder goes");
    let to = app.folder.path().join("never");
    for words in [
        &["restore", "--from", &app.url, "--to", to.to_str().expect("plain")][..],
        &["vault", "status"],
        &["vault", "verify"],
    ] {
        let said = app.refused(words);
        assert!(said.contains("there is no folder") && said.contains("mounted?"), "{said}");
    }
    assert!(!vault.exists() && !to.exists());
    fs::rename(&away, &vault).expect("the disk is back");
    app.restart().await;
    let state = shipped(&app.admin().await).await;
    assert_eq!(state["epoch"], 2, "{state}");

    // Nowhere near a mounted disk.
    let lost = format!("[vault]\nurl = \"file://{}/nas/oxflow\"\n", app.folder.path().display());
    let other = app.folder.path().join("other");
    fs::create_dir(&other).expect("a folder");
    fs::write(other.join("oxflow.toml"), lost).expect("settings");
    let said = refused(&["serve", "--auth", "development", "--listen", ANY], &other);
    assert!(said.contains("is its disk mounted?"), "{said}");
    assert!(!app.folder.path().join("nas").exists());
}

#[tokio::test]
async fn what_is_named_wrongly_is_told_with_what_there_is() {
    let mut app = Vaulted::start(QUICK).await;
    tender(&app.admin().await, "T-1").await;
    shipped(&app.admin().await).await;
    app.server.kill();
    let to = app.folder.path().join("never");
    let to = to.to_str().expect("a plain name");
    let said = app.refused(&["restore", "--from", &app.url, "--to", to, "--org", "defualt"]);
    assert!(said.contains("no organisation defualt; it holds: default"), "{said}");
    let empty = app.folder.path().join("empty");
    fs::create_dir(&empty).expect("a folder");
    let url = format!("file://{}", empty.display());
    for words in [
        &["restore", "--from", &url, "--to", to][..],
        &["vault", "status", "--from", &url],
        &["snapshot", "create", "--from", &url, "--to", to],
    ] {
        let said = app.refused(words);
        assert!(said.contains("nothing to restore at") && said.contains(&url), "{said}");
        assert!(!said.contains("several organisations"), "{said}");
    }
    for from in ["typo.oxsnap", "oxcon-vault/live", "ftp://x/y"] {
        let said = app.refused(&["restore", "--from", from, "--to", to]);
        assert!(said.contains("no such file") && said.contains("s3://bucket/prefix"), "{said}");
    }
    // What is there already is told before anything is read.
    let file = app.folder.path().join("there.oxsnap");
    fs::write(&file, "mine").expect("a file");
    let name = file.to_str().expect("a plain name");
    let said = app.refused(&["snapshot", "create", "--from", "file:///nowhere", "--to", name]);
    assert!(said.contains("not written over"), "{said}");
    assert_eq!(fs::read(&file).expect("it is there"), b"mine");
    assert!(!Path::new(to).exists());
    // Nobody else may read what holds originals.
    let made = app.folder.path().join("made.oxsnap");
    let name = made.to_str().expect("a plain name");
    output(&["snapshot", "create", "--from", &app.url, "--to", name], app.data());
    let mode = |path: &Path| {
        let metadata = fs::metadata(path).expect("it is there");
        std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o777
    };
    assert_eq!(mode(&made), 0o600);
    let back = app.restored("back", &[]);
    assert_eq!(mode(&back.join("orgs/default/ledger.redb")), 0o600);
}
