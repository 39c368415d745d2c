//! Following one ledger: commits go out in segments, and now and then all rows as a snapshot.

use std::{ops::ControlFlow, path::Path, sync::Arc, time::Duration};

use tokio::{
    sync::watch,
    time::{Instant, sleep, timeout},
};
use uuid::Uuid;

use super::{
    Catalogue, Lease, Own, Policy, Store, VaultError, blocking,
    catalogue::Level,
    follow::{Durability, Vault},
    keep::Keeper,
    lease::{self, hex},
    segment::{self, Builder},
    snapshot,
};
use crate::{
    ledger::{Branch, Head, LedgerError, Lsn, Reader, Tail, split_stored},
    workspace::system_clock_us,
};

/// Bytes of log after which a segment is sent at once.
const SEGMENT_BYTES: u64 = 256 * 1024;
/// The first wait after a failure; it doubles up to the longest.
const WAIT_FIRST: Duration = Duration::from_millis(100);
/// The longest wait after a failure.
const WAIT_MAX: Duration = Duration::from_secs(10);
/// The first wait after a snapshot that failed; it doubles up to the longest.
const AGAIN_FIRST: Duration = Duration::from_secs(1);
/// The longest wait after a snapshot that failed.
const AGAIN_MAX: Duration = Duration::from_secs(30 * 60);

/// A wait that doubles, with jitter: writers that failed together do not come back together.
struct Backoff {
    wait: Duration,
    max: Duration,
}

impl Backoff {
    fn new() -> Backoff {
        Backoff::between(WAIT_FIRST, WAIT_MAX)
    }

    fn between(first: Duration, max: Duration) -> Backoff {
        Backoff { wait: first, max }
    }

    fn next(&mut self) -> Duration {
        let wait = self.wait;
        self.wait = (wait * 2).min(self.max);
        let mut byte = [0];
        if !cfg!(test) {
            // Without chance there is no jitter, and still a wait; the simulation must repeat.
            let _ = getrandom::fill(&mut byte);
        }
        wait / 2 + wait * u32::from(byte[0]) / 510
    }
}

/// One ledger being followed.
struct Shipper {
    vault: Arc<Vault>,
    store: Store,
    reader: Reader,
    policy: Policy,
    organisation: [u8; 16],
    lease: Lease,
    /// The newest commit stored.
    at: Head,
    /// Bytes of log there were when it was read.
    seen: u64,
    tail: watch::Receiver<Tail>,
    /// When the next snapshot is due whatever was committed, and after how many bytes.
    snapshot_due: Instant,
    snapshot_bytes: u64,
    /// How soon one that failed is tried again.
    snapshot_again: Backoff,
    snapshot: Option<tokio::task::JoinHandle<()>>,
    /// Looks after the vault meanwhile.
    keeper: Option<tokio::task::JoinHandle<()>>,
}

/// Follows a ledger until told to stop, or until another server has taken over.
pub(super) async fn run(
    vault: Arc<Vault>,
    store: Store,
    reader: Reader,
    policy: Policy,
    own: Arc<Own>,
    mut stop: watch::Receiver<bool>,
) {
    let mut backoff = Backoff::new();
    let holder = Uuid::now_v7();
    let mut shipper = loop {
        match Shipper::join(&vault, &store, &reader, policy, &own, holder).await {
            Ok(shipper) => break shipper,
            Err(error) if error.may_pass() => {
                trouble(&vault, &error);
                // What is committed from now on waits.
                vault.note(|figures| {
                    figures.lag_since_us.get_or_insert_with(system_clock_us);
                });
            }
            Err(error) => return refuse(&vault, &error),
        }
        if stopped(&mut stop, backoff.next()).await {
            return;
        }
    };
    tracing::info!(
        vault = vault.slug,
        epoch = shipper.lease.epoch,
        from = shipper.at.lsn.0,
        "commits go to the vault"
    );
    own.note(&vault.slug);
    let keeper =
        Keeper { vault: vault.clone(), store, reader, policy, lease: shipper.lease.clone(), own };
    shipper.keeper = Some(tokio::spawn(keeper.run()));
    if let Err(error) = shipper.follow(&mut stop).await {
        refuse(&vault, &error);
    }
}

fn trouble(vault: &Vault, error: &VaultError) {
    tracing::warn!(vault = vault.slug, %error, "nothing goes to the vault at the moment");
    vault.note(|figures| figures.trouble = Some(error.to_string().into()));
}

