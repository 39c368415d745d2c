//! An estimate as it was: read as of a moment, copied back from, restored, and taken back.

use crate::http_support::Priced;
use reqwest::Method;
use serde_json::{Value, json};

impl Priced {
    async fn quantity(&self, item: &str, quantity: &str) -> u64 {
        let body = json!({"set": {"quantity": quantity}});
        let done = self.lead.patch(&self.at(&format!("/items/{item}")), &body).await.ok();
        done["lsn"].as_u64().unwrap()
    }

    async fn moments(&self) -> Vec<Value> {
        let moments = self.lead.get(&self.at("/moments")).await.ok();
        assert_eq!(moments["total"], moments["items"].as_array().unwrap().len());
        moments["items"].as_array().unwrap().clone()
    }

    async fn lsn(&self) -> u64 {
        self.moments().await[0]["lsn"].as_u64().unwrap()
    }
}

#[tokio::test]
async fn every_read_answers_as_of_a_commit() {
    let p = Priced::start().await;
    let item = p.item("1.1", "10", "5").await;
    let line = json!({"line": {"description": "Crew", "type": "labour", "unit": "h",
        "rate": "50", "method": "fixed", "quantity": "2"}});
    let lines = p.at(&format!("/items/{item}/worksheet/lines"));
    p.lead.patch(&p.at(&format!("/items/{item}")), &json!({"set": {"plugRate": null}})).await.ok();
    let then = p.lead.post(&lines, &line).await.ok()["lsn"].as_u64().unwrap();
    p.quantity(&item, "20").await;
    p.lead.post(&lines, &line).await.ok();
    let late = p.item("1.2", "1", "7").await;
    assert_eq!(p.totals().await["total"], "207.00");

    let past = |path: &str| {
        let mark = if path.contains('?') { '&' } else { '?' };
        p.at(&format!("{path}{mark}asOf={then}"))
    };
    let was = p.lead.get(&past("")).await.ok();
    assert_eq!((&was["totals"]["total"], &was["lsn"]), (&json!("100.00"), &json!(then)));
    let window = p.lead.get(&past("/rows?limit=50")).await.ok();
    assert_eq!((&window["total"], &window["lsn"]), (&json!(2), &json!(then)));
    let asked = p.lead.post(&past("/rows/query"), &json!({})).await.ok();
    assert_eq!(asked["rows"], window["rows"]);
    let row = p.lead.get(&past(&format!("/rows/{item}"))).await.ok();
    assert_eq!((&row["quantity"], &row["cost"]), (&json!("10.0000"), &json!("100.00")));
    let children = p.lead.get(&past(&format!("/rows/{}/children", p.heading))).await.ok();
    assert_eq!(children["total"], 1);
    assert_eq!(p.lead.get(&past("/search?q=Item")).await.ok()["total"], 1);
    assert_eq!(p.lead.get(&past(&format!("/rows/{item}/locate"))).await.ok()["index"], 1);
    let sheet = p.lead.get(&past(&format!("/items/{item}/worksheet"))).await.ok();
    assert_eq!(sheet["lines"].as_array().unwrap().len(), 1);
    assert_eq!(p.lead.get(&past("/commercials")).await.ok()["price"]["totalEx"], "100.00");
    let prices = p.lead.post(&past("/prices"), &json!({"ids": [item, late]})).await.ok();
    assert_eq!(prices["sum"]["totalEx"], "100.00");
    assert_eq!(prices["rows"].as_array().unwrap().len(), 1);
    assert_eq!(p.lead.get(&past("/commercials/items")).await.ok()["total"], 1);
    for path in ["/content", "/packages", "/checks", "/acknowledgements"] {
        p.lead.get(&past(path)).await.ok();
    }
    p.lead.get(&past(&format!("/rows/{late}"))).await.problem(404, "not-found");
    let both = p.at(&format!("/compare?with={}&withAt={then}", p.estimate));
    let both = p.lead.get(&both).await.ok();
    assert_eq!(
        (&both["before"]["cost"], &both["after"]["cost"]),
        (&json!("100.00"), &json!("207.00"))
    );
}

