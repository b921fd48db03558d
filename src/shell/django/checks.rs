//! Django's system checks of a model that is typed.

use crate::base::Value;
use crate::market::catalogue::{Catalogue, Constraint, Field, Model};

/// What Django's system checks say of a model among the others; empty when nothing is wrong.
pub(super) fn problems(catalogue: &Catalogue, model: &Model) -> Vec<String> {
    let mut found = Vec::new();
    for field in &model.fields {
        found.extend(field_problems(catalogue, model, field));
    }
    found.extend(super::many::problems(catalogue, model));
    let label = model.label();
    let names_of = |name: &str| match name {
        "pk" => true,
        name => {
            let first = name.split("__").next().unwrap_or(name);
            model.field(first).is_some()
                || catalogue
                    .many_to_many(&model.name)
                    .iter()
                    .any(|end| end.name == first)
                || catalogue
                    .reverse_relations(&model.name)
                    .iter()
                    .any(|relation| relation.name == first)
        }
    };
    for name in &model.ordering {
        let bare = name.trim_start_matches(['-', '?']);
        if !bare.is_empty() && !names_of(bare) {
            found.push(format!(
                "{label}: (models.E015) 'ordering' refers to the nonexistent field, related \
                 field, or lookup '{bare}'."
            ));
        }
    }
    let together = model.unique_together.iter().flatten();
    let constraints = model
        .constraints
        .iter()
        .flat_map(|constraint| match constraint {
            Constraint::Unique { fields, .. } => fields.as_slice(),
            Constraint::Check { .. } => &[],
        });
    let indexes = model.indexes.iter().flat_map(|index| &index.fields);
    let named = together
        .map(|name| ("unique_together", name))
        .chain(constraints.map(|name| ("constraints", name)))
        .chain(indexes.map(|name| ("indexes", name)));
    for (option, name) in named {
        let name = name.trim_start_matches('-');
        if model.many_to_many.iter().any(|field| field.name == *name) {
            found.push(format!(
                "{label}: (models.E013) '{option}' refers to a ManyToManyField '{name}', but \
                 ManyToManyFields are not permitted in '{option}'."
            ));
        } else if model.field(name).is_none() {
            found.push(format!(
                "{label}: (models.E012) '{option}' refers to the nonexistent field '{name}'."
            ));
        }
    }
    found.sort();
    // Of two relations of one model that clash each tells of both.
    found.dedup();
    found
}

fn field_problems(catalogue: &Catalogue, model: &Model, field: &Field) -> Vec<String> {
    use crate::market::catalogue::{FieldKind, OnDelete};
    let label = field.label();
    let mut found = Vec::new();
    if field.name.ends_with('_') {
        found.push(format!(
            "{label}: (fields.E001) Field names must not end with an underscore."
        ));
    }
    if field.name.contains("__") {
        found.push(format!(
            "{label}: (fields.E002) Field names must not contain \"__\"."
        ));
    }
    if field.name == "pk" {
        found.push(format!(
            "{label}: (fields.E003) 'pk' is a reserved word that cannot be used as a field name."
        ));
    }
    if let FieldKind::Decimal(Some((digits, places))) = field.kind
        && places > digits
    {
        found.push(format!(
            "{label}: (fields.E134) 'max_digits' must be greater or equal to 'decimal_places'."
        ));
    }
    let longest = field.choices.iter().filter_map(|(value, _)| match value {
        Value::Text(text) => Some(text.chars().count()),
        _ => None,
    });
    if let (FieldKind::Char(Some(most)), Some(longest)) = (&field.kind, longest.max())
        && longest > usize::try_from(*most).unwrap_or(usize::MAX)
    {
        found.push(format!(
            "{label}: (fields.E009) 'max_length' is too small to fit the longest value in \
             'choices' ({longest} characters)."
        ));
    }
    let Some(relation) = &field.relation else {
        return found;
    };
    let Some(target) = catalogue.model(&relation.to) else {
        found.push(format!(
            "{label}: (fields.E300) Field defines a relation with model '{}', which is either not \
             installed, or is abstract.",
            relation.to
        ));
        let (app, name) = (&model.app_label, relation.to.to_lowercase());
        found.push(format!(
            "{label}: (fields.E307) The field {label} was declared with a lazy reference to \
             '{app}.{name}', but app '{app}' doesn't provide model '{name}'."
        ));
        return found;
    };
    if relation.on_delete == OnDelete::SetNull && !field.null {
        found.push(format!(
            "{label}: (fields.E320) Field specifies on_delete=SET_NULL, but cannot be null.\n\t\
             HINT: Set null=True argument on the field, or change the on_delete rule."
        ));
    }
    if relation.on_delete == OnDelete::SetDefault && field.default.is_none() {
        found.push(format!(
            "{label}: (fields.E321) Field specifies on_delete=SET_DEFAULT, but has no default \
             value.\n\tHINT: Set a default value, or change the on_delete rule."
        ));
    }
    if relation
        .related_name
        .as_deref()
        .is_none_or(|name| !name.ends_with('+'))
    {
        let way = WayBack {
            label,
            accessor: relation.accessor(model, &field.kind),
            query_name: relation.query_name(model),
        };
        found.extend(way.clashes(catalogue, target));
    }
    found
}

