//! Packages and their rounds: BR-061, BR-062, BR-063, BR-074.

use super::{PackageEdit, PackageFields, run::Run};
use crate::estimating::{
    estimate::label,
    heading::Stamp,
    id::{CompanyId, ItemId, ResourceId},
    item::Item,
    limits::{
        CODE_CHARS_MAX, INVITATIONS_MAX, MEMBERS_MAX, NAME_CHARS_MAX, NOTE_CHARS_MAX, PACKAGES_MAX,
    },
    quotes::{
        Adjudication, AdjudicationState, Asked, Package, PackageId, PackageMembers, Quote, QuoteId,
        QuoteState, Scope, check_invited,
    },
    refusal::Refusal,
    rules::{Violation, Violations},
    typed,
};
use std::sync::Arc;
use uuid::Uuid;

/// A quote with its package and round.
pub(super) type InRound = (Arc<Package>, Arc<Adjudication>, Arc<Quote>);

impl Run<'_, '_> {
    pub(super) fn package_edit(&mut self, edit: &PackageEdit) -> Result<Vec<Uuid>, Refusal> {
        use PackageEdit as E;
        match edit {
            E::Add { id, set } => self.add_package(*id, set),
            E::Update { id, version, set } => self.update_package(*id, *version, set),
            E::Delete { id } => self.delete_package(*id),
            E::Invite { id, company_ids } => self.invite(*id, company_ids),
            E::Uninvite { id, quote_id } => self.uninvite(*id, *quote_id),
            E::SetDeadline { id, deadline } => {
                let deadline = deadline.as_ref().and_then(Option::as_deref);
                self.set_deadline(*id, deadline)
            }
            E::Issue { id } => self.issue(*id),
            E::Compare { id } => self.start_comparison(*id),
            E::Award { id, quote_id, reason, accept } => {
                self.award(*id, *quote_id, reason.as_deref(), accept)
            }
            E::Transfer { id, accept } => self.transfer(*id, accept),
            E::Reopen { id } => self.reopen(*id),
            E::Cancel { id } => {
                let (_, round) = self.current(*id)?;
                self.move_round(&round, AdjudicationState::Cancelled, |_| {})
            }
            E::Quote { id, quote_id, version, set } => {
                self.update_quote(*id, *quote_id, *version, set)
            }
            E::Price { id, quote_id, line } => self.price_line(*id, *quote_id, line),
            E::Decline { id, quote_id } => {
                self.move_quote(*id, *quote_id, QuoteState::Declined, |_| {})
            }
            E::Withdraw { id, quote_id } => {
                self.move_quote(*id, *quote_id, QuoteState::Withdrawn, |_| {})
            }
            E::Confirm { id, quote_id } => self.confirm(*id, *quote_id),
        }
    }

    fn add_package(&mut self, id: Option<Uuid>, set: &PackageFields) -> Result<Vec<Uuid>, Refusal> {
        if self.estimate.packages().len() >= PACKAGES_MAX {
            return Err(Refusal::TooMany { what: "packages", limit: PACKAGES_MAX });
        }
        let id = self.new_id(id)?;
        if self.estimate.packages().package(PackageId(id)).is_some() {
            return Err(Refusal::invalid("id", format!("The id {id} is taken.")));
        }
        let estimate = self.estimate.row().id;
        let stamp = Stamp::new(self.by, self.at_us);
        let mut package = Package {
            id: PackageId(id),
            estimate,
            code: "".into(),
            name: typed::needed("name", set.name.as_deref(), NAME_CHARS_MAX)?,
            note: None,
            members: PackageMembers::Items(Vec::new()),
            version: 0,
            stamp,
        };
        self.set_package(&mut package, set)?;
        let deadline_us = match &set.deadline {
            Some(text) => Some(typed::time_us("deadline", text)?),
            None => None,
        };
        let round =
            Adjudication { deadline_us, ..Adjudication::first(estimate, package.id, stamp) };
        let key = (package.id, 1);
        self.estimate.replace_package(self.work, package.id, Some(Arc::new(package)));
        self.estimate.replace_round(self.work, key, Some(Arc::new(round)));
        Ok(vec![id])
    }

