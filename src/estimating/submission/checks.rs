//! What stands between an estimate and its submission (BR-016, BR-029, BR-051, BR-081, BR-085, BR-086,
//! BR-087, BR-089 to BR-093).

use crate::estimating::{
    acknowledgement::Acknowledgement,
    catalogue::Catalogue,
    commercials::{Pricing, PricingError, check_gst_rate},
    day::Day,
    estimate::{Estimate, NodeView, Status, label},
    id::{ItemId, UserId},
    item::ItemType,
    number::Money,
    quotes::{GapPlug, PackageId, expiring, gap_plugs, unsettled},
    rules::{Kind, RuleId, Violation},
    tender::Tender,
    tender_record::NoticeState,
};
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};
use uuid::Uuid;

/// Characters of the rates one finding lists; what was accepted is kept whole below its bound.
const LISTED_CHARS_MAX: usize = 400;

/// One reason a check does not pass, or something somebody accepted.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The row at fault.
    pub object: Option<Uuid>,
    /// The package it is settled in.
    pub package: Option<PackageId>,
    /// What is wrong, in a sentence.
    pub message: String,
    /// What there is to accept; only for rules of kind A.
    pub value: Option<String>,
    /// Who accepted it last.
    pub acknowledgement: Option<Arc<Acknowledgement>>,
    /// Whether it is the program's doing, not something a person can put right.
    pub fault: bool,
}

impl Finding {
    /// Something to be put right, that nobody can accept.
    fn open(object: Option<Uuid>, message: String) -> Finding {
        Finding { object, package: None, message, value: None, acknowledgement: None, fault: false }
    }

    fn of(violation: &Violation) -> Finding {
        let object = violation.objects.first().copied();
        let fault = violation.fault;
        Finding { fault, ..Finding::open(object, violation.message.clone()) }
    }

    /// Whether somebody accepted it at its value.
    pub fn is_accepted(&self) -> bool {
        match (&self.acknowledgement, &self.value) {
            (Some(row), Some(value)) => row.holds_for(value),
            (Some(_) | None, _) => false,
        }
    }
}

/// How a check ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Nothing is wrong.
    Kept,
    /// What is wrong was accepted.
    Accepted,
    /// It stands in the way.
    Broken,
}

/// A rule that submitting asks for, with what was found.
#[derive(Clone, Debug)]
pub struct SubmissionCheck {
    /// The rule.
    pub rule: RuleId,
    /// What was found, in display order.
    pub findings: Vec<Finding>,
}

impl SubmissionCheck {
    /// How it ends.
    pub fn verdict(&self) -> Verdict {
        if self.findings.is_empty() {
            return Verdict::Kept;
        }
        let open = self.findings.iter().any(|finding| !finding.is_accepted());
        if open { Verdict::Broken } else { Verdict::Accepted }
    }

    /// The findings that stand in the way.
    pub fn open(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| !finding.is_accepted())
    }
}

