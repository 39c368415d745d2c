//! Commits that must be in a vault and are not.
//!
//! Segments are stored in the order of their commits, and tidying removes from the oldest on, never
//! what comes after the newest snapshots. So where commits after the newest snapshot are missing and
//! something later is there, a segment was lost: a restore to what is left would look whole.

use std::fmt;

use super::{Catalogue, Store, VaultError, heads};
use crate::ledger::Lsn;

/// How often a vault is looked at anew: a listing taken while segments are stored may have a later
/// one and not the one before it.
const LOOKS_MAX: u32 = 4;

/// Commits that no segment holds, though something later is in the vault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost {
    /// The first of them.
    pub first: Lsn,
    /// The last of them.
    pub last: Lsn,
    /// What is in the vault and comes after them.
    pub beyond: String,
    /// Whether tidying may have taken them: a newer snapshot makes them needless for the newest
    /// state.
    pub may_be_tidied: bool,
}

impl Lost {
    /// Why a restore that needs them is not possible.
    #[must_use]
    pub fn error(&self) -> VaultError {
        let why = self.to_string();
        if self.may_be_tidied {
            return VaultError::Missing(format!("{why}; they may be older than the log is kept"));
        }
        let before = self.first.prev();
        let way_out = match before {
            Lsn::ZERO => String::new(),
            before => {
                format!(", or as far as commit {before} with --org NAME --at-lsn {before}")
            }
        };
        let why = format!("{why}; restore once they are back in the vault{way_out}");
        VaultError::damaged("the log", why)
    }
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Lost { first, last, beyond, .. } = self;
        match first == last {
            true => write!(f, "commit {first} is missing in the vault, while {beyond} is there"),
            false => write!(
                f,
                "commits {first} to {last} are missing in the vault, while {beyond} is there"
            ),
        }
    }
}

impl Catalogue {
    /// The first commits after `start` that are missing while later ones are there.
    #[must_use]
    pub fn lost_after(&self, start: Lsn) -> Option<Lost> {
        let reached = self.cover(start).last().map_or(start, |(_, upto)| *upto);
        let newer = self.snapshots.iter().filter(|snapshot| {
            snapshot.lsn > reached && snapshot.lsn <= self.reach(snapshot.epoch)
        });
        let newer = newer.min_by_key(|snapshot| snapshot.lsn);
        let usable = self.usable();
        let later = usable.iter().find(|(segment, _)| segment.first > reached.next());
        let (last, beyond) = match (later, newer) {
            (Some((segment, _)), Some(snapshot)) if snapshot.lsn < segment.first => {
                (snapshot.lsn, format!("the snapshot of commit {}", snapshot.lsn))
            }
            (Some((segment, _)), _) => (segment.first.prev(), segment.key()),
            (None, Some(snapshot)) => {
                (snapshot.lsn, format!("the snapshot of commit {}", snapshot.lsn))
            }
            (None, None) => return None,
        };
        Some(Lost { first: reached.next(), last, beyond, may_be_tidied: newer.is_some() })
    }

    /// The commit the vault was begun after: that of a ledger may begin late.
    #[must_use]
    pub fn begins(&self) -> Lsn {
        self.leases.first().map_or(Lsn::ZERO, |lease| Lsn(lease.from))
    }

    /// The same after the newest snapshot, or after where the log of the vault begins: commits that
    /// nothing makes needless. A signed head beyond the newest commit is something later, too.
    #[must_use]
    pub(super) fn lost(&self, signed: Option<(Lsn, String)>) -> Option<Lost> {
        let start = self.snapshot_at(Lsn(u64::MAX)).map_or(self.begins(), |newest| newest.lsn);
        let lost = self.lost_after(start);
        let newest = self.cover(start).last().map_or(start, |(_, upto)| *upto);
        let beyond = signed.filter(|(lsn, _)| *lsn > newest);
        lost.or_else(|| {
            let (last, beyond) = beyond?;
            Some(Lost { first: newest.next(), last, beyond, may_be_tidied: false })
        })
    }
}

/// What a vault holds, and what is lost of it. What is on its way while this looks is not taken for
/// lost.
///
/// # Errors
/// `Store`, or `Damaged` for a lease.
pub(super) async fn look(
    store: &Store,
) -> Result<(Catalogue, heads::Listing, Option<Lost>), VaultError> {
    let mut before = None;
    for _ in 1..LOOKS_MAX {
        let (catalogue, heads, lost) = once(store).await?;
        if lost.is_none() || lost == before {
            return Ok((catalogue, heads, lost));
        }
        before = lost;
    }
    once(store).await
}

