//! `raw()`: the rows of a statement that a person wrote, as instances.

use super::connection::Connection;
use super::errors::{ExceptionClass, OrmError, Result};
use super::expressions::Operand;
use super::instance::{Attribute, Instance};
use super::prefetch::{Prefetch, prefetch_related_objects};
use super::rows::execute;
use super::sql::Sql;
use crate::base::Value;
use crate::market::catalogue::{Catalogue, Model};
use std::sync::Arc;

/// The parameters of a statement that a person wrote.
#[derive(Clone, Debug)]
pub enum Params {
    /// None at all: `%` is a letter like any other.
    Absent,
    /// For `%s`, in order.
    Positional(Vec<Value>),
    /// For `%(name)s`.
    Named(Vec<(String, Value)>),
}

/// A statement with its parameters, as psycopg puts them together.
///
/// # Errors
/// `ProgrammingError` for placeholders that no parameter fits.
pub fn bind(sql: &str, params: &Params) -> Result<Sql> {
    let refused = |text: String| OrmError::new(ExceptionClass::ProgrammingError, text);
    if matches!(params, Params::Absent) {
        return Ok(Sql::raw(sql.replace('%', "%%")));
    }
    let mut out = Sql::raw("");
    let mut count = 0_usize;
    let mut rest = sql;
    while let Some(at) = rest.find('%') {
        out.push(rest.get(..at).unwrap_or_default());
        rest = rest.get(at + 1..).unwrap_or_default();
        let mut letters = rest.chars();
        match (letters.next(), params) {
            (Some('%'), _) => {
                out.push("%%");
                rest = letters.as_str();
            }
            (Some('s' | 'b' | 't'), Params::Positional(values)) => {
                if let Some(value) = values.get(count) {
                    out.append(Sql::param(value.clone()));
                }
                count += 1;
                rest = letters.as_str();
            }
            (Some('('), Params::Named(values)) => {
                let inner = letters.as_str();
                let closed = inner.find(')').filter(|&end| {
                    inner
                        .get(end + 1..)
                        .is_some_and(|after| after.starts_with(['s', 'b', 't']))
                });
                let Some(end) = closed else {
                    let word = rest.split_whitespace().next().unwrap_or_default();
                    return Err(refused(format!("incomplete placeholder: '%{word}'")));
                };
                let name = inner.get(..end).unwrap_or_default();
                match values.iter().find(|(known, _)| known == name) {
                    Some((_, value)) => out.append(Sql::param(value.clone())),
                    None => return Err(refused(format!("query parameter missing: {name}"))),
                }
                rest = inner.get(end + 2..).unwrap_or_default();
            }
            (Some('s' | 'b' | 't'), _) | (Some('('), _) => {
                let text = match params {
                    Params::Named(_) => "positional and named placeholders cannot be mixed",
                    Params::Positional(_) | Params::Absent => {
                        "query parameters should be a mapping"
                    }
                };
                return Err(refused(text.to_owned()));
            }
            (Some(' ') | None, _) => {
                return Err(refused(
                    "incomplete placeholder: '%'; if you want to use '%' as an operator you can \
                     double it up, i.e. use '%%'"
                        .to_owned(),
                ));
            }
            (Some(other), _) => {
                return Err(refused(format!(
                    "only '%s', '%b', '%t' are allowed as placeholders, got '%{other}'"
                )));
            }
        }
    }
    out.push(rest);
    if let Params::Positional(values) = params
        && values.len() != count
    {
        return Err(refused(format!(
            "the query has {count} placeholders but {} parameters were passed",
            values.len(),
        )));
    }
    Ok(out)
}

/// As [`bind`]; a statement that is refused is noted as one that ran, as Django notes it.
///
/// # Errors
/// As [`bind`].
pub fn bind_for(connection: &mut dyn Connection, sql: &str, params: &Params) -> Result<Sql> {
    let bound = bind(sql, params);
    if bound.is_err() {
        connection.note_refused(&Sql::raw(sql.replace('%', "%%")));
    }
    bound
}

/// What `raw()` gives: a statement, and how its columns become instances.
#[derive(Clone, Debug)]
pub struct RawQuerySet {
    catalogue: Arc<Catalogue>,
    model: Arc<Model>,
    sql: String,
    params: Params,
    /// Columns of the statement that fill a field of another column.
    translations: Vec<(String, String)>,
    prefetch: Vec<Prefetch>,
}

