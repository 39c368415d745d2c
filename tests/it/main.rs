//! What oxFlow promises, proved on the real program: one file per promise.

mod harness;
mod serving;
