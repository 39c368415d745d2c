use proptest::prelude::*;
use rust_decimal::Decimal;

use super::*;

fn money(text: &str) -> Money {
    text.parse().expect("test figure")
}

fn decimal(text: &str) -> Decimal {
    text.parse().expect("test figure")
}

#[test]
fn every_stored_decimal_is_printed_and_read_back() {
    for text in ["0.00", "-0.01", "6148.34", "9999999999999.99", "-9999999999999.99"] {
        assert_eq!(money(text).to_string(), text);
    }
    assert_eq!("7.2333".parse::<Rate>().map(|v| v.to_string()), Ok("7.2333".into()));
    assert_eq!("15.060241".parse::<LineQty>().map(|v| v.to_string()), Ok("15.060241".into()));
    assert_eq!("1.3408023".parse::<Uplift>().map(|v| v.to_string()), Ok("1.34080230".into()));
    assert_eq!(".5".parse::<Qty>(), Ok(Qty::from_units(5000).expect("in bounds")));
    assert_eq!("-0".parse::<Money>(), Ok(Money::ZERO));
    assert_eq!("118.000000".parse::<Money>(), Ok(money("118")));
    assert_eq!(format!("{:>9}|{:<7}|", money("-1.5"), money("2")), "    -1.50|2.00   |");
}

#[test]
fn a_sell_rate_prints_two_to_four_decimals() {
    for (text, printed) in [("118", "118.00"), ("0.125", "0.125"), ("7.5565", "7.5565")] {
        assert_eq!(text.parse::<SellRate>().map(|v| v.to_string()), Ok(printed.into()));
    }
}

#[test]
fn what_is_not_a_plain_decimal_is_refused_at_its_character() {
    let cases = [
        ("", None),
        ("-", Some(1)),
        (".", Some(1)),
        ("5.", Some(2)),
        ("+5", Some(0)),
        ("1,250", Some(1)),
        ("1e3", Some(1)),
        ("1.2.3", Some(3)),
        ("5-", Some(1)),
        ("--5", Some(1)),
        (" 5", Some(0)),
        ("$5", Some(0)),
        ("1.005", Some(4)),
        ("NaN", Some(0)),
        ("٣", Some(0)),
        ("10000000000000.00", None),
        ("99999999999999999999999999999999999999", None),
        ("00000000000000000000000000000000000000001", None),
    ];
    for (text, position) in cases {
        let error = text.parse::<Money>().expect_err(text);
        assert_eq!(error.position(), position, "{text:?}: {error}");
    }
    let error = "12.345".parse::<Money>().expect_err("three decimals");
    assert_eq!(
        error.to_string(),
        "\"12.345\" has more than the 2 decimals of Money: character 6 would be lost"
    );
    let error = "1e9".parse::<Rate>().expect_err("exponent");
    assert_eq!(
        error.to_string(),
        "unexpected 'e' at character 2 of \"1e9\": exponents are not read"
    );
    let error = "123456789012".parse::<Qty>().expect_err("too large");
    assert_eq!(
        error.to_string(),
        "\"123456789012\" is outside the bounds of Qty, -99999999999.9999 to 99999999999.9999"
    );
}

#[test]
fn an_entered_rate_is_rounded_half_away_from_zero() {
    for (text, rounded) in [
        ("7.55652", "7.5565"),
        ("7.55655", "7.5566"),
        ("-7.55655", "-7.5566"),
        ("7.556549999999", "7.5565"),
        ("99.99995", "100.0000"),
    ] {
        assert_eq!(Rate::parse_rounded(text).map(|v| v.to_string()), Ok(rounded.into()), "{text}");
    }
}

#[test]
fn nothing_wraps_at_the_bounds() {
    assert_eq!(Money::MAX.checked_add(Money::from_units(1).expect("in bounds")), None);
    assert_eq!(Money::MIN.checked_sub(Money::from_units(1).expect("in bounds")), None);
    assert_eq!(Money::checked_sum([Money::MAX, Money::MAX, Money::MIN]), Some(Money::MAX));
    assert_eq!(Money::checked_sum([Money::MAX, Money::MAX]), None);
    assert_eq!(Money::from_units(i64::MIN), None);
    assert_eq!(Money::whole(i64::MAX), None);
    assert_eq!(-Money::MIN, Money::MAX);
    assert_eq!(amount(Qty::MAX, Rate::MAX), None);
    assert_eq!(cost_rate(Money::MAX, Qty::from_units(1).expect("in bounds")), None);
    assert_eq!(cost_rate(Money::ONE, Qty::ZERO), None);
    assert_eq!(Money::from_decimal_rounded(Decimal::MAX), None);
    assert_eq!(Uplift::from_decimal_rounded(Decimal::MIN), None);
}

#[test]
fn the_ties_of_the_worked_example_round_up() {
    let rate = Rate::parse_rounded("7.5565").expect("rate");
    assert_eq!(amount("4250".parse().expect("qty"), rate), Some(money("32115.13")));
    assert_eq!(
        LineQty::from_decimal_rounded(decimal("7.5301205")).map(|v| v.to_string()),
        Some("7.530121".into())
    );
    assert_eq!(
        LineQty::from_decimal_rounded(decimal("-7.5301205")).map(|v| v.to_string()),
        Some("-7.530121".into())
    );
}

