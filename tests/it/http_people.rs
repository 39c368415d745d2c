//! Who works in an organisation, where they are signed in, and what a program comes with.

use crate::harness::{Client, TestApp};
use crate::http_support::{fresh, id};
use reqwest::Method;
use serde_json::{Value, json};

/// A person by their e-mail address, as an Admin sees them.
async fn person(admin: &Client, email: &str) -> Value {
    let people = admin.get("/users").await.ok();
    let all = people["items"].as_array().expect("people").clone();
    let found = all.into_iter().find(|one| one["email"] == email);
    found.unwrap_or_else(|| panic!("nobody has {email}: {people}"))
}

async fn change(admin: &Client, who: &Value, set: &Value) -> crate::harness::Answer {
    let mut body = set.clone();
    body["version"] = who["version"].clone();
    admin.patch(&format!("/users/{}", id(&who["id"])), &body).await
}

#[tokio::test]
async fn an_admin_adds_people_who_can_then_sign_in() {
    let app = TestApp::start().await;
    let admin = app.sign_in("admin").await;
    let body = json!({"name": " Mere Tau ", "email": "mere@example.org", "role": "estimator"});
    let mere = admin.post("/users", &body).await.ok();
    assert_eq!((&mere["name"], &mere["active"]), (&json!("Mere Tau"), &json!(true)));
    admin.post("/users", &body).await.problem(400, "invalid-request");
    for wrong in ["", "mere", "a@b@c", "a b@c", "<a@b>", "@b", "a@"] {
        let body = json!({"name": "M", "email": wrong, "role": "estimator"});
        let problem = admin.post("/users", &body).await.problem(400, "invalid-request");
        assert_eq!(problem["field"], "email", "{wrong}");
    }
    let user = app.visitor().signed_in_as(&mere["id"]).await;
    let said = user.post("/users", &body).await.problem(403, "permission-denied");
    assert!(said["detail"].as_str().unwrap().contains("Admin"), "{said}");
    user.get("/users").await.problem(403, "permission-denied");
    let seen = person(&admin, "mere@example.org").await;
    assert_eq!(seen["sessions"], 1);
    assert!(seen["seenAt"].is_string());
}

#[tokio::test]
async fn a_change_of_a_person_names_the_version_it_saw() {
    let app = TestApp::start().await;
    let admin = app.sign_in("admin").await;
    let estimator = person(&admin, "estimator@example.org").await;
    let now = change(&admin, &estimator, &json!({"role": "lead-estimator"})).await.ok();
    assert_eq!((&now["version"], &now["role"]), (&json!(2), &json!("lead-estimator")));
    let stale = change(&admin, &estimator, &json!({"active": false})).await;
    let problem = stale.problem(409, "stale-version");
    assert_eq!(problem["current"]["role"], "lead-estimator");
    assert_eq!(person(&admin, "estimator@example.org").await["active"], true);
    let renamed = change(&admin, &now, &json!({"name": "Wiremu"})).await.ok();
    assert_eq!(renamed["name"], "Wiremu");
}

#[tokio::test]
async fn sessions_are_there_after_a_restart_and_end_when_told() {
    let mut app = TestApp::start().await;
    let (here, there) = (app.sign_in("estimator").await, app.sign_in("estimator").await);
    app.restart().await;
    let (here, there) = (here.at(&app.origin()), there.at(&app.origin()));
    let sessions = here.get("/sessions").await.ok()["items"].as_array().unwrap().clone();
    assert_eq!(sessions.len(), 2);
    assert_eq!(sessions.iter().filter(|s| s["current"] == true).count(), 1);
    assert!(sessions.iter().all(|s| s["address"] == "127.0.0.1" && s["provider"].is_null()));
    let other = sessions.iter().find(|s| s["current"] == false).unwrap();
    let path = format!("/sessions/{}", id(&other["id"]));
    // Somebody else's session is none of theirs.
    let lead = app.sign_in("lead-estimator").await;
    lead.delete(&path).await.problem(404, "not-found");
    assert_eq!(here.delete(&path).await.status, 204);
    there.get("/session").await.problem(401, "not-signed-in");
    here.get("/session").await.ok();
    here.delete(&path).await.problem(404, "not-found");
    assert_eq!(here.delete("/sessions").await.status, 204);
    here.get("/session").await.problem(401, "not-signed-in");
    app.restart().await;
    here.at(&app.origin()).get("/session").await.problem(401, "not-signed-in");
}

