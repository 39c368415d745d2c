//! The vaults of a data folder: one for each organisation and one for the control ledger.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, OnceLock, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use parking_lot::{Condvar, Mutex};
use serde::{Deserialize, Serialize};
use tokio::{
    sync::{Notify, watch},
    task::JoinHandle,
};

use super::{Merging, Own, Report, Retention, Store, VaultError, ship};
use crate::{
    ledger::{Lsn, Reader, Tail},
    workspace::{Archive, Options, Workspace, control::Host},
};

/// The folder of the control ledger: no organisation can have that slug.
pub const CONTROL: &str = "_control";

/// When a commit is acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Durability {
    /// Once it is on this machine's disk; the vault has it within the flush interval.
    #[default]
    Local,
    /// Once it is in the vault as well.
    Sync,
}

/// How a vault is kept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Policy {
    /// The longest a commit waits for company before it is sent.
    pub flush_interval: Duration,
    /// When a commit is acknowledged.
    pub durability: Durability,
    /// The longest time between two snapshots of a ledger that changes.
    pub snapshot_interval: Duration,
    /// Bytes of log after which a snapshot is taken sooner.
    pub snapshot_bytes: u64,
    /// Go without fencing where the store cannot do it.
    pub unfenced: bool,
    /// The time between two rounds of signing, merging and removing.
    pub upkeep_interval: Duration,
    /// What is merged.
    pub merging: Merging,
    /// What is kept.
    pub retention: Retention,
    /// The time between two restore drills; none for no drills.
    pub drill_interval: Option<Duration>,
    /// How long commits that the vault has stay in the ledger as well; none for ever.
    pub keep_log: Option<Duration>,
}

impl Default for Policy {
    fn default() -> Self {
        Policy {
            flush_interval: Duration::from_secs(1),
            durability: Durability::Local,
            snapshot_interval: Duration::from_secs(24 * 60 * 60),
            snapshot_bytes: 64 * 1024 * 1024,
            unfenced: false,
            upkeep_interval: Duration::from_secs(60 * 60),
            merging: Merging::default(),
            retention: Retention::default(),
            drill_interval: Some(Duration::from_secs(24 * 60 * 60)),
            keep_log: Some(Duration::from_secs(90 * 24 * 60 * 60)),
        }
    }
}

/// How a vault is doing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// The lease held; none before it is.
    pub epoch: Option<u64>,
    /// The newest commit of the ledger.
    pub head: Lsn,
    /// The newest commit in the vault.
    pub stored: Lsn,
    /// Whether nothing can be restored of it yet: its log begins late, and the first snapshot of the
    /// rows it goes on from is not finished.
    pub baseless: bool,
    /// Bytes of log on their way, before compression.
    pub lag_bytes: u64,
    /// Bytes of log stored or passed over since the ledger was opened.
    pub(super) seen_bytes: u64,
    /// Since when the oldest commit on its way has waited, microseconds since 1970.
    pub lag_since_us: Option<i64>,
    /// Segments stored by this process.
    pub segments: u64,
    /// Bytes of them, as stored.
    pub segment_bytes: u64,
    /// The newest snapshot: its commit, and when it was finished, microseconds since 1970.
    pub snapshot: Option<(Lsn, i64)>,
    /// Whether somebody asked for a snapshot that is not finished.
    pub snapshot_asked: bool,
    /// The commit that one that was asked for must hold.
    pub(super) snapshot_wanted: Lsn,
    /// Why the last snapshot was not taken; none while all is well.
    pub snapshot_trouble: Option<Arc<str>>,
    /// The newest commit whose hash this process signed.
    pub signed: Option<Lsn>,
    /// The newest drill, by whichever server.
    pub drill: Option<Report>,
    /// Whether somebody asked for a drill that is not over.
    pub drill_asked: bool,
    /// Why the last drill did not come about; none while all is well.
    pub drill_trouble: Option<Arc<str>>,
    /// Why segments were not merged or objects not removed last time.
    pub upkeep_trouble: Option<Arc<str>>,
    /// Why nothing is stored at the moment; none while all is well.
    pub trouble: Option<Arc<str>>,
    /// Why no commit is taken any more; none while they are.
    pub refusal: Option<Arc<str>>,
    /// Drills that failed since the start.
    pub failed_drills: u64,
}

impl Figures {
    /// Commits on their way.
    #[must_use]
    pub fn lag(&self) -> u64 {
        self.head.0.saturating_sub(self.stored.0)
    }

    /// What is wrong with it, the worst first; none while all is well.
    #[must_use]
    pub fn wrong(&self) -> Option<&str> {
        let drill = self.drill.as_ref().and_then(|drill| drill.failure.as_deref());
        let troubles =
            [&self.trouble, &self.drill_trouble, &self.snapshot_trouble, &self.upkeep_trouble];
        let troubles = troubles.into_iter().find_map(|trouble| trouble.as_deref());
        self.refusal.as_deref().or(drill).or(troubles)
    }
}

