//! What a new organisation starts with.

use super::LibraryContext;
use crate::estimating::{
    change::{Delta, LibraryChange},
    heading::Stamp,
    id::PriceBookId,
    resource::{PriceBook, PriceBookKind},
    units::UnitList,
};

/// The changes that give an empty library its start: the standard units with their conversions,
/// and an empty internal price book.
pub fn standard(cx: &mut LibraryContext<'_>) -> Vec<LibraryChange> {
    let book = PriceBook {
        id: PriceBookId(cx.ids.next_id()),
        name: "Internal rates".into(),
        kind: PriceBookKind::Internal,
        current: 1,
        version: 1,
        stamp: Stamp::new(cx.by, cx.at_us),
    };
    let list = UnitList::standard();
    let units = list.units().iter().cloned().map(Delta::insert).map(LibraryChange::Unit);
    let conversions = list.conversions().iter().cloned().map(Delta::insert);
    units
        .chain(conversions.map(LibraryChange::Conversion))
        .chain([LibraryChange::PriceBook(Delta::insert(book))])
        .collect()
}
