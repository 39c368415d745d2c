//! Words that do not belong: work left open, floating point in the UI, and package hosts.

use crate::{Fault, assert_none, tree};

/// Folders and kinds of files whose words are read.
const FOLDERS: [&str; 8] =
    ["src", "tests", "benches", "fuzz", "ui/src", "ui/tests", ".ci", ".github"];
const KINDS: [&str; 10] = ["rs", "ts", "tsx", "css", "html", "toml", "yml", "md", "py", "sh"];
const TOP_FILES: [&str; 8] = [
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "Cargo.toml",
    "Makefile",
    "README.md",
    "build.rs",
    "deny.toml",
    ".ci/run",
];

/// Each word is written in two halves, so that this list does not find itself.
const FORBIDDEN: [(&str, &str, &str); 15] = [
    ("to", "do!(", "finish it"),
    ("unimple", "mented!(", "finish it"),
    ("TO", "DO", "finish it, or leave it out"),
    ("FIX", "ME", "finish it, or leave it out"),
    ("#[ig", "nore", "a test runs or is not there"),
    (".on", "ly(", "every test runs"),
    (".sk", "ip(", "every test runs"),
    ("not imple", "mented", "finish it, or leave it out"),
    ("cla", "ude", "says nothing to a user"),
    ("copi", "lot", "says nothing to a user"),
    ("chat", "gpt", "says nothing to a user"),
    ("registry.npm", "js", "packages come from the client's own configuration"),
    ("pypi", ".org", "packages come from the client's own configuration"),
    ("deb.deb", "ian", "packages come from the client's own configuration"),
    ("crates.io", "/api", "packages come from the client's own configuration"),
];

/// Lower-case words match in any case; the ones with capitals match as they stand.
fn check(file: &str, text: &str) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let lower = line.to_lowercase();
        for (head, tail, why) in FORBIDDEN {
            let word = format!("{head}{tail}");
            let exact = word.chars().any(char::is_uppercase);
            let is_iterator = word.starts_with(".sk") && file.ends_with(".rs");
            let found = if exact { line.contains(&word) } else { lower.contains(&word) };
            if found && !is_iterator {
                let what = format!("`{word}`: {why}");
                faults.push(Fault { file: file.to_owned(), line: at + 1, what });
            }
        }
    }
    faults
}

/// Lines of the UI's features where a number is no money and no quantity: where, how the line is
/// known, and what is counted there.
const NUMBERS_ALLOWED: [(&str, &str, &str); 5] = [
    ("ui/src/features/estimate/actions.ts", "facts.items", "how many items go"),
    ("ui/src/features/estimate/grid/tree-grid.tsx", ".dataset.", "place in the grid"),
    ("ui/src/features/estimate/grid/use-row-drag.ts", ".dataset.", "place in the grid"),
    ("ui/src/features/estimate/panels/side-panel.tsx", "localStorage", "width on the screen"),
    (
        "ui/src/features/estimate/worksheet/formula-input.tsx",
        ".startsWith(",
        "order of suggestions",
    ),
];

fn floats_in_ui(file: &str, text: &str) -> Vec<Fault> {
    let allowed = |line: &str| {
        NUMBERS_ALLOWED.iter().any(|(place, part, _)| *place == file && line.contains(part))
    };
    let words = ["parseFloat", "Number("];
    let mut faults = Vec::new();
    for (at, line) in text.lines().enumerate() {
        if !allowed(line) && words.iter().any(|word| has_word(line, word)) {
            let what = "figures are decimal strings; use the decimal helpers".to_owned();
            faults.push(Fault { file: file.to_owned(), line: at + 1, what });
        }
    }
    faults
}

/// Whether `line` has `word` other than as the end of a longer name.
fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| !line[..at].ends_with(|c: char| c.is_alphanumeric()))
}

#[test]
fn nothing_is_left_open_and_no_stray_word_stays() {
    let mut faults = Vec::new();
    for folder in FOLDERS {
        for file in tree::sources(folder, &KINDS) {
            faults.extend(check(&file.path, &file.text));
        }
    }
    for file in TOP_FILES {
        faults.extend(check(file, &tree::read(file)));
    }
    assert_none(faults);
}

#[test]
fn no_feature_of_the_ui_turns_a_figure_into_a_float() {
    let files = tree::sources("ui/src/features", &["ts", "tsx"]);
    assert_none(files.iter().flat_map(|file| floats_in_ui(&file.path, &file.text)).collect());
}

#[test]
fn the_word_checks_catch_what_they_are_for() {
    let unfinished = format!("fn f() {{ {}{}) }}", "to", "do!(");
    assert_eq!(check("src/a.rs", &unfinished).len(), 1);
    assert_eq!(check("ui/src/a.test.ts", &format!("it{}{}'x')", ".sk", "ip(")).len(), 1);
    assert_eq!(check("src/a.rs", &format!("rows{}{}2)", ".sk", "ip(")), []);
    assert_eq!(check("src/a.rs", "let total = rows.iter().sum();"), []);
    assert_eq!(floats_in_ui("ui/src/features/x.ts", "const q = Number(text)").len(), 1);
    assert_eq!(floats_in_ui("ui/src/features/x.ts", "const q = decimal(text)"), []);
    assert_eq!(floats_in_ui("ui/src/features/x.ts", "const q = formatNumber(text)"), []);
}