#[tokio::test]
async fn an_answer_from_history_says_of_which_commit_it_is_and_is_not_sent_twice() {
    let p = Priced::start().await;
    let item = p.item("1.1", "10", "5").await;
    let then = p.lsn().await;
    // Commits of other rows in between: the state then is that of the newest before.
    p.lead.post("/tenders", &json!({"number": "T-2", "name": "Other"})).await.ok();
    let between = then + 1;
    p.quantity(&item, "11").await;
    for path in ["", "/rows", "/rows/root/children", "/commercials"] {
        let at = p.at(&format!("{path}?asOf={between}"));
        let answer = p.lead.request(Method::GET, &at).send().await.unwrap();
        assert_eq!(answer.headers()["oxflow-as-of"], then.to_string().as_str(), "{path}");
        let tag = answer.headers()["etag"].clone();
        assert!(!tag.to_str().unwrap().starts_with("W/"));
        let again = p.lead.request(Method::GET, &at).header("if-none-match", tag).send().await;
        assert_eq!(again.unwrap().status(), 304, "{path}");
    }
    let now = p.lead.request(Method::GET, &p.at("")).send().await.unwrap();
    assert!(!now.headers().contains_key("oxflow-as-of"));
}

#[tokio::test]
async fn a_moment_is_a_commit_or_a_time_and_one_that_is_none_is_told() {
    let p = Priced::start().await;
    let item = p.item("1.1", "10", "5").await;
    let moment = p.moments().await[0].clone();
    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    p.quantity(&item, "20").await;
    let total = async |at: &str| {
        let answer = p.lead.get(&p.at(&format!("?asOf={at}"))).await.ok();
        answer["totals"]["total"].clone()
    };
    let time = moment["at"].as_str().unwrap();
    assert_eq!(total(time).await, "50.00");
    let zoned: jiff::Timestamp = time.parse().unwrap();
    let zoned = zoned.to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(12)));
    let zoned = zoned.strftime("%Y-%m-%dT%H:%M:%S%.f%:z").to_string();
    assert_eq!(total(&zoned).await, "50.00");
    assert_eq!(total(&zoned.replace('+', "%2B")).await, "50.00");
    let now = jiff::Timestamp::now().to_string();
    assert_eq!(total(&now).await, "100.00");

    let refused = async |at: &str, status: u16, code: &str| {
        let problem = p.lead.get(&p.at(&format!("?asOf={at}"))).await.problem(status, code);
        assert_eq!(problem["field"], "asOf");
    };
    refused("yesterday", 400, "as-of-invalid").await;
    refused("2026-05-12T14:05:00", 400, "as-of-invalid").await;
    refused("999999", 400, "as-of-in-the-future").await;
    refused("2999-01-01T00:00:00Z", 400, "as-of-in-the-future").await;
    refused("1", 404, "estimate-not-there-then").await;
    refused("2001-01-01T00:00:00Z", 404, "estimate-not-there-then").await;
    let nowhere = format!("/estimates/{}?asOf=1", crate::http_support::fresh());
    p.lead.get(&nowhere).await.problem(404, "not-found");
}

#[tokio::test]
async fn moments_tell_who_did_what_and_what_it_came_to() {
    let p = Priced::start().await;
    let item = p.item("1.1", "10", "5").await;
    let other = p.app.sign_in("estimator").await;
    let body = json!({"set": {"quantity": "20"}});
    other.patch(&p.at(&format!("/items/{item}")), &body).await.ok();
    let moments = p.moments().await;
    assert_eq!(moments.len(), 4, "the estimate, the heading, the item, the quantity");
    assert_eq!(moments[0]["direct"], "100.00");
    assert_eq!(
        (&moments[0]["command"], &moments[0]["reversible"]),
        (&json!("update-item"), &json!(true))
    );
    assert_ne!(moments[0]["actor"]["id"], moments[1]["actor"]["id"]);
    assert_eq!(
        moments[3]["reversible"],
        json!(false),
        "adding a tender is nothing of the estimate's"
    );
    let page = p.lead.get(&p.at("/moments?limit=3")).await.ok();
    assert_eq!(page["items"].as_array().unwrap(), &moments[..3]);
    let rest = p.at(&format!("/moments?cursor={}", page["nextCursor"].as_str().unwrap()));
    let rest = p.lead.get(&rest).await.ok();
    assert_eq!(rest["items"].as_array().unwrap(), &moments[3..]);
    assert!(rest.get("nextCursor").is_none());
}

