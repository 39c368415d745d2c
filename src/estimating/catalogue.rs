//! The catalogue: units, price books, resources, recipes and companies that all estimates share.
//!
//! Persistent maps throughout: a clone costs O(1) and shares everything, so that an estimate may
//! be worked out against one state of it while another is being edited. It holds rows and
//! indexes over them and knows no rules; those are [`super::library`]'s.

mod books;
mod search;

use std::sync::{Arc, OnceLock};

use imbl::{HashMap, OrdMap, OrdSet};

pub use search::Found;
use search::SearchIndex;

use super::{
    change::{Delta, LibraryChange},
    company::Company,
    day::Day,
    id::{CompanyId, PriceBookId, RecipeId, ResourceId},
    nearest::nearest,
    number::Factor,
    price_book::{PriceBook, PriceBookVersion, ResourceRates, VersionState},
    recipe::{Ingredient, Recipe, RecipeLine, RecipeVersion},
    resource::{Availability, Resource},
    thresholds::Thresholds,
    units::{self, Conversion, Link, Unit, UnitCode},
    worksheet::KeptLine,
};

/// What all estimates of an organisation share. O(1) to clone.
#[derive(Clone, Default)]
pub struct Catalogue {
    units: OrdMap<UnitCode, Arc<Unit>>,
    conversions: OrdMap<(UnitCode, UnitCode), Arc<Conversion>>,
    books: OrdMap<PriceBookId, Arc<PriceBook>>,
    book_versions: OrdMap<(PriceBookId, u32), Arc<PriceBookVersion>>,
    rates: OrdMap<(ResourceId, u32), Arc<ResourceRates>>,
    resources: HashMap<ResourceId, Arc<Resource>>,
    recipes: HashMap<RecipeId, Arc<Recipe>>,
    versions: OrdMap<(RecipeId, u32), Arc<RecipeVersion>>,
    companies: OrdMap<CompanyId, Arc<Company>>,
    thresholds: Option<Arc<Thresholds>>,
    indexes: Indexes,
    /// The day rates are looked up for; no row, but the day of the newest commit.
    day: Day,
}

/// What can be told from the rows, kept beside them.
#[derive(Clone, Default)]
struct Indexes {
    /// Every code and alias of a unit, folded.
    unit_names: OrdMap<Box<str>, UnitCode>,
    /// Resource codes, folded, by price book (BR-044).
    resource_codes: OrdMap<(PriceBookId, Box<str>), ResourceId>,
    /// Resources that a version of a price book brings new rates of.
    version_rates: OrdSet<(PriceBookId, u32, ResourceId)>,
    /// Recipe codes, folded.
    recipe_codes: OrdMap<Box<str>, RecipeId>,
    /// Recipe versions with a line of the resource.
    resource_in: HashMap<ResourceId, OrdSet<(RecipeId, u32)>>,
    /// Recipe versions with a line of any version of the recipe.
    recipe_in: HashMap<RecipeId, OrdSet<(RecipeId, u32)>>,
    /// Made on first use; a change of any text it holds puts an empty one in its place.
    search: Arc<OnceLock<SearchIndex>>,
}

impl Catalogue {
    /// The figures of rules that the organisation sets.
    pub fn thresholds(&self) -> &Thresholds {
        self.thresholds.as_deref().unwrap_or(Thresholds::built_in())
    }

    /// Their row, once there is one.
    pub(super) fn thresholds_row(&self) -> Option<&Arc<Thresholds>> {
        self.thresholds.as_ref()
    }

