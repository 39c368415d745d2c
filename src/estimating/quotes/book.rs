//! The packages of an estimate with their rounds and quotes, as they are in memory.

use super::{
    MemberId, PackageId, QuoteId,
    compare::{Comparison, compare},
    normalise::normalise,
    package::{Adjudication, AdjudicationState, Asked, Member, Package, PackageMembers},
    quote::Quote,
};
use crate::estimating::{
    catalogue::Catalogue,
    commercials::{Commercials, PackageItems},
    estimate::Estimate,
    heading::Stamp,
    id::{EstimateId, ItemId},
    number::{Pct, Qty},
    refusal::Refusal,
    rules::Violation,
};
use imbl::OrdMap;
use std::sync::Arc;
use uuid::Uuid;

/// Packages, rounds and quotes of one estimate. O(1) to clone.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Packages {
    packages: OrdMap<PackageId, Arc<Package>>,
    rounds: OrdMap<(PackageId, u32), Arc<Adjudication>>,
    quotes: OrdMap<QuoteId, Arc<Quote>>,
}

/// The quotes of a round that compare, and what keeps the others from it.
pub struct Compared {
    /// Those on the common basis, side by side.
    pub comparison: Comparison,
    /// The others, each with the rules it breaks (BR-064, BR-065, BR-067, BR-069).
    pub apart: Vec<(QuoteId, Vec<Violation>)>,
}

impl Packages {
    /// A package. O(log n).
    pub fn package(&self, id: PackageId) -> Option<&Arc<Package>> {
        self.packages.get(&id)
    }
    /// Every package, oldest first. O(n).
    pub fn all(&self) -> impl DoubleEndedIterator<Item = &Arc<Package>> {
        self.packages.values()
    }
    /// How many packages there are.
    pub fn len(&self) -> usize {
        self.packages.len()
    }
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.packages.is_empty()
    }
    /// A round of a package. O(log n).
    pub fn round(&self, id: PackageId, n: u32) -> Option<&Arc<Adjudication>> {
        self.rounds.get(&(id, n))
    }
    /// The rounds of a package, oldest first. O(log n + rounds).
    pub fn rounds_of(&self, id: PackageId) -> impl DoubleEndedIterator<Item = &Arc<Adjudication>> {
        self.rounds.range((id, 0)..=(id, u32::MAX)).map(|(_, round)| round)
    }
    /// The newest round of a package. O(log n).
    pub fn current(&self, id: PackageId) -> Option<&Arc<Adjudication>> {
        self.rounds_of(id).next_back()
    }
    /// A quote. O(log n).
    pub fn quote(&self, id: QuoteId) -> Option<&Arc<Quote>> {
        self.quotes.get(&id)
    }
    /// Every quote. O(n).
    pub fn quotes(&self) -> impl Iterator<Item = &Arc<Quote>> {
        self.quotes.values()
    }
    /// The quotes and invitations of a round, oldest first. O(quotes of the estimate).
    pub fn quotes_of(&self, id: PackageId, round: u32) -> impl Iterator<Item = &Arc<Quote>> {
        self.quotes.values().filter(move |quote| quote.package == id && quote.round == round)
    }
    /// Packages that are not called off. O(n log n).
    pub fn live(&self) -> impl Iterator<Item = &Arc<Package>> {
        self.packages.values().filter(|package| {
            let round = self.current(package.id);
            round.is_none_or(|round| round.state != AdjudicationState::Cancelled)
        })
    }
    /// The items of each live package of items, for rules with such a scope (domain 2.7).
    pub fn items(&self) -> Vec<PackageItems> {
        let items = |package: &Arc<Package>| match &package.members {
            PackageMembers::Items(items) => {
                Some(PackageItems { id: package.id, items: items.clone() })
            }
            PackageMembers::Resources(_) => None,
        };
        self.live().filter_map(items).collect()
    }

    /// The items of the live packages that a rule of `commercials` acts on: part of what forms the
    /// price. O(packages x rules).
    pub fn acted_on(&self, commercials: &Commercials) -> Vec<PackageItems> {
        let mut items = self.items();
        items.retain(|package| commercials.acts_on(package.id));
        items
    }

    /// The same packages, rounds and quotes in another revision, under the same identities: who
    /// did what and when stays as it was. O(rows).
    pub fn copied(&self, estimate: EstimateId) -> Packages {
        let mut copy = Packages::default();
        for row in self.packages.values() {
            copy.restore_package(Package { estimate, version: 1, ..Package::clone(row) });
        }
        for row in self.rounds.values() {
            copy.restore_round(Adjudication { estimate, version: 1, ..Adjudication::clone(row) });
        }
        for row in self.quotes.values() {
            copy.restore_quote(Quote { estimate, version: 1, ..Quote::clone(row) });
        }
        copy
    }

    /// The live packages for a copy of the estimate in another tender: what is put to the market,
    /// each in draft. Invitations, quotes, deadlines and awards answered the other tender and stay
    /// with it. `id` gives the new identity of every package and item. O(rows).
    pub fn put_again(
        &self,
        estimate: EstimateId,
        stamp: Stamp,
        id: &mut dyn FnMut(Uuid) -> Uuid,
    ) -> Packages {
        let mut copy = Packages::default();
        for row in self.live() {
            let package = PackageId(id(row.id.0));
            let members = match &row.members {
                PackageMembers::Items(items) => {
                    PackageMembers::Items(items.iter().map(|item| ItemId(id(item.0))).collect())
                }
                PackageMembers::Resources(resources) => {
                    PackageMembers::Resources(resources.clone())
                }
            };
            copy.restore_package(Package {
                id: package,
                estimate,
                members,
                version: 1,
                stamp,
                ..Package::clone(row)
            });
            let round = Adjudication::first(estimate, package, stamp);
            copy.restore_round(Adjudication { version: 1, ..round });
        }
        copy
    }

    /// Takes in a package as it was stored.
    pub fn restore_package(&mut self, row: Package) {
        self.put_package(row.id, Some(Arc::new(row)));
    }
    /// Takes in a round as it was stored.
    pub fn restore_round(&mut self, row: Adjudication) {
        self.put_round((row.package, row.round), Some(Arc::new(row)));
    }
    /// Takes in a quote as it was stored.
    pub fn restore_quote(&mut self, row: Quote) {
        self.put_quote(row.id, Some(Arc::new(row)));
    }

    /// Puts a package in place, or takes it out.
    pub(in crate::estimating) fn put_package(&mut self, id: PackageId, row: Option<Arc<Package>>) {
        match row {
            Some(row) => drop(self.packages.insert(id, row)),
            None => drop(self.packages.remove(&id)),
        }
    }
    /// Puts a round in place, or takes it out.
    pub(in crate::estimating) fn put_round(
        &mut self,
        key: (PackageId, u32),
        row: Option<Arc<Adjudication>>,
    ) {
        match row {
            Some(row) => drop(self.rounds.insert(key, row)),
            None => drop(self.rounds.remove(&key)),
        }
    }
    /// Puts a quote in place, or takes it out.
    pub(in crate::estimating) fn put_quote(&mut self, id: QuoteId, row: Option<Arc<Quote>>) {
        match row {
            Some(row) => drop(self.quotes.insert(id, row)),
            None => drop(self.quotes.remove(&id)),
        }
    }

    /// The quotes of a round side by side. Those that cannot be compared are told apart.
    ///
    /// # Errors
    /// A figure beyond the range of money.
    pub fn compared(
        &self,
        id: PackageId,
        round: u32,
        members: &[Member],
        gst: Pct,
    ) -> Result<Compared, Refusal> {
        let mut fit = Vec::new();
        let mut apart = Vec::new();
        for quote in self.quotes_of(id, round).filter(|quote| quote.state.is_live()) {
            match normalise(quote, members, gst) {
                Ok(_) => fit.push(Quote::clone(quote)),
                Err(Refusal::Violations(found)) => apart.push((quote.id, found.0)),
                Err(other) => return Err(other),
            }
        }
        Ok(Compared { comparison: compare(members, &fit, gst)?, apart })
    }
}

