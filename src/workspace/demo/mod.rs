//! The demonstration: an invented contractor with a price book, recipes, companies and six tenders,
//! made through ordinary commands by invented people. The first tender's estimate is the worked example
//! of the estimating model, to the cent.

mod data;
mod market;

use super::{
    Actor, Command, Request, Workspace, WorkspaceError,
    control::{Control, ControlError, NewOrganisation},
};
use crate::estimating::{
    edit::{Edit, ItemFields, LineFields, Place, VariableInput},
    id::{EstimateId, UserId},
    library::{LibraryEdit, Move, OutcomeInput, RecipeInput, RecipeLineInput, TenderFields},
    tender::TenderState,
    tender_record::OutcomeReason,
    user::{Organisation, Role, User},
};
use data::{Kind, LineData, PriceBookData, RowData, TenderData, TendersData};
use market::MarketData;
use std::{collections::HashMap, sync::Arc};
use uuid::Uuid;

/// Slug of the demonstration's organisation.
pub const DEMO_SLUG: &str = "demo";
/// Name of the demonstration's organisation.
pub const DEMO_NAME: &str = "Kahikatea Civil";
/// Name and address of its Admin.
const ADMIN: (&str, &str) = ("Hana Reweti", "hana@kahikatea.example");
/// Name and address of its Lead Estimator.
const LEAD: (&str, &str) = ("Tom Albright", "tom@kahikatea.example");
/// Name and address of its Estimator.
const ESTIMATOR: (&str, &str) = ("Priya Nair", "priya@kahikatea.example");
/// Number of the tender whose estimate is the worked example.
pub const WORKED_EXAMPLE: &str = "T-2614";

const PRICE_BOOK: &str = include_str!("price_book.toml");
const WAIHOU_ROAD: &str = include_str!("waihou_road.toml");
const MARKET: &str = include_str!("market.toml");
const TENDERS: &str = include_str!("tenders.toml");
/// The hour tenders close at, UTC: four in the afternoon, New Zealand summer time.
const CLOSING_TIME: &str = "03:00:00Z";

/// Why the demonstration could not be made.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The data directory or its people.
    #[error(transparent)]
    Control(#[from] ControlError),
    /// A command was refused.
    #[error("{step}: {cause}")]
    Command {
        /// What was being made.
        step: String,
        /// Why not.
        cause: WorkspaceError,
    },
    /// The data built in does not read.
    #[error("the demonstration's data: {0}")]
    Data(String),
}

/// Makes the demonstration's organisation in a data directory that has none yet, or gives the one
/// that is there. O(1), or a few dozen commits.
///
/// # Errors
/// Any [`DemoError`]; what was made until then stays.
pub fn create(control: &Control) -> Result<Arc<Organisation>, DemoError> {
    if let Some(organisation) = control.directory().organisations.get(DEMO_SLUG) {
        return Ok(organisation.clone());
    }
    let new = NewOrganisation {
        slug: DEMO_SLUG.to_owned(),
        name: DEMO_NAME.to_owned(),
        admin: Some((ADMIN.0.to_owned(), ADMIN.1.to_owned())),
    };
    let organisation = control.create(&new)?;
    let directory = control.directory();
    let admin = directory.users_of(organisation.id).next().cloned();
    let by = admin.as_ref().map(|admin| admin.id);
    let lead = control.add_user(organisation.id, LEAD.0, LEAD.1, Role::LeadEstimator, by)?;
    let estimator =
        control.add_user(organisation.id, ESTIMATOR.0, ESTIMATOR.1, Role::Estimator, by)?;
    let workspace = control.workspace(DEMO_SLUG)?;
    fill(&workspace, &actor(&lead), &actor(&estimator))?;
    Ok(organisation)
}

fn actor(user: &User) -> Actor {
    Actor { user: user.id, role: user.role, name: (&*user.name).into() }
}

/// Fills an empty organisation with the demonstration's price book, recipes and tenders.
///
/// # Errors
/// Any [`DemoError`]; what was made until then stays.
pub fn fill(workspace: &Workspace, lead: &Actor, estimator: &Actor) -> Result<(), DemoError> {
    let book: PriceBookData = read(PRICE_BOOK)?;
    let maker = Maker { workspace, lead, estimator, market: read(MARKET)? };
    maker.price_book(&book)?;
    maker.recipes(book)?;
    maker.companies(&maker.market)?;
    maker.tender(&read::<TenderData>(WAIHOU_ROAD)?)?;
    for tender in &read::<TendersData>(TENDERS)?.tender {
        maker.tender(tender)?;
    }
    Ok(())
}

fn read<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, DemoError> {
    toml::from_str(text).map_err(|error| DemoError::Data(error.to_string()))
}