impl RawQuerySet {
    /// `Model.objects.raw(sql, params, translations)`
    pub fn new(
        catalogue: Arc<Catalogue>,
        model: Arc<Model>,
        sql: String,
        params: Params,
        translations: Vec<(String, String)>,
    ) -> Self {
        Self {
            catalogue,
            model,
            sql,
            params,
            translations,
            prefetch: Vec::new(),
        }
    }

    /// The model of the rows.
    pub fn model(&self) -> &Arc<Model> {
        &self.model
    }

    /// The same with lookups to prefetch.
    #[must_use]
    pub fn prefetch_related(&self, lookups: Vec<Prefetch>) -> Self {
        let mut copy = self.clone();
        copy.prefetch.extend(lookups);
        copy
    }

    /// The statement with its parameters, for people.
    pub fn text(&self) -> String {
        match bind(&self.sql, &self.params) {
            Ok(sql) => sql.printed(),
            Err(_) => self.sql.clone(),
        }
    }

    /// Runs the statement: the names of its columns, and its rows as instances. What no field
    /// takes becomes an attribute; fields without a column are deferred.
    ///
    /// # Errors
    /// What the database says; `FieldDoesNotExist` without the primary key.
    pub fn fetch(&self, connection: &mut dyn Connection) -> Result<(Vec<String>, Vec<Instance>)> {
        let sql = bind_for(connection, &self.sql, &self.params)?;
        let Some(found) = execute(connection, &sql)?.rows else {
            return Err(OrmError::new(
                ExceptionClass::ProgrammingError,
                "the last operation didn't produce records",
            ));
        };
        let names: Vec<String> = found
            .fields
            .iter()
            .map(|field| field.name.to_string())
            .collect();
        let columns: Vec<&str> = names
            .iter()
            .map(|name| {
                let translated = self.translations.iter().find(|(from, _)| from == name);
                translated.map_or(name.as_str(), |(_, to)| to.as_str())
            })
            .collect();
        let place = |column: &str| columns.iter().position(|known| *known == column);
        let fields = self.model.fields.iter();
        let fields: Vec<_> = fields
            .filter_map(|field| Some((field.attname(), place(&field.column)?)))
            .collect();
        let key = self.model.primary_key().map_or("id", |key| &key.column);
        if place(key).is_none() {
            return Err(OrmError::new(
                ExceptionClass::FieldDoesNotExist,
                "Raw query must include the primary key",
            ));
        }
        let taken = |column: &str| self.model.fields.iter().any(|field| field.column == column);
        let mut instances = Vec::new();
        for row in found.rows(0) {
            let row: Vec<Value> = row;
            let instance = Instance::bare(self.model.clone());
            instance.change(|state| {
                state.adding = false;
                for (attname, at) in &fields {
                    let value = row.get(*at).cloned().unwrap_or(Value::Null);
                    state.values.insert(*attname, Operand::value(value));
                }
                for (column, value) in columns.iter().zip(&row) {
                    if !taken(column) {
                        state
                            .annotations
                            .insert(*column, Attribute::Value(value.clone()));
                    }
                }
            });
            instances.push(instance);
        }
        if !self.prefetch.is_empty() {
            let lookups = self.prefetch.clone();
            prefetch_related_objects(connection, &self.catalogue, &instances, lookups)?;
        }
        Ok((columns.into_iter().map(str::to_owned).collect(), instances))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bound(sql: &str, params: Params) -> std::result::Result<String, String> {
        match bind(sql, &params) {
            Ok(sql) => Ok(sql.text()),
            Err(error) => Err(error.message),
        }
    }

    #[test]
    fn placeholders_are_filled_as_psycopg_fills_them() {
        let five = || Params::Positional(vec![Value::Int(5)]);
        assert_eq!(bound("a < %s", five()).as_deref(), Ok("a < 5"));
        assert_eq!(
            bound("a LIKE 'x%%' OR a < %s", five()).as_deref(),
            Ok("a LIKE 'x%' OR a < 5")
        );
        assert_eq!(
            bound("a LIKE 'x%'", Params::Absent).as_deref(),
            Ok("a LIKE 'x%'")
        );
        let named = Params::Named(vec![("n".to_owned(), Value::text("it's"))]);
        assert_eq!(
            bound("a = %(n)s", named.clone()).as_deref(),
            Ok("a = 'it''s'")
        );
        assert!(bound("a = %(m)s", named).is_err());
        assert!(bound("a < %s AND b < %s", five()).is_err());
        assert!(bound("a LIKE '%x'", five()).is_err());
    }
}
