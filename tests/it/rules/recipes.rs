//! Recipes.

use super::support::broken;
use crate::http_support::{Priced, id};
use serde_json::{Value, json};

/// A crew with one operator an hour.
fn crew(resource: &str) -> Value {
    json!({"code": "CREW", "name": "Crew", "unit": "h",
        "lines": [{"resourceId": resource, "factor": "1"}]})
}

impl Priced {
    async fn recipe(&self, recipe: &Value) -> Value {
        self.lead.post("/recipes", recipe).await.ok()
    }

    /// Saves a recipe anew with other lines, keeping the identities of those that stay.
    async fn saved(&self, recipe: &Value, change: impl FnOnce(&mut Value)) -> Value {
        let at = format!("/recipes/{}", id(&recipe["id"]));
        let now = self.lead.get(&at).await.ok();
        let line = |line: &Value| json!({"id": line["id"], "resourceId": line["resourceId"], "factor": line["factor"]});
        let lines: Vec<Value> = now["lines"].as_array().unwrap().iter().map(line).collect();
        let mut body = json!({"version": now["version"], "code": now["code"], "name": now["name"],
            "unit": now["unit"], "params": now["params"], "lines": lines});
        change(&mut body);
        self.lead.put(&at, &body).await.ok()
    }

    /// An item of 10 m3 with a line of a recipe; gives both.
    async fn with_recipe(&self, recipe: &Value) -> (String, String) {
        let item = self.add(&json!({})).await;
        let line = json!({"recipeId": recipe["id"], "method": "fixed", "quantity": "10"});
        let line = self.line(&item, &line).await;
        (item, line)
    }
}

#[tokio::test]
async fn br_054_broken() {
    let p = Priced::start().await;
    let empty = json!({"code": "R", "name": "R", "unit": "h", "lines": []});
    broken(p.lead.post("/recipes", &empty).await, "recipe-incomplete");
    let mut open = empty;
    open["draft"] = json!(true);
    let recipe = p.recipe(&open).await;
    let item = p.add(&json!({})).await;
    let line = json!([{"op": "add-line", "itemId": item, "line": {"recipeId": recipe["id"]}}]);
    p.refused(&line, "recipe-incomplete").await;
}

#[tokio::test]
async fn br_054_kept() {
    let p = Priced::start().await;
    let resource = p.resource("LAB-OP", "labour", "h", "60").await;
    let open = json!({"code": "R", "name": "R", "unit": "h", "lines": [], "draft": true});
    let recipe = p.recipe(&open).await;
    assert_eq!((&recipe["current"], &recipe["versions"][0]["state"]), (&json!(0), &json!("draft")));
    let line = json!([{"resourceId": resource, "factor": "1"}]);
    let recipe = p.saved(&recipe, |body| body["lines"] = line).await;
    assert_eq!((&recipe["n"], &recipe["current"]), (&json!(1), &json!(1)));
    p.with_recipe(&recipe).await;
    assert_eq!(p.total().await, "600.00");
}

#[tokio::test]
async fn br_055_broken() {
    let p = Priced::start().await;
    let resource = p.resource("LAB-OP", "labour", "h", "60").await;
    let first = p.recipe(&crew(&resource)).await;
    let at = format!("/recipes/{}", id(&first["id"]));
    let itself = json!({"version": first["version"], "code": "CREW", "name": "Crew", "unit": "h",
        "lines": [{"recipeId": first["id"], "factor": "1"}]});
    broken(p.lead.put(&at, &itself).await, "recipe-nesting-invalid");
    let mut inner = first["id"].clone();
    for level in 2..=5 {
        let nested = json!({"code": format!("L{level}"), "name": "", "unit": "h",
            "lines": [{"recipeId": inner, "factor": "1"}]});
        inner = p.recipe(&nested).await["id"].clone();
    }
    let sixth = json!({"code": "L6", "name": "", "unit": "h",
        "lines": [{"recipeId": inner, "factor": "1"}]});
    broken(p.lead.post("/recipes", &sixth).await, "recipe-nesting-invalid");
}

#[tokio::test]
async fn br_055_kept() {
    let p = Priced::start().await;
    let resource = p.resource("LAB-OP", "labour", "h", "60").await;
    let mut inner = p.recipe(&crew(&resource)).await;
    for level in 2..=5 {
        let nested = json!({"code": format!("L{level}"), "name": "", "unit": "h",
            "lines": [{"recipeId": inner["id"], "factor": "1"}]});
        inner = p.recipe(&nested).await;
    }
    p.with_recipe(&inner).await;
    assert_eq!(p.total().await, "600.00");
}

