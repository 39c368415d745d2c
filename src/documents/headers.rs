//! What the heading of a column says it holds.

/// What a column of a schedule holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Role {
    Code,
    Description,
    Unit,
    Quantity,
    Rate,
    Amount,
    Level,
    Note,
}

pub(super) const ROLES: [Role; 8] = [
    Role::Description,
    Role::Quantity,
    Role::Unit,
    Role::Code,
    Role::Rate,
    Role::Amount,
    Role::Level,
    Role::Note,
];

/// Full names, the surest first.
fn names(role: Role) -> &'static [&'static str] {
    match role {
        Role::Code => &[
            "pay item",
            "pay item no",
            "pay item number",
            "item no",
            "item number",
            "item code",
            "item ref",
            "item reference",
            "item id",
            "client code",
            "schedule item",
            "schedule ref",
            "code",
            "ref",
            "ref no",
            "reference",
            "clause",
            "clause no",
            "bill ref",
            "line no",
            "line number",
            "item",
            "no",
            "number",
            "id",
        ],
        Role::Description => &[
            "description",
            "item description",
            "description of work",
            "description of works",
            "work description",
            "desc",
            "particulars",
            "details",
            "item details",
            "work item",
            "activity",
            "scope",
            "name",
            "title",
        ],
        Role::Unit => &[
            "unit",
            "units",
            "uom",
            "u o m",
            "unit of measure",
            "unit of measurement",
            "measure",
            "um",
            "meas unit",
        ],
        Role::Quantity => &[
            "quantity",
            "qty",
            "est qty",
            "estimated quantity",
            "estimated qty",
            "est quantity",
            "tender quantity",
            "tender qty",
            "approx qty",
            "approximate quantity",
            "bid quantity",
            "bid qty",
            "plan quantity",
            "contract quantity",
            "quantities",
            "qnty",
            "quant",
        ],
        Role::Rate => &[
            "rate",
            "unit rate",
            "unit price",
            "unit cost",
            "unit bid price",
            "bid price",
            "price",
            "tender rate",
            "cost rate",
            "rates",
            "price per unit",
        ],
        Role::Amount => &[
            "amount",
            "extension",
            "extended amount",
            "extended price",
            "ext amount",
            "total price",
            "line total",
            "total amount",
            "tender amount",
            "bid amount",
            "total",
            "value",
            "cost",
            "total cost",
            "sum",
            "ext",
        ],
        Role::Level => &["level", "lvl", "outline level", "wbs level", "hierarchy level", "depth"],
        Role::Note => &["note", "notes", "remark", "remarks", "comment", "comments"],
    }
}

/// A text as it is compared: lower case, words only.
pub(super) fn words(text: &str) -> String {
    let lower: String = text
        .to_lowercase()
        .chars()
        .map(|c| if c.is_alphanumeric() || c == '%' { c } else { ' ' })
        .collect();
    lower.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A heading as it is compared: as [`words`], without currency and tax marks.
pub(super) fn key(heading: &str) -> String {
    let ignored = ["nz", "nzd", "excl", "ex", "exclusive", "gst", "of", "the", "dollars"];
    let words = words(heading);
    let keeps = |word: &&str| !ignored.contains(word);
    words.split(' ').filter(keeps).collect::<Vec<_>>().join(" ")
}

/// How surely a heading names the role; 0 for not at all. Full names count 100 and down, a
/// heading that holds a full name as words counts 10.
pub(super) fn fit(heading: &str, role: Role) -> u32 {
    let heading = key(heading);
    if heading.is_empty() {
        return 0;
    }
    let names = names(role);
    if let Some(at) = names.iter().position(|name| key(name) == heading) {
        return 100_u32.saturating_sub(u32::try_from(at).unwrap_or(u32::MAX));
    }
    let padded = format!(" {heading} ");
    let held = names
        .iter()
        .filter(|name| name.len() > 2)
        .any(|name| padded.contains(&format!(" {} ", key(name))));
    if held && heading.split(' ').count() <= 5 { 10 } else { 0 }
}

/// Names of columns that tell contracts or bidders in one file apart.
pub(super) fn separates(heading: &str) -> Option<u32> {
    let names = [
        "projectid",
        "project id",
        "project",
        "project no",
        "contract",
        "contract no",
        "contract id",
        "contract number",
        "tender",
        "tender no",
        "lot",
        "schedule",
        "pos",
        "position",
        "rank",
        "bidder rank",
        "bidder",
        "bidder name",
        "tenderer",
        "supplier",
        "contractor",
        "vendor",
        "company",
    ];
    let heading = key(heading);
    names.iter().position(|name| *name == heading).and_then(|at| u32::try_from(at).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_in_many_spellings_name_their_role() {
        for (heading, role) in [
            ("Item No.", Role::Code),
            ("PAY ITEM", Role::Code),
            ("Clause", Role::Code),
            ("Description", Role::Description),
            ("DESCRIPTION OF WORK", Role::Description),
            ("UoM", Role::Unit),
            ("Unit of Measure", Role::Unit),
            ("Est. Qty", Role::Quantity),
            ("Qty", Role::Quantity),
            ("Rate ($)", Role::Rate),
            ("Unit Price", Role::Rate),
            ("Amount (NZD excl. GST)", Role::Amount),
            ("Extension", Role::Amount),
            ("Level", Role::Level),
        ] {
            let best = ROLES.into_iter().max_by_key(|role| fit(heading, *role));
            assert_eq!(best, Some(role), "{heading}");
            assert!(fit(heading, role) > 50, "{heading}");
        }
        assert_eq!(fit("County", Role::Code), 0);
        assert_eq!(fit("", Role::Unit), 0);
    }
}
