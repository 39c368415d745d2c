use super::{super::*, Bench, bench, breaks, user};
use crate::estimating::{
    id::{ApprovalId, SubmissionId},
    submission::Submission,
    tender::{EstimateState, TenderState},
};
use serde_json::json;

/// What the submission came to.
const TOTAL: &str = "491469.78";
const CLOSES: &str = "2026-12-11T16:00:00+13:00";

fn add(bench: &mut Bench, number: &str) -> Result<Uuid, Refusal> {
    bench.json(json!({"op": "add-tender", "set":
        {"number": number, "name": "Seal extension", "closingAt": CLOSES}}))
}

/// Moves a tender, with the decision or outcome that the move asks for.
fn state(bench: &mut Bench, id: Uuid, to: &str) -> Result<Uuid, Refusal> {
    let enquiry = bench.library.tender(TenderId(id)).map(|t| t.state) == Some(TenderState::Enquiry);
    if enquiry {
        let go = to != "declined";
        bench.json(json!({"op": "decide-tender", "id": id, "go": go, "reason": "Capacity"}))?;
    }
    let how = match to {
        "withdrawn" => json!({"outcome": {"reason": "capacity", "winningPrice": "unknown"}}),
        _ => json!({}),
    };
    bench.json(json!({"op": "set-tender-state", "id": id, "state": to, "how": how}))
}

/// Submission is not an edit of the library; this is what it leaves behind.
fn submit(bench: &mut Bench, tender: Uuid) -> EstimateId {
    let row = bench.library.tender(TenderId(tender)).expect("added").clone();
    let after = Tender { state: TenderState::Submitted, ..Tender::clone(&row) };
    bench.library.apply(&LibraryChange::Tender(Delta::update(row, after)));
    let row = bench.library.estimates_of(TenderId(tender)).next().expect("BASE").clone();
    let after = EstimateRow { state: EstimateState::Submitted, ..EstimateRow::clone(&row) };
    bench.library.apply_estimate_row(&Delta::update(row.clone(), after));
    let sent = Submission {
        id: SubmissionId(Uuid::from_u128(7)),
        estimate: row.id,
        by: user(2),
        at_us: 0,
        approval: ApprovalId(Uuid::from_u128(8)),
        content_hash: "".into(),
        total_ex: TOTAL.parse().expect("a price"),
        gst: Default::default(),
        total_inc: Default::default(),
        cost_total: Default::default(),
        files: Vec::new(),
    };
    bench.library.apply(&LibraryChange::Submission(Delta::insert(sent)));
    row.id
}

#[test]
fn a_new_tender_has_a_first_estimate_base() {
    let mut bench = bench();
    let id = add(&mut bench, "T-1").expect("a sound tender");
    let estimates: Vec<_> = bench.library.estimates_of(TenderId(id)).collect();
    assert_eq!(estimates.len(), 1);
    assert_eq!((&*estimates[0].code, estimates[0].revision), ("BASE", 1));
    assert_eq!(estimates[0].gst_pct.to_string(), "15.0000");
    let closing = bench.library.tender(TenderId(id)).expect("added").closing_at_us;
    assert_eq!(closing, Some(1_796_958_000_000_000));
}

#[test]
fn br_001_a_number_is_taken_for_good() {
    let mut bench = bench();
    let first = add(&mut bench, "T-1").expect("free");
    state(&mut bench, first, "declined").expect("no-go");
    state(&mut bench, first, "archived").expect("kept");
    breaks(add(&mut bench, "t-1"), 1, "number");
    let second = add(&mut bench, "T-2").expect("free");
    let renumber = |n: &str| json!({"op": "update-tender", "id": second, "set": {"number": n}});
    breaks(bench.json(renumber("T-1")), 1, "number");
    bench.json(renumber("T-3")).expect("free");
    bench.json(renumber("T-2")).expect("its own once");
}

#[test]
fn br_004_a_tender_closes_after_it_becomes_active() {
    let mut bench = bench();
    let id = add(&mut bench, "T-1").expect("free");
    let closing =
        |at: serde_json::Value| json!({"op": "update-tender", "id": id, "set": {"closingAt": at}});
    bench.json(closing(json!("2026-11-22T12:00:00+13:00"))).expect("a time");
    breaks(state(&mut bench, id, "active"), 4, "closingAt");
    bench.json(closing(json!(null))).expect("unknown");
    breaks(state(&mut bench, id, "active"), 4, "closingAt");
    breaks(bench.json(closing(json!("next Friday"))), 4, "closingAt");
    bench.json(closing(json!("2026-11-22T12:00:01+13:00"))).expect("a time");
    state(&mut bench, id, "active").expect("one second to go");
}

#[test]
fn br_005_states_change_only_along_the_table() {
    use TenderState as S;
    let all = [
        S::Enquiry,
        S::Active,
        S::Submitted,
        S::Won,
        S::Lost,
        S::NoAward,
        S::Declined,
        S::Withdrawn,
        S::Archived,
    ];
    let allowed: Vec<_> = all
        .into_iter()
        .flat_map(|from| all.into_iter().map(move |to| (from, to)))
        .filter(|(from, to)| course::may_move(*from, *to))
        .collect();
    assert_eq!(
        allowed,
        [
            (S::Enquiry, S::Active),
            (S::Enquiry, S::Declined),
            (S::Active, S::Withdrawn),
            (S::Submitted, S::Active),
            (S::Submitted, S::Won),
            (S::Submitted, S::Lost),
            (S::Submitted, S::NoAward),
            (S::Submitted, S::Withdrawn),
            (S::Won, S::Archived),
            (S::Lost, S::Archived),
            (S::NoAward, S::Archived),
            (S::Declined, S::Archived),
            (S::Withdrawn, S::Archived),
        ]
    );
    let mut bench = bench();
    let id = add(&mut bench, "T-1").expect("free");
    breaks(state(&mut bench, id, "submitted"), 5, "state");
    breaks(state(&mut bench, id, "won"), 5, "state");
    state(&mut bench, id, "active").expect("a go");
}

