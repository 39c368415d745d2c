//! How the organisation's documents look.

use super::{Done, draft::Draft};
use crate::estimating::{branding::BrandingFields, refusal::Refusal};
use uuid::Uuid;

impl Draft<'_> {
    pub(super) fn set_branding(
        &mut self,
        version: Option<u64>,
        set: &BrandingFields,
    ) -> Result<Done, Refusal> {
        let now = self.library.branding();
        let current = now.version;
        if version.is_some_and(|read| read != current) {
            return Err(Refusal::StaleVersion { what: "branding", id: Uuid::nil(), current });
        }
        let row = now.with(set)?;
        let label = match (&set.logo, set.letterhead.is_some()) {
            (Some(Some(_)), _) => "Change the logo of documents",
            (Some(None), _) => "Take the logo off documents",
            (None, true) => "Change the letterhead of documents",
            (None, false) if set.signatory.is_some() && set.accent.is_none() => {
                "Change who signs letters"
            }
            (None, false) => "Restyle documents",
        };
        if !now.looks_like(&row) {
            self.put(row);
        }
        Done::new([], label.to_owned())
    }
}
