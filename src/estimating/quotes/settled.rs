//! What packages say about a submission: BR-090, BR-091, BR-092.

use super::{
    AdjudicationState, MemberId, PackageId, PackageMembers, Packages, broken, quote::QuoteState,
};
use crate::estimating::{
    estimate::Estimate,
    number::{Money, Rate},
    rules::Violation,
};

/// BR-091: the packages that are neither transferred nor cancelled.
pub fn unsettled(packages: &Packages) -> Vec<Violation> {
    let open = packages.all().filter(|package| {
        let state = packages.current(package.id).map(|round| round.state);
        !matches!(state, Some(AdjudicationState::Transferred | AdjudicationState::Cancelled))
    });
    let violation = |package: &std::sync::Arc<super::Package>| {
        let message = format!(
            "Package {} is neither transferred into the estimate nor cancelled.",
            package.title()
        );
        broken(91, message).object(package.id.0)
    };
    open.map(violation).collect()
}

/// BR-092, to be accepted: the awarded quotes that do not hold until `until_us`, which is closing
/// plus the tender's validity days, microseconds since 1970, UTC.
pub fn expiring(packages: &Packages, until_us: i64) -> Vec<Violation> {
    let awarded = packages.quotes().filter(|quote| {
        let current = packages.current(quote.package).map(|round| round.round);
        quote.state == QuoteState::Awarded && current == Some(quote.round)
    });
    let short = awarded.filter(|quote| quote.valid_until_us.is_none_or(|until| until < until_us));
    let violation = |quote: &std::sync::Arc<super::Quote>| {
        let package = packages.package(quote.package);
        let title = package.map_or("a package", |package| package.title());
        let message = match quote.valid_until_us {
            None => {
                format!("The quote of {} for {title} does not say how long it holds.", quote.name)
            }
            Some(_) => {
                format!("The quote of {} for {title} ends before our offer does.", quote.name)
            }
        };
        broken(92, message).object(quote.id.0).object(quote.package.0)
    };
    short.map(violation).collect()
}

/// A plug that a transferred award left where its quote had a gap (BR-090).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GapPlug {
    /// The package.
    pub package: PackageId,
    /// The member that stands on it.
    pub member: MemberId,
    /// NZD per unit, excluding GST.
    pub rate: Rate,
    /// What it comes to.
    pub cost: Money,
}

/// The plugs that transferred awards left in the estimate; O(members of packages).
pub fn gap_plugs(estimate: &Estimate) -> Vec<GapPlug> {
    let packages = estimate.packages();
    let mut found = Vec::new();
    for package in packages.live() {
        let state = packages.current(package.id).map(|round| round.state);
        let PackageMembers::Items(items) = &package.members else { continue };
        if state != Some(AdjudicationState::Transferred) {
            continue;
        }
        for id in items {
            let Some(node) = estimate.node(id.0) else { continue };
            let Some(plug) = node.item().and_then(|item| item.plug) else { continue };
            let member = MemberId(id.0);
            found.push(GapPlug { package: package.id, member, rate: plug.rate, cost: node.cost() });
        }
    }
    found
}
