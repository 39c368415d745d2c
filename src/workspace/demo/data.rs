//! The demonstration's data as it is written down.

use crate::estimating::{
    commercials::Nature,
    cost::CostType,
    edit::{
        CommercialRuleFields, Edit, ItemFields, LineFields, MethodName, RuleBaseInput,
        RuleKindInput, RuleScopeInput, WithinInput,
    },
    item::ItemType,
    library::{LibraryEdit, ParameterInput, ResourceFields},
    tender::{FormOfContract, TenderState},
};
use serde::Deserialize;
use std::collections::BTreeMap;
use uuid::Uuid;

/// A resource or a recipe.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Resource(Uuid),
    Recipe(Uuid),
}

impl Kind {
    /// The identity as one of the two fields that take it.
    pub(super) fn split(self) -> (Option<Uuid>, Option<Uuid>) {
        match self {
            Kind::Resource(id) => (Some(id), None),
            Kind::Recipe(id) => (None, Some(id)),
        }
    }
}

/// Code, type, unit, rate, description.
type ResourceData = (String, CostType, String, String, String);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PriceBookData {
    pub resources: Vec<ResourceData>,
    pub recipe: Vec<RecipeData>,
}

pub(super) fn add_resource(data: &ResourceData) -> LibraryEdit {
    let (code, cost_type, unit, rate, description) = data.clone();
    let set = Box::new(ResourceFields {
        code: Some(code),
        description: Some(description),
        cost_type: Some(cost_type),
        unit: Some(unit),
        rate: Some(Some(rate)),
        ..ResourceFields::default()
    });
    LibraryEdit::AddResource { id: None, book_id: None, set }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RecipeData {
    pub code: String,
    pub name: String,
    pub unit: String,
    #[serde(default)]
    pub params: Vec<ParameterInput>,
    pub lines: Vec<RecipeLineData>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RecipeLineData {
    pub of: String,
    pub factor: String,
    pub waste: Option<String>,
    pub pack: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TendersData {
    pub tender: Vec<TenderData>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TenderData {
    pub number: String,
    pub name: String,
    pub client: String,
    pub reference: String,
    pub location: String,
    pub closing_days: i64,
    pub state: TenderState,
    pub form: Option<FormOfContract>,
    #[serde(default)]
    pub variables: Vec<(String, String, String)>,
    /// Code of the item that takes the misclose.
    pub balancing: Option<String>,
    /// Codes of items with the rates they are locked at.
    #[serde(default)]
    pub locked: Vec<(String, String)>,
    pub row: Vec<RowData>,
    #[serde(default)]
    pub rule: Vec<RuleData>,
}

/// A commercial rule; one of `pool`, `markup`, `margin` and `lump_sum` says what it adds.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RuleData {
    pub name: String,
    pub nature: Option<Nature>,
    pub pool: Vec<String>,
    pub markup: Option<String>,
    pub margin: Option<String>,
    pub lump_sum: Option<String>,
    /// Worked on the cost of these types.
    pub of_types: Vec<CostType>,
    /// Worked on direct cost.
    pub direct: bool,
    /// Code of the heading it is for.
    pub under: Option<String>,
}

impl RuleData {
    /// The edit that adds it; `known` gives the identity of a row by its code.
    pub(super) fn edit(
        &self,
        known: impl Fn(&str) -> Result<Uuid, super::DemoError>,
    ) -> Result<Edit, super::DemoError> {
        let (floor, cap) = (None, None);
        let kind = if let Some(percent) = self.markup.clone() {
            RuleKindInput::PercentMarkup { percent, floor, cap }
        } else if let Some(percent) = self.margin.clone() {
            RuleKindInput::PercentMargin { percent, floor, cap }
        } else if let Some(amount) = self.lump_sum.clone() {
            RuleKindInput::LumpSum { amount }
        } else {
            let items = self.pool.iter().map(|code| known(code)).collect::<Result<_, _>>()?;
            RuleKindInput::SpreadIndirect { items }
        };
        let base = match (self.direct, self.of_types.is_empty()) {
            (true, _) => RuleBaseInput::Direct {},
            (false, false) => RuleBaseInput::Types { types: self.of_types.clone() },
            (false, true) => RuleBaseInput::Running {},
        };
        let within = match &self.under {
            Some(code) => WithinInput::Heading { id: known(code)? },
            None => WithinInput::All {},
        };
        let set = Box::new(CommercialRuleFields {
            name: Some(self.name.clone()),
            kind: Some(kind),
            base: Some(base),
            scope: Some(RuleScopeInput { within, except: Vec::new() }),
            nature: self.nature,
            ..CommercialRuleFields::default()
        });
        Ok(Edit::AddRule { id: None, set })
    }
}

/// A heading when it has `heading`, else an item.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RowData {
    pub code: String,
    pub under: Option<String>,
    pub heading: Option<String>,
    #[serde(rename = "type")]
    pub item_type: Option<ItemType>,
    pub name: String,
    pub unit: Option<String>,
    pub quantity: Option<String>,
    pub indirect: bool,
    pub plug: Option<(String, CostType)>,
    pub client_amount: Option<String>,
    pub percent: Option<String>,
    pub linked: Vec<String>,
    pub reviewed: bool,
    pub lines: Vec<LineData>,
}

impl RowData {
    pub(super) fn fields(&self) -> ItemFields {
        ItemFields {
            item_type: self.item_type,
            code: Some(self.code.clone()),
            description: Some(self.name.clone()),
            unit: self.unit.clone().map(Some),
            quantity: self.quantity.clone().map(Some),
            plug_rate: self.plug.as_ref().map(|(rate, _)| Some(rate.clone())),
            plug_type: self.plug.as_ref().map(|(_, cost_type)| *cost_type),
            indirect: self.indirect.then_some(true),
            client_amount: self.client_amount.clone().map(Some),
            percent: self.percent.clone().map(Some),
            ..ItemFields::default()
        }
    }
}

/// A worksheet line: of a resource or recipe by its code, or with its own text.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct LineData {
    pub method: Option<MethodName>,
    pub of: Option<String>,
    pub text: Option<String>,
    #[serde(rename = "type")]
    pub cost_type: Option<CostType>,
    pub unit: Option<String>,
    pub rate: Option<String>,
    pub count: Option<String>,
    pub production: Option<String>,
    pub efficiency: Option<String>,
    pub hours: Option<String>,
    pub usage: Option<String>,
    pub quantity: Option<String>,
    pub waste: Option<String>,
    pub pack: Option<String>,
    pub minimum: Option<String>,
    pub amount: Option<String>,
    pub percent: Option<String>,
    pub of_types: Option<Vec<CostType>>,
    pub params: Option<BTreeMap<String, String>>,
    pub note: Option<String>,
}

impl LineData {
    pub(super) fn fields(&self) -> LineFields {
        LineFields {
            method: self.method,
            description: self.text.clone(),
            cost_type: self.cost_type,
            unit: self.unit.clone().map(Some),
            rate: self.rate.clone().map(Some),
            count: self.count.clone(),
            production: self.production.clone(),
            efficiency: self.efficiency.clone(),
            hours: self.hours.clone(),
            usage: self.usage.clone(),
            quantity: self.quantity.clone(),
            waste: self.waste.clone().map(Some),
            pack: self.pack.clone().map(Some),
            minimum: self.minimum.clone().map(Some),
            amount: self.amount.clone(),
            percent: self.percent.clone(),
            of_types: self.of_types.clone(),
            params: self.params.clone(),
            note: self.note.clone().map(Some),
            ..LineFields::default()
        }
    }
}

/// The states a new tender goes through to `state`. Submitting and what follows it take more than
/// the demonstration has.
pub(super) fn way_to(state: TenderState) -> Vec<TenderState> {
    match state {
        TenderState::Enquiry => Vec::new(),
        TenderState::Active | TenderState::Declined => vec![state],
        TenderState::Withdrawn
        | TenderState::Submitted
        | TenderState::Won
        | TenderState::Lost
        | TenderState::NoAward => vec![TenderState::Active, state],
        TenderState::Archived => vec![TenderState::Declined, state],
    }
}
