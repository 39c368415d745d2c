//! Rows in order, as bytes: what parts of a snapshot hold.
//!
//! A part is zstd over rows one after another: table `u8`, key length `u8`, row length `u32`
//! (big-endian), key, row. Rows come by table, then by key; a table may go on in the next part.

use super::VaultError;
use crate::ledger::{KEY_BYTES_MAX, ROW_BYTES_MAX, TableId};

/// Bytes of rows after which a part is closed, before compression.
pub(super) const PART_BYTES: usize = 8 * 1024 * 1024;
/// The largest part read, before compression: one that was almost full and one row.
const PART_BYTES_MAX: usize = PART_BYTES + ROW_BYTES_MAX + KEY_BYTES_MAX + HEAD_BYTES;
/// Bytes before each row.
const HEAD_BYTES: usize = 6;
/// Level of compression.
const LEVEL: i32 = 3;

/// One row of a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RowRef<'a> {
    pub table: TableId,
    pub key: &'a [u8],
    pub row: &'a [u8],
}

/// Adds a row to the bytes of a part.
pub(super) fn put(raw: &mut Vec<u8>, table: TableId, key: &[u8], row: &[u8]) {
    raw.push(table.0);
    raw.push(key.len() as u8);
    raw.extend_from_slice(&(row.len() as u32).to_be_bytes());
    raw.extend_from_slice(key);
    raw.extend_from_slice(row);
}

/// The body of a part.
pub(super) fn compress(raw: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut body = (raw.len() as u64).to_be_bytes().to_vec();
    body.extend_from_slice(&zstd::bulk::compress(raw, LEVEL)?);
    Ok(body)
}

/// The rows of a part before compression.
///
/// # Errors
/// `Damaged`.
pub(super) fn decompress(name: &str, body: &[u8]) -> Result<Vec<u8>, VaultError> {
    let (length, packed) =
        body.split_first_chunk().ok_or_else(|| VaultError::damaged(name, "it is cut short"))?;
    let length = u64::from_be_bytes(*length);
    if length > PART_BYTES_MAX as u64 {
        return Err(VaultError::damaged(name, "it says it is larger than any part"));
    }
    zstd::bulk::decompress(packed, length as usize)
        .map_err(|error| VaultError::damaged(name, format!("it does not decompress: {error}")))
}

/// Visits the rows of a part in order.
///
/// # Errors
/// `Damaged`, or what `visit` gives.
pub(super) fn each<'a>(
    name: &str,
    mut raw: &'a [u8],
    mut visit: impl FnMut(RowRef<'a>) -> Result<(), VaultError>,
) -> Result<(), VaultError> {
    let cut = || VaultError::damaged(name, "a row is cut short");
    while !raw.is_empty() {
        let ([table, key, a, b, c, d], rest) =
            raw.split_first_chunk::<HEAD_BYTES>().ok_or_else(cut)?;
        let row = u32::from_be_bytes([*a, *b, *c, *d]) as usize;
        let (key, rest) = rest.split_at_checked(usize::from(*key)).ok_or_else(cut)?;
        let (row, rest) = rest.split_at_checked(row).ok_or_else(cut)?;
        visit(RowRef { table: TableId(*table), key, row })?;
        raw = rest;
    }
    Ok(())
}
