//! A formula as a short list of operations on a stack, and its evaluation.

use std::cell::Cell;

use rust_decimal::{Decimal, RoundingStrategy};
use smallvec::SmallVec;

use super::error::FormulaError;
use super::{NAME_DEPTH_MAX, STEPS_MAX};
use crate::estimating::number::settle;

/// Looks up a name that stands at a character of the formula.
pub type Resolver<'a> = dyn FnMut(&str, usize) -> Result<Decimal, FormulaError> + 'a;

/// Decimals `round` takes, either side of the point.
const ROUND_PLACES_MAX: i64 = 12;
/// Values kept on the machine stack during evaluation; deeper ones go to the heap.
const STACK_INLINE: usize = 8;

/// The evaluation budget (BR-040), shared by a formula and all the definitions it reaches.
#[derive(Debug)]
pub struct Steps {
    left: Cell<u32>,
    depth: Cell<u32>,
}

impl Steps {
    /// The full budget of [`STEPS_MAX`].
    pub fn new() -> Self {
        Self::limited(STEPS_MAX)
    }

    /// A budget of `steps`.
    pub fn limited(steps: u32) -> Self {
        Self { left: Cell::new(steps), depth: Cell::new(0) }
    }

    /// Steps not yet taken.
    pub fn left(&self) -> u32 {
        self.left.get()
    }

    /// Takes one step, or fails when none is left.
    pub fn take(&self, position: usize) -> Result<(), FormulaError> {
        let left = self.left.get().checked_sub(1).ok_or_else(|| {
            let message = format!("the formula takes more than {STEPS_MAX} steps");
            FormulaError::evaluation(position, message)
        })?;
        self.left.set(left);
        Ok(())
    }

    /// Runs `inner` one definition deeper, or fails at [`NAME_DEPTH_MAX`].
    pub(crate) fn deeper<T>(
        &self,
        position: usize,
        inner: impl FnOnce() -> Result<T, FormulaError>,
    ) -> Result<T, FormulaError> {
        let depth = self.depth.get();
        if depth == NAME_DEPTH_MAX {
            let message = format!("more than {NAME_DEPTH_MAX} definitions stand behind this name");
            return Err(FormulaError::evaluation(position, message));
        }
        self.depth.set(depth + 1);
        let result = inner();
        self.depth.set(depth);
        result
    }
}

