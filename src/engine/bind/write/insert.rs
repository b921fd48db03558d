//! INSERT: where its rows come from.

use super::super::Binder;
use super::super::from::name_span;
use super::super::query::{Bound, Unknowns};
use super::super::refuse::{absent, empty, unset, unsupported};
use super::super::scope::{Clause, Scope, fold, ident_span};
use super::assign::{Given, Overriding, check_assignment, given_value};
use super::{Target, single};
use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Result, Span, Type};
use crate::engine::catalog::Table;
use crate::engine::expr::{CastForm, ColumnId, Expr};
use crate::engine::plan::Plan;
use crate::engine::statement::Insert;
use crate::sql::{OVERRIDING_SYSTEM_MARK, OVERRIDING_USER_MARK};
use sqlparser::ast::{self, ObjectName, OnInsert, SetExpr, TableAliasWithoutColumns, TableObject};

/// The columns an INSERT names, and what it says of identity columns.
struct Places {
    columns: Vec<usize>,
    /// Whether they were written out.
    named: bool,
    overriding: Overriding,
}

impl Binder<'_> {
    pub(in crate::engine::bind) fn insert(&mut self, insert: &ast::Insert) -> Result<Insert> {
        let ast::Insert {
            insert_token,
            optimizer_hints: _, // Comments; the dialect makes none.
            or,
            ignore,
            into,
            table,
            table_alias,
            columns,
            overwrite,
            source,
            assignments,
            partitioned,
            after_columns,
            has_table_keyword,
            on,
            returning,
            output,
            replace_into,
            priority,
            insert_alias,
            settings,
            format_clause,
            multi_table_insert_type,
            multi_table_into_clauses,
            multi_table_when_clauses,
            multi_table_else_clause,
        } = insert;
        let span = crate::sql::span_of(insert_token.0.span);
        absent(or.as_ref(), "INSERT OR", span)?;
        unset(*ignore, "INSERT IGNORE", span)
            .map_err(|error| error.hint("Write ON CONFLICT DO NOTHING."))?;
        unset(*overwrite, "INSERT OVERWRITE", span)?;
        empty(assignments, "INSERT ... SET", span)?;
        absent(partitioned.as_ref(), "PARTITION", span)?;
        empty(after_columns, "columns behind PARTITION", span)?;
        unset(*has_table_keyword, "INSERT INTO TABLE", span)?;
        absent(output.as_ref(), "OUTPUT", span)?;
        unset(*replace_into, "REPLACE INTO", span)?;
        absent(priority.as_ref(), "a priority of INSERT", span)?;
        absent(insert_alias.as_ref(), "an alias behind VALUES", span)?;
        absent(settings.as_ref(), "SETTINGS", span)?;
        absent(format_clause.as_ref(), "FORMAT", span)?;
        absent(multi_table_insert_type.as_ref(), "INSERT ALL", span)?;
        empty(multi_table_into_clauses, "INSERT ALL", span)?;
        empty(multi_table_when_clauses, "INSERT ALL", span)?;
        absent(multi_table_else_clause.as_ref(), "INSERT ALL", span)?;
        let name = match table {
            TableObject::TableName(name) => name,
            TableObject::TableFunction(_) => {
                return Err(unsupported("INSERT INTO FUNCTION", span));
            }
            TableObject::TableQuery(_) => return Err(unsupported("INSERT INTO (query)", span)),
        };
        let alias = table_alias.as_ref().map(|alias| {
            let TableAliasWithoutColumns { explicit: _, alias } = alias;
            alias
        });
        if !*into {
            return Err(Diagnostic::error(
                sqlstate::SYNTAX_ERROR,
                format!("syntax error at or near \"{name}\""),
            )
            .at(name_span(name))
            .hint("Write INSERT INTO."));
        }
        let target = self.write_target(name, alias)?;
        let table = target.table.clone();
        let (columns, overriding) = overriding(columns);
        let places = Places {
            columns: self.insert_columns(&target, columns)?,
            named: !columns.is_empty(),
            overriding,
        };
        let (source, ids) = match source {
            None => self.default_row(&table)?,
            Some(query) => self.insert_source(&table, &places, query, span)?,
        };
        let on_conflict = match on {
            None => None,
            Some(OnInsert::OnConflict(conflict)) => Some(self.on_conflict(&target, conflict)?),
            Some(OnInsert::DuplicateKeyUpdate(_)) => {
                return Err(unsupported("ON DUPLICATE KEY UPDATE", span)
                    .hint("Write ON CONFLICT (key) DO UPDATE SET ..."));
            }
            // The enum is open; what it may grow is not known here.
            Some(other) => return Err(unsupported(other.to_string(), span)),
        };
        let returning = self.returning(&target, Vec::new(), returning.as_deref())?;
        Ok(Insert {
            table: table.name.clone(),
            source,
            columns: ids,
            on_conflict,
            returning,
        })
    }

    fn insert_columns(&mut self, target: &Target, names: &[ObjectName]) -> Result<Vec<usize>> {
        if names.is_empty() {
            return Ok(match &target.view {
                Some(view) => view.places(),
                None => (0..target.table.columns.len()).collect(),
            });
        }
        let mut places = Vec::with_capacity(names.len());
        for name in names {
            let ident = single(name)?;
            let place = self.target_column(target, ident)?;
            if places.contains(&place) {
                return Err(Diagnostic::error(
                    sqlstate::DUPLICATE_COLUMN,
                    format!("column \"{}\" specified more than once", fold(ident)),
                )
                .at(ident_span(ident)));
            }
            places.push(place);
        }
        Ok(places)
    }

    /// `DEFAULT VALUES`
    fn default_row(&mut self, table: &Table) -> Result<(Plan, Vec<ColumnId>)> {
        let mut row = Vec::with_capacity(table.columns.len());
        for column in &table.columns {
            row.push(self.column_default(column)?);
        }
        Ok(self.rows(table, vec![row]))
    }

    fn rows(&mut self, table: &Table, rows: Vec<Vec<Expr>>) -> (Plan, Vec<ColumnId>) {
        let columns: Vec<(ColumnId, Type)> = table
            .columns
            .iter()
            .map(|column| (self.fresh(), column.ty.clone()))
            .collect();
        let ids = columns.iter().map(|(id, _)| *id).collect();
        (Plan::Values { columns, rows }, ids)
    }

    fn insert_source(
        &mut self,
        table: &Table,
        places: &Places,
        query: &ast::Query,
        span: Option<Span>,
    ) -> Result<(Plan, Vec<ColumnId>)> {
        let counted = |given: usize, span: Option<Span>| {
            if given > places.columns.len() {
                return Err(Diagnostic::error(
                    sqlstate::SYNTAX_ERROR,
                    "INSERT has more expressions than target columns",
                )
                .at(span));
            }
            if places.named && given < places.columns.len() {
                return Err(Diagnostic::error(
                    sqlstate::SYNTAX_ERROR,
                    "INSERT has more target columns than expressions",
                )
                .at(span));
            }
            Ok(())
        };
        // Literal rows take the columns' types one by one; DEFAULT may stand in them.
        if let SetExpr::Values(values) = &*query.body
            && query.with.is_none()
            && query.order_by.is_none()
            && query.limit_clause.is_none()
            && query.fetch.is_none()
            && !values.explicit_row
            && !values.value_keyword
        {
            self.scopes.push(Scope {
                clause: Clause::Values,
                ..Scope::default()
            });
            let mut rows = Vec::with_capacity(values.rows.len());
            let width = values.rows.first().map_or(0, |row| row.content.len());
            let mut defaults: Vec<Option<Expr>> = vec![None; table.columns.len()];
            for row in &values.rows {
                let span = crate::sql::span_of(row.opening_token.0.span);
                if row.content.len() != width {
                    self.scopes.pop();
                    return Err(Diagnostic::error(
                        sqlstate::SYNTAX_ERROR,
                        "VALUES lists must all be the same length",
                    )
                    .at(span));
                }
                let bound = counted(row.content.len(), span)
                    .and_then(|()| self.insert_row(table, places, &row.content, &mut defaults));
                match bound {
                    Ok(row) => rows.push(row),
                    Err(error) => {
                        self.scopes.pop();
                        return Err(error);
                    }
                }
            }
            self.scopes.pop();
            return Ok(self.rows(table, rows));
        }
        let mut bound = self.query(query, Unknowns::Keep)?;
        counted(bound.columns.len(), bound.span.or(span))?;
        self.assignable(table, places, &mut bound)?;
        let mut columns = Vec::with_capacity(table.columns.len());
        let mut ids = Vec::with_capacity(table.columns.len());
        for (place, column) in table.columns.iter().enumerate() {
            let given = places
                .columns
                .iter()
                .position(|known| *known == place)
                .and_then(|at| bound.columns.get(at));
            let id = self.fresh();
            let expr = match given {
                Some(output) if places.overriding.takes(column, bound.span)? => {
                    let expr = Expr::column(output.id, output.ty.clone());
                    self.to_precision(expr, column.precision)?
                }
                Some(_) | None => self.column_default(column)?,
            };
            columns.push((id, expr));
            ids.push(id);
        }
        Ok((
            Plan::Project {
                input: Box::new(bound.plan),
                columns,
            },
            ids,
        ))
    }

    /// Checks that a query's columns may be assigned to a table's, and converts them.
    fn assignable(&mut self, table: &Table, places: &Places, bound: &mut Bound) -> Result<()> {
        let mut wanted = Vec::with_capacity(bound.columns.len());
        for (output, place) in bound.columns.iter().zip(&places.columns) {
            let Some(column) = table.columns.get(*place) else {
                continue;
            };
            check_assignment(&output.ty, column, bound.span)?;
            wanted.push(column.ty.clone());
        }
        self.bring_to(bound, &wanted, CastForm::Assignment)
    }

    fn insert_row(
        &mut self,
        table: &Table,
        places: &Places,
        given: &[ast::Expr],
        defaults: &mut [Option<Expr>],
    ) -> Result<Vec<Expr>> {
        let mut row = Vec::with_capacity(table.columns.len());
        for (place, column) in table.columns.iter().enumerate() {
            let at = if places.columns.get(place) == Some(&place) {
                Some(place)
            } else {
                places.columns.iter().position(|known| *known == place)
            };
            let expr = at.and_then(|at| given.get(at));
            let bound = match expr.map(given_value) {
                Some(Given::Expr(expr)) => {
                    let bound = self.expr(expr)?;
                    match places.overriding.takes(column, bound.span)? {
                        true => Some(self.assign(bound, column)?),
                        false => None,
                    }
                }
                Some(Given::Default) | None => None,
            };
            match bound {
                Some(bound) => row.push(bound),
                None => {
                    let known = defaults.get(place).cloned().flatten();
                    row.push(match known {
                        Some(known) => known,
                        None => {
                            let default = self.column_default(column)?;
                            if let Some(slot) = defaults.get_mut(place) {
                                *slot = Some(default.clone());
                            }
                            default
                        }
                    });
                }
            }
        }
        Ok(row)
    }
}

/// The columns that are really named, and what OVERRIDING says: its mark is the last of them.
fn overriding(columns: &[ObjectName]) -> (&[ObjectName], Overriding) {
    if let Some((last, rest)) = columns.split_last()
        && let [ast::ObjectNamePart::Identifier(ident)] = last.0.as_slice()
    {
        match ident.value.as_str() {
            OVERRIDING_SYSTEM_MARK => return (rest, Overriding::System),
            OVERRIDING_USER_MARK => return (rest, Overriding::User),
            _ => {}
        }
    }
    (columns, Overriding::Nothing)
}
