//! Resources brought in for a project and never used (domain 2.10).

use super::{Check, Estimate};
use crate::estimating::{
    catalogue::Catalogue,
    id::{PriceBookId, ResourceId},
    price_book::{PriceBook, PriceBookKind},
    resource::Availability,
    warning::Warning,
    worksheet::Source,
};
use std::collections::BTreeSet;

/// Codes a warning names one by one.
const NAMED_MAX: usize = 5;

impl Estimate {
    /// Resources no line and no recipe ever used since they were imported or added, in the
    /// project price books the estimate takes rates from: what was asked for this work and then
    /// forgotten. One warning for each price book, about the book. The organisation's own list and
    /// those of suppliers hold more than any estimate needs, so they say nothing.
    /// O(lines + resources), O(price books) where none is a project's.
    pub(super) fn check_unused(&self, catalogue: &Catalogue, take: &mut impl FnMut(Check)) {
        let of_project = |book: &PriceBook| book.kind == PriceBookKind::Project && !book.archived;
        if !catalogue.books().any(|book| of_project(book)) {
            return;
        }
        for id in self.books_used(catalogue) {
            let Some(book) = catalogue.book(id).filter(|book| of_project(book)) else { continue };
            let unused = catalogue.resources_by_code().filter(|resource| {
                resource.book == id && !resource.used && resource.state == Availability::Active
            });
            let codes: Vec<&str> = unused.map(|resource| &*resource.code).collect();
            if codes.is_empty() {
                continue;
            }
            let count = codes.len();
            let named = codes.iter().take(NAMED_MAX).copied().collect::<Vec<_>>().join(", ");
            let more = match count.saturating_sub(NAMED_MAX) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let (what, were) = if count == 1 { ("resource", "was") } else { ("resources", "were") };
            let message = format!(
                "{count} {what} of the price book {} {were} never used since the import: \
                 {named}{more}.",
                book.name
            );
            let value = format!("{count}: {}", codes.join(", "));
            take(Check::warning(Warning::ResourcesUnused, id.0, value, message));
        }
    }

    /// Price books of the resources its lines have, directly or through recipes. O(lines).
    fn books_used(&self, catalogue: &Catalogue) -> BTreeSet<PriceBookId> {
        let mut books = BTreeSet::new();
        let mut note = |id: ResourceId| {
            books.extend(catalogue.resource(id).map(|resource| resource.book));
        };
        for node in self.rows() {
            for line in node.sheet.map_or(&[][..], |sheet| &sheet.lines) {
                match &line.source {
                    Source::Resource { resource, .. } => note(*resource),
                    Source::Recipe(recipe) => recipe.rates.iter().for_each(|(id, _)| note(*id)),
                    Source::Free { .. } => {}
                }
            }
        }
        books
    }
}
