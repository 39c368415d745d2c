//! Bounds on what one organisation, estimate or row may hold. Each is far beyond honest use and
//! close enough to keep memory, time and money arithmetic in range.

/// Headings nest at most this deep (BR-013).
pub const HEADING_DEPTH_MAX: u8 = 5;
/// Sub-items nest at most this deep below an item under a heading (BR-022).
pub const SUB_ITEM_DEPTH_MAX: u8 = 5;
/// Recipes nest at most this deep (BR-055).
pub const RECIPE_DEPTH_MAX: u8 = 5;
/// Leaf lines one recipe line may expand to.
pub const RECIPE_LEAVES_MAX: usize = 2_000;
/// Headings and items of one estimate.
pub const NODES_MAX: usize = 1_500_000;
/// Children of one parent.
pub const CHILDREN_MAX: usize = 200_000;
/// Lines of one worksheet or recipe.
pub const LINES_MAX: usize = 500;
/// Variables or calculation blocks of one estimate, item, worksheet or recipe.
pub const VARIABLES_MAX: usize = 200;
/// Parameters of a recipe.
pub const PARAMETERS_MAX: usize = 50;
/// Characters of a code.
pub const CODE_CHARS_MAX: usize = 60;
/// Characters of a heading's, tender's, estimate's or recipe's name.
pub const NAME_CHARS_MAX: usize = 500;
/// Characters of an item's or resource's description.
pub const DESCRIPTION_CHARS_MAX: usize = 4_000;
/// Characters of a note or reason.
pub const NOTE_CHARS_MAX: usize = 10_000;
/// Companies of one organisation.
pub const COMPANIES_MAX: usize = 20_000;
/// Contacts of one company.
pub const CONTACTS_MAX: usize = 50;
/// Regions or trades of one company.
pub const COMPANY_TAGS_MAX: usize = 50;
/// Rates of one resource in one version of a price book.
pub const RATE_ENTRIES_MAX: usize = 50;
/// Content blocks of one estimate.
pub const CONTENT_BLOCKS_MAX: usize = 500;
/// Packages of one estimate.
pub const PACKAGES_MAX: usize = 1_000;
/// Members of one package.
pub const MEMBERS_MAX: usize = 5_000;
/// Companies asked in one round of a package.
pub const INVITATIONS_MAX: usize = 50;
/// Lines of one quote.
pub const QUOTE_LINES_MAX: usize = 6_000;
/// Adjustments of one quote.
pub const ADJUSTMENTS_MAX: usize = 100;
/// Edits of one command (a paste, a fill down, an import batch).
pub const EDITS_MAX: usize = 10_000;
/// Rows one command may touch: deletes, moves and reprices count what they carry with them.
pub const CHANGES_MAX: usize = 400_000;
/// One item's or line's cost, in cents, either way: 10 billion dollars. With [`NODES_MAX`] items
/// sums stay inside an `i64`.
pub const COST_CENTS_MAX: i64 = 1_000_000_000_000;
/// The estimate's cost, in cents: one trillion dollars.
pub const ESTIMATE_CENTS_MAX: i64 = 100_000_000_000_000;
/// Units a rate-only item is built on; they enter no total (domain 2.5).
pub const RATE_ONLY_QUANTITY: i64 = 100;
