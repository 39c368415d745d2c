//! A real OpenID provider of its own: the certified npm package on a free loopback port, told by
//! the test who there is and what is wrong with its tokens.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

/// Longest wait for the provider to listen.
const START_TIMEOUT: Duration = Duration::from_secs(60);

/// A started provider; killed when dropped.
pub struct Idp {
    child: Child,
    // The provider ends with whoever holds this.
    _stdin: Option<ChildStdin>,
    pub url: String,
}

fn package() -> PathBuf {
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join(".tools");
    let found = std::fs::read_dir(&tools).ok().into_iter().flatten().flatten();
    let main = "node_modules/oidc-provider/lib/index.js";
    let of_it = |entry: &std::fs::DirEntry| {
        entry.file_name().to_string_lossy().starts_with("oidc-provider-")
    };
    let mut found = found.filter(of_it).map(|entry| entry.path().join(main));
    let found = found.find(|main| main.is_file());
    found.unwrap_or_else(|| panic!("no oidc-provider in {}: .ci/tools oidc", tools.display()))
}

impl Idp {
    /// A provider that knows nobody yet.
    pub fn start() -> Idp {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oidc/provider.mjs");
        let mut child = Command::new("node")
            .arg(script)
            .arg(package())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("node runs");
        let stdout = child.stdout.take().expect("standard output is piped");
        let (send, receive) = mpsc::channel();
        thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                let _ = send.send(line);
            }
        });
        let mut idp = Idp { _stdin: child.stdin.take(), child, url: String::new() };
        let line = receive.recv_timeout(START_TIMEOUT).expect("the provider starts");
        idp.url = line.strip_prefix("listening on ").expect("its address").to_owned();
        idp
    }

    /// What oxFlow is told about it, with more lines of `[[auth.providers]]`.
    pub fn settings(&self, more: &str) -> String {
        format!(
            "[auth]\nmode = \"oidc\"\n\n[[auth.providers]]\nid = \"test\"\nname = \"Test\"\n\
             issuer = \"{}\"\nclient_id = \"oxflow\"\nclient_secret_file = \"client-secret\"\n{more}\n",
            self.url
        )
    }

    /// The secret that it shares with oxFlow.
    pub const SECRET: &str = "test-secret-test-secret-test-secret-0\n";

    /// Tells it where oxFlow is and who there is; `auto` signs in by themselves.
    pub async fn configure(&self, origin: &str, people: &Value, auto: &str) {
        let body = json!({ "origin": origin, "people": people, "auto": auto });
        self.tell("configure", &body).await;
    }

    /// Tells it something; gives what it answers.
    pub async fn tell(&self, what: &str, body: &Value) -> Value {
        let answer = super::http_client().post(format!("{}/test/{what}", self.url)).json(body);
        let answer = answer.send().await.expect("the provider answers");
        assert!(answer.status().is_success(), "{what}: {answer:?}");
        answer.json().await.expect("JSON")
    }
}

impl Drop for Idp {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
