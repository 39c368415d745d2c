//! The price book and recipes of the worked example (its script's `RES` and `RECIPES`).

use crate::estimating::{
    catalogue::Catalogue,
    change::{Delta, LibraryChange},
    cost::CostType,
    edit::{Edit, EditContext, Outcome},
    estimate::Estimate,
    formula::Formula,
    heading::Stamp,
    id::*,
    number::Pct,
    price_book::{PriceBook, PriceBookKind},
    recipe::{ExactDecimal, Ingredient, Parameter, Recipe, RecipeLine, RecipeVersion},
    refusal::Refusal,
    resource::{Availability, Resource},
    tender::{EstimateRow, EstimateState},
    units::{Unit, UnitCode},
};
use uuid::Uuid;

pub const USER: UserId = UserId(Uuid::from_u128(7));
pub const NOW: i64 = 1_763_800_000_000_000;
const BOOK: PriceBookId = PriceBookId(Uuid::from_u128(1));

const RESOURCES: &[(&str, &str, &str)] = &[
    ("LAB-FM", "h", "68.00"),
    ("LAB-OP", "h", "52.00"),
    ("LAB-LAB", "h", "44.50"),
    ("LAB-DL", "h", "58.75"),
    ("LAB-SE", "h", "92.00"),
    ("PLT-EX20", "h", "98.00"),
    ("PLT-EX8", "h", "62.00"),
    ("PLT-TRK", "h", "118.00"),
    ("PLT-GRD", "h", "135.00"),
    ("PLT-ROL", "h", "74.00"),
    ("PLT-WC", "h", "88.50"),
    ("PLT-CMP", "h", "9.25"),
    ("PLT-HAM", "h", "65.00"),
    ("PLT-TRN", "h", "210.00"),
    ("MAT-AP65", "t", "29.80"),
    ("MAT-AP40", "t", "36.40"),
    ("MAT-GAP20", "t", "41.25"),
    ("MAT-RC300", "ea", "168.30"),
    ("MAT-GEO", "m2", "2.35"),
    ("OTH-TIP", "m3", "11.50"),
    ("OTH-FEN", "LS", "4350.00"),
    ("OTH-OFF", "wk", "640.00"),
    ("OTH-UTE", "wk", "385.00"),
    ("SUB-SEAL", "m2", "7.00"),
];

/// Identity of a resource or recipe by its code.
pub fn id(code: &str) -> Uuid {
    let mut bytes = [0; 16];
    for (slot, b) in bytes.iter_mut().zip(code.bytes()) {
        *slot = b;
    }
    bytes[15] = 0x5a;
    Uuid::from_bytes(bytes)
}

fn stamp() -> Stamp {
    Stamp::new(USER, NOW)
}

pub fn resource(code: &str, unit: &str, rate: Option<&str>) -> Resource {
    let cost_type = match &code[..3] {
        "LAB" => CostType::Labour,
        "PLT" => CostType::Plant,
        "MAT" => CostType::Material,
        "SUB" => CostType::Subcontract,
        _ => CostType::Other,
    };
    Resource {
        id: ResourceId(id(code)),
        book: BOOK,
        code: code.into(),
        description: code.into(),
        cost_type,
        unit: UnitCode::new(unit).unwrap(),
        rate: rate.map(|r| r.parse().unwrap()),
        state: Availability::Active,
        used: false,
        note: None,
        default_waste: None,
        default_efficiency: None,
        version: 1,
        stamp: stamp(),
    }
}

type Row<'a> = (&'a str, &'a str, Option<&'a str>, Option<&'a str>);

