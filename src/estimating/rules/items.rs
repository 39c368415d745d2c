//! Items: BR-019 to BR-030.

use super::{Kind, Module, Rule, RuleId};

pub(super) const RULES: [Rule; 12] = [
    Rule {
        id: RuleId::br(19),
        code: "item-unit-missing",
        title: "Every item has a known unit",
        module: Module::Items,
        kind: Kind::Block,
        trigger: "save, import",
        statement: "Every item has a unit from the managed unit list.",
        explanation: "A quantity without a unit cannot be priced or compared. Choose one from \
            the unit list, or have an Admin add it.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(20),
        code: "item-quantity-invalid",
        title: "Quantities are positive and exact",
        module: Module::Items,
        kind: Kind::Block,
        trigger: "save, import",
        statement: "Quantity is above zero with at most four decimals for schedule, normal and \
            daywork items, and empty for rate-only items.",
        explanation: "Zero and negative quantities hide in totals, and rate-only items have \
            none. Enter a quantity above zero with at most four decimals, or clear it on a \
            rate-only item.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(21),
        code: "lump-sum-quantity-not-one",
        title: "A lump sum has quantity one",
        module: Module::Items,
        kind: Kind::Block,
        trigger: "save, import",
        statement: "An item in unit LS has quantity exactly 1.",
        explanation: "Two lump sums of one item would double its price unseen. Set the quantity \
            to 1, or choose a measured unit.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(22),
        code: "schedule-item-nesting-invalid",
        title: "Client lines do not contain client lines",
        module: Module::Items,
        kind: Kind::Block,
        trigger: "add, move, retype",
        statement: "A schedule item never sits below another schedule item; sub-items are \
            internal and at most five deep.",
        explanation: "The client prices each line of the schedule once. Break a schedule item \
            down with internal sub-items, at most five deep.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(23),
        code: "plug-conflicts-with-worksheet",
        title: "An item is plugged or worked out",
        module: Module::Items,
        kind: Kind::Block,
        trigger: "set plug, add line",
        statement: "An item is costed by a plug or by worksheet lines and sub-items, never both; \
            setting one requires clearing the other.",
        explanation: "A plug on top of a worksheet would count the cost twice. Clear the plug \
            before adding lines, or empty the worksheet before plugging.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(24),
        code: "item-status-is-derived",
        title: "Pricing status follows from content",
        module: Module::Items,
        kind: Kind::Block,
        trigger: "set status",
        statement: "Unpriced, Plugged and Priced are derived from content; a user can set only \
            Reviewed, and not on an unpriced item.",
        explanation: "Priced must mean that there are prices. Only Reviewed is set by hand, once \
            the item has a cost.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(25),
        code: "review-flag-stale",
        title: "A changed item is reviewed again",
        module: Module::Items,
        kind: Kind::Invariant,
        trigger: "commit",
        statement: "A change of an item's cost or quantity takes Reviewed away in the same commit.",
        explanation: "A tick on a figure that has since changed is worse than no tick. The \
            program takes Reviewed away in the same commit; if it did not, nothing is saved.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(26),
        code: "provisional-sum-altered",
        title: "Client sums are sold as given",
        module: Module::Items,
        kind: Kind::Block,
        trigger: "save, import, sell run",
        statement: "Provisional and prime-cost sums sell at the client's amount to the cent and \
            hold no worksheet lines.",
        explanation: "Provisional and prime-cost sums are the client's money and may not be \
            altered. Enter the amount in the client's schedule and leave the worksheet empty.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(27),
        code: "percentage-item-base-invalid",
        title: "A percentage is on client sums",
        module: Module::Items,
        kind: Kind::Block,
        trigger: "save",
        statement: "A percentage item links one or more provisional or prime-cost sums and no \
            other percentage item.",
        explanation: "A contractor's percentage applies to provisional and prime-cost sums only, \
            and a percentage on a percentage has no end. Link the sums it is paid on.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(28),
        code: "rate-only-in-total",
        title: "Rate-only items stay out of totals",
        module: Module::Items,
        kind: Kind::Invariant,
        trigger: "roll-up, sell run",
        statement: "Rate-only items enter no total, no rule base and no resource usage.",
        explanation: "They are prices for work that may never be ordered. If one enters a total, \
            a rule base or a resource list, the program is at fault and nothing is saved.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(29),
        code: "option-selection-invalid",
        title: "One option of a group counts",
        module: Module::Items,
        kind: Kind::Block,
        trigger: "select, submit",
        statement: "In an option group exactly one member is selected (none if the group is \
            optional); the others are priced outside all totals.",
        explanation: "Two selected options would be paid for twice, none would leave a hole in \
            the price. Select one member, or mark the group optional.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(30),
        code: "zero-price-reason-missing",
        title: "A line without a price says why",
        module: Module::Items,
        kind: Kind::Block,
        trigger: "save",
        statement: "Excluded and included-elsewhere items carry no cost and no price, and state \
            a reason or the item that includes them.",
        explanation: "A blank line in a schedule makes the client ask. State the reason it is \
            excluded, or the item that includes it, and remove its cost.",
        enforced: true,
    },
];
