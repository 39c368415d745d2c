//! The register of tenders.

use super::auth::SignedIn;
use super::categorisations::options_of;
use super::estimates::EstimateSummary;
use super::extract::{Asked, Json, Path, Query, Terms};
use super::library::{self, Words};
use super::page::{Page, Versioned};
use super::problem::Problem;
use super::schema;
use super::tender_course::Course;
use super::time::Time;
use crate::estimating::id::TenderId;
use crate::estimating::library::{Library, LibraryEdit, Move, OutcomeInput, TenderFields};
use crate::estimating::tender::{self, Envelopes, FormOfContract, TenderState};
use crate::workspace::Command;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// A tender: one request for a price by a client.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Tender {
    /// Identity.
    pub id: Uuid,
    /// Unique for all time.
    pub number: Box<str>,
    /// Name.
    pub name: Box<str>,
    /// The company that asks for the price, where it is one we know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<Uuid>,
    /// Who asks for the price.
    pub client_name: Box<str>,
    /// The client's reference.
    pub client_ref: Box<str>,
    /// Where the work is.
    pub location: Box<str>,
    /// When it closes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Time>)]
    pub closing_at: Option<Time>,
    /// Days the price must hold after closing.
    pub validity_days: u32,
    /// Form of contract.
    pub form_of_contract: FormOfContract,
    /// Envelopes.
    pub envelopes: Envelopes,
    /// How likely it is to be won, in whole percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub probability_pct: Option<u8>,
    /// State.
    pub state: TenderState,
    /// Decision, notices and outcome.
    pub course: Course,
    /// Its estimates, newest revision of each code first.
    pub estimates: Vec<EstimateSummary>,
    /// Counts changes of this row, from 1.
    pub version: u64,
    /// When it was made.
    #[schema(value_type = schema::Time)]
    pub created_at: Time,
    /// When it last changed.
    #[schema(value_type = schema::Time)]
    pub updated_at: Time,
}

/// A new tender. It comes with an estimate of code `BASE`, revision 1.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TenderInput {
    /// Unique for all time (BR-001).
    pub number: String,
    /// Name.
    pub name: String,
    /// The company that asks for the price (BR-002).
    #[serde(default, deserialize_with = "super::extract::present")]
    #[schema(value_type = Option<Uuid>)]
    pub client_id: Option<Option<Uuid>>,
    /// Who asks for the price, where it is no company we know.
    #[serde(default)]
    pub client_name: Option<String>,
    /// The client's reference.
    #[serde(default)]
    pub client_ref: Option<String>,
    /// Where the work is.
    #[serde(default)]
    pub location: Option<String>,
    /// When it closes.
    #[serde(default)]
    #[schema(value_type = Option<schema::Time>)]
    pub closing_at: Option<String>,
    /// Days the price must hold after closing.
    #[serde(default)]
    pub validity_days: Option<u32>,
    /// Form of contract.
    #[serde(default)]
    pub form_of_contract: Option<FormOfContract>,
    /// Envelopes.
    #[serde(default)]
    pub envelopes: Option<Envelopes>,
    /// How likely it is to be won, 0 to 100 percent.
    #[serde(default)]
    pub probability_pct: Option<u8>,
    /// Who answers for its first estimate, a Lead Estimator or Admin; whoever asks where that is
    /// one (BR-009).
    #[serde(default)]
    pub lead_id: Option<Uuid>,
}

