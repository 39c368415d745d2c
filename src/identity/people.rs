//! Signing people in, and telling who a token stands for.

use super::api_tokens::{ApiToken, ApiTokens};
use super::oidc::{LoggedOut, Provider, ProviderSettings, Replays};
use super::seal::Seal;
use super::sessions::{Lifetimes, Session, SessionEnd, Sessions};
use super::setup::Setup;
use super::{SignInRefused, Token};
use crate::connect::{Destination, Outgoing};
use crate::estimating::id::{OrganisationId, UserId};
use crate::estimating::user::{Organisation, User};
use crate::ledger::SYSTEM_ACTOR;
use crate::workspace::control::{
    Access, Asker, Control, ControlError, LinkRow, NOTE_USE, PersonPatch, SecretHash, SessionRow,
    plain_text,
};
use parking_lot::Mutex;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// How people prove who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInMethod {
    /// Not at all: anyone picks a name from the list. Served on loopback only.
    Development,
    /// With an OpenID provider.
    Oidc,
}

/// What can be set about signing in.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How people prove who they are.
    pub method: SignInMethod,
    /// How long sessions last.
    pub lifetimes: Lifetimes,
    /// Whom oxFlow believes.
    pub providers: Vec<ProviderSettings>,
    /// Other servers that may be asked though they are in a private network.
    pub allowed: Vec<Destination>,
}

impl Settings {
    /// Development sign-in.
    pub fn development() -> Settings {
        Settings {
            method: SignInMethod::Development,
            lifetimes: Lifetimes::default(),
            providers: Vec::new(),
            allowed: Vec::new(),
        }
    }
}

/// Where a sign-in comes from, as text for people to recognise.
#[derive(Clone, Copy, Debug, Default)]
pub struct Visitor<'a> {
    /// Network address.
    pub address: &'a str,
    /// What the browser calls itself.
    pub agent: &'a str,
}

/// By what a person is let in.
#[derive(Clone, Debug)]
pub enum Via {
    /// They signed in.
    Session(Arc<Session>),
    /// A program of theirs came with a token.
    Token(Arc<ApiToken>),
}

/// A person who is let in.
#[derive(Clone, Debug)]
pub struct Member {
    /// The person, as of now; the role is at most that of the token they came with.
    pub user: Arc<User>,
    /// The organisation they work in.
    pub organisation: OrganisationId,
    /// By what they are let in.
    pub via: Via,
}

/// Why a token lets nobody in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotIn {
    /// It stands for nobody, or not any more.
    Nobody,
    /// The person was deactivated (BR-117).
    Deactivated,
}

/// Who may sign in, and who has.
pub struct Identity {
    pub(super) control: Arc<Control>,
    pub(super) sessions: Sessions,
    pub(super) tokens: ApiTokens,
    pub(super) links: Mutex<BTreeMap<SecretHash, LinkRow>>,
    pub(super) setup: Mutex<Option<Setup>>,
    pub(super) providers: Vec<Provider>,
    pub(super) seal: Seal,
    pub(super) replays: Mutex<Replays>,
    method: SignInMethod,
}

impl Identity {
    /// Sign-in for the people of a data directory.
    ///
    /// # Errors
    /// Settings of a provider that make no sense; a ledger that does not read; no randomness.
    pub fn new(control: Arc<Control>, settings: Settings) -> Result<Identity, SignInSetup> {
        let outgoing = Outgoing::new(settings.allowed);
        let outgoing = outgoing.map_err(|error| SignInSetup::Provider(error.to_string()))?;
        let providers = settings.providers.into_iter();
        let providers: Result<Vec<Provider>, String> =
            providers.map(|provider| Provider::new(provider, &outgoing)).collect();
        let providers = providers.map_err(SignInSetup::Provider)?;
        // A session is as good as what it was begun with: a name picked from a list, or a provider
        // that is believed no longer, opens nothing where people sign in with providers.
        let still_good = |row: &SessionRow| match (settings.method, &row.provider) {
            (SignInMethod::Development, _) => true,
            (SignInMethod::Oidc, None) => false,
            (SignInMethod::Oidc, Some(id)) => providers.iter().any(|p| p.settings.id == **id),
        };
        let (sessions, over): (Vec<_>, Vec<_>) =
            control.sessions()?.into_iter().partition(|(_, row)| still_good(row));
        let over = over.into_iter().map(|(hash, _)| Access::Session(hash, None)).collect();
        if let Err(error) = control.set_access("end-old-sessions", SYSTEM_ACTOR, over) {
            // They are no good in this process all the same.
            tracing::warn!(%error, "old sessions stay in the ledger");
        }
        Ok(Identity {
            sessions: Sessions::of(sessions, settings.lifetimes),
            tokens: ApiTokens::of(control.api_tokens()?),
            links: Mutex::new(control.links()?),
            setup: Mutex::default(),
            providers,
            seal: Seal::fresh().ok_or(SignInSetup::NoRandomness)?,
            replays: Mutex::default(),
            method: settings.method,
            control,
        })
    }

