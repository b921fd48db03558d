//! Each expression's SQL.

use super::{Compiled, Compiler, Labels, Limits, Stop};
use crate::base::Value;
use crate::market::catalogue::FieldKind;
use crate::orm::errors::{ExceptionClass, OrmError};
use crate::orm::expressions::{
    Aggregate, AggregateKind, Case, Combined, Expr, Frame, FrameUnit, Nulls, OrderBy, PlainValue,
    Temporal, ValueExpr, When, Window, value_field,
};
use crate::orm::functions::cast;
use crate::orm::lookups::{Lookup, LookupKind, Rhs, prepare};
use crate::orm::q::Connector;
use crate::orm::query::Query;
use crate::orm::sql::{Sql, quote};
use crate::orm::where_tree::WhereNode;

impl Compiler<'_> {
    /// The SQL of an expression.
    pub(super) fn compile(&mut self, expr: &Expr) -> Compiled {
        match expr {
            Expr::Col(col) => Ok(Sql::raw(format!(
                "{}.{}",
                quote(&col.alias),
                quote(&col.target.column)
            ))),
            Expr::Ref(name, _) => Ok(Sql::raw(quote(name))),
            Expr::PositionRef(at, _, _) => Ok(Sql::raw(at.to_string())),
            Expr::Value(value) => self.value(value),
            Expr::Combined(combined) => self.combined(combined),
            Expr::Func(func) => self.func(func),
            Expr::Aggregate(aggregate) => self.aggregate(aggregate),
            Expr::Case(case) => self.case(case),
            Expr::When(when) => self.when(when),
            Expr::Wrapper(inner, _) => self.compile(inner),
            Expr::Negated(inner) => match self.compile(inner) {
                Ok(sql) => Ok(sql.wrap("NOT ", "")),
                Err(Stop::Empty) => Ok(Sql::param(Value::Bool(true))),
                Err(stop) => Err(stop),
            },
            Expr::Query(query) => self.subquery(query),
            Expr::Subquery(subquery) => self.subquery(&subquery.query),
            Expr::Exists(query) => match self.sibling(query).as_sql(Limits::Keep, Labels::Given) {
                Ok(sql) => Ok(sql.wrap("EXISTS(", ")")),
                Err(Stop::Empty) => Ok(Sql::param(Value::Bool(false))),
                Err(stop) => Err(stop),
            },
            Expr::Window(window) => self.window(window),
            Expr::OrderBy(order) => self.ordering(order),
            Expr::RawSql(raw) => Ok(Sql {
                template: format!("({})", raw.sql),
                params: raw.params.clone(),
            }),
            Expr::Star => Ok(Sql::raw("*")),
            Expr::Where(node) => self.compile_where(node),
            Expr::Lookup(lookup) => self.lookup(lookup),
            Expr::List(items) => {
                let parts = self.compile_all(items)?;
                Ok(Sql::join(parts, ", "))
            }
            Expr::Nothing => Err(Stop::Empty),
            Expr::ResolvedOuterRef(_) | Expr::OuterRef(_) => Err(OrmError::value(
                "This queryset contains a reference to an outer query and may only be used in a \
                 subquery.",
            )
            .into()),
            Expr::F(_) | Expr::Q(_) | Expr::QuerySet(_) => {
                let resolved = expr.resolve(
                    &mut self.query,
                    &mut crate::orm::expressions::Resolve::joins(),
                )?;
                self.compile(&resolved)
            }
        }
    }

    pub(super) fn compile_all(&mut self, items: &[Expr]) -> std::result::Result<Vec<Sql>, Stop> {
        let mut parts = Vec::with_capacity(items.len());
        for item in items {
            parts.push(self.compile(item)?);
        }
        Ok(parts)
    }

    /// An argument of a function: one that cannot match becomes its value for no rows.
    pub(super) fn argument(&mut self, expr: &Expr) -> Compiled {
        match self.compile(expr) {
            Err(Stop::Empty) => match expr.empty_value() {
                Some(value) => self.value(&value),
                None => Err(Stop::Empty),
            },
            Err(Stop::Full) => Ok(Sql::param(Value::Bool(true))),
            other => other,
        }
    }

    pub(super) fn value(&mut self, value: &ValueExpr) -> Compiled {
        if value.value.is_null() {
            return Ok(Sql::raw("NULL"));
        }
        let prepared = match &value.output_field {
            Some(field) => {
                let field = value_field(field, &self.query.catalogue);
                prepare(&field, value.value.clone())?
            }
            None => value.value.clone(),
        };
        Ok(Sql::param(prepared))
    }

    fn combined(&mut self, combined: &Combined) -> Compiled {
        let lhs = self.compile(&combined.lhs)?;
        let rhs = self.compile(&combined.rhs)?;
        if combined.temporal == Temporal::Subtraction {
            let date = combined.lhs.output_field()?.kind == FieldKind::Date;
            let mut out = lhs;
            out.push(" - ");
            out.append(rhs);
            return Ok(if date {
                out.wrap("(interval '1 day' * (", "))")
            } else {
                out.wrap("(", ")")
            });
        }
        let mut out = lhs;
        out.push(&format!(" {} ", combined.operator.symbol()));
        out.append(rhs);
        Ok(out.wrap("(", ")"))
    }

    fn aggregate(&mut self, aggregate: &Aggregate) -> Compiled {
        if aggregate.kind == AggregateKind::AnyValue {
            return Err(OrmError::not_supported(
                "ANY_VALUE is not supported on this database backend.",
            )
            .into());
        }
        let order_by = match &aggregate.order_by {
            Some(keys) => Some(Sql::join(self.compile_all(keys)?, ", ")),
            None => None,
        };
        let filter = match &aggregate.filter {
            None => None,
            Some(condition) => match self.compile(condition) {
                Ok(sql) => Some(sql),
                Err(Stop::Full) => None,
                Err(stop) => return Err(stop),
            },
        };
        let mut args = Vec::with_capacity(aggregate.args.len());
        for arg in &aggregate.args {
            args.push(self.argument(arg)?);
        }
        let distinct = if aggregate.distinct { "DISTINCT " } else { "" };
        let mut out =
            Sql::join(args, ", ").wrap(&format!("{}({distinct}", aggregate.function()), "");
        if let Some(order_by) = order_by {
            out.push(" ORDER BY ");
            out.append(order_by);
        }
        out.push(")");
        if let Some(filter) = filter {
            out.append(filter.wrap(" FILTER (WHERE ", ")"));
        }
        Ok(out)
    }

    fn when(&mut self, when: &When) -> Compiled {
        let mut out = self.compile(&when.condition)?.wrap("WHEN ", " THEN ");
        out.append(self.compile(&when.result)?);
        Ok(out)
    }

    fn case(&mut self, case: &Case) -> Compiled {
        let mut parts = Vec::new();
        let mut default = &case.default;
        for when in &case.cases {
            match self.when(when) {
                Ok(sql) => parts.push(sql),
                Err(Stop::Empty) => {}
                Err(Stop::Full) => {
                    default = &when.result;
                    break;
                }
                Err(stop) => return Err(stop),
            }
        }
        if parts.is_empty() {
            if let Expr::Value(_) = default
                && !case.cases.is_empty()
                && let Some(field) = default.output_field_or_none()?
            {
                let cast = cast(default.clone(), field)?;
                return self.compile(&cast);
            }
            return self.compile(default);
        }
        let mut out = Sql::join(parts, " ").wrap("CASE ", " ELSE ");
        out.append(self.compile(default)?);
        out.push(" END");
        let expr = Expr::Case(Box::new(case.clone()));
        match expr.output_field_or_none()? {
            Some(field) if matches!(field.kind, FieldKind::Time | FieldKind::Uuid) => {
                let name = super::db_type(&field, &self.query.catalogue);
                Ok(out.wrap("CAST(", &format!(" AS {name})")))
            }
            _ => Ok(out),
        }
    }

    /// A query in parentheses.
    fn subquery(&mut self, query: &Query) -> Compiled {
        let sql = self.sibling(query).as_sql(Limits::Keep, Labels::Given)?;
        Ok(if query.subquery {
            sql.wrap("(", ")")
        } else {
            sql
        })
    }

    fn window(&mut self, window: &Window) -> Compiled {
        let mut out = self.compile(&window.source)?;
        let mut parts = Vec::new();
        if let Some(items) = &window.partition_by
            && !items.is_empty()
        {
            let items = self.compile_all(items)?;
            parts.push(Sql::join(items, ", ").wrap("PARTITION BY ", ""));
        }
        if let Some(items) = &window.order_by {
            let items = self.compile_all(items)?;
            parts.push(Sql::join(items, ", ").wrap("ORDER BY ", ""));
        }
        if let Some(frame) = &window.frame {
            check_frame(frame)?;
            parts.push(Sql::raw(frame.sql()));
        }
        out.push(" OVER (");
        out.append(Sql::join(parts, " "));
        out.push(")");
        Ok(out)
    }

    fn ordering(&mut self, order: &OrderBy) -> Compiled {
        let mut out = self.compile(&order.expression)?;
        out.push(if order.descending { " DESC" } else { " ASC" });
        out.push(match order.nulls {
            Nulls::Default => "",
            Nulls::First => " NULLS FIRST",
            Nulls::Last => " NULLS LAST",
        });
        Ok(out)
    }

    /// Conditions joined by AND, OR or XOR; those that always or never hold fall out.
    pub(super) fn compile_where(&mut self, node: &WhereNode) -> Compiled {
        if node.connector == Connector::Xor {
            let expanded = exclusive(node)?;
            return self.compile_where(&expanded);
        }
        let count = node.children.len();
        let (mut full_needed, mut empty_needed) = match node.connector {
            Connector::And => (count, 1),
            Connector::Or | Connector::Xor => (1, count),
        };
        let mut parts = Vec::with_capacity(count);
        for child in &node.children {
            match self.compile(child) {
                Ok(sql) if sql.is_empty() => full_needed = full_needed.saturating_sub(1),
                Ok(sql) => parts.push(sql),
                Err(Stop::Empty) => empty_needed = empty_needed.saturating_sub(1),
                Err(Stop::Full) => full_needed = full_needed.saturating_sub(1),
                Err(stop) => return Err(stop),
            }
            if empty_needed == 0 {
                return Err(if node.negated {
                    Stop::Full
                } else {
                    Stop::Empty
                });
            }
            if full_needed == 0 {
                return Err(if node.negated {
                    Stop::Empty
                } else {
                    Stop::Full
                });
            }
        }
        let several = parts.len() > 1;
        let out = Sql::join(parts, &format!(" {} ", node.connector.sql()));
        if out.is_empty() {
            return Err(Stop::Full);
        }
        Ok(if node.negated {
            out.wrap("NOT (", ")")
        } else if several || node.resolved {
            out.wrap("(", ")")
        } else {
            out
        })
    }
}

