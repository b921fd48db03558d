//! Django's system checks of many-to-many relations.

use super::super::checks::WayBack;
use crate::market::catalogue::{Catalogue, ManyToMany, Model};

/// What is wrong with the many-to-many relations of a model, and with those of others that go
/// through it.
pub(in crate::shell::django) fn problems(catalogue: &Catalogue, model: &Model) -> Vec<String> {
    let mut found = Vec::new();
    for field in &model.many_to_many {
        match catalogue.model(&field.to) {
            Some(target) if !field.is_hidden() => {
                let way = WayBack {
                    label: field.label(),
                    accessor: field.accessor(),
                    query_name: field.query_name(),
                };
                found.extend(way.clashes(catalogue, target));
            }
            Some(_) => {}
            None => found.extend(unknown_target(model, field)),
        }
        found.extend(table_clash(catalogue, field));
    }
    for source in catalogue
        .models()
        .iter()
        .filter(|it| it.proxy_for.is_none())
    {
        for field in &source.many_to_many {
            let concerned = source.name == model.name || field.through == model.name;
            if let Some(through) = catalogue.model(&field.through).filter(|_| concerned) {
                found.extend(keys(field, through));
            }
        }
    }
    found
}

fn unknown_target(model: &Model, field: &ManyToMany) -> Vec<String> {
    let (label, to, app) = (field.label(), &field.to, &model.app_label);
    let lazy = |label: &str| {
        format!(
            "{label}: (fields.E307) The field {label} was declared with a lazy reference to \
             '{app}.{0}', but app '{app}' doesn't provide model '{0}'.",
            to.to_lowercase()
        )
    };
    let mut found = vec![
        format!(
            "{label}: (fields.E300) Field defines a relation with model '{to}', which is either \
             not installed, or is abstract."
        ),
        lazy(&label),
    ];
    if field.auto_created {
        let between = format!("{app}.{}.{}", field.through, to.to_lowercase());
        found.push(lazy(&between));
    }
    found
}

fn table_clash(catalogue: &Catalogue, field: &ManyToMany) -> Option<String> {
    let through = catalogue
        .model(&field.through)
        .filter(|_| field.auto_created)?;
    let mut others = catalogue.models().iter().filter(|it| {
        it.name != through.name && it.proxy_for.is_none() && it.db_table == through.db_table
    });
    let other = others.next()?;
    let owner = catalogue.models().iter().find_map(|it| {
        let mut fields = it.many_to_many.iter();
        fields.find(|it| it.auto_created && it.through == other.name)
    });
    let theirs = owner.map_or_else(|| other.label(), |it| it.label());
    Some(format!(
        "{}: (fields.E340) The field's intermediary table '{}' clashes with the table name of \
         '{theirs}'.",
        field.label(),
        through.db_table
    ))
}

/// Whether the model between has one foreign key to each side, or those that are named.
fn keys(field: &ManyToMany, through: &Model) -> Vec<String> {
    let label = field.label();
    let (model, to) = (&field.model, &field.to);
    let (from_count, to_count) = (pointing(through, model).len(), pointing(through, to).len());
    let used = format!("The model is used as an intermediate model by '{label}', but it");
    let which = "which is ambiguous. You must specify which";
    let mut found = Vec::new();
    let named = field.through_fields.is_some();
    if model == to {
        if from_count > 2 && !named {
            found.push(format!(
                "{}: (fields.E333) {used} has more than two foreign keys to '{model}', {which} two \
                 foreign keys Django should use via the through_fields keyword argument.\n\tHINT: \
                 Use through_fields to specify which two foreign keys Django should use.",
                through.label()
            ));
        }
        found.extend(named_keys(field, through));
        return found;
    }
    let recursive = format!(
        "\n\tHINT: If you want to create a recursive relationship, use ManyToManyField(\"self\", \
         through=\"{}\").",
        through.name
    );
    for (code, count, way, side) in [
        ("E334", from_count, "from", model),
        ("E335", to_count, "to", to),
    ] {
        if count > 1 && !named {
            found.push(format!(
                "{label}: (fields.{code}) {used} has more than one foreign key {way} '{side}', \
                 {which} foreign key Django should use via the through_fields keyword \
                 argument.{recursive}"
            ));
        }
    }
    if from_count == 0 || to_count == 0 {
        found.push(format!(
            "{}: (fields.E336) {used} does not have a foreign key to '{model}' or '{to}'.",
            through.label()
        ));
    }
    found.extend(named_keys(field, through));
    found
}

/// Whether `through_fields` names foreign keys to the two sides.
fn named_keys(field: &ManyToMany, through: &Model) -> Vec<String> {
    let Some((source, target)) = &field.through_fields else {
        return Vec::new();
    };
    let label = field.label();
    let through_label = through.label();
    let pairs = [(source, &field.model), (target, &field.to)];
    let wrong = pairs.iter().filter_map(|(name, to)| {
        let possible = pointing(through, to);
        let hint = match possible.is_empty() {
            true => String::new(),
            false => format!(
                "\n\tHINT: Did you mean one of the following foreign keys to '{to}': {}?",
                possible.join(", ")
            ),
        };
        let name = name.as_str();
        match through.fields.iter().any(|it| it.name == name) {
            false => Some(format!(
                "{label}: (fields.E338) The intermediary model '{through_label}' has no field \
                 '{name}'.{hint}"
            )),
            true if !possible.contains(&name) => Some(format!(
                "{label}: (fields.E339) '{}.{name}' is not a foreign key to '{to}'.{hint}",
                through.name
            )),
            true => None,
        }
    });
    wrong.collect()
}

/// The names of the foreign keys of a model to another.
fn pointing<'a>(through: &'a Model, to: &str) -> Vec<&'a str> {
    let fields = through.fields.iter();
    let fields = fields.filter(|it| it.relation.as_ref().is_some_and(|it| it.to == to));
    fields.map(|it| it.name.as_str()).collect()
}