    /// How people prove who they are.
    pub fn method(&self) -> SignInMethod {
        self.method
    }

    /// How long a session lasts at most.
    pub fn session_life(&self) -> Duration {
        self.sessions.lifetimes().life
    }

    /// The people who may sign in by picking their name, by name. O(people * organisations).
    pub fn people(&self) -> Vec<Arc<User>> {
        match self.method {
            SignInMethod::Development => {
                let directory = self.control.directory();
                // Each as they are in the organisation they would come into.
                let everybody: BTreeSet<UserId> =
                    directory.users.keys().map(|(_, id)| *id).collect();
                let first =
                    |id| directory.memberships(id).map(|(_, user)| user).find(|u| may_sign_in(u));
                let mut people: Vec<Arc<User>> =
                    everybody.into_iter().filter_map(|id| first(id).cloned()).collect();
                people.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
                people
            }
            SignInMethod::Oidc => Vec::new(),
        }
    }

    /// The people of an organisation who may sign in, by name. O(people).
    pub fn colleagues(&self, organisation: OrganisationId) -> Vec<Arc<User>> {
        let directory = self.control.directory();
        let colleagues = directory.users_of(organisation).filter(|user| may_sign_in(user));
        let mut people: Vec<Arc<User>> = colleagues.cloned().collect();
        people.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
        people
    }

    /// Signs a person in who was picked from the list. Waits for the disk.
    ///
    /// # Errors
    /// When that is not how people sign in, there is no such person, they are deactivated, or it
    /// cannot be stored.
    pub fn sign_in(
        &self,
        id: UserId,
        from: Visitor<'_>,
        now_us: i64,
    ) -> Result<(Token, Member), SignInRefused> {
        if self.method != SignInMethod::Development {
            return Err(SignInRefused::NotOffered);
        }
        let directory = self.control.directory();
        let memberships: Vec<_> =
            directory.memberships(id).filter(|(_, user)| !user.is_service()).collect();
        if memberships.is_empty() {
            return Err(SignInRefused::Unknown);
        }
        let active = memberships.into_iter().find(|(_, user)| user.active);
        let (organisation, user) = active.ok_or(SignInRefused::Deactivated)?;
        self.start(row(organisation.id, user, from, now_us))
    }

    /// Starts a session, and ends what makes room for it.
    pub(super) fn start(&self, row: SessionRow) -> Result<(Token, Member), SignInRefused> {
        let (organisation, user) = (row.organisation, row.user);
        let started = self.sessions.start(row.clone());
        let (token, session, gone) = started.ok_or(SignInRefused::NoRandomness)?;
        let mut access: Vec<Access> =
            gone.into_iter().map(|hash| Access::Session(hash, None)).collect();
        access.push(Access::Session(session.hash, Some(row)));
        match self.control.set_access("sign-in", user.bytes(), access) {
            Ok(_) => {}
            // Nothing may change; to read, and to see why, people still sign in.
            Err(ControlError::Archive(why)) => {
                tracing::warn!(%why, %user, "signed in for as long as this server runs");
            }
            Err(error) => {
                self.sessions.end(&session.hash, SessionEnd::SignedOut);
                return Err(error.into());
            }
        }
        let directory = self.control.directory();
        let user = directory.user(organisation, user).filter(|user| user.active);
        let user = user.ok_or(SignInRefused::Deactivated)?.clone();
        Ok((token, Member { user, organisation, via: Via::Session(session) }))
    }

