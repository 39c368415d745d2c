//! Writes rates and amounts into the client's own workbook (BR-106).
//!
//! Only the sheet's XML changes, and in it only rate and amount cells; every other part of the
//! package is carried over as it was packed. The file written is read again: each cell elsewhere
//! must be what it was, and the amounts must come to the schedule's total.

mod cells;

use super::cell::Value;
use super::client_schedule::{ClientSchedule, LinePrice, ScheduleRow};
use super::layout::{self, Layout};
use super::limits::{Deadline, Limits, ReadError};
use super::package::Package;
use super::sheet::{FileFormat, Sheet, Workbook};
use super::xlsx_parts::read_workbook;
use crate::estimating::number::{Money, SellRate};
use crate::estimating::rules::{RuleId, Violation};
use cells::Figure;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, HashMap};
use std::io::{Cursor, Read, Write};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// Codes that one message names.
const CODES_NAMED_MAX: usize = 5;

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum WriteBackError {
    /// The workbook does not read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// It is no .xlsx workbook.
    #[error("rates are written into .xlsx workbooks only; save the client's file as .xlsx first")]
    NotXlsx,
    /// It has no sheet with codes and a column for amounts or rates.
    #[error("no sheet of the workbook has a column of item codes and one of rates or amounts")]
    NoSchedule,
    /// BR-106.
    #[error("{0}")]
    Broken(Box<Violation>),
    /// The package could not be written.
    #[error("the workbook could not be written: {0}")]
    Package(String),
}

/// The workbook with prices in it.
#[derive(Debug)]
pub struct WrittenBack {
    /// The file.
    pub bytes: Vec<u8>,
    /// The sheet written.
    pub sheet: String,
    /// Rows priced.
    pub rows: usize,
    /// Sum of the amounts written.
    pub total: Money,
}

/// Where a code's figures go, and what they are.
type Targets = BTreeMap<u32, (Option<SellRate>, Option<Money>)>;

/// Writes the prices of `schedule` into `file`. `known` gives a layout remembered for a sheet.
/// O(file).
///
/// # Errors
/// Any [`WriteBackError`]; BR-106 when the amounts would not come to the schedule's total.
pub fn write_back(
    file: &[u8],
    file_name: &str,
    schedule: &ClientSchedule,
    known: impl Fn(&Sheet, u32) -> Option<Layout>,
) -> Result<WrittenBack, WriteBackError> {
    let limits = Limits::default();
    let before = Workbook::read(file, file_name, &limits)?;
    if before.format != FileFormat::Xlsx {
        return Err(WriteBackError::NotXlsx);
    }
    let (index, layout, targets) =
        best_sheet(&before, schedule, known).ok_or(WriteBackError::NoSchedule)?;
    complete(schedule, &before, index, &layout)?;
    let path = sheet_path(file, index, &limits)?;
    let figures = figures(&layout, &targets);
    let bytes = repack(file, &path, |xml| cells::fill(xml, &figures))?;
    let after = Workbook::read(&bytes, file_name, &limits)?;
    let total = proved(&before, &after, index, &layout, &targets)?;
    if total != schedule.sum.total_ex {
        return Err(mismatch(total, schedule.sum.total_ex));
    }
    let sheet = before.sheets.get(index).map(|sheet| sheet.name.clone()).unwrap_or_default();
    Ok(WrittenBack { bytes, sheet, rows: targets.len(), total })
}

fn broken(violation: Violation) -> WriteBackError {
    WriteBackError::Broken(Box::new(violation))
}

fn mismatch(written: Money, wanted: Money) -> WriteBackError {
    let message = format!("The workbook's amounts come to {written}, the schedule to {wanted}.");
    broken(Violation::new(RuleId::br(106), message))
}

/// Rate and amount of each code of the schedule; of a code that is there twice, none.
fn prices(schedule: &ClientSchedule) -> HashMap<&str, Option<LinePrice>> {
    let mut prices = HashMap::new();
    for row in &schedule.rows {
        if let ScheduleRow::Line(line, price) = row
            && !line.code.is_empty()
        {
            let price = Some(*price);
            prices.entry(line.code.as_str()).and_modify(|known| *known = None).or_insert(price);
        }
    }
    prices
}

