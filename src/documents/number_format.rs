//! What a number format says about a cell: a date, a percentage, or a fixed count of decimals.

/// What a number format shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct NumberFormat {
    pub(super) date: bool,
    pub(super) percent: bool,
    pub(super) decimals: Option<u8>,
}

/// The built-in format of an id (ECMA-376 18.8.30); `None` for a custom one.
pub(super) fn built_in(id: u32) -> Option<NumberFormat> {
    let code = match id {
        0 => "General",
        1 | 3 | 37 | 38 => "0",
        2 | 4 | 39 | 40 => "0.00",
        9 => "0%",
        10 => "0.00%",
        11..=13 | 48 | 49 => "@",
        14..=22 | 27..=36 | 45..=47 | 50..=58 => "d",
        41..=44 => "#",
        _ => return None,
    };
    Some(of_code(code))
}

/// The format of a code, by its first section.
pub(super) fn of_code(code: &str) -> NumberFormat {
    let mut format = NumberFormat::default();
    let mut plain = String::new();
    let mut chars = code.chars();
    while let Some(c) = chars.next() {
        match c {
            ';' => break,
            // The next character is literal, or only a width.
            '\\' | '_' | '*' => {
                chars.next();
            }
            '"' => {
                for quoted in chars.by_ref() {
                    if quoted == '"' {
                        break;
                    }
                }
            }
            '[' => {
                let inside: String = chars.by_ref().take_while(|&c| c != ']').collect();
                let elapsed =
                    inside.chars().all(|c| matches!(c, 'h' | 'H' | 'm' | 'M' | 's' | 'S'));
                format.date |= elapsed && !inside.is_empty();
            }
            _ => plain.push(c),
        }
    }
    if plain.eq_ignore_ascii_case("general") {
        return format;
    }
    format.date |=
        plain.chars().any(|c| matches!(c.to_ascii_lowercase(), 'd' | 'm' | 'y' | 'h' | 's'));
    format.percent = plain.contains('%');
    if !format.date && plain.contains('0') && !plain.contains(['E', 'e', '/', '?']) {
        let fraction = plain.split_once('.').map_or("", |(_, fraction)| fraction);
        let fixed = fraction.chars().take_while(|&c| c == '0').count();
        format.decimals = u8::try_from(fixed).ok();
    }
    format
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_tell_dates_percentages_and_decimals() {
        assert_eq!(of_code("0.00").decimals, Some(2));
        assert_eq!(of_code("#,##0.0000").decimals, Some(4));
        assert_eq!(of_code("\"$\"#,##0.00_);[Red](\"$\"#,##0.00)").decimals, Some(2));
        assert_eq!(of_code("General"), NumberFormat::default());
        assert_eq!(of_code("@"), NumberFormat::default());
        assert!(of_code("dd/mm/yyyy").date);
        assert!(of_code("[h]:mm:ss").date);
        assert!(!of_code("0.00 \"m3 dry\"").date);
        assert!(!of_code("[Red]0.0").date);
        assert!(of_code("0.0%").percent);
        assert!(built_in(14).is_some_and(|f| f.date));
        assert_eq!(built_in(200), None);
    }
}
