//! From the unit as a client writes it to a unit of the managed list (BR-019).

use std::collections::{BTreeMap, HashMap};

use crate::estimating::nearest::nearest;
use crate::estimating::units::{UnitList, fold};

/// How the spellings of a client's file read as units of the organisation.
///
/// A spelling is known when it was mapped by a person, or when it equals a unit's code or alias
/// as [`fold`] reads them. Anything else is unknown: it may get a suggestion and is never taken
/// by itself.
#[derive(Debug, Clone, Default)]
pub struct UnitMap {
    codes: BTreeMap<String, String>,
    chosen: HashMap<String, String>,
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
                map.codes.entry(fold(spelling)).or_insert_with(|| code.to_owned());
            }
        }
        for (spelling, code) in chosen {
            if let Some(code) = map.codes.get(&fold(code)) {
                map.chosen.insert(fold(spelling), code.clone());
            }
        }
        map
    }

    /// The unit that `text` stands for; `None` when nobody said so.
    #[must_use]
    pub fn resolve(&self, text: &str) -> Option<&str> {
        let key = fold(text);
        self.chosen.get(&key).or_else(|| self.codes.get(&key)).map(String::as_str)
    }

    /// A unit of the list that `text` may mean, for a person to confirm: one of the measure that
    /// the standard list gives the spelling, or else one spelt nearly so. A foreign measure is only
    /// ever suggested its own unit: a cubic yard is no cubic metre. O(n).
    #[must_use]
    pub fn suggest(&self, text: &str) -> Option<&str> {
        let standard = UnitList::standard();
        let Some(meant) = standard.match_unit(text).and_then(|code| standard.get(code)) else {
            let near = nearest(&fold(text), self.codes.keys().map(String::as_str))?;
            return self.codes.get(near).map(String::as_str);
        };
        let own = [meant.code.as_str(), &meant.name];
        let spellings = own.into_iter().chain(meant.aliases.iter().map(String::as_str));
        spellings.map(fold).find_map(|key| self.codes.get(&key)).map(String::as_str)
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
        assert_eq!(map.suggest("Sum."), Some("LS"));
        assert_eq!(map.suggest("cu mm"), Some("m3"), "a slip of the pen");
        assert_eq!(map.suggest("hank"), None);
    }

    #[test]
    fn a_choice_stands_before_the_list_and_must_name_a_unit() {
        let map = map(&[("EACH", "ea"), ("TON", "t"), ("CYS", "bushel")]);
        assert_eq!(map.resolve("each"), Some("ea"));
        assert_eq!(map.resolve("TON"), Some("t"));
        assert_eq!(map.resolve("CYS"), None);
    }
}
