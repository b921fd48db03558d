//! The names that a value has, and those that stand alone.

use super::documentation::entry;
use super::infer::{Knowledge, Known};
use super::{Suggestion, SuggestionKind};
use crate::market::catalogue::{Field, ManyEnd};
use crate::shell::interpret::Interpreter;
use crate::shell::syntax::token::{KEYWORDS, TokenKind};
use crate::shell::value::{Class, Function, Object};
use std::rc::Rc;

/// What a value has behind a dot.
pub(super) fn of(knowledge: &Knowledge<'_>, known: &Known) -> Vec<Suggestion> {
    match known {
        Known::QuerySet { class, .. } => {
            let mut items = attributes(knowledge, class);
            if let Some(Object::Class(queryset)) = class.lookup("_queryset_class") {
                items.extend(attributes(knowledge, &queryset));
            }
            items
        }
        Known::Row { model } => {
            let mut items = fields(knowledge, model);
            if let Some(class) = class_of_model(knowledge, model) {
                let methods = attributes(knowledge, &class);
                items.extend(methods.into_iter().filter(|item| {
                    !matches!(
                        item.kind,
                        SuggestionKind::Manager | SuggestionKind::Class | SuggestionKind::Field
                    )
                }));
            }
            items
        }
        Known::Class(class) | Known::Value(class) => attributes(knowledge, class),
        Known::Module(module) => {
            names(&module.names.borrow().iter().collect::<Vec<_>>(), knowledge)
        }
        Known::Unknown => Vec::new(),
    }
}

/// The names that stand alone: the learner's, Django's, Python's.
pub(super) fn global(knowledge: &Knowledge<'_>) -> Vec<Suggestion> {
    let own = knowledge.names.borrow();
    let builtins = knowledge.vm.builtins.borrow();
    let mut items = names(&own.iter().collect::<Vec<_>>(), knowledge);
    items.extend(names(&builtins.iter().collect::<Vec<_>>(), knowledge));
    items.extend(bound(knowledge));
    items.extend(
        KEYWORDS
            .iter()
            .map(|word| suggestion(SuggestionKind::Keyword, word, "")),
    );
    items
}

/// Variables that the text before binds.
fn bound(knowledge: &Knowledge<'_>) -> Vec<Suggestion> {
    let mut items = Vec::new();
    for pair in knowledge.tokens.windows(2) {
        if let [first, second] = pair
            && let TokenKind::Name(name) = &first.kind
            && matches!(
                second.kind,
                TokenKind::Operator("=") | TokenKind::Keyword("in")
            )
        {
            let known = knowledge.name(name);
            let is_named = !matches!(known, Known::Unknown);
            items.push(suggestion(
                SuggestionKind::Variable,
                name,
                &if is_named {
                    title(&known)
                } else {
                    String::new()
                },
            ));
        }
    }
    items
}

/// Modules, or the names of one.
pub(super) fn importable(vm: &Interpreter, module: Option<&str>) -> Vec<Suggestion> {
    let detail = |object: &Object| match object {
        Object::Class(_) => SuggestionKind::Class,
        Object::Module(_) => SuggestionKind::Module,
        _ => SuggestionKind::Function,
    };
    match module.map(|name| vm.modules.get(name)) {
        None => vm
            .modules
            .keys()
            .map(|name| suggestion(SuggestionKind::Module, name, ""))
            .collect(),
        Some(None) => Vec::new(),
        Some(Some(module)) => module
            .names
            .borrow()
            .iter()
            .filter(|(name, _)| !name.starts_with('_'))
            .map(|(name, object)| suggestion(detail(object), name, ""))
            .collect(),
    }
}

