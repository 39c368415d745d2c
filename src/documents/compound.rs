//! The compound file (MS-CFB) around an .xls workbook: enough of it to take out one stream.
//!
//! Every chain is followed for at most as many steps as the file has sectors, so a loop ends.

use super::limits::ReadError;

/// First bytes of a compound file.
pub(super) const SIGNATURE: [u8; 8] = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];

const HEADER_BYTES: usize = 512;
const SHORT_SECTOR_BYTES: usize = 64;
const DIRECTORY_ENTRY_BYTES: usize = 128;
/// Streams shorter than this live in the short-sector stream.
const SHORT_STREAM_BYTES: u64 = 4_096;
/// Sector numbers from here on are marks, not sectors.
const SECTOR_MARKS: u32 = 0xffff_fffa;

/// A compound file held in memory.
pub(super) struct Compound<'a> {
    bytes: &'a [u8],
    sector_bytes: usize,
    table: Vec<u32>,
    short_table: Vec<u32>,
    short_stream: Vec<u8>,
    entries: Vec<Entry>,
}

struct Entry {
    name: String,
    start: u32,
    size: u64,
}

pub(super) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    let taken = bytes.get(at..at.checked_add(2)?)?;
    Some(u16::from_le_bytes(taken.try_into().ok()?))
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let taken = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes(taken.try_into().ok()?))
}

pub(super) fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    let taken = bytes.get(at..at.checked_add(8)?)?;
    Some(u64::from_le_bytes(taken.try_into().ok()?))
}

fn damaged(detail: &str) -> ReadError {
    ReadError::broken("the compound file", detail)
}

fn numbers(bytes: &[u8]) -> impl Iterator<Item = u32> + '_ {
    bytes.chunks_exact(4).filter_map(|chunk| u32_at(chunk, 0))
}

impl<'a> Compound<'a> {
    /// Reads the tables and the directory. Memory is at most about twice the file.
    pub(super) fn open(bytes: &'a [u8]) -> Result<Compound<'a>, ReadError> {
        let short = || damaged("it is shorter than its header");
        if bytes.len() < HEADER_BYTES {
            return Err(short());
        }
        let sector_bytes = match u16_at(bytes, 30) {
            Some(9) => 512,
            Some(12) => 4_096,
            Some(_) | None => return Err(damaged("its sector size is neither 512 nor 4096")),
        };
        let field = |at| u32_at(bytes, at).ok_or_else(short);
        let mut file = Compound {
            bytes,
            sector_bytes,
            table: Vec::new(),
            short_table: Vec::new(),
            short_stream: Vec::new(),
            entries: Vec::new(),
        };
        for sector in file.table_sectors(field(68)?)? {
            let listed: Vec<u32> = numbers(file.sector(sector)?).collect();
            file.table.extend(listed);
        }
        let directory = file.chain(field(48)?, u64::MAX)?;
        file.entries = directory.chunks_exact(DIRECTORY_ENTRY_BYTES).filter_map(entry).collect();
        let short_table = file.chain(field(60)?, u64::MAX)?;
        file.short_table = numbers(&short_table).collect();
        if let Some(root) = directory.chunks_exact(DIRECTORY_ENTRY_BYTES).next().and_then(entry)
            && !file.short_table.is_empty()
        {
            file.short_stream = file.chain(root.start, root.size)?;
        }
        Ok(file)
    }

    /// The sectors the allocation table is kept in: 109 in the header, the rest in a chain.
    fn table_sectors(&self, first_extra: u32) -> Result<Vec<u32>, ReadError> {
        let header = self.bytes.get(76..HEADER_BYTES).unwrap_or_default();
        let is_sector = |number: &u32| *number < SECTOR_MARKS;
        let mut sectors: Vec<u32> = numbers(header).filter(is_sector).collect();
        let mut next = first_extra;
        let mut steps = 0;
        while next < SECTOR_MARKS {
            steps += 1;
            if steps > self.sectors() {
                return Err(damaged("its table of tables runs in a circle"));
            }
            let mut listed: Vec<u32> = numbers(self.sector(next)?).collect();
            next = listed.pop().unwrap_or(SECTOR_MARKS);
            sectors.extend(listed.into_iter().filter(is_sector));
        }
        if sectors.len() > self.sectors() {
            return Err(damaged("its table is larger than the file"));
        }
        Ok(sectors)
    }

    /// Whole sectors in the file, the last one perhaps cut short.
    fn sectors(&self) -> usize {
        self.bytes.len().div_ceil(self.sector_bytes)
    }

    fn sector(&self, number: u32) -> Result<&'a [u8], ReadError> {
        let beyond = || damaged("a sector lies beyond the end");
        let number = usize::try_from(number).map_err(|_| beyond())?;
        let start = number
            .checked_add(1)
            .and_then(|n| n.checked_mul(self.sector_bytes))
            .ok_or_else(beyond)?;
        let end = start.saturating_add(self.sector_bytes).min(self.bytes.len());
        self.bytes.get(start..end).ok_or_else(beyond)
    }

