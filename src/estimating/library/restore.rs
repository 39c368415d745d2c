//! Taking a commit back: its changes against their direction, as a new commit.
//!
//! Rows go back to what they were, except for what must not be undone: a row's count of changes
//! goes on, a "used" flag stays, a recipe version once written stays (a line may hold it), a unit
//! is hidden rather than deleted, and a company archived: quotes may name it. What other commits have built on the rows since is kept by
//! the rules, which run here as for any edit.

use super::{
    Library, LibraryContext, LibraryOutcome,
    draft::{Counted, Draft},
    recipes, resources,
};
use crate::estimating::{
    branding::Branding,
    change::{Delta, LibraryChange},
    company::{Company, CompanyState},
    price_book::{PriceBook, PriceBookVersion, VersionState},
    recipe::{Recipe, RecipeVersion},
    refusal::Refusal,
    resource::Resource,
    submission::Approval,
    tender::{EstimateRow, Tender},
    typed,
    units::{Conversion, Unit},
};

impl Library {
    /// Takes back the changes of one commit, be it an edit (undo) or an undo (redo), and applies
    /// the result to `self`; on refusal callers drop the clone, as for [`Library::edit`]. The
    /// outcome has no label: the caller knows what is taken back.
    ///
    /// Whether other commits have changed the same rows since is for the caller to see; changes of
    /// which [`only_marks_use`] holds do not count as such.
    ///
    /// # Errors
    /// The rule that taking back would break: BR-001, BR-044, BR-045, BR-053. An estimate that was
    /// added stays, for there may be work in it.
    pub fn restore(
        &mut self,
        changes: &[LibraryChange],
        estimate_rows: &[Delta<EstimateRow>],
        cx: &mut LibraryContext<'_>,
    ) -> Result<LibraryOutcome, Refusal> {
        let mut draft = Draft::new(self, cx);
        for delta in estimate_rows.iter().rev() {
            draft.restore_estimate(delta)?;
        }
        for change in changes {
            if let LibraryChange::PriceBookVersion(d) = change {
                draft.restore_discarded(d)?;
            }
        }
        for change in changes.iter().rev() {
            match change {
                LibraryChange::Tender(d) => draft.restore_tender(d)?,
                LibraryChange::Unit(d) => draft.restore_unit(d)?,
                LibraryChange::Conversion(d) => draft.restore_conversion(d),
                LibraryChange::PriceBook(d) => draft.restore_book(d)?,
                LibraryChange::PriceBookVersion(d) => draft.restore_book_version(d)?,
                LibraryChange::ResourceRates(d) => draft.restore_rates(d)?,
                LibraryChange::Resource(d) => draft.restore_resource(d)?,
                LibraryChange::Recipe(d) => draft.restore_recipe(d)?,
                LibraryChange::RecipeVersion(d) => draft.restore_version(d),
                LibraryChange::Approval(d) => draft.restore_approval(d),
                // They are made by commands that nobody takes back.
                LibraryChange::Submission(_) | LibraryChange::Handover(_) => {}
                LibraryChange::Company(d) => draft.restore_company(d)?,
                LibraryChange::Branding(d) => draft.restore_branding(d),
                LibraryChange::Thresholds(d) => draft.restore_thresholds(d),
                LibraryChange::Categorisation(d) => draft.restore_categorisation(d)?,
                LibraryChange::Labels(d) => draft.restore_labels(d),
                LibraryChange::OwnContentKind(d) => draft.restore_content_kind(d)?,
            }
        }
        let (changes, estimate_rows) = draft.finish();
        Ok(LibraryOutcome { changes, estimate_rows, ..LibraryOutcome::default() })
    }
}