    fn update_package(
        &mut self,
        id: Uuid,
        version: Option<u64>,
        set: &PackageFields,
    ) -> Result<Vec<Uuid>, Refusal> {
        let (package, round) = self.current(id)?;
        self.check_version("package", id, version, package.version)?;
        if set.deadline.is_some() {
            self.set_deadline(id, set.deadline.as_deref())?;
        }
        let mut row = Package::clone(&package);
        self.set_package(&mut row, set)?;
        if row.members != package.members {
            use AdjudicationState::{Comparing, Draft, Issued};
            if !matches!(round.state, Draft | Issued | Comparing) {
                let message = format!(
                    "{} is {}: reopen it to change its members.",
                    row.title(),
                    state_word(round.state)
                );
                return Err(typed::broken(74, "members", [id], message));
            }
        }
        self.estimate.replace_package(self.work, row.id, Some(Arc::new(row)));
        Ok(Vec::new())
    }

    fn set_package(&self, row: &mut Package, set: &PackageFields) -> Result<(), Refusal> {
        if let Some(code) = &set.code {
            row.code = typed::within("code", code, CODE_CHARS_MAX)?;
        }
        typed::set_needed(&mut row.name, "name", set.name.as_deref(), NAME_CHARS_MAX)?;
        if let Some(note) = &set.note {
            row.note = typed::optional("note", note.as_deref(), NOTE_CHARS_MAX)?;
        }
        let taken = |other: &&Arc<Package>| {
            other.id != row.id && other.code.to_lowercase() == row.code.to_lowercase()
        };
        if !row.code.is_empty() && self.estimate.packages().all().any(|other| taken(&other)) {
            return Err(Refusal::invalid("code", format!("There is a package {}.", row.code)));
        }
        match (&set.item_ids, &set.resource_ids) {
            (Some(_), Some(_)) => {
                let message = "A package is of items or of resources, not of both.";
                return Err(Refusal::invalid("itemIds", message));
            }
            (Some(ids), None) => {
                bounded(ids.len())?;
                row.members = PackageMembers::Items(ids.iter().copied().map(ItemId).collect());
                self.check_items(row)?;
            }
            (None, Some(ids)) => {
                bounded(ids.len())?;
                let ids: Vec<ResourceId> = ids.iter().copied().map(ResourceId).collect();
                if let Some(id) = ids.iter().find(|id| self.catalogue.resource(**id).is_none()) {
                    return Err(Refusal::NotFound { what: "resource", id: id.0 });
                }
                row.members = PackageMembers::Resources(ids);
            }
            (None, None) => {}
        }
        Ok(())
    }

    /// Members are items of this estimate with a quantity and nothing below (BR-061).
    fn check_items(&self, row: &Package) -> Result<(), Refusal> {
        let mut found = Vec::new();
        for member in row.members.iter() {
            let why = match self.estimate.node(member.0) {
                None => "is not an item of this estimate",
                Some(node) if node.item().is_none() => "is a heading",
                // As written: an item of the same command is not worked out yet (BR-020).
                Some(node) if node.item().is_some_and(has_no_quantity) => {
                    "has no quantity to be priced"
                }
                Some(node)
                    if self.estimate.children(Some(node.id())).is_some_and(|c| !c.is_empty()) =>
                {
                    "is built up from sub-items: take those instead"
                }
                Some(_) => continue,
            };
            let title = match self.estimate.node(member.0).and_then(|node| node.item()) {
                Some(item) => label(item).to_string(),
                None => member.0.to_string(),
            };
            let message = format!("{title} {why}.");
            found.push(typed::violation(61, "members", [row.id.0, member.0], message));
        }
        Ok(Violations::check(found)?)
    }

    fn delete_package(&mut self, id: Uuid) -> Result<Vec<Uuid>, Refusal> {
        let (package, round) = self.current(id)?;
        if round.state != AdjudicationState::Draft || round.round > 1 {
            let message = format!("{} was issued: cancel it instead.", package.title());
            return Err(typed::broken(74, "state", [id], message));
        }
        let quotes: Vec<QuoteId> =
            self.estimate.packages().quotes_of(package.id, 1).map(|quote| quote.id).collect();
        for quote in quotes {
            self.estimate.replace_quote(self.work, quote, None);
        }
        self.estimate.replace_round(self.work, (package.id, 1), None);
        self.estimate.replace_package(self.work, package.id, None);
        Ok(Vec::new())
    }

