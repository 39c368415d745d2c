//! What lies around every segment and part: a mark, encryption where there is a key, a checksum.
//!
//! ```text
//! mark      4 bytes  "oxv1"
//! sealed    u8       0 plain, 1 XChaCha20-Poly1305
//! nonce     24 bytes where sealed
//! body               plain, or sealed with the object's key as associated data
//! checksum  32 bytes BLAKE3 of all before it
//! ```

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};

use super::{VaultError, lease::unhex};

const MARK: &[u8; 4] = b"oxv1";
/// What the mark of every version begins with.
const KIN: &[u8] = b"oxv";
const PLAIN: u8 = 0;
const SEALED: u8 = 1;
const NONCE_BYTES: usize = 24;
const CHECKSUM_BYTES: usize = 32;

/// The key segments and snapshots are encrypted with. Shows nothing of itself.
#[derive(Clone)]
pub struct Key(XChaCha20Poly1305);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(…)")
    }
}

impl Key {
    /// A key from 64 hexadecimal digits, as `openssl rand -hex 32` writes them.
    ///
    /// # Errors
    /// `Settings` for anything else; the message repeats nothing of the text.
    pub fn from_hex(text: &str) -> Result<Key, VaultError> {
        let wrong = || VaultError::Settings("the vault's key is not 64 hexadecimal digits".into());
        let bytes = unhex(text.trim()).ok_or_else(wrong)?;
        Ok(Key(XChaCha20Poly1305::new(&bytes.into())))
    }
}

/// Puts a body into its envelope; `name` is the key of the object it goes to. O(size).
///
/// # Errors
/// `Settings` where the system gives no random bytes.
pub(super) fn close(key: Option<&Key>, name: &str, body: &[u8]) -> Result<Vec<u8>, VaultError> {
    let mut out = Vec::with_capacity(body.len() + NONCE_BYTES + CHECKSUM_BYTES + 32);
    out.extend_from_slice(MARK);
    match key {
        None => {
            out.push(PLAIN);
            out.extend_from_slice(body);
        }
        Some(Key(cipher)) => {
            let failed = |why: &str| VaultError::Settings(format!("cannot encrypt: {why}"));
            let mut nonce = [0; NONCE_BYTES];
            getrandom::fill(&mut nonce).map_err(|error| failed(&error.to_string()))?;
            out.push(SEALED);
            out.extend_from_slice(&nonce);
            let payload = Payload { msg: body, aad: name.as_bytes() };
            let sealed = cipher.encrypt(&XNonce::from(nonce), payload);
            out.extend_from_slice(&sealed.map_err(|_| failed("the body is too long"))?);
        }
    }
    let checksum = blake3::hash(&out);
    out.extend_from_slice(checksum.as_bytes());
    Ok(out)
}

/// Whether the bytes are meant as an envelope, whole or not.
pub(super) fn is_one(bytes: &[u8]) -> bool {
    bytes.starts_with(KIN)
}

/// Why what is not encrypted is not read with a key: whoever can write the store and has not the key
/// could have put it there.
pub(super) fn unencrypted(name: &str) -> VaultError {
    VaultError::Settings(format!(
        "{name} is not encrypted, and vault.key_file is set. Either the vault was begun without a key, \
         and stays without: name another address to begin an encrypted one, or read this one with \
         vault.key_file empty. Or somebody put it there who has not the key"
    ))
}