/// New values for some fields of a tender; absent ones stay as they are.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TenderPatch {
    /// The version the client read.
    pub version: u64,
    /// Number.
    #[serde(default)]
    pub number: Option<String>,
    /// Name.
    #[serde(default)]
    pub name: Option<String>,
    /// The company that asks for the price (BR-002).
    #[serde(default, deserialize_with = "super::extract::present")]
    #[schema(value_type = Option<Uuid>)]
    pub client_id: Option<Option<Uuid>>,
    /// Who asks for the price, where it is no company we know.
    #[serde(default)]
    pub client_name: Option<String>,
    /// The client's reference.
    #[serde(default)]
    pub client_ref: Option<String>,
    /// Where the work is.
    #[serde(default)]
    pub location: Option<String>,
    /// When it closes; null clears.
    #[serde(default, deserialize_with = "super::extract::present")]
    #[schema(value_type = Option<schema::Time>)]
    pub closing_at: Option<Option<String>>,
    /// The notice to tenderers that moves the closing time (BR-004).
    #[serde(default)]
    pub closing_notice: Option<String>,
    /// Days the price must hold after closing.
    #[serde(default)]
    pub validity_days: Option<u32>,
    /// Form of contract.
    #[serde(default)]
    pub form_of_contract: Option<FormOfContract>,
    /// Envelopes.
    #[serde(default)]
    pub envelopes: Option<Envelopes>,
    /// How likely it is to be won, 0 to 100 percent; null clears.
    #[serde(default, deserialize_with = "super::extract::present")]
    #[schema(value_type = Option<u8>)]
    pub probability_pct: Option<Option<u8>>,
    /// State, along the allowed moves (BR-005).
    #[serde(default)]
    pub state: Option<TenderState>,
    /// The submitted revision that was accepted; needed for `won` (BR-006).
    #[serde(default)]
    pub accepted_estimate_id: Option<Uuid>,
    /// The price it was accepted at, excluding GST; needed for `won` (BR-006).
    #[serde(default)]
    #[schema(value_type = Option<schema::Money>)]
    pub accepted_price: Option<String>,
    /// Why it ended so, for `lost`, `no-award` and `withdrawn` (BR-007).
    #[serde(default)]
    pub outcome: Option<OutcomeInput>,
}

/// Number and name of a copy.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TenderCopy {
    /// Number of the copy.
    pub number: String,
    /// Name of the copy.
    pub name: String,
}

/// Which tenders, in which order.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TenderQuery {
    /// Words in number, name, client or location.
    pub q: Option<String>,
    /// Only those that carry all of these options of categorisations, parted by commas.
    pub options: Option<String>,
    /// Only tenders in one of these states, parted by commas.
    pub state: Option<String>,
    /// Only tenders that close at this time or later.
    pub closing_from: Option<String>,
    /// Only tenders that close before this time.
    pub closing_before: Option<String>,
    /// `closing` (default), `number`, `name`, `client`, `probability` or `updated`; a minus in
    /// front turns it round.
    pub sort: Option<String>,
    /// `nextCursor` of the page before.
    pub cursor: Option<String>,
    /// Entries wanted, at most 500.
    pub limit: Option<u32>,
}

/// The register of tenders.
#[utoipa::path(
    get,
    path = "/tenders",
    operation_id = "listTenders",
    tag = "Tenders",
    params(TenderQuery),
    responses((status = 200, description = "Tenders", body = Page<Tender>)),
)]
pub async fn list(
    me: SignedIn,
    Query(query): Query<TenderQuery>,
) -> Result<Json<Page<Tender>>, Problem> {
    let published = me.published();
    let library = &published.library;
    let words = Words::of(query.q.as_deref());
    let options = options_of(query.options.as_deref())?;
    let states = states_of(query.state.as_deref())?;
    let from = time_of("closingFrom", query.closing_from.as_deref())?;
    let before = time_of("closingBefore", query.closing_before.as_deref())?;
    let closes_within = |t: &tender::Tender| {
        from.is_none_or(|from| t.closing_at_us.is_some_and(|at| at >= from))
            && before.is_none_or(|before| t.closing_at_us.is_some_and(|at| at < before))
    };
    let mut found: Vec<&Arc<tender::Tender>> = library
        .tenders()
        .filter(|t| states.is_empty() || states.contains(&t.state))
        .filter(|t| closes_within(t))
        .filter(|t| library.carries(t.id.0, &options))
        .filter(|t| words.are_in(&[&t.number, &t.name, &t.client_name, &t.location]))
        .collect();
    let (field, turned) = library::order(query.sort.as_deref());
    let by = comparison(field)?;
    found.sort_by(|a, b| if turned { by(b, a) } else { by(a, b) }.then(a.id.cmp(&b.id)));
    let make = |tender: &&Arc<tender::Tender>| Tender::of(&me, library, tender);
    Page::slice(&found, query.cursor.as_deref(), query.limit, make).map(Json)
}

