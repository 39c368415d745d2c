//! Which module may know which: the order of the layers and the crates each may name.

use crate::paths::{Named, module_of, named};
use crate::{Fault, assert_none, tree};

/// The layers, lowest first: a module may use those before it, never those after.
const LAYERS: [&str; 12] = [
    "estimating",
    "ledger",
    "workspace",
    "vault",
    "warehouse",
    "documents",
    "connect",
    "insight",
    "identity",
    "jobs",
    "http",
    "cli",
];

/// Names that only some places may speak, each with the reason it stays there. Tests may speak
/// them anywhere: they prove what a layer's types do under the layers above.
const KEPT: [(&str, &[&str], &str); 8] = [
    ("bincode", &["src/ledger/codec.rs"], "so that the row format can be swapped in one file"),
    ("redb", &["src/ledger/"], "storage is the ledger's alone"),
    ("reqwest", &["src/connect/"], "what is asked of others passes its guard"),
    ("axum", &["src/http/", "src/cli/"], "only http speaks HTTP"),
    ("tower", &["src/http/", "src/cli/"], "only http speaks HTTP"),
    ("tower_http", &["src/http/", "src/cli/"], "only http speaks HTTP"),
    ("anyhow", &["src/cli/", "src/main.rs"], "a layer's errors are enums; only cli erases them"),
    ("clap", &["src/cli/", "src/main.rs"], "only cli reads arguments"),
];

/// What the pure domain may not do: I/O, clocks, chance, threads and waiting. Its tests may: they
/// read their fixtures.
const IMPURE: [&str; 15] = [
    "std::env",
    "std::fs",
    "std::io",
    "std::net",
    "std::process",
    "std::thread",
    "std::time::Instant",
    "std::time::SystemTime",
    "getrandom",
    "jiff::Timestamp::now",
    "jiff::Zoned::now",
    "mimalloc",
    "rustix",
    "tokio",
    "Uuid::now_v7",
];

/// Modules where money, quantities or their bytes live.
const WITHOUT_FLOATS: [&str; 3] = ["estimating", "ledger", "workspace"];

/// Modules that a request passes through at the edges: nothing there may abort a request.
const WITHOUT_ABORTS: [&str; 2] = ["ledger", "http"];

fn check(file: &str, source: &str) -> Vec<Fault> {
    let module = module_of(file);
    let paths = named(source, &module);
    let fault = |line: usize, what: String| Fault { file: file.to_owned(), line, what };
    let mut faults = Vec::new();
    for Named { line, segments, in_tests } in &paths {
        if let Some(what) = against_layers(&module, segments) {
            faults.push(fault(*line, what));
        }
        let name = segments[0].as_str();
        for (kept, places, why) in KEPT {
            let here = places.iter().any(|place| file.starts_with(place));
            if name == kept && segments.len() > 1 && !here && !in_tests {
                faults.push(fault(*line, format!("`{kept}` stays in {places:?}: {why}")));
            }
        }
        let Some(layer) = module.first() else { continue };
        let joined = segments.join("::");
        if layer == "estimating" && !in_tests {
            for impure in IMPURE {
                if joined == impure || joined.starts_with(&format!("{impure}::")) {
                    faults.push(fault(*line, format!("the pure domain may not use `{impure}`")));
                }
            }
        }
        if WITHOUT_FLOATS.contains(&layer.as_str()) && matches!(name, "f32" | "f64") {
            faults.push(fault(*line, format!("floating point in `{layer}`")));
        }
    }
    faults
}

/// What is wrong with `segments` named from `module`, if anything.
fn against_layers(module: &[String], segments: &[String]) -> Option<String> {
    if segments[0] != "crate" {
        return None;
    }
    let Some(from) = module.first() else {
        return None; // lib.rs and main.rs stand above the layers
    };
    let target = segments.get(1)?;
    let rank = |name: &str| LAYERS.iter().position(|layer| *layer == name);
    match (rank(from), rank(target)) {
        (None, _) => Some(format!("module `{from}` has no place in the list of layers")),
        (_, None) => Some(format!("`crate::{target}` is no layer; name the layer it lives in")),
        (Some(own), Some(other)) if other > own => {
            Some(format!("`{from}` may not use `{target}`, which stands above it"))
        }
        (Some(_), Some(_)) => None,
    }
}

#[test]
fn every_import_goes_down_the_layers() {
    let mut faults = Vec::new();
    for file in tree::sources("src", &["rs"]) {
        faults.extend(check(&file.path, &file.text));
    }
    assert_none(faults);
}

#[test]
fn request_paths_deny_what_would_abort_them() {
    let attribute = "clippy::unwrap_used";
    let mut faults = Vec::new();
    for layer in WITHOUT_ABORTS {
        let path = format!("src/{layer}/mod.rs");
        let text = tree::read(&path);
        for lint in [attribute, "clippy::expect_used", "clippy::panic", "clippy::indexing_slicing"]
        {
            if !text.contains(lint) {
                let what = format!("denies no {lint} outside tests");
                faults.push(Fault { file: path.clone(), line: 1, what });
            }
        }
    }
    assert_none(faults);
}

#[test]
fn the_checker_catches_what_it_is_for() {
    let cases = [
        ("src/ledger/log.rs", "use crate::{estimating::Money, workspace::State};", "above it"),
        ("src/ledger/log.rs", "fn f() { super::super::http::serve() }", "above it"),
        ("src/estimating/item.rs", "mod t { use super::super::super::jobs::Job; }", "above it"),
        ("src/ledger/log.rs", "use bincode::config;", "bincode"),
        ("src/workspace/open.rs", "type D = redb::Database;", "redb"),
        ("src/jobs/mod.rs", "use axum::Router;", "axum"),
        ("src/workspace/mod.rs", "fn f() -> anyhow::Result<()> { Ok(()) }", "anyhow"),
        ("src/estimating/money.rs", "use std::{collections::HashMap, time::SystemTime};", "pure"),
        ("src/estimating/id.rs", "fn f() { let id = Uuid::now_v7(); }", "pure"),
        ("src/workspace/totals.rs", "fn f(x: i64) -> bool { x as f64 > 0 }", "floating"),
        ("src/http/mod.rs", "use crate::helpers::x;", "no layer"),
        ("src/misc.rs", "use crate::http::x;", "no place"),
    ];
    for (file, source, expected) in cases {
        let faults = check(file, source);
        assert_eq!(faults.len(), 1, "{file}: {source}: {faults:?}");
        assert!(faults[0].what.contains(expected), "{source}: {faults:?}");
    }
    let fine = [
        ("src/ledger/codec.rs", "use bincode::config; use crate::estimating::Money;"),
        (
            "src/http/rows.rs",
            "use axum::Router; use super::problem::Problem; use crate::jobs::Job;",
        ),
        ("src/cli/serve.rs", "use crate::http::{self, live}; use anyhow::Context;"),
        ("src/estimating/id.rs", "mod tests { use bincode::config; }"),
        ("src/http/live.rs", "fn f() { let share: f64 = 0.5; }"),
    ];
    for (file, source) in fine {
        assert_eq!(check(file, source), [], "{file}: {source}");
    }
}
