//! Reading rows: instances, dicts, tuples and plain values. `get` asks for few of them,
//! `aggregate` for less.

use super::compiler::{Elide, KlassInfo, RelatedKlass, Setter, Statement, select};
use super::connection::{Cause, Connection, Executed, Part, Reach, RelationLoad, because};
use super::errors::{ExceptionClass, OrmError, Result};
use super::expressions::{Expr, Operand, PlainValue, same_value};
use super::functions::{Form, argument};
use super::instance::{Attribute, FetchMode, Instance, Peers};
use super::queryset::{Annotation, QuerySet, RowShape};
use super::sql::Sql;
use crate::base::Value;
use crate::market::catalogue::{FieldKind, Model};
use convert::Converters;
use std::rc::Rc;
use std::sync::Arc;

mod aggregate;
mod convert;
mod get;

/// One row, in the queryset's shape.
#[derive(Clone, Debug)]
pub enum Row {
    /// A model instance.
    Instance(Instance),
    /// A dict: names and values in order.
    Dict(Vec<(String, Value)>),
    /// A tuple.
    Tuple(Vec<Value>),
    /// A named tuple; all rows share the names.
    Named(Rc<[String]>, Vec<Value>),
    /// One value.
    Flat(Value),
}

impl Row {
    /// The instance, if it is one.
    pub fn instance(&self) -> Option<&Instance> {
        match self {
            Self::Instance(instance) => Some(instance),
            Self::Dict(_) | Self::Tuple(_) | Self::Named(..) | Self::Flat(_) => None,
        }
    }

    /// The value of a name, of a dict or of an instance's fields and annotations.
    pub fn get(&self, name: &str) -> Option<Value> {
        match self {
            Self::Dict(entries) => entries
                .iter()
                .find(|(known, _)| known == name)
                .map(|(_, value)| value.clone()),
            Self::Named(names, values) => {
                let at = names.iter().position(|known| known == name)?;
                values.get(at).cloned()
            }
            Self::Instance(instance) => instance.value(name).or_else(|| {
                instance.with(|state| match state.annotations.get(name) {
                    Some(Attribute::Value(value)) => Some(value.clone()),
                    _ => None,
                })
            }),
            Self::Tuple(_) | Self::Flat(_) => None,
        }
    }
}

/// Runs a statement.
///
/// # Errors
/// What the database says, as Django's exception; inside `atomic()` nothing more may run then.
pub fn execute(connection: &mut dyn Connection, sql: &Sql) -> Result<Executed> {
    // Django notes the attempt in its log before it refuses.
    let result = connection.execute(sql);
    super::transaction::check_usable(connection)?;
    result.map_err(|error| OrmError::from_database(error, &sql.text()))
}

impl QuerySet {
    /// Reads all rows, with what `prefetch_related()` asked for.
    ///
    /// # Errors
    /// What compiling or the database runs into.
    pub fn fetch(&self, connection: &mut dyn Connection) -> Result<Vec<Row>> {
        let rows = self.fetch_plain(connection)?;
        if self.shape == RowShape::Instances && !self.prefetch.is_empty() {
            let instances: Vec<Instance> = rows.iter().filter_map(Row::instance).cloned().collect();
            super::prefetch::prefetch_related_objects(
                connection,
                &self.query().catalogue,
                &instances,
                self.prefetch.clone(),
            )?;
        }
        Ok(rows)
    }

    /// Reads all rows as instances.
    ///
    /// # Errors
    /// As [`fetch`](Self::fetch).
    pub fn instances(&self, connection: &mut dyn Connection) -> Result<Vec<Instance>> {
        Ok(self
            .fetch(connection)?
            .into_iter()
            .filter_map(|row| match row {
                Row::Instance(instance) => Some(instance),
                Row::Dict(_) | Row::Tuple(_) | Row::Named(..) | Row::Flat(_) => None,
            })
            .collect())
    }

    /// Reads all rows, and nothing that goes with them.
    pub(super) fn fetch_plain(&self, connection: &mut dyn Connection) -> Result<Vec<Row>> {
        let zone = connection.time_zone();
        let Some(statement) = select(self.query(), &zone, Elide::Yes)? else {
            return Ok(Vec::new());
        };
        // Django refuses mixed types before the statement runs.
        Converters::of(&statement)?;
        let rows = self.execute(connection, &statement.sql)?.into_rows();
        self.read(&statement, rows)
    }

    /// Runs a statement of this queryset, which may read what is related to an instance.
    fn execute(&self, connection: &mut dyn Connection, sql: &Sql) -> Result<Executed> {
        because(connection, self.cause(), |connection| {
            execute(connection, sql)
        })
    }

