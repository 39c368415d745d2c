//! What a vault holds, and which of its objects make up the history.

use super::{Lease, Store, VaultError, segment::Segment, store::Listed};
use crate::ledger::{Head, Lsn, genesis_hash};

/// How often a segment was merged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Never: as it was shipped.
    #[default]
    Shipped,
    /// With what was stored in the same hour.
    Hour,
    /// With what was stored on the same day.
    Day,
}

impl Level {
    /// What the names of its segments end with.
    pub(super) fn ending(self) -> &'static str {
        match self {
            Level::Shipped => ".seg",
            Level::Hour => ".hour.seg",
            Level::Day => ".day.seg",
        }
    }
}

/// A segment by its key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct SegmentKey {
    /// The lease it was written under.
    pub epoch: u64,
    /// Its first commit.
    pub first: Lsn,
    /// Its last commit.
    pub last: Lsn,
    /// How often it was merged.
    pub level: Level,
    /// Its bytes.
    pub bytes: u64,
    /// When it was stored, microseconds since 1970 by the store's clock.
    pub stored_us: i64,
}

/// A snapshot by its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SnapshotKey {
    /// The lease it was written under.
    pub epoch: u64,
    /// The commit it holds the rows of.
    pub lsn: Lsn,
    /// When its manifest was stored, microseconds since 1970 by the store's clock.
    pub stored_us: i64,
}

impl SnapshotKey {
    /// The folder of its objects.
    pub(super) fn folder(&self) -> String {
        super::snapshot::folder(self.epoch, self.lsn.0)
    }
}

impl SegmentKey {
    /// The object's key.
    pub(super) fn key(&self) -> String {
        super::segment::key(self.epoch, self.first, self.last, self.level)
    }
}

/// Everything in a vault, by its keys.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    /// The leases, oldest first.
    pub leases: Vec<Lease>,
    /// The segments, by epoch, then by commit.
    pub segments: Vec<SegmentKey>,
    /// The whole snapshots, by epoch, then by commit.
    pub snapshots: Vec<SnapshotKey>,
    /// Bytes of all segments and snapshots.
    pub bytes: u64,
}

impl Catalogue {
    /// Reads what there is. O(objects).
    ///
    /// # Errors
    /// `Store`, or `Damaged` for a lease.
    pub async fn read(store: &Store) -> Result<Catalogue, VaultError> {
        let leases = Lease::all(store).await?;
        let (wal, snap) = tokio::try_join!(store.list("wal"), store.list("snap"))?;
        Ok(Catalogue::of(leases, &wal, &snap))
    }

    /// Whether a vault holds any history: a server that was stopped before its first segment or
    /// its first whole snapshot was stored leaves a lease, or parts, and nothing to restore.
    /// O(objects).
    ///
    /// # Errors
    /// `Store`.
    pub async fn has_history(store: &Store) -> Result<bool, VaultError> {
        let (wal, snap) = tokio::try_join!(store.list("wal"), store.list("snap"))?;
        let held = Catalogue::of(Vec::new(), &wal, &snap);
        Ok(!held.segments.is_empty() || !held.snapshots.is_empty())
    }

    /// What listings say.
    pub(super) fn of(leases: Vec<Lease>, wal: &[Listed], snap: &[Listed]) -> Catalogue {
        let bytes = wal.iter().chain(snap).map(|object| object.bytes).sum();
        let mut segments: Vec<SegmentKey> = wal.iter().filter_map(segment_key).collect();
        let mut snapshots: Vec<SnapshotKey> = snap.iter().filter_map(snapshot_key).collect();
        segments.sort_unstable();
        snapshots.sort_unstable();
        Catalogue { leases, segments, snapshots, bytes }
    }

    /// The last commit an epoch contributes to the history.
    #[must_use]
    pub fn reach(&self, epoch: u64) -> Lsn {
        let later = self.leases.iter().filter(|lease| lease.epoch > epoch && lease.cuts());
        later.map(|lease| Lsn(lease.from)).min().unwrap_or(Lsn(u64::MAX))
    }

    /// The newest snapshot of the history at or before a commit.
    #[must_use]
    pub fn snapshot_at(&self, target: Lsn) -> Option<SnapshotKey> {
        self.snapshots
            .iter()
            .filter(|snap| snap.lsn <= target && snap.lsn <= self.reach(snap.epoch))
            .max_by_key(|snap| (snap.lsn, snap.epoch))
            .copied()
    }

    /// The segments that hold some of the history, by their first commit, each with the last of its
    /// commits that counts.
    pub(super) fn usable(&self) -> Vec<(SegmentKey, Lsn)> {
        let mut usable: Vec<(SegmentKey, Lsn)> = self
            .segments
            .iter()
            .map(|segment| (*segment, segment.last.min(self.reach(segment.epoch))))
            .filter(|(segment, upto)| segment.first <= *upto)
            .collect();
        usable.sort_unstable_by_key(|(segment, _)| segment.first);
        usable
    }

