//! The units a new organisation starts with.

use super::{Conversion, Dimension, Unit, UnitCode};
use crate::estimating::number::Factor;

use Dimension::{Area, Count, Haul, Length, Mass, Money, Percent, Sum, Time, Volume};

/// Code, name, what it measures, other spellings. Spaces, dots and case are folded away when
/// matching, so `L.S.` needs no alias beside `LS`.
const UNITS: &[(&str, &str, Dimension, &[&str])] = &[
    ("LS", "lump sum", Sum, &["l/s", "lsum", "lump", "lpsm", "sum"]),
    ("PS", "provisional sum", Sum, &["prov sum", "provsum"]),
    ("PC", "prime cost sum", Sum, &["pc sum", "prime cost"]),
    ("%", "percent", Percent, &["per cent", "pct"]),
    ("$", "dollar", Money, &["dol", "dollars", "nzd"]),
    ("ea", "each", Count, &["no", "nos", "nr", "num", "number", "unit", "pcs", "piece"]),
    ("item", "item", Count, &["items"]),
    ("pr", "pair", Count, &["pairs", "prs"]),
    ("set", "set", Count, &["sets"]),
    ("load", "load", Count, &["loads", "lds"]),
    ("trip", "trip", Count, &["trips"]),
    ("visit", "visit", Count, &["visits"]),
    ("test", "test", Count, &["tests"]),
    ("bag", "bag", Count, &["bags"]),
    ("roll", "roll", Count, &["rolls"]),
    ("sheet", "sheet", Count, &["sheets", "sht"]),
    ("mm", "millimetre", Length, &["millimeter", "millimetres", "millimeters"]),
    ("m", "metre", Length, &["meter", "metres", "meters", "lin m", "linm", "lm", "mtr", "mtrs"]),
    ("km", "kilometre", Length, &["kilometer", "kilometres", "kilometers", "kms"]),
    ("m2", "square metre", Area, &["sq m", "sqm", "square metres", "square meter", "m sq"]),
    ("ha", "hectare", Area, &["hectares"]),
    ("m3", "cubic metre", Volume, &["cu m", "cum", "cubic metres", "cubic meter", "m cu"]),
    ("L", "litre", Volume, &["liter", "litres", "liters", "ltr", "ltrs"]),
    ("kg", "kilogram", Mass, &["kilograms", "kilo", "kilos", "kgs"]),
    ("t", "tonne", Mass, &["tonnes", "metric ton", "metric tonne"]),
    ("h", "hour", Time, &["hr", "hrs", "hours"]),
    ("day", "day", Time, &["days", "d"]),
    ("shift", "shift", Time, &["shifts"]),
    ("night", "night", Time, &["nights"]),
    ("wk", "week", Time, &["weeks", "wks"]),
    ("mth", "month", Time, &["months", "mths", "mo", "mos", "mnth"]),
    ("yr", "year", Time, &["years", "yrs"]),
    ("t.km", "tonne kilometre", Haul, &["tonne km"]),
    ("m3.km", "cubic metre kilometre", Haul, &["cum km"]),
    // US customary units, as public tender data has them: measures of their own.
    ("in", "inch", Length, &["inches"]),
    ("LF", "linear foot", Length, &["lft", "lin ft", "ft", "foot", "feet", "linear feet"]),
    ("yd", "yard", Length, &["yards", "yds", "lin yd"]),
    ("mile", "mile", Length, &["miles"]),
    ("SF", "square foot", Area, &["sft", "sq ft", "ft2", "square feet"]),
    ("SY", "square yard", Area, &["sys", "syd", "sq yd", "yd2", "square yards"]),
    ("acre", "acre", Area, &["acres", "acr"]),
    ("CF", "cubic foot", Volume, &["cft", "cu ft", "ft3", "cubic feet"]),
    ("CY", "cubic yard", Volume, &["cys", "cyd", "cu yd", "yd3", "cubic yards"]),
    ("gal", "US gallon", Volume, &["gallon", "gallons", "gals"]),
    ("MG", "thousand US gallons", Volume, &["m gal", "mgal", "kgal"]),
    ("lb", "pound", Mass, &["pounds", "lbs"]),
    ("ton", "US short ton", Mass, &["tons", "short ton"]),
];

/// One of the first is so many of the second. Only factors that six decimals hold exactly.
const CONVERSIONS: &[(&str, &str, &str)] = &[
    ("m", "mm", "1000"),
    ("km", "m", "1000"),
    ("ha", "m2", "10000"),
    ("m3", "L", "1000"),
    ("t", "kg", "1000"),
    ("LF", "in", "12"),
    ("yd", "LF", "3"),
    ("mile", "LF", "5280"),
    ("SY", "SF", "9"),
    ("acre", "SF", "43560"),
    ("CY", "CF", "27"),
    ("MG", "gal", "1000"),
    ("ton", "lb", "2000"),
    ("LF", "m", "0.3048"),
    ("yd", "m", "0.9144"),
    ("in", "mm", "25.4"),
];

pub(super) fn units() -> Vec<Unit> {
    let unit = |&(code, name, dimension, aliases): &(&str, &str, Dimension, &[&str])| Unit {
        code: UnitCode::literal(code),
        name: name.to_owned(),
        aliases: aliases.iter().map(|alias| (*alias).to_owned()).collect(),
        dimension,
        retired: false,
    };
    UNITS.iter().map(unit).collect()
}

pub(super) fn conversions() -> Vec<Conversion> {
    let conversion = |&(from, to, factor): &(&str, &str, &str)| Conversion {
        from: UnitCode::literal(from),
        to: UnitCode::literal(to),
        factor: factor.parse::<Factor>().expect("factors of the standard list are plain decimals"),
    };
    CONVERSIONS.iter().map(conversion).collect()
}
