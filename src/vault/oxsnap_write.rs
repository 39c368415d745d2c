//! Writing an `.oxsnap`: frames as they fill, then the trailer, then the name.

use std::{
    fs::File,
    io::{BufWriter, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::mpsc::Sender,
};

use super::{
    VaultError,
    oxsnap::{Counts, END, Header, Kind, MARK},
    oxsnap_follow::Following,
    restore::file_error,
    rows,
};
use crate::ledger::TableId;

/// What the name of a file being written ends with.
const UNFINISHED: &str = "partial";

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
    /// Who reads behind is told how much of the file there is.
    followed: Option<Sender<u64>>,
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
        // What a killed writer left is nobody's, and may be readable to more than this one is meant for.
        drop(std::fs::remove_file(&unfinished));
        let mut options = File::options();
        options.write(true).create_new(true);
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
            followed: None,
        };
        writer.write(MARK)?;
        writer.write(&(text.len() as u32).to_be_bytes())?;
        writer.write(&text)?;
        Ok(writer)
    }

    /// The file as far as it is written, to be read from it while it grows; to be asked for before
    /// the first row. It ends where writing does.
    ///
    /// # Errors
    /// `File`.
    pub(super) fn follow(&mut self) -> Result<Following, VaultError> {
        let name = self.to.display().to_string();
        let following = Following::new(&self.unfinished, name);
        let (followed, following) = following.map_err(|e| file_error(&self.unfinished, e))?;
        self.followed = Some(followed);
        self.tell()?;
        Ok(following)
    }

    /// Has what was written so far stand in the file, and tells who follows.
    fn tell(&mut self) -> Result<(), VaultError> {
        let (Some(out), Some(followed)) = (&mut self.out, &self.followed) else { return Ok(()) };
        out.flush().map_err(|error| file_error(&self.unfinished, error))?;
        // Who follows no more has found what is wrong and says it.
        let _ = followed.send(self.counts.bytes);
        Ok(())
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
        self.tell()
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
        self.tell()?;
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
