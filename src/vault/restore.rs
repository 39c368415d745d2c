//! From the vault back to a ledger: the newest snapshot before a moment, then the commits up to it.

use std::{
    collections::BTreeMap,
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::Arc,
};

use futures_util::{StreamExt, stream};
use tokio::sync::mpsc;

use super::{
    Plan, SegmentKey, SignedHead, Store, Target, VaultError, blocking, heads, on_thread, rows,
    segment, segment::Segment, waiting_max,
};
use crate::ledger::{Head, Log, Lsn, Rebuild, Record, Schema, TableId};

/// Objects on their way at the same time.
const OBJECTS_AT_ONCE: usize = 8;
/// Objects that were read and wait to be written, besides those.
const OBJECTS_WAITING: usize = 1;
/// What the name of a ledger being written ends with: it is none yet.
const UNFINISHED: &str = "restoring";

/// Where a ledger lies while it is written.
#[must_use]
pub fn unfinished(path: &Path) -> PathBuf {
    path.with_extension(UNFINISHED)
}

/// What a restore has done so far, or in all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Restored {
    /// The newest commit.
    pub lsn: Lsn,
    /// When it was made, microseconds since 1970; none where that is not known.
    pub at_us: Option<i64>,
    /// Rows in the ledger.
    pub rows: u64,
    /// Commits made again.
    pub commits: u64,
    /// Commits before the snapshot that came along for their history.
    pub past: u64,
    /// Bytes read, as they are stored.
    pub bytes: u64,
    /// Bytes there are to be read.
    pub bytes_all: u64,
}

/// Writes a ledger into a new file as it was at the moment of the plan, everything verified:
/// checksums, rows against the snapshot's own hash, the chain through every commit. `progress`
/// is told now and then.
///
/// # Errors
/// `File` when there is a ledger already; `Damaged` with the object that does not hold; `Missing`
/// when the moment is not reached. Nothing is left behind then.
pub async fn restore(
    store: &Store,
    plan: &Plan,
    schema: Schema,
    path: &Path,
    progress: impl Fn(Restored) + Send + 'static,
) -> Result<Restored, VaultError> {
    let unfinished = unfinished(path);
    begin(path)?;
    // Left behind by a restore that was cut off: nobody's.
    drop(std::fs::remove_file(&unfinished));
    let (feed, fed) = mpsc::channel(waiting_max(OBJECTS_WAITING));
    let writing = Writing::new(plan, schema, unfinished.clone(), progress);
    let writing = move || writing.run(fed);
    let reading = read(store, plan, feed);
    let (written, reading) = beside(writing, reading).await;
    let written = written.unwrap_or_else(|error| Err(VaultError::GivenUp(error.to_string())));
    let done = match (written, reading) {
        (Ok(done), Ok(())) => finish(&unfinished, path).map(|()| done),
        // What reading found explains why writing got no further.
        (_, Err(error)) | (Err(error), Ok(())) => Err(error),
    };
    if done.is_err() {
        drop(std::fs::remove_file(&unfinished));
    }
    done
}

/// Writes on a thread what is read meanwhile.
#[cfg(not(test))]
async fn beside<T: Send + 'static, R>(
    writing: impl FnOnce() -> T + Send + 'static,
    reading: impl Future<Output = R>,
) -> (Result<T, tokio::task::JoinError>, R) {
    let writing = on_thread(writing);
    let read = reading.await;
    (writing.await, read)
}

/// In the simulation all is read first.
#[cfg(test)]
async fn beside<T: Send + 'static, R>(
    writing: impl FnOnce() -> T + Send + 'static,
    reading: impl Future<Output = R>,
) -> (Result<T, String>, R) {
    let read = reading.await;
    (on_thread(writing).await, read)
}

pub(super) fn file_error(path: &Path, cause: std::io::Error) -> VaultError {
    VaultError::File { path: path.display().to_string(), cause }
}

