//! Reads the figures of an item's row, and names every problem by its cell.

use rust_decimal::Decimal;

use crate::estimating::number::{Money, Pct, Qty, Rate, amount};
use crate::estimating::units::UnitCode;

use super::cell::Value;
use super::classify::{
    ClientSum, RowText, is_percent, is_rate_only, is_unpriced_word, sum_of_client,
    unit_of_client_sum,
};
use super::layout::Layout;
use super::numbers;
use super::plan::{ItemType, Problem, ProblemKind};
use super::sheet::Sheet;
use super::units::UnitMap;

/// What an item's row says.
#[derive(Debug, Clone, Default)]
pub(super) struct ItemRow {
    pub(super) item_type: ItemType,
    pub(super) unit: Option<String>,
    /// The spelling in the file, when no unit goes under it.
    pub(super) unknown_unit: Option<String>,
    pub(super) quantity: Option<Qty>,
    pub(super) rate: Option<Rate>,
    pub(super) client_amount: Option<Money>,
    pub(super) percent: Option<Pct>,
    /// What the row adds to the total of the schedule.
    pub(super) amount: Option<Money>,
    /// The amount as the file has it.
    pub(super) file_amount: Option<Money>,
    pub(super) problems: Vec<Problem>,
}

/// A number in a cell.
enum Figure {
    Empty,
    Number(Decimal),
    /// Words that leave the price open.
    Words,
    /// Anything else; the problem is already named.
    Wrong,
}

struct Reader<'r> {
    sheet: &'r Sheet,
    row: u32,
    item: ItemRow,
}

