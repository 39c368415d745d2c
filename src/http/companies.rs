//! Companies: clients, suppliers and subcontractors, with the people there.

use super::auth::SignedIn;
use super::categorisations::options_of;
use super::extract::{Asked, Json, Path, Query, Terms};
use super::library::{self, Words};
use super::off_thread::off_thread;
use super::page::{Page, Paging};
use super::problem::Problem;
use crate::estimating::company::{self, CompanyRoles, CompanyState};
use crate::estimating::id::CompanyId;
use crate::estimating::library::{CompanyFields, LibraryEdit, XeroContact};
use crate::estimating::quotes::QuoteState;
use crate::workspace::WorkspaceError;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// A person at a company.
#[derive(Debug, Serialize, ToSchema)]
pub struct Contact {
    /// Name, may be empty.
    pub name: Box<str>,
    /// E-mail address, may be empty.
    pub email: Box<str>,
    /// Phone number, may be empty.
    pub phone: Box<str>,
}

/// A company.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Company {
    /// Identity.
    pub id: Uuid,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<Box<str>>,
    /// Nothing is bought from it for now (BR-062).
    pub on_hold: bool,
    /// State.
    pub state: CompanyState,
    /// The Xero contact it is linked to: then its name, contacts and state are changed there
    /// (BR-112).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub xero_contact_id: Option<Uuid>,
    /// Counts changes of this row, from 1.
    pub version: u64,
}

/// New values for some fields of a company; absent ones stay as they are, null clears.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CompanyPatch {
    /// The version the client read.
    pub version: u64,
    /// The fields and their values.
    pub set: CompanyFields,
}

/// What Xero says of a contact.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct XeroSync {
    /// A company to link to the contact, where none is yet.
    #[serde(default)]
    pub company_id: Option<Uuid>,
    /// Its values.
    pub set: XeroContact,
}

/// Which role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CompanyRole {
    /// Clients.
    Client,
    /// Suppliers.
    Supplier,
    /// Subcontractors.
    Subcontractor,
}

/// Which companies, in which order.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CompanyQuery {
    /// Words in name, regions, trades or contacts; all must match.
    pub q: Option<String>,
    /// Only those that carry all of these options of categorisations, parted by commas.
    pub options: Option<String>,
    /// Only companies with this role.
    #[param(value_type = Option<String>)]
    pub role: Option<CompanyRole>,
    /// Only companies in this state.
    #[param(value_type = Option<String>)]
    pub state: Option<CompanyState>,
    /// `name` (default); a minus in front turns it round.
    pub sort: Option<String>,
    /// `nextCursor` of the page before.
    pub cursor: Option<String>,
    /// Entries wanted, at most 500.
    pub limit: Option<u32>,
}

/// As what a company is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CompanyUseRole {
    /// The client of a tender.
    Client,
    /// It is asked to quote for a package.
    Quote,
}

/// Where a company is named.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CompanyUse {
    /// As what.
    pub role: CompanyUseRole,
    /// The tender.
    pub tender_id: Uuid,
    /// The tender's number.
    pub tender_number: String,
    /// The tender's name.
    pub tender_name: String,
    /// The estimate the package is in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub estimate_id: Option<Uuid>,
    /// The package.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package_id: Option<Uuid>,
    /// The package's code, or its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package: Option<String>,
    /// How its quote stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<QuoteState>,
}

