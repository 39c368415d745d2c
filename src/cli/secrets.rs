//! `oxflow secrets`: what settings name as `secret:NAME`.

use std::io::{IsTerminal, Read, Write, stderr, stdin, stdout};

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};

use super::config::secrets_in;
use super::data::Folder;
use crate::connect::secrets::{SECRET_BYTES_MAX, Secret, Secrets as Store};

/// What can be done with secrets. A running server has read them at its start: restart it after.
#[derive(Debug, Subcommand)]
pub enum Secrets {
    /// Set one: it is read from standard input, or asked for.
    Set(Named),
    /// List their names; what they say is shown nowhere.
    List(Folder),
    /// Take one away.
    Remove(Named),
    /// Seal all of them with a new key; the old one reads none of them then.
    Rotate(Folder),
}

/// Which secret.
#[derive(Debug, Args)]
pub struct Named {
    /// Its name: settings have it as secret:NAME
    name: String,

    #[command(flatten)]
    folder: Folder,
}

/// Runs the command.
///
/// # Errors
/// A key or file that cannot be used, a name that is none or of none.
pub fn run(secrets: &Secrets) -> anyhow::Result<()> {
    let mut out = stdout().lock();
    match secrets {
        Secrets::Set(Named { name, folder }) => {
            let store = store(folder)?;
            let secret = asked(name)?;
            let now = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
            store.set(name, &secret, &now)?;
            writeln!(out, "{name} is set; settings have it as secret:{name}")?;
        }
        Secrets::List(folder) => {
            for one in store(folder)?.list()? {
                writeln!(out, "{}\t{}\tkey {}", one.name, one.set_at, one.key)?;
            }
        }
        Secrets::Remove(Named { name, folder }) => {
            store(folder)?.remove(name)?;
            writeln!(out, "{name} is gone")?;
        }
        Secrets::Rotate(folder) => {
            let count = store(folder)?.rotate()?;
            writeln!(out, "{count} secrets are sealed with a new key; the old one reads none")?;
        }
    }
    Ok(())
}

fn store(folder: &Folder) -> anyhow::Result<Store> {
    secrets_in(&folder.path()?)
}

/// A secret from standard input; never from an argument, which everybody on the machine can see.
fn asked(name: &str) -> anyhow::Result<Secret> {
    let terminal = stdin();
    if !terminal.is_terminal() {
        let mut text = String::new();
        let bounded = terminal.lock().take(SECRET_BYTES_MAX as u64 + 2);
        let read = { bounded }.read_to_string(&mut text);
        read.context("the secret on standard input is no text")?;
        return Ok(Secret::new(&text));
    }
    write!(stderr(), "{name}: ")?;
    let shown = tcgetattr(&terminal)?;
    let mut hidden = shown.clone();
    hidden.local_modes.remove(LocalModes::ECHO);
    tcsetattr(&terminal, OptionalActions::Flush, &hidden)?;
    let mut text = String::new();
    let read = terminal.read_line(&mut text);
    tcsetattr(&terminal, OptionalActions::Flush, &shown)?;
    writeln!(stderr())?;
    if read? == 0 {
        bail!("nothing was entered");
    }
    Ok(Secret::new(&text))
}