/// `a ^ b` as `(a OR b) AND 1 = (a + b)`, and the sum modulo 2 from three conditions on.
fn exclusive(node: &WhereNode) -> std::result::Result<WhereNode, Stop> {
    let any = WhereNode::new(node.children.clone(), Connector::Or, false);
    let mut terms = node.children.iter().map(|child| {
        Expr::Case(Box::new(Case {
            cases: vec![When {
                condition: child.clone(),
                result: Expr::from(1),
            }],
            default: Expr::from(0),
            output_field: None,
        }))
    });
    let Some(first) = terms.next() else {
        return Err(Stop::Full);
    };
    let mut sum = terms.fold(first, |sum, term| sum + term);
    if node.children.len() > 2 {
        sum = crate::orm::functions::known("Mod", vec![sum, Expr::from(2)])?;
    }
    let odd = Expr::Lookup(Box::new(Lookup {
        kind: LookupKind::Exact,
        lhs: Expr::from(1),
        rhs: Rhs::Expr(sum),
    }));
    Ok(WhereNode::new(
        vec![Expr::Where(Box::new(any)), odd],
        Connector::And,
        node.negated,
    ))
}

/// Frames that PostgreSQL or Django refuse.
fn check_frame(frame: &Frame) -> std::result::Result<(), Stop> {
    match (frame.unit, frame.start, frame.end) {
        (FrameUnit::Rows, Some(start), Some(end)) if start > end => {
            Err(OrmError::value("start cannot be greater than end.").into())
        }
        (FrameUnit::Range, Some(start), _) if start > 0 => Err(OrmError::value(format!(
            "start argument must be a negative integer, zero, or None, but got '{start}'."
        ))
        .into()),
        (FrameUnit::Range, _, Some(end)) if end < 0 => Err(OrmError::value(format!(
            "end argument must be a positive integer, zero, or None, but got '{end}'."
        ))
        .into()),
        (FrameUnit::Range, start, end)
            if start.is_some_and(|start| start < 0) || end.is_some_and(|end| end > 0) =>
        {
            Err(OrmError::new(
                ExceptionClass::NotSupportedError,
                "PostgreSQL only supports UNBOUNDED together with PRECEDING and FOLLOWING.",
            )
            .into())
        }
        _ => Ok(()),
    }
}

impl Expr {
    /// The value that an expression has over no rows; none when that is not known.
    pub(in crate::orm) fn empty_value(&self) -> Option<ValueExpr> {
        let value = match self {
            Self::Aggregate(aggregate) if aggregate.kind == AggregateKind::Count => Value::Int(0),
            Self::Aggregate(_) | Self::Query(_) | Self::Subquery(_) => Value::Null,
            Self::Exists(_) => Value::Bool(false),
            Self::Value(value) => return Some(value.clone()),
            Self::Func(func) if func.class.name == "Coalesce" => {
                for arg in &func.args {
                    match arg.empty_value() {
                        Some(value) if value.value.is_null() => {}
                        other => return other,
                    }
                }
                Value::Null
            }
            _ => return None,
        };
        Some(ValueExpr {
            value,
            output_field: None,
        })
    }
}

/// A plain value on the right of a lookup.
pub(super) fn plain_param(value: &PlainValue) -> Sql {
    Sql::param(value.0.clone())
}
