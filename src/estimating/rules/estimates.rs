//! Estimates and hierarchy: BR-009 to BR-018.

use super::{Kind, Module, Rule, RuleId};

pub(super) const RULES: [Rule; 10] = [
    Rule {
        id: RuleId::br(9),
        code: "lead-estimator-invalid",
        title: "Every estimate has an accountable lead",
        module: Module::Estimates,
        kind: Kind::Block,
        trigger: "create, change lead",
        statement: "An estimate belongs to one tender and has one accountable lead who holds the \
            Lead Estimator or Admin role.",
        explanation: "Someone must answer for the price. Choose a person who holds the Lead \
            Estimator or Admin role.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(10),
        code: "revision-number-invalid",
        title: "Revisions count without gaps",
        module: Module::Estimates,
        kind: Kind::Block,
        trigger: "create, revise",
        statement: "Estimate code is unique in its tender; its revisions count 1, 2, 3 without \
            gaps or reuse.",
        explanation: "A missing revision number would look like a hidden price. Codes are unique \
            in the tender and the next revision takes the next number.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(11),
        code: "editable-revision-exists",
        title: "One revision is worked on at a time",
        module: Module::Estimates,
        kind: Kind::Block,
        trigger: "revise",
        statement: "At most one revision of an estimate is editable; making the next supersedes \
            it unless it was submitted.",
        explanation: "Two open revisions would let two teams price different jobs. Continue in \
            the open revision, or make a new one, which supersedes it.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(12),
        code: "estimate-is-frozen",
        title: "Frozen revisions never change",
        module: Module::Estimates,
        kind: Kind::Block,
        trigger: "any write",
        statement: "Nothing inside a submitted, superseded or archived revision changes, whoever \
            asks.",
        explanation: "A submitted, superseded or archived revision is the record of what was \
            offered. Make a new revision to change anything.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(13),
        code: "heading-depth-exceeded",
        title: "Headings nest at most five deep",
        module: Module::Estimates,
        kind: Kind::Block,
        trigger: "add, move, import",
        statement: "Headings nest one to five levels deep, also after a move or import.",
        explanation: "The client's schedule and the hand-over codes hold five levels. Move the \
            heading further up, or flatten what is below it.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(14),
        code: "hierarchy-cycle",
        title: "Nothing moves into itself",
        module: Module::Estimates,
        kind: Kind::Block,
        trigger: "move",
        statement: "A heading or item cannot be moved under itself or its own descendant.",
        explanation: "A heading inside its own subtree would vanish from every total. Choose a \
            place outside what is being moved.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(15),
        code: "item-parent-invalid",
        title: "Every item has one place",
        module: Module::Estimates,
        kind: Kind::Block,
        trigger: "add, move",
        statement: "Every item hangs under exactly one heading or one parent item of the same \
            revision.",
        explanation: "An item counted in two places, or in none, makes the total wrong. Put it \
            under one heading or one parent item of the same estimate.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(16),
        code: "rollup-mismatch",
        title: "Heading totals equal their parts",
        module: Module::Estimates,
        kind: Kind::Invariant,
        trigger: "commit, submit",
        statement: "Heading totals equal the sum of their children in whole cents, at every \
            commit and in a full recompute.",
        explanation: "Totals are sums of whole cents and are checked against a full recompute. A \
            difference is a fault in the program: nothing is saved and the alarm is raised.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(17),
        code: "heading-not-empty",
        title: "Deleting a full heading is confirmed",
        module: Module::Estimates,
        kind: Kind::Block,
        trigger: "delete heading",
        statement: "Deleting a heading that is not empty needs a confirmation naming item count \
            and cost; without it nothing is deleted.",
        explanation: "One click should not remove a week of pricing. Confirm with the number of \
            items and the cost that go with the heading.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(18),
        code: "estimate-transition-not-allowed",
        title: "Estimate states follow their path",
        module: Module::Estimates,
        kind: Kind::Block,
        trigger: "any state change",
        statement: "Estimate states follow 2.3; Reviewed is derived from the items and cannot be \
            set by hand.",
        explanation: "Reviewed means that every item was reviewed, so it follows from the items. \
            Review the items, or use one of the moves offered.",
        enforced: true,
    },
];
