//! Undo and redo: per person and scope, a stack of commits that can be taken back.
//!
//! Taking back is itself a commit, with the inverse changes. Nothing is kept beside the log: the
//! stacks are what reading its tail gives, at open and after a failure.

mod conflict;
mod inverse;

pub(super) use inverse::{Inverse, Inverted, inner_keys, invert};

use super::{command::Scope, note::CommitNote};
use crate::{estimating::id::UserId, ledger::Lsn};
use std::sync::Arc;

/// Commits of one person in one scope that can be taken back.
pub const UNDO_STEPS_MAX: usize = 200;
/// Commits read at open to find them again.
pub const UNDO_TAIL_COMMITS: u64 = 20_000;

/// A commit on a stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The commit whose inverse is next.
    pub lsn: Lsn,
    /// What the person did, in words.
    pub label: Arc<str>,
}

/// What can be undone and redone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UndoState {
    /// Next to be taken back.
    pub undo: Option<Step>,
    /// Next to be done again.
    pub redo: Option<Step>,
}

/// The two stacks of one person in one scope. O(1) to clone.
#[derive(Clone, Debug, Default)]
pub struct Stack {
    done: imbl::Vector<Step>,
    undone: imbl::Vector<Step>,
}

/// How a commit moves the stacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Motion {
    /// An ordinary change: can be taken back, and ends what could be done again.
    Forward,
    /// Takes back a commit.
    Undo(Lsn),
    /// Takes back an undo.
    Redo(Lsn),
}

impl Motion {
    /// What a commit's note says.
    pub(super) fn of(note: &CommitNote) -> Motion {
        match note.reverses {
            None => Motion::Forward,
            Some(lsn) if note.redo => Motion::Redo(lsn),
            Some(lsn) => Motion::Undo(lsn),
        }
    }
}

impl Stack {
    /// The stacks after commit `lsn`. O(1), or O(steps) when a step in the middle is taken.
    pub(super) fn after(&self, motion: Motion, lsn: Lsn, label: &Arc<str>) -> Stack {
        let mut next = self.clone();
        let step = Step { lsn, label: label.clone() };
        match motion {
            Motion::Forward => {
                next.undone.clear();
                push(&mut next.done, step);
            }
            Motion::Undo(of) => {
                remove(&mut next.done, of);
                push(&mut next.undone, step);
            }
            Motion::Redo(of) => {
                remove(&mut next.undone, of);
                push(&mut next.done, step);
            }
        }
        next
    }

    /// What is next both ways.
    pub fn state(&self) -> UndoState {
        UndoState { undo: self.done.last().cloned(), redo: self.undone.last().cloned() }
    }
}

fn push(steps: &mut imbl::Vector<Step>, step: Step) {
    steps.push_back(step);
    while steps.len() > UNDO_STEPS_MAX {
        steps.pop_front();
    }
}

fn remove(steps: &mut imbl::Vector<Step>, lsn: Lsn) {
    if let Some(at) = steps.iter().rposition(|step| step.lsn == lsn) {
        steps.remove(at);
    }
}

/// Every person's stacks, by person and scope.
pub(super) type Stacks = imbl::HashMap<(UserId, Scope), Arc<Stack>>;

/// Notes a commit on the stacks it belongs to. O(1).
pub(super) fn record(
    stacks: &mut Stacks,
    user: UserId,
    scope: Scope,
    motion: Motion,
    lsn: Lsn,
    label: &Arc<str>,
) {
    let next = match stacks.get(&(user, scope)) {
        Some(stack) => stack.after(motion, lsn, label),
        None => Stack::default().after(motion, lsn, label),
    };
    stacks.insert((user, scope), Arc::new(next));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(text: &str) -> Arc<str> {
        text.into()
    }

    #[test]
    fn an_undo_moves_a_step_over_and_a_redo_moves_it_back() {
        let stack = Stack::default().after(Motion::Forward, Lsn(1), &label("a"));
        let stack = stack.after(Motion::Forward, Lsn(2), &label("b"));
        let undone = stack.after(Motion::Undo(Lsn(2)), Lsn(3), &label("b"));
        assert_eq!(undone.state().undo.map(|s| s.lsn), Some(Lsn(1)));
        assert_eq!(undone.state().redo.map(|s| s.lsn), Some(Lsn(3)));
        let again = undone.after(Motion::Redo(Lsn(3)), Lsn(4), &label("b"));
        assert_eq!(again.state().undo.map(|s| s.lsn), Some(Lsn(4)));
        assert_eq!(again.state().redo, None);
    }

    #[test]
    fn a_new_change_ends_what_could_be_redone() {
        let stack = Stack::default().after(Motion::Forward, Lsn(1), &label("a"));
        let stack = stack.after(Motion::Undo(Lsn(1)), Lsn(2), &label("a"));
        let stack = stack.after(Motion::Forward, Lsn(3), &label("b"));
        assert_eq!(stack.state().redo, None);
    }

    #[test]
    fn a_stack_holds_at_most_its_bound() {
        let mut stack = Stack::default();
        for lsn in 1..=300 {
            stack = stack.after(Motion::Forward, Lsn(lsn), &label("x"));
        }
        assert_eq!(stack.done.len(), UNDO_STEPS_MAX);
        assert_eq!(stack.done.front().map(|s| s.lsn), Some(Lsn(101)));
    }
}
