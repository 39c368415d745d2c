//! The queue of an organisation's jobs: has them carried out, a bounded number at once.
//!
//! # Invariants
//!
//! - What a row says is the truth: a job that is over there is not begun, whoever waits for it.
//! - A job is begun by a commit that counts the try, so one that takes the process down with it
//!   is given up after [`TRIES_MAX`].
//! - Only faults that may pass are tried again; a refusal ends the job.

use super::{Content, Files, Part, Policy, Run};
use crate::workspace::jobs::{JobAsk, JobEdit, JobEnd, JobFile, JobId, JobKind, JobRow, KeptJob};
use crate::workspace::{
    Actor, Command, Reply, Request, Workspace, WorkspaceError, system_clock_us,
};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use uuid::Uuid;

/// How often a job is begun before it is given up.
pub const TRIES_MAX: u32 = 6;
/// The longest wait between two tries.
const BACK_OFF_MAX: Duration = Duration::from_secs(60);
/// Time between two looks for files past their time.
const SWEEP_INTERVAL: Duration = Duration::from_secs(60);

/// Turns for work, shared by all organisations. Cloning shares them.
#[derive(Clone)]
pub struct Pool(Arc<Semaphore>);

impl Pool {
    /// A pool that works on as many jobs at once.
    pub fn new(workers: usize) -> Pool {
        Pool(Arc::new(Semaphore::new(workers.max(1))))
    }
}

/// A job to be asked for.
pub struct NewJob {
    /// What it does.
    pub kind: JobKind,
    /// What it is called.
    pub title: String,
    /// The one estimate it is about, where it is one.
    pub estimate: Option<crate::estimating::id::EstimateId>,
    /// The choices made, for the work to read.
    pub choices: String,
    /// What it is given beside the choices.
    pub input: Option<Vec<u8>>,
    /// Steps that are each one commit.
    pub steps: u32,
}

/// Who asks, and how the request tells itself from others.
pub struct Wanted {
    /// Who.
    pub actor: Actor,
    /// Idempotency key and SHA-256 of the request's body.
    pub idempotency: Option<(String, [u8; 32])>,
    /// Name the client gave itself.
    pub origin: Option<String>,
}

/// A file that a job made.
pub struct MadeFile {
    /// Its name.
    pub name: String,
    /// Its media type.
    pub media_type: &'static str,
    /// What it holds.
    pub content: Content,
}

/// What came of a job.
#[derive(Default)]
pub struct Finished {
    /// In a few words.
    pub message: String,
    /// As the work writes it.
    pub answer: Option<String>,
    /// The file it made.
    pub file: Option<MadeFile>,
}

/// Why a job was refused.
pub struct Refused {
    /// In a few words.
    pub message: String,
    /// As the work writes it.
    pub problem: String,
}

/// Why work stopped before its end.
pub enum Stopped {
    /// It is refused, and would be again.
    Refused(Refused),
    /// A fault that may pass: a full disk, a busy writer.
    Passing(Refused),
    /// Somebody asked it to stop.
    Cancelled,
}

/// Work on its way.
pub type Working = Pin<Box<dyn Future<Output = Result<Finished, Stopped>> + Send>>;

/// Whoever knows how to do what jobs ask for.
pub trait Work: Send + Sync + 'static {
    /// Does what a job asks for, from the step after the last it has taken. What takes a while
    /// runs on threads of its own.
    fn carry_out(self: Arc<Self>, job: KeptJob, run: Arc<Run>) -> Working;
}

/// The jobs of one organisation.
pub struct Queue {
    workspace: Arc<Workspace>,
    files: Arc<Files>,
    pool: Pool,
    policy: Policy,
    runs: Mutex<HashMap<JobId, Arc<Run>>>,
    closing: watch::Sender<bool>,
}

/// A file that was written.
struct Put {
    hash: String,
    bytes: u64,
    now_us: i64,
}

/// How a try went.
enum Tried {
    /// There is nothing more to do.
    Over,
    /// It is to be tried again.
    Again(String),
}

impl Queue {
    /// The queue of a workspace, with its files in `folder`. Must be called inside a tokio
    /// runtime; its sweeping ends with it.
    pub fn new(
        workspace: Arc<Workspace>,
        folder: PathBuf,
        pool: Pool,
        policy: Policy,
    ) -> Arc<Queue> {
        let queue = Arc::new(Queue {
            workspace,
            files: Arc::new(Files::open(folder)),
            pool,
            policy,
            runs: Mutex::default(),
            closing: watch::Sender::new(false),
        });
        let weak = Arc::downgrade(&queue);
        tokio::spawn(sweeping(weak));
        queue
    }

