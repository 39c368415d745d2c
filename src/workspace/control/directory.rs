//! Organisations and people as readers see them.

use super::super::{People, rows::RowError, staging::Staging, tables};
use super::{CONTROL_FILE, ControlError, codec};
use crate::{
    estimating::{
        id::{OrganisationId, UserId},
        user::{Organisation, Role, User},
    },
    ledger::{LedgerError, Row, Snapshot, TableId, decode},
};
use arc_swap::ArcSwap;
use std::{collections::BTreeMap, ops::ControlFlow, sync::Arc};
use uuid::Uuid;

impl Row for User {
    const FORMAT: u8 = 1;
}

/// Organisations and users as readers see them.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    /// Organisations by slug.
    pub organisations: BTreeMap<Box<str>, Arc<Organisation>>,
    /// Users by organisation, then by identity. A person of several organisations is in each of
    /// them, by the same identity.
    pub users: BTreeMap<(OrganisationId, UserId), Arc<User>>,
    /// What makes this a staging copy, where it is one.
    pub staging: Option<Staging>,
}

impl Directory {
    /// The users of an organisation, oldest first.
    pub fn users_of(&self, organisation: OrganisationId) -> impl Iterator<Item = &Arc<User>> {
        let first = (organisation, UserId(Uuid::nil()));
        let last = (organisation, UserId(Uuid::max()));
        self.users.range(first..=last).map(|(_, user)| user)
    }

    /// A user of an organisation. O(log users).
    pub fn user(&self, organisation: OrganisationId, id: UserId) -> Option<&Arc<User>> {
        self.users.get(&(organisation, id))
    }

    /// A person in each organisation they belong to, active there or not. O(organisations).
    pub fn memberships(
        &self,
        id: UserId,
    ) -> impl Iterator<Item = (&Arc<Organisation>, &Arc<User>)> {
        let mut organisations: Vec<_> = self.organisations.values().collect();
        organisations.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
        organisations.into_iter().filter_map(move |o| Some((o, self.user(o.id, id)?)))
    }

    /// Whether a person belongs to this organisation and to no other. O(organisations).
    pub fn is_only_of(&self, id: UserId, organisation: OrganisationId) -> bool {
        let mut memberships = self.memberships(id);
        memberships.next().is_some_and(|(one, _)| one.id == organisation)
            && memberships.next().is_none()
    }

    /// An organisation. O(organisations).
    pub fn organisation(&self, id: OrganisationId) -> Option<&Arc<Organisation>> {
        self.organisations.values().find(|organisation| organisation.id == id)
    }
}

/// The people of one organisation.
pub(super) struct OrganisationPeople {
    pub(super) organisation: OrganisationId,
    pub(super) directory: Arc<ArcSwap<Directory>>,
}

impl People for OrganisationPeople {
    fn name(&self, user: UserId) -> Option<Arc<str>> {
        let directory = self.directory.load();
        directory.user(self.organisation, user).map(|user| (&*user.name).into())
    }

    fn leads(&self) -> Vec<UserId> {
        let directory = self.directory.load();
        let leads = directory
            .users_of(self.organisation)
            .filter(|user| user.active && !user.is_service() && user.role >= Role::LeadEstimator);
        leads.map(|user| user.id).collect()
    }
}

/// Takes the key and the bytes of one row.
pub(super) type TakeRow<'a> = dyn FnMut(&[u8], &[u8]) -> Result<(), RowError> + 'a;

/// Shows every row of a table of the control ledger.
pub(super) fn scan(
    snapshot: &Snapshot,
    table: TableId,
    take: &mut TakeRow<'_>,
) -> Result<(), ControlError> {
    let mut failed = None;
    snapshot
        .scan_prefix::<LedgerError>(table, &[], |key, row| {
            Ok(match take(key, row) {
                Ok(()) => ControlFlow::Continue(()),
                Err(error) => {
                    failed = Some(error);
                    ControlFlow::Break(())
                }
            })
        })
        .map_err(|cause| ControlError::Ledger { path: CONTROL_FILE.into(), cause })?;
    failed.map_or(Ok(()), |error| Err(error.into()))
}

/// Organisations and people of the control ledger.
pub(super) fn read(snapshot: &Snapshot) -> Result<Directory, ControlError> {
    let mut directory = Directory::default();
    scan(snapshot, tables::ORGANISATIONS, &mut |_, row| {
        let organisation: Organisation = decode(row).map_err(codec)?;
        directory.organisations.insert(organisation.slug.clone(), Arc::new(organisation));
        Ok(())
    })?;
    scan(snapshot, tables::USERS, &mut |key, row| {
        let (organisation, id) = tables::split_estimate_key(key).ok_or(RowError::Key("users"))?;
        let user: User = decode(row).map_err(codec)?;
        directory.users.insert((OrganisationId(organisation.0), UserId(id)), Arc::new(user));
        Ok(())
    })?;
    scan(snapshot, tables::STAGING, &mut |_, row| {
        directory.staging = Some(decode(row).map_err(codec)?);
        Ok(())
    })?;
    Ok(directory)
}