/// The sheet with the most codes of the schedule.
fn best_sheet(
    workbook: &Workbook,
    schedule: &ClientSchedule,
    known: impl Fn(&Sheet, u32) -> Option<Layout>,
) -> Option<(usize, Layout, Targets)> {
    let prices = prices(schedule);
    let mut best: Option<(usize, Layout, Targets)> = None;
    for (index, sheet) in workbook.sheets.iter().enumerate() {
        let place = u32::try_from(index).unwrap_or(u32::MAX);
        let layout = known(sheet, place).unwrap_or_else(|| layout::guess(sheet, place));
        if layout.columns.code.is_none()
            || (layout.columns.rate.is_none() && layout.columns.amount.is_none())
        {
            continue;
        }
        let targets = targets(sheet, &layout, &prices);
        if !targets.is_empty()
            && best.as_ref().is_none_or(|(_, _, most)| targets.len() > most.len())
        {
            best = Some((index, layout, targets));
        }
    }
    best
}

fn targets(sheet: &Sheet, layout: &Layout, prices: &HashMap<&str, Option<LinePrice>>) -> Targets {
    let Some(code_column) = layout.columns.code else { return Targets::new() };
    let mut targets = Targets::new();
    for row in layout.header_row.saturating_add(1)..sheet.row_count() {
        let code = sheet.shown(row, code_column);
        let figures = match prices.get(code.trim()) {
            Some(Some(LinePrice::Rated { rate, amount })) => (Some(*rate), Some(*amount)),
            Some(Some(LinePrice::Sum(amount) | LinePrice::Percentage { amount, .. })) => {
                (None, Some(*amount))
            }
            Some(Some(LinePrice::RateOnly(rate) | LinePrice::Option { rate, .. })) => (*rate, None),
            Some(Some(LinePrice::Excluded | LinePrice::Included) | None) | None => continue,
        };
        targets.insert(row, figures);
    }
    targets
}

/// BR-106: every priced line has its own row in the workbook.
fn complete(
    schedule: &ClientSchedule,
    workbook: &Workbook,
    index: usize,
    layout: &Layout,
) -> Result<(), WriteBackError> {
    let sheet = workbook.sheets.get(index);
    let mut rows: HashMap<String, u32> = HashMap::new();
    if let (Some(sheet), Some(column)) = (sheet, layout.columns.code) {
        for row in layout.header_row.saturating_add(1)..sheet.row_count() {
            *rows.entry(sheet.shown(row, column).trim().to_owned()).or_default() += 1;
        }
    }
    let lines = schedule.rows.iter().filter_map(|row| match row {
        ScheduleRow::Line(line, price) if !price.counted().is_zero() => Some(line),
        ScheduleRow::Line(..) | ScheduleRow::Heading(..) => None,
    });
    let mut objects = Vec::new();
    let mut codes = Vec::new();
    for line in lines {
        if line.code.is_empty() || rows.get(line.code.as_str()) != Some(&1) {
            objects.push(line.item.0);
            codes.push(if line.code.is_empty() { &*line.description } else { &*line.code });
        }
    }
    if objects.is_empty() {
        return Ok(());
    }
    let named: Vec<&str> = codes.iter().copied().take(CODES_NAMED_MAX).collect();
    let message = format!(
        "{} priced lines have no row of their own in the workbook ({}): its total would not be \
         that of the schedule.",
        objects.len(),
        named.join(", ")
    );
    Err(broken(Violation::new(RuleId::br(106), message).objects(objects)))
}

/// Path of a sheet's part in the package.
fn sheet_path(file: &[u8], index: usize, limits: &Limits) -> Result<String, WriteBackError> {
    let mut package = Package::open(file, limits, Deadline::after(limits.time))?;
    let workbook = read_workbook(&mut package, limits.sheets)?;
    let listed = workbook.sheets.into_iter().nth(index);
    listed.map(|sheet| sheet.path).ok_or(WriteBackError::NoSchedule)
}

