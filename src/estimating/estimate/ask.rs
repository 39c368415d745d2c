//! Asking memory for what an edit is about to read.
//!
//! The row, its worksheet, its figures and those of every row above it lie apart. Where they are
//! in no cache each is waited for by itself, as the work comes to it; asked for together they come
//! together. On 100,000 items that takes about a fifth off an edit (`benches/rollup.rs`).

use super::{Calc, Estimate, NodeRow, Slot, nodes::DETACHED, pages::Pages};
use crate::estimating::worksheet::Line;
use std::hint::black_box;

impl Estimate {
    /// Reads a word of each piece that an edit of the row in `slot` comes to. It changes nothing.
    /// O(depth + lines).
    pub(crate) fn ask_for(&self, slot: Slot) {
        let node = self.at(slot);
        let own = match &node.row {
            NodeRow::Item(item) => item.version ^ u64::from(item.reviewed),
            NodeRow::Heading(_) | NodeRow::None => 0,
        };
        let lines = node.sheet.iter().flat_map(|sheet| &sheet.lines).map(line);
        let mut seen = lines.fold(own ^ count(&self.nodes, slot), |seen, line| seen ^ line);
        let mut above = slot;
        while above != DETACHED {
            let calc = self.calc(above);
            let id = self.at(above).row.id().map_or(0, |id| id.as_u64_pair().0);
            seen ^= figures(calc) ^ count(&self.calc, above) ^ id;
            above = calc.parent;
        }
        black_box(seen);
    }
}

fn line(line: &Line) -> u64 {
    let (id, _) = line.id.0.as_u64_pair();
    let rate = line.rate.map_or(0, |rate| rate.units() as u64);
    id ^ rate ^ u64::from(line.method.minimum().is_some()) ^ u64::from(line.credit)
}

fn figures(calc: &Calc) -> u64 {
    (calc.cost.0[0] ^ calc.other.0[0] ^ calc.quantity) as u64 ^ u64::from(calc.rows)
}

fn count<T: Clone + Default>(pages: &Pages<T>, slot: Slot) -> u64 {
    pages.holders(slot as usize) as u64
}
