//! The commands of README's "Back up, restore, stage", line by line, against a real S3 store.

use crate::harness::process::{self, Server};
use crate::harness::s3::{BUCKET, S3};
use crate::vault_support::{admin_of, numbers, shipped, tender};
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

async fn tenders_in(data: &Path) -> Vec<String> {
    // Without the settings, and so without the vault: only to look.
    let server = Server::start(&["--auth", "development"], data).await;
    numbers(&admin_of(&server).await).await
}

#[tokio::test]
async fn every_command_of_the_section_does_what_it_says() {
    let s3 = S3::start().await;
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let here = folder.path();
    let data = here.join("data");
    fs::create_dir(&data).expect("a data folder");
    fs::create_dir(here.join("snapshots")).expect("a folder");
    let policy = Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots/masking.toml");
    fs::copy(policy, here.join("snapshots/masking.toml")).expect("the policy");
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

    let toml = file("oxflow.toml");
    let mut server = Server::start(&["--auth", "development", "--config", &toml], &data).await;
    let admin = admin_of(&server).await;
    tender(&admin, "T-1").await;
    let lsn = shipped(&admin).await["stored"].as_u64().expect("a commit").to_string();
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let at = jiff::Timestamp::now().to_string();
    tender(&admin, "T-2").await;
    shipped(&admin).await;

    let (mut restored, mut staged) = (Vec::new(), false);
    let commands = commands();
    assert!(commands.len() >= 9, "{commands:?}");
    for command in &commands {
        let line = command.replace("s3://oxcon-vault/live", &url);
        let line = line.replace("2026-04-20T14:05:00+12:00", &at).replace("4711", &lsn);
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["openssl", ..] => {
                let done = Command::new("sh").args(["-c", &line]).current_dir(here).status();
                assert!(done.expect("a shell").success(), "{line}");
            }
            ["oxflow", "restore", rest @ ..] if !rest.contains(&"--dry-run") => {
                server.kill();
                fs::remove_dir_all(&data).expect("the disk is gone");
                process::output(&words[1..], here);
                restored.push(tenders_in(&data).await);
            }
            ["oxflow", "serve", rest @ ..] => {
                let elsewhere = here.join("staging");
                fs::create_dir(&elsewhere).expect("a folder");
                fs::copy(here.join("staging.oxsnap"), elsewhere.join("staging.oxsnap"))
                    .expect("the file");
                let staging = Server::start(rest, &elsewhere).await;
                let admin = admin_of(&staging).await;
                let session = admin.get("/session").await.ok();
                assert_eq!(session["staging"]["containsOriginals"], false, "{session}");
                assert_eq!(numbers(&admin).await.len(), 2);
                staged = true;
            }
            [_, rest @ ..] => {
                let said = process::output(rest, here);
                if rest.contains(&"status") || rest.contains(&"verify") {
                    assert!(said.contains("default"), "{line}: {said}");
                }
                if rest.contains(&"--dry-run") && rest.contains(&"restore") {
                    assert!(!here.join("look").exists(), "{line}");
                    assert!(said.contains(&lsn), "{line}: {said}");
                }
            }
            [] => unreachable!("no command is empty"),
        }
    }
    assert_eq!(restored, [vec!["T-1", "T-2"], vec!["T-1"]]);
    assert!(staged, "{commands:?}");
}
