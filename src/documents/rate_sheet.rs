//! Price lists as spreadsheets: one row a rate, the same columns in and out.

use std::collections::HashMap;

use rust_decimal::Decimal;
use rust_xlsxwriter::{Format, Workbook as Written};

use super::cell::Value;
use super::export::{ExportError, tick};
use super::export_csv::plain;
use super::export_xlsx::{cell_text, stored};
use super::limits::Progress;
use super::numbers;
use super::sheet::Sheet;
use crate::estimating::units;

/// Columns of a price list, in the order they are written.
pub const COLUMNS: [&str; 12] = [
    "Code",
    "Description",
    "Type",
    "Unit",
    "Rate",
    "Valid from",
    "Valid to",
    "Currency",
    "Quoted",
    "GST",
    "Exchange",
    "Exchange date",
];
/// Rows of a price list at most.
pub const RATE_ROWS_MAX: usize = 20_000;
/// Rows searched for the column names.
const HEADER_ROWS_MAX: u32 = 50;
/// Problems listed; the rest would only repeat them.
const PROBLEMS_MAX: usize = 500;

/// A column of a price list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Column {
    Code,
    Description,
    Type,
    Unit,
    Rate,
    From,
    To,
    Currency,
    Quoted,
    Gst,
    Exchange,
    ExchangeDate,
}

impl Column {
    /// The column a heading names, whatever its case; suppliers' lists say it in other words.
    fn of(heading: &str) -> Option<Column> {
        let folded: String =
            heading.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        Some(match folded.as_str() {
            "code" | "resourcecode" | "item" | "itemcode" | "productcode" | "sku" | "partno" => {
                Column::Code
            }
            "description" | "name" | "resource" | "product" | "itemdescription" => {
                Column::Description
            }
            "type" | "costtype" | "resourcetype" => Column::Type,
            "unit" | "uom" | "units" => Column::Unit,
            "rate" | "price" | "unitrate" | "unitprice" | "cost" | "rateexgst" | "priceexgst"
            | "rateexclgst" | "priceexclgst" => Column::Rate,
            "validfrom" | "from" | "effectivefrom" | "startdate" => Column::From,
            "validto" | "to" | "validuntil" | "effectiveto" | "expires" | "enddate" => Column::To,
            "currency" => Column::Currency,
            "quoted" | "quotedrate" | "quotedprice" | "quotedamount" => Column::Quoted,
            "gst" | "gstbasis" | "inclgst" => Column::Gst,
            "exchange" | "exchangerate" => Column::Exchange,
            "exchangedate" | "rateofexchangedate" => Column::ExchangeDate,
            _ => return None,
        })
    }
}

/// One rate of a list, as text; empty where the list says nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RateRow {
    /// Row on the sheet, from 1.
    pub row: u32,
    /// Resource code.
    pub code: String,
    /// Description.
    pub description: String,
    /// Resource type.
    pub cost_type: String,
    /// Unit.
    pub unit: String,
    /// Rate as a plain number.
    pub rate: String,
    /// First day, year first.
    pub from: String,
    /// Last day, year first.
    pub to: String,
    /// Currency.
    pub currency: String,
    /// The quoted figure as a plain number.
    pub quoted: String,
    /// GST basis.
    pub gst: String,
    /// Exchange rate as a plain number.
    pub exchange: String,
    /// Day of the exchange rate, year first.
    pub exchange_date: String,
}

/// What is wrong with a cell (BR-104).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateProblem {
    /// Row on the sheet, from 1.
    pub row: u32,
    /// The cell, such as `Rates!E7`.
    pub cell: String,
    /// What is wrong with it.
    pub message: String,
}

/// A price list as read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RateList {
    /// The rates in the order of the sheet.
    pub rows: Vec<RateRow>,
    /// Everything wrong, in the order of the sheet.
    pub problems: Vec<RateProblem>,
    /// Where columns are: cell name of each code, so that later findings can point at it.
    columns: HashMap<u8, u32>,
    sheet: String,
}

impl RateList {
    /// The cell of a row in the column called `name` in [`COLUMNS`].
    pub fn cell(&self, row: u32, name: &str) -> String {
        let place = COLUMNS.iter().position(|column| *column == name).unwrap_or_default();
        let column = u8::try_from(place).ok().and_then(|p| self.columns.get(&p)).copied();
        super::cell::cell_name(&self.sheet, row.saturating_sub(1), column.unwrap_or(0))
    }
}

/// Reads a price list: finds the row of column names, then takes every row below with a code.
/// Nothing is guessed: text where a number belongs is a problem, never 0. O(cells).
pub fn read(sheet: &Sheet) -> RateList {
    let mut list = RateList { sheet: sheet.name.clone(), ..RateList::default() };
    let Some((header, columns)) = header(sheet) else {
        list.problems.push(RateProblem {
            row: 1,
            cell: sheet.cell_name(0, 0),
            message: "No row names the columns: a price list has at least Code and Rate.".into(),
        });
        return list;
    };
    for (column, at) in &columns {
        list.columns.insert(*column as u8, *at);
    }
    for at in header + 1..sheet.row_count() {
        if list.rows.len() >= RATE_ROWS_MAX {
            let message = format!("A list has at most {RATE_ROWS_MAX} rates; split it.");
            list.problems.push(RateProblem { row: at + 1, cell: sheet.cell_name(at, 0), message });
            break;
        }
        read_row(sheet, at, &columns, &mut list);
    }
    list
}

