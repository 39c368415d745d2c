//! The command line: one file per subcommand, configuration under [`config`].

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod audit;
mod check;
mod clone;
pub mod config;
mod data;
mod openapi;
mod organisation;
mod progress;
mod restore;
mod rules;
mod scratch;
mod secrets;
mod serve;
mod serve_vault;
mod snapshot;
mod source;
mod vault;
mod version;

/// Exit code of a command that ran and failed.
const FAILED: u8 = 1;

/// Tender estimating for construction contractors: one binary, one data folder.
#[derive(Parser)]
#[command(name = "oxflow", version, propagate_version = true, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the web application and its API.
    Serve(serve::Flags),
    /// Prove that everything in a data folder is whole.
    Check(data::Flags),
    /// Prove that nobody altered the audit trail.
    #[command(subcommand)]
    Audit(audit::Audit),
    /// Bring a data folder back from the vault, as it was at any moment.
    Restore(restore::Flags),
    /// Look at the back-up in the vault, and prove that it can be restored.
    #[command(subcommand)]
    Vault(vault::Vault),
    /// Write one organisation into one file, look into it, and prove that it is whole.
    #[command(subcommand)]
    Snapshot(snapshot::Snapshot),
    /// Copy an organisation with invented names and prices, for staging and training.
    Clone(clone::Flags),
    /// Make and list organisations.
    #[command(subcommand)]
    Organisation(organisation::Organisation),
    /// Keep what settings name as secret:NAME, sealed in the data folder.
    #[command(subcommand)]
    Secrets(secrets::Secrets),
    /// Print the OpenAPI document of the API.
    Openapi,
    /// List the business rules of tendering that oxFlow knows.
    Rules(rules::Flags),
    /// Say which oxFlow this is.
    Version,
}

/// Parses the arguments, runs the command they name and says how it went.
#[must_use]
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match arguments.command {
        Command::Serve(flags) => serve::run(flags),
        Command::Check(flags) => check::run(&flags),
        Command::Audit(audit) => audit::run(&audit),
        Command::Restore(flags) => restore::run(&flags),
        Command::Vault(vault) => vault::run(&vault),
        Command::Snapshot(snapshot) => snapshot::run(&snapshot),
        Command::Clone(flags) => clone::run(&flags),
        Command::Organisation(organisation) => organisation::run(&organisation),
        Command::Secrets(secrets) => secrets::run(&secrets),
        Command::Openapi => openapi::run(),
        Command::Rules(flags) => rules::run(&flags),
        Command::Version => version::run(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("oxflow: {error:#}");
            ExitCode::from(FAILED)
        }
    }
}

/// Whether whoever read the output has seen enough (`oxflow rules | head`).
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<std::io::Error>()
        .is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}
