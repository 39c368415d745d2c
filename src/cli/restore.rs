//! `oxflow restore`: a data folder as it was at any moment, from the vault.

use std::io::{IsTerminal, Write, stderr, stdout};
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, bail, ensure};
use clap::Args;

use super::config::{Config, variables};
use super::vault::{runtime, slugs, when};
use crate::ledger::Lsn;
use crate::vault::oxsnap::Reader;
use crate::vault::{
    CONTROL, Plan, Restored, Store, Target, place, plan, restore, unpack, with_history,
};

/// What to bring back, and where to.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  oxflow restore --from s3://oxcon-vault/live --to data
  oxflow restore --from s3://oxcon-vault/live --to data --at 2026-04-20T14:05:00+12:00
  oxflow restore --from staging.oxsnap --to data
  oxflow restore --from s3://oxcon-vault/live --to look --org oxcon --at-lsn 4711 --dry-run

Credentials come from the environment (AWS_ACCESS_KEY_ID and so on) or vault.credentials_file.")]
pub struct Flags {
    /// The vault, or an .oxsnap file [default: vault.url of the configuration]
    #[arg(long, value_name = "URL or FILE")]
    from: Option<String>,

    /// Data folder to write; a ledger that is there is never written over
    #[arg(long, value_name = "DIR")]
    to: PathBuf,

    /// Only this organisation, by its short name, and the list of organisations and people
    #[arg(long, value_name = "NAME")]
    org: Option<String>,

    /// The last change at or before this time, with its zone
    #[arg(long, value_name = "TIME", conflicts_with = "at_lsn")]
    at: Option<String>,

    /// This commit of the one organisation
    #[arg(long, value_name = "LSN", requires = "org")]
    at_lsn: Option<u64>,

    /// Bring the log before the snapshot along, as far back as the vault holds it: the history of
    /// every row, and longer reading
    #[arg(long)]
    history: bool,

    /// Say what would be read, and write nothing
    #[arg(long)]
    dry_run: bool,

