//! From the unit as a client writes it to a unit of the managed list (BR-019).

use std::collections::{BTreeMap, HashMap};

/// The unit whose quantity is exactly 1 (BR-021).
pub const LUMP_SUM: &str = "LS";

/// How the spellings of a client's file read as units of the organisation.
///
/// A spelling is known when it was mapped by a person, or when it equals a unit's code or alias
/// but for case, spaces, dots and the way a power is written. Anything else is unknown: it may
/// get a suggestion and is never taken by itself.
#[derive(Debug, Clone, Default)]
pub struct UnitMap {
    codes: HashMap<String, String>,
    chosen: HashMap<String, String>,
}

/// Spellings met in schedules, with the codes they may go under, the likeliest first. A foreign
/// measure is only ever suggested its own unit: a cubic yard is no cubic metre.
const SPELLINGS: [(&[&str], &[&str]); 22] = [
    (&["ls", "lsum", "lumpsum", "sum", "item", "lot", "job"], &["LS"]),
    (&["each", "ea", "no", "nr", "num", "number", "pcs", "pc"], &["ea", "each", "no"]),
    (&["m3", "cum", "cubm", "cubicmetre", "cubicmetres", "cum3"], &["m3"]),
    (&["m2", "sqm", "squaremetre", "squaremetres"], &["m2"]),
    (&["m", "lm", "linm", "metre", "metres", "rm", "lin"], &["m"]),
    (&["t", "tonne", "tonnes", "te", "mt"], &["t"]),
    (&["kg", "kgs", "kilogram"], &["kg"]),
    (&["h", "hr", "hrs", "hour", "hours"], &["h", "hr"]),
    (&["d", "day", "days"], &["day", "d"]),
    (&["wk", "wks", "week", "weeks"], &["wk", "week"]),
    (&["mos", "mo", "month", "months", "mth", "mths"], &["month", "mth", "mo"]),
    (&["ton", "tons", "ston"], &["ton"]),
    (&["lft", "lf", "ft", "linft", "foot", "feet"], &["ft", "lf"]),
    (&["cys", "cyd", "cy", "yd3", "cuyd"], &["yd3", "cy"]),
    (&["sys", "syd", "sy", "yd2", "sqyd"], &["yd2", "sy"]),
    (&["sft", "sf", "ft2", "sqft"], &["ft2", "sf"]),
    (&["lb", "lbs", "pound", "pounds"], &["lb"]),
    (&["gal", "gals", "gallon", "gallons"], &["gal"]),
    (&["mg", "mgal", "kgal"], &["kgal", "mg"]),
    (&["$", "dol", "dols", "dollar", "dollars", "nzd"], &["$", "NZD"]),
    (&["ps", "provsum", "provisionalsum"], &["PS", "LS"]),
    (&["%", "percent", "pct"], &["%"]),
];

/// A spelling without case, spaces, dots and slashes, powers as plain digits.
#[must_use]
pub fn spelling_key(text: &str) -> String {
    text.chars()
        .filter_map(|c| match c {
            '²' => Some('2'),
            '³' => Some('3'),
            ' ' | '\u{a0}' | '.' | '^' | '/' | '(' | ')' | '-' | '_' => None,
            other => Some(other),
        })
        .flat_map(char::to_lowercase)
        .collect()
}

impl UnitMap {
    /// The map of a unit list: codes with their aliases, and the spellings a person mapped
    /// (`unitMap` of a layout). Choices that name no unit of the list are left out.
    pub fn new<'a, A>(
        units: impl IntoIterator<Item = (&'a str, A)>,
        chosen: &BTreeMap<String, String>,
    ) -> UnitMap
    where
        A: IntoIterator<Item = &'a str>,
    {
        let mut map = UnitMap::default();
        for (code, aliases) in units {
            for spelling in std::iter::once(code).chain(aliases) {
                map.codes.entry(spelling_key(spelling)).or_insert_with(|| code.to_owned());
            }
        }
        for (spelling, code) in chosen {
            if let Some(code) = map.codes.get(&spelling_key(code)) {
                map.chosen.insert(spelling_key(spelling), code.clone());
            }
        }
        map
    }

    /// The unit that `text` stands for; `None` when nobody said so.
    #[must_use]
    pub fn resolve(&self, text: &str) -> Option<&str> {
        let key = spelling_key(text);
        self.chosen.get(&key).or_else(|| self.codes.get(&key)).map(String::as_str)
    }

    /// A unit of the list that `text` may mean, for a person to confirm.
    #[must_use]
    pub fn suggest(&self, text: &str) -> Option<&str> {
        let key = spelling_key(text);
        let (_, codes) =
            SPELLINGS.iter().find(|(spellings, _)| spellings.contains(&key.as_str()))?;
        codes.iter().find_map(|code| self.codes.get(&spelling_key(code))).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(chosen: &[(&str, &str)]) -> UnitMap {
        let chosen = chosen.iter().map(|(s, c)| ((*s).to_owned(), (*c).to_owned())).collect();
        let units: [(&str, &[&str]); 5] =
            [("LS", &["sum"]), ("m3", &["cu.m"]), ("ea", &["No"]), ("t", &[]), ("ft", &[])];
        UnitMap::new(units.map(|(code, aliases)| (code, aliases.iter().copied())), &chosen)
    }

    #[test]
    fn codes_and_aliases_are_known_in_any_spelling() {
        let map = map(&[]);
        for (text, code) in [
            ("L.S.", "LS"),
            ("ls", "LS"),
            ("M³", "m3"),
            ("m^3", "m3"),
            ("cu m", "m3"),
            ("NO.", "ea"),
        ] {
            assert_eq!(map.resolve(text), Some(code), "{text}");
        }
    }

    #[test]
    fn an_unknown_spelling_is_suggested_a_unit_of_the_same_measure_and_never_taken() {
        let map = map(&[]);
        assert_eq!(map.resolve("EACH"), None);
        assert_eq!(map.suggest("EACH"), Some("ea"));
        assert_eq!(map.suggest("LFT"), Some("ft"));
        assert_eq!(map.suggest("TON"), None, "a short ton is no tonne");
        assert_eq!(map.suggest("CYS"), None, "a cubic yard is no cubic metre");
    }

    #[test]
    fn a_choice_stands_before_the_list_and_must_name_a_unit() {
        let map = map(&[("EACH", "ea"), ("TON", "t"), ("CYS", "bushel")]);
        assert_eq!(map.resolve("each"), Some("ea"));
        assert_eq!(map.resolve("TON"), Some("t"));
        assert_eq!(map.resolve("CYS"), None);
    }
}
