//! Many-to-many relations: no column, but a model between the two that holds a key of each.

use super::{Catalogue, Field, Model, OnDelete};
use std::sync::Arc;

/// `ManyToManyField`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManyToMany {
    /// The class name of the model that it stands in.
    pub model: String,
    /// The application of that model.
    pub app_label: String,
    /// The attribute, `tags`.
    pub name: String,
    /// Class name of the other model.
    pub to: String,
    /// Class name of the model between, `Post_tags`.
    pub through: String,
    /// Whether the model between was made for this field.
    pub auto_created: bool,
    /// The foreign keys of the model between that are followed, where they are named.
    pub through_fields: Option<(String, String)>,
    /// The name of the way back; one that ends in `+` is hidden.
    pub related_name: Option<String>,
    /// The name of the way back in lookups.
    pub related_query_name: Option<String>,
    /// Whether a relation of a model to itself holds both ways.
    pub symmetrical: bool,
    /// Whether forms allow it to be empty.
    pub blank: bool,
    /// The name that people read.
    pub verbose_name: String,
    /// A sentence of help.
    pub help_text: String,
}

/// A many-to-many relation as it is seen from one of its ends.
#[derive(Clone, Debug)]
pub struct ManyEnd {
    /// The relation.
    pub field: Arc<ManyToMany>,
    /// Whether it is seen from the model that the field points at.
    pub is_reverse: bool,
    /// Its name in lookups of this end.
    pub name: String,
    /// Its attribute on instances of this end.
    pub accessor: String,
    /// The name in lookups of the way back from the other end.
    pub way_back: String,
    /// The model at the other end.
    pub target: Arc<Model>,
    /// The model between.
    pub through: Arc<Model>,
    /// The foreign key of the model between that points at this end.
    pub source_key: Arc<Field>,
    /// The foreign key of the model between that points at the other end.
    pub target_key: Arc<Field>,
}

impl ManyToMany {
    /// The name of the way back in lookups.
    pub fn query_name(&self) -> String {
        self.related_query_name
            .clone()
            .or_else(|| self.related_name.clone())
            .unwrap_or_else(|| self.model.to_lowercase())
    }

    /// The attribute of the way back on an instance.
    pub fn accessor(&self) -> String {
        self.related_name
            .clone()
            .unwrap_or_else(|| format!("{}_set", self.model.to_lowercase()))
    }

    /// Whether the way back has no attribute.
    pub fn is_hidden(&self) -> bool {
        self.related_name
            .as_deref()
            .is_some_and(|name| name.ends_with('+'))
    }

    /// `marketplace.Post.tags`, the name Django prints.
    pub fn label(&self) -> String {
        format!("{}.{}.{}", self.app_label, self.model, self.name)
    }

    /// The model between, as Django makes it for a field of that model: a key of each side, and
    /// no pair twice. `table` is the field's `db_table`.
    pub fn through_model(&self, model: &Model, table: Option<&str>) -> Model {
        let (mut from, mut to) = (self.model.to_lowercase(), self.to.to_lowercase());
        if from == to {
            from = format!("from_{from}");
            to = format!("to_{to}");
        }
        let hidden = format!("{}+", self.through);
        let key = |name: &str, to: &str| Field::foreign_key(name, to, OnDelete::Cascade, &hidden);
        let fields = vec![key(&from, &self.model), key(&to, &self.to)];
        let mut through = Model::new(&model.app_label, &self.through, fields);
        through.db_table = match table {
            Some(table) => table.to_owned(),
            None => format!("{}_{}", model.db_table, self.name),
        };
        through.verbose_name = format!("{from}-{to} relationship");
        through.verbose_name_plural = format!("{from}-{to} relationships");
        through.unique_together = vec![vec![from, to]];
        through.auto_created = Some(self.model.clone());
        through
    }

    /// The foreign keys of the model between: to the model of the field, and to the other.
    pub fn keys(&self, through: &Model) -> Option<(Arc<Field>, Arc<Field>)> {
        let pointing = |to: &str| {
            let to = to.to_owned();
            through.fields.iter().filter(move |field| {
                let relation = field.relation.as_ref();
                relation.is_some_and(|relation| relation.to == to)
            })
        };
        if let Some((from, to)) = &self.through_fields {
            let named = |name: &str, to: &str| pointing(to).find(|it| it.name == name).cloned();
            return Some((named(from, &self.model)?, named(to, &self.to)?));
        }
        let from = pointing(&self.model).next()?;
        // Of the two keys to one model the first is this side's.
        let skipped = usize::from(self.model == self.to);
        let to = pointing(&self.to).nth(skipped)?;
        Some((from.clone(), to.clone()))
    }
}

impl Catalogue {
    /// The many-to-many relations of a model, its own first; hidden ways back among them. One
    /// whose model between is not there yet is left out.
    pub fn many_to_many(&self, model: &str) -> Vec<ManyEnd> {
        let name = self.model(model).map_or(model, |it| it.concrete_name());
        let mut found = Vec::new();
        if let Some(model) = self.model(model) {
            let own = model.many_to_many.iter();
            found.extend(own.filter_map(|field| self.end(field, false)));
        }
        for source in self.models().iter().filter(|it| it.proxy_for.is_none()) {
            for field in &source.many_to_many {
                let to = self.model(&field.to).map(|it| it.concrete_name());
                if to == Some(name) {
                    found.extend(self.end(field, true));
                }
            }
        }
        found
    }

    /// The many-to-many relations of a model that one may name.
    pub fn visible_many_to_many(&self, model: &str) -> Vec<ManyEnd> {
        let mut ends = self.many_to_many(model);
        ends.retain(|end| !end.is_hidden());
        ends
    }

    fn end(&self, field: &Arc<ManyToMany>, is_reverse: bool) -> Option<ManyEnd> {
        let through = self.model(&field.through)?.clone();
        let (from, to) = field.keys(&through)?;
        let (name, accessor, way_back, target, source_key, target_key) = match is_reverse {
            false => (
                field.name.clone(),
                field.name.clone(),
                field.query_name(),
                &field.to,
                from,
                to,
            ),
            true => (
                field.query_name(),
                field.accessor(),
                field.name.clone(),
                &field.model,
                to,
                from,
            ),
        };
        Some(ManyEnd {
            field: field.clone(),
            is_reverse,
            name,
            accessor,
            way_back,
            target: self.model(target)?.clone(),
            through,
            source_key,
            target_key,
        })
    }
}

impl ManyEnd {
    /// Whether it is a way back that has no attribute.
    pub fn is_hidden(&self) -> bool {
        self.is_reverse && self.field.is_hidden()
    }

    /// Whether a pair is stored both ways round.
    pub fn is_symmetrical(&self) -> bool {
        self.field.symmetrical && !self.is_reverse
    }
}
