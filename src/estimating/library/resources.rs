//! Resources of the price book: BR-044, BR-045, BR-047, BR-053.

use std::sync::Arc;

use uuid::Uuid;

use super::{Done, ResourceFields, draft::Draft, rates::rate_of};
use crate::estimating::{
    cost::CostType,
    heading::Stamp,
    id::{PriceBookId, RecipeId, ResourceId},
    limits::{CODE_CHARS_MAX, DESCRIPTION_CHARS_MAX, NOTE_CHARS_MAX},
    number::{Factor, Pct},
    price_book::{PriceBook, RateEntry},
    recipe::Recipe,
    refusal::Refusal,
    resource::{Availability, Resource},
    typed,
};

impl Draft<'_> {
    pub(super) fn add_resource(
        &mut self,
        id: Option<Uuid>,
        book: Option<Uuid>,
        set: &ResourceFields,
    ) -> Result<Done, Refusal> {
        let id: ResourceId = self.fresh::<Resource>(id)?;
        let book = self.book_for(book)?;
        let cost_type = set.cost_type.ok_or_else(|| {
            typed::broken(
                44,
                "type",
                [],
                "A resource is Labour, Plant, Material, Subcontract or Other.",
            )
        })?;
        let unit = set.unit.as_deref().unwrap_or_default();
        let mut row = Resource {
            id,
            book,
            code: typed::needed("code", set.code.as_deref(), CODE_CHARS_MAX)?,
            description: Box::default(),
            cost_type,
            unit: self.unit_for("unit", unit)?,
            rate: None,
            state: Availability::Active,
            used: false,
            note: None,
            default_waste: None,
            default_efficiency: None,
            version: 1,
            stamp: Stamp::new(self.by, self.at_us),
        };
        self.set_resource_fields(&mut row, set)?;
        let label = format!("Add resource {}", row.code);
        self.put_resource(row.clone())?;
        self.set_plain_rate(&row, set)?;
        Done::new([id.0], label)
    }

    pub(super) fn update_resource(
        &mut self,
        id: Uuid,
        version: Option<u64>,
        set: &ResourceFields,
    ) -> Result<Done, Refusal> {
        let before = self.current::<Resource>("resource", id, version)?;
        let mut row = Resource::clone(&before);
        self.set_resource_fields(&mut row, set)?;
        keeps_type_and_unit(&before, &row)?;
        self.put_resource(row.clone())?;
        let rate = self.set_plain_rate(&row, set)?;
        let label = rate.unwrap_or_else(|| change_label(&before, &row));
        Done::new([id], label)
    }

    pub(super) fn delete_resource(
        &mut self,
        id: Uuid,
        version: Option<u64>,
    ) -> Result<Done, Refusal> {
        let row = self.current::<Resource>("resource", id, version)?;
        not_used(&row)?;
        self.remove::<Resource>(row.id);
        Done::new([id], format!("Delete resource {}", row.code))
    }

    /// Sets the sticky flag of rows that lack it; unknown ones are refused.
    pub(super) fn mark_used(
        &mut self,
        resources: &[Uuid],
        recipes: &[Uuid],
    ) -> Result<Done, Refusal> {
        for id in resources {
            self.mark_resource_used(ResourceId(*id))?;
        }
        for id in recipes {
            self.mark_recipe_used(RecipeId(*id))?;
        }
        Done::new([], "")
    }

    pub(super) fn mark_resource_used(&mut self, id: ResourceId) -> Result<(), Refusal> {
        let row = self.current::<Resource>("resource", id.0, None)?;
        if !row.used {
            self.put(Resource { used: true, ..Resource::clone(&row) });
        }
        Ok(())
    }

    pub(super) fn mark_recipe_used(&mut self, id: RecipeId) -> Result<(), Refusal> {
        let row = self.current::<Recipe>("recipe", id.0, None)?;
        if !row.used {
            self.put(Recipe { used: true, ..Recipe::clone(&row) });
        }
        Ok(())
    }

    fn book_for(&mut self, book: Option<Uuid>) -> Result<PriceBookId, Refusal> {
        match book {
            Some(id) => Ok(self.current::<PriceBook>("price book", id, None)?.id),
            None => self.library.catalogue.internal_book().map(|b| b.id).ok_or_else(|| {
                Refusal::invalid("bookId", "There is no internal price book; name one.")
            }),
        }
    }

    fn set_resource_fields(&self, row: &mut Resource, set: &ResourceFields) -> Result<(), Refusal> {
        typed::set_needed(&mut row.code, "code", set.code.as_deref(), CODE_CHARS_MAX)?;
        let description = set.description.as_deref();
        typed::set(&mut row.description, "description", description, DESCRIPTION_CHARS_MAX)?;
        row.cost_type = set.cost_type.unwrap_or(row.cost_type);
        if let Some(unit) = &set.unit {
            row.unit = self.unit_for("unit", unit)?;
        }
        row.state = set.state.unwrap_or(row.state);
        if let Some(note) = &set.note {
            row.note = typed::optional("note", note.as_deref(), NOTE_CHARS_MAX)?;
        }
        if let Some(waste) = &set.default_waste {
            row.default_waste =
                waste.as_deref().map(|w| typed::waste("defaultWaste", w)).transpose()?;
        }
        if let Some(efficiency) = &set.default_efficiency {
            row.default_efficiency = efficiency.as_deref().map(efficiency_of).transpose()?;
        }
        if row.default_waste.is_some_and(Pct::is_positive) && row.cost_type != CostType::Material {
            return Err(typed::broken(35, "defaultWaste", [row.id.0], "Only Material has waste."));
        }
        Ok(())
    }

    /// Writes one rate without end, where one is given; tells what was done where that was all.
    fn set_plain_rate(
        &mut self,
        row: &Resource,
        set: &ResourceFields,
    ) -> Result<Option<String>, Refusal> {
        let Some(rate) = &set.rate else { return Ok(None) };
        let rate = rate.as_deref().map(rate_of).transpose()?;
        let before = self.rates_now(row);
        let entries: Vec<RateEntry> = rate.map(RateEntry::plain).into_iter().collect();
        let alone = ResourceFields { rate: None, ..set.clone() } == ResourceFields::default();
        let label = match rate {
            Some(rate) if before != entries => {
                Some(format!("Change rate of {} to {rate}", row.code))
            }
            None if !before.is_empty() => Some(format!("Clear rate of {}", row.code)),
            Some(_) | None => None,
        };
        self.write_rates(row, entries)?;
        Ok(label.filter(|_| alone))
    }

    /// Stores a resource unless another of its price book has its code (BR-044).
    pub(super) fn put_resource(&mut self, row: Resource) -> Result<(), Refusal> {
        match self.library.catalogue.resource_by_code(row.book, &row.code) {
            Some(other) if other.id != row.id => Err(typed::broken(
                44,
                "code",
                [other.id.0],
                format!("Resource code {} is taken by {}.", other.code, other.description),
            )),
            Some(_) | None => {
                self.put(row);
                Ok(())
            }
        }
    }
}

