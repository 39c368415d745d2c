//! Edits of content blocks: the words an offer comes with.

use super::{Place, run::Run};
use crate::estimating::{
    content::{Content, ContentBlock, ContentKind},
    id::ContentBlockId,
    limits::{CONTENT_BLOCKS_MAX, NOTE_CHARS_MAX},
    refusal::Refusal,
    typed,
};
use uuid::Uuid;

impl Run<'_, '_> {
    pub(super) fn add_content(
        &mut self,
        id: Option<Uuid>,
        kind: ContentKind,
        place: Place,
        text: &str,
    ) -> Result<Vec<Uuid>, Refusal> {
        let mut row = Content::clone(self.estimate.content());
        if row.blocks.len() >= CONTENT_BLOCKS_MAX {
            return Err(Refusal::TooMany { what: "content blocks", limit: CONTENT_BLOCKS_MAX });
        }
        let id = id.unwrap_or_else(|| self.ids.next_id());
        if id.is_nil() || row.blocks.iter().any(|block| block.id.0 == id) {
            return Err(Refusal::invalid("id", format!("The id {id} is taken.")));
        }
        let text = typed::needed("text", Some(text), NOTE_CHARS_MAX)?;
        let at = place_of(&row.blocks, place)?;
        row.blocks.insert(at, ContentBlock { id: ContentBlockId(id), kind, text, version: 1 });
        self.estimate.replace_content(self.work, row);
        Ok(vec![id])
    }

    pub(super) fn update_content(
        &mut self,
        id: Uuid,
        version: Option<u64>,
        kind: Option<ContentKind>,
        text: Option<&str>,
    ) -> Result<Vec<Uuid>, Refusal> {
        let mut row = Content::clone(self.estimate.content());
        let block = row
            .blocks
            .iter_mut()
            .find(|block| block.id.0 == id)
            .ok_or(Refusal::NotFound { what: "content block", id })?;
        self.check_version("content block", id, version, block.version)?;
        let before = block.clone();
        block.kind = kind.unwrap_or(block.kind);
        typed::set_needed(&mut block.text, "text", text, NOTE_CHARS_MAX)?;
        if *block != before {
            block.version += 1;
            self.estimate.replace_content(self.work, row);
        }
        Ok(vec![id])
    }

    pub(super) fn move_content(&mut self, id: Uuid, place: Place) -> Result<Vec<Uuid>, Refusal> {
        let mut row = Content::clone(self.estimate.content());
        let at = find(&row.blocks, id)?;
        let block = row.blocks.remove(at);
        let at = place_of(&row.blocks, place)?;
        row.blocks.insert(at, block);
        self.estimate.replace_content(self.work, row);
        Ok(vec![id])
    }

    pub(super) fn delete_content(&mut self, ids: &[Uuid]) -> Result<Vec<Uuid>, Refusal> {
        let mut row = Content::clone(self.estimate.content());
        for id in ids {
            let at = find(&row.blocks, *id)?;
            row.blocks.remove(at);
        }
        self.estimate.replace_content(self.work, row);
        Ok(ids.to_vec())
    }
}

fn find(blocks: &[ContentBlock], id: Uuid) -> Result<usize, Refusal> {
    let at = blocks.iter().position(|block| block.id.0 == id);
    at.ok_or(Refusal::NotFound { what: "content block", id })
}

fn place_of(blocks: &[ContentBlock], place: Place) -> Result<usize, Refusal> {
    match place {
        Place::First => Ok(0),
        Place::Last => Ok(blocks.len()),
        Place::Before(id) => find(blocks, id),
        Place::After(id) => Ok(find(blocks, id)? + 1),
    }
}
