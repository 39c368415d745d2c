//! `oxflow version`: which release this is.

use std::io::{Write, stdout};

/// Prints name and version on one line.
///
/// # Errors
/// When standard output cannot be written.
pub fn run() -> anyhow::Result<()> {
    writeln!(stdout(), "oxflow {}", env!("CARGO_PKG_VERSION"))?;
    Ok(())
}