async fn once(store: &Store) -> Result<(Catalogue, heads::Listing, Option<Lost>), VaultError> {
    // Heads first: what they sign was stored before them.
    let heads = heads::Listing::read(store).await?;
    let catalogue = Catalogue::read(store).await?;
    let lost = catalogue.lost(heads.newest(&catalogue));
    Ok((catalogue, heads, lost))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::{Lease, SegmentKey, SnapshotKey};

    fn catalogue(segments: &[(u64, u64, u64)], leases: &[(u64, u64)], snaps: &[u64]) -> Catalogue {
        let segment = |(epoch, first, last): &(u64, u64, u64)| SegmentKey {
            epoch: *epoch,
            first: Lsn(*first),
            last: Lsn(*last),
            ..SegmentKey::default()
        };
        let lease = |(epoch, from): &(u64, u64)| Lease {
            epoch: *epoch,
            holder: uuid::Uuid::nil(),
            taken_us: 0,
            from: *from,
            hash: "0".repeat(64),
            format: 0,
            held: false,
        };
        let snapshot = |lsn: &u64| SnapshotKey { epoch: 1, lsn: Lsn(*lsn), stored_us: 0 };
        Catalogue {
            segments: segments.iter().map(segment).collect(),
            leases: leases.iter().map(lease).collect(),
            snapshots: snaps.iter().map(snapshot).collect(),
            ..Catalogue::default()
        }
    }

    fn missing(catalogue: &Catalogue, signed: Option<u64>) -> Option<(u64, u64)> {
        let signed = signed.map(|lsn| (Lsn(lsn), format!("head/{lsn}")));
        catalogue.lost(signed).map(|lost| (lost.first.0, lost.last.0))
    }

    #[test]
    fn what_is_missing_below_something_later_is_named() {
        let whole = [(1, 1, 2), (1, 3, 3), (1, 4, 6)];
        let begun = [(1, 0)];
        assert_eq!(missing(&catalogue(&whole, &begun, &[]), Some(6)), None);
        for (gone, expected) in [(0, (1, 2)), (1, (3, 3))] {
            let mut left = whole.to_vec();
            left.remove(gone);
            assert_eq!(missing(&catalogue(&left, &begun, &[]), None), Some(expected), "{gone}");
        }
        // The last one is known by the head that was signed.
        let left = &whole[..2];
        assert_eq!(missing(&catalogue(left, &begun, &[]), None), None);
        let lost = catalogue(left, &begun, &[]).lost(Some((Lsn(6), "head/6".into()))).unwrap();
        assert_eq!((lost.first, lost.last), (Lsn(4), Lsn(6)));
        let said = lost.error().to_string();
        assert!(said.contains("commits 4 to 6 are missing"), "{said}");
        assert!(said.contains("head/6") && said.contains("--at-lsn 3"), "{said}");
    }

    #[test]
    fn what_tidying_leaves_and_what_was_cut_off_is_no_loss() {
        // Of the log before the newest snapshot anything may be gone.
        let tidied = [(1, 3, 4), (1, 9, 10), (1, 11, 12)];
        assert_eq!(missing(&catalogue(&tidied, &[(1, 0)], &[5, 10]), Some(12)), None);
        // Epoch 1 went on to 9 and was cut off at 4; of what it left segments may be gone.
        let branch = [(1, 1, 4), (1, 7, 9), (2, 5, 6)];
        assert_eq!(missing(&catalogue(&branch, &[(1, 0), (2, 4)], &[]), None), None);
        // Begun by a ledger that had commits already, its first snapshot not finished.
        assert_eq!(missing(&catalogue(&[(1, 51, 60)], &[(1, 50)], &[]), Some(60)), None);
    }

    #[test]
    fn moments_before_a_newer_snapshot_may_be_gone_and_are_no_damage() {
        let held = catalogue(&[(1, 1, 4), (1, 9, 12)], &[(1, 0)], &[8]);
        assert_eq!(held.lost(None), None);
        let lost = held.lost_after(Lsn::ZERO).unwrap();
        assert_eq!((lost.first, lost.last, lost.may_be_tidied), (Lsn(5), Lsn(8), true));
        assert!(lost.error().to_string().contains("older than the log is kept"));
    }
}