    /// A unit, hidden ones too. O(log n).
    pub fn unit(&self, code: UnitCode) -> Option<&Arc<Unit>> {
        self.units.get(&code)
    }
    /// Every unit, by code. O(n).
    pub fn units(&self) -> impl Iterator<Item = &Arc<Unit>> {
        self.units.values()
    }
    /// How many units there are, hidden ones too.
    pub fn unit_count(&self) -> usize {
        self.units.len()
    }
    /// The unit a text spells, by code, name or alias, whatever its case, spaces and dots (BR-019);
    /// a hidden one too. O(log n).
    pub fn match_unit(&self, text: &str) -> Option<UnitCode> {
        self.indexes.unit_names.get(&*units::fold(text)).copied()
    }
    /// The unit a text comes close to spelling, to be offered and never taken unasked. O(n).
    pub fn suggest_unit(&self, text: &str) -> Option<UnitCode> {
        let near = nearest(&units::fold(text), self.indexes.unit_names.keys().map(|n| &**n))?;
        self.indexes.unit_names.get(near).copied()
    }
    /// The conversion from one unit to another. O(log n).
    pub fn conversion_row(&self, from: UnitCode, to: UnitCode) -> Option<&Arc<Conversion>> {
        self.conversions.get(&(from, to))
    }
    /// Every conversion, by units. O(n).
    pub fn conversions(&self) -> impl Iterator<Item = &Arc<Conversion>> {
        self.conversions.values()
    }
    /// How a quantity in `from` becomes one in `to`: the same unit, a conversion, or one the other
    /// way round; none where nothing links the two (BR-042). O(log n).
    pub fn link(&self, from: UnitCode, to: UnitCode) -> Option<Link> {
        if from == to {
            return Some(Link::Same);
        }
        let there = self.conversion_row(from, to).map(|row| Link::Times(row.factor));
        there.or_else(|| self.conversion_row(to, from).map(|row| Link::Over(row.factor)))
    }
    /// How many `to` one `from` is: what a line of a resource in unit `to` is multiplied by when
    /// its own unit is `from`. None where nothing links the two, or only a conversion the other
    /// way round whose inverse six decimals do not hold exactly (BR-042). O(log n).
    pub fn conversion(&self, from: UnitCode, to: UnitCode) -> Option<Factor> {
        match self.link(from, to)? {
            Link::Same => Some(Factor::ONE),
            Link::Times(factor) => Some(factor),
            Link::Over(factor) => inverse(factor),
        }
    }

    /// A resource. O(1).
    pub fn resource(&self, id: ResourceId) -> Option<&Arc<Resource>> {
        self.resources.get(&id)
    }
    /// Every resource, in no order. O(n).
    pub fn resources(&self) -> impl Iterator<Item = &Arc<Resource>> {
        self.resources.values()
    }
    /// Every resource, by price book and code. O(n).
    pub fn resources_by_code(&self) -> impl Iterator<Item = &Arc<Resource>> {
        self.indexes.resource_codes.values().filter_map(|id| self.resources.get(id))
    }
    /// How many resources there are.
    pub fn resource_count(&self) -> usize {
        self.resources.len()
    }
    /// The resource with this code, whatever the case, in price book `book` (BR-044). O(log n).
    pub fn resource_by_code(&self, book: PriceBookId, code: &str) -> Option<&Arc<Resource>> {
        self.resources.get(self.indexes.resource_codes.get(&(book, fold_code(code)))?)
    }

