//! Quotes as they come in: BR-063, BR-064, BR-065, BR-067, BR-069.

use super::{
    AdjustmentInput, CurrencyInput, PriceTag, QuoteFields, QuoteLineInput,
    adjudication::{InRound, state_word},
    run::Run,
};
use crate::estimating::{
    limits::{
        ADJUSTMENTS_MAX, CODE_CHARS_MAX, DESCRIPTION_CHARS_MAX, NOTE_CHARS_MAX, QUOTE_LINES_MAX,
    },
    number::{Money, Rate},
    quotes::{
        Adjudication, AdjudicationState, Adjustment, AdjustmentFigure, Asked, Compared, Currency,
        LinePrice, Member, MemberId, Package, Quote, QuoteLine, QuoteState, normalise,
    },
    refusal::Refusal,
    typed,
};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};
use uuid::Uuid;

impl Run<'_, '_> {
    pub(super) fn update_quote(
        &mut self,
        id: Uuid,
        quote: Uuid,
        version: Option<u64>,
        set: &QuoteFields,
    ) -> Result<Vec<Uuid>, Refusal> {
        let (package, round, before) = self.quote_to_set(id, quote, set)?;
        self.check_version("quote", quote, version, before.version)?;
        let mut row = Quote::clone(&before);
        if let Some(text) = &set.received_at {
            row.received_at_us = Some(typed::time_us("receivedAt", text)?);
        }
        if let Some(text) = &set.valid_until {
            let text = text.as_deref();
            row.valid_until_us = text.map(|text| typed::time_us("validUntil", text)).transpose()?;
        }
        if let Some(gst) = set.gst {
            row.gst = gst;
        }
        if let Some(currency) = &set.currency {
            row.currency = currency.as_ref().map(|one| one.read(quote)).transpose()?;
        }
        if let Some(lines) = &set.lines {
            if lines.len() > QUOTE_LINES_MAX {
                return Err(Refusal::TooMany { what: "lines of a quote", limit: QUOTE_LINES_MAX });
            }
            let codes = codes(&self.asked(&package));
            row.lines =
                lines.iter().map(|line| line.read(quote, &codes)).collect::<Result<_, _>>()?;
        }
        if let Some(adjustments) = &set.adjustments {
            if adjustments.len() > ADJUSTMENTS_MAX {
                return Err(Refusal::TooMany { what: "adjustments", limit: ADJUSTMENTS_MAX });
            }
            row.adjustments =
                adjustments.iter().map(|one| one.read(quote)).collect::<Result<_, _>>()?;
        }
        row.conforming = set.conforming.unwrap_or(row.conforming);
        if let Some(text) = &set.qualifications {
            row.qualifications =
                typed::optional("qualifications", text.as_deref(), NOTE_CHARS_MAX)?;
        }
        if let Some(text) = &set.stated_total {
            let text = text.as_deref().filter(|text| !text.trim().is_empty());
            let read = |text| typed::number::<Money>(68, "statedTotal", &[quote], text);
            row.stated_total = text.map(read).transpose()?;
        }
        self.keep_quote(&package, &round, row)
    }

    pub(super) fn price_line(
        &mut self,
        id: Uuid,
        quote: Uuid,
        line: &QuoteLineInput,
    ) -> Result<Vec<Uuid>, Refusal> {
        let (package, round, before) = self.open_quote(id, quote)?;
        let asked = self.asked(&package);
        let mut line = line.read(quote, &codes(&asked))?;
        let member = asked.iter().find(|one| Some(one.member) == line.member);
        let Some(member) = member else {
            let message = "The line is for no member of the package.";
            return Err(typed::broken(64, "lines", [quote], message));
        };
        if line.description.is_empty() {
            line.description = member.description.clone();
        }
        let mut row = Quote::clone(&before);
        let same = |one: &QuoteLine| one.member == line.member && !one.set_aside;
        let place = row.lines.iter().position(same);
        match place.and_then(|at| row.lines.get_mut(at)) {
            Some(old) => *old = line,
            None => row.lines.push(line),
        }
        if row.lines.len() > QUOTE_LINES_MAX {
            return Err(Refusal::TooMany { what: "lines of a quote", limit: QUOTE_LINES_MAX });
        }
        self.keep_quote(&package, &round, row)
    }

