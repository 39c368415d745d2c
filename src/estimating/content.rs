//! Content blocks: the words an offer comes with, such as inclusions and exclusions (domain 2.10).
//!
//! Five kinds are built in; an Admin defines more, each a row of the library
//! ([`OwnContentKind`]). Whether a kind is for the client is said once and for all, so that no text
//! written for the house is ever printed for somebody else, nor an approved letter changed.

use super::{
    heading::Stamp,
    id::{ContentBlockId, ContentKindId, EstimateId, ItemId},
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error, ser::SerializeStruct};
use std::collections::HashMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// Kinds an organisation may define, archived ones too.
pub const CONTENT_KINDS_MAX: usize = 50;

/// What a block of text is for. As text it is `inclusions` and so on, or the identity of a kind of
/// the organisation's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
    /// A kind an Admin defined.
    Own(ContentKindId),
}

/// A kind as rows hold it.
#[derive(Serialize, Deserialize)]
enum StoredKind {
    Inclusions,
    Exclusions,
    Assumptions,
    TaskBreakdown,
    RiskBreakdown,
    Own(ContentKindId),
}

impl Serialize for ContentKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            return match self {
                ContentKind::Own(id) => serializer.collect_str(&id.0),
                built_in => serializer.serialize_str(built_in.code()),
            };
        }
        let stored = match self {
            ContentKind::Inclusions => StoredKind::Inclusions,
            ContentKind::Exclusions => StoredKind::Exclusions,
            ContentKind::Assumptions => StoredKind::Assumptions,
            ContentKind::TaskBreakdown => StoredKind::TaskBreakdown,
            ContentKind::RiskBreakdown => StoredKind::RiskBreakdown,
            ContentKind::Own(id) => StoredKind::Own(*id),
        };
        stored.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for ContentKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            let text = String::deserialize(deserializer)?;
            let built_in = ContentKind::ALL.into_iter().find(|kind| kind.code() == text);
            let own = || Uuid::parse_str(&text).ok().map(|id| ContentKind::Own(ContentKindId(id)));
            return built_in.or_else(own).ok_or_else(|| D::Error::custom("there is no such kind"));
        }
        Ok(match StoredKind::deserialize(deserializer)? {
            StoredKind::Inclusions => ContentKind::Inclusions,
            StoredKind::Exclusions => ContentKind::Exclusions,
            StoredKind::Assumptions => ContentKind::Assumptions,
            StoredKind::TaskBreakdown => ContentKind::TaskBreakdown,
            StoredKind::RiskBreakdown => ContentKind::RiskBreakdown,
            StoredKind::Own(id) => ContentKind::Own(id),
        })
    }
}

impl ContentKind {
    /// Every kind that is built in, in the order documents and screens show them.
    pub const ALL: [ContentKind; 5] = [
        ContentKind::Inclusions,
        ContentKind::Exclusions,
        ContentKind::Assumptions,
        ContentKind::TaskBreakdown,
        ContentKind::RiskBreakdown,
    ];

    /// The code of a kind that is built in.
    const fn code(self) -> &'static str {
        match self {
            ContentKind::Inclusions => "inclusions",
            ContentKind::Exclusions => "exclusions",
            ContentKind::Assumptions => "assumptions",
            ContentKind::TaskBreakdown => "task-breakdown",
            ContentKind::RiskBreakdown => "risk-breakdown",
            ContentKind::Own(_) => "",
        }
    }

    /// The title of a kind that is built in, as documents print it.
    pub const fn title(self) -> Option<&'static str> {
        match self {
            ContentKind::Inclusions => Some("Inclusions"),
            ContentKind::Exclusions => Some("Exclusions"),
            ContentKind::Assumptions => Some("Assumptions"),
            ContentKind::TaskBreakdown => Some("Task breakdown"),
            ContentKind::RiskBreakdown => Some("Risk breakdown"),
            ContentKind::Own(_) => None,
        }
    }

    /// Whether documents for the client show a kind that is built in (BR-107: the others never
    /// leave the house).
    const fn client_facing(self) -> bool {
        match self {
            ContentKind::Inclusions | ContentKind::Exclusions | ContentKind::Assumptions => true,
            ContentKind::TaskBreakdown | ContentKind::RiskBreakdown | ContentKind::Own(_) => false,
        }
    }
}