    /// The commit the log in the vault goes on from: nothing before it is there any more.
    #[must_use]
    pub fn oldest(&self) -> Lsn {
        self.usable().first().map_or(Lsn::ZERO, |(segment, _)| segment.first.prev())
    }

    /// Segments that together hold every commit after `after` as far as there are any, each with
    /// the last of its commits that counts; few large ones rather than many small ones.
    #[must_use]
    pub fn cover(&self, after: Lsn) -> Vec<(SegmentKey, Lsn)> {
        let usable = self.usable();
        let mut chosen = Vec::new();
        let (mut at, mut next) = (after, 0);
        loop {
            let mut best: Option<(SegmentKey, Lsn)> = None;
            while let Some(one) = usable.get(next).filter(|(s, _)| s.first <= at.next()) {
                let rank = |(segment, upto): &(SegmentKey, Lsn)| (*upto, segment.level);
                best = Some(best.map_or(*one, |best| std::cmp::max_by_key(*one, best, rank)));
                next += 1;
            }
            match best.filter(|(_, upto)| *upto > at) {
                Some(best) => {
                    at = best.1;
                    chosen.push(best);
                }
                None => return chosen,
            }
        }
    }

    /// The log that ends with `upto`, as far back as there is no gap: the commit it goes on from,
    /// and its segments; none where `upto` itself is not in it.
    pub(super) fn unbroken_to(&self, upto: Lsn) -> Option<(Lsn, Vec<(SegmentKey, Lsn)>)> {
        let usable = self.usable();
        let mut start = self.oldest();
        while start < upto {
            let mut log = self.cover(start);
            let reached = log.last().map_or(start, |(_, last)| *last);
            if reached >= upto {
                log.retain(|(segment, _)| segment.first <= upto);
                log.iter_mut().for_each(|(_, last)| *last = upto.min(*last));
                return Some((start, log));
            }
            let beyond = usable.iter().find(|(segment, _)| segment.first > reached.next());
            start = beyond?.0.first.prev();
        }
        None
    }

    /// The newest commit of the history that can be restored.
    #[must_use]
    pub fn newest(&self) -> Lsn {
        let start = self.snapshot_at(Lsn(u64::MAX)).map_or(Lsn::ZERO, |snapshot| snapshot.lsn);
        self.cover(start).last().map_or(start, |(_, upto)| *upto)
    }

    /// The point of the chain at the newest commit; the genesis of an organisation for an empty
    /// vault.
    ///
    /// # Errors
    /// `Store`, or `Damaged`.
    pub(super) async fn head(
        &self,
        store: &Store,
        organisation: &[u8; 16],
    ) -> Result<Head, VaultError> {
        let newest = self.newest();
        if let Some(lease) = self.leases.iter().find(|lease| lease.from == newest.0 && lease.cuts())
            && let Some(head) = lease.head()
        {
            return Ok(head);
        }
        if newest == Lsn::ZERO {
            return Ok(Head { lsn: newest, hash: genesis_hash(organisation) });
        }
        let start = self.snapshot_at(newest);
        if let Some(snapshot) = start.filter(|snapshot| snapshot.lsn == newest) {
            return super::snapshot::Manifest::read(store, snapshot).await?.head();
        }
        let after = start.map_or(Lsn::ZERO, |snapshot| snapshot.lsn);
        let (segment, upto) = self.cover(after).pop().ok_or_else(|| {
            VaultError::Missing("the segment of the newest commit is not there".into())
        })?;
        let key = segment.key();
        let body = store.read_closed(&key).await?;
        let body = body.ok_or_else(|| VaultError::Missing(format!("{key} is not there")))?;
        let segment = Segment::read(&key, organisation, &body)?;
        let missing = || VaultError::damaged(&key, format!("it does not hold commit {upto}"));
        Ok(Head { lsn: upto, hash: segment.hash_at(upto).ok_or_else(missing)? })
    }
}

/// The parts of a key between slashes, when there are as many.
fn parts<const N: usize>(key: &str) -> Option<[&str; N]> {
    key.split('/').collect::<Vec<_>>().try_into().ok()
}

fn segment_key(listed: &Listed) -> Option<SegmentKey> {
    let [_, epoch, name] = parts(&listed.key)?;
    let levels = [Level::Day, Level::Hour, Level::Shipped];
    let named = |level: Level| Some((level, name.strip_suffix(level.ending())?));
    let (level, span) = levels.into_iter().find_map(named)?;
    let (first, last) = span.split_once('-')?;
    let (first, last) = (Lsn(first.parse().ok()?), Lsn(last.parse().ok()?));
    let (bytes, stored_us) = (listed.bytes, listed.stored_us);
    (first <= last && first > Lsn::ZERO).then_some(SegmentKey {
        epoch: epoch.parse().ok()?,
        first,
        last,
        level,
        bytes,
        stored_us,
    })
}

