//! A row of the tree as it travels: written straight from the engine's view of the node.

use super::schema;
use super::totals::{ByType, ByTypeSchema};
use crate::estimating::build_up::Fault;
use crate::estimating::catalogue::Catalogue;
use crate::estimating::cost::CostType;
use crate::estimating::edit::RowKind;
use crate::estimating::estimate::{Estimate, NodeView, Status};
use crate::estimating::formula::Formula;
use crate::estimating::heading::Heading;
use crate::estimating::id::ItemId;
use crate::estimating::item::{Item, ItemType, OptionChoice};
use crate::estimating::number::{Money, Pct, Qty, Rate, SellRate};
use crate::estimating::rules::RuleId;
use crate::estimating::units::UnitCode;
use serde::{Deserialize, Serialize, Serializer, ser::SerializeSeq};
use std::borrow::Cow;
use utoipa::ToSchema;
use uuid::Uuid;

/// How far an item's price has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ItemStatus {
    /// Without a price.
    Unpriced,
    /// Priced by judgement.
    Plugged,
    /// Priced by a build-up.
    Priced,
    /// Checked by a person.
    Reviewed,
}

impl From<Status> for ItemStatus {
    fn from(status: Status) -> Self {
        match status {
            Status::Unpriced => ItemStatus::Unpriced,
            Status::Plugged => ItemStatus::Plugged,
            Status::Priced => ItemStatus::Priced,
            Status::Reviewed => ItemStatus::Reviewed,
        }
    }
}

impl From<ItemStatus> for Status {
    fn from(status: ItemStatus) -> Self {
        match status {
            ItemStatus::Unpriced => Status::Unpriced,
            ItemStatus::Plugged => Status::Plugged,
            ItemStatus::Priced => Status::Priced,
            ItemStatus::Reviewed => Status::Reviewed,
        }
    }
}

/// Why a figure of the row could not be worked out.
#[derive(Debug, Serialize, ToSchema)]
pub struct RowError {
    /// The rule's code.
    pub code: &'static str,
    /// What is wrong, in a sentence.
    pub message: String,
}

/// Membership of an option group.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OptionMember)]
pub struct OptionMember<'a> {
    /// Name of the group.
    pub group: &'a str,
    /// Whether this member counts.
    pub selected: bool,
    /// Whether the group may have no selected member.
    pub optional: bool,
}

impl<'a> From<&'a OptionChoice> for OptionMember<'a> {
    fn from(o: &'a OptionChoice) -> Self {
        OptionMember { group: &o.group, selected: o.selected, optional: o.optional }
    }
}

/// A heading or an item, with its figures.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Row)]
#[serde(rename_all = "camelCase")]
pub struct Row<'a> {
    /// Identity.
    pub id: Uuid,
    /// Heading or item.
    pub kind: RowKind,
    /// The row above it; absent at the top.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_id: Option<Uuid>,
    /// Level, from 1 at the top.
    pub depth: u8,
    /// Code.
    pub code: &'a str,
    /// Name of a heading, description of an item.
    pub description: &'a str,
    /// Counts changes of this row, from 1.
    pub version: u64,
    /// Whether anything is below it.
    pub has_children: bool,
    /// Rows right below it.
    pub child_count: u32,
    /// Whether its children show in the view asked for.
    pub open: bool,
    /// Direct cost below a heading, or of a direct item.
    #[schema(value_type = schema::Money)]
    pub direct: Money,
    /// Indirect cost of a heading, or of an indirect item.
    #[schema(value_type = schema::Money)]
    pub indirect: Money,
    /// Direct and indirect cost of a heading; the item's own cost.
    #[schema(value_type = schema::Money)]
    pub cost: Money,
    /// The cost by type.
    #[schema(value_type = ByTypeSchema)]
    pub by_type: ByType,
    /// Items below it, an item itself included.
    pub items: u32,
    /// Of those, without a price.
    pub unpriced: u32,
    /// Of those, priced by a plug.
    pub plugged: u32,
    /// Type of an item.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub item_type: Option<ItemType>,
    /// Unit of an item.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<&'a str>,
    /// Quantity of an item, worked out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Qty>)]
    pub quantity: Option<Qty>,
    /// The quantity as written, where that is a formula.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub quantity_formula: Option<Cow<'a, str>>,
    /// Own measured quantity.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Qty>)]
    pub takeoff_quantity: Option<Qty>,
    /// Cost per unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Rate>)]
    pub cost_rate: Option<Rate>,
    /// How far the item's price has come; absent where it needs none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<ItemStatus>,
    /// Cost per unit by judgement.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Rate>)]
    pub plug_rate: Option<Rate>,
    /// Type the plug is booked as.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plug_type: Option<CostType>,
    /// Set on items whose cost is spread over the schedule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub indirect_flag: Option<bool>,
    /// Set on items left out of every total.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inactive: Option<bool>,
    /// Option group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub option: Option<OptionMember<'a>>,
    /// Whether the item's cost enters the totals above it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counted: Option<bool>,
    /// Sell rate fixed by hand.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::SellRate>)]
    pub locked_sell_rate: Option<SellRate>,
    /// The client's amount of a provisional or prime-cost sum.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Money>)]
    pub client_amount: Option<Money>,
    /// Percent of a percentage item.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Pct>)]
    pub percent: Option<Pct>,
    /// The sums a percentage item is worked on.
    #[serde(skip_serializing_if = "<[_]>::is_empty", serialize_with = "ids")]
    #[schema(value_type = Option<Vec<Uuid>>)]
    pub linked_items: &'a [ItemId],
    /// Why the item is excluded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'a str>,
    /// The item that includes this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub included_in: Option<Uuid>,
    /// Payment clause of the specification.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_clause: Option<&'a str>,
    /// Workbench cost code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workbench_code: Option<&'a str>,
    /// Lines of the item's worksheet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line_count: Option<u32>,
    /// Set where a line's rate or recipe version is no longer the current one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diverged: Option<bool>,
    /// Free note.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<&'a str>,
    /// Why a figure could not be worked out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<RowError>,
}

