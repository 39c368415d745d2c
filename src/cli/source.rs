//! Where a copy of an organisation comes from: a vault, a data folder, or a file.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use clap::{Args, ValueEnum};

use super::config::{Config, variables};
use super::progress::Progress;
use super::restore::{time, unpacked};
use super::scratch::{Scratch, hold, release};
use super::vault::{named, runtime, slugs};
use crate::ledger::Log;
use crate::vault::{CONTROL, Target, restore_folder};
use crate::workspace::control::CONTROL_FILE;

/// Whether the audit trail comes along.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Audit {
    /// As it was, original names and prices with it
    Keep,
    /// A new one begins
    Truncate,
}

/// A source.
#[derive(Debug, Args)]
pub struct From {
    /// A vault, a data folder, or an .oxsnap file
    #[arg(long, value_name = "SOURCE")]
    from: Option<String>,

    /// The organisation, by its short name [default: the only one]
    #[arg(long, value_name = "NAME")]
    org: Option<String>,

    /// Of a vault: the last change at or before this time, with its zone
    #[arg(long, value_name = "TIME")]
    at: Option<String>,

    /// Configuration file [default: oxflow.toml, if there]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// A data folder to read from; one that was made for this goes again.
pub enum Folder {
    /// One that is there already.
    There(PathBuf),
    /// One that was made for this.
    Passing(Scratch),
}

impl Folder {
    /// Where it is.
    pub fn path(&self) -> &Path {
        match self {
            Folder::There(path) => path,
            Folder::Passing(scratch) => scratch.path(),
        }
    }
}

/// The file that will be written: there is none yet, and what is begun of it goes when the command
/// is told to stop.
pub struct Fresh(PathBuf);

impl Fresh {
    /// Looks before anything else is done.
    ///
    /// # Errors
    /// Where there is such a file.
    pub fn new(to: &Path) -> anyhow::Result<Fresh> {
        let there = to.try_exists().with_context(|| to.display().to_string())?;
        ensure!(!there, "{}: there is such a file already; it is not written over", to.display());
        let unfinished = crate::vault::oxsnap::unfinished(to);
        hold(&unfinished);
        Ok(Fresh(unfinished))
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        release(&self.0);
    }
}

impl From {
    /// The organisation that is wanted.
    pub fn org(&self) -> Option<&str> {
        self.org.as_deref()
    }

    /// The source as a data folder: restored from a vault or a file where it is none, with its log
    /// where that comes along.
    ///
    /// # Errors
    /// A source that there is not, or that does not reach to the time.
    pub fn folder(&self, audit: Audit) -> anyhow::Result<Folder> {
        let config = Config::load(self.config.as_deref(), variables()?)?;
        let from = self.from.as_deref().unwrap_or(&config.vault.url);
        ensure!(!from.is_empty(), "no source is named: give --from");
        let path = Path::new(from);
        if path.join(CONTROL_FILE).is_file() || path.is_file() {
            ensure!(self.at.is_none(), "--at goes back in a vault; {from} is none");
        }
        if path.join(CONTROL_FILE).is_file() {
            return Ok(Folder::There(path.to_owned()));
        }
        if path.is_file() {
            let scratch = Scratch::new("copy")?;
            scratch.explain(unpacked(path, scratch.path()))?;
            return Ok(Folder::Passing(scratch));
        }
        let store = config.vault.store_at(from, &config.storage.data)?;
        let target = match &self.at {
            Some(text) => Target::At(time(text)?),
            None => Target::Latest,
        };
        let scratch = Scratch::new("copy")?;
        let restored = runtime()?.block_on(async {
            let names = named(slugs(&store).await?, self.org(), from)?;
            let all: Vec<&str> =
                names.iter().map(String::as_str).filter(|name| *name != CONTROL).collect();
            let [slug] = all.as_slice() else {
                bail!("{from} holds several organisations: name one with --org: {}", all.join(", "))
            };
            ensure!(
                names.iter().any(|name| name == CONTROL),
                "{from} does not hold who the organisations and people are, which a copy takes: \
                 restore it, start from it once, and copy from that data folder"
            );
            let progress = Progress::new(slug);
            let telling = progress.clone();
            let log = match audit {
                Audit::Keep => Log::Kept,
                Audit::Truncate => Log::Left,
            };
            let done = restore_folder(&store, slug, target, log, scratch.path(), move |done| {
                telling.restored(done);
            });
            let done = done.await;
            progress.end();
            done.with_context(|| (*slug).to_owned())
        });
        scratch.explain(restored)?;
        Ok(Folder::Passing(scratch))
    }
}
