use std::collections::HashMap;

use proptest::prelude::*;

use super::*;
use crate::estimating::number::LineQty;

fn decimal(text: &str) -> Decimal {
    text.parse().expect("test figure")
}

fn formula(text: &str) -> Formula {
    Formula::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn eval_with(text: &str, names: &[(&str, &str)]) -> Result<Decimal, FormulaError> {
    let names: HashMap<&str, Decimal> =
        names.iter().map(|(name, value)| (*name, decimal(value))).collect();
    let known: Vec<&str> = names.keys().copied().collect();
    Formula::parse(text)?.eval(
        &mut |name, at| {
            let unknown = || FormulaError::unknown_name(at, name, known.iter().copied());
            names.get(name).copied().ok_or_else(unknown)
        },
        &Steps::new(),
    )
}

fn eval(text: &str) -> Result<Decimal, FormulaError> {
    eval_with(text, &[])
}

fn value(text: &str) -> Decimal {
    eval(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn a_formula_takes_twenty_four_bytes() {
    assert_eq!(size_of::<Formula>(), 24);
    assert_eq!(size_of::<Option<Formula>>(), 24);
}

#[test]
fn the_language_gives_the_values_of_its_table() {
    let cases = [
        ("1 + 2 * 3", "7"),
        ("(1 + 2) * 3", "9"),
        ("10 - 4 - 3", "3"),
        ("100 / 10 / 2", "5"),
        ("-2 * -3", "6"),
        ("- -2", "2"),
        ("+5", "5"),
        ("=.5+.25", "0.75"),
        ("  = 2 × 3 ÷ 4 − 1 ", "0.5"),
        ("2\u{a0}*\u{202f}3", "6"),
        ("3 < 4", "1"),
        ("3 >= 4", "0"),
        ("3 = 3.0", "1"),
        ("3 == 3", "1"),
        ("3 <> 3", "0"),
        ("3 != 4", "1"),
        ("3 ≤ 3", "1"),
        ("1 + 1 > 1", "1"),
        ("if(2 > 1, 10, 1 / 0)", "10"),
        ("if(0, 1 / 0, 20)", "20"),
        ("IF(1, if(0, 1, 2), 3)", "2"),
        ("and(1, 2, -1)", "1"),
        ("and(0, 1 / 0)", "0"),
        ("or(0, 0)", "0"),
        ("or(0, 3, 1 / 0)", "1"),
        ("not(0)", "1"),
        ("not(5)", "0"),
        ("min(3, 1, 2)", "1"),
        ("max(3, -1)", "3"),
        ("max(7)", "7"),
        ("abs(-3.5)", "3.5"),
        ("ceil(2.1)", "3"),
        ("ceil(-2.1)", "-2"),
        ("floor(-2.1)", "-3"),
        ("ceil(5)", "5"),
        ("round(2.5)", "3"),
        ("round(-2.5)", "-3"),
        ("round(7.5301205, 6)", "7.530121"),
        ("round(1250, -2)", "1300"),
        ("round(1249.99, -2)", "1200"),
    ];
    for (text, expected) in cases {
        assert_eq!(value(text), decimal(expected), "{text}");
    }
}

#[test]
fn division_residue_never_shows_in_a_whole_number_or_a_comparison() {
    for text in [
        "ceil(1 / 3 * 3)",
        "floor(1 / 3 * 3)",
        "round(1 / 3 * 3)",
        "1 / 3 * 3 = 1",
        "1 / 3 * 3 >= 1",
        "not(1 / 3 * 3 < 1)",
        "floor(1 / 3000000 * 3000000)",
        "ceil(1 / 7 + 6 / 7)",
        "if(1 - 1 / 3 * 3, 0, 1)",
    ] {
        assert_eq!(value(text), Decimal::ONE, "{text}");
    }
    assert_eq!(value("ceil(600.0000001 / 100)"), decimal("7"));
    assert_eq!(value("ceil(514.8 / 100)"), decimal("6"));
}

#[test]
fn quantities_of_the_worked_example_come_out_to_the_sixth_decimal() {
    type Names = &'static [(&'static str, &'static str)];
    let cases: [(&str, Names, &str); 7] = [
        ("850 / (68 * 0.83)", &[], "15.060241"),
        ("3000 / (9 / (42 / 60) * 0.83)", &[], "281.124498"),
        ("1.5 * 180 / (32 * 0.83)", &[], "10.165663"),
        ("2400 * bulk", &[("bulk", "1.25")], "3000.000000"),
        ("185 * (1 / prod)", &[("prod", "4.2")], "44.047619"),
        (
            "185 * ((dia + 0.6) * (dia + 0.25) - 0.7854 * (dia + 0.07) * (dia + 0.07))",
            &[("dia", "0.3")],
            "71.683567",
        ),
        (
            "prog_weeks * hours_per_week * 0.5",
            &[("prog_weeks", "7"), ("hours_per_week", "45")],
            "157.500000",
        ),
    ];
    for (text, names, expected) in cases {
        let result = eval_with(text, names).expect(text);
        let rounded = LineQty::from_decimal_rounded(result).map(|quantity| quantity.to_string());
        assert_eq!(rounded.as_deref(), Some(expected), "{text}");
    }
}

#[test]
fn a_syntax_error_points_at_the_character_and_says_what_to_do() {
    let cases = [
        ("", 0, "a number, a name or ( is expected, not the end"),
        ("=", 1, "a number, a name or ( is expected, not the end"),
        ("1,250", 1, "a comma only separates the arguments of a function; write 1250 for 1,250"),
        (
            "(1,250) * 2",
            2,
            "a comma only separates the arguments of a function; write 1250 for 1,250",
        ),
        ("1 +", 3, "a number, a name or ( is expected, not the end"),
        ("  1 + * 2", 6, "a number, a name or ( is expected, not *"),
        ("(1 + 2", 0, "the bracket at character 1 is not closed"),
        ("1 + 2)", 5, "this bracket was never opened"),
        ("3 m", 2, "an operator is expected, not m"),
        ("3m", 1, "an operator is missing after 3; to multiply, write *"),
        ("3 x 4", 2, "an operator is expected; to multiply, write *"),
        ("2(3)", 1, "an operator is expected, not ("),
        ("2.5%", 3, "a percent sign is not read here; write 2.5 / 100 for 2.5 %"),
        ("2^3", 1, "there are no powers; write x * x for x squared"),
        ("1 < 2 < 3", 6, "comparisons are not chained; write and(a < b, b < c)"),
        ("if(1, 2)", 0, "if takes three arguments: if(condition, then, else)"),
        (
            "if(1, 2, 3, 4)",
            10,
            "a comma only separates the arguments of a function; write 1250 for 1,250",
        ),
        ("abs(1, 2)", 0, "abs takes one argument, not 2"),
        ("min()", 4, "a number, a name or ( is expected, not )"),
        ("min + 1", 0, "min is a function: write min( … )"),
        (
            "sum(1, 2)",
            0,
            "there is no function sum; there are if, and, or, not, min, max, ceil, floor, round, abs",
        ),
        ("1.2.3", 3, "a number has one decimal point"),
        ("5.", 2, "a digit is expected after the point"),
        ("a.", 2, "a letter is expected after the dot of a."),
        ("1e5", 1, "an operator is missing after 1; to multiply, write *"),
        ("m²", 1, "'²' has no meaning in a formula"),
        ("12345678901234567890123456789", 0, "a number has at most 28 digits"),
    ];
    for (text, position, message) in cases {
        let error = Formula::parse(text).expect_err(text);
        assert_eq!((error.position, error.message.as_str()), (position, message), "{text:?}");
        assert_eq!(error.code(), "formula-syntax");
    }
}

#[test]
fn evaluation_fails_rather_than_guesses() {
    let cases = [
        ("10 / (5 - 5)", 3),
        ("79228162514264337593543950335 * 10", 0),
        ("7922816251426433759354395033 * 100", 29),
        ("7922816251426433759354395033 * 9 + 9922816251426433759354395033", 33),
        ("round(1, 0.5)", 0),
        ("round(1, 99)", 0),
        ("1 / 0.0000000000000000000000000001 / 0.0000000000000000000000000001", 35),
    ];
    for (text, position) in cases {
        let error = eval(text).expect_err(text);
        if error.code() != "formula-syntax" {
            assert_eq!(error.code(), "formula-evaluation-failed", "{text}");
        }
        assert_eq!(error.position, position, "{text}: {error}");
    }
    assert_eq!(eval("1 / 0").expect_err("zero").to_string(), "this divides by zero (character 3)");
}

#[test]
fn an_unknown_name_is_named_with_the_nearest_known_one() {
    let error = eval_with("2400 * bulkk", &[("bulk", "1.25")]).expect_err("unknown");
    assert_eq!(error.code(), "formula-name-unknown");
    assert_eq!(error.to_string(), "nothing here is called bulkk; is bulk meant? (character 8)");
}

#[test]
fn names_may_be_dotted_and_are_listed_once() {
    let formula = formula("parent.quantity * bulk + bulk / _x1 - Mātāwai");
    let names: Vec<&str> = formula.names().collect();
    assert_eq!(names, ["parent.quantity", "bulk", "_x1", "Mātāwai"]);
    assert_eq!(Formula::parse("12").map(|f| f.names().count()), Ok(0));
}

#[test]
fn a_variable_name_is_checked_before_it_is_defined() {
    for good in ["bulk", "_x", "Dia2", "kaitiaki_ā"] {
        assert_eq!(check_name(good), Ok(()), "{good}");
    }
    for (bad, position) in
        [("", 0), ("2x", 0), ("a b", 1), ("a.b", 1), ("Min", 0), ("a-b", 1), (&"n".repeat(65), 64)]
    {
        assert_eq!(check_name(bad).map_err(|error| error.position), Err(position), "{bad}");
    }
}

#[test]
fn limits_refuse_and_never_overflow() {
    let nested = |depth: usize| format!("{}1{}", "(".repeat(depth), ")".repeat(depth));
    assert_eq!(value(&nested(NESTING_MAX)), Decimal::ONE);
    assert!(Formula::parse(&nested(NESTING_MAX + 1)).is_err());
    assert!(Formula::parse(&"(".repeat(SOURCE_LENGTH_MAX)).is_err());
    assert!(Formula::parse(&"-".repeat(SOURCE_LENGTH_MAX)).is_err());
    assert!(Formula::parse(&"if(".repeat(300)).is_err());
    let long = format!("1{}", "+1".repeat(499));
    assert_eq!(value(&long), decimal("500"));
    assert!(Formula::parse(&format!("{long}+1")).is_err());
    assert!(Formula::parse(&"n".repeat(NAME_LENGTH_MAX)).is_ok());
    assert!(Formula::parse(&"n".repeat(NAME_LENGTH_MAX + 1)).is_err());
    let error = formula("a + a").eval(&mut |_, _| Ok(Decimal::ONE), &Steps::limited(2));
    assert_eq!(error.expect_err("two steps").code(), "formula-evaluation-failed");
}

#[test]
fn numbers_keep_their_decimals_and_expressions_their_text() {
    for text in
        ["0.83", "12", "0.830", "-5", "0", "0.00", "=1+1", "1 +  2", ".5", "007", "-0", "+3"]
    {
        let formula = formula(text);
        assert_eq!(formula.text(), text);
        assert_eq!(formula.to_string(), text);
        let json = serde_json::to_string(&formula).expect("writes");
        assert_eq!(json, format!("\"{text}\""));
        assert_eq!(serde_json::from_str::<Formula>(&json).expect("reads"), formula);
    }
    assert_eq!(formula(" 0.83 ").as_number(), Some(decimal("0.83")));
    assert_eq!(formula("9 / (42 / 60)").as_number(), None);
    assert_eq!(
        formula("9 / (42 / 60)").constant().map(|v| v.round_dp(6)),
        Some(decimal("12.857143"))
    );
    assert_eq!(formula("1 / 0").constant(), None);
    assert_ne!(formula("1.0"), formula("1"));
    assert_eq!(Formula::number(decimal("1.50")), formula("1.50"));
    assert_eq!(Formula::number(-Decimal::ZERO).text(), "0");
    assert_eq!(Formula::number(Decimal::MAX).text().parse::<Decimal>(), Ok(Decimal::MAX));
    assert!(serde_json::from_str::<Formula>("12").is_err());
    assert!(serde_json::from_str::<Formula>("\"\"").is_err());
}

/// An expression tree of small decimals, its text, and its exact value as an integer over 10^scale.
#[derive(Debug, Clone)]
struct Exact {
    text: String,
    units: i128,
    scale: u32,
}

fn exact() -> impl Strategy<Value = Exact> {
    let leaf = (0_i128..1000, 0_u32..3).prop_map(|(units, scale)| Exact {
        text: Decimal::from_i128_with_scale(units, scale).to_string(),
        units,
        scale,
    });
    leaf.prop_recursive(4, 8, 2, |inner| {
        (inner.clone(), inner, 0..4_u8).prop_map(|(a, b, operation)| {
            let scale = a.scale.max(b.scale);
            let left = a.units * 10_i128.pow(scale - a.scale);
            let right = b.units * 10_i128.pow(scale - b.scale);
            match operation {
                0 => {
                    Exact { text: format!("({} + {})", a.text, b.text), units: left + right, scale }
                }
                1 => {
                    Exact { text: format!("({} - {})", a.text, b.text), units: left - right, scale }
                }
                2 => Exact { text: format!("-{}", a.text), units: -a.units, scale: a.scale },
                _ => Exact {
                    text: format!("{}*{}", a.text, b.text),
                    units: a.units * b.units,
                    scale: a.scale + b.scale,
                },
            }
        })
    })
}

proptest! {
    #[test]
    fn sums_and_products_equal_exact_integers(expression in exact()) {
        // Eight leaves of at most three digits each stay within 28 digits.
        let expected = Decimal::from_i128_with_scale(expression.units, expression.scale);
        prop_assert_eq!(eval(&expression.text), Ok(expected), "{}", expression.text);
    }

    #[test]
    fn quotients_round_as_exact_fractions_do(
        a in 1_i128..10_000_000, b in 1_i128..100_000, c in 1_i128..100_000,
    ) {
        let text = format!("{a} / ({b} * {c} / 1000)");
        let rounded = LineQty::from_decimal_rounded(eval(&text).expect("divides"));
        let units = crate::estimating::number::round_div(a * 1000 * 1_000_000, b * c);
        prop_assert_eq!(rounded, i64::try_from(units).ok().and_then(LineQty::from_units));
    }

    #[test]
    fn what_is_read_prints_as_it_was_typed(expression in exact()) {
        let formula = Formula::parse(&expression.text).expect("reads");
        prop_assert_eq!(formula.text(), expression.text.as_str());
        prop_assert_eq!(Formula::parse(&formula.to_string()), Ok(formula));
    }

    #[test]
    fn no_text_panics(text in "\\PC{0,80}|[-+*/()<>=!,. a-c0-9]{0,80}|((if|min|round|and|or|not|[0-9]|[-+*/(),.x])){0,60}") {
        if let Ok(formula) = Formula::parse(&text) {
            let steps = Steps::new();
            let _ = formula.eval(&mut |_, _| Ok(Decimal::MAX), &steps);
            let _ = formula.eval(&mut |_, _| Ok(Decimal::ZERO), &Steps::new());
            prop_assert!(formula.names().all(|name| name.chars().count() <= NAME_LENGTH_MAX));
            prop_assert_eq!(formula.text(), text.trim());
        } else if let Err(error) = Formula::parse(&text) {
            prop_assert!(error.position <= text.chars().count());
        }
    }
}
