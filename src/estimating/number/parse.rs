//! Reading and printing fixed decimals without loss.

use std::fmt;

use super::fixed::{Fixed, UNITS_MAX};

/// The longest text read as a number, in characters.
pub const NUMBER_LENGTH_MAX: usize = 40;

/// Why a text is not a number of the wanted type. `position` counts characters from 0.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// Nothing was given.
    #[error("a number is expected, such as {example}")]
    Empty {
        /// A number of the wanted type.
        example: String,
    },
    /// A character that has no place in a plain decimal.
    #[error("unexpected {found:?} at character {} of {text:?}: {hint}", position + 1)]
    Character {
        /// The text read.
        text: String,
        /// The character refused.
        found: char,
        /// Where it stands, from 0.
        position: usize,
        /// What to write instead.
        hint: &'static str,
    },
    /// The text ends where a digit belongs.
    #[error("a digit is expected at character {} of {text:?}", position + 1)]
    DigitMissing {
        /// The text read.
        text: String,
        /// Where the digit belongs, from 0.
        position: usize,
    },
    /// More decimals than the type holds; nothing is rounded silently.
    #[error(
        "{text:?} has more than the {decimals} decimals of {type_name}: character {} would be lost",
        position + 1
    )]
    TooManyDecimals {
        /// The text read.
        text: String,
        /// The type's name.
        type_name: &'static str,
        /// Decimals the type holds.
        decimals: u32,
        /// The first digit that would be lost, from 0.
        position: usize,
    },
    /// Outside the type's bounds.
    #[error("{text:?} is outside the bounds of {type_name}, {min} to {max}")]
    OutOfRange {
        /// The text read.
        text: String,
        /// The type's name.
        type_name: &'static str,
        /// Smallest value.
        min: String,
        /// Largest value.
        max: String,
    },
    /// Longer than [`NUMBER_LENGTH_MAX`].
    #[error("a number has at most {NUMBER_LENGTH_MAX} characters")]
    TooLong,
}

impl NumberError {
    /// The character at fault, counted from 0, where there is one.
    pub fn position(&self) -> Option<usize> {
        match self {
            Self::Character { position, .. }
            | Self::DigitMissing { position, .. }
            | Self::TooManyDecimals { position, .. } => Some(*position),
            Self::Empty { .. } | Self::OutOfRange { .. } | Self::TooLong => None,
        }
    }
}

/// What to do with decimals beyond those a type holds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Surplus {
    Refuse,
    Round,
}

/// Reads `-?digits(.digits)?` or `-?.digits`. O(length).
pub(super) fn parse<T: Fixed>(text: &str, surplus: Surplus) -> Result<T, NumberError> {
    if text.is_empty() {
        return Err(NumberError::Empty { example: example::<T>() });
    }
    if text.len() > NUMBER_LENGTH_MAX {
        return Err(NumberError::TooLong);
    }
    let digits = text.strip_prefix('-').unwrap_or(text);
    let sign_length = text.len() - digits.len();
    let mut units: i64 = 0;
    let mut decimals: Option<u32> = None;
    let mut round_up = false;
    for (index, found) in digits.chars().enumerate() {
        let position = sign_length + index;
        match (found.to_digit(10), decimals) {
            (Some(digit), None) => units = append(units, digit),
            (Some(digit), Some(count)) if count < T::DECIMALS => {
                units = append(units, digit);
                decimals = Some(count + 1);
            }
            (Some(digit), Some(count)) => {
                if surplus == Surplus::Refuse && digit != 0 {
                    return Err(too_many::<T>(text, position));
                }
                // Half away from zero depends on the first surplus digit alone.
                round_up |= count == T::DECIMALS && digit >= 5;
                decimals = Some(count + 1);
            }
            (None, None) if found == '.' => decimals = Some(0),
            (None, _) => return Err(unexpected(text, found, position)),
        }
    }
    if digits.is_empty() || digits.ends_with('.') {
        return Err(NumberError::DigitMissing {
            text: text.to_owned(),
            position: text.chars().count(),
        });
    }
    let missing = T::DECIMALS.saturating_sub(decimals.unwrap_or(0));
    units = units.saturating_mul(10_i64.pow(missing)).saturating_add(i64::from(round_up));
    let signed = if sign_length == 1 { -units } else { units };
    T::from_units(signed).ok_or_else(|| out_of_range::<T>(text))
}