pub(super) fn refuse(vault: &Vault, error: &VaultError) {
    tracing::error!(vault = vault.slug, %error, "the vault is no longer written");
    vault.note(|figures| figures.refusal = Some(error.to_string().into()));
}

/// Waits; tells whether to stop.
async fn stopped(stop: &mut watch::Receiver<bool>, wait: Duration) -> bool {
    timeout(wait, stop.wait_for(|stop| *stop)).await.is_ok()
}

/// What joining needs to know of a ledger.
struct Local {
    organisation: [u8; 16],
    head: Head,
    anchor: Head,
    epoch: u64,
    branch: Option<Branch>,
    holds: bool,
}

fn look(reader: &Reader, at: Head) -> Result<Local, LedgerError> {
    let snapshot = reader.snapshot()?;
    Ok(Local {
        organisation: snapshot.schema().organisation,
        head: snapshot.head()?,
        anchor: snapshot.anchor()?,
        epoch: snapshot.epoch()?,
        branch: snapshot.branch()?,
        holds: snapshot.head_at(at.lsn)? == Some(at),
    })
}

impl Shipper {
    /// Finds out where the vault stands, and takes the lease that comes next; or goes on with the
    /// one that `holder` took in an earlier try, where history still goes on from its beginning:
    /// tries that fail do not make leases that later ones must read.
    async fn join(
        vault: &Arc<Vault>,
        store: &Store,
        reader: &Reader,
        policy: Policy,
        server: &Own,
        holder: Uuid,
    ) -> Result<Shipper, VaultError> {
        if !policy.unfenced {
            store.prove_fencing().await?;
        }
        let tail = reader.tail();
        let seen = tail.borrow().bytes;
        let organisation = reader.snapshot()?.schema().organisation;
        let catalogue = Catalogue::read(store).await?;
        if catalogue.leases.is_empty() && server.wrote(&vault.slug) {
            return Err(VaultError::Settings(format!(
                "{} of {} was written from here before, and nothing of it is there now: look for it \
                 first; to begin it anew, stop, remove {}, and start again",
                vault.slug,
                server.place,
                server.mark.as_deref().unwrap_or(Path::new("vault-place")).display()
            )));
        }
        let there = catalogue.head(store, &organisation).await?;
        let own = reader.clone();
        let local = blocking(move || Ok(look(&own, there)?)).await?;
        let newest = catalogue.leases.last().map_or(0, |lease| lease.epoch);
        let held = catalogue.leases.iter().rfind(|lease| lease.cuts());
        let held = held.map_or(0, |lease| lease.epoch);
        let from = match local.branch {
            _ if catalogue.leases.is_empty() => local.anchor,
            _ if local.holds => there,
            // A restore to an earlier moment: history goes on from there, as long as nothing was
            // added since that nobody meant to give up.
            Some(branch) if local.epoch > held && branch.newest == there.lsn => branch.from,
            _ => {
                return Err(VaultError::Ahead {
                    slug: vault.slug.clone(),
                    vault: there.lsn,
                    local: local.head.lsn,
                });
            }
        };
        let mut lease = Lease {
            epoch: newest + 1,
            holder,
            taken_us: system_clock_us(),
            from: from.lsn.0,
            hash: hex(&from.hash),
            format: lease::FORMAT,
            held: false,
        };
        let own = catalogue.leases.last().filter(|last| {
            last.holder == holder && last.from == lease.from && last.hash == lease.hash
        });
        match own {
            // What was found above was read after it was taken.
            Some(own) => lease = own.clone(),
            None => {
                lease.take(store).await?;
                // Whoever wrote before acknowledges nothing from now on; what it did until now must
                // be what was found above, or this lease would cut it off.
                let now = Catalogue::read(store).await?.head(store, &organisation).await?;
                if now != there {
                    let why = "another server stored commits meanwhile";
                    return Err(VaultError::GivenUp(why.into()));
                }
            }
        }
        lease.hold(store).await?;
        let known = catalogue.snapshot_at(from.lsn);
        // A log that begins late restores nothing without the rows it goes on from.
        let begins = catalogue.leases.first().map_or(from.lsn, |first| Lsn(first.from));
        let behind = tail.borrow().lsn > from.lsn;
        vault.note(|figures| {
            figures.epoch = Some(lease.epoch);
            figures.baseless = known.is_none() && begins > Lsn::ZERO;
            (figures.stored, figures.seen_bytes) = (from.lsn, seen);
            figures.lag_since_us = figures.lag_since_us.filter(|_| behind);
            figures.trouble = None;
            figures.snapshot = known.map(|snapshot| (snapshot.lsn, snapshot.stored_us));
        });
        let age = known.map(|known| system_clock_us().saturating_sub(known.stored_us).max(0));
        let left = age.map_or(Duration::ZERO, |age| {
            policy.snapshot_interval.saturating_sub(Duration::from_micros(age as u64))
        });
        Ok(Shipper {
            vault: vault.clone(),
            store: store.clone(),
            reader: reader.clone(),
            policy,
            organisation: local.organisation,
            lease,
            at: from,
            seen,
            tail,
            snapshot_due: Instant::now() + left,
            snapshot_bytes: 0,
            snapshot_again: Backoff::between(AGAIN_FIRST, AGAIN_MAX),
            snapshot: None,
            keeper: None,
        })
    }