fn snapshot_key(listed: &Listed) -> Option<SnapshotKey> {
    let [_, epoch, lsn, name] = parts(&listed.key)?;
    let (epoch, lsn) = (epoch.parse().ok()?, Lsn(lsn.parse().ok()?));
    (name == super::snapshot::MANIFEST).then_some(SnapshotKey {
        epoch,
        lsn,
        stored_us: listed.stored_us,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn lease(epoch: u64, from: u64) -> Lease {
        Lease {
            epoch,
            holder: Uuid::nil(),
            taken_us: 0,
            from,
            hash: "0".repeat(64),
            format: 0,
            held: false,
        }
    }

    fn segment(epoch: u64, first: u64, last: u64) -> SegmentKey {
        SegmentKey { epoch, first: Lsn(first), last: Lsn(last), ..SegmentKey::default() }
    }

    fn spans(catalogue: &Catalogue, after: u64) -> Vec<(u64, u64, u64)> {
        let cover = catalogue.cover(Lsn(after)).into_iter();
        cover.map(|(segment, upto)| (segment.epoch, segment.first.0, upto.0)).collect()
    }

    #[test]
    fn few_large_segments_are_preferred_and_a_gap_ends_the_history() {
        let segments = vec![
            segment(1, 1, 2),
            segment(1, 3, 4),
            segment(2, 1, 4),
            segment(2, 5, 9),
            segment(2, 11, 12),
        ];
        let catalogue =
            Catalogue { leases: vec![lease(1, 0), lease(2, 4)], segments, ..Catalogue::default() };
        assert_eq!(spans(&catalogue, 0), [(2, 1, 4), (2, 5, 9)]);
        assert_eq!(spans(&catalogue, 3), [(2, 1, 4), (2, 5, 9)]);
        assert_eq!(catalogue.newest(), Lsn(9));
    }

    #[test]
    fn of_two_that_reach_as_far_the_merged_one_is_read() {
        let merged = SegmentKey { level: Level::Hour, ..segment(1, 1, 2) };
        let segments = vec![segment(1, 1, 2), merged, segment(1, 2, 2)];
        let catalogue = Catalogue { segments, ..Catalogue::default() };
        assert_eq!(catalogue.cover(Lsn::ZERO), [(merged, Lsn(2))]);
        let listed = Listed { key: merged.key(), bytes: 0, stored_us: 0 };
        assert_eq!(segment_key(&listed), Some(merged));
    }

    #[test]
    fn what_came_after_a_restored_moment_is_left_out() {
        // Epoch 2 went on to 20, epoch 3 was restored to 12 and went on from there.
        let segments = vec![segment(1, 1, 10), segment(2, 11, 20), segment(3, 13, 15)];
        let leases = vec![lease(1, 0), lease(2, 10), lease(3, 12)];
        let catalogue = Catalogue { leases, segments, ..Catalogue::default() };
        assert_eq!(spans(&catalogue, 0), [(1, 1, 10), (2, 11, 12), (3, 13, 15)]);
        let snapshots = [(2, 12), (2, 18), (3, 14)].map(|(epoch, lsn)| SnapshotKey {
            epoch,
            lsn: Lsn(lsn),
            stored_us: 0,
        });
        let catalogue = Catalogue { snapshots: snapshots.to_vec(), ..catalogue };
        assert_eq!(catalogue.snapshot_at(Lsn(13)).map(|snap| snap.lsn.0), Some(12));
        assert_eq!(catalogue.snapshot_at(Lsn(99)).map(|snap| snap.lsn.0), Some(14));
    }

    #[test]
    fn the_log_to_a_commit_begins_after_its_last_gap() {
        let segments = vec![segment(1, 1, 4), segment(1, 7, 9), segment(1, 10, 12)];
        let catalogue = Catalogue { leases: vec![lease(1, 0)], segments, ..Catalogue::default() };
        let log = |upto| {
            let (start, log) = catalogue.unbroken_to(Lsn(upto))?;
            Some((start.0, log.iter().map(|(s, last)| (s.first.0, last.0)).collect::<Vec<_>>()))
        };
        assert_eq!(log(3), Some((0, vec![(1, 3)])));
        assert_eq!(log(11), Some((6, vec![(7, 9), (10, 11)])));
        assert_eq!(log(6), None);
        assert_eq!(log(13), None);
    }

    #[test]
    fn an_older_restore_cuts_every_epoch_before_it() {
        let leases = vec![lease(1, 0), lease(2, 100), lease(3, 50)];
        let segments = vec![segment(1, 1, 100), segment(2, 101, 120), segment(3, 51, 60)];
        let catalogue = Catalogue { leases, segments, ..Catalogue::default() };
        assert_eq!(spans(&catalogue, 0), [(1, 1, 50), (3, 51, 60)]);
    }
}
