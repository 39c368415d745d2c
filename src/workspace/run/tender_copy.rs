//! A new tender with the rows of another's newest estimate, in one commit. Its packages come along as
//! drafts; quotes and awards answered the other tender and stay there.

use super::{Effect, Run, Stop, library};
use crate::{
    estimating::{
        change::{Delta, EstimateChange},
        estimate::{Estimate, NodeRow, ROOT},
        heading::{Heading, Stamp},
        id::{EstimateId, HeadingId, ItemId, LineId, TenderId},
        item::{Item, Parent},
        library::{LibraryEdit, TenderFields},
        quotes::{Adjudication, Package},
        tender::{EstimateRow, Tender},
        worksheet::Worksheet,
    },
    workspace::{WorkspaceError, changes, state::Published},
};
use std::{collections::HashMap, sync::Arc};
use uuid::Uuid;

/// Copies a tender under a new number and name. O(rows of its newest estimate).
pub(super) fn duplicate(
    state: &mut Published,
    cx: &Run<'_>,
    id: TenderId,
    number: &str,
    name: &str,
) -> Result<Effect, Stop> {
    let tender = state.library.tender(id).cloned();
    let tender = tender.ok_or(WorkspaceError::NotFound { what: "tender", id: id.0 })?;
    let newest = state.library.estimates_of(id).last().map(|row| row.id);
    let source = match newest {
        None => None,
        Some(id) => Some(state.estimate(id).ok_or(Stop::Cold(id))?.clone()),
    };
    let new_estimate = cx.ids.borrow_mut().next_id();
    let set = Box::new(fields_of(&tender, number, name));
    // Who answered for the one copied answers for the copy, unless whoever asks does (BR-009).
    let leads = cx.people.leads();
    let answers = source.as_ref().and_then(|source| source.row().lead);
    let answers = answers.filter(|lead| leads.contains(lead) && !leads.contains(&cx.actor.user));
    let edit = LibraryEdit::AddTender {
        id: None,
        estimate_id: Some(new_estimate),
        bare: false,
        lead_id: answers.map(|lead| lead.0),
        set,
    };
    let outcome = cx.with_library(state, |library, context| library.edit(&[edit], context))?;
    let mut effect = Effect {
        label: format!("Duplicate tender {} as {}", tender.number, number.trim()),
        ids: outcome.ids,
        ..Effect::default()
    };
    for change in &outcome.changes {
        effect.changes.push(changes::encode_library(change)?);
        effect.library.extend(library::row_name(change));
    }
    for delta in outcome.estimate_rows {
        let Some(row) = delta.after else { continue };
        let row = match &source {
            None => row,
            Some(source) => Arc::new(row_like(&row, source.row())),
        };
        state.library.apply_estimate_row(&Delta { before: None, after: Some(row.clone()) });
        effect
            .changes
            .push(changes::encode_delta(&Delta { before: None, after: Some(row.clone()) })?);
        effect.library.push(("estimate", row.id.to_string()));
        state.changed.insert(row.id, state.lsn);
        if let Some(source) = &source {
            copy_rows(state, cx, source, row, &mut effect)?;
        }
    }
    Ok(effect)
}

/// What a new tender takes over; its closing time and the client's reference are its own.
fn fields_of(tender: &Tender, number: &str, name: &str) -> TenderFields {
    TenderFields {
        number: Some(number.to_owned()),
        name: Some(name.to_owned()),
        client_id: tender.client.map(|client| Some(client.0)),
        closing_notice: None,
        client_name: Some(tender.client_name.to_string()),
        client_ref: None,
        location: Some(tender.location.to_string()),
        closing_at: None,
        validity_days: Some(tender.validity_days),
        form_of_contract: Some(tender.form_of_contract),
        envelopes: Some(tender.envelopes),
        probability_pct: None,
    }
}

fn row_like(new: &EstimateRow, source: &EstimateRow) -> EstimateRow {
    EstimateRow { gst_pct: source.gst_pct, variables: source.variables.clone(), ..new.clone() }
}