/// Sticks at `i64::MAX`, which is out of every type's bounds.
fn append(units: i64, digit: u32) -> i64 {
    units.saturating_mul(10).saturating_add(i64::from(digit))
}

/// Prints every stored decimal; a sell rate drops zeros beyond its second.
pub(super) fn print<T: Fixed>(value: T, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut digits = [0; DIGITS_MAX];
    let text = unsigned(value, &mut digits);
    f.pad_integral(value.units() >= 0, "", text)
}

/// The longest printed number: a sign, the 19 digits of an `i64`, a point and a leading zero.
pub(super) const DIGITS_MAX: usize = 22;

/// A number as it is printed, sign included, without a heap allocation.
pub(super) fn printed<T: Fixed>(value: T, digits: &mut [u8; DIGITS_MAX]) -> &str {
    let length = unsigned(value, digits).len();
    let mut start = DIGITS_MAX - length;
    if value.units() < 0 {
        start -= 1;
        digits[start] = b'-';
    }
    std::str::from_utf8(&digits[start..]).expect("digits, a point and a sign are text")
}

/// The digits of a number from the right, without its sign; zeros past the least decimals go.
fn unsigned<T: Fixed>(value: T, digits: &mut [u8; DIGITS_MAX]) -> &str {
    let scale = 10_u64.pow(T::DECIMALS);
    let units = value.units().unsigned_abs();
    let (mut whole, mut fraction, mut decimals) = (units / scale, units % scale, T::DECIMALS);
    while decimals > T::DECIMALS_PRINTED_MIN && fraction.is_multiple_of(10) {
        fraction /= 10;
        decimals -= 1;
    }
    let mut start = DIGITS_MAX;
    let mut put = |digit: u8| {
        start -= 1;
        digits[start] = digit;
    };
    for _ in 0..decimals {
        put(b'0' + (fraction % 10) as u8);
        fraction /= 10;
    }
    if decimals > 0 {
        put(b'.');
    }
    loop {
        put(b'0' + (whole % 10) as u8);
        whole /= 10;
        if whole == 0 {
            break;
        }
    }
    std::str::from_utf8(&digits[start..]).expect("digits and a point are text")
}

fn example<T: Fixed>() -> String {
    format!("12.{:0<width$}", 5, width = T::DECIMALS as usize)
}

fn too_many<T: Fixed>(text: &str, position: usize) -> NumberError {
    NumberError::TooManyDecimals {
        text: text.to_owned(),
        type_name: T::NAME,
        decimals: T::DECIMALS,
        position,
    }
}

fn out_of_range<T: Fixed>(text: &str) -> NumberError {
    let bound = |units| T::from_units(units).map_or_else(String::new, |value| value.to_string());
    NumberError::OutOfRange {
        text: text.to_owned(),
        type_name: T::NAME,
        min: bound(-UNITS_MAX),
        max: bound(UNITS_MAX),
    }
}

fn unexpected(text: &str, found: char, position: usize) -> NumberError {
    let hint = match found {
        ',' => "write numbers without thousands separators and with a decimal point",
        'e' | 'E' => "exponents are not read",
        '+' => "leave the plus sign away",
        '-' => "a minus sign stands once, at the start",
        '.' => "there is one decimal point",
        '$' | '%' => "write the number without its symbol",
        _ if found.is_whitespace() => "leave spaces away",
        _ => "only digits, one decimal point and a leading minus sign are read",
    };
    NumberError::Character { text: text.to_owned(), found, position, hint }
}
