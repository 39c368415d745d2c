//! What a vault no longer needs, found from its listings alone, and its removal.
//!
//! Ages are by the store's clock: "now" is when the newest object was stored. A server whose clock
//! is wrong removes nothing too soon, and a vault that is not written any more does not age.
//!
//! | what goes | when |
//! |---|---|
//! | a segment that a merged one replaces | the merged one was stored for longer than the grace, was read back, and holds the same chain |
//! | a snapshot | it is none of: the newest two, the one the window begins with, the last of a day, the first of a month |
//! | the oldest of the log | it is older than the log is kept and the window does not begin before it |
//! | segments and snapshots of a history that was given up | the window has passed since it was |
//! | parts without a manifest | a newer snapshot was finished and the grace has passed |
//! | probes | the grace has passed |
//! | signed heads, reports of drills | they are older than the log is kept; of heads beyond the window one for a day stays |

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, HashMap},
    time::Duration,
};

use futures_util::{StreamExt, TryStreamExt, stream};

use super::{
    Catalogue, Lease, SegmentKey, SnapshotKey, Store, VaultError, blocking, lease,
    segment::Segment, store::Listed,
};
use crate::ledger::Lsn;

/// Objects removed at the same time.
const REMOVALS_AT_ONCE: usize = 8;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// How long what is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Every moment of as long can be restored.
    pub window: Duration,
    /// Of as long the last snapshot of each day stays.
    pub daily: Duration,
    /// Of as long the first snapshot of each month stays.
    pub monthly: Duration,
    /// The log, which is the audit trail, stays as long; at least the window.
    pub log: Duration,
    /// How long something unneeded stays for those who are reading it.
    pub grace: Duration,
    /// A day.
    pub day: Duration,
    /// A month: a twelfth of a year.
    pub month: Duration,
}

impl Default for Retention {
    fn default() -> Self {
        Retention {
            window: 30 * DAY,
            daily: 30 * DAY,
            monthly: 2_557 * DAY,
            log: 3_653 * DAY,
            grace: DAY,
            day: DAY,
            month: Duration::from_secs(2_629_746),
        }
    }
}

/// Why an object goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// A merged segment holds the same.
    Merged(SegmentKey),
    /// It is older than it is kept.
    Old,
    /// It belongs to a history that was given up.
    GivenUp,
    /// It was never finished.
    Unfinished,
}

impl Why {
    /// In a few words.
    #[must_use]
    pub fn about(self) -> &'static str {
        match self {
            Why::Merged(_) => "merged into larger ones",
            Why::Old => "older than it is kept",
            Why::GivenUp => "of a history that was given up",
            Why::Unfinished => "never finished",
        }
    }
}

/// An object that is not needed any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unneeded {
    /// Its key.
    pub key: String,
    /// Its bytes.
    pub bytes: u64,
    /// Why it goes.
    pub why: Why,
}

/// Everything in a vault, as listed.
#[derive(Clone, Debug, Default)]
pub struct Inventory {
    /// What the history is made of.
    pub catalogue: Catalogue,
    snap: Vec<Listed>,
    rest: Vec<Listed>,
    leases: Vec<Listed>,
    /// When the newest object was stored, microseconds since 1970 by the store's clock.
    pub now_us: i64,
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

impl Inventory {
    /// Lists everything. O(objects).
    ///
    /// # Errors
    /// `Store`, or `Damaged` for a lease.
    pub async fn read(store: &Store) -> Result<Inventory, VaultError> {
        // Leases first: what is listed after them is cut by them at least.
        let known = Lease::all(store).await?;
        let (wal, snap, leases) =
            tokio::try_join!(store.list("wal"), store.list("snap"), store.list(lease::FOLDER))?;
        let (head, drill, probe) =
            tokio::try_join!(store.list("head"), store.list("drill"), store.list("probe"))?;
        let rest: Vec<Listed> = head.into_iter().chain(drill).chain(probe).collect();
        let all = wal.iter().chain(&snap).chain(&leases).chain(&rest);
        let now_us = all.map(|object| object.stored_us).max().unwrap_or(0);
        let catalogue = Catalogue::of(known, &wal, &snap);
        Ok(Inventory { catalogue, snap, rest, leases, now_us })
    }

    /// What is not needed any more. Pure, O(objects log objects).
    #[must_use]
    pub fn unneeded(&self, keep: &Retention) -> Vec<Unneeded> {
        let mut gone = self.merged(keep);
        gone.extend(self.snapshots(keep));
        gone.extend(self.log(keep));
        gone.extend(self.given_up(keep));
        gone.extend(self.others(keep));
        // Once is enough, for the first reason found; a manifest goes before the parts it names.
        let mut seen = BTreeSet::new();
        gone.retain(|object| seen.insert(object.key.clone()));
        gone
    }

