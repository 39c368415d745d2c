//! Writes an estimate as CSV: RFC 4180, UTF-8 with its mark so that Excel reads it as such.
//!
//! A text cell that begins with `=`, `+`, `-`, `@`, a tab or a carriage return would be run as a
//! formula by a spreadsheet program: it is written with an apostrophe before it. Figures are
//! written by this program and stay as they are, negative ones too.

use std::borrow::Cow;

use crate::estimating::number::Money;

use super::export::{ExportError, ExportHeader, ExportKind, ExportRow, tick};
use super::limits::Progress;

pub(super) const UTF8_MARK: &[u8] = b"\xef\xbb\xbf";

/// Names of the columns.
pub const COLUMNS: [&str; 16] = [
    "Level",
    "Kind",
    "Code",
    "Description",
    "Unit",
    "Quantity",
    "Cost rate",
    "Cost",
    "Labour",
    "Plant",
    "Material",
    "Subcontract",
    "Other",
    "Counted",
    "Status",
    "Note",
];

/// What a spreadsheet program may begin a formula with, wide forms included, and what it passes over
/// before one.
const BEGINNINGS: [char; 11] =
    ['=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];

/// A text that no spreadsheet program takes for a formula.
#[must_use]
pub fn plain(text: &str) -> Cow<'_, str> {
    if text.starts_with(BEGINNINGS) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

/// Writes the rows, one a line, below a line of column names; a draft is marked in a first line
/// (BR-108). O(rows).
///
/// # Errors
/// [`ExportError::Cancelled`] when `progress` breaks.
pub fn write(
    header: &ExportHeader,
    rows: impl IntoIterator<Item = ExportRow>,
    mut progress: Progress<'_>,
) -> Result<Vec<u8>, ExportError> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .flexible(true)
        .from_writer(UTF8_MARK.to_vec());
    if let Some(mark) = header.draft_mark() {
        let tender = format!("{} {}", header.tender_number, header.tender_name);
        let basis = format!("{} excl. GST", header.currency);
        writer.write_record(
            [plain(&mark), plain(&tender), plain(&header.estimate), plain(&basis)]
                .map(Cow::into_owned),
        )?;
    }
    writer.write_record(COLUMNS)?;
    for (done, row) in (0_u64..).zip(rows) {
        tick(&mut progress, done, 0)?;
        write_row(&mut writer, &row)?;
    }
    writer.into_inner().map_err(|error| ExportError::Text(error.into_error().into()))
}

fn write_row(writer: &mut csv::Writer<Vec<u8>>, row: &ExportRow) -> Result<(), ExportError> {
    let kind = match row.kind {
        ExportKind::Heading => "heading",
        ExportKind::Item => "item",
        ExportKind::SubItem => "sub-item",
    };
    let counted = row.counted || row.kind == ExportKind::Heading;
    writer.write_field(row.depth.to_string())?;
    writer.write_field(kind)?;
    for text in [&row.code, &row.description, row.unit.as_ref().unwrap_or(&String::new())] {
        writer.write_field(plain(text).as_bytes())?;
    }
    writer.write_field(row.quantity.map(|q| q.to_string()).unwrap_or_default())?;
    writer.write_field(row.cost_rate.map(|r| r.to_string()).unwrap_or_default())?;
    for money in std::iter::once(row.cost).chain(row.by_type.columns()) {
        writer.write_field(Money::to_string(&money))?;
    }
    writer.write_field(if counted { "yes" } else { "no" })?;
    for text in [&row.status, &row.note] {
        writer.write_field(plain(text).as_bytes())?;
    }
    writer.write_record(None::<&[u8]>)?;
    Ok(())
}
