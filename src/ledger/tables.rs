//! The redb tables and the packing of their keys; the format is described in the module above.

use redb::TableDefinition;

use super::{Head, KEY_BYTES_MAX, Lsn, TableId};

/// An entity table: `key -> row`.
pub(super) type RowsDefinition = TableDefinition<'static, &'static [u8], &'static [u8]>;

/// `lsn -> canonical bytes || prev_hash || hash`.
pub(super) const LOG: TableDefinition<'static, u64, &'static [u8]> = TableDefinition::new("log");
/// `table u8 || key length u8 || key || lsn u64 -> ()`: the commits that touched a row.
pub(super) const TOUCHED: TableDefinition<'static, &'static [u8], ()> =
    TableDefinition::new("touched");
/// Facts about the file, by name.
pub(super) const META: TableDefinition<'static, &'static str, &'static [u8]> =
    TableDefinition::new("meta");
/// Names an entity table may not take.
pub(super) const RESERVED_NAMES: [&str; 3] = ["log", "touched", "meta"];

/// `meta`: version of this file format, `u32`.
pub(super) const META_FORMAT: &str = "format";
/// `meta`: version of the schema the rows are in, `u32`.
pub(super) const META_SCHEMA: &str = "schema";
/// `meta`: the organisation's UUID, 16 bytes.
pub(super) const META_ORGANISATION: &str = "organisation";
/// `meta`: how often the ledger was restored, plus one, `u64`.
pub(super) const META_EPOCH: &str = "epoch";
/// `meta`: `lsn u64 || hash || newest u64`: where the epoch began, of a ledger that was restored.
pub(super) const META_BRANCH: &str = "branch";
/// `meta`: `lsn u64 || hash`: what the first record kept in the log follows.
pub(super) const META_ANCHOR: &str = "anchor";
/// When the commit was made that a restored ledger began with, microseconds since 1970, UTC.
pub(super) const META_TIME: &str = "time";

/// A point of the chain as `meta` keeps it.
pub(super) fn pack_head(head: Head) -> Vec<u8> {
    let mut packed = head.lsn.0.to_be_bytes().to_vec();
    packed.extend_from_slice(&head.hash);
    packed
}

/// Bytes of an lsn at the end of a `touched` key.
const LSN_BYTES: usize = 8;

/// Key in `touched`. The key's length comes before the key, so that the entries of one row are
/// contiguous even when its key is a prefix of another's.
pub(super) fn touched_key(table: TableId, key: &[u8], lsn: Lsn) -> Vec<u8> {
    debug_assert!(key.len() <= KEY_BYTES_MAX);
    let mut packed = Vec::with_capacity(2 + key.len() + LSN_BYTES);
    packed.push(table.0);
    packed.push(u8::try_from(key.len()).unwrap_or(u8::MAX));
    packed.extend_from_slice(key);
    packed.extend_from_slice(&lsn.0.to_be_bytes());
    packed
}

/// Table, key and lsn of a `touched` key; `None` when it is not one.
pub(super) fn split_touched_key(packed: &[u8]) -> Option<(TableId, &[u8], Lsn)> {
    let ([table, length], rest) = packed.split_first_chunk::<2>()?;
    let (key, lsn) = rest.split_last_chunk::<LSN_BYTES>()?;
    (key.len() == usize::from(*length)).then_some((
        TableId(*table),
        key,
        Lsn(u64::from_be_bytes(*lsn)),
    ))
}

/// The first key after all keys that start with `prefix`; `None` when there is none.
pub(super) fn prefix_end(prefix: &[u8]) -> Option<Vec<u8>> {
    let mut end = prefix.to_vec();
    while let Some(last) = end.pop() {
        if let Some(next) = last.checked_add(1) {
            end.push(next);
            return Some(end);
        }
    }
    None
}
