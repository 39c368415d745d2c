//! Tokens that programs come with.

use super::people::Identity;
use super::token::{API_PREFIX, Token, api_hash};
use crate::estimating::id::{OrganisationId, UserId};
use crate::estimating::user::Role;
use crate::workspace::control::{
    Access, ApiTokenRow, Asker, ControlError, Directory, SecretHash, TokenScope, plain_text,
};
use parking_lot::RwLock;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use subtle::ConstantTimeEq;
use uuid::Uuid;

/// The longest a token lasts, in days.
pub const TOKEN_DAYS_MAX: u32 = 366;
/// Tokens of one person in one organisation.
const TOKENS_PER_USER_MAX: usize = 50;
/// When a token was last used that never was.
const NEVER: i64 = i64::MIN;

/// The longest name of a token.
const TOKEN_NAME_CHARS_MAX: usize = 100;

/// A token to be made.
#[derive(Clone, Copy, Debug)]
pub struct NewToken<'a> {
    /// Whom it stands for.
    pub user: UserId,
    /// What it is for.
    pub name: &'a str,
    /// How much it may do.
    pub scope: TokenScope,
    /// How long it lasts.
    pub days: u32,
}

/// A token.
#[derive(Debug)]
pub struct ApiToken {
    /// Whose it is, and what it may do.
    pub row: ApiTokenRow,
    used_at_us: AtomicI64,
    noted_at_us: AtomicI64,
}

impl ApiToken {
    fn of(row: ApiTokenRow) -> ApiToken {
        let used = row.used_at_us.unwrap_or(NEVER);
        ApiToken { row, used_at_us: AtomicI64::new(used), noted_at_us: AtomicI64::new(used) }
    }

    /// When it was last used, microseconds since 1970, UTC; none when never.
    pub fn used_at_us(&self) -> Option<i64> {
        Some(self.used_at_us.load(Ordering::Relaxed)).filter(|at| *at != NEVER)
    }

    /// What whoever comes with it may do at most.
    pub fn role(&self, owner: Role) -> Role {
        match self.row.scope {
            TokenScope::Read | TokenScope::Write => owner.min(Role::LeadEstimator),
            TokenScope::Admin => owner,
        }
    }

    /// Whether it may change anything.
    pub fn reads_only(&self) -> bool {
        self.row.scope == TokenScope::Read
    }
}

/// Every token, in memory, by the start of its hash.
#[derive(Debug, Default)]
pub struct ApiTokens {
    by_start: RwLock<HashMap<[u8; 8], Vec<Arc<ApiToken>>>>,
}

impl ApiTokens {
    /// The tokens that a ledger has.
    pub fn of(rows: Vec<ApiTokenRow>) -> ApiTokens {
        let tokens = ApiTokens::default();
        rows.into_iter().for_each(|row| tokens.put(row));
        tokens
    }

    /// The text of a fresh token; none when the operating system gives no randomness.
    pub fn fresh() -> Option<(Token, SecretHash)> {
        let token = Token::starting(API_PREFIX)?;
        let hash = token.hash();
        Some((token, hash))
    }

    /// Takes in a token.
    pub fn put(&self, row: ApiTokenRow) {
        let mut tokens = self.by_start.write();
        tokens.entry(start(&row.hash)).or_default().push(Arc::new(ApiToken::of(row)));
    }

    /// The token of a text, used now; none when it is unknown or over. What time tells is about
    /// the hash of a guess, and the whole hash is compared in constant time. O(1).
    pub fn find(&self, text: &str, now_us: i64) -> Option<Arc<ApiToken>> {
        let hash = api_hash(text)?;
        let tokens = self.by_start.read();
        let found = tokens.get(&start(&hash))?;
        let found = found.iter().find(|token| bool::from(token.row.hash.ct_eq(&hash)))?;
        if now_us >= found.row.ends_at_us {
            return None;
        }
        found.used_at_us.fetch_max(now_us, Ordering::Relaxed);
        Some(found.clone())
    }

    /// The tokens that `which` picks, oldest first. O(tokens).
    pub fn all(&self, which: impl Fn(&ApiTokenRow) -> bool) -> Vec<Arc<ApiToken>> {
        let tokens = self.by_start.read();
        let mut found: Vec<Arc<ApiToken>> =
            tokens.values().flatten().filter(|token| which(&token.row)).cloned().collect();
        found.sort_by_key(|token| (token.row.made_at_us, token.row.id));
        found
    }

    /// Forgets the tokens that `which` picks. O(tokens).
    pub fn drop_all(&self, which: impl Fn(&ApiTokenRow) -> bool) {
        let mut tokens = self.by_start.write();
        tokens.values_mut().for_each(|found| found.retain(|token| !which(&token.row)));
        tokens.retain(|_, found| !found.is_empty());
    }

    /// The tokens used since the ledger was told, as told now. O(tokens).
    pub fn used(&self) -> Vec<(OrganisationId, Uuid, ApiTokenRow)> {
        let tokens = self.by_start.read();
        let mut used = Vec::new();
        for token in tokens.values().flatten() {
            let at = token.used_at_us.load(Ordering::Relaxed);
            if token.noted_at_us.fetch_max(at, Ordering::Relaxed) < at {
                let row = ApiTokenRow { used_at_us: Some(at), ..token.row.clone() };
                used.push((row.organisation, row.id, row));
            }
        }
        used
    }
}

fn start(hash: &SecretHash) -> [u8; 8] {
    let mut start = [0; 8];
    start.iter_mut().zip(hash).for_each(|(to, from)| *to = *from);
    start
}

