//! `oxflow check`: proof that everything in a data folder is whole.

use std::io::{Write, stdout};

use anyhow::{Context, bail};

use super::data::{Flags, LedgerFile, ledgers};
use crate::ledger::{self, CheckReport, IntegrityResult};
use crate::workspace::{check_ledger, control_schema};

/// Checks each ledger: its pages, its chain, its log replayed against its rows, and that every
/// estimate builds and adds up. O(data), one estimate in memory at a time.
///
/// # Errors
/// When anything at all is found, after all of it was printed; or as [`ledgers`].
pub fn run(flags: &Flags) -> anyhow::Result<()> {
    let mut damaged = 0_usize;
    for file in ledgers(flags)? {
        let findings = check(&file).with_context(|| format!("{}", file.path.display()))?;
        damaged += usize::from(!findings.is_empty());
        let mut out = stdout().lock();
        for finding in &findings {
            writeln!(out, "  {finding}")?;
        }
    }
    match damaged {
        0 => Ok(()),
        1 => bail!("one ledger is damaged; restore it from a back-up"),
        more => bail!("{more} ledgers are damaged; restore them from a back-up"),
    }
}

/// Checks one ledger and prints a line about it; what is wrong with it, in words.
fn check(file: &LedgerFile) -> anyhow::Result<Vec<String>> {
    let mut found = look(file)?;
    let repaired = found.report.integrity == IntegrityResult::Repaired;
    if repaired {
        // What a killed process left was put right by opening the file; what counts is how it
        // is from now on.
        found = look(file)?;
    }
    let Found { report, estimates, findings } = found;
    let mut all = faults(&report);
    all.extend(findings);
    let state = if all.is_empty() { "sound" } else { "DAMAGED" };
    let commits = report.chain.map_or(0, |chain| chain.head.lsn.0);
    let mut out = stdout().lock();
    write!(
        out,
        "{:<20} {state}: {commits} commits, {} rows as the log has them",
        file.name, report.rows
    )?;
    if let Some(count) = estimates {
        write!(out, ", {count} estimates")?;
    }
    writeln!(out, "{}", if repaired { " (put right after a crash)" } else { "" })?;
    Ok(all)
}

/// What one look at a ledger found.
struct Found {
    report: CheckReport,
    /// Estimates that were built; none in the control ledger.
    estimates: Option<u64>,
    /// What is wrong with the meaning of rows.
    findings: Vec<String>,
}

fn look(file: &LedgerFile) -> anyhow::Result<Found> {
    let Some(organisation) = file.organisation else {
        let report = ledger::check(&file.path, control_schema())?;
        return Ok(Found { report, estimates: None, findings: Vec::new() });
    };
    let outcome = check_ledger(&file.path, organisation)?;
    let unlisted = outcome.findings_total - outcome.findings.len() as u64;
    let mut findings = outcome.findings;
    findings.extend(more(unlisted));
    Ok(Found { report: outcome.ledger, estimates: Some(outcome.estimates), findings })
}

fn faults(report: &CheckReport) -> Vec<String> {
    let mut found = Vec::new();
    match &report.integrity {
        IntegrityResult::Sound => {}
        IntegrityResult::Repaired => found.push("its bookkeeping does not stay put right".into()),
        IntegrityResult::Damaged(why) => found.push(format!("the file is damaged: {why}")),
    }
    found.extend(report.faults.iter().map(ToString::to_string));
    found.extend(more(report.faults_total - report.faults.len() as u64));
    found
}

/// The line about findings that are counted but not listed.
fn more(unlisted: u64) -> Option<String> {
    (unlisted > 0).then(|| format!("and {unlisted} more"))
}
