use super::parse;
use crate::base::{LineColumn, SourceText};

/// Code and text of the first diagnostic, with its line and column.
fn first_error(text: &str) -> (String, u32, u32) {
    let parsed = parse(text);
    let Some(error) = parsed.diagnostics.first() else {
        return (String::from("no error"), 0, 0);
    };
    let at = error.span.unwrap_or_default().start;
    let LineColumn { line, column } = SourceText::new(text).line_column(at);
    (error.to_string(), line, column)
}

#[track_caller]
fn check(text: &str, error: &str, line: u32, column: u32) {
    assert_eq!(
        first_error(text),
        (String::from(error), line, column),
        "{text}"
    );
}

#[test]
fn errors_say_what_cpython_says() {
    check("f(1", "SyntaxError: '(' was never closed", 1, 2);
    check(
        "x = 'a",
        "SyntaxError: unterminated string literal (detected at line 1)",
        1,
        5,
    );
    check(
        "if x:\npass",
        "IndentationError: expected an indented block after 'if' statement on line 1",
        2,
        1,
    );
    check("  x", "IndentationError: unexpected indent", 1, 1);
    check("if x\n  y", "SyntaxError: expected ':'", 1, 5);
    check(
        "print 'a'",
        "SyntaxError: Missing parentheses in call to 'print'. Did you mean print(...)?",
        1,
        1,
    );
    check(
        "[a b]",
        "SyntaxError: invalid syntax. Perhaps you forgot a comma?",
        1,
        4,
    );
    check(
        "f(a=1, 2)",
        "SyntaxError: positional argument follows keyword argument",
        1,
        8,
    );
    check("return 1", "SyntaxError: 'return' outside function", 1, 1);
    check(
        "1 = x",
        "SyntaxError: cannot assign to literal here. Maybe you meant '==' instead of '='?",
        1,
        1,
    );
    check(
        "if x = 1:\n  y",
        "SyntaxError: invalid syntax. Maybe you meant '==' or ':=' instead of '='?",
        1,
        6,
    );
    check("f'{a'", "SyntaxError: f-string: expecting '}'", 1, 5);
    check(
        "x = 012",
        "SyntaxError: leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers",
        1,
        5,
    );
    check(
        "f(]",
        "SyntaxError: closing parenthesis ']' does not match opening parenthesis '('",
        1,
        3,
    );
}

#[test]
fn python_outside_the_subset_is_refused_by_name() {
    check(
        "async def f():\n  pass",
        "NotImplementedError: not supported here: asynchronous functions",
        1,
        1,
    );
    check(
        "def f():\n  yield 1",
        "NotImplementedError: not supported here: generators with yield; build a list and return it",
        2,
        3,
    );
    check(
        "match x:\n  case 1:\n    pass\ny = 1",
        "NotImplementedError: not supported here: match statements; use if and elif",
        1,
        1,
    );
    check(
        "x = 1j",
        "NotImplementedError: not supported here: complex numbers",
        1,
        5,
    );
    check(
        "x = b'a'",
        "NotImplementedError: not supported here: bytes literals",
        1,
        5,
    );
    check(
        "type X = int",
        "NotImplementedError: not supported here: type statements",
        1,
        1,
    );
}

#[test]
fn an_error_does_not_hide_the_lines_after_it() {
    let parsed = parse("a = 1\nb = = 2\nfor x in y:\n    c = )\n    d = 4\ne = 5\n");
    assert_eq!(
        parsed.module.body.len(),
        1,
        "a closing bracket ends the tokens"
    );
    let parsed = parse("a = 1\nb = = 2\nfor x in y:\n    c = in\n    d = 4\ne = 5\n");
    assert_eq!(parsed.diagnostics.len(), 2);
    assert_eq!(parsed.module.body.len(), 3);
}

#[test]
fn deep_nesting_is_refused() {
    for text in [
        "(".repeat(1000),
        format!("{}x{}", "(".repeat(190), ")".repeat(190)),
        "-".repeat(5000) + "1",
        "not ".repeat(5000) + "1",
        format!("x{}", ".a".repeat(5000)),
        format!("1{}", "+1".repeat(5000)),
        format!("x{}", " if x else x".repeat(5000)),
        "lambda: ".repeat(5000) + "1",
        "[".repeat(150) + "1",
        format!("f'{}'", "{f'".repeat(300)),
        (0..300).map(|n| " ".repeat(n) + "if x:\n").collect(),
    ] {
        parse(&text);
    }
}

#[test]
fn no_text_makes_the_parser_panic() {
    let base = "class A(B, c=1):\n    @d\n    def f(self, a, /, b=1, *c, d, **e) -> x:\n        \
        return f'{a!r:>{b}} {c=}' + \"é\\x41\" if a else [x for x, *y in z if w][1:2, ::3]\n\
        with (a as b, c as d): pass\ntry:\n  raise A from b\nexcept (A, B) as e:\n  del a[1]\n\
        finally:\n  x: int = 0xff_f + 1.5e-3; y **= {**a, 'b': 1}\n";
    assert!(
        parse(base).diagnostics.is_empty(),
        "{:?}",
        parse(base).diagnostics
    );
    for at in (0..base.len()).filter(|at| base.is_char_boundary(*at)) {
        let (before, after) = base.split_at(at);
        parse(before);
        parse(after);
        for extra in [
            "(", "'", "}", "\\", "\n", "f'{", ":", "é", "\u{0}", "lambda ", "=",
        ] {
            parse(&format!("{before}{extra}{after}"));
        }
        let cut = after.chars().skip(1).collect::<String>();
        parse(&format!("{before}{cut}"));
    }
}
