//! Expressions: every form of the tree, each bound or refused by name.

use super::Binder;
use super::refuse::{absent, unsupported};
use super::types::{column_type, time_precision};
use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Result, Span, Type, Value};
use crate::engine::expr::{Comparison, Expr, ExprKind, Quantifier, SubqueryForm, Test};
use crate::engine::scalar;
use crate::sql::span_of;
use sqlparser::ast::{self, CaseWhen, CastKind, Ident, TypedString};

impl Binder<'_> {
    /// Binds an expression. Its type may be `Unknown`: a quoted literal, NULL or parameter that
    /// waits for its context.
    pub(super) fn expr(&mut self, expr: &ast::Expr) -> Result<Expr> {
        match expr {
            ast::Expr::Identifier(ident) => self.identifier(ident),
            ast::Expr::CompoundIdentifier(parts) => self.compound(parts),
            ast::Expr::Value(value) => self.literal(value),
            ast::Expr::Nested(inner) => self.expr(inner),
            ast::Expr::BinaryOp { left, op, right } => self.binary(left, op, right),
            ast::Expr::UnaryOp { op, expr } => self.unary(op, expr),
            ast::Expr::Function(function) => self.function(function),
            ast::Expr::IsNull(operand) => self.null_test(operand, Test::Null),
            ast::Expr::IsNotNull(operand) => self.null_test(operand, Test::NotNull),
            ast::Expr::IsTrue(operand) => self.truth_test(operand, Test::True, "IS TRUE"),
            ast::Expr::IsNotTrue(operand) => self.truth_test(operand, Test::NotTrue, "IS NOT TRUE"),
            ast::Expr::IsFalse(operand) => self.truth_test(operand, Test::False, "IS FALSE"),
            ast::Expr::IsNotFalse(operand) => {
                self.truth_test(operand, Test::NotFalse, "IS NOT FALSE")
            }
            ast::Expr::IsUnknown(operand) => self.truth_test(operand, Test::Unknown, "IS UNKNOWN"),
            ast::Expr::IsNotUnknown(operand) => {
                self.truth_test(operand, Test::NotUnknown, "IS NOT UNKNOWN")
            }
            ast::Expr::IsDistinctFrom(left, right) => {
                let (left, right) = (self.expr(left)?, self.expr(right)?);
                self.compare(Comparison::Distinct, left, right)
            }
            ast::Expr::IsNotDistinctFrom(left, right) => {
                let (left, right) = (self.expr(left)?, self.expr(right)?);
                self.compare(Comparison::NotDistinct, left, right)
            }
            ast::Expr::InList {
                expr,
                list,
                negated,
            } => self.in_list(expr, list, negation(*negated)),
            ast::Expr::InSubquery {
                expr,
                subquery,
                negated,
            } => {
                let (comparison, quantifier) = if *negated {
                    (Comparison::NotEq, Quantifier::All)
                } else {
                    (Comparison::Eq, Quantifier::Any)
                };
                self.quantified_subquery(expr, comparison, quantifier, subquery)
            }
            ast::Expr::Between {
                expr,
                negated,
                low,
                high,
            } => self.between(expr, low, high, negation(*negated)),
            ast::Expr::Like {
                negated,
                any,
                expr,
                pattern,
                escape_char,
            } => {
                super::refuse::unset(*any, "LIKE ANY", None)?;
                self.pattern(
                    "~~",
                    expr,
                    pattern,
                    escape_char.as_deref(),
                    negation(*negated),
                )
            }
            ast::Expr::ILike {
                negated,
                any,
                expr,
                pattern,
                escape_char,
            } => {
                super::refuse::unset(*any, "ILIKE ANY", None)?;
                self.pattern(
                    "~~*",
                    expr,
                    pattern,
                    escape_char.as_deref(),
                    negation(*negated),
                )
            }
            ast::Expr::SimilarTo {
                negated,
                expr,
                pattern,
                escape_char,
            } => self.similar(expr, pattern, escape_char.as_deref(), negation(*negated)),
            ast::Expr::AnyOp {
                left,
                compare_op,
                right,
                is_some: _,
            } => self.quantified(left, compare_op, right, Quantifier::Any),
            ast::Expr::AllOp {
                left,
                compare_op,
                right,
            } => self.quantified(left, compare_op, right, Quantifier::All),
            ast::Expr::Cast {
                kind,
                expr,
                data_type,
                format,
            } => {
                match kind {
                    CastKind::Cast | CastKind::DoubleColon => {}
                    CastKind::TryCast => return Err(unsupported("TRY_CAST", None)),
                    CastKind::SafeCast => return Err(unsupported("SAFE_CAST", None)),
                }
                absent(format.as_ref(), "CAST with FORMAT", None)?;
                let operand = self.cast_operand(expr, data_type)?;
                let ty = column_type(data_type, operand.span)?;
                let span = operand.span;
                let cast = self.cast(operand, &ty, span)?;
                self.to_precision(cast, time_precision(data_type))
            }
            ast::Expr::TypedString(TypedString {
                data_type,
                value,
                uses_odbc_syntax,
            }) => {
                let literal = self.literal(value)?;
                super::refuse::unset(*uses_odbc_syntax, "the ODBC literal", literal.span)?;
                let ty = column_type(data_type, literal.span)?;
                let span = literal.span;
                let cast = self.cast(literal, &ty, span)?;
                self.to_precision(cast, time_precision(data_type))
            }
            ast::Expr::Case {
                case_token,
                end_token,
                operand,
                conditions,
                else_result,
            } => {
                let span = match (span_of(case_token.0.span), span_of(end_token.0.span)) {
                    (Some(start), Some(end)) => Some(start.to(end)),
                    (start, end) => start.or(end),
                };
                self.case(operand.as_deref(), conditions, else_result.as_deref(), span)
            }
            ast::Expr::Exists { subquery, negated } => {
                let exists = self.exists(subquery)?;
                Ok(if *negated { not(exists) } else { exists })
            }
            ast::Expr::Subquery(query) => self.scalar_subquery(query, SubqueryForm::Scalar),
            ast::Expr::Tuple(fields) => self.row(fields, None),
            ast::Expr::Array(array) => self.array(array),
            ast::Expr::CompoundFieldAccess { root, access_chain } => {
                self.subscripts(root, access_chain)
            }
            ast::Expr::Interval(interval) => self.interval(interval),
            ast::Expr::AtTimeZone {
                timestamp,
                time_zone,
            } => {
                let zone = self.expr(time_zone)?;
                let timestamp = self.expr(timestamp)?;
                let span = both(&timestamp, &zone);
                self.call("timezone", vec![zone, timestamp], span)
            }
            ast::Expr::Extract {
                field,
                syntax,
                expr,
            } => self.extract(field, syntax, expr),
            ast::Expr::Ceil { expr, field } => self.rounding("ceil", expr, field),
            ast::Expr::Floor { expr, field } => self.rounding("floor", expr, field),
            ast::Expr::Position { expr, r#in } => {
                let sought = self.expr(expr)?;
                let text = self.expr(r#in)?;
                let span = both(&sought, &text);
                self.call("strpos", vec![text, sought], span)
            }
            ast::Expr::Substring {
                expr,
                substring_from,
                substring_for,
                special: _,
                shorthand,
            } => {
                let name = if *shorthand { "substr" } else { "substring" };
                let (from, length) = (substring_from.as_deref(), substring_for.as_deref());
                self.substring(name, expr, from, length)
            }
            ast::Expr::Trim {
                trim_where,
                trim_what,
                expr,
                trim_characters,
            } => self.trim(
                *trim_where,
                trim_what.as_deref(),
                expr,
                trim_characters.as_deref(),
            ),
            ast::Expr::Overlay {
                expr,
                overlay_what,
                overlay_from,
                overlay_for,
            } => {
                let mut arguments = vec![
                    self.expr(expr)?,
                    self.expr(overlay_what)?,
                    self.expr(overlay_from)?,
                ];
                if let Some(length) = overlay_for {
                    arguments.push(self.expr(length)?);
                }
                let span = arguments.first().and_then(|expr| expr.span);
                self.call("overlay", arguments, span)
            }
            ast::Expr::Collate { expr, collation } => self.collate(expr, collation),
            ast::Expr::GroupingSets(_) | ast::Expr::Cube(_) | ast::Expr::Rollup(_) => {
                Err(Diagnostic::error(
                    sqlstate::SYNTAX_ERROR,
                    "GROUPING SETS, CUBE and ROLLUP stand in GROUP BY only",
                ))
            }
            ast::Expr::Wildcard(token) => Err(Diagnostic::error(
                sqlstate::SYNTAX_ERROR,
                "syntax error at or near \"*\"",
            )
            .at(span_of(token.0.span))),
            ast::Expr::QualifiedWildcard(_, token) => Err(unsupported(
                "table.* inside an expression",
                span_of(token.0.span),
            )),
            ast::Expr::JsonAccess { value, path: _ } => {
                Err(unsupported("access by :path", self.place(value)))
            }
            ast::Expr::IsJson {
                expr,
                kind: _,
                unique_keys: _,
                negated: _,
            } => Err(unsupported("IS JSON", self.place(expr))),
            ast::Expr::IsNormalized {
                expr,
                form: _,
                negated: _,
            } => Err(unsupported("IS NORMALIZED", self.place(expr))),
            ast::Expr::InUnnest {
                expr,
                array_expr: _,
                negated: _,
            } => Err(unsupported("IN UNNEST", self.place(expr)).hint("Write = ANY (array).")),
            ast::Expr::RLike {
                negated: _,
                expr,
                pattern: _,
                regexp: _,
            } => Err(unsupported("RLIKE", self.place(expr)).hint("Write text ~ pattern.")),
            ast::Expr::Convert {
                is_try: _,
                expr,
                data_type: _,
                charset: _,
                target_before_value: _,
                styles: _,
            } => Err(unsupported("CONVERT", self.place(expr)).hint("Write CAST(x AS type).")),
            ast::Expr::Prefixed { prefix, value: _ } => Err(unsupported(
                "a literal with a character set",
                span_of(prefix.span),
            )),
            ast::Expr::Struct {
                values: _,
                fields: _,
            } => Err(unsupported("STRUCT", None)),
            ast::Expr::Named { expr: _, name } => {
                Err(unsupported("a named field", span_of(name.span)))
            }
            ast::Expr::Dictionary(_) => Err(unsupported("a dictionary", None)),
            ast::Expr::Map(_) => Err(unsupported("MAP", None)),
            ast::Expr::MatchAgainst {
                columns: _,
                match_value,
                opt_search_modifier: _,
            } => Err(unsupported("MATCH AGAINST", span_of(match_value.span))),
            ast::Expr::OuterJoin(inner) => {
                Err(unsupported("(+)", self.place(inner)).hint("Write LEFT JOIN."))
            }
            ast::Expr::Prior(inner) => {
                Err(unsupported("PRIOR", self.place(inner)).hint("Write WITH RECURSIVE."))
            }
            ast::Expr::Lambda(_) => Err(unsupported("a lambda", None)),
            ast::Expr::MemberOf(_) => Err(unsupported("MEMBER OF", None)),
        }
    }

    /// What is cast. A number that goes straight into a double is read as one, since numeric does
    /// not hold as large ones.
    fn cast_operand(&mut self, expr: &ast::Expr, ty: &ast::DataType) -> Result<Expr> {
        if let ast::Expr::Value(value) = expr
            && let ast::Value::Number(digits, false) = &value.value
            && digits.contains(['e', 'E'])
            && matches!(column_type(ty, None), Ok(Type::Double | Type::Real))
        {
            return Ok(Expr {
                span: span_of(value.span),
                ..Expr::literal(Value::text(digits.as_str()), Type::Unknown)
            });
        }
        self.expr(expr)
    }

    /// Where a part of an unsupported expression stands, as far as its first leaf tells.
    fn place(&self, expr: &ast::Expr) -> Option<Span> {
        match expr {
            ast::Expr::Identifier(ident) => span_of(ident.span),
            ast::Expr::CompoundIdentifier(parts) => {
                parts.first().and_then(|ident| span_of(ident.span))
            }
            ast::Expr::Value(value) => span_of(value.span),
            ast::Expr::Nested(inner) => self.place(inner),
            ast::Expr::BinaryOp { left, .. } => self.place(left),
            _ => None,
        }
    }

    fn identifier(&mut self, ident: &Ident) -> Result<Expr> {
        self.bare_column(ident)
    }

    fn compound(&mut self, parts: &[Ident]) -> Result<Expr> {
        match parts {
            [table, column] => self.qualified_column(table, column),
            [schema, table, column] if super::scope::fold(schema) == "public" => {
                self.qualified_column(table, column)
            }
            [first, ..] => Err(unsupported(
                "a reference with this many names",
                span_of(first.span),
            )),
            [] => Err(unsupported("an empty name", None)),
        }
    }

    fn null_test(&mut self, operand: &ast::Expr, test: Test) -> Result<Expr> {
        let operand = self.expr(operand)?;
        // A row is NULL when all its fields are, and NOT NULL when none is.
        if let ExprKind::Row(fields) = operand.kind {
            let span = operand.span;
            let tests = fields
                .into_iter()
                .map(|field| {
                    Ok(Expr {
                        span: field.span,
                        kind: ExprKind::Test(Box::new(self.decided(field)?), test),
                        ty: Type::Boolean,
                    })
                })
                .collect::<Result<Vec<_>>>()?;
            return Ok(conjunction(tests, span));
        }
        let operand = self.decided(operand)?;
        Ok(Expr {
            span: operand.span,
            kind: ExprKind::Test(Box::new(operand), test),
            ty: Type::Boolean,
        })
    }

    fn truth_test(&mut self, operand: &ast::Expr, test: Test, words: &str) -> Result<Expr> {
        let operand = self.expr(operand)?;
        let operand = self.boolean(operand, words)?;
        Ok(Expr {
            span: operand.span,
            kind: ExprKind::Test(Box::new(operand), test),
            ty: Type::Boolean,
        })
    }

    fn case(
        &mut self,
        operand: Option<&ast::Expr>,
        conditions: &[CaseWhen],
        otherwise: Option<&ast::Expr>,
        span: Option<Span>,
    ) -> Result<Expr> {
        let series = self.scope().series.len();
        let operand = match operand {
            Some(operand) => {
                let operand = self.expr(operand)?;
                Some(self.decided(operand)?)
            }
            None => None,
        };
        let mut tests = Vec::with_capacity(conditions.len());
        // PostgreSQL prefers the type of ELSE, so it comes first.
        let mut results = Vec::with_capacity(conditions.len() + 1);
        results.push(match otherwise {
            Some(otherwise) => self.expr(otherwise)?,
            None => Expr::literal(Value::Null, Type::Unknown),
        });
        for CaseWhen { condition, result } in conditions {
            let before = self.scope().series.len();
            let condition = self.expr(condition)?;
            let at = condition.span;
            tests.push(match &operand {
                Some(operand) => self.compare(Comparison::Eq, operand.clone(), condition)?,
                None => self.boolean(condition, "CASE/WHEN")?,
            });
            if self.scope().series.len() > before {
                return Err(Diagnostic::error(
                    sqlstate::DATATYPE_MISMATCH,
                    "argument of CASE/WHEN must not return a set",
                )
                .at(at));
            }
            results.push(self.expr(result)?);
        }
        self.refuse_series(series, "CASE")?;
        let (results, ty) = self.unify(results, "CASE")?;
        let mut results = results.into_iter();
        let last = results.next();
        Ok(Expr {
            kind: ExprKind::Case {
                branches: tests.into_iter().zip(results).collect(),
                otherwise: last.filter(|_| otherwise.is_some()).map(Box::new),
            },
            ty,
            span,
        })
    }

    /// Calls a scalar function by name.
    pub(super) fn call(
        &mut self,
        name: &str,
        arguments: Vec<Expr>,
        span: Option<Span>,
    ) -> Result<Expr> {
        let types: Vec<Type> = arguments.iter().map(|expr| expr.ty.clone()).collect();
        let resolved = scalar::resolve_function(name, &types, span)?;
        self.apply(resolved, arguments, span)
    }

    /// Applies an operator by its sign.
    pub(super) fn operator(
        &mut self,
        sign: &str,
        operands: Vec<Expr>,
        span: Option<Span>,
    ) -> Result<Expr> {
        let types: Vec<Type> = operands.iter().map(|expr| expr.ty.clone()).collect();
        let resolved = scalar::resolve_operator(sign, &types, span)?;
        self.apply(resolved, operands, span)
    }

    fn apply(
        &mut self,
        resolved: scalar::Resolved,
        arguments: Vec<Expr>,
        span: Option<Span>,
    ) -> Result<Expr> {
        let arguments = arguments
            .into_iter()
            .zip(&resolved.arguments)
            .map(|(expr, ty)| self.convert(expr, ty, crate::engine::expr::CastForm::Implicit))
            .collect::<Result<Vec<_>>>()?;
        Ok(Expr {
            kind: ExprKind::Call(resolved.function, arguments),
            ty: resolved.ty,
            span,
        })
    }
}

