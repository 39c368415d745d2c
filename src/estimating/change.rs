//! Changes: rows before and after. A commit is a list of them, its inverse the undo.

use super::{
    acknowledgement::Acknowledgement,
    branding::Branding,
    categorisation::{Categorisation, Labels},
    commercials::Commercials,
    company::Company,
    content::{Content, OwnContentKind},
    heading::Heading,
    id::EstimateId,
    item::Item,
    price_book::{PriceBook, PriceBookVersion, ResourceRates},
    quotes::{Adjudication, Package, Quote},
    recipe::{Recipe, RecipeVersion},
    resource::Resource,
    submission::{Approval, Handover, Submission},
    tender::{EstimateRow, Tender},
    thresholds::Thresholds,
    units::{Conversion, Unit},
    worksheet::Worksheet,
};
use std::sync::Arc;
use uuid::Uuid;

/// One row before and after; both present for a change, one for an insert or a delete.
#[derive(Debug, PartialEq, Eq)]
pub struct Delta<T> {
    /// The row as it was, none when the change inserts it.
    pub before: Option<Arc<T>>,
    /// The row as it becomes, none when the change deletes it.
    pub after: Option<Arc<T>>,
}

impl<T> Clone for Delta<T> {
    fn clone(&self) -> Self {
        Delta { before: self.before.clone(), after: self.after.clone() }
    }
}

impl<T> Delta<T> {
    /// A new row.
    pub fn insert(after: T) -> Self {
        Delta { before: None, after: Some(Arc::new(after)) }
    }
    /// A row that goes.
    pub fn delete(before: Arc<T>) -> Self {
        Delta { before: Some(before), after: None }
    }
    /// A row that changes.
    pub fn update(before: Arc<T>, after: T) -> Self {
        Delta { before: Some(before), after: Some(Arc::new(after)) }
    }
    /// The same change backwards.
    pub fn inverse(&self) -> Self {
        Delta { before: self.after.clone(), after: self.before.clone() }
    }
    /// Whichever of the two rows is there; before and after share their identity.
    pub fn row(&self) -> Option<&Arc<T>> {
        self.after.as_ref().or(self.before.as_ref())
    }
}

/// A change inside one estimate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EstimateChange {
    /// The estimate's own row.
    Estimate(Delta<EstimateRow>),
    /// A heading.
    Heading(Delta<Heading>),
    /// An item.
    Item(Delta<Item>),
    /// The worksheet of an item.
    Worksheet(Delta<Worksheet>),
    /// The commercials: rules and terms of the price.
    Commercials(Delta<Commercials>),
    /// The content blocks.
    Content(Delta<Content>),
    /// A package put to the market.
    Package(Delta<Package>),
    /// A round of adjudication of a package.
    Adjudication(Delta<Adjudication>),
    /// A quote, or an invitation to give one.
    Quote(Delta<Quote>),
    /// An acceptance of what a rule refuses.
    Acknowledgement(Delta<Acknowledgement>),
}

impl EstimateChange {
    /// The same change backwards.
    pub fn inverse(&self) -> Self {
        match self {
            EstimateChange::Estimate(d) => EstimateChange::Estimate(d.inverse()),
            EstimateChange::Heading(d) => EstimateChange::Heading(d.inverse()),
            EstimateChange::Item(d) => EstimateChange::Item(d.inverse()),
            EstimateChange::Worksheet(d) => EstimateChange::Worksheet(d.inverse()),
            EstimateChange::Commercials(d) => EstimateChange::Commercials(d.inverse()),
            EstimateChange::Content(d) => EstimateChange::Content(d.inverse()),
            EstimateChange::Package(d) => EstimateChange::Package(d.inverse()),
            EstimateChange::Adjudication(d) => EstimateChange::Adjudication(d.inverse()),
            EstimateChange::Quote(d) => EstimateChange::Quote(d.inverse()),
            EstimateChange::Acknowledgement(d) => EstimateChange::Acknowledgement(d.inverse()),
        }
    }
    /// The row's identity; a worksheet's is its item's, that of commercials and content the
    /// estimate's, that of a round its package's.
    pub fn row_id(&self) -> Option<Uuid> {
        match self {
            EstimateChange::Estimate(d) => d.row().map(|r| r.id.0),
            EstimateChange::Heading(d) => d.row().map(|r| r.id.0),
            EstimateChange::Item(d) => d.row().map(|r| r.id.0),
            EstimateChange::Worksheet(d) => d.row().map(|r| r.item.0),
            EstimateChange::Commercials(d) => d.row().map(|r| r.estimate.0),
            EstimateChange::Content(d) => d.row().map(|r| r.estimate.0),
            EstimateChange::Package(d) => d.row().map(|r| r.id.0),
            EstimateChange::Adjudication(d) => d.row().map(|r| r.package.0),
            EstimateChange::Quote(d) => d.row().map(|r| r.id.0),
            EstimateChange::Acknowledgement(d) => d.row().map(|r| r.id.0),
        }
    }
    /// The estimate the row belongs to.
    pub fn estimate(&self) -> Option<EstimateId> {
        match self {
            EstimateChange::Estimate(d) => d.row().map(|r| r.id),
            EstimateChange::Heading(d) => d.row().map(|r| r.estimate),
            EstimateChange::Item(d) => d.row().map(|r| r.estimate),
            EstimateChange::Worksheet(d) => d.row().map(|r| r.estimate),
            EstimateChange::Commercials(d) => d.row().map(|r| r.estimate),
            EstimateChange::Content(d) => d.row().map(|r| r.estimate),
            EstimateChange::Package(d) => d.row().map(|r| r.estimate),
            EstimateChange::Adjudication(d) => d.row().map(|r| r.estimate),
            EstimateChange::Quote(d) => d.row().map(|r| r.estimate),
            EstimateChange::Acknowledgement(d) => d.row().map(|r| r.estimate),
        }
    }
}

