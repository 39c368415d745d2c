//! The `http` layer: routers, extractors, problem documents, the OpenAPI document, the live hub.
//!
//! One file for each resource: what travels, and the handlers. A handler extracts, asks the
//! workspace, answers; who may do what is decided by the workspace, which refuses, and here only
//! mapped to a problem document.

#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

pub mod acknowledgements;
pub mod app;
pub mod as_of;
pub mod assets;
pub mod attachments;
pub mod audit;
pub mod audit_access;
pub mod auth;
pub mod branding;
pub mod catalogue;
pub mod categorisations;
pub mod category_report;
pub mod checks;
pub mod comments;
pub mod commercials;
pub mod companies;
pub mod compare;
pub mod content;
pub mod cookies;
pub mod cors;
pub mod documents;
pub mod edits;
pub mod estimates;
pub mod etag;
pub mod exports;
pub mod extract;
pub mod filling;
pub mod formulas;
pub mod gate;
pub mod guard;
pub mod handovers;
pub mod headings;
pub mod health;
pub mod history;
pub mod imports;
pub mod items;
pub mod jobs;
pub mod layers;
pub mod leases;
pub mod library;
pub mod limits;
pub mod lines;
pub mod live;
pub mod metrics;
pub mod moments;
mod off_thread;
pub mod oidc;
pub mod openapi;
pub mod organisations;
pub mod package_report;
pub mod packages;
pub mod page;
pub mod people;
pub mod price_books;
mod prices;
pub mod problem;
pub mod programmes;
pub mod quote_files;
pub mod quote_shapes;
pub mod rate;
pub mod recipe_preview;
pub mod recipes;
pub mod reference;
pub mod references;
pub mod refusals;
pub mod reprice;
pub mod resources;
pub mod routes;
pub mod row;
pub mod rows;
pub mod rules;
pub mod schema;
pub mod serving;
pub mod session;
pub mod sessions;
pub mod settings;
pub mod snapshots;
mod submissions;
mod submitting;
pub mod tender_course;
pub mod tender_values;
pub mod tenders;
pub mod thresholds;
pub mod time;
pub mod tls;
pub mod tokens;
pub mod totals;
pub mod tree;
pub mod undo;
pub mod units;
pub mod usage;
pub mod vault;
pub mod worksheets;

pub use app::{App, Settings};
pub use guard::Site;
pub use rate::Allowances;
pub use routes::router;
