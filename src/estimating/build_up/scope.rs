//! Names: what a formula may call upon, innermost first (domain 2.5: line, worksheet, parent
//! item, estimate, programme).

use crate::estimating::{
    formula::{Formula, FormulaError, Steps},
    worksheet::{Block, Variable},
};
use rust_decimal::Decimal;
use smallvec::SmallVec;

/// One ring of names.
#[derive(Clone, Copy, Debug, Default)]
pub struct Frame<'a> {
    /// Names whose value is known.
    pub numbers: &'a [(Box<str>, Decimal)],
    /// Parameters and their values.
    pub params: &'a [(&'a str, Decimal)],
    /// Names the trade fixes: `Q`, `quantity`, `parent.quantity`.
    pub built_in: &'a [(&'static str, Option<Decimal>)],
    /// Variables, seen by each other and by the rings inside.
    pub variables: &'a [Variable],
    /// Calculation blocks, likewise.
    pub blocks: &'a [Block],
}

impl<'a> Frame<'a> {
    fn definition(&self, name: &str) -> Option<(&'a str, &'a Formula)> {
        let variable = self.variables.iter().find(|v| &*v.name == name);
        if let Some(v) = variable {
            return Some((&v.name, &v.formula));
        }
        self.blocks.iter().find(|b| &*b.name == name).map(|b| (&*b.name, &b.formula))
    }
}

/// Rings of names with the values found so far. Each name is worked out at most once.
pub struct Scope<'a> {
    frames: &'a [Frame<'a>],
    known: SmallVec<[(usize, &'a str, Decimal); 4]>,
    open: SmallVec<[(usize, &'a str); 4]>,
    steps: &'a Steps,
}

impl<'a> Scope<'a> {
    /// A scope over `frames`, innermost first, within a budget of steps (BR-040).
    pub fn new(frames: &'a [Frame<'a>], steps: &'a Steps) -> Self {
        Scope { frames, known: SmallVec::new(), open: SmallVec::new(), steps }
    }

    /// The value of `formula` as seen from the innermost ring. A plain number costs nothing.
    pub fn value(&mut self, formula: &Formula) -> Result<Decimal, FormulaError> {
        self.value_at(formula, 0)
    }

    /// The value of `formula` as seen from ring `frame`.
    pub fn value_at(&mut self, formula: &Formula, frame: usize) -> Result<Decimal, FormulaError> {
        match formula.as_number() {
            Some(number) => Ok(number),
            None => {
                let steps = self.steps;
                formula.eval(&mut |name, at| self.resolve(name, at, frame), steps)
            }
        }
    }

    /// The value of the name `name`, written at character `at`, as seen from ring `from`.
    pub fn resolve(&mut self, name: &str, at: usize, from: usize) -> Result<Decimal, FormulaError> {
        for (depth, frame) in self.frames.iter().enumerate().skip(from) {
            if let Some((_, value)) = frame.built_in.iter().find(|(n, _)| *n == name) {
                return value.ok_or_else(|| self.cycle_through(depth, name, at));
            }
            if let Some((_, value)) = frame.numbers.iter().find(|(n, _)| &**n == name) {
                return Ok(*value);
            }
            if let Some((_, value)) = frame.params.iter().find(|(n, _)| *n == name) {
                return Ok(*value);
            }
            if let Some((name, formula)) = frame.definition(name) {
                return self.definition(name, formula, at, depth);
            }
        }
        Err(FormulaError::unknown_name(at, name, self.names()))
    }

    /// Every name the innermost ring sees.
    pub fn names(&self) -> impl Iterator<Item = &'a str> {
        self.frames.iter().flat_map(|f| {
            let built_in = f.built_in.iter().map(|(n, _)| *n);
            let numbers = f.numbers.iter().map(|(n, _)| &**n);
            let params = f.params.iter().map(|(n, _)| *n);
            let variables = f.variables.iter().map(|v| &*v.name);
            let blocks = f.blocks.iter().map(|b| &*b.name);
            built_in.chain(numbers).chain(params).chain(variables).chain(blocks)
        })
    }

    fn definition(
        &mut self,
        name: &'a str,
        formula: &Formula,
        at: usize,
        depth: usize,
    ) -> Result<Decimal, FormulaError> {
        if let Some(number) = formula.as_number() {
            return Ok(number);
        }
        if let Some((_, _, value)) = self.known.iter().find(|(d, n, _)| *d == depth && *n == name) {
            return Ok(*value);
        }
        if self.open.contains(&(depth, name)) {
            return Err(self.cycle_through(depth, name, at));
        }
        self.open.push((depth, name));
        let steps = self.steps;
        let value = steps.deeper(at, || self.value_at(formula, depth));
        self.open.pop();
        let value = value.map_err(|e| e.within(name))?;
        self.known.push((depth, name, value));
        Ok(value)
    }

    fn cycle_through(&self, depth: usize, name: &str, at: usize) -> FormulaError {
        let start = self.open.iter().position(|o| *o == (depth, name)).unwrap_or(0);
        let mut path: Vec<&str> = self.open.iter().skip(start).map(|(_, n)| *n).collect();
        path.push(name);
        if path.first() != path.last() {
            path.insert(0, name);
        }
        FormulaError::cycle(at, path.into_iter().map(str::to_owned).collect())
    }
}

#[cfg(test)]
#[path = "scope/tests.rs"]
mod tests;
