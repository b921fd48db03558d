//! Our Python parser against Ruff's: the same acceptance and the same tree.

#[path = "python/ours.rs"]
mod ours;
#[path = "python/ruff.rs"]
mod ruff;
#[path = "python/write.rs"]
mod write;

use marketplace_analytics::shell::syntax::{NOT_SUPPORTED, parse};

/// What CPython's compiler says after parsing and Ruff's parser does not, and what only Python
/// newer than Django's oldest allows.
const AFTER_PARSING: [&str; 9] = [
    "'return' outside function",
    "'break' outside loop",
    "'continue' not properly in loop",
    "duplicate argument",
    "keyword argument repeated",
    "nonlocal declaration",
    "default 'except:' must be last",
    "iterable unpacking cannot be used in comprehension",
    "dict unpacking cannot be used in dict comprehension",
];

/// What the two say about a text, where they disagree.
fn disagreement(text: &str) -> Option<String> {
    // Ruff takes the name for the statement there; CPython does not.
    if text.contains("; match") {
        return None;
    }
    let parsed = parse(text);
    let judged = ruff_python_parser::parse_module(text);
    if let Some(error) = parsed.diagnostics.first() {
        let apart = error.code == NOT_SUPPORTED
            || AFTER_PARSING.iter().any(|it| error.message.starts_with(it));
        return match judged {
            Ok(_) if !apart => Some(format!("only ours refuses: {error}\n{text}")),
            _ => None,
        };
    }
    match judged {
        Err(error) => Some(format!("only Ruff refuses: {error}\n{text}")),
        Ok(judged) => {
            let (mine, theirs) = (ours::module(&parsed.module), ruff::module(judged.syntax()));
            (mine != theirs).then(|| format!("ours:   {mine}\nRuff's: {theirs}\n{text}"))
        }
    }
}

/// Fails with the first few disagreements.
fn check(texts: impl IntoIterator<Item = String>) {
    let mut count = 0;
    let found: Vec<String> = texts
        .into_iter()
        .inspect(|_| count += 1)
        .filter_map(|text| disagreement(&text))
        .collect();
    assert!(count > 0, "no text was looked at");
    assert!(
        found.is_empty(),
        "{} of {count} texts\n{}",
        found.len(),
        found
            .iter()
            .take(10)
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join("\n---\n")
    );
}

/// The code of all case files.
fn snippets() -> Vec<String> {
    let mut found = Vec::new();
    for file in [
        "tests/django/cases.json",
        "tests/django/more_cases.json",
        "tests/django/model_cases.json",
        "tests/django/querysets.json",
        "tests/lessons/answers.json",
    ] {
        let text = std::fs::read_to_string(file).expect("a case file");
        let cases: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let cases = cases["cases"].as_array().expect("a list of cases");
        let code = cases.iter().map(|case| case["code"].as_str());
        found.extend(code.map(|code| code.expect("code is text").to_owned()));
    }
    found
}

/// All Django code of the lesson pages, starters and wrong answers among it, and the
/// marketplace's own Python files.
fn pages() -> Vec<String> {
    let mut found = Vec::new();
    let folder = |path: &str| {
        let entries = std::fs::read_dir(path).expect("a folder");
        let mut paths: Vec<_> = entries.map(|it| it.expect("an entry").path()).collect();
        paths.sort();
        paths
    };
    for path in folder("src/lessons") {
        if path.extension().is_none_or(|it| it != "md") {
            continue;
        }
        let text = std::fs::read_to_string(path).expect("a page");
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            let Some(words) = line.strip_prefix("```") else {
                continue;
            };
            let body = lines.by_ref().take_while(|line| !line.starts_with("```"));
            let body = body.collect::<Vec<_>>().join("\n");
            if words.split(' ').next() == Some("django") {
                found.push(body);
            }
        }
    }
    assert!(found.len() > 100, "only {} blocks", found.len());
    for path in folder("src/market/python") {
        found.push(std::fs::read_to_string(path).expect("a Python file"));
    }
    found
}

/// Some are there for their errors: those are no Python, or not of the subset.
#[test]
fn every_case_gives_the_same_tree() {
    let refused = snippets();
    let refused = refused
        .iter()
        .filter(|it| !parse(it).diagnostics.is_empty());
    assert!(refused.count() < 60);
    check(snippets());
}

#[test]
fn every_lesson_gives_the_same_tree() {
    check(pages());
}

/// What Ruff reads and the subset does not have, with the place where that is said.
#[test]
fn what_is_outside_of_the_subset_is_refused_where_it_stands() {
    for (text, place, what) in [
        (
            "x = 1\nasync def f():\n    pass",
            6..11,
            "asynchronous functions",
        ),
        (
            "def f():\n    return [1, (yield 2)]",
            25..32,
            "generators with yield",
        ),
        ("match x:\n    case 1:\n        y", 0..5, "match statements"),
        ("print(1, b'x')", 9..13, "bytes literals"),
        ("1 + 2j", 4..6, "complex numbers"),
        ("type X = int", 0..12, "type statements"),
        ("def f[T](x):\n    pass", 5..8, "type parameters"),
        ("try:\n    1\nexcept* E:\n    2", 17..18, "except*"),
        ("def f():\n    await x", 13..20, "await"),
    ] {
        assert!(ruff_python_parser::parse_module(text).is_ok(), "{text}");
        let found = parse(text).diagnostics;
        let first = found.first().unwrap_or_else(|| panic!("{text}"));
        let span = first
            .span
            .map(|span| span.start as usize..span.end as usize);
        assert_eq!(first.code, NOT_SUPPORTED, "{text}");
        assert_eq!(span, Some(place), "{text}");
        assert!(
            first
                .message
                .starts_with(&format!("not supported here: {what}")),
            "{text}: {}",
            first.message
        );
    }
}

#[test]
fn hand_written_texts_give_the_same_tree() {
    check(
        include_str!("python/texts.txt")
            .split("\n====\n")
            .map(str::to_owned),
    );
}

#[test]
fn generated_texts_give_the_same_tree() {
    let mut writer = write::Writer::new(20260301);
    check((0..4000).map(|_| writer.module()));
}

#[test]
fn damaged_texts_are_accepted_or_refused_alike() {
    let mut writer = write::Writer::new(7);
    let mut texts = Vec::new();
    for text in snippets().into_iter().chain(pages()) {
        for _ in 0..4 {
            texts.push(writer.damage(&text));
        }
    }
    for _ in 0..4000 {
        let text = writer.module();
        texts.push(writer.damage(&text));
    }
    check(texts);
}
