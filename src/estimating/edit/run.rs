//! Running the edits of one command.

use super::{Edit, Place, RepriceScope};
use crate::estimating::{
    catalogue::Catalogue,
    change::EstimateChange,
    estimate::{Estimate, NodeRow, ROOT, Slot, Touched, Work, violation},
    id::{IdSource, RecipeId, ResourceId, UserId},
    limits::EDITS_MAX,
    position::Position,
    refusal::Refusal,
};
use uuid::Uuid;

/// Who edits, when, and with what.
pub struct EditContext<'a> {
    /// Resources, recipes and units.
    pub catalogue: &'a Catalogue,
    /// Who.
    pub by: UserId,
    /// When, microseconds since 1970, UTC.
    pub at_us: i64,
    /// Fresh identities.
    pub ids: &'a mut dyn IdSource,
}

/// What a command did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Rows before and after, one entry a row.
    pub changes: Vec<EstimateChange>,
    /// Identities each edit made, in order.
    pub ids: Vec<Vec<Uuid>>,
    /// The command in words, for undo and history.
    pub label: String,
    /// What followers need to know.
    pub touched: Touched,
    /// Resources new lines took up; the library marks them used (BR-045).
    pub used_resources: Vec<ResourceId>,
    /// Recipes new lines took up.
    pub used_recipes: Vec<RecipeId>,
}

/// One command in the making.
pub(super) struct Run<'a, 'w> {
    pub estimate: &'a mut Estimate,
    pub work: &'a mut Work<'w>,
    pub catalogue: &'w Catalogue,
    pub ids: &'a mut dyn IdSource,
    pub by: UserId,
    pub at_us: i64,
    pub used_resources: Vec<ResourceId>,
    pub used_recipes: Vec<RecipeId>,
}

impl Estimate {
    /// Runs `edits` in order, each seeing the effect of those before, then works out and checks
    /// the result. O(depth) for a change of one row; structure changes also pay for the rows they
    /// carry.
    ///
    /// # Errors
    /// The first edit that makes no sense, or all rules the result breaks. The estimate is then in
    /// no usable state: run on a clone and drop it.
    pub fn edit(&mut self, edits: &[Edit], cx: &mut EditContext<'_>) -> Result<Outcome, Refusal> {
        if edits.len() > EDITS_MAX {
            return Err(Refusal::TooMany { what: "edits in one command", limit: EDITS_MAX });
        }
        if !self.row().state.is_editable() {
            let message = "This revision is frozen: make a new revision to change it.";
            return Err(broken(12, self.row().id.0, None, message));
        }
        self.begin();
        let mut work = Work::new(cx.catalogue);
        let mut ids = Vec::with_capacity(edits.len());
        let mut run = Run {
            estimate: self,
            work: &mut work,
            catalogue: cx.catalogue,
            ids: cx.ids,
            by: cx.by,
            at_us: cx.at_us,
            used_resources: Vec::new(),
            used_recipes: Vec::new(),
        };
        for (index, edit) in edits.iter().enumerate() {
            run.work.edit = index;
            let made = run.edit(edit).map_err(|e| at_edit(e, index, edits.len()))?;
            ids.push(made);
        }
        let (mut used_resources, mut used_recipes) = (run.used_resources, run.used_recipes);
        used_resources.sort_unstable();
        used_resources.dedup();
        used_recipes.sort_unstable();
        used_recipes.dedup();
        let label = self.label(edits, &ids);
        self.check_packages(&work)?;
        self.settle(&mut work)?;
        self.prove(&mut work)?;
        self.check_transfers(&work)?;
        if work.prices {
            // The kept price is that of the state before.
            self.priced_by(self.commercials())?;
        }
        let (changes, touched) = self.finish(work, cx.by, cx.at_us)?;
        Ok(Outcome { changes, ids, label, touched, used_resources, used_recipes })
    }

    /// The command in words.
    fn label(&self, edits: &[Edit], ids: &[Vec<Uuid>]) -> String {
        let Some(first) = edits.first() else { return "No change".to_owned() };
        let words = first.words(self, ids.first().map_or(&[], Vec::as_slice));
        match edits.len() {
            1 => words,
            n => format!("{words} and {} more", n - 1),
        }
    }
}

