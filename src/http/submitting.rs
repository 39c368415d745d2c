//! Submitting: the files that go to the client, and the job that makes them where the estimate is
//! large.
//!
//! What stands in the way is answered at once, so that it is told where it was asked; setting the
//! files and the one commit that keeps them is the job's only step, taken once whatever happens.

use super::auth::{Opened, SignedIn};
use super::documents::{client_schedule, letter, unmade};
use super::exports::XLSX;
use super::jobs::Halt;
use super::off_thread::press;
use super::problem::Problem;
use super::submissions::{ScheduleRow, file_stem, tender};
use crate::documents::client_schedule::ClientSchedule;
use crate::documents::limits::Progress;
use crate::documents::print::{self, Paper, figures};
use crate::estimating::id::EstimateId;
use crate::estimating::number::Money;
use crate::estimating::submission;
use crate::estimating::tender::Envelopes;
use crate::estimating::user::Organisation;
use crate::jobs::{Finished, Run, Unit};
use crate::workspace::jobs::{KeptJob, StepTaken};
use crate::workspace::{Command, NewFile};
use serde_json::json;
use std::ops::ControlFlow;
use std::sync::Arc;
use uuid::Uuid;

/// Everything that goes to the client, set out and not yet set.
pub(super) struct Papers {
    /// Start of every file's name.
    stem: String,
    /// Papers with the rest of their names, and whether each is a workbook too.
    papers: Vec<(&'static str, Paper, bool)>,
    /// The same for programs.
    json: Vec<u8>,
}

/// Sets out what is submitted: for a tender in two envelopes what belongs in each, for one in one
/// envelope the schedule of prices and the letter. O(rows).
///
/// # Errors
/// A price that is undefined; texts of the letter that tell what is not for the client (BR-107).
pub(super) fn papers(opened: &Opened, organisation: &Organisation) -> Result<Papers, Problem> {
    let (row, tender) = (opened.estimate.row(), tender(opened)?);
    let content_hash = submission::content_hash(&opened.estimate, &tender);
    let mut schedule = client_schedule(opened, organisation)?;
    // What is submitted is no draft any more (BR-108).
    schedule.header.is_draft = false;
    let columns = opened.branding().columns;
    let json = for_programs(opened, &schedule, &content_hash)?;
    let (priced, letter_priced) = (schedule.paper(columns), letter(opened, &schedule, true)?);
    let papers = match tender.envelopes {
        Envelopes::One => {
            vec![("schedule of prices", priced, true), ("tender letter", letter_priced, false)]
        }
        Envelopes::Two => vec![
            ("price envelope - schedule of prices", priced, true),
            ("price envelope - tender letter", letter_priced, false),
            (
                "non-price envelope - schedule of quantities",
                schedule.without_prices().paper(columns),
                false,
            ),
            ("non-price envelope - tender letter", letter(opened, &schedule, false)?, false),
        ],
    };
    let marked = papers.into_iter().map(|(name, mut paper, workbook)| {
        // A letter says so in its own words.
        if !name.ends_with("letter") {
            let validity = format!("{} days after closing", tender.validity_days);
            paper.facts.push(("Holds for".to_owned(), validity));
        }
        paper.facts.push(("Content".to_owned(), submission::short_hash(&content_hash)));
        (name, paper, workbook)
    });
    let stem = file_stem(&format!("{} {} r{}", tender.number, row.code, row.revision));
    Ok(Papers { stem, papers: marked.collect(), json })
}

/// The schedule of prices as programs read it, with the whole content hash.
fn for_programs(
    opened: &Opened,
    schedule: &ClientSchedule,
    content_hash: &str,
) -> Result<Vec<u8>, Problem> {
    let (row, tender) = (opened.estimate.row(), tender(opened)?);
    let sum = schedule.sum;
    let json = json!({
        "contentHash": content_hash,
        "tender": {"number": tender.number, "name": tender.name, "client": tender.client_name,
            "validityDays": tender.validity_days},
        "estimate": {"code": row.code, "name": row.name, "revision": row.revision},
        "schedule": schedule.rows.iter().map(ScheduleRow::of).collect::<Vec<_>>(),
        "totalEx": sum.total_ex, "gst": sum.gst, "totalInc": sum.total_inc,
    });
    serde_json::to_vec_pretty(&json).map_err(|_| Problem::internal())
}

impl Papers {
    /// Sets the files. `tell` hears of each file as it is begun, and may stop the work.
    pub(super) fn set(
        self,
        opened: &Opened,
        tell: &mut dyn FnMut(u64, u64, &str) -> ControlFlow<()>,
    ) -> Result<Vec<NewFile>, Problem> {
        let branding = opened.branding();
        let total = self.papers.len() as u64 + 1;
        let named = |rest: &str, extension: &str, media_type, bytes: Vec<u8>| NewFile {
            name: format!("{}{rest}.{extension}", self.stem),
            media_type,
            bytes: bytes.into(),
        };
        let mut files = Vec::new();
        for (at, (name, paper, workbook)) in (0_u64..).zip(&self.papers) {
            let message = format!("Setting the {}", name.rsplit(" - ").next().unwrap_or(name));
            let watch: Progress<'_> = &mut |done, steps| {
                let percent = done.saturating_mul(100) / steps.max(1);
                tell(at, total, &format!("{message}: {percent} %"))
            };
            let pdf = print::pdf(paper, branding, watch).map_err(unmade)?;
            let rest = format!(" {name}");
            files.push(named(&rest, "pdf", "application/pdf", pdf));
            if *workbook {
                let xlsx = print::xlsx(paper, branding).map_err(unmade)?;
                files.push(named(&rest, "xlsx", XLSX, xlsx));
            }
        }
        files.push(named("", "json", "application/json", self.json.clone()));
        Ok(files)
    }
}

/// Submits one estimate as a job, unless its one step was taken before.
pub(super) async fn carry_out(
    me: &SignedIn,
    job: &KeptJob,
    run: Arc<Run>,
    id: Uuid,
    content_hash: String,
    total_ex: Money,
) -> Result<Finished, Halt> {
    if job.steps.is_empty() {
        let opened = me.open(id).await?;
        let organisation = me.office().organisation();
        let watched = run.clone();
        let made = press(move || {
            let papers = papers(&opened, &organisation)?;
            papers.set(&opened, &mut |done, total, message| {
                watched.tell(Unit::Stage, done, total, message);
                if watched.is_stopped() {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                }
            })
        });
        let files = made.await??;
        if run.is_stopped() {
            return Err(Halt::Cancelled);
        }
        let stages = files.len() as u64;
        run.tell(Unit::Stage, stages - 1, stages, "Working the price out anew and freezing it");
        let outcome = json!({ "totalEx": total_ex }).to_string().into();
        let step = StepTaken { job: job.row.id, n: 0, outcome };
        let command = Command::Submit { id: EstimateId(id), content_hash, total_ex, files };
        me.submit_step(command, step).await?;
    }
    let published = me.published();
    let step = published.job(job.row.id).and_then(|job| job.steps.front().cloned());
    let step = step.ok_or_else(|| Problem::not_found("job"))?;
    let answer = json!({ "lsn": step.lsn.0, "totalEx": total_ex });
    let message = format!("Submitted at {}", figures::money(total_ex));
    Ok(Finished { message, answer: Some(answer.to_string()), file: None })
}