    /// A recipe. O(1).
    pub fn recipe(&self, id: RecipeId) -> Option<&Arc<Recipe>> {
        self.recipes.get(&id)
    }
    /// Every recipe, by code. O(n).
    pub fn recipes(&self) -> impl Iterator<Item = &Arc<Recipe>> {
        self.indexes.recipe_codes.values().filter_map(|id| self.recipes.get(id))
    }
    /// The recipe with this code, whatever the case. O(log n).
    pub fn recipe_by_code(&self, code: &str) -> Option<&Arc<Recipe>> {
        self.recipes.get(self.indexes.recipe_codes.get(&fold_code(code))?)
    }
    /// Version `n` of a recipe; it never changes (BR-057). O(log n).
    pub fn recipe_version(&self, id: RecipeId, n: u32) -> Option<&Arc<RecipeVersion>> {
        self.versions.get(&(id, n))
    }
    /// The version new lines take. O(log n).
    pub fn recipe_current(&self, id: RecipeId) -> Option<&Arc<RecipeVersion>> {
        self.recipe_version(id, self.recipe(id)?.current)
    }
    /// The version being written: always the newest. O(log n).
    pub fn recipe_draft(&self, id: RecipeId) -> Option<&Arc<RecipeVersion>> {
        let (_, newest) = self.versions.range((id, 0)..=(id, u32::MAX)).next_back()?;
        (newest.state == VersionState::Draft).then_some(newest)
    }
    /// The lines of a version as one worksheet line uses them: those kept from another version in
    /// the place of its own (BR-059), then those it has not. O(lines x kept).
    pub fn lines_with<'a>(
        &'a self,
        version: &'a RecipeVersion,
        kept: &[KeptLine],
    ) -> impl Iterator<Item = &'a RecipeLine> {
        let of = |kept: &KeptLine| {
            let other = self.recipe_version(version.recipe, kept.n)?;
            other.lines.iter().find(|line| line.id == kept.line)
        };
        let own: Vec<&RecipeLine> = version
            .lines
            .iter()
            .filter_map(|line| match kept.iter().find(|kept| kept.line == line.id) {
                Some(kept) => of(kept),
                None => Some(line),
            })
            .collect();
        let here = |kept: &&KeptLine| !version.lines.iter().any(|line| line.id == kept.line);
        let more: Vec<&RecipeLine> = kept.iter().filter(here).filter_map(of).collect();
        own.into_iter().chain(more)
    }
    /// The leaves of a recipe as one worksheet line uses it. O(lines reached).
    pub fn leaves_with(&self, id: RecipeId, n: u32, kept: &[KeptLine]) -> Vec<ResourceId> {
        if kept.is_empty() {
            return self.recipe_leaves(id, n);
        }
        let Some(version) = self.recipe_version(id, n) else { return Vec::new() };
        let mut leaves = Vec::new();
        for line in self.lines_with(version, kept) {
            let more = match &line.ingredient {
                Ingredient::Resource(id) => vec![*id],
                Ingredient::Recipe { recipe, n, .. } => self.recipe_leaves(*recipe, *n),
            };
            for leaf in more {
                if !leaves.contains(&leaf) {
                    leaves.push(leaf);
                }
            }
        }
        leaves
    }
    /// Every version of a recipe, oldest first. O(log n + versions).
    pub fn recipe_versions(&self, id: RecipeId) -> impl Iterator<Item = &Arc<RecipeVersion>> {
        self.versions.range((id, 0)..=(id, u32::MAX)).map(|(_, version)| version)
    }

    /// The resource or recipe with this code, whatever the case: the internal price book first,
    /// then recipes, then the other price books.
    pub fn by_code(&self, code: &str) -> Option<Found> {
        let internal = self.internal_book();
        let in_book =
            |book: &PriceBook| self.resource_by_code(book.id, code).map(|r| Found::Resource(r.id));
        internal
            .and_then(|book| in_book(book))
            .or_else(|| self.recipe_by_code(code).map(|r| Found::Recipe(r.id)))
            .or_else(|| self.books.values().find_map(|book| in_book(book)))
    }

    /// A company. O(log n).
    pub fn company(&self, id: CompanyId) -> Option<&Arc<Company>> {
        self.companies.get(&id)
    }
    /// Every company, oldest first. O(n).
    pub fn companies(&self) -> impl DoubleEndedIterator<Item = &Arc<Company>> {
        self.companies.values()
    }
    /// How many companies there are, archived ones too.
    pub fn company_count(&self) -> usize {
        self.companies.len()
    }

    /// The transitive leaf resources of a recipe version, each once, in order of first use: what a
    /// line of it must hold a snapshot rate of (BR-049). O(lines reached).
    pub fn recipe_leaves(&self, id: RecipeId, n: u32) -> Vec<ResourceId> {
        let mut leaves = Vec::new();
        let mut seen = std::collections::HashSet::new();
        let mut reached = std::collections::HashSet::new();
        self.gather_leaves((id, n), &mut reached, &mut |leaf| {
            if seen.insert(leaf) {
                leaves.push(leaf);
            }
        });
        leaves
    }

    fn gather_leaves(
        &self,
        version: (RecipeId, u32),
        reached: &mut std::collections::HashSet<(RecipeId, u32)>,
        leaf: &mut dyn FnMut(ResourceId),
    ) {
        if !reached.insert(version) {
            return;
        }
        let Some(row) = self.versions.get(&version) else { return };
        for line in &row.lines {
            match &line.ingredient {
                Ingredient::Resource(id) => leaf(*id),
                Ingredient::Recipe { recipe, n, .. } => {
                    self.gather_leaves((*recipe, *n), reached, leaf);
                }
            }
        }
    }

    /// Recipe versions with a line of this resource, by recipe and version. Lines of recipes that
    /// contain those are not listed. O(1 + versions).
    pub fn versions_with_resource(&self, id: ResourceId) -> impl Iterator<Item = (RecipeId, u32)> {
        self.indexes.resource_in.get(&id).into_iter().flatten().copied()
    }
    /// Recipe versions with a line of any version of this recipe. O(1 + versions).
    pub fn versions_with_recipe(&self, id: RecipeId) -> impl Iterator<Item = (RecipeId, u32)> {
        self.indexes.recipe_in.get(&id).into_iter().flatten().copied()
    }

    /// Ranked type-ahead over resources and recipes: code prefix, then every word of `query` the
    /// start of a word, then every word anywhere; each by code, at most `limit`. Retired entries,
    /// where wanted, come last. The first call after a change of texts costs O(n log n), others
    /// one pass over the text at most.
    pub fn find(&self, query: &str, retired: bool, limit: usize) -> Vec<Found> {
        self.search_index().find(query, retired, limit)
    }

    fn search_index(&self) -> &SearchIndex {
        self.indexes.search.get_or_init(|| {
            let resources = self
                .resources
                .values()
                .map(|r| (Found::Resource(r.id), is_retired(r.state), &*r.code, &*r.description));
            let recipes = self
                .recipes
                .values()
                .map(|r| (Found::Recipe(r.id), is_retired(r.state), &*r.code, &*r.name));
            SearchIndex::new(resources.chain(recipes))
        })
    }
}

