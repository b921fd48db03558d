//! INSERT, UPDATE and DELETE.

use super::{Compiler, Elide, Stop};
use crate::base::Value;
use crate::market::catalogue::{FieldKind, Model};
use crate::orm::errors::{OrmError, Result};
use crate::orm::expressions::{Expr, FieldRef, Operand, PlainValue, Resolve, value_field};
use crate::orm::lookups::prepare;
use crate::orm::q::Q;
use crate::orm::query::{Clear, Query, SelectRelated};
use crate::orm::sql::{Sql, array_text, quote};
use crate::orm::where_tree::WhereNode;

/// The values of one new row, a value or an expression for each field.
pub type InsertRow = Vec<Operand>;

/// What happens when a new row breaks a unique constraint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OnConflict {
    /// It is an error.
    Raise,
    /// The row is left out.
    Ignore,
    /// The row that is there is updated.
    Update {
        /// The columns that are set.
        columns: Vec<String>,
        /// The columns that are unique.
        unique: Vec<String>,
    },
}

/// `INSERT INTO .. RETURNING key`
///
/// # Errors
/// A value that its field refuses, or an expression that needs a row which is not there yet.
pub fn insert_sql(
    query: &Query,
    fields: &[FieldRef],
    rows: &[InsertRow],
    conflict: &OnConflict,
    returning: &[FieldRef],
    timezone: &str,
) -> Result<Sql> {
    let model = query.model.clone();
    let key = query.key()?;
    let mut out = Sql::raw(format!("INSERT INTO {} ", quote(&model.db_table)));
    let columns: Vec<String> = fields.iter().map(|field| quote(&field.column)).collect();
    let mut prepared: Vec<Vec<Prepared>> = Vec::with_capacity(rows.len());
    for row in rows {
        let mut values = Vec::with_capacity(fields.len());
        for (field, value) in fields.iter().zip(row) {
            values.push(insert_value(query, field, value)?);
        }
        prepared.push(values);
    }
    if fields.is_empty() {
        out.push(&format!("({}) VALUES ", quote(&key.column)));
        let rows = vec!["(DEFAULT)"; rows.len().max(1)];
        out.push(&rows.join(", "));
    } else {
        out.push(&format!("({}) ", columns.join(", ")));
        let plain = prepared
            .iter()
            .flatten()
            .all(|value| matches!(value, Prepared::Value(_)));
        if prepared.len() > 1 && plain {
            out.append(unnest(query, fields, prepared));
        } else {
            let mut compiler = Compiler::new(query, timezone, Elide::Yes);
            let mut parts = Vec::with_capacity(prepared.len());
            for row in prepared {
                let mut values = Vec::with_capacity(row.len());
                for value in row {
                    values.push(match value {
                        Prepared::Value(value) => Sql::param(value),
                        Prepared::Expr(expr) => compiler.compile(&expr).map_err(unexpected)?,
                    });
                }
                parts.push(Sql::join(values, ", ").wrap("(", ")"));
            }
            out.push("VALUES ");
            out.append(Sql::join(parts, ", "));
        }
    }
    match conflict {
        OnConflict::Raise => {}
        OnConflict::Ignore => out.push(" ON CONFLICT DO NOTHING"),
        OnConflict::Update { columns, unique } => {
            let unique: Vec<_> = unique.iter().map(|name| quote(name)).collect();
            let set: Vec<_> = columns
                .iter()
                .map(|name| format!("{0} = EXCLUDED.{0}", quote(name)))
                .collect();
            out.push(&format!(
                " ON CONFLICT({}) DO UPDATE SET {}",
                unique.join(", "),
                set.join(", ")
            ));
        }
    }
    if *conflict != OnConflict::Ignore {
        out.push(&returning_sql(&model, returning));
    }
    Ok(out)
}

enum Prepared {
    Value(Value),
    Expr(Expr),
}

fn insert_value(query: &Query, field: &FieldRef, value: &Operand) -> Result<Prepared> {
    match value {
        Operand::Value(PlainValue(value)) => {
            let target = value_field(field, &query.catalogue);
            Ok(Prepared::Value(prepare(&target, value.clone())?))
        }
        Operand::Instance(instance) => Ok(Prepared::Value(instance.key().unwrap_or(Value::Null))),
        Operand::Expr(expr) => {
            let mut scratch = query.clone();
            let resolved = expr.resolve(&mut scratch, &mut Resolve::save())?;
            if resolved.contains_column_references() {
                return Err(OrmError::value(format!(
                    "Failed to insert expression \"{}\" on {}. F() expressions can only be used \
                     to update, not to insert.",
                    resolved.text(),
                    field.label()
                )));
            }
            refuse_aggregates(field, &resolved)?;
            Ok(Prepared::Expr(resolved))
        }
        Operand::List(_) => Err(OrmError::kind("cannot store a list in a column")),
    }
}

