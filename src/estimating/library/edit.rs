//! What a person asks of the library. Texts arrive as typed and are parsed by the edit, so that a
//! refusal names the field, the place in the text and the rule.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::estimating::{
    company::{CompanyRoles, CompanyState},
    cost::CostType,
    edit::{BlockInput, VariableInput},
    resource::Availability,
    tender::{Envelopes, EstimateState, FormOfContract, TenderState},
    units::Dimension,
    user::Role,
};

/// Keeps "absent" (leave as it is) apart from "null" (clear it).
fn some<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    d: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(d).map(Some)
}

/// One edit of what all estimates share. `id`s are chosen by the server where absent. A `version`
/// is the one read before the edit; where given, a row that has changed since is refused (BR-099).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(
    tag = "op",
    rename_all = "kebab-case",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum LibraryEdit {
    /// A new tender in state Enquiry, with a first estimate "BASE". Gives the ids of both.
    AddTender {
        /// Identity of the tender.
        #[serde(default)]
        id: Option<Uuid>,
        /// Identity of its first estimate.
        #[serde(default)]
        estimate_id: Option<Uuid>,
        /// Leaves the first estimate away.
        #[serde(default)]
        bare: bool,
        /// Its fields.
        set: Box<TenderFields>,
    },
    /// New values for some fields of a tender.
    UpdateTender {
        /// The tender.
        id: Uuid,
        /// Its version as read.
        #[serde(default)]
        version: Option<u64>,
        /// New values.
        set: Box<TenderFields>,
    },
    /// Moves a tender along its states (BR-005).
    SetTenderState {
        /// The tender.
        id: Uuid,
        /// Its version as read.
        #[serde(default)]
        version: Option<u64>,
        /// Its new state.
        #[schema(value_type = String)]
        state: TenderState,
        /// The submitted revision that was accepted; needed for `won` (BR-006).
        #[serde(default)]
        accepted_estimate_id: Option<Uuid>,
    },
    /// Deletes a tender that never had a submission, with its estimates (BR-008).
    DeleteTender {
        /// The tender.
        id: Uuid,
        /// Its version as read.
        #[serde(default)]
        version: Option<u64>,
    },
    /// A new estimate of a tender, at revision 1 (BR-010).
    AddEstimate {
        /// Identity.
        #[serde(default)]
        id: Option<Uuid>,
        /// The tender it prices.
        tender_id: Uuid,
        /// Unique in the tender, whatever the case.
        code: String,
        /// Name; the tender's where absent.
        #[serde(default)]
        name: Option<String>,
        /// Who answers for it; the user who makes it where absent and allowed (BR-009).
        #[serde(default)]
        lead_id: Option<Uuid>,
    },
    /// Another person answers for an estimate (BR-009).
    SetEstimateLead {
        /// The estimate.
        id: Uuid,
        /// Its version as read.
        #[serde(default)]
        version: Option<u64>,
        /// Who answers for it from now on.
        lead_id: Uuid,
    },
    /// Moves an estimate along its states (BR-018); only archiving is done by hand.
    SetEstimateState {
        /// The estimate.
        id: Uuid,
        /// Its version as read.
        #[serde(default)]
        version: Option<u64>,
        /// Its new state.
        #[schema(value_type = String)]
        state: EstimateState,
    },
    /// A new resource.
    AddResource {
        /// Identity.
        #[serde(default)]
        id: Option<Uuid>,
        /// The organisation's internal price book where absent.
        #[serde(default)]
        book_id: Option<Uuid>,
        /// Its fields.
        set: Box<ResourceFields>,
    },
    /// New values for some fields of a resource.
    UpdateResource {
        /// The resource.
        id: Uuid,
        /// Its version as read.
        #[serde(default)]
        version: Option<u64>,
        /// New values.
        set: Box<ResourceFields>,
    },
    /// Deletes a resource no line ever used (BR-053).
    DeleteResource {
        /// The resource.
        id: Uuid,
        /// Its version as read.
        #[serde(default)]
        version: Option<u64>,
    },
    /// A new recipe at version 1.
    AddRecipe {
        /// Identity.
        #[serde(default)]
        id: Option<Uuid>,
        /// Its content.
        recipe: Box<RecipeInput>,
    },
    /// New content of a recipe: makes the next version, which new lines take. Content equal to the
    /// current version's makes none.
    SaveRecipe {
        /// The recipe.
        id: Uuid,
        /// Its version as read.
        #[serde(default)]
        version: Option<u64>,
        /// Its whole new content.
        recipe: Box<RecipeInput>,
    },
    /// New code, name or state of a recipe.
    UpdateRecipe {
        /// The recipe.
        id: Uuid,
        /// Its version as read.
        #[serde(default)]
        version: Option<u64>,
        /// New code.
        #[serde(default)]
        code: Option<String>,
        /// New name.
        #[serde(default)]
        name: Option<String>,
        /// Whether it may enter new lines.
        #[serde(default)]
        #[schema(value_type = Option<String>)]
        state: Option<Availability>,
    },
    /// Deletes a recipe that no line and no other recipe ever used.
    DeleteRecipe {
        /// The recipe.
        id: Uuid,
        /// Its version as read.
        #[serde(default)]
        version: Option<u64>,
    },
    /// A new unit of measure, or one that was hidden.
    AddUnit {
        /// The code printed in schedules, 1 to 12 bytes.
        code: String,
        /// The full name.
        name: String,
        /// Other spellings of the same measure.
        #[serde(default)]
        aliases: Vec<String>,
        /// What it measures.
        #[schema(value_type = String)]
        dimension: Dimension,
    },
    /// New name or aliases of a unit; its code stands in every estimate and never changes.
    UpdateUnit {
        /// Its code or any of its spellings.
        code: String,
        /// New name.
        #[serde(default)]
        name: Option<String>,
        /// All of its other spellings from now on.
        #[serde(default)]
        aliases: Option<Vec<String>>,
    },
    /// Hides a unit: rows that have it keep it, new ones cannot take it.
    DeleteUnit {
        /// Its code or any of its spellings.
        code: String,
    },
    /// How many `to` one `from` is (BR-042).
    SetConversion {
        /// The unit converted.
        from: String,
        /// The unit it becomes.
        to: String,
        /// How many `to` one `from` is, above zero, at most six decimals.
        factor: String,
    },
    /// Forgets a conversion; lines that used it keep its factor.
    DeleteConversion {
        /// The unit converted.
        from: String,
        /// The unit it becomes.
        to: String,
    },
    /// A new company.
    AddCompany {
        /// Identity.
        #[serde(default)]
        id: Option<Uuid>,
        /// Its fields.
        set: Box<CompanyFields>,
    },
    /// New values for some fields of a company; it is archived, never deleted.
    UpdateCompany {
        /// The company.
        id: Uuid,
        /// Its version as read.
        #[serde(default)]
        version: Option<u64>,
        /// New values.
        set: Box<CompanyFields>,
    },
    /// Notes the first use of resources and recipes by a line (BR-045, BR-053). Made by the
    /// server beside the edit that uses them, never asked for.
    #[serde(skip)]
    #[schema(ignore)]
    MarkUsed {
        /// Resources a line used.
        resources: Vec<Uuid>,
        /// Recipes a line used.
        recipes: Vec<Uuid>,
    },
}

