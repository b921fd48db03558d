//! The tables of models: the DDL that Django's `migrate` runs on PostgreSQL.
//!
//! `market` says what the models are and never writes SQL; this file does. `session` runs the
//! statements and shows them.

use super::compiler::{condition_sql, db_type};
use super::connection::{Cause, Connection, because};
use super::errors::{OrmError, Result};
use super::expressions::{FieldRef, Operand, target_field};
use super::q::{Connector, Q};
use super::query::Query;
use super::rows::execute;
use super::sql::{Sql, quote};
use super::transaction::{Savepoint, atomic};
use crate::base::Value;
use crate::market::catalogue::{Catalogue, Condition, Constraint, FieldKind, Model};
use std::sync::Arc;

mod md5;

/// One statement of a table's making, by what it makes.
#[derive(Clone, Debug, PartialEq)]
pub enum Definition {
    /// `CREATE TABLE`
    Table(Sql),
    /// `ALTER TABLE .. ADD CONSTRAINT .. FOREIGN KEY`
    ForeignKey(Sql),
    /// `ALTER TABLE .. ADD CONSTRAINT .. UNIQUE`
    Unique(Sql),
    /// `CREATE INDEX`
    Index(Sql),
}

impl Definition {
    /// The statement.
    pub fn sql(&self) -> &Sql {
        match self {
            Self::Table(sql) | Self::ForeignKey(sql) | Self::Unique(sql) | Self::Index(sql) => sql,
        }
    }
}

/// Everything that makes the tables of a model and of the models between that it made, in the
/// order in which it runs.
///
/// # Errors
/// As [`create_table`].
pub fn create_model(catalogue: &Arc<Catalogue>, model: &Arc<Model>) -> Result<Vec<Definition>> {
    let mut parts = vec![create_table(catalogue, model)?];
    for between in catalogue.made_for(&model.name) {
        parts.push(create_table(catalogue, &between)?);
    }
    Ok(tables_first(parts))
}

/// What makes some tables, in the order in which Django runs it: first the tables themselves.
pub fn tables_first(parts: Vec<Vec<Definition>>) -> Vec<Definition> {
    let all = parts.into_iter().flatten();
    let (mut tables, others): (Vec<_>, Vec<_>) =
        all.partition(|definition| matches!(definition, Definition::Table(_)));
    tables.extend(others);
    tables
}

/// Everything that makes the table of one model, in the order in which it runs.
///
/// # Errors
/// A constraint names a field that is not there, or a relation a model.
pub fn create_table(catalogue: &Arc<Catalogue>, model: &Arc<Model>) -> Result<Vec<Definition>> {
    let mut columns = Vec::new();
    let mut uniques = Vec::new();
    let mut keys = Vec::new();
    let mut indexes = Vec::new();
    for field in &model.fields {
        columns.push(column_sql(catalogue, field));
        if field.is_relation() {
            keys.push(Definition::ForeignKey(foreign_key_sql(
                catalogue, model, field,
            )?));
        }
        if field.db_index && !field.unique {
            let name = index_name(&model.db_table, &[&field.column], "");
            indexes.push(index_sql(model, &name, &quote(&field.column)));
        }
        let text = field.kind.is_char() || field.kind == FieldKind::Text;
        if text && (field.db_index || field.unique) {
            // LIKE can only use an index that compares letter by letter.
            let name = index_name(&model.db_table, &[&field.column], "_like");
            let class = if field.kind == FieldKind::Text {
                "text_pattern_ops"
            } else {
                "varchar_pattern_ops"
            };
            indexes.push(index_sql(
                model,
                &name,
                &format!("{} {class}", quote(&field.column)),
            ));
        }
    }
    for names in &model.unique_together {
        let names = columns_of(model, names)?;
        let parts: Vec<&str> = names.iter().map(String::as_str).collect();
        let name = index_name(&model.db_table, &parts, "_uniq");
        uniques.push(Definition::Unique(Sql::raw(format!(
            "ALTER TABLE {} ADD CONSTRAINT {} UNIQUE ({})",
            quote(&model.db_table),
            quote(&name),
            quoted(&names)
        ))));
    }
    for constraint in &model.constraints {
        match constraint {
            Constraint::Unique {
                name,
                fields,
                condition: None,
                message: _,
            } => columns.push(format!(
                "CONSTRAINT {} UNIQUE ({})",
                quote(name),
                quoted(&columns_of(model, fields)?)
            )),
            // No constraint holds for a part of the rows; an index does.
            Constraint::Unique {
                name,
                fields,
                condition: Some(condition),
                message: _,
            } => indexes.push(Definition::Index(Sql::raw(format!(
                "CREATE UNIQUE INDEX {} ON {} ({}) WHERE {}",
                quote(name),
                quote(&model.db_table),
                quoted(&columns_of(model, fields)?),
                check_sql(catalogue, model, condition)?
            )))),
            Constraint::Check {
                name,
                condition,
                message: _,
            } => columns.push(format!(
                "CONSTRAINT {} CHECK ({})",
                quote(name),
                check_sql(catalogue, model, condition)?
            )),
        }
    }
    for index in &model.indexes {
        let mut parts = Vec::new();
        for name in &index.fields {
            let (name, order) = match name.strip_prefix('-') {
                Some(name) => (name, " DESC"),
                None => (name.as_str(), ""),
            };
            let column = columns_of(model, &[name.to_owned()])?;
            parts.push(format!("{}{order}", quoted(&column)));
        }
        let part = match &index.condition {
            Some(condition) => format!(" WHERE {}", check_sql(catalogue, model, condition)?),
            None => String::new(),
        };
        indexes.push(Definition::Index(Sql::raw(format!(
            "CREATE INDEX {} ON {} ({}){part}",
            quote(&index.name),
            quote(&model.db_table),
            parts.join(", ")
        ))));
    }
    let mut out = vec![Definition::Table(Sql::raw(format!(
        "CREATE TABLE {} ({})",
        quote(&model.db_table),
        columns.join(", ")
    )))];
    out.extend(uniques);
    out.extend(keys);
    out.extend(indexes);
    Ok(out)
}