impl Reader<'_> {
    fn problem(&mut self, column: Option<u32>, kind: ProblemKind, message: String) {
        let cell = self.sheet.cell_name(self.row, column.unwrap_or(0));
        self.item.problems.push(Problem::at(cell, self.row, kind, message));
    }

    /// The number of a cell. Text that plainly is a number is read and reported (BR-104); other
    /// text, error values, dates and truth values are reported and never read as 0.
    fn figure(&mut self, column: Option<u32>, what: &str) -> Figure {
        let value = column.and_then(|column| self.sheet.value(self.row, column)).cloned();
        match value {
            None => Figure::Empty,
            Some(Value::Number(number)) => Figure::Number(self.shown_digits(column, number, what)),
            Some(Value::Text(text)) => self.figure_in_text(column, &text, what),
            Some(Value::Error(error)) => self.wrong(column, format!("{what} is {error}")),
            Some(Value::Date(date)) => {
                self.wrong(column, format!("{what} is the date {}", date.date()))
            }
            Some(Value::Bool(_)) => {
                self.wrong(column, format!("{what} is TRUE or FALSE, not a number"))
            }
        }
    }

    fn figure_in_text(&mut self, column: Option<u32>, text: &str, what: &str) -> Figure {
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return Figure::Empty;
        }
        match numbers::from_text(trimmed) {
            Some(number) => {
                if !self.sheet.textual {
                    let message =
                        format!("{what} “{trimmed}” is a number stored as text; read as {number}");
                    self.problem(column, ProblemKind::NumberAsText, message);
                }
                Figure::Number(number)
            }
            None if is_rate_only(trimmed) || is_unpriced_word(trimmed) => Figure::Words,
            None => self.wrong(column, format!("{what} is the text “{}”", clipped(trimmed))),
        }
    }

    fn wrong(&mut self, column: Option<u32>, message: String) -> Figure {
        self.problem(column, ProblemKind::CellInvalid, message);
        Figure::Wrong
    }

    /// A result of a formula carries noise past the 15 digits Excel shows: those count.
    fn shown_digits(&mut self, column: Option<u32>, number: Decimal, what: &str) -> Decimal {
        let (shown, changed) = numbers::as_excel_shows(number);
        if changed {
            let message =
                format!("{what} is stored as {number}; read as {shown}, as Excel shows it");
            self.problem(column, ProblemKind::NumberNoise, message);
        }
        shown
    }

    fn unit(&mut self, text: &RowText, layout: &Layout, units: &UnitMap) {
        let column = layout.columns.unit;
        if text.unit.is_empty() {
            self.problem(column, ProblemKind::UnitMissing, "the item has no unit".to_owned());
            return;
        }
        match units.resolve(&text.unit) {
            Some(code) => self.item.unit = Some(code.to_owned()),
            None => {
                self.item.unknown_unit = Some(text.unit.clone());
                let suggestion = units.suggest(&text.unit).map(|code| format!("; perhaps {code}"));
                let message = format!(
                    "“{}” is no unit of the list{}",
                    clipped(&text.unit),
                    suggestion.unwrap_or_default()
                );
                self.problem(column, ProblemKind::UnitUnknown, message);
            }
        }
    }

    /// The quantity of an item that must have one (BR-020, BR-021).
    fn quantity(&mut self, text: &RowText, layout: &Layout) {
        let column = layout.columns.quantity;
        let is_lump_sum = self.item.unit.as_deref() == Some(UnitCode::LUMP_SUM.as_str());
        let number = match self.figure(column, "the quantity") {
            Figure::Number(number) => number,
            Figure::Wrong => return,
            Figure::Empty if is_lump_sum => {
                let message = "a lump sum without a quantity; read as 1".to_owned();
                self.problem(column, ProblemKind::LumpSumAssumed, message);
                self.item.quantity = Some(Qty::ONE);
                return;
            }
            Figure::Empty => {
                self.problem(
                    column,
                    ProblemKind::QuantityInvalid,
                    "the item has no quantity".to_owned(),
                );
                return;
            }
            Figure::Words => {
                let message = format!("the quantity is the text “{}”", clipped(&text.quantity));
                self.problem(column, ProblemKind::CellInvalid, message);
                return;
            }
        };
        let invalid = if number <= Decimal::ZERO {
            Some(format!("the quantity {number} is not above zero"))
        } else if number.normalize().scale() > Qty::DECIMALS {
            Some(format!("the quantity {number} has more than four decimals"))
        } else {
            None
        };
        let quantity = Qty::from_decimal_rounded(number);
        if let Some(message) = invalid {
            self.problem(column, ProblemKind::QuantityInvalid, message);
        } else if quantity.is_none() {
            let message = format!("the quantity {number} is too large");
            self.problem(column, ProblemKind::QuantityInvalid, message);
        } else if is_lump_sum && quantity != Some(Qty::ONE) {
            let message = format!("the quantity of a lump sum is 1, not {number}");
            self.problem(column, ProblemKind::LumpSumNotOne, message);
        } else {
            self.item.quantity = quantity;
        }
    }

    /// The rate, rounded to four decimals (R1); reported when that changes it.
    fn rate(&mut self, text: &RowText, layout: &Layout) {
        let column = layout.columns.rate;
        let number = match self.figure(column, "the rate") {
            Figure::Number(number) => number,
            Figure::Empty | Figure::Wrong => return,
            Figure::Words if is_rate_only(&text.rate) => return,
            Figure::Words => {
                let message =
                    format!("the rate says “{}”: left without a rate", clipped(&text.rate));
                self.problem(column, ProblemKind::RateInWords, message);
                return;
            }
        };
        if number < Decimal::ZERO {
            self.problem(
                column,
                ProblemKind::RateNegative,
                format!("the rate {number} is below zero"),
            );
            return;
        }
        match Rate::from_decimal_rounded(number) {
            Some(rate) => {
                if rate.to_decimal() != number {
                    let message =
                        format!("the rate {number} has more than four decimals; read as {rate}");
                    self.problem(column, ProblemKind::RateRounded, message);
                }
                self.item.rate = Some(rate);
            }
            None => {
                self.problem(
                    column,
                    ProblemKind::CellInvalid,
                    format!("the rate {number} is too large"),
                );
            }
        }
    }

    fn file_amount(&mut self, layout: &Layout) {
        let column = layout.columns.amount;
        if let Figure::Number(number) = self.figure(column, "the amount") {
            match Money::from_decimal_rounded(number) {
                Some(money) => self.item.file_amount = Some(money),
                None => {
                    let message = format!("the amount {number} is too large");
                    self.problem(column, ProblemKind::CellInvalid, message);
                }
            }
        }
    }

    /// Quantity times rate, held against the file's own amount.
    fn check_amount(&mut self, layout: &Layout) {
        if let (Some(quantity), Some(rate)) = (self.item.quantity, self.item.rate) {
            self.item.amount = amount(quantity, rate);
            if self.item.amount.is_none() {
                let message = format!("{quantity} times {rate} is too large");
                self.problem(layout.columns.rate, ProblemKind::CellInvalid, message);
            }
        }
        if let (Some(ours), Some(theirs)) = (self.item.amount, self.item.file_amount)
            && ours != theirs
        {
            let message = format!("quantity times rate is {ours}, the amount says {theirs}");
            self.problem(layout.columns.amount, ProblemKind::AmountDiffers, message);
        }
    }

    /// A sum fixed by the client: its amount, else its rate (BR-026).
    fn client_sum(&mut self, text: &RowText, layout: &Layout, kind: ClientSum) {
        self.item.item_type = match kind {
            ClientSum::Provisional => ItemType::ProvisionalSum,
            ClientSum::PrimeCost => ItemType::PrimeCostSum,
        };
        self.rate(text, layout);
        let rate = self.item.rate.take();
        let by_rate = rate.and_then(|rate| amount(Qty::ONE, rate));
        self.item.client_amount = self.item.file_amount.or(by_rate);
        self.item.amount = self.item.client_amount;
        if self.item.client_amount.is_none() {
            let column = layout.columns.amount.or(layout.columns.rate);
            let message = "the sum the client fixed has no amount".to_owned();
            self.problem(column, ProblemKind::SumWithoutAmount, message);
        }
    }

    /// A cell shown as a percentage stores 0.08 for 8 %.
    fn percent_points(&self, column: Option<u32>, number: Decimal) -> Decimal {
        let cell = column.and_then(|column| self.sheet.cell(self.row, column));
        let as_percent = cell.is_some_and(|cell| self.sheet.style(cell).percent);
        if as_percent { number * Decimal::ONE_HUNDRED } else { number }
    }

    fn percentage(&mut self, layout: &Layout) {
        self.item.item_type = ItemType::Percentage;
        let mut figures = [layout.columns.rate, layout.columns.quantity].into_iter();
        self.item.percent =
            figures.find_map(|column| match self.figure(column, "the percentage") {
                Figure::Number(number) => {
                    Pct::from_decimal_rounded(self.percent_points(column, number))
                }
                Figure::Empty | Figure::Words | Figure::Wrong => None,
            });
        self.item.amount = self.item.file_amount;
        let message =
            "a percentage of the client's sums in this file: check which it is of".to_owned();
        self.problem(layout.columns.unit, ProblemKind::PercentageLinks, message);
    }
}

