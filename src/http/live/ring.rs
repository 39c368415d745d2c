//! The newest deltas of an estimate, for clients that come back.

use super::super::limits::LIVE_RING_DELTAS_MAX;
use axum::extract::ws::Utf8Bytes;
use std::collections::VecDeque;

/// Deltas of one estimate in the order of their commits, without a gap.
#[derive(Debug)]
pub struct Ring {
    /// Every delta after this commit is in the ring.
    complete_after: u64,
    /// The newest commit that changed the estimate, as far as the ring knows.
    newest: u64,
    deltas: VecDeque<(u64, Utf8Bytes)>,
    bytes: usize,
}

/// What a client that has everything up to some commit has missed.
#[derive(Debug, PartialEq, Eq)]
pub enum Missed {
    /// Nothing.
    Nothing,
    /// These deltas.
    Deltas(Vec<Utf8Bytes>),
    /// More than is kept.
    TooMuch,
}

impl Ring {
    /// An empty ring that hears of every commit after `complete_after`.
    pub fn new(complete_after: u64) -> Ring {
        Ring { complete_after, newest: complete_after, deltas: VecDeque::new(), bytes: 0 }
    }

    /// Keeps a delta; gives how many bytes the ring grew or shrank by.
    pub fn push(&mut self, lsn: u64, delta: Utf8Bytes) -> isize {
        let before = self.bytes;
        self.newest = lsn;
        self.bytes += delta.len();
        self.deltas.push_back((lsn, delta));
        while self.deltas.len() > LIVE_RING_DELTAS_MAX {
            self.drop_oldest();
        }
        self.bytes as isize - before as isize
    }

    /// Lets the oldest delta go; gives its bytes.
    pub fn drop_oldest(&mut self) -> usize {
        let Some((lsn, delta)) = self.deltas.pop_front() else { return 0 };
        self.complete_after = lsn;
        self.bytes -= delta.len();
        delta.len()
    }

    /// Forgets everything up to `lsn`: commits were missed.
    pub fn restart(&mut self, lsn: u64) -> usize {
        let bytes = self.bytes;
        *self = Ring::new(lsn);
        bytes
    }

    /// The newest commit that changed the estimate.
    pub fn newest(&self) -> u64 {
        self.newest
    }

    /// The oldest commit a delta is kept of.
    pub fn oldest(&self) -> Option<u64> {
        self.deltas.front().map(|(lsn, _)| *lsn)
    }

    /// What a client that has everything up to `lsn` has missed. O(deltas missed).
    pub fn after(&self, lsn: u64) -> Missed {
        if lsn >= self.newest {
            return Missed::Nothing;
        }
        if lsn < self.complete_after {
            return Missed::TooMuch;
        }
        let first = self.deltas.partition_point(|(of, _)| *of <= lsn);
        Missed::Deltas(self.deltas.range(first..).map(|(_, delta)| delta.clone()).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delta(n: u64) -> Utf8Bytes {
        Utf8Bytes::from(format!("delta {n}"))
    }

    #[test]
    fn a_client_gets_what_it_missed_as_long_as_it_is_kept() {
        let mut ring = Ring::new(10);
        assert_eq!(ring.after(10), Missed::Nothing);
        assert_eq!(ring.after(9), Missed::TooMuch);
        for lsn in [12, 15, 17] {
            ring.push(lsn, delta(lsn));
        }
        assert_eq!(ring.after(17), Missed::Nothing);
        assert_eq!(ring.after(40), Missed::Nothing);
        assert_eq!(ring.after(12), Missed::Deltas(vec![delta(15), delta(17)]));
        assert_eq!(ring.after(10), Missed::Deltas(vec![delta(12), delta(15), delta(17)]));
        ring.drop_oldest();
        assert_eq!(ring.after(10), Missed::TooMuch);
        assert_eq!(ring.after(12), Missed::Deltas(vec![delta(15), delta(17)]));
        ring.restart(30);
        assert_eq!(ring.after(17), Missed::TooMuch);
        assert_eq!(ring.after(30), Missed::Nothing);
    }

    #[test]
    fn a_ring_is_bounded_in_deltas() {
        let mut ring = Ring::new(0);
        for lsn in 1..=(LIVE_RING_DELTAS_MAX as u64 + 5) {
            ring.push(lsn, delta(lsn));
        }
        assert_eq!(ring.after(4), Missed::TooMuch);
        let Missed::Deltas(kept) = ring.after(5) else { panic!("it is kept") };
        assert_eq!(kept.len(), LIVE_RING_DELTAS_MAX);
    }
}
