#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use oxflow_fuzz::promises::codec;

fuzz_target!(|bytes: &[u8]| codec::keeps(bytes));

fuzz_mutator!(|bytes: &mut [u8], length: usize, length_max: usize, chance: u32| {
    let length = oxflow_fuzz::begun(codec::seeds, bytes, length, length_max, chance);
    fuzzer_mutate(bytes, length, length_max)
});
