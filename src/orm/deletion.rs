//! `delete()`: what a foreign key's `on_delete` asks for, collected before anything is deleted
//! (Django's `Collector`).

use super::compiler;
use super::connection::Connection;
use super::errors::{ExceptionClass, OrmError, Result};
use super::expressions::{Operand, same_value};
use super::instance::Instance;
use super::q::{Connector, Q};
use super::query::{Clear, SelectRelated};
use super::queryset::QuerySet;
use super::rows::execute;
use super::sql::plain;
use super::transaction::{Savepoint, atomic};
use crate::base::Value;
use crate::market::catalogue::{Catalogue, Model, OnDelete, ReverseRelation};
use std::sync::Arc;

/// How many rows were deleted, and how many of each model (`marketplace.Order`).
pub type Deleted = (u64, Vec<(String, u64)>);

/// The rows of one model that are to go.
struct Doomed {
    model: Arc<Model>,
    instances: Vec<Instance>,
    /// The models that have to go before it.
    after: Vec<String>,
}

struct Collector<'a> {
    catalogue: &'a Arc<Catalogue>,
    doomed: Vec<Doomed>,
    /// Querysets that can go in one statement.
    fast: Vec<QuerySet>,
    /// Keys that become NULL or their default: the rows, the field, the value.
    updates: Vec<(QuerySet, String, Value)>,
    /// Rows whose deletion is restricted unless a cascade takes them.
    restricted: Vec<(String, Instance)>,
}

/// `instance.delete()`
///
/// # Errors
/// `ProtectedError`, `RestrictedError`, `ValueError` for an instance that is not saved.
pub fn delete_instance(
    connection: &mut dyn Connection,
    catalogue: &Arc<Catalogue>,
    instance: &Instance,
) -> Result<Deleted> {
    let model = instance.model();
    if instance.key().is_none() {
        let key = model
            .primary_key()
            .map_or("id", |key| key.attname())
            .to_owned();
        return Err(OrmError::value(format!(
            "{} object can't be deleted because its {key} attribute is set to None.",
            model.name
        )));
    }
    let mut collector = Collector::new(catalogue);
    collector.collect(connection, &model, vec![instance.clone()], None)?;
    collector.delete(connection)
}

impl QuerySet {
    /// `delete()`
    ///
    /// # Errors
    /// `ProtectedError`, `RestrictedError`, `TypeError` after a slice or `values()`.
    pub fn delete(&self, connection: &mut dyn Connection) -> Result<Deleted> {
        self.uncombined("delete")?;
        if self.query().is_sliced() {
            return Err(OrmError::kind(
                "Cannot use 'limit' or 'offset' with delete().",
            ));
        }
        if !self.query().distinct_fields.is_empty() {
            return Err(OrmError::kind(
                "Cannot call delete() after .distinct(*fields).",
            ));
        }
        if self.fields.is_some() {
            return Err(OrmError::kind(
                "Cannot call delete() after .values() or .values_list()",
            ));
        }
        let mut query = self.query().chain();
        query.select_for_update = None;
        query.select_related = SelectRelated::No;
        query.clear_ordering(Clear::Always, true);
        let rows = self.with_query(query);
        let catalogue = self.query().catalogue.clone();
        let mut collector = Collector::new(&catalogue);
        if collector.is_fast(self.model()) {
            collector.fast.push(rows);
        } else {
            let instances = rows.instances(connection)?;
            collector.collect(connection, self.model(), instances, None)?;
        }
        collector.delete(connection)
    }
}

impl<'a> Collector<'a> {
    fn new(catalogue: &'a Arc<Catalogue>) -> Self {
        Self {
            catalogue,
            doomed: Vec::new(),
            fast: Vec::new(),
            updates: Vec::new(),
            restricted: Vec::new(),
        }
    }

    /// Whether rows of a model can go without a look at what refers to them.
    fn is_fast(&self, model: &Model) -> bool {
        self.catalogue
            .all_reverse_relations(&model.name)
            .iter()
            .all(|relation| on_delete(relation) == OnDelete::DoNothing)
    }