/// Says which edit of a bulk was refused.
fn at_edit(refusal: Refusal, index: usize, of: usize) -> Refusal {
    match refusal {
        Refusal::Violations(mut list) => {
            list.0.iter_mut().for_each(|v| {
                v.edit.get_or_insert(index);
            });
            Refusal::Violations(list)
        }
        Refusal::Invalid { field, message } if of > 1 => {
            Refusal::Invalid { field, message: format!("Edit {}: {message}", index + 1) }
        }
        Refusal::Invalid { .. }
        | Refusal::NotFound { .. }
        | Refusal::StaleVersion { .. }
        | Refusal::TooMany { .. } => refusal,
    }
}

/// A refusal for one broken rule.
pub(super) fn broken(
    rule: u8,
    object: Uuid,
    field: Option<&'static str>,
    message: impl Into<String>,
) -> Refusal {
    violation(rule, object, field, message).into()
}

impl Run<'_, '_> {
    fn edit(&mut self, edit: &Edit) -> Result<Vec<Uuid>, Refusal> {
        match edit {
            Edit::AddHeading { id, parent_id, place, code, name } => {
                self.add_heading(*id, *parent_id, *place, code, name)
            }
            Edit::AddItem { id, parent_id, place, set } => {
                self.add_item(*id, *parent_id, *place, set)
            }
            Edit::UpdateHeading { id, version, set } => self.update_heading(*id, *version, set),
            Edit::UpdateItem { id, version, set } => self.update_item(*id, *version, set),
            Edit::Move { ids, parent_id, place } => self.move_rows(ids, *parent_id, *place),
            Edit::Indent { ids } => self.indent(ids),
            Edit::Outdent { ids } => self.outdent(ids),
            Edit::MoveUp { ids } => self.shift(ids, true),
            Edit::MoveDown { ids } => self.shift(ids, false),
            Edit::Delete { ids, confirm } => self.delete(ids, confirm.as_ref()),
            Edit::Duplicate { ids, parent_id, place } => self.duplicate(ids, *parent_id, *place),
            Edit::Convert { id, to } => self.convert(*id, *to),
            Edit::Worksheet { item_id, version, variables, blocks } => {
                self.set_names(*item_id, *version, variables.as_deref(), blocks.as_deref())
            }
            Edit::AddLine { item_id, id, version, place, line } => {
                self.add_line(*item_id, *id, *version, *place, line)
            }
            Edit::UpdateLine { item_id, line_id, version, set } => {
                self.update_line(*item_id, *line_id, *version, set)
            }
            Edit::DeleteLines { item_id, line_ids, version } => {
                self.delete_lines(*item_id, line_ids, *version)
            }
            Edit::MoveLine { item_id, line_id, version, place } => {
                self.move_line(*item_id, *line_id, *version, *place)
            }
            Edit::CopyLines { from_item_id, line_ids, to_item_id } => {
                self.copy_lines(*from_item_id, line_ids.as_deref(), *to_item_id)
            }
            Edit::Reprice { line_ids, resource_ids, recipe_ids, price_book, preview, choose } => {
                let scope = RepriceScope {
                    lines: line_ids.as_deref(),
                    resources: resource_ids.as_deref(),
                    recipes: recipe_ids.as_deref(),
                    book: *price_book,
                };
                self.reprice(&scope, preview.as_deref(), choose.as_deref())
            }
            Edit::UpgradeRecipe { item_id, line_id, version, n, choices } => {
                self.upgrade_recipe(*item_id, *line_id, *version, *n, choices)
            }
            Edit::Package { edit } => self.package_edit(edit),
            Edit::AddRule { id, set } => self.add_rule(*id, set),
            Edit::UpdateRule { id, version, set } => self.update_rule(*id, *version, set),
            Edit::DeleteRules { ids } => self.delete_rules(ids),
            Edit::MoveRule { id, place } => self.move_rule(*id, *place),
            Edit::UpdateTerms { version, tiers, balancing_item_id } => {
                self.update_terms(*version, tiers.as_deref(), *balancing_item_id)
            }
            Edit::AddContent { id, kind, place, item_id, text } => {
                self.add_content(*id, *kind, *place, *item_id, text)
            }
            Edit::UpdateContent { id, version, kind, item_id, text } => {
                self.update_content(*id, *version, *kind, *item_id, text.as_deref())
            }
            Edit::MoveContent { id, place } => self.move_content(*id, *place),
            Edit::DeleteContent { ids } => self.delete_content(ids),
            Edit::Acknowledge { id, rule, object_id, value, reason } => {
                self.acknowledge(*id, (*rule).into(), *object_id, value, reason)
            }
            Edit::WithdrawAcknowledgement { ids } => self.withdraw(ids),
            Edit::DismissCheck { id, code, object_id, value, reason } => {
                self.dismiss(*id, *code, *object_id, value, reason)
            }
            Edit::RestoreCheck { ids } => self.restore_checks(ids),
            Edit::UpdateEstimate { version, name, state, gst_pct, variables } => self
                .update_estimate(
                    *version,
                    name.as_deref(),
                    state.as_deref(),
                    gst_pct.as_deref(),
                    variables.as_deref(),
                ),
        }
    }