    /// A quote that may still change.
    fn open_quote(&self, id: Uuid, quote: Uuid) -> Result<InRound, Refusal> {
        let (package, round, row) = self.quote_of(id, quote)?;
        if !matches!(round.state, AdjudicationState::Issued | AdjudicationState::Comparing) {
            let message = format!(
                "{} is {}: quotes come in once it is issued and change until it is awarded.",
                package.title(),
                state_word(round.state)
            );
            return Err(typed::broken(74, "state", [quote], message));
        }
        if matches!(row.state, QuoteState::Declined | QuoteState::Withdrawn) {
            let message = format!("{} has declined or withdrawn.", row.name);
            return Err(typed::broken(74, "state", [quote], message));
        }
        Ok((package, round, row))
    }

    /// A quote that may be filled in, or have its validity moved: that of an awarded one as well,
    /// since nothing it was compared by changes (BR-092).
    fn quote_to_set(&self, id: Uuid, quote: Uuid, set: &QuoteFields) -> Result<InRound, Refusal> {
        if set.is_extension() {
            let found = self.quote_of(id, quote)?;
            if found.2.state == QuoteState::Awarded {
                return Ok(found);
            }
        }
        self.open_quote(id, quote)
    }

    /// Stores a quote that has been filled in, on the common basis where it is.
    fn keep_quote(
        &mut self,
        package: &Package,
        round: &Adjudication,
        mut row: Quote,
    ) -> Result<Vec<Uuid>, Refusal> {
        if row.state == QuoteState::Invited {
            row.state = QuoteState::Received;
            row.received_at_us.get_or_insert(self.at_us);
            // What comes in now answers what is asked for now.
            self.confirm_scope(package, round, &mut row);
        }
        if round.state == AdjudicationState::Comparing && row.state == QuoteState::Received {
            let members = self.members(package);
            if normalise(&row, &members, self.estimate.row().gst_pct).is_ok() {
                row.state = QuoteState::Normalised;
            }
        }
        let id = row.id;
        self.estimate.replace_quote(self.work, id, Some(Arc::new(row)));
        Ok(vec![id.0])
    }

    /// Moves a quote to its next state (BR-074).
    pub(super) fn move_quote(
        &mut self,
        id: Uuid,
        quote: Uuid,
        next: QuoteState,
        change: impl FnOnce(&mut Quote),
    ) -> Result<Vec<Uuid>, Refusal> {
        let (_, _, row) = self.quote_of(id, quote)?;
        if !row.state.may_become(next) {
            let message =
                format!("The quote of {} does not go from {:?} to {next:?}.", row.name, row.state);
            return Err(typed::broken(74, "state", [quote], message));
        }
        let mut row = Quote { state: next, ..Quote::clone(&row) };
        change(&mut row);
        self.estimate.replace_quote(self.work, row.id, Some(Arc::new(row)));
        Ok(Vec::new())
    }

    pub(super) fn confirm(&mut self, id: Uuid, quote: Uuid) -> Result<Vec<Uuid>, Refusal> {
        let (package, round, row) = self.open_quote(id, quote)?;
        if !row.state.is_live() {
            let message = format!("{} has not quoted.", row.name);
            return Err(typed::broken(74, "state", [quote], message));
        }
        let mut row = Quote::clone(&row);
        self.confirm_scope(&package, &round, &mut row);
        self.estimate.replace_quote(self.work, row.id, Some(Arc::new(row)));
        Ok(Vec::new())
    }

    /// The quote holds for the package as it is now: keeps the members that differ from what was
    /// asked for at first.
    fn confirm_scope(&self, package: &Package, round: &Adjudication, row: &mut Quote) {
        let now = self.asked(package);
        let first: HashMap<MemberId, &Asked> =
            round.asked.iter().map(|one| (one.member, one)).collect();
        let there: HashSet<MemberId> = now.iter().map(|one| one.member).collect();
        row.dropped = round.asked.iter().map(|one| one.member).collect();
        row.dropped.retain(|member| !there.contains(member));
        row.confirmed =
            now.into_iter().filter(|one| first.get(&one.member) != Some(&one)).collect();
    }

    pub(super) fn members(&self, package: &Package) -> Vec<Member> {
        self.scope(package).into_iter().map(|scope| scope.member).collect()
    }

    pub(super) fn compared(
        &self,
        package: &Package,
        round: &Adjudication,
    ) -> Result<Compared, Refusal> {
        let members = self.members(package);
        let gst = self.estimate.row().gst_pct;
        self.estimate.packages().compared(package.id, round.round, &members, gst)
    }
}

