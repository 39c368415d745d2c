//! Matches a plan with what the estimate holds, by client code (BR-105).

use std::collections::HashMap;

use uuid::Uuid;

use super::layout::Layout;
use super::plan::{
    Action, ExistingRow, FieldChange, Plan, PlanRow, Problem, ProblemKind, RateAs, RowKind,
};
use super::planner::add_problem;
use super::sheet::Sheet;

/// Marks every row as added, changed or the same, and adds the dropped items. A code that stands
/// twice on either side, or an item without one, is refused. O(rows).
pub(super) fn match_rows(
    plan: &mut Plan,
    sheet: &Sheet,
    layout: &Layout,
    existing: &[ExistingRow],
    rate_as: RateAs,
) {
    let mut by_code: HashMap<(RowKey, &str), Vec<&ExistingRow>> = HashMap::new();
    for row in existing {
        if let (Some(key), false) = (row_key(row.kind), row.code.is_empty()) {
            by_code.entry((key, row.code.as_str())).or_default().push(row);
        }
    }
    let mut in_sheet: HashMap<(RowKey, String), u32> = HashMap::new();
    for row in &plan.rows {
        if let (Some(key), false) = (row_key(row.kind), row.code.is_empty()) {
            *in_sheet.entry((key, row.code.clone())).or_default() += 1;
        }
    }
    let mut problems: Vec<(usize, String)> = Vec::new();
    for (index, row) in plan.rows.iter_mut().enumerate() {
        let Some(key) = row_key(row.kind) else {
            continue;
        };
        if row.code.is_empty() {
            if key == RowKey::Item {
                problems.push((index, "the item has no code to match it by".to_owned()));
            }
            continue;
        }
        let there = by_code.get(&(key, row.code.as_str())).map_or(&[][..], Vec::as_slice);
        let here = in_sheet.get(&(key, row.code.clone())).copied().unwrap_or(0);
        match (here, there) {
            (1, []) => {}
            (1, [only]) => match_row(row, only, rate_as),
            (1, several) => problems.push((
                index,
                format!("the code {} stands {} times in the estimate", row.code, several.len()),
            )),
            (times, _) => problems
                .push((index, format!("the code {} stands {times} times in the sheet", row.code))),
        }
    }
    for (index, message) in problems {
        refuse(plan, sheet, layout, index, message);
    }
    drop_missing(plan, existing);
}

/// Headings and items are matched apart: a heading 2 is no item 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum RowKey {
    Heading,
    Item,
}

fn row_key(kind: RowKind) -> Option<RowKey> {
    match kind {
        RowKind::Heading => Some(RowKey::Heading),
        RowKind::Item => Some(RowKey::Item),
        RowKind::Skip | RowKind::Drop => None,
    }
}

fn refuse(plan: &mut Plan, sheet: &Sheet, layout: &Layout, index: usize, message: String) {
    let Some(number) = plan.rows.get(index).and_then(|row| row.row) else {
        return;
    };
    let row = number.saturating_sub(1);
    let cell = sheet.cell_name(row, layout.columns.code.unwrap_or(0));
    let problem = add_problem(plan, Problem::at(cell, row, ProblemKind::CodeAmbiguous, message));
    if let Some(row) = plan.rows.get_mut(index) {
        row.problems.extend(problem);
    }
}

/// Compares a row with the one it matches, field by field.
fn match_row(row: &mut PlanRow, existing: &ExistingRow, rate_as: RateAs) {
    let mut changes = Vec::new();
    let mut compare = |field, before: Option<String>, after: Option<String>| {
        if before != after {
            changes.push(FieldChange { field, before, after });
        }
    };
    let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    if row.kind == RowKind::Heading {
        compare("name", text(&existing.description), text(&row.description));
    } else {
        compare("description", text(&existing.description), text(&row.description));
        compare("unit", existing.unit.clone(), row.unit.clone());
        let shown = |quantity: &Option<_>| quantity.as_ref().map(ToString::to_string);
        compare("quantity", shown(&existing.quantity), shown(&row.quantity));
        // A worksheet is kept as it is: a rate of the file would replace it.
        if rate_as == RateAs::Plug && !existing.has_worksheet && row.rate.is_some() {
            let before = existing.plug_rate.map(|rate| rate.to_string());
            compare("plugRate", before, row.rate.map(|rate| rate.to_string()));
        }
        if existing.inactive {
            compare("inactive", Some("true".to_owned()), Some("false".to_owned()));
        }
    }
    row.action = if changes.is_empty() { Action::Same } else { Action::Change };
    row.existing = Some(existing.id);
    row.changes = changes;
}

/// Adds the items that are not in the sheet any more; a code that was refused drops nothing.
fn drop_missing(plan: &mut Plan, existing: &[ExistingRow]) {
    let codes: std::collections::HashSet<&str> = plan
        .rows
        .iter()
        .filter(|row| row.kind == RowKind::Item)
        .map(|row| row.code.as_str())
        .collect();
    let dropped: Vec<PlanRow> = existing
        .iter()
        .filter(|row| row.kind == RowKind::Item && !row.inactive)
        .filter(|row| !row.code.is_empty() && !codes.contains(row.code.as_str()))
        .map(|row| dropped_row(row, row.id))
        .collect();
    plan.rows.extend(dropped);
}

fn dropped_row(row: &ExistingRow, id: Uuid) -> PlanRow {
    PlanRow {
        row: None,
        kind: RowKind::Drop,
        level: 0,
        parent: None,
        code: row.code.clone(),
        description: row.description.clone(),
        item_type: None,
        unit: row.unit.clone(),
        quantity: row.quantity,
        rate: row.plug_rate,
        amount: None,
        client_amount: None,
        percent: None,
        note: None,
        action: Action::Drop,
        existing: Some(id),
        reason: Some("not in the sheet any more"),
        changes: vec![FieldChange {
            field: "inactive",
            before: Some("false".to_owned()),
            after: Some("true".to_owned()),
        }],
        problems: Vec::new(),
    }
}
