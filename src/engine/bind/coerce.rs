//! Implicit and explicit conversion of bound expressions.

use super::Binder;
use super::refuse::wrong_argument;
use crate::base::diagnostic::sqlstate;
use crate::base::{Diagnostic, Numeric, Result, Span, Type, Value};
use crate::engine::eval::{Context, cast_value};
use crate::engine::expr::{CastForm, Expr, ExprKind};
use crate::engine::types;

impl Binder<'_> {
    /// Converts an expression to a type; the caller has seen to it that the conversion exists,
    /// except that literals and parameters of unknown type take any.
    pub(super) fn convert(&self, expr: Expr, to: &Type, form: CastForm) -> Result<Expr> {
        convert(expr, to, form, self.context.now)
    }

    /// Converts where the statement asks for it: `CAST`, `::` and typed literals.
    pub(super) fn cast(&self, expr: Expr, to: &Type, span: Option<Span>) -> Result<Expr> {
        let mut cast = self.checked(expr, to, CastForm::Explicit, span)?;
        cast.span = span.or(cast.span);
        Ok(cast)
    }

    /// Converts when the form allows it, or gives PostgreSQL's error.
    pub(super) fn checked(
        &self,
        expr: Expr,
        to: &Type,
        form: CastForm,
        span: Option<Span>,
    ) -> Result<Expr> {
        if let (ExprKind::Row(fields), Type::Record(types)) = (&expr.kind, to)
            && fields.len() != types.len()
        {
            return Err(Diagnostic::error(
                sqlstate::CANNOT_COERCE,
                format!("cannot cast type record to {to}"),
            )
            .at(span));
        }
        if expr.ty != Type::Unknown && expr.ty != *to && !types::can_cast(&expr.ty, to, form) {
            return Err(Diagnostic::error(
                sqlstate::CANNOT_COERCE,
                format!("cannot cast type {} to {to}", expr.ty),
            )
            .at(span.or(expr.span)));
        }
        convert(expr, to, form, self.context.now)
    }

    /// A condition; the clause is for the message.
    pub(super) fn boolean(&self, expr: Expr, clause: &str) -> Result<Expr> {
        match expr.ty {
            Type::Boolean => Ok(expr),
            Type::Unknown => convert(expr, &Type::Boolean, CastForm::Implicit, self.context.now),
            _ => Err(wrong_argument(clause, "boolean", &expr.ty, expr.span)),
        }
    }

    /// A row count of LIMIT or OFFSET, of type bigint.
    pub(super) fn count(&self, expr: Expr, clause: &str) -> Result<Expr> {
        if matches!(expr.ty, Type::Unknown)
            || types::can_cast(&expr.ty, &Type::BigInt, CastForm::Assignment)
        {
            return convert(expr, &Type::BigInt, CastForm::Assignment, self.context.now);
        }
        Err(wrong_argument(clause, "bigint", &expr.ty, expr.span))
    }

    /// An expression whose type nothing has decided is a text.
    pub(super) fn decided(&self, expr: Expr) -> Result<Expr> {
        match expr.ty {
            Type::Unknown => convert(expr, &Type::Text, CastForm::Implicit, self.context.now),
            _ => Ok(expr),
        }
    }

    /// Brings several expressions to their common type.
    pub(super) fn unify(&self, exprs: Vec<Expr>, context: &str) -> Result<(Vec<Expr>, Type)> {
        let types: Vec<Type> = exprs.iter().map(|expr| expr.ty.clone()).collect();
        let span = exprs.iter().filter_map(|expr| expr.span).next();
        let mut ty = types::common_type(&types, context).map_err(|error| {
            let odd = exprs
                .iter()
                .find(|expr| expr.ty != types[0])
                .and_then(|expr| expr.span);
            error.at(odd.or(span))
        })?;
        if ty == Type::Unknown {
            ty = Type::Text;
        }
        let exprs = exprs
            .into_iter()
            .map(|expr| convert(expr, &ty, CastForm::Implicit, self.context.now))
            .collect::<Result<Vec<_>>>()?;
        Ok((exprs, ty))
    }
}

/// Whether values of one type are values of the other as they stand.
fn is_relabel(from: &Type, to: &Type) -> bool {
    from == to
        || match (from, to) {
            (Type::Numeric(_), Type::Numeric(None)) => true,
            (Type::Text | Type::Varchar(_), Type::Text | Type::Varchar(None)) => true,
            (Type::Array(from), Type::Array(to)) => is_relabel(from, to),
            (Type::Record(from), Type::Record(to)) => {
                from.len() == to.len() && from.iter().zip(to).all(|(f, t)| is_relabel(f, t))
            }
            _ => false,
        }
}

