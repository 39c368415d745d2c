//! What a row of a schedule is, by what its cells say.

use super::headers::{key, words};
use super::layout::Layout;
use super::sheet::Sheet;

/// The cells of a row that the layout names, as shown; empty where there is none.
#[derive(Debug, Clone, Default)]
pub(super) struct RowText {
    pub(super) code: String,
    pub(super) description: String,
    pub(super) unit: String,
    pub(super) quantity: String,
    pub(super) rate: String,
    pub(super) amount: String,
    pub(super) level: String,
    pub(super) note: String,
}

impl RowText {
    pub(super) fn of(sheet: &Sheet, layout: &Layout, row: u32) -> RowText {
        let shown = |column: Option<u32>| column.map(|c| sheet.shown(row, c)).unwrap_or_default();
        let columns = &layout.columns;
        RowText {
            code: shown(columns.code),
            description: shown(columns.description),
            unit: shown(columns.unit),
            quantity: shown(columns.quantity),
            rate: shown(columns.rate),
            amount: shown(columns.amount),
            level: shown(columns.level),
            note: shown(columns.note),
        }
    }
}

/// What a row is, before its place in the hierarchy is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// Something with a unit, a quantity or a rate.
    Item,
    /// Text without figures: a heading, or a note.
    Text,
    /// Not imported, for the reason given.
    Skip(&'static str),
}

/// What the row is.
pub(super) fn shape(text: &RowText, headings: &RowText) -> Shape {
    let cells =
        [&text.code, &text.description, &text.unit, &text.quantity, &text.rate, &text.amount];
    if cells.iter().all(|cell| cell.is_empty()) {
        return if text.note.is_empty() { Shape::Skip("blank") } else { Shape::Skip("note") };
    }
    if repeats_headings(text, headings) {
        return Shape::Skip("repeated headings");
    }
    let measured = !text.unit.is_empty() || !text.quantity.is_empty() || !text.rate.is_empty();
    if !measured || (text.unit.is_empty() && text.quantity.is_empty() && text.code.is_empty()) {
        let names = [&text.code, &text.description, &text.rate];
        if names.iter().any(|name| is_total(name)) {
            return Shape::Skip("total");
        }
    }
    if !measured && text.description.is_empty() && text.code.is_empty() {
        return Shape::Skip("amount without an item");
    }
    if measured || is_sum_of_client(text) {
        if text.description.is_empty() && text.code.is_empty() {
            return Shape::Skip("figures without an item");
        }
        return Shape::Item;
    }
    Shape::Text
}

/// Whether the row names the columns again, as at the top of a page.
fn repeats_headings(text: &RowText, headings: &RowText) -> bool {
    let pairs = [
        (&text.code, &headings.code),
        (&text.description, &headings.description),
        (&text.unit, &headings.unit),
        (&text.quantity, &headings.quantity),
        (&text.rate, &headings.rate),
        (&text.amount, &headings.amount),
    ];
    let same =
        |(cell, heading): &&(&String, &String)| !cell.is_empty() && key(cell) == key(heading);
    pairs.iter().filter(same).count() >= 2
}

/// Whether a text names a total of other rows.
fn is_total(text: &str) -> bool {
    let key = words(text);
    let phrases = [
        "total",
        "sub total",
        "subtotal",
        "grand total",
        "page total",
        "carried forward",
        "brought forward",
        "c f",
        "b f",
        "carried to summary",
        "carried collection",
        "collection",
        "gst",
        "gst 15%",
        "goods and services tax",
        "total carried forward",
    ];
    let starts = [
        "total ",
        "sub total ",
        "subtotal ",
        "grand total ",
        "page total ",
        "carried forward ",
        "brought forward ",
        "carried to ",
        "gst ",
        "plus gst",
        "add gst",
        "to collection",
        "to summary",
        "schedule total",
        "section total",
        "contract total",
        "tender total",
    ];
    let ends =
        [" total", " subtotal", " carried forward", " brought forward", " carried to summary"];
    phrases.contains(&key.as_str())
        || starts.iter().any(|start| key.starts_with(start))
        || ends.iter().any(|end| key.ends_with(end))
}