    /// Has every job that is not over carried out: after a restart.
    pub fn resume(self: &Arc<Self>, work: &Arc<dyn Work>) {
        let published = self.workspace.published();
        for job in published.jobs().filter(|job| !job.row.state.is_over()) {
            self.enqueue(job.row.id, work.clone());
        }
    }

    /// Asks for a job and has it carried out in its turn. A repeated request gives the first job.
    ///
    /// # Errors
    /// Any [`WorkspaceError`]; `Failed` when what it is given cannot be kept.
    pub async fn start(
        self: &Arc<Self>,
        wanted: Wanted,
        new: NewJob,
        work: Arc<dyn Work>,
    ) -> Result<JobId, WorkspaceError> {
        let id = JobId(Uuid::now_v7());
        let input_hash = match new.input {
            None => None,
            Some(bytes) => {
                Some(self.put(id, Part::Input, bytes.into()).await.map_err(unwritten)?.hash.into())
            }
        };
        let ask = JobAsk {
            kind: new.kind,
            title: new.title.into(),
            estimate: new.estimate,
            choices: new.choices.into(),
            input_hash,
            steps: new.steps,
        };
        let command = Command::Job { edit: JobEdit::Start { id, ask: Box::new(ask) } };
        let Wanted { actor, idempotency, origin } = wanted;
        let request = Request { idempotency, origin, ..Request::new(command) };
        let reply = match self.workspace.submit(actor, request).await {
            Ok(reply) => reply,
            Err(error) => {
                self.files.remove(id, Part::Input);
                return Err(error);
            }
        };
        if reply.repeated {
            self.files.remove(id, Part::Input);
            return Ok(first_id(&reply).map_or(id, JobId));
        }
        self.enqueue(id, work);
        Ok(id)
    }

    /// Has a job that failed done again.
    ///
    /// # Errors
    /// `NotFound`, `JobState`, or `TooManyJobs`.
    pub async fn retry(
        self: &Arc<Self>,
        actor: Actor,
        id: JobId,
        work: Arc<dyn Work>,
    ) -> Result<(), WorkspaceError> {
        self.workspace.submit(actor, Command::Job { edit: JobEdit::Retry { id } }).await?;
        self.enqueue(id, work);
        Ok(())
    }

    /// Stops a job before its next step.
    ///
    /// # Errors
    /// `NotFound`, or `JobOver`.
    pub async fn cancel(&self, actor: Actor, id: JobId) -> Result<(), WorkspaceError> {
        self.workspace.submit(actor, Command::Job { edit: JobEdit::Cancel { id } }).await?;
        if let Some(run) = self.runs.lock().get(&id) {
            run.stop();
        }
        self.sweep();
        Ok(())
    }

    /// How far a job is; none when it is not in this process any more.
    pub fn run(&self, id: JobId) -> Option<Arc<Run>> {
        self.runs.lock().get(&id).cloned()
    }

    /// The files of the jobs.
    pub fn files(&self) -> &Files {
        &self.files
    }

    /// What a job was given beside its choices; none where it is gone. O(bytes).
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn input(&self, job: &JobRow) -> std::io::Result<Option<Vec<u8>>> {
        match &job.ask.input_hash {
            None => Ok(None),
            Some(hash) => self.files.get(job.id, Part::Input, hash),
        }
    }

    /// Lets what is at work come to its next step, and begins nothing more.
    pub fn close(&self) {
        self.closing.send_replace(true);
        for run in self.runs.lock().values() {
            run.stop();
        }
    }

    fn is_closing(&self) -> bool {
        *self.closing.borrow()
    }

    fn enqueue(self: &Arc<Self>, id: JobId, work: Arc<dyn Work>) {
        let run = Arc::new(Run::default());
        self.runs.lock().insert(id, run.clone());
        let queue = self.clone();
        tokio::spawn(async move {
            queue.attend(id, &run, &work).await;
            let mut runs = queue.runs.lock();
            // One that was asked for again meanwhile has a run of its own.
            if runs.get(&id).is_some_and(|now| Arc::ptr_eq(now, &run)) {
                runs.remove(&id);
            }
            drop(runs);
            queue.sweep();
        });
    }

