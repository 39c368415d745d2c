//! All rows at one commit, in parts.

use std::{ops::ControlFlow, time::Duration};

use futures_util::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};
use tokio::{
    sync::{mpsc, watch},
    time::Instant,
};

use super::{
    Lease, SnapshotKey, Store, VaultError, blocking,
    lease::{hex, unhex},
    on_thread, rows, waiting_max,
};
use crate::ledger::{Head, LedgerError, Lsn, Reader, Snapshot};

/// Name of the object that makes parts a snapshot.
pub(super) const MANIFEST: &str = "manifest.json";
/// Version of the manifest this release writes.
const FORMAT: u32 = 1;
/// Parts on their way at the same time.
const PARTS_AT_ONCE: usize = 4;
/// How often a part that did not arrive is sent again before the snapshot is given up.
const PART_TRIES: u32 = 5;

/// The folder of the snapshot at `lsn`.
pub(super) fn folder(epoch: u64, lsn: u64) -> String {
    format!("snap/{epoch:010}/{lsn:020}")
}

/// What a snapshot says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Manifest {
    /// Version of the format.
    pub format: u32,
    /// The organisation, 32 hexadecimal digits.
    pub organisation: String,
    /// The lease it was written under.
    pub epoch: u64,
    /// The commit it holds the rows of.
    pub lsn: u64,
    /// Hash of that commit.
    pub hash: String,
    /// When that commit was made, microseconds since 1970; none for an empty ledger.
    pub at_us: Option<i64>,
    /// Version of the schema the rows are in.
    pub schema: u32,
    /// Rows.
    pub rows: u64,
    /// BLAKE3 over all rows as the parts hold them.
    pub rows_hash: String,
    /// Bytes of all parts as they are stored.
    pub bytes: u64,
    /// Number of parts.
    pub parts: u32,
}

impl Manifest {
    /// Key of a part.
    pub(super) fn part(&self, number: u32) -> String {
        format!("{}/part-{number:04}", folder(self.epoch, self.lsn))
    }

    /// The commit it holds the rows of.
    ///
    /// # Errors
    /// `Damaged` where the hash does not read.
    pub fn head(&self) -> Result<Head, VaultError> {
        let hash = unhex(&self.hash)
            .ok_or_else(|| VaultError::damaged(&folder(self.epoch, self.lsn), "it has no hash"))?;
        Ok(Head { lsn: Lsn(self.lsn), hash })
    }

    /// Reads the manifest of a snapshot.
    ///
    /// # Errors
    /// `Missing`, `Damaged`, `Store`.
    pub async fn read(store: &Store, of: SnapshotKey) -> Result<Manifest, VaultError> {
        let key = format!("{}/{MANIFEST}", folder(of.epoch, of.lsn.0));
        let bytes = store.read_text(&key).await?;
        let bytes = bytes.ok_or_else(|| VaultError::Missing(format!("{key} is not there")))?;
        let manifest: Manifest = super::format::read(&key, &bytes, FORMAT)?;
        if (manifest.epoch, manifest.lsn) != (of.epoch, of.lsn.0) {
            return Err(VaultError::damaged(&key, "it is the manifest of another snapshot"));
        }
        Ok(manifest)
    }
}

/// The rows of a ledger as parts on their way out, and what they come to.
struct Reading {
    rows: u64,
    hash: blake3::Hasher,
    raw: Vec<u8>,
    parts: mpsc::Sender<Vec<u8>>,
}

impl Reading {
    fn row(&mut self, table: crate::ledger::TableId, key: &[u8], row: &[u8]) -> ControlFlow<()> {
        rows::put(&mut self.raw, table, key, row);
        self.rows += 1;
        if self.raw.len() < rows::PART_BYTES { ControlFlow::Continue(()) } else { self.send() }
    }

    /// Sends what was gathered; breaks when nobody takes it.
    fn send(&mut self) -> ControlFlow<()> {
        let raw = std::mem::take(&mut self.raw);
        self.hash.update(&raw);
        match self.parts.blocking_send(raw) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    }
}

/// Visits every row of a snapshot by table, then by key.
pub(super) fn each_row(
    snapshot: &Snapshot,
    mut visit: impl FnMut(crate::ledger::TableId, &[u8], &[u8]) -> ControlFlow<()>,
) -> Result<(), LedgerError> {
    let mut tables: Vec<_> = snapshot.schema().tables.iter().map(|(id, _)| *id).collect();
    tables.sort_unstable();
    for table in tables {
        snapshot.scan_prefix::<LedgerError>(table, &[], |key, row| Ok(visit(table, key, row)))?;
    }
    Ok(())
}

