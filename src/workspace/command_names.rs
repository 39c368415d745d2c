//! What edits are called in the log, and the least role for each.

use crate::estimating::{edit::Edit, library::LibraryEdit, user::Role};

/// The one name all edits share, or `many`.
pub(super) fn common(
    mut names: impl Iterator<Item = &'static str>,
    many: &'static str,
) -> &'static str {
    let Some(first) = names.next() else { return many };
    if names.all(|name| name == first) { first } else { many }
}

/// Rate locks, rules and terms of the price are a Lead's (BR-115); everything else in an estimate
/// is anybody's.
pub(super) fn edit_role(edit: &Edit) -> (Role, &'static str) {
    let locks = match edit {
        Edit::AddItem { set, .. } | Edit::UpdateItem { set, .. } => set.locked_sell_rate.is_some(),
        Edit::AddHeading { .. }
        | Edit::UpdateHeading { .. }
        | Edit::Move { .. }
        | Edit::Indent { .. }
        | Edit::Outdent { .. }
        | Edit::MoveUp { .. }
        | Edit::MoveDown { .. }
        | Edit::Delete { .. }
        | Edit::Duplicate { .. }
        | Edit::Convert { .. }
        | Edit::Worksheet { .. }
        | Edit::AddLine { .. }
        | Edit::UpdateLine { .. }
        | Edit::DeleteLines { .. }
        | Edit::MoveLine { .. }
        | Edit::CopyLines { .. }
        | Edit::Reprice { .. }
        | Edit::UpgradeRecipe { .. }
        | Edit::AddContent { .. }
        | Edit::UpdateContent { .. }
        | Edit::MoveContent { .. }
        | Edit::DeleteContent { .. }
        | Edit::DismissCheck { .. }
        | Edit::RestoreCheck { .. }
        | Edit::UpdateEstimate { .. } => false,
        Edit::Package { edit } => return (edit.least_role(), "adjudicating a package"),
        Edit::AddRule { .. }
        | Edit::UpdateRule { .. }
        | Edit::DeleteRules { .. }
        | Edit::MoveRule { .. }
        | Edit::UpdateTerms { .. } => {
            return (Role::LeadEstimator, "changing commercial rules");
        }
        Edit::Acknowledge { .. } | Edit::WithdrawAcknowledgement { .. } => {
            return (Role::LeadEstimator, "accepting what a rule refuses");
        }
    };
    if locks { (Role::LeadEstimator, "locking a sell rate") } else { (Role::Estimator, "an edit") }
}

pub(super) fn edit_name(edit: &Edit) -> &'static str {
    match edit {
        Edit::AddHeading { .. } => "add-heading",
        Edit::AddItem { .. } => "add-item",
        Edit::UpdateHeading { .. } => "update-heading",
        Edit::UpdateItem { .. } => "update-item",
        Edit::Move { .. } => "move",
        Edit::Indent { .. } => "indent",
        Edit::Outdent { .. } => "outdent",
        Edit::MoveUp { .. } => "move-up",
        Edit::MoveDown { .. } => "move-down",
        Edit::Delete { .. } => "delete",
        Edit::Duplicate { .. } => "duplicate",
        Edit::Convert { .. } => "convert",
        Edit::Worksheet { .. } => "edit-worksheet",
        Edit::AddLine { .. } => "add-line",
        Edit::UpdateLine { .. } => "update-line",
        Edit::DeleteLines { .. } => "delete-lines",
        Edit::MoveLine { .. } => "move-line",
        Edit::CopyLines { .. } => "copy-lines",
        Edit::Reprice { .. } => "reprice",
        Edit::UpgradeRecipe { .. } => "upgrade-recipe",
        Edit::Package { edit } => edit.name(),
        Edit::AddRule { .. } => "add-rule",
        Edit::UpdateRule { .. } => "update-rule",
        Edit::DeleteRules { .. } => "delete-rules",
        Edit::MoveRule { .. } => "move-rule",
        Edit::UpdateTerms { .. } => "update-terms",
        Edit::AddContent { .. } => "add-content",
        Edit::UpdateContent { .. } => "update-content",
        Edit::MoveContent { .. } => "move-content",
        Edit::DeleteContent { .. } => "delete-content",
        Edit::Acknowledge { .. } => "acknowledge",
        Edit::WithdrawAcknowledgement { .. } => "withdraw-acknowledgement",
        Edit::DismissCheck { .. } => "dismiss-check",
        Edit::RestoreCheck { .. } => "restore-check",
        Edit::UpdateEstimate { .. } => "update-estimate",
    }
}

