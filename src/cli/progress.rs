//! How far a long command is, for whoever watches it on a terminal.

use std::io::{IsTerminal, stderr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::vault::Restored;

/// Characters of the bar.
const BAR: u64 = 24;

/// One line that is written anew as the work goes on; nothing where nobody watches.
#[derive(Clone)]
pub struct Progress {
    shown: bool,
    what: Arc<str>,
    /// The share that was shown last, in percent, and one more; 0 before.
    last: Arc<AtomicU64>,
}

impl Progress {
    /// Of the work called `what`.
    pub fn new(what: &str) -> Progress {
        Progress { shown: stderr().is_terminal(), what: what.into(), last: Arc::default() }
    }

    /// Says how much is done.
    pub fn tell(&self, done: u64, all: u64, more: impl FnOnce() -> String) {
        let percent = share(done, all);
        if self.shown && self.last.swap(percent + 1, Ordering::Relaxed) != percent + 1 {
            eprint!("\r{}\x1b[K", line(&self.what, percent, &more()));
        }
    }

    /// Says how far a restore is.
    pub fn restored(&self, done: Restored) {
        self.tell(done.bytes, done.bytes_all, || {
            format!("{} rows, at commit {}", done.rows, done.lsn)
        });
    }

    /// Takes the line away.
    pub fn end(&self) {
        if self.shown && self.last.load(Ordering::Relaxed) > 0 {
            eprint!("\r\x1b[K");
        }
    }
}

fn share(done: u64, all: u64) -> u64 {
    done.saturating_mul(100).checked_div(all).unwrap_or(0).min(100)
}

fn line(what: &str, percent: u64, more: &str) -> String {
    let full = percent * BAR / 100;
    let bar: String = (0..BAR).map(|at| if at < full { '#' } else { '.' }).collect();
    format!("{what:<20} [{bar}] {percent:>3} %  {more}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_between_nothing_and_all() {
        assert_eq!([share(0, 0), share(1, 4), share(4, 4), share(9, 4)], [0, 25, 100, 100]);
        assert_eq!(
            line("default", 50, "12 rows"),
            format!("default              [{}{}]  50 %  12 rows", "#".repeat(12), ".".repeat(12))
        );
    }
}
