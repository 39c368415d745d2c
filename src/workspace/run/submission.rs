//! Approval, submission, revisions and hand-over: what needs to see inside an estimate and beside
//! it.

use super::{Effect, Run, Stop, library};
use crate::{
    estimating::{
        change::{Delta, EstimateChange},
        estimate::{Estimate, NodeRow, ROOT},
        heading::{Heading, Stamp},
        id::{ApprovalId, EstimateId, HandoverId, SubmissionId, TenderId},
        item::Item,
        library::LibraryOutcome,
        limits::NOTE_CHARS_MAX,
        number::Money,
        refusal::Refusal,
        rules::{RuleId, Violation, Violations},
        submission::{
            self, Approval, FileRef, Handover, HandoverCodes, HandoverState, HandoverTarget,
            Revocation, Submission, content_hash,
        },
        tender::{EstimateRow, EstimateState, Tender},
        worksheet::Worksheet,
    },
    ledger::{Change, encode},
    workspace::{
        WorkspaceError, changes,
        command::NewFile,
        files::{FILE_BYTES_MAX, FILES_MAX, StoredFile, hash_of},
        load,
        state::Published,
        tables,
    },
};
use std::sync::Arc;
use uuid::Uuid;

/// Characters of the key that makes a hand-over safe to repeat.
const KEY_CHARS_MAX: usize = 200;

/// Approves an estimate as it is now (BR-089, BR-094).
pub(super) fn approve(
    state: &mut Published,
    cx: &Run<'_>,
    id: EstimateId,
    minutes: &str,
) -> Result<Effect, Stop> {
    let (estimate, tender) = seen(state, id)?;
    let minutes = text("minutes", minutes)?;
    let price = estimate.price();
    let pricing = price.as_ref().map(|price| &price.pricing);
    let checks = submission::checks(&estimate, &tender, &state.library.catalogue, pricing);
    let unpriced: Vec<_> =
        checks.into_iter().filter(|check| check.rule == RuleId::br(89)).collect();
    Violations::check(submission::broken(&unpriced)).map_err(Refusal::from)?;
    let total_ex = price.map_err(Refusal::from)?.pricing.tender_sum().total_ex;
    let limit = state.library.catalogue.thresholds().approval;
    let same = submission::separation(&estimate, total_ex, limit, cx.actor.user);
    if let Some(violation) = same {
        return Err(Refusal::from(violation).into());
    }
    let approval = Approval {
        id: ApprovalId(cx.ids.borrow_mut().next_id()),
        estimate: id,
        by: cx.actor.user,
        at_us: cx.at_us,
        content_hash: content_hash(&estimate, &tender),
        total_ex,
        minutes,
        revoked: None,
    };
    done(state, cx, |state| {
        cx.with_library(state, |library, context| library.approve(approval, context))
    })
}

/// Takes an approval back.
pub(super) fn revoke(
    state: &mut Published,
    cx: &Run<'_>,
    id: EstimateId,
    reason: &str,
) -> Result<Effect, Stop> {
    known(state, id)?;
    let reason = text("reason", reason)?;
    let revocation = Revocation { by: cx.actor.user, at_us: cx.at_us, reason };
    done(state, cx, |state| {
        cx.with_library(state, |library, context| library.revoke(id, revocation, context))
    })
}

/// What the person saw when submitting.
pub(super) struct Seen<'a> {
    pub content_hash: &'a str,
    pub total_ex: Money,
    pub files: &'a [NewFile],
}

/// Submits an approved estimate: worked out anew from its rows, checked, stored with its files
/// (BR-089 to BR-096). O(rows).
pub(super) fn submit(
    state: &mut Published,
    cx: &Run<'_>,
    id: EstimateId,
    saw: &Seen<'_>,
) -> Result<Effect, Stop> {
    let (estimate, tender) = seen(state, id)?;
    let hash = content_hash(&estimate, &tender);
    may_submit(state, &estimate, &tender, &hash, (saw.content_hash, saw.total_ex))?;
    let approval = state.library.approval_of(id).cloned();
    let price = estimate.price();
    let price = price.map_err(Refusal::from)?;
    let sum = price.pricing.tender_sum();
    let fresh = load::load_estimate(cx.snapshot()?, id, &state.library.catalogue)?;
    let again = fresh.priced_by(fresh.commercials()).map_err(Refusal::from)?.tender_sum();
    let equal = content_hash(&fresh, &tender) == hash && fresh.totals() == estimate.totals();
    if !equal || again != sum {
        let message = format!(
            "Worked out anew the price is {}, not {}: nothing is submitted.",
            again.total_ex, sum.total_ex
        );
        return Err(Refusal::from(Violation::new(RuleId::br(96), message).object(id.0)).into());
    }
    let (files, stored) = keep(cx, saw.files)?;
    let submission = Submission {
        id: SubmissionId(cx.ids.borrow_mut().next_id()),
        estimate: id,
        by: cx.actor.user,
        at_us: cx.at_us,
        approval: approval.map(|approval| approval.id).unwrap_or(ApprovalId(Uuid::nil())),
        content_hash: hash,
        total_ex: sum.total_ex,
        gst: sum.gst,
        total_inc: sum.total_inc,
        cost_total: price.pricing.margin().map_err(Refusal::from)?.cost_total,
        files,
    };
    let mut effect = done(state, cx, |state| {
        cx.with_library(state, |library, context| library.submit(submission, context))
    })?;
    effect.changes.extend(stored);
    Ok(effect)
}

