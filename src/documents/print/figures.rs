//! Figures as people in New Zealand read them: thousands in groups, a minus before.

use crate::estimating::number::{Fixed, LineQty, Money, Pct, Qty, Rate, SellRate};

/// Puts a comma between the thousands of a plain decimal.
fn grouped(text: &str) -> String {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |digits| ("\u{2212}", digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let mut out = String::with_capacity(text.len() + 6);
    out.push_str(sign);
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if !fraction.is_empty() {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

/// `figure` with at least `least` decimals, further zeros left away.
fn trimmed(figure: impl Fixed, least: usize) -> String {
    let text = figure.to_string();
    let Some((whole, fraction)) = text.split_once('.') else { return grouped(&text) };
    let kept = fraction.trim_end_matches('0').len().max(least.min(fraction.len()));
    match fraction.get(..kept) {
        Some("") | None => grouped(whole),
        Some(fraction) => grouped(&format!("{whole}.{fraction}")),
    }
}

/// Money: `1,234.50`.
pub fn money(figure: Money) -> String {
    grouped(&figure.to_string())
}

/// A cost rate: `1,234.50`, more decimals where it has them.
pub fn rate(figure: Rate) -> String {
    trimmed(figure, 2)
}

/// A client rate: `1,234.50`, more decimals where it has them.
pub fn sell_rate(figure: SellRate) -> String {
    trimmed(figure, 2)
}

/// A quantity: `1,234` or `96.5`.
pub fn quantity(figure: Qty) -> String {
    trimmed(figure, 0)
}

/// A worksheet quantity: `1,234.00`, more decimals where it has them.
pub fn line_quantity(figure: LineQty) -> String {
    trimmed(figure, 2)
}

/// Percent points: `8.00 %`.
pub fn percent(figure: Pct) -> String {
    format!("{} %", trimmed(figure, 2))
}

/// Percent points without spare zeros: `15 %`.
pub fn percent_short(figure: Pct) -> String {
    format!("{} %", trimmed(figure, 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_grouped_and_spare_zeros_dropped() {
        let text = |figure: &str| money(figure.parse().unwrap());
        assert_eq!(text("491469.78"), "491,469.78");
        assert_eq!(text("-2523.5"), "\u{2212}2,523.50");
        assert_eq!(text("0"), "0.00");
        assert_eq!(text("999"), "999.00");
        assert_eq!(text("9999999999999.99"), "9,999,999,999,999.99");
        assert_eq!(quantity("4250".parse().unwrap()), "4,250");
        assert_eq!(quantity("96.5".parse().unwrap()), "96.5");
        assert_eq!(quantity("0.0125".parse().unwrap()), "0.0125");
        assert_eq!(sell_rate("10727.47".parse().unwrap()), "10,727.47");
        assert_eq!(sell_rate("0.1234".parse().unwrap()), "0.1234");
        assert_eq!(percent("8".parse().unwrap()), "8.00 %");
    }
}
