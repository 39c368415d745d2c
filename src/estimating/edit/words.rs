//! An edit in a few words, for undo buttons and history.

use super::{Edit, RowKind};
use crate::estimating::{
    estimate::{Estimate, NodeRow, label},
    quotes::PackageId,
    warning::Warning,
};
use uuid::Uuid;

/// What a kind of the organisation's own is called here, where its title is not known.
const OWN_KIND: &str = "the offer text";

impl Edit {
    /// What the edit did, in the words of the trade.
    pub(super) fn words(&self, estimate: &Estimate, made: &[Uuid]) -> String {
        let row = |id: &Uuid| match estimate.slot(*id).map(|s| &estimate.at(s).row) {
            Some(NodeRow::Heading(h)) if !h.code.is_empty() => format!("heading {}", h.code),
            Some(NodeRow::Heading(h)) => format!("heading {}", h.name),
            Some(NodeRow::Item(i)) => label(i).to_string(),
            Some(NodeRow::None) | None => "a row".to_owned(),
        };
        let rows = |ids: &[Uuid]| match ids {
            [id] => row(id),
            _ => format!("{} rows", ids.len()),
        };
        match self {
            Edit::AddHeading { name, .. } => format!("Add heading {name}"),
            Edit::AddItem { .. } => format!("Add {}", made.first().map_or_else(String::new, row)),
            Edit::UpdateHeading { id, .. } => format!("Change {}", row(id)),
            Edit::UpdateItem { id, set, .. } => match set.only_field() {
                Some(field) => ["Change ", field, " of ", &row(id)].concat(),
                None => format!("Change {}", row(id)),
            },
            Edit::Move { ids, .. } => format!("Move {}", rows(ids)),
            Edit::Indent { ids } => format!("Indent {}", rows(ids)),
            Edit::Outdent { ids } => format!("Outdent {}", rows(ids)),
            Edit::MoveUp { ids } => format!("Move {} up", rows(ids)),
            Edit::MoveDown { ids } => format!("Move {} down", rows(ids)),
            Edit::Delete { ids, .. } => match ids.len() {
                1 => "Delete a row".to_owned(),
                n => format!("Delete {n} rows"),
            },
            Edit::Duplicate { ids, .. } => format!("Duplicate {}", rows(ids)),
            Edit::Convert { to: RowKind::Heading, .. } => "Turn an item into a heading".to_owned(),
            Edit::Convert { to: RowKind::Item, .. } => "Turn a heading into an item".to_owned(),
            Edit::Worksheet { item_id, .. } => format!("Change variables of {}", row(item_id)),
            Edit::AddLine { item_id, .. } => format!("Add a line to {}", row(item_id)),
            Edit::UpdateLine { item_id, .. } => format!("Change a line of {}", row(item_id)),
            Edit::DeleteLines { item_id, .. } => format!("Delete lines of {}", row(item_id)),
            Edit::MoveLine { item_id, .. } => format!("Move a line of {}", row(item_id)),
            Edit::CopyLines { to_item_id, .. } => format!("Copy lines to {}", row(to_item_id)),
            Edit::Reprice { .. } => "Reprice lines".to_owned(),
            Edit::UpgradeRecipe { item_id, .. } => {
                format!("Take a newer recipe into {}", row(item_id))
            }
            Edit::Package { edit } => {
                let id = edit.package().or(made.first().copied()).unwrap_or_default();
                let package = estimate.packages().package(PackageId(id));
                edit.words(package.map_or("a package", |package| package.title()))
            }
            Edit::AddRule { set, .. } => {
                format!("Add rule {}", set.name.as_deref().unwrap_or_default())
            }
            Edit::UpdateRule { id, .. } => {
                let rules = &estimate.commercials().rules;
                let name = rules.iter().find(|rule| rule.id.0 == *id).map(|rule| &*rule.name);
                format!("Change rule {}", name.unwrap_or_default())
            }
            Edit::DeleteRules { ids } => match ids.len() {
                1 => "Delete a rule".to_owned(),
                n => format!("Delete {n} rules"),
            },
            Edit::MoveRule { .. } => "Move a rule".to_owned(),
            Edit::UpdateTerms { .. } => "Change the terms of the price".to_owned(),
            Edit::AddContent { kind, .. } => format!("Add to {}", kind.title().unwrap_or(OWN_KIND)),
            Edit::UpdateContent { id, .. } | Edit::MoveContent { id, .. } => {
                let block = estimate.content().blocks.iter().find(|block| block.id.0 == *id);
                format!(
                    "Change {}",
                    block.map_or("content", |block| block.kind.title().unwrap_or(OWN_KIND))
                )
            }
            Edit::DeleteContent { ids } => match ids.len() {
                1 => "Delete a content block".to_owned(),
                n => format!("Delete {n} content blocks"),
            },
            Edit::Acknowledge { rule, .. } => format!("Accept {rule}"),
            Edit::WithdrawAcknowledgement { .. } => "Withdraw an acceptance".to_owned(),
            Edit::DismissCheck { code: code @ Warning::ResourcesUnused, .. } => {
                format!("Dismiss {}", code.words())
            }
            Edit::DismissCheck { code, object_id, .. } => {
                format!("Dismiss {} of {}", code.words(), row(object_id))
            }
            Edit::RestoreCheck { .. } => "List a dismissed check again".to_owned(),
            Edit::UpdateEstimate { variables: Some(_), .. } => {
                "Change the estimate's variables".to_owned()
            }
            Edit::UpdateEstimate { .. } => "Change the estimate".to_owned(),
        }
    }
}

impl super::ItemFields {
    /// The one field this changes, in words; none when it changes several.
    fn only_field(&self) -> Option<&'static str> {
        let fields = [
            (self.item_type.is_some(), "type"),
            (self.code.is_some(), "code"),
            (self.description.is_some(), "description"),
            (self.unit.is_some(), "unit"),
            (self.quantity.is_some(), "quantity"),
            (self.takeoff_quantity.is_some(), "take-off"),
            (self.plug_rate.is_some() || self.plug_type.is_some(), "plug"),
            (self.indirect.is_some(), "indirect"),
            (self.inactive.is_some(), "active"),
            (self.reviewed.is_some() || self.status.is_some(), "review"),
            (self.option.is_some(), "option"),
            (self.locked_sell_rate.is_some(), "sell rate"),
            (self.client_amount.is_some(), "client's amount"),
            (self.percent.is_some(), "percent"),
            (self.linked_items.is_some(), "linked items"),
            (self.reason.is_some(), "reason"),
            (self.included_in.is_some(), "including item"),
            (self.payment_clause.is_some(), "payment clause"),
            (self.workbench_code.is_some(), "Workbench code"),
            (self.note.is_some(), "note"),
            (self.variables.is_some(), "variables"),
        ];
        let mut set = fields.iter().filter(|(on, _)| *on).map(|(_, name)| *name);
        set.next().filter(|_| set.next().is_none())
    }
}
