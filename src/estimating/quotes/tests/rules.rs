//! Each rule of quotes that needs nothing but its rows: broken once, and kept just inside.

use super::*;
use crate::estimating::{
    company::{Company, CompanyRoles, CompanyState},
    id::ItemId,
    refusal::Refusal,
    rules::{Kind, Violation},
    thresholds::Thresholds,
};

/// The rules that refuse a quote.
fn refused(quote: &Quote) -> Vec<String> {
    match normalise(quote, &members(), gst()) {
        Ok(_) => Vec::new(),
        Err(Refusal::Violations(list)) => list.0.iter().map(|v| v.rule.to_string()).collect(),
        Err(other) => vec![other.to_string()],
    }
}

fn full() -> Quote {
    quote(1, [Some("7.85"), Some("289.00"), Some("3.40")])
}

fn numbers(found: &[Violation]) -> Vec<String> {
    found.iter().map(|violation| violation.rule.to_string()).collect()
}

#[test]
fn br_061_no_member_is_in_two_live_packages_and_none_is_empty() {
    let package = |n: u128, members: &[u128]| Package {
        id: PackageId(Uuid::from_u128(n)),
        estimate: EstimateId(Uuid::from_u128(9)),
        code: format!("P{n}").into(),
        name: "".into(),
        note: None,
        members: PackageMembers::Items(
            members.iter().map(|n| ItemId(Uuid::from_u128(*n))).collect(),
        ),
        version: 1,
        stamp: stamp(),
    };
    assert_eq!(check_packages(&[package(1, &[5, 6]), package(2, &[7])]), []);
    assert_eq!(numbers(&check_packages(&[package(1, &[5, 6]), package(2, &[6])])), ["BR-061"]);
    assert_eq!(numbers(&check_packages(&[package(1, &[5, 5])])), ["BR-061"]);
    assert_eq!(numbers(&check_packages(&[package(1, &[])])), ["BR-061"]);
}

#[test]
fn br_062_only_eligible_companies_are_invited() {
    let company = |active, supplier, on_hold| Company {
        id: CompanyId(Uuid::from_u128(1)),
        name: "Coastal".into(),
        roles: CompanyRoles { client: true, supplier, subcontractor: false },
        contacts: Vec::new(),
        regions: Vec::new(),
        trades: Vec::new(),
        note: None,
        on_hold,
        state: if active { CompanyState::Active } else { CompanyState::Archived },
        xero_contact: None,
        version: 1,
        stamp: stamp(),
    };
    assert_eq!(check_invited(&company(true, true, false)), None);
    for (active, sells, on_hold) in [(false, true, false), (true, false, false), (true, true, true)]
    {
        let found = check_invited(&company(active, sells, on_hold)).expect("not eligible");
        assert_eq!(found.code, "supplier-not-eligible");
    }
}

#[test]
fn br_063_a_changed_member_outdates_quotes_until_confirmed() {
    let asked = |quantity: &str, description: &str| Asked {
        member: member_id(206),
        quantity: read(quantity),
        unit: None,
        code: "2.06".into(),
        description: description.into(),
    };
    let before = [asked("4250", "Chipseal")];
    let mut quotes = quotes();
    assert_eq!(check_asked(&before, &before, &quotes), []);
    quotes[1].state = QuoteState::Withdrawn;
    for now in [vec![asked("4250.0001", "Chipseal")], vec![asked("4250", "Seal")], vec![]] {
        quotes[0].confirmed = now.clone();
        quotes[0].dropped = if now.is_empty() { vec![member_id(206)] } else { vec![] };
        let found = check_asked(&before, &now, &quotes);
        assert_eq!(numbers(&found), ["BR-063"]);
        assert_eq!(found[0].objects, [quotes[2].id.0, member_id(206).0]);
    }
}

#[test]
fn br_064_every_line_is_matched_once_or_set_aside() {
    let mut stray = full();
    let price = LinePrice::Rate(read("9.00"));
    stray.lines.push(QuoteLine { member: None, ..line(1, price) });
    assert_eq!(refused(&stray), ["BR-064"]);
    stray.lines[3].set_aside = true;
    assert_eq!(refused(&stray), Vec::<String>::new());
    for n in [206, 999] {
        stray.lines[3] = line(n, price);
        assert_eq!(refused(&stray), ["BR-064"]);
    }
}

#[test]
fn br_065_a_zero_is_no_price() {
    let mut zero = full();
    for price in [LinePrice::Rate(read("0")), LinePrice::Amount(Money::ZERO)] {
        zero.lines[1].price = price;
        assert_eq!(refused(&zero), ["BR-065"]);
    }
    for price in [LinePrice::Included, LinePrice::Free, LinePrice::Blank] {
        zero.lines[1].price = price;
        assert_eq!(refused(&zero), Vec::<String>::new());
    }
}

#[test]
fn br_066_a_plug_is_never_transferred_as_a_rate() {
    let comparison = compared();
    let quote = &comparison.quotes[1];
    let mut list = transfer(quote, &members()).expect("a transfer");
    assert_eq!(check_transfer(quote, &list), None);
    list[2].rate = Some(read("3.4000"));
    assert_eq!(check_transfer(quote, &list).expect("a gap").code, "gap-plug-transferred");
}

#[test]
fn br_067_basis_and_currency_are_stated() {
    let mut silent = full();
    silent.gst = None;
    assert_eq!(refused(&silent), ["BR-067"]);
    silent.currency = None;
    assert_eq!(refused(&silent), ["BR-067", "BR-067"]);
    silent.gst = Some(GstBasis::Inclusive);
    let exchange = |text| Some(Currency::Foreign { code: "AUD".into(), exchange: read(text) });
    silent.currency = exchange("0");
    assert_eq!(refused(&silent), ["BR-067"]);
    silent.currency = exchange("0.000001");
    assert_eq!(refused(&silent), Vec::<String>::new());
}

