//! What each row of a sheet becomes, with every problem by sheet and cell, before anything is
//! written (BR-103). `planner` makes the plans.

use serde::Serialize;
use uuid::Uuid;

use crate::estimating::number::{Money, Pct, Qty, Rate};

pub use super::planner::{plan, plan_watched};

/// Most problems kept; the count goes on.
pub const PROBLEMS_MAX: usize = 10_000;

/// How a plan meets what the estimate already holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// All rows are added.
    Append,
    /// All rows are added to an estimate without rows.
    ReplaceEmpty,
    /// Rows are matched by client code with what is there (BR-105).
    Reimport,
}

/// What a rate of the file becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RateAs {
    /// The item's plug rate.
    #[default]
    Plug,
    /// Nothing; it is only summed for comparison.
    Ignore,
}

/// How to plan.
#[derive(Debug, Clone, Copy)]
pub struct PlanOptions {
    /// What to do with what is there.
    pub mode: Mode,
    /// What to do with rates.
    pub rate_as: RateAs,
    /// Depth of the heading the rows go under; 0 for the top. Without one, items before the
    /// first heading get a heading named after the sheet (BR-015).
    pub under_depth: u32,
}

/// A row of the estimate as a re-import sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExistingRow {
    /// Its id.
    pub id: Uuid,
    /// Heading or item.
    pub kind: RowKind,
    /// Client code, or the code of a heading.
    pub code: String,
    /// Description, or the name of a heading.
    pub description: String,
    /// Unit code.
    pub unit: Option<String>,
    /// Quantity, when it is a number.
    pub quantity: Option<Qty>,
    /// Plug rate.
    pub plug_rate: Option<Rate>,
    /// Whether it has worksheet lines or sub-items, which a re-import leaves alone.
    pub has_worksheet: bool,
    /// Whether it is inactive.
    pub inactive: bool,
}

/// What a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RowKind {
    /// A heading.
    Heading,
    /// An item.
    Item,
    /// A row of the sheet that is not imported.
    Skip,
    /// An item of the estimate that is not in the sheet any more.
    Drop,
}

/// What happens to a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// It is made.
    Add,
    /// Fields of it change.
    Change,
    /// It stays as it is.
    Same,
    /// It becomes inactive.
    Drop,
    /// It is left out.
    Skip,
}

/// The type of an item, as far as a schedule tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ItemType {
    /// A client line.
    #[default]
    Schedule,
    /// Only a rate is asked for.
    RateOnly,
    /// A sum fixed by the client.
    ProvisionalSum,
    /// A sum fixed by the client for something to be bought.
    PrimeCostSum,
    /// A percentage of such sums.
    Percentage,
}

/// A field that a re-import changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FieldChange {
    /// The field as the wire names it.
    pub field: &'static str,
    /// Its value now.
    pub before: Option<String>,
    /// Its value after.
    pub after: Option<String>,
}

/// A row of a plan.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlanRow {
    /// Row number in the sheet, from 1; none for a dropped row and for a heading made for items
    /// without one.
    pub row: Option<u32>,
    /// What it is.
    pub kind: RowKind,
    /// Depth below the place of import, from 1; 0 for skipped rows.
    pub level: u32,
    /// The row of the plan it hangs under; none for the place of import itself.
    pub parent: Option<usize>,
    /// Client code.
    pub code: String,
    /// Description, or the name of a heading.
    pub description: String,
    /// Type of an item.
    #[serde(rename = "type")]
    pub item_type: Option<ItemType>,
    /// Unit code of the list; none when it is missing or unknown.
    pub unit: Option<String>,
    /// Quantity.
    pub quantity: Option<Qty>,
    /// Rate to become the plug rate.
    pub rate: Option<Rate>,
    /// Quantity times rate, or the sum the client fixed.
    pub amount: Option<Money>,
    /// The client's amount of a provisional or prime-cost sum.
    pub client_amount: Option<Money>,
    /// The percentage of a percentage item.
    pub percent: Option<Pct>,
    /// Note.
    pub note: Option<String>,
    /// What happens to it.
    pub action: Action,
    /// The row of the estimate it matches.
    pub existing: Option<Uuid>,
    /// Why it is skipped.
    pub reason: Option<&'static str>,
    /// What changes in a matched row.
    pub changes: Vec<FieldChange>,
    /// Its problems, as places in the problems of the plan.
    pub problems: Vec<usize>,
}

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// The plan cannot be committed.
    Error,
    /// Worth a look.
    Warning,
}

/// What is wrong in a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProblemKind {
    /// No unit (BR-019).
    UnitMissing,
    /// A unit that is not of the list (BR-019).
    UnitUnknown,
    /// A quantity that is none (BR-020).
    QuantityInvalid,
    /// A lump sum of a quantity other than 1 (BR-021).
    LumpSumNotOne,
    /// A lump sum without a quantity.
    LumpSumAssumed,
    /// Text, an error value or a date where a number belongs (BR-104).
    CellInvalid,
    /// A number stored as text (BR-104).
    NumberAsText,
    /// Digits beyond the 15 Excel shows.
    NumberNoise,
    /// A rate below zero.
    RateNegative,
    /// A rate of more than four decimals.
    RateRounded,
    /// A rate in words ("included").
    RateInWords,
    /// An amount other than quantity times rate.
    AmountDiffers,
    /// A provisional or prime-cost sum without its amount (BR-026).
    SumWithoutAmount,
    /// A percentage item, whose links a file does not tell (BR-027).
    PercentageLinks,
    /// A heading more than five deep (BR-013).
    TooDeep,
    /// A level that is none.
    LevelInvalid,
    /// A code that occurs twice, on a first import.
    CodeTwice,
    /// A code Excel took for a date.
    CodeIsDate,
    /// A code that occurs twice, or none, on a re-import (BR-105).
    CodeAmbiguous,
    /// A column the layout names is not in the sheet.
    ColumnMissing,
}

