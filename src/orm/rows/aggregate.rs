//! Asking for less than rows: `count()`, `exists()`, `aggregate()`, `explain()`.

use super::convert::Converters;
use super::{execute, expression};
use crate::base::Value;
use crate::orm::compiler::{Elide, select};
use crate::orm::connection::Connection;
use crate::orm::errors::{OrmError, Result};
use crate::orm::expressions::{Expr, Operand};
use crate::orm::query::Explain;
use crate::orm::queryset::{Annotation, QuerySet, default_alias, refuse_values};
use crate::orm::sql::plain;

impl QuerySet {
    /// `count()`
    ///
    /// # Errors
    /// What compiling or the database runs into.
    pub fn count(&self, connection: &mut dyn Connection) -> Result<i64> {
        let count = Expr::from(crate::orm::expressions::count(Expr::Star));
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

    pub(super) fn aggregate_row(
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
