//! A plan on its way to a commit: the estimate's rows as planning sees them, and the edits that
//! carry a plan out.

use super::shapes::PlanRequest;
use crate::documents::plan::{self, Action, ExistingRow, Plan, PlanRow, RowKind};
use crate::documents::units::UnitMap;
use crate::estimating::catalogue::Catalogue;
use crate::estimating::cost::CostType;
use crate::estimating::edit::{Edit, HeadingFields, ItemFields, Place};
use crate::estimating::estimate::{Estimate, NodeView};
use crate::estimating::item::ItemType;
use crate::estimating::number::Qty;
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// A plan as previewed, with what its commit needs.
pub struct Planned {
    /// Identity; the commit names it.
    pub id: Uuid,
    /// What was asked.
    pub request: PlanRequest,
    /// The plan.
    pub plan: Plan,
    /// Versions of the rows it would change, as of the plan (BR-099).
    versions: HashMap<Uuid, u64>,
    /// What a remembered layout is kept under.
    pub layout_key: String,
}

impl Planned {
    /// Keeps a plan made against `estimate`. O(rows of the plan).
    pub fn new(
        request: PlanRequest,
        plan: Plan,
        estimate: &Estimate,
        layout_key: String,
    ) -> Planned {
        let version = |id: Uuid| {
            let node = estimate.node(id)?;
            let heading = node.heading().map(|h| h.version);
            Some((id, heading.or_else(|| node.item().map(|i| i.version))?))
        };
        let versions = plan.rows.iter().filter_map(|row| version(row.existing?)).collect();
        Planned { id: Uuid::now_v7(), request, plan, versions, layout_key }
    }

    /// The edits that carry it out, in an order in which parents come before children. O(rows).
    pub fn edits(&self) -> Vec<Edit> {
        // The row of the estimate each row of the plan is, or will be.
        let ids: Vec<Uuid> =
            self.plan.rows.iter().map(|row| row.existing.unwrap_or_else(Uuid::now_v7)).collect();
        let parent = |row: &PlanRow| match row.parent {
            Some(place) => ids.get(place).copied(),
            None => self.request.parent_id,
        };
        let rows = self.plan.rows.iter().zip(&ids);
        let sums: Vec<Uuid> =
            rows.clone().filter(|(row, _)| row.is_client_sum()).map(|(_, id)| *id).collect();
        rows.filter_map(|(row, id)| self.edit(row, *id, parent(row), &sums)).collect()
    }

    /// The edit for a row; `sums` are the client's sums of the file.
    fn edit(
        &self,
        row: &PlanRow,
        id: Uuid,
        parent_id: Option<Uuid>,
        sums: &[Uuid],
    ) -> Option<Edit> {
        match (row.action, row.kind) {
            (Action::Add, RowKind::Heading) => Some(Edit::AddHeading {
                id: Some(id),
                parent_id,
                place: Place::Last,
                code: row.code.clone(),
                name: row.description.clone(),
            }),
            (Action::Add, RowKind::Item) => Some(Edit::AddItem {
                id: Some(id),
                // An item at the top has no parent to name; the engine refuses it (BR-015).
                parent_id: parent_id.unwrap_or_default(),
                place: Place::Last,
                set: Box::new(self.new_item(row, sums)),
            }),
            (Action::Change, RowKind::Heading) => Some(Edit::UpdateHeading {
                id,
                version: self.versions.get(&id).copied(),
                set: changed_heading(row),
            }),
            (Action::Change, RowKind::Item) => Some(Edit::UpdateItem {
                id,
                version: self.versions.get(&id).copied(),
                set: Box::new(self.changed_item(row)),
            }),
            (Action::Drop, _) | (Action::Change, RowKind::Drop) => Some(Edit::UpdateItem {
                id,
                version: self.versions.get(&id).copied(),
                set: Box::new(ItemFields { inactive: Some(true), ..ItemFields::default() }),
            }),
            (Action::Same | Action::Skip, _)
            | (_, RowKind::Skip)
            | (Action::Add, RowKind::Drop) => None,
        }
    }

