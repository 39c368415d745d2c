//! What is stored as JSON says which version of its format it is.

use serde::{Deserialize, de::DeserializeOwned};

use super::VaultError;

#[derive(Deserialize)]
struct Version {
    #[serde(default)]
    format: u32,
}

/// Reads what is called `name`; the version is looked at before the rest, which may hold what this
/// release does not know.
///
/// # Errors
/// `Newer` for a version after `known`; `Damaged` for what does not read.
pub(super) fn read<T: DeserializeOwned>(
    name: &str,
    bytes: &[u8],
    known: u32,
) -> Result<T, VaultError> {
    match serde_json::from_slice(bytes) {
        Ok(Version { format }) if format > known => Err(VaultError::Newer(name.to_owned())),
        Ok(_) | Err(_) => serde_json::from_slice(bytes)
            .map_err(|error| VaultError::damaged(name, format!("it does not read: {error}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct One {
        format: u32,
    }

    #[test]
    fn a_newer_version_is_told_whatever_else_is_in_it() {
        assert_eq!(read::<One>("a", br#"{"format":1}"#, 1).unwrap().format, 1);
        let newer = read::<One>("a", br#"{"format":2,"further":[]}"#, 1).unwrap_err().to_string();
        assert!(newer.contains("newer release") && newer.contains("update oxFlow"), "{newer}");
        let odd = read::<One>("a", br#"{"format":1,"further":[]}"#, 1).unwrap_err().to_string();
        assert!(odd.contains("a is damaged") && odd.contains("further"), "{odd}");
        assert!(read::<One>("a", b"{", 1).unwrap_err().to_string().contains("damaged"));
    }
}
