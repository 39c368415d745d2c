//! The rules an estimate keeps after every command, checked on the rows the command touched
//! (BR-013 to BR-037; the build-up itself checks BR-034 and BR-038 to BR-043).

use super::{
    Calc, Estimate, NodeRow, ROOT, Slot, Status, Work,
    arena::Flags,
    broken::{label, violation},
};
use crate::estimating::{
    cost::CostType,
    item::{Item, ItemType, OptionChoice},
    limits::{CHILDREN_MAX, HEADING_DEPTH_MAX, LINES_MAX, NODES_MAX, SUB_ITEM_DEPTH_MAX},
    rules::Violation,
    worksheet::{Line, Method, Source, Worksheet},
};
use std::collections::BTreeMap;

/// Unit whose quantity is always one (BR-021).
pub const LUMP_SUM_UNIT: &str = "LS";

impl Estimate {
    /// Checks the rules on every row the command touched.
    pub(super) fn validate(&mut self, work: &mut Work<'_>) {
        let mut dirty: Vec<(Slot, usize)> = work.dirty().collect();
        // From the top down: the order people read refusals in.
        dirty.sort_unstable_by_key(|(slot, _)| (self.calc(*slot).depth, *slot));
        for (slot, edit) in dirty {
            let calc = *self.calc(slot);
            let parent = self.at(calc.parent);
            if parent.children().len() > CHILDREN_MAX || self.len() > NODES_MAX {
                let id = parent.row.id().unwrap_or(self.row.id.0);
                let message = format!(
                    "An estimate holds at most {NODES_MAX} rows, {CHILDREN_MAX} under one parent."
                );
                work.violate(violation(15, id, None, message), edit);
                return;
            }
            match &self.at(slot).row {
                NodeRow::None => {}
                NodeRow::Heading(h) => {
                    if calc.depth > HEADING_DEPTH_MAX {
                        let message = format!(
                            "Heading {} {} would be at level {}: headings nest at most \
                             {HEADING_DEPTH_MAX} deep.",
                            h.code, h.name, calc.depth
                        );
                        work.violate(violation(13, h.id.0, None, message), edit);
                    }
                }
                NodeRow::Item(item) => {
                    let (item, sheet) = (item.clone(), self.at(slot).sheet.clone());
                    let violate = &mut |v: Violation| work.violate(v, edit);
                    self.check_item_rules(slot, &item, sheet.as_deref(), violate);
                }
            }
        }
        if work.options {
            self.check_options(work);
        }
        if work.client_sums {
            self.check_percentages(work);
        }
    }

    fn check_item_rules(
        &self,
        slot: Slot,
        item: &Item,
        sheet: Option<&Worksheet>,
        violate: &mut dyn FnMut(Violation),
    ) {
        let calc = self.calc(slot);
        check_fields(item, calc, violate);
        self.check_nesting(item, calc, violate);
        let lines = sheet.is_some_and(|s| !s.lines.is_empty());
        let sub_items = !self.at(slot).children().is_empty();
        check_content(item, lines, sub_items, violate);
        if item.item_type == ItemType::Percentage {
            self.check_links(item, violate);
        }
        if item.reviewed && calc.status() == Some(Status::Unpriced) {
            let message = format!("{} has no price yet, so it cannot be reviewed.", label(item));
            violate(violation(24, item.id.0, Some("reviewed"), message));
        }
        if let Some(sheet) = sheet {
            check_lines(item, sheet, violate);
        }
    }

    fn check_nesting(&self, item: &Item, calc: &Calc, violate: &mut dyn FnMut(Violation)) {
        if !calc.flags.has(Flags::SUB_ITEM) {
            return;
        }
        if !matches!(item.item_type, ItemType::Normal | ItemType::Risk) {
            let message = format!(
                "{} is a {} item: below another item there are only internal (normal) items.",
                label(item),
                item.item_type.name()
            );
            violate(violation(22, item.id.0, Some("type"), message));
        }
        let mut depth = 0;
        let mut slot = calc.parent;
        while slot != ROOT && matches!(self.at(slot).row, NodeRow::Item(_)) {
            depth += 1;
            slot = self.calc(slot).parent;
        }
        if depth > SUB_ITEM_DEPTH_MAX {
            let message = format!("Sub-items nest at most {SUB_ITEM_DEPTH_MAX} deep.");
            violate(violation(22, item.id.0, None, message));
        }
    }