/// Every check of a submission, kept ones too, by rule. O(rows + items x rules).
pub fn checks(
    estimate: &Estimate,
    tender: &Tender,
    catalogue: &Catalogue,
    pricing: Result<&Pricing, &PricingError>,
) -> Vec<SubmissionCheck> {
    let mut found: BTreeMap<u8, Vec<Finding>> = BTreeMap::new();
    for rule in [16, 29, 51, 81, 85, 86, 87, 89, 90, 91, 92, 93] {
        found.insert(rule, Vec::new());
    }
    if let Err(mismatch) = estimate.recompute(catalogue) {
        let finding = Finding::open(Some(mismatch.id), mismatch.to_string());
        found.entry(16).or_default().push(Finding { fault: true, ..finding });
    }
    let mut add = |rule: u8, object: Option<Uuid>, message: String| {
        found.entry(rule).or_default().push(Finding::open(object, message));
    };
    for (group, (first, selected)) in undecided(estimate) {
        let message = format!("Option group {group} has {selected} members selected, not one.");
        add(29, Some(first), message);
    }
    let closing = tender.closing_at_us.unwrap_or(tender.stamp.created_at_us);
    if let Err(wrong) = check_gst_rate(estimate.row().gst_pct, closing) {
        wrong.0.into_iter().for_each(|v| add(87, None, v.message));
    }
    for node in estimate.rows().filter(is_offered) {
        let Some(item) = node.item() else { continue };
        if node.status() == Some(Status::Unpriced) && bears_cost(item.item_type) {
            add(89, Some(item.id.0), format!("{} is unpriced.", label(item)));
        }
    }
    for notice in tender.record.notices.iter().filter(|n| n.state == NoticeState::Open) {
        let message = format!("Notice {} of {} is open.", notice.number, notice.date);
        add(93, Some(tender.id.0), message);
    }
    match pricing {
        Err(PricingError::Broken(broken)) => {
            for v in &broken.0 {
                found.entry(v.rule.number()).or_default().push(Finding::of(v));
            }
        }
        Err(error @ PricingError::Beyond { .. }) => {
            found.entry(85).or_default().push(Finding::open(None, error.to_string()));
        }
        Ok(pricing) => {
            let review = pricing.review(catalogue.thresholds());
            for v in &review.violations {
                found.entry(v.rule.number()).or_default().push(Finding::of(v));
            }
            for item in review.below_cost {
                let value = format!("sells at {}, costs {}", item.sell, item.loaded);
                let message = item.violation().message;
                let finding = asked(estimate, 86, item.id.0, message, value);
                found.entry(86).or_default().push(finding);
            }
        }
    }
    let closing = Day::at_us(closing);
    found.entry(51).or_default().extend(lapsing(estimate, closing, catalogue));
    found.entry(90).or_default().extend(plugs(estimate));
    found.entry(91).or_default().extend(open_packages(estimate));
    let offered_until = closing.after(tender.validity_days).unwrap_or(closing);
    found.entry(92).or_default().extend(short_quotes(estimate, offered_until));
    found
        .into_iter()
        .map(|(rule, findings)| SubmissionCheck { rule: RuleId::br(rule), findings })
        .collect()
}

/// The refusal of a submission: every finding that nobody accepted.
pub fn broken(checks: &[SubmissionCheck]) -> Vec<Violation> {
    let mut violations = Vec::new();
    for check in checks {
        for finding in check.open() {
            let violation = Violation::new(check.rule, &finding.message).objects(finding.object);
            violations.push(Violation { fault: finding.fault, ..violation });
        }
    }
    violations
}

/// BR-094: above `limit` the approver is not the last who changed rules or rate locks.
pub fn separation(
    estimate: &Estimate,
    total_ex: Money,
    limit: Money,
    approver: UserId,
) -> Option<Violation> {
    let commercials = estimate.commercials();
    let same = commercials.version > 0 && commercials.stamp.updated_by == approver;
    if total_ex <= limit || !same {
        return None;
    }
    let message = format!(
        "{total_ex} is above {limit}, and you changed rules or rate locks last: let another Lead \
         approve."
    );
    Some(Violation::new(RuleId::br(94), message).object(estimate.row().id.0))
}

/// A finding of a rule of kind A, with who accepted it.
fn asked(estimate: &Estimate, rule: u8, object: Uuid, message: String, value: String) -> Finding {
    let rule = RuleId::br(rule);
    debug_assert!(matches!(crate::estimating::rules::rule(rule).kind, Kind::Acknowledge));
    let acknowledgement = estimate.acknowledgements().get(rule, object).cloned();
    Finding { value: Some(value), acknowledgement, ..Finding::open(Some(object), message) }
}

/// BR-051: items with rates that lapse before the tender closes, one finding an item.
fn lapsing(estimate: &Estimate, closing: Day, catalogue: &Catalogue) -> Vec<Finding> {
    let mut by_item: Vec<(ItemId, Vec<String>)> = Vec::new();
    for lapsing in estimate.rates_expiring_before(closing, catalogue) {
        let text = format!("{} until {}", lapsing.rate, lapsing.valid_to);
        match by_item.last_mut() {
            Some((item, texts)) if *item == lapsing.item => texts.push(text),
            Some(_) | None => by_item.push((lapsing.item, vec![text])),
        }
    }
    let finding = |(id, texts): (ItemId, Vec<String>)| {
        let node = estimate.node(id.0);
        let name = node
            .as_ref()
            .and_then(NodeView::item)
            .map_or_else(String::new, |item| label(item).to_string());
        let listed = texts.join(", ");
        let listed: String = listed.chars().take(LISTED_CHARS_MAX).collect();
        let value = format!("{}: {listed}", texts.len());
        let message = format!("{name} is built on rates that lapse before closing: {listed}.");
        asked(estimate, 51, id.0, message, value)
    };
    by_item.into_iter().map(finding).collect()
}

