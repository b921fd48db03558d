//! Models as data: what a model is, and the marketplace's five.
//!
//! One catalogue drives the tables, the ORM, completion, the ER diagram and the export. A
//! learner's own model joins it by [`Catalogue::with_model`].

use crate::base::Value;
use std::sync::Arc;

mod field;
mod many;
mod marketplace;

pub use field::{AutoNow, Field, FieldDefault, FieldKind, Validator};
pub use many::{ManyEnd, ManyToMany};
pub use marketplace::marketplace;

/// All models that are known, in the order of their definition.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    models: Vec<Arc<Model>>,
}

impl Catalogue {
    /// A catalogue of these models.
    pub fn new(models: Vec<Model>) -> Self {
        Self {
            models: models.into_iter().map(Arc::new).collect(),
        }
    }

    /// The models, in the order of their definition.
    pub fn models(&self) -> &[Arc<Model>] {
        &self.models
    }

    /// The model of that class name.
    pub fn model(&self, name: &str) -> Option<&Arc<Model>> {
        self.models.iter().find(|model| model.name == name)
    }

    /// The model kept in that table.
    pub fn model_of_table(&self, table: &str) -> Option<&Arc<Model>> {
        self.models.iter().find(|model| model.db_table == table)
    }

    /// The same catalogue with one model more, or with another definition of it.
    #[must_use]
    pub fn with_model(&self, model: Model) -> Self {
        let mut models = self.models.clone();
        let model = Arc::new(model);
        match models.iter_mut().find(|known| known.name == model.name) {
            Some(known) => *known = model,
            None => models.push(model),
        }
        Self { models }
    }

    /// The same catalogue with a model and, before it as Django has them, the models between that
    /// its many-to-many relations made; those of an earlier definition are gone.
    #[must_use]
    pub fn with_definition(&self, model: Model, between: Vec<Model>) -> Self {
        let mut models = self.models.clone();
        models.retain(|known| known.auto_created.as_deref() != Some(&*model.name));
        let at = models.iter().position(|known| known.name == model.name);
        let between = between.into_iter().map(Arc::new);
        match at {
            Some(at) => models
                .splice(at..=at, between.chain([Arc::new(model)]))
                .count(),
            None => {
                models.extend(between.chain([Arc::new(model)]));
                0
            }
        };
        Self { models }
    }

    /// The models between that were made for a model, in the order of its fields.
    pub fn made_for(&self, model: &str) -> Vec<Arc<Model>> {
        let made = |it: &&Arc<Model>| it.auto_created.as_deref() == Some(model);
        self.models.iter().filter(made).cloned().collect()
    }

    /// The same catalogue without a model, and without the models between that it made.
    #[must_use]
    pub fn without_model(&self, name: &str) -> Self {
        Self {
            models: self
                .models
                .iter()
                .filter(|model| model.name != name)
                .filter(|model| model.auto_created.as_deref() != Some(name))
                .cloned()
                .collect(),
        }
    }

    /// What points at a model, in the order of definition (Django's `related_objects`).
    pub fn reverse_relations(&self, model: &str) -> Vec<ReverseRelation> {
        let mut found = self.all_reverse_relations(model);
        found.retain(|relation| !relation.is_hidden());
        found
    }

    /// What points at a model, ways back that have no name among them.
    pub fn all_reverse_relations(&self, model: &str) -> Vec<ReverseRelation> {
        let mut found = Vec::new();
        let model = self.model(model).map_or(model, |it| it.concrete_name());
        for source in self.models.iter().filter(|it| it.proxy_for.is_none()) {
            for field in &source.fields {
                let Some(relation) = &field.relation else {
                    continue;
                };
                let to = self.model(&relation.to);
                let to = to.map_or(relation.to.as_str(), |it| it.concrete_name());
                if to == model {
                    found.push(ReverseRelation {
                        name: relation.query_name(source),
                        accessor: relation.accessor(source, &field.kind),
                        source: source.clone(),
                        field: field.clone(),
                    });
                }
            }
        }
        found
    }
}

