//! One organisation, live: its state, its one writer, its commands, its followers, undo and
//! history.
//!
//! ```text
//! submit -> channel -> writer thread: run on working state -> ledger (one fsync per group)
//!                                     -> publish -> answer -> followers
//! readers <- Published (immutable, O(1) to take)
//! ```
//!
//! It may not know HTTP, object storage or Postgres.
//!
//! # Invariants
//!
//! - State changes only by a commit in the ledger, and nobody sees a change before it is durable.
//! - [`Published`] is a pure function of the ledger's rows and the undo tail of its log.
//! - Every refusal for lack of a role is made here (BR-114), whoever calls.
//! - What a row means is known here and in `estimating`; the ledger sees bytes.

mod adoption;
mod alarm;
mod answers;
mod archive;
mod attachments;
mod audit;
mod changes;
mod check;
mod command;
mod command_names;
mod comments;
pub mod control;
pub mod demo;
mod entities;
mod error;
mod files;
mod follow;
mod history;
pub mod jobs;
mod leases;
mod load;
mod marks;
mod note;
mod past;
mod prices;
mod recalculation;
mod references;
mod rows;
mod run;
pub mod staging;
mod state;
mod tables;
mod trail;
mod undo;
mod writer;

#[cfg(test)]
mod tests;

pub use alarm::{Alarm, Unwatched, Watch};
pub use archive::{Archive, Unarchived};
pub use attachments::{AttachedTo, Attachment, AttachmentEdit};
pub use audit::{AuditState, Verified};
pub use changes::{RowChange, decode, encode_delta, encode_estimate, encode_library};
pub use check::{CheckOutcome, check_ledger};
pub use command::{Actor, Command, NewFile, PastRow, Reply, Request, Scope};
pub use comments::{Comment, CommentEdit, Mention};
pub use entities::{Book, EachEntity, RowWork, each_entity, opaque_tables, rework};
pub use error::{UndoConflict, WorkspaceError};
pub use files::{FILE_BYTES_MAX, FILES_MAX, hash_of, hash_of_reader};
pub use follow::Committed;
pub use history::{Entity, FieldChange, HistoryEntry, HistoryPage};
pub use leases::{LEASE_LAPSE_US, LEASES_NAMED_MAX, Lease, LeaseEvent, Leases, Session};
pub use marks::{MarkAsk, MarkKind};
pub use note::{CommitNote, NoteTotals};
pub use past::{Moment, MomentPage, NoSuchMoment, Past};
pub use prices::EstimatePrice;
pub use recalculation::Recalculated;
pub use rows::{RowError, Stored};
pub use run::check_submission;
pub use state::Published;
pub use tables::{
    KEPT_BACK, STAGING as STAGING_TABLE, control_schema, organisation_schema, table_name,
};
pub use trail::{
    ROWS_SHOWN_MAX, TRAIL_PAGE_MAX, TrailEntry, TrailPage, TrailQuery, TrailRow, kind_of,
};
pub use undo::{Step, UNDO_STEPS_MAX, UndoState};

use crate::{
    estimating::{
        estimate::Estimate,
        id::{EstimateId, OrganisationId, UserId},
        library::{LibraryContext, standard},
        number::Pct,
    },
    ledger::{Draft, Ledger, Lsn, Reader, SYSTEM_ACTOR},
};
use arc_swap::ArcSwap;
use parking_lot::Mutex;
use run::Stop;
use std::{
    collections::HashMap,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc::{SyncSender, TrySendError, sync_channel},
    },
    thread::JoinHandle,
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tokio::sync::{broadcast, oneshot};
use uuid::Uuid;
use writer::{Adopted, Adoption, Job, Message, Shared, Work, Writer};

