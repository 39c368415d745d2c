use super::{Bench, bench};
use proptest::prelude::*;
use serde_json::json;

/// One of a few of each, so that edits meet.
#[derive(Clone, Debug)]
enum Step {
    Add { code: usize, kind: usize },
    Change { at: usize, code: usize, kind: usize, retire: bool },
    Delete { at: usize },
    Recipe { code: usize, of: Vec<(bool, usize)> },
    Save { at: usize, of: Vec<(bool, usize)> },
    DeleteRecipe { at: usize },
    Unit { code: usize, hide: bool },
    Tender { number: usize },
    DeleteTender { at: usize },
    Find { code: usize },
    TakeBack,
}

fn step() -> impl Strategy<Value = Step> {
    let of = || prop::collection::vec((any::<bool>(), 0..6_usize), 0..4);
    prop_oneof![
        4 => (0..8_usize, 0..5_usize).prop_map(|(code, kind)| Step::Add { code, kind }),
        3 => (0..6_usize, 0..8_usize, 0..5_usize, any::<bool>())
            .prop_map(|(at, code, kind, retire)| Step::Change { at, code, kind, retire }),
        1 => (0..6_usize).prop_map(|at| Step::Delete { at }),
        3 => (0..6_usize, of()).prop_map(|(code, of)| Step::Recipe { code, of }),
        3 => (0..6_usize, of()).prop_map(|(at, of)| Step::Save { at, of }),
        1 => (0..6_usize).prop_map(|at| Step::DeleteRecipe { at }),
        1 => (0..3_usize, any::<bool>()).prop_map(|(code, hide)| Step::Unit { code, hide }),
        2 => (0..4_usize).prop_map(|number| Step::Tender { number }),
        1 => (0..4_usize).prop_map(|at| Step::DeleteTender { at }),
        1 => (0..8_usize).prop_map(|code| Step::Find { code }),
        2 => Just(Step::TakeBack),
    ]
}

const KINDS: [&str; 5] = ["labour", "plant", "material", "subcontract", "other"];

fn edit(bench: &Bench, step: &Step) -> Option<serde_json::Value> {
    let catalogue = &bench.library.catalogue;
    let resource = |at: usize| catalogue.resources_by_code().nth(at).map(|r| r.id);
    let recipe = |at: usize| catalogue.recipes().nth(at).map(|r| r.id);
    let lines = |of: &[(bool, usize)]| -> Vec<serde_json::Value> {
        let line = |(nested, at): &(bool, usize)| match nested {
            true => recipe(*at).map(|id| json!({"recipeId": id, "factor": "2"})),
            false => resource(*at).map(|id| json!({"resourceId": id, "factor": "0.5"})),
        };
        of.iter().filter_map(line).collect()
    };
    Some(match step {
        Step::Add { code, kind } => json!({"op": "add-resource", "set":
            {"code": format!("R{code}"), "type": KINDS[*kind], "unit": "h", "rate": "10"}}),
        Step::Change { at, code, kind, retire } => {
            json!({"op": "update-resource", "id": resource(*at)?,
            "set": {"code": format!("r{code}"), "type": KINDS[*kind],
                "state": if *retire { "retired" } else { "active" }}})
        }
        Step::Delete { at } => json!({"op": "delete-resource", "id": resource(*at)?}),
        Step::Recipe { code, of } => json!({"op": "add-recipe", "recipe":
            {"code": format!("C{code}"), "unit": "m", "lines": lines(of)}}),
        Step::Save { at, of } => json!({"op": "save-recipe", "id": recipe(*at)?, "recipe":
            {"code": catalogue.recipe(recipe(*at)?)?.code, "unit": "m", "lines": lines(of)}}),
        Step::DeleteRecipe { at } => json!({"op": "delete-recipe", "id": recipe(*at)?}),
        Step::Unit { code, hide: true } => json!({"op": "delete-unit", "code": format!("u{code}")}),
        Step::Unit { code, hide: false } => json!({"op": "add-unit", "code": format!("u{code}"),
            "name": format!("unit u{code}"), "dimension": "count"}),
        Step::Tender { number } => json!({"op": "add-tender", "set":
            {"number": format!("T{number}"), "name": "Seal"}}),
        Step::DeleteTender { at } => {
            json!({"op": "delete-tender", "id": bench.library.tenders().nth(*at)?.id})
        }
        Step::Find { .. } | Step::TakeBack => return None,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// `Bench` compares every index with a rebuilt one after each edit and undo, and the rows with
    /// those the changes alone lead to.
    #[test]
    fn any_edits_and_undos_keep_every_index_right(steps in prop::collection::vec(step(), 1..40)) {
        let mut bench = bench();
        let mut last = None;
        for step in &steps {
            match (step, edit(&bench, step)) {
                (_, Some(edit)) => {
                    let edit = serde_json::from_value(edit).expect("well formed");
                    last = bench.try_one(edit).ok().or(last);
                }
                (Step::Find { code }, None) => {
                    bench.library.catalogue.find(&format!("r{code}"), true, 10);
                }
                (Step::TakeBack, None) => {
                    if let Some(commit) = last.take() {
                        last = bench.restore(&commit).ok();
                    }
                }
                (_, None) => {}
            }
        }
    }
}
