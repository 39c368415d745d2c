//! The promises for libFuzzer, which begins from their seeds.

#[path = "../promises/mod.rs"]
pub mod promises;

use std::sync::OnceLock;

/// How often libFuzzer begins again from a seed: once in so many mutations.
const BEGIN_AGAIN: u32 = 64;

/// Puts a seed in the place of `bytes` now and then, so that no folder of files is needed to begin
/// from; gives the length.
pub fn begun(
    seeds: fn() -> Vec<Vec<u8>>,
    bytes: &mut [u8],
    length: usize,
    length_max: usize,
    chance: u32,
) -> usize {
    static SEEDS: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    if !chance.is_multiple_of(BEGIN_AGAIN) {
        return length;
    }
    let seeds = SEEDS.get_or_init(seeds);
    let which = (chance / BEGIN_AGAIN) as usize % seeds.len().max(1);
    let Some(seed) = seeds.get(which) else { return length };
    let taken = seed.len().min(length_max).min(bytes.len());
    bytes[..taken].copy_from_slice(&seed[..taken]);
    taken
}
