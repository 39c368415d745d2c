//! Categorisations: how an organisation sorts what it works with (domain 2.10).
//!
//! A [`Categorisation`] has options, of which a tender, resource, item or company carries at most
//! one; a code has options with a meaning elsewhere, a flag has none and is carried or not. What an
//! object carries is a row of its own ([`Labels`]), so that a category is no part of a price and
//! may be given to what is frozen. Options are archived, never taken away: an old record reads as
//! it did.

use super::{
    heading::Stamp,
    id::{CategorisationId, LabelledId, OptionId},
    limits::{CODE_CHARS_MAX, NAME_CHARS_MAX},
    refusal::Refusal,
    typed,
};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use utoipa::ToSchema;
use uuid::Uuid;

/// Categorisations of one organisation.
pub const CATEGORISATIONS_MAX: usize = 200;
/// Options of one categorisation, archived ones too.
pub const OPTIONS_MAX: usize = 500;

/// What a categorisation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CategorisationKind {
    /// One option of several, such as a region.
    Category,
    /// One option of several, each with a code that means something elsewhere, such as a cost code.
    Code,
    /// A marker that is there or not.
    Flag,
}

impl CategorisationKind {
    /// What people call it.
    pub const fn name(self) -> &'static str {
        match self {
            CategorisationKind::Category => "category",
            CategorisationKind::Code => "code",
            CategorisationKind::Flag => "flag",
        }
    }
}

/// What a categorisation is given to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AppliesTo {
    /// Tenders.
    pub tenders: bool,
    /// Resources.
    pub resources: bool,
    /// Items of estimates.
    pub items: bool,
    /// Companies.
    pub companies: bool,
}

/// A kind of row that carries labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LabelledKind {
    /// A tender.
    Tender,
    /// A resource.
    Resource,
    /// An item of an estimate.
    Item,
    /// A company.
    Company,
}

impl LabelledKind {
    /// What people call it.
    pub const fn name(self) -> &'static str {
        match self {
            LabelledKind::Tender => "tender",
            LabelledKind::Resource => "resource",
            LabelledKind::Item => "item",
            LabelledKind::Company => "company",
        }
    }
}

impl AppliesTo {
    /// Whether it is given to rows of a kind.
    pub const fn holds(self, kind: LabelledKind) -> bool {
        match kind {
            LabelledKind::Tender => self.tenders,
            LabelledKind::Resource => self.resources,
            LabelledKind::Item => self.items,
            LabelledKind::Company => self.companies,
        }
    }

    /// Whether it is given to nothing.
    const fn is_nothing(self) -> bool {
        !(self.tenders || self.resources || self.items || self.companies)
    }
}

/// An option of a categorisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CategoryOption {
    /// Identity, unique among the options of all categorisations.
    pub id: OptionId,
    /// Its code; needed in a code.
    pub code: Box<str>,
    /// Its name.
    pub name: Box<str>,
    /// Not to be chosen any more.
    pub archived: bool,
}

/// A categorisation row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Categorisation {
    /// Identity.
    pub id: CategorisationId,
    /// Name, unique whatever the case.
    pub name: Box<str>,
    /// What it is; never changes.
    pub kind: CategorisationKind,
    /// What it is given to.
    pub applies_to: AppliesTo,
    /// Its options in order; a flag has one, itself.
    pub options: Vec<CategoryOption>,
    /// Not to be given any more.
    pub archived: bool,
    /// Counts changes of this row, from 1.
    pub version: u64,
    /// Who and when.
    pub stamp: Stamp,
}

impl Categorisation {
    /// An option.
    pub fn option(&self, id: OptionId) -> Option<&CategoryOption> {
        self.options.iter().find(|option| option.id == id)
    }
}

/// What one row carries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Labels {
    /// The row.
    pub id: LabelledId,
    /// What the row is.
    pub kind: LabelledKind,
    /// The options it carries, at most one of each categorisation, by identity.
    pub options: Vec<OptionId>,
    /// Counts changes of this row, from 1.
    pub version: u64,
    /// Who and when.
    pub stamp: Stamp,
}

