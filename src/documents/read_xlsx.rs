//! Reads .xlsx workbooks.
//!
//! Written here rather than taken from `calamine`, which sizes its tables by counts a file
//! declares (`uniqueCount`, `dimension`) and does not tell a formula without a stored result
//! from an empty cell; the tests hold this reader to what `calamine` reads.

use std::ops::ControlFlow;
use std::sync::Arc;

use rust_decimal::Decimal;

use super::cell::{CellError, Value};
use super::limits::{Deadline, Limits, Progress, ReadError};
use super::numbers::{from_serial, from_stored_float};
use super::package::{Element, Package, Token};
use super::sheet::{Budget, Sheet, SheetBuilder};
use super::xlsx_parts::{
    ListedSheet, ReadStyle, RichText, read_strings, read_styles, read_workbook, unescape_units,
};

/// Tokens between two looks at the progress callback.
const TOKENS_PER_TICK: u32 = 4_096;

/// Reads every worksheet of the package.
pub(super) fn read(
    bytes: &[u8],
    limits: &Limits,
    deadline: Deadline,
    progress: Progress<'_>,
) -> Result<Vec<Sheet>, ReadError> {
    let mut package = Package::open(bytes, limits, deadline)?;
    refuse_other_formats(&package)?;
    let workbook = read_workbook(&mut package, limits.sheets)?;
    let styles = read_styles(&mut package, workbook.styles_path.as_deref(), limits.styles)?;
    let mut budget = Budget::new(limits);
    let strings = read_strings(&mut package, workbook.strings_path.as_deref(), &mut budget)?;
    let context = Context { strings: &strings, styles: &styles, from_1904: workbook.from_1904 };
    let shared: Arc<[_]> = styles.iter().map(|read| read.style).collect();
    let mut watch = Watch::over(&mut package, &workbook.sheets, progress);
    let mut sheets = Vec::with_capacity(workbook.sheets.len());
    for (index, listed) in workbook.sheets.iter().enumerate() {
        let sheet = read_sheet(&mut package, listed, &context, &mut budget, &mut watch)?;
        watch.sheet_done(index)?;
        sheets.push(sheet.finish(Arc::clone(&shared)));
    }
    Ok(sheets)
}

fn refuse_other_formats(package: &Package<'_>) -> Result<(), ReadError> {
    const USE_XLSX: &str = "save it as .xlsx or .csv and import that";
    let others = [
        ("xl/vbaproject.bin", "a workbook with macros"),
        ("xl/workbook.bin", "a binary workbook (.xlsb)"),
        ("content.xml", "an OpenDocument spreadsheet (.ods)"),
        ("word/document.xml", "a Word document"),
        ("ppt/presentation.xml", "a presentation"),
        ("index/document.iwa", "a Numbers spreadsheet"),
    ];
    match others.iter().find(|(path, _)| package.has(path)) {
        Some((_, what)) => Err(ReadError::Unsupported { what, advice: USE_XLSX }),
        None => Ok(()),
    }
}

/// What a cell's value is read against.
struct Context<'c> {
    strings: &'c [Arc<str>],
    styles: &'c [ReadStyle],
    from_1904: bool,
}

/// Reports progress in packed bytes of the sheets.
struct Watch<'w> {
    progress: Progress<'w>,
    sizes: Vec<u64>,
    before: u64,
    total: u64,
    tokens: u32,
}

impl<'w> Watch<'w> {
    fn over(
        package: &mut Package<'_>,
        sheets: &[ListedSheet],
        progress: Progress<'w>,
    ) -> Watch<'w> {
        let sizes: Vec<u64> = sheets.iter().map(|s| package.packed_size(&s.path)).collect();
        Watch { progress, total: sizes.iter().sum(), sizes, before: 0, tokens: 0 }
    }

    fn tick(&mut self) -> Result<(), ReadError> {
        self.tokens += 1;
        if self.tokens < TOKENS_PER_TICK {
            return Ok(());
        }
        self.tokens = 0;
        self.report()
    }

    fn report(&mut self) -> Result<(), ReadError> {
        match (self.progress)(self.before, self.total) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(ReadError::Cancelled),
        }
    }

    fn sheet_done(&mut self, index: usize) -> Result<(), ReadError> {
        self.before += self.sizes.get(index).copied().unwrap_or(0);
        self.report()
    }
}

/// The cell being read.
#[derive(Default)]
struct OpenCell {
    row: u32,
    column: u32,
    style: u16,
    kind: String,
    value: String,
    has_value: bool,
    has_formula: bool,
    inline: RichText,
}

