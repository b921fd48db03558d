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
const AFTER_PARSING: [&str; 8] = [
    "'return' outside function",
    "'break' outside loop",
    "'continue' not properly in loop",
    "duplicate argument",
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

fn snippets() -> Vec<String> {
    let cases: serde_json::Value =
        serde_json::from_str(include_str!("django/cases.json")).expect("the cases are JSON");
    cases["cases"]
        .as_array()
        .expect("a list of cases")
        .iter()
        .map(|case| case["code"].as_str().expect("code is text").to_owned())
        .collect()
}

#[test]
fn every_case_gives_the_same_tree() {
    for text in snippets() {
        assert_eq!(parse(&text).diagnostics, [], "{text}");
    }
    check(snippets());
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
    for text in snippets() {
        for _ in 0..15 {
            texts.push(writer.damage(&text));
        }
    }
    for _ in 0..4000 {
        let text = writer.module();
        texts.push(writer.damage(&text));
    }
    check(texts);
}