/// Converts an expression to a type.
fn convert(mut expr: Expr, to: &Type, form: CastForm, now: i64) -> Result<Expr> {
    if is_relabel(&expr.ty, to) {
        // The type of a cast is its target: another name for it would be another cast.
        if expr.ty != *to && matches!(expr.kind, ExprKind::Cast(..)) {
            return Ok(cast(expr, to, form));
        }
        if matches!(expr.kind, ExprKind::Literal(_)) || !matches!(to, Type::Numeric(None)) {
            expr.ty = to.clone();
        }
        return Ok(expr);
    }
    if let ExprKind::Literal(value) = &expr.kind {
        let folded = match (value, &expr.ty, to) {
            (Value::Null, _, _) => Some(Value::Null),
            (Value::Int(value), Type::SmallInt | Type::Integer, Type::BigInt)
            | (Value::Int(value), Type::SmallInt, Type::Integer) => Some(Value::Int(*value)),
            (Value::Int(value), _, Type::Numeric(None)) => {
                Some(Value::Numeric(Numeric::new(i128::from(*value), 0)))
            }
            (Value::Int(value), Type::SmallInt | Type::Integer, Type::Double) => {
                Some(Value::Float(*value as f64))
            }
            (Value::Text(text), Type::Unknown, Type::Text | Type::Varchar(None)) => {
                Some(Value::Text(text.clone()))
            }
            (Value::Text(text), Type::Unknown, to) => {
                return unknown_text(text.clone(), to, form, expr.span, now);
            }
            _ => None,
        };
        if let Some(value) = folded {
            expr.kind = ExprKind::Literal(value);
            expr.ty = to.clone();
            return Ok(expr);
        }
    }
    if expr.ty == Type::Unknown {
        // A parameter: it comes as a text.
        expr.ty = Type::Text;
        if matches!(to, Type::Text | Type::Varchar(None)) {
            expr.ty = to.clone();
            return Ok(expr);
        }
        return Ok(cast(expr, to, CastForm::Explicit));
    }
    if let (ExprKind::Row(_), Type::Record(types)) = (&expr.kind, to) {
        let ExprKind::Row(fields) = expr.kind else {
            return Ok(expr);
        };
        let fields = fields
            .into_iter()
            .zip(types)
            .map(|(field, ty)| convert(field, ty, form, now))
            .collect::<Result<Vec<_>>>()?;
        return Ok(Expr {
            ty: Type::Record(fields.iter().map(|field| field.ty.clone()).collect()),
            kind: ExprKind::Row(fields),
            span: expr.span,
        });
    }
    if let (ExprKind::Array(_), Type::Array(element)) = (&expr.kind, to) {
        let ExprKind::Array(elements) = expr.kind else {
            return Ok(expr);
        };
        let elements = elements
            .into_iter()
            .map(|expr| convert(expr, element, form, now))
            .collect::<Result<Vec<_>>>()?;
        return Ok(Expr {
            kind: ExprKind::Array(elements),
            ty: to.clone(),
            span: expr.span,
        });
    }
    Ok(cast(expr, to, form))
}

fn cast(expr: Expr, to: &Type, form: CastForm) -> Expr {
    Expr {
        span: expr.span,
        kind: ExprKind::Cast(Box::new(expr), form),
        ty: to.clone(),
    }
}

/// A quoted literal whose type is now known: read as PostgreSQL's input function of the type
/// reads it, and then, when the type has a length or a scale, brought to it as the form says.
fn unknown_text(
    text: std::sync::Arc<str>,
    to: &Type,
    form: CastForm,
    span: Option<Span>,
    now: i64,
) -> Result<Expr> {
    let plain = to.without_modifier();
    let plain = match plain {
        Type::Char(_) => Type::Text,
        other => other,
    };
    let literal = Expr {
        kind: if plain == Type::Text {
            ExprKind::Literal(Value::Text(text))
        } else {
            ExprKind::Literal(read_literal(text, &plain, now).map_err(|error| error.at(span))?)
        },
        ty: plain,
        span,
    };
    if is_relabel(&literal.ty, to) {
        return Ok(Expr {
            ty: to.clone(),
            ..literal
        });
    }
    Ok(cast(literal, to, form))
}

/// The value a quoted literal stands for.
fn read_literal(text: std::sync::Arc<str>, ty: &Type, now: i64) -> Result<Value> {
    let context = Context {
        now,
        ..Context::default()
    };
    cast_value(
        &Value::Text(text),
        &Type::Text,
        ty,
        CastForm::Explicit,
        &context,
    )
}