fn read_sheet(
    package: &mut Package<'_>,
    listed: &ListedSheet,
    context: &Context<'_>,
    budget: &mut Budget<'_>,
    watch: &mut Watch<'_>,
) -> Result<SheetBuilder, ReadError> {
    let mut sheet = SheetBuilder::new(listed.name.clone(), listed.hidden, false);
    let Some(mut part) = package.part(&listed.path)? else {
        return Err(ReadError::broken(listed.path.as_str(), "the part is missing"));
    };
    let mut in_data = false;
    let (mut row, mut column) = (0_u32, 0_u32);
    let mut open: Option<OpenCell> = None;
    let mut in_value = false;
    loop {
        watch.tick()?;
        match part.next()? {
            Token::Start(element) if in_data => {
                if element.is("row") {
                    let declared = element.attribute("r").and_then(|r| r.parse::<u32>().ok());
                    row = declared.map_or(row, |r| r.saturating_sub(1));
                    column = 0;
                } else if element.is("c") {
                    open = Some(open_cell(&element, row, column));
                } else if let Some(cell) = open.as_mut() {
                    in_value = element.is("v");
                    cell.has_value |= in_value;
                    cell.has_formula |= element.is("f");
                    cell.inline.start(&element);
                }
            }
            Token::Start(element) => in_data = element.is("sheetData"),
            Token::Text(piece) => {
                if let Some(cell) = open.as_mut() {
                    if in_value {
                        cell.value.push_str(&piece);
                    } else {
                        cell.inline.piece(&piece);
                    }
                }
            }
            Token::End(end) if in_data => match end.local_name().as_ref() {
                "c" => {
                    if let Some(cell) = open.take() {
                        column = cell.column.saturating_add(1);
                        put_cell(&mut sheet, cell, context, budget)?;
                    }
                }
                "row" => row = row.saturating_add(1),
                "sheetData" => break,
                name => {
                    in_value = false;
                    if let Some(cell) = open.as_mut() {
                        cell.inline.end(name);
                    }
                }
            },
            Token::Eof => break,
            Token::End(_) | Token::Other => {}
        }
    }
    Ok(sheet)
}

fn open_cell(element: &Element<'_>, row: u32, column: u32) -> OpenCell {
    let mut cell = OpenCell { row, column, ..OpenCell::default() };
    element.each_attribute(|name, value| match name {
        "r" => {
            if let Some((row, column)) = position(value) {
                (cell.row, cell.column) = (row, column);
            }
        }
        "s" => cell.style = value.parse().unwrap_or(0),
        "t" => value.clone_into(&mut cell.kind),
        _ => {}
    });
    cell
}

/// Row and column from 0 of a reference such as `D14`.
fn position(reference: &str) -> Option<(u32, u32)> {
    let letters = reference.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (letters, digits) = reference.split_at_checked(letters)?;
    let mut column: u32 = 0;
    for letter in letters.bytes() {
        let step = u32::from(letter.to_ascii_uppercase() - b'A') + 1;
        column = column.checked_mul(26)?.checked_add(step)?;
    }
    let row: u32 = digits.parse().ok()?;
    Some((row.checked_sub(1)?, column.checked_sub(1)?))
}

fn put_cell(
    sheet: &mut SheetBuilder,
    cell: OpenCell,
    context: &Context<'_>,
    budget: &mut Budget<'_>,
) -> Result<(), ReadError> {
    let (row, column, style) = (cell.row, cell.column, cell.style);
    match cell_value(cell, context, budget)? {
        Some(value) => sheet.put(budget, row, column, style, value),
        None => Ok(()),
    }
}

fn cell_value(
    mut cell: OpenCell,
    context: &Context<'_>,
    budget: &mut Budget<'_>,
) -> Result<Option<Value>, ReadError> {
    if cell.kind == "inlineStr" {
        return text_value(&cell.inline.take(), budget);
    }
    if !cell.has_value || (cell.value.is_empty() && cell.kind != "str") {
        return Ok(cell.has_formula.then_some(Value::Error(CellError::NoStoredResult)));
    }
    let stored = cell.value.trim();
    Ok(match cell.kind.as_str() {
        "s" => {
            let index: Option<usize> = stored.parse().ok();
            let text = index.and_then(|index| context.strings.get(index));
            let Some(text) = text else {
                return Err(ReadError::broken(
                    "the shared strings",
                    format!("a cell refers to string {stored}, which is not there"),
                ));
            };
            (!text.is_empty()).then(|| Value::Text(Arc::clone(text)))
        }
        "str" => return text_value(&unescape_units(&cell.value), budget),
        "b" => Some(Value::Bool(stored == "1" || stored == "true")),
        "e" => Some(Value::Error(CellError::from_text(stored))),
        "d" => Some(match stored.trim_end_matches('Z').parse() {
            Ok(at) => Value::Date(at),
            Err(_) => return text_value(stored, budget),
        }),
        _ => Some(number_value(stored, context, cell.style)?),
    })
}

fn text_value(text: &str, budget: &mut Budget<'_>) -> Result<Option<Value>, ReadError> {
    if text.is_empty() {
        return Ok(None);
    }
    Ok(Some(Value::Text(budget.text(text)?)))
}

fn number_value(stored: &str, context: &Context<'_>, style: u16) -> Result<Value, ReadError> {
    let is_date = context.styles.get(usize::from(style)).is_some_and(|style| style.date);
    // Whole numbers of up to 15 digits are the same as a float and as a decimal.
    if !is_date
        && stored.len() <= 15
        && stored.bytes().all(|b| b.is_ascii_digit())
        && let Ok(whole) = stored.parse::<i64>()
    {
        return Ok(Value::Number(Decimal::from(whole)));
    }
    let float: f64 = stored
        .parse()
        .map_err(|_| ReadError::broken("a sheet", format!("a number is written {stored:?}")))?;
    Ok(if is_date { from_serial(float, context.from_1904) } else { from_stored_float(float) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_read_and_nonsense_is_not() {
        assert_eq!(position("A1"), Some((0, 0)));
        assert_eq!(position("D14"), Some((13, 3)));
        assert_eq!(position("XFD1048576"), Some((1_048_575, 16_383)));
        for nonsense in ["", "A", "14", "A0", "é4", "AAAAAAAAAAAA1", "A99999999999"] {
            assert_eq!(position(nonsense), None, "{nonsense}");
        }
    }
}
