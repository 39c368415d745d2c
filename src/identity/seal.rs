//! What a browser keeps for us and must neither read nor alter: sealed under a key of this
//! process.

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use data_encoding::HEXLOWER;
use serde::{Serialize, de::DeserializeOwned};

const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 24;
/// The longest sealed text that is looked at.
const SEALED_CHARS_MAX: usize = 4_000;
/// What it is for, so that nothing sealed for another purpose fits.
const PURPOSE: &[u8] = b"oxflow sign-in 1";

/// The key; it goes with the process.
pub(super) struct Seal(XChaCha20Poly1305);

impl Seal {
    /// A fresh key; none when the operating system gives no randomness.
    pub(super) fn fresh() -> Option<Seal> {
        let mut key = [0; KEY_BYTES];
        getrandom::fill(&mut key).ok()?;
        Some(Seal(XChaCha20Poly1305::new(&key.into())))
    }

    /// A value as text that only this process reads.
    pub(super) fn close<T: Serialize>(&self, value: &T) -> Option<String> {
        let plain = serde_json::to_vec(value).ok()?;
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce).ok()?;
        let payload = Payload { msg: &plain, aad: PURPOSE };
        let mut sealed = nonce.to_vec();
        sealed.extend(self.0.encrypt(&XNonce::from(nonce), payload).ok()?);
        Some(HEXLOWER.encode(&sealed)).filter(|text| text.len() <= SEALED_CHARS_MAX)
    }

    /// The value of such a text; none for any other.
    pub(super) fn open<T: DeserializeOwned>(&self, text: &str) -> Option<T> {
        if text.len() > SEALED_CHARS_MAX {
            return None;
        }
        let bytes = HEXLOWER.decode(text.as_bytes()).ok()?;
        let (nonce, body) = bytes.split_first_chunk::<NONCE_BYTES>()?;
        let payload = Payload { msg: body, aad: PURPOSE };
        let plain = self.0.decrypt(&XNonce::from(*nonce), payload).ok()?;
        serde_json::from_slice(&plain).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::Seal;

    #[test]
    fn only_what_this_process_sealed_opens_and_only_unaltered() {
        let (seal, other) = (Seal::fresh().unwrap(), Seal::fresh().unwrap());
        let text = seal.close(&"to the tenders").unwrap();
        assert_eq!(seal.open::<String>(&text).unwrap(), "to the tenders");
        assert_eq!(other.open::<String>(&text), None);
        let altered =
            format!("{}{}", &text[..text.len() - 1], if text.ends_with('0') { 1 } else { 0 });
        assert_eq!(seal.open::<String>(&altered), None);
        assert_eq!(seal.open::<String>(&text[2..]), None);
        assert_eq!(seal.open::<String>(""), None);
        assert!(seal.close(&"x".repeat(4_000)).is_none());
    }
}
