//! From a proof of who somebody is to a session: which person that is, and what they may do.

use super::oidc::{Proved, Provider};
use super::people::{Identity, Member, Visitor, row};
use super::setup::Setup;
use super::{SignInRefused, Token};
use crate::estimating::id::{OrganisationId, UserId};
use crate::estimating::user::{Organisation, Role, User};
use crate::ledger::SYSTEM_ACTOR;
use crate::workspace::control::{Access, Asker, Directory, LinkRow, NewPerson, SessionRow};
use std::collections::BTreeSet;
use std::sync::Arc;
use uuid::Uuid;

impl Identity {
    /// A link that makes whoever signs in first through it an Admin of an organisation no Admin of
    /// which has ever signed in with a provider; none where there is no such organisation. The
    /// link there was is no good any more.
    pub fn offer_setup(&self, now_us: i64) -> Option<Token> {
        let directory = self.control.directory();
        let linked: BTreeSet<UserId> = self.links.lock().values().map(|link| link.user).collect();
        let admin =
            |user: &Arc<User>| user.active && user.role == Role::Admin && linked.contains(&user.id);
        let without = |o: &&Arc<Organisation>| !directory.users_of(o.id).any(admin);
        let organisation = directory.organisations.values().find(without)?;
        let (token, setup) = Setup::fresh(organisation.id, now_us)?;
        *self.setup.lock() = Some(setup);
        Some(token)
    }

    /// Whether the secret of a setup link is still good.
    pub(super) fn is_setup(&self, secret: &str, now_us: i64) -> bool {
        self.setup.lock().as_ref().is_some_and(|setup| setup.fits(secret, now_us))
    }

    /// Signs in whoever a provider has proved to be somebody; `setup` is the secret of the link
    /// they came by, `old` the session their browser had. Waits for the disk.
    ///
    /// # Errors
    /// When the person is not known and not to be made, is deactivated, or gets no role.
    pub fn admit(
        &self,
        proved: &Proved,
        setup: Option<&str>,
        old: Option<&str>,
        from: Visitor<'_>,
        now_us: i64,
    ) -> Result<(Token, Member), SignInRefused> {
        let provider = self.provider(&proved.provider).ok_or(SignInRefused::NotOffered)?;
        let directory = self.control.directory();
        let only = match &provider.settings.organisation {
            None => None,
            Some(slug) => {
                let found = directory.organisations.get(slug.as_str());
                let found = found.ok_or_else(|| {
                    tracing::error!(provider = %proved.provider, %slug, "no such organisation");
                    SignInRefused::NotInvited
                })?;
                Some(found.id)
            }
        };
        let role = self.role_of(provider, proved);
        let (organisation, user) = match setup {
            Some(secret) => self.first_admin(proved, only, secret, now_us)?,
            None => {
                let (organisation, user) = match self.known(proved, only, &directory)? {
                    Some(known) => known,
                    None => self.newcomer(provider, proved, only, role, &directory)?,
                };
                if role.is_none() && !provider.settings.roles.is_empty() {
                    // Who left every group has left.
                    provider.settings.first_role.ok_or(SignInRefused::NoRole)?;
                }
                match role {
                    Some(role) => {
                        (organisation, self.control.follow_role(organisation, user.id, role)?)
                    }
                    None => (organisation, user),
                }
            }
        };
        self.link(proved, user.id, now_us)?;
        let row = SessionRow {
            provider: Some(proved.provider.as_str().into()),
            provider_session: proved.session.as_deref().map(Into::into),
            subject: Some(proved.subject.as_str().into()),
            ..row(organisation, &user, from, now_us)
        };
        let started = self.start(row)?;
        if let Some(old) = old {
            self.sign_out(old, now_us)?;
        }
        tracing::info!(user = %user.id, provider = %proved.provider, "signed in");
        Ok(started)
    }

    /// The person a subject is known as, in an organisation where they are active: by its link, or
    /// the first time by the verified e-mail address of somebody who was added.
    fn known(
        &self,
        proved: &Proved,
        only: Option<OrganisationId>,
        directory: &Directory,
    ) -> Result<Option<(OrganisationId, Arc<User>)>, SignInRefused> {
        let linked = {
            let links = self.links.lock();
            links.get(&LinkRow::key(&proved.issuer, &proved.subject)).map(|link| link.user)
        };
        let id = match linked {
            Some(id) => Some(id),
            None => self.invited(proved, only, directory),
        };
        let Some(id) = id else { return Ok(None) };
        let mut memberships: Vec<_> = directory
            .memberships(id)
            .filter(|(organisation, user)| {
                !user.is_service() && only.is_none_or(|only| only == organisation.id)
            })
            .collect();
        if memberships.is_empty() {
            // Somebody who is known elsewhere is not made anew here.
            return if linked.is_some() { Err(SignInRefused::NotInvited) } else { Ok(None) };
        }
        memberships.retain(|(_, user)| user.active);
        let (organisation, user) = memberships.first().ok_or(SignInRefused::Deactivated)?;
        Ok(Some((organisation.id, (*user).clone())))
    }

