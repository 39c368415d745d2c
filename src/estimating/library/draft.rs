//! Work in progress on the library: what each touched row was before the command.

use std::{
    collections::{BTreeSet, HashMap},
    hash::Hash,
    sync::Arc,
};

use uuid::Uuid;

use super::{Library, LibraryContext};
use crate::estimating::{
    branding::Branding,
    categorisation::{Categorisation, Labels},
    change::{Delta, LibraryChange},
    company::Company,
    content::OwnContentKind,
    day::Day,
    id::{
        ApprovalId, CategorisationId, CompanyId, ContentKindId, EstimateId, HandoverId, IdSource,
        LabelledId, PriceBookId, RecipeId, ResourceId, SubmissionId, TenderId, UserId,
    },
    number::Pct,
    price_book::{PriceBook, PriceBookVersion, ResourceRates},
    recipe::{Recipe, RecipeVersion},
    refusal::Refusal,
    resource::Resource,
    submission::{Approval, Handover, Submission},
    tender::{EstimateRow, Tender},
    thresholds::Thresholds,
    units::{Conversion, Unit, UnitCode},
};

/// A library with edits in progress.
pub(super) struct Draft<'a> {
    pub(super) library: &'a mut Library,
    pub(super) by: UserId,
    pub(super) at_us: i64,
    pub(super) leads: &'a [UserId],
    pub(super) gst_pct: Pct,
    ids: &'a mut dyn IdSource,
    touched: TouchedRows,
    /// Versions of price books this command publishes as it goes.
    pub(super) published: HashMap<PriceBookId, u32>,
    /// Resources whose rows say their rate anew at the end.
    pub(super) rated: BTreeSet<ResourceId>,
}

/// What a command has touched, by kind of row.
#[derive(Default)]
pub(super) struct TouchedRows {
    units: Touched<UnitCode, Unit>,
    conversions: Touched<(UnitCode, UnitCode), Conversion>,
    books: Touched<PriceBookId, PriceBook>,
    book_versions: Touched<(PriceBookId, u32), PriceBookVersion>,
    rates: Touched<(ResourceId, u32), ResourceRates>,
    resources: Touched<ResourceId, Resource>,
    recipes: Touched<RecipeId, Recipe>,
    versions: Touched<(RecipeId, u32), RecipeVersion>,
    tenders: Touched<TenderId, Tender>,
    companies: Touched<CompanyId, Company>,
    estimates: Touched<EstimateId, EstimateRow>,
    approvals: Touched<(EstimateId, ApprovalId), Approval>,
    submissions: Touched<(EstimateId, SubmissionId), Submission>,
    handovers: Touched<(TenderId, HandoverId), Handover>,
    branding: Touched<(), Branding>,
    thresholds: Touched<(), Thresholds>,
    categorisations: Touched<CategorisationId, Categorisation>,
    content_kinds: Touched<ContentKindId, OwnContentKind>,
    labels: Touched<LabelledId, Labels>,
}

/// Rows of one kind as they were before the command, in order of first touch.
pub(super) struct Touched<K, T> {
    order: Vec<K>,
    before: HashMap<K, Option<Arc<T>>>,
}

impl<K, T> Default for Touched<K, T> {
    fn default() -> Self {
        Touched { order: Vec::new(), before: HashMap::new() }
    }
}

impl<K: Copy + Eq + Hash, T> Touched<K, T> {
    /// Notes `current` unless the row was touched already; gives the row before the command.
    fn note(&mut self, key: K, current: Option<&Arc<T>>) -> Option<Arc<T>> {
        let order = &mut self.order;
        let before = self.before.entry(key).or_insert_with(|| {
            order.push(key);
            current.cloned()
        });
        before.clone()
    }
}

/// A kind of row the library stores.
pub(super) trait Stored: Sized + PartialEq {
    type Key: Copy + Eq + Hash;
    fn key(&self) -> Self::Key;
    fn get(library: &Library, key: Self::Key) -> Option<&Arc<Self>>;
    fn store(library: &mut Library, delta: Delta<Self>);
    fn touched(rows: &mut TouchedRows) -> &mut Touched<Self::Key, Self>;
    /// The row as the next version after `original`, the row before the command: a row counts
    /// one change per command, however many edits touch it.
    fn follow(self, original: Option<&Self>, by: UserId, at_us: i64) -> Self;
}

