//! Categorisations and what rows carry of them (domain 2.10).

use super::{Done, Library, draft::Draft};
use crate::estimating::{
    catalogue::fold_code,
    categorisation::{
        AppliesTo, CATEGORISATIONS_MAX, Categorisation, CategorisationFields, CategorisationKind,
        CategoryOption, LabelledKind, Labels,
    },
    change::Delta,
    heading::Stamp,
    id::{CompanyId, EstimateId, LabelledId, OptionId, ResourceId, TenderId},
    limits::NAME_CHARS_MAX,
    reference::Regions,
    refusal::Refusal,
    typed,
};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};
use uuid::Uuid;

/// Name of the categorisation that says where a tender is.
const REGION: &str = "Region";

impl Library {
    /// Every categorisation, oldest first, archived ones too. O(n).
    pub fn categorisations(&self) -> impl Iterator<Item = &Arc<Categorisation>> {
        self.categorisations.values()
    }

    /// An option with its categorisation. O(options).
    pub fn option(&self, id: OptionId) -> Option<(&Categorisation, &CategoryOption)> {
        let mut all = self.categorisations.values();
        all.find_map(|row| row.option(id).map(|option| (&**row, option)))
    }

    /// What a row carries. O(log n).
    pub fn labels_of(&self, row: Uuid) -> &[OptionId] {
        self.labels.get(&LabelledId(row)).map_or(&[], |labels| &labels.options)
    }

    /// Whether a row carries every one of `options`. O(options).
    pub fn carries(&self, row: Uuid, options: &[OptionId]) -> bool {
        let carried = self.labels_of(row);
        options.iter().all(|option| carried.contains(option))
    }

    /// How many rows carry each option. O(rows with labels).
    pub fn carriers(&self) -> HashMap<OptionId, u64> {
        let mut carriers = HashMap::new();
        for option in self.labels.values().flat_map(|labels| &labels.options) {
            *carriers.entry(*option).or_default() += 1;
        }
        carriers
    }

    /// The categorisation Region, where tenders are given one: it is known by its name, for what an
    /// organisation sorts by is its own. O(n).
    pub fn region(&self) -> Option<&Arc<Categorisation>> {
        self.categorisations.values().find(|row| {
            row.applies_to.tenders && fold_code(&row.name) == fold_code(REGION) && !row.archived
        })
    }

    /// The region each tender carries. O(tenders).
    pub fn regions(&self) -> Regions {
        let Some(region) = self.region() else { return Regions::new() };
        let carried = |id: TenderId| {
            let options = self.labels_of(id.0).iter().copied();
            options.into_iter().find(|option| region.option(*option).is_some())
        };
        self.tenders().filter_map(|row| Some((row.id, carried(row.id)?))).collect()
    }

    pub(super) fn labels_row(&self, id: LabelledId) -> Option<&Arc<Labels>> {
        self.labels.get(&id)
    }
}

