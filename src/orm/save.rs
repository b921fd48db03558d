//! Writing: `save`, `create`, `update`, `bulk_create`, `bulk_update`, `get_or_create`,
//! `update_or_create`, `refresh_from_db`.

use super::compiler::{self, OnConflict};
use super::connection::Connection;
use super::errors::{ExceptionClass, OrmError, Result};
use super::expressions::{FieldRef, Operand, same_value};
use super::instance::Instance;
use super::q::Q;
use super::query::{ForUpdate, Ordering};
use super::queryset::QuerySet;
use super::rows::{Row, execute};
use super::sql::DAY;
use super::transaction::{Savepoint, atomic, marking};
use crate::base::Value;
use crate::market::catalogue::{AutoNow, Catalogue, FieldDefault, FieldKind, Model};
use std::sync::Arc;

mod bulk;

/// The keyword arguments of `save()`.
#[derive(Clone, Debug, Default)]
pub struct SaveOptions {
    /// `force_insert=True`
    pub force_insert: bool,
    /// `force_update=True`
    pub force_update: bool,
    /// `update_fields=[..]`
    pub update_fields: Option<Vec<String>>,
}

/// `instance.save(..)`
///
/// # Errors
/// `ValueError` for contradicting options, unsaved relations and refused values,
/// `IntegrityError` and the like from the database.
pub fn save(
    connection: &mut dyn Connection,
    catalogue: &Arc<Catalogue>,
    instance: &Instance,
    options: &SaveOptions,
) -> Result<()> {
    prepare_related(catalogue, instance, "save", None)?;
    let model = instance.model();
    if options.force_insert && (options.force_update || options.update_fields.is_some()) {
        return Err(OrmError::value(
            "Cannot force both insert and updating in model saving.",
        ));
    }
    let deferred = instance.deferred();
    let update_fields: Option<Vec<String>> = match &options.update_fields {
        Some(names) if names.is_empty() => return Ok(()),
        Some(names) => {
            let mut wrong: Vec<&String> = names
                .iter()
                .filter(|name| {
                    !model.fields.iter().any(|field| {
                        !field.primary_key && (field.name == **name || field.attname() == **name)
                    })
                })
                .collect();
            if !wrong.is_empty() {
                wrong.sort();
                let names: Vec<&str> = wrong.into_iter().map(String::as_str).collect();
                return Err(OrmError::value(format!(
                    "The following fields do not exist in this model, are m2m fields, primary \
                     keys, or are non-concrete fields: {}",
                    names.join(", ")
                )));
            }
            Some(names.clone())
        }
        // What was not loaded is not written either.
        None if !options.force_insert && !deferred.is_empty() && !instance.is_adding() => Some(
            model
                .fields
                .iter()
                .filter(|field| {
                    !field.primary_key && !deferred.iter().any(|name| name == field.attname())
                })
                .map(|field| field.attname().to_owned())
                .collect(),
        ),
        None => None,
    };
    marking(connection, |connection| {
        save_table(connection, catalogue, instance, options, update_fields)
    })?;
    instance.change(|state| state.adding = false);
    Ok(())
}

