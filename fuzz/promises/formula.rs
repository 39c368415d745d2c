//! Formulas: read, printed, worked out within their budget.

use oxflow::estimating::formula::{Formula, FormulaError, SOURCE_LENGTH_MAX, STEPS_MAX, Steps};
use rust_decimal::Decimal;

/// Formulas of every kind.
pub fn seeds() -> Vec<Vec<u8>> {
    [
        "12.50",
        "-0.83",
        "=1 + 2 * 3 - 4 / 5",
        "9 / (42 / 60)",
        "if(quantity > 100, 0.83, 0.9)",
        "and(bulk >= 1, not(parent.quantity = 0), or(1 <> 2, 3 <= 4))",
        "min(1, max(2, 3), abs(-4))",
        "round(ceil(1 / 3 * 3) + floor(2.5), 2)",
        "((((1))))",
        "2 × 3 ÷ 4 − 1",
        "round(12345.6789, -2)",
        "79228162514264337593543950335 * 10",
        "1 / 0",
        "(",
    ]
    .map(|text| text.as_bytes().to_vec())
    .to_vec()
}

/// Reads a formula and works it out.
pub fn keeps(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let formula = match Formula::parse(&text) {
        Ok(formula) => formula,
        Err(error) => return is_told(&error, &text),
    };
    let printed = formula.text();
    assert!(printed.chars().count() <= SOURCE_LENGTH_MAX, "a formula is longer than any may be");
    let again = Formula::parse(&printed).expect("what a formula prints is a formula");
    assert_eq!(again, formula, "a formula reads the same again");
    assert!(formula.names().all(|name| printed.contains(name)), "its names are in its text");

    let (value, left) = worked_out(&formula, STEPS_MAX);
    assert_eq!(worked_out(&again, STEPS_MAX), (value.clone(), left), "the same comes out again");
    if let Some(constant) = formula.constant() {
        assert_eq!(value, Ok(constant), "what needs no name is a constant");
    }
    if let Err(error) = &value {
        is_told(error, &printed);
    }
    // With fewer steps than it takes there is no value, and never another one.
    let (short, _) = worked_out(&formula, (STEPS_MAX - left) / 2);
    assert!(short.is_err() || short == value, "a budget changes no value");
}

fn worked_out(formula: &Formula, budget: u32) -> (Result<Decimal, FormulaError>, u32) {
    let steps = Steps::limited(budget);
    let value = formula.eval(&mut |name, at| named(name, at), &steps);
    (value, steps.left())
}

/// The value of a name: most have one, of any size and sign.
fn named(name: &str, at: usize) -> Result<Decimal, FormulaError> {
    let sum = name.bytes().fold(7_i64, |sum, byte| sum.wrapping_mul(31) + i64::from(byte));
    if sum % 5 == 0 {
        return Err(FormulaError::unknown_name(at, name, ["quantity", "bulk"]));
    }
    Ok(Decimal::new(sum, u32::try_from(sum.rem_euclid(28)).unwrap_or_default()))
}

fn is_told(error: &FormulaError, text: &str) {
    assert!(error.position <= text.chars().count(), "a fault lies within the text: {error:?}");
    assert!(!error.message.is_empty() && error.code().starts_with("formula-"), "{error:?}");
}
