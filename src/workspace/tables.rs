//! The tables of an organisation's ledger and of the control ledger, and the keys in them.
//!
//! Keys are big-endian tuples: all headings, items and worksheets of one estimate are one
//! contiguous range per table. A number or a name once used is never used for anything else.

use crate::{
    estimating::id::{EstimateId, PriceBookId, RecipeId, ResourceId, TenderId},
    ledger::{Migration, Schema, TableId},
};
use uuid::Uuid;

/// Estimates: estimate id.
pub const ESTIMATES: TableId = TableId(1);
/// Headings: estimate id, heading id.
pub const HEADINGS: TableId = TableId(2);
/// Items: estimate id, item id.
pub const ITEMS: TableId = TableId(3);
/// Worksheets: estimate id, item id.
pub const WORKSHEETS: TableId = TableId(4);
/// Commercials, one row for an estimate: estimate id.
pub const COMMERCIALS: TableId = TableId(5);
/// Packages: estimate id, package id.
pub const PACKAGES: TableId = TableId(6);
/// Rounds of adjudication: estimate id, package id, number as `u32`.
pub const ADJUDICATIONS: TableId = TableId(7);
/// Acknowledgements of what rules refuse: estimate id, acknowledgement id.
pub const ACKNOWLEDGEMENTS: TableId = TableId(8);
/// Approvals of estimates: estimate id, approval id.
pub const APPROVALS: TableId = TableId(9);
/// Tenders: tender id.
pub const TENDERS: TableId = TableId(10);
/// Units: code.
pub const UNITS: TableId = TableId(11);
/// Conversions: from code, zero byte, to code.
pub const CONVERSIONS: TableId = TableId(12);
/// Price books: price book id.
pub const PRICE_BOOKS: TableId = TableId(13);
/// Resources: resource id.
pub const RESOURCES: TableId = TableId(14);
/// Recipes: recipe id.
pub const RECIPES: TableId = TableId(15);
/// Recipe versions: recipe id, number as `u32`.
pub const RECIPE_VERSIONS: TableId = TableId(16);
/// Companies: company id.
pub const COMPANIES: TableId = TableId(17);
/// Content blocks, one row for an estimate: estimate id.
pub const CONTENT: TableId = TableId(28);
/// Versions of price books: price book id, number as `u32`.
pub const PRICE_BOOK_VERSIONS: TableId = TableId(18);
/// Rates: price book id, version as `u32`, resource id.
pub const RATES: TableId = TableId(19);
/// Remembered import layouts: text key.
pub const IMPORT_LAYOUTS: TableId = TableId(20);
/// Quotes: estimate id, quote id.
pub const QUOTES: TableId = TableId(30);
/// Figures of rules that the organisation sets, one row: [`THRESHOLDS_KEY`].
pub const THRESHOLDS: TableId = TableId(40);
/// How documents look, one row for the organisation: [`BRANDING_KEY`].
pub const BRANDING: TableId = TableId(23);
/// Categorisations: categorisation id.
pub const CATEGORISATIONS: TableId = TableId(24);
/// What rows carry of the categorisations: the row's id.
pub const LABELS: TableId = TableId(25);
/// Kinds of content blocks an Admin defined: kind id.
pub const CONTENT_KINDS: TableId = TableId(35);
/// Answers to requests with an idempotency key: user id, key text.
pub const IDEMPOTENCY: TableId = TableId(21);
/// Jobs: job id.
pub const JOBS: TableId = TableId(22);
/// Steps of jobs: job id, number as `u32`.
pub const JOB_STEPS: TableId = TableId(26);

/// What was sent to clients: estimate id, submission id.
pub const SUBMISSIONS: TableId = TableId(31);
/// Budgets handed to jobs: tender id, hand-over id.
pub const HANDOVERS: TableId = TableId(32);
/// Marks of the audit trail: kind, object id, user id.
pub const MARKS: TableId = TableId(36);
/// Comments on items: estimate id, comment id.
pub const COMMENTS: TableId = TableId(37);
/// Whom comments mention: user id, comment id.
pub const MENTIONS: TableId = TableId(38);
/// Files attached to something: tender id, attachment id.
pub const ATTACHMENTS: TableId = TableId(39);
/// Files: SHA-256 of their bytes, as hexadecimal text.
pub const FILES: TableId = TableId(34);

