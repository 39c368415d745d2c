//! Reads delimited text: finds its encoding and its delimiter, and keeps every field as written.

use std::borrow::Cow;
use std::ops::ControlFlow;
use std::sync::Arc;

use encoding_rs::{UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::cell::{CellStyle, Value};
use super::limits::{Deadline, Limits, Progress, ReadError};
use super::sheet::{Budget, Sheet, SheetBuilder};

/// Bytes looked at to tell text from other content and to find the delimiter.
const SAMPLE_BYTES: usize = 64 << 10;
/// Records between two looks at the clock and the progress callback.
const RECORDS_PER_TICK: u32 = 1_024;

/// Whether the bytes can be text at all: UTF-16 with its mark, or no control bytes.
pub(super) fn is_text(bytes: &[u8]) -> bool {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return true;
    }
    let sample = bytes.get(..SAMPLE_BYTES.min(bytes.len())).unwrap_or_default();
    if guess_utf16(sample).is_some() {
        return true;
    }
    !sample.iter().any(|&byte| byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c | 0x1a))
}

/// UTF-16 without its mark: nearly every other byte of mostly Latin text is zero.
fn guess_utf16(sample: &[u8]) -> Option<&'static encoding_rs::Encoding> {
    const ZEROS_PERCENT: usize = 70;
    let pairs = sample.len() / 2;
    if pairs < 4 {
        return None;
    }
    let zeros = |offset: usize| sample.iter().skip(offset).step_by(2).filter(|&&b| b == 0).count();
    if zeros(1) * 100 >= pairs * ZEROS_PERCENT && zeros(0) == 0 {
        Some(UTF_16LE)
    } else if zeros(0) * 100 >= pairs * ZEROS_PERCENT && zeros(1) == 0 {
        Some(UTF_16BE)
    } else {
        None
    }
}

/// The text of the bytes: by its mark, else UTF-8 when it is valid, else Windows-1252.
fn decode(bytes: &[u8]) -> Cow<'_, str> {
    if let Some((encoding, mark_bytes)) = encoding_rs::Encoding::for_bom(bytes) {
        let rest = bytes.get(mark_bytes..).unwrap_or_default();
        return encoding.decode_without_bom_handling(rest).0;
    }
    let sample = bytes.get(..SAMPLE_BYTES.min(bytes.len())).unwrap_or_default();
    if let Some(encoding) = guess_utf16(sample) {
        return encoding.decode_without_bom_handling(bytes).0;
    }
    match UTF_8.decode_without_bom_handling_and_without_replacement(bytes) {
        Some(text) => text,
        None => WINDOWS_1252.decode_without_bom_handling(bytes).0,
    }
}

/// The delimiter: the one that splits the first records into the most equal rows of at least
/// two fields. Commas win ties, then tabs.
fn delimiter(text: &str) -> u8 {
    const RECORDS_LOOKED_AT: usize = 50;
    let mut end = SAMPLE_BYTES.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let sample = text.get(..end).unwrap_or_default();
    let mut best = (0_usize, b',');
    for candidate in [b',', b'\t', b';', b'|'] {
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(candidate)
            .has_headers(false)
            .flexible(true)
            .from_reader(sample.as_bytes());
        let widths: Vec<usize> = reader
            .byte_records()
            .take(RECORDS_LOOKED_AT)
            .flatten()
            .map(|record| record.len())
            .filter(|&width| width > 1)
            .collect();
        let usual = most_common(&widths);
        let score = widths.iter().filter(|&&width| width == usual).count() * usual.min(64);
        if score > best.0 {
            best = (score, candidate);
        }
    }
    best.1
}

fn most_common(widths: &[usize]) -> usize {
    let count = |width: usize| widths.iter().filter(|&&other| other == width).count();
    widths.iter().copied().max_by_key(|&width| (count(width), width)).unwrap_or(0)
}

