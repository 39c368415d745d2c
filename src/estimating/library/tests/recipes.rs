use super::{super::*, Bench, bench, breaks};
use crate::estimating::id::{RecipeId, ResourceId};
use serde_json::{Value, json};

/// A bench with resources to build recipes from.
fn yard() -> Bench {
    let mut bench = bench();
    bench.add_resource("LAB", "labour", "h", "44.5");
    bench.add_resource("EX8", "plant", "h", "62");
    bench.add_resource("GAP20", "material", "t", "41.25");
    bench
}

fn id(bench: &Bench, code: &str) -> Uuid {
    match bench.library.catalogue.by_code(code) {
        Some(crate::estimating::catalogue::Found::Resource(id)) => id.0,
        Some(crate::estimating::catalogue::Found::Recipe(id)) => id.0,
        None => panic!("{code} is not there"),
    }
}

fn line(bench: &Bench, code: &str, factor: &str) -> Value {
    json!({"resourceId": id(bench, code), "factor": factor})
}

fn recipe(code: &str, params: Value, lines: Value) -> Value {
    json!({"code": code, "name": format!("Words of {code}"), "unit": "m", "params": params, "lines": lines})
}

fn add(bench: &mut Bench, recipe: Value) -> Result<Uuid, Refusal> {
    bench.json(json!({"op": "add-recipe", "recipe": recipe}))
}

fn save(bench: &mut Bench, id: Uuid, recipe: Value) -> Result<Uuid, Refusal> {
    bench.json(json!({"op": "save-recipe", "id": id, "recipe": recipe}))
}

/// A recipe of the single labourer, with these parameters.
fn add_with(bench: &mut Bench, code: &str, params: Value, factor: &str) -> Result<Uuid, Refusal> {
    let lines = json!([line(bench, "LAB", factor)]);
    add(bench, recipe(code, params, lines))
}

#[test]
fn a_saved_recipe_is_a_new_version_and_the_old_one_stays() {
    let mut bench = yard();
    let id = add_with(&mut bench, "CREW", json!([]), "1").expect("sound");
    let lines = json!([line(&bench, "LAB", "0.5"), line(&bench, "EX8", "1")]);
    save(&mut bench, id, recipe("CREW", json!([]), lines)).expect("sound");
    let catalogue = &bench.library.catalogue;
    let versions: Vec<_> = catalogue.recipe_versions(RecipeId(id)).map(|v| v.lines.len()).collect();
    assert_eq!(versions, [1, 2]);
    assert_eq!(catalogue.recipe(RecipeId(id)).map(|r| (r.current, r.version)), Some((2, 2)));
    assert_eq!(catalogue.recipe_leaves(RecipeId(id), 2).len(), 2);
}

#[test]
fn saving_the_same_content_makes_no_version() {
    let mut bench = yard();
    let lines = json!([{"id": Uuid::from_u128(5), "resourceId": id(&bench, "LAB"), "factor": "1"}]);
    let first = add(&mut bench, recipe("CREW", json!([]), lines.clone())).expect("sound");
    save(&mut bench, first, recipe("CREW-2", json!([]), lines)).expect("sound");
    assert_eq!((bench.recipe("crew-2").current, bench.recipe("crew-2").version), (1, 2));
}

#[test]
fn br_044_a_recipe_code_is_unique() {
    let mut bench = yard();
    add_with(&mut bench, "CREW", json!([]), "1").expect("sound");
    breaks(add_with(&mut bench, "crew", json!([]), "1"), 44, "code");
    add_with(&mut bench, "LAB", json!([]), "1").expect("resources have codes of their own");
}

#[test]
fn br_045_what_a_recipe_is_made_of_is_used() {
    let mut bench = yard();
    add_with(&mut bench, "CREW", json!([]), "1").expect("sound");
    assert!(bench.resource("LAB").used);
    assert!(!bench.resource("EX8").used);
    let nested = json!([{"recipeId": id(&bench, "CREW"), "factor": "1"}]);
    add(&mut bench, recipe("LAY", json!([]), nested)).expect("sound");
    assert!(bench.recipe("CREW").used && !bench.recipe("LAY").used);
    let crew = id(&bench, "CREW");
    breaks(bench.json(json!({"op": "delete-recipe", "id": crew})), 53, "used");
    let lay = id(&bench, "LAY");
    bench.json(json!({"op": "delete-recipe", "id": lay})).expect("never used");
}