    /// Tries a job until it is over, with a longer wait before each further try.
    async fn attend(self: &Arc<Self>, id: JobId, run: &Arc<Run>, work: &Arc<dyn Work>) {
        let mut failures = 0;
        loop {
            let Some(turn) = self.turn(run).await else { return };
            let tried = self.once(id, run, work).await;
            drop(turn);
            let why = match tried {
                Tried::Over => return,
                Tried::Again(why) => why,
            };
            let wait = self.back_off(failures);
            failures = failures.saturating_add(1);
            tracing::warn!(job = %id, wait_ms = wait.as_millis() as u64, "a job is tried again: {why}");
            run.wait(&why, system_clock_us().saturating_add(wait.as_micros() as i64));
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = run.stopped() => {}
            }
        }
    }

    /// Waits for a turn; none when the job was stopped or the server is.
    async fn turn(&self, run: &Run) -> Option<OwnedSemaphorePermit> {
        if self.is_closing() || run.is_stopped() {
            return None;
        }
        tokio::select! {
            turn = self.pool.0.clone().acquire_owned() => turn.ok(),
            () = run.stopped() => None,
        }
    }

    async fn once(self: &Arc<Self>, id: JobId, run: &Arc<Run>, work: &Arc<dyn Work>) -> Tried {
        let Some(job) = self.workspace.published().job(id).cloned() else { return Tried::Over };
        if job.row.state.is_over() {
            return Tried::Over;
        }
        if job.row.tries >= TRIES_MAX {
            let message =
                format!("Given up: the server stopped while at work on it, {TRIES_MAX} times");
            return self.end(id, gave_up(message)).await;
        }
        let begin = Command::Job { edit: JobEdit::Begin { id } };
        if let Err(error) = self.workspace.submit(Actor::system(), begin).await {
            return after(&error);
        }
        let Some(job) = self.workspace.published().job(id).cloned() else { return Tried::Over };
        let tries = job.row.tries;
        // On a task of its own, so that a panic in it fails the job and nothing else.
        let worked = tokio::spawn(work.clone().carry_out(job, run.clone())).await;
        match worked {
            Err(error) => {
                tracing::error!(job = %id, %error, "a job stopped unexpectedly");
                self.end(id, gave_up("It stopped unexpectedly".to_owned())).await
            }
            Ok(Ok(finished)) => self.keep(id, tries, finished).await,
            Ok(Err(Stopped::Cancelled)) => Tried::Over,
            Ok(Err(Stopped::Refused(why))) => self.end(id, refused(why)).await,
            Ok(Err(Stopped::Passing(_))) if self.is_closing() => Tried::Over,
            Ok(Err(Stopped::Passing(why))) => self.passing(id, tries, why).await,
        }
    }

    /// Tries again after a fault that may pass, unless it was tried often enough.
    async fn passing(&self, id: JobId, tries: u32, why: Refused) -> Tried {
        if tries < TRIES_MAX {
            return Tried::Again(why.message);
        }
        let message = format!("Given up after {TRIES_MAX} tries: {}", why.message);
        self.end(id, refused(Refused { message, ..why })).await
    }

    /// Keeps what a job made, then ends it.
    async fn keep(&self, id: JobId, tries: u32, finished: Finished) -> Tried {
        let Finished { message, answer, file } = finished;
        let file = match file {
            None => None,
            Some(MadeFile { name, media_type, content }) => {
                let Put { hash, bytes, now_us } = match self.put(id, Part::Result, content).await {
                    Ok(kept) => kept,
                    Err(error) => {
                        let message = format!("The file could not be written: {error}");
                        let why = Refused { message, problem: String::new() };
                        return self.passing(id, tries, why).await;
                    }
                };
                let most = self.policy.files_bytes_max;
                if bytes > most {
                    self.files.remove(id, Part::Result);
                    let message = format!(
                        "The file has {bytes} bytes, and those of all jobs may have {most} \
                         (jobs.files_bytes_max)"
                    );
                    return self.end(id, gave_up(message)).await;
                }
                let kept_us = i64::try_from(self.policy.kept.as_micros()).unwrap_or(i64::MAX);
                Some(JobFile {
                    name: name.into(),
                    media_type: media_type.into(),
                    bytes,
                    hash: hash.into(),
                    expires_at_us: now_us.saturating_add(kept_us),
                })
            }
        };
        let answer = answer.map(Into::into);
        self.end(id, JobEnd { problem: None, message: message.into(), answer, file }).await
    }

    /// Ends a job, however long the organisation takes no commits: nothing is lost if the process
    /// ends first, the job is then done again.
    async fn end(&self, id: JobId, mut end: JobEnd) -> Tried {
        let mut failures = 0;
        loop {
            let edit = JobEdit::End { id, end: Box::new(end.clone()) };
            match self.workspace.submit(Actor::system(), Command::Job { edit }).await {
                Ok(_) => return Tried::Over,
                Err(error) if is_passing(&error) && !self.is_closing() => {
                    tokio::time::sleep(self.back_off(failures)).await;
                    failures = failures.saturating_add(1);
                }
                Err(WorkspaceError::Invalid(why)) if end.problem.is_none() => {
                    tracing::error!(job = %id, "the result of a job was refused: {why}");
                    self.files.remove(id, Part::Result);
                    end = gave_up("Its result could not be kept".to_owned());
                }
                Err(_) => {
                    // Stopped meanwhile; or ended by an earlier attempt that was not acknowledged.
                    let ended = self.workspace.published().job(id).map(|job| job.row.clone());
                    if ended.is_none_or(|row| row.state.is_over() && row.file != end.file) {
                        self.files.remove(id, Part::Result);
                    }
                    return Tried::Over;
                }
            }
        }
    }

    /// Writes a file on a thread where that holds nobody up.
    async fn put(&self, id: JobId, part: Part, content: Content) -> std::io::Result<Put> {
        let now_us = system_clock_us();
        let files = self.files.clone();
        let put = move || files.put(id, part, &content, now_us);
        let written = tokio::task::spawn_blocking(put).await.map_err(std::io::Error::other);
        match written.flatten() {
            Ok((hash, bytes)) => Ok(Put { hash, bytes, now_us }),
            Err(error) => {
                tracing::error!(%error, job = %id, "a file of a job was not written");
                Err(error)
            }
        }
    }

    /// The wait after so many failures.
    fn back_off(&self, failures: u32) -> Duration {
        let times = 1_u32.checked_shl(failures).unwrap_or(u32::MAX);
        self.policy.back_off.saturating_mul(times).min(BACK_OFF_MAX)
    }

    fn sweep(&self) {
        self.files.sweep(&self.workspace.published(), &self.policy, system_clock_us());
    }
}

