//! INSERT, UPDATE and DELETE, and the expressions that live in the catalogue.

use super::Binder;
use super::from::{name_span, relation_name};
use super::query::{Bound, Output, Unknowns};
use super::refuse::{absent, empty, unset, unsupported};
use super::scope::{Bare, Clause, Columns, Item, Named, Scope, fold, ident_span};
use super::select::conjuncts;
use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Field, Result, Span, Type, Value};
use crate::engine::catalog::{Column, Generation, Table, Uniqueness};
use crate::engine::expr::{CastForm, ColumnId, Expr, ExprKind};
use crate::engine::plan::{JoinKind, Plan, Scan, ScanColumn};
use crate::engine::statement::{ConflictAction, Delete, Insert, OnConflict, Returning, Update};
use crate::engine::types;
use sqlparser::ast::{
    self, Assignment, AssignmentTarget, ConflictTarget, DoUpdate, FromTable, Ident, ObjectName,
    ObjectNamePart, OnConflictAction, OnInsert, SelectItem, SetExpr, TableAliasWithoutColumns,
    TableFactor, TableObject, TableWithJoins, UpdateTableFromKind,
};
use std::sync::Arc;

/// A table that is written to, and what the statement calls it.
struct Target {
    table: Arc<Table>,
    alias: Arc<str>,
    span: Option<Span>,
}

/// The value of a column in one row: an expression or what the definition says.
enum Given<'q> {
    Expr(&'q ast::Expr),
    Default,
}