impl<'a> Row<'a> {
    /// The row of a node. O(lines of the item's worksheet), without allocating for a row in order.
    pub fn of(node: &NodeView<'a>, estimate: &Estimate, catalogue: &Catalogue) -> Row<'a> {
        match (node.heading(), node.item()) {
            (Some(heading), _) => Row::of_heading(node, heading),
            (None, Some(item)) => Row::of_item(node, item, estimate, catalogue),
            (None, None) => Row::bare(node, RowKind::Heading),
        }
    }

    /// What headings and items have in common.
    fn bare(node: &NodeView<'a>, kind: RowKind) -> Row<'a> {
        let calc = node.calc;
        Row {
            id: node.id(),
            kind,
            parent_id: node.parent(),
            depth: calc.depth,
            code: "",
            description: "",
            version: 0,
            has_children: node.child_count > 0,
            child_count: u32::try_from(node.child_count).unwrap_or(u32::MAX),
            open: node.open && node.child_count > 0,
            direct: Money::ZERO,
            indirect: Money::ZERO,
            cost: Money::ZERO,
            by_type: ByType(calc.cost),
            items: calc.items,
            unpriced: calc.unpriced,
            plugged: calc.plugged,
            item_type: None,
            unit: None,
            quantity: None,
            quantity_formula: None,
            takeoff_quantity: None,
            cost_rate: None,
            status: None,
            plug_rate: None,
            plug_type: None,
            indirect_flag: None,
            inactive: None,
            option: None,
            counted: None,
            locked_sell_rate: None,
            client_amount: None,
            percent: None,
            linked_items: &[],
            reason: None,
            included_in: None,
            payment_clause: None,
            workbench_code: None,
            line_count: None,
            diverged: None,
            note: None,
            error: None,
        }
    }

    fn of_heading(node: &NodeView<'a>, heading: &'a Heading) -> Row<'a> {
        let (direct, indirect) = (node.calc.cost, node.calc.other);
        let mut both = direct;
        both += indirect;
        Row {
            code: &heading.code,
            description: &heading.name,
            version: heading.version,
            direct: direct.total(),
            indirect: indirect.total(),
            cost: both.total(),
            by_type: ByType(both),
            ..Row::bare(node, RowKind::Heading)
        }
    }

    fn of_item(
        node: &NodeView<'a>,
        item: &'a Item,
        estimate: &Estimate,
        catalogue: &Catalogue,
    ) -> Row<'a> {
        let cost = node.calc.cost.total();
        let (direct, indirect) =
            if item.is_indirect() { (Money::ZERO, cost) } else { (cost, Money::ZERO) };
        let extra = item.extra();
        let status = node.status();
        let is = |wanted: Status| u32::from(status == Some(wanted));
        Row {
            code: &item.code,
            description: &item.description,
            version: item.version,
            direct,
            indirect,
            cost,
            items: node.calc.items + u32::from(status.is_some()),
            unpriced: node.calc.unpriced + is(Status::Unpriced),
            plugged: node.calc.plugged + is(Status::Plugged),
            item_type: Some(item.item_type),
            unit: item.unit.as_ref().map(UnitCode::as_str),
            quantity: node.quantity(),
            quantity_formula: item
                .quantity
                .as_ref()
                .filter(|formula| formula.as_number().is_none())
                .map(Formula::text),
            takeoff_quantity: item.takeoff_quantity,
            cost_rate: node.cost_rate(),
            status: status.map(ItemStatus::from),
            plug_rate: item.plug.map(|plug| plug.rate),
            plug_type: item.plug.map(|plug| plug.cost_type),
            indirect_flag: item.indirect.then_some(true),
            inactive: item.inactive.then_some(true),
            option: extra.option.as_ref().map(OptionMember::from),
            counted: Some(node.is_counted()),
            locked_sell_rate: extra.locked_sell_rate,
            client_amount: extra.client_amount,
            percent: extra.percent,
            linked_items: &extra.linked,
            reason: extra.reason.as_deref(),
            included_in: extra.included_in.map(|id| id.0),
            payment_clause: extra.payment_clause.as_deref(),
            workbench_code: extra.workbench_code.as_deref(),
            line_count: Some(node.sheet.map_or(0, |sheet| sheet.lines.len() as u32)),
            diverged: node.is_diverged(catalogue).then_some(true),
            note: extra.note.as_deref(),
            error: node.has_fault().then(|| fault(item.id, estimate, catalogue)),
            ..Row::bare(node, RowKind::Item)
        }
    }
}

/// Why an item could not be worked out. O(lines).
fn fault(item: ItemId, estimate: &Estimate, catalogue: &Catalogue) -> RowError {
    let why = estimate.worksheet(item, catalogue).and_then(|sheet| sheet.fault);
    match why.map(|error| error.fault) {
        Some(Fault::Formula(error)) => RowError { code: error.code(), message: error.to_string() },
        Some(Fault::Rule(rule, message)) => RowError { code: rule.code(), message },
        None => {
            RowError { code: RuleId::br(40).code(), message: "The item has no value.".to_owned() }
        }
    }
}

fn ids<S: Serializer>(ids: &[ItemId], s: S) -> Result<S::Ok, S::Error> {
    let mut seq = s.serialize_seq(Some(ids.len()))?;
    for id in ids {
        seq.serialize_element(&id.0)?;
    }
    seq.end()
}