/// Reads the row of an item.
pub(super) fn read(
    sheet: &Sheet,
    layout: &Layout,
    units: &UnitMap,
    row: u32,
    text: &RowText,
) -> ItemRow {
    let mut reader = Reader { sheet, row, item: ItemRow::default() };
    reader.unit(text, layout, units);
    let rate_only =
        [&text.quantity, &text.amount, &text.rate].into_iter().any(|cell| is_rate_only(cell));
    let client_sum = unit_of_client_sum(&text.unit).or_else(|| sum_of_client(&text.description));
    if rate_only {
        reader.item.item_type = ItemType::RateOnly;
        reader.rate(text, layout);
        return reader.item;
    }
    reader.file_amount(layout);
    if let Some(kind) = client_sum {
        reader.client_sum(text, layout, kind);
    } else if is_percent(&text.unit) {
        reader.percentage(layout);
    } else {
        reader.quantity(text, layout);
        reader.rate(text, layout);
        reader.check_amount(layout);
    }
    reader.item
}

/// The beginning of a text, for a message.
fn clipped(text: &str) -> String {
    const CHARS_MAX: usize = 40;
    if text.chars().count() <= CHARS_MAX {
        return text.to_owned();
    }
    let start: String = text.chars().take(CHARS_MAX).collect();
    format!("{start}…")
}
