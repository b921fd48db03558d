//! The line of a statement that an error points at, as PostgreSQL's client library prints it
//! (libpq's `reportErrorPosition`).

/// How many letters of a line are shown.
const DISPLAY: usize = 60;

/// How many letters are left to the right of the place, where the line is cut.
const RIGHT: usize = 10;

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
    use super::excerpt;

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
