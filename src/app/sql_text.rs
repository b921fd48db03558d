//! SQL as a person reads it: words with their kinds, and a line for each clause.
//!
//! Only for showing: what ran is what the query log says.

/// A run of characters of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece<'a> {
    /// Which kind.
    pub kind: Kind,
    /// The characters.
    pub text: &'a str,
}

/// What a piece of SQL is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A word of SQL.
    Keyword,
    /// A quoted text.
    Text,
    /// A number.
    Number,
    /// A name.
    Name,
    /// A comment.
    Comment,
    /// Blanks.
    Blank,
    /// Everything else.
    Sign,
}

const KEYWORDS: &str = " select from where and or not in is null as on join inner left right full outer cross \
    group by order having limit offset union all intersect except distinct insert into values update set delete \
    returning case when then else end exists between like ilike asc desc nulls first last with over partition \
    rows range unbounded preceding following current row filter for begin commit rollback savepoint release to \
    create table index view drop alter add constraint primary key foreign references unique check default using \
    true false interval conflict do nothing lateral recursive explain analyze cast any some window ";

/// Words that start a line where they stand outside of parentheses.
const CLAUSES: [&str; 17] = [
    "from",
    "where",
    "group",
    "having",
    "order",
    "limit",
    "offset",
    "union",
    "intersect",
    "except",
    "inner",
    "left",
    "right",
    "full",
    "cross",
    "returning",
    "set",
];

/// The pieces of a text, which they make up again.
pub fn pieces(sql: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let mut rest = sql;
    while let Some(first) = rest.chars().next() {
        let (kind, length) = measure(rest, first);
        let (text, after) = rest.split_at(length.max(first.len_utf8()).min(rest.len()));
        found.push(Piece { kind, text });
        rest = after;
    }
    found
}

/// The kind of the piece that a text starts with, and its bytes.
fn measure(rest: &str, first: char) -> (Kind, usize) {
    let span = |belongs: fn(char) -> bool| rest.find(|c: char| !belongs(c)).unwrap_or(rest.len());
    match first {
        c if c.is_whitespace() => (Kind::Blank, span(char::is_whitespace)),
        '\'' => (Kind::Text, quoted(rest, '\'')),
        '"' => (Kind::Name, quoted(rest, '"')),
        '-' if rest.starts_with("--") => (Kind::Comment, rest.find('\n').unwrap_or(rest.len())),
        '/' if rest.starts_with("/*") => (
            Kind::Comment,
            rest.find("*/").map_or(rest.len(), |end| end + 2),
        ),
        c if c.is_ascii_digit() => (Kind::Number, span(|c| c.is_ascii_digit() || c == '.')),
        c if c.is_alphabetic() || c == '_' => {
            let length = span(|c| c.is_alphanumeric() || c == '_');
            let word = rest.get(..length).unwrap_or_default().to_ascii_lowercase();
            let kind = match KEYWORDS.contains(&format!(" {word} ")) {
                true => Kind::Keyword,
                false => Kind::Name,
            };
            (kind, length)
        }
        c => (Kind::Sign, c.len_utf8()),
    }
}

/// Bytes of a quoted part, in which a doubled quote stands for one.
fn quoted(rest: &str, quote: char) -> usize {
    let mut inside = rest.char_indices().skip(1).peekable();
    while let Some((at, c)) = inside.next() {
        if c == quote {
            match inside.peek() {
                Some((_, next)) if *next == quote => drop(inside.next()),
                _ => return at + 1,
            }
        }
    }
    rest.len()
}

/// The text with a line for each clause, and long lists of columns broken.
pub fn lines(sql: &str) -> String {
    /// The longest list that stays on its line.
    const WIDTH: usize = 88;
    if sql.contains('\n') {
        return sql.to_owned();
    }
    let mut out = String::with_capacity(sql.len() + 32);
    let (mut depth, mut width) = (0usize, 0usize);
    let mut before = "";
    for piece in pieces(sql) {
        let word = piece.text.to_ascii_lowercase();
        match piece.text {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            _ => {}
        }
        let clause = piece.kind == Kind::Keyword && CLAUSES.contains(&word.as_str());
        // `LEFT OUTER JOIN` starts once; `FROM` inside of `EXTRACT(..)` and subqueries does not.
        if clause && depth == 0 && !out.is_empty() {
            let kept = out.trim_end().len();
            out.truncate(kept);
            out.push('\n');
            width = 0;
        }
        if piece.kind == Kind::Blank {
            if before == "," && width > WIDTH && depth == 0 {
                out.push_str("\n       ");
                width = 7;
                before = " ";
                continue;
            }
            if width == 0 {
                continue;
            }
        }
        out.push_str(piece.text);
        width += piece.text.chars().count();
        before = piece.text;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_make_up_the_text() {
        for sql in [
            "SELECT \"a\"\"b\", 'it''s' -- x\nFROM t /* y */ WHERE é > 1.5",
            "'open",
            "\"open",
            "/* open",
            "😀",
        ] {
            let text: String = pieces(sql).iter().map(|piece| piece.text).collect();
            assert_eq!(text, sql);
        }
    }

    #[test]
    fn every_clause_has_its_line() {
        let sql = "SELECT \"product\".\"id\" FROM \"product\" INNER JOIN \"category\" ON (\"x\" = 1) \
                   WHERE EXTRACT(YEAR FROM \"d\") = 2026 ORDER BY \"id\" ASC LIMIT 5";
        let lines = lines(sql);
        let firsts: Vec<_> = lines
            .lines()
            .filter_map(|line| line.split(' ').next())
            .collect();
        assert_eq!(
            firsts,
            ["SELECT", "FROM", "INNER", "WHERE", "ORDER", "LIMIT"]
        );
    }
}
