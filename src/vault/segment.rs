//! Commits in a row, as one object.
//!
//! The body of the object (see `envelope.rs`); integers are big-endian:
//!
//! ```text
//! mark      4 bytes  "seg1"
//! organisation  16 bytes
//! schema    u32      version of the rows after it
//! epoch     u64      the lease it was written under
//! first, last  u64   commits it holds
//! from, to  i64      when the first and the last were made, microseconds since 1970
//! before    32 bytes hash of the commit before the first
//! after     32 bytes hash of the last
//! length    u64      bytes of the commits before compression
//! commits            zstd: for each a u32 length and its canonical bytes
//! ```
//!
//! Hashes of commits are left out: they follow from `before` and the canonical bytes, and `after`
//! proves the whole.

use super::{VaultError, catalogue::Level, lease::hex};
use crate::ledger::{Hash, Head, Lsn, RECORD_BYTES_MAX, chain_hash};

const MARK: &[u8; 4] = b"seg1";
/// Level of compression: half the bytes of the fastest at a third of its speed.
const LEVEL: i32 = 3;
/// Bytes of commits after which a segment is closed, before compression.
pub(super) const RAW_BYTES: usize = 8 * 1024 * 1024;
/// The largest segment read, before compression: one that was almost full and one commit.
const RAW_BYTES_MAX: u64 = (RECORD_BYTES_MAX + RAW_BYTES) as u64 + 8;

/// What a segment says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub organisation: [u8; 16],
    pub schema: u32,
    pub epoch: u64,
    pub first: Lsn,
    pub last: Lsn,
    pub from_us: i64,
    pub to_us: i64,
    pub before: Hash,
    pub after: Hash,
}

/// A segment taken apart and verified.
#[derive(Debug)]
pub(super) struct Segment {
    pub header: Header,
    /// Canonical bytes of each commit.
    pub commits: Vec<Vec<u8>>,
    /// Hash of each commit.
    pub hashes: Vec<Hash>,
}

/// Gathers commits into a segment.
pub(super) struct Builder {
    raw: Vec<u8>,
    header: Header,
}

impl Builder {
    /// Begins with nothing after `head`.
    pub(super) fn after(organisation: [u8; 16], schema: u32, epoch: u64, head: Head) -> Builder {
        let header = Header {
            organisation,
            schema,
            epoch,
            first: head.lsn.next(),
            last: head.lsn,
            from_us: 0,
            to_us: 0,
            before: head.hash,
            after: head.hash,
        };
        Builder { raw: Vec::new(), header }
    }

    /// Adds the next commit: its canonical bytes and its hash. Its number and time are read from
    /// the bytes.
    pub(super) fn push(&mut self, canonical: &[u8], hash: Hash) {
        let at_us = at_us(canonical).unwrap_or(self.header.to_us);
        if self.is_empty() {
            self.header.from_us = at_us;
        }
        self.header.last = self.header.last.next();
        (self.header.to_us, self.header.after) = (at_us, hash);
        self.raw.extend_from_slice(&(canonical.len() as u32).to_be_bytes());
        self.raw.extend_from_slice(canonical);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.raw.is_empty()
    }

    /// Bytes of the commits so far.
    pub(super) fn bytes(&self) -> usize {
        self.raw.len()
    }

    /// The newest commit in it.
    pub(super) fn head(&self) -> Head {
        Head { lsn: self.header.last, hash: self.header.after }
    }

    /// Key and body of the object.
    pub(super) fn finish(self, level: Level) -> std::io::Result<(String, Vec<u8>)> {
        let Builder { raw, header } = self;
        let mut body = Vec::with_capacity(raw.len() / 2 + 256);
        body.extend_from_slice(MARK);
        body.extend_from_slice(&header.organisation);
        body.extend_from_slice(&header.schema.to_be_bytes());
        for number in [header.epoch, header.first.0, header.last.0] {
            body.extend_from_slice(&number.to_be_bytes());
        }
        for time in [header.from_us, header.to_us] {
            body.extend_from_slice(&time.to_be_bytes());
        }
        body.extend_from_slice(&header.before);
        body.extend_from_slice(&header.after);
        body.extend_from_slice(&(raw.len() as u64).to_be_bytes());
        body.extend_from_slice(&zstd::bulk::compress(&raw, LEVEL)?);
        Ok((key(header.epoch, header.first, header.last, level), body))
    }
}

/// Key of the segment with these commits.
pub(super) fn key(epoch: u64, first: Lsn, last: Lsn, level: Level) -> String {
    format!("wal/{epoch:010}/{:020}-{:020}{}", first.0, last.0, level.ending())
}

