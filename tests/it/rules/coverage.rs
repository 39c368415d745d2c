//! No rule is called enforced without a test that breaks it and one that keeps it.

use oxflow::estimating::rules::{Kind, RuleId, all, rule};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Where an invariant is broken: no request can break one, so the fault is planted inside.
const PLANTED: &str = "src/workspace/tests/invariants.rs";

/// A test of a rule, as its source tells.
struct Tested {
    /// The file it stands in.
    file: PathBuf,
    /// Whether a test attribute stands above it.
    is_test: bool,
    /// What it does.
    body: String,
}

/// The tests named after rules: by number and by what they do with the rule.
fn tests() -> BTreeMap<(u8, String), Tested> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let areas = fs::read_dir(root.join("tests/it/rules")).expect("the rules' tests are there");
    let mut files: Vec<PathBuf> = areas.map(|entry| entry.expect("a file").path()).collect();
    files.push(root.join(PLANTED));
    let mut found = BTreeMap::new();
    for file in files.into_iter().filter(|file| file.extension().is_some_and(|e| e == "rs")) {
        // A file of planted faults comes with the first invariant.
        let Ok(source) = fs::read_to_string(&file) else { continue };
        let mut above = "";
        let mut lines = source.lines();
        while let Some(line) = lines.next() {
            if let Some((number, verb)) = named(line) {
                let body: Vec<&str> = lines.by_ref().take_while(|line| *line != "}").collect();
                let is_test = ["#[test]", "#[tokio::test"].iter().any(|a| above.starts_with(a));
                let test = Tested { file: file.clone(), is_test, body: body.join("\n") };
                let twice = found.insert((number, verb.clone()), test);
                assert!(twice.is_none(), "br_{number:03}_{verb} is there twice");
            }
            above = line;
        }
    }
    found
}

/// The rule's number and the verb of `fn br_013_broken(`.
fn named(line: &str) -> Option<(u8, String)> {
    let name = line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn br_")?;
    let (number, rest) = name.split_once('_')?;
    let verb = rest.split_once('(')?.0;
    let number = number.parse().ok().and_then(RuleId::from_number);
    let number = number.unwrap_or_else(|| panic!("no rule has the number of {line}")).number();
    assert!(["broken", "kept"].contains(&verb), "a rule is broken or kept, not {verb}: {line}");
    Some((number, verb.to_owned()))
}

#[test]
fn every_enforced_rule_has_a_test_that_breaks_it_and_one_that_keeps_it() {
    let tests = tests();
    for rule in all().filter(|rule| rule.enforced) {
        let number = rule.id.number();
        let missing: Vec<&str> = ["broken", "kept"]
            .into_iter()
            .filter(|verb| !tests.contains_key(&(number, (*verb).to_owned())))
            .collect();
        assert!(missing.is_empty(), "{} has no test: {missing:?}", rule.id);
    }
}

#[test]
fn a_test_named_after_a_rule_runs_and_its_rule_is_enforced() {
    for ((number, verb), test) in tests() {
        let rule = rule(RuleId::br(number));
        assert!(rule.enforced, "{} has a test and is not marked enforced", rule.id);
        assert!(test.is_test, "br_{number:03}_{verb} is no test: {:?}", test.file);
        let sees = test.body.contains(&format!("\"{}\"", rule.code));
        assert!(verb == "kept" || sees, "br_{number:03}_broken does not see {}", rule.code);
        let planted = test.file.ends_with(PLANTED);
        assert!(!planted || rule.kind == Kind::Invariant, "{} is broken from inside", rule.id);
    }
}