    /// Ships until told to stop.
    ///
    /// # Errors
    /// What keeps it from shipping for good.
    async fn follow(&mut self, stop: &mut watch::Receiver<bool>) -> Result<(), VaultError> {
        loop {
            let ending = *stop.borrow();
            if self.tail.borrow_and_update().lsn > self.at.lsn {
                if !ending {
                    self.gather(stop).await;
                }
                self.ship(stop).await?;
                // Commits that never pause must not keep it from being taken.
                if !ending {
                    self.snapshot_if_due();
                }
                continue;
            }
            if ending {
                return Ok(());
            }
            self.snapshot_if_due();
            tokio::select! {
                biased;
                changed = self.tail.changed() => {
                    // The ledger was closed: there will be nothing more.
                    if changed.is_err() { return Ok(()) }
                }
                _ = stop.wait_for(|stop| *stop) => {}
                () = tokio::time::sleep_until(self.snapshot_due), if self.snapshot.is_none() => {}
                () = self.vault.snapshot_asked.notified() => {}
                // One that failed is tried again before long.
                () = ended(&mut self.snapshot), if self.snapshot.is_some() => {}
            }
        }
    }

    /// Waits for company of the oldest commit on its way: the flush interval, or until there is
    /// enough for a segment.
    async fn gather(&mut self, stop: &mut watch::Receiver<bool>) {
        self.vault.note(|figures| {
            figures.lag_since_us.get_or_insert_with(system_clock_us);
        });
        if self.policy.durability == Durability::Sync {
            return;
        }
        let seen = self.seen;
        let enough = self.tail.wait_for(|tail| tail.bytes.saturating_sub(seen) >= SEGMENT_BYTES);
        tokio::select! {
            biased;
            _ = enough => {}
            () = sleep(self.policy.flush_interval) => {}
            _ = stop.wait_for(|stop| *stop) => {}
        }
    }

    /// Stores the next segment, however often it takes.
    async fn ship(&mut self, stop: &mut watch::Receiver<bool>) -> Result<(), VaultError> {
        let (tail, began_us) = (*self.tail.borrow_and_update(), system_clock_us());
        let (reader, at) = (self.reader.clone(), self.at);
        let (organisation, epoch) = (self.organisation, self.lease.epoch);
        let mut backoff = Backoff::new();
        let (key, body, head, bytes) = loop {
            let reader = reader.clone();
            match blocking(move || gathered(&reader, organisation, epoch, at)).await {
                Ok(Some(segment)) => break segment,
                Ok(None) => return Ok(()),
                Err(error) if error.may_pass() => trouble(&self.vault, &error),
                Err(error) => return Err(error),
            }
            sleep(backoff.next()).await;
        };
        let mut stored = None;
        loop {
            let done = match stored {
                None => self.store.create_closed(&key, &body).await.map(|size| stored = Some(size)),
                Some(_) => Ok(()),
            };
            // Only now, with the segment stored, does it count that nobody has taken over.
            let done = match done {
                Ok(()) => self.lease.check(&self.store).await,
                Err(error) => Err(error),
            };
            match done {
                Ok(()) => break,
                Err(error) if error.may_pass() => trouble(&self.vault, &error),
                Err(error) => return Err(error),
            }
            if *stop.borrow() && self.policy.durability == Durability::Local {
                // The last try was made; the next start sends what the ledger has.
                return Err(VaultError::GivenUp("stopped before the store was back".into()));
            }
            stopped(stop, backoff.next()).await;
        }
        self.at = head;
        self.snapshot_bytes += bytes;
        let now = *self.tail.borrow();
        // What was committed since this began waits no longer than since then; where not even what
        // there was then is stored, as long as before.
        let whole = head.lsn >= tail.lsn;
        // Exact once everything read so far is stored; until then nothing is left out.
        self.seen = if head.lsn >= now.lsn {
            now.bytes
        } else if head.lsn >= tail.lsn {
            tail.bytes
        } else {
            self.seen.saturating_add(bytes).min(tail.bytes)
        };
        let seen = self.seen;
        self.vault.note(|figures| {
            (figures.stored, figures.seen_bytes) = (head.lsn, seen);
            let since = if whole { Some(began_us) } else { figures.lag_since_us };
            figures.lag_since_us = since.filter(|_| now.lsn > head.lsn);
            figures.segments += 1;
            figures.segment_bytes += stored.unwrap_or(0);
            figures.trouble = None;
        });
        Ok(())
    }

