//! What a chain gives, as far as it can be told without running it.

use super::chain::{self, Link, Subscript};
use crate::market::catalogue::{Catalogue, Model};
use crate::shell::django::{Table, table_of};
use crate::shell::interpret::{Interpreter, Types};
use crate::shell::syntax::ast::Name;
use crate::shell::syntax::token::{Token, TokenKind};
use crate::shell::value::{Class, Module, Namespace, Object};
use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;

/// How many variables lead to each other before one gives up.
const MOST_HOPS: u32 = 20;

/// What is known of a value.
#[derive(Clone)]
pub(super) enum Known {
    /// A queryset or a manager.
    QuerySet {
        /// The model of its rows.
        model: String,
        /// Its class.
        class: Rc<Class>,
        /// The names that were added to its rows.
        annotations: Vec<Name>,
    },
    /// An instance of a model.
    Row {
        /// The model.
        model: String,
    },
    /// A class.
    Class(Rc<Class>),
    /// A module.
    Module(Rc<Module>),
    /// A value of this class.
    Value(Rc<Class>),
    /// Nothing.
    Unknown,
}

/// What can be known at a place of a text.
pub(super) struct Knowledge<'a> {
    pub vm: &'a Interpreter,
    pub names: &'a Namespace,
    pub catalogue: Arc<Catalogue>,
    /// The tokens before the place.
    pub tokens: &'a [Token],
    hops: Cell<u32>,
}

impl<'a> Knowledge<'a> {
    pub fn new(vm: &'a Interpreter, names: &'a Namespace, tokens: &'a [Token]) -> Self {
        let catalogue = vm.django().map(|it| it.catalogue()).unwrap_or_default();
        Self {
            vm,
            names,
            catalogue,
            tokens,
            hops: Cell::new(0),
        }
    }

    /// The model of a name.
    pub fn model(&self, name: &str) -> Option<&Arc<Model>> {
        self.catalogue.model(name)
    }

    /// What a chain gives.
    pub fn infer(&self, chain: &[Link]) -> Known {
        let Some((first, rest)) = chain.split_first() else {
            return Known::Unknown;
        };
        let mut known = match first {
            Link::Name(name) => self.name(name),
            Link::Text => Known::Value(self.vm.types.str.clone()),
            Link::Attribute(_) | Link::Call(_) | Link::Index(_) => Known::Unknown,
        };
        let mut rest = rest.iter().peekable();
        while let Some(link) = rest.next() {
            known = match link {
                Link::Attribute(name) => match rest.peek() {
                    Some(Link::Call(keywords)) => {
                        rest.next();
                        self.call(&known, name, keywords)
                    }
                    _ => self.attribute(&known, name),
                },
                Link::Call(_) => match known {
                    Known::Class(class) => self.instance(&class),
                    _ => Known::Unknown,
                },
                Link::Index(subscript) => match (known, subscript) {
                    (queryset @ Known::QuerySet { .. }, Subscript::Slice) => queryset,
                    (Known::QuerySet { model, .. }, Subscript::Item) => Known::Row { model },
                    _ => Known::Unknown,
                },
                Link::Name(_) | Link::Text => Known::Unknown,
            };
        }
        known
    }

    /// What a name stands for: what the text before binds it to, else what the shell knows.
    pub fn name(&self, name: &str) -> Known {
        if let Some(known) = self.bound(name) {
            return known;
        }
        let found = self.names.borrow().get(name).cloned();
        let found = found.or_else(|| self.vm.builtins.borrow().get(name).cloned());
        found.map_or(Known::Unknown, |object| self.object(&object))
    }

    /// What an object of the shell is.
    pub fn object(&self, object: &Object) -> Known {
        match table_of(object) {
            Some(Table::Rows { model, class }) => Known::QuerySet {
                model,
                class,
                annotations: Vec::new(),
            },
            Some(Table::Row { model }) => Known::Row { model },
            None => match object {
                Object::Class(class) => Known::Class(class.clone()),
                Object::Module(module) => Known::Module(module.clone()),
                other => Known::Value(self.vm.class_of(other)),
            },
        }
    }

    /// The last `name = chain`, `for name in chain` or `as name` of the text before.
    fn bound(&self, name: &str) -> Option<Known> {
        if self.hops.get() >= MOST_HOPS {
            return None;
        }
        let is_name = |token: &Token| matches!(&token.kind, TokenKind::Name(it) if &**it == name);
        let at = (0..self.tokens.len()).rev().find(|&place| {
            let next = self.tokens.get(place + 1);
            self.tokens.get(place).is_some_and(is_name)
                && match next.map(|it| &it.kind) {
                    Some(TokenKind::Operator("=")) => self.begins_line(place),
                    Some(TokenKind::Keyword("in")) => self.follows_for(place),
                    _ => false,
                }
        })?;
        let value = chain::beginning(self.tokens.get(at + 2..)?);
        if value.is_empty() {
            return None;
        }
        self.hops.set(self.hops.get() + 1);
        // What follows must not see the name itself, or `qs = qs.filter()` would never end.
        let before = Knowledge {
            tokens: self.tokens.get(..at)?,
            catalogue: self.catalogue.clone(),
            hops: Cell::new(self.hops.get()),
            ..*self
        };
        let known = before.infer(&value);
        Some(match (&self.tokens.get(at + 1)?.kind, known) {
            (TokenKind::Keyword(_), Known::QuerySet { model, .. }) => Known::Row { model },
            (TokenKind::Keyword(_), _) => Known::Unknown,
            (_, known) => known,
        })
    }