    /// Configuration file [default: oxflow.toml, if there]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// Restores the control ledger and the organisations named.
///
/// # Errors
/// A vault that cannot be read or does not reach to the moment, a ledger that is there already, or
/// anything that does not verify.
pub fn run(flags: &Flags) -> anyhow::Result<()> {
    let config = Config::load(flags.config.as_deref(), variables()?)?;
    let url = flags.from.as_deref().unwrap_or(&config.vault.url);
    if Path::new(url).is_file() {
        return file(flags, Path::new(url));
    }
    ensure!(!url.is_empty(), "no vault is named: give --from, or set vault.url");
    let store = config.vault.store_at(url, &config.storage.data)?;
    let target = match (&flags.at, flags.at_lsn) {
        (Some(text), _) => Target::At(time(text)?),
        (None, Some(lsn)) => Target::Lsn(Lsn(lsn)),
        (None, None) => Target::Latest,
    };
    runtime()?.block_on(all(flags, &store, target))
}

/// A moment as people write it; without a zone it could be any of two dozen.
pub fn time(text: &str) -> anyhow::Result<i64> {
    let moment: jiff::Timestamp = text.parse().with_context(|| {
        format!("--at {text:?} is no time with its zone, such as 2026-04-20T14:05:00+12:00")
    })?;
    Ok(moment.as_microsecond())
}

/// A data folder from a file of one organisation.
fn file(flags: &Flags, from: &Path) -> anyhow::Result<()> {
    let chosen = flags.at.is_some() || flags.at_lsn.is_some() || flags.dry_run;
    ensure!(!chosen, "{} holds one moment: look with `oxflow snapshot inspect`", from.display());
    if let Some(org) = &flags.org {
        let slug = Reader::open(from)?.header.slug;
        ensure!(slug == *org, "{} is of {slug}, not of {org}", from.display());
    }
    let (header, counts) = unpack(from, &flags.to, |_| ())?;
    let (to, slug) = (flags.to.display(), header.slug);
    writeln!(stdout(), "{slug:<20} {} rows and {} commits, verified", counts.rows, counts.commits)?;
    writeln!(stdout(), "\nStart from it:\n    oxflow serve --data {to}")?;
    Ok(())
}

async fn all(flags: &Flags, store: &Store, target: Target) -> anyhow::Result<()> {
    let mut names = slugs(store).await?;
    if let Some(org) = &flags.org {
        ensure!(names.contains(org), "the vault holds no organisation {org}");
        names.retain(|name| name == org || name == CONTROL);
    }
    ensure!(!names.is_empty(), "there is nothing in the vault to restore");
    let mut made = Made(Vec::new());
    for name in &names {
        let store = store.under(name);
        // A commit is counted in its own ledger; people are as they were last.
        let target = match target {
            Target::Lsn(_) if name == CONTROL => Target::Latest,
            target => target,
        };
        let mut plan = plan(&store, target).await.with_context(|| name.clone())?;
        if flags.history {
            plan = with_history(&store, plan).await.with_context(|| name.clone())?;
        }
        tell(name, &plan)?;
        if !flags.dry_run {
            let path = one(name, &store, &plan, &flags.to).await.with_context(|| name.clone())?;
            made.0.push(path);
        }
    }
    made.0.clear();
    if !names.iter().any(|name| name == CONTROL) {
        writeln!(
            stdout(),
            "\nThe vault does not hold who the organisations and people are: each organisation is \
             taken in at the first start with one Administrator, and its people must be entered anew."
        )?;
    }
    if !flags.dry_run {
        let to = flags.to.display();
        writeln!(stdout(), "\nStart from it:\n    oxflow serve --data {to}")?;
    }
    Ok(())
}

/// Says what is read.
fn tell(name: &str, plan: &Plan) -> anyhow::Result<()> {
    let mut out = stdout().lock();
    write!(out, "{name:<20} ")?;
    match &plan.snapshot {
        Some(manifest) => write!(
            out,
            "snapshot of commit {} ({}, {} rows)",
            manifest.lsn,
            manifest.at_us.map_or_else(String::new, when),
            manifest.rows
        )?,
        None => write!(out, "from the first commit")?,
    }
    if !plan.past.is_empty() {
        write!(out, " with the history after commit {}", plan.anchor.lsn)?;
    }
    let commits = plan.segments.last().map_or(0, |(_, upto)| upto.0);
    let segments = plan.segments.len();
    writeln!(out, ", then {segments} segments up to commit {commits}: {} bytes", plan.bytes)?;
    Ok(())
}

/// Ledgers written so far; one that cannot be written takes the others with it, so that no folder
/// is left that is whole only at first sight.
struct Made(Vec<PathBuf>);

impl Drop for Made {
    fn drop(&mut self) {
        for path in &self.0 {
            drop(std::fs::remove_file(path));
        }
    }
}

/// Restores one ledger; where it is.
async fn one(name: &str, store: &Store, plan: &Plan, to: &Path) -> anyhow::Result<PathBuf> {
    let (path, schema) = place(name, to, plan.organisation);
    let started = Instant::now();
    let (shown, total) = (stderr().is_terminal(), plan.bytes);
    let progress = move |done: Restored| {
        if shown {
            let Restored { rows, commits, lsn, .. } = done;
            eprint!("\r  {rows} rows and {commits} commits, at commit {lsn}, of {total} bytes");
        }
    };
    let done = restore(store, plan, schema, &path, progress).await?;
    if shown {
        eprintln!();
    }
    if !plan.past.is_empty() {
        writeln!(stdout(), "{:<20} {} commits of history before the snapshot", "", done.past)?;
    }
    if done.lsn == Lsn::ZERO && plan.snapshot.is_none() {
        bail!("nothing had been changed yet at that time");
    }
    writeln!(
        stdout(),
        "{:<20} commit {} of {}: {} rows and {} commits in {:.1} s, verified",
        "",
        done.lsn,
        done.at_us.map_or_else(|| "no time known".to_owned(), when),
        done.rows,
        done.commits,
        started.elapsed().as_secs_f32()
    )?;
    Ok(path)
}
