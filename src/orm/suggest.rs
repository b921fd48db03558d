//! Names that were probably meant (Python's `difflib.get_close_matches`).

/// The up to three choices that are most like a name, best first.
pub fn close_matches<'a>(name: &str, choices: &[&'a str]) -> Vec<&'a str> {
    let mut scored: Vec<(f64, &str)> = choices
        .iter()
        .map(|choice| (ratio(choice, name), *choice))
        .filter(|(score, _)| *score >= 0.6)
        .collect();
    scored.sort_by(|left, right| right.0.total_cmp(&left.0).then_with(|| right.1.cmp(left.1)));
    scored.truncate(3);
    scored.into_iter().map(|(_, choice)| choice).collect()
}

/// `SequenceMatcher.ratio()`: twice the matching letters over all letters.
fn ratio(one: &str, other: &str) -> f64 {
    let one: Vec<char> = one.chars().collect();
    let other: Vec<char> = other.chars().collect();
    let all = one.len() + other.len();
    if all == 0 {
        return 1.0;
    }
    2.0 * matching(&one, &other) as f64 / all as f64
}

/// The letters of the longest common run, and of the runs on both sides of it.
fn matching(one: &[char], other: &[char]) -> usize {
    let (mut best, mut at_one, mut at_other) = (0, 0, 0);
    for start in 0..one.len() {
        for begin in 0..other.len() {
            let run = one[start..]
                .iter()
                .zip(&other[begin..])
                .take_while(|(left, right)| left == right)
                .count();
            if run > best {
                (best, at_one, at_other) = (run, start, begin);
            }
        }
    }
    if best == 0 {
        return 0;
    }
    best + matching(&one[..at_one], &other[..at_other])
        + matching(&one[at_one + best..], &other[at_other + best..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_found() {
        assert_eq!(
            close_matches("containz", &["contains", "exact"]),
            ["contains"]
        );
        assert_eq!(
            close_matches("foo", &["contains", "exact"]),
            Vec::<&str>::new()
        );
        assert_eq!(close_matches("prize", &["price", "rating"]), ["price"]);
    }
}
