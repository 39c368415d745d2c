//! Where each row hangs: the open headings while the rows are walked from top to bottom.

use super::layout::code_segments;

/// Deepest heading (BR-013).
pub(super) const HEADING_LEVELS_MAX: u32 = 5;

/// An open heading.
struct Open {
    /// Row of the plan.
    row: usize,
    segments: Vec<String>,
    key: u32,
}

/// The headings open at a row, outermost first.
#[derive(Default)]
pub(super) struct Nesting {
    open: Vec<Open>,
}

/// What decides where a row hangs.
#[derive(Debug, Clone, Copy)]
pub(super) enum Place<'c> {
    /// Its code.
    Code(&'c str),
    /// How far in it stands: indent steps or a style's rank; less is further out.
    Indent(u32),
    /// A given level, 1 and up.
    Level(u32),
}

impl Nesting {
    /// Closes the headings that do not hold a heading at `place`, opens it as row `row` of the
    /// plan, and gives its level (1 and up) and the row of its parent.
    pub(super) fn open_heading(&mut self, row: usize, place: Place<'_>) -> (u32, Option<usize>) {
        let (segments, key) = match place {
            Place::Code(code) => {
                let segments = code_segments(code);
                while self.open.last().is_some_and(|open| !holds(open, &segments)) {
                    self.open.pop();
                }
                (segments, 0)
            }
            Place::Indent(key) => {
                while self.open.last().is_some_and(|open| open.key >= key) {
                    self.open.pop();
                }
                (Vec::new(), key)
            }
            Place::Level(level) => {
                let keep = usize::try_from(level.saturating_sub(1)).unwrap_or(usize::MAX);
                self.open.truncate(keep);
                (Vec::new(), 0)
            }
        };
        let parent = self.open.last().map(|open| open.row);
        self.open.push(Open { row, segments, key });
        (self.depth(), parent)
    }

    /// The level and parent of an item at `place`: the innermost heading whose code begins the
    /// item's or that stands further out, else the innermost one open.
    pub(super) fn place_item(&self, place: Place<'_>) -> (u32, Option<usize>) {
        let holder = match place {
            Place::Code(code) => {
                let segments = code_segments(code);
                let begins = |open: &Open| !open.segments.is_empty() && holds(open, &segments);
                self.open.iter().rposition(begins)
            }
            Place::Indent(key) => self.open.iter().rposition(|open| open.key < key),
            Place::Level(level) => {
                let index = usize::try_from(level.saturating_sub(2)).unwrap_or(usize::MAX);
                (level > 1 && index < self.open.len()).then_some(index)
            }
        };
        let holder = holder.or_else(|| self.open.len().checked_sub(1));
        let parent = holder.and_then(|at| self.open.get(at)).map(|open| open.row);
        let level = holder.map_or(1, |at| u32::try_from(at).unwrap_or(u32::MAX).saturating_add(2));
        (level, parent)
    }

    /// Whether a heading of that code is open, itself or an outer one of `code`.
    pub(super) fn depth(&self) -> u32 {
        u32::try_from(self.open.len()).unwrap_or(u32::MAX)
    }
}

/// Whether a heading holds the rows whose code has these segments. A heading without a code
/// holds every coded row after it.
fn holds(open: &Open, segments: &[String]) -> bool {
    open.segments.len() < segments.len() && segments.starts_with(&open.segments)
        || open.segments.is_empty() && !segments.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_nest_by_their_beginnings() {
        let mut nesting = Nesting::default();
        assert_eq!(nesting.open_heading(0, Place::Code("2")), (1, None));
        assert_eq!(nesting.open_heading(1, Place::Code("2.1")), (2, Some(0)));
        assert_eq!(nesting.place_item(Place::Code("2.1.01")), (3, Some(1)));
        assert_eq!(nesting.place_item(Place::Code("2.7")), (2, Some(0)));
        assert_eq!(nesting.place_item(Place::Code("X9")), (3, Some(1)));
        assert_eq!(nesting.open_heading(2, Place::Code("2.2")), (2, Some(0)));
        assert_eq!(nesting.open_heading(3, Place::Code("3.00")), (1, None));
        assert_eq!(nesting.place_item(Place::Code("3.01")), (2, Some(3)));
    }

    #[test]
    fn indents_and_levels_nest_by_depth() {
        let mut nesting = Nesting::default();
        assert_eq!(nesting.open_heading(0, Place::Indent(0)), (1, None));
        assert_eq!(nesting.open_heading(1, Place::Indent(2)), (2, Some(0)));
        assert_eq!(nesting.place_item(Place::Indent(4)), (3, Some(1)));
        assert_eq!(nesting.place_item(Place::Indent(1)), (2, Some(0)));
        assert_eq!(nesting.open_heading(2, Place::Indent(0)), (1, None));
        let mut nesting = Nesting::default();
        assert_eq!(nesting.open_heading(0, Place::Level(1)), (1, None));
        assert_eq!(nesting.open_heading(1, Place::Level(2)), (2, Some(0)));
        assert_eq!(nesting.open_heading(2, Place::Level(2)), (2, Some(0)));
        assert_eq!(nesting.place_item(Place::Level(3)), (3, Some(2)));
        assert_eq!(nesting.place_item(Place::Level(2)), (2, Some(0)));
    }
}
