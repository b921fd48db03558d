//! Help while code is typed, in the wire's words.

use super::answer::{from_utf16, problem, to_language, to_world, utf16};
use crate::base::SourceText;
use crate::session::{self, Session, SuggestionKind};
use crate::wire::{AssistKind, AssistReport, Language, Suggestion, World};

/// Answers [`crate::wire::Request::Assist`].
pub fn assist(
    session: &mut Session,
    world: World,
    language: Language,
    code: &str,
    cursor: u32,
    what: AssistKind,
) -> AssistReport {
    if what == AssistKind::Problems {
        let source = SourceText::new(code);
        let found = session::problems(to_language(language), code);
        let found = found.iter().map(|it| problem(it, &source)).collect();
        return AssistReport::Problems(found);
    }
    let world = match (language, session.world(to_world(world))) {
        (Language::Django, Ok(world)) => world,
        (Language::Sql, _) | (Language::Django, Err(_)) => return AssistReport::Nothing,
    };
    let at = from_utf16(code, cursor);
    let report = match what {
        AssistKind::Problems => None,
        AssistKind::Suggestions => {
            let found = world.suggest(code, at);
            let items = found.items.into_iter().map(|item| Suggestion {
                label: item.label,
                detail: item.detail,
                kind: kind(item.kind).to_owned(),
            });
            Some(AssistReport::Suggestions {
                from: utf16(code, found.from),
                items: items.collect(),
            })
        }
        AssistKind::Description => world.describe(code, at).map(|found| AssistReport::Text {
            from: utf16(code, found.from),
            to: utf16(code, found.to),
            title: found.title,
            text: found.text,
            argument: 0,
        }),
        AssistKind::Signature => world.signature(code, at).map(|found| AssistReport::Text {
            from: utf16(code, found.at),
            to: utf16(code, found.at),
            title: found.title,
            text: found.text,
            argument: found.argument,
        }),
    };
    report.unwrap_or(AssistReport::Nothing)
}

/// The word that the editor shows beside a suggestion.
fn kind(kind: SuggestionKind) -> &'static str {
    match kind {
        SuggestionKind::Field => "field",
        SuggestionKind::Relation => "relation",
        SuggestionKind::Annotation => "annotation",
        SuggestionKind::Lookup => "lookup",
        SuggestionKind::Variable => "variable",
        SuggestionKind::Model => "model",
        SuggestionKind::Manager => "manager",
        SuggestionKind::Method => "method",
        SuggestionKind::Function => "function",
        SuggestionKind::Class => "class",
        SuggestionKind::Module => "module",
        SuggestionKind::Keyword => "keyword",
    }
}