fn save_table(
    connection: &mut dyn Connection,
    catalogue: &Arc<Catalogue>,
    instance: &Instance,
    options: &SaveOptions,
    update_fields: Option<Vec<String>>,
) -> Result<()> {
    let model = instance.model();
    let base = QuerySet::new(catalogue, &model);
    let key_field = base.query().key()?;
    let key = instance.key();
    let named = |field: &FieldRef| {
        update_fields.as_ref().is_none_or(|names| {
            names
                .iter()
                .any(|name| *name == field.name || name == field.attname())
        })
    };
    let fields: Vec<FieldRef> = model
        .fields
        .iter()
        .filter(|field| !field.primary_key && named(field))
        .cloned()
        .collect();
    let Some(key) = key else {
        if options.force_update || update_fields.is_some() {
            return Err(OrmError::value(
                "Cannot force an update in save() with no primary key.",
            ));
        }
        return insert_one(connection, &base, instance);
    };
    let forced_insert = options.force_insert
        || (!options.force_update && instance.is_adding() && key_field.default.is_some());
    if forced_insert {
        return insert_one(connection, &base, instance);
    }
    stamp(connection, instance, &fields, AutoNow::Save);
    let filtered = base.filter(Q::lookup("pk", key))?;
    let updated = if fields.is_empty() {
        update_fields.is_some() || filtered.exists(connection)?
    } else {
        let mut values = Vec::with_capacity(fields.len());
        let mut returning = Vec::new();
        for field in &fields {
            let value = instance.get(field.attname()).unwrap_or_else(Operand::none);
            if matches!(value, Operand::Expr(_)) {
                returning.push(field.clone());
            }
            values.push((field.attname().to_owned(), value));
        }
        let zone = connection.time_zone();
        match compiler::update_sql(filtered.query(), &values, &returning, &zone)? {
            None => false,
            Some(sql) => {
                let executed = execute(connection, &sql)?;
                let updated = executed.row_count > 0;
                if let Some(row) = executed.into_rows().into_iter().next() {
                    assign(instance, &returning, row);
                }
                updated
            }
        }
    };
    if updated {
        return Ok(());
    }
    let refused = if options.force_update {
        "Forced update did not affect any rows."
    } else if update_fields.is_some() {
        "Save with update_fields did not affect any rows."
    } else {
        return insert_one(connection, &base, instance);
    };
    let mut error = OrmError::new(ExceptionClass::NotUpdated, refused);
    error.model = Some(super::rows::class_path(&instance.model()).into());
    Err(error)
}

fn insert_one(connection: &mut dyn Connection, base: &QuerySet, instance: &Instance) -> Result<()> {
    let model = base.model();
    let key = base.query().key()?;
    let has_key = instance.key().is_some();
    let fields: Vec<FieldRef> = model
        .fields
        .iter()
        .filter(|field| has_key || !field.kind.is_auto())
        .cloned()
        .collect();
    stamp(connection, instance, &fields, AutoNow::Creation);
    let row = row_of(instance, &fields);
    let mut returning = if key.kind.is_auto() {
        vec![key.clone()]
    } else {
        Vec::new()
    };
    for (field, value) in fields.iter().zip(&row) {
        if matches!(value, Operand::Expr(_)) && !returning.contains(field) {
            returning.push(field.clone());
        }
    }
    let zone = connection.time_zone();
    let sql = compiler::insert_sql(
        base.query(),
        &fields,
        &[row],
        &OnConflict::Raise,
        &returning,
        &zone,
    )?;
    if let Some(row) = execute(connection, &sql)?.into_rows().into_iter().next() {
        assign(instance, &returning, row);
    }
    Ok(())
}

/// Writes the moment into the fields that ask for it (Django's `pre_save`): when a row is made
/// into all of them, when it is saved again into those with `auto_now`.
fn stamp(connection: &dyn Connection, instance: &Instance, fields: &[FieldRef], occasion: AutoNow) {
    let now = connection.now();
    for field in fields {
        let Some(wanted) = field.auto_now else {
            continue;
        };
        if occasion == AutoNow::Save && wanted == AutoNow::Creation {
            continue;
        }
        let value = match field.kind {
            FieldKind::Date => Value::Date(i32::try_from(now.div_euclid(DAY)).unwrap_or(0)),
            FieldKind::Time => Value::Time(now.rem_euclid(DAY)),
            _ => Value::Timestamp(now),
        };
        instance.change(|state| state.values.insert(field.attname(), Operand::value(value)));
    }
}

fn row_of(instance: &Instance, fields: &[FieldRef]) -> Vec<Operand> {
    fields
        .iter()
        .map(|field| instance.get(field.attname()).unwrap_or_else(Operand::none))
        .collect()
}