/// Refuses where there is a ledger already.
///
/// # Errors
/// `File`.
pub fn refuse_existing(path: &Path) -> Result<(), VaultError> {
    if path.try_exists().map_err(|error| file_error(path, error))? {
        let exists = std::io::Error::new(
            std::io::ErrorKind::AlreadyExists,
            "there is a ledger already; a restore never writes over one: name another --to",
        );
        return Err(file_error(path, exists));
    }
    Ok(())
}

/// Makes the folder of a new ledger.
pub(super) fn begin(path: &Path) -> Result<(), VaultError> {
    refuse_existing(path)?;
    match path.parent() {
        Some(folder) => std::fs::create_dir_all(folder).map_err(|error| file_error(folder, error)),
        None => Ok(()),
    }
}

/// Gives the ledger its name.
pub(super) fn finish(unfinished: &Path, path: &Path) -> Result<(), VaultError> {
    refuse_existing(path)?;
    std::fs::rename(unfinished, path).map_err(|error| file_error(path, error))?;
    let folder = path.parent().unwrap_or(Path::new("."));
    let synced = std::fs::File::open(folder).and_then(|folder| folder.sync_all());
    synced.map_err(|error| file_error(folder, error))
}

/// What is written next.
enum Feed {
    /// Commits before the snapshot, for the log only.
    Past(String, Segment, Lsn),
    /// Rows of the snapshot: name of the part, and its bytes.
    Part(String, Vec<u8>),
    /// The snapshot is whole.
    SnapshotEnds,
    /// Commits: the segment, and the last of them that counts.
    Commits(String, Segment, Lsn),
}

/// What is written next, and the bytes it was stored in.
struct Fed(Feed, u64);

/// Reads parts and segments in order, several at the same time, until nobody takes them.
async fn read(store: &Store, plan: &Plan, feed: mpsc::Sender<Fed>) -> Result<(), VaultError> {
    let past = |name, segment, upto| Feed::Past(name, segment, upto);
    if !read_log(store, plan.organisation, plan.past.clone(), &feed, past).await? {
        return Ok(());
    }
    if let Some(manifest) = &plan.snapshot {
        let parts = (0..manifest.parts).map(|number| {
            let key = manifest.part(number);
            async move {
                let body = body(store, &key).await?;
                let (name, stored) = (key.clone(), body.len() as u64);
                let raw = blocking(move || rows::decompress(&name, &body)).await?;
                Ok::<_, VaultError>(Fed(Feed::Part(key, raw), stored))
            }
        });
        let mut parts = std::pin::pin!(stream::iter(parts).buffered(OBJECTS_AT_ONCE));
        while let Some(part) = parts.next().await {
            if feed.send(part?).await.is_err() {
                return Ok(());
            }
        }
        if feed.send(Fed(Feed::SnapshotEnds, 0)).await.is_err() {
            return Ok(());
        }
    }
    let commits = |name, segment, upto| Feed::Commits(name, segment, upto);
    read_log(store, plan.organisation, plan.segments.clone(), &feed, commits).await?;
    Ok(())
}

/// Reads segments in order; false when nobody takes them any more.
async fn read_log(
    store: &Store,
    organisation: [u8; 16],
    segments: Vec<(SegmentKey, Lsn)>,
    feed: &mpsc::Sender<Fed>,
    make: impl Fn(String, Segment, Lsn) -> Feed,
) -> Result<bool, VaultError> {
    let reads = segments.into_iter().map(|(segment, upto)| async move {
        let (key, stored) = (segment.key(), segment.bytes);
        let (name, body) = (key.clone(), body(store, &key).await?);
        let segment = blocking(move || Segment::read(&name, &organisation, &body)).await?;
        Ok::<_, VaultError>((key, segment, upto, stored))
    });
    let mut reads = std::pin::pin!(stream::iter(reads).buffered(OBJECTS_AT_ONCE));
    while let Some(next) = reads.next().await {
        let (key, segment, upto, stored) = next?;
        if feed.send(Fed(make(key, segment, upto), stored)).await.is_err() {
            return Ok(false);
        }
    }
    Ok(true)
}