/// A member of a package as it stands in the estimate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// What is put to the market.
    pub asked: Asked,
    /// What the estimator would pay for it.
    pub member: Member,
}

impl Estimate {
    /// What a package asks for as the estimate is now, in its order; members that are gone or have
    /// no quantity are left out. O(members), for resources O(rows + lines).
    pub fn scope_of(&self, package: &Package, catalogue: &Catalogue) -> Vec<Scope> {
        match &package.members {
            PackageMembers::Items(items) => {
                items.iter().filter_map(|id| self.item_scope(id.0)).collect()
            }
            PackageMembers::Resources(resources) => {
                let usage = self.resource_usage(catalogue);
                let scope = |id: &crate::estimating::id::ResourceId| {
                    let used = usage.iter().find(|one| one.resource == Some(*id))?;
                    let resource = catalogue.resource(*id)?;
                    let quantity = Qty::from_decimal_rounded(used.quantity.to_decimal())?;
                    let asked = Asked {
                        member: MemberId(id.0),
                        quantity,
                        unit: Some(resource.unit),
                        code: resource.code.clone(),
                        description: resource.description.clone(),
                    };
                    positive(asked, used.cost)
                };
                resources.iter().filter_map(scope).collect()
            }
        }
    }

    fn item_scope(&self, id: Uuid) -> Option<Scope> {
        let node = self.node(id)?;
        let item = node.item()?;
        let asked = Asked {
            member: MemberId(id),
            quantity: node.cost_quantity()?,
            unit: item.unit,
            code: item.code.as_str().into(),
            description: item.description.as_str().into(),
        };
        positive(asked, node.cost())
    }
}

fn positive(asked: Asked, own: crate::estimating::number::Money) -> Option<Scope> {
    let member = Member { id: asked.member, quantity: asked.quantity, own };
    asked.quantity.is_positive().then_some(Scope { asked, member })
}
