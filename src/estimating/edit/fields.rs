//! What the edits of an estimate carry: the fields of its rows as typed.

use super::some;
use crate::estimating::{
    cost::CostType,
    item::{ItemType, OptionChoice},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// What the person saw when confirming a delete.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DeleteConfirmation {
    /// Items that go.
    pub items: u64,
    /// Their cost, a money text such as "1234.50".
    pub cost: String,
}

/// The two kinds of row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RowKind {
    /// A heading.
    Heading,
    /// An item or sub-item.
    Item,
}

/// Fields of a heading; absent ones stay as they are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HeadingFields {
    /// Code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Name.
    #[serde(default, skip_serializing_if = "Option::is_none", alias = "description")]
    pub name: Option<String>,
}

/// Fields of an item; absent ones stay as they are, null clears.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ItemFields {
    /// Type; `schedule` under a heading and `normal` under an item where absent on a new item.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub item_type: Option<ItemType>,
    /// Code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Unit code or one of its aliases.
    #[serde(deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub unit: Option<Option<String>>,
    /// A number or a formula.
    #[serde(deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub quantity: Option<Option<String>>,
    /// Own measured quantity.
    #[serde(deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub takeoff_quantity: Option<Option<String>>,
    /// NZD per unit, excluding GST; null takes the plug away.
    #[serde(deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub plug_rate: Option<Option<String>>,
    /// Type the plug is booked as; Other where never given.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub plug_type: Option<CostType>,
    /// Cost is spread over the schedule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub indirect: Option<bool>,
    /// Left out of every total.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inactive: Option<bool>,
    /// A person has checked the price (BR-024).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reviewed: Option<bool>,
    /// Only `reviewed` can be set; every other status is derived (BR-024).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Option group membership.
    #[serde(deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<OptionFields>)]
    pub option: Option<Option<OptionFields>>,
    /// Sell rate fixed by hand.
    #[serde(deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub locked_sell_rate: Option<Option<String>>,
    /// The client's amount of a provisional or prime-cost sum.
    #[serde(deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub client_amount: Option<Option<String>>,
    /// Percent of a percentage item.
    #[serde(deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub percent: Option<Option<String>>,
    /// The sums a percentage item is worked on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub linked_items: Option<Vec<Uuid>>,
    /// Why the item is excluded.
    #[serde(deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub reason: Option<Option<String>>,
    /// The item that includes this one.
    #[serde(deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Uuid>)]
    pub included_in: Option<Option<Uuid>>,
    /// Payment clause.
    #[serde(deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub payment_clause: Option<Option<String>>,
    /// Workbench cost code.
    #[serde(deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub workbench_code: Option<Option<String>>,
    /// Free note.
    #[serde(deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub note: Option<Option<String>>,
    /// Variables of the item.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variables: Option<Vec<VariableInput>>,
}

/// Option group membership as typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OptionFields {
    /// Group name.
    pub group: String,
    /// Whether this member counts.
    #[serde(default)]
    pub selected: bool,
    /// Whether the group may have no selected member.
    #[serde(default)]
    pub optional: bool,
}

impl From<OptionFields> for OptionChoice {
    fn from(o: OptionFields) -> Self {
        OptionChoice { group: o.group.trim().into(), selected: o.selected, optional: o.optional }
    }
}

/// A variable as typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct VariableInput {
    /// Name.
    pub name: String,
    /// Number or formula.
    pub formula: String,
    /// What it stands for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A calculation block as typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BlockInput {
    /// Name.
    pub name: String,
    /// Formula.
    pub formula: String,
    /// Unit shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// What it stands for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// The methods of 2.5 by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MethodName {
    /// count × Q ÷ (production × efficiency).
    Time,
    /// count × Q × hours ÷ efficiency.
    Norm,
    /// Own quantity.
    Fixed,
    /// Q × usage.
    Usage,
    /// Q at the awarded rate.
    Subcontract,
    /// An amount.
    Lump,
    /// Percent of earlier lines.
    PercentOf,
}

/// Fields of a worksheet line; absent ones stay as they are (or take the method's default on a
/// new line), null clears. Inputs that the method does not have are refused.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct LineFields {
    /// Method; on a new line, one that suits the resource's type where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<MethodName>,
    /// Resource; one of resource, recipe and description makes the line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_id: Option<Uuid>,
    /// Recipe.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recipe_id: Option<Uuid>,
    /// Words of a free line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Type of a free line.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub cost_type: Option<CostType>,
    /// Unit of the inputs.
    #[serde(deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub unit: Option<Option<String>>,
    /// NZD per unit of a free or subcontract line, or an override of the snapshot.
    #[serde(deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub rate: Option<Option<String>>,
    /// Count (time, norm), 1 where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<String>,
    /// Item units per hour (time).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub production: Option<String>,
    /// Efficiency (time, norm), 1 where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub efficiency: Option<String>,
    /// Hours per item unit (norm).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hours: Option<String>,
    /// Resource units per item unit (usage).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage: Option<String>,
    /// Own quantity (fixed).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantity: Option<String>,
    /// Waste in percent.
    #[serde(deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub waste: Option<Option<String>>,
    /// Pack size.
    #[serde(deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub pack: Option<Option<String>>,
    /// Minimum quantity.
    #[serde(deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub minimum: Option<Option<String>>,
    /// Amount (lump).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<String>,
    /// Percent (percent-of).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub percent: Option<String>,
    /// Types the percentage is worked on (percent-of).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<String>>)]
    pub of_types: Option<Vec<CostType>>,
    /// Recipe parameters by name; replaces all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub params: Option<std::collections::BTreeMap<String, String>>,
    /// The quantity may be negative.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credit: Option<bool>,
    /// Rate 0 counts as priced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub free_issue: Option<bool>,
    /// Free note.
    #[serde(deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub note: Option<Option<String>>,
}
