//! Packages of an estimate, their rounds, and the quotes of a round side by side.

use super::as_of::AsOf;
use super::auth::{Opened, SignedIn};
use super::extract::{Json, Path, Query};
use super::problem::Problem;
use super::quote_shapes::CompanyQuote;
use super::schema;
use super::time::Time;
use crate::estimating::acknowledgement::Matter;
use crate::estimating::edit::{AcceptInput, Edit, EditContext, PackageEdit};
use crate::estimating::estimate::Estimate;
use crate::estimating::number::{Money, Qty};
use crate::estimating::quotes::{
    self, Adjudication, AdjudicationState, Compared, PackageId, PackageMembers, QuoteId,
    QuoteState, Scope,
};
use crate::estimating::refusal::Refusal;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// What a package is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ScopeKind {
    /// Items of the estimate.
    Items,
    /// Resources it takes.
    Resources,
}

/// A company with a total.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Offer {
    /// The quote.
    pub quote_id: Uuid,
    /// The company.
    pub company: Box<str>,
    /// NZD excluding GST, levelled.
    #[schema(value_type = schema::Money)]
    pub total: Money,
}

/// A package in short.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PackageSummary {
    /// Identity.
    pub id: Uuid,
    /// Code, may be empty.
    pub code: Box<str>,
    /// Name.
    pub name: Box<str>,
    /// What it is made of.
    pub kind: ScopeKind,
    /// How many members it has.
    pub members: u32,
    /// The newest round.
    pub round: u32,
    /// State of that round.
    pub state: AdjudicationState,
    /// Until when quotes are taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Time>)]
    pub deadline: Option<Time>,
    /// Companies asked.
    pub invited: u32,
    /// Quotes received.
    pub received: u32,
    /// What the estimator would pay for it.
    #[schema(value_type = schema::Money)]
    pub own: Money,
    /// The lowest conforming quote that compares.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lowest: Option<Offer>,
    /// The quote chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub awarded: Option<Offer>,
    /// Counts changes of the package's own row, from 1.
    pub version: u64,
}

/// The packages of an estimate.
#[derive(Debug, Serialize, ToSchema)]
pub struct PackageList {
    /// A commit that is in it.
    #[schema(value_type = schema::Lsn)]
    pub lsn: u64,
    /// Packages, oldest first.
    pub items: Vec<PackageSummary>,
}

/// A member of a package as the estimate is now.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PackageMember {
    /// The item or resource.
    pub id: Uuid,
    /// Code.
    pub code: Box<str>,
    /// Description.
    pub description: Box<str>,
    /// Unit.
    pub unit: Box<str>,
    /// Quantity put to the market.
    #[schema(value_type = schema::Qty)]
    pub quantity: Qty,
    /// What the estimator would pay for it.
    #[schema(value_type = schema::Money)]
    pub own: Money,
    /// It is not as it was when the round was issued (BR-063).
    pub changed: bool,
}

/// A round of adjudication.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PackageRound {
    /// From 1.
    pub round: u32,
    /// State.
    pub state: AdjudicationState,
    /// Until when quotes are taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Time>)]
    pub deadline: Option<Time>,
    /// The decision.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub award: Option<AwardMade>,
}

/// Which quote was chosen, and why.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AwardMade {
    /// The quote.
    pub quote_id: Uuid,
    /// The company.
    pub company: Box<str>,
    /// Why, where it is not the lowest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Box<str>>,
    /// What was accepted with it.
    pub accepted: Vec<AcceptedRule>,
    /// Who decided.
    pub by: Box<str>,
    /// When.
    #[schema(value_type = schema::Time)]
    pub at: Time,
}

/// A rule accepted with an award.
#[derive(Debug, Serialize, ToSchema)]
pub struct AcceptedRule {
    /// The rule, such as BR-070.
    pub rule: String,
    /// What was accepted.
    pub value: Box<str>,
    /// Why.
    pub reason: Box<str>,
}

/// A package with one of its rounds.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PackageDetail {
    /// A commit that is in it.
    #[schema(value_type = schema::Lsn)]
    pub lsn: u64,
    /// The package in short.
    pub package: PackageSummary,
    /// What those who quote should know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<Box<str>>,
    /// Its members, in order.
    pub members: Vec<PackageMember>,
    /// Members that are gone from the estimate, or have no quantity any more.
    pub missing: u32,
    /// All of its rounds.
    pub rounds: Vec<PackageRound>,
    /// The round shown.
    pub round: u32,
    /// Its quotes and invitations, oldest first.
    pub quotes: Vec<CompanyQuote>,
    /// Quotes that compare, best first: conforming ones, then by comparison total.
    pub ranking: Vec<Uuid>,
}

