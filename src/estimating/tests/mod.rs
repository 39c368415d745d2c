//! The estimate as a whole: the worked example, the rules, and live figures against fresh ones.

mod commercials;
mod golden;
mod library;
mod live;
mod rules;
