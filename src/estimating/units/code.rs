//! The code of a unit, held inline.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The longest unit code, in bytes of UTF-8; also the size of a [`UnitCode`].
pub const UNIT_CODE_BYTES: usize = 12;

/// The code of a unit, such as `m3`: 1 to [`UNIT_CODE_BYTES`] bytes, trimmed, its case kept.
///
/// Two codes are equal when they are spelt the same; whether a unit exists is the list's to say.
/// Serialises as text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnitCode([u8; UNIT_CODE_BYTES]);

/// Why a text is no unit code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnitCodeError {
    /// Nothing was given.
    #[error("a unit is expected, such as m3")]
    Empty,
    /// Longer than [`UNIT_CODE_BYTES`].
    #[error("{0:?} is too long for a unit code of {UNIT_CODE_BYTES} bytes")]
    TooLong(String),
    /// A control character.
    #[error("a unit code holds no control characters")]
    Control,
}

impl UnitCode {
    /// The lump sum, whose quantity is always 1 (BR-021).
    pub const LUMP_SUM: Self = Self::literal("LS");
    /// The provisional sum.
    pub const PROVISIONAL_SUM: Self = Self::literal("PS");
    /// The percentage of other lines.
    pub const PERCENT: Self = Self::literal("%");
    /// The hour.
    pub const HOUR: Self = Self::literal("h");

    /// A code known when the program is written.
    ///
    /// # Panics
    /// When it is empty or too long; in a constant this fails to compile.
    pub const fn literal(code: &str) -> Self {
        let text = code.as_bytes();
        assert!(!text.is_empty() && text.len() <= UNIT_CODE_BYTES, "not a unit code");
        let mut bytes = [0; UNIT_CODE_BYTES];
        let mut at = 0;
        while at < text.len() {
            bytes[at] = text[at];
            at += 1;
        }
        Self(bytes)
    }

    /// Reads a code, trimming it.
    pub fn new(text: &str) -> Result<Self, UnitCodeError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(UnitCodeError::Empty);
        }
        if text.len() > UNIT_CODE_BYTES {
            return Err(UnitCodeError::TooLong(text.chars().take(40).collect()));
        }
        if text.chars().any(char::is_control) {
            return Err(UnitCodeError::Control);
        }
        Ok(Self::literal(text))
    }

    /// The code as text.
    pub fn as_str(&self) -> &str {
        let length = self.0.iter().position(|byte| *byte == 0).unwrap_or(UNIT_CODE_BYTES);
        std::str::from_utf8(&self.0[..length]).expect("a code is built from whole text")
    }

    /// True for the lump sum, however its case is written.
    pub fn is_lump_sum(&self) -> bool {
        self.as_str().eq_ignore_ascii_case(Self::LUMP_SUM.as_str())
    }
}

impl FromStr for UnitCode {
    type Err = UnitCodeError;

    fn from_str(text: &str) -> Result<Self, UnitCodeError> {
        Self::new(text)
    }
}

impl fmt::Display for UnitCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for UnitCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UnitCode({})", self.as_str())
    }
}

impl Serialize for UnitCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for UnitCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(CodeVisitor)
    }
}

struct CodeVisitor;

impl serde::de::Visitor<'_> for CodeVisitor {
    type Value = UnitCode;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a unit code of 1 to {UNIT_CODE_BYTES} bytes")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<UnitCode, E> {
        UnitCode::new(text).map_err(E::custom)
    }
}
