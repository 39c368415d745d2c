//! Sharing an amount out in whole cents by largest remainder.

use super::number::Money;
use std::cmp::Reverse;

/// Why an amount cannot be shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ShareError {
    /// All weights are zero and the amount is not (BR-079).
    #[error("an amount other than zero cannot be shared over a scope whose weights are all zero")]
    NoWeight,
    /// The weights add up beyond an `i64`, far outside honest figures.
    #[error("the weights add up beyond the range of money")]
    TooLarge,
}

/// Shares `amount` over `weights` in whole cents; the shares add up to the amount exactly.
///
/// Each share is the floor of |amount| x w / W, then the missing cents go one each to the largest
/// fractions, ties in the order given, and the sign is restored (2.7, BR-078). A weight below zero
/// counts as zero. No share is a whole cent away from its exact value. O(n).
pub fn largest_remainder(amount: Money, weights: &[Money]) -> Result<Vec<Money>, ShareError> {
    let weights: Vec<i64> = weights.iter().map(|weight| weight.units()).collect();
    let mut shares = vec![0; weights.len()];
    Sharing::default().share(amount.units(), &weights, &mut shares)?;
    let money = |cents| Money::from_units(cents).expect("a share is no larger than its amount");
    Ok(shares.into_iter().map(money).collect())
}

/// Classes of fractions the missing cents are handed out by.
const CLASSES: usize = 2_048;

/// [`largest_remainder`] for those who share often: it keeps its working space.
#[derive(Clone, Debug, Default)]
pub struct Sharing {
    /// Numerators of the fractions of a cent, over the sum of weights.
    rests: Vec<u64>,
    /// How many fractions there are in each class.
    counts: Vec<u32>,
    /// Fractions of the class where the missing cents run out, largest and earliest first.
    marginal: Vec<(Reverse<u64>, u32)>,
}

impl Sharing {
    /// Shares `cents` over `weights` into `shares`, which is as long; see [`largest_remainder`].
    ///
    /// O(n): two passes, and a selection among the few fractions of one class.
    pub fn share(
        &mut self,
        cents: i64,
        weights: &[i64],
        shares: &mut [i64],
    ) -> Result<(), ShareError> {
        debug_assert_eq!(weights.len(), shares.len());
        let total: i128 = weights.iter().map(|weight| i128::from((*weight).max(0))).sum();
        let total = i64::try_from(total).map_err(|_| ShareError::TooLarge)?.unsigned_abs();
        if cents == 0 || total == 0 {
            shares.fill(0);
            return if cents == 0 { Ok(()) } else { Err(ShareError::NoWeight) };
        }
        // A class is a run of fractions; its number grows with the fraction.
        let classes_log2 = CLASSES.ilog2();
        let shift = (total.ilog2() + 1).saturating_sub(classes_log2);
        let missing = self.floors(Ratio::new(cents.unsigned_abs(), total), shift, weights, shares);
        self.hand_out(missing, shift, cents.signum(), shares);
        Ok(())
    }

    /// Writes the floor of each share, keeps the fractions, and gives the cents still missing.
    fn floors(&mut self, ratio: Ratio, shift: u32, weights: &[i64], shares: &mut [i64]) -> u64 {
        self.rests.resize(weights.len(), 0);
        self.counts.clear();
        self.counts.resize(CLASSES, 0);
        let counts = self.counts.first_chunk_mut::<CLASSES>().expect("as many as classes");
        let mut given = 0;
        for ((weight, share), rest) in weights.iter().zip(&mut *shares).zip(&mut self.rests) {
            let (floor, fraction) = ratio.of((*weight).max(0).unsigned_abs());
            *share = floor.cast_signed();
            *rest = fraction;
            given += floor;
            counts[(fraction >> shift) as usize % CLASSES] += 1;
        }
        ratio.amount - given
    }

    /// Gives the `missing` cents to the largest fractions and restores the sign.
    ///
    /// `missing` is a sum of fractions below one, hence smaller than the count of non-zero ones.
    fn hand_out(&mut self, missing: u64, shift: u32, sign: i64, shares: &mut [i64]) {
        let mut left = missing;
        let mut class = CLASSES - 1;
        while left >= u64::from(self.counts[class]) && class > 0 {
            left -= u64::from(self.counts[class]);
            class -= 1;
        }
        let class = class as u64;
        self.marginal.clear();
        for (index, (share, rest)) in shares.iter_mut().zip(&self.rests).enumerate() {
            let own = *rest >> shift;
            *share = sign * (*share + i64::from(own > class));
            if own == class {
                self.marginal.push((Reverse(*rest), index as u32));
            }
        }
        let left = left as usize;
        if left > 0 && left < self.marginal.len() {
            self.marginal.select_nth_unstable(left - 1);
        }
        for (_, index) in self.marginal.iter().take(left) {
            shares[*index as usize] += sign;
        }
    }
}

/// An amount over a total: multiplies whole numbers by their quotient without dividing.
#[derive(Clone, Copy)]
struct Ratio {
    amount: u64,
    total: u64,
    /// amount / total.
    whole: u64,
    /// amount % total.
    part: u64,
    /// floor(part x 2^64 / total), which is below 2^64 because the part is below the total.
    reciprocal: u64,
}

