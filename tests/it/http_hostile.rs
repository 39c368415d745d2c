//! What makes no sense is refused with a problem document that says so, and nothing else happens.

use crate::harness::{Client, TestApp};
use crate::http_support::Priced;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Sends a body as it stands; gives the status and the problem.
async fn raw(client: &Client, path: &str, body: impl Into<reqwest::Body>) -> (u16, Value) {
    let request = client.request(Method::POST, path).header("content-type", "application/json");
    let answer = request.body(body).send().await.unwrap();
    let status = answer.status().as_u16();
    assert_eq!(answer.headers()["content-type"], "application/problem+json", "{status}");
    (status, answer.json().await.unwrap())
}

#[tokio::test]
async fn bodies_that_make_no_sense_are_refused_in_words() {
    let p = Priced::start().await;
    let edits = p.at("/edits");
    let deep = format!("{{\"edits\":{}{}}}", "[".repeat(5_000), "]".repeat(5_000));
    let set = |field: &str| {
        format!(r#"{{"edits":[{{"op":"add-item","parentId":"{}","set":{{{field}}}}}]}}"#, p.heading)
    };
    let rule =
        |field: &str| format!(r#"{{"edits":[{{"op":"add-rule","set":{{"name":"R",{field}}}}}]}}"#);
    let bodies = [
        ("nothing", String::new()),
        ("no JSON", "{".to_owned()),
        ("no object", "[]".to_owned()),
        ("fields without names", "[[],null]".to_owned()),
        ("deep nesting", deep),
        ("an unknown field", r#"{"edits":[],"colour":"red"}"#.to_owned()),
        ("an unknown edit", r#"{"edits":[{"op":"explode"}]}"#.to_owned()),
        ("an unknown field of an edit", set(r#""colour":"red""#)),
        ("a number for a quantity", set(r#""quantity":3.5"#)),
        ("a huge number", set(r#""quantity":1e999"#)),
        ("not a number", set(r#""quantity":NaN"#)),
        ("a list for a text", set(r#""code":["x"]"#)),
        ("an unknown field of a base", rule(r#""base":{"type":"running","junk":1}"#)),
        ("an unknown field of another", rule(r#""base":{"junk":1,"type":"direct"}"#)),
        ("an unknown field of a part", rule(r#""scope":{"within":{"type":"all","junk":1}}"#)),
        (
            "one in what is left out",
            rule(r#""scope":{"within":{"type":"all"},"except":[{"type":"all","id":1}]}"#),
        ),
        ("no identity", r#"{"edits":[{"op":"indent","ids":["1"]}]}"#.to_owned()),
        ("text after the end", r#"{"edits":[]} {"#.to_owned()),
        ("a half surrogate", set(r#""code":"\ud800""#)),
    ];
    for (what, body) in bodies {
        let (status, problem) = raw(&p.lead, &edits, body).await;
        assert_eq!((status, &problem["code"]), (400, &json!("invalid-request")), "{what}");
        assert!(problem["detail"].as_str().unwrap().len() > 10, "{what}: {problem}");
        assert!(problem.get("violations").is_none(), "{what}");
    }
    let (_, problem) = raw(&p.lead, &edits, vec![b'{', 0xff, 0xfe, b'}']).await;
    assert_eq!(problem["code"], "invalid-request");
    assert_eq!(p.totals().await["items"], 0);
}

#[tokio::test]
async fn figures_out_of_range_break_a_rule_and_nothing_else() {
    let p = Priced::start().await;
    let long = "9".repeat(400);
    for quantity in ["1e5", "NaN", "Infinity", "1,000", "0.00001", "-1", "", &long] {
        let body = p.new_item(&crate::http_support::fresh(), "1.1", quantity, "5");
        let answer = p.lead.post(&p.at("/items"), &body).await;
        assert!(matches!(answer.status.as_u16(), 400 | 422), "{quantity}: {}", answer.text);
    }
    assert_eq!(p.totals().await["items"], 0);
}

/// GST that follows from figures is the program's to get right; GST that does not read is not.
#[tokio::test]
async fn figures_that_do_not_read_are_refused_whatever_rule_they_are_of() {
    let p = Priced::start().await;
    for gst in ["", "AAA", "15 %", "1e1", "99999999999999999999"] {
        let answer = p.lead.patch(&p.at(""), &json!({"version": 1, "gstPct": gst})).await;
        answer.problem(422, "gst-mismatch");
    }
}

/// What was accepted, and why a tender ended, is nothing without the state it is about.
#[tokio::test]
async fn what_comes_with_a_state_is_refused_without_one() {
    let p = Priced::start().await;
    let at = format!("/tenders/{}", p.tender);
    let seen = p.lead.get(&at).await.ok();
    for (field, value) in [
        ("acceptedPrice", json!("AAA")),
        ("acceptedEstimateId", json!(p.estimate)),
        ("outcome", json!({"reason": "price", "winningPrice": "unknown"})),
    ] {
        let patch = json!({"version": seen["version"], "name": "Another", field: value});
        p.lead.patch(&at, &patch).await.problem(400, "invalid-request");
    }
    assert_eq!(p.lead.get(&at).await.ok(), seen);
}

#[tokio::test]
async fn a_body_too_large_is_refused_without_being_read_whole() {
    let p = Priced::start().await;
    let body = format!(r#"{{"edits":[],"label":"{}"}}"#, "x".repeat(10 << 20));
    let request = p.lead.request(Method::POST, &p.at("/edits"));
    let request = request.header("content-type", "application/json").body(body);
    // The server may close before all is sent; an answer, where one arrives, is 413.
    if let Ok(answer) = request.send().await {
        assert_eq!(answer.status(), 413);
        assert_eq!(answer.json::<Value>().await.unwrap()["code"], "body-too-large");
    }
    let small = json!({"number": "x".repeat(2 << 20), "name": "x"});
    if let Ok(answer) = p.lead.request(Method::POST, "/tenders").json(&small).send().await {
        assert_eq!(answer.status(), 413);
    }
    assert_eq!(p.lead.get("/tenders").await.ok()["total"], 1);
}

#[tokio::test]
async fn too_many_edits_are_refused() {
    let p = Priced::start().await;
    let edits: Vec<Value> = (0..10_001).map(|_| json!({"op": "indent", "ids": []})).collect();
    let answer = p.lead.post(&p.at("/edits"), &json!({"edits": edits})).await;
    answer.problem(413, "too-many-edits");
}

#[tokio::test]
async fn every_way_to_ask_wrongly_has_its_problem() {
    let p = Priced::start().await;
    let form = p.lead.request(Method::POST, "/tenders").header("content-type", "text/plain");
    let answer = form.body("{}").send().await.unwrap();
    assert_eq!(answer.status(), 415);
    assert_eq!(answer.json::<Value>().await.unwrap()["code"], "unsupported-media-type");
    p.lead.get("/nowhere").await.problem(404, "not-found");
    p.lead.get("/tenders/not-an-id").await.problem(404, "not-found");
    p.lead.get(&format!("/estimates/{}", p.tender)).await.problem(404, "not-found");
    p.lead.put("/tenders", &json!({})).await.problem(405, "method-not-allowed");
    p.lead.get("/tenders?limit=many").await.problem(400, "invalid-request");
    p.lead.get("/tenders?cursor=nonsense").await.problem(400, "invalid-request");
    p.lead.get("/tenders?sort=colour").await.problem(400, "invalid-request");
    let request = p.lead.request(Method::POST, &p.at("/undo"));
    let answer = request.header("idempotency-key", "x".repeat(500)).send().await.unwrap();
    assert_eq!(answer.status(), 400);
    let head = p.lead.request(Method::HEAD, "/tenders").send().await.unwrap();
    assert_eq!((head.status().as_u16(), head.text().await.unwrap()), (200, String::new()));
}

#[tokio::test]
async fn a_packed_body_is_refused_and_not_unpacked() {
    let p = Priced::start().await;
    for encoding in ["gzip", "deflate", "br", "zstd", "gzip, gzip"] {
        let post = p.lead.request(Method::POST, "/tenders").header("content-encoding", encoding);
        let answer = post.header("content-type", "application/json").body(vec![0x1f, 0x8b]);
        let answer = answer.send().await.unwrap();
        assert_eq!(answer.status(), 415, "{encoding}");
        let said: Value = answer.json().await.unwrap();
        assert_eq!(said["code"], "content-encoding-unsupported", "{encoding}");
    }
    let plain = p.lead.request(Method::POST, "/tenders").header("content-encoding", "identity");
    let answer = plain.json(&json!({"number": "T-2", "name": "x"})).send().await.unwrap();
    assert_eq!(answer.status(), 201);
}

#[tokio::test]
async fn a_request_that_takes_too_long_is_given_up() {
    let app = TestApp::configured("[limits]\nrequest_seconds_max = 1\n").await;
    let host = app.origin().replace("http://", "");
    let mut stream = TcpStream::connect(&host).await.unwrap();
    let head = format!(
        "POST /api/v1/session HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n\
         Content-Length: 100\r\n\r\n"
    );
    // The rest of the body never comes.
    stream.write_all(format!("{head}{{\"userId\":").as_bytes()).await.unwrap();
    let mut said = Vec::new();
    while !String::from_utf8_lossy(&said).contains("\r\n\r\n") {
        assert_ne!(stream.read_buf(&mut said).await.unwrap(), 0, "an answer");
    }
    let said = String::from_utf8_lossy(&said).into_owned();
    assert!(said.starts_with("HTTP/1.1 504 "), "{said}");
    assert!(app.visitor().get("/session/users").await.status.is_success());
}
