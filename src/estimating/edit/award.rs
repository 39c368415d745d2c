//! The award of a package and its way into the estimate: BR-063, BR-066, BR-068, BR-070 to BR-073.

use super::{AcceptInput, run::Run};
use crate::estimating::{
    catalogue::Catalogue,
    cost::CostType,
    estimate::{Estimate, NodeRow, Work, label},
    id::{ItemId, LineId, ResourceId},
    item::Plug,
    limits::NOTE_CHARS_MAX,
    number::{Money, Rate},
    quotes::{
        Adjudication, AdjudicationState, Award, Compared, Decision, Member, Package,
        PackageMembers, Quote, QuoteId, QuoteState, Transferred, check_asked, check_award,
        transfer,
    },
    refusal::Refusal,
    rules::{Kind, Violation, Violations},
    typed,
    worksheet::{Line, Method, Source},
};
use std::sync::Arc;
use uuid::Uuid;

impl Run<'_, '_> {
    pub(super) fn award(
        &mut self,
        id: Uuid,
        quote: Uuid,
        reason: Option<&str>,
        accept: &[AcceptInput],
    ) -> Result<Vec<Uuid>, Refusal> {
        let (package, round, chosen) = self.quote_of(id, quote)?;
        Violations::check(Vec::from_iter(
            round.check_move(AdjudicationState::Awarded, round.round),
        ))?;
        let compared = self.compared(&package, &round)?;
        let apart: Vec<Violation> =
            compared.apart.iter().flat_map(|(_, found)| found.iter().cloned()).collect();
        Violations::check(apart)?;
        let reason = typed::optional("reason", reason, NOTE_CHARS_MAX)?;
        let found = self.against(&package, &round, chosen.id, reason.as_deref(), &compared)?;
        self.accept(chosen.id, found, accept)?;
        let (by, at_us) = (self.by, self.at_us);
        self.level_received(&package, &round)?;
        let others: Vec<Arc<Quote>> = self
            .estimate
            .packages()
            .quotes_of(package.id, round.round)
            .filter(|one| one.state == QuoteState::Normalised)
            .cloned()
            .collect();
        for one in others {
            let state =
                if one.id == chosen.id { QuoteState::Awarded } else { QuoteState::NotAwarded };
            let row = Quote { state, ..Quote::clone(&one) };
            self.estimate.replace_quote(self.work, row.id, Some(Arc::new(row)));
        }
        let decision = Decision { quote: chosen.id, reason, by, at_us };
        self.move_round(&round, AdjudicationState::Awarded, |row| row.award = Some(decision))
    }

    /// Keeps what is accepted now of what speaks against an award, as acknowledgements on the quote:
    /// they hold as long as it is the very same.
    ///
    /// # Errors
    /// What is accepted neither now nor before, or cannot be.
    fn accept(
        &mut self,
        quote: QuoteId,
        found: Vec<Violation>,
        now: &[AcceptInput],
    ) -> Result<(), Refusal> {
        let (mut open, mut accepted) = (Vec::new(), Vec::new());
        for violation in found {
            let name = violation.rule.to_string();
            let given = now.iter().find(|one| one.rule.trim().eq_ignore_ascii_case(&name));
            let reason = given.map(|one| one.reason.trim()).filter(|reason| !reason.is_empty());
            let before = self.estimate.accepts(violation.rule, quote.0, &violation.message);
            match (violation.catalogued().kind, reason) {
                (Kind::Acknowledge, Some(reason)) => accepted.push((violation, reason)),
                (Kind::Acknowledge, None) if before => {}
                (Kind::Acknowledge | Kind::Block | Kind::Invariant, _) => open.push(violation),
            }
        }
        Violations::check(open)?;
        for (violation, reason) in accepted {
            self.acknowledge(None, violation.rule.into(), quote.0, &violation.message, reason)?;
        }
        Ok(())
    }

    /// All that speaks against an award (BR-063, BR-068, BR-070, BR-071, BR-072).
    fn against(
        &self,
        package: &Package,
        round: &Adjudication,
        quote: QuoteId,
        reason: Option<&str>,
        compared: &Compared,
    ) -> Result<Vec<Violation>, Refusal> {
        self.estimate.against_award(package, round, quote, reason, compared, self.catalogue)
    }

