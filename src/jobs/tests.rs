//! The queue on organisations in temporary files, and on a disk that fails on purpose.

use super::{
    Finished, MadeFile, NewJob, Part, Policy, Pool, Queue, Refused, Run, Stopped, TRIES_MAX,
    Wanted, Work,
};
use crate::estimating::id::{OrganisationId, UserId};
use crate::estimating::user::Role;
use crate::ledger::Ledger;
use crate::ledger::faults::FaultDisk;
use crate::workspace::jobs::{JobEdit, JobId, JobKind, JobState, KeptJob, StepTaken};
use crate::workspace::{
    Actor, Command, Nobody, Options, Request, Workspace, WorkspaceError, organisation_schema,
};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use uuid::Uuid;

/// What the work of a test does at each try, told how many there were before.
type Act = dyn Fn(u32, KeptJob, Arc<Run>) -> Outcome + Send + Sync;
type Outcome = Pin<Box<dyn Future<Output = Result<Finished, Stopped>> + Send>>;

struct Scripted {
    tries: AtomicU32,
    act: Box<Act>,
}

impl Work for Scripted {
    fn carry_out(self: Arc<Self>, job: KeptJob, run: Arc<Run>) -> Outcome {
        let before = self.tries.fetch_add(1, Ordering::SeqCst);
        (self.act)(before, job, run)
    }
}

fn script(
    act: impl Fn(u32, KeptJob, Arc<Run>) -> Outcome + Send + Sync + 'static,
) -> Arc<Scripted> {
    Arc::new(Scripted { tries: AtomicU32::new(0), act: Box::new(act) })
}

fn busy() -> Stopped {
    Stopped::Passing(Refused { message: "busy".to_owned(), problem: "{}".to_owned() })
}

fn a_file(bytes: usize) -> Finished {
    let file = MadeFile {
        name: "a.csv".to_owned(),
        media_type: "text/csv",
        content: vec![7; bytes].into(),
    };
    Finished { message: "Written".to_owned(), answer: None, file: Some(file) }
}

/// An organisation with a queue.
struct Bench {
    folder: TempDir,
    disk: FaultDisk,
    organisation: OrganisationId,
    workspace: Arc<Workspace>,
    queue: Arc<Queue>,
    ana: Actor,
    policy: Policy,
}

impl Bench {
    fn new() -> Bench {
        Bench::with(Policy { back_off: Duration::from_millis(1), ..Policy::default() })
    }

    fn with(policy: Policy) -> Bench {
        let folder = TempDir::new().unwrap();
        let disk = FaultDisk::new(1, 1);
        let organisation = OrganisationId(Uuid::now_v7());
        let workspace = open(&disk, organisation);
        let queue = queue(&workspace, &folder, policy);
        let ana = Actor { user: UserId(Uuid::now_v7()), role: Role::Estimator, name: "Ana".into() };
        Bench { folder, disk, organisation, workspace, queue, ana, policy }
    }

    async fn start(&self, work: &Arc<Scripted>, steps: u32) -> Result<JobId, WorkspaceError> {
        let wanted = Wanted { actor: self.ana.clone(), idempotency: None, origin: None };
        let new = NewJob {
            kind: JobKind::Export,
            title: "A job".to_owned(),
            estimate: None,
            choices: "{}".to_owned(),
            input: None,
            steps,
        };
        self.queue.start(wanted, new, work.clone()).await
    }

    fn job(&self, id: JobId) -> KeptJob {
        self.workspace.published().job(id).unwrap().clone()
    }

