//! The data folder that a command works on, while no server has it open.

use std::path::PathBuf;

use anyhow::{Context, ensure};
use clap::Args;

use super::config::{Config, variables};
use crate::estimating::id::OrganisationId;
use crate::workspace::control::{CONTROL_FILE, Control};

/// Which data folder.
#[derive(Debug, Args)]
pub struct Folder {
    /// Folder of the organisations and their ledgers [default: data]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,

    /// Configuration file [default: oxflow.toml, if there]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl Folder {
    /// Where it is: as named, else as configured.
    pub fn path(&self) -> anyhow::Result<PathBuf> {
        let config = Config::load(self.config.as_deref(), variables()?)?;
        Ok(self.data.clone().unwrap_or(config.storage.data))
    }
}

/// Which ledgers of a data folder, for the commands that need nothing else.
#[derive(Debug, Args)]
pub struct Flags {
    #[command(flatten)]
    folder: Folder,

    /// Only the organisation of this short name
    #[arg(long, value_name = "NAME")]
    organisation: Option<String>,
}

/// One ledger of a data folder.
pub struct LedgerFile {
    /// Short name of the organisation; `control` for the list of organisations and people.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
    /// Whose it is; none for the control ledger.
    pub organisation: Option<OrganisationId>,
}

/// Name of the control ledger in what is said about it.
const CONTROL: &str = "control";

/// The ledgers that the flags name, the control ledger first. None of them is left open.
///
/// # Errors
/// No such folder or organisation, or a server that has the folder open.
pub fn ledgers(flags: &Flags) -> anyhow::Result<Vec<LedgerFile>> {
    let data = flags.folder.path()?;
    ensure!(data.is_dir(), "there is no data folder {}", data.display());
    let path = data.join(CONTROL_FILE);
    ensure!(path.is_file(), "{} is no data folder: it has no {}", data.display(), path.display());

    let control = Control::open(&data).context("the server must be stopped for this")?;
    let mut found = vec![LedgerFile { name: CONTROL.to_owned(), path, organisation: None }];
    for (slug, organisation) in &control.directory().organisations {
        let path = control.ledger_path(slug);
        // An organisation that nobody has opened yet has no ledger.
        if path.is_file() {
            let organisation = Some(organisation.id);
            found.push(LedgerFile { name: slug.to_string(), path, organisation });
        }
    }
    if let Some(wanted) = &flags.organisation {
        found.retain(|ledger| ledger.name == *wanted);
        ensure!(!found.is_empty(), "there is no organisation {wanted} in {}", data.display());
    }
    Ok(found)
}
