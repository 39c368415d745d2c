//! Content blocks: the words an offer comes with, such as inclusions and exclusions (domain 2.10).

use super::{
    heading::Stamp,
    id::{ContentBlockId, EstimateId},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a block of text is for.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum ContentKind {
    /// What the price includes.
    Inclusions,
    /// What the price leaves out.
    Exclusions,
    /// What the price takes for granted.
    Assumptions,
    /// How the work is done, for whoever prices and builds it.
    TaskBreakdown,
    /// What may go wrong, for whoever prices it.
    RiskBreakdown,
}

impl ContentKind {
    /// Every kind, in the order documents and screens show them.
    pub const ALL: [ContentKind; 5] = [
        ContentKind::Inclusions,
        ContentKind::Exclusions,
        ContentKind::Assumptions,
        ContentKind::TaskBreakdown,
        ContentKind::RiskBreakdown,
    ];

    /// Its title, as documents print it.
    pub const fn title(self) -> &'static str {
        match self {
            ContentKind::Inclusions => "Inclusions",
            ContentKind::Exclusions => "Exclusions",
            ContentKind::Assumptions => "Assumptions",
            ContentKind::TaskBreakdown => "Task breakdown",
            ContentKind::RiskBreakdown => "Risk breakdown",
        }
    }

    /// Whether documents for the client show it (BR-107: the others never leave the house).
    pub const fn client_facing(self) -> bool {
        match self {
            ContentKind::Inclusions | ContentKind::Exclusions | ContentKind::Assumptions => true,
            ContentKind::TaskBreakdown | ContentKind::RiskBreakdown => false,
        }
    }
}

/// One block of text: a clause of the offer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ContentBlock {
    /// Identity.
    pub id: ContentBlockId,
    /// What it is for.
    pub kind: ContentKind,
    /// The words; lines and paragraphs are kept.
    pub text: Box<str>,
    /// Counts changes of this block, from 1.
    pub version: u64,
}

/// All content blocks of an estimate, in one row: those of a kind in the order they are shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Content {
    /// The estimate revision.
    pub estimate: EstimateId,
    /// The blocks in order.
    pub blocks: Vec<ContentBlock>,
    /// Counts changes of this row, from 1; 0 before there was one.
    pub version: u64,
    /// Who and when.
    pub stamp: Stamp,
}

impl Content {
    /// None yet.
    pub fn none(estimate: EstimateId, stamp: Stamp) -> Content {
        Content { estimate, blocks: Vec::new(), version: 0, stamp }
    }

    /// The blocks of a kind, in order.
    pub fn of(&self, kind: ContentKind) -> impl Iterator<Item = &ContentBlock> {
        self.blocks.iter().filter(move |block| block.kind == kind)
    }

    /// The same for a copy of the estimate.
    pub fn copied(&self, estimate: EstimateId, stamp: Stamp) -> Content {
        Content { estimate, stamp, version: 1, ..self.clone() }
    }
}