/// Whether a change only notes the first use of a resource or recipe. Such a change is no reason
/// to refuse an undo of an earlier one of the same row.
pub fn only_marks_use(change: &LibraryChange) -> bool {
    match change {
        LibraryChange::Resource(Delta { before: Some(before), after: Some(after) }) => {
            !before.used
                && after.used
                && Resource { used: false, ..Resource::clone(after) }.same(before)
        }
        LibraryChange::Recipe(Delta { before: Some(before), after: Some(after) }) => {
            !before.used
                && after.used
                && Recipe { used: false, ..Recipe::clone(after) }.same(before)
        }
        LibraryChange::Tender(_)
        | LibraryChange::Unit(_)
        | LibraryChange::Conversion(_)
        | LibraryChange::PriceBook(_)
        | LibraryChange::PriceBookVersion(_)
        | LibraryChange::ResourceRates(_)
        | LibraryChange::Resource(_)
        | LibraryChange::Recipe(_)
        | LibraryChange::RecipeVersion(_)
        | LibraryChange::Company(_)
        | LibraryChange::Approval(_)
        | LibraryChange::Submission(_)
        | LibraryChange::Handover(_)
        | LibraryChange::Branding(_)
        | LibraryChange::Thresholds(_)
        | LibraryChange::Categorisation(_)
        | LibraryChange::OwnContentKind(_)
        | LibraryChange::Labels(_) => false,
    }
}

