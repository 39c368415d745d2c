use rust_decimal::Decimal;

use super::*;
use crate::estimating::formula::{FormulaErrorKind, STEPS_MAX};

const HUNDRED: &[(&str, Option<Decimal>)] = &[("Q", Some(Decimal::ONE_HUNDRED))];

fn formula(text: &str) -> Formula {
    Formula::parse(text).expect("a formula")
}

fn decimal(text: &str) -> Decimal {
    text.parse().expect("a decimal")
}

fn variable(name: impl Into<Box<str>>, text: &str) -> Variable {
    Variable { name: name.into(), formula: formula(text), note: None }
}

fn variables(defined: &[(&str, &str)]) -> Vec<Variable> {
    defined.iter().map(|(name, text)| variable(*name, text)).collect()
}

/// The value of `name` among `defined`, with `Q` as 100 in the ring outside.
fn resolve(defined: &[(&str, &str)], name: &str) -> Result<Decimal, FormulaError> {
    let variables = variables(defined);
    let inside = Frame { variables: &variables, ..Frame::default() };
    let frames = [inside, Frame { built_in: HUNDRED, ..Frame::default() }];
    Scope::new(&frames, &Steps::new()).resolve(name, 0, 0)
}

#[test]
fn a_definition_sees_the_others_and_what_is_outside() {
    let set = [("loose", "Q * bulk"), ("bulk", "1 + swell"), ("swell", "0.25")];
    assert_eq!(resolve(&set, "loose"), Ok(decimal("125")));
    assert_eq!(resolve(&set, "Q"), Ok(decimal("100")));
    assert_eq!(resolve(&[], "Q"), Ok(decimal("100")));
    assert_eq!(resolve(&[("Q", "5"), ("x", "Q")], "x"), Ok(decimal("5")));
}

#[test]
fn a_cycle_is_refused_with_its_path_and_nothing_else() {
    let set = [("x", "a + 1"), ("a", "b * 2"), ("b", "c"), ("c", "1 + a")];
    for entered in ["x", "a"] {
        let error = resolve(&set, entered).expect_err("cycle");
        assert_eq!(error.code(), "formula-cycle");
        let FormulaErrorKind::Cycle { path } = &error.kind else { panic!("{error}") };
        assert_eq!(path, &["a", "b", "c", "a"]);
        assert_eq!(error.within.as_deref(), Some("c"));
        assert_eq!(error.position, 4);
    }
    let error = resolve(&[("a", "a")], "a").expect_err("cycle");
    assert_eq!(
        error.to_string(),
        "these depend on each other in a circle: a -> a (character 1 of a)"
    );
}

#[test]
fn an_error_inside_a_definition_says_where() {
    let error = resolve(&[("a", "b"), ("b", "2 * buulk"), ("bulk", "1")], "a");
    assert_eq!(
        error.expect_err("unknown").to_string(),
        "nothing here is called buulk; is bulk meant? (character 5 of b)"
    );
    let error = resolve(&[("a", "1 + b"), ("b", "1 / (Q - 100)")], "a");
    assert_eq!(error.expect_err("division").to_string(), "this divides by zero (character 3 of b)");
}

#[test]
fn each_definition_is_worked_out_once() {
    let variables: Vec<Variable> = (0..50)
        .map(|n| match n {
            0 => variable("v0", "Q"),
            _ => variable(format!("v{n}"), &format!("v{} + v{} - Q", n - 1, n - 1)),
        })
        .collect();
    let frames = [Frame { variables: &variables, built_in: HUNDRED, ..Frame::default() }];
    let steps = Steps::new();
    let value = Scope::new(&frames, &steps).resolve("v49", 0, 0);
    assert_eq!(value, Ok(Decimal::ONE_HUNDRED));
    // Twice each would be 2^49.
    assert!(STEPS_MAX - steps.left() < 300);
}

#[test]
fn a_long_chain_of_definitions_is_refused_before_the_stack_is() {
    let variables: Vec<Variable> =
        (0..5000).map(|n| variable(format!("v{n}"), &format!("v{} + Q", n + 1))).collect();
    let frames = [Frame { variables: &variables, built_in: HUNDRED, ..Frame::default() }];
    let error = Scope::new(&frames, &Steps::new()).resolve("v0", 0, 0).expect_err("too deep");
    assert_eq!(error.code(), "formula-evaluation-failed");
}

#[test]
fn rings_share_the_budget_of_steps() {
    let outside = variables(&[("rate", &format!("Q{}", " + Q".repeat(200)))]);
    let inside = variables(&[("total", "rate + rate * 0")]);
    let frames = [
        Frame { variables: &inside, ..Frame::default() },
        Frame { variables: &outside, built_in: HUNDRED, ..Frame::default() },
    ];
    let steps = Steps::limited(300);
    let error = Scope::new(&frames, &steps).resolve("total", 0, 0).expect_err("over 300 steps");
    assert_eq!(
        (error.code(), error.within.as_deref()),
        ("formula-evaluation-failed", Some("rate"))
    );
}
