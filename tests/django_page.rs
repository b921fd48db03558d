//! `docs/django.md` says what the shell and the ORM support: it is made of the catalogues that they
//! themselves use, and every example on it is run. `UPDATE=1` writes the page anew.

use marketplace_analytics::engine::Database;
use marketplace_analytics::market::catalogue::marketplace;
use marketplace_analytics::market::seed::Size;
use marketplace_analytics::orm::lookups::LookupKind;
use marketplace_analytics::session::{Language, Local, World};
use marketplace_analytics::shell::Interpreter;
use marketplace_analytics::shell::supported::{Supported, supported};
use std::cell::RefCell;
use std::fmt::Write;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

/// Unoptimised code needs more stack than a test's thread has.
fn with_stack<T: Send + 'static>(test: impl FnOnce() -> T + Send + 'static) -> T {
    let thread = std::thread::Builder::new().stack_size(64 << 20).spawn(test);
    thread.expect("a thread").join().expect("the test holds")
}

fn database() -> Database {
    let mut database = Database::new();
    database.load_market(Size::Small).expect("the data set");
    database
}

fn all() -> Supported {
    let local = Local::new(Rc::new(RefCell::new(database())), || 0.0);
    let mut vm = Interpreter::new();
    let added = vm.add_django(Rc::new(RefCell::new(local)), Arc::new(marketplace()));
    assert!(added.is_ok(), "Django is there");
    supported(&vm)
}

/// `repr()` of the last value, or the class of the exception.
fn answer(code: &str) -> Result<String, String> {
    let run = World::new(database(), || 0.0).run(Language::Django, code);
    match run.error {
        Some(error) => Err(error.code.as_str().to_owned()),
        None => Ok(run.value.map(|value| value.repr).unwrap_or_default()),
    }
}

#[test]
fn every_example_runs() {
    with_stack(|| {
        for feature in all().syntax {
            let found = answer(feature.example);
            assert!(found.is_ok(), "{}\n{found:?}", feature.example);
        }
    });
}

#[test]
fn what_is_refused_is_refused_by_name() {
    with_stack(|| {
        for refusal in all().refused {
            let found = answer(refusal.example);
            assert_eq!(found, Err(refusal.class.to_owned()), "{}", refusal.example);
        }
    });
}

#[test]
fn what_differs_differs_as_the_page_says() {
    with_stack(|| {
        for difference in all().differences {
            // The value, or the class of the exception.
            let found = answer(difference.example).unwrap_or_else(|class| class);
            assert_eq!(found, difference.here, "{}", difference.example);
            assert_ne!(difference.here, difference.django);
        }
    });
}

#[test]
fn every_lookup_and_every_function_has_its_line() {
    with_stack(|| {
        let all = all();
        let named = LookupKind::ALL.iter().filter(|kind| kind.is_named());
        assert_eq!(all.lookups.len(), named.count());
        let bare = all.groups.iter().flat_map(|group| &group.names);
        let bare: Vec<&str> = bare
            .filter(|name| name.text.is_empty())
            .map(|name| name.title.as_str())
            .collect();
        assert_eq!(bare, [""; 0], "add a paragraph to documentation.txt");
        let names: Vec<&str> = all
            .groups
            .iter()
            .flat_map(|group| &group.names)
            .map(|name| name.title.split('(').next().unwrap_or_default())
            .collect();
        let classes = marketplace_analytics::orm::functions::CLASSES.iter();
        for class in classes {
            assert!(names.contains(&class.name), "{}", class.name);
        }
        for name in [
            "filter",
            "from_queryset",
            "save",
            "F",
            "Sum",
            "get_monthly_revenue",
        ] {
            assert!(
                names
                    .iter()
                    .any(|known| known.trim_end_matches([' ', ':']) == name),
                "{name}"
            );
        }
    });
}

#[test]
fn the_page_is_what_the_shell_supports() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/django.md");
    let page = with_stack(|| page(&all()));
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&file, &page).expect("the page can be written");
    }
    let committed = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        committed == page,
        "docs/django.md is stale: UPDATE=1 cargo test --test django_page"
    );
}

