//! Faults that tests plant: the only way to see an invariant broken, since no request can break
//! one. Compiled into tests alone.

use std::cell::Cell;

thread_local! {
    static PLANTED: Cell<u8> = const { Cell::new(0) };
}

/// From now on this thread goes wrong in the way rule BR-`rule` watches for; 0 is never.
pub(crate) fn plant(rule: u8) {
    PLANTED.set(rule);
}

/// Whether to go wrong here.
pub(crate) fn planted(rule: u8) -> bool {
    PLANTED.get() == rule
}
