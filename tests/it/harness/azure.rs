//! Azure's own emulator of its Blob Storage (Azurite) on a free loopback port, data in a temporary
//! folder, with an account of its own.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// Longest wait for the emulator to answer.
const START_TIMEOUT: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(50);

const ACCOUNT: &str = "oxflow";
/// Base64, as Azure writes them.
const KEY: &str = "YSBrZXkgb2YgdGhlIHRlc3RzIGFsb25lLCBub3RoaW5nIGVsc2U=";
/// The container that exists once the emulator was started.
pub const CONTAINER: &str = "vault";

/// A started Azurite; killed and removed when dropped.
pub struct Azure {
    child: Child,
    folder: TempDir,
    port: u16,
}

fn azurite() -> PathBuf {
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join(".tools");
    let main = "node_modules/azurite/dist/src/blob/main.js";
    let found = std::fs::read_dir(&tools).ok().into_iter().flatten().flatten();
    let mut found = found.map(|entry| entry.path().join(main)).filter(|main| main.is_file());
    found.next().unwrap_or_else(|| panic!("no Azurite in {}: .ci/tools azurite", tools.display()))
}

impl Azure {
    /// An emulator with an empty container.
    pub async fn start() -> Azure {
        let folder = TempDir::new().expect("a temporary folder");
        let bound = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = bound.local_addr().expect("its address").port();
        drop(bound);
        let azure = Azure { child: spawn(folder.path(), port), folder, port };
        azure.ready().await;
        azure.make_container();
        azure
    }

    /// Where the account answers.
    fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}/{ACCOUNT}", self.port)
    }

    /// Credentials and options as `vault.credentials_file` has them.
    pub fn credentials(&self) -> String {
        format!(
            "AZURE_STORAGE_ACCOUNT_NAME={ACCOUNT}\nAZURE_STORAGE_ACCOUNT_KEY={KEY}\n\
             AZURE_STORAGE_ENDPOINT={}\nAZURE_ALLOW_HTTP=true\n",
            self.endpoint()
        )
    }

    /// Halts it: nothing answers from now on. Killed it would forget what it has not written yet.
    pub fn freeze(&self) {
        kill_process(Pid::from_child(&self.child), Signal::STOP).expect("the emulator is there");
    }

    /// Lets it go on.
    pub fn thaw(&self) {
        kill_process(Pid::from_child(&self.child), Signal::CONT).expect("the emulator is there");
    }

    async fn ready(&self) {
        let deadline = Instant::now() + START_TIMEOUT;
        let client = super::http_client();
        // Without a signature it answers that there should be one: it is there.
        while client.get(self.endpoint()).send().await.is_err() {
            let log = std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
            assert!(Instant::now() < deadline, "the emulator never answered:\n{log}");
            tokio::time::sleep(POLL).await;
        }
    }

    fn make_container(&self) {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/azurite/container.mjs");
        let made = Command::new("node")
            .arg(script)
            .args([self.endpoint().as_str(), CONTAINER])
            .env("AZURE_STORAGE_ACCOUNT_NAME", ACCOUNT)
            .env("AZURE_STORAGE_ACCOUNT_KEY", KEY)
            .output()
            .expect("node runs");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    }
}

fn spawn(folder: &Path, port: u16) -> Child {
    let log = std::fs::File::options().create(true).append(true).open(folder.join("log"));
    let log = log.expect("a log file");
    Command::new("node")
        .arg(azurite())
        .args(["--blobPort", &port.to_string(), "--silent", "--disableTelemetry", "--location"])
        .arg(folder.join("data"))
        .env("AZURITE_ACCOUNTS", format!("{ACCOUNT}:{KEY}"))
        .stdin(Stdio::null())
        .stdout(log.try_clone().expect("a second handle"))
        .stderr(log)
        .spawn()
        .expect("Azurite runs")
}

impl Drop for Azure {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
