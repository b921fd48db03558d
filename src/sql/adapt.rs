//! The constructs of PostgreSQL that sqlparser does not know: tokens are rewritten into what it
//! can parse. Where a mark is needed, it is a name that starts with NUL, which cannot occur in a
//! statement, so no text can say the same.

use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Span, Token, TokenWithSpan, Word};

/// Starts the name that carries a frame's EXCLUDE clause: the window's base name becomes
/// `FRAME_MARK`, the kind, `FRAME_MARK`, the name that was there.
pub const FRAME_MARK: char = '\0';
/// The function around the lower bound of `BETWEEN SYMMETRIC`.
pub const SYMMETRIC_MARK: &str = "\0symmetric";
/// The column that stands for `OVERRIDING SYSTEM VALUE`.
pub const OVERRIDING_SYSTEM_MARK: &str = "\0overriding system";
/// The column that stands for `OVERRIDING USER VALUE`.
pub const OVERRIDING_USER_MARK: &str = "\0overriding user";

/// The function that stands for GROUPING SETS inside GROUPING SETS.
pub const GROUPING_SETS_MARK: &str = "\0grouping sets";

/// Stands before the name of a DROP MATERIALIZED VIEW that is a REFRESH.
pub const REFRESH_MARK: &str = "\0refresh";
/// Stands before the name of a CREATE SEQUENCE that is an ALTER.
pub const ALTER_MARK: &str = "\0alter";
/// Stands behind [`ALTER_MARK`]: `RESTART`, and the number behind it if there is one.
pub const RESTART_MARK: &str = "\0restart";

/// The type of the columns of CREATE TABLE t (a, b) AS.
pub const UNTYPED_MARK: &str = "\0untyped";

/// Words that are plain names in PostgreSQL and clauses of other databases in sqlparser.
const PLAIN_NAMES: [&str; 7] = [
    "top", "settings", "sample", "final", "prewhere", "connect", "global",
];

/// Rewrites what sqlparser cannot parse into what it can.
pub(super) fn adapt(tokens: &mut Vec<TokenWithSpan>) {
    refresh(tokens);
    alter_sequence(tokens);
    untyped_columns(tokens);
    select_into(tokens);
    let mut at = 0;
    while at < tokens.len() {
        match keyword(tokens, at) {
            Some(Keyword::EXCLUDE) => move_exclusion(tokens, at),
            Some(Keyword::BETWEEN) if word_is(tokens, at + 1, "symmetric") => {
                mark_symmetric(tokens, at + 1);
            }
            Some(Keyword::BETWEEN) if word_is(tokens, at + 1, "asymmetric") => {
                tokens.remove(at + 1);
            }
            Some(Keyword::LIKE | Keyword::ILIKE) => quantified_like(tokens, at),
            Some(Keyword::GROUPING) if word_is(tokens, at + 1, "sets") => {
                nested_grouping_sets(tokens, at + 2);
            }
            Some(Keyword::TABLE) => table_query(tokens, at),
            Some(Keyword::TRIM) => trim_without_characters(tokens, at),
            Some(Keyword::COLLATE) => collated_cast(tokens, at),
            Some(Keyword::SUBSTRING) => similar_substring(tokens, at),
            Some(
                Keyword::START
                | Keyword::INCREMENT
                | Keyword::MINVALUE
                | Keyword::MAXVALUE
                | Keyword::CACHE
                | Keyword::CYCLE
                | Keyword::NO,
            ) => at = order_sequence(tokens, at),
            _ if PLAIN_NAMES.iter().any(|name| word_is(tokens, at, name))
                && !is(tokens, at + 1, &Token::LParen) =>
            {
                if let Some(token) = tokens.get_mut(at) {
                    token.token = mark(token.token.to_string().to_ascii_lowercase());
                }
            }
            _ if word_is(tokens, at, "overriding") => mark_overriding(tokens, at),
            _ if word_is(tokens, at, "isnull") => test_for_null(tokens, at),
            _ if word_is(tokens, at, "current_schema") => call_without_parentheses(tokens, at),
            _ => {}
        }
        at += 1;
    }
}

fn keyword(tokens: &[TokenWithSpan], at: usize) -> Option<Keyword> {
    match &tokens.get(at)?.token {
        Token::Word(word) if word.quote_style.is_none() => Some(word.keyword),
        _ => None,
    }
}