macro_rules! stored {
    ($row:ident, $key:ty, $touched:ident, |$r:ident| $id:expr, |$l:ident, $k:ident| $get:expr,
     |$library:ident, $delta:ident| $store:expr, |$next:ident, $original:ident, $by:ident, $at:ident| $follow:expr) => {
        impl Stored for $row {
            type Key = $key;
            fn key(&self) -> $key {
                let $r = self;
                $id
            }
            fn get($l: &Library, $k: $key) -> Option<&Arc<Self>> {
                $get
            }
            fn store($library: &mut Library, $delta: Delta<Self>) {
                $store
            }
            fn touched(rows: &mut TouchedRows) -> &mut Touched<$key, Self> {
                &mut rows.$touched
            }
            fn follow(self, $original: Option<&Self>, $by: UserId, $at: i64) -> Self {
                let $next = self;
                $follow
            }
        }
    };
}
macro_rules! plain {
    ($row:ident, $key:ty, $touched:ident, |$r:ident| $id:expr, |$l:ident, $k:ident| $get:expr) => {
        stored!(
            $row,
            $key,
            $touched,
            |$r| $id,
            |$l, $k| $get,
            |library, delta| library.apply(&LibraryChange::$row(delta)),
            |row, _original, _by, _at| row
        );
    };
}
macro_rules! counted {
    ($row:ident, $key:ty, $touched:ident, |$l:ident, $k:ident| $get:expr,
     |$library:ident, $delta:ident| $store:expr) => {
        stored!(
            $row,
            $key,
            $touched,
            |row| row.id,
            |$l, $k| $get,
            |$library, $delta| $store,
            |row, original, by, at| $row {
                version: original.map_or(row.version, |o| o.version + 1),
                stamp: original.map_or(row.stamp, |o| o.stamp).touched(by, at),
                ..row
            }
        );
        impl Counted for $row {
            fn version(&self) -> u64 {
                self.version
            }
            fn counted_on(self) -> Self {
                $row { version: self.version + 1, ..self }
            }
            fn same(&self, other: &Self) -> bool {
                *self == $row { version: self.version, stamp: self.stamp, ..other.clone() }
            }
        }
    };
    ($row:ident, $key:ty, $touched:ident, |$l:ident, $k:ident| $get:expr) => {
        counted!($row, $key, $touched, |$l, $k| $get, |library, delta| library
            .apply(&LibraryChange::$row(delta)));
    };
}

/// A kind of row that counts its changes.
pub(super) trait Counted: Stored {
    fn version(&self) -> u64;
    /// The row one version on.
    fn counted_on(self) -> Self;
    /// Whether both say the same, whoever said it last.
    fn same(&self, other: &Self) -> bool;
}

counted!(Tender, TenderId, tenders, |l, k| l.tender(k));
counted!(EstimateRow, EstimateId, estimates, |l, k| l.estimate(k), |library, delta| library
    .apply_estimate_row(&delta));
counted!(OwnContentKind, ContentKindId, content_kinds, |l, k| l.content_kinds.get(&k));
counted!(Categorisation, CategorisationId, categorisations, |l, k| l.categorisations.get(&k));
counted!(Labels, LabelledId, labels, |l, k| l.labels_row(k));
counted!(Company, CompanyId, companies, |l, k| l.company(k));
counted!(PriceBook, PriceBookId, books, |l, k| l.catalogue.book(k));
counted!(Resource, ResourceId, resources, |l, k| l.catalogue.resource(k));
counted!(Recipe, RecipeId, recipes, |l, k| l.catalogue.recipe(k));
stored!(
    PriceBookVersion,
    (PriceBookId, u32),
    book_versions,
    |r| (r.book, r.n),
    |l, k| l.catalogue.book_version(k.0, k.1),
    |library, delta| library.apply(&LibraryChange::PriceBookVersion(delta)),
    |row, original, by, at| PriceBookVersion {
        version: original.map_or(row.version, |o| o.version + 1),
        stamp: original.map_or(row.stamp, |o| o.stamp).touched(by, at),
        ..row
    }
);
stored!(
    ResourceRates,
    (ResourceId, u32),
    rates,
    |r| (r.resource, r.n),
    |l, k| l.catalogue.own_rates(k.0, k.1),
    |library, delta| library.apply(&LibraryChange::ResourceRates(delta)),
    |row, original, _by, _at| ResourceRates {
        version: original.map_or(row.version, |o| o.version + 1),
        ..row
    }
);
plain!(RecipeVersion, (RecipeId, u32), versions, |r| (r.recipe, r.n), |l, k| l
    .catalogue
    .recipe_version(k.0, k.1));
plain!(Approval, (EstimateId, ApprovalId), approvals, |r| (r.estimate, r.id), |l, k| l
    .approvals
    .get(&k));
plain!(Submission, (EstimateId, SubmissionId), submissions, |r| (r.estimate, r.id), |l, k| l
    .submissions
    .get(&k));
plain!(Handover, (TenderId, HandoverId), handovers, |r| (r.tender, r.id), |l, k| l
    .handovers
    .get(&k));
stored!(
    Branding,
    (),
    branding,
    |_row| (),
    |l, _key| l.branding.as_ref(),
    |library, delta| library.apply(&LibraryChange::Branding(delta)),
    |row, original, by, at| row.followed(original, by, at)
);
stored!(
    Thresholds,
    (),
    thresholds,
    |_row| (),
    |l, _key| l.catalogue.thresholds_row(),
    |library, delta| library.apply(&LibraryChange::Thresholds(delta)),
    |row, original, by, at| row.followed(original, by, at)
);
plain!(Unit, UnitCode, units, |r| r.code, |l, k| l.catalogue.unit(k));
plain!(Conversion, (UnitCode, UnitCode), conversions, |r| (r.from, r.to), |l, k| l
    .catalogue
    .conversion_row(k.0, k.1));

