//! From the vault back to a ledger: the newest snapshot before a moment, then the commits up to it.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use futures_util::{StreamExt, stream};
use tokio::sync::mpsc;

use super::{
    Catalogue, Manifest, SegmentKey, SnapshotKey, Store, VaultError, blocking, rows, segment,
    segment::Segment,
};
use crate::ledger::{Head, Lsn, Rebuild, Schema, TableId, genesis_hash};

/// Objects on their way at the same time.
const OBJECTS_AT_ONCE: usize = 8;
/// What the name of a ledger being written ends with: it is none yet.
const UNFINISHED: &str = "restoring";

/// Which moment to go back to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// The newest commit in the vault.
    Latest,
    /// The last commit made at or before a time, microseconds since 1970.
    At(i64),
    /// This commit.
    Lsn(Lsn),
}

/// What a restore would read.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The organisation, as its ledger knows it.
    pub organisation: [u8; 16],
    /// Version of the rows it begins with.
    pub schema: u32,
    /// The moment asked for.
    pub target: Target,
    /// The snapshot it begins with; none where it begins with the first commit.
    pub snapshot: Option<Manifest>,
    /// The segments after it, each with the last of its commits that counts.
    pub segments: Vec<(SegmentKey, Lsn)>,
    /// Bytes to be read.
    pub bytes: u64,
    /// Which epoch the restored ledger begins.
    pub epoch: u64,
    /// The newest commit in the vault.
    pub newest: Lsn,
}

/// What a restore has done so far, or in all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Restored {
    /// The newest commit.
    pub lsn: Lsn,
    /// When it was made, microseconds since 1970; none where that is not known.
    pub at_us: Option<i64>,
    /// Rows taken from the snapshot.
    pub rows: u64,
    /// Commits made again.
    pub commits: u64,
    /// Bytes read.
    pub bytes: u64,
}

/// Finds out what a restore to a moment would read. Nothing is written.
///
/// # Errors
/// `Missing` where the vault does not reach to the moment; `Damaged`, `Store`.
pub async fn plan(store: &Store, target: Target) -> Result<Plan, VaultError> {
    let catalogue = Catalogue::read(store).await?;
    let epoch = catalogue.leases.last().map_or(0, |lease| lease.epoch) + 1;
    let snapshot = snapshot_for(store, &catalogue, target).await?;
    let start = snapshot.as_ref().map_or(Lsn::ZERO, |manifest| Lsn(manifest.lsn));
    let newest = catalogue.newest();
    let mut segments = catalogue.cover(start);
    let reach = segments.last().map_or(start, |(_, upto)| *upto);
    if segments.is_empty() && snapshot.is_none() {
        return Err(VaultError::Missing("there is nothing in the vault to restore".into()));
    }
    if let Target::Lsn(wanted) = target {
        if wanted > reach || wanted < start {
            let why = format!("the vault reaches to commit {reach}, not to {wanted}");
            return Err(VaultError::Missing(why));
        }
        segments.retain(|(segment, _)| segment.first <= wanted);
    }
    let (organisation, schema) = match &snapshot {
        Some(manifest) => (organisation_of(manifest)?, manifest.schema),
        None => first_whose(store, &segments).await?,
    };
    let bytes = segments.iter().map(|(segment, _)| segment.bytes).sum::<u64>()
        + snapshot.as_ref().map_or(0, |manifest| manifest.bytes);
    Ok(Plan { organisation, schema, target, snapshot, segments, bytes, epoch, newest })
}

/// The newest snapshot that is not after the moment.
async fn snapshot_for(
    store: &Store,
    catalogue: &Catalogue,
    target: Target,
) -> Result<Option<Manifest>, VaultError> {
    let mut upto = match target {
        Target::Lsn(lsn) => lsn,
        Target::Latest | Target::At(_) => Lsn(u64::MAX),
    };
    loop {
        let Some(found) = catalogue.snapshot_at(upto) else { return Ok(None) };
        let manifest = Manifest::read(store, found).await?;
        match (target, manifest.at_us) {
            (Target::At(time), Some(at_us)) if at_us > time => upto = found.lsn.prev(),
            (Target::At(_) | Target::Latest | Target::Lsn(_), _) => return Ok(Some(manifest)),
        }
        if upto == Lsn::ZERO {
            return Ok(None);
        }
    }
}

fn organisation_of(manifest: &Manifest) -> Result<[u8; 16], VaultError> {
    let id = uuid::Uuid::try_parse(&manifest.organisation)
        .map_err(|_| VaultError::Missing("the snapshot does not say whose it is".into()))?;
    Ok(*id.as_bytes())
}

