//! A broken rule, told to whoever broke it.

use std::fmt;

use uuid::Uuid;

use super::{Kind, Rule, RuleId, rule as rule_of};
use crate::estimating::formula::{FormulaError, FormulaErrorKind};

/// One broken rule: which, where and in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The rule.
    pub rule: RuleId,
    /// The rule's code; `formula-syntax` for a text that is no formula, which no rule names.
    pub code: &'static str,
    /// One sentence with the figures and names of this case.
    pub message: String,
    /// The rows that break it, most telling first.
    pub objects: Vec<Uuid>,
    /// The field at fault, in the camelCase of the API.
    pub field: Option<&'static str>,
    /// Characters before the fault in the text of that field.
    pub position: Option<usize>,
    /// Which edit of a batch, counted from 0.
    pub edit: Option<usize>,
    /// Named values for a program to read, such as `("holder", "M. Tane")`.
    pub facts: Vec<(&'static str, String)>,
    /// Whether it is the program's doing: a rule of kind invariant is broken by figures that the
    /// program works out, unless [`Violation::entered`] says otherwise.
    pub fault: bool,
}

impl Violation {
    /// Rule `rule` is broken; `message` says how in one sentence.
    pub fn new(rule: RuleId, message: impl Into<String>) -> Self {
        Self {
            rule,
            code: rule.code(),
            message: message.into(),
            objects: Vec::new(),
            field: None,
            position: None,
            edit: None,
            facts: Vec::new(),
            fault: rule_of(rule).kind == Kind::Invariant,
        }
    }

    /// A formula in `field` is wrong: BR-038, BR-039 or BR-040 with the error's code, position and
    /// the cycle or name as facts.
    pub fn formula(field: &'static str, error: &FormulaError) -> Self {
        let (number, fact) = match &error.kind {
            FormulaErrorKind::Syntax | FormulaErrorKind::EvaluationFailed => (40, None),
            FormulaErrorKind::NameUnknown { name } => (38, Some(("name", name.clone()))),
            FormulaErrorKind::Cycle { path } => (39, Some(("path", path.join(" -> ")))),
        };
        let mut violation = Self::new(RuleId::br(number), error.to_string()).field(field);
        violation.code = error.code();
        // Inside another definition the position is not one of this field.
        violation.position = error.within.is_none().then_some(error.position);
        violation.facts.extend(fact);
        violation.facts.extend(error.within.clone().map(|name| ("within", name)));
        violation
    }

    /// Says that what a person entered breaks the rule: it is refused like any other, even where
    /// the rule is an invariant of what the program works out.
    pub fn entered(mut self) -> Self {
        self.fault = false;
        self
    }

    /// Adds a row at fault.
    pub fn object(mut self, id: Uuid) -> Self {
        self.objects.push(id);
        self
    }

    /// Adds rows at fault.
    pub fn objects(mut self, ids: impl IntoIterator<Item = Uuid>) -> Self {
        self.objects.extend(ids);
        self
    }

    /// Names the field at fault.
    pub fn field(mut self, field: &'static str) -> Self {
        self.field = Some(field);
        self
    }

    /// Says which character of the field is at fault, counted from 0.
    pub fn at(mut self, position: usize) -> Self {
        self.position = Some(position);
        self
    }

    /// Says which edit of a batch is at fault, counted from 0.
    pub fn in_edit(mut self, edit: usize) -> Self {
        self.edit = Some(edit);
        self
    }

    /// Adds a named value for a program to read.
    pub fn fact(mut self, name: &'static str, value: impl fmt::Display) -> Self {
        self.facts.push((name, value.to_string()));
        self
    }

    /// The rule from the catalogue.
    pub fn catalogued(&self) -> &'static Rule {
        rule_of(self.rule)
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}, {})", self.message, self.rule, self.code)
    }
}

impl std::error::Error for Violation {}

/// All the rules a command broke; at least one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", listed(.0))]
pub struct Violations(pub Vec<Violation>);

impl Violations {
    /// `Ok` when nothing is broken.
    pub fn check(violations: Vec<Violation>) -> Result<(), Self> {
        if violations.is_empty() { Ok(()) } else { Err(Self(violations)) }
    }

    /// Whether a rule is among them.
    pub fn breaks(&self, rule: RuleId) -> bool {
        self.0.iter().any(|violation| violation.rule == rule)
    }

    /// Says of all that they belong to one edit of a batch.
    pub fn in_edit(mut self, edit: usize) -> Self {
        for violation in &mut self.0 {
            violation.edit = Some(edit);
        }
        self
    }
}

impl From<Violation> for Violations {
    fn from(violation: Violation) -> Self {
        Self(vec![violation])
    }
}

fn listed(violations: &[Violation]) -> String {
    let sentences: Vec<String> = violations.iter().map(Violation::to_string).collect();
    sentences.join("; ")
}
