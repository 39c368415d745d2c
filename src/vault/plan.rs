//! What a restore to a moment reads: the newest snapshot before it, and the segments after that.

use std::collections::BTreeMap;

use super::{
    Catalogue, Lost, Manifest, SegmentKey, SignedHead, Store, VaultError, heads, lost,
    moment::{Stop, first_moment},
    segment,
};
use crate::ledger::{Head, Log, Lsn, genesis_hash};

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
    /// The commit the log of the restored ledger goes on from: the snapshot's, or an older one
    /// where the history comes along.
    pub anchor: Head,
    /// The segments of the log before the snapshot, for the history only.
    pub past: Vec<(SegmentKey, Lsn)>,
    /// The segments after it, each with the last of its commits that counts.
    pub segments: Vec<(SegmentKey, Lsn)>,
    /// Commits after the segments that are missing, where there are any; whether the moment lies
    /// before them is found out on the way.
    pub lost: Option<Lost>,
    /// Signed heads among what is read, which must agree with it.
    pub heads: BTreeMap<Lsn, SignedHead>,
    /// Bytes to be read.
    pub bytes: u64,
    /// Which epoch the restored ledger begins.
    pub epoch: u64,
    /// The newest commit in the vault.
    pub newest: Lsn,
    /// Whether commits that are made again are looked up afterwards: otherwise their rows are all
    /// that is restored of them, which is faster.
    pub log: Log,
}

/// Finds out what a restore to a moment would read. Nothing is written.
///
/// # Errors
/// `Missing` where the vault does not reach to the moment; `Damaged`, also where commits are missing
/// that it takes; `Store`.
pub async fn plan(store: &Store, target: Target) -> Result<Plan, VaultError> {
    let (catalogue, listing, lost) = lost::look(store).await?;
    planned(store, target, &catalogue, &listing, lost).await
}

/// As [`plan`], and has the log before the snapshot come along, as far back as the vault holds it
/// without a gap: what tidying left half removed, or was never stored beside a snapshot, ends it.
///
/// # Errors
/// As [`plan`].
pub async fn plan_with_history(store: &Store, target: Target) -> Result<Plan, VaultError> {
    let (catalogue, listing, lost) = lost::look(store).await?;
    let plan = planned(store, target, &catalogue, &listing, lost).await?;
    with_history(store, plan, &catalogue, &listing).await
}

async fn planned(
    store: &Store,
    target: Target,
    catalogue: &Catalogue,
    listing: &heads::Listing,
    lost: Option<Lost>,
) -> Result<Plan, VaultError> {
    let epoch = catalogue.leases.last().map_or(0, |lease| lease.epoch) + 1;
    let snapshot = snapshot_for(store, catalogue, target).await?;
    let start = snapshot.as_ref().map_or(Lsn::ZERO, |manifest| Lsn(manifest.lsn));
    let newest = catalogue.newest();
    let mut segments = catalogue.cover(start);
    let reach = segments.last().map_or(start, |(_, upto)| *upto);
    let base = if snapshot.is_some() { start } else { catalogue.begins() };
    let lost = catalogue.lost_after(base).or(lost.filter(|lost| lost.first > reach));
    match (target, &lost) {
        (Target::Latest, Some(lost)) => return Err(lost.error()),
        (Target::Lsn(wanted), Some(lost)) if wanted >= lost.first => return Err(lost.error()),
        _ => {}
    }
    if segments.is_empty() && snapshot.is_none() {
        return Err(nothing(store, catalogue, lost, target).await);
    }
    if let Target::Lsn(wanted) = target {
        if wanted > reach || wanted < start {
            let why = format!("the vault reaches to commit {reach}, not to {wanted}");
            return Err(VaultError::Missing(why));
        }
        // A snapshot of the very commit needs nothing after it.
        segments.retain(|(segment, _)| segment.first <= wanted && wanted > start);
    }
    let (organisation, schema) = match &snapshot {
        Some(manifest) => (organisation_of(manifest)?, manifest.schema),
        None => {
            let (organisation, schema, from_us) = first_whose(store, &segments).await?;
            if matches!((target, from_us), (Target::At(time), Some(from_us)) if from_us > time) {
                return Err(VaultError::TooEarly(Stop { lsn: Lsn(1), at_us: from_us }));
            }
            (organisation, schema)
        }
    };
    let bytes = segments.iter().map(|(segment, _)| segment.bytes).sum::<u64>()
        + snapshot.as_ref().map_or(0, |manifest| manifest.bytes);
    let anchor = match &snapshot {
        Some(manifest) => manifest.head()?,
        None => Head { lsn: Lsn::ZERO, hash: genesis_hash(&organisation) },
    };
    let heads = listing.between(store, catalogue, &organisation, start, newest).await?;
    let past = Vec::new();
    let plan = Plan {
        organisation,
        schema,
        target,
        snapshot,
        anchor,
        past,
        segments,
        lost,
        heads,
        bytes,
        epoch,
        newest,
        log: Log::Kept,
    };
    Ok(plan)
}

