//! `oxflow restore`: a data folder as it was at any moment, from the vault.

use std::io::{Write, stdout};
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, bail, ensure};
use clap::Args;

use super::config::{Config, variables};
use super::progress::Progress;
use super::scratch::{hold, release};
use super::snapshot::describe;
use super::vault::{NOTHING_OF_IT, missing, named, organisations, runtime, slugs, when};
use crate::ledger::Lsn;
use crate::vault::oxsnap::{Counts, Header, Reader};
use crate::vault::{
    CONTROL, Plan, Stop, Store, Target, VaultError, place, plan, plan_with_history,
    refuse_existing, restore, stop, unfinished, unpack,
};
use crate::workspace::control::{CONTROL_FILE, ledger_path};

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

    /// The last change at or before this time, with its zone: 2026-04-20T14:05:00+12:00 or
    /// 2026-04-20T14:05:00[Pacific/Auckland]
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
    let target = match (&flags.at, flags.at_lsn) {
        (Some(text), _) => Target::At(time(text)?),
        (None, Some(lsn)) => Target::Lsn(Lsn(lsn)),
        (None, None) => Target::Latest,
    };
    let store = config.vault.store_at(url, &config.storage.data)?;
    runtime()?.block_on(all(flags, url, &store, target))
}

/// A moment as people write it; without a zone it could be any of two dozen. Of a time that comes
/// twice in its zone, as clocks go back, the first is meant.
pub fn time(text: &str) -> anyhow::Result<i64> {
    if let Ok(moment) = text.parse::<jiff::Timestamp>() {
        return Ok(moment.as_microsecond());
    }
    let zoned: jiff::Zoned = text.parse().with_context(|| {
        format!(
            "--at {text:?} is no time with its zone, such as 2026-04-20T14:05:00+12:00 or \
             2026-04-20T14:05:00[Pacific/Auckland]"
        )
    })?;
    Ok(zoned.timestamp().as_microsecond())
}

/// A data folder from a file of one organisation.
fn file(flags: &Flags, from: &Path) -> anyhow::Result<()> {
    let chosen = flags.at.is_some() || flags.at_lsn.is_some() || flags.history;
    ensure!(!chosen, "{} holds one moment: look with `oxflow snapshot inspect`", from.display());
    let header = Reader::open(from)?.header;
    if let Some(org) = &flags.org {
        let slug = &header.slug;
        ensure!(slug == org, "{} is of {slug}, not of {org}", from.display());
    }
    let to = flags.to.display();
    if flags.dry_run {
        for path in [flags.to.join(CONTROL_FILE), ledger_path(&flags.to, &header.slug)] {
            refuse_existing(&path)?;
        }
        writeln!(stdout(), "{}\n\nnothing was written to {to}", describe(&header))?;
        return Ok(());
    }
    let (header, counts) = unpacked(from, &flags.to)?;
    let slug = header.slug;
    writeln!(stdout(), "{slug:<20} {} rows and {} commits, verified", counts.rows, counts.commits)?;
    let vault = match header.masked {
        true => "It is a masked copy: nothing of it goes to a vault.",
        false => "To work on in it, set a vault.url of its own: its history begins anew here.",
    };
    writeln!(stdout(), "\nLook at it:\n    oxflow serve --data {to} --no-vault\n{vault}")?;
    Ok(())
}

/// Makes a data folder of a file, and says how far it is.
pub fn unpacked(from: &Path, to: &Path) -> anyhow::Result<(Header, Counts)> {
    let all = std::fs::metadata(from).with_context(|| from.display().to_string())?.len();
    let progress = Progress::new("read");
    let done = unpack(from, to, |counts| {
        progress.tell(counts.bytes, all, || format!("{} rows", counts.rows));
    });
    progress.end();
    Ok(done?)
}

/// A ledger that will be restored.
struct Planned {
    name: String,
    store: Store,
    plan: Plan,
    path: PathBuf,
    /// Where it will stop, where that was asked for.
    stop: Option<Stop>,
}

async fn all(flags: &Flags, url: &str, store: &Store, target: Target) -> anyhow::Result<()> {
    let names = named(slugs(store).await?, flags.org.as_deref(), url)?;
    let (mut planned, mut left_out) = (Vec::new(), Vec::new());
    // Everything is looked at before anything is written.
    for name in names {
        match prepare(flags, &name, store.under(&name), target).await {
            Ok(one) => planned.push(one),
            Err(VaultError::TooEarly(first)) if first.lsn <= Lsn(1) => left_out.push((name, first)),
            Err(error) => return Err(error).context(name),
        }
    }
    if !planned.iter().any(|one| one.name != CONTROL) {
        left_out.retain(|(name, _)| name != CONTROL);
        match left_out.into_iter().min_by_key(|(_, first)| first.at_us) {
            Some((name, first)) => return Err(VaultError::TooEarly(first)).context(name),
            None => bail!("{url} holds no organisation"),
        }
    }
    for (name, first) in &left_out {
        writeln!(
            stdout(),
            "{name:<20} left out: nothing had been changed yet; {first} is its first"
        )?;
    }
    let mut made = Made::below(&flags.to);
    for one in &planned {
        tell(one)?;
        if !flags.dry_run {
            let place = || format!("{} ({})", one.name, one.path.display());
            write(one, &mut made).await.with_context(place)?;
        }
    }
    made.keep();
    if !planned.iter().any(|one| one.name == CONTROL) {
        writeln!(
            stdout(),
            "\nThe vault does not hold who the organisations and people are: each organisation is \
             taken in at the first start with one Administrator, and its people must be entered anew."
        )?;
    }
    if !flags.dry_run {
        let to = flags.to.display();
        writeln!(
            stdout(),
            "\nGo on from it; whoever writes the vault now takes no more changes then:\n    \
             oxflow serve --data {to}\nOnly look at it, and leave the vault alone:\n    \
             oxflow serve --data {to} --no-vault"
        )?;
    }
    let whole = flags.org.is_none() && planned.iter().any(|one| one.name == CONTROL);
    if whole && !flags.dry_run {
        let mut names: Vec<String> = planned.into_iter().map(|one| one.name).collect();
        names.extend(left_out.into_iter().map(|(name, _)| name));
        let gone = missing(store, &names, organisations(&flags.to)?).await?;
        ensure!(
            gone.is_empty(),
            "{}: {NOTHING_OF_IT}; served from here it begins anew, empty. Everything else was restored",
            gone.join(", ")
        );
    }
    Ok(())
}

