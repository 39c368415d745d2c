//! Who is signed in: sessions by token, with a sliding and an absolute end.

use super::token::{self, Token, TokenHash};
use crate::estimating::id::{OrganisationId, UserId};
use parking_lot::RwLock;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// A session nobody used for this long is over.
pub const SESSION_IDLE_MAX: Duration = Duration::from_secs(12 * 3600);
/// A session is over after this long, used or not.
pub const SESSION_LIFE_MAX: Duration = Duration::from_secs(14 * 24 * 3600);
/// Sessions of one person; the one longest unused makes room.
const SESSIONS_PER_USER_MAX: usize = 50;
/// Sessions of everyone; those that are over are swept out when it is reached.
const SESSIONS_MAX: usize = 20_000;

/// Somebody signed in.
#[derive(Debug)]
pub struct Session {
    /// Who.
    pub user: UserId,
    /// In which organisation.
    pub organisation: OrganisationId,
    /// When they signed in, microseconds since 1970, UTC.
    pub started_at_us: i64,
    used_at_us: AtomicI64,
}

impl Session {
    fn is_over(&self, now_us: i64) -> bool {
        let since = |at: i64| Duration::from_micros(now_us.saturating_sub(at).max(0) as u64);
        since(self.used_at_us.load(Ordering::Relaxed)) > SESSION_IDLE_MAX
            || since(self.started_at_us) > SESSION_LIFE_MAX
    }
}

/// Every session of this process.
#[derive(Debug, Default)]
pub struct Sessions {
    by_token: RwLock<HashMap<TokenHash, Arc<Session>>>,
}

impl Sessions {
    /// Starts a session; none when the operating system gives no randomness. O(sessions).
    pub fn start(&self, organisation: OrganisationId, user: UserId, now_us: i64) -> Option<Token> {
        let token = Token::fresh()?;
        let hash = token::hash(token.text())?;
        let session = Arc::new(Session {
            user,
            organisation,
            started_at_us: now_us,
            used_at_us: AtomicI64::new(now_us),
        });
        let mut sessions = self.by_token.write();
        sessions.retain(|_, s| !s.is_over(now_us));
        let own = |s: &Session| s.user == user;
        if sessions.len() >= SESSIONS_MAX {
            drop_longest_unused(&mut sessions, |_| true);
        } else if sessions.values().filter(|s| own(s)).count() >= SESSIONS_PER_USER_MAX {
            drop_longest_unused(&mut sessions, own);
        }
        sessions.insert(hash, session);
        Some(token)
    }

    /// The session a token stands for, used now; none when it is unknown or over. O(1).
    pub fn find(&self, token: &str, now_us: i64) -> Option<Arc<Session>> {
        let hash = token::hash(token)?;
        let session = self.by_token.read().get(&hash)?.clone();
        if session.is_over(now_us) {
            self.by_token.write().remove(&hash);
            return None;
        }
        session.used_at_us.fetch_max(now_us, Ordering::Relaxed);
        Some(session)
    }

    /// Ends the session of a token. O(1).
    pub fn end(&self, token: &str) {
        if let Some(hash) = token::hash(token) {
            self.by_token.write().remove(&hash);
        }
    }
}

fn drop_longest_unused(
    sessions: &mut HashMap<TokenHash, Arc<Session>>,
    of: impl Fn(&Session) -> bool,
) {
    let oldest = sessions
        .iter()
        .filter(|(_, s)| of(s))
        .min_by_key(|(_, s)| s.used_at_us.load(Ordering::Relaxed))
        .map(|(hash, _)| *hash);
    if let Some(hash) = oldest {
        sessions.remove(&hash);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const HOUR_US: i64 = 3_600_000_000;

    const ORG: OrganisationId = OrganisationId(Uuid::nil());

    fn user(n: u128) -> UserId {
        UserId(Uuid::from_u128(n))
    }

    #[test]
    fn a_token_finds_its_session_and_nothing_else_does() {
        let sessions = Sessions::default();
        let (one, two) =
            (sessions.start(ORG, user(1), 0).unwrap(), sessions.start(ORG, user(2), 0).unwrap());
        assert_ne!(one.text(), two.text());
        assert_eq!(one.text().len(), 64);
        assert_eq!(sessions.find(one.text(), 1).unwrap().user, user(1));
        assert!(sessions.find(&one.text()[1..], 1).is_none());
        assert!(sessions.find(&"0".repeat(64), 1).is_none());
        assert_eq!(format!("{one:?}"), "Token(secret)");
    }

    #[test]
    fn a_session_slides_with_use_and_ends_without() {
        let sessions = Sessions::default();
        let token = sessions.start(ORG, user(1), 0).unwrap();
        assert!(sessions.find(token.text(), 11 * HOUR_US).is_some());
        assert!(sessions.find(token.text(), 22 * HOUR_US).is_some());
        assert!(sessions.find(token.text(), 35 * HOUR_US).is_none());
        assert!(sessions.find(token.text(), 22 * HOUR_US).is_none());
    }

    #[test]
    fn a_session_ends_for_good_after_its_life_however_much_used() {
        let sessions = Sessions::default();
        let token = sessions.start(ORG, user(1), 0).unwrap();
        for hour in (0..=14 * 24).step_by(6) {
            assert!(sessions.find(token.text(), hour * HOUR_US).is_some(), "hour {hour}");
        }
        assert!(sessions.find(token.text(), (14 * 24 + 1) * HOUR_US).is_none());
    }

    #[test]
    fn signing_out_ends_the_session_at_once() {
        let sessions = Sessions::default();
        let token = sessions.start(ORG, user(1), 0).unwrap();
        sessions.end(token.text());
        assert!(sessions.find(token.text(), 0).is_none());
    }

    #[test]
    fn the_session_longest_unused_makes_room() {
        let sessions = Sessions::default();
        let tokens: Vec<Token> = (0..=SESSIONS_PER_USER_MAX as i64)
            .map(|n| sessions.start(ORG, user(1), n).unwrap())
            .collect();
        assert!(sessions.find(tokens[0].text(), 100).is_none());
        assert!(sessions.find(tokens[1].text(), 100).is_some());
    }
}
