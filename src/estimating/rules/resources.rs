//! Resources and price books: BR-044 to BR-053.

use super::{Kind, Module, Rule, RuleId};

pub(super) const RULES: [Rule; 10] = [
    Rule {
        id: RuleId::br(44),
        code: "resource-code-not-unique",
        title: "Resource codes are unique",
        module: Module::Resources,
        kind: Kind::Block,
        trigger: "save, import",
        statement: "Resource code is unique in its price book and the resource has one of the \
            five types.",
        explanation: "A code on a worksheet must mean one rate. Choose another code in this \
            price book and one of the five types.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(45),
        code: "resource-in-use-immutable",
        title: "Used resources keep type and unit",
        module: Module::Resources,
        kind: Kind::Block,
        trigger: "save",
        statement: "Type and unit of a resource cannot change once any line used it.",
        explanation: "Changing an hour into a day would reprice every job that used it. Make a \
            new resource and retire the old one.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(46),
        code: "price-book-version-frozen",
        title: "Published price books stand still",
        module: Module::Resources,
        kind: Kind::Block,
        trigger: "edit rate",
        statement: "A published price-book version never changes; corrections make version n+1.",
        explanation: "Estimates say which version they were priced with. Put corrections into \
            the next version and publish that.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(47),
        code: "rate-basis-invalid",
        title: "Rates are net New Zealand dollars",
        module: Module::Resources,
        kind: Kind::Block,
        trigger: "save, import",
        statement: "Rates are stored ex GST in NZD, zero or more, four decimals; a GST-inclusive \
            rate is divided by 1.15 and keeps the quoted figure beside it.",
        explanation: "Mixing GST-inclusive rates into costs adds fifteen percent unseen. Say how \
            the rate was quoted; the net rate is worked out and the quoted figure is kept.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(48),
        code: "rate-validity-overlap",
        title: "A resource has one rate at a time",
        module: Module::Resources,
        kind: Kind::Block,
        trigger: "publish",
        statement: "Validity periods of one resource in one price-book version do not overlap.",
        explanation: "Two rates valid on one day leave the choice to chance. Close the first \
            period before the next begins.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(49),
        code: "snapshot-rate-changed",
        title: "Built lines keep their rate",
        module: Module::Resources,
        kind: Kind::Invariant,
        trigger: "publish",
        statement: "A line keeps the rate and version it was built with; publishing a new \
            version changes no existing line.",
        explanation: "A price book published today must not move yesterday's price. If a line \
            changed by itself, the program is at fault and nothing is saved.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(50),
        code: "reprice-without-preview",
        title: "Repricing is shown before it is done",
        module: Module::Resources,
        kind: Kind::Block,
        trigger: "reprice",
        statement: "Repricing is a command that first lists old rate, new rate and effect per \
            line, then applies the chosen lines in one commit.",
        explanation: "New rates can move a tender by thousands. Look at the list of old and new \
            rates, choose the lines, then apply.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(51),
        code: "rate-expired-at-closing",
        title: "Rates hold until closing",
        module: Module::Resources,
        kind: Kind::Acknowledge,
        trigger: "submit",
        statement: "A line whose snapshot rate expires before the tender closes is listed and \
            must be repriced or accepted.",
        explanation: "A rate that runs out before the tender closes may not be what is paid. \
            Reprice the line, or have a Lead accept the risk with a reason.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(52),
        code: "exchange-rate-missing",
        title: "Foreign rates carry their exchange rate",
        module: Module::Resources,
        kind: Kind::Block,
        trigger: "save, import",
        statement: "A foreign-currency rate carries an exchange rate with date; the NZD rate is \
            fixed at entry.",
        explanation: "A price in dollars must not drift with the market unseen. Enter the \
            exchange rate and its date.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(53),
        code: "resource-retired-or-in-use",
        title: "Used resources are retired, not deleted",
        module: Module::Resources,
        kind: Kind::Block,
        trigger: "delete, add line",
        statement: "A used resource can be retired, not deleted; a retired one cannot enter a \
            new line.",
        explanation: "Old estimates must stay readable and new ones must not use what is out of \
            date. Retire the resource, or pick an active one for the new line.",
        enforced: true,
    },
];
