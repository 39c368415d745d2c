//! Packages of work or supply, the rounds they are adjudicated in, and who is asked.

use super::{
    broken,
    quote::{Quote, QuoteId},
};
use crate::estimating::{
    commercials::PackageId,
    company::Company,
    heading::Stamp,
    id::{EstimateId, ItemId, ResourceId, UserId},
    number::{Money, Qty},
    rules::Violation,
    units::UnitCode,
};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use uuid::Uuid;

/// A member of a package: an item or a resource, by its identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MemberId(pub Uuid);

/// A package row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Package {
    /// Identity.
    pub id: PackageId,
    /// The estimate revision it belongs to.
    pub estimate: EstimateId,
    /// Code, such as PKG-01; unique in the estimate whatever the case.
    pub code: Box<str>,
    /// Name.
    pub name: Box<str>,
    /// What those who quote should know.
    pub note: Option<Box<str>>,
    /// What is put to the market.
    pub members: PackageMembers,
    /// Counts changes of this row, from 1.
    pub version: u64,
    /// Who and when.
    pub stamp: Stamp,
}

/// What a package holds: items of the estimate, or resources of its price books.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PackageMembers {
    /// Items.
    Items(Vec<ItemId>),
    /// Resources.
    Resources(Vec<ResourceId>),
}

impl PackageMembers {
    /// The members, in order.
    pub fn iter(&self) -> Box<dyn Iterator<Item = MemberId> + '_> {
        match self {
            PackageMembers::Items(ids) => Box::new(ids.iter().map(|id| MemberId(id.0))),
            PackageMembers::Resources(ids) => Box::new(ids.iter().map(|id| MemberId(id.0))),
        }
    }
}

/// A member as it is compared: how much of it, and what the estimator would pay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    /// Identity.
    pub id: MemberId,
    /// Quantity put to the market, above zero.
    pub quantity: Qty,
    /// The estimator's own amount, for gaps nobody else has priced.
    pub own: Money,
}

/// A round of adjudication of a package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Adjudication {
    /// The estimate revision it belongs to.
    pub estimate: EstimateId,
    /// The package.
    pub package: PackageId,
    /// From 1; an earlier round stays as it was (BR-074).
    pub round: u32,
    /// Until when quotes are taken, microseconds since 1970, UTC; none while undecided.
    pub deadline_us: Option<i64>,
    /// State.
    pub state: AdjudicationState,
    /// What was asked for when it was issued (BR-063).
    pub asked: Vec<Asked>,
    /// The decision, once there is one.
    pub award: Option<Decision>,
    /// Counts changes of this row, from 1.
    pub version: u64,
    /// Who and when.
    pub stamp: Stamp,
}

/// Which quote was chosen, and why. What was accepted with it are acknowledgements on the quote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Decision {
    /// The quote chosen.
    pub quote: QuoteId,
    /// Why, where it is not the lowest (BR-071).
    pub reason: Option<Box<str>>,
    /// Who decided.
    pub by: UserId,
    /// When, microseconds since 1970, UTC.
    pub at_us: i64,
}

/// State of an adjudication (domain 2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AdjudicationState {
    /// Being put together.
    Draft,
    /// Sent out.
    Issued,
    /// Quotes are compared.
    Comparing,
    /// A quote is chosen.
    Awarded,
    /// Its prices are in the estimate.
    Transferred,
    /// Called off.
    Cancelled,
}

impl Adjudication {
    /// The first round of a package, in draft; not stored yet.
    pub const fn first(estimate: EstimateId, package: PackageId, stamp: Stamp) -> Adjudication {
        Adjudication {
            estimate,
            package,
            round: 1,
            deadline_us: None,
            state: AdjudicationState::Draft,
            asked: Vec::new(),
            award: None,
            version: 0,
            stamp,
        }
    }