#[tokio::test]
async fn signing_in_again_ends_the_session_there_was() {
    let app = TestApp::start().await;
    let one = app.sign_in("estimator").await;
    let me = one.get("/session").await.ok()["user"]["id"].clone();
    let before = one.clone();
    let after = one.signed_in_as(&me).await;
    assert_ne!(before.cookie(), after.cookie());
    before.get("/session").await.problem(401, "not-signed-in");
    after.get("/session").await.ok();
}

#[tokio::test]
async fn an_admin_signs_somebody_out_and_nobody_else_does() {
    let app = TestApp::start().await;
    let (admin, estimator) = (app.sign_in("admin").await, app.sign_in("estimator").await);
    let path =
        format!("/users/{}/sessions", id(&person(&admin, "estimator@example.org").await["id"]));
    app.sign_in("lead-estimator").await.delete(&path).await.problem(403, "permission-denied");
    estimator.get("/session").await.ok();
    assert_eq!(admin.delete(&path).await.status, 204);
    estimator.get("/session").await.problem(401, "not-signed-in");
    let nobody = format!("/users/{}/sessions", fresh());
    admin.delete(&nobody).await.problem(404, "not-found");
}

/// A client that comes with a token and no cookie.
fn with(app: &TestApp, token: &str) -> impl Fn(Method, &str) -> reqwest::RequestBuilder {
    let (visitor, token) = (app.visitor(), token.to_owned());
    move |method, path| visitor.request(method, path).bearer_auth(&token)
}

async fn made(client: &Client, body: &Value) -> (String, Value) {
    let made = client.post("/tokens", body).await.ok();
    (id(&made["text"]), made["token"].clone())
}

#[tokio::test]
async fn a_token_does_what_its_scope_and_its_owner_allow() {
    let app = TestApp::start().await;
    let admin = app.sign_in("admin").await;
    let body = |scope: &str| json!({"name": "Nightly", "scope": scope, "days": 30});
    let status =
        async |request: reqwest::RequestBuilder| request.send().await.unwrap().status().as_u16();
    let tender = json!({"number": "T-1", "name": "x"});

    let (read, _) = made(&admin, &body("read")).await;
    assert!(read.starts_with("oxf_"));
    let read = with(&app, &read);
    assert_eq!(status(read(Method::GET, "/tenders")).await, 200);
    let refused = read(Method::POST, "/tenders").json(&tender).send().await.unwrap();
    assert_eq!(refused.status(), 403);
    assert_eq!(refused.json::<Value>().await.unwrap()["code"], "token-reads-only");

    let (write, _) = made(&admin, &body("write")).await;
    let write = with(&app, &write);
    assert_eq!(status(write(Method::POST, "/tenders").json(&tender)).await, 201);
    // Its owner is an Admin; the token is not.
    assert_eq!(status(write(Method::GET, "/users")).await, 403);

    let (full, _) = made(&admin, &body("admin")).await;
    let full = with(&app, &full);
    assert_eq!(status(full(Method::GET, "/users")).await, 200);
    // No token makes another, or ends sessions, or opens the live connection.
    assert_eq!(status(full(Method::POST, "/tokens").json(&body("admin"))).await, 403);
    assert_eq!(status(full(Method::DELETE, "/sessions")).await, 403);

    let estimator = app.sign_in("estimator").await;
    let (own, _) = made(&estimator, &body("admin")).await;
    assert_eq!(status(with(&app, &own)(Method::GET, "/users")).await, 403);
}

