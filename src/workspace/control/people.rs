//! Who works in an organisation: added, given another role, deactivated.

use super::super::tables::{self, user_key};
use super::access::{self, ACCESS_TABLES};
use super::{Control, ControlError, Directory, check_name, codec};
use crate::{
    estimating::{
        heading::Stamp,
        id::{OrganisationId, UserId},
        user::{Organisation, Role, User},
    },
    ledger::{Change, SYSTEM_ACTOR, encode},
};
use std::sync::Arc;
use uuid::Uuid;

/// The longest e-mail address.
const EMAIL_CHARS_MAX: usize = 200;
/// The people of an organisation, deactivated ones too.
const PEOPLE_MAX: usize = 10_000;

/// Who asks for a change, as far as their sign-in goes.
#[derive(Clone, Copy, Debug)]
pub struct Asker {
    /// Where they work.
    pub organisation: OrganisationId,
    /// Who.
    pub user: UserId,
    /// What they may do: their role, or less with a token.
    pub role: Role,
}

impl Asker {
    /// Refuses whoever is no Admin (BR-116); `what` says what only an Admin does.
    ///
    /// # Errors
    /// `NotAdmin`.
    pub fn admin(&self, what: &'static str) -> Result<(), ControlError> {
        if self.role == Role::Admin { Ok(()) } else { Err(ControlError::NotAdmin(what)) }
    }
}

/// A person to be added.
#[derive(Clone, Copy, Debug)]
pub struct NewPerson<'a> {
    /// Name as records will show it.
    pub name: &'a str,
    /// E-mail address; none for a service account, which has tokens and no sign-in.
    pub email: Option<&'a str>,
    /// Role.
    pub role: Role,
}

/// New values for a person; what is none stays.
#[derive(Clone, Copy, Debug, Default)]
pub struct PersonPatch<'a> {
    /// The version whoever asks has read.
    pub version: u64,
    /// Name.
    pub name: Option<&'a str>,
    /// Role.
    pub role: Option<Role>,
    /// Whether the person may sign in.
    pub active: Option<bool>,
}

impl Control {
    /// Gives the organisation of whoever asks another name; documents and pages carry it from then
    /// on.
    ///
    /// # Errors
    /// `NotAdmin`, `NoOrganisation` for another one, or `Invalid` for a name that is empty or too
    /// long.
    pub fn rename(
        &self,
        id: OrganisationId,
        name: &str,
        by: Asker,
    ) -> Result<Arc<Organisation>, ControlError> {
        by.admin("gives the organisation another name")?;
        self.change("rename-organisation", by.user.bytes(), |directory, at_us| {
            let before = directory.organisation(id).filter(|row| row.id == by.organisation);
            let before = before.ok_or_else(|| ControlError::NoOrganisation(id.to_string()))?;
            check_name("name", name)?;
            let after = Organisation {
                name: name.trim().into(),
                version: before.version + 1,
                stamp: before.stamp.touched(by.user, at_us),
                ..Organisation::clone(before)
            };
            let change = Change {
                table: tables::ORGANISATIONS,
                key: id.bytes().to_vec(),
                before: Some(encode(&**before).map_err(codec)?),
                after: Some(encode(&after).map_err(codec)?),
            };
            Ok((vec![change], Arc::new(after)))
        })
    }

    /// Adds a person to an organisation in the name of the server.
    ///
    /// # Errors
    /// `Invalid` for an empty name or an e-mail address somebody has already.
    pub fn add_user(
        &self,
        organisation: OrganisationId,
        name: &str,
        email: &str,
        role: Role,
        by: Option<UserId>,
    ) -> Result<Arc<User>, ControlError> {
        let new = NewPerson { name, email: Some(email), role };
        self.add(organisation, new, by.map_or(SYSTEM_ACTOR, UserId::bytes))
    }