/// A model: a class of rows and the table that keeps them.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// The class name, `OrderItem`.
    pub name: String,
    /// The application, `marketplace`.
    pub app_label: String,
    /// The table, `order_item`.
    pub db_table: String,
    /// The columns, in order; the first primary key among them is the key.
    pub fields: Vec<Arc<Field>>,
    /// `Meta.ordering`: field paths, `-` in front for descending.
    pub ordering: Vec<String>,
    /// `Meta.get_latest_by`.
    pub get_latest_by: Vec<String>,
    /// `Meta.constraints`.
    pub constraints: Vec<Constraint>,
    /// `Meta.indexes`.
    pub indexes: Vec<Index>,
    /// `Meta.unique_together`.
    pub unique_together: Vec<Vec<String>>,
    /// `Meta.verbose_name`.
    pub verbose_name: String,
    /// `Meta.verbose_name_plural`.
    pub verbose_name_plural: String,
    /// `Meta.proxy`: the model whose table it shares.
    pub proxy_for: Option<String>,
    /// The many-to-many relations that stand in it.
    pub many_to_many: Vec<Arc<ManyToMany>>,
    /// The model for one of whose many-to-many relations it was made.
    pub auto_created: Option<String>,
}

impl Model {
    /// A model with Django's defaults for everything but its fields. A `BigAutoField` named
    /// `id` comes first when no field is a primary key.
    pub fn new(app_label: &str, name: &str, mut fields: Vec<Field>) -> Self {
        if !fields.iter().any(|field| field.primary_key) {
            fields.insert(0, Field::auto_key());
        }
        let fields = fields
            .into_iter()
            .map(|mut field| {
                field.model = name.into();
                field.app_label = app_label.into();
                Arc::new(field)
            })
            .collect();
        let verbose_name = spaced(name);
        Self {
            name: name.to_owned(),
            app_label: app_label.to_owned(),
            db_table: format!("{app_label}_{}", name.to_lowercase()),
            fields,
            ordering: Vec::new(),
            get_latest_by: Vec::new(),
            constraints: Vec::new(),
            indexes: Vec::new(),
            unique_together: Vec::new(),
            verbose_name_plural: format!("{verbose_name}s"),
            verbose_name,
            proxy_for: None,
            many_to_many: Vec::new(),
            auto_created: None,
        }
    }

    /// The class name of the model that has the table: its own, but for a proxy.
    pub fn concrete_name(&self) -> &str {
        self.proxy_for.as_deref().unwrap_or(&self.name)
    }

    /// The field of that name (`customer`) or attribute name (`customer_id`).
    pub fn field(&self, name: &str) -> Option<&Arc<Field>> {
        self.fields
            .iter()
            .find(|field| field.name == name)
            .or_else(|| self.fields.iter().find(|field| field.attname() == name))
    }

    /// The primary key. Every model that [`Model::new`] makes has one.
    pub fn primary_key(&self) -> Option<&Arc<Field>> {
        self.fields.iter().find(|field| field.primary_key)
    }

    /// `marketplace.Order`, the name Django prints.
    pub fn label(&self) -> String {
        format!("{}.{}", self.app_label, self.name)
    }

    /// The sets of fields that no two rows may share as a whole.
    pub fn unique_sets(&self) -> Vec<Vec<String>> {
        let mut sets = self.unique_together.clone();
        for constraint in &self.constraints {
            match constraint {
                Constraint::Unique {
                    fields,
                    condition: None,
                    ..
                } => sets.push(fields.clone()),
                Constraint::Unique { .. } | Constraint::Check { .. } => {}
            }
        }
        sets
    }
}

/// Where a foreign key points and what becomes of its rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relation {
    /// Class name of the other model.
    pub to: String,
    /// The field it refers to; the key when absent.
    pub to_field: Option<String>,
    /// What happens when the other row is deleted.
    pub on_delete: OnDelete,
    /// The name of the way back; `+` hides it.
    pub related_name: Option<String>,
    /// The name of the way back in lookups.
    pub related_query_name: Option<String>,
}

impl Relation {
    /// The name of the way back in lookups.
    pub fn query_name(&self, source: &Model) -> String {
        self.related_query_name
            .clone()
            .or_else(|| self.related_name.clone())
            .unwrap_or_else(|| source.name.to_lowercase())
    }

    /// The attribute of the way back on an instance, from a field of that kind.
    pub fn accessor(&self, source: &Model, kind: &FieldKind) -> String {
        let name = source.name.to_lowercase();
        match (&self.related_name, kind) {
            (Some(name), _) => name.clone(),
            (None, FieldKind::OneToOne) => name,
            (None, _) => format!("{name}_set"),
        }
    }
}

/// `on_delete` of a foreign key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnDelete {
    /// Delete the rows that point here as well.
    Cascade,
    /// Refuse with `ProtectedError`.
    Protect,
    /// Refuse with `RestrictedError` unless a cascade takes them as well.
    Restrict,
    /// Store NULL.
    SetNull,
    /// Store the default.
    SetDefault,
    /// Leave it to the database.
    DoNothing,
}