#[test]
fn br_006_winning_names_the_submitted_revision_and_archives_the_others() {
    let mut bench = bench();
    let id = add(&mut bench, "T-1").expect("free");
    let other = bench
        .json(json!({"op": "add-estimate", "tenderId": id, "code": "ALT"}))
        .expect("a second estimate");
    let accepted = submit(&mut bench, id);
    breaks(state(&mut bench, id, "won"), 6, "acceptedEstimateId");
    let at = |e: Uuid, price: &str| {
        json!({"op": "set-tender-state", "id": id, "state": "won",
            "how": {"acceptedEstimateId": e, "acceptedPrice": price}})
    };
    let won = |e: Uuid| at(e, TOTAL);
    breaks(bench.json(at(accepted.0, "491469.77")), 6, "acceptedPrice");
    breaks(bench.json(won(other)), 6, "acceptedEstimateId");
    bench.json(won(accepted.0)).expect("submitted");
    let state_of = |bench: &Bench, id| bench.library.estimate(id).map(|row| row.state);
    assert_eq!(state_of(&bench, accepted), Some(EstimateState::Submitted));
    assert_eq!(state_of(&bench, EstimateId(other)), Some(EstimateState::Archived));
}

#[test]
fn br_006_and_br_007_what_comes_with_a_state_is_what_that_state_takes() {
    let mut bench = bench();
    let id = add(&mut bench, "T-1").expect("free");
    let accepted = submit(&mut bench, id);
    let outcome = json!({"reason": "capacity", "winningPrice": "unknown"});
    let to =
        |state: &str, how| json!({"op": "set-tender-state", "id": id, "state": state, "how": how});
    let price = json!({"outcome": outcome, "acceptedPrice": "AAA"});
    breaks(bench.json(to("lost", price)), 6, "acceptedPrice");
    let revision = json!({"outcome": outcome, "acceptedEstimateId": accepted.0});
    breaks(bench.json(to("lost", revision)), 6, "acceptedEstimateId");
    let won = json!({"acceptedEstimateId": accepted.0, "acceptedPrice": TOTAL, "outcome": outcome});
    breaks(bench.json(to("won", won)), 7, "outcome");
    breaks(bench.json(to("active", json!({"outcome": outcome}))), 7, "outcome");
    bench.json(to("lost", json!({"outcome": outcome}))).expect("lost, and why");
}

#[test]
fn br_008_a_tender_with_a_submission_is_kept() {
    let mut bench = bench();
    let kept = add(&mut bench, "T-1").expect("free");
    submit(&mut bench, kept);
    let delete = |id: Uuid| json!({"op": "delete-tender", "id": id});
    breaks(bench.json(delete(kept)), 8, "state");
    state(&mut bench, kept, "active").expect("recalled in time");
    breaks(bench.json(delete(kept)), 8, "state");
    state(&mut bench, kept, "withdrawn").expect("active may be withdrawn");
    breaks(bench.json(delete(kept)), 8, "state");
    let gone = add(&mut bench, "T-2").expect("free");
    bench.json(delete(gone)).expect("never submitted");
    assert_eq!(bench.library.estimates_of(TenderId(gone)).count(), 0);
    assert_eq!(
        LibraryEdit::DeleteTender { id: gone, version: None }.least_role(),
        crate::estimating::user::Role::Admin
    );
}

#[test]
fn br_009_a_lead_holds_the_role() {
    let mut bench = bench();
    let id = add(&mut bench, "T-1").expect("free");
    let with = |code: &str, lead: UserId| json!({"op": "add-estimate", "tenderId": id, "code": code, "leadId": lead});
    breaks(bench.json(with("ALT", user(1))), 9, "leadId");
    bench.json(with("ALT", user(2))).expect("user 2 is a lead");
    let base = bench.library.estimates_of(TenderId(id)).next().expect("BASE").id;
    let set = |lead: UserId| json!({"op": "set-estimate-lead", "id": base, "leadId": lead});
    breaks(bench.json(set(user(3))), 9, "leadId");
    bench.json(set(user(2))).expect("user 2 is a lead");
}

#[test]
fn br_010_an_estimate_code_is_unique_in_its_tender() {
    let mut bench = bench();
    let (one, two) = (add(&mut bench, "T-1"), add(&mut bench, "T-2"));
    let with = |id: Uuid, code: &str| json!({"op": "add-estimate", "tenderId": id, "code": code});
    let (one, two) = (one.expect("free"), two.expect("free"));
    breaks(bench.json(with(one, "base")), 10, "code");
    bench.json(with(one, "ALT")).expect("free");
    bench.json(with(two, "ALT")).expect("another tender");
}

#[test]
fn br_018_by_hand_an_estimate_is_archived_and_no_more() {
    let mut bench = bench();
    let id = add(&mut bench, "T-1").expect("free");
    let base = bench.library.estimates_of(TenderId(id)).next().expect("BASE").id;
    let set = |to: &str| json!({"op": "set-estimate-state", "id": base, "state": to});
    breaks(bench.json(set("reviewed")), 18, "state");
    breaks(bench.json(set("approved")), 18, "state");
    bench.json(set("archived")).expect("in progress");
    breaks(bench.json(set("archived")), 18, "state");
}
