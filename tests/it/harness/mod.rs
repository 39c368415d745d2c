//! Starts the real binary on a free loopback port with a folder of its own, and talks to it.

// One file of tests uses one part of the harness, another the next.
#![allow(dead_code, unused_imports)]

pub mod azure;
mod client;
pub mod idp;
pub mod pdf;
pub mod process;
pub mod s3;

pub use client::{Answer, Client};
use process::Server;

use std::path::Path;

use tempfile::TempDir;

/// Something to ask servers with. The one library for TLS serves test and program alike.
pub fn http_client() -> reqwest::Client {
    oxflow::vault::install_tls();
    reqwest::Client::new()
}

/// One running oxFlow with data of its own; killed and removed when dropped.
pub struct TestApp {
    // Dropped first, so that nothing writes while the folder goes.
    server: Server,
    folder: TempDir,
    /// How people sign in: what `--auth` takes.
    auth: &'static str,
}

impl TestApp {
    /// An empty organisation with development sign-in, ready to answer.
    pub async fn start() -> Self {
        Self::start_in(&std::env::temp_dir()).await
    }

    /// The same, with the data in a new folder inside `parent`.
    pub async fn start_in(parent: &Path) -> Self {
        let folder = TempDir::new_in(parent).expect("a temporary folder");
        let server = Server::start(&["--auth", "development"], folder.path()).await;
        Self { server, folder, auth: "development" }
    }

    /// An empty organisation under settings of its own, as `oxflow.toml` has them.
    pub async fn configured(settings: &str) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        std::fs::write(folder.path().join("oxflow.toml"), settings).expect("a settings file");
        let server = Server::start(&["--auth", "development"], folder.path()).await;
        Self { server, folder, auth: "development" }
    }

    /// The same, with more files beside the settings.
    pub async fn configured_with(settings: &str, files: &[(&str, &str)]) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        std::fs::write(folder.path().join("oxflow.toml"), settings).expect("a settings file");
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).expect("a file");
        }
        Self::start_with_data(folder).await
    }

    /// What is in a folder, with development sign-in.
    pub async fn start_with_data(folder: TempDir) -> Self {
        let server = Server::start(&["--auth", "development"], folder.path()).await;
        Self { server, folder, auth: "development" }
    }

    /// An empty organisation with development sign-in, and a log of this much.
    pub async fn logging(filter: &str) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let server = Server::start_logging(&["--auth", "development"], folder.path(), filter).await;
        Self { server, folder, auth: "development" }
    }

    /// An organisation without anybody, whose people sign in with a provider; `settings` are those
    /// of `oxflow.toml`.
    pub async fn oidc(settings: &str) -> Self {
        Self::oidc_logging(settings, process::LOG_FILTER).await
    }

    /// The same, with a log of this much.
    pub async fn oidc_logging(settings: &str, filter: &str) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        std::fs::write(folder.path().join("oxflow.toml"), settings).expect("a settings file");
        let secret = folder.path().join("client-secret");
        std::fs::write(secret, idp::Idp::SECRET).expect("a file");
        let server = Server::start_logging(&["--auth", "oidc"], folder.path(), filter).await;
        Self { server, folder, auth: "oidc" }
    }

    /// The secret of the link for the first Admin.
    pub async fn setup(&self) -> String {
        let line = self.server.printed("#setup=").await;
        line.split_once("#setup=").expect("a link").1.to_owned()
    }

    /// Puts other settings into `oxflow.toml`, for the next start.
    pub fn set(&self, settings: &str) {
        let path = self.folder.path().join("oxflow.toml");
        std::fs::write(path, settings).expect("a settings file");
    }

    /// What the server wrote to its log.
    pub fn said(&self) -> String {
        self.server.said()
    }

    /// The demonstration, whose first tender is the worked example.
    pub async fn demo() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let server = Server::start(&["--demo"], folder.path()).await;
        Self { server, folder, auth: "development" }
    }

    /// The same under settings of its own.
    pub async fn demo_configured(settings: &str) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        std::fs::write(folder.path().join("oxflow.toml"), settings).expect("a settings file");
        let server = Server::start(&["--demo"], folder.path()).await;
        Self { server, folder, auth: "development" }
    }

    /// Where the data is.
    pub fn data(&self) -> &Path {
        self.folder.path()
    }

    /// Someone who has not signed in.
    pub fn visitor(&self) -> Client {
        Client::new(self.server.url())
    }

    /// A signed-in user of `role` (`estimator`, `lead-estimator`, `admin`).
    pub async fn sign_in(&self, role: &str) -> Client {
        let client = self.visitor();
        let users = client.get("/session/users").await.ok();
        let user = users["items"]
            .as_array()
            .and_then(|all| all.iter().find(|user| user["role"] == role))
            .unwrap_or_else(|| panic!("no {role} among {users}"));
        client.signed_in_as(&user["id"]).await
    }

    /// `http://address`, where the server answers.
    pub fn origin(&self) -> String {
        self.server.url().to_owned()
    }

    /// The server's process.
    pub fn pid(&self) -> u32 {
        self.server.pid()
    }

    /// Address of the live updates.
    pub fn live_url(&self) -> String {
        format!("{}/api/v1/live", self.server.url().replacen("http", "ws", 1))
    }

    /// Asks the server to stop, as a service manager does, and gives its exit code.
    pub fn stop(mut self) -> Option<i32> {
        self.server.stop()
    }

    /// Asks the server to stop, and keeps its data to be started again.
    pub fn pause(&mut self) {
        self.server.stop();
    }

    /// Kills the server where it stands, as `kill -9` does.
    pub fn kill(&mut self) {
        self.server.kill();
    }

    /// Starts the server again on the same data.
    pub async fn restart(&mut self) {
        self.server.kill();
        self.server = Server::start(&["--auth", self.auth], self.folder.path()).await;
    }

    /// Starts the server again with another way to sign in.
    pub async fn restart_with(&mut self, auth: &'static str) {
        self.auth = auth;
        self.restart().await;
    }

    /// Runs another command of the binary on the data of a server that is not running, and gives
    /// what it printed; fails the test when the command fails.
    pub fn command(&self, arguments: &[&str]) -> String {
        let mut all = arguments.to_vec();
        let data = self.folder.path().to_str().expect("a temporary folder has a plain name");
        all.extend(["--data", data]);
        process::output(&all, self.folder.path())
    }
}
