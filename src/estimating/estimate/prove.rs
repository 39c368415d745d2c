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
    work::VIOLATIONS_MAX,
};
use crate::estimating::{
    build_up::{LeafCost, LineCost, Sink},
    cost::CostSums,
    id::LineId,
    item::{Item, ItemType},
    number::{LineQty, Money, Qty, Rate},
    refusal::Refusal,
    rules::{Violation, Violations},
    worksheet::{Line, Source},
};
use uuid::Uuid;

/// A table of what a command touches: most touch so little that looking along a row is faster than
/// hashing.
pub(super) type Few<K, V> = halfbrown::SizedHashMap<K, V, IdState, FEW>;

/// Rows from which a [`Few`] hashes.
const FEW: usize = 16;

/// Rows most commands touch, with those above them: tables that hold them need not grow.
pub(super) const ROWS_TOUCHED: usize = 14;

/// What the command in progress has changed, as it was before: noted on the way, so that nothing
/// need be copied to know it.
#[derive(Clone)]
pub(super) struct Was {
    index: Identities,
    figures: Few<Slot, Calc>,
    came: Few<Slot, ()>,
    released: Few<Slot, Uuid>,
}

impl Was {
    /// Notes figures that are about to change.
    pub(super) fn note(&mut self, slot: Slot, calc: &Calc) {
        self.figures.entry(slot).or_insert(*calc);
    }

    /// Notes that a row comes into a slot.
    pub(super) fn note_came(&mut self, slot: Slot) {
        self.came.insert(slot, ());
    }

    /// Notes that a row leaves its slot.
    pub(super) fn note_released(&mut self, slot: Slot, id: Uuid) {
        self.released.entry(slot).or_insert(id);
    }
}

/// The estimate before the command, as far as its proof asks.
struct Before<'a> {
    now: &'a Estimate,
    was: Was,
}

impl Before<'_> {
    fn calc(&self, slot: Slot) -> &Calc {
        self.was.figures.get(&slot).unwrap_or_else(|| self.now.calc(slot))
    }

    /// Where the row now in `slot` was; none where it is new.
    fn slot_of(&self, slot: Slot) -> Option<Slot> {
        if self.was.came.get(&slot).is_none() {
            return Some(slot);
        }
        self.now.at(slot).row.id().and_then(|id| self.was.index.get(id))
    }

    /// Where the row is that was in `slot`; none where it is gone.
    fn slot_now(&self, slot: Slot) -> Option<Slot> {
        self.was.released.get(&slot).map_or(Some(slot), |id| self.now.slot(*id))
    }
}

impl Estimate {
    /// Begins a command: from here on, figures are noted before they change.
    pub(crate) fn begin(&mut self) {
        self.was = Some(Was {
            index: self.index.clone(),
            figures: Few::with_capacity_and_hasher(ROWS_TOUCHED, IdState::default()),
            came: Few::default(),
            released: Few::default(),
        });
    }

