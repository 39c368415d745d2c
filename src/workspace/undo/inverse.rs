//! The inverse of a commit, made against the rows as they are now.
//!
//! What is given back is a row's content before the commit. Its version and stamp move on when the
//! estimate or the library takes it in, so that nobody who read the row in between can mistake it
//! (BR-099).

use super::conflict;
use crate::{
    estimating::{
        acknowledgement::Acknowledgement,
        branding::Branding,
        categorisation::{Categorisation, Labels},
        change::{Delta, EstimateChange, LibraryChange},
        commercials::Commercials,
        company::Company,
        content::{Content, OwnContentKind},
        heading::{Heading, Stamp},
        id::{EstimateId, UserId},
        item::Item,
        library::only_marks_use,
        price_book::{PriceBook, PriceBookVersion, ResourceRates, VersionState},
        quotes::{Adjudication, Package, Quote},
        recipe::Recipe,
        resource::Resource,
        tender::{EstimateRow, Tender},
        thresholds::Thresholds,
        units::{Conversion, Unit},
        worksheet::Worksheet,
    },
    ledger::{Change, Record, Snapshot},
    workspace::{
        WorkspaceError,
        changes::{self, RowChange},
        command::Scope,
        rows::Stored,
        tables,
    },
};
use std::{ops::ControlFlow, sync::Arc};
use uuid::Uuid;

/// What is needed to take a commit back.
pub(in crate::workspace) struct Inverse<'a> {
    /// The ledger as it is now, every commit included.
    pub snapshot: &'a Snapshot,
    /// Where.
    pub scope: Scope,
    /// `undo` or `redo`.
    pub action: &'static str,
    /// The name of a person.
    pub name_of: &'a dyn Fn(UserId) -> Arc<str>,
}

/// What takes a commit back.
#[derive(Default)]
pub(in crate::workspace) struct Inverted {
    /// The rows of estimates, ready to be applied: each as it is now and as it was.
    pub inside: Vec<EstimateChange>,
    /// The commit's own changes of the library, for it to take back by its rules.
    pub library: Vec<LibraryChange>,
    /// The commit's own changes of estimates' rows, for the library likewise.
    pub estimate_rows: Vec<Delta<EstimateRow>>,
}

/// What takes `record` back. O(changes log n).
///
/// # Errors
/// `UndoConflict` when a row is no longer as the commit left it; storage errors.
pub(in crate::workspace) fn invert(
    cx: &Inverse<'_>,
    record: &Record,
) -> Result<Inverted, WorkspaceError> {
    let mut inverted = Inverted::default();
    for change in &record.changes {
        match (changes::decode(change)?, cx.scope) {
            (RowChange::Other(_), _) => {}
            (RowChange::Estimate(EstimateChange::Estimate(delta)), Scope::Library) => {
                restore(cx, record, change, &delta)?;
                inverted.estimate_rows.push(delta);
            }
            (RowChange::Estimate(typed), Scope::Estimate(_) | Scope::Library) => {
                inverted.inside.extend(restore_inside(cx, record, change, &typed)?);
            }
            // Only marks of first use travel with an estimate's commits, and those stay.
            (RowChange::Library(_), Scope::Estimate(_)) => {}
            (RowChange::Library(typed), Scope::Library) => {
                if !only_marks_use(&typed) {
                    as_left(cx, record, change, &typed)?;
                    inverted.library.push(typed);
                }
            }
        }
    }
    Ok(inverted)
}

