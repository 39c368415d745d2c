//! Proof that a price book published leaves what was built before it alone (BR-049).

use crate::{
    estimating::{
        catalogue::Catalogue,
        change::LibraryChange,
        estimate::{Estimate, NodeRow},
        id::{ItemId, ResourceId},
        number::Money,
        price_book::VersionState,
        refusal::Refusal,
        rules::{RuleId, Violation, Violations},
    },
    workspace::state::Published,
};
use std::{collections::BTreeSet, sync::Arc};

/// Lines one alarm lists.
const LISTED_MAX: usize = 20;

/// Proves that `changes` of the library left every line in memory at its rate and cost: the
/// estimates are the very same, and their lines of the resources published come to the same under
/// the catalogue before and after. Estimates on disk alone are out of a price book's reach: its
/// commit holds no row of theirs. O(lines of the resources published), none without a publication.
///
/// # Errors
/// BR-049 for each line that moved.
pub(super) fn prove(
    before: &Published,
    after: &Published,
    changes: &[LibraryChange],
) -> Result<(), Refusal> {
    let (old, new) = (&before.library.catalogue, &after.library.catalogue);
    let resources = published(changes, new);
    if resources.is_empty() {
        return Ok(());
    }
    let mut found = Vec::new();
    for (id, loaded) in before.loaded.iter() {
        let same = after.estimate(*id).is_some_and(|now| Arc::ptr_eq(now, &loaded.estimate));
        if !same {
            let message = "Publishing rates changed an estimate.";
            found.push(Violation::new(RuleId::br(49), message).object(id.0));
        }
        moved(&loaded.estimate, &resources, old, new, &mut found);
        if found.len() >= LISTED_MAX {
            break;
        }
    }
    found.truncate(LISTED_MAX);
    Ok(Violations::check(found)?)
}

/// The resources that have another rate for everybody from now on.
fn published(changes: &[LibraryChange], catalogue: &Catalogue) -> BTreeSet<ResourceId> {
    let mut resources = BTreeSet::new();
    for change in changes {
        let LibraryChange::PriceBookVersion(delta) = change else { continue };
        let was = delta.before.as_ref().map(|version| version.state);
        if let Some(version) = &delta.after
            && version.state == VersionState::Published
            && was != Some(VersionState::Published)
        {
            resources.extend(catalogue.resources_in_version(version.book, version.n));
        }
    }
    resources
}

/// The lines of `resources` that cost something else under `new` than under `old`.
fn moved(
    estimate: &Arc<Estimate>,
    resources: &BTreeSet<ResourceId>,
    old: &Catalogue,
    new: &Catalogue,
    found: &mut Vec<Violation>,
) {
    // A copy shares everything; only the index of uses may be made for it.
    let mut users = Estimate::clone(estimate);
    let slots: BTreeSet<_> =
        resources.iter().flat_map(|resource| users.users_of_resource(*resource)).collect();
    for slot in slots {
        let NodeRow::Item(item) = &estimate.at(slot).row else { continue };
        let (was, now) = (costs(estimate, item.id, old), costs(estimate, item.id, new));
        if was == now {
            continue;
        }
        let message = format!("Publishing rates changed the lines of {} by itself.", item.code);
        found.push(Violation::new(RuleId::br(49), message).object(item.id.0));
        if found.len() >= LISTED_MAX {
            return;
        }
    }
}

/// The cost of each line of an item, leaves of recipes in it.
fn costs(estimate: &Estimate, item: ItemId, catalogue: &Catalogue) -> Vec<Option<Money>> {
    let sheet = estimate.worksheet(item, catalogue);
    let lines = sheet.into_iter().flat_map(|sheet| sheet.lines);
    lines.map(|line| line.cost.map(|cost| cost.sums.total())).collect()
}
