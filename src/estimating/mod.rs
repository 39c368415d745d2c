//! The pure estimating domain: no I/O, no clock, no async; time and ids come in as arguments.

pub mod formula;
pub mod nearest;
pub mod number;
pub mod position;
pub mod rules;
pub mod share;
