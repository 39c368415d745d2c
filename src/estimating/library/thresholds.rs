//! The figures of rules that the organisation sets.

use super::{Done, draft::Draft};
use crate::estimating::{
    change::Delta,
    refusal::Refusal,
    thresholds::{Thresholds, ThresholdsFields},
};
use uuid::Uuid;

impl Draft<'_> {
    pub(super) fn set_thresholds(
        &mut self,
        version: Option<u64>,
        set: &ThresholdsFields,
    ) -> Result<Done, Refusal> {
        let now = self.library.catalogue.thresholds();
        let current = now.version;
        if version.is_some_and(|read| read != current) {
            return Err(Refusal::StaleVersion { what: "thresholds", id: Uuid::nil(), current });
        }
        let row = now.with(set)?;
        if !now.says_the_same(&row) {
            self.put(row);
        }
        Done::new([], "Change the figures of rules".to_owned())
    }

    /// The figures as they were; those of an organisation that had set none are the built-in ones.
    pub(super) fn restore_thresholds(&mut self, d: &Delta<Thresholds>) {
        let was = d.before.as_deref().cloned().unwrap_or_default();
        if !self.library.catalogue.thresholds().says_the_same(&was) {
            self.put(was);
        }
    }
}
