//! Rates of resources in a version of their price book: BR-046, BR-047, BR-048, BR-052.

use std::sync::Arc;

use uuid::Uuid;

use super::{Done, QuotedInput, RateEntryInput, draft::Draft};
use crate::estimating::{
    change::Delta,
    day::Day,
    id::ResourceId,
    limits::RATE_ENTRIES_MAX,
    number::{Factor, Pct, Rate, rate_from_currency, rate_without_gst},
    price_book::{
        GstBasis, HOME_CURRENCY, PriceBook, Quoted, RateEntry, ResourceRates, VersionState,
    },
    refusal::Refusal,
    resource::Resource,
    rules::Violation,
    typed,
};

impl Draft<'_> {
    /// Writes all rates of a resource: in the draft named, in the open one, or in a version of
    /// their own that is published at once.
    pub(super) fn set_rates(
        &mut self,
        resource: Uuid,
        n: Option<u32>,
        version: Option<u64>,
        entries: &[RateEntryInput],
    ) -> Result<Done, Refusal> {
        let row = self.current::<Resource>("resource", resource, version)?;
        if let Some(n) = n {
            let book = self.book_of(&row)?;
            self.draft_version(&book, n)?;
        }
        let entries = read_entries(entries, row.id, self.gst_pct)?;
        self.write_rates(&row, entries)?;
        Done::new([resource], format!("Change rates of {}", row.code))
    }

    /// The rates of a resource in the version that is written next.
    pub(super) fn rates_now(&self, row: &Resource) -> Vec<RateEntry> {
        let catalogue = &self.library.catalogue;
        let current = catalogue.book(row.book).map_or(0, |book| book.current);
        let n = catalogue.book_draft(row.book).map_or(current, |draft| draft.n);
        catalogue.rates_at(row.id, n).map(|rates| rates.entries.clone()).unwrap_or_default()
    }

    /// As [`Draft::set_rates`], with rates that are good.
    pub(super) fn write_rates(
        &mut self,
        row: &Resource,
        mut entries: Vec<RateEntry>,
    ) -> Result<(), Refusal> {
        entries.sort_by_key(|entry| entry.from);
        if self.rates_now(row) == entries {
            return Ok(());
        }
        let book = self.book_of(row)?;
        let n = self.writable_version(&book)?;
        let catalogue = &self.library.catalogue;
        let published =
            catalogue.book_version(book.id, n).is_some_and(|v| v.state == VersionState::Published);
        let before = catalogue.rates_at(row.id, n - 1).map(|r| &*r.entries).unwrap_or_default();
        let same = before == entries;
        let rates = ResourceRates { book: book.id, n, resource: row.id, entries, version: 1 };
        if published && let Some(violation) = self.overlap(&rates) {
            return Err(violation.into());
        }
        if same {
            self.remove::<ResourceRates>((row.id, n));
        } else {
            self.put(rates);
        }
        self.touch_resource(row.id);
        Ok(())
    }

    fn book_of(&mut self, row: &Resource) -> Result<Arc<PriceBook>, Refusal> {
        self.current::<PriceBook>("price book", row.book.0, None)
    }

    /// The first two rates of a resource that hold on the same day (BR-048).
    pub(super) fn overlap(&self, rates: &ResourceRates) -> Option<Violation> {
        let entries = &rates.entries;
        let (one, other) = entries.iter().enumerate().find_map(|(at, one)| {
            entries.iter().skip(at + 1).find(|other| one.overlaps(other)).map(|other| (one, other))
        })?;
        let code = self.library.catalogue.resource(rates.resource).map(|r| r.code.clone());
        let message = format!(
            "{} has two rates at once: {} {} and {} {}.",
            code.unwrap_or_default(),
            one.rate,
            period(one),
            other.rate,
            period(other)
        );
        Some(typed::violation(48, "validFrom", [rates.resource.0], message))
    }

    /// Notes that the row of a resource says anew what its rate is, and counts one change of it.
    pub(super) fn touch_resource(&mut self, id: ResourceId) {
        if let Some(row) = self.library.catalogue.resource(id).cloned() {
            self.put(Resource::clone(&row));
            self.rated.insert(id);
        }
    }

    /// Brings the rate that rows of resources say up to date.
    pub(super) fn settle_rates(&mut self) {
        for id in std::mem::take(&mut self.rated) {
            let Some(row) = self.library.catalogue.resource(id).cloned() else { continue };
            let rate = self.library.catalogue.rate(id);
            if row.rate != rate {
                self.put(Resource { rate, ..Resource::clone(&row) });
            }
        }
    }

    /// Takes a change of rates back: in a draft as it was, after publication as a correction.
    pub(super) fn restore_rates(&mut self, d: &Delta<ResourceRates>) -> Result<(), Refusal> {
        let Some(rates) = d.row().cloned() else { return Ok(()) };
        let catalogue = &self.library.catalogue;
        let Some(row) = catalogue.resource(rates.resource).cloned() else {
            // Its rates stay where its versions are and hold again if it comes back.
            return Ok(());
        };
        let Some(version) = catalogue.book_version(rates.book, rates.n).cloned() else {
            return Ok(());
        };
        let earlier = catalogue.rates_at(rates.resource, rates.n.saturating_sub(1));
        let was = d.before.as_ref().or(earlier).map(|r| r.entries.clone()).unwrap_or_default();
        match version.state {
            VersionState::Draft => {
                match &d.before {
                    Some(before) => self.put(ResourceRates::clone(before)),
                    None => self.remove::<ResourceRates>((rates.resource, rates.n)),
                }
                self.touch_resource(rates.resource);
                Ok(())
            }
            VersionState::Published | VersionState::Archived => {
                if let Some(draft) = catalogue.book_draft(rates.book) {
                    let message = format!(
                        "Version {} of the price book is being written: change the rate there.",
                        draft.n
                    );
                    return Err(Refusal::Invalid { field: None, message });
                }
                self.write_rates(&row, was)
            }
        }
    }
}

