//! What the editor offers while code is typed: names that fit, the arguments of a call, a
//! paragraph on a name.
//!
//! Everything comes from the text before the cursor, the names of the running shell and its
//! catalogue, so a learner's own models, querysets and variables are offered like Django's.
//! Nothing is run and no row is read.

mod chain;
mod documentation;
mod infer;
mod members;
mod path;
mod position;

#[cfg(test)]
mod tests;

pub use documentation::{Entry, entries, entry};

use super::interpret::Interpreter;
use super::value::Namespace;
use chain::Link;
use infer::{Knowledge, Known};
use position::Position;

/// Names that fit at a place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Suggestions {
    /// The byte from which on a suggestion replaces the text up to the cursor.
    pub from: u32,
    /// The names, best first.
    pub items: Vec<Suggestion>,
}

/// A name that fits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Suggestion {
    /// What kind of name it is; kinds that are meant more often come first.
    pub kind: SuggestionKind,
    /// The name.
    pub label: String,
    /// What it holds or gives, in a few words.
    pub detail: String,
}

/// Kinds of names, those that are meant more often first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SuggestionKind {
    /// A field of a model.
    Field,
    /// A relation to another model.
    Relation,
    /// A name given by `annotate()` or `alias()`.
    Annotation,
    /// `__gt`, `__icontains`, ...
    Lookup,
    /// A variable of the learner's.
    Variable,
    /// A model.
    Model,
    /// A manager.
    Manager,
    /// A method.
    Method,
    /// A function.
    Function,
    /// A class.
    Class,
    /// A module.
    Module,
    /// A word of Python.
    Keyword,
}

/// A name and what there is to say about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
    /// The bytes of the name.
    pub from: u32,
    /// The byte after it.
    pub to: u32,
    /// Name, arguments and what they give.
    pub title: String,
    /// A paragraph.
    pub text: String,
}

/// The call around the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// The byte of the opening parenthesis.
    pub at: u32,
    /// Name and arguments.
    pub title: String,
    /// Which argument the cursor is in, from 0.
    pub argument: u32,
    /// A paragraph.
    pub text: String,
}

/// The names that fit at a byte of a text.
pub fn suggest(vm: &Interpreter, names: &Namespace, code: &str, cursor: u32) -> Suggestions {
    let place = position::at(code, cursor);
    let knowledge = Knowledge::new(vm, names, &place.tokens);
    let mut items = match &place.position {
        Position::Comment => Vec::new(),
        Position::Attribute { chain } => members::of(&knowledge, &knowledge.infer(chain)),
        Position::Import { module } => members::importable(vm, module.as_deref()),
        Position::Text { written } => {
            return path::in_text(&knowledge, &place, written, cursor);
        }
        Position::Name => {
            let keywords = path::in_keyword(&knowledge, &place, cursor);
            if !keywords.items.is_empty() && place.prefix.contains("__") {
                return keywords;
            }
            let mut items = keywords.items;
            items.extend(members::global(&knowledge));
            items
        }
    };
    keep_matching(&mut items, &place.prefix);
    Suggestions {
        from: cursor.saturating_sub(place.prefix.len() as u32),
        items,
    }
}

/// What there is to say about the name at a byte of a text.
pub fn describe(vm: &Interpreter, names: &Namespace, code: &str, at: u32) -> Option<Description> {
    let (from, to) = position::word(code, at)?;
    let word = code.get(from as usize..to as usize)?;
    let place = position::at(code, to);
    let knowledge = Knowledge::new(vm, names, &place.tokens);
    let found = match &place.position {
        Position::Comment => return None,
        Position::Attribute { chain } => {
            members::described(&knowledge, &knowledge.infer(chain), word)
        }
        Position::Text { .. } => path::described(&knowledge, &place),
        Position::Name | Position::Import { .. } => path::described(&knowledge, &place)
            .or_else(|| members::described_global(&knowledge, word)),
    };
    let (title, text) = found?;
    Some(Description {
        from,
        to,
        title,
        text,
    })
}

/// The innermost call around a byte of a text, when there is something to say about it.
pub fn signature(
    vm: &Interpreter,
    names: &Namespace,
    code: &str,
    cursor: u32,
) -> Option<Signature> {
    let place = position::at(code, cursor);
    let knowledge = Knowledge::new(vm, names, &place.tokens);
    let call = place.calls.first()?;
    let (last, before) = call.callee.split_last()?;
    let name = match last {
        Link::Attribute(name) | Link::Name(name) => name,
        Link::Call(_) | Link::Index(_) | Link::Text => return None,
    };
    let (title, text) = if before.is_empty() {
        members::described_global(&knowledge, name)?
    } else {
        members::described(&knowledge, &knowledge.infer(before), name)?
    };
    Some(Signature {
        at: call.at,
        title,
        argument: call.argument,
        text,
    })
}

/// Leaves what begins with the prefix, whatever its case; sorted, each name once.
fn keep_matching(items: &mut Vec<Suggestion>, prefix: &str) {
    let prefix = prefix.to_lowercase();
    items.retain(|item| item.label.to_lowercase().starts_with(&prefix));
    items.sort();
    let mut seen = std::collections::BTreeSet::new();
    items.retain(|item| seen.insert(item.label.clone()));
}

/// The model that a value's rows are of.
fn model_of(known: &Known) -> Option<&str> {
    match known {
        Known::QuerySet { model, .. } | Known::Row { model } => Some(model),
        Known::Class(_) | Known::Value(_) | Known::Module(_) | Known::Unknown => None,
    }
}