pub(super) fn library_edit_name(edit: &LibraryEdit) -> &'static str {
    match edit {
        LibraryEdit::AddTender { .. } => "add-tender",
        LibraryEdit::UpdateTender { .. } => "update-tender",
        LibraryEdit::SetTenderState { .. } => "set-tender-state",
        LibraryEdit::DecideTender { .. } => "decide-tender",
        LibraryEdit::PutNotice { .. } => "put-notice",
        LibraryEdit::RemoveNotice { .. } => "remove-notice",
        LibraryEdit::DeleteTender { .. } => "delete-tender",
        LibraryEdit::AddEstimate { .. } => "add-estimate",
        LibraryEdit::SetBranding { .. } => "set-branding",
        LibraryEdit::SetThresholds { .. } => "set-thresholds",
        LibraryEdit::AddContentKind { .. } => "add-content-kind",
        LibraryEdit::UpdateContentKind { .. } => "update-content-kind",
        LibraryEdit::AddCategorisation { .. } => "add-categorisation",
        LibraryEdit::UpdateCategorisation { .. } => "update-categorisation",
        LibraryEdit::SetLabels { .. } => "set-labels",
        LibraryEdit::SetEstimateLead { .. } => "set-estimate-lead",
        LibraryEdit::SetEstimateState { .. } => "set-estimate-state",
        LibraryEdit::AddResource { .. } => "add-resource",
        LibraryEdit::UpdateResource { .. } => "update-resource",
        LibraryEdit::DeleteResource { .. } => "delete-resource",
        LibraryEdit::AddPriceBook { .. } => "add-price-book",
        LibraryEdit::UpdatePriceBook { .. } => "update-price-book",
        LibraryEdit::DraftPriceBook { .. } => "draft-price-book",
        LibraryEdit::DiscardPriceBookDraft { .. } => "discard-price-book-draft",
        LibraryEdit::PublishPriceBook { .. } => "publish-price-book",
        LibraryEdit::ArchivePriceBookVersion { .. } => "archive-price-book-version",
        LibraryEdit::SetRates { .. } => "set-rates",
        LibraryEdit::AddRecipe { .. } => "add-recipe",
        LibraryEdit::SaveRecipe { .. } => "save-recipe",
        LibraryEdit::DiscardRecipeDraft { .. } => "discard-recipe-draft",
        LibraryEdit::ArchiveRecipeVersion { .. } => "archive-recipe-version",
        LibraryEdit::UpdateRecipe { .. } => "update-recipe",
        LibraryEdit::DeleteRecipe { .. } => "delete-recipe",
        LibraryEdit::AddUnit { .. } => "add-unit",
        LibraryEdit::UpdateUnit { .. } => "update-unit",
        LibraryEdit::DeleteUnit { .. } => "delete-unit",
        LibraryEdit::SetConversion { .. } => "set-conversion",
        LibraryEdit::DeleteConversion { .. } => "delete-conversion",
        LibraryEdit::AddCompany { .. } => "add-company",
        LibraryEdit::UpdateCompany { .. } => "update-company",
        LibraryEdit::SyncCompany { .. } => "sync-company",
        LibraryEdit::UnlinkCompany { .. } => "unlink-company",
        LibraryEdit::MarkUsed { .. } => "mark-used",
    }
}
