//! Fields of items and of the estimate itself.

use super::{
    ItemFields, VariableInput,
    run::{Run, broken},
    text,
};
use crate::estimating::{
    commercials::Commercials,
    cost::CostType,
    estimate::{NodeRow, Slot},
    id::ItemId,
    item::{Item, OptionChoice, Plug},
    number::{Money, Pct, Qty, Rate, SellRate},
    refusal::Refusal,
    tender::EstimateRow,
};
use std::{str::FromStr, sync::Arc};
use uuid::Uuid;

/// A clearable number field.
fn optional<T: FromStr<Err = crate::estimating::number::NumberError>>(
    text: Option<&str>,
    field: &'static str,
    object: Uuid,
    rule: u8,
) -> Result<Option<T>, Refusal> {
    text.filter(|t| !t.trim().is_empty()).map(|t| text::number(t, field, object, rule)).transpose()
}

impl Run<'_, '_> {
    pub(super) fn update_item(
        &mut self,
        id: Uuid,
        version: Option<u64>,
        set: &ItemFields,
    ) -> Result<Vec<Uuid>, Refusal> {
        let slot = self.slot(id)?;
        self.estimate.ask_for(slot);
        let NodeRow::Item(item) = &self.estimate.at(slot).row else {
            return Err(Refusal::NotFound { what: "item", id });
        };
        self.check_version("item", id, version, item.version)?;
        let mut item = (**item).clone();
        let locked = item.extra().locked_sell_rate;
        let selects = self.set_fields(&mut item, set)?;
        if item.extra().locked_sell_rate != locked {
            self.note_lock();
        }
        self.estimate.replace(self.work, slot, NodeRow::Item(item.into()));
        if selects {
            self.deselect_others(slot);
        }
        Ok(Vec::new())
    }

    /// Notes on the commercials that a rate lock changed, and with it by whom (BR-094).
    pub(super) fn note_lock(&mut self) {
        let mut row = Commercials::clone(self.estimate.commercials());
        row.locks = row.locks.wrapping_add(1);
        let prices = self.work.prices;
        self.estimate.replace_commercials(self.work, row);
        self.work.prices = prices;
    }

    /// Sets the fields given; tells whether the item became the selected one of its group.
    pub(super) fn set_fields(
        &mut self,
        item: &mut Item,
        set: &ItemFields,
    ) -> Result<bool, Refusal> {
        let id = item.id.0;
        if let Some(t) = set.item_type {
            item.item_type = t;
        }
        if let Some(code) = &set.code {
            item.code = (&*text::code(code)?).into();
        }
        if let Some(description) = &set.description {
            item.description = (&*text::description(description)?).into();
        }
        if let Some(unit) = &set.unit {
            let unit = unit.as_deref().filter(|u| !u.trim().is_empty());
            item.unit = unit.map(|u| text::unit(u, self.catalogue, id)).transpose()?;
        }
        if let Some(quantity) = &set.quantity {
            let quantity = quantity.as_deref().filter(|q| !q.trim().is_empty());
            item.quantity = quantity.map(|q| text::formula(q, "quantity", id)).transpose()?;
        }
        if let Some(takeoff) = &set.takeoff_quantity {
            item.takeoff_quantity = optional::<Qty>(takeoff.as_deref(), "takeoffQuantity", id, 20)?;
        }
        set_plug(item, set)?;
        item.indirect = set.indirect.unwrap_or(item.indirect);
        item.inactive = set.inactive.unwrap_or(item.inactive);
        if let Some(reviewed) = set.reviewed {
            item.reviewed = reviewed;
        }
        if let Some(status) = &set.status {
            if status != "reviewed" {
                let message = format!(
                    "The status {status} follows from the item's content; only reviewed can be set."
                );
                return Err(broken(24, id, Some("status"), message));
            }
            item.reviewed = true;
        }
        self.work.prices |= matches!(set.locked_sell_rate, Some(Some(_)));
        self.set_extra(item, set)
    }