async fn first_whose(
    store: &Store,
    segments: &[(SegmentKey, Lsn)],
) -> Result<([u8; 16], u32), VaultError> {
    let missing = || VaultError::Missing("there is nothing in the vault to restore".into());
    let (first, _) = segments.first().ok_or_else(missing)?;
    if first.first > Lsn(1) {
        let why = format!("the vault begins with commit {}, and holds no snapshot", first.first);
        return Err(VaultError::Missing(why));
    }
    let body = store.read_closed(&first.key()).await?.ok_or_else(missing)?;
    segment::whose(&body).ok_or_else(|| VaultError::damaged(&first.key(), "it is cut short"))
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
    let unfinished = path.with_extension(UNFINISHED);
    refuse_existing(path)?;
    // Left behind by a restore that was cut off: nobody's.
    drop(std::fs::remove_file(&unfinished));
    let (feed, fed) = mpsc::channel(OBJECTS_AT_ONCE);
    let writing = Writing::new(plan, schema, unfinished.clone(), progress);
    let writing = tokio::task::spawn_blocking(move || writing.run(fed));
    let reading = read(store, plan, feed).await;
    let written = writing.await.unwrap_or_else(|error| Err(VaultError::GivenUp(error.to_string())));
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

pub(super) fn file_error(path: &Path, cause: std::io::Error) -> VaultError {
    VaultError::File { path: path.display().to_string(), cause }
}

pub(super) fn refuse_existing(path: &Path) -> Result<(), VaultError> {
    if path.try_exists().map_err(|error| file_error(path, error))? {
        let exists = std::io::Error::new(
            std::io::ErrorKind::AlreadyExists,
            "there is a ledger already; a restore never writes over one",
        );
        return Err(file_error(path, exists));
    }
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|error| file_error(folder, error))?;
    }
    Ok(())
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
    /// Rows of the snapshot: name of the part, and its bytes.
    Part(String, Vec<u8>),
    /// The snapshot is whole.
    SnapshotEnds,
    /// Commits: the segment, and the last of them that counts.
    Commits(Segment, Lsn),
}