    /// Adds rows, and whatever has to go or change with them.
    fn collect(
        &mut self,
        connection: &mut dyn Connection,
        model: &Arc<Model>,
        instances: Vec<Instance>,
        source: Option<(&str, bool)>,
    ) -> Result<()> {
        let new = self.add(model, instances, source);
        if new.is_empty() {
            return Ok(());
        }
        let mut fast: Vec<(Arc<Model>, Vec<String>)> = Vec::new();
        let mut protected: Vec<(String, Vec<Instance>)> = Vec::new();
        for relation in self.catalogue.all_reverse_relations(&model.name) {
            let action = on_delete(&relation);
            if action == OnDelete::DoNothing {
                continue;
            }
            let name = relation.field.name.clone();
            if action == OnDelete::Cascade && self.is_fast(&relation.source) {
                match fast
                    .iter_mut()
                    .find(|(known, _)| known.name == relation.source.name)
                {
                    Some((_, names)) => names.push(name),
                    None => fast.push((relation.source.clone(), vec![name])),
                }
                continue;
            }
            let rows = self.related(&relation.source, std::slice::from_ref(&name), &new)?;
            match action {
                OnDelete::SetNull => self.updates.push((rows, name, Value::Null)),
                OnDelete::Cascade => {
                    let found = self
                        .only_keys(&relation.source, rows)?
                        .instances(connection)?;
                    self.collect(
                        connection,
                        &relation.source,
                        found,
                        Some((&model.name, relation.field.null)),
                    )?;
                }
                OnDelete::Protect => {
                    let found = self
                        .only_keys(&relation.source, rows)?
                        .instances(connection)?;
                    if !found.is_empty() {
                        protected.push((format!("'{}.{name}'", relation.field.model), found));
                    }
                }
                OnDelete::Restrict => {
                    let found = self
                        .only_keys(&relation.source, rows)?
                        .instances(connection)?;
                    let key = format!("'{}.{name}'", relation.field.model);
                    self.restricted
                        .extend(found.into_iter().map(|row| (key.clone(), row)));
                }
                OnDelete::SetDefault => {
                    let default = relation
                        .field
                        .default
                        .as_ref()
                        .and_then(|default| super::save::default_value(default, connection.now()))
                        .unwrap_or(Value::Null);
                    self.updates.push((rows, name, default));
                }
                OnDelete::DoNothing => {}
            }
        }
        if !protected.is_empty() {
            let names: Vec<String> = protected.iter().map(|(name, _)| name.clone()).collect();
            return Err(OrmError {
                objects: protected.into_iter().flat_map(|(_, rows)| rows).collect(),
                ..OrmError::new(
                    ExceptionClass::ProtectedError,
                    format!(
                        "Cannot delete some instances of model '{}' because they are referenced \
                         through protected foreign keys: {}.",
                        model.name,
                        names.join(", ")
                    ),
                )
            });
        }
        for (source, names) in fast {
            let rows = self.related(&source, &names, &new)?;
            self.fast.push(rows);
        }
        if source.is_none() {
            self.check_restricted(model)?;
        }
        Ok(())
    }

    /// The rows that refer to some others.
    fn related(
        &self,
        source: &Arc<Model>,
        names: &[String],
        instances: &[Instance],
    ) -> Result<QuerySet> {
        let list: Vec<Operand> = instances.iter().cloned().map(Operand::Instance).collect();
        let mut condition = Q::new();
        for name in names {
            condition = condition.combine(
                Q::lookup(format!("{name}__in"), Operand::List(list.clone())),
                Connector::Or,
            );
        }
        QuerySet::new(self.catalogue, source).filter(condition)
    }

    /// Only the columns that others refer to, since nothing else is needed of rows that go.
    fn only_keys(&self, model: &Arc<Model>, rows: QuerySet) -> Result<QuerySet> {
        let mut names: Vec<String> = Vec::new();
        for relation in self.catalogue.all_reverse_relations(&model.name) {
            if let Some(target) = super::expressions::target_field(&relation.field, self.catalogue)
                && !names.iter().any(|name| name == target.attname())
            {
                names.push(target.attname().to_owned());
            }
        }
        if names.is_empty() {
            Ok(rows)
        } else {
            rows.only(&names)
        }
    }

    /// Adds rows that are not there yet.
    fn add(
        &mut self,
        model: &Arc<Model>,
        instances: Vec<Instance>,
        source: Option<(&str, bool)>,
    ) -> Vec<Instance> {
        if instances.is_empty() {
            return Vec::new();
        }
        let at = match self
            .doomed
            .iter()
            .position(|doomed| doomed.model.name == model.name)
        {
            Some(at) => at,
            None => {
                self.doomed.push(Doomed {
                    model: model.clone(),
                    instances: Vec::new(),
                    after: Vec::new(),
                });
                self.doomed.len() - 1
            }
        };
        let Some(doomed) = self.doomed.get_mut(at) else {
            return Vec::new();
        };
        let mut new = Vec::new();
        for instance in instances {
            if !doomed.instances.contains(&instance) {
                doomed.instances.push(instance.clone());
                new.push(instance);
            }
        }
        if let Some((source, false)) = source
            && let Some(parent) = self
                .doomed
                .iter_mut()
                .find(|doomed| doomed.model.name == source)
            && !parent.after.contains(&model.name)
        {
            parent.after.push(model.name.clone());
        }
        new
    }

