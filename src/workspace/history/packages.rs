//! The fields of packages, rounds and quotes under the names people know them by.

use super::fields::Fields;
use crate::estimating::quotes::{
    Adjudication, AdjustmentFigure, Currency, LinePrice, Package, Quote,
};
use serde_json::Value;

fn text(text: impl ToString) -> Value {
    Value::String(text.to_string())
}

/// A name as the API writes it.
fn word<T: serde::Serialize>(value: &T) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

/// A moment in RFC 3339.
fn time(us: Option<i64>) -> Value {
    let moment = us.and_then(|us| jiff::Timestamp::from_microsecond(us).ok());
    moment.map_or(Value::Null, text)
}

fn put(fields: &mut Fields, name: &str, value: Value) {
    fields.push(name, name, value);
}

/// The fields of a package.
pub(super) fn package_fields(row: &Package) -> Fields {
    let mut fields = Fields::default();
    put(&mut fields, "code", text(&row.code));
    put(&mut fields, "name", text(&row.name));
    put(&mut fields, "note", text(row.note.as_deref().unwrap_or_default()));
    put(&mut fields, "members", text(row.members.iter().count()));
    fields
}

/// The fields of a round.
pub(super) fn round_fields(row: &Adjudication) -> Fields {
    let mut fields = Fields::default();
    let name = |field: &str| format!("round {}: {field}", row.round);
    put(&mut fields, &name("state"), word(&row.state));
    put(&mut fields, &name("deadline"), time(row.deadline_us));
    if let Some(award) = &row.award {
        let reason = award.reason.as_deref().unwrap_or_default();
        put(&mut fields, &name("reason"), text(reason));
    }
    fields
}

/// The fields of a quote, each line under its description.
pub(super) fn quote_fields(row: &Quote) -> Fields {
    let mut fields = Fields::default();
    put(&mut fields, "company", text(&row.name));
    put(&mut fields, "state", word(&row.state));
    put(&mut fields, "receivedAt", time(row.received_at_us));
    put(&mut fields, "validUntil", time(row.valid_until_us));
    put(&mut fields, "gst", row.gst.as_ref().map_or(Value::Null, word));
    let currency = match &row.currency {
        None => Value::Null,
        Some(Currency::Nzd) => text("NZD"),
        Some(Currency::Foreign { code, exchange }) => text(format!("{code} at {exchange}")),
    };
    put(&mut fields, "currency", currency);
    put(&mut fields, "notConforming", Value::Bool(!row.conforming));
    put(&mut fields, "statedTotal", row.stated_total.map_or(Value::Null, text));
    put(&mut fields, "qualifications", text(row.qualifications.as_deref().unwrap_or_default()));
    for (n, line) in row.lines.iter().enumerate() {
        let key = line.member.map_or_else(|| format!("line {n}"), |member| member.0.to_string());
        let price = match line.price {
            LinePrice::Blank => continue,
            LinePrice::Rate(rate) => rate.to_string(),
            LinePrice::Amount(amount) => format!("{amount} for the line"),
            LinePrice::Included => "included".to_owned(),
            LinePrice::Free => "free".to_owned(),
        };
        fields.push(key, format!("line {}", line.description), text(price));
    }
    for (n, one) in (1..).zip(&row.adjustments) {
        let figure = match one.figure {
            AdjustmentFigure::Amount(amount) => amount.to_string(),
            AdjustmentFigure::Percent(percent) => format!("{percent} %"),
        };
        let name = format!("adjustment {n}: {}", one.reason);
        fields.push(name.clone(), name, text(figure));
    }
    fields
}
