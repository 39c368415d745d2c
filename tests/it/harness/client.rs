//! One browser's worth of requests: sends its cookie, speaks JSON, fails with what was answered.

use reqwest::header::{COOKIE, SET_COOKIE};
use reqwest::{Method, StatusCode};
use serde_json::Value;

/// A client of the API, with connections of its own.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    url: String,
    cookie: Option<String>,
}

impl Client {
    pub fn new(url: &str) -> Self {
        Self::over(super::http_client(), url)
    }

    /// A client that connects in its own way.
    pub fn over(http: reqwest::Client, url: &str) -> Self {
        Self { http, url: url.to_owned(), cookie: None }
    }

    /// Signs in as a user and sends the cookie of that session from now on.
    pub async fn signed_in_as(mut self, user: &Value) -> Self {
        let answer = self.post("/session", &serde_json::json!({ "userId": user })).await;
        self.cookie = answer.cookie.clone();
        assert!(self.cookie.is_some(), "the session has no cookie: {answer:?}");
        answer.ok();
        self
    }

    /// Goes on in another organisation, with the cookie of that session from now on.
    pub async fn switched(mut self, organisation: &Value) -> Self {
        let body = serde_json::json!({ "organisationId": organisation });
        let answer = self.post("/session/organisation", &body).await;
        assert!(answer.cookie.is_some(), "the session has no cookie: {answer:?}");
        self.cookie = answer.cookie.clone();
        answer.ok();
        self
    }

    /// The same browser at a server that answers at another address now.
    pub fn at(&self, url: &str) -> Self {
        Self { url: url.to_owned(), ..self.clone() }
    }

    /// The cookie of the session, as a request sends it.
    pub fn cookie(&self) -> &str {
        self.cookie.as_deref().unwrap_or_default()
    }

    /// GET below `/api/v1`.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    /// POST below `/api/v1`.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, Some(body)).await
    }

    /// PATCH below `/api/v1`.
    pub async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::PATCH, path, Some(body)).await
    }

    /// PUT below `/api/v1`.
    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::PUT, path, Some(body)).await
    }

    /// DELETE below `/api/v1`.
    pub async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, None).await
    }

    /// A request below `/api/v1` of which the test wants to set more than the body.
    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.http.request(method, format!("{}/api/v1{path}", self.url));
        match &self.cookie {
            Some(cookie) => request.header(COOKIE, cookie),
            None => request,
        }
    }

    /// A request for a page or another address outside the API.
    pub fn page(&self, path: &str) -> reqwest::RequestBuilder {
        self.http.get(format!("{}{path}", self.url))
    }

    async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Answer {
        let what = format!("{method} {path}");
        self.try_send(method, path, body).await.unwrap_or_else(|error| panic!("{what}: {error}"))
    }

    /// As the others, but a server that went away is an error and no failure of the test.
    pub async fn try_send(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> reqwest::Result<Answer> {
        let what = format!("{method} {path}");
        let mut request = self.request(method, path);
        if let Some(body) = body {
            request = request.json(body);
        }
        Answer::of(what, request.send().await?).await
    }
}

/// What the server answered.
#[derive(Debug)]
pub struct Answer {
    what: String,
    pub status: StatusCode,
    cookie: Option<String>,
    pub text: String,
}

impl Answer {
    /// The answer to what was asked.
    pub async fn of(what: String, response: reqwest::Response) -> reqwest::Result<Answer> {
        let status = response.status();
        let cookie = response.headers().get(SET_COOKIE).and_then(|value| value.to_str().ok());
        let cookie = cookie.and_then(|value| value.split(';').next()).map(str::to_owned);
        let text = response.text().await?;
        Ok(Answer { what, status, cookie, text })
    }

    /// The JSON of a success; fails the test on anything else.
    #[track_caller]
    pub fn ok(self) -> Value {
        assert!(self.status.is_success(), "{} gave {}: {}", self.what, self.status, self.text);
        if self.text.is_empty() { Value::Null } else { self.json() }
    }

    /// The problem document of a refusal with this status and code; fails the test otherwise.
    #[track_caller]
    pub fn problem(self, status: u16, code: &str) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}: {}", self.what, self.text);
        let problem = self.json();
        assert_eq!(problem["code"], code, "{}: {}", self.what, self.text);
        problem
    }

    #[track_caller]
    fn json(&self) -> Value {
        serde_json::from_str(&self.text)
            .unwrap_or_else(|error| panic!("{} gave no JSON ({error}): {}", self.what, self.text))
    }
}