    /// Adds a person, or a service account, to the organisation of whoever asks. Somebody with
    /// that e-mail address in another organisation is the same person there and here, which
    /// nobody is told.
    ///
    /// # Errors
    /// `NotAdmin`; `Invalid` for a name or an e-mail address that is none, or one that somebody of
    /// the organisation has.
    pub fn invite(&self, new: NewPerson<'_>, by: Asker) -> Result<Arc<User>, ControlError> {
        by.admin("adds people")?;
        self.add(by.organisation, new, by.user.bytes())
    }

    fn add(
        &self,
        organisation: OrganisationId,
        new: NewPerson<'_>,
        actor: [u8; 16],
    ) -> Result<Arc<User>, ControlError> {
        self.change("add-user", actor, |directory, at_us| {
            if directory.organisation(organisation).is_none() {
                return Err(ControlError::NoOrganisation(organisation.to_string()));
            }
            let id = free_identity(directory, organisation, new.email)?;
            let stamp = Stamp::new(UserId(Uuid::from_bytes(actor)), at_us);
            let user = new_user(id, new, stamp)?;
            let change = user_change(organisation, None, Some(&user))?;
            Ok((vec![change], Arc::new(user)))
        })
    }

    /// Gives a person another name or role, or takes away or gives back the right to sign in. Past
    /// records keep their name. Who is deactivated loses every session and token of the
    /// organisation in the same commit (BR-117).
    ///
    /// # Errors
    /// `NotAdmin`, `NoUser`, `Stale`, `Invalid`, or `LastAdmin` when no active Admin would remain
    /// (BR-116).
    pub fn change_user(
        &self,
        id: UserId,
        patch: PersonPatch<'_>,
        by: Asker,
    ) -> Result<Arc<User>, ControlError> {
        by.admin("changes people")?;
        let organisation = by.organisation;
        let (after, left) = self.change("set-user", by.user.bytes(), |directory, at_us| {
            let before = directory.user(organisation, id).ok_or(ControlError::NoUser)?;
            if before.version != patch.version {
                return Err(ControlError::Stale(before.clone()));
            }
            let name = patch.name.unwrap_or(&before.name);
            check_name("name", name)?;
            let after = User {
                name: name.trim().into(),
                role: patch.role.unwrap_or(before.role),
                active: patch.active.unwrap_or(before.active),
                version: before.version + 1,
                stamp: before.stamp.touched(by.user, at_us),
                ..User::clone(before)
            };
            keep_an_admin(directory, organisation, before, &after)?;
            let left = before.active && !after.active;
            let mut changes = vec![user_change(organisation, Some(before), Some(&after))?];
            if left {
                for table in ACCESS_TABLES {
                    changes.extend(self.access_of(table, organisation, id)?);
                }
            }
            Ok((changes, (Arc::new(after), left)))
        })?;
        if left {
            tracing::info!(user = %id, "a person was deactivated");
        }
        Ok(after)
    }

    /// Gives a person the role that whoever proved who they are says they have; the last active
    /// Admin stays one (BR-116). Gives the person as they are then.
    ///
    /// # Errors
    /// `NoUser`; a ledger error.
    pub fn follow_role(
        &self,
        organisation: OrganisationId,
        id: UserId,
        role: Role,
    ) -> Result<Arc<User>, ControlError> {
        let kept = self.directory().user(organisation, id).cloned().ok_or(ControlError::NoUser)?;
        if kept.role == role {
            return Ok(kept);
        }
        let changed = self.change("follow-role", SYSTEM_ACTOR, |directory, at_us| {
            let before = directory.user(organisation, id).ok_or(ControlError::NoUser)?;
            let system = UserId(Uuid::from_bytes(SYSTEM_ACTOR));
            let after = User {
                role,
                version: before.version + 1,
                stamp: before.stamp.touched(system, at_us),
                ..User::clone(before)
            };
            keep_an_admin(directory, organisation, before, &after)?;
            let change = user_change(organisation, Some(before), Some(&after))?;
            Ok((vec![change], Arc::new(after)))
        });
        match changed {
            Err(ControlError::LastAdmin) => {
                tracing::warn!(user = %id, "the last Admin stays one whatever the provider says");
                Ok(kept)
            }
            changed => changed,
        }
    }