/// Whether a row with only an amount is a sum the client fixed.
fn is_sum_of_client(text: &RowText) -> bool {
    !text.amount.is_empty() && sum_of_client(&text.description).is_some()
}

/// A sum fixed by the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ClientSum {
    Provisional,
    PrimeCost,
}

/// Whether a description names a provisional or prime-cost sum.
pub(super) fn sum_of_client(description: &str) -> Option<ClientSum> {
    let key = words(description);
    if key.starts_with("provisional sum") || key.starts_with("prov sum") {
        Some(ClientSum::Provisional)
    } else if key.starts_with("prime cost sum") || key.starts_with("pc sum") {
        Some(ClientSum::PrimeCost)
    } else {
        None
    }
}

/// Whether a unit names a provisional or prime-cost sum.
pub(super) fn unit_of_client_sum(unit: &str) -> Option<ClientSum> {
    match words(unit).as_str() {
        "ps" | "p s" | "prov sum" | "provisional sum" | "prov" => Some(ClientSum::Provisional),
        "pc" | "p c" | "pc sum" | "prime cost sum" | "pcs sum" => Some(ClientSum::PrimeCost),
        _ => None,
    }
}

/// Whether a cell says that only a rate is asked for.
pub(super) fn is_rate_only(cell: &str) -> bool {
    matches!(words(cell).as_str(), "rate only" | "r o" | "ro" | "rates only")
}

/// Whether a cell says in words that the item has no price of its own.
pub(super) fn is_unpriced_word(cell: &str) -> bool {
    let open_words = [
        "included",
        "incl",
        "inc",
        "nil",
        "n a",
        "na",
        "not applicable",
        "tbc",
        "tba",
        "excluded",
        "included elsewhere",
        "no charge",
        "poa",
        "by others",
    ];
    open_words.contains(&words(cell).as_str())
        || cell.chars().all(|c| matches!(c, '-' | '–' | '—' | ' '))
}

/// Whether a unit is percent.
pub(super) fn is_percent(unit: &str) -> bool {
    matches!(unit.trim().to_lowercase().as_str(), "%" | "percent" | "per cent" | "pct")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(code: &str, description: &str, unit: &str, quantity: &str, amount: &str) -> RowText {
        RowText {
            code: code.to_owned(),
            description: description.to_owned(),
            unit: unit.to_owned(),
            quantity: quantity.to_owned(),
            amount: amount.to_owned(),
            ..RowText::default()
        }
    }

    #[test]
    fn rows_are_told_apart() {
        let headings = row("Item", "Description", "Unit", "Qty", "Amount");
        for (text, expected) in [
            (row("", "", "", "", ""), Shape::Skip("blank")),
            (row("ITEM", "DESCRIPTION", "unit", "qty", "amount"), Shape::Skip("repeated headings")),
            (row("", "Sub-total", "", "", "1200.00"), Shape::Skip("total")),
            (row("", "Section 2 Total", "", "", "1200.00"), Shape::Skip("total")),
            (row("", "Carried forward to Summary", "", "", ""), Shape::Skip("total")),
            (row("", "", "", "", "99.00"), Shape::Skip("amount without an item")),
            (row("", "", "", "4", ""), Shape::Skip("figures without an item")),
            (row("1", "Preliminary and general", "", "", ""), Shape::Text),
            (row("1", "Preliminary and general", "", "", "35,481.57"), Shape::Text),
            (row("1.01", "Total station survey", "LS", "1", ""), Shape::Item),
            (row("1.01", "Establishment", "LS", "", ""), Shape::Item),
            (row("4.01", "Provisional sum: services", "", "", "25000"), Shape::Item),
        ] {
            assert_eq!(shape(&text, &headings), expected, "{text:?}");
        }
    }
}