pub fn recipe(
    code: &str,
    unit: &str,
    params: &[(&str, &str, &str)],
    lines: &[Row<'_>],
) -> [LibraryChange; 2] {
    let exact = |t: &str| Some(ExactDecimal(t.parse().unwrap()));
    let row = Recipe {
        id: RecipeId(id(code)),
        code: code.into(),
        name: code.into(),
        current: 1,
        state: Availability::Active,
        used: false,
        version: 1,
        stamp: stamp(),
    };
    let is_recipe = |c: &str| !RESOURCES.iter().any(|(r, _, _)| *r == c);
    let version = RecipeVersion {
        state: crate::estimating::price_book::VersionState::Published,
        recipe: row.id,
        n: 1,
        unit: UnitCode::new(unit).unwrap(),
        params: params
            .iter()
            .map(|(name, min, max)| Parameter {
                name: (*name).into(),
                unit: None,
                min: exact(min),
                max: exact(max),
                default: None,
                note: None,
            })
            .collect(),
        variables: vec![],
        blocks: vec![],
        lines: lines
            .iter()
            .enumerate()
            .map(|(n, (what, factor, waste, pack))| RecipeLine {
                id: LineId(Uuid::from_u128(n as u128 + 1)),
                ingredient: if is_recipe(what) {
                    Ingredient::Recipe { recipe: RecipeId(id(what)), n: 1, params: vec![] }
                } else {
                    Ingredient::Resource(ResourceId(id(what)))
                },
                factor: Formula::parse(factor).unwrap(),
                waste: waste.map(|w| w.parse().unwrap()),
                pack: pack.map(|p| p.parse().unwrap()),
                minimum: None,
                note: None,
            })
            .collect(),
    };
    [
        LibraryChange::Recipe(Delta::insert(row)),
        LibraryChange::RecipeVersion(Delta::insert(version)),
    ]
}

pub fn catalogue() -> Catalogue {
    let mut catalogue = Catalogue::default();
    for unit in ["LS", "PS", "%", "m", "m2", "m3", "t", "ea", "h", "wk"] {
        let unit = Unit {
            code: UnitCode::new(unit).unwrap(),
            name: unit.into(),
            aliases: vec![],
            dimension: crate::estimating::units::Dimension::Count,
            retired: false,
        };
        catalogue.apply(&LibraryChange::Unit(Delta::insert(unit)));
    }
    catalogue.apply(&LibraryChange::PriceBook(Delta::insert(PriceBook {
        id: BOOK,
        name: "Internal".into(),
        kind: PriceBookKind::Internal,
        supplier: None,
        current: 1,
        archived: false,
        version: 1,
        stamp: stamp(),
    })));
    for (code, unit, rate) in RESOURCES {
        let row = resource(code, unit, Some(rate));
        catalogue.apply(&LibraryChange::Resource(Delta::insert(row)));
    }
    let recipes = [
        recipe(
            "CREW-STRIP",
            "h",
            &[],
            &[
                ("PLT-EX20", "1", None, None),
                ("LAB-OP", "1", None, None),
                ("LAB-LAB", "0.5", None, None),
                ("PLT-TRK", "2", None, None),
            ],
        ),
        recipe(
            "CREW-DRAIN",
            "h",
            &[],
            &[
                ("PLT-EX8", "1", None, None),
                ("LAB-OP", "1", None, None),
                ("LAB-DL", "1", None, None),
                ("LAB-LAB", "1", None, None),
            ],
        ),
        recipe(
            "BEDDING",
            "m3",
            &[],
            &[
                ("MAT-GAP20", "1.9", Some("5"), None),
                ("PLT-CMP", "0.15", None, None),
                ("LAB-LAB", "0.15", None, None),
            ],
        ),
        recipe(
            "PIPE-LAY",
            "m",
            &[("dia", "0.1", "2.4"), ("depth", "0.6", "4.5"), ("prod", "0.5", "30")],
            &[
                ("CREW-DRAIN", "1 / prod", None, None),
                (
                    "BEDDING",
                    "(dia + 0.6) * (dia + 0.25) - 0.7854 * (dia + 0.07) * (dia + 0.07)",
                    None,
                    None,
                ),
                ("MAT-RC300", "1 / 2.44", Some("2"), Some("1")),
                ("PLT-CMP", "0.04 * depth", None, None),
            ],
        ),
    ];
    recipes.iter().flatten().for_each(|change| catalogue.apply(change));
    catalogue
}

pub fn empty(catalogue: &Catalogue) -> Estimate {
    let row = EstimateRow {
        id: EstimateId(Uuid::from_u128(100)),
        tender: TenderId(Uuid::from_u128(99)),
        code: "BASE".into(),
        name: "Base".into(),
        revision: 1,
        lead: None,
        state: EstimateState::InProgress,
        gst_pct: Pct::whole(15).unwrap(),
        variables: vec![],
        version: 1,
        stamp: stamp(),
    };
    Estimate::build(row, vec![], vec![], vec![], catalogue).unwrap()
}

/// An estimate edited as the workspace does it: on a clone that replaces it on success.
pub struct Bench {
    pub catalogue: Catalogue,
    pub estimate: Estimate,
    pub next: u128,
}

impl Bench {
    pub fn new() -> Bench {
        let catalogue = catalogue();
        let estimate = empty(&catalogue);
        Bench { catalogue, estimate, next: 1_000 }
    }

    pub fn try_edit(&mut self, edits: &[Edit]) -> Result<Outcome, Refusal> {
        let mut clone = self.estimate.clone();
        let next = &mut self.next;
        let mut ids = || {
            *next += 1;
            Uuid::from_u128(*next)
        };
        let mut cx =
            EditContext { catalogue: &self.catalogue, by: USER, at_us: NOW, ids: &mut ids };
        let outcome = clone.edit(edits, &mut cx)?;
        self.estimate = clone;
        Ok(outcome)
    }

    /// Runs edits written as the API's JSON; gives the identities made.
    pub fn edit(&mut self, json: serde_json::Value) -> Vec<Uuid> {
        let edits: Vec<Edit> = serde_json::from_value(json).unwrap();
        self.try_edit(&edits).unwrap().ids.into_iter().flatten().collect()
    }

    /// The code of the first rule that refuses the edits.
    pub fn refused(&mut self, json: serde_json::Value) -> String {
        let edits: Vec<Edit> = serde_json::from_value(json).unwrap();
        match self.try_edit(&edits) {
            Ok(_) => panic!("the edits were accepted"),
            Err(Refusal::Violations(list)) => list.0[0].rule.to_string(),
            Err(other) => other.to_string(),
        }
    }
}
