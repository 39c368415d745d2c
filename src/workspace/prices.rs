//! Prices of whole estimates, remembered until the estimate changes: for lists that show many.

use super::{Workspace, WorkspaceError};
use crate::{
    estimating::{id::EstimateId, number::Money},
    ledger::Lsn,
};
use parking_lot::Mutex;
use std::{collections::HashMap, sync::Arc};

/// Prices remembered; beyond that all are forgotten and worked out again when asked for.
const PRICES_MAX: usize = 10_000;

/// What an estimate comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EstimatePrice {
    /// Direct and indirect cost, excluding GST.
    pub cost: Money,
    /// Price excluding GST; none while the rules as they stand make none.
    pub total_ex: Option<Money>,
}

/// Prices by estimate, each with the newest commit that it takes in.
#[derive(Default)]
pub(super) struct Prices(Mutex<HashMap<EstimateId, (Option<Lsn>, EstimatePrice)>>);

impl Workspace {
    /// What an estimate comes to. O(1) while it does not change; else it is read and priced, on a
    /// thread of its own.
    ///
    /// # Errors
    /// `NotFound`, or storage errors.
    pub async fn price(self: &Arc<Self>, id: EstimateId) -> Result<EstimatePrice, WorkspaceError> {
        // Taken before the estimate is: the price is then as new or newer.
        let changed = self.published().changed_at(id);
        let known = self.prices.0.lock().get(&id).copied();
        if let Some((as_of, price)) = known
            && as_of == changed
            && self.published().library.estimate(id).is_some()
        {
            return Ok(price);
        }
        let workspace = self.clone();
        let priced = tokio::task::spawn_blocking(move || {
            let estimate = workspace.estimate_blocking(id)?;
            let total_ex = estimate.price().ok().map(|price| price.pricing.tender_sum().total_ex);
            Ok(EstimatePrice { cost: estimate.totals().total(), total_ex })
        });
        let priced = priced.await;
        let price: Result<EstimatePrice, WorkspaceError> =
            priced.unwrap_or_else(|error| Err(WorkspaceError::Storage(error.to_string().into())));
        let price = price?;
        let mut prices = self.prices.0.lock();
        if prices.len() >= PRICES_MAX {
            prices.clear();
        }
        prices.insert(id, (changed, price));
        Ok(price)
    }
}