    /// Proves that the command since [`begin`](Self::begin) kept every invariant.
    /// O(rows changed x depth + their lines).
    ///
    /// # Errors
    /// The invariants broken.
    pub(crate) fn prove(&mut self, work: &mut Work<'_>) -> Result<(), Refusal> {
        work.above = self.with_those_above(work);
        let Some(was) = self.was.take() else { return Ok(()) };
        let before = Before { now: self, was };
        let mut found = Vec::new();
        self.prove_totals(&before, work, &mut found);
        for slot in work.changed() {
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
        // What a row moved by, less what its children moved by: nothing, in the end.
        let slots = work.above.iter().map(|slot| (*slot, Contribution::default()));
        let mut rest: Few<Slot, Contribution> = slots.collect();
        let moved = |rest: &mut Few<Slot, Contribution>, parent: Slot, by: Contribution| {
            if let Some(rest) = rest.get_mut(&parent) {
                let item = self.calc(parent).flags.has(Flags::ITEM);
                *rest -= if item { by.below_item() } else { by };
            }
        };
        let gone = work.removed.iter().filter_map(|id| before.was.index.get(*id));
        let gone = gone.map(|slot| (None, Some(slot)));
        let there = work.above.iter().map(|slot| (Some(*slot), before.slot_of(*slot)));
        for (slot, old) in there.chain(gone) {
            if let Some(slot) = slot {
                let calc = self.calc(slot);
                if let Some(rest) = rest.get_mut(&slot) {
                    *rest += calc.gathered();
                    if let Some(old) = old {
                        *rest -= before.calc(old).gathered();
                    }
                }
                if slot != ROOT {
                    moved(&mut rest, calc.parent, calc.contribution());
                }
            }
            if let Some(old) = old.map(|slot| before.calc(slot))
                && old.parent != DETACHED
                && let Some(parent) = before.slot_now(old.parent)
            {
                moved(&mut rest, parent, Contribution::default() - old.contribution());
            }
        }
        for (&slot, _) in rest.iter().filter(|(_, rest)| !rest.is_none()) {
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

    /// The slots that changed, every slot above one of them, and the estimate's own, each once.
    /// O(those slots).
    fn with_those_above(&self, work: &Work<'_>) -> Vec<Slot> {
        let mut known = Few::with_capacity_and_hasher(ROWS_TOUCHED, IdState::default());
        known.insert(ROOT, ());
        for mut slot in work.changed() {
            while slot != DETACHED && known.insert(slot, ()).is_none() {
                slot = self.calc(slot).parent;
            }
        }
        known.keys().copied().collect()
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
        let proof = match work.marks.get(&slot).and_then(|mark| mark.proof.as_ref()) {
            Some(proof) => proof,
            // Its costs were not worked out by this command. What has no value was refused before.
            None if self.evaluate(slot, item, work.catalogue, &mut anew).is_ok() => &anew,
            None => return,
        };
        let own = match item.plug.filter(|_| item.item_type.bears_cost()) {
            Some(plug) => {
                let on = super::evaluate::cost_quantity(item, self.quantity_at(slot));
                let cost = calc.other.get(plug.cost_type);
                let right = is_product(on.units(), Qty::DECIMALS, plug.rate, cost);
                right && calc.other == CostSums::of(plug.cost_type, cost)
            }
            None if item.item_type.bears_cost() => calc.other == proof.sums,
            None => calc.other.is_zero(),
        };
        if !own {
            let message = format!(
                "{} costs {} by itself, but its lines or its plug come to something else.",
                label(item),
                calc.other.total(),
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
            && !is_line_cost(quantity, line.rate, total)
        {
            self.wrong.push((33, line.id));
        }
        (self.leaves, self.odd_leaf) = (0, false);
    }

    fn leaf(&mut self, leaf: LeafCost) {
        self.leaves += leaf.cost.units();
        self.odd_leaf |= !is_line_cost(leaf.quantity, leaf.rate, leaf.cost);
    }
}

/// Whether it is what a line of that quantity and rate costs (R3).
fn is_line_cost(quantity: LineQty, rate: Option<Rate>, cost: Money) -> bool {
    is_product(quantity.units(), LineQty::DECIMALS, rate.unwrap_or_default(), cost)
}

/// Whether a cost is the quantity, in units of its last of `decimals`, times the rate, to the
/// nearest cent, half away from zero; nothing where there is no rate. Costs are made by a division
/// and a rounding; this asks how far off they are instead.
fn is_product(quantity: i64, decimals: u32, rate: Rate, cost: Money) -> bool {
    let cent = 10_i128.pow(decimals + Rate::DECIMALS - Money::DECIMALS);
    let product = i128::from(quantity) * i128::from(rate.units());
    let off = 2 * (i128::from(cost.units()) * cent - product) * product.signum();
    if product == 0 { cost.is_zero() } else { -cent < off && off <= cent }
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
    /// As an item takes it in: one cost, and no sums of the client.
    fn below_item(mut self) -> Contribution {
        self.direct += self.indirect;
        Contribution { indirect: CostSums::ZERO, provisional: 0, ..self }
    }
}