/// Reads the text as one sheet, named as the file.
pub(super) fn read(
    bytes: &[u8],
    file_name: &str,
    limits: &Limits,
    deadline: Deadline,
    progress: Progress<'_>,
) -> Result<Vec<Sheet>, ReadError> {
    let text = decode(bytes);
    // A first line `sep=;` is Excel's own way to name the delimiter.
    let (named, body) = match text.strip_prefix("sep=").and_then(|rest| rest.split_once('\n')) {
        Some((named, body)) => (named.trim().bytes().next(), body),
        None => (None, text.as_ref()),
    };
    let delimiter = named.unwrap_or_else(|| delimiter(body));
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(body.as_bytes());
    let stem = file_name.rsplit_once('.').map_or(file_name, |(stem, _)| stem);
    let stem = stem.rsplit(['/', '\\']).next().unwrap_or(stem);
    let name = if stem.is_empty() { "Sheet1" } else { stem };
    let mut sheet = SheetBuilder::new(name.to_owned(), false, true);
    let mut budget = Budget::new(limits);
    let total = u64::try_from(body.len()).unwrap_or(u64::MAX);
    let mut record = csv::StringRecord::new();
    let mut row = 0_u32;
    let mut records = 0_u32;
    loop {
        // The reader passes over blank lines; a spreadsheet program counts them as rows.
        row = row.saturating_add(blank_lines(body, reader.position().byte()));
        let more = reader
            .read_record(&mut record)
            .map_err(|e| ReadError::broken("the text", e.to_string()))?;
        if !more {
            break;
        }
        for (column, field) in (0_u32..).zip(record.iter()) {
            if !field.is_empty() {
                let value = Value::Text(budget.text(field)?);
                sheet.put(&mut budget, row, column, 0, value)?;
            }
        }
        row = row.saturating_add(1);
        records += 1;
        if records.is_multiple_of(RECORDS_PER_TICK) {
            deadline.check()?;
            let done = record.position().map_or(0, csv::Position::byte);
            if let ControlFlow::Break(()) = progress(done, total) {
                return Err(ReadError::Cancelled);
            }
        }
    }
    Ok(vec![sheet.finish(Arc::from([CellStyle::default()]))])
}

/// Blank lines from byte `at`, where a record ended.
fn blank_lines(body: &str, at: u64) -> u32 {
    let bytes = body.as_bytes();
    let mut at = usize::try_from(at).unwrap_or(usize::MAX);
    // The line feed of the record's own line end may still be ahead.
    if at > 0 && bytes.get(at - 1) == Some(&b'\r') && bytes.get(at) == Some(&b'\n') {
        at += 1;
    }
    let mut lines = 0_u32;
    while let Some(b'\r' | b'\n') = bytes.get(at) {
        let pair = bytes.get(at) == Some(&b'\r') && bytes.get(at + 1) == Some(&b'\n');
        at += if pair { 2 } else { 1 };
        lines = lines.saturating_add(1);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delimiter_is_the_one_that_gives_even_rows() {
        assert_eq!(delimiter("a,b,c\n1,2,3\n"), b',');
        assert_eq!(delimiter("a;b;c\n1,5;2,5;3,5\n"), b';');
        assert_eq!(delimiter("a\tb, or c\td\n1\t2\t3\n"), b'\t');
        assert_eq!(delimiter("a|b\n1|2\n"), b'|');
        assert_eq!(delimiter("\"x;y\",b\n\"1;2\",3\n"), b',');
        assert_eq!(delimiter(""), b',');
    }

    #[test]
    fn every_encoding_gives_the_same_text() {
        let text = "Māori, café\n";
        let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let with_mark = [&[0xff, 0xfe][..], &utf16].concat();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for bytes in [
            text.as_bytes().to_vec(),
            [&b"\xef\xbb\xbf"[..], text.as_bytes()].concat(),
            with_mark,
            utf16,
            big,
        ] {
            assert_eq!(decode(&bytes), text);
        }
        assert_eq!(decode(b"caf\xe9 \x80 5"), "café € 5");
    }
}