    /// Takes the award into the estimate.
    pub(super) fn transfer(
        &mut self,
        id: Uuid,
        accept: &[AcceptInput],
    ) -> Result<Vec<Uuid>, Refusal> {
        let (package, round) = self.current(id)?;
        let state = AdjudicationState::Transferred;
        Violations::check(Vec::from_iter(round.check_move(state, round.round)))?;
        let decision = round.award.clone().ok_or(Refusal::NotFound { what: "award", id })?;
        let compared = self.compared(&package, &round)?;
        let reason = decision.reason.as_deref();
        let found = self.against(&package, &round, decision.quote, reason, &compared)?;
        self.accept(decision.quote, found, accept)?;
        let missing = || Refusal::NotFound { what: "quote", id: decision.quote.0 };
        let quote = compared.comparison.quote(decision.quote).ok_or_else(missing)?;
        let members = self.members(&package);
        let list = transfer(quote, &members)?;
        match &package.members {
            PackageMembers::Items(_) => {
                for one in &list {
                    self.take_over(&package, &quote.name, one)?;
                }
            }
            PackageMembers::Resources(_) => {
                for one in &list {
                    self.take_rate(&package, &quote.name, one)?;
                }
            }
        }
        let award = quote.award_total().unwrap_or_default();
        let quoted = list.iter().filter(|one| one.plug.is_none()).map(|one| one.member.0);
        let quoted = quoted.map(ItemId).collect();
        if matches!(package.members, PackageMembers::Items(_)) {
            self.work.transfers.push((package.id, quoted, award));
        }
        self.move_round(&round, state, |_| {})
    }

    /// An item is bought: its worksheet is the awarded rate and its share of the adjustments; a gap
    /// becomes a plug (BR-066).
    fn take_over(
        &mut self,
        package: &Package,
        company: &str,
        one: &Transferred,
    ) -> Result<(), Refusal> {
        let (slot, mut sheet) = self.sheet(one.member.0, None)?;
        let NodeRow::Item(item) = self.estimate.at(slot).row.clone() else { return Ok(()) };
        let why = if !self.estimate.at(slot).children().is_empty() {
            Some("has sub-items by now: take them away, or reopen the package and take it out")
        } else if !item.item_type.bears_cost() {
            Some("is of a type without cost by now: reopen the package and take it out")
        } else {
            None
        };
        if let Some(why) = why {
            let message = format!("{} {why}.", label(&item));
            let objects = [package.id.0, item.id.0];
            return Err(typed::violation(73, "members", objects, message).entered().into());
        }
        let plug = one.plug.map(|rate| Plug { rate, cost_type: CostType::Subcontract });
        if item.plug != plug {
            let mut row = (*item).clone();
            row.plug = plug;
            self.estimate.replace(self.work, slot, NodeRow::Item(row.into()));
        }
        sheet.lines.clear();
        if plug.is_none() {
            let text = format!("{company}: {}", item.description);
            let rate = one.rate.unwrap_or_default();
            sheet.lines.push(Line {
                unit: item.unit,
                rate: Some(rate),
                free_issue: rate.is_zero(),
                ..self.free_line(Method::Subcontract, text, CostType::Subcontract)
            });
            if !one.lump.is_zero() {
                let text = format!("{company}: adjustments of {}", package.title());
                let method = Method::Lump { amount: one.lump };
                sheet.lines.push(self.free_line(method, text, CostType::Subcontract));
            }
        }
        self.put(slot, sheet);
        Ok(())
    }

