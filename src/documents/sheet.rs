//! A file of bytes becomes sheets of cells.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::cell::{Cell, CellStyle, Value, cell_name};
use super::limits::{Deadline, Limits, Progress, ReadError, unwatched, within};
use super::{compound, read_csv, read_xls, read_xlsx};

/// How a file came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileFormat {
    /// Office Open XML workbook.
    Xlsx,
    /// Excel 97-2003 workbook (BIFF8).
    Xls,
    /// Delimited text: commas, semicolons, tabs or bars.
    Text,
}

/// A workbook read into memory: cells only, formulas by their stored results.
#[derive(Debug, Clone)]
pub struct Workbook {
    /// How it came.
    pub format: FileFormat,
    /// Its worksheets in the order of the tabs, hidden ones too; charts and macro sheets left out.
    pub sheets: Vec<Sheet>,
}

/// One sheet. Rows and columns count from 0.
#[derive(Debug, Clone)]
pub struct Sheet {
    /// The name on the tab.
    pub name: String,
    /// Whether the tab is hidden.
    pub hidden: bool,
    /// Whether numbers are written as text, as in a CSV file.
    pub textual: bool,
    rows: Vec<Box<[Cell]>>,
    columns: u32,
    styles: Arc<[CellStyle]>,
}

impl Workbook {
    /// Reads `bytes`, named `file_name`, within `limits`. Memory is bounded by the limits, time
    /// by [`Limits::time`]; cost is linear in the inflated size.
    ///
    /// # Errors
    /// [`ReadError`] names the limit passed with both figures, or what is wrong with the file.
    pub fn read(bytes: &[u8], file_name: &str, limits: &Limits) -> Result<Workbook, ReadError> {
        Workbook::read_watched(bytes, file_name, limits, &mut unwatched)
    }

    /// As [`Workbook::read`], telling `progress` how many bytes of the file are behind.
    ///
    /// # Errors
    /// As [`Workbook::read`], and [`ReadError::Cancelled`] when `progress` breaks.
    pub fn read_watched(
        bytes: &[u8],
        file_name: &str,
        limits: &Limits,
        progress: Progress<'_>,
    ) -> Result<Workbook, ReadError> {
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        within("bytes in the file", size, limits.file_bytes)?;
        if bytes.is_empty() {
            return Err(ReadError::Empty);
        }
        let format = detect(bytes, file_name)?;
        let deadline = Deadline::after(limits.time);
        // The readers are written not to panic; this fence keeps a slip in one of them, or in a
        // crate below, from taking the request's thread with it. Nothing outlives the call.
        let read = catch_unwind(AssertUnwindSafe(|| match format {
            FileFormat::Xlsx => read_xlsx::read(bytes, limits, deadline, progress),
            FileFormat::Xls => read_xls::read(bytes, limits, deadline, progress),
            FileFormat::Text => read_csv::read(bytes, file_name, limits, deadline, progress),
        }));
        let sheets = read.map_err(|_| ReadError::ReaderFailed)??;
        Ok(Workbook { format, sheets })
    }
}

/// The extension of a file name, lower case, without its dot.
fn extension(file_name: &str) -> String {
    match file_name.rsplit_once('.') {
        Some((_, extension)) => extension.to_ascii_lowercase(),
        None => String::new(),
    }
}

