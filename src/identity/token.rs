//! Secrets that clients keep: opaque, random, known to the client alone.

use crate::workspace::control::SecretHash;
use data_encoding::HEXLOWER;
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
        Some(Token(format!("{prefix}{}", HEXLOWER.encode(&bytes))))
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

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(secret)")
    }
}