/// Makes things on behalf of the demonstration's people.
struct Maker<'a> {
    workspace: &'a Workspace,
    lead: &'a Actor,
    estimator: &'a Actor,
    market: MarketData,
}

impl Maker<'_> {
    fn submit(
        &self,
        step: &str,
        actor: &Actor,
        command: Command,
    ) -> Result<super::Reply, DemoError> {
        self.workspace
            .submit_blocking(actor, Request::new(command))
            .map_err(|cause| DemoError::Command { step: step.to_owned(), cause })
    }

    fn library(
        &self,
        step: &str,
        actor: &Actor,
        edits: Vec<LibraryEdit>,
    ) -> Result<super::Reply, DemoError> {
        self.submit(step, actor, Command::Library { edits, label: Some(step.to_owned()) })
    }

    fn price_book(&self, book: &PriceBookData) -> Result<(), DemoError> {
        let edits = book.resources.iter().map(data::add_resource).collect();
        self.library("Enter the price book", self.lead, edits).map(drop)
    }

    /// The resource or recipe with this code.
    fn named(&self, code: &str) -> Result<Kind, DemoError> {
        let published = self.workspace.published();
        let catalogue = &published.library.catalogue;
        if let Some(recipe) = catalogue.recipe_by_code(code) {
            return Ok(Kind::Recipe(recipe.id.0));
        }
        catalogue
            .internal_book()
            .and_then(|book| catalogue.resource_by_code(book.id, code))
            .map(|resource| Kind::Resource(resource.id.0))
            .ok_or_else(|| DemoError::Data(format!("nothing is called {code}")))
    }

    fn recipes(&self, book: PriceBookData) -> Result<(), DemoError> {
        for recipe in book.recipe {
            let mut lines = Vec::with_capacity(recipe.lines.len());
            for line in recipe.lines {
                let (resource_id, recipe_id) = self.named(&line.of)?.split();
                lines.push(RecipeLineInput {
                    resource_id,
                    recipe_id,
                    factor: line.factor,
                    waste: line.waste,
                    pack: line.pack,
                    ..RecipeLineInput::default()
                });
            }
            let step = format!("Add recipe {}", recipe.code);
            let input = Box::new(RecipeInput {
                code: recipe.code,
                name: recipe.name,
                unit: recipe.unit,
                params: recipe.params,
                variables: Vec::new(),
                blocks: Vec::new(),
                lines,
                draft: false,
                n: None,
            });
            let edit = LibraryEdit::AddRecipe { id: None, recipe: input };
            self.library(&step, self.lead, vec![edit])?;
        }
        Ok(())
    }

    /// The company of this name that work is done for.
    fn client(&self, name: &str) -> Option<Uuid> {
        let published = self.workspace.published();
        let mut companies = published.library.companies();
        companies.find(|one| *one.name == *name && one.roles.client).map(|one| one.id.0)
    }

    fn tender(&self, tender: &TenderData) -> Result<(), DemoError> {
        let step = format!("Add tender {}", tender.number);
        let set = Box::new(TenderFields {
            number: Some(tender.number.clone()),
            name: Some(tender.name.clone()),
            client_id: self.client(&tender.client).map(Some),
            client_name: Some(tender.client.clone()),
            client_ref: Some(tender.reference.clone()),
            location: Some(tender.location.clone()),
            closing_at: Some(Some(at_days(tender.closing_days)?)),
            form_of_contract: tender.form,
            ..TenderFields::default()
        });
        let add =
            LibraryEdit::AddTender { id: None, estimate_id: None, bare: false, lead_id: None, set };
        let ids = self.library(&step, self.lead, vec![add])?.ids;
        let made = ids.first().map(Vec::as_slice).unwrap_or_default();
        let [tender_id, estimate] = made else {
            return Err(DemoError::Data(format!("{step} made {} rows", made.len())));
        };
        self.estimate(EstimateId(*estimate), tender)?;
        if tender.state != TenderState::Enquiry {
            self.decide(*tender_id, &tender.number, tender.state)?;
        }
        for state in data::way_to(tender.state) {
            self.state(*tender_id, &tender.number, state)?;
        }
        Ok(())
    }

    /// Whether to bid, with a reason: no-go where the tender ends declined.
    fn decide(&self, id: Uuid, number: &str, end: TenderState) -> Result<(), DemoError> {
        let go = !matches!(end, TenderState::Declined | TenderState::Archived);
        let reason = if go {
            "Our kind of work, close to the yard, and a crew is free."
        } else {
            "Outside our region, and the programme clashes with work in hand."
        };
        let reason = reason.to_owned();
        let edit = LibraryEdit::DecideTender { id, version: None, go, reason };
        let step = format!("Decide on tender {number}");
        self.submit(&step, self.lead, Command::Library { edits: vec![edit], label: None }).map(drop)
    }

    fn state(&self, id: Uuid, number: &str, state: TenderState) -> Result<(), DemoError> {
        let outcome = (state == TenderState::Withdrawn).then(|| OutcomeInput {
            reason: OutcomeReason::Capacity,
            note: "Both drainage crews are taken until spring.".to_owned(),
            winning_price: Some("unknown".to_owned()),
        });
        let how = Box::new(Move { outcome, ..Move::default() });
        let edit = LibraryEdit::SetTenderState { id, version: None, state, how };
        let step = format!("Move tender {number}");
        self.submit(&step, self.lead, Command::Library { edits: vec![edit], label: None }).map(drop)
    }

    fn estimate(&self, id: EstimateId, tender: &TenderData) -> Result<(), DemoError> {
        let mut ids: HashMap<&str, Uuid> = HashMap::new();
        let mut schedule = vec![variables(tender)];
        let mut pricing = Vec::new();
        for row in &tender.row {
            let own = Uuid::now_v7();
            schedule.push(row_edit(row, own, &ids)?);
            ids.insert(&row.code, own);
            for line in &row.lines {
                pricing.push(self.line_edit(own, line)?);
            }
            if row.reviewed {
                pricing.push(reviewed(own));
            }
        }
        self.edits(id, self.estimator, "Enter the schedule", schedule)?;
        self.edits(id, self.lead, "Price the schedule", pricing)?;
        if tender.number == WORKED_EXAMPLE {
            self.package(&self.market, id, &ids)?;
        }
        if tender.rule.is_empty() {
            return Ok(());
        }
        self.edits(id, self.lead, "Set the commercial rules", commercials(tender, &ids)?)
    }

    fn edits(
        &self,
        id: EstimateId,
        actor: &Actor,
        label: &str,
        edits: Vec<Edit>,
    ) -> Result<(), DemoError> {
        let command = Command::Estimate { id, edits, label: Some(label.to_owned()) };
        self.submit(label, actor, command).map(drop)
    }

    fn line_edit(&self, item: Uuid, line: &LineData) -> Result<Edit, DemoError> {
        let of = line.of.as_deref().map(|code| self.named(code)).transpose()?;
        let (resource_id, recipe_id) = of.map_or((None, None), Kind::split);
        let fields = LineFields { resource_id, recipe_id, ..line.fields() };
        Ok(Edit::AddLine {
            item_id: item,
            id: None,
            version: None,
            place: Place::Last,
            line: Box::new(fields),
        })
    }
}

