//! The formula language of quantities, productions, usages and variables (2.5).
//!
//! | write | meaning |
//! |---|---|
//! | `12`, `0.83`, `.5` | a decimal of at most 28 digits |
//! | `+ - * /`, `×`, `÷`, unary `-` | arithmetic, `*` and `/` before `+` and `-` |
//! | `< <= > >= = <>`, also `== !=` | comparison: 1 when true, 0 when false; not chained |
//! | `if(condition, a, b)` | `a` when the condition is not 0, else `b`; only that one is worked out |
//! | `and(…)`, `or(…)`, `not(x)` | 1 or 0; stops at the first argument that decides |
//! | `min(…)`, `max(…)`, `abs(x)` | |
//! | `ceil(x)`, `floor(x)` | to a whole number, up or down |
//! | `round(x)`, `round(x, n)` | half away from zero, to `n` decimals (-12 to 12) |
//! | `bulk`, `parent.quantity` | a name: letters, digits, `_`, and dots between parts |
//!
//! A leading `=` is accepted. Function names may be in any case; other names are exact.
//!
//! Arithmetic is decimal with 28 digits. Division leaves a residue (`1 / 3 * 3` is 0.999…9), so
//! comparisons, `ceil`, `floor` and `round` first drop it
//! ([`settle`](crate::estimating::number::settle): 20 significant digits, at most 20 decimals):
//! `floor(1 / 3 * 3)` and `ceil(1 / 3 * 3)` are both 1. Division by zero and overflow are errors.
//! There are no powers, roots or percent signs: they have no exact decimal rule or two readings.

mod error;
mod lexer;
mod parser;
mod program;

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use rust_decimal::Decimal;
use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde::ser::{Serialize, Serializer};

pub use error::{FormulaError, FormulaErrorKind};
pub use parser::{FUNCTION_NAMES, check_name};
pub use program::{Resolver, Steps};

use program::Program;

/// The longest formula, in characters.
pub const SOURCE_LENGTH_MAX: usize = 1000;
/// The deepest nesting of parentheses, function calls and signs.
pub const NESTING_MAX: usize = 64;
/// Evaluation steps for one formula with all the definitions it reaches (BR-040).
pub const STEPS_MAX: u32 = 10_000;
/// The longest name, dots included, in characters.
pub const NAME_LENGTH_MAX: usize = 64;
/// How many definitions may stand behind one another.
pub const NAME_DEPTH_MAX: u32 = 64;
/// Digits in a number literal.
pub const LITERAL_DIGITS_MAX: usize = 28;

/// A number or an expression, as typed. 24 bytes; a clone copies or counts a reference.
///
/// Serialises as its text in every format and is parsed again when read, so a stored formula keeps
/// every character the estimator wrote. Two formulas are equal when their texts are.
#[derive(Clone)]
pub struct Formula(Kind);

#[derive(Clone)]
enum Kind {
    /// A plain number whose printed form is the text.
    Number(Decimal),
    Expression(Arc<Expression>),
}

struct Expression {
    text: Box<str>,
    program: Program,
}

impl Formula {
    /// Reads a formula; surrounding space is dropped. O(length).
    ///
    /// Fails with `formula-syntax` only: a formula that divides by a constant zero is read, and
    /// fails when evaluated.
    pub fn parse(text: &str) -> Result<Self, FormulaError> {
        let trimmed = text.trim();
        if let Some(number) = plain_number(trimmed) {
            return Ok(Self(Kind::Number(number)));
        }
        let leading = text.chars().count() - text.trim_start().chars().count();
        let program = parser::compile(trimmed).map_err(|error| error.shifted(leading))?;
        Ok(Self(Kind::Expression(Arc::new(Expression { text: trimmed.into(), program }))))
    }

    /// A plain number; it prints with the decimals given.
    pub fn number(value: Decimal) -> Self {
        Self(Kind::Number(if value.is_zero() { value.abs() } else { value }))
    }

    /// The number, when the text is a plain number and not an expression.
    pub fn as_number(&self) -> Option<Decimal> {
        match &self.0 {
            Kind::Number(value) => Some(*value),
            Kind::Expression(_) => None,
        }
    }

