//! What is done beside shipping, on a schedule, by whoever holds the lease: heads are signed, small
//! segments merged, what is not needed any more removed, and the whole restored as a drill.

use std::{sync::Arc, time::Duration};

use tokio::time::{Instant, sleep_until};

use super::{
    Inventory, Lease, Merging, Own, Policy, Report, Retention, SignedHead, Store, VaultError,
    blocking, compact, drill, drill::live, follow::Vault, retention::prune,
};
use crate::{
    ledger::{Lsn, Reader},
    workspace::system_clock_us,
};

/// How soon after the start the first upkeep is due, where it is not due sooner anyway.
const FIRST: Duration = Duration::from_secs(10);
/// How often it is looked whether another server has taken over, where nothing is shipped meanwhile.
const LEASE_CHECKED: Duration = Duration::from_secs(20);
/// How long a drill waits for the newest commits to be stored.
const DRILL_PATIENCE: Duration = Duration::from_secs(10 * 60);

/// Looks after one vault.
pub(super) struct Keeper {
    pub vault: Arc<Vault>,
    pub store: Store,
    pub reader: Reader,
    pub policy: Policy,
    pub lease: Lease,
    pub own: Arc<Own>,
}

impl Keeper {
    /// Keeps it until aborted.
    pub(super) async fn run(self) {
        let begin = Instant::now();
        let mut upkeep_at = begin + FIRST.min(self.policy.upkeep_interval);
        let mut drill_at = self.first_drill(begin).await;
        let mut check_at = begin + LEASE_CHECKED;
        loop {
            let due = drill_at.map_or(upkeep_at, |at| at.min(upkeep_at)).min(check_at);
            tokio::select! {
                biased;
                () = sleep_until(due) => {}
                () = self.vault.drill_asked.notified() => drill_at = Some(Instant::now()),
            }
            if Instant::now() >= check_at {
                check_at = Instant::now() + LEASE_CHECKED;
                if let Err(error @ VaultError::Fenced(_)) = self.lease.check(&self.store).await {
                    // At once, not with the next change: that would be acknowledged and lost.
                    return super::ship::refuse(&self.vault, &error);
                }
            }
            if Instant::now() >= upkeep_at {
                upkeep_at = Instant::now() + self.policy.upkeep_interval;
                let done = self.upkeep().await;
                if let Err(error @ VaultError::Fenced(_)) = &done {
                    return super::ship::refuse(&self.vault, error);
                }
                if let Err(error) = &done {
                    tracing::warn!(vault = self.vault.slug, %error, "the vault was not tidied");
                }
                let trouble = done.err().map(|error| Arc::from(error.to_string()));
                self.vault.note(|figures| figures.upkeep_trouble = trouble);
            }
            if drill_at.is_some_and(|at| Instant::now() >= at) {
                self.drill().await;
                drill_at = self.policy.drill_interval.map(|interval| Instant::now() + interval);
            }
        }
    }

    /// When the first drill is due: an interval after the last one there was, and once there is
    /// something to restore.
    async fn first_drill(&self, begin: Instant) -> Option<Instant> {
        let interval = self.policy.drill_interval?;
        self.own.scratch.as_ref()?;
        let last = Report::newest(&self.store).await.unwrap_or_else(|error| {
            tracing::warn!(vault = self.vault.slug, %error, "the last drill is not known");
            None
        });
        // One of a time to come is of a clock that was wrong: nobody knows how old it is.
        let age = last.as_ref().map(|last| system_clock_us().saturating_sub(last.at_us));
        let age = age.filter(|age| *age >= 0);
        self.vault.note(|figures| figures.drill = last);
        let left = age.map(|age| interval.saturating_sub(Duration::from_micros(age as u64)));
        Some(begin + left.unwrap_or_default().max(FIRST.min(interval)))
    }

    /// Signs, merges and removes.
    pub(super) async fn upkeep(&self) -> Result<(), VaultError> {
        self.sign().await?;
        let Policy { merging, retention, .. } = &self.policy;
        let (made, removed) = upkeep(&self.store, &self.lease, merging, retention).await?;
        if made + removed > 0 {
            tracing::info!(
                vault = self.vault.slug,
                made,
                removed,
                "segments merged, objects removed"
            );
        }
        Ok(())
    }

