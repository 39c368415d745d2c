//! Companies the organisation deals with: clients, suppliers and subcontractors.

use super::{heading::Stamp, id::CompanyId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A company. It is archived rather than deleted: tenders and quotes go on naming it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Company {
    /// Identity.
    pub id: CompanyId,
    /// Name, unique among active companies whatever the case.
    pub name: Box<str>,
    /// What it is to the organisation.
    pub roles: CompanyRoles,
    /// People there.
    pub contacts: Vec<Contact>,
    /// Where it works.
    pub regions: Vec<Box<str>>,
    /// What it does or supplies.
    pub trades: Vec<Box<str>>,
    /// Free note.
    pub note: Option<Box<str>>,
    /// Nothing is bought from it for now (BR-062).
    pub on_hold: bool,
    /// Whether it may be chosen.
    pub state: CompanyState,
    /// The Xero contact it is linked to: then its name, contacts and state are Xero's (BR-112).
    /// The row keeps it apart.
    #[serde(skip)]
    pub xero_contact: Option<Uuid>,
    /// Counts changes of this row, from 1.
    pub version: u64,
    /// Who and when.
    pub stamp: Stamp,
}

/// What a company is to the organisation; it may be several things.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CompanyRoles {
    /// It asks for prices (BR-002).
    pub client: bool,
    /// It sells goods (BR-062).
    pub supplier: bool,
    /// It does work (BR-062).
    pub subcontractor: bool,
}

/// Whether a company may be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CompanyState {
    /// It may.
    Active,
    /// It stays where it is named and enters nothing new.
    Archived,
}

/// A person at a company.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Contact {
    /// Name.
    pub name: Box<str>,
    /// E-mail address, may be empty.
    pub email: Box<str>,
    /// Phone number, may be empty.
    pub phone: Box<str>,
}

impl Company {
    /// Whether it may be chosen.
    pub fn is_active(&self) -> bool {
        self.state == CompanyState::Active
    }

    /// Whether it may be chosen as the client of a tender (BR-002).
    pub fn may_be_client(&self) -> bool {
        self.is_active() && self.roles.client
    }

    /// Whether anything can be bought from it, on hold or not.
    pub fn sells(&self) -> bool {
        self.roles.supplier || self.roles.subcontractor
    }
}