async fn body(store: &Store, key: &str) -> Result<Vec<u8>, VaultError> {
    let body = store.read_closed(key).await?;
    body.ok_or_else(|| VaultError::Missing(format!("{key} is not in the vault")))
}

/// The thread that writes the ledger.
struct Writing<P> {
    plan: Plan,
    schema: Schema,
    path: PathBuf,
    progress: P,
}

impl<P: Fn(Restored)> Writing<P> {
    fn new(plan: &Plan, schema: Schema, path: PathBuf, progress: P) -> Self {
        Writing { plan: plan.clone(), schema, path, progress }
    }

    fn run(self, mut fed: mpsc::Receiver<Fed>) -> Result<Restored, VaultError> {
        let Writing { plan, schema, path, progress } = self;
        let mut rebuild = Rebuild::create(&path, schema, plan.schema, plan.anchor, plan.epoch)?;
        if plan.log == Log::Left {
            rebuild = rebuild.without_log();
        }
        if let Some(at_us) = plan.snapshot.as_ref().and_then(|manifest| manifest.at_us) {
            rebuild.dated(at_us)?;
        }
        heads::agree(&plan.heads, plan.anchor)?;
        let start = match &plan.snapshot {
            Some(manifest) => manifest.head()?,
            None => plan.anchor,
        };
        heads::agree(&plan.heads, start)?;
        let mut reached = false;
        let mut done = Restored {
            lsn: start.lsn,
            at_us: plan.snapshot.as_ref().and_then(|manifest| manifest.at_us),
            bytes_all: plan.bytes,
            ..Restored::default()
        };
        let mut hash = blake3::Hasher::new();
        while let Some(Fed(next, stored)) = fed.blocking_recv() {
            done.bytes += stored;
            match next {
                Feed::Past(name, segment, upto) => {
                    let mut past = rebuild.head().lsn;
                    put_log(&name, segment, upto, &mut past, &plan.heads, |commit| {
                        done.past += 1;
                        Ok((Some(rebuild.past(commit)?), ControlFlow::Continue(())))
                    })?;
                }
                Feed::Part(name, raw) => {
                    hash.update(&raw);
                    done.rows += put_rows(&mut rebuild, &name, &raw)?;
                }
                Feed::SnapshotEnds => {
                    check_rows(&plan, &hash, done.rows)?;
                    if rebuild.head() != start {
                        let why = "the log before it does not lead to it";
                        let name = format!("the snapshot of commit {}", start.lsn);
                        return Err(VaultError::damaged(&name, why));
                    }
                }
                Feed::Commits(name, segment, upto) => {
                    if replay(&mut rebuild, &name, segment, upto, &plan, &mut done)? {
                        reached = true;
                        break;
                    }
                }
            }
            progress(done);
        }
        if let Target::Lsn(wanted) = plan.target
            && done.lsn != wanted
        {
            let why = format!("the log ends at commit {}, before {wanted}", done.lsn);
            return Err(VaultError::Missing(why));
        }
        if let Some(lost) = plan.lost.as_ref().filter(|_| !reached)
            && !matches!(plan.target, Target::Lsn(_))
        {
            return Err(lost.error());
        }
        // Later moments would be in what is not kept any more, or not readable.
        if !reached && done.lsn < plan.newest && !matches!(plan.target, Target::Lsn(_)) {
            let why = format!(
                "the log goes on to commit {}, but what comes after commit {} is not in the vault \
                 any more: that commit itself can be restored with --at-lsn",
                plan.newest, done.lsn
            );
            return Err(VaultError::Missing(why));
        }
        rebuild.finish(plan.newest)?;
        progress(done);
        Ok(done)
    }
}

