//! Lines, variables and calculation blocks of worksheets.

use super::{
    BlockInput, LineFields, MethodName, Place, VariableInput,
    inputs::{carried, default_method, set_inputs},
    run::{Run, broken},
    text,
};
use crate::estimating::{
    cost::CostType,
    estimate::{NodeRow, Slot},
    id::{LineId, RecipeId, ResourceId},
    item::Item,
    number::Rate,
    refusal::Refusal,
    resource::Availability,
    worksheet::{Line, RecipeUse, Source, Worksheet},
};
use std::sync::Arc;
use uuid::Uuid;

impl Run<'_, '_> {
    fn item(&self, id: Uuid) -> Result<(Slot, Arc<Item>), Refusal> {
        let slot = self.slot(id)?;
        match &self.estimate.at(slot).row {
            NodeRow::Item(item) => Ok((slot, item.clone())),
            NodeRow::Heading(_) | NodeRow::None => Err(Refusal::NotFound { what: "item", id }),
        }
    }

    /// The worksheet of an item to change; a new one where it has none.
    pub(super) fn sheet(
        &self,
        id: Uuid,
        version: Option<u64>,
    ) -> Result<(Slot, Worksheet), Refusal> {
        let (slot, item) = self.item(id)?;
        let sheet = match &self.estimate.at(slot).sheet {
            Some(sheet) => (**sheet).clone(),
            None => Worksheet {
                item: item.id,
                estimate: item.estimate,
                version: 0,
                variables: Vec::new(),
                blocks: Vec::new(),
                lines: Vec::new(),
            },
        };
        self.check_version("worksheet", id, version, sheet.version)?;
        Ok((slot, sheet))
    }

    pub(super) fn put(&mut self, slot: Slot, sheet: Worksheet) {
        self.estimate.replace_sheet(self.work, slot, Some(sheet.into()));
    }

    pub(super) fn set_names(
        &mut self,
        item: Uuid,
        version: Option<u64>,
        variables: Option<&[VariableInput]>,
        blocks: Option<&[BlockInput]>,
    ) -> Result<Vec<Uuid>, Refusal> {
        let (slot, mut sheet) = self.sheet(item, version)?;
        if let Some(variables) = variables {
            sheet.variables = text::variables(variables, item)?;
        }
        if let Some(blocks) = blocks {
            sheet.blocks = text::blocks(blocks, item)?;
        }
        let names = sheet.variables.iter().map(|v| &*v.name);
        text::distinct(names.chain(sheet.blocks.iter().map(|b| &*b.name)), item)?;
        self.put(slot, sheet);
        Ok(Vec::new())
    }

    pub(super) fn add_line(
        &mut self,
        item: Uuid,
        id: Option<Uuid>,
        version: Option<u64>,
        place: Place,
        fields: &LineFields,
    ) -> Result<Vec<Uuid>, Refusal> {
        let (slot, mut sheet) = self.sheet(item, version)?;
        let id = id.unwrap_or_else(|| self.ids.next_id());
        if sheet.lines.iter().any(|l| l.id.0 == id) {
            return Err(Refusal::invalid("id", format!("The id {id} is taken.")));
        }
        let mut line = self.new_line(LineId(id), item, fields)?;
        self.set_line(&mut line, item, fields)?;
        let at = place_in(&sheet.lines, place)?;
        sheet.lines.insert(at, line);
        self.put(slot, sheet);
        Ok(vec![id])
    }

    pub(super) fn update_line(
        &mut self,
        item: Uuid,
        line: Uuid,
        version: Option<u64>,
        fields: &LineFields,
    ) -> Result<Vec<Uuid>, Refusal> {
        let (slot, mut sheet) = self.sheet(item, version)?;
        let at = find(&sheet.lines, line)?;
        let mut row = sheet.lines[at].clone();
        if fields.resource_id.is_some() || fields.recipe_id.is_some() {
            let made = self.new_line(row.id, item, fields)?;
            let keep = fields.method.is_none() && same_nature(&row, &made);
            let (method, extra) = if keep {
                (row.method.clone(), row.extra.clone())
            } else {
                (made.method.clone(), made.extra.clone())
            };
            row = Line { method, extra, ..made };
        }
        self.set_line(&mut row, item, fields)?;
        sheet.lines[at] = row;
        self.put(slot, sheet);
        Ok(Vec::new())
    }

    pub(super) fn delete_lines(
        &mut self,
        item: Uuid,
        lines: &[Uuid],
        version: Option<u64>,
    ) -> Result<Vec<Uuid>, Refusal> {
        let (slot, mut sheet) = self.sheet(item, version)?;
        for line in lines {
            let at = find(&sheet.lines, *line)?;
            sheet.lines.remove(at);
        }
        self.put(slot, sheet);
        Ok(Vec::new())
    }

