//! FROM: tables, derived tables, functions and joins.

use super::query::{Bound, MAX_CHAIN, Output, Unknowns};
use super::refuse::{absent, empty, unset, unsupported};
use super::scope::{
    Bare, Clause, Columns, Item, Named, Scope, Siblings, fold, ident_span, not_reserved,
};
use super::select::conjuncts;
use super::suggest;
use super::{Binder, too_complex};
use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Result, Span, Type};
use crate::engine::catalog::{Catalog, TEMPORARY, Table, View};
use crate::engine::expr::{CastForm, ColumnId, Comparison, Expr, ExprKind};
use crate::engine::plan::{
    Direction, JoinKind, Nulls, Ordinality, Plan, Scan, ScanColumn, SortKey,
};
use crate::engine::types;
use crate::sql::span_of;
use sqlparser::ast::{
    self, FunctionArg, FunctionArgExpr, Ident, Join, JoinConstraint, JoinOperator, ObjectName,
    ObjectNamePart, SetExpr, Spanned, TableAlias, TableAliasColumnDef, TableFactor,
    TableFunctionArgs, TableSampleKind, TableWithJoins,
};
use std::sync::Arc;

/// How deep views may read views.
const MAX_VIEWS: usize = 32;

/// What ON or USING says.
enum Constraint<'q> {
    On(&'q ast::Expr),
    Using(Vec<&'q Ident>),
    Natural,
    Cross,
}

impl Binder<'_> {
    /// Binds FROM; the items go into the innermost scope.
    pub(super) fn from(&mut self, from: &[TableWithJoins]) -> Result<Plan> {
        let Some((first, rest)) = from.split_first() else {
            return Ok(Plan::one_row());
        };
        if rest.len() > MAX_CHAIN {
            return Err(too_many_joins());
        }
        let mut plan = self.table_with_joins(first)?;
        for more in rest {
            let right = self.table_with_joins(more)?;
            plan = Plan::join(JoinKind::Inner, plan, right, Vec::new());
        }
        Ok(plan)
    }

    pub(super) fn table_with_joins(&mut self, tables: &TableWithJoins) -> Result<Plan> {
        let TableWithJoins { relation, joins } = tables;
        let start = self.scope().items.len();
        let mut plan = self.factor(relation)?;
        if joins.len() > MAX_CHAIN {
            return Err(too_many_joins());
        }
        for Join {
            relation,
            global,
            join_operator,
        } in joins
        {
            unset(*global, "GLOBAL JOIN", None)?;
            let (kind, constraint) = join_kind(join_operator)?;
            let middle = self.scope().items.len();
            let right = self.factor(relation)?;
            if matches!(kind, JoinKind::Right | JoinKind::Full)
                && may_be_lateral(relation)
                && right.free_columns().meets(&plan.column_set())
            {
                return Err(Diagnostic::error(
                    sqlstate::INVALID_COLUMN_REFERENCE,
                    "invalid reference to FROM-clause entry: the combining JOIN type must be INNER or LEFT for a LATERAL reference",
                ));
            }
            plan = match constraint {
                Constraint::Cross => Plan::join(kind, plan, right, Vec::new()),
                Constraint::On(condition) => {
                    let before = std::mem::replace(&mut self.scope().first_visible, start);
                    let bound = self.within(Clause::JoinOn, |binder| binder.expr(condition));
                    self.scope().first_visible = before;
                    let condition = self.boolean(bound?, "JOIN/ON")?;
                    Plan::join(kind, plan, right, conjuncts(condition))
                }
                Constraint::Using(names) => {
                    let mut pairs = Vec::with_capacity(names.len());
                    for ident in names {
                        let (name, span) = (fold(ident), ident_span(ident));
                        let left = self.using_column(start..middle, &name, "left", span)?;
                        let end = self.scope().items.len();
                        let right = self.using_column(middle..end, &name, "right", span)?;
                        pairs.push((Arc::from(&*name), left, right));
                    }
                    self.merge(kind, plan, right, pairs, start)?
                }
                Constraint::Natural => {
                    let mut names: Vec<Arc<str>> = Vec::new();
                    let scope = self.scope();
                    let bare = |items: &[Item]| {
                        let mut names: Vec<Arc<str>> = Vec::new();
                        for item in items.iter().filter(|item| item.bare == Bare::Found) {
                            item.each(|name, _, _| names.push(name.clone()));
                        }
                        names
                    };
                    let lefts = bare(scope.items.get(start..middle).unwrap_or(&[]));
                    let rights = bare(scope.items.get(middle..).unwrap_or(&[]));
                    for name in lefts {
                        if rights.contains(&name) && !names.contains(&name) {
                            names.push(name);
                        }
                    }
                    let mut pairs = Vec::with_capacity(names.len());
                    for name in names {
                        let left = self.using_column(start..middle, &name, "left", None)?;
                        let end = self.scope().items.len();
                        let right = self.using_column(middle..end, &name, "right", None)?;
                        pairs.push((name, left, right));
                    }
                    self.merge(kind, plan, right, pairs, start)?
                }
            };
        }
        Ok(plan)
    }

    /// The column of one side that USING names.
    fn using_column(
        &mut self,
        items: std::ops::Range<usize>,
        name: &str,
        side: &str,
        span: Option<Span>,
    ) -> Result<Expr> {
        let mut found: Vec<(ColumnId, Type)> = Vec::new();
        for item in self.scope().items.get(items).unwrap_or(&[]) {
            if item.bare == Bare::Found {
                item.each(|column, id, ty| {
                    if **column == *name {
                        found.push((id, ty.clone()));
                    }
                });
            }
        }
        match (found.pop(), found.is_empty()) {
            (Some((id, ty)), true) => Ok(Expr {
                kind: ExprKind::Column(id),
                ty,
                span,
            }),
            (Some(_), false) => Err(Diagnostic::error(
                sqlstate::AMBIGUOUS_COLUMN,
                format!("common column name \"{name}\" appears more than once in {side} table"),
            )
            .at(span)),
            (None, _) => Err(Diagnostic::error(
                sqlstate::UNDEFINED_COLUMN,
                format!(
                    "column \"{name}\" specified in USING clause does not exist in {side} table"
                ),
            )
            .at(span)),
        }
    }

    /// Joins on equal columns and merges each pair into one.
    fn merge(
        &mut self,
        kind: JoinKind,
        left: Plan,
        right: Plan,
        pairs: Vec<(Arc<str>, Expr, Expr)>,
        start: usize,
    ) -> Result<Plan> {
        let mut on = Vec::with_capacity(pairs.len());
        let mut merged: Vec<Named> = Vec::with_capacity(pairs.len());
        let mut computed: Vec<(ColumnId, Expr)> = Vec::new();
        let mut gone: Vec<ColumnId> = Vec::new();
        for (name, l, r) in pairs {
            for side in [&l, &r] {
                if let ExprKind::Column(id) = side.kind {
                    gone.push(id);
                }
            }
            on.push(self.compare(Comparison::Eq, l.clone(), r.clone())?);
            let ty = types::common_type(&[l.ty.clone(), r.ty.clone()], "JOIN/USING")?;
            let expr = match kind {
                JoinKind::Right => self.convert(r, &ty, CastForm::Implicit)?,
                JoinKind::Full => {
                    let l = self.convert(l, &ty, CastForm::Implicit)?;
                    let r = self.convert(r, &ty, CastForm::Implicit)?;
                    Expr::new(ExprKind::Coalesce(vec![l, r]), ty)
                }
                _ => self.convert(l, &ty, CastForm::Implicit)?,
            };
            let ty = expr.ty.clone();
            let id = match expr.kind {
                ExprKind::Column(id) => id,
                _ => {
                    let id = self.fresh();
                    computed.push((id, expr));
                    id
                }
            };
            merged.push(Named { name, id, ty });
        }
        let mut plan = Plan::join(kind, left, right, on);
        if !computed.is_empty() {
            let mut columns: Vec<(ColumnId, Expr)> = plan
                .columns()
                .into_iter()
                .map(|(id, ty)| (id, Expr::column(id, ty)))
                .collect();
            columns.append(&mut computed);
            plan = Plan::Project {
                input: Box::new(plan),
                columns,
            };
        }
        let scope = self.scope();
        for item in scope.items.iter_mut().skip(start) {
            if item.bare == Bare::Found {
                item.each(|name, id, ty| {
                    if !gone.contains(&id) {
                        merged.push(Named {
                            name: name.clone(),
                            id,
                            ty: ty.clone(),
                        });
                    }
                });
                item.bare = Bare::Merged;
            }
        }
        scope.items.push(Item {
            alias: None,
            bare: Bare::Found,
            columns: Columns::Named(merged),
        });
        Ok(plan)
    }

    fn factor(&mut self, factor: &TableFactor) -> Result<Plan> {
        self.count_relation()?;
        match factor {
            TableFactor::Table {
                name,
                alias,
                args,
                with_hints,
                version,
                with_ordinality,
                partitions,
                json_path,
                sample,
                index_hints,
            } => {
                let span = name_span(name);
                empty(with_hints, "WITH (hints)", span)?;
                absent(version.as_ref(), "a table version", span)?;
                empty(partitions, "PARTITION", span)?;
                absent(json_path.as_ref(), "a JSON path in FROM", span)?;
                absent(
                    sample.as_ref(),
                    "TABLESAMPLE",
                    sample_span(span, sample.as_ref()),
                )?;
                empty(index_hints, "an index hint", span)?;
                match args {
                    Some(TableFunctionArgs { args, settings }) => {
                        absent(settings.as_ref(), "SETTINGS", span)?;
                        self.table_function(name, args, *with_ordinality, alias.as_ref())
                    }
                    None => {
                        unset(*with_ordinality, "WITH ORDINALITY behind a table", span)?;
                        self.named_relation(name, alias.as_ref())
                    }
                }
            }
            TableFactor::Derived {
                lateral,
                subquery,
                alias,
                sample,
            } => {
                absent(sample.as_ref(), "TABLESAMPLE", None)?;
                let Some(alias) = alias else {
                    let (what, example) = match &*subquery.body {
                        SetExpr::Values(_) => ("VALUES", "(VALUES ...)"),
                        _ => ("subquery", "(SELECT ...)"),
                    };
                    return Err(Diagnostic::error(
                        sqlstate::SYNTAX_ERROR,
                        format!("{what} in FROM must have an alias"),
                    )
                    .hint(format!("For example, FROM {example} [AS] foo.")));
                };
                let bound = if *lateral {
                    self.query(subquery, Unknowns::AsText)
                } else {
                    let before = std::mem::replace(&mut self.scope().siblings, Siblings::Hidden);
                    let bound = self.query(subquery, Unknowns::AsText);
                    self.scope().siblings = before;
                    bound
                }?;
                self.derived(bound, alias)
            }
            TableFactor::Function {
                lateral: _,
                name,
                args,
                with_ordinality,
                alias,
            } => self.table_function(name, args, *with_ordinality, alias.as_ref()),
            TableFactor::UNNEST {
                alias,
                array_exprs,
                with_offset,
                with_offset_alias,
                with_ordinality,
            } => {
                unset(*with_offset, "WITH OFFSET", None)?;
                absent(with_offset_alias.as_ref(), "WITH OFFSET", None)?;
                let arguments = self.within(Clause::FromFunction, |binder| {
                    array_exprs
                        .iter()
                        .map(|expr| binder.expr(expr))
                        .collect::<Result<Vec<_>>>()
                })?;
                if arguments.len() > 1 {
                    return self.zipped(arguments, *with_ordinality, alias.as_ref());
                }
                self.series_item("unnest", arguments, *with_ordinality, alias.as_ref(), None)
            }
            TableFactor::NestedJoin {
                table_with_joins,
                alias,
            } => {
                let start = self.scope().items.len();
                let plan = self.table_with_joins(table_with_joins)?;
                if let Some(alias) = alias {
                    // The alias hides the names inside.
                    let mut columns = Vec::new();
                    for item in self.scope().items.drain(start..) {
                        if item.bare == Bare::Found {
                            item.each(|name, id, ty| {
                                columns.push(Named {
                                    name: name.clone(),
                                    id,
                                    ty: ty.clone(),
                                });
                            });
                        }
                    }
                    self.add_named(columns, alias)?;
                }
                Ok(plan)
            }
            TableFactor::TableFunction { expr: _, alias } => Err(unsupported(
                "TABLE(function)",
                alias.as_ref().and_then(|alias| ident_span(&alias.name)),
            )),
            TableFactor::JsonTable { .. } => Err(unsupported("JSON_TABLE", None)),
            TableFactor::OpenJsonTable { .. } => Err(unsupported("OPENJSON", None)),
            TableFactor::Pivot { .. } => Err(unsupported("PIVOT", None)
                .hint("Write one aggregate with FILTER (WHERE ...) for each column.")),
            TableFactor::Unpivot { .. } | TableFactor::UnpivotExpr { .. } => {
                Err(unsupported("UNPIVOT", None))
            }
            TableFactor::MatchRecognize { .. } => Err(unsupported("MATCH_RECOGNIZE", None)),
            TableFactor::XmlTable { .. } => Err(unsupported("XMLTABLE", None)),
            TableFactor::SemanticView { .. } => Err(unsupported("SEMANTIC_VIEW", None)),
        }
    }

    /// A table, a view or a common table expression.
    fn named_relation(&mut self, name: &ObjectName, alias: Option<&TableAlias>) -> Result<Plan> {
        let (schema, ident) = relation_name(name)?;
        not_reserved(ident)?;
        let span = name_span(name);
        let table = fold(ident);
        if schema.is_none()
            && let Some(plan) = self.cte_scan(&table, alias, ident)?
        {
            return Ok(plan);
        }
        match schema.as_deref() {
            None | Some("public" | "pg_temp") => {}
            Some("information_schema") => {
                let Some(bound) = self.information_schema(&table) else {
                    return Err(self.unknown_table(&name.to_string(), &table, span));
                };
                return self.derived_as(bound, &table, ident, alias);
            }
            Some(_) => return Err(self.unknown_table(&name.to_string(), &table, span)),
        }
        let catalog = self.context.catalog;
        if let Some(found) = table_named(catalog, schema.as_deref(), &table) {
            let found = found.clone();
            return self.table_scan(found, alias, ident);
        }
        if let Some(view) = catalog.views.get(&*table) {
            let view = view.clone();
            let bound = self.view(&view, span)?;
            return self.derived_as(bound, &table, ident, alias);
        }
        Err(self.unknown_table(&table, &table, span))
    }

    pub(super) fn unknown_table(
        &self,
        shown: &str,
        name: &str,
        span: Option<Span>,
    ) -> Box<Diagnostic> {
        let error = Diagnostic::error(
            sqlstate::UNDEFINED_TABLE,
            format!("relation \"{shown}\" does not exist"),
        )
        .at(span);
        let catalog = self.context.catalog;
        let known = catalog
            .tables
            .keys()
            .chain(catalog.views.keys())
            .map(|name| &**name)
            .chain(self.ctes.iter().map(|cte| cte.name.as_str()));
        let near: Vec<String> = suggest::nearest(name, known)
            .into_iter()
            .map(String::from)
            .collect();
        match suggest::hint(&near) {
            Some(hint) => error.hint(hint),
            None => error,
        }
    }

    /// Reads a stored table under a name.
    pub(super) fn table_scan(
        &mut self,
        table: Arc<Table>,
        alias: Option<&TableAlias>,
        ident: &Ident,
    ) -> Result<Plan> {
        let first = ColumnId(self.next_column);
        self.next_column += table.columns.len() as u32;
        let columns = table
            .columns
            .iter()
            .enumerate()
            .map(|(place, column)| {
                (
                    ColumnId(first.0 + place as u32),
                    ScanColumn::Stored(place),
                    column.ty.clone(),
                )
            })
            .collect();
        let (name, span): (Arc<str>, _) = match alias {
            Some(alias) => (Arc::from(&*fold(&alias.name)), ident_span(&alias.name)),
            None => (Arc::from(table.plain_name()), ident_span(ident)),
        };
        let scan = Scan {
            table: table.name.clone(),
            alias: name.clone(),
            columns,
            predicates: Vec::new(),
        };
        match alias {
            Some(alias) if !alias.columns.is_empty() => {
                let named = table
                    .columns
                    .iter()
                    .enumerate()
                    .map(|(place, column)| Named {
                        name: column.name.clone(),
                        id: ColumnId(first.0 + place as u32),
                        ty: column.ty.clone(),
                    })
                    .collect();
                self.add_named(named, alias)?;
            }
            _ => {
                if let Some(alias) = alias {
                    alias_parts(alias)?;
                }
                self.add_item(
                    Item {
                        alias: Some(name),
                        bare: Bare::Found,
                        columns: Columns::Table(table, first),
                    },
                    span,
                )?;
            }
        }
        Ok(Plan::Scan(scan))
    }

    /// Adds an item to the scope under a name of its own.
    pub(super) fn add_item(&mut self, item: Item, span: Option<Span>) -> Result<()> {
        let scope = self.scope();
        if let Some(alias) = &item.alias
            && scope
                .items
                .iter()
                .any(|known| known.alias.as_ref() == Some(alias))
        {
            return Err(Diagnostic::error(
                sqlstate::DUPLICATE_ALIAS,
                format!("table name \"{alias}\" specified more than once"),
            )
            .at(span)
            .hint("Give each use a name of its own, as in FROM employee AS a, employee AS b."));
        }
        scope.items.push(item);
        Ok(())
    }

    /// Adds columns under an alias that may rename them.
    pub(super) fn add_named(&mut self, mut columns: Vec<Named>, alias: &TableAlias) -> Result<()> {
        let name = fold(&alias.name);
        let span = ident_span(&alias.name);
        rename(&mut columns, &name, alias)?;
        self.add_item(
            Item {
                alias: Some(Arc::from(&*name)),
                bare: Bare::Found,
                columns: Columns::Named(columns),
            },
            span,
        )
    }

    fn derived(&mut self, bound: Bound, alias: &TableAlias) -> Result<Plan> {
        let columns = bound.columns.into_iter().map(named).collect();
        self.add_named(columns, alias)?;
        Ok(bound.plan)
    }

    /// A derived table that has a name even without alias.
    pub(super) fn derived_as(
        &mut self,
        bound: Bound,
        name: &str,
        ident: &Ident,
        alias: Option<&TableAlias>,
    ) -> Result<Plan> {
        match alias {
            Some(alias) => self.derived(bound, alias),
            None => {
                let columns = bound.columns.into_iter().map(named).collect();
                self.add_item(
                    Item {
                        alias: Some(Arc::from(name)),
                        bare: Bare::Found,
                        columns: Columns::Named(columns),
                    },
                    ident_span(ident),
                )?;
                Ok(bound.plan)
            }
        }
    }

    /// A view's query, bound where it sees nothing of this statement.
    pub(super) fn view(&mut self, view: &View, span: Option<Span>) -> Result<Bound> {
        if self.views >= MAX_VIEWS {
            return Err(Diagnostic::error(
                sqlstate::STATEMENT_TOO_COMPLEX,
                "stack depth limit exceeded",
            )
            .at(span)
            .hint(format!("Views may read views {MAX_VIEWS} levels deep.")));
        }
        let scopes = std::mem::take(&mut self.scopes);
        let ctes = std::mem::take(&mut self.ctes);
        self.views += 1;
        let bound = crate::sql::parse_query(&view.query)
            .and_then(|query| self.query(&query, Unknowns::AsText));
        self.views -= 1;
        self.scopes = scopes;
        self.ctes = ctes;
        let mut bound = bound.map_err(|mut error| {
            error.span = span;
            error.hint(format!("The error is inside the view \"{}\".", view.name))
        })?;
        // Positions inside the view's text mean nothing in the statement's.
        point(&mut bound.plan, span);
        for (column, name) in bound.columns.iter_mut().zip(&view.columns) {
            column.name = name.clone();
        }
        Ok(bound)
    }

    /// `TABLE name`
    pub(super) fn whole_table(
        &mut self,
        table: Option<&str>,
        schema: Option<&str>,
    ) -> Result<Bound> {
        let mut parts = Vec::new();
        for name in schema.iter().chain(&table) {
            parts.push(ObjectNamePart::Identifier(Ident::new(*name)));
        }
        self.scopes.push(Scope::default());
        let plan = self.named_relation(&ObjectName(parts), None);
        let scope = self.scopes.pop();
        let plan = plan?;
        let mut columns = Vec::new();
        for item in scope.iter().flat_map(|scope| &scope.items) {
            item.each(|name, id, ty| {
                columns.push(Output {
                    name: name.clone(),
                    id,
                    ty: ty.clone(),
                });
            });
        }
        Ok(Bound {
            plan,
            columns,
            span: None,
        })
    }

    /// A function in FROM.
    fn table_function(
        &mut self,
        name: &ObjectName,
        args: &[FunctionArg],
        ordinality: bool,
        alias: Option<&TableAlias>,
    ) -> Result<Plan> {
        let (function, span) = super::calls::function_name(name)?;
        let mut exprs = Vec::with_capacity(args.len());
        for argument in args {
            match argument {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => exprs.push(expr),
                FunctionArg::Unnamed(
                    FunctionArgExpr::Wildcard
                    | FunctionArgExpr::QualifiedWildcard(_)
                    | FunctionArgExpr::WildcardWithOptions(_),
                )
                | FunctionArg::Named { .. }
                | FunctionArg::ExprNamed { .. } => {
                    return Err(unsupported("this argument of a function in FROM", span));
                }
            }
        }
        let arguments = self.within(Clause::FromFunction, |binder| {
            exprs
                .into_iter()
                .map(|expr| binder.expr(expr))
                .collect::<Result<Vec<_>>>()
        })?;
        if super::series::gives_rows(&function) {
            return self.series_item(&function, arguments, ordinality, alias, span);
        }
        unset(ordinality, "WITH ORDINALITY behind this function", span)?;
        // Any other function gives one row of one column.
        let value = self.call(&function, arguments, span)?;
        let id = self.fresh();
        let ty = value.ty.clone();
        self.function_item(&function, vec![(id, ty)], alias, span)?;
        Ok(Plan::Project {
            input: Box::new(Plan::one_row()),
            columns: vec![(id, value)],
        })
    }

    fn series_item(
        &mut self,
        name: &str,
        arguments: Vec<Expr>,
        ordinality: bool,
        alias: Option<&TableAlias>,
        span: Option<Span>,
    ) -> Result<Plan> {
        let (function, arguments, ty) = self.series_signature(name, arguments, span)?;
        let mut columns = vec![(self.fresh(), ty)];
        let ordinality = if ordinality {
            columns.push((self.fresh(), Type::BigInt));
            Ordinality::With
        } else {
            Ordinality::Without
        };
        self.function_item(name, columns.clone(), alias, span)?;
        Ok(Plan::TableFunction {
            function,
            arguments,
            columns,
            ordinality,
        })
    }

    /// `unnest(a, b, ...)`: the arrays side by side, shorter ones filled up with NULLs.
    fn zipped(
        &mut self,
        arrays: Vec<Expr>,
        ordinality: bool,
        alias: Option<&TableAlias>,
    ) -> Result<Plan> {
        let mut whole: Option<(Plan, ColumnId)> = None;
        let mut columns: Vec<(ColumnId, Type)> = Vec::with_capacity(arrays.len() + 1);
        for array in arrays {
            let span = array.span;
            let (function, arguments, ty) = self.series_signature("unnest", vec![array], span)?;
            let (id, place) = (self.fresh(), self.fresh());
            let part = Plan::TableFunction {
                function,
                arguments,
                columns: vec![(id, ty.clone()), (place, Type::BigInt)],
                ordinality: Ordinality::With,
            };
            whole = Some(match whole {
                None => (part, place),
                Some((before, known)) => {
                    let left = Expr::column(known, Type::BigInt);
                    let right = Expr::column(place, Type::BigInt);
                    let on = self.compare(Comparison::Eq, left.clone(), right.clone())?;
                    let merged = self.fresh();
                    let mut outputs: Vec<(ColumnId, Expr)> = columns
                        .iter()
                        .chain(&[(id, ty.clone())])
                        .map(|(id, ty)| (*id, Expr::column(*id, ty.clone())))
                        .collect();
                    outputs.push((
                        merged,
                        Expr::new(ExprKind::Coalesce(vec![left, right]), Type::BigInt),
                    ));
                    let joined = Plan::Project {
                        input: Box::new(Plan::join(JoinKind::Full, before, part, vec![on])),
                        columns: outputs,
                    };
                    (joined, merged)
                }
            });
            columns.push((id, ty));
        }
        let Some((plan, place)) = whole else {
            return Err(unsupported("unnest without arrays", None));
        };
        if ordinality {
            columns.push((place, Type::BigInt));
        }
        let last = columns.len() - usize::from(ordinality);
        let named = columns
            .into_iter()
            .enumerate()
            .map(|(at, (id, ty))| Named {
                name: Arc::from(if at < last { "unnest" } else { "ordinality" }),
                id,
                ty,
            })
            .collect();
        match alias {
            Some(alias) => self.add_named(named, alias)?,
            None => self.add_item(
                Item {
                    alias: Some(Arc::from("unnest")),
                    bare: Bare::Found,
                    columns: Columns::Named(named),
                },
                None,
            )?,
        }
        Ok(Plan::Sort {
            input: Box::new(plan),
            keys: vec![SortKey {
                expr: Expr::column(place, Type::BigInt),
                direction: Direction::Ascending,
                nulls: Nulls::Last,
            }],
        })
    }

    /// Names the columns of a function in FROM: the first is called like the item.
    fn function_item(
        &mut self,
        name: &str,
        columns: Vec<(ColumnId, Type)>,
        alias: Option<&TableAlias>,
        span: Option<Span>,
    ) -> Result<()> {
        let item: Arc<str> = match alias {
            Some(alias) => Arc::from(&*fold(&alias.name)),
            None => Arc::from(name),
        };
        let columns: Vec<Named> = columns
            .into_iter()
            .enumerate()
            .map(|(place, (id, ty))| Named {
                name: if place == 0 {
                    item.clone()
                } else {
                    Arc::from("ordinality")
                },
                id,
                ty,
            })
            .collect();
        match alias {
            Some(alias) => self.add_named(columns, alias),
            None => self.add_item(
                Item {
                    alias: Some(item),
                    bare: Bare::Found,
                    columns: Columns::Named(columns),
                },
                span,
            ),
        }
    }
}