/// One way back along a foreign key.
#[derive(Clone, Debug, PartialEq)]
pub struct ReverseRelation {
    /// Its name in lookups, `order_items`.
    pub name: String,
    /// Its attribute on instances, `order_items` or `review_set`.
    pub accessor: String,
    /// The model that points here.
    pub source: Arc<Model>,
    /// The foreign key.
    pub field: Arc<Field>,
}

impl ReverseRelation {
    /// Whether it has no name, neither in lookups nor on instances.
    pub fn is_hidden(&self) -> bool {
        let relation = self.field.relation.as_ref();
        let name = relation.and_then(|relation| relation.related_name.as_deref());
        name.is_some_and(|name| name.ends_with('+'))
    }

    /// Whether at most one row points here.
    pub fn is_unique(&self) -> bool {
        self.field.unique || self.is_one_to_one()
    }

    /// Whether the attribute gives that row itself, not a manager.
    pub fn is_one_to_one(&self) -> bool {
        self.field.kind == FieldKind::OneToOne
    }
}

/// One member of `Meta.constraints`.
#[derive(Clone, Debug, PartialEq)]
pub enum Constraint {
    /// `CheckConstraint(condition, name)`
    Check {
        /// The name.
        name: String,
        /// What must not be false.
        condition: Condition,
        /// `violation_error_message`, with `%(name)s` for the name.
        message: Option<String>,
    },
    /// `UniqueConstraint(fields, name)`
    Unique {
        /// The name.
        name: String,
        /// The fields, by name.
        fields: Vec<String>,
        /// The rows that it holds for; all of them when absent.
        condition: Option<Condition>,
        /// `violation_error_message`, with `%(name)s` for the name.
        message: Option<String>,
    },
}

impl Constraint {
    /// What validation says of a row that breaks it.
    pub fn violation(&self) -> String {
        let (Self::Check { name, message, .. } | Self::Unique { name, message, .. }) = self;
        match message {
            Some(message) => message.replace("%(name)s", name).replace("%%", "%"),
            None => format!("Constraint “{name}” is violated."),
        }
    }
}

/// A condition over one row, as a `Q` without joins says it.
#[derive(Clone, Debug)]
pub enum Condition {
    /// `price__gte=0`
    Lookup {
        /// The path with its lookup.
        path: String,
        /// The value on the right.
        value: Value,
    },
    /// The right side is another column, `F("price")`.
    Fields {
        /// The path with its lookup.
        path: String,
        /// The other field.
        other: String,
    },
    /// All of them.
    And(Vec<Condition>),
    /// One of them.
    Or(Vec<Condition>),
    /// Not so.
    Not(Box<Condition>),
}

impl PartialEq for Condition {
    fn eq(&self, other: &Self) -> bool {
        // Values compare by what they print, which is exact for every type.
        format!("{self:?}") == format!("{other:?}")
    }
}

/// One member of `Meta.indexes`.
#[derive(Clone, Debug, PartialEq)]
pub struct Index {
    /// The name.
    pub name: String,
    /// The fields; `-` in front for descending.
    pub fields: Vec<String>,
    /// The rows that it holds; all of them when absent.
    pub condition: Option<Condition>,
}

/// `OrderItem` as people read it: `order item`.
pub fn spaced(name: &str) -> String {
    let mut out = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !out.is_empty() {
            out.push(' ');
        }
        out.extend(letter.to_lowercase());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relations_are_known_from_both_sides() {
        let catalogue = marketplace();
        let names: Vec<_> = catalogue
            .reverse_relations("Product")
            .into_iter()
            .map(|relation| (relation.name, relation.source.name.clone()))
            .collect();
        assert_eq!(names, [("order_items".to_owned(), "OrderItem".to_owned())]);
        let order = catalogue
            .model("Order")
            .map(|model| model.field("customer_id"));
        assert_eq!(
            order.flatten().map(|field| field.name.as_str()),
            Some("customer")
        );
    }

    #[test]
    fn a_redefined_model_keeps_its_place() {
        let catalogue = marketplace();
        let again = catalogue.with_model(Model::new("shop", "Category", Vec::new()));
        let names: Vec<_> = again.models().iter().map(|model| &model.name).collect();
        assert_eq!(
            names,
            ["Customer", "Category", "Product", "Order", "OrderItem"]
        );
    }
}
