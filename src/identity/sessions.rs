//! Who is signed in: sessions by token, with a sliding and an absolute end.

use super::token::{Token, session_hash};
use crate::estimating::id::{OrganisationId, UserId};
use crate::workspace::control::{SecretHash, SessionRow};
use parking_lot::RwLock;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tokio::sync::watch;

/// Sessions of one person in one organisation; the one longest unused makes room.
const SESSIONS_PER_USER_MAX: usize = 50;
/// Sessions of everyone; the one longest unused makes room.
const SESSIONS_MAX: usize = 20_000;

/// How long sessions last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetimes {
    /// A session nobody used for this long is over.
    pub idle: Duration,
    /// A session is over after this long, used or not.
    pub life: Duration,
}

impl Default for Lifetimes {
    fn default() -> Self {
        Lifetimes {
            idle: Duration::from_secs(12 * 3600),
            life: Duration::from_secs(14 * 24 * 3600),
        }
    }
}

/// How a session ended before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionEnd {
    /// The person, an Admin or the provider ended it, or another made room.
    SignedOut,
    /// The person may not sign in any more (BR-117).
    Deactivated,
}

/// Somebody signed in.
#[derive(Debug)]
pub struct Session {
    /// The hash of its token.
    pub(super) hash: SecretHash,
    /// Who, where and how, as it was when it began.
    pub row: SessionRow,
    used_at_us: AtomicI64,
    /// The newest use that the ledger knows.
    noted_at_us: AtomicI64,
    end: watch::Sender<Option<SessionEnd>>,
}

impl Session {
    fn of(hash: SecretHash, row: SessionRow) -> Session {
        Session {
            hash,
            used_at_us: AtomicI64::new(row.used_at_us),
            noted_at_us: AtomicI64::new(row.used_at_us),
            row,
            end: watch::Sender::new(None),
        }
    }

    /// When it was last used, microseconds since 1970, UTC.
    pub fn used_at_us(&self) -> i64 {
        self.used_at_us.load(Ordering::Relaxed)
    }

    /// Tells when it ends before its time.
    pub fn ending(&self) -> watch::Receiver<Option<SessionEnd>> {
        self.end.subscribe()
    }

    fn is_over(&self, now_us: i64, lifetimes: Lifetimes) -> bool {
        let since = |at: i64| Duration::from_micros(now_us.saturating_sub(at).max(0) as u64);
        since(self.used_at_us()) > lifetimes.idle || since(self.row.started_at_us) > lifetimes.life
    }

    /// Its row as of its newest use.
    fn row_now(&self) -> SessionRow {
        SessionRow { used_at_us: self.used_at_us(), ..self.row.clone() }
    }
}

/// Every session, in memory.
#[derive(Debug)]
pub struct Sessions {
    by_token: RwLock<HashMap<SecretHash, Arc<Session>>>,
    lifetimes: Lifetimes,
}

impl Sessions {
    /// The sessions that a ledger has.
    pub fn of(rows: Vec<(SecretHash, SessionRow)>, lifetimes: Lifetimes) -> Sessions {
        let by_token = rows.into_iter().map(|(hash, row)| (hash, Arc::new(Session::of(hash, row))));
        Sessions { by_token: RwLock::new(by_token.collect()), lifetimes }
    }

    /// How long they last.
    pub fn lifetimes(&self) -> Lifetimes {
        self.lifetimes
    }

    /// Starts a session: gives its token, itself, and those that made room for it; none when the
    /// operating system gives no randomness. O(sessions).
    pub fn start(&self, row: SessionRow) -> Option<(Token, Arc<Session>, Vec<SecretHash>)> {
        let token = Token::fresh()?;
        let hash = token.hash();
        let session = Arc::new(Session::of(hash, row));
        let mut gone = Vec::new();
        let mut sessions = self.by_token.write();
        if sessions.len() >= SESSIONS_MAX {
            gone.extend(longest_unused(&sessions, |_| true));
        }
        let row = &session.row;
        let own = |s: &Session| s.row.user == row.user && s.row.organisation == row.organisation;
        if sessions.values().filter(|s| own(s)).count() >= SESSIONS_PER_USER_MAX {
            gone.extend(longest_unused(&sessions, own));
        }
        for hash in &gone {
            end_in(&mut sessions, hash, SessionEnd::SignedOut);
        }
        sessions.insert(hash, session.clone());
        Some((token, session, gone))
    }

