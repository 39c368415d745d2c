//! Which vault a server writes, and when none although one is set.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, bail, ensure};

use super::config::{Every, Vault};
use super::serve::Service;
use crate::vault::{CONTROL, Own, Policy, Vaults};
use crate::workspace::control::{CONTROL_FILE, Control};
use crate::workspace::staging::Outgoing;

/// The folder of the demonstration's vault, in its data folder: it goes with the demonstration.
const DEMO_VAULT: &str = "vault";
/// Time between two restore drills of the demonstration.
const DEMO_DRILLS: std::time::Duration = std::time::Duration::from_secs(5 * 60);

/// The vaults to write; or none, and why not where one is set.
///
/// # Errors
/// A vault that cannot be used, or that would begin anew where it cannot be meant to.
pub fn vaults(service: &Service) -> anyhow::Result<(Option<Arc<Vaults>>, Option<&'static str>)> {
    let (vault, data) = (&service.config.vault, service.config.storage.data.as_path());
    if vault.url.is_empty() {
        return Ok((None, None));
    }
    if let Some(why) = held_back(service, data)? {
        return Ok((None, Some(why)));
    }
    let own = vault.own(data)?;
    ensure_place(vault, data, &own)?;
    let Some(store) = vault.store(data)? else { return Ok((None, None)) };
    let policy = Policy { keep_log: service.config.log.keep()?, ..vault.policy()? };
    Ok((Some(Vaults::new(store, policy, own)), None))
}

/// Opens every organisation beside the start: what one has and its vault has not must go there, also
/// where nobody comes for it.
pub fn open_all(control: &Arc<Control>) {
    let control = control.clone();
    tokio::task::spawn_blocking(move || {
        for slug in control.directory().organisations.keys() {
            if let Err(error) = control.workspace(slug) {
                tracing::error!(%slug, %error, "an organisation does not open");
            }
        }
    });
}

/// Why what is served must not go to the vault of the configuration.
fn held_back(service: &Service, data: &Path) -> anyhow::Result<Option<&'static str>> {
    Ok(if service.no_vault {
        Some("--no-vault")
    } else if service.from_snapshot.is_some() {
        Some("what comes from a file is only looked at")
    } else if is_staging(data)? {
        Some("this is a masked copy")
    } else {
        None
    })
}

/// Whether a data folder is a masked copy.
fn is_staging(data: &Path) -> anyhow::Result<bool> {
    if !data.join(CONTROL_FILE).is_file() {
        return Ok(false);
    }
    Ok(Control::open(data)?.outgoing() == Outgoing::HeldBack)
}

/// Makes the folder of a vault in a folder; but not where a disk that is not there is meant.
fn ensure_place(vault: &Vault, data: &Path, own: &Own) -> anyhow::Result<()> {
    let Ok(url) = url::Url::parse(&vault.url) else { return Ok(()) };
    let Ok(folder) = url.to_file_path() else { return Ok(()) };
    if own.wrote_there() && !folder.join(CONTROL).join("lease").is_dir() {
        bail!(
            "the vault in {} was written from {} before, and is not there now: is its disk mounted? \
             To begin a new one there, remove {} first",
            folder.display(),
            data.display(),
            own.mark.as_deref().unwrap_or(data).display()
        );
    }
    let above = folder.parent().unwrap_or(&folder);
    ensure!(
        above.is_dir(),
        "vault.url: there is no folder {} to keep the vault in: is its disk mounted?",
        above.display()
    );
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))
}

/// The vault of the demonstration, whatever vault is set: in its data folder, without what belongs
/// to another.
///
/// # Errors
/// A folder that has no address.
pub fn of_the_demonstration(vault: &Vault, data: &Path) -> anyhow::Result<Vault> {
    let place = std::path::absolute(data.join(DEMO_VAULT))?;
    let url = url::Url::from_file_path(&place);
    let url = url.map_err(|()| anyhow::anyhow!("{} is no place", place.display()))?;
    let often = vault.drill_interval == Vault::default().drill_interval;
    Ok(Vault {
        url: url.to_string(),
        drill_interval: if often { Every(Some(DEMO_DRILLS)) } else { vault.drill_interval },
        durability: vault.durability,
        flush_ms: vault.flush_ms,
        ..Vault::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demonstration_has_a_vault_of_its_own_whatever_is_set() {
        let set = Vault {
            url: "s3://oxcon-vault/live".into(),
            key_file: "vault.key".into(),
            trusted_keys: "ab".repeat(32),
            flush_ms: 50,
            ..Vault::default()
        };
        let own = of_the_demonstration(&set, Path::new("/tmp/demo")).unwrap();
        assert_eq!(own.url, "file:///tmp/demo/vault");
        assert_eq!(own.drill_interval, Every(Some(DEMO_DRILLS)));
        let rest = Vault { url: String::new(), drill_interval: set.drill_interval, ..own };
        assert_eq!(rest, Vault { flush_ms: 50, ..Vault::default() });
    }
}