/// Fields of a categorisation; absent ones stay as they are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct CategorisationFields {
    /// Name; needed on a new one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it is; a category where never given, and not to be changed after.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<CategorisationKind>,
    /// What it is given to; needed on a new one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub applies_to: Option<AppliesTo>,
    /// All of its options in order; one that is there already is named by its identity and cannot
    /// be left out, only archived. A flag has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub options: Option<Vec<OptionInput>>,
    /// Whether it is not to be given any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub archived: Option<bool>,
}

/// An option as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct OptionInput {
    /// Its identity; a new option where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<Uuid>,
    /// Its code; needed in a code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Whether it is not to be chosen any more.
    pub archived: bool,
}

impl CategorisationFields {
    /// Writes what is given into a row; `fresh` makes the identities of new options.
    ///
    /// # Errors
    /// A name missing or too long, options that break the bounds or leave one out.
    pub(super) fn write(
        &self,
        row: &mut Categorisation,
        fresh: &mut dyn FnMut() -> Uuid,
    ) -> Result<(), Refusal> {
        typed::set_needed(&mut row.name, "name", self.name.as_deref(), NAME_CHARS_MAX)?;
        if self.kind.is_some_and(|kind| kind != row.kind) {
            let message = "What a categorisation is never changes; archive it and add another.";
            return Err(Refusal::invalid("kind", message));
        }
        row.applies_to = self.applies_to.unwrap_or(row.applies_to);
        if row.applies_to.is_nothing() {
            let message = "Say what it is given to: tenders, resources, items or companies.";
            return Err(Refusal::invalid("appliesTo", message));
        }
        row.archived = self.archived.unwrap_or(row.archived);
        match (&self.options, row.kind) {
            (Some(inputs), CategorisationKind::Category | CategorisationKind::Code) => {
                row.options = options(row, inputs, fresh)?;
            }
            (Some(inputs), CategorisationKind::Flag) if !inputs.is_empty() => {
                return Err(Refusal::invalid("options", "A flag has no options."));
            }
            (Some(_) | None, _) => {}
        }
        if row.kind == CategorisationKind::Flag {
            let (name, archived) = (row.name.clone(), row.archived);
            let id = row.options.first().map_or_else(|| OptionId(fresh()), |option| option.id);
            row.options = vec![CategoryOption { id, code: Box::default(), name, archived }];
        }
        Ok(())
    }
}

fn options(
    row: &Categorisation,
    inputs: &[OptionInput],
    fresh: &mut dyn FnMut() -> Uuid,
) -> Result<Vec<CategoryOption>, Refusal> {
    if inputs.len() > OPTIONS_MAX {
        return Err(Refusal::TooMany { what: "options", limit: OPTIONS_MAX });
    }
    let (mut options, mut names) = (Vec::with_capacity(inputs.len()), HashSet::new());
    for input in inputs {
        let name = typed::needed("options", Some(&input.name), NAME_CHARS_MAX)?;
        let code = typed::within("options", &input.code, CODE_CHARS_MAX)?;
        let missing = row.kind == CategorisationKind::Code && code.is_empty();
        let known = if missing {
            ""
        } else if code.is_empty() {
            &*name
        } else {
            &*code
        };
        if missing || !names.insert(known.to_lowercase()) {
            let message = match missing {
                true => format!("Option {name} needs a code."),
                false => format!("There are two options {known}."),
            };
            return Err(Refusal::invalid("options", message));
        }
        let id = match input.id {
            None => OptionId(fresh()),
            Some(id) if row.option(OptionId(id)).is_some() => OptionId(id),
            Some(id) => return Err(Refusal::NotFound { what: "option", id }),
        };
        options.push(CategoryOption { id, code, name, archived: input.archived });
    }
    let mut ids = HashSet::new();
    if let Some(twice) = options.iter().find(|option| !ids.insert(option.id)) {
        return Err(Refusal::invalid("options", format!("Option {} is there twice.", twice.name)));
    }
    let kept = |old: &&CategoryOption| options.iter().any(|option| option.id == old.id);
    if let Some(gone) = row.options.iter().find(|old| !kept(old)) {
        let message = format!("Option {} stays for old records: archive it instead.", gone.name);
        return Err(Refusal::invalid("options", message));
    }
    Ok(options)
}
