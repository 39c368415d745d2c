//! Signing people in, and telling who a token stands for.

use super::{SignInMethod, SignInRefused, Token, sessions::Sessions};
use crate::estimating::id::{OrganisationId, UserId};
use crate::estimating::user::User;
use crate::workspace::control::Control;
use std::sync::Arc;

/// A person who is signed in, or may be.
#[derive(Clone, Debug)]
pub struct Member {
    /// The person, as of now.
    pub user: Arc<User>,
    /// The organisation the person belongs to.
    pub organisation: OrganisationId,
}

/// Who may sign in, and who has.
pub struct Identity {
    control: Arc<Control>,
    sessions: Sessions,
    method: SignInMethod,
}

impl Identity {
    /// Sign-in for the people of a data directory.
    pub fn new(control: Arc<Control>, method: SignInMethod) -> Identity {
        Identity { control, sessions: Sessions::default(), method }
    }

    /// How people prove who they are.
    pub fn method(&self) -> SignInMethod {
        self.method
    }

    /// The people who may sign in by picking their name, by name. O(n log n).
    pub fn people(&self) -> Vec<Arc<User>> {
        match self.method {
            SignInMethod::Development => {
                let directory = self.control.directory();
                let mut people: Vec<Arc<User>> =
                    directory.users.values().filter(|user| user.active).cloned().collect();
                people.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
                people
            }
        }
    }

    /// The people of an organisation who may sign in, by name. O(people).
    pub fn colleagues(&self, organisation: OrganisationId) -> Vec<Arc<User>> {
        let directory = self.control.directory();
        let colleagues = directory.users_of(organisation).filter(|user| user.active);
        let mut people: Vec<Arc<User>> = colleagues.cloned().collect();
        people.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
        people
    }

    /// Signs a person in. O(people + sessions).
    ///
    /// # Errors
    /// When there is no such person, the person is deactivated, or no token can be made.
    pub fn sign_in(&self, id: UserId, now_us: i64) -> Result<(Token, Member), SignInRefused> {
        let directory = self.control.directory();
        let (organisation, user) = directory.user(id).ok_or(SignInRefused::Unknown)?;
        if !user.active {
            return Err(SignInRefused::Deactivated);
        }
        let token =
            self.sessions.start(organisation, id, now_us).ok_or(SignInRefused::NoRandomness)?;
        Ok((token, Member { user: user.clone(), organisation }))
    }

    /// The person a token stands for; none when the session is over or the person has been
    /// deactivated since. O(log people).
    pub fn who(&self, token: &str, now_us: i64) -> Option<Member> {
        let session = self.sessions.find(token, now_us)?;
        let directory = self.control.directory();
        let user = directory.users.get(&(session.organisation, session.user))?;
        user.active.then(|| Member { user: user.clone(), organisation: session.organisation })
    }

    /// Ends the session of a token.
    pub fn sign_out(&self, token: &str) {
        self.sessions.end(token);
    }
}
