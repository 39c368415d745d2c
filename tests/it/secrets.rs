//! Secrets that settings name: sealed on disk, read by nobody else, in no copy that leaves.

use crate::harness::TestApp;
use crate::harness::process::{given, output, refused, refused_with};
use std::fs;
use std::path::Path;

const TEXT: &str = "correct-horse-battery-staple-77";

/// Whether any file below a folder has some bytes in it.
fn holds(folder: &Path, bytes: &[u8]) -> Option<String> {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            if let Some(found) = holds(&path, bytes) {
                return Some(found);
            }
        } else if fs::read(&path).unwrap().windows(bytes.len()).any(|window| window == bytes) {
            return Some(path.display().to_string());
        }
    }
    None
}

#[test]
fn a_secret_is_set_listed_sealed_anew_and_taken_away() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    given(&["secrets", "set", "metrics", "--data", "data"], at, TEXT);
    let listed = output(&["secrets", "list", "--data", "data"], at);
    assert!(listed.starts_with("metrics\t") && !listed.contains(TEXT), "{listed}");
    assert_eq!(holds(at, TEXT.as_bytes()), None);
    let key = fs::read_to_string(at.join("data/secrets.key")).unwrap();
    let rotated = output(&["secrets", "rotate", "--data", "data"], at);
    assert!(rotated.contains("1 secrets"), "{rotated}");
    assert_eq!(holds(at, key.trim().as_bytes()), None, "the old key is still there");
    let refused_name = refused(&["secrets", "remove", "other", "--data", "data"], at);
    assert!(refused_name.contains("there is no secret other"), "{refused_name}");
    output(&["secrets", "remove", "metrics", "--data", "data"], at);
    assert_eq!(output(&["secrets", "list", "--data", "data"], at), "");
}

#[test]
fn a_key_that_is_wrong_or_missing_is_told_clearly() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    given(&["secrets", "set", "metrics", "--data", "data"], at, TEXT);
    let rotate = ["secrets", "rotate", "--data", "data"];
    let other = "ab".repeat(32);
    let said = refused_with(&rotate, at, &[("OXFLOW_SECRETS_KEY", &other)]);
    assert!(said.contains("the secret metrics is sealed with the key"), "{said}");
    assert!(!said.contains(&other), "{said}");
    let said = refused_with(&rotate, at, &[("OXFLOW_SECRETS_KEY", "short")]);
    assert!(said.contains("OXFLOW_SECRETS_KEY") && !said.contains("short"), "{said}");
    fs::remove_file(at.join("data/secrets.key")).unwrap();
    assert!(refused(&rotate, at).contains("no key to read them with"));
}

#[tokio::test]
async fn a_setting_names_a_secret_and_no_copy_of_the_data_has_it() {
    let settings = "[server]\nmetrics_token = \"secret:metrics\"\n[vault]\n\
        url = \"file:///VAULT\"\nkey_file = \"secret:vault-key\"\n";
    let vault = tempfile::tempdir().unwrap();
    let settings = settings.replace("/VAULT", vault.path().to_str().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    fs::write(at.join("oxflow.toml"), &settings).unwrap();
    let data = at.to_str().unwrap();
    // A secret that is not there is told by its name, and by the setting's.
    let said = refused(&["serve", "--auth", "development", "--data", data], at);
    assert!(said.contains("vault.key_file") && said.contains("vault-key"), "{said}");
    given(&["secrets", "set", "metrics", "--data", data], at, TEXT);
    let key = "5a".repeat(32);
    given(&["secrets", "set", "vault-key", "--data", data], at, &key);
    let mut app = TestApp::start_with_data(folder).await;
    let page = |token: &'static str| app.visitor().page("/metrics").bearer_auth(token).send();
    assert_eq!(page(TEXT).await.unwrap().status(), 200);
    assert_eq!(page("another").await.unwrap().status(), 403);
    let admin = app.sign_in("admin").await;
    admin
        .post("/units", &serde_json::json!({"code": "zz", "name": "zz", "dimension": "count"}))
        .await
        .ok();
    app.pause();
    // The vault was written under the key, and has neither secret; nor has a snapshot or a copy.
    let out = tempfile::tempdir().unwrap();
    let file = |name: &str| out.path().join(name).to_str().unwrap().to_owned();
    let (snapshot, copy) = (file("whole.oxsnap"), file("masked.oxsnap"));
    let here = app.data().to_str().unwrap().to_owned();
    output(&["snapshot", "create", "--from", &here, "--to", &snapshot], app.data());
    let policy = concat!(env!("CARGO_MANIFEST_DIR"), "/snapshots/masking.toml");
    let salt = file("salt");
    fs::write(&salt, "17".repeat(32)).unwrap();
    output(
        &["clone", "--from", &here, "--mask", policy, "--salt-file", &salt, "--to", &copy],
        app.data(),
    );
    fs::remove_file(&salt).unwrap();
    let sealed: serde_json::Value =
        serde_json::from_slice(&fs::read(app.data().join("secrets.json")).unwrap()).unwrap();
    let sealed = sealed["secrets"]["metrics"]["sealed"].as_str().unwrap().to_owned();
    for (place, folder) in [("vault", vault.path()), ("copies", out.path())] {
        for secret in [TEXT, &key, &sealed] {
            assert_eq!(holds(folder, secret.as_bytes()), None, "{place}");
        }
        assert!(fs::read_dir(folder).unwrap().next().is_some(), "{place} is empty");
    }
    // What is unpacked of them and searched in the plain has none either.
    let plain = out.path().join("plain");
    output(&["restore", "--from", &snapshot, "--to", plain.to_str().unwrap()], out.path());
    for secret in [TEXT, &key, &sealed] {
        assert_eq!(holds(&plain, secret.as_bytes()), None);
    }
    assert!(!app.said().contains(TEXT) && !app.said().contains(&key));
}
