//! The `identity` layer: who may sign in, who is signed in, and for how long.
//!
//! It knows people and sessions; it may not know routing. Sessions live in memory: a restart
//! signs everybody out.

#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing))]

mod people;
mod sessions;
mod token;

pub use people::{Identity, Member};
pub use sessions::{SESSION_IDLE_MAX, SESSION_LIFE_MAX, Session, Sessions};
pub use token::Token;

/// How people prove who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInMethod {
    /// Not at all: anyone picks a name from the list. Served on loopback only.
    Development,
}

/// Why somebody was not signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignInRefused {
    /// There is no such person.
    #[error("there is no such person")]
    Unknown,
    /// The person may not sign in any more (BR-117).
    #[error("this person is deactivated and cannot sign in")]
    Deactivated,
    /// The operating system gave no randomness for a token.
    #[error("no secure token can be made")]
    NoRandomness,
}
