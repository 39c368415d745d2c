//! What is done beside shipping, on a schedule, by whoever holds the lease: heads are signed, small
//! segments merged, what is not needed any more removed, and the whole restored as a drill.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use tokio::{
    sync::Semaphore,
    time::{Instant, sleep_until},
};

use super::{
    Inventory, Lease, Merging, Policy, Report, Retention, SignedHead, Signer, Store, VaultError,
    blocking, compact, drill, drill::live, follow::Vault, retention::prune,
};
use crate::{
    ledger::{Lsn, Reader},
    workspace::system_clock_us,
};

/// How soon after the start the first upkeep is due, where it is not due sooner anyway.
const FIRST: Duration = Duration::from_secs(10);
/// How long a drill waits for the newest commits to be stored.
const DRILL_PATIENCE: Duration = Duration::from_secs(10 * 60);

/// Name of the folder in the data folder that drills restore into.
const SCRATCH: &str = "drill";
/// Name of the file in the data folder that says where its vault was written.
const MARK: &str = "vault-place";

/// What a server has of its own for its vaults.
#[derive(Debug, Default)]
pub struct Own {
    /// The folder ledgers are restored into for drills; without one there are none.
    pub scratch: Option<PathBuf>,
    /// The key heads are signed with; without one they are not.
    pub signer: Option<Signer>,
    /// Where the vaults are, as the configuration names it.
    pub place: String,
    /// The file that says at which place vaults were written from here; none where nobody asks.
    pub mark: Option<PathBuf>,
    pub(super) drilling: Turn,
}

/// One drill at a time, whatever the number of organisations.
#[derive(Debug)]
pub(super) struct Turn(Semaphore);

impl Default for Turn {
    fn default() -> Self {
        Turn(Semaphore::new(1))
    }
}

impl Own {
    /// For vaults in a place, of a data folder, and with a key to sign with.
    pub fn new(place: String, data: &Path, signer: Signer) -> Own {
        Own {
            scratch: Some(data.join(SCRATCH)),
            signer: Some(signer),
            place,
            mark: Some(data.join(MARK)),
            ..Own::default()
        }
    }

    /// Whether vaults at the place were written from here before.
    #[must_use]
    pub fn wrote_there(&self) -> bool {
        let written = self.mark.as_ref().and_then(|mark| std::fs::read_to_string(mark).ok());
        written.is_some_and(|written| written.trim() == self.place)
    }

    /// Notes that they are.
    pub(super) fn note(&self) {
        let Some(mark) = self.mark.as_ref().filter(|_| !self.wrote_there()) else { return };
        if let Err(error) = std::fs::write(mark, format!("{}\n", self.place)) {
            tracing::warn!(%error, "{} was not written", mark.display());
        }
    }
}

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
        loop {
            let due = drill_at.map_or(upkeep_at, |at| at.min(upkeep_at));
            tokio::select! {
                biased;
                () = sleep_until(due) => {}
                () = self.vault.drill_asked.notified() => drill_at = Some(Instant::now()),
            }
            if Instant::now() >= upkeep_at {
                upkeep_at = Instant::now() + self.policy.upkeep_interval;
                let done = self.upkeep().await;
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
        let age = last.as_ref().map(|last| system_clock_us().saturating_sub(last.at_us).max(0));
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