fn deep(resource: &str) -> Value {
    json!({"code": "SLAB", "name": "Slab", "unit": "m2",
        "params": [{"name": "depth", "min": "0.1", "max": "0.5"}],
        "lines": [{"resourceId": resource, "factor": "depth"}]})
}

#[tokio::test]
async fn br_056_broken() {
    let p = Priced::start().await;
    let resource = p.resource("MAT-CONC", "material", "m3", "200").await;
    let recipe = p.recipe(&deep(&resource)).await;
    let item = p.add(&json!({})).await;
    for params in [json!({}), json!({"depth": "0.6"}), json!({"depth": "0.2", "width": "1"})] {
        let line = json!({"recipeId": recipe["id"], "method": "fixed", "quantity": "10",
            "params": params});
        let edit = json!([{"op": "add-line", "itemId": item, "line": line}]);
        p.refused(&edit, "recipe-parameter-invalid").await;
    }
}

#[tokio::test]
async fn br_056_kept() {
    let p = Priced::start().await;
    let resource = p.resource("MAT-CONC", "material", "m3", "200").await;
    let recipe = p.recipe(&deep(&resource)).await;
    let item = p.add(&json!({})).await;
    let line = json!({"recipeId": recipe["id"], "method": "fixed", "quantity": "10",
        "params": {"depth": "0.5"}});
    p.line(&item, &line).await;
    assert_eq!(p.total().await, "1000.00");
}

#[tokio::test]
async fn br_057_broken() {
    let p = Priced::start().await;
    let resource = p.resource("LAB-OP", "labour", "h", "60").await;
    let recipe = p.recipe(&crew(&resource)).await;
    let at = format!("/recipes/{}", id(&recipe["id"]));
    let mut body = crew(&resource);
    body["version"] = recipe["version"].clone();
    body["n"] = json!(1);
    body["lines"][0]["factor"] = json!("2");
    broken(p.lead.put(&at, &body).await, "recipe-version-frozen");
}

#[tokio::test]
async fn br_057_kept() {
    let p = Priced::start().await;
    let resource = p.resource("LAB-OP", "labour", "h", "60").await;
    let recipe = p.recipe(&crew(&resource)).await;
    p.with_recipe(&recipe).await;
    let open = p.saved(&recipe, |body| {
        body["draft"] = json!(true);
        body["lines"][0]["factor"] = json!("2");
    });
    assert_eq!(open.await["current"], 1);
    // The open version is written again, then published: still one new number.
    let twice = p.saved(&recipe, |body| {
        body["n"] = json!(2);
        body["lines"][0]["factor"] = json!("3");
    });
    let twice = twice.await;
    assert_eq!((&twice["n"], &twice["current"]), (&json!(2), &json!(2)));
    assert_eq!(p.total().await, "600.00");
    let archived = format!("/recipes/{}/versions/1/archive", id(&recipe["id"]));
    let archived = p.lead.post(&archived, &json!({})).await.ok();
    assert_eq!(archived["versions"][1]["state"], "archived");
    assert_eq!(p.total().await, "600.00");
}

#[tokio::test]
async fn br_059_broken() {
    let p = Priced::start().await;
    let labour = p.resource("LAB-OP", "labour", "h", "60").await;
    let plant = p.resource("PLT-EX", "plant", "h", "100").await;
    let recipe = p.recipe(&crew(&labour)).await;
    let (item, line) = p.with_recipe(&recipe).await;
    let first = p.saved(&recipe, |body| body["lines"][0]["factor"] = json!("2")).await;
    let id_of = first["lines"][0]["id"].as_str().unwrap();
    let keep = json!([{"op": "upgrade-recipe", "itemId": item, "lineId": line,
        "choices": {id_of: "old"}}]);
    p.edit(&keep).await;
    assert_eq!(p.total().await, "600.00");
    p.saved(&recipe, |body| {
        body["lines"].as_array_mut().unwrap().push(json!({"resourceId": plant, "factor": "1"}));
    })
    .await;
    let take = json!([{"op": "upgrade-recipe", "itemId": item, "lineId": line}]);
    let violation = p.refused(&take, "recipe-upgrade-conflict").await;
    assert_eq!(violation["objects"], json!([id_of]));
}