/// Companies by name.
#[utoipa::path(
    get,
    path = "/companies",
    operation_id = "listCompanies",
    tag = "Library",
    params(CompanyQuery),
    responses((status = 200, description = "Companies", body = Page<Company>)),
)]
pub async fn list(
    me: SignedIn,
    Query(query): Query<CompanyQuery>,
) -> Result<Json<Page<Company>>, Problem> {
    let published = me.published();
    let words = Words::of(query.q.as_deref());
    let options = options_of(query.options.as_deref())?;
    let (field, turned) = library::order(query.sort.as_deref());
    if !matches!(field, "" | "name") {
        return Err(Problem::invalid("sort", format!("Companies sort by name, not {field}.")));
    }
    let mut found: Vec<(String, &Arc<company::Company>)> = published
        .library
        .companies()
        .filter(|row| query.state.is_none_or(|state| row.state == state))
        .filter(|row| query.role.is_none_or(|role| role.is_of(row)))
        .filter(|row| published.library.carries(row.id.0, &options))
        .filter(|row| words.are_in(&texts(row)))
        .map(|row| (row.name.to_lowercase(), row))
        .collect();
    found.sort_by(|a, b| (&a.0, a.1.id).cmp(&(&b.0, b.1.id)));
    if turned {
        found.reverse();
    }
    let make = |(_, row): &(String, &Arc<company::Company>)| Company::of(row);
    Page::slice(&found, query.cursor.as_deref(), query.limit, make).map(Json)
}

/// Adds a company.
#[utoipa::path(
    post,
    path = "/companies",
    operation_id = "createCompanies",
    tag = "Library",
    request_body = CompanyFields,
    responses((status = 201, description = "The company", body = Company)),
)]
pub async fn create(me: SignedIn, asked: Asked<CompanyFields>) -> Result<Response, Problem> {
    let edit = LibraryEdit::AddCompany { id: None, set: Box::new(asked.body) };
    let reply = library::edit(&me, edit, asked.terms).await?;
    Ok((StatusCode::CREATED, Json(find(&me, library::made(&reply)?)?)).into_response())
}

/// A company.
#[utoipa::path(
    get,
    path = "/companies/{id}",
    operation_id = "showCompanies",
    tag = "Library",
    params(("id" = Uuid, Path, description = "Company")),
    responses((status = 200, description = "The company", body = Company)),
)]
pub async fn show(me: SignedIn, Path(id): Path<Uuid>) -> Result<Json<Company>, Problem> {
    find(&me, id).map(Json)
}

/// Changes a company; it is archived, never deleted.
#[utoipa::path(
    patch,
    path = "/companies/{id}",
    operation_id = "updateCompanies",
    tag = "Library",
    params(("id" = Uuid, Path, description = "Company")),
    request_body = CompanyPatch,
    responses((status = 200, description = "The company", body = Company)),
)]
pub async fn update(
    me: SignedIn,
    Path(id): Path<Uuid>,
    asked: Asked<CompanyPatch>,
) -> Result<Json<Company>, Problem> {
    let (version, set) = (Some(asked.body.version), Box::new(asked.body.set));
    library::edit(&me, LibraryEdit::UpdateCompany { id, version, set }, asked.terms).await?;
    find(&me, id).map(Json)
}

/// Takes in a contact of Xero's: the company linked to it is changed, or the one given is linked,
/// or a new one is made (BR-112). Doing it again with the same values changes nothing. For whatever
/// syncs with Xero, in the name of an Admin.
#[utoipa::path(
    put,
    path = "/companies/xero/{contact}",
    operation_id = "syncCompanies",
    tag = "Library",
    params(("contact" = Uuid, Path, description = "ContactID in Xero")),
    request_body = XeroSync,
    responses((status = 200, description = "The company", body = Company)),
)]
pub async fn sync(
    me: SignedIn,
    Path(contact): Path<Uuid>,
    asked: Asked<XeroSync>,
) -> Result<Json<Company>, Problem> {
    let XeroSync { company_id, set } = asked.body;
    let edit = LibraryEdit::SyncCompany { contact, company: company_id, set: Box::new(set) };
    let reply = library::edit(&me, edit, asked.terms).await?;
    find(&me, library::made(&reply)?).map(Json)
}

