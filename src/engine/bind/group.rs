//! GROUP BY: grouping sets, and the rule that what is not grouped must be aggregated.

use super::Binder;
use super::query::{ordinal, position};
use super::refuse::{empty, unsupported};
use super::scope::{Clause, Columns, fold, ident_span};
use super::select::Target;
use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Result, Span, Type};
use crate::engine::expr::{ColumnId, Expr, ExprKind};
use crate::engine::plan::{Aggregate, AggregateCall, AggregateFunction, Distinctness, Plan};
use crate::sql::GROUPING_SETS_MARK;
use sqlparser::ast::{self, GroupByExpr, GroupByWithModifier};

/// How many grouping sets a query may make (PostgreSQL's own limit).
const MAX_SETS: usize = 4096;

/// A bound GROUP BY clause.
pub(super) struct Groups {
    exprs: Vec<Expr>,
    /// `None` when it is a plain list.
    sets: Option<Vec<Vec<usize>>>,
}

impl Binder<'_> {
    pub(super) fn group_by(
        &mut self,
        group_by: &GroupByExpr,
        targets: &[Target],
    ) -> Result<Option<Groups>> {
        let items = match group_by {
            GroupByExpr::Expressions(items, modifiers) => {
                if let Some(modifier) = modifiers.iter().next() {
                    let what = match modifier {
                        GroupByWithModifier::Rollup => "GROUP BY ... WITH ROLLUP",
                        GroupByWithModifier::Cube => "GROUP BY ... WITH CUBE",
                        GroupByWithModifier::Totals => "GROUP BY ... WITH TOTALS",
                        GroupByWithModifier::GroupingSets(_) => "GROUP BY ... GROUPING SETS",
                    };
                    return Err(unsupported(what, None)
                        .hint("Write GROUP BY ROLLUP (...), CUBE (...) or GROUPING SETS (...)."));
                }
                items
            }
            GroupByExpr::All(modifiers) => {
                empty(modifiers, "GROUP BY ALL with modifiers", None)?;
                return Err(unsupported("GROUP BY ALL", None));
            }
        };
        if items.is_empty() {
            return Ok(None);
        }
        let mut groups = Groups {
            exprs: Vec::with_capacity(items.len()),
            sets: None,
        };
        // Each item is a list of sets; the clause is their cross product.
        let mut product: Vec<Vec<usize>> = vec![Vec::new()];
        let mut plain = true;
        for item in items {
            let alternatives = match self.nested_sets(item, targets, &mut groups)? {
                Some(sets) => {
                    plain = false;
                    sets
                }
                None => match item {
                    ast::Expr::Tuple(parts) => {
                        vec![self.group_set(parts, targets, &mut groups)?]
                    }
                    expr => vec![vec![self.group_item(expr, targets, &mut groups)?]],
                },
            };
            let mut next = Vec::with_capacity(product.len() * alternatives.len());
            for set in &product {
                for alternative in &alternatives {
                    if next.len() >= MAX_SETS {
                        return Err(Diagnostic::error(
                            sqlstate::STATEMENT_TOO_COMPLEX,
                            "too many grouping sets present (maximum 4096)",
                        ));
                    }
                    let mut set = set.clone();
                    for place in alternative {
                        if !set.contains(place) {
                            set.push(*place);
                        }
                    }
                    next.push(set);
                }
            }
            product = next;
        }
        if !plain {
            for set in &mut product {
                set.sort_unstable();
            }
            groups.sets = Some(product);
        }
        Ok(Some(groups))
    }

    /// The sets of GROUPING SETS, ROLLUP, CUBE or (); nothing for a plain expression.
    fn nested_sets(
        &mut self,
        item: &ast::Expr,
        targets: &[Target],
        groups: &mut Groups,
    ) -> Result<Option<Vec<Vec<usize>>>> {
        let (kind, lists) = match item {
            ast::Expr::GroupingSets(sets) => (Nested::Sets, sets.clone()),
            ast::Expr::Rollup(parts) => (Nested::Rollup, parts.clone()),
            ast::Expr::Cube(parts) => (Nested::Cube, parts.clone()),
            ast::Expr::Tuple(parts) if parts.is_empty() => return Ok(Some(vec![Vec::new()])),
            expr => match nested_call(expr) {
                Some(call) => call,
                None => return Ok(None),
            },
        };
        let mut sets = Vec::with_capacity(lists.len());
        for list in &lists {
            let inner = match (kind, list.as_slice()) {
                (Nested::Sets, [only]) => self.nested_sets(only, targets, groups)?,
                _ => None,
            };
            match inner {
                Some(inner) => sets.extend(inner),
                None => sets.push(self.group_set(list, targets, groups)?),
            }
        }
        Ok(Some(match kind {
            Nested::Sets => sets,
            Nested::Rollup => (0..=sets.len())
                .rev()
                .map(|length| sets.iter().take(length).flatten().copied().collect())
                .collect(),
            Nested::Cube if sets.len() > 12 => {
                return Err(Diagnostic::error(
                    sqlstate::STATEMENT_TOO_COMPLEX,
                    "CUBE is limited to 12 elements",
                ));
            }
            Nested::Cube => cube(&sets),
        }))
    }

    fn group_set(
        &mut self,
        parts: &[ast::Expr],
        targets: &[Target],
        groups: &mut Groups,
    ) -> Result<Vec<usize>> {
        let mut set = Vec::with_capacity(parts.len());
        for part in parts {
            match part {
                ast::Expr::Tuple(inner) => set.extend(self.group_set(inner, targets, groups)?),
                expr => set.push(self.group_item(expr, targets, groups)?),
            }
        }
        Ok(set)
    }

    /// One grouping expression: an input column first, then an output name, a number, an
    /// expression.
    fn group_item(
        &mut self,
        expr: &ast::Expr,
        targets: &[Target],
        groups: &mut Groups,
    ) -> Result<usize> {
        let mut inner = expr;
        while let ast::Expr::Nested(nested) = inner {
            inner = nested;
        }
        match inner {
            ast::Expr::GroupingSets(_) | ast::Expr::Rollup(_) | ast::Expr::Cube(_) => {
                return Err(unsupported("nested grouping sets", None));
            }
            _ => {}
        }
        let mut bound = None;
        if let ast::Expr::Identifier(ident) = inner {
            let (name, span) = (fold(ident), ident_span(ident));
            bound = self.find_local(&name, span)?;
            if bound.is_none() {
                let mut found: Option<&Target> = None;
                for target in targets.iter().filter(|target| *target.name == *name) {
                    if found.is_some_and(|before| !before.expr.same(&target.expr)) {
                        return Err(Diagnostic::error(
                            sqlstate::AMBIGUOUS_COLUMN,
                            format!("GROUP BY \"{name}\" is ambiguous"),
                        )
                        .at(span));
                    }
                    found = found.or(Some(target));
                }
                bound = found.map(|target| Expr {
                    span,
                    ..target.expr.clone()
                });
            }
        } else if let Some((number, span)) = ordinal(inner, "GROUP BY")? {
            let place = position(number, targets.len(), "GROUP BY", span)?;
            bound = targets.get(place).map(|target| Expr {
                span,
                ..target.expr.clone()
            });
        }
        let bound = match bound {
            Some(bound) => bound,
            None => {
                let bound = self.within(Clause::GroupBy, |binder| binder.expr(inner))?;
                self.decided(bound)?
            }
        };
        self.no_aggregates(&bound)?;
        if matches!(bound.ty, Type::Json | Type::Jsonb) {
            return Err(Diagnostic::error(
                sqlstate::UNDEFINED_FUNCTION,
                "could not identify an equality operator for type json",
            )
            .at(bound.span));
        }
        Ok(
            match groups.exprs.iter().position(|known| known.same(&bound)) {
                Some(place) => place,
                None => {
                    groups.exprs.push(bound);
                    groups.exprs.len() - 1
                }
            },
        )
    }

    fn no_aggregates(&mut self, expr: &Expr) -> Result<()> {
        let reads = expr.reads();
        let scope = self.scope();
        if scope.aggregates.iter().any(|(id, _)| reads.contains(*id)) {
            return Err(Diagnostic::error(
                sqlstate::GROUPING_ERROR,
                "aggregate functions are not allowed in GROUP BY",
            )
            .at(expr.span));
        }
        if scope.windows.iter().any(|window| reads.contains(window.id)) {
            return Err(Diagnostic::error(
                sqlstate::WINDOWING_ERROR,
                "window functions are not allowed in GROUP BY",
            )
            .at(expr.span));
        }
        Ok(())
    }

    /// Groups a plan, and makes everything above read groups instead of rows.
    pub(super) fn aggregate_plan(
        &mut self,
        plan: Plan,
        groups: Option<Groups>,
        targets: &mut [Target],
        having: &mut Option<Expr>,
        hidden: &mut [Expr],
    ) -> Result<Plan> {
        let Groups { exprs, sets } = groups.unwrap_or(Groups {
            exprs: Vec::new(),
            sets: None,
        });
        let keys: Vec<(ColumnId, Expr)> =
            exprs.into_iter().map(|expr| (self.fresh(), expr)).collect();
        let mut regroup = Regroup {
            plain: sets.is_none(),
            keys,
            dependents: Vec::new(),
            inside: Inside::Query,
        };
        for target in targets {
            regroup.expr(self, &mut target.expr)?;
        }
        for expr in having.iter_mut().chain(hidden) {
            regroup.expr(self, expr)?;
        }
        let mut windows = std::mem::take(&mut self.scope().windows);
        for window in &mut windows {
            for expr in window
                .call
                .arguments
                .iter_mut()
                .chain(&mut window.call.filter)
                .chain(&mut window.window.partition_by)
                .chain(window.window.order_by.iter_mut().map(|key| &mut key.expr))
            {
                regroup.expr(self, expr)?;
            }
        }
        self.scope().windows = windows;
        let mut series = std::mem::take(&mut self.scope().series);
        for expr in series.iter_mut().flat_map(|series| &mut series.arguments) {
            regroup.expr(self, expr)?;
        }
        self.scope().series = series;
        let mut grouping = Vec::new();
        for (id, arguments, span) in std::mem::take(&mut self.scope().groupings) {
            let mut places = Vec::with_capacity(arguments.len());
            for argument in arguments {
                match regroup.keys.iter().position(|(_, key)| key.same(&argument)) {
                    Some(place) => places.push(place),
                    None => {
                        return Err(Diagnostic::error(
                            sqlstate::GROUPING_ERROR,
                            "arguments to GROUPING must be grouping expressions of the associated query level",
                        )
                        .at(argument.span.or(span)));
                    }
                }
            }
            grouping.push((id, places));
        }
        let mut calls = std::mem::take(&mut self.scope().aggregates);
        for (id, column) in regroup.dependents {
            calls.push((
                id,
                AggregateCall {
                    function: AggregateFunction::AnyValue,
                    ty: column.ty.clone(),
                    span: column.span,
                    arguments: vec![column],
                    distinct: Distinctness::All,
                    filter: None,
                    order_by: Vec::new(),
                },
            ));
        }
        Ok(Plan::Aggregate(Box::new(Aggregate {
            input: plan,
            groups: regroup.keys,
            sets,
            calls,
            grouping,
        })))
    }

    /// Whether a table's primary key is among the keys, so that they determine all its columns.
    fn is_dependent(&self, id: ColumnId, keys: &[(ColumnId, Expr)]) -> bool {
        let Some(item) = self.scopes.last().and_then(|scope| scope.item_of(id)) else {
            return false;
        };
        let Columns::Table(table, first) = &item.columns else {
            return false;
        };
        let Some(primary) = &table.primary_key else {
            return false;
        };
        primary.columns.iter().all(|place| {
            let wanted = ColumnId(first.0 + *place as u32);
            keys.iter()
                .any(|(_, key)| matches!(key.kind, ExprKind::Column(column) if column == wanted))
        })
    }
}

