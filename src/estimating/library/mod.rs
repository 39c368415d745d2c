//! The library: all that the estimates of an organisation share, and the rules it keeps.
//!
//! [`Library::edit`] turns what a person asks into changes of rows, or refuses. Estimates appear
//! here as rows only; what is inside them is loaded on demand elsewhere.

mod approvals;
mod branding;
mod companies;
mod content_kinds;
mod course;
mod draft;
mod edit;
mod estimates;
mod fields;
mod labels;
mod preview;
mod price_books;
mod rates;
mod recipe_nesting;
mod recipe_rules;
mod recipe_trial;
mod recipes;
mod resources;
mod restore;
mod standard;
mod tenders;
mod thresholds;
mod units;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use imbl::{OrdMap, OrdSet};
use uuid::Uuid;

pub use course::{Move, OutcomeInput};
pub use edit::LibraryEdit;
pub use fields::{
    CompanyFields, ContactInput, ParameterInput, PriceBookFields, QuotedInput, RateEntryInput,
    RecipeInput, RecipeLineInput, ResourceFields, TenderFields, XeroContact,
};
pub use preview::{Preview, PreviewInput};
pub use restore::only_marks_use;
pub use standard::standard;

use super::{
    branding::Branding,
    catalogue::{Catalogue, fold_code},
    categorisation::{Categorisation, Labels},
    change::{Delta, LibraryChange},
    company::Company,
    content::OwnContentKind,
    id::{
        ApprovalId, CategorisationId, CompanyId, ContentKindId, EstimateId, HandoverId, IdSource,
        LabelledId, SubmissionId, TenderId, UserId,
    },
    limits::EDITS_MAX,
    number::Pct,
    refusal::Refusal,
    submission::{Approval, Handover, Submission},
    tender::{EstimateRow, Tender},
    typed,
};
use draft::Draft;

/// GST where the organisation says nothing else (domain 2.2).
const GST_PCT_DEFAULT: Pct = match Pct::whole(15) {
    Some(pct) => pct,
    None => Pct::ZERO,
};

/// What all estimates of an organisation share. O(1) to clone.
#[derive(Clone, Default)]
pub struct Library {
    /// Units, price books, resources and recipes.
    pub catalogue: Catalogue,
    tenders: OrdMap<TenderId, Arc<Tender>>,
    estimates: OrdMap<EstimateId, Arc<EstimateRow>>,
    approvals: OrdMap<(EstimateId, ApprovalId), Arc<Approval>>,
    submissions: OrdMap<(EstimateId, SubmissionId), Arc<Submission>>,
    handovers: OrdMap<(TenderId, HandoverId), Arc<Handover>>,
    branding: Option<Arc<Branding>>,
    categorisations: OrdMap<CategorisationId, Arc<Categorisation>>,
    content_kinds: OrdMap<ContentKindId, Arc<OwnContentKind>>,
    labels: OrdMap<LabelledId, Arc<Labels>>,
    /// Tender numbers, folded (BR-001).
    tender_numbers: OrdMap<Box<str>, TenderId>,
    /// Estimates by tender; identities count up, so they come in order of making.
    tender_estimates: OrdSet<(TenderId, EstimateId)>,
}

/// Who edits, when, and where new identities come from.
pub struct LibraryContext<'a> {
    /// Who edits.
    pub by: UserId,
    /// When, in microseconds since 1970, UTC.
    pub at_us: i64,
    /// Fresh identities.
    pub ids: &'a mut dyn IdSource,
    /// Users who hold the Lead Estimator or Admin role (BR-009).
    pub leads: &'a [UserId],
    /// GST of new estimates, in percent.
    pub gst_pct: Pct,
}

impl<'a> LibraryContext<'a> {
    /// A context without leads and with GST at 15 percent.
    pub fn new(by: UserId, at_us: i64, ids: &'a mut dyn IdSource) -> Self {
        LibraryContext { by, at_us, ids, leads: &[], gst_pct: GST_PCT_DEFAULT }
    }
}

/// What an edit has done: one change per row, whatever the number of edits that touched it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LibraryOutcome {
    /// Changes of units, price books, resources, recipes, tenders and companies, in that order.
    pub changes: Vec<LibraryChange>,
    /// Changes of estimates' own rows. A deleted one takes all that is in it along.
    pub estimate_rows: Vec<Delta<EstimateRow>>,
    /// The identities each edit made or, where it made none, changed.
    pub ids: Vec<Vec<Uuid>>,
    /// What was done, in a few words.
    pub label: String,
}

