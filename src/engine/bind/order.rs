//! ORDER BY, LIMIT, OFFSET and FETCH.

use super::Binder;
use super::refuse::{absent, empty, unset, unsupported};
use super::scope::Clause;
use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Result, Type, Value};
use crate::engine::expr::{Comparison, Expr, ExprKind, Test};
use crate::engine::plan::{Direction, Nulls, Plan, SortKey, Window, WindowCall, WindowFunction};
use sqlparser::ast::{
    self, Fetch, LimitClause, Offset, OffsetRows, OrderBy, OrderByExpr, OrderByKind,
    OrderByOptions, OrderBySort,
};

/// The keys of an ORDER BY clause.
pub(super) fn keys(order_by: Option<&OrderBy>) -> Result<&[OrderByExpr]> {
    let Some(OrderBy { kind, interpolate }) = order_by else {
        return Ok(&[]);
    };
    absent(interpolate.as_ref(), "INTERPOLATE", None)?;
    match kind {
        OrderByKind::Expressions(keys) => Ok(keys),
        OrderByKind::All(_) => Err(unsupported("ORDER BY ALL", None)),
    }
}

/// The parts of one key.
pub(super) fn parts(key: &OrderByExpr) -> Result<(&ast::Expr, Direction, Nulls)> {
    let OrderByExpr {
        expr,
        options,
        with_fill,
    } = key;
    let OrderByOptions { sort, nulls_first } = options;
    absent(with_fill.as_ref(), "WITH FILL", None)?;
    let direction = match sort {
        None | Some(OrderBySort::Asc) => Direction::Ascending,
        Some(OrderBySort::Desc) => Direction::Descending,
        Some(OrderBySort::Using(operator)) => match operator.to_string().as_str() {
            "<" => Direction::Ascending,
            ">" => Direction::Descending,
            other => {
                return Err(Diagnostic::error(
                    sqlstate::WRONG_OBJECT_TYPE,
                    format!("operator {other} is not a valid ordering operator"),
                ));
            }
        },
    };
    let nulls = match (nulls_first, direction) {
        (Some(true), _) | (None, Direction::Descending) => Nulls::First,
        (Some(false), _) | (None, Direction::Ascending) => Nulls::Last,
    };
    Ok((expr, direction, nulls))
}

/// Refuses types without an order.
pub(super) fn sortable(expr: &Expr) -> Result<()> {
    match expr.ty {
        Type::Json | Type::Jsonb => Err(Diagnostic::error(
            sqlstate::UNDEFINED_FUNCTION,
            format!(
                "could not identify an ordering operator for type {}",
                expr.ty
            ),
        )
        .at(expr.span)),
        _ => Ok(()),
    }
}

