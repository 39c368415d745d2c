//! What stands between an estimate and its submission, and what looks wrong.

use super::{Estimate, NodeView, Status, broken::label};
use crate::estimating::{
    acknowledgement::{Acknowledgement, VALUE_CHARS_MAX},
    catalogue::Catalogue,
    item::ItemType,
    number::Rate,
    reference::Past,
    rules::RuleId,
    warning::Warning,
    worksheet::{Line, Source},
};
use std::sync::Arc;
use uuid::Uuid;

/// How much a check matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CheckSeverity {
    /// A business rule will refuse the submission.
    Rule,
    /// Worth a look; blocks nothing.
    Warning,
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckFound {
    /// A rule that will refuse the submission, with its stable code.
    Rule(RuleId, &'static str),
    /// Something unusual, and the value it was found in: a dismissal holds for that value.
    Warning(Warning, String),
}

/// One thing to settle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What was found.
    pub found: CheckFound,
    /// A sentence.
    pub message: String,
    /// The row to go to; the price book of `Warning::ResourcesUnused`.
    pub node: Uuid,
    /// Who dismissed it, where somebody did and the value is still the same.
    pub dismissed: Option<Arc<Acknowledgement>>,
}

/// How many checks there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CheckCounts {
    /// Rules that will refuse the submission.
    pub rules: usize,
    /// Warnings nobody dismissed.
    pub warnings: usize,
    /// Warnings that were dismissed.
    pub dismissed: usize,
}

impl Check {
    /// A warning about a row or a price book, for a value.
    pub(super) fn warning(
        warning: Warning,
        node: Uuid,
        value: impl Into<String>,
        message: String,
    ) -> Check {
        let value: String = value.into();
        let value = value.chars().take(VALUE_CHARS_MAX).collect();
        Check { found: CheckFound::Warning(warning, value), message, node, dismissed: None }
    }

    /// Stable code.
    pub fn code(&self) -> &'static str {
        match &self.found {
            CheckFound::Rule(_, code) => code,
            CheckFound::Warning(warning, _) => warning.code(),
        }
    }

    /// How much it matters.
    pub fn severity(&self) -> CheckSeverity {
        match &self.found {
            CheckFound::Rule(..) => CheckSeverity::Rule,
            CheckFound::Warning(..) => CheckSeverity::Warning,
        }
    }
}

impl Estimate {
    /// Everything to settle, or everything that was `dismissed`, in display order, at most
    /// `limit`; with how many there are in all. What is usual is what `past` tenders say.
    /// O(rows + lines).
    pub fn checks(
        &self,
        catalogue: &Catalogue,
        past: &Past<'_>,
        dismissed: bool,
        limit: usize,
    ) -> (Vec<Check>, CheckCounts) {
        let mut out = Vec::new();
        let mut counts = CheckCounts::default();
        let mut take = |mut check: Check| {
            if let CheckFound::Warning(warning, value) = &check.found {
                let known = self.acknowledgements().get(*warning, check.node);
                check.dismissed = known.filter(|row| row.holds_for(value)).cloned();
            }
            let count = match (&check.found, &check.dismissed) {
                (CheckFound::Rule(..), _) => &mut counts.rules,
                (CheckFound::Warning(..), None) => &mut counts.warnings,
                (CheckFound::Warning(..), Some(_)) => &mut counts.dismissed,
            };
            *count += 1;
            if check.dismissed.is_some() == dismissed && out.len() < limit {
                out.push(check);
            }
        };
        for node in self.rows() {
            self.check_heading(&node, past, &mut take);
            self.check_item(&node, catalogue, &mut take);
            self.check_units(&node, catalogue, past, &mut take);
            self.check_rate(&node, past, &mut take);
            self.check_production(&node, past, &mut take);
        }
        self.check_unused(catalogue, &mut take);
        (out, counts)
    }

    /// A cost rate far from those of the same work in past tenders.
    fn check_rate(&self, node: &NodeView<'_>, past: &Past<'_>, take: &mut impl FnMut(Check)) {
        let Some((item, rate)) = node.item().zip(node.cost_rate()) else { return };
        let far = past.far(&item.description, item.unit, self.row().tender, rate);
        let Some((spread, regional)) = far.filter(|_| !item.inactive) else { return };
        let shown = |units| Rate::from_units(units).unwrap_or_default();
        let message = format!(
            "{} costs {rate} for one unit; the same work cost {} to {} in {} past tenders{}.",
            label(item),
            shown(spread.lowest),
            shown(spread.highest),
            spread.count,
            if regional { " of the same region" } else { "" }
        );
        take(Check::warning(Warning::RateFarFromPast, item.id.0, rate.to_string(), message));
    }

