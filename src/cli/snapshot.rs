//! `oxflow snapshot`: one organisation in one file.

use std::io::{Write, stdout};
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use clap::{Args, Subcommand};

use super::progress::Progress;
use super::source::{Folder, Fresh, From};
use super::vault::when;
use crate::vault::masking::Source;
use crate::vault::oxsnap::{Header, Reader, verify_telling};
use crate::vault::pack;

/// What to do with a snapshot.
#[derive(Subcommand)]
pub enum Snapshot {
    /// Write an organisation with its people into one file.
    Create(Create),
    /// Say what a file is and what is in it.
    Inspect(FileFlags),
    /// Prove that a file is whole: every checksum, every row.
    Verify(FileFlags),
}

/// Which file.
#[derive(Debug, Args)]
pub struct FileFlags {
    /// The file
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

/// What to write where.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  oxflow snapshot create --data data --org oxcon --to oxcon.oxsnap
  oxflow snapshot create --from s3://oxcon-vault/live --org oxcon --to oxcon.oxsnap \\
    --at 2026-04-20T14:05:00+12:00

The server must be stopped for --data; a vault can be read at any time.")]
pub struct Create {
    /// Data folder
    #[arg(long, value_name = "DIR", required_unless_present = "from", conflicts_with = "from")]
    data: Option<PathBuf>,

    #[command(flatten)]
    from: From,

    /// File to write
    #[arg(long, value_name = "FILE")]
    to: PathBuf,

    /// Whether the audit trail goes along
    #[arg(long, value_enum, default_value_t = super::source::Audit::Truncate)]
    audit: super::source::Audit,
}

/// Runs what was asked.
///
/// # Errors
/// A source that cannot be read, a file that is there already or does not verify.
pub fn run(snapshot: &Snapshot) -> anyhow::Result<()> {
    match snapshot {
        Snapshot::Create(flags) => create(flags),
        Snapshot::Inspect(flags) => inspect(&flags.file),
        Snapshot::Verify(flags) => whole(&flags.file),
    }
}

fn create(flags: &Create) -> anyhow::Result<()> {
    let _fresh = Fresh::new(&flags.to)?;
    let folder = match &flags.data {
        Some(data) => Folder::There(data.clone()),
        None => flags.from.folder(flags.audit)?,
    };
    let source = Source::open(folder.path(), flags.from.org())?;
    let (rows, control) = source.snapshots();
    let audit = flags.audit == super::source::Audit::Keep;
    let now = jiff::Timestamp::now().as_microsecond();
    let (all, progress) = (rows.count_all()?, Progress::new("written"));
    let telling = |done: u64| progress.tell(done, all, || format!("{done} rows"));
    let counts = pack(rows, control, source.names(), audit, now, &flags.to, telling);
    progress.end();
    let counts = counts?;
    let to = flags.to.display();
    writeln!(
        stdout(),
        "{to}: {} rows, {} commits, {} bytes",
        counts.rows,
        counts.commits,
        counts.bytes
    )?;
    Ok(())
}

/// What a file says of itself.
pub fn describe(header: &Header) -> String {
    let masked = match (header.masked, header.contains_originals) {
        (false, _) => "not masked: it holds real names and prices",
        (true, false) => "masked: names and prices are invented",
        (true, true) => "masked, but CONTAINS ORIGINALS in its audit trail",
    };
    let audit = if header.log_from.is_some() { "whole" } else { "begins anew" };
    let at = header.at_us.map_or_else(|| "unknown".to_owned(), when);
    let policy = header.policy_hash.as_deref().unwrap_or("none");
    format!(
        "organisation  {} ({})\ncommit        {} of {at}\nmade          {}\nschema        {}\n\
         names         {masked}\naudit trail   {audit}\npolicy        {policy}",
        header.slug,
        header.name,
        header.lsn,
        when(header.created_at_us),
        header.schema,
    )
}

fn inspect(file: &Path) -> anyhow::Result<()> {
    let reader = Reader::open(file)?;
    let bytes = std::fs::metadata(file).with_context(|| file.display().to_string())?.len();
    writeln!(stdout(), "{}\nbytes         {bytes}", describe(&reader.header))?;
    Ok(())
}

fn whole(file: &Path) -> anyhow::Result<()> {
    let all = std::fs::metadata(file).with_context(|| file.display().to_string())?.len();
    let progress = Progress::new("verified");
    let read = verify_telling(file, |counts| {
        progress.tell(counts.bytes, all, || format!("{} rows", counts.rows));
    });
    progress.end();
    let (header, counts) = read?;
    ensure!(counts.rows > 0, "{} holds no rows", file.display());
    writeln!(
        stdout(),
        "{}\n\n{}: whole: {} rows and {} commits in {} frames, {} bytes",
        describe(&header),
        file.display(),
        counts.rows,
        counts.commits,
        counts.frames,
        counts.bytes
    )?;
    Ok(())
}
