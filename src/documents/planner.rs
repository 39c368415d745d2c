//! Walks the rows of a sheet and makes the plan of its import.

use std::collections::{BTreeMap, HashMap};
use std::ops::ControlFlow;

use crate::estimating::number::Money;

use super::cell::Value;
use super::classify::{RowText, Shape, shape};
use super::item_row::{self, ItemRow};
use super::layout::{Hierarchy, Layout, code_segments, indent, is_bold, passes};
use super::limits::{Progress, ReadError, unwatched};
use super::nesting::{HEADING_LEVELS_MAX, Nesting, Place};
use super::plan::{
    Action, ExistingRow, Mode, PROBLEMS_MAX, Plan, PlanOptions, PlanRow, Problem, ProblemKind,
    RateAs, RowKind, Severity, Summary, UnknownUnit,
};
use super::reimport;
use super::sheet::Sheet;
use super::units::UnitMap;

/// Rows between two looks at the progress callback.
const ROWS_PER_TICK: u32 = 1_024;

/// Plans the import of a sheet. O(rows).
///
/// `existing` is looked at by [`Mode::Reimport`] only.
#[must_use]
pub fn plan(
    sheet: &Sheet,
    layout: &Layout,
    units: &UnitMap,
    existing: &[ExistingRow],
    options: PlanOptions,
) -> Plan {
    match plan_watched(sheet, layout, units, existing, options, &mut unwatched) {
        Ok(plan) => plan,
        // Only the callback breaks a plan off, and this one never does.
        Err(_) => Planner::new(sheet, layout, units, options).plan,
    }
}

/// As [`plan`], telling `progress` how many rows are behind.
///
/// # Errors
/// [`ReadError::Cancelled`] when `progress` breaks.
pub fn plan_watched(
    sheet: &Sheet,
    layout: &Layout,
    units: &UnitMap,
    existing: &[ExistingRow],
    options: PlanOptions,
    progress: Progress<'_>,
) -> Result<Plan, ReadError> {
    let mut planner = Planner::new(sheet, layout, units, options);
    planner.check_columns();
    let first = layout.header_row.saturating_add(1);
    for row in first..sheet.row_count() {
        if row % ROWS_PER_TICK == 0 {
            let (done, total) = (u64::from(row), u64::from(sheet.row_count()));
            if let ControlFlow::Break(()) = progress(done, total) {
                return Err(ReadError::Cancelled);
            }
        }
        if passes(sheet, layout, row) {
            planner.row(row);
        }
    }
    planner.codes_twice();
    let mut plan = planner.finish();
    if options.mode == Mode::Reimport {
        reimport::match_rows(&mut plan, sheet, layout, existing, options.rate_as);
    }
    count_actions(&mut plan);
    Ok(plan)
}

struct Planner<'p> {
    sheet: &'p Sheet,
    layout: &'p Layout,
    units: &'p UnitMap,
    options: PlanOptions,
    headings: RowText,
    nesting: Nesting,
    /// Ranks of heading styles in the order they were met, for [`Hierarchy::Bold`].
    last_was_heading: bool,
    bold_ranks: Vec<(bool, u32)>,
    unknown: BTreeMap<String, u64>,
    made_heading: Option<usize>,
    plan: Plan,
}

