//! Which rows a total adds up: found before the first row is written, so that rows can be
//! written once, in order, and forgotten.

use crate::estimating::number::Money;

use super::export::{ExportError, ExportKind, ExportRow};

/// Cells of one column that are added up: a single row, or a run of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) first: u32,
    pub(super) last: u32,
}

/// What is below a row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Below {
    /// The last row below it; its own row when there is none.
    pub(super) last: u32,
    /// Its children, runs of rows joined.
    pub(super) children: Vec<Run>,
    /// The cost of its children that are counted.
    pub(super) cost: Money,
    /// The same by type.
    pub(super) by_type: [Money; 5],
}

/// The shape of a schedule.
#[derive(Debug, Default)]
pub(super) struct Outline {
    /// For each row with rows below it, by row.
    pub(super) below: std::collections::HashMap<u32, Below>,
    /// The rows at the top.
    pub(super) top: Below,
    /// Rows in all.
    pub(super) rows: u32,
}

struct Open {
    row: u32,
    depth: u32,
    below: Below,
}

impl Outline {
    /// Walks the rows once. O(rows); keeps a run for each group of siblings.
    pub(super) fn of(
        rows: impl Iterator<Item = ExportRow>,
        rows_max: u32,
    ) -> Result<Outline, ExportError> {
        let mut outline = Outline::default();
        let mut open: Vec<Open> = Vec::new();
        for row in rows {
            let index = outline.rows;
            if index >= rows_max {
                return Err(ExportError::TooManyRows(u64::from(rows_max)));
            }
            outline.rows += 1;
            while open.last().is_some_and(|above| above.depth >= row.depth) {
                outline.close(&mut open, index);
            }
            let above = open.last_mut().map_or(&mut outline.top, |above| &mut above.below);
            above.add(index, &row)?;
            open.push(Open {
                row: index,
                depth: row.depth,
                below: Below { last: index, ..Below::default() },
            });
        }
        let end = outline.rows;
        while !open.is_empty() {
            outline.close(&mut open, end);
        }
        outline.top.last = end.saturating_sub(1);
        Ok(outline)
    }

    fn close(&mut self, open: &mut Vec<Open>, next: u32) {
        if let Some(mut closed) = open.pop() {
            closed.below.last = next.saturating_sub(1);
            if closed.below.last > closed.row {
                self.below.insert(closed.row, closed.below);
            }
        }
    }
}

impl Below {
    fn add(&mut self, index: u32, row: &ExportRow) -> Result<(), ExportError> {
        // A row that does not count shows no cost, so a run may pass over it.
        match self.children.last_mut() {
            Some(run) if run.last + 1 == index => run.last = index,
            Some(_) | None => self.children.push(Run { first: index, last: index }),
        }
        if row.counted || row.kind == ExportKind::Heading {
            let sum = |a: Money, b: Money| a.checked_add(b).ok_or(ExportError::TotalTooLarge);
            self.cost = sum(self.cost, row.cost)?;
            for (total, part) in self.by_type.iter_mut().zip(row.by_type.columns()) {
                *total = sum(*total, part)?;
            }
        }
        Ok(())
    }
}
