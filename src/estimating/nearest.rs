//! Finding what a mistyped name was meant to be.

/// The candidate closest to `word`, if it is close: at most one edit (insert, drop, change or swap
/// of neighbours) for every three characters, ignoring case. The first wins a tie.
/// O(candidates x length²).
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = folded(word);
    candidates
        .into_iter()
        .map(|candidate| (distance(&word, &folded(candidate)), candidate))
        .min_by_key(|(edits, _)| *edits)
        .filter(|(edits, _)| *edits <= word.len().div_ceil(3))
        .map(|(_, candidate)| candidate)
}

fn folded(word: &str) -> Vec<char> {
    word.chars().take(64).flat_map(char::to_lowercase).collect()
}

/// Edit distance with neighbour swaps, one row at a time.
fn distance(one: &[char], other: &[char]) -> usize {
    let mut before: Vec<usize> = vec![];
    let mut above: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.iter().enumerate() {
        let mut row = Vec::with_capacity(above.len());
        row.push(i + 1);
        for (j, b) in other.iter().enumerate() {
            let mut edits = (above[j] + usize::from(a != b)).min(above[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *a == other[j - 1] && one[i - 1] == *b {
                edits = edits.min(before[j - 1] + 1);
            }
            row.push(edits);
        }
        before = std::mem::replace(&mut above, row);
    }
    above[other.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_typing_slip_finds_the_name_meant() {
        let known = ["bulk", "prog_weeks", "hours_per_week"];
        assert_eq!(nearest("bulkk", known), Some("bulk"));
        assert_eq!(nearest("prog_weks", known), Some("prog_weeks"));
        assert_eq!(nearest("hours_per_weke", known), Some("hours_per_week"));
        assert_eq!(nearest("Bulk", known), Some("bulk"));
        assert_eq!(nearest("depth", known), None);
        assert_eq!(nearest("x", []), None);
    }
}
