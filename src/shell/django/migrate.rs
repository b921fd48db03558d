//! Models that a learner types: they join the catalogue, and their tables are made, changed and
//! dropped as `migrate` would.
//!
//! Typing the same class again is harmless, for an editor's text is run again and again: nothing
//! is asked of the database unless the table would be another one. A table that holds rows is
//! never replaced unasked.

use super::Django;
use super::checks::problems;
use super::definition::Defined;
use super::queryset::connected;
use crate::market::catalogue::{Catalogue, Model};
use crate::orm::schema::{self, create_table, delete_model, foreign_keys_to, tables_first};
use crate::orm::{Connection, QuerySet, Sql};
use crate::shell::interpret::{Interpreter, Types};
use crate::shell::value::{Class, Instance, Object, PyResult, Raised};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

/// What is kept of a model that was typed, beside its place in the catalogue.
#[derive(Default)]
pub(super) struct Learned {
    /// Defaults that are called, by attribute name.
    pub defaults: BTreeMap<String, Object>,
    /// Validators that are functions, by the field's name.
    pub validators: BTreeMap<String, Vec<Object>>,
}

impl Django {
    /// The function that gives a field's default.
    pub(super) fn default_of(&self, model: &str, attname: &str) -> Option<Object> {
        let learned = self.learned.borrow();
        learned.get(model)?.defaults.get(attname).cloned()
    }

    /// The validators of a field that are functions.
    pub(super) fn validators_of(&self, model: &str, field: &str) -> Vec<Object> {
        let learned = self.learned.borrow();
        let found = learned.get(model).and_then(|it| it.validators.get(field));
        found.cloned().unwrap_or_default()
    }

    fn is_learned(&self, model: &str) -> bool {
        self.learned.borrow().contains_key(model)
    }

    fn rows_of(&self, model: &Model) -> Option<u64> {
        self.connection.borrow().table_rows(&model.db_table)
    }

    /// Takes the typed models out of the catalogue whose tables are gone.
    pub(super) fn forget_dropped(&self) {
        let catalogue = self.catalogue();
        let gone = |name: &&String| {
            let model = catalogue.model(name);
            model.is_none_or(|model| self.rows_of(model).is_none())
        };
        let gone: Vec<String> = self.learned.borrow().keys().filter(gone).cloned().collect();
        for name in gone {
            self.forget(&name);
        }
    }

    fn forget(&self, name: &str) {
        self.learned.borrow_mut().remove(name);
        let catalogue = self.catalogue().without_model(name);
        *self.catalogue.borrow_mut() = Arc::new(catalogue);
        super::model::ways_back(self);
    }
}

/// What using a model says whose table is gone.
pub(super) fn gone(vm: &Interpreter, name: &str) -> Box<Raised> {
    let table = format!("marketplace_{}", name.to_lowercase());
    let message = format!("relation \"{table}\" does not exist");
    vm.error("ProgrammingError", &message)
        .hint(format!("Run the class {name} again: it makes the table."))
}

/// The rows of a model.
///
/// # Errors
/// The model is not there any more.
pub(super) fn queryset(vm: &Interpreter, name: &str) -> PyResult<QuerySet> {
    let catalogue = vm.django()?.catalogue();
    match catalogue.model(name) {
        Some(model) => Ok(QuerySet::new(&catalogue, model)),
        None => Err(gone(vm, name)),
    }
}

/// The model of a class: of one of the marketplace's own, which stays as it is, or of one that
/// joins the catalogue with its table.
///
/// # Errors
/// `SystemCheckError`, `RuntimeError` for a changed model whose table has rows, what the database
/// says.
pub(super) fn model(
    vm: &mut Interpreter,
    class: &Rc<Class>,
    defined: Defined,
) -> PyResult<Arc<Model>> {
    let django = vm.django()?;
    let before = django.catalogue();
    let known = before.model(&class.name).cloned();
    if let Some(known) = &known
        && !django.is_learned(&class.name)
    {
        unchanged(vm, known, &defined.model)?;
        return Ok(known.clone());
    }
    let after = Arc::new(before.with_definition(defined.model, defined.between));
    let Some(model) = after.model(&class.name).cloned() else {
        return Err(vm.error("RuntimeError", "the model did not join the catalogue"));
    };
    check(vm, &after, &model)?;
    let statements = statements(vm, &before, &after, &model)?;
    if !statements.is_empty() {
        connected(vm, |connection| schema::migrate(connection, &statements))?;
    }
    // Proxies share the fields of their model.
    let mut all = (*after).clone();
    for shared in after.models() {
        if shared.proxy_for.as_deref() == Some(&*class.name) {
            all = all.with_model(Model {
                fields: model.fields.clone(),
                many_to_many: model.many_to_many.clone(),
                db_table: model.db_table.clone(),
                ..(**shared).clone()
            });
        }
    }
    *django.catalogue.borrow_mut() = Arc::new(all);
    let learned = Learned {
        defaults: defined.defaults,
        validators: defined.validators,
    };
    django
        .learned
        .borrow_mut()
        .insert(class.name.to_string(), learned);
    Ok(model)
}

