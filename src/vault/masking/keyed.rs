//! What depends on the salt and on nothing else: HMAC-SHA256.

use std::path::Path;

use sha2::{Digest, Sha256};

use super::MaskError;
use crate::vault::secret_file;

/// Bytes of the shortest salt.
pub const SALT_BYTES_MIN: usize = 16;
const BLOCK_BYTES: usize = 64;

/// The secret that a copy is made with. Shows nothing of itself.
#[derive(Clone)]
pub struct Salt {
    inner: Sha256,
    outer: Sha256,
}

impl std::fmt::Debug for Salt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Salt(…)")
    }
}

impl Salt {
    /// A salt from the bytes of a file or a variable; white space around them does not count.
    ///
    /// # Errors
    /// `Salt` for one that could be guessed.
    pub fn new(bytes: &[u8]) -> Result<Salt, MaskError> {
        let bytes = bytes.trim_ascii();
        if bytes.len() < SALT_BYTES_MIN {
            return Err(MaskError::Salt(bytes.len()));
        }
        Ok(Salt::keyed(bytes))
    }

    /// The salt in a file, made on first use, readable by its owner only.
    ///
    /// # Errors
    /// `Vault` for a file that cannot be read or made, `Salt` for one that could be guessed.
    pub fn in_file(path: &Path) -> Result<Salt, MaskError> {
        Salt::new(secret_file::kept(path)?.as_bytes())
    }

    fn keyed(key: &[u8]) -> Salt {
        let mut block = [0; BLOCK_BYTES];
        let digest = Sha256::digest(key);
        let key = if key.len() > BLOCK_BYTES { digest.as_slice() } else { key };
        block.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
        let state = |pad: u8| Sha256::new_with_prefix(block.map(|byte| byte ^ pad));
        Salt { inner: state(0x36), outer: state(0x5c) }
    }

    /// HMAC-SHA256 of the parts, each with its length before it.
    #[must_use]
    pub fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut inner = self.inner.clone();
        for part in parts {
            inner.update((part.len() as u64).to_be_bytes());
            inner.update(part);
        }
        self.end(inner)
    }

    fn end(&self, inner: Sha256) -> [u8; 32] {
        let mut outer = self.outer.clone();
        outer.update(inner.finalize());
        outer.finalize().into()
    }

    /// The first 64 bits of [`Salt::mac`].
    #[must_use]
    pub fn number(&self, parts: &[&[u8]]) -> u64 {
        self.mac(parts).first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use data_encoding::HEXLOWER;

    #[test]
    fn it_is_hmac_sha256_as_rfc_4231_has_it() {
        let salt = Salt::keyed(&[0x0b; 20]);
        let mut inner = salt.inner.clone();
        inner.update(b"Hi There");
        let hex = HEXLOWER.encode(&salt.end(inner));
        assert_eq!(hex, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
        let long = Salt::keyed(&[0xaa; 131]);
        let mut inner = long.inner.clone();
        inner.update(b"Test Using Larger Than Block-Size Key - Hash Key First");
        let hex = HEXLOWER.encode(&long.end(inner));
        assert_eq!(hex, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    }

    #[test]
    fn a_short_salt_is_refused_and_parts_do_not_run_into_each_other() {
        assert!(Salt::new(b"  too short  \n").is_err());
        let salt = Salt::new(b"0123456789abcdef\n").unwrap();
        assert_eq!(format!("{salt:?}"), "Salt(…)");
        assert_ne!(salt.mac(&[b"ab", b"c"]), salt.mac(&[b"a", b"bc"]));
        assert_eq!(salt.mac(&[b"a"]), Salt::new(b"0123456789abcdef").unwrap().mac(&[b"a"]));
    }
}
