//! Edits of content blocks: the words an offer comes with.

use super::{Place, run::Run};
use crate::estimating::{
    content::{Content, ContentBlock, ContentKind},
    id::{ContentBlockId, ItemId},
    limits::{CONTENT_BLOCKS_MAX, NOTE_CHARS_MAX},
    refusal::Refusal,
    typed,
};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

impl Run<'_, '_> {
    pub(super) fn add_content(
        &mut self,
        id: Option<Uuid>,
        kind: ContentKind,
        place: Place,
        item: Option<Uuid>,
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
        let item = item.map(|item| self.item_of_text(item)).transpose()?;
        let id_of_block = ContentBlockId(id);
        row.blocks.insert(at, ContentBlock { id: id_of_block, kind, text, item, version: 1 });
        self.estimate.replace_content(self.work, row);
        Ok(vec![id])
    }

    pub(super) fn update_content(
        &mut self,
        id: Uuid,
        version: Option<u64>,
        kind: Option<ContentKind>,
        item: Option<Option<Uuid>>,
        text: Option<&str>,
    ) -> Result<Vec<Uuid>, Refusal> {
        let item = match item {
            None => None,
            Some(item) => Some(item.map(|item| self.item_of_text(item)).transpose()?),
        };
        let mut row = Content::clone(self.estimate.content());
        let block = row
            .blocks
            .iter_mut()
            .find(|block| block.id.0 == id)
            .ok_or(Refusal::NotFound { what: "content block", id })?;
        self.check_version("content block", id, version, block.version)?;
        let before = block.clone();
        block.kind = kind.unwrap_or(block.kind);
        block.item = item.unwrap_or(block.item);
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

    /// An item that text is attached to.
    fn item_of_text(&self, id: Uuid) -> Result<ItemId, Refusal> {
        let item = ItemId(id);
        let found = self.estimate.item_slot(item).map(|_| item);
        found.ok_or(Refusal::NotFound { what: "item", id })
    }

    /// Deletes the blocks attached to items that are gone: text goes with its item. O(blocks).
    pub(super) fn delete_content_of(&mut self, gone: &HashSet<Uuid>) {
        let of_gone = |block: &ContentBlock| block.item.is_some_and(|item| gone.contains(&item.0));
        if self.estimate.content().blocks.iter().any(of_gone) {
            let mut row = Content::clone(self.estimate.content());
            row.blocks.retain(|block| !of_gone(block));
            self.estimate.replace_content(self.work, row);
        }
    }

    /// Copies the blocks attached to items that were copied, each behind its original. O(blocks).
    ///
    /// # Errors
    /// `TooMany` where the estimate would have more blocks than it may.
    pub(super) fn copy_content(&mut self, copies: &HashMap<Uuid, Uuid>) -> Result<(), Refusal> {
        let copy_of = |block: &ContentBlock| copies.get(&block.item?.0).copied().map(ItemId);
        let row = self.estimate.content();
        let more = row.blocks.iter().filter(|block| copy_of(block).is_some()).count();
        if more == 0 {
            return Ok(());
        }
        if row.blocks.len() + more > CONTENT_BLOCKS_MAX {
            return Err(Refusal::TooMany { what: "content blocks", limit: CONTENT_BLOCKS_MAX });
        }
        let mut row = Content::clone(row);
        let mut blocks = Vec::with_capacity(row.blocks.len() + more);
        for block in row.blocks.drain(..) {
            let copy = copy_of(&block).map(|item| ContentBlock {
                id: ContentBlockId(self.ids.next_id()),
                item: Some(item),
                version: 1,
                ..block.clone()
            });
            blocks.push(block);
            blocks.extend(copy);
        }
        row.blocks = blocks;
        self.estimate.replace_content(self.work, row);
        Ok(())
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
