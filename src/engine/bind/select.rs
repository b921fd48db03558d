//! SELECT: the select list, WHERE, HAVING, DISTINCT and the order of the operators.

use super::Binder;
use super::label::label;
use super::query::{Bound, Output, Tail, Unknowns, ordinal, position};
use super::refuse::{absent, empty, unsupported};
use super::scope::{Bare, Clause, Scope, fold, ident_span};
use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Result, Span, Type};
use crate::engine::expr::{Expr, ExprKind};
use crate::engine::plan::{Direction, Nulls, Plan, SortKey};
use crate::sql::span_of;
use sqlparser::ast::{
    self, Distinct, SelectFlavor, SelectItem, SelectItemQualifiedWildcardKind, Spanned,
    WildcardAdditionalOptions,
};
use std::sync::Arc;

/// An entry of the select list.
pub(super) struct Target {
    pub name: Arc<str>,
    pub expr: Expr,
}

/// What a key of ORDER BY or DISTINCT ON means.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Key {
    /// An entry of the select list.
    Target(usize),
    /// An expression of its own.
    Hidden(usize),
}

impl Binder<'_> {
    pub(super) fn select(
        &mut self,
        select: &ast::Select,
        tail: Tail<'_>,
        unknowns: Unknowns,
    ) -> Result<Bound> {
        self.scopes.push(Scope::default());
        let bound = self.select_in_scope(select, tail, unknowns);
        self.scopes.pop();
        bound
    }

    fn select_in_scope(
        &mut self,
        select: &ast::Select,
        tail: Tail<'_>,
        unknowns: Unknowns,
    ) -> Result<Bound> {
        let ast::Select {
            select_token,
            optimizer_hints: _, // Comments; the dialect makes none.
            distinct,
            select_modifiers,
            top,
            top_before_distinct: _,
            projection,
            exclude,
            into,
            from,
            lateral_views,
            prewhere,
            selection,
            connect_by,
            group_by,
            cluster_by,
            distribute_by,
            sort_by,
            having,
            named_window,
            qualify,
            window_before_qualify: _,
            value_table_mode,
            flavor,
        } = select;
        let span = span_of(select_token.0.span);
        absent(select_modifiers.as_ref(), "a SELECT modifier", span)?;
        absent(top.as_ref(), "TOP", span).map_err(|error| error.hint("Write LIMIT."))?;
        absent(exclude.as_ref(), "EXCLUDE", span)?;
        absent(into.as_ref(), "SELECT INTO", span)
            .map_err(|error| error.hint("Write CREATE TABLE ... AS SELECT ..."))?;
        empty(lateral_views, "LATERAL VIEW", span)?;
        absent(prewhere.as_ref(), "PREWHERE", span)?;
        empty(connect_by, "CONNECT BY", span)
            .map_err(|error| error.hint("Write WITH RECURSIVE."))?;
        empty(cluster_by, "CLUSTER BY", span)?;
        empty(distribute_by, "DISTRIBUTE BY", span)?;
        empty(sort_by, "SORT BY", span)?;
        absent(qualify.as_ref(), "QUALIFY", span).map_err(|error| {
            error.hint("Put the window function into a derived table and filter outside.")
        })?;
        absent(value_table_mode.as_ref(), "SELECT AS", span)?;
        match flavor {
            SelectFlavor::Standard => {}
            SelectFlavor::FromFirst | SelectFlavor::FromFirstNoSelect => {
                return Err(unsupported("FROM before SELECT", span));
            }
        }

        let mut plan = self.from(from)?;
        let optional = (!tail.locks.is_empty()).then(|| super::locks::optional(&plan));
        self.scope().clause = Clause::Select;
        if !named_window.is_empty() {
            self.window_clause(named_window)?;
        }
        let mut targets = self.targets(projection, span, unknowns)?;
        if let Some(condition) = selection {
            let condition = self.within(Clause::Where, |binder| binder.expr(condition))?;
            let condition = self.boolean(condition, "WHERE")?;
            plan = plan.filter(conjuncts(condition));
        }
        let having = match having {
            Some(condition) => {
                let condition = self.within(Clause::Having, |binder| binder.expr(condition))?;
                Some(self.boolean(condition, "HAVING")?)
            }
            None => None,
        };
        let written = written(projection);
        let mut hidden: Vec<Expr> = Vec::new();
        let mut sort = Vec::with_capacity(tail.order_by.len());
        for key in tail.order_by {
            let (expr, direction, nulls) = super::order::parts(key)?;
            let place = self.key(expr, Clause::OrderBy, &targets, &written, &mut hidden)?;
            sort.push((place, direction, nulls));
        }
        let groups = self.group_by(group_by, &targets)?;
        let mut first_on = None;
        let (is_distinct, on) = match distinct {
            None | Some(Distinct::All) => (false, None),
            Some(Distinct::Distinct) => (true, None),
            Some(Distinct::On(exprs)) => {
                first_on = exprs.first().and_then(|expr| span_of(expr.span()));
                let keys = exprs
                    .iter()
                    .map(|expr| self.key(expr, Clause::DistinctOn, &targets, &written, &mut hidden))
                    .collect::<Result<Vec<_>>>()?;
                (false, Some(keys))
            }
        };

        if let Some(optional) = optional {
            let scope = self.scope();
            let folded = [
                (is_distinct || on.is_some(), "DISTINCT clause"),
                (groups.is_some(), "GROUP BY clause"),
                (having.is_some(), "HAVING clause"),
                (!scope.aggregates.is_empty(), "aggregate functions"),
                (!scope.windows.is_empty(), "window functions"),
                (
                    !scope.series.is_empty(),
                    "set-returning functions in the target list",
                ),
            ];
            let folded = folded.into_iter().find(|(there, _)| *there);
            self.lockable(tail.locks, folded.map(|(_, clause)| clause), &optional)?;
        }
        let mut having = having;
        let scope = self.scope();
        if groups.is_some()
            || having.is_some()
            || !scope.aggregates.is_empty()
            || !scope.groupings.is_empty()
        {
            plan = self.aggregate_plan(plan, groups, &mut targets, &mut having, &mut hidden)?;
        }
        if let Some(condition) = having {
            plan = plan.filter(conjuncts(condition));
        }
        let windows = std::mem::take(&mut self.scope().windows);
        plan = super::windows::plan_windows(plan, windows);
        plan = self.expand(plan)?;

        // The projection; columns that only pass through keep their number. A column of an outer
        // query gets a new one: it must not be taken for one that this query makes.
        let own = plan.column_set();
        let simple = |expr: &Expr| matches!(expr.kind, ExprKind::Column(id) if own.contains(id));
        let needed = is_distinct
            || !targets.iter().all(|target| simple(&target.expr))
            || !hidden.iter().all(simple);
        let mut columns = Vec::with_capacity(targets.len());
        let mut projected: Vec<(crate::engine::expr::ColumnId, Expr)> = Vec::new();
        for target in targets {
            let id = match target.expr.kind {
                ExprKind::Column(id) if own.contains(id) => id,
                _ => self.fresh(),
            };
            columns.push(Output {
                name: target.name,
                id,
                ty: target.expr.ty.clone(),
            });
            if needed && !projected.iter().any(|(known, _)| *known == id) {
                projected.push((id, target.expr));
            }
        }
        let mut extra = Vec::with_capacity(hidden.len());
        for expr in hidden {
            let id = match expr.kind {
                ExprKind::Column(id) if own.contains(id) => id,
                _ => self.fresh(),
            };
            extra.push((id, expr.ty.clone(), expr.span));
            if needed && !projected.iter().any(|(known, _)| *known == id) {
                projected.push((id, expr));
            }
        }
        if needed {
            plan = Plan::Project {
                input: Box::new(plan),
                columns: projected,
            };
        }
        let column_of = |key: Key| match key {
            Key::Target(place) => columns
                .get(place)
                .map(|column| Expr::column(column.id, column.ty.clone())),
            Key::Hidden(place) => extra
                .get(place)
                .map(|(id, ty, _)| Expr::column(*id, ty.clone())),
        };
        if is_distinct {
            if let Some(span) = sort.iter().find_map(|(key, ..)| match key {
                Key::Hidden(place) => Some(extra.get(*place).and_then(|(_, _, span)| *span)),
                Key::Target(_) => None,
            }) {
                return Err(Diagnostic::error(
                    sqlstate::INVALID_COLUMN_REFERENCE,
                    "for SELECT DISTINCT, ORDER BY expressions must appear in select list",
                )
                .at(span));
            }
            for column in &columns {
                if matches!(column.ty, Type::Json | Type::Jsonb) {
                    return Err(Diagnostic::error(
                        sqlstate::UNDEFINED_FUNCTION,
                        "could not identify an equality operator for type json",
                    )
                    .at(span));
                }
            }
            plan = Plan::Distinct {
                input: Box::new(plan),
            };
        }
        let mut keys = Vec::with_capacity(sort.len());
        for (key, direction, nulls) in &sort {
            if let Some(expr) = column_of(*key) {
                super::order::sortable(&expr)?;
                keys.push(SortKey {
                    expr,
                    direction: *direction,
                    nulls: *nulls,
                });
            }
        }
        if !keys.is_empty() {
            let mut sorted = keys.clone();
            if is_distinct {
                // PostgreSQL finds the different rows by sorting them, so rows that ORDER BY
                // leaves equal come in the order of their columns.
                let others = columns.iter().enumerate().filter(|(place, _)| {
                    let target = Key::Target(*place);
                    sort.iter().all(|(key, ..)| *key != target)
                });
                sorted.extend(others.map(|(_, column)| SortKey {
                    expr: Expr::column(column.id, column.ty.clone()),
                    direction: Direction::Ascending,
                    nulls: Nulls::Last,
                }));
            }
            plan = Plan::Sort {
                input: Box::new(plan),
                keys: sorted,
            };
        }
        if let Some(on) = on {
            let places: Vec<Key> = sort.iter().map(|(key, ..)| *key).collect();
            let matched = places.iter().take_while(|key| on.contains(key)).count();
            let covered = on
                .iter()
                .all(|key| places.get(..matched).is_some_and(|seen| seen.contains(key)));
            if matched < places.len() && !covered {
                return Err(Diagnostic::error(
                    sqlstate::INVALID_COLUMN_REFERENCE,
                    "SELECT DISTINCT ON expressions must match initial ORDER BY expressions",
                )
                .at(first_on)
                .at(span));
            }
            plan = Plan::DistinctOn {
                input: Box::new(plan),
                keys: on.iter().filter_map(|key| column_of(*key)).collect(),
            };
        }
        plan = self.limit(plan, tail.limit, tail.fetch, &keys)?;
        Ok(Bound {
            plan,
            columns,
            span,
        })
    }

    /// Binds a select list.
    pub(super) fn targets(
        &mut self,
        projection: &[SelectItem],
        span: Option<Span>,
        unknowns: Unknowns,
    ) -> Result<Vec<Target>> {
        let mut targets = Vec::with_capacity(projection.len());
        for item in projection {
            match item {
                SelectItem::UnnamedExpr(expr) => {
                    let name = label(expr);
                    let expr = self.target(expr, unknowns)?;
                    targets.push(Target { name, expr });
                }
                SelectItem::ExprWithAlias { expr, alias } => {
                    let expr = self.target(expr, unknowns)?;
                    targets.push(Target {
                        name: Arc::from(&*fold(alias)),
                        expr,
                    });
                }
                SelectItem::ExprWithAliases { expr: _, aliases } => {
                    return Err(unsupported(
                        "several names for one expression",
                        aliases.first().and_then(ident_span).or(span),
                    ));
                }
                SelectItem::Wildcard(options) => {
                    let star = wildcard(options, span)?;
                    let scope = self.scope();
                    if scope.items.is_empty() {
                        return Err(Diagnostic::error(
                            sqlstate::SYNTAX_ERROR,
                            "SELECT * with no tables specified is not valid",
                        )
                        .at(star));
                    }
                    for item in &scope.items {
                        if item.bare != Bare::Merged {
                            expand(item, star, &mut targets);
                        }
                    }
                }
                SelectItem::QualifiedWildcard(kind, options) => {
                    let star = wildcard(options, span)?;
                    let name = match kind {
                        SelectItemQualifiedWildcardKind::ObjectName(name) => name,
                        SelectItemQualifiedWildcardKind::Expr(_) => {
                            return Err(unsupported("the fields of a row value", star));
                        }
                    };
                    let Some(ident) = name.0.last().and_then(|part| part.as_ident()) else {
                        return Err(unsupported(format!("{name}.*"), star));
                    };
                    if name.0.len() > 2 {
                        return Err(unsupported(format!("{name}.*"), star));
                    }
                    let (level, place) = self.item(&fold(ident), ident_span(ident))?;
                    if let Some(item) = self
                        .scopes
                        .get(level)
                        .and_then(|scope| scope.items.get(place))
                    {
                        expand(item, star, &mut targets);
                    }
                }
            }
        }
        Ok(targets)
    }

    fn target(&mut self, expr: &ast::Expr, unknowns: Unknowns) -> Result<Expr> {
        let expr = self.expr(expr)?;
        if let Type::Array(element) = &expr.ty
            && **element == Type::Unknown
        {
            return Err(Diagnostic::error(
                sqlstate::INDETERMINATE_DATATYPE,
                "cannot determine type of empty array",
            )
            .at(expr.span)
            .hint("Explicitly cast to the desired type, for example ARRAY[]::integer[]."));
        }
        match unknowns {
            Unknowns::AsText => self.decided(expr),
            Unknowns::Keep => Ok(expr),
        }
    }

    /// A key of ORDER BY or DISTINCT ON: an output name first, then a number, then an expression.
    /// One that is `written` in the select list is that entry, whatever it holds.
    fn key(
        &mut self,
        expr: &ast::Expr,
        clause: Clause,
        targets: &[Target],
        written: &[&ast::Expr],
        hidden: &mut Vec<Expr>,
    ) -> Result<Key> {
        if let ast::Expr::Identifier(ident) = expr {
            let name = fold(ident);
            let mut found: Option<usize> = None;
            for (place, target) in targets.iter().enumerate() {
                if *target.name != *name {
                    continue;
                }
                match found.and_then(|before| targets.get(before)) {
                    Some(before) if !before.expr.same(&target.expr) => {
                        return Err(Diagnostic::error(
                            sqlstate::AMBIGUOUS_COLUMN,
                            format!("{} \"{name}\" is ambiguous", clause.name()),
                        )
                        .at(ident_span(ident)));
                    }
                    Some(_) => {}
                    None => found = Some(place),
                }
            }
            if let Some(place) = found {
                return Ok(Key::Target(place));
            }
        }
        if let Some((number, span)) = ordinal(expr, clause.name())? {
            return position(number, targets.len(), clause.name(), span).map(Key::Target);
        }
        if let Some(place) = written.iter().position(|known| *known == expr) {
            return Ok(Key::Target(place));
        }
        let bound = self.within(clause, |binder| binder.expr(expr))?;
        let bound = self.decided(bound)?;
        if let Some(place) = targets.iter().position(|target| target.expr.same(&bound)) {
            return Ok(Key::Target(place));
        }
        if let Some(place) = hidden.iter().position(|known| known.same(&bound)) {
            return Ok(Key::Hidden(place));
        }
        hidden.push(bound);
        Ok(Key::Hidden(hidden.len() - 1))
    }
}

