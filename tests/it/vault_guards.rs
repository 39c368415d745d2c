//! What a vault is guarded against: a key that is another, an organisation or a whole vault that is
//! gone, a log that begins late, another server that has taken over.

use crate::harness::process::{Server, either, output};
use crate::vault_support::{Vaulted, admin_of, files, numbers, shipped, tender, until};
use serde_json::json;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

const QUICK: &str = "flush_ms = 50";

/// Why no change is taken, once it is known.
async fn refusal(server: &Server) -> String {
    let state = until(&admin_of(server).await, |state| state["refusal"].is_string()).await;
    state["refusal"].as_str().expect("a reason").to_owned()
}

#[tokio::test]
async fn a_server_with_another_key_or_none_takes_no_changes() {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    for digit in ["5", "6"] {
        fs::write(folder.path().join(digit), digit.repeat(64)).expect("a key");
    }
    let url = format!("file://{}", folder.path().join("vault").display());
    let with = |digit: &str| {
        let file = folder.path().join(digit).display().to_string();
        format!("[vault]\nurl = {url:?}\n{QUICK}\nkey_file = {file:?}\n")
    };
    let data = folder.path().join("data");
    let serve = async |settings: &str| {
        fs::create_dir_all(&data).expect("a data folder");
        fs::write(data.join("oxflow.toml"), settings).expect("settings");
        Server::start(&["--auth", "development"], &data).await
    };
    let mut server = serve(&with("5")).await;
    tender(&admin_of(&server).await, "T-1").await;
    shipped(&admin_of(&server).await).await;
    // Ledgers and their journals are for whoever runs the server.
    for file in files(&data).into_iter().filter(|file| file.to_string_lossy().contains(".redb")) {
        let mode = fs::metadata(&file).expect("a file").permissions().mode();
        assert_eq!(mode & 0o077, 0, "{} has mode {mode:o}", file.display());
    }
    server.stop();
    let none = format!("[vault]\nurl = {url:?}\n{QUICK}\n");
    for (settings, why) in [(with("6"), "another key"), (none, "no key was given")] {
        let mut server = serve(&settings).await;
        let said = refusal(&server).await;
        assert!(said.contains(why) && said.contains("vault.key_file"), "{said}");
        let body = json!({ "number": "T-2", "name": "Kerbs" });
        let answer = admin_of(&server).await.post("/tenders", &body).await;
        assert_eq!(answer.status, 503, "{}", answer.text);
        server.stop();
    }
    // With the right one it goes on, and is restored with it.
    let mut server = serve(&with("5")).await;
    tender(&admin_of(&server).await, "T-3").await;
    shipped(&admin_of(&server).await).await;
    server.stop();
    let back = folder.path().join("back");
    output(&["restore", "--from", &url, "--to", back.to_str().expect("plain")], &data);
    let looked = Server::start(&["--auth", "development"], &back).await;
    assert_eq!(numbers(&admin_of(&looked).await).await, ["T-1", "T-3"]);
}

#[tokio::test]
async fn what_is_not_encrypted_is_no_part_of_an_encrypted_vault() {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let key = folder.path().join("key");
    fs::write(&key, "5".repeat(64)).expect("a key");
    let url = |name: &str| format!("file://{}", folder.path().join(name).display());
    let settings = |name: &str, key: &str| {
        format!("[vault]\nurl = {:?}\n{QUICK}\nkey_file = {key:?}\n", url(name))
    };
    let key = key.display().to_string();
    let data = folder.path().join("data");
    let serve = async |settings: &str| {
        fs::create_dir_all(&data).expect("a data folder");
        fs::write(data.join("oxflow.toml"), settings).expect("settings");
        Server::start(&["--auth", "development"], &data).await
    };
    let mut server = serve(&settings("open", "")).await;
    tender(&admin_of(&server).await, "T-1").await;
    shipped(&admin_of(&server).await).await;
    until(&admin_of(&server).await, |state| state["snapshot"].is_object()).await;
    server.stop();

    // One begun without a key stays without; encrypting begins at another address, from here on.
    let mut server = serve(&settings("open", &key)).await;
    let said = refusal(&server).await;
    assert!(said.contains("is not encrypted") && said.contains("another address"), "{said}");
    server.stop();
    let mut server = serve(&settings("closed", &key)).await;
    // The last segment is one that a restore needs: it comes after the first snapshot.
    until(&admin_of(&server).await, |state| state["snapshot"].is_object()).await;
    tender(&admin_of(&server).await, "T-2").await;
    shipped(&admin_of(&server).await).await;
    server.stop();
    let to = |name: &str| folder.path().join(name).to_str().expect("plain").to_owned();
    output(&["restore", "--from", &url("closed"), "--to", &to("whole")], &data);
    let looked = Server::start(&["--auth", "development"], &folder.path().join("whole")).await;
    assert_eq!(numbers(&admin_of(&looked).await).await, ["T-1", "T-2"]);

    // Somebody who can write the store and has not the key puts commits of their own in place of
    // the newest: whole ones, with their checksum.
    let newest = files(&folder.path().join("closed/default/wal")).pop().expect("a segment");
    let planted = files(&folder.path().join("open/default/wal")).pop().expect("a segment");
    let whole = newest.with_extension("whole");
    fs::rename(&newest, &whole).expect("it goes");
    fs::copy(&planted, &newest).expect("planted");
    let restore = ["restore", "--from", &url("closed"), "--to", &to("planted")];
    let said = crate::harness::process::refused(&restore, &data);
    let name = newest.file_name().and_then(|name| name.to_str()).expect("a name");
    assert!(said.contains("is not encrypted") && said.contains(name), "{said}");
    assert!(!folder.path().join("planted").exists());
    let (said, failed) = either(&["vault", "verify"], &data);
    assert!(failed && said.contains("is not encrypted"), "{said}");
    fs::rename(&whole, &newest).expect("it is back");

    // Or what says which rows there are, and from where history goes on.
    let lease =
        fs::read(folder.path().join("open/default/lease/0000000001.json")).expect("a lease");
    let newest = |vault: &str| {
        let mut all = files(&folder.path().join(vault).join("default/snap")).into_iter();
        all.rfind(|file| file.ends_with("manifest.json")).expect("a manifest")
    };
    let (place, manifest) = (newest("closed"), fs::read(newest("open")).expect("a manifest"));
    let next = folder.path().join("closed/default/lease/0000000002.json");
    for (place, planted) in [(place, manifest), (next, lease)] {
        let before = fs::read(&place).ok();
        fs::write(&place, planted).expect("planted");
        let said = crate::harness::process::refused(&restore, &data);
        let name = place.file_name().and_then(|name| name.to_str()).expect("a name");
        assert!(said.contains("is not encrypted") && said.contains(name), "{said}");
        match before {
            Some(before) => fs::write(&place, before).expect("it is back"),
            None => fs::remove_file(&place).expect("it goes"),
        }
    }
    output(&restore, &data);
}