pub(super) fn negation(negated: bool) -> crate::engine::expr::Negation {
    if negated {
        crate::engine::expr::Negation::Negated
    } else {
        crate::engine::expr::Negation::Plain
    }
}

/// The span of two operands.
pub(super) fn both(left: &Expr, right: &Expr) -> Option<Span> {
    match (left.span, right.span) {
        (Some(left), Some(right)) => Some(left.to(right)),
        (left, right) => left.or(right),
    }
}

/// NOT.
pub(super) fn not(expr: Expr) -> Expr {
    Expr {
        span: expr.span,
        kind: ExprKind::Not(Box::new(expr)),
        ty: Type::Boolean,
    }
}

/// AND of any number of conditions.
pub(super) fn conjunction(mut all: Vec<Expr>, span: Option<Span>) -> Expr {
    if all.len() == 1
        && let Some(one) = all.pop()
    {
        return one;
    }
    let kind = if all.is_empty() {
        ExprKind::Literal(Value::Bool(true))
    } else {
        ExprKind::And(all)
    };
    Expr {
        kind,
        ty: Type::Boolean,
        span,
    }
}

/// OR of any number of conditions.
pub(super) fn disjunction(mut all: Vec<Expr>, span: Option<Span>) -> Expr {
    if all.len() == 1
        && let Some(one) = all.pop()
    {
        return one;
    }
    let kind = if all.is_empty() {
        ExprKind::Literal(Value::Bool(false))
    } else {
        ExprKind::Or(all)
    };
    Expr {
        kind,
        ty: Type::Boolean,
        span,
    }
}
