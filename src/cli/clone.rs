//! `oxflow clone`: a copy of an organisation that gives nothing away.

use std::io::{IsTerminal, Write, stderr, stdout};
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, bail};
use clap::Args;

use super::config::SALT_VARIABLE;
use super::scratch::Scratch;
use super::snapshot::describe;
use super::source::{Audit, Fresh, From};
use crate::vault::masking::{self, Policy, Salt, Source};

/// What to copy, how, and where to.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  openssl rand -hex 32 > mask.salt
  oxflow clone --from s3://oxcon-vault/live --org oxcon --salt-file mask.salt \\
    --to staging.oxsnap
  oxflow serve --from-snapshot staging.oxsnap --auth development
  oxflow clone --print-policy > masking.toml     # to change it, then --mask masking.toml

The same salt gives the same invented prices each time, and the same names while nobody is new; keep
it as safe as the data. It can come from OXFLOW_MASK_SALT too. The file gets its name only when a
search finds nothing of the source in it (BR-123).")]
pub struct Flags {
    #[command(flatten)]
    from: From,

    /// Masking policy: a treatment for every field [default: the one that is built in]
    #[arg(long, value_name = "FILE")]
    mask: Option<PathBuf>,

    /// Print the policy that is built in, and do nothing else
    #[arg(long)]
    print_policy: bool,

    /// File to write
    #[arg(long, value_name = "FILE", required_unless_present = "print_policy")]
    to: Option<PathBuf>,

    /// File with the secret salt [default: OXFLOW_MASK_SALT]
    #[arg(long, value_name = "FILE")]
    salt_file: Option<PathBuf>,

    /// Whether the audit trail comes along; kept, the file contains originals
    #[arg(long, value_enum, default_value_t = Audit::Truncate)]
    audit: Audit,
}

/// Copies an organisation.
///
/// # Errors
/// A policy that does not cover every field, a source that cannot be read, a file that is there, or
/// anything of the source found in the copy.
pub fn run(flags: &Flags) -> anyhow::Result<()> {
    let Some(to) = flags.to.as_ref().filter(|_| !flags.print_policy) else {
        return Ok(stdout().write_all(masking::BUILT_IN.as_bytes())?);
    };
    let _fresh = Fresh::new(to)?;
    let salt = salt(flags)?;
    let policy = policy(flags.mask.as_deref())?;
    let started = Instant::now();
    let folder = flags.from.folder(flags.audit)?;
    let source = Source::open(folder.path(), flags.from.org())?;
    let audit = match flags.audit {
        Audit::Keep => masking::Audit::Keep,
        Audit::Truncate => masking::Audit::Truncate,
    };
    let shown = stderr().is_terminal();
    let progress = |step: &str, rows: u64| {
        if shown {
            eprint!("\r{step}: {rows} rows\x1b[K");
        }
    };
    let now = jiff::Timestamp::now().as_microsecond();
    let scratch = Scratch::new("copy")?;
    let place = scratch.path();
    let made = masking::clone(&source, &policy, &salt, audit, to, now, place, progress);
    if shown {
        eprintln!();
    }
    let made = scratch.explain(made.map_err(Into::into))?;
    writeln!(
        stdout(),
        "{}\n\n{}: {} rows, {} bytes, in {:.1} s; {} rows searched, nothing of the original found",
        describe(&made.header),
        to.display(),
        made.counts.rows,
        made.counts.bytes,
        started.elapsed().as_secs_f32(),
        made.searched,
    )?;
    Ok(())
}

fn policy(file: Option<&Path>) -> anyhow::Result<Policy> {
    let Some(file) = file else { return Ok(Policy::parse(masking::BUILT_IN)?) };
    let name = file.display().to_string();
    let text = std::fs::read_to_string(file).with_context(|| name.clone())?;
    Policy::parse(&text).context(name)
}

fn salt(flags: &Flags) -> anyhow::Result<Salt> {
    let bytes = match (&flags.salt_file, std::env::var(SALT_VARIABLE)) {
        (Some(file), _) => std::fs::read(file).with_context(|| file.display().to_string())?,
        (None, Ok(text)) => text.into_bytes(),
        (None, Err(_)) => bail!(
            "no salt is given: --salt-file FILE or {SALT_VARIABLE}; \
             `openssl rand -hex 32 > FILE` makes one"
        ),
    };
    Ok(Salt::new(&bytes)?)
}
