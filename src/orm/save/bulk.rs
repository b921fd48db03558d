//! Writing many rows at once: `bulk_create()`, `bulk_update()`.

use super::{assign, has_relation, prepare_related, row_of, stamp};
use crate::base::Value;
use crate::market::catalogue::AutoNow;
use crate::orm::compiler;
use crate::orm::compiler::OnConflict;
use crate::orm::connection::Connection;
use crate::orm::errors::{OrmError, Result};
use crate::orm::expressions::{
    Case, Expr, FieldRef, Operand, PlainValue, ValueExpr, When, value_field,
};
use crate::orm::functions::cast;
use crate::orm::instance::Instance;
use crate::orm::lookups::prepare;
use crate::orm::q::Q;
use crate::orm::query::Query;
use crate::orm::queryset::QuerySet;
use crate::orm::rows::execute;
use crate::orm::transaction::{Savepoint, atomic};

impl QuerySet {
    /// `bulk_create(instances, ..)`
    ///
    /// # Errors
    /// `ValueError` for unsaved relations, `IntegrityError` and the like.
    pub fn bulk_create(
        &self,
        connection: &mut dyn Connection,
        instances: &[Instance],
        batch_size: Option<i64>,
        conflict: &OnConflict,
    ) -> Result<()> {
        if batch_size.is_some_and(|size| size <= 0) {
            return Err(OrmError::value("Batch size must be a positive integer."));
        }
        let conflict = &self.named_conflict(conflict)?;
        if instances.is_empty() {
            return Ok(());
        }
        let catalogue = self.query().catalogue.clone();
        for instance in instances {
            prepare_related(&catalogue, instance, "bulk_create", None)?;
            stamp(
                connection,
                instance,
                &self.model().fields,
                AutoNow::Creation,
            );
        }
        let (with_key, without): (Vec<Instance>, Vec<Instance>) = instances
            .iter()
            .cloned()
            .partition(|instance| instance.key().is_some());
        let size = batch_size.and_then(|size| usize::try_from(size).ok());
        let insert = |connection: &mut dyn Connection| -> Result<()> {
            let all: Vec<FieldRef> = self.model().fields.clone();
            self.insert_batches(connection, &with_key, &all, size, conflict)?;
            let fields: Vec<FieldRef> = all
                .into_iter()
                .filter(|field| !field.kind.is_auto())
                .collect();
            self.insert_batches(connection, &without, &fields, size, conflict)
        };
        if with_key.is_empty() || without.is_empty() {
            insert(connection)
        } else {
            atomic(connection, Savepoint::Skip, insert)
        }
    }

    /// What to do on a conflict, with the columns of the fields: `pk` is the key's.
    fn named_conflict(&self, conflict: &OnConflict) -> Result<OnConflict> {
        let OnConflict::Update { columns, unique } = conflict else {
            return Ok(conflict.clone());
        };
        let field = |name: &String| match name.as_str() {
            "pk" => self.query().key(),
            _ => {
                let found = self.query().own_field(name);
                found.ok_or_else(|| compiler::no_field(self.model(), name))
            }
        };
        let unique = unique.iter().map(field).collect::<Result<Vec<_>>>()?;
        let columns = columns.iter().map(field).collect::<Result<Vec<_>>>()?;
        if columns.iter().any(|field| field.primary_key) {
            return Err(OrmError::value(
                "bulk_create() cannot be used with primary keys in update_fields.",
            ));
        }
        let names =
            |fields: Vec<FieldRef>| fields.iter().map(|it| it.attname().to_owned()).collect();
        Ok(OnConflict::Update {
            columns: names(columns),
            unique: names(unique),
        })
    }

