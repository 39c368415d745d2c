//! Locks and collaboration: BR-097 to BR-102.

use super::{Kind, Module, Rule, RuleId};

pub(super) const RULES: [Rule; 6] = [
    Rule {
        id: RuleId::br(97),
        code: "item-locked-by-other",
        title: "One person edits an item at a time",
        module: Module::Locks,
        kind: Kind::Block,
        trigger: "write",
        statement: "Writing an item or worksheet needs its lease held by the same session; the \
            refusal names the holder.",
        explanation: "Two people in one worksheet overwrite each other. Wait for the holder \
            named in the message, or work on another item.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(98),
        code: "lock-lease-expired",
        title: "An abandoned edit lets go",
        module: Module::Locks,
        kind: Kind::Block,
        trigger: "write",
        statement: "A lease lapses 120 s after its last heartbeat (every 30 s) and a write under \
            a lapsed lease is refused.",
        explanation: "A closed laptop must not block the team. Open the item again; what was not \
            saved is kept as a draft.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(99),
        code: "stale-version",
        title: "Nobody overwrites what they have not seen",
        module: Module::Locks,
        kind: Kind::Block,
        trigger: "write",
        statement: "Every write carries the version it read; another version means refusal with \
            the current values.",
        explanation: "Someone else saved first. Look at the present values, then repeat the \
            change if it still applies.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(100),
        code: "lock-break-not-allowed",
        title: "Only a Lead takes over an edit",
        module: Module::Locks,
        kind: Kind::Block,
        trigger: "break lease",
        statement: "Only a Lead breaks another's lease, with a reason; the holder is told and \
            keeps the unsaved text as a draft.",
        explanation: "Taking over may cost someone their unsaved work. Ask a Lead, who gives a \
            reason; the text is kept for its author.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(101),
        code: "bulk-lock-failed",
        title: "Changes to many items are whole",
        module: Module::Locks,
        kind: Kind::Block,
        trigger: "bulk write",
        statement: "A change to many items (reprice, paste, transfer, bulk edit) gets all leases \
            or changes nothing.",
        explanation: "A price half updated is worse than one not updated. Wait until the listed \
            items are free, or leave them out.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(102),
        code: "subtree-in-use",
        title: "Nobody's work is moved from under them",
        module: Module::Locks,
        kind: Kind::Block,
        trigger: "move, delete",
        statement: "Moving or deleting a subtree needs no foreign lease inside it; reading never \
            takes or waits for a lease.",
        explanation: "Moving or deleting would pull the page away from a colleague. Wait for the \
            holder named in the message.",
        enforced: true,
    },
];