    /// A resource is bought: lines take the awarded rate, and one lump line what is left of the
    /// award. A gap leaves rates as they are.
    fn take_rate(
        &mut self,
        package: &Package,
        company: &str,
        one: &Transferred,
    ) -> Result<(), Refusal> {
        let Some(rate) = one.rate else { return Ok(()) };
        let resource = ResourceId(one.member.0);
        let lump = LineId(Uuid::from_u128(package.id.0.as_u128() ^ resource.0.as_u128()));
        let mut first = None;
        for slot in self.estimate.users_of_resource(resource) {
            let Some(sheet) = self.estimate.at(slot).sheet.clone() else { continue };
            let mut sheet = (*sheet).clone();
            sheet.lines.retain(|line| line.id != lump);
            sheet.lines.iter_mut().for_each(|line| set_rate(line, resource, rate));
            let counted = self.estimate.node(sheet.item.0).is_some_and(|node| node.is_counted());
            if counted && first.is_none() {
                first = Some(slot);
            }
            self.put(slot, sheet);
        }
        let target = one.cost.checked_add(one.lump).unwrap_or_default();
        let usage = self.estimate.resource_usage(self.catalogue);
        let now = usage.iter().filter(|used| used.resource == Some(resource)).map(|used| used.cost);
        let now = Money::checked_sum(now).unwrap_or_default();
        let rest = target.checked_sub(now).unwrap_or_default();
        if let (Some(slot), false) = (first, rest.is_zero())
            && let Some(sheet) = self.estimate.at(slot).sheet.clone()
        {
            let mut sheet = (*sheet).clone();
            let text = format!("{company}: adjustments of {}", package.title());
            let line = self.free_line(Method::Lump { amount: rest }, text, CostType::Other);
            sheet.lines.push(Line { id: lump, ..line });
            self.put(slot, sheet);
        }
        Ok(())
    }

    fn free_line(&mut self, method: Method, text: String, cost_type: CostType) -> Line {
        let credit = matches!(&method, Method::Lump { amount } if amount.is_negative());
        Line {
            id: LineId(self.ids.next_id()),
            method,
            source: Source::Free { description: text.into() },
            cost_type,
            unit: None,
            rate: None,
            credit,
            free_issue: false,
            extra: None,
        }
    }
}

impl Estimate {
    /// BR-073, an invariant: after a transfer its members cost the award.
    pub(super) fn check_transfers(&self, work: &Work<'_>) -> Result<(), Refusal> {
        for (package, items, award) in &work.transfers {
            let costs = items.iter().filter_map(|id| self.node(id.0));
            let sum = Money::checked_sum(costs.map(|node| node.cost()));
            if sum != Some(*award) {
                let message = format!(
                    "The members cost {} after the transfer, not the award of {award}.",
                    sum.unwrap_or_default()
                );
                return Err(typed::broken(73, "members", [package.0], message));
            }
        }
        Ok(())
    }

    /// All that speaks against an award of `quote`, as things are now: BR-063, BR-068, BR-070,
    /// BR-071 and BR-072. O(members x quotes).
    ///
    /// # Errors
    /// The quote is not in the comparison.
    pub fn against_award(
        &self,
        package: &Package,
        round: &Adjudication,
        quote: QuoteId,
        reason: Option<&str>,
        compared: &Compared,
        catalogue: &Catalogue,
    ) -> Result<Vec<Violation>, Refusal> {
        let quotes: Vec<Quote> = self
            .packages()
            .quotes_of(package.id, round.round)
            .map(|row| Quote::clone(row))
            .collect();
        let award = Award { quote, reason, threshold: catalogue.thresholds().award };
        let mut found = check_award(&compared.comparison, &quotes, round, &award)?;
        let scope = self.scope_of(package, catalogue);
        let asked: Vec<_> = scope.into_iter().map(|scope| scope.asked).collect();
        let own: Vec<Quote> = quotes.into_iter().filter(|row| row.id == quote).collect();
        found.extend(check_asked(&round.asked, &asked, &own));
        let chosen = compared.comparison.quote(quote);
        found.extend(chosen.and_then(|chosen| chosen.arithmetic.clone()));
        Ok(found)
    }

    /// What an award of a compared quote would cost each member, gaps and all.
    ///
    /// # Errors
    /// As [`transfer`].
    pub fn award_shares(
        &self,
        compared: &Compared,
        quote: QuoteId,
        members: &[Member],
    ) -> Result<Vec<Transferred>, Refusal> {
        let missing = || Refusal::NotFound { what: "quote", id: quote.0 };
        transfer(compared.comparison.quote(quote).ok_or_else(missing)?, members)
    }
}

fn set_rate(line: &mut Line, resource: ResourceId, rate: Rate) {
    match &mut line.source {
        Source::Resource { resource: own, .. } if *own == resource && !line.free_issue => {
            line.rate = Some(rate);
        }
        Source::Recipe(recipe) => {
            let leaves = recipe.rates.iter_mut().filter(|(leaf, _)| *leaf == resource);
            leaves.for_each(|(_, own)| *own = Some(rate));
        }
        Source::Resource { .. } | Source::Free { .. } => {}
    }
}