async fn with_history(
    store: &Store,
    mut plan: Plan,
    catalogue: &Catalogue,
    listing: &heads::Listing,
) -> Result<Plan, VaultError> {
    let Some(manifest) = &plan.snapshot else { return Ok(plan) };
    let upto = Lsn(manifest.lsn);
    let Some((oldest, past)) = catalogue.unbroken_to(upto) else { return Ok(plan) };
    let Some((first, _)) = past.first() else { return Ok(plan) };
    let key = first.key();
    let read = super::retention::read(store, first).await?;
    let read = read.ok_or_else(|| VaultError::Missing(format!("{key} is not there")))?;
    if oldest == Lsn::ZERO && read.header.before != genesis_hash(&plan.organisation) {
        return Err(VaultError::damaged(&key, "it is not the beginning of this history"));
    }
    plan.anchor = Head { lsn: oldest, hash: read.header.before };
    plan.heads = listing.between(store, catalogue, &plan.organisation, oldest, plan.newest).await?;
    plan.bytes += past.iter().map(|(segment, _)| segment.bytes).sum::<u64>();
    plan.past = past;
    Ok(plan)
}

/// Why there is nothing to begin with.
async fn nothing(
    store: &Store,
    catalogue: &Catalogue,
    lost: Option<Lost>,
    target: Target,
) -> VaultError {
    if let (Target::At(_), Ok(Some(first))) = (target, first_moment(store, catalogue).await) {
        return VaultError::TooEarly(first);
    }
    match (lost, catalogue.segments.first()) {
        (Some(lost), _) => lost.error(),
        (None, Some(segment)) => VaultError::Missing(format!(
            "the vault begins with commit {}, and its first snapshot is not finished",
            segment.first
        )),
        (None, None) => VaultError::Missing("there is nothing in the vault to restore".into()),
    }
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
            // Of no time that is known: it may be of any.
            (Target::At(_), None) if found.lsn > Lsn::ZERO => upto = found.lsn.prev(),
            (Target::At(_) | Target::Latest | Target::Lsn(_), _) => return Ok(Some(manifest)),
        }
        if upto == Lsn::ZERO {
            return Ok(None);
        }
    }
}

pub(super) fn organisation_of(manifest: &Manifest) -> Result<[u8; 16], VaultError> {
    let id = uuid::Uuid::try_parse(&manifest.organisation)
        .map_err(|_| VaultError::Missing("the snapshot does not say whose it is".into()))?;
    Ok(*id.as_bytes())
}

/// Whose a log is that begins with the first commit, the version of the rows before it, and when its
/// first commit was made.
pub(super) async fn first_whose(
    store: &Store,
    segments: &[(SegmentKey, Lsn)],
) -> Result<([u8; 16], u32, Option<i64>), VaultError> {
    let missing = || VaultError::Missing("there is nothing in the vault to restore".into());
    let (first, _) = segments.first().ok_or_else(missing)?;
    if first.first > Lsn(1) {
        let why = format!("the vault begins with commit {}, and holds no snapshot", first.first);
        return Err(VaultError::Missing(why));
    }
    let body = store.read_closed(&first.key()).await?.ok_or_else(missing)?;
    let (organisation, schema) = segment::whose(&body)
        .ok_or_else(|| VaultError::damaged(&first.key(), "it is cut short"))?;
    Ok((organisation, schema, segment::from_us(&body)))
}
