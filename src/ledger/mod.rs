//! The ledger: numbered, hash-chained commits of row changes in one redb file per organisation.
//!
//! It knows nothing of what a row means, of HTTP or of the vault. One [`Ledger`] writes; any
//! number of [`Reader`]s take [`Snapshot`]s on other threads.
//!
//! # File format (version 1)
//!
//! redb file format 3, one-phase durable commits. Integers are big-endian. Beside `ledger.redb`
//! lies `ledger.redb-journal` (see `journal.rs`), which makes a commit one contiguous write and one
//! sync. After a clean close the first file stands alone; after a crash the two belong together.
//!
//! | table | key | value |
//! |---|---|---|
//! | one per entity, named by the [`Schema`] | 1 to 255 bytes, made by the layer above | row: format byte, body (see `codec.rs`) |
//! | `log` | lsn, `u64` | canonical record, `prev_hash`, `hash` (see `record.rs`) |
//! | `touched` | table `u8`, key length `u8`, key, lsn `u64` | nothing |
//! | `meta` | `format`, `schema` | `u32` |
//! | | `organisation` | 16 bytes |
//! | | `epoch` | `u64`: 1, one more with each restore |
//! | | `branch` | lsn `u64`, hash, newest `u64`: where the epoch began, after a restore |
//! | | `anchor` | lsn `u64`, hash: what the first record in `log` follows |
//!
//! The chain's head is the last record of `log`, never a second copy in `meta`: a commit dirties
//! only the pages of its rows, of their `touched` entries, of the log's end, and of redb's own
//! roots. `meta` is written when the file is created, by a migration, and by a restore.
//!
//! The anchor is lsn 0 with the genesis hash until older records are trimmed; trimming moves it to
//! the last record removed, in the same transaction, so that what stays still verifies. Rows not
//! changed since the anchor can then only be verified against a back-up.
//!
//! # Invariants
//!
//! - lsns in `log` are contiguous from the anchor's; each record's `prev_hash` is the hash of the
//!   one before.
//! - Replaying the log gives exactly the rows; `touched` has exactly one entry for each change of
//!   each record.
//! - A record changes a row at most once, and its `before` is what was stored.
//!
//! [`check`] verifies all three, [`verify_chain`] the first.
//!
//! # Cost and failure
//!
//! | call | cost | fails with |
//! |---|---|---|
//! | [`Ledger::open`] | O(log n); O(file) after a crash; plus migrations | `Newer`, `WrongOrganisation`, `AlreadyOpen`, `Migration`, storage |
//! | [`Ledger::append`] | O(changes log n), one fsync for the whole batch | `RowMismatch`, `BadChange`, `UnknownTable`, `Record`: handle good; storage: reopen |
//! | [`Ledger::trim`] | O(records log n), one fsync | storage: reopen |
//! | [`Ledger::reopen`] | O(file) | as open; may be tried again |
//! | [`Ledger::snapshot`], [`Reader::snapshot`] | O(1), never waits for a commit | `NeedsReopen` |
//! | [`Snapshot::get`], [`Snapshot::count`], [`Snapshot::record`], [`Snapshot::head`] | O(log n) | storage |
//! | [`Snapshot::scan_prefix`], [`Snapshot::records`], [`Snapshot::history`] | O(log n + results) | storage |
//! | [`verify_chain`] | O(log), flat memory | [`ChainBreak`] |
//! | [`check`] | O(file + changes log n), flat memory but for its largest records | storage; findings are in the report |
//!
//! Storage errors are `DiskFull`, `Io` and `Corrupt`. After one of them in a commit nothing more is
//! committed through the handle: [`Ledger::reopen`] starts again from disk, as after a crash. The
//! failed batch is then there as a whole or not at all: compare [`Ledger::head`].
//!
//! Disk space: the rows and the log, up to half as much again while redb reuses freed pages, and
//! at most 16 MiB of journal.

#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

mod batch;
pub mod codec;
mod error;
#[cfg(any(test, feature = "faults"))]
pub mod faults;
mod journal;
mod migrate;
mod rebuild;
mod record;
mod schema;
mod snapshot;
mod source;
mod store;
mod tables;
mod trim;
mod verify;

#[cfg(test)]
mod tests;

pub use codec::{CodecError, ROW_BYTES_MAX, Row, decode, decode_body, encode};
pub use error::LedgerError;
pub use migrate::SYSTEM_ACTOR;
pub use rebuild::{Log, Rebuild};
pub use record::{
    COMMAND_BYTES_MAX, Change, Draft, Hash, KEY_BYTES_MAX, Lsn, RECORD_BYTES_MAX, RECORD_FORMAT,
    Record, RecordError, TableId, chain_hash, genesis_hash, split_stored,
};
pub use schema::{Migration, MigrationError, Schema};
pub use snapshot::{Branch, Head, Records, Snapshot};
pub use source::Storage;
pub use store::{FILE_FORMAT, Ledger, Reader, Tail};
pub use verify::{
    ChainBreak, ChainFault, ChainReport, CheckReport, Fault, IntegrityResult, RowAt, check,
    verify_chain,
};