#[tokio::test]
async fn rows_are_copied_back_as_one_edit_that_undo_takes_back() {
    let p = Priced::start().await;
    let (one, two) = (p.item("1.1", "10", "5").await, p.item("1.2", "4", "5").await);
    let then = p.lsn().await;
    p.quantity(&one, "20").await;
    p.quantity(&two, "40").await;
    p.lead
        .patch(&p.at(&format!("/headings/{}", p.heading)), &json!({"set": {"name": "Dirt"}}))
        .await
        .ok();
    assert_eq!(p.totals().await["total"], "300.00");
    let ask = |rows: &[&String]| json!({"asOf": then.to_string(), "rowIds": rows});
    let done = p.lead.post(&p.at("/copy-back"), &ask(&[&one, &p.heading])).await.ok();
    assert_eq!(done["totals"]["total"], "250.00");
    assert_eq!(done["label"], format!("Copy back 2 rows from commit {then}"));
    let heading = p.lead.get(&p.at(&format!("/rows/{}", p.heading))).await.ok();
    assert_eq!(heading["description"], "Earthworks");
    assert_eq!(p.lead.post(&p.at("/undo"), &json!({})).await.ok()["totals"]["total"], "300.00");

    // Copied back again it changes what has changed, and what has not is no commit.
    p.lead.post(&p.at("/copy-back"), &ask(&[&two])).await.ok();
    let same = p.lead.post(&p.at("/copy-back"), &ask(&[&two])).await.ok();
    assert_eq!(same["totals"]["total"], "120.00");

    p.lead.delete(&p.at(&format!("/items/{one}?items=1&cost=100.00"))).await.ok();
    let gone =
        p.lead.post(&p.at("/copy-back"), &ask(&[&one])).await.problem(400, "invalid-request");
    assert!(
        gone["detail"].as_str().unwrap().contains("1.1 is not in the estimate any more"),
        "{gone}"
    );
    let never = crate::http_support::fresh();
    p.lead.post(&p.at("/copy-back"), &ask(&[&never])).await.problem(400, "invalid-request");
    p.lead.post(&p.at("/copy-back"), &ask(&[])).await.problem(400, "invalid-request");
    p.lead.post(&p.at("/revise"), &json!({})).await.ok();
    p.lead.post(&p.at("/copy-back"), &ask(&[&two])).await.problem(422, "estimate-is-frozen");
}

#[tokio::test]
async fn a_worksheet_is_copied_back_without_its_item() {
    let p = Priced::start().await;
    let item = p.item("1.1", "10", "5").await;
    let at = p.at(&format!("/items/{item}"));
    p.lead.patch(&at, &json!({"set": {"plugRate": null}})).await.ok();
    let line = json!({"line": {"description": "Crew", "type": "labour", "unit": "h",
        "rate": "50", "method": "fixed", "quantity": "2"}});
    let made = p.lead.post(&p.at(&format!("/items/{item}/worksheet/lines")), &line).await.ok();
    let (then, line) = (made["lsn"].clone(), made["results"][0]["ids"][0].clone());
    let line = p.at(&format!("/items/{item}/worksheet/lines/{}", line.as_str().unwrap()));
    p.lead.patch(&line, &json!({"set": {"rate": "70"}})).await.ok();
    p.quantity(&item, "12").await;
    let ask = json!({"asOf": then.to_string(), "rowIds": [item], "worksheetsOnly": true});
    let done = p.lead.post(&p.at("/copy-back"), &ask).await.ok();
    assert_eq!(done["totals"]["total"], "100.00");
    assert!(done["label"].as_str().unwrap().starts_with("Copy back the worksheet of 1.1"));
    assert_eq!(p.lead.get(&at).await.ok()["quantity"], "12.0000");
}

#[tokio::test]
async fn a_rate_lock_stays_with_the_lead() {
    let p = Priced::start().await;
    let item = p.item("1.1", "10", "5").await;
    p.item("1.2", "4", "5").await;
    let then = p.lsn().await;
    let lock = json!({"set": {"lockedSellRate": "9.00"}});
    let locked = p.lead.patch(&p.at(&format!("/items/{item}")), &lock).await.ok();
    let other = p.app.sign_in("estimator").await;
    let ask = json!({"asOf": then.to_string(), "rowIds": [item]});
    other.post(&p.at("/copy-back"), &ask).await.ok();
    let row = p.lead.get(&p.at(&format!("/rows/{item}"))).await.ok();
    assert_eq!(row["lockedSellRate"], "9.00");
    let take = p.at(&format!("/moments/{}/take-back", locked["lsn"]));
    other.post(&take, &json!({})).await.problem(403, "commercials-role-required");
    p.lead.post(&take, &json!({})).await.ok();
    let row = p.lead.get(&p.at(&format!("/rows/{item}"))).await.ok();
    assert!(row.get("lockedSellRate").is_none());
}