/// Members by code, those whose code is theirs alone.
fn codes(asked: &[Asked]) -> HashMap<String, Option<MemberId>> {
    let mut codes = HashMap::new();
    for one in asked.iter().filter(|one| !one.code.is_empty()) {
        let known = codes.entry(one.code.to_lowercase());
        known.and_modify(|id| *id = None).or_insert(Some(one.member));
    }
    codes
}

impl CurrencyInput {
    fn read(&self, quote: Uuid) -> Result<Currency, Refusal> {
        let code = typed::needed("currency", Some(&self.code), CODE_CHARS_MAX)?.to_uppercase();
        let exchange = self.exchange.as_deref().filter(|text| !text.trim().is_empty());
        match (code.as_str(), exchange) {
            ("NZD", _) => Ok(Currency::Nzd),
            (_, None) => {
                let message = format!("{code} needs its exchange rate to New Zealand dollars.");
                Err(typed::broken(67, "currency", [quote], message))
            }
            (_, Some(text)) => {
                let exchange: crate::estimating::number::Factor =
                    typed::number(67, "exchange", &[quote], text)?;
                if !exchange.is_positive() {
                    let message = "An exchange rate is above zero.";
                    return Err(typed::broken(67, "exchange", [quote], message));
                }
                Ok(Currency::Foreign { code: code.into(), exchange })
            }
        }
    }
}

impl QuoteLineInput {
    fn read(
        &self,
        quote: Uuid,
        codes: &HashMap<String, Option<MemberId>>,
    ) -> Result<QuoteLine, Refusal> {
        let description = self.description.as_deref().unwrap_or_default();
        let code = self.code.as_deref().map(str::trim).unwrap_or_default();
        let member = match self.member_id {
            Some(id) => Some(MemberId(id)),
            None => codes.get(&code.to_lowercase()).copied().flatten(),
        };
        let description = match (description.trim(), code) {
            ("", code) => code,
            (description, _) => description,
        };
        Ok(QuoteLine {
            member: member.filter(|_| !self.set_aside),
            description: typed::within("description", description, DESCRIPTION_CHARS_MAX)?,
            set_aside: self.set_aside,
            price: self.price(quote)?,
            note: typed::optional("note", self.note.as_deref(), NOTE_CHARS_MAX)?,
        })
    }

    fn price(&self, quote: Uuid) -> Result<LinePrice, Refusal> {
        let given = |text: &Option<String>| {
            text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
        };
        let price = match (given(&self.rate), given(&self.amount), self.tag) {
            (None, None, None) => LinePrice::Blank,
            (None, None, Some(PriceTag::Included)) => LinePrice::Included,
            (None, None, Some(PriceTag::Free)) => LinePrice::Free,
            (Some(rate), None, None) => {
                LinePrice::Rate(typed::number::<Rate>(65, "rate", &[quote], &rate)?)
            }
            (None, Some(amount), None) => {
                LinePrice::Amount(typed::number::<Money>(65, "amount", &[quote], &amount)?)
            }
            _ => {
                let message = "A line has a rate, an amount, or a word such as included.";
                return Err(Refusal::invalid("lines", message));
            }
        };
        if matches!(price, LinePrice::Rate(Rate::ZERO) | LinePrice::Amount(Money::ZERO)) {
            let message = "A price of zero says nothing: leave it blank, or say included or free.";
            return Err(typed::broken(65, "rate", [quote], message));
        }
        Ok(price)
    }
}

impl AdjustmentInput {
    fn read(&self, quote: Uuid) -> Result<Adjustment, Refusal> {
        let reason = typed::within("reason", &self.reason, NOTE_CHARS_MAX)?;
        if reason.is_empty() {
            let message = "An adjustment says why it is made.";
            return Err(typed::broken(69, "reason", [quote], message));
        }
        let figure = match (&self.amount, &self.percent) {
            (Some(text), None) => {
                AdjustmentFigure::Amount(typed::number(69, "amount", &[quote], text)?)
            }
            (None, Some(text)) => {
                AdjustmentFigure::Percent(typed::number(69, "percent", &[quote], text)?)
            }
            (None, None) | (Some(_), Some(_)) => {
                let message = "An adjustment is an amount or a percentage.";
                return Err(Refusal::invalid("adjustments", message));
            }
        };
        Ok(Adjustment { reason, figure, origin: self.origin })
    }
}