    /// Refuses rows that are restricted and not taken by a cascade.
    fn check_restricted(&mut self, model: &Model) -> Result<()> {
        let doomed = &self.doomed;
        let left: Vec<(String, Instance)> = std::mem::take(&mut self.restricted)
            .into_iter()
            .filter(|(_, row)| !doomed.iter().any(|doomed| doomed.instances.contains(row)))
            .collect();
        if left.is_empty() {
            return Ok(());
        }
        let mut names: Vec<String> = Vec::new();
        for (name, _) in &left {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        Err(OrmError {
            objects: left.into_iter().map(|(_, row)| row).collect(),
            ..OrmError::new(
                ExceptionClass::RestrictedError,
                format!(
                    "Cannot delete some instances of model '{}' because they are referenced \
                     through restricted foreign keys: {}.",
                    model.name,
                    names.join(", ")
                ),
            )
        })
    }

    /// Models in the order in which their rows can go; as they came when there is none.
    fn sort(&mut self) {
        let names: Vec<String> = self
            .doomed
            .iter()
            .map(|doomed| doomed.model.name.clone())
            .collect();
        let mut sorted: Vec<String> = Vec::new();
        while sorted.len() < names.len() {
            let before = sorted.len();
            for doomed in &self.doomed {
                let name = &doomed.model.name;
                if !sorted.contains(name)
                    && doomed
                        .after
                        .iter()
                        .all(|other| sorted.contains(other) || other == name)
                {
                    sorted.push(name.clone());
                }
            }
            if sorted.len() == before {
                return;
            }
        }
        self.doomed.sort_by_key(|doomed| {
            sorted
                .iter()
                .position(|name| *name == doomed.model.name)
                .unwrap_or(usize::MAX)
        });
    }

    fn delete(mut self, connection: &mut dyn Connection) -> Result<Deleted> {
        for doomed in &mut self.doomed {
            doomed
                .instances
                .sort_by(|one, other| compare(one.key().as_ref(), other.key().as_ref()));
        }
        self.sort();
        if let [doomed] = self.doomed.as_slice()
            && let [instance] = doomed.instances.as_slice()
            && self.is_fast(&doomed.model)
        {
            let count = self.delete_keys(connection, &doomed.model, &doomed.instances)?;
            forget(instance);
            return Ok((count, vec![(doomed.model.label(), count)]));
        }
        let counts = atomic(connection, Savepoint::Skip, |connection| {
            let mut counts: Vec<(String, u64)> = Vec::new();
            let zone = connection.time_zone();
            for rows in &self.fast {
                if let Some(sql) = compiler::delete_sql(rows.query(), &zone)? {
                    let count = execute(connection, &sql)?.row_count;
                    add_count(&mut counts, rows.model(), count);
                }
            }
            for (rows, field, value) in self.grouped_updates()? {
                rows.update_rows(connection, &[(field, Operand::value(value))])?;
            }
            for doomed in &mut self.doomed {
                doomed.instances.reverse();
            }
            for doomed in &self.doomed {
                let count = self.delete_keys(connection, &doomed.model, &doomed.instances)?;
                add_count(&mut counts, &doomed.model, count);
            }
            Ok(counts)
        })?;
        for doomed in &self.doomed {
            doomed.instances.iter().for_each(forget);
        }
        Ok((counts.iter().map(|(_, count)| count).sum(), counts))
    }

    /// Updates of the same field to the same value as one.
    fn grouped_updates(&self) -> Result<Vec<(QuerySet, String, Value)>> {
        let mut grouped: Vec<(QuerySet, String, Value)> = Vec::new();
        for (rows, field, value) in &self.updates {
            let known = grouped.iter_mut().find(|(known, name, other)| {
                known.model().name == rows.model().name && name == field && same_value(other, value)
            });
            match known {
                Some(known) => known.0 = known.0.combine(rows, Connector::Or)?,
                None => grouped.push((rows.clone(), field.clone(), value.clone())),
            }
        }
        Ok(grouped)
    }

    fn delete_keys(
        &self,
        connection: &mut dyn Connection,
        model: &Arc<Model>,
        instances: &[Instance],
    ) -> Result<u64> {
        const BATCH: usize = 100;
        let key = super::query::key_of(model)?;
        let mut count = 0;
        for batch in instances.chunks(BATCH) {
            let keys = batch
                .iter()
                .filter_map(Instance::key)
                .map(Operand::value)
                .collect();
            let rows = QuerySet::new(self.catalogue, model).filter(Q::lookup(
                format!("{}__in", key.attname()),
                Operand::List(keys),
            ))?;
            let zone = connection.time_zone();
            if let Some(sql) = compiler::delete_sql(rows.query(), &zone)? {
                count += execute(connection, &sql)?.row_count;
            }
        }
        Ok(count)
    }
}

fn on_delete(relation: &ReverseRelation) -> OnDelete {
    relation
        .field
        .relation
        .as_ref()
        .map_or(OnDelete::DoNothing, |relation| relation.on_delete)
}

fn add_count(counts: &mut Vec<(String, u64)>, model: &Model, count: u64) {
    if count == 0 {
        return;
    }
    let label = model.label();
    match counts.iter_mut().find(|(known, _)| *known == label) {
        Some((_, known)) => *known += count,
        None => counts.push((label, count)),
    }
}

/// A deleted instance has no key any more.
fn forget(instance: &Instance) {
    let key = instance.model().primary_key().cloned();
    if let Some(key) = key {
        instance.change(|state| state.values.insert(key.attname(), Operand::none()));
    }
}

/// Keys in their own order.
fn compare(one: Option<&Value>, other: Option<&Value>) -> std::cmp::Ordering {
    match (one, other) {
        (Some(Value::Int(one)), Some(Value::Int(other))) => one.cmp(other),
        (Some(one), Some(other)) => plain(one).cmp(&plain(other)),
        (one, other) => one.is_some().cmp(&other.is_some()),
    }
}