impl<'a> Draft<'a> {
    pub(super) fn new(library: &'a mut Library, cx: &'a mut LibraryContext<'_>) -> Self {
        library.catalogue.set_day(Day::at_us(cx.at_us));
        Draft {
            library,
            by: cx.by,
            at_us: cx.at_us,
            leads: cx.leads,
            gst_pct: cx.gst_pct,
            ids: &mut *cx.ids,
            touched: TouchedRows::default(),
            published: HashMap::new(),
            rated: BTreeSet::new(),
        }
    }

    /// Puts a row in the library, in the place of the one with its key.
    pub(super) fn put<T: Stored>(&mut self, row: T) {
        let key = row.key();
        let before = T::get(self.library, key).cloned();
        let original = T::touched(&mut self.touched).note(key, before.as_ref());
        let after = row.follow(original.as_deref(), self.by, self.at_us);
        T::store(self.library, Delta { before, after: Some(Arc::new(after)) });
    }

    /// Takes a row out of the library.
    pub(super) fn remove<T: Stored>(&mut self, key: T::Key) {
        let before = T::get(self.library, key).cloned();
        T::touched(&mut self.touched).note(key, before.as_ref());
        T::store(self.library, Delta { before, after: None });
    }

    /// The row to change, unless it has changed since the person read it at version `expected`
    /// (BR-099). Edits of one command all give the version read before the first of them.
    pub(super) fn current<T: Counted>(
        &mut self,
        what: &'static str,
        id: Uuid,
        expected: Option<u64>,
    ) -> Result<Arc<T>, Refusal>
    where
        T::Key: From<Uuid>,
    {
        let key = T::Key::from(id);
        let row = T::get(self.library, key).ok_or(Refusal::NotFound { what, id })?.clone();
        let original = T::touched(&mut self.touched).before.get(&key).cloned().flatten();
        let read = original.as_deref().unwrap_or(&row).version();
        match expected {
            Some(version) if version != read => {
                Err(Refusal::StaleVersion { what, id, current: read })
            }
            Some(_) | None => Ok(row),
        }
    }

    /// The identity asked for, or a fresh one.
    ///
    /// # Errors
    /// A row of this kind has the identity already.
    pub(super) fn fresh<T: Stored>(&mut self, id: Option<Uuid>) -> Result<T::Key, Refusal>
    where
        T::Key: From<Uuid>,
    {
        let id = id.unwrap_or_else(|| self.ids.next_id());
        match T::get(self.library, T::Key::from(id)) {
            None => Ok(T::Key::from(id)),
            Some(_) => Err(Refusal::invalid("id", format!("The id {id} is taken."))),
        }
    }

    /// A fresh identity for a line.
    pub(super) fn next_id(&mut self) -> Uuid {
        self.ids.next_id()
    }

    /// The changes since the start: one per row that is not what it was.
    pub(super) fn finish(mut self) -> (Vec<LibraryChange>, Vec<Delta<EstimateRow>>) {
        self.settle_rates();
        let library = &*self.library;
        let rows = &self.touched;
        let mut changes = Vec::new();
        changes.extend(deltas(&rows.units, library).map(LibraryChange::Unit));
        changes.extend(deltas(&rows.conversions, library).map(LibraryChange::Conversion));
        changes.extend(deltas(&rows.books, library).map(LibraryChange::PriceBook));
        changes.extend(deltas(&rows.book_versions, library).map(LibraryChange::PriceBookVersion));
        changes.extend(deltas(&rows.rates, library).map(LibraryChange::ResourceRates));
        changes.extend(deltas(&rows.resources, library).map(LibraryChange::Resource));
        changes.extend(deltas(&rows.versions, library).map(LibraryChange::RecipeVersion));
        changes.extend(deltas(&rows.recipes, library).map(LibraryChange::Recipe));
        changes.extend(deltas(&rows.tenders, library).map(LibraryChange::Tender));
        changes.extend(deltas(&rows.approvals, library).map(LibraryChange::Approval));
        changes.extend(deltas(&rows.submissions, library).map(LibraryChange::Submission));
        changes.extend(deltas(&rows.handovers, library).map(LibraryChange::Handover));
        changes.extend(deltas(&rows.companies, library).map(LibraryChange::Company));
        changes.extend(deltas(&rows.branding, library).map(LibraryChange::Branding));
        changes.extend(deltas(&rows.thresholds, library).map(LibraryChange::Thresholds));
        changes.extend(deltas(&rows.categorisations, library).map(LibraryChange::Categorisation));
        changes.extend(deltas(&rows.content_kinds, library).map(LibraryChange::OwnContentKind));
        changes.extend(deltas(&rows.labels, library).map(LibraryChange::Labels));
        (changes, deltas(&rows.estimates, library).collect())
    }
}

fn deltas<'a, T: Stored>(
    touched: &'a Touched<T::Key, T>,
    library: &'a Library,
) -> impl Iterator<Item = Delta<T>> + 'a {
    touched.order.iter().filter_map(move |key| {
        let before = touched.before.get(key).cloned().flatten();
        let after = T::get(library, *key).cloned();
        (before != after).then_some(Delta { before, after })
    })
}
