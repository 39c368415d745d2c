//! Building up cost: worksheets, recipes and plugs into money (domain 2.5).
//!
//! Every figure is computed from stored, rounded inputs, and rounded at R2 and R3 only. The
//! functions are pure: same rows in, same cents out.

mod expand;
mod line;
mod scope;

pub use expand::{Expansion, expand_recipe};
pub use line::{LeafCost, LineCost, SheetCost, SheetInputs, Sink, evaluate_sheet};
pub use scope::{Frame, Scope};

use super::{formula::FormulaError, id::LineId, rules::RuleId};

/// Why a build-up has no value, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildUpError {
    /// The line at fault; none for the item's quantity and for variables.
    pub line: Option<LineId>,
    /// The field at fault.
    pub field: &'static str,
    /// What is wrong.
    pub fault: Fault,
}

/// What is wrong with a build-up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A formula has no value.
    Formula(Box<FormulaError>),
    /// A rule is broken; the sentence says how.
    Rule(RuleId, String),
}

impl BuildUpError {
    pub(crate) fn rule(field: &'static str, rule: u8, message: impl Into<String>) -> Self {
        BuildUpError { line: None, field, fault: Fault::Rule(RuleId::br(rule), message.into()) }
    }
    pub(crate) fn formula(field: &'static str, error: FormulaError) -> Self {
        BuildUpError { line: None, field, fault: Fault::Formula(Box::new(error)) }
    }
    pub(crate) fn on(mut self, line: LineId) -> Self {
        self.line.get_or_insert(line);
        self
    }
}
