//! The server as a process: started, waited for, stopped, killed.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// Longest wait for the line that says where the server is, and then for `/readyz`.
const START_TIMEOUT: Duration = Duration::from_secs(30);

/// Longest wait for a server that was asked to stop.
const STOP_TIMEOUT: Duration = Duration::from_secs(15);

/// How often a server that is not ready yet is asked again.
const READY_POLL: Duration = Duration::from_millis(5);

/// How much the server writes to its log where a test does not say.
pub const LOG_FILTER: &str = "warn";

/// A started server; killed when dropped.
pub struct Server {
    child: Child,
    url: String,
    log: PathBuf,
    printed: Arc<Mutex<Vec<String>>>,
}

/// The binary with `OXFLOW_*` of the caller's environment taken away.
fn binary() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_oxflow"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("OXFLOW_") {
            command.env_remove(name);
        }
    }
    command
}

/// Runs `oxflow` with arguments that it must refuse, and gives what it said.
pub fn refused(arguments: &[&str], folder: &Path) -> String {
    refused_with(arguments, folder, &[])
}

/// Starts `oxflow` with another folder for temporary files; what it says is left out.
pub fn started(arguments: &[&str], folder: &Path, temporary: &Path) -> Child {
    let mut command = binary();
    command.args(arguments).current_dir(folder).env("TMPDIR", temporary);
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the binary runs")
}