    /// The relation that is loaded, when this is the queryset of a related manager.
    fn cause(&self) -> Option<Cause> {
        let known = self.known_related.first()?;
        let [owner] = known.instances.as_slice() else {
            return None;
        };
        let part = match self.query().is_narrowed() || self.shape != RowShape::Instances {
            true => Part::Some,
            false => Part::All,
        };
        Some(Cause::Relation(RelationLoad {
            model: owner.model().name.clone(),
            attribute: known.accessor.clone(),
            way: owner.way_to(&known.accessor, Reach::Many),
            part,
        }))
    }

    fn read(&self, statement: &Statement, rows: Vec<Vec<Value>>) -> Result<Vec<Row>> {
        let converters = Converters::of(statement)?;
        let names: Rc<[String]> = self.row_names(statement).into();
        let peers: Option<Peers> = (self.fetch_mode == FetchMode::Peers).then(Peers::default);
        let mut out = Vec::with_capacity(rows.len());
        for row in rows {
            let row = converters.apply(row);
            out.push(match self.shape {
                RowShape::Instances => {
                    let klass = statement
                        .klass
                        .as_ref()
                        .ok_or_else(|| OrmError::internal("no instance is selected"))?;
                    Row::Instance(self.instance(statement, klass, &row, peers.as_ref())?)
                }
                RowShape::Dicts => Row::Dict(names.iter().cloned().zip(row).collect()),
                RowShape::Tuples => Row::Tuple(row),
                RowShape::Named => Row::Named(names.clone(), row),
                RowShape::Flat => Row::Flat(row.into_iter().next().unwrap_or(Value::Null)),
            });
        }
        Ok(out)
    }

    /// The annotations that hold moments of another clock than UTC's, and whose: what `Trunc`
    /// gives with a `tzinfo`, or while the zone `in_force` is another one.
    pub fn zoned(&self, in_force: &str) -> Vec<(String, String)> {
        let annotations = self.query().annotations.iter();
        let zoned = annotations.filter_map(|(name, expr)| {
            let Expr::Func(func) = expr else {
                return None;
            };
            let zone = func.timezone.as_deref().unwrap_or(in_force);
            let trunc = matches!(func.class.form, Form::Trunc(_)) && zone != "UTC";
            let field = expr
                .output_field_or_none()
                .ok()
                .flatten()
                .filter(|_| trunc)?;
            (field.kind == FieldKind::DateTime).then(|| (name.to_owned(), zone.to_owned()))
        });
        zoned.collect()
    }

    /// The names of what a row holds: of an instance its fields that are not deferred, by
    /// attribute name, then its annotations.
    ///
    /// # Errors
    /// What compiling runs into.
    pub fn column_names(&self) -> Result<Vec<String>> {
        let Some(statement) = select(self.query(), "UTC", Elide::No)? else {
            return Ok(Vec::new());
        };
        if self.shape != RowShape::Instances {
            return Ok(self.row_names(&statement));
        }
        let selected = statement.klass.iter().flat_map(|klass| {
            let columns = klass.select_fields.iter();
            columns.filter_map(|at| match &statement.columns.get(*at)?.expr {
                Expr::Col(column) => Some(column.target.attname().to_owned()),
                _ => None,
            })
        });
        let annotations = statement.annotations.iter().map(|(name, _)| name.clone());
        Ok(selected.chain(annotations).collect())
    }

    /// The labels of the columns.
    pub fn row_names(&self, statement: &Statement) -> Vec<String> {
        let query = self.query();
        match &query.selected {
            Some(selected) => selected.keys().map(str::to_owned).collect(),
            None if query.values_select.is_empty() => statement
                .annotations
                .iter()
                .map(|(name, _)| name.clone())
                .collect(),
            None => query
                .values_select
                .iter()
                .cloned()
                .chain(query.annotation_select().into_iter().map(|(name, _)| name))
                .collect(),
        }
    }

