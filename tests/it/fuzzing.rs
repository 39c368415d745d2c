//! The promises about bytes from outside (`fuzz/promises`), held to under a few thousand mutations
//! of each kind of input. `OXFLOW_FUZZ_SEED` and `OXFLOW_FUZZ_CASES` say which and how many; a
//! failure names the seed and the case. `make fuzz` goes on from here under libFuzzer.

#[path = "../../fuzz/promises/mod.rs"]
mod promises;

use crate::http_support::Priced;
use crate::live_support::Live;
use promises::mutation::{Chance, mutated};
use serde_json::json;
use std::panic::catch_unwind;

/// The seed of the mutations, where nobody says another.
const SEED: u64 = 20_260_420;
/// Mutations of each kind, where nobody says how many.
const CASES: u64 = 3_000;
/// Mutated messages sent over a real connection; one may send 600 in half a minute.
const MESSAGES: u64 = 500;

fn setting(name: &str, otherwise: u64) -> u64 {
    match std::env::var(name) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{name}={text} is no whole number")),
        Err(_) => otherwise,
    }
}

/// Every seed as it is, then mutations.
fn hold(seeds: Vec<Vec<u8>>, keeps: fn(&[u8])) {
    let seed = setting("OXFLOW_FUZZ_SEED", SEED);
    seeds.iter().for_each(|bytes| keeps(bytes));
    for case in 0..setting("OXFLOW_FUZZ_CASES", CASES) {
        let mut chance = Chance(seed.wrapping_add(case.wrapping_mul(0x1000_0001)));
        let bytes = mutated(&seeds, &mut chance);
        if catch_unwind(|| keeps(&bytes)).is_err() {
            let shown = String::from_utf8_lossy(&bytes);
            panic!("OXFLOW_FUZZ_SEED={seed}, case {case} broke a promise: {shown:?}\n{bytes:?}");
        }
    }
}

#[test]
fn records_and_rows_of_the_ledger() {
    hold(promises::codec::seeds(), promises::codec::keeps);
}

#[test]
fn formulas() {
    hold(promises::formula::seeds(), promises::formula::keeps);
}

#[test]
fn spreadsheets() {
    hold(promises::spreadsheet::seeds(), promises::spreadsheet::keeps);
}

#[test]
fn snapshot_files() {
    hold(promises::oxsnap::seeds(), promises::oxsnap::keeps);
}

#[test]
fn programmes() {
    hold(promises::programme::seeds(), promises::programme::keeps);
}

#[test]
fn frames_of_the_live_connection() {
    hold(promises::frames::seeds(), promises::frames::keeps);
}

/// The same seed makes the same inputs, on any machine: what was found can be found again.
#[test]
fn a_seed_is_an_input() {
    let seeds = promises::formula::seeds();
    let made = |seed| mutated(&seeds, &mut Chance(seed));
    assert_eq!(made(7), made(7));
    assert!((0..64).any(|seed| made(seed) != made(seed + 1)));
    assert_eq!(Chance(0).next(), 16_294_208_416_658_607_535);
}

/// What is said on a real connection is done or refused, and the connection goes on.
#[tokio::test]
async fn messages_to_a_running_server() {
    let world = Priced::start().await;
    let mut live = Live::open(&world.app, &world.lead).await;
    live.follow(&world.estimate, None).await;
    let messages: Vec<Vec<u8>> = promises::frames::seeds()
        .into_iter()
        .filter_map(|seed| String::from_utf8(seed).ok())
        .map(|text| text.replace("019a0000-0000-7000-8000-000000000001", &world.estimate))
        .map(String::into_bytes)
        .collect();
    let seed = setting("OXFLOW_FUZZ_SEED", SEED);
    for case in 0..MESSAGES {
        let mut chance = Chance(seed.wrapping_add(case));
        let said = String::from_utf8_lossy(&mutated(&messages, &mut chance)).into_owned();
        if said.len() < 4_000 {
            live.say_as_it_is(&said).await;
        }
    }
    live.say(&json!({"type": "explode", "seed": seed})).await;
    let refused = live.hear_of("refused").await;
    assert!(refused["reason"].as_str().unwrap().contains("no sense"), "{refused}");
    let answer = live.follow(&world.estimate, None).await;
    assert_eq!(answer["estimateId"], json!(world.estimate));
}
