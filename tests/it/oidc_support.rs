//! A browser that signs in with the provider of the tests.

use crate::harness::idp::Idp;
use crate::harness::{Answer, TestApp};
use reqwest::{Method, Url};
use serde_json::{Value, json};

/// A server with a provider, and nobody in it but who the provider knows.
pub struct Site {
    pub app: TestApp,
    pub idp: Idp,
    people: Value,
}

/// One browser: keeps cookies, and goes where it is sent one step at a time.
pub struct Browser {
    http: reqwest::Client,
    origin: String,
}

/// Where a sign-in ended.
pub struct Ended {
    /// The page.
    pub page: String,
    /// The cookies that were set.
    pub cookies: Vec<String>,
}

impl Site {
    /// A server whose first Admin, `ann`, has signed in; `more` are settings of the provider.
    pub async fn start(more: &str) -> (Site, Browser) {
        let site = Site::empty(more).await;
        let ann = site.browser();
        let setup = site.app.setup().await;
        site.as_person("ann").await;
        let ended = ann.sign_in(json!({"setup": setup})).await;
        assert_eq!(ended.page, "/", "{}", site.app.said());
        (site, ann)
    }

    /// A server that nobody has signed in to.
    pub async fn empty(more: &str) -> Site {
        let idp = Idp::start();
        let app = TestApp::oidc(&idp.settings(more)).await;
        Site::of(idp, app).await
    }

    /// The same, with a log of this much.
    pub async fn logging(filter: &str) -> Site {
        let idp = Idp::start();
        let app = TestApp::oidc_logging(&idp.settings(""), filter).await;
        Site::of(idp, app).await
    }

    async fn of(idp: Idp, app: TestApp) -> Site {
        let people = json!({
            "ann": {"email": "ann@x.example", "email_verified": true, "name": "Ann Ihaka"},
            "ben": {"email": "ben@x.example", "email_verified": true, "name": "Ben Tau"},
            "cat": {"email": "cat@x.example", "email_verified": false, "name": "Cat"},
        });
        let site = Site { app, idp, people };
        site.as_person("ann").await;
        site
    }

    /// Has the provider sign in this person from now on.
    pub async fn as_person(&self, who: &str) {
        self.idp.configure(&self.app.origin(), &self.people, who).await;
    }

    /// Has the provider say something else of a person, who signs in from now on.
    pub async fn as_person_with(&mut self, who: &str, claims: &Value) {
        self.people[who] = claims.clone();
        self.as_person(who).await;
    }

    /// Somebody's browser.
    pub fn browser(&self) -> Browser {
        oxflow::vault::install_tls();
        let http = reqwest::Client::builder()
            .cookie_store(true)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .expect("a client");
        Browser { http, origin: self.app.origin() }
    }

    /// Adds somebody as an Admin does.
    pub async fn add(&self, admin: &Browser, name: &str, email: &str, role: &str) -> Value {
        let body = json!({"name": name, "email": email, "role": role});
        admin.send(Method::POST, "/users", Some(&body)).await.ok()
    }
}

impl Browser {
    /// A request below `/api/v1`.
    pub async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Answer {
        let what = format!("{method} {path}");
        let mut request = self.http.request(method, format!("{}/api/v1{path}", self.origin));
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = Answer::of(what, request.send().await.expect("an answer")).await;
        answer.expect("an answer")
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    /// Begins a sign-in; gives the provider's address.
    pub async fn begin(&self, mut body: Value) -> Url {
        body["provider"] = json!("test");
        let begun = self.send(Method::POST, "/session/oidc", Some(&body)).await.ok();
        begun["location"].as_str().expect("an address").parse().expect("an address")
    }

    /// Goes to the provider and through it; gives the address it sends back to.
    pub async fn through(&self, mut address: Url) -> Url {
        for _ in 0..10 {
            if address.as_str().starts_with(&self.origin) {
                return address;
            }
            let answer = self.http.get(address.clone()).send().await.expect("an answer");
            let to = answer.headers().get("location");
            let to = to.unwrap_or_else(|| panic!("{address} leads nowhere: {answer:?}"));
            address = address.join(to.to_str().expect("an address")).expect("an address");
        }
        panic!("the provider never sends back");
    }

    /// Comes back from the provider.
    pub async fn back(&self, address: Url) -> Ended {
        let answer = self.http.get(address).send().await.expect("an answer");
        assert_eq!(answer.status(), 303);
        let page = answer.headers()["location"].to_str().expect("text").to_owned();
        let cookies = answer.headers().get_all("set-cookie").iter();
        let cookies = cookies.map(|cookie| cookie.to_str().expect("text").to_owned()).collect();
        Ended { page, cookies }
    }

    /// The whole way.
    pub async fn sign_in(&self, body: Value) -> Ended {
        let address = self.begin(body).await;
        self.back(self.through(address).await).await
    }

    /// The whole way, to this refusal; nobody is signed in afterwards.
    pub async fn refused(&self, code: &str) {
        let ended = self.sign_in(json!({})).await;
        assert_eq!(ended.page, format!("/sign-in?error={code}"));
        self.get("/session").await.problem(401, "not-signed-in");
    }
}
