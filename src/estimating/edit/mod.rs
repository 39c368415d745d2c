//! Edits: what a person asks of an estimate, and the rules it must keep.
//!
//! Texts arrive as typed; parsing them is part of the edit, so that a refusal names the field,
//! the place in the text and the rule. Edits of one command see each other's effects, and either
//! all of them hold or none does.

mod acknowledge;
mod adjudication;
mod award;
mod commercials;
mod content;
mod fields;
mod from_item;
mod inputs;
mod items;
mod lines;
mod packages;
mod quotes;
mod reprice;
mod run;
mod structure;
pub(crate) mod text;
mod upgrade;
mod words;

pub use commercials::{
    CommercialRuleFields, RateTierInput, RiskInput, RuleBaseInput, RuleKindInput, RuleScopeInput,
    WithinInput,
};
pub use fields::{
    BlockInput, DeleteConfirmation, HeadingFields, ItemFields, LineFields, MethodName,
    OptionFields, RowKind, VariableInput,
};
pub use packages::{
    AcceptInput, AdjustmentInput, CurrencyInput, PackageEdit, PackageFields, PriceTag, QuoteFields,
    QuoteLineInput,
};
pub use reprice::{FromPriceBook, RepriceScope, RepricedLine, Repricing};
pub use run::{EditContext, Outcome};
pub use upgrade::{LineDifference, RecipeUpgrade, TakeLine, UpgradeLine};

use super::{by_name::by_name, content::ContentKind, rules::RuleId, warning::Warning};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Keeps "absent" (leave as it is) apart from "null" (clear it).
fn some<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    d: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(d).map(Some)
}

/// Where among the children of a parent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Place {
    /// Before every other child.
    First,
    /// After every other child.
    #[default]
    Last,
    /// Right before this sibling.
    Before(Uuid),
    /// Right after this sibling.
    After(Uuid),
}