#[tokio::test]
async fn a_server_whose_signatures_would_count_as_forged_does_not_start() {
    let mut app = Vaulted::start(QUICK).await;
    let state = until(&app.admin().await, |state| state["publicKey"].is_string()).await;
    let public = state["publicKey"].as_str().expect("a key").to_owned();
    app.server.stop();
    let settings = app.data().join("oxflow.toml");
    let before = fs::read_to_string(&settings).expect("settings");
    fs::write(&settings, format!("{before}\ntrusted_keys = \"{}\"\n", "ab".repeat(32)))
        .expect("settings");
    let data = app.data().to_str().expect("a plain name").to_owned();
    let arguments = ["serve", "--auth", "development", "--listen", "127.0.0.1:0", "--data", &data];
    let said = crate::harness::process::refused(&arguments, app.data());
    assert!(said.contains("vault.trusted_keys") && said.contains(&public), "{said}");
    let both = format!("{}, {public}", "ab".repeat(32));
    fs::write(&settings, format!("{before}\ntrusted_keys = {both:?}\n")).expect("settings");
    let server = Server::start(&["--auth", "development"], app.data()).await;
    tender(&admin_of(&server).await, "T-1").await;
    shipped(&admin_of(&server).await).await;
}

#[tokio::test]
async fn what_is_kept_is_not_decided_where_the_servers_settings_are_not() {
    let mut app = Vaulted::start(QUICK).await;
    tender(&app.admin().await, "T-1").await;
    shipped(&app.admin().await).await;
    app.server.stop();
    let elsewhere = app.folder.path().join("elsewhere");
    fs::create_dir(&elsewhere).expect("a folder");
    let prune = ["vault", "prune", "--from", &app.url];
    let said = crate::harness::process::refused(&prune, &elsewhere);
    assert!(said.contains("oxflow.toml") && said.contains("--config"), "{said}");
    output(&[&prune[..], &["--dry-run"]].concat(), &elsewhere);
    // What may be a password is not repeated.
    for further in [&[][..], &["--dry-run"]] {
        let prune = [&["vault", "prune", "--from", "s3://user:hunter2@b/x"], further].concat();
        let said = crate::harness::process::refused(&prune, &elsewhere);
        assert!(!said.contains("hunter2"), "{said}");
    }
    let config = app.data().join("oxflow.toml").display().to_string();
    output(&["vault", "prune", "--config", &config], &elsewhere);
}

