//! `oxflow audit verify`: proof that nobody altered the audit trail.

use std::io::{Write, stdout};

use anyhow::{Context, bail};
use clap::Subcommand;
use data_encoding::HEXLOWER;

use super::data::{self, Flags, LedgerFile};
use crate::ledger::{Ledger, verify_chain};
use crate::workspace::{control_schema, organisation_schema};

/// What can be done with the audit trail.
#[derive(Debug, Subcommand)]
pub enum Audit {
    /// Walk the hash chain of every commit and name the first broken link.
    Verify(Flags),
}

/// Runs the command.
///
/// # Errors
/// When a chain does not hold, after every ledger was walked; or as [`data::ledgers`].
pub fn run(audit: &Audit) -> anyhow::Result<()> {
    match audit {
        Audit::Verify(flags) => verify(flags),
    }
}

fn verify(flags: &Flags) -> anyhow::Result<()> {
    let mut broken = 0_usize;
    for file in data::ledgers(flags)? {
        broken += usize::from(!holds(&file).with_context(|| format!("{}", file.path.display()))?);
    }
    match broken {
        0 => Ok(()),
        1 => bail!("one audit trail was altered or damaged"),
        more => bail!("{more} audit trails were altered or damaged"),
    }
}

/// Walks one chain and prints what came of it; whether it holds. O(log), flat memory.
fn holds(file: &LedgerFile) -> anyhow::Result<bool> {
    let schema = match file.organisation {
        None => control_schema(),
        Some(organisation) => organisation_schema(organisation.0),
    };
    // A snapshot is of use only while its ledger is open.
    let ledger = Ledger::open(&file.path, schema)?;
    let walked = verify_chain(&ledger.snapshot()?, |_| {});
    let mut out = stdout().lock();
    match &walked {
        Ok(report) => writeln!(
            out,
            "{:<20} holds: {} commits, {} changes, head {} at commit {}",
            file.name,
            report.records,
            report.changes,
            HEXLOWER.encode(&report.head.hash),
            report.head.lsn
        )?,
        Err(fault) => writeln!(out, "{:<20} BROKEN: {fault}", file.name)?,
    }
    Ok(walked.is_ok())
}
