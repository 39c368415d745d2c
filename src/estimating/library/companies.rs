//! Companies: who asks for prices and who gives quotes.

use uuid::Uuid;

use super::{CompanyFields, ContactInput, Done, XeroContact, draft::Draft};
use crate::estimating::{
    catalogue::fold_code,
    company::{Company, CompanyState, Contact},
    heading::Stamp,
    limits::{
        CODE_CHARS_MAX, COMPANIES_MAX, COMPANY_TAGS_MAX, CONTACTS_MAX, NAME_CHARS_MAX,
        NOTE_CHARS_MAX,
    },
    refusal::Refusal,
    typed,
};

impl Draft<'_> {
    pub(super) fn add_company(
        &mut self,
        id: Option<Uuid>,
        set: &CompanyFields,
    ) -> Result<Done, Refusal> {
        if self.library.company_count() >= COMPANIES_MAX {
            return Err(Refusal::TooMany { what: "companies", limit: COMPANIES_MAX });
        }
        let mut row = Company {
            id: self.fresh::<Company>(id)?,
            name: typed::needed("name", set.name.as_deref(), NAME_CHARS_MAX)?,
            roles: set.roles.unwrap_or_default(),
            contacts: Vec::new(),
            regions: Vec::new(),
            trades: Vec::new(),
            note: None,
            on_hold: false,
            state: CompanyState::Active,
            xero_contact: None,
            version: 1,
            stamp: Stamp::new(self.by, self.at_us),
        };
        set.write(&mut row)?;
        let (id, label) = (row.id, format!("Add company {}", row.name));
        self.put_company(row)?;
        Done::new([id.0], label)
    }

    pub(super) fn update_company(
        &mut self,
        id: Uuid,
        version: Option<u64>,
        set: &CompanyFields,
    ) -> Result<Done, Refusal> {
        let before = self.current::<Company>("company", id, version)?;
        let mut row = Company::clone(&before);
        set.write(&mut row)?;
        xero_owns(&before, &row)?;
        let verb = match (before.state, row.state) {
            (CompanyState::Active, CompanyState::Archived) => "Archive",
            (CompanyState::Archived, CompanyState::Active) => "Bring back",
            (CompanyState::Active, CompanyState::Active)
            | (CompanyState::Archived, CompanyState::Archived) => match row.on_hold {
                true if !before.on_hold => "Put on hold",
                false if before.on_hold => "Take off hold",
                true | false => "Change",
            },
        };
        let label = format!("{verb} company {}", row.name);
        self.put_company(row)?;
        Done::new([id], label)
    }

    /// Takes in a contact of Xero's (BR-112). O(companies).
    pub(super) fn sync_company(
        &mut self,
        contact: Uuid,
        company: Option<Uuid>,
        set: &XeroContact,
    ) -> Result<Done, Refusal> {
        let fields = CompanyFields {
            name: Some(set.name.clone()),
            contacts: Some(set.contacts.clone()),
            state: Some(set.state),
            ..CompanyFields::default()
        };
        let linked = self.linked_company(contact);
        if let (Some(row), Some(other)) = (&linked, company)
            && row.id.0 != other
        {
            let message = format!("That contact is linked to {} already.", row.name);
            return Err(Refusal::invalid("company", message));
        }
        let before = match (linked, company) {
            (Some(row), _) => row,
            (None, Some(id)) => self.current::<Company>("company", id, None)?,
            (None, None) => {
                let done = self.add_company(None, &CompanyFields { roles: set.roles, ..fields })?;
                return self.link_new(contact, done);
            }
        };
        if before.xero_contact.is_some_and(|other| other != contact) {
            let message = format!("{} is linked to another contact of Xero's.", before.name);
            return Err(Refusal::invalid("company", message));
        }
        let mut row = Company { xero_contact: Some(contact), ..Company::clone(&before) };
        fields.write(&mut row)?;
        let (id, label) = (row.id, format!("Take {} from Xero", row.name));
        if row != *before {
            self.put_company(row)?;
        }
        Done::new([id.0], label)
    }

    /// Links a company just made to its contact.
    fn link_new(&mut self, contact: Uuid, done: Done) -> Result<Done, Refusal> {
        let id = done.ids.first().copied().unwrap_or_default();
        let made = self.current::<Company>("company", id, None)?;
        let row = Company { xero_contact: Some(contact), ..Company::clone(&made) };
        let label = format!("Take {} from Xero", row.name);
        self.put(row);
        Done::new([id], label)
    }

    /// Ends the link of a company to its Xero contact. O(companies).
    pub(super) fn unlink_company(&mut self, contact: Uuid) -> Result<Done, Refusal> {
        let before = self.linked_company(contact);
        let before = before.ok_or(Refusal::NotFound { what: "company", id: contact })?;
        let row = Company { xero_contact: None, ..Company::clone(&before) };
        let (id, label) = (row.id, format!("Unlink {} from Xero", row.name));
        self.put(row);
        Done::new([id.0], label)
    }

    fn linked_company(&self, contact: Uuid) -> Option<std::sync::Arc<Company>> {
        self.library.companies().find(|row| row.xero_contact == Some(contact)).cloned()
    }

    /// Stores a company unless another active one has its name. O(companies).
    pub(super) fn put_company(&mut self, row: Company) -> Result<(), Refusal> {
        let folded = fold_code(&row.name);
        let same = |other: &&std::sync::Arc<Company>| {
            other.id != row.id && other.is_active() && fold_code(&other.name) == folded
        };
        if row.is_active()
            && let Some(other) = self.library.companies().find(same)
        {
            let message = format!("There is a company {} already.", other.name);
            return Err(Refusal::invalid("name", message));
        }
        self.put(row);
        Ok(())
    }
}

