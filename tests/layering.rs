//! Holds the edges between the layers of `src/ARCHITECTURE.md`.
//!
//! The rules are the two tables below.
//! The checker reads the source as text without comments and literals, so a name in a sentence is
//! no edge, and a new module is an error until it has its line in the table.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A layer and the layers that it may name, lowest first.
const LAYERS: &[(&str, &[&str])] = &[
    ("base", &[]),
    ("market", &["base"]),
    ("sql", &["base"]),
    ("engine", &["base", "market", "sql"]),
    ("orm", &["base", "market", "sql"]),
    ("services", &["base", "market", "orm"]),
    ("shell", &["base", "market", "orm"]),
    ("export", &["base", "market", "sql", "orm"]),
    (
        "session",
        &[
            "base", "market", "sql", "engine", "orm", "services", "shell", "export", "lessons",
            "report",
        ],
    ),
    ("lessons", &["base"]),
    ("report", &[]),
    ("wire", &["base", "lessons", "report"]),
    ("worker", &["base", "wire", "session", "lessons"]),
    ("app", &["base", "sql", "shell", "lessons", "wire"]),
    ("ui", &["base", "lessons", "wire", "app"]),
    (
        "cases",
        &["base", "market", "engine", "orm", "shell", "session"],
    ),
    (
        "command_line",
        &[
            "base", "market", "sql", "engine", "shell", "export", "lessons", "report", "session",
            "cases",
        ],
    ),
    (
        "bin",
        &["base", "market", "session", "worker", "ui", "command_line"],
    ),
];

/// A foreign path and the only modules that may name it (with all that lies beneath them).
const FOREIGN: &[(&str, &[&str])] = &[
    ("gluesql", &["engine::glue"]),
    ("gluesql_core", &["engine::glue"]),
    ("sqlparser", &["sql", "engine", "orm"]),
    ("rustyline", &["command_line"]),
    ("serde_json", &["cases", "market::seed::tests"]),
    ("yew", &["ui"]),
    ("pulldown_cmark", &["lessons::reader"]),
    ("serde_wasm_bindgen", &["ui", "worker"]),
    ("wasm_bindgen", &["ui", "worker", "bin"]),
    ("wasm_bindgen_futures", &["ui"]),
    ("js_sys", &["ui", "worker", "bin"]),
    ("web_sys", &["ui", "worker", "bin"]),
    ("std::fs", &["command_line"]),
    ("std::net", &[]),
    ("std::process", &["command_line", "bin"]),
];

#[test]
fn layers_name_only_what_lies_beneath_them() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect_rust_files(&root, &mut files);
    assert!(!files.is_empty(), "no source under {}", root.display());
    let mut faults = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).expect("a source file is readable text");
        let shown = file.strip_prefix(&root).expect("a file under src");
        let module = module_of(shown);
        for fault in violations(&module, &text) {
            faults.push(format!("src/{}: {fault}", shown.display()));
        }
    }
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

fn collect_rust_files(folder: &Path, files: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = fs::read_dir(folder)
        .expect("a folder of the source")
        .map(|entry| entry.expect("a folder entry").path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            collect_rust_files(&path, files);
        } else if path.extension().is_some_and(|ext| ext == "rs") {
            files.push(path);
        }
    }
}

/// `engine/glue/mod.rs` is the module `engine`, `glue`; `lib.rs` is the root, an empty path.
fn module_of(file: &Path) -> Vec<String> {
    let mut path: Vec<String> = file
        .with_extension("")
        .components()
        .map(|part| part.as_os_str().to_string_lossy().into_owned())
        .collect();
    if matches!(path.last().map(String::as_str), Some("mod" | "lib")) {
        path.pop();
    }
    path
}

/// Every edge of the text that the tables forbid, once each, in the order of the text.
fn violations(module: &[String], text: &str) -> Vec<String> {
    let Some(layer) = module.first() else {
        return Vec::new(); // lib.rs lists the modules and uses none of them.
    };
    let Some((_, allowed)) = LAYERS.iter().find(|(name, _)| name == layer) else {
        return vec![format!(
            "`{layer}` is in no layer: give it a line in LAYERS"
        )];
    };
    let tokens = tokens(text);
    let mut seen = BTreeSet::new();
    let mut faults = Vec::new();
    for (line, path) in paths(&tokens, module.len()) {
        let fault = match path.as_slice() {
            [root, target, ..] if root == "crate" => {
                let known = LAYERS.iter().any(|(name, _)| name == target);
                (known && target != layer && !allowed.contains(&target.as_str()))
                    .then(|| format!("`{layer}` must not name `{target}`"))
            }
            _ => FOREIGN
                .iter()
                .find(|(foreign, _)| starts_with(&path, foreign))
                .filter(|(_, homes)| !homes.iter().any(|home| starts_with(module, home)))
                .map(|(foreign, _)| format!("`{}` must not name `{foreign}`", module.join("::"))),
        };
        if let Some(fault) = fault
            && seen.insert(fault.clone())
        {
            faults.push(format!("line {line}: {fault}"));
        }
    }
    faults
}