#[tokio::test]
async fn br_059_kept() {
    let p = Priced::start().await;
    let labour = p.resource("LAB-OP", "labour", "h", "60").await;
    let plant = p.resource("PLT-EX", "plant", "h", "100").await;
    let recipe = p.recipe(&crew(&labour)).await;
    let (item, line) = p.with_recipe(&recipe).await;
    p.saved(&recipe, |body| {
        body["lines"][0]["factor"] = json!("2");
        body["lines"].as_array_mut().unwrap().push(json!({"resourceId": plant, "factor": "1"}));
    })
    .await;
    let at = p.at(&format!("/items/{item}/worksheet/lines/{line}/upgrade"));
    let shown = p.lead.get(&at).await.ok();
    let rows = shown["lines"].as_array().unwrap();
    let differences: Vec<&Value> = rows.iter().map(|row| &row["difference"]).collect();
    assert_eq!(differences, [&json!("changed"), &json!("added")]);
    assert_eq!((&shown["oldCost"], &shown["newCost"]), (&json!("600.00"), &json!("2200.00")));
    let changed = rows[0]["id"].as_str().unwrap();
    let take = json!([{"op": "upgrade-recipe", "itemId": item, "lineId": line,
        "version": shown["version"], "choices": {changed: "old"}}]);
    p.edit(&take).await;
    assert_eq!(p.total().await, "1600.00");
    // What was chosen is chosen again, or given up.
    p.saved(&recipe, |body| body["lines"][0]["factor"] = json!("3")).await;
    let take = json!([{"op": "upgrade-recipe", "itemId": item, "lineId": line,
        "choices": {changed: "new"}}]);
    p.edit(&take).await;
    assert_eq!(p.total().await, "2800.00");
}

#[tokio::test]
async fn br_060_broken() {
    let p = Priced::start().await;
    let code = "recipe-contains-project-price";
    let from = |item: &str, name: &str| json!({"estimateId": p.estimate, "itemId": item, "code": "R", "name": name});
    let plugged = p.item("1.1", "10", "5").await;
    broken(p.lead.post("/recipes/from-item", &from(&plugged, "Dig")).await, code);

    let sub = p.resource("SUB-FENCE", "subcontract", "m3", "40").await;
    let item = p.add(&json!({"description": "Fence as drawn"})).await;
    let line = json!({"resourceId": sub, "method": "subcontract"});
    let line = p.line(&item, &line).await;
    let violation = broken(p.lead.post("/recipes/from-item", &from(&item, "Fence")).await, code);
    assert_eq!(violation["objects"], json!([line]));
    let named =
        broken(p.lead.post("/recipes/from-item", &from(&item, "fence as drawn")).await, code);
    assert_eq!(named["field"], "name");
}

#[tokio::test]
async fn br_060_kept() {
    let p = Priced::start().await;
    let labour = p.resource("LAB-OP", "labour", "h", "60").await;
    let sub = p.resource("SUB-FENCE", "subcontract", "m3", "40").await;
    let item = p.add(&json!({"description": "Trench as drawn"})).await;
    let time = json!({"resourceId": labour, "method": "time", "count": "1", "production": "5",
        "efficiency": "1", "note": "as agreed with the client"});
    let time = p.line(&item, &time).await;
    p.line(&item, &json!({"resourceId": sub, "method": "subcontract"})).await;
    let from = json!({"estimateId": p.estimate, "itemId": item, "lineIds": [time], "code": "TRENCH",
        "name": "Trench, dug"});
    let recipe = p.lead.post("/recipes/from-item", &from).await.ok();
    assert_eq!((&recipe["current"], &recipe["unit"]), (&json!(0), &json!("m3")));
    let text = recipe.to_string();
    assert!(!text.contains("as drawn") && !text.contains("agreed"), "{text}");
    let recipe = p.saved(&recipe, |_| {}).await;
    let before = p.total().await;
    assert_eq!(before, "520.00");
    p.with_recipe(&recipe).await;
    assert_eq!(p.total().await, "640.00");
}

#[tokio::test]
async fn br_058_kept() {
    let p = Priced::start().await;
    let labour = p.resource("LAB-OP", "labour", "h", "1.005").await;
    let plant = p.resource("PLT-EX", "plant", "h", "2.005").await;
    let both = json!({"code": "CREW", "name": "Crew", "unit": "h", "lines": [
        {"resourceId": labour, "factor": "0.1"}, {"resourceId": plant, "factor": "0.1"}]});
    let recipe = p.recipe(&both).await;
    let (item, _) = p.with_recipe(&recipe).await;
    // 1 h of each: 1.01 and 2.01, rounded at the leaves and nowhere above them.
    let sheet = p.lead.get(&p.at(&format!("/items/{item}/worksheet"))).await.ok();
    let line = &sheet["lines"][0];
    let costs: Vec<&Value> =
        line["leaves"].as_array().unwrap().iter().map(|leaf| &leaf["cost"]).collect();
    assert_eq!((costs, &line["cost"]), (vec![&json!("1.01"), &json!("2.01")], &json!("3.02")));
    assert_eq!(p.total().await, "3.02");
}
