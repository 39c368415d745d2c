//! Reads .xls workbooks of Excel 97-2003 (BIFF8).
//!
//! Written here rather than taken from `calamine`, which reserves rows times columns as a record
//! declares them and copies a shared string into every cell that shows it: both are unbounded.
//! The tests hold this reader to what `calamine` reads.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use rust_decimal::Decimal;

use super::cell::{CellError, CellStyle, Value};
use super::compound::{Compound, u16_at, u32_at, u64_at};
use super::limits::{Deadline, Limits, Progress, ReadError, within};
use super::number_format::{NumberFormat, built_in, of_code};
use super::numbers::{from_serial, from_stored_float};
use super::sheet::{Budget, Sheet, SheetBuilder};
use super::xls_records::{
    BOF, BOOL_OR_ERROR, BOUND_SHEET, DATE_MODE, EOF, FILE_PASS, FONT, FORMAT, FORMULA, LABEL,
    LABEL_SHARED, NUMBER, RICH_LABEL, RK, RK_ROW, Record, Records, SHARED_STRINGS, STRING_RESULT,
    Segments, XF, damaged,
};

const BIFF8: u16 = 0x0600;
/// Records between two looks at the clock and the progress callback.
const RECORDS_PER_TICK: u32 = 4_096;
const WEIGHT_BOLD: u16 = 600;

/// Reads every worksheet of the workbook.
pub(super) fn read(
    bytes: &[u8],
    limits: &Limits,
    deadline: Deadline,
    progress: Progress<'_>,
) -> Result<Vec<Sheet>, ReadError> {
    let compound = Compound::open(bytes)?;
    if compound.has("EncryptedPackage") || compound.has("EncryptionInfo") {
        return Err(ReadError::Encrypted);
    }
    let Some(stream) = compound.stream("Workbook")? else {
        return Err(if compound.has("Book") {
            ReadError::Unsupported {
                what: "a workbook of Excel 95 or earlier",
                advice: "save it as .xlsx or .csv and import that",
            }
        } else {
            ReadError::Unsupported {
                what: "a compound file without a workbook in it",
                advice: "export it as .xlsx or .csv and import that",
            }
        });
    };
    let mut budget = Budget::new(limits);
    let globals = Globals::read(&stream, &mut budget)?;
    let styles: Arc<[CellStyle]> = globals.styles.iter().map(|(style, _)| *style).collect();
    let mut reading = Reading { stream: &stream, globals: &globals, deadline, progress };
    let mut sheets = Vec::new();
    for listed in &globals.sheets {
        let mut sheet = SheetBuilder::new(listed.name.clone(), listed.hidden, false);
        reading.sheet(listed, &mut sheet, &mut budget)?;
        sheets.push(sheet.finish(Arc::clone(&styles)));
    }
    Ok(sheets)
}

struct ListedSheet {
    name: String,
    hidden: bool,
    at: usize,
}

/// What the records before the first sheet say.
#[derive(Default)]
struct Globals {
    from_1904: bool,
    strings: Vec<Arc<str>>,
    /// A style and whether its numbers are dates.
    styles: Vec<(CellStyle, bool)>,
    sheets: Vec<ListedSheet>,
}

impl Globals {
    fn read(stream: &[u8], budget: &mut Budget<'_>) -> Result<Globals, ReadError> {
        let limits = budget.limits;
        let mut globals = Globals::default();
        let mut formats: HashMap<u16, NumberFormat> = HashMap::new();
        let mut bold_fonts: Vec<bool> = Vec::new();
        let mut records = Records::from(stream, 0);
        while let Some(record) = records.next()? {
            let data = record.data();
            match record.kind {
                BOF if u16_at(data, 0) != Some(BIFF8) => {
                    return Err(ReadError::Unsupported {
                        what: "a workbook of Excel 95 or earlier",
                        advice: "save it as .xlsx or .csv and import that",
                    });
                }
                FILE_PASS => return Err(ReadError::Encrypted),
                DATE_MODE => globals.from_1904 = u16_at(data, 0) == Some(1),
                FONT => {
                    bold_fonts.push(u16_at(data, 6).is_some_and(|weight| weight >= WEIGHT_BOLD))
                }
                FORMAT => {
                    let code = Segments::new(&record.segments, 2).rich_string();
                    if let (Some(id), Some(code)) = (u16_at(data, 0), code) {
                        formats.insert(id, of_code(&code));
                    }
                }
                XF => {
                    globals.styles.push(style(data, &formats, &bold_fonts));
                    let count = u64::try_from(globals.styles.len()).unwrap_or(u64::MAX);
                    within("cell styles in the workbook", count, limits.styles)?;
                }
                BOUND_SHEET => {
                    globals.sheets.extend(listed_sheet(&record));
                    let count = u64::try_from(globals.sheets.len()).unwrap_or(u64::MAX);
                    within("sheets in the workbook", count, limits.sheets)?;
                }
                SHARED_STRINGS => globals.strings = shared_strings(&record, budget)?,
                EOF => return Ok(globals),
                _ => {}
            }
        }
        Err(damaged("it ends before its first sheet"))
    }
}