/// Which reader a file needs, by content first and name second: a name that promises another
/// kind of content is refused.
fn detect(bytes: &[u8], file_name: &str) -> Result<FileFormat, ReadError> {
    const USE_XLSX: &str = "save it as .xlsx or .csv and import that";
    let extension = extension(file_name);
    let mismatch = |content| ReadError::NameMismatch { named: format!(".{extension}"), content };
    let unsupported = |what| ReadError::Unsupported { what, advice: USE_XLSX };
    match extension.as_str() {
        "xlsm" | "xltm" => return Err(unsupported("a workbook with macros (.xlsm)")),
        "xlsb" => return Err(unsupported("a binary workbook (.xlsb)")),
        "ods" => return Err(unsupported("an OpenDocument spreadsheet (.ods)")),
        "numbers" => return Err(unsupported("a Numbers spreadsheet")),
        _ => {}
    }
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        return match extension.as_str() {
            "xlsx" | "xltx" | "" => Ok(FileFormat::Xlsx),
            _ => Err(mismatch("a zip package, as .xlsx is")),
        };
    }
    if bytes.starts_with(&compound::SIGNATURE) {
        // An encrypted .xlsx is a compound file too: its reader tells the two apart.
        return match extension.as_str() {
            "xls" | "xlt" | "xlsx" | "" => Ok(FileFormat::Xls),
            _ => Err(mismatch("a compound file, as .xls is")),
        };
    }
    let content = if bytes.starts_with(b"%PDF") {
        "a PDF"
    } else if bytes.starts_with(&[0x1f, 0x8b]) {
        "a gzip archive"
    } else if bytes.starts_with(b"\x89PNG") || bytes.starts_with(&[0xff, 0xd8, 0xff]) {
        "a picture"
    } else if looks_like_markup(bytes) {
        "a web page or XML, not a workbook"
    } else if matches!(bytes.first(), Some(0x09))
        && matches!(bytes.get(1), Some(0x00 | 0x02 | 0x04 | 0x08))
    {
        return Err(unsupported("a workbook of Excel 95 or earlier"));
    } else if read_csv::is_text(bytes) {
        return match extension.as_str() {
            "csv" | "tsv" | "txt" | "tab" | "" => Ok(FileFormat::Text),
            _ => Err(mismatch("plain text")),
        };
    } else {
        "no workbook or text that is known"
    };
    Err(mismatch(content))
}

fn looks_like_markup(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    let head = bytes.get(..bytes.len().min(14)).unwrap_or_default().to_ascii_lowercase();
    [&b"<!doctype"[..], b"<html", b"<?xml", b"<table"].iter().any(|start| head.starts_with(start))
}

impl Sheet {
    /// Rows up to the last one with a filled cell.
    #[must_use]
    pub fn row_count(&self) -> u32 {
        u32::try_from(self.rows.len()).unwrap_or(u32::MAX)
    }

    /// Columns up to the last one with a filled cell.
    #[must_use]
    pub fn column_count(&self) -> u32 {
        self.columns
    }

    /// The filled cells of a row in column order; none beyond the last row.
    #[must_use]
    pub fn row(&self, row: u32) -> &[Cell] {
        usize::try_from(row).ok().and_then(|row| self.rows.get(row)).map_or(&[], |cells| cells)
    }

    /// The cell at `row`, `column`; `None` when empty. O(log columns).
    #[must_use]
    pub fn cell(&self, row: u32, column: u32) -> Option<&Cell> {
        let cells = self.row(row);
        let column = u16::try_from(column).ok()?;
        let at = cells.binary_search_by_key(&column, |cell| cell.column).ok()?;
        cells.get(at)
    }

    /// The value at `row`, `column`; `None` when empty.
    #[must_use]
    pub fn value(&self, row: u32, column: u32) -> Option<&Value> {
        self.cell(row, column).map(|cell| &cell.value)
    }

    /// The style of a cell of this sheet.
    #[must_use]
    pub fn style(&self, cell: &Cell) -> CellStyle {
        self.styles.get(usize::from(cell.style)).copied().unwrap_or_default()
    }

    /// What a person reads in the cell at `row`, `column`, trimmed; empty when there is nothing.
    #[must_use]
    pub fn shown(&self, row: u32, column: u32) -> String {
        match self.cell(row, column) {
            Some(cell) => cell.value.display(self.style(cell)).trim().to_owned(),
            None => String::new(),
        }
    }

    /// `Schedule!D14` for `(13, 3)` on the sheet `Schedule`.
    #[must_use]
    pub fn cell_name(&self, row: u32, column: u32) -> String {
        cell_name(&self.name, row, column)
    }

    /// A sheet of texts and numbers, for tests and for callers that make a sheet themselves:
    /// each text that is empty is an empty cell, all others are text cells.
    #[must_use]
    pub fn from_text(name: &str, rows: &[Vec<String>], textual: bool) -> Sheet {
        let limits = Limits::default();
        let mut budget = Budget::new(&limits);
        let mut sheet = SheetBuilder::new(name.to_owned(), false, textual);
        for (r, row) in (0_u32..).zip(rows) {
            for (c, text) in (0_u32..).zip(row) {
                if !text.is_empty() {
                    let value = Value::Text(Arc::from(text.as_str()));
                    // Past a limit the rest of the row is left out: this is no reader of files.
                    if sheet.put(&mut budget, r, c, 0, value).is_err() {
                        break;
                    }
                }
            }
        }
        sheet.finish(Arc::from([CellStyle::default()]))
    }
}