/// Refuses a change of what Xero owns of a company (BR-112).
fn xero_owns(before: &Company, after: &Company) -> Result<(), Refusal> {
    let field = if before.xero_contact.is_none() {
        None
    } else if before.name != after.name {
        Some("name")
    } else if before.contacts != after.contacts {
        Some("contacts")
    } else if before.state != after.state {
        Some("state")
    } else {
        None
    };
    let Some(field) = field else { return Ok(()) };
    let message = format!(
        "{} comes from Xero: change its name, contacts and state there, and the sync brings it here.",
        before.name
    );
    Err(typed::broken(112, field, [before.id.0], message))
}

impl CompanyFields {
    fn write(&self, row: &mut Company) -> Result<(), Refusal> {
        typed::set_needed(&mut row.name, "name", self.name.as_deref(), NAME_CHARS_MAX)?;
        row.roles = self.roles.unwrap_or(row.roles);
        if let Some(contacts) = &self.contacts {
            if contacts.len() > CONTACTS_MAX {
                return Err(Refusal::TooMany { what: "contacts", limit: CONTACTS_MAX });
            }
            row.contacts = contacts.iter().map(ContactInput::read).collect::<Result<_, _>>()?;
        }
        if let Some(regions) = &self.regions {
            row.regions = tags("regions", regions)?;
        }
        if let Some(trades) = &self.trades {
            row.trades = tags("trades", trades)?;
        }
        if let Some(note) = &self.note {
            row.note = typed::optional("note", note.as_deref(), NOTE_CHARS_MAX)?;
        }
        row.on_hold = self.on_hold.unwrap_or(row.on_hold);
        row.state = self.state.unwrap_or(row.state);
        Ok(())
    }
}

impl ContactInput {
    fn read(&self) -> Result<Contact, Refusal> {
        let email = typed::within("contacts", &self.email, NAME_CHARS_MAX)?;
        if !email.is_empty() && !looks_like_an_address(&email) {
            let message = format!("{email:?} is not an e-mail address.");
            return Err(Refusal::invalid("contacts", message));
        }
        let contact = Contact {
            name: typed::within("contacts", &self.name, NAME_CHARS_MAX)?,
            email,
            phone: typed::within("contacts", &self.phone, CODE_CHARS_MAX)?,
        };
        if contact == Contact::default() {
            let message = "A contact has a name, an e-mail address or a phone number.";
            return Err(Refusal::invalid("contacts", message));
        }
        Ok(contact)
    }
}

/// Something, one `@`, and a domain: whether it is anybody's is seen when it is written to.
fn looks_like_an_address(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    let odd = |c: char| c.is_whitespace() || matches!(c, '@' | ',' | ';' | '<' | '>');
    !local.is_empty() && !domain.is_empty() && !text.replacen('@', "", 1).contains(odd)
}

/// Words such as regions or trades, each once, in the order given.
fn tags(field: &'static str, typed: &[String]) -> Result<Vec<Box<str>>, Refusal> {
    if typed.len() > COMPANY_TAGS_MAX {
        return Err(Refusal::TooMany { what: field, limit: COMPANY_TAGS_MAX });
    }
    let mut tags: Vec<Box<str>> = Vec::with_capacity(typed.len());
    for tag in typed {
        let tag = typed::within(field, tag, CODE_CHARS_MAX)?;
        let known = tags.iter().any(|other| fold_code(other) == fold_code(&tag));
        if !tag.is_empty() && !known {
            tags.push(tag);
        }
    }
    Ok(tags)
}