fn header(sheet: &Sheet) -> Option<(u32, HashMap<Column, u32>)> {
    (0..sheet.row_count().min(HEADER_ROWS_MAX)).find_map(|row| {
        let mut columns = HashMap::new();
        for cell in sheet.row(row) {
            let column = u32::from(cell.column);
            if let Some(named) = Column::of(&sheet.shown(row, column)) {
                columns.entry(named).or_insert(column);
            }
        }
        let priced = columns.contains_key(&Column::Rate) || columns.contains_key(&Column::Quoted);
        (columns.contains_key(&Column::Code) && priced).then_some((row, columns))
    })
}

fn read_row(sheet: &Sheet, at: u32, columns: &HashMap<Column, u32>, list: &mut RateList) {
    let text =
        |column: Column| columns.get(&column).map(|c| sheet.shown(at, *c)).unwrap_or_default();
    let code = text(Column::Code);
    let empty = columns.keys().all(|column| text(*column).is_empty());
    if empty {
        return;
    }
    let mut problem = |column: Column, message: String| {
        if list.problems.len() < PROBLEMS_MAX {
            let cell = sheet.cell_name(at, columns.get(&column).copied().unwrap_or(0));
            list.problems.push(RateProblem { row: at + 1, cell, message });
        }
    };
    if code.is_empty() {
        // A heading or a note inside the list: without figures it is no rate.
        if !text(Column::Rate).is_empty() || !text(Column::Quoted).is_empty() {
            problem(Column::Code, "The rate has no code.".to_owned());
        }
        return;
    }
    let silent = [Column::Rate, Column::Quoted, Column::Unit, Column::Currency];
    if silent.into_iter().all(|column| text(column).is_empty()) {
        // A heading of the list.
        return;
    }
    let mut number = |column: Column| match columns.get(&column).and_then(|c| sheet.value(at, *c)) {
        None => String::new(),
        Some(Value::Number(number)) => number.normalize().to_string(),
        Some(Value::Text(typed)) if typed.trim().is_empty() => String::new(),
        Some(Value::Text(typed)) => match numbers::from_text(typed) {
            Some(number) => number.normalize().to_string(),
            None => {
                problem(column, format!("“{}” is not a number.", typed.trim()));
                String::new()
            }
        },
        Some(Value::Bool(_) | Value::Error(_) | Value::Date(_)) => {
            problem(column, format!("“{}” is not a number.", text(column)));
            String::new()
        }
    };
    let (rate, quoted) = (number(Column::Rate), number(Column::Quoted));
    let exchange = number(Column::Exchange);
    let mut day = |column: Column| match columns.get(&column).and_then(|c| sheet.value(at, *c)) {
        None => String::new(),
        Some(Value::Date(date)) => date.date().to_string(),
        Some(Value::Text(typed)) if typed.trim().is_empty() => String::new(),
        Some(Value::Text(typed)) => match day_of(typed) {
            Some(day) => day,
            None => {
                problem(column, format!("“{}” is not a day.", typed.trim()));
                String::new()
            }
        },
        Some(Value::Number(_) | Value::Bool(_) | Value::Error(_)) => {
            problem(column, format!("“{}” is not a day.", text(column)));
            String::new()
        }
    };
    let (from, to) = (day(Column::From), day(Column::To));
    let exchange_date = day(Column::ExchangeDate);
    list.rows.push(RateRow {
        row: at + 1,
        code,
        description: text(Column::Description),
        cost_type: text(Column::Type),
        unit: text(Column::Unit),
        rate,
        from,
        to,
        currency: text(Column::Currency),
        quoted,
        gst: text(Column::Gst),
        exchange,
        exchange_date,
    });
}

/// A day as people type it in a list: 2026-04-20, or 20/04/2026 as New Zealand writes it.
fn day_of(text: &str) -> Option<String> {
    let text = text.trim();
    if let Ok(date) = text.parse::<jiff::civil::Date>() {
        return Some(date.to_string());
    }
    let mut parts = text.split(['/', '.', '-']);
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || year.len() != 4 {
        return None;
    }
    let date =
        jiff::civil::Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()?;
    Some(date.to_string())
}

fn fields(row: &RateRow) -> [&str; 12] {
    [
        &row.code,
        &row.description,
        &row.cost_type,
        &row.unit,
        &row.rate,
        &row.from,
        &row.to,
        &row.currency,
        &row.quoted,
        &row.gst,
        &row.exchange,
        &row.exchange_date,
    ]
}