/// BLAKE3 over all rows of a ledger, as a manifest says it.
pub(super) fn rows_hash(snapshot: &Snapshot) -> Result<String, LedgerError> {
    let (mut hash, mut raw) = (blake3::Hasher::new(), Vec::new());
    each_row(snapshot, |table, key, row| {
        raw.clear();
        rows::put(&mut raw, table, key, row);
        hash.update(&raw);
        ControlFlow::Continue(())
    })?;
    Ok(hash.finalize().to_hex().to_string())
}

/// Takes a snapshot of a ledger without stopping its writer, and finishes it once the log is stored
/// as far: `stored` tells. One that takes longer than `time_max`, which must be less than what is left
/// of an unfinished one stays, is given up. Memory stays flat.
///
/// # Errors
/// `Store` when a part does not arrive however often it is sent; `Ledger`.
pub(super) async fn take(
    store: &Store,
    reader: Reader,
    lease: &Lease,
    time_max: Duration,
    mut stored: watch::Receiver<Lsn>,
) -> Result<Manifest, VaultError> {
    let (began, epoch) = (Instant::now(), lease.epoch);
    let (parts, mut waiting) = mpsc::channel(waiting_max(1));
    let (opened, facts) = tokio::sync::oneshot::channel();
    let reading = on_thread(move || read_rows(&reader, epoch, opened, parts));
    let Ok(start) = facts.await else {
        return reading.await.map_err(|error| VaultError::GivenUp(error.to_string()))?;
    };
    let numbered = stream::poll_fn(move |cx| waiting.poll_recv(cx)).enumerate();
    let sizes: Vec<u64> = numbered
        .map(|(number, raw)| {
            let key = start.part(number as u32);
            async move {
                let packed = move || {
                    rows::compress(&raw).map_err(|error| VaultError::GivenUp(error.to_string()))
                };
                let body = blocking(packed).await?;
                send(store, &key, &body).await
            }
        })
        .buffered(PARTS_AT_ONCE)
        .try_collect()
        .await?;
    let read = reading.await.map_err(|error| VaultError::GivenUp(error.to_string()));
    let mut manifest = read??;
    manifest.parts = sizes.len() as u32;
    manifest.bytes = sizes.iter().sum();
    let upto = Lsn(manifest.lsn);
    stored
        .wait_for(|stored| *stored >= upto)
        .await
        .map_err(|_| VaultError::GivenUp("the log was not stored as far".into()))?;
    // Somebody else may be the writer by then, and parts be gone as those of an unfinished one.
    lease.check(store).await?;
    if began.elapsed() > time_max {
        return Err(VaultError::GivenUp("the snapshot took too long".into()));
    }
    let key = format!("{}/{MANIFEST}", folder(epoch, manifest.lsn));
    let text = serde_json::to_vec_pretty(&manifest)
        .map_err(|error| VaultError::GivenUp(error.to_string()))?;
    if !store.create_text(&key, text).await? {
        return Err(VaultError::damaged(&key, "another snapshot of this commit lies there"));
    }
    Ok(manifest)
}

fn read_rows(
    reader: &Reader,
    epoch: u64,
    opened: tokio::sync::oneshot::Sender<Manifest>,
    parts: mpsc::Sender<Vec<u8>>,
) -> Result<Manifest, VaultError> {
    let snapshot = reader.snapshot()?;
    let head = snapshot.head()?;
    let organisation = snapshot.schema().organisation;
    let mut manifest = Manifest {
        format: FORMAT,
        organisation: hex(&organisation),
        epoch,
        lsn: head.lsn.0,
        hash: hex(&head.hash),
        at_us: snapshot.newest_at_us()?,
        schema: snapshot.schema_version()?,
        rows: 0,
        rows_hash: String::new(),
        bytes: 0,
        parts: 0,
    };
    // Nobody waits for it any more: the sends below find that out.
    let _ = opened.send(manifest.clone());
    let mut reading = Reading { rows: 0, hash: blake3::Hasher::new(), raw: Vec::new(), parts };
    let mut given_up = false;
    each_row(&snapshot, |table, key, row| {
        let flow = reading.row(table, key, row);
        given_up |= flow.is_break();
        flow
    })?;
    if given_up || (!reading.raw.is_empty() && reading.send().is_break()) {
        return Err(VaultError::GivenUp("a part of the snapshot did not arrive".into()));
    }
    manifest.rows = reading.rows;
    manifest.rows_hash = reading.hash.finalize().to_hex().to_string();
    Ok(manifest)
}

/// Sends a part, more than once where the store fails.
async fn send(store: &Store, key: &str, body: &[u8]) -> Result<u64, VaultError> {
    let mut wait = Duration::from_millis(200);
    for _ in 1..PART_TRIES {
        match store.create_closed(key, body).await {
            Err(error) if error.may_pass() => {
                tracing::warn!(%error, key, "a part of a snapshot is sent again");
                tokio::time::sleep(wait).await;
                wait *= 2;
            }
            answer => return answer,
        }
    }
    store.create_closed(key, body).await
}