/// Runs the statements of a migration, all of them or none.
///
/// # Errors
/// What the database says.
pub fn migrate(connection: &mut dyn Connection, statements: &[Sql]) -> Result<()> {
    because(connection, Some(Cause::Migration), |connection| {
        atomic(connection, Savepoint::Make, |connection| {
            for sql in statements {
                execute(connection, sql)?;
            }
            Ok(())
        })
    })
}

/// The foreign keys of other models that point at this one's table, which go with the table.
///
/// # Errors
/// As [`create_model`].
pub fn foreign_keys_to(catalogue: &Arc<Catalogue>, model: &Model) -> Result<Vec<Sql>> {
    let mut out = Vec::new();
    for relation in catalogue.all_reverse_relations(&model.name) {
        let made_with_it = relation.source.auto_created.as_ref() == Some(&model.name);
        if relation.source.name != model.name && !made_with_it {
            out.push(foreign_key_sql(
                catalogue,
                &relation.source,
                &relation.field,
            )?);
        }
    }
    Ok(out)
}

/// `DROP TABLE .. CASCADE`
pub fn delete_model(model: &Model) -> Sql {
    Sql::raw(format!("DROP TABLE {} CASCADE", quote(&model.db_table)))
}

/// One column with its own constraints.
fn column_sql(catalogue: &Catalogue, field: &FieldRef) -> String {
    let mut out = format!(
        "{} {} {}",
        quote(&field.column),
        db_type(field, catalogue),
        if field.null { "NULL" } else { "NOT NULL" }
    );
    if field.primary_key {
        out.push_str(" PRIMARY KEY");
    } else if field.unique {
        out.push_str(" UNIQUE");
    }
    if matches!(
        field.kind,
        FieldKind::PositiveInteger
            | FieldKind::PositiveSmallInteger
            | FieldKind::PositiveBigInteger
    ) {
        out.push_str(&format!(" CHECK ({} >= 0)", quote(&field.column)));
    }
    if field.kind.is_auto() {
        out.push_str(" GENERATED BY DEFAULT AS IDENTITY");
    }
    out
}

fn foreign_key_sql(catalogue: &Catalogue, model: &Model, field: &FieldRef) -> Result<Sql> {
    let target = target_field(field, catalogue);
    let other = target
        .as_ref()
        .and_then(|target| catalogue.model(&target.model));
    let (Some(target), Some(other)) = (target, other) else {
        return Err(OrmError::field(format!(
            "Field '{}' points at a model that is not defined.",
            field.name
        )));
    };
    let name = index_name(
        &model.db_table,
        &[&field.column],
        &format!("_fk_{}_{}", other.db_table, target.column),
    );
    Ok(Sql::raw(format!(
        "ALTER TABLE {} ADD CONSTRAINT {} FOREIGN KEY ({}) REFERENCES {} ({}) DEFERRABLE \
         INITIALLY DEFERRED",
        quote(&model.db_table),
        quote(&name),
        quote(&field.column),
        quote(&other.db_table),
        quote(&target.column)
    )))
}

fn index_sql(model: &Model, name: &str, columns: &str) -> Definition {
    Definition::Index(Sql::raw(format!(
        "CREATE INDEX {} ON {} ({columns})",
        quote(name),
        quote(&model.db_table)
    )))
}

/// The columns of fields.
fn columns_of(model: &Model, names: &[String]) -> Result<Vec<String>> {
    names
        .iter()
        .map(|name| {
            model
                .field(name)
                .map(|field| field.column.clone())
                .ok_or_else(|| super::compiler::no_field(model, name))
        })
        .collect()
}

fn quoted(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| quote(name)).collect();
    names.join(", ")
}

