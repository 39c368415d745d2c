//! A recipe made from the worksheet of an item (BR-060).

use crate::estimating::{
    catalogue::Catalogue,
    estimate::{Estimate, NodeRow},
    formula::Formula,
    id::ItemId,
    library::{RecipeInput, RecipeLineInput},
    number::LineQty,
    price_book::PriceBookKind,
    refusal::Refusal,
    rules::{RuleId, Violation, Violations},
    worksheet::{Line, Method, Source},
};
use uuid::Uuid;

use super::{BlockInput, VariableInput};

impl Estimate {
    /// The recipe that does per unit what an item's worksheet does, open to be looked over: its
    /// lines, or those named, without rates, notes and texts of the item. Quantities that do not
    /// follow the item's are shared out over it. O(lines).
    ///
    /// # Errors
    /// BR-060, naming what only holds for this project: a plug, an awarded rate, a rate of a line
    /// of its own, the client's words as its name.
    pub fn recipe_from(
        &self,
        item: ItemId,
        lines: Option<&[Uuid]>,
        code: &str,
        name: &str,
        catalogue: &Catalogue,
    ) -> Result<RecipeInput, Refusal> {
        let missing = Refusal::NotFound { what: "item", id: item.0 };
        let node = self.node(item.0).ok_or(missing.clone())?;
        let NodeRow::Item(row) = &self.at(node.slot).row else { return Err(missing) };
        let project = |object: Uuid, field: &'static str, message: String| {
            Violation::new(RuleId::br(60), message).object(object).field(field)
        };
        let mut broken = Vec::new();
        if row.plug.is_some() {
            let message = "The item is on a plug: build it up before making a recipe of it.";
            broken.push(project(item.0, "itemId", message.to_owned()));
        }
        let words = |text: &str| text.trim().to_lowercase();
        if !row.description.is_empty() && words(name) == words(&row.description) {
            let message = "The name is the client's text for the item: say what the work is.";
            broken.push(project(item.0, "name", message.to_owned()));
        }
        let sheet = node.sheet;
        let chosen: Vec<&Line> = sheet
            .iter()
            .flat_map(|sheet| &sheet.lines)
            .filter(|line| lines.is_none_or(|ids| ids.contains(&line.id.0)))
            .collect();
        let quantity = node.quantity().filter(|quantity| quantity.is_positive());
        let mut made = Vec::with_capacity(chosen.len());
        for (at, line) in chosen.into_iter().enumerate() {
            if let Some(why) = of_this_project(line, catalogue) {
                broken.push(project(line.id.0, "lineIds", format!("Line {}: {why}", at + 1)));
                continue;
            }
            let over = quantity.map(|quantity| quantity.to_string());
            match per_unit(line, over.as_deref()) {
                Ok(line) => made.push(line),
                Err(message) => {
                    let message = format!("Line {}: {message}", at + 1);
                    return Err(Refusal::invalid("lineIds", message));
                }
            }
        }
        Violations::check(broken)?;
        let text = |formula: &Formula| formula.text().into_owned();
        let variables = sheet.iter().flat_map(|sheet| &sheet.variables);
        let blocks = sheet.iter().flat_map(|sheet| &sheet.blocks);
        Ok(RecipeInput {
            code: code.to_owned(),
            name: name.to_owned(),
            unit: row.unit.map(|unit| unit.to_string()).unwrap_or_default(),
            params: Vec::new(),
            variables: variables
                .map(|v| VariableInput {
                    name: v.name.to_string(),
                    formula: text(&v.formula),
                    note: None,
                })
                .collect(),
            blocks: blocks
                .map(|b| BlockInput {
                    name: b.name.to_string(),
                    formula: text(&b.formula),
                    unit: b.unit.as_deref().map(str::to_owned),
                    note: None,
                })
                .collect(),
            lines: made,
            draft: true,
            n: None,
        })
    }
}

/// Why a line only holds for this project; none where it does not.
fn of_this_project(line: &Line, catalogue: &Catalogue) -> Option<&'static str> {
    if matches!(line.method, Method::Subcontract) {
        return Some("a subcontract is at the rate awarded for this project.");
    }
    if matches!(line.method, Method::Lump { .. }) {
        return Some("a lump sum is this project's price.");
    }
    match &line.source {
        Source::Free { .. } => Some("it has words and a rate of its own."),
        Source::Resource { resource, .. } => {
            let book = catalogue.resource(*resource).and_then(|r| catalogue.book(r.book));
            let kind = book.map(|book| book.kind);
            matches!(kind, Some(PriceBookKind::Award | PriceBookKind::Project))
                .then_some("its rate was given for one project.")
        }
        Source::Recipe(_) => None,
    }
}

/// The line per one unit of the item.
fn per_unit(line: &Line, quantity: Option<&str>) -> Result<RecipeLineInput, &'static str> {
    let p = |formula: &Formula| format!("({})", formula.text());
    let one = |formula: &Formula| formula.text().into_owned();
    let factor = match &line.method {
        Method::Time { count, production, efficiency, .. } => {
            format!("{} / ({} * {})", p(count), p(production), p(efficiency))
        }
        Method::Norm { count, hours, efficiency, .. } => {
            format!("{} * {} / {}", p(count), p(hours), p(efficiency))
        }
        Method::Usage { usage, .. } => one(usage),
        Method::Fixed { quantity: fixed, .. } => {
            let over =
                quantity.ok_or("it is shared out over the item's quantity, which is none.")?;
            format!("{} / {over}", p(fixed))
        }
        Method::PercentOf { .. } => return Err("a recipe has no percentages of other lines."),
        Method::Subcontract | Method::Lump { .. } => return Err("it is this project's price."),
    };
    let factor = match line.conversion() {
        Some(conversion) => format!("({factor}) * {conversion}"),
        None => factor,
    };
    let quantity = |quantity: Option<LineQty>| quantity.map(|quantity| quantity.to_string());
    let mut made = RecipeLineInput {
        factor,
        waste: line.method.waste().map(|waste| waste.to_string()),
        pack: quantity(line.method.pack()),
        ..RecipeLineInput::default()
    };
    match &line.source {
        Source::Resource { resource, .. } => {
            made.resource_id = Some(resource.0);
            made.minimum = quantity(line.method.minimum());
        }
        Source::Recipe(used) => {
            made.recipe_id = Some(used.recipe.0);
            made.n = Some(used.n);
            let given = used.params.iter();
            made.params = given.map(|(name, f)| (name.to_string(), one(f))).collect();
        }
        Source::Free { .. } => return Err("it has words and a rate of its own."),
    }
    Ok(made)
}
