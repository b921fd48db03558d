//! Arrays and rows.

use super::Binder;
use super::operators::row_of;
use super::refuse::{absent, unset, unsupported};
use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Result, Span, Type, Value};
use crate::engine::expr::{Expr, ExprKind};
use sqlparser::ast::{self, AccessExpr, Subscript};

impl Binder<'_> {
    pub(super) fn array(&mut self, array: &ast::Array) -> Result<Expr> {
        let ast::Array { elem, named } = array;
        unset(!*named, "an array without ARRAY", None)?;
        if elem.is_empty() {
            // The cast that must stand around it gives the type.
            return Ok(Expr::new(
                ExprKind::Array(Vec::new()),
                Type::Array(Box::new(Type::Unknown)),
            ));
        }
        let elements = elem
            .iter()
            .map(|element| self.expr(element))
            .collect::<Result<Vec<_>>>()?;
        let span = elements.first().and_then(|element| element.span);
        if let Some(nested) = elements
            .iter()
            .find(|element| matches!(element.ty, Type::Array(_)))
        {
            return Err(unsupported("an array of several dimensions", nested.span));
        }
        let (elements, ty) = self.unify(elements, "ARRAY")?;
        Ok(Expr {
            kind: ExprKind::Array(elements),
            ty: Type::Array(Box::new(ty)),
            span,
        })
    }

    pub(super) fn row(&mut self, fields: &[ast::Expr], span: Option<Span>) -> Result<Expr> {
        let fields = fields
            .iter()
            .map(|field| self.expr(field))
            .collect::<Result<Vec<_>>>()?;
        let mut row = row_of(fields);
        row.span = span.or(row.span);
        Ok(row)
    }

    /// `a[1]`
    pub(super) fn subscripts(&mut self, root: &ast::Expr, chain: &[AccessExpr]) -> Result<Expr> {
        if let Some((column, rest)) = field_of_row(root, chain) {
            let value = self.expr(&column)?;
            return self.accessed(value, rest);
        }
        let value = self.expr(root)?;
        self.accessed(value, chain)
    }

    fn accessed(&mut self, mut value: Expr, chain: &[AccessExpr]) -> Result<Expr> {
        for access in chain {
            let span = value.span;
            value = match access {
                AccessExpr::Dot(_) => return Err(unsupported("a field of a row value", span)),
                AccessExpr::Subscript(Subscript::Index { index }) => {
                    if !matches!(value.ty, Type::Array(_)) {
                        return Err(Diagnostic::error(
                            sqlstate::DATATYPE_MISMATCH,
                            format!(
                                "cannot subscript type {} because it does not support subscripting",
                                value.ty
                            ),
                        )
                        .at(span));
                    }
                    let index = self.expr(index)?;
                    self.call("array_subscript", vec![value, index], span)?
                }
                AccessExpr::Subscript(Subscript::Slice {
                    lower_bound,
                    upper_bound,
                    stride,
                }) => {
                    absent(stride.as_ref(), "the stride of a slice", span)?;
                    let nested = matches!(&value.ty, Type::Array(element)
                        if matches!(**element, Type::Array(_)));
                    unset(nested, "a slice of an array of arrays", span)?;
                    let bound = |binder: &mut Self, bound: &Option<ast::Expr>, end: i64| match bound
                    {
                        Some(bound) => binder.expr(bound),
                        None => Ok(Expr::literal(Value::Int(end), Type::Integer)),
                    };
                    let from = bound(self, lower_bound, 1)?;
                    let to = bound(self, upper_bound, i64::from(i32::MAX))?;
                    self.call("array_slice", vec![value, from, to], span)?
                }
            };
        }
        Ok(value)
    }
}

/// `(t).a`, a column of a table's row, as `t.a`.
fn field_of_row<'c>(
    root: &ast::Expr,
    chain: &'c [AccessExpr],
) -> Option<(ast::Expr, &'c [AccessExpr])> {
    let (first, rest) = chain.split_first()?;
    let (ast::Expr::Nested(inner), AccessExpr::Dot(ast::Expr::Identifier(field))) = (root, first)
    else {
        return None;
    };
    match &**inner {
        ast::Expr::Identifier(table) => Some((
            ast::Expr::CompoundIdentifier(vec![table.clone(), field.clone()]),
            rest,
        )),
        _ => None,
    }
}
