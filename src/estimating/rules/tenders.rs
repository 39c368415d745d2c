//! Tenders: BR-001 to BR-008.

use super::{Kind, Module, Rule, RuleId};

pub(super) const RULES: [Rule; 8] = [
    Rule {
        id: RuleId::br(1),
        code: "tender-number-not-unique",
        title: "Tender numbers are never reused",
        module: Module::Tenders,
        kind: Kind::Block,
        trigger: "create, renumber",
        statement: "Tender number is unique for all time, archived and declined tenders included.",
        explanation: "A number on an old letter or invoice must always lead to one tender. Pick \
            the next free number; archived and declined tenders keep theirs.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(2),
        code: "tender-client-invalid",
        title: "A tender has one active client",
        module: Module::Tenders,
        kind: Kind::Block,
        trigger: "create, change client",
        statement: "A tender has exactly one client: a company with the client role, active when \
            chosen.",
        explanation: "The price is addressed to one party, so there must be exactly one. Give \
            the company the client role, or reactivate it, before choosing it.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(3),
        code: "go-decision-missing",
        title: "The go decision is recorded",
        module: Module::Tenders,
        kind: Kind::Block,
        trigger: "leave enquiry",
        statement: "Leaving Enquiry needs a recorded go or no-go with person, date and reason; \
            no-go leads to Declined only.",
        explanation: "Pricing costs weeks of work, so somebody decides to spend them. Record go \
            or no-go with a reason before moving the tender on.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(4),
        code: "closing-time-invalid",
        title: "The closing time is real and traceable",
        module: Module::Tenders,
        kind: Kind::Block,
        trigger: "activate, change closing",
        statement: "Closing time is stored with zone Pacific/Auckland, lies in the future on \
            activation, and later changes cite the notice that moved it.",
        explanation: "A bid that misses its closing time is lost whatever its price. Enter a \
            future time, and name the notice to tenderers when it moves.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(5),
        code: "tender-transition-not-allowed",
        title: "Tender states follow their path",
        module: Module::Tenders,
        kind: Kind::Block,
        trigger: "any state change",
        statement: "Tender states change only along 2.3.",
        explanation: "Reports and hand-overs rely on what a state means. Use one of the moves \
            offered from the present state.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(6),
        code: "accepted-price-mismatch",
        title: "A win names the price that was accepted",
        module: Module::Tenders,
        kind: Kind::Block,
        trigger: "mark won",
        statement: "Won names one submitted revision and an accepted price ex GST equal to its \
            total; a negotiated price needs a submitted revision with that total.",
        explanation: "The budget handed over must be the price the client signed. Choose the \
            submitted revision with that total, or submit a revision at the negotiated price \
            first.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(7),
        code: "outcome-reason-missing",
        title: "A lost tender says why",
        module: Module::Tenders,
        kind: Kind::Block,
        trigger: "record outcome",
        statement: "Lost, No-award and Withdrawn carry a reason code and either the winning \
            price or an explicit \"unknown\".",
        explanation: "Win rates and market prices are only worth as much as these records. Give \
            a reason code and the winning price, or state that it is unknown.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(8),
        code: "tender-delete-not-allowed",
        title: "Submitted tenders are kept",
        module: Module::Tenders,
        kind: Kind::Block,
        trigger: "delete",
        statement: "A tender that ever had a submission cannot be deleted; one without may be \
            deleted by Admin.",
        explanation: "What was sent to a client may be asked for years later. Archive the \
            tender; only one that never had a submission may be deleted, by an Admin.",
        enforced: true,
    },
];
