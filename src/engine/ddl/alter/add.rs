//! ADD COLUMN, and what the rows that are there must satisfy.

use super::super::column::Defined;
use super::super::constraint::Added;
use super::super::index::cannot_be_unique;
use super::super::name::Named;
use super::super::rows::{live, reshape};
use super::super::{Definer, Existence, binding};
use super::column_exists;
use crate::base::diagnostic::sqlstate;
use crate::base::{Batch, Diagnostic, Result};
use crate::engine::bind;
use crate::engine::catalog::{Identity, Nullability, Table, Uniqueness};
use crate::engine::eval::{Compiled, Layout};
use crate::engine::glue::{self, Prepared};
use crate::engine::write::{check_all, check_key};
use crate::sql;
use sqlparser::ast;
use std::sync::Arc;

impl Definer<'_> {
    pub(super) fn add_column(
        &mut self,
        target: &Named,
        definition: &ast::ColumnDef,
        existence: Existence,
    ) -> Result<()> {
        let mut table = (*self.table(target)?).clone();
        let name = super::super::fold(&definition.name);
        if table.position(&name).is_some() {
            if existence == Existence::Optional {
                self.notice(format!(
                    "column \"{name}\" of relation \"{}\" already exists, skipping",
                    table.plain_name()
                ));
                return Ok(());
            }
            return Err(column_exists(&table, &name).at(sql::span_of(definition.name.span)));
        }
        let place = table.columns.len();
        let Defined {
            column,
            constraints,
            sequence,
        } = self.column(&table.name, place, definition)?;
        let filling: Option<Arc<str>> = match (&column.identity, &column.default) {
            (Some(Identity { sequence, .. }), _) => {
                Some(format!("nextval('\"{}\"')", sequence.replace('\'', "''")).into())
            }
            (None, default) => default.clone(),
        };
        let ty = column.ty.clone();
        let generated = column.generated.clone();
        table.columns.push(column);
        self.check_generated(&table)?;
        if let Some(sequence) = sequence {
            self.put_sequence(sequence);
        }
        let old = self.rows(&table)?;
        let catalog = self.storage.shared_catalog();
        let filling = match filling {
            // The sequence is new, so the numbers are given here.
            Some(text) => {
                let bound = bind::bind_default(&text, &ty, &binding(&catalog, self.eval.now))?;
                Some(Compiled::new(&bound, &Layout::default(), &self.eval)?)
            }
            None => None,
        };
        let generated = match generated {
            Some(text) => {
                let shared = Arc::new(table.clone());
                let binding = binding(&catalog, self.eval.now);
                let (expr, ids) = bind::bind_generated(&text, &shared, &ty, &binding)?;
                Some(Compiled::new(&expr, &Layout::new(ids), &self.eval)?)
            }
            None => None,
        };
        let eval = self.eval;
        let data = reshape(&old, &table, |batch| {
            let Batch { mut columns, rows } = batch;
            let none = Batch {
                columns: Vec::new(),
                rows,
            };
            columns.push(match &filling {
                Some(filling) => filling.evaluate(&none, &eval)?,
                None => {
                    let nulls = vec![crate::base::Value::Null; rows];
                    Arc::new(crate::engine::storage::column_of(&ty, &nulls)?)
                }
            });
            if let Some(generated) = &generated {
                let whole = Batch { columns, rows };
                let column = generated.evaluate(&whole, &eval)?;
                columns = whole.columns;
                columns.pop();
                columns.push(column);
            }
            Ok(columns)
        })?;
        let prepared = Prepared {
            table: table.clone(),
            data,
        };
        glue::add_column(self.storage, prepared)?;
        let mut added = Vec::new();
        for wanted in constraints {
            added.push(self.add_constraint(&mut table, wanted)?);
        }
        self.establish(table, &added)
    }

    /// Puts a definition in place whose constraints have changed, and makes sure that the rows
    /// that are there keep to it.
    pub(super) fn establish(&mut self, table: Table, added: &[Added]) -> Result<()> {
        let old = self.rows(&table)?;
        for column in 0..table.columns.len() {
            self.require_values(&table, &old, column)?;
        }
        let mut data = reshape(&old, &table, |batch| Ok(batch.columns))?;
        for added in added {
            if let Added::Key(name) = added {
                data.drop_index(name);
                let key = table.unique_keys().find(|key| key.name == *name);
                let columns = key.map(|key| key.columns.clone()).unwrap_or_default();
                let duplicate = data.add_index(name.clone(), columns, Uniqueness::Unique);
                if let Some(duplicate) = duplicate {
                    return Err(cannot_be_unique(&table, &data, &duplicate));
                }
            }
        }
        // The primary key's index comes first again.
        data = reshape(&data, &table, |batch| Ok(batch.columns))?;
        let table = Arc::new(table);
        for added in added {
            if let Added::Check(name) = added {
                self.check_rows(&table, &data, name)?;
            }
        }
        self.storage.put_table(table.name.clone(), data);
        let tables = &mut self.storage.catalog_mut().tables;
        tables.insert(table.name.clone(), table.clone());
        for added in added {
            if let Added::ForeignKey(name) = added
                && let Some(key) = table.foreign_keys.iter().find(|key| key.name == *name)
            {
                check_all(self.storage, &table, key)?;
            }
            if let Added::DeferrableKey(name) = added
                && let Some(key) = table.deferrable_keys.iter().find(|key| key.name == *name)
            {
                check_key(self.storage, &table, key)?;
            }
        }
        Ok(())
    }

    /// A NOT NULL column must have values in the rows that are there.
    pub(super) fn require_values(
        &self,
        table: &Table,
        data: &crate::engine::storage::TableData,
        place: usize,
    ) -> Result<()> {
        let Some(column) = table.columns.get(place) else {
            return Ok(());
        };
        if column.nullability == Nullability::Nullable {
            return Ok(());
        }
        let missing = live(data).iter().any(|batch| {
            let values = batch.columns.get(place);
            values.is_some_and(|values| (0..batch.rows).any(|row| values.is_null(row)))
        });
        match missing {
            false => Ok(()),
            true => Err(Diagnostic::error(
                sqlstate::NOT_NULL_VIOLATION,
                format!(
                    "column \"{}\" of relation \"{}\" contains null values",
                    column.name,
                    table.plain_name()
                ),
            )),
        }
    }

    /// A check must hold for the rows that are there.
    pub(super) fn check_rows(
        &self,
        table: &Arc<Table>,
        data: &crate::engine::storage::TableData,
        name: &str,
    ) -> Result<()> {
        let Some(check) = table.checks.iter().find(|check| &*check.name == name) else {
            return Ok(());
        };
        let catalog = self.storage.shared_catalog();
        let (condition, columns) =
            bind::bind_check(&check.condition, table, &binding(&catalog, self.eval.now))?;
        let compiled = Compiled::new(&condition, &Layout::new(columns), &self.eval)?;
        for batch in live(data) {
            let held = compiled.evaluate(&batch, &self.eval)?;
            let broken = (0..batch.rows).any(|row| {
                let value = held.value(row, compiled.ty());
                matches!(value, crate::base::Value::Bool(false))
            });
            if broken {
                return Err(Diagnostic::error(
                    sqlstate::CHECK_VIOLATION,
                    format!(
                        "check constraint \"{name}\" of relation \"{}\" is violated by some row",
                        table.plain_name()
                    ),
                ));
            }
        }
        Ok(())
    }
}
