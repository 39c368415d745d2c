//! The shape of the project, as a test: layers, places, sizes and words.
//!
//! `ARCHITECTURE.md` explains the map; the lists here are what holds it.

#[path = "architecture/layers.rs"]
mod layers;
#[path = "architecture/paths.rs"]
mod paths;
#[path = "architecture/tree.rs"]
mod tree;
#[path = "architecture/words.rs"]
mod words;

/// One thing wrong, with where it is; printed as `file:line: what`.
#[derive(Debug, PartialEq)]
struct Fault {
    file: String,
    line: usize,
    what: String,
}

/// Fails the calling test with every fault on a line of its own.
fn assert_none(faults: Vec<Fault>) {
    let lines: Vec<String> =
        faults.iter().map(|f| format!("{}:{}: {}", f.file, f.line, f.what)).collect();
    assert!(lines.is_empty(), "\n{}\n", lines.join("\n"));
}
