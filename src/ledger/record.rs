//! Commit records, their canonical bytes and their hashes.
//!
//! The canonical bytes do not depend on bincode or serde, so that a chain can be verified by
//! any program, for ever. All integers are big-endian; `blob` is a `u32` length and that many
//! bytes; `image` is a byte 0 (absent) or a byte 1 and a blob.
//!
//! ```text
//! format   u8      1
//! lsn      u64
//! at_us    i64     two's complement, microseconds since 1970-01-01 UTC
//! actor    16 bytes
//! command  blob    UTF-8
//! note     blob
//! count    u32     number of changes
//! change   count times: table u8, key blob, before image, after image
//! ```
//!
//! `hash = SHA-256(prev_hash || canonical bytes)`. The record with lsn 1 has
//! `prev_hash = SHA-256("oxflow ledger" || organisation)`, so a chain belongs to its organisation.
//! The `log` table stores `canonical bytes || prev_hash || hash`.

use std::fmt;

use sha2::{Digest, Sha256};

/// Format byte of the canonical bytes, the first byte of every stored record.
pub const RECORD_FORMAT: u8 = 1;
/// The longest record accepted, in canonical bytes: a whole imported estimate fits.
pub const RECORD_BYTES_MAX: usize = 512 * 1024 * 1024;
/// The longest row key accepted, in bytes (its length is one byte in `touched`).
pub const KEY_BYTES_MAX: usize = 255;
/// The longest command name accepted, in bytes.
pub const COMMAND_BYTES_MAX: usize = 255;
/// Bytes of `prev_hash` and `hash` after the canonical bytes of a stored record.
const TRAILER_BYTES: usize = 64;

/// A SHA-256 digest.
pub type Hash = [u8; 32];

/// Log sequence number: the first commit of a ledger has 1, each next one more. 0 is the
/// position of an empty ledger.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Default,
    serde::Serialize,
    serde::Deserialize,
)]
#[serde(transparent)]
pub struct Lsn(pub u64);

impl Lsn {
    /// The position before the first commit.
    pub const ZERO: Lsn = Lsn(0);

    /// The position after this one (saturating: 2^64 commits are out of reach).
    #[must_use]
    pub const fn next(self) -> Lsn {
        Lsn(self.0.saturating_add(1))
    }

    /// The position before this one; that of 0 is 0.
    #[must_use]
    pub const fn prev(self) -> Lsn {
        Lsn(self.0.saturating_sub(1))
    }
}

impl fmt::Display for Lsn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Number of an entity table, given and named by a [`Schema`](super::Schema); never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TableId(pub u8);

impl fmt::Display for TableId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One row before and after a commit. `None` before: the row is new; `None` after: it is removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Table of the row.
    pub table: TableId,
    /// Key of the row, 1 to [`KEY_BYTES_MAX`] bytes.
    pub key: Vec<u8>,
    /// Stored bytes before the commit.
    pub before: Option<Vec<u8>>,
    /// Stored bytes after the commit.
    pub after: Option<Vec<u8>>,
}

impl Change {
    /// The change that takes this one back.
    #[must_use]
    pub fn inverse(&self) -> Change {
        Change {
            table: self.table,
            key: self.key.clone(),
            before: self.after.clone(),
            after: self.before.clone(),
        }
    }
}

/// What a command wants committed, before it has a number and a hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// When, microseconds since 1970-01-01 UTC.
    pub at_us: i64,
    /// Who: a user's UUID, or zero for the system itself.
    pub actor: [u8; 16],
    /// Name of the command, at most [`COMMAND_BYTES_MAX`] bytes.
    pub command: String,
    /// What the layer above keeps with the commit; opaque here.
    pub note: Vec<u8>,
    /// The rows, each at most once.
    pub changes: Vec<Change>,
}

/// One commit, as kept in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its position.
    pub lsn: Lsn,
    /// When, microseconds since 1970-01-01 UTC.
    pub at_us: i64,
    /// Who: a user's UUID, or zero for the system itself.
    pub actor: [u8; 16],
    /// Name of the command.
    pub command: String,
    /// What the layer above keeps with the commit.
    pub note: Vec<u8>,
    /// The rows, each at most once.
    pub changes: Vec<Change>,
    /// Hash of the record before, or the genesis hash.
    pub prev_hash: Hash,
    /// Hash of this record.
    pub hash: Hash,
}

