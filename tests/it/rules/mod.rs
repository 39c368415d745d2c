//! Every rule that is enforced, broken over the API and seen by its code, and kept just inside.
//!
//! One file per area of the catalogue. A rule has two tests: `br_013_broken` does what it forbids
//! and sees its code, `br_013_kept` goes as far as it allows. `coverage` fails when one is missing.

mod access;
mod audit;
mod clones;
mod commercials;
mod coverage;
mod documents;
mod estimates;
mod handover;
mod items;
mod locks;
mod offer;
mod programmes;
mod quotes;
mod recipes;
mod resources;
mod settled;
mod snapshots;
mod submission;
mod support;
mod tenders;
mod thresholds;
mod transfer;
mod worksheets;
