//! `.oxsnap`: what goes in comes out, and what was damaged is said to be.

use crate::harness::{TestApp, process, process::Server};
use crate::http_support::Priced;
use oxflow::vault::masking::{Audit, BUILT_IN, Policy, Salt, Source, clone, scan};
use oxflow::vault::oxsnap::verify;
use oxflow::vault::unpack;
use oxflow::workspace::control::Control;
use oxflow::workspace::demo;
use oxflow::workspace::staging::Outgoing;
use std::path::{Path, PathBuf};

fn shipped(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots").join(name)
}

/// A stopped server with something in it, and its file.
async fn filed(audit: &str) -> (TestApp, PathBuf) {
    let world = Priced::start().await;
    world.item("1.1", "10", "12.50").await;
    let mut app = world.app;
    app.kill();
    let file = app.data().join("all.oxsnap");
    let data = app.data().to_str().unwrap().to_owned();
    let to = file.to_str().unwrap().to_owned();
    process::output(
        &["snapshot", "create", "--data", &data, "--to", &to, "--audit", audit],
        app.data(),
    );
    (app, file)
}

#[tokio::test]
async fn an_organisation_goes_into_a_file_and_comes_out_with_and_without_its_past() {
    for audit in ["keep", "truncate"] {
        let (app, file) = filed(audit).await;
        let name = file.to_str().unwrap();
        let said = process::output(&["snapshot", "verify", name], app.data());
        assert!(said.contains("whole: ") && said.contains("not masked"), "{said}");
        let said = process::output(&["snapshot", "inspect", name], app.data());
        assert!(said.contains("My organisation"), "{said}");
        let there = app.data().join("there");
        let to = there.to_str().unwrap();
        process::output(&["restore", "--from", name, "--to", to], app.data());
        let checked = process::output(&["check", "--data", to], app.data());
        assert!(!checked.contains("DAMAGED"), "{checked}");
        let again = process::refused(&["restore", "--from", name, "--to", to], app.data());
        assert!(again.contains("never writes over"), "{again}");
        let server = Server::start(&["--auth", "development"], &there).await;
        let client = crate::harness::Client::new(server.url());
        let users = client.get("/session/users").await.ok();
        let lead = client.signed_in_as(&users["items"][0]["id"]).await;
        let session = lead.get("/session").await.ok();
        assert_eq!(session["staging"], serde_json::Value::Null, "it is no staging copy");
        assert_eq!(lead.get("/tenders").await.ok()["items"].as_array().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn every_cut_and_every_flipped_bit_is_found_and_nothing_is_left_behind() {
    let (app, file) = filed("keep").await;
    let whole = std::fs::read(&file).unwrap();
    verify(&file).unwrap();
    let damaged = app.data().join("damaged.oxsnap");
    let step = (whole.len() / 400).max(1);
    for at in (0..whole.len()).step_by(step).chain(0..64.min(whole.len())) {
        std::fs::write(&damaged, whole.get(..at).unwrap()).unwrap();
        assert!(verify(&damaged).is_err(), "cut at {at}");
        let mut bytes = whole.clone();
        bytes[at] ^= 0x40;
        std::fs::write(&damaged, &bytes).unwrap();
        assert!(verify(&damaged).is_err(), "flipped at {at}");
        let to = app.data().join("none");
        assert!(unpack(&damaged, &to, |_| ()).is_err(), "flipped at {at}");
        let left = crate::vault_support::files(&to);
        assert!(left.is_empty(), "flipped at {at}: {left:?}");
    }
    let mut longer = whole.clone();
    longer.push(0);
    std::fs::write(&damaged, &longer).unwrap();
    let said = verify(&damaged).unwrap_err().to_string();
    assert!(said.contains("more in it"), "{said}");
}

#[test]
fn a_copy_of_the_demonstration_is_whole_starts_and_gives_the_original_away_nowhere() {
    let folder = tempfile::TempDir::new().unwrap();
    let policy = Policy::parse(&std::fs::read_to_string(shipped("masking.toml")).unwrap()).unwrap();
    let original = folder.path().join("original");
    {
        let control = Control::open(&original).unwrap();
        demo::create(&control).unwrap();
        assert_eq!(control.outgoing(), Outgoing::Allowed);
        control.close();
    }
    let source = Source::open(&original, None).unwrap();
    let salt = Salt::new(b"0123456789abcdef").unwrap();
    let file = folder.path().join("demo.oxsnap");
    clone(&source, &policy, &salt, Audit::Truncate, &file, 0, folder.path(), |_, _| ()).unwrap();
    let (header, _) = verify(&file).unwrap();
    assert!(header.masked && !header.contains_originals);
    assert!(scan(&file, &source, &policy, folder.path()).unwrap() > 100);

    let copy = folder.path().join("copy");
    unpack(&file, &copy, |_| ()).unwrap();
    let control = Control::open(&copy).unwrap();
    assert_eq!(control.outgoing(), Outgoing::HeldBack, "a staging copy sends nothing");
    let workspace = control.workspace(&header.slug).unwrap();
    assert!(workspace.published().library.estimates().count() > 1);
}

#[test]
fn the_same_salt_makes_the_same_copy_and_another_salt_another() {
    let folder = tempfile::TempDir::new().unwrap();
    let policy = Policy::parse(BUILT_IN).unwrap();
    let original = folder.path().join("original");
    {
        let control = Control::open(&original).unwrap();
        demo::create(&control).unwrap();
        control.close();
    }
    let source = Source::open(&original, None).unwrap();
    let made = |name: &str, salt: &[u8]| {
        let (salt, file) = (Salt::new(salt).unwrap(), folder.path().join(name));
        let scratch = folder.path();
        clone(&source, &policy, &salt, Audit::Truncate, &file, 7, scratch, |_, _| ()).unwrap();
        std::fs::read(file).unwrap()
    };
    let one = made("one", b"0123456789abcdef");
    assert!(one == made("again", b"0123456789abcdef"), "byte for byte");
    assert!(one != made("other", b"another salt than that"));
}

#[tokio::test]
async fn the_shipped_copy_of_the_demonstration_serves_as_staging() {
    let folder = tempfile::TempDir::new().unwrap();
    let file = shipped("demo.oxsnap");
    let name = file.to_str().unwrap();
    let said = process::output(&["snapshot", "verify", name], folder.path());
    assert!(said.contains("whole: ") && !said.contains("not masked"), "{said}");
    let arguments = ["--auth", "development", "--from-snapshot", name];
    let server = Server::start(&arguments, folder.path()).await;
    let client = crate::harness::Client::new(server.url());
    let users = client.get("/session/users").await.ok();
    let users = users["items"].as_array().unwrap();
    assert!(users.iter().all(|user| !user["name"].as_str().unwrap().contains("Oxcon")));
    let admin = users.iter().find(|user| user["role"] == "admin").unwrap();
    let admin = client.signed_in_as(&admin["id"]).await;
    let session = admin.get("/session").await.ok();
    assert_eq!(session["staging"]["containsOriginals"], false, "{session}");
    let tenders = admin.get("/tenders").await.ok();
    let tenders = tenders["items"].as_array().unwrap();
    assert!(tenders.len() > 1, "{tenders:?}");
    let mut priced = 0;
    for tender in tenders {
        for estimate in tender["estimates"].as_array().unwrap() {
            let id = estimate["id"].as_str().unwrap();
            let estimate = admin.get(&format!("/estimates/{id}")).await.ok();
            let total = estimate["totals"]["total"].as_str().unwrap();
            priced += usize::from(total != "0.00");
        }
    }
    assert!(priced > 0, "no estimate adds up to anything");
}

#[tokio::test]
async fn a_file_of_a_newer_release_is_said_to_be_that_and_not_damaged() {
    let (app, file) = filed("truncate").await;
    let whole = std::fs::read(&file).unwrap();
    let (mark, rest) = whole.split_first_chunk::<8>().unwrap();
    let (length, rest) = rest.split_first_chunk::<4>().unwrap();
    let (header, frames) = rest.split_at(u32::from_be_bytes(*length) as usize);
    let mut header: serde_json::Value = serde_json::from_slice(header).unwrap();
    header["format"] = 9.into();
    header["further"] = serde_json::json!({ "of": "a newer release" });
    let header = header.to_string().into_bytes();
    let length = (header.len() as u32).to_be_bytes();
    let format = [mark.as_slice(), &length, &header, frames].concat();
    let marked = [b"oxsnap2\n".as_slice(), &whole[8..]].concat();
    let newer = app.data().join("newer.oxsnap");
    let name = newer.to_str().unwrap();
    for (what, bytes) in [("the header", format), ("the mark", marked)] {
        std::fs::write(&newer, bytes).unwrap();
        let to = app.data().join("never");
        for words in [
            &["snapshot", "verify", name][..],
            &["snapshot", "inspect", name],
            &["restore", "--from", name, "--to", to.to_str().unwrap()],
        ] {
            let said = process::refused(words, app.data());
            assert!(said.contains(name) && said.contains("update oxFlow"), "{what}: {said}");
            assert!(!said.contains("damaged"), "{what}: {said}");
        }
        assert!(!to.exists());
    }
}

#[tokio::test]
async fn a_dry_run_of_a_file_says_what_is_in_it_and_writes_nothing() {
    let (app, file) = filed("truncate").await;
    let name = file.to_str().unwrap();
    let to = app.data().join("look");
    let text = to.to_str().unwrap();
    let restore = ["restore", "--from", name, "--to", text];
    let dry = [&restore[..], &["--dry-run"]].concat();
    let said = process::output(&dry, app.data());
    assert!(said.contains("My organisation") && said.contains("nothing was written"), "{said}");
    assert!(!to.exists());
    let said = process::refused(&[&restore[..], &["--history"]].concat(), app.data());
    assert!(said.contains("holds one moment"), "{said}");
    process::output(&restore, app.data());
    let said = process::refused(&dry, app.data());
    assert!(said.contains("there is a ledger already"), "{said}");
}