    fn set_extra(&self, item: &mut Item, set: &ItemFields) -> Result<bool, Refusal> {
        let id = item.id.0;
        let mut extra = item.extra().clone();
        let mut selects = false;
        if let Some(option) = &set.option {
            extra.option = option.clone().map(OptionChoice::from).filter(|o| !o.group.is_empty());
            selects = extra.option.as_ref().is_some_and(|o| o.selected);
        }
        if let Some(rate) = &set.locked_sell_rate {
            extra.locked_sell_rate =
                optional::<SellRate>(rate.as_deref(), "lockedSellRate", id, 84)?;
        }
        if let Some(amount) = &set.client_amount {
            extra.client_amount = optional::<Money>(amount.as_deref(), "clientAmount", id, 26)?;
        }
        if let Some(percent) = &set.percent {
            extra.percent = optional::<Pct>(percent.as_deref(), "percent", id, 27)?;
        }
        if let Some(linked) = &set.linked_items {
            extra.linked = linked.iter().copied().map(ItemId).collect();
        }
        if let Some(reason) = &set.reason {
            extra.reason = text::note(reason.as_deref(), "reason")?;
        }
        if let Some(included) = set.included_in {
            if included.is_some_and(|i| i == id || self.estimate.item_slot(ItemId(i)).is_none()) {
                let message = "The item that includes this one must be another of the estimate.";
                return Err(broken(30, id, Some("includedIn"), message));
            }
            extra.included_in = included.map(ItemId);
        }
        if let Some(clause) = &set.payment_clause {
            extra.payment_clause = text::note(clause.as_deref(), "paymentClause")?;
        }
        if let Some(code) = &set.workbench_code {
            extra.workbench_code = text::note(code.as_deref(), "workbenchCode")?;
        }
        if let Some(note) = &set.note {
            extra.note = text::note(note.as_deref(), "note")?;
        }
        if let Some(variables) = &set.variables {
            extra.variables = text::variables(variables, id)?;
        }
        item.with_extra(|e| *e = extra);
        Ok(selects)
    }

    /// Selecting one member of an option group takes the choice from the others (BR-029).
    pub(super) fn deselect_others(&mut self, chosen: Slot) {
        let NodeRow::Item(item) = &self.estimate.at(chosen).row else { return };
        let Some(group) = item.extra().option.as_ref().map(|o| o.group.clone()) else { return };
        let others: Vec<Slot> = self
            .estimate
            .rows()
            .filter(|n| n.slot != chosen)
            .filter(|n| {
                n.item()
                    .and_then(|i| i.extra().option.as_ref())
                    .is_some_and(|o| o.group == group && o.selected)
            })
            .map(|n| n.slot)
            .collect();
        for slot in others {
            let NodeRow::Item(item) = &self.estimate.at(slot).row else { continue };
            let mut item = (**item).clone();
            item.with_extra(|e| e.option.iter_mut().for_each(|o| o.selected = false));
            self.estimate.replace(self.work, slot, NodeRow::Item(item.into()));
        }
    }

    pub(super) fn update_estimate(
        &mut self,
        version: Option<u64>,
        name: Option<&str>,
        state: Option<&str>,
        gst_pct: Option<&str>,
        variables: Option<&[VariableInput]>,
    ) -> Result<Vec<Uuid>, Refusal> {
        let row: &Arc<EstimateRow> = self.estimate.row();
        let id = row.id.0;
        self.check_version("estimate", id, version, row.version)?;
        if let Some(state) = state {
            let message = format!(
                "The state {state} cannot be set by hand: reviewed follows from the items, the \
                 others from approval and submission."
            );
            return Err(broken(18, id, Some("state"), message));
        }
        let mut row = (**row).clone();
        if let Some(name) = name {
            row.name = text::name(name)?;
        }
        if let Some(pct) = gst_pct {
            let pct: Pct = text::number(pct, "gstPct", id, 87)?;
            if pct.is_negative() || pct > Pct::whole(100).unwrap_or_default() {
                return Err(Refusal::invalid("gstPct", "GST is 0 to 100 percent."));
            }
            row.gst_pct = pct;
        }
        if let Some(variables) = variables {
            row.variables = text::variables(variables, id)?;
        }
        self.estimate.replace_row(self.work, row);
        Ok(Vec::new())
    }
}

fn set_plug(item: &mut Item, set: &ItemFields) -> Result<(), Refusal> {
    if let Some(rate) = &set.plug_rate {
        let rate = optional::<Rate>(rate.as_deref(), "plugRate", item.id.0, 43)?;
        let cost_type = item.plug.map_or(CostType::Other, |p| p.cost_type);
        item.plug = rate.map(|rate| Plug { rate, cost_type });
    }
    if let (Some(cost_type), Some(plug)) = (set.plug_type, &mut item.plug) {
        plug.cost_type = cost_type;
    }
    Ok(())
}
