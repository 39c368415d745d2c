//! The proof of a command before it is committed: what changed adds up (BR-016, BR-025, BR-028,
//! BR-031, BR-033, BR-058).
//!
//! Figures are kept by differences, so a proof by differences costs what the command cost: every
//! row that changed moved its parent by as much as it moved itself. Costs of lines are worked out
//! again, by another way than the one that made them. A rule broken here is a fault in the
//! program: the command is dropped and the alarm raised.

use super::{
    Calc, Estimate, NodeRow, ROOT, Slot, Work,
    arena::{Contribution, Flags, IdState},
    broken::{label, violation},
    identities::Identities,
    nodes::DETACHED,
    settle::VIOLATIONS_MAX,
};
use crate::estimating::{
    build_up::{LeafCost, LineCost, Sink},
    cost::CostSums,
    id::LineId,
    item::{Item, ItemType},
    number::{LineQty, Money, Rate},
    refusal::Refusal,
    rules::{Violation, Violations},
    worksheet::{Line, Source},
};
use rust_decimal::{Decimal, RoundingStrategy};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

type Ids<V> = HashMap<Option<Uuid>, V, IdState>;
type Slots<V> = HashMap<Slot, V, IdState>;

/// What the command in progress has changed, as it was before: noted on the way, so that nothing
/// need be copied to know it.
#[derive(Clone)]
pub(super) struct Was {
    index: Identities,
    figures: Vec<(Slot, Calc)>,
    released: Vec<(Slot, Uuid)>,
}

impl Was {
    /// Notes figures that are about to change.
    pub(super) fn note(&mut self, slot: Slot, calc: &Calc) {
        self.figures.push((slot, *calc));
    }

    /// Notes that a row leaves its slot.
    pub(super) fn note_released(&mut self, slot: Slot, id: Uuid) {
        self.released.push((slot, id));
    }
}

/// The estimate before the command, as far as its proof asks.
struct Before<'a> {
    now: &'a Estimate,
    index: Identities,
    figures: Slots<Calc>,
    released: Slots<Uuid>,
}

impl<'a> Before<'a> {
    fn new(now: &'a Estimate, was: Was) -> Self {
        let (mut figures, mut released) = (Slots::default(), Slots::default());
        for (slot, calc) in was.figures {
            figures.entry(slot).or_insert(calc);
        }
        for (slot, id) in was.released {
            released.entry(slot).or_insert(id);
        }
        Before { now, index: was.index, figures, released }
    }

    fn calc(&self, slot: Slot) -> &Calc {
        self.figures.get(&slot).unwrap_or_else(|| self.now.calc(slot))
    }

    fn id(&self, slot: Slot) -> Option<Uuid> {
        self.released.get(&slot).copied().or_else(|| self.now.at(slot).row.id())
    }

    /// Takes what the row `id` gave its parent out of what moved.
    fn take_out(&self, id: Option<Uuid>, moved: &mut Ids<Contribution>) {
        let Some(slot) = id.and_then(|id| self.index.get(id)) else { return };
        let calc = self.calc(slot);
        if calc.parent != DETACHED {
            let sum = moved.entry(self.id(calc.parent)).or_default();
            *sum = sum.less(&calc.contribution());
        }
    }
}

impl Estimate {
    /// Begins a command: from here on, figures are noted before they change.
    pub(crate) fn begin(&mut self) {
        let (figures, released) = (Vec::new(), Vec::new());
        self.was = Some(Was { index: self.index.clone(), figures, released });
    }

    /// Proves that the command since [`begin`](Self::begin) kept every invariant.
    /// O(rows changed x depth + their lines).
    ///
    /// # Errors
    /// The invariants broken.
    pub(crate) fn prove(&mut self, work: &Work<'_>) -> Result<(), Refusal> {
        let Some(was) = self.was.take() else { return Ok(()) };
        let before = Before::new(self, was);
        let mut found = Vec::new();
        self.prove_totals(&before, work, &mut found);
        for &slot in &work.changed {
            if let NodeRow::Item(item) = &self.at(slot).row {
                self.prove_item(&before, slot, item, work, &mut found);
            } else if self.at(slot).sheet.is_some() {
                let id = self.at(slot).row.id().unwrap_or_default();
                found.push(violation(31, id, None, "A heading has come to own a worksheet."));
            }
        }
        found.truncate(VIOLATIONS_MAX);
        Ok(Violations::check(found)?)
    }

    /// BR-016: each parent moved by exactly what its children moved by.
    fn prove_totals(&self, before: &Before<'_>, work: &Work<'_>, found: &mut Vec<Violation>) {
        let mut slots: HashSet<Slot, IdState> = HashSet::from_iter([ROOT]);
        for &changed in &work.changed {
            let mut slot = changed;
            while slot != DETACHED && slots.insert(slot) {
                slot = self.calc(slot).parent;
            }
        }
        let mut moved: Ids<Contribution> = Ids::default();
        for &slot in slots.iter().filter(|slot| **slot != ROOT) {
            let (id, calc) = (self.at(slot).row.id(), self.calc(slot));
            if calc.parent != DETACHED {
                let parent = self.at(calc.parent).row.id();
                moved.entry(parent).or_default().add(&calc.contribution());
            }
            before.take_out(id, &mut moved);
        }
        for id in &work.removed {
            before.take_out(Some(*id), &mut moved);
        }
        for slot in slots {
            let id = self.at(slot).row.id();
            let old =
                if slot == ROOT { Some(ROOT) } else { id.and_then(|id| before.index.get(id)) };
            let old = old.map(|slot| before.calc(slot).gathered()).unwrap_or_default();
            let item = self.calc(slot).flags.has(Flags::ITEM);
            let moved = moved.get(&id).copied().unwrap_or_default();
            let moved = if item { moved.below_item() } else { moved };
            if self.calc(slot).gathered().less(&old) == moved {
                continue;
            }
            let name = match &self.at(slot).row {
                NodeRow::None => "The estimate".to_owned(),
                NodeRow::Heading(heading) => format!("Heading {} {}", heading.code, heading.name),
                NodeRow::Item(item) => label(item),
            };
            let message = format!("{name} is not the sum of what is below it.");
            found.push(violation(16, id.unwrap_or(self.row.id.0), Some("cost"), message));
        }
    }