/// Whether an estimate may be submitted as it was seen: all that submitting refuses but for what only
/// working it out anew shows (BR-096). O(rows).
///
/// # Errors
/// What stands in the way (BR-018, BR-089 to BR-095).
pub fn check_submission(
    published: &Published,
    estimate: &Estimate,
    content_hash: &str,
    total_ex: Money,
) -> Result<(), WorkspaceError> {
    let id = estimate.row().tender;
    let tender = published.library.tender(id);
    let tender = tender.ok_or(WorkspaceError::NotFound { what: "tender", id: id.0 })?;
    let hash = submission::content_hash(estimate, tender);
    Ok(may_submit(published, estimate, tender, &hash, (content_hash, total_ex))?)
}

/// `hash` is that of the content, `seen` the content hash and the price the person saw.
fn may_submit(
    state: &Published,
    estimate: &Estimate,
    tender: &Tender,
    hash: &str,
    seen: (&str, Money),
) -> Result<(), Refusal> {
    let id = estimate.row().id;
    if estimate.row().state != EstimateState::Approved {
        let message = "An estimate is submitted once it is approved.";
        return Err(Violation::new(RuleId::br(18), message).object(id.0).into());
    }
    let price = estimate.price();
    let pricing = price.as_ref().map(|price| &price.pricing);
    let checks = submission::checks(estimate, tender, &state.library.catalogue, pricing);
    let mut broken = submission::broken(&checks);
    let approval = state.library.approval_of(id);
    let stale = approval.is_none_or(|approval| *approval.content_hash != *hash);
    if stale || seen.0 != hash {
        let message = "What would be submitted is not what was approved: have it approved again.";
        broken.push(Violation::new(RuleId::br(95), message).object(id.0));
    }
    let total_ex = pricing.ok().map(|pricing| pricing.tender_sum().total_ex);
    if let Some(total_ex) = total_ex.filter(|total_ex| *total_ex != seen.1) {
        let message = format!("The price is {total_ex}, not the {} you have seen.", seen.1);
        broken.push(Violation::new(RuleId::br(95), message).object(id.0).field("totalEx"));
    }
    Violations::check(broken)?;
    price.map(drop).map_err(Refusal::from)
}

/// Makes the next revision of an estimate, with the same rows under the same identities, so that
/// two revisions can be compared row by row (BR-010, BR-011). O(rows).
pub(super) fn revise(state: &mut Published, cx: &Run<'_>, id: EstimateId) -> Result<Effect, Stop> {
    let (source, _) = seen(state, id)?;
    let new = EstimateId(cx.ids.borrow_mut().next_id());
    let outcome =
        cx.with_library(state, |library, context| library.revise(id, new, source.row(), context))?;
    let mut effect =
        Effect { label: outcome.label.clone(), ids: outcome.ids.clone(), ..Effect::default() };
    library::take(state, cx, outcome, &mut effect)?;
    let row = state.library.estimate(new).cloned();
    let row = row.ok_or(WorkspaceError::NotFound { what: "estimate", id: new.0 })?;
    copy_rows(state, cx, &source, &row, &mut effect)?;
    Ok(effect)
}

