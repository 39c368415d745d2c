//! Where a resource or recipe is used, over every estimate.

use super::auth::SignedIn;
use super::off_thread::off_thread;
use super::page::{Page, Paging};
use super::problem::Problem;
use crate::estimating::catalogue::Catalogue;
use crate::estimating::estimate::Estimate;
use crate::estimating::id::{EstimateId, PriceBookId, RecipeId, ResourceId};
use crate::estimating::worksheet::{Line, Source};
use crate::workspace::WorkspaceError;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Places one answer counts; a resource used in more is used everywhere.
const USAGES_MAX: usize = 100_000;

/// An item that uses a resource or recipe.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Usage {
    /// The estimate.
    pub estimate_id: Uuid,
    /// The estimate's name.
    pub estimate_name: String,
    /// The tender's number.
    pub tender_number: String,
    /// The item.
    pub item_id: Uuid,
    /// The item's code.
    pub item_code: String,
    /// The item's description.
    pub item_description: String,
    /// Code of the recipe through which it uses it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub via: Option<String>,
}

/// What is looked for.
#[derive(Clone, Copy, Debug)]
pub enum Used {
    /// A resource, by itself or inside a recipe.
    Resource(ResourceId),
    /// A recipe.
    Recipe(RecipeId),
    /// A version of a price book, by itself.
    BookVersion(PriceBookId, u32),
}

/// A page of the items that use something, over every estimate. O(lines of every estimate), on
/// a thread of its own.
///
/// # Errors
/// When an estimate cannot be read.
pub async fn page(me: &SignedIn, used: Used, paging: Paging) -> Result<Page<Usage>, Problem> {
    let me = me.clone();
    let all = off_thread("looking for uses", move || everywhere(&me, used)).await??;
    Page::slice(&all, paging.cursor.as_deref(), paging.limit, Usage::clone)
}

fn everywhere(me: &SignedIn, used: Used) -> Result<Vec<Usage>, WorkspaceError> {
    let published = me.published();
    let library = &published.library;
    let mut found = Vec::new();
    for row in library.estimates() {
        let tender = library.tender(row.tender).map(|t| t.number.to_string()).unwrap_or_default();
        let estimate = match me.workspace().estimate_blocking(row.id) {
            Ok(estimate) => estimate,
            Err(WorkspaceError::NotFound { .. }) => continue,
            Err(error) => return Err(error),
        };
        inside(&estimate, row.id, &tender, used, &library.catalogue, &mut found);
        if found.len() >= USAGES_MAX {
            break;
        }
    }
    Ok(found)
}

fn inside(
    estimate: &Estimate,
    id: EstimateId,
    tender: &str,
    used: Used,
    catalogue: &Catalogue,
    found: &mut Vec<Usage>,
) {
    for node in estimate.rows() {
        let (Some(item), Some(sheet)) = (node.item(), node.sheet) else { continue };
        let Some(line) = sheet.lines.iter().find(|line| uses(line, used, catalogue)) else {
            continue;
        };
        let via = match (&line.source, used) {
            (Source::Recipe(recipe), Used::Resource(_)) => {
                catalogue.recipe(recipe.recipe).map(|r| r.code.to_string())
            }
            (Source::Recipe(_) | Source::Resource { .. } | Source::Free { .. }, _) => None,
        };
        found.push(Usage {
            estimate_id: id.0,
            estimate_name: estimate.row().name.to_string(),
            tender_number: tender.to_owned(),
            item_id: item.id.0,
            item_code: item.code.to_string(),
            item_description: item.description.to_string(),
            via,
        });
    }
}

fn uses(line: &Line, used: Used, catalogue: &Catalogue) -> bool {
    match (&line.source, used) {
        (Source::Resource { resource, .. }, Used::Resource(id)) => *resource == id,
        (Source::Resource { resource, book_version }, Used::BookVersion(book, n)) => {
            *book_version == n && catalogue.resource(*resource).is_some_and(|r| r.book == book)
        }
        (Source::Recipe(_), Used::BookVersion(..)) => false,
        (Source::Recipe(recipe), Used::Resource(id)) => {
            recipe.rates.iter().any(|(resource, _)| *resource == id)
        }
        (Source::Recipe(recipe), Used::Recipe(id)) => recipe.recipe == id,
        (Source::Resource { .. }, Used::Recipe(_)) | (Source::Free { .. }, _) => false,
    }
}
