//! The hash of what an estimate is, the same wherever and whenever it is worked out.

use crate::estimating::{
    estimate::{Estimate, NodeRow, ROOT},
    tender::Tender,
};
use data_encoding::HEXLOWER;
use serde::Serialize;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

/// Fields that say who, when and where, not what.
const LEFT_OUT: [&str; 9] =
    ["version", "stamp", "position", "estimate", "tender", "reviewed", "state", "lead", "revision"];

/// SHA-256 over all that makes the price and its documents, as hexadecimal text: the tender's
/// terms, the estimate's own row, every heading, item and worksheet in display order, the
/// commercials with the members of packages they name, and the texts of the offer. Counters, stamps, reviews, states and acceptances are left out. O(rows).
pub fn content_hash(estimate: &Estimate, tender: &Tender) -> Box<str> {
    let mut hash = Sha256::new();
    let mut feed = |value: Value| {
        hash.update(value.to_string().as_bytes());
        hash.update(b"\n");
    };
    feed(json!({
        "number": tender.number, "name": tender.name, "client": tender.client_name,
        "clientRef": tender.client_ref, "location": tender.location,
        "closing": tender.closing_at_us, "validityDays": tender.validity_days,
        "form": tender.form_of_contract, "envelopes": tender.envelopes,
    }));
    let mut row = canonical(&**estimate.row());
    if let Value::Object(fields) = &mut row {
        fields.remove("id");
    }
    feed(row);
    for slot in estimate.subtree(ROOT) {
        let node = estimate.at(slot);
        match &node.row {
            NodeRow::None => {}
            NodeRow::Heading(heading) => feed(canonical(&**heading)),
            NodeRow::Item(item) => feed(canonical(&**item)),
        }
        if let Some(sheet) = &node.sheet {
            feed(canonical(&**sheet));
        }
    }
    feed(canonical(&**estimate.commercials()));
    // What a rule over a package acts on.
    for package in estimate.packages().acted_on(estimate.commercials()) {
        feed(json!({"package": package.id.0, "items": canonical(&package.items)}));
    }
    feed(canonical(&**estimate.content()));
    HEXLOWER.encode(&hash.finalize()).into()
}

/// The start of a content hash as people read and compare it: `1a2b 3c4d 5e6f`. The whole hash is
/// in the files for programs and in the API.
pub fn short_hash(hash: &str) -> String {
    let digits: Vec<char> = hash.chars().take(SHORT_DIGITS).collect();
    let groups = digits.chunks(SHORT_GROUP).map(|group| group.iter().collect::<String>());
    groups.collect::<Vec<_>>().join(" ")
}

/// Digits of a content hash that are printed: two contents that share them do not happen.
const SHORT_DIGITS: usize = 12;
/// Digits read at a time.
const SHORT_GROUP: usize = 4;

/// A row as JSON with its keys in order and without what is left out.
fn canonical<T: Serialize>(row: &T) -> Value {
    in_order(serde_json::to_value(row).unwrap_or_default())
}

fn in_order(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let mut sorted: Vec<(String, Value)> = fields.into_iter().collect();
            sorted.retain(|(name, _)| !LEFT_OUT.contains(&name.as_str()));
            sorted.sort_by(|a, b| a.0.cmp(&b.0));
            let sorted = sorted.into_iter().map(|(name, value)| (name, in_order(value)));
            Value::Object(sorted.collect::<Map<String, Value>>())
        }
        Value::Array(list) => Value::Array(list.into_iter().map(in_order).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
    }
}
