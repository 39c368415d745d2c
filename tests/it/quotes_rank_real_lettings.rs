//! Ten contracts of a real letting as packages: each bidder's prices are a quote, and the
//! comparison adds up to the file's totals and ranks the bidders as the letting did.

use crate::http_support::{Priced, fresh, id};
use crate::import_reads_files::real_file;
use crate::quotes_support::{company, doing};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A bid: its bidder, its price of each line, and the sum of the file's extensions.
#[derive(Default)]
struct Bid {
    bidder: String,
    prices: Vec<String>,
    total: Decimal,
}

/// A contract: its lines as pay item and quantity, and its bids by place.
#[derive(Default)]
struct Contract {
    lines: Vec<(String, String)>,
    bids: BTreeMap<u32, Bid>,
}

fn contracts() -> BTreeMap<String, Contract> {
    let mut reader = csv::Reader::from_path(real_file("indot-lettings-2026-05-07.csv")).unwrap();
    let headings = reader.headers().unwrap().clone();
    let place = |name: &str| headings.iter().position(|h| h.ends_with(name)).expect("the column");
    let [item, quantity, price, bidder, project, pos, extension] =
        ["Pay Item", "Quantity", "Unit Price", "Bidder Name", "ProjectID", "Pos", "Extension"]
            .map(place);
    let mut contracts: BTreeMap<String, Contract> = BTreeMap::new();
    let mut rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    // Bids list the lines of a schedule in an order of their own.
    rows.sort_by_key(|row| (row[item].to_owned(), row[quantity].to_owned()));
    for row in rows {
        let contract = contracts.entry(row[project].to_owned()).or_default();
        let bid = contract.bids.entry(row[pos].parse().unwrap()).or_default();
        row[bidder].clone_into(&mut bid.bidder);
        let line = (row[item].to_owned(), row[quantity].to_owned());
        match contract.lines.get(bid.prices.len()) {
            Some(known) => assert_eq!(*known, line, "bids of one contract have one schedule"),
            None => contract.lines.push(line),
        }
        bid.prices.push(row[price].to_owned());
        bid.total += row[extension].parse::<Decimal>().unwrap();
    }
    contracts
}

/// Makes the items of a contract and a package of them that is sent out.
async fn package(p: &Priced, name: &str, contract: &Contract) -> (String, Vec<String>) {
    let heading = fresh();
    let mut edits = vec![json!({"op": "add-heading", "id": heading, "name": name})];
    let mut items = Vec::new();
    for (code, quantity) in &contract.lines {
        let item = fresh();
        let set = json!({"code": code, "description": code, "unit": "no", "quantity": quantity});
        edits.push(json!({"op": "add-item", "id": item, "parentId": heading, "set": set}));
        items.push(item);
    }
    let package = fresh();
    let set = json!({"code": name, "name": name, "itemIds": items,
        "deadline": "2026-05-07T12:00:00-05:00"});
    edits.push(doing(&package, "add", &json!({"set": set})));
    p.lead.post(&p.at("/edits"), &json!({"edits": edits})).await.ok();
    (package, items)
}

#[tokio::test]
async fn ten_real_contracts_compare_and_rank_as_the_letting_did() {
    let p = Priced::start().await;
    let contracts = contracts();
    let mut companies: BTreeMap<String, String> = BTreeMap::new();
    let mut compared = 0;
    for (name, contract) in &contracts {
        let (package, items) = package(&p, name, contract).await;
        let mut bidders = Vec::new();
        // The order of asking is not the order of price.
        for bid in contract.bids.values().rev() {
            if !companies.contains_key(&bid.bidder) {
                companies.insert(bid.bidder.clone(), company(&p.lead, &bid.bidder).await);
            }
            bidders.push(companies[&bid.bidder].clone());
        }
        let edits = json!({"edits": [doing(&package, "invite", &json!({"companyIds": bidders})),
            doing(&package, "issue", &json!({}))]});
        let made = p.lead.post(&p.at("/edits"), &edits).await.ok();
        let quotes: Vec<String> =
            made["results"][0]["ids"].as_array().unwrap().iter().map(id).collect();
        let filled = |(quote, bid): (&String, &Bid)| {
            let line = |(item, rate): (&String, &String)| json!({"memberId": item, "rate": rate});
            let lines: Vec<Value> = items.iter().zip(&bid.prices).map(line).collect();
            let set = json!({"gst": "exclusive", "currency": {"code": "NZD"}, "lines": lines,
                "receivedAt": "2026-05-07T10:00:00-05:00",
                "statedTotal": format!("{:.2}", bid.total)});
            doing(&package, "quote", &json!({"quoteId": quote, "set": set}))
        };
        let mut edits: Vec<Value> =
            quotes.iter().zip(contract.bids.values().rev()).map(filled).collect();
        edits.push(doing(&package, "compare", &json!({})));
        p.lead.post(&p.at("/edits"), &json!({"edits": edits})).await.ok();

        let seen = p.lead.get(&p.at(&format!("/packages/{package}"))).await.ok();
        let ranked: Vec<(&str, &str)> = seen["ranking"]
            .as_array()
            .unwrap()
            .iter()
            .map(|id| {
                let quotes = seen["quotes"].as_array().unwrap();
                let quote = quotes.iter().find(|quote| quote["id"] == *id).unwrap();
                assert_eq!(
                    quote["against"]
                        .as_array()
                        .unwrap()
                        .iter()
                        .filter(|found| found["rule"] == "BR-068")
                        .count(),
                    0,
                    "{name}"
                );
                let total = quote["compared"]["comparisonTotal"].as_str().unwrap();
                (quote["name"].as_str().unwrap(), total)
            })
            .collect();
        let totals: Vec<String> =
            contract.bids.values().map(|bid| format!("{:.2}", bid.total)).collect();
        let expected: Vec<(&str, &str)> = contract
            .bids
            .values()
            .zip(&totals)
            .map(|(bid, total)| (bid.bidder.as_str(), total.as_str()))
            .collect();
        assert_eq!(ranked, expected, "{name}");
        compared += ranked.len();
    }
    assert_eq!((contracts.len(), compared), (10, 33));
}
