//! Signing in with a real OpenID provider: who gets in, and every way in which nobody does.

use crate::harness::TestApp;
use crate::harness::idp::Idp;
use crate::harness::process::refused;
use crate::http_support::id;
use crate::oidc_support::Site;
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test]
async fn the_first_to_come_by_the_link_is_the_admin_and_nobody_after() {
    let site = Site::empty("").await;
    let setup = site.app.setup().await;
    // Without the link nobody gets in, whoever they are.
    site.browser().refused("not-invited").await;
    let ann = site.browser();
    let ended = ann.sign_in(json!({"setup": setup, "returnTo": "/settings?tab=people"})).await;
    assert_eq!(ended.page, "/settings?tab=people");
    // The state goes, the session stays, and no script sees it.
    let cookies = &ended.cookies;
    assert!(
        cookies.iter().any(|c| c.starts_with("oxflow_sign_in=; ") && c.contains("Max-Age=0")),
        "{cookies:?}"
    );
    let kept = cookies.iter().find(|c| c.starts_with("oxflow_session=")).expect("a session");
    assert!(kept.contains("HttpOnly; SameSite=Lax"), "{kept}");
    let session = ann.get("/session").await.ok();
    assert_eq!(
        (&session["user"]["name"], &session["user"]["role"]),
        (&json!("Ann Ihaka"), &json!("admin"))
    );
    assert_eq!(session["signIn"], "oidc");
    // Once.
    site.as_person("ben").await;
    let body = json!({"provider": "test", "setup": setup});
    let again = site.browser().send(Method::POST, "/session/oidc", Some(&body)).await;
    again.problem(403, "setup-over");
    site.browser().refused("not-invited").await;
    // Nothing secret is written down.
    let log = site.app.said();
    assert!(!log.contains(&setup) && !log.contains(Idp::SECRET.trim()), "{log}");
}

#[tokio::test]
async fn two_who_race_for_the_link_are_one_admin() {
    let site = Site::empty("").await;
    let setup = site.app.setup().await;
    let (one, two) = (site.browser(), site.browser());
    let to_one = one.through(one.begin(json!({"setup": setup})).await).await;
    let to_two = two.through(two.begin(json!({"setup": setup})).await).await;
    let (one, two) = tokio::join!(one.back(to_one), two.back(to_two));
    let mut pages = [one.page, two.page];
    pages.sort();
    assert_eq!(pages, ["/", "/sign-in?error=setup-over"]);
}

#[tokio::test]
async fn who_was_added_gets_in_by_a_verified_address_and_stays_who_they_are() {
    let (mut site, ann) = Site::start("").await;
    let added = site.add(&ann, "Ben", "BEN@x.example", "estimator").await;
    site.add(&ann, "Cat", "cat@x.example", "estimator").await;
    site.as_person("ben").await;
    let ben = site.browser();
    assert_eq!(ben.sign_in(json!({})).await.page, "/");
    let session = ben.get("/session").await.ok();
    assert_eq!((&session["user"]["id"], &session["user"]["name"]), (&added["id"], &json!("Ben")));
    // An address that is not verified opens nothing.
    site.as_person("cat").await;
    site.browser().refused("email-unverified").await;
    // Known by what the provider calls him, whatever his address is now.
    let moved = json!({"email": "ben@new.example", "email_verified": false, "name": "B"});
    site.as_person_with("ben", &moved).await;
    let again = site.browser();
    assert_eq!(again.sign_in(json!({})).await.page, "/");
    assert_eq!(again.get("/session").await.ok()["user"]["id"], added["id"]);
    // Whoever has his old address now is somebody else.
    let heir = json!({"email": "ben@x.example", "email_verified": true, "name": "Heir"});
    site.as_person_with("heir", &heir).await;
    site.browser().refused("not-invited").await;
}

#[tokio::test]
async fn who_was_deactivated_is_refused_and_signed_out() {
    let (site, ann) = Site::start("").await;
    let added = site.add(&ann, "Ben", "ben@x.example", "estimator").await;
    site.as_person("ben").await;
    let ben = site.browser();
    ben.sign_in(json!({})).await;
    ben.get("/session").await.ok();
    let path = format!("/users/{}", id(&added["id"]));
    let body = json!({"version": 1, "active": false});
    ann.send(Method::PATCH, &path, Some(&body)).await.ok();
    ben.get("/session").await.problem(403, "user-deactivated");
    let ended = site.browser().sign_in(json!({})).await;
    assert_eq!(ended.page, "/sign-in?error=user-deactivated");
}

