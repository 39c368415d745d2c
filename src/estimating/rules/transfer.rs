//! Import and export: BR-103 to BR-108.

use super::{Kind, Module, Rule, RuleId};

pub(super) const RULES: [Rule; 6] = [
    Rule {
        id: RuleId::br(103),
        code: "import-has-errors",
        title: "Imports are previewed and whole",
        module: Module::Transfer,
        kind: Kind::Block,
        trigger: "import",
        statement: "A spreadsheet import first shows what each row becomes; it commits whole or \
            not at all.",
        explanation: "A schedule imported in part prices part of a job. Mend the listed rows, or \
            leave them out by hand, then import.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(104),
        code: "import-cell-invalid",
        title: "A strange cell is never read as zero",
        module: Module::Transfer,
        kind: Kind::Block,
        trigger: "import",
        statement: "A cell that is text where a number belongs, an error value or an unknown \
            unit is reported by sheet and cell, never read as 0.",
        explanation: "An error value or a word in a number column hides a real figure. Correct \
            the cell named in the message, or map its unit.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(105),
        code: "reimport-code-ambiguous",
        title: "Re-imports match on the client's codes",
        module: Module::Transfer,
        kind: Kind::Block,
        trigger: "re-import",
        statement: "Re-import matches on client code, lists added, changed and dropped items, \
            keeps worksheets, and makes dropped items inactive.",
        explanation: "A code that appears twice could overwrite the wrong worksheet. Make the \
            codes unique in the file, or match the rows by hand.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(106),
        code: "export-total-mismatch",
        title: "The client's workbook stays the client's",
        module: Module::Transfer,
        kind: Kind::Invariant,
        trigger: "export",
        statement: "Writing into the client's workbook touches only rate and amount cells, and \
            its total equals the schedule total.",
        explanation: "A changed formula or cell can make a tender non-conforming. If anything \
            but rates and amounts would change, or totals differ, nothing is written and the \
            alarm is raised.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(107),
        code: "export-leaks-internal-data",
        title: "Client files hold no inside figures",
        module: Module::Transfer,
        kind: Kind::Invariant,
        trigger: "export",
        statement: "Client-facing files hold no cost, margin, supplier, rule or resource data; \
            in a two-envelope tender the non-price file holds no price.",
        explanation: "Cost and margin in a client's hands are lost bargaining power. A file that \
            holds them, or a price in a non-price envelope, is not written and the alarm is \
            raised.",
        enforced: true,
    },
    Rule {
        id: RuleId::br(108),
        code: "draft-not-watermarked",
        title: "Drafts say that they are drafts",
        module: Module::Transfer,
        kind: Kind::Invariant,
        trigger: "export",
        statement: "Output of a revision that is not submitted is marked DRAFT with revision, \
            commit and time.",
        explanation: "A draft sent by mistake can bind the company. A file without its mark is \
            not written and the alarm is raised.",
        enforced: true,
    },
];
