//! Integrations and hand-over: BR-109 to BR-113.

use super::{Kind, Module, Rule, RuleId};

pub(super) const RULES: [Rule; 5] = [
    Rule {
        id: RuleId::br(109),
        code: "handover-not-allowed",
        title: "Hand-over happens once, from the win",
        module: Module::Handover,
        kind: Kind::Block,
        trigger: "hand over",
        statement: "Hand-over starts from the accepted revision of a Won tender; repeating it \
            with the same key changes nothing.",
        explanation: "A budget loaded twice doubles a job. Start from the accepted revision of a \
            won tender; repeating it does nothing.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(110),
        code: "handover-code-unmapped",
        title: "Every budget row has its job code",
        module: Module::Handover,
        kind: Kind::Block,
        trigger: "hand over",
        statement: "Every budget row maps to a Workbench job, sub-job (at most five levels), \
            activity and cost type.",
        explanation: "Cost without a code cannot be tracked on site. Map each listed row to job, \
            sub-job, activity and cost type.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(111),
        code: "handover-total-mismatch",
        title: "The hand-over adds up",
        module: Module::Handover,
        kind: Kind::Invariant,
        trigger: "hand over",
        statement: "Budget rows add up to cost_total and revenue rows to total_ex of the \
            accepted revision, to the cent.",
        explanation: "The job must start with the money the tender was won with. A difference is \
            a fault in the program and nothing is handed over.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(112),
        code: "company-owned-by-xero",
        title: "Xero owns its companies",
        module: Module::Handover,
        kind: Kind::Block,
        trigger: "edit, sync",
        statement: "Companies linked to Xero are matched by contact id and changed only by the \
            sync; archived there means archived here, history kept.",
        explanation: "Two places to edit a company drift apart. Change it in Xero and let the \
            sync bring it here.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(113),
        code: "programme-task-orphaned",
        title: "Linked programme tasks do not vanish",
        module: Module::Handover,
        kind: Kind::Acknowledge,
        trigger: "re-import programme",
        statement: "Programme tasks are matched by UID and durations taken as given; a task that \
            vanishes while an item uses it must be relinked or fixed.",
        explanation: "A duration without its task would freeze unseen. Link the item to another \
            task, or enter the duration, or have a Lead accept it.",
        enforced: true,
    },
];