/// The list as comma-separated text. O(rows).
///
/// # Errors
/// [`ExportError::Cancelled`] when `progress` breaks.
pub fn write_csv(rows: &[RateRow], mut progress: Progress<'_>) -> Result<Vec<u8>, ExportError> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer("\u{feff}".as_bytes().to_vec());
    writer.write_record(COLUMNS)?;
    for (done, row) in (0_u64..).zip(rows) {
        tick(&mut progress, done, 0)?;
        writer.write_record(fields(row).map(|text| plain(text).into_owned()))?;
    }
    writer.into_inner().map_err(|error| ExportError::Text(error.into_error().into()))
}

/// The list as a workbook; figures are numbers, days stay text, year first. O(rows).
///
/// # Errors
/// When the workbook cannot be written, and [`ExportError::Cancelled`] when `progress` breaks.
pub fn write_xlsx(
    title: &str,
    rows: &[RateRow],
    mut progress: Progress<'_>,
) -> Result<Vec<u8>, ExportError> {
    const WIDTHS: [f64; 12] =
        [16.0, 44.0, 13.0, 8.0, 13.0, 12.0, 12.0, 9.0, 13.0, 11.0, 11.0, 14.0];
    const UNIT: usize = 3;
    const FIGURES: [usize; 3] = [4, 8, 10];
    let mut book = Written::new();
    let sheet = book.add_worksheet();
    let name: String = title.chars().filter(|c| !"[]:*?/\\'".contains(*c)).take(31).collect();
    sheet.set_name(if name.trim().is_empty() { "Rates" } else { name.trim() })?;
    let bold = Format::new().set_bold();
    let figure = Format::new().set_num_format("#,##0.00##");
    for (column, (heading, width)) in (0_u16..).zip(COLUMNS.into_iter().zip(WIDTHS)) {
        sheet.set_column_width(column, width)?;
        sheet.write_string_with_format(0, column, heading, &bold)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    for (at, row) in (1_u32..).zip(rows) {
        tick(&mut progress, u64::from(at), 0)?;
        for (place, text) in fields(row).into_iter().enumerate() {
            let column = u16::try_from(place).unwrap_or(0);
            let unit = if place == UNIT { units::printed(text) } else { String::new() };
            let text = if place == UNIT { &unit } else { text };
            let number = text.parse::<Decimal>().ok().filter(|_| FIGURES.contains(&place));
            match number {
                Some(number) => {
                    sheet.write_number_with_format(at, column, stored(number), &figure)?;
                }
                None if text.is_empty() => {}
                None => {
                    sheet.write_string(at, column, cell_text(text))?;
                }
            }
        }
    }
    Ok(book.save_to_buffer()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::limits::unwatched;

    fn sheet(rows: &[&[&str]]) -> Sheet {
        let rows: Vec<Vec<String>> =
            rows.iter().map(|row| row.iter().map(|t| (*t).to_owned()).collect()).collect();
        Sheet::from_text("Rates", &rows, true)
    }

    #[test]
    fn a_list_is_read_below_its_column_names_and_bad_cells_are_named() {
        let list = read(&sheet(&[
            &["Quarry Ltd price list"],
            &["Product code", "Product", "UOM", "Unit price", "Valid to"],
            &["AP40", "Basecourse AP40", "t", "$42.50", "30/06/2026"],
            &["Sundries"],
            &["AP65", "Subbase", "t", "POA", "soon"],
            &["", "No code", "t", "12"],
        ]));
        assert_eq!(list.rows.len(), 2);
        assert_eq!((&*list.rows[0].rate, &*list.rows[0].to), ("42.5", "2026-06-30"));
        let cells: Vec<&str> = list.problems.iter().map(|p| &*p.cell).collect();
        assert_eq!(cells, ["Rates!D5", "Rates!E5", "Rates!A6"]);
    }

    #[test]
    fn what_is_written_reads_back() {
        let row = RateRow {
            row: 2,
            code: "LAB-OP".into(),
            description: "Operator".into(),
            cost_type: "Labour".into(),
            unit: "h".into(),
            rate: "65.4321".into(),
            from: "2026-04-01".into(),
            ..RateRow::default()
        };
        let csv = write_csv(std::slice::from_ref(&row), &mut unwatched).unwrap();
        let limits = super::super::limits::Limits::default();
        let read_back = |bytes: &[u8], name: &str| {
            let book = super::super::sheet::Workbook::read(bytes, name, &limits).unwrap();
            read(&book.sheets[0]).rows
        };
        assert_eq!(read_back(&csv, "a.csv"), std::slice::from_ref(&row));
        let xlsx = write_xlsx("Rates", std::slice::from_ref(&row), &mut unwatched).unwrap();
        assert_eq!(read_back(&xlsx, "a.xlsx"), std::slice::from_ref(&row));
        let area = RateRow { unit: "m2".into(), ..row };
        let xlsx = write_xlsx("Rates", std::slice::from_ref(&area), &mut unwatched).unwrap();
        let unit = read_back(&xlsx, "a.xlsx").remove(0).unit;
        assert_eq!((&*unit, units::match_unit(&unit)), ("m²", units::match_unit("m2")));
    }
}