/// The fields and relations of a model's instances.
pub(super) fn fields(knowledge: &Knowledge<'_>, model: &str) -> Vec<Suggestion> {
    let Some(model) = knowledge.model(model) else {
        return Vec::new();
    };
    let mut items = Vec::new();
    for field in &model.fields {
        match &field.relation {
            Some(relation) => {
                items.push(suggestion(
                    SuggestionKind::Relation,
                    &field.name,
                    &relation.to,
                ));
                items.push(suggestion(SuggestionKind::Field, field.attname(), "key"));
            }
            None => items.push(suggestion(
                SuggestionKind::Field,
                &field.name,
                field_title(field),
            )),
        }
    }
    items.push(suggestion(SuggestionKind::Field, "pk", "primary key"));
    for relation in knowledge.catalogue.reverse_relations(&model.name) {
        let many = format!("{}s", relation.source.name);
        items.push(suggestion(
            SuggestionKind::Relation,
            &relation.accessor,
            &many,
        ));
    }
    for end in knowledge.catalogue.visible_many_to_many(&model.name) {
        let many = format!("{}s", end.target.name);
        items.push(suggestion(SuggestionKind::Relation, &end.accessor, &many));
    }
    items
}

pub(super) fn field_title(field: &Field) -> &'static str {
    field.kind.class_name()
}

fn class_of_model(knowledge: &Knowledge<'_>, model: &str) -> Option<Rc<Class>> {
    knowledge.vm.django().ok()?.model_class(model)
}

fn attributes(knowledge: &Knowledge<'_>, class: &Rc<Class>) -> Vec<Suggestion> {
    let mut items = Vec::new();
    for class in class.lineage() {
        for (name, value) in class.attributes.borrow().iter() {
            if !name.starts_with('_') {
                let kind = kind_of(knowledge, value, SuggestionKind::Method);
                let detail = documented(class, name).map_or(String::new(), |it| it.0);
                items.push(suggestion(kind, name, &detail));
            }
        }
    }
    items
}

fn names(
    found: &[(&crate::shell::syntax::ast::Name, &Object)],
    knowledge: &Knowledge<'_>,
) -> Vec<Suggestion> {
    found
        .iter()
        .filter(|(name, _)| !name.starts_with('_'))
        .map(|(name, value)| {
            let kind = kind_of(knowledge, value, SuggestionKind::Function);
            let detail = entry(name).map_or_else(
                || match kind {
                    SuggestionKind::Variable => title(&knowledge.object(value)),
                    _ => String::new(),
                },
                |entry| entry.title.to_owned(),
            );
            suggestion(kind, name, &detail)
        })
        .collect()
}

/// The kind of a name by what it holds; `callable` for functions.
fn kind_of(knowledge: &Knowledge<'_>, value: &Object, callable: SuggestionKind) -> SuggestionKind {
    match knowledge.object(value) {
        Known::QuerySet { .. } => SuggestionKind::Manager,
        Known::Class(class) if knowledge.model(&class.name).is_some() => SuggestionKind::Model,
        Known::Class(_) => SuggestionKind::Class,
        Known::Module(_) => SuggestionKind::Module,
        Known::Row { .. } | Known::Value(_) | Known::Unknown => match value {
            Object::Function(_)
            | Object::Native(_)
            | Object::Method(_)
            | Object::StaticMethod(_)
            | Object::ClassMethod(_) => callable,
            Object::Descriptor(_) => SuggestionKind::Field,
            _ => SuggestionKind::Variable,
        },
    }
}

/// What there is to say about an attribute of a value.
pub(super) fn described(
    knowledge: &Knowledge<'_>,
    known: &Known,
    name: &str,
) -> Option<(String, String)> {
    match known {
        Known::QuerySet { class, model, .. } => {
            let queryset = match class.lookup("_queryset_class") {
                Some(Object::Class(queryset)) => Some(queryset),
                _ => None,
            };
            let (title, text) = documented(class, name)
                .or_else(|| queryset.and_then(|it| documented(&it, name)))?;
            Some((title, text.replace("MODEL", model)))
        }
        Known::Row { model } => {
            if let Some(field) = knowledge.model(model)?.field(name) {
                return Some(field_description(field));
            }
            let ends = knowledge.catalogue.visible_many_to_many(model);
            match ends.into_iter().find(|end| end.accessor == name) {
                Some(end) => Some(many_description(&end)),
                None => {
                    let class = class_of_model(knowledge, model)?;
                    documented(&class, name)
                }
            }
        }
        Known::Class(class) | Known::Value(class) => documented(class, name),
        Known::Module(_) => described_global(knowledge, name),
        Known::Unknown => None,
    }
}

