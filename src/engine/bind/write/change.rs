//! UPDATE and DELETE.

use super::super::Binder;
use super::super::from::name_span;
use super::super::refuse::{absent, empty, unsupported};
use super::super::scope::{Clause, Scope};
use super::super::select::conjuncts;
use super::Target;
use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Result, Type};
use crate::engine::expr::{ColumnId, Expr};
use crate::engine::plan::{JoinKind, Plan, Scan, ScanColumn};
use crate::engine::statement::{Delete, Update};
use sqlparser::ast::{self, FromTable, TableFactor, TableWithJoins, UpdateTableFromKind};

impl Binder<'_> {
    /// Reads the rows that may be written: all columns and the row's number.
    fn target_scan(&mut self, target: &Target) -> Result<(Plan, ColumnId, Vec<ColumnId>)> {
        let (item, ids) = self.row_item(target, target.alias.clone());
        self.add_item(item, target.span)?;
        let row_id = self.fresh();
        let mut columns: Vec<(ColumnId, ScanColumn, Type)> = target
            .table
            .columns
            .iter()
            .zip(&ids)
            .enumerate()
            .map(|(place, (column, id))| (*id, ScanColumn::Stored(place), column.ty.clone()))
            .collect();
        columns.push((row_id, ScanColumn::RowId, Type::BigInt));
        let scan = Plan::Scan(Scan {
            table: target.table.name.clone(),
            alias: target.alias.clone(),
            columns,
            predicates: Vec::new(),
        });
        let shown = self.view_conditions(target, &ids)?;
        Ok((scan.filter(shown), row_id, ids))
    }

    pub(in crate::engine::bind) fn update(&mut self, update: &ast::Update) -> Result<Update> {
        self.scopes.push(Scope::default());
        let bound = self.update_in_scope(update);
        self.scopes.pop();
        bound
    }

    fn update_in_scope(&mut self, update: &ast::Update) -> Result<Update> {
        let ast::Update {
            update_token,
            optimizer_hints: _, // Comments; the dialect makes none.
            table,
            assignments,
            from,
            selection,
            returning,
            output,
            or,
            order_by,
            limit,
        } = update;
        let span = crate::sql::span_of(update_token.0.span);
        absent(output.as_ref(), "OUTPUT", span)?;
        absent(or.as_ref(), "UPDATE OR", span)?;
        empty(order_by, "UPDATE with ORDER BY", span)?;
        absent(limit.as_ref(), "UPDATE with LIMIT", span)?;
        let target = self.single_table(table, "UPDATE")?;
        let (mut plan, row_id, _) = self.target_scan(&target)?;
        match from {
            None => {}
            Some(UpdateTableFromKind::AfterSet(tables)) => {
                let right = self.from(tables)?;
                plan = Plan::join(JoinKind::Inner, plan, right, Vec::new());
            }
            Some(UpdateTableFromKind::BeforeSet(_)) => {
                return Err(unsupported("UPDATE ... FROM before SET", span));
            }
        }
        let table = target.table.clone();
        let values = self.within(Clause::UpdateSet, |binder| {
            binder.assignments(&target, assignments)
        })?;
        if let Some(condition) = selection {
            let condition = self.within(Clause::Where, |binder| binder.expr(condition))?;
            let condition = self.boolean(condition, "WHERE")?;
            plan = plan.filter(conjuncts(condition));
        }
        let passed = self.foreign_columns(returning.as_deref());
        let mut columns: Vec<(ColumnId, Expr)> = vec![(row_id, Expr::column(row_id, Type::BigInt))];
        let mut assigned = Vec::with_capacity(values.len());
        for (place, expr) in values {
            let id = self.fresh();
            columns.push((id, expr));
            assigned.push((place, id));
        }
        for named in &passed {
            columns.push((named.id, Expr::column(named.id, named.ty.clone())));
        }
        let source = Plan::Project {
            input: Box::new(plan),
            columns,
        };
        let others = self.foreign_items();
        let returning = self.returning(&target, others, returning.as_deref())?;
        Ok(Update {
            table: table.name.clone(),
            source,
            row_id,
            assignments: assigned,
            returning,
        })
    }

    pub(in crate::engine::bind) fn delete(&mut self, delete: &ast::Delete) -> Result<Delete> {
        self.scopes.push(Scope::default());
        let bound = self.delete_in_scope(delete);
        self.scopes.pop();
        bound
    }

    fn delete_in_scope(&mut self, delete: &ast::Delete) -> Result<Delete> {
        let ast::Delete {
            delete_token,
            optimizer_hints: _, // Comments; the dialect makes none.
            tables,
            from,
            using,
            selection,
            returning,
            output,
            order_by,
            limit,
        } = delete;
        let span = crate::sql::span_of(delete_token.0.span);
        empty(tables, "DELETE of several tables", span)?;
        absent(output.as_ref(), "OUTPUT", span)?;
        empty(order_by, "DELETE with ORDER BY", span)?;
        absent(limit.as_ref(), "DELETE with LIMIT", span)?;
        let from = match from {
            FromTable::WithFromKeyword(tables) => tables,
            FromTable::WithoutKeyword(_) => {
                return Err(Diagnostic::error(
                    sqlstate::SYNTAX_ERROR,
                    "DELETE needs FROM before the table",
                )
                .at(span));
            }
        };
        let [table] = from.as_slice() else {
            return Err(unsupported("DELETE from several tables", span).hint("Write USING."));
        };
        let target = self.single_table(table, "DELETE")?;
        let (mut plan, row_id, _) = self.target_scan(&target)?;
        if let Some(tables) = using {
            let right = self.from(tables)?;
            plan = Plan::join(JoinKind::Inner, plan, right, Vec::new());
        }
        if let Some(condition) = selection {
            let condition = self.within(Clause::Where, |binder| binder.expr(condition))?;
            let condition = self.boolean(condition, "WHERE")?;
            plan = plan.filter(conjuncts(condition));
        }
        let passed = self.foreign_columns(returning.as_deref());
        let mut columns: Vec<(ColumnId, Expr)> = vec![(row_id, Expr::column(row_id, Type::BigInt))];
        for named in &passed {
            columns.push((named.id, Expr::column(named.id, named.ty.clone())));
        }
        let source = Plan::Project {
            input: Box::new(plan),
            columns,
        };
        let others = self.foreign_items();
        let returning = self.returning(&target, others, returning.as_deref())?;
        Ok(Delete {
            table: target.table.name.clone(),
            source,
            row_id,
            returning,
        })
    }

    /// The one table that UPDATE or DELETE names.
    fn single_table(&mut self, tables: &TableWithJoins, word: &str) -> Result<Target> {
        let TableWithJoins { relation, joins } = tables;
        let TableFactor::Table {
            name,
            alias,
            args: None,
            with_hints,
            version: None,
            with_ordinality: false,
            partitions,
            json_path: None,
            sample: None,
            index_hints,
        } = relation
        else {
            return Err(unsupported(format!("{word} of this"), None));
        };
        let span = name_span(name);
        empty(joins, &format!("{word} of a join"), span)?;
        empty(with_hints, "WITH (hints)", span)?;
        empty(partitions, "PARTITION", span)?;
        empty(index_hints, "an index hint", span)?;
        if let Some(alias) = alias {
            empty(&alias.columns, "column names behind an alias", span)?;
        }
        self.write_target(name, alias.as_ref().map(|alias| &alias.name))
    }
}
