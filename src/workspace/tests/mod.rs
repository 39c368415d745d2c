//! The workspace through its public surface, on ledgers in temporary files.

mod crash;
mod group;
mod invariants;
mod jobs;
mod leases;
mod references;
mod reopen;
mod repeat;
mod undo;

use super::{
    Actor, Command, Nobody, Options, People, Reply, Request, Scope, Workspace, WorkspaceError,
};
use crate::estimating::{
    cost::CostType,
    edit::{Edit, ItemFields, LineFields, MethodName, Place},
    id::{EstimateId, OrganisationId, TenderId, UserId},
    library::{LibraryEdit, ResourceFields, TenderFields},
    user::Role,
};
use std::{collections::HashMap, path::PathBuf, sync::Arc};
use tempfile::TempDir;
use uuid::Uuid;

/// Names for the people of a test.
struct Named(HashMap<UserId, &'static str>);

impl People for Named {
    fn name(&self, user: UserId) -> Option<Arc<str>> {
        self.0.get(&user).map(|name| (*name).into())
    }
    fn leads(&self) -> Vec<UserId> {
        self.0.keys().copied().collect()
    }
}

/// An organisation in a temporary directory, with two people.
struct Bench {
    directory: TempDir,
    organisation: OrganisationId,
    workspace: Option<Arc<Workspace>>,
    ana: Actor,
    ben: Actor,
    tender: TenderId,
    estimate: EstimateId,
    heading: Uuid,
}

fn person(name: &str, role: Role) -> Actor {
    Actor { user: UserId(Uuid::now_v7()), role, name: name.into() }
}

impl Bench {
    fn new() -> Bench {
        Bench::with(|options| options)
    }

    fn with(settings: impl FnOnce(Options) -> Options) -> Bench {
        let mut bench = Bench {
            directory: TempDir::new().unwrap(),
            organisation: OrganisationId(Uuid::now_v7()),
            workspace: None,
            ana: person("Ana", Role::LeadEstimator),
            ben: person("Ben", Role::Estimator),
            tender: TenderId(Uuid::nil()),
            estimate: EstimateId(Uuid::nil()),
            heading: Uuid::nil(),
        };
        bench.open(settings);
        let tender = bench.library(&bench.ana, vec![add_tender("T-1")]).unwrap();
        bench.tender = TenderId(tender.ids[0][0]);
        bench.estimate = EstimateId(tender.ids[0][1]);
        let heading = bench.edit(&bench.ana, vec![add_heading("1", "Roadworks")]).unwrap();
        bench.heading = heading.ids[0][0];
        bench
    }

    fn path(&self) -> PathBuf {
        self.directory.path().join("ledger.redb")
    }

    fn options(&self) -> Options {
        let people = HashMap::from([(self.ana.user, "Ana"), (self.ben.user, "Ben")]);
        Options::new(Arc::new(Named(people)))
    }

    fn open(&mut self, settings: impl FnOnce(Options) -> Options) {
        let options = settings(self.options());
        self.workspace = Some(Workspace::open(self.path(), self.organisation, options).unwrap());
    }

    fn reopen(&mut self) {
        self.workspace = None;
        self.open(|options| options);
    }

    fn ws(&self) -> &Arc<Workspace> {
        self.workspace.as_ref().unwrap()
    }

    fn edit(&self, actor: &Actor, edits: Vec<Edit>) -> Result<Reply, WorkspaceError> {
        let id = self.estimate;
        self.ws().submit_blocking(actor, Command::Estimate { id, edits, label: None })
    }

    fn library(&self, actor: &Actor, edits: Vec<LibraryEdit>) -> Result<Reply, WorkspaceError> {
        self.ws().submit_blocking(actor, Command::Library { edits, label: None })
    }

    fn undo(&self, actor: &Actor, scope: Scope) -> Result<Reply, WorkspaceError> {
        self.ws().submit_blocking(actor, Command::Undo { scope })
    }

    fn redo(&self, actor: &Actor, scope: Scope) -> Result<Reply, WorkspaceError> {
        self.ws().submit_blocking(actor, Command::Redo { scope })
    }

    fn scope(&self) -> Scope {
        Scope::Estimate(self.estimate)
    }

    /// Adds an item on a plug and gives its identity.
    fn plugged_item(&self, actor: &Actor, code: &str, rate: &str) -> Uuid {
        let edit = add_item(self.heading, code, "10", Some(rate));
        self.edit(actor, vec![edit]).unwrap().ids[0][0]
    }

    fn resource(&self, code: &str, rate: &str) -> Uuid {
        let edits = vec![add_resource(code, rate)];
        self.library(&self.ana, edits).unwrap().ids[0][0]
    }

    fn direct(&self) -> String {
        self.ws().estimate_blocking(self.estimate).unwrap().totals().direct.to_string()
    }

    /// Every row of the estimate as the engine has it, for comparing two moments.
    fn rows(&self) -> Vec<String> {
        use crate::estimating::estimate::ROOT;
        let estimate = self.ws().estimate_blocking(self.estimate).unwrap();
        let slots = estimate.subtree(ROOT);
        slots
            .iter()
            .map(|s| format!("{:?} {:?}", estimate.at(*s), estimate.calc(*s).cost))
            .collect()
    }

    /// Closes the organisation and proves its ledger, rows and figures whole.
    fn check(mut self) {
        self.workspace = None;
        let outcome = super::check_ledger(self.path(), self.organisation).unwrap();
        assert!(outcome.is_sound(), "{outcome:?}");
    }
}

fn add_tender(number: &str) -> LibraryEdit {
    let set = Box::new(TenderFields {
        number: Some(number.into()),
        name: Some("Waihou Road".into()),
        ..TenderFields::default()
    });
    LibraryEdit::AddTender { id: None, estimate_id: None, bare: false, lead_id: None, set }
}

fn add_resource(code: &str, rate: &str) -> LibraryEdit {
    let set = Box::new(ResourceFields {
        code: Some(code.into()),
        description: Some(format!("Resource {code}")),
        cost_type: Some(CostType::Plant),
        unit: Some("h".into()),
        rate: Some(Some(rate.into())),
        ..ResourceFields::default()
    });
    LibraryEdit::AddResource { id: None, book_id: None, set }
}

fn add_heading(code: &str, name: &str) -> Edit {
    Edit::AddHeading {
        id: None,
        parent_id: None,
        place: Place::Last,
        code: code.into(),
        name: name.into(),
    }
}

fn add_item(parent: Uuid, code: &str, quantity: &str, plug: Option<&str>) -> Edit {
    let set = Box::new(ItemFields {
        code: Some(code.into()),
        description: Some(format!("Item {code}")),
        unit: Some(Some("m3".into())),
        quantity: Some(Some(quantity.into())),
        plug_rate: plug.map(|rate| Some(rate.into())),
        ..ItemFields::default()
    });
    Edit::AddItem { id: None, parent_id: parent, place: Place::Last, set }
}

fn set_quantity(item: Uuid, quantity: &str) -> Edit {
    let set =
        Box::new(ItemFields { quantity: Some(Some(quantity.into())), ..ItemFields::default() });
    Edit::UpdateItem { id: item, version: None, set }
}

fn fixed_line(item: Uuid, resource: Uuid, hours: &str) -> Edit {
    let line = Box::new(LineFields {
        method: Some(MethodName::Fixed),
        resource_id: Some(resource),
        quantity: Some(hours.into()),
        ..LineFields::default()
    });
    Edit::AddLine { item_id: item, id: None, version: None, place: Place::Last, line }
}

fn keyed(command: Command, key: &str, body: u8) -> Request {
    Request {
        idempotency: Some((key.into(), [body; 32])),
        origin: Some("tab-1".into()),
        ..Request::new(command)
    }
}

#[test]
fn a_role_that_does_not_grant_it_is_refused() {
    let bench = Bench::new();
    // The difference a lock makes needs an item that is free (BR-083).
    bench.plugged_item(&bench.ana, "1.02", "7");
    let lock = Edit::UpdateItem {
        id: bench.plugged_item(&bench.ana, "1.01", "5"),
        version: None,
        set: Box::new(ItemFields {
            locked_sell_rate: Some(Some("10".into())),
            ..ItemFields::default()
        }),
    };
    let refused = bench.edit(&bench.ben, vec![lock.clone()]).unwrap_err();
    assert!(matches!(refused, WorkspaceError::PermissionDenied { needs: Role::LeadEstimator, .. }));
    bench.edit(&bench.ana, vec![lock]).unwrap();
    bench.check();
}

#[test]
fn two_workspaces_never_share_a_ledger() {
    let bench = Bench::new();
    let second = Workspace::open(bench.path(), bench.organisation, Options::new(Arc::new(Nobody)));
    assert!(second.is_err_and(|error| error.to_string().contains("already open")));
}
