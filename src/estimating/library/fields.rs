//! What the edits of the library carry: the fields of its rows as typed.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::estimating::{
    company::{CompanyRoles, CompanyState},
    cost::CostType,
    edit::{BlockInput, VariableInput},
    price_book::{GstBasis, PriceBookKind},
    resource::Availability,
    tender::{Envelopes, FormOfContract},
};

/// Keeps "absent" (leave as it is) apart from "null" (clear it).
fn some<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    d: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(d).map(Some)
}

/// Fields of a tender; absent ones stay as they are, null clears.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct TenderFields {
    /// Unique for all time (BR-001); needed on a new tender.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// Name; needed on a new tender.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The company that asks for the price (BR-002); null where it is none we know.
    #[serde(deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Uuid>)]
    pub client_id: Option<Option<Uuid>>,
    /// Who asks for the price; the company's name where a company is chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_name: Option<String>,
    /// The client's reference.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_ref: Option<String>,
    /// Where the work is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// Closing time, RFC 3339 with offset, or without one as the time in Pacific/Auckland.
    #[serde(deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub closing_at: Option<Option<String>>,
    /// The notice to tenderers that moves the closing time of a tender past its enquiry (BR-004).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closing_notice: Option<String>,
    /// Days the price holds after closing, 0 to 3650; 90 where never given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validity_days: Option<u32>,
    /// Form of contract; NZS 3910 where never given.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub form_of_contract: Option<FormOfContract>,
    /// Envelopes; one where never given.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub envelopes: Option<Envelopes>,
    /// How likely it is to be won, 0 to 100 percent; null for not known.
    #[serde(deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<u8>)]
    pub probability_pct: Option<Option<u8>>,
}

/// Fields of a company; absent ones stay as they are, null clears.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct CompanyFields {
    /// Name; needed on a new company.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// All of its roles from now on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub roles: Option<CompanyRoles>,
    /// All of its contacts from now on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contacts: Option<Vec<ContactInput>>,
    /// All regions it works in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub regions: Option<Vec<String>>,
    /// All trades it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trades: Option<Vec<String>>,
    /// Free note.
    #[serde(deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub note: Option<Option<String>>,
    /// Whether nothing is bought from it for now (BR-062).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_hold: Option<bool>,
    /// Whether it may be chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<CompanyState>,
}

/// A contact of Xero's, as the sync brings it: what Xero owns of a company (BR-112).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct XeroContact {
    /// Name.
    pub name: String,
    /// All people there.
    #[serde(default)]
    pub contacts: Vec<ContactInput>,
    /// Whether it may be chosen; archived there is archived here.
    pub state: CompanyState,
    /// Its roles, taken where the company is new here; later ones are set here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roles: Option<CompanyRoles>,
}

/// A person at a company, as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ContactInput {
    /// Name.
    pub name: String,
    /// E-mail address.
    pub email: String,
    /// Phone number.
    pub phone: String,
}

/// Fields of a resource; absent ones stay as they are, null clears.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ResourceFields {
    /// Unique in the price book, whatever the case (BR-044); needed on a new resource.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Type; needed on a new resource, fixed once used (BR-045).
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub cost_type: Option<CostType>,
    /// Unit code or one of its aliases; needed on a new resource, fixed once used (BR-045).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// NZD per unit, excluding GST, zero or more, at most four decimals (BR-047).
    #[serde(deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub rate: Option<Option<String>>,
    /// Whether it may enter new lines (BR-053).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub state: Option<Availability>,
    /// Free note.
    #[serde(deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub note: Option<Option<String>>,
    /// Default waste of a new line, 0 to 100 percent, Material only (BR-035).
    #[serde(deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub default_waste: Option<Option<String>>,
    /// Default efficiency of a new line, above zero (BR-034).
    #[serde(deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub default_efficiency: Option<Option<String>>,
}

/// Fields of a price book; absent ones stay as they are, null clears.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct PriceBookFields {
    /// Name; needed on a new price book.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Kind; internal where never given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<PriceBookKind>,
    /// Whose list it is; needed on a supplier's.
    #[serde(deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub supplier: Option<Option<String>>,
    /// Whether its resources are kept out of new lines.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub archived: Option<bool>,
}

/// A rate over a period as typed: either the net rate or what was quoted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct RateEntryInput {
    /// NZD per unit, excluding GST, zero or more, at most four decimals (BR-047).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<String>,
    /// What was quoted, where that was in another currency or with GST.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quoted: Option<QuotedInput>,
    /// First day it holds, such as 2026-04-20; open where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<String>,
    /// Last day it holds; open where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<String>,
}

/// A rate as it was quoted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct QuotedInput {
    /// The figure.
    pub amount: String,
    /// Three letters; NZD where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// NZD for one unit of the currency; needed unless it is NZD (BR-052).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exchange: Option<String>,
    /// The day of the exchange rate; needed unless it is NZD (BR-052).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exchange_date: Option<String>,
    /// Whether GST is in it; exclusive where absent (BR-047).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gst: Option<GstBasis>,
}

/// The whole of a recipe as typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RecipeInput {
    /// Unique among recipes, whatever the case.
    pub code: String,
    /// Name.
    #[serde(default)]
    pub name: String,
    /// Output unit (BR-054).
    pub unit: String,
    /// Parameters.
    #[serde(default)]
    pub params: Vec<ParameterInput>,
    /// Variables over the parameters.
    #[serde(default)]
    pub variables: Vec<VariableInput>,
    /// Calculation blocks.
    #[serde(default)]
    pub blocks: Vec<BlockInput>,
    /// Lines in order, at least one once it is published (BR-054).
    #[serde(default)]
    pub lines: Vec<RecipeLineInput>,
    /// Whether the version stays open to be written again; published otherwise.
    #[serde(default)]
    pub draft: bool,
    /// The version it is written to; a published one is refused (BR-057).
    #[serde(default)]
    pub n: Option<u32>,
}

/// A parameter of a recipe as typed (BR-056).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ParameterInput {
    /// Name as formulas write it.
    pub name: String,
    /// Unit it is given in; text only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Least value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<String>,
    /// Greatest value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<String>,
    /// Value where a line gives none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// What it stands for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A line of a recipe as typed: either a resource or another recipe, per one output unit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct RecipeLineInput {
    /// Identity of a line that was there before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<Uuid>,
    /// Resource.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_id: Option<Uuid>,
    /// Another recipe.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recipe_id: Option<Uuid>,
    /// Version of the other recipe; its current one where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub n: Option<u32>,
    /// Ingredient units per output unit, a number or a formula.
    pub factor: String,
    /// Waste in percent, Material only (BR-035).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waste: Option<String>,
    /// Pack size, Material only (BR-036).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pack: Option<String>,
    /// Least quantity, never on Material (BR-036).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minimum: Option<String>,
    /// Values for the other recipe's parameters, numbers or formulas, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub params: BTreeMap<String, String>,
    /// Free note.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}
