//! The `connect` layer: what this server asks of others, and the secrets it does that with.
//!
//! Every request to an address that a person, or another server, has a say in goes through
//! [`Outgoing`]: it reaches nothing of the network this server stands in that the administrator has
//! not named.

#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

mod addresses;
mod outgoing;
pub mod secrets;

pub use addresses::is_public;
pub use outgoing::{Answer, Destination, Outgoing, OutgoingError, chain};
