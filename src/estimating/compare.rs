//! Two states of an estimate beside each other: what came, went and changed, and what it does to
//! cost and price.

use super::{
    content::ContentBlock,
    estimate::{Estimate, NodeView},
    id::ItemId,
    number::Money,
};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// How an item differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Difference {
    /// Only the newer state has it.
    Added,
    /// Only the older state had it.
    Removed,
    /// Both have it, with other content or figures.
    Changed,
}

/// A field that differs.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct FieldDifference {
    /// Its name.
    pub field: &'static str,
    /// Before.
    pub before: String,
    /// After.
    pub after: String,
}

/// An item that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemDifference {
    /// How.
    pub difference: Difference,
    /// The item, in the state that has it, the newer where both do.
    pub id: Uuid,
    /// Its code.
    pub code: Box<str>,
    /// Its description.
    pub description: Box<str>,
    /// Fields that differ; none of an item that came or went.
    pub fields: Vec<FieldDifference>,
    /// Cost before and after, sub-items included; none where it is not there.
    pub cost: (Option<Money>, Option<Money>),
    /// Price before and after; none where it has none.
    pub sell: (Option<Money>, Option<Money>),
}

/// The items under headings that differ between two states, removed ones last. Items are matched
/// by identity, which revisions of one estimate share, and what is left by code. O(rows).
pub fn compare(before: &Estimate, after: &Estimate) -> Vec<ItemDifference> {
    let (old_sell, new_sell) = (sells(before), sells(after));
    let by_code = codes(before);
    let (old_texts, new_texts) = (before.content().by_item(), after.content().by_item());
    let mut matched: HashSet<Uuid> = HashSet::new();
    let mut out = Vec::new();
    for node in items(after) {
        let Some(item) = node.item() else { continue };
        let same = before.node(node.id()).filter(|old| old.item().is_some());
        let old = same.or_else(|| {
            let id = by_code.get(&*item.code)?;
            let free = after.node(*id).is_none() && !matched.contains(id);
            before.node(*id).filter(|_| free)
        });
        let sell = |of: &HashMap<Uuid, Money>, id: Uuid| of.get(&id).copied();
        let now = sell(&new_sell, node.id());
        let (difference, fields, cost, sells) = match &old {
            None => (Difference::Added, Vec::new(), None, (None, now)),
            Some(old) => {
                matched.insert(old.id());
                let was = sell(&old_sell, old.id());
                let mut fields = fields(old, &node);
                fields.extend(texts(&old_texts, old.id(), &new_texts, node.id()));
                if fields.is_empty() && old.cost() == node.cost() && was == now {
                    continue;
                }
                (Difference::Changed, fields, Some(old.cost()), (was, now))
            }
        };
        out.push(ItemDifference {
            difference,
            id: node.id(),
            code: item.code.as_str().into(),
            description: item.description.as_str().into(),
            fields,
            cost: (cost, Some(node.cost())),
            sell: sells,
        });
    }
    for node in items(before).filter(|node| !matched.contains(&node.id())) {
        let Some(item) = node.item() else { continue };
        out.push(ItemDifference {
            difference: Difference::Removed,
            id: node.id(),
            code: item.code.as_str().into(),
            description: item.description.as_str().into(),
            fields: Vec::new(),
            cost: (Some(node.cost()), None),
            sell: (old_sell.get(&node.id()).copied(), None),
        });
    }
    out
}

fn items(estimate: &Estimate) -> impl Iterator<Item = NodeView<'_>> {
    estimate.rows().filter(|node| node.item().is_some())
}

/// Items by a code that only one of them has.
fn codes(estimate: &Estimate) -> HashMap<Box<str>, Uuid> {
    let mut by_code: HashMap<Box<str>, Option<Uuid>> = HashMap::new();
    for node in items(estimate) {
        let Some(item) = node.item().filter(|item| !item.code.is_empty()) else { continue };
        by_code
            .entry(item.code.as_str().into())
            .and_modify(|id| *id = None)
            .or_insert(Some(node.id()));
    }
    by_code.into_iter().filter_map(|(code, id)| Some((code, id?))).collect()
}

/// What every item sells for; nothing while there is no price.
fn sells(estimate: &Estimate) -> HashMap<Uuid, Money> {
    let Ok(price) = estimate.price() else { return HashMap::new() };
    let pricing = &price.pricing;
    let schedule = pricing.items().map(|item| (item.id.0, item.amount));
    schedule.chain(pricing.fixed().map(|(item, sell)| (item.id.0, sell))).collect()
}

/// Characters of an item's texts that a comparison shows.
const TEXT_SHOWN_CHARS: usize = 200;

type Texts<'a> = HashMap<ItemId, Vec<&'a ContentBlock>>;

/// How the texts attached to an item differ.
fn texts(old: &Texts<'_>, was: Uuid, new: &Texts<'_>, is: Uuid) -> Option<FieldDifference> {
    let of = |all: &Texts<'_>, id: Uuid| -> Vec<_> {
        let blocks = all.get(&ItemId(id)).into_iter().flatten();
        blocks.map(|block| (block.kind, block.text.to_string())).collect()
    };
    let (before, after) = (of(old, was), of(new, is));
    let shown = |texts: &[(_, String)]| -> String {
        let words: Vec<&str> = texts.iter().map(|(_, text)| text.as_str()).collect();
        words.join(" / ").chars().take(TEXT_SHOWN_CHARS).collect()
    };
    (before != after).then(|| FieldDifference {
        field: "texts",
        before: shown(&before),
        after: shown(&after),
    })
}

fn fields(old: &NodeView<'_>, new: &NodeView<'_>) -> Vec<FieldDifference> {
    let texts = |node: &NodeView<'_>| {
        let item = node.item();
        let of = |text: Option<String>| text.unwrap_or_default();
        [
            ("code", of(item.map(|i| i.code.to_string()))),
            ("description", of(item.map(|i| i.description.to_string()))),
            ("type", of(item.map(|i| i.item_type.name().to_owned()))),
            ("unit", of(item.and_then(|i| i.unit).map(|unit| unit.to_string()))),
            ("quantity", of(node.quantity().map(|q| q.to_string()))),
            ("plug", of(item.and_then(|i| i.plug).map(|plug| plug.rate.to_string()))),
            (
                "sell rate lock",
                of(item.and_then(|i| i.extra().locked_sell_rate).map(|r| r.to_string())),
            ),
            ("active", of(item.map(|i| if i.inactive { "no" } else { "yes" }.to_owned()))),
        ]
    };
    let worksheet = |node: &NodeView<'_>| node.sheet.map(|sheet| sheet.lines.clone());
    let mut out: Vec<FieldDifference> = texts(old)
        .into_iter()
        .zip(texts(new))
        .filter(|((_, before), (_, after))| before != after)
        .map(|((field, before), (_, after))| FieldDifference { field, before, after })
        .collect();
    if worksheet(old) != worksheet(new) {
        let lines = |node: &NodeView<'_>| match node.sheet.map_or(0, |sheet| sheet.lines.len()) {
            1 => "1 line".to_owned(),
            n => format!("{n} lines"),
        };
        out.push(FieldDifference { field: "worksheet", before: lines(old), after: lines(new) });
    }
    out
}
