use super::{super::*, Bench, bench, breaks};
use serde_json::{Value, json};

/// The recipes of the worked example (domain 3.1) with their rates.
fn drainage() -> Bench {
    let mut bench = bench();
    for (code, kind, unit, rate) in [
        ("PLT-EX8", "plant", "h", "62"),
        ("LAB-OP", "labour", "h", "52"),
        ("LAB-DL", "labour", "h", "58.75"),
        ("LAB-LAB", "labour", "h", "44.5"),
        ("MAT-GAP20", "material", "t", "41.25"),
        ("PLT-CMP", "plant", "h", "9.25"),
        ("MAT-RC300", "material", "ea", "168.3"),
    ] {
        bench.add_resource(code, kind, unit, rate);
    }
    let of = |bench: &Bench, code: &str, factor: &str| json!({"resourceId": bench.resource(code).id, "factor": factor});
    let add = |bench: &mut Bench, recipe: Value| {
        bench.json(json!({"op": "add-recipe", "recipe": recipe})).expect("sound")
    };
    let crew = json!([
        of(&bench, "PLT-EX8", "1"),
        of(&bench, "LAB-OP", "1"),
        of(&bench, "LAB-DL", "1"),
        of(&bench, "LAB-LAB", "1"),
    ]);
    let crew = add(&mut bench, json!({"code": "CREW-DRAIN", "unit": "h", "lines": crew}));
    let mut gap20 = of(&bench, "MAT-GAP20", "1.9");
    gap20["waste"] = json!("5");
    let bedding = json!([gap20, of(&bench, "PLT-CMP", "0.15"), of(&bench, "LAB-LAB", "0.15")]);
    let bedding = add(&mut bench, json!({"code": "BEDDING", "unit": "m3", "lines": bedding}));
    let lay = pipe_lay(&bench, crew, bedding);
    add(&mut bench, lay);
    bench
}

fn pipe_lay(bench: &Bench, crew: Uuid, bedding: Uuid) -> Value {
    json!({"code": "PIPE-LAY", "unit": "m",
    "params": [{"name": "dia", "min": "0.1", "max": "2"}, {"name": "depth", "default": "1.6"},
        {"name": "prod", "min": "0.1", "default": "4.2"}],
    "variables": [{"name": "width", "formula": "dia + 0.6"}],
    "lines": [
        {"recipeId": crew, "factor": "1 / prod"},
        {"recipeId": bedding,
            "factor": "width * (dia + 0.25) - 0.7854 * (dia + 0.07) * (dia + 0.07)"},
        {"resourceId": bench.resource("MAT-RC300").id, "factor": "1 / 2.44", "waste": "2",
            "pack": "1"},
        {"resourceId": bench.resource("PLT-CMP").id, "factor": "0.04 * depth"},
    ]})
}

fn preview(bench: &Bench, input: Value) -> Result<Preview, Refusal> {
    let input: PreviewInput = serde_json::from_value(input).expect("well formed");
    let mut n = 0x5000;
    let mut ids = || {
        n += 1;
        Uuid::from_u128(n)
    };
    let mut cx = LibraryContext::new(super::user(1), super::NOW_US, &mut ids);
    bench.library.preview(&input, &mut cx).map_err(|r| crate::estimating::typed::at_edit(r, 0))
}

#[test]
fn a_preview_has_the_figures_of_the_worked_example() {
    let bench = drainage();
    let lay = bench.recipe("PIPE-LAY").id;
    let input = json!({"recipeId": lay, "quantity": "185", "params": {"dia": "0.3"}});
    let preview = preview(&bench, input).expect("sound");
    let costs: Vec<String> = preview.leaves.iter().map(|leaf| leaf.cost.to_string()).collect();
    assert_eq!(
        costs,
        [
            "2730.95", "2290.48", "2587.80", "1960.12", "5899.11", "99.46", "478.49", "13127.40",
            "109.52"
        ]
    );
    assert_eq!(preview.cost.to_string(), "29283.33");
    assert_eq!(preview.unit_cost.map(|r| r.to_string()).as_deref(), Some("158.2883"));
    assert_eq!(&*preview.leaves[4].path.join(" > "), "PIPE-LAY > BEDDING > MAT-GAP20");
    assert!(preview.priced);
    assert_eq!(preview.values[0].1.as_ref().map(ToString::to_string), Ok("0.9".to_owned()));
}

#[test]
fn what_is_being_written_is_tried_without_being_kept() {
    let bench = drainage();
    let (crew, bedding) = (bench.recipe("CREW-DRAIN").id.0, bench.recipe("BEDDING").id.0);
    let mut written = pipe_lay(&bench, crew, bedding);
    written["code"] = json!("");
    let new = json!({"recipe": written.clone(), "quantity": "185", "params": {"dia": "0.3"}});
    assert_eq!(preview(&bench, new).expect("sound").cost.to_string(), "29283.33");
    let lay = bench.recipe("PIPE-LAY").id;
    written["lines"][3]["factor"] = json!("0");
    let edited = json!({"recipeId": lay, "recipe": written, "quantity": "185",
        "params": {"dia": "0.6 / 2"}});
    assert_eq!(preview(&bench, edited).expect("sound").cost.to_string(), "29173.81");
    assert_eq!(bench.recipe("PIPE-LAY").current, 1);
}

#[test]
fn br_056_a_preview_needs_every_parameter_within_its_bounds() {
    let bench = drainage();
    let lay = bench.recipe("PIPE-LAY").id;
    let with = |params: Value| {
        preview(&bench, json!({"recipeId": lay, "quantity": "1", "params": params}))
    };
    breaks(with(json!({})), 56, "params");
    breaks(with(json!({"dia": "2.1"})), 56, "params");
    breaks(with(json!({"dia": "1", "wide": "1"})), 56, "params");
    breaks(with(json!({"dia": "wide"})), 38, "params");
    with(json!({"dia": "2"})).expect("the greatest");
    breaks(preview(&bench, json!({"recipeId": lay, "quantity": "0"})), 20, "quantity");
}
