//! `oxflow vault`: what the vault holds, and the proof that it can be restored.

use std::collections::BTreeMap;
use std::io::{Write, stdout};
use std::path::{Path, PathBuf};

use anyhow::{bail, ensure};
use clap::{Args, Subcommand};

use super::config::{Config, variables};
use super::progress::Progress;
use super::scratch::Scratch;
use crate::ledger::{Log, Lsn, Schema};
use crate::vault::{
    CONTROL, Catalogue, Inventory, Manifest, Plan, Report, Retention, Store, Target, drill,
    newest_signed, place, plan, prune, restore,
};
use crate::workspace::control::Control;
use crate::workspace::{control_schema, organisation_schema};

/// What to do with the vault.
#[derive(Subcommand)]
pub enum Vault {
    /// Say what the vault holds of each organisation and how far it reaches.
    Status(Flags),
    /// Restore each organisation into a scratch folder, compare, and remove it again.
    Verify(Flags),
    /// Remove what no moment that is kept needs any more; the server does it by itself every hour.
    Prune(PruneFlags),
}

/// What to remove.
#[derive(Debug, Args)]
pub struct PruneFlags {
    #[command(flatten)]
    flags: Flags,

    /// Say what would go, and remove nothing
    #[arg(long)]
    dry_run: bool,
}

/// Which vault.
#[derive(Debug, Args)]
pub struct Flags {
    /// The vault [default: vault.url of the configuration]
    #[arg(long, value_name = "URL")]
    from: Option<String>,

    /// Only this organisation, by its short name
    #[arg(long, value_name = "NAME")]
    org: Option<String>,

