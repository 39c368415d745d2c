use proptest::prelude::*;

use super::*;

fn code(text: &str) -> UnitCode {
    UnitCode::new(text).expect("test unit")
}

fn matched(text: &str) -> String {
    match_unit(text).map_or_else(|| "none".to_owned(), |code| code.to_string())
}

#[test]
fn the_standard_list_is_consistent_and_names_itself() {
    let list = UnitList::standard();
    for unit in list.units() {
        for text in [unit.code.as_str(), &unit.name]
            .into_iter()
            .chain(unit.aliases.iter().map(String::as_str))
        {
            assert_eq!(list.match_unit(text), Some(unit.code), "{text}");
        }
    }
    for conversion in list.conversions() {
        let dimension = |code| list.get(code).map(|unit| unit.dimension);
        assert_eq!(dimension(conversion.from), dimension(conversion.to), "{conversion:?}");
    }
}

#[test]
fn spellings_of_client_schedules_find_their_unit() {
    let cases = [
        ("L.S.", "LS"),
        ("Lump Sum", "LS"),
        ("LSUM", "LS"),
        ("Sum", "LS"),
        ("No.", "ea"),
        ("EACH", "ea"),
        ("m²", "m2"),
        ("M^2", "m2"),
        ("sq. m", "m2"),
        ("m³", "m3"),
        ("cu.m", "m3"),
        ("㎥", "m3"),
        ("lin.m", "m"),
        (" m ", "m"),
        ("Hour", "h"),
        ("hr", "h"),
        ("HRS", "h"),
        ("Tonne", "t"),
        ("MOS", "mth"),
        ("prov. sum", "PS"),
        ("％", "%"),
    ];
    for (text, unit) in cases {
        assert_eq!(matched(text), unit, "{text}");
    }
}

#[test]
fn units_of_public_tender_data_stay_the_measure_they_are() {
    let cases = [
        ("EACH", "ea"),
        ("L.F.", "LF"),
        ("LFT", "LF"),
        ("SYS", "SY"),
        ("$", "$"),
        ("DOL", "$"),
        ("L.S.", "LS"),
        ("TON", "ton"),
        ("C.Y.", "CY"),
        ("CYS", "CY"),
        ("S.F.", "SF"),
        ("SFT", "SF"),
        ("CFT", "CF"),
        ("MOS", "mth"),
        ("DAY", "day"),
        ("LBS", "lb"),
        ("M.G.", "MG"),
        ("GAL", "gal"),
        ("HRS", "h"),
        ("ACRE", "acre"),
    ];
    for (text, unit) in cases {
        assert_eq!(matched(text), unit, "{text}");
    }
    let list = UnitList::standard();
    for (customary, metric) in [("CYS", "m3"), ("SYS", "m2"), ("LFT", "m"), ("TON", "t")] {
        assert_ne!(list.match_unit(customary), list.match_unit(metric));
    }
}

#[test]
fn an_unknown_unit_is_none_with_a_near_one_offered() {
    for text in ["", " ", "furlong", "m4", "1000", "m2/m3"] {
        assert_eq!(match_unit(text), None, "{text:?}");
    }
    assert_eq!(suggest("metrs"), Some(code("m")));
    assert_eq!(suggest("cubic mtre"), Some(code("m3")));
    assert_eq!(suggest("tonnne"), Some(code("t")));
    assert_eq!(suggest("furlong"), None);
}

#[test]
fn units_link_directly_the_other_way_round_or_not_at_all() {
    let list = UnitList::standard();
    let convert = |from: &str, to: &str, quantity: &str| {
        let link = list.link(code(from), code(to))?;
        link.apply(quantity.parse().expect("test figure"))
    };
    assert_eq!(convert("km", "m", "1.5"), Some(Decimal::from(1500)));
    assert_eq!(convert("m", "km", "1500"), Some(Decimal::new(15, 1)));
    assert_eq!(convert("t", "t", "3"), Some(Decimal::from(3)));
    assert_eq!(convert("SF", "SY", "9"), Some(Decimal::ONE));
    assert_eq!(convert("m3", "t", "1"), None);
    assert_eq!(convert("CY", "m3", "1"), None);
    assert_eq!(Link::Times(Factor::MAX).apply(Decimal::MAX), None);
}

#[test]
fn a_list_refuses_double_meanings_and_broken_conversions() {
    let unit = |text: &str, aliases: &[&str]| Unit {
        code: code(text),
        name: format!("unit {text}"),
        aliases: aliases.iter().map(|alias| (*alias).to_owned()).collect(),
        dimension: Dimension::Count,
        retired: false,
    };
    let taken = UnitList::new(vec![unit("a", &["X."]), unit("b", &["x"])], vec![]);
    assert_eq!(taken.expect_err("taken").to_string(), "\"x\" would mean both a and b");
    assert!(UnitList::new(vec![unit("a", &["A", "a."])], vec![]).is_ok());
    let link = |from: &str, to: &str, factor: Factor| Conversion {
        from: code(from),
        to: code(to),
        factor,
    };
    let with = |conversions| UnitList::new(vec![unit("a", &[]), unit("b", &[])], conversions).err();
    assert_eq!(with(vec![link("a", "b", Factor::ONE)]), None);
    for wrong in [
        vec![link("a", "a", Factor::ONE)],
        vec![link("a", "b", Factor::ZERO)],
        vec![link("a", "b", -Factor::ONE)],
        vec![link("a", "c", Factor::ONE)],
        vec![link("a", "b", Factor::ONE), link("b", "a", Factor::ONE)],
    ] {
        assert!(with(wrong.clone()).is_some(), "{wrong:?}");
    }
}

#[test]
fn a_code_is_short_trimmed_text_that_keeps_its_case() {
    assert_eq!(size_of::<UnitCode>(), UNIT_CODE_BYTES);
    assert_eq!(code("  Lin.m ").as_str(), "Lin.m");
    assert_eq!(code("twelve bytes").as_str(), "twelve bytes");
    assert!(code("m2") < code("m3") && code("m") < code("m2"));
    assert!(code("ls").is_lump_sum() && !code("PS").is_lump_sum());
    assert_eq!(UnitCode::new(" "), Err(UnitCodeError::Empty));
    assert_eq!(UnitCode::new("a\0b"), Err(UnitCodeError::Control));
    assert!(matches!(UnitCode::new("thirteen byte"), Err(UnitCodeError::TooLong(_))));
    assert_eq!(serde_json::to_string(&code("m³")).expect("writes"), "\"m³\"");
    assert_eq!(serde_json::from_str::<UnitCode>("\" m³ \"").expect("reads"), code("m³"));
    assert!(serde_json::from_str::<UnitCode>("\"\"").is_err());
}

proptest! {
    #[test]
    fn no_text_panics(text in "\\PC{0,40}|[\\x00-\\x20a-z²³.]{0,15}") {
        let _ = (match_unit(&text), suggest(&text));
        if let Ok(code) = UnitCode::new(&text) {
            prop_assert_eq!(code.as_str(), text.trim());
        }
    }
}

#[test]
fn a_printed_unit_has_its_power_and_reads_back() {
    for (code, shown) in
        [("m2", "m²"), ("m3", "m³"), ("m3.km", "m³.km"), ("m", "m"), ("LS", "LS"), ("BM2", "BM2")]
    {
        assert_eq!(printed(code), shown);
    }
    for unit in UnitList::standard().units() {
        assert_eq!(match_unit(&printed(unit.code.as_str())), Some(unit.code));
    }
}
