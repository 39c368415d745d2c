//! What packages say about a submission: BR-090, BR-091, BR-092.

use super::{AdjudicationState, Package, PackageId, PackageMembers, Packages, Quote, QuoteState};
use crate::estimating::{
    day::Day,
    estimate::Estimate,
    id::ItemId,
    quotes::{LinePrice, MemberId},
};
use std::sync::Arc;

/// BR-091: the packages that are neither transferred nor cancelled, oldest first. O(n log n).
pub fn unsettled(packages: &Packages) -> impl Iterator<Item = &Arc<Package>> {
    packages.all().filter(|package| {
        let state = packages.current(package.id).map(|round| round.state);
        !matches!(state, Some(AdjudicationState::Transferred | AdjudicationState::Cancelled))
    })
}

/// BR-092: the awarded quotes that do not hold until the end of day `until`, which is closing plus
/// the tender's validity days. A quote that does not say how long it holds is one of them. O(quotes).
pub fn expiring(packages: &Packages, until: Day) -> impl Iterator<Item = &Arc<Quote>> {
    packages.quotes().filter(move |quote| {
        let round = packages.current(quote.package);
        let live = round.is_some_and(|round| {
            round.round == quote.round && round.state != AdjudicationState::Cancelled
        });
        let short = || quote.valid_until_us.is_none_or(|valid| Day::at_us(valid) < until);
        live && quote.state == QuoteState::Awarded && short()
    })
}

/// A plug that a transferred award left where its quote had a gap (BR-090).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GapPlug {
    /// The item that stands on it.
    pub item: ItemId,
    /// The package.
    pub package: PackageId,
    /// What the package is called.
    pub title: Box<str>,
    /// Whose quote has the gap.
    pub company: Box<str>,
}

/// The plugs that transferred awards left in the estimate, one for each item that is plugged
/// still. O(members of packages x lines of their quotes).
pub fn gap_plugs(estimate: &Estimate) -> Vec<GapPlug> {
    let packages = estimate.packages();
    let mut found = Vec::new();
    for package in packages.live() {
        let Some(round) = packages.current(package.id) else { continue };
        let PackageMembers::Items(items) = &package.members else { continue };
        let (AdjudicationState::Transferred, Some(award)) = (round.state, &round.award) else {
            continue;
        };
        let Some(quote) = packages.quote(award.quote) else { continue };
        let stands = |id: &&ItemId| {
            let plugged = estimate.node(id.0).and_then(|node| node.item()?.plug).is_some();
            plugged && has_gap(quote, MemberId(id.0))
        };
        found.extend(items.iter().filter(stands).map(|item| GapPlug {
            item: *item,
            package: package.id,
            title: package.title().into(),
            company: quote.name.clone(),
        }));
    }
    found
}

/// Whether a quote prices a member nowhere (BR-065).
fn has_gap(quote: &Quote, member: MemberId) -> bool {
    let mut lines = quote.lines.iter().filter(|line| line.member == Some(member));
    lines.all(|line| line.set_aside || line.price == LinePrice::Blank)
}