fn check_rows(plan: &Plan, hash: &blake3::Hasher, rows: u64) -> Result<(), VaultError> {
    let Some(manifest) = &plan.snapshot else { return Ok(()) };
    if rows != manifest.rows || *hash.finalize().to_hex() != *manifest.rows_hash {
        let key = format!("the snapshot of commit {}", manifest.lsn);
        return Err(VaultError::damaged(&key, "its rows are not those it was taken of"));
    }
    Ok(())
}

pub(super) fn put_rows(rebuild: &mut Rebuild, name: &str, raw: &[u8]) -> Result<u64, VaultError> {
    let mut waiting: Vec<rows::RowRef<'_>> = Vec::new();
    let mut put = 0;
    let mut flush = |waiting: &mut Vec<rows::RowRef<'_>>| -> Result<(), VaultError> {
        let Some(table) = waiting.first().map(|row| row.table) else { return Ok(()) };
        put += rebuild
            .rows(table, waiting.drain(..).map(|row| Ok::<_, VaultError>((row.key, row.row))))?;
        Ok(())
    };
    let mut table: Option<TableId> = None;
    rows::each(name, raw, |row| {
        if table.replace(row.table) != Some(row.table) {
            flush(&mut waiting)?;
        }
        waiting.push(row);
        Ok(())
    })?;
    flush(&mut waiting)?;
    Ok(put)
}

/// Makes the commits of a segment again; tells whether the moment is reached.
fn replay(
    rebuild: &mut Rebuild,
    name: &str,
    segment: Segment,
    upto: Lsn,
    plan: &Plan,
    done: &mut Restored,
) -> Result<bool, VaultError> {
    let target = plan.target;
    let mut newest = done.lsn;
    let later = put_log(name, segment, upto, &mut newest, &plan.heads, |commit| {
        let at_us = segment::at_us(&commit);
        if matches!((target, at_us), (Target::At(time), Some(at_us)) if at_us > time) {
            return Ok((None, ControlFlow::Break(())));
        }
        let record = rebuild.replay(commit)?;
        for change in &record.changes {
            match (&change.before, &change.after) {
                (None, Some(_)) => done.rows += 1,
                (Some(_), None) => done.rows = done.rows.saturating_sub(1),
                (None, None) | (Some(_), Some(_)) => {}
            }
        }
        (done.lsn, done.at_us) = (record.lsn, Some(record.at_us));
        done.commits += 1;
        let ends = target == Target::Lsn(record.lsn);
        let flow = if ends { ControlFlow::Break(()) } else { ControlFlow::Continue(()) };
        Ok((Some(record), flow))
    })?;
    Ok(later || target == Target::Lsn(done.lsn))
}

/// Gives the commits of a segment after `newest` to `put`, up to the last that counts, and compares
/// what was put with the segment's own chain and with signed heads; tells whether `put` broke off.
fn put_log(
    name: &str,
    segment: Segment,
    upto: Lsn,
    newest: &mut Lsn,
    heads: &BTreeMap<Lsn, SignedHead>,
    mut put: impl FnMut(Vec<u8>) -> Result<(Option<Arc<Record>>, ControlFlow<()>), VaultError>,
) -> Result<bool, VaultError> {
    let mut lsn = segment.header.first.prev();
    for (commit, hash) in segment.commits.into_iter().zip(segment.hashes) {
        lsn = lsn.next();
        if lsn <= *newest {
            continue;
        }
        if lsn > upto {
            break;
        }
        let (record, flow) = put(commit)?;
        if let Some(record) = record {
            if record.hash != hash {
                return Err(VaultError::damaged(name, "it does not follow what comes before it"));
            }
            heads::agree(heads, Head { lsn, hash })?;
            *newest = lsn;
        }
        if flow.is_break() {
            return Ok(true);
        }
    }
    Ok(false)
}