/// What one edit has done.
struct Done {
    ids: Vec<Uuid>,
    label: String,
}

impl Done {
    fn new(ids: impl Into<Vec<Uuid>>, label: impl Into<String>) -> Result<Done, Refusal> {
        Ok(Done { ids: ids.into(), label: label.into() })
    }
}

impl Library {
    /// A tender. O(log n).
    pub fn tender(&self, id: TenderId) -> Option<&Arc<Tender>> {
        self.tenders.get(&id)
    }
    /// Every tender, oldest first. O(n).
    pub fn tenders(&self) -> impl DoubleEndedIterator<Item = &Arc<Tender>> {
        self.tenders.values()
    }
    /// How many tenders there are.
    pub fn tender_count(&self) -> usize {
        self.tenders.len()
    }
    /// The tender with this number, whatever the case (BR-001). O(log n).
    pub fn tender_by_number(&self, number: &str) -> Option<&Arc<Tender>> {
        self.tenders.get(self.tender_numbers.get(&fold_code(number))?)
    }
    /// The row of an estimate. O(log n).
    pub fn estimate(&self, id: EstimateId) -> Option<&Arc<EstimateRow>> {
        self.estimates.get(&id)
    }
    /// Every estimate's row, oldest first. O(n).
    pub fn estimates(&self) -> impl DoubleEndedIterator<Item = &Arc<EstimateRow>> {
        self.estimates.values()
    }
    /// The estimates of a tender, oldest first. O(log n + estimates).
    pub fn estimates_of(&self, tender: TenderId) -> impl Iterator<Item = &Arc<EstimateRow>> {
        let range = (tender, EstimateId(Uuid::nil()))..=(tender, EstimateId(Uuid::max()));
        self.tender_estimates.range(range).filter_map(|(_, id)| self.estimates.get(id))
    }

    /// How documents look.
    pub fn branding(&self) -> &Branding {
        self.branding.as_deref().unwrap_or(Branding::plain())
    }

    /// A company. O(log n).
    pub fn company(&self, id: CompanyId) -> Option<&Arc<Company>> {
        self.catalogue.company(id)
    }
    /// Every company, oldest first. O(n).
    pub fn companies(&self) -> impl DoubleEndedIterator<Item = &Arc<Company>> {
        self.catalogue.companies()
    }
    /// How many companies there are, archived ones too.
    pub fn company_count(&self) -> usize {
        self.catalogue.company_count()
    }

    /// Takes a change as it stands: rules have been kept by whoever made it. O(log n).
    pub fn apply(&mut self, change: &LibraryChange) {
        self.catalogue.apply(change);
        match change {
            LibraryChange::Tender(d) => self.apply_tender(d),
            LibraryChange::Approval(d) => {
                keep(&mut self.approvals, d, |row| (row.estimate, row.id));
            }
            LibraryChange::Submission(d) => {
                keep(&mut self.submissions, d, |row| (row.estimate, row.id));
            }
            LibraryChange::Handover(d) => {
                keep(&mut self.handovers, d, |row| (row.tender, row.id));
            }
            LibraryChange::Branding(d) => self.branding = d.after.clone(),
            LibraryChange::Categorisation(d) => {
                keep(&mut self.categorisations, d, |row| row.id);
            }
            LibraryChange::Labels(d) => keep(&mut self.labels, d, |row| row.id),
            LibraryChange::OwnContentKind(d) => keep(&mut self.content_kinds, d, |row| row.id),
            LibraryChange::Company(_)
            | LibraryChange::Thresholds(_)
            | LibraryChange::Unit(_)
            | LibraryChange::Conversion(_)
            | LibraryChange::PriceBook(_)
            | LibraryChange::PriceBookVersion(_)
            | LibraryChange::ResourceRates(_)
            | LibraryChange::Resource(_)
            | LibraryChange::Recipe(_)
            | LibraryChange::RecipeVersion(_) => {}
        }
    }

    fn apply_tender(&mut self, d: &Delta<Tender>) {
        if let Some(row) = &d.before {
            self.tenders.remove(&row.id);
            self.tender_numbers.remove(&fold_code(&row.number));
        }
        if let Some(row) = &d.after {
            self.tender_numbers.insert(fold_code(&row.number), row.id);
            self.tenders.insert(row.id, row.clone());
        }
    }

