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
    io::{BufReader, BufWriter, Cursor, Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

pub use super::oxsnap_header::{Header, LogFrom};
use super::{VaultError, oxsnap_header::FORMAT, restore::file_error, rows};
use crate::ledger::{Head, KEY_BYTES_MAX, Lsn, RECORD_BYTES_MAX, ROW_BYTES_MAX, TableId};

const MARK: &[u8; 8] = b"oxsnap1\n";
/// What the mark of every version begins with.
const KIN: &[u8] = b"oxsnap";
/// The longest header.
const HEADER_BYTES_MAX: usize = 64 * 1024;
/// Frames of one file: half a terabyte of rows.
const FRAMES_MAX: usize = 65_536;
/// The longest frame as it is stored: rows that do not compress at all.
const FRAME_BYTES_MAX: usize = rows::PART_BYTES + ROW_BYTES_MAX + (1 << 20);
/// What the name of a file being written ends with.
const UNFINISHED: &str = "partial";
const END: u8 = 0;

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
    const fn byte(self) -> u8 {
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

/// Where a file lies while it is written.
#[must_use]
pub fn unfinished(to: &Path) -> PathBuf {
    let mut name = to.file_name().unwrap_or_default().to_owned();
    name.push(".");
    name.push(UNFINISHED);
    to.with_file_name(name)
}

/// A file being written. Removed again unless it is given its name.
pub struct Writer {
    to: PathBuf,
    unfinished: PathBuf,
    out: Option<BufWriter<File>>,
    header: [u8; 32],
    frames: Vec<[u8; 32]>,
    kind: Kind,
    raw: Vec<u8>,
    counts: Counts,
}

impl Writer {
    /// Begins the file `to`.
    ///
    /// # Errors
    /// `File` when it is there already or cannot be made.
    pub fn create(to: &Path, header: &Header) -> Result<Writer, VaultError> {
        if to.try_exists().map_err(|error| file_error(to, error))? {
            let why = "there is such a file already; it is not written over";
            let exists = std::io::Error::new(std::io::ErrorKind::AlreadyExists, why);
            return Err(file_error(to, exists));
        }
        let unfinished = unfinished(to);
        let original = !header.masked || header.contains_originals;
        let mut options = File::options();
        options.write(true).create(true).truncate(true);
        // Real names and prices are for whoever made the file.
        let file = options.mode(if original { 0o600 } else { 0o666 }).open(&unfinished);
        let file = file.map_err(|error| file_error(&unfinished, error))?;
        let text = serde_json::to_vec(header)
            .map_err(|error| VaultError::Settings(format!("the header: {error}")))?;
        let mut writer = Writer {
            to: to.to_owned(),
            unfinished,
            out: Some(BufWriter::new(file)),
            header: *blake3::hash(&text).as_bytes(),
            frames: Vec::new(),
            kind: Kind::Control,
            raw: Vec::new(),
            counts: Counts::default(),
        };
        writer.write(MARK)?;
        writer.write(&(text.len() as u32).to_be_bytes())?;
        writer.write(&text)?;
        Ok(writer)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), VaultError> {
        self.counts.bytes += bytes.len() as u64;
        let Some(out) = &mut self.out else { return Ok(()) };
        out.write_all(bytes).map_err(|error| file_error(&self.unfinished, error))
    }

    fn begin(&mut self, kind: Kind, room: usize) -> Result<(), VaultError> {
        if self.kind != kind || self.raw.len() + room > rows::PART_BYTES {
            self.frame()?;
            self.kind = kind;
        }
        Ok(())
    }

    /// Adds a row: those of the control ledger first, each ledger's by table, then by key.
    ///
    /// # Errors
    /// `File`.
    pub fn row(
        &mut self,
        kind: Kind,
        table: TableId,
        key: &[u8],
        row: &[u8],
    ) -> Result<(), VaultError> {
        self.begin(kind, key.len() + row.len())?;
        rows::put(&mut self.raw, table, key, row);
        self.counts.rows += 1;
        Ok(())
    }

    /// Adds a commit: its canonical bytes.
    ///
    /// # Errors
    /// `File`.
    pub fn commit(&mut self, canonical: &[u8]) -> Result<(), VaultError> {
        self.begin(Kind::Commits, 0)?;
        self.raw.extend_from_slice(&(canonical.len() as u32).to_be_bytes());
        self.counts.commits += 1;
        for piece in canonical.chunks(rows::PART_BYTES / 2) {
            self.begin(Kind::Commits, piece.len())?;
            self.raw.extend_from_slice(piece);
        }
        Ok(())
    }

    fn frame(&mut self) -> Result<(), VaultError> {
        if self.raw.is_empty() {
            return Ok(());
        }
        let body = rows::compress(&self.raw).map_err(|e| file_error(&self.unfinished, e))?;
        let hash = *blake3::hash(&body).as_bytes();
        self.counts.raw += self.raw.len() as u64;
        self.counts.frames += 1;
        self.raw.clear();
        self.write(&[self.kind.byte()])?;
        self.write(&(body.len() as u32).to_be_bytes())?;
        self.write(&hash)?;
        self.write(&body)?;
        self.frames.push(hash);
        Ok(())
    }

    /// Ends the file, which has no name yet.
    ///
    /// # Errors
    /// `File`.
    pub fn finish(mut self) -> Result<Unnamed, VaultError> {
        self.frame()?;
        let mut trailer = (self.frames.len() as u32).to_be_bytes().to_vec();
        trailer.extend_from_slice(&self.counts.rows.to_be_bytes());
        trailer.extend_from_slice(&self.counts.commits.to_be_bytes());
        trailer.extend_from_slice(&self.header);
        self.frames.iter().for_each(|hash| trailer.extend_from_slice(hash));
        let hash = blake3::hash(&trailer);
        self.write(&[END])?;
        self.write(&trailer)?;
        self.write(hash.as_bytes())?;
        let failed = |error| file_error(&self.unfinished, error);
        if let Some(out) = self.out.take() {
            let file = out.into_inner().map_err(|error| failed(error.into_error()))?;
            file.sync_all().map_err(failed)?;
        }
        let (to, unfinished) = (self.to.clone(), self.unfinished.clone());
        // From here on the file is the other's to remove.
        self.unfinished = PathBuf::new();
        Ok(Unnamed { to, unfinished, counts: self.counts, named: false })
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if !self.unfinished.as_os_str().is_empty() {
            drop(std::fs::remove_file(&self.unfinished));
        }
    }
}

/// A whole file that is not called what it should be yet. Removed unless it is.
pub struct Unnamed {
    to: PathBuf,
    unfinished: PathBuf,
    /// What is in it.
    pub counts: Counts,
    named: bool,
}

impl Unnamed {
    /// Where it lies for now.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.unfinished
    }

    /// Gives it its name.
    ///
    /// # Errors
    /// `File`.
    pub fn name(mut self) -> Result<Counts, VaultError> {
        std::fs::rename(&self.unfinished, &self.to).map_err(|e| file_error(&self.to, e))?;
        self.named = true;
        Ok(self.counts)
    }
}

impl Drop for Unnamed {
    fn drop(&mut self) {
        if !self.named {
            drop(std::fs::remove_file(&self.unfinished));
        }
    }
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

    fn damaged(&self, why: impl Into<String>) -> VaultError {
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