    /// BR-074: whether this round may move to `next` in round `round`. Reopening an awarded or
    /// transferred one starts the round after it; all other moves stay in the round.
    pub fn check_move(&self, next: AdjudicationState, round: u32) -> Option<Violation> {
        use AdjudicationState::{Awarded, Cancelled, Comparing, Draft, Issued, Transferred};
        let (allowed, reopens) = match (self.state, next) {
            (Draft, Issued | Cancelled)
            | (Issued, Comparing | Cancelled)
            | (Comparing, Awarded | Cancelled)
            | (Awarded, Transferred) => (true, false),
            (Awarded | Transferred, Comparing) => (true, true),
            (Draft | Issued | Comparing | Awarded | Transferred | Cancelled, _) => (false, false),
        };
        let wanted = if reopens { self.round.saturating_add(1) } else { self.round };
        if allowed && round == wanted {
            return None;
        }
        let message = if allowed {
            format!("This move belongs to round {wanted}, not to round {round}.")
        } else {
            format!("An adjudication does not go from {:?} to {next:?}.", self.state)
        };
        Some(broken(74, message).object(self.package.0).field("state"))
    }
}

/// A member as companies were asked to price it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Asked {
    /// The member.
    pub member: MemberId,
    /// Its quantity.
    pub quantity: Qty,
    /// Its unit.
    pub unit: Option<UnitCode>,
    /// Its code.
    pub code: Box<str>,
    /// Its description.
    pub description: Box<str>,
}

/// BR-061 over the live packages of one estimate: each has a member, and none shares one.
pub fn check_packages<'a>(packages: impl IntoIterator<Item = &'a Package>) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut owners: HashMap<MemberId, &Package> = HashMap::new();
    for package in packages {
        if package.members.iter().next().is_none() {
            let message = format!("Package {} has no member.", package.title());
            found.push(broken(61, message).object(package.id.0).field("members"));
        }
        for member in package.members.iter() {
            if let Some(other) = owners.insert(member, package) {
                let message = if other.id == package.id {
                    format!("Package {} names a member twice.", package.title())
                } else {
                    format!("Packages {} and {} share a member.", other.title(), package.title())
                };
                let rows = [package.id.0, other.id.0, member.0];
                found.push(broken(61, message).objects(rows).field("members"));
            }
        }
    }
    found
}

impl Package {
    /// What people call it: its code, or its name where it has none.
    pub fn title(&self) -> &str {
        if self.code.is_empty() { &self.name } else { &self.code }
    }
}

/// BR-062: only active suppliers and subcontractors that are not on hold are invited.
pub fn check_invited(company: &Company) -> Option<Violation> {
    let why = if !company.is_active() {
        "is archived"
    } else if company.on_hold {
        "is on hold"
    } else if !company.sells() {
        "is neither supplier nor subcontractor"
    } else {
        return None;
    };
    let message = format!("{} {why}.", company.name);
    Some(broken(62, message).object(company.id.0).field("company"))
}

/// BR-063: the live quotes that what is asked for has changed under, one violation each, until
/// the company confirms or quotes again. O(members x quotes).
pub fn check_asked(asked: &[Asked], now: &[Asked], quotes: &[Quote]) -> Vec<Violation> {
    let now: HashMap<MemberId, &Asked> = now.iter().map(|one| (one.member, one)).collect();
    let mut found = Vec::new();
    for quote in quotes.iter().filter(|quote| quote.state.is_live()) {
        let rows = changed_under(quote, asked, &now);
        if rows.is_empty() {
            continue;
        }
        let message = format!(
            "{} {} changed since {} quoted: have it confirmed or quoted again.",
            rows.len(),
            if rows.len() == 1 { "member has" } else { "members have" },
            quote.name
        );
        found.push(broken(63, message).object(quote.id.0).objects(rows));
    }
    found
}

/// The members that are not as `quote` was asked to price them.
fn changed_under(quote: &Quote, asked: &[Asked], now: &HashMap<MemberId, &Asked>) -> Vec<Uuid> {
    let first = asked.iter().chain(&quote.confirmed).map(|one| (one.member, one));
    // What was confirmed last stands in place of what was asked for first.
    let held: HashMap<MemberId, &Asked> = first.collect();
    let altered = now.iter().filter(|(id, one)| held.get(*id).is_none_or(|old| *old != **one));
    let gone = held.keys().filter(|id| !now.contains_key(*id) && !quote.let_go(**id));
    let mut rows: Vec<Uuid> = altered.map(|(id, _)| id.0).chain(gone.map(|id| id.0)).collect();
    rows.sort_unstable();
    rows
}