#[tokio::test]
async fn a_commit_of_long_ago_is_taken_back_unless_its_rows_have_changed() {
    let mut p = Priced::start().await;
    let (one, two) = (p.item("1.1", "10", "5").await, p.item("1.2", "4", "5").await);
    let wrong = p.quantity(&one, "20").await;
    p.quantity(&two, "40").await;
    // Long ago: another run of the program, and somebody else.
    p.app.restart().await;
    let other = p.app.sign_in("estimator").await;
    let at = |lsn: u64| p.at(&format!("/moments/{lsn}/take-back"));
    let done = other.post(&at(wrong), &json!({})).await.ok();
    assert_eq!(done["totals"]["total"], "250.00");
    let label = done["label"].as_str().unwrap().to_owned();
    assert!(label.starts_with(&format!("Take back commit {wrong}: ")), "{label}");
    let moments = other.get(&p.at("/moments")).await.ok();
    assert_eq!(moments["items"][0]["label"], json!(label));
    assert_eq!(moments["items"][0]["command"], "take-back");
    // It is taken back already.
    let problem = other.post(&at(wrong), &json!({})).await.problem(409, "undo-conflict");
    assert!(problem["detail"].as_str().unwrap().contains("cannot take that back"), "{problem}");
    assert_eq!(problem["object"], json!(one));
    // One undo takes it back again.
    assert_eq!(done["undo"]["undo"]["label"], json!(label));
    let undone = other.post(&p.at("/undo"), &json!({})).await.ok();
    assert_eq!(undone["totals"]["total"], "300.00");
    // What was no change of this estimate cannot be taken back here.
    other.post(&at(1), &json!({})).await.problem(404, "not-found");
    other.post(&at(999_999), &json!({})).await.problem(404, "not-found");
    other.post(&p.at("/moments/never/take-back"), &json!({})).await.problem(404, "not-found");
}

#[tokio::test]
async fn a_restored_revision_has_what_was_there_and_leaves_history_as_it_is() {
    let p = Priced::start().await;
    let item = p.item("1.1", "10", "5").await;
    let vars = json!({"variables": [{"name": "swell", "formula": "1.2"}], "gstPct": "12.5"});
    p.lead.patch(&p.at(""), &vars).await.ok();
    let then = p.lsn().await;
    let after = json!({"variables": [{"name": "swell", "formula": "1.5"}], "gstPct": "15"});
    p.lead.patch(&p.at(""), &after).await.ok();
    p.quantity(&item, "99").await;
    let before = p.moments().await;
    let ask =
        json!({"asOf": then.to_string(), "reason": "The client went back to the first design"});
    let made = p.lead.post(&p.at("/restore"), &ask).await.ok();
    assert_eq!(made["revision"], 2);
    let at = format!("/estimates/{}", made["id"].as_str().unwrap());
    let now = p.lead.get(&at).await.ok();
    assert_eq!(now["totals"]["total"], "50.00");
    assert_eq!(
        (&now["gstPct"], &now["variables"][0]["formula"]),
        (&json!("12.5000"), &json!("1.2"))
    );
    let told = p.lead.get(&format!("{at}/moments")).await.ok();
    let label = told["items"][0]["label"].as_str().unwrap();
    assert!(label.contains(&format!("as of commit {then}: The client went back")), "{label}");
    assert_eq!(told["items"][0]["direct"], "50.00", "the next restore has totals to keep to");
    let moments = p.moments().await;
    assert_eq!(&moments[1..], &before[..], "only the old revision's state was touched");
    p.lead
        .post(&p.at("/restore"), &json!({"asOf": "1", "reason": "R"}))
        .await
        .problem(404, "estimate-not-there-then");
    let unsaid = json!({"asOf": then.to_string(), "reason": " "});
    p.lead.post(&format!("{at}/restore"), &unsaid).await.problem(404, "estimate-not-there-then");
    let unsaid = json!({"asOf": told["items"][0]["lsn"].to_string(), "reason": " "});
    p.lead.post(&format!("{at}/restore"), &unsaid).await.problem(400, "invalid-request");
}