/// Every subset of the parts, the largest first, as CUBE lists them.
fn cube(parts: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let count = parts.len();
    (0..1_usize << count)
        .rev()
        .map(|mask| {
            parts
                .iter()
                .enumerate()
                .filter(|(place, _)| mask & (1 << (count - 1 - place)) != 0)
                .flat_map(|(_, part)| part.iter().copied())
                .collect()
        })
        .collect()
}

/// What makes several sets out of a list of them.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Nested {
    Sets,
    Rollup,
    Cube,
}

/// ROLLUP, CUBE and GROUPING SETS inside GROUPING SETS, which the parser takes for calls, and the
/// lists in their parentheses.
fn nested_call(expr: &ast::Expr) -> Option<(Nested, Vec<Vec<ast::Expr>>)> {
    let ast::Expr::Function(function) = expr else {
        return None;
    };
    let [ast::ObjectNamePart::Identifier(name)] = function.name.0.as_slice() else {
        return None;
    };
    let kind = match &*fold(name) {
        "rollup" => Nested::Rollup,
        "cube" => Nested::Cube,
        GROUPING_SETS_MARK | "row" => Nested::Sets,
        _ => return None,
    };
    let ast::FunctionArguments::List(list) = &function.args else {
        return None;
    };
    let mut lists = Vec::with_capacity(list.args.len());
    for argument in &list.args {
        let ast::FunctionArg::Unnamed(ast::FunctionArgExpr::Expr(expr)) = argument else {
            return None;
        };
        lists.push(match expr {
            ast::Expr::Tuple(parts) => parts.clone(),
            ast::Expr::Nested(inner) => vec![(**inner).clone()],
            expr => vec![expr.clone()],
        });
    }
    match (&*fold(name), lists.is_empty()) {
        ("row", true) => Some((Nested::Sets, vec![Vec::new()])),
        ("row", false) => None,
        _ => Some((kind, lists)),
    }
}

