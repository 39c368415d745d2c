//! The one thread that makes commits.
//!
//! It takes what is waiting, runs each command on working state, appends all resulting records in
//! one durable transaction, publishes the new state, and only then answers: nobody, not even
//! whoever was refused, learns of a change that a crash could take back.
//!
//! # Invariants
//!
//! - The published state is the ledger's rows as of its newest acknowledged commit.
//! - Working state that was not committed is dropped whole; after a failed append, state is read
//!   again from disk.
//! - A command that is refused leaves nothing behind and holds up nobody.

use super::{
    Actor, Alarm, Health, Options, Reply, Request, WorkspaceError,
    alarm::as_failure,
    audit::Audit,
    follow::Committed,
    leases::{Leases, Taken},
    load,
    run::{self, Commit, Done, Run, Stop},
    state::Published,
};
use crate::{
    estimating::{
        estimate::Estimate,
        id::EstimateId,
        rules::{RuleId, Violation},
    },
    ledger::{Draft, Ledger, LedgerError, Lsn, Reader, Record, SYSTEM_ACTOR},
};
use arc_swap::ArcSwap;
use std::{
    cell::RefCell,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError},
    },
    time::{Duration, Instant},
};
use tokio::sync::{broadcast, oneshot};
use uuid::Uuid;

/// Stored bytes after which a group is closed: one import fills a group by itself.
const GROUP_BYTES_MAX: usize = 8 * 1024 * 1024;
/// The longest the writer waits for the rest of a group.
const GATHER_MAX: Duration = Duration::from_micros(300);
/// The longest time between two attempts to write again.
const PROBE_INTERVAL_MAX: Duration = Duration::from_secs(30);
/// Groups between two looks at memory.
const GROUPS_PER_EVICTION: u32 = 64;

/// What the writer and everybody else share.
pub(super) struct Shared {
    pub published: ArcSwap<Published>,
    pub health: ArcSwap<Health>,
    pub followers: broadcast::Sender<Arc<Committed>>,
    pub reader: Reader,
    /// Counts uses of estimates, to find the one longest unused.
    pub ticks: AtomicU64,
    pub closing: AtomicBool,
    pub leases: Leases,
    pub audit: Audit,
    pub work: Work,
}

/// What the writer has done since it was started.
#[derive(Default)]
pub(super) struct Work {
    pub commits: AtomicU64,
    pub refusals: AtomicU64,
    pub alarms: AtomicU64,
    pub groups: AtomicU64,
    pub run_us: AtomicU64,
    pub append_us: AtomicU64,
    pub answer_us: AtomicU64,
}

/// Adds elapsed microseconds; the clock goes on from there.
fn lap(total: &AtomicU64, since: &mut Instant) -> Duration {
    let now = Instant::now();
    let elapsed = now.saturating_duration_since(*since);
    *since = now;
    total.fetch_add(elapsed.as_micros() as u64, Ordering::Relaxed);
    elapsed
}

impl Shared {
    pub(super) fn tick(&self) -> u64 {
        self.ticks.fetch_add(1, Ordering::Relaxed) + 1
    }
}

/// What the writer is told.
pub(super) enum Message {
    /// Run this.
    Run(Job),
    /// Take in an estimate read from the ledger.
    Adopt(Adoption),
    /// Give up old commits that are kept elsewhere, some of them; tells how many went.
    Trim(SyncSender<Result<u64, WorkspaceError>>),
    /// Answer what is waiting, then end.
    Stop,
}

/// A request with where its answer goes.
pub(super) struct Job {
    pub ask: Arc<(Actor, Request)>,
    pub answer: oneshot::Sender<Result<Reply, Stop>>,
}

/// An estimate as of `lsn`.
pub(super) struct Adoption {
    pub id: EstimateId,
    pub lsn: Lsn,
    pub estimate: Box<Estimate>,
    pub answer: SyncSender<Adopted>,
}

/// What became of an adoption.
pub(super) enum Adopted {
    /// It is in memory now.
    Taken(Arc<Estimate>),
    /// It has changed since it was read.
    Stale,
    /// It has been deleted since.
    Gone,
}