/// When a commit was made, from its canonical bytes.
pub(super) fn at_us(canonical: &[u8]) -> Option<i64> {
    Some(i64::from_be_bytes(*canonical.get(9..)?.first_chunk()?))
}

/// Whose segment a body is, and the version of the rows after it.
pub(super) fn whose(body: &[u8]) -> Option<([u8; 16], u32)> {
    let mut input = Input(body.strip_prefix(MARK)?);
    Some((input.take()?, u32::from_be_bytes(input.take()?)))
}

/// When the first commit of a body was made.
pub(super) fn from_us(body: &[u8]) -> Option<i64> {
    let mut input = Input(body.strip_prefix(MARK)?);
    let _: ([u8; 16], [u8; 4]) = (input.take()?, input.take()?);
    let _: [[u8; 8]; 3] = [input.take()?, input.take()?, input.take()?];
    input.take().map(i64::from_be_bytes)
}

impl Segment {
    /// The hash of the chain at a commit of it, or at the one before its first.
    pub(super) fn hash_at(&self, lsn: Lsn) -> Option<Hash> {
        match lsn.0.checked_sub(self.header.first.0) {
            Some(at) => self.hashes.get(usize::try_from(at).ok()?).copied(),
            None => (lsn == self.header.first.prev()).then_some(self.header.before),
        }
    }

    /// Takes a body apart and verifies the chain through it. O(size).
    ///
    /// # Errors
    /// `Damaged` for anything that does not hold.
    pub(super) fn read(
        key: &str,
        organisation: &[u8; 16],
        body: &[u8],
    ) -> Result<Segment, VaultError> {
        let damaged = |why: &str| VaultError::damaged(key, why);
        let mut input = Input(body);
        let cut = || damaged("it is cut short");
        match input.take::<4>().ok_or_else(cut)? {
            mark if mark == *MARK => {}
            [b's', b'e', b'g', _] => return Err(VaultError::Newer(key.to_owned())),
            _ => return Err(damaged("it is no segment")),
        }
        let number = |input: &mut Input<'_>| input.take().map(u64::from_be_bytes);
        let found = input.take().ok_or_else(cut)?;
        let schema = input.take().map(u32::from_be_bytes).ok_or_else(cut)?;
        let epoch = number(&mut input).ok_or_else(cut)?;
        let first = Lsn(number(&mut input).ok_or_else(cut)?);
        let last = Lsn(number(&mut input).ok_or_else(cut)?);
        let from_us = input.take().map(i64::from_be_bytes).ok_or_else(cut)?;
        let to_us = input.take().map(i64::from_be_bytes).ok_or_else(cut)?;
        let before: Hash = input.take().ok_or_else(cut)?;
        let after: Hash = input.take().ok_or_else(cut)?;
        let length = number(&mut input).ok_or_else(cut)?;
        if found != *organisation {
            return Err(damaged("it belongs to another organisation"));
        }
        if length > RAW_BYTES_MAX {
            return Err(damaged("it says it is larger than any segment"));
        }
        let raw = zstd::bulk::decompress(input.0, length as usize)
            .map_err(|error| damaged(&format!("it does not decompress: {error}")))?;
        let organisation = found;
        let header =
            Header { organisation, schema, epoch, first, last, from_us, to_us, before, after };
        let (mut commits, mut hashes) = (Vec::new(), Vec::new());
        let (mut rest, mut hash, mut lsn) = (Input(&raw), before, first);
        while !rest.0.is_empty() {
            let length = rest.take().map(u32::from_be_bytes).ok_or_else(cut)?;
            let (commit, left) = rest.0.split_at_checked(length as usize).ok_or_else(cut)?;
            rest = Input(left);
            if commit.get(1..9) != Some(lsn.0.to_be_bytes().as_slice()) {
                return Err(damaged(&format!("it does not hold commit {lsn} where it should")));
            }
            hash = chain_hash(&hash, commit);
            lsn = lsn.next();
            commits.push(commit.to_vec());
            hashes.push(hash);
        }
        if lsn != last.next() || hash != after {
            let why = format!(
                "its chain ends at commit {} with {}, not at {last} with {}",
                lsn.prev(),
                hex(&hash),
                hex(&after)
            );
            return Err(damaged(&why));
        }
        Ok(Segment { header, commits, hashes })
    }
}

struct Input<'a>(&'a [u8]);

impl Input<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*head)
    }
}