    /// The person a session token stands for. O(log people).
    ///
    /// # Errors
    /// When the session is over, or the person has been deactivated since.
    pub fn who(&self, token: &str, now_us: i64) -> Result<Member, NotIn> {
        let session = self.sessions.find(token, now_us).map_err(|end| match end {
            Some(SessionEnd::Deactivated) => NotIn::Deactivated,
            Some(SessionEnd::SignedOut) | None => NotIn::Nobody,
        })?;
        let (organisation, user) = (session.row.organisation, session.row.user);
        let directory = self.control.directory();
        let user = directory.user(organisation, user).ok_or(NotIn::Nobody)?;
        if !user.active {
            return Err(NotIn::Deactivated);
        }
        Ok(Member { user: user.clone(), organisation, via: Via::Session(session) })
    }

    /// The person an API token stands for, with no more than the token lets them do.
    /// O(log people).
    ///
    /// # Errors
    /// When it is unknown or over, or its owner has been deactivated.
    pub fn who_has(&self, token: &str, now_us: i64) -> Result<Member, NotIn> {
        let token = self.tokens.find(token, now_us).ok_or(NotIn::Nobody)?;
        let organisation = token.row.organisation;
        let directory = self.control.directory();
        let user = directory.user(organisation, token.row.user).ok_or(NotIn::Nobody)?;
        if !user.active {
            return Err(NotIn::Deactivated);
        }
        let role = token.role(user.role);
        let user = if role == user.role {
            user.clone()
        } else {
            Arc::new(User { role, ..User::clone(user) })
        };
        Ok(Member { user, organisation, via: Via::Token(token) })
    }

    /// Ends the session of a token. Waits for the disk.
    ///
    /// # Errors
    /// When it cannot be stored; it is over in this process all the same.
    pub fn sign_out(&self, token: &str, now_us: i64) -> Result<(), ControlError> {
        match self.sessions.find(token, now_us) {
            Ok(session) => self.end("sign-out", session.row.user, vec![session]),
            Err(_) => Ok(()),
        }
    }

    fn end(
        &self,
        command: &str,
        by: UserId,
        sessions: Vec<Arc<Session>>,
    ) -> Result<(), ControlError> {
        for session in &sessions {
            self.sessions.end(&session.hash, SessionEnd::SignedOut);
        }
        let access = sessions.iter().map(|session| Access::Session(session.hash, None));
        self.control.set_access(command, by.bytes(), access.collect())
    }

    /// The sessions of a person in an organisation, the one used last first. O(sessions).
    pub fn sessions_of(
        &self,
        organisation: OrganisationId,
        user: UserId,
        now_us: i64,
    ) -> Vec<Arc<Session>> {
        self.sessions.all(now_us, |s| s.row.user == user && s.row.organisation == organisation)
    }

    /// Ends one of the sessions of a person in an organisation.
    ///
    /// # Errors
    /// `NoAccess` when the person has no such session there; a ledger error.
    pub fn end_session(
        &self,
        organisation: OrganisationId,
        user: UserId,
        id: Uuid,
        now_us: i64,
    ) -> Result<(), ControlError> {
        let mut sessions = self.sessions_of(organisation, user, now_us);
        sessions.retain(|session| session.row.id == id);
        if sessions.is_empty() {
            return Err(ControlError::NoAccess("session"));
        }
        self.end("end-session", user, sessions)
    }

    /// Ends every session of whoever has `session`, in every organisation it could enter.
    ///
    /// # Errors
    /// A ledger error.
    pub fn sign_out_everywhere(&self, session: &Session, now_us: i64) -> Result<(), ControlError> {
        let user = session.row.user;
        let sessions = self.sessions.all(now_us, |other| {
            other.row.user == user && self.may_enter(session, other.row.organisation)
        });
        self.end("sign-out-everywhere", user, sessions)
    }