/// Rate locks, rules and terms of the price.
fn commercials(tender: &TenderData, ids: &HashMap<&str, Uuid>) -> Result<Vec<Edit>, DemoError> {
    let known = |code: &str| {
        let id = ids.get(code).copied();
        id.ok_or_else(|| DemoError::Data(format!("{} has no row {code}", tender.number)))
    };
    let mut edits = Vec::new();
    for rule in &tender.rule {
        edits.push(rule.edit(known)?);
    }
    for (code, rate) in &tender.locked {
        let locked_sell_rate = Some(Some(rate.clone()));
        let set = Box::new(ItemFields { locked_sell_rate, ..ItemFields::default() });
        edits.push(Edit::UpdateItem { id: known(code)?, version: None, set });
    }
    let balancing = tender.balancing.as_deref().map(known).transpose()?;
    edits.push(Edit::UpdateTerms {
        version: None,
        tiers: None,
        balancing_item_id: balancing.map(Some),
    });
    Ok(edits)
}

fn variables(tender: &TenderData) -> Edit {
    let input = |(name, formula, note): &(String, String, String)| VariableInput {
        name: name.clone(),
        formula: formula.clone(),
        note: Some(note.clone()),
    };
    Edit::UpdateEstimate {
        version: None,
        name: None,
        gst_pct: None,
        state: None,
        variables: Some(tender.variables.iter().map(input).collect()),
    }
}

fn row_edit(row: &RowData, id: Uuid, ids: &HashMap<&str, Uuid>) -> Result<Edit, DemoError> {
    let known = |code: &str| {
        let id = ids.get(code).copied();
        id.ok_or_else(|| DemoError::Data(format!("{} names {code}, which is not above", row.code)))
    };
    let parent_id = row.under.as_deref().map(known).transpose()?;
    if let Some(name) = &row.heading {
        let (code, name) = (row.code.clone(), name.clone());
        return Ok(Edit::AddHeading { id: Some(id), parent_id, place: Place::Last, code, name });
    }
    let parent_id =
        parent_id.ok_or_else(|| DemoError::Data(format!("item {} hangs nowhere", row.code)))?;
    let linked = row.linked.iter().map(|code| known(code)).collect::<Result<Vec<_>, _>>()?;
    let set = Box::new(ItemFields {
        linked_items: (!linked.is_empty()).then_some(linked),
        ..row.fields()
    });
    Ok(Edit::AddItem { id: Some(id), parent_id, place: Place::Last, set })
}