fn starts_with(path: &[String], prefix: &str) -> bool {
    let mut parts = path.iter();
    prefix
        .split("::")
        .all(|wanted| parts.next().is_some_and(|part| part == wanted))
}

/// The paths of two or more parts in the text, braces of `use` spread out, with their lines.
/// A path that climbs by `super` out of a module of this depth starts at `crate`, as does one
/// that starts with the library's name.
fn paths(tokens: &[(usize, String)], depth: usize) -> Vec<(usize, Vec<String>)> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        if is_name(&tokens[at].1) && (at == 0 || tokens[at - 1].1 != "::") {
            at = read_path(tokens, at, &[], &mut found);
        } else {
            at += 1;
        }
    }
    for (_, path) in &mut found {
        let climbs = path.iter().take_while(|part| *part == "super").count();
        if climbs > 0 && climbs >= depth {
            path.splice(..climbs, ["crate".to_owned()]);
        } else if path[0] == "marketplace_analytics" {
            path[0] = "crate".to_owned();
        }
    }
    found
}

/// Reads one path (a tree, in a `use`) at `at`, and gives the place after it.
fn read_path(
    tokens: &[(usize, String)],
    mut at: usize,
    prefix: &[String],
    found: &mut Vec<(usize, Vec<String>)>,
) -> usize {
    let token = |at: usize| tokens.get(at).map_or("", |(_, text)| text.as_str());
    let mut path = prefix.to_vec();
    let line = tokens[at].0;
    loop {
        path.push(token(at).to_owned());
        at += 1;
        if token(at) != "::" {
            break;
        }
        at += 1;
        if token(at) == "{" {
            at += 1;
            while !matches!(token(at), "}" | "") {
                at = if is_name(token(at)) {
                    read_path(tokens, at, &path, found)
                } else {
                    at + 1
                };
            }
            return at + 1;
        }
        if !is_name(token(at)) {
            break; // `::<T>` or `::*`
        }
    }
    if path.len() > 1 || token(at) == "::" {
        found.push((line, path));
    }
    at
}