/// The table that a name means.
pub(super) fn table_named<'c>(
    catalog: &'c Catalog,
    schema: Option<&str>,
    name: &str,
) -> Option<&'c Arc<Table>> {
    match schema {
        None => catalog.table(name),
        Some("pg_temp") => catalog.tables.get(format!("{TEMPORARY}{name}").as_str()),
        Some(_) => catalog.tables.get(name),
    }
}

fn named(output: Output) -> Named {
    Named {
        name: output.name,
        id: output.id,
        ty: output.ty,
    }
}

fn alias_parts(alias: &TableAlias) -> Result<&[TableAliasColumnDef]> {
    let TableAlias {
        explicit: _,
        name,
        columns,
        at,
    } = alias;
    absent(at.as_ref(), "AT behind an alias", ident_span(name))?;
    Ok(columns)
}

/// Renames columns as an alias says.
pub(super) fn rename(columns: &mut [Named], name: &str, alias: &TableAlias) -> Result<()> {
    let names = alias_parts(alias)?;
    if names.len() > columns.len() {
        return Err(Diagnostic::error(
            sqlstate::INVALID_COLUMN_REFERENCE,
            format!(
                "table \"{name}\" has {} columns available but {} columns specified",
                columns.len(),
                names.len()
            ),
        )
        .at(ident_span(&alias.name)));
    }
    for (column, TableAliasColumnDef { name, data_type }) in columns.iter_mut().zip(names) {
        absent(
            data_type.as_ref(),
            "a type in a column alias",
            ident_span(name),
        )?;
        column.name = Arc::from(&*fold(name));
    }
    Ok(())
}