/// Reads parts and segments in order, several at the same time, until nobody takes them.
async fn read(store: &Store, plan: &Plan, feed: mpsc::Sender<Feed>) -> Result<(), VaultError> {
    if let Some(manifest) = &plan.snapshot {
        let parts = (0..manifest.parts).map(|number| {
            let key = manifest.part(number);
            async move {
                let body = body(store, &key).await?;
                let name = key.clone();
                let raw = blocking(move || rows::decompress(&name, &body)).await?;
                Ok::<_, VaultError>(Feed::Part(key, raw))
            }
        });
        let mut parts = std::pin::pin!(stream::iter(parts).buffered(OBJECTS_AT_ONCE));
        while let Some(part) = parts.next().await {
            if feed.send(part?).await.is_err() {
                return Ok(());
            }
        }
        if feed.send(Feed::SnapshotEnds).await.is_err() {
            return Ok(());
        }
    }
    let organisation = plan.organisation;
    let segments = plan.segments.iter().map(|(segment, upto)| {
        let key = segment.key();
        async move {
            let body = body(store, &key).await?;
            let segment = blocking(move || Segment::read(&key, &organisation, &body)).await?;
            Ok::<_, VaultError>(Feed::Commits(segment, *upto))
        }
    });
    let mut segments = std::pin::pin!(stream::iter(segments).buffered(OBJECTS_AT_ONCE));
    while let Some(segment) = segments.next().await {
        if feed.send(segment?).await.is_err() {
            return Ok(());
        }
    }
    Ok(())
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

    fn run(self, mut fed: mpsc::Receiver<Feed>) -> Result<Restored, VaultError> {
        let Writing { plan, schema, path, progress } = self;
        let anchor = match &plan.snapshot {
            Some(manifest) => manifest.head()?,
            None => Head { lsn: Lsn::ZERO, hash: genesis_hash(&plan.organisation) },
        };
        let mut rebuild = Rebuild::create(&path, schema, plan.schema, anchor, plan.epoch)?;
        let mut done = Restored {
            lsn: anchor.lsn,
            at_us: plan.snapshot.as_ref().and_then(|manifest| manifest.at_us),
            ..Restored::default()
        };
        let mut hash = blake3::Hasher::new();
        while let Some(next) = fed.blocking_recv() {
            match next {
                Feed::Part(name, raw) => {
                    hash.update(&raw);
                    done.rows += put_rows(&mut rebuild, &name, &raw)?;
                    done.bytes += raw.len() as u64;
                }
                Feed::SnapshotEnds => check_rows(&plan, &hash, done.rows)?,
                Feed::Commits(segment, upto) => {
                    if replay(&mut rebuild, segment, upto, plan.target, &mut done)? {
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
    segment: Segment,
    upto: Lsn,
    target: Target,
    done: &mut Restored,
) -> Result<bool, VaultError> {
    let mut lsn = segment.header.first.prev();
    for commit in segment.commits {
        lsn = lsn.next();
        if lsn <= done.lsn {
            continue;
        }
        if lsn > upto {
            break;
        }
        let at_us = segment::at_us(&commit);
        if matches!((target, at_us), (Target::At(time), Some(at_us)) if at_us > time) {
            return Ok(true);
        }
        done.bytes += commit.len() as u64;
        let record = rebuild.replay(commit)?;
        (done.lsn, done.at_us) = (record.lsn, Some(record.at_us));
        done.commits += 1;
        if target == Target::Lsn(record.lsn) {
            return Ok(true);
        }
    }
    Ok(target == Target::Lsn(done.lsn))
}

/// Restores the newest state into a scratch folder and compares it with what it should be: the
/// rows of the ledger it was shipped from where `live` gives them, and always the snapshot before
/// with the commits after it against the newest snapshot. Gives how far it went.
///
/// # Errors
/// `Damaged` where they differ; as [`restore`].
pub async fn drill(
    store: &Store,
    schema: impl Fn([u8; 16]) -> Schema,
    scratch: &Path,
    live: Option<(Lsn, String)>,
) -> Result<Restored, VaultError> {
    let target = live.as_ref().map_or(Target::Latest, |(lsn, _)| Target::Lsn(*lsn));
    let newest = plan(store, target).await?;
    let path = scratch.join("drill.redb");
    drop(std::fs::remove_file(&path));
    let restored = restore(store, &newest, schema(newest.organisation), &path, |_| ()).await?;
    if let Some((lsn, expected)) = live {
        compare(&path, schema(newest.organisation), lsn, expected).await?;
    }
    drop(std::fs::remove_file(&path));
    let catalogue = Catalogue::read(store).await?;
    let last = catalogue.snapshot_at(Lsn(u64::MAX));
    if let Some(last) = last.filter(|last| last.lsn > Lsn::ZERO) {
        against_snapshot(store, &catalogue, last, &path, &schema).await?;
    }
    Ok(restored)
}

/// Makes the state of a snapshot from what came before it, and compares.
async fn against_snapshot(
    store: &Store,
    catalogue: &Catalogue,
    last: SnapshotKey,
    path: &Path,
    schema: &impl Fn([u8; 16]) -> Schema,
) -> Result<(), VaultError> {
    let manifest = Manifest::read(store, last).await?;
    let before = catalogue.snapshot_at(last.lsn.prev());
    let start = before.map_or(Lsn::ZERO, |before| before.lsn);
    let segments = catalogue.cover(start);
    if segments.last().is_none_or(|(_, upto)| *upto < last.lsn) {
        // The log that led to it is beyond what is kept.
        return Ok(());
    }
    let snapshot = match before {
        Some(before) => Some(Manifest::read(store, before).await?),
        None => None,
    };
    let (organisation, schema_then) = match &snapshot {
        Some(older) => (organisation_of(older)?, older.schema),
        None => first_whose(store, &segments).await?,
    };
    let target = Target::Lsn(last.lsn);
    let older = Plan {
        organisation,
        schema: schema_then,
        target,
        snapshot,
        segments,
        bytes: 0,
        epoch: 1,
        newest: last.lsn,
    };
    restore(store, &older, schema(organisation), path, |_| ()).await?;
    let compared = compare(path, schema(organisation), last.lsn, manifest.rows_hash).await;
    drop(std::fs::remove_file(path));
    compared
}

async fn compare(
    path: &Path,
    schema: Schema,
    lsn: Lsn,
    expected: String,
) -> Result<(), VaultError> {
    let path = Arc::new(path.to_path_buf());
    blocking(move || {
        let ledger = crate::ledger::Ledger::open(&*path, schema)?;
        let found = super::snapshot::rows_hash(&ledger.snapshot()?)?;
        drop(ledger);
        let mut journal = path.as_os_str().to_owned();
        journal.push("-journal");
        drop(std::fs::remove_file(journal));
        if found == expected {
            return Ok(());
        }
        let key = format!("the state at commit {lsn}");
        Err(VaultError::damaged(&key, "what was restored is not what it should be"))
    })
    .await
}