/// Rows of plain values as arrays, one a column, which PostgreSQL plans faster.
fn unnest(query: &Query, fields: &[FieldRef], rows: Vec<Vec<Prepared>>) -> Sql {
    let mut columns: Vec<Vec<Value>> = fields.iter().map(|_| Vec::new()).collect();
    for row in rows {
        for (column, value) in columns.iter_mut().zip(row) {
            column.push(match value {
                Prepared::Value(value) => value,
                Prepared::Expr(_) => Value::Null,
            });
        }
    }
    let parts = fields
        .iter()
        .zip(columns)
        .map(|(field, column)| {
            let name = super::db_type(field, &query.catalogue);
            let name = name.split('(').next().unwrap_or_default().to_owned();
            let (text, kind) = array_text(&column);
            // Integer columns send their own width, keys the least that fits.
            let kind = match field.kind {
                FieldKind::SmallInteger | FieldKind::PositiveSmallInteger => "int2",
                FieldKind::Integer | FieldKind::PositiveInteger => "int4",
                FieldKind::BigInteger | FieldKind::PositiveBigInteger => "int8",
                _ => kind,
            };
            let suffix = if kind.is_empty() {
                String::new()
            } else {
                format!("::{kind}[]")
            };
            Sql::param(Value::text(text)).wrap("(", &format!("{suffix})::{name}[]"))
        })
        .collect();
    Sql::join(parts, ", ").wrap("SELECT * FROM UNNEST(", ")")
}

/// `UPDATE .. SET .. WHERE ..`; none when no row can match.
///
/// # Errors
/// `FieldDoesNotExist` for a name, `FieldError` for a value that an UPDATE cannot have.
pub fn update_sql(
    query: &Query,
    values: &[(String, Operand)],
    returning: &[FieldRef],
    timezone: &str,
) -> Result<Option<Sql>> {
    let mut query = query.chain();
    let model = query.model.clone();
    let mut resolved: Vec<(FieldRef, Operand)> = Vec::with_capacity(values.len());
    for (name, value) in values {
        // `pk` is a name of lookups, and no field.
        let field = Some(name.as_str()).filter(|name| *name != "pk");
        let field = field
            .and_then(|name| query.own_field(name))
            .ok_or_else(|| not_updatable(&query, &model, name))?;
        let value = match value {
            Operand::Expr(expr) => Operand::Expr(expr.resolve(&mut query, &mut Resolve::save())?),
            other => other.clone(),
        };
        resolved.push((field, value));
    }
    query.clear_select_clause();
    query.initial_alias();
    if query.active_tables() > 1 {
        let mut inner = query.chain();
        inner.select_related = SelectRelated::No;
        inner.clear_ordering(Clear::Always, true);
        let key = query.key()?;
        inner.add_fields(std::slice::from_ref(&key.name), true)?;
        query.where_tree = WhereNode::default();
        query.add_q(&Q::lookup(
            "pk__in",
            Operand::Expr(Expr::Query(Box::new(inner))),
        ))?;
    }
    if resolved.is_empty() {
        return Ok(None);
    }
    let mut compiler = Compiler::new(&query, timezone, Elide::Yes);
    let mut parts = Vec::with_capacity(resolved.len());
    for (field, value) in resolved {
        let mut part = Sql::raw(format!("{} = ", quote(&field.column)));
        part.append(update_value(&mut compiler, &field, value)?);
        parts.push(part);
    }
    let table = query.base_table().unwrap_or(&model.db_table).to_owned();
    let mut out = Sql::join(parts, ", ").wrap(&format!("UPDATE {} SET ", quote(&table)), "");
    match compiler.compile_where(&query.where_tree.clone()) {
        Ok(sql) => {
            out.push(" WHERE ");
            out.append(sql);
        }
        Err(Stop::Full) => {}
        Err(Stop::Empty) => return Ok(None),
        Err(Stop::Error(error)) => return Err(error),
    }
    out.push(&returning_sql(&model, returning));
    Ok(Some(out))
}