    /// Ends the sessions that a provider says are over there. One whose provider told no name of
    /// its session ends with any of the person.
    ///
    /// # Errors
    /// A ledger error.
    pub fn end_named(&self, named: &LoggedOut, now_us: i64) -> Result<(), ControlError> {
        let sessions = self.sessions.all(now_us, |session| {
            let row = &session.row;
            let same_person = row.subject.as_deref() == Some(&*named.subject);
            let same_session = match (&named.session, &row.provider_session) {
                (Some(named), Some(kept)) => **named == **kept,
                (None, _) | (_, None) => true,
            };
            row.provider.as_deref() == Some(&*named.provider) && same_person && same_session
        });
        let by = sessions.first().map(|session| session.row.user);
        by.map_or(Ok(()), |by| self.end("provider-sign-out", by, sessions))
    }

    /// Ends the sessions that began in one session of a provider, as a frame on its page for signing
    /// out asks: whoever knows the name of that session may. `issuer` is who says so, where it says.
    ///
    /// # Errors
    /// `NotOffered` for no such provider, `Unproved` for another issuer; when it cannot be stored.
    pub fn end_provider_session(
        &self,
        provider: &str,
        issuer: Option<&str>,
        session: &str,
        now_us: i64,
    ) -> Result<(), SignInRefused> {
        let known = self.provider(provider).ok_or(SignInRefused::NotOffered)?;
        if issuer.is_some_and(|issuer| issuer != known.settings.issuer) {
            return Err(SignInRefused::Unproved);
        }
        let sessions = self.sessions.all(now_us, |one| {
            one.row.provider.as_deref() == Some(provider)
                && one.row.provider_session.as_deref() == Some(session)
        });
        let by = sessions.first().map(|one| one.row.user);
        Ok(by.map_or(Ok(()), |by| self.end("provider-sign-out", by, sessions))?)
    }

    /// Ends every session that somebody has in the organisation of the Admin who asks.
    ///
    /// # Errors
    /// `NotAdmin`, `NoUser`, or a ledger error.
    pub fn end_sessions_of(
        &self,
        user: UserId,
        by: Asker,
        now_us: i64,
    ) -> Result<(), ControlError> {
        by.admin("ends the sessions of others")?;
        let directory = self.control.directory();
        directory.user(by.organisation, user).ok_or(ControlError::NoUser)?;
        let sessions = self.sessions_of(by.organisation, user, now_us);
        self.end("end-sessions", by.user, sessions)
    }

    /// Forgets which subjects of providers a person of the Admin's organisation is, and ends their
    /// sessions there: the next sign-in with their e-mail address links them anew. Gives how many
    /// there were.
    ///
    /// # Errors
    /// `NotAdmin`, `NoUser`; `Shared` for somebody who works in another organisation too; a ledger
    /// error.
    pub fn unlink(&self, user: UserId, by: Asker, now_us: i64) -> Result<usize, ControlError> {
        by.admin("unlinks people from providers")?;
        let directory = self.control.directory();
        directory.user(by.organisation, user).ok_or(ControlError::NoUser)?;
        if !directory.is_only_of(user, by.organisation) {
            return Err(ControlError::Shared);
        }
        // Held over the commit, so that nobody is linked in between.
        let mut links = self.links.lock();
        let of_user = |(key, link): (&_, &LinkRow)| (link.user == user).then_some(*key);
        let gone: Vec<_> = links.iter().filter_map(of_user).collect();
        let access = gone.iter().map(|key| Access::Unlink(*key)).collect();
        self.control.set_access("unlink-person", by.user.bytes(), access)?;
        links.retain(|key, _| !gone.contains(key));
        drop(links);
        if !gone.is_empty() {
            tracing::info!(user = %user, by = %by.user, "a person was unlinked");
            self.end_sessions_of(user, by, now_us)?;
        }
        Ok(gone.len())
    }

    /// In how many ways a person signs in with providers.
    pub fn links_of(&self, user: UserId) -> usize {
        self.links.lock().values().filter(|link| link.user == user).count()
    }