    /// Begins a snapshot where one is due, beside the shipping.
    fn snapshot_if_due(&mut self) {
        if self.snapshot.as_ref().is_some_and(|running| !running.is_finished()) {
            return;
        }
        let figures = self.vault.figures();
        if self.snapshot.take().is_some() {
            match figures.snapshot_trouble {
                Some(_) => self.snapshot_due = Instant::now() + self.snapshot_again.next(),
                None => self.snapshot_again = Backoff::between(AGAIN_FIRST, AGAIN_MAX),
            }
        }
        let enough = self.snapshot_bytes >= self.policy.snapshot_bytes;
        let known = figures.snapshot.map(|(lsn, _)| lsn);
        let changed = self.at.lsn > known.unwrap_or(Lsn::ZERO);
        if !enough && !figures.snapshot_asked && Instant::now() < self.snapshot_due {
            return;
        }
        self.snapshot_due = Instant::now() + self.policy.snapshot_interval;
        self.snapshot_bytes = 0;
        if !changed {
            self.vault.note(|figures| figures.snapshot_asked = false);
            return;
        }
        let (vault, store, reader) = (self.vault.clone(), self.store.clone(), self.reader.clone());
        let (lease, time_max) = (self.lease.clone(), self.policy.retention.grace / 2);
        self.snapshot = Some(tokio::spawn(async move {
            match snapshot::take(&store, reader, &lease, time_max, vault.stored()).await {
                Ok(manifest) => {
                    tracing::info!(vault = vault.slug, lsn = manifest.lsn, "a snapshot was taken");
                    let taken = Some((Lsn(manifest.lsn), system_clock_us()));
                    vault.note(|figures| {
                        figures.snapshot = taken;
                        figures.baseless = false;
                        figures.snapshot_asked &= Lsn(manifest.lsn) < figures.snapshot_wanted;
                        figures.snapshot_trouble = None;
                    });
                }
                Err(error) => {
                    tracing::warn!(vault = vault.slug, %error, "no snapshot was taken");
                    vault.note(|figures| {
                        figures.snapshot_asked = false;
                        figures.snapshot_trouble = Some(error.to_string().into());
                    });
                }
            }
        }));
    }
}

/// Waits for the end of what is being done.
async fn ended(task: &mut Option<tokio::task::JoinHandle<()>>) {
    if let Some(task) = task {
        // Why it ended is in the figures.
        drop(task.await);
    }
}

impl Drop for Shipper {
    fn drop(&mut self) {
        for task in [&self.snapshot, &self.keeper].into_iter().flatten() {
            task.abort();
        }
    }
}

/// The commits after `at` as a segment: its key, its body, its last commit and its bytes of log.
type Gathered = (String, Vec<u8>, Head, u64);

fn gathered(
    reader: &Reader,
    organisation: [u8; 16],
    epoch: u64,
    at: Head,
) -> Result<Option<Gathered>, VaultError> {
    let snapshot = reader.snapshot()?;
    let mut builder = Builder::after(organisation, snapshot.schema_version()?, epoch, at);
    let mut expected = at.hash;
    snapshot.stored_after::<LedgerError>(at.lsn, |lsn, stored| {
        let (canonical, before, hash) = split_stored(stored)?;
        if lsn != builder.head().lsn.next() || before != expected {
            return Err(LedgerError::Corrupt(format!("commit {lsn} does not follow")));
        }
        expected = hash;
        builder.push(canonical, hash);
        let full = builder.bytes() >= segment::RAW_BYTES;
        Ok(if full { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    })?;
    if builder.is_empty() {
        return Ok(None);
    }
    let (head, bytes) = (builder.head(), builder.bytes() as u64);
    let (key, body) = builder
        .finish(Level::Shipped)
        .map_err(|error| VaultError::GivenUp(format!("compressing: {error}")))?;
    Ok(Some((key, body, head, bytes)))
}
