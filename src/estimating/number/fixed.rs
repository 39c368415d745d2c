//! The eight number types and what they have in common.

use std::fmt;

use rust_decimal::Decimal;

use super::parse::{self, NumberError};
use super::rounding::{pow10, round_div, settle_parts};

/// The largest magnitude of any number here, in its smallest unit: fifteen digits.
///
/// It leaves room to add thousands of such numbers in an `i64`, keeps products well inside `i128`,
/// and is exact in a JavaScript number.
pub const UNITS_MAX: i64 = 999_999_999_999_999;

/// The fewest decimals a [`SellRate`] is printed with; tiers go from 0 to 4.
pub const SELL_RATE_DECIMALS_MIN: u32 = 2;

/// A number with a fixed count of decimals, held as whole units of the last decimal.
pub trait Fixed: Copy + Ord + fmt::Display + Sized {
    /// The type's name in messages.
    const NAME: &'static str;
    /// Decimals stored.
    const DECIMALS: u32;
    /// Fewest decimals printed; less than [`Fixed::DECIMALS`] only for [`SellRate`].
    const DECIMALS_PRINTED_MIN: u32;
    /// From whole units of the last decimal; `None` beyond ±[`UNITS_MAX`].
    fn from_units(units: i64) -> Option<Self>;
    /// Whole units of the last decimal.
    fn units(self) -> i64;
}

macro_rules! fixed {
    ($(#[$doc:meta])* $name:ident, $decimals:literal, $printed:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $name(i64);

        impl $name {
            /// Decimals stored.
            pub const DECIMALS: u32 = $decimals;
            /// Units in one: 10 to the power of [`Self::DECIMALS`].
            pub const SCALE: i64 = 10_i64.pow($decimals);
            /// Zero.
            pub const ZERO: Self = Self(0);
            /// One.
            pub const ONE: Self = Self(Self::SCALE);
            /// The largest value.
            pub const MAX: Self = Self(UNITS_MAX);
            /// The smallest value.
            pub const MIN: Self = Self(-UNITS_MAX);

            /// From whole units of the last decimal; `None` beyond ±[`UNITS_MAX`]. Exact.
            pub const fn from_units(units: i64) -> Option<Self> {
                if units >= -UNITS_MAX && units <= UNITS_MAX { Some(Self(units)) } else { None }
            }

            /// From an integer number of ones (`whole(3)` is 3.00); `None` out of bounds. Exact.
            pub const fn whole(ones: i64) -> Option<Self> {
                match ones.checked_mul(Self::SCALE) {
                    Some(units) => Self::from_units(units),
                    None => None,
                }
            }

            /// Whole units of the last decimal.
            pub const fn units(self) -> i64 {
                self.0
            }

            /// True for zero.
            pub const fn is_zero(self) -> bool {
                self.0 == 0
            }

            /// True below zero.
            pub const fn is_negative(self) -> bool {
                self.0 < 0
            }

            /// True above zero.
            pub const fn is_positive(self) -> bool {
                self.0 > 0
            }

            /// The magnitude. Exact: the bounds are symmetric.
            pub const fn abs(self) -> Self {
                Self(self.0.abs())
            }

            /// The sum, or `None` out of bounds. Exact.
            pub const fn checked_add(self, other: Self) -> Option<Self> {
                Self::from_units(self.0 + other.0)
            }

            /// The difference, or `None` out of bounds. Exact.
            pub const fn checked_sub(self, other: Self) -> Option<Self> {
                Self::from_units(self.0 - other.0)
            }

            /// The sum of all, or `None` when it ends out of bounds. Exact and independent of
            /// order. O(n).
            pub fn checked_sum(values: impl IntoIterator<Item = Self>) -> Option<Self> {
                let units: i128 = values.into_iter().map(|value| i128::from(value.0)).sum();
                Self::from_wide(units)
            }

            /// Reads a decimal with any number of decimals and rounds it half away from zero:
            /// only where a figure enters and the rounding policy says so (R1).
            pub fn parse_rounded(text: &str) -> Result<Self, NumberError> {
                parse::parse::<Self>(text, parse::Surplus::Round)
            }

            /// Rounds a decimal half away from zero (R0) after dropping division residue
            /// ([`settle`](super::settle)); `None` out of bounds.
            pub fn from_decimal_rounded(value: Decimal) -> Option<Self> {
                let (mantissa, scale) = settle_parts(value.mantissa(), value.scale());
                if scale > Self::DECIMALS {
                    Self::from_wide(round_div(mantissa, pow10(scale - Self::DECIMALS)))
                } else {
                    Self::from_wide(mantissa * pow10(Self::DECIMALS - scale))
                }
            }

            /// The same value as a decimal. Exact.
            pub fn to_decimal(self) -> Decimal {
                Decimal::new(self.0, Self::DECIMALS)
            }

            /// From a wide intermediate result; `None` out of bounds.
            pub(in crate::estimating) fn from_wide(units: i128) -> Option<Self> {
                i64::try_from(units).ok().and_then(Self::from_units)
            }
        }

        impl Fixed for $name {
            const NAME: &'static str = stringify!($name);
            const DECIMALS: u32 = $decimals;
            const DECIMALS_PRINTED_MIN: u32 = $printed;
            fn from_units(units: i64) -> Option<Self> {
                Self::from_units(units)
            }
            fn units(self) -> i64 {
                self.0
            }
        }

        /// Total: the bounds are symmetric.
        impl std::ops::Neg for $name {
            type Output = Self;
            fn neg(self) -> Self {
                Self(-self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = NumberError;
            /// Reads a decimal without loss: more decimals than the type holds are refused
            /// (unless they are zeros), as are exponents, separators and spaces.
            fn from_str(text: &str) -> Result<Self, NumberError> {
                parse::parse::<Self>(text, parse::Surplus::Refuse)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                parse::print(*self, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                super::wire::serialize(*self, serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                super::wire::deserialize(deserializer)
            }
        }
    };
}

fixed! {
    /// New Zealand dollars excluding GST unless a name ends in `_inc`, in cents.
    /// ±9,999,999,999,999.99.
    Money, 2, 2
}
fixed! {
    /// A cost rate: dollars per resource unit or item unit. ±99,999,999,999.9999.
    Rate, 4, 4
}
fixed! {
    /// A client rate. Stored with four decimals, rounded to its tier's decimals (0 to 4) at R6,
    /// printed with two to four. ±99,999,999,999.9999.
    SellRate, 4, SELL_RATE_DECIMALS_MIN
}
fixed! {
    /// An item or package quantity. ±99,999,999,999.9999.
    Qty, 4, 4
}
fixed! {
    /// A worksheet line quantity (R2). ±999,999,999.999999.
    LineQty, 6, 6
}
fixed! {
    /// A usage, norm, efficiency, unit conversion or exchange rate. ±999,999,999.999999.
    Factor, 6, 6
}
fixed! {
    /// Percent points: 6.5 means 6.5 %. ±99,999,999,999.9999.
    Pct, 4, 4
}
fixed! {
    /// Sell over cost (R9). ±9,999,999.99999999.
    Uplift, 8, 8
}