    /// Whether something stored then is older than `age`.
    fn older(&self, stored_us: i64, age: Duration) -> bool {
        self.now_us.saturating_sub(stored_us) > micros(age)
    }

    fn merged(&self, keep: &Retention) -> Vec<Unneeded> {
        let mut usable = self.catalogue.usable();
        // Of those that begin with the same commit the most merged first.
        usable.sort_unstable_by_key(|(segment, _)| (segment.first, Reverse(segment.level)));
        let mut best: [Option<(SegmentKey, Lsn)>; 3] = [None; 3];
        let mut gone = Vec::new();
        for (segment, upto) in usable {
            // Of what begins no later, what reaches furthest.
            let level = segment.level as usize;
            let replaces =
                |(other, reach): &(SegmentKey, Lsn)| other.epoch >= segment.epoch && *reach >= upto;
            let larger = best.iter().skip(level + 1).rev().flatten().find(|one| replaces(one));
            if let Some((by, _)) = larger {
                gone.push(of_segment(&segment, Why::Merged(*by)));
            }
            let seasoned = self.older(segment.stored_us, keep.grace);
            if let Some(best) = best.get_mut(level).filter(|_| seasoned)
                && best.is_none_or(|(_, reach)| upto > reach)
            {
                *best = Some((segment, upto));
            }
        }
        gone
    }

    /// The snapshots of the history, oldest first by commit.
    fn sound(&self) -> Vec<SnapshotKey> {
        let catalogue = &self.catalogue;
        let sound = catalogue.snapshots.iter().filter(|s| s.lsn <= catalogue.reach(s.epoch));
        let mut sound: Vec<SnapshotKey> = sound.copied().collect();
        sound.sort_unstable_by_key(|snapshot| (snapshot.lsn, snapshot.epoch));
        sound
    }

    /// The snapshot a restore to the beginning of the window begins with.
    fn base(&self, keep: &Retention) -> Option<SnapshotKey> {
        let before = |snapshot: &SnapshotKey| self.older(snapshot.stored_us, keep.window);
        self.sound().into_iter().rfind(before)
    }

    fn snapshots(&self, keep: &Retention) -> Vec<Unneeded> {
        let sound = self.sound();
        let mut kept: BTreeSet<SnapshotKey> = sound.iter().rev().take(2).copied().collect();
        kept.extend(self.base(keep));
        let (mut days, mut months) = (BTreeMap::new(), BTreeMap::new());
        for snapshot in &sound {
            if !self.older(snapshot.stored_us, keep.daily) {
                days.insert(snapshot.stored_us / micros(keep.day).max(1), *snapshot);
            }
            if !self.older(snapshot.stored_us, keep.monthly) {
                months.entry(snapshot.stored_us / micros(keep.month).max(1)).or_insert(*snapshot);
            }
        }
        kept.extend(days.into_values().chain(months.into_values()));
        let old = |snapshot: &&SnapshotKey| {
            !kept.contains(*snapshot) && self.older(snapshot.stored_us, keep.grace)
        };
        let gone: Vec<SnapshotKey> = sound.iter().filter(old).copied().collect();
        self.objects_of(&gone, Why::Old)
    }

    /// The objects of snapshots, each manifest before its parts.
    fn objects_of(&self, snapshots: &[SnapshotKey], why: Why) -> Vec<Unneeded> {
        let folders: BTreeMap<String, ()> =
            snapshots.iter().map(|snapshot| (snapshot.folder(), ())).collect();
        let mut found: Vec<Unneeded> = self
            .snap
            .iter()
            .filter(|object| folder(&object.key).is_some_and(|name| folders.contains_key(name)))
            .map(|object| of_object(object, why))
            .collect();
        found.sort_unstable_by_key(|object| (!object.key.ends_with(".json"), object.key.clone()));
        found
    }

    fn log(&self, keep: &Retention) -> Vec<Unneeded> {
        let Some(base) = self.base(keep) else { return Vec::new() };
        // From the oldest on, without a gap in what stays.
        let old = |(segment, upto): &(SegmentKey, Lsn)| {
            *upto <= base.lsn && self.older(segment.stored_us, keep.log.max(keep.window))
        };
        let usable = self.catalogue.usable();
        usable.iter().take_while(|s| old(s)).map(|(s, _)| of_segment(s, Why::Old)).collect()
    }

