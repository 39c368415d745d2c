//! `.oxsnap`: one organisation with its people in one file.
//!
//! ```text
//! mark     8 bytes   "oxsnap1\n"
//! length   u32       of the header (big-endian, as all numbers)
//! header   JSON      whose, which commit, when, masked or not
//! frames             kind u8, length u32, BLAKE3 of the body, body
//!                    1 rows of the control ledger    a part, as in `rows.rs`
//!                    2 rows of the organisation      a part, as in `rows.rs`
//!                    3 commits                       length u32, canonical bytes, again; one may go
//!                                                    on in the next frame
//! end      u8 0
//! trailer            number of frames u32, rows u64, commits u64,
//!                    BLAKE3 of the header, then that of every frame, then of the trailer so far
//! ```
//!
//! Rows come by table, then by key. A file is written under another name and gets its own once it
//! is whole; reading holds one frame at a time and takes no length at its word.

use std::{
    fs::File,
    io::{BufReader, Cursor, Read},
    path::Path,
};

use super::{
    VaultError, oxsnap_follow::Following, oxsnap_header::FORMAT, restore::file_error, rows,
};
pub use super::{
    oxsnap_header::{Header, LogFrom},
    oxsnap_write::{Unnamed, Writer, unfinished},
};
use crate::ledger::{Head, KEY_BYTES_MAX, Lsn, RECORD_BYTES_MAX, ROW_BYTES_MAX, TableId};

pub(super) const MARK: &[u8; 8] = b"oxsnap1\n";
/// What the mark of every version begins with.
const KIN: &[u8] = b"oxsnap";
/// The longest header.
const HEADER_BYTES_MAX: usize = 64 * 1024;
/// Frames of one file: half a terabyte of rows.
const FRAMES_MAX: usize = 65_536;
/// The longest frame as it is stored: rows that do not compress at all.
const FRAME_BYTES_MAX: usize = rows::PART_BYTES + ROW_BYTES_MAX + (1 << 20);
pub(super) const END: u8 = 0;

/// What a frame holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Rows of the control ledger.
    Control,
    /// Rows of the organisation.
    Rows,
    /// Commits.
    Commits,
}

impl Kind {
    pub(super) const fn byte(self) -> u8 {
        match self {
            Kind::Control => 1,
            Kind::Rows => 2,
            Kind::Commits => 3,
        }
    }

    const fn of(byte: u8) -> Option<Kind> {
        match byte {
            1 => Some(Kind::Control),
            2 => Some(Kind::Rows),
            3 => Some(Kind::Commits),
            _ => None,
        }
    }
}

/// What is in a file, or was read so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Rows of both ledgers.
    pub rows: u64,
    /// Commits.
    pub commits: u64,
    /// Frames.
    pub frames: u64,
    /// Bytes before compression.
    pub raw: u64,
    /// Bytes of the file.
    pub bytes: u64,
}

/// A file being read, frame by frame.
pub struct Reader {
    name: String,
    input: Box<dyn Read + Send>,
    /// What it says of itself.
    pub header: Header,
    header_hash: [u8; 32],
    frames: Vec<[u8; 32]>,
    /// What was read so far.
    pub counts: Counts,
    last: Option<(Kind, TableId, Vec<u8>)>,
    /// The beginning of a commit that goes on in the next frame.
    pending: Vec<u8>,
}

impl Reader {
    /// Opens a file and reads its header.
    ///
    /// # Errors
    /// `File`; `Damaged` for what is no such file; `Newer` for one of a newer release.
    pub fn open(path: &Path) -> Result<Reader, VaultError> {
        let file = File::open(path).map_err(|error| file_error(path, error))?;
        let input = BufReader::with_capacity(1 << 16, file);
        Reader::over(path.display().to_string(), Box::new(input))
    }

    /// Reads a file behind its writer.
    ///
    /// # Errors
    /// As [`Reader::open`]; `Damaged` too where writing was given up.
    pub(super) fn follow(following: Following) -> Result<Reader, VaultError> {
        let name = following.name.clone();
        Reader::over(name, Box::new(BufReader::with_capacity(1 << 16, following)))
    }

    /// Reads the header of what is called `name`.
    fn over(name: String, input: Box<dyn Read + Send>) -> Result<Reader, VaultError> {
        let mut reader = Reader {
            name,
            input,
            header: Header::of([0; 16], Head { lsn: Lsn::ZERO, hash: [0; 32] }, 0),
            header_hash: [0; 32],
            frames: Vec::new(),
            counts: Counts::default(),
            last: None,
            pending: Vec::new(),
        };
        let mut mark = [0; MARK.len()];
        let marked = reader.fill(&mut mark).is_ok();
        if marked && mark != *MARK && mark.starts_with(KIN) {
            return Err(VaultError::Newer(reader.name));
        }
        if !marked || mark != *MARK {
            return Err(reader.damaged("it is no snapshot of oxFlow"));
        }
        let length = reader.u32()? as usize;
        if length > HEADER_BYTES_MAX {
            return Err(reader.damaged("its header says it is longer than any"));
        }
        let text = reader.take(length)?;
        reader.header_hash = *blake3::hash(&text).as_bytes();
        reader.header = super::format::read(&reader.name, &text, FORMAT)?;
        Ok(reader)
    }

