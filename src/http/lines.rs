//! Worksheet lines with their figures.

use super::schema;
use super::worksheets::FormulaError;
use crate::estimating::build_up::{BuildUpError, LeafCost};
use crate::estimating::catalogue::Catalogue;
use crate::estimating::cost::CostType;
use crate::estimating::edit::MethodName;
use crate::estimating::estimate::LineView;
use crate::estimating::formula::Formula;
use crate::estimating::id::{RecipeId, ResourceId};
use crate::estimating::number::{LineQty, Money, Pct, Rate};
use crate::estimating::resource::Availability;
use crate::estimating::worksheet::{self, Method, Source};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// The resource a line is made of.
#[derive(Debug, Serialize, ToSchema)]
pub struct ResourceRef {
    /// Identity.
    pub id: Uuid,
    /// Code.
    pub code: String,
    /// Description.
    pub description: String,
    /// Unit.
    pub unit: String,
    /// State.
    pub state: Availability,
}

/// The recipe a line is made of.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RecipeRef {
    /// Identity.
    pub id: Uuid,
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
    /// The version the line was built with.
    pub n: u32,
    /// The newest version.
    pub current_n: u32,
}

/// A resource a recipe line comes down to.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Leaf {
    /// Codes from the recipe down to the resource, joined by ` > `.
    pub path: String,
    /// The resource.
    pub resource_id: Uuid,
    /// Code.
    pub code: String,
    /// Description.
    pub description: String,
    /// Type.
    #[serde(rename = "type")]
    pub cost_type: CostType,
    /// Unit.
    pub unit: String,
    /// Quantity.
    #[schema(value_type = schema::LineQty)]
    pub quantity: LineQty,
    /// Rate when the line was built.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Rate>)]
    pub rate: Option<Rate>,
    /// Cost.
    #[schema(value_type = schema::Money)]
    pub cost: Money,
}

/// A worksheet line with its figures.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Line {
    /// Identity within the worksheet.
    pub id: Uuid,
    /// How the quantity comes about.
    pub method: MethodName,
    /// The resource it is made of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_id: Option<Uuid>,
    /// The resource it is made of, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource: Option<ResourceRef>,
    /// The recipe it is made of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recipe_id: Option<Uuid>,
    /// The recipe it is made of, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recipe: Option<RecipeRef>,
    /// Words of a free line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Type the cost is booked as.
    #[serde(rename = "type")]
    pub cost_type: CostType,
    /// Unit of the inputs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Rate when the line was built.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Rate>)]
    pub rate: Option<Rate>,
    /// Count (time, norm).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<String>,
    /// Item units per hour (time).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub production: Option<String>,
    /// Efficiency (time, norm).
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
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Pct>)]
    pub waste: Option<Pct>,
    /// Pack size.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::LineQty>)]
    pub pack: Option<LineQty>,
    /// Minimum quantity.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::LineQty>)]
    pub minimum: Option<LineQty>,
    /// Amount (lump).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Money>)]
    pub amount: Option<Money>,
    /// Percent (percent-of).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Pct>)]
    pub percent: Option<Pct>,
    /// Types the percentage is worked on (percent-of).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of_types: Option<Vec<CostType>>,
    /// Recipe parameters by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(required = false)]
    pub params: BTreeMap<String, String>,
    /// The quantity may be negative.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    pub credit: bool,
    /// Rate 0 counts as priced.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    pub free_issue: bool,
    /// Free note.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Quantity, worked out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::LineQty>)]
    pub line_quantity: Option<LineQty>,
    /// Cost.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Money>)]
    pub cost: Option<Money>,
    /// The rate the price book has now, where it differs.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Rate>)]
    pub current_rate: Option<Rate>,
    /// Set where the rate or recipe version is no longer the current one.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    pub diverged: bool,
    /// The sum in words, such as `1 × 850 ÷ (68 × 0.83)`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub working: Option<String>,
    /// The resources a recipe line comes down to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub leaves: Vec<Leaf>,
    /// Why the line has no cost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<FormulaError>,
}

impl ResourceRef {
    /// A resource in words; none when it is not in the price book any more.
    pub fn of(catalogue: &Catalogue, id: ResourceId) -> Option<ResourceRef> {
        let resource = catalogue.resource(id)?;
        Some(ResourceRef {
            id: id.0,
            code: resource.code.to_string(),
            description: resource.description.to_string(),
            unit: resource.unit.to_string(),
            state: resource.state,
        })
    }
}

impl RecipeRef {
    /// Version `n` of a recipe in words; none when the recipe is not there any more.
    pub fn of(catalogue: &Catalogue, id: RecipeId, n: u32) -> Option<RecipeRef> {
        let recipe = catalogue.recipe(id)?;
        Some(RecipeRef {
            id: id.0,
            code: recipe.code.to_string(),
            name: recipe.name.to_string(),
            n,
            current_n: recipe.current,
        })
    }
}

