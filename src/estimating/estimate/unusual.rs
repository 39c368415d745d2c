//! Production rates and shares of cost that are unlike those of past tenders (domain 2.10).

use super::{Check, Estimate, NodeView, ROOT, broken::label, evaluate::cost_quantity};
use crate::estimating::{
    build_up::Scope,
    number::LineQty,
    reference::{Past, SHARE_WHOLE, Worker, share_of},
    warning::Warning,
    worksheet::{Line, Method},
};
use rust_decimal::Decimal;

/// Where the past says nothing of a heading, it is worth a look only when it holds more than this
/// many ten-thousandths of the whole cost: nine parts of ten in one heading are mostly an item a
/// thousand times too dear, or work that was put under the wrong heading.
const SHARE_ALONE_MAX: i64 = 9_000;
/// Top headings there must be for that: of two, one often is nearly the whole.
const HEADINGS_MIN: usize = 3;

impl Estimate {
    /// The lines of an item that work at a rate, with item units an hour: of a line that says
    /// hours for one unit, its inverse. O(lines).
    pub(crate) fn productions<'a>(&self, node: &NodeView<'a>) -> Vec<(&'a Line, LineQty)> {
        let works = |line: &&Line| matches!(line.method, Method::Time { .. } | Method::Norm { .. });
        let Some((item, sheet)) = node.item().zip(node.sheet) else { return Vec::new() };
        if item.inactive || !sheet.lines.iter().any(|line| works(&line)) {
            return Vec::new();
        }
        let quantity = cost_quantity(item, self.quantity_at(node.slot));
        self.with_scope(node.slot, Some(quantity), Some(sheet), |scope, _| {
            let lines = sheet.lines.iter().filter(works);
            lines.filter_map(|line| Some((line, production(line, scope)?))).collect()
        })
    }

    /// Ten-thousandths of the estimate's cost that are under a heading; none while an item has no
    /// price, for shares of half an estimate say nothing.
    pub(crate) fn share(&self, node: &NodeView<'_>) -> Option<i64> {
        let totals = self.totals();
        if node.heading().is_none() || totals.unpriced > 0 {
            return None;
        }
        share_of(node.cost().units(), totals.total().units())
    }

    /// Lines with a production rate outside what is usual for what they work with.
    pub(super) fn check_production(
        &self,
        node: &NodeView<'_>,
        past: &Past<'_>,
        take: &mut impl FnMut(Check),
    ) {
        if past.references.is_empty() {
            return;
        }
        let Some(item) = node.item() else { return };
        let far = self.productions(node).into_iter().filter_map(|(line, production)| {
            let worker = Worker::of(line)?;
            let tender = self.row().tender;
            Some((production, past.production_far(worker, item.unit, tender, production)?))
        });
        let far: Vec<_> = far.collect();
        let Some((_, spread)) = far.first() else { return };
        let shown = |units| plain(LineQty::from_units(units).unwrap_or_default());
        let rates: Vec<String> = far.iter().map(|(production, _)| plain(*production)).collect();
        let rates = rates.join(", ");
        let unit = item.unit.map(|unit| format!(" {}", unit.as_str())).unwrap_or_default();
        let message = format!(
            "{} is built on {rates}{unit} an hour; {} lines of past tenders made {} to {}.",
            label(item),
            spread.count,
            shown(spread.lowest),
            shown(spread.highest),
        );
        take(Check::warning(Warning::ProductionUnusual, item.id.0, rates, message));
    }

    /// A heading with another share of the cost than headings of its name had, or with nearly all
    /// of it where the past says nothing. The value is whole percents, so that a dismissal outlives
    /// small corrections.
    pub(super) fn check_heading(
        &self,
        node: &NodeView<'_>,
        past: &Past<'_>,
        take: &mut impl FnMut(Check),
    ) {
        let Some((heading, share)) = node.heading().zip(self.share(node)) else { return };
        let name = if heading.code.is_empty() {
            heading.name.to_string()
        } else {
            format!("{} {}", heading.code, heading.name)
        };
        let message = match past.shares(&heading.name, self.row().tender) {
            Some(spread) if spread.is_share_far(share) => format!(
                "{name} holds {} of the cost; in {} past tenders it held {} to {}.",
                percent(share),
                spread.count,
                percent(spread.lowest),
                percent(spread.highest)
            ),
            None if heading.parent.is_none() && share > SHARE_ALONE_MAX && self.is_cut_up() => {
                format!("{name} holds {} of the cost, nearly all of it.", percent(share))
            }
            Some(_) | None => return,
        };
        let value = percent(share);
        take(Check::warning(Warning::HeadingShareUnusual, heading.id.0, value, message));
    }

    /// Whether there are top headings enough for one of them to stand out.
    fn is_cut_up(&self) -> bool {
        self.at(ROOT).children().len() >= HEADINGS_MIN
    }
}

/// Item units an hour of a line; none where it does not work at a rate or has no value.
fn production(line: &Line, scope: &mut Scope<'_>) -> Option<LineQty> {
    let value = match &line.method {
        Method::Time { production, .. } => scope.value(production).ok()?,
        Method::Norm { hours, .. } => Decimal::ONE.checked_div(scope.value(hours).ok()?)?,
        Method::Fixed { .. }
        | Method::Usage { .. }
        | Method::Subcontract
        | Method::Lump { .. }
        | Method::PercentOf { .. } => return None,
    };
    LineQty::from_decimal_rounded(value).filter(|rate| rate.is_positive())
}

fn plain(rate: LineQty) -> String {
    rate.to_decimal().normalize().to_string()
}

/// A share in whole percents.
fn percent(share: i64) -> String {
    let of_hundred = SHARE_WHOLE / 100;
    format!("{} %", (share + share.signum() * of_hundred / 2) / of_hundred)
}
