//! `oxflow organisation`: the organisations of a data folder.

use std::io::{Write, stdout};

use anyhow::Context;
use clap::{Args, Subcommand};

use super::data::Folder;
use crate::workspace::control::{Control, NewOrganisation};

/// What can be done with organisations.
#[derive(Debug, Subcommand)]
pub enum Organisation {
    /// Make one, with its first Admin.
    Create(Create),
    /// List them.
    List(Folder),
}

/// What a new organisation is.
#[derive(Debug, Args)]
pub struct Create {
    /// Short name in paths: lower-case letters, digits and hyphens
    slug: String,

    /// Name, as documents carry it
    #[arg(long, value_name = "NAME")]
    name: String,

    /// E-mail address the first Admin signs in with; who has it in another organisation works in both
    #[arg(long, value_name = "ADDRESS")]
    admin_email: String,

    /// Name of the first Admin
    #[arg(long, value_name = "NAME", default_value = "Administrator")]
    admin_name: String,

    #[command(flatten)]
    folder: Folder,
}

/// Runs the command.
///
/// # Errors
/// A folder that a server has open, a short name that is taken, or an address that is none.
pub fn run(organisation: &Organisation) -> anyhow::Result<()> {
    let mut out = stdout().lock();
    match organisation {
        Organisation::Create(create) => {
            let control = open(&create.folder)?;
            let admin = Some((create.admin_name.clone(), create.admin_email.clone()));
            let new =
                NewOrganisation { slug: create.slug.clone(), name: create.name.clone(), admin };
            let made = control.create(&new)?;
            writeln!(out, "{}\t{}\t{}", made.slug, made.id.0, made.name)?;
        }
        Organisation::List(folder) => {
            for one in open(folder)?.directory().organisations.values() {
                writeln!(out, "{}\t{}\t{}", one.slug, one.id.0, one.name)?;
            }
        }
    }
    Ok(())
}

fn open(folder: &Folder) -> anyhow::Result<Control> {
    let data = folder.path()?;
    Control::open(&data).context("the server must be stopped for this")
}