/// Schema and name of a relation.
pub(super) fn relation_name(name: &ObjectName) -> Result<(Option<String>, &Ident)> {
    let ObjectName(parts) = name;
    match parts.as_slice() {
        [ObjectNamePart::Identifier(table)] => Ok((None, table)),
        [
            ObjectNamePart::Identifier(schema),
            ObjectNamePart::Identifier(table),
        ] => Ok((Some(fold(schema).into_owned()), table)),
        [
            ObjectNamePart::Identifier(database),
            ObjectNamePart::Identifier(_),
            ObjectNamePart::Identifier(_),
        ] => Err(Diagnostic::error(
            sqlstate::FEATURE_NOT_SUPPORTED,
            format!("cross-database references are not implemented: \"{name}\""),
        )
        .at(ident_span(database))),
        _ => Err(unsupported(
            format!("the table name {name}"),
            name_span(name),
        )),
    }
}

/// Where a name stands.
pub(super) fn name_span(name: &ObjectName) -> Option<Span> {
    let spans = name
        .0
        .iter()
        .filter_map(|part| part.as_ident())
        .filter_map(ident_span);
    spans.reduce(|first, last| first.to(last))
}

/// From the table's name to the size of its sample: the words between have no place of their own.
fn sample_span(table: Option<Span>, sample: Option<&TableSampleKind>) -> Option<Span> {
    let (TableSampleKind::BeforeTableAlias(sample) | TableSampleKind::AfterTableAlias(sample)) =
        sample?;
    let size = sample.quantity.as_ref().map(|quantity| &quantity.value);
    let end = size.and_then(|size| span_of(size.span()));
    match (table, end) {
        (Some(table), Some(end)) => Some(table.to(end)),
        (table, _) => table,
    }
}

