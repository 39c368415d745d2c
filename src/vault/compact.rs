//! Merging small segments: those stored in the same hour, then those of the same day.
//!
//! Only what is sealed is merged: an hour or day that something newer was stored after. A merged
//! segment is written under the lease of whoever merges and holds nothing but history, so that what
//! a later lease cuts off is cut off of it too. It is read back before the next one is made; what it
//! replaces stays until [`prune`](super::prune) has compared the two.

use std::{pin::pin, time::Duration};

use futures_util::{StreamExt, stream};

use super::{
    Inventory, Lease, SegmentKey, Store, VaultError, blocking,
    catalogue::Level,
    retention::read,
    segment::{self, Builder, Segment},
};
use crate::ledger::{Head, Lsn};

/// Segments read at the same time.
const READS_AT_ONCE: usize = 8;

/// What is merged into what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Merging {
    /// The first span of time: an hour.
    pub hour: Duration,
    /// The second: a day.
    pub day: Duration,
    /// Bytes of commits, before compression, after which a merged segment is closed.
    pub bytes: usize,
}

impl Default for Merging {
    fn default() -> Self {
        Merging {
            hour: Duration::from_secs(60 * 60),
            day: Duration::from_secs(24 * 60 * 60),
            bytes: segment::RAW_BYTES,
        }
    }
}

impl Merging {
    /// Stored bytes of a segment that is large enough to stay as it is.
    fn large(&self) -> u64 {
        self.bytes as u64 / 8
    }
}

/// Segments that are merged, in order, each with the last of its commits that counts.
type Run = Vec<(SegmentKey, Lsn)>;

/// What can be merged, into segments of which level. Pure.
pub(super) fn runs(inventory: &Inventory, merging: &Merging) -> Vec<(Level, Run)> {
    let catalogue = &inventory.catalogue;
    let mut runs = Vec::new();
    for (level, span) in [(Level::Day, merging.day), (Level::Hour, merging.hour)] {
        let span = i64::try_from(span.as_micros()).unwrap_or(i64::MAX).max(1);
        let of = |segment: &SegmentKey| segment.stored_us.div_euclid(span);
        let mergeable = |segment: &SegmentKey| {
            segment.level < level
                && segment.bytes < merging.large()
                && of(segment) < inventory.now_us.div_euclid(span)
        };
        let (mut run, mut at): (Run, Lsn) = (Vec::new(), catalogue.oldest());
        for (segment, upto) in catalogue.cover(at) {
            let together = run.last().is_none_or(|(last, _)| of(last) == of(&segment));
            let follows = segment.first <= at.next();
            at = upto;
            if !(together && follows && mergeable(&segment)) {
                take(&mut runs, level, &mut run);
            }
            if mergeable(&segment) {
                run.push((segment, upto));
            }
        }
        take(&mut runs, level, &mut run);
        // By the hour what the day does not take; what it does is looked at again next time.
        if !runs.is_empty() {
            break;
        }
    }
    runs
}

fn take(runs: &mut Vec<(Level, Run)>, level: Level, run: &mut Run) {
    let taken = std::mem::take(run);
    if taken.len() > 1 {
        runs.push((level, taken));
    }
}

/// Merges what can be merged; how many segments were made of how many.
///
/// # Errors
/// `Damaged` for a segment that does not hold or does not follow; `Fenced`; `Store`.
pub(super) async fn compact(
    store: &Store,
    inventory: &Inventory,
    merging: &Merging,
    lease: &Lease,
) -> Result<(u64, u64), VaultError> {
    let (mut made, mut of) = (0, 0);
    for (level, run) in runs(inventory, merging) {
        lease.check(store).await?;
        of += run.len() as u64;
        made += merge(store, level, &run, merging.bytes, lease.epoch).await?;
    }
    Ok((made, of))
}

async fn merge(
    store: &Store,
    level: Level,
    run: &Run,
    bytes: usize,
    epoch: u64,
) -> Result<u64, VaultError> {
    let reads = run.clone().into_iter().map(|(segment, upto)| async move {
        let key = segment.key();
        let read = read(store, &segment).await?;
        let read = read.ok_or_else(|| VaultError::Missing(format!("{key} is not there")))?;
        Ok::<_, VaultError>((key, read, upto))
    });
    let mut reads = pin!(stream::iter(reads).buffered(READS_AT_ONCE));
    let mut builder: Option<Builder> = None;
    let mut made = 0;
    while let Some(next) = reads.next().await {
        let (key, Segment { header, commits, hashes }, upto) = next?;
        let mut lsn = header.first.prev();
        let mut before = header.before;
        for (commit, hash) in commits.into_iter().zip(hashes) {
            lsn = lsn.next();
            let head = Head { lsn: lsn.prev(), hash: std::mem::replace(&mut before, hash) };
            let into = builder.get_or_insert_with(|| {
                Builder::after(header.organisation, header.schema, epoch, head)
            });
            if lsn > upto || lsn <= into.head().lsn {
                continue;
            }
            if into.head() != head {
                return Err(VaultError::damaged(&key, "it does not follow what comes before it"));
            }
            into.push(&commit, hash);
            if into.bytes() >= bytes {
                let rest = Builder::after(header.organisation, header.schema, epoch, into.head());
                store_merged(store, std::mem::replace(into, rest), level).await?;
                made += 1;
            }
        }
    }
    if let Some(builder) = builder.filter(|builder| !builder.is_empty()) {
        store_merged(store, builder, level).await?;
        made += 1;
    }
    Ok(made)
}

/// Stores a merged segment and reads it back.
async fn store_merged(store: &Store, builder: Builder, level: Level) -> Result<(), VaultError> {
    let head = builder.head();
    let compressed = blocking(move || {
        let failed = |error| VaultError::GivenUp(format!("compressing: {error}"));
        builder.finish(level).map_err(failed)
    });
    let (key, body) = compressed.await?;
    store.create_closed(&key, &body).await?;
    let back = store.read_closed(&key).await?;
    let back = back.ok_or_else(|| VaultError::Missing(format!("{key} is not there")))?;
    blocking(move || {
        let (organisation, _) =
            segment::whose(&back).ok_or_else(|| VaultError::damaged(&key, "it is cut short"))?;
        let back = Segment::read(&key, &organisation, &back)?;
        if (back.header.last, back.header.after) != (head.lsn, head.hash) {
            return Err(VaultError::damaged(&key, "it is not what was merged"));
        }
        Ok(())
    })
    .await
}
