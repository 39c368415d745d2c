//! Quotes and adjudication: BR-061 to BR-074.

use super::{Kind, Module, Rule, RuleId};

pub(super) const RULES: [Rule; 14] = [
    Rule {
        id: RuleId::br(61),
        code: "package-scope-conflict",
        title: "Each member is in one live package",
        module: Module::Quotes,
        kind: Kind::Block,
        trigger: "save package",
        statement: "A package belongs to one estimate, has at least one member, and no item or \
            resource is in two live packages.",
        explanation: "Work bought twice is paid twice. Remove the member from the other package, \
            or cancel that one.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(62),
        code: "supplier-not-eligible",
        title: "Only eligible companies are invited",
        module: Module::Quotes,
        kind: Kind::Block,
        trigger: "invite",
        statement: "Only active companies with the supplier or subcontractor role and not on \
            hold are invited.",
        explanation: "A company on hold or without the trade's role cannot be awarded work. Give \
            it the supplier or subcontractor role, or release the hold.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(63),
        code: "package-changed-after-issue",
        title: "Changed scope outdates quotes",
        module: Module::Quotes,
        kind: Kind::Acknowledge,
        trigger: "edit after issue",
        statement: "Changing a member's quantity, unit or description after issue marks received \
            quotes outdated until each is confirmed or re-quoted.",
        explanation: "A price for 400 metres does not hold for 700. Have each bidder confirm or \
            quote again, or let a Lead accept the old price with a reason.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(64),
        code: "quote-line-unmatched",
        title: "Every quote line is matched",
        module: Module::Quotes,
        kind: Kind::Block,
        trigger: "compare",
        statement: "Every imported quote line is matched to a member or set aside by hand before \
            comparison.",
        explanation: "An unmatched line is money that the comparison does not see. Match it to a \
            member, or set it aside by hand.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(65),
        code: "quote-gap-as-zero",
        title: "A blank is not a zero",
        module: Module::Quotes,
        kind: Kind::Block,
        trigger: "save quote, import",
        statement: "An unpriced quote line is blank, not zero; price 0 is accepted only with the \
            tag included or free.",
        explanation: "A bidder who left a line out did not offer it for nothing. Leave it blank, \
            or tag the zero as included or free.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(66),
        code: "gap-plug-transferred",
        title: "A plugged gap is never a quoted rate",
        module: Module::Quotes,
        kind: Kind::Invariant,
        trigger: "compare, transfer",
        statement: "A gap is compared at a visible plug (2.8); a plug is never transferred as a \
            quoted rate.",
        explanation: "The figure used to compare bids is not a price anyone offered. If it \
            reached an item as one, the program is at fault and nothing is saved.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(67),
        code: "quote-not-normalised",
        title: "Quotes are compared on one basis",
        module: Module::Quotes,
        kind: Kind::Block,
        trigger: "normalise",
        statement: "All quotes are compared in NZD ex GST; a quote whose GST basis or currency \
            is not stated cannot be compared.",
        explanation: "A bid including GST looks fifteen percent dear beside one without. State \
            the GST basis and currency of every quote.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(68),
        code: "quote-arithmetic-error",
        title: "Quote arithmetic is settled",
        module: Module::Quotes,
        kind: Kind::Acknowledge,
        trigger: "normalise",
        statement: "If a supplier's stated total differs from the sum of its lines and \
            adjustments by more than $1.00, someone decides which holds.",
        explanation: "When a stated total and its lines disagree, one of them is what will be \
            claimed. Decide which holds and say why.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(69),
        code: "quote-adjustment-reason-missing",
        title: "Every adjustment has a reason",
        module: Module::Quotes,
        kind: Kind::Block,
        trigger: "save adjustment",
        statement: "Each levelling adjustment is a signed amount with a reason, listed in the \
            comparison total.",
        explanation: "Levelling decides who wins, so each figure must stand up to questions. \
            Write the reason beside the amount.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(70),
        code: "quote-is-late",
        title: "Late quotes are accepted openly",
        module: Module::Quotes,
        kind: Kind::Acknowledge,
        trigger: "award",
        statement: "A quote received after the deadline is marked late and can be awarded only \
            when accepted as such.",
        explanation: "Fair treatment of bidders depends on the deadline. Record why this one is \
            taken in spite of it.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(71),
        code: "award-reason-missing",
        title: "Passing over the lowest bid needs a reason",
        module: Module::Quotes,
        kind: Kind::Block,
        trigger: "award",
        statement: "Awarding any quote but the lowest conforming comparison total needs a \
            written reason.",
        explanation: "The award may be audited or challenged. Write down what outweighs the price.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(72),
        code: "too-few-quotes",
        title: "Larger packages have three quotes",
        module: Module::Quotes,
        kind: Kind::Acknowledge,
        trigger: "award",
        statement: "A package above the threshold (default $20,000) with fewer than three \
            conforming quotes needs acceptance.",
        explanation: "One or two bids do not show the market. Invite more, or have a Lead accept \
            the award as it is.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(73),
        code: "award-transfer-mismatch",
        title: "Transferred costs equal the award",
        module: Module::Quotes,
        kind: Kind::Invariant,
        trigger: "transfer",
        statement: "Transfer is one commit after which the members' subcontract or material \
            costs add up to the award, adjustments included.",
        explanation: "What is priced must be what will be paid to the subcontractor, adjustments \
            included. A difference is a fault in the program and nothing is saved.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(74),
        code: "adjudication-transition-not-allowed",
        title: "Adjudication states follow their path",
        module: Module::Quotes,
        kind: Kind::Block,
        trigger: "any state change",
        statement: "Adjudication states follow 2.3; reopening starts a new round and keeps the \
            old one readable.",
        explanation: "A reopened round must not erase the one it replaces. Use one of the moves \
            offered; reopening begins a new round.",
        enforced: true,
    },
];
