//! The figures of rules that an organisation sets for itself: from where on an award wants more
//! quotes (BR-072), from where on somebody else approves (BR-094), what rounding may leave
//! (BR-085).

use super::{
    heading::Stamp,
    id::UserId,
    number::{Money, NumberError, Pct, percent_of},
    refusal::Refusal,
    typed,
};
use serde::{Deserialize, Serialize};
use std::{str::FromStr, sync::LazyLock};

const AWARD: Money = whole(20_000);
const APPROVAL: Money = whole(1_000_000);
const MISCLOSE: Money = whole(1);
/// 0.05 percent.
const MISCLOSE_PERCENT: Pct = match Pct::from_units(500) {
    Some(percent) => percent,
    None => Pct::ZERO,
};

const fn whole(dollars: i64) -> Money {
    match Money::whole(dollars) {
        Some(money) => money,
        None => Money::ZERO,
    }
}

/// The figures of an organisation; one row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thresholds {
    /// A package awarded above this has three conforming quotes (BR-072).
    pub award: Money,
    /// Above this price, excluding GST, another Lead approves than changed rules last (BR-094).
    pub approval: Money,
    /// What rounded rates may miss the target by, however small the price (BR-085).
    pub misclose: Money,
    /// The same in percent of the target; the larger of both holds.
    pub misclose_percent: Pct,
    /// Counts changes, from 1; 0 before there are any.
    pub version: u64,
    /// Who and when; none before there are any.
    pub stamp: Option<Stamp>,
}

impl Default for Thresholds {
    fn default() -> Self {
        Thresholds {
            award: AWARD,
            approval: APPROVAL,
            misclose: MISCLOSE,
            misclose_percent: MISCLOSE_PERCENT,
            version: 0,
            stamp: None,
        }
    }
}

static BUILT_IN: LazyLock<Thresholds> = LazyLock::new(Thresholds::default);

/// New values for some of the figures; absent ones stay as they are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ThresholdsFields {
    /// A package awarded above this has three conforming quotes.
    pub award: Option<String>,
    /// Above this price another Lead approves than changed rules last.
    pub approval: Option<String>,
    /// What rounded rates may miss the target by.
    pub misclose: Option<String>,
    /// The same in percent of the target.
    pub misclose_percent: Option<String>,
}

impl Thresholds {
    /// The figures of an organisation that has set none.
    pub fn built_in() -> &'static Thresholds {
        &BUILT_IN
    }

    /// What rounded rates may miss a target by without a balancing item (BR-085).
    pub fn misclose_of(&self, target: Money) -> Money {
        let share = percent_of(target.abs(), self.misclose_percent);
        share.unwrap_or(Money::MAX).max(self.misclose)
    }

    /// The figures with new values for some.
    ///
    /// # Errors
    /// What is no amount, or below zero; a percentage above 100.
    pub fn with(&self, set: &ThresholdsFields) -> Result<Thresholds, Refusal> {
        let mut row = self.clone();
        for (figure, field, text) in [
            (&mut row.award, "award", &set.award),
            (&mut row.approval, "approval", &set.approval),
            (&mut row.misclose, "misclose", &set.misclose),
        ] {
            let Some(text) = text else { continue };
            *figure = read(field, text)?;
            if figure.is_negative() {
                return Err(Refusal::invalid(field, "It is zero or more."));
            }
        }
        if let Some(text) = &set.misclose_percent {
            row.misclose_percent = read("misclosePercent", text)?;
            if !(0..=Pct::SCALE * 100).contains(&row.misclose_percent.units()) {
                let message = "It is 0 to 100 percent.";
                return Err(Refusal::invalid("misclosePercent", message));
            }
        }
        Ok(row)
    }

    /// Whether both have the same figures, whoever set them.
    pub fn says_the_same(&self, other: &Thresholds) -> bool {
        *self == Thresholds { version: self.version, stamp: self.stamp, ..other.clone() }
    }

    /// The row as the next change after `original`, the row before it.
    pub(super) fn followed(
        self,
        original: Option<&Thresholds>,
        by: UserId,
        at_us: i64,
    ) -> Thresholds {
        let stamp = match original.and_then(|original| original.stamp) {
            Some(stamp) => stamp.touched(by, at_us),
            None => Stamp::new(by, at_us),
        };
        let version = original.map_or(1, |original| original.version + 1);
        Thresholds { version, stamp: Some(stamp), ..self }
    }
}

fn read<T: FromStr<Err = NumberError>>(field: &'static str, text: &str) -> Result<T, Refusal> {
    text.trim()
        .parse()
        .map_err(|error: NumberError| Refusal::invalid(field, typed::sentence(&error.to_string())))
}