    fn given_up(&self, keep: &Retention) -> Vec<Unneeded> {
        let stored: HashMap<&str, i64> =
            self.leases.iter().map(|object| (object.key.as_str(), object.stored_us)).collect();
        // When the history parted before `first`, of what was written under `epoch`.
        let parted = |epoch: u64, first: Lsn| {
            let mut later =
                self.catalogue.leases.iter().filter(|lease| lease.epoch > epoch && lease.cuts());
            let lease = later.find(|lease| lease.from < first.0)?;
            let stored = stored.get(Lease::key(lease.epoch).as_str());
            Some(stored.copied().unwrap_or(lease.taken_us))
        };
        let over = |epoch, first, stored_us: i64| {
            parted(epoch, first).is_some_and(|at| self.older(at.max(stored_us), keep.window))
        };
        let segments = self.catalogue.segments.iter();
        let mut gone: Vec<Unneeded> = segments
            .filter(|segment| over(segment.epoch, segment.first, segment.stored_us))
            .map(|segment| of_segment(segment, Why::GivenUp))
            .collect();
        let snapshots = self.catalogue.snapshots.iter();
        let left: Vec<SnapshotKey> =
            snapshots.filter(|s| over(s.epoch, s.lsn, s.stored_us)).copied().collect();
        gone.extend(self.objects_of(&left, Why::GivenUp));
        gone
    }