impl Draft<'_> {
    pub(super) fn add_categorisation(
        &mut self,
        id: Option<Uuid>,
        set: &CategorisationFields,
    ) -> Result<Done, Refusal> {
        if self.library.categorisations.len() >= CATEGORISATIONS_MAX {
            let limit = CATEGORISATIONS_MAX;
            return Err(Refusal::TooMany { what: "categorisations", limit });
        }
        let mut row = Categorisation {
            id: self.fresh::<Categorisation>(id)?,
            name: typed::needed("name", set.name.as_deref(), NAME_CHARS_MAX)?,
            kind: set.kind.unwrap_or(CategorisationKind::Category),
            applies_to: AppliesTo::default(),
            options: Vec::new(),
            archived: false,
            version: 1,
            stamp: Stamp::new(self.by, self.at_us),
        };
        set.write(&mut row, &mut || self.next_id())?;
        let (id, label) = (row.id.0, format!("Add {} {}", row.kind.name(), row.name));
        self.put_categorisation(row)?;
        Done::new([id], label)
    }

    pub(super) fn update_categorisation(
        &mut self,
        id: Uuid,
        version: Option<u64>,
        set: &CategorisationFields,
    ) -> Result<Done, Refusal> {
        let before = self.current::<Categorisation>("categorisation", id, version)?;
        let mut row = Categorisation::clone(&before);
        set.write(&mut row, &mut || self.next_id())?;
        let verb = match (before.archived, row.archived) {
            (false, true) => "Archive",
            (true, false) => "Bring back",
            (false, false) | (true, true) => "Change",
        };
        let label = format!("{verb} {} {}", row.kind.name(), row.name);
        self.put_categorisation(row)?;
        Done::new([id], label)
    }

    /// Stores a categorisation unless another one has its name. O(n).
    fn put_categorisation(&mut self, row: Categorisation) -> Result<(), Refusal> {
        let folded = fold_code(&row.name);
        let same =
            |other: &&Arc<Categorisation>| other.id != row.id && fold_code(&other.name) == folded;
        if self.library.categorisations().any(|other| same(&other)) {
            let message = format!("There is {} already.", row.name);
            return Err(Refusal::invalid("name", message));
        }
        self.put(row);
        Ok(())
    }

    /// A row carries these options from now on, and no others.
    pub(super) fn set_labels(
        &mut self,
        id: Uuid,
        kind: LabelledKind,
        estimate: Option<Uuid>,
        options: &[Uuid],
    ) -> Result<Done, Refusal> {
        self.labelled(id, kind, estimate)?;
        let before = self.library.labels_row(LabelledId(id)).cloned();
        if before.as_ref().is_some_and(|before| before.kind != kind) {
            return Err(Refusal::invalid("kind", "The row is of another kind."));
        }
        let carried = before.as_ref().map(|row| row.options.clone()).unwrap_or_default();
        let mut chosen = HashSet::new();
        let mut row = Labels {
            id: LabelledId(id),
            kind,
            options: Vec::with_capacity(options.len()),
            version: 1,
            stamp: Stamp::new(self.by, self.at_us),
        };
        for option in options.iter().copied().map(OptionId) {
            let missing = || Refusal::NotFound { what: "option", id: option.0 };
            let (categorisation, found) = self.library.option(option).ok_or_else(missing)?;
            if !chosen.insert(categorisation.id) {
                let message = format!("One option of {} is chosen, not two.", categorisation.name);
                return Err(Refusal::invalid("options", message));
            }
            let newly = !carried.contains(&option);
            if newly && !categorisation.applies_to.holds(kind) {
                let message = format!("{} is not given to a {}.", categorisation.name, kind.name());
                return Err(Refusal::invalid("options", message));
            }
            if newly && (found.archived || categorisation.archived) {
                let message = format!("{} is archived: old records keep it.", found.name);
                return Err(Refusal::invalid("options", message));
            }
            row.options.push(option);
        }
        row.options.sort_unstable();
        if row.options != carried {
            let (version, stamp) =
                before.as_ref().map_or((row.version, row.stamp), |old| (old.version, old.stamp));
            self.put(Labels { version, stamp, ..row });
        }
        Done::new([], format!("Categorise a {}", kind.name()))
    }

    /// Whether there is such a row. Items are known to their estimate alone: the library holds that
    /// one is named, and whoever has the estimate looks for the item in it.
    fn labelled(
        &self,
        id: Uuid,
        kind: LabelledKind,
        estimate: Option<Uuid>,
    ) -> Result<(), Refusal> {
        let library = &self.library;
        let there = match kind {
            LabelledKind::Tender => library.tender(TenderId(id)).is_some(),
            LabelledKind::Resource => library.catalogue.resource(ResourceId(id)).is_some(),
            LabelledKind::Company => library.company(CompanyId(id)).is_some(),
            LabelledKind::Item => {
                let needed =
                    || Refusal::invalid("estimateId", "Say which estimate the item is in.");
                let id = estimate.ok_or_else(needed)?;
                let missing = Refusal::NotFound { what: "estimate", id };
                return library.estimate(EstimateId(id)).map(drop).ok_or(missing);
            }
        };
        if there { Ok(()) } else { Err(Refusal::NotFound { what: kind.name(), id }) }
    }

    /// A categorisation as it was; one that was added is archived, for rows may carry it.
    pub(super) fn restore_categorisation(
        &mut self,
        d: &Delta<Categorisation>,
    ) -> Result<(), Refusal> {
        let Some(row) = d.before.as_ref().or(d.after.as_ref()) else { return Ok(()) };
        let mut row = Categorisation::clone(row);
        row.archived |= d.before.is_none();
        if row.kind == CategorisationKind::Flag {
            row.options.iter_mut().for_each(|option| option.archived = row.archived);
        }
        // Options added since stay: rows may carry them.
        if let Some(now) = self.library.categorisations.get(&row.id) {
            let since = now.options.iter().filter(|option| row.option(option.id).is_none());
            let since: Vec<CategoryOption> =
                since.map(|option| CategoryOption { archived: true, ..option.clone() }).collect();
            row.options.extend(since);
        }
        match self.again(&row) {
            Some(row) => self.put_categorisation(row),
            None => Ok(()),
        }
    }

    /// A row carries what it carried.
    pub(super) fn restore_labels(&mut self, d: &Delta<Labels>) {
        let Some(row) = d.row() else { return };
        let options = d.before.as_ref().map(|was| was.options.clone()).unwrap_or_default();
        if let Some(row) = self.again(&Labels { options, ..Labels::clone(row) }) {
            self.put(row);
        }
    }
}