/// Applying changes. A change is taken as it stands: rules have been kept by whoever made it.
impl Catalogue {
    /// Puts the row after the change in the place of the row before it. O(log n).
    pub fn apply(&mut self, change: &LibraryChange) {
        match change {
            LibraryChange::Tender(_)
            | LibraryChange::Approval(_)
            | LibraryChange::Submission(_)
            | LibraryChange::Handover(_)
            | LibraryChange::Branding(_)
            | LibraryChange::Categorisation(_)
            | LibraryChange::OwnContentKind(_)
            | LibraryChange::Labels(_) => {}
            LibraryChange::Thresholds(d) => self.thresholds = d.after.clone(),
            LibraryChange::Company(d) => {
                if let Some(row) = &d.before {
                    self.companies.remove(&row.id);
                }
                if let Some(row) = &d.after {
                    self.companies.insert(row.id, row.clone());
                }
            }
            LibraryChange::Unit(d) => self.apply_unit(d),
            LibraryChange::Conversion(d) => {
                if let Some(row) = &d.before {
                    self.conversions.remove(&(row.from, row.to));
                }
                if let Some(row) = &d.after {
                    self.conversions.insert((row.from, row.to), row.clone());
                }
            }
            LibraryChange::PriceBook(d) => {
                if let Some(row) = &d.before {
                    self.books.remove(&row.id);
                }
                if let Some(row) = &d.after {
                    self.books.insert(row.id, row.clone());
                }
            }
            LibraryChange::PriceBookVersion(d) => self.apply_book_version(d),
            LibraryChange::ResourceRates(d) => self.apply_rates(d),
            LibraryChange::Resource(d) => self.apply_resource(d),
            LibraryChange::Recipe(d) => self.apply_recipe(d),
            LibraryChange::RecipeVersion(d) => self.apply_version(d),
        }
    }

    fn apply_unit(&mut self, d: &Delta<Unit>) {
        if let Some(row) = &d.before {
            self.units.remove(&row.code);
            for name in unit_names(row) {
                self.indexes.unit_names.remove(&name);
            }
        }
        if let Some(row) = &d.after {
            for name in unit_names(row) {
                self.indexes.unit_names.insert(name, row.code);
            }
            self.units.insert(row.code, row.clone());
        }
    }

    fn apply_resource(&mut self, d: &Delta<Resource>) {
        if let Some(row) = &d.before {
            self.resources.remove(&row.id);
            self.indexes.resource_codes.remove(&(row.book, fold_code(&row.code)));
        }
        if let Some(row) = &d.after {
            self.indexes.resource_codes.insert((row.book, fold_code(&row.code)), row.id);
            self.resources.insert(row.id, row.clone());
        }
        let text = |r: &Arc<Resource>| (r.code.clone(), r.description.clone(), r.state);
        if d.before.as_ref().map(text) != d.after.as_ref().map(text) {
            self.indexes.search = Arc::default();
        }
    }

    fn apply_recipe(&mut self, d: &Delta<Recipe>) {
        if let Some(row) = &d.before {
            self.recipes.remove(&row.id);
            self.indexes.recipe_codes.remove(&fold_code(&row.code));
        }
        if let Some(row) = &d.after {
            self.indexes.recipe_codes.insert(fold_code(&row.code), row.id);
            self.recipes.insert(row.id, row.clone());
        }
        let text = |r: &Arc<Recipe>| (r.code.clone(), r.name.clone(), r.state);
        if d.before.as_ref().map(text) != d.after.as_ref().map(text) {
            self.indexes.search = Arc::default();
        }
    }