/// Copies every row of `source` into the new revision `row`. O(rows).
pub(super) fn copy_rows(
    state: &mut Published,
    cx: &Run<'_>,
    source: &Estimate,
    row: &EstimateRow,
    effect: &mut Effect,
) -> Result<(), Stop> {
    let (estimate, stamp) = (row.id, Stamp::new(cx.actor.user, cx.at_us));
    let (mut headings, mut items, mut sheets) = (Vec::new(), Vec::new(), Vec::new());
    for slot in source.subtree(ROOT) {
        let node = source.at(slot);
        match &node.row {
            NodeRow::None => {}
            NodeRow::Heading(h) => {
                headings.push(Heading { estimate, version: 1, stamp, ..Heading::clone(h) });
            }
            NodeRow::Item(i) => items.push(Item { estimate, version: 1, stamp, ..Item::clone(i) }),
        }
        #[cfg(test)]
        if crate::estimating::fault::planted(122) {
            continue;
        }
        if let Some(sheet) = &node.sheet {
            sheets.push(Worksheet { estimate, version: 1, ..Worksheet::clone(sheet) });
        }
    }
    // Who set the margin is still who set it (BR-094).
    let commercials = source.commercials();
    let commercials = (commercials.version > 0)
        .then(|| commercials.copied(estimate, commercials.stamp, &mut |id| id));
    let content = (source.content().version > 0)
        .then(|| source.content().copied(estimate, stamp, &mut |id| id));
    let accepted = source.acknowledgements().iter().map(|old| {
        let mut accepted = crate::estimating::acknowledgement::Acknowledgement::clone(old);
        (accepted.estimate, accepted.version) = (estimate, 1);
        accepted
    });
    let accepted: Vec<_> = accepted.collect();
    // Offers in hand and awards made are those of the next revision too (BR-061).
    let packages = source.packages().copied(estimate);
    let mut changes: Vec<EstimateChange> = Vec::with_capacity(items.len() * 2);
    changes.extend(headings.iter().cloned().map(|r| EstimateChange::Heading(Delta::insert(r))));
    changes.extend(items.iter().cloned().map(|r| EstimateChange::Item(Delta::insert(r))));
    changes.extend(sheets.iter().cloned().map(|r| EstimateChange::Worksheet(Delta::insert(r))));
    changes
        .extend(commercials.iter().cloned().map(|r| EstimateChange::Commercials(Delta::insert(r))));
    changes.extend(content.iter().cloned().map(|r| EstimateChange::Content(Delta::insert(r))));
    changes.extend(
        accepted.iter().cloned().map(|r| EstimateChange::Acknowledgement(Delta::insert(r))),
    );
    let rounds = packages.all().flat_map(|package| packages.rounds_of(package.id));
    changes.extend(packages.all().map(|r| EstimateChange::Package(inserted(r))));
    changes.extend(rounds.map(|r| EstimateChange::Adjudication(inserted(r))));
    changes.extend(packages.quotes().map(|r| EstimateChange::Quote(inserted(r))));
    for change in &changes {
        effect.changes.push(changes::encode_estimate(change)?);
    }
    let catalogue = &state.library.catalogue;
    let built = Estimate::build(row.clone(), headings, items, sheets, catalogue)
        .map_err(|error| WorkspaceError::Storage(error.to_string().into()))?;
    let built = built.with_packages(packages);
    let built = built.with_acknowledgements(accepted.into_iter().collect());
    let built = match content {
        Some(row) => built.with_content(row),
        None => built,
    };
    let built = match commercials {
        Some(row) => built.with_commercials(row),
        None => built,
    };
    effect.totals = Some(built.totals());
    state.put(estimate, Arc::new(built), cx.tick);
    Ok(())
}

fn inserted<T>(row: &Arc<T>) -> Delta<T> {
    Delta { before: None, after: Some(row.clone()) }
}

/// What a hand-over is asked with.
pub(super) struct HandoverAsked<'a> {
    pub target: HandoverTarget,
    pub key: &'a str,
    pub codes: &'a HandoverCodes,
    pub files: &'a [NewFile],
}

