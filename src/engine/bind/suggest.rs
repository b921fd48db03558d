//! "Did you mean": the names nearest to one that was not found.

/// The number of single-character edits between two names, or `None` when more than `limit`.
fn distance(left: &str, right: &str, limit: usize) -> Option<usize> {
    if left.len().abs_diff(right.len()) > limit * 4 || left.len() > 64 || right.len() > 64 {
        return None;
    }
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (at, l) in left.chars().enumerate() {
        let mut diagonal = at;
        let mut before = at + 1;
        let mut next = Vec::with_capacity(row.len());
        next.push(before);
        for (r, above) in right.iter().zip(row.iter().skip(1)) {
            let value = (diagonal + usize::from(l != *r))
                .min(above + 1)
                .min(before + 1);
            diagonal = *above;
            before = value;
            next.push(value);
        }
        row = next;
    }
    row.last().copied().filter(|found| *found <= limit)
}

/// The candidates nearest to a name, at most three, nearest first; those of equal distance in the
/// order in which they came.
pub(super) fn nearest<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Vec<&'a str> {
    let limit = (name.chars().count() / 3).clamp(1, 3);
    let mut found: Vec<(usize, &str)> = Vec::new();
    for candidate in candidates {
        let near = if candidate.len() > 2
            && name.len() > 2
            && (candidate.starts_with(name) || name.starts_with(candidate))
        {
            Some(limit)
        } else {
            distance(name, candidate, limit)
        };
        if let Some(near) = near
            && !found.iter().any(|(_, known)| *known == candidate)
        {
            found.push((near, candidate));
        }
    }
    found.sort_by_key(|(near, _)| *near);
    found.truncate(3);
    found.into_iter().map(|(_, name)| name).collect()
}

/// A hint that names the candidates, when there are any.
pub(super) fn hint(candidates: &[String]) -> Option<String> {
    match candidates {
        [] => None,
        [one] => Some(format!("Did you mean \"{one}\"?")),
        [most @ .., last] => Some(format!(
            "Did you mean \"{}\" or \"{last}\"?",
            most.join("\", \"")
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn misspelt_names_find_their_neighbours() {
        let names = ["price", "quantity", "product_id", "created_at"];
        assert_eq!(nearest("prise", names), ["price"]);
        assert_eq!(nearest("created", names), ["created_at"]);
        assert_eq!(nearest("zzz", names), Vec::<&str>::new());
    }
}
