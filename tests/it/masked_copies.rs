//! A masked copy starts, adds up, and says nothing of where it came from.

use crate::harness::{Client, TestApp, process, process::Server};
use crate::http_support::{Priced, fresh};
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use std::path::Path;

/// The policy that is shipped.
pub const POLICY: &str = include_str!("../../snapshots/masking.toml");
/// A salt for tests.
pub const SALT: &str = "0123456789abcdef0123456789abcdef";

/// What must not be found in a copy, in any case.
const SECRETS: [&str; 21] = [
    "hauraki",
    "quarries",
    "mere tuhoe",
    "tūhoe",
    "tuhoe",
    "mere says",
    "mere@hauraki.example",
    "000 1234",
    "waihou",
    "184,231.50",
    "184231.5",
    "1842.315",
    "downer",
    "heb to confirm",
    "2,026,546.50",
    "423.15",
    "35653.50",
    "85.5000",
    "zebra plan",
    "zebra drawing",
    "zebra comment",
];

/// A company as it is entered.
fn company(name: &str, contacts: Value, note: &str) -> Value {
    json!({"name": name, "contacts": contacts, "note": note,
        "roles": {"client": false, "supplier": true, "subcontractor": false}})
}

/// An estimate with secrets in odd places.
pub async fn planted() -> Priced {
    let world = Priced::start().await;
    let mere =
        json!([{"name": "Mere Tūhoe", "email": "mere@hauraki.example", "phone": "07 000 1234"}]);
    let note = "Ask MERE TUHOE, or write to Mere@Hauraki.example.";
    for company in [
        company("Hauraki Quarries Ltd", mere, note),
        company("Downer Ltd", json!([]), "Downer’s own yard"),
        company("HEB", json!([]), ""),
    ] {
        world.lead.post("/companies", &company).await.ok();
    }
    let texts = [
        "Basecourse from HAURAKI QUARRIES, delivered",
        "Basecourse as Hauraki-Quarries' letter of May says",
        "See hauraki_quarries_ltd_quote.pdf and haurakiquarries.example",
        "Mere Tuhoe's price; call (07) 000-1234",
        "Waihou Road: kerb 150 mm x 2.50 m",
        "As per downer's quote; ask hauraki's yard manager, heb to confirm",
        "mere says the tuhoe whanau and Tūhoe\u{2019}s know",
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
    let sum =
        "Our tender sum of 2,026,546.50 excludes it. Item 1.1 comes to 18 423.15, over 2.50 m.";
    for text in [letter, sum] {
        let edit = json!({"op": "add-content", "kind": "inclusions", "text": text});
        world.lead.post(&world.at("/edits"), &json!({"edits": [edit]})).await.ok();
    }
    let item = world.item("2.1", "417", "85.5").await;
    let accepted = json!({"op": "acknowledge", "rule": "BR-090", "objectId": item,
        "value": "35653.50 at 85.5000", "reason": "As downer's was"});
    world.lead.post(&world.at("/edits"), &json!({"edits": [accepted]})).await.ok();
    let variables = json!([
        {"name": "downer_rate", "formula": "184231.5", "note": "as HEB has it"},
        {"name": "twice", "formula": "2 * downer_rate + 1842.315"},
    ]);
    world.lead.patch(&world.at(""), &json!({"variables": variables})).await.ok();
    let comment = json!({"itemId": item, "text": "A zebra comment about Downer", "id": fresh()});
    world.lead.post(&world.at("/comments"), &comment).await.ok();
    let file = Part::bytes(&b"%PDF-1.7 zebra drawing of Hauraki Quarries"[..]);
    let form = Form::new().part("file", file.file_name("zebra plan for downer.pdf"));
    let at = format!("/tenders/{}/attachments", world.tender);
    let sent = world.lead.request(Method::POST, &at).multipart(form).send().await.unwrap();
    assert!(sent.status().is_success());
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
    let source = bytes_below(app.data());
    for secret in SECRETS {
        let amount = secret.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        assert!(amount || source.contains(secret), "{secret} is not in the source");
    }
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

    // What is made of a copy is a copy.
    let again = there.path().join("again.oxsnap");
    let [data, file] = [&to, &again].map(|path| path.to_str().unwrap());
    process::output(&["snapshot", "create", "--data", data, "--to", file], there.path());
    let said = process::output(&["snapshot", "inspect", file], there.path());
    assert!(said.contains("masked: names and prices are invented"), "{said}");

    let server = Server::start(&["--auth", "development"], &to).await;
    let admin = admin(server.url()).await;
    let session = admin.get("/session").await.ok();
    assert_eq!(session["staging"], json!({"containsOriginals": false}));
    assert_eq!(session["organisation"]["slug"], "staging");
    let totals = admin.get(&format!("/estimates/{estimate}")).await.ok()["totals"].clone();
    assert_ne!(totals, before, "the prices are others");
    let companies = admin.get("/companies").await.ok();
    let companies = companies["items"].as_array().unwrap();
    let contacts = |company: &&Value| company["contacts"][0].is_object();
    let company = companies.iter().find(contacts).unwrap();
    let quarries = company["name"].as_str().unwrap();
    assert!(["Supplier A", "Supplier B", "Supplier C"].contains(&quarries), "{quarries}");
    assert!(company["contacts"][0]["email"].as_str().unwrap().ends_with("@test.oxflow.example"));
    let content = admin.get(&format!("/estimates/{estimate}/content")).await.ok();
    assert_eq!(
        content["blocks"][0]["text"],
        format!("Our price is [amount] plus GST; {quarries}\u{2019}s is [amount].")
    );
    assert_eq!(
        content["blocks"][1]["text"],
        "Our tender sum of [amount] excludes it. Item 1.1 comes to [amount], over 2.50 m."
    );
    // What defines a name and what uses it are called the same; the figures are others.
    let row = admin.get(&format!("/estimates/{estimate}")).await.ok();
    let variables = row["variables"].as_array().unwrap();
    let name = variables[0]["name"].as_str().unwrap();
    assert!(name.starts_with("supplier_") && name.ends_with("_rate"), "{name}");
    let uses = variables[1]["formula"].as_str().unwrap();
    assert!(uses.starts_with(&format!("2 * {name} + ")), "{uses}");
    // What was accepted has another value now, so it holds no more.
    let accepted = admin.get(&format!("/estimates/{estimate}/acknowledgements")).await.ok();
    assert_eq!(accepted["items"][0]["value"], "masked");
    let comments = admin.get(&format!("/estimates/{estimate}/comments")).await.ok();
    assert_eq!(comments["items"], json!([]));
}

/// Copies what a stopped server had with a policy; what was said, and whether it was made.
fn try_copy(app: &TestApp, from: &str, to: &str, policy: Option<&str>) -> String {
    let folder = app.data();
    std::fs::write(folder.join("salt"), SALT).unwrap();
    let mut arguments = vec!["clone", "--from", from, "--salt-file", "salt", "--to", to];
    if let Some(policy) = policy {
        std::fs::write(folder.join("policy.toml"), policy).unwrap();
        arguments.extend(["--mask", "policy.toml"]);
    }
    process::output(&arguments, folder)
}

#[tokio::test]
async fn the_policy_is_built_in_and_a_masked_copy_can_be_copied_again() {
    let mut app = planted().await.app;
    app.kill();
    let printed = process::output(&["clone", "--print-policy"], app.data());
    assert_eq!(printed, POLICY);
    let data = app.data().to_str().unwrap().to_owned();
    try_copy(&app, &data, "one.oxsnap", None);
    // What was invented stays as it was invented: nothing of the source is left to be found.
    let said = try_copy(&app, "one.oxsnap", "two.oxsnap", None);
    assert!(said.contains("nothing of the original found"), "{said}");
    // A policy that keeps what variables are called does not get past the search.
    let kept = POLICY.replace("\"variables.name\" = \"rename\"", "\"variables.name\" = \"keep\"");
    std::fs::write(app.data().join("kept.toml"), kept).unwrap();
    let arguments = ["clone", "--from", &data, "--salt-file", "salt", "--mask", "kept.toml"];
    let said = process::refused(&[&arguments[..], &["--to", "three.oxsnap"]].concat(), app.data());
    assert!(said.contains("of tender \"T-1\", variables.name: a name of the original"), "{said}");
    assert!(!app.data().join("three.oxsnap").exists());
}

#[tokio::test]
async fn a_word_of_the_trade_that_is_a_name_stops_no_copy_and_a_code_that_does_is_named_in_words() {
    let world = Priced::start().await;
    let tender = json!({"number": "T-2", "name": "Load"});
    world.lead.post("/tenders", &tender).await.ok();
    world.lead.post("/companies", &company("Kerb Ltd", json!([]), "")).await.ok();
    world.lead.post("/companies", &company("Hauraki Quarries Ltd", json!([]), "")).await.ok();
    let item = world.item("1.1", "10", "5").await;
    let kept = world.item("HAURAKI QUARRIES-1", "10", "5").await;
    let set = json!({"op": "update-item", "id": item, "set": {"unit": "load"}});
    world.lead.post(&world.at("/edits"), &json!({"edits": [set]})).await.ok();
    let mut app = world.app;
    app.kill();
    let data = app.data().to_str().unwrap().to_owned();
    std::fs::write(app.data().join("salt"), SALT).unwrap();
    let arguments = ["clone", "--from", &data, "--salt-file", "salt", "--to", "out.oxsnap"];
    let said = process::refused(&arguments, app.data());
    assert!(said.contains("of tender \"T-1\", code: a name of the original"), "{said}");
    assert!(said.contains("another treatment in the policy"), "{said}");
    assert!(!said.contains("load") && !said.contains("units") && !said.contains(&kept), "{said}");
    let treated = POLICY.replace("[items]\ncode = \"keep\"", "[items]\ncode = \"scrub\"");
    try_copy(&app, &data, "out.oxsnap", Some(&treated));
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