/// All that `oxflow` says with arguments, and whether it failed.
pub fn either(arguments: &[&str], folder: &Path) -> (String, bool) {
    let Output { status, stdout, stderr } =
        binary().args(arguments).current_dir(folder).output().expect("the binary runs");
    let said = [stdout, stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    (said, !status.success())
}

/// As [`refused`], with variables.
pub fn refused_with(arguments: &[&str], folder: &Path, variables: &[(&str, &str)]) -> String {
    let mut command = binary();
    command.args(arguments).current_dir(folder).envs(variables.iter().copied());
    let Output { status, stderr, .. } = command.output().expect("the binary runs");
    let said = String::from_utf8_lossy(&stderr).into_owned();
    assert_eq!(status.code(), Some(1), "oxflow {arguments:?} was not refused: {said}");
    said
}

/// Runs `oxflow` with something on its standard input; fails the test when it fails.
pub fn given(arguments: &[&str], folder: &Path, text: &str) -> String {
    let mut command = binary();
    command.args(arguments).current_dir(folder).stdin(Stdio::piped());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the binary runs");
    let mut stdin = child.stdin.take().expect("standard input is piped");
    stdin.write_all(text.as_bytes()).expect("the binary reads");
    drop(stdin);
    let Output { status, stdout, stderr } = child.wait_with_output().expect("the binary ends");
    let said = [stdout, stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    assert!(status.success(), "oxflow {arguments:?} failed: {said}");
    said
}

/// Runs `oxflow` to its end and gives what it printed; fails the test when it fails.
pub fn output(arguments: &[&str], folder: &Path) -> String {
    let Output { status, stdout, stderr } =
        binary().args(arguments).current_dir(folder).output().expect("the binary runs");
    let said = [stdout, stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    assert!(status.success(), "oxflow {arguments:?} failed: {said}");
    said
}

impl Server {
    /// Starts `oxflow serve` on `data` and waits until it is ready.
    pub async fn start(flags: &[&str], data: &Path) -> Self {
        Self::start_logging(flags, data, LOG_FILTER).await
    }

    /// The same, with a log of this much.
    pub async fn start_logging(flags: &[&str], data: &Path, filter: &str) -> Self {
        let server = Self::spawn(flags, data, filter, &[]);
        server.ready().await;
        server
    }

    /// The same, with a clock that is so many seconds off.
    pub async fn start_off(flags: &[&str], data: &Path, seconds: i64) -> Self {
        let offset = format!("{seconds:+}");
        let library = faketime();
        let variables = [
            ("LD_PRELOAD", library.as_str()),
            ("FAKETIME", &offset),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
        ];
        let server = Self::spawn(flags, data, LOG_FILTER, &variables);
        server.ready().await;
        server
    }

    /// Runs `oxflow` with exactly these arguments in a folder, as somebody types them there, and
    /// waits until the server they start is ready.
    pub async fn typed(arguments: &[&str], folder: &Path) -> Self {
        let mut command = binary();
        command.args(arguments).env("OXFLOW_LOG_FILTER", LOG_FILTER).current_dir(folder);
        let server = Self::running(command, folder.join("test.log"));
        server.ready().await;
        server
    }

    /// Starts `oxflow serve` and waits only until it has said where it listens.
    fn spawn(flags: &[&str], data: &Path, filter: &str, variables: &[(&str, &str)]) -> Self {
        let mut command = binary();
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .args(flags)
            .env("OXFLOW_LOG_FILTER", filter)
            .envs(variables.iter().copied())
            .current_dir(data);
        Self::running(command, data.join("test.log"))
    }

    fn running(mut command: Command, log: PathBuf) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(File::options().create(true).append(true).open(&log).expect("a log file"))
            .spawn()
            .expect("the binary runs");
        let stdout = child.stdout.take().expect("standard output is piped");
        let (send, receive) = mpsc::channel();
        let printed = Arc::<Mutex<Vec<String>>>::default();
        let keep = printed.clone();
        thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                keep.lock().expect("nobody panics with it").push(line.clone());
                // The receiver goes once the address is known; the pipe is still emptied.
                let _ = send.send(line);
            }
        });
        let mut server = Self { child, url: String::new(), log, printed };
        let line = receive
            .recv_timeout(START_TIMEOUT)
            .unwrap_or_else(|_| panic!("the server did not start:\n{}", server.said()));
        server.url = line
            .split(' ')
            .find(|word| word.starts_with("http://") || word.starts_with("https://"))
            .unwrap_or_else(|| panic!("no address in {line:?}"))
            .trim_end_matches('/')
            .to_owned();
        server
    }

    async fn ready(&self) {
        oxflow::vault::install_tls();
        // Whose certificate it is, is for the tests of TLS to find out.
        let client = reqwest::Client::builder().danger_accept_invalid_certs(true).build();
        let client = client.expect("a client");
        let deadline = Instant::now() + START_TIMEOUT;
        loop {
            let answer = client.get(format!("{}/readyz", self.url)).send().await;
            if let Ok(answer) = answer {
                let ready = answer.status().is_success();
                // It goes on reading then, which tests look at.
                let said = answer.text().await.unwrap_or_default();
                let reads = ["audit-chain-broken", "vault-refusing"];
                if ready || reads.iter().any(|code| said.contains(code)) {
                    return;
                }
            }
            assert!(Instant::now() < deadline, "the server was never ready:\n{}", self.said());
            tokio::time::sleep(READY_POLL).await;
        }
    }

    /// `http://127.0.0.1:<port>`, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The number of the process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// A line the server printed that has `part` in it; waits for it.
    pub async fn printed(&self, part: &str) -> String {
        let deadline = Instant::now() + START_TIMEOUT;
        loop {
            let lines = self.printed.lock().expect("nobody panics with it").clone();
            if let Some(line) = lines.iter().find(|line| line.contains(part)) {
                return line.clone();
            }
            assert!(Instant::now() < deadline, "{part:?} is not in {lines:?}");
            tokio::time::sleep(READY_POLL).await;
        }
    }

    /// What the server wrote to its log.
    pub fn said(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Kills the server where it stands, as `kill -9` does.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Asks the server to stop (SIGTERM) and gives its exit code.
    pub fn stop(&mut self) -> Option<i32> {
        let pid = Pid::from_child(&self.child);
        kill_process(pid, Signal::TERM).expect("the server is there");
        let deadline = Instant::now() + STOP_TIMEOUT;
        loop {
            if let Some(status) = self.child.try_wait().expect("the server can be waited for") {
                return status.code();
            }
            assert!(Instant::now() < deadline, "the server did not stop:\n{}", self.said());
            thread::sleep(READY_POLL);
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
        if thread::panicking() {
            eprintln!("--- the server said ---\n{}", self.said());
        }
    }
}

/// The library that gives a process another clock (`.ci/tools faketime`).
fn faketime() -> String {
    let folders = std::fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    let mut found = folders
        .map(|folder| folder.path().join("faketime/libfaketime.so.1"))
        .filter(|it| it.is_file());
    let found = found.next().expect("libfaketime: .ci/tools faketime");
    found.display().to_string()
}