impl Binder<'_> {
    // ---- INSERT ---------------------------------------------------------------------------

    pub(super) fn insert(&mut self, insert: &ast::Insert) -> Result<Insert> {
        let ast::Insert {
            insert_token,
            optimizer_hints: _, // Comments; the dialect makes none.
            or,
            ignore,
            into: _,
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
        let target = self.write_target(name, alias)?;
        let table = target.table.clone();
        let places = self.insert_columns(&table, columns)?;
        let (source, ids) = match source {
            None => self.default_row(&table)?,
            Some(query) => self.insert_source(&table, &places, !columns.is_empty(), query, span)?,
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

    fn insert_columns(&mut self, table: &Table, names: &[ObjectName]) -> Result<Vec<usize>> {
        if names.is_empty() {
            return Ok((0..table.columns.len()).collect());
        }
        let mut places = Vec::with_capacity(names.len());
        for name in names {
            let ident = single(name)?;
            let place = self.target_column(table, ident)?;
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
        places: &[usize],
        named: bool,
        query: &ast::Query,
        span: Option<Span>,
    ) -> Result<(Plan, Vec<ColumnId>)> {
        let counted = |given: usize, span: Option<Span>| {
            if given > places.len() {
                return Err(Diagnostic::error(
                    sqlstate::SYNTAX_ERROR,
                    "INSERT has more expressions than target columns",
                )
                .at(span));
            }
            if named && given < places.len() {
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
                .iter()
                .position(|known| *known == place)
                .and_then(|at| bound.columns.get(at));
            let id = self.fresh();
            let expr = match given {
                Some(output) => {
                    generated(column, output_span(&bound))?;
                    Expr::column(output.id, output.ty.clone())
                }
                None => self.column_default(column)?,
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
    fn assignable(&mut self, table: &Table, places: &[usize], bound: &mut Bound) -> Result<()> {
        let mut wanted = Vec::with_capacity(bound.columns.len());
        for (output, place) in bound.columns.iter().zip(places) {
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
        places: &[usize],
        given: &[ast::Expr],
        defaults: &mut [Option<Expr>],
    ) -> Result<Vec<Expr>> {
        let mut row = Vec::with_capacity(table.columns.len());
        for (place, column) in table.columns.iter().enumerate() {
            let at = if places.get(place) == Some(&place) {
                Some(place)
            } else {
                places.iter().position(|known| *known == place)
            };
            let expr = at.and_then(|at| given.get(at));
            match expr.map(given_value) {
                Some(Given::Expr(expr)) => row.push(self.assigned(expr, column)?),
                Some(Given::Default) | None => {
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

    /// A value for a column.
    fn assigned(&mut self, expr: &ast::Expr, column: &Column) -> Result<Expr> {
        let bound = self.expr(expr)?;
        generated(column, bound.span)?;
        self.assign(bound, column)
    }

    fn assign(&mut self, bound: Expr, column: &Column) -> Result<Expr> {
        check_assignment(&bound.ty, column, bound.span)?;
        self.convert(bound, &column.ty, CastForm::Assignment)
    }

    /// What a column gets when the statement gives nothing.
    fn column_default(&mut self, column: &Column) -> Result<Expr> {
        if let Some(identity) = &column.identity {
            let name = Expr::literal(Value::text(&*identity.sequence), Type::Text);
            let next = self.call("nextval", vec![name], None)?;
            return self.convert(next, &column.ty, CastForm::Assignment);
        }
        match &column.default {
            Some(default) => self.default_value(default, &column.ty),
            None => Ok(Expr::literal(Value::Null, column.ty.clone())),
        }
    }

    /// Binds the text of a default.
    pub(super) fn default_value(&mut self, default: &str, ty: &Type) -> Result<Expr> {
        let tree = crate::sql::parse_expression(default)?;
        let scopes = std::mem::take(&mut self.scopes);
        self.scopes.push(Scope {
            clause: Clause::Default,
            ..Scope::default()
        });
        let bound = self.expr(&tree);
        self.scopes = scopes;
        let mut bound = bound?;
        if bound.has_subquery() {
            return Err(Diagnostic::error(
                sqlstate::FEATURE_NOT_SUPPORTED,
                "cannot use subquery in DEFAULT expression",
            ));
        }
        unplace(&mut bound);
        if bound.ty != Type::Unknown && !types::can_cast(&bound.ty, ty, CastForm::Assignment) {
            return Err(Diagnostic::error(
                sqlstate::DATATYPE_MISMATCH,
                format!(
                    "column is of type {ty} but default expression is of type {}",
                    bound.ty
                ),
            ));
        }
        self.convert(bound, ty, CastForm::Assignment)
    }

    /// Binds the condition of a check over stand-ins for the table's columns.
    pub(super) fn check(
        &mut self,
        condition: &str,
        table: &Arc<Table>,
    ) -> Result<(Expr, Vec<ColumnId>)> {
        let tree = crate::sql::parse_expression(condition)?;
        let (item, ids) = self.row_item(table, table.name.clone());
        self.scopes.push(Scope {
            clause: Clause::Check,
            items: vec![item],
            ..Scope::default()
        });
        let bound = self.expr(&tree);
        self.scopes.pop();
        let mut bound = self.boolean(bound?, "CHECK")?;
        if bound.has_subquery() {
            return Err(Diagnostic::error(
                sqlstate::FEATURE_NOT_SUPPORTED,
                "cannot use subquery in check constraint",
            ));
        }
        unplace(&mut bound);
        Ok((bound, ids))
    }

    /// Stand-ins for a table's row.
    fn row_item(&mut self, table: &Arc<Table>, alias: Arc<str>) -> (Item, Vec<ColumnId>) {
        let first = ColumnId(self.next_column);
        self.next_column += table.columns.len() as u32;
        let ids = (0..table.columns.len())
            .map(|place| ColumnId(first.0 + place as u32))
            .collect();
        let item = Item {
            alias: Some(alias),
            bare: Bare::Found,
            columns: Columns::Table(table.clone(), first),
        };
        (item, ids)
    }

    fn on_conflict(&mut self, target: &Target, conflict: &ast::OnConflict) -> Result<OnConflict> {
        let ast::OnConflict {
            conflict_target,
            action,
        } = conflict;
        let table = &target.table;
        let columns = match conflict_target {
            None => None,
            Some(ConflictTarget::Columns(names)) => {
                let mut columns = Vec::with_capacity(names.len());
                for ident in names {
                    columns.push(self.target_column(table, ident)?);
                }
                let mut sorted = columns.clone();
                sorted.sort_unstable();
                sorted.dedup();
                let indexes = table
                    .indexes
                    .iter()
                    .filter(|index| index.uniqueness == Uniqueness::Unique)
                    .map(|index| &index.columns);
                let found = table
                    .unique_keys()
                    .map(|key| &key.columns)
                    .chain(indexes)
                    .find(|key| {
                        let mut key = (*key).clone();
                        key.sort_unstable();
                        key == sorted
                    });
                match found {
                    Some(found) => Some(found.clone()),
                    None => {
                        return Err(Diagnostic::error(
                            sqlstate::INVALID_COLUMN_REFERENCE,
                            "there is no unique or exclusion constraint matching the ON CONFLICT specification",
                        )
                        .at(names.first().and_then(ident_span)));
                    }
                }
            }
            Some(ConflictTarget::OnConstraint(name)) => {
                let ident = single(name)?;
                let wanted = fold(ident);
                let found = table.unique_keys().find(|key| *key.name == *wanted);
                match found {
                    Some(key) => Some(key.columns.clone()),
                    None => {
                        return Err(Diagnostic::error(
                            sqlstate::UNDEFINED_OBJECT,
                            format!(
                                "constraint \"{wanted}\" for table \"{}\" does not exist",
                                table.name
                            ),
                        )
                        .at(ident_span(ident)));
                    }
                }
            }
        };
        let action = match action {
            OnConflictAction::DoNothing => ConflictAction::DoNothing,
            OnConflictAction::DoUpdate(DoUpdate {
                assignments,
                selection,
            }) => {
                if columns.is_none() {
                    return Err(Diagnostic::error(
                        sqlstate::SYNTAX_ERROR,
                        "ON CONFLICT DO UPDATE requires inference specification or constraint name",
                    )
                    .at(target.span)
                    .hint("For example, ON CONFLICT (column_name)."));
                }
                let (item, existing) = self.row_item(table, target.alias.clone());
                let (proposed, excluded) = self.row_item(table, Arc::from("excluded"));
                self.scopes.push(Scope {
                    clause: Clause::UpdateSet,
                    items: vec![item, qualified_only(proposed)],
                    ..Scope::default()
                });
                let bound = self.conflict_update(table, assignments, selection.as_ref());
                self.scopes.pop();
                let (assignments, condition) = bound?;
                ConflictAction::DoUpdate {
                    assignments,
                    condition,
                    existing,
                    excluded,
                }
            }
        };
        Ok(OnConflict {
            target: columns,
            action,
        })
    }

    #[allow(clippy::type_complexity)]
    fn conflict_update(
        &mut self,
        table: &Arc<Table>,
        assignments: &[Assignment],
        selection: Option<&ast::Expr>,
    ) -> Result<(Vec<(usize, Expr)>, Option<Expr>)> {
        let assignments = self.assignments(table, assignments)?;
        let condition = match selection {
            Some(condition) => {
                let condition = self.within(Clause::Where, |binder| binder.expr(condition))?;
                Some(self.boolean(condition, "WHERE")?)
            }
            None => None,
        };
        if let Some(expr) = assignments
            .iter()
            .map(|(_, expr)| expr)
            .chain(&condition)
            .find(|expr| expr.has_subquery())
        {
            return Err(unsupported(
                "a subquery in ON CONFLICT DO UPDATE",
                expr.span,
            ));
        }
        Ok((assignments, condition))
    }

    /// Binds `SET` to values of the columns' types.
    fn assignments(
        &mut self,
        table: &Arc<Table>,
        assignments: &[Assignment],
    ) -> Result<Vec<(usize, Expr)>> {
        let mut bound: Vec<(usize, Expr)> = Vec::with_capacity(assignments.len());
        for Assignment { target, value } in assignments {
            match target {
                AssignmentTarget::ColumnName(name) => {
                    let ident = self.set_target(table, name)?;
                    let place = self.target_column(table, ident)?;
                    let Some(column) = table.columns.get(place) else {
                        continue;
                    };
                    let expr = match given_value(value) {
                        Given::Default => self.column_default(column)?,
                        Given::Expr(value) => self.assigned(value, column)?,
                    };
                    push_assignment(&mut bound, place, expr, column, ident)?;
                }
                AssignmentTarget::Tuple(names) => {
                    let mut values: Vec<Option<Expr>> = Vec::with_capacity(names.len());
                    let mut inner = value;
                    while let ast::Expr::Nested(nested) = inner {
                        inner = nested;
                    }
                    match inner {
                        ast::Expr::Tuple(fields) => {
                            for field in fields {
                                values.push(match given_value(field) {
                                    Given::Default => None,
                                    Given::Expr(field) => Some(self.expr(field)?),
                                });
                            }
                        }
                        ast::Expr::Subquery(query) => {
                            values = self.row_subquery(query)?.into_iter().map(Some).collect();
                        }
                        single => {
                            let expr = self.expr(single)?;
                            match expr.kind {
                                ExprKind::Row(fields) => {
                                    values.extend(fields.into_iter().map(Some));
                                }
                                _ if names.len() == 1 => values.push(Some(expr)),
                                _ => {
                                    return Err(Diagnostic::error(
                                        sqlstate::FEATURE_NOT_SUPPORTED,
                                        "source for a multiple-column UPDATE item must be a sub-SELECT or ROW() expression",
                                    )
                                    .at(expr.span));
                                }
                            }
                        }
                    }
                    if values.len() != names.len() {
                        return Err(Diagnostic::error(
                            sqlstate::SYNTAX_ERROR,
                            "number of columns does not match number of values",
                        )
                        .at(names.first().and_then(name_span)));
                    }
                    for (name, value) in names.iter().zip(values) {
                        let ident = self.set_target(table, name)?;
                        let place = self.target_column(table, ident)?;
                        let Some(column) = table.columns.get(place) else {
                            continue;
                        };
                        let expr = match value {
                            None => self.column_default(column)?,
                            Some(expr) => {
                                generated(column, expr.span)?;
                                self.assign(expr, column)?
                            }
                        };
                        push_assignment(&mut bound, place, expr, column, ident)?;
                    }
                }
            }
        }
        Ok(bound)
    }

    /// The columns of a subquery that gives one row: each a scalar subquery of its own.
    fn row_subquery(&mut self, query: &ast::Query) -> Result<Vec<Expr>> {
        use crate::engine::expr::{Subquery, SubqueryForm};
        let width = {
            let next = self.next_column;
            let bound = self.query(query, Unknowns::Keep)?;
            self.next_column = next.max(self.next_column);
            bound.columns.len()
        };
        let mut exprs = Vec::with_capacity(width);
        for place in 0..width {
            let bound = self.query(query, Unknowns::AsText)?;
            let Some(Output { id, ty, .. }) = bound.columns.get(place).cloned() else {
                continue;
            };
            exprs.push(Expr {
                kind: ExprKind::Subquery(Box::new(Subquery {
                    form: SubqueryForm::Scalar,
                    plan: bound.plan,
                    columns: vec![id],
                })),
                ty,
                span: bound.span,
            });
        }
        Ok(exprs)
    }

    fn set_target<'q>(&self, table: &Table, name: &'q ObjectName) -> Result<&'q Ident> {
        match name.0.as_slice() {
            [ObjectNamePart::Identifier(ident)] => Ok(ident),
            [ObjectNamePart::Identifier(first), ..] => Err(Diagnostic::error(
                sqlstate::UNDEFINED_COLUMN,
                format!(
                    "column \"{}\" of relation \"{}\" does not exist",
                    fold(first),
                    table.name
                ),
            )
            .at(name_span(name))
            .hint("SET target columns cannot be qualified with the relation name.")),
            _ => Err(unsupported(format!("the target {name}"), name_span(name))),
        }
    }

    /// The place of a column that is written to.
    fn target_column(&self, table: &Table, ident: &Ident) -> Result<usize> {
        let name = fold(ident);
        if let Some(place) = table.position(&name) {
            return Ok(place);
        }
        let error = Diagnostic::error(
            sqlstate::UNDEFINED_COLUMN,
            format!(
                "column \"{name}\" of relation \"{}\" does not exist",
                table.name
            ),
        )
        .at(ident_span(ident));
        let near: Vec<String> =
            super::suggest::nearest(&name, table.columns.iter().map(|column| &*column.name))
                .into_iter()
                .map(String::from)
                .collect();
        Err(match super::suggest::hint(&near) {
            Some(hint) => error.hint(hint),
            None => error,
        })
    }

    // ---- UPDATE and DELETE ----------------------------------------------------------------

    fn write_target(&mut self, name: &ObjectName, alias: Option<&Ident>) -> Result<Target> {
        let (schema, ident) = relation_name(name)?;
        let span = name_span(name);
        let found = fold(ident);
        let catalog = self.context.catalog;
        if matches!(schema.as_deref(), None | Some("public")) {
            if let Some(table) = catalog.tables.get(&*found) {
                return Ok(Target {
                    table: table.clone(),
                    alias: match alias {
                        Some(alias) => Arc::from(&*fold(alias)),
                        None => table.name.clone(),
                    },
                    span,
                });
            }
            if catalog.views.contains_key(&*found) {
                return Err(unsupported(
                    format!("writing through the view \"{found}\""),
                    span,
                ));
            }
        }
        Err(self.unknown_table(&name.to_string(), &found, span))
    }

    /// Reads the rows that may be written: all columns and the row's number.
    fn target_scan(&mut self, target: &Target) -> Result<(Plan, ColumnId, Vec<ColumnId>)> {
        let (item, ids) = self.row_item(&target.table, target.alias.clone());
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
        Ok((
            Plan::Scan(Scan {
                table: target.table.name.clone(),
                alias: target.alias.clone(),
                columns,
                predicates: Vec::new(),
            }),
            row_id,
            ids,
        ))
    }

    pub(super) fn update(&mut self, update: &ast::Update) -> Result<Update> {
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
            binder.assignments(&table, assignments)
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

    pub(super) fn delete(&mut self, delete: &ast::Delete) -> Result<Delete> {
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

    /// Columns of the other tables, which RETURNING may read.
    fn foreign_columns(&mut self, returning: Option<&[SelectItem]>) -> Vec<Named> {
        if returning.is_none() {
            return Vec::new();
        }
        let mut columns: Vec<Named> = Vec::new();
        for item in self.scope().items.iter().skip(1) {
            item.each(|name, id, ty| {
                if !columns.iter().any(|known| known.id == id) {
                    columns.push(Named {
                        name: name.clone(),
                        id,
                        ty: ty.clone(),
                    });
                }
            });
        }
        columns
    }

    /// The other tables' items, out of the scope.
    fn foreign_items(&mut self) -> Vec<Item> {
        let items = &mut self.scope().items;
        if items.is_empty() {
            return Vec::new();
        }
        items.split_off(1)
    }

    fn returning(
        &mut self,
        target: &Target,
        others: Vec<Item>,
        items: Option<&[SelectItem]>,
    ) -> Result<Option<Returning>> {
        let Some(items) = items else {
            return Ok(None);
        };
        let (item, row) = self.row_item(&target.table, target.alias.clone());
        let mut visible = vec![item];
        visible.extend(others);
        self.scopes.push(Scope {
            clause: Clause::Returning,
            items: visible,
            ..Scope::default()
        });
        let targets = self.targets(items, target.span, Unknowns::AsText);
        self.scopes.pop();
        let targets = targets?;
        let mut exprs = Vec::with_capacity(targets.len());
        let mut fields = Vec::with_capacity(targets.len());
        for target in targets {
            if target.expr.has_subquery() {
                return Err(unsupported("a subquery in RETURNING", target.expr.span));
            }
            fields.push(Field {
                name: target.name.to_string(),
                ty: target.expr.ty.clone(),
            });
            exprs.push(target.expr);
        }
        Ok(Some(Returning { row, exprs, fields }))
    }
}

/// An item whose columns need their qualifier.
fn qualified_only(item: Item) -> Item {
    Item {
        bare: Bare::Merged,
        ..item
    }
}

fn given_value(expr: &ast::Expr) -> Given<'_> {
    match expr {
        ast::Expr::Identifier(ident)
            if ident.quote_style.is_none() && ident.value.eq_ignore_ascii_case("default") =>
        {
            Given::Default
        }
        expr => Given::Expr(expr),
    }
}

fn single(name: &ObjectName) -> Result<&Ident> {
    match name.0.as_slice() {
        [ObjectNamePart::Identifier(ident)] => Ok(ident),
        _ => Err(unsupported(format!("the name {name}"), name_span(name))),
    }
}

/// An identity column that is GENERATED ALWAYS takes no values.
fn generated(column: &Column, span: Option<Span>) -> Result<()> {
    match &column.identity {
        Some(identity) if identity.generation == Generation::Always => Err(Diagnostic::error(
            crate::base::diagnostic::Code::new("428C9"),
            format!(
                "cannot insert a non-DEFAULT value into column \"{}\"",
                column.name
            ),
        )
        .at(span)
        .hint(format!(
            "Column \"{}\" is an identity column defined as GENERATED ALWAYS.",
            column.name
        ))),
        Some(_) | None => Ok(()),
    }
}

fn check_assignment(from: &Type, column: &Column, span: Option<Span>) -> Result<()> {
    if *from == Type::Unknown || types::can_cast(from, &column.ty, CastForm::Assignment) {
        return Ok(());
    }
    Err(Diagnostic::error(
        sqlstate::DATATYPE_MISMATCH,
        format!(
            "column \"{}\" is of type {} but expression is of type {from}",
            column.name,
            column.ty.without_modifier()
        ),
    )
    .at(span)
    .hint("You will need to rewrite or cast the expression."))
}

fn push_assignment(
    bound: &mut Vec<(usize, Expr)>,
    place: usize,
    expr: Expr,
    column: &Column,
    ident: &Ident,
) -> Result<()> {
    if bound.iter().any(|(known, _)| *known == place) {
        return Err(Diagnostic::error(
            sqlstate::SYNTAX_ERROR,
            format!("multiple assignments to same column \"{}\"", column.name),
        )
        .at(ident_span(ident)));
    }
    bound.push((place, expr));
    Ok(())
}

fn output_span(bound: &Bound) -> Option<Span> {
    bound.span
}

/// Positions inside the catalogue's texts mean nothing in a statement.
fn unplace(expr: &mut Expr) {
    expr.span = None;
    expr.children_mut(&mut |child| unplace(child));
}
