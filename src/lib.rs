//! oxFlow: a tender-estimating appliance for construction contractors.
//!
//! Modules are layers: each may use the ones declared before it, never the ones after.
//! `tests/architecture.rs` holds the list and fails on an import against it.

pub mod cli;
pub mod connect;
pub mod documents;
pub mod estimating;
pub mod http;
pub mod identity;
pub mod jobs;
pub mod ledger;
pub mod vault;
pub mod workspace;
