//! What a new organisation starts with.

use super::LibraryContext;
use crate::estimating::{
    change::{Delta, LibraryChange},
    heading::Stamp,
    id::PriceBookId,
    price_book::{PriceBook, PriceBookKind, PriceBookVersion, VersionState},
    units::UnitList,
};

/// The changes that give an empty library its start: the standard units with their conversions,
/// and an internal price book whose first version is empty.
pub fn standard(cx: &mut LibraryContext<'_>) -> Vec<LibraryChange> {
    let book = PriceBook {
        id: PriceBookId(cx.ids.next_id()),
        name: "Internal rates".into(),
        kind: PriceBookKind::Internal,
        supplier: None,
        current: 1,
        archived: false,
        version: 1,
        stamp: Stamp::new(cx.by, cx.at_us),
    };
    let first = PriceBookVersion {
        book: book.id,
        n: 1,
        state: VersionState::Published,
        note: None,
        published_at_us: Some(cx.at_us),
        published_by: Some(cx.by),
        version: 1,
        stamp: Stamp::new(cx.by, cx.at_us),
    };
    let list = UnitList::standard();
    let units = list.units().iter().cloned().map(Delta::insert).map(LibraryChange::Unit);
    let conversions = list.conversions().iter().cloned().map(Delta::insert);
    units
        .chain(conversions.map(LibraryChange::Conversion))
        .chain([
            LibraryChange::PriceBook(Delta::insert(book)),
            LibraryChange::PriceBookVersion(Delta::insert(first)),
        ])
        .collect()
}