    /// The rows of a table of [`ACCESS_TABLES`] that a person of an organisation has, going.
    fn access_of(
        &self,
        table: crate::ledger::TableId,
        organisation: OrganisationId,
        user: UserId,
    ) -> Result<Vec<Change>, ControlError> {
        let mut gone = Vec::new();
        self.scan(table, &mut |key, row| {
            if access::owner(table, row)? == (organisation, user) {
                let (key, before) = (key.to_vec(), Some(row.to_vec()));
                gone.push(Change { table, key, before, after: None });
            }
            Ok(())
        })?;
        Ok(gone)
    }
}

/// Refuses a change after which no active Admin would be left (BR-116). A service account is no
/// person who could let anybody in.
fn keep_an_admin(
    directory: &Directory,
    organisation: OrganisationId,
    before: &User,
    after: &User,
) -> Result<(), ControlError> {
    let is_admin = |user: &User| user.active && user.role == Role::Admin && !user.is_service();
    let mut others = directory.users_of(organisation).filter(|user| user.id != before.id);
    if is_admin(before) && !is_admin(after) && !others.any(|user| is_admin(user)) {
        return Err(ControlError::LastAdmin);
    }
    Ok(())
}

/// The identity a new person of an organisation has: the one they have elsewhere, or a new one.
pub(super) fn free_identity(
    directory: &Directory,
    organisation: OrganisationId,
    email: Option<&str>,
) -> Result<UserId, ControlError> {
    if directory.users_of(organisation).count() >= PEOPLE_MAX {
        let message = format!("An organisation has at most {PEOPLE_MAX} people.");
        return Err(ControlError::invalid("email", message));
    }
    let Some(email) = email.map(str::trim) else { return Ok(UserId(Uuid::now_v7())) };
    let has = |user: &User| user.email.eq_ignore_ascii_case(email);
    if directory.users_of(organisation).any(|user| has(user)) {
        let message = format!("{email} belongs to somebody already.");
        return Err(ControlError::invalid("email", message));
    }
    let elsewhere = directory.users.values().find(|user| has(user));
    Ok(elsewhere.map_or_else(|| UserId(Uuid::now_v7()), |user| user.id))
}

/// A new row of a person.
pub(super) fn new_user(id: UserId, new: NewPerson<'_>, stamp: Stamp) -> Result<User, ControlError> {
    check_name("name", new.name)?;
    if let Some(email) = new.email {
        check_email(email)?;
    }
    Ok(User {
        id,
        name: new.name.trim().into(),
        email: new.email.unwrap_or_default().trim().into(),
        role: new.role,
        active: true,
        version: 1,
        stamp,
    })
}

fn check_email(email: &str) -> Result<(), ControlError> {
    let email = email.trim();
    let parts = email.split_once('@');
    let plain = |part: &str| !part.is_empty() && !part.contains(['@', '<', '>', ',', ';', '"']);
    let fits = parts.is_some_and(|(name, host)| plain(name) && plain(host))
        && !email.contains(|c: char| c.is_whitespace() || c.is_control())
        && email.chars().count() <= EMAIL_CHARS_MAX;
    if fits {
        return Ok(());
    }
    let message = format!(
        "An e-mail address such as mere@example.org, of at most {EMAIL_CHARS_MAX} characters."
    );
    Err(ControlError::invalid("email", message))
}

pub(super) fn user_change(
    organisation: OrganisationId,
    before: Option<&User>,
    after: Option<&User>,
) -> Result<Change, ControlError> {
    let id = before.or(after).map(|user| user.id.0).unwrap_or_default();
    let bytes = |user: Option<&User>| user.map(encode).transpose().map_err(codec);
    Ok(Change {
        table: tables::USERS,
        key: user_key(organisation.0, id),
        before: bytes(before)?,
        after: bytes(after)?,
    })
}