fn word_is(tokens: &[TokenWithSpan], at: usize, text: &str) -> bool {
    matches!(
        tokens.get(at).map(|token| &token.token),
        Some(Token::Word(word)) if word.quote_style.is_none() && word.value.eq_ignore_ascii_case(text)
    )
}

fn is(tokens: &[TokenWithSpan], at: usize, wanted: &Token) -> bool {
    tokens.get(at).is_some_and(|token| token.token == *wanted)
}

/// A quoted name.
fn mark(name: impl Into<String>) -> Token {
    Token::Word(Word {
        value: name.into(),
        quote_style: Some('"'),
        keyword: Keyword::NoKeyword,
    })
}

fn word(text: &str, keyword: Keyword) -> Token {
    Token::Word(Word {
        value: text.to_owned(),
        quote_style: None,
        keyword,
    })
}

fn put(
    tokens: &mut Vec<TokenWithSpan>,
    at: usize,
    span: Span,
    new: impl IntoIterator<Item = Token>,
) {
    let new = new.into_iter().map(|token| TokenWithSpan::new(token, span));
    tokens.splice(at..at, new.collect::<Vec<_>>());
}

/// The first token from `at` on, at the same depth of parentheses and CASE, that `wanted` takes.
fn find_level(
    tokens: &[TokenWithSpan],
    at: usize,
    mut wanted: impl FnMut(&TokenWithSpan, usize) -> bool,
) -> Option<usize> {
    let mut depth = 0_usize;
    for (place, token) in tokens.iter().enumerate().skip(at) {
        if depth == 0 && wanted(token, place) {
            return Some(place);
        }
        match (&token.token, keyword(tokens, place)) {
            (Token::LParen | Token::LBracket, _) | (_, Some(Keyword::CASE)) => depth += 1,
            (Token::RParen | Token::RBracket, _) | (_, Some(Keyword::END)) => {
                depth = depth.checked_sub(1)?;
            }
            _ => {}
        }
    }
    None
}

/// `BETWEEN SYMMETRIC a AND b` becomes `BETWEEN mark(a) AND b`.
fn mark_symmetric(tokens: &mut Vec<TokenWithSpan>, at: usize) {
    let Some(span) = tokens.get(at).map(|token| token.span) else {
        return;
    };
    let end = find_level(tokens, at + 1, |_, place| {
        keyword(tokens, place) == Some(Keyword::AND)
    });
    let Some(end) = end else {
        return;
    };
    put(tokens, end, span, [Token::RParen]);
    tokens.remove(at);
    put(tokens, at, span, [mark(SYMMETRIC_MARK), Token::LParen]);
}

/// `[NOT] LIKE ANY (..)` becomes the operator that LIKE stands for.
fn quantified_like(tokens: &mut Vec<TokenWithSpan>, at: usize) {
    let quantifier = keyword(tokens, at + 1);
    if !matches!(
        quantifier,
        Some(Keyword::ANY | Keyword::SOME | Keyword::ALL)
    ) || !is(tokens, at + 2, &Token::LParen)
    {
        return;
    }
    let insensitive = keyword(tokens, at) == Some(Keyword::ILIKE);
    let negated = at > 0 && keyword(tokens, at - 1) == Some(Keyword::NOT);
    let operator = match (insensitive, negated) {
        (false, false) => Token::DoubleTilde,
        (true, false) => Token::DoubleTildeAsterisk,
        (false, true) => Token::ExclamationMarkDoubleTilde,
        (true, true) => Token::ExclamationMarkDoubleTildeAsterisk,
    };
    if let Some(token) = tokens.get_mut(at) {
        token.token = operator;
    }
    if negated {
        tokens.remove(at - 1);
    }
}

/// `current_schema` becomes `current_schema()`, where it is no part of a longer name.
fn call_without_parentheses(tokens: &mut Vec<TokenWithSpan>, at: usize) {
    let behind_point = at > 0 && is(tokens, at - 1, &Token::Period);
    if behind_point || is(tokens, at + 1, &Token::LParen) {
        return;
    }
    if let Some(span) = tokens.get(at).map(|token| token.span) {
        put(tokens, at + 1, span, [Token::LParen, Token::RParen]);
    }
}