fn page(all: &Supported) -> String {
    let mut page = String::from(
        "# What Django and Python is supported\n\n\
         Code means what Django 6.1 on PostgreSQL and CPython mean by it: the same rows, the same queries, the same exceptions.\n\
         What is not on this page is refused by name and place.\n\
         Made by `UPDATE=1 cargo test --test django_page`; do not edit.\n",
    );
    page.push_str("\n## Models\n\n| model | table | fields |\n|---|---|---|\n");
    for model in &all.models {
        let fields = model.fields.iter();
        let fields: Vec<String> = fields
            .map(|(name, class)| format!("`{name}` {class}"))
            .collect();
        let (name, table) = (&model.name, &model.table);
        line(
            &mut page,
            format_args!("| `{name}` | `{table}` | {} |", fields.join(", ")),
        );
    }
    line(
        &mut page,
        format_args!("\n## Classes of fields\n\n{}.", listed(&all.fields)),
    );
    for group in &all.groups {
        line(
            &mut page,
            format_args!("\n## {}\n\n| call | meaning |\n|---|---|", group.title),
        );
        for name in &group.names {
            let (title, text) = (cell(&name.title), cell(name.text));
            line(&mut page, format_args!("| `{title}` | {text} |"));
        }
    }
    page.push_str("\n## Lookups\n\nAfter a field and two underscores, or as a class of `django.db.models.lookups`.\nKeys of relations have `exact`, `in`, `gt`, `gte`, `lt`, `lte` and `isnull`.\n\n| lookup | class | meaning |\n|---|---|---|\n");
    for lookup in &all.lookups {
        let (name, class, text) = (lookup.name, lookup.class, lookup.text);
        line(&mut page, format_args!("| `{name}` | `{class}` | {text} |"));
    }
    page.push_str(
        "\n## Transforms\n\nBetween a field and a lookup.\n\n| transform | on |\n|---|---|\n",
    );
    for (name, classes) in &all.transforms {
        line(
            &mut page,
            format_args!("| `{name}` | {} |", classes.join(", ")),
        );
    }
    page.push_str("\n## Python\n");
    for feature in all.syntax {
        let (name, example) = (feature.name, feature.example);
        line(
            &mut page,
            format_args!("\n**{name}**\n\n```python\n{example}\n```"),
        );
    }
    line(
        &mut page,
        format_args!("\n### Builtins\n\n{}.", listed(&all.builtins)),
    );
    line(
        &mut page,
        format_args!("\nExceptions: {}.", listed(&all.exceptions)),
    );
    page.push_str("\n### Methods of builtin types\n\n| type | methods |\n|---|---|\n");
    for (name, methods) in &all.methods {
        line(
            &mut page,
            format_args!("| `{name}` | {} |", listed(methods)),
        );
    }
    page.push_str("\n### Modules\n\n| module | names |\n|---|---|\n");
    for (name, names) in &all.modules {
        line(&mut page, format_args!("| `{name}` | {} |", listed(names)));
    }
    page.push_str("\n## Refused by name\n\n| construct | example | instead |\n|---|---|---|\n");
    for refusal in all.refused {
        let example = refusal.example.lines().next().unwrap_or_default();
        let (name, instead) = (refusal.name, refusal.instead);
        line(
            &mut page,
            format_args!("| {name} | `{}` | {instead} |", cell(example)),
        );
    }
    page.push_str("\n## What differs from Django\n");
    for difference in all.differences {
        let (example, reason) = (difference.example, difference.reason);
        let (django, here) = (difference.django, difference.here);
        line(
            &mut page,
            format_args!(
                "\n{reason}\n\n```python\n{example}\n```\n\n| Django | here |\n|---|---|\n| `{django}` | `{here}` |"
            ),
        );
    }
    page
}

fn line(page: &mut String, line: std::fmt::Arguments<'_>) {
    writeln!(page, "{line}").expect("a String takes all");
}

fn listed(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