fn style(
    data: &[u8],
    formats: &HashMap<u16, NumberFormat>,
    bold_fonts: &[bool],
) -> (CellStyle, bool) {
    let font = usize::from(u16_at(data, 0).unwrap_or(0));
    // Font 4 does not exist: the fifth font record is number 5.
    let font = if font > 4 { font - 1 } else { font };
    let id = u16_at(data, 2).unwrap_or(0);
    let format = formats.get(&id).copied().or_else(|| built_in(u32::from(id))).unwrap_or_default();
    let style = CellStyle {
        bold: bold_fonts.get(font).copied().unwrap_or(false),
        indent: data.get(8).map_or(0, |byte| byte & 0x0f),
        decimals: format.decimals,
        percent: format.percent,
    };
    (style, format.date)
}

fn listed_sheet(record: &Record<'_>) -> Option<ListedSheet> {
    const WORKSHEET: u8 = 0;
    let data = record.data();
    if data.get(5) != Some(&WORKSHEET) {
        return None;
    }
    Some(ListedSheet {
        at: usize::try_from(u32_at(data, 0)?).ok()?,
        hidden: data.get(4).is_some_and(|state| state & 0x03 != 0),
        name: Segments::new(&record.segments, 6).short_string()?.replace('\0', ""),
    })
}

fn shared_strings(
    record: &Record<'_>,
    budget: &mut Budget<'_>,
) -> Result<Vec<Arc<str>>, ReadError> {
    const COUNTS_BYTES: usize = 8;
    let strings_max = budget.limits.shared_strings;
    let mut segments = Segments::new(&record.segments, COUNTS_BYTES);
    let mut strings = Vec::new();
    while !segments.is_done() {
        let Some(text) = segments.rich_string() else {
            return Err(damaged("a shared string is cut short"));
        };
        strings.push(budget.text(&text)?);
        let count = u64::try_from(strings.len()).unwrap_or(u64::MAX);
        within("shared strings in the workbook", count, strings_max)?;
    }
    Ok(strings)
}

struct Reading<'r> {
    stream: &'r [u8],
    globals: &'r Globals,
    deadline: Deadline,
    progress: Progress<'r>,
}