    /// Takes a change of an estimate's own row, as [`Library::apply`]. O(log n).
    pub fn apply_estimate_row(&mut self, change: &Delta<EstimateRow>) {
        if let Some(row) = &change.before {
            self.estimates.remove(&row.id);
            self.tender_estimates.remove(&(row.tender, row.id));
        }
        if let Some(row) = &change.after {
            self.tender_estimates.insert((row.tender, row.id));
            self.estimates.insert(row.id, row.clone());
        }
    }

    /// Runs `edits` in order, each seeing the effects of those before it.
    ///
    /// On success every change has been applied to `self`. On refusal `self` is left half done:
    /// callers run edits on a clone, which costs O(1), and drop it.
    ///
    /// # Errors
    /// The first edit that cannot be done, with its place among `edits` in each violation.
    pub fn edit(
        &mut self,
        edits: &[LibraryEdit],
        cx: &mut LibraryContext<'_>,
    ) -> Result<LibraryOutcome, Refusal> {
        if edits.len() > EDITS_MAX {
            return Err(Refusal::TooMany { what: "edits", limit: EDITS_MAX });
        }
        let mut draft = Draft::new(self, cx);
        let mut ids = Vec::with_capacity(edits.len());
        let mut labels = Vec::with_capacity(edits.len());
        for (at, edit) in edits.iter().enumerate() {
            let done = draft.edit(edit).map_err(|refusal| typed::at_edit(refusal, at))?;
            ids.push(done.ids);
            labels.push(done.label);
        }
        let (changes, estimate_rows) = draft.finish();
        Ok(LibraryOutcome { changes, estimate_rows, ids, label: joined(labels) })
    }

    /// Whether both hold the same rows. O(n).
    pub fn same_rows(&self, other: &Library) -> bool {
        self.catalogue.same_rows(&other.catalogue)
            && self.tenders == other.tenders
            && self.estimates == other.estimates
            && self.approvals == other.approvals
            && self.submissions == other.submissions
            && self.handovers == other.handovers
            && self.branding == other.branding
            && self.categorisations == other.categorisations
            && self.labels == other.labels
            && self.content_kinds == other.content_kinds
    }

    /// Whether every index says what the rows say; O(n log n), for tests and checks.
    pub fn rebuild_equals(&self) -> bool {
        let mut rebuilt = Library { catalogue: self.catalogue.rebuilt(), ..Library::default() };
        for row in self.tenders.values() {
            rebuilt.apply(&LibraryChange::Tender(Delta { before: None, after: Some(row.clone()) }));
        }
        for row in self.approvals.values() {
            let delta = Delta { before: None, after: Some(row.clone()) };
            rebuilt.apply(&LibraryChange::Approval(delta));
        }
        for row in self.submissions.values() {
            let delta = Delta { before: None, after: Some(row.clone()) };
            rebuilt.apply(&LibraryChange::Submission(delta));
        }
        for row in self.handovers.values() {
            let delta = Delta { before: None, after: Some(row.clone()) };
            rebuilt.apply(&LibraryChange::Handover(delta));
        }
        rebuilt.branding = self.branding.clone();
        rebuilt.categorisations = self.categorisations.clone();
        rebuilt.labels = self.labels.clone();
        rebuilt.content_kinds = self.content_kinds.clone();
        for row in self.estimates.values() {
            rebuilt.apply_estimate_row(&Delta { before: None, after: Some(row.clone()) });
        }
        self.catalogue.rebuild_equals()
            && rebuilt.same_rows(self)
            && rebuilt.tender_numbers == self.tender_numbers
            && rebuilt.tender_estimates == self.tender_estimates
    }
}

