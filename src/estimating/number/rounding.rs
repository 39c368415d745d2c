//! The one rounding method (R0) and the treatment of division residue.

use rust_decimal::Decimal;

/// Significant digits (and at most as many decimals) that survive [`settle`].
///
/// A [`Decimal`] holds 28; the eight digits between the two absorb what division leaves behind,
/// such as `1 / 3 * 3 = 0.999…9`.
pub const RESIDUE_DIGITS: u32 = 20;

/// Divides and rounds to a whole number, half away from zero (R0).
///
/// `divisor` is above zero. O(1).
pub const fn round_div(value: i128, divisor: i128) -> i128 {
    debug_assert!(divisor > 0);
    let quotient = value / divisor;
    let remainder = (value % divisor).unsigned_abs();
    // `remainder >= divisor - remainder` is `2 * remainder >= divisor` without its overflow.
    if remainder >= divisor.unsigned_abs() - remainder {
        quotient + value.signum()
    } else {
        quotient
    }
}

/// Drops division residue: rounds to [`RESIDUE_DIGITS`] significant digits and at most as many
/// decimals, half away from zero.
///
/// Applied before a value is compared, rounded, taken up (`ceil`) or down (`floor`), so that a
/// person with exact fractions gets the same: `floor(1 / 3 * 3)` is 1, and a tie stays a tie.
/// The integer part is never touched. O(1).
pub fn settle(value: Decimal) -> Decimal {
    let (mantissa, scale) = settle_parts(value.mantissa(), value.scale());
    if scale == value.scale() { value } else { Decimal::from_i128_with_scale(mantissa, scale) }
}

/// [`settle`] on a mantissa and its scale.
pub(super) fn settle_parts(mantissa: i128, scale: u32) -> (i128, u32) {
    const PLAIN: u128 = 10_u128.pow(RESIDUE_DIGITS);
    let plain = scale <= RESIDUE_DIGITS && mantissa.unsigned_abs() < PLAIN;
    if plain || mantissa == 0 {
        return (mantissa, scale);
    }
    let digits = mantissa.unsigned_abs().ilog10() + 1;
    let surplus = digits.max(scale).saturating_sub(RESIDUE_DIGITS).min(scale);
    if surplus == 0 {
        return (mantissa, scale);
    }
    (round_div(mantissa, pow10(surplus)), scale - surplus)
}

/// The powers of 10 up to the 36th.
const POWERS: [i128; 37] = {
    let mut powers = [1; 37];
    let mut exponent = 1;
    while exponent < powers.len() {
        powers[exponent] = powers[exponent - 1] * 10;
        exponent += 1;
    }
    powers
};

/// 10 to the power `exponent`, which is at most 36.
pub(super) const fn pow10(exponent: u32) -> i128 {
    POWERS[exponent as usize]
}