/// Type and unit are fixed once a line used the resource (BR-045).
pub(super) fn keeps_type_and_unit(before: &Resource, after: &Resource) -> Result<(), Refusal> {
    let field = if before.cost_type != after.cost_type {
        "type"
    } else if before.unit != after.unit {
        "unit"
    } else {
        return Ok(());
    };
    if !before.used {
        return Ok(());
    }
    let message = format!(
        "{} has been used, so its {field} stays; add another resource instead.",
        before.code
    );
    Err(typed::broken(45, field, [before.id.0], message))
}

/// A used resource is retired, not deleted (BR-053).
pub(super) fn not_used(row: &Arc<Resource>) -> Result<(), Refusal> {
    if !row.used {
        return Ok(());
    }
    let message = format!("{} has been used, so it can be retired but not deleted.", row.code);
    Err(typed::broken(53, "used", [row.id.0], message))
}

fn efficiency_of(typed: &str) -> Result<Factor, Refusal> {
    let efficiency: Factor = typed::number(34, "defaultEfficiency", &[], typed)?;
    if !efficiency.is_positive() {
        return Err(typed::broken(34, "defaultEfficiency", [], "Efficiency is above zero."));
    }
    Ok(efficiency)
}

fn change_label(before: &Resource, after: &Resource) -> String {
    let code = &after.code;
    if before.state != after.state {
        return match after.state {
            Availability::Active => format!("Bring back resource {code}"),
            Availability::Retired => format!("Retire resource {code}"),
        };
    }
    format!("Change resource {code}")
}