/// Finds out what is to be read, and that it can be written.
async fn prepare(
    flags: &Flags,
    name: &str,
    store: Store,
    target: Target,
) -> Result<Planned, VaultError> {
    // A commit is counted in its own ledger; people are as they were last.
    let target = match target {
        Target::Lsn(_) if name == CONTROL => Target::Latest,
        target => target,
    };
    let plan = match flags.history {
        true => plan_with_history(&store, target).await?,
        false => plan(&store, target).await?,
    };
    let (path, _) = place(name, &flags.to, plan.organisation);
    refuse_existing(&path)?;
    let known = flags.dry_run || matches!(target, Target::At(_));
    let stop = if known { Some(stop(&store, &plan).await?) } else { None };
    Ok(Planned { name: name.to_owned(), store, plan, path, stop })
}

/// Says what is read.
fn tell(Planned { name, plan, stop, .. }: &Planned) -> anyhow::Result<()> {
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
    let count = plan.segments.len();
    let segments = if count == 1 { "segment" } else { "segments" };
    if count > 0 {
        write!(out, ", then {count} {segments}")?;
    }
    match stop {
        Some(stop) => writeln!(out, ", up to {stop}: {} bytes", plan.bytes)?,
        None => writeln!(out, ": {} bytes", plan.bytes)?,
    }
    Ok(())
}

/// Ledgers written so far; one that cannot be written takes the others with it, so that no folder
/// is left that is whole only at first sight.
struct Made {
    to: PathBuf,
    was_there: bool,
    files: Vec<PathBuf>,
    folders: Vec<PathBuf>,
}

impl Made {
    fn below(to: &Path) -> Made {
        Made { to: to.to_owned(), was_there: to.exists(), files: Vec::new(), folders: Vec::new() }
    }

    /// A ledger is begun.
    fn begin(&mut self, path: &Path) {
        hold(&unfinished(path));
        let below = path.ancestors().skip(1).take_while(|folder| *folder != self.to);
        self.folders.extend(below.filter(|folder| !folder.exists()).map(Path::to_owned));
    }

    /// It is whole.
    fn add(&mut self, path: &Path) {
        hold(path);
        release(&unfinished(path));
        self.files.push(path.to_owned());
    }

    /// All of them are.
    fn keep(mut self) {
        self.files.drain(..).for_each(|file| release(&file));
        self.folders.clear();
        self.was_there = true;
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        for path in &self.files {
            drop(std::fs::remove_file(path));
            release(path);
        }
        // Folders with something in them stay by themselves.
        for folder in &self.folders {
            drop(std::fs::remove_dir(folder));
        }
        if !self.was_there {
            drop(std::fs::remove_dir(&self.to));
        }
    }
}

/// Restores one ledger.
async fn write(one: &Planned, made: &mut Made) -> anyhow::Result<()> {
    let Planned { name, store, plan, path, .. } = one;
    let (_, schema) = place(name, &made.to, plan.organisation);
    let started = Instant::now();
    let progress = Progress::new(name);
    let telling = progress.clone();
    made.begin(path);
    let done = restore(store, plan, schema, path, move |done| telling.restored(done)).await;
    progress.end();
    let done = done?;
    made.add(path);
    if !plan.past.is_empty() {
        writeln!(stdout(), "{:<20} {} commits of history before the snapshot", "", done.past)?;
    }
    writeln!(
        stdout(),
        "{:<20} commit {} of {}: {} rows, {} commits made again, in {:.1} s, verified",
        "",
        done.lsn,
        done.at_us.map_or_else(|| "no time known".to_owned(), when),
        done.rows,
        done.commits,
        started.elapsed().as_secs_f32()
    )?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_its_zone_as_an_offset_or_by_name() {
        let at = |text: &str| time(text).unwrap();
        let noon = at("2026-04-20T00:00:00Z");
        assert_eq!(at("2026-04-20T12:00:00+12:00"), noon);
        assert_eq!(at("2026-04-20T12:00:00[Pacific/Auckland]"), noon);
        // Summer time.
        assert_eq!(at("2026-11-29T13:00[Pacific/Auckland]"), at("2026-11-29T00:00Z"));
        for text in ["yesterday", "2026-04-20T12:00:00", "2026-04-20", "2026-04-20T12:00[Mars/One]"]
        {
            let said = time(text).unwrap_err().to_string();
            assert!(said.contains("no time with its zone") && said.contains("Auckland"), "{said}");
        }
    }
}
