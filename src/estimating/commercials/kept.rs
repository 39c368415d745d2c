//! The price kept beside an estimate: formed when first asked for, then brought up from the one
//! before by what an edit changed, so that reads between edits share one.

use super::{
    error::PricingError,
    pricing::{Pricing, Sold},
};
use crate::estimating::{
    estimate::Estimate,
    id::{HeadingId, ItemId},
    number::Money,
};
use std::{
    collections::HashMap,
    sync::{Arc, OnceLock},
};
use uuid::Uuid;

/// Rows that edits without a reader may change before the next price is formed anew instead.
const CHANGED_ROWS_MAX: usize = 4_096;

/// A settled price, with the sell of every heading.
#[derive(Debug)]
pub struct Price {
    /// The price.
    pub pricing: Pricing,
    headings: HashMap<HeadingId, Money>,
}

impl Price {
    fn new(pricing: Pricing) -> Result<Price, PricingError> {
        let headings = pricing.heading_sells()?.into_iter().collect();
        Ok(Price { pricing, headings })
    }

    /// What an item sells for; none for one the client does not see or that has no price. O(1).
    ///
    /// # Errors
    /// When the rate of an item outside the total is beyond the range of figures.
    pub fn item(&self, id: ItemId) -> Result<Option<Sold>, PricingError> {
        self.pricing.sold(id)
    }

    /// What all items under a heading sell for together. O(1).
    pub fn heading(&self, id: HeadingId) -> Option<Money> {
        self.headings.get(&id).copied()
    }
}

type Formed = Result<Arc<Price>, PricingError>;

/// The price of one state of an estimate. Cloning costs O(1); clones of one state share it.
#[derive(Clone, Default)]
pub(in crate::estimating) struct KeptPrice {
    formed: Arc<OnceLock<Formed>>,
    /// The newest price formed before, and the rows changed since.
    earlier: Option<(Arc<Price>, Vec<Uuid>)>,
}

impl KeptPrice {
    /// The state has changed in these rows only; none where rows came or went, or rules or terms
    /// changed. O(rows).
    pub fn moved_on(&mut self, rows: Option<&[Uuid]>) {
        let formed = std::mem::take(&mut self.formed);
        let earlier = match (formed.get(), self.earlier.take()) {
            (Some(Ok(price)), _) => Some((Arc::clone(price), Vec::new())),
            (Some(Err(_)), _) => None,
            (None, earlier) => earlier,
        };
        self.earlier = rows.zip(earlier).and_then(|(rows, (price, mut changed))| {
            changed.extend_from_slice(rows);
            (changed.len() <= CHANGED_ROWS_MAX).then_some((price, changed))
        });
    }

    /// The price of `estimate`, whose state this belongs to. O(1) once formed; O(items x rules) in
    /// integers after an edit of costs; as [`Estimate::priced_by`] otherwise.
    pub fn get(&self, estimate: &Estimate) -> Formed {
        self.formed.get_or_init(|| self.form(estimate)).clone()
    }

    fn form(&self, estimate: &Estimate) -> Formed {
        if let Some((price, rows)) = &self.earlier {
            let mut pricing = price.pricing.clone();
            // What cannot be followed is formed anew, so that an error is told in full.
            if pricing.follow(estimate, rows) == Ok(true) {
                return Price::new(pricing).map(Arc::new);
            }
        }
        Price::new(estimate.priced_by(estimate.commercials())?).map(Arc::new)
    }
}
