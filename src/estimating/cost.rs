//! The five cost types and sums of money kept apart by type.

use super::number::Money;
use serde::{Deserialize, Serialize};

/// The five types every cost belongs to (domain 2.2).
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum CostType {
    /// People by the hour.
    Labour,
    /// Machines, wet or dry.
    Plant,
    /// What stays in the work.
    Material,
    /// Work bought from another firm.
    Subcontract,
    /// Everything else: tip fees, fencing, percentages.
    Other,
}

impl CostType {
    /// All five, in the order every screen and report shows them.
    pub const ALL: [CostType; 5] = [
        CostType::Labour,
        CostType::Plant,
        CostType::Material,
        CostType::Subcontract,
        CostType::Other,
    ];

    /// Place of the type in [`CostType::ALL`].
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The type's English name.
    pub const fn name(self) -> &'static str {
        match self {
            CostType::Labour => "Labour",
            CostType::Plant => "Plant",
            CostType::Material => "Material",
            CostType::Subcontract => "Subcontract",
            CostType::Other => "Other",
        }
    }

    /// The type called `name` in any case, as spreadsheets and the golden example write it.
    pub fn by_name(name: &str) -> Option<CostType> {
        CostType::ALL.into_iter().find(|t| t.name().eq_ignore_ascii_case(name.trim()))
    }
}

/// A set of cost types, as a percent-of line names them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CostTypes(u8);

impl CostTypes {
    /// All five types.
    pub const ALL: CostTypes = CostTypes(0b1_1111);

    /// The set with `t` added.
    pub const fn with(self, t: CostType) -> CostTypes {
        CostTypes(self.0 | 1 << t as u8)
    }
    /// Whether `t` is in the set.
    pub const fn contains(self, t: CostType) -> bool {
        self.0 & (1 << t as u8) != 0
    }
    /// Whether the set is empty.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
    /// The types in the set, in display order.
    pub fn iter(self) -> impl Iterator<Item = CostType> {
        CostType::ALL.into_iter().filter(move |t| self.contains(*t))
    }
}

impl FromIterator<CostType> for CostTypes {
    fn from_iter<I: IntoIterator<Item = CostType>>(types: I) -> Self {
        types.into_iter().fold(CostTypes::default(), CostTypes::with)
    }
}

/// Money by cost type, in whole cents. An edit that would take an item or the estimate beyond the
/// bounds in `limits` is refused, so that sums of costs stay far inside an `i64`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CostSums(pub [i64; 5]);

impl CostSums {
    /// Nothing of any type.
    pub const ZERO: CostSums = CostSums([0; 5]);

    /// `money`, all of one type.
    pub fn of(t: CostType, money: Money) -> CostSums {
        let mut sums = CostSums::ZERO;
        sums.0[t.index()] = money.units();
        sums
    }
    /// The part of type `t`.
    pub fn get(&self, t: CostType) -> Money {
        bounded(self.0[t.index()])
    }
    /// The sum over the five types.
    pub fn total(&self) -> Money {
        bounded(self.0.iter().sum())
    }
    /// Whether every part is zero.
    pub fn is_zero(&self) -> bool {
        self.0 == [0; 5]
    }
    /// The sum over the types in `types`.
    pub fn total_of(&self, types: CostTypes) -> Money {
        bounded(types.iter().map(|t| self.0[t.index()]).sum())
    }
    /// Adds `money` to the part of type `t`; `None` beyond the range of `Money`.
    pub fn checked_add(&mut self, t: CostType, money: Money) -> Option<()> {
        self.0[t.index()] = self.0[t.index()].checked_add(money.units())?;
        Some(())
    }
}

/// Cents as money; refused edits keep them within its bounds, so that the clamp never acts.
pub(crate) fn bounded(cents: i64) -> Money {
    Money::from_units(cents.clamp(Money::MIN.units(), Money::MAX.units())).unwrap_or_default()
}

impl std::ops::AddAssign for CostSums {
    fn add_assign(&mut self, other: CostSums) {
        self.0.iter_mut().zip(other.0).for_each(|(a, b)| *a += b);
    }
}

impl std::ops::SubAssign for CostSums {
    fn sub_assign(&mut self, other: CostSums) {
        self.0.iter_mut().zip(other.0).for_each(|(a, b)| *a -= b);
    }
}

impl std::ops::Sub for CostSums {
    type Output = CostSums;
    fn sub(mut self, other: CostSums) -> CostSums {
        self -= other;
        self
    }
}