/// Requests that may wait for the writer; more are refused as overloaded.
pub const QUEUE_MAX: usize = 1_024;
/// Commands committed together at most.
pub const GROUP_MAX: usize = 256;
/// Memory estimates may take before those longest unused are dropped, in bytes.
pub const MEMORY_BYTES_MAX: usize = 1024 * 1024 * 1024;
/// Commits a follower may be behind before it is told that it missed some.
pub const FOLLOW_MAX: usize = 4_096;
/// Times a request is tried again because its estimate went cold in between.
const COLD_RETRIES_MAX: usize = 8;
/// Times an estimate is read again because it changed while being read.
const LOAD_RETRIES_MAX: usize = 16;
/// The longest wait for the state to catch up with what a snapshot sees.
const PUBLISH_WAIT_MAX: Duration = Duration::from_secs(10);

/// Names and roles of the people of the organisation.
pub trait People: Send + Sync {
    /// The name of a person, active or not (BR-117); none when never heard of.
    fn name(&self, user: UserId) -> Option<Arc<str>>;
    /// Active people who hold the Lead Estimator or Admin role (BR-009).
    fn leads(&self) -> Vec<UserId>;
}

/// How an organisation is run.
#[derive(Clone)]
pub struct Options {
    /// Requests that may wait.
    pub queue_max: usize,
    /// Commands committed together at most.
    pub group_max: usize,
    /// Memory for estimates, in bytes.
    pub memory_bytes_max: usize,
    /// How often to try writing again while read-only, at first.
    pub probe_interval: Duration,
    /// Microseconds since 1970, UTC.
    pub clock: Arc<dyn Fn() -> i64 + Send + Sync>,
    /// Names and roles.
    pub people: Arc<dyn People>,
    /// GST of new estimates, in percent.
    pub gst_pct: Pct,
    /// Who is told when an invariant was broken.
    pub watch: Arc<dyn Watch>,
    /// Where commits are kept beside this machine.
    pub archive: Arc<dyn Archive>,
    /// How long commits stay in the log here once they are kept there; for ever where none is said.
    pub keep_log: Option<Duration>,
    /// The rule a test has the writer break; 0 for none.
    #[cfg(test)]
    pub fault: Arc<std::sync::atomic::AtomicU8>,
}

/// Nobody: for organisations without a control ledger, in tests and checks.
pub struct Nobody;

impl People for Nobody {
    fn name(&self, _user: UserId) -> Option<Arc<str>> {
        None
    }
    fn leads(&self) -> Vec<UserId> {
        Vec::new()
    }
}

impl Options {
    /// The defaults, with the people given.
    pub fn new(people: Arc<dyn People>) -> Options {
        Options {
            queue_max: QUEUE_MAX,
            group_max: GROUP_MAX,
            memory_bytes_max: MEMORY_BYTES_MAX,
            probe_interval: Duration::from_secs(1),
            clock: Arc::new(system_clock_us),
            people,
            gst_pct: Pct::whole(15).unwrap_or(Pct::ZERO),
            watch: Arc::new(Unwatched),
            archive: Arc::new(Unarchived),
            keep_log: None,
            #[cfg(test)]
            fault: Arc::default(),
        }
    }
}

/// Microseconds since 1970, UTC, by the system's clock; 0 for one set before that.
pub fn system_clock_us() -> i64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(elapsed.as_micros()).unwrap_or(i64::MAX)
}

/// Whether changes are accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Health {
    /// They are.
    ReadWrite,
    /// They are not; reads go on.
    ReadOnly {
        /// Why, in words for a person.
        reason: Arc<str>,
        /// Since when, microseconds since 1970, UTC.
        since_us: i64,
    },
}

impl Health {
    /// Whether changes are accepted.
    pub fn is_read_write(&self) -> bool {
        *self == Health::ReadWrite
    }

    fn refusal(&self) -> Option<WorkspaceError> {
        match self {
            Health::ReadWrite => None,
            Health::ReadOnly { reason, .. } => Some(WorkspaceError::ReadOnly(reason.clone())),
        }
    }
}