/// Stores what RETURNING gave.
fn assign(instance: &Instance, fields: &[FieldRef], row: Vec<Value>) {
    instance.change(|state| {
        for (field, value) in fields.iter().zip(row) {
            state.values.insert(field.attname(), Operand::value(value));
        }
    });
}

/// Refuses relations to unsaved instances, and picks up keys that were given since.
fn prepare_related(
    catalogue: &Arc<Catalogue>,
    instance: &Instance,
    operation: &str,
    only: Option<&[FieldRef]>,
) -> Result<()> {
    let model = instance.model();
    for field in &model.fields {
        if only.is_some_and(|only| !only.contains(field)) {
            continue;
        }
        let related = instance.with(|state| state.related.get(&field.name).cloned().flatten());
        let Some(other) = related else {
            continue;
        };
        if !field.is_relation() {
            continue;
        }
        if other.key().is_none() {
            return Err(OrmError::value(format!(
                "{operation}() prohibited to prevent data loss due to unsaved related object \
                 '{}'.",
                field.name
            )));
        }
        let target = super::expressions::target_field(field, catalogue)
            .map(|target| target.attname().to_owned())
            .unwrap_or_default();
        let theirs = other.value(&target).unwrap_or(Value::Null);
        match instance.value(field.attname()) {
            Some(ours) if same_value(&ours, &theirs) => {}
            Some(Value::Null) | None => {
                instance.change(|state| {
                    state
                        .values
                        .insert(field.attname(), Operand::value(theirs.clone()))
                });
            }
            Some(_) => {
                instance.change(|state| state.related.remove(&field.name));
            }
        }
    }
    Ok(())
}

/// `instance.refresh_from_db(fields)`
///
/// # Errors
/// `DoesNotExist` when the row is gone.
pub fn refresh(
    connection: &mut dyn Connection,
    catalogue: &Arc<Catalogue>,
    instance: &Instance,
    fields: Option<&[String]>,
) -> Result<()> {
    let model = instance.model();
    let mut names: Option<Vec<String>> = None;
    match fields {
        None => instance.change(|state| state.prefetched = Default::default()),
        Some(fields) => {
            let left: Vec<String> = fields
                .iter()
                .filter(|name| {
                    instance
                        .change(|state| state.prefetched.remove(name))
                        .is_none()
                })
                .cloned()
                .collect();
            if left.is_empty() {
                return Ok(());
            }
            names = Some(left);
        }
    }
    let key = instance.key().unwrap_or(Value::Null);
    let mut queryset = QuerySet::new(catalogue, &model).filter(Q::lookup("pk", key))?;
    let deferred = instance.deferred();
    match &names {
        Some(names) => queryset = queryset.only(names)?,
        None if !deferred.is_empty() => {
            let loaded: Vec<String> = model
                .fields
                .iter()
                .map(|field| field.attname().to_owned())
                .filter(|name| !deferred.contains(name))
                .collect();
            queryset = queryset.only(&loaded)?;
        }
        None => {}
    }
    let Row::Instance(fresh) = queryset.get(connection, Q::new())? else {
        return Err(OrmError::internal("a refresh reads an instance"));
    };
    for field in &model.fields {
        if let Some(value) = fresh.get(field.attname()) {
            instance.change(|state| {
                state.values.insert(field.attname(), value);
                if field.is_relation() {
                    state.related.remove(&field.name);
                }
            });
        }
    }
    if names.is_none() {
        for relation in catalogue.reverse_relations(&model.name) {
            instance.change(|state| state.related.remove(&relation.accessor));
        }
        // What was prefetched is read again when it is touched.
        instance.change(|state| state.prefetched = Default::default());
    }
    Ok(())
}