#[tokio::test]
async fn what_is_not_signed_for_us_now_and_for_this_sign_in_proves_nothing() {
    let (site, _) = Site::start("").await;
    let wrong = [
        "wrong-nonce",
        "no-nonce",
        "wrong-audience",
        "two-audiences",
        "wrong-issuer",
        "expired",
        "not-yet",
        "old",
        "unsigned",
        "alg-none",
        "shared-secret",
        "foreign-key",
        "unknown-key",
        "missing",
    ];
    for how in wrong {
        site.idp.tell("misbehave", &json!({"how": how})).await;
        let browser = site.browser();
        let ended = browser.sign_in(json!({})).await;
        assert_eq!(ended.page, "/sign-in?error=sign-in-unproved", "{how}");
        browser.get("/session").await.problem(401, "not-signed-in");
    }
    // Clocks differ a little everywhere.
    site.idp.tell("misbehave", &json!({"how": "a-minute-fast"})).await;
    assert_eq!(site.browser().sign_in(json!({})).await.page, "/");
    let log = site.app.said();
    assert!(!log.contains("eyJ"), "a token is in the log: {log}");
}

#[tokio::test]
async fn a_key_that_was_rotated_is_fetched_and_not_without_end() {
    let (site, _) = Site::start("").await;
    for _ in 0..3 {
        site.idp.tell("rotate", &json!({})).await;
        assert_eq!(site.browser().sign_in(json!({})).await.page, "/");
    }
    // Tokens with keys that nobody has cause only so many fetches; then they are refused at once.
    site.idp.tell("misbehave", &json!({"how": "unknown-key"})).await;
    let mut pages = Vec::new();
    for _ in 0..6 {
        pages.push(site.browser().sign_in(json!({})).await.page);
    }
    assert_eq!(pages[0], "/sign-in?error=sign-in-unproved");
    assert_eq!(pages[5], "/sign-in?error=provider-unreachable");
    // Those whose keys are known are let in all the same.
    site.idp.tell("misbehave", &json!({"how": null})).await;
    assert_eq!(site.browser().sign_in(json!({})).await.page, "/");
}

#[tokio::test]
async fn a_sign_in_is_finished_once_by_the_browser_that_began_it() {
    let (site, _) = Site::start("").await;
    let browser = site.browser();
    let begun = browser.begin(json!({})).await;
    let back = browser.through(begun).await;
    // Another browser cannot finish it: an attacker's code signs nobody in.
    let victim = site.browser();
    assert_eq!(victim.back(back.clone()).await.page, "/sign-in?error=sign-in-expired");
    victim.begin(json!({})).await;
    assert_eq!(victim.back(back.clone()).await.page, "/sign-in?error=sign-in-expired");
    victim.get("/session").await.problem(401, "not-signed-in");
    assert_eq!(browser.back(back.clone()).await.page, "/");
    assert_eq!(browser.back(back.clone()).await.page, "/sign-in?error=sign-in-expired");
    // The code is no good under another state either.
    let other = site.browser();
    let state = other.through(other.begin(json!({})).await).await;
    let pair = |url: &reqwest::Url, name: &str| {
        url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned()).unwrap()
    };
    let mut replayed = state.clone();
    replayed
        .query_pairs_mut()
        .clear()
        .append_pair("code", &pair(&back, "code"))
        .append_pair("state", &pair(&state, "state"));
    assert_eq!(other.back(replayed).await.page, "/sign-in?error=provider-refused");
}

#[tokio::test]
async fn an_answer_of_another_provider_or_with_a_stale_code_signs_nobody_in() {
    let (site, _) = Site::start("").await;
    let browser = site.browser();
    let mut back = browser.through(browser.begin(json!({})).await).await;
    let pairs: Vec<(String, String)> = back.query_pairs().into_owned().collect();
    back.query_pairs_mut().clear().extend_pairs(
        pairs.iter().map(|(k, v)| (k, if k == "iss" { "https://evil.example" } else { v })),
    );
    assert_eq!(browser.back(back).await.page, "/sign-in?error=sign-in-unproved");

    site.idp.tell("misbehave", &json!({"codeSeconds": 1})).await;
    let late = site.browser();
    let back = late.through(late.begin(json!({})).await).await;
    tokio::time::sleep(Duration::from_millis(2_100)).await;
    assert_eq!(late.back(back).await.page, "/sign-in?error=provider-refused");
    site.idp.tell("misbehave", &json!({"codeSeconds": 60})).await;

    site.as_person("nobody").await;
    site.browser().refused("provider-refused").await;
    for path in ["callback", "callback?code=x", "callback?state=y&code=x", "callback?%FF"] {
        let address = format!("{}/api/v1/session/oidc/test/{path}", site.app.origin());
        let ended = site.browser().back(address.parse().unwrap()).await;
        assert_eq!(ended.page, "/sign-in?error=sign-in-expired", "{path}");
    }
}