    /// The bytes of the chain from `start`, at most `size` of them.
    fn chain(&self, start: u32, size: u64) -> Result<Vec<u8>, ReadError> {
        let wanted = usize::try_from(size).unwrap_or(usize::MAX);
        let mut bytes = Vec::new();
        let mut next = start;
        let mut steps = 0;
        while next < SECTOR_MARKS && bytes.len() < wanted {
            steps += 1;
            if steps > self.sectors() {
                return Err(damaged("a chain of sectors runs in a circle"));
            }
            bytes.extend_from_slice(self.sector(next)?);
            next = follow(&self.table, next)?;
        }
        bytes.truncate(wanted);
        Ok(bytes)
    }

    fn short_chain(&self, start: u32, size: u64) -> Result<Vec<u8>, ReadError> {
        let wanted = usize::try_from(size).unwrap_or(usize::MAX);
        let mut bytes = Vec::new();
        let mut next = start;
        let mut steps = 0;
        while next < SECTOR_MARKS && bytes.len() < wanted {
            steps += 1;
            if steps > self.short_table.len() {
                return Err(damaged("a chain of short sectors runs in a circle"));
            }
            let at = usize::try_from(next).unwrap_or(usize::MAX).saturating_mul(SHORT_SECTOR_BYTES);
            let end = at.saturating_add(SHORT_SECTOR_BYTES).min(self.short_stream.len());
            let sector = self.short_stream.get(at..end);
            bytes.extend_from_slice(
                sector.ok_or_else(|| damaged("a short sector lies beyond the end"))?,
            );
            next = follow(&self.short_table, next)?;
        }
        bytes.truncate(wanted);
        Ok(bytes)
    }

    /// Whether there is a stream or storage of that name, in any case.
    pub(super) fn has(&self, name: &str) -> bool {
        self.entries.iter().any(|entry| entry.name.eq_ignore_ascii_case(name))
    }

    /// The bytes of the stream of that name, in any case; `None` when there is none.
    pub(super) fn stream(&self, name: &str) -> Result<Option<Vec<u8>>, ReadError> {
        let found = self.entries.iter().find(|entry| entry.name.eq_ignore_ascii_case(name));
        match found {
            None => Ok(None),
            Some(entry) if entry.size < SHORT_STREAM_BYTES => {
                self.short_chain(entry.start, entry.size).map(Some)
            }
            Some(entry) => self.chain(entry.start, entry.size).map(Some),
        }
    }
}

fn follow(table: &[u32], sector: u32) -> Result<u32, ReadError> {
    usize::try_from(sector)
        .ok()
        .and_then(|sector| table.get(sector))
        .copied()
        .ok_or_else(|| damaged("a sector is missing from the table"))
}

/// A directory entry; `None` for an unused one.
fn entry(bytes: &[u8]) -> Option<Entry> {
    let name_bytes = usize::from(u16_at(bytes, 64)?).checked_sub(2)?.min(62);
    let units: Vec<u16> =
        bytes.get(..name_bytes)?.chunks_exact(2).filter_map(|unit| u16_at(unit, 0)).collect();
    Some(Entry {
        name: String::from_utf16_lossy(&units),
        start: u32_at(bytes, 116)?,
        // The upper half of the size is not set by all writers of small sectors.
        size: u64::from(u32_at(bytes, 120)?),
    })
}