    fn begins_line(&self, place: usize) -> bool {
        place.checked_sub(1).is_none_or(|before| {
            self.tokens.get(before).is_some_and(|token| {
                matches!(
                    token.kind,
                    TokenKind::Newline
                        | TokenKind::Indent
                        | TokenKind::Dedent
                        | TokenKind::Operator(":" | ";")
                )
            })
        })
    }

    fn follows_for(&self, place: usize) -> bool {
        let before = place.checked_sub(1).and_then(|it| self.tokens.get(it));
        before.is_some_and(|token| matches!(token.kind, TokenKind::Keyword("for")))
    }

    /// What an attribute holds.
    fn attribute(&self, known: &Known, name: &str) -> Known {
        match known {
            Known::Module(module) => {
                let found = module.names.borrow().get(name).cloned();
                found.map_or(Known::Unknown, |object| self.object(&object))
            }
            Known::Class(class) => match class.lookup(name) {
                Some(object) => self.object(&object),
                None => Known::Unknown,
            },
            Known::Row { model } => self.related(model, name),
            Known::QuerySet { .. } | Known::Value(_) | Known::Unknown => Known::Unknown,
        }
    }

    /// What a relation of a row leads to.
    fn related(&self, model: &str, name: &str) -> Known {
        let target = self
            .model(model)
            .and_then(|it| it.field(name).filter(|field| field.name == name).cloned())
            .and_then(|field| field.relation.clone());
        if let Some(relation) = target {
            return Known::Row { model: relation.to };
        }
        let back = self.catalogue.reverse_relations(model);
        if let Some(relation) = back.into_iter().find(|it| it.accessor == name) {
            return self.objects_of(&relation.source.name);
        }
        let ends = self.catalogue.visible_many_to_many(model);
        match ends.into_iter().find(|end| end.accessor == name) {
            Some(end) => many(self.objects_of(&end.target.name)),
            None => Known::Unknown,
        }
    }

    /// What the default manager of a model gives.
    fn objects_of(&self, model: &str) -> Known {
        let class = self.vm.django().ok().and_then(|it| it.model_class(model));
        let objects = class.and_then(|it| it.lookup("objects"));
        match objects.map(|it| self.object(&it)) {
            Some(known @ Known::QuerySet { .. }) => known,
            _ => Known::Unknown,
        }
    }

    /// What a method gives.
    fn call(&self, known: &Known, name: &str, keywords: &[Name]) -> Known {
        let Known::QuerySet {
            model,
            class,
            annotations,
        } = known
        else {
            return match self.attribute(known, name) {
                Known::Class(class) => self.instance(&class),
                // A manager called as `order.items()` is an error, but one sees what is meant.
                known @ Known::QuerySet { .. } => known,
                _ => Known::Unknown,
            };
        };
        match name {
            "get" | "first" | "last" | "earliest" | "latest" | "create" => Known::Row {
                model: model.clone(),
            },
            "count" => Known::Value(self.vm.types.int.clone()),
            "exists" | "contains" => Known::Value(self.vm.types.bool.clone()),
            "aggregate" | "in_bulk" => Known::Value(self.vm.types.dict.clone()),
            "explain" => Known::Value(self.vm.types.str.clone()),
            "update" | "delete" | "get_or_create" | "update_or_create" | "bulk_create"
            | "bulk_update" | "iterator" => Known::Unknown,
            _ => {
                let mut annotations = annotations.clone();
                if matches!(name, "annotate" | "alias" | "values" | "values_list") {
                    annotations.extend(keywords.iter().cloned());
                }
                Known::QuerySet {
                    model: model.clone(),
                    class: class.clone(),
                    annotations,
                }
            }
        }
    }

    /// What calling a class gives.
    fn instance(&self, class: &Rc<Class>) -> Known {
        if self.model(&class.name).is_some() {
            return Known::Row {
                model: class.name.to_string(),
            };
        }
        Known::Value(class.clone())
    }
}

/// What a many-to-many relation gives, from what the other model's manager gives: its manager has
/// methods of its own.
fn many(known: Known) -> Known {
    match known {
        Known::QuerySet {
            model,
            class,
            annotations,
        } => Known::QuerySet {
            model,
            class: Types::class("ManyRelatedManager", &class.module, &[&class]),
            annotations,
        },
        Known::Row { .. }
        | Known::Class(_)
        | Known::Module(_)
        | Known::Value(_)
        | Known::Unknown => known,
    }
}