/// Takes a body out of its envelope, having verified it. O(size).
///
/// # Errors
/// `Damaged` for bytes that are not what was stored; `Settings` for what was closed with another key,
/// with one where none is given, or without one where one is.
pub(super) fn open(key: Option<&Key>, name: &str, bytes: &[u8]) -> Result<Vec<u8>, VaultError> {
    let damaged = |why: &str| VaultError::damaged(name, why);
    let (rest, checksum) =
        bytes.split_last_chunk::<CHECKSUM_BYTES>().ok_or_else(|| damaged("it is cut short"))?;
    if blake3::hash(rest).as_bytes() != checksum {
        return Err(damaged("its checksum does not hold"));
    }
    let newer = || VaultError::Newer(name.to_owned());
    let body = match rest.strip_prefix(MARK) {
        Some(body) => body,
        None if rest.starts_with(KIN) => return Err(newer()),
        None => return Err(damaged("it is no object of a vault")),
    };
    match (body.split_first(), key) {
        (Some((&PLAIN, body)), None) => Ok(body.to_vec()),
        (Some((&PLAIN, _)), Some(_)) => Err(unencrypted(name)),
        (Some((&SEALED, _)), None) => Err(VaultError::Settings(format!(
            "{name} is encrypted, and no key was given: set vault.key_file to the file with it"
        ))),
        (Some((&SEALED, body)), Some(Key(cipher))) => {
            let (nonce, sealed) = body
                .split_first_chunk::<NONCE_BYTES>()
                .ok_or_else(|| damaged("it is cut short"))?;
            let payload = Payload { msg: sealed, aad: name.as_bytes() };
            let opened = cipher.decrypt(&XNonce::from(*nonce), payload);
            // Its checksum holds: nothing is wrong with the object itself.
            opened.map_err(|_| {
                VaultError::Settings(format!(
                    "{name} was encrypted with another key, or for another place: check \
                     vault.key_file"
                ))
            })
        }
        (Some(_), _) => Err(newer()),
        (None, _) => Err(damaged("it is cut short")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(digit: &str) -> Key {
        Key::from_hex(&digit.repeat(64)).unwrap()
    }

    #[test]
    fn what_goes_in_comes_out_with_and_without_a_key() {
        for key in [None, Some(key("a"))] {
            let closed = close(key.as_ref(), "wal/1", b"rows of a tender").unwrap();
            assert_eq!(open(key.as_ref(), "wal/1", &closed).unwrap(), b"rows of a tender");
        }
        let sealed = close(Some(&key("a")), "wal/1", b"rows of a tender").unwrap();
        assert!(!sealed.windows(6).any(|bytes| bytes == b"tender"), "it is not readable");
    }

    #[test]
    fn every_flipped_bit_and_every_cut_is_found() {
        let closed = close(None, "wal/1", b"rows").unwrap();
        for at in 0..closed.len() {
            let mut bytes = closed.clone();
            bytes[at] ^= 1;
            assert!(open(None, "wal/1", &bytes).is_err(), "byte {at}");
            assert!(open(None, "wal/1", &closed[..at]).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn another_key_and_another_place_open_nothing() {
        let sealed = close(Some(&key("a")), "wal/1", b"rows").unwrap();
        for (key, name, why) in [
            (Some(key("b")), "wal/1", "another key"),
            (Some(key("a")), "wal/2", "another place"),
            (None, "wal/1", "no key was given"),
        ] {
            let error = open(key.as_ref(), name, &sealed).unwrap_err().to_string();
            assert!(error.contains(why) && error.starts_with(name), "{error}");
        }
        let plain = close(None, "wal/1", b"rows").unwrap();
        let error = open(Some(&key("a")), "wal/1", &plain).unwrap_err().to_string();
        assert!(error.starts_with("wal/1 is not encrypted"), "{error}");
    }

    #[test]
    fn what_a_newer_release_made_is_not_called_damaged() {
        let resealed = |change: &dyn Fn(&mut Vec<u8>)| {
            let mut bytes = close(None, "wal/1", b"rows").unwrap();
            bytes.truncate(bytes.len() - CHECKSUM_BYTES);
            change(&mut bytes);
            let checksum = blake3::hash(&bytes);
            bytes.extend_from_slice(checksum.as_bytes());
            open(None, "wal/1", &bytes).unwrap_err()
        };
        for error in [resealed(&|bytes| bytes[3] = b'2'), resealed(&|bytes| bytes[4] = 7)] {
            let said = error.to_string();
            assert!(said.contains("wal/1") && said.contains("update oxFlow"), "{said}");
            assert!(!said.contains("damaged"), "{said}");
        }
        let error = resealed(&|bytes| bytes[0] = b'x').to_string();
        assert!(error.contains("damaged"), "{error}");
    }

    #[test]
    fn a_key_is_64_digits_and_never_shown() {
        for text in ["", "abc", &"g".repeat(64), &"a".repeat(63), &"ä".repeat(32)] {
            let error = Key::from_hex(text).unwrap_err().to_string();
            assert!(text.is_empty() || !error.contains(text), "{error}");
        }
        assert_eq!(format!("{:?}", key("a")), "Key(…)");
    }
}