    /// BR-027 on one percentage item.
    fn check_links(&self, item: &Item, violate: &mut dyn FnMut(Violation)) {
        let linked = &item.extra().linked;
        let sums = linked.iter().all(|id| {
            self.node(id.0).and_then(|n| n.item()).is_some_and(|i| i.item_type.is_client_sum())
        });
        if linked.is_empty() || !sums {
            let message = format!(
                "{} must be linked to one or more provisional or prime-cost sums, and to nothing \
                 else.",
                label(item)
            );
            violate(violation(27, item.id.0, Some("linkedItems"), message));
        }
    }

    fn check_percentages(&self, work: &mut Work<'_>) {
        for node in self.rows() {
            if let Some(item) = node.item().filter(|i| i.item_type == ItemType::Percentage) {
                let edit = work.edit;
                self.check_links(item, &mut |v| work.violate(v, edit));
            }
        }
    }

    /// BR-029 over the whole estimate: a group has exactly one selected member.
    fn check_options(&self, work: &mut Work<'_>) {
        let mut groups: BTreeMap<&str, (Vec<&Item>, usize, bool)> = BTreeMap::new();
        for node in self.rows() {
            let Some(item) = node.item() else { continue };
            let Some(OptionChoice { group, selected, optional }) = &item.extra().option else {
                continue;
            };
            let entry = groups.entry(group).or_default();
            entry.0.push(item);
            entry.1 += usize::from(*selected);
            entry.2 |= *optional;
        }
        for (group, (members, selected, optional)) in groups {
            if selected == 1 || (selected == 0 && optional) {
                continue;
            }
            let want = if optional { "at most one" } else { "exactly one" };
            let message =
                format!("Option group {group} has {selected} selected members; it needs {want}.");
            let id = members.first().map_or(self.row.id.0, |i| i.id.0);
            let mut v = violation(29, id, Some("option"), message);
            v.objects = members.iter().map(|i| i.id.0).collect();
            work.violate(v, work.edit);
        }
    }
}

/// BR-019, BR-020, BR-021, BR-026 (amount), BR-030 (reason).
fn check_fields(item: &Item, calc: &Calc, violate: &mut dyn FnMut(Violation)) {
    let mut broken = |rule, field, message: String| {
        violate(violation(rule, item.id.0, Some(field), message));
    };
    let name = label(item);
    if item.unit.is_none() {
        broken(19, "unit", format!("{name} needs a unit from the unit list."));
    }
    let t = item.item_type;
    if t.needs_quantity() && (item.quantity.is_none() || calc.quantity <= 0) {
        broken(20, "quantity", format!("{name} needs a quantity above zero."));
    }
    if t == ItemType::RateOnly && item.quantity.is_some() {
        broken(20, "quantity", format!("{name} is rate only: its quantity stays empty."));
    }
    if item.takeoff_quantity.is_some_and(|q| !q.is_positive()) {
        broken(20, "takeoffQuantity", format!("The take-off of {name} must be above zero."));
    }
    const ONE: i64 = crate::estimating::number::Qty::ONE.units();
    let lump = item.unit.is_some_and(|u| u.as_str() == LUMP_SUM_UNIT);
    if lump && t.needs_quantity() && calc.quantity != ONE {
        broken(21, "quantity", format!("{name} is a lump sum: its quantity is exactly 1."));
    }
    if t.is_client_sum() && item.extra().client_amount.is_none() {
        broken(26, "clientAmount", format!("{name} needs the client's amount."));
    }
    if t == ItemType::Excluded && item.extra().reason.is_none() {
        broken(30, "reason", format!("{name} is excluded: say why."));
    }
    if t == ItemType::IncludedElsewhere && item.extra().included_in.is_none() {
        broken(30, "includedIn", format!("{name} is included elsewhere: name the item."));
    }
    if item.plug.is_some_and(|p| p.rate.is_negative()) {
        broken(43, "plugRate", format!("The plug of {name} must not be negative."));
    }
}

