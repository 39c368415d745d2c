//! What stands between an estimate and its submission, and what looks wrong.

use super::{Estimate, NodeView, Status, broken::label};
use crate::estimating::{
    catalogue::Catalogue,
    item::ItemType,
    number::Rate,
    reference::References,
    rules::RuleId,
    worksheet::{Line, Source},
};
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

/// One thing to settle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// Stable code.
    pub code: &'static str,
    /// The rule behind it.
    pub rule: Option<RuleId>,
    /// How much it matters.
    pub severity: CheckSeverity,
    /// A sentence.
    pub message: String,
    /// The row to go to.
    pub node: Uuid,
}

impl Estimate {
    /// Everything to settle, in display order, at most `limit`; with how many rules and warnings
    /// there are in all. Rates are held against those of `past` tenders. O(rows + lines).
    pub fn checks(
        &self,
        catalogue: &Catalogue,
        past: &References,
        limit: usize,
    ) -> (Vec<Check>, [usize; 2]) {
        let mut out = Vec::new();
        let mut counts = [0_usize; 2];
        let mut take = |check: Check| {
            counts[usize::from(check.severity == CheckSeverity::Warning)] += 1;
            if out.len() < limit {
                out.push(check);
            }
        };
        for node in self.rows() {
            self.check_item(&node, catalogue, &mut take);
            self.check_rate(&node, past, &mut take);
        }
        (out, counts)
    }

    /// A cost rate far from those of the same work in past tenders.
    fn check_rate(&self, node: &NodeView<'_>, past: &References, take: &mut impl FnMut(Check)) {
        let Some((item, rate)) = node.item().zip(node.cost_rate()) else { return };
        let far = past.far(&item.description, item.unit, self.row().tender, rate);
        let Some(spread) = far.filter(|_| !item.inactive) else { return };
        let shown = |units| Rate::from_units(units).unwrap_or_default();
        let message = format!(
            "{} costs {rate} for one unit; the same work cost {} to {} in {} past tenders.",
            label(item),
            shown(spread.lowest),
            shown(spread.highest),
            spread.count
        );
        let (code, severity) = ("rate-far-from-past", CheckSeverity::Warning);
        take(Check { code, rule: None, severity, message, node: item.id.0 });
    }

    fn check_item(&self, node: &NodeView<'_>, catalogue: &Catalogue, take: &mut impl FnMut(Check)) {
        let Some(item) = node.item() else { return };
        let mut check = |code, rule: Option<u8>, severity, message: String| {
            let rule = rule.map(RuleId::br);
            take(Check { code, rule, severity, message, node: item.id.0 });
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
            check("formula-evaluation-failed", Some(40), CheckSeverity::Rule, message);
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
                check(code, Some(rule), CheckSeverity::Rule, format!("{name} {why}."));
            }
            Some(Status::Plugged) if item.plug.is_some() => {
                let message =
                    format!("{name} rests on a plug of {}: accept it or build it up.", node.cost());
                check("plugs-not-acknowledged", Some(90), CheckSeverity::Rule, message);
            }
            Some(Status::Plugged | Status::Priced | Status::Reviewed)
                if node.cost().is_zero() && node.is_counted() =>
            {
                let message = format!("{name} costs nothing.");
                check("zero-cost", None, CheckSeverity::Warning, message);
            }
            Some(Status::Plugged | Status::Priced | Status::Reviewed) | None => {}
        }
        let under_heading = matches!(item.parent, crate::estimating::item::Parent::Heading(_));
        if under_heading && item.item_type == ItemType::Normal && !item.indirect && !item.inactive {
            let message = format!(
                "{name} is an internal item outside the client's schedule: mark it indirect or \
                 put it under a schedule item."
            );
            check("internal-item-unsold", None, CheckSeverity::Warning, message);
        }
        let diverged =
            node.sheet.map_or(0, |s| s.lines.iter().filter(|l| is_diverged(l, catalogue)).count());
        if diverged > 0 {
            let lines = if diverged == 1 { "line has" } else { "lines have" };
            let message =
                format!("{name}: {diverged} {lines} a rate the price book has since changed.");
            check("snapshot-diverged", None, CheckSeverity::Warning, message);
        }
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