/// `a ISNULL` becomes `a IS NULL`, where it stands behind an operand.
fn test_for_null(tokens: &mut Vec<TokenWithSpan>, at: usize) {
    let operand = at.checked_sub(1).and_then(|before| tokens.get(before));
    let behind = match operand.map(|token| &token.token) {
        Some(Token::Word(word)) => {
            word.quote_style.is_some()
                || !matches!(
                    word.keyword,
                    Keyword::SELECT
                        | Keyword::DISTINCT
                        | Keyword::ALL
                        | Keyword::WHERE
                        | Keyword::HAVING
                        | Keyword::ON
                        | Keyword::AND
                        | Keyword::OR
                        | Keyword::NOT
                        | Keyword::WHEN
                        | Keyword::THEN
                        | Keyword::ELSE
                        | Keyword::BY
                        | Keyword::AS
                )
        }
        Some(
            Token::Number(..) | Token::SingleQuotedString(_) | Token::RParen | Token::RBracket,
        ) => true,
        _ => false,
    };
    let Some(token) = tokens.get_mut(at).filter(|_| behind) else {
        return;
    };
    let span = token.span;
    token.token = word("IS", Keyword::IS);
    put(tokens, at + 1, span, [word("NULL", Keyword::NULL)]);
}

/// Inside the parentheses of GROUPING SETS, `GROUPING SETS (..)` becomes a call and `()` an empty
/// row.
fn nested_grouping_sets(tokens: &mut Vec<TokenWithSpan>, at: usize) {
    let nested = |tokens: &[TokenWithSpan], at: usize| {
        keyword(tokens, at) == Some(Keyword::GROUPING) && word_is(tokens, at + 1, "sets")
    };
    let (mut depth, mut inner, mut place) = (0_usize, Vec::new(), at);
    while let Some(token) = tokens.get(place) {
        match &token.token {
            Token::LParen => depth += 1,
            Token::RParen => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return;
                }
                if inner.last().is_some_and(|level| *level > depth) {
                    inner.pop();
                }
            }
            Token::Word(_) if depth > 0 && nested(tokens, place) => {
                inner.push(depth + 1);
                tokens.remove(place + 1);
                if let Some(token) = tokens.get_mut(place) {
                    token.token = mark(GROUPING_SETS_MARK);
                }
            }
            _ => {}
        }
        let empty = is(tokens, place, &Token::LParen) && is(tokens, place + 1, &Token::RParen);
        let listed = matches!(
            place
                .checked_sub(1)
                .and_then(|before| tokens.get(before))
                .map(|token| &token.token),
            Some(Token::LParen | Token::Comma)
        );
        if empty && listed && !inner.is_empty() {
            let span = tokens.get(place).map(|token| token.span);
            if let Some(span) = span {
                put(tokens, place, span, [word("ROW", Keyword::ROW)]);
                depth = depth.saturating_sub(1);
            }
        }
        place += 1;
    }
}

/// `[WITH ..] SELECT .. INTO t FROM ..` becomes `CREATE TABLE t AS [WITH ..] SELECT .. FROM ..`.
fn select_into(tokens: &mut Vec<TokenWithSpan>) {
    let select = match keyword(tokens, 0) {
        Some(Keyword::SELECT) => Some(0),
        Some(Keyword::WITH) => find_level(tokens, 1, |_, place| {
            matches!(
                keyword(tokens, place),
                Some(Keyword::SELECT | Keyword::INSERT | Keyword::UPDATE | Keyword::DELETE)
            )
        }),
        _ => None,
    };
    let Some(select) = select.filter(|&at| keyword(tokens, at) == Some(Keyword::SELECT)) else {
        return;
    };
    let Some(into) = find_level(tokens, select, |_, place| {
        keyword(tokens, place) == Some(Keyword::INTO)
    }) else {
        return;
    };
    let Some(span) = tokens.get(into).map(|token| token.span) else {
        return;
    };
    let mut end = into + 1;
    let temporary = word_is(tokens, end, "temp") || word_is(tokens, end, "temporary");
    end += usize::from(temporary);
    if keyword(tokens, end) == Some(Keyword::TABLE) {
        end += 1;
    }
    let first = end;
    while matches!(
        tokens.get(end).map(|token| &token.token),
        Some(Token::Word(_))
    ) {
        end += 1;
        if !is(tokens, end, &Token::Period) {
            break;
        }
        end += 1;
    }
    if end == first {
        return;
    }
    let name: Vec<Token> = tokens
        .get(first..end)
        .unwrap_or_default()
        .iter()
        .map(|token| token.token.clone())
        .collect();
    tokens.drain(into..end);
    let mut head = vec![word("CREATE", Keyword::CREATE)];
    if temporary {
        head.push(word("TEMPORARY", Keyword::TEMPORARY));
    }
    head.push(word("TABLE", Keyword::TABLE));
    head.extend(name);
    head.push(word("AS", Keyword::AS));
    put(tokens, 0, span, head);
}