    fn new_item(&self, row: &PlanRow, sums: &[Uuid]) -> ItemFields {
        let percentage = row.item_type == Some(plan::ItemType::Percentage);
        ItemFields {
            item_type: Some(row.item_type.map_or(ItemType::Schedule, ItemType::from)),
            code: Some(row.code.clone()),
            description: Some(row.description.clone()),
            unit: row.unit.clone().map(Some),
            quantity: row.quantity.map(|quantity| Some(quantity.to_string())),
            plug_rate: row.rate.map(|rate| Some(rate.to_string())),
            plug_type: row.rate.map(|_| self.plug_type()),
            client_amount: row.client_amount.map(|amount| Some(amount.to_string())),
            percent: row.percent.map(|percent| Some(percent.to_string())),
            linked_items: percentage.then(|| sums.to_vec()),
            note: row.note.clone().map(Some),
            ..ItemFields::default()
        }
    }

    fn plug_type(&self) -> CostType {
        self.request.plug_type.unwrap_or(CostType::Other)
    }

    /// The fields a re-import changes; what the sheet does not say stays as it is (BR-105).
    fn changed_item(&self, row: &PlanRow) -> ItemFields {
        let mut set = ItemFields::default();
        for change in &row.changes {
            let after = change.after.clone();
            match change.field {
                "code" => set.code = after,
                "description" | "name" => set.description = after,
                "unit" => set.unit = Some(after),
                "quantity" => set.quantity = Some(after),
                "plugRate" => {
                    set.plug_type = after.is_some().then(|| self.plug_type());
                    set.plug_rate = Some(after);
                }
                "inactive" => set.inactive = Some(after.as_deref() == Some("true")),
                "note" => set.note = Some(after),
                "clientAmount" => set.client_amount = Some(after),
                "percent" => set.percent = Some(after),
                _ => {}
            }
        }
        set
    }
}

fn changed_heading(row: &PlanRow) -> HeadingFields {
    let mut set = HeadingFields::default();
    for change in &row.changes {
        match change.field {
            "code" => set.code = change.after.clone(),
            "description" | "name" => set.name = change.after.clone(),
            _ => {}
        }
    }
    set
}

/// The rows of an estimate as a re-import matches them. O(rows).
pub fn existing(estimate: &Estimate) -> Vec<ExistingRow> {
    estimate.rows().filter_map(|node| existing_row(&node)).collect()
}

fn existing_row(node: &NodeView<'_>) -> Option<ExistingRow> {
    if let Some(heading) = node.heading() {
        return Some(ExistingRow {
            id: heading.id.0,
            kind: RowKind::Heading,
            code: heading.code.to_string(),
            description: heading.name.to_string(),
            unit: None,
            quantity: None,
            plug_rate: None,
            has_worksheet: false,
            inactive: false,
        });
    }
    let item = node.item()?;
    let number = item.quantity.as_ref().and_then(|formula| formula.as_number());
    Some(ExistingRow {
        id: item.id.0,
        kind: RowKind::Item,
        code: item.code.to_string(),
        description: item.description.to_string(),
        unit: item.unit.map(|unit| unit.to_string()),
        quantity: number.and_then(Qty::from_decimal_rounded),
        plug_rate: item.plug.map(|plug| plug.rate),
        has_worksheet: node.sheet.is_some() || node.child_count > 0,
        inactive: item.inactive,
    })
}

/// The managed units as planning resolves spellings, with those a person mapped.
pub fn unit_map(catalogue: &Catalogue, chosen: &BTreeMap<String, String>) -> UnitMap {
    let units = catalogue.units().filter(|unit| !unit.retired);
    let spellings = units.map(|unit| {
        let names = std::iter::once(unit.name.as_str());
        (unit.code.as_str(), names.chain(unit.aliases.iter().map(String::as_str)))
    });
    UnitMap::new(spellings, chosen)
}
