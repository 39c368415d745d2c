//! `oxflow openapi`: the description of the API, as the handlers give it.

use std::io::{Write, stdout};

/// Prints the OpenAPI 3.1 document as JSON.
///
/// # Errors
/// When standard output cannot be written.
pub fn run() -> anyhow::Result<()> {
    stdout().lock().write_all(crate::http::openapi::text().as_bytes())?;
    Ok(())
}
