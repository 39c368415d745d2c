//! Starts the real binary on a free loopback port with a folder of its own, and talks to it.

// One file of tests uses one part of the harness, another the next.
#![allow(dead_code)]

mod client;
mod process;

pub use client::Client;
pub use process::{Server, refused};

use std::path::Path;

use tempfile::TempDir;

/// One running oxFlow with data of its own; killed and removed when dropped.
pub struct TestApp {
    // Dropped first, so that nothing writes while the folder goes.
    server: Server,
    folder: TempDir,
}

impl TestApp {
    /// An empty organisation with development sign-in, ready to answer.
    pub async fn start() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let server = Server::start(&["--auth", "development"], folder.path()).await;
        Self { server, folder }
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
        client.post("/session", &serde_json::json!({ "userId": user["id"] })).await.ok();
        client
    }

    /// Asks the server to stop, as a service manager does, and gives its exit code.
    pub fn stop(mut self) -> Option<i32> {
        self.server.stop()
    }

    /// Kills the server where it stands and starts it again on the same data.
    pub async fn crash_and_restart(mut self) -> Self {
        self.server.kill();
        self.server = Server::start(&["--auth", "development"], self.folder.path()).await;
        self
    }
}