    pub(super) fn damaged(&self, why: impl Into<String>) -> VaultError {
        VaultError::damaged(&self.name, why)
    }

    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), VaultError> {
        self.counts.bytes += bytes.len() as u64;
        self.input.read_exact(bytes).map_err(|error| match error.kind() {
            std::io::ErrorKind::UnexpectedEof => VaultError::damaged(&self.name, "it is cut short"),
            _ => VaultError::File { path: self.name.clone(), cause: error },
        })
    }

    /// Bytes of a length somebody claims: no more memory than there are bytes.
    fn take(&mut self, length: usize) -> Result<Vec<u8>, VaultError> {
        let mut bytes = Vec::new();
        let read = (&mut self.input).take(length as u64).read_to_end(&mut bytes);
        read.map_err(|cause| VaultError::File { path: self.name.clone(), cause })?;
        self.counts.bytes += bytes.len() as u64;
        if bytes.len() == length { Ok(bytes) } else { Err(self.damaged("it is cut short")) }
    }

    fn u32(&mut self) -> Result<u32, VaultError> {
        let mut bytes = [0; 4];
        self.fill(&mut bytes)?;
        Ok(u32::from_be_bytes(bytes))
    }

    fn u64(&mut self) -> Result<u64, VaultError> {
        let mut bytes = [0; 8];
        self.fill(&mut bytes)?;
        Ok(u64::from_be_bytes(bytes))
    }

    /// The next frame, verified and decompressed; none once the file is read and its trailer holds.
    ///
    /// # Errors
    /// `Damaged`, `File`.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, VaultError> {
        let mut kind = [0];
        self.fill(&mut kind)?;
        if kind == [END] {
            return self.trailer().map(|()| None);
        }
        let number = self.frames.len() + 1;
        let kind = Kind::of(kind[0])
            .ok_or_else(|| self.damaged(format!("frame {number} is of no known kind")))?;
        let length = self.u32()? as usize;
        if length > FRAME_BYTES_MAX || number > FRAMES_MAX {
            return Err(self.damaged(format!("frame {number} says it is longer than any")));
        }
        let mut hash = [0; 32];
        self.fill(&mut hash)?;
        let body = self.take(length)?;
        if blake3::hash(&body) != hash {
            return Err(self.damaged(format!("the checksum of frame {number} does not hold")));
        }
        self.frames.push(hash);
        let raw = rows::decompress(&self.name, &body)?;
        self.counts.frames += 1;
        self.counts.raw += raw.len() as u64;
        let name = format!("{}, frame {number}", self.name);
        let raw = if kind == Kind::Commits { self.whole_commits(&name, &raw)? } else { raw };
        let frame = Frame { kind, raw, name };
        self.count(&frame)?;
        Ok(Some(frame))
    }

    /// The commits that are whole now; what is left goes on in the next frame.
    fn whole_commits(&mut self, name: &str, raw: &[u8]) -> Result<Vec<u8>, VaultError> {
        self.pending.extend_from_slice(raw);
        let mut whole = 0;
        while let Some(length) = self.pending.get(whole..).and_then(<[u8]>::first_chunk::<4>) {
            let length = u32::from_be_bytes(*length) as usize;
            if length > RECORD_BYTES_MAX {
                return Err(VaultError::damaged(name, "a commit says it is longer than any"));
            }
            if self.pending.len() - whole - 4 < length {
                break;
            }
            whole += 4 + length;
        }
        let rest = self.pending.split_off(whole);
        Ok(std::mem::replace(&mut self.pending, rest))
    }

    /// Counts what is in a frame, and holds it to the order there must be.
    fn count(&mut self, frame: &Frame) -> Result<(), VaultError> {
        let rank = frame.kind.byte();
        if self.last.as_ref().is_some_and(|(kind, ..)| kind.byte() > rank) {
            return Err(self.damaged("its frames are not in order"));
        }
        let Reader { last, counts, .. } = self;
        if frame.kind == Kind::Commits {
            *last = Some((frame.kind, TableId(0), Vec::new()));
            return frame.commits(|_| {
                counts.commits += 1;
                Ok(())
            });
        }
        let mut before = last.take().filter(|(kind, ..)| *kind == frame.kind);
        frame.rows(|row| {
            if row.key.is_empty() || row.key.len() > KEY_BYTES_MAX {
                return Err(VaultError::damaged(&frame.name, "a row has no key"));
            }
            if let Some((_, table, key)) = &before
                && (*table, key.as_slice()) >= (row.table, row.key)
            {
                return Err(VaultError::damaged(&frame.name, "its rows are not in order"));
            }
            let mut key = before.take().map(|(_, _, key)| key).unwrap_or_default();
            key.clear();
            key.extend_from_slice(row.key);
            before = Some((frame.kind, row.table, key));
            counts.rows += 1;
            Ok(())
        })?;
        *last = before;
        Ok(())
    }

    fn trailer(&mut self) -> Result<(), VaultError> {
        if !self.pending.is_empty() {
            return Err(self.damaged("its last commit is cut short"));
        }
        let count = self.u32()?;
        let (rows, commits) = (self.u64()?, self.u64()?);
        if count as usize != self.frames.len()
            || (rows, commits) != (self.counts.rows, self.counts.commits)
        {
            return Err(self.damaged("its trailer counts other frames than there are"));
        }
        let mut hash = blake3::Hasher::new();
        hash.update(&count.to_be_bytes());
        hash.update(&rows.to_be_bytes());
        hash.update(&commits.to_be_bytes());
        for number in 0..=self.frames.len() {
            let mut found = [0; 32];
            self.fill(&mut found)?;
            hash.update(&found);
            let (expected, what) = match number.checked_sub(1).and_then(|at| self.frames.get(at)) {
                Some(frame) => (frame, "a frame"),
                None => (&self.header_hash, "the header"),
            };
            if found != *expected {
                return Err(self.damaged(format!("its trailer knows another checksum of {what}")));
            }
        }
        let mut end = [0; 32];
        self.fill(&mut end)?;
        if hash.finalize() != end {
            return Err(self.damaged("the checksum of its trailer does not hold"));
        }
        let mut more = [0];
        match self.input.read(&mut more) {
            Ok(0) => Ok(()),
            Ok(_) => Err(self.damaged("there is more in it than its trailer says")),
            Err(cause) => Err(VaultError::File { path: self.name.clone(), cause }),
        }
    }
}