fn is_name(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Names, `::` and single signs with their lines; comments and literals left out.
fn tokens(text: &str) -> Vec<(usize, String)> {
    let chars: Vec<char> = text.chars().collect();
    let at = |i: usize| chars.get(i).copied().unwrap_or('\0');
    let (mut i, mut line) = (0, 1);
    let mut tokens = Vec::new();
    while i < chars.len() {
        let start = i;
        let c = at(i);
        if c == '/' && at(i + 1) == '/' {
            while i < chars.len() && at(i) != '\n' {
                i += 1;
            }
        } else if c == '/' && at(i + 1) == '*' {
            let mut depth = 1;
            i += 2;
            while i < chars.len() && depth > 0 {
                match (at(i), at(i + 1)) {
                    ('/', '*') => (depth, i) = (depth + 1, i + 2),
                    ('*', '/') => (depth, i) = (depth - 1, i + 2),
                    _ => i += 1,
                }
            }
        } else if let Some(hashes) = raw_string(&chars, i) {
            i += usize::from(c == 'b' || c == 'c') + 1 + hashes + 1;
            let closes = |i: usize| at(i) == '"' && (1..=hashes).all(|n| at(i + n) == '#');
            while i < chars.len() && !closes(i) {
                i += 1;
            }
            i += hashes + 1;
        } else if c == '"' {
            i = after_quoted(&chars, i, '"');
        } else if c == '\'' && (at(i + 1) == '\\' || at(i + 2) == '\'') {
            i = after_quoted(&chars, i, '\'');
        } else if c.is_alphanumeric() || c == '_' {
            while at(i).is_alphanumeric() || at(i) == '_' {
                i += 1;
            }
            tokens.push((line, chars[start..i].iter().collect()));
        } else if c == ':' && at(i + 1) == ':' {
            i += 2;
            tokens.push((line, "::".to_owned()));
        } else {
            i += 1;
            if !c.is_whitespace() {
                tokens.push((line, c.to_string()));
            }
        }
        line += chars[start..i.min(chars.len())]
            .iter()
            .filter(|c| **c == '\n')
            .count();
    }
    tokens
}

/// The number of `#` when a raw string starts here.
fn raw_string(chars: &[char], i: usize) -> Option<usize> {
    let rest = chars.get(i..)?;
    let rest = match rest {
        ['b' | 'c', 'r', rest @ ..] | ['r', rest @ ..] => rest,
        _ => return None,
    };
    let hashes = rest.iter().take_while(|c| **c == '#').count();
    let inside_a_name = i > 0 && (chars[i - 1].is_alphanumeric() || chars[i - 1] == '_');
    (rest.get(hashes) == Some(&'"') && !inside_a_name).then_some(hashes)
}

fn after_quoted(chars: &[char], start: usize, quote: char) -> usize {
    let mut i = start + 1;
    while i < chars.len() && chars[i] != quote {
        i += if chars[i] == '\\' { 2 } else { 1 };
    }
    i + 1
}

#[cfg(test)]
mod checker {
    use super::{module_of, violations};
    use std::path::Path;

    fn check(file: &str, text: &str, expected: &[&str]) {
        assert_eq!(
            violations(&module_of(Path::new(file)), text),
            expected,
            "{file}: {text}"
        );
    }

    #[test]
    fn an_edge_upwards_is_found_in_every_spelling() {
        let fault: &[&str] = &["line 1: `orm` must not name `engine`"];
        check("orm/mod.rs", "use crate::engine::Engine;", fault);
        check(
            "orm/query.rs",
            "use crate::{base::Value, engine::{self, Engine}};",
            fault,
        );
        check(
            "orm/query.rs",
            "fn f() -> crate::engine::Plan { todo() }",
            fault,
        );
        check("orm/query.rs", "use super::super::engine;", fault);
        check("orm/mod.rs", "use super::engine::Engine;", fault);
        check("orm.rs", "pub(in crate::engine) fn f() {}", fault);
        check("orm/mod.rs", "use marketplace_analytics::engine;", fault);
        check("orm/mod.rs", "let x = crate::engine::run::<u8>();", fault);
    }

    #[test]
    fn the_line_is_that_of_the_name_and_a_fault_is_told_once() {
        check(
            "base/value.rs",
            "//! Values.\n\nuse crate::{\n    sql::Text,\n};\nuse crate::sql::Other;",
            &["line 4: `base` must not name `sql`"],
        );
    }

    #[test]
    fn edges_downwards_and_within_are_allowed() {
        check(
            "orm/query.rs",
            "use crate::base::{Span, Value}; use crate::orm::q::Q;",
            &[],
        );
        check(
            "orm/query.rs",
            "use super::engine_like; use super::engine::X;",
            &[],
        );
        check(
            "session/mod.rs",
            "use crate::{engine::Engine, orm, shell};",
            &[],
        );
        check(
            "lib.rs",
            "pub mod engine; pub use crate::engine::Engine;",
            &[],
        );
    }

    #[test]
    fn comments_and_literals_are_no_edges() {
        check(
            "base/mod.rs",
            "//! See [`crate::engine`].\n/* crate::engine /* crate::orm */ */",
            &[],
        );
        check(
            "base/mod.rs",
            "const A: &str = \"use crate::engine;\\\"\"; const B: char = '\"';",
            &[],
        );
        check(
            "base/mod.rs",
            "const A: &str = r#\"crate::engine \" \"#; fn f<'a>(x: &'a str) {}",
            &[],
        );
        check(
            "base/mod.rs",
            "const A: char = '\\''; use crate::engine;",
            &["line 1: `base` must not name `engine`"],
        );
    }

    #[test]
    fn foreign_crates_stay_at_home() {
        let text = "use gluesql_core::store::Store;";
        check("engine/glue/mod.rs", text, &[]);
        check("engine/glue/store.rs", text, &[]);
        check(
            "engine/gluey.rs",
            text,
            &["line 1: `engine::gluey` must not name `gluesql_core`"],
        );
        check(
            "app/mod.rs",
            "use yew::prelude::*;",
            &["line 1: `app` must not name `yew`"],
        );
        check(
            "app/mod.rs",
            "fn f(w: web_sys::Window) {}",
            &["line 1: `app` must not name `web_sys`"],
        );
        check(
            "session/mod.rs",
            "use std::{collections::BTreeMap, fs};",
            &["line 1: `session` must not name `std::fs`"],
        );
        check(
            "ui/mod.rs",
            "use yew::prelude::*; use web_sys::Window;",
            &[],
        );
    }

    #[test]
    fn a_module_outside_the_table_is_a_fault() {
        check(
            "extra/mod.rs",
            "",
            &["`extra` is in no layer: give it a line in LAYERS"],
        );
    }
}