/// BR-090: every plug in what is offered, those that stand in the gap of a quote among them.
fn plugs(estimate: &Estimate) -> Vec<Finding> {
    let gaps: HashMap<ItemId, GapPlug> =
        gap_plugs(estimate).into_iter().map(|gap| (gap.item, gap)).collect();
    let finding = |node: NodeView<'_>| {
        let item = node.item()?;
        let plug = item.plug?;
        let gap = gaps.get(&item.id);
        let value = format!("{} at {}", node.cost(), plug.rate);
        let message = match gap {
            None => format!("{} rests on a plug of {}.", label(item), node.cost()),
            Some(gap) => format!(
                "{} rests on a plug of {}, where the quote of {} for {} has a gap.",
                label(item),
                node.cost(),
                gap.company,
                gap.title
            ),
        };
        let package = gap.map(|gap| gap.package);
        Some(Finding { package, ..asked(estimate, 90, item.id.0, message, value) })
    };
    estimate.rows().filter(is_offered).filter_map(finding).collect()
}

/// BR-091: packages with prices that may still move.
fn open_packages(estimate: &Estimate) -> impl Iterator<Item = Finding> {
    unsettled(estimate.packages()).map(|package| {
        let message = format!(
            "Package {} is neither transferred into the estimate nor cancelled.",
            package.title()
        );
        Finding { package: Some(package.id), ..Finding::open(Some(package.id.0), message) }
    })
}

/// BR-092: awarded quotes that end before the offer does.
fn short_quotes(estimate: &Estimate, until: Day) -> impl Iterator<Item = Finding> {
    let packages = estimate.packages();
    expiring(packages, until).map(move |quote| {
        let title = packages.package(quote.package).map_or("a package", |package| package.title());
        let (says, value) = match quote.valid_until_us.map(Day::at_us) {
            None => ("does not say until when it holds".to_owned(), "no end stated".to_owned()),
            Some(day) => (format!("holds until {day}"), format!("until {day}")),
        };
        let message = format!(
            "The quote of {} for {title} {says}; our offer holds until {until}.",
            quote.name
        );
        // Accepted against this validity: a longer one is asked about again.
        let value = format!("{value}, offer until {until}");
        Finding { package: Some(quote.package), ..asked(estimate, 92, quote.id.0, message, value) }
    })
}

/// Whether a row is part of what is offered, rate-only items and options included.
fn is_offered(node: &NodeView<'_>) -> bool {
    node.item().is_some_and(|item| {
        !item.inactive
            && !matches!(item.item_type, ItemType::Excluded | ItemType::IncludedElsewhere)
    })
}

fn bears_cost(item_type: ItemType) -> bool {
    match item_type {
        ItemType::Schedule
        | ItemType::Normal
        | ItemType::RateOnly
        | ItemType::Daywork
        | ItemType::Risk => true,
        ItemType::ProvisionalSum
        | ItemType::PrimeCostSum
        | ItemType::Percentage
        | ItemType::Excluded
        | ItemType::IncludedElsewhere => false,
    }
}

/// Option groups without their one choice: the first member, and how many are selected.
fn undecided(estimate: &Estimate) -> BTreeMap<Box<str>, (Uuid, usize)> {
    let mut groups: BTreeMap<Box<str>, (Uuid, usize, bool)> = BTreeMap::new();
    for node in estimate.rows() {
        let Some(item) = node.item().filter(|item| !item.inactive) else { continue };
        let Some(option) = &item.extra().option else { continue };
        let entry = groups.entry(option.group.clone()).or_insert((item.id.0, 0, true));
        entry.1 += usize::from(option.selected);
        entry.2 &= option.optional;
    }
    groups
        .into_iter()
        .filter(|(_, (_, selected, optional))| *selected > 1 || (*selected == 0 && !optional))
        .map(|(group, (first, selected, _))| (group, (first, selected)))
        .collect()
}
