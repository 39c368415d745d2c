//! The server as a process: how soon it answers, how much memory it takes, how large it is.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::figures::{Figures, Measured};
use crate::harness::TestApp;
use crate::place::Peer;

const STARTS: usize = 10;

/// From starting a program to its first answered request, [`STARTS`] times.
///
/// `start` gives the process; `address` the place it answers, once it is known.
pub fn starts(
    name: &str,
    mut start: impl FnMut() -> Child,
    mut address: impl FnMut(&mut Child) -> String,
    path: &str,
) -> Measured {
    let mut latencies = Vec::with_capacity(STARTS);
    for _ in 0..STARTS {
        let from = Instant::now();
        let mut peer = Peer(start());
        let address = address(&mut peer.0);
        while !answers(&address, path) {
            assert!(from.elapsed() < Duration::from_secs(30), "{name}: no answer");
            std::thread::sleep(Duration::from_micros(500));
        }
        latencies.push(from.elapsed());
    }
    let wall = latencies.iter().sum();
    Measured { name: name.to_owned(), connections: 1, wall, latencies }
}

fn answers(address: &str, path: &str) -> bool {
    let Ok(mut stream) = TcpStream::connect(address) else { return false };
    let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    let mut answer = String::new();
    stream.write_all(request.as_bytes()).is_ok()
        && stream.read_to_string(&mut answer).is_ok()
        && answer.starts_with("HTTP/1.1 200")
}

/// oxFlow on a data folder, to its first answer.
pub fn oxflow_starts(figures: &mut Figures, name: &str, data: &Path) {
    let start = || {
        Command::new(env!("CARGO_BIN_EXE_oxflow"))
            .args(["serve", "--auth", "development", "--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("oxFlow starts")
    };
    let address = |child: &mut Child| {
        let mut line = String::new();
        let out = child.stdout.take().expect("piped");
        BufReader::new(out).read_line(&mut line).expect("it says where it is");
        let url = line.split(' ').find(|word| word.starts_with("http://")).expect("an address");
        url.trim_start_matches("http://").trim_end_matches('/').to_owned()
    };
    figures.add(starts(name, start, address, "/readyz"));
}

/// Resident memory of a server, in bytes.
pub fn memory_bytes(app: &TestApp) -> u64 {
    status_bytes(app, "VmRSS:")
}

/// The most memory a server has had resident since it started, in bytes.
pub fn peak_bytes(app: &TestApp) -> u64 {
    status_bytes(app, "VmHWM:")
}

fn status_bytes(app: &TestApp, name: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", app.pid())).expect("it runs");
    let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("a size");
    line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") * 1_024
}

/// Size of the stripped release binary, which `make bench` has just built.
pub fn binary_bytes() -> Option<u64> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/release/oxflow");
    Some(fs::metadata(path).ok()?.len())
}
