//! Money by cost type and the totals of an estimate.

use super::schema;
use crate::estimating::cost::{CostSums, CostType};
use crate::estimating::estimate;
use crate::estimating::number::Money;
use serde::{Serialize, Serializer, ser::SerializeStruct};
use utoipa::ToSchema;

/// Money by cost type.
#[derive(Clone, Copy, Debug)]
pub struct ByType(pub CostSums);

/// Shape of [`ByType`] in the document.
#[derive(ToSchema)]
#[schema(as = ByType)]
#[allow(dead_code, reason = "describes what `ByType` writes")]
pub struct ByTypeSchema {
    /// People.
    labour: schema::Money,
    /// Machines.
    plant: schema::Money,
    /// What stays in the work.
    material: schema::Money,
    /// Work bought from other firms.
    subcontract: schema::Money,
    /// Everything else.
    other: schema::Money,
}

impl Serialize for ByType {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let mut out = s.serialize_struct("ByType", 5)?;
        out.serialize_field("labour", &self.0.get(CostType::Labour))?;
        out.serialize_field("plant", &self.0.get(CostType::Plant))?;
        out.serialize_field("material", &self.0.get(CostType::Material))?;
        out.serialize_field("subcontract", &self.0.get(CostType::Subcontract))?;
        out.serialize_field("other", &self.0.get(CostType::Other))?;
        out.end()
    }
}

/// Totals of an estimate.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Totals {
    /// Direct cost.
    #[schema(value_type = schema::Money)]
    pub direct: Money,
    /// Indirect cost.
    #[schema(value_type = schema::Money)]
    pub indirect: Money,
    /// Direct and indirect cost.
    #[schema(value_type = schema::Money)]
    pub total: Money,
    /// The total by cost type.
    #[schema(value_type = ByTypeSchema)]
    pub by_type: ByType,
    /// Provisional and prime-cost sums.
    #[schema(value_type = schema::Money)]
    pub provisional: Money,
    /// Headings.
    pub headings: u64,
    /// Items.
    pub items: u64,
    /// Items without a price.
    pub unpriced: u64,
    /// Items priced by a plug.
    pub plugged: u64,
    /// Items priced by a build-up.
    pub priced: u64,
    /// Items a person has checked.
    pub reviewed: u64,
}

impl From<estimate::Totals> for Totals {
    fn from(t: estimate::Totals) -> Totals {
        let priced = t.items.saturating_sub(t.unpriced + t.plugged + t.reviewed);
        Totals {
            direct: t.direct,
            indirect: t.indirect,
            total: t.total(),
            by_type: ByType(t.by_type),
            provisional: t.provisional,
            headings: t.headings.into(),
            items: t.items.into(),
            unpriced: t.unpriced.into(),
            plugged: t.plugged.into(),
            priced: priced.into(),
            reviewed: t.reviewed.into(),
        }
    }
}