    fn apply_version(&mut self, d: &Delta<RecipeVersion>) {
        if let Some(row) = &d.before {
            let key = (row.recipe, row.n);
            self.versions.remove(&key);
            for line in &row.lines {
                match &line.ingredient {
                    Ingredient::Resource(id) => forget(&mut self.indexes.resource_in, *id, key),
                    Ingredient::Recipe { recipe, .. } => {
                        forget(&mut self.indexes.recipe_in, *recipe, key);
                    }
                }
            }
        }
        if let Some(row) = &d.after {
            let key = (row.recipe, row.n);
            for line in &row.lines {
                match &line.ingredient {
                    Ingredient::Resource(id) => {
                        self.indexes.resource_in.entry(*id).or_default().insert(key);
                    }
                    Ingredient::Recipe { recipe, .. } => {
                        self.indexes.recipe_in.entry(*recipe).or_default().insert(key);
                    }
                }
            }
            self.versions.insert(key, row.clone());
        }
    }
}

/// Checking the indexes.
impl Catalogue {
    /// The same rows with indexes made afresh. O(n log n).
    pub(super) fn rebuilt(&self) -> Catalogue {
        fn there<T>(row: &Arc<T>) -> Delta<T> {
            Delta { before: None, after: Some(row.clone()) }
        }
        let mut fresh = Catalogue::default();
        let mut put = |change: LibraryChange| fresh.apply(&change);
        self.units.values().for_each(|r| put(LibraryChange::Unit(there(r))));
        self.conversions.values().for_each(|r| put(LibraryChange::Conversion(there(r))));
        self.books.values().for_each(|r| put(LibraryChange::PriceBook(there(r))));
        self.book_versions.values().for_each(|r| put(LibraryChange::PriceBookVersion(there(r))));
        self.rates.values().for_each(|r| put(LibraryChange::ResourceRates(there(r))));
        self.resources.values().for_each(|r| put(LibraryChange::Resource(there(r))));
        self.recipes.values().for_each(|r| put(LibraryChange::Recipe(there(r))));
        self.versions.values().for_each(|r| put(LibraryChange::RecipeVersion(there(r))));
        self.companies.values().for_each(|r| put(LibraryChange::Company(there(r))));
        fresh.thresholds = self.thresholds.clone();
        fresh
    }

    /// Whether every index says what the rows say. O(n log n), for tests and checks.
    pub fn rebuild_equals(&self) -> bool {
        let fresh = self.rebuilt();
        let (ours, theirs) = (&self.indexes, &fresh.indexes);
        let search = self.indexes.search.get().is_none_or(|s| s == fresh.search_index());
        search
            && ours.unit_names == theirs.unit_names
            && ours.resource_codes == theirs.resource_codes
            && ours.version_rates == theirs.version_rates
            && ours.recipe_codes == theirs.recipe_codes
            && ours.resource_in == theirs.resource_in
            && ours.recipe_in == theirs.recipe_in
            && self.same_rows(&fresh)
    }

    /// Whether both hold the same rows. O(n).
    pub fn same_rows(&self, other: &Catalogue) -> bool {
        self.units == other.units
            && self.conversions == other.conversions
            && self.books == other.books
            && self.book_versions == other.book_versions
            && self.rates == other.rates
            && self.resources == other.resources
            && self.recipes == other.recipes
            && self.versions == other.versions
            && self.companies == other.companies
            && self.thresholds == other.thresholds
    }
}

fn unit_names(unit: &Unit) -> impl Iterator<Item = Box<str>> {
    let own = [unit.code.as_str(), &unit.name];
    let all = own.into_iter().chain(unit.aliases.iter().map(String::as_str));
    all.map(|name| units::fold(name).into_boxed_str())
}

/// One over a factor, where six decimals hold it exactly.
fn inverse(factor: Factor) -> Option<Factor> {
    let one = Factor::SCALE.checked_mul(Factor::SCALE)?;
    let units = factor.units();
    (units > 0 && one % units == 0).then(|| Factor::from_units(one / units)).flatten()
}

fn forget<K: std::hash::Hash + Eq + Clone>(
    index: &mut HashMap<K, OrdSet<(RecipeId, u32)>>,
    id: K,
    key: (RecipeId, u32),
) {
    let emptied = index.get_mut(&id).is_some_and(|set| {
        set.remove(&key);
        set.is_empty()
    });
    if emptied {
        index.remove(&id);
    }
}

const fn is_retired(state: Availability) -> bool {
    match state {
        Availability::Active => false,
        Availability::Retired => true,
    }
}

/// A code as it is compared: without spaces around it, in lower case (BR-044).
pub(super) fn fold_code(code: &str) -> Box<str> {
    code.trim().to_lowercase().into()
}