fn restore_inside(
    cx: &Inverse<'_>,
    record: &Record,
    change: &Change,
    typed: &EstimateChange,
) -> Result<Option<EstimateChange>, WorkspaceError> {
    use EstimateChange as E;
    Ok(match typed {
        E::Estimate(delta) => restore(cx, record, change, delta)?.map(E::Estimate),
        E::Heading(delta) => restore(cx, record, change, delta)?.map(E::Heading),
        E::Item(delta) => restore(cx, record, change, delta)?.map(E::Item),
        E::Worksheet(delta) => restore(cx, record, change, delta)?.map(E::Worksheet),
        E::Commercials(delta) => restore(cx, record, change, delta)?.map(E::Commercials),
        E::Content(delta) => restore(cx, record, change, delta)?.map(E::Content),
        E::Package(delta) => restore(cx, record, change, delta)?.map(E::Package),
        E::Adjudication(delta) => restore(cx, record, change, delta)?.map(E::Adjudication),
        E::Quote(delta) => restore(cx, record, change, delta)?.map(E::Quote),
        E::Acknowledgement(delta) => restore(cx, record, change, delta)?.map(E::Acknowledgement),
    })
}

/// Checks that a row of the library is as the commit left it.
fn as_left(
    cx: &Inverse<'_>,
    record: &Record,
    change: &Change,
    typed: &LibraryChange,
) -> Result<(), WorkspaceError> {
    use LibraryChange as L;
    match typed {
        L::Tender(delta) => restore(cx, record, change, delta).map(drop),
        L::Unit(delta) => restore(cx, record, change, delta).map(drop),
        L::Conversion(delta) => restore(cx, record, change, delta).map(drop),
        L::PriceBook(delta) => restore(cx, record, change, delta).map(drop),
        // A published version never changes; what corrected it since has made its own mark on the
        // resource.
        L::PriceBookVersion(delta) => match delta.after.as_ref().map(|version| version.state) {
            Some(VersionState::Published | VersionState::Archived) => Ok(()),
            Some(VersionState::Draft) | None => restore(cx, record, change, delta).map(drop),
        },
        L::ResourceRates(delta) => restore(cx, record, change, delta).map(drop),
        L::Resource(delta) => restore(cx, record, change, delta).map(drop),
        L::Company(delta) => restore(cx, record, change, delta).map(drop),
        L::Recipe(delta) => restore(cx, record, change, delta).map(drop),
        L::Branding(delta) => restore(cx, record, change, delta).map(drop),
        L::Thresholds(delta) => restore(cx, record, change, delta).map(drop),
        L::Categorisation(delta) => restore(cx, record, change, delta).map(drop),
        L::Labels(delta) => restore(cx, record, change, delta).map(drop),
        L::OwnContentKind(delta) => restore(cx, record, change, delta).map(drop),
        // They never change, or only by commands that nobody takes back.
        L::RecipeVersion(_) | L::Submission(_) | L::Handover(_) | L::Approval(_) => Ok(()),
    }
}

/// The change that gives a row its content before the commit; `None` when it has it already.
fn restore<T: Restorable>(
    cx: &Inverse<'_>,
    record: &Record,
    change: &Change,
    delta: &Delta<T>,
) -> Result<Option<Delta<T>>, WorkspaceError> {
    let stored = cx.snapshot.get(change.table, &change.key)?;
    let current = stored.map(|row| T::from_row(&change.key, &row)).transpose()?;
    let removal = delta.before.is_none();
    let as_left = match (&current, &delta.after) {
        (Some(current), Some(left)) => same_content(current, left, removal),
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    };
    if !as_left {
        let row = current.as_ref().or(delta.row().map(|row| &**row));
        return Err(conflict::changed_since(cx, record, change, row));
    }
    Ok(Some(Delta { before: current.map(Arc::new), after: delta.before.clone() }))
}

/// Whether two rows differ only in version and stamp. A mark of use counts only where the row
/// would go: then somebody relies on it.
fn same_content<T: Restorable>(a: &T, b: &T, removal: bool) -> bool {
    let (mut a, mut b) = (a.clone(), b.clone());
    if let (Some(x), Some(y)) = (a.version_mut(), b.version_mut()) {
        *x = *y;
    }
    if let (Some(x), Some(y)) = (a.stamp_mut(), b.stamp_mut()) {
        *x = *y;
    }
    a.level(&b);
    if !removal {
        a.keep(&b);
    }
    a == b
}