/// What there is to say about a name that stands alone.
pub(super) fn described_global(knowledge: &Knowledge<'_>, name: &str) -> Option<(String, String)> {
    if let Some(model) = knowledge.model(name) {
        let fields: Vec<&str> = model
            .fields
            .iter()
            .map(|field| field.name.as_str())
            .collect();
        let title = format!("{name}({})", fields.join(", "));
        let text = format!(
            "A model; its rows are kept in the table {}.",
            model.db_table
        );
        return Some((title, text));
    }
    if let Some(entry) = entry(name) {
        return Some((entry.title.to_owned(), entry.text.to_owned()));
    }
    let value = knowledge.names.borrow().get(name).cloned();
    if let Some(Object::Function(function)) = &value {
        return Some(function_description(function));
    }
    match knowledge.name(name) {
        Known::Unknown => None,
        known => Some((format!("{name}: {}", title(&known)), String::new())),
    }
}

/// A field as `Order.status: CharField(max_length=10)`.
pub(super) fn field_description(field: &Field) -> (String, String) {
    let mut facts = Vec::new();
    if let Some(relation) = &field.relation {
        facts.push(format!("Points at {}.", relation.to));
    }
    if field.null {
        facts.push("May be NULL.".to_owned());
    }
    if field.unique {
        facts.push("No two rows share a value.".to_owned());
    }
    if !field.choices.is_empty() {
        let choices: Vec<_> = field
            .choices
            .iter()
            .map(|(_, label)| label.as_str())
            .collect();
        facts.push(format!("One of: {}.", choices.join(", ")));
    }
    (
        format!("{}.{}: {}", field.model, field.name, field_title(field)),
        facts.join(" "),
    )
}

/// A many-to-many relation as `Post.tags: ManyToManyField`.
pub(super) fn many_description(end: &ManyEnd) -> (String, String) {
    let field = &end.field;
    (
        format!("{}.{}: ManyToManyField", field.model, field.name),
        format!(
            "Leads to many rows of {}; {} joins the two.",
            end.target.name, end.through.name
        ),
    )
}

/// The entry of an attribute: that of the class itself, or of the one that defines it.
fn documented(class: &Rc<Class>, name: &str) -> Option<(String, String)> {
    let owner = class
        .lineage()
        .find(|class| class.attributes.borrow().contains_key(name))?;
    if let Some(Object::Function(function)) = owner.attributes.borrow().get(name) {
        return Some(function_description(function));
    }
    let known = entry(&format!("{}.{name}", class.name));
    let known = known.or_else(|| entry(&format!("{}.{name}", owner.name)));
    known.map(|entry| (entry.title.to_owned(), entry.text.to_owned()))
}

/// A function written in Python, by its definition and its docstring.
fn function_description(function: &Function) -> (String, String) {
    let names: Vec<_> = function
        .parameters
        .all()
        .map(|parameter| &*parameter.name.name)
        .collect();
    (
        format!("{}({})", function.name, names.join(", ")),
        function.doc.as_deref().unwrap_or_default().to_owned(),
    )
}

/// A value in a few words.
fn title(known: &Known) -> String {
    match known {
        Known::QuerySet { model, class, .. } => format!("{} of {model}", class.name),
        Known::Row { model } => model.clone(),
        Known::Class(class) | Known::Value(class) => class.name.to_string(),
        Known::Module(module) => module.name.to_string(),
        Known::Unknown => String::new(),
    }
}

pub(super) fn suggestion(kind: SuggestionKind, label: &str, detail: &str) -> Suggestion {
    Suggestion {
        kind,
        label: label.to_owned(),
        detail: detail.to_owned(),
    }
}