    /// The session a token stands for, used now; none when it is unknown or over, and how it ended
    /// where that is still known. O(1).
    pub fn find(&self, token: &str, now_us: i64) -> Result<Arc<Session>, Option<SessionEnd>> {
        let hash = session_hash(token).ok_or(None)?;
        let session = self.by_token.read().get(&hash).cloned().ok_or(None)?;
        if session.is_over(now_us, self.lifetimes) {
            return Err(None);
        }
        if let Some(end) = *session.end.borrow() {
            return Err(Some(end));
        }
        session.used_at_us.fetch_max(now_us, Ordering::Relaxed);
        Ok(session)
    }

    /// The sessions that `which` picks and that last at `now_us`, newest use first. O(sessions).
    pub fn all(&self, now_us: i64, which: impl Fn(&Session) -> bool) -> Vec<Arc<Session>> {
        let sessions = self.by_token.read();
        let lasting = sessions
            .values()
            .filter(|s| s.end.borrow().is_none() && !s.is_over(now_us, self.lifetimes) && which(s));
        let mut found: Vec<Arc<Session>> = lasting.cloned().collect();
        found.sort_by_key(|s| (std::cmp::Reverse(s.used_at_us()), s.row.id));
        found
    }

    /// Ends a session. One of a person who was deactivated stays known until its time is over, so
    /// that whoever comes with it is told why. O(1).
    pub fn end(&self, hash: &SecretHash, how: SessionEnd) {
        end_in(&mut self.by_token.write(), hash, how);
    }

    /// Ends the sessions of a person in an organisation. O(sessions).
    pub fn end_of(&self, organisation: OrganisationId, user: UserId, how: SessionEnd) {
        let mut sessions = self.by_token.write();
        let theirs = |s: &&Arc<Session>| s.row.user == user && s.row.organisation == organisation;
        let hashes: Vec<SecretHash> = sessions.values().filter(theirs).map(|s| s.hash).collect();
        for hash in &hashes {
            end_in(&mut sessions, hash, how);
        }
    }

    /// Forgets the sessions whose time is over, and gives their hashes. O(sessions).
    pub fn sweep(&self, now_us: i64) -> Vec<SecretHash> {
        let mut sessions = self.by_token.write();
        let over: Vec<SecretHash> = sessions
            .values()
            .filter(|s| s.is_over(now_us, self.lifetimes))
            .map(|s| s.hash)
            .collect();
        for hash in &over {
            end_in(&mut sessions, hash, SessionEnd::SignedOut);
        }
        over
    }

    /// The sessions used since the ledger was told, as told now. O(sessions).
    pub fn used(&self) -> Vec<(SecretHash, SessionRow)> {
        let sessions = self.by_token.read();
        let mut used = Vec::new();
        for session in sessions.values().filter(|s| s.end.borrow().is_none()) {
            let row = session.row_now();
            if session.noted_at_us.fetch_max(row.used_at_us, Ordering::Relaxed) < row.used_at_us {
                used.push((session.hash, row));
            }
        }
        used
    }
}

fn end_in(sessions: &mut HashMap<SecretHash, Arc<Session>>, hash: &SecretHash, how: SessionEnd) {
    let session = match how {
        SessionEnd::SignedOut => sessions.remove(hash),
        SessionEnd::Deactivated => sessions.get(hash).cloned(),
    };
    if let Some(session) = session {
        session.end.send_if_modified(|end| end.replace(how).is_none());
    }
}