    /// The value, when it needs no name: a plain number, or an expression of numbers such as
    /// `9 / (42 / 60)` that evaluates without error. O(1).
    pub fn constant(&self) -> Option<Decimal> {
        match &self.0 {
            Kind::Number(value) => Some(*value),
            Kind::Expression(expression) => expression.program.constant(),
        }
    }

    /// The names the formula mentions, each once, in order of appearance.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let names = match &self.0 {
            Kind::Number(_) => &[],
            Kind::Expression(expression) => expression.program.names(),
        };
        names.iter().map(|name| &**name)
    }

    /// The text as typed.
    pub fn text(&self) -> Cow<'_, str> {
        match &self.0 {
            Kind::Number(value) => Cow::Owned(value.to_string()),
            Kind::Expression(expression) => Cow::Borrowed(&expression.text),
        }
    }

    /// The value, with names looked up through `resolve` (given the name and the character it
    /// stands at). A constant answers at once and takes no steps.
    ///
    /// The cost is bounded by `steps`, which the resolver shares when it evaluates other formulas.
    /// Fails with `formula-evaluation-failed` (BR-040) or whatever `resolve` fails with.
    pub fn eval(&self, resolve: &mut Resolver<'_>, steps: &Steps) -> Result<Decimal, FormulaError> {
        match &self.0 {
            Kind::Number(value) => Ok(*value),
            Kind::Expression(expression) => match expression.program.constant() {
                Some(value) => Ok(value),
                None => expression.program.run(resolve, steps),
            },
        }
    }
}

/// Reads the number of a text that the number itself would print: `-?(0|[1-9]…)(.…)?` with at most
/// 18 digits. Anything else is left to the parser.
fn plain_number(text: &str) -> Option<Decimal> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = match digits.split_once('.') {
        Some((whole, fraction)) if !fraction.is_empty() => (whole, fraction),
        Some(_) => return None,
        None => (digits, ""),
    };
    let canonical = !whole.is_empty() && (whole == "0" || !whole.starts_with('0'));
    if !canonical || whole.len() + fraction.len() > 18 {
        return None;
    }
    let mut units: i64 = 0;
    for byte in whole.bytes().chain(fraction.bytes()) {
        if !byte.is_ascii_digit() {
            return None;
        }
        units = units * 10 + i64::from(byte - b'0');
    }
    if digits.len() < text.len() {
        // Minus zero would lose its sign when printed.
        units = (units != 0).then_some(-units)?;
    }
    Some(Decimal::new(units, u32::try_from(fraction.len()).ok()?))
}

impl FromStr for Formula {
    type Err = FormulaError;

    fn from_str(text: &str) -> Result<Self, FormulaError> {
        Self::parse(text)
    }
}

impl From<Decimal> for Formula {
    fn from(value: Decimal) -> Self {
        Self::number(value)
    }
}

impl PartialEq for Formula {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Kind::Number(one), Kind::Number(two)) => one == two && one.scale() == two.scale(),
            (Kind::Expression(one), Kind::Expression(two)) => one.text == two.text,
            (Kind::Number(_), Kind::Expression(_)) | (Kind::Expression(_), Kind::Number(_)) => {
                self.text() == other.text()
            }
        }
    }
}

impl Eq for Formula {}

impl fmt::Display for Formula {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Number(value) => fmt::Display::fmt(value, f),
            Kind::Expression(expression) => f.pad(&expression.text),
        }
    }
}

impl fmt::Debug for Formula {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Formula({self})")
    }
}

impl Serialize for Formula {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Kind::Number(value) => serializer.collect_str(value),
            Kind::Expression(expression) => serializer.serialize_str(&expression.text),
        }
    }
}

impl<'de> Deserialize<'de> for Formula {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(FormulaVisitor)
    }
}

struct FormulaVisitor;

impl Visitor<'_> for FormulaVisitor {
    type Value = Formula;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number or formula as text, in quotes")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Formula, E> {
        Formula::parse(text).map_err(E::custom)
    }
}

#[cfg(test)]
mod tests;
