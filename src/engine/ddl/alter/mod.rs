//! ALTER TABLE.

mod add;
mod column;
mod remove;
mod rename;

use super::constraint::{Wanted, constraint_names};
use super::name::{Named, named, table_name};
use super::{Behavior, Definer, Done, if_exists, relation_exists, unset, unsupported};
use crate::base::diagnostic::sqlstate;
use crate::base::{Code, Diagnostic, Result};
use crate::engine::catalog::Table;
use sqlparser::ast::{self, AlterTableOperation};
use std::sync::Arc;

/// The name under which a table stands while its columns change their types.
const SCRATCH: &str = "\u{1}changed";

impl Definer<'_> {
    pub(super) fn alter_table(&mut self, alter: &ast::AlterTable) -> Result<Done> {
        let ast::AlterTable {
            name,
            if_exists,
            only: _,
            operations,
            location,
            on_cluster,
            table_type,
            end_token: _,
        } = alter;
        let mut target = table_name(name)?;
        unset(location.is_some(), "LOCATION", target.span)?;
        unset(on_cluster.is_some(), "ON CLUSTER", target.span)?;
        unset(table_type.is_some(), "this kind of table", target.span)?;
        if !relation_exists(self.storage.catalog(), &target.name) && *if_exists {
            self.notice(format!(
                "relation \"{}\" does not exist, skipping",
                target.name
            ));
            return Ok(Done::command("ALTER TABLE"));
        }
        self.table(&target)?;
        let catalog = self.storage.catalog();
        if self.transaction.pending.concerns(catalog, &target.name) {
            return Err(Diagnostic::error(
                Code::new("55006"),
                format!(
                    "cannot ALTER TABLE \"{}\" because it has pending trigger events",
                    target.name
                ),
            )
            .at(target.span)
            .hint("SET CONSTRAINTS ALL IMMEDIATE checks what is pending."));
        }
        for operation in operations {
            if let Some(new) = self.alter_one(&target, operation)? {
                target.name = new;
            }
        }
        Ok(Done::command("ALTER TABLE"))
    }

    /// One action; gives the new name when it renames the table.
    fn alter_one(
        &mut self,
        target: &Named,
        operation: &AlterTableOperation,
    ) -> Result<Option<Arc<str>>> {
        match operation {
            AlterTableOperation::AddColumn {
                column_keyword: _,
                if_not_exists,
                column_def,
                column_position,
            } => {
                unset(column_position.is_some(), "FIRST and AFTER", target.span)?;
                self.add_column(target, column_def, if_exists(*if_not_exists))?;
            }
            AlterTableOperation::DropColumn {
                has_column_keyword: _,
                column_names,
                if_exists: lenient,
                drop_behavior,
            } => {
                for column in column_names {
                    let behavior = behavior(drop_behavior.as_ref());
                    self.drop_column(target, &named(column), if_exists(*lenient), behavior)?;
                }
            }
            AlterTableOperation::RenameColumn {
                old_column_name,
                new_column_name,
            } => self.rename_column(target, &named(old_column_name), &named(new_column_name))?,
            AlterTableOperation::RenameTable { table_name: kind } => {
                let (ast::RenameTableNameKind::To(new) | ast::RenameTableNameKind::As(new)) = kind;
                return self.rename_table(target, &table_name(new)?).map(Some);
            }
            AlterTableOperation::RenameConstraint { old_name, new_name } => {
                self.rename_constraint(target, &named(old_name), &named(new_name))?;
            }
            AlterTableOperation::AlterColumn { column_name, op } => {
                self.alter_column(target, &named(column_name), op)?;
            }
            AlterTableOperation::AddConstraint {
                constraint,
                not_valid,
            } => {
                unset(*not_valid, "NOT VALID", target.span)?;
                let mut table = (*self.table(target)?).clone();
                let added = self.add_constraint(&mut table, Wanted::of_table(constraint)?)?;
                self.establish(table, &[added])?;
            }
            AlterTableOperation::DropConstraint {
                if_exists: lenient,
                name,
                drop_behavior,
            } => {
                let behavior = behavior(drop_behavior.as_ref());
                self.drop_constraint(target, &named(name), if_exists(*lenient), behavior)?;
            }
            // Every constraint is valid from its start.
            AlterTableOperation::ValidateConstraint { name } => {
                let table = self.table(target)?;
                let name = named(name);
                if !constraint_names(&table).any(|known| *known == name.name) {
                    return Err(no_constraint(&table, &name));
                }
            }
            other => {
                return Err(unsupported(&format!("ALTER TABLE .. {other}"), target.span));
            }
        }
        Ok(None)
    }
}

/// A name in double quotes.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn behavior(clause: Option<&ast::DropBehavior>) -> Behavior {
    match clause {
        Some(ast::DropBehavior::Cascade) => Behavior::Cascade,
        Some(ast::DropBehavior::Restrict) | None => Behavior::Restrict,
    }
}

fn no_column(table: &Table, column: &Named) -> Box<Diagnostic> {
    Diagnostic::error(
        sqlstate::UNDEFINED_COLUMN,
        format!(
            "column \"{}\" of relation \"{}\" does not exist",
            column.name,
            table.plain_name()
        ),
    )
    .at(column.span)
}

fn column_exists(table: &Table, name: &str) -> Box<Diagnostic> {
    Diagnostic::error(
        sqlstate::DUPLICATE_COLUMN,
        format!(
            "column \"{name}\" of relation \"{}\" already exists",
            table.plain_name()
        ),
    )
}

fn no_constraint(table: &Table, name: &Named) -> Box<Diagnostic> {
    Diagnostic::error(
        sqlstate::UNDEFINED_OBJECT,
        format!(
            "constraint \"{}\" of relation \"{}\" does not exist",
            name.name,
            table.plain_name()
        ),
    )
    .at(name.span)
}
