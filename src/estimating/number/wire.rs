//! How numbers travel: decimal strings where people read, `i64` units in the store.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, Unexpected, Visitor};
use serde::ser::Serializer;

use super::fixed::{Fixed, UNITS_MAX};
use super::parse::{DIGITS_MAX, Surplus, parse, printed};

pub(super) fn serialize<T: Fixed, S: Serializer>(
    value: T,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    if serializer.is_human_readable() {
        serializer.serialize_str(printed(value, &mut [0; DIGITS_MAX]))
    } else {
        serializer.serialize_i64(value.units())
    }
}

pub(super) fn deserialize<'de, T: Fixed, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    if deserializer.is_human_readable() {
        return deserializer.deserialize_any(DecimalText(PhantomData));
    }
    let units = i64::deserialize(deserializer)?;
    T::from_units(units).ok_or_else(|| {
        D::Error::custom(format_args!("{} of {units} units is beyond ±{UNITS_MAX}", T::NAME))
    })
}

/// Takes a decimal string and nothing else: a JSON number has already been through a float in
/// most clients.
struct DecimalText<T>(PhantomData<T>);

impl<T: Fixed> Visitor<'_> for DecimalText<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} as a decimal string with at most {} decimals, in quotes",
            T::NAME,
            T::DECIMALS
        )
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        parse(text, Surplus::Refuse).map_err(E::custom)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<T, E> {
        Err(E::invalid_type(Unexpected::Signed(value), &self))
    }
}