/// Why stored bytes are not a record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// Written by a newer release.
    #[error("record format {found} is newer than {RECORD_FORMAT}, the newest this release reads")]
    Format {
        /// Format byte found.
        found: u8,
    },
    /// The bytes end inside a field.
    #[error("the record is cut short")]
    Short,
    /// Bytes follow the last change.
    #[error("the record has bytes left over")]
    Long,
    /// A field holds what no writer puts there.
    #[error("the record has a bad {0}")]
    Field(&'static str),
}

/// `prev_hash` of an organisation's first record.
#[must_use]
pub fn genesis_hash(organisation: &[u8; 16]) -> Hash {
    let mut sha = Sha256::new();
    sha.update(b"oxflow ledger");
    sha.update(organisation);
    sha.finalize().into()
}

/// The chain's hash: `SHA-256(prev_hash || canonical)`. The only place it is computed. O(size).
#[must_use]
pub fn chain_hash(prev_hash: &Hash, canonical: &[u8]) -> Hash {
    let mut sha = Sha256::new();
    sha.update(prev_hash);
    sha.update(canonical);
    sha.finalize().into()
}

impl Record {
    /// Numbers and chains a draft; gives the record and its stored bytes. O(size).
    ///
    /// # Errors
    /// `Field` when a part of the draft is over its limit.
    pub(super) fn seal(
        draft: Draft,
        lsn: Lsn,
        prev_hash: Hash,
    ) -> Result<(Record, Vec<u8>), RecordError> {
        let Draft { at_us, actor, command, note, changes } = draft;
        let mut record =
            Record { lsn, at_us, actor, command, note, changes, prev_hash, hash: [0; 32] };
        let mut stored = record.canonical_bytes()?;
        record.hash = chain_hash(&prev_hash, &stored);
        stored.extend_from_slice(&record.prev_hash);
        stored.extend_from_slice(&record.hash);
        Ok((record, stored))
    }

    /// The bytes the hash covers (see the module's documentation). O(size).
    ///
    /// # Errors
    /// `Field` when a part is over its limit.
    pub fn canonical_bytes(&self) -> Result<Vec<u8>, RecordError> {
        if self.command.len() > COMMAND_BYTES_MAX {
            return Err(RecordError::Field("command"));
        }
        let changes_bytes = self.changes.iter().map(change_bytes).fold(0, usize::saturating_add);
        let bytes = changes_bytes.saturating_add(64 + self.command.len() + self.note.len());
        if bytes > RECORD_BYTES_MAX {
            return Err(RecordError::Field("size"));
        }
        let mut out = Vec::with_capacity(bytes + TRAILER_BYTES);
        out.push(RECORD_FORMAT);
        out.extend_from_slice(&self.lsn.0.to_be_bytes());
        out.extend_from_slice(&self.at_us.to_be_bytes());
        out.extend_from_slice(&self.actor);
        put_blob(&mut out, self.command.as_bytes())?;
        put_blob(&mut out, &self.note)?;
        put_count(&mut out, self.changes.len())?;
        for change in &self.changes {
            if change.key.is_empty() || change.key.len() > KEY_BYTES_MAX {
                return Err(RecordError::Field("key"));
            }
            out.push(change.table.0);
            put_blob(&mut out, &change.key)?;
            put_image(&mut out, change.before.as_deref())?;
            put_image(&mut out, change.after.as_deref())?;
        }
        Ok(out)
    }

