//! Named definitions that may use each other: variables and calculation blocks.

use std::cell::Cell;

use rust_decimal::Decimal;
use smallvec::SmallVec;

use super::Formula;
use super::error::{FormulaError, FormulaErrorKind};
use super::program::Steps;

/// Looks a name up outside a set of definitions; `None` when nothing is called so.
pub type Outer<'a> = dyn FnMut(&str, usize) -> Option<Result<Decimal, FormulaError>> + 'a;

/// Definitions held without a heap allocation.
const DEFINITIONS_INLINE: usize = 8;

/// A set of named formulas, each worked out once and only when asked for.
///
/// A definition sees the others of its set first, then what is outside. The order does not matter;
/// of two with the same name the first counts. Sets are small (1 to 50 names), so a name is found
/// by looking through them; an empty set costs nothing.
#[derive(Debug, Default)]
pub struct Definitions<'a> {
    entries: SmallVec<[Entry<'a>; DEFINITIONS_INLINE]>,
}

#[derive(Debug)]
struct Entry<'a> {
    name: &'a str,
    formula: &'a Formula,
    state: Cell<State>,
}

#[derive(Debug, Clone, Copy)]
enum State {
    Waiting,
    Running,
    Done(Decimal),
}

impl<'a> Definitions<'a> {
    /// Takes the definitions; nothing is worked out yet.
    pub fn new(definitions: impl IntoIterator<Item = (&'a str, &'a Formula)>) -> Self {
        let entry = |(name, formula)| Entry { name, formula, state: Cell::new(State::Waiting) };
        Self { entries: definitions.into_iter().map(entry).collect() }
    }

    /// The names defined, in the order given.
    pub fn names(&self) -> impl Iterator<Item = &'a str> {
        self.entries.iter().map(|entry| entry.name)
    }

    /// The value of `name`, or `formula-name-unknown` (BR-038) when neither the set nor `outer`
    /// knows it.
    ///
    /// A definition that depends on itself fails with `formula-cycle` and the path (BR-039). An
    /// error inside a definition says which one it is in.
    pub fn resolve(
        &self,
        name: &str,
        at: usize,
        outer: &mut Outer<'_>,
        steps: &Steps,
    ) -> Result<Decimal, FormulaError> {
        self.lookup(name, at, outer, steps)
            .unwrap_or_else(|| Err(FormulaError::unknown_name(at, name, self.names())))
    }

    /// As [`Definitions::resolve`], with `None` for an unknown name: for sets inside one another.
    pub fn lookup(
        &self,
        name: &str,
        at: usize,
        outer: &mut Outer<'_>,
        steps: &Steps,
    ) -> Option<Result<Decimal, FormulaError>> {
        let Some(entry) = self.entries.iter().find(|entry| entry.name == name) else {
            return outer(name, at);
        };
        if let Some(value) = entry.formula.constant() {
            return Some(Ok(value));
        }
        Some(match entry.state.get() {
            State::Done(value) => Ok(value),
            State::Running => Err(FormulaError::cycle(at, vec![name.to_owned()])),
            State::Waiting => self.work_out(entry, at, outer, steps),
        })
    }

    fn work_out(
        &self,
        entry: &Entry<'a>,
        at: usize,
        outer: &mut Outer<'_>,
        steps: &Steps,
    ) -> Result<Decimal, FormulaError> {
        entry.state.set(State::Running);
        let result = steps.deeper(at, || {
            entry.formula.eval(&mut |name, at| self.resolve(name, at, outer, steps), steps)
        });
        entry.state.set(result.as_ref().map_or(State::Waiting, |value| State::Done(*value)));
        result.map_err(|error| on_the_way_out(error, entry.name))
    }
}

/// Adds a definition to the path of a cycle that is not yet round, and names where a fault lies.
fn on_the_way_out(error: FormulaError, name: &str) -> FormulaError {
    match &error.kind {
        FormulaErrorKind::Cycle { path } if path.len() == 1 || path.first() != path.last() => {
            let path = std::iter::once(name.to_owned()).chain(path.iter().cloned()).collect();
            let within = error.within.unwrap_or_else(|| name.to_owned());
            FormulaError::cycle(error.position, path).within(&within)
        }
        FormulaErrorKind::Cycle { .. }
        | FormulaErrorKind::Syntax
        | FormulaErrorKind::NameUnknown { .. }
        | FormulaErrorKind::EvaluationFailed => error.within(name),
    }
}