impl PlanRow {
    /// Whether it is a sum of the client's that a percentage item may be of (BR-027).
    pub fn is_client_sum(&self) -> bool {
        let sum = matches!(self.item_type, Some(ItemType::ProvisionalSum | ItemType::PrimeCostSum));
        sum && self.kind == RowKind::Item && !matches!(self.action, Action::Drop | Action::Skip)
    }
}

impl ProblemKind {
    /// The rule it breaks, its code, and how bad it is.
    #[must_use]
    pub fn facts(self) -> (Option<&'static str>, &'static str, Severity) {
        use Severity::{Error, Warning};
        match self {
            ProblemKind::UnitMissing => (Some("BR-019"), "item-unit-missing", Error),
            ProblemKind::UnitUnknown => (Some("BR-019"), "item-unit-missing", Error),
            ProblemKind::QuantityInvalid => (Some("BR-020"), "item-quantity-invalid", Error),
            ProblemKind::LumpSumNotOne => (Some("BR-021"), "lump-sum-quantity-not-one", Error),
            ProblemKind::LumpSumAssumed => (Some("BR-021"), "import-lump-sum-assumed", Warning),
            ProblemKind::CellInvalid => (Some("BR-104"), "import-cell-invalid", Error),
            ProblemKind::NumberAsText => (Some("BR-104"), "import-number-as-text", Warning),
            ProblemKind::NumberNoise => (None, "import-number-noise", Warning),
            ProblemKind::RateNegative => (Some("BR-047"), "rate-basis-invalid", Error),
            ProblemKind::RateRounded => (None, "import-rate-rounded", Warning),
            ProblemKind::RateInWords => (Some("BR-104"), "import-rate-in-words", Warning),
            ProblemKind::AmountDiffers => (None, "import-amount-differs", Warning),
            ProblemKind::SumWithoutAmount => (Some("BR-026"), "provisional-sum-altered", Error),
            ProblemKind::PercentageLinks => {
                (Some("BR-027"), "percentage-item-base-invalid", Warning)
            }
            ProblemKind::TooDeep => (Some("BR-013"), "heading-depth-exceeded", Error),
            ProblemKind::LevelInvalid => (Some("BR-104"), "import-cell-invalid", Error),
            ProblemKind::CodeTwice => (None, "import-code-twice", Warning),
            ProblemKind::CodeIsDate => (Some("BR-104"), "import-code-is-date", Warning),
            ProblemKind::CodeAmbiguous => (Some("BR-105"), "reimport-code-ambiguous", Error),
            ProblemKind::ColumnMissing => (Some("BR-103"), "import-has-errors", Error),
        }
    }
}

/// A problem of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// Sheet and cell: `Schedule!D14`. The code of the row, for a row that is only in the estimate.
    pub cell: String,
    /// Row number in the sheet, from 1.
    pub row: u32,
    /// Kebab-case code; the rule's where a rule is broken.
    pub code: &'static str,
    /// The rule.
    pub rule: Option<&'static str>,
    /// A sentence.
    pub message: String,
    /// Error or warning.
    pub severity: Severity,
}

impl Problem {
    pub(super) fn at(cell: String, row: u32, kind: ProblemKind, message: String) -> Problem {
        let (rule, code, severity) = kind.facts();
        Problem { cell, row: row.saturating_add(1), code, rule, message, severity }
    }
}

/// The figures of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// Headings in the sheet.
    pub headings: u64,
    /// Items in the sheet.
    pub items: u64,
    /// Rows left out.
    pub skipped: u64,
    /// Rows to be made.
    pub added: u64,
    /// Matched rows that change.
    pub changed: u64,
    /// Matched rows that do not.
    pub unchanged: u64,
    /// Items that become inactive.
    pub dropped: u64,
    /// Problems of both kinds.
    pub problems: u64,
    /// Problems that bar the commit.
    pub errors: u64,
    /// Sum of quantity times rate, each rounded to the cent, and of sums the client fixed.
    pub total: Money,
    /// Sum of the amounts in the file, when it has them.
    pub file_total: Option<Money>,
}

/// A spelling no unit goes under.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UnknownUnit {
    /// The spelling.
    pub unit: String,
    /// Items that have it.
    pub count: u64,
    /// A unit it may mean.
    pub suggest: Option<String>,
}

/// What an import would do.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// Its figures.
    pub summary: Summary,
    /// Spellings to be mapped, the most frequent first.
    pub unknown_units: Vec<UnknownUnit>,
    /// Rows in the order of the sheet, parents before children; dropped ones last.
    pub rows: Vec<PlanRow>,
    /// Problems in the order of the rows, at most [`PROBLEMS_MAX`].
    pub problems: Vec<Problem>,
}

impl Plan {
    /// Whether nothing bars the commit (BR-103).
    #[must_use]
    pub fn is_committable(&self) -> bool {
        self.summary.errors == 0
    }
}
