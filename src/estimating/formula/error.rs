//! What can be wrong with a formula, told so that an estimator can mend it.

use std::fmt;

/// An error in a formula: what kind, where, and a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormulaError {
    /// The kind, with what it needs.
    pub kind: FormulaErrorKind,
    /// Characters before the fault, in the text of the formula it is in.
    pub position: usize,
    /// One sentence without the position.
    pub message: String,
    /// The definition whose formula holds the fault, when it is not the one evaluated.
    pub within: Option<String>,
}

/// The kinds of formula errors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FormulaErrorKind {
    /// The text is not a formula.
    Syntax,
    /// A name means nothing where the formula stands (BR-038).
    NameUnknown {
        /// The name.
        name: String,
    },
    /// Definitions depend on themselves (BR-039).
    Cycle {
        /// The names along the cycle; the first comes again at the end.
        path: Vec<String>,
    },
    /// Division by zero, overflow, an argument out of range, or too many steps (BR-040).
    EvaluationFailed,
}

impl FormulaError {
    /// The text is not a formula.
    pub fn syntax(position: usize, message: impl Into<String>) -> Self {
        Self::new(FormulaErrorKind::Syntax, position, message.into())
    }

    /// The formula has no value (BR-040).
    pub fn evaluation(position: usize, message: impl Into<String>) -> Self {
        Self::new(FormulaErrorKind::EvaluationFailed, position, message.into())
    }

    /// A name means nothing here (BR-038); the nearest of `known` is offered when it is close.
    pub fn unknown_name<'a>(
        position: usize,
        name: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let message = match crate::estimating::nearest::nearest(name, known) {
            Some(near) => format!("nothing here is called {name}; is {near} meant?"),
            None => format!("nothing here is called {name}"),
        };
        Self::new(FormulaErrorKind::NameUnknown { name: name.to_owned() }, position, message)
    }

    /// Names depend on themselves (BR-039); `path` begins and ends with the same name.
    pub fn cycle(position: usize, path: Vec<String>) -> Self {
        let message = format!("these depend on each other in a circle: {}", path.join(" -> "));
        Self::new(FormulaErrorKind::Cycle { path }, position, message)
    }

    /// The stable code of the error.
    pub fn code(&self) -> &'static str {
        match self.kind {
            FormulaErrorKind::Syntax => "formula-syntax",
            FormulaErrorKind::NameUnknown { .. } => "formula-name-unknown",
            FormulaErrorKind::Cycle { .. } => "formula-cycle",
            FormulaErrorKind::EvaluationFailed => "formula-evaluation-failed",
        }
    }

    /// Says that the fault lies in the formula of `name`, unless a nearer one said so already.
    pub fn within(mut self, name: &str) -> Self {
        if self.within.is_none() {
            self.within = Some(name.to_owned());
        }
        self
    }

    pub(super) fn shifted(mut self, characters: usize) -> Self {
        self.position += characters;
        self
    }

    fn new(kind: FormulaErrorKind, position: usize, message: String) -> Self {
        Self { kind, position, message, within: None }
    }
}

impl fmt::Display for FormulaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (character {}", self.message, self.position + 1)?;
        if let Some(name) = &self.within {
            write!(f, " of {name}")?;
        }
        f.write_str(")")
    }
}

impl std::error::Error for FormulaError {}