/// Which round.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RoundQuery {
    /// The round; the newest where absent.
    pub round: Option<u32>,
    /// A commit, or a time with its zone: the answer is as the estimate was then.
    pub as_of: Option<String>,
}

/// Which quote to try.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AwardTrial {
    /// The quote.
    pub quote_id: Uuid,
}

/// What a member would cost.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MemberEffect {
    /// The item or resource.
    pub id: Uuid,
    /// Its cost now.
    #[schema(value_type = schema::Money)]
    pub before: Money,
    /// Its cost after the transfer.
    #[schema(value_type = schema::Money)]
    pub after: Money,
    /// It would stand on a plug: the quote has a gap there (BR-066).
    pub plug: bool,
}

/// What an award would do to the estimate.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AwardEffect {
    /// Its members.
    pub members: Vec<MemberEffect>,
    /// Cost of the estimate now.
    #[schema(value_type = schema::Money)]
    pub cost_before: Money,
    /// Cost of the estimate after.
    #[schema(value_type = schema::Money)]
    pub cost_after: Money,
    /// Price excluding GST now; absent while the rules form none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Money>)]
    pub price_before: Option<Money>,
    /// Price excluding GST after.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Money>)]
    pub price_after: Option<Money>,
}

/// The packages of an estimate.
#[utoipa::path(
    get,
    path = "/estimates/{id}/packages",
    operation_id = "listPackages",
    tag = "Quotes",
    params(("id" = Uuid, Path, description = "Estimate"), AsOf),
    responses((status = 200, description = "Packages", body = PackageList)),
)]
pub async fn list(
    me: SignedIn,
    Path(id): Path<Uuid>,
    Query(query): Query<AsOf>,
) -> Result<Json<PackageList>, Problem> {
    let opened = me.open_at(id, query.as_of.as_deref()).await?;
    let packages = opened.estimate.packages();
    let summary = |package: &Arc<quotes::Package>| {
        let at = View::of(&opened, package.id, None)?;
        Ok::<_, Problem>(at.summary())
    };
    let items = packages.all().map(summary).collect::<Result<_, _>>()?;
    Ok(Json(PackageList { lsn: opened.lsn, items }))
}

/// A package with its quotes side by side.
#[utoipa::path(
    get,
    path = "/estimates/{id}/packages/{package}",
    operation_id = "showPackage",
    tag = "Quotes",
    params(("id" = Uuid, Path, description = "Estimate"), ("package" = Uuid, Path, description = "Package"), RoundQuery),
    responses((status = 200, description = "The package", body = PackageDetail)),
)]
pub async fn show(
    me: SignedIn,
    Path((id, package)): Path<(Uuid, Uuid)>,
    Query(query): Query<RoundQuery>,
) -> Result<Json<PackageDetail>, Problem> {
    let opened = me.open_at(id, query.as_of.as_deref()).await?;
    let view = View::of(&opened, PackageId(package), query.round)?;
    let people = me.workspace().people().clone();
    view.detail(&|user| people.name(user)).map(Json)
}

/// What awarding a quote and transferring it would do to the estimate; nothing is kept.
#[utoipa::path(
    post,
    path = "/estimates/{id}/packages/{package}/preview",
    operation_id = "previewAward",
    tag = "Quotes",
    params(("id" = Uuid, Path, description = "Estimate"), ("package" = Uuid, Path, description = "Package")),
    request_body = AwardTrial,
    responses((status = 200, description = "The effect", body = AwardEffect)),
)]
pub async fn preview(
    me: SignedIn,
    Path((id, package)): Path<(Uuid, Uuid)>,
    Json(trial): Json<AwardTrial>,
) -> Result<Json<AwardEffect>, Problem> {
    let opened = me.open(id).await?;
    let view = View::of(&opened, PackageId(package), None)?;
    let accept: Vec<AcceptInput> = quotes::AWARD_RULES
        .iter()
        .map(|rule| AcceptInput { rule: rule.to_string(), reason: "tried".to_owned() })
        .collect();
    let mut edits = Vec::with_capacity(2);
    if view.round.state == AdjudicationState::Comparing {
        edits.push(PackageEdit::Award {
            id: package,
            quote_id: trial.quote_id,
            reason: Some("tried".to_owned()),
            accept: accept.clone(),
        });
    }
    edits.push(PackageEdit::Transfer { id: package, accept });
    let edits: Vec<Edit> =
        edits.into_iter().map(|edit| Edit::Package { edit: Box::new(edit) }).collect();
    let mut after = Estimate::clone(&opened.estimate);
    let mut ids = Uuid::now_v7;
    let mut context = EditContext {
        catalogue: opened.catalogue(),
        by: me.id(),
        at_us: super::time::now_us(),
        ids: &mut ids,
    };
    after.edit(&edits, &mut context)?;
    view.effect(&after).map(Json)
}