/// What the writer of an organisation has done since it was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WriterFigures {
    /// Commands committed.
    pub commits: u64,
    /// Commands refused, or that changed nothing.
    pub refusals: u64,
    /// Invariants found broken; each command that broke one was taken back.
    pub alarms: u64,
    /// Groups committed, each with one fsync.
    pub groups: u64,
    /// Microseconds running commands, waiting for company included.
    pub run_us: u64,
    /// Microseconds appending to the ledger, fsync included.
    pub append_us: u64,
    /// Microseconds publishing, answering and telling followers.
    pub answer_us: u64,
}

/// One organisation, open.
pub struct Workspace {
    shared: Arc<Shared>,
    messages: SyncSender<Message>,
    people: Arc<dyn People>,
    watch: Arc<dyn Watch>,
    clock: Arc<dyn Fn() -> i64 + Send + Sync>,
    /// One gate per estimate being read, so that it is read once.
    loading: Mutex<HashMap<EstimateId, Arc<Mutex<()>>>>,
    prices: prices::Prices,
    references: references::Remembered,
    past: past::Kept,
    moments: past::Moments,
    writer: Mutex<Option<JoinHandle<()>>>,
}

impl Workspace {
    /// Opens the organisation whose ledger is at `path`, creating an empty ledger when there is
    /// none. O(library + undo tail).
    ///
    /// # Errors
    /// When the ledger does not open, or a row does not read.
    pub fn open(
        path: impl AsRef<Path>,
        organisation: OrganisationId,
        options: Options,
    ) -> Result<Arc<Workspace>, WorkspaceError> {
        Workspace::start(Ledger::open(path, organisation_schema(organisation.0))?, options)
    }

    /// Runs an organisation on an open ledger.
    ///
    /// # Errors
    /// When a row does not read, or no thread can be started.
    pub fn start(mut ledger: Ledger, options: Options) -> Result<Arc<Workspace>, WorkspaceError> {
        if ledger.head().lsn == Lsn::ZERO {
            ledger.append(vec![set_up(&options)?])?;
        }
        let state = load::load(&ledger.snapshot()?)?;
        let shared = Arc::new(Shared {
            published: ArcSwap::from_pointee(state),
            health: ArcSwap::from_pointee(Health::ReadWrite),
            followers: broadcast::Sender::new(FOLLOW_MAX),
            reader: ledger.reader(),
            ticks: AtomicU64::new(0),
            closing: AtomicBool::new(false),
            leases: Leases::default(),
            audit: audit::Audit::default(),
            work: Work::default(),
        });
        let (messages, waiting) = sync_channel(options.queue_max);
        let (people, watch) = (options.people.clone(), options.watch.clone());
        let clock = options.clock.clone();
        let writer = Writer::new(shared.clone(), ledger, waiting, options);
        let thread = std::thread::Builder::new()
            .name("writer".into())
            .spawn(move || writer.work())
            .map_err(|error| WorkspaceError::Storage(error.to_string().into()))?;
        Ok(Arc::new(Workspace {
            shared,
            messages,
            people,
            watch,
            clock,
            loading: Mutex::default(),
            prices: prices::Prices::default(),
            references: references::Remembered::default(),
            past: past::Kept::default(),
            moments: past::Moments::default(),
            writer: Mutex::new(Some(thread)),
        }))
    }

    /// The state as of the newest commit. O(1), never waits.
    pub fn published(&self) -> Arc<Published> {
        self.shared.published.load_full()
    }

    /// Whether changes are accepted.
    pub fn health(&self) -> Arc<Health> {
        self.shared.health.load_full()
    }

    /// What the writer has done since the organisation was opened.
    pub fn figures(&self) -> WriterFigures {
        let work = &self.shared.work;
        let read = |figure: &AtomicU64| figure.load(Ordering::Relaxed);
        WriterFigures {
            commits: read(&work.commits),
            refusals: read(&work.refusals),
            alarms: read(&work.alarms),
            groups: read(&work.groups),
            run_us: read(&work.run_us),
            append_us: read(&work.append_us),
            answer_us: read(&work.answer_us),
        }
    }