#[tokio::test]
async fn a_token_is_shown_once_seen_when_used_and_gone_when_revoked() {
    let mut app = TestApp::start().await;
    let estimator = app.sign_in("estimator").await;
    let (text, token) =
        made(&estimator, &json!({"name": "Sync", "scope": "read", "days": 1})).await;
    assert!(token["usedAt"].is_null());
    let listed = estimator.get("/tokens").await;
    assert!(!listed.text.contains(&text[4..]), "the text is told once");
    with(&app, &text)(Method::GET, "/session").send().await.unwrap().error_for_status().unwrap();
    let listed = estimator.get("/tokens").await.ok();
    assert!(listed["items"][0]["usedAt"].is_string());
    let path = format!("/tokens/{}", id(&token["id"]));
    // Nobody's token but one's own, not even for an Admin.
    let admin = app.sign_in("admin").await;
    assert_eq!(admin.get("/tokens").await.ok()["items"], json!([]));
    admin.delete(&path).await.problem(404, "not-found");
    app.restart().await;
    let ask = with(&app, &text);
    ask(Method::GET, "/session").send().await.unwrap().error_for_status().unwrap();
    let estimator = estimator.at(&app.origin());
    assert_eq!(estimator.delete(&path).await.status, 204);
    let refused = ask(Method::GET, "/session").send().await.unwrap();
    assert_eq!(refused.status(), 401);
    assert_eq!(refused.headers()["www-authenticate"], "Bearer");
    assert_eq!(refused.json::<Value>().await.unwrap()["code"], "token-unknown");
    for wrong in [json!({"days": 0}), json!({"days": 367}), json!({"name": " "})] {
        let mut body = json!({"name": "n", "scope": "read", "days": 1});
        body.as_object_mut().unwrap().extend(wrong.as_object().unwrap().clone());
        estimator.post("/tokens", &body).await.problem(400, "invalid-request");
    }
    // A token that is no good is no way to fall back on a cookie.
    let both = estimator.request(Method::GET, "/session").bearer_auth("oxf_x").send().await;
    assert_eq!(both.unwrap().status(), 401);
}

#[tokio::test]
async fn a_service_account_has_tokens_and_cannot_sign_in() {
    let app = TestApp::start().await;
    let admin = app.sign_in("admin").await;
    let robot = admin.post("/users", &json!({"name": "Robot", "role": "estimator"})).await.ok();
    assert!(robot["email"].is_null());
    let body = json!({"userId": robot["id"]});
    app.visitor().post("/session", &body).await.problem(404, "not-found");
    let listed = app.visitor().get("/session/users").await.text;
    assert!(!listed.contains("Robot"), "{listed}");
    let body = json!({"name": "n", "scope": "write", "days": 1, "userId": robot["id"]});
    app.sign_in("lead-estimator").await.post("/tokens", &body).await.problem(404, "not-found");
    // A person's tokens are for that person alone.
    let lead = person(&admin, "lead@example.org").await;
    let theirs = json!({"name": "n", "scope": "write", "days": 1, "userId": lead["id"]});
    admin.post("/tokens", &theirs).await.problem(404, "not-found");
    let (text, _) = made(&admin, &body).await;
    let ask = with(&app, &text);
    let session = ask(Method::GET, "/session").send().await.unwrap().json::<Value>().await.unwrap();
    assert_eq!(session["user"]["name"], "Robot");
    assert_eq!(admin.get("/tokens").await.ok()["items"][0]["userName"], "Robot");
    change(&admin, &robot, &json!({"active": false})).await.ok();
    assert_eq!(ask(Method::GET, "/session").send().await.unwrap().status(), 401);
}

#[tokio::test]
async fn a_name_picked_from_a_list_opens_nothing_where_people_sign_in_with_a_provider() {
    let mut app = TestApp::start().await;
    let admin = app.sign_in("admin").await;
    app.restart().await;
    admin.at(&app.origin()).get("/users").await.ok();
    app.set(
        "[[auth.providers]]\nid = \"a\"\nname = \"A\"\nissuer = \"https://idp.example\"\nclient_id = \"c\"\n",
    );
    app.restart_with("oidc").await;
    admin.at(&app.origin()).get("/users").await.problem(401, "not-signed-in");
    // Its placeholder Admin has never proved to be anybody: the link is offered.
    assert_eq!(app.setup().await.len(), 64);
    app.restart_with("development").await;
    admin.at(&app.origin()).get("/users").await.problem(401, "not-signed-in");
}