    pub(super) fn insert_batches(
        &self,
        connection: &mut dyn Connection,
        instances: &[Instance],
        fields: &[FieldRef],
        size: Option<usize>,
        conflict: &OnConflict,
    ) -> Result<()> {
        let size = size.unwrap_or(instances.len()).max(1);
        let key = self.query().key()?;
        let returning = if key.kind.is_auto() {
            vec![key]
        } else {
            Vec::new()
        };
        for batch in instances.chunks(size) {
            let rows: Vec<_> = batch
                .iter()
                .map(|instance| row_of(instance, fields))
                .collect();
            let zone = connection.time_zone();
            let sql =
                compiler::insert_sql(self.query(), fields, &rows, conflict, &returning, &zone)?;
            let returned = execute(connection, &sql)?.into_rows();
            for (instance, row) in batch.iter().zip(returned) {
                assign(instance, &returning, row);
            }
            for instance in batch {
                instance.change(|state| state.adding = false);
            }
        }
        Ok(())
    }

    /// `bulk_update(instances, fields, batch_size)`: how many rows matched.
    ///
    /// # Errors
    /// `ValueError` for keys and missing names.
    pub fn bulk_update(
        &self,
        connection: &mut dyn Connection,
        instances: &[Instance],
        names: &[String],
        batch_size: Option<i64>,
    ) -> Result<u64> {
        if batch_size.is_some_and(|size| size <= 0) {
            return Err(OrmError::value("Batch size must be a positive integer."));
        }
        if names.is_empty() {
            return Err(OrmError::value(
                "Field names must be given to bulk_update().",
            ));
        }
        if instances.iter().any(|instance| instance.key().is_none()) {
            return Err(OrmError::value(
                "All bulk_update() objects must have a primary key set.",
            ));
        }
        let mut fields = Vec::with_capacity(names.len());
        for name in names {
            let Some(field) = self.query().own_field(name) else {
                let catalogue = &self.query().catalogue;
                return Err(match has_relation(catalogue, self.model(), name) {
                    true => OrmError::value("bulk_update() can only be used with concrete fields."),
                    false => compiler::no_field(self.model(), name),
                });
            };
            if field.primary_key {
                return Err(OrmError::value(
                    "bulk_update() cannot be used with primary key fields.",
                ));
            }
            fields.push(field);
        }
        if instances.is_empty() {
            return Ok(0);
        }
        for instance in instances {
            prepare_related(
                &self.query().catalogue,
                instance,
                "bulk_update",
                Some(&fields),
            )?;
        }
        let size = batch_size
            .and_then(|size| usize::try_from(size).ok())
            .unwrap_or(instances.len());
        let mut batches = Vec::new();
        for batch in instances.chunks(size.max(1)) {
            let mut values = Vec::with_capacity(fields.len());
            for field in &fields {
                let mut cases = Vec::with_capacity(batch.len());
                for instance in batch {
                    cases.push(when_key(self.query(), instance, field)?);
                }
                let case = Expr::Case(Box::new(Case {
                    cases,
                    default: Expr::from(Value::Null),
                    output_field: Some(field.clone()),
                }));
                values.push((
                    field.attname().to_owned(),
                    Operand::Expr(cast(case, field.clone())?),
                ));
            }
            let keys = batch
                .iter()
                .filter_map(Instance::key)
                .map(Operand::value)
                .collect();
            batches.push((keys, values));
        }
        atomic(connection, Savepoint::Skip, |connection| {
            let mut rows = 0;
            for (keys, values) in batches {
                rows += self
                    .filter(Q::lookup("pk__in", Operand::List(keys)))?
                    .update(connection, &values)?;
            }
            Ok(rows)
        })
    }
}

/// `When(pk=key, then=value)`
fn when_key(query: &Query, instance: &Instance, field: &FieldRef) -> Result<When> {
    let key = instance.key().unwrap_or(Value::Null);
    let result = match instance.get(field.attname()) {
        Some(Operand::Expr(expr)) => expr,
        Some(Operand::Value(PlainValue(value))) => {
            let target = value_field(field, &query.catalogue);
            Expr::Value(ValueExpr {
                value: prepare(&target, value)?,
                output_field: Some(field.clone()),
            })
        }
        Some(Operand::Instance(other)) => Expr::from(other.key().unwrap_or(Value::Null)),
        Some(Operand::List(_)) | None => Expr::from(Value::Null),
    };
    Ok(When {
        condition: Expr::Q(Q::lookup("pk", key)),
        result,
    })
}