    /// Reads stored bytes back. Does not verify the hash. O(size).
    ///
    /// # Errors
    /// Any [`RecordError`]; never panics, whatever the bytes.
    pub fn from_stored(stored: &[u8]) -> Result<Record, RecordError> {
        let (canonical, prev_hash, hash) = split_stored(stored)?;
        let mut input = Reader(canonical);
        let found = u8::from_be_bytes(input.array()?);
        if found != RECORD_FORMAT {
            return Err(RecordError::Format { found });
        }
        let lsn = Lsn(u64::from_be_bytes(input.array()?));
        let at_us = i64::from_be_bytes(input.array()?);
        let actor = input.array()?;
        let command =
            String::from_utf8(input.blob()?.to_vec()).map_err(|_| RecordError::Field("command"))?;
        if command.len() > COMMAND_BYTES_MAX {
            return Err(RecordError::Field("command"));
        }
        let note = input.blob()?.to_vec();
        let count = u32::from_be_bytes(input.array()?);
        let mut changes = Vec::new();
        for _ in 0..count {
            let [table] = input.array()?;
            let key = input.blob()?.to_vec();
            if key.is_empty() || key.len() > KEY_BYTES_MAX {
                return Err(RecordError::Field("key"));
            }
            let (before, after) = (input.image()?, input.image()?);
            changes.push(Change { table: TableId(table), key, before, after });
        }
        if !input.0.is_empty() {
            return Err(RecordError::Long);
        }
        Ok(Record { lsn, at_us, actor, command, note, changes, prev_hash, hash })
    }

    /// The record a draft becomes after `head`, and its canonical bytes. O(size).
    ///
    /// # Errors
    /// A draft that is too long.
    pub fn after(head: super::Head, draft: Draft) -> Result<(Record, Vec<u8>), RecordError> {
        let (record, mut stored) = Record::seal(draft, head.lsn.next(), head.hash)?;
        stored.truncate(stored.len() - 64);
        Ok((record, stored))
    }

    /// Reads canonical bytes that follow `prev_hash`, and works out their hash. Gives the record
    /// and its stored bytes. O(size).
    ///
    /// # Errors
    /// As [`Record::from_stored`].
    pub fn from_canonical(
        mut canonical: Vec<u8>,
        prev_hash: &Hash,
    ) -> Result<(Record, Vec<u8>), RecordError> {
        let hash = chain_hash(prev_hash, &canonical);
        canonical.extend_from_slice(prev_hash);
        canonical.extend_from_slice(&hash);
        Ok((Record::from_stored(&canonical)?, canonical))
    }
}

/// Splits stored bytes into canonical bytes, `prev_hash` and `hash`. O(1).
///
/// # Errors
/// `Short` for bytes that are too few to be a record.
pub fn split_stored(stored: &[u8]) -> Result<(&[u8], Hash, Hash), RecordError> {
    let (rest, hash) = stored.split_last_chunk::<32>().ok_or(RecordError::Short)?;
    let (canonical, prev_hash) = rest.split_last_chunk::<32>().ok_or(RecordError::Short)?;
    Ok((canonical, *prev_hash, *hash))
}

fn change_bytes(change: &Change) -> usize {
    let images = [&change.before, &change.after];
    images.iter().filter_map(|image| image.as_ref()).map(|image| image.len() + 4).sum::<usize>()
        + change.key.len()
        + 7
}

fn put_count(out: &mut Vec<u8>, count: usize) -> Result<(), RecordError> {
    let count = u32::try_from(count).map_err(|_| RecordError::Field("size"))?;
    out.extend_from_slice(&count.to_be_bytes());
    Ok(())
}

fn put_blob(out: &mut Vec<u8>, blob: &[u8]) -> Result<(), RecordError> {
    put_count(out, blob.len())?;
    out.extend_from_slice(blob);
    Ok(())
}

fn put_image(out: &mut Vec<u8>, image: Option<&[u8]>) -> Result<(), RecordError> {
    match image {
        None => out.push(0),
        Some(image) => {
            out.push(1);
            put_blob(out, image)?;
        }
    }
    Ok(())
}

/// What is left to read of canonical bytes.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn array<const N: usize>(&mut self) -> Result<[u8; N], RecordError> {
        let (head, rest) = self.0.split_first_chunk::<N>().ok_or(RecordError::Short)?;
        self.0 = rest;
        Ok(*head)
    }

    fn blob(&mut self) -> Result<&'a [u8], RecordError> {
        let length = u32::from_be_bytes(self.array()?);
        let length = usize::try_from(length).map_err(|_| RecordError::Short)?;
        let (head, rest) = self.0.split_at_checked(length).ok_or(RecordError::Short)?;
        self.0 = rest;
        Ok(head)
    }

    fn image(&mut self) -> Result<Option<Vec<u8>>, RecordError> {
        match self.array()? {
            [0] => Ok(None),
            [1] => Ok(Some(self.blob()?.to_vec())),
            [_] => Err(RecordError::Field("image")),
        }
    }
}
