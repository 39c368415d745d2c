//! Between what travels and what the documents layer works with.

use super::shapes::*;
use crate::documents::cell::{Cell, CellKind as Kind};
use crate::documents::layout as doc;
use crate::documents::plan::{self, Action, Mode, RowKind, Severity};
use crate::documents::sheet::Sheet;
use crate::estimating::item::ItemType;

impl ImportSheet {
    /// A sheet in its place in the workbook.
    pub fn of(index: usize, sheet: &Sheet) -> ImportSheet {
        ImportSheet {
            index,
            name: sheet.name.clone(),
            rows: sheet.row_count(),
            hidden: sheet.hidden,
            columns: sheet.column_count(),
        }
    }
}

impl SheetCell {
    /// The cell at a place of a sheet.
    pub fn at(sheet: &Sheet, row: u32, column: u32) -> SheetCell {
        match sheet.cell(row, column) {
            None => SheetCell { v: None, kind: CellKind::Empty, bold: false, indent: None },
            Some(cell) => SheetCell::of(sheet, cell),
        }
    }

    fn of(sheet: &Sheet, cell: &Cell) -> SheetCell {
        let style = sheet.style(cell);
        let kind = match cell.value.kind() {
            Kind::Empty => CellKind::Empty,
            Kind::Text => CellKind::Text,
            Kind::Number => CellKind::Number,
            Kind::Bool => CellKind::Bool,
            Kind::Error => CellKind::Error,
            Kind::Date => CellKind::Date,
        };
        SheetCell {
            v: Some(cell.value.display(style)),
            kind,
            bold: style.bold,
            indent: (style.indent > 0).then_some(u32::from(style.indent)),
        }
    }
}

impl From<doc::Layout> for Layout {
    fn from(l: doc::Layout) -> Layout {
        let c = l.columns;
        Layout {
            sheet: l.sheet,
            header_row: l.header_row,
            columns: LayoutColumns {
                code: c.code,
                description: c.description,
                unit: c.unit,
                quantity: c.quantity,
                rate: c.rate,
                amount: c.amount,
                level: c.level,
                note: c.note,
            },
            hierarchy: match l.hierarchy {
                doc::Hierarchy::Flat => Hierarchy::Flat,
                doc::Hierarchy::Codes => Hierarchy::Codes,
                doc::Hierarchy::Indent => Hierarchy::Indent,
                doc::Hierarchy::Level => Hierarchy::Level,
                doc::Hierarchy::Bold => Hierarchy::Bold,
            },
            filters: l
                .filters
                .into_iter()
                .map(|f| LayoutFilter { column: f.column, equals: f.equals })
                .collect(),
            unit_map: l.unit_map,
            remembered: l.remembered,
        }
    }
}

impl From<Layout> for doc::Layout {
    fn from(l: Layout) -> doc::Layout {
        let c = l.columns;
        doc::Layout {
            sheet: l.sheet,
            header_row: l.header_row,
            columns: doc::Columns {
                code: c.code,
                description: c.description,
                unit: c.unit,
                quantity: c.quantity,
                rate: c.rate,
                amount: c.amount,
                level: c.level,
                note: c.note,
            },
            hierarchy: match l.hierarchy {
                Hierarchy::Flat => doc::Hierarchy::Flat,
                Hierarchy::Codes => doc::Hierarchy::Codes,
                Hierarchy::Indent => doc::Hierarchy::Indent,
                Hierarchy::Level => doc::Hierarchy::Level,
                Hierarchy::Bold => doc::Hierarchy::Bold,
            },
            filters: l
                .filters
                .into_iter()
                .map(|f| doc::Filter { column: f.column, equals: f.equals })
                .collect(),
            unit_map: l.unit_map,
            remembered: l.remembered,
        }
    }
}

impl From<ImportMode> for Mode {
    fn from(mode: ImportMode) -> Mode {
        match mode {
            ImportMode::Append => Mode::Append,
            ImportMode::ReplaceEmpty => Mode::ReplaceEmpty,
            ImportMode::Reimport => Mode::Reimport,
        }
    }
}

impl From<RateAs> for plan::RateAs {
    fn from(rates: RateAs) -> plan::RateAs {
        match rates {
            RateAs::Plug => plan::RateAs::Plug,
            RateAs::Ignore => plan::RateAs::Ignore,
        }
    }
}

impl From<&plan::Summary> for PlanSummary {
    fn from(s: &plan::Summary) -> PlanSummary {
        PlanSummary {
            headings: s.headings,
            items: s.items,
            added: s.added,
            changed: s.changed,
            unchanged: s.unchanged,
            dropped: s.dropped,
            skipped: s.skipped,
            problems: s.problems,
            errors: s.errors,
            total: s.total,
            file_total: s.file_total,
        }
    }
}

impl From<&plan::Problem> for PlanProblem {
    fn from(p: &plan::Problem) -> PlanProblem {
        PlanProblem {
            cell: Some(p.cell.clone()),
            code: p.code,
            rule: p.rule,
            message: p.message.clone(),
            severity: match p.severity {
                Severity::Error => PlanSeverity::Error,
                Severity::Warning => PlanSeverity::Warning,
            },
        }
    }
}

impl PlanRow {
    /// A row with the problems it has in its plan.
    pub fn of(plan: &plan::Plan, row: &plan::PlanRow) -> PlanRow {
        let filled = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let changes = row.changes.iter().map(|c| PlanChange {
            field: c.field,
            before: c.before.clone(),
            after: c.after.clone(),
        });
        let problems = row.problems.iter().filter_map(|place| plan.problems.get(*place));
        PlanRow {
            row: row.row.unwrap_or(0),
            kind: match row.kind {
                RowKind::Heading => PlanKind::Heading,
                RowKind::Item => PlanKind::Item,
                RowKind::Skip => PlanKind::Skip,
                RowKind::Drop => PlanKind::Drop,
            },
            level: (row.level > 0).then_some(row.level),
            code: filled(&row.code),
            description: filled(&row.description),
            unit: row.unit.clone(),
            quantity: row.quantity.map(|quantity| quantity.to_string()),
            rate: row.rate.map(|rate| rate.to_string()),
            item_type: row.item_type.map(ItemType::from),
            action: match row.action {
                Action::Add => PlanAction::Add,
                Action::Change => PlanAction::Change,
                Action::Same => PlanAction::Same,
                Action::Drop => PlanAction::Drop,
                Action::Skip => PlanAction::Skip,
            },
            reason: row.reason,
            changes: changes.collect(),
            problems: problems.map(PlanProblem::from).collect(),
        }
    }
}

impl From<plan::ItemType> for ItemType {
    fn from(t: plan::ItemType) -> ItemType {
        match t {
            plan::ItemType::Schedule => ItemType::Schedule,
            plan::ItemType::RateOnly => ItemType::RateOnly,
            plan::ItemType::ProvisionalSum => ItemType::ProvisionalSum,
            plan::ItemType::PrimeCostSum => ItemType::PrimeCostSum,
            plan::ItemType::Percentage => ItemType::Percentage,
        }
    }
}
