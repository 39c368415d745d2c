//! Whatever is asked, the API answers as its own document says: schemathesis asks a running
//! demonstration every operation with data that fits the document and data that does not. No answer
//! is a server error, each has a status, a media type and a shape the document knows, and what the
//! document does not allow is refused.
//!
//! `OXFLOW_API_EXAMPLES` says how many cases are made up for each operation beside those at the
//! bounds of its schema, `OXFLOW_FUZZ_SEED` from which number.

use crate::harness::{Client, TestApp};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Cases made up for each operation, where nobody says how many.
const EXAMPLES: u64 = 2;
/// The seed, where nobody says another.
const SEED: u64 = 20_260_420;
/// Operations that a run got something from, of a hundred: fewer, and it only knocked at the door.
const ANSWERED_MIN_PERCENT: usize = 55;
/// One address asks as fast as it can.
const UNLIMITED: &str = "[limits]\naddress_per_minute = 0\norganisation_per_minute = 0\n\
                         token_per_minute = 0\nsign_in_per_minute = 0\n";

fn setting(name: &str, otherwise: u64) -> String {
    std::env::var(name).unwrap_or_else(|_| otherwise.to_string())
}

fn schemathesis() -> PathBuf {
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join(".tools");
    let found = std::fs::read_dir(&tools).ok().into_iter().flatten().flatten();
    let runs = |entry: std::fs::DirEntry| {
        let is_it = entry.file_name().to_string_lossy().starts_with("schemathesis-");
        is_it.then(|| entry.path().join("bin/st")).filter(|st| st.is_file())
    };
    found
        .into_iter()
        .find_map(runs)
        .unwrap_or_else(|| panic!("no schemathesis in {}: .ci/tools schemathesis", tools.display()))
}

#[tokio::test]
async fn api_answers_as_its_document_says() {
    let app = TestApp::demo_configured(UNLIMITED).await;
    let admin = app.sign_in("admin").await;
    let wanted = json!({"name": "schemathesis", "scope": "admin", "days": 3});
    let token = admin.post("/tokens", &wanted).await.ok();
    let token = token["text"].as_str().unwrap().to_owned();
    let counts = app.data().join("counts.json");
    let base = format!("{}/api/v1", app.origin());
    let run = std::process::Command::new(schemathesis())
        .current_dir(app.data())
        .env("SCHEMATHESIS_HOOKS", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/api/hooks.py"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("OXFLOW_TOKEN", &token)
        .env("OXFLOW_COUNTS", &counts)
        .args([
            "--config-file",
            concat!(env!("CARGO_MANIFEST_DIR"), "/tests/api/schemathesis.toml"),
        ])
        .args(["run", "--no-color", "--url", &base])
        .args(["--phases", "examples,coverage,fuzzing", "--continue-on-failure", "--no-shrink"])
        .args(["--max-examples", &setting("OXFLOW_API_EXAMPLES", EXAMPLES)])
        .args(["--seed", &setting("OXFLOW_FUZZ_SEED", SEED)])
        .args(["--generation-with-security-parameters", "false"])
        .args(["--generation-database", "none", "--suppress-health-check", "all"])
        .args(["--request-timeout", "60", "--warnings", "off"])
        .arg(format!("{base}/openapi.json"))
        .output()
        .expect("schemathesis runs");
    let said = String::from_utf8_lossy(&run.stdout).into_owned();
    assert!(run.status.success(), "{said}\n{}", String::from_utf8_lossy(&run.stderr));
    assert!(!app.said().contains("panicked"), "{}", app.said());

    // Whoever asked was let in to the end, and most of what there is was reached.
    // A connection of its own: the one there was may have been idle for too long by now.
    let asker = Client::new(&app.origin());
    let mine = asker.request(reqwest::Method::GET, "/session").bearer_auth(&token);
    assert_eq!(mine.send().await.unwrap().status(), 200, "the token was good to the end");
    let counts: BTreeMap<String, BTreeMap<String, u64>> =
        serde_json::from_slice(&std::fs::read(counts).unwrap()).unwrap();
    let document: Value =
        asker.page("/api/v1/openapi.json").send().await.unwrap().json().await.unwrap();
    let mut operations = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        let methods = methods.as_object().unwrap().keys();
        operations.extend(methods.map(|method| format!("{} {path}", method.to_uppercase())));
    }
    let answered = |operation: &&String| {
        let of = counts.get(*operation).unwrap_or_else(|| panic!("{operation} was never asked"));
        of.keys().any(|status| status.starts_with('2') || status.starts_with('3'))
    };
    let reached = operations.iter().filter(answered).count();
    let all = operations.len();
    assert!(reached * 100 >= all * ANSWERED_MIN_PERCENT, "{reached} of {all} gave something");
}