/// Hands the budget of a won tender over; the same key again changes nothing (BR-109 to BR-111).
pub(super) fn hand_over(
    state: &mut Published,
    cx: &Run<'_>,
    tender: TenderId,
    asked: &HandoverAsked<'_>,
) -> Result<Effect, Stop> {
    super::check_length("the key", asked.key, KEY_CHARS_MAX)?;
    if let Some(same) = state.library.handovers_of(tender).find(|row| *row.key == *asked.key) {
        let ids = vec![vec![same.id.0]];
        return Ok(Effect { label: "Hand over once".to_owned(), ids, ..Effect::default() });
    }
    let row = state.library.tender(tender).cloned();
    let row = row.ok_or(WorkspaceError::NotFound { what: "tender", id: tender.0 })?;
    let Some(accepted) = row.record.accepted else {
        let message = "A hand-over starts from the accepted revision of a won tender.";
        return Err(Refusal::from(Violation::new(RuleId::br(109), message).object(tender.0)).into());
    };
    let (estimate, _) = seen(state, accepted)?;
    let price = estimate.price().map_err(Refusal::from)?;
    let plan = submission::plan(&estimate, &price.pricing, asked.codes)?;
    let sent = state.library.submission_of(accepted);
    if sent.is_none_or(|s| s.cost_total != plan.cost_total || s.total_ex != plan.total_ex) {
        let message = "The budget does not add up to what was submitted.";
        return Err(Refusal::from(Violation::new(RuleId::br(111), message).object(tender.0)).into());
    }
    let (files, stored) = keep(cx, asked.files)?;
    let handover = Handover {
        id: HandoverId(cx.ids.borrow_mut().next_id()),
        tender,
        estimate: accepted,
        target: asked.target,
        key: asked.key.into(),
        state: HandoverState::Prepared,
        by: cx.actor.user,
        at_us: cx.at_us,
        cost_total: plan.cost_total,
        total_ex: plan.total_ex,
        files,
    };
    let mut effect = done(state, cx, |state| {
        cx.with_library(state, |library, context| library.hand_over(handover, context))
    })?;
    effect.changes.extend(stored);
    Ok(effect)
}

/// Notes that a hand-over has arrived.
pub(super) fn confirm_handover(
    state: &mut Published,
    cx: &Run<'_>,
    tender: TenderId,
    id: Uuid,
) -> Result<Effect, Stop> {
    done(state, cx, |state| {
        cx.with_library(state, |library, context| library.confirm_handover(tender, id, context))
    })
}

fn done(
    state: &mut Published,
    cx: &Run<'_>,
    act: impl FnOnce(&mut Published) -> Result<LibraryOutcome, Stop>,
) -> Result<Effect, Stop> {
    let mut outcome = act(state)?;
    let mut effect = Effect {
        label: std::mem::take(&mut outcome.label),
        ids: std::mem::take(&mut outcome.ids),
        ..Effect::default()
    };
    library::take(state, cx, outcome, &mut effect)?;
    Ok(effect)
}

fn known(state: &Published, id: EstimateId) -> Result<(), Stop> {
    match state.library.estimate(id) {
        Some(_) => Ok(()),
        None => Err(WorkspaceError::NotFound { what: "estimate", id: id.0 }.into()),
    }
}

/// An estimate in memory with its tender.
fn seen(state: &Published, id: EstimateId) -> Result<(Arc<Estimate>, Arc<Tender>), Stop> {
    known(state, id)?;
    let estimate = state.estimate(id).ok_or(Stop::Cold(id))?.clone();
    let tender = state.library.tender(estimate.row().tender).cloned();
    let what = "tender";
    let tender = tender.ok_or(WorkspaceError::NotFound { what, id: estimate.row().tender.0 })?;
    Ok((estimate, tender))
}

/// Words that must be there.
pub(super) fn text(field: &'static str, text: &str) -> Result<Box<str>, Stop> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > NOTE_CHARS_MAX {
        let message = format!("The {field} have 1 to {NOTE_CHARS_MAX} characters.");
        return Err(Refusal::invalid(field, message).into());
    }
    Ok(text.into())
}

/// Names of files, and the rows that store those not stored yet.
fn keep(cx: &Run<'_>, files: &[NewFile]) -> Result<(Vec<FileRef>, Vec<Change>), Stop> {
    if files.len() > FILES_MAX {
        return Err(Refusal::TooMany { what: "files", limit: FILES_MAX }.into());
    }
    let (mut names, mut rows) = (Vec::new(), Vec::new());
    for file in files {
        if file.bytes.len() > FILE_BYTES_MAX {
            let limit = FILE_BYTES_MAX;
            return Err(Refusal::TooMany { what: "bytes in a file", limit }.into());
        }
        let hash = hash_of(&file.bytes);
        let key = hash.as_bytes().to_vec();
        let stored = cx.snapshot()?.get(tables::FILES, &key).map_err(WorkspaceError::from)?;
        let again = rows.iter().any(|row: &Change| row.key == key);
        if stored.is_none() && !again {
            let row = StoredFile { bytes: file.bytes.to_vec() };
            let after = Some(encode(&row)?);
            rows.push(Change { table: tables::FILES, key, before: None, after });
        }
        names.push(FileRef {
            name: file.name.as_str().into(),
            media_type: file.media_type.into(),
            hash: hash.into(),
            bytes: file.bytes.len() as u64,
        });
    }
    Ok((names, rows))
}
