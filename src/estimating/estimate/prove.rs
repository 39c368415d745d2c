//! The proof of a command before it is committed: what changed adds up (BR-016, BR-025, BR-028,
//! BR-031, BR-033, BR-058).
//!
//! Figures are kept by differences, so a proof by differences costs what the command cost: every
//! row that changed moved its parent by as much as it moved itself. Lines and leaves are checked as
//! they are worked out, by another way than the one that made their costs, and added up here. A
//! rule broken here is a fault in the program: the command is dropped and the alarm raised.

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
use std::collections::HashSet;
use uuid::Uuid;

/// Something for each of a few slots, in their order: most commands touch so few that looking it
/// up so is faster than hashing.
struct Slots<V>(Vec<(Slot, V)>);

impl<V> Slots<V> {
    /// The first given for each slot. O(n log n).
    fn first_of(mut given: Vec<(Slot, V)>) -> Self {
        given.sort_by_key(|(slot, _)| *slot);
        given.dedup_by_key(|(slot, _)| *slot);
        Slots(given)
    }

    /// O(log n).
    fn get(&self, slot: Slot) -> Option<&V> {
        let at = self.0.binary_search_by_key(&slot, |(slot, _)| *slot).ok()?;
        self.0.get(at).map(|(_, value)| value)
    }

    /// O(log n).
    fn get_mut(&mut self, slot: Slot) -> Option<&mut V> {
        let at = self.0.binary_search_by_key(&slot, |(slot, _)| *slot).ok()?;
        self.0.get_mut(at).map(|(_, value)| value)
    }
}

/// Rows most commands touch, with those above them: tables that hold them need not grow.
pub(super) const ROWS_TOUCHED: usize = 14;

/// What the command in progress has changed, as it was before: noted on the way, so that nothing
/// need be copied to know it.
#[derive(Clone)]
pub(super) struct Was {
    index: Identities,
    figures: Vec<(Slot, Calc)>,
    came: Vec<Slot>,
    released: Vec<(Slot, Uuid)>,
}

impl Was {
    /// Notes figures that are about to change.
    pub(super) fn note(&mut self, slot: Slot, calc: &Calc) {
        self.figures.push((slot, *calc));
    }

    /// Notes that a row comes into a slot.
    pub(super) fn note_came(&mut self, slot: Slot) {
        self.came.push(slot);
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
    came: Slots<()>,
    released: Slots<Uuid>,
}

impl<'a> Before<'a> {
    fn new(now: &'a Estimate, was: Was) -> Self {
        let came = was.came.into_iter().map(|slot| (slot, ())).collect();
        Before {
            now,
            index: was.index,
            figures: Slots::first_of(was.figures),
            came: Slots::first_of(came),
            released: Slots::first_of(was.released),
        }
    }

    fn calc(&self, slot: Slot) -> &Calc {
        self.figures.get(slot).unwrap_or_else(|| self.now.calc(slot))
    }

    /// Where the row now in `slot` was; none where it is new.
    fn slot_of(&self, slot: Slot) -> Option<Slot> {
        if self.came.get(slot).is_none() {
            return Some(slot);
        }
        self.now.at(slot).row.id().and_then(|id| self.index.get(id))
    }

    /// Where the row is that was in `slot`; none where it is gone.
    fn slot_now(&self, slot: Slot) -> Option<Slot> {
        self.released.get(slot).map_or(Some(slot), |id| self.now.slot(*id))
    }

    /// Takes what the row that was in `slot` gave its parent out of what moved, where that parent
    /// is looked at.
    fn take_out(&self, slot: Slot, moved: &mut Slots<Contribution>) {
        let calc = self.calc(slot);
        if calc.parent != DETACHED
            && let Some(parent) = self.slot_now(calc.parent)
            && let Some(sum) = moved.get_mut(parent)
        {
            *sum = sum.less(&calc.contribution());
        }
    }
}

impl Estimate {
    /// Begins a command: from here on, figures are noted before they change.
    pub(crate) fn begin(&mut self) {
        self.was = Some(Was {
            index: self.index.clone(),
            figures: Vec::with_capacity(ROWS_TOUCHED),
            came: Vec::new(),
            released: Vec::new(),
        });
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
        let slots = self.with_those_above(&work.changed);
        let mut moved = Slots(slots.iter().map(|slot| (*slot, Contribution::default())).collect());
        for &slot in slots.iter().filter(|slot| **slot != ROOT) {
            let calc = self.calc(slot);
            if let Some(sum) = moved.get_mut(calc.parent) {
                sum.add(&calc.contribution());
            }
            if let Some(old) = before.slot_of(slot) {
                before.take_out(old, &mut moved);
            }
        }
        for id in &work.removed {
            if let Some(old) = before.index.get(*id) {
                before.take_out(old, &mut moved);
            }
        }
        for (slot, moved) in moved.0 {
            let old = before.slot_of(slot);
            let old = old.map(|slot| before.calc(slot).gathered()).unwrap_or_default();
            let item = self.calc(slot).flags.has(Flags::ITEM);
            let moved = if item { moved.below_item() } else { moved };
            if self.calc(slot).gathered().less(&old) == moved {
                continue;
            }
            let name = match &self.at(slot).row {
                NodeRow::None => "The estimate".to_owned(),
                NodeRow::Heading(heading) => format!("Heading {} {}", heading.code, heading.name),
                NodeRow::Item(item) => label(item).to_string(),
            };
            let message = format!("{name} is not the sum of what is below it.");
            let id = self.at(slot).row.id().unwrap_or(self.row.id.0);
            found.push(violation(16, id, Some("cost"), message));
        }
    }

    /// The slots given, every slot above one of them, and the estimate's own, in order, each once.
    /// O(n x depth x log n).
    pub(super) fn with_those_above(&self, changed: &HashSet<Slot, IdState>) -> Vec<Slot> {
        let mut slots = Vec::with_capacity(ROWS_TOUCHED.max(changed.len()));
        slots.push(ROOT);
        for &changed in changed {
            let mut slot = changed;
            while slot != DETACHED {
                slots.push(slot);
                slot = self.calc(slot).parent;
            }
        }
        slots.sort_unstable();
        slots.dedup();
        slots
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
        if let Some(old) = before.slot_of(slot) {
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
        let mut anew = Proof::default();
        let proof = match work.proofs.get(&slot) {
            Some(proof) => proof,
            // Its costs were not worked out by this command. What has no value was refused before.
            None if self.evaluate(slot, item, work.catalogue, &mut anew).is_ok() => &anew,
            None => return,
        };
        let plug = item.plug.and_then(|plug| {
            let on = super::evaluate::cost_quantity(item, self.quantity_at(slot));
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
        for &(rule, line) in &proof.wrong {
            let message = format!("A line of {} is not its quantity times its rate.", label(item));
            found.push(violation(rule, item.id.0, None, message).object(line.0));
        }
    }
}

/// What the lines and leaves of an item come to, each checked by another multiplication than the
/// one that made its cost.
#[derive(Default)]
pub(super) struct Proof {
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
