//! Price books of the catalogue, their versions, and what resources cost by them.

use std::sync::Arc;

use super::Catalogue;
use crate::estimating::{
    change::Delta,
    day::Day,
    id::{PriceBookId, ResourceId},
    number::Rate,
    price_book::{
        PriceBook, PriceBookKind, PriceBookVersion, ResourceRates, VersionState, in_force,
    },
};

impl Catalogue {
    /// A price book.
    pub fn book(&self, id: PriceBookId) -> Option<&Arc<PriceBook>> {
        self.books.get(&id)
    }
    /// Every price book, oldest first.
    pub fn books(&self) -> impl Iterator<Item = &Arc<PriceBook>> {
        self.books.values()
    }
    /// The organisation's own price book: the oldest internal one.
    pub fn internal_book(&self) -> Option<&Arc<PriceBook>> {
        self.books.values().find(|book| book.kind == PriceBookKind::Internal)
    }

    /// Version `n` of a price book. O(log n).
    pub fn book_version(&self, id: PriceBookId, n: u32) -> Option<&Arc<PriceBookVersion>> {
        self.book_versions.get(&(id, n))
    }
    /// Every version of a price book, oldest first. O(log n + versions).
    pub fn book_versions(
        &self,
        id: PriceBookId,
    ) -> impl DoubleEndedIterator<Item = &Arc<PriceBookVersion>> {
        self.book_versions.range((id, 0)..=(id, u32::MAX)).map(|(_, version)| version)
    }
    /// The version being written: always the newest. O(log n).
    pub fn book_draft(&self, id: PriceBookId) -> Option<&Arc<PriceBookVersion>> {
        self.book_versions(id).next_back().filter(|v| v.state == VersionState::Draft)
    }
    /// Resources whose rates version `n` of a price book changes. O(log n + resources).
    pub fn resources_in_version(
        &self,
        id: PriceBookId,
        n: u32,
    ) -> impl Iterator<Item = ResourceId> {
        let ends = (ResourceId(uuid::Uuid::nil()), ResourceId(uuid::Uuid::max()));
        self.indexes.version_rates.range((id, n, ends.0)..=(id, n, ends.1)).map(|(_, _, r)| *r)
    }

    /// The rates that version `n` itself brings. O(log n).
    pub fn own_rates(&self, id: ResourceId, n: u32) -> Option<&Arc<ResourceRates>> {
        self.rates.get(&(id, n))
    }
    /// The rates of a resource in version `n` of its price book: the newest up to there. O(log n).
    pub fn rates_at(&self, id: ResourceId, n: u32) -> Option<&Arc<ResourceRates>> {
        self.rates.range((id, 0)..=(id, n)).next_back().map(|(_, rates)| rates)
    }
    /// Every set of rates a resource ever had, oldest first. O(log n + versions).
    pub fn rates_of(&self, id: ResourceId) -> impl DoubleEndedIterator<Item = &Arc<ResourceRates>> {
        self.rates.range((id, 0)..=(id, u32::MAX)).map(|(_, rates)| rates)
    }
    /// NZD per unit, excluding GST, in force today by version `n` of its price book; none where
    /// the version has no rate for today. O(log n).
    pub fn rate_at(&self, id: ResourceId, n: u32) -> Option<Rate> {
        match self.rates_at(id, n) {
            Some(rates) => in_force(&rates.entries, self.day).map(|entry| entry.rate),
            // A resource none of the book's versions speaks of has the rate of its row.
            None if self.rates_of(id).next().is_none() => self.resource(id)?.rate,
            None => None,
        }
    }
    /// What a resource costs now: the rate in force today by the current version of its price
    /// book. O(log n).
    pub fn rate(&self, id: ResourceId) -> Option<Rate> {
        let book = self.books.get(&self.resource(id)?.book);
        self.rate_at(id, book.map_or(u32::MAX, |book| book.current))
    }

    /// The day rates are looked up for.
    pub fn day(&self) -> Day {
        self.day
    }
    /// Looks rates up for another day from now on.
    pub fn set_day(&mut self, day: Day) {
        self.day = day;
    }

    pub(super) fn apply_book_version(&mut self, d: &Delta<PriceBookVersion>) {
        if let Some(row) = &d.before {
            self.book_versions.remove(&(row.book, row.n));
        }
        if let Some(row) = &d.after {
            self.book_versions.insert((row.book, row.n), row.clone());
        }
    }

    pub(super) fn apply_rates(&mut self, d: &Delta<ResourceRates>) {
        if let Some(row) = &d.before {
            self.rates.remove(&(row.resource, row.n));
            self.indexes.version_rates.remove(&(row.book, row.n, row.resource));
        }
        if let Some(row) = &d.after {
            self.indexes.version_rates.insert((row.book, row.n, row.resource));
            self.rates.insert((row.resource, row.n), row.clone());
        }
    }
}