impl<'p> Planner<'p> {
    fn new(
        sheet: &'p Sheet,
        layout: &'p Layout,
        units: &'p UnitMap,
        options: PlanOptions,
    ) -> Planner<'p> {
        Planner {
            sheet,
            layout,
            units,
            options,
            headings: RowText::of(sheet, layout, layout.header_row),
            nesting: Nesting::default(),
            last_was_heading: false,
            bold_ranks: Vec::new(),
            unknown: BTreeMap::new(),
            made_heading: None,
            plan: Plan {
                summary: Summary::default(),
                unknown_units: Vec::new(),
                rows: Vec::new(),
                problems: Vec::new(),
            },
        }
    }

    fn problem(
        &mut self,
        row: u32,
        column: Option<u32>,
        kind: ProblemKind,
        message: String,
    ) -> Option<usize> {
        let cell = self.sheet.cell_name(row, column.unwrap_or(0));
        add_problem(&mut self.plan, Problem::at(cell, row, kind, message))
    }

    fn check_columns(&mut self) {
        let beyond: Vec<u32> = self
            .layout
            .columns
            .used()
            .filter(|column| *column >= self.sheet.column_count())
            .collect();
        for column in beyond {
            let message = format!("the sheet has {} columns", self.sheet.column_count());
            self.problem(self.layout.header_row, Some(column), ProblemKind::ColumnMissing, message);
        }
    }

    fn row(&mut self, row: u32) {
        let text = RowText::of(self.sheet, self.layout, row);
        match shape(&text, &self.headings) {
            Shape::Skip(reason) => self.skip(row, text, reason),
            Shape::Item => {
                self.item(row, text);
                self.last_was_heading = false;
            }
            Shape::Text => {
                let heads = self.heads(row, &text);
                if heads {
                    self.heading(row, text);
                } else {
                    self.skip(row, text, "text without unit and quantity");
                }
                self.last_was_heading = heads;
            }
        }
    }

    /// Whether a row of text is a heading rather than a note.
    fn heads(&self, row: u32, text: &RowText) -> bool {
        let column = self.layout.columns.description.unwrap_or(0);
        match self.layout.hierarchy {
            Hierarchy::Flat => false,
            Hierarchy::Codes => {
                !code_segments(&text.code).is_empty() || is_bold(self.sheet, row, column)
            }
            Hierarchy::Indent => true,
            Hierarchy::Level => !text.level.is_empty(),
            Hierarchy::Bold => {
                let code_column = self.layout.columns.code.unwrap_or(column);
                is_bold(self.sheet, row, column) || is_bold(self.sheet, row, code_column)
            }
        }
    }

    fn skip(&mut self, row: u32, text: RowText, reason: &'static str) {
        self.plan.summary.skipped += 1;
        // A blank row says nothing to whoever reads the plan.
        if reason != "blank" {
            self.plan.rows.push(PlanRow {
                reason: Some(reason),
                action: Action::Skip,
                ..blank_row(Some(row), RowKind::Skip, text.code, text.description)
            });
        }
    }

    fn level_of(&mut self, row: u32, text: &RowText, index_problems: &mut Vec<usize>) -> u32 {
        let column = self.layout.columns.level;
        let number = match column.and_then(|column| self.sheet.value(row, column)) {
            Some(Value::Number(number)) => {
                u32::try_from(*number).ok().filter(|_| number.fract().is_zero())
            }
            Some(Value::Text(text)) => text.trim().parse().ok(),
            Some(Value::Bool(_) | Value::Error(_) | Value::Date(_)) | None => None,
        };
        match number {
            Some(level) if (1..=HEADING_LEVELS_MAX + 1).contains(&level) => level,
            Some(_) | None if text.level.is_empty() => self.nesting.depth() + 1,
            Some(_) | None => {
                let message = format!("the level “{}” is no level from 1 to 6", text.level);
                index_problems.extend(self.problem(
                    row,
                    column,
                    ProblemKind::LevelInvalid,
                    message,
                ));
                self.nesting.depth() + 1
            }
        }
    }

    /// The rank of a bold heading: capitals stand above small letters when a heading of the one
    /// kind follows one of the other.
    fn bold_rank(&mut self, description: &str) -> u32 {
        let capitals = !description.chars().any(char::is_lowercase);
        if let Some((_, rank)) = self.bold_ranks.iter().find(|(known, _)| *known == capitals) {
            return *rank;
        }
        let rank = match self.bold_ranks.last() {
            Some((_, rank)) if self.last_was_heading => rank + 1,
            Some((_, rank)) => *rank,
            None => 0,
        };
        self.bold_ranks.push((capitals, rank));
        rank
    }

    fn heading(&mut self, row: u32, text: RowText) {
        let mut problems = self.code_is_date(row);
        let column = self.layout.columns.description.unwrap_or(0);
        let index = self.plan.rows.len();
        let (level, parent) = match self.layout.hierarchy {
            Hierarchy::Codes => self.nesting.open_heading(index, Place::Code(&text.code)),
            Hierarchy::Indent => {
                let key = indent(self.sheet, row, column);
                self.nesting.open_heading(index, Place::Indent(key))
            }
            Hierarchy::Level => {
                let level = self.level_of(row, &text, &mut problems);
                self.nesting.open_heading(index, Place::Level(level))
            }
            Hierarchy::Bold | Hierarchy::Flat => {
                let rank = self.bold_rank(&text.description);
                self.nesting.open_heading(index, Place::Indent(rank))
            }
        };
        let depth = self.options.under_depth.saturating_add(level);
        if depth > HEADING_LEVELS_MAX {
            let message = format!("the heading would be {depth} levels deep; five are allowed");
            let place = self.layout.columns.code.or(self.layout.columns.description);
            problems.extend(self.problem(row, place, ProblemKind::TooDeep, message));
        }
        self.plan.summary.headings += 1;
        let name = if text.description.is_empty() { text.code.clone() } else { text.description };
        self.plan.rows.push(PlanRow {
            level,
            parent,
            problems,
            note: some_text(text.note),
            ..blank_row(Some(row), RowKind::Heading, text.code, name)
        });
    }

    fn item(&mut self, row: u32, text: RowText) {
        let mut problems = self.code_is_date(row);
        let read = item_row::read(self.sheet, self.layout, self.units, row, &text);
        let place = match self.layout.hierarchy {
            Hierarchy::Codes => self.nesting.place_item(Place::Code(&text.code)),
            Hierarchy::Indent | Hierarchy::Bold | Hierarchy::Flat => {
                self.nesting.place_item(Place::Indent(u32::MAX))
            }
            Hierarchy::Level => {
                let level = self.level_of(row, &text, &mut problems);
                self.nesting.place_item(Place::Level(level))
            }
        };
        let (level, parent) = match place {
            (level, Some(parent)) => (level, Some(parent)),
            (_, None) => self.without_heading(),
        };
        self.plan.summary.items += 1;
        self.add_amounts(&read);
        if let Some(unknown) = &read.unknown_unit {
            *self.unknown.entry(unknown.clone()).or_default() += 1;
        }
        for problem in read.problems {
            problems.extend(add_problem(&mut self.plan, problem));
        }
        let rate = match self.options.rate_as {
            RateAs::Plug => read.rate,
            RateAs::Ignore => None,
        };
        self.plan.rows.push(PlanRow {
            level,
            parent,
            item_type: Some(read.item_type),
            unit: read.unit,
            quantity: read.quantity,
            rate,
            amount: read.amount,
            client_amount: read.client_amount,
            percent: read.percent,
            note: some_text(text.note),
            problems,
            ..blank_row(Some(row), RowKind::Item, text.code, text.description)
        });
    }

    fn add_amounts(&mut self, read: &ItemRow) {
        let summary = &mut self.plan.summary;
        if let Some(amount) = read.amount {
            summary.total = summary.total.checked_add(amount).unwrap_or(Money::MAX);
        }
        if let Some(amount) = read.file_amount {
            let before = summary.file_total.unwrap_or(Money::ZERO);
            summary.file_total = before.checked_add(amount);
        }
    }

    /// The place of an item above all headings: the place of import when that is a heading, else
    /// a heading made for it, named after the sheet.
    fn without_heading(&mut self) -> (u32, Option<usize>) {
        if self.options.under_depth > 0 {
            return (1, None);
        }
        let index = match self.made_heading {
            Some(index) => index,
            None => {
                let index = self.plan.rows.len();
                let name = self.sheet.name.clone();
                self.plan.rows.push(PlanRow {
                    level: 1,
                    ..blank_row(None, RowKind::Heading, String::new(), name)
                });
                self.plan.summary.headings += 1;
                self.made_heading = Some(index);
                index
            }
        };
        (2, Some(index))
    }

    fn code_is_date(&mut self, row: u32) -> Vec<usize> {
        let column = self.layout.columns.code;
        match column.and_then(|column| self.sheet.value(row, column)) {
            Some(Value::Date(date)) => {
                let message = format!(
                    "the code is the date {}: Excel may have taken a code for one",
                    date.date()
                );
                self.problem(row, column, ProblemKind::CodeIsDate, message).into_iter().collect()
            }
            Some(Value::Text(_) | Value::Number(_) | Value::Bool(_) | Value::Error(_)) | None => {
                Vec::new()
            }
        }
    }

    /// Codes of items that occur twice: a warning on a first import.
    fn codes_twice(&mut self) {
        if self.options.mode == Mode::Reimport {
            return;
        }
        let mut first: HashMap<String, u32> = HashMap::new();
        let mut again: Vec<(usize, u32, u32)> = Vec::new();
        for (index, row) in self.plan.rows.iter().enumerate() {
            if let (RowKind::Item, Some(number), false) = (row.kind, row.row, row.code.is_empty()) {
                match first.get(&row.code) {
                    Some(&before) => again.push((index, number, before)),
                    None => {
                        first.insert(row.code.clone(), number);
                    }
                }
            }
        }
        for (index, number, before) in again {
            let code = self.plan.rows.get(index).map(|row| row.code.clone()).unwrap_or_default();
            let message = format!("the code {code} is already in row {before}");
            let at = number.saturating_sub(1);
            let problem =
                self.problem(at, self.layout.columns.code, ProblemKind::CodeTwice, message);
            if let Some(row) = self.plan.rows.get_mut(index) {
                row.problems.extend(problem);
            }
        }
    }

    fn finish(mut self) -> Plan {
        let units = self.units;
        self.plan.unknown_units = self
            .unknown
            .into_iter()
            .map(|(unit, count)| UnknownUnit {
                suggest: units.suggest(&unit).map(str::to_owned),
                unit,
                count,
            })
            .collect();
        self.plan.unknown_units.sort_by_key(|unit| std::cmp::Reverse(unit.count));
        refuse_lone_percentages(&mut self.plan);
        self.plan
    }
}

