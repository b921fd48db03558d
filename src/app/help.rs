//! Searching the help pages.

use crate::wire::help::{Entry, Help, Section};

/// The entries that have every word that is sought, under their sections; those with a word in
/// their name come first.
pub fn found<'a>(help: &'a Help, sought: &str) -> Vec<(&'a Section, Vec<&'a Entry>)> {
    let words: Vec<String> = sought.split_whitespace().map(str::to_lowercase).collect();
    let in_name = |entry: &Entry| {
        let name = entry.name.to_lowercase();
        words.iter().all(|word| name.contains(word.as_str()))
    };
    let sections = help.sections.iter().map(|section| {
        let entries = section.entries.iter();
        let mut entries: Vec<_> = entries
            .filter(|entry| {
                let text = text(section, entry);
                words.iter().all(|word| text.contains(word.as_str()))
            })
            .collect();
        if !words.is_empty() {
            entries.sort_by_key(|entry| !in_name(entry));
        }
        (section, entries)
    });
    sections
        .filter(|(_, entries)| !entries.is_empty())
        .collect()
}

/// All that an entry says, in lower case.
fn text(section: &Section, entry: &Entry) -> String {
    let forms = entry.forms.join("\n");
    let example = entry.example.as_deref().unwrap_or_default();
    let parts = [&section.title, &entry.name, &forms, &entry.text, example];
    parts.join("\n").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str, text: &str) -> Entry {
        Entry {
            name: name.into(),
            forms: vec![format!("{name}(text) → text")],
            text: text.into(),
            example: None,
        }
    }

    #[test]
    fn every_word_must_be_there_and_names_come_first() {
        let help = Help {
            sections: vec![
                Section {
                    title: "Functions".into(),
                    note: String::new(),
                    entries: vec![
                        entry("initcap", "Like upper, but for first letters."),
                        entry("upper", "In capitals."),
                    ],
                },
                Section {
                    title: "Types".into(),
                    note: String::new(),
                    entries: vec![entry("date", "A day.")],
                },
            ],
        };
        let names = |sought: &str| -> Vec<&str> {
            let sections = found(&help, sought).into_iter();
            let entries = sections.flat_map(|(_, entries)| entries);
            entries.map(|entry| entry.name.as_str()).collect()
        };
        assert_eq!(names(" "), ["initcap", "upper", "date"]);
        assert_eq!(names("UPPER"), ["upper", "initcap"]);
        assert_eq!(names("types day"), ["date"]);
        assert!(names("upper day").is_empty());
    }
}