/// `OVERRIDING SYSTEM VALUE` becomes a last column of the list in front of it.
fn mark_overriding(tokens: &mut Vec<TokenWithSpan>, at: usize) {
    let name = if word_is(tokens, at + 1, "system") {
        OVERRIDING_SYSTEM_MARK
    } else if word_is(tokens, at + 1, "user") {
        OVERRIDING_USER_MARK
    } else {
        return;
    };
    if !word_is(tokens, at + 2, "value") || at == 0 {
        return;
    }
    let Some(span) = tokens.get(at).map(|token| token.span) else {
        return;
    };
    tokens.drain(at..at + 3);
    if is(tokens, at - 1, &Token::RParen) {
        put(tokens, at - 1, span, [Token::Comma, mark(name)]);
    } else {
        put(tokens, at, span, [Token::LParen, mark(name), Token::RParen]);
    }
}

/// `TABLE t` where a query may stand becomes `SELECT * FROM t`.
fn table_query(tokens: &mut Vec<TokenWithSpan>, at: usize) {
    let starts = match at.checked_sub(1) {
        None => true,
        Some(before) => {
            let inserts = keyword(tokens, 0) == Some(Keyword::INSERT) && before > 1;
            inserts
                || is(tokens, before, &Token::LParen)
                || matches!(
                    keyword(tokens, before),
                    Some(
                        Keyword::UNION
                            | Keyword::EXCEPT
                            | Keyword::INTERSECT
                            | Keyword::ALL
                            | Keyword::DISTINCT
                            | Keyword::AS
                    )
                )
        }
    };
    let named = matches!(
        tokens.get(at + 1).map(|token| &token.token),
        Some(Token::Word(_))
    );
    let Some(span) = tokens
        .get(at)
        .map(|token| token.span)
        .filter(|_| starts && named)
    else {
        return;
    };
    tokens.remove(at);
    let select = [
        word("SELECT", Keyword::SELECT),
        Token::Mul,
        word("FROM", Keyword::FROM),
    ];
    put(tokens, at, span, select);
}

/// `REFRESH MATERIALIZED VIEW v` becomes `DROP MATERIALIZED VIEW mark, v`.
fn refresh(tokens: &mut Vec<TokenWithSpan>) {
    if !word_is(tokens, 0, "refresh") || keyword(tokens, 1) != Some(Keyword::MATERIALIZED) {
        return;
    }
    let Some(first) = tokens.first_mut() else {
        return;
    };
    let span = first.span;
    first.token = word("DROP", Keyword::DROP);
    if word_is(tokens, 3, "concurrently") {
        tokens.remove(3);
    }
    let end = tokens.len();
    if end > 2 && word_is(tokens, end - 2, "with") && word_is(tokens, end - 1, "data") {
        tokens.truncate(end - 2);
    }
    if tokens.len() > 3 {
        put(tokens, 3, span, [mark(REFRESH_MARK), Token::Comma]);
    }
}

/// `ALTER SEQUENCE s RESTART 5 ..` becomes `CREATE SEQUENCE mark."restart 5".s ..`.
fn alter_sequence(tokens: &mut Vec<TokenWithSpan>) {
    if keyword(tokens, 0) != Some(Keyword::ALTER) || keyword(tokens, 1) != Some(Keyword::SEQUENCE) {
        return;
    }
    let Some(first) = tokens.first_mut() else {
        return;
    };
    let span = first.span;
    first.token = word("CREATE", Keyword::CREATE);
    let mut restart = String::new();
    if let Some(place) = (2..tokens.len()).find(|&at| word_is(tokens, at, "restart")) {
        restart.push_str(RESTART_MARK);
        let number = if word_is(tokens, place + 1, "with") {
            place + 2
        } else {
            place + 1
        };
        let end = number_end(tokens, number);
        if end > number {
            restart.push(' ');
            for token in tokens.get(number..end).unwrap_or_default() {
                restart.push_str(&token.token.to_string());
            }
            tokens.drain(place..end);
        } else {
            tokens.remove(place);
        }
    }
    let name = if word_is(tokens, 2, "if") { 4 } else { 2 };
    if tokens.len() > name {
        let marks = [
            mark(ALTER_MARK),
            Token::Period,
            mark(restart),
            Token::Period,
        ];
        put(tokens, name, span, marks);
    }
}

