//! Jobs as rows: taken out when they are old, and never taken back with what they did.

use super::*;
use crate::workspace::jobs::{JOB_KEPT_US, JobAsk, JobEdit, JobEnd, JobId, JobKind, StepTaken};
use std::sync::atomic::{AtomicI64, Ordering};

fn ask() -> Box<JobAsk> {
    Box::new(JobAsk {
        kind: JobKind::Import,
        title: "Import a.csv".into(),
        estimate: None,
        choices: "{}".into(),
        input_hash: None,
        steps: 1,
    })
}

impl Bench {
    fn job(&self, actor: &Actor, edit: JobEdit) -> Result<Reply, WorkspaceError> {
        self.ws().submit_blocking(actor, Command::Job { edit })
    }
}

#[test]
fn the_step_of_a_job_is_in_the_commit_it_tells_of_and_stays_when_that_is_taken_back() {
    let bench = Bench::new();
    let id = JobId(Uuid::now_v7());
    bench.job(&bench.ana, JobEdit::Start { id, ask: ask() }).unwrap();
    let edits = vec![add_item(bench.heading, "1.1", "2", Some("3"))];
    let command = Command::Import { id: bench.estimate, edits, label: None };
    let step = Some(StepTaken { job: id, n: 0, outcome: "{}".into() });
    let request = Request { step, ..Request::new(command) };
    let reply = bench.ws().submit_blocking(&bench.ana, request.clone()).unwrap();
    let step = bench.ws().published().job(id).unwrap().steps[0].clone();
    assert_eq!((step.lsn, step.cost), (reply.lsn, Some("6.00".parse().unwrap())));
    // Taken, it is not taken again: nothing of the command happens.
    let refused = bench.ws().submit_blocking(&bench.ana, request).unwrap_err();
    assert!(matches!(refused, WorkspaceError::JobState(_)), "{refused}");
    let refused = bench.job(&bench.ana, JobEdit::Cancel { id }).unwrap_err();
    assert!(matches!(refused, WorkspaceError::JobOver), "{refused}");
    let scope = Scope::Estimate(bench.estimate);
    bench.ws().submit_blocking(&bench.ana, Command::Undo { scope }).unwrap();
    assert_eq!(bench.ws().published().job(id).unwrap().taken(), 1);
    let end = Box::new(JobEnd { message: "Imported".into(), ..JobEnd::default() });
    bench.job(&Actor::system(), JobEdit::End { id, end }).unwrap();
    bench.check();
}

#[test]
fn a_job_that_was_over_long_ago_goes_with_its_steps() {
    let now = Arc::new(AtomicI64::new(1_000_000));
    let clock = now.clone();
    let bench = Bench::with(move |options| Options {
        clock: Arc::new(move || clock.load(Ordering::Relaxed)),
        ..options
    });
    let (old, active, new) = (JobId(Uuid::now_v7()), JobId(Uuid::now_v7()), JobId(Uuid::now_v7()));
    for id in [old, active] {
        bench.job(&bench.ana, JobEdit::Start { id, ask: ask() }).unwrap();
    }
    let step = StepTaken { job: old, n: 0, outcome: "{}".into() };
    bench.job(&Actor::system(), JobEdit::Step(step)).unwrap();
    let end = Box::new(JobEnd::default());
    bench.job(&Actor::system(), JobEdit::End { id: old, end }).unwrap();
    now.fetch_add(JOB_KEPT_US + 10_000_000, Ordering::Relaxed);
    bench.job(&bench.ana, JobEdit::Start { id: new, ask: ask() }).unwrap();
    let kept = |bench: &Bench| {
        let published = bench.ws().published();
        published.jobs().map(|job| job.row.id).collect::<Vec<_>>()
    };
    assert_eq!(kept(&bench), [active, new]);
    let mut bench = bench;
    bench.reopen();
    assert_eq!(kept(&bench), [active, new]);
}