fn some_text(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

fn blank_row(row: Option<u32>, kind: RowKind, code: String, description: String) -> PlanRow {
    PlanRow {
        row: row.map(|row| row.saturating_add(1)),
        kind,
        level: 0,
        parent: None,
        code,
        description,
        item_type: None,
        unit: None,
        quantity: None,
        rate: None,
        amount: None,
        client_amount: None,
        percent: None,
        note: None,
        action: Action::Add,
        existing: None,
        reason: None,
        changes: Vec::new(),
        problems: Vec::new(),
    }
}

/// Counts a problem and keeps it while there is room; its place when it was kept.
pub(super) fn add_problem(plan: &mut Plan, problem: Problem) -> Option<usize> {
    plan.summary.problems += 1;
    plan.summary.errors += u64::from(problem.severity == Severity::Error);
    let room = plan.problems.len() < PROBLEMS_MAX;
    room.then(|| {
        plan.problems.push(problem);
        plan.problems.len() - 1
    })
}

/// A percentage item is linked to every sum of the client's in the file; one without any cannot
/// be (BR-027).
fn refuse_lone_percentages(plan: &mut Plan) {
    if plan.rows.iter().any(PlanRow::is_client_sum) {
        return;
    }
    let (_, code, _) = ProblemKind::PercentageLinks.facts();
    for problem in plan.problems.iter_mut().filter(|problem| problem.code == code) {
        problem.severity = Severity::Error;
        problem.message =
            "a percentage item, but the file has no provisional or prime-cost sum".to_owned();
        plan.summary.errors += 1;
    }
}

fn count_actions(plan: &mut Plan) {
    for row in &plan.rows {
        let counter = match row.action {
            Action::Add => &mut plan.summary.added,
            Action::Change => &mut plan.summary.changed,
            Action::Same => &mut plan.summary.unchanged,
            Action::Drop => &mut plan.summary.dropped,
            Action::Skip => continue,
        };
        *counter += 1;
    }
}
