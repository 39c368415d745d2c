//! What oxFlow promises about bytes from outside, as functions that may be given any: nothing
//! panics, what is accepted reads the same again, and bounds are kept.
//!
//! `keeps` of a module panics where a promise is broken; `seeds` are inputs that are well formed, to
//! begin from. `make fuzz` runs them under libFuzzer, `tests/it/fuzzing.rs` with mutations of its
//! own, and both are this one source.

pub mod codec;
mod compound;
pub mod formula;
pub mod frames;
pub mod mutation;
pub mod oxsnap;
pub mod programme;
pub mod spreadsheet;

/// Takes what a promise needs from the front of an input; zero once it is used up.
pub struct Input<'a>(pub &'a [u8]);

impl<'a> Input<'a> {
    /// One byte.
    pub fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    /// Eight bytes as a number.
    pub fn word(&mut self) -> u64 {
        (0..8).fold(0, |word, _| word << 8 | u64::from(self.byte()))
    }

    /// Some bytes: at most `most`, how many the next two bytes say.
    pub fn some(&mut self, most: usize) -> &'a [u8] {
        let wanted = (usize::from(self.byte()) << 8 | usize::from(self.byte())) % (most + 1);
        let (taken, rest) = self.0.split_at(wanted.min(self.0.len()));
        self.0 = rest;
        taken
    }

    /// Whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
