//! The fields of a row under the names people and the API know them by, and how two rows differ.

use crate::estimating::{
    branding::Branding,
    catalogue::Catalogue,
    change::Delta,
    company::Company,
    recipe::{Ingredient, RecipeLine, RecipeVersion},
    worksheet::{Block, Line, Method, Source, Variable, Worksheet},
};
use serde::Serialize;
use serde_json::Value;

/// A field before and after; absent where the row or the field was not there.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FieldChange {
    /// Its name, such as `quantity` or `line PLT-EX20: production`.
    pub field: String,
    /// Before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    /// After.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
}

/// What identifies a field within its row, what it is called, and its value.
struct Field {
    key: String,
    name: String,
    value: Value,
}

/// The fields of a row, in the order they are shown.
#[derive(Default)]
pub(in crate::workspace) struct Fields(Vec<Field>);

impl Fields {
    pub(in crate::workspace) fn push(
        &mut self,
        key: impl Into<String>,
        name: impl Into<String>,
        value: Value,
    ) {
        let nothing = match &value {
            Value::Null => true,
            Value::String(text) => text.is_empty(),
            Value::Array(list) => list.is_empty(),
            Value::Bool(on) => !on,
            Value::Number(_) | Value::Object(_) => false,
        };
        if !nothing {
            self.0.push(Field { key: key.into(), name: name.into(), value });
        }
    }

    fn text(&mut self, key: &str, name: &str, field: &str, text: impl ToString) {
        let value = Value::String(text.to_string());
        self.push(format!("{key}/{field}"), format!("{name}: {field}"), value);
    }
}

/// Fields that are no part of what people see: identities, counters, and order keys, whose bytes
/// say nothing.
const HIDDEN: &[&str] = &["id", "estimate", "version", "stamp", "used", "book"];

/// How a row changed, field by field; for a row that came or went, all it held.
pub(in crate::workspace) fn diff<T>(
    delta: &Delta<T>,
    fields: impl Fn(&T) -> Fields,
) -> Vec<FieldChange> {
    let of =
        |row: &Option<std::sync::Arc<T>>| row.as_ref().map(|row| fields(row)).unwrap_or_default().0;
    let (before, after) = (of(&delta.before), of(&delta.after));
    let mut changes = Vec::new();
    for field in &after {
        let old = before.iter().find(|old| old.key == field.key).map(|old| &old.value);
        if old != Some(&field.value) {
            changes.push(FieldChange {
                field: field.name.clone(),
                before: old.cloned(),
                after: Some(field.value.clone()),
            });
        }
    }
    for field in before {
        if !after.iter().any(|new| new.key == field.key) {
            changes.push(FieldChange { field: field.name, before: Some(field.value), after: None });
        }
    }
    changes
}

/// The fields of a row without lines, as its serialised form names them.
pub(in crate::workspace) fn plain<T: Serialize>(row: &T) -> Fields {
    let mut fields = Fields::default();
    if let Ok(Value::Object(object)) = serde_json::to_value(row) {
        for (name, value) in object {
            if !HIDDEN.contains(&name.as_str()) {
                flatten(&mut fields, &name, value);
            }
        }
    }
    fields
}

fn flatten(fields: &mut Fields, name: &str, value: Value) {
    match (name, value) {
        ("position", _) => fields.push("position", "position", Value::String("moved".to_owned())),
        ("variables", Value::Array(list)) => {
            for variable in list {
                let text = |key: &str| variable.get(key).and_then(Value::as_str).unwrap_or("");
                let name = format!("variable {}", text("name"));
                fields.push(name.clone(), name, Value::String(text("formula").to_owned()));
            }
        }
        ("extra", Value::Object(object)) => {
            for (name, value) in object {
                flatten(fields, &name, value);
            }
        }
        ("plug", Value::Object(object)) => {
            for (name, value) in object {
                let name = if name == "rate" { "plugRate" } else { "plugType" };
                fields.push(name, name, value);
            }
        }
        ("parent", Value::Object(object)) => {
            for (_, id) in object {
                fields.push("parent", "parent", id);
            }
        }
        (name, value) => {
            let name = api_name(name);
            fields.push(name.clone(), name, value);
        }
    }
}