    /// Names and roles of people.
    pub fn people(&self) -> &Arc<dyn People> {
        &self.people
    }

    /// A handle for reading the ledger itself.
    pub fn reader(&self) -> &Reader {
        &self.shared.reader
    }

    /// Every commit from now on, in order. A follower more than [`FOLLOW_MAX`] behind is told so
    /// and must start again from [`Workspace::published`].
    pub fn subscribe(&self) -> broadcast::Receiver<Arc<Committed>> {
        self.shared.followers.subscribe()
    }

    /// What `user` can undo and redo in `scope`. O(1).
    pub fn undo_state(&self, user: UserId, scope: Scope) -> UndoState {
        self.shared.published.load().undo_state(user, scope)
    }

    /// Asks for a change and waits until it is durable, or refused.
    ///
    /// Once it has been handed to the writer it runs to its end, even when the future is dropped.
    ///
    /// # Errors
    /// Any [`WorkspaceError`].
    pub async fn submit(
        self: &Arc<Self>,
        actor: Actor,
        request: impl Into<Request>,
    ) -> Result<Reply, WorkspaceError> {
        let ask = Arc::new((actor, request.into()));
        for _ in 0..COLD_RETRIES_MAX {
            let answer = self.send(&ask)?.await;
            match answer.unwrap_or_else(|_| Err(stopped().into())) {
                Ok(reply) => return Ok(reply),
                Err(Stop::Refused(error)) => return Err(error),
                Err(Stop::Cold(id)) => {
                    self.estimate(id).await?;
                }
            }
        }
        Err(WorkspaceError::Overloaded)
    }

    /// As [`Workspace::submit`], for threads outside an async runtime.
    ///
    /// # Errors
    /// Any [`WorkspaceError`].
    pub fn submit_blocking(
        &self,
        actor: &Actor,
        request: impl Into<Request>,
    ) -> Result<Reply, WorkspaceError> {
        let ask = Arc::new((actor.clone(), request.into()));
        for _ in 0..COLD_RETRIES_MAX {
            let answer = self.send(&ask)?.blocking_recv();
            match answer.unwrap_or_else(|_| Err(stopped().into())) {
                Ok(reply) => return Ok(reply),
                Err(Stop::Refused(error)) => return Err(error),
                Err(Stop::Cold(id)) => {
                    self.estimate_blocking(id)?;
                }
            }
        }
        Err(WorkspaceError::Overloaded)
    }

    fn send(
        &self,
        ask: &Arc<(Actor, Request)>,
    ) -> Result<oneshot::Receiver<Result<Reply, Stop>>, WorkspaceError> {
        if self.shared.closing.load(Ordering::Acquire) {
            return Err(WorkspaceError::Closing);
        }
        let (answer, answered) = oneshot::channel();
        self.messages.try_send(Message::Run(Job { ask: ask.clone(), answer })).map_err(
            |error| match error {
                TrySendError::Full(_) => WorkspaceError::Overloaded,
                TrySendError::Disconnected(_) => WorkspaceError::Closing,
            },
        )?;
        Ok(answered)
    }

    /// An estimate, read from the ledger when it is not in memory. O(1), or O(rows) when cold,
    /// on a thread of its own.
    ///
    /// # Errors
    /// `NotFound`, or storage errors.
    pub async fn estimate(
        self: &Arc<Self>,
        id: EstimateId,
    ) -> Result<Arc<Estimate>, WorkspaceError> {
        if let Some(estimate) = self.in_memory(id)? {
            return Ok(estimate);
        }
        let workspace = self.clone();
        tokio::task::spawn_blocking(move || workspace.estimate_blocking(id))
            .await
            .unwrap_or_else(|error| Err(WorkspaceError::Storage(error.to_string().into())))
    }

