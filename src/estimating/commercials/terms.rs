//! What an estimate settles once for its whole price: decimals of rates, the balancing item, GST.

use crate::estimating::{
    id::ItemId,
    number::{Pct, Qty, SELL_RATE_DECIMALS_MIN, SellRate},
    rules::{RuleId, Violation},
};
use serde::{Deserialize, Serialize};

/// Decimals of a sell rate where no tier says otherwise (BR-084).
pub const SELL_RATE_DECIMALS: u8 = SELL_RATE_DECIMALS_MIN as u8;
/// The most tiers an estimate has.
pub const RATE_TIERS_MAX: usize = 20;

/// Decimals of the sell rates of items from a quantity on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RateTier {
    /// The least quantity of the tier.
    pub from: Qty,
    /// Decimals of its sell rates, 0 to 4.
    pub decimals: u8,
}

/// The commercial terms of an estimate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Terms {
    /// Tiers of sell-rate decimals, in any order; two decimals where none applies.
    pub tiers: Vec<RateTier>,
    /// The lump-sum item that takes the misclose (BR-085).
    pub balancing: Option<ItemId>,
    /// GST in percent.
    pub gst: Pct,
}

impl Terms {
    /// Two decimals, no balancing item, GST at `gst`.
    pub const fn plain(gst: Pct) -> Terms {
        Terms { tiers: Vec::new(), balancing: None, gst }
    }

    /// Decimals of the sell rate of an item of this quantity: the tier with the greatest `from`
    /// not above it, two by default (BR-084). O(tiers).
    pub fn decimals(&self, quantity: Qty) -> u8 {
        let reached = self.tiers.iter().filter(|tier| tier.from <= quantity);
        reached.max_by_key(|tier| tier.from).map_or(SELL_RATE_DECIMALS, |tier| tier.decimals)
    }

    /// BR-084 on the tiers themselves: 0 to 4 decimals, no two from the same quantity.
    pub fn check(&self) -> Vec<Violation> {
        let mut broken = Vec::new();
        let mut violate = |message: String| {
            broken.push(Violation::new(RuleId::br(84), message).field("rateTiers"));
        };
        if self.tiers.len() > RATE_TIERS_MAX {
            violate(format!("An estimate has at most {RATE_TIERS_MAX} tiers of sell rates."));
            return broken;
        }
        for (index, tier) in self.tiers.iter().enumerate() {
            if u32::from(tier.decimals) > SellRate::DECIMALS {
                violate(format!(
                    "The tier from {} asks for {} decimals: a sell rate has at most {}.",
                    tier.from,
                    tier.decimals,
                    SellRate::DECIMALS
                ));
            }
            if self.tiers[..index].iter().any(|earlier| earlier.from == tier.from) {
                violate(format!("Two tiers start from {}.", tier.from));
            }
        }
        broken
    }
}

/// Whether `rate` has no more than `decimals` decimals.
pub(super) fn fits_decimals(rate: SellRate, decimals: u8) -> bool {
    let dropped = SellRate::DECIMALS.saturating_sub(u32::from(decimals));
    rate.units() % 10_i64.pow(dropped) == 0
}