#[test]
fn br_068_a_stated_total_off_by_more_than_a_dollar_is_told() {
    let told = |quote: &Quote, stated: &str| {
        let quote = Quote { stated_total: Some(read(stated)), ..quote.clone() };
        normalise(&quote, &members(), gst()).expect("a quote").arithmetic.is_some()
    };
    let [a, b, c] = &quotes()[..] else { panic!("three quotes") };
    // 67711.00 and its own establishment of 2850.00.
    assert!(!told(a, "70562.00") && told(a, "70562.01") && told(a, "67711.00"));
    // Our allowance is none of the company's business.
    assert!(!told(b, "60062.25") && told(b, "61512.25"));
    // On its own basis: 74997.50 with GST, less 1.5 %.
    assert!(!told(c, "73872.54") && told(c, "64236.90"));
    let violation =
        normalise(&Quote { stated_total: Some(read("1")), ..a.clone() }, &members(), gst());
    let violation = violation.expect("a quote").arithmetic.expect("far off");
    assert_eq!(violation.catalogued().kind, Kind::Acknowledge);
}

#[test]
fn br_069_every_adjustment_has_a_reason() {
    let mut unexplained = quotes().remove(0);
    unexplained.adjustments[0].reason = "  ".into();
    assert_eq!(refused(&unexplained), ["BR-069"]);
}

fn adjudication(deadline_us: i64) -> Adjudication {
    Adjudication {
        estimate: EstimateId(Uuid::from_u128(9)),
        package: PackageId(Uuid::from_u128(1)),
        round: 1,
        deadline_us: Some(deadline_us),
        state: AdjudicationState::Comparing,
        asked: vec![],
        award: None,
        version: 1,
        stamp: stamp(),
    }
}

/// The rules an award of quote `n` breaks; quote `n` came at time `n`.
fn award(quotes: &[Quote], n: u128, reason: Option<&str>, deadline_us: i64) -> Vec<String> {
    let comparison = compare(&members(), quotes, gst()).expect("a comparison");
    let decision = Award {
        quote: QuoteId(Uuid::from_u128(n)),
        reason,
        threshold: Thresholds::built_in().award,
    };
    let found = check_award(&comparison, quotes, &adjudication(deadline_us), &decision);
    numbers(&found.expect("a quote of the comparison"))
}

#[test]
fn br_070_a_late_quote_is_taken_openly() {
    assert_eq!(award(&quotes(), 3, None, 2), ["BR-070"]);
    assert_eq!(award(&quotes(), 3, None, 3), Vec::<String>::new());
}

#[test]
fn br_071_passing_over_the_lowest_conforming_quote_needs_a_reason() {
    for reason in [None, Some(" ")] {
        assert_eq!(award(&quotes(), 2, reason, 9), ["BR-071"]);
    }
    assert_eq!(award(&quotes(), 2, Some("Can start in May"), 9), Vec::<String>::new());
    let mut quotes = quotes();
    quotes[2].conforming = false;
    quotes.push(quote(4, [Some("9"), Some("300"), Some("4")]));
    assert_eq!(award(&quotes, 3, None, 9), ["BR-071"]);
    assert_eq!(award(&quotes, 2, None, 9), Vec::<String>::new());
}

#[test]
fn br_072_a_larger_package_has_three_conforming_quotes() {
    let mut two = quotes();
    two[0].conforming = false;
    assert_eq!(award(&two, 3, None, 9), ["BR-072"]);
    two[0].state = QuoteState::Withdrawn;
    assert_eq!(award(&two, 3, None, 9), ["BR-072"]);
    let small = quote(5, [Some("1.00"), Some("10.00"), Some("1.00")]);
    assert_eq!(award(&[small], 5, None, 9), Vec::<String>::new());
}

#[test]
fn br_073_transferred_costs_equal_the_award() {
    let comparison = compared();
    let quote = &comparison.quotes[2];
    let mut list = transfer(quote, &members()).expect("a transfer");
    list[0].lump = read("-481.72");
    assert_eq!(check_transfer(quote, &list).expect("a cent off").code, "award-transfer-mismatch");
    let mut included = quotes().remove(0);
    included.lines.iter_mut().for_each(|line| line.price = LinePrice::Included);
    let comparison = compare(&members(), &[included], gst()).expect("a comparison");
    let refusal = transfer(&comparison.quotes[0], &members()).expect_err("nothing carries it");
    assert!(refusal.to_string().contains("BR-073"), "{refusal}");
}

#[test]
fn br_074_adjudications_and_quotes_keep_to_their_path() {
    use AdjudicationState::{Awarded, Cancelled, Comparing, Draft, Issued, Transferred};
    let all = [Draft, Issued, Comparing, Awarded, Transferred, Cancelled];
    let allowed = |state, next, round| {
        let from = Adjudication { state, ..adjudication(0) };
        from.check_move(next, round).is_none()
    };
    let moves = |round| -> Vec<_> {
        let pairs = all.into_iter().flat_map(|from| all.map(|to| (from, to)));
        pairs.filter(|(from, to)| allowed(*from, *to, round)).collect()
    };
    let same_round = [
        (Draft, Issued),
        (Draft, Cancelled),
        (Issued, Comparing),
        (Issued, Cancelled),
        (Comparing, Awarded),
        (Comparing, Cancelled),
        (Awarded, Transferred),
    ];
    assert_eq!(moves(1), same_round);
    assert_eq!(moves(2), [(Awarded, Comparing), (Transferred, Comparing)]);
    assert!(QuoteState::Received.may_become(QuoteState::Normalised));
    assert!(!QuoteState::Declined.may_become(QuoteState::Received));
}
