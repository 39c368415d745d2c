//! A window of a sheet as a person checks it before an import.

use serde::Serialize;

use super::cell::{CellKind, Value};
use super::numbers;
use super::sheet::Sheet;

/// Most rows in one window.
pub const WINDOW_ROWS_MAX: u32 = 1_000;

/// A cell as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CellView {
    /// What it shows; none when empty.
    pub v: Option<String>,
    /// What it holds; in a text file a plain number counts as one.
    pub kind: CellKind,
    /// Bold font.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub bold: bool,
    /// Indent steps.
    #[serde(skip_serializing_if = "is_zero")]
    pub indent: u8,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde calls")]
fn is_zero(indent: &u8) -> bool {
    *indent == 0
}

/// The rows from `offset` (from 0), at most `limit` and [`WINDOW_ROWS_MAX`] of them, every column.
#[must_use]
pub fn window(sheet: &Sheet, offset: u32, limit: u32) -> Vec<Vec<CellView>> {
    let end = offset.saturating_add(limit.min(WINDOW_ROWS_MAX)).min(sheet.row_count());
    (offset..end)
        .map(|row| (0..sheet.column_count()).map(|column| view(sheet, row, column)).collect())
        .collect()
}

fn view(sheet: &Sheet, row: u32, column: u32) -> CellView {
    let Some(cell) = sheet.cell(row, column) else {
        return CellView { v: None, kind: CellKind::Empty, bold: false, indent: 0 };
    };
    let style = sheet.style(cell);
    let kind = match &cell.value {
        Value::Text(text) if sheet.textual && numbers::from_text(text).is_some() => {
            CellKind::Number
        }
        other => other.kind(),
    };
    CellView { v: Some(cell.value.display(style)), kind, bold: style.bold, indent: style.indent }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_shows_what_is_there_and_no_more() {
        let rows = [vec!["Item".to_owned(), "Qty".to_owned()], vec!["1".to_owned(), String::new()]];
        let sheet = Sheet::from_text("Schedule", &rows, true);
        let json = serde_json::to_value(window(&sheet, 1, 50)).expect("json");
        let expected =
            serde_json::json!([[{"v": "1", "kind": "number"}, {"v": null, "kind": "empty"}]]);
        assert_eq!(json, expected);
        assert!(window(&sheet, 9, 50).is_empty());
    }
}