    fn invite(&mut self, id: Uuid, companies: &[Uuid]) -> Result<Vec<Uuid>, Refusal> {
        use AdjudicationState::{Comparing, Draft, Issued};
        let (package, round) = self.current(id)?;
        if !matches!(round.state, Draft | Issued | Comparing) {
            let message = format!("{} is {}.", package.title(), state_word(round.state));
            return Err(typed::broken(74, "state", [id], message));
        }
        let there: Vec<CompanyId> = self
            .estimate
            .packages()
            .quotes_of(package.id, round.round)
            .map(|quote| quote.company)
            .collect();
        if there.len() + companies.len() > INVITATIONS_MAX {
            return Err(Refusal::TooMany { what: "invitations", limit: INVITATIONS_MAX });
        }
        let mut made = Vec::with_capacity(companies.len());
        let mut found = Vec::new();
        for company in companies {
            let missing = || Refusal::NotFound { what: "company", id: *company };
            let row = self.catalogue.company(CompanyId(*company)).ok_or_else(missing)?;
            found.extend(check_invited(row));
            if there.contains(&row.id) || made.iter().any(|one: &Quote| one.company == row.id) {
                let message = format!("{} is invited already.", row.name);
                return Err(Refusal::invalid("companyIds", message));
            }
            made.push(self.invitation(&package, &round, row.id, &row.name));
        }
        Violations::check(found)?;
        let ids = made.iter().map(|quote| quote.id.0).collect();
        for quote in made {
            self.estimate.replace_quote(self.work, quote.id, Some(Arc::new(quote)));
        }
        Ok(ids)
    }

    fn invitation(
        &mut self,
        package: &Package,
        round: &Adjudication,
        company: CompanyId,
        name: &str,
    ) -> Quote {
        Quote {
            id: QuoteId(self.ids.next_id()),
            estimate: package.estimate,
            package: package.id,
            round: round.round,
            company,
            name: name.into(),
            received_at_us: None,
            valid_until_us: None,
            gst: None,
            currency: None,
            lines: Vec::new(),
            adjustments: Vec::new(),
            conforming: true,
            stated_total: None,
            qualifications: None,
            confirmed: Vec::new(),
            dropped: Vec::new(),
            state: QuoteState::Invited,
            version: 0,
            stamp: Stamp::new(self.by, self.at_us),
        }
    }

    fn uninvite(&mut self, id: Uuid, quote: Uuid) -> Result<Vec<Uuid>, Refusal> {
        let (_, _, quote) = self.quote_of(id, quote)?;
        if quote.state != QuoteState::Invited {
            let message = format!("{} has answered: its answer stays.", quote.name);
            return Err(typed::broken(74, "state", [quote.id.0], message));
        }
        self.estimate.replace_quote(self.work, quote.id, None);
        Ok(Vec::new())
    }

    fn set_deadline(&mut self, id: Uuid, deadline: Option<&str>) -> Result<Vec<Uuid>, Refusal> {
        let (package, round) = self.current(id)?;
        use AdjudicationState::{Comparing, Draft, Issued};
        if !matches!(round.state, Draft | Issued | Comparing) {
            let message = format!("{} is {}.", package.title(), state_word(round.state));
            return Err(typed::broken(74, "deadline", [id], message));
        }
        let deadline_us = match deadline {
            Some(text) => Some(typed::time_us("deadline", text)?),
            None => None,
        };
        let row = Adjudication { deadline_us, ..Adjudication::clone(&round) };
        self.put_round(row);
        Ok(Vec::new())
    }

    fn issue(&mut self, id: Uuid) -> Result<Vec<Uuid>, Refusal> {
        let (package, round) = self.current(id)?;
        let asked = self.asked(&package);
        if asked.len() < package.members.iter().count() {
            let message = format!(
                "{} has a member that is gone or has no quantity: take it out first.",
                package.title()
            );
            return Err(typed::broken(61, "members", [id], message));
        }
        if round.deadline_us.is_none() {
            let message = "Say until when quotes are taken before it is issued.";
            return Err(Refusal::invalid("deadline", message));
        }
        self.move_round(&round, AdjudicationState::Issued, |row| row.asked = asked)
    }

    fn start_comparison(&mut self, id: Uuid) -> Result<Vec<Uuid>, Refusal> {
        let (package, round) = self.current(id)?;
        let compared = self.compared(&package, &round)?;
        let apart: Vec<Violation> =
            compared.apart.into_iter().flat_map(|(_, found)| found).collect();
        Violations::check(apart)?;
        if compared.comparison.quotes.is_empty() {
            let message = format!("No quote for {} has come yet.", package.title());
            return Err(typed::broken(74, "state", [id], message));
        }
        self.move_round(&round, AdjudicationState::Comparing, |_| {})?;
        self.level_received(&package, &round)
    }