    fn instance(
        &self,
        statement: &Statement,
        klass: &KlassInfo,
        row: &[Value],
        peers: Option<&Peers>,
    ) -> Result<Instance> {
        let instance = build(&klass.model, &klass.select_fields, statement, row);
        instance.change(|state| {
            state.fetch_mode = self.fetch_mode;
            state.peers = peers.cloned();
        });
        if let Some(peers) = peers {
            peers.borrow_mut().push(instance.downgrade());
        }
        for related in &klass.related {
            self.populate(statement, related, row, &instance);
        }
        for (name, at) in &statement.annotations {
            let value = row.get(*at).cloned().unwrap_or(Value::Null);
            let mut leading = self.query().leading.iter();
            let is_leading = leading.any(|(known, _)| known == name);
            instance.change(|state| match is_leading {
                true => drop(state.leading.insert(name.as_str(), value)),
                false => drop(
                    state
                        .annotations
                        .insert(name.as_str(), Attribute::Value(value)),
                ),
            });
        }
        for known in &self.known_related {
            let Some(field) = known.field.as_deref() else {
                if let [owner] = known.instances.as_slice()
                    && !self.query().is_narrowed()
                {
                    instance.reached_from(owner, &known.accessor, Reach::Many);
                }
                continue;
            };
            if instance.with(|state| state.related.contains(field)) {
                continue;
            }
            let Some(key) = instance.value(&known.attname) else {
                continue;
            };
            let found = known
                .instances
                .iter()
                .find(|other| other.key().is_some_and(|other| same_value(&other, &key)));
            if let Some(found) = found {
                if !self.query().is_narrowed() {
                    instance.reached_from(found, &known.accessor, Reach::Many);
                }
                instance.change(|state| {
                    state.related.insert(field, Some(found.clone()));
                });
            }
        }
        Ok(instance)
    }

    /// Attaches what came along by `select_related`.
    fn populate(
        &self,
        statement: &Statement,
        related: &RelatedKlass,
        row: &[Value],
        from: &Instance,
    ) {
        let key = related
            .klass
            .model
            .primary_key()
            .map(|key| key.name.clone());
        let missing = related
            .klass
            .select_fields
            .iter()
            .filter(|at| {
                statement.columns.get(**at).is_some_and(|column| {
                    matches!(&column.expr, Expr::Col(col) if Some(&col.target.name) == key.as_ref())
                })
            })
            .any(|at| row.get(*at).is_none_or(Value::is_null));
        let other = if missing {
            None
        } else {
            let other = build(
                &related.klass.model,
                &related.klass.select_fields,
                statement,
                row,
            );
            other.change(|state| state.fetch_mode = self.fetch_mode);
            other.reached_from(from, &related.name, Reach::One);
            for deeper in &related.klass.related {
                self.populate(statement, deeper, row, &other);
            }
            Some(other)
        };
        match &related.setter {
            Setter::Forward(field) => {
                if field.unique
                    && let Some(other) = &other
                {
                    let accessor = field
                        .relation
                        .as_ref()
                        .map_or_else(String::new, |relation| {
                            relation.accessor(&from.model(), &field.kind)
                        });
                    other.change(|state| state.related.insert(accessor, Some(from.clone())));
                }
                from.change(|state| state.related.insert(field.name.as_str(), other));
            }
            Setter::Reverse(field) => {
                if let Some(other) = &other {
                    other.change(|state| {
                        state
                            .related
                            .insert(field.name.as_str(), Some(from.clone()))
                    });
                }
                from.change(|state| state.related.insert(related.name.as_str(), other));
            }
            Setter::Filtered(name) => {
                from.change(|state| {
                    state
                        .annotations
                        .insert(name.as_str(), Attribute::Instance(other))
                });
            }
        }
    }
}

/// `Model.DoesNotExist`
pub fn does_not_exist(model: &Arc<Model>) -> OrmError {
    OrmError {
        model: Some(class_path(model).into()),
        ..OrmError::new(
            ExceptionClass::DoesNotExist,
            format!("{} matching query does not exist.", model.name),
        )
    }
}

/// `marketplace.models.Customer`
pub(super) fn class_path(model: &Model) -> String {
    format!("{}.models.{}", model.app_label, model.name)
}

fn expression(annotation: Annotation) -> Option<Expr> {
    match annotation {
        Annotation::Operand(Operand::Expr(expr)) => Some(expr),
        Annotation::Operand(other) => argument(other).ok(),
        Annotation::FilteredRelation(_) => None,
    }
}

/// An instance of some columns of a row.
fn build(model: &Arc<Model>, columns: &[usize], statement: &Statement, row: &[Value]) -> Instance {
    let instance = Instance::bare(model.clone());
    instance.change(|state| {
        state.adding = false;
        for at in columns {
            if let Some(column) = statement.columns.get(*at)
                && let Expr::Col(col) = &column.expr
            {
                let value = row.get(*at).cloned().unwrap_or(Value::Null);
                state
                    .values
                    .insert(col.target.attname(), Operand::Value(PlainValue(value)));
            }
        }
    });
    instance
}