async fn sweeping(queue: Weak<Queue>) {
    loop {
        let Some(queue) = queue.upgrade() else { return };
        // Whatever comes of it is logged where it happens.
        let _ = tokio::task::spawn_blocking(move || queue.sweep()).await;
        tokio::time::sleep(SWEEP_INTERVAL).await;
    }
}

fn first_id(reply: &Reply) -> Option<Uuid> {
    reply.ids.first().and_then(|ids| ids.first()).copied()
}

fn unwritten(error: std::io::Error) -> WorkspaceError {
    WorkspaceError::Failed(format!("what the job is given could not be kept: {error}").into())
}

/// Whether a commit that failed so may succeed later.
fn is_passing(error: &WorkspaceError) -> bool {
    match error {
        WorkspaceError::ReadOnly(_)
        | WorkspaceError::Overloaded
        | WorkspaceError::Failed(_)
        | WorkspaceError::Storage(_) => true,
        WorkspaceError::Closing
        | WorkspaceError::AuditBroken(_)
        | WorkspaceError::Refused(_)
        | WorkspaceError::Invariant(_)
        | WorkspaceError::PermissionDenied { .. }
        | WorkspaceError::UndoConflict(_)
        | WorkspaceError::NothingToUndo(_)
        | WorkspaceError::IdempotencyMismatch
        | WorkspaceError::Invalid(_)
        | WorkspaceError::NotFound { .. }
        | WorkspaceError::JobOver
        | WorkspaceError::JobState(_)
        | WorkspaceError::Moment(_)
        | WorkspaceError::TooManyJobs(_) => false,
    }
}

fn after(error: &WorkspaceError) -> Tried {
    if is_passing(error) { Tried::Again(sentence(&error.to_string())) } else { Tried::Over }
}

/// Words as they begin a sentence.
pub fn sentence(words: &str) -> String {
    let mut chars = words.chars();
    chars.next().into_iter().flat_map(char::to_uppercase).chain(chars).collect()
}

fn refused(why: Refused) -> JobEnd {
    let Refused { message, problem } = why;
    JobEnd { problem: Some(problem.into()), message: message.into(), ..JobEnd::default() }
}

fn gave_up(message: String) -> JobEnd {
    refused(Refused { message, problem: String::new() })
}