fn may_be_lateral(factor: &TableFactor) -> bool {
    match factor {
        TableFactor::Derived { lateral, .. } => *lateral,
        TableFactor::Table { args, .. } => args.is_some(),
        _ => true,
    }
}

fn join_kind(operator: &JoinOperator) -> Result<(JoinKind, Constraint<'_>)> {
    let (kind, constraint, word) = match operator {
        JoinOperator::Join(constraint) => (JoinKind::Inner, constraint, "JOIN"),
        JoinOperator::Inner(constraint) => (JoinKind::Inner, constraint, "INNER JOIN"),
        JoinOperator::Left(constraint) | JoinOperator::LeftOuter(constraint) => {
            (JoinKind::Left, constraint, "LEFT JOIN")
        }
        JoinOperator::Right(constraint) | JoinOperator::RightOuter(constraint) => {
            (JoinKind::Right, constraint, "RIGHT JOIN")
        }
        JoinOperator::FullOuter(constraint) => (JoinKind::Full, constraint, "FULL JOIN"),
        JoinOperator::CrossJoin(JoinConstraint::None) => {
            return Ok((JoinKind::Inner, Constraint::Cross));
        }
        JoinOperator::CrossJoin(_) => {
            return Err(Diagnostic::error(
                sqlstate::SYNTAX_ERROR,
                "CROSS JOIN takes neither ON nor USING",
            ));
        }
        JoinOperator::Semi(_) | JoinOperator::LeftSemi(_) | JoinOperator::RightSemi(_) => {
            return Err(unsupported("SEMI JOIN", None).hint("Write EXISTS (...)."));
        }
        JoinOperator::Anti(_) | JoinOperator::LeftAnti(_) | JoinOperator::RightAnti(_) => {
            return Err(unsupported("ANTI JOIN", None).hint("Write NOT EXISTS (...)."));
        }
        JoinOperator::CrossApply | JoinOperator::OuterApply => {
            return Err(unsupported("APPLY", None).hint("Write JOIN LATERAL (...) ON true."));
        }
        JoinOperator::AsOf {
            match_condition: _,
            constraint: _,
        } => return Err(unsupported("ASOF JOIN", None)),
        JoinOperator::StraightJoin(_) => return Err(unsupported("STRAIGHT_JOIN", None)),
        JoinOperator::ArrayJoin | JoinOperator::LeftArrayJoin | JoinOperator::InnerArrayJoin => {
            return Err(unsupported("ARRAY JOIN", None));
        }
    };
    let constraint = match constraint {
        JoinConstraint::On(condition) => Constraint::On(condition),
        JoinConstraint::Using(names) => {
            let mut idents = Vec::with_capacity(names.len());
            for name in names {
                match name.0.as_slice() {
                    [ObjectNamePart::Identifier(ident)] => idents.push(ident),
                    _ => return Err(unsupported(format!("USING ({name})"), name_span(name))),
                }
            }
            Constraint::Using(idents)
        }
        JoinConstraint::Natural => Constraint::Natural,
        JoinConstraint::None => {
            return Err(Diagnostic::error(
                sqlstate::SYNTAX_ERROR,
                format!("{word} needs ON or USING"),
            )
            .hint("Write CROSS JOIN for all pairs."));
        }
    };
    Ok((kind, constraint))
}

fn too_many_joins() -> Box<Diagnostic> {
    too_complex().hint(format!("A query may join {MAX_CHAIN} tables."))
}

/// Points every expression of a plan to one place.
fn point(plan: &mut Plan, span: Option<Span>) {
    fn expr(target: &mut Expr, span: Option<Span>) {
        target.span = span;
        if let ExprKind::Subquery(subquery) = &mut target.kind {
            point(&mut subquery.plan, span);
        }
        target.children_mut(&mut |child| expr(child, span));
    }
    plan.exprs_mut(&mut |target| expr(target, span));
    match plan {
        Plan::Aggregate(aggregate) => {
            for (_, call) in &mut aggregate.calls {
                call.span = span;
            }
        }
        Plan::Window(window) => {
            for (_, call) in &mut window.calls {
                call.span = span;
            }
        }
        _ => {}
    }
    plan.inputs_mut(&mut |input| point(input, span));
}