impl Binder<'_> {
    /// Puts LIMIT, OFFSET and FETCH over a plan. `sort` are the keys of its order, for WITH TIES.
    pub(super) fn limit(
        &mut self,
        plan: Plan,
        limit: Option<&LimitClause>,
        fetch: Option<&Fetch>,
        sort: &[SortKey],
    ) -> Result<Plan> {
        let (mut take, mut skip) = (None, None);
        match limit {
            None => {}
            Some(LimitClause::LimitOffset {
                limit,
                offset,
                limit_by,
            }) => {
                empty(limit_by, "LIMIT BY", None)?;
                if let Some(limit) = limit {
                    take = self.row_count(limit, Clause::Limit)?;
                }
                if let Some(Offset { value, rows }) = offset {
                    match rows {
                        OffsetRows::None | OffsetRows::Row | OffsetRows::Rows => {}
                    }
                    skip = self.row_count(value, Clause::Offset)?;
                }
            }
            Some(LimitClause::OffsetCommaLimit {
                offset: _,
                limit: _,
            }) => {
                return Err(Diagnostic::error(
                    sqlstate::SYNTAX_ERROR,
                    "LIMIT #,# syntax is not supported",
                )
                .hint("Use separate LIMIT and OFFSET clauses."));
            }
        }
        let mut ties = None;
        if let Some(Fetch {
            with_ties,
            percent,
            quantity,
        }) = fetch
        {
            unset(*percent, "FETCH ... PERCENT", None)?;
            if take.is_some() {
                return Err(Diagnostic::error(
                    sqlstate::SYNTAX_ERROR,
                    "multiple LIMIT clauses not allowed",
                ));
            }
            take = match quantity {
                Some(quantity) => self.row_count(quantity, Clause::Limit)?,
                None => Some(Expr::literal(Value::Int(1), Type::BigInt)),
            };
            if *with_ties {
                if sort.is_empty() {
                    return Err(Diagnostic::error(
                        sqlstate::SYNTAX_ERROR,
                        "WITH TIES cannot be specified without ORDER BY clause",
                    ));
                }
                ties = Some(sort.to_vec());
            }
        }
        if take.is_none() && skip.is_none() {
            return Ok(plan);
        }
        if [&take, &skip]
            .into_iter()
            .flatten()
            .any(|count| count.has_subquery())
        {
            return self.numbered_limit(plan, take, skip, ties, sort);
        }
        Ok(Plan::Limit {
            input: Box::new(plan),
            limit: take,
            offset: skip,
            ties,
        })
    }

    /// A limit that a subquery computes: the rows are numbered, and the numbers compared.
    fn numbered_limit(
        &mut self,
        plan: Plan,
        take: Option<Expr>,
        skip: Option<Expr>,
        ties: Option<Vec<SortKey>>,
        sort: &[SortKey],
    ) -> Result<Plan> {
        let number = self.fresh();
        let function = match ties {
            Some(_) => WindowFunction::Rank,
            None => WindowFunction::RowNumber,
        };
        let numbered = Plan::Window(Box::new(Window {
            input: plan,
            partition_by: Vec::new(),
            order_by: sort.to_vec(),
            frame: super::windows::default_frame(),
            calls: vec![(
                number,
                WindowCall {
                    function,
                    arguments: Vec::new(),
                    filter: None,
                    ty: Type::BigInt,
                    span: None,
                },
            )],
        }));
        let zero = || Expr::literal(Value::Int(0), Type::BigInt);
        let number = || Expr::column(number, Type::BigInt);
        // NULL skips nothing and limits nothing.
        let skip = skip.map(|skip| Expr::new(ExprKind::Coalesce(vec![skip, zero()]), Type::BigInt));
        let mut predicates = Vec::new();
        if let Some(take) = take {
            let last = match &skip {
                Some(skip) => {
                    let span = take.span;
                    self.operator("+", vec![take, skip.clone()], span)?
                }
                None => take,
            };
            let within = self.compare(Comparison::LtEq, number(), last)?;
            predicates.push(Expr::new(
                ExprKind::Test(Box::new(within), Test::NotFalse),
                Type::Boolean,
            ));
        }
        if let Some(skip) = skip {
            predicates.push(self.compare(Comparison::Gt, number(), skip)?);
        }
        let plan = numbered.filter(predicates);
        if sort.is_empty() {
            return Ok(plan);
        }
        Ok(Plan::Sort {
            input: Box::new(plan),
            keys: sort.to_vec(),
        })
    }

    /// A row count; `None` for NULL and ALL, which limit nothing.
    fn row_count(&mut self, count: &ast::Expr, clause: Clause) -> Result<Option<Expr>> {
        let name = clause.name();
        self.scopes.push(super::scope::Scope {
            clause,
            ..super::scope::Scope::default()
        });
        let bound = self.expr(count);
        self.scopes.pop();
        let bound = self.count(bound?, name)?;
        if let Some(id) = bound.reads().iter().next() {
            let shown = self
                .scopes
                .iter()
                .rev()
                .find_map(|scope| scope.display(id))
                .unwrap_or_default();
            return Err(Diagnostic::error(
                sqlstate::INVALID_COLUMN_REFERENCE,
                format!("argument of {name} must not contain variables"),
            )
            .at(bound.span)
            .hint(format!("The column {shown} differs from row to row.")));
        }
        if let ExprKind::Literal(Value::Int(number)) = &bound.kind
            && *number < 0
        {
            let code = if clause == Clause::Limit {
                sqlstate::INVALID_ROW_COUNT_IN_LIMIT
            } else {
                sqlstate::INVALID_ROW_COUNT_IN_OFFSET
            };
            return Err(
                Diagnostic::error(code, format!("{name} must not be negative")).at(bound.span),
            );
        }
        Ok(match &bound.kind {
            ExprKind::Literal(Value::Null) => None,
            _ => Some(bound),
        })
    }
}
