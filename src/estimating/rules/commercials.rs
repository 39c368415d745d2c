//! Commercials: BR-075 to BR-088.

use super::{Kind, Module, Rule, RuleId};

pub(super) const RULES: [Rule; 14] = [
    Rule {
        id: RuleId::br(75),
        code: "rule-sequence-duplicate",
        title: "Rules have one order",
        module: Module::Commercials,
        kind: Kind::Block,
        trigger: "save rule",
        statement: "Rules run in ascending sequence; sequence numbers are unique in an estimate \
            and inactive rules are skipped.",
        explanation: "Profit on overhead is not overhead on profit. Give every rule its own \
            sequence number.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(76),
        code: "rule-base-invalid",
        title: "Every rule names its base",
        module: Module::Commercials,
        kind: Kind::Block,
        trigger: "save rule",
        statement: "A rule names its base; the default is the running value of its scope at that \
            point; a base on earlier rules may name only lower sequences.",
        explanation: "A percentage means nothing without what it is a percentage of. Choose a \
            base; one on other rules may only look at earlier ones.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(77),
        code: "rule-percent-invalid",
        title: "Rule percentages make sense",
        module: Module::Commercials,
        kind: Kind::Block,
        trigger: "save rule",
        statement: "Margin percent is 0 to below 100; markup percent is above -100.",
        explanation: "A margin of 100 percent has no price, a markup of -100 percent gives the \
            work away. Enter a margin from 0 to below 100, or a markup above -100.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(78),
        code: "rule-allocation-mismatch",
        title: "Rule amounts are shared to the cent",
        module: Module::Commercials,
        kind: Kind::Invariant,
        trigger: "rule run",
        statement: "A rule's amount is rounded once and shared in whole cents by largest \
            remainder, ties in schedule order; shares add up to the amount.",
        explanation: "No cent may appear or vanish between a rule and the items. A difference is \
            a fault in the program and nothing is saved.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(79),
        code: "rule-base-is-zero",
        title: "A rule has something to be shared on",
        module: Module::Commercials,
        kind: Kind::Block,
        trigger: "rule run",
        statement: "A rule with a non-zero amount needs a scope whose weights are not all zero.",
        explanation: "An amount cannot be spread over items that are all zero. Widen the scope, \
            change the base, or switch the rule off.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(80),
        code: "rule-scope-includes-fixed-sell",
        title: "Fixed sums carry no markup",
        module: Module::Commercials,
        kind: Kind::Block,
        trigger: "save rule, rule run",
        statement: "Provisional, prime-cost, percentage and daywork items are never in a rule's \
            scope.",
        explanation: "The client has fixed these prices, or pays for them by percentage. Take \
            provisional, prime-cost, percentage and daywork items out of the scope.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(81),
        code: "indirect-not-spread-once",
        title: "Indirect cost is spread exactly once",
        module: Module::Commercials,
        kind: Kind::Block,
        trigger: "submit, save rule",
        statement: "Every active indirect or risk item with cost is in exactly one active spread \
            rule.",
        explanation: "Indirect work has no line of its own: spread twice it is charged twice, \
            never spread it is given away. Put each item into one active spread rule.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(82),
        code: "rule-nature-missing",
        title: "Every rule is cost or margin",
        module: Module::Commercials,
        kind: Kind::Block,
        trigger: "save rule",
        statement: "Every rule is marked cost or margin; spread-indirect is always cost.",
        explanation: "Margin reports are only right when each rule says which it is. Mark the \
            rule; spreading indirect cost is always cost.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(83),
        code: "no-unlocked-items",
        title: "A fixed rate needs free items beside it",
        module: Module::Commercials,
        kind: Kind::Block,
        trigger: "lock rate, sell run",
        statement: "Fixing a sell rate leaves the price unchanged: the difference is shared over \
            unlocked items, of which at least one remains.",
        explanation: "Fixing a rate moves money to the other items and never changes the price. \
            Leave at least one item unlocked.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(84),
        code: "sell-rate-precision-invalid",
        title: "Sell rates keep to their tier",
        module: Module::Commercials,
        kind: Kind::Block,
        trigger: "sell run, lock rate",
        statement: "Sell rates have the decimals of the tier for the item's quantity (default \
            2), and amount = round2(quantity x rate).",
        explanation: "A client multiplies the printed rate and must get the printed amount. \
            Enter the rate with no more decimals than its tier allows.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(85),
        code: "misclose-exceeds-threshold",
        title: "The rounding difference stays small",
        module: Module::Commercials,
        kind: Kind::Block,
        trigger: "sell run, submit",
        statement: "Misclose goes to the balancing lump-sum item; without one it goes to margin \
            and stays within max($1.00, 0.05 %).",
        explanation: "Rounded rates rarely meet the target exactly. Name a lump-sum item to take \
            the difference, or use finer rates.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(86),
        code: "sell-below-cost",
        title: "Selling below cost is accepted openly",
        module: Module::Commercials,
        kind: Kind::Acknowledge,
        trigger: "submit",
        statement: "An item selling below its loaded cost is listed and must be accepted.",
        explanation: "An item below its cost may be a tactic or a slip. Raise its rate, or have \
            a Lead accept it with a reason.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(87),
        code: "gst-mismatch",
        title: "GST is worked out once",
        module: Module::Commercials,
        kind: Kind::Invariant,
        trigger: "sell run",
        statement: "GST is worked out once, on the total ex GST, at the rate in force on the \
            closing date.",
        explanation: "GST on rounded parts differs from GST on the whole. A difference is a \
            fault in the program and nothing is saved.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(88),
        code: "target-rule-not-last",
        title: "A target comes last",
        module: Module::Commercials,
        kind: Kind::Block,
        trigger: "save rule",
        statement: "At most one target-total or round-total rule is active and it is last.",
        explanation: "Only the last word can decide the total. Keep one target or rounding rule \
            and place it behind all others.",
        enforced: true,
    },
];