/// The vault of one ledger, as others see it.
pub struct Vault {
    /// Its folder: the organisation's slug, or [`CONTROL`].
    pub slug: String,
    policy: Policy,
    figures: Mutex<Figures>,
    tail: OnceLock<watch::Receiver<Tail>>,
    changed: Condvar,
    refused: AtomicBool,
    stored: watch::Sender<Lsn>,
    workspace: OnceLock<Weak<Workspace>>,
    /// Wakes who takes snapshots.
    pub(super) snapshot_asked: Notify,
    /// Wakes who drills.
    pub(super) drill_asked: Notify,
}

impl Vault {
    fn new(slug: &str, policy: Policy) -> Arc<Vault> {
        Arc::new(Vault {
            slug: slug.to_owned(),
            policy,
            figures: Mutex::default(),
            tail: OnceLock::new(),
            changed: Condvar::new(),
            refused: AtomicBool::new(false),
            stored: watch::Sender::new(Lsn::ZERO),
            workspace: OnceLock::new(),
            snapshot_asked: Notify::new(),
            drill_asked: Notify::new(),
        })
    }

    /// How it is doing. O(1).
    pub fn figures(&self) -> Figures {
        let mut figures = self.figures.lock().clone();
        if let Some(tail) = self.tail.get().map(|tail| *tail.borrow()) {
            figures.head = tail.lsn;
            figures.lag_bytes = tail.bytes.saturating_sub(figures.seen_bytes);
        }
        figures
    }

    /// Has a snapshot taken now, unless nothing changed since the last one; one that is under way and
    /// is of an older commit is not enough. What came of it is in the figures.
    ///
    /// # Errors
    /// As [`Vault::ready`].
    pub fn ask_snapshot(&self) -> Result<(), VaultError> {
        self.ready()?;
        self.note(|figures| {
            (figures.snapshot_asked, figures.snapshot_wanted) = (true, figures.stored);
        });
        self.snapshot_asked.notify_one();
        Ok(())
    }

    /// Has the whole restored and compared now. What came of it is in the figures.
    ///
    /// # Errors
    /// As [`Vault::ready`].
    pub fn ask_drill(&self) -> Result<(), VaultError> {
        self.ready()?;
        self.note(|figures| figures.drill_asked = true);
        self.drill_asked.notify_one();
        Ok(())
    }

    /// Refuses where nobody looks after the vault.
    ///
    /// # Errors
    /// `GivenUp` while it is not known yet how far the vault is, or once it is written no more.
    fn ready(&self) -> Result<(), VaultError> {
        let figures = self.figures.lock();
        match (&figures.refusal, figures.epoch) {
            (Some(why), _) => Err(VaultError::GivenUp(why.to_string())),
            (None, None) => Err(VaultError::GivenUp("the vault is still being looked at".into())),
            (None, Some(_)) => Ok(()),
        }
    }

    /// Raises the alarm: what is in the vault is not what it should be.
    pub(super) fn alarm(&self, failure: &str) {
        tracing::error!(vault = self.slug, "the restore drill failed: {failure}");
        self.note(|figures| figures.failed_drills += 1);
        if let Some(workspace) = self.workspace.get().and_then(Weak::upgrade) {
            workspace.drill_failed(failure);
        }
    }

    /// The newest commit in the vault, as it moves on.
    pub(super) fn stored(&self) -> watch::Receiver<Lsn> {
        self.stored.subscribe()
    }

    /// Notes something, and wakes who waits for it.
    pub(super) fn note(&self, change: impl FnOnce(&mut Figures)) {
        let mut figures = self.figures.lock();
        let before = figures.stored;
        change(&mut figures);
        self.refused.store(figures.refusal.is_some(), Ordering::Release);
        if figures.stored != before {
            self.stored.send_replace(figures.stored);
        }
        drop(figures);
        self.changed.notify_all();
    }
}

/// What the writer of a ledger asks.
pub struct Kept(pub Arc<Vault>);

impl Archive for Kept {
    fn refusal(&self) -> Option<Arc<str>> {
        if !self.0.refused.load(Ordering::Acquire) {
            return None;
        }
        self.0.figures.lock().refusal.clone()
    }

    fn keep(&self, lsn: Lsn) -> Result<(), Arc<str>> {
        if self.0.policy.durability == Durability::Local {
            return Ok(());
        }
        let mut figures = self.0.figures.lock();
        loop {
            if let Some(refusal) = &figures.refusal {
                return Err(refusal.clone());
            }
            if figures.stored >= lsn && !figures.baseless {
                return Ok(());
            }
            self.0.changed.wait(&mut figures);
        }
    }

    fn kept(&self) -> Option<Lsn> {
        let figures = self.0.figures.lock();
        let stored = figures.stored;
        (stored > Lsn::ZERO && !figures.baseless).then_some(stored)
    }
}