#[test]
fn br_035_br_036_modifiers_suit_the_type() {
    let mut bench = yard();
    let mut with = |code: &str, field: &str, value: &str| {
        let mut lines = line(&bench, code, "1.9");
        lines[field] = json!(value);
        let name = format!("{code}-{field}-{value}");
        add(&mut bench, recipe(&name, json!([]), json!([lines])))
    };
    breaks(with("LAB", "waste", "5"), 35, "waste");
    breaks(with("GAP20", "waste", "-1"), 35, "waste");
    breaks(with("GAP20", "waste", "100.5"), 35, "waste");
    with("GAP20", "waste", "5").expect("Material has waste");
    breaks(with("EX8", "pack", "2"), 36, "pack");
    breaks(with("GAP20", "pack", "0"), 36, "pack");
    with("GAP20", "pack", "0.5").expect("Material comes in packs");
    breaks(with("GAP20", "minimum", "4"), 36, "minimum");
    breaks(with("EX8", "minimum", "0"), 36, "minimum");
    with("EX8", "minimum", "4").expect("a machine has a minimum hire");
}

#[test]
fn br_038_every_name_resolves_even_in_a_branch_not_taken() {
    let mut bench = yard();
    let params = json!([{"name": "dia", "default": "0.3"}]);
    let message =
        breaks(add_with(&mut bench, "A", params.clone(), "if(dia > 0, 1, dai)"), 38, "factor");
    assert!(message.starts_with("Line 1:") && message.contains("is dia meant?"), "{message}");
    let mut with = recipe("B", params.clone(), json!([line(&bench, "LAB", "wide * 2")]));
    with["variables"] = json!([{"name": "wide", "formula": "dia + deep"}]);
    breaks(add(&mut bench, with.clone()), 38, "variables");
    with["blocks"] = json!([{"name": "deep", "formula": "dia * 2"}]);
    add(&mut bench, with).expect("variables see blocks");
}

#[test]
fn br_039_variables_hold_no_circle_in_any_branch() {
    let mut bench = yard();
    let mut with = recipe("A", json!([]), json!([line(&bench, "LAB", "a")]));
    with["variables"] = json!([
        {"name": "a", "formula": "if(1, 2, b)"},
        {"name": "b", "formula": "c + 1"},
        {"name": "c", "formula": "a * 2"},
    ]);
    let message = breaks(add(&mut bench, with.clone()), 39, "variables");
    assert!(message.contains("a -> b -> c -> a"), "{message}");
    with["variables"][2]["formula"] = json!("2");
    add(&mut bench, with).expect("no circle");
}

#[test]
fn br_040_a_formula_has_a_value_at_the_default_and_at_the_bounds() {
    let mut bench = yard();
    let prod = |min: &str, default: &str| json!([{"name": "prod", "min": min, "max": "9", "default": default}]);
    breaks(add_with(&mut bench, "A", prod("0", "0"), "1 / prod"), 40, "factor");
    let message = breaks(add_with(&mut bench, "A", prod("0", "4"), "1 / prod"), 40, "factor");
    assert!(message.contains("prod = 0"), "{message}");
    add_with(&mut bench, "A", prod("0.1", "4"), "1 / prod").expect("never zero");
    breaks(add_with(&mut bench, "B", json!([]), "1 +"), 40, "factor");
}

#[test]
fn br_054_a_recipe_has_an_output_unit_and_a_line() {
    let mut bench = yard();
    breaks(add(&mut bench, recipe("A", json!([]), json!([]))), 54, "lines");
    let lines = json!([line(&bench, "LAB", "1")]);
    let mut without = recipe("A", json!([]), lines);
    without["unit"] = json!(" ");
    breaks(add(&mut bench, without.clone()), 54, "unit");
    without["unit"] = json!("furlong");
    breaks(add(&mut bench, without.clone()), 19, "unit");
    without["unit"] = json!("lin. m");
    add(&mut bench, without).expect("one line per metre");
}

#[test]
fn br_055_a_recipe_does_not_contain_itself_at_any_depth() {
    let mut bench = yard();
    let a = add_with(&mut bench, "A", json!([]), "1").expect("sound");
    let in_a = json!([{"recipeId": a, "factor": "1"}]);
    let b = add(&mut bench, recipe("B", json!([]), in_a.clone())).expect("sound");
    breaks(save(&mut bench, a, recipe("A", json!([]), in_a)), 55, "lines");
    let in_b = json!([{"recipeId": b, "factor": "1"}]);
    let c = add(&mut bench, recipe("C", json!([]), in_b)).expect("sound");
    let in_c = json!([{"recipeId": c, "factor": "1"}]);
    let message = breaks(save(&mut bench, a, recipe("A", json!([]), in_c)), 55, "lines");
    assert!(message.contains("A > C > B > A"), "{message}");
}

