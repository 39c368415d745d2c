//! Headings: the five-level structure of an estimate.

use super::{
    id::{EstimateId, HeadingId, UserId},
    position::Position,
};
use serde::{Deserialize, Serialize};

/// Who made and last changed a row, and when (microseconds since 1970, UTC).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// When the row was made.
    pub created_at_us: i64,
    /// Who made it.
    pub created_by: UserId,
    /// When it last changed.
    pub updated_at_us: i64,
    /// Who changed it last.
    pub updated_by: UserId,
}

impl Stamp {
    /// The stamp of a row made by `by` at `at_us`.
    pub fn new(by: UserId, at_us: i64) -> Stamp {
        Stamp { created_at_us: at_us, created_by: by, updated_at_us: at_us, updated_by: by }
    }
    /// The stamp after a change by `by` at `at_us`.
    pub fn touched(self, by: UserId, at_us: i64) -> Stamp {
        Stamp { updated_at_us: at_us, updated_by: by, ..self }
    }
}

/// A heading row. Its level follows from its ancestors, its totals from the roll-up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heading {
    /// Identity.
    pub id: HeadingId,
    /// The estimate revision it belongs to.
    pub estimate: EstimateId,
    /// The heading above, none at level 1.
    pub parent: Option<HeadingId>,
    /// Place among the children of its parent, headings and items alike.
    pub position: Position,
    /// Client's or own code, may be empty.
    pub code: Box<str>,
    /// Name as the client's schedule has it.
    pub name: Box<str>,
    /// Counts changes of this row, from 1.
    pub version: u64,
    /// Who and when.
    pub stamp: Stamp,
}
