//! OpenID Connect: authorisation code with PKCE, state and nonce; what a provider says is believed
//! only with its signature on it.
//!
//! What a sign-in needs to be finished (state, nonce, verifier) is kept sealed in a cookie of the
//! browser that began it, so that nothing here grows with what strangers begin.

mod discovery;
mod flow;
mod provider;
mod verify;

pub(super) use flow::Replays;
pub use flow::{Callback, LoggedOut, Proved};
pub use provider::{Provider, ProviderSettings};