/// What is left of the limits that a whole workbook shares.
pub(super) struct Budget<'a> {
    pub(super) limits: &'a Limits,
    cells: u64,
    text_bytes: u64,
    known: HashSet<Arc<str>>,
}

/// Texts up to this long are kept once however often they occur.
const INTERN_BYTES_MAX: usize = 128;

impl<'a> Budget<'a> {
    pub(super) fn new(limits: &'a Limits) -> Budget<'a> {
        Budget { limits, cells: 0, text_bytes: 0, known: HashSet::new() }
    }

    /// `text` as a shared text, counted against the limit of distinct text.
    pub(super) fn text(&mut self, text: &str) -> Result<Arc<str>, ReadError> {
        if let Some(known) = self.known.get(text) {
            return Ok(Arc::clone(known));
        }
        let chars = u64::try_from(text.len()).unwrap_or(u64::MAX);
        if chars > self.limits.cell_chars {
            let chars = u64::try_from(text.chars().count()).unwrap_or(u64::MAX);
            within("characters in a cell", chars, self.limits.cell_chars)?;
        }
        // The reference counts and the set entry cost about as much as a short text itself.
        const OVERHEAD_BYTES: u64 = 48;
        self.text_bytes += chars + OVERHEAD_BYTES;
        within("bytes of text", self.text_bytes, self.limits.text_bytes)?;
        let shared: Arc<str> = Arc::from(text);
        if text.len() <= INTERN_BYTES_MAX {
            self.known.insert(Arc::clone(&shared));
        }
        Ok(shared)
    }
}

/// A sheet being filled.
pub(super) struct SheetBuilder {
    name: String,
    hidden: bool,
    textual: bool,
    rows: Vec<Vec<Cell>>,
    columns: u32,
}

impl SheetBuilder {
    pub(super) fn new(name: String, hidden: bool, textual: bool) -> SheetBuilder {
        SheetBuilder { name, hidden, textual, rows: Vec::new(), columns: 0 }
    }

    /// Fills a cell; the later of two values for one cell stands.
    pub(super) fn put(
        &mut self,
        budget: &mut Budget<'_>,
        row: u32,
        column: u32,
        style: u16,
        value: Value,
    ) -> Result<(), ReadError> {
        let limits = budget.limits;
        self.check_limit("rows in a sheet", u64::from(row) + 1, limits.rows, row, column)?;
        self.check_limit("columns in a sheet", u64::from(column) + 1, limits.columns, row, column)?;
        let column_short = u16::try_from(column).unwrap_or(u16::MAX);
        let row_index = usize::try_from(row).unwrap_or(usize::MAX);
        if self.rows.len() <= row_index {
            self.rows.resize_with(row_index + 1, Vec::new);
        }
        let Some(cells) = self.rows.get_mut(row_index) else {
            return Ok(());
        };
        let cell = Cell { column: column_short, style, value };
        match cells.last() {
            Some(last) if last.column >= column_short => {
                match cells.binary_search_by_key(&column_short, |cell| cell.column) {
                    Ok(at) => {
                        if let Some(old) = cells.get_mut(at) {
                            *old = cell;
                        }
                        return Ok(());
                    }
                    Err(at) => cells.insert(at, cell),
                }
            }
            Some(_) | None => cells.push(cell),
        }
        self.columns = self.columns.max(column + 1);
        budget.cells += 1;
        within("filled cells in the workbook", budget.cells, limits.cells)
    }

    fn check_limit(
        &self,
        what: &'static str,
        found: u64,
        limit: u64,
        row: u32,
        column: u32,
    ) -> Result<(), ReadError> {
        if found <= limit {
            return Ok(());
        }
        Err(ReadError::Limit { what, limit, found, at: Some(cell_name(&self.name, row, column)) })
    }

    pub(super) fn finish(self, styles: Arc<[CellStyle]>) -> Sheet {
        Sheet {
            name: self.name,
            hidden: self.hidden,
            textual: self.textual,
            rows: self.rows.into_iter().map(Vec::into_boxed_slice).collect(),
            columns: self.columns,
            styles,
        }
    }
}