impl Reading<'_> {
    fn tick(&mut self, position: usize) -> Result<(), ReadError> {
        self.deadline.check()?;
        let total = u64::try_from(self.stream.len()).unwrap_or(u64::MAX);
        let done = u64::try_from(position).unwrap_or(u64::MAX);
        match (self.progress)(done, total) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(ReadError::Cancelled),
        }
    }

    fn sheet(
        &mut self,
        listed: &ListedSheet,
        sheet: &mut SheetBuilder,
        budget: &mut Budget<'_>,
    ) -> Result<(), ReadError> {
        let mut records = Records::from(self.stream, listed.at);
        // Charts and the like nest a stream of their own, with cells that are not the sheet's.
        let mut nesting = 0_u32;
        let mut text_result: Option<Place> = None;
        let mut count = 0_u32;
        self.tick(listed.at)?;
        while let Some(record) = records.next()? {
            count += 1;
            if count.is_multiple_of(RECORDS_PER_TICK) {
                self.tick(records.position())?;
            }
            match record.kind {
                BOF => nesting += 1,
                EOF if nesting <= 1 => return Ok(()),
                EOF => nesting -= 1,
                _ if nesting > 1 => {}
                STRING_RESULT => {
                    if let Some(place) = text_result.take() {
                        let text = Segments::new(&record.segments, 0).rich_string();
                        let text =
                            text.ok_or_else(|| damaged("the result of a formula is cut short"))?;
                        put_text(sheet, budget, place, &text)?;
                    }
                }
                FORMULA => text_result = self.formula(&record, sheet, budget)?,
                _ => self.cell(&record, sheet, budget)?,
            }
        }
        Err(damaged("a sheet has no end"))
    }

    /// Puts the stored result of a formula; the place when a text result follows in a record of
    /// its own.
    fn formula(
        &self,
        record: &Record<'_>,
        sheet: &mut SheetBuilder,
        budget: &mut Budget<'_>,
    ) -> Result<Option<Place>, ReadError> {
        let data = record.data();
        let place = Place::of(data)?;
        let result = data.get(6..14).ok_or_else(|| cut_short("a formula"))?;
        let value = match *result {
            [0, .., 0xff, 0xff] => return Ok(Some(place)),
            [1, _, truth, .., 0xff, 0xff] => Value::Bool(truth != 0),
            [2, _, code, .., 0xff, 0xff] => Value::Error(CellError::from_code(code)),
            [_, .., 0xff, 0xff] => return Ok(None),
            _ => self.float(u64_at(result, 0).unwrap_or(0), place.style),
        };
        sheet.put(budget, place.row, place.column, place.style, value)?;
        Ok(None)
    }

    fn cell(
        &self,
        record: &Record<'_>,
        sheet: &mut SheetBuilder,
        budget: &mut Budget<'_>,
    ) -> Result<(), ReadError> {
        let data = record.data();
        match record.kind {
            NUMBER => {
                let place = Place::of(data)?;
                let bits = u64_at(data, 6).ok_or_else(|| cut_short("a number"))?;
                let value = self.float(bits, place.style);
                sheet.put(budget, place.row, place.column, place.style, value)
            }
            RK => {
                let place = Place::of(data)?;
                let packed = u32_at(data, 6).ok_or_else(|| cut_short("a number"))?;
                let value = self.packed(packed, place.style);
                sheet.put(budget, place.row, place.column, place.style, value)
            }
            RK_ROW => self.packed_row(data, sheet, budget),
            LABEL_SHARED => {
                let place = Place::of(data)?;
                let index = u32_at(data, 6).and_then(|index| usize::try_from(index).ok());
                let text = index.and_then(|index| self.globals.strings.get(index));
                let text = text
                    .ok_or_else(|| damaged("a cell refers to a shared string that is not there"))?;
                if text.is_empty() {
                    return Ok(());
                }
                let value = Value::Text(Arc::clone(text));
                sheet.put(budget, place.row, place.column, place.style, value)
            }
            LABEL | RICH_LABEL => {
                let place = Place::of(data)?;
                let text = Segments::new(&record.segments, 6).rich_string();
                let text = text.ok_or_else(|| cut_short("a text"))?;
                put_text(sheet, budget, place, &text)
            }
            BOOL_OR_ERROR => {
                let place = Place::of(data)?;
                let value = match (data.get(6), data.get(7)) {
                    (Some(&truth), Some(0)) => Value::Bool(truth != 0),
                    (Some(&code), Some(_)) => Value::Error(CellError::from_code(code)),
                    (None, _) | (_, None) => return Err(cut_short("a truth value")),
                };
                sheet.put(budget, place.row, place.column, place.style, value)
            }
            _ => Ok(()),
        }
    }

    fn packed_row(
        &self,
        data: &[u8],
        sheet: &mut SheetBuilder,
        budget: &mut Budget<'_>,
    ) -> Result<(), ReadError> {
        const ENTRY_BYTES: usize = 6;
        let (Some(row), Some(first)) = (u16_at(data, 0), u16_at(data, 2)) else {
            return Err(cut_short("a row of numbers"));
        };
        let entries = data.get(4..data.len().saturating_sub(2)).unwrap_or_default();
        for (column, entry) in (u32::from(first)..).zip(entries.chunks_exact(ENTRY_BYTES)) {
            let (Some(style), Some(packed)) = (u16_at(entry, 0), u32_at(entry, 2)) else {
                return Err(cut_short("a row of numbers"));
            };
            let value = self.packed(packed, style);
            sheet.put(budget, u32::from(row), column, style, value)?;
        }
        Ok(())
    }

    fn is_date(&self, style: u16) -> bool {
        self.globals.styles.get(usize::from(style)).is_some_and(|(_, date)| *date)
    }

    fn float(&self, bits: u64, style: u16) -> Value {
        let stored = f64::from_bits(bits);
        if self.is_date(style) {
            from_serial(stored, self.globals.from_1904)
        } else {
            from_stored_float(stored)
        }
    }

    /// An RK number: an integer or the upper half of a float, perhaps to be divided by 100.
    fn packed(&self, packed: u32, style: u16) -> Value {
        let hundredths = packed & 1 != 0;
        if packed & 2 == 0 {
            let stored = f64::from_bits(u64::from(packed & !3) << 32);
            let stored = if hundredths { stored / 100.0 } else { stored };
            return self.float(stored.to_bits(), style);
        }
        let whole = i64::from(packed.cast_signed() >> 2);
        if self.is_date(style) {
            #[expect(clippy::cast_precision_loss, reason = "an RK integer has 30 bits")]
            let serial = if hundredths { whole as f64 / 100.0 } else { whole as f64 };
            return from_serial(serial, self.globals.from_1904);
        }
        Value::Number(Decimal::new(whole, if hundredths { 2 } else { 0 }).normalize())
    }
}

/// Row, column and style at the head of a cell record.
#[derive(Clone, Copy)]
struct Place {
    row: u32,
    column: u32,
    style: u16,
}

impl Place {
    fn of(data: &[u8]) -> Result<Place, ReadError> {
        match (u16_at(data, 0), u16_at(data, 2), u16_at(data, 4)) {
            (Some(row), Some(column), Some(style)) => {
                Ok(Place { row: u32::from(row), column: u32::from(column), style })
            }
            (None, _, _) | (_, None, _) | (_, _, None) => Err(cut_short("a cell")),
        }
    }
}

fn cut_short(what: &str) -> ReadError {
    damaged(&format!("{what} is cut short"))
}

fn put_text(
    sheet: &mut SheetBuilder,
    budget: &mut Budget<'_>,
    place: Place,
    text: &str,
) -> Result<(), ReadError> {
    if text.is_empty() {
        return Ok(());
    }
    let value = Value::Text(budget.text(text)?);
    sheet.put(budget, place.row, place.column, place.style, value)
}