/// The writer thread's own.
pub(super) struct Writer {
    pub shared: Arc<Shared>,
    pub ledger: Ledger,
    pub messages: Receiver<Message>,
    pub options: Options,
    /// A message that has to wait for the group before it.
    held: Option<Message>,
    ids: RefCell<fn() -> Uuid>,
    /// Commands in the last group: as many are likely to come again.
    last_group: usize,
    /// How long the last append took.
    last_append: Duration,
    groups: u32,
    probe_interval: Duration,
    stopping: bool,
}

/// Commands run and not yet committed.
struct Group {
    state: Published,
    drafts: Vec<Draft>,
    bytes: usize,
    commands: usize,
    answers: Vec<Answer>,
}

/// An answer held back until the group is on disk.
struct Answer {
    to: oneshot::Sender<Result<Reply, Stop>>,
    ask: Arc<(Actor, Request)>,
    result: Result<Reply, Stop>,
    committed: Option<Committed>,
    taken: Option<Taken>,
}

impl Writer {
    pub(super) fn new(
        shared: Arc<Shared>,
        ledger: Ledger,
        messages: Receiver<Message>,
        options: Options,
    ) -> Writer {
        let probe_interval = options.probe_interval;
        Writer {
            shared,
            ledger,
            messages,
            options,
            held: None,
            ids: RefCell::new(Uuid::now_v7),
            last_group: 1,
            last_append: Duration::ZERO,
            groups: 0,
            probe_interval,
            stopping: false,
        }
    }

    /// Works until told to stop, or until nobody can tell it anything.
    pub(super) fn work(mut self) {
        while !self.stopping {
            match self.take() {
                Some(Message::Run(job)) => self.group(job),
                Some(Message::Adopt(adoption)) => self.adopt(adoption),
                Some(Message::Trim(answer)) => drop(answer.send(self.trim())),
                Some(Message::Stop) => self.stopping = true,
                None => self.probe(),
            }
        }
        self.drain();
    }

    /// The next message; none when it is time to try writing again.
    fn take(&mut self) -> Option<Message> {
        if let Some(held) = self.held.take() {
            return Some(held);
        }
        if self.shared.health.load().is_read_write() {
            return Some(self.messages.recv().unwrap_or(Message::Stop));
        }
        match self.messages.recv_timeout(self.probe_interval) {
            Ok(message) => Some(message),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => Some(Message::Stop),
        }
    }

    /// Refuses what arrived while closing.
    fn drain(&mut self) {
        while let Ok(message) = self.messages.try_recv() {
            if let Message::Run(job) = message {
                // Whoever asked may have gone.
                let _ = job.answer.send(Err(WorkspaceError::Closing.into()));
            }
        }
    }

    /// Runs a command and those waiting behind it, and commits them together.
    fn group(&mut self, first: Job) {
        if let Some(reason) = self.options.archive.refusal()
            && self.shared.health.load().is_read_write()
        {
            self.read_only(reason);
        }
        let refusal = self.shared.audit.refusal().or_else(|| self.shared.health.load().refusal());
        if let Some(refusal) = refusal {
            let _ = first.answer.send(Err(refusal.into()));
            return;
        }
        let mut group = Group {
            state: Published::clone(&self.shared.published.load()),
            drafts: Vec::new(),
            bytes: 0,
            commands: 0,
            answers: Vec::new(),
        };
        let started = Instant::now();
        let deadline = started + GATHER_MAX.min(self.last_append / 4);
        let mut next = Some(first);
        while let Some(job) = next.take() {
            if job.ask.1.command.reads_ledger() && !group.drafts.is_empty() {
                self.held = Some(Message::Run(job));
                break;
            }
            self.run_one(&mut group, job);
            if group.commands >= self.options.group_max || group.bytes >= GROUP_BYTES_MAX {
                break;
            }
            next = self.more(group.commands, deadline);
        }
        self.last_group = group.commands;
        self.finish(group, started);
    }