    /// Somebody who was added with the verified e-mail address, and whom no other subject of the
    /// provider is: an address that was given to somebody else does not open the door of its
    /// former holder.
    fn invited(
        &self,
        proved: &Proved,
        only: Option<OrganisationId>,
        directory: &Directory,
    ) -> Option<UserId> {
        let email = proved.verified_email()?;
        let mut found = directory
            .users
            .iter()
            .filter(|((organisation, _), _)| only.is_none_or(|only| only == *organisation))
            .filter(|(_, user)| !user.is_service() && user.email.eq_ignore_ascii_case(email))
            .map(|((_, id), _)| *id);
        let id = found.next()?;
        if found.any(|other| other != id) {
            tracing::warn!(user = %id, "an e-mail address is that of several people");
            return None;
        }
        let taken = self.links.lock().values().any(|l| l.user == id && *l.issuer == *proved.issuer);
        if taken {
            tracing::warn!(user = %id, "another subject of the provider is this person already");
        }
        (!taken).then_some(id)
    }

    /// Makes a person of somebody nobody added, where the provider may bring such people.
    fn newcomer(
        &self,
        provider: &Provider,
        proved: &Proved,
        only: Option<OrganisationId>,
        role: Option<Role>,
        directory: &Directory,
    ) -> Result<(OrganisationId, Arc<User>), SignInRefused> {
        let may = !provider.settings.roles.is_empty() || provider.settings.first_role.is_some();
        if !may {
            // Told apart only to whoever has just signed in with the address.
            let unverified = proved.email.is_some() && proved.verified_email().is_none();
            return Err(if unverified {
                SignInRefused::NoEmail
            } else {
                SignInRefused::NotInvited
            });
        }
        let role = role.or(provider.settings.first_role).ok_or(SignInRefused::NoRole)?;
        let organisation = match only {
            Some(only) => only,
            None => self.control.sole_organisation().ok_or(SignInRefused::NotInvited)?.id,
        };
        let email = proved.email.as_deref().ok_or(SignInRefused::NoEmail)?;
        // Somebody has the address, and the proof is not that it is them.
        let taken = |user: &Arc<User>| user.email.eq_ignore_ascii_case(email);
        if directory.users.values().any(taken) {
            return Err(match proved.verified_email() {
                Some(_) => SignInRefused::NotInvited,
                None => SignInRefused::NoEmail,
            });
        }
        let user = self.control.add_user(organisation, proved.name(), email, role, None);
        Ok((organisation, user.map_err(not_added)?))
    }

    /// Makes the first Admin.
    fn first_admin(
        &self,
        proved: &Proved,
        only: Option<OrganisationId>,
        secret: &str,
        now_us: i64,
    ) -> Result<(OrganisationId, Arc<User>), SignInRefused> {
        let email = proved.email.as_deref().ok_or(SignInRefused::NoEmail)?;
        let directory = self.control.directory();
        let has = |user: &Arc<User>| user.email.eq_ignore_ascii_case(email);
        if proved.verified_email().is_none() && directory.users.values().any(has) {
            return Err(SignInRefused::NoEmail);
        }
        let setup = {
            // Taken out at once: a link is good for one sign-in, whatever comes of it.
            let mut offered = self.setup.lock();
            let fits = |s: &Setup| {
                s.fits(secret, now_us) && only.is_none_or(|only| only == s.organisation)
            };
            if !offered.as_ref().is_some_and(fits) {
                return Err(SignInRefused::SetupOver);
            }
            offered.take().ok_or(SignInRefused::SetupOver)?
        };
        let organisation = setup.organisation;
        let known = self.known(proved, Some(organisation), &directory)?;
        if let Some((_, user)) = known {
            let user = self.control.follow_role(organisation, user.id, Role::Admin)?;
            return Ok((organisation, user));
        }
        let by =
            Asker { organisation, user: UserId(Uuid::from_bytes(SYSTEM_ACTOR)), role: Role::Admin };
        let new = NewPerson { name: proved.name(), email: Some(email), role: Role::Admin };
        let user = self.control.invite(new, by).map_err(not_added)?;
        tracing::info!(user = %user.id, "the first Admin signed in");
        Ok((organisation, user))
    }

    /// The role that the provider's claims give; the highest of several.
    fn role_of(&self, provider: &Provider, proved: &Proved) -> Option<Role> {
        let roles = &provider.settings.roles;
        proved.roles.iter().filter_map(|value| roles.get(value)).max().copied()
    }

    /// Remembers whom a subject stands for.
    fn link(&self, proved: &Proved, user: UserId, now_us: i64) -> Result<(), SignInRefused> {
        let row = LinkRow {
            issuer: proved.issuer.as_str().into(),
            subject: proved.subject.as_str().into(),
            user,
            linked_at_us: now_us,
        };
        let key = LinkRow::key(&row.issuer, &row.subject);
        let mut links = self.links.lock();
        if links.get(&key).is_some_and(|known| known.user == user) {
            return Ok(());
        }
        self.control.set_access("link-person", user.bytes(), vec![Access::Link(row.clone())])?;
        links.insert(key, row);
        Ok(())
    }
}

fn not_added(error: crate::workspace::control::ControlError) -> SignInRefused {
    match error {
        crate::workspace::control::ControlError::Invalid { field: "email", .. } => {
            SignInRefused::NoEmail
        }
        error => error.into(),
    }
}
