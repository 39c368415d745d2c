//! Two organisations on one server: nothing of one is reached from the other, by any id, path,
//! socket or text of a refusal, and whoever works in both goes from one to the other.

use crate::harness::{Client, TestApp};
use crate::http_routes::{Least, ROUTES, ask, filled_with};
use crate::http_support::{Priced, fresh, id};
use crate::jobs_support::job_of;
use crate::live_support::Live;
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Makes a second organisation, whose Admin has this e-mail address.
async fn second_organisation(app: &mut TestApp, admin_email: &str) {
    app.kill();
    let make =
        ["organisation", "create", "second", "--name", "Second", "--admin-name", "Second Admin"];
    let said = app.command(&[&make[..], &["--admin-email", admin_email]].concat());
    assert!(said.starts_with("second\t"), "{said}");
    assert!(app.command(&["organisation", "list"]).contains("\tSecond\n"));
    app.restart().await;
}

async fn sign_in(app: &TestApp, email: &str) -> Client {
    let users = app.visitor().get("/session/users").await.ok();
    let found = users["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|user| user["email"].as_str().is_some_and(|has| has.eq_ignore_ascii_case(email)));
    app.visitor().signed_in_as(&found.unwrap_or_else(|| panic!("{users}"))["id"]).await
}

/// What there is in the first organisation: an id for each place of each kind of address.
async fn known(p: &Priced, admin: &Client) -> BTreeMap<(&'static str, &'static str), String> {
    let item = p.item("1.1", "10", "5").await;
    let resource = json!({"code": "R1", "description": "Digger", "type": "plant", "unit": "h",
        "rate": "5"});
    let resource = p.lead.post("/resources", &resource).await.ok();
    let company = p.lead.post("/companies", &json!({"name": "Drains Ltd"})).await.ok();
    let kind = admin.post("/content-kinds", &json!({"title": "Safety plan"})).await.ok();
    let books = p.lead.get("/price-books").await.ok();
    let user = p.lead.get("/session").await.ok();
    let token = json!({"name": "n", "scope": "read", "days": 1});
    let token = admin.post("/tokens", &token).await.ok()["token"]["id"].clone();
    let session = admin.get("/sessions").await.ok()["items"][0]["id"].clone();
    let lines = json!([{"resourceId": resource["id"], "factor": "1"}]);
    let recipe = json!({"code": "KERB", "name": "Slipformed kerb", "unit": "m", "lines": lines});
    let recipe = p.lead.post("/recipes", &recipe).await.ok();
    let region = json!({"name": "Catchment", "options": [{"name": "North"}],
        "appliesTo": {"tenders": true, "resources": false, "items": true, "companies": false}});
    let region = admin.post("/categorisations", &region).await.ok();
    let bill = Part::bytes(b"Item,Unit,Qty\n1.01,m3,5\n".to_vec()).file_name("Paddock.csv");
    let bill = p.lead.request(Method::POST, "/imports").multipart(Form::new().part("file", bill));
    let bill: Value = bill.send().await.unwrap().json().await.unwrap();
    let job = admin.post("/jobs/recalculation", &json!({})).await.ok();
    let (package, comment, line, pipe) = (fresh(), fresh(), fresh(), fresh());
    let set = json!({"code": "P-1", "name": "Surfacing", "itemIds": [item]});
    let free = json!({"description": "Pipe", "type": "material", "unit": "m", "rate": "0",
        "freeIssue": true, "method": "usage", "usage": "1"});
    let set_of = json!({"code": "1.2", "description": "Pipe", "unit": "m", "quantity": "100"});
    let edits = json!([
        {"op": "package", "edit": {"do": "add", "id": package, "set": set}},
        {"op": "add-item", "id": pipe, "parentId": p.heading, "set": set_of},
        {"op": "add-line", "itemId": pipe, "id": line, "line": free},
    ]);
    let lsn = p.edit(&edits).await["lsn"].to_string();
    let said = json!({"id": comment, "itemId": item, "text": "Soft ground", "mentions": []});
    p.lead.post(&p.at("/comments"), &said).await.ok();
    let plan = Part::bytes(b"%PDF-1.7 Paddock".to_vec()).file_name("Paddock.pdf");
    let plan = Form::new().part("file", plan);
    let at = format!("/tenders/{}/attachments", p.tender);
    let plan = p.lead.request(Method::POST, &at).multipart(plan).send().await.unwrap();
    let plan: Value = plan.json().await.unwrap();
    let mut known = BTreeMap::from([
        (("recipes", "{id}"), id(&recipe["id"])),
        (("categorisations", "{id}"), id(&region["id"])),
        (("imports", "{id}"), id(&bill["id"])),
        (("jobs", "{id}"), job_of(&job)),
        (("estimates", "{package}"), package),
        (("estimates", "{comment}"), comment),
        (("estimates", "{line}"), line),
        (("estimates", "{categorisation}"), id(&region["id"])),
        (("estimates", "{row}"), item),
        (("estimates", "{lsn}"), lsn.clone()),
        (("audit", "{lsn}"), lsn),
        (("price-books", "{resource}"), id(&resource["id"])),
        (("estimates", "{id}"), p.estimate.clone()),
        (("estimates", "{heading}"), p.heading.clone()),
        (("estimates", "{node}"), p.heading.clone()),
        (("estimates", "{item}"), pipe),
        (("tenders", "{id}"), p.tender.clone()),
        (("tenders", "{attachment}"), id(&plan["items"][0]["id"])),
        (("labels", "{id}"), p.tender.clone()),
        (("history", "{id}"), p.tender.clone()),
        (("resources", "{id}"), id(&resource["id"])),
        (("companies", "{id}"), id(&company["id"])),
        (("content-kinds", "{id}"), id(&kind["id"])),
        (("organisations", "{id}"), id(&user["organisation"]["id"])),
        (("users", "{id}"), id(&user["user"]["id"])),
        (("tokens", "{id}"), id(&token)),
        (("sessions", "{id}"), id(&session)),
    ]);
    if let Some(book) = books["items"][0]["id"].as_str() {
        known.insert(("price-books", "{id}"), book.to_owned());
    }
    known
}

#[tokio::test]
async fn what_another_organisation_has_is_as_if_it_were_not_there() {
    let mut p = Priced::start().await;
    second_organisation(&mut p.app, "second@example.org").await;
    p.lead = sign_in(&p.app, "lead@example.org").await;
    let admin = sign_in(&p.app, "admin@example.org").await;
    let known = known(&p, &admin).await;
    let strangers = strangers(&p.app).await;
    let unknown: BTreeSet<(&str, &str)> = ROUTES
        .iter()
        .flat_map(|(_, path, _)| {
            let first = path.split('/').nth(1).unwrap_or_default();
            path.split('/').filter(|part| part.starts_with('{')).map(move |part| (first, part))
        })
        .filter(|place| !known.contains_key(place) && !NO_IDS.contains(&place.1))
        .collect();
    let not_made = BTreeSet::from([("files", "{hash}"), ("tenders", "{handover}")]);
    assert_eq!(unknown, not_made, "say what there is in the first organisation");
    for stranger in &strangers {
        nothing_is_there(stranger, &known).await;
    }
    // Everything is still as it was.
    let tender = p.lead.get(&format!("/tenders/{}", p.tender)).await.ok();
    assert_eq!(tender["name"], "Waihou Road");
    assert_eq!(admin.get("/tokens").await.ok()["items"].as_array().unwrap().len(), 1);
    let stranger = &strangers[3];
    for list in ["/tenders", "/resources", "/companies", "/people", "/jobs", "/content-kinds"] {
        let listed = stranger.get(list).await;
        for word in WORDS.into_iter().chain(["example.org\",\"role\":\"lead"]) {
            assert!(!listed.text.contains(word), "{list}: {}", listed.text);
        }
    }
    let mut live = Live::open(&p.app, stranger).await;
    live.say(&json!({"type": "subscribe", "estimateId": p.estimate})).await;
    let refused = live.hear_of("refused").await;
    live.say(&json!({"type": "subscribe", "estimateId": fresh()})).await;
    assert_eq!(refused, live.hear_of("refused").await);
}

/// What only the first organisation speaks of.
const WORDS: [&str; 11] = [
    "Waihou",
    "Earthworks",
    "Digger",
    "Drains",
    "Safety plan",
    "kerb",
    "Catchment",
    "Paddock",
    "Surfacing",
    "Soft ground",
    "Pipe",
];
/// Places of addresses that are no identities of anything of an organisation.
const NO_IDS: [&str; 8] =
    ["{provider}", "{code}", "{index}", "{n}", "{document}", "{entity}", "{number}", "{contact}"];

/// One of each role in the second organisation, the Admin last.
async fn strangers(app: &TestApp) -> Vec<Client> {
    let admin = sign_in(app, "second@example.org").await;
    let mut strangers = Vec::new();
    for role in ["viewer", "estimator", "lead-estimator"] {
        let email = format!("{role}@second.example");
        let person = json!({"name": role, "email": email, "role": role});
        admin.post("/users", &person).await.ok();
        strangers.push(sign_in(app, &email).await);
    }
    strangers.push(admin);
    strangers
}

/// Asks every route that names something for what is there and for what nobody has.
async fn nothing_is_there(
    stranger: &Client,
    known: &BTreeMap<(&'static str, &'static str), String>,
) {
    let mut asked = 0;
    for (method, path, least) in ROUTES {
        let first = path.split('/').nth(1).unwrap_or_default();
        let named = |part: &str| {
            let found = known.iter().find(|((kind, place), _)| *kind == first && *place == part);
            found.map(|(_, id)| id.clone())
        };
        if *least == Least::Anyone || !path.split('/').any(|part| named(part).is_some()) {
            continue;
        }
        asked += 1;
        let theirs = ask(stranger, method, path, filled_with(path, named)).await;
        let nobodys = ask(stranger, method, path, filled_with(path, |_| None)).await;
        assert_eq!(plain(&theirs), plain(&nobodys), "{method} {path}");
        // What the ids stand for is spoken of nowhere.
        for word in WORDS {
            assert!(!theirs.1.contains(word), "{method} {path} tells of {word}: {}", theirs.1);
        }
    }
    assert!(asked > 120, "only {asked} routes name something");
}

/// An answer without the ids that were asked for.
fn plain((status, said): &(u16, String)) -> (u16, String) {
    let mut plain = String::new();
    let mut rest = said.as_str();
    while let Some(at) = rest.char_indices().map(|(at, _)| at).find(|at| is_id(&rest[*at..])) {
        plain.push_str(&rest[..at]);
        plain.push_str("<id>");
        rest = &rest[at + 36..];
    }
    plain.push_str(rest);
    (*status, plain)
}

fn is_id(text: &str) -> bool {
    text.get(..36).is_some_and(|text| uuid::Uuid::try_parse(text).is_ok())
}

#[tokio::test]
async fn who_works_in_two_organisations_goes_from_one_to_the_other() {
    let mut app = TestApp::start().await;
    // By e-mail, the lead of the first is the Admin of the second.
    second_organisation(&mut app, "Lead@example.org").await;
    let users = app.visitor().get("/session/users").await.ok();
    let leads = users["items"].as_array().unwrap().iter();
    assert_eq!(leads.filter(|u| u["email"] == "lead@example.org").count(), 1, "{users}");
    let client = sign_in(&app, "lead@example.org").await;
    let items = client.get("/organisations").await.ok()["items"].as_array().unwrap().clone();
    assert_eq!(items.len(), 2);
    let second = items.iter().find(|o| o["slug"] == "second").unwrap();
    client.post("/tenders", &json!({"number": "T-1", "name": "Waihou Road"})).await.ok();

    let nowhere = json!({"organisationId": fresh()});
    client.post("/session/organisation", &nowhere).await.problem(404, "not-found");
    let there = client.clone().switched(&second["id"]).await;
    let session = there.get("/session").await.ok();
    assert_eq!(
        (&session["organisation"]["slug"], &session["user"]["role"]),
        (&json!("second"), &json!("admin"))
    );
    assert_eq!(there.get("/tenders").await.ok()["total"], 0);
    client.get("/session").await.problem(401, "not-signed-in");
    let back =
        there.clone().switched(&items.iter().find(|o| o["slug"] == "default").unwrap()["id"]).await;
    assert_eq!(back.get("/tenders").await.ok()["total"], 1);

    // Somebody of one organisation is not told that the other is there.
    let estimator = app.sign_in("estimator").await;
    let body = json!({"organisationId": second["id"]});
    let refused = estimator.post("/session/organisation", &body).await.problem(404, "not-found");
    let unknown = estimator.post("/session/organisation", &nowhere).await.problem(404, "not-found");
    assert_eq!(refused, unknown);
    assert_eq!(estimator.get("/organisations").await.ok()["items"].as_array().unwrap().len(), 1);

    // Deactivated in one, at work in the other.
    let admin = sign_in(&app, "admin@example.org").await;
    let row = admin.get("/users").await.ok()["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|u| u["email"] == "lead@example.org")
        .unwrap()
        .clone();
    let path = format!("/users/{}", id(&row["id"]));
    admin.patch(&path, &json!({"version": row["version"], "active": false})).await.ok();
    back.get("/session").await.problem(403, "user-deactivated");
    let again = sign_in(&app, "lead@example.org").await;
    let session: Value = again.get("/session").await.ok();
    assert_eq!(session["organisation"]["slug"], "second");
    assert_eq!(again.get("/organisations").await.ok()["items"].as_array().unwrap().len(), 1);
}