impl Default for Steps {
    fn default() -> Self {
        Self::new()
    }
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Comparison {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    NotEqual,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Function {
    Not,
    Min,
    Max,
    Ceil,
    Floor,
    Round,
    Abs,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Operation {
    /// Pushes a constant.
    Constant(u16),
    /// Pushes the value of a name.
    Name(u16),
    /// Takes two values off and pushes the result.
    Combine(Arithmetic),
    Negate,
    Compare(Comparison),
    /// Takes so many arguments off and pushes the result.
    Call(Function, u16),
    /// Takes a value off and goes on at an operation when its truth is the one given.
    JumpIf(bool, u16),
    Jump(u16),
}

/// An operation and the character it stands at, for errors.
#[derive(Debug, Clone, Copy)]
struct Placed {
    operation: Operation,
    at: u16,
}

/// A compiled formula.
#[derive(Debug)]
pub(super) struct Program {
    code: Box<[Placed]>,
    constants: Box<[Decimal]>,
    names: Box<[Box<str>]>,
}

/// Collects a program while it is parsed. Sources have at most a thousand characters, so every
/// count fits an `u16`.
#[derive(Default)]
pub(super) struct Builder {
    code: Vec<Placed>,
    constants: Vec<Decimal>,
    names: Vec<Box<str>>,
}

impl Builder {
    pub fn push(&mut self, operation: Operation, at: usize) {
        self.code.push(Placed { operation, at: at as u16 });
    }

    pub fn constant(&mut self, value: Decimal, at: usize) {
        self.push(Operation::Constant(self.constants.len() as u16), at);
        self.constants.push(value);
    }

    pub fn truth(&mut self, value: bool, at: usize) {
        self.constant(truth(value), at);
    }

    pub fn name(&mut self, name: &str, at: usize) {
        let known = self.names.iter().position(|known| **known == *name);
        let index = known.unwrap_or_else(|| {
            self.names.push(name.into());
            self.names.len() - 1
        });
        self.push(Operation::Name(index as u16), at);
    }

    /// A conditional jump whose target [`Builder::land`] sets.
    pub fn jump_if(&mut self, when: bool, at: usize) -> usize {
        self.push(Operation::JumpIf(when, 0), at);
        self.code.len() - 1
    }

    /// A jump whose target [`Builder::land`] sets.
    pub fn jump(&mut self, at: usize) -> usize {
        self.push(Operation::Jump(0), at);
        self.code.len() - 1
    }

    /// Lets a jump lead to the next operation.
    pub fn land(&mut self, jump: usize) {
        let here = self.code.len() as u16;
        match &mut self.code[jump].operation {
            Operation::JumpIf(_, target) | Operation::Jump(target) => *target = here,
            Operation::Constant(_)
            | Operation::Name(_)
            | Operation::Combine(_)
            | Operation::Negate
            | Operation::Compare(_)
            | Operation::Call(..) => unreachable!("only jumps land"),
        }
    }

    /// The program; without names it is worked out here and now, unless that fails.
    pub fn finish(self) -> Program {
        let program = Program {
            code: self.code.into(),
            constants: self.constants.into(),
            names: self.names.into(),
        };
        if !program.names.is_empty() || program.constant().is_some() {
            return program;
        }
        let unknown = &mut |_: &str, at| Err(FormulaError::evaluation(at, "no names"));
        match program.run(unknown, &Steps::new()) {
            Ok(value) => Program {
                code: [Placed { operation: Operation::Constant(0), at: 0 }].into(),
                constants: [value].into(),
                names: [].into(),
            },
            Err(_) => program,
        }
    }
}

impl Program {
    pub fn names(&self) -> &[Box<str>] {
        &self.names
    }

    /// The value, when the program is nothing but one.
    pub fn constant(&self) -> Option<Decimal> {
        match (&*self.code, &*self.constants) {
            ([Placed { operation: Operation::Constant(_), .. }], [value]) => Some(*value),
            _ => None,
        }
    }

    pub fn run(&self, resolve: &mut Resolver<'_>, steps: &Steps) -> Result<Decimal, FormulaError> {
        let mut stack = Stack::new();
        let mut next = 0;
        while let Some(Placed { operation, at }) = self.code.get(next) {
            let at = usize::from(*at);
            steps.take(at)?;
            next += 1;
            match operation {
                Operation::Constant(index) => stack.push(self.constants[usize::from(*index)]),
                Operation::Name(index) => {
                    stack.push(resolve(&self.names[usize::from(*index)], at)?)
                }
                Operation::Negate => {
                    let value = pop(&mut stack);
                    stack.push(-value);
                }
                Operation::Combine(arithmetic) => {
                    let right = pop(&mut stack);
                    let left = pop(&mut stack);
                    stack.push(arithmetic.apply(left, right, at)?);
                }
                Operation::Compare(comparison) => {
                    let right = pop(&mut stack);
                    let left = pop(&mut stack);
                    stack.push(truth(comparison.holds(settle(left), settle(right))));
                }
                Operation::Call(function, count) => {
                    let start = stack.len() - usize::from(*count);
                    let value = function.apply(&stack[start..], at)?;
                    stack.truncate(start);
                    stack.push(value);
                }
                Operation::JumpIf(when, target) => {
                    if is_true(pop(&mut stack)) == *when {
                        next = usize::from(*target);
                    }
                }
                Operation::Jump(target) => next = usize::from(*target),
            }
        }
        Ok(pop(&mut stack))
    }
}

type Stack = SmallVec<[Decimal; STACK_INLINE]>;

fn pop(stack: &mut Stack) -> Decimal {
    stack.pop().expect("the parser emits each operand before its operation")
}

fn truth(value: bool) -> Decimal {
    if value { Decimal::ONE } else { Decimal::ZERO }
}

fn is_true(value: Decimal) -> bool {
    !settle(value).is_zero()
}

impl Arithmetic {
    fn apply(self, left: Decimal, right: Decimal, at: usize) -> Result<Decimal, FormulaError> {
        let result = match self {
            Self::Add => left.checked_add(right),
            Self::Subtract => left.checked_sub(right),
            Self::Multiply => left.checked_mul(right),
            Self::Divide if right.is_zero() => {
                return Err(FormulaError::evaluation(at, "this divides by zero"));
            }
            Self::Divide => left.checked_div(right),
        };
        result.ok_or_else(|| overflow(at))
    }
}

fn overflow(at: usize) -> FormulaError {
    FormulaError::evaluation(at, "the result has more than 28 digits before the decimal point")
}

impl Comparison {
    fn holds(self, left: Decimal, right: Decimal) -> bool {
        match self {
            Self::Less => left < right,
            Self::LessOrEqual => left <= right,
            Self::Greater => left > right,
            Self::GreaterOrEqual => left >= right,
            Self::Equal => left == right,
            Self::NotEqual => left != right,
        }
    }
}

impl Function {
    /// The result for `arguments`, of which the parser made sure there are enough.
    fn apply(self, arguments: &[Decimal], at: usize) -> Result<Decimal, FormulaError> {
        let first = arguments[0];
        Ok(match self {
            Self::Not => truth(!is_true(first)),
            Self::Min => arguments.iter().copied().fold(first, Decimal::min),
            Self::Max => arguments.iter().copied().fold(first, Decimal::max),
            Self::Ceil => settle(first).ceil(),
            Self::Floor => settle(first).floor(),
            Self::Abs => first.abs(),
            Self::Round => {
                let places = arguments.get(1).copied().unwrap_or(Decimal::ZERO);
                return round(settle(first), settle(places), at);
            }
        })
    }
}

fn round(value: Decimal, places: Decimal, at: usize) -> Result<Decimal, FormulaError> {
    let places = Some(places)
        .filter(Decimal::is_integer)
        .and_then(|places| i64::try_from(places).ok())
        .filter(|places| (-ROUND_PLACES_MAX..=ROUND_PLACES_MAX).contains(places))
        .ok_or_else(|| {
            let message = format!(
                "round takes a whole number of decimals from -{ROUND_PLACES_MAX} to \
                 {ROUND_PLACES_MAX}"
            );
            FormulaError::evaluation(at, message)
        })?;
    let half_away = RoundingStrategy::MidpointAwayFromZero;
    if places >= 0 {
        return Ok(value.round_dp_with_strategy(places as u32, half_away));
    }
    let unit = Decimal::from(10_i64.pow(places.unsigned_abs() as u32));
    (value / unit)
        .round_dp_with_strategy(0, half_away)
        .checked_mul(unit)
        .ok_or_else(|| overflow(at))
}
