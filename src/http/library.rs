//! What the handlers of tenders, price book, recipes and units share.

use super::auth::SignedIn;
use super::extract::Terms;
use super::problem::Problem;
use crate::estimating::library::LibraryEdit;
use crate::workspace::{Command, Reply};
use uuid::Uuid;

/// Carries out one edit of the library.
pub async fn edit(me: &SignedIn, edit: LibraryEdit, terms: Terms) -> Result<Reply, Problem> {
    edits(me, vec![edit], terms).await
}

/// Carries out edits of the library in one commit.
pub async fn edits(me: &SignedIn, edits: Vec<LibraryEdit>, terms: Terms) -> Result<Reply, Problem> {
    me.submit(Command::Library { edits, label: None }, terms).await
}

/// The first identity the first edit made.
pub fn made(reply: &Reply) -> Result<Uuid, Problem> {
    reply.ids.first().and_then(|ids| ids.first()).copied().ok_or_else(Problem::internal)
}

/// Words that must all be found, in lower case.
pub struct Words(Vec<String>);

impl Words {
    /// The words of what was typed.
    pub fn of(text: Option<&str>) -> Words {
        Words(text.unwrap_or_default().split_whitespace().map(str::to_lowercase).collect())
    }

    /// Whether every word stands in one of the texts. O(text).
    pub fn are_in(&self, texts: &[&str]) -> bool {
        self.0.is_empty() || {
            let texts: Vec<String> = texts.iter().map(|text| text.to_lowercase()).collect();
            self.0.iter().all(|word| texts.iter().any(|text| text.contains(word.as_str())))
        }
    }
}

/// A sort order as typed: the field, and whether it is turned round.
pub fn order(sort: Option<&str>) -> (&str, bool) {
    let sort = sort.unwrap_or_default();
    match sort.strip_prefix('-') {
        Some(field) => (field, true),
        None => (sort, false),
    }
}