/// The vaults of a data folder.
pub struct Vaults {
    store: Store,
    policy: Policy,
    own: Arc<Own>,
    all: Mutex<BTreeMap<String, Arc<Vault>>>,
    following: Mutex<Vec<JoinHandle<()>>>,
    stop: watch::Sender<bool>,
}

impl std::fmt::Debug for Vaults {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Vaults").field("policy", &self.policy).finish_non_exhaustive()
    }
}

impl Vaults {
    /// Vaults in a store, nothing followed yet.
    pub fn new(store: Store, policy: Policy, own: Own) -> Arc<Vaults> {
        Arc::new(Vaults {
            store,
            policy,
            own: Arc::new(own),
            all: Mutex::default(),
            following: Mutex::default(),
            stop: watch::Sender::new(false),
        })
    }

    /// Whether a commit is acknowledged only once it is in the vault.
    pub fn is_sync(&self) -> bool {
        self.policy.durability == Durability::Sync
    }

    /// The public key heads are signed with, where they are.
    pub fn public_key(&self) -> Option<String> {
        self.own.signer.as_ref().map(super::Signer::public)
    }

    /// The store, below it a folder for each vault.
    pub(super) fn store(&self) -> &Store {
        &self.store
    }

    /// Where the vaults are, as the configuration names it.
    pub fn place(&self) -> &str {
        &self.own.place
    }

    /// Whether changes wait to be acknowledged until the vault has them.
    pub fn has_waiting(&self) -> bool {
        self.is_sync() && self.all().iter().any(|vault| vault.figures().lag() > 0)
    }

    /// Whether a vault takes nothing any more, so that no change is accepted.
    pub fn is_refusing(&self) -> bool {
        self.all().iter().any(|vault| vault.figures().refusal.is_some())
    }

    /// Whether nothing has reached a vault for longer than `patience`, by the clock given.
    pub fn is_behind(&self, now_us: i64, patience: Duration) -> bool {
        let limit = i64::try_from(patience.as_micros()).unwrap_or(i64::MAX);
        let late = |since: i64| now_us.saturating_sub(since) > limit;
        self.all().iter().any(|vault| vault.figures().lag_since_us.is_some_and(late))
    }

    /// The vault of a ledger; it exists from when it is first asked for.
    pub fn vault(&self, slug: &str) -> Arc<Vault> {
        let mut all = self.all.lock();
        let new = || Vault::new(slug, self.policy);
        all.entry(slug.to_owned()).or_insert_with(new).clone()
    }

    /// Every vault there is, by slug.
    pub fn all(&self) -> Vec<Arc<Vault>> {
        self.all.lock().values().cloned().collect()
    }

    /// Follows a ledger from now on, in the runtime of the caller. To be called once for each.
    pub fn follow(&self, slug: &str, reader: Reader) {
        let (vault, store) = (self.vault(slug), self.store.under(slug));
        vault.tail.get_or_init(|| reader.tail());
        let own = self.own.clone();
        let stop = self.stop.subscribe();
        let task = tokio::spawn(ship::run(vault, store, reader, self.policy, own, stop));
        self.following.lock().push(task);
    }

    /// Sends what is still to be sent and stops following.
    ///
    /// # Errors
    /// `GivenUp` when that takes longer than `patience`: the ledger has what the vault lacks, and
    /// the next start sends it.
    pub async fn close(&self, patience: Duration) -> Result<(), VaultError> {
        self.stop.send_replace(true);
        let following = std::mem::take(&mut *self.following.lock());
        let ended = async {
            for task in following {
                // One that panicked has said so.
                drop(task.await);
            }
        };
        let ended = tokio::time::timeout(patience, ended).await;
        for vault in self.all() {
            // Whoever still waits for the vault must not wait for ever.
            vault.note(|figures| {
                figures.refusal.get_or_insert_with(|| "the server is stopping".into());
            });
        }
        ended.map_err(|_| VaultError::GivenUp("the last commits are not in the vault yet".into()))
    }
}

#[cfg(test)]
impl Vaults {
    /// Ends everything where it stands, as a crash does.
    pub(super) async fn abort(&self) {
        let following = std::mem::take(&mut *self.following.lock());
        for task in following {
            task.abort();
            drop(task.await);
        }
    }
}

impl Host for Vaults {
    fn control(&self) -> Arc<dyn Archive> {
        Arc::new(Kept(self.vault(CONTROL)))
    }

    fn options(&self, slug: &str, options: Options) -> Options {
        let keep_log = self.policy.keep_log;
        Options { archive: Arc::new(Kept(self.vault(slug))), keep_log, ..options }
    }

    fn opened(&self, slug: &str, workspace: &Arc<Workspace>) {
        self.vault(slug).workspace.get_or_init(|| Arc::downgrade(workspace));
        self.follow(slug, workspace.reader().clone());
    }
}