    fn prove_item(
        &self,
        before: &Before<'_>,
        slot: Slot,
        item: &Item,
        work: &Work<'_>,
        found: &mut Vec<Violation>,
    ) {
        let calc = self.calc(slot);
        let mut broken = |rule, message: String| {
            found.push(violation(rule, item.id.0, None, message));
        };
        if let Some(old) = before.index.get(item.id.0) {
            let was = before.calc(old);
            let reviewed = was.flags.has(Flags::REVIEWED) && item.reviewed;
            if reviewed && (was.cost != calc.cost || was.quantity != calc.quantity) {
                broken(25, format!("{} changed and is still marked reviewed.", label(item)));
            }
        }
        if item.item_type == ItemType::RateOnly {
            let given = calc.contribution();
            if !given.direct.is_zero()
                || !given.indirect.is_zero()
                || calc.flags.has(Flags::COUNTED)
            {
                broken(28, format!("{} is rate only and enters a total.", label(item)));
            }
        }
        if let Some(sheet) = &self.at(slot).sheet
            && (sheet.item != item.id || sheet.estimate != self.row.id)
        {
            broken(31, format!("The worksheet of {} belongs to another item.", label(item)));
        }
        let mut proof = Proof::default();
        // What has no value was refused before it came here.
        let Ok(value) = self.evaluate(slot, item, work.catalogue, &mut proof) else { return };
        let plug = item.plug.and_then(|plug| {
            let on = super::evaluate::cost_quantity(item, value.quantity);
            let cost = rounded(on.to_decimal(), plug.rate)?;
            Some(CostSums::of(plug.cost_type, cost))
        });
        let own =
            if item.item_type.bears_cost() { plug.unwrap_or(proof.sums) } else { CostSums::ZERO };
        if own != calc.other {
            let message = format!(
                "{} costs {} by itself, but its lines come to {}.",
                label(item),
                calc.other.total(),
                own.total()
            );
            broken(33, message);
        }
        for (rule, line) in proof.wrong {
            let message = format!("A line of {} is not its quantity times its rate.", label(item));
            found.push(violation(rule, item.id.0, None, message).object(line.0));
        }
    }
}

/// Adds lines and leaves up, and works each out again.
#[derive(Default)]
struct Proof {
    sums: CostSums,
    /// Sum of the leaves of the line that comes next.
    leaves: i64,
    odd_leaf: bool,
    /// Lines that are not what they should be, with the rule.
    wrong: Vec<(u8, LineId)>,
}

impl Sink for Proof {
    const LEAVES: bool = true;

    fn line(&mut self, line: &Line, cost: &LineCost) {
        self.sums += cost.sums;
        let total = cost.sums.total();
        if matches!(line.source, Source::Recipe(_)) {
            if self.odd_leaf || self.leaves != total.units() {
                self.wrong.push((58, line.id));
            }
        } else if let Some(quantity) = cost.quantity
            && !is_product(quantity, line.rate, total)
        {
            self.wrong.push((33, line.id));
        }
        (self.leaves, self.odd_leaf) = (0, false);
    }

    fn leaf(&mut self, leaf: LeafCost) {
        self.leaves += leaf.cost.units();
        self.odd_leaf |= !is_product(leaf.quantity, leaf.rate, leaf.cost);
    }
}

/// Whether a cost is round2(quantity x rate); nothing where there is no rate.
fn is_product(quantity: LineQty, rate: Option<Rate>, cost: Money) -> bool {
    rounded(quantity.to_decimal(), rate.unwrap_or_default()) == Some(cost)
}

/// round2(quantity x rate), half away from zero.
fn rounded(quantity: Decimal, rate: Rate) -> Option<Money> {
    let product = quantity.checked_mul(rate.to_decimal())?;
    let strategy = RoundingStrategy::MidpointAwayFromZero;
    Money::from_decimal_rounded(product.round_dp_with_strategy(2, strategy))
}

impl Calc {
    /// What the node has taken in from below, in the shape of what one child gives.
    fn gathered(&self) -> Contribution {
        let item = self.flags.has(Flags::ITEM);
        Contribution {
            direct: if item { self.cost - self.other } else { self.cost },
            indirect: if item { CostSums::ZERO } else { self.other },
            provisional: if item { 0 } else { self.provisional },
            rows: i64::from(self.rows),
            headings: i64::from(self.headings),
            items: i64::from(self.items),
            unpriced: i64::from(self.unpriced),
            plugged: i64::from(self.plugged),
            reviewed: i64::from(self.reviewed),
        }
    }
}

impl Contribution {
    fn add(&mut self, other: &Contribution) {
        *self = self.less(&Contribution::default().less(other));
    }

    /// As an item takes it in: one cost, and no sums of the client.
    fn below_item(mut self) -> Contribution {
        self.direct += self.indirect;
        Contribution { indirect: CostSums::ZERO, provisional: 0, ..self }
    }
}
