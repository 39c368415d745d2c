//! Reading the journal back after a crash.

use std::io;

use redb::StorageBackend;

use super::{ALIGNMENT, CHECKED_FROM, HEADER_BYTES, MAGIC, padded, region_base};

/// A frame whose checksum holds.
struct Frame {
    generation: u64,
    oldest: u64,
    sequence: u64,
    /// Length of the data file.
    length: u64,
    /// The whole frame, without padding.
    bytes: Vec<u8>,
}

impl Frame {
    /// Whether it only says that the journal holds nothing.
    fn is_marker(&self) -> bool {
        self.bytes.len() == HEADER_BYTES && self.sequence == 0 && self.oldest == self.generation
    }

    /// Writes its entries to the data file.
    fn apply(&self, data: &dyn StorageBackend) -> io::Result<()> {
        if self.is_marker() {
            return Ok(());
        }
        let mut entries = self.bytes.get(HEADER_BYTES..).unwrap_or_default();
        while !entries.is_empty() {
            let (offset, rest) = entries.split_first_chunk::<8>().ok_or_else(damaged)?;
            let (length, rest) = rest.split_first_chunk::<4>().ok_or_else(damaged)?;
            let length = usize::try_from(u32::from_be_bytes(*length)).map_err(io::Error::other)?;
            let (content, rest) = rest.split_at_checked(length).ok_or_else(damaged)?;
            write_grown(data, u64::from_be_bytes(*offset), content)?;
            entries = rest;
        }
        if data.len()? == self.length { Ok(()) } else { data.set_len(self.length) }
    }
}

/// Writes, making the file longer first where it is too short.
fn write_grown(data: &dyn StorageBackend, offset: u64, content: &[u8]) -> io::Result<()> {
    let end = offset.checked_add(content.len() as u64).ok_or_else(damaged)?;
    if data.len()? < end {
        data.set_len(end)?;
    }
    data.write(offset, content)
}

fn damaged() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the journal beside the ledger is damaged")
}

/// One region of the journal, for reading.
struct Region<'a> {
    journal: &'a dyn StorageBackend,
    base: u64,
    end: u64,
}

/// Replays the frames of the newest generation, and of the one before where it may not be in the
/// data file yet. Gives the newest generation, 0 for an empty journal. The caller syncs.
pub(super) fn replay(
    data: &dyn StorageBackend,
    journal: &dyn StorageBackend,
    region_bytes: u64,
) -> io::Result<u64> {
    let length = journal.len()?;
    let region = |base: u64| Region { journal, base, end: (base + region_bytes).min(length) };
    let (even, odd) = (region(0), region(region_bytes));
    let (first_even, first_odd) = (even.frame(0)?, odd.frame(0)?);
    let generation = |frame: &Option<Frame>| frame.as_ref().map_or(0, |frame| frame.generation);
    let newest = generation(&first_even).max(generation(&first_odd));
    for (region, first) in [(&even, &first_even), (&odd, &first_odd)] {
        // A first frame torn by a crash leaves older frames after it; a damaged one, newer.
        if first.is_none() && region.newest_after(0)?.is_some_and(|(found, _)| found > newest) {
            return Err(damaged());
        }
    }
    let (older, newer) = if newest.is_multiple_of(2) {
        ((&odd, first_odd), (&even, first_even))
    } else {
        ((&even, first_even), (&odd, first_odd))
    };
    let Some(first) = newer.1 else { return Ok(0) };
    if let Some(before) = older.1
        && before.generation + 1 == newest
        && before.generation >= first.oldest
    {
        older.0.apply(before, data)?;
    }
    newer.0.apply(first, data)?;
    debug_assert_eq!(newer.0.base, region_base(newest, region_bytes));
    Ok(newest)
}

impl Region<'_> {
    /// Applies the frames of a generation, from its first one to its last.
    fn apply(&self, first: Frame, data: &dyn StorageBackend) -> io::Result<()> {
        let generation = first.generation;
        let mut next = Some(first);
        let (mut at, mut sequence) = (0, 0);
        while let Some(frame) = next {
            if frame.generation != generation || frame.sequence != sequence {
                break;
            }
            frame.apply(data)?;
            sequence += 1;
            at += padded(frame.bytes.len());
            next = self.frame(at)?;
        }
        // Only the last frame can be torn: one after it was written once it was safe.
        match self.newest_after(at)? {
            Some((found, after)) if found == generation && after > sequence => Err(damaged()),
            Some(_) | None => Ok(()),
        }
    }

    /// The frame at an offset within the region; `None` when there is none, or a torn one.
    fn frame(&self, at: u64) -> io::Result<Option<Frame>> {
        let start = self.base + at;
        if start.saturating_add(HEADER_BYTES as u64) > self.end {
            return Ok(None);
        }
        let mut header = [0; HEADER_BYTES];
        self.journal.read(start, &mut header)?;
        let mut fields = header.as_slice();
        let (Some(magic), Some(crc), Some(bytes)) =
            (take::<8>(&mut fields), take::<4>(&mut fields), take::<4>(&mut fields))
        else {
            return Ok(None);
        };
        let (crc, bytes) = (u32::from_be_bytes(crc), u64::from(u32::from_be_bytes(bytes)));
        if magic != MAGIC || bytes < HEADER_BYTES as u64 || bytes > self.end - start {
            return Ok(None);
        }
        let mut whole = vec![0; usize::try_from(bytes).map_err(io::Error::other)?];
        self.journal.read(start, &mut whole)?;
        if crc32fast::hash(whole.get(CHECKED_FROM..).unwrap_or_default()) != crc {
            return Ok(None);
        }
        let mut field = || take::<8>(&mut fields).map_or(0, u64::from_be_bytes);
        let (generation, oldest, sequence, length) = (field(), field(), field(), field());
        Ok(Some(Frame { generation, oldest, sequence, length, bytes: whole }))
    }

    /// The greatest generation and sequence of the whole frames from an offset on.
    fn newest_after(&self, at: u64) -> io::Result<Option<(u64, u64)>> {
        let mut newest = None;
        let mut at = at;
        while self.base + at < self.end {
            if let Some(frame) = self.frame(at)? {
                newest = newest.max(Some((frame.generation, frame.sequence)));
            }
            at += ALIGNMENT as u64;
        }
        Ok(newest)
    }
}

/// Takes the first bytes off a slice.
fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (first, rest) = bytes.split_first_chunk::<N>()?;
    *bytes = rest;
    Some(*first)
}