#[test]
fn products_give_the_figures_of_the_worked_example() {
    let line = |quantity: &str, rate: &str| {
        line_cost(quantity.parse().expect("quantity"), rate.parse().expect("rate"))
    };
    assert_eq!(line("15.060241", "98"), Some(money("1475.90")));
    assert_eq!(line("281.124498", "118"), Some(money("33172.69")));
    assert_eq!(line("44.047619", "58.75"), Some(money("2587.80")));

    let pct = |text: &str| text.parse::<Pct>().expect("percent");
    assert_eq!(percent_of(money("1088.00"), pct("2.5")), Some(money("27.20")));
    assert_eq!(percent_of(money("491469.78"), pct("15")), Some(money("73720.47")));
    assert_eq!(percent_margin(money("427312.20"), pct("8")), Some(money("37157.58")));
    assert_eq!(percent_margin(money("1.00"), pct("100")), None);

    let rate_only = cost_rate(money("4709.75"), Qty::whole(100).expect("qty")).expect("rate");
    assert_eq!(rate_only.to_string(), "47.0975");
    let uplift = ratio_uplift(money("464469.78"), money("346411.83")).expect("uplift");
    assert_eq!(uplift.to_string(), "1.34080230");
    assert_eq!(uplifted_rate(rate_only, uplift, 2).map(|v| v.to_string()), Some("63.15".into()));
    assert_eq!(ratio_uplift(money("5"), Money::ZERO), Some(Uplift::ONE));

    let sell = sell_rate(money("8604.36"), "850".parse().expect("qty"), 2).expect("rate");
    assert_eq!(sell.to_string(), "10.12");
    assert_eq!(amount("850".parse().expect("qty"), sell), Some(money("8602.00")));
    assert_eq!(sell_rate(money("1"), Qty::ZERO, 2), None);
    assert_eq!(sell_rate(money("1"), Qty::ONE, 5), None);
    assert_eq!(
        sell_rate(money("149.99"), Qty::whole(100).expect("qty"), 0).map(|v| v.to_string()),
        Some("1.00".into())
    );

    let gst = |text: &str| rate_without_gst(text.parse().expect("rate"), pct("15"));
    assert_eq!(gst("8.69").map(|v| v.to_string()), Some("7.5565".into()));
    assert_eq!(gst("322.00").map(|v| v.to_string()), Some("280.0000".into()));
    assert_eq!(
        rate_from_currency("10".parse().expect("rate"), "1.085".parse().expect("factor"))
            .map(|v| v.to_string()),
        Some("10.8500".into())
    );
}

#[test]
fn division_residue_does_not_move_a_rounding() {
    let third = Decimal::ONE / decimal("3");
    assert_eq!(settle(third * decimal("3")), Decimal::ONE);
    let tie = third * decimal("3.015");
    assert!(tie < decimal("1.005"));
    assert_eq!(Money::from_decimal_rounded(tie), Some(money("1.01")));
    assert_eq!(settle(decimal("12345678901234567890123")), decimal("12345678901234567890123"));
    assert_eq!(settle(decimal("0.00000000000000000000001")), Decimal::ZERO);
}

#[test]
fn json_carries_decimal_strings_and_refuses_json_numbers() {
    assert_eq!(serde_json::to_string(&money("6148.34")).expect("writes"), "\"6148.34\"");
    assert_eq!(serde_json::from_str::<Money>("\"6148.34\"").expect("reads"), money("6148.34"));
    for wrong in ["6148.34", "6148", "-1", "null", "true", "[]", "\"1.234\"", "\"\""] {
        assert!(serde_json::from_str::<Money>(wrong).is_err(), "{wrong}");
    }
    let error = serde_json::from_str::<Money>("6148").expect_err("a number");
    assert!(
        error.to_string().starts_with(
            "invalid type: integer `6148`, expected Money as a decimal string with at most 2 \
             decimals, in quotes"
        ),
        "{error}"
    );
}

proptest! {
    #[test]
    fn printing_and_reading_round_trip(units in -UNITS_MAX..=UNITS_MAX) {
        let money = Money::from_units(units).expect("in bounds");
        prop_assert_eq!(money.to_string().parse::<Money>(), Ok(money));
        let rate = SellRate::from_units(units).expect("in bounds");
        prop_assert_eq!(rate.to_string().parse::<SellRate>(), Ok(rate));
        prop_assert_eq!(Uplift::from_decimal_rounded(
            Uplift::from_units(units).expect("in bounds").to_decimal()), Uplift::from_units(units));
    }

    #[test]
    fn no_text_panics_and_what_is_read_is_in_bounds(text in "\\PC{0,50}|-?[0-9.,e+]{0,45}") {
        for value in [text.parse::<Money>(), Money::parse_rounded(&text)].into_iter().flatten() {
            prop_assert!(value.units().abs() <= UNITS_MAX);
        }
    }

    #[test]
    fn rounding_is_half_away_from_zero(value in any::<i64>(), divisor in 1_i64..1_000_000_000) {
        let (value, divisor) = (i128::from(value), i128::from(divisor));
        let rounded = round_div(value, divisor);
        let twice_off = 2 * (rounded * divisor - value);
        prop_assert!(twice_off.abs() <= divisor);
        if twice_off.abs() == divisor {
            prop_assert!(rounded.abs() * divisor > value.abs());
        }
    }

    #[test]
    fn a_line_cost_equals_the_decimal_product(
        quantity in -999_999_999_i64..999_999_999, rate in -9_999_999_i64..9_999_999,
    ) {
        let quantity = LineQty::from_units(quantity).expect("in bounds");
        let rate = Rate::from_units(rate).expect("in bounds");
        let exact = quantity.to_decimal() * rate.to_decimal();
        prop_assert_eq!(line_cost(quantity, rate), Money::from_decimal_rounded(exact));
    }
}
