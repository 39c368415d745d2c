//! Session tokens: opaque, random, known to the client alone.

use sha2::{Digest, Sha256};
use std::fmt;

/// Random bytes of a token: 256 bits.
const TOKEN_BYTES: usize = 32;

/// A secret that stands for a session. The server keeps only its hash.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

/// What the server keeps of a token.
pub(super) type TokenHash = [u8; 32];

impl Token {
    /// A fresh token from the operating system's randomness; none when it has none to give.
    pub(super) fn fresh() -> Option<Token> {
        let mut bytes = [0; TOKEN_BYTES];
        getrandom::fill(&mut bytes).ok()?;
        let mut text = String::with_capacity(TOKEN_BYTES * 2);
        for byte in bytes {
            for nibble in [byte >> 4, byte & 0xf] {
                text.extend(char::from_digit(u32::from(nibble), 16));
            }
        }
        Some(Token(text))
    }

    /// The text the client keeps.
    pub fn text(&self) -> &str {
        &self.0
    }
}

/// The hash a token's text is looked up by; none for a text that cannot be a token.
pub(super) fn hash(text: &str) -> Option<TokenHash> {
    (text.len() == TOKEN_BYTES * 2).then(|| Sha256::digest(text.as_bytes()).into())
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(secret)")
    }
}
