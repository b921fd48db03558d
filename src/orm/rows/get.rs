//! Asking for few rows: `get()`, `first()`, `latest()`, `in_bulk()` and their like.

use super::{Row, class_path, does_not_exist};
use crate::base::Value;
use crate::orm::connection::Connection;
use crate::orm::errors::{ExceptionClass, OrmError, Result};
use crate::orm::expressions::{Expr, Operand};
use crate::orm::instance::Instance;
use crate::orm::q::Q;
use crate::orm::query::GroupBy;
use crate::orm::queryset::{QuerySet, RowShape};
use std::rc::Rc;

/// How many rows `get()` reads at most.
const MAX_GET_RESULTS: u64 = 21;

impl QuerySet {
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
                    model: Some(class_path(model).into()),
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

    pub(super) fn keeps_order(&self) -> bool {
        self.is_ordered() || !self.query().default_ordering
    }

    pub(super) fn ordered_for(&self, method: &str, key: &str) -> Result<Self> {
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
    pub fn earliest(&self, connection: &mut dyn Connection, fields: Vec<Operand>) -> Result<Row> {
        if self.query().is_sliced() {
            return Err(OrmError::kind(
                "Cannot change a query once a slice has been taken.",
            ));
        }
        let fields = if fields.is_empty() {
            let names = self.model().get_latest_by.iter();
            names
                .map(|name| Operand::value(Value::text(name.as_str())))
                .collect()
        } else {
            fields
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
    pub fn latest(&self, connection: &mut dyn Connection, fields: Vec<Operand>) -> Result<Row> {
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
                .ok_or_else(|| crate::orm::compiler::no_field(model, field_name))?;
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
    pub(super) fn keyed_rows(
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
}
