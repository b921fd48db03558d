//! ALTER COLUMN: type, default, NOT NULL, identity.

use super::super::index::cannot_be_unique;
use super::super::name::Named;
use super::super::{Behavior, Definer, binding, unsupported};
use super::{SCRATCH, no_column, quoted};
use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Result};
use crate::engine::catalog::{Generation, Identity, Nullability, Table};
use crate::engine::write::check_all;
use crate::engine::{bind, exec, plan, statement};
use crate::sql;
use sqlparser::ast::{self, AlterColumnOperation, Statement};
use std::sync::Arc;

impl Definer<'_> {
    pub(super) fn alter_column(
        &mut self,
        target: &Named,
        column: &Named,
        operation: &AlterColumnOperation,
    ) -> Result<()> {
        let mut table = (*self.table(target)?).clone();
        let Some(place) = table.position(&column.name) else {
            return Err(no_column(&table, column));
        };
        let in_key = table
            .primary_key
            .as_ref()
            .is_some_and(|key| key.columns.contains(&place));
        let Some(definition) = table.columns.get_mut(place) else {
            return Ok(());
        };
        match operation {
            AlterColumnOperation::SetNotNull => {
                definition.nullability = Nullability::NotNull;
                let data = self.rows(&table)?;
                self.require_values(&table, &data, place)?;
            }
            AlterColumnOperation::DropNotNull => {
                if in_key {
                    return Err(Diagnostic::error(
                        sqlstate::INVALID_TABLE_DEFINITION,
                        format!("column \"{}\" is in a primary key", column.name),
                    )
                    .at(column.span));
                }
                if definition.identity.is_some() {
                    return Err(identity_column(table.plain_name(), column));
                }
                definition.nullability = Nullability::Nullable;
            }
            AlterColumnOperation::SetDefault { value } => {
                if definition.identity.is_some() {
                    return Err(identity_column(table.plain_name(), column));
                }
                definition.default = Some(self.default_text(value, &definition.ty)?);
            }
            AlterColumnOperation::DropDefault => {
                if definition.identity.is_some() {
                    return Err(identity_column(table.plain_name(), column)
                        .hint("Use ALTER TABLE ... ALTER COLUMN ... DROP IDENTITY instead."));
                }
                definition.default = None;
            }
            AlterColumnOperation::SetDataType {
                data_type,
                using,
                had_set: _,
            } => {
                let ty = bind::column_type(data_type, column.span)?;
                definition.precision = bind::time_precision(data_type);
                if let Some(generated) = self
                    .generated_reading(&Arc::new(table.clone()), place)?
                    .first()
                {
                    return Err(unsupported_type_change(column, generated));
                }
                return self.change_type(table, place, ty, using.as_ref(), column);
            }
            AlterColumnOperation::AddGenerated {
                generated_as,
                sequence_options,
            } => {
                if definition.identity.is_some() {
                    return Err(Diagnostic::error(
                        sqlstate::OBJECT_NOT_IN_PREREQUISITE_STATE,
                        format!(
                            "column \"{}\" of relation \"{}\" is already an identity column",
                            column.name,
                            table.plain_name()
                        ),
                    )
                    .at(column.span));
                }
                if definition.nullability == Nullability::Nullable {
                    return Err(Diagnostic::error(
                        sqlstate::OBJECT_NOT_IN_PREREQUISITE_STATE,
                        format!(
                            "column \"{}\" of relation \"{}\" must be declared NOT NULL before identity can be added",
                            column.name, table.plain_name()
                        ),
                    )
                    .at(column.span));
                }
                let generation = match generated_as {
                    Some(ast::GeneratedAs::Always) | None => Generation::Always,
                    Some(ast::GeneratedAs::ByDefault) => Generation::ByDefault,
                    Some(ast::GeneratedAs::ExpStored) => {
                        return Err(unsupported("a computed column", column.span));
                    }
                };
                let options = sequence_options.as_deref().unwrap_or_default();
                let current = definition.clone();
                let sequence = self.owned_sequence(&table.name, place, &current, options)?;
                if let Some(definition) = table.columns.get_mut(place) {
                    definition.identity = Some(Identity {
                        sequence: sequence.name.clone(),
                        generation,
                    });
                }
                self.put_sequence(sequence);
            }
        }
        let tables = &mut self.storage.catalog_mut().tables;
        tables.insert(table.name.clone(), Arc::new(table));
        Ok(())
    }

    /// ALTER COLUMN .. TYPE: the rows are computed as an INSERT into the changed table would, so
    /// that its assignment casts and their errors are those of every other write.
    pub(super) fn change_type(
        &mut self,
        mut table: Table,
        place: usize,
        ty: crate::base::Type,
        using: Option<&ast::Expr>,
        column: &Named,
    ) -> Result<()> {
        let before = self.storage.shared_catalog();
        let old = self.rows(&table)?;
        let name = table.name.clone();
        if let Some(definition) = table.columns.get_mut(place) {
            definition.ty = ty.clone();
            definition.identity = None;
            definition.default = None;
        }
        let mut scratch = self.storage.clone();
        let tables = &mut scratch.catalog_mut().tables;
        let mut target = Table {
            name: SCRATCH.into(),
            ..table.clone()
        };
        // Numbers and generated values are copied like all others.
        for column in &mut target.columns {
            column.identity = None;
            column.generated = None;
        }
        tables.insert(target.name.clone(), Arc::new(target.clone()));
        let selected: Vec<String> = before
            .tables
            .get(&name)
            .map(|table| table.columns.as_slice())
            .unwrap_or_default()
            .iter()
            .enumerate()
            .map(|(at, column)| match using {
                Some(using) if at == place => format!("({using})"),
                _ => quoted(&column.name),
            })
            .collect();
        let text = format!(
            "INSERT INTO {} SELECT {} FROM {}",
            quoted(SCRATCH),
            selected.join(", "),
            quoted(&name)
        );
        let insert = match sql::parse(&text)?.into_iter().next().map(|p| p.statement) {
            Some(Statement::Insert(insert)) => insert,
            _ => return Err(unsupported("this USING expression", column.span)),
        };
        let bound = bind::bind_insert(&insert, &binding(scratch.catalog(), self.eval.now)).map_err(|error| {
            let error = Diagnostic {
                span: None,
                ..*error
            };
            match error.code == sqlstate::DATATYPE_MISMATCH {
                false => Box::new(error).at(column.span),
                true => match using {
                    None => Diagnostic::error(
                        sqlstate::DATATYPE_MISMATCH,
                        format!(
                            "column \"{}\" cannot be cast automatically to type {ty}",
                            column.name
                        ),
                    )
                    .hint(format!(
                        "You might need to specify \"USING {}::{ty}\".",
                        column.name
                    )),
                    Some(_) => Diagnostic::error(
                        sqlstate::DATATYPE_MISMATCH,
                        format!(
                            "result of USING clause for column \"{}\" cannot be cast automatically to type {ty}",
                            column.name
                        ),
                    )
                    .hint("You might need to add an explicit cast."),
                }
                .at(column.span),
            }
        })?;
        let query = statement::Query {
            plan: bound.source,
            columns: bound.columns,
            fields: Vec::new(),
        };
        let query = plan::rewrite::optimize(query, &scratch)?;
        let context = exec::Context::new(&scratch, self.eval, self.budget);
        let batches = exec::run(&query, &context)?.batches;
        // Defaults and the sequence stay; a default must fit the new type.
        let catalog = before.clone();
        if let (Some(definition), Some(was)) = (
            table.columns.get_mut(place),
            catalog.tables.get(&name).and_then(|t| t.columns.get(place)),
        ) {
            definition.identity = was.identity.clone();
            definition.default = was.default.clone();
            if let Some(default) = &definition.default {
                bind::bind_default(default, &ty, &binding(&catalog, self.eval.now)).map_err(
                    |_| {
                        Diagnostic::error(
                        sqlstate::DATATYPE_MISMATCH,
                        format!(
                            "default for column \"{}\" cannot be cast automatically to type {ty}",
                            column.name
                        ),
                    )
                    .at(column.span)
                    },
                )?;
            }
        }
        let mut data = crate::engine::storage::TableData::new(&table);
        let mut rows = 0;
        for batch in &batches {
            let (_, duplicate) = data.append(&batch.columns, batch.rows)?;
            if let Some(duplicate) = duplicate {
                return Err(cannot_be_unique(&table, &data, &duplicate));
            }
            rows += batch.rows;
        }
        if rows != old.row_count() {
            return Err(unsupported("this USING expression", column.span));
        }
        for place in 0..table.columns.len() {
            self.require_values(&table, &data, place)?;
        }
        let table = Arc::new(table);
        for check in &table.checks {
            self.check_rows(&table, &data, &check.name)?;
        }
        self.storage.put_table(name.clone(), data);
        let tables = &mut self.storage.catalog_mut().tables;
        tables.insert(name, table.clone());
        for key in &table.foreign_keys {
            check_all(self.storage, &table, key)?;
        }
        let object = format!("column {} of table {}", column.name, table.plain_name());
        self.settle_views(&before, &object, Behavior::Restrict)
    }
}

/// PostgreSQL does not compute generated columns anew.
pub(super) fn unsupported_type_change(column: &Named, generated: &str) -> Box<Diagnostic> {
    Diagnostic::error(
        sqlstate::FEATURE_NOT_SUPPORTED,
        "cannot alter type of a column used by a generated column",
    )
    .at(column.span)
    .hint(format!(
        "Column \"{}\" is used by generated column \"{generated}\".",
        column.name
    ))
}

pub(super) fn identity_column(table: &str, column: &Named) -> Box<Diagnostic> {
    Diagnostic::error(
        sqlstate::SYNTAX_ERROR,
        format!(
            "column \"{}\" of relation \"{table}\" is an identity column",
            column.name
        ),
    )
    .at(column.span)
}
