//! A row made anew, every field as its treatment says, keyed by the salt.

use rust_decimal::Decimal;
use serde::{Serialize, de::DeserializeOwned};

use super::{
    MaskError, Salt, formula,
    made::Made,
    names::Dictionary,
    policy::{Node, Treatment},
    prose,
    walk::{Leaves, Place, Step, walk},
};
use crate::workspace::RowWork;

/// Steps of a jitter: the shift is one of twice as many.
const STEPS: i64 = 1_000_000;
/// Beyond this an amount is only ever made smaller, so that it stays one that can be stored.
const LARGE: i64 = 10_000_000_000;
/// Percent by which money in a formula moves at most.
const FIGURES_PERCENT: u32 = 15;
/// Decimals of the smallest step: cents.
const CENTS: u32 = 2;

/// Makes rows anew.
pub struct Masker<'a> {
    /// What everything is keyed by.
    pub salt: &'a Salt,
    /// Names and what stands instead.
    pub dictionary: &'a Dictionary,
    /// The table.
    pub table: &'static str,
    /// The row's key.
    pub key: &'a [u8],
    /// The treatments.
    pub node: &'a Node,
    /// The way to the field.
    pub route: Vec<Step>,
    /// Whether what was named last is money.
    pub money: bool,
}

impl RowWork for Masker<'_> {
    type Error = MaskError;

    fn work<T: Serialize + DeserializeOwned>(&mut self, row: &T) -> Result<Option<T>, MaskError> {
        let (table, node) = (self.table, self.node);
        let mut route = std::mem::take(&mut self.route);
        let made = walk(row, node, self, &mut route);
        self.route = route;
        let made = made.map_err(|error| in_table(table, error))?;
        made.read().map(Some).map_err(|error| MaskError::Row { table, why: error.to_string() })
    }
}

/// Says the table of an error that knows only the field.
pub fn in_table(table: &'static str, error: MaskError) -> MaskError {
    match error {
        MaskError::Untreated(field) => MaskError::Untreated(format!("{table}.{field}")),
        MaskError::Row { table: "", why } => MaskError::Row { table, why },
        error => error,
    }
}

impl Masker<'_> {
    fn number_for(&self, what: &[u8], route: &[Step]) -> u64 {
        let mut way = Vec::with_capacity(64);
        for step in route {
            match step {
                Step::Name(name) => way.extend_from_slice(name.as_bytes()),
                Step::At(at) => way.extend_from_slice(&at.to_be_bytes()),
            }
            way.push(0);
        }
        self.salt.number(&[what, self.table.as_bytes(), self.key, &way])
    }

    /// A figure of a formula: all of a row move alike.
    fn figure(&self, figure: &str) -> Option<String> {
        moved(figure, FIGURES_PERCENT, self.number_for(b"figure", &[]))
    }

    fn jitter(&self, at: &Place<'_>, text: &str, percent: u32, by_row: bool) -> Option<String> {
        moved(text, percent, self.number_for(b"jitter", if by_row { &[] } else { at.route }))
    }

    fn randomised(&self, at: &Place<'_>, text: &str) -> Option<String> {
        let random = self.number_for(b"randomise", at.route);
        if text.len() >= 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            let mac = self.salt.mac(&[b"hash", text.as_bytes()]);
            let digits = mac.iter().flat_map(|byte| [byte >> 4, byte & 15]).cycle();
            let digits = digits.filter_map(|digit| char::from_digit(digit.into(), 16));
            return Some(digits.take(text.len()).collect());
        }
        let value: Decimal = text.parse().ok()?;
        if value.is_zero() {
            return Some(text.to_owned());
        }
        // Two to fifteen percent.
        let made = Decimal::new(200 + (random % 1_300) as i64, 2);
        Some(apart(value, made, CENTS, random).to_string())
    }
}

