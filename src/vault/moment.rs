//! The moments of a history: where a restore would stop, and the first there is.

use std::fmt;

use super::{Catalogue, Manifest, Plan, SegmentKey, Store, Target, VaultError, segment};
use crate::ledger::Lsn;

/// A commit and when it was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stop {
    /// The commit.
    pub lsn: Lsn,
    /// When it was made, microseconds since 1970; none where that is not known.
    pub at_us: Option<i64>,
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "commit {}", self.lsn)?;
        match self.at_us.and_then(|at_us| jiff::Timestamp::from_microsecond(at_us).ok()) {
            Some(at) => write!(f, " of {}", at.strftime("%Y-%m-%d %H:%M:%SZ")),
            None => Ok(()),
        }
    }
}

/// Where a restore after a plan would stop. A few objects are read, nothing is written.
///
/// # Errors
/// `Damaged` or `Missing` where the moment needs commits that are lost; `Store`.
pub async fn stop(store: &Store, plan: &Plan) -> Result<Stop, VaultError> {
    let start = plan.snapshot.as_ref().map_or(Stop { lsn: Lsn::ZERO, at_us: None }, |manifest| {
        Stop { lsn: Lsn(manifest.lsn), at_us: manifest.at_us }
    });
    let found = match plan.target {
        Target::Latest => match plan.segments.last() {
            Some((segment, upto)) => at(store, plan, segment, *upto).await?,
            None => start,
        },
        Target::Lsn(wanted) => {
            let holds =
                |(segment, upto): &&(SegmentKey, Lsn)| segment.first <= wanted && wanted <= *upto;
            match plan.segments.iter().find(holds) {
                Some((segment, _)) => at(store, plan, segment, wanted).await?,
                None => start,
            }
        }
        Target::At(time) => last_by(store, plan, time).await?.unwrap_or(start),
    };
    // The moment may be any of what is lost.
    let ends = plan.segments.last().map_or(start.lsn, |(_, upto)| *upto);
    match (&plan.lost, plan.target) {
        (Some(lost), Target::At(_)) if found.lsn == ends => Err(lost.error()),
        _ => Ok(found),
    }
}

/// The last commit at or before a time, by halving: commits are in the order of their times.
async fn last_by(store: &Store, plan: &Plan, time: i64) -> Result<Option<Stop>, VaultError> {
    let (mut from, mut to) = (0, plan.segments.len());
    let mut found = None;
    while from < to {
        let middle = from.midpoint(to);
        let Some((segment, upto)) = plan.segments.get(middle) else { break };
        let times = times(store, plan, segment, *upto).await?;
        match times.iter().rfind(|(_, at_us)| *at_us <= time) {
            Some((lsn, at_us)) => {
                found = Some(Stop { lsn: *lsn, at_us: Some(*at_us) });
                if lsn != upto {
                    break;
                }
                from = middle + 1;
            }
            None => to = middle,
        }
    }
    Ok(found)
}

async fn at(
    store: &Store,
    plan: &Plan,
    segment: &SegmentKey,
    lsn: Lsn,
) -> Result<Stop, VaultError> {
    let times = times(store, plan, segment, lsn).await?;
    Ok(Stop { lsn, at_us: times.last().map(|(_, at_us)| *at_us) })
}

/// When the commits of a segment were made, up to the last that counts.
async fn times(
    store: &Store,
    plan: &Plan,
    segment: &SegmentKey,
    upto: Lsn,
) -> Result<Vec<(Lsn, i64)>, VaultError> {
    let key = segment.key();
    let body = store.read_closed(&key).await?;
    let body = body.ok_or_else(|| VaultError::Missing(format!("{key} is not in the vault")))?;
    let organisation = plan.organisation;
    super::blocking(move || {
        let read = segment::Segment::read(&key, &organisation, &body)?;
        let first = read.header.first.0;
        let all = (first..).map(Lsn).zip(&read.commits).filter(|(lsn, _)| *lsn <= upto);
        Ok(all.filter_map(|(lsn, commit)| Some((lsn, segment::at_us(commit)?))).collect())
    })
    .await
}

/// The first moment that can be restored; none where there is nothing, or no time is known.
///
/// # Errors
/// `Damaged`, `Store`.
pub async fn first_moment(
    store: &Store,
    catalogue: &Catalogue,
) -> Result<Option<Stop>, VaultError> {
    if let Some((segment, _)) = catalogue.cover(Lsn::ZERO).first() {
        let body = store.read_closed(&segment.key()).await?.unwrap_or_default();
        let at_us = segment::from_us(&body);
        return Ok(Some(Stop { lsn: segment.first, at_us }));
    }
    let sound = catalogue.snapshots.iter().filter(|s| s.lsn <= catalogue.reach(s.epoch));
    let Some(oldest) = sound.min_by_key(|snapshot| snapshot.lsn) else { return Ok(None) };
    let manifest = Manifest::read(store, *oldest).await?;
    Ok(Some(Stop { lsn: oldest.lsn, at_us: manifest.at_us }))
}
