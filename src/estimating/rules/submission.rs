//! Submission and approval: BR-089 to BR-096.

use super::{Kind, Module, Rule, RuleId};

pub(super) const RULES: [Rule; 8] = [
    Rule {
        id: RuleId::br(89),
        code: "estimate-has-unpriced-items",
        title: "Everything that is offered is priced",
        module: Module::Submission,
        kind: Kind::Block,
        trigger: "approve, submit",
        statement: "No counted or rate-only item is Unpriced.",
        explanation: "An unpriced line is offered for nothing. Price the listed items, exclude \
            them with a reason, or make them inactive.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(90),
        code: "plugs-not-acknowledged",
        title: "Plugs are accepted by name",
        module: Module::Submission,
        kind: Kind::Acknowledge,
        trigger: "submit",
        statement: "Every plug, item plug and gap plug alike, is accepted by name.",
        explanation: "A plug is a guess in the price. Replace it by a worksheet or quote, or \
            have a Lead accept it with a reason.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(91),
        code: "package-not-settled",
        title: "Packages are settled before submission",
        module: Module::Submission,
        kind: Kind::Block,
        trigger: "submit",
        statement: "Every package is transferred or cancelled.",
        explanation: "An open package means prices that may still move. Transfer its award or \
            cancel it.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(92),
        code: "quote-expires-before-validity",
        title: "Quotes outlast the tender's validity",
        module: Module::Submission,
        kind: Kind::Acknowledge,
        trigger: "submit",
        statement: "Every awarded quote is valid until closing plus the tender's validity days.",
        explanation: "A subcontract price that lapses first becomes our risk. Ask for a longer \
            validity, or have a Lead accept it with a reason.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(93),
        code: "notice-not-incorporated",
        title: "Notices to tenderers are dealt with",
        module: Module::Submission,
        kind: Kind::Block,
        trigger: "submit",
        statement: "Every notice to tenderers is marked incorporated or not applicable.",
        explanation: "A missed notice can make the tender non-conforming. Mark each one \
            incorporated or not applicable.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(94),
        code: "approval-separation-required",
        title: "A second person approves large tenders",
        module: Module::Submission,
        kind: Kind::Block,
        trigger: "approve",
        statement: "A Lead approves; above the set limit (default $1,000,000 ex GST) the \
            approver is not the last person who changed rules or rate locks.",
        explanation: "Whoever set the margin should not be the only one to see it. Above the \
            limit, let a Lead approve who did not last change rules or rate locks.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(95),
        code: "approval-is-stale",
        title: "Approval is for exactly this content",
        module: Module::Submission,
        kind: Kind::Block,
        trigger: "submit",
        statement: "Approval holds for one content hash; a submission with any other content is \
            refused.",
        explanation: "A figure changed after approval was approved by nobody. Have the estimate \
            approved again.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(96),
        code: "submission-recompute-mismatch",
        title: "Submission recomputes from the ground",
        module: Module::Submission,
        kind: Kind::Invariant,
        trigger: "submit",
        statement: "Submission recomputes from the leaves, must equal the stored totals to the \
            cent, and writes PDF, Excel and JSON with one content hash.",
        explanation: "What goes to the client is worked out anew from every line. If it differs \
            from the screen by a cent, nothing is sent and the alarm is raised.",
        enforced: true,
    },
];
