//! Reading rows: instances, dicts, tuples and plain values, and the methods that ask for few of
//! them: `get`, `first`, `count`, `exists`, `aggregate`, `in_bulk`.

use super::compiler::{Elide, KlassInfo, RelatedKlass, Setter, Statement, select};
use super::connection::{Cause, Connection, Executed, Part, Reach, RelationLoad, because};
use super::errors::{ExceptionClass, OrmError, Result};
use super::expressions::{Expr, Operand, PlainValue, same_value};
use super::functions::{Form, argument};
use super::instance::{Attribute, FetchMode, Instance, Peers};
use super::q::Q;
use super::query::{Explain, GroupBy};
use super::queryset::{Annotation, QuerySet, RowShape, default_alias, refuse_values};
use super::sql::{DAY, Sql, plain};
use crate::base::{Numeric, Value};
use crate::market::catalogue::{FieldKind, Model};
use std::rc::Rc;
use std::sync::Arc;

/// How many rows `get()` reads at most.
const MAX_GET_RESULTS: u64 = 21;

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
            instance.change(|state| {
                state
                    .annotations
                    .insert(name.as_str(), Attribute::Value(value));
            });
        }
        for known in &self.known_related {
            if instance.with(|state| state.related.contains(&known.field)) {
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
                    state
                        .related
                        .insert(known.field.as_str(), Some(found.clone()));
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

    /// `count()`
    ///
    /// # Errors
    /// What compiling or the database runs into.
    pub fn count(&self, connection: &mut dyn Connection) -> Result<i64> {
        let count = Expr::from(super::expressions::count(Expr::Star));
        let row = self.aggregate_row(connection, vec![("__count".to_owned(), count)])?;
        match row.first() {
            Some((_, Value::Int(number))) => Ok(*number),
            _ => Ok(0),
        }
    }

    /// `exists()`
    ///
    /// # Errors
    /// What compiling or the database runs into.
    pub fn exists(&self, connection: &mut dyn Connection) -> Result<bool> {
        let query = self.query().exists(true)?;
        let zone = connection.time_zone();
        let Some(statement) = select(&query, &zone, Elide::Yes)? else {
            return Ok(false);
        };
        Ok(!self
            .execute(connection, &statement.sql)?
            .into_rows()
            .is_empty())
    }

    /// `aggregate(*args, **kwargs)`: names and values, in order.
    ///
    /// # Errors
    /// `TypeError` for what is no aggregate, `FieldError` for names.
    pub fn aggregate(
        &self,
        connection: &mut dyn Connection,
        args: Vec<Annotation>,
        named: Vec<(String, Annotation)>,
    ) -> Result<Vec<(String, Value)>> {
        if !self.query().distinct_fields.is_empty() {
            return Err(OrmError::not_implemented(
                "aggregate() + distinct(fields) not implemented.",
            ));
        }
        refuse_values(
            args.iter().chain(named.iter().map(|(_, value)| value)),
            "aggregate",
        )?;
        let mut aggregates = Vec::with_capacity(args.len() + named.len());
        let mut unnamed = Vec::new();
        for arg in args {
            let (Some(name), Some(expr)) = (
                match &arg {
                    Annotation::Operand(Operand::Expr(expr)) => default_alias(expr),
                    _ => None,
                },
                expression(arg),
            ) else {
                return Err(OrmError::kind("Complex aggregates require an alias"));
            };
            unnamed.push((name, expr));
        }
        // Django adds the unnamed ones to the keywords, so they come last.
        for (name, annotation) in named {
            if let Some(expr) = expression(annotation) {
                aggregates.push((name, expr));
            }
        }
        aggregates.extend(unnamed);
        self.aggregate_row(connection, aggregates)
    }

    /// One named aggregate, for Rust code.
    ///
    /// # Errors
    /// As [`aggregate`](Self::aggregate).
    pub fn aggregate_of(
        &self,
        connection: &mut dyn Connection,
        expr: impl Into<Expr>,
    ) -> Result<Value> {
        let row = self.aggregate_row(connection, vec![("value".to_owned(), expr.into())])?;
        Ok(row
            .into_iter()
            .next()
            .map_or(Value::Null, |(_, value)| value))
    }

    fn aggregate_row(
        &self,
        connection: &mut dyn Connection,
        aggregates: Vec<(String, Expr)>,
    ) -> Result<Vec<(String, Value)>> {
        if aggregates.is_empty() {
            return Ok(Vec::new());
        }
        let query = self.query().chain().aggregation(&aggregates)?;
        let annotations = query.annotation_select();
        let empty: Vec<Option<Value>> = annotations
            .iter()
            .map(|(_, expr)| expr.empty_value().map(|value| value.value))
            .collect();
        let elide = if empty.iter().any(Option::is_none) {
            Elide::No
        } else {
            Elide::Yes
        };
        let names = annotations.into_iter().map(|(name, _)| name);
        let zone = connection.time_zone();
        let row = match select(&query, &zone, elide)? {
            Some(statement) => {
                let converters = Converters::of(&statement)?;
                let rows = self.execute(connection, &statement.sql)?.into_rows();
                rows.into_iter().next().map(|row| converters.apply(row))
            }
            None => None,
        };
        let row = row.unwrap_or_else(|| {
            empty
                .into_iter()
                .map(|value| value.unwrap_or(Value::Null))
                .collect()
        });
        Ok(names.zip(row).collect())
    }

    /// `get(condition)`
    ///
    /// # Errors
    /// `DoesNotExist`, `MultipleObjectsReturned`, and as [`filter`](Self::filter).
    pub fn get(&self, connection: &mut dyn Connection, condition: Q) -> Result<Row> {
        let combinator = self.query().combinator;
        let mut narrowed = match combinator {
            Some(combinator) if !condition.is_empty() => {
                return Err(OrmError::not_supported(format!(
                    "Calling QuerySet.get(...) with filters after {}() is not supported.",
                    combinator.name()
                )));
            }
            Some(_) => self.all(),
            None => self.filter(condition)?,
        };
        if !self.query().is_sliced() && self.query().distinct_fields.is_empty() {
            narrowed = narrowed.order_by(Vec::<Operand>::new())?;
        }
        let mut rows = narrowed
            .slice(None, Some(MAX_GET_RESULTS))
            .fetch(connection)?;
        let model = self.model();
        match rows.len() {
            1 => rows
                .pop()
                .ok_or_else(|| OrmError::internal("a row disappeared")),
            0 => Err(does_not_exist(model)),
            several => {
                let limit = usize::try_from(MAX_GET_RESULTS).unwrap_or(usize::MAX);
                let shown = if several < limit {
                    several.to_string()
                } else {
                    format!("more than {}", limit - 1)
                };
                Err(OrmError {
                    model: Some(class_path(model)),
                    ..OrmError::new(
                        ExceptionClass::MultipleObjectsReturned,
                        format!(
                            "get() returned more than one {} -- it returned {shown}!",
                            model.name
                        ),
                    )
                })
            }
        }
    }

    /// `queryset[at]`
    ///
    /// # Errors
    /// `IndexError` when there is no such row.
    pub fn at(&self, connection: &mut dyn Connection, at: u64) -> Result<Row> {
        self.slice(Some(at), at.checked_add(1))
            .fetch(connection)?
            .into_iter()
            .next()
            .ok_or_else(|| OrmError::new(ExceptionClass::IndexError, "list index out of range"))
    }

    /// `first()`
    ///
    /// # Errors
    /// `TypeError` for groups without an ordering.
    pub fn first(&self, connection: &mut dyn Connection) -> Result<Option<Row>> {
        let ordered = self.ordered_for("first", "pk")?;
        Ok(ordered
            .slice(None, Some(1))
            .fetch(connection)?
            .into_iter()
            .next())
    }

    /// `last()`
    ///
    /// # Errors
    /// `TypeError` for groups without an ordering.
    pub fn last(&self, connection: &mut dyn Connection) -> Result<Option<Row>> {
        let ordered = if self.keeps_order() {
            self.reverse()?
        } else {
            self.ordered_for("last", "-pk")?
        };
        Ok(ordered
            .slice(None, Some(1))
            .fetch(connection)?
            .into_iter()
            .next())
    }

    fn keeps_order(&self) -> bool {
        self.is_ordered() || !self.query().default_ordering
    }

    fn ordered_for(&self, method: &str, key: &str) -> Result<Self> {
        if self.keeps_order() {
            return Ok(self.clone());
        }
        if let GroupBy::By(exprs) = &self.query().group_by {
            let primary = self.query().key()?;
            let by_key = exprs
                .iter()
                .any(|expr| matches!(expr, Expr::Col(col) if col.target == primary));
            if !by_key {
                return Err(OrmError::kind(format!(
                    "Cannot use QuerySet.{method}() on an unordered queryset performing \
                     aggregation. Add an ordering with order_by()."
                )));
            }
        }
        self.order_by([key])
    }

    /// `earliest(*fields)`; `latest` is the reverse.
    ///
    /// # Errors
    /// `ValueError` without fields and without `get_latest_by`.
    pub fn earliest(&self, connection: &mut dyn Connection, fields: &[String]) -> Result<Row> {
        if self.query().is_sliced() {
            return Err(OrmError::kind(
                "Cannot change a query once a slice has been taken.",
            ));
        }
        let fields = if fields.is_empty() {
            self.model().get_latest_by.clone()
        } else {
            fields.to_vec()
        };
        if fields.is_empty() {
            return Err(OrmError::value(
                "earliest() and latest() require either fields as positional arguments or \
                 'get_latest_by' in the model's Meta.",
            ));
        }
        let mut query = self.order_by(fields)?.query().clone();
        query.set_limits(None, Some(1));
        let one = self.with_query(query);
        one.fetch(connection)?
            .into_iter()
            .next()
            .ok_or_else(|| does_not_exist(self.model()))
    }

    /// `latest(*fields)`
    ///
    /// # Errors
    /// As [`earliest`](Self::earliest).
    pub fn latest(&self, connection: &mut dyn Connection, fields: &[String]) -> Result<Row> {
        if self.query().is_sliced() {
            return Err(OrmError::kind(
                "Cannot change a query once a slice has been taken.",
            ));
        }
        self.reverse()?.earliest(connection, fields)
    }

    /// `in_bulk(ids, field_name=..)`: keys and rows.
    ///
    /// # Errors
    /// `ValueError` for a field that is not unique, `TypeError` after a slice.
    pub fn in_bulk(
        &self,
        connection: &mut dyn Connection,
        ids: Option<Vec<Operand>>,
        field_name: &str,
    ) -> Result<Vec<(Value, Row)>> {
        if self.query().is_sliced() {
            return Err(OrmError::kind(
                "Cannot use 'limit' or 'offset' with in_bulk().",
            ));
        }
        if ids.as_ref().is_some_and(Vec::is_empty) {
            return Ok(Vec::new());
        }
        let model = self.model();
        let attname = if field_name == "pk" {
            self.query().key()?.attname().to_owned()
        } else {
            let field = model
                .field(field_name)
                .ok_or_else(|| super::compiler::no_field(model, field_name))?;
            let alone = model
                .unique_sets()
                .iter()
                .any(|set| matches!(set.as_slice(), [one] if one == field_name));
            let distinct = self.query().distinct_fields == [field_name.to_owned()];
            if !field.unique && !alone && !distinct {
                return Err(OrmError::value(format!(
                    "in_bulk()'s field_name must be a unique field but '{field_name}' isn't."
                )));
            }
            field.attname().to_owned()
        };
        let selected = self.query().labels();
        let keyed = match self.shape {
            RowShape::Instances => None,
            RowShape::Dicts if self.query().values_select.iter().any(|n| n == field_name) => None,
            RowShape::Tuples | RowShape::Named if selected.iter().any(|n| n == field_name) => None,
            RowShape::Flat if self.query().values_select == [field_name.to_owned()] => None,
            shape => {
                let mut names = vec![field_name.to_owned()];
                names.extend(selected.iter().cloned());
                Some((shape, names))
            }
        };
        if let Some((shape, names)) = keyed {
            return self.keyed_rows(connection, ids, field_name, shape, names);
        }
        let narrowed = match ids {
            Some(ids) => self.filter(Q::lookup(format!("{field_name}__in"), Operand::List(ids)))?,
            None => self.all(),
        };
        let mut found: Vec<(Value, Row)> = Vec::new();
        for row in narrowed.fetch(connection)? {
            let place = selected.iter().position(|name| name == field_name);
            let key = match (&row, place) {
                (Row::Tuple(values) | Row::Named(_, values), Some(place)) => {
                    values.get(place).cloned()
                }
                (Row::Flat(value), _) => Some(value.clone()),
                _ => row.get(&attname).or_else(|| row.get(field_name)),
            }
            .unwrap_or(Value::Null);
            found.push((key, row));
        }
        Ok(found)
    }

    /// `in_bulk()` of rows that do not have the key among their columns: it is read as well and
    /// left out again.
    fn keyed_rows(
        &self,
        connection: &mut dyn Connection,
        ids: Option<Vec<Operand>>,
        field_name: &str,
        shape: RowShape,
        names: Vec<String>,
    ) -> Result<Vec<(Value, Row)>> {
        let columns = names
            .iter()
            .map(|name| Operand::value(Value::text(name.as_str())))
            .collect();
        let mut keyed = self.values_list(columns, RowShape::Tuples)?;
        if let Some(ids) = ids {
            keyed = keyed.filter(Q::lookup(format!("{field_name}__in"), Operand::List(ids)))?;
        }
        let labels: Rc<[String]> = names.into();
        let mut found = Vec::new();
        for row in keyed.fetch(connection)? {
            let Row::Tuple(values) = row else {
                continue;
            };
            let mut values = values.into_iter();
            let key = values.next().unwrap_or(Value::Null);
            let row = match shape {
                RowShape::Dicts => Row::Dict(labels.iter().skip(1).cloned().zip(values).collect()),
                RowShape::Named => Row::Named(
                    labels.clone(),
                    std::iter::once(key.clone()).chain(values).collect(),
                ),
                RowShape::Flat => Row::Flat(values.next().unwrap_or(Value::Null)),
                RowShape::Tuples | RowShape::Instances => Row::Tuple(values.collect()),
            };
            found.push((key, row));
        }
        Ok(found)
    }

    /// `contains(instance)`
    ///
    /// # Errors
    /// `ValueError` for an instance that is not saved, `TypeError` after `values()`.
    pub fn contains(&self, connection: &mut dyn Connection, instance: &Instance) -> Result<bool> {
        self.uncombined("contains")?;
        if self.fields.is_some() {
            return Err(OrmError::kind(
                "Cannot call QuerySet.contains() after .values() or .values_list().",
            ));
        }
        if instance.model().name != self.model().name {
            return Ok(false);
        }
        let key = instance.key().ok_or_else(|| {
            OrmError::value("QuerySet.contains() cannot be used on unsaved objects.")
        })?;
        self.filter(Q::lookup("pk", key))?.exists(connection)
    }

    /// `explain(format=.., **options)`
    ///
    /// # Errors
    /// `ValueError` for an option that PostgreSQL does not have.
    pub fn explain(&self, connection: &mut dyn Connection, explain: Explain) -> Result<String> {
        const OPTIONS: [&str; 11] = [
            "ANALYZE",
            "BUFFERS",
            "COSTS",
            "GENERIC_PLAN",
            "MEMORY",
            "SETTINGS",
            "SERIALIZE",
            "SUMMARY",
            "TIMING",
            "VERBOSE",
            "WAL",
        ];
        if let Some((name, _)) = explain
            .options
            .iter()
            .find(|(name, _)| !OPTIONS.contains(&name.to_uppercase().as_str()))
        {
            return Err(OrmError::value(format!(
                "Unknown options: {}",
                name.to_uppercase()
            )));
        }
        if let Some(format) = &explain.format {
            let upper = format.to_uppercase();
            if !["JSON", "TEXT", "XML", "YAML"].contains(&upper.as_str()) {
                return Err(OrmError::value(format!(
                    "{upper} is not a recognized format. Allowed formats: JSON, TEXT, XML, YAML"
                )));
            }
        }
        let mut query = self.query().clone();
        query.explain = Some(explain);
        let zone = connection.time_zone();
        let Some(statement) = select(&query, &zone, Elide::Yes)? else {
            return Ok(String::new());
        };
        let lines: Vec<String> = execute(connection, &statement.sql)?
            .into_rows()
            .iter()
            .flatten()
            .map(plain)
            .collect();
        Ok(lines.join("\n"))
    }
}

/// `Model.DoesNotExist`
pub fn does_not_exist(model: &Arc<Model>) -> OrmError {
    OrmError {
        model: Some(class_path(model)),
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

/// What each column's type makes of its values.
struct Converters(Vec<Converter>);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Converter {
    Keep,
    Float,
    Integer,
    Decimal,
    Date,
}

impl Converters {
    fn of(statement: &Statement) -> Result<Self> {
        let mut converters = Vec::with_capacity(statement.columns.len());
        for column in &statement.columns {
            converters.push(converter(&column.expr)?);
        }
        Ok(Self(converters))
    }

    /// The row without the columns that only ordering needed, each value of its column's type.
    fn apply(&self, row: Vec<Value>) -> Vec<Value> {
        self.0
            .iter()
            .zip(row)
            .map(|(converter, value)| converter.apply(value))
            .collect()
    }
}

fn converter(expr: &Expr) -> Result<Converter> {
    if matches!(expr, Expr::Col(_)) {
        return Ok(Converter::Keep);
    }
    let Some(field) = expr.output_field_or_none()? else {
        return Ok(Converter::Keep);
    };
    let trunc = matches!(
        expr,
        Expr::Func(func) if matches!(func.class.form, Form::Trunc(_))
    );
    Ok(match &field.kind {
        FieldKind::Float => Converter::Float,
        kind if kind.is_integer() && !kind.is_auto() => Converter::Integer,
        FieldKind::Decimal(_) => Converter::Decimal,
        FieldKind::Date if trunc => Converter::Date,
        _ => Converter::Keep,
    })
}

impl Converter {
    fn apply(self, value: Value) -> Value {
        match (self, value) {
            (Self::Float, value @ (Value::Int(_) | Value::Numeric(_))) => {
                plain(&value).parse().map_or(value, Value::Float)
            }
            (Self::Integer, Value::Numeric(number)) => {
                let mut whole = number.mantissa();
                for _ in 0..number.scale() {
                    whole /= 10;
                }
                i64::try_from(whole).map_or(Value::Numeric(number), Value::Int)
            }
            (Self::Integer, Value::Float(number)) => Value::Int(number.trunc() as i64),
            (Self::Integer, Value::Bool(flag)) => Value::Int(i64::from(flag)),
            (Self::Decimal, Value::Int(number)) => {
                Value::Numeric(Numeric::new(i128::from(number), 0))
            }
            (Self::Decimal, value @ Value::Float(_)) => {
                super::lookups::parse_decimal(&plain(&value)).unwrap_or(value)
            }
            (Self::Date, Value::Timestamp(micros)) => Value::Date(micros.div_euclid(DAY) as i32),
            (_, value) => value,
        }
    }
}