#[tokio::test]
async fn an_organisation_without_a_vault_is_named_and_its_vault_is_not_begun_anew() {
    let mut app = Vaulted::start(QUICK).await;
    tender(&app.admin().await, "T-1").await;
    shipped(&app.admin().await).await;
    app.server.stop();
    let create = ["organisation", "create", "second", "--name", "Second"];
    let data = app.data().to_str().expect("plain").to_owned();
    let create = [&create[..], &["--admin-email", "kiri@x.example", "--data", &data]].concat();
    app.output(&create);
    app.restart().await;
    until(&app.admin().await, |_| app.vault().join("second/lease").is_dir()).await;
    shipped(&app.admin().await).await;
    for command in ["status", "verify"] {
        let (said, failed) = either(&["vault", command], app.data());
        assert!(!failed, "{said}");
    }
    app.server.stop();
    fs::rename(app.vault().join("second"), app.folder.path().join("second")).expect("it goes");
    for command in ["status", "verify"] {
        let (said, failed) = either(&["vault", command], app.data());
        assert!(failed && said.contains("second") && said.contains("nothing of it"), "{said}");
    }
    let to = app.folder.path().join("back");
    let text = to.to_str().expect("plain");
    let (said, failed) = either(&["restore", "--from", &app.url, "--to", text], app.data());
    assert!(failed && said.contains("second: it is among the organisations"), "{said}");
    // What there was is there all the same.
    let looked = Server::start(&["--auth", "development"], &to).await;
    assert_eq!(numbers(&admin_of(&looked).await).await, ["T-1"]);

    // Nor does the server that wrote it begin it anew: it may be found again.
    app.restart().await;
    tender(&app.admin().await, "T-2").await;
    let line = "oxflow_vault_refusing{organisation=\"second\"} 1";
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let page = crate::harness::http_client().get(format!("{}/metrics", app.server.url()));
        let page = page.send().await.expect("an answer").text().await.expect("text");
        if page.contains(line) {
            break;
        }
        assert!(Instant::now() < deadline, "{line} is not in\n{page}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(!app.vault().join("second/lease").exists());
    assert!(app.server.said().contains("nothing of it is there now"), "{}", app.server.said());
}

#[tokio::test]
async fn a_log_that_begins_late_is_acknowledged_once_it_can_be_restored() {
    let mut app = Vaulted::start(QUICK).await;
    tender(&app.admin().await, "T-1").await;
    shipped(&app.admin().await).await;
    app.server.stop();
    let file = app.folder.path().join("all.oxsnap");
    let name = file.to_str().expect("plain");
    app.output(&["snapshot", "create", "--from", &app.url, "--to", name]);
    let data = app.folder.path().join("late");
    app.output(&["restore", "--from", name, "--to", data.to_str().expect("plain")]);
    let vault = app.folder.path().join("late-vault");
    // The first snapshot has no place yet.
    fs::create_dir_all(vault.join("default")).expect("a folder");
    fs::write(vault.join("default/snap"), b"in the way").expect("a file");
    let url = format!("file://{}", vault.display());
    let settings = format!("[vault]\nurl = {url:?}\ndurability = \"sync\"\n");
    fs::write(data.join("oxflow.toml"), settings).expect("settings");
    let server = Server::start(&["--auth", "development"], &data).await;
    let admin = admin_of(&server).await;
    until(&admin, |state| state["snapshotTrouble"].is_string()).await;
    let asking = tokio::spawn(async move {
        tender(&admin, "T-2").await;
    });
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert!(!asking.is_finished(), "acknowledged, and it could not be restored");
    // It is tried again by itself.
    fs::remove_file(vault.join("default/snap")).expect("the way is free");
    tokio::time::timeout(Duration::from_secs(60), asking).await.expect("in time").expect("made");
    drop(server);
    let to = app.folder.path().join("back");
    let text = to.to_str().expect("plain");
    output(&["restore", "--from", &url, "--to", text], &data);
    let looked = Server::start(&["--auth", "development"], &to).await;
    assert_eq!(numbers(&admin_of(&looked).await).await, ["T-1", "T-2"]);

    // Nothing is known of a time before it began.
    let to = app.folder.path().join("never");
    let never = ["restore", "--from", &url, "--to", to.to_str().expect("plain")];
    let (said, failed) = either(&[&never[..], &["--at", "2020-01-01T00:00:00Z"]].concat(), &data);
    assert!(failed && !to.exists(), "{said}");
}

#[tokio::test]
async fn a_server_that_does_nothing_learns_that_another_has_taken_over() {
    let app = Vaulted::start(QUICK).await;
    tender(&app.admin().await, "T-1").await;
    shipped(&app.admin().await).await;
    // Its first upkeep is over: from here on only the look at the lease tells it.
    until(&app.admin().await, |state| {
        state["signed"].is_u64() && state["signed"] == state["stored"]
    })
    .await;
    let second = app.beside(&app.restored("back", &[])).await;
    tender(&admin_of(&second).await, "T-2").await;
    shipped(&admin_of(&second).await).await;
    // Nobody changes anything on the first meanwhile.
    let said = refusal(&app.server).await;
    assert!(said.contains("another server"), "{said}");
    let body = json!({ "number": "T-3", "name": "Kerbs" });
    let answer = app.admin().await.post("/tenders", &body).await;
    assert_eq!(answer.status, 503, "it was acknowledged, and would be lost: {}", answer.text);
    let ready = app.admin().await.page("/readyz").send().await.expect("an answer");
    assert_eq!(ready.status(), 503);
}
