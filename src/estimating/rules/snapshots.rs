//! Snapshots and anonymisation: BR-122 to BR-123.

use super::{Kind, Module, Rule, RuleId};

pub(super) const RULES: [Rule; 2] = [
    Rule {
        id: RuleId::br(122),
        code: "restore-total-mismatch",
        title: "A restore gives back the same figures",
        module: Module::Snapshots,
        kind: Kind::Invariant,
        trigger: "restore",
        statement: "A restore to commit n makes a new revision, rewrites no history, and must \
            reproduce the totals stored with commit n.",
        explanation: "A restored price that differs by a cent is not that price. If the totals \
            do not come out as stored, nothing is restored and the alarm is raised.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(123),
        code: "anonymisation-leak-detected",
        title: "An anonymised copy gives nothing away",
        module: Module::Snapshots,
        kind: Kind::Block,
        trigger: "clone",
        statement: "An anonymised clone is released only when a scan finds no original name, \
            contact, free text, file or unchanged rate in it.",
        explanation: "A copy leaves the company's care. It is released only when a search finds \
            no original name, contact, text, file or rate; mend the masking policy first.",
        enforced: true,
    },
];