/// A package and a round of it, as the estimate is now.
pub(super) struct View<'a> {
    opened: &'a Opened,
    package: Arc<quotes::Package>,
    pub(super) round: Arc<Adjudication>,
    pub(super) scope: Vec<Scope>,
    compared: Compared,
}

impl<'a> View<'a> {
    /// The package `id` at `round`, or at its newest.
    pub(super) fn of(
        opened: &'a Opened,
        id: PackageId,
        round: Option<u32>,
    ) -> Result<View<'a>, Problem> {
        let packages = opened.estimate.packages();
        let package = packages.package(id).ok_or_else(|| Problem::not_found("package"))?.clone();
        let round = match round {
            Some(n) => packages.round(id, n),
            None => packages.current(id),
        };
        let round = round.ok_or_else(|| Problem::not_found("round"))?.clone();
        let scope = opened.estimate.scope_of(&package, opened.catalogue());
        let members: Vec<_> = scope.iter().map(|scope| scope.member).collect();
        let gst = opened.estimate.row().gst_pct;
        let compared = packages.compared(id, round.round, &members, gst)?;
        Ok(View { opened, package, round, scope, compared })
    }

    pub(super) fn package(&self) -> &quotes::Package {
        &self.package
    }

    /// The quotes that compare, side by side.
    pub(super) fn comparison(&self) -> &quotes::Comparison {
        &self.compared.comparison
    }

    /// The quotes that do not, each with the rules it breaks.
    pub(super) fn apart(&self) -> &[(QuoteId, Vec<crate::estimating::rules::Violation>)] {
        &self.compared.apart
    }

    /// The quotes and invitations of the round.
    pub(super) fn quotes(&self) -> impl Iterator<Item = &'a Arc<quotes::Quote>> {
        self.opened.estimate.packages().quotes_of(self.package.id, self.round.round)
    }

    fn offer(&self, id: QuoteId) -> Option<Offer> {
        let quote = self.compared.comparison.quote(id)?;
        let total = quote.comparison_total;
        Some(Offer { quote_id: id.0, company: quote.name.clone(), total })
    }

    fn summary(&self) -> PackageSummary {
        let received = self.quotes().filter(|quote| quote.state.is_live()).count();
        let own = Money::checked_sum(self.scope.iter().map(|scope| scope.member.own));
        PackageSummary {
            id: self.package.id.0,
            code: self.package.code.clone(),
            name: self.package.name.clone(),
            kind: match self.package.members {
                PackageMembers::Items(_) => ScopeKind::Items,
                PackageMembers::Resources(_) => ScopeKind::Resources,
            },
            members: count(self.package.members.iter().count()),
            round: self.round.round,
            state: self.round.state,
            deadline: self.round.deadline_us.map(Time),
            invited: count(self.quotes().count()),
            received: count(received),
            own: own.unwrap_or_default(),
            lowest: self.compared.comparison.lowest().and_then(|quote| self.offer(quote.id)),
            awarded: self.round.award.as_ref().and_then(|award| self.offer(award.quote)),
            version: self.package.version,
        }
    }

    fn detail(
        &self,
        name_of: &dyn Fn(crate::estimating::id::UserId) -> Option<Arc<str>>,
    ) -> Result<PackageDetail, Problem> {
        let packages = self.opened.estimate.packages();
        let company = |id: QuoteId| packages.quote(id).map(|quote| quote.name.clone());
        let round = |round: &Arc<Adjudication>| PackageRound {
            round: round.round,
            state: round.state,
            deadline: round.deadline_us.map(Time),
            award: round.award.as_ref().map(|award| AwardMade {
                quote_id: award.quote.0,
                company: company(award.quote).unwrap_or_default(),
                reason: award.reason.clone(),
                accepted: self.accepted(award.quote),
                by: name_of(award.by).map_or_else(|| "somebody".into(), |name| (*name).into()),
                at: Time(award.at_us),
            }),
        };
        let quotes: Result<Vec<CompanyQuote>, Problem> =
            self.quotes().map(|quote| self.quote(quote)).collect();
        let order = &self.compared.comparison;
        let ranking = order.ranking.iter().filter_map(|at| order.quotes.get(*at));
        Ok(PackageDetail {
            lsn: self.opened.lsn,
            package: self.summary(),
            note: self.package.note.clone(),
            members: self.scope.iter().map(|scope| self.member(scope)).collect(),
            missing: count(self.package.members.iter().count().saturating_sub(self.scope.len())),
            rounds: packages.rounds_of(self.package.id).map(round).collect(),
            round: self.round.round,
            quotes: quotes?,
            ranking: ranking.map(|quote| quote.id.0).collect(),
        })
    }

    /// What was accepted with an award of a quote.
    pub(super) fn accepted(&self, quote: QuoteId) -> Vec<AcceptedRule> {
        let rows = self.opened.estimate.acknowledgements().on(quote.0);
        let of_award = |matter| match matter {
            Matter::Rule(rule) => quotes::AWARD_RULES.contains(&rule),
            Matter::Warning(_) => false,
        };
        let rows = rows.filter(|row| of_award(row.matter));
        rows.map(|row| AcceptedRule {
            rule: row.matter.to_string(),
            value: row.value.clone(),
            reason: row.reason.clone(),
        })
        .collect()
    }

    fn member(&self, scope: &Scope) -> PackageMember {
        let asked = &scope.asked;
        let before = self.round.asked.iter().find(|one| one.member == asked.member);
        let sent = self.round.state != AdjudicationState::Draft;
        PackageMember {
            id: asked.member.0,
            code: asked.code.clone(),
            description: asked.description.clone(),
            unit: asked.unit.map_or_else(Box::default, |unit| unit.as_str().into()),
            quantity: asked.quantity,
            own: scope.member.own,
            changed: sent && before != Some(asked),
        }
    }

    fn quote(&self, quote: &quotes::Quote) -> Result<CompanyQuote, Problem> {
        let comparison = &self.compared.comparison;
        let compared = comparison.quotes.iter().position(|one| one.id == quote.id);
        let rank = comparison.ranking.iter().position(|at| Some(*at) == compared);
        let apart = self.compared.apart.iter().find(|(id, _)| *id == quote.id);
        let against = match compared {
            Some(_) if quote.state != QuoteState::NotAwarded => {
                self.opened.estimate.against_award(
                    &self.package,
                    &self.round,
                    quote.id,
                    None,
                    &self.compared,
                    self.opened.catalogue(),
                )?
            }
            Some(_) | None => Vec::new(),
        };
        let compared = compared.and_then(|at| comparison.quotes.get(at));
        let company = self.opened.catalogue().company(quote.company);
        Ok(CompanyQuote::of(
            quote,
            &self.round,
            compared,
            rank,
            apart.map(|(_, found)| found.as_slice()).unwrap_or_default(),
            against,
            company.map(|row| &**row),
        ))
    }

    fn effect(&self, after: &Estimate) -> Result<AwardEffect, Problem> {
        let scope = after.scope_of(&self.package, self.opened.catalogue());
        let effect = |before: &Scope| {
            let id = before.asked.member;
            let now = scope.iter().find(|one| one.asked.member == id);
            let item = after.node(id.0).and_then(|node| node.item().map(|item| item.plug));
            MemberEffect {
                id: id.0,
                before: before.member.own,
                after: now.map(|one| one.member.own).unwrap_or_default(),
                plug: item.flatten().is_some(),
            }
        };
        let price = |estimate: &Estimate| match estimate.price() {
            Ok(price) => Ok(Some(price.pricing.tender_sum().total_ex)),
            Err(crate::estimating::commercials::PricingError::Broken(_)) => Ok(None),
            Err(error) => Err(Problem::from(Refusal::from(error))),
        };
        Ok(AwardEffect {
            members: self.scope.iter().map(effect).collect(),
            cost_before: self.opened.estimate.totals().total(),
            cost_after: after.totals().total(),
            price_before: price(&self.opened.estimate)?,
            price_after: price(after)?,
        })
    }
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