/// The expressions of a select list, each in its entry's place; none where a star stands for
/// several.
fn written(projection: &[SelectItem]) -> Vec<&ast::Expr> {
    let exprs = projection.iter().map(|item| match item {
        SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, alias: _ } => Some(expr),
        SelectItem::ExprWithAliases {
            expr: _,
            aliases: _,
        }
        | SelectItem::Wildcard(_)
        | SelectItem::QualifiedWildcard(_, _) => None,
    });
    exprs.collect::<Option<Vec<_>>>().unwrap_or_default()
}

/// The conditions of an AND, or the one that there is.
pub(super) fn conjuncts(condition: Expr) -> Vec<Expr> {
    match condition.kind {
        ExprKind::And(all) => all,
        kind => vec![Expr { kind, ..condition }],
    }
}

fn expand(item: &super::scope::Item, span: Option<Span>, targets: &mut Vec<Target>) {
    item.each(|name, id, ty| {
        targets.push(Target {
            name: name.clone(),
            expr: Expr {
                kind: ExprKind::Column(id),
                ty: ty.clone(),
                span,
            },
        });
    });
}

fn wildcard(options: &WildcardAdditionalOptions, span: Option<Span>) -> Result<Option<Span>> {
    let WildcardAdditionalOptions {
        wildcard_token,
        opt_ilike,
        opt_exclude,
        opt_except,
        opt_replace,
        opt_rename,
        opt_alias,
    } = options;
    let star = span_of(wildcard_token.0.span).or(span);
    absent(opt_ilike.as_ref(), "* ILIKE", star)?;
    absent(opt_exclude.as_ref(), "* EXCLUDE", star)?;
    absent(opt_except.as_ref(), "* EXCEPT", star)?;
    absent(opt_replace.as_ref(), "* REPLACE", star)?;
    absent(opt_rename.as_ref(), "* RENAME", star)?;
    absent(opt_alias.as_ref(), "a name for *", star)?;
    Ok(star)
}
