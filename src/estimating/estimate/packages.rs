//! Packages, rounds and quotes come, change and go like any row of the estimate.

use super::{
    Estimate, Work,
    finish::moved_on,
    work::{Before, Table},
};
use crate::estimating::{
    change::{Delta, EstimateChange},
    id::UserId,
    quotes::{Adjudication, Package, PackageId, Quote, QuoteId, check_packages},
    refusal::Refusal,
    rules::Violations,
};
use std::sync::Arc;
use uuid::Uuid;

impl Estimate {
    /// Puts a package in place, or takes it out.
    pub(crate) fn replace_package(
        &mut self,
        work: &mut Work<'_>,
        id: PackageId,
        row: Option<Arc<Package>>,
    ) {
        let before = self.packages.package(id).cloned();
        work.keep(Table::Package, id.0, || Before::Package(id, before));
        work.scopes = true;
        self.packages.put_package(id, row);
    }

    /// Puts a round in place, or takes it out.
    pub(crate) fn replace_round(
        &mut self,
        work: &mut Work<'_>,
        key: (PackageId, u32),
        row: Option<Arc<Adjudication>>,
    ) {
        let before = self.packages.round(key.0, key.1).cloned();
        let seen = Uuid::from_u128(key.0.0.as_u128() ^ u128::from(key.1));
        work.keep(Table::Round, seen, || Before::Round(key, before));
        work.scopes = true;
        self.packages.put_round(key, row);
    }

    /// Puts a quote in place, or takes it out.
    pub(crate) fn replace_quote(
        &mut self,
        work: &mut Work<'_>,
        id: QuoteId,
        row: Option<Arc<Quote>>,
    ) {
        let before = self.packages.quote(id).cloned();
        work.keep(Table::Quote, id.0, || Before::Quote(id, before));
        self.packages.put_quote(id, row);
    }

    /// BR-061, where packages or their states have changed.
    pub(crate) fn check_packages(&self, work: &Work<'_>) -> Result<(), Refusal> {
        if !work.scopes {
            return Ok(());
        }
        let found = check_packages(self.packages.live().map(|package| &**package));
        Ok(Violations::check(found)?)
    }

    pub(super) fn close_package(
        &mut self,
        id: PackageId,
        old: Option<Arc<Package>>,
        by: UserId,
        at_us: i64,
    ) -> Option<EstimateChange> {
        let now = self.packages.package(id).cloned();
        if now == old {
            return None;
        }
        let after = now.map(|row| {
            let mut row = Package::clone(&row);
            let was = old.as_ref().map(|old| (old.version, old.stamp));
            (row.version, row.stamp) = moved_on(row.version, was, by, at_us);
            Arc::new(row)
        });
        self.packages.put_package(id, after.clone());
        Some(EstimateChange::Package(Delta { before: old, after }))
    }

    pub(super) fn close_round(
        &mut self,
        key: (PackageId, u32),
        old: Option<Arc<Adjudication>>,
        by: UserId,
        at_us: i64,
    ) -> Option<EstimateChange> {
        let now = self.packages.round(key.0, key.1).cloned();
        if now == old {
            return None;
        }
        let after = now.map(|row| {
            let mut row = Adjudication::clone(&row);
            let was = old.as_ref().map(|old| (old.version, old.stamp));
            (row.version, row.stamp) = moved_on(row.version, was, by, at_us);
            Arc::new(row)
        });
        self.packages.put_round(key, after.clone());
        Some(EstimateChange::Adjudication(Delta { before: old, after }))
    }

    pub(super) fn close_quote(
        &mut self,
        id: QuoteId,
        old: Option<Arc<Quote>>,
        by: UserId,
        at_us: i64,
    ) -> Option<EstimateChange> {
        let now = self.packages.quote(id).cloned();
        if now == old {
            return None;
        }
        let after = now.map(|row| {
            let mut row = Quote::clone(&row);
            let was = old.as_ref().map(|old| (old.version, old.stamp));
            (row.version, row.stamp) = moved_on(row.version, was, by, at_us);
            Arc::new(row)
        });
        self.packages.put_quote(id, after.clone());
        Some(EstimateChange::Quote(Delta { before: old, after }))
    }
}