/// Adds a tender, with an estimate of code BASE.
#[utoipa::path(
    post,
    path = "/tenders",
    operation_id = "createTenders",
    tag = "Tenders",
    request_body = TenderInput,
    responses((status = 201, description = "The tender", body = Tender)),
)]
pub async fn create(me: SignedIn, asked: Asked<TenderInput>) -> Result<Response, Problem> {
    let edit = LibraryEdit::AddTender {
        id: None,
        estimate_id: None,
        bare: false,
        lead_id: asked.body.lead_id,
        set: Box::new(asked.body.into()),
    };
    let reply = library::edit(&me, edit, asked.terms).await?;
    Ok((StatusCode::CREATED, Json(find(&me, library::made(&reply)?)?)).into_response())
}

/// A tender.
#[utoipa::path(
    get,
    path = "/tenders/{id}",
    operation_id = "showTenders",
    tag = "Tenders",
    params(("id" = Uuid, Path, description = "Tender")),
    responses((status = 200, description = "The tender", body = Tender)),
)]
pub async fn show(me: SignedIn, Path(id): Path<Uuid>) -> Result<Json<Tender>, Problem> {
    find(&me, id).map(Json)
}

/// Changes a tender.
#[utoipa::path(
    patch,
    path = "/tenders/{id}",
    operation_id = "updateTenders",
    tag = "Tenders",
    params(("id" = Uuid, Path, description = "Tender")),
    request_body = TenderPatch,
    responses((status = 200, description = "The tender", body = Tender)),
)]
pub async fn update(
    me: SignedIn,
    Path(id): Path<Uuid>,
    asked: Asked<TenderPatch>,
) -> Result<Json<Tender>, Problem> {
    let mut patch = asked.body;
    let (version, state) = (patch.version, patch.state);
    let how = Box::new(Move {
        accepted_estimate_id: patch.accepted_estimate_id.take(),
        accepted_price: patch.accepted_price.take(),
        outcome: patch.outcome.take(),
    });
    if state.is_none() && *how != Move::default() {
        return Err(Problem::invalid(
            "state",
            "What was accepted, and why a tender ended, come with the state they are about.",
        ));
    }
    let fields = TenderFields::from(patch);
    let mut edits = Vec::new();
    if fields != TenderFields::default() || state.is_none() {
        let set = Box::new(fields);
        edits.push(LibraryEdit::UpdateTender { id, version: Some(version), set });
    }
    if let Some(state) = state {
        // Only the first edit sees the version the client read.
        let version = edits.is_empty().then_some(version);
        edits.push(LibraryEdit::SetTenderState { id, version, state, how });
    }
    library::edits(&me, edits, asked.terms).await?;
    find(&me, id).map(Json)
}

/// Deletes a tender that was never submitted (BR-008).
#[utoipa::path(
    delete,
    path = "/tenders/{id}",
    operation_id = "removeTenders",
    tag = "Tenders",
    params(("id" = Uuid, Path, description = "Tender"), Versioned),
    responses((status = 204, description = "Deleted")),
)]
pub async fn remove(
    me: SignedIn,
    Path(id): Path<Uuid>,
    Query(seen): Query<Versioned>,
    terms: Terms,
) -> Result<StatusCode, Problem> {
    library::edit(&me, LibraryEdit::DeleteTender { id, version: seen.version }, terms).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Copies a tender with its newest estimate.
#[utoipa::path(
    post,
    path = "/tenders/{id}/duplicate",
    operation_id = "duplicateTenders",
    tag = "Tenders",
    params(("id" = Uuid, Path, description = "Tender")),
    request_body = TenderCopy,
    responses((status = 201, description = "The copy", body = Tender)),
)]
pub async fn duplicate(
    me: SignedIn,
    Path(id): Path<Uuid>,
    asked: Asked<TenderCopy>,
) -> Result<Response, Problem> {
    let TenderCopy { number, name } = asked.body;
    let command = Command::DuplicateTender { id: TenderId(id), number, name };
    let reply = me.submit(command, asked.terms).await?;
    Ok((StatusCode::CREATED, Json(find(&me, library::made(&reply)?)?)).into_response())
}