fn period(entry: &RateEntry) -> String {
    match (entry.from, entry.to) {
        (None, None) => "always".to_owned(),
        (Some(from), None) => format!("from {from}"),
        (None, Some(to)) => format!("until {to}"),
        (Some(from), Some(to)) => format!("from {from} to {to}"),
    }
}

/// Rates as typed, each fixed in NZD excluding GST (R1).
pub(super) fn read_entries(
    typed: &[RateEntryInput],
    resource: ResourceId,
    gst: Pct,
) -> Result<Vec<RateEntry>, Refusal> {
    if typed.len() > RATE_ENTRIES_MAX {
        return Err(Refusal::TooMany { what: "rates of one resource", limit: RATE_ENTRIES_MAX });
    }
    typed.iter().map(|entry| read_entry(entry, resource, gst)).collect()
}

fn read_entry(
    entry: &RateEntryInput,
    resource: ResourceId,
    gst: Pct,
) -> Result<RateEntry, Refusal> {
    let from = day("validFrom", entry.valid_from.as_deref(), 48, resource)?;
    let to = day("validTo", entry.valid_to.as_deref(), 48, resource)?;
    if let (Some(from), Some(to)) = (from, to)
        && to < from
    {
        let message = format!("The rate would end on {to}, before it starts on {from}.");
        return Err(typed::broken(48, "validTo", [resource.0], message));
    }
    let (rate, quoted) = match (&entry.rate, &entry.quoted) {
        (Some(rate), None) => (rate_of(rate)?, None),
        (None, Some(quoted)) => read_quoted(quoted, resource, gst)?,
        (Some(_), Some(_)) => {
            let message = "Give the net rate or the quoted figure, not both.";
            return Err(typed::broken(47, "rate", [resource.0], message));
        }
        (None, None) => {
            return Err(typed::broken(47, "rate", [resource.0], "The rate is missing."));
        }
    };
    Ok(RateEntry { rate, from, to, quoted })
}

fn read_quoted(
    quoted: &QuotedInput,
    resource: ResourceId,
    gst_pct: Pct,
) -> Result<(Rate, Option<Box<Quoted>>), Refusal> {
    let amount = rate_of(&quoted.amount)?;
    let currency = quoted.currency.as_deref().unwrap_or(HOME_CURRENCY).trim().to_uppercase();
    if currency.len() != 3 || !currency.bytes().all(|b| b.is_ascii_uppercase()) {
        let message = format!("{currency} is not a currency: use its three letters, such as AUD.");
        return Err(typed::broken(52, "currency", [resource.0], message));
    }
    let gst = quoted.gst.unwrap_or(GstBasis::Exclusive);
    let foreign = currency != HOME_CURRENCY;
    let (exchange, exchange_day) = if foreign {
        let missing = |field, what: &str| {
            let message = format!("A rate in {currency} needs {what}.");
            typed::broken(52, field, [resource.0], message)
        };
        let text = quoted.exchange.as_deref().filter(|text| !text.trim().is_empty());
        let text = text.ok_or_else(|| missing("exchange", "its exchange rate"))?;
        let exchange: Factor = typed::number(52, "exchange", &[resource.0], text)?;
        if !exchange.is_positive() {
            return Err(missing("exchange", "an exchange rate above zero"));
        }
        let on = day("exchangeDate", quoted.exchange_date.as_deref(), 52, resource)?;
        let on = on.ok_or_else(|| missing("exchangeDate", "the date of its exchange rate"))?;
        (Some(exchange), Some(on))
    } else {
        (None, None)
    };
    let net = match exchange {
        Some(exchange) => rate_from_currency(amount, exchange),
        None => Some(amount),
    };
    let net = match gst {
        GstBasis::Exclusive => net,
        GstBasis::Inclusive => net.and_then(|rate| rate_without_gst(rate, gst_pct)),
    };
    let net = net.ok_or_else(|| {
        typed::broken(47, "amount", [resource.0], "The rate is beyond what can be stored.")
    })?;
    let plain = !foreign && gst == GstBasis::Exclusive;
    let kept = Quoted { amount, currency: currency.into(), exchange, exchange_day, gst };
    Ok((net, (!plain).then(|| Box::new(kept))))
}

fn day(
    field: &'static str,
    text: Option<&str>,
    rule: u8,
    resource: ResourceId,
) -> Result<Option<Day>, Refusal> {
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else { return Ok(None) };
    Day::parse(text).map(Some).ok_or_else(|| {
        let message = format!("{} is not a day: write it like 2026-04-20.", text.trim());
        typed::broken(rule, field, [resource.0], message)
    })
}

/// A rate as typed: zero or more, at most four decimals (BR-047).
pub(super) fn rate_of(typed: &str) -> Result<Rate, Refusal> {
    let rate: Rate = typed::number(47, "rate", &[], typed)?;
    if rate.is_negative() {
        return Err(typed::broken(47, "rate", [], "A rate is zero or more."));
    }
    Ok(rate)
}