/// ` RETURNING "table"."column"`, or nothing.
fn returning_sql(model: &Model, fields: &[FieldRef]) -> String {
    let columns: Vec<String> = fields
        .iter()
        .map(|field| format!("{}.{}", quote(&model.db_table), quote(&field.column)))
        .collect();
    if columns.is_empty() {
        String::new()
    } else {
        format!(" RETURNING {}", columns.join(", "))
    }
}

fn update_value(compiler: &mut Compiler<'_>, field: &FieldRef, value: Operand) -> Result<Sql> {
    match value {
        Operand::Expr(expr) => {
            refuse_aggregates(field, &expr)?;
            compiler.compile(&expr.again()).map_err(unexpected)
        }
        Operand::Instance(instance) => {
            if !field.is_relation() {
                return Err(OrmError::kind(format!(
                    "Tried to update field {} with a model instance, <{}: {instance}>. Use a \
                     value compatible with {}.",
                    field.label(),
                    instance.model().name,
                    field.kind.class_name()
                )));
            }
            let key = instance.key().ok_or_else(|| {
                OrmError::value(format!(
                    "Unsaved model instance <{}: {instance}> cannot be used in an ORM query.",
                    instance.model().name
                ))
            })?;
            Ok(Sql::param(key))
        }
        Operand::Value(PlainValue(value)) => {
            let target = value_field(field, &compiler.query.catalogue);
            Ok(Sql::param(prepare(&target, value)?))
        }
        Operand::List(_) => Err(OrmError::kind("cannot store a list in a column")),
    }
}

fn refuse_aggregates(field: &FieldRef, expr: &Expr) -> Result<()> {
    let what = if expr.contains_aggregate() {
        "Aggregate functions"
    } else if expr.contains_over_clause() {
        "Window expressions"
    } else {
        return Ok(());
    };
    Err(OrmError::field(format!(
        "{what} are not allowed in this query ({}={}).",
        field.name,
        expr.repr()
    )))
}

fn not_updatable(query: &Query, model: &Model, name: &str) -> OrmError {
    let catalogue = &query.catalogue;
    let refused = |field: String| {
        OrmError::field(format!(
            "Cannot update model field <{field}> (only concrete fields are permitted)."
        ))
    };
    let back = |kind: &str, model: &Model| format!("{kind}: {}", model.label().to_lowercase());
    let many = catalogue.many_to_many(&model.name);
    if let Some(end) = many.into_iter().find(|end| end.name == name) {
        return refused(match end.is_reverse {
            true => back("ManyToManyRel", &end.target),
            false => format!("django.db.models.fields.related.ManyToManyField: {name}"),
        });
    }
    let reverse = catalogue.reverse_relations(&model.name);
    match reverse.into_iter().find(|relation| relation.name == name) {
        Some(relation) => {
            let kind = match relation.field.kind {
                FieldKind::OneToOne => "OneToOneRel",
                _ => "ManyToOneRel",
            };
            refused(back(kind, &relation.source))
        }
        None => super::mask::no_field(model, name),
    }
}

/// `DELETE FROM .. WHERE ..`; none when no row can match.
///
/// # Errors
/// What compiling the conditions runs into.
pub fn delete_sql(query: &Query, timezone: &str) -> Result<Option<Sql>> {
    let mut query = query.clone();
    query.initial_alias();
    if query.active_tables() > 1 {
        let mut inner = query.clone();
        inner.clear_select_clause();
        let key = query.key()?;
        let alias = query.initial_alias();
        inner.select = vec![query.col(&alias, &key)];
        let mut outer = Query::new(query.catalogue.clone(), query.model.clone());
        outer.add_q(&Q::lookup(
            "pk__in",
            Operand::Expr(Expr::Query(Box::new(inner))),
        ))?;
        query = outer;
    }
    let table = query
        .base_table()
        .unwrap_or(&query.model.db_table)
        .to_owned();
    let mut out = Sql::raw(format!("DELETE FROM {}", quote(&table)));
    let mut compiler = Compiler::new(&query, timezone, Elide::Yes);
    match compiler.compile_where(&query.where_tree.clone()) {
        Ok(sql) => {
            out.push(" WHERE ");
            out.append(sql);
        }
        Err(Stop::Full) => {}
        Err(Stop::Empty) => return Ok(None),
        Err(Stop::Error(error)) => return Err(error),
    }
    Ok(Some(out))
}

/// A value is neither empty nor full.
fn unexpected(stop: Stop) -> OrmError {
    match stop {
        Stop::Error(error) => error,
        Stop::Empty | Stop::Full => OrmError::internal("a condition stands as a value"),
    }
}
