//! The `identity` layer: who may sign in, who is signed in, and for how long.
//!
//! It knows people, sessions, API tokens and OpenID providers; it may not know routing. Sessions
//! and tokens are rows of the control ledger, by their hash, and are held in memory as well, so
//! that a request waits for no disk; when they were last used is noted from time to time
//! ([`Identity::keep_house`]).

#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing))]

mod admit;
mod api_tokens;
mod oidc;
mod people;
mod refused;
mod seal;
mod sessions;
mod setup;
mod token;

pub use api_tokens::{ApiToken, NewToken, TOKEN_DAYS_MAX};
pub use oidc::{Callback, LoggedOut, Proved, Provider, ProviderSettings};
pub use people::{Identity, Member, NotIn, Settings, SignInMethod, SignInSetup, Via, Visitor};
pub use refused::SignInRefused;
pub use sessions::{Lifetimes, Session, SessionEnd};
pub use setup::SETUP_LIFE;
pub use token::Token;
