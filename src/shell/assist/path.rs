//! Paths over relations, `order_items__product__name`, in keyword arguments and in texts.

use super::chain::Link;
use super::infer::{Knowledge, Known};
use super::members::{field_description, field_title, suggestion};
use super::position::{OpenCall, Place, Position};
use super::{Suggestion, SuggestionKind, Suggestions, keep_matching, model_of};
use crate::market::catalogue::{Field, Model};
use crate::orm::lookups::lookup_names;
use crate::shell::syntax::ast::Name;
use std::sync::Arc;

/// What a call takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Takes {
    /// Paths with lookups: `filter()`.
    Lookups,
    /// Fields of the model itself: `create()`.
    Fields,
    /// Paths in texts: `values()`.
    Paths,
    /// Paths in texts with a sign for the direction: `order_by()`.
    Ordering,
    /// Relations that lead to one row: `select_related()`.
    ToOne,
    /// Relations: `prefetch_related()`.
    Relations,
}

/// What the keyword arguments of a method are.
fn keywords_of(method: &str) -> Option<Takes> {
    Some(match method {
        "filter" | "exclude" | "get" | "Q" | "get_or_create" | "update_or_create" => Takes::Lookups,
        "create" | "update" => Takes::Fields,
        _ => return None,
    })
}

/// What texts as arguments are; functions of expressions take paths.
fn texts_of(name: &str) -> Option<Takes> {
    Some(match name {
        "order_by" | "latest" | "earliest" => Takes::Ordering,
        "select_related" => Takes::ToOne,
        "prefetch_related" | "Prefetch" => Takes::Relations,
        "filter" | "exclude" | "get" | "print" | "create" | "Value" | "ExpressionWrapper" => {
            return None;
        }
        _ => Takes::Paths,
    })
}

/// Suggestions for a keyword argument at the cursor.
pub(super) fn in_keyword(knowledge: &Knowledge<'_>, place: &Place, cursor: u32) -> Suggestions {
    let none = Suggestions::default();
    let Some((call, name)) = innermost(place) else {
        return none;
    };
    let is_model = knowledge.model(name).is_some() && call.callee.len() == 1;
    let takes = match keywords_of(name) {
        Some(takes) => takes,
        None if is_model => Takes::Fields,
        None => return none,
    };
    let model = if is_model {
        Some((name.to_owned(), Vec::new()))
    } else {
        scope(knowledge, &place.calls)
    };
    match model {
        Some((model, annotations)) => complete(
            knowledge,
            &model,
            &annotations,
            takes,
            &place.prefix,
            cursor,
        ),
        None => none,
    }
}

/// Suggestions inside of a text.
pub(super) fn in_text(
    knowledge: &Knowledge<'_>,
    place: &Place,
    written: &str,
    cursor: u32,
) -> Suggestions {
    let found = innermost(place)
        .and_then(|(_, name)| texts_of(name))
        .zip(scope(knowledge, &place.calls));
    match found {
        Some((takes, (model, annotations))) => {
            let path = written.strip_prefix('-').unwrap_or(written);
            complete(knowledge, &model, &annotations, takes, path, cursor)
        }
        None => Suggestions::default(),
    }
}

/// What there is to say about the end of a path at the cursor.
pub(super) fn described(knowledge: &Knowledge<'_>, place: &Place) -> Option<(String, String)> {
    let path = match &place.position {
        Position::Text { written } => written.strip_prefix('-').unwrap_or(written),
        Position::Name => &place.prefix,
        Position::Attribute { .. } | Position::Import { .. } | Position::Comment => return None,
    };
    let (model, _) = scope(knowledge, &place.calls)?;
    let end = walk(knowledge, &model, path.split("__"))?;
    match end {
        End::Field(field) => Some(field_description(&field)),
        End::Model(model) => Some((
            model.name.clone(),
            format!("The related rows of {}.", model.name),
        )),
    }
}

fn innermost(place: &Place) -> Option<(&OpenCall, &str)> {
    let call = place.calls.first()?;
    match call.callee.last()? {
        Link::Name(name) | Link::Attribute(name) => Some((call, name)),
        Link::Text | Link::Call(_) | Link::Index(_) => None,
    }
}

/// The model whose fields are meant inside of the calls, and the names added to its rows: that of
/// the innermost queryset whose method is being called. `OuterRef` means the one around it.
fn scope(knowledge: &Knowledge<'_>, calls: &[OpenCall]) -> Option<(String, Vec<Name>)> {
    let outer = calls
        .first()
        .is_some_and(|call| call.callee == [Link::Name("OuterRef".into())]);
    let mut found = calls.iter().filter_map(|call| {
        let (_, before) = call.callee.split_last()?;
        match knowledge.infer(before) {
            Known::QuerySet {
                model, annotations, ..
            } => Some((model, annotations)),
            known => Some((model_of(&known)?.to_owned(), Vec::new())),
        }
    });
    if outer { found.nth(1) } else { found.next() }
}

