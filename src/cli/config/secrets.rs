//! Settings that name a secret instead of having it: `secret:NAME`.

use std::env::VarError;
use std::path::Path;

use anyhow::{Context, bail};

use crate::connect::secrets::{Given, Key, Secret, Secrets};

/// What a setting that names a secret starts with.
const PREFIX: &str = "secret:";
/// The variable of the key that secrets are sealed with; a secret itself, and no setting.
pub const KEY_VARIABLE: &str = "OXFLOW_SECRETS_KEY";
/// The variable of the key before it, while secrets are sealed anew.
pub const OLD_KEY_VARIABLE: &str = "OXFLOW_SECRETS_KEY_OLD";

/// The secrets of a data folder, under the key of the environment where it has one.
///
/// # Errors
/// A key that is none.
pub fn secrets_in(data: &Path) -> anyhow::Result<Secrets> {
    let [key, old] = [KEY_VARIABLE, OLD_KEY_VARIABLE].map(key);
    let given = Given { key: key?, old: old? };
    if given.key.is_none() && given.old.is_some() {
        bail!("{OLD_KEY_VARIABLE} is set, and {KEY_VARIABLE}, the new one, is not");
    }
    Ok(Secrets::of(data, given))
}

fn key(variable: &str) -> anyhow::Result<Option<Key>> {
    match std::env::var(variable) {
        Ok(text) => Ok(Some(Key::read(&text, variable)?)),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => bail!("{variable} is no text"),
    }
}

/// The secret that a setting names; none where it names none. `setting` says in errors which it is.
///
/// # Errors
/// A secret that is not there or cannot be read.
pub fn named(setting: &str, value: &str, data: &Path) -> anyhow::Result<Option<Secret>> {
    let Some(name) = value.strip_prefix(PREFIX) else { return Ok(None) };
    secrets_in(data)?.get(name).map(Some).with_context(|| setting.to_owned())
}