/// An entity whose rows can be given back an earlier content.
pub(super) trait Restorable: Stored + Clone + PartialEq {
    /// What people call it.
    const WHAT: &'static str;
    /// Its identity, nil where it goes by a code.
    fn uuid(&self) -> Uuid;
    /// Its code or name, as people know it.
    fn title(&self) -> String;
    /// Its version, where it has one.
    fn version_mut(&mut self) -> Option<&mut u64>;
    /// Its stamp, where it has one.
    fn stamp_mut(&mut self) -> Option<&mut Stamp> {
        None
    }
    /// Takes over versions and stamps of what is inside the row, as those of the row itself.
    fn level(&mut self, _other: &Self) {}
    /// Takes over from another row what taking back does not touch.
    fn keep(&mut self, _other: &Self) {}
}

fn title(code: &str, name: &str) -> String {
    if code.is_empty() { name.to_owned() } else { code.to_owned() }
}

impl Restorable for EstimateRow {
    const WHAT: &'static str = "estimate";
    fn uuid(&self) -> Uuid {
        self.id.0
    }
    fn title(&self) -> String {
        title(&self.code, &self.name)
    }
    fn version_mut(&mut self) -> Option<&mut u64> {
        Some(&mut self.version)
    }
    fn stamp_mut(&mut self) -> Option<&mut Stamp> {
        Some(&mut self.stamp)
    }
    fn keep(&mut self, other: &Self) {
        self.state = other.state;
    }
}

macro_rules! restorable {
    ($($entity:ty, $what:literal, $id:expr, $title:expr $(, $level:expr)?;)+) => {$(
        impl Restorable for $entity {
            const WHAT: &'static str = $what;
            fn uuid(&self) -> Uuid {
                let id: fn(&$entity) -> Uuid = $id;
                id(self)
            }
            fn title(&self) -> String {
                let title: fn(&$entity) -> String = $title;
                title(self)
            }
            fn version_mut(&mut self) -> Option<&mut u64> {
                Some(&mut self.version)
            }
            fn stamp_mut(&mut self) -> Option<&mut Stamp> {
                Some(&mut self.stamp)
            }
            $(fn level(&mut self, other: &Self) {
                let level: fn(&mut $entity, &$entity) = $level;
                level(self, other);
            })?
        }
    )+};
}

restorable! {
    Heading, "heading", |row| row.id.0, |row| title(&row.code, &row.name);
    Item, "item", |row| row.id.0, |row| title(&row.code, &row.description);
    Package, "package", |row| row.id.0, |row| row.title().to_owned();
    Adjudication, "adjudication", |row| row.package.0, |row| format!("round {}", row.round);
    Quote, "quote", |row| row.id.0, |row| row.name.to_string();
    Tender, "tender", |row| row.id.0, |row| title(&row.number, &row.name);
    Categorisation, "categorisation", |row| row.id.0, |row| row.name.to_string();
    OwnContentKind, "kind of content", |row| row.id.0, |row| row.title.to_string();
    Labels, "labels", |row| row.id.0, |row| format!("of a {}", row.kind.name());
    Company, "company", |row| row.id.0, |row| row.name.to_string();
    PriceBookVersion, "price book version", |row| row.book.0, |row| row.n.to_string();
    PriceBook, "price book", |row| row.id.0, |row| row.name.to_string();
    Acknowledgement, "acknowledgement", |row| row.id.0, |row| format!("of {}", row.matter);
    Commercials, "commercials", |row| row.estimate.0, |_| "of the estimate".to_owned(),
        level_commercials;
    Content, "content", |row| row.estimate.0, |_| "of the estimate".to_owned(), level_content;
}