impl QuerySet {
    /// `create(**keywords)`
    ///
    /// # Errors
    /// As [`Instance::new`] and [`save`].
    pub fn create(
        &self,
        connection: &mut dyn Connection,
        keywords: Vec<(String, Operand)>,
    ) -> Result<Instance> {
        refuse_assignment(&self.query().catalogue, self.model(), &keywords)?;
        let instance = Instance::new(self.model().clone(), keywords, connection.now())?;
        let options = SaveOptions {
            force_insert: true,
            ..SaveOptions::default()
        };
        save(connection, &self.query().catalogue, &instance, &options)?;
        instance.change(|state| state.fetch_mode = self.fetch_mode);
        Ok(instance)
    }

    /// `update(**values)`: how many rows matched.
    ///
    /// # Errors
    /// `FieldDoesNotExist`, `FieldError`, `TypeError` after a slice.
    pub fn update(
        &self,
        connection: &mut dyn Connection,
        values: &[(String, Operand)],
    ) -> Result<u64> {
        self.uncombined("update")?;
        if self.query().is_sliced() {
            return Err(OrmError::kind(
                "Cannot update a query once a slice has been taken.",
            ));
        }
        if !self.query().distinct_fields.is_empty() {
            return Err(OrmError::kind(
                "Cannot call update() after .distinct(*fields).",
            ));
        }
        for key in &self.query().order_by {
            let Ordering::Name(name) = key else {
                continue;
            };
            let name = name.strip_prefix('-').unwrap_or(name);
            if let Some(annotation) = self.query().annotations.get(name)
                && annotation.contains_aggregate()
            {
                return Err(OrmError::field(format!(
                    "Cannot update when ordering by an aggregate: {}",
                    annotation.text()
                )));
            }
        }
        self.update_rows(connection, values)
    }

    pub(super) fn update_rows(
        &self,
        connection: &mut dyn Connection,
        values: &[(String, Operand)],
    ) -> Result<u64> {
        let zone = connection.time_zone();
        match compiler::update_sql(self.query(), values, &[], &zone)? {
            None => Ok(0),
            Some(sql) => {
                let executed = marking(connection, |connection| execute(connection, &sql))?;
                Ok(executed.row_count)
            }
        }
    }

    /// `get_or_create(defaults, **lookups)`
    ///
    /// # Errors
    /// As [`get`](Self::get) and [`create`](Self::create).
    pub fn get_or_create(
        &self,
        connection: &mut dyn Connection,
        defaults: Vec<(String, Operand)>,
        lookups: Vec<(String, Operand)>,
    ) -> Result<(Instance, bool)> {
        let find = |connection: &mut dyn Connection| {
            self.get(connection, Q::of(Vec::new(), lookups.clone()))
        };
        match find(connection) {
            Ok(row) => return found(row),
            Err(error) if error.class == ExceptionClass::DoesNotExist => {}
            Err(error) => return Err(error),
        }
        let params = self.params(defaults, &lookups)?;
        match atomic(connection, Savepoint::Make, |connection| {
            self.create(connection, params)
        }) {
            Ok(instance) => Ok((instance, true)),
            Err(error) if error.class == ExceptionClass::IntegrityError => match find(connection) {
                Ok(row) => found(row),
                Err(_) => Err(error),
            },
            Err(error) => Err(error),
        }
    }

