//! Django's system checks of a model that is typed.

use crate::market::catalogue::{Catalogue, Constraint, Field, Model, Relation};

/// What Django's system checks say of a model among the others; empty when nothing is wrong.
pub(super) fn problems(catalogue: &Catalogue, model: &Model) -> Vec<String> {
    let mut found = Vec::new();
    for field in &model.fields {
        found.extend(field_problems(catalogue, model, field));
    }
    let label = model.label();
    let names_of = |name: &str| match name {
        "pk" => true,
        name => {
            let first = name.split("__").next().unwrap_or(name);
            model.field(first).is_some()
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
        if model.field(name).is_none() {
            found.push(format!(
                "{label}: (models.E012) '{option}' refers to the nonexistent field '{name}'."
            ));
        }
    }
    found.sort();
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
    found.extend(clashes(catalogue, model, field, relation, target));
    found
}

/// Whether the way back has a name that the other model has already given away.
fn clashes(
    catalogue: &Catalogue,
    model: &Model,
    field: &Field,
    relation: &Relation,
    target: &Model,
) -> Vec<String> {
    if relation
        .related_name
        .as_deref()
        .is_some_and(|name| name.ends_with('+'))
    {
        return Vec::new();
    }
    let mut found = Vec::new();
    let accessor = relation.accessor(model, &field.kind);
    let query_name = relation.query_name(model);
    let way = format!("{}.{accessor}", target.name);
    let label = field.label();
    let rename = |other: &str| {
        format!(
            "\n\tHINT: Rename field '{other}', or add/change a related_name argument to the \
             definition for field '{label}'."
        )
    };
    for own in &target.fields {
        if own.name == accessor {
            found.push(format!(
                "{label}: (fields.E302) Reverse accessor '{way}' for '{label}' clashes with field \
                 name '{}'.{}",
                own.label(),
                rename(&own.label())
            ));
        }
        if own.name == query_name {
            found.push(format!(
                "{label}: (fields.E303) Reverse query name for '{label}' clashes with field name \
                 '{}'.{}",
                own.label(),
                rename(&own.label())
            ));
        }
    }
    for other in catalogue.reverse_relations(&target.name) {
        if other.source.name == model.name && other.field.name == field.name {
            continue;
        }
        let theirs = other.field.label();
        let pairs = [(&label, &theirs), (&theirs, &label)];
        for (first, second) in pairs {
            let hint = format!(
                "\n\tHINT: Add or change a related_name argument to the definition for '{first}' \
                 or '{second}'."
            );
            if other.accessor == accessor {
                found.push(format!(
                    "{first}: (fields.E304) Reverse accessor '{way}' for '{first}' clashes with \
                     reverse accessor for '{second}'.{hint}"
                ));
            }
            if other.name == query_name {
                found.push(format!(
                    "{first}: (fields.E305) Reverse query name for '{first}' clashes with reverse \
                     query name for '{second}'.{hint}"
                ));
            }
        }
    }
    found
}