    pub(super) fn move_line(
        &mut self,
        item: Uuid,
        line: Uuid,
        version: Option<u64>,
        place: Place,
    ) -> Result<Vec<Uuid>, Refusal> {
        let (slot, mut sheet) = self.sheet(item, version)?;
        let row = sheet.lines.remove(find(&sheet.lines, line)?);
        let at = place_in(&sheet.lines, place)?;
        sheet.lines.insert(at, row);
        self.put(slot, sheet);
        Ok(Vec::new())
    }

    pub(super) fn copy_lines(
        &mut self,
        from: Uuid,
        lines: Option<&[Uuid]>,
        to: Uuid,
    ) -> Result<Vec<Uuid>, Refusal> {
        let (_, source) = self.sheet(from, None)?;
        let (slot, mut sheet) = self.sheet(to, None)?;
        let mut made = Vec::new();
        for line in source.lines {
            if lines.is_some_and(|list| !list.contains(&line.id.0)) {
                continue;
            }
            let id = self.ids.next_id();
            made.push(id);
            sheet.lines.push(Line { id: LineId(id), ..line });
        }
        self.put(slot, sheet);
        Ok(made)
    }

    /// A line with the snapshots of its resource or recipe and its method's defaults.
    fn new_line(&mut self, id: LineId, item: Uuid, f: &LineFields) -> Result<Line, Refusal> {
        match (f.resource_id, f.recipe_id) {
            (Some(_), Some(_)) => {
                Err(Refusal::invalid("recipeId", "A line has a resource or a recipe, not both."))
            }
            (Some(resource), None) => self.resource_line(id, item, ResourceId(resource), f),
            (None, Some(recipe)) => self.recipe_line(id, item, RecipeId(recipe), f),
            (None, None) => {
                let cost_type = f.cost_type.unwrap_or(match f.method {
                    Some(MethodName::Subcontract) => CostType::Subcontract,
                    _ => CostType::Other,
                });
                let method = f.method.unwrap_or(MethodName::Fixed);
                let description = text::description(f.description.as_deref().unwrap_or(""))?;
                Ok(Line {
                    id,
                    method: default_method(method, None),
                    source: Source::Free { description },
                    cost_type,
                    unit: None,
                    rate: None,
                    credit: false,
                    free_issue: false,
                    extra: None,
                })
            }
        }
    }

    fn resource_line(
        &mut self,
        id: LineId,
        item: Uuid,
        resource: ResourceId,
        f: &LineFields,
    ) -> Result<Line, Refusal> {
        let row = self
            .catalogue
            .resource(resource)
            .ok_or(Refusal::NotFound { what: "resource", id: resource.0 })?;
        if row.state == Availability::Retired {
            let message = format!("{} is retired: it cannot enter a new line.", row.code);
            return Err(broken(53, item, Some("resourceId"), message));
        }
        let book = self.catalogue.book(row.book);
        if let Some(book) = book.filter(|book| book.archived) {
            let message = format!("{} is in {}, which is archived.", row.code, book.name);
            return Err(broken(53, item, Some("resourceId"), message));
        }
        self.used_resources.push(resource);
        let method = f.method.unwrap_or(match row.cost_type {
            CostType::Labour | CostType::Plant => MethodName::Time,
            CostType::Material => MethodName::Usage,
            CostType::Subcontract => MethodName::Subcontract,
            CostType::Other => MethodName::Fixed,
        });
        let book_version = book.map_or(1, |b| b.current);
        Ok(Line {
            id,
            method: default_method(method, Some(row)),
            source: Source::Resource { resource, book_version },
            cost_type: row.cost_type,
            unit: Some(row.unit),
            rate: self.catalogue.rate(row.id),
            credit: false,
            free_issue: false,
            extra: None,
        })
    }

    fn recipe_line(
        &mut self,
        id: LineId,
        item: Uuid,
        recipe: RecipeId,
        f: &LineFields,
    ) -> Result<Line, Refusal> {
        let row = self
            .catalogue
            .recipe(recipe)
            .ok_or(Refusal::NotFound { what: "recipe", id: recipe.0 })?;
        if row.state == Availability::Retired {
            let message = format!("{} is retired: it cannot enter a new line.", row.code);
            return Err(broken(53, item, Some("recipeId"), message));
        }
        let n = row.current;
        if n == 0 {
            let message = format!("{} has no published version yet.", row.code);
            return Err(broken(54, item, Some("recipeId"), message));
        }
        let unit = self.catalogue.recipe_version(recipe, n).map(|v| v.unit);
        let rates = self.leaf_rates(recipe, n);
        self.used_recipes.push(recipe);
        self.used_resources.extend(rates.iter().map(|(r, _)| *r));
        let method = f.method.unwrap_or(MethodName::Usage);
        Ok(Line {
            id,
            method: default_method(method, None),
            source: Source::Recipe(Box::new(RecipeUse {
                recipe,
                n,
                params: Vec::new(),
                rates,
                kept: Vec::new(),
            })),
            cost_type: CostType::Other,
            unit,
            rate: None,
            credit: false,
            free_issue: false,
            extra: None,
        })
    }