    /// Received quotes that compare are on the common basis from now on.
    pub(super) fn level_received(
        &mut self,
        package: &Package,
        round: &Adjudication,
    ) -> Result<Vec<Uuid>, Refusal> {
        let received: Vec<Arc<Quote>> = self
            .estimate
            .packages()
            .quotes_of(package.id, round.round)
            .filter(|quote| quote.state == QuoteState::Received)
            .cloned()
            .collect();
        for quote in received {
            let row = Quote { state: QuoteState::Normalised, ..Quote::clone(&quote) };
            self.estimate.replace_quote(self.work, row.id, Some(Arc::new(row)));
        }
        Ok(Vec::new())
    }

    /// The next round, with the quotes of the one before as they were given.
    fn reopen(&mut self, id: Uuid) -> Result<Vec<Uuid>, Refusal> {
        let (package, round) = self.current(id)?;
        let next = round.round.saturating_add(1);
        Violations::check(Vec::from_iter(round.check_move(AdjudicationState::Comparing, next)))?;
        let row = Adjudication {
            round: next,
            state: AdjudicationState::Comparing,
            award: None,
            version: 0,
            stamp: Stamp::new(self.by, self.at_us),
            ..Adjudication::clone(&round)
        };
        let quotes: Vec<Arc<Quote>> =
            self.estimate.packages().quotes_of(package.id, round.round).cloned().collect();
        for old in quotes {
            let state = match old.state {
                QuoteState::Awarded | QuoteState::NotAwarded => QuoteState::Normalised,
                other => other,
            };
            let copy = Quote {
                id: QuoteId(self.ids.next_id()),
                round: next,
                state,
                version: 0,
                stamp: Stamp::new(self.by, self.at_us),
                ..Quote::clone(&old)
            };
            self.estimate.replace_quote(self.work, copy.id, Some(Arc::new(copy)));
        }
        self.estimate.replace_round(self.work, (package.id, next), Some(Arc::new(row)));
        Ok(Vec::new())
    }

    /// Moves a round to its next state (BR-074).
    pub(super) fn move_round(
        &mut self,
        round: &Adjudication,
        next: AdjudicationState,
        change: impl FnOnce(&mut Adjudication),
    ) -> Result<Vec<Uuid>, Refusal> {
        Violations::check(Vec::from_iter(round.check_move(next, round.round)))?;
        let mut row = Adjudication { state: next, ..round.clone() };
        change(&mut row);
        self.put_round(row);
        Ok(Vec::new())
    }

    fn put_round(&mut self, row: Adjudication) {
        let key = (row.package, row.round);
        self.estimate.replace_round(self.work, key, Some(Arc::new(row)));
    }

    /// A package and its newest round.
    pub(super) fn current(&self, id: Uuid) -> Result<(Arc<Package>, Arc<Adjudication>), Refusal> {
        let missing = || Refusal::NotFound { what: "package", id };
        let packages = self.estimate.packages();
        let package = packages.package(PackageId(id)).ok_or_else(missing)?;
        let round = packages.current(package.id).ok_or_else(missing)?;
        Ok((package.clone(), round.clone()))
    }

    /// A quote of the newest round of a package.
    pub(super) fn quote_of(&self, id: Uuid, quote: Uuid) -> Result<InRound, Refusal> {
        let (package, round) = self.current(id)?;
        let row = self.estimate.packages().quote(QuoteId(quote));
        let row = row.filter(|row| row.package == package.id);
        let row = row.ok_or(Refusal::NotFound { what: "quote", id: quote })?;
        if row.round != round.round {
            let message = format!("Round {} is closed: it stays as it was.", row.round);
            return Err(typed::broken(74, "round", [quote], message));
        }
        Ok((package, round, row.clone()))
    }

    pub(super) fn scope(&self, package: &Package) -> Vec<Scope> {
        self.estimate.scope_of(package, self.catalogue)
    }

    pub(super) fn asked(&self, package: &Package) -> Vec<Asked> {
        self.scope(package).into_iter().map(|scope| scope.asked).collect()
    }
}

fn bounded(members: usize) -> Result<(), Refusal> {
    match members > MEMBERS_MAX {
        true => Err(Refusal::TooMany { what: "members of a package", limit: MEMBERS_MAX }),
        false => Ok(()),
    }
}

/// A state in a sentence.
pub(super) const fn state_word(state: AdjudicationState) -> &'static str {
    match state {
        AdjudicationState::Draft => "in draft",
        AdjudicationState::Issued => "issued",
        AdjudicationState::Comparing => "being compared",
        AdjudicationState::Awarded => "awarded",
        AdjudicationState::Transferred => "transferred",
        AdjudicationState::Cancelled => "cancelled",
    }
}

fn has_no_quantity(item: &Item) -> bool {
    item.quantity.is_none() && item.takeoff_quantity.is_none()
}