    fn check_item(&self, node: &NodeView<'_>, catalogue: &Catalogue, take: &mut impl FnMut(Check)) {
        let Some(item) = node.item() else { return };
        let id = item.id.0;
        let broken = |code, rule: u8, message: String| Check {
            found: CheckFound::Rule(RuleId::br(rule), code),
            message,
            node: id,
            dismissed: None,
        };
        let name = label(item);
        if node.has_fault() {
            let fault = self.evaluate(node.slot, item, catalogue, &mut ());
            let why = match fault {
                Err(error) => match error.fault {
                    crate::estimating::build_up::Fault::Formula(e) => e.to_string(),
                    crate::estimating::build_up::Fault::Rule(_, message) => message,
                },
                Ok(_) => "its build-up has no value".to_owned(),
            };
            let message = format!("{name} cannot be worked out: {why}");
            take(broken("formula-evaluation-failed", 40, message));
        }
        match node.status() {
            Some(Status::Unpriced) => {
                let missing = node
                    .sheet
                    .is_some_and(|s| s.lines.iter().any(|l| l.rate.is_none() && !l.free_issue));
                let (why, code, rule) = if missing {
                    ("has a line without a rate", "line-rate-missing", 41)
                } else {
                    ("is unpriced", "estimate-has-unpriced-items", 89)
                };
                take(broken(code, rule, format!("{name} {why}.")));
            }
            Some(Status::Plugged) if item.plug.is_some() => {
                let message =
                    format!("{name} rests on a plug of {}: accept it or build it up.", node.cost());
                take(broken("plugs-not-acknowledged", 90, message));
            }
            Some(Status::Plugged | Status::Priced | Status::Reviewed)
                if node.cost().is_zero() && node.is_counted() =>
            {
                let message = format!("{name} costs nothing.");
                take(Check::warning(Warning::ZeroCost, id, node.cost().to_string(), message));
            }
            Some(Status::Plugged | Status::Priced | Status::Reviewed) | None => {}
        }
        let under_heading = matches!(item.parent, crate::estimating::item::Parent::Heading(_));
        if under_heading && item.item_type == ItemType::Normal && !item.indirect && !item.inactive {
            let message = format!(
                "{name} is an internal item outside the client's schedule: mark it indirect or \
                 put it under a schedule item."
            );
            take(Check::warning(Warning::InternalItemUnsold, id, "internal", message));
        }
        let lines = node.sheet.map_or(&[][..], |sheet| &sheet.lines);
        let diverged = lines.iter().filter(|line| is_diverged(line, catalogue));
        let now: Vec<String> = diverged.map(|line| standing(line, catalogue)).collect();
        if !now.is_empty() {
            let diverged = now.len();
            let lines = if diverged == 1 { "line has" } else { "lines have" };
            let message =
                format!("{name}: {diverged} {lines} a rate the price book has since changed.");
            let value = format!("{diverged}: {}", now.join(", "));
            take(Check::warning(Warning::SnapshotDiverged, id, value, message));
        }
    }
}

/// What the price book or the library says now of a diverged line: another saying is another
/// warning.
fn standing(line: &Line, catalogue: &Catalogue) -> String {
    match &line.source {
        Source::Resource { resource, .. } => {
            catalogue.rate(*resource).map_or_else(|| "no rate".to_owned(), |rate| rate.to_string())
        }
        Source::Recipe(recipe) => {
            let n = catalogue.recipe(recipe.recipe).map_or(0, |row| row.current);
            let rates = recipe.rates.iter().filter(|(id, rate)| catalogue.rate(*id) != *rate);
            let now = |id| catalogue.rate(id).map_or_else(String::new, |rate| rate.to_string());
            let rates: Vec<String> = rates.map(|(id, _)| now(*id)).collect();
            format!("version {n} {}", rates.join(" ")).trim_end().to_owned()
        }
        Source::Free { .. } => String::new(),
    }
}

/// Whether the price book or the library now says otherwise than the line's snapshot.
pub(crate) fn is_diverged(line: &Line, catalogue: &Catalogue) -> bool {
    match &line.source {
        Source::Free { .. } => false,
        Source::Resource { resource, .. } => {
            catalogue.resource(*resource).is_some() && catalogue.rate(*resource) != line.rate
        }
        Source::Recipe(recipe) => {
            let newer = catalogue.recipe(recipe.recipe).is_some_and(|r| r.current != recipe.n);
            newer
                || recipe.rates.iter().any(|(id, rate)| {
                    catalogue.resource(*id).is_some() && catalogue.rate(*id) != *rate
                })
        }
    }
}