/// A change to what all estimates of the organisation share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LibraryChange {
    /// A tender.
    Tender(Delta<Tender>),
    /// A unit of measure.
    Unit(Delta<Unit>),
    /// A conversion between two units.
    Conversion(Delta<Conversion>),
    /// A price book.
    PriceBook(Delta<PriceBook>),
    /// A version of a price book.
    PriceBookVersion(Delta<PriceBookVersion>),
    /// The rates of a resource in a version of its price book.
    ResourceRates(Delta<ResourceRates>),
    /// A resource.
    Resource(Delta<Resource>),
    /// A recipe.
    Recipe(Delta<Recipe>),
    /// A version of a recipe.
    RecipeVersion(Delta<RecipeVersion>),
    /// An approval of an estimate.
    Approval(Delta<Approval>),
    /// What was sent to a client.
    Submission(Delta<Submission>),
    /// A budget handed to a job.
    Handover(Delta<Handover>),
    /// A company.
    Company(Delta<Company>),
    /// How documents look.
    Branding(Delta<Branding>),
    /// The figures of rules that the organisation sets.
    Thresholds(Delta<Thresholds>),
    /// A categorisation.
    Categorisation(Delta<Categorisation>),
    /// What a row carries of the categorisations.
    Labels(Delta<Labels>),
    /// A kind of content block.
    OwnContentKind(Delta<OwnContentKind>),
}

impl LibraryChange {
    /// The same change backwards.
    pub fn inverse(&self) -> Self {
        match self {
            LibraryChange::Tender(d) => LibraryChange::Tender(d.inverse()),
            LibraryChange::Unit(d) => LibraryChange::Unit(d.inverse()),
            LibraryChange::Conversion(d) => LibraryChange::Conversion(d.inverse()),
            LibraryChange::PriceBook(d) => LibraryChange::PriceBook(d.inverse()),
            LibraryChange::PriceBookVersion(d) => LibraryChange::PriceBookVersion(d.inverse()),
            LibraryChange::ResourceRates(d) => LibraryChange::ResourceRates(d.inverse()),
            LibraryChange::Resource(d) => LibraryChange::Resource(d.inverse()),
            LibraryChange::Recipe(d) => LibraryChange::Recipe(d.inverse()),
            LibraryChange::RecipeVersion(d) => LibraryChange::RecipeVersion(d.inverse()),
            LibraryChange::Approval(d) => LibraryChange::Approval(d.inverse()),
            LibraryChange::Submission(d) => LibraryChange::Submission(d.inverse()),
            LibraryChange::Handover(d) => LibraryChange::Handover(d.inverse()),
            LibraryChange::Company(d) => LibraryChange::Company(d.inverse()),
            LibraryChange::Branding(d) => LibraryChange::Branding(d.inverse()),
            LibraryChange::Thresholds(d) => LibraryChange::Thresholds(d.inverse()),
            LibraryChange::Categorisation(d) => LibraryChange::Categorisation(d.inverse()),
            LibraryChange::Labels(d) => LibraryChange::Labels(d.inverse()),
            LibraryChange::OwnContentKind(d) => LibraryChange::OwnContentKind(d.inverse()),
        }
    }
}