/// Where an expression stands, for the message.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    Query,
    Subquery,
}

/// Turns expressions over rows into expressions over groups.
struct Regroup {
    /// Without grouping sets, a primary key determines the other columns.
    plain: bool,
    keys: Vec<(ColumnId, Expr)>,
    dependents: Vec<(ColumnId, Expr)>,
    inside: Inside,
}

impl Regroup {
    fn expr(&mut self, binder: &mut Binder<'_>, expr: &mut Expr) -> Result<()> {
        if !matches!(expr.kind, ExprKind::Literal(_) | ExprKind::Parameter(_))
            && let Some((id, _)) = self.keys.iter().find(|(_, key)| key.same(expr))
        {
            expr.kind = ExprKind::Column(*id);
            return Ok(());
        }
        if let ExprKind::Column(id) = expr.kind {
            return self.column(binder, id, expr);
        }
        if let ExprKind::Subquery(subquery) = &mut expr.kind {
            let before = std::mem::replace(&mut self.inside, Inside::Subquery);
            let outcome = self.plan(binder, &mut subquery.plan);
            self.inside = before;
            outcome?;
        }
        let mut outcome = Ok(());
        expr.children_mut(&mut |child| {
            if outcome.is_ok() {
                outcome = self.expr(binder, child);
            }
        });
        outcome
    }