    /// Rates now of every leaf of a recipe version.
    pub(super) fn leaf_rates(&self, recipe: RecipeId, n: u32) -> Vec<(ResourceId, Option<Rate>)> {
        self.catalogue
            .recipe_leaves(recipe, n)
            .into_iter()
            .map(|r| (r, self.catalogue.rate(r)))
            .collect()
    }

    /// Sets the fields given on a line.
    fn set_line(&self, line: &mut Line, item: Uuid, f: &LineFields) -> Result<(), Refusal> {
        let object = item;
        if let Some(method) = f.method
            && default_method(method, None).name() != line.method.name()
        {
            line.method = carried(&line.method, method);
        }
        if let Source::Free { description } = &mut line.source {
            if let Some(text) = &f.description {
                *description = text::description(text)?;
            }
            if let Some(t) = f.cost_type {
                line.cost_type = t;
            }
        } else if f.cost_type.is_some_and(|t| t != line.cost_type) {
            return Err(Refusal::invalid("type", "The type comes from the resource."));
        }
        if let Some(unit) = &f.unit {
            let unit = unit.as_deref().filter(|u| !u.trim().is_empty());
            let unit = unit.map(|u| text::unit(u, self.catalogue, object)).transpose()?;
            self.set_unit(line, unit, object)?;
        }
        if let Some(rate) = &f.rate {
            let rate = rate.as_deref().filter(|r| !r.trim().is_empty());
            line.rate = rate.map(|r| text::number(r, "rate", object, 47)).transpose()?;
        }
        set_inputs(&mut line.method, object, f)?;
        if let Some(params) = &f.params {
            let Source::Recipe(recipe) = &mut line.source else {
                return Err(Refusal::invalid("params", "Only a recipe line has parameters."));
            };
            recipe.params = params
                .iter()
                .filter(|(_, text)| !text.trim().is_empty())
                .map(|(name, text)| {
                    Ok((name.trim().into(), text::formula(text, "params", object)?))
                })
                .collect::<Result<_, Refusal>>()?;
        }
        line.credit = f.credit.unwrap_or(line.credit);
        line.free_issue = f.free_issue.unwrap_or(line.free_issue);
        if let Some(note) = &f.note {
            let note = text::note(note.as_deref(), "note")?;
            line.with_extra(|e| e.note = note);
        }
        Ok(())
    }

    /// BR-042: another unit than the resource's needs a conversion, which the line remembers.
    fn set_unit(
        &self,
        line: &mut Line,
        unit: Option<crate::estimating::units::UnitCode>,
        object: Uuid,
    ) -> Result<(), Refusal> {
        let own = match &line.source {
            Source::Free { .. } => None,
            Source::Resource { resource, .. } => self.catalogue.resource(*resource).map(|r| r.unit),
            Source::Recipe(r) => self.catalogue.recipe_version(r.recipe, r.n).map(|v| v.unit),
        };
        let (unit, conversion) = match (unit, own) {
            (None, own) => (own, None),
            (Some(unit), None) => (Some(unit), None),
            (Some(unit), Some(own)) if unit == own => (Some(unit), None),
            (Some(unit), Some(own)) => {
                let factor = self.catalogue.conversion(unit, own).ok_or_else(|| {
                    let message = format!(
                        "The resource is in {own} and no conversion from {unit} is defined. Add \
                         one under Units."
                    );
                    broken(42, object, Some("unit"), message)
                })?;
                (Some(unit), Some(factor))
            }
        };
        line.unit = unit;
        line.with_extra(|e| e.conversion = conversion);
        Ok(())
    }
}

fn find(lines: &[Line], id: Uuid) -> Result<usize, Refusal> {
    lines.iter().position(|l| l.id.0 == id).ok_or(Refusal::NotFound { what: "line", id })
}

fn place_in(lines: &[Line], place: Place) -> Result<usize, Refusal> {
    match place {
        Place::First => Ok(0),
        Place::Last => Ok(lines.len()),
        Place::Before(id) => find(lines, id),
        Place::After(id) => Ok(find(lines, id)? + 1),
    }
}

/// Whether a line keeps its method and inputs when its resource is exchanged.
fn same_nature(a: &Line, b: &Line) -> bool {
    a.cost_type == b.cost_type && a.recipe().is_some() == b.recipe().is_some()
}