    async fn over(&self, id: JobId) -> KeptJob {
        let started = Instant::now();
        loop {
            let job = self.job(id);
            if job.row.state.is_over() && self.queue.run(id).is_none() {
                return job;
            }
            assert!(started.elapsed() < Duration::from_secs(60), "it never ended: {:?}", job.row);
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// The process ends without a word and starts again.
    async fn crash(&mut self, work: &Arc<Scripted>) {
        self.workspace.close();
        self.disk.crash();
        self.workspace = open(&self.disk, self.organisation);
        self.queue = queue(&self.workspace, &self.folder, self.policy);
        let work: Arc<dyn Work> = work.clone();
        self.queue.resume(&work);
    }
}

fn open(disk: &FaultDisk, organisation: OrganisationId) -> Arc<Workspace> {
    let ledger = Ledger::open_storage(disk.clone(), organisation_schema(organisation.0)).unwrap();
    let options =
        Options { probe_interval: Duration::from_millis(5), ..Options::new(Arc::new(Nobody)) };
    Workspace::start(ledger, options).unwrap()
}

fn queue(workspace: &Arc<Workspace>, folder: &TempDir, policy: Policy) -> Arc<Queue> {
    Queue::new(workspace.clone(), folder.path().join("jobs"), Pool::new(1), policy)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fault_that_passes_is_tried_again_and_one_that_does_not_is_given_up() {
    let bench = Bench::new();
    let passes = script(|before, _, _| {
        Box::pin(async move { if before < 2 { Err(busy()) } else { Ok(a_file(3)) } })
    });
    let id = bench.start(&passes, 0).await.unwrap();
    let job = bench.over(id).await;
    assert_eq!((job.row.state, job.row.tries), (JobState::Done, 3));

    let stays = script(|_, _, _| Box::pin(async { Err(busy()) }));
    let id = bench.start(&stays, 0).await.unwrap();
    let job = bench.over(id).await;
    assert_eq!((job.row.state, job.row.tries), (JobState::Failed, TRIES_MAX));
    assert_eq!(stays.tries.load(Ordering::SeqCst), TRIES_MAX);
    assert!(job.row.message.contains("busy"), "{}", job.row.message);

    let refused = script(|_, _, _| {
        let why = Refused { message: "no such estimate".to_owned(), problem: "{}".to_owned() };
        Box::pin(async move { Err(Stopped::Refused(why)) })
    });
    let id = bench.start(&refused, 0).await.unwrap();
    assert_eq!(bench.over(id).await.row.tries, 1);

    let panics = script(|_, _, _| Box::pin(async { panic!("planted") }));
    let id = bench.start(&panics, 0).await.unwrap();
    assert_eq!(bench.over(id).await.row.state, JobState::Failed);
    // It can be asked for again, and starts from nothing.
    let again = script(|_, _, _| Box::pin(async { Ok(a_file(1)) }));
    bench.queue.retry(bench.ana.clone(), id, again).await.unwrap();
    assert_eq!(bench.over(id).await.row.state, JobState::Done);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_waited_out_and_nothing_is_done_twice() {
    let bench = Bench::new();
    let (workspace, ana, disk) = (bench.workspace.clone(), bench.ana.clone(), bench.disk.clone());
    let work = script(move |before, job, _| {
        let (workspace, ana, disk) = (workspace.clone(), ana.clone(), disk.clone());
        Box::pin(async move {
            if before == 0 {
                disk.set_full(true);
            }
            if job.steps.is_empty() {
                let step = StepTaken { job: job.row.id, n: 0, outcome: "{}".into() };
                let command =
                    Command::RememberLayout { key: "a".to_owned(), layout: "b".to_owned() };
                let request = Request { step: Some(step), ..Request::new(command) };
                let taken = workspace.submit(ana, request).await;
                taken.map_err(|error| {
                    Stopped::Passing(Refused { message: error.to_string(), problem: "{}".into() })
                })?;
            }
            Ok(Finished::default())
        })
    });
    let id = bench.start(&work, 1).await.unwrap();
    let started = Instant::now();
    while bench.workspace.health().is_read_write() {
        assert!(started.elapsed() < Duration::from_secs(60), "the disk was never full");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(!bench.job(id).row.state.is_over());
    bench.disk.set_full(false);
    let job = bench.over(id).await;
    assert_eq!((job.row.state, job.taken()), (JobState::Done, 1));
    assert_eq!(bench.workspace.published().layout("a").map(|text| &**text), Some("b"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_crash_a_job_goes_on_after_the_last_step_it_took() {
    let mut bench = Bench::new();
    let work = |workspace: &Arc<Workspace>, hang: bool| {
        let workspace = Arc::downgrade(workspace);
        script(move |_, job, _| {
            let workspace = workspace.upgrade();
            Box::pin(async move {
                let workspace = workspace.unwrap();
                for n in job.taken()..3 {
                    if hang && n == 2 {
                        // Never told what comes next: the process ends here.
                        std::future::pending::<()>().await;
                    }
                    let step = StepTaken { job: job.row.id, n, outcome: "{}".into() };
                    let edit = Command::Job { edit: JobEdit::Step(step) };
                    workspace.submit(Actor::system(), edit).await.unwrap();
                }
                Ok(Finished::default())
            })
        })
    };
    let hangs = work(&bench.workspace, true);
    let id = bench.start(&hangs, 3).await.unwrap();
    let started = Instant::now();
    while bench.job(id).taken() < 2 {
        assert!(started.elapsed() < Duration::from_secs(60), "its steps were never taken");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let log = bench.workspace.published().lsn;
    let nothing = script(|_, job, _| Box::pin(async move { Ok(a_file(job.steps.len())) }));
    bench.crash(&nothing).await;
    assert!(bench.workspace.published().lsn >= log);
    let job = bench.over(id).await;
    assert_eq!((job.row.state, job.taken(), job.row.tries), (JobState::Done, 2, 2));
    assert_eq!(job.row.file.as_ref().unwrap().bytes, 2, "it saw the steps taken before the crash");
    // A step is taken once, whoever asks again.
    let step = StepTaken { job: id, n: 1, outcome: "{}".into() };
    let again = Command::Job { edit: JobEdit::Step(step) };
    let refused = bench.workspace.submit(Actor::system(), again).await.unwrap_err();
    assert!(matches!(refused, WorkspaceError::JobOver), "{refused}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_that_takes_the_process_down_every_time_is_given_up() {
    let mut bench = Bench::new();
    let hangs = script(|_, _, _| Box::pin(std::future::pending()));
    let id = bench.start(&hangs, 0).await.unwrap();
    for crash in 1..=TRIES_MAX {
        let started = Instant::now();
        while bench.job(id).row.tries < crash {
            assert!(started.elapsed() < Duration::from_secs(60), "try {crash} never began");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        bench.crash(&hangs).await;
    }
    let job = bench.over(id).await;
    assert_eq!(job.row.state, JobState::Failed);
    assert_eq!(hangs.tries.load(Ordering::SeqCst), TRIES_MAX);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_stops_before_its_next_step_and_leaves_no_file() {
    let bench = Bench::new();
    let works = script(|_, _, run| {
        Box::pin(async move {
            run.tell(super::Unit::Row, 0, 10, "Counting");
            while !run.is_stopped() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            // It hears of the wish too late: what it made is not kept.
            Ok(a_file(5))
        })
    });
    let id = bench.start(&works, 0).await.unwrap();
    let waits = bench.start(&works, 0).await.unwrap();
    let started = Instant::now();
    while bench.job(id).row.state != JobState::Running {
        assert!(started.elapsed() < Duration::from_secs(60), "it never ran");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let ben = Actor { user: UserId(Uuid::now_v7()), ..bench.ana.clone() };
    let refused = bench.queue.cancel(ben, id).await.unwrap_err();
    assert!(matches!(refused, WorkspaceError::NotFound { .. }), "{refused}");
    bench.queue.cancel(bench.ana.clone(), waits).await.unwrap();
    bench.queue.cancel(bench.ana.clone(), id).await.unwrap();
    assert_eq!(bench.over(id).await.row.state, JobState::Cancelled);
    assert_eq!(bench.over(waits).await.row.tries, 0);
    assert!(!bench.queue.files().has(id, Part::Result));
    let refused = bench.queue.cancel(bench.ana.clone(), id).await.unwrap_err();
    assert!(matches!(refused, WorkspaceError::JobOver), "{refused}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_cannot_be_written_is_tried_again() {
    let bench = Bench::new();
    // A file stands where the folder of files belongs, until the second try.
    let folder = bench.folder.path().join("jobs");
    std::fs::write(&folder, "in the way").unwrap();
    let work = script(move |before, _, _| {
        if before == 1 {
            std::fs::remove_file(&folder).unwrap();
        }
        Box::pin(async { Ok(a_file(4)) })
    });
    let id = bench.start(&work, 0).await.unwrap();
    let job = bench.over(id).await;
    assert_eq!((job.row.state, job.row.tries), (JobState::Done, 2));
    let file = job.row.file.clone().unwrap();
    let bytes = bench.queue.files().get(id, Part::Result, &file.hash).unwrap();
    assert_eq!(bytes, Some(vec![7; 4]));
    assert_eq!(bench.queue.files().get(id, Part::Result, "another").unwrap(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_go_after_their_time_and_the_oldest_make_room() {
    let policy = Policy { files_max: 2, files_bytes_max: 100, ..Policy::default() };
    let bench = Bench::with(policy);
    let mut ids = Vec::new();
    for bytes in [10, 20, 30, 80] {
        let work = script(move |_, _, _| Box::pin(async move { Ok(a_file(bytes)) }));
        let id = bench.start(&work, 0).await.unwrap();
        bench.over(id).await;
        ids.push(id);
    }
    let has = |bench: &Bench| {
        ids.iter().map(|id| bench.queue.files().has(*id, Part::Result)).collect::<Vec<_>>()
    };
    let published = bench.workspace.published();
    bench.queue.files().sweep(&published, &policy, 0);
    // 30 and 80 bytes are more than 100.
    assert_eq!(has(&bench), [false, false, false, true]);
    let expires = bench.job(ids[3]).row.file.as_ref().unwrap().expires_at_us;
    bench.queue.files().sweep(&published, &policy, expires);
    assert_eq!(has(&bench), [false; 4]);
    assert_eq!(std::fs::read_dir(bench.folder.path().join("jobs")).unwrap().count(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_person_cannot_start_jobs_without_end() {
    let bench = Bench::new();
    let hangs = script(|_, _, _| Box::pin(std::future::pending()));
    for _ in 0..crate::workspace::jobs::JOBS_ACTIVE_PER_USER_MAX {
        bench.start(&hangs, 0).await.unwrap();
    }
    let refused = bench.start(&hangs, 0).await.unwrap_err();
    assert!(matches!(refused, WorkspaceError::TooManyJobs(_)), "{refused}");
}