/// What makes the tables of a model, and of the models between that it makes, what the catalogue
/// says `after` a definition. A table that holds rows is never replaced.
fn statements(
    vm: &Interpreter,
    before: &Arc<Catalogue>,
    after: &Arc<Catalogue>,
    model: &Arc<Model>,
) -> PyResult<Vec<Sql>> {
    let django = vm.django()?;
    let making = |catalogue: &Arc<Catalogue>, model: &Arc<Model>| {
        create_table(catalogue, model).map_err(|error| vm.orm_error(error))
    };
    let wanted = making(after, model)?;
    let known = before.model(&model.name).cloned();
    let rows = known.as_ref().and_then(|known| django.rows_of(known));
    let stays = match (&known, rows) {
        (Some(known), Some(_)) => create_table(before, known).is_ok_and(|made| made == wanted),
        _ => false,
    };
    let mut drops = Vec::new();
    let mut parts = Vec::new();
    let replaced = rows.filter(|_| !stays);
    if let Some(rows) = replaced.filter(|rows| *rows > 0) {
        return Err(keeps_rows(vm, &model.name, rows));
    }
    let between = after.made_for(&model.name);
    let mut kept: Vec<&str> = Vec::new();
    for old in before.made_for(&model.name) {
        let Some(rows) = django.rows_of(&old) else {
            continue;
        };
        let new = between.iter().find(|new| new.name == old.name);
        if let Some(new) = new.filter(|_| stays)
            && making(after, new)? == making(before, &old)?
        {
            kept.push(&new.name);
            continue;
        }
        if rows > 0 {
            return Err(keeps_pairs(vm, &old, rows));
        }
        drops.push(delete_model(&old));
    }
    if !stays {
        if let (Some(known), Some(_)) = (&known, rows) {
            drops.push(delete_model(known));
        }
        parts.push(wanted);
    }
    for new in between.iter().filter(|new| !kept.contains(&&*new.name)) {
        parts.push(making(after, new)?);
    }
    let mut out = drops;
    let made = tables_first(parts);
    out.extend(made.iter().map(|definition| definition.sql().clone()));
    if replaced.is_some() {
        out.extend(foreign_keys_to(after, model).map_err(|error| vm.orm_error(error))?);
    }
    Ok(out)
}

/// The model of a proxy: another class over the table of a model.
///
/// # Errors
/// The model is not there any more, or the name is one of the marketplace's own.
pub(super) fn proxy(
    vm: &mut Interpreter,
    class: &Rc<Class>,
    of: &Rc<Class>,
) -> PyResult<Arc<Model>> {
    let django = vm.django()?;
    let catalogue = django.catalogue();
    let Some(concrete) = catalogue.model(&of.name) else {
        return Err(gone(vm, &of.name));
    };
    if catalogue.model(&class.name).is_some() && !django.is_learned(&class.name) {
        let message = format!("not supported here: changing a model ({})", class.name);
        return Err(vm.error("NotImplementedError", &message));
    }
    let mut model = (**concrete).clone();
    model.proxy_for = Some(concrete.concrete_name().to_owned());
    model.name = class.name.to_string();
    model.verbose_name = crate::market::catalogue::spaced(&class.name);
    model.verbose_name_plural = format!("{}s", model.verbose_name);
    super::definition::describe(vm, class, &mut model)?;
    let after = catalogue.with_model(model);
    let Some(model) = after.model(&class.name).cloned() else {
        return Err(gone(vm, &class.name));
    };
    *django.catalogue.borrow_mut() = Arc::new(after);
    django
        .learned
        .borrow_mut()
        .insert(class.name.to_string(), Learned::default());
    Ok(model)
}