/// BR-023, BR-026, BR-030: what an item may be costed by.
fn check_content(item: &Item, lines: bool, sub_items: bool, violate: &mut dyn FnMut(Violation)) {
    let name = label(item);
    let built = lines || sub_items;
    if item.plug.is_some() && built {
        let what = if lines { "worksheet lines" } else { "sub-items" };
        let message = format!(
            "{name} has both a plug and {what}. Clear the plug, or the {what}, before setting the \
             other."
        );
        violate(violation(23, item.id.0, Some("plugRate"), message));
    }
    if item.item_type.bears_cost() || !(built || item.plug.is_some()) {
        return;
    }
    let (rule, message) = match item.item_type {
        ItemType::ProvisionalSum | ItemType::PrimeCostSum => {
            (26, format!("{name} is sold at the client's amount: it holds no cost of its own."))
        }
        ItemType::Percentage => {
            (27, format!("{name} is a percentage of other items: it holds no cost of its own."))
        }
        ItemType::Excluded | ItemType::IncludedElsewhere => {
            (30, format!("{name} is {}: it carries no cost.", item.item_type.name()))
        }
        ItemType::Schedule
        | ItemType::Normal
        | ItemType::RateOnly
        | ItemType::Daywork
        | ItemType::Risk => return,
    };
    violate(violation(rule, item.id.0, Some("type"), message));
}

/// BR-032, BR-035, BR-036, BR-037 on every line.
fn check_lines(item: &Item, sheet: &Worksheet, violate: &mut dyn FnMut(Violation)) {
    if sheet.lines.len() > LINES_MAX {
        let message = format!("A worksheet holds at most {LINES_MAX} lines.");
        violate(violation(40, item.id.0, None, message));
    }
    for (index, line) in sheet.lines.iter().enumerate() {
        let mut broken = |rule, field, message: String| {
            let message = format!("{}, line {}: {message}", label(item), index + 1);
            let mut v = violation(rule, item.id.0, Some(field), message);
            v.objects.push(line.id.0);
            violate(v);
        };
        if let Some(message) = method_fault(line) {
            broken(32, "method", message);
        }
        let material = is_material(line);
        if let Some(waste) = line.method.waste().filter(|w| !w.is_zero()) {
            const WHOLE: i64 = 100 * crate::estimating::number::Pct::SCALE;
            if !material || waste.is_negative() || waste.units() > WHOLE {
                broken(35, "waste", "waste is 0 to 100 percent and only on Material.".into());
            }
        }
        if line.method.pack().is_some_and(|p| !material || !p.is_positive()) {
            broken(36, "pack", "a pack is above zero and only on Material.".into());
        }
        if line.method.minimum().is_some_and(|m| material || !m.is_positive()) {
            broken(36, "minimum", "a minimum is above zero and never on Material.".into());
        }
        if let Method::PercentOf { of, .. } = &line.method {
            let earlier = sheet.lines.iter().take(index).any(|l| feeds(l, *of));
            if !earlier {
                broken(
                    37,
                    "ofTypes",
                    "a percentage is worked on earlier lines of its types, and there is none \
                     before it."
                        .into(),
                );
            }
        }
        if line.rate.is_some_and(|r| r.is_negative()) {
            broken(43, "rate", "a rate is zero or more; mark the line as a credit.".into());
        }
    }
}

/// Whether a percent-of line over `of` may read `line`; a recipe may hold any type.
fn feeds(line: &Line, of: crate::estimating::cost::CostTypes) -> bool {
    match (&line.method, &line.source) {
        (Method::PercentOf { .. }, _) => false,
        (_, Source::Recipe(_)) => true,
        _ => of.contains(line.cost_type),
    }
}

fn is_material(line: &Line) -> bool {
    line.cost_type == CostType::Material && !matches!(line.source, Source::Recipe(_))
}

/// The table of 2.5: which methods go with which types (BR-032).
fn method_fault(line: &Line) -> Option<String> {
    let recipe = matches!(line.source, Source::Recipe(_));
    let t = line.cost_type;
    let allowed = match &line.method {
        Method::Time { .. } | Method::Norm { .. } => {
            recipe || matches!(t, CostType::Labour | CostType::Plant)
        }
        Method::Fixed { .. } => true,
        Method::Usage { .. } => {
            recipe || matches!(t, CostType::Material | CostType::Plant | CostType::Other)
        }
        Method::Subcontract => !recipe && t == CostType::Subcontract,
        Method::Lump { .. } => !recipe && matches!(t, CostType::Subcontract | CostType::Other),
        Method::PercentOf { .. } => !recipe && t == CostType::Other,
    };
    let what = if recipe { "a recipe" } else { t.name() };
    (!allowed).then(|| format!("the method {} does not go with {what}.", line.method.name()))
}
