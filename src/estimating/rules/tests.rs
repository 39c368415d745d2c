use std::collections::HashSet;

use uuid::Uuid;

use super::*;
use crate::estimating::formula::{Formula, FormulaError};

#[test]
fn every_rule_is_found_by_its_id_and_tells_its_own_story() {
    let mut seen = HashSet::new();
    for (number, listed) in (1..).zip(all()) {
        assert_eq!(listed.id, RuleId::br(number));
        assert!(std::ptr::eq(rule(listed.id), listed));
        assert!(listed.module.rules().contains(listed), "{}", listed.id);
        for text in [listed.code, listed.title, listed.statement, listed.explanation] {
            assert!(seen.insert(text), "{}: {text}", listed.id);
        }
        assert!(!listed.title.ends_with('.') && listed.title.len() <= 60, "{}", listed.id);
        assert!(listed.explanation.ends_with('.'), "{}", listed.id);
        let plain = |b: u8| b.is_ascii_lowercase() || b == b'-';
        assert!(listed.code.bytes().all(plain), "{}", listed.id);
    }
    assert_eq!(all().count(), usize::from(RULE_COUNT));
}

#[test]
fn ids_print_and_read_as_br_and_three_digits() {
    assert_eq!(RuleId::br(13).to_string(), "BR-013");
    assert_eq!("BR-123".parse(), Ok(RuleId::br(123)));
    for wrong in ["BR-000", "BR-124", "BR-13", "br-013", "BR-+13", "13", ""] {
        assert!(wrong.parse::<RuleId>().is_err(), "{wrong}");
    }
    assert_eq!(serde_json::to_string(&RuleId::br(7)).expect("writes"), "\"BR-007\"");
    assert_eq!(serde_json::from_str::<RuleId>("\"BR-007\"").expect("reads"), RuleId::br(7));
    let json = serde_json::to_value(rule(RuleId::br(68))).expect("writes");
    assert_eq!(json["kind"], "acknowledge");
    assert_eq!(json["module"], "quotes");
    assert_eq!(json["code"], "quote-arithmetic-error");
}

#[test]
fn a_violation_reads_as_a_sentence_with_its_rule() {
    let id = Uuid::from_u128(7);
    let violation = Violation::new(RuleId::br(34), "Production of line 2 is 0.")
        .object(id)
        .field("production")
        .in_edit(3)
        .fact("production", 0);
    assert_eq!(violation.code, "production-rate-not-positive");
    assert_eq!(violation.catalogued().id, violation.rule);
    let violations = Violations::from(violation);
    assert_eq!(
        violations.to_string(),
        "Production of line 2 is 0. (BR-034, production-rate-not-positive)"
    );
    assert!(violations.breaks(RuleId::br(34)) && !violations.breaks(RuleId::br(35)));
    assert_eq!(Violations::check(Vec::new()), Ok(()));
}

#[test]
fn a_formula_error_becomes_a_violation_with_its_code_and_place() {
    let syntax = Formula::parse("1,250").expect_err("a comma");
    let violation = Violation::formula("quantity", &syntax);
    assert_eq!((violation.code, violation.rule), ("formula-syntax", RuleId::br(40)));
    assert_eq!((violation.field, violation.position), (Some("quantity"), Some(1)));
    let cycle = FormulaError::cycle(2, vec!["a".into(), "b".into(), "a".into()]).within("b");
    let violation = Violation::formula("production", &cycle);
    assert_eq!((violation.code, violation.rule), ("formula-cycle", RuleId::br(39)));
    assert_eq!(violation.position, None);
    assert_eq!(violation.facts, [("path", "a -> b -> a".into()), ("within", "b".into())]);
}