/// The rules keep their own versions; locks are counted, not taken back.
fn level_commercials(row: &mut Commercials, other: &Commercials) {
    row.locks = other.locks;
    for rule in &mut row.rules {
        if let Some(same) = other.rules.iter().find(|one| one.id == rule.id) {
            (rule.version, rule.stamp) = (same.version, same.stamp);
        }
    }
}

fn level_content(row: &mut Content, other: &Content) {
    for block in &mut row.blocks {
        if let Some(same) = other.blocks.iter().find(|one| one.id == block.id) {
            block.version = same.version;
        }
    }
}

impl Restorable for Worksheet {
    const WHAT: &'static str = "worksheet";
    fn uuid(&self) -> Uuid {
        self.item.0
    }
    fn title(&self) -> String {
        "of an item".to_owned()
    }
    fn version_mut(&mut self) -> Option<&mut u64> {
        Some(&mut self.version)
    }
}

impl Restorable for ResourceRates {
    const WHAT: &'static str = "rate";
    fn uuid(&self) -> Uuid {
        self.resource.0
    }
    fn title(&self) -> String {
        "of a resource".to_owned()
    }
    fn version_mut(&mut self) -> Option<&mut u64> {
        Some(&mut self.version)
    }
}

impl Restorable for Thresholds {
    const WHAT: &'static str = "thresholds";
    fn uuid(&self) -> Uuid {
        Uuid::nil()
    }
    fn title(&self) -> String {
        "of rules".to_owned()
    }
    fn version_mut(&mut self) -> Option<&mut u64> {
        Some(&mut self.version)
    }
}

impl Restorable for Branding {
    const WHAT: &'static str = "look";
    fn uuid(&self) -> Uuid {
        Uuid::nil()
    }
    fn title(&self) -> String {
        "of documents".to_owned()
    }
    fn version_mut(&mut self) -> Option<&mut u64> {
        Some(&mut self.version)
    }
    fn stamp_mut(&mut self) -> Option<&mut Stamp> {
        self.stamp.as_mut()
    }
}

macro_rules! used_once {
    ($($entity:ty, $what:literal;)+) => {$(
        impl Restorable for $entity {
            const WHAT: &'static str = $what;
            fn uuid(&self) -> Uuid {
                self.id.0
            }
            fn title(&self) -> String {
                self.code.to_string()
            }
            fn version_mut(&mut self) -> Option<&mut u64> {
                Some(&mut self.version)
            }
            fn stamp_mut(&mut self) -> Option<&mut Stamp> {
                Some(&mut self.stamp)
            }
            fn keep(&mut self, other: &Self) {
                self.used = other.used;
            }
        }
    )+};
}

used_once! {
    Resource, "resource";
    Recipe, "recipe";
}

macro_rules! by_code {
    ($($entity:ty, $what:literal, $title:expr;)+) => {$(
        impl Restorable for $entity {
            const WHAT: &'static str = $what;
            fn uuid(&self) -> Uuid {
                Uuid::nil()
            }
            fn title(&self) -> String {
                let title: fn(&$entity) -> String = $title;
                title(self)
            }
            fn version_mut(&mut self) -> Option<&mut u64> {
                None
            }
        }
    )+};
}

by_code! {
    Unit, "unit", |row| row.code.as_str().to_owned();
    Conversion, "conversion", |row| format!("{} to {}", row.from.as_str(), row.to.as_str());
}

/// Table and key of every row inside an estimate. O(rows).
pub(in crate::workspace) fn inner_keys(
    snapshot: &Snapshot,
    estimate: EstimateId,
) -> Result<Vec<(crate::ledger::TableId, Vec<u8>)>, WorkspaceError> {
    let mut keys = Vec::new();
    for table in tables::INSIDE_ESTIMATES {
        let table = *table;
        snapshot.scan_prefix::<WorkspaceError>(table, &estimate.bytes(), |key, _| {
            keys.push((table, key.to_vec()));
            Ok(ControlFlow::Continue(()))
        })?;
    }
    Ok(keys)
}
