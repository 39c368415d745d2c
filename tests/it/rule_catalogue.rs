//! The catalogue in the program is the one that was agreed.

use oxflow::estimating::rules::{Kind, RULE_COUNT, all};

/// A row of the agreed document: ``| BR-001 | rule | trigger | `code` (B) |``.
fn agreed() -> Option<Vec<[String; 5]>> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/design/rules.md");
    let document = std::fs::read_to_string(path).ok()?;
    let row = |line: &str| {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [_, id, statement, trigger, code, _] = cells[..] else { return None };
        let (code, kind) = code.strip_prefix('`')?.split_once("` (")?;
        Some([id, statement, trigger, code, kind.trim_end_matches(')')].map(str::to_owned))
    };
    Some(document.lines().filter(|line| line.starts_with("| BR-")).filter_map(row).collect())
}

#[test]
fn every_rule_has_the_id_code_kind_trigger_and_wording_agreed() {
    // The document lies outside the repository and is not there in every checkout.
    let Some(agreed) = agreed() else { return };
    assert_eq!(agreed.len(), usize::from(RULE_COUNT));
    for ([id, statement, trigger, code, kind], rule) in agreed.iter().zip(all()) {
        assert_eq!(*id, rule.id.to_string());
        assert_eq!(code, rule.code, "{id}");
        assert_eq!(statement, rule.statement, "{id}");
        assert_eq!(trigger, rule.trigger, "{id}");
        let letter = match rule.kind {
            Kind::Block => "B",
            Kind::Acknowledge => "A",
            Kind::Invariant => "I",
        };
        assert_eq!(kind, letter, "{id}");
    }
}
