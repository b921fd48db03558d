//! `docs/sql.md` says what is supported: it is made of the same data as the help page, and every
//! example on it is run. `UPDATE=1` writes the page anew.

use marketplace_analytics::engine::supported::Function;
use marketplace_analytics::engine::{Database, supported};
use marketplace_analytics::market::seed::Size;
use std::fmt::Write;
use std::path::Path;

fn marketplace() -> Database {
    let mut database = Database::new();
    database.load_market(Size::Small).unwrap();
    database
}

#[test]
fn every_example_runs() {
    for feature in supported().features {
        let mut database = marketplace();
        let outcome = database.run(feature.example, &[]);
        assert!(outcome.is_ok(), "{}: {outcome:?}", feature.example);
    }
}

#[test]
fn what_is_refused_is_refused_by_name() {
    for refusal in supported().refused {
        let error = marketplace().run(refusal.example, &[]).unwrap_err();
        assert_eq!(error.code.as_str(), "0A000", "{}: {error}", refusal.example);
    }
}

#[test]
fn every_type_can_be_a_column() {
    for (ty, _) in supported().types {
        let ty = ty.replace("(p,s)", "(10,2)").replace("(n)", "(5)");
        let text = format!("CREATE TABLE made (c {ty})");
        let outcome = Database::new().run(&text, &[]);
        assert!(outcome.is_ok(), "{text}: {outcome:?}");
    }
}

#[test]
fn the_page_is_what_the_engine_supports() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/sql.md");
    let page = page();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&file, &page).unwrap();
    }
    let committed = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        committed == page,
        "docs/sql.md is stale: UPDATE=1 cargo test --test sql_page"
    );
}

fn page() -> String {
    let all = supported();
    let mut page = String::from(
        "# What SQL is supported\n\n\
         SQL means what PostgreSQL 15 means by it.\n\
         What is not on this page is refused by name and place, never dropped.\n\
         Made by `UPDATE=1 cargo test --test sql_page`; do not edit.\n",
    );
    let mut subject = "";
    for feature in all.features {
        if feature.subject != subject {
            subject = feature.subject;
            write!(page, "\n## {subject}\n").unwrap();
        }
        write!(
            page,
            "\n**{}**\n\n```sql\n{};\n```\n",
            feature.name, feature.example
        )
        .unwrap();
    }
    page.push_str("\n## Types\n\n| type | holds |\n|---|---|\n");
    for (ty, note) in all.types {
        writeln!(page, "| `{ty}` | {note} |").unwrap();
    }
    table(&mut page, "Aggregates", &all.aggregates);
    table(&mut page, "Window functions", &all.windows);
    table(&mut page, "Functions that give rows", &all.sets);
    table(&mut page, "Operators", &all.operators);
    table(&mut page, "Functions", &all.functions);
    page.push_str("\n## Refused by name\n\n| construct | instead |\n|---|---|\n");
    for refusal in all.refused {
        writeln!(page, "| {} | {} |", refusal.name, refusal.instead).unwrap();
    }
    page
}

fn table(page: &mut String, title: &str, functions: &[Function]) {
    write!(page, "\n## {title}\n\n| call | gives |\n|---|---|\n").unwrap();
    for function in functions {
        let signatures: Vec<String> = function
            .signatures
            .iter()
            .map(|signature| format!("`{}`", signature.replace('|', "\\|")))
            .collect();
        writeln!(
            page,
            "| {} | {} |",
            signatures.join("<br>"),
            function.documentation.replace('|', "\\|")
        )
        .unwrap();
    }
}