/// Refuses another definition of one of the marketplace's own models. A class that only brings
/// methods and managers is welcome.
fn unchanged(vm: &Interpreter, known: &Model, written: &Model) -> PyResult<()> {
    let same = |one: &dyn std::fmt::Debug, other: &dyn std::fmt::Debug| {
        format!("{one:?}") == format!("{other:?}")
    };
    let own_key = |name: &str| name == "id";
    for field in written.fields.iter().filter(|field| !own_key(&field.name)) {
        let what = match known.field(&field.name) {
            None => "is a new field",
            Some(before) if !same(before, field) => "is another field than before",
            Some(_) => continue,
        };
        let message = format!(
            "not supported here: changing a model of the marketplace ({}.{} {what})",
            known.name, field.name
        );
        return Err(vm
            .error("NotImplementedError", &message)
            .hint("Write a model of your own, with a ForeignKey to this one."));
    }
    if let Some(field) = written.many_to_many.first() {
        let message = format!(
            "not supported here: changing a model of the marketplace ({}.{} is a new field)",
            known.name, field.name
        );
        return Err(vm
            .error("NotImplementedError", &message)
            .hint("Write a model of your own, with a ManyToManyField to this one."));
    }
    let whole = written.fields.len() == known.fields.len();
    if whole && !same(known, written) {
        let message = format!(
            "not supported here: changing a model of the marketplace ({}.Meta)",
            known.name
        );
        return Err(vm.error("NotImplementedError", &message));
    }
    Ok(())
}

/// Django's system checks, which `migrate` runs first.
fn check(vm: &Interpreter, catalogue: &Catalogue, model: &Model) -> PyResult<()> {
    let mut found = problems(catalogue, model);
    let others = catalogue.models().iter().filter(|other| {
        let other_kind = other.proxy_for.is_some() || other.auto_created.is_some();
        other.name != model.name && !other_kind && other.db_table == model.db_table
    });
    for other in others {
        found.push(format!(
            "{}: (models.E028) db_table '{}' is used by multiple models: {}, {}.",
            model.db_table,
            model.db_table,
            other.label(),
            model.label()
        ));
    }
    if found.is_empty() {
        return Ok(());
    }
    let message = format!(
        "SystemCheckError: System check identified some issues:\n\nERRORS:\n{}\n",
        found.join("\n")
    );
    Err(vm.error("SystemCheckError", &message))
}

fn keeps_rows(vm: &Interpreter, name: &str, rows: u64) -> Box<Raised> {
    let what = match rows {
        1 => "a row that a new table".to_owned(),
        rows => format!("{rows} rows that a new table"),
    };
    let message = format!(
        "the fields of {name} have changed, and its table holds {what} would lose; empty it \
         first: {name}.objects.all().delete()"
    );
    vm.error("RuntimeError", &message)
}

fn keeps_pairs(vm: &Interpreter, between: &Model, rows: u64) -> Box<Raised> {
    let owner = between.auto_created.as_deref().unwrap_or_default();
    let name = between.name.strip_prefix(owner).unwrap_or(&between.name);
    let name = name.trim_start_matches('_');
    let what = match rows {
        1 => "a pair".to_owned(),
        rows => format!("{rows} pairs"),
    };
    let message = format!(
        "the field {name} of {owner} has changed, and its table holds {what} that would be lost; \
         empty it first: {owner}.{name}.through.objects.all().delete()"
    );
    vm.error("RuntimeError", &message)
}

/// Adds `connection.schema_editor()`, whose `delete_model()` drops a typed model with its table.
/// (Typing its class again makes it.)
pub(super) fn schema_editor(vm: &mut Interpreter, wrapper: &Rc<Class>) {
    let editor = Types::class(
        "DatabaseSchemaEditor",
        "django.db.backends.postgresql.schema",
        &[&vm.types.object],
    );
    editor.method("__enter__", |_, mut arguments| Ok(arguments.take_first()));
    editor.method("__exit__", |_, _| Ok(Object::None));
    editor.method("delete_model", |vm, arguments| {
        let [_, class] = arguments.exactly(vm, "delete_model")?;
        let name = learned_name(vm, &class)?;
        let django = vm.django()?;
        let Some(model) = django.catalogue().model(&name).cloned() else {
            return Err(gone(vm, &name));
        };
        if model.proxy_for.is_none() {
            let mut statements: Vec<Sql> = Vec::new();
            for between in django.catalogue().made_for(&name) {
                statements.push(delete_model(&between));
            }
            statements.push(delete_model(&model));
            connected(vm, |connection| schema::migrate(connection, &statements))?;
        }
        django.forget(&name);
        Ok(Object::None)
    });
    wrapper.method("schema_editor", move |_, _| {
        Ok(Object::Instance(Rc::new(Instance::new(editor.clone()))))
    });
}

/// The name of a typed model's class.
fn learned_name(vm: &Interpreter, class: &Object) -> PyResult<String> {
    let Object::Class(class) = class else {
        return Err(vm.type_error("a model class was expected"));
    };
    let django = vm.django()?;
    if django.is_learned(&class.name) {
        return Ok(class.name.to_string());
    }
    if django.catalogue().model(&class.name).is_none() {
        return Err(gone(vm, &class.name));
    }
    let message = format!(
        "not supported here: dropping a model of the marketplace ({})",
        class.name
    );
    Err(vm.error("NotImplementedError", &message))
}