    /// Signs the newest stored commit, unless it is signed.
    async fn sign(&self) -> Result<(), VaultError> {
        let Some(signer) = &self.own.signer else { return Ok(()) };
        let figures = self.vault.figures();
        if figures.stored == Lsn::ZERO || figures.signed == Some(figures.stored) {
            return Ok(());
        }
        let (reader, upto) = (self.reader.clone(), figures.stored);
        let found = blocking(move || {
            let snapshot = reader.snapshot()?;
            Ok((snapshot.head_at(upto)?, snapshot.schema().organisation))
        });
        let (Some(head), organisation) = found.await? else { return Ok(()) };
        self.lease.check(&self.store).await?;
        let epoch = self.lease.epoch;
        let signed = SignedHead::sign(signer, &organisation, epoch, head, system_clock_us());
        signed.store(&self.store).await?;
        self.vault.note(|figures| figures.signed = Some(upto));
        Ok(())
    }

    /// Restores everything into a scratch folder, compares, and tells how it went.
    pub(super) async fn drill(&self) {
        let Ok(_turn) = self.own.drilling.0.acquire().await else { return };
        let began = Instant::now();
        let done = self.restored().await;
        let report = match done {
            // The store is away: that is told as that, and nothing is known of the back-up.
            Err(error @ VaultError::Store(_)) => {
                tracing::warn!(vault = self.vault.slug, %error, "there was no drill");
                self.vault.note(|figures| {
                    figures.drill_asked = false;
                    figures.drill_trouble = Some(error.to_string().into());
                });
                return;
            }
            done => {
                let figures = done.as_ref().copied().unwrap_or_default();
                Report {
                    at_us: system_clock_us(),
                    took_ms: began.elapsed().as_millis() as u64,
                    lsn: figures.lsn.0,
                    rows: figures.rows,
                    commits: figures.commits,
                    failure: done.err().map(|error| error.to_string()),
                }
            }
        };
        match &report.failure {
            Some(failure) => self.vault.alarm(failure),
            None => tracing::info!(
                vault = self.vault.slug,
                lsn = report.lsn,
                took_ms = report.took_ms,
                "the vault was restored and compared, all as it should be"
            ),
        }
        if let Err(error) = report.store(&self.store).await {
            tracing::warn!(vault = self.vault.slug, %error, "the report of the drill is not kept");
        }
        self.vault.note(|figures| {
            figures.drill = Some(report);
            figures.drill_asked = false;
            figures.drill_trouble = None;
        });
    }

    async fn restored(&self) -> Result<super::Restored, VaultError> {
        let scratch = self.own.scratch.as_ref();
        let none = || VaultError::Settings("there is no folder for drills".into());
        let scratch = scratch.ok_or_else(none)?.join(&self.vault.slug);
        let failed = |cause| super::restore::file_error(&scratch, cause);
        std::fs::create_dir_all(&scratch).map_err(failed)?;
        let (lsn, hash, schema) = live(&self.reader).await?;
        let mut stored = self.vault.stored();
        let stored = stored.wait_for(|stored| *stored >= lsn);
        let waited = tokio::time::timeout(DRILL_PATIENCE, stored).await.is_ok();
        let compared = waited.then_some((lsn, hash));
        let done = drill::drill(&self.store, &schema, &scratch, compared, |_| ()).await;
        drop(std::fs::remove_dir_all(&scratch));
        done
    }
}

/// Merges small segments and removes what is not needed any more; how many segments were made and
/// how many objects removed.
///
/// # Errors
/// `Damaged` for a segment that does not hold; `Fenced`; `Store`.
pub(super) async fn upkeep(
    store: &Store,
    lease: &Lease,
    merging: &Merging,
    retention: &Retention,
) -> Result<(u64, u64), VaultError> {
    let inventory = Inventory::read(store).await?;
    // What cannot be merged keeps nothing else from being removed.
    let merged = compact::compact(store, &inventory, merging, lease).await;
    let removed = prune(store, &inventory, &inventory.unneeded(retention), Some(lease)).await?;
    Ok((merged?.0, removed))
}