/// A kind of content block an Admin defined.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OwnContentKind {
    /// Identity.
    pub id: ContentKindId,
    /// Its title, as documents print it; unique whatever the case.
    pub title: Box<str>,
    /// Whether documents for the client show it; never changes.
    pub client_facing: bool,
    /// Not to be written any more; old estimates keep it.
    pub archived: bool,
    /// Counts changes of this row, from 1.
    pub version: u64,
    /// Who and when.
    pub stamp: Stamp,
}

/// What an Admin says of a kind of content block; absent fields stay as they are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ContentKindFields {
    /// Its title, as documents print it.
    pub title: Option<String>,
    /// Whether documents for the client show it; said when it is added, and never again.
    pub client_facing: Option<bool>,
    /// Not to be written any more.
    pub archived: Option<bool>,
}

/// A kind of content block, built in or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KindView<'a> {
    /// The kind.
    pub kind: ContentKind,
    /// Its title.
    pub title: &'a str,
    /// Whether documents for the client show it.
    pub client_facing: bool,
    /// Not to be written any more.
    pub archived: bool,
}

impl<'a> KindView<'a> {
    /// The kinds that are built in, in the order they are shown.
    pub fn built_in() -> impl Iterator<Item = KindView<'a>> {
        ContentKind::ALL.into_iter().map(|kind| KindView {
            kind,
            title: kind.title().unwrap_or_default(),
            client_facing: kind.client_facing(),
            archived: false,
        })
    }
}

impl OwnContentKind {
    /// The kind as one among all.
    pub fn view(&self) -> KindView<'_> {
        KindView {
            kind: ContentKind::Own(self.id),
            title: &self.title,
            client_facing: self.client_facing,
            archived: self.archived,
        }
    }
}

/// One block of text: a clause of the offer.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ContentBlock {
    /// Identity.
    pub id: ContentBlockId,
    /// What it is for.
    pub kind: ContentKind,
    /// The words; lines and paragraphs are kept.
    pub text: Box<str>,
    /// The item whose worksheet it is attached to; none where it is of the whole estimate. Stored
    /// beside the rest of the row.
    #[serde(skip)]
    pub item: Option<ItemId>,
    /// Counts changes of this block, from 1.
    pub version: u64,
}

/// What people and the content hash read names the item where there is one, so that a block of the
/// whole estimate reads, and is stored, as it was before blocks could be attached.
impl Serialize for ContentBlock {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let item = self.item.filter(|_| serializer.is_human_readable());
        let fields = 4 + usize::from(item.is_some());
        let mut row = serializer.serialize_struct("ContentBlock", fields)?;
        row.serialize_field("id", &self.id)?;
        row.serialize_field("kind", &self.kind)?;
        row.serialize_field("text", &self.text)?;
        if let Some(item) = item {
            row.serialize_field("item", &item)?;
        }
        row.serialize_field("version", &self.version)?;
        row.end()
    }
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

    /// The blocks attached to items, by item and in order. O(blocks).
    pub fn by_item(&self) -> HashMap<ItemId, Vec<&ContentBlock>> {
        let mut by_item: HashMap<ItemId, Vec<&ContentBlock>> = HashMap::new();
        for block in &self.blocks {
            if let Some(item) = block.item {
                by_item.entry(item).or_default().push(block);
            }
        }
        by_item
    }

    /// The same for a copy of the estimate, whose items `id` gives.
    pub fn copied(
        &self,
        estimate: EstimateId,
        stamp: Stamp,
        id: &mut dyn FnMut(Uuid) -> Uuid,
    ) -> Content {
        let mut copy = Content { estimate, stamp, version: 1, ..self.clone() };
        for block in &mut copy.blocks {
            block.item = block.item.map(|item| ItemId(id(item.0)));
        }
        copy
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_reads_back_from_its_text() {
        let own = ContentKind::Own(ContentKindId(Uuid::from_u128(7)));
        for kind in ContentKind::ALL.into_iter().chain([own]) {
            let text = serde_json::to_string(&kind).expect("text");
            assert_eq!(serde_json::from_str::<ContentKind>(&text).expect("a kind"), kind);
        }
        assert_eq!(
            serde_json::to_value(ContentKind::TaskBreakdown).ok(),
            Some("task-breakdown".into())
        );
        assert!(serde_json::from_str::<ContentKind>("\"\"").is_err());
    }
}