/// `CREATE TABLE t (a, b) AS ..`: the columns get a type that says that they have none.
fn untyped_columns(tokens: &mut Vec<TokenWithSpan>) {
    if keyword(tokens, 0) != Some(Keyword::CREATE) {
        return;
    }
    let first = tokens
        .iter()
        .take(10)
        .position(|token| token.token == Token::LParen);
    let Some(first) = first else {
        return;
    };
    let named =
        |at: usize| matches!(tokens.get(at), Some(token) if matches!(token.token, Token::Word(_)));
    let table = tokens
        .iter()
        .take(first)
        .any(|token| matches!(&token.token, Token::Word(word) if word.keyword == Keyword::TABLE));
    let mut commas = Vec::new();
    let mut at = first + 1;
    while table && named(at) {
        commas.push(at + 1);
        if is(tokens, at + 1, &Token::Comma) {
            at += 2;
            continue;
        }
        let closed = is(tokens, at + 1, &Token::RParen);
        if closed && keyword(tokens, at + 2) == Some(Keyword::AS) {
            for place in commas.into_iter().rev() {
                if let Some(span) = tokens.get(place).map(|token| token.span) {
                    put(tokens, place, span, [mark(UNTYPED_MARK)]);
                }
            }
        }
        return;
    }
}

/// Behind the signed number that starts at `at`; `at` when there is none.
fn number_end(tokens: &[TokenWithSpan], at: usize) -> usize {
    let signed = is(tokens, at, &Token::Minus) || is(tokens, at, &Token::Plus);
    let digits = at + usize::from(signed);
    match tokens.get(digits).map(|token| &token.token) {
        Some(Token::Number(..)) => digits + 1,
        _ => at,
    }
}

/// Brings the options of a sequence, which PostgreSQL takes in any order, into the one that
/// sqlparser expects. Gives the place of their last token.
fn order_sequence(tokens: &mut [TokenWithSpan], at: usize) -> usize {
    // An option starts behind a name, a type, a parenthesis or another option.
    let mut options: Vec<(usize, Vec<TokenWithSpan>)> = Vec::new();
    let mut end = at;
    loop {
        let (rank, words, number) = match keyword(tokens, end) {
            Some(Keyword::INCREMENT) => (0, 1 + usize::from(word_is(tokens, end + 1, "by")), true),
            Some(Keyword::MINVALUE) => (1, 1, true),
            Some(Keyword::MAXVALUE) => (2, 1, true),
            Some(Keyword::START) => (3, 1 + usize::from(word_is(tokens, end + 1, "with")), true),
            Some(Keyword::CACHE) => (4, 1, true),
            Some(Keyword::CYCLE) => (5, 1, false),
            Some(Keyword::NO) => match keyword(tokens, end + 1) {
                Some(Keyword::MINVALUE) => (1, 2, false),
                Some(Keyword::MAXVALUE) => (2, 2, false),
                Some(Keyword::CYCLE) => (5, 2, false),
                _ => break,
            },
            _ => break,
        };
        let behind = match number {
            true => number_end(tokens, end + words),
            false => end + words,
        };
        if number && behind == end + words {
            break;
        }
        options.push((rank, tokens.get(end..behind).unwrap_or_default().to_vec()));
        end = behind;
    }
    options.sort_by_key(|(rank, _)| *rank);
    let ordered = options.into_iter().flat_map(|(_, option)| option);
    for (slot, token) in tokens.iter_mut().skip(at).zip(ordered) {
        *slot = token;
    }
    end.max(at + 1) - 1
}

/// `substring(a SIMILAR b ESCAPE c)` becomes `substring(a, b, c)`.
fn similar_substring(tokens: &mut [TokenWithSpan], at: usize) {
    if !is(tokens, at + 1, &Token::LParen) {
        return;
    }
    for wanted in [Keyword::SIMILAR, Keyword::ESCAPE] {
        let place = find_level(tokens, at + 2, |token, place| {
            token.token == Token::RParen || keyword(tokens, place) == Some(wanted)
        });
        let Some(place) = place.filter(|&place| keyword(tokens, place) == Some(wanted)) else {
            return;
        };
        if let Some(token) = tokens.get_mut(place) {
            token.token = Token::Comma;
        }
    }
}