/// Tables whose keys start with the estimate their rows belong to, and go with it.
pub const INSIDE_ESTIMATES: &[TableId] = &[
    HEADINGS,
    ITEMS,
    WORKSHEETS,
    COMMERCIALS,
    CONTENT,
    ACKNOWLEDGEMENTS,
    PACKAGES,
    ADJUDICATIONS,
    QUOTES,
];

/// Control ledger, organisations: organisation id.
pub const ORGANISATIONS: TableId = TableId(1);
/// Control ledger, users: organisation id, user id.
pub const USERS: TableId = TableId(2);
/// Control ledger, what makes this a staging copy, one row: [`STAGING_KEY`].
pub const STAGING: TableId = TableId(3);
/// Control ledger, who is signed in: SHA-256 of the token.
pub const SESSIONS: TableId = TableId(4);
/// Control ledger, tokens of the API: organisation id, token id.
pub const API_TOKENS: TableId = TableId(5);
/// Control ledger, which person a subject of a provider is: SHA-256 of both.
pub const LINKS: TableId = TableId(6);

pub(super) const ORGANISATION_TABLES: &[(TableId, &str)] = &[
    (ESTIMATES, "estimates"),
    (HEADINGS, "headings"),
    (ITEMS, "items"),
    (WORKSHEETS, "worksheets"),
    (COMMERCIALS, "commercials"),
    (PACKAGES, "packages"),
    (ADJUDICATIONS, "adjudications"),
    (ACKNOWLEDGEMENTS, "acknowledgements"),
    (APPROVALS, "approvals"),
    (TENDERS, "tenders"),
    (UNITS, "units"),
    (CONVERSIONS, "conversions"),
    (PRICE_BOOKS, "price_books"),
    (RESOURCES, "resources"),
    (RECIPES, "recipes"),
    (RECIPE_VERSIONS, "recipe_versions"),
    (COMPANIES, "companies"),
    (PRICE_BOOK_VERSIONS, "price_book_versions"),
    (RATES, "rates"),
    (CONTENT, "content"),
    (IMPORT_LAYOUTS, "import_layouts"),
    (IDEMPOTENCY, "idempotency"),
    (JOBS, "jobs"),
    (JOB_STEPS, "job_steps"),
    (QUOTES, "quotes"),
    (SUBMISSIONS, "submissions"),
    (HANDOVERS, "handovers"),
    (FILES, "files"),
    (BRANDING, "branding"),
    (THRESHOLDS, "thresholds"),
    (CATEGORISATIONS, "categorisations"),
    (LABELS, "labels"),
    (CONTENT_KINDS, "content_kinds"),
    (MARKS, "marks"),
    (COMMENTS, "comments"),
    (MENTIONS, "mentions"),
    (ATTACHMENTS, "attachments"),
];

pub(super) const CONTROL_TABLES: &[(TableId, &str)] = &[
    (ORGANISATIONS, "organisations"),
    (USERS, "users"),
    (STAGING, "staging"),
    (SESSIONS, "sessions"),
    (API_TOKENS, "api_tokens"),
    (LINKS, "links"),
];

/// Tables of the control ledger that belong to no organisation, or let people in: no copy of an
/// organisation has any of them.
pub const KEPT_BACK: [TableId; 4] = [STAGING, SESSIONS, API_TOKENS, LINKS];

/// Steps that bring an older organisation's rows up to this release.
const ORGANISATION_MIGRATIONS: &[Migration] = &[];
/// Steps that bring older control rows up to this release.
const CONTROL_MIGRATIONS: &[Migration] = &[];

/// Schema of an organisation's ledger.
pub fn organisation_schema(organisation: Uuid) -> Schema {
    Schema {
        version: ORGANISATION_MIGRATIONS.len() as u32,
        organisation: organisation.into_bytes(),
        tables: ORGANISATION_TABLES,
        migrations: ORGANISATION_MIGRATIONS,
    }
}

/// Schema of the control ledger. It belongs to no organisation.
pub fn control_schema() -> Schema {
    Schema {
        version: CONTROL_MIGRATIONS.len() as u32,
        organisation: [0; 16],
        tables: CONTROL_TABLES,
        migrations: CONTROL_MIGRATIONS,
    }
}