    fn others(&self, keep: &Retention) -> Vec<Unneeded> {
        let whole: BTreeSet<String> =
            self.catalogue.snapshots.iter().map(SnapshotKey::folder).collect();
        // A newer one was finished: whoever began these does not go on with them.
        let newest = self.catalogue.snapshots.iter().map(|s| (s.epoch, s.lsn)).max();
        let newest = newest.map(|(epoch, lsn)| super::snapshot::folder(epoch, lsn.0));
        let mut newest_part: BTreeMap<&str, i64> = BTreeMap::new();
        for object in &self.snap {
            if let Some(name) = folder(&object.key).filter(|name| {
                !whole.contains(*name) && newest.as_deref().is_some_and(|newest| *name < newest)
            }) {
                let newest = newest_part.entry(name).or_insert(object.stored_us);
                *newest = (*newest).max(object.stored_us);
            }
        }
        let parts = self.snap.iter().filter(|object| {
            let newest = folder(&object.key).and_then(|name| newest_part.get(name));
            newest.is_some_and(|newest| self.older(*newest, keep.grace))
        });
        let mut gone: Vec<Unneeded> =
            parts.map(|object| of_object(object, Why::Unfinished)).collect();
        let mut days = BTreeSet::new();
        let is_head = |object: &Listed| object.key.starts_with("head/");
        // Of a day the newest stays, and the newest of all always: it shows that later commits are
        // missing.
        let mut rest: Vec<&Listed> = self.rest.iter().collect();
        rest.sort_unstable_by(|one, other| other.key.cmp(&one.key));
        let newest = rest.iter().find(|object| is_head(object)).map(|object| object.key.as_str());
        for object in rest {
            if newest == Some(&*object.key) {
                days.insert(object.stored_us / micros(keep.day).max(1));
                continue;
            }
            let (why, over) = if object.key.starts_with("probe/") {
                (Why::Unfinished, self.older(object.stored_us, keep.grace))
            } else {
                let day = is_head(object).then(|| object.stored_us / micros(keep.day).max(1));
                let again = day.is_some_and(|day| !days.insert(day));
                let beyond = self.older(object.stored_us, keep.window);
                (Why::Old, self.older(object.stored_us, keep.log) || (again && beyond))
            };
            if over {
                gone.push(of_object(object, why));
            }
        }
        gone
    }
}

fn of_object(object: &Listed, why: Why) -> Unneeded {
    Unneeded { key: object.key.clone(), bytes: object.bytes, why }
}

fn of_segment(segment: &SegmentKey, why: Why) -> Unneeded {
    Unneeded { key: segment.key(), bytes: segment.bytes, why }
}

/// The folder an object of a snapshot lies in.
fn folder(key: &str) -> Option<&str> {
    key.rsplit_once('/').map(|(folder, _)| folder)
}

/// Removes what is not needed any more. `lease` is looked at before each group of removals, where
/// whoever removes has one.
///
/// # Errors
/// `Damaged` for a merged segment that does not hold what it should replace, which stays then;
/// `Fenced`; `Store`.
pub async fn prune(
    store: &Store,
    inventory: &Inventory,
    unneeded: &[Unneeded],
    lease: Option<&Lease>,
) -> Result<u64, VaultError> {
    let mut replaced: BTreeMap<SegmentKey, Vec<SegmentKey>> = BTreeMap::new();
    let segments: HashMap<String, SegmentKey> =
        inventory.catalogue.segments.iter().map(|segment| (segment.key(), *segment)).collect();
    for object in unneeded {
        if let (Why::Merged(by), Some(segment)) = (object.why, segments.get(&object.key)) {
            replaced.entry(by).or_default().push(*segment);
        }
    }
    let mut removed = 0;
    for (by, old) in replaced {
        let old = confirmed(store, &inventory.catalogue, by, &old).await?;
        removed += remove(store, lease, old).await?;
    }
    let rest = unneeded.iter().filter(|object| !matches!(object.why, Why::Merged(_)));
    // Whoever sees a manifest finds its parts: they go after all manifests.
    let (manifests, rest): (Vec<String>, Vec<String>) = rest
        .map(|object| object.key.clone())
        .partition(|key| key.ends_with(super::snapshot::MANIFEST));
    for keys in [manifests, rest] {
        removed += remove(store, lease, keys).await?;
    }
    Ok(removed)
}

async fn remove(
    store: &Store,
    lease: Option<&Lease>,
    keys: Vec<String>,
) -> Result<u64, VaultError> {
    if keys.is_empty() {
        return Ok(0);
    }
    if let Some(lease) = lease {
        lease.check(store).await?;
    }
    let count = keys.len() as u64;
    let removals = keys.into_iter().map(|key| removed(store, key));
    stream::iter(removals).buffer_unordered(REMOVALS_AT_ONCE).try_collect::<Vec<()>>().await?;
    Ok(count)
}

async fn removed(store: &Store, key: String) -> Result<(), VaultError> {
    store.delete(&key).await
}

/// The keys of those segments whose commits are, with the same hashes, in a merged one, which is
/// read back for it.
async fn confirmed(
    store: &Store,
    catalogue: &Catalogue,
    by: SegmentKey,
    old: &[SegmentKey],
) -> Result<Vec<String>, VaultError> {
    let Some(merged) = read(store, &by).await? else { return Ok(Vec::new()) };
    let mut keys = Vec::with_capacity(old.len());
    for segment in old {
        let read = match read(store, segment).await {
            Ok(Some(read)) => read,
            // Removed meanwhile.
            Ok(None) => continue,
            Err(error @ VaultError::Damaged { .. }) => {
                tracing::warn!(%error, "it stays, though a merged segment replaces it");
                continue;
            }
            Err(error) => return Err(error),
        };
        let upto = segment.last.min(catalogue.reach(segment.epoch));
        let same =
            |lsn: Lsn| merged.hash_at(lsn).is_some() && merged.hash_at(lsn) == read.hash_at(lsn);
        if !same(segment.first.prev()) || !same(upto) {
            let why = format!("it does not hold what {} does", segment.key());
            return Err(VaultError::damaged(&by.key(), why));
        }
        keys.push(segment.key());
    }
    Ok(keys)
}

/// A segment, verified; none where it is not there.
pub(super) async fn read(store: &Store, of: &SegmentKey) -> Result<Option<Segment>, VaultError> {
    let key = of.key();
    let Some(body) = store.read_closed(&key).await? else { return Ok(None) };
    blocking(move || {
        let (organisation, _) = super::segment::whose(&body)
            .ok_or_else(|| VaultError::damaged(&key, "it is no segment"))?;
        Segment::read(&key, &organisation, &body).map(Some)
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_day_the_newest_signed_head_stays_and_the_newest_of_all_always() {
        let day = micros(Retention::default().day);
        let head = |lsn: u64, days_ago: i64, hour: i64| Listed {
            key: format!("head/0000000001/{lsn:020}.json"),
            bytes: 100,
            stored_us: (5_000 - days_ago) * day + hour,
        };
        // As a folder lists them: in no order.
        let rest = vec![head(4, 60, 3), head(2, 60, 1), head(5, 40, 2), head(3, 60, 2)];
        let now_us = 5_000 * day;
        let inventory = Inventory { rest, now_us, ..Inventory::default() };
        let gone = inventory.unneeded(&Retention::default());
        let mut gone: Vec<&str> = gone.iter().map(|object| object.key.as_str()).collect();
        gone.sort_unstable();
        assert_eq!(gone, [head(2, 0, 0).key, head(3, 0, 0).key]);
        // However long ago that is.
        let old = Inventory { rest: vec![head(9, 4_500, 0)], now_us, ..Inventory::default() };
        assert_eq!(old.unneeded(&Retention::default()), []);
    }
}
