//! Worksheets: BR-031 to BR-043.

use super::{Kind, Module, Rule, RuleId};

pub(super) const RULES: [Rule; 13] = [
    Rule {
        id: RuleId::br(31),
        code: "worksheet-owner-invalid",
        title: "A worksheet has one owner",
        module: Module::Worksheets,
        kind: Kind::Invariant,
        trigger: "create, delete",
        statement: "Each item and each recipe version owns exactly one worksheet, and each \
            worksheet exactly one owner.",
        explanation: "A shared worksheet would change two prices at once. Each item and recipe \
            version has its own; anything else is a fault in the program.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(32),
        code: "line-method-not-allowed",
        title: "Each resource type has its methods",
        module: Module::Worksheets,
        kind: Kind::Block,
        trigger: "save line",
        statement: "A line uses a method of 2.5 that is allowed for its resource type.",
        explanation: "Hours come from production, materials from usage. Choose a method that is \
            allowed for the type of the resource.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(33),
        code: "line-cost-mismatch",
        title: "Costs add up to the cent",
        module: Module::Worksheets,
        kind: Kind::Invariant,
        trigger: "commit",
        statement: "Line cost = round2(line quantity x rate); item cost is the plain sum of its \
            lines and sub-items.",
        explanation: "A person with a calculator must get the same line and item costs. A \
            difference is a fault in the program and nothing is saved.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(34),
        code: "production-rate-not-positive",
        title: "Production and efficiency are above zero",
        module: Module::Worksheets,
        kind: Kind::Block,
        trigger: "save line",
        statement: "Production and efficiency are above zero.",
        explanation: "Work at zero output never ends and its cost has no value. Enter the output \
            per hour and an efficiency such as 0.83.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(35),
        code: "waste-not-allowed",
        title: "Waste belongs to materials",
        module: Module::Worksheets,
        kind: Kind::Block,
        trigger: "save line",
        statement: "Waste is 0 to 100 percent and only on Material lines.",
        explanation: "Labour and plant are not ordered with waste. Enter 0 to 100 percent on a \
            Material line, or move lost time into efficiency.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(36),
        code: "pack-or-minimum-invalid",
        title: "Packs and minimums are used where they fit",
        module: Module::Worksheets,
        kind: Kind::Block,
        trigger: "save line",
        statement: "Pack size is above zero, Material only, and applies after waste to the \
            extended line; minimum quantity is above zero and never on Material.",
        explanation: "Materials come in whole packs and hire in minimum hours, never the other \
            way round. Enter a pack above zero on materials, or a minimum above zero on anything \
            else.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(37),
        code: "percent-line-circular",
        title: "Percent lines look upwards",
        module: Module::Worksheets,
        kind: Kind::Block,
        trigger: "save, reorder",
        statement: "A percent-of line reads only earlier lines of the same worksheet that are \
            not percent-of lines.",
        explanation: "A percentage of itself has no value. Let it read earlier lines that are \
            not percentages, or move it below them.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(38),
        code: "formula-name-unknown",
        title: "Every name in a formula is known",
        module: Module::Worksheets,
        kind: Kind::Block,
        trigger: "save, import",
        statement: "Every name in a formula resolves to a number in its scope.",
        explanation: "A name that means nothing would be read as zero in a spreadsheet; here it \
            is refused. Correct the spelling, or define the variable on the worksheet, item or \
            estimate.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(39),
        code: "formula-cycle",
        title: "Formulas do not go in circles",
        module: Module::Worksheets,
        kind: Kind::Block,
        trigger: "save",
        statement: "Formulas, quantities and variables hold no cycle; a cycle is refused and its \
            path shown, never valued at 0.",
        explanation: "Two quantities that depend on each other have no value. Break the circle \
            shown in the message at one of its names.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(40),
        code: "formula-evaluation-failed",
        title: "Formulas always end in a number",
        module: Module::Worksheets,
        kind: Kind::Block,
        trigger: "evaluate",
        statement: "Evaluation is decimal, repeatable and bounded (10,000 steps); division by \
            zero is an error.",
        explanation: "The same inputs must give the same figure on every machine and every day. \
            Guard a division with if(), or simplify a formula that takes too many steps.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(41),
        code: "line-rate-missing",
        title: "A line without a rate is not priced",
        module: Module::Worksheets,
        kind: Kind::Block,
        trigger: "derive status",
        statement: "A line without a rate keeps its item Unpriced; rate 0 counts as priced only \
            when marked free issue.",
        explanation: "A forgotten rate looks like free work. Enter the rate, or mark the line \
            free issue when the client supplies it.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(42),
        code: "unit-conversion-missing",
        title: "Units agree or are converted",
        module: Module::Worksheets,
        kind: Kind::Block,
        trigger: "save line",
        statement: "Line unit equals resource unit or a defined conversion links them.",
        explanation: "Tonnes charged at a rate per cubic metre are the classic tender error. Use \
            the unit of the resource, or define the conversion between the two.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(43),
        code: "negative-cost-not-allowed",
        title: "Credits are marked",
        module: Module::Worksheets,
        kind: Kind::Block,
        trigger: "save line",
        statement: "A negative line quantity is accepted only on a line marked credit, and no \
            item cost ends below zero.",
        explanation: "A negative cost by accident gives work away. Tick credit on the line when \
            it is meant, and keep the item's cost at zero or more.",
        enforced: true,
    },
];
