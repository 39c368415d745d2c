//! A masked copy starts, adds up, and says nothing of where it came from.

use crate::harness::{Client, TestApp, process, process::Server};
use crate::http_support::{Priced, fresh};
use serde_json::{Value, json};
use std::path::Path;

/// The policy that is shipped.
pub const POLICY: &str = include_str!("../../snapshots/masking.toml");
/// A salt for tests.
pub const SALT: &str = "0123456789abcdef0123456789abcdef";

/// What must not be found in a copy, in any case.
const SECRETS: [&str; 8] = [
    "hauraki",
    "quarries",
    "mere tuhoe",
    "tūhoe",
    "mere@hauraki.example",
    "000 1234",
    "waihou",
    "184,231.50",
];

/// An estimate with secrets in odd places.
pub async fn planted() -> Priced {
    let world = Priced::start().await;
    world
        .lead
        .post(
            "/companies",
            &json!({
                "name": "Hauraki Quarries Ltd",
                "roles": {"client": false, "supplier": true, "subcontractor": false},
                "contacts": [{"name": "Mere Tūhoe", "email": "mere@hauraki.example", "phone": "07 000 1234"}],
                "note": "Ask MERE TUHOE, or write to Mere@Hauraki.example.",
            }),
        )
        .await
        .ok();
    let texts = [
        "Basecourse from HAURAKI QUARRIES, delivered",
        "Basecourse as Hauraki-Quarries' letter of May says",
        "See hauraki_quarries_ltd_quote.pdf and haurakiquarries.example",
        "Mere Tuhoe's price; call (07) 000-1234",
        "Waihou Road: kerb 150 mm x 2.50 m",
    ];
    let edits: Vec<Value> = texts
        .iter()
        .zip(1..)
        .map(|(text, n)| {
            json!({"op": "add-item", "id": fresh(), "parentId": world.heading, "set": {
                "code": format!("1.{n}"), "description": text, "unit": "m3", "quantity": "10",
                "plugRate": "1842.315", "plugType": "plant",
            }})
        })
        .collect();
    world.lead.post(&world.at("/edits"), &json!({"edits": edits})).await.ok();
    let letter = "Our price is NZ$ 184,231.50 plus GST; Hauraki Quarries\u{2019}s is $1.2 million.";
    let edit = json!({"op": "add-content", "kind": "inclusions", "text": letter});
    world.lead.post(&world.at("/edits"), &json!({"edits": [edit]})).await.ok();
    world
}

/// Stops the server and copies what it had.
fn copy(mut app: TestApp, more: &[&str]) -> (TestApp, String) {
    app.kill();
    let folder = app.data().to_path_buf();
    std::fs::write(folder.join("masking.toml"), POLICY).unwrap();
    std::fs::write(folder.join("salt"), SALT).unwrap();
    let data = folder.to_str().unwrap().to_owned();
    let mut arguments = vec!["clone", "--from", &data, "--mask", "masking.toml"];
    arguments.extend(["--salt-file", "salt", "--to", "out.oxsnap"]);
    arguments.extend(more);
    let said = process::output(&arguments, &folder);
    (app, said)
}

/// Everything below a folder, as text.
fn bytes_below(folder: &Path) -> String {
    let mut all = String::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            all.push_str(&bytes_below(&path));
        } else {
            all.push_str(&String::from_utf8_lossy(&std::fs::read(&path).unwrap()));
        }
    }
    all.to_lowercase()
}

async fn admin(url: &str) -> Client {
    let client = Client::new(url);
    let users = client.get("/session/users").await.ok();
    let user = users["items"].as_array().unwrap().iter().find(|user| user["role"] == "admin");
    client.signed_in_as(&user.unwrap()["id"]).await
}

#[tokio::test]
async fn a_copy_says_nothing_of_its_source_and_starts_as_staging() {
    let world = planted().await;
    let estimate = world.estimate.clone();
    let before = world.lead.get(&world.at("")).await.ok()["totals"].clone();
    let (app, _) = copy(world.app, &[]);
    let there = tempfile::TempDir::new().unwrap();
    let file = app.data().join("out.oxsnap");
    let to = there.path().join("data");
    let arguments = ["restore", "--from", file.to_str().unwrap(), "--to", to.to_str().unwrap()];
    process::output(&arguments, there.path());
    let all = bytes_below(&to);
    for secret in SECRETS {
        assert!(!all.contains(secret), "{secret} is in the copy");
    }
    let checked = process::output(&["check", "--data", to.to_str().unwrap()], there.path());
    assert!(checked.contains("sound") && !checked.contains("DAMAGED"), "{checked}");

    let server = Server::start(&["--auth", "development"], &to).await;
    let admin = admin(server.url()).await;
    let session = admin.get("/session").await.ok();
    assert_eq!(session["staging"], json!({"containsOriginals": false}));
    assert_eq!(session["organisation"]["slug"], "staging");
    let totals = admin.get(&format!("/estimates/{estimate}")).await.ok()["totals"].clone();
    assert_ne!(totals, before, "the prices are others");
    let companies = admin.get("/companies").await.ok();
    let company = &companies["items"][0];
    assert_eq!(company["name"], "Supplier A");
    assert!(company["contacts"][0]["email"].as_str().unwrap().ends_with("@test.oxflow.example"));
    let content = admin.get(&format!("/estimates/{estimate}/content")).await.ok();
    assert_eq!(
        content["blocks"][0]["text"],
        "Our price is [amount] plus GST; Supplier A\u{2019}s is [amount]."
    );
}

#[tokio::test]
async fn a_kept_audit_trail_is_whole_and_the_copy_says_that_it_contains_originals() {
    let world = planted().await;
    let (app, said) = copy(world.app, &["--audit", "keep"]);
    assert!(said.contains("CONTAINS ORIGINALS"), "{said}");
    let there = tempfile::TempDir::new().unwrap();
    let file = app.data().join("out.oxsnap");
    let to = there.path().join("data");
    let arguments = ["restore", "--from", file.to_str().unwrap(), "--to", to.to_str().unwrap()];
    process::output(&arguments, there.path());
    let checked = process::output(&["check", "--data", to.to_str().unwrap()], there.path());
    assert!(checked.contains("sound") && !checked.contains("DAMAGED"), "{checked}");
    let server = Server::start(&["--auth", "development"], &to).await;
    let session = admin(server.url()).await.get("/session").await.ok();
    assert_eq!(session["staging"], json!({"containsOriginals": true}));
}

#[tokio::test]
async fn without_a_salt_or_with_a_field_left_out_nothing_is_copied() {
    let mut app = TestApp::start().await;
    app.kill();
    let folder = app.data();
    let data = folder.to_str().unwrap();
    let left_out = POLICY.replace("client_name = ", "client_nam = ");
    for (name, text) in [("whole.toml", POLICY), ("left.toml", &left_out), ("salt", SALT)] {
        std::fs::write(folder.join(name), text).unwrap();
    }
    let start = ["clone", "--from", data, "--to", "out.oxsnap", "--mask"];
    let without = process::refused(&[&start[..], &["whole.toml"]].concat(), folder);
    assert!(without.contains("OXFLOW_MASK_SALT"), "{without}");
    let named = [&start[..], &["left.toml", "--salt-file", "salt"]].concat();
    let said = process::refused(&named, folder);
    assert!(said.contains("tenders.client_name"), "{said}");
    assert!(!folder.join("out.oxsnap").exists());
}