#[tokio::test]
async fn a_sign_in_comes_back_to_this_site_only() {
    let (site, _) = Site::start("").await;
    for away in ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:x"] {
        let ended = site.browser().sign_in(json!({"returnTo": away})).await;
        assert_eq!(ended.page, "/", "{away}");
    }
}

#[tokio::test]
async fn groups_give_roles_and_who_leaves_them_all_has_left() {
    let more =
        "role_claim = \"groups\"\nroles = { admins = \"admin\", leads = \"lead-estimator\" }";
    let (mut site, ann) = Site::start(more).await;
    let with = |groups: Value| json!({"email": "ben@x.example", "email_verified": true, "name": "Ben", "groups": groups});
    site.as_person_with("ben", &with(json!(["other"]))).await;
    site.browser().refused("no-role").await;
    site.as_person_with("ben", &with(json!(["other", "leads"]))).await;
    let ben = site.browser();
    assert_eq!(ben.sign_in(json!({})).await.page, "/");
    assert_eq!(ben.get("/session").await.ok()["user"]["role"], "lead-estimator");
    site.as_person_with("ben", &with(json!(["leads", "admins"]))).await;
    let ben = site.browser();
    ben.sign_in(json!({})).await;
    assert_eq!(ben.get("/session").await.ok()["user"]["role"], "admin");
    site.as_person_with("ben", &with(json!([]))).await;
    assert_eq!(site.browser().sign_in(json!({})).await.page, "/sign-in?error=no-role");
    // Ann, whose groups say otherwise, was made Admin by the link.
    let people = ann.get("/users").await.ok();
    assert_eq!(people["items"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn the_last_admin_stays_one_whatever_the_provider_says() {
    let more = "role_claim = \"groups\"\nroles = { leads = \"lead-estimator\" }";
    let (mut site, _) = Site::start(more).await;
    let ann = json!({"email": "ann@x.example", "email_verified": true, "name": "Ann",
        "groups": ["leads"]});
    site.as_person_with("ann", &ann).await;
    let again = site.browser();
    assert_eq!(again.sign_in(json!({})).await.page, "/");
    assert_eq!(again.get("/session").await.ok()["user"]["role"], "admin");
}

#[tokio::test]
async fn a_provider_that_signs_somebody_out_ends_their_sessions_here() {
    let (site, ann) = Site::start("").await;
    site.add(&ann, "Ben", "ben@x.example", "estimator").await;
    site.as_person("ben").await;
    let ben = site.browser();
    ben.sign_in(json!({})).await;
    for wrong in ["event", "nonce", "audience", "key"] {
        let body = json!({"subject": "ben", "wrong": wrong});
        assert_eq!(site.idp.tell("logout", &body).await["status"], 403, "{wrong}");
    }
    ben.get("/session").await.ok();
    assert_eq!(site.idp.tell("logout", &json!({"subject": "ben"})).await["status"], 200);
    ben.get("/session").await.problem(401, "not-signed-in");
    // And nobody else's.
    let session = ann.get("/session").await.ok();
    let out = session["signOutUrl"].as_str().expect("where to sign out");
    assert!(out.starts_with(&format!("{}/session/end?", site.idp.url)), "{out}");
    assert!(out.contains("client_id=oxflow") && out.contains("sign-in"), "{out}");
}

#[tokio::test]
async fn a_frame_on_the_providers_page_ends_the_sessions_of_its_session() {
    let (site, ann) = Site::start("").await;
    site.add(&ann, "Ben", "ben@x.example", "estimator").await;
    site.as_person("ben").await;
    let ben = site.browser();
    ben.sign_in(json!({})).await;
    let session = site.idp.tell("session", &json!({"subject": "ben"})).await;
    let [issuer, sid] = ["issuer", "sid"].map(|name| session[name].as_str().unwrap().to_owned());
    // A frame has no cookies of this site.
    let frame = site.app.visitor();
    let framed = async |query: &[(&str, &str)]| {
        let query =
            url::form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
        let path = format!("/session/oidc/test/logout?{query}");
        let request = frame.request(Method::GET, &path);
        request.header("sec-fetch-site", "cross-site").send().await.unwrap()
    };
    assert_eq!(framed(&[("iss", &issuer)]).await.status(), 400);
    let foreign = [("iss", "https://another.example"), ("sid", &sid)];
    assert_eq!(framed(&foreign).await.status(), 403);
    assert_eq!(framed(&[("iss", &issuer), ("sid", "another")]).await.status(), 200);
    ben.get("/session").await.ok();
    let answer = framed(&[("iss", &issuer), ("sid", &sid)]).await;
    assert_eq!(answer.status(), 200);
    let policy = answer.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.ends_with(&format!("frame-ancestors {issuer}")), "{policy}");
    assert!(answer.headers()["cache-control"].to_str().unwrap().contains("no-store"));
    ben.get("/session").await.problem(401, "not-signed-in");
    ann.get("/session").await.ok();
    // Every other page of this server is framed by nobody.
    let page = site.app.visitor().page("/sign-in").send().await.unwrap();
    let policy = page.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
}

#[tokio::test]
async fn who_is_unlinked_is_linked_anew_by_their_address() {
    let (mut site, ann) = Site::start("").await;
    let ben = site.add(&ann, "Ben", "ben@x.example", "estimator").await;
    site.as_person("ben").await;
    let browser = site.browser();
    browser.sign_in(json!({})).await;
    let links = async |browser: &crate::oidc_support::Browser| {
        let people = browser.get("/users").await.ok();
        let all = people["items"].as_array().unwrap().clone();
        all.into_iter().find(|one| one["id"] == ben["id"]).unwrap()["links"].clone()
    };
    assert_eq!(links(&ann).await, 1);
    // Another subject with his address is somebody else while he is linked.
    site.as_person_with("dan", &json!({"email": "ben@x.example", "email_verified": true})).await;
    assert_eq!(site.browser().sign_in(json!({})).await.page, "/sign-in?error=not-invited");
    let path = format!("/users/{}/links", ben["id"].as_str().unwrap());
    browser.send(Method::DELETE, &path, None).await.problem(403, "permission-denied");
    let nobody = format!("/users/{}/links", uuid::Uuid::now_v7());
    ann.send(Method::DELETE, &nobody, None).await.problem(404, "not-found");
    ann.send(Method::DELETE, &path, None).await.ok();
    browser.get("/session").await.problem(401, "not-signed-in");
    assert_eq!(links(&ann).await, 0);
    let dan = site.browser();
    assert_eq!(dan.sign_in(json!({})).await.page, "/");
    assert_eq!(dan.get("/session").await.ok()["user"]["id"], ben["id"]);
    assert_eq!(links(&ann).await, 1);
    // It is in the audit trail, and outlives a restart.
    let trail = ann.get("/audit/access?command=unlink-person").await.ok();
    assert_eq!(trail["items"][0]["rows"][0]["change"], "removed", "{trail}");
    site.app.restart().await;
    assert_eq!(links(&ann_again(&site).await).await, 1);
}

#[tokio::test]
async fn an_admin_of_one_organisation_unlinks_nobody_of_two() {
    let (mut site, _) = Site::start("").await;
    site.app.kill();
    let make =
        ["organisation", "create", "second", "--name", "Second", "--admin-email", "ann@x.example"];
    site.app.command(&make);
    site.app.restart().await;
    let ann = ann_again(&site).await;
    let me = ann.get("/session").await.ok();
    let path = format!("/users/{}/links", me["user"]["id"].as_str().unwrap());
    ann.send(Method::DELETE, &path, None).await.problem(409, "person-shared");
    // Nor is she told of links: whom somebody is elsewhere is no business of one organisation.
    let trail = ann.get("/audit/access?kind=link").await.ok();
    assert_eq!(trail["items"], json!([]), "{trail}");
}

/// Ann in a new browser.
async fn ann_again(site: &Site) -> crate::oidc_support::Browser {
    site.as_person("ann").await;
    let ann = site.browser();
    assert_eq!(ann.sign_in(json!({})).await.page, "/");
    ann
}

#[tokio::test]
async fn a_provider_of_one_organisation_says_nothing_in_another() {
    let (mut site, _) = Site::start("").await;
    site.app.kill();
    let make =
        ["organisation", "create", "second", "--name", "Second", "--admin-email", "ann@x.example"];
    site.app.command(&make);
    site.app.restart().await;
    site.as_person("ann").await;
    let free = site.browser();
    free.sign_in(json!({})).await;
    let all = free.get("/organisations").await.ok()["items"].as_array().unwrap().clone();
    assert_eq!(all.len(), 2);
    let second = all.iter().find(|o| o["slug"] == "second").unwrap()["id"].clone();

    site.app.kill();
    site.app.set(&site.idp.settings("organisation = \"default\""));
    site.app.restart().await;
    site.as_person("ann").await;
    let bound = site.browser();
    assert_eq!(bound.sign_in(json!({})).await.page, "/");
    assert_eq!(bound.get("/organisations").await.ok()["items"].as_array().unwrap().len(), 1);
    let body = json!({"organisationId": second});
    let refused = bound.send(Method::POST, "/session/organisation", Some(&body)).await;
    refused.problem(404, "not-found");
}

#[tokio::test]
async fn behind_tls_cookies_are_of_this_host_and_pages_of_the_public_one() {
    let idp = Idp::start();
    let settings = format!("[server]\npublic_url = \"https://ox.example\"\n{}", idp.settings(""));
    let app = TestApp::oidc(&settings).await;
    idp.configure("https://ox.example", &json!({}), "ann").await;
    let ask = |origin: &'static str| {
        let request = app.visitor().request(Method::POST, "/session/oidc");
        let request = request.header("host", "ox.example").header("origin", origin);
        request.json(&json!({"provider": "test"})).send()
    };
    let begun = ask("https://ox.example").await.unwrap();
    let cookie = begun.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.starts_with("__Host-oxflow_sign_in="), "{cookie}");
    for part in ["; Secure", "HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let location = begun.json::<Value>().await.unwrap()["location"].as_str().unwrap().to_owned();
    assert!(
        location.contains("redirect_uri=https%3A%2F%2Fox.example%2Fapi%2Fv1%2Fsession"),
        "{location}"
    );
    for part in ["code_challenge_method=S256", "nonce=", "state=", "scope=openid+profile+email"] {
        assert!(location.contains(part), "{location}");
    }
    assert_eq!(ask("http://ox.example").await.unwrap().status(), 403);
    assert!(app.setup().await.len() == 64);
}

#[tokio::test]
async fn there_is_no_picking_of_names_with_a_provider() {
    let (site, ann) = Site::start("").await;
    let users = site.browser().get("/session/users").await.ok();
    assert_eq!(users["items"], json!([]));
    let own = ann.get("/session").await.ok()["user"]["id"].clone();
    let body = json!({"userId": own});
    let picked = site.browser().send(Method::POST, "/session", Some(&body)).await;
    picked.problem(403, "sign-in-not-offered");
    let unknown = json!({"provider": "other"});
    let begun = site.browser().send(Method::POST, "/session/oidc", Some(&unknown)).await;
    begun.problem(404, "sign-in-not-offered");
    let ways = site.browser().get("/session/providers").await.ok();
    assert_eq!(ways, json!({"signIn": "oidc", "providers": [{"id": "test", "name": "Test"}]}));
}

#[test]
fn a_provider_that_cannot_be_right_is_refused_at_the_start() {
    let folder = tempfile::TempDir::new().unwrap();
    let start = |listen: &str, settings: &str| {
        std::fs::write(folder.path().join("oxflow.toml"), settings).unwrap();
        refused(&["serve", "--auth", "oidc", "--listen", listen], folder.path())
    };
    let provider = |issuer: &str| {
        format!(
            "[[auth.providers]]\nid = \"a\"\nname = \"A\"\nclient_id = \"c\"\nissuer = \"{issuer}\"\n"
        )
    };
    let here = "127.0.0.1:0";
    assert!(start(here, "").contains("[[auth.providers]]"));
    let everybody = provider("https://login.microsoftonline.com/common/v2.0");
    assert!(start(here, &everybody).contains("your own tenant"));
    assert!(start(here, &provider("http://idp.example")).contains("https://"));
    let good = provider("https://idp.example");
    assert!(start("0.0.0.0:0", &good).contains("server.public_url"));
    let plain = format!("[server]\npublic_url = \"http://ox.example\"\n{good}");
    assert!(start("0.0.0.0:0", &plain).contains("https://"));
    let path = format!("[server]\npublic_url = \"https://ox.example/flow\"\n{good}");
    assert!(start("0.0.0.0:0", &path).contains("without a path"));
}