    /// Gives a person new values; who is deactivated is signed out at once, and their tokens are
    /// no more (BR-117). Waits for the disk.
    ///
    /// # Errors
    /// As [`Control::change_user`].
    pub fn change_user(
        &self,
        id: UserId,
        patch: PersonPatch<'_>,
        by: Asker,
    ) -> Result<Arc<User>, ControlError> {
        let after = self.control.change_user(id, patch, by)?;
        if !after.active {
            self.sessions.end_of(by.organisation, id, SessionEnd::Deactivated);
            self.tokens.drop_all(|row| row.user == id && row.organisation == by.organisation);
        }
        Ok(after)
    }

    /// The organisations that whoever has a session may work in, by name: where they are active,
    /// and where what they signed in with counts.
    pub fn organisations_of(&self, session: &Session) -> Vec<Arc<Organisation>> {
        let directory = self.control.directory();
        let active = directory.memberships(session.row.user).filter(|(_, user)| user.active);
        let open = active.filter(|(organisation, _)| self.may_enter(session, organisation.id));
        open.map(|(organisation, _)| organisation.clone()).collect()
    }

    /// Whether a session may be used for an organisation: a provider of one organisation says
    /// nothing about who somebody is in another.
    fn may_enter(&self, session: &Session, organisation: OrganisationId) -> bool {
        if session.row.organisation == organisation {
            return true;
        }
        match &session.row.provider {
            None => self.method == SignInMethod::Development,
            Some(id) => self.provider(id).is_some_and(|p| p.settings.organisation.is_none()),
        }
    }

    /// Goes on in another organisation with a session of its own; the one there was ends.
    ///
    /// # Errors
    /// `Unknown` for an organisation the person does not work in, which says no more than that
    /// there is none.
    pub fn switch(
        &self,
        session: &Arc<Session>,
        organisation: OrganisationId,
        now_us: i64,
    ) -> Result<(Token, Member), SignInRefused> {
        let open = self.organisations_of(session);
        if !open.iter().any(|one| one.id == organisation) {
            return Err(SignInRefused::Unknown);
        }
        let started = self.start(SessionRow {
            id: Uuid::now_v7(),
            organisation,
            used_at_us: now_us,
            ..session.row.clone()
        })?;
        self.end("switch-organisation", session.row.user, vec![session.clone()])?;
        Ok(started)
    }

    /// Notes when sessions and tokens were last used, and forgets sessions whose time is over: at
    /// most two commits, whoever is at work. To be called every few minutes, and before the end.
    ///
    /// # Errors
    /// A ledger error.
    pub fn keep_house(&self, now_us: i64) -> Result<(), ControlError> {
        let system = SYSTEM_ACTOR;
        let over = self.sessions.sweep(now_us).into_iter();
        let over = over.map(|hash| Access::Session(hash, None)).collect();
        self.control.set_access("end-old-sessions", system, over)?;
        let sessions = self.sessions.used().into_iter();
        let tokens = self.tokens.used().into_iter();
        let used = sessions.map(|(hash, row)| Access::Session(hash, Some(row)));
        let used = used.chain(tokens.map(|(org, id, row)| Access::Token(org, id, Some(row))));
        self.control.set_access(NOTE_USE, system, used.collect())
    }
}

/// Whether somebody is a person who may sign in.
fn may_sign_in(user: &User) -> bool {
    user.active && !user.is_service()
}

/// A new session of somebody.
pub(super) fn row(
    organisation: OrganisationId,
    user: &User,
    from: Visitor<'_>,
    now_us: i64,
) -> SessionRow {
    SessionRow {
        id: Uuid::now_v7(),
        user: user.id,
        organisation,
        started_at_us: now_us,
        used_at_us: now_us,
        address: plain_text(from.address),
        agent: plain_text(from.agent),
        provider: None,
        provider_session: None,
        subject: None,
    }
}

/// Why there is no signing in at all.
#[derive(Debug, thiserror::Error)]
pub enum SignInSetup {
    /// Settings of a provider.
    #[error("{0}")]
    Provider(String),
    /// The control ledger.
    #[error(transparent)]
    Control(#[from] ControlError),
    /// The operating system gives no randomness.
    #[error("the operating system gives no randomness")]
    NoRandomness,
}
