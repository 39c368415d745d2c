//! What `docs/security.md` promises has a test by the name it gives.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Fewer tests than this, and the document says nothing.
const NAMED_MIN: usize = 45;

/// The functions of every source below a folder.
fn functions(folder: &Path, into: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            functions(&entry, into);
        } else if entry.extension().is_some_and(|of| of == "rs") {
            let text = std::fs::read_to_string(&entry).unwrap();
            let named = text.split("fn ").skip(1).filter_map(|rest| rest.split('(').next());
            into.extend(named.map(str::to_owned));
        }
    }
}

#[test]
fn every_test_it_names_is_there() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let mut known = BTreeSet::new();
    for folder in ["src", "tests"] {
        functions(&root.join(folder), &mut known);
    }
    let text = std::fs::read_to_string(root.join("docs/security.md")).unwrap();
    let promises = text.split("## What is promised").nth(1).unwrap();
    let promises = promises.split("## What is not promised").next().unwrap();
    let name = |word: &str| {
        let of_a_test = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        word.matches('_').count() >= 2 && word.chars().all(of_a_test)
    };
    let named: BTreeSet<&str> =
        promises.split('`').skip(1).step_by(2).filter(|word| name(word)).collect();
    assert!(named.len() >= NAMED_MIN, "only {} are named", named.len());
    let missing: Vec<&&str> = named.iter().filter(|name| !known.contains(**name)).collect();
    assert!(missing.is_empty(), "docs/security.md names no tests by {missing:?}");
}