    /// The slot of a row, or "not found".
    pub(super) fn slot(&self, id: Uuid) -> Result<Slot, Refusal> {
        self.estimate.slot(id).ok_or(Refusal::NotFound { what: "row", id })
    }

    /// The slot a client names as parent; none is the top.
    pub(super) fn parent_slot(&self, id: Option<Uuid>) -> Result<Slot, Refusal> {
        match id {
            None => Ok(ROOT),
            Some(id) => self.estimate.slot(id).ok_or_else(|| {
                broken(15, id, Some("parentId"), "The parent is not a row of this estimate.")
            }),
        }
    }

    /// An identity for a new row: the client's choice when it is free.
    pub(super) fn new_id(&mut self, chosen: Option<Uuid>) -> Result<Uuid, Refusal> {
        match chosen {
            None => Ok(self.ids.next_id()),
            Some(id) if id.is_nil() || self.estimate.slot(id).is_some() => {
                Err(Refusal::invalid("id", format!("The id {id} is taken.")))
            }
            Some(id) => Ok(id),
        }
    }

    /// Refuses a row read at another version (BR-099).
    pub(super) fn check_version(
        &self,
        what: &'static str,
        id: Uuid,
        read: Option<u64>,
        current: u64,
    ) -> Result<(), Refusal> {
        match read {
            Some(read) if read != current => Err(Refusal::StaleVersion { what, id, current }),
            Some(_) | None => Ok(()),
        }
    }

    /// `count` positions among the children of `parent` at `place`. Siblings are renumbered only
    /// when the keys between two of them have grown to their limit.
    pub(super) fn positions(
        &mut self,
        parent: Slot,
        place: Place,
        count: usize,
    ) -> Result<Vec<Position>, Refusal> {
        if let Some(run) = self.run_at(parent, place, count)? {
            return Ok(run);
        }
        self.renumber(parent);
        self.run_at(parent, place, count)?.ok_or(Refusal::TooMany {
            what: "rows under one parent",
            limit: crate::estimating::limits::CHILDREN_MAX,
        })
    }

    fn run_at(
        &self,
        parent: Slot,
        place: Place,
        count: usize,
    ) -> Result<Option<Vec<Position>>, Refusal> {
        let children = self.estimate.at(parent).children();
        let sibling = |id: Uuid| {
            let slot = self.estimate.slot(id);
            children.iter().position(|c| Some(*c) == slot).ok_or_else(|| {
                Refusal::invalid("place", format!("{id} is not among the rows it would stand by."))
            })
        };
        let at = match place {
            Place::First => 0,
            Place::Last => children.len(),
            Place::Before(id) => sibling(id)?,
            Place::After(id) => sibling(id)? + 1,
        };
        let position = |index: Option<usize>| {
            index
                .and_then(|i| children.get(i))
                .and_then(|slot| self.estimate.at(*slot).row.position())
        };
        Ok(Position::run_between(position(at.checked_sub(1)), position(Some(at)), count))
    }

    fn renumber(&mut self, parent: Slot) {
        let children = self.estimate.at(parent).children().to_vec();
        for (slot, position) in children.iter().zip(Position::spread(children.len())) {
            let row = match &self.estimate.at(*slot).row {
                NodeRow::None => continue,
                NodeRow::Heading(h) => {
                    let mut h = (**h).clone();
                    h.position = position;
                    NodeRow::Heading(h.into())
                }
                NodeRow::Item(i) => {
                    let mut i = (**i).clone();
                    i.position = position;
                    NodeRow::Item(i.into())
                }
            };
            self.estimate.replace(self.work, *slot, row);
        }
    }
}
