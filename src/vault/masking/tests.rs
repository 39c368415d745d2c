//! The policy that is shipped covers every field there is; what is found in texts, and what stays.

use std::os::unix::fs::{FileExt, MetadataExt};

use super::{
    formula,
    names::{Dictionary, Gathered},
    policy::Treatment,
    prose::{leak, scrub},
    walk::{Leaves, Place},
    *,
};

const SHIPPED: &str = BUILT_IN;
const SALT: &[u8] = b"0123456789abcdef0123456789abcdef";

#[test]
fn the_shipped_policy_treats_every_field_of_every_entity() {
    Policy::parse(SHIPPED).unwrap();
    assert!(fields().len() > 300, "the types are asked for their fields");
}

#[test]
fn a_field_left_out_and_one_that_is_none_are_refused_by_name() {
    let without = SHIPPED.replace("plug.rate", "plug.rat");
    let said = Policy::parse(&without).unwrap_err().to_string();
    assert!(said.contains("items.plug.rate"), "{said}");
    let odd = SHIPPED.replace("format = 1", "format = 1\n[items]\nnothing = \"keep\"");
    assert!(Policy::parse(&odd).is_err());
    let odd = SHIPPED.replace("\"recipes.name\"]", "\"recipes.nam\"]");
    let said = Policy::parse(&odd).unwrap_err().to_string();
    assert!(said.contains("vocabulary names recipes.nam"), "{said}");
}

/// Names, amounts and words of a source.
#[derive(Default)]
struct Known(Gathered);

impl Known {
    fn sees(mut self, treatment: &Treatment, vocabulary: bool, texts: &[&str]) -> Known {
        for text in texts {
            let place = Place { treatment, public: false, vocabulary, route: &[] };
            self.0.text(&place, text).unwrap();
        }
        self
    }

    fn named(self, label: &str, names: &[&str]) -> Known {
        let at = Policy::parse(SHIPPED).unwrap().labels.iter().position(|known| **known == *label);
        self.sees(&Treatment::Pseudonym(at.unwrap()), false, names)
    }

    fn dictionary(self) -> Dictionary {
        let policy = Policy::parse(SHIPPED).unwrap();
        Dictionary::new(self.0, &Salt::new(SALT).unwrap(), &policy.labels, &policy.domain).unwrap()
    }
}

/// A source with companies and people of many kinds.
fn known() -> Known {
    Known::default()
        .named(
            "Supplier",
            &["Downer Ltd", "HEB", "Hauraki Quarries Ltd", "Stone Ltd", "Geotech Ltd"],
        )
        .named("Person", &["Mere Tūhoe", "Will King"])
        .named("Project", &["Load", "Waihou Road renewal"])
        .sees(&Treatment::Jitter { percent: 15, by_row: false }, false, &["1842.315", "35653.50"])
        .sees(&Treatment::Keep, true, &["tuh"])
        .sees(&Treatment::Scrub, true, &["geotech mat"; 3])
}

fn scrubbed(dictionary: &Dictionary, text: &str) -> String {
    scrub(dictionary, text).unwrap_or_else(|| text.to_owned())
}