impl Draft<'_> {
    /// The row as it was, counted on; none when the row is like that already.
    pub(super) fn again<T: Counted + Clone>(&self, was: &T) -> Option<T> {
        match T::get(self.library, was.key()) {
            Some(now) if now.same(was) => None,
            Some(_) => Some(was.clone()),
            None => Some(was.clone().counted_on()),
        }
    }

    fn restore_estimate(&mut self, d: &Delta<EstimateRow>) -> Result<(), Refusal> {
        let Some(was) = &d.before else {
            let message = "An estimate that was added stays; delete its tender instead.";
            return Err(Refusal::Invalid { field: None, message: message.to_owned() });
        };
        if let Some(row) = self.again(&**was) {
            self.put(row);
        }
        Ok(())
    }

    fn restore_tender(&mut self, d: &Delta<Tender>) -> Result<(), Refusal> {
        match (&d.before, &d.after) {
            (Some(was), _) => match self.again(&**was) {
                Some(row) => self.put_tender(row),
                None => Ok(()),
            },
            (None, Some(added)) => {
                if let Some(estimate) = self.library.estimates_of(added.id).next() {
                    let message =
                        format!("Tender {} has estimate {}.", added.number, estimate.code);
                    return Err(typed::broken(8, "state", [added.id.0], message));
                }
                self.remove::<Tender>(added.id);
                Ok(())
            }
            (None, None) => Ok(()),
        }
    }

    fn restore_company(&mut self, d: &Delta<Company>) -> Result<(), Refusal> {
        let Some(row) = d.before.as_ref().or(d.after.as_ref()) else { return Ok(()) };
        let mut row = Company::clone(row);
        if d.before.is_none() {
            row.state = CompanyState::Archived;
        }
        match self.again(&row) {
            Some(row) => self.put_company(row),
            None => Ok(()),
        }
    }

    /// Documents look as they did; those of an organisation that had styled nothing are plain.
    fn restore_branding(&mut self, d: &Delta<Branding>) {
        let was = d.before.as_deref().cloned().unwrap_or_default();
        if !self.library.branding().looks_like(&was) {
            self.put(was);
        }
    }

    /// Puts back an approval that went with its tender.
    fn restore_approval(&mut self, d: &Delta<Approval>) {
        if let Some(was) = &d.before {
            self.put(Approval::clone(was));
        }
    }

    fn restore_unit(&mut self, d: &Delta<Unit>) -> Result<(), Refusal> {
        let Some(row) = d.row() else { return Ok(()) };
        let hidden = d.before.is_none();
        let row = Unit::clone(d.before.as_ref().unwrap_or(row));
        self.put_unit(Unit { retired: hidden || row.retired, ..row })
    }

    fn restore_conversion(&mut self, d: &Delta<Conversion>) {
        match (&d.before, &d.after) {
            (Some(was), _) => self.put(Conversion::clone(was)),
            (None, Some(added)) => self.remove::<Conversion>((added.from, added.to)),
            (None, None) => {}
        }
    }

    fn restore_book(&mut self, d: &Delta<PriceBook>) -> Result<(), Refusal> {
        match (&d.before, &d.after) {
            (Some(was), _) => {
                // What was published since stays current.
                let now = self.library.catalogue.book(was.id).map_or(was.current, |b| b.current);
                if let Some(row) = self.again(&PriceBook { current: now, ..PriceBook::clone(was) })
                {
                    self.put(row);
                }
            }
            (None, Some(added)) => {
                if self.library.catalogue.resources().any(|r| r.book == added.id) {
                    let message = format!("Price book {} has resources.", added.name);
                    return Err(Refusal::Invalid { field: None, message });
                }
                self.remove::<PriceBook>(added.id);
            }
            (None, None) => {}
        }
        Ok(())
    }

    /// Puts back an open version that was discarded.
    fn restore_discarded(&mut self, d: &Delta<PriceBookVersion>) -> Result<(), Refusal> {
        let (Some(was), None) = (&d.before, &d.after) else { return Ok(()) };
        let newest = self.library.catalogue.book_versions(was.book).next_back().map_or(0, |v| v.n);
        if newest + 1 != was.n {
            let message = format!("Version {newest} of the price book was made since.");
            return Err(Refusal::Invalid { field: None, message });
        }
        self.put(PriceBookVersion::clone(was));
        Ok(())
    }

    /// Takes an open version away that was only started; one that was published stays.
    fn restore_book_version(&mut self, d: &Delta<PriceBookVersion>) -> Result<(), Refusal> {
        let (None, Some(added)) = (&d.before, &d.after) else { return Ok(()) };
        let catalogue = &self.library.catalogue;
        let now = catalogue.book_version(added.book, added.n);
        if now.is_none_or(|now| now.state != VersionState::Draft) {
            return Ok(());
        }
        if catalogue.resources_in_version(added.book, added.n).next().is_some() {
            let message = format!("Rates are written in version {} by now.", added.n);
            return Err(Refusal::Invalid { field: None, message });
        }
        self.remove::<PriceBookVersion>((added.book, added.n));
        Ok(())
    }

    fn restore_resource(&mut self, d: &Delta<Resource>) -> Result<(), Refusal> {
        let now = d.row().and_then(|row| self.library.catalogue.resource(row.id)).cloned();
        match (&d.before, now) {
            (Some(was), now) => {
                let used = was.used || now.as_ref().is_some_and(|r| r.used);
                let rate = now.as_ref().map_or(was.rate, |r| r.rate);
                let was = Resource { used, rate, ..Resource::clone(was) };
                if let Some(now) = &now {
                    resources::keeps_type_and_unit(now, &was)?;
                }
                match self.again(&was) {
                    Some(row) => self.put_resource(row),
                    None => Ok(()),
                }
            }
            (None, Some(now)) => {
                resources::not_used(&now)?;
                self.remove::<Resource>(now.id);
                Ok(())
            }
            (None, None) => Ok(()),
        }
    }

    fn restore_recipe(&mut self, d: &Delta<Recipe>) -> Result<(), Refusal> {
        let now = d.row().and_then(|row| self.library.catalogue.recipe(row.id)).cloned();
        match (&d.before, now) {
            (Some(was), now) => {
                let used = was.used || now.is_some_and(|r| r.used);
                match self.again(&Recipe { used, ..Recipe::clone(was) }) {
                    Some(row) => self.put_recipe(row),
                    None => Ok(()),
                }
            }
            (None, Some(now)) => {
                recipes::not_used(&now)?;
                self.drop_recipe(now.id);
                Ok(())
            }
            (None, None) => Ok(()),
        }
    }

    /// Puts back a version that went, or an open one as it was; one that was published stays.
    fn restore_version(&mut self, d: &Delta<RecipeVersion>) {
        let Some(row) = d.row() else { return };
        let now = self.library.catalogue.recipe_version(row.recipe, row.n);
        let open = now.is_some_and(|now| now.state == VersionState::Draft);
        match &d.before {
            Some(was) if open || now.is_none() => self.put(RecipeVersion::clone(was)),
            None if open && self.library.catalogue.recipe_current(row.recipe).is_some() => {
                self.remove::<RecipeVersion>((row.recipe, row.n));
            }
            Some(_) | None => {}
        }
    }
}