/// What a relation is called on the model that it points at.
pub(super) struct WayBack {
    /// The field, `marketplace.Review.product`.
    pub label: String,
    /// The attribute.
    pub accessor: String,
    /// The name in lookups.
    pub query_name: String,
}

impl WayBack {
    /// The ways back that a model has.
    fn all(catalogue: &Catalogue, target: &Model) -> Vec<Self> {
        let relations = catalogue.reverse_relations(&target.name).into_iter();
        let keys = relations.map(|relation| Self {
            label: relation.field.label(),
            accessor: relation.accessor,
            query_name: relation.name,
        });
        let ends = catalogue.visible_many_to_many(&target.name).into_iter();
        let many = ends.filter(|end| end.is_reverse).map(|end| Self {
            label: end.field.label(),
            accessor: end.accessor,
            query_name: end.name,
        });
        keys.chain(many).collect()
    }

    /// Whether it has a name that the other model has already given away.
    pub(super) fn clashes(&self, catalogue: &Catalogue, target: &Model) -> Vec<String> {
        let mut found = Vec::new();
        let Self {
            label,
            accessor,
            query_name,
        } = self;
        let way = format!("{}.{accessor}", target.name);
        let rename = |other: &str| {
            format!(
                "\n\tHINT: Rename field '{other}', or add/change a related_name argument to the \
                 definition for field '{label}'."
            )
        };
        let fields = target.fields.iter();
        let fields = fields.map(|field| (field.name.as_str(), field.label()));
        let many = target.many_to_many.iter();
        let many = many.map(|field| (field.name.as_str(), field.label()));
        for (name, own) in fields.chain(many) {
            if name == accessor {
                found.push(format!(
                    "{label}: (fields.E302) Reverse accessor '{way}' for '{label}' clashes with \
                     field name '{own}'.{}",
                    rename(&own)
                ));
            }
            if name == query_name {
                found.push(format!(
                    "{label}: (fields.E303) Reverse query name for '{label}' clashes with field \
                     name '{own}'.{}",
                    rename(&own)
                ));
            }
        }
        for other in Self::all(catalogue, target) {
            let theirs = &other.label;
            if theirs == label {
                continue;
            }
            let queried = [other.accessor == *query_name, *accessor == other.query_name];
            let pairs = [(label, theirs), (theirs, label)];
            for ((first, second), queried) in pairs.into_iter().zip(queried) {
                let hint = format!(
                    "\n\tHINT: Add or change a related_name argument to the definition for \
                     '{first}' or '{second}'."
                );
                if other.accessor == *accessor {
                    found.push(format!(
                        "{first}: (fields.E304) Reverse accessor '{way}' for '{first}' clashes \
                         with reverse accessor for '{second}'.{hint}"
                    ));
                }
                // Django compares the name in lookups with the other's attribute.
                if queried {
                    found.push(format!(
                        "{first}: (fields.E305) Reverse query name for '{first}' clashes with \
                         reverse query name for '{second}'.{hint}"
                    ));
                }
            }
        }
        found
    }
}
