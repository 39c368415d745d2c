//! Rows as bytes: one format byte, then the body.
//!
//! This is the only file that names bincode, so that it can be replaced without touching a
//! row type: a new encoding is a new format byte range, and `Row::upgrade` reads the old one.
//!
//! Body: bincode 2 standard configuration (little-endian, variable-length integers) through
//! serde. Row types must not be recursive and must not hold sequences of zero-sized elements;
//! with that, decoding hostile bytes ends in an error, in time and memory bounded by the input.

use serde::{Serialize, de::DeserializeOwned};

/// The longest row accepted, in bytes, format byte included. Long enough for a worksheet of
/// about 100,000 lines.
pub const ROW_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Why a row could not be written or read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    /// There is not even a format byte.
    #[error("the row is empty")]
    Empty,
    /// The row is longer than [`ROW_BYTES_MAX`].
    #[error("the row has {bytes} bytes, more than the {ROW_BYTES_MAX} allowed")]
    TooLong {
        /// Its length in bytes.
        bytes: usize,
    },
    /// The row was written by a newer release, or by a format no longer readable.
    #[error("the row has format {found}, this release reads up to format {newest}")]
    UnsupportedFormat {
        /// Format byte of the row.
        found: u8,
        /// Newest format this release writes.
        newest: u8,
    },
    /// The body does not read as the type its format promises.
    #[error("the row does not decode: {0}")]
    Malformed(String),
    /// The value has no encoding (a `Serialize` implementation refused).
    #[error("the row does not encode: {0}")]
    Unencodable(String),
}

/// A value stored as one row of a table.
pub trait Row: Serialize + DeserializeOwned {
    /// The format this release writes. Raise it with every change of the type's shape.
    const FORMAT: u8;

    /// Reads a body written by an older format: decode the old shape with [`decode_body`] and
    /// convert. Called only with `format != Self::FORMAT`.
    ///
    /// # Errors
    /// `UnsupportedFormat` for a format this release does not know (the default for all),
    /// `Malformed` when the body is not of that format.
    fn upgrade(format: u8, body: &[u8]) -> Result<Self, CodecError> {
        let _ = body;
        Err(CodecError::UnsupportedFormat { found: format, newest: Self::FORMAT })
    }
}

/// Encodes a row: its format byte, then its body. O(size).
///
/// # Errors
/// `TooLong` above [`ROW_BYTES_MAX`]; `Unencodable` when serde refuses (a sequence of unknown
/// length, a custom `Serialize` that fails).
pub fn encode<T: Row>(row: &T) -> Result<Vec<u8>, CodecError> {
    let mut bytes = vec![T::FORMAT];
    let body = bincode::serde::encode_to_vec(row, bincode::config::standard())
        .map_err(|error| CodecError::Unencodable(error.to_string()))?;
    bytes.extend_from_slice(&body);
    if bytes.len() > ROW_BYTES_MAX {
        return Err(CodecError::TooLong { bytes: bytes.len() });
    }
    Ok(bytes)
}

/// Decodes a row of the current format, or of an older one through [`Row::upgrade`]. O(size).
///
/// # Errors
/// Any [`CodecError`] but `Unencodable`; never panics, whatever the bytes.
pub fn decode<T: Row>(bytes: &[u8]) -> Result<T, CodecError> {
    let (format, body) = bytes.split_first().ok_or(CodecError::Empty)?;
    if *format == T::FORMAT { decode_body(body) } else { T::upgrade(*format, body) }
}

/// Decodes a body without its format byte, for [`Row::upgrade`]. The whole body must be used.
///
/// # Errors
/// `TooLong` or `Malformed`.
pub fn decode_body<T: DeserializeOwned>(body: &[u8]) -> Result<T, CodecError> {
    // The limit counts decoded bytes, at most 16 for each encoded one (a small u128), so the
    // smallest class that holds 16 times the input refuses nothing real and keeps a claimed
    // length from reserving memory out of proportion to the bytes present.
    const CLASS_1: usize = 64 * 1024;
    const CLASS_2: usize = 1024 * 1024;
    const CLASS_3: usize = 16 * 1024 * 1024;
    const CLASS_4: usize = 16 * ROW_BYTES_MAX;
    let claim_max = body.len().saturating_mul(16);
    if claim_max <= CLASS_1 {
        decode_limited::<T, CLASS_1>(body)
    } else if claim_max <= CLASS_2 {
        decode_limited::<T, CLASS_2>(body)
    } else if claim_max <= CLASS_3 {
        decode_limited::<T, CLASS_3>(body)
    } else if claim_max <= CLASS_4 {
        decode_limited::<T, CLASS_4>(body)
    } else {
        Err(CodecError::TooLong { bytes: body.len() })
    }
}

fn decode_limited<T: DeserializeOwned, const BYTES_MAX: usize>(
    body: &[u8],
) -> Result<T, CodecError> {
    let config = bincode::config::standard().with_limit::<BYTES_MAX>();
    let (value, used) = bincode::serde::decode_from_slice(body, config)
        .map_err(|error| CodecError::Malformed(error.to_string()))?;
    if used == body.len() {
        Ok(value)
    } else {
        Err(CodecError::Malformed(format!("{} bytes are left over", body.len() - used)))
    }
}
