//! The adjudication report of a package, for the organisation alone.

use super::auth::{Opened, SignedIn};
use super::documents::{DocumentFormat, written};
use super::exports::{file_stem, head, local_day, local_time};
use super::extract::{Path, Query};
use super::off_thread::press;
use super::packages::View;
use super::problem::Problem;
use crate::documents::adjudication_report::{
    self, Reported, ReportedAward, ReportedMember, ReportedQuote,
};
use crate::estimating::quotes::{AdjudicationState, PackageId, Quote, QuoteState, Scope};
use crate::estimating::user::Organisation;
use axum::response::Response;
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

/// Which round, in which form.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReportQuery {
    /// The round; the newest where absent.
    pub round: Option<u32>,
    /// Format; PDF where absent.
    #[serde(default)]
    #[param(inline)]
    pub format: DocumentFormat,
}

/// The adjudication report of a package: ranking, figures side by side, adjustments with their
/// reasons, what was decided and accepted.
#[utoipa::path(
    get,
    path = "/estimates/{id}/packages/{package}/report",
    operation_id = "reportOfPackage",
    tag = "Quotes",
    params(("id" = Uuid, Path, description = "Estimate"), ("package" = Uuid, Path, description = "Package"), ReportQuery),
    responses((status = 200, description = "The file")),
)]
pub async fn report(
    me: SignedIn,
    Path((id, package)): Path<(Uuid, Uuid)>,
    Query(query): Query<ReportQuery>,
) -> Result<Response, Problem> {
    let opened = me.open(id).await?;
    press(move || make(&me, &opened, PackageId(package), &query)).await?
}

fn make(
    me: &SignedIn,
    opened: &Opened,
    package: PackageId,
    query: &ReportQuery,
) -> Result<Response, Problem> {
    let organisation = &me.office().organisation();
    let view = View::of(opened, package, query.round)?;
    let header = head(opened, organisation);
    let stem = format!("{} {} adjudication", file_stem(&header), view.package().title());
    let paper = adjudication_report::paper(header, &reported(me, opened, &view, organisation));
    written(&paper, opened.branding(), query.format, &stem)
}

fn reported<'a>(
    me: &SignedIn,
    opened: &Opened,
    view: &'a View<'_>,
    organisation: &Organisation,
) -> Reported<'a> {
    let zone = &*organisation.time_zone;
    let (package, round) = (view.package(), &view.round);
    let comparison = view.comparison();
    let packages = opened.estimate.packages();
    let more = |quote: &crate::estimating::quotes::ComparedQuote| {
        let row = packages.quote(quote.id);
        row.map(|row| about(row, view, zone)).unwrap_or_default()
    };
    let award = round.award.as_ref().map(|award| ReportedAward {
        quote: award.quote,
        reason: award.reason.as_deref().unwrap_or_default().to_owned(),
        by: format!("chosen by {} on {}", me.person(award.by).name, local_time(award.at_us, zone)),
        accepted: view
            .accepted(award.quote)
            .iter()
            .map(|one| format!("{} accepted. {} Reason: {}", one.rule, one.value, one.reason))
            .collect(),
    });
    Reported {
        package: format!("{} {}", package.code, package.name).trim().to_owned(),
        round: format!("{}, {}", round.round, state_words(round.state)),
        deadline: round.deadline_us.map(|at| local_time(at, zone)).unwrap_or_default(),
        members: view.scope.iter().map(member).collect(),
        comparison,
        quotes: comparison.quotes.iter().map(more).collect(),
        apart: apart(view),
        award,
    }
}

fn about(quote: &Quote, view: &View<'_>, zone: &str) -> ReportedQuote {
    ReportedQuote {
        valid_until: quote.valid_until_us.map(|at| local_day(at, zone)).unwrap_or_default(),
        reasons: quote.adjustments.iter().map(|one| one.reason.to_string()).collect(),
        qualifications: quote.qualifications.as_deref().unwrap_or_default().to_owned(),
        late: quote.is_late(&view.round),
    }
}

fn member(scope: &Scope) -> ReportedMember {
    let asked = &scope.asked;
    ReportedMember {
        code: asked.code.to_string(),
        description: asked.description.to_string(),
        unit: asked.unit.map(|unit| unit.to_string()).unwrap_or_default(),
        quantity: asked.quantity,
    }
}

/// Companies asked that are not in the comparison, each with why.
fn apart(view: &View<'_>) -> Vec<String> {
    let entry = |quote: &std::sync::Arc<Quote>| {
        let why = match quote.state {
            QuoteState::Invited => "has not answered".to_owned(),
            QuoteState::Declined => "declined".to_owned(),
            QuoteState::Withdrawn => "withdrew its quote".to_owned(),
            QuoteState::Received
            | QuoteState::Normalised
            | QuoteState::Awarded
            | QuoteState::NotAwarded => {
                let found = view.apart().iter().find(|(id, _)| *id == quote.id)?;
                let why: Vec<&str> = found.1.iter().map(|broken| &*broken.message).collect();
                format!("is not on the common basis. {}", why.join(" "))
            }
        };
        Some(format!("{} {why}", quote.name))
    };
    view.quotes().filter_map(entry).collect()
}

const fn state_words(state: AdjudicationState) -> &'static str {
    match state {
        AdjudicationState::Draft => "in draft",
        AdjudicationState::Issued => "issued",
        AdjudicationState::Comparing => "being compared",
        AdjudicationState::Awarded => "awarded",
        AdjudicationState::Transferred => "awarded and in the estimate",
        AdjudicationState::Cancelled => "cancelled",
    }
}