/// Name of an organisation's table, for messages and reports.
pub fn table_name(table: TableId) -> &'static str {
    ORGANISATION_TABLES.iter().find(|(id, _)| *id == table).map_or("unknown", |(_, name)| name)
}

/// Key of the one row of what makes a staging copy.
pub const STAGING_KEY: &[u8] = b"staging";
/// Key of the one row of the figures of rules.
pub const THRESHOLDS_KEY: &[u8] = b"rules";
/// Key of the one row of how documents look.
pub const BRANDING_KEY: &[u8] = b"documents";

/// Key of a row inside an estimate.
pub fn estimate_key(estimate: EstimateId, row: Uuid) -> Vec<u8> {
    let mut key = Vec::with_capacity(32);
    key.extend_from_slice(&estimate.bytes());
    key.extend_from_slice(row.as_bytes());
    key
}

/// Key of a round of adjudication.
pub fn round_key(estimate: EstimateId, package: Uuid, round: u32) -> Vec<u8> {
    let mut key = estimate_key(estimate, package);
    key.extend_from_slice(&round.to_be_bytes());
    key
}

/// The two identities of a key made by [`estimate_key`]; `None` when it is not one.
pub fn split_estimate_key(key: &[u8]) -> Option<(EstimateId, Uuid)> {
    let (estimate, row) = key.split_first_chunk::<16>()?;
    let row: [u8; 16] = row.try_into().ok()?;
    Some((EstimateId(Uuid::from_bytes(*estimate)), Uuid::from_bytes(row)))
}

/// The estimate a key of one of [`INSIDE_ESTIMATES`] starts with.
pub fn estimate_of_key(key: &[u8]) -> Option<EstimateId> {
    let (estimate, _) = key.split_first_chunk::<16>()?;
    Some(EstimateId(Uuid::from_bytes(*estimate)))
}

/// Key of a row of a tender.
pub fn tender_key(tender: TenderId, row: Uuid) -> Vec<u8> {
    let mut key = Vec::with_capacity(32);
    key.extend_from_slice(&tender.bytes());
    key.extend_from_slice(row.as_bytes());
    key
}

/// Key of a recipe version.
pub fn recipe_version_key(recipe: RecipeId, n: u32) -> Vec<u8> {
    let mut key = Vec::with_capacity(20);
    key.extend_from_slice(&recipe.bytes());
    key.extend_from_slice(&n.to_be_bytes());
    key
}

/// Key of a version of a price book.
pub fn price_book_version_key(book: PriceBookId, n: u32) -> Vec<u8> {
    let mut key = Vec::with_capacity(20);
    key.extend_from_slice(&book.bytes());
    key.extend_from_slice(&n.to_be_bytes());
    key
}

/// Key of a step of a job.
pub fn job_step_key(job: Uuid, n: u32) -> Vec<u8> {
    let mut key = Vec::with_capacity(20);
    key.extend_from_slice(job.as_bytes());
    key.extend_from_slice(&n.to_be_bytes());
    key
}

/// Key of the rates of a resource in a version of a price book.
pub fn rates_key(book: PriceBookId, n: u32, resource: ResourceId) -> Vec<u8> {
    let mut key = price_book_version_key(book, n);
    key.extend_from_slice(&resource.bytes());
    key
}

/// Key of a conversion.
pub fn conversion_key(from: &str, to: &str) -> Vec<u8> {
    let mut key = Vec::with_capacity(from.len() + 1 + to.len());
    key.extend_from_slice(from.as_bytes());
    key.push(0);
    key.extend_from_slice(to.as_bytes());
    key
}

/// Key of a user: those of one organisation are contiguous.
pub fn user_key(organisation: Uuid, user: Uuid) -> Vec<u8> {
    let mut key = Vec::with_capacity(32);
    key.extend_from_slice(organisation.as_bytes());
    key.extend_from_slice(user.as_bytes());
    key
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_two_tables_share_a_number_or_a_name() {
        for tables in [ORGANISATION_TABLES, CONTROL_TABLES] {
            let numbers: BTreeSet<u8> = tables.iter().map(|(id, _)| id.0).collect();
            let names: BTreeSet<&str> = tables.iter().map(|(_, name)| *name).collect();
            assert_eq!((numbers.len(), names.len()), (tables.len(), tables.len()));
        }
    }
}