/// Verified rows or commits of a file.
pub struct Frame {
    /// What they are.
    pub kind: Kind,
    pub(super) raw: Vec<u8>,
    pub(super) name: String,
}

impl Frame {
    /// Visits its rows.
    ///
    /// # Errors
    /// `Damaged`, or what `visit` gives.
    pub(super) fn rows(
        &self,
        visit: impl FnMut(rows::RowRef<'_>) -> Result<(), VaultError>,
    ) -> Result<(), VaultError> {
        rows::each(&self.name, &self.raw, visit)
    }

    /// Visits its commits: their canonical bytes.
    ///
    /// # Errors
    /// `Damaged`, or what `visit` gives.
    pub(super) fn commits(
        &self,
        mut visit: impl FnMut(&[u8]) -> Result<(), VaultError>,
    ) -> Result<(), VaultError> {
        let cut = || VaultError::damaged(&self.name, "a commit is cut short");
        let mut raw = self.raw.as_slice();
        while !raw.is_empty() {
            let (length, rest) = raw.split_first_chunk::<4>().ok_or_else(cut)?;
            let length = u32::from_be_bytes(*length) as usize;
            let (commit, rest) = rest.split_at_checked(length).ok_or_else(cut)?;
            visit(commit)?;
            raw = rest;
        }
        Ok(())
    }
}

/// Reads a file to its end: every checksum, every count, the order of its rows. Flat memory.
///
/// # Errors
/// `Damaged`, `File`.
pub fn verify(path: &Path) -> Result<(Header, Counts), VaultError> {
    verify_telling(path, |_| ())
}

/// As [`verify`]; `progress` is told how far it is.
///
/// # Errors
/// As [`verify`].
pub fn verify_telling(
    path: &Path,
    progress: impl FnMut(Counts),
) -> Result<(Header, Counts), VaultError> {
    to_its_end(Reader::open(path)?, progress)
}

/// As [`verify`], of a file in memory that is called `name`.
///
/// # Errors
/// As [`verify`].
pub fn verify_bytes(name: &str, bytes: Vec<u8>) -> Result<(Header, Counts), VaultError> {
    to_its_end(Reader::over(name.to_owned(), Box::new(Cursor::new(bytes)))?, |_| ())
}

fn to_its_end(
    mut reader: Reader,
    mut progress: impl FnMut(Counts),
) -> Result<(Header, Counts), VaultError> {
    while reader.next_frame()?.is_some() {
        progress(reader.counts);
    }
    Ok((reader.header, reader.counts))
}