impl Ratio {
    /// `total` is above zero and, like `amount`, at most `i64::MAX`.
    fn new(amount: u64, total: u64) -> Ratio {
        let (whole, part) = (amount / total, amount % total);
        let reciprocal = ((u128::from(part) << 64) / u128::from(total)) as u64;
        Ratio { amount, total, whole, part, reciprocal }
    }

    /// floor(amount x weight / total) and the numerator of the rest, for a weight up to the total.
    ///
    /// The reciprocal is less than one too small, so that its product is less than
    /// weight / 2^64 < 1/2 too small and the quotient at most one short. The rest is then below
    /// twice the total, hence below 2^64: wrapping products give it exactly.
    fn of(&self, weight: u64) -> (u64, u64) {
        let short = ((u128::from(weight) * u128::from(self.reciprocal)) >> 64) as u64;
        let rest = self.part.wrapping_mul(weight).wrapping_sub(short.wrapping_mul(self.total));
        let more = u64::from(rest >= self.total);
        (self.whole * weight + short + more, rest - more * self.total)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn money(text: &str) -> Money {
        text.parse().expect("test figure")
    }

    #[test]
    fn the_award_discount_of_the_worked_example_is_shared_as_published() {
        let quoted = [money("32115.13"), money("27020.00"), money("6080.00")];
        let shares = largest_remainder(money("-978.23"), &quoted);
        assert_eq!(shares, Ok(vec![money("-481.73"), money("-405.30"), money("-91.20")]));
    }

    #[test]
    fn ties_go_to_the_earlier_member() {
        let weights = [Money::ONE; 3];
        let shares = largest_remainder(money("0.02"), &weights);
        assert_eq!(shares, Ok(vec![money("0.01"), money("0.01"), money("0.00")]));
    }

    #[test]
    fn a_negative_weight_gets_no_share() {
        let shares = largest_remainder(money("10.00"), &[money("-5.00"), money("1.00")]);
        assert_eq!(shares, Ok(vec![Money::ZERO, money("10.00")]));
    }

    #[test]
    fn no_weight_is_an_error_unless_there_is_nothing_to_share() {
        assert_eq!(largest_remainder(money("0.01"), &[Money::ZERO]), Err(ShareError::NoWeight));
        assert_eq!(largest_remainder(money("0.01"), &[]), Err(ShareError::NoWeight));
        assert_eq!(largest_remainder(Money::ZERO, &[Money::ZERO]), Ok(vec![Money::ZERO]));
    }

    #[test]
    fn weights_beyond_an_i64_are_an_error_and_not_a_wrap() {
        let weights = [Money::MAX; 9_300];
        assert_eq!(largest_remainder(Money::ONE, &weights), Err(ShareError::TooLarge));
    }

    /// The definition itself, with a division for each share and a sort of all fractions.
    fn by_definition(cents: i64, weights: &[i64]) -> Vec<i64> {
        let weight = |w: i64| i128::from(w.max(0));
        let total: i128 = weights.iter().copied().map(weight).sum();
        let amount = i128::from(cents).abs();
        let mut shares: Vec<i128> = weights.iter().map(|w| amount * weight(*w) / total).collect();
        let mut order: Vec<usize> = (0..weights.len()).collect();
        order.sort_by_key(|i| (Reverse(amount * weight(weights[*i]) % total), *i));
        let left = amount - shares.iter().sum::<i128>();
        order.iter().take(left as usize).for_each(|i| shares[*i] += 1);
        shares.iter().map(|s| i64::try_from(*s).unwrap() * cents.signum()).collect()
    }

    proptest! {
        #[test]
        fn the_quick_way_gives_what_the_definition_gives(
            cents in prop_oneof![-2_000_i64..2_000, -999_999_999_999_999_i64..999_999_999_999_999],
            largest in 0_u32..50,
            weights in prop::collection::vec(any::<i64>(), 1..200),
        ) {
            let weights: Vec<i64> = weights.iter().map(|w| w % (1_i64 << largest)).collect();
            prop_assume!(weights.iter().any(|w| *w > 0));
            let mut shares = vec![7; weights.len()];
            Sharing::default().share(cents, &weights, &mut shares).unwrap();
            prop_assert_eq!(shares, by_definition(cents, &weights));
        }

        #[test]
        fn shares_add_up_and_stay_within_a_cent_of_exact(
            cents in -1_000_000_000_i64..1_000_000_000,
            weights in prop::collection::vec(-1000_i64..1_000_000_000, 1..60),
        ) {
            let weights: Vec<Money> = weights.into_iter().filter_map(Money::from_units).collect();
            let amount = Money::from_units(cents).expect("in bounds");
            if let Ok(shares) = largest_remainder(amount, &weights) {
                prop_assert_eq!(Money::checked_sum(shares.iter().copied()), Some(amount));
                let total: i128 = weights.iter().map(|w| i128::from(w.units().max(0))).sum();
                for (share, weight) in shares.iter().zip(&weights) {
                    let exact = i128::from(cents) * i128::from(weight.units().max(0));
                    prop_assert!((i128::from(share.units()) * total - exact).abs() < total);
                }
            }
        }
    }
}