impl Identity {
    /// The tokens of a person, and for an Admin those of service accounts too, oldest first.
    pub fn tokens_of(&self, by: Asker) -> Vec<Arc<ApiToken>> {
        let directory = self.control.directory();
        self.tokens
            .all(|row| row.organisation == by.organisation && may_manage(row.user, by, &directory))
    }

    /// Makes a token; its text is told this once. Waits for the disk.
    ///
    /// # Errors
    /// `Invalid`, `NoUser` for somebody whose tokens are not for the asker to make, `Deactivated`,
    /// a ledger error.
    pub fn make_token(
        &self,
        new: NewToken<'_>,
        by: Asker,
        now_us: i64,
    ) -> Result<(Token, ApiTokenRow), ControlError> {
        let directory = self.control.directory();
        let owner = directory.user(by.organisation, new.user).ok_or(ControlError::NoUser)?;
        if !may_manage(new.user, by, &directory) {
            return Err(ControlError::NoUser);
        }
        if !owner.active {
            return Err(ControlError::Deactivated);
        }
        let invalid = |field, message: String| Err(ControlError::Invalid { field, message });
        let name = plain_text(new.name);
        if name.is_empty() || name.chars().count() > TOKEN_NAME_CHARS_MAX {
            return invalid("name", format!("A name has 1 to {TOKEN_NAME_CHARS_MAX} characters."));
        }
        if new.days == 0 || new.days > TOKEN_DAYS_MAX {
            return invalid("days", format!("A token lasts 1 to {TOKEN_DAYS_MAX} days."));
        }
        let own =
            self.tokens.all(|row| row.user == new.user && row.organisation == by.organisation);
        if own.len() >= TOKENS_PER_USER_MAX {
            let message = format!("One person has at most {TOKENS_PER_USER_MAX} tokens.");
            return invalid("name", message);
        }
        let fresh = ApiTokens::fresh();
        let (token, hash) = fresh.ok_or(ControlError::NoAccess("randomness for a token"))?;
        let life = Duration::from_secs(u64::from(new.days) * 24 * 3600);
        let row = ApiTokenRow {
            id: Uuid::now_v7(),
            organisation: by.organisation,
            user: new.user,
            name,
            scope: new.scope,
            hash,
            made_by: by.user,
            made_at_us: now_us,
            ends_at_us: now_us.saturating_add(life.as_micros() as i64),
            used_at_us: None,
        };
        let access = Access::Token(row.organisation, row.id, Some(row.clone()));
        self.control.set_access("make-token", by.user.bytes(), vec![access])?;
        self.tokens.put(row.clone());
        Ok((token, row))
    }

    /// Ends a token.
    ///
    /// # Errors
    /// `NoAccess` when the asker has no such token; a ledger error.
    pub fn end_token(&self, id: Uuid, by: Asker) -> Result<(), ControlError> {
        let found = self.tokens_of(by).into_iter().find(|token| token.row.id == id);
        let row = found.ok_or(ControlError::NoAccess("token"))?.row.clone();
        self.tokens.drop_all(|other| other.id == id);
        let access = Access::Token(row.organisation, row.id, None);
        self.control.set_access("end-token", by.user.bytes(), vec![access])
    }
}

/// Whether a person's tokens are for whoever asks to see, make and end: their own, and for an
/// Admin those of service accounts.
fn may_manage(user: UserId, by: Asker, directory: &Directory) -> bool {
    let service = || directory.user(by.organisation, user).is_some_and(|user| user.is_service());
    user == by.user || (by.role == Role::Admin && service())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(hash: SecretHash, scope: TokenScope) -> ApiTokenRow {
        ApiTokenRow {
            id: Uuid::now_v7(),
            organisation: OrganisationId(Uuid::nil()),
            user: UserId(Uuid::nil()),
            name: "n".into(),
            scope,
            hash,
            made_by: UserId(Uuid::nil()),
            made_at_us: 0,
            ends_at_us: 100,
            used_at_us: None,
        }
    }

    #[test]
    fn a_token_is_found_by_its_whole_text_until_it_ends() {
        let tokens = ApiTokens::default();
        let (token, hash) = ApiTokens::fresh().unwrap();
        tokens.put(row(hash, TokenScope::Read));
        assert!(token.text().starts_with("oxf_"));
        assert!(tokens.find(token.text(), 99).is_some());
        assert!(tokens.find(token.text(), 100).is_none());
        assert!(tokens.find(&token.text()[4..], 0).is_none());
        // A hash that only starts the same is another's.
        let mut near = hash;
        near[31] ^= 1;
        let other = ApiTokens::of(vec![row(near, TokenScope::Read)]);
        assert!(other.find(token.text(), 0).is_none());
        assert_eq!(tokens.used()[0].2.used_at_us, Some(99));
        assert!(tokens.used().is_empty());
        tokens.drop_all(|row| row.hash == hash);
        assert!(tokens.find(token.text(), 0).is_none());
    }

    #[test]
    fn a_token_does_less_than_its_owner_and_never_more() {
        for scope in [TokenScope::Read, TokenScope::Write] {
            let token = ApiToken::of(row([0; 32], scope));
            assert_eq!(token.role(Role::Admin), Role::LeadEstimator);
            assert_eq!(token.role(Role::Estimator), Role::Estimator);
        }
        let token = ApiToken::of(row([0; 32], TokenScope::Admin));
        assert_eq!(token.role(Role::Admin), Role::Admin);
        assert_eq!(token.role(Role::Estimator), Role::Estimator);
    }
}
