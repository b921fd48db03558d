//! Arrays and rows.

use super::Binder;
use super::operators::row_of;
use super::refuse::{unset, unsupported};
use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Result, Span, Type};
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
        let mut value = self.expr(root)?;
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
                    lower_bound: _,
                    upper_bound: _,
                    stride: _,
                }) => return Err(unsupported("a slice of an array", span)),
            };
        }
        Ok(value)
    }
}
