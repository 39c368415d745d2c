//! Kinds of content blocks an Admin defines (domain 2.10).

use super::{Done, Library, draft::Draft};
use crate::estimating::{
    catalogue::fold_code,
    change::Delta,
    content::{CONTENT_KINDS_MAX, ContentKind, ContentKindFields, KindView, OwnContentKind},
    heading::Stamp,
    limits::NAME_CHARS_MAX,
    refusal::Refusal,
    typed,
};
use std::sync::Arc;
use uuid::Uuid;

impl Library {
    /// The kinds an Admin defined, oldest first, archived ones too. O(n).
    pub fn own_content_kinds(&self) -> impl Iterator<Item = &Arc<OwnContentKind>> {
        self.content_kinds.values()
    }

    /// Every kind there is, those that are built in first. O(n).
    pub fn content_kinds<'a>(&'a self) -> impl Iterator<Item = KindView<'a>> + 'a {
        let own = self.own_content_kinds().map(|row| row.view());
        KindView::built_in().chain(own)
    }

    /// Refuses a kind no block can be of from now on: one there is not, or an archived one.
    ///
    /// # Errors
    /// Says which.
    pub fn takes_content(&self, kind: ContentKind) -> Result<(), Refusal> {
        let ContentKind::Own(id) = kind else { return Ok(()) };
        match self.content_kinds.get(&id) {
            None => Err(Refusal::NotFound { what: "kind of content", id: id.0 }),
            Some(row) if row.archived => {
                let message = format!("{} is archived: old estimates keep it.", row.title);
                Err(Refusal::invalid("kind", message))
            }
            Some(_) => Ok(()),
        }
    }
}

impl Draft<'_> {
    pub(super) fn add_content_kind(
        &mut self,
        id: Option<Uuid>,
        set: &ContentKindFields,
    ) -> Result<Done, Refusal> {
        if self.library.content_kinds.len() >= CONTENT_KINDS_MAX {
            let limit = CONTENT_KINDS_MAX;
            return Err(Refusal::TooMany { what: "kinds of content", limit });
        }
        let row = OwnContentKind {
            id: self.fresh::<OwnContentKind>(id)?,
            title: typed::needed("title", set.title.as_deref(), NAME_CHARS_MAX)?,
            client_facing: set.client_facing.unwrap_or(false),
            archived: set.archived.unwrap_or(false),
            version: 1,
            stamp: Stamp::new(self.by, self.at_us),
        };
        let (id, label) = (row.id.0, format!("Add the offer text {}", row.title));
        self.put_content_kind(row)?;
        Done::new([id], label)
    }

    pub(super) fn update_content_kind(
        &mut self,
        id: Uuid,
        version: Option<u64>,
        set: &ContentKindFields,
    ) -> Result<Done, Refusal> {
        let before = self.current::<OwnContentKind>("kind of content", id, version)?;
        let mut row = OwnContentKind::clone(&before);
        if set.client_facing.is_some_and(|client| client != row.client_facing) {
            let message = "Whether the client sees it was said when it was added, and texts were \
                           written for that: archive it and add another.";
            return Err(Refusal::invalid("clientFacing", message));
        }
        typed::set_needed(&mut row.title, "title", set.title.as_deref(), NAME_CHARS_MAX)?;
        row.archived = set.archived.unwrap_or(row.archived);
        let verb = match (before.archived, row.archived) {
            (false, true) => "Archive",
            (true, false) => "Bring back",
            (false, false) | (true, true) => "Rename",
        };
        let label = format!("{verb} the offer text {}", row.title);
        self.put_content_kind(row)?;
        Done::new([id], label)
    }

    /// Stores a kind unless another one, built in or not, has its title. O(n).
    fn put_content_kind(&mut self, row: OwnContentKind) -> Result<(), Refusal> {
        let folded = fold_code(&row.title);
        let own = ContentKind::Own(row.id);
        let taken = self
            .library
            .content_kinds()
            .any(|other| other.kind != own && fold_code(other.title) == folded);
        if taken {
            return Err(Refusal::invalid("title", format!("There is {} already.", row.title)));
        }
        self.put(row);
        Ok(())
    }

    /// A kind as it was; one that was added is archived, for there may be texts of it.
    pub(super) fn restore_content_kind(
        &mut self,
        d: &Delta<OwnContentKind>,
    ) -> Result<(), Refusal> {
        let Some(row) = d.before.as_ref().or(d.after.as_ref()) else { return Ok(()) };
        let mut row = OwnContentKind::clone(row);
        row.archived |= d.before.is_none();
        match self.again(&row) {
            Some(row) => self.put_content_kind(row),
            None => Ok(()),
        }
    }
}