/// A field's name as the API writes it.
fn api_name(name: &str) -> String {
    match name {
        "item_type" | "cost_type" => "type".to_owned(),
        "linked" => "linkedItems".to_owned(),
        "closing_at_us" => "closingAt".to_owned(),
        other => {
            let mut out = String::with_capacity(other.len());
            let mut upper = false;
            for c in other.chars() {
                if c == '_' {
                    upper = true;
                } else if upper {
                    out.push(c.to_ascii_uppercase());
                    upper = false;
                } else {
                    out.push(c);
                }
            }
            out
        }
    }
}

/// The fields of a company, its roles and contacts in words.
pub(super) fn branding_fields(branding: &Branding) -> Fields {
    let mut fields = Fields::default();
    let lines: Vec<&str> = branding.letterhead.iter().map(|line| &**line).collect();
    fields.push("letterhead", "letterhead", Value::String(lines.join(" \u{b7} ")));
    fields.push("accent", "accent", Value::String(branding.accent.to_string()));
    let logo = branding.logo.as_ref().map_or_else(String::new, |logo| {
        format!("{} of {} bytes", logo.kind.name(), logo.bytes.len())
    });
    fields.push("logo", "logo", Value::String(logo));
    let signs = [&branding.signatory.name, &branding.signatory.position];
    let signs: Vec<&str> =
        signs.into_iter().map(|text| &**text).filter(|t| !t.is_empty()).collect();
    fields.push("signatory", "who signs letters", Value::String(signs.join(", ")));
    let columns = branding.columns;
    for (column, on) in [
        ("code", columns.code),
        ("unit", columns.unit),
        ("quantity", columns.quantity),
        ("rate", columns.rate),
        ("section totals", columns.section_totals),
    ] {
        fields.push(column, format!("column {column}"), Value::Bool(on));
    }
    fields
}

pub(super) fn company_fields(company: &Company) -> Fields {
    let mut fields = Fields::default();
    let text = |text: &str| Value::String(text.to_owned());
    let list = |words: &[Box<str>]| text(&words.join(", "));
    fields.push("name", "name", text(&company.name));
    let roles = [
        ("client", company.roles.client),
        ("supplier", company.roles.supplier),
        ("subcontractor", company.roles.subcontractor),
    ];
    for (role, on) in roles {
        fields.push(role, role, Value::Bool(on));
    }
    for (n, contact) in (1..).zip(&company.contacts) {
        let name = format!("contact {n}");
        let parts = [&*contact.name, &*contact.email, &*contact.phone];
        let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        fields.push(name.clone(), name, text(&parts.join(", ")));
    }
    fields.push("regions", "regions", list(&company.regions));
    fields.push("trades", "trades", list(&company.trades));
    fields.push("note", "note", text(company.note.as_deref().unwrap_or_default()));
    fields.push("onHold", "onHold", Value::Bool(company.on_hold));
    fields.push("archived", "archived", Value::Bool(!company.is_active()));
    fields
}

/// The fields of a worksheet: variables, blocks, and each line under what it is made of.
pub(super) fn worksheet_fields(sheet: &Worksheet, catalogue: &Catalogue) -> Fields {
    let mut fields = Fields::default();
    definitions(&mut fields, &sheet.variables, &sheet.blocks);
    for line in &sheet.lines {
        line_fields(&mut fields, line, catalogue);
    }
    fields
}

fn definitions(fields: &mut Fields, variables: &[Variable], blocks: &[Block]) {
    for variable in variables {
        let name = format!("variable {}", variable.name);
        fields.push(name.clone(), name, Value::String(variable.formula.text().into_owned()));
    }
    for block in blocks {
        let name = format!("block {}", block.name);
        fields.push(name.clone(), name, Value::String(block.formula.text().into_owned()));
    }
}

