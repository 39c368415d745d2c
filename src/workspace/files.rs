//! Files, kept under the hash of their bytes.

use super::{Workspace, WorkspaceError, tables};
use crate::ledger::{Row, decode};
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Bytes of a file: with its framing it fits a row ([`crate::ledger::ROW_BYTES_MAX`]). A schedule of
/// 100,000 items stays far below.
pub const FILE_BYTES_MAX: usize = 15 << 20;
/// Files of one submission or hand-over.
pub const FILES_MAX: usize = 10;

/// The bytes of a file, as they are stored.
#[derive(Serialize, Deserialize)]
pub(super) struct StoredFile {
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl Row for StoredFile {
    const FORMAT: u8 = 1;
}

/// SHA-256 of bytes, as hexadecimal text. O(bytes).
pub fn hash_of(bytes: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(bytes))
}

/// As [`hash_of`], of all that a reader gives, piece by piece.
///
/// # Errors
/// When reading fails.
pub fn hash_of_reader(mut reader: impl std::io::Read) -> std::io::Result<String> {
    let mut hash = HashWriter(Sha256::new());
    std::io::copy(&mut reader, &mut hash)?;
    Ok(HEXLOWER.encode(&hash.0.finalize()))
}

/// A hash as a place to write to.
struct HashWriter(Sha256);

impl std::io::Write for HashWriter {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Workspace {
    /// The bytes of a file; none where there is no such file. O(bytes).
    ///
    /// # Errors
    /// Storage errors.
    pub fn file(&self, hash: &str) -> Result<Option<Vec<u8>>, WorkspaceError> {
        let snapshot = self.reader().snapshot()?;
        let row = snapshot.get(tables::FILES, hash.as_bytes())?;
        Ok(row.map(|row| decode::<StoredFile>(&row)).transpose()?.map(|file| file.bytes))
    }
}
