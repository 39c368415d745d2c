//! The records of a BIFF8 stream, and the strings inside them.

use super::compound::u16_at;
use super::limits::ReadError;

pub(super) const BOF: u16 = 0x0809;
pub(super) const EOF: u16 = 0x000a;
pub(super) const CONTINUE: u16 = 0x003c;
pub(super) const FILE_PASS: u16 = 0x002f;
pub(super) const DATE_MODE: u16 = 0x0022;
pub(super) const FONT: u16 = 0x0031;
pub(super) const FORMAT: u16 = 0x041e;
pub(super) const XF: u16 = 0x00e0;
pub(super) const BOUND_SHEET: u16 = 0x0085;
pub(super) const SHARED_STRINGS: u16 = 0x00fc;
pub(super) const NUMBER: u16 = 0x0203;
pub(super) const LABEL: u16 = 0x0204;
pub(super) const RICH_LABEL: u16 = 0x00d6;
pub(super) const BOOL_OR_ERROR: u16 = 0x0205;
pub(super) const STRING_RESULT: u16 = 0x0207;
pub(super) const RK: u16 = 0x027e;
pub(super) const RK_ROW: u16 = 0x00bd;
pub(super) const LABEL_SHARED: u16 = 0x00fd;
pub(super) const FORMULA: u16 = 0x0006;

pub(super) fn damaged(detail: &str) -> ReadError {
    ReadError::broken("the workbook stream", detail)
}

/// A record with the records that continue it.
pub(super) struct Record<'a> {
    pub(super) kind: u16,
    /// The data, then the data of each continuation.
    pub(super) segments: Vec<&'a [u8]>,
}

impl<'a> Record<'a> {
    pub(super) fn data(&self) -> &'a [u8] {
        self.segments.first().copied().unwrap_or_default()
    }
}

/// Walks the records of a stream.
pub(super) struct Records<'a> {
    stream: &'a [u8],
    at: usize,
}

impl<'a> Records<'a> {
    pub(super) fn from(stream: &'a [u8], at: usize) -> Records<'a> {
        Records { stream, at }
    }

    /// Bytes of the stream behind.
    pub(super) fn position(&self) -> usize {
        self.at
    }

    fn one(&mut self) -> Result<Option<(u16, &'a [u8])>, ReadError> {
        let Some(rest) = self.stream.get(self.at..) else {
            return Err(damaged("a sheet starts beyond its end"));
        };
        let (Some(kind), Some(length)) = (u16_at(rest, 0), u16_at(rest, 2)) else {
            return Ok(None);
        };
        let end = 4 + usize::from(length);
        let data = rest
            .get(4..end)
            .ok_or_else(|| damaged("a record is longer than what is left of it"))?;
        self.at += end;
        Ok(Some((kind, data)))
    }

    /// The next record with its continuations; `None` at the end of the stream.
    pub(super) fn next(&mut self) -> Result<Option<Record<'a>>, ReadError> {
        let Some((kind, data)) = self.one()? else {
            return Ok(None);
        };
        let mut segments = vec![data];
        while self.stream.get(self.at..).and_then(|rest| u16_at(rest, 0)) == Some(CONTINUE) {
            match self.one()? {
                Some((_, data)) => segments.push(data),
                None => break,
            }
        }
        Ok(Some(Record { kind, segments }))
    }
}

/// Reads through the segments of a record as through one run of bytes.
pub(super) struct Segments<'r, 'a> {
    segments: &'r [&'a [u8]],
    at: usize,
}

impl<'r, 'a> Segments<'r, 'a> {
    pub(super) fn new(segments: &'r [&'a [u8]], skip: usize) -> Segments<'r, 'a> {
        let mut reader = Segments { segments, at: 0 };
        reader.skip(skip);
        reader
    }

    fn current(&self) -> &'a [u8] {
        let segment: &'a [u8] = self.segments.first().copied().unwrap_or_default();
        segment.get(self.at..).unwrap_or_default()
    }

    /// Moves to the next segment when this one is used up; whether it moved.
    fn advance(&mut self) -> bool {
        let mut moved = false;
        while self.current().is_empty() && self.segments.len() > 1 {
            self.segments = self.segments.get(1..).unwrap_or_default();
            self.at = 0;
            moved = true;
        }
        moved
    }

    pub(super) fn is_done(&mut self) -> bool {
        self.advance();
        self.current().is_empty()
    }

    fn skip(&mut self, mut bytes: usize) {
        while bytes > 0 {
            self.advance();
            let step = self.current().len().min(bytes);
            if step == 0 {
                return;
            }
            self.at += step;
            bytes -= step;
        }
    }

    fn byte(&mut self) -> Option<u8> {
        self.advance();
        let byte = self.current().first().copied()?;
        self.at += 1;
        Some(byte)
    }

    fn short(&mut self) -> Option<u16> {
        Some(u16::from_le_bytes([self.byte()?, self.byte()?]))
    }

    fn long(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes([self.byte()?, self.byte()?, self.byte()?, self.byte()?]))
    }

    /// `count` characters, one or two bytes each; every continuation says anew how wide they are.
    fn characters(&mut self, count: usize, mut wide: bool) -> Option<String> {
        let mut units: Vec<u16> = Vec::with_capacity(count);
        while units.len() < count {
            if self.advance() {
                wide = self.byte()? & 1 != 0;
            }
            let left = count - units.len();
            let here = self.current();
            let width = if wide { 2 } else { 1 };
            let taken = left.min(here.len() / width);
            if taken == 0 {
                return None;
            }
            let bytes = here.get(..taken * width)?;
            if wide {
                units.extend(bytes.chunks_exact(2).filter_map(|unit| u16_at(unit, 0)));
            } else {
                units.extend(bytes.iter().map(|&byte| u16::from(byte)));
            }
            self.at += taken * width;
        }
        Some(String::from_utf16_lossy(&units))
    }

    /// A string with its formatting runs and extension skipped (XLUnicodeRichExtendedString).
    pub(super) fn rich_string(&mut self) -> Option<String> {
        let count = usize::from(self.short()?);
        let flags = self.byte()?;
        let runs = if flags & 0x08 != 0 { usize::from(self.short()?) } else { 0 };
        let extension = if flags & 0x04 != 0 { usize::try_from(self.long()?).ok()? } else { 0 };
        let text = self.characters(count, flags & 1 != 0)?;
        self.skip(runs * 4);
        self.skip(extension);
        Some(text)
    }

    /// A string with a length of one byte (ShortXLUnicodeString).
    pub(super) fn short_string(&mut self) -> Option<String> {
        let count = usize::from(self.byte()?);
        let flags = self.byte()?;
        self.characters(count, flags & 1 != 0)
    }
}
