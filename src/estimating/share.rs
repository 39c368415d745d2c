//! Sharing an amount out in whole cents by largest remainder.

use super::number::Money;

/// Why an amount cannot be shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ShareError {
    /// All weights are zero and the amount is not (BR-079).
    #[error("an amount other than zero cannot be shared over a scope whose weights are all zero")]
    NoWeight,
}

/// Shares `amount` over `weights` in whole cents; the shares add up to the amount exactly.
///
/// Each share is the floor of |amount| x w / W, then the missing cents go one each to the largest
/// fractions, ties in the order given, and the sign is restored (2.7, BR-078). A weight below zero
/// counts as zero. No share is a whole cent away from its exact value. O(n) plus one selection.
pub fn largest_remainder(amount: Money, weights: &[Money]) -> Result<Vec<Money>, ShareError> {
    let weight = |value: Money| i128::from(value.units().max(0));
    let total: i128 = weights.iter().copied().map(weight).sum();
    if total == 0 {
        return if amount.is_zero() {
            Ok(vec![Money::ZERO; weights.len()])
        } else {
            Err(ShareError::NoWeight)
        };
    }
    let cents = i128::from(amount.units().abs());
    let mut shares = Vec::with_capacity(weights.len());
    let mut rests = Vec::with_capacity(weights.len());
    let mut left = cents;
    for (index, value) in weights.iter().enumerate() {
        let exact = cents * weight(*value);
        shares.push(exact / total);
        left -= exact / total;
        rests.push((std::cmp::Reverse(exact % total), index));
    }
    // `left` is the sum of fractions below one, hence smaller than the count of non-zero ones.
    let left = usize::try_from(left).expect("missing cents are fewer than the weights");
    if left > 0 {
        rests.select_nth_unstable(left - 1);
    }
    for (_, index) in &rests[..left] {
        shares[*index] += 1;
    }
    let sign = i128::from(amount.units().signum());
    Ok(shares
        .into_iter()
        .map(|share| Money::from_wide(sign * share).expect("a share is no larger than its amount"))
        .collect())
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

    proptest! {
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