impl Leaf {
    /// A leaf of a recipe.
    pub fn of(catalogue: &Catalogue, leaf: &LeafCost) -> Leaf {
        let resource = catalogue.resource(leaf.resource);
        let code = resource.map(|r| r.code.to_string()).unwrap_or_default();
        Leaf {
            path: leaf.path.join(" > "),
            resource_id: leaf.resource.0,
            code,
            description: resource.map(|r| r.description.to_string()).unwrap_or_default(),
            cost_type: leaf.cost_type,
            unit: leaf.unit.to_string(),
            quantity: leaf.quantity,
            rate: leaf.rate,
            cost: leaf.cost,
        }
    }
}

/// The formulas of a method by field.
#[derive(Default)]
struct Inputs {
    count: Option<String>,
    production: Option<String>,
    efficiency: Option<String>,
    hours: Option<String>,
    usage: Option<String>,
    quantity: Option<String>,
    amount: Option<Money>,
    percent: Option<Pct>,
    of_types: Option<Vec<CostType>>,
}

impl Inputs {
    fn of(method: &Method) -> Inputs {
        let text = |formula: &Formula| Some(formula.text().into_owned());
        match method {
            Method::Time { count, production, efficiency, .. } => Inputs {
                count: text(count),
                production: text(production),
                efficiency: text(efficiency),
                ..Inputs::default()
            },
            Method::Norm { count, hours, efficiency, .. } => Inputs {
                count: text(count),
                hours: text(hours),
                efficiency: text(efficiency),
                ..Inputs::default()
            },
            Method::Fixed { quantity, .. } => {
                Inputs { quantity: text(quantity), ..Inputs::default() }
            }
            Method::Usage { usage, .. } => Inputs { usage: text(usage), ..Inputs::default() },
            Method::Subcontract => Inputs::default(),
            Method::Lump { amount } => Inputs { amount: Some(*amount), ..Inputs::default() },
            Method::PercentOf { percent, of } => Inputs {
                percent: Some(*percent),
                of_types: Some(of.iter().collect()),
                ..Inputs::default()
            },
        }
    }
}

fn method_name(method: &Method) -> MethodName {
    match method {
        Method::Time { .. } => MethodName::Time,
        Method::Norm { .. } => MethodName::Norm,
        Method::Fixed { .. } => MethodName::Fixed,
        Method::Usage { .. } => MethodName::Usage,
        Method::Subcontract => MethodName::Subcontract,
        Method::Lump { .. } => MethodName::Lump,
        Method::PercentOf { .. } => MethodName::PercentOf,
    }
}

/// Parameters by name.
pub fn params_of(params: &[(Box<str>, Formula)]) -> BTreeMap<String, String> {
    params.iter().map(|(name, f)| (name.to_string(), f.text().into_owned())).collect()
}

impl Line {
    /// A line with what it comes to, or what keeps it from coming to anything.
    pub fn of(view: &LineView<'_>, fault: Option<&BuildUpError>, catalogue: &Catalogue) -> Line {
        let line: &worksheet::Line = view.line;
        let inputs = Inputs::of(&line.method);
        let (resource, recipe) = (line.resource(), line.recipe());
        let description = match &line.source {
            Source::Free { description } => Some(description.to_string()),
            Source::Resource { .. } | Source::Recipe(_) => None,
        };
        Line {
            id: line.id.0,
            method: method_name(&line.method),
            resource_id: resource.map(|id| id.0),
            resource: resource.and_then(|id| ResourceRef::of(catalogue, id)),
            recipe_id: recipe.map(|r| r.recipe.0),
            recipe: recipe.and_then(|r| RecipeRef::of(catalogue, r.recipe, r.n)),
            description,
            cost_type: line.cost_type,
            unit: line.unit.map(|unit| unit.to_string()),
            rate: line.rate,
            count: inputs.count,
            production: inputs.production,
            efficiency: inputs.efficiency,
            hours: inputs.hours,
            usage: inputs.usage,
            quantity: inputs.quantity,
            waste: line.method.waste(),
            pack: line.method.pack(),
            minimum: line.method.minimum(),
            amount: inputs.amount,
            percent: inputs.percent,
            of_types: inputs.of_types,
            params: recipe.map(|r| params_of(&r.params)).unwrap_or_default(),
            credit: line.credit,
            free_issue: line.free_issue,
            note: line.note().map(str::to_owned),
            line_quantity: view.cost.as_ref().and_then(|cost| cost.quantity),
            cost: view.cost.as_ref().map(|cost| cost.sums.total()),
            current_rate: view.current_rate.filter(|now| Some(*now) != line.rate),
            diverged: view.diverged,
            working: Some(view.working.clone()),
            leaves: view.leaves.iter().map(|leaf| Leaf::of(catalogue, leaf)).collect(),
            error: fault.map(FormulaError::from),
        }
    }
}
