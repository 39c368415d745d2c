//! Roles and permissions: BR-114 to BR-117.

use super::{Kind, Module, Rule, RuleId};

pub(super) const RULES: [Rule; 4] = [
    Rule {
        id: RuleId::br(114),
        code: "permission-denied",
        title: "Everyone does what their role allows",
        module: Module::Roles,
        kind: Kind::Block,
        trigger: "any request",
        statement: "A user has one role; Admin may all a Lead Estimator may, who may all an \
            Estimator may; what is not granted is refused on the server.",
        explanation: "Prices are open to those who work on them and nobody else. Ask a person \
            with the role named in the message.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(115),
        code: "commercials-role-required",
        title: "Commercial decisions are the Lead's",
        module: Module::Roles,
        kind: Kind::Block,
        trigger: "write",
        statement: "Only a Lead changes rules, rate locks, tender outcomes and acknowledgements; \
            an Estimator can read them.",
        explanation: "Margins, rate locks, outcomes and acceptances set the price. An Estimator \
            can read them; ask a Lead to change them.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(116),
        code: "last-admin-protected",
        title: "There is always an Admin",
        module: Module::Roles,
        kind: Kind::Block,
        trigger: "user change",
        statement: "Only Admin manages users, integrations and retention, and at least one \
            active Admin always remains.",
        explanation: "Without one nobody could let anybody in. Make another person Admin before \
            taking the role from the last.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(117),
        code: "user-deactivated",
        title: "Leaving is immediate",
        module: Module::Roles,
        kind: Kind::Block,
        trigger: "deactivate, request",
        statement: "Deactivating a user ends their sessions and leases at once; their past \
            records keep their name.",
        explanation: "A person who left must not hold work or see prices. Sessions and leases \
            end at once; their name stays on what they did.",
        enforced: true,
    },
];