    /// Configuration file [default: oxflow.toml, if there]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// Runs what was asked.
///
/// # Errors
/// A vault that cannot be read, or one that could not be restored.
pub fn run(vault: &Vault) -> anyhow::Result<()> {
    let (Vault::Status(flags) | Vault::Verify(flags) | Vault::Prune(PruneFlags { flags, .. })) =
        vault;
    let config = Config::load(flags.config.as_deref(), variables()?)?;
    let url = flags.from.as_deref().unwrap_or(&config.vault.url);
    ensure!(!url.is_empty(), "no vault is named: give --from, or set vault.url");
    if let Vault::Prune(PruneFlags { dry_run: false, .. }) = vault {
        ensure!(
            url == config.vault.url,
            "what is kept is a setting of the server, and --from is not the vault.url of this \
             configuration: run it where its oxflow.toml is, or name that with --config"
        );
    }
    let store = config.vault.store_at(url, &config.storage.data)?;
    let retention = config.vault.retention()?;
    runtime()?.block_on(async {
        let mut names = named(slugs(&store).await?, flags.org.as_deref(), url)?;
        if let Some(org) = &flags.org {
            names.retain(|name| name == org);
        }
        let mut failed = 0;
        for name in &names {
            let store = store.under(name);
            let told = match vault {
                Vault::Status(_) => status(name, &store).await,
                Vault::Verify(_) => verify(name, &store).await,
                Vault::Prune(flags) => tidy(name, &store, &retention, flags.dry_run).await,
            };
            if let Err(error) = told {
                failed += 1;
                writeln!(stdout(), "{name:<20} FAILED: {error:#}")?;
            }
        }
        let wanted = flags.org.is_none() && !matches!(vault, Vault::Prune(_));
        if wanted && failed == 0 && names.iter().any(|name| name == CONTROL) {
            for gone in missing(&store, &names, listed(&store).await?).await? {
                failed += 1;
                writeln!(stdout(), "{gone:<20} FAILED: {NOTHING_OF_IT}")?;
            }
        }
        match failed {
            0 => Ok(()),
            failed => bail!("{failed} of {} could not be read whole", names.len().max(failed)),
        }
    })
}

/// What is said of an organisation that has no vault.
pub const NOTHING_OF_IT: &str = "it is among the organisations, and nothing of it is in the vault";

/// Those of the organisations listed that are not among the vaults there are. One in which nothing
/// was ever done has a lease.
pub async fn missing(
    store: &Store,
    names: &[String],
    listed: Vec<String>,
) -> anyhow::Result<Vec<String>> {
    let mut gone = Vec::new();
    for slug in listed.into_iter().filter(|slug| !names.contains(slug)) {
        if Catalogue::read(&store.under(&slug)).await?.leases.is_empty() {
            gone.push(slug);
        }
    }
    Ok(gone)
}

/// The organisations a vault's list of them has, as it is now.
async fn listed(store: &Store) -> anyhow::Result<Vec<String>> {
    let scratch = Scratch::new("list")?;
    let store = store.under(CONTROL);
    let plan = Plan { log: Log::Left, ..plan(&store, Target::Latest).await? };
    let (path, schema) = place(CONTROL, scratch.path(), plan.organisation);
    let restored = restore(&store, &plan, schema, &path, |_| ()).await;
    scratch.explain(restored.map_err(Into::into))?;
    organisations(scratch.path())
}

/// The organisations that the control ledger of a folder lists.
pub fn organisations(data: &Path) -> anyhow::Result<Vec<String>> {
    let control = Control::open(data)?;
    let all = control.directory().organisations.keys().map(|slug| slug.to_string()).collect();
    control.close();
    Ok(all)
}

async fn status(name: &str, store: &Store) -> anyhow::Result<()> {
    let catalogue = Catalogue::read(store).await?;
    let mut out = stdout().lock();
    write!(out, "{name:<20} up to commit {}", catalogue.newest())?;
    if let Some(lease) = catalogue.leases.last() {
        write!(out, ", epoch {} since {}", lease.epoch, when(lease.taken_us))?;
    }
    write!(out, ", {} segments, {} bytes", catalogue.segments.len(), catalogue.bytes)?;
    drop(out);
    match catalogue.snapshot_at(Lsn(u64::MAX)) {
        Some(snapshot) => {
            let Manifest { lsn, rows, .. } = Manifest::read(store, snapshot).await?;
            let at = when(snapshot.stored_us);
            writeln!(stdout(), ", last snapshot {at} of commit {lsn} ({rows} rows)")?;
        }
        None => writeln!(stdout(), ", no snapshot yet")?,
    }
    let (mut out, mut failed) = (stdout().lock(), false);
    match Report::newest(store).await? {
        Some(Report { at_us, lsn, failure: None, took_ms, .. }) => {
            let seconds = took_ms / 1_000;
            let at = when(at_us);
            writeln!(out, "{:<20} last drill {at}: commit {lsn} restored in {seconds} s", "")?;
        }
        Some(Report { at_us, failure: Some(failure), .. }) => {
            writeln!(out, "{:<20} last drill {} FAILED: {failure}", "", when(at_us))?;
            failed = true;
        }
        None => writeln!(out, "{:<20} no drill yet", "")?,
    }
    let organisation = plan(store, Target::Latest).await?.organisation;
    match newest_signed(store, &catalogue, &organisation).await? {
        Some(head) => {
            let (lsn, at) = (head.lsn, when(head.at_us));
            writeln!(out, "{:<20} commit {lsn} signed {at} with the public key {}", "", head.key)?;
        }
        None => writeln!(out, "{:<20} no signed head yet", "")?,
    }
    ensure!(!failed, "its last drill failed");
    Ok(())
}

/// Says what goes, by why, and removes it.
async fn tidy(
    name: &str,
    store: &Store,
    retention: &Retention,
    dry_run: bool,
) -> anyhow::Result<()> {
    let inventory = Inventory::read(store).await?;
    let unneeded = inventory.unneeded(retention);
    let mut by_reason: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    let mut out = stdout().lock();
    for object in &unneeded {
        let (count, bytes) = by_reason.entry(object.why.about()).or_default();
        (*count, *bytes) = (*count + 1, *bytes + object.bytes);
        if dry_run {
            writeln!(out, "{name}/{}  {}", object.key, object.why.about())?;
        }
    }
    let would = if dry_run { "would go" } else { "to go" };
    for (why, (count, bytes)) in by_reason {
        writeln!(out, "{name:<20} {count} objects, {bytes} bytes, {would}: {why}")?;
    }
    if unneeded.is_empty() {
        writeln!(out, "{name:<20} nothing to remove")?;
    } else if !dry_run {
        let removed = prune(store, &inventory, &unneeded, None).await?;
        writeln!(out, "{name:<20} {removed} removed")?;
    }
    Ok(())
}

async fn verify(name: &str, store: &Store) -> anyhow::Result<()> {
    let scratch = Scratch::new("drill")?;
    let progress = Progress::new(name);
    let telling = progress.clone();
    let told = move |done| telling.restored(done);
    let done = drill(store, &schema(name), scratch.path(), None, told).await;
    progress.end();
    let done = scratch.explain(done.map_err(Into::into))?;
    writeln!(
        stdout(),
        "{name:<20} restored to commit {}: {} rows, {} commits made again, all as they should be",
        done.lsn,
        done.rows,
        done.commits
    )?;
    Ok(())
}

/// The tables of a ledger; whose it is the vault says.
fn schema(name: &str) -> Schema {
    match name {
        CONTROL => control_schema(),
        _ => organisation_schema(uuid::Uuid::nil()),
    }
}

/// The ledgers a vault holds any history of, the control ledger first.
pub async fn slugs(store: &Store) -> anyhow::Result<Vec<String>> {
    let mut names = Vec::new();
    for name in store.folders().await? {
        if Catalogue::has_history(&store.under(&name)).await? {
            names.push(name);
        }
    }
    names.sort_by_key(|name| (name != CONTROL, name.clone()));
    Ok(names)
}

/// Those of them that are wanted: the organisation named, or all, and the control ledger.
///
/// # Errors
/// Where there is none, or not that one; with what there is.
pub fn named(names: Vec<String>, org: Option<&str>, url: &str) -> anyhow::Result<Vec<String>> {
    ensure!(
        !names.is_empty(),
        "there is nothing to restore at {url}: check the address, also what follows the bucket"
    );
    let Some(org) = org else { return Ok(names) };
    if !names.iter().any(|name| name == org) {
        let there = names.iter().filter(|name| *name != CONTROL).map(String::as_str);
        let there = there.collect::<Vec<_>>().join(", ");
        bail!("{url} holds no organisation {org}; it holds: {there}");
    }
    Ok(names.into_iter().filter(|name| name == org || name == CONTROL).collect())
}

/// A time for people: this machine's zone would depend on the machine, so UTC.
pub fn when(at_us: i64) -> String {
    let moment = jiff::Timestamp::from_microsecond(at_us).unwrap_or_default();
    moment.strftime("%Y-%m-%d %H:%M:%SZ").to_string()
}

/// What asynchronous work of a command runs in.
pub fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}