/// `trim([LEADING] FROM a)` is `trim(LEADING ' ' FROM a)`.
fn trim_without_characters(tokens: &mut Vec<TokenWithSpan>, at: usize) {
    if !is(tokens, at + 1, &Token::LParen) {
        return;
    }
    let side = matches!(
        keyword(tokens, at + 2),
        Some(Keyword::LEADING | Keyword::TRAILING | Keyword::BOTH)
    );
    let from = at + 2 + usize::from(side);
    if keyword(tokens, from) != Some(Keyword::FROM) {
        return;
    }
    let Some(span) = tokens.get(from).map(|token| token.span) else {
        return;
    };
    let space = Token::SingleQuotedString(" ".to_owned());
    tokens.insert(from, TokenWithSpan::new(space, span));
    if !side {
        let both = Token::make_keyword("BOTH");
        tokens.insert(from, TokenWithSpan::new(both, span));
    }
}

/// `a::text COLLATE "C"` is `a::text`: texts have the order of code points in any case.
fn collated_cast(tokens: &mut Vec<TokenWithSpan>, at: usize) {
    let casts = at
        .checked_sub(2)
        .is_some_and(|before| is(tokens, before, &Token::DoubleColon));
    let by_code_point = ["C", "POSIX", "C.UTF-8", "ucs_basic", "default"]
        .iter()
        .any(|name| {
            matches!(tokens.get(at + 1).map(|token| &token.token),
                Some(Token::Word(word)) if word.value == **name)
        });
    if casts && by_code_point {
        tokens.drain(at..at + 2);
    }
}

/// Moves `EXCLUDE ...` from the end of a window specification into its base name.
fn move_exclusion(tokens: &mut Vec<TokenWithSpan>, at: usize) {
    let (kind, length) = if word_is(tokens, at + 1, "current") && word_is(tokens, at + 2, "row") {
        ("current row", 3)
    } else if word_is(tokens, at + 1, "no") && word_is(tokens, at + 2, "others") {
        ("no others", 3)
    } else if word_is(tokens, at + 1, "group") {
        ("group", 2)
    } else if word_is(tokens, at + 1, "ties") {
        ("ties", 2)
    } else {
        return;
    };
    if !matches!(
        tokens.get(at + length).map(|token| &token.token),
        Some(Token::RParen)
    ) {
        return;
    }
    // The parenthesis that opened the specification; a frame must stand behind it.
    let mut depth = 0_usize;
    let mut open = None;
    let mut framed = false;
    for (place, token) in tokens.iter().enumerate().take(at).rev() {
        match &token.token {
            Token::RParen => depth += 1,
            Token::LParen if depth == 0 => {
                open = Some(place);
                break;
            }
            Token::LParen => depth -= 1,
            Token::Word(word)
                if depth == 0
                    && matches!(
                        word.keyword,
                        Keyword::ROWS | Keyword::RANGE | Keyword::GROUPS
                    ) =>
            {
                framed = true;
            }
            _ => {}
        }
    }
    let Some(open) = open.filter(|_| framed) else {
        return;
    };
    let Some(span) = tokens.get(at).map(|token| token.span) else {
        return;
    };
    let is_base = |token: &TokenWithSpan| matches!(&token.token, Token::Word(word) if word.quote_style.is_some() || word.keyword == Keyword::NoKeyword);
    let base = match tokens.get(open + 1) {
        Some(token) if is_base(token) => match &token.token {
            Token::Word(word) => Some(match word.quote_style {
                Some(_) => word.value.clone(),
                None => word.value.to_ascii_lowercase(),
            }),
            _ => None,
        },
        _ => None,
    };
    tokens.drain(at..at + length);
    let mark = mark(format!(
        "{FRAME_MARK}{kind}{FRAME_MARK}{}",
        base.as_deref().unwrap_or("")
    ));
    if base.is_some() {
        if let Some(token) = tokens.get_mut(open + 1) {
            token.token = mark;
        }
    } else {
        tokens.insert(open + 1, TokenWithSpan::new(mark, span));
    }
}