#[test]
fn money_in_a_text_goes_and_what_measures_counts_numbers_or_dates_stays() {
    let dictionary = known().dictionary();
    for (text, made) in [
        (
            "Our tender sum of 2,026,546.50 excluding GST.",
            "Our tender sum of [amount] excluding GST.",
        ),
        ("Item 1.1 comes to 18,423.15", "Item 1.1 comes to [amount]"),
        ("18 423.15 dollars", "[amount]"),
        ("it is 18\u{a0}423.15 in all", "it is [amount] in all"),
        ("it is 18\u{2009}423 in all", "it is [amount] in all"),
        ("supply at 85.50, place at 12.25", "supply at [amount], place at [amount]"),
        ("85.5000", "[amount]"),
        ("85 per m3, 12/m2 and 7 /each", "[amount] per m3, [amount]/m2 and [amount] /each"),
        ("a rate of 85 for that", "a rate of [amount] for that"),
        ("Rate: 85", "Rate: [amount]"),
        ("sells at 92, costs 85", "sells at [amount], costs [amount]"),
        ("we were quoted 950.", "we were quoted [amount]."),
        ("1200 plus GST, 1400 incl. GST", "[amount] plus GST, [amount] incl. GST"),
        ("between 85.50-92.30", "between [amount]-[amount]"),
        ("about 1.2 million, or 250k", "about [amount], or [amount]"),
        ("NZ$ 184,231.50 and $1.2 million", "[amount] and [amount]"),
        ("500 dollars or EUR 300", "[amount] or [amount]"),
        ("known: 1842.315 and 35653.5", "known: [amount] and [amount]"),
        ("85.50 each", "[amount] each"),
        ("(1,234.50)", "([amount])"),
        ("18,423.15 no tags", "[amount] no tags"),
        ("call 07 000 1234 or +64 21 123 4567", "call [phone] or [phone]"),
        ("85$ flat, 85 $/m3, 85 NZ$", "[amount] flat, [amount]/m3, [amount]"),
        ("12 500$ or 12 $ 500", "[amount] or 12 [amount]"),
        ("a levy of 85 on it", "a levy of [amount] on it"),
        ("pay 12-3456-0123456-00, GST 98-765-432", "pay [number], GST [number]"),
        ("mob-021.555.1234", "mob-[phone]"),
    ] {
        assert_eq!(scrubbed(&dictionary, text), made, "{text}");
        assert_eq!(leak(&dictionary, made, true), None, "{made}");
        assert!(leak(&dictionary, text, true).is_some(), "{text}");
    }
    for stays in [
        "kerb 150 mm x 2.50 m",
        "1.20 x 2.40 x 3.00 m",
        "1.20 x 2.40 box culvert",
        "1.50 to 2.50 m deep, 1.50-2.50 m wide, 0.25 m - 0.50 m",
        "Haul 2 100 mm pipes, 18 423 m3, 12,500 m² and 3.25 t",
        "concrete 85.50 m3",
        "NZS 3910, M4, AP65, NZS 3101.1",
        "clause 3.12, section 5.10 and item 1.10",
        "drawing C-12.50 rev 2.10, 1.2.3 and 12.05.2026",
        "Extra over 2.05 for rock, percentage on 4.01, see 4.02",
        "RL 12.50, chainage 1234.50, slope 1.50",
        "12.50 % and 12.50% of it, at 22.50 °C",
        "28 Nov 2026 at 12:30, 10.30 am",
        "40 h, 2 days, a total of 12 manholes",
        "rate of 2.50 m3/h",
        "quote 2 for item 12",
        "PO 4500, 600 trees",
        "user-1842315000@test.oxflow.example",
        "1:2.50 batter",
    ] {
        assert_eq!(scrubbed(&dictionary, stays), stays);
        assert_eq!(leak(&dictionary, stays, true), None, "{stays}");
    }
}

#[test]
fn a_name_is_found_by_its_own_words_in_any_case_and_ordinary_words_stay() {
    let dictionary = known().dictionary();
    for text in [
        "as per downer's quote",
        "as per Downer’s quote",
        "DOWNER_quote.pdf",
        "heb to confirm",
        "ask Hauraki's yard manager",
        "hauraki yard",
        "mere says",
        "the tuhoe whanau, Tūhoe",
        "Hauraki-Quarries and haurakiquarries.example",
        "waihou road renewal",
    ] {
        let made = scrubbed(&dictionary, text);
        assert!(leak(&dictionary, text, false).is_some(), "{text}");
        assert_eq!(leak(&dictionary, &made, false), None, "{text}: {made}");
        let folded = made.to_lowercase();
        for secret in ["downer", "heb", "hauraki", "mere", "tuhoe", "tūhoe", "waihou"] {
            assert!(!folded.contains(secret), "{text}: {made}");
        }
        assert!(
            made.contains("Supplier ") || made.contains("Person ") || made.contains("Project ")
        );
    }
    // A word of the language, or of the trade: nobody can tell that it is a name.
    for stays in [
        "stone 40 mm, by the load",
        "it will be done, the king post too",
        "quarries and a quarry",
        "geotech mat",
    ] {
        assert_eq!(scrubbed(&dictionary, stays), stays);
        assert_eq!(leak(&dictionary, stays, true), None, "{stays}");
    }
    for (text, made) in [("ask Stone", "Supplier"), ("says Will", "Person"), ("as Load", "Project")]
    {
        assert!(scrubbed(&dictionary, text).contains(made), "{text}");
    }
}

