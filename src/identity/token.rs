//! Secrets that clients keep: opaque, random, known to the client alone.

use crate::workspace::control::SecretHash;
use sha2::{Digest, Sha256};
use std::fmt;

/// Random bytes of a token: 256 bits.
const TOKEN_BYTES: usize = 32;
/// What the text of an API token starts with, so that it is known where it turns up.
pub const API_PREFIX: &str = "oxf_";

/// A secret that stands for a session, or for more. The server keeps only its hash.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// A fresh token from the operating system's randomness; none when it has none to give.
    pub(super) fn fresh() -> Option<Token> {
        Token::starting("")
    }

    /// A fresh token whose text starts with `prefix`.
    pub(super) fn starting(prefix: &str) -> Option<Token> {
        let mut bytes = [0; TOKEN_BYTES];
        getrandom::fill(&mut bytes).ok()?;
        Some(Token(format!("{prefix}{}", hex(&bytes))))
    }

    /// The text the client keeps.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// What is kept of it.
    pub(super) fn hash(&self) -> SecretHash {
        hash(&self.0)
    }
}

/// The hash of a secret.
pub(super) fn hash(text: &str) -> SecretHash {
    Sha256::digest(text.as_bytes()).into()
}

/// The hash a session token's text is looked up by; none for a text that cannot be a token.
pub(super) fn session_hash(text: &str) -> Option<SecretHash> {
    (text.len() == TOKEN_BYTES * 2).then(|| hash(text))
}

/// The hash an API token's text is looked up by; none for a text that cannot be a token.
pub(super) fn api_hash(text: &str) -> Option<SecretHash> {
    let rest = text.strip_prefix(API_PREFIX)?;
    (rest.len() == TOKEN_BYTES * 2).then(|| hash(text))
}

/// Bytes as hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    let nibbles = bytes.iter().flat_map(|byte| [byte >> 4, byte & 0xf]);
    nibbles.filter_map(|nibble| char::from_digit(u32::from(nibble), 16)).collect()
}

/// Bytes from hexadecimal digits; none for anything else.
pub(super) fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> =
        text.chars().map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok())).collect();
    let digits = digits?;
    let (pairs, rest) = digits.as_chunks::<2>();
    rest.is_empty().then(|| pairs.iter().map(|[high, low]| high << 4 | low).collect())
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(secret)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_reads_back_and_nothing_else_does() {
        assert_eq!(unhex(&hex(&[0, 1, 0xab, 0xff])).unwrap(), [0, 1, 0xab, 0xff]);
        for wrong in ["0", "0g", "é0", " 00 "] {
            assert_eq!(unhex(wrong), None, "{wrong}");
        }
    }
}
