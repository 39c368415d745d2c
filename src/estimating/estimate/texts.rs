//! The words of an offer as its letter says them.

use super::{Estimate, NodeView};
use crate::estimating::{content::ContentKind, item::Parent};

impl Estimate {
    /// The texts of a kind as the client reads them: those of the whole estimate, then those of
    /// items, in display order, each after the code and description of its item. An item the client
    /// does not see is called by the nearest one above that it does, and by nothing where there is
    /// none (BR-107); the texts of inactive work are left out. O(rows), O(blocks) where no text is
    /// attached to an item.
    pub fn offer_texts(&self, kind: ContentKind) -> Vec<String> {
        let content = self.content();
        let own = content.of(kind).filter(|block| block.item.is_none());
        let mut texts: Vec<String> = own.map(|block| block.text.to_string()).collect();
        if content.of(kind).all(|block| block.item.is_none()) {
            return texts;
        }
        let by_item = content.by_item();
        for node in self.rows() {
            let Some(item) = node.item() else { continue };
            let Some(blocks) = by_item.get(&item.id) else { continue };
            let Some(name) = self.name_for_client(&node) else { continue };
            let of_kind = blocks.iter().filter(|block| block.kind == kind);
            texts.extend(of_kind.map(|block| match name.as_str() {
                "" => block.text.to_string(),
                name => format!("{name}: {}", block.text),
            }));
        }
        texts
    }

    /// What the client calls the work of an item; none where it, or work it is part of, is
    /// inactive.
    fn name_for_client(&self, node: &NodeView<'_>) -> Option<String> {
        let mut item = node.item()?;
        let mut name = None;
        loop {
            if item.inactive {
                return None;
            }
            if name.is_none() && item.is_for_client() {
                let parts = [&*item.code, &*item.description];
                let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
                name = Some(parts.join(" "));
            }
            let Parent::Item(above) = item.parent else { break };
            item = self.node(above.0)?.item()?;
        }
        Some(name.unwrap_or_default())
    }
}
