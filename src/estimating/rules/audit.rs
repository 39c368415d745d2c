//! Audit and retention: BR-118 to BR-121.

use super::{Kind, Module, Rule, RuleId};

pub(super) const RULES: [Rule; 4] = [
    Rule {
        id: RuleId::br(118),
        code: "audit-write-failed",
        title: "No change without its record",
        module: Module::Audit,
        kind: Kind::Invariant,
        trigger: "any write",
        statement: "Each change writes an audit record (who, when, what, before, after, origin) \
            in the same transaction; no record, no change.",
        explanation: "Every figure must be traceable to a person and a moment. If the record \
            cannot be written, neither is the change.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(119),
        code: "audit-chain-broken",
        title: "The audit trail is tamper-evident",
        module: Module::Audit,
        kind: Kind::Invariant,
        trigger: "start, daily",
        statement: "Audit is append-only; hash = SHA-256(previous hash + canonical record); it \
            is verified at start and daily, and a break makes the system read-only.",
        explanation: "Each record seals the one before it. If a seal is broken the system turns \
            read-only until an Admin has looked into it.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(120),
        code: "retention-period-active",
        title: "Records are kept seven years",
        module: Module::Audit,
        kind: Kind::Block,
        trigger: "delete, purge",
        statement: "Audit records and submitted revisions stay at least seven years after 31 \
            March following the tender's closing; nobody can delete them sooner.",
        explanation: "Tax and contract law ask for them long after the tender. They can be \
            deleted when the date in the message has passed.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(121),
        code: "audit-access-denied",
        title: "The audit trail is read by those accountable",
        module: Module::Audit,
        kind: Kind::Block,
        trigger: "read audit",
        statement: "Leads read the audit of estimates, Admin reads all; exporting audit is \
            itself recorded.",
        explanation: "It shows who did what and every price along the way. Leads read estimates, \
            Admin reads all, and an export is itself recorded.",
        enforced: true,
    },
];