/// What goes into which cell, by row and column from 0.
fn figures(layout: &Layout, targets: &Targets) -> BTreeMap<(u32, u32), Figure> {
    let mut figures = BTreeMap::new();
    for (row, (rate, amount)) in targets {
        if let (Some(column), Some(rate)) = (layout.columns.rate, rate) {
            figures.insert((*row, column), rate.to_decimal().normalize().to_string());
        }
        if let (Some(column), Some(amount)) = (layout.columns.amount, amount) {
            figures.insert((*row, column), amount.to_decimal().normalize().to_string());
        }
    }
    figures
}

/// The package with one part put through `change`; all others as they were packed.
fn repack(
    file: &[u8],
    path: &str,
    change: impl FnOnce(&str) -> Result<String, String>,
) -> Result<Vec<u8>, WriteBackError> {
    let fault = |error: zip::result::ZipError| WriteBackError::Package(error.to_string());
    let plain = |error: std::io::Error| WriteBackError::Package(error.to_string());
    let mut archive = ZipArchive::new(Cursor::new(file)).map_err(fault)?;
    let mut writer = ZipWriter::new(Cursor::new(Vec::with_capacity(file.len())));
    let mut change = Some(change);
    for index in 0..archive.len() {
        let entry = archive.by_index_raw(index).map_err(fault)?;
        let name = entry.name().map_err(fault)?.into_owned();
        let is_sheet = name.trim_start_matches('/').eq_ignore_ascii_case(path);
        match change.take_if(|_| is_sheet) {
            None => writer.raw_copy_file(entry).map_err(fault)?,
            Some(change) => {
                drop(entry);
                let mut xml = String::new();
                let mut entry = archive.by_index(index).map_err(fault)?;
                let time = entry.last_modified().unwrap_or_default();
                entry.read_to_string(&mut xml).map_err(plain)?;
                let xml = change(&xml).map_err(WriteBackError::Package)?;
                let options = SimpleFileOptions::default()
                    .compression_method(CompressionMethod::Deflated)
                    .last_modified_time(time);
                writer.start_file(name, options).map_err(fault)?;
                writer.write_all(xml.as_bytes()).map_err(plain)?;
            }
        }
    }
    writer.finish().map(Cursor::into_inner).map_err(fault)
}

/// Reads what was written: nothing but the targets may have changed, and each must hold its
/// figure. Gives the sum of the amounts as the file has them.
fn proved(
    before: &Workbook,
    after: &Workbook,
    index: usize,
    layout: &Layout,
    targets: &Targets,
) -> Result<Money, WriteBackError> {
    let touched = |cell: String| {
        let message = format!("Writing would change {cell}, which is no rate or amount.");
        broken(Violation::new(RuleId::br(106), message))
    };
    for (at, (old, new)) in before.sheets.iter().zip(&after.sheets).enumerate() {
        let rows = old.row_count().max(new.row_count());
        let columns = old.column_count().max(new.column_count());
        for row in 0..rows {
            for column in 0..columns {
                let target = at == index
                    && targets.contains_key(&row)
                    && (layout.columns.rate == Some(column)
                        || layout.columns.amount == Some(column));
                if !target && old.value(row, column) != new.value(row, column) {
                    return Err(touched(new.cell_name(row, column)));
                }
            }
        }
    }
    let sheet = after.sheets.get(index).ok_or(WriteBackError::NoSchedule)?;
    let mut total = Money::ZERO;
    for (row, (rate, amount)) in targets {
        let figures = [
            (layout.columns.rate, rate.map(SellRate::to_decimal)),
            (layout.columns.amount, amount.map(Money::to_decimal)),
        ];
        for (column, wanted) in figures {
            let (Some(column), Some(wanted)) = (column, wanted) else { continue };
            if number(sheet.value(*row, column)) != Some(wanted.normalize()) {
                return Err(touched(sheet.cell_name(*row, column)));
            }
        }
        let beyond =
            || WriteBackError::Package("the total is beyond the range of money".to_owned());
        total = total.checked_add(amount.unwrap_or_default()).ok_or_else(beyond)?;
    }
    Ok(total)
}

fn number(value: Option<&Value>) -> Option<Decimal> {
    match value? {
        Value::Number(number) => Some(number.normalize()),
        Value::Text(_) | Value::Bool(_) | Value::Error(_) | Value::Date(_) => None,
    }
}
