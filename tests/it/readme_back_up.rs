//! The commands of README's "Back up, restore, stage", line by line, against a real S3 store.

use crate::harness::process::{self, Server};
use crate::harness::s3::{BUCKET, S3};
use crate::vault_support::{admin_of, files, numbers, shipped, tender};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

const TITLE: &str = "## Back up, restore, stage\n";

/// The commands of the section, in order, without their remarks.
fn commands() -> Vec<String> {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = fs::read_to_string(readme).expect("the README");
    let (_, section) = readme.split_once(TITLE).expect("the section");
    let section = section.split("\n## ").next().expect("its text").replace("\\\n", " ");
    let lines = section.lines().filter_map(|line| line.strip_prefix("    "));
    let plain = |line: &str| line.split(" # ").next().unwrap_or_default().trim().to_owned();
    let all = lines.map(plain);
    all.filter(|line| line.starts_with("oxflow ") || line.starts_with("openssl ")).collect()
}

/// What people type instead of an address that may be taken.
const LISTEN: &str = "127.0.0.1:0";

/// All in one folder with production's own settings, as an administrator types it; production is
/// started anew where its disk is gone, and goes on beside everything else.
#[tokio::test]
async fn every_command_of_the_section_does_what_it_says_and_production_goes_on() {
    let s3 = S3::start().await;
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let here = folder.path();
    let data = here.join("data");
    fs::write(here.join("credentials"), s3.credentials()).expect("credentials");
    fs::write(here.join("vault.key"), "ab".repeat(32)).expect("a key");
    let url = format!("s3://{BUCKET}/live");
    let file = |name: &str| here.join(name).display().to_string();
    let settings = format!(
        "[vault]\nurl = {url:?}\ncredentials_file = {:?}\nkey_file = {:?}\n",
        file("credentials"),
        file("vault.key")
    );
    fs::write(here.join("oxflow.toml"), settings).expect("settings");

    let production = ["serve", "--auth", "development", "--listen", LISTEN];
    let mut server = Server::typed(&production, here).await;
    let mut admin = admin_of(&server).await;
    tender(&admin, "T-1").await;
    let lsn = shipped(&admin).await["stored"].as_u64().expect("a commit").to_string();
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let at = jiff::Timestamp::now().to_string();
    tender(&admin, "T-2").await;
    shipped(&admin).await;

    let (mut epoch, mut looked, mut staged) = (1, 0, 0);
    let commands = commands();
    assert!(commands.len() >= 10, "{commands:?}");
    for command in &commands {
        let line = command.replace("s3://oxcon-vault/live", &url).replace("127.0.0.1:3001", LISTEN);
        let line = line.replace("2026-04-20T14:05:00+12:00", &at).replace("4711", &lsn);
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["openssl", ..] => {
                let done = Command::new("sh").args(["-c", &line]).current_dir(here).status();
                assert!(done.expect("a shell").success(), "{line}");
            }
            ["oxflow", "restore", .., "--to", "data"] => {
                server.kill();
                fs::remove_dir_all(&data).expect("the disk is gone");
                process::output(&words[1..], here);
                server = Server::typed(&production, here).await;
                admin = admin_of(&server).await;
                epoch += 1;
                assert_eq!(numbers(&admin).await, ["T-1", "T-2"]);
            }
            ["oxflow", "serve", rest @ ..] => {
                let beside = Server::typed(&words[1..], here).await;
                beside.printed("Nothing of it goes to the vault").await;
                let there = admin_of(&beside).await;
                if rest.contains(&"--from-snapshot") {
                    let session = there.get("/session").await.ok();
                    assert_eq!(session["staging"]["containsOriginals"], false, "{session}");
                    assert_eq!(numbers(&there).await.len(), 2);
                    staged += 1;
                } else {
                    assert_eq!(numbers(&there).await, ["T-1"]);
                    looked += 1;
                }
                tender(&there, "X-1").await;
            }
            [_, rest @ ..] => {
                let said = process::output(rest, here);
                if rest.contains(&"status") || rest.contains(&"verify") {
                    assert!(said.contains("default"), "{line}: {said}");
                }
                if rest.contains(&"--dry-run") && rest.contains(&"restore") {
                    assert!(!here.join("earlier").exists(), "{line}");
                    assert!(said.contains(&format!("up to commit {lsn} of ")), "{line}: {said}");
                }
            }
            [] => unreachable!("no command is empty"),
        }
    }
    assert_eq!((looked, staged), (1, 1), "{commands:?}");
    // Production writes on, and the vault holds production and nothing else.
    tender(&admin, "T-3").await;
    let state = shipped(&admin).await;
    assert_eq!(state["epoch"], epoch, "{state}");
    assert_eq!(state["refusal"], serde_json::Value::Null, "{state}");
    process::output(&["restore", "--from", &url, "--to", "whole"], here);
    let ledgers = files(&here.join("whole/orgs"));
    assert_eq!(ledgers, [here.join("whole/orgs/default/ledger.redb")]);
    let words =
        ["serve", "--data", "whole", "--no-vault", "--auth", "development", "--listen", LISTEN];
    let whole = Server::typed(&words, here).await;
    assert_eq!(numbers(&admin_of(&whole).await).await, ["T-1", "T-2", "T-3"]);
}
