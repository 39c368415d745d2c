//! The link that makes whoever signs in first through it an Admin.

use super::token::{self, Token};
use crate::estimating::id::OrganisationId;
use crate::workspace::control::SecretHash;
use std::time::Duration;
use subtle::ConstantTimeEq;

/// How long the link is good for.
pub const SETUP_LIFE: Duration = Duration::from_secs(3600);

/// A link that was handed out. Whoever uses it takes it.
pub(super) struct Setup {
    hash: SecretHash,
    pub(super) organisation: OrganisationId,
    ends_at_us: i64,
}

impl Setup {
    /// A link and its secret; none when the operating system gives no randomness.
    pub(super) fn fresh(organisation: OrganisationId, now_us: i64) -> Option<(Token, Setup)> {
        let token = Token::fresh()?;
        let ends_at_us = now_us.saturating_add(SETUP_LIFE.as_micros() as i64);
        let setup = Setup { hash: token.hash(), organisation, ends_at_us };
        Some((token, setup))
    }

    /// Whether a secret is that of the link, in time.
    pub(super) fn fits(&self, secret: &str, now_us: i64) -> bool {
        let same: bool = token::hash(secret).ct_eq(&self.hash).into();
        same && now_us < self.ends_at_us
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn the_link_fits_its_secret_for_an_hour() {
        let (token, setup) = Setup::fresh(OrganisationId(Uuid::nil()), 0).unwrap();
        let hour = SETUP_LIFE.as_micros() as i64;
        assert!(setup.fits(token.text(), hour - 1));
        assert!(!setup.fits(token.text(), hour));
        assert!(!setup.fits(&"0".repeat(64), 0));
        assert!(!setup.fits("", 0));
    }
}