/// Ends the link of a company to its Xero contact; it stays, and is changed here from then on.
#[utoipa::path(
    delete,
    path = "/companies/xero/{contact}",
    operation_id = "unlinkCompanies",
    tag = "Library",
    params(("contact" = Uuid, Path, description = "ContactID in Xero")),
    responses((status = 204, description = "No longer linked")),
)]
pub async fn unlink(
    me: SignedIn,
    Path(contact): Path<Uuid>,
    terms: Terms,
) -> Result<StatusCode, Problem> {
    library::edit(&me, LibraryEdit::UnlinkCompany { contact }, terms).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Where a company is named.
#[utoipa::path(
    get,
    path = "/companies/{id}/usage",
    operation_id = "usageCompanies",
    tag = "Library",
    params(("id" = Uuid, Path, description = "Company"), Paging),
    responses((status = 200, description = "Where it is named", body = Page<CompanyUse>)),
)]
pub async fn usage(
    me: SignedIn,
    Path(id): Path<Uuid>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<CompanyUse>>, Problem> {
    let company = find(&me, id)?;
    let all = off_thread("looking for uses", move || everywhere(&me, &company)).await??;
    Page::slice(&all, paging.cursor.as_deref(), paging.limit, CompanyUse::clone).map(Json)
}

/// Every tender a company asked for, and every package it was asked to quote for, newest tender
/// first. O(quotes of every estimate), reading those that are not in memory.
fn everywhere(me: &SignedIn, company: &Company) -> Result<Vec<CompanyUse>, WorkspaceError> {
    let name = company.name.to_lowercase();
    let published = me.published();
    let library = &published.library;
    let mut all = Vec::new();
    for tender in library.tenders().rev() {
        let named = |role| CompanyUse {
            role,
            tender_id: tender.id.0,
            tender_number: tender.number.to_string(),
            tender_name: tender.name.to_string(),
            estimate_id: None,
            package_id: None,
            package: None,
            state: None,
        };
        if tender.client_name.trim().to_lowercase() == name {
            all.push(named(CompanyUseRole::Client));
        }
        for row in library.estimates_of(tender.id) {
            let estimate = match me.workspace().estimate_blocking(row.id) {
                Ok(estimate) => estimate,
                Err(WorkspaceError::NotFound { .. }) => continue,
                Err(error) => return Err(error),
            };
            let packages = estimate.packages();
            for quote in packages.quotes().filter(|quote| quote.company.0 == company.id) {
                let Some(package) = packages.package(quote.package) else { continue };
                let newest = packages.current(package.id).map(|round| round.round);
                if newest != Some(quote.round) {
                    continue;
                }
                all.push(CompanyUse {
                    estimate_id: Some(row.id.0),
                    package_id: Some(package.id.0),
                    package: Some(package.title().to_owned()),
                    state: Some(quote.state),
                    ..named(CompanyUseRole::Quote)
                });
            }
        }
    }
    Ok(all)
}

fn find(me: &SignedIn, id: Uuid) -> Result<Company, Problem> {
    let published = me.published();
    let company = published.library.company(CompanyId(id));
    company.map(|row| Company::of(row)).ok_or_else(|| Problem::not_found("company"))
}

/// What a search looks through.
fn texts(row: &company::Company) -> Vec<&str> {
    let people = row.contacts.iter().flat_map(|one| [&*one.name, &*one.email, &*one.phone]);
    let tags = row.regions.iter().chain(&row.trades).map(|tag| &**tag);
    std::iter::once(&*row.name).chain(tags).chain(people).collect()
}

impl CompanyRole {
    fn is_of(self, row: &company::Company) -> bool {
        match self {
            CompanyRole::Client => row.roles.client,
            CompanyRole::Supplier => row.roles.supplier,
            CompanyRole::Subcontractor => row.roles.subcontractor,
        }
    }
}

impl Company {
    /// A company.
    pub fn of(row: &company::Company) -> Company {
        let contact = |one: &company::Contact| Contact {
            name: one.name.clone(),
            email: one.email.clone(),
            phone: one.phone.clone(),
        };
        Company {
            id: row.id.0,
            name: row.name.clone(),
            roles: row.roles,
            contacts: row.contacts.iter().map(contact).collect(),
            regions: row.regions.clone(),
            trades: row.trades.clone(),
            note: row.note.clone(),
            on_hold: row.on_hold,
            state: row.state,
            xero_contact_id: row.xero_contact,
            version: row.version,
        }
    }
}
