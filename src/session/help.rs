//! What is supported, for the help pages: the engine's own registry, and what the shell has to
//! say about its names. `docs/sql.md` is made of the same.

use super::world::Language;
use crate::engine::supported::{Function, supported};
use crate::report::help::{Entry, Help, Section};
use crate::shell::assist;

/// Everything that is supported of a language.
pub fn help(language: Language) -> Help {
    let sections = match language {
        Language::Sql => sql(),
        Language::Django => django(),
    };
    Help { sections }
}

fn sql() -> Vec<Section> {
    let all = supported();
    let mut sections: Vec<Section> = Vec::new();
    for feature in all.features {
        let entry = Entry {
            name: feature.name.to_owned(),
            forms: Vec::new(),
            text: String::new(),
            example: Some(format!("{};", feature.example)),
        };
        match sections.last_mut() {
            Some(section) if section.title == feature.subject => section.entries.push(entry),
            Some(_) | None => sections.push(section(feature.subject, "", vec![entry])),
        }
    }
    let types = all.types.iter().map(|(name, holds)| Entry {
        name: (*name).to_owned(),
        forms: Vec::new(),
        text: (*holds).to_owned(),
        example: None,
    });
    sections.push(section("Types", "", types.collect()));
    for (title, note, list) in [
        ("Aggregates", "", all.aggregates),
        (
            "Window functions",
            "Every aggregate is one too.",
            all.windows,
        ),
        ("Functions that give rows", "", all.sets),
        ("Operators", "", all.operators),
        ("Functions", "", all.functions),
    ] {
        sections.push(section(
            title,
            note,
            list.into_iter().map(function).collect(),
        ));
    }
    let refused = all.refused.iter().map(|refusal| Entry {
        name: refusal.name.to_owned(),
        forms: Vec::new(),
        text: match refusal.instead {
            "" => String::new(),
            instead => format!("Instead: {instead}"),
        },
        example: Some(format!("{};", refusal.example)),
    });
    sections.push(section(
        "Refused by name",
        "These are known, and refused with a message that says so.",
        refused.collect(),
    ));
    sections
}

fn function(function: Function) -> Entry {
    Entry {
        name: function.name,
        forms: function.signatures,
        text: function.documentation.to_owned(),
        example: None,
    }
}

/// The subjects of Django's names, in the order in which they are shown.
const SUBJECTS: [(&str, &str); 6] = [
    ("QuerySets", "Managers have these methods too."),
    ("Managers", ""),
    ("Models", ""),
    ("Expressions and functions", ""),
    ("Python and its modules", ""),
    (
        "Services",
        "The marketplace's own questions, with their code in phase 9.",
    ),
];

fn subject(name: &str) -> usize {
    let is_lower = name.starts_with(|first: char| first.is_ascii_lowercase());
    match name.split_once('.') {
        Some(("QuerySet", _)) => 0,
        Some(("BaseManager", _)) => 1,
        Some(_) => 2,
        None if name.starts_with("get_") => 5,
        None if is_lower || name == "Decimal" => 4,
        None => 3,
    }
}

fn django() -> Vec<Section> {
    let mut sections = SUBJECTS.map(|(title, note)| section(title, note, Vec::new()));
    for entry in assist::entries() {
        if let Some(section) = sections.get_mut(subject(entry.name)) {
            section.entries.push(Entry {
                name: entry.name.to_owned(),
                forms: vec![entry.title.to_owned()],
                text: entry.text.to_owned(),
                example: None,
            });
        }
    }
    sections.into()
}

fn section(title: &str, note: &str, entries: Vec<Entry>) -> Section {
    Section {
        title: title.to_owned(),
        note: note.to_owned(),
        entries,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_section_has_entries_and_every_entry_says_something() {
        for language in [Language::Sql, Language::Django] {
            let help = help(language);
            assert!(help.sections.len() >= 6);
            for section in help.sections {
                assert!(!section.entries.is_empty(), "{}", section.title);
                for entry in section.entries {
                    let said = !entry.text.is_empty()
                        || entry.example.is_some()
                        || !entry.forms.is_empty();
                    assert!(said && !entry.name.is_empty(), "{entry:?}");
                }
            }
        }
    }

    #[test]
    fn names_stand_under_their_subjects() {
        let help = help(Language::Django);
        let of = |name: &str| {
            let mut sections = help.sections.iter();
            let has = |section: &&Section| section.entries.iter().any(|it| it.name == name);
            sections.find(has).map(|section| section.title.as_str())
        };
        assert_eq!(of("QuerySet.filter"), Some("QuerySets"));
        assert_eq!(of("Model.save"), Some("Models"));
        assert_eq!(of("Coalesce"), Some("Expressions and functions"));
        assert_eq!(of("sorted"), Some("Python and its modules"));
        assert_eq!(of("get_ranked_customers"), Some("Services"));
    }
}