impl Draft<'_> {
    fn edit(&mut self, edit: &LibraryEdit) -> Result<Done, Refusal> {
        use LibraryEdit as E;
        match edit {
            E::AddTender { id, estimate_id, bare, lead_id, set } => {
                self.add_tender(*id, (!bare).then_some((*estimate_id, *lead_id)), set)
            }
            E::UpdateTender { id, version, set } => self.update_tender(*id, *version, set),
            E::SetTenderState { id, version, state, how } => {
                self.set_tender_state(*id, *version, *state, how)
            }
            E::DecideTender { id, version, go, reason } => {
                self.decide_tender(*id, *version, *go, reason)
            }
            E::PutNotice { tender_id, number, date, title, state } => {
                self.put_notice(*tender_id, number, date.as_deref(), title.as_deref(), *state)
            }
            E::RemoveNotice { tender_id, number } => self.remove_notice(*tender_id, number),
            E::DeleteTender { id, version } => self.delete_tender(*id, *version),
            E::AddEstimate { id, tender_id, code, name, lead_id } => {
                self.add_estimate(*id, *tender_id, code, name.as_deref(), *lead_id)
            }
            E::AddCategorisation { id, set } => self.add_categorisation(*id, set),
            E::UpdateCategorisation { id, version, set } => {
                self.update_categorisation(*id, *version, set)
            }
            E::SetLabels { id, kind, estimate_id, options } => {
                self.set_labels(*id, *kind, *estimate_id, options)
            }
            E::AddContentKind { id, set } => self.add_content_kind(*id, set),
            E::UpdateContentKind { id, version, set } => {
                self.update_content_kind(*id, *version, set)
            }
            E::SetBranding { version, set } => self.set_branding(*version, set),
            E::SetThresholds { version, set } => self.set_thresholds(*version, set),
            E::SetEstimateLead { id, version, lead_id } => {
                self.set_estimate_lead(*id, *version, *lead_id)
            }
            E::SetEstimateState { id, version, state } => {
                self.set_estimate_state(*id, *version, *state)
            }
            E::AddResource { id, book_id, set } => self.add_resource(*id, *book_id, set),
            E::UpdateResource { id, version, set } => self.update_resource(*id, *version, set),
            E::DeleteResource { id, version } => self.delete_resource(*id, *version),
            E::AddPriceBook { id, set } => self.add_price_book(*id, set),
            E::UpdatePriceBook { id, version, set } => self.update_price_book(*id, *version, set),
            E::DraftPriceBook { id } => self.draft_price_book(*id),
            E::DiscardPriceBookDraft { id, n } => self.discard_price_book(*id, *n),
            E::PublishPriceBook { id, n, version, note } => {
                self.publish_price_book(*id, *n, *version, note.as_deref())
            }
            E::ArchivePriceBookVersion { id, n } => self.archive_price_book(*id, *n),
            E::SetRates { resource_id, n, version, entries } => {
                self.set_rates(*resource_id, *n, *version, entries)
            }
            E::AddRecipe { id, recipe } => self.add_recipe(*id, recipe),
            E::SaveRecipe { id, version, recipe } => self.save_recipe(*id, *version, recipe),
            E::DiscardRecipeDraft { id, version } => self.discard_recipe(*id, *version),
            E::ArchiveRecipeVersion { id, n } => self.archive_recipe(*id, *n),
            E::UpdateRecipe { id, version, code, name, state } => {
                self.update_recipe(*id, *version, code.as_deref(), name.as_deref(), *state)
            }
            E::DeleteRecipe { id, version } => self.delete_recipe(*id, *version),
            E::AddUnit { code, name, aliases, dimension } => {
                self.add_unit(code, name, aliases, *dimension)
            }
            E::UpdateUnit { code, name, aliases } => {
                self.update_unit(code, name.as_deref(), aliases.as_deref())
            }
            E::DeleteUnit { code } => self.delete_unit(code),
            E::SetConversion { from, to, factor } => self.set_conversion(from, to, factor),
            E::DeleteConversion { from, to } => self.delete_conversion(from, to),
            E::AddCompany { id, set } => self.add_company(*id, set),
            E::UpdateCompany { id, version, set } => self.update_company(*id, *version, set),
            E::SyncCompany { contact, company, set } => self.sync_company(*contact, *company, set),
            E::UnlinkCompany { contact } => self.unlink_company(*contact),
            E::MarkUsed { resources, recipes } => self.mark_used(resources, recipes),
        }
    }
}

/// Takes a change of a row into the map of its kind.
fn keep<K: Ord + Clone, T>(rows: &mut OrdMap<K, Arc<T>>, change: &Delta<T>, key: impl Fn(&T) -> K) {
    if let Some(row) = &change.before {
        rows.remove(&key(row));
    }
    if let Some(row) = &change.after {
        rows.insert(key(row), row.clone());
    }
}

/// One label for all edits of a command: "Add LAB-OP", "Add LAB-OP and 3 more".
fn joined(labels: Vec<String>) -> String {
    let mut labels = labels.into_iter().filter(|l| !l.is_empty());
    let first = labels.next().unwrap_or_default();
    match labels.count() {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}
