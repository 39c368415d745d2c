//! Where a rule is checked, and what brings the check of those that are not checked yet.

use super::{Rule, RuleId};

impl Rule {
    /// Where in the product the rule is checked, as people read it.
    pub const fn checked_in(&self) -> &'static str {
        match self.id.number() {
            1..=8 => "Every change of a tender",
            9 => "Every new estimate, and every change of its lead",
            10..=12 | 18 => "Every change of an estimate's state",
            16 | 25 | 28 | 31 | 33 | 58 => "The proof before every commit of an estimate",
            13..=43 => "Every edit of an estimate, imports included",
            49 => "The proof before rates are published",
            50 => "Repricing, and the proof before its commit",
            51 | 89..=96 => "Approval and submission",
            44..=48 | 52 | 53 => "Every change of a price book, imports included",
            54..=60 => "Every change of a recipe",
            66 | 73 => "The proof before an award is committed",
            61..=72 | 74 => "Every change of a package, a quote or an award",
            75..=77 | 80 | 82 | 88 => "Every change of the rule chain",
            78 | 79 | 83 | 84 | 87 => "Every run of the price",
            81 | 85 | 86 => "The price as it is read, and its submission",
            97..=102 => "Every write",
            103..=105 => "The plan of an import, and its commit",
            106..=108 => "Every file before it is handed out",
            109..=111 => "Hand-over",
            112 => "Every change of a company",
            113 => "Every import from another system",
            114..=117 => "Every request",
            118 => "The ledger, with every commit",
            119..=121 => "The audit trail",
            _ => "Restores and masked copies",
        }
    }

    /// The part of the product that brings the check; none for a rule that is checked already.
    pub const fn awaits(&self) -> Option<&'static str> {
        if self.enforced { None } else { part(self.id) }
    }
}

const fn part(id: RuleId) -> Option<&'static str> {
    Some(match id.number() {
        97 | 98 | 100..=102 => "Item locks",
        119 => "The daily check of the audit trail",
        120 => "Retention of records",
        121 => "The audit log",
        122 => "Restores to a commit",
        123 => "Masked copies",
        _ => return None,
    })
}
