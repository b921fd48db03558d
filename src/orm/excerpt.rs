//! The line of a statement that an error points at, as PostgreSQL's client library prints it
//! (libpq's `reportErrorPosition`).

/// How many letters of a line are shown.
const DISPLAY: usize = 60;

/// How many letters are left to the right of the place, where the line is cut.
const RIGHT: usize = 10;

/// Where PostgreSQL points for a message: the start of what the span covers, but at the operator
/// itself where there is none for its operands, at the parenthesis of a subquery that is too wide,
/// and at the first column of a query that does not fit the one before.
pub(super) fn place(sql: &str, start: usize, message: &str) -> usize {
    let (before, rest) = sql.split_at_checked(start).unwrap_or((sql, ""));
    if message == "subquery must return only one column" && before.ends_with('(') {
        return start - 1;
    }
    if message.ends_with("query must have the same number of columns") {
        let select = rest.strip_prefix("SELECT ").map(|_| "SELECT ".len());
        return start + select.unwrap_or(0);
    }
    let missing = message.strip_prefix("operator does not exist: ");
    let Some(signature) = missing else {
        return start;
    };
    let words: Vec<&str> = signature.split(' ').collect();
    let is_sign = |word: &&&str| !word.contains(|c: char| c.is_alphanumeric() || c == '"');
    let Some(sign) = words.iter().skip(1).find(is_sign) else {
        return start;
    };
    // `= ANY` and `IN` compare by `=`.
    outside(rest, &format!(" {sign} "))
        .or_else(|| outside(rest, " IN ").filter(|_| *sign == "="))
        .map_or(start, |at| start + at + 1)
}

/// Where a text holds another first, outside of quotes and parentheses.
fn outside(text: &str, part: &str) -> Option<usize> {
    let (mut depth, mut quote) = (0_u32, None);
    for (at, letter) in text.char_indices() {
        match (quote, letter) {
            (Some(open), _) => quote = (letter != open).then_some(open),
            (None, '\'' | '"') => quote = Some(letter),
            (None, '(') => depth += 1,
            (None, ')') => depth = depth.checked_sub(1)?,
            (None, _) if depth == 0 && text.get(at..)?.starts_with(part) => return Some(at),
            (None, _) => {}
        }
    }
    None
}

/// `LINE 1: SELECT nope FROM ..` and a caret below the byte `at`.
pub(super) fn excerpt(sql: &str, at: usize) -> String {
    let before = sql.get(..at).unwrap_or(sql);
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let number = before.matches('\n').count() + 1;
    let line = sql.get(start..).unwrap_or_default();
    let line = line.lines().next().unwrap_or_default().replace('\t', " ");
    let place = before.get(start..).unwrap_or_default().chars().count();
    let letters: Vec<char> = line.chars().collect();
    let (mut from, mut to) = (0, letters.len());
    if to > DISPLAY {
        if DISPLAY >= place + RIGHT {
            to = DISPLAY;
        } else {
            to = to.min(place + RIGHT);
            from = to.saturating_sub(DISPLAY);
        }
    }
    let shown: String = letters.get(from..to).unwrap_or_default().iter().collect();
    let lead = match from {
        0 => format!("LINE {number}: "),
        _ => format!("LINE {number}: ..."),
    };
    let rest = match to < letters.len() {
        true => "...",
        false => "",
    };
    let margin = " ".repeat(lead.chars().count() + place.saturating_sub(from));
    format!("{lead}{shown}{rest}\n{margin}^")
}

#[cfg(test)]
mod tests {
    use super::{excerpt, place};

    #[test]
    fn a_missing_operator_is_pointed_at_and_not_its_operands() {
        let sql = r#"SELECT 1 WHERE UPPER("a ~ b"::text) ~ 5"#;
        let start = sql.find("UPPER").unwrap_or_default();
        let at = place(sql, start, "operator does not exist: text ~ integer");
        assert_eq!(sql.get(at..), Some("~ 5"));
        let at = place(sql, start, "column \"nope\" does not exist");
        assert_eq!(at, start);
        let sql = "(SELECT a) UNION (SELECT a, b)";
        let start = sql.rfind("SELECT").unwrap_or_default();
        let message = "each UNION query must have the same number of columns";
        assert_eq!(sql.get(place(sql, start, message)..), Some("a, b)"));
        let at = place(sql, start, "subquery must return only one column");
        assert_eq!(sql.get(at..), Some("(SELECT a, b)"));
    }

    #[test]
    fn the_line_is_cut_on_both_sides_as_libpq_cuts_it() {
        let sql = format!(
            "SELECT {}, nope, {} FROM t",
            "a, ".repeat(30),
            "b, ".repeat(30)
        );
        let at = sql.find("nope").unwrap_or_default();
        assert_eq!(
            excerpt(&sql, at),
            "LINE 1: ...a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, , nope, b, b...\n\
             \x20                                                            ^"
        );
        assert_eq!(
            excerpt("SELECT 1,\n  nope", 12),
            "LINE 2:   nope\n          ^"
        );
    }
}
