//! A cell: its value, where it is, and the little of its style that hierarchy needs.

use std::fmt;
use std::sync::Arc;

use jiff::civil;
use rust_decimal::Decimal;

/// What a cell holds. Empty cells are not stored.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Text as written, not trimmed.
    Text(Arc<str>),
    /// A number; from .xlsx and .xls by way of [`super::numbers::from_stored_float`].
    Number(Decimal),
    /// TRUE or FALSE.
    Bool(bool),
    /// An error value, or a value that cannot be had.
    Error(CellError),
    /// A number shown as a date or time.
    Date(civil::DateTime),
}

/// An error in a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellError {
    /// `#DIV/0!`
    Div0,
    /// `#N/A`
    NotAvailable,
    /// `#NAME?`
    Name,
    /// `#NULL!`
    Null,
    /// `#NUM!`
    Num,
    /// `#REF!`
    Ref,
    /// `#VALUE!`
    Value,
    /// Any other error value (`#SPILL!`, `#GETTING_DATA`, ...).
    Other,
    /// A formula the file holds no result for.
    NoStoredResult,
    /// A number too large for a decimal of 28 digits.
    OutOfRange,
}

impl CellError {
    /// The error written `#DIV/0!` and so on.
    #[must_use]
    pub fn from_text(text: &str) -> CellError {
        match text {
            "#DIV/0!" => CellError::Div0,
            "#N/A" => CellError::NotAvailable,
            "#NAME?" => CellError::Name,
            "#NULL!" => CellError::Null,
            "#NUM!" => CellError::Num,
            "#REF!" => CellError::Ref,
            "#VALUE!" => CellError::Value,
            _ => CellError::Other,
        }
    }

    /// The error with code `code` in a binary workbook.
    #[must_use]
    pub fn from_code(code: u8) -> CellError {
        match code {
            0x00 => CellError::Null,
            0x07 => CellError::Div0,
            0x0f => CellError::Value,
            0x17 => CellError::Ref,
            0x1d => CellError::Name,
            0x24 => CellError::Num,
            0x2a => CellError::NotAvailable,
            _ => CellError::Other,
        }
    }
}

impl fmt::Display for CellError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            CellError::Div0 => "#DIV/0!",
            CellError::NotAvailable => "#N/A",
            CellError::Name => "#NAME?",
            CellError::Null => "#NULL!",
            CellError::Num => "#NUM!",
            CellError::Ref => "#REF!",
            CellError::Value => "#VALUE!",
            CellError::Other => "#ERROR!",
            CellError::NoStoredResult => "formula without a stored result",
            CellError::OutOfRange => "number out of range",
        })
    }
}

/// The style of a cell, as far as it tells headings from items and codes from numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CellStyle {
    /// Bold font.
    pub bold: bool,
    /// Indent steps.
    pub indent: u8,
    /// Decimals shown, when the number format fixes them (`0.00` is 2).
    pub decimals: Option<u8>,
    /// Shown as a percentage.
    pub percent: bool,
}

/// A filled cell of a row.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// Column, from 0.
    pub column: u16,
    /// Index into the styles of the sheet.
    pub style: u16,
    /// What it holds.
    pub value: Value,
}

/// The kind of a cell as the wire names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CellKind {
    /// Nothing.
    Empty,
    /// Text.
    Text,
    /// A number.
    Number,
    /// TRUE or FALSE.
    Bool,
    /// An error value.
    Error,
    /// A date or time.
    Date,
}

impl Value {
    /// The kind of the value.
    #[must_use]
    pub fn kind(&self) -> CellKind {
        match self {
            Value::Text(_) => CellKind::Text,
            Value::Number(_) => CellKind::Number,
            Value::Bool(_) => CellKind::Bool,
            Value::Error(_) => CellKind::Error,
            Value::Date(_) => CellKind::Date,
        }
    }

    /// The text of a text cell.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            Value::Number(_) | Value::Bool(_) | Value::Error(_) | Value::Date(_) => None,
        }
    }

    /// The value as a person would write it down; `style` gives a number its decimals
    /// (`1.1` shown as `1.10` is the code `1.10`).
    #[must_use]
    pub fn display(&self, style: CellStyle) -> String {
        match self {
            Value::Text(text) => text.to_string(),
            Value::Number(number) => {
                let plain = number.normalize();
                match style.decimals {
                    Some(decimals) if u32::from(decimals) > plain.scale() && !style.percent => {
                        let mut shown = plain;
                        shown.rescale(u32::from(decimals));
                        shown.to_string()
                    }
                    Some(_) | None => plain.to_string(),
                }
            }
            Value::Bool(true) => "TRUE".to_owned(),
            Value::Bool(false) => "FALSE".to_owned(),
            Value::Error(error) => error.to_string(),
            Value::Date(at) if at.time() == civil::Time::midnight() => at.date().to_string(),
            Value::Date(at) => at.to_string(),
        }
    }
}

/// The letters of a column: 0 is `A`, 26 is `AA`.
#[must_use]
pub fn column_letters(column: u32) -> String {
    let mut letters = Vec::new();
    let mut rest = column + 1;
    while rest > 0 {
        let digit = u8::try_from((rest - 1) % 26).unwrap_or(0);
        letters.push(char::from(b'A' + digit));
        rest = (rest - 1) / 26;
    }
    letters.iter().rev().collect()
}

/// The name of a cell, row and column from 0: `(13, 3)` on `Schedule` is `Schedule!D14`.
#[must_use]
pub fn cell_name(sheet: &str, row: u32, column: u32) -> String {
    format!("{sheet}!{}{}", column_letters(column), row + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_lettered_as_excel_letters_them() {
        let lettered: Vec<String> =
            [0, 25, 26, 51, 52, 701, 702, 16_383].into_iter().map(column_letters).collect();
        assert_eq!(lettered, ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA", "XFD"]);
        assert_eq!(cell_name("Schedule", 13, 3), "Schedule!D14");
    }

    #[test]
    fn a_number_formatted_with_two_decimals_keeps_them_as_a_code() {
        let style = CellStyle { decimals: Some(2), ..CellStyle::default() };
        assert_eq!(Value::Number(Decimal::new(11, 1)).display(style), "1.10");
        assert_eq!(Value::Number(Decimal::new(11, 1)).display(CellStyle::default()), "1.1");
    }
}