/// A condition over the columns of one row.
fn check_sql(
    catalogue: &Arc<Catalogue>,
    model: &Arc<Model>,
    condition: &Condition,
) -> Result<String> {
    let mut query = Query::new(catalogue.clone(), model.clone());
    query.add_q(&condition_q(condition))?;
    let sql = condition_sql(&query)?;
    let table = format!("{}.", quote(&model.db_table));
    Ok(sql.text().replace(&table, ""))
}

/// A condition as a `Q`.
pub fn condition_q(condition: &Condition) -> Q {
    let join = |parts: &[Condition], connector: Connector| {
        parts
            .iter()
            .map(condition_q)
            .fold(Q::new(), |all, part| all.combine(part, connector))
    };
    match condition {
        Condition::Lookup { path, value } => {
            let operand = match value {
                Value::Array(items) => {
                    Operand::List(items.iter().cloned().map(Operand::value).collect())
                }
                value => Operand::value(value.clone()),
            };
            Q::lookup(path.as_str(), operand)
        }
        Condition::Fields { path, other } => Q::lookup(
            path.as_str(),
            Operand::Expr(super::expressions::f(other.as_str())),
        ),
        Condition::And(parts) => join(parts, Connector::And),
        Condition::Or(parts) => join(parts, Connector::Or),
        Condition::Not(part) => !condition_q(part),
    }
}

/// The name of an index of `Meta.indexes` that has none (Django's `Index.set_name_with_model`).
pub fn default_index_name(model: &Model, fields: &[String]) -> String {
    let mut digested = model.db_table.clone();
    let mut first = None;
    for name in fields {
        let (sign, bare) = match name.strip_prefix('-') {
            Some(bare) => ("-", bare),
            None => ("", name.as_str()),
        };
        let column = model
            .field(bare)
            .map_or(bare, |field| field.column.as_str());
        digested.push_str(sign);
        digested.push_str(column);
        first.get_or_insert(column);
    }
    digested.push_str("idx");
    let digest = md5::hex(digested.as_bytes());
    let name = format!(
        "{}_{}_{}_idx",
        head(&model.db_table, 11),
        head(first.unwrap_or_default(), 7),
        digest.get(..6).unwrap_or_default()
    );
    match name.chars().next() {
        Some(first) if first == '_' || first.is_ascii_digit() => {
            format!("D{}", name.get(1..).unwrap_or_default())
        }
        _ => name,
    }
}

/// The name of an index or key that nobody named (Django's `_create_index_name`).
fn index_name(table: &str, columns: &[&str], suffix: &str) -> String {
    const LONGEST: usize = 63;
    let mut digested = table.to_owned();
    for column in columns {
        digested.push_str(column);
    }
    let digest = md5::hex(digested.as_bytes());
    let mut end = format!("{}{suffix}", digest.get(..8).unwrap_or_default());
    let columns = columns.join("_");
    let name = format!("{table}_{columns}_{end}");
    if name.len() <= LONGEST {
        return name;
    }
    if end.len() > LONGEST / 3 {
        end = head(&end, LONGEST / 3);
    }
    let other = (LONGEST - end.len()) / 2 - 1;
    format!("{}_{}_{end}", head(table, other), head(&columns, other))
}

/// The name of a table that nobody named, short enough for the database (Django's
/// `truncate_name`).
pub fn table_name(name: String) -> String {
    const LONGEST: usize = 63;
    if name.len() <= LONGEST {
        return name;
    }
    let digest = md5::hex(name.as_bytes());
    let digest = digest.get(..4).unwrap_or_default();
    format!("{}{digest}", head(&name, LONGEST - 4))
}

/// The first letters of a name.
fn head(name: &str, letters: usize) -> String {
    name.chars().take(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::catalogue::marketplace;

    #[test]
    fn tables_are_made_as_migrate_makes_them() {
        let catalogue = Arc::new(marketplace());
        let made: Vec<String> = catalogue
            .model("Category")
            .and_then(|model| create_model(&catalogue, model).ok())
            .unwrap_or_default()
            .iter()
            .map(|definition| definition.sql().text())
            .collect();
        // As Django 6.1 writes them for this table.
        assert_eq!(
            made,
            [
                r#"CREATE TABLE "category" ("id" bigint NOT NULL PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY, "name" varchar(80) NOT NULL UNIQUE, "parent_id" bigint NULL)"#,
                r#"ALTER TABLE "category" ADD CONSTRAINT "category_parent_id_6d39ea7f_fk_category_id" FOREIGN KEY ("parent_id") REFERENCES "category" ("id") DEFERRABLE INITIALLY DEFERRED"#,
                r#"CREATE INDEX "category_name_15cb1e98_like" ON "category" ("name" varchar_pattern_ops)"#,
                r#"CREATE INDEX "category_parent_id_6d39ea7f" ON "category" ("parent_id")"#,
            ]
        );
    }
}