/// One edit of an estimate. `id`s are chosen by the server where absent; a client may choose its
/// own UUIDv7 so that later edits of the same command can name it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(
    tag = "op",
    rename_all = "kebab-case",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum Edit {
    /// A new heading under a heading, or at the top.
    AddHeading {
        /// The row; on a new one, an identity of the client's choice.
        #[serde(default)]
        id: Option<Uuid>,
        /// The row it goes under; none is the top.
        #[serde(default)]
        parent_id: Option<Uuid>,
        /// Where among its siblings.
        #[serde(default)]
        place: Place,
        /// Code.
        #[serde(default)]
        code: String,
        /// Name.
        name: String,
    },
    /// A new item under a heading, or a sub-item under an item.
    AddItem {
        /// The row; on a new one, an identity of the client's choice.
        #[serde(default)]
        id: Option<Uuid>,
        /// The row it goes under; none is the top.
        parent_id: Uuid,
        /// Where among its siblings.
        #[serde(default)]
        place: Place,
        /// The fields and their values.
        #[serde(default, deserialize_with = "by_name")]
        set: Box<ItemFields>,
    },
    /// New values for some fields of a heading.
    UpdateHeading {
        /// The row; on a new one, an identity of the client's choice.
        id: Uuid,
        /// The version read, refused when it is another by now (BR-099).
        #[serde(default)]
        version: Option<u64>,
        /// The fields and their values.
        #[serde(deserialize_with = "by_name")]
        set: HeadingFields,
    },
    /// New values for some fields of an item.
    UpdateItem {
        /// The row; on a new one, an identity of the client's choice.
        id: Uuid,
        /// The version read, refused when it is another by now (BR-099).
        #[serde(default)]
        version: Option<u64>,
        /// The fields and their values.
        #[serde(deserialize_with = "by_name")]
        set: Box<ItemFields>,
    },
    /// Moves rows, in the order given, under another parent or to another place.
    Move {
        /// The rows, in order.
        ids: Vec<Uuid>,
        /// The row it goes under; none is the top.
        #[serde(default)]
        parent_id: Option<Uuid>,
        /// Where among its siblings.
        #[serde(default)]
        place: Place,
    },
    /// Moves each row under the sibling above it.
    Indent {
        /// The rows, in order.
        ids: Vec<Uuid>,
    },
    /// Moves each row out of its parent, to right after it.
    Outdent {
        /// The rows, in order.
        ids: Vec<Uuid>,
    },
    /// Swaps the rows with the sibling above them.
    MoveUp {
        /// The rows, in order.
        ids: Vec<Uuid>,
    },
    /// Swaps the rows with the sibling below them.
    MoveDown {
        /// The rows, in order.
        ids: Vec<Uuid>,
    },
    /// Deletes rows with all below them. A heading that is not empty needs the confirmation that
    /// names what goes (BR-017).
    Delete {
        /// The rows, in order.
        ids: Vec<Uuid>,
        /// What the person saw would go.
        #[serde(default, deserialize_with = "by_name")]
        confirm: Option<DeleteConfirmation>,
    },
    /// Copies rows with all below them.
    Duplicate {
        /// The rows, in order.
        ids: Vec<Uuid>,
        /// The row it goes under; none is the top.
        #[serde(default)]
        parent_id: Option<Uuid>,
        /// Right after the last of the rows copied, where absent.
        #[serde(default)]
        place: Option<Place>,
    },
    /// Turns an item without cost into a heading, or an empty heading into an item.
    Convert {
        /// The row.
        id: Uuid,
        /// What it becomes.
        to: RowKind,
    },
    /// Sets the variables or calculation blocks of an item's worksheet.
    Worksheet {
        /// The item whose worksheet it is.
        item_id: Uuid,
        /// The version read, refused when it is another by now (BR-099).
        #[serde(default)]
        version: Option<u64>,
        /// All variables, in place of those there.
        #[serde(default, deserialize_with = "by_name")]
        variables: Option<Vec<VariableInput>>,
        /// All calculation blocks, in place of those there.
        #[serde(default, deserialize_with = "by_name")]
        blocks: Option<Vec<BlockInput>>,
    },
    /// Adds a worksheet line.
    AddLine {
        /// The item whose worksheet it is.
        item_id: Uuid,
        /// The row; on a new one, an identity of the client's choice.
        #[serde(default)]
        id: Option<Uuid>,
        /// The version read, refused when it is another by now (BR-099).
        #[serde(default)]
        version: Option<u64>,
        /// Where among its siblings.
        #[serde(default)]
        place: Place,
        /// The line.
        #[serde(deserialize_with = "by_name")]
        line: Box<LineFields>,
    },
    /// New values for some fields of a worksheet line.
    UpdateLine {
        /// The item whose worksheet it is.
        item_id: Uuid,
        /// The line.
        line_id: Uuid,
        /// The version read, refused when it is another by now (BR-099).
        #[serde(default)]
        version: Option<u64>,
        /// The fields and their values.
        #[serde(deserialize_with = "by_name")]
        set: Box<LineFields>,
    },
    /// Deletes worksheet lines.
    DeleteLines {
        /// The item whose worksheet it is.
        item_id: Uuid,
        /// The lines.
        line_ids: Vec<Uuid>,
        /// The version read, refused when it is another by now (BR-099).
        #[serde(default)]
        version: Option<u64>,
    },
    /// Moves a worksheet line.
    MoveLine {
        /// The item whose worksheet it is.
        item_id: Uuid,
        /// The line.
        line_id: Uuid,
        /// The version read, refused when it is another by now (BR-099).
        #[serde(default)]
        version: Option<u64>,
        /// Where among its siblings.
        place: Place,
    },
    /// Copies lines (all where none are named) to another item's worksheet.
    CopyLines {
        /// The item to copy from.
        from_item_id: Uuid,
        /// The lines.
        #[serde(default)]
        line_ids: Option<Vec<Uuid>>,
        /// The item to copy to.
        to_item_id: Uuid,
    },
    /// Takes rates and recipe versions into lines: all diverged lines, or those named by line,
    /// resource or recipe. What it does has been listed before (BR-050).
    Reprice {
        /// The lines.
        #[serde(default)]
        line_ids: Option<Vec<Uuid>>,
        /// Resources whose lines are repriced.
        #[serde(default)]
        resource_ids: Option<Vec<Uuid>>,
        /// Recipes whose lines are repriced.
        #[serde(default)]
        recipe_ids: Option<Vec<Uuid>>,
        /// Rates of this price book in the place of each resource's own.
        #[serde(default, deserialize_with = "by_name")]
        price_book: Option<FromPriceBook>,
        /// What the list called `preview`; another list by now is refused.
        #[serde(default)]
        preview: Option<String>,
        /// The lines of the list to take; all where absent.
        #[serde(default)]
        choose: Option<Vec<Uuid>>,
    },
    /// Moves a line to another version of its recipe (BR-059).
    UpgradeRecipe {
        /// The item whose worksheet it is.
        item_id: Uuid,
        /// The line.
        line_id: Uuid,
        /// The version of the worksheet read, refused when it is another by now (BR-099).
        #[serde(default)]
        version: Option<u64>,
        /// The version of the recipe; the current one where absent.
        #[serde(default)]
        n: Option<u32>,
        /// For lines of the recipe that differ, which one to take: needed for the item's own, the
        /// new one for others where absent.
        #[serde(default)]
        choices: std::collections::BTreeMap<Uuid, TakeLine>,
    },
    /// A new commercial rule.
    AddRule {
        /// An identity of the client's choice.
        #[serde(default)]
        id: Option<Uuid>,
        /// The fields and their values.
        #[serde(deserialize_with = "by_name")]
        set: Box<CommercialRuleFields>,
    },
    /// New values for some fields of a commercial rule.
    UpdateRule {
        /// The rule.
        id: Uuid,
        /// The version read, refused when it is another by now (BR-099).
        #[serde(default)]
        version: Option<u64>,
        /// The fields and their values.
        #[serde(deserialize_with = "by_name")]
        set: Box<CommercialRuleFields>,
    },
    /// Deletes commercial rules.
    DeleteRules {
        /// The rules.
        ids: Vec<Uuid>,
    },
    /// Moves a commercial rule within the chain, which is numbered anew.
    MoveRule {
        /// The rule.
        id: Uuid,
        /// Where among the others.
        place: Place,
    },
    /// New terms of the price.
    UpdateTerms {
        /// The version of the commercials read, refused when it is another by now (BR-099).
        #[serde(default)]
        version: Option<u64>,
        /// All tiers of sell-rate decimals, in place of those there.
        #[serde(default, deserialize_with = "by_name")]
        tiers: Option<Vec<RateTierInput>>,
        /// The lump-sum item that takes the misclose; null for none.
        #[serde(default, deserialize_with = "some", skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<Uuid>)]
        balancing_item_id: Option<Option<Uuid>>,
    },
    /// A new content block.
    AddContent {
        /// An identity of the client's choice.
        #[serde(default)]
        id: Option<Uuid>,
        /// What it is for: `inclusions`, `exclusions`, `assumptions`, `task-breakdown`,
        /// `risk-breakdown`, or the identity of a kind of the organisation's own.
        #[schema(value_type = String)]
        kind: ContentKind,
        /// Where among the blocks; those of a kind are shown in this order.
        #[serde(default)]
        place: Place,
        /// The item whose worksheet it is attached to; the whole estimate where absent.
        #[serde(default)]
        item_id: Option<Uuid>,
        /// The words.
        text: String,
    },
    /// New words, another kind or another item of a content block.
    UpdateContent {
        /// The block.
        id: Uuid,
        /// The version read, refused when it is another by now (BR-099).
        #[serde(default)]
        version: Option<u64>,
        /// What it is for.
        #[serde(default)]
        #[schema(value_type = Option<String>)]
        kind: Option<ContentKind>,
        /// The item whose worksheet it is attached to; null for the whole estimate.
        #[serde(default, deserialize_with = "some", skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<Uuid>)]
        item_id: Option<Option<Uuid>>,
        /// The words.
        #[serde(default)]
        text: Option<String>,
    },
    /// Moves a content block.
    MoveContent {
        /// The block.
        id: Uuid,
        /// Where among the others.
        place: Place,
    },
    /// Deletes content blocks.
    DeleteContent {
        /// The blocks.
        ids: Vec<Uuid>,
    },
    /// An edit of a package, its rounds or its quotes.
    Package {
        /// What is done.
        #[serde(deserialize_with = "by_name")]
        edit: Box<PackageEdit>,
    },
    /// Accepts, with a reason, what a rule of kind A refuses on a row. It holds as long as the
    /// value is the one given, and takes the place of an earlier acceptance of the same.
    Acknowledge {
        /// Its identity, where it is the first.
        #[serde(default)]
        id: Option<Uuid>,
        /// The rule.
        #[schema(value_type = String)]
        rule: RuleId,
        /// The row that breaks it.
        object_id: Uuid,
        /// What is accepted, as the check that asks for it words it.
        value: String,
        /// Why.
        reason: String,
    },
    /// Takes acceptances back.
    WithdrawAcknowledgement {
        /// The acknowledgements.
        ids: Vec<Uuid>,
    },
    /// Dismisses, with a reason, what a check warns of on a row. It stays dismissed as long as the
    /// value is the one given.
    DismissCheck {
        /// Its identity, where it is the first.
        #[serde(default)]
        id: Option<Uuid>,
        /// What is warned of.
        code: Warning,
        /// The row, or the price book a check is about.
        object_id: Uuid,
        /// What is accepted, as the check words it.
        value: String,
        /// Why.
        reason: String,
    },
    /// Lists dismissed checks again.
    RestoreCheck {
        /// The dismissals.
        ids: Vec<Uuid>,
    },
    /// New values for fields of the estimate itself.
    UpdateEstimate {
        /// The version read, refused when it is another by now (BR-099).
        #[serde(default)]
        version: Option<u64>,
        /// Name.
        #[serde(default)]
        name: Option<String>,
        /// Never accepted: states follow their own commands (BR-018).
        #[serde(default)]
        state: Option<String>,
        /// GST in percent.
        #[serde(default)]
        gst_pct: Option<String>,
        /// All variables, in place of those there.
        #[serde(default, deserialize_with = "by_name")]
        variables: Option<Vec<VariableInput>>,
    },
}