#[test]
fn br_055_nesting_is_at_most_five_deep() {
    let mut bench = yard();
    let mut below = add_with(&mut bench, "R1", json!([]), "1").expect("sound");
    for depth in 2..=5 {
        let lines = json!([{"recipeId": below, "factor": "1"}]);
        below =
            add(&mut bench, recipe(&format!("R{depth}"), json!([]), lines)).expect("five is fine");
    }
    let lines = json!([{"recipeId": below, "factor": "1"}]);
    breaks(add(&mut bench, recipe("R6", json!([]), lines)), 55, "lines");
}

#[test]
fn br_056_parameters_are_consistent() {
    let mut bench = yard();
    let mut with = |params: Value| add_with(&mut bench, "A", params, "1");
    breaks(with(json!([{"name": "d", "min": "2", "max": "1"}])), 56, "params");
    breaks(with(json!([{"name": "d", "min": "2", "default": "1.99"}])), 56, "params");
    breaks(with(json!([{"name": "d", "max": "2", "default": "2.01"}])), 56, "params");
    breaks(with(json!([{"name": "d"}, {"name": "d"}])), 56, "params");
    breaks(with(json!([{"name": "2d"}])), 56, "params");
    breaks(with(json!([{"name": "if"}])), 56, "params");
    breaks(with(json!([{"name": "d", "min": "1/2"}])), 56, "params");
    with(json!([{"name": "d", "min": "2", "max": "2", "default": "2"}])).expect("one value");
}

#[test]
fn br_056_a_nested_parameter_gets_a_value_within_its_bounds() {
    let mut bench = yard();
    let crew = add_with(
        &mut bench,
        "CREW",
        json!([{"name": "prod", "min": "1", "max": "20"}, {"name": "n", "default": "1"}]),
        "n / prod",
    )
    .expect("sound");
    let mut with = |params: Value| {
        let own = json!([{"name": "speed", "default": "10"}]);
        let lines = json!([{"recipeId": crew, "factor": "1", "params": params}]);
        add(&mut bench, recipe("LAY", own, lines))
    };
    let message = breaks(with(json!({"n": "2"})), 56, "params");
    assert!(message.contains("prod of CREW has no default"), "{message}");
    breaks(with(json!({"prod": "5", "pord": "5"})), 56, "params");
    breaks(with(json!({"prod": "21"})), 56, "params");
    breaks(with(json!({"prod": "speed / 20"})), 56, "params");
    breaks(with(json!({"prod": "sped"})), 38, "params");
    with(json!({"prod": "speed * 2"})).expect("twenty is the most");
}

#[test]
fn br_053_a_retired_resource_may_stay_but_not_enter() {
    let mut bench = yard();
    let lab = id(&bench, "LAB");
    let crew = add_with(&mut bench, "CREW", json!([]), "1").expect("sound");
    bench
        .json(json!({"op": "update-resource", "id": lab, "set": {"state": "retired"}}))
        .expect("retire");
    let lines = json!([line(&bench, "LAB", "2")]);
    save(&mut bench, crew, recipe("CREW", json!([]), lines)).expect("it was there before");
    breaks(add_with(&mut bench, "OTHER", json!([]), "1"), 53, "resourceId");
}

#[test]
fn where_used_and_leaves_reach_through_versions() {
    let mut bench = yard();
    let crew = add_with(&mut bench, "CREW", json!([]), "1").expect("sound");
    let lines = json!([{"recipeId": crew, "factor": "1"}, line(&bench, "GAP20", "1.9")]);
    let lay = add(&mut bench, recipe("LAY", json!([]), lines)).expect("sound");
    let swap = json!([line(&bench, "EX8", "1")]);
    save(&mut bench, crew, recipe("CREW", json!([]), swap)).expect("sound");
    let catalogue = &bench.library.catalogue;
    let leaves = catalogue.recipe_leaves(RecipeId(lay), 1);
    assert_eq!(leaves, [ResourceId(id(&bench, "LAB")), ResourceId(id(&bench, "GAP20"))]);
    let of =
        |code| catalogue.versions_with_resource(ResourceId(id(&bench, code))).collect::<Vec<_>>();
    assert_eq!(of("LAB"), [(RecipeId(crew), 1)]);
    assert_eq!(of("EX8"), [(RecipeId(crew), 2)]);
    let containing: Vec<_> = catalogue.versions_with_recipe(RecipeId(crew)).collect();
    assert_eq!(containing, [(RecipeId(lay), 1)]);
}
