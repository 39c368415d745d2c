//! A secret of this server in a file of its own.

use std::{io::Write, os::unix::fs::OpenOptionsExt, path::Path};

use super::{VaultError, lease::hex, restore::file_error};

/// Bytes of a secret that is made.
const SECRET_BYTES: usize = 32;

/// The text of the file: 64 hexadecimal digits made on first use, readable by its owner only.
///
/// # Errors
/// `File`; `Settings` where the system gives no random numbers.
pub(super) fn kept(path: &Path) -> Result<String, VaultError> {
    let failed = |cause| file_error(path, cause);
    match std::fs::read_to_string(path) {
        Ok(text) => return Ok(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(failed(error)),
    }
    let mut secret = [0; SECRET_BYTES];
    getrandom::fill(&mut secret)
        .map_err(|error| VaultError::Settings(format!("no random numbers: {error}")))?;
    let text = hex(&secret);
    // Whole or not at all: a start that was cut off must not leave half a secret.
    let unfinished = path.with_extension("new");
    let mut options = std::fs::File::options();
    options.write(true).create(true).truncate(true).mode(0o600);
    let mut file = options.open(&unfinished).map_err(failed)?;
    let written = writeln!(file, "{text}").and_then(|()| file.sync_all());
    written.and_then(|()| std::fs::rename(&unfinished, path)).map_err(failed)?;
    Ok(text)
}
