//! `ManyToManyField(to, ..)` in the class of a model.

use super::super::definition::{APP, filled, target_name};
use super::super::field::{Target, Written, not_a_model};
use crate::market::catalogue::{ManyToMany, Model};
use crate::orm::schema::table_name;
use crate::shell::interpret::Interpreter;
use crate::shell::value::{Arguments, Class, Object, PyResult};
use std::rc::Rc;

/// What only a many-to-many field is given.
#[derive(Clone)]
pub(in crate::shell::django) struct WrittenMany {
    related_name: Option<String>,
    related_query_name: Option<String>,
    /// The model between, where it is the learner's own.
    through: Option<String>,
    through_fields: Option<(String, String)>,
    /// The table of the model between.
    db_table: Option<String>,
    symmetrical: Option<bool>,
}

/// Takes `to` and the arguments that no other field has.
pub(in crate::shell::django) fn arguments(
    vm: &mut Interpreter,
    arguments: &mut Arguments,
) -> PyResult<(Target, WrittenMany)> {
    let mut leading = std::mem::take(&mut arguments.positional).into_iter();
    let Some(to) = leading.next().or_else(|| arguments.take_keyword("to")) else {
        let message = "ManyToManyField.__init__() missing 1 required positional argument: 'to'";
        return Err(vm.type_error(message));
    };
    if leading.next().is_some() {
        let message = "not supported here: ManyToManyField with a second argument by position";
        return Err(vm.error("NotImplementedError", message));
    }
    let target = target(vm, &to)?;
    let mut text = |vm: &mut Interpreter, name: &str| match arguments
        .take_keyword(name)
        .and_then(Object::some)
    {
        Some(value) => vm.str(&value).map(|it| Some(it.to_string())),
        None => Ok(None),
    };
    let related_name = text(vm, "related_name")?;
    let related_query_name = text(vm, "related_query_name")?;
    let db_table = text(vm, "db_table")?;
    let through = match arguments.take_keyword("through").and_then(Object::some) {
        Some(through) => Some(match through.plain() {
            Object::Class(class) => class.name.to_string(),
            other => {
                let name = vm.str(other)?;
                name.rsplit('.').next().unwrap_or(&name).to_owned()
            }
        }),
        None => None,
    };
    if through.is_some() && db_table.is_some() {
        let message = "Cannot specify a db_table if an intermediary model is used.";
        return Err(vm.value_error(message));
    }
    let through_fields = match arguments
        .take_keyword("through_fields")
        .and_then(Object::some)
    {
        Some(names) => {
            let mut found = Vec::new();
            for name in vm.collect(&names)? {
                found.push(vm.str(&name)?.to_string());
            }
            let mut found = found.into_iter();
            Some((
                found.next().unwrap_or_default(),
                found.next().unwrap_or_default(),
            ))
        }
        None => None,
    };
    let symmetrical = match arguments.take_keyword("symmetrical").and_then(Object::some) {
        Some(value) => Some(vm.is_true(&value)?),
        None => None,
    };
    let written = WrittenMany {
        related_name,
        related_query_name,
        through,
        through_fields,
        db_table,
        symmetrical,
    };
    Ok((target, written))
}

fn target(vm: &mut Interpreter, to: &Object) -> PyResult<Target> {
    match to.plain() {
        Object::Class(class) => Ok(Target::Class(class.clone())),
        Object::Str(name) => Ok(Target::Name(name.to_string())),
        other => {
            let shown = vm.repr(other)?;
            Err(not_a_model(vm, "ManyToManyField", &shown))
        }
    }
}

/// A written many-to-many field under its name in a class.
pub(in crate::shell::django) fn named(
    vm: &mut Interpreter,
    class: &Rc<Class>,
    name: &str,
    written: &Written,
    many: &WrittenMany,
) -> PyResult<ManyToMany> {
    let to = match &written.target {
        Some(target) => target_name(vm, class, written.class, target)?,
        None => String::new(),
    };
    if written.field.unique {
        let message = format!(
            "SystemCheckError: System check identified some issues:\n\nERRORS:\n{APP}.{}.{name}: \
             (fields.E330) ManyToManyFields cannot be unique.\n",
            class.name
        );
        return Err(vm.error("SystemCheckError", &message));
    }
    let is_own = *to == *class.name;
    let by_self = matches!(&written.target, Some(Target::Name(name)) if name == "self");
    let symmetrical = is_own && many.symmetrical.unwrap_or(by_self);
    let text = |text: &Option<String>| text.as_ref().map(|text| filled(text, &class.name));
    let related_name = match text(&many.related_name) {
        _ if symmetrical => Some(format!("{name}_rel_+")),
        Some(hidden) if hidden.ends_with('+') => {
            Some(format!("_{APP}_{}_{name}_+", class.name.to_lowercase()))
        }
        given => given,
    };
    let auto_created = many.through.is_none();
    let verbose_name = match written.titled {
        true => written.field.verbose_name.clone(),
        false => name.replace('_', " "),
    };
    Ok(ManyToMany {
        model: class.name.to_string(),
        app_label: APP.to_owned(),
        name: name.to_owned(),
        to,
        through: match &many.through {
            Some(through) => through.clone(),
            None => format!("{}_{name}", class.name),
        },
        auto_created,
        through_fields: many.through_fields.clone(),
        related_name,
        related_query_name: text(&many.related_query_name),
        symmetrical,
        blank: written.field.blank,
        verbose_name,
        help_text: written.field.help_text.clone(),
    })
}

/// The models between that a model's many-to-many fields make; `written` has what each was given.
pub(in crate::shell::django) fn between(model: &Model, written: &[WrittenMany]) -> Vec<Model> {
    let fields = model.many_to_many.iter().zip(written);
    let made = fields.filter(|(field, _)| field.auto_created);
    made.map(|(field, written)| {
        let mut between = field.through_model(model, written.db_table.as_deref());
        between.db_table = table_name(between.db_table);
        between
    })
    .collect()
}