fn reviewed(id: Uuid) -> Edit {
    let set = Box::new(ItemFields { reviewed: Some(true), ..ItemFields::default() });
    Edit::UpdateItem { id, version: None, set }
}

/// A time of day so many days from now.
fn at_days(days: i64) -> Result<String, DemoError> {
    let at = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24 * days);
    let date = at.to_zoned(jiff::tz::TimeZone::UTC).date();
    Ok(format!("{date}T{CLOSING_TIME}"))
}

/// The people of the demonstration, as the picker of its sign-in lists them.
pub fn people(control: &Control, organisation: &Organisation) -> Vec<(UserId, Arc<User>)> {
    let directory = control.directory();
    directory.users_of(organisation.id).map(|user| (user.id, user.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estimating::quotes::{AdjudicationState, unsettled};
    use crate::workspace::check_ledger;
    use crate::workspace::control::{Asker, NewPerson, PersonPatch, ledger_path};

    #[test]
    fn the_demonstration_is_the_worked_example_to_the_cent_and_whole() {
        let directory = tempfile::TempDir::new().unwrap();
        let control = Control::open(directory.path()).unwrap();
        let organisation = create(&control).unwrap();
        let workspace = control.workspace(DEMO_SLUG).unwrap();
        let published = workspace.published();
        assert_eq!(published.library.tender_count(), 6);
        assert!(published.library.catalogue.resource_count() >= 60);
        assert_eq!(published.library.company_count(), 8);
        let tender = published.library.tender_by_number(WORKED_EXAMPLE).unwrap();
        let row = published.library.estimates_of(tender.id).next().unwrap();
        let estimate = workspace.estimate_blocking(row.id).unwrap();
        let totals = estimate.totals();
        let packages = estimate.packages();
        let package = packages.all().next().unwrap();
        let round = packages.current(package.id).unwrap();
        assert_eq!(round.state, AdjudicationState::Transferred);
        assert_eq!(unsettled(packages).count(), 0);
        assert_eq!(totals.direct.to_string(), "346411.83");
        assert_eq!(totals.indirect.to_string(), "43085.00");
        assert_eq!(totals.provisional.to_string(), "25000.00");
        let price = &estimate.price().unwrap().pricing;
        assert_eq!(price.tender_sum().total_ex.to_string(), "491469.78");
        assert_eq!(price.tender_sum().total_inc.to_string(), "565190.25");
        assert_eq!(people(&control, &organisation).len(), 3);
        assert_eq!(create(&control).unwrap().id, organisation.id);
        drop((workspace, published));
        drop(control);
        let path = ledger_path(directory.path(), DEMO_SLUG);
        let outcome = check_ledger(path, organisation.id).unwrap();
        assert!(outcome.is_sound(), "{outcome:?}");
    }

    #[test]
    fn a_data_directory_is_open_in_one_place_only() {
        let directory = tempfile::TempDir::new().unwrap();
        let control = Control::open(directory.path()).unwrap();
        let second = Control::open(directory.path());
        assert!(matches!(second, Err(ControlError::InUse(_))));
        drop(control);
        Control::open(directory.path()).unwrap();
    }

    #[test]
    fn at_least_one_active_admin_remains() {
        let directory = tempfile::TempDir::new().unwrap();
        let control = Control::open(directory.path()).unwrap();
        let organisation = control.create(&NewOrganisation::default()).unwrap().id;
        let admin = control.directory().users_of(organisation).next().unwrap().clone();
        let by = |user| Asker { organisation, user, role: Role::Admin };
        let set = |id, version, role, active, user| {
            let patch = PersonPatch { version, role: Some(role), active: Some(active), name: None };
            control.change_user(id, patch, by(user))
        };
        let last = set(admin.id, 1, Role::Estimator, true, admin.id);
        assert!(matches!(last, Err(ControlError::LastAdmin)));
        // A program lets nobody in.
        let new = NewPerson { name: "Robot", email: None, role: Role::Admin };
        control.invite(new, by(admin.id)).unwrap();
        let last = set(admin.id, 1, Role::Admin, false, admin.id);
        assert!(matches!(last, Err(ControlError::LastAdmin)));
        let second =
            control.add_user(organisation, "Mere", "mere@x.example", Role::Admin, None).unwrap();
        set(admin.id, 1, Role::Estimator, false, second.id).unwrap();
        let stale = set(admin.id, 1, Role::Admin, true, second.id);
        assert!(matches!(stale, Err(ControlError::Stale(now)) if now.version == 2));
        let last = set(second.id, 1, Role::Admin, false, second.id);
        assert!(matches!(last, Err(ControlError::LastAdmin)));
    }
}