#[test]
fn what_formulas_mention_is_called_otherwise_the_same_everywhere() {
    let dictionary = known().dictionary();
    let renamed = |name: &str| formula::rename(&dictionary, name);
    let made = renamed("downer_rate").unwrap();
    assert!(made.starts_with("supplier_") && made.ends_with("_rate"), "{made}");
    assert!(renamed("DownerRate2026").unwrap().ends_with("_Rate2026"));
    assert!(crate::estimating::formula::check_name(&renamed("rate_of_heb").unwrap()).is_ok());
    let long = format!("heb_{}", "x".repeat(60));
    assert!(crate::estimating::formula::check_name(&renamed(&long).unwrap()).is_ok());
    for stays in ["swell", "parent.quantity", "stone_depth", "load", "quantity"] {
        assert_eq!(renamed(stays), None, "{stays}");
    }
    let moved = |text: &str, money| {
        formula::mask(&dictionary, text, money, |figure| Some(format!("<{figure}>")))
    };
    assert_eq!(moved("max(downer_rate, 12) * 1.15", false), format!("max({made}, 12) * 1.15"));
    assert_eq!(moved("35653.5 * 1.15 + 100", false), "<35653.5> * 1.15 + 100");
    assert_eq!(moved("184231.5 * 1 + 0 * 100", true), "<184231.5> * 1 + 0 * 100");
}

#[test]
fn what_was_invented_before_stands_for_itself() {
    let mut known = known().named("Supplier", &["Supplier A", "Supplier B"]).sees(
        &Treatment::Email,
        false,
        &["user-00ff@test.oxflow.example"],
    );
    known.0.of_copy = true;
    let dictionary = known.dictionary();
    assert_eq!(dictionary.pseudonym("Supplier A"), Some("Supplier A"));
    assert_eq!(dictionary.email("user-00ff@test.oxflow.example"), "user-00ff@test.oxflow.example");
    let other = dictionary.pseudonym("HEB").unwrap();
    assert!(other != "Supplier A" && other != "Supplier B", "{other}");
    let text = "Supplier A, user-00ff@test.oxflow.example";
    assert_eq!(scrubbed(&dictionary, text), text);
    assert_eq!(leak(&dictionary, text, true), None);
}

#[test]
fn a_name_that_looks_invented_is_none_where_nothing_was_invented_before() {
    let dictionary = known().named("Project", &["Project TITAN"]).dictionary();
    let invented = dictionary.pseudonym("Project TITAN").unwrap();
    assert_ne!(invented, "Project TITAN");
    assert_eq!(scrubbed(&dictionary, "For project Titan only"), format!("For {invented} only"));
    assert!(leak(&dictionary, "Project TITAN", false).is_some());
}

#[test]
fn bytes_are_searched_on_both_sides_of_a_hole_and_where_they_stand_is_said() {
    let dictionary = known().dictionary();
    let file = tempfile::NamedTempFile::new().unwrap();
    let far = (64 << 20) + 5_000;
    let name = "Waihou Road renewal";
    let put = |at: u64, text: &str| file.as_file().write_all_at(text.as_bytes(), at).unwrap();
    put(7, &format!("..{name}.."));
    put(far, &format!("..{name}"));
    // What stands before a hole and after it is no word.
    put(100, "Waihou Road");
    put(32 << 20, " renewal");
    let blocks = file.as_file().metadata().unwrap().blocks() * 512;
    assert!(blocks < far / 2, "no file with holes: {blocks} bytes on the disk");
    let found = super::leak::bytes(&dictionary, file.path()).unwrap();
    let rows: Vec<&str> = found.first.iter().map(|leak| &*leak.row).collect();
    assert_eq!(rows, [format!("byte {}", 9), format!("byte {}", far + 2)]);
}