    /// As [`Workspace::estimate`], on the calling thread.
    ///
    /// # Errors
    /// `NotFound`, or storage errors.
    pub fn estimate_blocking(&self, id: EstimateId) -> Result<Arc<Estimate>, WorkspaceError> {
        if let Some(estimate) = self.in_memory(id)? {
            return Ok(estimate);
        }
        let gate = self.loading.lock().entry(id).or_default().clone();
        let result = {
            let _turn = gate.lock();
            self.load(id)
        };
        self.loading.lock().remove(&id);
        result
    }

    fn in_memory(&self, id: EstimateId) -> Result<Option<Arc<Estimate>>, WorkspaceError> {
        let published = self.shared.published.load();
        if let Some(loaded) = published.loaded.get(&id) {
            loaded.used.fetch_max(self.shared.tick(), Ordering::Relaxed);
            return Ok(Some(loaded.estimate.clone()));
        }
        match published.library.estimate(id) {
            Some(_) => Ok(None),
            None => Err(WorkspaceError::NotFound { what: "estimate", id: id.0 }),
        }
    }

    /// Reads an estimate and has the writer take it in, again when it changed meanwhile.
    fn load(&self, id: EstimateId) -> Result<Arc<Estimate>, WorkspaceError> {
        for _ in 0..LOAD_RETRIES_MAX {
            if let Some(estimate) = self.in_memory(id)? {
                return Ok(estimate);
            }
            let snapshot = self.shared.reader.snapshot()?;
            let lsn = snapshot.head()?.lsn;
            // The catalogue must know every recipe version the rows name; it may be newer.
            let catalogue = self.published_at(lsn)?.library.catalogue.clone();
            let estimate = Box::new(load::load_estimate(&snapshot, id, &catalogue)?);
            drop(snapshot);
            let (answer, answered) = sync_channel(1);
            self.messages
                .send(Message::Adopt(Adoption { id, lsn, estimate, answer }))
                .map_err(|_| WorkspaceError::Closing)?;
            match answered.recv() {
                Ok(Adopted::Taken(estimate)) => return Ok(estimate),
                Ok(Adopted::Stale) => {}
                Ok(Adopted::Gone) => {
                    return Err(WorkspaceError::NotFound { what: "estimate", id: id.0 });
                }
                Err(_) => return Err(WorkspaceError::Closing),
            }
        }
        Err(WorkspaceError::Overloaded)
    }

    /// The state once it includes commit `lsn`: the ledger has it a moment before.
    fn published_at(&self, lsn: Lsn) -> Result<Arc<Published>, WorkspaceError> {
        let started = std::time::Instant::now();
        loop {
            let published = self.published();
            if published.lsn >= lsn {
                return Ok(published);
            }
            if started.elapsed() > PUBLISH_WAIT_MAX {
                return Err(WorkspaceError::Overloaded);
            }
            std::thread::sleep(Duration::from_micros(100));
        }
    }

    /// Answers everything that is waiting, refuses what still comes, and closes the ledger.
    pub fn close(&self) {
        self.shared.closing.store(true, Ordering::Release);
        // An error means the writer has ended already.
        let _ = self.messages.send(Message::Stop);
        if let Some(thread) = self.writer.lock().take() {
            // A writer that panicked has nothing left to close.
            let _ = thread.join();
        }
    }
}

impl Drop for Workspace {
    fn drop(&mut self) {
        self.close();
    }
}

/// The first commit of an organisation: the usual units and an empty internal price book.
fn set_up(options: &Options) -> Result<Draft, WorkspaceError> {
    let at_us = (options.clock)();
    let mut ids = Uuid::now_v7;
    let by = UserId(Uuid::from_bytes(SYSTEM_ACTOR));
    let mut context = LibraryContext::new(by, at_us, &mut ids);
    let changes = standard(&mut context);
    Ok(Draft {
        at_us,
        actor: SYSTEM_ACTOR,
        command: "set-up".to_owned(),
        note: Vec::new(),
        changes: changes.iter().map(encode_library).collect::<Result<_, _>>()?,
    })
}

fn stopped() -> WorkspaceError {
    WorkspaceError::Failed("the writer has stopped".into())
}