fn states_of(text: Option<&str>) -> Result<Vec<TenderState>, Problem> {
    let words = text.unwrap_or_default().split(',').map(str::trim).filter(|word| !word.is_empty());
    words
        .map(|word| {
            serde_json::from_value(serde_json::Value::from(word))
                .map_err(|_| Problem::invalid("state", format!("{word} is no state of a tender.")))
        })
        .collect()
}

fn time_of(field: &'static str, text: Option<&str>) -> Result<Option<i64>, Problem> {
    let Some(text) = text else { return Ok(None) };
    let time: jiff::Timestamp = text.parse().map_err(|_| {
        Problem::invalid(field, format!("{text} is no time, such as 2026-12-04T03:00:00Z."))
    })?;
    Ok(Some(time.as_microsecond()))
}

/// A tender by its identity.
///
/// # Errors
/// 404.
pub fn find(me: &SignedIn, id: Uuid) -> Result<Tender, Problem> {
    let published = me.published();
    let library = &published.library;
    let tender = library.tender(TenderId(id)).ok_or_else(|| Problem::not_found("tender"))?;
    Ok(Tender::of(me, library, tender))
}

type Comparison = fn(&tender::Tender, &tender::Tender) -> Ordering;

/// How tenders compare by a field; those without a closing time come last.
fn comparison(field: &str) -> Result<Comparison, Problem> {
    Ok(match field {
        "" | "closing" => |a, b| {
            let key = |t: &tender::Tender| (t.closing_at_us.is_none(), t.closing_at_us);
            key(a).cmp(&key(b))
        },
        "number" => |a, b| a.number.cmp(&b.number),
        "name" => |a, b| a.name.to_lowercase().cmp(&b.name.to_lowercase()),
        "client" => |a, b| a.client_name.to_lowercase().cmp(&b.client_name.to_lowercase()),
        "probability" => |a, b| a.probability_pct.cmp(&b.probability_pct),
        "updated" => |a, b| a.stamp.updated_at_us.cmp(&b.stamp.updated_at_us),
        other => {
            let detail = format!(
                "Tenders sort by closing, number, name, client, probability or updated, not {other}."
            );
            return Err(Problem::invalid("sort", detail));
        }
    })
}

impl Tender {
    /// A tender with its estimates.
    pub fn of(me: &SignedIn, library: &Library, t: &tender::Tender) -> Tender {
        Tender {
            id: t.id.0,
            number: t.number.clone(),
            name: t.name.clone(),
            client_id: t.client.map(|client| client.0),
            client_name: t.client_name.clone(),
            client_ref: t.client_ref.clone(),
            location: t.location.clone(),
            closing_at: t.closing_at_us.map(Time),
            validity_days: t.validity_days,
            form_of_contract: t.form_of_contract,
            envelopes: t.envelopes,
            probability_pct: t.probability_pct,
            state: t.state,
            course: Course::of(me, &t.record),
            estimates: EstimateSummary::all_of(me, library, t.id),
            version: t.version,
            created_at: Time(t.stamp.created_at_us),
            updated_at: Time(t.stamp.updated_at_us),
        }
    }
}

impl From<TenderPatch> for TenderFields {
    fn from(t: TenderPatch) -> TenderFields {
        TenderFields {
            number: t.number,
            name: t.name,
            client_id: t.client_id,
            client_name: t.client_name,
            client_ref: t.client_ref,
            location: t.location,
            closing_at: t.closing_at,
            closing_notice: t.closing_notice,
            validity_days: t.validity_days,
            form_of_contract: t.form_of_contract,
            envelopes: t.envelopes,
            probability_pct: t.probability_pct,
        }
    }
}

impl From<TenderInput> for TenderFields {
    fn from(t: TenderInput) -> TenderFields {
        TenderFields {
            number: Some(t.number),
            name: Some(t.name),
            client_id: t.client_id,
            client_name: t.client_name,
            client_ref: t.client_ref,
            location: t.location,
            closing_at: t.closing_at.map(Some),
            closing_notice: None,
            validity_days: t.validity_days,
            form_of_contract: t.form_of_contract,
            envelopes: t.envelopes,
            probability_pct: t.probability_pct.map(Some),
        }
    }
}
