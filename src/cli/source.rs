//! Where a copy of an organisation comes from: a vault, a data folder, or a file.

use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use clap::{Args, ValueEnum};

use super::config::{Config, variables};
use super::restore::time;
use super::vault::{runtime, slugs};
use crate::vault::{CONTROL, Target, restore_folder, unpack};
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
pub struct Folder {
    path: PathBuf,
    passing: bool,
}

impl Folder {
    /// One that is there already.
    pub fn there(path: &Path) -> Folder {
        Folder { path: path.to_owned(), passing: false }
    }

    /// A new one among the temporary ones.
    pub fn passing() -> anyhow::Result<Folder> {
        let path = std::env::temp_dir().join(format!("oxflow-copy-{}", uuid::Uuid::now_v7()));
        std::fs::create_dir_all(&path).with_context(|| path.display().to_string())?;
        Ok(Folder { path, passing: true })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.passing {
            drop(std::fs::remove_dir_all(&self.path));
        }
    }
}

impl From {
    /// The organisation that is wanted.
    pub fn org(&self) -> Option<&str> {
        self.org.as_deref()
    }

    /// The source as a data folder: restored from a vault or a file where it is none.
    ///
    /// # Errors
    /// A source that there is not, or that does not reach to the time.
    pub fn folder(&self) -> anyhow::Result<Folder> {
        let config = Config::load(self.config.as_deref(), variables()?)?;
        let from = self.from.as_deref().unwrap_or(&config.vault.url);
        ensure!(!from.is_empty(), "no source is named: give --from");
        let path = Path::new(from);
        if path.join(CONTROL_FILE).is_file() || path.is_file() {
            ensure!(self.at.is_none(), "--at goes back in a vault; {from} is none");
        }
        if path.join(CONTROL_FILE).is_file() {
            return Ok(Folder::there(path));
        }
        let folder = Folder::passing()?;
        if path.is_file() {
            unpack(path, folder.path(), |_| ())?;
            return Ok(folder);
        }
        let store = config.vault.store_at(from, &config.storage.data)?;
        let target = match &self.at {
            Some(text) => Target::At(time(text)?),
            None => Target::Latest,
        };
        runtime()?.block_on(async {
            let mut names = slugs(&store).await?;
            if let Some(org) = &self.org {
                ensure!(names.contains(org), "the vault holds no organisation {org}");
                names.retain(|name| name == org || name == CONTROL);
            }
            ensure!(names.len() == 2, "the vault holds several organisations: name one with --org");
            let slug =
                names.iter().find(|name| *name != CONTROL).context("there is no organisation")?;
            restore_folder(&store, slug, target, folder.path(), |_| ())
                .await
                .with_context(|| slug.clone())?;
            Ok(())
        })?;
        Ok(folder)
    }
}