    /// Another command for the group. With company in the last group, waits a moment for it to
    /// come back; a client alone is never kept waiting.
    fn more(&mut self, commands: usize, deadline: Instant) -> Option<Job> {
        let message = match self.messages.try_recv() {
            Ok(message) => message,
            Err(TryRecvError::Disconnected) => return None,
            Err(TryRecvError::Empty) if commands >= self.last_group => return None,
            Err(TryRecvError::Empty) => {
                let left = deadline.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    return None;
                }
                self.messages.recv_timeout(left).ok()?
            }
        };
        match message {
            Message::Run(job) => Some(job),
            Message::Adopt(_) | Message::Trim(_) | Message::Stop => {
                self.held = Some(message);
                None
            }
        }
    }

    fn run_one(&mut self, group: &mut Group, job: Job) {
        let mut trial = group.state.clone();
        trial.lsn = group.state.lsn.next();
        let result = self.run_on(&mut trial, &job.ask);
        group.commands += 1;
        let (result, committed, taken) = match result {
            Ok(Done::Commit(commit)) => {
                let Commit { draft, reply, scope, library, taken } = *commit;
                group.state = trial;
                group.bytes += draft_bytes(&draft);
                group.drafts.push(draft);
                let committed = self
                    .followed()
                    .then(|| Committed::new(&job.ask.0, &job.ask.1, &reply, scope, library));
                (Ok(reply), committed, taken)
            }
            Ok(Done::Answer(reply)) => (Ok(reply), None, None),
            Err(stop) => (Err(self.watched(stop, &job.ask)), None, None),
        };
        group.answers.push(Answer { to: job.answer, ask: job.ask, result, committed, taken });
    }

    /// Raises the alarm where a command broke an invariant; the trial state it was run on is
    /// dropped like that of any refused command.
    fn watched(&self, stop: Stop, ask: &(Actor, Request)) -> Stop {
        let Stop::Refused(error) = stop else { return stop };
        let error = as_failure(error);
        if let WorkspaceError::Invariant(violations) = &error {
            for violation in &violations.0 {
                self.raise(violation, ask);
            }
        }
        error.into()
    }

    fn raise(&self, violation: &Violation, (actor, request): &(Actor, Request)) {
        let alarm = Alarm {
            rule: violation.rule,
            message: violation.message.clone(),
            objects: violation.objects.clone(),
            command: request.command.name(),
            by: actor.user,
            at_us: (self.options.clock)(),
        };
        tracing::error!(
            rule = %alarm.rule, code = violation.code, command = alarm.command,
            objects = ?alarm.objects, "an invariant was broken and the change taken back: {}",
            alarm.message
        );
        self.shared.work.alarms.fetch_add(1, Ordering::Relaxed);
        self.options.watch.raised(&alarm);
    }

    fn followed(&self) -> bool {
        self.shared.followers.receiver_count() > 0
    }

    /// Runs one request. A panic in the domain refuses that request and nothing else.
    fn run_on(&self, trial: &mut Published, ask: &(Actor, Request)) -> Result<Done, Stop> {
        let (actor, request) = ask;
        let reads = request.command.reads_ledger();
        let snapshot = reads.then(|| self.ledger.snapshot()).transpose();
        let snapshot = snapshot.map_err(WorkspaceError::from)?;
        let now_us = (self.options.clock)();
        let cx = Run {
            actor,
            at_us: now_us.max(trial.at_us),
            tick: self.shared.tick(),
            ids: &self.ids,
            people: &*self.options.people,
            gst_pct: self.options.gst_pct,
            snapshot: snapshot.as_ref(),
            leases: &self.shared.leases,
            now_us,
        };
        #[cfg(test)]
        crate::estimating::fault::plant(self.options.fault.load(Ordering::Relaxed));
        catch_unwind(AssertUnwindSafe(|| run::run(trial, &cx, request))).unwrap_or_else(|_| {
            tracing::error!(command = request.command.name(), "a command panicked");
            Err(WorkspaceError::Failed("an internal error; nothing was changed".into()).into())
        })
    }

    /// Makes a group durable, publishes it and answers it.
    fn finish(&mut self, group: Group, mut since: Instant) {
        let Group { state, drafts, answers, .. } = group;
        let work = &self.shared.work;
        lap(&work.run_us, &mut since);
        work.commits.fetch_add(drafts.len() as u64, Ordering::Relaxed);
        work.refusals.fetch_add((answers.len() - drafts.len()) as u64, Ordering::Relaxed);
        if drafts.is_empty() {
            for answer in answers {
                let _ = answer.to.send(answer.result);
            }
            return;
        }
        let records = match self.append(drafts) {
            Ok(records) => records,
            Err(error) => return self.fail(error, answers),
        };
        if let Err(reason) = self.options.archive.keep(state.lsn) {
            return self.unkept(reason, answers);
        }
        let work = &self.shared.work;
        work.groups.fetch_add(1, Ordering::Relaxed);
        self.last_append = lap(&work.append_us, &mut since);
        debug_assert_eq!(records.last().map(|record| record.lsn), Some(state.lsn));
        self.shared.published.store(Arc::new(state));
        let mut followed = Vec::new();
        for answer in answers {
            followed.extend(answer.committed);
            if let Some(taken) = &answer.taken {
                self.shared.leases.hand_over(taken, (self.options.clock)());
            }
            let _ = answer.to.send(answer.result);
        }
        for committed in followed {
            let Some(record) = records.iter().find(|record| record.lsn == committed.lsn) else {
                continue;
            };
            // No follower is no error.
            let _ = self.shared.followers.send(Arc::new(committed.of(record)));
        }
        lap(&self.shared.work.answer_us, &mut since);
        self.groups = self.groups.wrapping_add(1);
        if self.groups.is_multiple_of(GROUPS_PER_EVICTION) {
            self.evict();
        }
    }

    fn append(&mut self, drafts: Vec<Draft>) -> Result<Vec<Arc<Record>>, LedgerError> {
        #[cfg(test)]
        if self.options.fault.load(Ordering::Relaxed) == 118 {
            return Err(LedgerError::Io(std::io::Error::other("planted")));
        }
        self.ledger.append(drafts)
    }

    /// Fails a whole group and starts again from disk.
    fn fail(&mut self, error: LedgerError, answers: Vec<Answer>) {
        tracing::error!(%error, "a commit failed");
        let before = self.shared.published.load().lsn;
        let full = matches!(error, LedgerError::DiskFull);
        let why: Arc<str> = error.to_string().into();
        let restarted = self.restart();
        if let Err(error) = &restarted {
            self.read_only(error.to_string().into());
        } else if full {
            self.read_only("the disk is full; free some space".into());
        }
        let nothing_saved = restarted.is_ok_and(|lsn| lsn == before);
        let refusal = if full && nothing_saved {
            WorkspaceError::ReadOnly("the disk is full".into())
        } else {
            WorkspaceError::Failed(why.clone())
        };
        for answer in answers {
            if answer.result.is_ok() {
                let message = format!("A change could not be recorded, so it was not made: {why}.");
                self.raise(&Violation::new(RuleId::br(118), message), &answer.ask);
            }
            let _ = answer.to.send(Err(refusal.clone().into()));
        }
    }

    /// Gives up the oldest commits, as many as a commit may wait for.
    fn trim(&mut self) -> Result<u64, WorkspaceError> {
        let Some((keep, kept)) = self.options.keep_log.zip(self.options.archive.kept()) else {
            return Ok(0);
        };
        if !self.shared.health.load().is_read_write() || self.shared.audit.refusal().is_some() {
            return Ok(0);
        }
        let keep_us = i64::try_from(keep.as_micros()).unwrap_or(i64::MAX);
        let before_us = (self.options.clock)().saturating_sub(keep_us);
        let trimmed = self.ledger.trim(kept, before_us);
        if let Err(error) = &trimmed
            && error.needs_reopen()
        {
            let restarted = self.restart();
            if let Err(error) = restarted {
                self.read_only(error.to_string().into());
            }
        }
        Ok(trimmed?)
    }

    /// Answers a group that is on this machine and will never be in the archive: nobody sees it, and
    /// nothing more is committed here.
    fn unkept(&mut self, reason: Arc<str>, answers: Vec<Answer>) {
        self.read_only(reason.clone());
        for answer in answers {
            let refusal = WorkspaceError::ReadOnly(reason.clone());
            let _ = answer.to.send(Err(refusal.into()));
        }
    }

    /// Opens the ledger again and reads all state from it.
    fn restart(&mut self) -> Result<Lsn, WorkspaceError> {
        if self.ledger.is_poisoned() {
            self.ledger.reopen()?;
        }
        let state = load::load(&self.ledger.snapshot()?)?;
        let lsn = state.lsn;
        self.shared.published.store(Arc::new(state));
        Ok(lsn)
    }

    fn read_only(&mut self, reason: Arc<str>) {
        tracing::error!(%reason, "the organisation is read-only");
        let since_us = (self.options.clock)();
        self.shared.health.store(Arc::new(Health::ReadOnly { reason, since_us }));
    }

    /// While read-only: tries to write again, with a commit of the system that says since when
    /// changes are accepted again.
    fn probe(&mut self) {
        let resumed = self.resume();
        self.probe_interval = match resumed {
            Ok(()) => {
                tracing::info!("changes are accepted again");
                self.shared.health.store(Arc::new(Health::ReadWrite));
                self.options.probe_interval
            }
            Err(error) => {
                tracing::warn!(%error, "still read-only");
                (self.probe_interval * 2).min(PROBE_INTERVAL_MAX)
            }
        };
    }

    fn resume(&mut self) -> Result<(), WorkspaceError> {
        if let Some(reason) = self.options.archive.refusal() {
            return Err(WorkspaceError::ReadOnly(reason));
        }
        if self.ledger.is_poisoned() {
            self.restart()?;
        }
        let at_us = (self.options.clock)().max(self.shared.published.load().at_us);
        let draft = Draft {
            at_us,
            actor: SYSTEM_ACTOR,
            command: "resume".to_owned(),
            note: Vec::new(),
            changes: Vec::new(),
        };
        let lsn = self.ledger.append(vec![draft])?.last().map(|record| record.lsn);
        let kept = lsn.map_or(Ok(()), |lsn| self.options.archive.keep(lsn));
        kept.map_err(WorkspaceError::ReadOnly)?;
        self.restart()?;
        Ok(())
    }

    /// Takes an estimate into memory, unless it has changed since it was read.
    fn adopt(&mut self, adoption: Adoption) {
        let Adoption { id, lsn, estimate, answer } = adoption;
        let current = self.shared.published.load_full();
        let outcome = if let Some(estimate) = current.estimate(id) {
            Adopted::Taken(estimate.clone())
        } else if current.library.estimate(id).is_none() {
            Adopted::Gone
        } else if current.changed.get(&id).is_some_and(|changed| *changed > lsn) {
            Adopted::Stale
        } else {
            let estimate: Arc<Estimate> = Arc::new(*estimate);
            let mut state = Published::clone(&current);
            state.put(id, estimate.clone(), self.shared.tick());
            let dropped = state.evict(self.options.memory_bytes_max);
            self.shared.published.store(Arc::new(state));
            free(dropped);
            Adopted::Taken(estimate)
        };
        // The loader may have given up.
        let _ = answer.send(outcome);
    }

    fn evict(&mut self) {
        let mut state = Published::clone(&self.shared.published.load());
        let dropped = state.evict(self.options.memory_bytes_max);
        if !dropped.is_empty() {
            self.shared.published.store(Arc::new(state));
            free(dropped);
        }
    }
}

/// Frees large estimates away from the writer: that may take longer than a commit.
fn free(dropped: Vec<Arc<Estimate>>) {
    if !dropped.is_empty() {
        std::thread::spawn(move || drop(dropped));
    }
}

fn draft_bytes(draft: &Draft) -> usize {
    let image = |bytes: &Option<Vec<u8>>| bytes.as_ref().map_or(0, Vec::len);
    draft.changes.iter().map(|change| image(&change.before) + image(&change.after)).sum()
}
