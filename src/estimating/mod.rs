//! The pure estimating domain: no I/O, no clock, no async; time and ids come in as arguments.

pub mod acknowledgement;
pub mod branding;
pub mod build_up;
pub mod by_name;
pub mod catalogue;
pub mod categorisation;
pub mod change;
pub mod commercials;
pub mod company;
pub mod compare;
pub mod content;
pub mod cost;
pub mod day;
pub mod edit;
pub mod estimate;
#[cfg(test)]
pub(crate) mod fault;
pub mod formula;
pub mod heading;
pub mod id;
pub mod item;
pub mod library;
pub mod limits;
pub mod nearest;
pub mod number;
pub mod position;
pub mod price_book;
pub mod quotes;
pub mod recipe;
pub mod reference;
pub mod refusal;
pub mod resource;
pub mod retention;
pub mod rules;
pub mod share;
pub mod submission;
pub mod tender;
pub mod tender_record;
pub mod thresholds;
mod typed;
pub mod units;
pub mod user;
pub mod warning;
pub mod worksheet;

#[cfg(test)]
mod tests;
