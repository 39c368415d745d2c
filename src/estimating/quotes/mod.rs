//! Quotes: packages put to the market, bids on one basis, and the award (domain 2.8, BR-061 to
//! BR-074).
//!
//! [`normalise`] brings a bid to NZD excluding GST, [`compare`] levels the bids of a package and
//! ranks them, [`transfer`] gives what an award costs each member to the cent.

mod award;
mod book;
mod compare;
mod normalise;
mod package;
mod quote;
mod settled;

pub use award::{
    AWARD_RULES, Award, QUOTES_WANTED, Transferred, check_award, check_transfer, transfer,
};
pub use book::{Compared, Packages, Scope};
pub use compare::{ComparedLine, ComparedQuote, Comparison, compare};
pub use normalise::{NormalisedLine, NormalisedQuote, STATED_TOLERANCE, normalise};
pub use package::{
    Adjudication, AdjudicationState, Asked, Decision, Member, MemberId, Package, PackageMembers,
    check_asked, check_invited, check_packages,
};
pub use quote::{
    Adjustment, AdjustmentFigure, Currency, GstBasis, LinePrice, Origin, Quote, QuoteId, QuoteLine,
    QuoteState,
};

pub use settled::{GapPlug, expiring, gap_plugs, unsettled};

pub use super::commercials::PackageId;

use super::{
    refusal::Refusal,
    rules::{RuleId, Violation},
};

/// Rule BR-`number` is broken.
fn broken(number: u8, message: impl Into<String>) -> Violation {
    Violation::new(RuleId::br(number), message)
}

/// A figure would leave the range of money.
fn beyond(what: impl std::fmt::Display) -> Refusal {
    let message = format!("{what} is beyond the range of figures");
    Refusal::Invalid { field: None, message }
}

#[cfg(test)]
mod tests;
