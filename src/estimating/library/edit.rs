//! What a person asks of the library. Texts arrive as typed and are parsed by the edit, so that a
//! refusal names the field, the place in the text and the rule.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::course::Move;
use super::fields::{
    CompanyFields, PriceBookFields, RateEntryInput, RecipeInput, ResourceFields, TenderFields,
    XeroContact,
};
use crate::estimating::{
    branding::BrandingFields,
    categorisation::{CategorisationFields, LabelledKind},
    content::ContentKindFields,
    resource::Availability,
    tender::{EstimateState, TenderState},
    tender_record::NoticeState,
    thresholds::ThresholdsFields,
    units::Dimension,
    user::Role,
};

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
        /// Who answers for its first estimate; as with [`LibraryEdit::AddEstimate`].
        #[serde(default)]
        lead_id: Option<Uuid>,
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
        /// What comes with it: the price accepted, or how it ended.
        #[serde(default)]
        how: Box<Move>,
    },
    /// Records whether to bid for an enquiry (BR-003).
    DecideTender {
        /// The tender.
        id: Uuid,
        /// Its version as read.
        #[serde(default)]
        version: Option<u64>,
        /// Go, or no-go.
        go: bool,
        /// Why.
        reason: String,
    },
    /// Adds a notice to tenderers, or changes the one with its number.
    PutNotice {
        /// The tender.
        tender_id: Uuid,
        /// The client's number.
        number: String,
        /// Its date, `2026-11-22`; needed on a new one.
        #[serde(default)]
        date: Option<String>,
        /// What it says, in short.
        #[serde(default)]
        title: Option<String>,
        /// How far it is dealt with; open on a new one.
        #[serde(default)]
        #[schema(value_type = Option<String>)]
        state: Option<NoticeState>,
    },
    /// Takes out a notice that was entered by mistake.
    RemoveNotice {
        /// The tender.
        tender_id: Uuid,
        /// The client's number.
        number: String,
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
        /// Who answers for it; where absent the user who makes it if allowed, else the one person
        /// who is (BR-009).
        #[serde(default)]
        lead_id: Option<Uuid>,
    },
    /// A new categorisation.
    AddCategorisation {
        /// Identity.
        #[serde(default)]
        id: Option<Uuid>,
        /// Its fields.
        set: Box<CategorisationFields>,
    },
    /// New values for some fields of a categorisation.
    UpdateCategorisation {
        /// The categorisation.
        id: Uuid,
        /// Its version as read.
        #[serde(default)]
        version: Option<u64>,
        /// New values.
        set: Box<CategorisationFields>,
    },
    /// A row carries these options of categorisations from now on, and no others.
    SetLabels {
        /// The row.
        id: Uuid,
        /// What it is.
        kind: LabelledKind,
        /// The estimate of an item.
        #[serde(default)]
        estimate_id: Option<Uuid>,
        /// The options.
        options: Vec<Uuid>,
    },
    /// A new kind of content block.
    AddContentKind {
        /// Identity.
        #[serde(default)]
        id: Option<Uuid>,
        /// Its fields.
        set: ContentKindFields,
    },
    /// New values for a kind of content block.
    UpdateContentKind {
        /// The kind.
        id: Uuid,
        /// Its version as read.
        #[serde(default)]
        version: Option<u64>,
        /// New values.
        set: ContentKindFields,
    },
    /// New values for some of how documents look.
    SetBranding {
        /// The look's version as read; 0 before anybody styled anything.
        #[serde(default)]
        version: Option<u64>,
        /// New values.
        #[schema(value_type = Object)]
        set: Box<BrandingFields>,
    },
    /// New values for some figures of rules.
    SetThresholds {
        /// Their version as read; 0 before anybody set any.
        #[serde(default)]
        version: Option<u64>,
        /// New values.
        #[schema(value_type = Object)]
        set: Box<ThresholdsFields>,
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
    /// A new price book, its version 1 open to be written.
    AddPriceBook {
        /// Identity.
        #[serde(default)]
        id: Option<Uuid>,
        /// Its fields.
        set: Box<PriceBookFields>,
    },
    /// New values for some fields of a price book.
    UpdatePriceBook {
        /// The price book.
        id: Uuid,
        /// Its version as read.
        #[serde(default)]
        version: Option<u64>,
        /// New values.
        set: Box<PriceBookFields>,
    },
    /// Opens the next version of a price book; rates written from then on go there.
    DraftPriceBook {
        /// The price book.
        id: Uuid,
    },
    /// Takes the open version of a price book away with all that was written in it.
    DiscardPriceBookDraft {
        /// The price book.
        id: Uuid,
        /// Number of the open version.
        n: u32,
    },
    /// Publishes the open version of a price book (BR-046, BR-048, BR-049).
    PublishPriceBook {
        /// The price book.
        id: Uuid,
        /// Number of the open version.
        n: u32,
        /// The open version's own version as read.
        #[serde(default)]
        version: Option<u64>,
        /// Why it was made.
        #[serde(default)]
        note: Option<String>,
    },
    /// Takes an earlier published version of a price book out of offer.
    ArchivePriceBookVersion {
        /// The price book.
        id: Uuid,
        /// Its number.
        n: u32,
    },
    /// All rates of a resource from now on: in the open version of its price book, or in one of
    /// their own that is published at once (BR-046).
    SetRates {
        /// The resource.
        resource_id: Uuid,
        /// The version to write in; a published one is refused.
        #[serde(default)]
        n: Option<u32>,
        /// The resource's version as read.
        #[serde(default)]
        version: Option<u64>,
        /// The rates; none takes the rate away.
        entries: Vec<RateEntryInput>,
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
    /// Takes the open version of a recipe away.
    DiscardRecipeDraft {
        /// The recipe.
        id: Uuid,
        /// Its version as read.
        #[serde(default)]
        version: Option<u64>,
    },
    /// Takes an earlier published version of a recipe out of offer.
    ArchiveRecipeVersion {
        /// The recipe.
        id: Uuid,
        /// Its number.
        n: u32,
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
    /// What the sync with Xero brings of one contact: the company linked to it is changed, or the
    /// one given is linked to it, or a new one is made.
    SyncCompany {
        /// The contact's identity in Xero (BR-112).
        contact: Uuid,
        /// A company to link to it, where none is yet.
        #[serde(default)]
        company: Option<Uuid>,
        /// What Xero says of it.
        set: Box<XeroContact>,
    },
    /// Ends the link of a company to its Xero contact: it is changed here from then on.
    UnlinkCompany {
        /// The contact's identity in Xero.
        contact: Uuid,
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
            | LibraryEdit::PutNotice { .. }
            | LibraryEdit::RemoveNotice { .. }
            | LibraryEdit::AddEstimate { .. }
            | LibraryEdit::AddResource { .. }
            | LibraryEdit::UpdateResource { .. }
            | LibraryEdit::DeleteResource { .. }
            | LibraryEdit::AddPriceBook { .. }
            | LibraryEdit::UpdatePriceBook { .. }
            | LibraryEdit::DraftPriceBook { .. }
            | LibraryEdit::DiscardPriceBookDraft { .. }
            | LibraryEdit::PublishPriceBook { .. }
            | LibraryEdit::ArchivePriceBookVersion { .. }
            | LibraryEdit::SetRates { .. }
            | LibraryEdit::AddRecipe { .. }
            | LibraryEdit::SaveRecipe { .. }
            | LibraryEdit::DiscardRecipeDraft { .. }
            | LibraryEdit::ArchiveRecipeVersion { .. }
            | LibraryEdit::UpdateRecipe { .. }
            | LibraryEdit::DeleteRecipe { .. }
            | LibraryEdit::AddUnit { .. }
            | LibraryEdit::UpdateUnit { .. }
            | LibraryEdit::SetConversion { .. }
            | LibraryEdit::DeleteConversion { .. }
            | LibraryEdit::AddCompany { .. }
            | LibraryEdit::UpdateCompany { .. }
            | LibraryEdit::SetLabels { .. }
            | LibraryEdit::MarkUsed { .. } => Role::Estimator,
            LibraryEdit::SetTenderState { .. }
            | LibraryEdit::DecideTender { .. }
            | LibraryEdit::SetEstimateLead { .. }
            | LibraryEdit::SetEstimateState { .. }
            | LibraryEdit::AddCategorisation { .. }
            | LibraryEdit::UpdateCategorisation { .. }
            | LibraryEdit::DeleteUnit { .. } => Role::LeadEstimator,
            LibraryEdit::DeleteTender { .. }
            | LibraryEdit::SyncCompany { .. }
            | LibraryEdit::UnlinkCompany { .. }
            | LibraryEdit::SetBranding { .. }
            | LibraryEdit::SetThresholds { .. }
            | LibraryEdit::AddContentKind { .. }
            | LibraryEdit::UpdateContentKind { .. } => Role::Admin,
        }
    }
}
