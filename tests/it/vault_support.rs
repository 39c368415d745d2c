//! What the tests of the vault share: a server whose commits go to a vault, and looking at both.

use crate::harness::{Client, process::Server};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Longest wait for the vault to have what the ledger has.
const SHIP_TIMEOUT: Duration = Duration::from_secs(180);

/// A server with a vault in a folder beside its data, and what is restored from it.
pub struct Vaulted {
    pub server: Server,
    pub folder: TempDir,
    pub url: String,
    data: PathBuf,
    settings: String,
}

impl Vaulted {
    /// A server whose vault is a folder.
    pub async fn start(settings: &str) -> Vaulted {
        let folder = TempDir::new().expect("a temporary folder");
        let url = format!("file://{}", folder.path().join("vault").display());
        Vaulted::start_at(folder, url, settings).await
    }

    /// A server whose vault is at `url`.
    pub async fn start_at(folder: TempDir, url: String, settings: &str) -> Vaulted {
        let settings = format!("[vault]\nurl = {url:?}\n{settings}\n");
        let data = folder.path().join("data");
        within_an_hour().await;
        let server = serve(&data, &settings).await;
        Vaulted { server, folder, url, data, settings }
    }

    /// The folder of the vault, where it is one.
    pub fn vault(&self) -> PathBuf {
        self.folder.path().join("vault")
    }

    /// The data folder.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// Writes the settings into the data folder, for commands that run there.
    pub fn write_settings(&self) {
        std::fs::write(self.data.join("oxflow.toml"), &self.settings).expect("a settings file");
    }

    /// Another server on another data folder, with the same vault.
    pub async fn beside(&self, data: &Path) -> Server {
        serve(data, &self.settings).await
    }

    /// Starts the server again on the same data.
    pub async fn restart(&mut self) {
        self.server.kill();
        self.server = serve(&self.data, &self.settings).await;
    }

    /// Starts the server again on the same data, with a clock that is so many seconds off.
    pub async fn restart_off(&mut self, seconds: i64) {
        self.server.kill();
        let flags = ["--auth", "development"];
        self.server = Server::start_off(&flags, &self.data, seconds).await;
    }

    /// The signed-in administrator.
    pub async fn admin(&self) -> Client {
        admin_of(&self.server).await
    }

    /// Restores into a new folder, with further arguments, and gives the folder.
    pub fn restored(&self, name: &str, arguments: &[&str]) -> PathBuf {
        let to = self.folder.path().join(name);
        let text = to.to_str().expect("a plain name").to_owned();
        let mut all = vec!["restore", "--from", &self.url, "--to", &text];
        all.extend(arguments);
        crate::harness::process::output(&all, &self.data);
        to
    }

    /// What a command of the binary prints that must succeed, run where the settings lie.
    pub fn output(&self, arguments: &[&str]) -> String {
        crate::harness::process::output(arguments, &self.data)
    }

    /// What a command of the binary says that must be refused.
    pub fn refused(&self, arguments: &[&str]) -> String {
        crate::harness::process::refused(arguments, &self.data)
    }
}

/// Waits where an hour is about to end: segments stored in one that is over are merged by the next
/// upkeep, and tests look at them as they were shipped.
async fn within_an_hour() {
    const HOUR: i64 = 60 * 60;
    let left = HOUR - jiff::Timestamp::now().as_second() % HOUR;
    if let Ok(left @ 1..=60) = u64::try_from(left) {
        tokio::time::sleep(Duration::from_secs(left + 1)).await;
    }
}

async fn serve(data: &Path, settings: &str) -> Server {
    std::fs::create_dir_all(data).expect("a data folder");
    std::fs::write(data.join("oxflow.toml"), settings).expect("a settings file");
    Server::start(&["--auth", "development"], data).await
}

/// The signed-in administrator of a server.
pub async fn admin_of(server: &Server) -> Client {
    let client = Client::new(server.url());
    let users = client.get("/session/users").await.ok();
    let all = users["items"].as_array().expect("a list of users");
    let user = all.iter().find(|user| user["role"] == "admin").expect("an administrator");
    client.signed_in_as(&user["id"]).await
}

/// Makes a tender: one commit. Gives its identity.
pub async fn tender(admin: &Client, number: &str) -> String {
    let made = admin.post("/tenders", &json!({ "number": number, "name": "Kerbs" })).await.ok();
    made["id"].as_str().expect("an identity").to_owned()
}

/// The numbers of all tenders, in order.
pub async fn numbers(admin: &Client) -> Vec<String> {
    let (mut numbers, mut page) = (Vec::new(), "/tenders".to_owned());
    loop {
        let listed = admin.get(&page).await.ok();
        let some = listed["items"].as_array().expect("a list of tenders");
        numbers.extend(some.iter().map(|row| row["number"].as_str().expect("a number").to_owned()));
        match listed["nextCursor"].as_str() {
            Some(cursor) => page = format!("/tenders?cursor={cursor}"),
            None => break,
        }
    }
    numbers.sort_unstable();
    numbers
}

/// Waits until the vault has every commit, and gives its state.
pub async fn shipped(admin: &Client) -> Value {
    let deadline = Instant::now() + SHIP_TIMEOUT;
    loop {
        let state = admin.get("/vault").await.ok();
        let (head, stored) = (state["head"].as_u64(), state["stored"].as_u64());
        if head.is_some_and(|head| head > 0) && head == stored && state["lagBytes"] == 0 {
            return state;
        }
        assert!(Instant::now() < deadline, "the vault lags: {state}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Every file below a folder, in order.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.file_type().expect("a kind").is_dir() {
            true => found.extend(files(&entry.path())),
            false => found.push(entry.path()),
        }
    }
    found.sort();
    found
}

/// Has every file below a folder be stored that long ago.
pub fn age(folder: &Path, by: Duration) {
    for path in files(folder) {
        let file = std::fs::File::options().append(true).open(&path).expect("an object");
        let stored = file.metadata().and_then(|of| of.modified()).expect("a time");
        file.set_modified(stored - by).expect("it gets older");
    }
}

/// Waits until the state of the vault is as wanted, and gives it.
pub async fn until(admin: &Client, wanted: impl Fn(&Value) -> bool) -> Value {
    let deadline = Instant::now() + SHIP_TIMEOUT;
    loop {
        let state = admin.get("/vault").await.ok();
        if wanted(&state) {
            return state;
        }
        assert!(Instant::now() < deadline, "it never came: {state}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
