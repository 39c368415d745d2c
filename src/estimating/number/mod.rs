//! Exact fixed-decimal numbers: the only types money, rates and quantities are stored and compared in.
//!
//! Each type is an `i64` count of its smallest unit (cents for [`Money`], ten-thousandths for
//! [`Rate`]). A value always lies within ±[`UNITS_MAX`]; every constructor and every checked
//! operation keeps that bound, so nothing wraps and nothing saturates. There is no floating point.
//!
//! Rounding happens only where a function says so, and always half away from zero (R0).

mod fixed;
mod parse;
mod products;
mod rounding;
mod wire;

pub use fixed::{
    Factor, Fixed, LineQty, Money, Pct, Qty, Rate, SELL_RATE_DECIMALS_MIN, SellRate, UNITS_MAX,
    Uplift,
};
pub use parse::{NUMBER_LENGTH_MAX, NumberError};
pub use products::{
    UnitRate, amount, cost_rate, line_cost, percent_margin, percent_of, rate_from_currency,
    rate_without_gst, ratio_uplift, sell_rate, uplifted_rate,
};
pub use rounding::{RESIDUE_DIGITS, round_div, settle};

#[cfg(test)]
mod tests;
