//! A package put to the market over HTTP: items, companies, quotes.

use crate::harness::{Answer, Client};
use crate::http_support::{Priced, fresh, id};
use serde_json::{Value, json};

/// An estimate with a package of three items and as many companies as asked for.
pub struct Market {
    /// The estimate.
    pub p: Priced,
    /// The members of the package.
    pub items: Vec<String>,
    /// The package.
    pub package: String,
    /// The invitations, by company A, B, C.
    pub quotes: Vec<String>,
}

/// The surfacing of the worked example: code, quantity, unit.
pub const SURFACING: [(&str, &str, &str); 3] =
    [("2.06", "4250", "m2"), ("2.07", "96.5", "t"), ("2.08", "1900", "m")];

/// A company that sells; gives its identity.
pub async fn company(lead: &Client, name: &str) -> String {
    let roles = json!({"client": false, "supplier": false, "subcontractor": true});
    let contacts = json!([{"name": "M", "email": "quotes@example.co.nz"}]);
    let body = json!({"name": name, "roles": roles, "contacts": contacts});
    id(&lead.post("/companies", &body).await.ok()["id"])
}

/// A package edit as an edit of the estimate.
pub fn doing(package: &str, what: &str, more: &Value) -> Value {
    let mut edit = json!({"do": what, "id": package});
    edit.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
    json!({"op": "package", "edit": edit})
}

impl Market {
    /// Items, a package of them in draft, and companies A, B and C invited to it.
    pub async fn draft() -> Market {
        let p = Priced::start().await;
        let mut items = Vec::new();
        for (code, quantity, unit) in SURFACING {
            let item = fresh();
            let set = json!({"code": code, "description": format!("Item {code}"), "unit": unit,
                "quantity": quantity, "plugRate": "1", "plugType": "subcontract"});
            let body = json!({"id": item, "parentId": p.heading, "set": set});
            p.lead.post(&p.at("/items"), &body).await.ok();
            items.push(item);
        }
        let package = fresh();
        let set = json!({"code": "PKG-01", "name": "Surfacing", "itemIds": items,
            "deadline": "2026-05-01T12:00:00+12:00"});
        let mut m = Market { p, items, package, quotes: Vec::new() };
        m.do_it("add", &json!({"set": set})).await.ok();
        let mut companies = Vec::new();
        for name in ["A Ara Surfacing", "B Bright Roads", "C Coastal Bitumen"] {
            companies.push(company(&m.p.lead, name).await);
        }
        let invited = m.do_it("invite", &json!({"companyIds": companies})).await.ok();
        m.quotes = invited["results"][0]["ids"].as_array().unwrap().iter().map(id).collect();
        m
    }

    /// The same, sent out.
    pub async fn issued() -> Market {
        let m = Market::draft().await;
        m.do_it("issue", &json!({})).await.ok();
        m
    }

    /// The same with the three quotes of the worked example, being compared.
    pub async fn comparing() -> Market {
        let m = Market::issued().await;
        m.worked_example().await;
        m.do_it("compare", &json!({})).await.ok();
        m
    }

    /// The three quotes of the worked example.
    pub async fn worked_example(&self) {
        let extra = json!([{"reason": "establishment quoted separately", "amount": "2850",
            "origin": "company"}]);
        self.quote(0, "exclusive", [Some("7.85"), Some("289"), Some("3.40")], &extra).await;
        let sweeping = json!([{"reason": "sweeping after 48 h excluded, our allowance",
            "amount": "1450", "origin": "levelling"}]);
        self.quote(1, "exclusive", [Some("7.40"), Some("296.50"), None], &sweeping).await;
        let discount = json!([{"reason": "discount if all three awarded", "percent": "-1.5",
            "origin": "company"}]);
        self.quote(2, "inclusive", [Some("8.69"), Some("322"), Some("3.68")], &discount).await;
    }

    /// Fills in a quote at rates by member.
    pub async fn quote(&self, at: usize, gst: &str, rates: [Option<&str>; 3], adjusted: &Value) {
        let line = |(item, rate): (&String, Option<&str>)| json!({"memberId": item, "rate": rate});
        let lines: Vec<Value> = self.items.iter().zip(rates).map(line).collect();
        let set = json!({"gst": gst, "currency": {"code": "NZD"}, "lines": lines,
            "receivedAt": "2026-04-20T09:00:00+12:00", "adjustments": adjusted});
        self.set_quote(at, &set).await.ok();
    }

    /// Sets fields of a quote.
    pub async fn set_quote(&self, at: usize, set: &Value) -> Answer {
        self.do_it("quote", &json!({"quoteId": self.quotes[at], "set": set})).await
    }

    /// Does something to the package, as the lead.
    pub async fn do_it(&self, what: &str, more: &Value) -> Answer {
        self.as_person(&self.p.lead, what, more).await
    }

    /// Does something to the package, as somebody.
    pub async fn as_person(&self, who: &Client, what: &str, more: &Value) -> Answer {
        let body = json!({"edits": [doing(&self.package, what, more)]});
        who.post(&self.p.at("/edits"), &body).await
    }

    /// Does something to one of its quotes.
    pub async fn to_quote(&self, what: &str, at: usize, more: Value) -> Answer {
        let mut body = more;
        body["quoteId"] = json!(self.quotes[at]);
        self.do_it(what, &body).await
    }

    /// The package as everybody sees it.
    pub async fn detail(&self) -> Value {
        self.p.lead.get(&self.p.at(&format!("/packages/{}", self.package))).await.ok()
    }

    /// A quote of the package's newest round.
    pub async fn seen(&self, at: usize) -> Value {
        let detail = self.detail().await;
        let quotes = detail["quotes"].as_array().unwrap();
        quotes.iter().find(|one| one["id"] == json!(self.quotes[at])).unwrap().clone()
    }

    /// Chooses a quote for a reason and accepts rules.
    pub async fn award(&self, at: usize, reason: Option<&str>, rules: &[&str]) -> Answer {
        let accept: Vec<Value> =
            rules.iter().map(|rule| json!({"rule": rule, "reason": "Agreed by phone"})).collect();
        self.to_quote("award", at, json!({"reason": reason, "accept": accept})).await
    }
}