/// Where a path leads.
enum End {
    /// To a model's rows.
    Model(Arc<Model>),
    /// To a field.
    Field(Arc<Field>),
}

fn walk<'p>(
    knowledge: &Knowledge<'_>,
    model: &str,
    steps: impl Iterator<Item = &'p str>,
) -> Option<End> {
    let mut end = End::Model(knowledge.model(model)?.clone());
    for step in steps {
        let End::Model(model) = &end else {
            return None;
        };
        let field = match step {
            "pk" => model.primary_key(),
            name => model.field(name),
        };
        end = match field {
            Some(field) => match &field.relation {
                Some(relation) if field.name == step => {
                    End::Model(knowledge.model(&relation.to)?.clone())
                }
                _ => End::Field(field.clone()),
            },
            None => {
                let back = knowledge.catalogue.reverse_relations(&model.name);
                match back.into_iter().find(|it| it.name == step) {
                    Some(found) => End::Model(found.source),
                    None => {
                        let ends = knowledge.catalogue.visible_many_to_many(&model.name);
                        End::Model(ends.into_iter().find(|it| it.name == step)?.target)
                    }
                }
            }
        };
    }
    Some(end)
}

fn complete(
    knowledge: &Knowledge<'_>,
    model: &str,
    annotations: &[Name],
    takes: Takes,
    path: &str,
    cursor: u32,
) -> Suggestions {
    let (walked, last) = match path.rsplit_once("__") {
        Some((walked, last)) => (walked.split("__").collect(), last),
        None => (Vec::new(), path),
    };
    let mut items = match walk(knowledge, model, walked.iter().copied()) {
        Some(End::Model(model)) => steps(knowledge, &model, takes),
        Some(End::Field(field)) if takes == Takes::Lookups => lookups(&field),
        Some(End::Field(_)) | None => Vec::new(),
    };
    if walked.is_empty() && matches!(takes, Takes::Lookups | Takes::Paths | Takes::Ordering) {
        items.extend(
            annotations
                .iter()
                .map(|name| suggestion(SuggestionKind::Annotation, name, "annotation")),
        );
    }
    if takes == Takes::Lookups
        && !walked.is_empty()
        && items.iter().all(|it| it.kind != SuggestionKind::Lookup)
    {
        // A relation has lookups of its own.
        items.push(suggestion(SuggestionKind::Lookup, "in", "lookup"));
        items.push(suggestion(SuggestionKind::Lookup, "isnull", "lookup"));
    }
    keep_matching(&mut items, last);
    Suggestions {
        from: cursor.saturating_sub(last.len() as u32),
        items,
    }
}

/// The names that may follow in a path at a model.
fn steps(knowledge: &Knowledge<'_>, model: &Model, takes: Takes) -> Vec<Suggestion> {
    let mut items = Vec::new();
    for field in &model.fields {
        match &field.relation {
            Some(relation) => {
                items.push(suggestion(
                    SuggestionKind::Relation,
                    &field.name,
                    &relation.to,
                ));
                if matches!(takes, Takes::Lookups | Takes::Fields | Takes::Paths) {
                    items.push(suggestion(SuggestionKind::Field, field.attname(), "key"));
                }
            }
            None if matches!(takes, Takes::ToOne | Takes::Relations) => {}
            None => items.push(suggestion(
                SuggestionKind::Field,
                &field.name,
                field_title(field),
            )),
        }
    }
    if matches!(takes, Takes::Lookups | Takes::Paths | Takes::Ordering) {
        items.push(suggestion(SuggestionKind::Field, "pk", "primary key"));
    }
    if !matches!(takes, Takes::ToOne | Takes::Fields) {
        for relation in knowledge.catalogue.reverse_relations(&model.name) {
            let name = match takes {
                Takes::Relations => &relation.accessor,
                _ => &relation.name,
            };
            let many = format!("{}s", relation.source.name);
            items.push(suggestion(SuggestionKind::Relation, name, &many));
        }
        for end in knowledge.catalogue.visible_many_to_many(&model.name) {
            let name = match takes {
                Takes::Relations => &end.accessor,
                _ => &end.name,
            };
            let many = format!("{}s", end.target.name);
            items.push(suggestion(SuggestionKind::Relation, name, &many));
        }
    }
    items
}

fn lookups(field: &Field) -> Vec<Suggestion> {
    lookup_names(&field.kind)
        .into_iter()
        .map(|name| suggestion(SuggestionKind::Lookup, name, "lookup"))
        .collect()
}
