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