/// An amount moved by up to so many percent; none for what is no decimal, or too large a one.
fn moved(text: &str, percent: u32, random: u64) -> Option<String> {
    let value: Decimal = text.parse().ok()?;
    if value.is_zero() {
        return Some(text.to_owned());
    }
    let mut shift = (random % (2 * STEPS as u64 + 1)) as i64 - STEPS;
    if value.abs() > Decimal::from(LARGE) {
        shift = -shift.abs();
    }
    let scale = value.scale().max(CENTS);
    let by = Decimal::new(shift, 6) * Decimal::from(percent) / Decimal::ONE_HUNDRED;
    let made = value.checked_mul(Decimal::ONE + by)?.round_dp(scale);
    Some(apart(value, made, scale, random).to_string())
}

/// `made`, or one step beside it where it is the value itself or nothing.
fn apart(value: Decimal, made: Decimal, scale: u32, random: u64) -> Decimal {
    let step = Decimal::new(1, scale);
    let cents = |value: Decimal| value.round_dp(scale.min(CENTS));
    let mut made = made;
    if cents(made) == cents(value) {
        let cent = Decimal::new(1, scale.min(CENTS));
        let down = random & 1 == 0 && value.abs() > cent + cent;
        let away = if value.is_sign_negative() == down { cent } else { -cent };
        made = if value.abs() < cent { fraction(value, step) } else { value + away };
    }
    if made.is_zero() { value + step } else { made }
}

/// Another value for one below a cent.
fn fraction(value: Decimal, step: Decimal) -> Decimal {
    if value.is_sign_negative() { value - step } else { value + step }
}

impl Leaves for Masker<'_> {
    fn builds(&self) -> bool {
        true
    }

    fn text(&mut self, at: &Place<'_>, text: &str) -> Result<Made, MaskError> {
        let unfit = |what: &str| MaskError::Row {
            table: self.table,
            why: format!("{} cannot be {what}", super::walk::path(at.route)),
        };
        Ok(Made::Text(match at.treatment {
            Treatment::Keep => text.to_owned(),
            Treatment::Drop => String::new(),
            Treatment::Fixed(text) => text.to_string(),
            Treatment::Scrub => {
                prose::scrub(self.dictionary, text).unwrap_or_else(|| text.to_owned())
            }
            Treatment::Rename if formula::is_number(text) => text.to_owned(),
            Treatment::Rename => {
                self.money = formula::is_money(text);
                formula::mask(self.dictionary, text, false, |figure| Some(figure.to_owned()))
            }
            Treatment::Formula => {
                formula::mask(self.dictionary, text, self.money, |figure| self.figure(figure))
            }
            Treatment::Email if text.trim().is_empty() => String::new(),
            Treatment::Email => self.dictionary.email(text),
            Treatment::Pseudonym(_) => match self.dictionary.pseudonym(text) {
                Some(name) => name.to_owned(),
                None if text.chars().any(char::is_alphanumeric) => {
                    return Err(unfit("a name that was not gathered"));
                }
                None => String::new(),
            },
            Treatment::Jitter { percent, by_row } => self
                .jitter(at, text, *percent, *by_row)
                .ok_or_else(|| unfit("moved: it is no decimal"))?,
            Treatment::Randomise => {
                self.randomised(at, text).ok_or_else(|| unfit("randomised: it is no decimal"))?
            }
        }))
    }

    fn number(&mut self, at: &Place<'_>, number: Made) -> Result<Made, MaskError> {
        Ok(match at.treatment {
            Treatment::Keep => number,
            Treatment::Drop => Made::Count(0),
            // A chance, in percent.
            Treatment::Randomise => {
                let random = 10 + self.number_for(b"randomise", at.route) % 81;
                let same = number == Made::Count(random);
                Made::Count(if same { random - 1 } else { random })
            }
            Treatment::Pseudonym(_)
            | Treatment::Jitter { .. }
            | Treatment::Email
            | Treatment::Scrub
            | Treatment::Rename
            | Treatment::Formula
            | Treatment::Fixed(_) => {
                let field = super::walk::path(at.route);
                let why =
                    format!("{field} is a whole number, which can be kept, dropped or randomised");
                return Err(MaskError::Row { table: self.table, why });
            }
        })
    }
}