    /// `update_or_create(defaults, create_defaults, **lookups)`
    ///
    /// # Errors
    /// As [`get_or_create`](Self::get_or_create) and [`save`].
    pub fn update_or_create(
        &self,
        connection: &mut dyn Connection,
        defaults: Vec<(String, Operand)>,
        create_defaults: Option<Vec<(String, Operand)>>,
        lookups: Vec<(String, Operand)>,
    ) -> Result<(Instance, bool)> {
        atomic(connection, Savepoint::Make, |connection| {
            let creating = create_defaults.unwrap_or_else(|| defaults.clone());
            let (instance, created) = self
                .select_for_update(ForUpdate::default())?
                .get_or_create(connection, creating, lookups)?;
            if created {
                return Ok((instance, true));
            }
            let mut names = Vec::with_capacity(defaults.len());
            for (name, value) in defaults {
                instance.set(&name, value)?;
                names.push(name);
            }
            // Django saves every field that may take the moment with them.
            let timed = self.model().fields.iter().filter(|field| {
                matches!(
                    field.kind,
                    FieldKind::Date | FieldKind::DateTime | FieldKind::Time
                )
            });
            names.extend(timed.map(|field| field.name.clone()));
            let concrete = names.iter().all(|name| {
                self.model()
                    .field(name)
                    .is_some_and(|field| !field.primary_key)
            });
            let options = SaveOptions {
                update_fields: concrete.then_some(names),
                ..SaveOptions::default()
            };
            save(connection, &self.query().catalogue, &instance, &options)?;
            Ok((instance, false))
        })
    }

    /// The keywords of a new instance: lookups without `__`, then defaults.
    fn params(
        &self,
        defaults: Vec<(String, Operand)>,
        lookups: &[(String, Operand)],
    ) -> Result<Vec<(String, Operand)>> {
        let mut params: super::ordered::OrderedMap<Operand> = lookups
            .iter()
            .filter(|(name, _)| !name.contains("__"))
            .cloned()
            .collect();
        for (name, value) in defaults {
            params.insert(name, value);
        }
        let mut wrong: Vec<&str> = params
            .keys()
            .filter(|name| *name != "pk" && self.model().field(name).is_none())
            .filter(|name| !has_relation(&self.query().catalogue, self.model(), name))
            .collect();
        if !wrong.is_empty() {
            wrong.sort_unstable();
            return Err(OrmError::field(format!(
                "Invalid field name(s) for model {}: '{}'.",
                self.model().name,
                wrong.join("', '")
            )));
        }
        Ok(params.into_iter().collect())
    }
}

/// Refuses a way back among the arguments of a new instance: it is filled by its `set()`.
///
/// # Errors
/// `TypeError` in Django's words.
pub fn refuse_assignment(
    catalogue: &Catalogue,
    model: &Model,
    keywords: &[(String, Operand)],
) -> Result<()> {
    let given = |name: &str| keywords.iter().any(|(known, _)| known == name);
    let ends = catalogue.visible_many_to_many(&model.name);
    if let Some(end) = ends.iter().find(|it| it.is_reverse && given(&it.name)) {
        return Err(Instance::assigned_many("reverse", &end.accessor));
    }
    let mut ways_back = catalogue.reverse_relations(&model.name).into_iter();
    match ways_back.find(|it| !it.is_one_to_one() && it.accessor == it.name && given(&it.name)) {
        Some(relation) => Err(OrmError::kind(format!(
            "Direct assignment to the reverse side of a related set is prohibited. Use {}.set() \
             instead.",
            relation.accessor
        ))),
        None => Ok(()),
    }
}

/// Whether a relation that has no column here has that name in lookups.
fn has_relation(catalogue: &Catalogue, model: &Model, name: &str) -> bool {
    let ends = catalogue.many_to_many(&model.name);
    let ways_back = catalogue.reverse_relations(&model.name);
    ends.iter().any(|end| end.name == name) || ways_back.iter().any(|it| it.name == name)
}

fn found(row: Row) -> Result<(Instance, bool)> {
    match row {
        Row::Instance(instance) => Ok((instance, false)),
        Row::Dict(_) | Row::Tuple(_) | Row::Named(..) | Row::Flat(_) => Err(OrmError::kind(
            "get_or_create() and update_or_create() need a queryset of instances.",
        )),
    }
}

/// The default of a field for a new instance, when Rust can tell it.
pub fn default_value(default: &FieldDefault, now: i64) -> Option<Value> {
    match default {
        FieldDefault::Value(value) => Some(value.clone()),
        FieldDefault::Now => Some(Value::Timestamp(now)),
        FieldDefault::Callable(_) => None,
    }
}
