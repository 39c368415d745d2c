//! Figures, formulas and positions come back from a stored row as they went in.

use std::fmt::Debug;

use oxflow::estimating::formula::Formula;
use oxflow::estimating::number::{Factor, LineQty, Money, Pct, Qty, Rate, SellRate, Uplift};
use oxflow::estimating::position::Position;
use oxflow::estimating::rules::RuleId;
use oxflow::estimating::units::UnitCode;
use oxflow::ledger::{Row, decode, encode};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound = "T: Serialize + DeserializeOwned")]
struct Stored<T>(T);

impl<T: Serialize + DeserializeOwned> Row for Stored<T> {
    const FORMAT: u8 = 1;
}

/// Stores a value, checks that it comes back, and answers the size of its row.
fn stored<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: T) -> usize {
    let row = Stored(value);
    let bytes = encode(&row).expect("encodes");
    assert_eq!(decode::<Stored<T>>(&bytes).expect("decodes"), row);
    bytes.len()
}

#[test]
fn numbers_are_stored_as_whole_units_in_few_bytes() {
    assert!(stored(Money::ZERO) == 2);
    assert!(stored("6148.34".parse::<Money>().expect("money")) <= 6);
    stored(Money::MIN);
    stored("7.2333".parse::<Rate>().expect("rate"));
    stored("118.005".parse::<SellRate>().expect("sell rate"));
    stored(Some("850".parse::<Qty>().expect("quantity")));
    stored(None::<Qty>);
    stored("15.060241".parse::<LineQty>().expect("line quantity"));
    stored("0.83".parse::<Factor>().expect("factor"));
    stored("-6.5".parse::<Pct>().expect("percent"));
    stored("1.34080230".parse::<Uplift>().expect("uplift"));
}

#[test]
fn a_number_beyond_its_bounds_is_not_read() {
    let wide = encode(&Stored(i64::MAX)).expect("encodes");
    assert!(decode::<Stored<Money>>(&wide).is_err());
    assert!(decode::<Stored<Money>>(&encode(&Stored(1_i64)).expect("encodes")).is_ok());
}

#[test]
fn formulas_keep_every_character_typed() {
    for text in ["0.83", "12", "0.830", "-5", "=1+1", "1 +  2", ".5", "007", "2400 * bulk × 2"] {
        stored(Formula::parse(text).expect(text));
    }
    let broken = encode(&Stored("1 +".to_owned())).expect("encodes");
    assert!(decode::<Stored<Formula>>(&broken).is_err());
}

#[test]
fn positions_units_and_rules_are_stored_compactly() {
    let last = Position::spread(10_000).pop().expect("ten thousand");
    assert!(stored(last) <= 5);
    assert!(stored("m3".parse::<UnitCode>().expect("unit")) == 4);
    assert!(stored(RuleId::br(13)) == 2);
    let empty = encode(&Stored(Vec::<u8>::new())).expect("encodes");
    assert!(decode::<Stored<Position>>(&empty).is_err());
    let no_rule = encode(&Stored(200_u8)).expect("encodes");
    assert!(decode::<Stored<RuleId>>(&no_rule).is_err());
}