impl LibraryEdit {
    /// The least role that may ask for it (BR-114): tender outcomes and the state of estimates are
    /// a Lead's, deleting a tender an Admin's.
    pub const fn least_role(&self) -> Role {
        match self {
            LibraryEdit::AddTender { .. }
            | LibraryEdit::UpdateTender { .. }
            | LibraryEdit::AddEstimate { .. }
            | LibraryEdit::AddResource { .. }
            | LibraryEdit::UpdateResource { .. }
            | LibraryEdit::DeleteResource { .. }
            | LibraryEdit::AddRecipe { .. }
            | LibraryEdit::SaveRecipe { .. }
            | LibraryEdit::UpdateRecipe { .. }
            | LibraryEdit::DeleteRecipe { .. }
            | LibraryEdit::AddUnit { .. }
            | LibraryEdit::UpdateUnit { .. }
            | LibraryEdit::SetConversion { .. }
            | LibraryEdit::DeleteConversion { .. }
            | LibraryEdit::AddCompany { .. }
            | LibraryEdit::UpdateCompany { .. }
            | LibraryEdit::MarkUsed { .. } => Role::Estimator,
            LibraryEdit::SetTenderState { .. }
            | LibraryEdit::SetEstimateLead { .. }
            | LibraryEdit::SetEstimateState { .. }
            | LibraryEdit::DeleteUnit { .. } => Role::LeadEstimator,
            LibraryEdit::DeleteTender { .. } => Role::Admin,
        }
    }
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
    /// Who asks for the price.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_name: Option<String>,
    /// The client's reference.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_ref: Option<String>,
    /// Where the work is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// Closing time, RFC 3339 with offset.
    #[serde(deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub closing_at: Option<Option<String>>,
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
    /// Lines in order, at least one (BR-054).
    #[serde(default)]
    pub lines: Vec<RecipeLineInput>,
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