/// Copies every row of `source` into the new estimate, under new identities.
fn copy_rows(
    state: &mut Published,
    cx: &Run<'_>,
    source: &Estimate,
    row: Arc<EstimateRow>,
    effect: &mut Effect,
) -> Result<(), Stop> {
    let slots = source.subtree(ROOT);
    let stamp = Stamp::new(cx.actor.user, cx.at_us);
    let mut copy = Copy { estimate: row.id, stamp, ids: HashMap::with_capacity(slots.len()) };
    let mut fresh = cx.ids.borrow_mut();
    for slot in &slots {
        if let Some(id) = source.at(*slot).row.id() {
            copy.ids.insert(id, fresh.next_id());
        }
    }
    let (mut headings, mut items, mut sheets) = (Vec::new(), Vec::new(), Vec::new());
    for slot in slots {
        let node = source.at(slot);
        match &node.row {
            NodeRow::None => {}
            NodeRow::Heading(heading) => headings.push(copy.heading(heading)),
            NodeRow::Item(item) => items.push(copy.item(item)),
        }
        if let Some(sheet) = &node.sheet {
            sheets.push(copy.sheet(sheet, &mut || fresh.next_id()));
        }
    }
    let mut id = |old| *copy.ids.entry(old).or_insert_with(|| fresh.next_id());
    let commercials = source.commercials();
    let commercials = (commercials.version > 0).then(|| commercials.copied(row.id, stamp, &mut id));
    let packages = source.packages().put_again(row.id, stamp, &mut id);
    let content = source.content();
    let content = (content.version > 0).then(|| content.copied(row.id, stamp, &mut id));
    drop(fresh);
    let mut encode = |change: EstimateChange| -> Result<(), Stop> {
        effect.changes.push(changes::encode_estimate(&change)?);
        Ok(())
    };
    for row in &headings {
        encode(EstimateChange::Heading(Delta::insert(row.clone())))?;
    }
    for row in &items {
        encode(EstimateChange::Item(Delta::insert(row.clone())))?;
    }
    for row in &sheets {
        encode(EstimateChange::Worksheet(Delta::insert(row.clone())))?;
    }
    if let Some(row) = &commercials {
        encode(EstimateChange::Commercials(Delta::insert(row.clone())))?;
    }
    if let Some(row) = &content {
        encode(EstimateChange::Content(Delta::insert(row.clone())))?;
    }
    for row in packages.all() {
        encode(EstimateChange::Package(Delta::insert(Package::clone(row))))?;
        for round in packages.rounds_of(row.id) {
            encode(EstimateChange::Adjudication(Delta::insert(Adjudication::clone(round))))?;
        }
    }
    let id = row.id;
    let row = EstimateRow::clone(&row);
    let estimate = Estimate::build(row, headings, items, sheets, &state.library.catalogue)
        .map_err(|error| WorkspaceError::Storage(error.to_string().into()))?;
    let estimate = estimate.with_packages(packages);
    let estimate = match commercials {
        Some(row) => estimate.with_commercials(row),
        None => estimate,
    };
    let estimate = match content {
        Some(row) => estimate.with_content(row),
        None => estimate,
    };
    effect.totals = Some(estimate.totals());
    state.put(id, Arc::new(estimate), cx.tick);
    Ok(())
}

/// Gives copied rows their new identities.
struct Copy {
    estimate: EstimateId,
    stamp: Stamp,
    ids: HashMap<Uuid, Uuid>,
}

impl Copy {
    /// The new identity; every row referred to is in the estimate copied, or is left as it is.
    fn id(&self, old: Uuid) -> Uuid {
        self.ids.get(&old).copied().unwrap_or(old)
    }

    fn heading(&self, row: &Heading) -> Heading {
        Heading {
            id: HeadingId(self.id(row.id.0)),
            estimate: self.estimate,
            parent: row.parent.map(|parent| HeadingId(self.id(parent.0))),
            version: 1,
            stamp: self.stamp,
            ..row.clone()
        }
    }

    /// An item without its review: nobody has checked it in its new tender yet.
    fn item(&self, row: &Item) -> Item {
        let mut copy = Item {
            id: ItemId(self.id(row.id.0)),
            estimate: self.estimate,
            parent: match row.parent {
                Parent::Heading(id) => Parent::Heading(HeadingId(self.id(id.0))),
                Parent::Item(id) => Parent::Item(ItemId(self.id(id.0))),
            },
            reviewed: false,
            version: 1,
            stamp: self.stamp,
            ..row.clone()
        };
        copy.with_extra(|extra| {
            for linked in &mut extra.linked {
                *linked = ItemId(self.id(linked.0));
            }
            extra.included_in = extra.included_in.map(|id| ItemId(self.id(id.0)));
        });
        copy
    }

    fn sheet(&self, row: &Worksheet, fresh: &mut dyn FnMut() -> Uuid) -> Worksheet {
        let mut copy = Worksheet {
            item: ItemId(self.id(row.item.0)),
            estimate: self.estimate,
            version: 1,
            ..row.clone()
        };
        for line in &mut copy.lines {
            line.id = LineId(fresh());
        }
        copy
    }
}