    fn plan(&mut self, binder: &mut Binder<'_>, plan: &mut Plan) -> Result<()> {
        let mut outcome = Ok(());
        plan.exprs_mut(&mut |expr| {
            if outcome.is_ok() {
                outcome = self.expr(binder, expr);
            }
        });
        plan.inputs_mut(&mut |input| {
            if outcome.is_ok() {
                outcome = self.plan(binder, input);
            }
        });
        outcome
    }

    fn column(&mut self, binder: &mut Binder<'_>, id: ColumnId, expr: &mut Expr) -> Result<()> {
        let belongs = binder
            .scopes
            .last()
            .is_some_and(|scope| scope.items.iter().any(|item| item.holds(id)));
        if !belongs {
            return Ok(());
        }
        if self.plain && binder.is_dependent(id, &self.keys) {
            let known = self
                .dependents
                .iter()
                .find(|(_, column)| matches!(column.kind, ExprKind::Column(known) if known == id))
                .map(|(new, _)| *new);
            let new = match known {
                Some(new) => new,
                None => {
                    let new = binder.fresh();
                    self.dependents.push((new, expr.clone()));
                    new
                }
            };
            expr.kind = ExprKind::Column(new);
            return Ok(());
        }
        let shown = binder
            .scopes
            .last()
            .and_then(|scope| scope.display(id))
            .unwrap_or_default();
        Err(ungrouped(&shown, self.inside, expr.span))
    }
}

fn ungrouped(column: &str, inside: Inside, span: Option<Span>) -> Box<Diagnostic> {
    let message = match inside {
        Inside::Query => format!(
            "column \"{column}\" must appear in the GROUP BY clause or be used in an aggregate function"
        ),
        Inside::Subquery => {
            format!("subquery uses ungrouped column \"{column}\" from outer query")
        }
    };
    Diagnostic::error(sqlstate::GROUPING_ERROR, message)
        .at(span)
        .hint(format!(
            "Add {column} to GROUP BY, or put it into an aggregate such as max({column})."
        ))
}
