//! Recipes: BR-054 to BR-060.

use super::{Kind, Module, Rule, RuleId};

pub(super) const RULES: [Rule; 7] = [
    Rule {
        id: RuleId::br(54),
        code: "recipe-incomplete",
        title: "A published recipe is complete",
        module: Module::Recipes,
        kind: Kind::Block,
        trigger: "publish",
        statement: "To be published a recipe has an output unit and at least one cost-bearing \
            line.",
        explanation: "A recipe without unit or cost would price work at nothing. Set its output \
            unit and add at least one line that costs something.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(55),
        code: "recipe-nesting-invalid",
        title: "Recipes do not contain themselves",
        module: Module::Recipes,
        kind: Kind::Block,
        trigger: "save",
        statement: "A recipe does not contain itself at any depth, and nesting is at most five \
            deep.",
        explanation: "A recipe inside itself has no end, and more than five levels cannot be \
            followed by a reader. Remove the inner use, or flatten the nesting.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(56),
        code: "recipe-parameter-invalid",
        title: "Recipe parameters stay in range",
        module: Module::Recipes,
        kind: Kind::Block,
        trigger: "use, edit",
        statement: "Every parameter gets a value of its unit within its minimum and maximum, or \
            has a default.",
        explanation: "A trench six metres deep does not follow the formula of one metre. Give \
            each parameter a value between its limits, or set a default.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(57),
        code: "recipe-version-frozen",
        title: "Published recipe versions stand still",
        module: Module::Recipes,
        kind: Kind::Block,
        trigger: "edit",
        statement: "A published recipe version never changes; items keep the version they were \
            built with.",
        explanation: "Items say which version they were built with. Save the change as the next \
            version.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(58),
        code: "recipe-cost-mismatch",
        title: "Recipe costs are sums of their leaves",
        module: Module::Recipes,
        kind: Kind::Invariant,
        trigger: "commit",
        statement: "The cost of a recipe line is the sum of its leaf line costs; nothing is \
            rounded to cents above a leaf.",
        explanation: "Rounding between levels would make the recipe dearer than its parts. A \
            difference is a fault in the program and nothing is saved.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(59),
        code: "recipe-upgrade-conflict",
        title: "Recipe upgrades keep local edits",
        module: Module::Recipes,
        kind: Kind::Block,
        trigger: "upgrade",
        statement: "Moving an item to a newer recipe version shows added, removed and changed \
            lines, and never overwrites locally edited lines without a choice per line.",
        explanation: "An estimator's changes to one item are knowledge of that job. Choose for \
            each edited line whether to keep it or take the new one.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(60),
        code: "recipe-contains-project-price",
        title: "Recipes hold no job prices",
        module: Module::Recipes,
        kind: Kind::Block,
        trigger: "make recipe",
        statement: "A recipe made from an item contains no plug, no awarded subcontract rate and \
            no client text.",
        explanation: "A plug or a supplier's price from one job would leak into the next, and \
            with it that supplier's confidence. Replace it by a resource before making the \
            recipe.",
        enforced: true,
    },
];