fn line_fields(fields: &mut Fields, line: &Line, catalogue: &Catalogue) {
    let key = line.id.to_string();
    let name = format!("line {}", line_title(line, catalogue));
    fields.text(&key, &name, "method", line.method.name());
    for (field, formula) in line.method.formulas() {
        fields.text(&key, &name, field, formula.text());
    }
    let numbers = [
        ("waste", line.method.waste().map(|n| n.to_string())),
        ("pack", line.method.pack().map(|n| n.to_string())),
        ("minimum", line.method.minimum().map(|n| n.to_string())),
        ("rate", line.rate.map(|n| n.to_string())),
        ("conversion", line.conversion().map(|n| n.to_string())),
        ("unit", line.unit.as_ref().map(|unit| unit.as_str().to_owned())),
        ("note", line.note().map(str::to_owned)),
    ];
    for (field, number) in numbers {
        if let Some(number) = number {
            fields.text(&key, &name, field, number);
        }
    }
    match &line.method {
        Method::Lump { amount } => fields.text(&key, &name, "amount", amount),
        Method::PercentOf { percent, of } => {
            fields.text(&key, &name, "percent", percent);
            let types: Vec<_> = of.iter().map(|t| t.name()).collect();
            fields.text(&key, &name, "ofTypes", types.join(", "));
        }
        Method::Time { .. }
        | Method::Norm { .. }
        | Method::Fixed { .. }
        | Method::Usage { .. }
        | Method::Subcontract => {}
    }
    for (field, on) in [("credit", line.credit), ("freeIssue", line.free_issue)] {
        fields.push(format!("{key}/{field}"), format!("{name}: {field}"), Value::Bool(on));
    }
    source_fields(fields, &key, &name, line, catalogue);
}

fn source_fields(fields: &mut Fields, key: &str, name: &str, line: &Line, catalogue: &Catalogue) {
    match &line.source {
        Source::Resource { .. } => {
            fields.text(key, name, "resource", line_title(line, catalogue));
        }
        Source::Free { description } => {
            fields.text(key, name, "description", description);
            fields.text(key, name, "type", line.cost_type.name());
        }
        Source::Recipe(used) => {
            fields.text(key, name, "recipe", line_title(line, catalogue));
            fields.text(key, name, "recipeVersion", used.n);
            for (param, formula) in &used.params {
                fields.text(key, name, param, formula.text());
            }
            for (resource, rate) in &used.rates {
                let code = catalogue.resource(*resource).map_or("?", |row| &row.code);
                let rate = rate.map(|rate| rate.to_string()).unwrap_or_default();
                fields.text(key, name, &format!("rate of {code}"), rate);
            }
        }
    }
}

/// What a line is made of, as people know it.
fn line_title(line: &Line, catalogue: &Catalogue) -> String {
    match &line.source {
        Source::Resource { resource, .. } => {
            catalogue.resource(*resource).map_or("?".to_owned(), |row| row.code.to_string())
        }
        Source::Recipe(used) => {
            catalogue.recipe(used.recipe).map_or("?".to_owned(), |row| row.code.to_string())
        }
        Source::Free { description } => description.to_string(),
    }
}

/// The fields of a recipe version.
pub(super) fn version_fields(version: &RecipeVersion, catalogue: &Catalogue) -> Fields {
    let mut fields = Fields::default();
    fields.push("unit", "unit", Value::String(version.unit.as_str().to_owned()));
    for param in &version.params {
        let key = format!("parameter {}", param.name);
        let bounds = [("min", &param.min), ("max", &param.max), ("default", &param.default)];
        fields.push(key.clone(), key.clone(), Value::String(param.name.to_string()));
        for (field, number) in bounds {
            if let Some(number) = number {
                fields.text(&key, &key, field, number.0);
            }
        }
    }
    definitions(&mut fields, &version.variables, &version.blocks);
    for line in &version.lines {
        recipe_line_fields(&mut fields, line, catalogue);
    }
    fields
}

fn recipe_line_fields(fields: &mut Fields, line: &RecipeLine, catalogue: &Catalogue) {
    let key = line.id.to_string();
    let code = match &line.ingredient {
        Ingredient::Resource(id) => catalogue.resource(*id).map(|row| row.code.to_string()),
        Ingredient::Recipe { recipe, .. } => {
            catalogue.recipe(*recipe).map(|row| row.code.to_string())
        }
    };
    let name = format!("line {}", code.as_deref().unwrap_or("?"));
    fields.text(&key, &name, "factor", line.factor.text());
    let numbers = [
        ("waste", line.waste.map(|n| n.to_string())),
        ("pack", line.pack.map(|n| n.to_string())),
        ("minimum", line.minimum.map(|n| n.to_string())),
        ("note", line.note.as_deref().map(str::to_owned)),
    ];
    for (field, number) in numbers {
        if let Some(number) = number {
            fields.text(&key, &name, field, number);
        }
    }
    if let Ingredient::Recipe { n, params, .. } = &line.ingredient {
        fields.text(&key, &name, "recipeVersion", n);
        for (param, formula) in params {
            fields.text(&key, &name, param, formula.text());
        }
    }
}
