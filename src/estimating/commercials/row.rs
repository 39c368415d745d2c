//! What is stored of an estimate's commercials: its rules and terms, in one row.

use super::{
    bill::Bill,
    error::PricingError,
    kept::Price,
    pricing::Pricing,
    rule::{CommercialRule, PackageId, RuleBase, RuleKind, Within},
    terms::{RateTier, Terms},
};
use crate::estimating::{
    estimate::Estimate,
    heading::Stamp,
    id::{EstimateId, HeadingId, ItemId},
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use uuid::Uuid;

/// The commercials of an estimate. Prices are derived from them and never stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Commercials {
    /// The estimate revision.
    pub estimate: EstimateId,
    /// The rules, in ascending sequence (BR-075).
    pub rules: Vec<CommercialRule>,
    /// Tiers of sell-rate decimals.
    pub tiers: Vec<RateTier>,
    /// The lump-sum item that takes the misclose (BR-085).
    pub balancing: Option<ItemId>,
    /// Counts changes of rate locks, which are on items: so the row says who last changed rules or
    /// locks (BR-094).
    pub locks: u64,
    /// Counts changes of this row, from 1; 0 before there was one.
    pub version: u64,
    /// Who and when.
    pub stamp: Stamp,
}

impl Commercials {
    /// None yet: cost is price, sell rates have two decimals.
    pub fn none(estimate: EstimateId, stamp: Stamp) -> Commercials {
        Commercials {
            estimate,
            rules: Vec::new(),
            tiers: Vec::new(),
            balancing: None,
            locks: 0,
            version: 0,
            stamp,
        }
    }

    /// Whether a rule's scope names a package, to take it in or to leave it out. O(rules).
    pub fn acts_on(&self, package: PackageId) -> bool {
        let named = Within::Package(package);
        let mut scopes = self.rules.iter().map(|rule| &rule.scope);
        scopes.any(|scope| scope.within == named || scope.except.contains(&named))
    }

    /// The same for a copy of the estimate: `id` gives the new identity of every row and rule.
    pub fn copied(
        &self,
        estimate: EstimateId,
        stamp: Stamp,
        id: &mut dyn FnMut(Uuid) -> Uuid,
    ) -> Commercials {
        let mut copy = Commercials { estimate, stamp, version: 1, ..self.clone() };
        copy.balancing = copy.balancing.map(|item| ItemId(id(item.0)));
        for rule in &mut copy.rules {
            (rule.estimate, rule.stamp, rule.version) = (estimate, stamp, 1);
            rule.id.0 = id(rule.id.0);
            if let RuleKind::SpreadIndirect { pool } = &mut rule.kind {
                pool.iter_mut().for_each(|item| item.0 = id(item.0));
            }
            if let RuleBase::Rules(rules) = &mut rule.base {
                rules.iter_mut().for_each(|rule| rule.0 = id(rule.0));
            }
            for within in std::iter::once(&mut rule.scope.within).chain(&mut rule.scope.except) {
                match within {
                    Within::All | Within::Type(_) => {}
                    Within::Package(package) => package.0 = id(package.0),
                    Within::Heading(heading) => *heading = HeadingId(id(heading.0)),
                    Within::Items(items) => items.iter_mut().for_each(|item| item.0 = id(item.0)),
                }
            }
        }
        copy
    }
}

impl Estimate {
    /// The price that rules and terms of `commercials` form from the costs as they are. O(rows +
    /// items x rules).
    ///
    /// # Errors
    /// As [`Pricing::new`].
    pub fn priced_by(&self, commercials: &Commercials) -> Result<Pricing, PricingError> {
        let terms = Terms {
            tiers: commercials.tiers.clone(),
            balancing: commercials.balancing,
            gst: self.row().gst_pct,
        };
        Pricing::new(Bill::of(self, self.packages().items()), &commercials.rules, terms)
    }

    /// The price by the estimate's own commercials, shared by everyone who reads this state.
    /// O(1) once formed; after an edit of costs O(items x rules) in integers.
    ///
    /// # Errors
    /// As [`Pricing::new`].
    pub fn price(&self) -> Result<Arc<Price>, PricingError> {
        self.kept_price().get(self)
    }
}