fn longest_unused(
    sessions: &HashMap<SecretHash, Arc<Session>>,
    of: impl Fn(&Session) -> bool,
) -> Option<SecretHash> {
    sessions.values().filter(|s| of(s)).min_by_key(|s| s.used_at_us()).map(|s| s.hash)
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

    fn row(user: UserId, at: i64) -> SessionRow {
        SessionRow {
            id: Uuid::now_v7(),
            user,
            organisation: ORG,
            started_at_us: at,
            used_at_us: at,
            address: "127.0.0.1".into(),
            agent: "".into(),
            provider: None,
            provider_session: None,
            subject: None,
        }
    }

    fn none() -> Sessions {
        Sessions::of(Vec::new(), Lifetimes::default())
    }

    fn start(sessions: &Sessions, who: u128, at: i64) -> Token {
        sessions.start(row(user(who), at)).unwrap().0
    }

    #[test]
    fn a_token_finds_its_session_and_nothing_else_does() {
        let sessions = none();
        let (one, two) = (start(&sessions, 1, 0), start(&sessions, 2, 0));
        assert_ne!(one.text(), two.text());
        assert_eq!(one.text().len(), 64);
        assert_eq!(sessions.find(one.text(), 1).unwrap().row.user, user(1));
        assert!(sessions.find(&one.text()[1..], 1).is_err());
        assert!(sessions.find(&"0".repeat(64), 1).is_err());
        assert_eq!(format!("{one:?}"), "Token(secret)");
    }

    #[test]
    fn a_session_slides_with_use_and_ends_without() {
        let sessions = none();
        let token = start(&sessions, 1, 0);
        assert!(sessions.find(token.text(), 11 * HOUR_US).is_ok());
        assert!(sessions.find(token.text(), 22 * HOUR_US).is_ok());
        assert!(sessions.find(token.text(), 35 * HOUR_US).is_err());
        assert_eq!(sessions.sweep(35 * HOUR_US).len(), 1);
        assert!(sessions.find(token.text(), 22 * HOUR_US).is_err());
    }

    #[test]
    fn a_session_ends_for_good_after_its_life_however_much_used() {
        let sessions = none();
        let token = start(&sessions, 1, 0);
        for hour in (0..=14 * 24).step_by(6) {
            assert!(sessions.find(token.text(), hour * HOUR_US).is_ok(), "hour {hour}");
        }
        assert!(sessions.find(token.text(), (14 * 24 + 1) * HOUR_US).is_err());
    }

    #[test]
    fn whoever_is_deactivated_is_told_and_whoever_waits_hears_of_it() {
        let sessions = none();
        let (one, two) = (start(&sessions, 1, 0), start(&sessions, 2, 0));
        let ending = sessions.find(one.text(), 0).unwrap().ending();
        sessions.end_of(ORG, user(1), SessionEnd::Deactivated);
        assert_eq!(*ending.borrow(), Some(SessionEnd::Deactivated));
        assert_eq!(sessions.find(one.text(), 0).unwrap_err(), Some(SessionEnd::Deactivated));
        assert!(sessions.find(two.text(), 0).is_ok());
        sessions.sweep(13 * HOUR_US);
        assert_eq!(sessions.find(one.text(), 0).unwrap_err(), None);
    }

    #[test]
    fn a_use_is_told_once_and_sessions_are_there_after_a_restart() {
        let sessions = none();
        let token = start(&sessions, 1, 0);
        assert!(sessions.used().is_empty());
        sessions.find(token.text(), 5).unwrap();
        let used = sessions.used();
        assert_eq!(used[0].1.used_at_us, 5);
        assert!(sessions.used().is_empty());
        let again = Sessions::of(used, Lifetimes::default());
        assert_eq!(again.find(token.text(), 6).unwrap().row.user, user(1));
    }

    #[test]
    fn the_session_longest_unused_makes_room() {
        let sessions = none();
        let tokens: Vec<Token> =
            (0..=SESSIONS_PER_USER_MAX as i64).map(|n| start(&sessions, 1, n)).collect();
        assert!(sessions.find(tokens[0].text(), 100).is_err());
        assert!(sessions.find(tokens[1].text(), 100).is_ok());
    }
}
