//! Where files stand and how long they are.

use std::fs;
use std::path::{Path, PathBuf};

use crate::{Fault, assert_none};

/// Everything the top level may hold; a newcomer needs a reason and a line here.
const TOP_LEVEL: [&str; 22] = [
    ".ci",
    ".github",
    ".gitignore",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "Cargo.lock",
    "Cargo.toml",
    "Dockerfile",
    "LICENSE",
    "Makefile",
    "README.md",
    "benches",
    "build.rs",
    "deny.toml",
    "docs",
    "fuzz",
    "render.yaml",
    "rust-toolchain.toml",
    "rustfmt.toml",
    "snapshots",
    "src",
    "tests",
];

/// The folder of the UI, beside [`TOP_LEVEL`].
const UI: &str = "ui";

/// A file of this many lines holds a second thing that wants its own file.
const LINES_MAX: usize = 600;

/// Written by a tool from another file, so nobody reads it from top to bottom.
const GENERATED: [&str; 2] = ["ui/src/api/schema.ts", "ui/src/routeTree.gen.ts"];

/// One source file, its path relative to the repository.
pub struct Source {
    pub path: String,
    pub text: String,
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Reads one file of the repository.
pub fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every file under `folder` with one of the extensions, in the order of their paths.
pub fn sources(folder: &str, extensions: &[&str]) -> Vec<Source> {
    let mut found = Vec::new();
    collect(&root().join(folder), extensions, &mut found);
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn collect(folder: &Path, extensions: &[&str], found: &mut Vec<Source>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.map(|entry| entry.expect("the folder can be listed")) {
        let path = entry.path();
        let name = entry.file_name();
        if path.is_dir() {
            let skipped = ["node_modules", "dist", "target", ".tools", "test-results"];
            if !skipped.iter().any(|skip| name == *skip) {
                collect(&path, extensions, found);
            }
        } else if path.extension().and_then(|e| e.to_str()).is_some_and(|e| extensions.contains(&e))
        {
            let relative = path.strip_prefix(root()).expect("under the root");
            let text = fs::read_to_string(&path).expect("sources are UTF-8");
            found.push(Source { path: relative.to_string_lossy().into_owned(), text });
        }
    }
}

/// Names at the top level that neither the list nor `.gitignore` knows.
fn strangers(names: &[String], ignored: &str) -> Vec<String> {
    let is_ignored = |name: &str| {
        ignored.lines().any(|line| {
            line.trim_start_matches('/') == name
                || line.strip_prefix('*').is_some_and(|end| name.ends_with(end))
        })
    };
    names
        .iter()
        .filter(|name| !TOP_LEVEL.contains(&name.as_str()) && *name != UI && *name != ".git")
        .filter(|name| !is_ignored(name))
        .cloned()
        .collect()
}

fn too_long(path: &str, text: &str) -> Option<Fault> {
    let lines = text.lines().count();
    let counts = !GENERATED.contains(&path);
    (counts && lines > LINES_MAX).then(|| Fault {
        file: path.to_owned(),
        line: lines,
        what: format!("{lines} lines; look for the second thing in it (at most {LINES_MAX})"),
    })
}

#[test]
fn the_top_level_holds_only_what_it_may() {
    let names: Vec<String> = fs::read_dir(root())
        .expect("the root can be listed")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    assert_eq!(strangers(&names, &read(".gitignore")), Vec::<String>::new());
}

#[test]
fn no_file_grows_past_its_one_thing() {
    let folders = ["src", "tests", "benches", "fuzz", "ui/src", "ui/tests"];
    let all = folders.iter().flat_map(|f| sources(f, &["rs", "ts", "tsx", "css"]));
    assert_none(all.filter_map(|file| too_long(&file.path, &file.text)).collect());
}

#[test]
fn the_tree_checks_catch_what_they_are_for() {
    let names = ["src", "scripts", "data", "stray.snap.new", "notes.txt"].map(str::to_owned);
    assert_eq!(strangers(&names, "/data\n*.snap.new\n"), ["scripts", "notes.txt"]);
    assert!(too_long("src/ledger/log.rs", &"x\n".repeat(LINES_MAX + 1)).is_some());
    assert!(too_long("src/ledger/log.rs", &"x\n".repeat(LINES_MAX)).is_none());
    assert!(too_long("ui/src/api/schema.ts", &"x\n".repeat(LINES_MAX + 1)).is_none());
}
